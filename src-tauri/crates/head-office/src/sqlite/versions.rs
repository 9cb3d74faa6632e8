//! The life of the file and the order of its commits; parts of a transaction.

use super::SqliteRows;
use crate::error::HeadOfficeError;
use crate::storage::Versions;

impl Versions for SqliteRows<'_> {
    fn epoch(&mut self) -> Result<String, HeadOfficeError> {
        self.get("SELECT epoch FROM head_office WHERE only_row = 1", [], |row| row.get(0))
    }

    fn oldest_tombstone(&mut self) -> Result<i64, HeadOfficeError> {
        self.get("SELECT oldest_tombstone FROM head_office WHERE only_row = 1", [], |row| row.get(0))
    }

    fn next_version(&mut self) -> Result<i64, HeadOfficeError> {
        self.get(
            "UPDATE head_office SET next_version = next_version + 1 WHERE only_row = 1 RETURNING next_version - 1",
            [],
            |row| row.get(0),
        )
    }

    fn newest_version(&mut self) -> Result<i64, HeadOfficeError> {
        self.get("SELECT next_version - 1 FROM head_office WHERE only_row = 1", [], |row| row.get(0))
    }

    fn begin_part(&mut self) -> Result<(), HeadOfficeError> {
        self.execute("SAVEPOINT part", []).map(|_| ())
    }

    fn keep_part(&mut self) -> Result<(), HeadOfficeError> {
        self.execute("RELEASE part", []).map(|_| ())
    }

    fn undo_part(&mut self) -> Result<(), HeadOfficeError> {
        self.execute("ROLLBACK TO part", [])?;
        self.execute("RELEASE part", []).map(|_| ())
    }
}
