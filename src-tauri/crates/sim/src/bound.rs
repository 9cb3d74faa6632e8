//! What the settings screen states: how far accounts can be overdrawn while tills do not hear of each other. Some tills are
//! offline for three days and give out what they may; nobody comes to owe more than was stated. And two runs that come to
//! owe just that: of one account, and of all together.

use crate::faults::{Faults, span_ms};
use crate::run::Run;
use crate::template::{ALLOWANCE, Template, location_id};
use crate::world::World;
use rand::RngExt;
use regulars_app::AppError;
use regulars_app::credit::{self, Sale, Taking, TopUp};
use regulars_app::members;
use regulars_app::till::Till;
use regulars_domain::ledger::Tender;
use regulars_domain::member::Typing;
use regulars_domain::{EntryId, MemberId, Money};
use regulars_store::ledger;
use regulars_store::locations::{self, StoredLocation};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The outage.
const OFFLINE_MS: i64 = 3 * 86_400_000;

/// Something is done every quarter of an hour, or later.
const EVERY_MS: i64 = 15 * 60_000;

/// A shop whose tills lose the line.
struct Outage<'a> {
    run: Run<'a>,
    members: Vec<MemberId>,
    /// What each had when the line went.
    before: BTreeMap<MemberId, i64>,
    /// Everything that was booked since, by whichever till.
    moved: BTreeMap<MemberId, i64>,
}

/// Runs so many outages, and those that come to the bound. Answers why the first failed.
pub fn all(template: &Template, base: &Path, seeds: u64) -> Result<(), String> {
    reached(template, base)?;
    (1..=seeds).try_for_each(|seed| of_seed(template, base, seed).map_err(|words| format!("outage {seed}: {words}")))
}

/// One member has no more than a till may give them. Then so many members that a till gives out all that it may: the last
/// of them gets nothing, and what is owed is the figure on the screen, where a shop has two tills.
fn reached(template: &Template, base: &Path) -> Result<(), String> {
    let most = ALLOWANCE.per_member_minor;
    let rest = ALLOWANCE.per_till_minor - 2 * most;
    reaches(template, base, &[most], ALLOWANCE.worst_overspend(1, most))?;
    reaches(template, base, &[most, most, rest, rest], ALLOWANCE.worst_overspend_of_all(1))
}

/// Two tills each give out all that they may of the same balances: what both gave is owed once, and it is what is stated.
fn reaches(template: &Template, base: &Path, balances: &[i64], stated: i64) -> Result<(), String> {
    let mut world = World::of(template, base, 1, 2, Faults::NONE);
    let mut outage = Outage::begin(&mut world, balances)?;
    let members = outage.members.clone();
    for till in 0..2 {
        let mut left = ALLOWANCE.per_till_minor;
        for (member, balance) in members.iter().zip(balances) {
            let all = left.min(*balance);
            let first = all.min(ALLOWANCE.per_transaction_minor);
            for minor in [first, all - first].into_iter().filter(|minor| *minor > 0) {
                outage
                    .redeem(till, *member, minor)?
                    .map_err(|code| format!("till {till} does not give out {minor}: {code}"))?;
            }
            left -= all;
        }
        for member in &members {
            if outage.redeem(till, *member, 1_000)?.is_ok() {
                return Err(format!("till {till} gives out more than it may"));
            }
        }
    }
    outage.check()?;
    outage.end()?;
    let owed = outage.owed_by_all();
    if owed == stated { Ok(()) } else { Err(format!("{stated} is stated, and {owed} is owed by those who take all")) }
}

fn of_seed(template: &Template, base: &Path, seed: u64) -> Result<(), String> {
    let tills = 2 + usize::try_from(seed % 4).unwrap_or(0);
    let mut world = World::of(template, base, seed, tills, Faults::NONE);
    let balances: Vec<i64> = (0..3).map(|_| world.shared.random().random_range(0..=90) * 1_000).collect();
    let mut outage = Outage::begin(&mut world, &balances)?;
    let until = outage.now() + OFFLINE_MS;
    while outage.now() < until {
        outage.act()?;
        outage.check()?;
        let span = span_ms(&mut outage.run.world.shared.random(), 7_200.0);
        outage.run.world.shared.time().pass(span + EVERY_MS);
    }
    outage.end()?;
    outage.check()
}

impl<'a> Outage<'a> {
    fn begin(world: &'a mut World, balances: &[i64]) -> Result<Self, String> {
        let mut run = Run::new(world);
        run.start_all()?;
        let (till, mut members, mut before) = (run.till(0)?, Vec::new(), BTreeMap::new());
        let shop = shop(&till)?;
        for (number, balance) in balances.iter().enumerate() {
            let typed = json!({ "name": { "full": format!("M{number}") }, "phone": format!("09{number:08}") });
            let typing = Typing::read(&typed).map_err(|error| error.to_string())?;
            let member_id = members::register(&till, &shop, &typing, None).map_err(|error| error.to_string())?;
            members.push(member_id);
            before.insert(member_id, *balance);
            if *balance > 0 {
                let entry_id = till.new_entry_id();
                let top_up = TopUp { entry_id, member_id, amount: dong(*balance), tender: Tender::Cash, receipt: None };
                credit::top_up(&till, &shop, top_up).map_err(|error| error.to_string())?;
            }
        }
        for till in 0..run.world.tills.len() {
            run.exchange_once(till)?;
        }
        for till in 0..run.world.tills.len() {
            run.exchange_once(till)?;
            run.world.shared.cut(till, OFFLINE_MS * 2);
        }
        Ok(Self { run, members, before, moved: BTreeMap::new() })
    }

