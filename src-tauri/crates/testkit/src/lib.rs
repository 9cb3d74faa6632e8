//! What the tests of the whole product stand on: the real programs as processes, a real window, and a line that fails on
//! command. Nothing that is shipped depends on this crate.

pub mod bench;
pub mod bridge;
pub mod browser;
pub mod cli;
mod display;
mod driver;
pub mod faults;
pub mod folder;
pub mod head_office;
pub mod nonsense;
pub mod page;
pub mod program;
pub mod window;
