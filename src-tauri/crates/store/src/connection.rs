//! How a connection to the till's file is made ready: key first, then durability, then limits.

use crate::error::StoreError;
use regulars_domain::planted::{Mistake, is_planted};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Once;
use std::time::Duration;
use zeroize::Zeroizing;

/// The oldest SQLite that may write: versions before it can corrupt a WAL file with two connections
/// (sqlite.org/wal.html, "the WAL-reset bug").
const LEAST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for a lock of another connection of this process: a checkpoint, at most.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection: a few more than there are statements in this crate.
const STATEMENTS: usize = 160;

/// The raw key of a till's file: 32 bytes and the salt of its pages, as SQLCipher takes them.
#[derive(Clone)]
pub(crate) struct FileKey {
    pub key: Zeroizing<[u8; 32]>,
    pub salt: [u8; 16],
}

impl FileKey {
    fn pragma(&self) -> Zeroizing<String> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Zeroizing::new(format!("PRAGMA key = \"x'{}{}'\"", *Zeroizing::new(hex(&*self.key)), hex(&self.salt)))
    }
}

/// Opens the file for writing, and makes it where `create` is set.
pub(crate) fn open_writer(path: &Path, key: &FileKey, create: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = keyed(path, key, flags)?;
    // FULL: in WAL mode anything less can lose a committed top-up when the power goes.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32000;
         PRAGMA temp_store = MEMORY; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
    )?;
    if is_planted(Mistake::NotSynced) {
        connection.execute_batch("PRAGMA synchronous = OFF")?;
    }
    Ok(connection)
}

/// Opens the file for reading only.
pub(crate) fn open_reader(path: &Path, key: &FileKey) -> Result<Connection, StoreError> {
    let connection = keyed(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

/// Waits until SQLCipher is there. SQLite says that it is initialised before its extensions are (`SQLITE_EXTRA_INIT` is
/// what `sqlite3_initialize` runs last), so that a thread that opens its first file just then has no cipher.
fn wait_for_cipher() {
    static IS_THERE: Once = Once::new();
    IS_THERE.call_once(|| {
        let is_there = || Connection::open_in_memory()?.execute_batch("PRAGMA key = 'any'");
        // Where it never comes, opening the file says so.
        for _ in 0..1_000 {
            if is_there().is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

fn keyed(path: &Path, key: &FileKey, flags: OpenFlags) -> Result<Connection, StoreError> {
    wait_for_cipher();
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLCipher would otherwise write its complaints to the terminal.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.execute_batch(&key.pragma())?;
    assert_libraries(&connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without QPSG a cached statement is prepared anew at each use with other values, at three times the cost.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    // The first read proves the key: NOTADB here means another key or a damaged first page.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Whether a page was met over this connection that cannot be opened. SQLCipher serves nothing more over it then: a read
/// finds zeros, and a write fails as if memory had run out.
pub(crate) fn met_damage(connection: &Connection) -> bool {
    let status = connection.query_row("PRAGMA cipher_status", [], |row| row.get::<_, String>(0));
    status.is_ok_and(|status| status == "0")
}

/// A build with a plain or an old SQLite must not touch a till's file: it would write in clear, or corrupt it.
fn assert_libraries(connection: &Connection) -> Result<(), StoreError> {
    let cipher: Option<String> = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).ok();
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(StoreError::Missing("encryption in this build's SQLite"));
    }
    if rusqlite::version_number() < LEAST_SQLITE {
        return Err(StoreError::Missing("a SQLite of at least 3.51.3 in this build"));
    }
    Ok(())
}
