//! A note beside the database: which life it is in, how often it was opened, how far its versions have come. It is written
//! after each commit and is never ahead, so a database that is behind it is an older copy that somebody put back.
//!
//! The note is a hint and not forced to the disk each time: one that is lost or old only notices less, and then a till
//! that knows more tells.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The whole note, so that a shorter one covers a longer one.
const LENGTH: usize = 160;

/// Where a database stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Life {
    pub(super) epoch: String,
    pub(super) opened: i64,
    pub(super) version: i64,
}

impl Life {
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection
            .prepare_cached("SELECT epoch, opened_count, next_version - 1 FROM head_office WHERE only_row = 1")?;
        statement.query_row([], |row| Ok(Self { epoch: row.get(0)?, opened: row.get(1)?, version: row.get(2)? }))
    }

    /// Whether this was noted of a later state than that.
    pub(super) fn is_ahead_of(&self, other: &Self) -> bool {
        self.epoch != other.epoch || self.opened > other.opened || self.version > other.version
    }
}

/// The note.
pub(super) struct LifeFile {
    path: PathBuf,
    file: Option<File>,
    noted: Option<Life>,
}

impl LifeFile {
    /// What is noted beside that database. One that cannot be read says nothing.
    pub(super) fn beside(database: &Path) -> Self {
        let path = path_beside(database);
        let noted = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, file: None, noted }
    }

    pub(super) const fn noted(&self) -> Option<&Life> {
        self.noted.as_ref()
    }

    /// Notes it where it is new.
    pub(super) fn note(&mut self, life: &Life) {
        if self.noted.as_ref() == Some(life) {
            return;
        }
        match self.write(life) {
            Ok(()) => self.noted = Some(life.clone()),
            Err(error) => tracing::warn!(%error, "the note beside the database could not be written"),
        }
    }

    fn write(&mut self, life: &Life) -> std::io::Result<()> {
        let mut bytes = serde_json::to_vec(life)?;
        bytes.resize(bytes.len().max(LENGTH), b' ');
        if self.file.is_none() {
            self.file = Some(File::options().write(true).create(true).truncate(false).open(&self.path)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&bytes)
    }
}

/// `head-office.db.life` beside `head-office.db`.
pub(super) fn path_beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".life");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(epoch: &str, opened: i64, version: i64) -> Life {
        Life { epoch: epoch.to_owned(), opened, version }
    }

    /// What is noted beside the file, what stands in it, and whether somebody put an older copy back.
    #[test]
    fn a_database_that_is_behind_its_note_is_an_older_copy() {
        for (noted, found, is_older) in [
            (life("a", 3, 70), life("a", 3, 70), false),
            (life("a", 3, 70), life("a", 3, 71), false),
            (life("a", 3, 70), life("a", 4, 70), false),
            (life("a", 3, 70), life("a", 3, 69), true),
            (life("a", 3, 70), life("a", 2, 70), true),
            (life("b", 1, 1), life("a", 3, 70), true),
        ] {
            assert_eq!(noted.is_ahead_of(&found), is_older, "{noted:?} {found:?}");
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_a_torn_one_says_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("head-office.db");
        let mut file = LifeFile::beside(&database);
        file.note(&life("a long name of a life", 3, 7_000));
        file.note(&life("b", 3, 7));
        assert_eq!(LifeFile::beside(&database).noted(), Some(&life("b", 3, 7)));
        std::fs::write(path_beside(&database), "{\"epoch\":\"b").expect("written");
        assert_eq!(LifeFile::beside(&database).noted(), None);
    }
}
