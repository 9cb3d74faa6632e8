//! The outbox: one row per change, written with the change. It moves through states and never loses a row.
//!
//! `ready` → claimed: `in_flight` → `done`, or `unknown` (sent, no answer), or `ready` again (never left), or `parked`
//! (for a person). `folded` rows travel with another; `discarded` and `replaced` rows were ended by a person.

mod claim;
mod connect;
mod merge;
mod person;
mod remake;
mod renumber;
mod settle;
mod shop;
mod told;

pub use claim::{
    Claim, Claimed, Held, claim, earliest_due, has_waiting_registration, hold_back_claimed, hurry_registrations,
    list_in_flight, make_due, overdue_since, recover,
};
pub use connect::{assign_remote, introduce, list_untold};
pub use merge::{Met, settle_conflict};
pub use person::{
    confirm_there, discard, find_there, has_dependents, is_in_doubt, is_question, resolve, retry, take_up_known,
};
pub(crate) use remake::give_up_edits;
pub(crate) use renumber::begin_anew;
pub use renumber::{acknowledged, begin_incarnation};
pub use settle::{Settlement, settle};
pub(crate) use shop::list_open_of_location;
pub(crate) use told::{Told, enqueue_told, exists, make_anew, tie};

use crate::error::StoreError;
use crate::remotes::Problem;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use crate::till;
use regulars_domain::change::Change;
use regulars_domain::edit::Edit;
use regulars_domain::ledger::{EntryKind, LedgerEntry};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, EntryId, Incarnation, MemberId, RemoteId, StaffId, Timestamp, VisitId};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The code of fields that the remote cannot take as they are. What does not touch them goes out meanwhile.
pub const HELD_BACK: &str = "held_back";
/// The code of money of which nobody can tell whether the remote has it.
pub const IN_DOUBT: &str = "credit_in_doubt";
/// The form in which this version writes payloads.
const FORMAT: u32 = 1;

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Waits for its turn.
    Ready,
    /// Being sent.
    InFlight,
    /// Sent, but no answer was heard.
    Unknown,
    /// Waits for a person.
    Parked,
    /// Travels with an earlier change of the same member.
    Folded,
    /// Acknowledged.
    Done,
    /// Given up by a person.
    Discarded,
    /// Made anew by a person, after the remote had refused it.
    Replaced,
}

impl ChangeState {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Ready, "ready"),
        (Self::InFlight, "in_flight"),
        (Self::Unknown, "unknown"),
        (Self::Parked, "parked"),
        (Self::Folded, "folded"),
        (Self::Done, "done"),
        (Self::Discarded, "discarded"),
        (Self::Replaced, "replaced"),
    ];

    /// The name in SQL and JSON.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl FromSql for ChangeState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state).ok_or(FromSqlError::InvalidType)
    }
}

/// When, under which id and by whom a change is made.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Now.
    pub at: Timestamp,
    /// Who, once a till has staff.
    pub staff_id: Option<StaffId>,
}

/// A change on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedChange {
    /// Its id.
    pub id: ChangeId,
    /// The life of the file that it was made in.
    pub incarnation: Incarnation,
    /// Its number in that life.
    pub number: i64,
    /// The remote that it goes to; `None` while its shop has none.
    pub remote_id: Option<RemoteId>,
    /// Whose change it is.
    pub member_id: Option<MemberId>,
    /// What was done.
    pub change: Change,
    /// Where it stands.
    pub state: ChangeState,
    /// The change that it travels with.
    pub folded_into: Option<ChangeId>,
    /// How often it was sent.
    pub attempts: u32,
    /// Not to be sent before.
    pub due_at: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub staff_id: Option<StaffId>,
    /// Why it waits for a person, or what went wrong last.
    pub problem: Option<Problem>,
    /// When it was first sent, where it was.
    pub first_sent_at: Option<Timestamp>,
    /// An earlier change that must be acknowledged first: when that one was made.
    pub waits_for: Option<Timestamp>,
    /// Its place among its member's changes: one that is made anew keeps that of the one before.
    pub place: i64,
    /// How often it was made anew because somebody else had been faster.
    pub merges: u32,
}

/// How many changes wait for the line, and how many for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// For the line.
    pub waiting: i64,
    /// For a person.
    pub needs_you: i64,
}

