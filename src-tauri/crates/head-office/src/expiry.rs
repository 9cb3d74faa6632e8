//! Lots that ran out: head office is the ledger's home, so it books them, and books back what was used in time.
//!
//! A lot runs out when its last day has passed in the shop that it came from. A till that was offline may tell later
//! of a redemption that it made in time: that one counts, and what had expired too much comes back.

use crate::effects::publish;
use crate::error::HeadOfficeError;
use crate::purse::{Purse, replay};
use crate::storage::{Entity, ExpiringAccount, ExpiringPlace, FeedRow, Rows};
use regulars_domain::ledger::{EntryKind, EntrySource};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::time::TimeZoneName;
use regulars_domain::{AccountId, Date, EntryId, Money, TillId, Timestamp};
use regulars_protocol::push::Entry;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Accounts looked at in one transaction: some tens of milliseconds, so that no till waits long for its turn to push.
const ACCOUNTS: usize = 100;
/// How far ahead of UTC a day begins at most (Kiribati).
const EARLIEST_DAY: Duration = Duration::from_secs(14 * 3600);

/// One batch of a sweep.
pub(crate) struct Swept {
    /// How many entries were booked.
    pub(crate) booked: u64,
    /// Where the next batch begins; nothing after the last.
    pub(crate) next: Option<ExpiringPlace>,
}

/// Books what ran out, and what ran out too much, in the next accounts after a place.
///
/// # Errors
/// Faults of the database.
pub(crate) fn sweep(
    rows: &mut dyn Rows,
    at: Timestamp,
    after: Option<ExpiringPlace>,
) -> Result<Swept, HeadOfficeError> {
    // Which of these lots ran out is asked in each one's own shop.
    let found = rows.list_expiring(first_today(at), after, ACCOUNTS)?;
    let next = found.get(ACCOUNTS - 1).map(|last| last.place);
    let mut booked = 0;
    for account in found {
        let purse = Purse::of(rows, account.member_id, &account.issuer, account.currency)?;
        booked += post_due(rows, &purse, at)?;
    }
    Ok(Swept { booked, next })
}

/// Books what ran out, and what ran out too much. Answers how many entries that took.
pub(crate) fn post_due(rows: &mut dyn Rows, purse: &Purse, at: Timestamp) -> Result<u64, HeadOfficeError> {
    settle(rows, purse, at, true)
}

/// Books back what ran out too much, and notes when the purse is to be looked at again. What ran out is left for the
/// sweep: a redemption that was made in time may be in the same batch.
pub(crate) fn correct(rows: &mut dyn Rows, purse: &Purse, at: Timestamp) -> Result<(), HeadOfficeError> {
    let first = purse.first_expiries(rows)?;
    if first.is_empty() {
        return Ok(());
    }
    let first_today = first_today(at);
    if first.values().all(|last_day| *last_day >= first_today) {
        // Nothing can have run out yet, so nothing ran out too much: there is no need to reckon up lots.
        return note_next(rows, purse, &first);
    }
    settle(rows, purse, at, false).map(|_| ())
}

fn settle(rows: &mut dyn Rows, purse: &Purse, at: Timestamp, posts_due: bool) -> Result<u64, HeadOfficeError> {
    let entries = purse.entries(rows)?;
    let lots = match replay(purse.currency, &entries) {
        Ok(lots) => lots,
        Err(error) => {
            // Sums that no account can hold. What happened is booked all the same, and a person looks at it.
            tracing::error!(%error, "the lots of an account cannot be reckoned");
            return Ok(0);
        }
    };
    let mut days = Days { at, days: BTreeMap::new() };
    let mut bookings = Vec::new();
    for (lot, _, too_much) in lots.over_expired() {
        bookings.extend(lot_of(&entries, lot).map(|(lot, _)| (lot, too_much)));
    }
    let mut next = BTreeMap::new();
    for (lot, _, left) in lots.due_to_expire(end_of_time()) {
        let Some((lot, expires_on)) = lot_of(&entries, lot) else { continue };
        if posts_due && expires_on < days.today(rows, &lot.location)? {
            let left = if is_planted(Mistake::ExpiryIgnoresRedemption) { lot.amount } else { left };
            bookings.push((lot, left.negated()));
        } else {
            let first = next.entry(lot.account_id).or_insert(expires_on);
            *first = expires_on.min(*first);
        }
    }
    let mut booked = 0;
    for (lot, amount) in bookings {
        let today = days.today(rows, &lot.location)?;
        let nth = entries.iter().filter(|entry| is_expiry_of(entry, lot)).count();
        let id = free_id(rows, lot.id, nth, amount)?;
        book(rows, &expiry(lot, id, amount, today, at))?;
        booked += 1;
    }
    note_next(rows, purse, &next)?;
    Ok(booked)
}

