//! The page: its packages, its build and its checks, all through npm.

use crate::Result;
use crate::child::run;
use crate::root::ui;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;
use std::{fs, io};

/// Installs exactly what the lock file says, unless that was done since it was last changed.
pub fn packages() -> Result {
    // npm writes this file last, so an installation that broke off does not count.
    let installed = changed_at(&ui().join("node_modules/.package-lock.json"));
    if installed.is_some_and(|installed| changed_at(&ui().join("package-lock.json")).is_some_and(|at| at <= installed))
    {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])
}

/// Builds what the window embeds, unless nothing changed: each new page compiles the shell again.
pub fn build() -> Result {
    let built = changed_at(&ui().join("dist/assets"));
    if built.is_some() && newest(&ui())? <= built {
        return Ok(());
    }
    npm(&["run", "build"])
}

/// Runs one of npm's commands there.
pub fn npm(arguments: &[&str]) -> Result {
    // On Windows it is a script, which only the command processor finds.
    let mut npm = if cfg!(windows) { Command::new("npm.cmd") } else { Command::new("npm") };
    run(npm.args(arguments).current_dir(ui()))
}

/// When the newest of the sources was changed.
fn newest(path: &Path) -> io::Result<Option<SystemTime>> {
    if path.ends_with("node_modules") || path.ends_with("dist") {
        return Ok(None);
    }
    if !path.is_dir() {
        return Ok(changed_at(path));
    }
    let mut newest = None;
    for entry in fs::read_dir(path)? {
        newest = newest.max(self::newest(&entry?.path())?);
    }
    Ok(newest)
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
