//! A member's made-up past at the counter: money paid in, bills, rewards, credit used. Never more used than there was.

use super::places::Place;
use super::{DAY, day_at, days_before, mint_in_order, one_of};
use rand::{Rng, RngExt};
use regulars_domain::ledger::{EntryKind, EntrySource, Holdings, LotClass, Tender};
use regulars_domain::membership::Terms;
use regulars_domain::percent::Percent;
use regulars_domain::sale::{Reckoned, Sale, SaleInput, Visit, VisitKind};
use regulars_domain::{AccountId, Date, EntryId, LocationId, MemberId, Money, Refusal, TillId, Timestamp, VisitId};
use regulars_protocol::push::{ChangeBody, Entry, VisitItem};
use uuid::Uuid;

/// How often members have so many entries, from none to eight, out of a hundred.
const ENTRIES: [u32; 9] = [34, 12, 14, 12, 9, 7, 5, 4, 3];
/// Most entries of one member.
const MOST: usize = 8;
/// Entries are younger than rewards are old when they run out: no lot of the demo has run out already.
const OLDEST_ENTRY_DAYS: u64 = 330;
/// Rewards run out after a year.
const REWARD_DAYS: u32 = 365;

/// What a member did.
#[derive(Clone, Copy)]
pub(super) enum Past {
    /// So many entries, or a few less, by chance.
    Entries(usize),
    /// These, so many days ago.
    Steps(&'static [(u64, Step)]),
}

/// One thing that a member did. Amounts are minor units.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Their credit was taken over from paper.
    Open(i64),
    /// They paid in.
    TopUp(i64, Tender),
    /// They paid a bill, that much of it with credit.
    Visit(i64, i64),
}

/// How many entries a member has.
pub(super) fn how_many(random: &mut impl Rng) -> usize {
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
    discount: Percent,
    earn: Percent,
    last: Timestamp,
    now: Timestamp,
    /// What moved credit so far.
    entries: Vec<Entry>,
    changes: Vec<(Timestamp, ChangeBody)>,
}

