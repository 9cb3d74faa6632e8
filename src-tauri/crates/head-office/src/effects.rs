//! What a change does to shops, members and where they belong, and who is told of it.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::error::HeadOfficeError;
use crate::storage::{Entity, FeedRow, Rows, Scope, StoredMember};
use regulars_domain::edit::{Document, Edit, Reconciled};
use regulars_domain::location::Location;
use regulars_domain::member::Member;
use regulars_domain::{Currency, Date, MemberId, Refusal};

/// A shop that is there stays as it is: its facts come back with the next pull. Only its currency must agree, since
/// amounts are booked in it.
pub(crate) fn add_location(rows: &mut dyn Rows, access: &Access, location: &Location) -> Result<(), NoEffect> {
    let location = location.clone().checked()?;
    if !access.scope.allows(&location.code) {
        return Err(not_allowed());
    }
    match rows.find_location(&location.code)? {
        Some(known) => Ok(check_currency(location.currency, &known)?),
        None if access.scope == Scope::All => {
            let version = rows.next_version()?;
            Ok(rows.insert_location(&location, version)?)
        }
        None => Err(not_allowed()),
    }
}

/// A member who is there already, and says the same, joins the shop; one who says something else is a conflict.
pub(crate) fn add_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    document: &Document,
    location: &str,
    since: Date,
) -> Result<(), NoEffect> {
    Member::read(document)?;
    check_location(rows, access, location)?;
    let Some(stored) = rows.find_member(id)? else {
        rows.insert_membership(id, location, since)?;
        return put_member(rows, id, document);
    };
    let known = living(stored)?;
    if known != *document {
        return Err(NoEffect::Conflict(Edit::between(&known, document).fields.into_keys().collect()));
    }
    join(rows, access, id, location, since)
}

/// Takes the edit where nobody else changed the same fields.
pub(crate) fn edit_member(rows: &mut dyn Rows, access: &Access, id: MemberId, edit: &Edit) -> Result<(), NoEffect> {
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    let current = living(stored)?;
    match edit.reconcile(&current) {
        Reconciled::Conflict(fields) => Err(NoEffect::Conflict(fields)),
        Reconciled::Merged(merged) if merged == current => Ok(()),
        Reconciled::Merged(merged) => {
            Member::read(&merged)?;
            put_member(rows, id, &merged)
        }
    }
}

/// Takes a member in at a shop, and tells its tills what happened before.
pub(crate) fn join(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    location: &str,
    since: Date,
) -> Result<(), NoEffect> {
    check_location(rows, access, location)?;
    let stored = rows.find_member(id)?.ok_or_else(member_unknown)?;
    let document = living(stored)?;
    if !rows.insert_membership(id, location, since)? {
        return Ok(());
    }
    put_member(rows, id, &document)?;
    // The new shop's tills are behind these entries already: tell them anew.
    for (entry, booked_at) in rows.list_entries(id)? {
        let version = rows.next_version()?;
        publish(rows, id, Some(&booked_at), FeedRow { version, entity: Entity::Entry(entry) })?;
    }
    Ok(())
}

/// Tells the tills of every shop that the member belongs to, and of the one where it happened.
pub(crate) fn publish(
    rows: &mut dyn Rows,
    member: MemberId,
    happened_at: Option<&str>,
    row: FeedRow,
) -> Result<(), HeadOfficeError> {
    let mut locations: Vec<String> =
        rows.list_memberships(member)?.into_iter().map(|membership| membership.location).collect();
    if let Some(location) = happened_at.filter(|location| !locations.iter().any(|known| known == location)) {
        locations.push(location.to_owned());
    }
    rows.publish(&locations, row)
}

/// The shop, where the token may act for it.
pub(crate) fn check_location(rows: &mut dyn Rows, access: &Access, code: &str) -> Result<Location, NoEffect> {
    if !access.scope.allows(code) {
        return Err(not_allowed());
    }
    let location = rows.find_location(code)?;
    location.ok_or_else(|| rejected("location_unknown", "head office does not know that shop"))
}

/// The member or their tombstone, where they belong to a shop that the token may see.
pub(crate) fn visible_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
) -> Result<Option<StoredMember>, HeadOfficeError> {
    let is_visible = rows.list_memberships(id)?.iter().any(|membership| access.scope.allows(&membership.location));
    if is_visible { rows.find_member(id) } else { Ok(None) }
}

/// Nobody of that id is known, or the token may not know it.
pub(crate) fn member_unknown() -> NoEffect {
    rejected("member_unknown", "head office does not know this member")
}

/// Amounts of one shop are in one currency.
pub(crate) fn check_currency(given: Currency, location: &Location) -> Result<(), Refusal> {
    if given == location.currency {
        return Ok(());
    }
    let expected = location.currency.code().to_owned();
    Err(Refusal::CurrencyDiffers { given: given.code().to_owned(), expected })
}

fn not_allowed() -> NoEffect {
    rejected("location_not_allowed", "this till may not serve that shop")
}

/// The document of a member who is still there: a tombstone is never filled again.
fn living(stored: StoredMember) -> Result<Document, NoEffect> {
    if stored.is_deleted {
        return Err(rejected("member_deleted", "this member was deleted at head office"));
    }
    Ok(serde_json::from_str(&stored.document).map_err(HeadOfficeError::from)?)
}

fn put_member(rows: &mut dyn Rows, id: MemberId, document: &Document) -> Result<(), NoEffect> {
    let version = rows.next_version()?;
    let document = serde_json::to_string(document).map_err(HeadOfficeError::from)?;
    rows.put_member(id, &StoredMember { document, version, is_deleted: false })?;
    Ok(publish(rows, id, None, FeedRow { version, entity: Entity::Member(id) })?)
}
