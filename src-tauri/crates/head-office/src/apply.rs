//! Taking a till's changes: each by itself, its effect and its number in one transaction, the same again without
//! effect. What a change does is in `effects`, `members` and `booking`.

use crate::access::Access;
use crate::booking::{add_entry, add_visit};
use crate::effects::{add_location, edit_location, put_label};
use crate::error::HeadOfficeError;
use crate::lives;
use crate::members::{add_member, edit_member, edit_terms, join};
use crate::removing::{bring_back_for, erase_member, remove_member};
use crate::storage::{ChangeKey, Rows, StoredChange};
use regulars_domain::edit::Document;
use regulars_domain::{Date, MemberId, Refusal, TillId, Timestamp};
use regulars_protocol::error::ErrorBody;
use regulars_protocol::pull::{MemberItem, Membership};
use regulars_protocol::push::{Change, ChangeBody, ChangeResult, Conflict, Known, Outcome, PushRequest, PushResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Takes a batch. Must run in a transaction that is committed before the answer is sent.
///
/// Answers nothing where the till knows another life of this database, or more of this one than it does itself: then
/// nothing was taken, and a new life may have begun.
///
/// # Errors
/// Only faults of the database: what is wrong with a change is its result.
pub fn push(
    rows: &mut dyn Rows,
    access: &Access,
    request: &PushRequest,
    at: Timestamp,
) -> Result<Option<PushResponse>, HeadOfficeError> {
    if let Some(known) = &request.known
        && !is_so(rows, request, known, at)?
    {
        return Ok(None);
    }
    let mut results = Vec::with_capacity(request.changes.len());
    for change in &request.changes {
        results.push(take(rows, access, request, change, at)?);
    }
    let applied_number = match request.changes.last() {
        Some(change) => rows.newest_number(request.till_id, change.incarnation)?,
        None => 0,
    };
    let (epoch, version) = (rows.epoch()?, rows.newest_version()?);
    Ok(Some(PushResponse { epoch, results, applied_number, version, at: Some(at) }))
}

/// Whether this database is what the till takes it for. One that has not noted what it acknowledged, or has not come as far
/// as it told, knows less than it did, and begins a new life.
fn is_so(rows: &mut dyn Rows, request: &PushRequest, known: &Known, at: Timestamp) -> Result<bool, HeadOfficeError> {
    let lacks_changes = rows.newest_number(request.till_id, known.incarnation)? < known.acknowledged;
    if lacks_changes || rows.is_unknown(known.cursor)? {
        lives::begin_where_less_is_known(rows, &known.epoch, at)?;
    }
    Ok(rows.epoch()? == known.epoch)
}

/// What an answer says besides the outcome, as it is noted to be said again.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Answer {
    fields: Vec<String>,
    problem: Option<ErrorBody>,
}

/// Why a change has no effect.
pub(crate) enum NoEffect {
    /// These fields were changed on both sides.
    Conflict(Vec<String>),
    /// A rule stands against it, now and later.
    Rejected(ErrorBody),
    /// The database failed: nothing is noted.
    Fault(HeadOfficeError),
}

impl From<HeadOfficeError> for NoEffect {
    fn from(error: HeadOfficeError) -> Self {
        Self::Fault(error)
    }
}

impl From<Refusal> for NoEffect {
    fn from(refusal: Refusal) -> Self {
        let (message, field) = (refusal.to_string(), refusal.field().map(str::to_owned));
        Self::Rejected(ErrorBody { code: refusal.code().to_owned(), message, field })
    }
}

/// A rejection by a rule that only head office has.
pub(crate) fn rejected(code: &str, message: &str) -> NoEffect {
    NoEffect::Rejected(ErrorBody { code: code.to_owned(), message: message.to_owned(), field: None })
}

