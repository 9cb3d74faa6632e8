//! `cargo xtask test`: every test there is, of the page and of the programs.

use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::root::{target, ui};
use crate::steps::Steps;
use crate::{Result, flag, page, programs, system};

pub fn run(words: &[String]) -> Result {
    let is_quick = flag(words, "--quick")?;
    let mut steps = Steps::new(6);
    steps.step("Installing what is missing on this machine", || {
        if is_quick {
            system::install(&[system::CLIENT.as_slice(), &system::SIM].concat())
        } else {
            system::install(&[system::WINDOW.as_slice(), &system::TEST, &system::CLIENT, &system::SIM].concat())
        }
    })?;
    steps.step("Installing the page's packages", page::packages)?;
    steps.step("Testing the page", || page::npm(&["test"]))?;
    steps.step("Building the page", page::build)?;
    steps.step("Building the programs and their tests", || programs::build(true))?;
    steps.step("Testing the programs", || test(is_quick))
}

/// The tests of the whole product find what was built through the environment. Those with a window bring their displays.
fn test(is_quick: bool) -> Result {
    let mut tests = cargo();
    tests
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("REGULARS_BIN_DIR", target().join("debug"))
        .env("REGULARS_UI_DIR", ui().join("dist"))
        .env("REGULARS_SCREENS_DIR", target().join("screens"));
    if is_quick {
        tests.env("REGULARS_QUICK", "1");
    }
    run_to_end(&mut tests)
}