const SELECT: &str =
    "SELECT outbox.change_id, incarnation, number, remote_id, member_id, payload, state, attempts, due_at,
     made_at, staff_id, problem_code, problem_message, problem_field,
     (SELECT min(other.made_at) FROM outbox_dependencies CROSS JOIN outbox AS other ON other.change_id = depends_on
      WHERE outbox_dependencies.change_id = outbox.change_id
        AND other.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')),
     folded_into, first_sent_at, place, merges
     FROM outbox";

/// The changes that wait, oldest first.
///
/// # Errors
/// As any read.
pub fn list_open(connection: &Connection, limit: u32) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
         ORDER BY state <> 'parked', outbox.rowid LIMIT :limit"
    ))?;
    let rows = statement.query_map(named_params! { ":limit": limit }, RawRow::read)?;
    rows.map(|row| row?.open(connection)).collect()
}

/// A member's changes that the remote has not confirmed, oldest first.
///
/// # Errors
/// As any read.
pub fn list_open_of_member(connection: &Connection, member: MemberId) -> Result<Vec<QueuedChange>, StoreError> {
    // Statistics of a till's first days say that the outbox has a row or two: a scan would seem as good.
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} INDEXED BY outbox_open_of_member WHERE member_id = :member AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
         ORDER BY place, outbox.rowid"
    ))?;
    let rows = statement.query_map(named_params! { ":member": Sql(member) }, RawRow::read)?;
    rows.map(|row| row?.open(connection)).collect()
}

/// Whether a member has changes that the remote has not confirmed.
///
/// # Errors
/// As any read.
pub fn has_open_of_member(connection: &Connection, member: MemberId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_open_of_member WHERE member_id = :member
         AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    )?;
    Ok(statement.query_row(named_params! { ":member": Sql(member) }, |row| row.get(0))?)
}

/// All changes that this till made to a member, oldest first.
///
/// # Errors
/// As any read.
pub fn list_of_member(connection: &Connection, member: MemberId) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} INDEXED BY outbox_member WHERE member_id = :member ORDER BY made_at, outbox.rowid"
    ))?;
    let rows = statement.query_map(named_params! { ":member": Sql(member) }, RawRow::read)?;
    rows.map(|row| row?.open(connection)).collect()
}

/// The change of that id.
///
/// # Errors
/// `change_not_found`.
pub fn get(connection: &Connection, id: ChangeId) -> Result<QueuedChange, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE outbox.change_id = :id"))?;
    let row = statement.query_row(named_params! { ":id": Sql(id) }, RawRow::read).optional()?;
    row.ok_or(StoreError::ChangeNotFound)?.open(connection)
}

/// Everything that waits, each member's changes in their order.
pub(crate) fn list_all_open(connection: &Connection) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY place, outbox.rowid"
    ))?;
    let rows = statement.query_map([], RawRow::read)?;
    rows.map(|row| row?.open(connection)).collect()
}

/// The ids of everything that waits, in the order in which it was queued.
pub(crate) fn list_open_ids(connection: &Connection) -> Result<Vec<ChangeId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY rowid",
    )?;
    let rows = statement.query_map([], |row| Ok(row.get::<_, Sql<ChangeId>>(0)?.0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a remote has acknowledged anything of what this file has.
///
/// # Errors
/// As any read.
pub fn has_acknowledged(connection: &Connection, remote: RemoteId) -> Result<bool, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE remote_id = :remote AND state = 'done')")?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0))?)
}

/// How many changes wait.
///
/// # Errors
/// As any read.
pub fn count(connection: &Connection) -> Result<Counts, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE state <> 'parked'), count(*) FILTER (WHERE state = 'parked') FROM outbox
         WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND remote_id IS NOT NULL",
    )?;
    Ok(statement.query_row([], |row| Ok(Counts { waiting: row.get(0)?, needs_you: row.get(1)? }))?)
}

/// How many changes wait for one remote.
///
/// # Errors
/// As any read.
pub fn count_of_remote(connection: &Connection, remote: RemoteId) -> Result<Counts, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE state <> 'parked'), count(*) FILTER (WHERE state = 'parked') FROM outbox
         WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND remote_id = :remote",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok(Counts { waiting: row.get(0)?, needs_you: row.get(1)? });
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, read)?)
}

/// Money that goes to a remote without a home for it stays in this file, as that of a shop without a remote does: until
/// the shop has one that takes it. What was sent already is left to be answered.
///
/// # Errors
/// As any write.
pub fn keep_money_here(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET remote_id = NULL WHERE remote_id = :remote AND verb IN ('entry_added', 'visit_added')
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'ready' AND attempts = 0",
    )?;
    statement.execute(named_params! { ":remote": Sql(remote) })?;
    Ok(())
}

