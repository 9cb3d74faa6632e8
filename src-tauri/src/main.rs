//! The program `regulars`: see the library, so that tests and documentation reach it.

// Without this a console opens beside the window on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    regulars_desktop::main()
}
