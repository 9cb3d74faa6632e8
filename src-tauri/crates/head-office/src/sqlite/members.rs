//! Shops, members and where they belong.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{FieldTimes, Locations, Members, Scope, StoredMember};
use regulars_domain::location::Location;
use regulars_domain::{Date, MemberId, Timestamp};
use regulars_protocol::pull::Membership;
use rusqlite::{Row, named_params};

/// The place in the feed of the tills that see all shops. No shop has an empty code.
pub(super) const ALL_LOCATIONS: &str = "";

impl Locations for SqliteRows<'_> {
    fn find_location(&mut self, code: &str) -> Result<Option<Location>, HeadOfficeError> {
        let found: Option<String> =
            self.find("SELECT content FROM locations WHERE code = :code", named_params! { ":code": code }, |row| {
                row.get("content")
            })?;
        Ok(found.map(|content| serde_json::from_str(&content)).transpose()?)
    }

    fn insert_location(&mut self, location: &Location, version: i64) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO locations (code, content, version) VALUES (:code, :content, :version)",
            named_params! {
                ":code": location.code,
                ":content": serde_json::to_string(location)?,
                ":version": version,
            },
        )
        .map(|_| ())
    }

    fn update_location(&mut self, location: &Location, version: i64) -> Result<(), HeadOfficeError> {
        self.execute(
            "UPDATE locations SET content = :content, version = :version WHERE code = :code",
            named_params! {
                ":code": location.code,
                ":content": serde_json::to_string(location)?,
                ":version": version,
            },
        )
        .map(|_| ())
    }

    fn list_locations(&mut self, after: i64) -> Result<Vec<Location>, HeadOfficeError> {
        let found: Vec<String> = self.list(
            "SELECT content FROM locations WHERE version > :after ORDER BY version",
            named_params! { ":after": after },
            |row| row.get("content"),
        )?;
        Ok(found.iter().map(|content| serde_json::from_str(content)).collect::<Result<_, _>>()?)
    }
}

