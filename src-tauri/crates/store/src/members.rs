//! The working rows of members and the phone index per shop.

use crate::error::StoreError;
use crate::locations::{self, StoredLocation};
use crate::remotes;
use crate::sql::{JsonDocument, Sql};
use regulars_domain::edit::Document;
use regulars_domain::phone::{self, Country, PhoneQuery};
use regulars_domain::{Date, LocationId, MemberId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// A member as the counter sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMember {
    /// Their id.
    pub id: MemberId,
    /// What is known of them.
    pub document: Document,
    /// Set where the remote took them away.
    pub deleted_at: Option<Timestamp>,
}

/// A shop that a member belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The shop.
    pub location_id: LocationId,
    /// Since when.
    pub member_since: Date,
}

/// A working row to be written, its document as text so that a pulled one need not be written out again.
pub(crate) struct WorkingRow<'a> {
    pub id: MemberId,
    pub document: &'a str,
    pub memberships: &'a [Membership],
    pub deleted_at: Option<Timestamp>,
}

/// What the index needs of a document.
#[derive(Deserialize)]
struct Indexed<'a> {
    #[serde(borrow)]
    name: IndexedName<'a>,
    #[serde(borrow, default)]
    phone: Option<IndexedPhone<'a>>,
}

#[derive(Deserialize)]
struct IndexedName<'a> {
    #[serde(borrow)]
    full: Cow<'a, str>,
}

#[derive(Deserialize)]
struct IndexedPhone<'a> {
    #[serde(borrow)]
    typed: Cow<'a, str>,
    #[serde(borrow, default)]
    e164: Option<Cow<'a, str>>,
}

/// The shops of this till, for what a row needs to know of them: read once per transaction.
pub(crate) struct Places {
    countries: HashMap<LocationId, Country>,
    by_pos_id: HashMap<(regulars_domain::RemoteId, String), LocationId>,
    remotes: usize,
}

impl Places {
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let stored = locations::list(connection)?;
        let country = |stored: &StoredLocation| Some((stored.id, stored.location.phone_country().ok()?));
        let pos_id = |stored: &StoredLocation| Some(((stored.remote_id?, stored.pos_id.clone()), stored.id));
        Ok(Self {
            countries: stored.iter().filter_map(country).collect(),
            by_pos_id: stored.iter().filter_map(pos_id).collect(),
            remotes: remotes::list(connection)?.len(),
        })
    }

    /// Whether no member can be in two remotes.
    pub(crate) const fn is_single_remote(&self) -> bool {
        self.remotes <= 1
    }

    pub(crate) fn by_pos_id(&self, remote_id: regulars_domain::RemoteId, pos_id: &str) -> Option<LocationId> {
        self.by_pos_id.get(&(remote_id, pos_id.to_owned())).copied()
    }
}

/// The member of that id, where this till has them.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, id: MemberId) -> Result<Option<StoredMember>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, document, deleted_at FROM members WHERE id = :id")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?)
}

/// The shops that a member belongs to.
///
/// # Errors
/// As any read.
pub fn list_memberships(connection: &Connection, id: MemberId) -> Result<Vec<Membership>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT location_id, member_since FROM memberships WHERE member_id = :id")?;
    let rows = statement.query_map(named_params! { ":id": Sql(id) }, |row| {
        Ok(Membership { location_id: row.get::<_, Sql<LocationId>>(0)?.0, member_since: row.get::<_, Sql<Date>>(1)?.0 })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many members a shop has.
///
/// # Errors
/// As any read.
pub fn count_of_location(connection: &Connection, location: LocationId) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM memberships WHERE location_id = :location")?;
    Ok(statement.query_row(named_params! { ":location": Sql(location) }, |row| row.get(0))?)
}

/// A member's name, also of one who is gone.
///
/// # Errors
/// As any read.
pub fn find_name(connection: &Connection, id: MemberId) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT full_name FROM members WHERE id = :id")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0)).optional()?)
}

/// Members of a shop whose number is one that the query may mean.
///
/// # Errors
/// As any read.
pub fn find_by_whole_phone(
    connection: &Connection,
    location: LocationId,
    query: &PhoneQuery,
    limit: u32,
) -> Result<Vec<MemberId>, StoreError> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT member_id FROM phone_index WHERE location_id = :location AND digits = :digits LIMIT :limit",
    )?;
    for digits in &query.whole {
        let params = named_params! { ":location": Sql(location), ":digits": digits, ":limit": limit };
        collect_new(&mut found, statement.query_map(params, read_id)?, limit)?;
    }
    Ok(found)
}

