//! The counter: find, open, register, take in, top up.

use super::cards;
use super::desk::Desk;
use super::history;
use super::views::cards::CardRefused;
use super::views::member::{LabelView, LastVisit, StatusState, StatusView};
use super::views::money::NextExpiry;
use super::views::twins::AliasView;
use super::views::{
    CreditView, EntryIdMade, Find, FindAnswer, FindKind, LedgerHome, MemberAsked, MemberCard, MemberHit, Nothing,
    PhoneAsked, PhoneRead, Place, Register, TopUp, TopUpAsked, TopUpPreview,
};
use crate::credit::{self, Credit};
use crate::error::AppError;
use crate::find::{self, Answer, Asking};
use crate::{members, pictures};
use regulars_domain::member::{Kind, Member, SerialNumber, Typing, initials};
use regulars_domain::membership::{Status, Terms};
use regulars_domain::percent::Percent;
use regulars_domain::phone::{self, Phone};
use regulars_domain::{Date, MemberId, Money, Timestamp};
use regulars_store::Transaction;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::{labels, members as rows, visits};

/// Most hits that are shown at once.
const SHOWN: usize = 50;

pub(super) fn find(desk: &Desk, asked: Find) -> Result<FindAnswer, AppError> {
    let location = desk.location()?;
    let found = find::find(&desk.till, &location, &asked.query, SHOWN)?;
    answer(desk, &location, &found, &asked.query)
}

/// Asks the shop's remote, where nobody here is what was typed.
pub(super) async fn ask_remote(desk: &Desk, asked: Find) -> Result<FindAnswer, AppError> {
    let location = desk.location()?;
    let (till, typed) = (&desk.till, &asked.query);
    let found = match (find::asking(till, &location, typed)?, desk.way(&location)) {
        (Asking::Search, Some(line)) => find::ask(till, &location, typed, SHOWN, &line).await?,
        (Asking::Exchange, Some(_)) => {
            let asked_at = till.now();
            // Where it takes longer it goes on by itself.
            let _ended_or_not = tokio::time::timeout(find::ASK_TIMEOUT, desk.background.exchange_now()).await;
            find::after_exchange(till, &location, typed, SHOWN, asked_at)?
        }
        (Asking::No, _) | (_, None) => find::find(till, &location, typed, SHOWN)?,
    };
    answer(desk, &location, &found, typed)
}

fn answer(desk: &Desk, location: &StoredLocation, found: &find::Found, query: &str) -> Result<FindAnswer, AppError> {
    let at = desk.till.now();
    let can_ask = match found.answer {
        Answer::NotInCopy | Answer::RemoteNone | Answer::RemoteCannotTell | Answer::RemoteUnreachable => {
            find::asking(&desk.till, location, query)? != Asking::No
        }
        Answer::Found
        | Answer::Several
        | Answer::Elsewhere
        | Answer::CardRefused
        | Answer::RemoteFound
        | Answer::TooShort => false,
    };
    desk.till.read(|tx| {
        let members = found.members.iter().map(|id| hit(tx, location, *id, at));
        let refused_card = match &found.refused {
            Some(refused) => Some(CardRefused {
                card: cards::view(&refused.serial, &refused.card, at, location.location.zone()),
                member_name: rows::find_name(tx, refused.member_id)?.unwrap_or_default(),
            }),
            None => None,
        };
        Ok(FindAnswer {
            answer: match found.answer {
                Answer::Found => FindKind::Found,
                Answer::Several => FindKind::Several,
                Answer::Elsewhere => FindKind::Elsewhere,
                Answer::CardRefused => FindKind::CardRefused,
                Answer::NotInCopy => FindKind::NotInCopy,
                Answer::RemoteFound => FindKind::RemoteFound,
                Answer::RemoteNone => FindKind::RemoteNone,
                Answer::RemoteCannotTell => FindKind::RemoteCannotTell,
                Answer::RemoteUnreachable => FindKind::RemoteUnreachable,
                Answer::TooShort => FindKind::TooShort,
            },
            as_of: found.as_of,
            is_complete: found.is_complete,
            has_more: found.has_more,
            members: members.collect::<Result<_, _>>()?,
            refused_card,
            can_ask,
        })
    })
}

