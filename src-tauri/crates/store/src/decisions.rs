//! Fields that were changed on two sides: what was decided about each, by a rule or by a person, and who lost. Values are
//! sealed with the member's key.

use crate::error::StoreError;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use regulars_domain::conflict::Side;
use regulars_domain::{ChangeId, LocationId, MemberId, Refusal, StaffId, Timestamp};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Stands in place of a field where a whole member was to be deleted, and stayed.
pub const REMOVAL: &str = "removal";

/// What stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// What this till said.
    Ours,
    /// What the remote said.
    Theirs,
    /// Something of both.
    Both,
    /// A person is still to decide.
    Undecided,
}

/// What was decided about one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its number in this file; none before it is stored.
    #[serde(skip)]
    pub id: i64,
    /// Whose field it is.
    pub member_id: MemberId,
    /// Set where it is about what holds at a shop.
    pub location_id: Option<LocationId>,
    /// The change of this till that met another.
    pub change_id: ChangeId,
    /// The parked change that waits for a person since, or did.
    pub task_id: Option<ChangeId>,
    /// When it was decided, or found to be undecided.
    pub at: Timestamp,
    /// The person who decided.
    pub staff_id: Option<StaffId>,
    /// When this till changed the field, by its clock.
    pub ours_at: Timestamp,
    /// When the remote did, by its own.
    pub theirs_at: Option<Timestamp>,
    /// What stands now.
    pub kept: Kept,
    /// Whose change is not in it.
    pub lost: Option<Side>,
    /// Whether a person decided, not a rule.
    pub is_by_person: bool,
    /// The field and its values.
    pub values: Values,
    /// When the one that lost was brought back.
    pub brought_back_at: Option<Timestamp>,
}

/// A field and its values, `null` standing for empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// As in an edit.
    pub field: String,
    /// As it was before both.
    pub before: Value,
    /// What this till made of it.
    pub ours: Value,
    /// What the remote made of it.
    pub theirs: Value,
}

impl Decision {
    /// Whether a later one says the same, or answers the question that this one asks.
    pub(crate) fn is_superseded_by(&self, later: &Self) -> bool {
        self.is_about_same(later) && (self.kept == Kept::Undecided || self.is_same_as(later))
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.is_about_same(other) && (self.kept, self.lost) == (other.kept, other.lost) && self.values == other.values
    }

    fn is_about_same(&self, other: &Self) -> bool {
        let about = |decision: &Self| (decision.member_id, decision.change_id, decision.location_id);
        about(self) == about(other) && self.values.field == other.values.field
    }

    /// The value that lost, where one did.
    pub fn lost_value(&self) -> Option<&Value> {
        self.lost.map(|side| match side {
            Side::Ours => &self.values.ours,
            Side::Theirs => &self.values.theirs,
        })
    }
}

impl Kept {
    const NAMES: [(Self, &'static str); 4] =
        [(Self::Ours, "ours"), (Self::Theirs, "theirs"), (Self::Both, "both"), (Self::Undecided, "undecided")];

    /// The name in SQL and JSON.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kept, _)| *kept == self).map_or("", |(_, name)| name)
    }
}

impl FromSql for Kept {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(kept, _)| *kept).ok_or(FromSqlError::InvalidType)
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Ours => "ours",
        Side::Theirs => "theirs",
    }
}

fn read_side(name: &str) -> Option<Side> {
    [Side::Ours, Side::Theirs].into_iter().find(|side| side_name(*side) == name)
}

const SELECT: &str =
    "SELECT id, member_id, location_id, change_id, task_id, at, staff_id, ours_at, theirs_at, kept, lost,
     is_by_person, sealed, brought_back_at FROM decisions";

/// All decisions about a member, oldest first.
///
/// # Errors
/// As any read.
pub fn list_of_member(connection: &Connection, member: MemberId) -> Result<Vec<Decision>, StoreError> {
    list(connection, "member_id = :id", member.as_bytes())
}

/// What belongs to the question that a parked change asks a person: its own fields, and what was merged beside them.
///
/// # Errors
/// As any read.
pub fn list_of_task(connection: &Connection, task: ChangeId) -> Result<Vec<Decision>, StoreError> {
    list(connection, "task_id = :id", task.as_bytes())
}

/// The decision of that number.
///
/// # Errors
/// `decision_not_found`.
pub fn get(connection: &Connection, id: i64) -> Result<Decision, StoreError> {
    Ok(find(connection, id)?.ok_or(Refusal::DecisionNotFound)?)
}

/// The decision of that number; `None` too where its member was erased.
pub(crate) fn find(connection: &Connection, id: i64) -> Result<Option<Decision>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = :id"))?;
    let row = statement.query_row(named_params! { ":id": id }, RawDecision::read).optional()?;
    Ok(row.map(|row| row.open(connection)).transpose()?.flatten())
}

