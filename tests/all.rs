//! Stories of the whole product: real programs as processes, real files, a real line that fails on command.

mod backwards;
mod bad_input;
mod cards;
mod conflicts;
mod crates;
mod finding;
mod kill;
mod line;
mod loss;
mod member;
mod money;
mod nonsense;
mod refusals;
mod shop;
mod spreadsheet;
mod twins;
mod two_tills;
mod window;
