//! A member's made-up past at the counter: money paid in, rewards, credit used. Never more used than there was.

use super::places::Place;
use super::{DAY, day_at, days_before, mint_in_order, one_of};
use rand::{Rng, RngExt};
use regulars_domain::ledger::{EntryKind, EntrySource, Holdings, LotClass, Tender};
use regulars_domain::{AccountId, Date, EntryId, MemberId, Money, TillId, Timestamp};
use regulars_protocol::push::Entry;
use uuid::Uuid;

/// How often members have so many entries, from none to eight, out of a hundred.
const ENTRIES: [u32; 9] = [34, 12, 14, 12, 9, 7, 5, 4, 3];
/// Most entries of one member.
const MOST: u32 = 8;
/// Entries are younger than rewards are old when they run out: no lot of the demo has run out already.
const OLDEST_ENTRY_DAYS: u64 = 330;
/// Rewards run out after a year.
const REWARD_DAYS: u32 = 365;
/// Reward for a bill, in per cent.
const EARN_PERCENT: i64 = 5;

/// How many entries a member has.
pub(super) fn how_many(random: &mut impl Rng) -> u32 {
    let mut left = random.random_range(0..ENTRIES.iter().sum::<u32>());
    for (count, weight) in (0..).zip(ENTRIES) {
        if left < weight {
            return count;
        }
        left -= weight;
    }
    0
}

/// One account while its past is made up.
pub(super) struct History<'a> {
    place: &'a Place,
    member_id: MemberId,
    from: Timestamp,
    now: Timestamp,
    entries: Vec<Entry>,
}

impl<'a> History<'a> {
    /// A past in a shop, from when the member came, or from when entries are young enough.
    pub(super) fn new(place: &'a Place, member_id: MemberId, since: Timestamp, now: Timestamp) -> Self {
        let from = since.max(days_before(now, OLDEST_ENTRY_DAYS));
        Self { place, member_id, from, now, entries: Vec::new() }
    }

    /// Makes up so many entries, or one more or less where a redemption takes from several lots.
    pub(super) fn entries(mut self, random: &mut impl Rng, wanted: u32) -> Vec<Entry> {
        let wanted = wanted.min(MOST) as usize;
        while self.entries.len() < wanted {
            let at = self.next_instant(random, wanted);
            let room = wanted - self.entries.len();
            match (self.entries.len(), random.random_range(0..100_u32)) {
                (0, ..=19) => self.open(random, at),
                (0, _) | (_, ..=24) => self.top_up(random, at),
                (_, ..=49) => self.earn(random, at),
                (_, _) => {
                    if !self.redeem(random, at, room) {
                        self.top_up(random, at);
                    }
                }
            }
        }
        self.entries
    }

    fn open(&mut self, random: &mut impl Rng, at: Timestamp) {
        let minor = one_of(random, self.place.customs.top_ups);
        let reason = Some("from the paper list".to_owned());
        let entry = Entry { reason, ..self.entry(random, EntryKind::Opening, LotClass::Prepaid, minor, at) };
        self.entries.push(entry);
    }

    fn top_up(&mut self, random: &mut impl Rng, at: Timestamp) {
        let minor = one_of(random, self.place.customs.top_ups);
        let tender = Some(one_of(random, &[Tender::Cash, Tender::Cash, Tender::Card, Tender::Card, Tender::Transfer]));
        let entry = Entry { tender, ..self.entry(random, EntryKind::TopUp, LotClass::Prepaid, minor, at) };
        self.entries.push(entry);
    }

    fn earn(&mut self, random: &mut impl Rng, at: Timestamp) {
        // Rounded down, as at the counter, but never to nothing.
        let minor = (self.bill(random) * EARN_PERCENT / 100).max(1);
        let expires_on = Some(day_at(self.place, at.plus(DAY * REWARD_DAYS)));
        let entry = self.entry(random, EntryKind::Earn, LotClass::Reward, minor, at);
        self.entries.push(Entry { expires_on, receipt: Some(receipt(random, entry.business_date)), ..entry });
    }

    /// Uses credit for a bill, out of the lots in their order. Answers whether there was any, and room for its entries.
    fn redeem(&mut self, random: &mut impl Rng, at: Timestamp, room: usize) -> bool {
        let currency = self.place.location.currency;
        let amounts = self.entries.iter().map(|entry| (entry.lot_class, entry.amount));
        let Ok(holdings) = Holdings::sum(currency, amounts) else { return false };
        let Ok(balance) = holdings.balance() else { return false };
        let minor = self.bill(random).min(balance.minor);
        let Ok(parts) = holdings.redemption(Money::new(minor, currency)) else { return false };
        if parts.is_empty() || parts.len() > room {
            return false;
        }
        let receipt = receipt(random, day_at(self.place, at));
        for (lot_class, part) in parts {
            let entry = self.entry(random, EntryKind::Redeem, lot_class, part.negated().minor, at);
            self.entries.push(Entry { receipt: Some(receipt.clone()), ..entry });
        }
        true
    }

    fn bill(&self, random: &mut impl Rng) -> i64 {
        self.place.customs.bill_step * random.random_range(4..=self.place.customs.bill_steps)
    }

    /// After the last entry, and early enough that the rest finds room until now.
    fn next_instant(&self, random: &mut impl Rng, wanted: usize) -> Timestamp {
        let last = self.entries.last().map_or(self.from, |entry| entry.at);
        let gap = i64::try_from(self.now.since(last).as_millis()).unwrap_or(0);
        let share = gap / i64::try_from(wanted - self.entries.len() + 1).unwrap_or(1);
        Timestamp::from_millis(last.as_millis() + random.random_range(0..=share.max(0)))
    }

    fn entry(&self, random: &mut impl Rng, kind: EntryKind, lot_class: LotClass, minor: i64, at: Timestamp) -> Entry {
        let location = &self.place.location;
        Entry {
            id: mint_in_order(random, self.entries.len(), EntryId::mint),
            account_id: AccountId::of(self.member_id, &location.issuer, location.currency),
            member_id: self.member_id,
            issuer: location.issuer.clone(),
            kind,
            lot_class,
            amount: Money::new(minor, location.currency),
            location: location.code.clone(),
            till_id: TillId::from_uuid(Uuid::nil()),
            staff_id: None,
            business_date: day_at(self.place, at),
            at,
            receipt: None,
            tender: None,
            reason: None,
            source_entry_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        }
    }
}

fn receipt(random: &mut impl Rng, day: Date) -> String {
    format!("{day}-{:04}", random.random_range(1..2_000))
}
