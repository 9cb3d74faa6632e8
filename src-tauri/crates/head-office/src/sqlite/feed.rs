//! What tills are told: per shop, each row at its newest version. A page is two statements, however many rows it has.

use super::SqliteRows;
use super::members::{ALL_LOCATIONS, membership};
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{Entity, Feed, FeedRow, PageContent, PageRow, Scope};
use regulars_protocol::pull::Membership;
use rusqlite::{Row, named_params};

/// LEFT JOIN keeps the order of the index, so that nothing is sorted and nothing beyond the page is read.
const PAGE: &str = "
    SELECT feed.version AS version, feed.entity_id AS entity_id, feed.kind AS kind,
           members.document AS document, members.is_deleted AS is_deleted, members.is_erased AS is_erased,
           coalesce(ledger_entries.content, visits.content) AS content
    FROM feed
    LEFT JOIN members ON feed.kind = 'member' AND members.id = feed.entity_id
    LEFT JOIN ledger_entries ON feed.kind = 'entry' AND ledger_entries.id = feed.entity_id
    LEFT JOIN visits ON feed.kind = 'visit' AND visits.id = feed.entity_id
    WHERE feed.location = :location AND feed.version > :after
    ORDER BY feed.version LIMIT :limit";

/// CROSS JOIN for the same reason.
const MEMBERSHIPS: &str = "
    SELECT feed.version AS version, memberships.location AS location, memberships.member_since AS member_since,
           memberships.terms AS terms
    FROM feed CROSS JOIN memberships
    WHERE feed.location = :location AND feed.version > :after AND feed.version <= :last
    AND feed.kind = 'member' AND memberships.member_id = feed.entity_id
    ORDER BY feed.version";

const COUNT: &str = "
    SELECT (SELECT coalesce(sum(rows), 0) FROM feed_counts
            WHERE location = :location AND thousand > :after / 1000)
         + (SELECT count(*) FROM feed
            WHERE location = :location AND version > :after AND version < (:after / 1000 + 1) * 1000)";

impl Feed for SqliteRows<'_> {
    fn publish(&mut self, locations: &[String], row: FeedRow) -> Result<(), HeadOfficeError> {
        let (kind, id) = match row.entity {
            Entity::Member(id) => ("member", id.uuid()),
            Entity::Entry(id) => ("entry", id.uuid()),
            Entity::Visit(id) => ("visit", id.uuid()),
        };
        for location in locations.iter().map(String::as_str).chain([ALL_LOCATIONS]) {
            self.execute(
                "INSERT INTO feed (location, version, kind, entity_id) VALUES (:location, :version, :kind, :entity_id)
                 ON CONFLICT (location, kind, entity_id) DO UPDATE SET version = excluded.version",
                named_params! { ":location": location, ":version": row.version, ":kind": kind, ":entity_id": id },
            )?;
        }
        Ok(())
    }

    fn page(&mut self, scope: &Scope, after: i64, limit: usize) -> Result<Vec<PageRow>, HeadOfficeError> {
        match scope {
            Scope::All => self.page_of(ALL_LOCATIONS, after, limit),
            Scope::Locations(codes) => {
                // A row of several of these shops has the same version in each: it stays once.
                let mut rows = Vec::new();
                for code in codes {
                    rows.extend(self.page_of(code, after, limit)?);
                }
                rows.sort_by_key(|row| row.version);
                rows.dedup_by_key(|row| row.version);
                rows.truncate(limit);
                for row in &mut rows {
                    hide_other_shops(row, scope);
                }
                Ok(rows)
            }
        }
    }

    fn count_feed(&mut self, scope: &Scope, after: i64) -> Result<i64, HeadOfficeError> {
        let count = |location: &str| {
            self.get(COUNT, named_params! { ":location": location, ":after": after }, |row| row.get::<_, i64>(0))
        };
        match scope {
            Scope::All => count(ALL_LOCATIONS),
            Scope::Locations(codes) => codes.iter().map(|code| count(code)).sum(),
        }
    }
}

impl SqliteRows<'_> {
    fn page_of(&self, location: &str, after: i64, limit: usize) -> Result<Vec<PageRow>, HeadOfficeError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = named_params! { ":location": location, ":after": after, ":limit": limit };
        let mut rows = self.list(PAGE, params, page_row)?;
        let last = rows.last().map_or(after, |row| row.version);
        let belongings: Vec<(i64, Membership)> =
            self.list(MEMBERSHIPS, named_params! { ":location": location, ":after": after, ":last": last }, |row| {
                Ok((row.get("version")?, membership(row)?))
            })?;
        let mut belongings = belongings.into_iter().peekable();
        for row in &mut rows {
            if let PageContent::Member { memberships, .. } = &mut row.content {
                while let Some((_, membership)) = belongings.next_if(|(version, _)| *version == row.version) {
                    memberships.push(membership);
                }
            }
        }
        Ok(rows)
    }
}

pub(super) fn page_row(row: &Row<'_>) -> rusqlite::Result<PageRow> {
    let content = match row.get_ref("kind")?.as_str()? {
        "entry" => PageContent::Entry { content: row.get("content")? },
        "visit" => PageContent::Visit { content: row.get("content")? },
        _ => PageContent::Member {
            id: row.get::<_, Sql<_>>("entity_id")?.0,
            document: row.get("document")?,
            is_deleted: row.get("is_deleted")?,
            is_erased: row.get("is_erased")?,
            memberships: Vec::new(),
        },
    };
    Ok(PageRow { version: row.get("version")?, content })
}

fn hide_other_shops(row: &mut PageRow, scope: &Scope) {
    match &mut row.content {
        PageContent::Member { memberships, .. } => memberships.retain(|membership| scope.allows(&membership.location)),
        PageContent::Entry { .. } | PageContent::Visit { .. } => {}
    }
}
