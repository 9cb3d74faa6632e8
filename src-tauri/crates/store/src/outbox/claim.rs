//! Taking changes out of the outbox to send them: which, in what order, and frozen to the byte before the first one
//! leaves.

use super::remake::{Made, replace};
use super::{Change, ChangeState, HELD_BACK, QueuedChange, RawRow, SELECT, Stamp};
use crate::balance::{self, Guard};
use crate::error::StoreError;
use crate::remotes::Problem;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::collections::HashSet;
use std::time::Duration;

/// Most edits of one member that travel as one: more than a month of corrections, little enough to merge at once.
const MAX_FOLDED: usize = 500;

/// Which changes may be taken.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The remote that they go to.
    pub remote_id: RemoteId,
    /// Now.
    pub at: Timestamp,
    /// At most so many.
    pub limit: u32,
    /// At most so many bytes together, but always one.
    pub max_bytes: usize,
    /// Whether a change that was sent without an answer may be taken up again.
    pub may_resend: bool,
    /// No change is ever due later than this from now: a clock that was set back must not freeze the queue.
    pub longest_wait: Duration,
}

/// A change that was taken, and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its id.
    pub id: ChangeId,
    /// Whose it is.
    pub member_id: Option<MemberId>,
    /// Its number.
    pub number: i64,
    /// What was done, with all that is folded into it.
    pub change: Change,
    /// How often it was sent, this time included.
    pub attempts: u32,
    /// When it was first sent, where it was before.
    pub first_sent_at: Option<Timestamp>,
    /// Whether the remote may have it already: it was sent without an answer, or by another copy of this file.
    pub may_be_there: bool,
    /// Whether another copy of this file, or the one that was lost, may have sent this money: what it noted is not here.
    pub is_copied: bool,
    /// Whether a person who was asked about this money looked, and said that the remote does not have it.
    pub is_said_lacking: bool,
    /// What the last write of its credit found and makes of it, where nobody knows what became of that.
    pub guard: Option<Guard>,
    /// The exact bytes to send.
    pub frozen: Vec<u8>,
}

/// What a change waits for beside what it depends on: nothing is written at a member of whose credit it is not known what
/// became of the last write, or nobody could tell any more. A person who is asked about it is not waited for, nor a change
/// that has ended, whatever a file that was put back still notes of it. Of several such writes, by exchanges that ran at
/// once, the oldest is looked into first: else each would wait for the others. Nor is one waited for that waits itself, as
/// for a registration that an older copy of the file does not know as done.
const IS_GUARDED: &str = "EXISTS (
    SELECT 1 FROM credit_guards CROSS JOIN outbox AS guarded ON guarded.change_id = credit_guards.change_id
    WHERE guarded.member_id = outbox.member_id AND guarded.remote_id = :remote
      AND guarded.change_id <> outbox.change_id AND guarded.state IN ('ready', 'in_flight', 'unknown')
      AND (guarded.rowid < outbox.rowid
           OR NOT EXISTS (SELECT 1 FROM credit_guards AS own WHERE own.change_id = outbox.change_id))
      AND NOT EXISTS (
          SELECT 1 FROM outbox_dependencies AS waiting CROSS JOIN outbox AS first ON first.change_id = waiting.depends_on
          WHERE waiting.change_id = guarded.change_id
            AND first.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')))";

/// Why a change is not sent as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// In words, for a person.
    pub problem: Problem,
    /// The fields that stay behind, of an edit or of how somebody who is registered stands at the shop; everything else is
    /// sent. None: all of the change stays.
    pub fields: Vec<String>,
}

impl Held {
    /// Why the fields wait: what does not touch them goes out meanwhile.
    fn waiting(&self) -> Problem {
        Problem { code: HELD_BACK.to_owned(), ..self.problem.clone() }
    }
}

impl From<Problem> for Held {
    fn from(problem: Problem) -> Self {
        Self { problem, fields: Vec::new() }
    }
}

