//! What cashiers do, drawn: each is the program's own use-case, as the page and the command line call it.

use crate::balances;
use crate::deeds::Sight;
use crate::faults::Fault;
use crate::machine::Up;
use crate::template::location_id;
use crate::truth::{Fact, Truth};
use crate::world::World;
use rand::RngExt;
use regulars_app::credit::{self, GiveBack, Sale, Taking, TopUp};
use regulars_app::error::AppError;
use regulars_app::till::Till;
use regulars_app::{cards, changes, members, merge};
use regulars_domain::change::Change;
use regulars_domain::edit::Edit;
use regulars_domain::ledger::{LedgerEntry, Tender};
use regulars_domain::member::{BlockReason, Merged, Typing};
use regulars_domain::{EntryId, MemberId, Money, Refusal, Timestamp};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{self, QueuedChange};
use regulars_store::{StoreError, ledger, members as rows};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a cashier's action came to, in a word for the trace.
pub enum Came {
    Done(String),
    Refused(String),
    /// The disk failed under it: nobody knows.
    DiskFailed,
    /// A page of the file cannot be read.
    FileDamaged,
}

/// How long head office holds credit, and what a clock may be off.
const HELD_MS: i64 = 1_050_000;

/// Weights of what cashiers do.
const ACTIONS: [(Kind, u32); 22] = [
    (Kind::Register, 8),
    (Kind::Edit, 14),
    (Kind::Label, 4),
    (Kind::Hold, 3),
    (Kind::PayHeld, 4),
    (Kind::TopUp, 12),
    (Kind::Redeem, 10),
    (Kind::Pay, 10),
    (Kind::GiveBack, 4),
    (Kind::CashOut, 2),
    (Kind::Adjust, 2),
    (Kind::Void, 4),
    (Kind::IssueCard, 5),
    (Kind::BlockCard, 4),
    (Kind::UnblockCard, 3),
    (Kind::ReplaceCard, 2),
    (Kind::Merge, 2),
    (Kind::Unmerge, 2),
    (Kind::BringHere, 2),
    (Kind::Remove, 1),
    (Kind::Erase, 1),
    (Kind::Decide, 4),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Register,
    Edit,
    TopUp,
    Redeem,
    Pay,
    GiveBack,
    CashOut,
    Adjust,
    Void,
    IssueCard,
    BlockCard,
    UnblockCard,
    ReplaceCard,
    Merge,
    Unmerge,
    BringHere,
    Remove,
    Erase,
    Decide,
    Label,
    Hold,
    PayHeld,
}

