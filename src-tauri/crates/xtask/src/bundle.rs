//! `cargo xtask bundle`: the installers that this machine can build.

use crate::child::run as run_to_end;
use crate::root::{root, target};
use crate::steps::Steps;
use crate::{Result, no_arguments, page, system};
use std::process::Command;

/// Tauri's own tool, which npm brings built. The version goes with that of the crate.
const TAURI: &str = "@tauri-apps/cli@2.12.5";

pub fn run(words: &[String]) -> Result {
    no_arguments(words)?;
    let mut steps = Steps::new(3);
    steps.step("Installing what is missing on this machine", || system::install(&[]))?;
    steps.step("Installing the page's packages", page::packages)?;
    // It builds the page and the program by itself and takes from tauri.conf.json what this system can make.
    steps.step("Building the installers", || {
        let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
        run_to_end(Command::new(npx).args(["--yes", TAURI, "build"]).current_dir(root()))
    })?;
    println!("they are in {}", target().join("release").join("bundle").display());
    Ok(())
}
