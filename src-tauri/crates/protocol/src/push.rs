//! `POST /v1/push`: a till tells its changes, in order of their numbers.
//!
//! Each change is taken by itself and its number is noted together with its effect, also when it is rejected. The
//! same change again, under the same id, has no further effect and gets the answer of the first time; its number and
//! incarnation may be others by then. A number that was used for another change is refused without being noted
//! (`number_reused`): the till's file was restored or copied, and the till numbers anew.

use crate::error::ErrorBody;
use crate::pull::MemberItem;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::label::Label;
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::sale::Visit;
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Date, EntryId, Incarnation, MemberId, Money, StaffId, TillId, Timestamp,
    VisitId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most changes in one request.
pub const MAX_CHANGES: usize = 250;
/// Most bytes of one request.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A batch of changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushRequest {
    /// The till that made them.
    pub till_id: TillId,
    /// Its name, for people at head office.
    pub till_name: String,
    /// The till's clock when it sends: how old a change is is told by the clock that it was made by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What the till knows of head office. Where that is not so any more nothing is taken (410, `epoch_changed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

/// What a till knows of head office when it pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Known {
    /// The life of head office's database that it is in step with.
    pub epoch: String,
    /// The life of the till's file now.
    pub incarnation: Incarnation,
    /// The highest number of that life that head office has acknowledged; 0 for none.
    pub acknowledged: i64,
    /// The highest version that the till was told; 0 for none.
    #[serde(default)]
    pub cursor: i64,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// Its id, made by the till.
    pub id: ChangeId,
    /// The life of the till's file that it was made in.
    pub incarnation: Incarnation,
    /// Its number in that life: no two changes have the same.
    pub number: i64,
    /// The till's clock when it was made.
    pub made_at: Timestamp,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
    /// What was done.
    pub body: ChangeBody,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChangeBody {
    /// A shop was set up. One of that code that is there already stays as it is.
    LocationAdded {
        /// The shop.
        location: Location,
    },
    /// What a shop is was edited. A field that is not what the editor saw stays as it is here; either way the tills are
    /// told of the shop anew.
    LocationEdited {
        /// The shop's code.
        location: String,
        /// Per field, the value before and after: `name`, `time_zone`, and `issuer`, which stays once credit was booked.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        edit: Edit,
    },
    /// A member was registered in a shop.
    MemberAdded {
        /// Their id, made by the till.
        member_id: MemberId,
        /// What is known of them.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        document: Document,
        /// The shop's code.
        location: String,
        /// Since when.
        member_since: Date,
        /// What holds for them there.
        #[serde(default, skip_serializing_if = "Document::is_empty")]
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        terms: Document,
    },
    /// A member was edited.
    MemberEdited {
        /// The member.
        member_id: MemberId,
        /// Per field, the value before and after.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        edit: Edit,
    },
    /// A member was taken in at another shop.
    MembershipAdded {
        /// The member.
        member_id: MemberId,
        /// The shop's code.
        location: String,
        /// Since when.
        member_since: Date,
        /// What holds for them there.
        #[serde(default, skip_serializing_if = "Document::is_empty")]
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        terms: Document,
    },
    /// What holds for a member at a shop was edited.
    MembershipEdited {
        /// The member.
        member_id: MemberId,
        /// The shop's code.
        location: String,
        /// Per field, the value before and after.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        edit: Edit,
    },
    /// A member was deleted. Where somebody else changed them since the version that the till saw, the change wins:
    /// the answer is a conflict without fields, and the member stays.
    MemberRemoved {
        /// The member.
        member_id: MemberId,
        /// Why.
        reason: String,
        /// The version that the till saw, where it saw one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen_version: Option<i64>,
    },
    /// Everything about a person is erased, for good, once nothing is owed to them or by them. Sums stay.
    MemberErased {
        /// The member.
        member_id: MemberId,
        /// Why.
        reason: String,
    },
    /// Money moved.
    EntryAdded {
        /// The entry.
        entry: Entry,
    },
    /// A member was at the counter: they paid, gave something back, or it was undone. All of it or nothing.
    VisitAdded {
        /// What happened.
        visit: VisitItem,
        /// What it did to their credit.
        entries: Vec<Entry>,
    },
    /// A label was put into the catalogue, or changed there.
    LabelPut {
        /// The label.
        label: Label,
    },
}

/// A visit, and the shop where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitItem {
    /// The shop's code.
    pub location: String,
    /// The visit. Its `location_id` is the till's own and means nothing here.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub visit: Visit,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// Made by the till that booked it.
    pub id: EntryId,
    /// The account.
    pub account_id: AccountId,
    /// Whose it is.
    pub member_id: MemberId,
    /// The legal entity that owes the credit.
    pub issuer: String,
    /// What it does.
    pub kind: EntryKind,
    /// Which lots it adds to or takes from.
    pub lot_class: LotClass,
    /// Signed: what the account gains.
    pub amount: Money,
    /// The shop's code.
    pub location: String,
    /// The till that booked it.
    pub till_id: TillId,
    /// Who booked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
    /// The shop's day.
    pub business_date: Date,
    /// The till's clock.
    pub at: Timestamp,
    /// The receipt that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// How money changed hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tender: Option<Tender>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The entry that this one undoes or gives back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_entry_id: Option<EntryId>,
    /// The visit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// The last day on which the lot can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// Who booked it.
    pub source: EntrySource,
    /// The hold that this redemption captures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation_id: Option<AuthorisationId>,
}

/// What became of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushResponse {
    /// One life of head office's database.
    pub epoch: String,
    /// One per change, in the same order.
    pub results: Vec<ChangeResult>,
    /// The highest number of the last change's incarnation that head office has noted.
    pub applied_number: i64,
    /// Head office's newest version, with all of this in it.
    #[serde(default)]
    pub version: i64,
    /// Head office's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What became of one change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeResult {
    /// The change.
    pub id: ChangeId,
    /// Its number.
    pub number: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The member as they stand now, where the change is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberItem>,
    /// For a conflict: the fields that were changed on both sides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// For a conflict: how long ago head office's side of it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
    /// For a rejection: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ErrorBody>,
}

/// When the fields of a conflict were changed at head office. Only the difference to `now` means anything to a till: its
/// own clock may say something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// Head office's clock.
    pub now: Timestamp,
    /// Per field of `fields`, when it was last changed by that clock.
    pub changed_at: BTreeMap<String, Timestamp>,
}

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// It had its effect now.
    Applied,
    /// It had its effect before.
    Duplicate,
    /// Somebody else changed the same fields, or changed a member that was to be deleted. It had no effect.
    Conflict,
    /// It cannot be taken, now or later. It had no effect.
    Rejected,
}