/// Why an action did not come to its end.
enum Stop {
    App(AppError),
    /// It came to something that it must not come to.
    Wrong(String),
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<regulars_domain::Refusal> for Stop {
    fn from(refusal: regulars_domain::Refusal) -> Self {
        Self::App(refusal.into())
    }
}

const fn nobody() -> AppError {
    AppError::Refused(regulars_domain::Refusal::MemberNotFound)
}

/// One action at one till.
pub fn act(world: &mut World, truth: &mut Truth, till: usize) -> Option<(String, Result<Came, String>)> {
    let shared = Arc::clone(&world.shared);
    let kind = {
        let mut random = shared.random();
        let all: u32 = ACTIONS.iter().map(|(_, weight)| weight).sum();
        let mut at = random.random_range(0..all);
        let chosen = ACTIONS.iter().find(|(_, weight)| match at.checked_sub(*weight) {
            Some(less) => {
                at = less;
                false
            }
            None => true,
        });
        chosen.map_or(Kind::TopUp, |(kind, _)| *kind)
    };
    let (disk_may_fail, at) = (world.tills[till].disk.is_dead(), Timestamp::from_millis(shared.time().now()));
    let mut held = world.tills[till].up.as_mut()?.held.take();
    let up = world.tills[till].up.as_ref()?;
    let mut cashier = Cashier { world, up, till, before: Sight::new(), held: held.take() };
    let done = cashier.act(kind, truth);
    // What goes on by itself at the counter, as giving a hold back, ends before anything else happens.
    while world.runtime.metrics().num_alive_tasks() > 0 {
        world.runtime.block_on(tokio::task::yield_now());
    }
    let (before, held) = (std::mem::take(&mut cashier.before), cashier.held.take());
    let members: Vec<MemberId> = before.keys().map(|(member, _)| *member).collect();
    let after = done.is_ok().then(|| cashier.sight(&members)).transpose().unwrap_or_default();
    let told = match done {
        Ok(what) => Ok(Came::Done(what)),
        Err(Stop::Wrong(words)) => Err(words),
        Err(Stop::App(AppError::Refused(refusal))) => Ok(Came::Refused(refusal.code().to_owned())),
        Err(Stop::App(AppError::Store(StoreError::FileDamaged))) => Ok(Came::FileDamaged),
        Err(Stop::App(AppError::Store(
            StoreError::DiskFailed(_) | StoreError::DiskFull | StoreError::WriterStopped,
        ))) => Ok(Came::DiskFailed),
        Err(Stop::App(AppError::Store(error @ (StoreError::HasDependents | StoreError::MoneyCannotBeDiscarded)))) => {
            Ok(Came::Refused(error.code().to_owned()))
        }
        Err(Stop::App(_)) if disk_may_fail => Ok(Came::DiskFailed),
        Err(Stop::App(error)) => Err(format!("till {till}: {kind:?}: {}: {error}", error.code())),
    };
    match (&told, after) {
        (Ok(Came::Done(_)), Some(after)) => truth.deeds.note(Some(till), &before, &after, at),
        (Ok(Came::Refused(_)), _) => {}
        (_, _) => truth.deeds.note_murky(&before),
    }
    if let Some(up) = &mut world.tills[till].up {
        up.held = held;
    }
    Some((format!("{kind:?}"), told))
}

struct Cashier<'a> {
    world: &'a World,
    up: &'a Up,
    till: usize,
    /// Those whom the action changes, as they stand before it.
    before: Sight,
    held: Option<(credit::Held, MemberId, Money)>,
}