impl<'a> History<'a> {
    /// A past in a shop, from when the member came, or from when entries are young enough.
    pub(super) fn new(place: &'a Place, member_id: MemberId, terms: &Terms, since: Timestamp, now: Timestamp) -> Self {
        Self {
            place,
            member_id,
            discount: terms.discount_percent.unwrap_or(Percent::ZERO),
            earn: terms.earn_percent.unwrap_or(Percent::ZERO),
            last: since.max(days_before(now, OLDEST_ENTRY_DAYS)),
            now,
            entries: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Makes it up, as the changes that tills would have told.
    pub(super) fn changes(
        mut self,
        random: &mut impl Rng,
        past: Past,
    ) -> Result<Vec<(Timestamp, ChangeBody)>, Refusal> {
        match past {
            Past::Entries(wanted) => self.by_chance(random, wanted.min(MOST))?,
            Past::Steps(steps) => {
                for (days, step) in steps {
                    self.step(random, *step, days_before(self.now, *days))?;
                }
            }
        }
        Ok(self.changes)
    }

    fn by_chance(&mut self, random: &mut impl Rng, wanted: usize) -> Result<(), Refusal> {
        while self.entries.len() < wanted {
            let at = self.next_instant(random, wanted);
            let step = match (self.entries.len(), random.random_range(0..100_u32)) {
                (0, ..=19) => Step::Open(one_of(random, self.place.customs.top_ups)),
                (0, _) | (_, ..=24) => {
                    let tenders = [Tender::Cash, Tender::Cash, Tender::Card, Tender::Card, Tender::Transfer];
                    Step::TopUp(one_of(random, self.place.customs.top_ups), one_of(random, &tenders))
                }
                (_, ..=49) => Step::Visit(self.bill(random), 0),
                (_, _) => Step::Visit(self.bill(random), i64::MAX),
            };
            let before = (self.entries.len(), self.changes.len());
            self.step(random, step, at)?;
            if self.entries.len() > wanted {
                // It came to more entries than there is room for: it did not happen.
                self.entries.truncate(before.0);
                self.changes.truncate(before.1);
                let minor = one_of(random, self.place.customs.top_ups);
                self.step(random, Step::TopUp(minor, Tender::Cash), at)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, random: &mut impl Rng, step: Step, at: Timestamp) -> Result<(), Refusal> {
        self.last = at;
        match step {
            Step::Open(minor) => {
                let reason = Some("from the paper list".to_owned());
                let entry = Entry { reason, ..self.entry(random, EntryKind::Opening, LotClass::Prepaid, minor, at) };
                self.move_credit(entry);
            }
            Step::TopUp(minor, tender) => {
                let tender = Some(tender);
                let entry = Entry { tender, ..self.entry(random, EntryKind::TopUp, LotClass::Prepaid, minor, at) };
                self.move_credit(entry);
            }
            Step::Visit(bill, credit) => self.visit(random, bill, credit, at)?,
        }
        Ok(())
    }

    fn move_credit(&mut self, entry: Entry) {
        self.changes.push((entry.at, ChangeBody::EntryAdded { entry: entry.clone() }));
        self.entries.push(entry);
    }

    /// Pays a bill, with as much credit as there is up to `credit`.
    fn visit(&mut self, random: &mut impl Rng, bill: i64, credit: i64, at: Timestamp) -> Result<(), Refusal> {
        let reckoned = self.reckon(bill, credit)?;
        let visit = self.visit_of(random, &reckoned, at);
        let of_visit = |entry: Entry| Entry { visit_id: Some(visit.id), receipt: visit.receipt.clone(), ..entry };
        let first = self.entries.len();
        for (lot_class, part) in &reckoned.parts {
            let entry = self.entry(random, EntryKind::Redeem, *lot_class, part.negated().minor, at);
            self.entries.push(of_visit(entry));
        }
        if reckoned.earned.minor > 0 {
            let entry = self.entry(random, EntryKind::Earn, LotClass::Reward, reckoned.earned.minor, at);
            let expires_on = Some(day_at(self.place, at.plus(DAY * REWARD_DAYS)));
            self.entries.push(Entry { expires_on, ..of_visit(entry) });
        }
        let entries = self.entries[first..].to_vec();
        let visit = VisitItem { location: self.place.location.code.clone(), visit };
        self.changes.push((at, ChangeBody::VisitAdded { visit, entries }));
        Ok(())
    }

    fn reckon(&self, bill: i64, credit: i64) -> Result<Reckoned, Refusal> {
        let currency = self.place.location.currency;
        let amounts = self.entries.iter().map(|entry| (entry.lot_class, entry.amount));
        let holdings = Holdings::sum(currency, amounts)?;
        let usable = holdings.balance()?;
        let bill = Money::new(bill, currency);
        let (_, net) = Sale::discounted(bill, self.discount);
        let credit_used = Money::new(credit.min(Sale::max_credit(net, usable).minor), currency);
        let (discount, earn) = (self.discount, self.earn);
        Sale::reckon(SaleInput { bill, discount, earn, credit_used, holdings: &holdings, usable })
    }

    fn visit_of(&self, random: &mut impl Rng, reckoned: &Reckoned, at: Timestamp) -> Visit {
        let business_date = day_at(self.place, at);
        Visit {
            id: mint_in_order(random, self.changes.len(), VisitId::mint),
            member_id: self.member_id,
            location_id: LocationId::from_uuid(Uuid::nil()),
            till_id: TillId::from_uuid(Uuid::nil()),
            staff_id: None,
            at,
            business_date,
            kind: VisitKind::Sale,
            source_visit_id: None,
            receipt: Some(receipt(random, business_date)),
            bill: reckoned.bill,
            discount_percent: reckoned.discount_percent,
            discount: reckoned.discount,
            credit_used: reckoned.credit_used,
            left_to_collect: reckoned.left_to_collect,
            earn_percent: reckoned.earn_percent,
            earn_base: reckoned.earn_base,
            earned: reckoned.earned,
        }
    }

    fn bill(&self, random: &mut impl Rng) -> i64 {
        self.place.customs.bill_step * random.random_range(4..=self.place.customs.bill_steps)
    }

    /// After the last one, and early enough that the rest finds room until now.
    fn next_instant(&self, random: &mut impl Rng, wanted: usize) -> Timestamp {
        let gap = i64::try_from(self.now.since(self.last).as_millis()).unwrap_or(0);
        let share = gap / i64::try_from(wanted - self.entries.len() + 1).unwrap_or(1);
        Timestamp::from_millis(self.last.as_millis() + random.random_range(0..=share.max(0)))
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
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        }
    }
}

fn receipt(random: &mut impl Rng, day: Date) -> String {
    format!("{day}-{:04}", random.random_range(1..2_000))
}
