//! The mirror: what a remote last confirmed, keyed by the remote's own key. Written by sync alone.

use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{Date, LocationId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde::{Deserialize, Serialize};

/// A member as a remote has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mirrored {
    /// What is known of them.
    pub document: Document,
    /// The shops they belong to.
    pub memberships: Vec<MirroredMembership>,
}

impl Mirrored {
    /// Content from a document that is JSON text already, and is not read again.
    ///
    /// # Errors
    /// Where memberships cannot be written as JSON, which they always can.
    pub(crate) fn json(document: &str, memberships: &[MirroredMembership]) -> Result<String, StoreError> {
        let memberships = serde_json::to_string(memberships).map_err(|_| StoreError::Unreadable("membership"))?;
        Ok(format!(r#"{{"document":{document},"memberships":{memberships}}}"#))
    }

    /// Takes the member in at a shop, where they do not belong to it already.
    pub(crate) fn join(&mut self, pos_id: String, member_since: Date, terms: &Document) {
        if !self.memberships.iter().any(|there| there.pos_id == pos_id) {
            self.memberships.push(MirroredMembership { pos_id, member_since, terms: terms.clone() });
        }
    }
}

/// A shop that a member belongs to, by the remote's own id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MirroredMembership {
    /// The shop's id at the remote.
    pub pos_id: String,
    /// Since when.
    pub member_since: Date,
    /// What holds for them there.
    #[serde(default, skip_serializing_if = "Document::is_empty")]
    pub terms: Document,
}

/// What a remote says about a member.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The remote.
    pub remote_id: RemoteId,
    /// Its own key of the member.
    pub remote_key: &'a [u8],
    /// Who that is here.
    pub member_id: MemberId,
    /// Its version, where it has one.
    pub version: Option<i64>,
    /// A [`Mirrored`] as JSON.
    pub content: &'a str,
    /// Whether the member is gone there.
    pub is_deleted: bool,
    /// When the answer was asked for. An older question than the last acknowledged push is stale; but one that was
    /// acknowledged in time to come was so by a clock that was wrong, and says nothing.
    pub asked_at: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// Set where this is the answer to a push.
    pub acked_at: Option<Timestamp>,
}

/// Stores what a remote says, unless it is older than what is known. Answers whether it was stored.
///
/// # Errors
/// As any write.
pub fn write(tx: &Transaction<'_>, incoming: &Incoming<'_>) -> Result<bool, StoreError> {
    if is_planted(Mistake::OlderAnswerWins) {
        forget_versions(tx, incoming.remote_id)?;
    }
    let mut statement = tx.prepare_cached(
        "INSERT INTO mirror (remote_id, remote_key, member_id, version, content, is_deleted, acked_at)
         VALUES (:remote, :key, :member, :version, :content, :is_deleted, :acked_at)
         ON CONFLICT (remote_id, remote_key) DO UPDATE SET member_id = excluded.member_id, version = excluded.version,
             content = excluded.content, is_deleted = excluded.is_deleted,
             acked_at = coalesce(excluded.acked_at, CASE WHEN mirror.acked_at <= :at THEN mirror.acked_at END)
         WHERE CASE WHEN excluded.version IS NOT NULL AND mirror.version IS NOT NULL
             THEN excluded.version >= mirror.version
             ELSE excluded.acked_at IS NOT NULL OR mirror.acked_at IS NULL OR :asked_at > mirror.acked_at
                 OR mirror.acked_at > :at END",
    )?;
    let rows = statement.execute(named_params! {
        ":remote": Sql(incoming.remote_id),
        ":key": incoming.remote_key,
        ":member": Sql(incoming.member_id),
        ":version": incoming.version,
        ":content": incoming.content,
        ":is_deleted": incoming.is_deleted,
        ":acked_at": Sql(incoming.acked_at),
        ":asked_at": Sql(incoming.asked_at),
        ":at": Sql(incoming.at),
    })?;
    Ok(rows > 0)
}

/// Forgets all versions of a remote whose database began a new life: its numbers mean something else now.
///
/// # Errors
/// As any write.
pub fn forget_versions(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE mirror SET version = NULL, acked_at = NULL WHERE remote_id = :remote")?
        .execute(named_params! { ":remote": Sql(remote) })?;
    Ok(())
}

