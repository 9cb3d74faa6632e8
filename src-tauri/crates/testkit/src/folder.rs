//! Folders that go away with the test that made them.

use std::path::{Path, PathBuf};

/// An empty folder, deleted on drop.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// Makes one.
    #[expect(clippy::new_without_default, reason = "it makes something on the disk, which a default should not")]
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("regulars-").tempdir().expect("a folder can be made"))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path inside, which need not exist.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

/// Whether the run leaves out the long tests and those with a window: `cargo xtask test --quick`.
pub fn is_quick() -> bool {
    std::env::var_os("REGULARS_QUICK").is_some()
}
