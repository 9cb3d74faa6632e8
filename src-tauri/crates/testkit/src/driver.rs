//! A web driver as a process: the program between a test and what it drives.

use crate::page::{LOOK_EVERY, PATIENCE};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A web driver and, in the same process group, what it starts. Both are killed on drop.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts one on a port of its own, and waits until it answers.
    pub(crate) async fn start(mut command: Command, package: &str) -> Self {
        let port = free_port();
        let process = command
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} (package {package}): {error}"));
        let driver = Self { process, port };
        driver.wait_until_ready().await;
        driver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process group of all that it started.
    pub(crate) fn group(&self) -> u32 {
        self.process.id()
    }

    /// Until it answers: a connection alone may reach the socket of `free_port`, of which a process that another test is
    /// just starting has a copy.
    async fn wait_until_ready(&self) {
        let (start, status) = (Instant::now(), format!("{}/status", self.url()));
        while reqwest::get(&status).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "the web driver does not listen");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Kills the whole group: the driver alone would leave the program behind. It stands until the driver is waited for,
    /// so its number cannot be somebody else's by then.
    pub(crate) fn end(&mut self) {
        let group = format!("-{}", self.group());
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

/// A port that was free a moment ago: the driver takes a number, not a socket.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound port").port()
}
