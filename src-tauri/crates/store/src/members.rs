//! The working rows of members, and where they belong. How they are indexed is in `index`, how they are found in
//! `search`, and the table of all of a shop in `table`.

mod index;
mod search;
mod table;

pub use search::{Hit, find_by_part_of_phone, find_by_whole_phone, find_by_words, find_keyed};
pub use table::{CardFilter, CreditFilter, Filter, Page, Sort, StatusFilter, TableRow, list_page};

use crate::error::StoreError;
use crate::locations::{self, StoredLocation};
use crate::remotes;
use crate::sql::{Json, JsonDocument, Sql};
use regulars_domain::edit::Document;
use regulars_domain::phone::Country;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{Date, LocationId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use std::collections::HashMap;

/// Longest chain of aliases that is followed: more is a ring.
const MAX_ALIASES: usize = 32;

/// A member as the counter sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMember {
    /// Their id.
    pub id: MemberId,
    /// What is known of them.
    pub document: Document,
    /// The member that this one turned out to be.
    pub merged_into: Option<MemberId>,
    /// Set where the remote took them away.
    pub deleted_at: Option<Timestamp>,
}

/// A shop that a member belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The shop.
    pub location_id: LocationId,
    /// Since when.
    pub member_since: Date,
    /// What holds for them there.
    pub terms: Document,
}

/// A working row to be written, its document as text so that a pulled one need not be written out again.
pub(crate) struct WorkingRow<'a> {
    pub id: MemberId,
    pub document: &'a str,
    pub memberships: &'a [Membership],
    pub deleted_at: Option<Timestamp>,
}

/// The shops of this till, for what a row needs to know of them: read once per transaction.
pub(crate) struct Places {
    countries: HashMap<LocationId, Country>,
    by_pos_id: HashMap<(RemoteId, String), LocationId>,
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

    pub(crate) fn country(&self, location: LocationId) -> Option<Country> {
        self.countries.get(&location).copied()
    }

    pub(crate) fn by_pos_id(&self, remote_id: RemoteId, pos_id: &str) -> Option<LocationId> {
        self.by_pos_id.get(&(remote_id, pos_id.to_owned())).copied()
    }
}

/// The member of that id, where this till has them.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, id: MemberId) -> Result<Option<StoredMember>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, document, merged_into, deleted_at FROM members WHERE id = :id")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?)
}

/// Who a member is: they themselves, or the last one who is still here of those that they turned out to be. In a ring, which
/// two tills can make without hearing of each other, it is the one with the smallest id.
///
/// # Errors
/// As any read.
pub fn resolve(connection: &Connection, id: MemberId) -> Result<MemberId, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT merged_into, deleted_at IS NULL FROM members WHERE id = :id")?;
    let mut path: Vec<(MemberId, bool)> = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next.filter(|_| path.len() < MAX_ALIASES) {
        if let Some(from) = path.iter().position(|(seen, _)| *seen == id) {
            path = path.split_off(from);
            path.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
            break;
        }
        let found = statement
            .query_row(named_params! { ":id": Sql(id) }, |row| {
                Ok((row.get::<_, Option<Sql<MemberId>>>(0)?, row.get::<_, bool>(1)?))
            })
            .optional()?;
        let Some((into, is_here)) = found else { break };
        path.push((id, is_here));
        next = into.map(|into| into.0);
    }
    // An alias of somebody who is not here stands for themselves.
    Ok(path.into_iter().rev().find(|(_, is_here)| *is_here).map_or(id, |(id, _)| id))
}

/// A member and everybody who is the same person, the member first: whom they turned out to be, also one who is not here any
/// more, since what was booked for that one is theirs; and all who turned out to be those.
///
/// # Errors
/// As any read.
pub fn list_group(connection: &Connection, root: MemberId) -> Result<Vec<MemberId>, StoreError> {
    if is_planted(Mistake::MergedEntriesDropped) {
        return Ok(vec![root]);
    }
    let mut statement =
        connection.prepare_cached("SELECT merged_into FROM members WHERE id = :id AND merged_into IS NOT NULL")?;
    let mut above = vec![root];
    let mut next = Some(root);
    while let Some(id) = next.filter(|_| above.len() < MAX_ALIASES) {
        next = statement.query_row(named_params! { ":id": Sql(id) }, read_id).optional()?;
        next = next.filter(|into| !above.contains(into));
        above.extend(next);
    }
    with_aliases(connection, above)
}

/// A member and everybody who turned out to be them, the member first.
///
/// # Errors
/// As any read.
pub fn list_aliases(connection: &Connection, id: MemberId) -> Result<Vec<MemberId>, StoreError> {
    with_aliases(connection, vec![id])
}

