//! How a "no" leaves the program: one JSON document on stderr, and an exit code.

use regulars_app::AppError;
use regulars_app::error::Kind;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Wrong usage or bad input.
pub const BAD_INPUT: u8 = 2;
/// Done, but something waits for a person.
pub const NEEDS_PERSON: u8 = 3;
/// The remote cannot be reached; the work is queued.
pub const UNREACHABLE: u8 = 4;
/// Not found.
pub const NOT_FOUND: u8 = 5;
/// Refused by a rule or a missing right.
pub const REFUSED: u8 = 6;

/// Words that are no command.
pub fn usage(error: &clap::Error) -> ExitCode {
    print(&json!({ "code": "usage", "message": error.to_string().trim_end(), "field": null }));
    ExitCode::from(BAD_INPUT)
}

/// Anything that has no code of its own.
pub fn other(message: &str) -> ExitCode {
    print(&json!({ "code": "internal", "message": message, "field": null }));
    ExitCode::FAILURE
}

/// Why a command was not done.
pub fn of(error: &AppError) -> ExitCode {
    print(&json!({ "code": error.code(), "message": error.to_string(), "field": error.field() }));
    match error.kind() {
        Kind::BadInput => ExitCode::from(BAD_INPUT),
        Kind::NotFound => ExitCode::from(NOT_FOUND),
        Kind::Refused => ExitCode::from(REFUSED),
        Kind::Unreachable => ExitCode::from(UNREACHABLE),
        Kind::Other => ExitCode::FAILURE,
    }
}

fn print(document: &Value) {
    eprintln!("{document}");
}
