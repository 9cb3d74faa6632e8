//! What cashiers do, drawn: each is the program's own use-case, as the page and the command line call it.

use crate::machine::Up;
use crate::template::{SHOPS, location_id};
use crate::truth::{Fact, Truth, Write};
use crate::world::World;
use rand::RngExt;
use regulars_app::credit::{self, GiveBack, Sale, Taking, TopUp};
use regulars_app::error::AppError;
use regulars_app::{cards, changes, members, merge};
use regulars_domain::ledger::{LedgerEntry, Tender};
use regulars_domain::member::{BlockReason, Typing};
use regulars_domain::{MemberId, Money};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::{StoreError, ledger};
use serde_json::json;
use std::sync::Arc;

/// What a cashier's action came to, in a word for the trace.
pub enum Came {
    Done(String),
    Refused(String),
    /// The disk failed under it: nobody knows.
    DiskFailed,
}

/// Weights of what cashiers do.
const ACTIONS: [(Kind, u32); 18] = [
    (Kind::Register, 8),
    (Kind::Edit, 14),
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
    Decide,
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
    let disk_may_fail = world.tills[till].disk.is_dead();
    let up = world.tills[till].up.as_ref()?;
    let cashier = Cashier { world, up, till };
    let done = cashier.act(kind, truth);
    let told = match done {
        Ok(what) => Ok(Came::Done(what)),
        Err(AppError::Refused(refusal)) => Ok(Came::Refused(refusal.code().to_owned())),
        Err(AppError::Store(
            StoreError::DiskFailed(_) | StoreError::DiskFull | StoreError::FileDamaged | StoreError::WriterStopped,
        )) => Ok(Came::DiskFailed),
        Err(AppError::Store(error @ (StoreError::HasDependents | StoreError::MoneyCannotBeDiscarded))) => {
            Ok(Came::Refused(error.code().to_owned()))
        }
        Err(_) if disk_may_fail => Ok(Came::DiskFailed),
        Err(error) => Err(format!("{}: {error}", error.code())),
    };
    Some((format!("{kind:?}"), told))
}

struct Cashier<'a> {
    world: &'a World,
    up: &'a Up,
    till: usize,
}

