//! The sync screen: what waits, why, and what can be done about it.

use super::counter;
use super::desk::Desk;
use super::views::tasks::{
    Choice, DecisionAsked, EditedField, KeptView, MergedField, Question, QuestionField, Questions, ResolveQuestion,
};
use super::views::{
    ChangeAsked, ChangeState, ChangeWhat, Discard, Failure, MemberAsked, MemberCard, Nothing, Waiting, WaitingChange,
};
use crate::changes;
use crate::error::AppError;
use crate::tasks::{self, Choices, Task, TaskKind};
use regulars_domain::change::Change;
use regulars_domain::conflict::Side;
use regulars_domain::{Money, Timestamp};
use regulars_store::Transaction;
use regulars_store::decisions::{Decision, Kept, Values};
use regulars_store::outbox::{self, QueuedChange};
use regulars_store::{balance, locations, members, remotes};
use serde_json::{Value, json};

pub(super) fn waiting(desk: &Desk, _: Nothing) -> Result<Waiting, AppError> {
    let counts = changes::count(&desk.till)?;
    let now = desk.till.now();
    let listed: Vec<QueuedChange> = changes::list(&desk.till)?
        .into_iter()
        .filter(|queued| queued.remote_id.is_some() && !is_question(queued))
        .collect();
    let changes = desk.till.read(|tx| listed.iter().map(|queued| line(tx, queued, now)).collect::<Result<_, _>>())?;
    Ok(Waiting { changes, total: counts.waiting + counts.needs_you })
}

/// A question stands in a list of its own.
fn is_question(queued: &QueuedChange) -> bool {
    queued.state == outbox::ChangeState::Parked && outbox::is_question(queued)
}

pub(super) fn retry_change(desk: &Desk, asked: ChangeAsked) -> Result<Nothing, AppError> {
    changes::retry(&desk.till, asked.change_id)?;
    Ok(Nothing {})
}

/// The questions of two sides that changed the same, each with what was merged beside it.
pub(super) fn questions(desk: &Desk, _: Nothing) -> Result<Questions, AppError> {
    let listed = tasks::list(&desk.till)?;
    desk.till.read(|tx| {
        let questions = listed.into_iter().filter_map(|task| question(tx, task).transpose());
        Ok(Questions { questions: questions.collect::<Result<_, _>>()? })
    })
}

fn question(tx: &Transaction<'_>, task: Task) -> Result<Option<Question>, AppError> {
    let Task { parked, member_name, kind } = task;
    let TaskKind::Question { fields, merged } = kind else { return Ok(None) };
    let location = parked.change.location_id().map(|id| locations::get(tx, id)).transpose()?;
    // The till may have shops at several systems: it is the one that the change goes to.
    let remote = parked.remote_id.map(|id| remotes::get(tx, id)).transpose()?;
    let remote_at = fields.iter().filter_map(|field| field.theirs_at).max();
    let fields = fields.into_iter().map(|field| QuestionField {
        field: field.path,
        before: field.before,
        till: field.ours,
        remote: field.theirs,
    });
    Ok(Some(Question {
        change_id: parked.id,
        member_id: parked.member_id,
        member_name,
        remote_name: remote.map(|remote| remote.name),
        location: location.map(|stored| stored.location.name),
        made_at: parked.made_at,
        remote_at,
        fields: fields.collect(),
        merged: merged.into_iter().map(merged_field).collect(),
    }))
}

fn merged_field(decision: Decision) -> MergedField {
    let kept = kept(decision.kept);
    let Values { field, before, ours, theirs } = decision.values;
    let changed = |value: Value| (value != before).then_some(value);
    MergedField { till: changed(ours), remote: changed(theirs), field, before: before.clone(), kept }
}

pub(super) const fn kept(kept: Kept) -> KeptView {
    match kept {
        Kept::Ours => KeptView::Ours,
        Kept::Theirs => KeptView::Theirs,
        Kept::Both => KeptView::Both,
        Kept::Undecided => KeptView::Undecided,
    }
}

pub(super) fn resolve_question(desk: &Desk, asked: ResolveQuestion) -> Result<Nothing, AppError> {
    let side = |choice: Choice| match choice {
        Choice::Till => Side::Ours,
        Choice::Remote => Side::Theirs,
    };
    let each = asked.choices.into_iter().map(|(field, choice)| (field, side(choice)));
    tasks::resolve(&desk.till, asked.change_id, &Choices::Each(each.collect()))?;
    Ok(Nothing {})
}

/// Makes the value that lost a decision an edit of its own.
pub(super) fn bring_back(desk: &Desk, asked: DecisionAsked) -> Result<MemberCard, AppError> {
    let member_id = tasks::bring_back(&desk.till, asked.decision)?;
    counter::open_member(desk, MemberAsked { member_id })
}

/// Somebody looked at the remote, and the money that was in doubt is there.
pub(super) fn confirm_change(desk: &Desk, asked: ChangeAsked) -> Result<Nothing, AppError> {
    changes::confirm_there(&desk.till, asked.change_id)?;
    Ok(Nothing {})
}

