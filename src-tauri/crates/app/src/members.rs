//! Members: registering, editing, taking in at another shop, and everything that is known of one.

use crate::error::AppError;
use crate::till::Till;
use regulars_domain::change::Change;
use regulars_domain::member::{self, Member, MemberInput, Typed};
use regulars_domain::{MemberId, Refusal};
use regulars_store::ledger::StoredEntry;
use regulars_store::locations::StoredLocation;
use regulars_store::members::{Membership, StoredMember};
use regulars_store::outbox::QueuedChange;
use regulars_store::{Transaction, ledger, members, outbox, record};
use serde_json::Value;

/// Everything that this till has of a member.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The working row.
    pub stored: StoredMember,
    /// What this version knows of it.
    pub member: Member,
    /// The shops that they belong to.
    pub memberships: Vec<Membership>,
    /// Ledger entries over all accounts, oldest first.
    pub entries: Vec<StoredEntry>,
    /// What this till changed about them, oldest first.
    pub changes: Vec<QueuedChange>,
}

/// Registers a member in a shop. Name and phone are enough.
///
/// # Errors
/// The first refusal, with its field.
pub fn register(till: &Till, location: &StoredLocation, input: &MemberInput) -> Result<MemberId, AppError> {
    let member = input.checked_as_new(typed(till, location)?)?;
    let (id, stamp, mut new_change_id) = (till.new_member_id(), till.stamp(), till.change_ids());
    let (location_id, member_since) = (location.id, location.location.zone().business_date(stamp.at));
    till.write(move |tx| {
        let change = Change::MemberAdded { member_id: id, document: member.document(), location_id, member_since };
        record::record(tx, &change, stamp, &mut new_change_id)?;
        Ok(id)
    })
}

/// Edits a member by a JSON merge patch (RFC 7396) over the shape in which one is typed. Answers whether anything
/// really changed. Phones are read as in the shop given.
///
/// # Errors
/// `member_not_found`; the first refusal, with its field.
pub fn edit(till: &Till, location: &StoredLocation, id: MemberId, patch: Value) -> Result<bool, AppError> {
    let (typed, stamp, mut new_change_id) = (typed(till, location)?, till.stamp(), till.change_ids());
    till.write(move |tx| {
        let stored = living(tx, id)?;
        let edit = member::edit(&stored.document, &patch, typed)?;
        if edit.is_empty() {
            return Ok(false);
        }
        record::record(tx, &Change::MemberEdited { member_id: id, edit }, stamp, &mut new_change_id)?;
        Ok(true)
    })
}

/// Takes a known person in at another shop. One who is a member there already stays one.
///
/// # Errors
/// `member_not_found`.
pub fn bring_here(till: &Till, location: &StoredLocation, id: MemberId) -> Result<(), AppError> {
    let (stamp, mut new_change_id) = (till.stamp(), till.change_ids());
    let (location_id, member_since) = (location.id, location.location.zone().business_date(stamp.at));
    till.write(move |tx| {
        living(tx, id)?;
        if belongs(tx, id, location_id)? {
            return Ok(());
        }
        let change = Change::MembershipAdded { member_id: id, location_id, member_since };
        Ok(record::record(tx, &change, stamp, &mut new_change_id)?)
    })
}

/// Everything that is known of a member.
///
/// # Errors
/// `member_not_found`.
pub fn get(till: &Till, id: MemberId) -> Result<Whole, AppError> {
    till.read(|tx| read(tx, id))
}

pub(crate) fn read(tx: &Transaction<'_>, id: MemberId) -> Result<Whole, AppError> {
    let stored = members::find(tx, id)?.ok_or(Refusal::MemberNotFound)?;
    Ok(Whole {
        member: Member::read(&stored.document)?,
        stored,
        memberships: members::list_memberships(tx, id)?,
        entries: ledger::list_of_member(tx, id)?,
        changes: outbox::list_of_member(tx, id)?,
    })
}

pub(crate) fn living(tx: &Transaction<'_>, id: MemberId) -> Result<StoredMember, AppError> {
    let stored = members::find(tx, id)?.filter(|stored| stored.deleted_at.is_none());
    Ok(stored.ok_or(Refusal::MemberNotFound)?)
}

pub(crate) fn belongs(
    tx: &Transaction<'_>,
    id: MemberId,
    location: regulars_domain::LocationId,
) -> Result<bool, AppError> {
    Ok(members::list_memberships(tx, id)?.iter().any(|membership| membership.location_id == location))
}

fn typed(till: &Till, location: &StoredLocation) -> Result<Typed, AppError> {
    let on = location.location.zone().business_date(till.now());
    Ok(Typed { country: location.location.phone_country()?, on })
}
