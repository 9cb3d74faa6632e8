//! What the rows of head office hold, as values. No behaviour beyond [`Scope::allows`].

use regulars_domain::edit::Document;
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Currency, Date, EntryId, Incarnation, MemberId, TillId, Timestamp, VisitId,
};
use regulars_protocol::pull::Membership;
use regulars_protocol::push::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Which shops a token may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them, those to come too.
    All,
    /// These.
    Locations(BTreeSet<String>),
}

impl Scope {
    /// Whether a shop is within.
    pub fn allows(&self, location: &str) -> bool {
        match self {
            Self::All => true,
            Self::Locations(codes) => codes.contains(location),
        }
    }
}

/// A token as it is stored: the secret itself is nowhere, but where requests are signed with it.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// Its public part.
    pub id: Uuid,
    /// Who may use it: `till`, or the name of a dialect.
    pub kind: String,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// The shops that it is limited to.
    pub scope: Scope,
    /// Rights beyond those of its kind.
    pub rights: Vec<String>,
    /// The secret itself, where requests are signed with it (NWS4): to check a signature one must be able to make it.
    pub signing_key: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A join code as it is stored.
#[derive(Clone, Debug)]
pub struct StoredJoinCode {
    /// SHA-256 of the code.
    pub hash: [u8; 32],
    /// The shops of the token to be.
    pub scope: Scope,
    /// Its rights.
    pub rights: Vec<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// How a noted change is found.
#[derive(Clone, Copy, Debug)]
pub enum ChangeKey {
    /// By its id.
    Id(ChangeId),
    /// By its number in a life of a till's file.
    Number(TillId, Incarnation, i64),
}

/// A change that was noted, with its answer.
#[derive(Clone, Debug)]
pub struct StoredChange {
    /// Its id.
    pub id: ChangeId,
    /// The till that made it.
    pub till_id: TillId,
    /// The life of its file.
    pub incarnation: Incarnation,
    /// Its number.
    pub number: i64,
    /// SHA-256 of what it says, without its number: the same change may come again under another one.
    pub hash: [u8; 32],
    /// Whom it was about.
    pub member_id: Option<MemberId>,
    /// The member's version after it.
    pub version: Option<i64>,
    /// What became of it.
    pub outcome: Outcome,
    /// What else the answer said, as JSON.
    pub answer: String,
    /// Head office's clock.
    pub at: Timestamp,
}

/// A member as they are stored.
#[derive(Clone, Debug)]
pub struct StoredMember {
    /// The document, as JSON.
    pub document: String,
    /// When this state was committed.
    pub version: i64,
    /// Whether only the tombstone is left. Its document is empty; where they belonged is kept, for the tills of those
    /// shops are the ones to be told.
    pub is_deleted: bool,
    /// Whether the person was erased: a tombstone that nothing brings back.
    pub is_erased: bool,
    /// The member that this one turned out to be. A tombstone keeps it: money may still move.
    pub merged_into: Option<MemberId>,
    /// When each field of the document was last changed.
    pub changed: FieldTimes,
}

/// A member as other systems look for them.
#[derive(Clone, Debug)]
pub struct ListedMember {
    /// Who.
    pub id: MemberId,
    /// What is known of them, as JSON.
    pub document: String,
    /// When this state was committed.
    pub version: i64,
    /// When they came to head office.
    pub created_at: Timestamp,
    /// When this state was committed, by head office's clock: never before what was committed earlier.
    pub updated_at: Timestamp,
}

/// What a member is looked for by.
#[derive(Clone, Debug)]
pub enum MemberKey {
    /// The phone number, as E.164.
    E164(String),
    /// The phone number, as typed.
    TypedPhone(String),
    /// The email address.
    Email(String),
    /// The shop's own number for them.
    Reference(String),
    /// The number that follows from their id ([`MemberKey::number`]).
    Number(i64),
    /// Their id in another system, as Portos knows it.
    PortosExternal(String),
}

impl MemberKey {
    /// A number for a member, for systems that know only numbers: the last 53 bits of the id, which are random, and all
    /// that JavaScript holds. Among a million members two share one with a chance of one in 18,000; such a number finds
    /// both, and is then refused.
    pub fn number(id: MemberId) -> i64 {
        let mut last = [0; 8];
        last.copy_from_slice(&id.as_bytes()[8..]);
        i64::try_from(u64::from_be_bytes(last) & Self::NUMBER_MASK).unwrap_or(0)
    }

    /// The bits of a number.
    pub(crate) const NUMBER_MASK: u64 = (1 << 53) - 1;
}

/// The order of a list of members. Whatever it is, ids decide between equals, so that pages never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberOrder {
    /// By id: as they were made, but for those whose id another system chose.
    Id,
    /// By name.
    Name,
    /// By when they came.
    CreatedAt,
    /// By when they last changed.
    UpdatedAt,
}

/// A span of time.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// From this instant on.
    pub from: Timestamp,
    /// Before this one.
    pub until: Timestamp,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Self = Self { from: Timestamp::from_millis(i64::MIN), until: Timestamp::from_millis(i64::MAX) };
}