pub(super) fn hit(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    at: Timestamp,
) -> Result<MemberHit, AppError> {
    let stored = members::living(tx, id)?;
    let member = Member::read(&stored.document)?;
    let memberships = rows::list_memberships(tx, stored.id)?;
    let (status, terms) = members::standing(tx, location, &stored, at)?;
    let here = memberships.iter().find(|membership| membership.location_id == location.id);
    Ok(MemberHit {
        id: stored.id,
        initials: initials(member.called()),
        phone: shown_phone(&member, location)?,
        phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
        birth_year: member.birthday.and_then(|birthday| birthday.year),
        member_since: here.or(memberships.first()).map(since),
        elsewhere: names_elsewhere(tx, location, &memberships)?,
        balance: credit::balance(tx, location, stored.id)?,
        is_company: member.kind == Kind::Company,
        tax_id: member.company.as_ref().and_then(|company| company.tax_id.clone()),
        reference: member.reference.clone(),
        labels: label_views(tx, terms.as_ref())?,
        last_visit: last_visit(tx, location, stored.id)?,
        card_ending: cards::usable_ending(&member.cards, at),
        status: status_view(&status),
        full_name: member.called().to_owned(),
    })
}

/// Since when, as the member says or as they were taken in.
pub(super) fn since(membership: &rows::Membership) -> Date {
    let told = Terms::read(&membership.terms).ok().and_then(|terms| terms.member_since);
    told.unwrap_or(membership.member_since)
}

pub(super) fn last_visit(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
) -> Result<Option<LastVisit>, AppError> {
    let Some((on, at)) = visits::find_last(tx, id)? else { return Ok(None) };
    Ok(Some(LastVisit { on, location: locations::get(tx, at)?.location.name, is_here: at == location.id }))
}

pub(super) fn label_views(tx: &Transaction<'_>, terms: Option<&Terms>) -> Result<Vec<LabelView>, AppError> {
    let Some(terms) = terms.filter(|terms| !terms.labels.is_empty()) else { return Ok(Vec::new()) };
    let catalogue = labels::list(tx)?;
    let color = |name: &str| catalogue.iter().find(|label| label.name == name).and_then(|label| label.color.clone());
    Ok(terms.label_names().into_iter().map(|name| LabelView { name: name.to_owned(), color: color(name) }).collect())
}

pub(super) fn status_view(status: &Status) -> StatusView {
    let (state, reason, on) = match status {
        Status::Active => (StatusState::Active, None, None),
        Status::NotAMember => (StatusState::NotAMember, None, None),
        Status::Inactive => (StatusState::Inactive, None, None),
        Status::NotYetValid { from } => (StatusState::NotYetValid, None, Some(*from)),
        Status::Expired { until } => (StatusState::Expired, None, Some(*until)),
        Status::OnHold { reason } => (StatusState::OnHold, reason.clone(), None),
        Status::Removed => (StatusState::Removed, None, None),
        Status::Merged => (StatusState::Merged, None, None),
    };
    StatusView { state, reason, on }
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
    desk.note_served(card.id);
    Ok(card)
}

