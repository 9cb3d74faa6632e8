//! What Tauri needs at build time: its configuration, the list of our commands for the access list, and a page.

use std::path::Path;
use std::{fs, io};
use tauri_build::{AppManifest, Attributes};

/// Where `npm run build` leaves the page; the same folder as `frontendDist` in tauri.conf.json.
const PAGE: &str = "../ui/dist";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    place_holder()?;
    // Tauri embeds the page while the crate compiles but watches nothing: a newly built page must compile it again.
    println!("cargo:rerun-if-changed={PAGE}");
    let attributes = Attributes::new()
        .config_path("../tauri.conf.json")
        // With a list, a command that is not granted in capabilities/ is refused; without one all are allowed.
        .app_manifest(AppManifest::new().commands(&["call"]));
    Ok(tauri_build::try_build(attributes)?)
}

/// The shell embeds the page, so it cannot compile without one. Where `npm run build` has not run yet, a page that says
/// so stands in for it: a fresh clone can be checked and its core tested without Node.js.
fn place_holder() -> io::Result<()> {
    let index = Path::new(PAGE).join("index.html");
    if index.exists() {
        return Ok(());
    }
    println!("cargo:warning=ui/dist is not built; the window will say so. `cargo xtask run` builds it.");
    fs::create_dir_all(PAGE)?;
    fs::write(index, include_str!("page-not-built.html"))
}
