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
        self.done += 1;
        let (number, start) = (format!("[{}/{}]", self.done, self.total), Instant::now());
        println!("{number} {what} …");
        let taken = take().map_err(|error| format!("{what}: {error}"))?;
        let (step, all) = (start.elapsed().as_secs_f32(), self.start.elapsed().as_secs());
        println!("{number} done in {step:.1} s ({all} s in all)");
        Ok(taken)
    }
}
