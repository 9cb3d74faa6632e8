//! Which credit is left of what came in, and until when: the ledger replayed into lots.
//!
//! The entries are the truth and the lots follow from them, whatever order they arrived in; nothing here is stored.
//! The balance stays the plain sum of the entries; lots say what of it can still be used on a day.

mod replay;

use super::{EntryKind, Holdings, LedgerEntry, LotClass};
use crate::ids::EntryId;
use crate::money::{Currency, Money};
use crate::refusal::Refusal;
use crate::time::Date;
use std::collections::BTreeMap;

/// An account's credit, lot by lot. A lot is one entry that brought credit in.
#[derive(Clone, Debug)]
pub struct Lots {
    currency: Currency,
    /// The sum of all entries per class, in minor units.
    sums: [i64; 4],
    /// In the order in which they came in.
    lots: Vec<Lot>,
    lot_of: BTreeMap<EntryId, usize>,
    /// In the order in which they happened.
    takings: Vec<Taking>,
    taking_of: BTreeMap<EntryId, usize>,
}

/// What one entry took out of one lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The entry that had brought it in.
    pub lot: EntryId,
    /// What kind of credit it is.
    pub class: LotClass,
    /// The lot's last day.
    pub expires_on: Option<Date>,
    /// How much, more than zero.
    pub amount: Money,
}

/// Amounts are minor units in `i128`, so that no sum of them can overflow.
#[derive(Clone, Debug)]
struct Lot {
    id: EntryId,
    class: LotClass,
    expires_on: Option<Date>,
    /// What nobody has taken and what did not run out.
    left: i128,
    /// What of it stands against a debt of the class, so that it does not run out: see `Replay::cover_debts`.
    covers: i128,
    /// What ran out of it, by entries.
    expired: i128,
    /// What `expire` entries took though it had been used in time.
    over_expired: i128,
}

impl Lot {
    /// What runs out when its last day has passed.
    const fn can_expire(&self) -> i128 {
        self.left - self.covers
    }

    fn has_lapsed(&self, on: Date) -> bool {
        self.expires_on.is_some_and(|last_day| last_day < on)
    }
}

/// What one entry took, and from where.
#[derive(Clone, Debug)]
struct Taking {
    class: LotClass,
    business_date: Date,
    /// The lots by place, and how much of each.
    from: Vec<(usize, i128)>,
    /// What was in no lot: the class owes it.
    debt: i128,
}

impl Lots {
    /// Replays the entries of one account, in whatever order they are given.
    ///
    /// They count by instant, then id; of one visit at one instant, what takes counts before what gives, so that a
    /// bill is never paid with what it earns. A redemption takes what is soonest lost, then what came in first, and
    /// nothing whose last day had passed on its business date; what it finds no lot for is a debt of the class.
    /// Entries of kind `expire` count last: a redemption that was made in time beats an expiry that was posted
    /// meanwhile. A positive `void` puts back what its source took; a positive `expire` gives back to its lot.
    ///
    /// # Errors
    /// `currency_differs`; `amount_too_large` where an account could not hold the sum.
    pub fn replay(currency: Currency, entries: &[LedgerEntry]) -> Result<Self, Refusal> {
        replay::replay(currency, entries)
    }

    /// The balance: the sum of all entries. Below zero, the member owes.
    pub fn balance(&self) -> Money {
        self.money(self.sums.iter().map(|sum| i128::from(*sum)).sum())
    }

    /// What each class holds on a day: its sum, without what is left in lots whose last day has passed.
    pub fn holdings(&self, on: Date) -> Holdings {
        let mut by_class = self.sums.map(i128::from);
        for lot in self.lapsed(on) {
            by_class[lot.class as usize] -= lot.can_expire();
        }
        Holdings::of_classes(by_class.map(|minor| self.money(minor)))
    }

    /// What can be used on a day: the sum of the holdings. Below zero, the member owes.
    pub fn available(&self, on: Date) -> Money {
        let lapsed: i128 = self.lapsed(on).map(Lot::can_expire).sum();
        self.money(i128::from(self.balance().minor) - lapsed)
    }

    /// The lots that ran out before a day and are not booked as expired yet, and what is left of each.
    pub fn due_to_expire(&self, on: Date) -> Vec<(EntryId, LotClass, Money)> {
        self.lapsed(on).map(|lot| (lot.id, lot.class, self.money(lot.can_expire()))).collect()
    }

    /// Lots of which more was booked as expired than was left, because they had been used in time; and how much too
    /// much. The ledger's home books it back with a positive `expire` entry whose source is the lot.
    pub fn over_expired(&self) -> Vec<(EntryId, LotClass, Money)> {
        let too_much = self.lots.iter().filter(|lot| lot.over_expired > 0);
        too_much.map(|lot| (lot.id, lot.class, self.money(lot.over_expired))).collect()
    }

    /// The next last day, from a day on, and what will be lost after it if nobody uses it.
    pub fn next_expiry(&self, on: Date) -> Option<(Date, Money)> {
        let will_expire = self.lots.iter().filter(|lot| lot.can_expire() > 0 && !lot.has_lapsed(on));
        let mut by_day = BTreeMap::<Date, i128>::new();
        for (lot, last_day) in will_expire.filter_map(|lot| lot.expires_on.map(|last_day| (lot, last_day))) {
            *by_day.entry(last_day).or_default() += lot.can_expire();
        }
        by_day.first_key_value().map(|(day, minor)| (*day, self.money(*minor)))
    }

    /// What an entry took, lot by lot, in the order of taking; without what it found no lot for. Nothing for an entry
    /// that brought credit in, that was undone, or that is unknown.
    pub fn taken_by(&self, entry: EntryId) -> Vec<Taken> {
        let taking = self.taking_of.get(&entry).map(|place| &self.takings[*place]);
        let parts = taking.into_iter().flat_map(|taking| &taking.from);
        parts.map(|(place, minor)| self.taken(&self.lots[*place], *minor)).collect()
    }

    /// What is left of the credit that an entry brought in; `None` where it brought none in.
    pub fn left_of(&self, entry: EntryId) -> Option<Money> {
        let lot = self.lot_of.get(&entry).map(|place| &self.lots[*place]);
        lot.map(|lot| self.money(lot.left))
    }

    /// What ran out of the credit that an entry brought in, booked or not, up to a day.
    pub fn lapsed_of(&self, entry: EntryId, on: Date) -> Money {
        let lot = self.lot_of.get(&entry).map(|place| &self.lots[*place]);
        let lapsed = lot.map_or(0, |lot| lot.expired.max(0) + if lot.has_lapsed(on) { lot.can_expire() } else { 0 });
        self.money(lapsed)
    }

    /// The currency of the account.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    fn lapsed(&self, on: Date) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(move |lot| lot.has_lapsed(on) && lot.can_expire() > 0)
    }

    fn taken(&self, lot: &Lot, minor: i128) -> Taken {
        Taken { lot: lot.id, class: lot.class, expires_on: lot.expires_on, amount: self.money(minor) }
    }

    /// As money. The sums were checked when they were replayed, and what is left of them is not more; where entries
    /// beyond all reason cancel each other out, the largest number stands in.
    fn money(&self, minor: i128) -> Money {
        let largest = if minor < 0 { i64::MIN } else { i64::MAX };
        Money::new(i64::try_from(minor).unwrap_or(largest), self.currency)
    }
}

#[cfg(test)]
mod tests;
