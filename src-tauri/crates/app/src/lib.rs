//! Every use-case of the till: one function per thing that a person can do, over an open [`till::Till`]. The command line
//! calls them as they are; a window calls them by name through [`App`], in views made for its screens.

pub mod cards;
pub mod changes;
pub mod checks;
pub mod clock;
pub mod credit;
pub mod error;
pub mod events;
pub mod export;
pub mod find;
pub mod import;
pub mod locations;
pub mod members;
pub mod merge;
pub mod pictures;
pub mod remotes;
pub mod rights;
pub mod rules;
pub mod slip;
pub mod spreadsheet;
pub mod sync;
pub mod tasks;
pub mod till;
pub mod twins;
mod window;

pub use error::AppError;
pub use events::Changed;
pub use window::{App, Failure};

use std::path::PathBuf;

/// What the program is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The till's folder.
    pub data_dir: PathBuf,
    /// The language of the desktop, as `vi-VN`, for the first start.
    pub locale: Option<String>,
    /// Where files for people are written; the till's folder where there is no better place.
    pub documents_dir: Option<PathBuf>,
}
