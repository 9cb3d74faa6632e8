//! The command line: what can be said, and how it ends. 0 is done, 2 is input that is wrong, 1 is anything else.

mod admin;
mod copies;
mod serve;

use clap::{Parser, Subcommand};
use regulars_domain::{Refusal, Timestamp};
use regulars_head_office::error::HeadOfficeError;
use regulars_head_office::{OpenError, SqliteStorage};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing_subscriber::EnvFilter;

/// What is logged unless `RUST_LOG` says otherwise: this program's own lines, and what went wrong elsewhere.
const LOGGED: &str = "warn,regulars_head_office=info,regulars_hq=info";

/// Regulars head office: the server that tills keep in step with.
#[derive(Parser)]
#[command(name = "regulars-hq", version, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    serve: Option<serve::Serve>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Credentials of tills and of other systems.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The shops.
    #[command(subcommand)]
    Location(LocationCommand),
    /// Codes that a new till turns into a token of its own.
    #[command(subcommand)]
    JoinCode(JoinCodeCommand),
    /// Makes a copy of the database, also while the server runs.
    Backup(copies::Backup),
    /// Puts a copy back while the server does not run. What was there is kept beside it; tills give back what the copy
    /// lacks.
    Restore(copies::Restore),
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token and prints its secret, once.
    Add(admin::TokenAdd),
}

#[derive(Subcommand)]
enum LocationCommand {
    /// Adds a shop.
    Add(admin::LocationAdd),
}

#[derive(Subcommand)]
enum JoinCodeCommand {
    /// Makes a code for one till, to be typed in within twelve hours.
    Add(admin::JoinCodeAdd),
}

/// Where the rows are.
#[derive(Clone)]
struct Database {
    path: PathBuf,
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => {
                Err("PostgreSQL is not built in yet, only the embedded database: give the path of a file".to_owned())
            }
            Some(_) | None => Ok(Self { path: text.into() }),
        }
    }
}

impl Database {
    fn open(&self) -> Result<SqliteStorage, Failure> {
        Ok(SqliteStorage::open(&self.path)?)
    }
}

/// Why a command was not done.
enum Failure {
    /// What was typed is wrong.
    Input(String),
    /// It went wrong.
    Other(String),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Input(refusal.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    write_logs();
    let CommandLine { serve, command } = CommandLine::parse();
    let done = match (command, serve) {
        (Some(Command::Token(TokenCommand::Add(add))), _) => add.run(),
        (Some(Command::Location(LocationCommand::Add(add))), _) => add.run(),
        (Some(Command::JoinCode(JoinCodeCommand::Add(add))), _) => add.run(),
        (Some(Command::Backup(backup)), _) => backup.run(),
        (Some(Command::Restore(restore)), _) => restore.run(),
        (None, Some(serve)) => serve.run(),
        (None, None) => Err(Failure::Input("--listen and --database are needed".to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Input(message)) => failed(&message, 2),
        Err(Failure::Other(message)) => failed(&message, 1),
    }
}

/// To stderr: stdout is for what was asked for.
fn write_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).with_env_filter(filter).init();
}

fn failed(message: &str, code: u8) -> ExitCode {
    eprintln!("regulars-hq: {message}");
    ExitCode::from(code)
}

/// The machine's clock.
fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