fn take(
    rows: &mut dyn Rows,
    access: &Access,
    request: &PushRequest,
    change: &Change,
    at: Timestamp,
) -> Result<ChangeResult, HeadOfficeError> {
    let hash = content_hash(change)?;
    let number_key = ChangeKey::Number(request.till_id, change.incarnation, change.number);
    let of_number = rows.find_change(number_key)?;
    if of_number.is_some_and(|noted| noted.id != change.id) {
        // Another change has this number: the till's file was restored or copied. Nothing is noted, nothing is lost.
        return Ok(reused(change, "number_reused"));
    }
    if let Some(noted) = rows.find_change(ChangeKey::Id(change.id))? {
        if (noted.incarnation, noted.number) != (change.incarnation, change.number) {
            rows.insert_renumbered(number_key, change.id)?;
        }
        let same = noted.hash == hash;
        return if same {
            say_again(rows, access, &noted, &change.body, at)
        } else {
            // A copy of the till's file sent it first. How its member stands is told: no change of theirs says so any more.
            let member = member_of(&change.body).map(|id| member_item(rows, access, id)).transpose()?.flatten();
            Ok(ChangeResult { member, ..reused(change, "change_id_reused") })
        };
    }
    rows.begin_part()?;
    let changed_at = changed_at_here(change.made_at, request.at, at);
    let (outcome, answer) = match effect(rows, access, request.till_id, change, changed_at, at) {
        Ok(()) => {
            rows.keep_part()?;
            (Outcome::Applied, Answer::default())
        }
        Err(NoEffect::Fault(error)) => return Err(error),
        Err(NoEffect::Conflict(fields)) => {
            rows.undo_part()?;
            bring_back(rows, &change.body, at)?;
            (Outcome::Conflict, Answer { fields, problem: None })
        }
        Err(NoEffect::Rejected(problem)) => {
            rows.undo_part()?;
            (Outcome::Rejected, Answer { fields: Vec::new(), problem: Some(problem) })
        }
    };
    let member_id = member_of(&change.body);
    let noted = StoredChange {
        id: change.id,
        till_id: request.till_id,
        incarnation: change.incarnation,
        number: change.number,
        hash,
        member_id,
        version: member_id.map(|id| rows.find_member(id)).transpose()?.flatten().map(|stored| stored.version),
        outcome,
        answer: serde_json::to_string(&answer)?,
        at,
    };
    rows.insert_change(&noted)?;
    result(rows, access, &noted, outcome, answer, &change.body, at)
}

/// When a change was made, by this clock: so long ago as the till's clock says that it was. One that is told late is as old
/// as it is.
fn changed_at_here(made_at: Timestamp, sent_at: Option<Timestamp>, at: Timestamp) -> Timestamp {
    let age = sent_at.map_or(0, |sent_at| sent_at.as_millis().saturating_sub(made_at.as_millis()).max(0));
    Timestamp::from_millis(at.as_millis().saturating_sub(age))
}

/// What a change says, without the number that it comes under: it may come again under another one.
fn content_hash(change: &Change) -> Result<[u8; 32], HeadOfficeError> {
    Ok(Sha256::digest(serde_json::to_vec(&(change.made_at, change.staff_id, &change.body))?).into())
}

/// The conflict is merged with the member as they were before they were deleted, where they can still come back.
fn bring_back(rows: &mut dyn Rows, body: &ChangeBody, at: Timestamp) -> Result<(), HeadOfficeError> {
    rows.begin_part()?;
    match bring_back_for(rows, body, at) {
        Ok(()) => rows.keep_part(),
        Err(NoEffect::Fault(error)) => Err(error),
        Err(NoEffect::Conflict(_) | NoEffect::Rejected(_)) => rows.undo_part(),
    }
}

fn say_again(
    rows: &mut dyn Rows,
    access: &Access,
    noted: &StoredChange,
    body: &ChangeBody,
    at: Timestamp,
) -> Result<ChangeResult, HeadOfficeError> {
    let outcome = match noted.outcome {
        Outcome::Applied | Outcome::Duplicate => Outcome::Duplicate,
        Outcome::Conflict => Outcome::Conflict,
        Outcome::Rejected => Outcome::Rejected,
    };
    result(rows, access, noted, outcome, serde_json::from_str(&noted.answer)?, body, at)
}

fn result(
    rows: &mut dyn Rows,
    access: &Access,
    noted: &StoredChange,
    outcome: Outcome,
    answer: Answer,
    body: &ChangeBody,
    at: Timestamp,
) -> Result<ChangeResult, HeadOfficeError> {
    let member = noted.member_id.map(|id| member_item(rows, access, id)).transpose()?.flatten();
    let Answer { fields, problem } = answer;
    let conflict = match outcome {
        Outcome::Conflict => Some(Conflict { now: at, changed_at: changed_at(rows, body, &fields)? }),
        Outcome::Applied | Outcome::Duplicate | Outcome::Rejected => None,
    };
    Ok(ChangeResult { id: noted.id, number: noted.number, outcome, member, fields, conflict, problem })
}

