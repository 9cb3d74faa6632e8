//! The connections that only read: a lookup never waits for a write.

use crate::connection::{FileKey, met_damage, open_reader};
use crate::error::StoreError;
use rusqlite::{Connection, Transaction};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One for the counter, one for the screen behind it, one for sync.
const READERS: usize = 3;

pub(crate) struct Readers {
    path: PathBuf,
    key: FileKey,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Connection>,
    /// How many were opened: the others when they are first needed, so that a start does not wait for them.
    opened: usize,
}

impl Readers {
    pub(crate) fn open(path: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let pool = Pool { idle: vec![open_reader(path, key)?], opened: 1 };
        Ok(Self { path: path.to_owned(), key: key.clone(), pool: Mutex::new(pool), returned: Condvar::new() })
    }

    /// Runs the closure in one read transaction: everything it sees belongs to one moment.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = Lent { readers: self, connection: Some(self.take()?) };
        let Some(connection) = lent.connection.as_mut() else { return Err(StoreError::WriterStopped.into()) };
        let found = connection.transaction().map_err(|error| StoreError::from(error).into()).and_then(|tx| work(&tx));
        if found.is_err() && met_damage(connection) { Err(StoreError::FileDamaged.into()) } else { found }
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut pool = self.lock();
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.opened < READERS {
                let connection = open_reader(&self.path, &self.key)?;
                pool.opened += 1;
                return Ok(connection);
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    // A connection is opened under this lock, but nothing is left half done by that: a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the connection back also when the closure panics.
struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.lock().idle.push(connection);
            self.readers.returned.notify_one();
        }
    }
}
