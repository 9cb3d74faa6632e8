//! Sums over what the tills of a shop were told, and the rows of one part. The part of a member is a hash of their id,
//! which SQL does not know: ids are read, and rows of other parts passed over.

use super::SqliteRows;
use super::feed::page_row;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{Checks, Members, PageContent, PageRow};
use regulars_domain::checksum::{Buckets, Standing, bucket_of};
use regulars_domain::{Date, EntryId, MemberId, VisitId};
use rusqlite::named_params;
use rusqlite::types::ValueRef;
use uuid::Uuid;

const LAST: &str = "SELECT coalesce(max(version), 0) FROM feed WHERE location = :location";

const MEMBERS: &str = "
    SELECT members.id, members.version, members.document, memberships.member_since, memberships.terms
    FROM feed
    CROSS JOIN members ON members.id = feed.entity_id
    CROSS JOIN memberships ON memberships.member_id = feed.entity_id AND memberships.location = :location
    WHERE feed.location = :location AND feed.kind = 'member' AND members.is_deleted = 0";

/// What was booked elsewhere counts for members only: a till that never had somebody who is deleted knows nothing of it.
const ENTRIES: &str = "
    SELECT ledger_entries.member_id, ledger_entries.id, ledger_entries.amount_minor
    FROM feed
    CROSS JOIN ledger_entries ON ledger_entries.id = feed.entity_id
    WHERE feed.location = :location AND feed.kind = 'entry'
      AND (ledger_entries.location = :location
           OR (SELECT is_deleted FROM members WHERE members.id = ledger_entries.member_id) = 0)";

const VISITS: &str = "
    SELECT visits.member_id, visits.id
    FROM feed
    CROSS JOIN visits ON visits.id = feed.entity_id
    WHERE feed.location = :location AND feed.kind = 'visit'
      AND (visits.location = :location
           OR (SELECT is_deleted FROM members WHERE members.id = visits.member_id) = 0)";

/// Whose each row is, by kind; then the rows of one part are read one by one.
const TOLD: &str = "
    SELECT feed.kind AS kind, feed.entity_id AS entity_id,
           coalesce(ledger_entries.member_id, visits.member_id, feed.entity_id) AS member_id
    FROM feed
    LEFT JOIN ledger_entries ON feed.kind = 'entry' AND ledger_entries.id = feed.entity_id
    LEFT JOIN visits ON feed.kind = 'visit' AND visits.id = feed.entity_id
    WHERE feed.location = :location
    ORDER BY feed.version";

const ROW: &str = "
    SELECT feed.version AS version, feed.entity_id AS entity_id, feed.kind AS kind,
           members.document AS document, members.is_deleted AS is_deleted, members.is_erased AS is_erased,
           coalesce(ledger_entries.content, visits.content) AS content
    FROM feed
    LEFT JOIN members ON feed.kind = 'member' AND members.id = feed.entity_id
    LEFT JOIN ledger_entries ON feed.kind = 'entry' AND ledger_entries.id = feed.entity_id
    LEFT JOIN visits ON feed.kind = 'visit' AND visits.id = feed.entity_id
    WHERE feed.location = :location AND feed.kind = :kind AND feed.entity_id = :entity_id";

impl Checks for SqliteRows<'_> {
    fn last_told(&mut self, location: &str) -> Result<i64, HeadOfficeError> {
        self.get(LAST, named_params! { ":location": location }, |row| row.get(0))
    }

    fn sum_up(&mut self, location: &str) -> Result<Buckets, HeadOfficeError> {
        let mut sums = Buckets::default();
        let mut members = self.connection.prepare_cached(MEMBERS)?;
        let mut rows = members.query(named_params! { ":location": location })?;
        while let Some(row) = rows.next()? {
            sums.add_member(Standing {
                id: row.get::<_, Sql<MemberId>>(0)?.0,
                version: row.get(1)?,
                document: text(row.get_ref(2)?)?,
                member_since: row.get::<_, Sql<Date>>(3)?.0,
                terms: text(row.get_ref(4)?)?,
            });
        }
        let mut entries = self.connection.prepare_cached(ENTRIES)?;
        let mut rows = entries.query(named_params! { ":location": location })?;
        while let Some(row) = rows.next()? {
            let (member, id) = (row.get::<_, Sql<MemberId>>(0)?.0, row.get::<_, Sql<EntryId>>(1)?.0);
            sums.add_entry(member, id, row.get(2)?);
        }
        let mut visits = self.connection.prepare_cached(VISITS)?;
        let mut rows = visits.query(named_params! { ":location": location })?;
        while let Some(row) = rows.next()? {
            sums.add_visit(row.get::<_, Sql<MemberId>>(0)?.0, row.get::<_, Sql<VisitId>>(1)?.0);
        }
        Ok(sums)
    }

    fn rows_of_bucket(&mut self, location: &str, bucket: u8) -> Result<Vec<PageRow>, HeadOfficeError> {
        let mut told = self.connection.prepare_cached(TOLD)?;
        let mut rows = told.query(named_params! { ":location": location })?;
        let mut wanted: Vec<(String, Uuid)> = Vec::new();
        while let Some(row) = rows.next()? {
            if bucket_of(row.get::<_, Sql<MemberId>>("member_id")?.0) == bucket {
                wanted.push((row.get("kind")?, row.get("entity_id")?));
            }
        }
        let mut found = Vec::with_capacity(wanted.len());
        for (kind, id) in wanted {
            let params = named_params! { ":location": location, ":kind": kind, ":entity_id": id };
            let mut row = self.get(ROW, params, page_row)?;
            if let PageContent::Member { id, memberships, .. } = &mut row.content {
                *memberships = self.list_memberships(*id)?;
            }
            found.push(row);
        }
        Ok(found)
    }
}

fn text(value: ValueRef<'_>) -> Result<&str, HeadOfficeError> {
    Ok(value.as_str().map_err(rusqlite::Error::from)?)
}
