//! The shops that this till serves or knows of.

use crate::error::StoreError;
use crate::sql::{Json, Sql};
use regulars_domain::allowance::Allowance;
use regulars_domain::location::Location;
use regulars_domain::{Currency, LocationId, Refusal, RemoteId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A shop as this till has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLocation {
    /// Its id on this till.
    pub id: LocationId,
    /// What it is.
    pub location: Location,
    /// The remote that its members are kept in step with.
    pub remote_id: Option<RemoteId>,
    /// Its id at that remote.
    pub pos_id: String,
    /// Whether this till serves it.
    pub is_ours: bool,
    /// What may be used there without head office.
    pub allowance: Allowance,
}

const COLUMNS: &str =
    "id, code, name, country, currency, time_zone, issuer, remote_id, pos_id, is_ours, allowance FROM locations";

/// All shops, by code.
///
/// # Errors
/// As any read.
pub fn list(connection: &Connection) -> Result<Vec<StoredLocation>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} ORDER BY code"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The shop of that code.
///
/// # Errors
/// `location_not_found`.
pub fn get_by_code(connection: &Connection, code: &str) -> Result<StoredLocation, StoreError> {
    let found = find_by_code(connection, code)?;
    found.ok_or_else(|| Refusal::LocationNotFound { code: code.to_owned() }.into())
}

/// The shop of that code, where there is one.
///
/// # Errors
/// As any read.
pub fn find_by_code(connection: &Connection, code: &str) -> Result<Option<StoredLocation>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE code = :code"))?;
    Ok(statement.query_row(named_params! { ":code": code.trim().to_uppercase() }, read).optional()?)
}

/// The shop of that id.
///
/// # Errors
/// As any read; a shop that entries name is always there.
pub fn get(connection: &Connection, id: LocationId) -> Result<StoredLocation, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE id = :id"))?;
    let found = statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?;
    found.ok_or(StoreError::Missing("the shop"))
}

/// Stores a shop that this till sets up, or one that a remote told of.
///
/// # Errors
/// As any write.
pub fn insert(tx: &Transaction<'_>, stored: &StoredLocation) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO locations (id, code, name, country, currency, time_zone, issuer, remote_id, pos_id, is_ours, allowance)
         VALUES (:id, :code, :name, :country, :currency, :time_zone, :issuer, :remote_id, :pos_id, :is_ours, :allowance)",
    )?;
    let Location { code, name, country, currency, time_zone, issuer } = &stored.location;
    statement.execute(named_params! {
        ":id": Sql(stored.id),
        ":code": code,
        ":name": name,
        ":country": country,
        ":currency": Sql(*currency),
        ":time_zone": time_zone,
        ":issuer": issuer,
        ":remote_id": Sql(stored.remote_id),
        ":pos_id": stored.pos_id,
        ":is_ours": stored.is_ours,
        ":allowance": Json(stored.allowance),
    })?;
    Ok(())
}

/// Takes over what the remote says a shop is.
///
/// # Errors
/// As any write.
pub fn update_facts(tx: &Transaction<'_>, id: LocationId, location: &Location) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE locations SET name = :name, country = :country, currency = :currency, time_zone = :time_zone,
         issuer = :issuer WHERE id = :id",
    )?;
    statement.execute(named_params! {
        ":id": Sql(id),
        ":name": location.name,
        ":country": location.country,
        ":currency": Sql(location.currency),
        ":time_zone": location.time_zone,
        ":issuer": location.issuer,
    })?;
    Ok(())
}

/// Connects a shop with a remote, or with none, and says whether this till serves it.
///
/// # Errors
/// As any write.
pub fn update_remote(
    tx: &Transaction<'_>,
    id: LocationId,
    remote_id: Option<RemoteId>,
    pos_id: &str,
    is_ours: bool,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE locations SET remote_id = :remote_id, pos_id = :pos_id, is_ours = :is_ours WHERE id = :id",
    )?;
    statement.execute(
        named_params! { ":id": Sql(id), ":remote_id": Sql(remote_id), ":pos_id": pos_id, ":is_ours": is_ours },
    )?;
    Ok(())
}

/// Sets what may be used in a shop without head office.
///
/// # Errors
/// As any write.
pub fn update_allowance(tx: &Transaction<'_>, id: LocationId, allowance: Allowance) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached("UPDATE locations SET allowance = :allowance WHERE id = :id")?;
    statement.execute(named_params! { ":id": Sql(id), ":allowance": Json(allowance) })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredLocation> {
    Ok(StoredLocation {
        id: row.get::<_, Sql<LocationId>>(0)?.0,
        location: Location {
            code: row.get(1)?,
            name: row.get(2)?,
            country: row.get(3)?,
            currency: row.get::<_, Sql<Currency>>(4)?.0,
            time_zone: row.get(5)?,
            issuer: row.get(6)?,
        },
        remote_id: row.get::<_, Option<Sql<RemoteId>>>(7)?.map(|id| id.0),
        pos_id: row.get(8)?,
        is_ours: row.get(9)?,
        allowance: row.get::<_, Json<Allowance>>(10)?.0,
    })
}
