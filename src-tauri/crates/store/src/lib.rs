//! The till's SQLite database: encrypted, one writer, read-only readers.
//!
//! One file per table group. What a cashier does goes through [`record::record`], which writes the working row, the
//! ledger entry, the audit row and the outbox row in one transaction. No rules are decided here and nothing is sent.

pub mod audit;
pub mod balance;
pub mod ballast;
pub mod checksums;
pub mod clocks;
mod connection;
pub mod decisions;
mod derive;
pub mod disk;
mod erase;
mod error;
pub mod healing;
pub mod imports;
mod integrity;
mod issuer;
mod journal;
mod keys;
pub mod labels;
pub mod ledger;
mod life;
pub mod locations;
pub mod members;
mod migrations;
pub mod mirror;
pub mod open;
pub mod outbox;
pub mod part;
pub mod pull;
mod readers;
pub mod record;
pub mod remotes;
mod salvage;
mod sealing;
pub mod settings;
mod sql;
pub mod sweeps;
pub mod till;
pub mod visits;
mod writer;

pub use error::StoreError;
pub use integrity::{Finding, check, check_rows};
pub use journal::{Rebuilt, Unfinished};
pub use keys::{Keystore, KeystoreKind};
pub use open::{NewTill, Opened, Store, note_damaged};
pub use rusqlite::{Connection, Transaction};
pub use salvage::Salvaged;
pub use writer::Priority;
