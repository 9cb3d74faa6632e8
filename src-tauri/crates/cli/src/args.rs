//! The words of the command line.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use regulars_domain::{ChangeId, EntryId, MemberId, Timestamp};
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
    /// Cards.
    #[command(subcommand)]
    Card(Card),
    /// Store credit.
    #[command(subcommand)]
    Credit(Credit),
    /// Pay a bill: discount, redemption, earning, what is left to collect.
    Sale(Sale),
    /// Take a spreadsheet in.
    #[command(subcommand)]
    Import(Import),
    /// Write a spreadsheet.
    #[command(subcommand)]
    Export(Export),
    /// What a member agrees to, and their right to be forgotten.
    #[command(subcommand)]
    Privacy(Privacy),
    /// Push and pull.
    Sync(Sync),
    /// Changes that wait.
    #[command(subcommand)]
    Outbox(Outbox),
    /// What needs a person: refused changes, fields that were changed on two sides, members who owe.
    #[command(subcommand)]
    Task(Task),
    /// Who did what.
    #[command(subcommand)]
    Audit(Audit),
    /// Look whether the till's file, its journal and head office say one consistent thing, and put right what can be.
    Doctor(Doctor),
    /// Settings of this till.
    #[command(subcommand)]
    Settings(Settings),
}

#[derive(Clone, Debug, ClapArgs)]
pub struct Doctor {
    /// Record what a crash left unfinished: it did happen.
    #[arg(long, value_name = "CHANGE", conflicts_with = "drop")]
    pub take: Option<ChangeId>,
    /// Forget what a crash left unfinished: it did not happen.
    #[arg(long, value_name = "CHANGE")]
    pub drop: Option<ChangeId>,
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
    /// Whether store credit travels there, of a remote that keeps a balance alone (portos). Switching it on tries it first,
    /// at a test member of its own.
    Credit {
        name: String,
        switch: Switch,
        /// The currency of the remote's balances, where you know it and the remote does not say.
        #[arg(long)]
        currency: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Debug, ClapArgs)]
pub struct NewRemote {
    pub name: String,
    /// head-office, lumyri, portos, stancer, crmx or valomnia.
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
    /// Find by phone in any spelling, last 4 digits or more, card, name, email or reference.
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
        /// The shop whose terms are edited; where not given, the first of this till that they belong to.
        #[arg(long)]
        location: Option<String>,
        #[command(flatten)]
        input: Input,
    },
    /// Take a known person in at another shop.
    Join {
        id: MemberId,
        #[arg(long)]
        location: String,
    },
    /// Delete a member; their entries stay.
    Delete {
        id: MemberId,
        #[arg(long)]
        reason: String,
    },
    /// Members who may be the same person.
    Duplicates { id: MemberId },
    /// Make two members one: the first stays, the second becomes its alias.
    Merge { winner: MemberId, loser: MemberId },
    /// Make an alias a member of their own again.
    Unmerge { id: MemberId },
    /// Make the value that lost a decision (`member history` numbers them) an edit of its own.
    BringBack { decision: i64 },
}

#[derive(Debug, Subcommand)]
pub enum Card {
    /// Give a card out; without a serial number a virtual one is made.
    Issue {
        member: MemberId,
        #[arg(long)]
        serial: Option<String>,
        #[arg(long = "virtual")]
        is_virtual: bool,
    },
    /// Block a card.
    Block {
        serial: String,
        /// lost, stolen, damaged or other.
        #[arg(long)]
        reason: String,
    },
    /// Lift a block.
    Unblock { serial: String },
    /// Block a card and give another one out in its place.
    Replace {
        old: String,
        new: String,
        /// lost, stolen, damaged or other.
        #[arg(long, default_value = "other")]
        reason: String,
    },
}

#[derive(Debug, ClapArgs)]
pub struct Sale {
    pub member: MemberId,
    /// The bill, as decimal text in the shop's currency.
    #[arg(allow_hyphen_values = true)]
    pub bill: String,
    #[arg(long)]
    pub location: String,
    /// How much credit is used.
    #[arg(long, allow_hyphen_values = true)]
    pub redeem: Option<String>,
    #[arg(long)]
    pub receipt: Option<String>,
    /// The card that proves who it is, where the shop asks for one.
    #[arg(long)]
    pub card: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Take members in from a CSV file.
    Members {
        file: PathBuf,
        #[arg(long)]
        location: String,
        /// Which column is what, where its heading does not say.
        #[arg(long, value_name = "COLUMN=FIELD")]
        map: Vec<String>,
        /// The total of opening balances that is expected; another one is refused.
        #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
        expect_total: Option<String>,
        /// Only say what would happen.
        #[arg(long)]
        dry_run: bool,
    },
    /// Undo a whole batch.
    Undo { batch: String },
}

#[derive(Debug, Subcommand)]
pub enum Export {
    /// Members, in the columns that an import reads.
    Members { file: PathBuf },
    /// Every line of the ledger.
    Ledger { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum Privacy {
    /// What a member agrees to, or withdraws.
    Consent {
        member: MemberId,
        /// receipts, offers, birthday, or another word.
        purpose: String,
        /// sms, email, zalo, call, or another word.
        channel: String,
        /// yes or no.
        #[arg(value_parser = ["yes", "no"])]
        answer: String,
        /// Where it was said.
        #[arg(long)]
        source: String,
    },
    /// Erase everything about a person, for good. Sums stay.
    Erase {
        member: MemberId,
        #[arg(long)]
        reason: String,
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
    /// Something from a sale comes back, and is kept as credit; `--receipt` names the sale.
    Return(Movement),
    /// Credit paid out as money.
    CashOut(Movement),
    /// A correction, up or down; `--reason` says why.
    Adjust(Movement),
    /// Undo the latest entry.
    Void {
        entry: EntryId,
        #[arg(long)]
        reason: String,
    },
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
    #[arg(long)]
    pub reason: Option<String>,
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
pub enum Task {
    /// What needs a person, with the reason, the difference and what can be done.
    List,
    /// Decide one.
    Resolve {
        task: ChangeId,
        /// Whose value stays: till or remote for everything, or FIELD=till, FIELD=remote.
        #[arg(long, required = true, num_args = 1.., value_name = "till|remote|FIELD=till|FIELD=remote")]
        choose: Vec<String>,
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
