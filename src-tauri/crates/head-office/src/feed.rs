//! Answering a pull: the rows that changed, in order of commit, as far as the token may see.
//!
//! Documents, entries and visits are sent as the text that was stored; nothing of them is read here.

use crate::access::Access;
use crate::error::HeadOfficeError;
use crate::storage::{PageContent, PageRow, Rows};
use regulars_domain::Timestamp;
use regulars_domain::label::Label;
use regulars_domain::location::Location;
use regulars_protocol::pull::{MAX_ROWS, MemberItem, PullRequest};
use serde::Serialize;
use serde_json::value::RawValue;

/// A `PullResponse` as it is written: entries and visits are text.
#[derive(Serialize)]
pub(crate) struct Page {
    epoch: String,
    at: Timestamp,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<Label>,
    pub(crate) rows: Vec<Row>,
    next: i64,
    left: i64,
}

/// A `PullRow` as it is written.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Row {
    Member(MemberItem),
    Entry(RawEntry),
    Visit(RawVisit),
}

/// An `EntryItem` as it is written.
#[derive(Serialize)]
pub(crate) struct RawEntry {
    version: i64,
    entry: Box<RawValue>,
}

/// A `VisitRow` as it is written.
#[derive(Serialize)]
pub(crate) struct RawVisit {
    version: i64,
    visit: Box<RawValue>,
}

/// Answers one page. Must run at one moment of the database.
///
/// # Errors
/// `epoch_changed`, `cursor_too_old`; [`HeadOfficeError::LessIsKnown`] where a new life has to begin; faults of the database.
pub(crate) fn page(
    rows: &mut dyn Rows,
    access: &Access,
    request: &PullRequest,
    at: Timestamp,
) -> Result<Page, HeadOfficeError> {
    let (epoch, newest) = (rows.epoch()?, rows.newest_version()?);
    let is_of_this_life = request.epoch.as_ref() == Some(&epoch);
    if rows.is_unknown(request.after)? || (is_of_this_life && rows.is_unknown(request.told)?) {
        // Somebody put an older copy of the file back without saying so: what the till saw since is not in it.
        return Err(if is_of_this_life { HeadOfficeError::LessIsKnown } else { HeadOfficeError::EpochChanged });
    }
    if let Some(named) = &request.epoch {
        if *named != epoch {
            return Err(HeadOfficeError::EpochChanged);
        }
        // A till that still pulls for the first time names no epoch, and can miss no tombstone.
        if request.after < rows.oldest_tombstone()? {
            return Err(HeadOfficeError::CursorTooOld);
        }
    }
    let limit = request.limit.clamp(1, MAX_ROWS) as usize;
    let found = rows.page(&access.scope, request.after, limit)?;
    let last = found.last().map_or(request.after, |row| row.version);
    let left = if found.len() < limit { 0 } else { rows.count_feed(&access.scope, last)? };
    // With nothing left the cursor moves to now, past what other shops did: a quiet shop's does not grow old.
    let next = if left == 0 { newest } else { last };
    let mut locations = rows.list_locations(request.after)?;
    locations.retain(|location| access.scope.allows(&location.code));
    let labels = rows.list_labels(request.after)?;
    let rows = found.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(Page { epoch, at, locations, labels, rows, next, left })
}

pub(crate) fn row(PageRow { version, content }: PageRow) -> Result<Row, HeadOfficeError> {
    Ok(match content {
        PageContent::Member { id, document, is_deleted, is_erased, memberships } => {
            let document = RawValue::from_string(document)?;
            Row::Member(MemberItem { id, version, document, memberships, is_deleted, is_erased })
        }
        PageContent::Entry { content } => Row::Entry(RawEntry { version, entry: RawValue::from_string(content)? }),
        PageContent::Visit { content } => Row::Visit(RawVisit { version, visit: RawValue::from_string(content)? }),
    })
}
