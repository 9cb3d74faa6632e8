//! The floor's database: SQLite with the same encryption, log and durability as a till's, and nothing else.

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::path::Path;

/// Makes a bare file.
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

/// Opens a till's own file for reading, with as much cache as a till's reader has: the same tables, asked with nothing
/// in between.
///
/// # Panics
/// Where it cannot.
pub fn open_till(folder: &Path) -> Connection {
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).expect("a file of a till whose key lies in a file");
        serde_json::from_str(&text).expect("JSON")
    };
    let (sidecar, secrets) = (read("till.key.json"), read("till.secrets.json"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (key, salt) = (text(&secrets[text(&sidecar["key_id"])]), text(&sidecar["salt"]));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join("till.db"), flags).expect("a till's file");
    connection
        .execute_batch(&format!(
            "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{key}{salt}'\";
             PRAGMA query_only = ON; PRAGMA cache_size = -8000;"
        ))
        .expect("a till's file");
    connection
}
