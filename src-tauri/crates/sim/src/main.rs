//! The simulation: tills and head office in one process, on one thread a run, with a clock, a disk and a line that do what
//! a seed says. The same seed is the same run. What is real: the store and SQLite below it, the engine, the use-cases of
//! the counter, head office's handlers and its database. What is not: the disk's reliability, the time, the network.

mod actions;
mod clock;
mod disk;
mod faults;
mod invariants;
mod line;
mod machine;
mod power;
mod run;
mod server;
mod template;
mod trace;
mod truth;
mod world;

use run::{Outcome, Plan, run};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use template::Template;

/// Runs where nothing else was asked for: what one change is tried with.
const SEEDS: u64 = 2_000;
const SEEDS_QUICK: u64 = 50;
const STEPS: u32 = 600;

struct Asked {
    first: u64,
    seeds: u64,
    steps: u32,
    /// One seed alone, told line by line.
    replays: bool,
}

fn main() -> ExitCode {
    let asked = match read(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(words) => {
            eprintln!("{words}");
            return ExitCode::from(2);
        }
    };
    disk::install();
    // A failure is told by what was found, not by every panic on the way there.
    std::panic::set_hook(Box::new(|_| {}));
    if all(&asked) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let seeds = if std::env::var_os("REGULARS_QUICK").is_some() { SEEDS_QUICK } else { SEEDS };
    let mut asked = Asked { first: 1, seeds, steps: STEPS, replays: false };
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        let mut number = |name: &str| {
            let value = words.next().and_then(|value| value.parse::<u64>().ok());
            value.ok_or(format!("{name} needs a number"))
        };
        match word.as_str() {
            "--seeds" => asked.seeds = number("--seeds")?,
            "--seed" => asked.first = number("--seed")?,
            "--steps" => asked.steps = u32::try_from(number("--steps")?).unwrap_or(u32::MAX),
            "--replay" => asked.replays = true,
            // What the test runner of the language adds.
            "--nocapture" | "--quiet" => {}
            other => return Err(format!("what is {other}? There are --seeds N, --seed S, --steps N, --replay")),
        }
    }
    Ok(asked)
}

/// Runs all seeds on all cores. Answers how many failed.
fn all(asked: &Asked) -> u64 {
    let base = base();
    let began = Instant::now();
    let template = Template::make(&base);
    let (next, failed) = (AtomicU64::new(asked.first), AtomicU64::new(0));
    let last = asked.first + asked.seeds;
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        return;
                    }
                    let plan = Plan { seed, steps: asked.steps, keeps_lines: asked.replays };
                    let outcome = run(&template, &base, plan);
                    failed.fetch_add(u64::from(outcome.failure.is_some()), Ordering::Relaxed);
                    tell(&outcome, asked);
                }
            });
        }
    });
    let mut failed = failed.into_inner();
    if asked.first == 1 && !asked.replays {
        failed += u64::from(!power_cuts(&template, &base));
    }
    println!("{} seeds × {} steps in {:.1} s", asked.seeds, asked.steps, began.elapsed().as_secs_f64());
    println!("{} passed, {failed} failed", asked.seeds.saturating_sub(failed));
    failed
}

/// Answers whether all went well.
fn power_cuts(template: &Template, base: &std::path::Path) -> bool {
    let began = Instant::now();
    let (cases, failure) = power::all(template, base);
    println!("{cases} power cuts at single writes in {:.1} s", began.elapsed().as_secs_f64());
    if let Some(words) = &failure {
        println!("a power cut failed: {words}");
    }
    failure.is_none()
}

fn tell(outcome: &Outcome, asked: &Asked) {
    for line in &outcome.lines {
        println!("{line}");
    }
    if asked.replays {
        println!("seed {}: trace {}", outcome.seed, outcome.hash);
    }
    if let Some(failure) = &outcome.failure {
        println!("seed {} failed: {failure}", outcome.seed);
        if !asked.replays {
            println!(
                "    replay it: cargo xtask sim --seeds 1 --seed {} --steps {} --replay",
                outcome.seed, asked.steps
            );
        }
    }
}

/// Where the files of the runs lie: in memory where there is such a place, since nothing there must outlive a run.
fn base() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
