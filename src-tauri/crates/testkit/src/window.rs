//! The real window, driven through WebDriver: what a cashier sees and presses, on the built binary.
//!
//! WebKit's own driver starts the program and talks to it; it is Linux's `WebKitWebDriver`, of the system package
//! `webkit2gtk-driver`. Each window has a driver and a display of its own, so any number can be open at once.

use crate::display::Display;
use crate::driver::Driver;
use crate::page::{LOOK_EVERY, PATIENCE, Page};
use crate::program::{binary, binary_dir};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// An open window. Its program is killed on drop; `close` ends it in order, which WebDriver itself cannot.
pub struct Window {
    page: Page,
    driver: Driver,
    // After the driver: a program whose screen goes away first ends as if it had failed.
    display: Display,
}

impl Window {
    /// Opens the till in this folder, in no language of its own and with its key in a file.
    pub async fn open(data_dir: &Path) -> Self {
        let display = Display::start();
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg("--host=127.0.0.1")
            // What makes Tauri let itself be driven.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("REGULARS_KEYSTORE", "file")
            .env("LC_ALL", "C.UTF-8")
            // There is no accessibility bus to connect to, and looking for one takes a while.
            .env("NO_AT_BRIDGE", "1");
        display.show(&mut command);
        let driver = Driver::start(command, "webkit2gtk-driver").await;
        let options = json!({ "binary": binary("regulars"), "args": ["--data-dir", data_dir] });
        let capabilities = Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let page = Page::open(&driver.url(), capabilities).await;
        // Until it is shown its size is not settled.
        page.until("document.readyState === 'complete' && !document.hidden").await;
        Self { page, driver, display }
    }

    /// Asks the core as the page does. The error is the core's `Failure`, or the shell's refusal as text.
    pub async fn ask(&self, name: &str, payload: Value) -> Result<Value, Value> {
        self.invoke("call", json!({ "name": name, "payload": payload })).await
    }

    /// Calls any command of the shell, for tests of what it must refuse.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        const SCRIPT: &str = "const [command, payload, answer] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, payload)
                .then((ok) => answer({ ok }), (error) => answer({ error }))";
        let answer = self.client.execute_async(SCRIPT, vec![json!(command), arguments]).await;
        let mut answer = answer.expect("the page answers");
        match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Saves what the page shows as `NAME.png` in `REGULARS_SCREENS_DIR`, or else in target/screens.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let dir =
            std::env::var_os("REGULARS_SCREENS_DIR").map_or_else(|| binary_dir().join("../screens"), PathBuf::from);
        std::fs::create_dir_all(&dir).expect("the folder for screenshots can be made");
        let path = dir.join(format!("{name}.png"));
        let (x, y, width, height) = self.client.get_window_rect().await.expect("the window stands somewhere");
        let [x, y, width, height] = [x, y, width, height].map(|length| usize::try_from(length).expect("on the screen"));
        self.until_shown(x + width - 1, y + height - 1).await;
        // Taken off the display, as a person sees it: WebKit's own picture never comes while a list of choices is shown.
        let mut convert = Command::new("convert");
        convert.args(["-size", &format!("{width}x{height}"), "-depth", "8", "bgra:-", "-alpha", "off"]);
        let mut convert = convert.arg(&path).stdin(Stdio::piped()).spawn().expect("convert (package imagemagick)");
        let pixels = self.display.pixels(x, y, width, height);
        convert.stdin.take().expect("stdin is piped").write_all(&pixels).expect("the picture is taken");
        assert!(convert.wait().expect("a child can be waited for").success(), "the picture can be saved");
        path
    }

    /// Waits until the display shows the page as it is now, whose last pixel is there. What the page has painted comes to
    /// the display a while later, so that pixel gets a colour that it did not have, above whatever stands there.
    async fn until_shown(&self, x: usize, y: usize) {
        const MARK: &str = "const mark = document.createElement('i');
            mark.id = 'shown';
            mark.popover = 'manual';
            const style = { position: 'fixed', inset: 'auto 0 0 auto', width: '1px', height: '1px', background: arguments[0] };
            Object.assign(mark.style, { margin: 0, border: 0, padding: 0, ...style });
            document.getElementById('shown')?.remove();
            document.body.append(mark);
            mark.showPopover()";
        let before = self.display.pixels(x, y, 1, 1);
        let colour: [u8; 3] = if before[..3] == [1, 2, 3] { [3, 2, 1] } else { [1, 2, 3] };
        let [blue, green, red] = colour;
        let mark = json!(format!("rgb({red} {green} {blue})"));
        self.client.execute(MARK, vec![mark]).await.expect("the page answers");
        let start = Instant::now();
        while self.display.pixels(x, y, 1, 1)[..3] != colour {
            assert!(start.elapsed() < PATIENCE, "the display does not show the page");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Ends the program as the end of a desktop session does, and waits until it has.
    pub async fn close(mut self) {
        let program = self.program();
        program.tell("-TERM");
        program.wait_until_gone();
        self.driver.end();
    }

    /// Ends the program as a power cut does, and waits until it is gone.
    pub fn kill(mut self) {
        let program = self.program();
        self.driver.end();
        program.wait_until_gone();
    }

    /// The program that the driver started.
    fn program(&self) -> Program {
        let group = self.driver.group().to_string();
        let found = Command::new("pgrep").args(["--exact", "--pgroup", &group, "regulars"]).output();
        let printed = String::from_utf8(found.expect("pgrep (package procps)").stdout).expect("a number");
        Program { id: printed.trim().parse().expect("one program runs, until it is told to end") }
    }
}

impl Deref for Window {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

/// The process of a window; its parent is the driver.
struct Program {
    id: u32,
}

impl Program {
    fn tell(&self, signal: &str) {
        let told = Command::new("kill").args([signal, "--", &self.id.to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "the program runs until it is told to end");
    }

    fn wait_until_gone(&self) {
        let start = Instant::now();
        while self.is_running() {
            assert!(start.elapsed() < PATIENCE, "the program does not end when it is told to");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Whether a thread of it is still at work. The first may be dead before the others have let go of the till's file,
    /// and its name stays until the parent has asked after it.
    fn is_running(&self) -> bool {
        let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", self.id)) else { return false };
        threads.flatten().any(|thread| {
            let status = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // `1234 (name) S …`, where a name may hold anything.
            let state = status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            !matches!(state, None | Some('Z' | 'X'))
        })
    }
}