    /// One till does something for one member.
    fn act(&mut self) -> Result<(), String> {
        let (till, place, choice, minor) = {
            let mut random = self.run.world.shared.random();
            let till = random.random_range(0..self.run.world.tills.len());
            let place = random.random_range(0..self.members.len());
            (till, place, random.random_range(0..10), random.random_range(1..=40) * 1_000)
        };
        let member = self.members[place];
        match choice {
            0 => self.run.kill(till),
            1 => self.top_up(till, member, minor),
            2..=4 => self.pay(till, member, minor),
            5 => self.try_exchange(till),
            _ => self.redeem(till, member, minor).map(drop),
        }
    }

    fn try_exchange(&mut self, till: usize) -> Result<(), String> {
        self.run.exchange_once(till)
    }

    fn top_up(&mut self, till: usize, member_id: MemberId, minor: i64) -> Result<(), String> {
        let app = self.run.till(till)?;
        let (shop, entry_id) = (shop(&app)?, app.new_entry_id());
        let top_up = TopUp { entry_id, member_id, amount: dong(minor), tender: Tender::Cash, receipt: None };
        let done = credit::top_up(&app, &shop, top_up).map(|id| vec![id]);
        self.book(&app, member_id, done).map(drop)
    }

    /// Answers why it was refused.
    fn redeem(&mut self, till: usize, member_id: MemberId, minor: i64) -> Result<Result<(), String>, String> {
        let app = self.run.till(till)?;
        let shop = shop(&app)?;
        let line = self.run.line(till);
        let taking = Taking { entry_id: app.new_entry_id(), member_id, amount: dong(minor), receipt: None, card: None };
        let done = self.run.world.runtime.block_on(credit::redeem(&app, &shop, taking, line));
        self.book(&app, member_id, done)
    }

    fn pay(&mut self, till: usize, member_id: MemberId, minor: i64) -> Result<(), String> {
        let app = self.run.till(till)?;
        let shop = shop(&app)?;
        let line = self.run.line(till);
        let (visit_id, bill, credit) = (app.new_visit_id(), dong(minor * 2), dong(minor));
        let sale = Sale { visit_id, member_id, bill, credit, receipt: None, card: None };
        let paid = self.run.world.runtime.block_on(credit::pay(&app, &shop, sale, line));
        self.book(&app, member_id, paid.map(|paid| paid.entries)).map(drop)
    }

    fn book(
        &mut self,
        app: &Till,
        member: MemberId,
        done: Result<Vec<EntryId>, AppError>,
    ) -> Result<Result<(), String>, String> {
        let ids = match done {
            Ok(ids) => ids,
            Err(AppError::Refused(refusal)) => return Ok(Err(refusal.code().to_owned())),
            Err(error) => return Err(error.to_string()),
        };
        for id in ids {
            let entry = app.store().read(|tx| ledger::find(tx, id)).map_err(|error| error.to_string())?;
            let minor = entry.map_or(0, |entry| entry.amount.minor);
            *self.moved.entry(member).or_default() += minor;
        }
        Ok(Ok(()))
    }

    fn owed(&self, member: MemberId) -> i64 {
        let moved = self.moved.get(&member).copied().unwrap_or(0);
        (-(self.before.get(&member).copied().unwrap_or(0) + moved)).max(0)
    }

    fn owed_by_all(&self) -> i64 {
        self.members.iter().map(|id| self.owed(*id)).sum()
    }

    /// Nobody owes more than was stated, and all together neither.
    fn check(&self) -> Result<(), String> {
        let others = u32::try_from(self.run.world.tills.len() - 1).unwrap_or(u32::MAX);
        for (member, balance) in &self.before {
            let (owed, stated) = (self.owed(*member), ALLOWANCE.worst_overspend(others, *balance));
            if owed > stated {
                return Err(format!("{owed} is owed of {balance}, though no more than {stated} was stated"));
            }
        }
        let (all, stated) = (self.owed_by_all(), ALLOWANCE.worst_overspend_of_all(others));
        if all > stated {
            Err(format!("{all} is owed by all, though no more than {stated} was stated"))
        } else {
            Ok(())
        }
    }

    /// The line is back: everybody has what everybody booked, whatever is owed.
    fn end(&mut self) -> Result<(), String> {
        self.run.world.shared.mend_all();
        self.run.wait_until_sent()?;
        for till in 0..self.run.world.tills.len() {
            self.run.exchange_once(till)?;
        }
        for till in 0..self.run.world.tills.len() {
            let app = self.run.till(till)?;
            let shop = shop(&app)?;
            for (member, balance) in &self.before {
                let here = credit::of_member(&app, &shop, *member).map_err(|error| error.to_string())?.balance.minor;
                let booked = balance + self.moved.get(member).copied().unwrap_or(0);
                // What was earned may have run out since.
                if here > booked || (here != booked && self.owed(*member) > 0) {
                    return Err(format!("till {till} shows {here}, and {booked} is what was booked"));
                }
            }
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.run.world.shared.time().now()
    }
}

fn shop(till: &Arc<Till>) -> Result<StoredLocation, String> {
    till.store().read(|tx| locations::get(tx, location_id(0))).map_err(|error| error.to_string())
}

fn dong(minor: i64) -> Money {
    Money::new(minor, "VND".parse().expect("a currency"))
}
