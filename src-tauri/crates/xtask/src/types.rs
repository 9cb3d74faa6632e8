//! `cargo xtask types`: writes ui/src/api/generated.ts anew from the core's list of calls.

use crate::child::run as run_to_end;
use crate::programs::cargo;
use crate::{Result, no_arguments};

/// The test that otherwise refuses a file which is behind.
const TEST: &str = "the_types_of_the_page_are_up_to_date";

pub fn run(words: &[String]) -> Result {
    no_arguments(words)?;
    run_to_end(cargo().args(["test", "--workspace", "--lib", TEST]).env("REGULARS_WRITE_TYPES", "1"))
}