impl Cashier<'_> {
    fn act(&mut self, kind: Kind, truth: &mut Truth) -> Result<String, Stop> {
        let (up, world) = (self.up, self.world);
        let (till, shop) = (&up.till, self.shop()?);
        let line = || Some(up.at_once.clone());
        match kind {
            Kind::Register => self.register(&shop, truth),
            Kind::Edit => self.edit(&shop, truth),
            Kind::TopUp => {
                let (member_id, amount) = (self.member(truth).ok_or_else(nobody)?, self.amount(90_000));
                let entry_id = till.new_entry_id();
                let top_up = TopUp { entry_id, member_id, amount, tender: Tender::Cash, receipt: None };
                credit::top_up(till, &shop, top_up)?;
                self.book(truth, &[entry_id], Some(amount))?;
                Ok(format!("{}", amount.minor))
            }
            Kind::Redeem | Kind::CashOut => {
                let member_id = self.member(truth).ok_or_else(nobody)?;
                // Often so little that a part of a lot is left, to run out.
                let amount = self.amount(if world.shared.random().random_bool(0.5) { 60_000 } else { 6_000 });
                let taking = Taking { entry_id: till.new_entry_id(), member_id, amount, receipt: None, card: None };
                let booked = world.runtime.block_on(async {
                    match kind {
                        Kind::CashOut => credit::cash_out(till, &shop, taking, Tender::Cash, line()).await,
                        _ => credit::redeem(till, &shop, taking, line()).await,
                    }
                })?;
                self.book(truth, &booked, Some(amount.negated()))?;
                self.check_allowance(&booked)?;
                Ok(format!("{}", amount.minor))
            }
            Kind::Pay => {
                let (member_id, bill) = (self.member(truth).ok_or_else(nobody)?, self.amount(200_000));
                let part = self.world.shared.random().random_range(0..4);
                let credit = Money { minor: bill.minor * part / 5, ..bill };
                let visit_id = till.new_visit_id();
                let sale = Sale { visit_id, member_id, bill, credit, receipt: None, card: None };
                let paid = world.runtime.block_on(credit::pay(till, &shop, sale, line()))?;
                truth.visits.push((visit_id, member_id));
                self.book(truth, &paid.entries, None)?;
                self.check_allowance(&paid.entries)?;
                Ok(format!("{} with {}", bill.minor, credit.minor))
            }
            Kind::Hold => {
                let (member_id, amount) = (self.member(truth).ok_or_else(nobody)?, self.amount(60_000));
                let held = world.runtime.block_on(credit::hold(till, &shop, member_id, amount, line().as_ref()))?;
                self.held = held.map(|held| (held, member_id, amount));
                Ok(format!("{}", amount.minor))
            }
            Kind::PayHeld => {
                let (held, member_id, credit) = self.held.take().ok_or_else(nobody)?;
                let (visit_id, bill) = (till.new_visit_id(), Money { minor: credit.minor + 10_000, ..credit });
                let sale = Sale { visit_id, member_id, bill, credit, receipt: None, card: None };
                let paid = world.runtime.block_on(credit::pay_with(till, &shop, sale, line(), Some(held)))?;
                truth.visits.push((visit_id, member_id));
                self.book(truth, &paid.entries, None)?;
                self.check_allowance(&paid.entries)?;
                Ok(format!("with {}", credit.minor))
            }
            Kind::GiveBack => {
                let (sale_id, _) = self.one_of(&truth.visits).ok_or_else(nobody)?;
                let asked = GiveBack { return_id: till.new_visit_id(), sale_id, amount: self.amount(100_000) };
                let visit = world.runtime.block_on(credit::give_back(till, &shop, asked, line()))?;
                let entries = till.store().read(|tx| ledger::list_of_visit(tx, visit.id))?;
                self.book_all(truth, entries);
                Ok(format!("{}", visit.bill.minor))
            }
            Kind::Adjust => {
                let (member, amount) = (self.member(truth).ok_or_else(nobody)?, self.amount(20_000));
                let is_less = self.world.shared.random().random_bool(0.5);
                let amount = if is_less { amount.negated() } else { amount };
                let before = self.entries_of(member)?;
                credit::adjust(till, &shop, member, till.new_entry_id(), amount, "counted again")?;
                let now = self.entries_of(member)?;
                self.book_all(truth, now.into_iter().filter(|entry| !before.contains(entry)).collect());
                Ok(format!("{}", amount.minor))
            }
            Kind::Void => {
                let member = self.member(truth).ok_or_else(nobody)?;
                let mut entries = self.entries_of(member)?;
                // The latest, mostly; sometimes what was undone a moment ago, or what was there before it.
                let back = world.shared.random().random_range(0..4_usize).saturating_sub(1);
                entries.truncate(entries.len().saturating_sub(back));
                let target = entries.pop().ok_or_else(nobody)?;
                let void = || world.runtime.block_on(credit::void(till, &shop, target.id, "a slip", line()));
                let (_, booked) = void()?;
                self.book(truth, &booked, None)?;
                // The key is pressed twice, now and then.
                let is_again = world.shared.random().random_bool(0.3);
                match is_again.then(void) {
                    Some(Ok(_)) => Err(Stop::Wrong(format!("entry {} was undone twice", target.id))),
                    // Whatever failed, the first time had been told as done.
                    Some(Err(_)) | None => Ok(String::new()),
                }
            }
            Kind::IssueCard => {
                let (member, serial) = (self.member(truth).ok_or_else(nobody)?, cards::new_serial(till)?);
                self.look_at(&[member])?;
                cards::issue(till, member, &serial, true)?;
                truth.serials.push((serial.to_string(), member));
                Ok(String::new())
            }
            Kind::BlockCard => {
                let (serial, member) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                self.look_at_card(&serial, member)?;
                cards::block(till, &serial, BlockReason::Lost)?;
                Ok(String::new())
            }
            Kind::UnblockCard => {
                let (serial, member) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                self.look_at_card(&serial, member)?;
                cards::unblock(till, &serial)?;
                Ok(String::new())
            }
            Kind::ReplaceCard => {
                let (old, member) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                self.look_at_card(&old, member)?;
                let new = cards::new_serial(till)?;
                cards::replace(till, &old, &new, BlockReason::Damaged, Some(true))?;
                truth.serials.push((new.to_string(), member));
                Ok(String::new())
            }
            Kind::Merge => {
                let (winner, loser) = (self.member(truth).ok_or_else(nobody)?, self.member(truth).ok_or_else(nobody)?);
                self.look_at(&[winner, loser])?;
                truth.joined.extend(self.before.keys().map(|(member, _)| *member));
                merge::merge(till, winner, loser, None)?;
                truth.merged.push(loser);
                Ok(String::new())
            }
            Kind::Unmerge => {
                let alias = self.one_of(&truth.merged).ok_or_else(nobody)?;
                let merged = self.merged_into(alias)?;
                self.look_at(&merged.into_iter().chain([alias]).collect::<Vec<_>>())?;
                merge::unmerge(till, alias)?;
                Ok(String::new())
            }
            Kind::BringHere => {
                let member = self.member(truth).ok_or_else(nobody)?;
                members::bring_here(till, &shop, member)?;
                Ok(String::new())
            }
            Kind::Remove => {
                let member = self.member(truth).ok_or_else(nobody)?;
                let group = self.group(&[member])?;
                let sight = self.sight(&group)?;
                truth.removed.extend(&group);
                members::remove(till, member, "asked for it")?;
                for one in group {
                    truth.deeds.note_removal(one, sight.clone());
                }
                Ok(String::new())
            }
            Kind::Erase => {
                let member = self.member(truth).ok_or_else(nobody)?;
                let group = self.group(&[member])?;
                truth.removed.extend(&group);
                // What waited to be said of them is given up, also where head office refuses it in the end.
                let sight = self.sight(&group)?;
                truth.deeds.note_murky(&sight);
                members::erase(till, member, "asked for it")?;
                // Of whom nothing is here any more nothing is told either.
                truth.erased.extend(sight.into_keys().map(|(member, _)| member));
                Ok(String::new())
            }
            Kind::Label => self.label(&shop, truth),
            Kind::Decide => self.decide(truth),
        }
    }

    fn register(&self, shop: &StoredLocation, truth: &mut Truth) -> Result<String, Stop> {
        let number = truth.number();
        let (family, earns) = {
            let mut random = self.world.shared.random();
            (random.random_range(0..4_u32), random.random_bool(0.5))
        };
        let family = ["Nguyễn", "Trần", "Lê", "Đặng"][family as usize];
        let mut typed = json!({ "name": self.named(family, number), "phone": format!("09{number:08}") });
        if !self.world.system.is_head_office() {
            // Without, some of the others wait for a person.
            typed["email"] = json!(format!("m{number}@example.com"));
        }
        if earns {
            typed["earn_percent"] = json!("5");
        }
        let id = members::register(&self.up.till, shop, &Typing::read(&typed)?, None)?;
        truth.members.push(id);
        truth.registered.insert(id, self.till);
        Ok(format!("M{}", truth.members.len() - 1))
    }

    fn named(&self, family: &str, number: u32) -> Value {
        let full = format!("{family} {number}");
        match self.world.system.is_head_office() {
            true => json!({ "full": full }),
            // Put together as those do that have the parts alone.
            false => json!({ "full": format!("{number} {family}"), "given": number.to_string(), "family": family }),
        }
    }

    fn edit(&mut self, shop: &StoredLocation, truth: &mut Truth) -> Result<String, Stop> {
        let member = self.member(truth).ok_or_else(nobody)?;
        let (number, which) = (truth.number(), self.world.shared.random().random_range(0..10));
        let (field, value, patch) = match which {
            0 => ("email", format!("m{number}@example.com"), json!({ "email": format!("m{number}@example.com") })),
            // None has another in it, or the longer one would be both.
            1 => ("note", format!("note {number:06}"), json!({ "note": format!("note {number:06}") })),
            2 => ("phone", format!("09{number:08}"), json!({ "phone": format!("09{number:08}") })),
            3 => ("name", format!("Vũ {number}"), json!({ "name": self.named("Vũ", number) })),
            4 => ("meta", number.to_string(), json!({ "meta": { format!("k{}", number % 3): number.to_string() } })),
            5 => {
                let percent = format!("{}.{:02}", number % 90, number / 90 % 100);
                ("discount", percent.clone(), json!({ "discount_percent": percent }))
            }
            6 => ("home_town", format!("Town {number}"), json!({ "home_town": format!("Town {number}") })),
            // Often: who said yes or no last, and who had seen that, takes two tills that meet to tell.
            _ => {
                let consent = json!({ "is_given": number.is_multiple_of(2), "source": "counter" });
                ("consent", consent.to_string(), json!({ "consents": { "offers/email": consent } }))
            }
        };
        self.look_at(&[member])?;
        members::edit(&self.up.till, shop, member, patch)?;
        Ok(format!("{field} = {value}"))
    }

    /// Gives a label, or takes one away.
    fn label(&mut self, shop: &StoredLocation, truth: &mut Truth) -> Result<String, Stop> {
        let member = self.member(truth).ok_or_else(nobody)?;
        let (label, is_taken) = {
            let mut random = self.world.shared.random();
            (["gold", "staff", "press", "club"][random.random_range(0..4_usize)], random.random_bool(0.15))
        };
        self.look_at(&[member])?;
        let root = self.up.till.store().read(|tx| rows::resolve(tx, member))?;
        let terms = self.before.get(&(root, Some(shop.location.code.clone())));
        let has = terms.and_then(|terms| terms.get("labels")).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut labels: Vec<String> = has.keys().filter(|known| *known != label).cloned().collect();
        labels.extend((!is_taken).then(|| label.to_owned()));
        members::edit(&self.up.till, shop, member, json!({ "labels": labels }))?;
        Ok(format!("{label} {}", if is_taken { "taken" } else { "given" }))
    }

    /// A person looks at what waits for them.
    fn decide(&self, truth: &mut Truth) -> Result<String, Stop> {
        let waiting = changes::list(&self.up.till)?;
        let parked = waiting.iter().find(|change| change.state == regulars_store::outbox::ChangeState::Parked);
        let Some(parked) = parked else { return Ok("nothing".to_owned()) };
        let gives_up = self.world.shared.random().random_bool(0.4);
        if gives_up && !parked.change.is_money() {
            changes::discard(&self.up.till, parked.id, "not worth it")?;
            give_up(truth, &self.up.till, &waiting, parked);
            return Ok("given up".to_owned());
        }
        // Of money that is in doubt a person says what they see, however often they look.
        match self.world.system.credit.is_some() && balances::is_there(self.world, parked) {
            true => changes::confirm_there(&self.up.till, parked.id)?,
            false => try_again(truth, &self.up.till, parked)?,
        }
        Ok("again".to_owned())
    }

    /// Notes how members stand before they are changed, with everybody who turned out to be them.
    fn look_at(&mut self, members: &[MemberId]) -> Result<(), Stop> {
        let group = self.group(members)?;
        self.before = self.sight(&group)?;
        Ok(())
    }

    /// The card of somebody who was merged lies with whom they were taken for, also after that was undone.
    fn look_at_card(&mut self, serial: &str, member: MemberId) -> Result<(), Stop> {
        let holder = cards::find(&self.up.till, serial)?.map(|found| found.member_id);
        self.look_at(&holder.into_iter().chain([member]).collect::<Vec<_>>())
    }

    /// Whom a member was merged into by this till's row, though that one may have turned out to be another since.
    fn merged_into(&self, alias: MemberId) -> Result<Option<MemberId>, AppError> {
        let stored = self.up.till.store().read(|tx| rows::find(tx, alias))?;
        let into = stored.and_then(|stored| stored.document.get("merged")?.get("into").cloned());
        Ok(into.and_then(|into| serde_json::from_value(into).ok()))
    }

    fn group(&self, members: &[MemberId]) -> Result<Vec<MemberId>, AppError> {
        let read = self.up.till.store().read(|tx| {
            let mut all = members.to_vec();
            for member in members {
                let root = rows::resolve(tx, *member)?;
                all.push(root);
                all.extend(rows::list_group(tx, root)?);
            }
            Ok::<_, StoreError>(all)
        });
        Ok(read?)
    }

    fn sight(&self, members: &[MemberId]) -> Result<Sight, AppError> {
        Ok(sight(&self.up.till, members)?)
    }

    /// A hold counts for a quarter of an hour, and no more is given out without head office's word than the settings say,
    /// of one member and of all (I10).
    fn check_allowance(&self, booked: &[EntryId]) -> Result<(), Stop> {
        if !self.world.system.is_head_office() && self.world.system.credit.is_none() {
            // The till is the ledger's home.
            return Ok(());
        }
        let store = self.up.till.store();
        let entries = booked.iter().map(|id| store.read(|tx| ledger::find(tx, *id))).collect::<Result<Vec<_>, _>>()?;
        let late = entries.iter().flatten().find(|entry| {
            entry.authorisation_id.is_some_and(|hold| {
                let (seconds, _) = hold.uuid().get_timestamp().map_or((0, 0), |made| made.to_unix());
                entry.at.as_millis() > seconds as i64 * 1_000 + HELD_MS
            })
        });
        if let Some(late) = late.filter(|_| !self.world.faults.has(Fault::ClockJump)) {
            return Err(Stop::Wrong(format!("{} was booked on a hold that had run out", late.amount.minor)));
        }
        let alone = entries.iter().flatten().find(|entry| entry.amount.minor < 0 && entry.authorisation_id.is_none());
        match alone {
            Some(entry) => crate::invariants::of_allowance(&self.up.till, entry.member_id).map_err(Stop::Wrong),
            None => Ok(()),
        }
    }

    fn shop(&self) -> Result<StoredLocation, AppError> {
        let shop = usize::from(self.world.shared.random().random_bool(0.2)) % self.world.system.shops().len();
        Ok(self.up.till.store().read(|tx| locations::get(tx, location_id(shop)))?)
    }

    /// Often one of a few whom everybody knows, so that tills meet.
    fn member(&self, truth: &Truth) -> Option<MemberId> {
        /// So many.
        const REGULARS: usize = 4;
        let is_regular = self.world.shared.random().random_bool(0.4);
        let few = &truth.members[..truth.members.len().min(REGULARS)];
        self.one_of(if is_regular { few } else { &truth.members })
    }

    fn one_of<T: Clone>(&self, all: &[T]) -> Option<T> {
        let place = self.world.shared.random().random_range(0..all.len().max(1));
        all.get(place).cloned()
    }

    fn amount(&self, most: i64) -> Money {
        let minor = self.world.shared.random().random_range(1..=most / 1_000) * 1_000;
        Money::new(minor, "VND".parse().expect("a currency"))
    }

    fn entries_of(&self, member: MemberId) -> Result<Vec<LedgerEntry>, AppError> {
        let store = self.up.till.store();
        let stored = store.read(|tx| ledger::list_of_member(tx, regulars_store::members::resolve(tx, member)?))?;
        Ok(stored.into_iter().map(|stored| stored.entry).collect())
    }

    /// Notes what was booked, and that it is what was typed.
    fn book(&self, truth: &mut Truth, ids: &[EntryId], typed: Option<Money>) -> Result<(), Stop> {
        let read = |id| self.up.till.store().read(|tx| ledger::find(tx, id));
        let mut booked = 0;
        for id in ids {
            if let Some(entry) = read(*id)? {
                booked += entry.amount.minor;
                self.book_all(truth, vec![entry]);
            }
        }
        match typed.filter(|typed| typed.minor != booked) {
            Some(typed) => Err(Stop::Wrong(format!("{} was typed and {booked} booked", typed.minor))),
            None => Ok(()),
        }
    }

    fn book_all(&self, truth: &mut Truth, entries: Vec<LedgerEntry>) {
        for entry in entries {
            truth.entries.insert(entry.id, Fact { till: self.till, entry });
        }
    }
}