pub(super) fn card(desk: &Desk, id: MemberId) -> Result<MemberCard, AppError> {
    let location = desk.location()?;
    let at = desk.till.now();
    desk.till.read(|tx| {
        let id = members::living(tx, id)?.id;
        let whole = members::read(tx, id)?;
        let credit = credit::read(tx, &location, id, at)?;
        let status = whole.status(&location, at)?;
        let terms = whole.terms(&location)?;
        let here = whole.memberships.iter().find(|membership| membership.location_id == location.id);
        let history = history::lines(tx, &desk.till, &location, &whole)?;
        let earn_otherwise = crate::rules::read(tx, &location.location.code)?.earn_percent;
        let rates = terms.as_ref().map(|terms| terms.rates(&status, earn_otherwise));
        let shown = |percent: Percent| (percent != Percent::ZERO).then_some(percent);
        let member = &whole.member;
        let alias = |(member_id, alias): &(MemberId, Member)| AliasView {
            member_id: *member_id,
            full_name: alias.called().to_owned(),
            merged_at: alias.merged.as_ref().map_or(at, |merged| merged.at),
        };
        Ok(MemberCard {
            id,
            full_name: member.called().to_owned(),
            is_company: member.kind == Kind::Company,
            tax_id: member.company.as_ref().and_then(|company| company.tax_id.clone()),
            reference: member.reference.clone(),
            status: status_view(&status),
            labels: label_views(tx, terms.as_ref())?,
            risk: terms.as_ref().and_then(|terms| terms.risk.clone()),
            discount_percent: rates.and_then(|(discount, _)| shown(discount)),
            valid_until: terms.as_ref().and_then(|terms| terms.valid_until),
            earn_percent: rates.and_then(|(_, earn)| shown(earn)),
            on_account: terms.as_ref().and_then(|terms| terms.on_account),
            staff_note: member.staff_note.clone(),
            last_visit: last_visit(tx, &location, id)?,
            cards: cards::views(&whole.cards, at, location.location.zone()),
            aliases: whole.aliases.iter().map(alias).collect(),
            has_picture: member.picture.as_ref().is_some_and(|picture| picture.data.is_some()),
            initials: initials(member.called()),
            phone: shown_phone(member, &location)?,
            phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
            email: member.email.clone(),
            birthday: member.birthday,
            note: member.note.clone(),
            member_since: here.map(since),
            is_here: here.is_some(),
            elsewhere: names_elsewhere(tx, &location, &whole.memberships)?,
            needs_you: history.iter().any(|line| matches!(line.place, Place::NeedsYou)),
            credit: credit_view(&credit, desk.status.is_online(location.remote_id)),
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
        owes: (credit.balance.minor < 0).then(|| credit.balance.negated()),
        rewards: credit.rewards,
        next_expiry: credit.next_expiry.map(|(on, amount)| NextExpiry { amount, on }),
        cashable: credit.cashable,
    }
}

/// Connected, head office is asked for each redemption: then the balance itself is what can be used. A home that holds no
/// credit leaves it to the allowance.
fn usable(credit: &Credit, is_online: bool) -> Money {
    match is_online && credit.is_held_at_home {
        true => Money { minor: credit.available.minor.max(0), ..credit.available },
        false => credit.usable_offline,
    }
}

/// A member's number as it is read out at that shop.
pub(super) fn shown_phone(member: &Member, location: &StoredLocation) -> Result<Option<String>, AppError> {
    let country = location.location.phone_country()?;
    Ok(member.phone.as_ref().map(|number| phone::display(&number.typed, number.e164.as_deref(), country)))
}

pub(super) fn read_phone(desk: &Desk, asked: PhoneAsked) -> Result<PhoneRead, AppError> {
    let country = desk.location()?.location.phone_country()?;
    Ok(match Phone::parse(&asked.phone, country) {
        Ok(Phone { typed, e164: Some(e164) }) => {
            PhoneRead { is_valid: true, display: Some(phone::display(&typed, Some(&e164), country)) }
        }
        Ok(Phone { e164: None, .. }) => PhoneRead { is_valid: true, display: None },
        Err(_) => PhoneRead { is_valid: false, display: None },
    })
}

pub(super) fn register(desk: &Desk, mut asked: Register) -> Result<MemberCard, AppError> {
    pictures::make_small(&mut asked.input)?;
    let serial = asked.card.as_deref().filter(|card| !card.trim().is_empty()).map(SerialNumber::parse).transpose()?;
    let typing = Typing::read(&asked.input)?;
    let id = members::register(&desk.till, &desk.location()?, &typing, serial.as_ref())?;
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
    let is_online = desk.status.is_online(location.remote_id);
    let credit = credit::of_member(&desk.till, &location, asked.member_id)?;
    let amount = Money::new(asked.amount_minor, location.location.currency).movable();
    let after = match amount {
        Ok(amount) => credit::after_top_up(&desk.till, &location, asked.member_id, amount)?,
        Err(_) => credit.clone(),
    };
    let owes = (credit.balance.minor < 0).then(|| credit.balance.negated());
    let repays = owes.zip(amount.ok()).map(|(owes, amount)| if owes.minor < amount.minor { owes } else { amount });
    Ok(TopUpPreview {
        balance: credit.balance,
        pending: credit.pending,
        balance_after: after.balance,
        usable: usable(&credit, is_online),
        usable_after: usable(&after, is_online),
        repays,
    })
}

pub(super) fn top_up(desk: &Desk, asked: TopUp) -> Result<MemberCard, AppError> {
    let TopUp { member_id, entry_id, amount, tender } = asked;
    let top_up = credit::TopUp { entry_id, member_id, amount, tender, receipt: None };
    credit::top_up(&desk.till, &desk.location()?, top_up)?;
    desk.note_served(member_id);
    card(desk, member_id)
}
