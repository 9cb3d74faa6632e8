//! What waits for a person: changes that the remote refused, and fields that were changed on two sides. And what a rule
//! decided already, which can be brought back.

use crate::cards;
use crate::changes::{self, MAX_LISTED};
use crate::error::AppError;
use crate::merge;
use crate::rights::Action;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::conflict::Side;
use regulars_domain::edit::{self, Edit, FieldEdit};
use regulars_domain::member::Merged;
use regulars_domain::{ChangeId, LocationId, MemberId, Refusal, Timestamp};
use regulars_store::decisions::{self, Decision, Kept, REMOVAL};
use regulars_store::outbox::{self, ChangeState, QueuedChange, Stamp};
use regulars_store::{StoreError, Transaction, members};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a refused change is given up where somebody chose what the remote has.
const CHOSE_REMOTE: &str = "what head office has was chosen";

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The change that waits. Its id is the task's.
    pub parked: QueuedChange,
    /// The member's name.
    pub member_name: Option<String>,
    /// What is to be done.
    pub kind: TaskKind,
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskKind {
    /// Choose, per field, whose value stays.
    Question {
        /// The fields.
        fields: Vec<Field>,
        /// What was merged beside them already.
        merged: Vec<Decision>,
    },
    /// The remote refused it: try again, change it, or give it up.
    Refused {
        /// Whether it can be given up.
        can_give_up: bool,
    },
    /// Money of which nobody can tell whether the remote has it: look there, then say that it has, or send it again.
    InDoubt,
}

/// A field that was changed on both sides, `null` standing for empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As in an edit.
    pub path: String,
    /// As it was before both.
    pub before: Value,
    /// What this till made of it.
    pub ours: Value,
    /// What the remote has now.
    pub theirs: Value,
    /// When the remote's was changed, by its clock.
    pub theirs_at: Option<Timestamp>,
}

/// Whose values stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choices {
    /// The same side's for all fields.
    All(Side),
    /// Per field.
    Each(BTreeMap<String, Side>),
}

/// Everything that waits for a person, oldest first; at most [`MAX_LISTED`].
///
/// # Errors
/// As any read.
pub fn list(till: &Till) -> Result<Vec<Task>, AppError> {
    till.read(|tx| {
        let open = outbox::list_open(tx, MAX_LISTED)?;
        open.into_iter().filter(|queued| queued.state == ChangeState::Parked).map(|parked| task(tx, parked)).collect()
    })
}

fn task(tx: &Transaction<'_>, parked: QueuedChange) -> Result<Task, AppError> {
    let member_name = parked.member_id.map(|id| members::find_name(tx, id)).transpose()?.flatten();
    let kind = match &parked.change {
        Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. } if outbox::is_question(&parked) => {
            question(tx, &parked, edit)?
        }
        _ if outbox::is_in_doubt(&parked) => TaskKind::InDoubt,
        change => {
            let can_give_up = !change.is_money() && !outbox::has_dependents(tx, &parked)?;
            TaskKind::Refused { can_give_up }
        }
    };
    Ok(Task { parked, member_name, kind })
}

fn question(tx: &Transaction<'_>, parked: &QueuedChange, edit: &Edit) -> Result<TaskKind, AppError> {
    let there = outbox::find_there(tx, parked)?.unwrap_or_default();
    let (asked, merged): (Vec<_>, Vec<_>) =
        decisions::list_of_task(tx, parked.id)?.into_iter().partition(|decision| decision.kept == Kept::Undecided);
    let fields = edit.fields.iter().map(|(path, field)| Field {
        path: path.clone(),
        before: field.before.clone(),
        ours: field.after.clone(),
        theirs: edit::get(&there, path).cloned().unwrap_or(Value::Null),
        theirs_at: asked.iter().find(|asked| asked.values.field == *path).and_then(|asked| asked.theirs_at),
    });
    Ok(TaskKind::Question { fields: fields.collect(), merged })
}

/// Decides a task: of a question whose values stay, of a refused change whether it is tried again (this till's) or given
/// up (the remote's), of money in doubt whether it is sent again or is there. Answers the change that goes out, where one does.
///
/// # Errors
/// `change_not_found`, `change_state`; `choice_missing` with the first field that has no choice, `choice_invalid` with one
/// that is not asked for; as [`changes::discard`].
pub fn resolve(till: &Till, id: ChangeId, choices: &Choices) -> Result<Option<ChangeId>, AppError> {
    let parked = changes::get(till, id)?;
    let (Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. }, true) =
        (&parked.change, outbox::is_question(&parked))
    else {
        return match choices {
            Choices::All(Side::Ours) => changes::retry(till, id).map(Some),
            Choices::All(Side::Theirs) if outbox::is_in_doubt(&parked) => {
                changes::confirm_there(till, id).map(|()| None)
            }
            Choices::All(Side::Theirs) => changes::discard(till, id, CHOSE_REMOTE).map(|()| None),
            Choices::Each(each) => {
                Err(Refusal::ChoiceInvalid { field: each.keys().next().cloned().unwrap_or_default() }.into())
            }
        };
    };
    if let Choices::Each(each) = choices
        && let Some(field) = each.keys().find(|path| !edit.fields.contains_key(*path))
    {
        return Err(Refusal::ChoiceInvalid { field: field.clone() }.into());
    }
    let (new_id, stamp, choices) = (till.new_change_id(), till.permit(Action::Decide)?, choices.clone());
    let mut ids = till.ids();
    till.write(move |tx| {
        let choose = |path: &str| match &choices {
            Choices::All(side) => Some(*side),
            Choices::Each(each) => each.get(path).copied(),
        };
        let lost = lost_merge(tx, &parked, choose("merged"))?;
        let made = outbox::resolve(tx, id, &choose, new_id, stamp)?;
        if let Some(merged) = lost {
            merge::take_back(tx, &merged, stamp, &mut ids)?;
        }
        Ok(made)
    })
}

