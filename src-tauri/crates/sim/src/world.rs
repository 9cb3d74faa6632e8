//! Everything in a run: the time, the tills, head office, the line between them, and what has been drawn so far.

use crate::clock::{MachineClock, TrueTime};
use crate::faults::Faults;
use crate::machine::{Machine, copy_till};
use crate::run::Plan;
use crate::server::Server;
use crate::system::System;
use crate::template::Template;
use crate::trace::Trace;
use crate::watch::Watch;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::ChangeId;
use regulars_sync::transport::Request;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// What tills and lines share.
pub struct Shared {
    time: TrueTime,
    random: Mutex<StdRng>,
    faults: Mutex<Faults>,
    server: tokio::sync::Mutex<Server>,
    /// Until when the line of each till is cut, by true time.
    cut_until: Mutex<Vec<i64>>,
    late: Mutex<Vec<(usize, Request)>>,
    trace: Mutex<Trace>,
    watch: Mutex<Watch>,
    /// What was seen on the line and must not be.
    wrong: Mutex<Option<String>>,
    /// A change that head office cannot deal with.
    poison: Mutex<Option<ChangeId>>,
}

impl Shared {
    pub fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    /// Notes what is wrong, if it is the first.
    pub fn find_wrong(&self, seen: Result<(), String>) {
        if let Err(words) = seen {
            lock(&self.wrong).get_or_insert(words);
        }
    }

    pub fn wrong(&self) -> Option<String> {
        lock(&self.wrong).clone()
    }

    pub fn set_poison(&self, change: Option<ChangeId>) {
        *lock(&self.poison) = change;
    }

    pub fn poison(&self) -> Option<ChangeId> {
        *lock(&self.poison)
    }

    pub fn is_poisoned(&self, request: &Request) -> bool {
        let Some(poison) = self.poison().filter(|_| request.path == "/v1/push") else { return false };
        let poison = poison.to_string();
        let body = request.body.as_deref().unwrap_or_default();
        body.windows(poison.len()).any(|window| window == poison.as_bytes())
    }

    /// A line for another till.
    pub fn add_till(&self) {
        lock(&self.cut_until).push(0);
        self.watch().add_till();
    }

    pub fn time(&self) -> &TrueTime {
        &self.time
    }

    pub fn random(&self) -> MutexGuard<'_, StdRng> {
        lock(&self.random)
    }

    pub fn one_of<T: Copy>(&self, random: &mut StdRng, all: &[T]) -> T {
        all[random.random_range(0..all.len())]
    }

    pub fn faults(&self) -> Faults {
        *lock(&self.faults)
    }

    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    pub fn server(&self) -> &tokio::sync::Mutex<Server> {
        &self.server
    }

    pub fn is_cut(&self, till: usize) -> bool {
        lock(&self.cut_until)[till] > self.time.now()
    }

    pub fn cut(&self, till: usize, milliseconds: i64) {
        lock(&self.cut_until)[till] = self.time.now() + milliseconds;
    }

    pub fn mend_all(&self) {
        lock(&self.cut_until).iter_mut().for_each(|until| *until = 0);
    }

    pub fn keep_for_later(&self, till: usize, request: Request) {
        lock(&self.late).push((till, request));
    }

    /// A request that was delivered before and arrives once more now.
    pub fn take_late(&self) -> Option<(usize, Request)> {
        let mut late = lock(&self.late);
        (!late.is_empty()).then(|| late.remove(0))
    }

    pub fn forget_late(&self) {
        lock(&self.late).clear();
    }

    pub fn note(&self, line: String) {
        let second = (self.time.now() - crate::clock::START) / 1000;
        lock(&self.trace).note(format!("{second:>9} s  {line}"));
    }

    pub fn trace(&self) -> MutexGuard<'_, Trace> {
        lock(&self.trace)
    }
}

pub struct World {
    /// What may go wrong, also when nothing does any more.
    pub faults: Faults,
    pub shared: Arc<Shared>,
    pub tills: Vec<Machine>,
    pub system: System,
    pub runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl World {
    /// A world as the seed has it.
    pub fn new(template: &Template, base: &Path, plan: &Plan) -> Self {
        let mut random = StdRng::seed_from_u64(plan.seed);
        let count = [1, 2, 2, 2, 3, 3, 4, 6][random.random_range(0..8)];
        let count = plan.tills.unwrap_or(count);
        let mut without = plan.without.clone();
        without.extend(template.system.never());
        let faults = Faults::draw(&mut random, &without);
        let world = Self::made(template, base, random, count, faults);
        *world.shared.trace() = Trace::new(plan.keeps_lines);
        world
    }

    /// A world of so many tills, with these faults.
    pub fn of(template: &Template, base: &Path, seed: u64, tills: usize, faults: Faults) -> Self {
        Self::made(template, base, StdRng::seed_from_u64(seed), tills, faults)
    }

    fn made(template: &Template, base: &Path, mut random: StdRng, count: usize, faults: Faults) -> Self {
        let folder = tempfile::tempdir_in(base).expect("a folder");
        let time = TrueTime::new();
        let server_clock = MachineClock::new(&time);
        let head_office = folder.path().join("head-office");
        template.copy_head_office(&head_office);
        let server = Server::new(head_office, server_clock, &template.system);
        let seeds: Vec<u64> = (0..count).map(|_| random.random()).collect();
        let shared = Arc::new(Shared {
            time: time.clone(),
            random: Mutex::new(random),
            faults: Mutex::new(faults),
            server: tokio::sync::Mutex::new(server),
            cut_until: Mutex::new(vec![0; count]),
            late: Mutex::default(),
            trace: Mutex::new(Trace::new(false)),
            watch: Mutex::new(Watch::new(count, &faults)),
            wrong: Mutex::default(),
            poison: Mutex::default(),
        });
        let tills = seeds.into_iter().enumerate().map(|(number, seed)| {
            Machine::new(number, copy_till(template, number, folder.path()), MachineClock::new(&time), seed)
        });
        let faults = shared.faults();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { faults, tills: tills.collect(), shared, system: template.system.clone(), runtime, folder }
    }
}

impl World {
    /// A place beside the machines, for copies.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.folder.path().join("aside").join(name)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for till in &mut self.tills {
            till.disk.die();
            till.up = None;
            crate::disk::Disk::forget(&till.folder);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