fn with_aliases(connection: &Connection, mut group: Vec<MemberId>) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM members WHERE merged_into = :id ORDER BY id")?;
    let mut next = 0;
    while let Some(id) = group.get(next).copied() {
        for alias in statement.query_map(named_params! { ":id": Sql(id) }, read_id)? {
            let alias = alias?;
            if !group.contains(&alias) {
                group.push(alias);
            }
        }
        next += 1;
    }
    Ok(group)
}

/// The shops that a member belongs to.
///
/// # Errors
/// As any read.
pub fn list_memberships(connection: &Connection, id: MemberId) -> Result<Vec<Membership>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT location_id, member_since, terms FROM memberships WHERE member_id = :id")?;
    let rows = statement.query_map(named_params! { ":id": Sql(id) }, |row| {
        Ok(Membership {
            location_id: row.get::<_, Sql<LocationId>>(0)?.0,
            member_since: row.get::<_, Sql<Date>>(1)?.0,
            terms: row.get::<_, JsonDocument>(2)?.0,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a member belongs to a shop.
///
/// # Errors
/// As any read.
pub fn belongs_to(connection: &Connection, id: MemberId, location: LocationId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM memberships WHERE member_id = :id AND location_id = :location)",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(id), ":location": Sql(location) }, |row| row.get(0))?)
}

/// How many members a shop has.
///
/// # Errors
/// As any read.
pub fn count_of_location(connection: &Connection, location: LocationId) -> Result<i64, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT count(*) FROM memberships WHERE location_id = :location AND sort_name IS NOT NULL")?;
    Ok(statement.query_row(named_params! { ":location": Sql(location) }, |row| row.get(0))?)
}

/// The members of a shop, by name.
///
/// # Errors
/// As any read.
pub fn list_of_location(connection: &Connection, location: LocationId) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT member_id FROM memberships WHERE location_id = :location AND sort_name IS NOT NULL
         ORDER BY sort_name, member_id",
    )?;
    let ids = statement
        .query_map(named_params! { ":location": Sql(location) }, |row| Ok(row.get::<_, Sql<MemberId>>(0)?.0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// A member's name, also of one who is gone.
///
/// # Errors
/// As any read.
pub fn find_name(connection: &Connection, id: MemberId) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT full_name FROM members WHERE id = :id")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0)).optional()?)
}

/// Writes a working row, its memberships and its places in the indexes.
pub(crate) fn write(
    tx: &Transaction<'_>,
    places: &Places,
    row: &WorkingRow<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let indexed = index::read(row.document)?;
    let shops: Vec<LocationId> = row.memberships.iter().map(|membership| membership.location_id).collect();
    let numbers = indexed.numbers(places, &shops);
    let words = if row.deleted_at.is_none() { indexed.words(&shops, &numbers) } else { None };
    let params = named_params! {
        ":id": Sql(row.id),
        ":document": row.document,
        ":full_name": indexed.full_name(),
        ":merged_into": Sql(indexed.merged_into()),
        ":deleted_at": Sql(row.deleted_at),
        ":at": Sql(at),
    };
    match find_indexed(tx, row.id)? {
        Some((number, document, is_indexed)) => {
            let shops_before = index::remove(tx, row.id)?;
            let words_before = if is_indexed { index::words_of(&document, places, &shops_before)? } else { None };
            tx.prepare_cached(
                "UPDATE members SET document = :document, full_name = :full_name, merged_into = :merged_into,
                     deleted_at = :deleted_at, updated_at = :at WHERE id = :id",
            )?
            .execute(params)?;
            index::write_words(tx, number, words_before.as_deref(), words.as_deref())?;
        }
        None => {
            tx.prepare_cached(
                "INSERT INTO members (id, document, full_name, merged_into, deleted_at, updated_at)
                 VALUES (:id, :document, :full_name, :merged_into, :deleted_at, :at)",
            )?
            .execute(params)?;
            index::write_words(tx, tx.last_insert_rowid(), None, words.as_deref())?;
        }
    }
    insert_memberships(tx, row, &indexed)?;
    if row.deleted_at.is_some() {
        return Ok(());
    }
    index::insert(tx, row.id, &indexed, &numbers)
}

/// Takes a working row away: its registration was given up before any remote had it.
pub(crate) fn remove(tx: &Transaction<'_>, id: MemberId) -> Result<(), StoreError> {
    index::remove(tx, id)?;
    let mut statement = tx.prepare_cached("DELETE FROM members WHERE id = :id RETURNING number")?;
    if let Some(number) = statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0)).optional()? {
        index::delete_words(tx, number)?;
    }
    Ok(())
}