/// What is given up of who somebody turned out to be where a question about it is decided whole.
pub(crate) fn lost_merge_of(tx: &Transaction<'_>, change: ChangeId, chosen: Side) -> Result<Option<Merged>, AppError> {
    // What ended may be of somebody who was erased since, and cannot be opened.
    let Ok(parked) = outbox::get(tx, change) else { return Ok(None) };
    let is_asked = parked.state == ChangeState::Parked && outbox::is_question(&parked);
    if is_asked { lost_merge(tx, &parked, Some(chosen)) } else { Ok(None) }
}

/// Of two answers to who somebody turned out to be, the one that is given up: whoever was taken for them took something over
/// that is not theirs.
fn lost_merge(tx: &Transaction<'_>, parked: &QueuedChange, chosen: Option<Side>) -> Result<Option<Merged>, AppError> {
    let Change::MemberEdited { edit, .. } = &parked.change else { return Ok(None) };
    let (Some(ours), Some(chosen)) = (edit.fields.get("merged").map(|field| &field.after), chosen) else {
        return Ok(None);
    };
    let there = outbox::find_there(tx, parked)?.unwrap_or_default();
    let theirs = edit::get(&there, "merged").unwrap_or(&Value::Null);
    let read = |merged: &Value| serde_json::from_value::<Merged>(merged.clone()).ok();
    let (kept, lost) = match chosen {
        Side::Ours => (read(ours), read(theirs)),
        Side::Theirs => (read(theirs), read(ours)),
    };
    Ok(lost.filter(|lost| kept.is_none_or(|kept| kept.into != lost.into)))
}

/// Makes the value that lost a decision an edit of its own. Answers whose.
///
/// # Errors
/// `decision_not_found`; `change_state` where nothing was lost; `member_not_found`, `card_taken`.
pub fn bring_back(till: &Till, decision: i64) -> Result<MemberId, AppError> {
    let (stamp, mut ids) = (till.permit(Action::Edit)?, till.ids());
    till.write(move |tx| {
        let decided = decisions::get(tx, decision)?;
        let Some(lost) = decided.lost_value().filter(|_| decided.values.field != REMOVAL).cloned() else {
            return Err(StoreError::ChangeState("nothing was lost by this decision that could be brought back").into());
        };
        let (member, path) = (decided.member_id, decided.values.field.clone());
        let stored = members::find(tx, member)?.filter(|stored| stored.deleted_at.is_none());
        let document = stored.ok_or(Refusal::MemberNotFound)?.document;
        if let Some(serial) = path.strip_prefix("cards/") {
            cards::check_is_free(tx, serial, member)?;
        }
        let here = match decided.location_id {
            Some(location) => {
                crate::members::membership_at(tx, member, location)?.ok_or(Refusal::NotAMemberHere)?.terms
            }
            None => document,
        };
        let before = edit::get(&here, &path).cloned().unwrap_or(Value::Null);
        if before != lost {
            let edit = Edit { fields: [(path, FieldEdit { before, after: lost })].into() };
            let change = match decided.location_id {
                Some(location_id) => Change::MembershipEdited { member_id: member, location_id, edit },
                None => Change::MemberEdited { member_id: member, edit },
            };
            regulars_store::record::record(tx, &change, stamp, &mut || ids.change())?;
        }
        decisions::note_brought_back(tx, decision, stamp.at)?;
        Ok(member)
    })
}

/// Whoever changes a field again that the remote refused has repaired it: the refused change goes out anew with that.
pub(crate) fn retry_repaired(
    tx: &Transaction<'_>,
    member: MemberId,
    (person, location_id, at_shop): (&Edit, LocationId, &Edit),
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    let share = |one: &Edit, other: &Edit| one.fields.keys().any(|path| other.fields.contains_key(path));
    for parked in outbox::list_open_of_member(tx, member)? {
        let is_repaired = match &parked.change {
            Change::MemberAdded { .. } => !person.is_empty(),
            Change::MemberEdited { edit, .. } => share(edit, person),
            Change::MembershipEdited { edit, location_id: at, .. } => *at == location_id && share(edit, at_shop),
            Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::MembershipAdded { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. }
            | Change::LabelPut { .. } => false,
        };
        if is_repaired && parked.state == ChangeState::Parked && !outbox::is_question(&parked) {
            outbox::retry(tx, parked.id, ids.change(), stamp)?;
        }
    }
    Ok(())
}
