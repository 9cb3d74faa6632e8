//! Cards: giving out, blocking, lifting a block, replacing, saying something about one. A serial number belongs to one member.

use crate::error::AppError;
use crate::members::living;
use crate::rights::Action;
use crate::tasks;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::edit::Edit;
use regulars_domain::member::{BlockReason, CardFacts, CardState, LoyaltyCard, Member, SerialNumber, key};
use regulars_domain::{MemberId, Refusal, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::members::{self, Hit};
use regulars_store::outbox::Stamp;
use regulars_store::{Transaction, record};

/// A card and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundCard {
    /// The serial number as it is kept.
    pub serial: String,
    /// The member, or the one that they turned out to be.
    pub member_id: MemberId,
    /// The card.
    pub card: LoyaltyCard,
}

/// The card of that serial number, where this till knows it.
///
/// # Errors
/// As any read.
pub fn find(till: &Till, typed: &str) -> Result<Option<FoundCard>, AppError> {
    till.read(|tx| find_in(tx, typed))
}

pub(crate) fn find_in(tx: &Transaction<'_>, typed: &str) -> Result<Option<FoundCard>, AppError> {
    find_among(tx, &members::find_keyed(tx, typed, u32::MAX)?, typed)
}

/// The card, among those who have something of that number.
pub(crate) fn find_among(tx: &Transaction<'_>, keyed: &[Hit], typed: &str) -> Result<Option<FoundCard>, AppError> {
    let wanted = key(typed);
    for hit in keyed {
        let Some(stored) = members::find(tx, hit.id)? else { continue };
        let cards = Member::read(&stored.document)?.cards;
        if let Some((serial, card)) = cards.into_iter().find(|(serial, _)| key(serial) == wanted) {
            return Ok(Some(FoundCard { serial, member_id: members::resolve(tx, hit.id)?, card }));
        }
    }
    Ok(None)
}

/// Makes a serial number for a virtual card that nobody here has.
///
/// # Errors
/// As any read.
pub fn new_serial(till: &Till) -> Result<SerialNumber, AppError> {
    loop {
        let made = SerialNumber::make(till.draw());
        if find(till, &made.to_string())?.is_none() {
            return Ok(made);
        }
    }
}

/// Gives a card out.
///
/// # Errors
/// `member_not_found`, `card_taken`; `card_refused` for a card of theirs that may not be used.
pub fn issue(till: &Till, id: MemberId, serial: &SerialNumber, is_virtual: bool) -> Result<(), AppError> {
    let stamp = till.permit(Action::IssueCard)?;
    let (serial, mut ids) = (serial.clone(), till.ids());
    till.write(move |tx| {
        let member_id = living(tx, id)?.id;
        if let Some(known) = find_in(tx, &serial.to_string())?.filter(|known| known.member_id == member_id) {
            // The same twice is once; a card that may not be used is not given out anew.
            return Ok(check_may_be_used(&known.card, stamp.at)?);
        }
        check_is_free(tx, &serial.to_string(), member_id)?;
        let card = LoyaltyCard::issued(is_virtual, stamp.at);
        change(tx, member_id, stamp, &mut ids, |cards| {
            cards.insert(serial.to_string(), card);
        })?;
        Ok(())
    })
}

/// Blocks a card.
///
/// # Errors
/// `card_not_found`, `card_blocked_already`.
pub fn block(till: &Till, typed: &str, reason: BlockReason) -> Result<MemberId, AppError> {
    let stamp = till.permit(Action::BlockCard)?;
    with_card(till, typed, stamp, move |found, at| match found.card.state(at) {
        CardState::Blocked => Err(Refusal::CardBlockedAlready),
        CardState::Active | CardState::Inactive | CardState::NotYetValid | CardState::Expired => {
            Ok(found.card.blocked(reason.name(), at))
        }
    })
}

/// Lifts the block of a card.
///
/// # Errors
/// `card_not_found`, `card_not_blocked`; `card_refused` for one that was replaced.
pub fn unblock(till: &Till, typed: &str) -> Result<MemberId, AppError> {
    let stamp = till.permit(Action::BlockCard)?;
    with_card(till, typed, stamp, move |found, at| match found.card.state(at) {
        CardState::Blocked if found.card.replaced_by.is_some() => Err(refused(&found.card, "blocked")),
        CardState::Blocked => Ok(found.card.unblocked(at)),
        CardState::Active | CardState::Inactive | CardState::NotYetValid | CardState::Expired => {
            Err(Refusal::CardNotBlocked)
        }
    })
}

