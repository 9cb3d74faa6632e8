//! Making a change anew: others take its place in the order of its member's changes, and what waited for it waits for
//! them.

use super::{Anew, Change, ChangeState, QueuedChange, Stamp};
use crate::erase;
use crate::error::StoreError;
use crate::remotes::Problem;
use crate::sql::Sql;
use regulars_domain::edit::Edit;
use regulars_domain::{ChangeId, MemberId, Timestamp};
use rusqlite::{Transaction, named_params};

/// A change that takes the place of another.
pub(super) struct Made {
    pub id: ChangeId,
    pub change: Change,
    pub stamp: Stamp,
    /// Why it waits for a person, where it does.
    pub problem: Option<Problem>,
}

/// Ends a change, with what travelled with it, and queues others in its place, one after the other.
pub(super) fn replace(
    tx: &Transaction<'_>,
    old: &QueuedChange,
    made: &[Made],
    merges: u32,
    (ended, at): (&str, Timestamp),
) -> Result<(), StoreError> {
    end(tx, old.id, ended, at)?;
    let mut before: Option<&Made> = None;
    for new in made {
        let anew = Anew { place: old.place, merges, problem: new.problem.as_ref() };
        super::insert(tx, new.id, old.remote_id, &new.change, new.stamp, Some(&anew))?;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
             SELECT :new, depends_on FROM outbox_dependencies WHERE change_id = :old",
        )?
        .execute(named_params! { ":new": Sql(new.id), ":old": Sql(old.id) })?;
        if let Some(before) = before.filter(|_| new.problem.is_none()) {
            super::insert_dependency(tx, new.id, before.id)?;
        }
        before = if new.problem.is_none() { Some(new) } else { before };
    }
    for dependent in list_dependents(tx, old.id)? {
        let waits_for = |new: &&Made| needs(&dependent.change, new) && dependent.id != new.id;
        for new in made.iter().filter(waits_for) {
            super::insert_dependency(tx, dependent.id, new.id)?;
        }
    }
    Ok(())
}

/// Whether two changes change the same thing: the same field, or all of a member.
pub(super) fn overlaps(one: &Change, other: &Change) -> bool {
    let share = |one: &Edit, other: &Edit| one.fields.keys().any(|path| other.fields.contains_key(path));
    match (one, other) {
        (Change::MemberEdited { edit, .. }, Change::MemberEdited { edit: other, .. }) => share(edit, other),
        (
            Change::MembershipEdited { edit, location_id, .. },
            Change::MembershipEdited { edit: other, location_id: at, .. },
        ) => location_id == at && share(edit, other),
        (Change::MemberRemoved { .. }, _) => true,
        (_, _) => false,
    }
}

/// What waited for a change waits for one that takes its place: money for what it needs alone, and everything else for
/// a question only where that is about the same.
fn needs(dependent: &Change, new: &Made) -> bool {
    match (&new.problem, dependent.is_money()) {
        (Some(_), _) => overlaps(dependent, &new.change),
        (None, true) => new.change.is_money() || matches!(new.change, Change::MemberAdded { .. }),
        (None, false) => true,
    }
}

fn list_dependents(tx: &Transaction<'_>, id: ChangeId) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT outbox_dependencies.change_id FROM outbox_dependencies
         CROSS JOIN outbox ON outbox.change_id = outbox_dependencies.change_id
         WHERE depends_on = :id AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?;
    let ids = statement
        .query_map(named_params! { ":id": Sql(id) }, |row| Ok(row.get::<_, Sql<ChangeId>>(0)?.0))?
        .collect::<Result<Vec<_>, _>>()?;
    ids.into_iter().map(|id| super::get(tx, id)).collect()
}

/// Ends a change and what was folded into it.
pub(super) fn end(tx: &Transaction<'_>, change: ChangeId, state: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = :state, ended_at = :at, first_sent_at = coalesce(first_sent_at, claimed_at)
         WHERE change_id = :id",
    )?
    .execute(named_params! { ":state": state, ":at": Sql(at), ":id": Sql(change) })?;
    super::settle::end_followers(tx, change, state, at)
}

/// Gives up what waits to be said of a person who was erased, and everything that no remote is to hear. What was sent
/// without an answer is still asked about; money that a remote is to hear of is still sent. So is, where the remote has
/// them still, who they turned out to be or not to be: by that it is judged whose money is whose.
pub(crate) fn give_up_edits(
    tx: &Transaction<'_>,
    member: MemberId,
    is_erased_there: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT change_id FROM outbox INDEXED BY outbox_open_of_member
         WHERE member_id = :member AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND (remote_id IS NULL
                OR (state IN ('ready', 'parked')
                    AND verb IN ('member_edited', 'membership_added', 'membership_edited', 'member_removed'))
                -- Others have erased them there meanwhile.
                OR (state = 'parked' AND verb = 'member_erased' AND EXISTS (
                    SELECT 1 FROM mirror WHERE mirror.remote_id = outbox.remote_id AND mirror.member_id = :member
                      AND mirror.is_deleted = 1 AND mirror.content = :nothing)))",
    )?;
    let ids = statement
        .query_map(named_params! { ":member": Sql(member), ":nothing": erase::NOTHING }, |row| {
            Ok(row.get::<_, Sql<ChangeId>>(0)?.0)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for id in ids {
        let queued = super::get(tx, id)?;
        let is_told = !is_erased_there && queued.remote_id.is_some() && queued.state == ChangeState::Ready;
        if !(is_told && is_merge(&queued.change)) {
            end(tx, id, "discarded", at)?;
        }
    }
    Ok(())
}

fn is_merge(change: &Change) -> bool {
    matches!(change, Change::MemberEdited { edit, .. } if edit.fields.contains_key("merged"))
}
