//! The lives of head office's database. A copy that was put back begins a new one: what was committed after it was made
//! is not in it, though tills saw it, so each till pulls anew and gives back what it has (`give_back`).

use crate::error::HeadOfficeError;
use crate::storage::{Rows, StoredBefore};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{MemberId, Timestamp};
use sha2::{Digest, Sha256};

/// How far the versions of a new life lie behind those of the copy, at least: more than any life gives out, so that no
/// version ever means two things. Drawn within as much again, since the same copy may be put back twice.
const LEAP: i64 = 1 << 40;

/// How far the versions of a start lie behind those of the one before, at least: more than are given out between two looks
/// of a till, few enough for four thousand million starts. Drawn within as much again.
const STEP: i64 = 1 << 20;

/// The program starts: it begins a new life where the file is a copy that was put back, and leaps ahead in any case.
/// Nothing may lie beside a copy that tells what it is; what it gives out from here on must then be nothing that a till
/// was told after the copy was made, or nobody would ever notice once it had come as far.
///
/// # Errors
/// Faults of the database.
pub fn start(rows: &mut dyn Rows, at: Timestamp) -> Result<(), HeadOfficeError> {
    if rows.is_put_back()? {
        tracing::warn!(
            "an older copy of this database was put back: it begins a new life, and tills give back what it lacks"
        );
        begin(rows, at)?;
    }
    if is_planted(Mistake::VersionsReused) {
        return Ok(());
    }
    let newest = rows.newest_version()?;
    let hash = hash(rows, b"another start\0", newest, at)?;
    rows.leap_to(newest.saturating_add(drawn(&hash, STEP)))
}

/// Begins a new life.
///
/// # Errors
/// Faults of the database.
pub fn begin(rows: &mut dyn Rows, at: Timestamp) -> Result<(), HeadOfficeError> {
    let newest = rows.newest_version()?;
    let hash = hash(rows, b"another life\0", newest, at)?;
    let epoch: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let leap = drawn(&hash, LEAP);
    let leap = if is_planted(Mistake::VersionsReused) { 1 } else { leap };
    rows.begin_life(&epoch, newest.saturating_add(leap))
}

fn hash(rows: &mut dyn Rows, what: &[u8], newest: i64, at: Timestamp) -> Result<[u8; 32], HeadOfficeError> {
    let mut hash = Sha256::new();
    hash.update(what);
    hash.update(rows.epoch()?);
    hash.update(newest.to_be_bytes());
    hash.update(at.as_millis().to_be_bytes());
    Ok(hash.finalize().into())
}

/// So much, and within as much again.
fn drawn(hash: &[u8; 32], least: i64) -> i64 {
    let mut drawn = [0; 8];
    drawn.copy_from_slice(&hash[16..24]);
    least + i64::from_be_bytes(drawn).rem_euclid(least)
}

/// What a till knows proves that this database knows less than it did, though it is in the same life: somebody put an
/// older copy back under the running program, or nothing lay beside it that could have told.
pub(crate) fn begin_where_less_is_known(
    rows: &mut dyn Rows,
    epoch: &str,
    at: Timestamp,
) -> Result<(), HeadOfficeError> {
    if rows.epoch()? == epoch {
        tracing::warn!("a till knows more of this database than it does itself: it begins a new life");
        begin(rows, at)?;
    }
    Ok(())
}

/// Keeps what a member was in the life before, before this life changes them for the first time.
pub(crate) fn keep_before(rows: &mut dyn Rows, id: MemberId) -> Result<(), HeadOfficeError> {
    let Some(stored) = rows.find_member(id)? else { return Ok(()) };
    if stored.version >= rows.life_began_at()? || rows.find_before(id)?.is_some() {
        return Ok(());
    }
    let before = StoredBefore {
        version: stored.version,
        document: serde_json::from_str(&stored.document)?,
        memberships: rows.list_memberships(id)?,
    };
    rows.put_before(id, &before)
}
