//! The counter: find, open, register, take in, top up.

use super::desk::Desk;
use super::history;
use super::views::{
    CreditView, EntryIdMade, Find, FindAnswer, FindKind, LedgerHome, MemberAsked, MemberCard, MemberHit, Nothing,
    PhoneAsked, PhoneRead, Place, Register, TopUp, TopUpAsked, TopUpPreview,
};
use crate::credit::{self, Credit};
use crate::error::AppError;
use crate::find::{self, Answer};
use crate::members;
use regulars_domain::member::{Member, initials};
use regulars_domain::phone::{self, Phone};
use regulars_domain::{MemberId, Money};
use regulars_store::Transaction;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members as rows;

/// Most hits that are shown at once.
const SHOWN: usize = 50;

pub(super) fn find(desk: &Desk, asked: Find) -> Result<FindAnswer, AppError> {
    let location = desk.location()?;
    let found = find::find(&desk.till, &location, &asked.query)?;
    let at = desk.till.now();
    let members = desk.till.read(|tx| {
        found.members.iter().take(SHOWN).map(|id| hit(tx, &location, *id, at)).collect::<Result<Vec<_>, _>>()
    })?;
    Ok(FindAnswer {
        answer: match found.answer {
            Answer::Found => FindKind::Found,
            Answer::Several => FindKind::Several,
            Answer::Elsewhere => FindKind::Elsewhere,
            Answer::NotInCopy => FindKind::NotInCopy,
            Answer::TooShort => FindKind::TooShort,
        },
        as_of: found.as_of,
        is_complete: found.is_complete,
        total: found.members.len(),
        members,
    })
}

fn hit(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    at: regulars_domain::Timestamp,
) -> Result<MemberHit, AppError> {
    let member = Member::read(&members::living(tx, id)?.document)?;
    let memberships = rows::list_memberships(tx, id)?;
    let here = memberships.iter().find(|membership| membership.location_id == location.id);
    Ok(MemberHit {
        id,
        initials: initials(&member.name.full),
        full_name: member.name.full,
        phone: member.phone.as_ref().map(display),
        phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
        birth_year: member.birthday.and_then(|birthday| birthday.year),
        member_since: here.or(memberships.first()).map(|membership| membership.member_since),
        elsewhere: names_elsewhere(tx, location, &memberships)?,
        balance: credit::read(tx, location, id, at)?.balance,
    })
}

fn names_elsewhere(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    memberships: &[rows::Membership],
) -> Result<Vec<String>, AppError> {
    let others = memberships.iter().filter(|membership| membership.location_id != location.id);
    others.map(|membership| Ok(locations::get(tx, membership.location_id)?.location.name)).collect()
}

pub(super) fn open_member(desk: &Desk, asked: MemberAsked) -> Result<MemberCard, AppError> {
    let card = card(desk, asked.member_id)?;
    desk.note_served(asked.member_id);
    Ok(card)
}

fn card(desk: &Desk, id: MemberId) -> Result<MemberCard, AppError> {
    let location = desk.location()?;
    let at = desk.till.now();
    desk.till.read(|tx| {
        members::living(tx, id)?;
        let whole = members::read(tx, id)?;
        let credit = credit::read(tx, &location, id, at)?;
        let here = whole.memberships.iter().find(|membership| membership.location_id == location.id);
        let history = history::lines(tx, &location, &whole, credit.account_id)?;
        let member = &whole.member;
        Ok(MemberCard {
            id,
            full_name: member.name.full.clone(),
            initials: initials(&member.name.full),
            phone: member.phone.as_ref().map(display),
            phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
            email: member.email.clone(),
            birthday: member.birthday,
            note: member.note.clone(),
            member_since: here.map(|membership| membership.member_since),
            is_here: here.is_some(),
            elsewhere: names_elsewhere(tx, &location, &whole.memberships)?,
            needs_you: history.iter().any(|line| matches!(line.place, Place::NeedsYou)),
            credit: credit_view(&credit, desk.status.is_online()),
            history,
        })
    })
}

fn credit_view(credit: &Credit, is_online: bool) -> CreditView {
    CreditView {
        balance: credit.balance,
        pending: credit.pending,
        as_of: credit.as_of,
        usable: usable(credit, is_online),
        home: if credit.is_this_till_only { LedgerHome::ThisTill } else { LedgerHome::HeadOffice },
    }
}

/// Connected, head office is asked for each redemption: then the balance itself is what can be used.
fn usable(credit: &Credit, is_online: bool) -> Money {
    match is_online {
        true => Money { minor: credit.balance.minor.max(0), ..credit.balance },
        false => credit.usable_offline,
    }
}

fn display(number: &Phone) -> String {
    phone::display(&number.typed, number.e164.as_deref())
}

pub(super) fn read_phone(desk: &Desk, asked: PhoneAsked) -> Result<PhoneRead, AppError> {
    let country = desk.location()?.location.phone_country()?;
    Ok(match Phone::parse(&asked.phone, country) {
        Ok(number) => PhoneRead { is_valid: true, display: number.e164.is_some().then(|| display(&number)) },
        Err(_) => PhoneRead { is_valid: false, display: None },
    })
}

pub(super) fn register(desk: &Desk, asked: Register) -> Result<MemberCard, AppError> {
    let id = members::register(&desk.till, &desk.location()?, &asked.input)?;
    desk.note_served(id);
    card(desk, id)
}

pub(super) fn bring_here(desk: &Desk, asked: MemberAsked) -> Result<MemberCard, AppError> {
    members::bring_here(&desk.till, &desk.location()?, asked.member_id)?;
    desk.note_served(asked.member_id);
    card(desk, asked.member_id)
}

pub(super) fn new_entry_id(desk: &Desk, _: Nothing) -> Result<EntryIdMade, AppError> {
    Ok(EntryIdMade { entry_id: desk.till.new_entry_id() })
}

/// What a top-up would make of an account. An amount that cannot be booked yet is shown as none.
pub(super) fn preview_top_up(desk: &Desk, asked: TopUpAsked) -> Result<TopUpPreview, AppError> {
    let location = desk.location()?;
    let is_online = desk.status.is_online();
    let credit = credit::of_member(&desk.till, &location, asked.member_id)?;
    let amount = Money::new(asked.amount_minor, location.location.currency).movable();
    let after = match amount {
        Ok(amount) => credit::after_top_up(&desk.till, &location, asked.member_id, amount)?,
        Err(_) => credit,
    };
    Ok(TopUpPreview {
        balance: credit.balance,
        pending: credit.pending,
        balance_after: after.balance,
        usable: usable(&credit, is_online),
        usable_after: usable(&after, is_online),
    })
}

pub(super) fn top_up(desk: &Desk, asked: TopUp) -> Result<MemberCard, AppError> {
    let TopUp { member_id, entry_id, amount, tender } = asked;
    let top_up = credit::TopUp { entry_id, member_id, amount, tender, receipt: None };
    credit::top_up(&desk.till, &desk.location()?, top_up)?;
    desk.note_served(member_id);
    card(desk, member_id)
}