/// Queues a change for a remote, behind the changes that it needs.
pub(crate) fn enqueue(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    change: &Change,
    stamp: Stamp,
) -> Result<(), StoreError> {
    insert(tx, id, remote, change, stamp, None)?;
    insert_dependencies(tx, id, remote, change)
}

/// The place of a change that is made anew, and why it waits for a person, where it does.
pub(super) struct Anew<'a> {
    place: i64,
    merges: u32,
    problem: Option<&'a Problem>,
}

fn insert(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    change: &Change,
    stamp: Stamp,
    anew: Option<&Anew<'_>>,
) -> Result<(), StoreError> {
    let (incarnation, number) = till::take_change_number(tx)?;
    insert_row(tx, (id, incarnation, number), None, remote, change, stamp, anew)
}

/// Inserts a row, in that line of the table or behind all others.
fn insert_row(
    tx: &Transaction<'_>,
    (id, incarnation, number): (ChangeId, Incarnation, i64),
    line: Option<i64>,
    remote: Option<RemoteId>,
    change: &Change,
    stamp: Stamp,
    anew: Option<&Anew<'_>>,
) -> Result<(), StoreError> {
    let json = serde_json::to_vec(change).map_err(|_| StoreError::Unreadable("change"))?;
    let payload = match change.member_id() {
        Some(member) => sealing::seal(tx, member, Purpose::Change, &json)?,
        None => json,
    };
    let problem = anew.and_then(|anew| anew.problem);
    tx.prepare_cached(
        "INSERT INTO outbox (rowid, change_id, incarnation, number, remote_id, location_id, member_id, entry_id, visit_id, verb,
             format, payload, state, place, merges, attempts, due_at, unauthorised_minor, made_at, staff_id,
             problem_code, problem_message, problem_field)
         VALUES (:line, :id, :incarnation, :number, :remote, :location, :member, :entry, :visit, :verb,
             :format, :payload, :state, coalesce(:place, (SELECT coalesce(max(rowid), 0) + 1 FROM outbox)), :merges,
             0, :at, :unauthorised, :at, :staff, :problem_code, :problem_message, :problem_field)",
    )?
    .execute(named_params! {
        ":line": line,
        ":id": Sql(id),
        ":incarnation": Sql(incarnation),
        ":number": number,
        ":remote": Sql(remote),
        ":location": Sql(change.location_id()),
        ":member": Sql(change.member_id()),
        ":entry": Sql(entry_of(change)),
        ":visit": Sql(visit_of(change)),
        ":verb": change.verb(),
        ":format": FORMAT,
        ":payload": payload,
        ":state": if problem.is_some() { ChangeState::Parked.name() } else { ChangeState::Ready.name() },
        ":place": anew.map(|anew| anew.place),
        ":merges": anew.map_or(0, |anew| anew.merges),
        ":unauthorised": unauthorised_minor(change),
        ":at": Sql(stamp.at),
        ":staff": Sql(stamp.staff_id),
        ":problem_code": problem.map(|problem| &problem.code),
        ":problem_message": problem.map(|problem| &problem.message),
        ":problem_field": problem.and_then(|problem| problem.field.as_ref()),
    })?;
    Ok(())
}

fn entry_of(change: &Change) -> Option<EntryId> {
    if let Change::EntryAdded { entry } = change { Some(entry.id) } else { None }
}

fn visit_of(change: &Change) -> Option<VisitId> {
    if let Change::VisitAdded { visit, .. } = change { Some(visit.id) } else { None }
}

/// What was taken from an account without authorisation uses of the allowance.
pub(crate) fn unauthorised_minor(change: &Change) -> Option<i64> {
    let is_taking = |entry: &&LedgerEntry| matches!(entry.kind, EntryKind::Redeem | EntryKind::CashOut);
    let taken = change.entries().iter().filter(is_taking).filter(|entry| entry.authorisation_id.is_none());
    let minor: i64 = taken.map(|entry| -entry.amount.minor).sum();
    (minor > 0).then_some(minor)
}

