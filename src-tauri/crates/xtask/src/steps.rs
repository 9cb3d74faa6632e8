//! Progress, so that nobody wonders whether something still happens.

use crate::Result;
use std::time::Instant;

/// A known number of steps, told one by one.
pub struct Steps {
    total: usize,
    done: usize,
    start: Instant,
}

impl Steps {
    /// None is done yet.
    pub fn new(total: usize) -> Self {
        Self { total, done: 0, start: Instant::now() }
    }

    /// Takes the next step and says how long it took.
    pub fn step<T>(&mut self, what: &str, take: impl FnOnce() -> Result<T>) -> Result<T> {
        let (number, start) = (self.begin(what), Instant::now());
        let taken = take().map_err(|error| format!("{what}: {error}"))?;
        let (step, all) = (start.elapsed().as_secs_f32(), self.start.elapsed().as_secs());
        println!("{number} done in {step:.1} s ({all} s in all)");
        Ok(taken)
    }

    /// Takes the last step: what it prints last is the last line of all.
    pub fn last<T>(&mut self, what: &str, take: impl FnOnce() -> Result<T>) -> Result<T> {
        self.begin(what);
        take().map_err(|error| format!("{what}: {error}").into())
    }

    fn begin(&mut self, what: &str) -> String {
        self.done += 1;
        let number = format!("[{}/{}]", self.done, self.total);
        println!("{number} {what} …");
        number
    }
}
