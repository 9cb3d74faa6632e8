//! `cargo xtask bench`: the benchmarks, on optimised programs.

use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::root::target;
use crate::steps::Steps;
use crate::{Result, page, system};
use std::process::Command;

/// The words go on to the benchmarks.
pub fn run(words: &[String]) -> Result {
    let mut steps = Steps::new(5);
    steps.step("Installing what is missing on this machine", || system::install(&system::WINDOW))?;
    steps.step("Installing the page's packages", page::packages)?;
    steps.step("Building the page", page::build)?;
    steps.step("Building the programs, optimised (the first time this takes twenty minutes or more)", || {
        run_to_end(cargo().args(["build", "--workspace", "--release"]))
    })?;
    let programs = target().join("release");
    let bench = programs.join(format!("regulars-bench{}", std::env::consts::EXE_SUFFIX));
    steps.step("Measuring", || run_to_end(Command::new(bench).args(words).env("REGULARS_BIN_DIR", programs)))
}