/// Takes what is ready, oldest first, and freezes the bytes of each. The commit of this transaction must come before
/// the first byte leaves. `freeze` turns a change into bytes; one that cannot be turned is parked with the problem, or
/// those of its fields that cannot. `new_id` makes the ids of the two that it then becomes.
///
/// # Errors
/// As any write.
pub fn claim(
    tx: &Transaction<'_>,
    claim: &Claim,
    freeze: &dyn Fn(&QueuedChange) -> Result<Vec<u8>, Held>,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = Vec::new();
    let mut bytes = 0;
    let mut folded = HashSet::new();
    for mut queued in candidates(tx, claim)? {
        if folded.contains(&queued.id) {
            continue;
        }
        let frozen = match find_frozen(tx, &queued)? {
            Some(frozen) => frozen,
            None => {
                let followers = fold(tx, &mut queued)?;
                match freeze(&queued) {
                    Ok(frozen) => {
                        store_frozen(tx, &queued, &frozen, &followers)?;
                        folded.extend(followers);
                        frozen
                    }
                    Err(held) => {
                        if !hold_back(tx, &queued, &held, &followers, claim.at, new_id)? {
                            super::settle::park(tx, queued.id, &held.problem, claim.at)?;
                        }
                        continue;
                    }
                }
            }
        };
        bytes += frozen.len();
        let is_money = queued.change.is_money();
        let guard = if is_money { balance::find_guard(tx, queued.id)? } else { None };
        let is_said_lacking = is_money && super::person::is_said_lacking(tx, queued.id)?;
        if !claimed.is_empty() && bytes > claim.max_bytes {
            break;
        }
        mark_in_flight(tx, queued.id, claim.at)?;
        claimed.push(Claimed {
            id: queued.id,
            member_id: queued.member_id,
            number: queued.number,
            change: queued.change,
            attempts: queued.attempts + 1,
            first_sent_at: queued.first_sent_at,
            may_be_there: queued.state == ChangeState::Unknown || queued.first_sent_at.is_some(),
            is_copied: is_money && super::renumber::is_copied(tx, queued.id)?,
            is_said_lacking,
            guard,
            frozen,
        });
        if claimed.len() >= claim.limit as usize {
            break;
        }
    }
    Ok(claimed)
}

/// The changes that were claimed and not settled: under way, or stranded by a crash or by an answer that could not be
/// written down.
///
/// # Errors
/// As any read.
pub fn list_in_flight(connection: &Connection, remote: RemoteId) -> Result<Vec<ChangeId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox WHERE remote_id = :remote
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'in_flight'",
    )?;
    let rows = statement.query_map(named_params! { ":remote": Sql(remote) }, |row| row.get::<_, Sql<ChangeId>>(0))?;
    Ok(rows.map(|row| row.map(|id| id.0)).collect::<Result<_, _>>()?)
}

/// Takes up again what is in flight although nobody waits for its answer any more: it was perhaps sent.
///
/// # Errors
/// As any write.
pub fn recover(tx: &Transaction<'_>, stranded: &[ChangeId]) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET state = 'unknown', first_sent_at = coalesce(first_sent_at, claimed_at)
         WHERE change_id = :id AND state = 'in_flight'",
    )?;
    for id in stranded {
        statement.execute(named_params! { ":id": Sql(*id) })?;
    }
    Ok(())
}

/// Only after the first loss: one that is lost again and again must not keep others from being heard of. Nor is a remote
/// that answered with a fault of its own asked sooner for it.
const IS_LOST_REGISTRATION: &str =
    "state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'unknown'
     AND verb IN ('member_added', 'membership_added') AND problem_code = 'unreachable' AND attempts < 2";

/// Makes everything that waits for time alone due now.
///
/// # Errors
/// As any write.
pub fn make_due(tx: &Transaction<'_>, remote: RemoteId, at: Timestamp) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET due_at = :at WHERE remote_id = :remote
         AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state IN ('ready', 'unknown')",
    )?;
    statement.execute(named_params! { ":at": Sql(at), ":remote": Sql(remote) })?;
    Ok(())
}

/// Whether a registration whose answer was lost is still to wait.
///
/// # Errors
/// As any read.
pub fn has_waiting_registration(connection: &Connection, remote: RemoteId, at: Timestamp) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE remote_id = :remote AND due_at > :at AND {IS_LOST_REGISTRATION})"
    ))?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote), ":at": Sql(at) }, |row| row.get(0))?)
}

/// Makes registrations whose answers were lost due now.
///
/// # Errors
/// As any write.
pub fn hurry_registrations(tx: &Transaction<'_>, remote: RemoteId, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(&format!(
        "UPDATE outbox SET due_at = min(due_at, :at) WHERE remote_id = :remote AND {IS_LOST_REGISTRATION}"
    ))?
    .execute(named_params! { ":remote": Sql(remote), ":at": Sql(at) })?;
    Ok(())
}

/// When the next change of a remote is due that waits for nothing but time.
///
/// # Errors
/// As any read.
pub fn earliest_due(connection: &Connection, remote: RemoteId) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT min(due_at) FROM outbox WHERE remote_id = :remote
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state IN ('ready', 'unknown')
           AND NOT EXISTS (
               SELECT 1 FROM outbox_dependencies CROSS JOIN outbox AS other ON other.change_id = depends_on
               WHERE outbox_dependencies.change_id = outbox.change_id
                 AND other.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
           AND NOT {IS_GUARDED}"
    ))?;
    let due: Option<Sql<Timestamp>> =
        statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0))?;
    Ok(due.map(|due| due.0))
}

