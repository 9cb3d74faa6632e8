//! The shapes of questions and answers. The page's TypeScript types are made from them. Those of one screen are in a
//! file of its own.

use self::cards::{CardRefused, CardView};
use self::member::{LabelView, LastVisit, StatusView};
use self::settings::Preferences;
use crate::error::AppError;
use regulars_domain::allowance::Allowance;
use regulars_domain::ledger::{EntryKind, Tender};
use regulars_domain::member::{Birthday, StaffNote};
use regulars_domain::membership::{Moment, OnAccount, Risk};
use regulars_domain::percent::Percent;
use regulars_domain::sale::VisitKind;
use regulars_domain::{ChangeId, Date, EntryId, MemberId, Money, Timestamp, VisitId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shapes that go out.
macro_rules! answers {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, Serialize, ts_rs::TS)]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

/// Shapes that come in.
macro_rules! questions {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, Deserialize, ts_rs::TS)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

pub mod cards;
pub mod import;
pub mod member;
pub mod members;
pub mod money;
pub mod remotes;
pub mod settings;
pub mod tasks;
pub mod twins;

/// Why a call was not done: a code for machines, words for people.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// A sentence in English.
    pub message: String,
    /// The field that it is about.
    pub field: Option<String>,
    /// What a sentence in another language needs.
    #[ts(type = "Record<string, unknown>")]
    pub facts: Value,
}

/// No question beyond the name, or no answer beyond that it is done.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ts_rs::TS)]
#[ts(type = "Record<string, never>")]
pub struct Nothing {}