impl Members for SqliteRows<'_> {
    fn find_member(&mut self, id: MemberId) -> Result<Option<StoredMember>, HeadOfficeError> {
        self.find(
            "SELECT document, version, is_deleted, is_erased, merged_into, changed FROM members WHERE id = :id",
            named_params! { ":id": Sql(id) },
            |row| {
                Ok(StoredMember {
                    document: row.get("document")?,
                    version: row.get("version")?,
                    is_deleted: row.get("is_deleted")?,
                    is_erased: row.get("is_erased")?,
                    merged_into: row.get::<_, Option<Sql<_>>>("merged_into")?.map(|id| id.0),
                    changed: row.get::<_, Sql<_>>("changed")?.0,
                })
            },
        )
    }

    fn put_member(&mut self, id: MemberId, member: &StoredMember, at: Timestamp) -> Result<(), HeadOfficeError> {
        // A clock that was set back must not hide a change from those who ask for what is newer than they know.
        self.execute(
            "INSERT INTO members
                 (id, document, version, is_deleted, is_erased, merged_into, changed, created_at, updated_at)
             VALUES (:id, :document, :version, :is_deleted, :is_erased, :merged_into, :changed, :at,
                     max(:at, (SELECT coalesce(max(updated_at), :at) FROM members)))
             ON CONFLICT (id) DO UPDATE
             SET document = excluded.document, version = excluded.version, is_deleted = excluded.is_deleted,
                 is_erased = excluded.is_erased, merged_into = excluded.merged_into, changed = excluded.changed,
                 updated_at = excluded.updated_at",
            named_params! {
                ":id": Sql(id),
                ":document": member.document,
                ":version": member.version,
                ":is_deleted": member.is_deleted,
                ":is_erased": member.is_erased,
                ":merged_into": Sql(member.merged_into),
                ":changed": serde_json::to_string(&member.changed)?,
                ":at": Sql(at),
            },
        )
        .map(|_| ())
    }

    fn find_merged_into(&mut self, id: MemberId) -> Result<Option<MemberId>, HeadOfficeError> {
        let found = self.find(
            "SELECT merged_into FROM members WHERE id = :id AND merged_into IS NOT NULL",
            named_params! { ":id": Sql(id) },
            |row| row.get::<_, Sql<_>>("merged_into"),
        )?;
        Ok(found.map(|id| id.0))
    }

    fn list_aliases(&mut self, id: MemberId) -> Result<Vec<MemberId>, HeadOfficeError> {
        self.list(
            "SELECT id FROM members WHERE merged_into = :id AND merged_into IS NOT NULL ORDER BY id",
            named_params! { ":id": Sql(id) },
            |row| Ok(row.get::<_, Sql<_>>("id")?.0),
        )
    }

    fn list_memberships(&mut self, id: MemberId) -> Result<Vec<Membership>, HeadOfficeError> {
        self.list(
            "SELECT location, member_since, terms FROM memberships WHERE member_id = :member_id ORDER BY location",
            named_params! { ":member_id": Sql(id) },
            membership,
        )
    }

    fn put_membership(
        &mut self,
        id: MemberId,
        membership: &Membership,
        changed: &FieldTimes,
    ) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO memberships (member_id, location, member_since, terms, changed)
             VALUES (:member_id, :location, :member_since, :terms, :changed)
             ON CONFLICT (member_id, location)
             DO UPDATE SET member_since = excluded.member_since, terms = excluded.terms, changed = excluded.changed",
            named_params! {
                ":member_id": Sql(id),
                ":location": membership.location,
                ":member_since": Sql(membership.member_since),
                ":terms": serde_json::to_string(&membership.terms)?,
                ":changed": serde_json::to_string(changed)?,
            },
        )
        .map(|_| ())
    }

    fn terms_changed(&mut self, id: MemberId, location: &str) -> Result<FieldTimes, HeadOfficeError> {
        let found = self.find(
            "SELECT changed FROM memberships WHERE member_id = :member_id AND location = :location",
            named_params! { ":member_id": Sql(id), ":location": location },
            |row| row.get::<_, Sql<FieldTimes>>("changed"),
        )?;
        Ok(found.map(|changed| changed.0).unwrap_or_default())
    }

    fn count_members(&mut self, scope: &Scope) -> Result<i64, HeadOfficeError> {
        match scope {
            Scope::All => self.count_members_of(ALL_LOCATIONS),
            Scope::Locations(codes) if codes.len() == 1 => codes.iter().map(|code| self.count_members_of(code)).sum(),
            Scope::Locations(codes) => self.get(
                "SELECT count(DISTINCT entity_id) FROM feed
                 WHERE location IN (SELECT value FROM json_each(:locations)) AND kind = 'member'
                 AND entity_id NOT IN (SELECT id FROM members WHERE is_deleted = 1)",
                named_params! { ":locations": serde_json::to_string(codes)? },
                |row| row.get(0),
            ),
        }
    }
}

impl SqliteRows<'_> {
    /// In one place nobody comes twice, so nothing has to be sorted.
    fn count_members_of(&self, location: &str) -> Result<i64, HeadOfficeError> {
        self.get(
            "SELECT count(*) FROM feed WHERE location = :location AND kind = 'member'
             AND entity_id NOT IN (SELECT id FROM members WHERE is_deleted = 1)",
            named_params! { ":location": location },
            |row| row.get(0),
        )
    }
}

/// Reads `location`, `member_since` and `terms`.
pub(super) fn membership(row: &Row<'_>) -> rusqlite::Result<Membership> {
    Ok(Membership {
        location: row.get("location")?,
        member_since: row.get::<_, Sql<Date>>("member_since")?.0,
        terms: row.get::<_, Sql<_>>("terms")?.0,
    })
}
