//! Two members who turned out to be one. The one that stays takes over what it lacks; the other's id stays as its alias,
//! so that cards, entries and whatever other tills still send for it are theirs. It can be undone.

use crate::error::AppError;
use crate::members::{self as use_cases, living};
use crate::rights::Action;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::edit::{Document, Edit, FieldEdit};
use regulars_domain::member::{Member, Merged};
use regulars_domain::{MemberId, Refusal, Timestamp};
use regulars_store::outbox::Stamp;
use regulars_store::{Transaction, locations, members, record};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One field of two members who are to become one.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As in an edit.
    pub path: String,
    /// What the one that stays has.
    pub winner: Value,
    /// What the other has.
    pub loser: Value,
}

impl Field {
    /// Whether the one that stays takes it over unless somebody chooses otherwise: they have nothing there, or it is a
    /// consent that the other withdrew and they did not give again later.
    pub fn is_taken(&self) -> bool {
        self.winner.is_null() || (self.path.starts_with("consents/") && is_withdrawn(&self.loser, &self.winner))
    }
}

/// What merging would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The one that stays.
    pub winner: MemberId,
    /// The one that becomes its alias.
    pub loser: MemberId,
    /// Fields that only the other has, or that differ.
    pub fields: Vec<Field>,
}

/// What merging two members would do.
///
/// # Errors
/// `member_not_found`, `merge_with_itself`.
pub fn preview(till: &Till, winner: MemberId, loser: MemberId) -> Result<Preview, AppError> {
    till.read(|tx| compare(tx, winner, loser))
}

fn compare(tx: &Transaction<'_>, winner: MemberId, loser: MemberId) -> Result<Preview, AppError> {
    let (winner, loser) = (living(tx, winner)?, living(tx, loser)?);
    if winner.id == loser.id {
        return Err(Refusal::MergeWithItself.into());
    }
    let edit = Edit::between(&winner.document, &loser.document);
    let fields = edit.fields.into_iter().filter(|(path, field)| is_taken_over(path) && !field.after.is_null());
    let fields = fields.map(|(path, FieldEdit { before, after })| Field { path, winner: before, loser: after });
    Ok(Preview { winner: winner.id, loser: loser.id, fields: fields.collect() })
}

/// Whether one answer is a no that the other, a yes, is not later than.
fn is_withdrawn(no: &Value, yes: &Value) -> bool {
    let is_given = |consent: &Value| consent.get("is_given").and_then(Value::as_bool) == Some(true);
    let at = |consent: &Value| consent.get("at")?.as_str()?.parse::<Timestamp>().ok();
    !is_given(no) && is_given(yes) && !matches!((at(no), at(yes)), (Some(no), Some(yes)) if yes > no)
}

/// Cards stay where they are, under the alias; a reference is the member's own.
fn is_taken_over(path: &str) -> bool {
    !path.starts_with("cards/") && !matches!(path, "merged" | "reference" | "kind")
}

/// Merges two members: `take` names the fields that the one that stays takes over; `None` takes what [`Field::is_taken`] says.
///
/// # Errors
/// `member_not_found`, `merge_with_itself`.
pub fn merge(till: &Till, winner: MemberId, loser: MemberId, take: Option<Vec<String>>) -> Result<MemberId, AppError> {
    let (stamp, mut ids) = (till.permit(Action::Merge)?, till.ids());
    till.write(move |tx| {
        let Preview { winner, loser, fields } = compare(tx, winner, loser)?;
        let is_taken = |field: &Field| match &take {
            Some(take) => take.contains(&field.path),
            None => field.is_taken(),
        };
        let taken: BTreeMap<String, FieldEdit> = fields
            .into_iter()
            .filter(is_taken)
            .map(|field| (field.path, FieldEdit { before: field.winner, after: field.loser }))
            .collect();
        let undo = taken.iter().map(|(path, field)| (path.clone(), json!(field))).collect();
        let mut merged = Merged { into: winner, at: stamp.at, taken: undo, holds: BTreeMap::new() };
        // Head office hears first who stays, where it has not heard of them.
        for joined in members::list_memberships(tx, loser)? {
            let shop = locations::get(tx, joined.location_id)?;
            let change = match use_cases::membership_at(tx, winner, joined.location_id)? {
                None => use_cases::joining(tx, &shop, winner, joined.member_since, joined.terms)?,
                Some(here) => {
                    let hold = joined.terms.get("hold").filter(|_| !here.terms.contains_key("hold"));
                    let Some(hold) = hold.cloned() else { continue };
                    merged.holds.insert(shop.location.code, hold.clone());
                    let edit = hold_edit(Value::Null, hold);
                    Change::MembershipEdited { member_id: winner, location_id: shop.id, edit }
                }
            };
            record::record(tx, &change, stamp, &mut || ids.change())?;
        }
        set_merged(tx, loser, Some(&merged), stamp, &mut ids)?;
        let person = Edit { fields: taken };
        if !person.is_empty() {
            record::record(tx, &Change::MemberEdited { member_id: winner, edit: person }, stamp, &mut || ids.change())?;
        }
        Ok(winner)
    })
}

