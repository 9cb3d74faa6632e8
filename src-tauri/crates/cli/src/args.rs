//! The words of the command line.

use clap::{Args as ClapArgs, Parser, Subcommand};
use regulars_domain::{ChangeId, MemberId, Timestamp};
use std::path::PathBuf;

/// One till, no window: the same store, rules and engine.
#[derive(Debug, Parser)]
#[command(name = "regulars-cli", version, about)]
pub struct Args {
    /// The till's folder.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Print one JSON document.
    #[arg(long, global = true)]
    pub json: bool,
    /// Set the clock, of a till made with --test-clock.
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Timestamp>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new till.
    Init {
        /// Its name.
        #[arg(long)]
        till: String,
        /// Give it a clock that is set by hand, for tests.
        #[arg(long)]
        test_clock: bool,
    },
    /// Shops that this till serves.
    #[command(subcommand)]
    Location(Location),
    /// Member systems to keep in step with.
    #[command(subcommand)]
    Remote(Remote),
    /// Members.
    #[command(subcommand)]
    Member(Member),
    /// Store credit.
    #[command(subcommand)]
    Credit(Credit),
    /// Push and pull.
    Sync(Sync),
    /// Changes that wait.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Who did what.
    #[command(subcommand)]
    Audit(Audit),
    /// Look whether the till's file says one consistent thing.
    Doctor,
    /// Settings of this till.
    #[command(subcommand)]
    Settings(Settings),
}

#[derive(Debug, Subcommand)]
pub enum Location {
    /// Add a shop, or connect one that is here with a remote.
    Add(NewLocation),
    /// List the shops.
    List,
}

#[derive(Debug, ClapArgs)]
pub struct NewLocation {
    /// Short, as KM.
    #[arg(long)]
    pub code: String,
    #[arg(long)]
    pub name: String,
    /// ISO 3166, as VN.
    #[arg(long)]
    pub country: String,
    /// ISO 4217, as VND.
    #[arg(long)]
    pub currency: String,
    /// IANA, as Asia/Ho_Chi_Minh; this computer's where not given.
    #[arg(long)]
    pub time_zone: Option<String>,
    /// The legal entity that owes the credit.
    #[arg(long)]
    pub issuer: Option<String>,
    /// The remote that its members are kept in step with.
    #[arg(long)]
    pub remote: Option<String>,
    /// Its id there; the code where not given.
    #[arg(long)]
    pub pos_id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Remote {
    /// Add a remote, or replace the one of that name.
    Add(NewRemote),
    /// List the remotes.
    List,
    /// What a remote can do.
    Capabilities { name: String },
    /// One harmless call, and what it saw.
    Check { name: String },
}

#[derive(Debug, ClapArgs)]
pub struct NewRemote {
    pub name: String,
    /// head-office.
    #[arg(long)]
    pub kind: String,
    #[arg(long)]
    pub url: String,
    /// The environment variable that holds its secret; read once, kept in the keystore.
    #[arg(long, value_name = "VAR")]
    pub secret_env: Option<String>,
    /// A setting of its connector.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// A certificate in PEM to trust beside the system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Consent to an address that is not encrypted.
    #[arg(long)]
    pub plain_http: bool,
}

#[derive(Debug, Subcommand)]
pub enum Member {
    /// Find by phone: any spelling, or the last 4 digits or more.
    Find {
        #[arg(long)]
        location: String,
        query: String,
    },
    /// Everything about a member.
    Show { id: MemberId },
    /// What happened to a member, newest first.
    History { id: MemberId },
    /// Register a member, as JSON.
    Add {
        #[arg(long)]
        location: String,
        #[command(flatten)]
        input: Input,
    },
    /// Edit a member, by a JSON merge patch (RFC 7396).
    Edit {
        id: MemberId,
        #[command(flatten)]
        input: Input,
    },
    /// Take a known person in at another shop.
    Join {
        id: MemberId,
        #[arg(long)]
        location: String,
    },
}

#[derive(Debug, ClapArgs)]
pub struct Input {
    /// A file with JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "stdin", required_unless_present = "stdin")]
    pub file: Option<PathBuf>,
    /// `-`: JSON from standard input.
    #[arg(value_name = "-", value_parser = ["-"])]
    pub stdin: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Credit {
    /// Money paid in.
    TopUp(Movement),
    /// Credit used.
    Redeem(Movement),
    /// What a member has.
    Balance { member: MemberId },
    /// Every entry, oldest first.
    Ledger { member: MemberId },
}

#[derive(Debug, ClapArgs)]
pub struct Movement {
    pub member: MemberId,
    /// Decimal text in the shop's currency.
    #[arg(allow_hyphen_values = true)]
    pub amount: String,
    #[arg(long)]
    pub location: String,
    /// cash, card, transfer or other.
    #[arg(long)]
    pub tender: Option<String>,
    #[arg(long)]
    pub receipt: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct Sync {
    /// Only this remote.
    #[arg(long)]
    pub remote: Option<String>,
    /// Go on until nothing waits for the line.
    #[arg(long)]
    pub until_idle: bool,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout_s: u64,
}

#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// What waits.
    List,
    /// One change.
    Show { change: ChangeId },
    /// Try again what waits for a person.
    Retry { change: ChangeId },
    /// Give up what waits for a person.
    Discard {
        change: ChangeId,
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// The newest rows.
    List,
    /// Follow the chain of hashes.
    Verify,
}

#[derive(Debug, Subcommand)]
pub enum Settings {
    /// The value of a setting.
    Get { key: String },
    /// Set a setting.
    Set { key: String, value: String },
}
