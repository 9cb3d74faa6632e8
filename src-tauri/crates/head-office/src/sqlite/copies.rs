//! Copies of the file. Nothing is overwritten or deleted: a copy goes where nothing is, and what a restored one takes the
//! place of is kept beside it.

use super::connection::{OpenError, open_writer};
use super::life_file::LifeFile;
use super::{SqliteRows, migrations};
use crate::error::HeadOfficeError;
use crate::lives;
use regulars_domain::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// Why a copy was not made or not put back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Something is there already.
    #[error("{} is there already: a copy takes the place of nothing", .0.display())]
    Exists(PathBuf),
    /// Nothing is there.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// The server runs.
    #[error("the server is running on this database: end it first")]
    InUse,
    /// The copy is no database that could be served from.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Pages of the copy do not fit together.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// The disk failed.
    #[error("the disk failed: {0}")]
    Disk(#[from] std::io::Error),
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<HeadOfficeError> for CopyError {
    fn from(error: HeadOfficeError) -> Self {
        Self::Database(error.to_string())
    }
}

/// Held by the server for as long as it runs on a database.
#[derive(Debug)]
pub struct InUse {
    // The operating system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// Says that the server runs on that database.
///
/// # Errors
/// [`CopyError::InUse`] where another does; faults of the disk.
pub fn take(database: &Path) -> Result<InUse, CopyError> {
    let file = File::options().write(true).create(true).truncate(false).open(beside(database, "lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(InUse { _lock: file }),
        Err(TryLockError::WouldBlock) => Err(CopyError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes a copy, also while the server runs. It says of itself that it is one, so that it begins a new life however it
/// is put back.
pub(super) fn back_up(database: &Path, copy: &Path) -> Result<(), CopyError> {
    if !database.exists() {
        return Err(CopyError::Missing(database.to_owned()));
    }
    if copy.exists() {
        return Err(CopyError::Exists(copy.to_owned()));
    }
    let draft = beside(copy, "new");
    let _none_or_half_a_copy = fs::remove_file(&draft);
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    source.execute("VACUUM INTO ?", [text(&draft)?])?;
    let made = Connection::open_with_flags(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    made.execute("UPDATE head_office SET is_put_back = 1", [])?;
    made.close().map_err(|(_, error)| error)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, copy)?;
    sync_folder(copy)
}

/// Puts a copy in the place of a database, in a new life. Answers where what was there is kept.
pub(super) fn restore(copy: &Path, database: &Path, at: Timestamp) -> Result<Option<PathBuf>, CopyError> {
    if !copy.exists() {
        return Err(CopyError::Missing(copy.to_owned()));
    }
    let _held_to_the_end = take(database)?;
    let draft = beside(database, "restoring");
    for suffix in ["", "-wal", "-shm"] {
        let _none_or_half_a_copy = fs::remove_file(with_suffix(&draft, suffix));
    }
    fs::copy(copy, &draft)?;
    // Changes that the copy's own log holds, where it was made by hand.
    let log = with_suffix(copy, "-wal");
    if log.exists() {
        fs::copy(&log, with_suffix(&draft, "-wal"))?;
    }
    begin_life(&draft, database, at)?;
    let kept = move_aside(database, at)?;
    fs::rename(&draft, database)?;
    sync_folder(database)?;
    Ok(kept)
}

fn begin_life(draft: &Path, database: &Path, at: Timestamp) -> Result<(), CopyError> {
    let mut connection = open_writer(draft)?;
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(CopyError::Damaged(found));
    }
    migrations::run(&mut connection)?;
    let noted = LifeFile::beside(database).noted().map_or(0, |noted| noted.opened);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    lives::begin(&mut SqliteRows { connection: &transaction }, at)?;
    transaction.execute("UPDATE head_office SET opened_count = max(opened_count, ?)", [noted])?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn move_aside(database: &Path, at: Timestamp) -> Result<Option<PathBuf>, CopyError> {
    if !database.exists() {
        return Ok(None);
    }
    let kept = beside(database, &format!("before-restore-{}", at.as_millis()));
    // The log first: without its file it can be put back by hand, the other way round it would be taken for the new one's.
    for suffix in ["-wal", "-shm", ""] {
        let from = with_suffix(database, suffix);
        if from.exists() {
            fs::rename(from, with_suffix(&kept, suffix))?;
        }
    }
    // What is noted beside the file is of the life that ended.
    let note = super::life_file::path_beside(database);
    if note.exists() {
        fs::rename(&note, with_suffix(&kept, ".life"))?;
    }
    Ok(Some(kept))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    with_suffix(path, &format!(".{suffix}"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn text(path: &Path) -> Result<&str, CopyError> {
    path.to_str().ok_or_else(|| CopyError::Missing(path.to_owned()))
}

/// Makes a rename outlive a power cut. Windows does that by itself.
fn sync_folder(path: &Path) -> Result<(), CopyError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
