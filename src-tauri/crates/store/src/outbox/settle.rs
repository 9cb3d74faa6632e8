//! What an answer, or the lack of one, makes of a change.

use crate::balance;
use crate::error::StoreError;
use crate::remotes::Problem;
use crate::sql::Sql;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, Timestamp};
use rusqlite::{Transaction, named_params};

/// How sending a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The remote has it.
    Done,
    /// The remote knows a change of this id that says something else: another copy of the till's file let other edits
    /// travel with it. It is there; what travels with this one is sent by itself.
    KnownOtherwise,
    /// Not a byte left: the bytes thaw, and the attempt does not count.
    NotSent {
        /// To be sent again then.
        due_at: Timestamp,
    },
    /// It was answered "not now": the attempt does not count, the bytes stay.
    Postponed {
        /// To be sent again then.
        due_at: Timestamp,
    },
    /// It was sent, and may or may not have had its effect.
    Unknown {
        /// To be looked into then.
        due_at: Timestamp,
        /// What went wrong.
        problem: Problem,
    },
    /// A person must look at it.
    Parked {
        /// Why.
        problem: Problem,
    },
}

/// Writes down how sending a change ended, for it and for what is folded into it.
///
/// # Errors
/// As any write.
pub fn settle(tx: &Transaction<'_>, id: ChangeId, settlement: &Settlement, at: Timestamp) -> Result<(), StoreError> {
    match settlement {
        Settlement::Done => done(tx, id, at),
        Settlement::KnownOtherwise => {
            free_followers(tx, id)?;
            done(tx, id, at)
        }
        Settlement::NotSent { due_at } => not_sent(tx, id, *due_at),
        Settlement::Postponed { due_at } => {
            tx.prepare_cached(
                "UPDATE outbox SET state = 'ready', attempts = attempts - 1, due_at = :due,
                 first_sent_at = coalesce(first_sent_at, claimed_at) WHERE change_id = :id AND state = 'in_flight'",
            )?
            .execute(named_params! { ":due": Sql(*due_at), ":id": Sql(id) })?;
            Ok(())
        }
        Settlement::Unknown { due_at, problem } => {
            tx.prepare_cached(
                "UPDATE outbox SET state = 'unknown', due_at = :due, first_sent_at = coalesce(first_sent_at, claimed_at),
                 problem_code = :code, problem_message = :message, problem_field = :field
                 WHERE change_id = :id AND state = 'in_flight'",
            )?
            .execute(named_params! {
                ":due": Sql(*due_at),
                ":code": problem.code,
                ":message": problem.message,
                ":field": problem.field,
                ":id": Sql(id),
            })?;
            Ok(())
        }
        Settlement::Parked { problem } => park(tx, id, problem, at),
    }
}

pub(super) fn park(tx: &Transaction<'_>, id: ChangeId, problem: &Problem, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'parked', ended_at = :at, problem_code = :code, problem_message = :message,
         problem_field = :field, first_sent_at = coalesce(first_sent_at, claimed_at) WHERE change_id = :id",
    )?
    .execute(named_params! {
        ":at": Sql(at),
        ":code": problem.code,
        ":message": problem.message,
        ":field": problem.field,
        ":id": Sql(id),
    })?;
    Ok(())
}

pub(super) fn done(tx: &Transaction<'_>, id: ChangeId, at: Timestamp) -> Result<(), StoreError> {
    if is_planted(Mistake::AcknowledgedByMemberAlone) {
        tx.execute(
            "UPDATE outbox SET state = 'done' WHERE state = 'ready'
             AND member_id = (SELECT member_id FROM outbox WHERE change_id = ?1)",
            [Sql(id)],
        )?;
    }
    tx.prepare_cached(
        "UPDATE outbox SET state = 'done', ended_at = :at, first_sent_at = coalesce(first_sent_at, claimed_at),
         problem_code = NULL, problem_message = NULL, problem_field = NULL WHERE change_id = :id",
    )?
    .execute(named_params! { ":at": Sql(at), ":id": Sql(id) })?;
    balance::drop_guard(tx, id)?;
    end_followers(tx, id, "done", at)
}

/// Ends what travelled with a change as that ended.
pub(super) fn end_followers(tx: &Transaction<'_>, id: ChangeId, state: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = :state, ended_at = :at
         WHERE member_id = (SELECT member_id FROM outbox WHERE change_id = :id) AND folded_into = :id
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'folded'",
    )?
    .execute(named_params! { ":state": state, ":at": Sql(at), ":id": Sql(id) })?;
    Ok(())
}

fn free_followers(tx: &Transaction<'_>, id: ChangeId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'ready', folded_into = NULL
         WHERE member_id = (SELECT member_id FROM outbox WHERE change_id = :id) AND folded_into = :id
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'folded'",
    )?
    .execute(named_params! { ":id": Sql(id) })?;
    Ok(())
}

/// Thaws what never left. Bytes that an earlier attempt did send stay as they are.
fn not_sent(tx: &Transaction<'_>, id: ChangeId, due_at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = CASE WHEN first_sent_at IS NULL THEN 'ready' ELSE 'unknown' END,
         attempts = attempts - 1, due_at = :due, frozen = CASE WHEN first_sent_at IS NULL THEN NULL ELSE frozen END
         WHERE change_id = :id AND state = 'in_flight'",
    )?
    .execute(named_params! { ":due": Sql(due_at), ":id": Sql(id) })?;
    tx.prepare_cached(
        "UPDATE outbox SET state = 'ready', folded_into = NULL
         WHERE member_id = (SELECT member_id FROM outbox WHERE change_id = :id) AND folded_into = :id
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'folded'
           AND (SELECT frozen FROM outbox WHERE change_id = :id) IS NULL",
    )?
    .execute(named_params! { ":id": Sql(id) })?;
    Ok(())
}
