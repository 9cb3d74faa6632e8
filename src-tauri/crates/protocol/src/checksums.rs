//! `GET /v1/checksums` and `GET /v1/bucket`: whether a till has of a shop what head office has, and the part that differs.
//!
//! What is counted of a shop: its members who are not deleted, with what holds for them there; the entries and visits that
//! were booked there; and those of its members that were booked elsewhere. The sums are those of
//! `regulars_domain::checksum`.

use crate::pull::PullRow;
use regulars_domain::checksum::{Bucket, Buckets};
use serde::{Deserialize, Serialize};

/// Which shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ChecksumsRequest {
    /// The shop's code.
    pub location: String,
}

/// Which part of which shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct BucketRequest {
    /// The shop's code.
    pub location: String,
    /// The part, from 0 on.
    pub bucket: u8,
}

/// The sums of a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChecksumsResponse {
    /// One life of head office's database.
    pub epoch: String,
    /// The sums are those of a till whose cursor is here or behind: nothing of the shop changed later than this.
    pub changed: i64,
    /// And not beyond this, the newest version of all.
    pub version: i64,
    /// The 256 parts.
    pub buckets: Vec<BucketSums>,
}

/// The sums of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BucketSums {
    /// How many members.
    pub members: i64,
    /// The sum of their hashes, modulo 2^64.
    pub member_sum: u64,
    /// How many entries and visits.
    pub facts: i64,
    /// The sum of their hashes, modulo 2^64.
    pub fact_sum: u64,
    /// The sum of the entries, in minor units.
    pub credit_minor: i64,
}

/// All of one part: its members, deleted ones too, as rows of a pull are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BucketResponse {
    /// One life of head office's database.
    pub epoch: String,
    /// As in the sums.
    pub changed: i64,
    /// As in the sums.
    pub version: i64,
    /// The rows.
    pub rows: Vec<PullRow>,
}

impl From<Bucket> for BucketSums {
    fn from(Bucket { members, member_sum, facts, fact_sum, credit_minor }: Bucket) -> Self {
        Self { members, member_sum, facts, fact_sum, credit_minor }
    }
}

impl From<BucketSums> for Bucket {
    fn from(BucketSums { members, member_sum, facts, fact_sum, credit_minor }: BucketSums) -> Self {
        Self { members, member_sum, facts, fact_sum, credit_minor }
    }
}

impl ChecksumsResponse {
    /// The sums; `None` where there are not 256 parts.
    pub fn sums(&self) -> Option<Buckets> {
        Buckets::of(self.buckets.iter().copied().map(Bucket::from).collect())
    }
}
