//! A change: what one action of a cashier tells the remote. Queued with the action, sent once, in order of need.

use crate::edit::{Document, Edit};
use crate::ids::{LocationId, MemberId};
use crate::label::Label;
use crate::ledger::LedgerEntry;
use crate::location::Location;
use crate::sale::Visit;
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
    /// What a shop is was edited here.
    LocationEdited {
        /// The shop.
        location_id: LocationId,
        /// What changed, as [`Location::edit_to`] has it.
        edit: Edit,
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
        /// What holds for them there.
        #[serde(default, skip_serializing_if = "Document::is_empty")]
        terms: Document,
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
        /// What holds for them there.
        #[serde(default, skip_serializing_if = "Document::is_empty")]
        terms: Document,
    },
    /// What holds for a member at a shop was edited.
    MembershipEdited {
        /// The member.
        member_id: MemberId,
        /// The shop.
        location_id: LocationId,
        /// What changed.
        edit: Edit,
    },
    /// A member was deleted.
    MemberRemoved {
        /// The member.
        member_id: MemberId,
        /// Why.
        reason: String,
        /// The remote's version of them that stood here: what changed after it was not seen. Filled in per remote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen_version: Option<i64>,
    },
    /// Everything about a person was erased, for good: sums stay.
    MemberErased {
        /// The member.
        member_id: MemberId,
        /// Why.
        reason: String,
    },
    /// Money moved.
    EntryAdded {
        /// The entry.
        entry: Box<LedgerEntry>,
    },
    /// A member was at the counter: they paid, gave something back, or it was undone.
    VisitAdded {
        /// What happened.
        visit: Box<Visit>,
        /// What it did to their credit.
        entries: Vec<LedgerEntry>,
    },
    /// A label was put into the catalogue, or changed there.
    LabelPut {
        /// The shop where it was done.
        location_id: LocationId,
        /// The label.
        label: Label,
    },
}

impl Change {
    /// The verb in JSON and SQL.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::LocationAdded { .. } => "location_added",
            Self::LocationEdited { .. } => "location_edited",
            Self::MemberAdded { .. } => "member_added",
            Self::MemberEdited { .. } => "member_edited",
            Self::MembershipAdded { .. } => "membership_added",
            Self::MembershipEdited { .. } => "membership_edited",
            Self::MemberRemoved { .. } => "member_removed",
            Self::MemberErased { .. } => "member_erased",
            Self::EntryAdded { .. } => "entry_added",
            Self::VisitAdded { .. } => "visit_added",
            Self::LabelPut { .. } => "label_put",
        }
    }

    /// Whose change it is: changes of different members never wait for each other.
    pub fn member_id(&self) -> Option<MemberId> {
        match self {
            Self::LocationAdded { .. } | Self::LocationEdited { .. } | Self::LabelPut { .. } => None,
            Self::MemberAdded { member_id, .. }
            | Self::MemberEdited { member_id, .. }
            | Self::MembershipAdded { member_id, .. }
            | Self::MembershipEdited { member_id, .. }
            | Self::MemberRemoved { member_id, .. }
            | Self::MemberErased { member_id, .. } => Some(*member_id),
            Self::EntryAdded { entry } => Some(entry.member_id),
            Self::VisitAdded { visit, .. } => Some(visit.member_id),
        }
    }

    /// The shop that it happened in, where it belongs to one.
    pub fn location_id(&self) -> Option<LocationId> {
        match self {
            Self::LocationAdded { location_id, .. }
            | Self::LocationEdited { location_id, .. }
            | Self::MemberAdded { location_id, .. }
            | Self::MembershipAdded { location_id, .. }
            | Self::MembershipEdited { location_id, .. }
            | Self::LabelPut { location_id, .. } => Some(*location_id),
            Self::EntryAdded { entry } => Some(entry.location_id),
            Self::VisitAdded { visit, .. } => Some(visit.location_id),
            Self::MemberEdited { .. } | Self::MemberRemoved { .. } | Self::MemberErased { .. } => None,
        }
    }

    /// Whether money moved: such a change is never given up and never merged with another.
    pub const fn is_money(&self) -> bool {
        match self {
            Self::EntryAdded { .. } | Self::VisitAdded { .. } => true,
            Self::LocationAdded { .. }
            | Self::LocationEdited { .. }
            | Self::MemberAdded { .. }
            | Self::MemberEdited { .. }
            | Self::MembershipAdded { .. }
            | Self::MembershipEdited { .. }
            | Self::MemberRemoved { .. }
            | Self::MemberErased { .. }
            | Self::LabelPut { .. } => false,
        }
    }

    /// The entries that it brings.
    pub fn entries(&self) -> &[LedgerEntry] {
        match self {
            Self::EntryAdded { entry } => std::slice::from_ref(entry),
            Self::VisitAdded { entries, .. } => entries,
            Self::LocationAdded { .. }
            | Self::LocationEdited { .. }
            | Self::MemberAdded { .. }
            | Self::MemberEdited { .. }
            | Self::MembershipAdded { .. }
            | Self::MembershipEdited { .. }
            | Self::MemberRemoved { .. }
            | Self::MemberErased { .. }
            | Self::LabelPut { .. } => &[],
        }
    }
}
