//! A file that takes room while there is some, and gives it back when the disk is full: what is under way then can be
//! ended, and what waits can be sent. It holds nothing.

use crate::error::StoreError;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

const NAME: &str = "till.ballast";
/// A day of a busy till, journal and file together.
const LEN: u64 = 16 * 1024 * 1024;
/// Written at once.
const BLOCK: usize = 64 * 1024;

/// Takes the room, where it is not taken yet. A disk that has none is left alone.
///
/// # Errors
/// `disk_full`, `disk_failed`; then nothing is taken.
pub fn fill(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(NAME);
    if fs::metadata(&path).is_ok_and(|file| file.len() == LEN) {
        return Ok(());
    }
    let filled = write(&path);
    if filled.is_err() {
        free(folder);
    }
    filled
}

/// Gives the room back. Answers whether there was any.
pub(crate) fn free(folder: &Path) -> bool {
    let path = folder.join(NAME);
    let has_room = fs::metadata(&path).is_ok_and(|file| file.len() > 0);
    let is_freed = has_room && File::options().write(true).open(&path).and_then(|file| file.set_len(0)).is_ok();
    if is_freed {
        tracing::warn!("the disk is full: the room that was kept for this is given back");
    }
    is_freed
}

/// Bytes of no order, since a file system may store equal ones in no room at all.
fn write(path: &Path) -> Result<(), StoreError> {
    let mut file = File::create(path)?;
    let (mut block, mut state) = (vec![0; BLOCK], 0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..LEN / BLOCK as u64 {
        for chunk in block.chunks_exact_mut(8) {
            // xorshift64 (Marsaglia 2003).
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block)?;
    }
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_once_and_given_back_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let len = || fs::metadata(folder.path().join(NAME)).map_or(0, |file| file.len());
        assert!(!free(folder.path()));
        fill(folder.path()).expect("filled");
        fill(folder.path()).expect("filled");
        assert_eq!(len(), LEN);
        assert!(free(folder.path()));
        assert!(!free(folder.path()));
        assert_eq!(len(), 0);
        fill(folder.path()).expect("filled");
        assert_eq!(len(), LEN);
    }
}