/// The watchdog's question: since when a change has been due although nothing hinders it.
///
/// # Errors
/// As any read.
pub fn overdue_since(
    connection: &Connection,
    remote: RemoteId,
    at: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(earliest_due(connection, remote)?.filter(|due| *due < at))
}

fn candidates(tx: &Transaction<'_>, claim: &Claim) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "{SELECT} WHERE remote_id = :remote AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND (state = 'ready' OR (state = 'unknown' AND :may_resend))
           AND (due_at <= :at OR due_at > :latest)
           AND NOT EXISTS (
               SELECT 1 FROM outbox_dependencies CROSS JOIN outbox AS other ON other.change_id = depends_on
               WHERE outbox_dependencies.change_id = outbox.change_id
                 AND other.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
           AND NOT {IS_GUARDED}
         ORDER BY outbox.rowid LIMIT :limit"
    ))?;
    let params = named_params! {
        ":remote": Sql(claim.remote_id),
        ":may_resend": claim.may_resend && !is_planted(Mistake::RetryNotRearmed),
        ":at": Sql(claim.at),
        ":latest": Sql(claim.at.plus(claim.longest_wait)),
        ":limit": claim.limit,
    };
    let rows = statement.query_map(params, RawRow::read)?;
    rows.map(|row| row?.open(tx)).collect()
}

fn find_frozen(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT frozen FROM outbox WHERE change_id = :id")?;
    let frozen: Option<Vec<u8>> =
        statement.query_row(named_params! { ":id": Sql(queued.id) }, |row| row.get(0)).optional()?.flatten();
    let Some(frozen) = frozen.filter(|_| !is_planted(Mistake::FrozenRebuilt)) else { return Ok(None) };
    match queued.member_id {
        Some(member) => sealing::open(tx, member, Purpose::FrozenBytes, &frozen),
        None => Ok(Some(frozen)),
    }
}

/// Lets the edits that follow a registration or an edit travel with it: they change the same rows, and one request
/// says it all. Nothing that moves money, and nothing that was already sent, is ever folded.
fn fold(tx: &Transaction<'_>, queued: &mut QueuedChange) -> Result<Vec<ChangeId>, StoreError> {
    let Some(member) = queued.member_id else { return Ok(Vec::new()) };
    let mut followers = Vec::new();
    // It is numbered anew: it says again what it said, with all that travelled with it and nothing else.
    let was_sent = queued.first_sent_at.is_some();
    let (id, of_member) = (queued.id, super::list_open_of_member(tx, member)?);
    for later in of_member.into_iter().skip_while(|change| change.id != id).skip(1) {
        if later.folded_into == Some(id) {
            if let Change::MemberEdited { edit, .. } = later.change
                && queued.take_in(edit)
            {
                followers.push(later.id);
            }
            continue;
        }
        if was_sent {
            continue;
        }
        let is_free = later.state == ChangeState::Ready && later.attempts == 0;
        if later.remote_id != queued.remote_id {
            continue;
        }
        let Change::MemberEdited { edit: later_edit, .. } = later.change else { continue };
        // It waits for that one's registration, which this one need not wait for.
        if super::merged_into(&later_edit).is_some() {
            break;
        }
        if !is_free || followers.len() == MAX_FOLDED || waits_for_a_person(tx, later.id)? {
            break;
        }
        if !is_planted(Mistake::FoldedEditDropped) && !queued.take_in(later_edit) {
            break;
        }
        followers.push(later.id);
    }
    Ok(followers)
}

/// Parts a change of which the remote, asked, could not take all, and of which nothing was sent: what it can take goes on
/// its way, the rest waits for a person.
///
/// # Errors
/// As any write.
pub fn hold_back_claimed(
    tx: &Transaction<'_>,
    id: ChangeId,
    held: &Held,
    at: Timestamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let mut queued = super::get(tx, id)?;
    let followers = fold(tx, &mut queued)?;
    if hold_back(tx, &queued, held, &followers, at, new_id)? {
        return Ok(());
    }
    let problem = match queued.change {
        // It holds up only edits of the same.
        Change::MemberEdited { .. } | Change::MembershipEdited { .. } => held.waiting(),
        _ => held.problem.clone(),
    };
    super::settle::park(tx, id, &problem, at)
}