/// Members as a till has them.
pub fn sight(till: &Till, members: &[MemberId]) -> Result<Sight, StoreError> {
    till.store().read(|tx| {
        let mut sight = Sight::new();
        let shops = locations::list(tx)?;
        for member in members {
            let Some(stored) = rows::find(tx, *member)? else { continue };
            sight.insert((*member, None), stored.document);
            for membership in rows::list_memberships(tx, *member)? {
                let shop = shops.iter().find(|shop| shop.id == membership.location_id);
                sight.extend(shop.map(|shop| ((*member, Some(shop.pos_id.clone())), membership.terms)));
            }
        }
        Ok(sight)
    })
}

/// Somebody else has a member's number there, as where a folder was copied and both give out the same: the cashier gives them
/// another.
pub fn give_another_number(truth: &mut Truth, till: &Till, parked: &QueuedChange) -> Result<(), AppError> {
    let is_taken = parked.problem.as_ref().is_some_and(|problem| problem.code == "reference_taken");
    let member = parked.member_id.filter(|_| is_taken).ok_or(Refusal::MemberNotFound)?;
    let shop = till.store().read(|tx| locations::get(tx, location_id(0)))?;
    members::edit(till, &shop, member, json!({ "reference": format!("R-{}", truth.number()) })).map(drop)
}

