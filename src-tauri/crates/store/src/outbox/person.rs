//! What a person can do about a change that waits for them.

use super::merge::{CONFLICT, MAX_MERGES};
use super::remake::{Made, end, replace};
use super::{Change, ChangeState, QueuedChange, Stamp};
use crate::decisions::{self, Decision, Kept, Values};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::{audit, balance, derive, ledger, locations, members, mirror};
use regulars_domain::conflict::{Side, has_safer_side};
use regulars_domain::edit::{self, Document, Edit, FieldEdit};
use regulars_domain::{ChangeId, Refusal, RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde_json::{Value, json};

/// The remote does not have the member: no edit of theirs can be made there.
const NOBODY_THERE: [&str; 3] = ["gone_there", "not_there", "merged_there"];

/// Whether a parked change asks a person which of two values stays, field by field.
pub fn is_question(parked: &QueuedChange) -> bool {
    let is_edit = matches!(parked.change, Change::MemberEdited { .. } | Change::MembershipEdited { .. });
    is_edit && parked.problem.as_ref().is_some_and(|problem| problem.code == CONFLICT)
}

/// Whether a parked change asks a person whether the remote has it already.
pub fn is_in_doubt(parked: &QueuedChange) -> bool {
    parked.change.is_money() && parked.problem.as_ref().is_some_and(|problem| problem.code == super::IN_DOUBT)
}

/// Whether a change takes the place of money of which a person has said that the remote does not have it.
pub(super) fn is_said_lacking(connection: &Connection, change: ChangeId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox AS new CROSS JOIN outbox AS asked
         ON asked.entry_id = new.entry_id OR asked.visit_id = new.visit_id
         WHERE new.change_id = :id AND asked.state = 'replaced' AND asked.problem_code = :doubt)",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(change), ":doubt": super::IN_DOUBT }, |row| row.get(0))?)
}

/// A person has looked at the remote: it has the money that was in doubt.
///
/// # Errors
/// `change_not_found`; `change_state` where nobody was asked that.
pub fn confirm_there(tx: &Transaction<'_>, change: ChangeId, stamp: Stamp) -> Result<(), StoreError> {
    let parked = get_parked(tx, change)?;
    if !is_in_doubt(&parked) {
        return Err(StoreError::ChangeState("of this change it is not in doubt whether the remote has it"));
    }
    super::settle::done(tx, change, stamp.at)?;
    log(tx, &parked, "change_confirmed", json!({ "change": change }), None, stamp)
}

/// Tries a parked change again, now. `id` is for the change that takes its place where the remote has refused this
/// one for good: it has noted the number, so the same would only be refused again. Of a question, this till's values
/// are chosen.
///
/// # Errors
/// `change_not_found`; `change_state` where it does not wait for a person.
pub fn retry(tx: &Transaction<'_>, change: ChangeId, id: ChangeId, stamp: Stamp) -> Result<(), StoreError> {
    let mut parked = get_parked(tx, change)?;
    if is_question(&parked) {
        return decide(tx, &parked, &|_| Some(Side::Ours), Some(id), stamp).map(|_| ());
    }
    let there = find_there(tx, &parked)?.unwrap_or_default();
    // The person has seen what stands there now and wants theirs all the same; what that replaces stays in the history.
    // Later edits go with it as they were made: of what they meet nobody has been asked.
    parked.change = match parked.change.clone() {
        Change::MemberEdited { member_id, edit } => {
            note_replaced(tx, &parked, &edit, &there, stamp)?;
            Change::MemberEdited { member_id, edit: rebased(edit, &there) }
        }
        Change::MembershipEdited { member_id, location_id, edit } => {
            note_replaced(tx, &parked, &edit, &there, stamp)?;
            Change::MembershipEdited { member_id, location_id, edit: rebased(edit, &there) }
        }
        same => same,
    };
    take_in_followers(tx, &mut parked)?;
    let renewed = parked.change.clone();
    let leads_nowhere = match &renewed {
        Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. } => edit.is_empty(),
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberAdded { .. }
        | Change::MembershipAdded { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::EntryAdded { .. }
        | Change::VisitAdded { .. }
        | Change::LabelPut { .. } => false,
    };
    let made = if leads_nowhere { vec![] } else { vec![Made { id, change: renewed, stamp, problem: None }] };
    replace(tx, &parked, &made, 0, ("replaced", stamp.at))?;
    if is_in_doubt(&parked) {
        // The person has looked: the remote does not have it.
        balance::drop_guard(tx, change)?;
    }
    balance::hand_guard_on(tx, change, id)?;
    if let Some(member) = parked.member_id {
        derive::member(tx, &members::Places::read(tx)?, member, stamp.at)?;
    }
    log(tx, &parked, "change_retried", json!({ "change": change, "replaced_by": id }), None, stamp)
}