/// What the remotes have of a member: each remote's view, with whether the member is gone there.
pub(crate) fn list_of_member(
    connection: &Connection,
    member: MemberId,
) -> Result<Vec<(RemoteId, Mirrored, bool)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT remote_id, content, is_deleted FROM mirror WHERE member_id = :member ORDER BY remote_id, remote_key",
    )?;
    let rows = statement.query_map(named_params! { ":member": Sql(member) }, |row| {
        Ok((row.get::<_, Sql<RemoteId>>(0)?.0, row.get::<_, crate::sql::Json<Mirrored>>(1)?.0, row.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row of the mirror.
pub(crate) struct Row {
    pub member_id: MemberId,
    pub content: Mirrored,
    pub is_deleted: bool,
}

/// What a remote last said about the row of that key.
pub(crate) fn find(connection: &Connection, remote: RemoteId, remote_key: &[u8]) -> Result<Option<Row>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT member_id, content, is_deleted FROM mirror WHERE remote_id = :remote AND remote_key = :key",
    )?;
    let found = statement.query_row(named_params! { ":remote": Sql(remote), ":key": remote_key }, |row| {
        let content = row.get::<_, crate::sql::Json<Mirrored>>(1)?.0;
        Ok(Row { member_id: row.get::<_, Sql<MemberId>>(0)?.0, content, is_deleted: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// What one remote has of a member, key by key, with whether they are gone there.
pub(crate) fn list_rows_of_member(
    connection: &Connection,
    remote: RemoteId,
    member: MemberId,
) -> Result<Vec<(Vec<u8>, Mirrored, bool)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT remote_key, content, is_deleted FROM mirror WHERE member_id = :member AND remote_id = :remote
         ORDER BY remote_key",
    )?;
    let rows = statement.query_map(named_params! { ":member": Sql(member), ":remote": Sql(remote) }, |row| {
        Ok((row.get(0)?, row.get::<_, crate::sql::Json<Mirrored>>(1)?.0, row.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a remote knows of a member, or will by a registration that is on its way.
///
/// # Errors
/// As any read.
pub fn is_known_at(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<bool, StoreError> {
    if find_view(connection, remote, member)?.is_some() {
        return Ok(true);
    }
    let open = crate::outbox::list_open_of_member(connection, member)?;
    let registers = |change: &Change| matches!(change, Change::MemberAdded { .. });
    Ok(open.iter().any(|queued| queued.remote_id == Some(remote) && registers(&queued.change)))
}

/// What one remote has of a member, with whether they are gone there.
pub(crate) fn find_view(
    connection: &Connection,
    remote: RemoteId,
    member: MemberId,
) -> Result<Option<(Mirrored, bool)>, StoreError> {
    let views = list_of_member(connection, member)?;
    Ok(views.into_iter().find(|(id, _, _)| *id == remote).map(|(_, mirrored, is_deleted)| (mirrored, is_deleted)))
}

/// The version that one remote last told of a member, where it counts any.
pub(crate) fn find_version(
    connection: &Connection,
    remote: RemoteId,
    member: MemberId,
) -> Result<Option<i64>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT max(version) FROM mirror WHERE member_id = :member AND remote_id = :remote")?;
    Ok(statement.query_row(named_params! { ":member": Sql(member), ":remote": Sql(remote) }, |row| row.get(0))?)
}

/// What a remote last said about the row of that key, as JSON.
pub(crate) fn find_content(
    connection: &Connection,
    remote: RemoteId,
    remote_key: &[u8],
) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT content FROM mirror WHERE remote_id = :remote AND remote_key = :key")?;
    let params = named_params! { ":remote": Sql(remote), ":key": remote_key };
    Ok(statement.query_row(params, |row| row.get(0)).optional()?)
}

/// Whether any remote has told of a member.
pub(crate) fn exists(connection: &Connection, member: MemberId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM mirror WHERE member_id = :member")?;
    Ok(statement.query_row(named_params! { ":member": Sql(member) }, |_| Ok(())).optional()?.is_some())
}

/// A row that could be applied after all is not kept aside any more.
pub(crate) fn release(tx: &Transaction<'_>, remote: RemoteId, remote_key: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM pull_quarantine WHERE remote_id = :remote AND remote_key = :key")?
        .execute(named_params! { ":remote": Sql(remote), ":key": remote_key })?;
    Ok(())
}

/// Keeps a pulled row that could not be applied, whole, so that the pull can go on.
///
/// # Errors
/// As any write.
pub fn quarantine(
    tx: &Transaction<'_>,
    remote: RemoteId,
    remote_key: &[u8],
    content: &str,
    problem: &crate::remotes::Problem,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO pull_quarantine (remote_id, remote_key, content, problem_code, problem_message, at)
         VALUES (:remote, :key, :content, :code, :message, :at)
         ON CONFLICT (remote_id, remote_key) DO UPDATE SET content = excluded.content,
             problem_code = excluded.problem_code, problem_message = excluded.problem_message, at = excluded.at",
    )?
    .execute(named_params! {
        ":remote": Sql(remote),
        ":key": remote_key,
        ":content": content,
        ":code": problem.code,
        ":message": problem.message,
        ":at": Sql(at),
    })?;
    Ok(())
}

/// Who belongs to a shop at a remote, by its id there.
pub(crate) fn list_members_at(
    connection: &Connection,
    remote: RemoteId,
    pos_id: &str,
) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT member_id FROM mirror WHERE remote_id = :remote AND EXISTS (
             SELECT 1 FROM json_each(content, '$.memberships') WHERE value ->> '$.pos_id' = :pos_id)",
    )?;
    let rows = statement.query_map(named_params! { ":remote": Sql(remote), ":pos_id": pos_id }, |row| {
        Ok(row.get::<_, Sql<MemberId>>(0)?.0)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether something that a remote told of a member could not be applied.
pub(crate) fn is_kept_aside(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM mirror JOIN pull_quarantine
             ON pull_quarantine.remote_id = mirror.remote_id AND pull_quarantine.remote_key = mirror.remote_key
         WHERE mirror.member_id = :member AND mirror.remote_id = :remote)",
    )?;
    Ok(statement.query_row(named_params! { ":member": Sql(member), ":remote": Sql(remote) }, |row| row.get(0))?)
}

/// Whether a remote has members of a shop.
///
/// # Errors
/// As any read.
pub fn has_members_at(connection: &Connection, remote: RemoteId, location: LocationId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM memberships JOIN mirror ON mirror.member_id = memberships.member_id
                        WHERE memberships.location_id = :location AND mirror.remote_id = :remote)",
    )?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote), ":location": Sql(location) }, |row| row.get(0))?)
}