/// Parts a change in two: what the remote can take goes out as it would have, what it cannot waits for a person and holds up
/// only edits of the same fields. Answers whether there was anything to part.
fn hold_back(
    tx: &Transaction<'_>,
    queued: &QueuedChange,
    held: &Held,
    followers: &[ChangeId],
    at: Timestamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<bool, StoreError> {
    let Some((ahead, behind)) = parted(&queued.change, &held.fields) else { return Ok(false) };
    let needs_the_other = matches!(ahead, Change::MemberAdded { .. } | Change::MembershipAdded { .. });
    fold_into(tx, queued.id, followers)?;
    let stamp = Stamp { at: queued.made_at, staff_id: queued.staff_id };
    let made = [
        Made { id: new_id(), change: ahead, stamp, problem: None },
        Made { id: new_id(), change: behind, stamp, problem: Some(held.waiting()) },
    ];
    replace(tx, queued, &made, queued.merges, ("replaced", at))?;
    if needs_the_other {
        super::insert_dependency(tx, made[1].id, made[0].id)?;
    }
    Ok(true)
}

/// A change without those fields, and an edit of just those. `None` where either would say nothing.
fn parted(change: &Change, held: &[String]) -> Option<(Change, Change)> {
    let part = |edit: &Edit| {
        let (behind, ahead): (Vec<_>, Vec<_>) =
            edit.fields.clone().into_iter().partition(|(path, _)| held.contains(path));
        let of = |fields: Vec<_>| Edit { fields: fields.into_iter().collect() };
        (!behind.is_empty()).then(|| (of(ahead), of(behind)))
    };
    let of_edit = |edit: &Edit| part(edit).filter(|(ahead, _)| !ahead.is_empty());
    // A registration says of the shop's terms what it would say as an edit of none.
    let of_terms = |terms: &Document| {
        let (ahead, behind) = part(&Edit::between(&Document::new(), terms))?;
        let mut left = Document::new();
        ahead.apply(&mut left);
        Some((left, behind))
    };
    Some(match change.clone() {
        Change::MemberEdited { member_id, edit } => {
            let (ahead, behind) = of_edit(&edit)?;
            (Change::MemberEdited { member_id, edit: ahead }, Change::MemberEdited { member_id, edit: behind })
        }
        Change::MembershipEdited { member_id, location_id, edit } => {
            let (ahead, behind) = of_edit(&edit)?;
            let change = |edit| Change::MembershipEdited { member_id, location_id, edit };
            (change(ahead), change(behind))
        }
        Change::MemberAdded { member_id, document, location_id, member_since, terms } => {
            let (terms, edit) = of_terms(&terms)?;
            let ahead = Change::MemberAdded { member_id, document, location_id, member_since, terms };
            (ahead, Change::MembershipEdited { member_id, location_id, edit })
        }
        Change::MembershipAdded { member_id, location_id, member_since, terms } => {
            let (terms, edit) = of_terms(&terms)?;
            let ahead = Change::MembershipAdded { member_id, location_id, member_since, terms };
            (ahead, Change::MembershipEdited { member_id, location_id, edit })
        }
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::EntryAdded { .. }
        | Change::VisitAdded { .. }
        | Change::LabelPut { .. } => return None,
    })
}

/// Whether a change waits for one that a person must look at: it must not overtake that one in another's company.
fn waits_for_a_person(tx: &Transaction<'_>, id: ChangeId) -> Result<bool, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox_dependencies CROSS JOIN outbox AS other ON other.change_id = depends_on
         WHERE outbox_dependencies.change_id = :id AND other.state = 'parked')",
    )?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?)
}

fn store_frozen(
    tx: &Transaction<'_>,
    queued: &QueuedChange,
    frozen: &[u8],
    followers: &[ChangeId],
) -> Result<(), StoreError> {
    let sealed = match queued.member_id {
        Some(member) => sealing::seal(tx, member, Purpose::FrozenBytes, frozen)?,
        None => frozen.to_vec(),
    };
    tx.prepare_cached("UPDATE outbox SET frozen = :frozen WHERE change_id = :id")?
        .execute(named_params! { ":frozen": sealed, ":id": Sql(queued.id) })?;
    fold_into(tx, queued.id, followers)
}

fn fold_into(tx: &Transaction<'_>, into: ChangeId, followers: &[ChangeId]) -> Result<(), StoreError> {
    for follower in followers {
        tx.prepare_cached("UPDATE outbox SET state = 'folded', folded_into = :into WHERE change_id = :id")?
            .execute(named_params! { ":into": Sql(into), ":id": Sql(*follower) })?;
    }
    Ok(())
}

fn mark_in_flight(tx: &Transaction<'_>, id: ChangeId, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'in_flight', attempts = attempts + 1, claimed_at = :at WHERE change_id = :id",
    )?
    .execute(named_params! { ":at": Sql(at), ":id": Sql(id) })?;
    Ok(())
}