/// Dependencies before order: a change waits for its shop and for its member's registration, what edits a member for the
/// edits before it, who turned out to be somebody for that one's registration, an entry for the entry that it undoes or
/// gives back, who goes for the other rows of the same person. For nothing else; and for a field that a person is to decide
/// about only what changes that field too.
fn insert_dependencies(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    change: &Change,
) -> Result<(), StoreError> {
    if is_planted(Mistake::DependenciesForgotten) {
        return Ok(());
    }
    let needs_rows = !change.is_money();
    tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
         SELECT :id, change_id FROM outbox INDEXED BY outbox_open_shop
         WHERE location_id = :location AND verb = 'location_added' AND change_id <> :id AND remote_id IS :remote
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
         UNION ALL
         SELECT :id, change_id FROM outbox INDEXED BY outbox_open_of_member
         WHERE member_id = :member AND remote_id IS :remote AND change_id <> :id
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND (verb = 'member_added'
                OR (:needs_rows AND verb IN ('member_edited', 'membership_added', 'membership_edited')))
           AND NOT (state = 'parked' AND problem_code IN ('conflict', 'held_back'))",
    )?
    .execute(named_params! {
        ":id": Sql(id),
        ":remote": Sql(remote),
        ":location": Sql(change.location_id()),
        ":member": Sql(change.member_id()),
        ":needs_rows": needs_rows,
    })?;
    for entry in change.entries() {
        insert_entry_dependency(tx, id, remote, entry)?;
    }
    if let Change::MemberEdited { edit, .. } = change
        && let Some(into) = merged_into(edit)
    {
        insert_registration_dependency(tx, id, remote, into)?;
    }
    if matches!(change, Change::MemberRemoved { .. } | Change::MemberErased { .. }) {
        insert_leaving_dependencies(tx, id, remote, change)?;
    }
    insert_question_dependencies(tx, id, remote, change)
}

/// The rows of one person go in an order: whom a member turned out to be is erased first, and deleted last.
fn insert_leaving_dependencies(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    change: &Change,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
         SELECT :id, change_id FROM outbox INDEXED BY outbox_leaving
         WHERE verb = :verb AND remote_id IS :remote AND verb IN ('member_removed', 'member_erased')
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND CASE :verb
             WHEN 'member_erased' THEN member_id = (SELECT merged_into FROM members WHERE id = :member)
             ELSE member_id IN (SELECT id FROM members WHERE merged_into = :member) END",
    )?
    .execute(named_params! {
        ":id": Sql(id),
        ":verb": change.verb(),
        ":member": Sql(change.member_id()),
        ":remote": Sql(remote),
    })?;
    Ok(())
}

/// The members whose deletion or erasure a remote is still to hear of.
///
/// # Errors
/// As any read.
pub fn list_leaving(connection: &Connection, remote: RemoteId) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT member_id FROM outbox INDEXED BY outbox_leaving
         WHERE remote_id = :remote AND verb IN ('member_removed', 'member_erased')
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?;
    let rows = statement.query_map(named_params! { ":remote": Sql(remote) }, |row| row.get::<_, Sql<MemberId>>(0))?;
    Ok(rows.map(|row| row.map(|id| id.0)).collect::<Result<_, _>>()?)
}

/// Whom a change says that a member turned out to be.
pub(crate) fn merged_into_of(change: &Change) -> Option<MemberId> {
    if let Change::MemberEdited { edit, .. } = change { merged_into(edit) } else { None }
}

/// Whom an edit says that a member turned out to be.
fn merged_into(edit: &Edit) -> Option<MemberId> {
    let into = edit.fields.get("merged")?.after.get("into")?;
    serde_json::from_value(into.clone()).ok()
}

fn insert_registration_dependency(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    member: MemberId,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
         SELECT :id, change_id FROM outbox INDEXED BY outbox_open_of_member
         WHERE member_id = :member AND remote_id IS :remote AND verb = 'member_added'
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?
    .execute(named_params! { ":id": Sql(id), ":member": Sql(member), ":remote": Sql(remote) })?;
    Ok(())
}

/// A change waits for the questions about what it changes too.
fn insert_question_dependencies(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    change: &Change,
) -> Result<(), StoreError> {
    let Some(member) = change.member_id().filter(|_| !change.is_money()) else { return Ok(()) };
    let mut statement = tx.prepare_cached(&format!(
        "{SELECT} INDEXED BY outbox_open_of_member WHERE member_id = :member AND remote_id IS :remote
           AND outbox.change_id <> :id AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND state = 'parked' AND problem_code IN ('conflict', 'held_back')"
    ))?;
    let params = named_params! { ":member": Sql(member), ":remote": Sql(remote), ":id": Sql(id) };
    let parked: Vec<QueuedChange> =
        statement.query_map(params, RawRow::read)?.map(|row| row?.open(tx)).collect::<Result<_, _>>()?;
    for question in parked.into_iter().filter(|question| remake::overlaps(change, &question.change)) {
        insert_dependency(tx, id, question.id)?;
    }
    Ok(())
}

