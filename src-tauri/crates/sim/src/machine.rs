//! A till in the simulation: the real store, engine and use-cases on its own disk, and the task that keeps it in step,
//! taken apart into steps.

use crate::clock::MachineClock;
use crate::disk::{Disk, Fate, Tear};
use crate::line::{AtOnce, Slowly};
use crate::system::System;
use crate::template::{self, Template};
use crate::world::Shared;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_app::credit::Held;
use regulars_app::sync::{self, Line};
use regulars_app::till::Till;
use regulars_domain::{MemberId, Money, Timestamp};
use regulars_store::{Opened, StoreError};
use regulars_sync::Clock;
use regulars_sync::connectors::Speaker;
use regulars_sync::engine::{Engine, Exchange, Step, Tally};
use regulars_sync::transport::Transport;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

type Exchanging = dyn Future<Output = Result<Ended, StoreError>>;

/// What an exchange came to.
pub struct Ended {
    pub tally: Tally,
    pub until: Option<Timestamp>,
}

pub struct Machine {
    pub number: usize,
    name: String,
    pub folder: PathBuf,
    pub disk: Arc<Disk>,
    pub clock: Arc<MachineClock>,
    pub up: Option<Up>,
    /// When its task looks again, by true time.
    pub looks_at: i64,
    /// What its disk had written when its rows were last looked at.
    checked_at: Option<u64>,
    random: StdRng,
}

/// What runs while the till is on.
pub struct Up {
    pub till: Arc<Till>,
    engine: Arc<Engine>,
    /// For the cashier.
    pub at_once: Line,
    slow: Line,
    pub wire: Arc<Slowly>,
    exchange: Option<Pin<Box<Exchanging>>>,
    /// Whether the last exchange went through.
    pub is_online: bool,
    /// Credit that is held for a bill that is being paid.
    pub held: Option<(Held, MemberId, Money)>,
}

impl Machine {
    pub fn new(number: usize, folder: PathBuf, clock: Arc<MachineClock>, seed: u64) -> Self {
        Self::named(number, template::till_name(number), folder, clock, seed)
    }

    /// One that has another's name: its folder was copied.
    pub fn copy_of(&self, number: usize, folder: PathBuf, clock: Arc<MachineClock>, seed: u64) -> Self {
        Self::named(number, self.name.clone(), folder, clock, seed)
    }

    fn named(number: usize, name: String, folder: PathBuf, clock: Arc<MachineClock>, seed: u64) -> Self {
        let disk = Disk::under(&folder);
        let random = StdRng::seed_from_u64(seed);
        Self { number, name, folder, disk, clock, up: None, looks_at: 0, checked_at: None, random }
    }