impl Cashier<'_> {
    fn act(&self, kind: Kind, truth: &mut Truth) -> Result<String, AppError> {
        let (till, shop) = (&self.up.till, self.shop()?);
        let line = || Some(self.up.at_once.clone());
        let nobody = || AppError::Refused(regulars_domain::Refusal::MemberNotFound);
        match kind {
            Kind::Register => self.register(&shop, truth),
            Kind::Edit => self.edit(&shop, truth),
            Kind::TopUp => {
                let (member_id, amount) = (self.member(truth).ok_or_else(nobody)?, self.amount(90_000));
                let entry_id = till.new_entry_id();
                let top_up = TopUp { entry_id, member_id, amount, tender: Tender::Cash, receipt: None };
                credit::top_up(till, &shop, top_up)?;
                self.book(truth, &[entry_id])?;
                Ok(format!("{}", amount.minor))
            }
            Kind::Redeem | Kind::CashOut => {
                let (member_id, amount) = (self.member(truth).ok_or_else(nobody)?, self.amount(60_000));
                let taking = Taking { entry_id: till.new_entry_id(), member_id, amount, receipt: None, card: None };
                let booked = self.world.runtime.block_on(async {
                    match kind {
                        Kind::CashOut => credit::cash_out(till, &shop, taking, Tender::Cash, line()).await,
                        _ => credit::redeem(till, &shop, taking, line()).await,
                    }
                })?;
                self.book(truth, &booked)?;
                Ok(format!("{}", amount.minor))
            }
            Kind::Pay => {
                let (member_id, bill) = (self.member(truth).ok_or_else(nobody)?, self.amount(200_000));
                let part = self.world.shared.random().random_range(0..4);
                let credit = Money { minor: bill.minor * part / 5, ..bill };
                let visit_id = till.new_visit_id();
                let sale = Sale { visit_id, member_id, bill, credit, receipt: None, card: None };
                let paid = self.world.runtime.block_on(credit::pay(till, &shop, sale, line()))?;
                truth.visits.push((visit_id, member_id));
                self.book(truth, &paid.entries)?;
                Ok(format!("{} with {}", bill.minor, credit.minor))
            }
            Kind::GiveBack => {
                let (sale_id, _) = self.one_of(&truth.visits).ok_or_else(nobody)?;
                let asked = GiveBack { return_id: till.new_visit_id(), sale_id, amount: self.amount(100_000) };
                let visit = credit::give_back(till, &shop, asked)?;
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
                let latest = self.entries_of(member)?.pop().ok_or_else(nobody)?;
                let (_, booked) = credit::void(till, &shop, latest.id, "a slip")?;
                self.book(truth, &booked)?;
                Ok(String::new())
            }
            Kind::IssueCard => {
                let (member, serial) = (self.member(truth).ok_or_else(nobody)?, cards::new_serial(till)?);
                cards::issue(till, member, &serial, true)?;
                truth.serials.push((serial.to_string(), member));
                Ok(String::new())
            }
            Kind::BlockCard => {
                let (serial, _) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                cards::block(till, &serial, BlockReason::Lost).map(|_| String::new())
            }
            Kind::UnblockCard => {
                let (serial, _) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                cards::unblock(till, &serial).map(|_| String::new())
            }
            Kind::ReplaceCard => {
                let (old, member) = self.one_of(&truth.serials).ok_or_else(nobody)?;
                let new = cards::new_serial(till)?;
                cards::replace(till, &old, &new, BlockReason::Damaged, Some(true))?;
                truth.serials.push((new.to_string(), member));
                Ok(String::new())
            }
            Kind::Merge => {
                let (winner, loser) = (self.member(truth).ok_or_else(nobody)?, self.member(truth).ok_or_else(nobody)?);
                merge::merge(till, winner, loser, None)?;
                truth.merged.push(loser);
                Ok(String::new())
            }
            Kind::Unmerge => {
                let alias = self.one_of(&truth.merged).ok_or_else(nobody)?;
                merge::unmerge(till, alias).map(|_| String::new())
            }
            Kind::BringHere => {
                let member = self.member(truth).ok_or_else(nobody)?;
                members::bring_here(till, &shop, member).map(|()| String::new())
            }
            Kind::Remove => {
                let member = self.member(truth).ok_or_else(nobody)?;
                truth.removed.insert(member);
                members::remove(till, member, "asked for it").map(|()| String::new())
            }
            Kind::Decide => self.decide(),
        }
    }

    fn register(&self, shop: &StoredLocation, truth: &mut Truth) -> Result<String, AppError> {
        let number = truth.number();
        let (family, earns) = {
            let mut random = self.world.shared.random();
            (random.random_range(0..4_u32), random.random_bool(0.5))
        };
        let mut typed = json!({
            "name": { "full": format!("{} {number}", ["Nguyễn", "Trần", "Lê", "Đặng"][family as usize]) },
            "phone": format!("09{number:08}"),
        });
        if earns {
            typed["earn_percent"] = json!("5");
        }
        let id = members::register(&self.up.till, shop, &Typing::read(&typed)?, None)?;
        truth.members.push(id);
        truth.registered.insert(id, (self.till, true));
        Ok(format!("M{}", truth.members.len() - 1))
    }

    fn edit(&self, shop: &StoredLocation, truth: &mut Truth) -> Result<String, AppError> {
        let member = self.member(truth).ok_or(AppError::Refused(regulars_domain::Refusal::MemberNotFound))?;
        let number = truth.number();
        let which = self.world.shared.random().random_range(0..6);
        let (field, value, patch) = match which {
            0 => ("email", format!("m{number}@example.com"), json!({ "email": format!("m{number}@example.com") })),
            1 => ("note", format!("note {number}"), json!({ "note": format!("note {number}") })),
            2 => ("phone", format!("09{number:08}"), json!({ "phone": format!("09{number:08}") })),
            3 => ("name", format!("Vũ {number}"), json!({ "name": { "full": format!("Vũ {number}") } })),
            4 => ("meta", number.to_string(), json!({ "meta": { format!("k{}", number % 3): number.to_string() } })),
            _ => ("home_town", format!("Town {number}"), json!({ "home_town": format!("Town {number}") })),
        };
        members::edit(&self.up.till, shop, member, patch)?;
        truth.writes.push(Write { till: self.till, member, field, value: value.clone() });
        Ok(format!("{field} = {value}"))
    }

    /// A person looks at what waits for them.
    fn decide(&self) -> Result<String, AppError> {
        let waiting = changes::list(&self.up.till)?;
        let parked = waiting.iter().find(|change| change.state == regulars_store::outbox::ChangeState::Parked);
        let Some(parked) = parked else { return Ok("nothing".to_owned()) };
        let gives_up = self.world.shared.random().random_bool(0.4);
        if gives_up && !parked.change.is_money() {
            changes::discard(&self.up.till, parked.id, "not worth it")?;
            return Ok("given up".to_owned());
        }
        changes::retry(&self.up.till, parked.id)?;
        Ok("again".to_owned())
    }

    fn shop(&self) -> Result<StoredLocation, AppError> {
        let shop = usize::from(self.world.shared.random().random_bool(0.2)) % SHOPS.len();
        Ok(self.up.till.store().read(|tx| locations::get(tx, location_id(shop)))?)
    }

    fn member(&self, truth: &Truth) -> Option<MemberId> {
        self.one_of(&truth.members)
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

    fn book(&self, truth: &mut Truth, ids: &[regulars_domain::EntryId]) -> Result<(), AppError> {
        let read = |id| self.up.till.store().read(|tx| ledger::find(tx, id));
        for id in ids {
            if let Some(entry) = read(*id)? {
                self.book_all(truth, vec![entry]);
            }
        }
        Ok(())
    }

    fn book_all(&self, truth: &mut Truth, entries: Vec<LedgerEntry>) {
        for entry in entries {
            truth.entries.insert(entry.id, Fact { till: self.till, entry, is_in_file: true });
        }
    }
}