/// A person chose what a till says of a field, against what head office has: with a merge goes what was taken over by it.
pub fn try_again(truth: &mut Truth, till: &Till, parked: &QueuedChange) -> Result<(), AppError> {
    let there = till.store().read(|tx| outbox::find_there(tx, parked)).ok().flatten().unwrap_or_default();
    changes::retry(till, parked.id)?;
    if let Change::MemberEdited { edit, .. } = &parked.change
        && edit.fields.contains_key("merged")
    {
        give_up_merge(truth, there.get("merged"));
    }
    Ok(())
}

/// Whoever somebody was not gives back what they had taken over.
fn give_up_merge(truth: &mut Truth, merged: Option<&Value>) {
    let Some(merged) = merged.and_then(|merged| serde_json::from_value::<Merged>(merged.clone()).ok()) else { return };
    let fields = merged.taken.into_iter();
    let fields = fields.filter_map(|(path, field)| Some((path, serde_json::from_value(field).ok()?)));
    truth.deeds.give_up(&(merged.into, None), &Edit { fields: fields.collect() });
}

/// What a person gave up, with what travelled with it.
pub fn give_up(truth: &mut Truth, till: &Till, waiting: &[QueuedChange], parked: &QueuedChange) {
    let travels = |change: &&QueuedChange| change.id == parked.id || change.folded_into == Some(parked.id);
    for queued in waiting.iter().filter(travels) {
        let shop = |id| till.store().read(|tx| locations::get(tx, id)).ok().map(|shop| shop.pos_id);
        match &queued.change {
            Change::MemberAdded { member_id, document, terms, location_id, .. } => {
                truth.registered.remove(member_id);
                let nothing = regulars_domain::edit::Document::new();
                truth.deeds.give_up(&(*member_id, None), &Edit::between(&nothing, document));
                truth.deeds.give_up(&(*member_id, shop(*location_id)), &Edit::between(&nothing, terms));
            }
            Change::MemberEdited { member_id, edit } => {
                truth.deeds.give_up(&(*member_id, None), edit);
                give_up_merge(truth, edit.fields.get("merged").map(|field| &field.after));
            }
            Change::MembershipEdited { member_id, location_id, edit } => {
                truth.deeds.give_up(&(*member_id, shop(*location_id)), edit);
            }
            Change::MemberErased { member_id, .. } => {
                truth.erased.remove(member_id);
            }
            _ => {}
        }
    }
}
