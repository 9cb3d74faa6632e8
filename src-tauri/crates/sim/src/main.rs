//! The simulation: tills and head office in one process, on one thread a run, with a clock, a disk and a line that do what
//! a seed says. The same seed is the same run. What is real: the store and SQLite below it, the engine, the use-cases of
//! the counter, head office's handlers and its database. What is not: the disk's reliability, the time, the network.

mod actions;
mod balances;
mod bound;
mod clock;
mod cores;
mod count;
mod deeds;
mod disk;
mod elsewhere;
mod faults;
mod invariants;
mod line;
mod machine;
mod marks;
mod planted;
mod power;
mod rewind;
mod run;
mod server;
mod shrink;
mod system;
mod template;
mod trace;
mod trial;
mod truth;
mod watch;
mod world;
mod writer;

use faults::Fault;
use regulars_domain::planted::Mistake;
use regulars_sync::connectors::head_office;
use run::{Outcome, Plan, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use template::Template;

/// Runs where nothing else was asked for: what one change is tried with, within four minutes on two cores.
const SEEDS: u64 = 2_000;
const SEEDS_QUICK: u64 = 50;
const STEPS: u32 = 600;
/// Of each of the other member systems, one for so many of head office.
const SHARE: u64 = 100;
/// Every so-manyth seed is run twice: the same seed is the same run.
const TWICE: u64 = 50;
/// Outages of three days.
const OUTAGES: u64 = 20;

/// Runs do little else than make and drop small things: SQLite's too are kept by this one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "there are --seeds N, --seed S, --steps N, --tills N, --without FAULT,FAULT, --remote SYSTEM, --replay, --planted, --only MISTAKE,MISTAKE, --count";

struct Asked {
    first: u64,
    seeds: u64,
    plan: Plan,
    does: Does,
    /// The mistakes that are hunted for.
    mistakes: Vec<Mistake>,
    /// The member system that the shops have.
    remote: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Everything that a change is tried with.
    Tries,
    /// Seeds that were asked for.
    Runs,
    /// One seed alone, told line by line.
    Replays,
    /// The table of planted mistakes.
    Hunts,
    /// Seeds that nobody has run, noted in the file.
    Counts,
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
    let base = base();
    let template = Template::make(&base, asked.remote);
    // A failure is told by what was found, not by every panic on the way there.
    std::panic::set_hook(Box::new(|_| {}));
    let failed = match asked.does {
        Does::Hunts => planted::hunt(&template, &base, &asked.mistakes, asked.plan.steps),
        Does::Tries => {
            seeds(&template, &base, &asked) + elsewhere(&base, &asked) + others(&template, &base, asked.plan.steps)
        }
        Does::Runs | Does::Replays => seeds(&template, &base, &asked),
        Does::Counts => counted(&template, &base, &asked),
    };
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let seeds = if std::env::var_os("REGULARS_QUICK").is_some() { SEEDS_QUICK } else { SEEDS };
    let mut asked = Asked {
        first: 1,
        seeds,
        plan: Plan::of(1, STEPS),
        does: Does::Tries,
        mistakes: Mistake::ALL.to_vec(),
        remote: head_office::KIND,
    };
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        let mut next = |what: &str| words.next().ok_or(format!("{word} needs {what}"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
        let small = |text: String| text.parse::<u32>().map_err(|_| format!("{text} is no number"));
        match word.as_str() {
            "--seeds" => (asked.seeds, asked.does) = (number(next("a number")?)?, or_runs(asked.does)),
            "--seed" => (asked.first, asked.does) = (number(next("a number")?)?, or_runs(asked.does)),
            "--steps" => asked.plan.steps = small(next("a number")?)?,
            "--tills" => asked.plan.tills = Some(small(next("a number")?)? as usize),
            "--without" => asked.plan.without = faults(&next("names")?)?,
            "--remote" => asked.remote = remote(&next("a member system")?)?,
            "--replay" => (asked.plan.keeps_lines, asked.seeds, asked.does) = (true, 1, Does::Replays),
            "--planted" => asked.does = Does::Hunts,
            "--only" => asked.mistakes = mistakes(&next("names")?)?,
            "--count" => asked.does = Does::Counts,
            // What the test runner of the language adds.
            "--nocapture" | "--quiet" => {}
            other => return Err(format!("what is {other}? {USAGE}")),
        }
    }
    Ok(asked)
}

/// Whoever names seeds wants those and nothing else.
fn or_runs(does: Does) -> Does {
    if does == Does::Tries { Does::Runs } else { does }
}

fn faults(names: &str) -> Result<Vec<Fault>, String> {
    let find = |name| Fault::ALL.iter().copied().find(|fault| format!("{fault:?}") == name);
    names.split(',').map(|name| find(name).ok_or(format!("no fault is called {name}"))).collect()
}

fn remote(name: &str) -> Result<&'static str, String> {
    system::find(name).ok_or(format!("no member system is called {name}"))
}

fn mistakes(names: &str) -> Result<Vec<Mistake>, String> {
    let find = |name| Mistake::ALL.iter().copied().find(|mistake| format!("{mistake:?}") == name);
    names.split(',').map(|name| find(name).ok_or(format!("no mistake is called {name}"))).collect()
}

/// Runs all seeds on all cores, and makes the first that failed smaller. Answers how many failed.
fn seeds(template: &Template, base: &Path, asked: &Asked) -> u64 {
    let began = Instant::now();
    let (next, failed) = (AtomicU64::new(asked.first), Mutex::new(Vec::new()));
    let last = asked.first + asked.seeds;
    cores::on_all(|| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return;
            }
            let outcome = one(template, base, &Plan { seed, ..asked.plan.clone() });
            tell(&outcome, asked);
            if outcome.failure.is_some() {
                failed.lock().expect("unpoisoned").push(seed);
            }
        }
    });
    let failed = failed.into_inner().expect("unpoisoned");
    println!("{} seeds × {} steps in {:.1} s", asked.seeds, asked.plan.steps, began.elapsed().as_secs_f64());
    if let Some(seed) = failed.iter().min().filter(|_| asked.does != Does::Replays) {
        tell_smaller(template, base, &Plan { seed: *seed, ..asked.plan.clone() });
    }
    // The last line of all where seeds were asked for: whoever reads only that knows how it ended.
    println!("{} passed, {} failed", asked.seeds.saturating_sub(failed.len() as u64), failed.len());
    failed.len() as u64
}