/// When the fields that a change met were changed here, as it is known now: the member in the answer is as of now too.
fn changed_at(
    rows: &mut dyn Rows,
    body: &ChangeBody,
    fields: &[String],
) -> Result<BTreeMap<String, Timestamp>, HeadOfficeError> {
    let times = match body {
        ChangeBody::MemberAdded { member_id, .. } | ChangeBody::MemberEdited { member_id, .. } => {
            rows.find_member(*member_id)?.map(|stored| stored.changed)
        }
        ChangeBody::MembershipAdded { member_id, location, .. }
        | ChangeBody::MembershipEdited { member_id, location, .. } => Some(rows.terms_changed(*member_id, location)?),
        ChangeBody::LocationAdded { .. }
        | ChangeBody::LocationEdited { .. }
        | ChangeBody::MemberRemoved { .. }
        | ChangeBody::MemberErased { .. }
        | ChangeBody::EntryAdded { .. }
        | ChangeBody::VisitAdded { .. }
        | ChangeBody::LabelPut { .. } => None,
    };
    let times = times.unwrap_or_default();
    Ok(fields.iter().filter_map(|field| Some((field.clone(), times.of(field)?))).collect())
}

fn reused(change: &Change, code: &str) -> ChangeResult {
    let message = "this number or id was used for another change".to_owned();
    let problem = Some(ErrorBody { code: code.to_owned(), message, field: None });
    let (id, number) = (change.id, change.number);
    ChangeResult { id, number, outcome: Outcome::Rejected, member: None, fields: Vec::new(), conflict: None, problem }
}

/// The member as the token may see them, where it may see them at all.
pub(crate) fn member_item(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
) -> Result<Option<MemberItem>, HeadOfficeError> {
    let Some(stored) = rows.find_member(id)? else { return Ok(None) };
    let mut memberships = rows.list_memberships(id)?;
    memberships.retain(|membership| access.scope.allows(&membership.location));
    if memberships.is_empty() {
        return Ok(None);
    }
    let document = serde_json::value::RawValue::from_string(stored.document)?;
    let (version, is_deleted, is_erased) = (stored.version, stored.is_deleted, stored.is_erased);
    Ok(Some(MemberItem { id, version, document, memberships, is_deleted, is_erased }))
}

fn member_of(body: &ChangeBody) -> Option<MemberId> {
    match body {
        ChangeBody::LocationAdded { .. }
        | ChangeBody::LocationEdited { .. }
        | ChangeBody::EntryAdded { .. }
        | ChangeBody::VisitAdded { .. }
        | ChangeBody::LabelPut { .. } => None,
        ChangeBody::MemberAdded { member_id, .. }
        | ChangeBody::MemberEdited { member_id, .. }
        | ChangeBody::MembershipAdded { member_id, .. }
        | ChangeBody::MembershipEdited { member_id, .. }
        | ChangeBody::MemberRemoved { member_id, .. }
        | ChangeBody::MemberErased { member_id, .. } => Some(*member_id),
    }
}

fn effect(
    rows: &mut dyn Rows,
    access: &Access,
    till: TillId,
    change: &Change,
    changed_at: Timestamp,
    at: Timestamp,
) -> Result<(), NoEffect> {
    match &change.body {
        ChangeBody::LocationAdded { location } => add_location(rows, access, location),
        ChangeBody::LocationEdited { location, edit } => edit_location(rows, access, location, edit),
        ChangeBody::MemberAdded { member_id, document, location, member_since, terms } => {
            add_member(rows, access, *member_id, document, &membership(location, *member_since, terms), changed_at)
        }
        ChangeBody::MemberEdited { member_id, edit } => edit_member(rows, access, *member_id, edit, changed_at, at),
        ChangeBody::MembershipAdded { member_id, location, member_since, terms } => {
            join(rows, access, *member_id, &membership(location, *member_since, terms), changed_at)
        }
        ChangeBody::MembershipEdited { member_id, location, edit } => {
            edit_terms(rows, access, *member_id, location, edit, changed_at)
        }
        ChangeBody::MemberRemoved { member_id, reason, seen_version } => {
            let seen = seen_version.map(|version| (version, till));
            remove_member(rows, access, *member_id, reason, seen, at)
        }
        ChangeBody::MemberErased { member_id, reason } => erase_member(rows, access, *member_id, reason, at),
        ChangeBody::EntryAdded { entry } => add_entry(rows, access, entry, at),
        ChangeBody::VisitAdded { visit, entries } => add_visit(rows, access, visit, entries, at),
        ChangeBody::LabelPut { label } => put_label(rows, label),
    }
}

fn membership(location: &str, member_since: Date, terms: &Document) -> Membership {
    Membership { location: location.to_owned(), member_since, terms: terms.clone() }
}