/// What a remote refused because it did not know the member goes on its way, as it was, where the remote tells of them by
/// now: an older copy of its database had been put back, and another till has given them back. `new_id` makes the ids of
/// what takes their place.
///
/// # Errors
/// As any write.
pub fn take_up_known(
    tx: &Transaction<'_>,
    remote: RemoteId,
    at: Timestamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT change_id FROM outbox INDEXED BY outbox_open
         WHERE remote_id = :remote AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND state = 'parked' AND problem_code = 'member_unknown' AND merges < :most
           AND EXISTS (SELECT 1 FROM mirror WHERE mirror.remote_id = :remote AND mirror.member_id = outbox.member_id
                       AND NOT mirror.is_deleted)
         ORDER BY place, outbox.rowid",
    )?;
    let ids = statement
        .query_map(named_params! { ":remote": Sql(remote), ":most": MAX_MERGES }, |row| {
            Ok(row.get::<_, Sql<ChangeId>>(0)?.0)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for id in ids {
        let mut refused = get_parked(tx, id)?;
        take_in_followers(tx, &mut refused)?;
        let stamp = Stamp { at: refused.made_at, staff_id: refused.staff_id };
        let made = Made { id: new_id(), change: refused.change.clone(), stamp, problem: None };
        // Counted: what is refused all the same, as by a token that may not see them any more, waits for a person.
        replace(tx, &refused, &[made], refused.merges + 1, ("replaced", at))?;
        if let Some(member) = refused.member_id {
            derive::member(tx, &members::Places::read(tx)?, member, at)?;
        }
    }
    Ok(())
}

/// Decides a question: per field, whose value stays. `id` is for the change that says so, where this till's does.
/// Answers it where it was needed.
///
/// # Errors
/// `change_not_found`; `change_state` where it is no question; `choice_missing` with the first field that has no choice.
pub fn resolve(
    tx: &Transaction<'_>,
    change: ChangeId,
    choose: &dyn Fn(&str) -> Option<Side>,
    id: ChangeId,
    stamp: Stamp,
) -> Result<Option<ChangeId>, StoreError> {
    let parked = get_parked(tx, change)?;
    if !is_question(&parked) {
        return Err(StoreError::ChangeState(
            "this change is to be tried again or given up, there is nothing to choose",
        ));
    }
    decide(tx, &parked, choose, Some(id), stamp)
}

/// Keeps what somebody else made of the fields of an edit that is tried again all the same.
fn note_replaced(
    tx: &Transaction<'_>,
    parked: &QueuedChange,
    edit: &Edit,
    there: &Document,
    stamp: Stamp,
) -> Result<(), StoreError> {
    for (path, field) in edit.fields.iter().filter(|(path, _)| !has_safer_side(path)) {
        let theirs = edit::get(there, path).unwrap_or(&Value::Null);
        if *theirs != field.before && *theirs != field.after {
            note_decision(tx, parked, path, field, theirs, Side::Ours, stamp)?;
        }
    }
    Ok(())
}

/// The edit by somebody who saw what stands there; fields that stand so already drop out. Of a block, a consent that was
/// withdrawn and a hold nobody was asked: those meet by their rule what came meanwhile.
fn rebased(mut edit: Edit, there: &Document) -> Edit {
    for (path, field) in &mut edit.fields {
        let theirs = edit::get(there, path).unwrap_or(&Value::Null);
        if !has_safer_side(path) || *theirs == field.after {
            field.before = theirs.clone();
        }
    }
    edit.fields.retain(|_, field| field.before != field.after);
    edit
}

/// What the change's remote has of the member, or of how they stand at the shop, where it has them.
///
/// # Errors
/// As any read.
pub fn find_there(tx: &Transaction<'_>, parked: &QueuedChange) -> Result<Option<Document>, StoreError> {
    let (Some(remote), Some(member)) = (parked.remote_id, parked.member_id) else { return Ok(None) };
    let Some((view, _)) = mirror::find_view(tx, remote, member)? else { return Ok(None) };
    let Some(location) = parked.change.location_id() else { return Ok(Some(view.document)) };
    let pos_id = crate::locations::get(tx, location)?.pos_id;
    let here = view.memberships.into_iter().find(|membership| membership.pos_id == pos_id);
    Ok(here.map(|membership| membership.terms))
}

fn decide(
    tx: &Transaction<'_>,
    parked: &QueuedChange,
    choose: &dyn Fn(&str) -> Option<Side>,
    id: Option<ChangeId>,
    stamp: Stamp,
) -> Result<Option<ChangeId>, StoreError> {
    let (Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. }) = &parked.change else {
        return Err(StoreError::ChangeState("this change has no fields to choose between"));
    };
    let there = find_there(tx, parked)?.unwrap_or_default();
    let mut ours = Edit::default();
    for (path, field) in &edit.fields {
        let side = choose(path).ok_or_else(|| Refusal::ChoiceMissing { field: path.clone() })?;
        let theirs = edit::get(&there, path).cloned().unwrap_or(Value::Null);
        note_decision(tx, parked, path, field, &theirs, side, stamp)?;
        if side == Side::Ours && theirs != field.after {
            ours.fields.insert(path.clone(), FieldEdit { before: theirs, after: field.after.clone() });
        }
    }
    let made = match (id.filter(|_| !ours.is_empty()), parked.change.clone()) {
        (Some(id), Change::MembershipEdited { member_id, location_id, .. }) => {
            let change = Change::MembershipEdited { member_id, location_id, edit: ours };
            vec![Made { id, change, stamp, problem: None }]
        }
        (Some(id), Change::MemberEdited { member_id, .. }) => {
            vec![Made { id, change: Change::MemberEdited { member_id, edit: ours }, stamp, problem: None }]
        }
        (_, _) => vec![],
    };
    let ended = if made.is_empty() { "discarded" } else { "replaced" };
    replace(tx, parked, &made, 0, (ended, stamp.at))?;
    if let Some(member) = parked.member_id {
        derive::member(tx, &members::Places::read(tx)?, member, stamp.at)?;
    }
    let replaced_by = made.first().map(|made| made.id);
    log(tx, parked, "conflict_decided", json!({ "change": parked.id, "replaced_by": replaced_by }), None, stamp)?;
    Ok(replaced_by)
}

