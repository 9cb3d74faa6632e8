//! Who did what, chained by hash per (till, incarnation), so that a row taken out or changed is noticed.
//!
//! Facts are ids and amounts; personal values are sealed with the member's own key.

use crate::erase;
use crate::error::StoreError;
use crate::sealing::{self, Purpose};
use crate::sql::{Json, Sql};
use crate::till;
use regulars_domain::{Incarnation, MemberId, StaffId, TillId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// One row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its place in the log of this file.
    pub number: i64,
    /// The till that wrote it.
    pub till_id: TillId,
    /// The life of that till's file.
    pub incarnation: Incarnation,
    /// The till's clock.
    pub at: Timestamp,
    /// Who, once a till has staff.
    pub staff_id: Option<StaffId>,
    /// What, as `entry_added`.
    pub action: String,
    /// Whom it was about.
    pub member_id: Option<MemberId>,
    /// Ids and amounts.
    pub facts: Value,
    sealed: Option<Vec<u8>>,
    previous_hash: [u8; 32],
    hash: [u8; 32],
}

/// What is to be logged.
pub(crate) struct Entry<'a> {
    pub at: Timestamp,
    pub staff_id: Option<StaffId>,
    pub action: &'a str,
    pub member_id: Option<MemberId>,
    pub facts: Value,
    /// Personal values: only where there is a member to seal them for.
    pub personal: Option<Value>,
}

/// Appends one row to the chain.
pub(crate) fn append(tx: &Transaction<'_>, entry: Entry<'_>) -> Result<(), StoreError> {
    let till = till::get(tx)?;
    let (last, previous_hash) = last(tx, till.incarnation)?;
    let sealed = match (entry.member_id, entry.personal) {
        // Nothing new is sealed for somebody who was erased: their key would come back.
        (Some(member), Some(personal)) if !erase::is_erased(tx, member)? => {
            Some(sealing::seal(tx, member, Purpose::Audit, personal.to_string().as_bytes())?)
        }
        (Some(_) | None, _) => None,
    };
    let mut row = AuditRow {
        number: last + 1,
        till_id: till.id,
        incarnation: till.incarnation,
        at: entry.at,
        staff_id: entry.staff_id,
        action: entry.action.to_owned(),
        member_id: entry.member_id,
        facts: entry.facts,
        sealed,
        previous_hash,
        hash: [0; 32],
    };
    row.hash = row.computed_hash();
    tx.prepare_cached(
        "INSERT INTO audit_log (number, till_id, incarnation, at, staff_id, action, member_id, facts, sealed, previous_hash, hash)
         VALUES (:number, :till, :incarnation, :at, :staff, :action, :member, :facts, :sealed, :previous_hash, :hash)",
    )?
    .execute(named_params! {
        ":number": row.number,
        ":till": Sql(row.till_id),
        ":incarnation": Sql(row.incarnation),
        ":at": Sql(row.at),
        ":staff": Sql(row.staff_id),
        ":action": row.action,
        ":member": Sql(row.member_id),
        ":facts": Json(&row.facts),
        ":sealed": row.sealed,
        ":previous_hash": row.previous_hash,
        ":hash": row.hash,
    })?;
    Ok(())
}

/// The newest rows, newest first.
///
/// # Errors
/// As any read.
pub fn list(connection: &Connection, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY number DESC LIMIT :limit"))?;
    let rows = statement.query_map(named_params! { ":limit": limit }, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Follows the chain from its beginning; the numbers of the rows that do not fit.
///
/// # Errors
/// As any read.
pub fn verify(connection: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY number"))?;
    let mut broken = Vec::new();
    let mut before: Option<(Incarnation, i64, [u8; 32])> = None;
    for row in statement.query_map([], read)? {
        let row = row?;
        let (expected_number, expected_hash) = match before {
            Some((incarnation, number, hash)) if incarnation == row.incarnation => (number + 1, hash),
            Some((_, number, _)) => (number + 1, [0; 32]),
            None => (row.number, [0; 32]),
        };
        if row.number != expected_number || row.previous_hash != expected_hash || row.hash != row.computed_hash() {
            broken.push(row.number);
        }
        before = Some((row.incarnation, row.number, row.hash));
    }
    Ok(broken)
}

const SELECT: &str =
    "SELECT number, till_id, incarnation, at, staff_id, action, member_id, facts, sealed, previous_hash, hash
     FROM audit_log";

impl AuditRow {
    fn computed_hash(&self) -> [u8; 32] {
        let facts = self.facts.to_string();
        let mut hash = Sha256::new();
        // Each part with its length before it: no two rows run into the same bytes.
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(&self.previous_hash);
        part(&self.number.to_be_bytes());
        part(self.till_id.as_bytes());
        part(self.incarnation.as_bytes());
        part(&self.at.as_millis().to_be_bytes());
        part(self.staff_id.as_ref().map_or(&[], |id| id.as_bytes()));
        part(self.action.as_bytes());
        part(self.member_id.as_ref().map_or(&[], |id| id.as_bytes()));
        part(facts.as_bytes());
        part(self.sealed.as_deref().unwrap_or(&[]));
        hash.finalize().into()
    }
}

fn last(connection: &Connection, incarnation: Incarnation) -> Result<(i64, [u8; 32]), StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT number, incarnation, hash FROM audit_log ORDER BY number DESC LIMIT 1")?;
    let last = statement
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, Sql<Incarnation>>(1)?.0, row.get::<_, [u8; 32]>(2)?)))
        .optional()?;
    Ok(match last {
        Some((number, same, hash)) if same == incarnation => (number, hash),
        Some((number, _, _)) => (number, [0; 32]),
        None => (0, [0; 32]),
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        number: row.get(0)?,
        till_id: row.get::<_, Sql<TillId>>(1)?.0,
        incarnation: row.get::<_, Sql<Incarnation>>(2)?.0,
        at: row.get::<_, Sql<Timestamp>>(3)?.0,
        staff_id: row.get::<_, Option<Sql<StaffId>>>(4)?.map(|id| id.0),
        action: row.get(5)?,
        member_id: row.get::<_, Option<Sql<MemberId>>>(6)?.map(|id| id.0),
        facts: row.get::<_, Json<Value>>(7)?.0,
        sealed: row.get(8)?,
        previous_hash: row.get(9)?,
        hash: row.get(10)?,
    })
}
