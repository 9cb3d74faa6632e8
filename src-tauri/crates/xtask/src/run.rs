//! `cargo xtask run`: from a bare clone to an open till.

use crate::child::run as run_to_end;
use crate::demo::{self, HeadOffice};
use crate::root::{program, target};
use crate::steps::Steps;
use crate::web_driver::Session;
use crate::{Result, display, flag, page, programs, system};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the page is asked for until the demo stands: that the core has the members, and what can be read on the screen.
/// The screen follows the core a moment later, so the same answer is wanted twice.
const DEMO_STANDS: &str = "desk => desk.members_here > 0 && desk.sync.last_exchange_at && !desk.sync.pull";

/// Without a demo any first screen will do.
const ANY_SCREEN: &str = "state => state.stage";

pub fn run(words: &[String]) -> Result {
    let is_alone = flag(words, "--no-demo")?;
    let has_display = display::is_there();
    let mut steps = Steps::new(if is_alone { 5 } else { 7 });
    steps.step("Installing what is missing on this machine", || {
        system::install(if has_display { &[] } else { &system::WINDOW })
    })?;
    steps.step("Installing the page's packages", page::packages)?;
    steps.step("Building the page", page::build)?;
    steps.step("Building the programs (the first time this takes ten minutes or more)", || programs::build(false))?;
    if is_alone {
        return steps.step("Opening the till", || open(None, has_display));
    }
    let head_office = steps.step("Starting a head office with demo members", HeadOffice::start)?;
    let till = steps.step("Setting up the till", || demo::till(&head_office))?;
    steps.step("Opening the till", || open(Some(till), has_display))
}

fn open(till: Option<PathBuf>, has_display: bool) -> Result {
    if has_display {
        println!("close the window, or press Ctrl-C here, to end");
        run_to_end(&mut window(till.as_deref()))
    } else {
        println!("there is no display on this machine: the till runs under a virtual one");
        let picture = picture(till.as_deref())?;
        println!("screenshot {}", picture.display());
        Ok(())
    }
}

fn window(till: Option<&Path>) -> Command {
    let mut window = Command::new(program("regulars"));
    if let Some(dir) = till {
        demo::with_key_in_file(&mut window).arg("--data-dir").arg(dir);
    }
    window
}

/// Opens the till where nobody sees it, waits until it stands and takes a picture.
fn picture(till: Option<&Path>) -> Result<PathBuf> {
    let screen = display::Virtual::start()?;
    let session = Session::open(&window(till), &screen)?;
    // Once it is on the screen: a window that is resized while it is hidden never gets to paint.
    session.wait_until("start_state", "() => !document.hidden")?;
    session.resize(1366, 768)?;
    let stands = match till {
        Some(_) => session.wait_until("desk", DEMO_STANDS),
        None => session.wait_until("start_state", ANY_SCREEN),
    };
    let picture = target().join("till.png");
    std::fs::write(&picture, session.screenshot()?)?;
    stands.map_err(|error| format!("{error}; see {}", picture.display()))?;
    Ok(picture)
}
