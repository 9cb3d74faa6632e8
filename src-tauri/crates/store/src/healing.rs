//! After a remote's database began a new life: which of what this till knows the remote has not told of again, and so
//! has to be given back. Nothing is decided about it here; the engine pulls, then gives.

use crate::error::StoreError;
use crate::mirror::{self, MirroredMembership};
use crate::pull::{self, PulledMember, Source, Stands};
use crate::sql::Sql;
use crate::{erase, labels, ledger, locations, outbox, visits};
use regulars_domain::edit::Document;
use regulars_domain::label::Label;
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::location::Location;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::sale::Visit;
use regulars_domain::{EntryId, LocationId, MemberId, RemoteId, VisitId};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use uuid::Uuid;

/// How far the healing of a remote has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Healing {
    /// There is nothing to heal.
    #[default]
    None,
    /// Everything is pulled anew, to learn what the remote still has.
    Pulling,
    /// What it lacks is given back.
    Giving,
}

impl FromSql for Healing {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "none" => Ok(Self::None),
            "pulling" => Ok(Self::Pulling),
            "giving" => Ok(Self::Giving),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// In the order in which they are given back: what comes later may need what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
enum Rank {
    Location = 1,
    Label = 2,
    Member = 3,
    Visit = 4,
    Entry = 5,
}

/// Something that a remote lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    rank: i64,
    key: Vec<u8>,
    /// What it is.
    pub thing: Thing,
}

/// What a remote lacks. Shops are named by their id there.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    /// A shop.
    Location(Location),
    /// A label.
    Label(Label),
    /// A member, as the remote last said.
    Member {
        /// Who.
        member_id: MemberId,
        /// The version that the remote gave them.
        version: i64,
        /// What is known of them.
        document: Document,
        /// Where they belong.
        memberships: Vec<MirroredMembership>,
        /// Whether they were deleted.
        is_deleted: bool,
        /// Whether they were erased. They belong where they have credit or visits: no more is known of them.
        is_erased: bool,
    },
    /// A visit.
    Visit {
        /// The visit.
        visit: Box<Visit>,
        /// The shop.
        pos_id: String,
    },
    /// An entry, whoever booked it.
    Entry {
        /// The entry.
        entry: Box<LedgerEntry>,
        /// The shop.
        pos_id: String,
    },
}

/// What the remote made of something that was given back.
#[derive(Clone, Debug)]
pub struct Given {
    /// Why it does not take it.
    pub refused: Option<String>,
    /// How the member stands there now.
    pub member: Option<PulledMember>,
}

/// How far the healing of a remote has come.
///
/// # Errors
/// As any read.
pub fn phase(connection: &Connection, remote: RemoteId) -> Result<Healing, StoreError> {
    let mut statement = connection.prepare_cached("SELECT healing FROM remote_standing WHERE remote_id = :remote")?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0)).optional()?.unwrap_or_default())
}

