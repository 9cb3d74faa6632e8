//! `GET /v1/pull`: a till asks for what changed, in the order in which head office committed it.
//!
//! A row that changed again has moved to its newest version, so every row comes once, and an entry can come before its
//! member where the member was edited later. Versions count within an epoch; a till that names another epoch, a version
//! that was not given out yet, or one that head office no longer keeps tombstones for, is told so (410, `epoch_changed`
//! or `cursor_too_old`) and begins anew.

use crate::push::{Entry, VisitItem};
use regulars_domain::edit::Document;
use regulars_domain::label::Label;
use regulars_domain::location::Location;
use regulars_domain::{Date, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Most rows in one page.
pub const MAX_ROWS: u32 = 1_000;

/// What is asked for, as query parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct PullRequest {
    /// The epoch that `after` counts in. Absent until the first pull has come to its end (`left` is 0): such a cursor
    /// is never too old. The epoch of each page must then be that of the first, or the pull begins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// Rows of later versions are asked for.
    pub after: i64,
    /// The highest version that any answer of this epoch told the till; 0 for none. It may be ahead of `after`.
    #[serde(default)]
    pub told: i64,
    /// At most so many; no more than 1,000.
    pub limit: u32,
}

/// A page of rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PullResponse {
    /// One life of head office's database.
    pub epoch: String,
    /// Head office's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The shops that changed, to be known before the rows.
    pub locations: Vec<Location>,
    /// The labels that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// The rows, in order of version.
    pub rows: Vec<PullRow>,
    /// To be named as `after` next time.
    pub next: i64,
    /// How many rows are still to come, at most: a member of two of a token's shops may count twice. 0 says that there
    /// are none.
    pub left: i64,
}

/// One row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PullRow {
    /// A member as they stand now.
    Member(MemberItem),
    /// A line of the ledger.
    Entry(EntryItem),
    /// A visit.
    Visit(VisitRow),
}

/// A member as they stand at head office.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberItem {
    /// Their id.
    pub id: MemberId,
    /// When this state was committed.
    pub version: i64,
    /// What is known of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Box<RawValue>,
    /// The shops that they belong to, as far as the token may see.
    pub memberships: Vec<Membership>,
    /// A tombstone: the member is gone, and the document is empty.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
    /// A tombstone of a person who was erased: nothing of them is to be kept anywhere, and nothing brings them back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_erased: bool,
}

/// A member at a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// The shop's code.
    pub location: String,
    /// Since when.
    pub member_since: Date,
    /// What holds for them there.
    #[serde(default, skip_serializing_if = "Document::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub terms: Document,
}

/// A line of the ledger at head office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryItem {
    /// When it was committed.
    pub version: i64,
    /// The entry.
    pub entry: Entry,
}

/// A visit at head office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitRow {
    /// When it was committed.
    pub version: i64,
    /// The visit.
    pub visit: VisitItem,
}
