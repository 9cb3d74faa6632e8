//! `POST /v1/give-back`: what a till still has and head office lost, after an older copy of its database was put back.
//!
//! Things are named by their own ids, so the same again has no further effect, from whichever till. A member is given
//! back as they stood at the version that the till last saw; what was changed since then stays.

use crate::error::ErrorBody;
use crate::pull::{MemberItem, Membership};
use crate::push::{Entry, VisitItem};
use regulars_domain::edit::Document;
use regulars_domain::label::Label;
use regulars_domain::location::Location;
use regulars_domain::{MemberId, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most things in one request.
pub const MAX_THINGS: usize = 250;

/// What a till gives back. Taken in this order: what comes later may need what comes before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveBackRequest {
    /// The till.
    pub till_id: TillId,
    /// The life of head office's database that lacks them. In another nothing is taken (410, `epoch_changed`).
    pub epoch: String,
    /// The things.
    pub things: Vec<Thing>,
}

/// Something that head office had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Thing {
    /// A shop.
    Location(Location),
    /// A label.
    Label(Label),
    /// A member, or their tombstone.
    Member(GivenMember),
    /// A visit. Its entries are given back by themselves.
    Visit(VisitItem),
    /// A line of the ledger, whoever booked it.
    Entry(Entry),
}

/// A member as a till last saw them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GivenMember {
    /// Their id.
    pub id: MemberId,
    /// The version that the till saw.
    pub version: i64,
    /// What was known of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Document,
    /// Where they belonged.
    pub memberships: Vec<Membership>,
    /// Whether they were deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
    /// Whether they were erased: then nothing is known of them, and they belonged where they have credit or visits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_erased: bool,
}

/// What became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveBackResponse {
    /// The life of head office's database.
    pub epoch: String,
    /// Head office's clock.
    pub at: Timestamp,
    /// Head office's newest version, with all of this in it.
    #[serde(default)]
    pub version: i64,
    /// One per thing, in the same order.
    pub results: Vec<GivenBack>,
}

/// What became of one thing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GivenBack {
    /// Why head office does not take it, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ErrorBody>,
    /// The member as they stand now, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberItem>,
}
