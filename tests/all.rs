//! Stories of the whole product: real programs as processes, real files, a real line that fails on command.

mod crates;
mod kill;
mod line;
mod refusals;
mod shop;
mod two_tills;
mod window;