    /// Starts the program. Answers what opening found, or why it does not open.
    pub fn start(&mut self, shared: &Arc<Shared>, system: &System) -> Result<Opened, String> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let (till, opened) =
            Till::open_seeded(&self.folder, &clock, self.random.random()).map_err(|error| error.code().to_owned())?;
        let till = Arc::new(till);
        let engine = Arc::new(sync::engine(&till));
        let wire = Arc::new(Slowly::new(shared, self.number));
        let at_once = AtOnce {
            shared: Arc::clone(shared),
            number: self.number,
            till: Arc::clone(&till),
            disk: Arc::clone(&self.disk),
            turn: tokio::sync::Mutex::default(),
        };
        let line = |transport: Arc<dyn Transport>| {
            let speaker = Speaker { till_id: till.who.id, till_name: self.name.clone() };
            system.connect(transport, speaker).map(|connector| Line { engine: Arc::clone(&engine), connector })
        };
        let (at_once, slow) = (line(Arc::new(at_once))?, line(wire.clone())?);
        self.looks_at = shared.time().now();
        self.up = Some(Up { till, engine, at_once, slow, wire, exchange: None, is_online: false, held: None });
        Ok(opened)
    }

    /// Ends the process in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.disk.die();
        self.up = None;
        self.disk.come_back_after_kill().expect("the disk comes back");
    }

    /// Whether anything was written since this was last asked.
    pub fn is_unchecked(&mut self) -> bool {
        let written = Some(self.disk.operations());
        std::mem::replace(&mut self.checked_at, written) != written
    }

    /// Puts an older copy of the file back, or copies it: whatever is done to the folder while the till is off.
    pub fn while_off(&mut self, work: impl FnOnce(&Path)) {
        self.kill();
        work(&self.folder);
    }

    pub fn cut_power(&mut self, tear: Tear, random: &mut StdRng) {
        self.disk.die();
        self.up = None;
        self.disk.come_back_after_power_cut(tear, random).expect("the disk comes back");
    }

    pub fn set_fate(&self, fate: Fate) {
        self.disk.set_fate(fate);
    }

    /// Begins an exchange where it is time for one and none is under way.
    pub fn begin_exchange(&mut self, now: i64, is_asked: bool) -> bool {
        let Some(up) = &mut self.up else { return false };
        if up.exchange.is_some() || (now < self.looks_at && !is_asked) {
            return false;
        }
        let line = up.slow.clone();
        up.exchange = Some(Box::pin(async move {
            if is_asked {
                line.engine.hurry(line.connector.remote_id()).await?;
            }
            let mut exchange = Exchange::new(true);
            loop {
                match line.engine.step(&line.connector, &mut exchange).await? {
                    Step::Worked => {}
                    Step::Idle { until } => return Ok(Ended { tally: exchange.tally, until }),
                }
            }
        }));
        true
    }

    pub fn is_exchanging(&self) -> bool {
        self.up.as_ref().is_some_and(|up| up.exchange.is_some())
    }

    /// Lets the exchange go on until it waits for the line or has ended.
    pub fn go_on(&mut self, now: i64) -> Option<Result<Tally, StoreError>> {
        let up = self.up.as_mut()?;
        let exchange = up.exchange.as_mut()?;
        let ended = drive(exchange.as_mut(), &up.wire, &up.till, &self.disk)?;
        up.exchange = None;
        let (seen, until) = match &ended {
            Ok(ended) => (ended.tally.is_answered, ended.until),
            Err(_) => (Some(false), None),
        };
        up.is_online = seen.unwrap_or(up.is_online);
        let wait = sync::wait_after(&up.till, up.is_online, until);
        self.looks_at = now + i64::try_from(wait.as_millis()).expect("a short wait");
        Some(ended.map(|ended| ended.tally))
    }

    /// What the supervisor does every twenty seconds: it starts the task anew where something was left lying.
    pub fn watch(&mut self, now: i64) -> bool {
        let Some(up) = &mut self.up else { return false };
        if !up.engine.is_stuck(template::remote_id()).unwrap_or(false) {
            return false;
        }
        up.exchange = None;
        self.looks_at = now;
        true
    }

    /// Something was changed at the counter: it is sent now.
    pub fn wake(&mut self, now: i64) {
        self.looks_at = self.looks_at.min(now);
    }
}

/// Makes the machines of a run out of the template.
pub fn copy_till(template: &Template, number: usize, base: &std::path::Path) -> PathBuf {
    let folder = base.join(template::till_name(number));
    template.copy_till(number, &folder);
    folder
}

/// Polls until it has ended or waits for the line alone. What it handed to the store's writer is done by then, so that
/// nothing goes on by itself between two steps.
fn drive(
    mut exchange: Pin<&mut Exchanging>,
    wire: &Slowly,
    till: &Till,
    disk: &Disk,
) -> Option<Result<Ended, StoreError>> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut written = disk.operations();
    loop {
        if let Poll::Ready(ended) = exchange.as_mut().poll(&mut context) {
            return Some(ended);
        }
        if !wire.is_waiting() {
            std::thread::park();
            continue;
        }
        // Behind this one all writes are done that were handed in before; the next poll may hand in others.
        let _has_stopped = till.store().wait_for_writes();
        if std::mem::replace(&mut written, disk.operations()) == disk.operations() {
            return None;
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