/// Members of a shop whose number ends with what was typed, or begins with it.
///
/// # Errors
/// As any read.
pub fn find_by_part_of_phone(
    connection: &Connection,
    location: LocationId,
    query: &PhoneQuery,
    limit: u32,
) -> Result<Vec<MemberId>, StoreError> {
    let mut found = Vec::new();
    let backwards: String = query.ending.chars().rev().collect();
    let mut by_ending = connection.prepare_cached(
        "SELECT member_id FROM phone_index
         WHERE location_id = :location AND backwards >= :from AND backwards < :below LIMIT :limit",
    )?;
    let params = named_params! { ":location": Sql(location), ":from": backwards, ":below": just_after(&backwards), ":limit": limit };
    collect_new(&mut found, by_ending.query_map(params, read_id)?, limit)?;
    let mut by_beginning = connection.prepare_cached(
        "SELECT member_id FROM phone_index
         WHERE location_id = :location AND digits >= :from AND digits < :below LIMIT :limit",
    )?;
    for beginning in &query.beginnings {
        let params = named_params! {
            ":location": Sql(location), ":from": beginning, ":below": just_after(beginning), ":limit": limit
        };
        collect_new(&mut found, by_beginning.query_map(params, read_id)?, limit)?;
    }
    Ok(found)
}

/// Writes a working row, its memberships and its place in the phone index.
pub(crate) fn write(
    tx: &Transaction<'_>,
    places: &Places,
    row: &WorkingRow<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let indexed: Indexed<'_> =
        serde_json::from_str(row.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    let is_known: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM members WHERE id = :id)")?
        .query_row(named_params! { ":id": Sql(row.id) }, |row| row.get(0))?;
    let params = named_params! {
        ":id": Sql(row.id),
        ":document": row.document,
        ":full_name": indexed.name.full,
        ":deleted_at": Sql(row.deleted_at),
        ":at": Sql(at),
    };
    if is_known {
        remove_from_index(tx, row.id)?;
        tx.prepare_cached(
            "UPDATE members SET document = :document, full_name = :full_name, deleted_at = :deleted_at, updated_at = :at
             WHERE id = :id",
        )?
        .execute(params)?;
    } else {
        tx.prepare_cached(
            "INSERT INTO members (id, document, full_name, deleted_at, updated_at)
             VALUES (:id, :document, :full_name, :deleted_at, :at)",
        )?
        .execute(params)?;
    }
    insert_memberships(tx, row)?;
    match indexed.phone {
        Some(phone) if row.deleted_at.is_none() => insert_into_index(tx, places, row, &phone),
        Some(_) | None => Ok(()),
    }
}

/// Takes a working row away: its registration was given up before any remote had it.
pub(crate) fn remove(tx: &Transaction<'_>, id: MemberId) -> Result<(), StoreError> {
    remove_from_index(tx, id)?;
    tx.prepare_cached("DELETE FROM members WHERE id = :id")?.execute(named_params! { ":id": Sql(id) })?;
    Ok(())
}

/// Every member's id, for checks.
pub(crate) fn list_ids(connection: &Connection) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare("SELECT id FROM members ORDER BY id")?;
    let rows = statement.query_map([], read_id)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn insert_memberships(tx: &Transaction<'_>, row: &WorkingRow<'_>) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO memberships (member_id, location_id, member_since) VALUES (:member, :location, :since)",
    )?;
    for membership in row.memberships {
        statement.execute(named_params! {
            ":member": Sql(row.id),
            ":location": Sql(membership.location_id),
            ":since": Sql(membership.member_since),
        })?;
    }
    Ok(())
}

fn insert_into_index(
    tx: &Transaction<'_>,
    places: &Places,
    row: &WorkingRow<'_>,
    phone: &IndexedPhone<'_>,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO phone_index (location_id, digits, backwards, member_id)
         VALUES (:location, :digits, :backwards, :member)",
    )?;
    for membership in row.memberships {
        let Some(country) = places.countries.get(&membership.location_id) else { continue };
        let digits = phone::index_digits(&phone.typed, phone.e164.as_deref(), *country);
        statement.execute(named_params! {
            ":location": Sql(membership.location_id),
            ":backwards": digits.chars().rev().collect::<String>(),
            ":digits": digits,
            ":member": Sql(row.id),
        })?;
    }
    Ok(())
}

fn remove_from_index(tx: &Transaction<'_>, id: MemberId) -> Result<(), StoreError> {
    let params = named_params! { ":id": Sql(id) };
    tx.prepare_cached("DELETE FROM memberships WHERE member_id = :id")?.execute(params)?;
    tx.prepare_cached("DELETE FROM phone_index WHERE member_id = :id")?.execute(params)?;
    Ok(())
}

/// The least text that is greater than everything that begins with these digits: ':' follows '9'.
fn just_after(digits: &str) -> String {
    format!("{digits}:")
}

fn collect_new(
    found: &mut Vec<MemberId>,
    rows: impl Iterator<Item = rusqlite::Result<MemberId>>,
    limit: u32,
) -> Result<(), StoreError> {
    for id in rows {
        let id = id?;
        if found.len() < limit as usize && !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredMember> {
    Ok(StoredMember {
        id: row.get::<_, Sql<MemberId>>(0)?.0,
        document: row.get::<_, JsonDocument>(1)?.0,
        deleted_at: row.get::<_, Option<Sql<Timestamp>>>(2)?.map(|at| at.0),
    })
}

fn read_id(row: &Row<'_>) -> rusqlite::Result<MemberId> {
    Ok(row.get::<_, Sql<MemberId>>(0)?.0)
}
