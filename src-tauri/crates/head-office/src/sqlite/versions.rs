//! The life of the file and the order of its commits; parts of a transaction.

use super::SqliteRows;
use crate::error::HeadOfficeError;
use crate::storage::Versions;
use rusqlite::named_params;

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

    fn is_unknown(&mut self, version: i64) -> Result<bool, HeadOfficeError> {
        self.get(
            "SELECT :version >= next_version OR coalesce(
                 (SELECT until FROM version_gaps WHERE after < :version ORDER BY after DESC LIMIT 1) > :version, 0)
             FROM head_office WHERE only_row = 1",
            named_params! { ":version": version },
            |row| row.get(0),
        )
    }

    fn leap_to(&mut self, version: i64) -> Result<(), HeadOfficeError> {
        let to = named_params! { ":version": version };
        self.execute(
            "INSERT INTO version_gaps (after, until) SELECT next_version - 1, :version FROM head_office WHERE only_row = 1",
            to,
        )?;
        self.execute("UPDATE head_office SET next_version = :version + 1 WHERE only_row = 1", to).map(|_| ())
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
