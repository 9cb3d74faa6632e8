//! A screen in memory for one window: on a screen that several share, each would stand in the others' pictures, and one
//! of them would have the keyboard.

use crate::folder::Folder;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Room for the largest page that is asked for, 1920×1080.
const SCREEN: &str = "1920x1080x24";

/// A screen that nobody sees. Gone on drop.
pub struct Display {
    server: Child,
    name: String,
    /// Holds what it shows, as a file.
    memory: Folder,
}

impl Display {
    /// Starts one under a number that is free.
    pub fn start() -> Self {
        let memory = Folder::new();
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-nocursor", "-fbdir"])
            .arg(memory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("Xvfb (package xvfb): {error}"));
        let mut number = String::new();
        let stdout = server.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut number).expect("Xvfb says its number");
        assert!(!number.is_empty(), "Xvfb ended before it was ready");
        Self { server, name: format!(":{}", number.trim()), memory }
    }

    /// What a part of it shows now, row by row from the top, each pixel as blue, green, red and nothing.
    pub fn pixels(&self, left: usize, top: usize, width: usize, height: usize) -> Vec<u8> {
        let dump = std::fs::read(self.memory.join("Xvfb_screen0")).expect("Xvfb keeps its screen in a file");
        // A window dump, as of X11/XWDFile.h: a header of big-endian words, colours of twelve bytes, rows.
        let word = |place: usize| {
            let bytes = dump[4 * place..4 * place + 4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes) as usize
        };
        let (header, row_length, colours) = (word(0), word(12), word(19));
        let first = header + 12 * colours + 4 * left;
        let rows = (top..top + height).map(|row| first + row * row_length);
        rows.flat_map(|start| &dump[start..start + 4 * width]).copied().collect()
    }

    /// Points a program to it.
    pub fn show<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
