//! What head office needs of a database: transactions over rows. SQLite now; another database is another [`Storage`].
//!
//! No rule is decided below this line: implementations store and find. The rows are grouped as the files of an
//! implementation are; whoever works in a transaction sees them all, as [`Rows`].

mod stored;

pub use stored::{
    ChangeKey, Entity, ExpiringAccount, ExpiringPlace, FeedRow, FieldTimes, HoldState, KeptTerms, ListedMember,
    MemberKey, MemberOrder, MemberQuery, PageContent, PageRow, Scope, StoredBefore, StoredChange, StoredHold,
    StoredJoinCode, StoredMember, StoredRemoved, StoredThing, StoredToken, ThingKey, Window,
};

use crate::error::HeadOfficeError;
use regulars_domain::checksum::Buckets;
use regulars_domain::label::Label;
use regulars_domain::location::Location;
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Currency, Date, EntryId, Incarnation, MemberId, TillId, Timestamp, VisitId,
};
use regulars_protocol::pull::Membership;
use regulars_protocol::push::{Entry, VisitItem};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A database.
pub trait Storage: Send + Sync {
    /// Runs the work in one transaction that is committed, durably, when it returns `Ok`.
    ///
    /// # Errors
    /// Whatever the work returns; then nothing was written.
    fn write(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError>;

    /// Runs the work at one moment, without writing.
    ///
    /// # Errors
    /// Whatever the work returns.
    fn read(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError>;
}

/// What is done in a transaction.
pub type Work<'a> = dyn FnMut(&mut dyn Rows) -> Result<(), HeadOfficeError> + 'a;

type Answer<T> = Result<T, HeadOfficeError>;
type Found<T> = Result<Option<T>, HeadOfficeError>;
type Done = Result<(), HeadOfficeError>;

/// The rows of one transaction.
pub trait Rows:
    Versions
    + Lives
    + Tokens
    + Locations
    + Labels
    + Changes
    + Members
    + Directory
    + Things
    + Removed
    + Cards
    + Visits
    + Ledger
    + Expiring
    + Holds
    + Feed
    + Checks
{
}

impl<T> Rows for T where
    T: Versions
        + Lives
        + Tokens
        + Locations
        + Labels
        + Changes
        + Members
        + Directory
        + Things
        + Removed
        + Cards
        + Visits
        + Ledger
        + Expiring
        + Holds
        + Feed
        + Checks
{
}

/// Which life this database is in, and in which order it commits.
pub trait Versions {
    /// One life of this database.
    fn epoch(&mut self) -> Answer<String>;
    /// Below this version tombstones are no longer kept.
    fn oldest_tombstone(&mut self) -> Answer<i64>;
    /// The version of what is committed by this transaction: higher than all before, in order of commit.
    fn next_version(&mut self) -> Answer<i64>;
    /// The highest version given out, as this transaction sees it: none below it is still to come.
    fn newest_version(&mut self) -> Answer<i64>;

    /// Whether a version was never given out: whoever was told it was told by a later copy of this database.
    fn is_unknown(&mut self, version: i64) -> Answer<bool>;
    /// Gives out no version before this one any more, and notes that those in between mean nothing.
    fn leap_to(&mut self, version: i64) -> Done;

    /// Marks a place to come back to.
    fn begin_part(&mut self) -> Done;
    /// Keeps what was written since the mark.
    fn keep_part(&mut self) -> Done;
    /// Takes back what was written since the mark.
    fn undo_part(&mut self) -> Done;
}

/// The lives of this database: a new one begins where an older copy was put back.
pub trait Lives {
    /// Whether this is a copy that was put back, and no new life has begun since.
    fn is_put_back(&mut self) -> Answer<bool>;
    /// Begins a new life: its name, and the version that its first row gets.
    fn begin_life(&mut self, epoch: &str, first_version: i64) -> Done;
    /// Rows of lower versions come from the life before.
    fn life_began_at(&mut self) -> Answer<i64>;
    /// Gives out no version up to this one any more.
    fn skip_versions_to(&mut self, version: i64) -> Done;
    /// What a member was in the life before, where this life changed them.
    fn find_before(&mut self, id: MemberId) -> Found<StoredBefore>;
    /// Stores what a member was in the life before.
    fn put_before(&mut self, id: MemberId, before: &StoredBefore) -> Done;
}

/// Who may ask.
pub trait Tokens {
    /// Stores a token.
    fn insert_token(&mut self, token: &StoredToken) -> Done;
    /// Finds a token.
    fn find_token(&mut self, id: Uuid) -> Found<StoredToken>;
    /// Stores a join code.
    fn insert_join_code(&mut self, code: &StoredJoinCode) -> Done;
    /// Takes a join code away, where it is there and not too old.
    fn take_join_code(&mut self, hash: &[u8; 32], at: Timestamp) -> Found<StoredJoinCode>;
}

/// The shops.
pub trait Locations {
    /// The shop of that code.
    fn find_location(&mut self, code: &str) -> Found<Location>;
    /// Stores a shop.
    fn insert_location(&mut self, location: &Location, version: i64) -> Done;
    /// Writes what a shop is now.
    fn update_location(&mut self, location: &Location, version: i64) -> Done;
    /// Shops of later versions.
    fn list_locations(&mut self, after: i64) -> Answer<Vec<Location>>;
}

/// The catalogue of labels.
pub trait Labels {
    /// The label of that name.
    fn find_label(&mut self, name: &str) -> Found<Label>;
    /// Stores a label, in place of the one of that name.
    fn put_label(&mut self, label: &Label, version: i64) -> Done;
    /// Labels of later versions.
    fn list_labels(&mut self, after: i64) -> Answer<Vec<Label>>;
}

/// The changes that were pushed.
pub trait Changes {
    /// A change that was noted, by its id or by its number.
    fn find_change(&mut self, key: ChangeKey) -> Found<StoredChange>;
    /// Notes a change.
    fn insert_change(&mut self, change: &StoredChange) -> Done;
    /// Notes that a change came again under another number.
    fn insert_renumbered(&mut self, key: ChangeKey, change: ChangeId) -> Done;
    /// Whether another till changed a member after a version.
    fn has_foreign_change(&mut self, member: MemberId, after: i64, except: TillId) -> Answer<bool>;
    /// Forgets what was answered about a member: field names may tell of a person.
    fn forget_answers(&mut self, member: MemberId) -> Done;
    /// The highest number noted of a life of a till's file; 0 for none.
    fn newest_number(&mut self, till: TillId, incarnation: Incarnation) -> Answer<i64>;
}

/// The members, and where they belong.
pub trait Members {
    /// The member of that id, or their tombstone.
    fn find_member(&mut self, id: MemberId) -> Found<StoredMember>;
    /// Stores a member, in place of the one of that id, as changed now.
    fn put_member(&mut self, id: MemberId, member: &StoredMember, at: Timestamp) -> Done;
    /// Which member this one turned out to be.
    fn find_merged_into(&mut self, id: MemberId) -> Found<MemberId>;
    /// The members that turned out to be this one, themselves and not through another.
    fn list_aliases(&mut self, id: MemberId) -> Answer<Vec<MemberId>>;
    /// Where a member belongs, and what holds for them there.
    fn list_memberships(&mut self, id: MemberId) -> Answer<Vec<Membership>>;
    /// Stores where a member belongs, since when, and what holds for them there.
    fn put_membership(&mut self, id: MemberId, membership: &Membership, changed: &FieldTimes) -> Done;
    /// When each field of what holds for a member at a shop was last changed.
    fn terms_changed(&mut self, id: MemberId, location: &str) -> Answer<FieldTimes>;
    /// How many members a token can see.
    fn count_members(&mut self, scope: &Scope) -> Answer<i64>;
}

/// The members as other systems look for them: those who are there, and are nobody else's alias.
pub trait Directory {
    /// One of them.
    fn find_listed(&mut self, id: MemberId) -> Found<ListedMember>;
    /// Who has a number, address or reference, in order of their ids.
    fn list_by_key(&mut self, key: &MemberKey) -> Answer<Vec<MemberId>>;
    /// A page of them.
    fn list_members(&mut self, query: &MemberQuery) -> Answer<Vec<ListedMember>>;
    /// How many there are, whatever page is asked for.
    fn count_listed(&mut self, query: &MemberQuery) -> Answer<i64>;
    /// The version of what last happened to a member's credit; 0 where nothing did.
    fn newest_money(&mut self, member: MemberId) -> Answer<i64>;
}

/// What other systems keep beside the members: categories, payment types and so on, each of a kind.
pub trait Things {
    /// One of them.
    fn find_thing(&mut self, kind: &str, key: &ThingKey<'_>) -> Found<StoredThing>;
    /// All of a kind, in the order in which they were made.
    fn list_things(&mut self, kind: &str) -> Answer<Vec<StoredThing>>;
    /// Stores one, in place of the one of that reference. Answers its number.
    fn put_thing(&mut self, kind: &str, reference: &str, content: &str, at: Timestamp) -> Answer<i64>;
}

/// What is kept of deleted members.
pub trait Removed {
    /// Keeps a member who is being deleted.
    fn put_removed(&mut self, id: MemberId, removed: &StoredRemoved) -> Done;
    /// What is kept of a deleted member.
    fn find_removed(&mut self, id: MemberId) -> Found<StoredRemoved>;
    /// Forgets it.
    fn delete_removed(&mut self, id: MemberId) -> Done;
    /// Who was deleted before an instant and is still kept, in order of their ids, from one on.
    fn list_removed(&mut self, before: Timestamp, after: Option<MemberId>, limit: usize) -> Answer<Vec<MemberId>>;
}

/// The cards, by [`regulars_domain::member::key`].
pub trait Cards {
    /// The cards of a member.
    fn list_cards(&mut self, member: MemberId) -> Answer<BTreeSet<String>>;
    /// Who has a card.
    fn list_card_holders(&mut self, key: &str) -> Answer<Vec<MemberId>>;
    /// Stores that a member has a card.
    fn insert_card(&mut self, member: MemberId, key: &str) -> Done;
    /// Forgets that a member has a card.
    fn delete_card(&mut self, member: MemberId, key: &str) -> Done;
}

/// The visits.
pub trait Visits {
    /// The visit of that id.
    fn find_visit(&mut self, id: VisitId) -> Found<VisitItem>;
    /// Stores a visit.
    fn insert_visit(&mut self, item: &VisitItem) -> Done;
    /// The visits of a member, with the shop of each, in the order in which they came.
    fn list_visits(&mut self, member: MemberId) -> Answer<Vec<(VisitId, String)>>;
}

/// The ledger.
pub trait Ledger {
    /// The entry of that id.
    fn find_entry(&mut self, id: EntryId) -> Found<Entry>;
    /// Stores an entry.
    fn insert_entry(&mut self, entry: &Entry) -> Done;
    /// Puts "erased" in the place of every reason of a member's entries.
    fn erase_reasons(&mut self, member: MemberId) -> Done;
    /// The entries of a member, with the shop of each, in the order in which they came.
    fn list_entries(&mut self, member: MemberId) -> Answer<Vec<(EntryId, String)>>;
    /// The entries of an account, in no order.
    fn list_account(&mut self, account: AccountId) -> Answer<Vec<Entry>>;
    /// The issuers and currencies that a member has entries of.
    fn list_issuers(&mut self, member: MemberId) -> Answer<Vec<(String, Currency)>>;
    /// Whether any credit was booked in a shop.
    fn is_booked_at(&mut self, location: &str) -> Answer<bool>;
    /// The sum of an account, in minor units.
    fn balance(&mut self, account: AccountId) -> Answer<i64>;
}

/// The accounts with lots that run out.
pub trait Expiring {
    /// The first last day among all lots that the account ever had.
    fn first_expiry(&mut self, account: AccountId) -> Found<Date>;
    /// Stores when an account is to be looked at.
    fn put_expiring(&mut self, expiring: &ExpiringAccount) -> Done;
    /// Forgets an account: nothing of it is to run out.
    fn delete_expiring(&mut self, account: AccountId) -> Done;
    /// The accounts with a lot whose last day is before that day, in order of their places, from a place on.
    fn list_expiring(
        &mut self,
        before: Date,
        after: Option<ExpiringPlace>,
        limit: usize,
    ) -> Answer<Vec<ExpiringAccount>>;
}

/// The holds on credit.
pub trait Holds {
    /// What is held of an account now, without one hold.
    fn held(&mut self, account: AccountId, except: AuthorisationId, at: Timestamp) -> Answer<i64>;
    /// A hold.
    fn find_hold(&mut self, id: AuthorisationId) -> Found<StoredHold>;
    /// Stores a hold, in place of the one of that id.
    fn put_hold(&mut self, hold: &StoredHold) -> Done;
}

/// What tills are told.
pub trait Feed {
    /// Tells the tills of these shops, and those that see all, of a row. It moves to this version in each of them.
    fn publish(&mut self, locations: &[String], row: FeedRow) -> Done;
    /// The rows of later versions, in order, each once.
    fn page(&mut self, scope: &Scope, after: i64, limit: usize) -> Answer<Vec<PageRow>>;
    /// How many rows are of later versions: never less than there are, 0 only where there are none. What belongs to
    /// several shops of a scope may count once for each.
    fn count_feed(&mut self, scope: &Scope, after: i64) -> Answer<i64>;
}

/// What tills of a shop were told, to be compared with what they have.
pub trait Checks {
    /// The version of the last row that tills of this shop were told of; 0 for none.
    fn last_told(&mut self, location: &str) -> Answer<i64>;
    /// The sums of a shop.
    fn sum_up(&mut self, location: &str) -> Answer<Buckets>;
    /// The rows of one part of a shop, tombstones too.
    fn rows_of_bucket(&mut self, location: &str, bucket: u8) -> Answer<Vec<PageRow>>;
}
