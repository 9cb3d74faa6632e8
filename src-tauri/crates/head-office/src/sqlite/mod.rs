//! Head office's rows in one SQLite file: one connection that writes, a few that only read.
//!
//! Other processes may have the file open too (`regulars-hq token add` while the server runs): SQLite's own locks and
//! a busy timeout keep them apart. No rule is decided here.

mod cards;
mod changes;
mod checks;
mod connection;
mod copies;
mod directory;
mod expiring;
mod feed;
mod holds;
mod labels;
mod ledger;
mod life_file;
mod lives;
mod members;
mod migrations;
mod removed;
mod things;
mod tokens;
mod values;
mod versions;
mod visits;

pub use connection::OpenError;
pub use copies::{CopyError, InUse, take};

use crate::error::HeadOfficeError;
use crate::storage::{Storage, Work};
use life_file::{Life, LifeFile};
use regulars_domain::Timestamp;
use regulars_domain::planted::{Mistake, is_planted};
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Readers: enough that a first pull of one till does not make the others wait, few enough for a small server.
const READERS: usize = 4;

/// The embedded database.
pub struct SqliteStorage {
    writer: Mutex<Writer>,
    idle_readers: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl SqliteStorage {
    /// Opens the file, makes it where there is none and brings it to this version's form.
    ///
    /// # Errors
    /// A file that a newer version made, that is no database, or that cannot be written.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        // Before the database: what is noted in it is always committed first.
        let life = LifeFile::beside(path);
        let mut connection = connection::open_writer(path)?;
        migrations::run(&mut connection)?;
        if is_planted(Mistake::DedupeForgottenAfterRestart) {
            connection.execute_batch("DELETE FROM changes_renumbered; DELETE FROM changes")?;
        }
        let mut writer = Writer { connection, life };
        writer.note_opened()?;
        let readers = (0..READERS).map(|_| connection::open_reader(path)).collect::<Result<_, _>>()?;
        Ok(Self { writer: Mutex::new(writer), idle_readers: Mutex::new(readers), returned: Condvar::new() })
    }

    /// Makes a copy of a database, also while the server runs on it.
    ///
    /// # Errors
    /// As [`CopyError`] says.
    pub fn back_up(database: &Path, copy: &Path) -> Result<(), CopyError> {
        copies::back_up(database, copy)
    }

    /// Puts a copy in the place of a database that no server runs on, in a new life. Answers where what was there is
    /// kept.
    ///
    /// # Errors
    /// As [`CopyError`] says.
    pub fn restore(copy: &Path, database: &Path, at: Timestamp) -> Result<Option<PathBuf>, CopyError> {
        copies::restore(copy, database, at)
    }

    fn take_reader(&self) -> Lent<'_> {
        let mut idle = lock(&self.idle_readers);
        loop {
            if let Some(connection) = idle.pop() {
                return Lent { storage: self, connection: Some(connection) };
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Storage for SqliteStorage {
    fn write(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError> {
        let mut writer = lock(&self.writer);
        let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&mut SqliteRows { connection: &transaction })?;
        transaction.commit()?;
        writer.note_life();
        Ok(())
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError> {
        let mut lent = self.take_reader();
        let Some(connection) = lent.connection.as_mut() else { return Err(HeadOfficeError::Internal) };
        let transaction = connection.transaction()?;
        work(&mut SqliteRows { connection: &transaction })
    }
}

/// The connection that writes, and what is noted beside the file.
struct Writer {
    connection: Connection,
    life: LifeFile,
}

impl Writer {
    /// Notes that the file was opened, and whether it is an older copy than what is noted beside it.
    fn note_opened(&mut self) -> Result<(), OpenError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let life = Life::read(&transaction)?;
        let is_put_back = self.life.noted().is_some_and(|noted| noted.is_ahead_of(&life));
        let opened = self.life.noted().map_or(0, |noted| noted.opened).max(life.opened) + 1;
        transaction.execute(
            "UPDATE head_office SET opened_count = :opened, is_put_back = is_put_back OR :is_put_back
             WHERE only_row = 1",
            rusqlite::named_params! { ":opened": opened, ":is_put_back": is_put_back },
        )?;
        transaction.commit()?;
        self.life.note(&Life::read(&self.connection)?);
        Ok(())
    }

    /// What could not be read here is noted after the next write: the note is only ever behind.
    fn note_life(&mut self) {
        if let Ok(life) = Life::read(&self.connection) {
            self.life.note(&life);
        }
    }
}

/// Gives a reader back also when the work panics.
struct Lent<'a> {
    storage: &'a SqliteStorage,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.storage.idle_readers).push(connection);
            self.storage.returned.notify_one();
        }
    }
}

/// A panic under one of these locks leaves it whole: a list of connections, or a connection whose transaction was
/// rolled back while unwinding.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rows of one transaction.
struct SqliteRows<'a> {
    connection: &'a Connection,
}

impl SqliteRows<'_> {
    fn execute(&self, sql: &str, params: impl Params) -> Result<usize, HeadOfficeError> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    fn get<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, HeadOfficeError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, read)?)
    }

    fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, HeadOfficeError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, HeadOfficeError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }
}
