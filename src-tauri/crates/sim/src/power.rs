//! A power cut at every single write of every kind of transaction, and right after it was told done, under every way of
//! tearing: whatever was told done is there afterwards, and what was not is there whole or not at all.

use crate::cores;
use crate::disk::{Fate, Tear};
use crate::faults::Faults;
use crate::invariants;
use crate::template::{Template, location_id};
use crate::world::World;
use rand::SeedableRng;
use rand::rngs::StdRng;
use regulars_app::credit::{self, GiveBack, Sale, TopUp};
use regulars_app::till::Till;
use regulars_app::{cards, members, merge};
use regulars_domain::ledger::Tender;
use regulars_domain::member::{BlockReason, Typing};
use regulars_domain::{EntryId, MemberId, Money, VisitId};
use regulars_store::locations::{self, StoredLocation};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const TEARS: [Tear; 3] = [Tear::LoseAll, Tear::KeepFirst, Tear::KeepSome];

/// What is done while the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Register,
    Edit,
    EditTerms,
    Remove,
    BringHere,
    PutLabel,
    TopUp,
    Adjust,
    Void,
    Pay,
    PayWithCredit,
    GiveBack,
    IssueCard,
    BlockCard,
    UnblockCard,
    ReplaceCard,
    Merge,
    Unmerge,
    Exchange,
    SecondExchange,
}

const ALL: [Kind; 20] = [
    Kind::Register,
    Kind::Edit,
    Kind::EditTerms,
    Kind::Remove,
    Kind::BringHere,
    Kind::PutLabel,
    Kind::TopUp,
    Kind::Adjust,
    Kind::Void,
    Kind::Pay,
    Kind::PayWithCredit,
    Kind::GiveBack,
    Kind::IssueCard,
    Kind::BlockCard,
    Kind::UnblockCard,
    Kind::ReplaceCard,
    Kind::Merge,
    Kind::Unmerge,
    Kind::Exchange,
    Kind::SecondExchange,
];

impl Kind {
    const fn is_exchange(self) -> bool {
        matches!(self, Self::Exchange | Self::SecondExchange)
    }
}

/// How many entries and how many changes there are.
type Told = (i64, i64);

/// A till in the middle of a day.
struct Day {
    world: World,
    anna: MemberId,
    ben: MemberId,
    carl: MemberId,
    last: EntryId,
    sale: VisitId,
    cards: [String; 2],
}

/// Runs all cases on all cores. Answers how many there were, and why the first failed.
pub fn all(template: &Template, base: &Path) -> (usize, Option<String>) {
    let (next, cases, failure) = (AtomicUsize::new(0), AtomicUsize::new(0), std::sync::Mutex::new(None));
    cores::on_all(|| {
        while let Some(kind) = ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
            let done = of_kind(template, base, *kind);
            cases.fetch_add(*done.as_ref().unwrap_or(&0), Ordering::Relaxed);
            if let Err(words) = done {
                failure.lock().expect("unpoisoned").get_or_insert(format!("{kind:?}: {words}"));
            }
        }
    });
    (cases.into_inner(), failure.into_inner().expect("unpoisoned"))
}

fn of_kind(template: &Template, base: &Path, kind: Kind) -> Result<usize, String> {
    let mut whole = Day::begin(template, base, kind)?;
    let (before, told) = (whole.world.tills[0].disk.operations(), whole.told()?);
    whole.act(kind)?;
    let writes = whole.world.tills[0].disk.operations() - before;
    let after = whole.told()?;
    drop(whole);
    // What does nothing would pass however the power goes.
    if writes == 0 || (after == told && !kind.is_exchange()) {
        return Err("it does nothing".to_owned());
    }
    let mut cases = 0;
    for tear in TEARS {
        // After the last of them it was told done.
        for write in 0..=writes {
            let case = || cut(template, base, kind, write, tear, after);
            case().map_err(|words| format!("write {write} of {writes}, {tear:?}: {words}"))?;
            cases += 1;
        }
    }
    Ok(cases)
}

