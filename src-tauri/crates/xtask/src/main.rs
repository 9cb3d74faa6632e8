//! `cargo xtask`: everything that is done with the project, from a bare clone on. It depends on nothing but the standard
//! library, so that it is built in seconds.

mod bench;
mod bundle;
mod child;
mod demo;
mod display;
mod lint;
mod page;
mod programs;
mod root;
mod run;
mod sim;
mod soak;
mod steps;
mod system;
mod test;
mod types;
mod web_driver;

use std::process::ExitCode;

/// Why a task was not done, in words for whoever called it.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// One word after `cargo xtask`.
struct Task {
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Result,
}

const TASKS: [Task; 8] = [
    Task {
        name: "run",
        arguments: "[--no-demo]",
        does: "build everything and open the till, with a demo head office",
        run: run::run,
    },
    Task {
        name: "test",
        arguments: "[--quick]",
        does: "every test; --quick leaves out the windows and the long ones",
        run: test::run,
    },
    Task {
        name: "lint",
        arguments: "",
        does: "formatting, lints, documentation and the page's checks",
        run: lint::run,
    },
    Task { name: "bench", arguments: "[WORD…]", does: "the benchmarks, as a table with ratios", run: bench::run },
    Task {
        name: "sim",
        arguments: "[--seeds N] [--seed S] [--steps N] [--replay] [--planted] [--count]",
        does: "tills and head office on a disk, a line and a clock that fail as a seed says",
        run: sim::run,
    },
    Task {
        name: "soak",
        arguments: "[--kills N] [--seeds N]",
        does: "the long run: programs killed behind a line that fails, and many simulated shops",
        run: soak::run,
    },
    Task { name: "bundle", arguments: "", does: "the installers that this machine can build", run: bundle::run },
    Task { name: "types", arguments: "", does: "write the page's types anew from the core's", run: types::run },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let task = words.first().and_then(|name| TASKS.iter().find(|task| task.name == name));
    let Some(task) = task else {
        eprintln!("{}", help());
        return ExitCode::from(2);
    };
    match (task.run)(&words[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask {}: {error}", task.name);
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let line = |task: &Task| format!("\n  {:<18} {}", format!("{} {}", task.name, task.arguments), task.does);
    format!("cargo xtask TASK\n{}", TASKS.iter().map(line).collect::<String>())
}

/// Whether a flag was given; anything that is not one of the known ones is refused.
fn flag(words: &[String], known: &str) -> Result<bool> {
    match words.iter().find(|word| *word != known) {
        Some(unknown) => Err(format!("unknown argument {unknown}; it takes {known}").into()),
        None => Ok(!words.is_empty()),
    }
}

/// Refuses any argument.
fn no_arguments(words: &[String]) -> Result {
    words.first().map_or(Ok(()), |unknown| Err(format!("unknown argument {unknown}").into()))
}
