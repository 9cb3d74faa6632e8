//! `regulars-hq`: serves head office, and makes its tokens, join codes and shops.

mod commands;

fn main() -> std::process::ExitCode {
    commands::run()
}
