//! The connections that only read: a lookup never waits for a write.

use crate::connection::{FileKey, open_reader};
use crate::error::StoreError;
use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One for the counter, one for the screen behind it, one for sync.
const READERS: usize = 3;

pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    pub(crate) fn open(path: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let idle = (0..READERS).map(|_| open_reader(path, key)).collect::<Result<_, _>>()?;
        Ok(Self { idle: Mutex::new(idle), returned: Condvar::new() })
    }

    /// Runs the closure in one read transaction: everything it sees belongs to one moment.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = Lent { readers: self, connection: Some(self.take()) };
        let Some(connection) = lent.connection.as_mut() else { return Err(StoreError::WriterStopped.into()) };
        let transaction = connection.transaction().map_err(StoreError::from)?;
        work(&transaction)
    }

    fn take(&self) -> Connection {
        let mut idle = self.lock();
        loop {
            if let Some(connection) = idle.pop() {
                return connection;
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    // Only pushes and pops happen under this lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
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
            self.readers.lock().push(connection);
            self.readers.returned.notify_one();
        }
    }
}