answers! {
    /// Where the program stands after its start.
    #[serde(tag = "stage", rename_all = "snake_case")]
    pub enum StartState {
        FirstStart { defaults: FirstStartDefaults },
        Ready,
        Failed { failure: Failure },
    }

    pub struct FirstStartDefaults {
        pub language: String,
        pub till_name: String,
        pub country: String,
        pub currency: String,
        pub time_zone: String,
        pub has_keychain: bool,
        pub countries: Vec<CountryView>,
        pub currencies: Vec<CurrencyView>,
    }

    /// A country, and what is paid in there.
    pub struct CountryView {
        pub code: String,
        pub currency: Option<String>,
    }

    pub struct CurrencyView {
        pub code: String,
        pub decimals: u32,
    }

    pub struct AllowanceAdvice {
        pub allowance: Allowance,
    }

    pub struct WorstCase {
        pub overspend: Money,
    }

    pub struct Desk {
        pub till_name: String,
        pub location: LocationView,
        pub language: String,
        pub sync: SyncState,
        pub members_here: i64,
        pub is_key_in_file: bool,
        pub preferences: Preferences,
        pub has_printer: bool,
    }

    pub struct LocationView {
        pub code: String,
        pub name: String,
        pub country: String,
        pub currency: String,
        pub decimals: u32,
        pub time_zone: String,
    }

    #[serde(rename_all = "snake_case")]
    pub enum Link {
        None,
        Connecting,
        Online,
        Offline,
    }

    pub struct SyncState {
        pub remote_name: Option<String>,
        pub link: Link,
        pub last_exchange_at: Option<Timestamp>,
        pub waiting: i64,
        /// Changes, and credit to be settled.
        pub needs_you: i64,
        /// How many of those are credit, as far as it was looked for.
        pub unsettled: i64,
        pub pull: Option<PullProgress>,
        pub problem: Option<Failure>,
        pub is_running: bool,
        /// How far head office's clock is ahead of this computer's, where that is more than two minutes.
        pub clock_off_ms: Option<i64>,
    }

    pub struct PullProgress {
        pub done: u64,
        pub total: u64,
        pub is_first: bool,
    }

    #[serde(rename_all = "snake_case")]
    pub enum FindKind {
        Found,
        Several,
        Elsewhere,
        /// The card that was scanned may not be used; whose it is stands in `members`.
        CardRefused,
        NotInCopy,
        /// Found at the remote, and taken into the copy.
        RemoteFound,
        /// Nobody here, and nobody at the remote.
        RemoteNone,
        /// Nobody here, and that the remote found nobody need not mean that nobody is there.
        RemoteCannotTell,
        /// Nobody here, and the remote did not answer in time.
        RemoteUnreachable,
        TooShort,
    }

    pub struct FindAnswer {
        pub answer: FindKind,
        pub as_of: Option<Timestamp>,
        pub is_complete: bool,
        pub members: Vec<MemberHit>,
        pub has_more: bool,
        pub refused_card: Option<CardRefused>,
        /// Whether the shop's remote can be asked for what nobody here is.
        pub can_ask: bool,
    }

    pub struct MemberHit {
        pub id: MemberId,
        pub full_name: String,
        pub initials: String,
        pub phone: Option<String>,
        pub phone_ending: Option<String>,
        pub birth_year: Option<i32>,
        pub member_since: Option<Date>,
        pub elsewhere: Vec<String>,
        pub balance: Money,
        pub is_company: bool,
        pub tax_id: Option<String>,
        pub reference: Option<String>,
        pub labels: Vec<LabelView>,
        pub last_visit: Option<LastVisit>,
        pub card_ending: Option<String>,
        pub status: StatusView,
    }

    pub struct MemberCard {
        pub id: MemberId,
        pub full_name: String,
        pub is_company: bool,
        pub tax_id: Option<String>,
        pub reference: Option<String>,
        pub status: StatusView,
        pub labels: Vec<LabelView>,
        pub risk: Option<Risk>,
        pub discount_percent: Option<Percent>,
        /// The last day on which the discount holds.
        pub valid_until: Option<Moment>,
        pub earn_percent: Option<Percent>,
        pub on_account: Option<OnAccount>,
        pub staff_note: Option<StaffNote>,
        pub last_visit: Option<LastVisit>,
        pub cards: Vec<CardView>,
        /// Members who turned out to be this one.
        pub aliases: Vec<twins::AliasView>,
        pub has_picture: bool,
        pub initials: String,
        pub phone: Option<String>,
        pub phone_ending: Option<String>,
        pub email: Option<String>,
        pub birthday: Option<Birthday>,
        pub note: Option<String>,
        pub member_since: Option<Date>,
        pub is_here: bool,
        pub elsewhere: Vec<String>,
        pub credit: CreditView,
        pub history: Vec<HistoryLine>,
        pub needs_you: bool,
    }

    #[serde(rename_all = "snake_case")]
    pub enum LedgerHome {
        HeadOffice,
        ThisTill,
    }

    pub struct CreditView {
        pub balance: Money,
        pub pending: Money,
        pub as_of: Option<Timestamp>,
        pub usable: Money,
        pub home: LedgerHome,
        /// What the member owes, where the account is overdrawn.
        pub owes: Option<Money>,
        /// What of the balance is a reward.
        pub rewards: Money,
        /// What runs out next, and on which day.
        pub next_expiry: Option<money::NextExpiry>,
        /// What may be paid out as money.
        pub cashable: Money,
    }

    #[serde(tag = "what", rename_all = "snake_case")]
    pub enum HistoryWhat {
        Entry {
            kind: EntryKind,
            tender: Option<Tender>,
            location: String,
            percent: Option<Percent>,
            reason: Option<String>,
            /// What a void undid.
            undid: Option<Undid>,
        },
        /// A visit that moved no credit.
        Visit { kind: VisitKind, location: String, bill: Money },
        Registered,
        Edited { fields: Vec<String> },
        Card { ending: String, did: cards::CardDid, reason: Option<String> },
        Joined { location: String },
        /// Another member turned out to be this one.
        Merged { name: String },
        Unmerged,
        Removed,
        /// A field that was changed on two sides; `removal` stands for the whole member.
        Decided { field: String, kept: tasks::KeptView, is_by_person: bool, #[ts(type = "unknown")] lost: Value },
    }

    pub struct Undid {
        pub kind: EntryKind,
        pub tender: Option<Tender>,
        pub amount: Money,
    }

    #[serde(rename_all = "snake_case")]
    pub enum Place {
        Here,
        HeadOffice,
        NeedsYou,
        ThisTill,
    }

    pub struct HistoryLine {
        pub id: String,
        pub at: Timestamp,
        pub what: HistoryWhat,
        pub amount: Option<Money>,
        pub balance: Option<Money>,
        pub place: Place,
        pub receipt: Option<String>,
        /// Set where the line is about an entry.
        pub entry_id: Option<EntryId>,
        /// Set where the line belongs to a visit.
        pub visit_id: Option<VisitId>,
        /// Whether it was undone since.
        pub is_void: bool,
        /// Whether it can be undone now, by void.
        pub can_void: bool,
        /// Whether something of that sale can be given back.
        pub can_return: bool,
        /// Whether a slip can be shown.
        pub has_slip: bool,
        /// Set where a value that lost can be brought back.
        pub bring_back: Option<i64>,
    }

    pub struct PhoneRead {
        pub display: Option<String>,
        pub is_valid: bool,
    }

    pub struct TopUpPreview {
        pub balance: Money,
        pub pending: Money,
        pub balance_after: Money,
        pub usable: Money,
        pub usable_after: Money,
        /// What of the top-up goes to what the member owes.
        pub repays: Option<Money>,
    }

    pub struct EntryIdMade {
        pub entry_id: EntryId,
    }

    #[serde(tag = "state", rename_all = "snake_case")]
    pub enum ChangeState {
        Waiting,
        Sending,
        Unanswered,
        NextTry { at: Timestamp },
        After { made_at: Timestamp },
        NeedsYou {
            failure: Failure,
            can_retry: bool,
            can_discard: bool,
            can_confirm: bool,
            /// What an edit changes, field by field; empty where it is none.
            edited: Vec<tasks::EditedField>,
        },
    }

    pub struct WaitingChange {
        pub change_id: ChangeId,
        pub made_at: Timestamp,
        pub member_id: Option<MemberId>,
        pub member_name: Option<String>,
        pub what: ChangeWhat,
        pub amount: Option<Money>,
        pub state: ChangeState,
        pub tries: u32,
    }

    #[serde(tag = "what", rename_all = "snake_case")]
    pub enum ChangeWhat {
        Location { name: String },
        LocationEdited { name: String },
        Registered,
        Edited { fields: Vec<String> },
        Joined { location: String },
        AtShopEdited { fields: Vec<String>, location: String },
        Removed,
        Erased,
        Entry { kind: EntryKind, tender: Option<Tender> },
        Visit { kind: VisitKind },
        Label { name: String },
    }

    pub struct Waiting {
        pub changes: Vec<WaitingChange>,
        pub total: i64,
    }

    pub struct Served {
        pub members: Vec<ServedMember>,
    }

    pub struct ServedMember {
        pub id: MemberId,
        pub full_name: String,
        pub initials: String,
        pub phone_ending: Option<String>,
    }
}

questions! {
    pub struct AllowanceAsked {
        pub currency: String,
    }

    pub struct WorstCaseAsked {
        pub allowance: Allowance,
        pub currency: String,
        pub tills: i64,
    }

    pub struct SetUp {
        pub language: String,
        pub till_name: String,
        pub location: LocationInput,
        pub head_office: Option<HeadOfficeInput>,
        pub allowance: Allowance,
        pub key_in_file: bool,
    }

    pub struct LocationInput {
        pub code: String,
        pub name: String,
        pub country: String,
        pub currency: String,
        pub time_zone: String,
    }

    pub struct HeadOfficeInput {
        pub url: String,
        pub join_code: String,
    }

    pub struct Find {
        pub query: String,
    }

    pub struct MemberAsked {
        pub member_id: MemberId,
    }

    pub struct Register {
        /// A member as the command line has it.
        #[ts(type = "Record<string, unknown>")]
        pub input: Value,
        /// The card that they get at once.
        pub card: Option<String>,
    }

    pub struct PhoneAsked {
        pub phone: String,
    }

    pub struct TopUpAsked {
        pub member_id: MemberId,
        pub amount_minor: i64,
    }

    pub struct TopUp {
        pub member_id: MemberId,
        pub entry_id: EntryId,
        pub amount: Money,
        pub tender: Tender,
    }

    pub struct ChangeAsked {
        pub change_id: ChangeId,
    }

    pub struct Discard {
        pub change_id: ChangeId,
        pub reason: String,
    }
}

impl From<&AppError> for Failure {
    fn from(error: &AppError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            field: error.field().map(str::to_owned),
            facts: error.facts(),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::from(&error)
    }
}
