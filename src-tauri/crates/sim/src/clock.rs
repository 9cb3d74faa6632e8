//! Time in the simulation: one true time, and on each machine a clock that shows it, more or less.

use regulars_domain::Timestamp;
use regulars_sync::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where every run begins: a Monday morning in Hanoi.
pub const START: i64 = 1_790_560_000_000;

/// The time that is true, in milliseconds.
#[derive(Clone)]
pub struct TrueTime(Arc<AtomicI64>);

impl TrueTime {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    pub fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn pass(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// A machine's clock.
pub struct MachineClock {
    time: TrueTime,
    /// How far it is ahead, in milliseconds.
    ahead: AtomicI64,
}

impl MachineClock {
    pub fn new(time: &TrueTime) -> Arc<Self> {
        Arc::new(Self { time: time.clone(), ahead: AtomicI64::new(0) })
    }

    pub fn set_ahead(&self, milliseconds: i64) {
        self.ahead.store(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time.now() + self.ahead.load(Ordering::Relaxed))
    }
}
