//! What a connector does: turns changes into its remote's bytes, carries them, and reads what comes back.

use crate::capabilities::Capabilities;
use crate::trouble::Trouble;
use async_trait::async_trait;
use regulars_domain::checksum::Buckets;
use regulars_domain::label::Label;
use regulars_domain::{AuthorisationId, ChangeId, Incarnation, LocationId, MemberId, Money, RemoteId, Timestamp};
use regulars_store::healing::{Given, Lost};
use regulars_store::outbox::{Claimed, Met, QueuedChange};
use regulars_store::pull::{PulledLocation, PulledMember, PulledRow};
use regulars_store::remotes::Problem;
use std::collections::HashMap;
use std::time::Duration;

/// A way to one remote.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The remote's id on this till.
    fn remote_id(&self) -> RemoteId;

    /// What the remote can do.
    fn capabilities(&self) -> Capabilities;

    /// The bytes of a change, to be kept and sent to the letter.
    ///
    /// # Errors
    /// A problem for a person, where the remote has no way to say it.
    fn freeze(&self, queued: &QueuedChange, shops: &Shops) -> Result<Vec<u8>, Problem>;

    /// Sends changes.
    ///
    /// # Errors
    /// Where the request as a whole was not answered as asked.
    async fn push(&self, batch: &[Claimed], known: &Known) -> Result<Pushed, Trouble>;

    /// Gives back what the remote lost.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn give_back(&self, things: &[Lost], epoch: &str) -> Result<Returned, Trouble>;

    /// Asks for what changed.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn pull(&self, from: &PullFrom) -> Result<PullAnswer, Trouble>;

    /// Asks for the sums of what the remote has of a shop.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn checksums(&self, pos_id: &str) -> Result<Sums, Trouble>;

    /// Asks for one part of a shop, whole.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn bucket(&self, pos_id: &str, bucket: u8) -> Result<Part, Trouble>;

    /// Asks whether credit may be used, and for a hold on it.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn authorise(&self, question: &Question) -> Result<Authorised, Trouble>;

    /// Gives a hold up.
    ///
    /// # Errors
    /// Where it was not answered as asked; the hold then runs out by itself.
    async fn release(&self, id: AuthorisationId) -> Result<(), Trouble>;

    /// One harmless call: is this the remote, and does it know us?
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn check(&self) -> Result<Seen, Trouble>;
}

/// The shops of this till as the remote calls them.
#[derive(Clone, Debug, Default)]
pub struct Shops {
    /// Their ids at the remote.
    pub pos_ids: HashMap<LocationId, String>,
}

/// What this till knows of the remote when it pushes.
#[derive(Clone, Debug)]
pub struct Known {
    /// The life of the remote's database, where it tells.
    pub epoch: Option<String>,
    /// The life of this till's file.
    pub incarnation: Incarnation,
    /// The highest number of it that the remote has acknowledged; 0 for none.
    pub acknowledged: i64,
}

/// What a remote's answer tells of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteClock(pub Timestamp);

/// What a push brought.
#[derive(Clone, Debug)]
pub enum Pushed {
    /// An answer.
    Answer(PushAnswer),
    /// The remote is not the one that this till knows: its database began a new life. Nothing was taken.
    NewLife,
}

/// What giving back brought.
#[derive(Clone, Debug)]
pub enum Returned {
    /// One answer per thing.
    Answer(Vec<Given>),
    /// The remote's database began another life meanwhile. Nothing was taken.
    NewLife,
}

/// What came back for a batch.
#[derive(Clone, Debug)]
pub struct PushAnswer {
    /// The remote's clock, where it tells.
    pub clock: Option<RemoteClock>,
    /// One life of the remote's database, where it tells.
    pub epoch: Option<String>,
    /// What became of each change. One that is missing here is not known.
    pub results: Vec<(ChangeId, Outcome)>,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The remote has it; and how its member stands there now.
    Done(Option<PulledMember>),
    /// It met a change of somebody else and had no effect: when that one was made, and how its member stands there now.
    Met(Met, Option<PulledMember>),
    /// A person must look at it; and how its member stands there now.
    NeedsPerson(Problem, Option<PulledMember>),
    /// Its number was used for another change, so nothing was done: there is another copy of this till's file.
    NumberTaken,
    /// A change of this id is there and says something else.
    KnownOtherwise(Problem),
}

/// Where a pull goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullFrom {
    /// The life of the remote's database that the cursor counts in.
    pub epoch: Option<String>,
    /// Rows behind this are known.
    pub cursor: i64,
}

/// What a pull brought.
#[derive(Clone, Debug)]
pub enum PullAnswer {
    /// Rows.
    Page(Page),
    /// The cursor means nothing there any more: begin anew.
    BeginAnew,
    /// The remote's database began a new life, and may lack what it told.
    NewLife,
}

/// Rows of a pull, in the order in which the remote committed them.
#[derive(Clone, Debug)]
pub struct Page {
    /// One life of the remote's database.
    pub epoch: String,
    /// The remote's clock, where it tells.
    pub clock: Option<RemoteClock>,
    /// Shops, to be known before the rows.
    pub locations: Vec<PulledLocation>,
    /// Labels that changed.
    pub labels: Vec<Label>,
    /// Rows, each with the cursor behind it.
    pub rows: Vec<(i64, PulledRow)>,
    /// The cursor behind the page.
    pub next: i64,
    /// How many rows are still to come; 0 at the end.
    pub left: i64,
}

/// When what was told is true: of a cursor from the one to the other, in this life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueFor {
    /// One life of the remote's database.
    pub epoch: String,
    /// From this cursor on.
    pub from: i64,
    /// Up to this one.
    pub to: i64,
}

/// The sums of a shop.
#[derive(Clone, Debug)]
pub struct Sums {
    /// When they are true.
    pub true_for: TrueFor,
    /// The sums.
    pub buckets: Buckets,
}

/// One part of a shop, whole.
#[derive(Clone, Debug)]
pub struct Part {
    /// When it is true.
    pub true_for: TrueFor,
    /// Its rows.
    pub rows: Vec<PulledRow>,
}

/// May this credit be used?
#[derive(Clone, Debug)]
pub struct Question {
    /// The hold's id.
    pub id: AuthorisationId,
    /// Whose credit.
    pub member_id: MemberId,
    /// Who owes it.
    pub issuer: String,
    /// How much.
    pub amount: Money,
    /// The shop's id at the remote.
    pub pos_id: String,
    /// How long to hold it.
    pub hold: Duration,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorised {
    /// Whether it is held.
    pub is_authorised: bool,
    /// What could be.
    pub available: Money,
    /// How long it is held, where it is.
    pub held_for: Option<Duration>,
}

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many members can be seen.
    pub members: i64,
    /// The shops that may be served; `None` for all.
    pub pos_ids: Option<Vec<String>>,
    /// The remote's clock.
    pub clock: Option<Timestamp>,
}
