//! `cargo xtask sim`: the simulation, a test program of its own.

use crate::Result;
use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::steps::Steps;
use crate::system;

/// The words go on to the simulation: `--seeds N`, `--seed S`, `--steps N`, `--tills N`, `--without FAULT,FAULT`, `--replay`,
/// `--remote KIND` for shops with another member system;
/// `--planted` for the table of planted mistakes; `--count` for seeds that are noted in `crates/sim/SEEDS.tsv`.
pub fn run(words: &[String]) -> Result {
    let mut steps = Steps::new(2);
    steps.step("Installing what is missing on this machine", || system::install(&system::SIM))?;
    // The whole workspace, as everywhere: another selection has other features, and would build OpenSSL once more.
    steps.last("Simulating", || run_to_end(cargo().args(["test", "--workspace", "--test", "sim", "--"]).args(words)))
}
