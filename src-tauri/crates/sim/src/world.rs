//! Everything in a run: the time, the tills, head office, the line between them, and what has been drawn so far.

use crate::clock::{MachineClock, TrueTime};
use crate::faults::Faults;
use crate::machine::{Machine, copy_till};
use crate::server::Server;
use crate::template::Template;
use crate::trace::Trace;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_sync::transport::Request;
use std::path::Path;
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
    is_server_up: std::sync::atomic::AtomicBool,
}

impl Shared {
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

    pub fn is_server_up(&self) -> bool {
        self.is_server_up.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn set_server_up(&self, is_up: bool) {
        self.is_server_up.store(is_up, std::sync::atomic::Ordering::Relaxed);
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
    pub shared: Arc<Shared>,
    pub tills: Vec<Machine>,
    pub token: String,
    pub runtime: tokio::runtime::Runtime,
    pub server_clock: Arc<MachineClock>,
    _folder: TempDir,
}

impl World {
    /// A world as the seed has it.
    pub fn new(template: &Template, base: &Path, seed: u64, keeps_lines: bool) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let count = [1, 2, 2, 2, 3, 3, 4, 6][random.random_range(0..8)];
        let faults = Faults::draw(&mut random);
        let world = Self::made(template, base, random, count, faults);
        *world.shared.trace() = Trace::new(keeps_lines);
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
        let server = Server::new(head_office, Arc::clone(&server_clock));
        let seeds: Vec<u64> = (0..count).map(|_| random.random()).collect();
        let shared = Arc::new(Shared {
            time: time.clone(),
            random: Mutex::new(random),
            faults: Mutex::new(faults),
            server: tokio::sync::Mutex::new(server),
            cut_until: Mutex::new(vec![0; count]),
            late: Mutex::default(),
            trace: Mutex::new(Trace::new(false)),
            is_server_up: true.into(),
        });
        let tills = seeds.into_iter().enumerate().map(|(number, seed)| {
            Machine::new(number, copy_till(template, number, folder.path()), MachineClock::new(&time), seed)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { tills: tills.collect(), shared, token: template.token.clone(), runtime, server_clock, _folder: folder }
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
