//! What must be absent from each crate: the direction of dependencies is a promise.

use std::process::Command;

/// Every crate that `name` is built from.
fn built_from(name: &str) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["tree", "--offline", "--package", name, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(cargo).args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn has_none_of(name: &str, unwelcome: &[&str]) {
    let built_from = built_from(name);
    for other in unwelcome {
        assert!(!built_from.iter().any(|crate_name| crate_name == other), "{name} must be built without {other}");
    }
}

#[test]
fn each_crate_is_built_without_what_it_must_not_know() {
    has_none_of("regulars-domain", &["rusqlite", "reqwest", "tokio", "tauri", "axum"]);
    has_none_of("regulars-store", &["reqwest", "tokio", "tauri", "axum", "regulars-protocol"]);
    has_none_of("regulars-protocol", &["rusqlite", "reqwest", "tokio", "tauri"]);
    has_none_of("regulars-sync", &["tauri", "axum", "regulars-head-office"]);
    has_none_of("regulars-app", &["tauri", "axum", "regulars-head-office"]);
    has_none_of("regulars-cli", &["tauri", "axum", "regulars-testkit"]);
    has_none_of("regulars-head-office", &["tauri", "regulars-store", "regulars-sync", "regulars-app"]);
    has_none_of("regulars-desktop", &["axum", "regulars-testkit", "regulars-head-office"]);
}
