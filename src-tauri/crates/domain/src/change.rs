//! A change: what one action of a cashier tells the remote. Queued with the action, sent once, in order of need.

use crate::edit::{Document, Edit};
use crate::ids::{LocationId, MemberId};
use crate::ledger::LedgerEntry;
use crate::location::Location;
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// What was changed on this till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Change {
    /// A shop was set up here.
    LocationAdded {
        /// Its id on this till.
        location_id: LocationId,
        /// What it is.
        location: Location,
    },
    /// A member was registered in a shop.
    MemberAdded {
        /// The member.
        member_id: MemberId,
        /// What is known of them.
        document: Document,
        /// The shop that they joined.
        location_id: LocationId,
        /// Since when.
        member_since: Date,
    },
    /// A member was edited.
    MemberEdited {
        /// The member.
        member_id: MemberId,
        /// What changed.
        edit: Edit,
    },
    /// A known member was taken in at another shop.
    MembershipAdded {
        /// The member.
        member_id: MemberId,
        /// The shop that they joined.
        location_id: LocationId,
        /// Since when.
        member_since: Date,
    },
    /// Money moved.
    EntryAdded {
        /// The entry.
        entry: Box<LedgerEntry>,
    },
}

impl Change {
    /// The verb in JSON and SQL.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::LocationAdded { .. } => "location_added",
            Self::MemberAdded { .. } => "member_added",
            Self::MemberEdited { .. } => "member_edited",
            Self::MembershipAdded { .. } => "membership_added",
            Self::EntryAdded { .. } => "entry_added",
        }
    }

    /// Whose change it is: changes of different members never wait for each other.
    pub fn member_id(&self) -> Option<MemberId> {
        match self {
            Self::LocationAdded { .. } => None,
            Self::MemberAdded { member_id, .. }
            | Self::MemberEdited { member_id, .. }
            | Self::MembershipAdded { member_id, .. } => Some(*member_id),
            Self::EntryAdded { entry } => Some(entry.member_id),
        }
    }

    /// The shop that it happened in, where it belongs to one.
    pub fn location_id(&self) -> Option<LocationId> {
        match self {
            Self::LocationAdded { location_id, .. }
            | Self::MemberAdded { location_id, .. }
            | Self::MembershipAdded { location_id, .. } => Some(*location_id),
            Self::EntryAdded { entry } => Some(entry.location_id),
            Self::MemberEdited { .. } => None,
        }
    }

    /// Whether money moved: such a change is never given up and never merged with another.
    pub const fn is_money(&self) -> bool {
        match self {
            Self::EntryAdded { .. } => true,
            Self::LocationAdded { .. }
            | Self::MemberAdded { .. }
            | Self::MemberEdited { .. }
            | Self::MembershipAdded { .. } => false,
        }
    }
}
