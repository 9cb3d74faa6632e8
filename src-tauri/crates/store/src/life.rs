//! Notes beside the till's file: which life it is in and how far that has come. They are written after the file, so a
//! file that is behind them is an older copy that somebody put back, and begins a new life.
//!
//! One note lies in the till's folder. Where the operating system has a keystore another lies there: a folder that was
//! put back whole does not bring that along. Where neither helps, the remote notices by the numbers.

use crate::error::StoreError;
use crate::keys::{Keystore, write_private};
use regulars_domain::Incarnation;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE_NAME: &str = "till.life.json";

/// Where a till's file stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life {
    pub incarnation: Incarnation,
    pub opened: i64,
    pub next_number: i64,
}

impl Life {
    /// Whether this was noted of a later state than that.
    fn is_ahead_of(&self, file: &Self) -> bool {
        let is_of_another_life = self.incarnation != file.incarnation;
        is_of_another_life || self.opened > file.opened || self.next_number > file.next_number
    }
}

/// What is noted of a till.
pub(crate) struct Noted {
    notes: Vec<Life>,
}

impl Noted {
    /// Reads the notes. Before the file is looked at: it is always written first. One that cannot be read says nothing.
    pub(crate) fn read(folder: &Path, keystore: &Keystore, key_id: &str) -> Self {
        let in_folder = std::fs::read(folder.join(FILE_NAME)).ok();
        let in_keystore = match keystore {
            Keystore::System(_) => keystore.find(&name(key_id)).ok().flatten().map(|text| text.as_bytes().to_vec()),
            // It lies in the same folder.
            Keystore::File(_) => None,
        };
        let notes = [in_folder, in_keystore].into_iter().flatten();
        Self { notes: notes.filter_map(|bytes| serde_json::from_slice(&bytes).ok()).collect() }
    }

    /// Whether the file is an older copy.
    pub(crate) fn is_ahead_of(&self, file: &Life) -> bool {
        self.notes.iter().any(|note| note.is_ahead_of(file))
    }

    /// How often the file was opened, as far as the notes tell.
    pub(crate) fn opened(&self) -> i64 {
        self.notes.iter().map(|note| note.opened).max().unwrap_or(0)
    }
}

/// Writes the notes. A keystore that does not answer leaves the one in the folder.
///
/// # Errors
/// `disk_full`, `disk_failed`.
pub(crate) fn note(folder: &Path, keystore: &Keystore, key_id: &str, life: &Life) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(life).map_err(std::io::Error::from)?;
    write_private(&folder.join(FILE_NAME), &bytes)?;
    match keystore {
        Keystore::System(_) => {
            let text = String::from_utf8_lossy(&bytes);
            if let Err(error) = keystore.put(&name(key_id), &text) {
                tracing::warn!(%error, "the life of the till's file could not be noted in the keystore");
            }
        }
        Keystore::File(_) => {}
    }
    Ok(())
}

fn name(key_id: &str) -> String {
    format!("{key_id}/life")
}

#[cfg(test)]
mod tests {
    use super::*;
    use regulars_domain::Timestamp;

    /// What is noted, what the file says, and whether somebody put an older copy back.
    #[test]
    fn a_file_that_is_behind_its_note_is_an_older_copy() {
        let life = |life: u8, opened, next_number| Life {
            incarnation: Incarnation::mint(Timestamp::from_millis(1), [life; 10]),
            opened,
            next_number,
        };
        for (noted, file, is_older) in [
            (life(1, 3, 70), life(1, 3, 70), false),
            // The process was killed: the file went on after the note.
            (life(1, 3, 70), life(1, 3, 95), false),
            (life(1, 3, 70), life(1, 4, 95), false),
            // The copy is of yesterday, and of this morning.
            (life(1, 3, 70), life(1, 2, 70), true),
            (life(1, 3, 70), life(1, 3, 40), true),
            // The copy is of a life before.
            (life(2, 4, 1), life(1, 3, 70), true),
        ] {
            assert_eq!(noted.is_ahead_of(&file), is_older, "{noted:?} {file:?}");
        }
    }
}