/// The id follows from the lot and the amount, so that an expiry that is booked anew, after a copy of the database was put
/// back, is the one that tills have. One that was given back under the same number takes the next.
fn free_id(rows: &mut dyn Rows, lot: EntryId, nth: usize, amount: Money) -> Result<EntryId, HeadOfficeError> {
    let mut nth = nth;
    loop {
        let id = EntryId::of_expiry(lot, nth, amount);
        if rows.find_entry(id)?.is_none() {
            return Ok(id);
        }
        nth += 1;
    }
}

fn book(rows: &mut dyn Rows, entry: &Entry) -> Result<(), HeadOfficeError> {
    let version = rows.next_version()?;
    rows.insert_entry(entry)?;
    let row = FeedRow { version, entity: Entity::Entry(entry.id) };
    publish(rows, entry.member_id, Some(&entry.location), row)
}

/// Notes for each account of a purse when it is to be looked at.
fn note_next(rows: &mut dyn Rows, purse: &Purse, next: &BTreeMap<AccountId, Date>) -> Result<(), HeadOfficeError> {
    for (account_id, member_id) in &purse.accounts {
        match next.get(account_id) {
            None => rows.delete_expiring(*account_id)?,
            Some(expires_on) => rows.put_expiring(&ExpiringAccount {
                place: ExpiringPlace { expires_on: *expires_on, account_id: *account_id },
                member_id: *member_id,
                issuer: purse.issuer.clone(),
                currency: purse.currency,
            })?,
        }
    }
    Ok(())
}

/// The entry that brought a lot in, and its last day. What undid another entry is no lot of its own: an expiry of it
/// would be taken from others.
fn lot_of(entries: &[Entry], id: EntryId) -> Option<(&Entry, Date)> {
    let lot = entries.iter().find(|entry| entry.id == id)?;
    let can_run_out = !matches!(lot.kind, EntryKind::Void | EntryKind::Expire);
    lot.expires_on.filter(|_| can_run_out).map(|expires_on| (lot, expires_on))
}

fn is_expiry_of(entry: &Entry, lot: &Entry) -> bool {
    entry.kind == EntryKind::Expire && entry.source_entry_id == Some(lot.id)
}

fn expiry(lot: &Entry, id: EntryId, amount: Money, today: Date, at: Timestamp) -> Entry {
    Entry {
        id,
        kind: EntryKind::Expire,
        amount,
        till_id: TillId::from_uuid(Uuid::nil()),
        staff_id: None,
        business_date: today,
        at,
        receipt: None,
        tender: None,
        reason: None,
        source_entry_id: Some(lot.id),
        visit_id: None,
        expires_on: None,
        source: EntrySource::Remote,
        authorisation_id: None,
        ..lot.clone()
    }
}

/// A day after every lot's last one: each lot that can run out at all is due then.
fn end_of_time() -> Date {
    Date::new(9999, 12, 31).unwrap_or_else(|| TimeZoneName::UTC.business_date(Timestamp::from_millis(i64::MAX)))
}

/// The day where a new one begins first: whose last day is not before it has run out in no shop.
fn first_today(at: Timestamp) -> Date {
    TimeZoneName::UTC.business_date(at.plus(EARLIEST_DAY))
}

/// Which day it is in each shop.
struct Days {
    at: Timestamp,
    days: BTreeMap<String, Date>,
}

impl Days {
    fn today(&mut self, rows: &mut dyn Rows, location: &str) -> Result<Date, HeadOfficeError> {
        if let Some(day) = self.days.get(location) {
            return Ok(*day);
        }
        let zone = rows.find_location(location)?.map_or(TimeZoneName::UTC, |location| location.zone());
        let day = zone.business_date(self.at);
        self.days.insert(location.to_owned(), day);
        Ok(day)
    }
}
