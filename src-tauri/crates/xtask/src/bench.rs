//! `cargo xtask bench`: the benchmarks, on optimised programs.

use crate::Result;
use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::root::target;
use crate::steps::Steps;
use std::process::Command;

/// The words go on to the benchmarks.
pub fn run(words: &[String]) -> Result {
    let mut steps = Steps::new(2);
    // The default members are all but the shell, which no benchmark needs.
    steps.step("Building the programs, optimised", || run_to_end(cargo().args(["build", "--release"])))?;
    let bench = target().join("release").join(format!("regulars-bench{}", std::env::consts::EXE_SUFFIX));
    steps.step("Measuring", || run_to_end(Command::new(bench).args(words)))
}
