//! The replay itself: entry by entry, which lot gives.

use super::{EntryKind, LedgerEntry, Lot, Lots, Taking};
use crate::ids::EntryId;
use crate::ledger::{checked, same_currency};
use crate::money::Currency;
use crate::planted::{Mistake, is_planted};
use crate::refusal::Refusal;
use crate::time::{Date, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Where a lot stands in the queue of its class: without a last day last, then the soonest, then the oldest.
type Turn = (bool, Option<Date>, usize);

struct Replay {
    lots: Lots,
    /// The lots of which something is left, per class.
    open: [BTreeSet<Turn>; 4],
}

pub(super) fn replay(currency: Currency, entries: &[LedgerEntry]) -> Result<Lots, Refusal> {
    let lots = Lots {
        currency,
        sums: sums(currency, entries)?,
        lots: Vec::new(),
        lot_of: BTreeMap::new(),
        takings: Vec::new(),
        taking_of: BTreeMap::new(),
    };
    let mut replay = Replay { lots, open: std::array::from_fn(|_| BTreeSet::new()) };
    let known: BTreeSet<_> =
        entries.iter().filter(|entry| can_run_out(entry)).map(|entry| (entry.id, entry.lot_class)).collect();
    let is_expiry = |entry: &&LedgerEntry| {
        let lot = entry.source_entry_id.map(|lot| (lot, entry.lot_class));
        entry.kind == EntryKind::Expire && lot.is_some_and(|lot| known.contains(&lot))
    };
    let (expiries, moves): (Vec<_>, Vec<_>) = in_order(entries).into_iter().partition(is_expiry);
    for entry in moves {
        replay.count(entry);
    }
    replay.cover_debts();
    for entry in expiries {
        replay.expire(entry);
    }
    replay.settle_expiries();
    Ok(replay.lots)
}

/// The sum per class. Each amount, each sum and the balance must fit.
fn sums(currency: Currency, entries: &[LedgerEntry]) -> Result<[i64; 4], Refusal> {
    let mut sums = [0_i128; 4];
    for entry in entries {
        same_currency(currency, entry.amount)?;
        checked(i128::from(entry.amount.minor), currency)?;
        sums[entry.lot_class as usize] += i128::from(entry.amount.minor);
    }
    checked(sums.iter().sum(), currency)?;
    let mut fitting = [0; 4];
    for (place, sum) in fitting.iter_mut().zip(sums) {
        *place = checked(sum, currency)?.minor;
    }
    Ok(fitting)
}

/// By instant, then id; the entries of one visit at one instant stand together, what takes before what gives. What undoes
/// an entry stands behind it, whatever the clock said by then: a clock can be set back.
fn in_order(entries: &[LedgerEntry]) -> Vec<&LedgerEntry> {
    let mut first_of_visit = BTreeMap::new();
    for entry in entries {
        if let Some(visit) = entry.visit_id {
            let first = first_of_visit.entry((entry.at, visit)).or_insert(entry.id);
            *first = entry.id.min(*first);
        }
    }
    let turn = |entry: &LedgerEntry| -> (Timestamp, EntryId, bool) {
        let first = entry.visit_id.and_then(|visit| first_of_visit.get(&(entry.at, visit)));
        (entry.at, first.copied().unwrap_or(entry.id), entry.amount.minor > 0)
    };
    let undone: BTreeSet<_> = entries.iter().filter_map(undoes).collect();
    let turns: BTreeMap<_, _> =
        entries.iter().filter(|entry| undone.contains(&entry.id)).map(|entry| (entry.id, turn(entry))).collect();
    let mut ordered: Vec<_> = entries.iter().collect();
    ordered.sort_by_cached_key(|entry| {
        let (own, undone) = (turn(entry), undoes(entry).and_then(|undone| turns.get(&undone)).copied());
        let is_early = undone.is_some_and(|undone| own <= undone);
        (undone.map_or(own, |undone| own.max(undone)), is_early, entry.id)
    });
    ordered
}

fn undoes(entry: &LedgerEntry) -> Option<EntryId> {
    entry.source_entry_id.filter(|_| entry.kind == EntryKind::Void)
}

/// Is it a lot whatever else happened? What undoes another entry is none.
fn can_run_out(entry: &LedgerEntry) -> bool {
    entry.amount.minor > 0 && !matches!(entry.kind, EntryKind::Void | EntryKind::Expire)
}

impl Replay {
    fn count(&mut self, entry: &LedgerEntry) {
        let minor = i128::from(entry.amount.minor);
        match entry.kind {
            EntryKind::Void if minor > 0 => self.put_back(entry, minor),
            EntryKind::Void => self.take_back(entry, -minor),
            EntryKind::TopUp
            | EntryKind::Redeem
            | EntryKind::Earn
            | EntryKind::ReturnToCredit
            | EntryKind::CashOut
            | EntryKind::Adjust
            | EntryKind::Expire
            | EntryKind::Opening => match minor {
                ..=0 => self.take(entry, -minor),
                1.. => self.open_lot(entry, minor),
            },
        }
    }

    fn open_lot(&mut self, entry: &LedgerEntry, left: i128) {
        let place = self.lots.lots.len();
        self.lots.lots.push(Lot {
            id: entry.id,
            class: entry.lot_class,
            expires_on: entry.expires_on,
            left,
            covers: 0,
            expired: 0,
            over_expired: 0,
        });
        self.lots.lot_of.insert(entry.id, place);
        self.requeue(place);
    }

    /// From the lot that the entry names, where it can be used, then by turn; the rest is a debt.
    fn take(&mut self, entry: &LedgerEntry, minor: i128) {
        let mut taking = Taking::new(entry, minor);
        if let Some(place) =
            self.named_lot(entry).filter(|place| !self.lots.lots[*place].has_lapsed(entry.business_date))
        {
            self.take_from(place, &mut taking);
        }
        while let Some(place) = self.next_lot(&taking) {
            self.take_from(place, &mut taking);
        }
        self.keep(entry, taking);
    }

    /// Undoes an entry that brought credit in: from its own lot only, whatever its last day.
    fn take_back(&mut self, entry: &LedgerEntry, minor: i128) {
        let Some(place) = self.named_lot(entry) else { return self.take(entry, minor) };
        let mut taking = Taking::new(entry, minor);
        self.take_from(place, &mut taking);
        self.keep(entry, taking);
    }

    /// Undoes an entry that took credit: what it owed first, then lot by lot, the last one first. What it had not
    /// taken is a lot of its own.
    fn put_back(&mut self, entry: &LedgerEntry, minor: i128) {
        let source = entry.source_entry_id.and_then(|source| self.lots.taking_of.get(&source)).copied();
        let of_its_class = |place: &usize| self.lots.takings[*place].class == entry.lot_class;
        let Some(undone) = source.filter(of_its_class) else { return self.open_lot(entry, minor) };
        let taking = &mut self.lots.takings[undone];
        let forgiven = taking.debt.min(minor);
        taking.debt -= forgiven;
        let mut left = minor - forgiven;
        while left > 0 {
            let Some((place, part)) = self.lots.takings[undone].from.pop() else { break };
            let back = part.min(left);
            self.lots.lots[place].left += back;
            self.requeue(place);
            left -= back;
            if part > back {
                self.lots.takings[undone].from.push((place, part - back));
            }
        }
        if left > 0 {
            self.open_lot(entry, left);
        }
    }

    fn take_from(&mut self, place: usize, taking: &mut Taking) {
        let lot = &mut self.lots.lots[place];
        let part = lot.left.min(taking.debt);
        lot.left -= part;
        taking.debt -= part;
        if part > 0 {
            taking.from.push((place, part));
        }
        self.requeue(place);
    }

    /// A lot stands in the queue as long as something is left of it.
    fn requeue(&mut self, place: usize) {
        let lot = &self.lots.lots[place];
        let turn = (lot.expires_on.is_none(), lot.expires_on, place);
        let queue = &mut self.open[lot.class as usize];
        if lot.left > 0 {
            queue.insert(turn)
        } else {
            queue.remove(&turn)
        };
    }

    /// The lot whose turn it is, while something is still to be taken.
    fn next_lot(&self, taking: &Taking) -> Option<usize> {
        let first = (false, Some(taking.business_date), 0);
        let mut usable = self.open[taking.class as usize].range(first..);
        let turn = if is_planted(Mistake::NewestLotsFirst) { usable.next_back() } else { usable.next() };
        let turn = turn.filter(|_| taking.debt > 0);
        turn.map(|(_, _, place)| *place)
    }

    fn named_lot(&self, entry: &LedgerEntry) -> Option<usize> {
        let place = entry.source_entry_id.and_then(|source| self.lots.lot_of.get(&source)).copied();
        place.filter(|place| self.lots.lots[*place].class == entry.lot_class)
    }

    fn keep(&mut self, entry: &LedgerEntry, taking: Taking) {
        self.lots.taking_of.insert(entry.id, self.lots.takings.len());
        self.lots.takings.push(taking);
    }

    /// A debt stands against lots that it could have used in time: what covers it does not run out. Otherwise a
    /// redemption that this order puts before the earning it used (two tills' clocks) would be paid twice: once by
    /// the debt, once by the expiry.
    fn cover_debts(&mut self) {
        for taking in self.lots.takings.iter().filter(|taking| taking.debt > 0) {
            let mut owed = taking.debt;
            let in_time = (false, Some(taking.business_date), 0)..(true, None, 0);
            for (_, _, place) in self.open[taking.class as usize].range(in_time) {
                let lot = &mut self.lots.lots[*place];
                let covered = owed.min(lot.can_expire());
                lot.covers += covered;
                owed -= covered;
            }
        }
    }

    /// Expiries of one lot count together, so that one that was booked too much and its correction cancel out.
    fn expire(&mut self, entry: &LedgerEntry) {
        if let Some(place) = self.named_lot(entry) {
            self.lots.lots[place].expired -= i128::from(entry.amount.minor);
        }
    }

    /// What was booked as expired leaves the lot, as far as something is there that can run out.
    fn settle_expiries(&mut self) {
        for lot in &mut self.lots.lots {
            lot.over_expired = (lot.expired - lot.can_expire()).max(0);
            lot.expired -= lot.over_expired;
            lot.left -= lot.expired;
        }
    }
}

impl Taking {
    /// All that is to be taken is owed until lots give it.
    fn new(entry: &LedgerEntry, minor: i128) -> Self {
        let from: Vec<(usize, i128)> = Vec::new();
        Self { class: entry.lot_class, business_date: entry.business_date, from, debt: minor }
    }
}