fn insert_dependency(tx: &Transaction<'_>, id: ChangeId, on: ChangeId) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on) VALUES (:id, :on)")?
        .execute(named_params! { ":id": Sql(id), ":on": Sql(on) })?;
    Ok(())
}

/// An entry waits for the change that brought the entry which it undoes or gives back.
fn insert_entry_dependency(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: Option<RemoteId>,
    entry: &LedgerEntry,
) -> Result<(), StoreError> {
    let Some(source) = entry.source_entry_id else { return Ok(()) };
    tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
         SELECT :id, change_id FROM outbox INDEXED BY outbox_open_of_member
         WHERE member_id = :member AND remote_id IS :remote AND change_id <> :id
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND (entry_id = :source OR visit_id = (SELECT visit_id FROM ledger_entries WHERE id = :source))",
    )?
    .execute(named_params! {
        ":id": Sql(id),
        ":remote": Sql(remote),
        ":member": Sql(entry.member_id),
        ":source": Sql(source),
    })?;
    Ok(())
}

impl QueuedChange {
    /// Takes a later edit of the same member into this change. Answers whether it is one that can.
    fn take_in(&mut self, later: Edit) -> bool {
        match &mut self.change {
            Change::MemberAdded { document, .. } => later.apply(document),
            Change::MemberEdited { edit, .. } => *edit = std::mem::take(edit).then(later),
            Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::MembershipAdded { .. }
            | Change::MembershipEdited { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::LabelPut { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. } => return false,
        }
        true
    }
}

/// A row before its payload is opened.
struct RawRow {
    queued: QueuedChange,
    payload: Vec<u8>,
}

impl RawRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let code: Option<String> = row.get(11)?;
        let message: Option<String> = row.get(12)?;
        let field: Option<String> = row.get(13)?;
        let problem = code.map(|code| Problem { code, message: message.unwrap_or_default(), field });
        let queued = QueuedChange {
            id: row.get::<_, Sql<ChangeId>>(0)?.0,
            incarnation: row.get::<_, Sql<Incarnation>>(1)?.0,
            number: row.get(2)?,
            remote_id: row.get::<_, Option<Sql<RemoteId>>>(3)?.map(|id| id.0),
            member_id: row.get::<_, Option<Sql<MemberId>>>(4)?.map(|id| id.0),
            // Stands in until the payload is opened.
            change: Change::MemberEdited {
                member_id: MemberId::from_uuid(uuid::Uuid::nil()),
                edit: Default::default(),
            },
            state: row.get(6)?,
            attempts: row.get(7)?,
            due_at: row.get::<_, Sql<Timestamp>>(8)?.0,
            made_at: row.get::<_, Sql<Timestamp>>(9)?.0,
            staff_id: row.get::<_, Option<Sql<StaffId>>>(10)?.map(|id| id.0),
            problem,
            waits_for: row.get::<_, Option<Sql<Timestamp>>>(14)?.map(|at| at.0),
            folded_into: row.get::<_, Option<Sql<ChangeId>>>(15)?.map(|id| id.0),
            first_sent_at: row.get::<_, Option<Sql<Timestamp>>>(16)?.map(|at| at.0),
            place: row.get(17)?,
            merges: row.get(18)?,
        };
        Ok(Self { queued, payload: row.get(5)? })
    }

    fn open(self, connection: &Connection) -> Result<QueuedChange, StoreError> {
        let change = open_payload(connection, self.queued.member_id, &self.payload)?;
        Ok(QueuedChange { change, ..self.queued })
    }
}

/// Opens a payload; the member's key is there as long as a change of theirs is.
fn open_payload(connection: &Connection, member: Option<MemberId>, payload: &[u8]) -> Result<Change, StoreError> {
    let json = match member {
        Some(member) => sealing::open(connection, member, Purpose::Change, payload)?,
        None => Some(payload.to_vec()),
    };
    let json = json.ok_or(StoreError::Missing("the key of the member of a change"))?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Unreadable("change"))
}