/// Notes that the one that lost was brought back.
///
/// # Errors
/// As any write.
pub fn note_brought_back(tx: &Transaction<'_>, id: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE decisions SET brought_back_at = :at WHERE id = :id")?
        .execute(named_params! { ":at": Sql(at), ":id": id })?;
    Ok(())
}

/// Stores what was decided.
pub(crate) fn insert(tx: &Transaction<'_>, decision: &Decision) -> Result<(), StoreError> {
    let json = serde_json::to_vec(&decision.values).map_err(|_| StoreError::Unreadable("decision"))?;
    let sealed = sealing::seal(tx, decision.member_id, Purpose::Decision, &json)?;
    tx.prepare_cached(
        "INSERT INTO decisions (member_id, location_id, change_id, task_id, at, staff_id, ours_at, theirs_at, kept, lost,
             is_by_person, sealed, brought_back_at)
         VALUES (:member, :location, :change, :task, :at, :staff, :ours_at, :theirs_at, :kept, :lost,
             :is_by_person, :sealed, :brought_back_at)",
    )?
    .execute(named_params! {
        ":member": Sql(decision.member_id),
        ":location": Sql(decision.location_id),
        ":change": Sql(decision.change_id),
        ":task": Sql(decision.task_id),
        ":at": Sql(decision.at),
        ":staff": Sql(decision.staff_id),
        ":ours_at": Sql(decision.ours_at),
        ":theirs_at": Sql(decision.theirs_at),
        ":kept": decision.kept.name(),
        ":lost": decision.lost.map(side_name),
        ":is_by_person": decision.is_by_person,
        ":sealed": sealed,
        ":brought_back_at": Sql(decision.brought_back_at),
    })?;
    Ok(())
}

/// Stores what the journal tells was decided, unless it stands there already.
pub(crate) fn put_back(tx: &Transaction<'_>, told: &Decision) -> Result<(), StoreError> {
    for known in list_of_member(tx, told.member_id)? {
        if known.is_same_as(told) {
            return match told.brought_back_at {
                Some(at) => note_brought_back(tx, known.id, at),
                None => Ok(()),
            };
        }
        if known.is_superseded_by(told) {
            delete(tx, known.id)?;
        }
    }
    insert(tx, told)
}

/// Takes an undecided one away: it is stored anew as decided.
pub(crate) fn delete(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM decisions WHERE id = :id")?.execute(named_params! { ":id": id })?;
    Ok(())
}

fn list(connection: &Connection, which: &str, id: &[u8]) -> Result<Vec<Decision>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE {which} ORDER BY id"))?;
    let rows = statement.query_map(named_params! { ":id": id }, RawDecision::read)?;
    let opened = rows.map(|row| row?.open(connection)).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(opened.into_iter().flatten().collect())
}

/// A row before its values are opened.
struct RawDecision {
    decision: Decision,
    sealed: Vec<u8>,
}

impl RawDecision {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let decision = Decision {
            id: row.get(0)?,
            member_id: row.get::<_, Sql<MemberId>>(1)?.0,
            location_id: row.get::<_, Option<Sql<LocationId>>>(2)?.map(|id| id.0),
            change_id: row.get::<_, Sql<ChangeId>>(3)?.0,
            task_id: row.get::<_, Option<Sql<ChangeId>>>(4)?.map(|id| id.0),
            at: row.get::<_, Sql<Timestamp>>(5)?.0,
            staff_id: row.get::<_, Option<Sql<StaffId>>>(6)?.map(|id| id.0),
            ours_at: row.get::<_, Sql<Timestamp>>(7)?.0,
            theirs_at: row.get::<_, Option<Sql<Timestamp>>>(8)?.map(|at| at.0),
            kept: row.get(9)?,
            lost: row.get::<_, Option<String>>(10)?.as_deref().and_then(read_side),
            is_by_person: row.get(11)?,
            // Stands in until they are opened.
            values: Values { field: String::new(), before: Value::Null, ours: Value::Null, theirs: Value::Null },
            brought_back_at: row.get::<_, Option<Sql<Timestamp>>>(13)?.map(|at| at.0),
        };
        Ok(Self { decision, sealed: row.get(12)? })
    }

    /// `None` where the member's key was destroyed.
    fn open(self, connection: &Connection) -> Result<Option<Decision>, StoreError> {
        let Some(json) = sealing::open(connection, self.decision.member_id, Purpose::Decision, &self.sealed)? else {
            return Ok(None);
        };
        let values = serde_json::from_slice(&json).map_err(|_| StoreError::Unreadable("decision"))?;
        Ok(Some(Decision { values, ..self.decision }))
    }
}
