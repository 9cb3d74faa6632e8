//! Where things lie in the work tree.

use std::path::{Path, PathBuf};

/// The top of the work tree.
pub fn root() -> &'static Path {
    let this = Path::new(env!("CARGO_MANIFEST_DIR"));
    this.ancestors().nth(3).unwrap_or(this)
}

/// The page's sources.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// Whatever is built; never committed.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program of ours, as `cargo build` leaves it.
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