/// Blocks a card and gives another one out in its place. Credit, labels and everything else are the member's, and stay.
///
/// # Errors
/// `card_not_found` for the old one, `card_taken` for the new one.
pub fn replace(
    till: &Till,
    old: &str,
    new: &SerialNumber,
    reason: BlockReason,
    is_virtual: Option<bool>,
) -> Result<MemberId, AppError> {
    let stamp = till.permit(Action::IssueCard)?;
    let (old, new, mut ids) = (old.to_owned(), new.clone(), till.ids());
    till.write(move |tx| {
        let found = find_in(tx, &old)?.ok_or(Refusal::CardNotFound)?;
        match find_in(tx, &new.to_string())? {
            // The same twice is once.
            Some(known) if found.card.replaced_by.as_ref() == Some(&known.serial) => return Ok(found.member_id),
            Some(_) => return Err(Refusal::CardTaken.into()),
            None => {}
        }
        let holder = holder_of(tx, &found)?;
        let replaced =
            LoyaltyCard { replaced_by: Some(new.to_string()), ..blocked_for_good(&found.card, reason, stamp.at) };
        let fresh = LoyaltyCard {
            processor: found.card.processor.clone(),
            valid_until: found.card.valid_until,
            meta: found.card.meta.clone(),
            ..LoyaltyCard::issued(is_virtual.unwrap_or(found.card.is_virtual), stamp.at)
        };
        change(tx, holder, stamp, &mut ids, |cards| {
            cards.insert(found.serial.clone(), replaced);
            cards.insert(new.to_string(), fresh);
        })?;
        Ok(found.member_id)
    })
}

/// Says something else about a card: its note, its machinery, how long it is valid. Whether it is blocked stays.
///
/// # Errors
/// `card_not_found`; the first refusal, with its field.
pub fn describe(till: &Till, location: &StoredLocation, typed: &str, facts: CardFacts) -> Result<MemberId, AppError> {
    let stamp = till.permit(Action::Edit)?;
    let (typed, zone, at_shop, mut ids) = (typed.to_owned(), location.location.zone(), location.id, till.ids());
    till.write(move |tx| {
        let found = find_in(tx, &typed)?.ok_or(Refusal::CardNotFound)?;
        let described = found.card.described(&facts, zone)?;
        if described == found.card {
            return Ok(found.member_id);
        }
        let holder = holder_of(tx, &found)?;
        let edit = change(tx, holder, stamp, &mut ids, |cards| {
            cards.insert(found.serial.clone(), described);
        })?;
        tasks::retry_repaired(tx, holder, (&edit, at_shop, &Edit::default()), stamp, &mut ids)?;
        Ok(found.member_id)
    })
}

/// A card that is blocked already keeps its reason and its day.
fn blocked_for_good(card: &LoyaltyCard, reason: BlockReason, at: Timestamp) -> LoyaltyCard {
    match card.state(at) {
        CardState::Blocked => card.clone(),
        CardState::Active | CardState::Inactive | CardState::NotYetValid | CardState::Expired => {
            card.blocked(reason.name(), at)
        }
    }
}

/// Refuses a serial number that belongs to somebody else.
pub(crate) fn check_is_free(tx: &Transaction<'_>, serial: &str, member: MemberId) -> Result<(), AppError> {
    match find_in(tx, serial)? {
        Some(known) if known.member_id != members::resolve(tx, member)? => Err(Refusal::CardTaken.into()),
        Some(_) | None => Ok(()),
    }
}

/// Refuses a card that may not be used now.
///
/// # Errors
/// `card_refused`, with the state and the reason.
pub fn check_may_be_used(card: &LoyaltyCard, at: Timestamp) -> Result<(), Refusal> {
    let state = match card.state(at) {
        CardState::Active => return Ok(()),
        CardState::Inactive => "inactive",
        CardState::NotYetValid => "not_yet_valid",
        CardState::Expired => "expired",
        CardState::Blocked => "blocked",
    };
    Err(refused(card, state))
}

fn refused(card: &LoyaltyCard, state: &'static str) -> Refusal {
    Refusal::CardRefused { state, reason: card.status_reason.clone() }
}

/// Changes the one card of that number.
fn with_card(
    till: &Till,
    typed: &str,
    stamp: Stamp,
    work: impl FnOnce(&FoundCard, Timestamp) -> Result<LoyaltyCard, Refusal> + Send + 'static,
) -> Result<MemberId, AppError> {
    let (typed, mut ids) = (typed.to_owned(), till.ids());
    till.write(move |tx| {
        let found = find_in(tx, &typed)?.ok_or(Refusal::CardNotFound)?;
        let changed = work(&found, stamp.at)?;
        let holder = holder_of(tx, &found)?;
        change(tx, holder, stamp, &mut ids, |cards| {
            cards.insert(found.serial.clone(), changed);
        })?;
        Ok(found.member_id)
    })
}

/// The member whose document has the card: it may be an alias.
fn holder_of(tx: &Transaction<'_>, found: &FoundCard) -> Result<MemberId, AppError> {
    for id in members::list_group(tx, found.member_id)? {
        if let Some(stored) = members::find(tx, id)?
            && Member::read(&stored.document)?.cards.contains_key(&found.serial)
        {
            return Ok(id);
        }
    }
    Ok(found.member_id)
}

fn change(
    tx: &Transaction<'_>,
    member_id: MemberId,
    stamp: Stamp,
    ids: &mut Ids,
    work: impl FnOnce(&mut std::collections::BTreeMap<String, LoyaltyCard>),
) -> Result<Edit, AppError> {
    let stored = members::find(tx, member_id)?.ok_or(Refusal::MemberNotFound)?;
    let before = Member::read(&stored.document)?;
    let mut after = before.clone();
    work(&mut after.cards);
    let edit = Edit::between(&before.document(), &after.document());
    record::record(tx, &Change::MemberEdited { member_id, edit: edit.clone() }, stamp, &mut || ids.change())?;
    Ok(edit)
}
