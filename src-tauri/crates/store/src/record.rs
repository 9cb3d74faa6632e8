//! What an action of a cashier writes, all of it or nothing: the working row, the ledger entry, the audit row and the
//! outbox row. There is no other way to change anything here, so nothing is saved that is not queued.

use crate::error::StoreError;
use crate::members::Places;
use crate::outbox::{self, Stamp};
use crate::{audit, derive, labels, ledger, locations, members, mirror, visits};
use regulars_domain::change::Change;
use regulars_domain::edit::{self, Edit};
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, LocationId, MemberId, RemoteId};
use rusqlite::Transaction;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Records a change. `new_id` makes the ids that it goes to its remotes under: one each.
///
/// A shop must have been inserted before its change is recorded; everything else is written here.
///
/// # Errors
/// As any write; then nothing was written.
pub fn record(
    tx: &Transaction<'_>,
    change: &Change,
    stamp: Stamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    write_facts(tx, change)?;
    if is_planted(Mistake::CommitBeforeOutbox) {
        tx.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
    }
    for remote in remotes_of(tx, change)? {
        outbox::enqueue(tx, new_id(), remote, &seen_by(tx, remote, change)?, stamp)?;
    }
    if let Some(member) = change.member_id().filter(|_| !change.is_money()) {
        derive::member(tx, &Places::read(tx)?, member, stamp.at)?;
    }
    write_audit(tx, change, stamp)
}

/// What stands by itself, whoever is told of it: a visit, the entries, a label.
pub(crate) fn write_facts(tx: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::VisitAdded { visit, .. } => visits::insert(tx, visit, None)?,
        Change::LabelPut { label, .. } => labels::put(tx, label)?,
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberAdded { .. }
        | Change::MemberEdited { .. }
        | Change::MembershipAdded { .. }
        | Change::MembershipEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::EntryAdded { .. } => {}
    }
    for entry in change.entries() {
        ledger::insert(tx, entry, None)?;
    }
    Ok(())
}

pub(crate) fn write_audit(tx: &Transaction<'_>, change: &Change, stamp: Stamp) -> Result<(), StoreError> {
    let (facts, personal) = describe(change);
    let entry = audit::Entry {
        at: stamp.at,
        staff_id: stamp.staff_id,
        action: change.verb(),
        member_id: change.member_id(),
        facts,
        personal,
    };
    audit::append(tx, entry)
}

/// A deletion says which version of the member stood here: a change that came after it at the remote was not seen. Nor
/// was one that a change which is still on its way stands in front of.
fn seen_by(tx: &Transaction<'_>, remote: Option<RemoteId>, change: &Change) -> Result<Change, StoreError> {
    match (change, remote) {
        (Change::MemberRemoved { member_id, reason, .. }, Some(remote)) => {
            // Of whom the remote has told nothing yet, or something that cannot be read here, nothing of what others did was
            // seen.
            let is_hidden = hides_any(tx, remote, *member_id)? || mirror::is_kept_aside(tx, remote, *member_id)?;
            let seen = match is_hidden {
                true => None,
                false => mirror::find_version(tx, remote, *member_id)?,
            };
            let (reason, seen_version) = (reason.clone(), Some(seen.unwrap_or(0)));
            Ok(Change::MemberRemoved { member_id: *member_id, reason, seen_version })
        }
        // Who hears of it once the shop is connected has told nothing yet.
        (Change::MemberRemoved { member_id, reason, .. }, None) => {
            Ok(Change::MemberRemoved { member_id: *member_id, reason: reason.clone(), seen_version: Some(0) })
        }
        (same, _) => Ok(same.clone()),
    }
}

