//! Ledgers for tests, written as a shop owner would write them down.

use super::{EntryKind, EntrySource, Holdings, LedgerEntry, LotClass};
use crate::ids::{AccountId, EntryId, LocationId, MemberId, StaffId, TillId, VisitId};
use crate::money::{Currency, Money};
use crate::time::{Date, Timestamp};
use uuid::Uuid;

const MINUTES_A_DAY: i64 = 24 * 60;

pub fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

pub fn vnd(minor: i64) -> Money {
    Money::new(minor, currency("VND"))
}

/// The `n`th day of a calendar of 28-day months, from January 2026.
pub fn day(n: u32) -> Date {
    let n = n - 1;
    Date::new(2026 + (n / 336) as i32, 1 + n / 28 % 12, 1 + n % 28).expect("a day")
}

/// Some minutes after midnight of the first day.
pub fn minutes(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

pub fn entry_id(n: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(n))
}

pub fn visit_id(n: u128) -> VisitId {
    VisitId::from_uuid(Uuid::from_u128(n))
}

pub fn till(n: u128) -> TillId {
    TillId::from_uuid(Uuid::from_u128(n))
}

pub fn staff(n: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(n))
}

pub fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(7))
}

pub fn location() -> LocationId {
    LocationId::from_uuid(Uuid::from_u128(7))
}

/// Entry number `n` at till 1, on day 1, `n` minutes after midnight.
pub fn entry(n: u128, kind: EntryKind, lot_class: LotClass, amount: Money) -> LedgerEntry {
    LedgerEntry {
        id: entry_id(n),
        account_id: AccountId::of(member(), "default", amount.currency),
        member_id: member(),
        issuer: "default".to_owned(),
        kind,
        lot_class,
        amount,
        location_id: location(),
        till_id: till(1),
        staff_id: None,
        business_date: day(1),
        at: minutes(i64::try_from(n).expect("a small number")),
        receipt: None,
        tender: None,
        reason: None,
        source_entry_id: None,
        expires_on: None,
        source: EntrySource::Till,
        authorisation_id: None,
        visit_id: None,
    }
}

/// Reads one entry of đồng a line, as `#3  day 5  redeem reward -20  until 9  of #1  visit 2  till 2  staff 4  at 17`: its
/// number, the business date, kind, class and amount, then what it has: the last day, the source entry, the visit, who
/// booked it, and the minute of the day, which is else its number.
pub fn ledger(text: &str) -> Vec<LedgerEntry> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(read_line).collect()
}

fn read_line(line: &str) -> LedgerEntry {
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("{line}: a word is missing"));
    let number = |word: &str| word.trim_start_matches('#').parse::<u32>().unwrap_or_else(|_| panic!("{line}: {word}"));
    let n = number(word());
    assert_eq!(word(), "day", "{line}");
    let on = number(word());
    let (kind, class, minor) = (word().parse().expect("a kind"), word().parse().expect("a class"), word());
    let amount = vnd(minor.parse().expect("an amount"));
    let mut minute = i64::from(n);
    let mut read = LedgerEntry { business_date: day(on), ..entry(n.into(), kind, class, amount) };
    while let (Some(what), Some(which)) = (words.next(), words.next()) {
        let which = number(which);
        match what {
            "until" => read.expires_on = Some(day(which)),
            "of" => read.source_entry_id = Some(entry_id(which.into())),
            "visit" => read.visit_id = Some(visit_id(which.into())),
            "till" => read.till_id = till(which.into()),
            "staff" => read.staff_id = Some(staff(which.into())),
            "at" => minute = i64::from(which),
            _ => panic!("{line}: {what}"),
        }
    }
    read.at = minutes(i64::from(on - 1) * MINUTES_A_DAY + minute);
    read
}

/// What each class holds, as `reward 10, prepaid 100`; `nothing` for nothing.
pub fn in_words(holdings: &Holdings) -> String {
    use LotClass::{Goodwill, Prepaid, Returns, Reward};
    let held = [Reward, Goodwill, Returns, Prepaid].map(|class| (class, holdings.of(class).minor));
    let held = held.iter().filter(|(_, minor)| *minor != 0).map(|(class, minor)| format!("{class} {minor}"));
    let words = held.collect::<Vec<_>>().join(", ");
    if words.is_empty() { "nothing".to_owned() } else { words }
}
