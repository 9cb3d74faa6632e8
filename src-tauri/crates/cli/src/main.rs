//! One till from the command line: the same store, rules and engine as the window, without one.

mod args;
mod commands;
mod failure;
mod output;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => return failure::usage(&error),
        Err(help_or_version) => {
            // The answer to --help goes to stdout; where nobody reads it there is nothing to do.
            let _unread = help_or_version.print();
            return ExitCode::SUCCESS;
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::other(&error.to_string()),
    };
    match runtime.block_on(commands::run(args)) {
        Ok(done) => done.print(),
        Err(error) => failure::of(&error),
    }
}