/// A hold of either stays: the person that it is meant for is the same.
fn hold_edit(before: Value, after: Value) -> Edit {
    Edit { fields: [("hold".to_owned(), FieldEdit { before, after })].into() }
}

/// Makes an alias a member of their own again, and takes back what the other took over and nobody touched since.
///
/// # Errors
/// `member_not_found`, `not_merged`; `balance_not_settled` where the other was deleted.
pub fn unmerge(till: &Till, alias: MemberId) -> Result<MemberId, AppError> {
    let (stamp, mut ids) = (till.permit(Action::Merge)?, till.ids());
    till.write(move |tx| {
        let stored = members::find(tx, alias)?.ok_or(Refusal::MemberNotFound)?;
        let merged = Member::read(&stored.document)?.merged.ok_or(Refusal::NotMerged)?;
        // Who was deleted since stays so: taking back what they had been given would bring them back.
        let winner = members::find(tx, merged.into)?.filter(|winner| winner.deleted_at.is_none());
        if winner.is_none() {
            // Settled they were together: the other half of what this one is owed would stay with somebody who is gone.
            use_cases::check_sums(tx, &members::list_aliases(tx, alias)?)?;
        }
        set_merged(tx, alias, None, stamp, &mut ids)?;
        if winner.is_some() {
            take_back(tx, &merged, stamp, &mut ids)?;
        }
        Ok(alias)
    })
}

/// Takes back from the one that stayed what they took over from somebody who is not them, where nobody touched it since.
pub(crate) fn take_back(tx: &Transaction<'_>, merged: &Merged, stamp: Stamp, ids: &mut Ids) -> Result<(), AppError> {
    let Some(winner) = members::find(tx, merged.into)?.filter(|winner| winner.deleted_at.is_none()) else {
        return Ok(());
    };
    let undo = read_taken(merged).inverse().where_untouched(&winner.document);
    if !undo.is_empty() {
        let change = Change::MemberEdited { member_id: winner.id, edit: undo };
        record::record(tx, &change, stamp, &mut || ids.change())?;
    }
    for (code, hold) in &merged.holds {
        let Some(shop) = locations::find_by_code(tx, code)? else { continue };
        let Some(here) = use_cases::membership_at(tx, winner.id, shop.id)? else { continue };
        let edit = hold_edit(hold.clone(), Value::Null).where_untouched(&here.terms);
        if !edit.is_empty() {
            let change = Change::MembershipEdited { member_id: winner.id, location_id: shop.id, edit };
            record::record(tx, &change, stamp, &mut || ids.change())?;
        }
    }
    Ok(())
}

fn read_taken(merged: &Merged) -> Edit {
    let fields = merged.taken.iter();
    let read = fields.filter_map(|(path, field)| Some((path.clone(), serde_json::from_value(field.clone()).ok()?)));
    Edit { fields: read.collect() }
}

fn set_merged(
    tx: &Transaction<'_>,
    member_id: MemberId,
    merged: Option<&Merged>,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    let stored = members::find(tx, member_id)?.ok_or(Refusal::MemberNotFound)?;
    let mut after: Document = stored.document.clone();
    match merged {
        Some(merged) => after.insert("merged".to_owned(), json!(merged)),
        None => after.remove("merged"),
    };
    let edit = Edit::between(&stored.document, &after);
    Ok(record::record(tx, &Change::MemberEdited { member_id, edit }, stamp, &mut || ids.change())?)
}
