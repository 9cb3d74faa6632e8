//! Where things lie on this machine.

use crate::arguments::Arguments;
use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager};

/// The till's folder, made absolute: the working directory may change, the till must not move with it.
pub fn data_dir(app: &AppHandle, arguments: &Arguments) -> tauri::Result<PathBuf> {
    match &arguments.data_dir {
        Some(dir) => Ok(std::path::absolute(dir)?),
        // The local one: a database that Windows copies to other machines at log-off would come back damaged or old.
        None => Ok(app.path().local_data_dir()?.join("regulars")),
    }
}

/// Log files; makes the folder. What stands in the till's folder is nobody else's business on this machine.
pub fn log_dir(data_dir: &Path) -> io::Result<PathBuf> {
    let dir = data_dir.join("logs");
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&dir)?;
    Ok(dir)
}

/// Size and place of the window. In the till's folder, so that two tills do not fight over it.
pub fn window_place(data_dir: &Path) -> PathBuf {
    data_dir.join("window.json")
}

/// What the web view keeps for itself. Nothing of ours: the page stores nothing.
pub fn web_view(data_dir: &Path) -> PathBuf {
    data_dir.join("web")
}
