//! Visits: what was paid and given back. They are inserted and read, nothing else.

use crate::error::StoreError;
use crate::members::list_aliases;
use crate::outbox::ChangeState;
use crate::sql::{Json, Sql};
use regulars_domain::sale::Visit;
use regulars_domain::{Date, LocationId, MemberId, Timestamp, VisitId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// A visit and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// The visit.
    pub visit: Visit,
    /// The state of its change; `None` where it came from the remote.
    pub state: Option<ChangeState>,
}

const SELECT: &str = "SELECT content, location_id,
         (SELECT state FROM outbox WHERE outbox.visit_id = visits.id ORDER BY outbox.rowid DESC LIMIT 1)
     FROM visits";

/// Inserts a visit; one of that id that is there already stays. `received_at` is `None` for what was booked here.
///
/// # Errors
/// As any write.
pub fn insert(tx: &Transaction<'_>, visit: &Visit, received_at: Option<Timestamp>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO visits (id, member_id, location_id, kind, at, business_date, receipt, source_visit_id, content,
             received_at)
         VALUES (:id, :member, :location, :kind, :at, :business_date, :receipt, :source, :content, :received_at)
         ON CONFLICT (id) DO NOTHING",
    )?
    .execute(named_params! {
        ":id": Sql(visit.id),
        ":member": Sql(visit.member_id),
        ":location": Sql(visit.location_id),
        ":kind": Sql(visit.kind),
        ":at": Sql(visit.at),
        ":business_date": Sql(visit.business_date),
        ":receipt": visit.receipt,
        ":source": Sql(visit.source_visit_id),
        ":content": Json(visit),
        ":received_at": Sql(received_at),
    })?;
    Ok(())
}

/// The visit of that id.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, id: VisitId) -> Result<Option<StoredVisit>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = :id"))?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?)
}

/// A member's visits, oldest first.
///
/// # Errors
/// As any read.
pub fn list_of_member(connection: &Connection, member: MemberId) -> Result<Vec<StoredVisit>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE member_id = :member ORDER BY at, id"))?;
    let rows = statement.query_map(named_params! { ":member": Sql(member) }, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The visits that name one of these as their source: what was given back of a sale, and what was undone.
///
/// # Errors
/// As any read.
pub fn list_of_sources(connection: &Connection, sources: &[VisitId]) -> Result<Vec<Visit>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE source_visit_id = :source ORDER BY at, id"))?;
    let mut found = Vec::new();
    for source in sources {
        for row in statement.query_map(named_params! { ":source": Sql(*source) }, read)? {
            found.push(row?.visit);
        }
    }
    Ok(found)
}

/// Visits that more than one other names as its source: what came back in parts, or came back and was undone.
///
/// # Errors
/// As any read.
pub fn list_named_again(connection: &Connection) -> Result<Vec<VisitId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT source_visit_id FROM visits WHERE source_visit_id IS NOT NULL
         GROUP BY source_visit_id HAVING count(*) > 1",
    )?;
    let rows = statement.query_map([], |row| Ok(row.get::<_, Sql<VisitId>>(0)?.0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same of one member.
///
/// # Errors
/// As any read.
pub fn list_named_again_of(connection: &Connection, member: MemberId) -> Result<Vec<VisitId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT source_visit_id FROM visits
         WHERE source_visit_id IN (SELECT id FROM visits WHERE member_id = :member)
         GROUP BY source_visit_id HAVING count(*) > 1",
    )?;
    let rows =
        statement.query_map(named_params! { ":member": Sql(member) }, |row| Ok(row.get::<_, Sql<VisitId>>(0)?.0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When and where a member, or somebody who turned out to be them, was last at the counter.
///
/// # Errors
/// As any read.
pub fn find_last(connection: &Connection, member: MemberId) -> Result<Option<(Date, LocationId)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT at, business_date, location_id FROM visits WHERE member_id = :member ORDER BY at DESC LIMIT 1",
    )?;
    let mut last = None;
    for id in list_aliases(connection, member)? {
        let found = statement.query_row(named_params! { ":member": Sql(id) }, |row| {
            Ok((row.get::<_, Sql<Timestamp>>(0)?.0, row.get::<_, Sql<Date>>(1)?.0, row.get::<_, Sql<LocationId>>(2)?.0))
        });
        last = last.max(found.optional()?);
    }
    Ok(last.map(|(_, on, location)| (on, location)))
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredVisit> {
    let visit = row.get::<_, Json<Visit>>(0)?.0;
    let location_id = row.get::<_, Sql<LocationId>>(1)?.0;
    Ok(StoredVisit { visit: Visit { location_id, ..visit }, state: row.get(2)? })
}
