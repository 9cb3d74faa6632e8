//! A screen, where the machine has none.

use crate::Result;
use crate::child::Background;
use std::process::{Command, Stdio};

/// Large enough for the usual screen of a till, 1366×768, with room to spare.
const SCREEN: &str = "1600x1000x24";

/// Whether a window can be seen by somebody.
pub fn is_there() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// A screen in memory; gone on drop.
pub struct Virtual {
    _server: Background,
    name: String,
}

impl Virtual {
    /// Starts one under a number that is free.
    pub fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        let mut server = Background::start(&command, Stdio::null())?;
        let number = server.wait_for_line("")?;
        Ok(Self { _server: server, name: format!(":{number}") })
    }

    /// Points a program to it.
    pub fn show<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11")
    }
}
