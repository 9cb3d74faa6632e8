//! Head office as tills meet it: a real server on 127.0.0.1:0, a real SQLite file. Only the clock is the tests' own.
#![allow(clippy::unwrap_used)]
// A customer of the longest page is one `json!`.
#![recursion_limit = "256"]

mod answers;
mod authorising;
mod cards;
mod command_line;
mod comparing;
mod demo;
mod dialects;
mod durability;
mod expiring;
mod joining;
mod lives;
mod merging;
mod pulling;
mod pushing;
mod removing;
mod scope;
mod terms;
mod till;
mod visits;
