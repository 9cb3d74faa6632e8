//! Head office: the server that tills keep in step with. One binary, one database behind one small trait.
//!
//! The rules of taking a change are in [`apply`], over [`storage::Rows`]; the HTTP side only reads, checks the token
//! and answers. Nothing here knows how a till works.

pub mod access;
pub mod apply;
mod booking;
mod cards;
mod check;
pub mod demo;
mod dialects;
mod effects;
pub mod error;
mod expiry;
mod feed;
pub mod give_back;
pub mod holds;
mod http;
mod limits;
pub mod lives;
mod members;
mod metrics;
mod openapi;
mod purse;
mod removing;
mod sqlite;
pub mod storage;

pub use dialects::DialectSettings;
pub use http::{HeadOffice, WallClock, router};
pub use limits::Limits;
pub use sqlite::{CopyError, InUse, OpenError, SqliteStorage, take};
