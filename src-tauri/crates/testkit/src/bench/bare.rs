//! The floor's database: SQLite with the same encryption, log and durability as a till's, and nothing else.

use rusqlite::Connection;
use std::path::Path;

/// Opens a bare file.
///
/// # Panics
/// Where it cannot.
pub fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a bare file");
    connection
        .execute_batch(
            "PRAGMA cipher_log_level = NONE;
             PRAGMA key = \"x'2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99'\";
             PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000;",
        )
        .expect("a bare file");
    connection
}
