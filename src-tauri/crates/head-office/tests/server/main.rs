//! Head office as tills meet it: a real server on 127.0.0.1:0, a real SQLite file. Only the clock is the tests' own.
#![allow(clippy::unwrap_used)]

mod answers;
mod authorising;
mod command_line;
mod demo;
mod durability;
mod joining;
mod pulling;
mod pushing;
mod scope;
mod till;
