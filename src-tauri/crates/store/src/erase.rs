//! Erasing a person: the working row, what is mirrored and what was decided go at once, the member's key as soon as
//! nothing sealed with it is still to be sent. Sums, chains and the bytes of what was sent stay, unreadable.

use crate::error::StoreError;
use crate::sql::Sql;
use crate::{members, outbox, sealing};
use regulars_domain::{MemberId, Timestamp};
use rusqlite::{Connection, Transaction, named_params};

/// What the mirror holds of somebody who was erased: no more than that they are.
pub(crate) const NOTHING: &str = r#"{"document":{},"memberships":[]}"#;

/// Whether a person was erased at a remote.
pub(crate) fn is_erased(connection: &Connection, member: MemberId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM mirror WHERE member_id = :member AND is_deleted = 1 AND content = :nothing)",
    )?;
    Ok(statement.query_row(named_params! { ":member": Sql(member), ":nothing": NOTHING }, |row| row.get(0))?)
}

/// Takes a person out of sight at once: their working row, and their edits that wait. Once the remote has confirmed it,
/// or none is to be told, everything goes that was known of them; money that waits is still sent, and the key goes
/// after it.
pub(crate) fn run(tx: &Transaction<'_>, member: MemberId, at: Timestamp) -> Result<(), StoreError> {
    let is_erased_there = is_erased(tx, member)?;
    outbox::give_up_edits(tx, member, is_erased_there, at)?;
    members::remove(tx, member)?;
    let has_open = outbox::has_open_of_member(tx, member)?;
    if has_open && !is_erased_there {
        // The remote may refuse it, while credit is open: then they stand again as it has them.
        return Ok(());
    }
    let params = named_params! { ":member": Sql(member) };
    tx.prepare_cached("UPDATE mirror SET content = :nothing WHERE member_id = :member AND content <> :nothing")?
        .execute(named_params! { ":member": Sql(member), ":nothing": NOTHING })?;
    tx.prepare_cached("DELETE FROM decisions WHERE member_id = :member")?.execute(params)?;
    // Told under their id, under the key that they have there, or as money of theirs.
    tx.prepare_cached(
        "DELETE FROM pull_quarantine WHERE remote_key = :member
         OR (remote_id, remote_key) IN (SELECT remote_id, remote_key FROM mirror WHERE member_id = :member)
         OR CASE WHEN json_valid(content) THEN json_extract(content, '$.member_id') = :text END",
    )?
    .execute(named_params! { ":member": Sql(member), ":text": member.to_string() })?;
    // A remote may have said why in words that repeat what was sent.
    tx.prepare_cached(
        "UPDATE outbox SET problem_message = NULL WHERE member_id = :member AND problem_message IS NOT NULL
           AND state NOT IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?
    .execute(params)?;
    tx.prepare_cached("UPDATE import_rows SET undo = NULL WHERE member_id = :member")?.execute(params)?;
    if has_open { Ok(()) } else { sealing::destroy_key(tx, member) }
}
