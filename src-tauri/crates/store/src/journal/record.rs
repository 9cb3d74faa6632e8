//! What the journal says: changes as they were queued, what became of them, and how the till is set up. No secrets.

use crate::decisions::Decision;
use crate::locations::StoredLocation;
use crate::outbox::ChangeState;
use crate::remotes::{Problem, Remote};
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::location::Location;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// One thing that a transaction did. A transaction's things are one frame: all of them are there, or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Item {
    /// A change was queued.
    Change(Recorded),
    /// A change goes to this remote from now on.
    Routed { id: ChangeId, remote: Option<RemoteId> },
    /// The bytes of a change were made: it may have been sent since.
    Frozen { id: ChangeId },
    /// A change travels with another from now on.
    Folded { id: ChangeId, into: ChangeId },
    /// A change came to its end.
    Ended { id: ChangeId, state: Ending },
    /// The remote has the member whom a change registered or edited, under these keys of its own, in base64. Without them
    /// one that lists nobody would be asked to register them once more, and to take an old edit for a new one.
    Keyed { id: ChangeId, member: MemberId, keys: Vec<String> },
    /// The transaction that queued these was not committed, and whoever asked for it was told so.
    Withdrawn { ids: Vec<ChangeId> },
    /// A person does not want it.
    Dropped { id: ChangeId },
    /// A change of a member who was erased since. Its number stays taken: what else has it was never committed.
    Erased { id: ChangeId, incarnation: Incarnation, number: i64 },
    /// The key that seals what is known of a member in tables that are never changed.
    MemberKey { member: MemberId, base64: String },
    /// What was decided about a field that was changed on two sides, as it stands now.
    Decided(Box<Decision>),
    /// A member's key was destroyed: nothing of them is to be kept here either.
    Forget { member: MemberId },
    /// What stood here was about a member who was erased.
    Nothing,
    /// A remote as it is set up.
    Remote(RemoteSetUp),
    /// A shop as it is set up.
    Location(LocationSetUp),
    /// A setting.
    Setting { key: String, value: String },
}

/// Whether a frame tells how the till is set up.
pub(super) fn tells_set_up(plain: &[u8]) -> bool {
    let items: Vec<Item> = serde_json::from_slice(plain).unwrap_or_default();
    items.iter().any(|item| matches!(item, Item::Remote(_) | Item::Location(_) | Item::Setting { .. }))
}

/// A change as it was queued for one remote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub id: ChangeId,
    pub incarnation: Incarnation,
    pub number: i64,
    /// Its line in the table, its place among its member's changes, and how often it was made anew.
    pub line: i64,
    pub place: i64,
    pub merges: u32,
    pub remote: Option<RemoteId>,
    /// Why it waits for a person, where it was queued so.
    pub problem: Option<Problem>,
    pub format: u32,
    pub at: Timestamp,
    pub staff: Option<StaffId>,
    /// Read only when it is needed: one that cannot be read must not make the others unreadable.
    pub change: Box<RawValue>,
}

impl Recorded {
    pub(crate) fn read(&self) -> Option<Change> {
        serde_json::from_str(self.change.get()).ok()
    }

    /// Whose it is.
    pub(super) fn member(&self) -> Option<MemberId> {
        self.read()?.member_id()
    }

    /// That it was there, without what it was.
    pub(super) const fn erased(&self) -> Item {
        Item::Erased { id: self.id, incarnation: self.incarnation, number: self.number }
    }

    /// The same about somebody who was erased: money without the words that were typed beside it. `None` for what is
    /// about the person alone.
    pub(super) fn without_words(&self) -> Option<Self> {
        let change = without_words(self.read()?)?;
        let change = serde_json::value::to_raw_value(&change).ok()?;
        Some(Self { change, ..self.clone() })
    }
}

fn without_words(change: Change) -> Option<Change> {
    match change {
        Change::EntryAdded { mut entry } => {
            entry.reason = None;
            Some(Change::EntryAdded { entry })
        }
        Change::VisitAdded { visit, mut entries } => {
            entries.iter_mut().for_each(|entry| entry.reason = None);
            Some(Change::VisitAdded { visit, entries })
        }
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberAdded { .. }
        | Change::MemberEdited { .. }
        | Change::MembershipAdded { .. }
        | Change::MembershipEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::LabelPut { .. } => None,
    }
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    Done,
    Discarded,
    Replaced,
}

impl Ending {
    pub(crate) const fn of(state: ChangeState) -> Option<Self> {
        match state {
            ChangeState::Done => Some(Self::Done),
            ChangeState::Discarded => Some(Self::Discarded),
            ChangeState::Replaced => Some(Self::Replaced),
            ChangeState::Ready
            | ChangeState::InFlight
            | ChangeState::Unknown
            | ChangeState::Parked
            | ChangeState::Folded => None,
        }
    }

    pub(crate) fn state(self) -> &'static str {
        match self {
            Self::Done => ChangeState::Done.name(),
            Self::Discarded => ChangeState::Discarded.name(),
            Self::Replaced => ChangeState::Replaced.name(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RemoteSetUp {
    pub id: RemoteId,
    name: String,
    kind: String,
    url: String,
    settings: Map<String, Value>,
    push_limit: u32,
}

impl RemoteSetUp {
    pub(crate) fn of(remote: Remote) -> Self {
        let Remote { id, name, kind, url, settings, push_limit, .. } = remote;
        Self { id, name, kind, url, settings, push_limit }
    }

    /// The remote as if it had never been asked: everything is pulled anew.
    pub(crate) fn remote(self) -> Remote {
        let Self { id, name, kind, url, settings, push_limit } = self;
        Remote {
            id,
            name,
            kind,
            url,
            settings,
            epoch: None,
            cursor: None,
            is_first_pull_done: false,
            pull_left: None,
            push_limit,
            failures: 0,
            not_before_at: None,
            last_pull_at: None,
            last_exchange_at: None,
            problem: None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LocationSetUp {
    pub id: LocationId,
    location: Location,
    remote: Option<RemoteId>,
    pos_id: String,
    is_ours: bool,
    allowance: Allowance,
}

impl LocationSetUp {
    pub(crate) fn of(stored: StoredLocation) -> Self {
        let StoredLocation { id, location, remote_id, pos_id, is_ours, allowance } = stored;
        Self { id, location, remote: remote_id, pos_id, is_ours, allowance }
    }

    pub(crate) fn stored(self) -> StoredLocation {
        let Self { id, location, remote, pos_id, is_ours, allowance } = self;
        StoredLocation { id, location, remote_id: remote, pos_id, is_ours, allowance }
    }
}

/// A change of the journal that the file does not have, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its id.
    pub id: ChangeId,
    /// When.
    pub at: Timestamp,
    /// What, as `entry_added`.
    pub verb: &'static str,
    /// Whose.
    pub member_id: Option<MemberId>,
    /// What it moves, entry by entry.
    pub amounts: Vec<regulars_domain::Money>,
}
