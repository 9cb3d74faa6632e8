//! Cards at the counter.

use super::counter::card;
use super::desk::Desk;
use super::views::cards::{
    BlockCard, CardAsked, CardCheck, CardHolder, CardView, DescribeCard, IssueCard, ReplaceCard, SerialMade,
};
use super::views::{MemberCard, Nothing};
use crate::cards;
use crate::error::AppError;
use regulars_domain::Timestamp;
use regulars_domain::member::{CardFacts, CardState, LoyaltyCard, SerialNumber};
use regulars_domain::time::TimeZoneName;
use std::collections::BTreeMap;

/// How many characters of a serial number tell cards apart at a glance.
const ENDING: usize = 4;

pub(super) fn check_card(desk: &Desk, asked: CardAsked) -> Result<CardCheck, AppError> {
    let serial = SerialNumber::parse(&asked.serial_number)?;
    let found = cards::find(&desk.till, &serial.to_string())?;
    let in_use_by = match found {
        Some(found) => Some(CardHolder {
            member_id: found.member_id,
            full_name: desk
                .till
                .read(|tx| Ok(regulars_store::members::find_name(tx, found.member_id)?.unwrap_or_default()))?,
            state: found.card.state(desk.till.now()),
        }),
        None => None,
    };
    Ok(CardCheck { serial_number: serial.to_string(), in_use_by })
}

pub(super) fn new_serial(desk: &Desk, _: Nothing) -> Result<SerialMade, AppError> {
    Ok(SerialMade { serial_number: cards::new_serial(&desk.till)?.to_string() })
}

pub(super) fn issue_card(desk: &Desk, asked: IssueCard) -> Result<MemberCard, AppError> {
    let serial = SerialNumber::parse(&asked.serial_number)?;
    cards::issue(&desk.till, asked.member_id, &serial, asked.is_virtual)?;
    card(desk, asked.member_id)
}

pub(super) fn block_card(desk: &Desk, asked: BlockCard) -> Result<MemberCard, AppError> {
    card(desk, cards::block(&desk.till, &asked.serial_number, asked.reason)?)
}

pub(super) fn unblock_card(desk: &Desk, asked: CardAsked) -> Result<MemberCard, AppError> {
    card(desk, cards::unblock(&desk.till, &asked.serial_number)?)
}

pub(super) fn replace_card(desk: &Desk, asked: ReplaceCard) -> Result<MemberCard, AppError> {
    let new = SerialNumber::parse(&asked.new)?;
    card(desk, cards::replace(&desk.till, &asked.old, &new, asked.reason, Some(asked.is_virtual))?)
}

pub(super) fn describe_card(desk: &Desk, asked: DescribeCard) -> Result<MemberCard, AppError> {
    let DescribeCard { serial_number, note, processor, valid_from, valid_until } = asked;
    let facts = CardFacts { note, processor, valid_from, valid_until };
    card(desk, cards::describe(&desk.till, &desk.location()?, &serial_number, facts)?)
}

/// Cards that may be used first, then the latest.
pub(super) fn views(all: &BTreeMap<String, LoyaltyCard>, at: Timestamp, zone: TimeZoneName) -> Vec<CardView> {
    let mut views: Vec<CardView> = all.iter().map(|(serial, card)| view(serial, card, at, zone)).collect();
    views.sort_by_key(|view| (view.state != CardState::Active, view.is_virtual, std::cmp::Reverse(view.status_at)));
    views
}

pub(super) fn view(serial: &str, card: &LoyaltyCard, at: Timestamp, zone: TimeZoneName) -> CardView {
    CardView {
        serial_number: serial.to_owned(),
        ending: ending(serial),
        is_virtual: card.is_virtual,
        processor: card.processor.clone(),
        state: card.state(at),
        status_reason: card.status_reason.clone(),
        status_at: card.status_at,
        issued_at: card.issued_at,
        valid_from: card.valid_from.map(|at| zone.business_date(at)),
        valid_until: card.valid_until.map(|at| zone.business_date(at)),
        replaced_by: card.replaced_by.clone(),
        note: card.note.clone(),
    }
}

/// The end of a card that may be used, plastic before virtual.
pub(super) fn usable_ending(all: &BTreeMap<String, LoyaltyCard>, at: Timestamp) -> Option<String> {
    let usable = || all.iter().filter(|(_, card)| card.state(at) == CardState::Active);
    let found = usable().find(|(_, card)| !card.is_virtual).or_else(|| usable().next());
    found.map(|(serial, _)| ending(serial))
}

pub(super) fn ending(serial: &str) -> String {
    let characters: Vec<char> = serial.chars().filter(|character| character.is_alphanumeric()).collect();
    characters[characters.len().saturating_sub(ENDING)..].iter().collect()
}
