//! Our own programs.

use crate::Result;
use crate::child::run;
use crate::root::root;
use std::process::Command;

/// The cargo that runs this.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Builds them all. Always the whole workspace: any other selection of packages has other features, and would build
/// OpenSSL and SQLCipher once more. With the tests, for the same reason, and because they come next.
pub fn build(with_tests: bool) -> Result {
    let tests: &[&str] = if with_tests { &["--all-targets"] } else { &[] };
    run(cargo().args(["build", "--workspace"]).args(tests))
}
