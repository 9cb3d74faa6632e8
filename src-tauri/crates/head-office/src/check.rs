//! Answering whether a till has what head office has: the sums of a shop, and a part of it whole.
//!
//! Computed at each request, at one moment of the database: a till asks once a day, and a hundred thousand members take
//! well below a second.

use crate::access::Access;
use crate::error::HeadOfficeError;
use crate::feed::{Row, row};
use crate::storage::{PageContent, Rows};
use regulars_protocol::checksums::{BucketSums, ChecksumsResponse};
use serde::Serialize;

/// A `BucketResponse` as it is written: documents, entries and visits are text.
#[derive(Serialize)]
pub(crate) struct Part {
    epoch: String,
    changed: i64,
    version: i64,
    rows: Vec<Row>,
}

/// The sums of a shop.
///
/// # Errors
/// `not_allowed` for a shop that the token may not see; faults of the database.
pub(crate) fn sums(rows: &mut dyn Rows, access: &Access, location: &str) -> Result<ChecksumsResponse, HeadOfficeError> {
    check_scope(access, location)?;
    let (epoch, version) = (rows.epoch()?, rows.newest_version()?);
    let changed = rows.last_told(location)?;
    let buckets = rows.sum_up(location)?.parts().iter().copied().map(BucketSums::from).collect();
    Ok(ChecksumsResponse { epoch, changed, version, buckets })
}

/// One part of a shop.
///
/// # Errors
/// `not_allowed` for a shop that the token may not see; faults of the database.
pub(crate) fn bucket(
    rows: &mut dyn Rows,
    access: &Access,
    location: &str,
    bucket: u8,
) -> Result<Part, HeadOfficeError> {
    check_scope(access, location)?;
    let (epoch, version) = (rows.epoch()?, rows.newest_version()?);
    let changed = rows.last_told(location)?;
    let mut found = rows.rows_of_bucket(location, bucket)?;
    for row in &mut found {
        if let PageContent::Member { memberships, .. } = &mut row.content {
            memberships.retain(|membership| access.scope.allows(&membership.location));
        }
    }
    let rows = found.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(Part { epoch, changed, version, rows })
}

fn check_scope(access: &Access, location: &str) -> Result<(), HeadOfficeError> {
    if access.scope.allows(location) { Ok(()) } else { Err(HeadOfficeError::NotAllowed) }
}