/// What was undecided is decided now; the value that lost stays in the history.
fn note_decision(
    tx: &Transaction<'_>,
    parked: &QueuedChange,
    path: &str,
    field: &FieldEdit,
    theirs: &Value,
    side: Side,
    stamp: Stamp,
) -> Result<(), StoreError> {
    let Some(member_id) = parked.member_id else { return Ok(()) };
    let asked = decisions::list_of_task(tx, parked.id)?;
    let asked = asked.into_iter().find(|asked| asked.kept == Kept::Undecided && asked.values.field == path);
    if let Some(asked) = &asked {
        decisions::delete(tx, asked.id)?;
    }
    let (kept, lost) = match side {
        Side::Ours => (Kept::Ours, (*theirs != field.before).then_some(Side::Theirs)),
        Side::Theirs => (Kept::Theirs, Some(Side::Ours)),
    };
    let values = Values {
        field: path.to_owned(),
        before: field.before.clone(),
        ours: field.after.clone(),
        theirs: theirs.clone(),
    };
    decisions::insert(
        tx,
        &Decision {
            id: 0,
            member_id,
            location_id: parked.change.location_id(),
            change_id: asked.as_ref().map_or(parked.id, |asked| asked.change_id),
            task_id: Some(parked.id),
            at: stamp.at,
            staff_id: stamp.staff_id,
            ours_at: asked.as_ref().map_or(parked.made_at, |asked| asked.ours_at),
            theirs_at: asked.and_then(|asked| asked.theirs_at),
            kept,
            lost,
            is_by_person: true,
            values,
            brought_back_at: None,
        },
    )
}

/// Gives a parked change up: the member stands again as the remote has them. Of somebody whom the remote does not have,
/// later edits are given up with it.
///
/// # Errors
/// `change_not_found`; `change_state` where it does not wait for a person; `money_cannot_be_discarded`;
/// `has_dependents` for a registration that other changes need.
pub fn discard(tx: &Transaction<'_>, change: ChangeId, reason: &str, stamp: Stamp) -> Result<(), StoreError> {
    let parked = get_parked(tx, change)?;
    if parked.change.is_money() {
        return Err(StoreError::MoneyCannotBeDiscarded);
    }
    let (facts, personal) = (json!({ "change": change }), Some(json!({ "reason": reason })));
    if is_question(&parked) {
        decide(tx, &parked, &|_| Some(Side::Theirs), None, stamp)?;
        return log(tx, &parked, "change_discarded", facts, personal, stamp);
    }
    if has_dependents(tx, &parked)? {
        return Err(StoreError::HasDependents);
    }
    end(tx, change, "discarded", stamp.at)?;
    if parked.problem.as_ref().is_some_and(|problem| NOBODY_THERE.contains(&problem.code.as_str())) {
        give_up_later_edits(tx, &parked, stamp)?;
    }
    if let Change::LocationEdited { location_id, edit } = &parked.change {
        let shop = locations::get(tx, *location_id)?;
        let back = shop.location.untouched(edit.inverse());
        locations::update_facts(tx, shop.id, &shop.location.edited(&back)?)?;
    }
    if let Some(member) = parked.member_id {
        let is_registration = matches!(parked.change, Change::MemberAdded { .. });
        if is_registration && ledger::list_of_member(tx, member)?.is_empty() && !mirror::exists(tx, member)? {
            members::remove(tx, member)?;
        } else {
            derive::member(tx, &members::Places::read(tx)?, member, stamp.at)?;
        }
    }
    log(tx, &parked, "change_discarded", facts, personal, stamp)
}