/// `after` is what there is once it is done.
fn cut(template: &Template, base: &Path, kind: Kind, write: u64, tear: Tear, after: Told) -> Result<(), String> {
    let mut day = Day::begin(template, base, kind)?;
    let before = day.told()?;
    day.world.tills[0].set_fate(Fate { dies_in: Some(write), room: None });
    // Also on a disk that died meanwhile: what was told done had been forced to it by then.
    let is_done = day.act(kind).is_ok();
    let mut random = StdRng::seed_from_u64(write);
    day.world.tills[0].cut_power(tear, &mut random);
    day.start()?;
    let now = day.told()?;
    if is_done && now != after && !kind.is_exchange() {
        return Err("what was told done is gone".to_owned());
    }
    if now.0 < before.0 || now.1 < before.1 {
        return Err("what was there before is gone".to_owned());
    }
    invariants::of_file(&day.till())
}

impl Day {
    fn begin(template: &Template, base: &Path, kind: Kind) -> Result<Self, String> {
        let world = World::of(template, base, 1, 1, Faults::NONE);
        let nobody = MemberId::from_uuid(uuid::Uuid::nil());
        let mut day = Self {
            world,
            anna: nobody,
            ben: nobody,
            carl: nobody,
            last: EntryId::from_uuid(uuid::Uuid::nil()),
            sale: VisitId::from_uuid(uuid::Uuid::nil()),
            cards: Default::default(),
        };
        day.start()?;
        day.morning().map_err(|error| error.to_string())?;
        // Without head office's word a till gives out only of balances that it has heard of lately.
        if kind == Kind::PayWithCredit {
            day.exchange()?;
        }
        Ok(day)
    }

