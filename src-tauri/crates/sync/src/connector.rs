//! What a connector does: turns changes into its remote's bytes, carries them, and reads what comes back.

use crate::capabilities::Capabilities;
use crate::credit::{Guards, Trial, Tried};
use crate::trouble::Trouble;
use async_trait::async_trait;
use regulars_domain::checksum::Buckets;
use regulars_domain::label::Label;
use regulars_domain::phone::Country;
use regulars_domain::{AuthorisationId, ChangeId, Incarnation, LocationId, MemberId, Money, RemoteId, Timestamp};
use regulars_store::healing::{Given, Lost};
use regulars_store::outbox::{Claimed, Held, Met, QueuedChange};
use regulars_store::part::{self, Known as KnownMember, PulledPart, Row};
use regulars_store::pull::{PulledLocation, PulledRow, Stands};
use regulars_store::remotes::Problem;
use regulars_store::{Transaction, members};
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
    /// A problem for a person, where the remote has no way to say it, or some of its fields.
    fn freeze(&self, queued: &QueuedChange, here: &Here<'_>) -> Result<Vec<u8>, Held>;

    /// Sends changes.
    ///
    /// # Errors
    /// Where the request as a whole was not answered as asked.
    async fn push(&self, batch: &[Claimed], known: &Known) -> Result<Pushed, Trouble>;

    /// Gives back what the remote lost.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn give_back(&self, _things: &[Lost], _epoch: &str) -> Result<Returned, Trouble> {
        Err(cannot("take back what it lost"))
    }

    /// Asks for what changed.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn pull(&self, _from: &PullFrom) -> Result<PullAnswer, Trouble> {
        Err(cannot("tell what changed by cursor"))
    }

    /// The next page of all members, or of what changed, of a remote that is swept.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn sweep(&self, _from: &SweepFrom) -> Result<Swept, Trouble> {
        Err(cannot("list its members"))
    }

    /// How the member of that key stands there now.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn look(&self, _key: &[u8]) -> Result<Looked, Trouble> {
        Err(cannot("be asked for one member"))
    }

    /// Looks for somebody whom this till does not have. At most a handful.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn find(&self, _asked: &Asked) -> Result<Vec<PulledPart>, Trouble> {
        Err(cannot("search"))
    }

    /// Asks for the sums of what the remote has of a shop.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn checksums(&self, _pos_id: &str) -> Result<Sums, Trouble> {
        Err(cannot("tell its sums"))
    }

    /// Asks for one part of a shop, whole.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn bucket(&self, _pos_id: &str, _bucket: u8) -> Result<Part, Trouble> {
        Err(cannot("tell a part of a shop"))
    }

    /// Asks whether credit may be used, and for a hold on it.
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn authorise(&self, _question: &Question) -> Result<Authorised, Trouble> {
        Err(cannot("hold credit"))
    }

    /// Gives a hold up.
    ///
    /// # Errors
    /// Where it was not answered as asked; the hold then runs out by itself.
    async fn release(&self, _id: AuthorisationId) -> Result<(), Trouble> {
        Ok(())
    }

    /// Proves at a test member of its own, who is gone afterwards, that credit can be at home at the remote.
    ///
    /// # Errors
    /// What speaks against it, or what went wrong.
    async fn try_credit(&self, _trial: &Trial) -> Result<Tried, Trouble> {
        Err(cannot("be the home of credit"))
    }

    /// One harmless call: is this the remote, and does it know us?
    ///
    /// # Errors
    /// Where it was not answered as asked.
    async fn check(&self) -> Result<Seen, Trouble>;

    /// What the account there may not do of what this till does, as in [`Seen::lacks`].
    async fn lacks(&self) -> Option<Vec<&'static str>> {
        None
    }
}

/// Not asked of a remote whose capability record says that it cannot.
fn cannot(what: &str) -> Trouble {
    Trouble::later("not_supported", format!("this remote cannot {what}"), crate::trouble::Effect::NotSent)
}

/// The shops of this till as the remote calls them.
#[derive(Clone, Debug, Default)]
pub struct Shops {
    /// Their ids at the remote.
    pub pos_ids: HashMap<LocationId, String>,
    /// Where they are, as their numbers are read.
    pub countries: HashMap<LocationId, Country>,
}

/// What this till knows while it freezes a change.
pub struct Here<'a> {
    /// The shops.
    pub shops: &'a Shops,
    tx: &'a Transaction<'a>,
    remote_id: RemoteId,
}

impl<'a> Here<'a> {
    /// What is known in that transaction.
    pub const fn new(tx: &'a Transaction<'a>, remote_id: RemoteId, shops: &'a Shops) -> Self {
        Self { shops, tx, remote_id }
    }

