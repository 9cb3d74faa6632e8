//! What a person can do about a change that waits for them.

use super::{Change, ChangeState, QueuedChange, Stamp};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::{audit, derive, ledger, members, mirror};
use regulars_domain::ChangeId;
use rusqlite::{Connection, Transaction, named_params};
use serde_json::{Value, json};

/// Tries a parked change again, now. `id` is for the change that takes its place where the remote has refused this
/// one for good: it has noted the number, so the same would only be refused again.
///
/// # Errors
/// `change_not_found`; `change_state` where it does not wait for a person.
pub fn retry(tx: &Transaction<'_>, change: ChangeId, id: ChangeId, stamp: Stamp) -> Result<(), StoreError> {
    let mut parked = get_parked(tx, change)?;
    take_in_followers(tx, &mut parked)?;
    let renewed = match parked.change.clone() {
        // The person has seen what stands there now and wants theirs all the same.
        Change::MemberEdited { member_id, edit } => {
            let base = mirror::find_document(tx, member_id)?.unwrap_or_default();
            Change::MemberEdited { member_id, edit: edit.rebased(&base) }
        }
        Change::MembershipEdited { member_id, location_id, edit } => {
            let pos_id = crate::locations::get(tx, location_id)?.pos_id;
            let base = mirror::find_terms(tx, member_id, &pos_id)?.unwrap_or_default();
            Change::MembershipEdited { member_id, location_id, edit: edit.rebased(&base) }
        }
        same => same,
    };
    super::enqueue(tx, id, parked.remote_id, &renewed, stamp)?;
    stand_in(tx, id, change)?;
    end(tx, change, "replaced", stamp)?;
    log(tx, &parked, "change_retried", json!({ "change": change, "replaced_by": id }), None, stamp)
}

/// Gives a parked change up: the member stands again as the remote has them.
///
/// # Errors
/// `change_not_found`; `change_state` where it does not wait for a person; `money_cannot_be_discarded`;
/// `has_dependents` for a registration that other changes need.
pub fn discard(tx: &Transaction<'_>, change: ChangeId, reason: &str, stamp: Stamp) -> Result<(), StoreError> {
    let parked = get_parked(tx, change)?;
    if parked.change.is_money() {
        return Err(StoreError::MoneyCannotBeDiscarded);
    }
    if has_dependents(tx, change)? {
        return Err(StoreError::HasDependents);
    }
    end(tx, change, "discarded", stamp)?;
    if let Some(member) = parked.member_id {
        let is_registration = matches!(parked.change, Change::MemberAdded { .. });
        if is_registration && ledger::list_of_member(tx, member)?.is_empty() && !mirror::exists(tx, member)? {
            members::remove(tx, member)?;
        } else {
            derive::member(tx, &members::Places::read(tx)?, member, stamp.at)?;
        }
    }
    log(tx, &parked, "change_discarded", json!({ "change": change }), Some(json!({ "reason": reason })), stamp)
}

/// Lets a new change stand where an old one stood: before what came after that, and waiting for nothing but what that
/// waited for. Behind the others it would wait for those that wait for it.
pub(crate) fn stand_in(tx: &Transaction<'_>, new: ChangeId, old: ChangeId) -> Result<(), StoreError> {
    let params = named_params! { ":new": Sql(new), ":old": Sql(old) };
    for sql in [
        "DELETE FROM outbox_dependencies WHERE change_id = :new AND :old IS NOT NULL",
        "UPDATE outbox_dependencies SET change_id = :new WHERE change_id = :old",
        "UPDATE outbox_dependencies SET depends_on = :new WHERE depends_on = :old",
    ] {
        tx.prepare_cached(sql)?.execute(params)?;
    }
    let place_of = |id: ChangeId| {
        let mut statement = tx.prepare_cached("SELECT rowid FROM outbox WHERE change_id = :id")?;
        Ok::<i64, StoreError>(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?)
    };
    let (behind, place) = (place_of(new)?, place_of(old)?);
    // No two rows have one place, also not between two statements.
    for (id, to) in [(new, -1), (old, behind), (new, place)] {
        tx.prepare_cached("UPDATE outbox SET rowid = :to WHERE change_id = :id")?
            .execute(named_params! { ":to": to, ":id": Sql(id) })?;
    }
    Ok(())
}

/// Whether changes that are still to be sent need this one.
///
/// # Errors
/// As any read.
pub fn has_dependents(connection: &Connection, change: ChangeId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox_dependencies CROSS JOIN outbox ON outbox.change_id = outbox_dependencies.change_id
         WHERE depends_on = :id AND state IN ('ready', 'in_flight', 'unknown', 'parked'))",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(change) }, |row| row.get(0))?)
}

/// What travelled with a change goes on with the one that takes its place.
fn take_in_followers(tx: &Transaction<'_>, parked: &mut QueuedChange) -> Result<(), StoreError> {
    let Some(member) = parked.member_id else { return Ok(()) };
    for later in super::list_open_of_member(tx, member)? {
        if let (Some(leader), Change::MemberEdited { edit, .. }) = (later.folded_into, later.change) {
            let _is_edit = leader == parked.id && parked.take_in(edit);
        }
    }
    Ok(())
}

fn get_parked(tx: &Transaction<'_>, change: ChangeId) -> Result<QueuedChange, StoreError> {
    let parked = super::get(tx, change)?;
    match parked.state {
        ChangeState::Parked => Ok(parked),
        ChangeState::Ready
        | ChangeState::InFlight
        | ChangeState::Unknown
        | ChangeState::Folded
        | ChangeState::Done
        | ChangeState::Discarded
        | ChangeState::Replaced => Err(StoreError::ChangeState("this change does not wait for a person")),
    }
}

/// Ends a change and what was folded into it.
fn end(tx: &Transaction<'_>, change: ChangeId, state: &str, stamp: Stamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE outbox SET state = :state, ended_at = :at WHERE change_id = :id")?
        .execute(named_params! { ":state": state, ":at": Sql(stamp.at), ":id": Sql(change) })?;
    super::settle::end_followers(tx, change, state, stamp.at)
}

fn log(
    tx: &Transaction<'_>,
    parked: &QueuedChange,
    action: &str,
    facts: Value,
    personal: Option<Value>,
    stamp: Stamp,
) -> Result<(), StoreError> {
    let entry =
        audit::Entry { at: stamp.at, staff_id: stamp.staff_id, action, member_id: parked.member_id, facts, personal };
    audit::append(tx, entry)
}