/// Seeds of shops with each of the other member systems. Answers how many failed.
fn elsewhere(base: &Path, asked: &Asked) -> u64 {
    let mut failed = 0;
    for remote in system::NAMES.into_iter().filter(|remote| *remote != asked.remote) {
        let (seeds_of_each, plan) = ((asked.seeds / SHARE).max(1), asked.plan.clone());
        println!("shops with {remote}:");
        let asked = Asked { seeds: seeds_of_each, plan, remote, mistakes: Vec::new(), ..*asked };
        failed += seeds(&Template::make(base, remote), base, &asked);
    }
    failed
}

fn one(template: &Template, base: &Path, plan: &Plan) -> Outcome {
    let outcome = run(template, base, plan);
    if outcome.failure.is_some() || plan.keeps_lines || !plan.seed.is_multiple_of(TWICE) {
        return outcome;
    }
    let again = run(template, base, plan);
    let differs = (again.hash != outcome.hash).then(|| "the same seed is not the same run".to_owned());
    Outcome { failure: differs.or(again.failure), ..outcome }
}

fn tell_smaller(template: &Template, base: &Path, plan: &Plan) {
    let (smallest, words) = shrink::shrink(template, base, plan);
    if words.is_empty() {
        println!("seed {} does not fail again: something besides the seed decides", plan.seed);
        return;
    }
    println!("seed {} made smaller: {words}", plan.seed);
    println!("    replay it: {}", shrink::replay(&smallest, template.system.name));
}

/// What is tried besides the seeds. Answers how much of it failed.
fn others(template: &Template, base: &Path, steps: u32) -> u64 {
    let began = Instant::now();
    let (cases, failure) = power::all(template, base);
    println!("{cases} power cuts at single writes in {:.1} s", began.elapsed().as_secs_f64());
    if let Some(words) = &failure {
        println!("a power cut failed: {words}");
    }
    let began = Instant::now();
    let outages = cores::on_one(|| bound::all(template, base, OUTAGES));
    println!("{OUTAGES} outages of three days in {:.1} s", began.elapsed().as_secs_f64());
    if let Err(words) = &outages {
        println!("an outage failed: {words}");
    }
    let began = Instant::now();
    let missing = cores::on_one(|| planted::check_pinned(template, base, steps));
    let all = Mistake::ALL.len();
    println!("{all} planted mistakes, {missing} not found, in {:.1} s", began.elapsed().as_secs_f64());
    u64::from(failure.is_some()) + u64::from(outages.is_err()) + missing
}

/// Runs seeds that were not run before, and notes them.
fn counted(template: &Template, base: &Path, asked: &Asked) -> u64 {
    let first = if asked.first == 1 { count::next_seed(asked.remote) } else { asked.first };
    let failed = seeds(template, base, &Asked { first, plan: asked.plan.clone(), mistakes: Vec::new(), ..*asked });
    match count::note(asked.remote, first, asked.seeds, asked.plan.steps, failed) {
        Ok(()) => failed,
        Err(words) => {
            println!("{words}");
            failed + 1
        }
    }
}

fn tell(outcome: &Outcome, asked: &Asked) {
    for line in &outcome.lines {
        println!("{line}");
    }
    if asked.does == Does::Replays {
        println!("seed {}: trace {}", outcome.seed, outcome.hash);
    }
    if let Some(failure) = &outcome.failure {
        println!("seed {} failed: {failure}", outcome.seed);
        if asked.does != Does::Replays {
            let plan = Plan { seed: outcome.seed, ..asked.plan.clone() };
            println!("    replay it: {}", shrink::replay(&plan, asked.remote));
        }
    }
}

/// Where the files of the runs lie: in memory where there is such a place, since nothing there must outlive a run.
fn base() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
