//! The test of the tests: mistakes that are planted in the program one after the other, each of which a run has to find.

use crate::cores;
use crate::run::{Plan, run};
use crate::template::Template;
use regulars_domain::planted::{Mistake, plant, was_reached};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A mistake must be found by one of so many seeds.
const MOST_SEEDS: u64 = 1_000;

/// A change of what is drawn makes other runs of the seeds: then so many are tried before a mistake is taken for not found.
const FEW_SEEDS: u64 = 100;

/// For each mistake a seed that finds it, as `--planted` told.
const PINNED: &str = include_str!("../PLANTED.tsv");

/// What became of one.
struct Found {
    seed: u64,
    words: String,
}

/// Hunts for each, and prints what found it. Answers how many were not found.
pub fn hunt(template: &Template, base: &Path, mistakes: &[Mistake], steps: u32) -> u64 {
    println!("mistake\treached\tseed\twhat broke");
    let mut missing = 0;
    for mistake in mistakes {
        plant(Some(*mistake));
        let found = first(template, base, steps, MOST_SEEDS);
        let reached = if was_reached() { "yes" } else { "no" };
        match &found {
            Some(found) => println!("{mistake:?}\t{reached}\t{}\t{}", found.seed, found.words),
            None => println!("{mistake:?}\t{reached}\t-\tnot found: {}", mistake.words()),
        }
        missing += u64::from(found.is_none() || !was_reached());
        plant(None);
    }
    println!("{} mistakes, {missing} not found", mistakes.len());
    missing
}

/// The first seed that fails, among so many.
fn first(template: &Template, base: &Path, steps: u32, most: u64) -> Option<Found> {
    let (next, is_over) = (AtomicU64::new(1), AtomicBool::new(false));
    let found: Mutex<Option<Found>> = Mutex::new(None);
    cores::on_all(|| {
        while !is_over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > most {
                return;
            }
            if let Some(words) = run(template, base, &Plan::of(seed, steps)).failure {
                is_over.store(true, Ordering::Relaxed);
                let mut found = found.lock().expect("unpoisoned");
                if found.as_ref().is_none_or(|before| before.seed > seed) {
                    *found = Some(Found { seed, words: short(&words) });
                }
            }
        }
    });
    found.into_inner().expect("unpoisoned")
}

/// Each by the seed that it is pinned to: it is found where a run fails that came to it. One that is pinned to no seed is not
/// looked after, and counts as not found. Answers how many were not.
pub fn check_pinned(template: &Template, base: &Path, steps: u32) -> u64 {
    let mut missing = 0;
    for mistake in Mistake::ALL {
        let name = format!("{mistake:?}");
        let pinned = PINNED.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let seed = pinned.into_iter().find(|line| line.first() == Some(&name.as_str()));
        let Some(seed) = seed.and_then(|line| line.get(2)?.parse().ok()) else {
            println!("{name} is found by no seed yet: cargo xtask sim --planted --only {name}");
            missing += 1;
            continue;
        };
        plant(Some(*mistake));
        let is_found = run(template, base, &Plan::of(seed, steps)).failure.is_some() && was_reached();
        if !is_found {
            match first(template, base, steps, FEW_SEEDS).filter(|_| was_reached()) {
                Some(found) => println!("{name} is found by seed {} now, and no more by {seed}", found.seed),
                None => {
                    let why = if was_reached() { "is not found" } else { "is not even come to" };
                    println!("{name} {why}: cargo xtask sim --planted --only {name}");
                    missing += 1;
                }
            }
        }
        plant(None);
    }
    missing
}

/// The kind of failure, without what differs from run to run.
fn short(words: &str) -> String {
    let words = words.lines().next().unwrap_or_default();
    let words = words.split(": Deed").next().unwrap_or_default();
    words.chars().take(110).collect()
}