    /// What the remote has of a member, row by row.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn rows(&self, member: MemberId) -> Result<Vec<Row>, Problem> {
        part::list_rows(self.tx, self.remote_id, member).map_err(fault)
    }

    /// Whose row that is, where this till knows it.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn owner(&self, key: &[u8]) -> Result<Option<MemberId>, Problem> {
        part::find_owner(self.tx, self.remote_id, key).map_err(fault)
    }

    /// The member as they stand here, with how they stand at a shop.
    ///
    /// # Errors
    /// Faults of the store.
    pub fn member(&self, id: MemberId, location: LocationId) -> Result<KnownMember, Problem> {
        let document = members::find(self.tx, id).map_err(fault)?.map(|stored| stored.document).unwrap_or_default();
        let memberships = members::list_memberships(self.tx, id).map_err(fault)?;
        let here = memberships.into_iter().find(|membership| membership.location_id == location);
        Ok(KnownMember { document, terms: here.map(|membership| membership.terms).unwrap_or_default() })
    }
}

fn fault(error: regulars_store::StoreError) -> Problem {
    crate::trouble::problem(error.code(), error.to_string())
}

/// What this till knows of the remote when it pushes.
#[derive(Clone, Debug)]
pub struct Known {
    /// Now, by this till's clock.
    pub at: Timestamp,
    /// The life of the remote's database, where it tells.
    pub epoch: Option<String>,
    /// The life of this till's file.
    pub incarnation: Incarnation,
    /// The highest number of it that the remote has acknowledged; 0 for none.
    pub acknowledged: i64,
    /// How far the remote told its rows; 0 for not at all.
    pub cursor: i64,
    /// Where a write of credit notes what it found.
    pub guards: Guards,
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
    /// One answer per thing, and the remote's newest version with all of them in it.
    Answer(Vec<Given>, i64),
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
    /// Its newest version, where it counts any.
    pub version: Option<i64>,
    /// What became of each change. One that is missing here is not known.
    pub results: Vec<(ChangeId, Outcome)>,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The remote has it; and how its member stands there now, in each row that the remote has of them.
    Done(Vec<Stands>),
    /// It met a change of somebody else and had no effect: when that one was made, and how its member stands there now.
    Met(Met, Option<Stands>),
    /// Some of its fields name what the remote does not have and cannot be given. Nothing of it was sent.
    HeldBack(Held),
    /// A person must look at it; and how its member stands there now.
    NeedsPerson(Problem, Option<Stands>),
    /// It alone was not answered as asked.
    Failed(Trouble),
    /// Its number was used for another change, so nothing was done: there is another copy of this till's file.
    NumberTaken,
    /// A change of this id is there and says something else; and how its member stands there now.
    KnownOtherwise(Problem, Option<Stands>),
}

/// Where a pull goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullFrom {
    /// The life of the remote's database that the cursor counts in.
    pub epoch: Option<String>,
    /// Rows behind this are known.
    pub cursor: i64,
    /// The highest version that any answer of that life told.
    pub told: i64,
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

/// Where going through all members goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepFrom {
    /// In the connector's own words; `None` at the beginning.
    pub place: Option<String>,
    /// Whether all members are wanted, not only those that changed: where the remote can tell.
    pub wants_all: bool,
    /// The instant, as this till reckons.
    pub at: Timestamp,
}

/// A page of members.
#[derive(Clone, Debug)]
pub struct Swept {
    /// The members, each by itself.
    pub rows: Vec<PulledPart>,
    /// Where it goes on.
    pub next: Next,
    /// How many there are in all, where it says.
    pub total: Option<i64>,
}

/// Where going through all members goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There.
    Place(String),
    /// Nothing more has changed; next time it goes on there.
    CaughtUp(String),
    /// All members were told of; next time it begins there, or at the beginning.
    Complete(Option<String>),
}

/// What asking for one member brought.
#[derive(Clone, Debug)]
pub enum Looked {
    /// How they stand.
    Here(PulledPart),
    /// The remote says that they are not there.
    Gone,
    /// Not there, which need not mean that they are gone.
    CannotTell,
}

/// Whom a cashier looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// As it was typed.
    pub text: String,
    /// The number in the spellings that the remote may have it in, where it is one.
    pub phones: Vec<String>,
    /// The shop's id at the remote.
    pub pos_id: String,
    /// How long to wait.
    pub timeout: Duration,
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
    /// How many members can be seen; `None` where the remote does not say.
    pub members: Option<i64>,
    /// The shops that may be served; `None` for all.
    pub pos_ids: Option<Vec<String>>,
    /// The remote's clock.
    pub clock: Option<Timestamp>,
    /// What the account there may not do: `register`, `change` and `delete` members, `set_discount`, `set_credit`. `None`
    /// where it does not say.
    pub lacks: Option<Vec<&'static str>>,
}