/// Whether a field has another value at the remote than any open change of it knows.
fn hides_any(tx: &Transaction<'_>, remote: RemoteId, member: MemberId) -> Result<bool, StoreError> {
    let Some((view, _)) = mirror::find_view(tx, remote, member)? else { return Ok(false) };
    let mut known: BTreeMap<(Option<LocationId>, String), Vec<Value>> = BTreeMap::new();
    let open = outbox::list_open_of_member(tx, member)?.into_iter();
    // What no remote is to hear yet stands in front of nothing.
    for queued in open.filter(|queued| queued.remote_id.is_some()) {
        let (location, edit) = match queued.change {
            Change::MemberEdited { edit, .. } => (None, edit),
            Change::MembershipEdited { location_id, edit, .. } => (Some(location_id), edit),
            _ => continue,
        };
        for (path, field) in edit.fields {
            known.entry((location, path)).or_default().extend([field.before, field.after]);
        }
    }
    for ((location, path), values) in known {
        let document = match location {
            None => Some(&view.document),
            Some(location) => {
                let shop = locations::get(tx, location)?;
                view.memberships.iter().find(|there| there.pos_id == shop.pos_id).map(|there| &there.terms)
            }
        };
        let there = document.and_then(|document| edit::get(document, &path)).unwrap_or(&Value::Null);
        if !values.contains(there) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where a change goes: to the remote of its shop, or, for an edit, to those of all shops of the member. A change
/// without a remote is kept in the outbox until its shop has one.
fn remotes_of(tx: &Transaction<'_>, change: &Change) -> Result<BTreeSet<Option<RemoteId>>, StoreError> {
    let of_location = |id: LocationId| Ok::<_, StoreError>(locations::get(tx, id)?.remote_id);
    match (change.location_id(), change.member_id()) {
        (Some(location), _) => Ok(BTreeSet::from([of_location(location)?])),
        (None, Some(member)) => remotes_of_member(tx, member, outbox::merged_into_of(change)),
        (None, None) => Ok(BTreeSet::from([None])),
    }
}

/// `into` is whom they turn out to be by the change, where it says that.
fn remotes_of_member(
    tx: &Transaction<'_>,
    member: MemberId,
    into: Option<MemberId>,
) -> Result<BTreeSet<Option<RemoteId>>, StoreError> {
    let memberships = members::list_memberships(tx, member)?;
    let mut remotes = BTreeSet::new();
    for membership in memberships {
        remotes.insert(locations::get(tx, membership.location_id)?.remote_id);
    }
    // One that has them in a shop which is not connected here is told too: what it says of them is what stands. Whom it does
    // not know nobody can turn out to be there.
    for (remote, _, is_deleted) in mirror::list_of_member(tx, member)? {
        let can_be_told = || into.map_or(Ok(true), |into| mirror::is_known_at(tx, remote, into));
        if !is_deleted && can_be_told()? {
            remotes.insert(Some(remote));
        }
    }
    Ok(if remotes.is_empty() { BTreeSet::from([None]) } else { remotes })
}

/// What the audit log says of a change: ids and amounts in clear, everything about a person sealed.
fn describe(change: &Change) -> (Value, Option<Value>) {
    match change {
        Change::LocationAdded { location, .. } => (json!({ "code": location.code }), None),
        Change::LocationEdited { location_id, edit } => (json!({ "location": location_id, "edit": edit }), None),
        Change::MemberAdded { document, location_id, .. } => {
            (json!({ "location": location_id }), Some(Value::Object(document.clone())))
        }
        Change::MemberEdited { edit, .. } => (json!({ "fields": field_names(edit) }), serde_json::to_value(edit).ok()),
        Change::MembershipAdded { location_id, .. } => (json!({ "location": location_id }), None),
        Change::MembershipEdited { location_id, edit, .. } => {
            (json!({ "location": location_id, "fields": field_names(edit) }), serde_json::to_value(edit).ok())
        }
        Change::MemberRemoved { reason, .. } | Change::MemberErased { reason, .. } => {
            (json!({}), Some(json!({ "reason": reason })))
        }
        Change::EntryAdded { entry } => describe_entry(entry),
        Change::VisitAdded { visit, entries } => {
            let entries: Vec<Value> = entries.iter().map(|entry| describe_entry(entry).0).collect();
            let facts = json!({ "visit": visit.id, "kind": visit.kind, "bill": visit.bill, "entries": entries });
            (facts, None)
        }
        Change::LabelPut { label, .. } => (json!({ "label": label.name }), None),
    }
}

fn describe_entry(entry: &LedgerEntry) -> (Value, Option<Value>) {
    let facts = json!({
        "entry": entry.id,
        "kind": entry.kind,
        "amount": entry.amount,
        "tender": entry.tender,
        "receipt": entry.receipt,
    });
    (facts, entry.reason.as_ref().map(|reason| json!({ "reason": reason })))
}

/// The fields of an edit, without the keys into groups: a card's number is personal.
fn field_names(edit: &Edit) -> BTreeSet<&str> {
    edit.fields.keys().map(|path| path.split_once('/').map_or(path.as_str(), |(group, _)| group)).collect()
}
