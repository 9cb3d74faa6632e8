//! `cargo xtask lint`: what must be clean before a change is taken.

use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::steps::Steps;
use crate::{Result, no_arguments, page, system};

pub fn run(words: &[String]) -> Result {
    no_arguments(words)?;
    let mut steps = Steps::new(7);
    steps.step("Installing what is missing on this machine", || system::install(&system::SIM))?;
    steps.step("Installing the page's packages", page::packages)?;
    steps.step("Formatting", || run_to_end(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("The page's types", || page::npm(&["run", "check"]))?;
    steps.step("The page's lints", || page::npm(&["run", "lint"]))?;
    steps.step("Clippy", || {
        run_to_end(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
    })?;
    steps.step("Documentation", || {
        run_to_end(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
    })
}