/// Which members are asked for.
#[derive(Clone, Debug)]
pub struct MemberQuery {
    /// The shops that they belong to.
    pub scope: Scope,
    /// In which order.
    pub order: MemberOrder,
    /// The other way round.
    pub is_descending: bool,
    /// When they came.
    pub created: Window,
    /// When they last changed.
    pub updated: Window,
    /// With ids after this one.
    pub after: Option<MemberId>,
    /// How many are left out before the first.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

impl MemberQuery {
    /// The first so many, as they came.
    pub const fn of(scope: Scope, limit: i64) -> Self {
        Self {
            scope,
            order: MemberOrder::Id,
            is_descending: false,
            created: Window::ALWAYS,
            updated: Window::ALWAYS,
            after: None,
            offset: 0,
            limit,
        }
    }
}

/// Something that another system keeps beside the members.
#[derive(Clone, Debug)]
pub struct StoredThing {
    /// Its number.
    pub id: i64,
    /// Its name among its kind.
    pub reference: String,
    /// What it says, as JSON.
    pub content: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How such a thing is found.
#[derive(Clone, Copy, Debug)]
pub enum ThingKey<'a> {
    /// By its number.
    Id(i64),
    /// By its name.
    Reference(&'a str),
}

/// When each field of a document was last changed, by head office's clock. A field that is not named here is as it was
/// when the whole was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldTimes(BTreeMap<String, Timestamp>);

/// Stands for the whole document: no field has an empty name.
const WHOLE: &str = "";

impl FieldTimes {
    /// Of a document that was made now.
    pub fn made(at: Timestamp) -> Self {
        Self(BTreeMap::from([(WHOLE.to_owned(), at)]))
    }

    /// The same after these fields were changed.
    #[must_use]
    pub fn touched<'a>(mut self, fields: impl Iterator<Item = &'a String>, at: Timestamp) -> Self {
        self.0.extend(fields.map(|field| (field.clone(), at)));
        self
    }

    /// When a field was last changed, where that is known.
    pub fn of(&self, field: &str) -> Option<Timestamp> {
        self.0.get(field).or_else(|| self.0.get(WHOLE)).copied()
    }
}

/// What is kept of a deleted member, in case a change that nobody had seen brings them back.
#[derive(Clone, Debug)]
pub struct StoredRemoved {
    /// The document, as JSON.
    pub document: String,
    /// When each of its fields was last changed.
    pub changed: FieldTimes,
    /// What held for them at each shop.
    pub terms: BTreeMap<String, KeptTerms>,
    /// When they were deleted.
    pub at: Timestamp,
}

/// What held for a deleted member at a shop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptTerms {
    /// The terms.
    pub terms: Document,
    /// When each of their fields was last changed.
    pub changed: FieldTimes,
}

/// A member in the life before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredBefore {
    /// The version that they had then.
    #[serde(skip)]
    pub version: i64,
    /// What was known of them.
    pub document: Document,
    /// Where they belonged.
    pub memberships: Vec<Membership>,
}

/// A hold on credit.
#[derive(Clone, Debug)]
pub struct StoredHold {
    /// Its id.
    pub id: AuthorisationId,
    /// The account.
    pub account_id: AccountId,
    /// The till that asked.
    pub till_id: TillId,
    /// How much was asked for, in minor units.
    pub amount_minor: i64,
    /// How much of it was redeemed already, in minor units.
    pub captured_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// Where it stands.
    pub state: HoldState,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was asked for.
    pub made_at: Timestamp,
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// What was not captured yet is kept for the till, until it expires.
    Held,
    /// All of it was redeemed.
    Captured,
    /// The till gave it up.
    Released,
}

/// An account with a lot that is still to run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiringAccount {
    /// Its place among them.
    pub place: ExpiringPlace,
    /// Whose it is.
    pub member_id: MemberId,
    /// The legal entity that owes the credit.
    pub issuer: String,
    /// Its currency.
    pub currency: Currency,
}

/// The order in which accounts are looked at for lots that ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiringPlace {
    /// The first last day among its lots.
    pub expires_on: Date,
    /// The account.
    pub account_id: AccountId,
}

/// A row that tills are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its version.
    pub version: i64,
    /// Which.
    pub entity: Entity,
}

/// Which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A member, with where they belong.
    Member(MemberId),
    /// A line of the ledger.
    Entry(EntryId),
    /// A visit.
    Visit(VisitId),
}

/// A row of a page, with what it holds: JSON stays the text that was stored.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Its version.
    pub version: i64,
    /// What it holds.
    pub content: PageContent,
}

/// What a row of a page holds.
#[derive(Clone, Debug)]
pub enum PageContent {
    /// A member.
    Member {
        /// Who.
        id: MemberId,
        /// What is known of them, as JSON.
        document: String,
        /// Whether only the tombstone is left.
        is_deleted: bool,
        /// Whether the person was erased.
        is_erased: bool,
        /// Where they belong, as far as the scope goes.
        memberships: Vec<Membership>,
    },
    /// A line of the ledger.
    Entry {
        /// The entry, as JSON.
        content: String,
    },
    /// A visit.
    Visit {
        /// The visit with its shop, as JSON.
        content: String,
    },
}