    fn start(&mut self) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let system = self.world.system.clone();
        self.world.tills[0].start(&shared, &system).map(drop)
    }

    fn till(&self) -> Arc<Till> {
        Arc::clone(&self.world.tills[0].up.as_ref().expect("it is on").till)
    }

    fn shop(&self, place: usize) -> Result<StoredLocation, regulars_app::AppError> {
        Ok(self.till().store().read(|tx| locations::get(tx, location_id(place)))?)
    }

    fn morning(&mut self) -> Result<(), regulars_app::AppError> {
        let (till, shop) = (self.till(), self.shop(0)?);
        let register = |name: &str, phone: &str| {
            let typed = json!({ "name": { "full": name }, "phone": phone, "earn_percent": "5" });
            members::register(&till, &shop, &Typing::read(&typed)?, None)
        };
        (self.anna, self.ben) = (register("Anna", "0900000001")?, register("Ben", "0900000002")?);
        self.carl = register("Carl", "0900000003")?;
        for place in 0..2 {
            let serial = cards::new_serial(&till)?;
            cards::issue(&till, self.anna, &serial, true)?;
            self.cards[place] = serial.to_string();
        }
        cards::block(&till, &self.cards[1], BlockReason::Lost)?;
        merge::merge(&till, self.anna, self.carl, None)?;
        self.sale = self.pay(100_000, 0)?;
        // What is booked in one moment has no latest.
        self.world.shared.time().pass(1_000);
        self.last = self.top_up(50_000)?;
        Ok(())
    }

    fn act(&mut self, kind: Kind) -> Result<(), String> {
        match kind {
            Kind::Exchange => self.exchange(),
            Kind::SecondExchange => {
                self.exchange()?;
                self.top_up(10_000).map_err(|error| error.to_string())?;
                self.exchange()
            }
            _ => self.at_the_counter(kind).map_err(|error| error.to_string()),
        }
    }

    fn at_the_counter(&mut self, kind: Kind) -> Result<(), regulars_app::AppError> {
        let (till, shop) = (self.till(), self.shop(0)?);
        match kind {
            Kind::Register => {
                let typed = json!({ "name": { "full": "Dora" }, "phone": "0900000004" });
                members::register(&till, &shop, &Typing::read(&typed)?, None).map(drop)
            }
            Kind::Edit => members::edit(&till, &shop, self.ben, json!({ "note": "nuts" })).map(drop),
            Kind::EditTerms => members::edit(&till, &shop, self.ben, json!({ "discount_percent": "7" })).map(drop),
            Kind::Remove => members::remove(&till, self.ben, "asked for it"),
            Kind::BringHere => members::bring_here(&till, &self.shop(1)?, self.ben),
            Kind::PutLabel => members::edit(&till, &shop, self.ben, json!({ "labels": ["wholesale"] })).map(drop),
            Kind::TopUp => self.top_up(20_000).map(drop),
            Kind::Adjust => {
                let id = till.new_entry_id();
                credit::adjust(&till, &shop, self.anna, id, dong(-3_000), "counted again").map(drop)
            }
            Kind::Void => {
                let voiding = credit::void(&till, &shop, self.last, "a slip", None);
                self.world.runtime.block_on(voiding).map(drop)
            }
            Kind::Pay => self.pay(80_000, 0).map(drop),
            // Nobody answers, so the allowance decides.
            Kind::PayWithCredit => self.pay(80_000, 1_000).map(drop),
            Kind::GiveBack => {
                let asked = GiveBack { return_id: till.new_visit_id(), sale_id: self.sale, amount: dong(40_000) };
                self.world.runtime.block_on(credit::give_back(&till, &shop, asked, None)).map(drop)
            }
            Kind::IssueCard => cards::issue(&till, self.ben, &cards::new_serial(&till)?, false),
            Kind::BlockCard => cards::block(&till, &self.cards[0], BlockReason::Stolen).map(drop),
            Kind::UnblockCard => cards::unblock(&till, &self.cards[1]).map(drop),
            Kind::ReplaceCard => {
                let new = cards::new_serial(&till)?;
                cards::replace(&till, &self.cards[0], &new, BlockReason::Damaged, None).map(drop)
            }
            Kind::Merge => merge::merge(&till, self.anna, self.ben, None).map(drop),
            Kind::Unmerge => merge::unmerge(&till, self.carl).map(drop),
            Kind::Exchange | Kind::SecondExchange => Ok(()),
        }
    }

    fn top_up(&self, minor: i64) -> Result<EntryId, regulars_app::AppError> {
        let (till, shop) = (self.till(), self.shop(0)?);
        let entry_id = till.new_entry_id();
        let amount = dong(minor);
        let top_up = TopUp { entry_id, member_id: self.anna, amount, tender: Tender::Cash, receipt: None };
        credit::top_up(&till, &shop, top_up)
    }

    fn pay(&self, bill: i64, credit: i64) -> Result<VisitId, regulars_app::AppError> {
        let (till, shop) = (self.till(), self.shop(0)?);
        let visit_id = till.new_visit_id();
        let (bill, credit) = (dong(bill), dong(credit));
        let sale = Sale { visit_id, member_id: self.anna, bill, credit, receipt: None, card: None };
        self.world.runtime.block_on(credit::pay(&till, &shop, sale, None))?;
        Ok(visit_id)
    }

    fn exchange(&mut self) -> Result<(), String> {
        let now = self.world.shared.time().now();
        self.world.tills[0].begin_exchange(now, true);
        while self.world.tills[0].is_exchanging() {
            let request = self.world.tills[0].up.as_ref().and_then(|up| up.wire.take_request());
            if let Some((ticket, made, request)) = request {
                let answer = crate::line::carry(&self.world.shared, 0, &request, crate::line::WELL, made);
                let answer = self.world.runtime.block_on(answer);
                if let Some(up) = &self.world.tills[0].up {
                    up.wire.answer(ticket, answer);
                }
            }
            if let Some(Err(error)) = self.world.tills[0].go_on(now) {
                return Err(error.to_string());
            }
        }
        Ok(())
    }

    /// Neither ever becomes less.
    fn told(&self) -> Result<Told, String> {
        let read = self.till().store().read(|tx| {
            let count = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0));
            let both = (count("SELECT count(*) FROM ledger_entries")?, count("SELECT count(*) FROM outbox")?);
            Ok::<_, regulars_store::StoreError>(both)
        });
        read.map_err(|error| error.to_string())
    }
}

fn dong(minor: i64) -> Money {
    Money::new(minor, "VND".parse().expect("a currency"))
}
