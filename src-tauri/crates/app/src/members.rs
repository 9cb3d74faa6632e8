//! Members: registering, editing, removing, taking in at another shop, and everything that is known of one.

use crate::cards;
use crate::error::AppError;
use crate::rights::Action;
use crate::tasks;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::label::Label;
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::member::{self, LoyaltyCard, Member, SerialNumber, Typed, Typing};
use regulars_domain::membership::{Status, Terms, status};
use regulars_domain::text::{self, MAX_LINE};
use regulars_domain::{Date, LocationId, MemberId, Refusal, Timestamp};
use regulars_store::decisions::{self, Decision};
use regulars_store::ledger::StoredEntry;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members::{Membership, StoredMember};
use regulars_store::outbox::{QueuedChange, Stamp};
use regulars_store::visits::StoredVisit;
use regulars_store::{Transaction, labels, ledger, members, mirror, outbox, record, remotes, till as own, visits};
use regulars_sync::connectors::head_office;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that this till has of a member, with everybody who turned out to be them.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The working row.
    pub stored: StoredMember,
    /// What this version knows of it.
    pub member: Member,
    /// The members who turned out to be this one.
    pub aliases: Vec<(MemberId, Member)>,
    /// The shops that they belong to.
    pub memberships: Vec<Membership>,
    /// Their cards, those of the aliases too.
    pub cards: BTreeMap<String, LoyaltyCard>,
    /// Ledger entries over all accounts, oldest first.
    pub entries: Vec<StoredEntry>,
    /// Visits, oldest first.
    pub visits: Vec<StoredVisit>,
    /// What this till changed about them, oldest first.
    pub changes: Vec<QueuedChange>,
    /// What was decided where somebody else changed the same, oldest first.
    pub decisions: Vec<Decision>,
}

/// Registers a member in a shop. Name and phone are enough; a reference is made where none is given. `card` is a card
/// that they get at once.
///
/// # Errors
/// The first refusal, with its field; `card_taken`.
pub fn register(
    till: &Till,
    location: &StoredLocation,
    typing: &Typing,
    card: Option<&SerialNumber>,
) -> Result<MemberId, AppError> {
    let stamp = till.permit(Action::Register)?;
    let (member, terms) = typing.checked_as_new(typed(till, location)?)?;
    let (id, mut ids, location, card) = (till.new_member_id(), till.ids(), location.clone(), card.cloned());
    till.write(move |tx| {
        insert(tx, &location, id, member, &terms, card.as_ref(), stamp, &mut ids)?;
        Ok(id)
    })
}

/// Registers a member who was checked, in the caller's transaction.
#[expect(clippy::too_many_arguments, reason = "who, where, what and when; a struct would only name them again")]
pub(crate) fn insert(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    mut member: Member,
    terms: &Terms,
    card: Option<&SerialNumber>,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    if let Some(serial) = card {
        member.cards.insert(serial.to_string(), LoyaltyCard::issued(false, stamp.at));
    }
    for serial in member.cards.keys() {
        cards::check_is_free(tx, serial, id)?;
    }
    if member.reference.is_none() {
        member.reference = Some(own::take_reference(tx)?);
    }
    put_new_labels(tx, location.id, terms, stamp, ids)?;
    let member_since = terms.member_since.unwrap_or_else(|| location.location.zone().business_date(stamp.at));
    let change = Change::MemberAdded {
        member_id: id,
        document: member.document(),
        location_id: location.id,
        member_since,
        terms: terms.document(),
    };
    Ok(record::record(tx, &change, stamp, &mut || ids.change())?)
}

/// Edits a member by a JSON merge patch (RFC 7396) over the shape in which one is typed: the person, and what holds
/// for them at the shop given. Answers whether anything really changed. Phones are read as in that shop.
///
/// # Errors
/// `member_not_found`; `not_a_member_here` where the patch is about the shop; the first refusal, with its field.
pub fn edit(till: &Till, location: &StoredLocation, id: MemberId, patch: Value) -> Result<bool, AppError> {
    let stamp = till.permit(Action::Edit)?;
    let (typed, mut ids, location) = (typed(till, location)?, till.ids(), location.clone());
    till.write(move |tx| Ok(apply_patch(tx, &location, id, &patch, typed, stamp, &mut ids)?.is_some()))
}

