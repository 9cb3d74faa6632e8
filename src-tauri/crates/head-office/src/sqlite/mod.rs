//! Head office's rows in one SQLite file: one connection that writes, a few that only read.
//!
//! Other processes may have the file open too (`regulars-hq token add` while the server runs): SQLite's own locks and
//! a busy timeout keep them apart. No rule is decided here.

mod cards;
mod changes;
mod checks;
mod connection;
mod expiring;
mod feed;
mod holds;
mod labels;
mod ledger;
mod members;
mod migrations;
mod tokens;
mod values;
mod versions;
mod visits;

pub use connection::OpenError;

use crate::error::HeadOfficeError;
use crate::storage::{Storage, Work};
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Readers: enough that a first pull of one till does not make the others wait, few enough for a small server.
const READERS: usize = 4;

/// The embedded database.
pub struct SqliteStorage {
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl SqliteStorage {
    /// Opens the file, makes it where there is none and brings it to this version's form.
    ///
    /// # Errors
    /// A file that a newer version made, that is no database, or that cannot be written.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let mut writer = connection::open_writer(path)?;
        migrations::run(&mut writer)?;
        let readers = (0..READERS).map(|_| connection::open_reader(path)).collect::<Result<_, _>>()?;
        Ok(Self { writer: Mutex::new(writer), idle_readers: Mutex::new(readers), returned: Condvar::new() })
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
        let mut connection = lock(&self.writer);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&mut SqliteRows { connection: &transaction })?;
        Ok(transaction.commit()?)
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError> {
        let mut lent = self.take_reader();
        let Some(connection) = lent.connection.as_mut() else { return Err(HeadOfficeError::Internal) };
        let transaction = connection.transaction()?;
        work(&mut SqliteRows { connection: &transaction })
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
