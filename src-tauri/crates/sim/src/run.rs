//! One run: so many steps, each drawn, then a time in which nothing goes wrong; and what must hold is checked on the way.

use crate::actions::{self, Came};
use crate::balances;
use crate::disk::{Fate, Tear};
use crate::elsewhere;
use crate::faults::{Fault, Faults, span_ms};
use crate::invariants;
use crate::line;
use crate::template::Template;
use crate::truth::Truth;
use crate::world::World;
use crate::writer::SecondWriter;
use rand::RngExt;
use regulars_app::sync::Line;
use regulars_app::till::Till;
use regulars_store::StoreError;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// How a run is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub steps: u32,
    /// Whether what happened is kept as lines.
    pub keeps_lines: bool,
    /// Faults that are left out.
    pub without: Vec<Fault>,
    /// So many tills, whatever the seed says.
    pub tills: Option<usize>,
}

impl Plan {
    pub const fn of(seed: u64, steps: u32) -> Self {
        Self { seed, steps, keeps_lines: false, without: Vec::new(), tills: None }
    }
}

/// What became of a run.
pub struct Outcome {
    pub seed: u64,
    pub hash: String,
    /// Why it failed.
    pub failure: Option<String>,
    pub lines: Vec<String>,
}

/// Time that the settling takes at most: after the last fault everything is sent within it.
const SETTLES_WITHIN_MS: i64 = 30 * 60_000;
/// Between two looks at whether it has.
const TICK_MS: i64 = 5_000;
/// How a page that cannot be read is told of.
const UNREADABLE: &str = "damaged";
/// A clock is set wrong by ten years at most, in seconds.
const LONGEST_JUMP_S: f64 = 3_652.0 * 86_400.0;
/// Rows are compared with mirror and outbox this often; the whole file, pages and all, at the end.
const CHECKS_EVERY: u32 = 8;

pub fn run(template: &Template, base: &Path, plan: &Plan) -> Outcome {
    let mut world = World::new(template, base, plan);
    let done = catch_unwind(AssertUnwindSafe(|| Run::new(&mut world).all(plan.steps)));
    let failure = match done {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(panic) => Some(format!("it panicked: {}", words_of(&*panic))),
    };
    let trace = world.shared.trace();
    let (hash, lines) = (trace.hash(), trace.lines().to_vec());
    drop(trace);
    Outcome { seed: plan.seed, hash, failure, lines }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

pub struct Run<'a> {
    pub world: &'a mut World,
    pub truth: Truth,
    pub writer: SecondWriter,
    /// How many tills there were before any was copied.
    pub tills_before: usize,
    /// Tills of which a page is damaged that nobody came to so far.
    pub damaged: BTreeSet<usize>,
    /// Whether what head office cannot deal with is money.
    is_poison_money: bool,
}

impl<'a> Run<'a> {
    pub fn new(world: &'a mut World) -> Self {
        let tills_before = world.tills.len();
        let (truth, writer, damaged) = (Truth::default(), SecondWriter::new(), BTreeSet::new());
        Self { world, truth, writer, tills_before, damaged, is_poison_money: false }
    }
}