/// Edits a member in the caller's transaction. Answers the edits, or `None` where nothing changed.
pub(crate) fn apply_patch(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    patch: &Value,
    typed: Typed,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<Option<(Edit, Edit)>, AppError> {
    let stored = living(tx, id)?;
    let here = membership_at(tx, stored.id, location.id)?;
    let terms_before = here.as_ref().map_or_else(Document::new, |membership| membership.terms.clone());
    let (person, at_shop) = edits(&stored, here.as_ref(), patch, typed)?;
    for path in person.fields.keys() {
        if let Some(serial) = path.strip_prefix("cards/") {
            cards::check_is_free(tx, serial, stored.id)?;
        }
    }
    if !at_shop.is_empty() && here.is_none() {
        return Err(Refusal::NotAMemberHere.into());
    }
    if person.is_empty() && at_shop.is_empty() {
        return Ok(None);
    }
    record_edits(tx, location.id, stored.id, person.clone(), at_shop.clone(), stamp, ids)?;
    tasks::retry_repaired(tx, stored.id, (&person, location.id, &at_shop), stamp, ids)?;
    let mut terms = terms_before;
    at_shop.apply(&mut terms);
    put_new_labels(tx, location.id, &Terms::read(&terms)?, stamp, ids)?;
    Ok(Some((person, at_shop)))
}

/// What a patch changes about a person, and about how they stand at a shop. Since when they are a member is known there
/// also where nobody said so: the same day once more is no change.
pub(crate) fn edits(
    stored: &StoredMember,
    here: Option<&Membership>,
    patch: &Value,
    typed: Typed,
) -> Result<(Edit, Edit), AppError> {
    let terms = here.map_or_else(Document::new, |membership| membership.terms.clone());
    let (person, mut at_shop) = member::edit(&stored.document, &terms, patch, typed)?;
    if let Some(here) = here {
        let since = serde_json::json!(here.member_since);
        at_shop.fields.retain(|path, edit| path != "member_since" || !edit.before.is_null() || edit.after != since);
    }
    Ok((person, at_shop))
}

/// Records edits of a person and of what holds at a shop; empty ones are no change.
pub(crate) fn record_edits(
    tx: &Transaction<'_>,
    location_id: LocationId,
    member_id: MemberId,
    person: Edit,
    at_shop: Edit,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    if !person.is_empty() {
        record::record(tx, &Change::MemberEdited { member_id, edit: person }, stamp, &mut || ids.change())?;
    }
    if !at_shop.is_empty() {
        let change = Change::MembershipEdited { member_id, location_id, edit: at_shop };
        record::record(tx, &change, stamp, &mut || ids.change())?;
    }
    Ok(())
}

/// Deletes a member. Their entries stay; with credit or a debt they are not deleted before that is settled.
///
/// # Errors
/// `member_not_found`, `balance_not_settled`; `required` for the reason.
pub fn remove(till: &Till, id: MemberId, reason: &str) -> Result<(), AppError> {
    let stamp = till.permit(Action::Remove)?;
    let reason = text::line("reason", reason, MAX_LINE)?.ok_or(Refusal::Required { field: "reason" })?;
    let mut ids = till.ids();
    till.write(move |tx| remove_in(tx, id, &reason, stamp, &mut ids))
}

/// Deletes a member in the caller's transaction.
pub(crate) fn remove_in(
    tx: &Transaction<'_>,
    id: MemberId,
    reason: &str,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    let root = living(tx, id)?.id;
    check_settled(tx, root)?;
    let mut group = members::list_group(tx, root)?;
    // All rows of a person go. Those who turned out to be them first: head office lets nobody go of whom it has another row.
    group.reverse();
    for member_id in group {
        if members::find(tx, member_id)?.is_some_and(|stored| stored.deleted_at.is_none()) {
            let change = Change::MemberRemoved { member_id, reason: reason.to_owned(), seen_version: None };
            record::record(tx, &change, stamp, &mut || ids.change())?;
        }
    }
    Ok(())
}

/// Erases everything about a person, for good: working rows and the key of what is sealed. Sums and chains stay.
///
/// # Errors
/// `member_not_found`, `balance_not_settled`; `required` for the reason.
pub fn erase(till: &Till, id: MemberId, reason: &str) -> Result<(), AppError> {
    let stamp = till.permit(Action::Erase)?;
    let reason = text::line("reason", reason, MAX_LINE)?.ok_or(Refusal::Required { field: "reason" })?;
    let mut ids = till.ids();
    till.write(move |tx| {
        // Also one who was deleted before: what is kept of them goes too.
        let root = members::find(tx, members::resolve(tx, id)?)?.ok_or(Refusal::MemberNotFound)?.id;
        check_settled(tx, root)?;
        // Head office erases nobody who turned out to be somebody that still stands: that one comes first.
        for member_id in members::list_group(tx, root)? {
            if members::find(tx, member_id)?.is_some() {
                let change = Change::MemberErased { member_id, reason: reason.clone() };
                record::record(tx, &change, stamp, &mut || ids.change())?;
            }
        }
        Ok(())
    })
}

/// Nothing is owed to a person, or by them.
fn check_settled(tx: &Transaction<'_>, root: MemberId) -> Result<(), AppError> {
    check_sums(tx, &members::list_group(tx, root)?)
}

/// What was booked for these members comes to nothing.
pub(crate) fn check_sums(tx: &Transaction<'_>, group: &[MemberId]) -> Result<(), AppError> {
    let mut sums: BTreeMap<(String, &'static str), regulars_domain::Money> = BTreeMap::new();
    for alias in group.iter().copied() {
        for StoredEntry { entry: LedgerEntry { issuer, amount, .. }, .. } in ledger::list_of_member(tx, alias)? {
            let sum =
                sums.entry((issuer, amount.currency.code())).or_insert(regulars_domain::Money::zero(amount.currency));
            *sum = sum.plus(amount)?;
        }
    }
    match sums.into_values().find(|sum| sum.minor != 0) {
        Some(balance) => Err(Refusal::BalanceNotSettled { balance }.into()),
        None => Ok(()),
    }
}

/// Takes a known person in at another shop. One who is a member there already stays one.
///
/// # Errors
/// `member_not_found`.
pub fn bring_here(till: &Till, location: &StoredLocation, id: MemberId) -> Result<(), AppError> {
    let (stamp, mut ids) = (till.permit(Action::Register)?, till.ids());
    let (location, member_since) = (location.clone(), location.location.zone().business_date(stamp.at));
    till.write(move |tx| {
        let member_id = living(tx, id)?.id;
        if membership_at(tx, member_id, location.id)?.is_some() {
            return Ok(());
        }
        let change = joining(tx, &location, member_id, member_since, Document::new())?;
        Ok(record::record(tx, &change, stamp, &mut || ids.change())?)
    })
}

/// How a known person comes to a shop. Where head office has not heard of them, because they came in at a shop of nobody's or
/// of another member system, it is told who they are.
pub(crate) fn joining(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    member_id: MemberId,
    member_since: Date,
    terms: Document,
) -> Result<Change, AppError> {
    let location_id = location.id;
    let is_news = match location.remote_id {
        Some(remote) => {
            remotes::get(tx, remote)?.kind == head_office::KIND && !mirror::is_known_at(tx, remote, member_id)?
        }
        None => false,
    };
    if !is_news {
        return Ok(Change::MembershipAdded { member_id, location_id, member_since, terms });
    }
    let document = members::find(tx, member_id)?.ok_or(Refusal::MemberNotFound)?.document;
    Ok(Change::MemberAdded { member_id, document, location_id, member_since, terms })
}

/// Puts a label into the catalogue, or changes its colour.
///
/// # Errors
/// A refusal with its field.
pub fn put_label(till: &Till, location: &StoredLocation, label: Label) -> Result<(), AppError> {
    let (stamp, mut ids) = (till.permit(Action::Edit)?, till.ids());
    let (label, location_id) = (label.checked()?, location.id);
    till.write(move |tx| Ok(record::record(tx, &Change::LabelPut { location_id, label }, stamp, &mut || ids.change())?))
}

/// Everything that is known of a member, or of the one that they turned out to be.
///
/// # Errors
/// `member_not_found`.
pub fn get(till: &Till, id: MemberId) -> Result<Whole, AppError> {
    till.read(|tx| read(tx, id))
}

pub(crate) fn read(tx: &Transaction<'_>, id: MemberId) -> Result<Whole, AppError> {
    let root = members::resolve(tx, id)?;
    let stored = members::find(tx, root)?.ok_or(Refusal::MemberNotFound)?;
    let member = Member::read(&stored.document)?;
    let mut whole = Whole {
        cards: member.cards.clone(),
        member,
        aliases: Vec::new(),
        memberships: members::list_memberships(tx, root)?,
        entries: Vec::new(),
        visits: Vec::new(),
        changes: Vec::new(),
        decisions: Vec::new(),
        stored,
    };
    for id in members::list_group(tx, root)? {
        whole.entries.extend(ledger::list_of_member(tx, id)?);
        whole.visits.extend(visits::list_of_member(tx, id)?);
        whole.changes.extend(outbox::list_of_member(tx, id)?);
        whole.decisions.extend(decisions::list_of_member(tx, id)?);
        if id != root
            && let Some(alias) = members::find(tx, id)?
        {
            let member = Member::read(&alias.document)?;
            whole.cards.extend(member.cards.clone());
            whole.aliases.push((id, member));
        }
    }
    whole.entries.sort_by_key(|stored| (stored.entry.at, stored.entry.id));
    whole.visits.sort_by_key(|stored| (stored.visit.at, stored.visit.id));
    whole.changes.sort_by_key(|queued| (queued.made_at, queued.number));
    whole.decisions.sort_by_key(|decision| (decision.at, decision.id));
    Ok(whole)
}

impl Whole {
    /// How they stand at a shop.
    ///
    /// # Errors
    /// `member_invalid` where what is stored of it cannot be read.
    pub fn status(&self, location: &StoredLocation, at: Timestamp) -> Result<Status, AppError> {
        let terms = self.terms(location)?;
        let is_removed = self.stored.deleted_at.is_some();
        Ok(status(&self.member, is_removed, terms.as_ref(), at, location.location.zone()))
    }

    /// What holds for them at a shop, where they are a member of it.
    ///
    /// # Errors
    /// `member_invalid` where what is stored of it cannot be read.
    pub fn terms(&self, location: &StoredLocation) -> Result<Option<Terms>, AppError> {
        let here = self.memberships.iter().find(|membership| membership.location_id == location.id);
        Ok(here.map(|membership| Terms::read(&membership.terms)).transpose()?)
    }
}

/// The member of that id, or the one that they turned out to be, where they are still there.
pub(crate) fn living(tx: &Transaction<'_>, id: MemberId) -> Result<StoredMember, AppError> {
    let stored = members::find(tx, members::resolve(tx, id)?)?.filter(|stored| stored.deleted_at.is_none());
    Ok(stored.ok_or(Refusal::MemberNotFound)?)
}

pub(crate) fn membership_at(
    tx: &Transaction<'_>,
    id: MemberId,
    location: LocationId,
) -> Result<Option<Membership>, AppError> {
    Ok(members::list_memberships(tx, id)?.into_iter().find(|membership| membership.location_id == location))
}

/// How a member stands at a shop, and what holds for them there.
pub(crate) fn standing(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    stored: &StoredMember,
    at: Timestamp,
) -> Result<(Status, Option<Terms>), AppError> {
    let here = membership_at(tx, stored.id, location.id)?;
    let terms = here.map(|membership| Terms::read(&membership.terms)).transpose()?;
    let member = Member::read(&stored.document)?;
    let status = status(&member, stored.deleted_at.is_some(), terms.as_ref(), at, location.location.zone());
    Ok((status, terms))
}

pub(crate) fn typed(till: &Till, location: &StoredLocation) -> Result<Typed, AppError> {
    let at = till.now();
    let on = location.location.zone().business_date(at);
    Ok(Typed { country: location.location.phone_country()?, on, at })
}

/// The shop that an action on a member is about where none was named: the one shop of this till that they belong to.
///
/// # Errors
/// `member_not_found`; `location_not_found` where this till serves no shop.
pub fn home_of(till: &Till, id: MemberId) -> Result<StoredLocation, AppError> {
    till.read(|tx| {
        let memberships = members::list_memberships(tx, living(tx, id)?.id)?;
        let all = locations::list(tx)?;
        let is_home =
            |stored: &&StoredLocation| memberships.iter().any(|membership| membership.location_id == stored.id);
        let ours = || all.iter().filter(|stored| stored.is_ours);
        let found = ours().find(is_home).or_else(|| all.iter().find(is_home)).or_else(|| ours().next());
        Ok(found.cloned().ok_or(Refusal::LocationNotFound { code: String::new() })?)
    })
}

/// A label that somebody sticks on is in the catalogue from then on.
fn put_new_labels(
    tx: &Transaction<'_>,
    location_id: LocationId,
    terms: &Terms,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    if terms.labels.is_empty() {
        return Ok(());
    }
    let known = labels::list(tx)?;
    for name in terms.label_names() {
        if !known.iter().any(|label| label.name == name) {
            let label = Label { name: name.to_owned(), color: None, external_id: None };
            record::record(tx, &Change::LabelPut { location_id, label }, stamp, &mut || ids.change())?;
        }
    }
    Ok(())
}