/// Makes the index of words anew, out of the documents: it is left out where a damaged file is salvaged.
pub(crate) fn rebuild_words(connection: &Connection) -> Result<(), StoreError> {
    let places = Places::read(connection)?;
    let mut all = connection.prepare("SELECT number, id, document FROM members WHERE deleted_at IS NULL")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (number, Sql(id), document): (i64, Sql<MemberId>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let memberships = list_memberships(connection, id)?;
        let shops: Vec<LocationId> = memberships.iter().map(|membership| membership.location_id).collect();
        let words = index::words_of(&document, &places, &shops)?;
        index::write_words(connection, number, None, words.as_deref())?;
    }
    Ok(())
}

/// What the indexes say of a row.
pub(crate) struct IndexOf {
    pub(crate) full_name: String,
    pub(crate) merged_into: Option<MemberId>,
    pub(crate) sort_name: Option<String>,
    /// In order.
    pub(crate) phones: Vec<(LocationId, String)>,
    /// In order.
    pub(crate) lookups: Vec<String>,
    /// With a space between each.
    pub(crate) words: Option<String>,
}

/// What the indexes must say of a document.
pub(crate) fn index_of(
    places: &Places,
    document: &str,
    is_deleted: bool,
    memberships: &[Membership],
) -> Result<IndexOf, StoreError> {
    let indexed = index::read(document)?;
    let (full_name, merged_into) = (indexed.full_name().to_owned(), indexed.merged_into());
    let sort_name = sort_name(&indexed, is_deleted);
    let nothing = IndexOf { full_name, merged_into, sort_name, phones: Vec::new(), lookups: Vec::new(), words: None };
    if is_deleted {
        return Ok(nothing);
    }
    let shops: Vec<LocationId> = memberships.iter().map(|membership| membership.location_id).collect();
    let mut phones = indexed.numbers(places, &shops);
    let words = indexed.words(&shops, &phones);
    phones.sort_unstable();
    phones.dedup();
    Ok(IndexOf { phones, lookups: indexed.keys(), words, ..nothing })
}

/// Takes a member out of every index, to be put into them anew: until the row is written it is one that is in none.
pub(crate) fn forget_indexes(tx: &Transaction<'_>, id: MemberId) -> Result<(), StoreError> {
    index::remove(tx, id)?;
    let mut statement = tx.prepare_cached(
        "UPDATE members SET deleted_at = coalesce(deleted_at, updated_at) WHERE id = :id RETURNING number",
    )?;
    match statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0)).optional()? {
        Some(number) => index::delete_words(tx, number),
        None => Ok(()),
    }
}

/// Takes the words of members out of the index who are not there.
pub(crate) fn remove_stray_words(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let mut statement =
        tx.prepare("SELECT DISTINCT doc FROM member_word_list WHERE doc NOT IN (SELECT number FROM members)")?;
    let strays: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    strays.into_iter().try_for_each(|number| index::delete_words(tx, number))
}

/// Every member's id, for checks.
pub fn list_ids(connection: &Connection) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare("SELECT id FROM members ORDER BY id")?;
    let rows = statement.query_map([], read_id)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number and document of a member, and whether they are in the index of words: who is gone is not.
fn find_indexed(tx: &Transaction<'_>, id: MemberId) -> Result<Option<(i64, String, bool)>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT number, document, deleted_at IS NULL FROM members WHERE id = :id")?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?)
}

fn insert_memberships(
    tx: &Transaction<'_>,
    row: &WorkingRow<'_>,
    indexed: &index::Indexed<'_>,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO memberships (member_id, location_id, member_since, terms, sort_name)
         VALUES (:member, :location, :since, :terms, :sort_name)",
    )?;
    let sort_name = sort_name(indexed, row.deleted_at.is_some());
    for membership in row.memberships {
        statement.execute(named_params! {
            ":member": Sql(row.id),
            ":location": Sql(membership.location_id),
            ":since": Sql(membership.member_since),
            ":terms": Json(&membership.terms),
            ":sort_name": sort_name,
        })?;
    }
    Ok(())
}

/// The name that a row is sorted by; none where it is not listed.
fn sort_name(indexed: &index::Indexed<'_>, is_deleted: bool) -> Option<String> {
    let is_listed = !is_deleted && indexed.merged_into().is_none();
    is_listed.then(|| regulars_domain::fold::fold(indexed.full_name()))
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredMember> {
    Ok(StoredMember {
        id: row.get::<_, Sql<MemberId>>(0)?.0,
        document: row.get::<_, JsonDocument>(1)?.0,
        merged_into: row.get::<_, Option<Sql<MemberId>>>(2)?.map(|id| id.0),
        deleted_at: row.get::<_, Option<Sql<Timestamp>>>(3)?.map(|at| at.0),
    })
}

fn read_id(row: &Row<'_>) -> rusqlite::Result<MemberId> {
    Ok(row.get::<_, Sql<MemberId>>(0)?.0)
}
