//! Slips on paper: golden files that can be looked at, and what must never reach a printer.
//!
//! `REGULARS_WRITE_GOLDEN=1 cargo test -p regulars-app slip` writes the files of `tests/golden` anew.

mod forms;
mod golden;
mod letters;
mod network;
mod samples;
