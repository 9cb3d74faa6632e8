//! The real window, driven through WebDriver: what a cashier sees and presses, on the built binary.
//!
//! WebKit's own driver starts the program and talks to it; it is Linux's `WebKitWebDriver`, of the system package
//! `webkit2gtk-driver`. One window at a time is not a limit here: each has a driver of its own.

use crate::program::{binary, binary_dir};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A screen stands within a second or never; this long only on a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at a page or a port that is not ready.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Between two keys of somebody who types fast: keys closer to each other are a scanner's.
const KEY_EVERY: Duration = Duration::from_millis(45);

/// An open window. Its program is killed on drop; `close` ends it in order, which WebDriver itself cannot.
pub struct Window {
    /// The WebDriver session, for what the methods here do not do.
    pub client: Client,
    driver: Driver,
}

impl Window {
    /// Opens the till in this folder, in no language of its own and with its key in a file.
    pub async fn open(data_dir: &Path) -> Self {
        Self::open_with(data_dir, &[]).await
    }

    /// The same with more environment variables, as `("LC_ALL", "vi_VN.UTF-8")`.
    pub async fn open_with(data_dir: &Path, environment: &[(&str, &str)]) -> Self {
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(has_display, "a window needs a display: `cargo xtask test` brings one");
        let driver = Driver::start(environment);
        driver.wait_until_ready().await;
        let options = json!({ "binary": binary("regulars"), "args": ["--data-dir", data_dir] });
        let capabilities = serde_json::Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("the window did not open: {error}"));
        let window = Self { client, driver };
        // Until it is shown its size is not settled.
        window.until("document.readyState === 'complete' && !document.hidden").await;
        window
    }

    /// Makes the page this large.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("the window can be resized");
        self.until(&format!("innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.client.execute("return document.body.innerText", vec![]).await.expect("the page answers");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until this can be read on the page.
    pub async fn until_text(&self, part: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(part))).await;
    }

    /// Waits until an expression of JavaScript is true in the page.
    pub async fn until(&self, expression: &str) {
        let start = Instant::now();
        let script = format!("return Boolean({expression})");
        while self.client.execute(&script, vec![]).await.expect("the page answers") != json!(true) {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {expression}; on the page is\n{}",
                self.text().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits for the element of a CSS selector.
    pub async fn element(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).every(LOOK_EVERY).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}; on the page is\n{}", self.text().await),
        }
    }

    /// Presses the element of a CSS selector.
    pub async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be pressed: {error}"));
    }

    /// Presses the button whose words these are, among others such as its key.
    pub async fn press_button(&self, words: &str) {
        let quoted = json!(words);
        let find = format!("[...document.querySelectorAll('button')].find((b) => b.innerText.includes({quoted}))");
        self.until(&format!("{find} && !{find}.disabled")).await;
        self.client.execute(&format!("{find}.click()"), vec![]).await.expect("the page answers");
    }

    /// Types into the element of a CSS selector.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.element(css).await.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Types to whatever has the focus; keys as of `fantoccini::key::Key`, as `&Key::F2.to_string()`.
    pub async fn type_keys(&self, text: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(text).await.expect("the keys arrive");
    }

    /// Types with the pauses that fingers make, so that an Enter or a Tab after it ends no scan.
    pub async fn type_slowly(&self, text: &str) {
        let pause = KeyAction::Pause { duration: KEY_EVERY };
        let keys = text.chars().fold(KeyActions::new("fingers".to_owned()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }).then(pause.clone())
        });
        self.client.perform_actions(keys).await.expect("the keys arrive");
    }

    /// What a card scanner does: types as no hand can, and ends with Enter. The keys arrive at once, however busy the
    /// page is; those of an action would each wait until the page is done with the one before.
    pub async fn scan(&self, text: &str) {
        self.type_keys(&format!("{text}{}", char::from(Key::Enter))).await;
    }

    /// Presses Tab until the element of this id has the focus.
    pub async fn tab_to(&self, id: &str) {
        /// More than any screen has of what Tab comes to.
        const MOST: usize = 120;
        let script = format!("return document.activeElement.id === {}", json!(id));
        for _ in 0..MOST {
            if self.client.execute(&script, vec![]).await.expect("the page answers") == json!(true) {
                return;
            }
            self.type_slowly(&char::from(Key::Tab).to_string()).await;
        }
        panic!("Tab does not come to {id}; on the page is\n{}", self.text().await);
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
        // What was just changed is painted with the next frame.
        let painted = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.client.execute_async(painted, vec![]).await.expect("the page is painted");
        // Taken off the display, as a person sees it: WebKit's own picture never comes while a list of choices is shown.
        let (x, y, width, height) = self.client.get_window_rect().await.expect("the window stands somewhere");
        let part = format!("{width}x{height}+{x}+{y}");
        let taken = Command::new("import").args(["-window", "root", "-crop", &part, "+repage"]).arg(&path).status();
        assert!(taken.expect("import (package imagemagick)").success(), "the picture can be saved");
        path
    }

    /// Ends the program as the end of a desktop session does, and waits until it has.
    pub async fn close(mut self) {
        let program = self.driver.program();
        program.tell("-TERM");
        program.wait_until_gone();
        self.driver.end();
    }

    /// Ends the program as a power cut does, and waits until it is gone.
    pub fn kill(mut self) {
        let program = self.driver.program();
        self.driver.end();
        program.wait_until_gone();
    }
}

/// WebKit's driver and, in the same process group, the program that it starts.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    fn start(environment: &[(&str, &str)]) -> Self {
        use std::os::unix::process::CommandExt;
        let port = free_port();
        let process = Command::new("WebKitWebDriver")
            .args([format!("--port={port}"), "--host=127.0.0.1".into()])
            // What makes Tauri let itself be driven.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("REGULARS_KEYSTORE", "file")
            .env("LC_ALL", "C.UTF-8")
            // There is no accessibility bus to connect to, and looking for one takes a while.
            .env("NO_AT_BRIDGE", "1")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("WebKitWebDriver (package webkit2gtk-driver): {error}"));
        Self { process, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Until it answers: a connection alone may reach the socket of `free_port`, of which a process that another test is
    /// just starting has a copy.
    async fn wait_until_ready(&self) {
        let (start, status) = (Instant::now(), format!("{}/status", self.url()));
        while reqwest::get(&status).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "WebKitWebDriver does not listen");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The program that it started.
    fn program(&self) -> Program {
        let group = self.process.id().to_string();
        let found = Command::new("pgrep").args(["--exact", "--pgroup", &group, "regulars"]).output();
        let printed = String::from_utf8(found.expect("pgrep (package procps)").stdout).expect("a number");
        Program { id: printed.trim().parse().expect("one program runs, until it is told to end") }
    }

    /// Kills the whole group: the driver alone would leave the program behind. It stands until the driver is waited for,
    /// so its number cannot be somebody else's by then.
    fn end(&mut self) {
        let group = format!("-{}", self.process.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status());
        drop(self.process.wait());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.end();
        }
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

/// A port that was free a moment ago: the driver takes a number, not a socket.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound port").port()
}