/// The remote's database began a new life: notes all that this till knows of it. What of that is not told again in the
/// pull that follows is given back. What waits in the outbox is not among it: that is sent anyway.
///
/// # Errors
/// As any write.
pub fn begin(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    set_phase(tx, remote, "pulling")?;
    // What the life before told says nothing of this one.
    let mut statement = tx.prepare_cached("UPDATE remote_standing SET told_version = 0 WHERE remote_id = :remote")?;
    statement.execute(named_params! { ":remote": Sql(remote) })?;
    // A remote in a new life need not know the numbers that the one before acknowledged.
    let (_, acknowledged) = outbox::acknowledged(tx, remote)?;
    tx.execute(
        "UPDATE remote_standing SET acknowledged_before = max(acknowledged_before, :number) WHERE remote_id = :remote",
        named_params! { ":number": acknowledged, ":remote": Sql(remote) },
    )?;
    let params = named_params! { ":remote": Sql(remote) };
    for sql in [
        "INSERT OR IGNORE INTO give_back (remote_id, rank, key)
         SELECT :remote, 1, id FROM locations WHERE remote_id = :remote",
        "INSERT OR IGNORE INTO give_back (remote_id, rank, key) SELECT :remote, 2, CAST (name AS BLOB) FROM labels",
        "INSERT INTO give_back (remote_id, rank, key, version)
         SELECT :remote, 3, remote_key, version FROM mirror WHERE remote_id = :remote AND version IS NOT NULL
         ON CONFLICT (remote_id, rank, key) DO UPDATE SET version = excluded.version",
        "INSERT OR IGNORE INTO give_back (remote_id, rank, key)
         SELECT :remote, 4, visits.id FROM visits JOIN locations ON locations.id = visits.location_id
         WHERE locations.remote_id = :remote AND NOT EXISTS (
             SELECT 1 FROM outbox WHERE outbox.visit_id = visits.id
               AND outbox.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
        "INSERT OR IGNORE INTO give_back (remote_id, rank, key)
         SELECT :remote, 5, ledger_entries.id FROM ledger_entries
         JOIN locations ON locations.id = ledger_entries.location_id
         WHERE locations.remote_id = :remote AND NOT EXISTS (
             SELECT 1 FROM outbox WHERE outbox.entry_id = ledger_entries.id
               AND outbox.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
           AND NOT EXISTS (
             SELECT 1 FROM outbox WHERE outbox.visit_id = ledger_entries.visit_id
               AND outbox.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    ] {
        tx.prepare_cached(sql)?.execute(params)?;
    }
    Ok(())
}

/// The pull has come to its end: what was not told is to be given back. What the remote did not take before is tried
/// again, since another till may have given what it needs.
///
/// # Errors
/// As any write.
pub fn pulled(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    if is_planted(Mistake::GiveBackForgotten) {
        tx.execute("DELETE FROM give_back", [])?;
    }
    let mut statement = tx.prepare_cached("UPDATE give_back SET refused = NULL WHERE remote_id = :remote")?;
    if statement.execute(named_params! { ":remote": Sql(remote) })? > 0 {
        return set_phase(tx, remote, "giving");
    }
    match phase(tx, remote)? {
        Healing::None => Ok(()),
        Healing::Pulling | Healing::Giving => end(tx, remote),
    }
}

/// Everything was given back that the remote takes.
///
/// # Errors
/// As any write.
pub fn end(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    set_phase(tx, remote, "none")
}

fn set_phase(tx: &Transaction<'_>, remote: RemoteId, phase: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remote_standing (remote_id, healing, dedupes) VALUES (:remote, :healing, 1)
         ON CONFLICT (remote_id) DO UPDATE SET healing = excluded.healing",
    )?
    .execute(named_params! { ":remote": Sql(remote), ":healing": phase })?;
    Ok(())
}

/// Notes how far the remote's database had come by an answer: one that has not come as far later is an older copy, also
/// where the cursor has not come there yet.
///
/// # Errors
/// As any write.
pub fn note_told(tx: &Transaction<'_>, remote: RemoteId, version: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remote_standing (remote_id, healing, dedupes, told_version) VALUES (:remote, 'none', 1, :version)
         ON CONFLICT (remote_id) DO UPDATE SET told_version = excluded.told_version
         WHERE told_version < excluded.told_version",
    )?
    .execute(named_params! { ":remote": Sql(remote), ":version": version })?;
    Ok(())
}

/// The highest version that any answer of this life of the remote's database told; 0 for none.
///
/// # Errors
/// As any read.
pub fn told(connection: &Connection, remote: RemoteId) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT told_version FROM remote_standing WHERE remote_id = :remote")?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0)).optional()?.unwrap_or(0))
}

/// How many things wait to be told or given back.
///
/// # Errors
/// As any read.
pub fn count(connection: &Connection, remote: RemoteId) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM give_back WHERE remote_id = :remote")?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0))?)
}

/// The next things to give back, in the order of need. What cannot be read here any more is left out and forgotten.
///
/// # Errors
/// As any write.
pub fn next(tx: &Transaction<'_>, remote: RemoteId, limit: u32) -> Result<Vec<Lost>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT rank, key, version FROM give_back WHERE remote_id = :remote AND refused IS NULL
         ORDER BY rank, key LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":remote": Sql(remote), ":limit": limit }, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let mut lost = Vec::with_capacity(rows.len());
    for (rank, key, version) in rows {
        match read(tx, remote, rank, &key, version)? {
            Some(thing) => lost.push(Lost { rank, key, thing }),
            None => forget(tx, remote, rank, &key)?,
        }
    }
    Ok(lost)
}

fn read(
    connection: &Connection,
    remote: RemoteId,
    rank: i64,
    key: &[u8],
    version: Option<i64>,
) -> Result<Option<Thing>, StoreError> {
    let id = || Uuid::from_slice(key).map_err(|_| StoreError::Unreadable("give_back"));
    let pos_id = |location: LocationId| locations::get(connection, location).map(|stored| stored.pos_id);
    Ok(match rank {
        rank if rank == Rank::Location as i64 => {
            let known = locations::list(connection)?;
            let id = LocationId::from_uuid(id()?);
            known.into_iter().find(|stored| stored.id == id).map(|stored| Thing::Location(stored.location))
        }
        rank if rank == Rank::Label as i64 => {
            let known = labels::list(connection)?;
            known.into_iter().find(|label| label.name.as_bytes() == key).map(Thing::Label)
        }
        rank if rank == Rank::Member as i64 => match mirror::find(connection, remote, key)? {
            Some(mirrored) => Some(member(connection, remote, mirrored, version.unwrap_or(0))?),
            None => None,
        },
        rank if rank == Rank::Visit as i64 => match visits::find(connection, VisitId::from_uuid(id()?))? {
            Some(stored) => {
                let pos_id = pos_id(stored.visit.location_id)?;
                Some(Thing::Visit { visit: Box::new(stored.visit), pos_id })
            }
            None => None,
        },
        _ => match ledger::find_whole(connection, EntryId::from_uuid(id()?))? {
            Some(entry) => {
                let pos_id = pos_id(entry.location_id)?;
                Some(Thing::Entry { entry: Box::new(entry), pos_id })
            }
            None => None,
        },
    })
}

