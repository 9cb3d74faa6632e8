//! The page in an ordinary browser, headless Chromium, over the test bridge: for tools that look at pages there.

use crate::driver::Driver;
use crate::page::Page;
use crate::program::{Running, binary};
use serde_json::{Map, json};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

/// As root, in a container and without a graphics card; and without what a browser does besides showing a page.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1366,768",
];

/// An open browser. It is one page, which shows one till after the other.
pub struct Browser {
    page: Page,
    _driver: Driver,
}

impl Browser {
    /// Starts one, with an empty page.
    pub async fn open() -> Self {
        let driver = Driver::start(Command::new("chromedriver"), "chromium-driver").await;
        let capabilities = Map::from_iter([("goog:chromeOptions".to_owned(), json!({ "args": FLAGS }))]);
        Self { page: Page::open(&driver.url(), capabilities).await, _driver: driver }
    }

    /// Goes to a till.
    pub async fn show(&self, till: &Running) {
        self.client.goto(till.url()).await.expect("the bridge serves the page");
    }

    /// Ends it in order.
    pub async fn close(self) {
        self.page.client.close().await.expect("the browser is told to end");
    }
}

impl Deref for Browser {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

/// The till in this folder behind HTTP, with its key in a file.
pub fn bridge(data_dir: &Path) -> Running {
    let mut command = Command::new(binary("regulars-bridge"));
    command.arg("--data-dir").arg(data_dir).arg("--ui").arg(ui_dir()).env("REGULARS_KEYSTORE", "file");
    Running::start(command)
}

/// The built page: `REGULARS_UI_DIR`, which `cargo xtask test` sets, or else where npm leaves it.
pub fn ui_dir() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/dist");
    std::env::var_os("REGULARS_UI_DIR").map_or_else(built, PathBuf::from)
}
