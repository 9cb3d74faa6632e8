//! What a change does to shops and the catalogue; who may do what where, and who is told.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::error::HeadOfficeError;
use crate::storage::{FeedRow, Rows, Scope, StoredMember};
use regulars_domain::edit::Edit;
use regulars_domain::label::Label;
use regulars_domain::location::Location;
use regulars_domain::{Currency, MemberId, Refusal};

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

/// Edits what a shop is, as far as nobody else was first. Who would owe the credit that was booked there is not changed
/// any more: it would lie in accounts that no till opens. The tills are told anew also where nothing was taken, for the
/// one that sent it shows what was typed there.
pub(crate) fn edit_location(rows: &mut dyn Rows, access: &Access, code: &str, edit: &Edit) -> Result<(), NoEffect> {
    let known = check_location(rows, access, code)?;
    let mut edit = known.untouched(edit.clone());
    if rows.is_booked_at(&known.code)? {
        edit.fields.remove("issuer");
    }
    let version = rows.next_version()?;
    Ok(rows.update_location(&known.edited(&edit)?, version)?)
}

/// Puts a label into the catalogue, which is one for all shops. The last one to say its colour is right.
pub(crate) fn put_label(rows: &mut dyn Rows, label: &Label) -> Result<(), NoEffect> {
    let label = label.clone().checked()?;
    if rows.find_label(&label.name)?.as_ref() == Some(&label) {
        return Ok(());
    }
    let version = rows.next_version()?;
    Ok(rows.put_label(&label, version)?)
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
