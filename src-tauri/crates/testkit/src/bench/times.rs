//! Many times of the same thing, and what stands for them.

use std::time::{Duration, Instant};

/// Sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// Does it with each, once.
    pub fn of<T>(each: impl IntoIterator<Item = T>, mut work: impl FnMut(T)) -> Self {
        let time = |one| {
            let begun = Instant::now();
            work(one);
            begun.elapsed()
        };
        Self::from(each.into_iter().map(time).collect::<Vec<_>>())
    }

    /// How many times the median of others.
    pub fn ratio(&self, floor: &Self) -> f64 {
        self.percentile(50).as_secs_f64() / floor.percentile(50).as_secs_f64()
    }

    fn percentile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }

    /// The median, and what so many of 100 took at most: as `p50 0.021  p99 0.104 ms`.
    pub fn shown(&self, percent: usize) -> String {
        let [half, most] = [50, percent].map(|percent| self.percentile(percent).as_secs_f64() * 1_000.0);
        format!("p50 {half:.3}  p{percent} {most:.3} ms")
    }
}

impl From<Vec<Duration>> for Times {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}

/// As `1,000,000`.
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let place = |(index, digit)| {
        if index > 0 && (digits.len() - index) % 3 == 0 { format!(",{digit}") } else { String::from(digit) }
    };
    digits.chars().enumerate().map(place).collect()
}
