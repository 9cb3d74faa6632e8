//! Migrations are compiled in: a new SQL file must rebuild this crate.
fn main() {
    println!("cargo::rerun-if-changed=../../../migrations/head-office");
}