fn member(connection: &Connection, remote: RemoteId, row: mirror::Row, version: i64) -> Result<Thing, StoreError> {
    let mirror::Row { member_id, content, is_deleted } = row;
    let is_erased = is_deleted && erase::is_erased(connection, member_id)?;
    let memberships = if is_erased { traces(connection, remote, member_id)? } else { content.memberships };
    Ok(Thing::Member { member_id, version, document: content.document, memberships, is_deleted, is_erased })
}

/// Where somebody who was erased belonged, by what stays of them.
fn traces(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<Vec<MirroredMembership>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT locations.pos_id, min(traces.day) FROM (
             SELECT location_id, business_date AS day FROM visits WHERE member_id = :member
             UNION ALL
             SELECT location_id, business_date FROM ledger_entries
             JOIN credit_accounts ON credit_accounts.id = account_id WHERE member_id = :member
         ) AS traces JOIN locations ON locations.id = traces.location_id
         WHERE locations.remote_id = :remote GROUP BY locations.pos_id ORDER BY locations.pos_id",
    )?;
    let rows = statement.query_map(named_params! { ":member": Sql(member), ":remote": Sql(remote) }, |row| {
        let (pos_id, Sql(member_since)) = (row.get(0)?, row.get(1)?);
        Ok(MirroredMembership { pos_id, member_since, terms: Document::new() })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes what the remote made of things that were given back, one answer for each.
///
/// # Errors
/// As any write.
pub fn settle(tx: &Transaction<'_>, source: Source, things: &[Lost], given: &[Given]) -> Result<(), StoreError> {
    for (lost, given) in things.iter().zip(given) {
        match (&given.refused, &given.member) {
            // How it stands there is the answer, taken or not.
            (_, Some(member)) => {
                forget(tx, source.remote_id, lost.rank, &lost.key)?;
                pull::apply_answer(tx, source, &Stands::Whole(member.clone()), None)?;
            }
            (None, None) => forget(tx, source.remote_id, lost.rank, &lost.key)?,
            (Some(code), None) => refuse(tx, source.remote_id, lost, code)?,
        }
    }
    Ok(())
}

/// Notes that the remote does not take a thing now.
///
/// # Errors
/// As any write.
pub fn refuse(tx: &Transaction<'_>, remote: RemoteId, lost: &Lost, code: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE give_back SET refused = :code WHERE remote_id = :remote AND rank = :rank AND key = :key",
    )?
    .execute(named_params! { ":code": code, ":remote": Sql(remote), ":rank": lost.rank, ":key": lost.key })?;
    Ok(())
}

/// The remote told of a shop.
pub(crate) fn told_location(tx: &Transaction<'_>, remote: RemoteId, id: LocationId) -> Result<(), StoreError> {
    forget(tx, remote, Rank::Location as i64, id.as_bytes())
}

/// The remote told of a label.
pub(crate) fn told_label(tx: &Transaction<'_>, remote: RemoteId, name: &str) -> Result<(), StoreError> {
    forget(tx, remote, Rank::Label as i64, name.as_bytes())
}

/// The remote told of a visit.
pub(crate) fn told_visit(tx: &Transaction<'_>, remote: RemoteId, id: VisitId) -> Result<(), StoreError> {
    forget(tx, remote, Rank::Visit as i64, id.as_bytes())
}

/// The remote told of an entry.
pub(crate) fn told_entry(tx: &Transaction<'_>, remote: RemoteId, id: EntryId) -> Result<(), StoreError> {
    forget(tx, remote, Rank::Entry as i64, id.as_bytes())
}

/// The remote told of a member. Answers whether what it said may be taken: where it is not word for word what this till
/// has of the life before, that is given back first, and the answer says how they stand.
pub(crate) fn told_member(
    tx: &Transaction<'_>,
    remote: RemoteId,
    key: &[u8],
    version: Option<i64>,
) -> Result<bool, StoreError> {
    let mut statement =
        tx.prepare_cached("SELECT version FROM give_back WHERE remote_id = :remote AND rank = 3 AND key = :key")?;
    let had: Option<Option<i64>> =
        statement.query_row(named_params! { ":remote": Sql(remote), ":key": key }, |row| row.get(0)).optional()?;
    match had {
        None => Ok(true),
        Some(had) if had == version => {
            forget(tx, remote, Rank::Member as i64, key)?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}

fn forget(tx: &Transaction<'_>, remote: RemoteId, rank: i64, key: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM give_back WHERE remote_id = :remote AND rank = :rank AND key = :key")?
        .execute(named_params! { ":remote": Sql(remote), ":rank": rank, ":key": key })?;
    Ok(())
}