impl Run<'_> {
    fn all(&mut self, steps: u32) -> Result<(), String> {
        self.start_all()?;
        for step in 0..steps {
            self.step(step).and_then(|()| self.look_wrong()).map_err(|failure| format!("step {step}: {failure}"))?;
        }
        self.settle().and_then(|()| self.look_wrong())?;
        match self.world.system.is_head_office() {
            true => invariants::at_the_end(self.world, &self.truth),
            false => elsewhere::at_the_end(self.world, &self.truth),
        }
    }

    pub fn start_all(&mut self) -> Result<(), String> {
        (0..self.world.tills.len()).try_for_each(|till| self.start(till))
    }

    /// The program that runs there.
    pub fn till(&self, till: usize) -> Result<Arc<Till>, String> {
        let up = self.world.tills[till].up.as_ref();
        up.map(|up| Arc::clone(&up.till)).ok_or_else(|| format!("till {till} is off"))
    }

    /// Its line at the counter.
    pub fn line(&self, till: usize) -> Option<Line> {
        self.world.tills[till].up.as_ref().map(|up| up.at_once.clone())
    }

    pub fn kill(&mut self, till: usize) -> Result<(), String> {
        self.world.shared.note(format!("till {till} is killed"));
        self.world.tills[till].kill();
        self.start(till)
    }

    /// What was seen on the line on the way.
    fn look_wrong(&self) -> Result<(), String> {
        self.world.shared.wrong().map_or(Ok(()), Err)
    }

    fn step(&mut self, step: u32) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let (what, till) = {
            let mut random = shared.random();
            (random.random_range(0..100), random.random_range(0..self.world.tills.len()))
        };
        match what {
            0..=19 => self.pass_time(),
            20..=49 => self.act(till)?,
            50..=94 => self.sync(till)?,
            _ => self.late_arrival(),
        }
        self.go_wrong()?;
        if step.is_multiple_of(CHECKS_EVERY) && self.world.tills[till].is_unchecked() {
            let up = self.world.tills[till].up.as_ref();
            if let Some(up) = up.filter(|_| !self.world.tills[till].disk.is_dead()) {
                match invariants::of_rows(&up.till)
                    .and_then(|()| invariants::of_parked(&up.till, self.truth.is_rewound))
                {
                    Err(words) if words.contains(UNREADABLE) => self.salvage(till)?,
                    looked => looked?,
                }
            }
        }
        Ok(())
    }

    fn pass_time(&mut self) {
        let shared = &self.world.shared;
        let span = span_ms(&mut shared.random(), shared.faults().longest_pause_s);
        shared.time().pass(span);
        shared.note(format!("{span} ms pass"));
    }

    fn act(&mut self, till: usize) -> Result<(), String> {
        let Some((kind, told)) = actions::act(self.world, &mut self.truth, till) else { return Ok(()) };
        // A question at the counter may have been its last.
        self.after_server_failure();
        let shared = &self.world.shared;
        match told? {
            Came::Done(what) => {
                shared.note(format!("till {till}: {kind} {what}"));
                let now = shared.time().now();
                self.world.tills[till].wake(now);
            }
            Came::Refused(code) => shared.note(format!("till {till}: {kind} refused, {code}")),
            Came::DiskFailed => {
                shared.note(format!("till {till}: {kind}, the disk failed"));
                self.after_disk_failure(till)?;
            }
            Came::FileDamaged => self.salvage(till)?,
        }
        Ok(())
    }

    /// Lets the till's exchange go on by one request: it leaves, or its answer comes.
    fn sync(&mut self, till: usize) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let now = shared.time().now();
        if !self.world.tills[till].is_exchanging() {
            let is_asked = shared.random().random_bool(0.2);
            if is_asked {
                shared.watch().hurries(till);
            }
            if !self.world.tills[till].begin_exchange(now, is_asked) {
                if self.world.tills[till].watch(now) {
                    shared.note(format!("the watchdog of till {till} starts its task anew"));
                }
                return Ok(());
            }
        }
        let request = self.world.tills[till].up.as_ref().and_then(|up| up.wire.take_request());
        if let Some((ticket, made, request)) = request {
            let way = line::draw(&shared, till);
            shared.note(format!("till {till} sends {}: {way:?}", line::path(&request)));
            let answer = self.world.runtime.block_on(line::carry(&shared, till, &request, way, made));
            if let Some(up) = &self.world.tills[till].up {
                up.wire.answer(ticket, answer);
            }
            self.after_server_failure();
        }
        self.go_on(till)
    }

    fn go_on(&mut self, till: usize) -> Result<(), String> {
        let now = self.world.shared.time().now();
        match self.world.tills[till].go_on(now) {
            None => Ok(()),
            Some(Ok(tally)) => {
                let trouble = tally.trouble.map(|trouble| trouble.problem.code).unwrap_or_default();
                let line = format!(
                    "till {till} exchanged: {} sent, {} came, {} parked {trouble}",
                    tally.sent, tally.received, tally.parked
                );
                self.world.shared.note(line);
                let up = self.till(till)?;
                if !self.world.system.is_head_office() && tally.received > 0 {
                    elsewhere::meet(&up, &mut self.truth);
                }
                let compared = invariants::of_comparison(&up, &self.truth);
                // Nobody has its file open any more when it is begun anew.
                drop(up);
                match compared {
                    Err(words) if words.contains(UNREADABLE) => self.salvage(till),
                    compared => compared.map_err(|words| format!("till {till}: {words}")),
                }
            }
            Some(Err(_)) if self.world.tills[till].disk.is_dead() => self.after_disk_failure(till),
            Some(Err(StoreError::FileDamaged)) => self.salvage(till),
            Some(Err(error)) if error.code().starts_with("disk_") => {
                self.world.shared.watch().notes_no_wait(till);
                Ok(())
            }
            Some(Err(error)) => Err(format!("till {till}: the exchange failed: {}: {error}", error.code())),
        }
    }

    /// Something that was sent before arrives once more.
    fn late_arrival(&mut self) {
        let shared = Arc::clone(&self.world.shared);
        let Some((till, request)) = shared.take_late() else { return };
        shared.note(format!("what till {till} sent arrives again: {}", line::path(&request)));
        self.world.runtime.block_on(async { shared.server().lock().await.ask(&request).await });
        self.after_server_failure();
    }

    fn go_wrong(&mut self) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let (faults, tills) = (shared.faults(), self.world.tills.len());
        let happens = |fault| faults.happens(fault, &mut shared.random());
        let till = shared.random().random_range(0..tills);
        if happens(Fault::Partition) {
            let span = span_ms(&mut shared.random(), faults.longest_partition_s);
            shared.cut(till, span);
            shared.note(format!("the line of till {till} is cut for {span} ms"));
        }
        if happens(Fault::ClockJump) {
            let (is_back, span) = {
                let mut random = shared.random();
                (random.random_bool(0.5), span_ms(&mut random, LONGEST_JUMP_S))
            };
            let span = if is_back { -span } else { span };
            self.world.tills[till].clock.set_ahead(span);
            shared.note(format!("the clock of till {till} is {span} ms ahead"));
        }
        if happens(Fault::Kill) {
            self.kill(till)?;
        }
        if happens(Fault::PowerCut) {
            self.cut_power(till)?;
        }
        if happens(Fault::DiskDies) {
            let after = shared.random().random_range(0..60);
            shared.note(format!("till {till} will die at write {after}"));
            self.world.tills[till].set_fate(Fate { dies_in: Some(after), room: None });
        }
        if happens(Fault::DiskFull) {
            let room = shared.random().random_range(0..200_000);
            shared.note(format!("the disk of till {till} has room for {room} bytes"));
            self.world.tills[till].set_fate(Fate { dies_in: None, room: Some(room) });
        }
        if happens(Fault::ServerKill) {
            let dies_in = shared.random().random_range(0..40);
            shared.note(format!("head office will die at write {dies_in}"));
            let fate = Fate { dies_in: Some(dies_in), room: None };
            self.world.runtime.block_on(async { shared.server().lock().await.set_fate(fate) });
        }
        if happens(Fault::ServerRestart) {
            shared.note("head office is stopped and started".to_owned());
            self.world.runtime.block_on(async { shared.server().lock().await.restart(|_| ()) });
        }
        if happens(Fault::SecondWriter) {
            self.write_elsewhere()?;
        }
        if happens(Fault::Poison) {
            self.poison(till);
        }
        if shared.random().random_bool(0.02) {
            let expired = self.world.runtime.block_on(async { shared.server().lock().await.expire().await });
            shared.find_wrong(expired);
            self.after_server_failure();
        }
        self.rewind(till)
    }

    /// From now on head office cannot deal with a change that waits there.
    fn poison(&mut self, till: usize) {
        let shared = Arc::clone(&self.world.shared);
        let Some(up) = self.world.tills[till].up.as_ref().filter(|_| shared.poison().is_none()) else { return };
        let open = regulars_app::changes::list(&up.till).unwrap_or_default();
        let fresh: Vec<_> = open.iter().filter(|change| change.attempts == 0).collect();
        if !fresh.is_empty() {
            let change = fresh[shared.random().random_range(0..fresh.len())];
            self.is_poison_money = change.change.is_money();
            shared.note(format!("head office cannot deal with a {} of till {till}", change.change.verb()));
            shared.set_poison(Some(change.id));
        }
    }

    fn cut_power(&mut self, till: usize) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let tear = {
            let mut random = shared.random();
            shared.one_of(&mut random, &[Tear::LoseAll, Tear::KeepFirst, Tear::KeepSome])
        };
        shared.note(format!("till {till} loses power: {tear:?}"));
        self.world.tills[till].cut_power(tear, &mut shared.random());
        self.start(till)
    }

    /// A till whose disk failed under it is started anew; a full one has room again by then.
    fn after_disk_failure(&mut self, till: usize) -> Result<(), String> {
        if self.world.tills[till].disk.is_dead() {
            self.world.shared.watch().forgets(till);
            return self.cut_power(till);
        }
        self.world.tills[till].set_fate(Fate::default());
        Ok(())
    }

    pub fn after_server_failure(&mut self) {
        let shared = Arc::clone(&self.world.shared);
        self.world.runtime.block_on(async {
            let mut server = shared.server().lock().await;
            if server.disk.is_dead() {
                let mut random = shared.random();
                let tear = shared.one_of(&mut random, &[Tear::LoseAll, Tear::KeepFirst, Tear::KeepSome]);
                server.cut_power(tear, &mut random);
                drop(random);
                server.start();
                shared.note(format!("head office lost power and is back: {tear:?}"));
            }
        });
    }

    pub fn start(&mut self, till: usize) -> Result<(), String> {
        self.open(till, false)
    }

    /// Starts a till, perhaps on a file that is older than what was done, or damaged.
    pub fn open(&mut self, till: usize, is_older: bool) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let system = self.world.system.clone();
        let opened = self.world.tills[till].start(&shared, &system);
        let opened = opened.map_err(|code| format!("till {till} does not open: {code}"))?;
        // A damaged page may be come to much later than it was damaged.
        let may_be_damaged = is_older || (self.truth.is_rewound && self.world.faults.has(Fault::PageDamaged));
        if opened.salvaged.is_some() && !may_be_damaged {
            return Err(format!("till {till}: a file that nothing damaged was salvaged"));
        }
        if opened.was_put_back && !self.truth.is_rewound {
            return Err(format!("till {till}: a file that nobody put back began a new life"));
        }
        if opened.salvaged.is_some() {
            shared.note(format!("till {till} was salvaged"));
            self.damaged.remove(&till);
        }
        if let Some(rebuilt) = opened.rebuilt {
            shared.note(format!("till {till} has {} changes out of its journal", rebuilt.changes));
            if let Some(finding) = rebuilt.findings.first() {
                return Err(format!("till {till}: {}: {}", finding.code, finding.message));
            }
        }
        let Some(up) = &self.world.tills[till].up else { return Ok(()) };
        if opened.salvaged.is_some() {
            crate::template::set_up_again(up.till.store(), &system).map_err(|error| error.to_string())?;
        }
        let is_older = is_older || opened.salvaged.is_some();
        match invariants::after_a_start(till, &up.till, &mut self.truth, is_older) {
            Err(words) if words.contains(UNREADABLE) && may_be_damaged => self.salvage(till),
            looked => looked,
        }
    }

    /// With all faults off everything is sent within half an hour, or waits for a person.
    fn settle(&mut self) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        shared.set_faults(Faults::NONE);
        shared.mend_all();
        shared.forget_late();
        shared.note("from here on nothing goes wrong".to_owned());
        self.world.runtime.block_on(async { shared.server().lock().await.set_fate(Fate::default()) });
        for till in 0..self.world.tills.len() {
            // A disk may have failed under an exchange that has not come to hear of it yet.
            self.after_disk_failure(till)?;
            self.look_through(till)?;
        }
        // Money is never given up: it waits until head office can deal with it.
        if self.is_poison_money {
            shared.set_poison(None);
        }
        self.wait_until_sent()?;
        // Now head office can deal with whatever it is.
        shared.set_poison(None);
        // A person deals with what waits for them, and everything is sent again.
        for round in 0..4 {
            if !self.decide_all(round)? {
                break;
            }
            if round == 3 {
                return Err("what a person decides comes back for ever".to_owned());
            }
            self.wait_until_sent()?;
        }
        // Once around, so that each gives back what a head office that was put back lacks; once more, so that each has what
        // the others told last.
        for _ in 0..2 {
            for till in 0..self.world.tills.len() {
                self.exchange_once(till)?;
            }
        }
        if !self.world.system.is_head_office() {
            elsewhere::days_pass(self)?;
        }
        Ok(())
    }

    /// A damaged page that nobody came to so far is found now.
    fn look_through(&mut self, till: usize) -> Result<(), String> {
        if !self.world.faults.has(Fault::PageDamaged) {
            return Ok(());
        }
        match self.world.tills[till].up.as_ref().map(|up| invariants::of_file(&up.till)) {
            Some(Err(words)) if words.contains(UNREADABLE) => self.salvage(till),
            Some(looked) => looked,
            None => Ok(()),
        }
    }

    pub fn wait_until_sent(&mut self) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        // A wait that was asked for is the last fault as long as it lasts.
        let until = shared.time().now().max(shared.watch().waits_until()) + SETTLES_WITHIN_MS;
        while shared.time().now() < until {
            for till in 0..self.world.tills.len() {
                let now = shared.time().now();
                if self.world.tills[till].is_exchanging() || self.world.tills[till].begin_exchange(now, false) {
                    self.finish_exchange(till)?;
                }
            }
            if self.world.tills.iter().all(invariants::is_sent) {
                return Ok(());
            }
            shared.time().pass(TICK_MS);
        }
        let stuck: Vec<String> = self.world.tills.iter().map(invariants::what_waits).collect();
        Err(format!("half an hour after the last fault something still waits: {}", stuck.join("; ")))
    }

    pub fn exchange_once(&mut self, till: usize) -> Result<(), String> {
        let now = self.world.shared.time().now();
        self.world.shared.watch().hurries(till);
        self.world.tills[till].begin_exchange(now, true);
        self.finish_exchange(till)
    }

    fn finish_exchange(&mut self, till: usize) -> Result<(), String> {
        /// More requests than an exchange ever needs here.
        const MOST: u32 = 2_000;
        for _ in 0..MOST {
            if !self.world.tills[till].is_exchanging() {
                return Ok(());
            }
            self.sync(till)?;
        }
        Err(format!("till {till}: an exchange does not come to its end"))
    }

    fn decide_all(&mut self, round: u32) -> Result<bool, String> {
        let (mut any, mut looked_for) = (false, BTreeSet::new());
        for till in 0..self.world.tills.len() {
            let Some(up) = self.world.tills[till].up.as_ref() else { continue };
            let app = Arc::clone(&up.till);
            invariants::of_parked(&app, false).map_err(|words| format!("till {till}: {words}"))?;
            let waiting = regulars_app::changes::list(&app).unwrap_or_default();
            for parked in invariants::parked(&app) {
                // It went with another that was decided about.
                if !invariants::parked(&app).iter().any(|still| still.id == parked.id) {
                    continue;
                }
                // It was tried again, to no avail.
                if round > 1 && self.world.system.credit.is_some() && balances::may_stay(&parked) {
                    continue;
                }
                any = true;
                // Copies of a till ask about the same money: who looks for it at one sees the next time what became of that.
                let in_doubt = balances::in_doubt(&parked).map(|entry| entry.id);
                if in_doubt.is_some_and(|entry| !looked_for.insert(entry)) {
                    continue;
                }
                let decided = match parked.change.is_money() {
                    true if balances::is_there(self.world, &parked) => {
                        regulars_app::changes::confirm_there(&app, parked.id)
                    }
                    true => actions::try_again(&mut self.truth, &app, &parked),
                    // What others need cannot be given up.
                    false => match regulars_app::changes::discard(&app, parked.id, "settled") {
                        Ok(()) => {
                            actions::give_up(&mut self.truth, &app, &waiting, &parked);
                            Ok(())
                        }
                        Err(_) => actions::give_another_number(&mut self.truth, &app, &parked)
                            .or_else(|_| actions::try_again(&mut self.truth, &app, &parked)),
                    },
                };
                let words = parked.problem.as_ref().map(|problem| problem.code.clone()).unwrap_or_default();
                self.world.shared.note(format!("till {till}: decided about {} ({words})", parked.change.verb()));
                decided.map_err(|error| format!("till {till}: a person cannot decide: {error}"))?;
            }
            self.world.tills[till].wake(0);
        }
        Ok(any)
    }
}
