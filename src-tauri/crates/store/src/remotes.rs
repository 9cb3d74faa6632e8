//! The member systems that this till keeps in step with, and how the last talk with each went.

use crate::error::StoreError;
use crate::sql::{Json, Sql};
use regulars_domain::{RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A remote and how the last talk with it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Remote {
    /// Its id on this till.
    pub id: RemoteId,
    /// As people call it.
    pub name: String,
    /// Which connector it needs.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// What its connector needs besides, no secrets.
    pub settings: Map<String, Value>,
    /// One life of its database, as far as it tells.
    pub epoch: Option<String>,
    /// How far the pull has come.
    pub cursor: Option<i64>,
    /// Whether everything was pulled once.
    pub is_first_pull_done: bool,
    /// Rows that are still to come, as the remote said last.
    pub pull_left: Option<i64>,
    /// Most changes in one request now.
    pub push_limit: u32,
    /// Requests in a row that were not answered as asked.
    pub failures: u32,
    /// No request before, unless a person asks for one.
    pub not_before_at: Option<Timestamp>,
    /// The last complete pull.
    pub last_pull_at: Option<Timestamp>,
    /// The last request that was answered as asked.
    pub last_exchange_at: Option<Timestamp>,
    /// What is wrong, since the last exchange.
    pub problem: Option<Problem>,
}

/// What went wrong, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// The field that it is about, where it is about one.
    pub field: Option<String>,
}

const COLUMNS: &str =
    "id, name, kind, url, settings, epoch, cursor, is_first_pull_done, pull_left, push_limit, failures,
     not_before_at, last_pull_at, last_exchange_at, problem_code, problem_message FROM remotes";

/// Setting of a remote that does not say where its members belong: the shops that they come to, by their ids there with
/// commas between them. All shops that are kept in step with it, where nothing is said.
pub const MEMBERS_OF: &str = "members_of";

/// All remotes, by name.
///
/// # Errors
/// As any read.
pub fn list(connection: &Connection) -> Result<Vec<Remote>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} ORDER BY name"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those that are talked to, by name: a shop of this till is kept in step with them, or something still waits for them.
///
/// # Errors
/// As any read.
pub fn list_in_use(connection: &Connection) -> Result<Vec<Remote>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE EXISTS (SELECT 1 FROM locations WHERE remote_id = remotes.id AND is_ours)
         OR EXISTS (SELECT 1 FROM outbox WHERE remote_id = remotes.id
                    AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
         ORDER BY name"
    ))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The remote of that id.
///
/// # Errors
/// As any read.
pub fn get(connection: &Connection, id: RemoteId) -> Result<Remote, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE id = :id"))?;
    let found = statement.query_row(named_params! { ":id": Sql(id) }, read).optional()?;
    found.ok_or(StoreError::Missing("the remote"))
}

/// The remote of that name, where there is one.
///
/// # Errors
/// As any read.
pub fn find_by_name(connection: &Connection, name: &str) -> Result<Option<Remote>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE name = :name"))?;
    Ok(statement.query_row(named_params! { ":name": name }, read).optional()?)
}

/// Stores a new remote.
///
/// # Errors
/// As any write.
pub fn insert(tx: &Transaction<'_>, remote: &Remote) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remotes (id, name, kind, url, settings, push_limit) VALUES (:id, :name, :kind, :url, :settings, :push_limit)",
    )?
    .execute(named_params! {
        ":id": Sql(remote.id),
        ":name": remote.name,
        ":kind": remote.kind,
        ":url": remote.url,
        ":settings": Json(&remote.settings),
        ":push_limit": remote.push_limit,
    })?;
    Ok(())
}

/// Writes what changed about a remote, all but its id and name.
///
/// # Errors
/// As any write.
pub fn update(tx: &Transaction<'_>, remote: &Remote) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE remotes SET kind = :kind, url = :url, settings = :settings, epoch = :epoch, cursor = :cursor,
         is_first_pull_done = :is_first_pull_done, pull_left = :pull_left, push_limit = :push_limit,
         failures = :failures, not_before_at = :not_before_at, last_pull_at = :last_pull_at,
         last_exchange_at = :last_exchange_at, problem_code = :problem_code, problem_message = :problem_message
         WHERE id = :id",
    )?;
    statement.execute(named_params! {
        ":id": Sql(remote.id),
        ":kind": remote.kind,
        ":url": remote.url,
        ":settings": Json(&remote.settings),
        ":epoch": remote.epoch,
        ":cursor": remote.cursor,
        ":is_first_pull_done": remote.is_first_pull_done,
        ":pull_left": remote.pull_left,
        ":push_limit": remote.push_limit,
        ":failures": remote.failures,
        ":not_before_at": Sql(remote.not_before_at),
        ":last_pull_at": Sql(remote.last_pull_at),
        ":last_exchange_at": Sql(remote.last_exchange_at),
        ":problem_code": remote.problem.as_ref().map(|problem| &problem.code),
        ":problem_message": remote.problem.as_ref().map(|problem| &problem.message),
    })?;
    Ok(())
}

/// Calls a remote something else.
///
/// # Errors
/// As any write.
pub fn rename(tx: &Transaction<'_>, id: RemoteId, name: &str) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached("UPDATE remotes SET name = :name WHERE id = :id")?;
    statement.execute(named_params! { ":id": Sql(id), ":name": name })?;
    Ok(())
}

/// Whether nothing of this till is about a remote: no shop, no member, no change.
///
/// # Errors
/// As any read.
pub fn is_unused(connection: &Connection, id: RemoteId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM locations WHERE remote_id = :id)
            AND NOT EXISTS (SELECT 1 FROM mirror WHERE remote_id = :id)
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE remote_id = :id)",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?)
}

/// Takes away a remote that nothing is about.
///
/// # Errors
/// As any write.
pub fn delete(tx: &Transaction<'_>, id: RemoteId) -> Result<(), StoreError> {
    for table in [
        "remote_sweeps WHERE remote_id",
        "remote_standing WHERE remote_id",
        "balances_told WHERE remote_id",
        "remotes WHERE id",
    ] {
        tx.prepare_cached(&format!("DELETE FROM {table} = :id"))?.execute(named_params! { ":id": Sql(id) })?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Remote> {
    let instant = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<Sql<Timestamp>>>(index)?.map(|at| at.0));
    let problem_code: Option<String> = row.get(14)?;
    let problem_message: Option<String> = row.get(15)?;
    Ok(Remote {
        id: row.get::<_, Sql<RemoteId>>(0)?.0,
        name: row.get(1)?,
        kind: row.get(2)?,
        url: row.get(3)?,
        settings: row.get::<_, Json<_>>(4)?.0,
        epoch: row.get(5)?,
        cursor: row.get(6)?,
        is_first_pull_done: row.get(7)?,
        pull_left: row.get(8)?,
        push_limit: row.get(9)?,
        failures: row.get(10)?,
        not_before_at: instant(11)?,
        last_pull_at: instant(12)?,
        last_exchange_at: instant(13)?,
        problem: problem_code.map(|code| Problem { code, message: problem_message.unwrap_or_default(), field: None }),
    })
}