pub(super) fn discard_change(desk: &Desk, asked: Discard) -> Result<Nothing, AppError> {
    changes::discard(&desk.till, asked.change_id, &asked.reason)?;
    Ok(Nothing {})
}

fn line(tx: &Transaction<'_>, queued: &QueuedChange, now: Timestamp) -> Result<WaitingChange, AppError> {
    let (what, amount) = what(tx, &queued.change)?;
    let member_name = queued.member_id.map(|id| members::find_name(tx, id)).transpose()?.flatten();
    Ok(WaitingChange {
        change_id: queued.id,
        made_at: queued.made_at,
        member_id: queued.member_id,
        member_name,
        what,
        amount,
        state: state(tx, queued, now)?,
        tries: queued.attempts,
    })
}

fn what(tx: &Transaction<'_>, change: &Change) -> Result<(ChangeWhat, Option<Money>), AppError> {
    Ok(match change {
        Change::LocationAdded { location, .. } => (ChangeWhat::Location { name: location.name.clone() }, None),
        Change::LocationEdited { location_id, .. } => {
            (ChangeWhat::LocationEdited { name: locations::get(tx, *location_id)?.location.name }, None)
        }
        Change::MemberAdded { .. } => (ChangeWhat::Registered, None),
        Change::MemberEdited { edit, .. } => {
            (ChangeWhat::Edited { fields: edit.fields.keys().cloned().collect() }, None)
        }
        Change::MembershipAdded { location_id, .. } => {
            (ChangeWhat::Joined { location: locations::get(tx, *location_id)?.location.name }, None)
        }
        Change::MembershipEdited { location_id, edit, .. } => {
            let location = locations::get(tx, *location_id)?.location.name;
            (ChangeWhat::AtShopEdited { fields: edit.fields.keys().cloned().collect(), location }, None)
        }
        Change::MemberRemoved { .. } => (ChangeWhat::Removed, None),
        Change::MemberErased { .. } => (ChangeWhat::Erased, None),
        Change::VisitAdded { visit, .. } => (ChangeWhat::Visit { kind: visit.kind }, Some(visit.bill)),
        Change::LabelPut { label, .. } => (ChangeWhat::Label { name: label.name.clone() }, None),
        Change::EntryAdded { entry } => {
            (ChangeWhat::Entry { kind: entry.kind, tender: entry.tender }, Some(entry.amount))
        }
    })
}

fn state(tx: &Transaction<'_>, queued: &QueuedChange, now: Timestamp) -> Result<ChangeState, AppError> {
    let is_tried = queued.attempts > 0;
    Ok(match queued.state {
        outbox::ChangeState::Parked => needs_you(tx, queued)?,
        outbox::ChangeState::InFlight => ChangeState::Sending,
        outbox::ChangeState::Ready | outbox::ChangeState::Folded if queued.waits_for.is_some() => {
            ChangeState::After { made_at: queued.waits_for.unwrap_or(queued.made_at) }
        }
        outbox::ChangeState::Ready | outbox::ChangeState::Unknown if queued.due_at > now && is_tried => {
            ChangeState::NextTry { at: queued.due_at }
        }
        outbox::ChangeState::Unknown => ChangeState::Unanswered,
        outbox::ChangeState::Ready
        | outbox::ChangeState::Folded
        | outbox::ChangeState::Done
        | outbox::ChangeState::Discarded
        | outbox::ChangeState::Replaced => ChangeState::Waiting,
    })
}

fn needs_you(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<ChangeState, AppError> {
    let failure = match &queued.problem {
        Some(problem) => Failure {
            code: problem.code.clone(),
            message: problem.message.clone(),
            field: problem.field.clone(),
            facts: facts(tx, queued)?,
        },
        None => Failure::from(AppError::Internal),
    };
    let can_discard = !queued.change.is_money() && !outbox::has_dependents(tx, queued)?;
    let can_confirm = outbox::is_in_doubt(queued);
    Ok(ChangeState::NeedsYou { failure, can_retry: true, can_discard, can_confirm, edited: edited(tx, queued)? })
}

/// What a refused edit changes. Of somebody who was erased nothing is shown: they have no name here any more.
fn edited(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<Vec<EditedField>, AppError> {
    let (Change::MemberEdited { member_id, edit } | Change::MembershipEdited { member_id, edit, .. }) = &queued.change
    else {
        return Ok(Vec::new());
    };
    if members::find_name(tx, *member_id)?.is_none() {
        return Ok(Vec::new());
    }
    let fields = edit.fields.iter().map(|(path, field)| EditedField {
        field: path.clone(),
        before: field.before.clone(),
        after: field.after.clone(),
    });
    Ok(fields.collect())
}

/// Of money in doubt: what stood at the remote before it, and what it would have made of it.
fn facts(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<Value, AppError> {
    let currency = queued.change.entries().first().map(|entry| entry.amount.currency);
    let guard = balance::find_guard(tx, queued.id)?.filter(|_| outbox::is_in_doubt(queued));
    let (Some(currency), Some(guard)) = (currency, guard) else { return Ok(json!({})) };
    let money = |minor| Money::new(minor, currency);
    Ok(json!({ "before": money(guard.before_minor), "after": money(guard.after_minor) }))
}
