//! How a connection to head office's file is made ready: durability first, then limits.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::{Duration, Instant};

/// The oldest SQLite that may write: versions before it can corrupt a WAL file with two connections
/// (sqlite.org/wal.html, "the WAL-reset bug").
const LEAST_SQLITE: i32 = 3_051_003;
/// How long a statement waits for another process, as the one that adds a token: longer than its one transaction takes
/// on a slow disk, shorter than a request may take.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Prepared statements kept per connection: more than there are statements in this crate.
const STATEMENTS: usize = 128;

/// Why a file cannot be served from.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Made by a newer version of this program, which may have put anything in it.
    #[error("this database was made by a newer version (form {found}, known up to {known}): install that version")]
    Newer {
        /// The file's form.
        found: i64,
        /// The newest form known here.
        known: i64,
    },
    /// SQLite cannot open it, or it is not a database.
    #[error("this database cannot be opened: {0}")]
    Database(#[from] rusqlite::Error),
    /// It could not be brought to this version's form.
    #[error("this database cannot be brought to this version's form: {0}")]
    Migration(#[from] refinery::Error),
    /// This build has a SQLite that may damage the file.
    #[error("this build has SQLite {0}; at least 3.51.3 is needed")]
    OldSqlite(&'static str),
}

/// Opens the connection that writes; makes the file where there is none.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    write_ahead(&connection)?;
    // FULL: in WAL mode anything less can lose an acknowledged push when the power goes.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;
         PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
    )?;
    Ok(connection)
}

/// Where another process makes the same new file at the same moment, SQLite says at once that it is busy: waiting inside could
/// be for each other.
fn write_ahead(connection: &Connection) -> Result<(), rusqlite::Error> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -32768;")?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < LEAST_SQLITE {
        return Err(OpenError::OldSqlite(rusqlite::version()));
    }
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without QPSG a cached statement is prepared anew at each use with other values, at three times the cost.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}