/// Each later edit would only ask the same of the same person, one exchange after the other.
fn give_up_later_edits(tx: &Transaction<'_>, parked: &QueuedChange, stamp: Stamp) -> Result<(), StoreError> {
    let Some(member) = parked.member_id else { return Ok(()) };
    for later in super::list_open_of_member(tx, member)? {
        let is_later = (later.place, later.number) > (parked.place, parked.number);
        let is_edit = matches!(later.change, Change::MemberEdited { .. } | Change::MembershipEdited { .. });
        let waits = matches!(later.state, ChangeState::Ready | ChangeState::Unknown | ChangeState::Parked);
        if is_later && is_edit && waits && later.remote_id == parked.remote_id {
            end(tx, later.id, "discarded", stamp.at)?;
            log(tx, &later, "change_discarded", json!({ "change": later.id, "with": parked.id }), None, stamp)?;
        }
    }
    Ok(())
}

/// Whether changes that are still to be sent cannot be without this one. Who waits for an edit only keeps the order: given
/// up, it lets them go. Nor does anything need the registration of somebody whom the remote knows, deleted or not.
///
/// # Errors
/// As any read.
pub fn has_dependents(connection: &Connection, parked: &QueuedChange) -> Result<bool, StoreError> {
    match parked.change {
        Change::LocationAdded { .. } | Change::MemberAdded { .. } | Change::MembershipAdded { .. } => {}
        Change::LocationEdited { .. }
        | Change::MemberEdited { .. }
        | Change::MembershipEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::LabelPut { .. }
        | Change::EntryAdded { .. }
        | Change::VisitAdded { .. } => return Ok(false),
    }
    if let (Change::MemberAdded { member_id, .. }, Some(remote)) = (&parked.change, parked.remote_id)
        && mirror::find_view(connection, remote, *member_id)?.is_some()
    {
        return Ok(false);
    }
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox_dependencies CROSS JOIN outbox ON outbox.change_id = outbox_dependencies.change_id
         WHERE depends_on = :id AND state IN ('ready', 'in_flight', 'unknown', 'parked'))",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(parked.id) }, |row| row.get(0))?)
}

/// What travelled with a change goes on with the one that takes its place, and so do later edits that only wait for it:
/// one of them may be what makes it right.
fn take_in_followers(tx: &Transaction<'_>, parked: &mut QueuedChange) -> Result<(), StoreError> {
    let Some(member) = parked.member_id else { return Ok(()) };
    for later in super::list_open_of_member(tx, member)? {
        let is_later = (later.place, later.number) > (parked.place, parked.number);
        let is_follower = later.folded_into == Some(parked.id);
        let waits = later.state == ChangeState::Ready && later.attempts == 0 && later.first_sent_at.is_none();
        if !is_later || later.remote_id != parked.remote_id || !(is_follower || waits) {
            continue;
        }
        if parked.absorb(later.change) && !is_follower {
            tx.prepare_cached("UPDATE outbox SET state = 'folded', folded_into = :into WHERE change_id = :id")?
                .execute(named_params! { ":into": Sql(parked.id), ":id": Sql(later.id) })?;
        }
    }
    Ok(())
}

impl QueuedChange {
    /// Takes a later edit of the same thing into this change. Answers whether it is one that can.
    fn absorb(&mut self, later: Change) -> bool {
        match (&mut self.change, later) {
            (_, Change::MemberEdited { edit, .. }) if super::merged_into(&edit).is_some() => false,
            (_, Change::MemberEdited { edit, .. }) => self.take_in(edit),
            (
                Change::MembershipEdited { edit, location_id, .. },
                Change::MembershipEdited { edit: later, location_id: at, .. },
            ) if *location_id == at => {
                *edit = std::mem::take(edit).then(later);
                true
            }
            (_, _) => false,
        }
    }
}

fn get_parked(tx: &Transaction<'_>, change: ChangeId) -> Result<QueuedChange, StoreError> {
    // Before it is opened: what ended may be of somebody who was erased since.
    let mut statement = tx.prepare_cached("SELECT state FROM outbox WHERE change_id = :id")?;
    let state = statement.query_row(named_params! { ":id": Sql(change) }, |row| row.get(0)).optional()?;
    match state.ok_or(StoreError::ChangeNotFound)? {
        ChangeState::Parked => super::get(tx, change),
        ChangeState::Ready
        | ChangeState::InFlight
        | ChangeState::Unknown
        | ChangeState::Folded
        | ChangeState::Done
        | ChangeState::Discarded
        | ChangeState::Replaced => Err(StoreError::ChangeState("this change does not wait for a person")),
    }
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
