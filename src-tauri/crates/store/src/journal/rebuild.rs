//! Making the file's rows anew out of the journal: whatever it tells of and the file lacks is recorded again, in order and
//! under its own id, number and bytes. What cannot be is a finding; nothing else is held up by it.
//!
//! Money that head office had acknowledged stays acknowledged. What was known of members comes back as sent without an
//! answer: so it stands in the rows until the next pull, and the same bytes again have no effect there. A remote with keys
//! of its own does not know the same bytes again: what it acknowledged is not told it once more, neither a registration
//! nor an edit, which would undo what others changed since; it stands in the mirror until the next pull.

use super::read::{Told, ToldChange};
use super::record::{Ending, Recorded, Unfinished};
use crate::decisions::{self, Kept};
use crate::error::StoreError;
use crate::integrity::Finding;
use crate::members::Places;
use crate::mirror::{self, Incoming, Mirrored};
use crate::outbox::{self, ChangeState, Stamp};
use crate::sealing;
use crate::sql::Sql;
use crate::{derive, ledger, locations, members, record, remotes, settings};
use regulars_domain::change::Change;
use regulars_domain::{ChangeId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, Transaction, named_params};
use std::collections::BTreeSet;

/// What came out of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Changes that the file lacked and has now.
    pub changes: u64,
    /// Remotes, shops and settings that it lacked.
    pub set_up: u64,
    /// What could not be taken out of it.
    pub findings: Vec<Finding>,
}

/// Records everything that the journal tells of and the file lacks.
pub(crate) fn rebuild(tx: &Transaction<'_>, told: &Told, at: Timestamp) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::default();
    for number in &told.damaged {
        rebuilt.findings.push(super::damaged(*number));
    }
    set_up(tx, told, &mut rebuilt)?;
    for (member, key) in &told.keys {
        sealing::put_key_back(tx, *member, key)?;
    }
    let mut all: Vec<&ToldChange> = told.valid().filter(|told| !told.is_uncommitted).collect();
    // One that was made anew stands where the old one stood: what came after that waits for it.
    all.sort_by_key(|told| (told.recorded.place, told.recorded.line));
    let mut changed = Vec::new();
    for told in &all {
        if outbox::exists(tx, told.recorded.id)? {
            continue;
        }
        match in_savepoint(tx, || take(tx, told, at))? {
            Ok(()) => changed.push(*told),
            Err(error) => rebuilt.findings.push(not_replayed(&told.recorded, &error)),
        }
    }
    rebuilt.changes = changed.len() as u64;
    if !changed.is_empty() {
        outbox::tie(tx)?;
    }
    // Ended only now: until here each change could see what it had to wait for.
    for told in all {
        mirror_registered(tx, told, at)?;
        if end(tx, told, at)? {
            mirror_edited(tx, told, at)?;
            changed.push(told);
        }
    }
    derive_all(tx, &changed, at)?;
    decide(tx, told)?;
    Ok(rebuilt)
}

/// What was decided between two sides stays to be seen, and to be brought back. A question stands as long as its change
/// waits for a person.
fn decide(tx: &Transaction<'_>, told: &Told) -> Result<(), StoreError> {
    for decision in told.decisions() {
        let waits = |task| outbox::get(tx, task).is_ok_and(|queued| queued.state == ChangeState::Parked);
        let stands = decision.kept != Kept::Undecided || decision.task_id.is_some_and(waits);
        // Without a key they were erased.
        if stands && sealing::find_key(tx, decision.member_id)?.is_some() {
            decisions::put_back(tx, decision)?;
        }
    }
    Ok(())
}

/// Records one change that was left unfinished, because a person wants it.
pub(crate) fn take_one(tx: &Transaction<'_>, told: &Told, id: ChangeId, at: Timestamp) -> Result<(), StoreError> {
    let wanted = told.valid().find(|told| told.recorded.id == id).ok_or(StoreError::ChangeNotFound)?;
    if outbox::exists(tx, id)? {
        return Err(StoreError::ChangeState("this change is in the till's file already"));
    }
    // The number that it had may be another's by now.
    let (incarnation, number) = crate::till::take_change_number(tx)?;
    let renumbered = wanted.begun_anew(incarnation, number);
    take(tx, &renumbered, at)?;
    outbox::tie(tx)?;
    derive_all(tx, &[&renumbered], at)
}

impl Told {
    /// The changes that the file lacks, in words. What was done again since under its own id is not among them.
    pub(crate) fn unfinished(&self, connection: &Connection) -> Result<Vec<Unfinished>, StoreError> {
        let mut found = Vec::new();
        for told in self.valid() {
            let recorded = &told.recorded;
            if told.ended.is_some() || outbox::exists(connection, recorded.id)? {
                continue;
            }
            let Some(change) = recorded.read() else { continue };
            if was_done_again(connection, &change)? {
                continue;
            }
            let amounts = change.entries().iter().map(|entry| entry.amount).collect();
            let (verb, member_id) = (change.verb(), change.member_id());
            found.push(Unfinished { id: recorded.id, at: recorded.at, verb, member_id, amounts });
        }
        Ok(found)
    }
}

fn was_done_again(connection: &Connection, change: &Change) -> Result<bool, StoreError> {
    match change {
        Change::VisitAdded { visit, .. } => Ok(crate::visits::find(connection, visit.id)?.is_some()),
        Change::EntryAdded { entry } => ledger::exists(connection, entry.id),
        Change::MemberAdded { member_id, .. } => Ok(members::find(connection, *member_id)?.is_some()),
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberEdited { .. }
        | Change::MembershipAdded { .. }
        | Change::MembershipEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::LabelPut { .. } => Ok(false),
    }
}

fn set_up(tx: &Transaction<'_>, told: &Told, rebuilt: &mut Rebuilt) -> Result<(), StoreError> {
    let known: BTreeSet<_> = remotes::list(tx)?.into_iter().map(|remote| remote.id).collect();
    for remote in told.remotes.values().filter(|remote| !known.contains(&remote.id)) {
        let inserted = in_savepoint(tx, || remotes::insert(tx, &remote.clone().remote()))?;
        rebuilt.count_set_up(inserted, "a remote");
    }
    let known: BTreeSet<_> = locations::list(tx)?.into_iter().map(|location| location.id).collect();
    for location in told.locations.values().filter(|location| !known.contains(&location.id)) {
        let inserted = in_savepoint(tx, || locations::insert(tx, &location.clone().stored()))?;
        rebuilt.count_set_up(inserted, "a shop");
    }
    for (key, value) in &told.settings {
        if settings::find(tx, key)?.is_none() {
            settings::set(tx, key, value)?;
            rebuilt.set_up += 1;
        }
    }
    Ok(())
}

impl Rebuilt {
    fn count_set_up(&mut self, inserted: Result<(), StoreError>, what: &str) {
        match inserted {
            Ok(()) => self.set_up += 1,
            Err(error) => {
                let message = format!("{what} cannot be set up again as the journal tells: {}", error.code());
                self.findings.push(Finding::new("journal_not_replayed", message));
            }
        }
    }
}

/// Records a change and queues it under its own id and number.
fn take(tx: &Transaction<'_>, told: &ToldChange, at: Timestamp) -> Result<(), StoreError> {
    let recorded = &told.recorded;
    let change = recorded.read().ok_or(StoreError::Unreadable("change"))?;
    let stamp = Stamp { at: recorded.at, staff_id: recorded.staff };
    let stands = match told.ended {
        // Money is never given up: it ends so where no remote is to hear of somebody who was erased.
        Some(Ending::Discarded) => change.is_money(),
        // The one that took its place says the same.
        Some(Ending::Replaced) => false,
        Some(Ending::Done) | None => true,
    };
    if stands {
        record::write_facts(tx, &change)?;
    }
    let queued = outbox::Told {
        id: recorded.id,
        incarnation: recorded.incarnation,
        number: recorded.number,
        line: recorded.line,
        place: recorded.place,
        merges: recorded.merges,
        problem: recorded.problem.as_ref(),
    };
    outbox::enqueue_told(tx, queued, recorded.remote, &change, stamp)?;
    restore_state(tx, told, at)?;
    record::write_audit(tx, &change, stamp)
}

/// Whom a remote has under keys of its own stands there as they were registered, until the next pull says how they do.
/// Also where an older copy of the file has the registration as one that waits.
fn mirror_registered(tx: &Transaction<'_>, told: &ToldChange, at: Timestamp) -> Result<(), StoreError> {
    if told.remote_keys.is_empty() {
        return Ok(());
    }
    let (member_id, location_id, member_since, document, terms) = match told.recorded.read() {
        Some(Change::MemberAdded { member_id, location_id, member_since, document, terms }) => {
            (member_id, location_id, member_since, document, terms)
        }
        Some(Change::MembershipAdded { member_id, location_id, member_since, terms }) => {
            let view = mirror::list_of_member(tx, member_id)?.into_iter().next();
            let document = view.map(|(_, view, _)| view.document).unwrap_or_default();
            (member_id, location_id, member_since, document, terms)
        }
        _ => return Ok(()),
    };
    let Some(remote_id) = told.recorded.remote.filter(|_| !document.is_empty()) else { return Ok(()) };
    let mut view = Mirrored { document, memberships: Vec::new() };
    view.join(locations::get(tx, location_id)?.pos_id, member_since, &terms);
    for remote_key in &told.remote_keys {
        if mirror::find_content(tx, remote_id, remote_key)?.is_none() {
            write_view(tx, (remote_id, remote_key), member_id, &view, false, at)?;
        }
    }
    Ok(())
}

/// What such a remote acknowledged of an edit is a part of what it has.
fn mirror_edited(tx: &Transaction<'_>, told: &ToldChange, at: Timestamp) -> Result<(), StoreError> {
    let (Some(remote_id), Some(Ending::Done)) = (told.recorded.remote, told.ended) else { return Ok(()) };
    for remote_key in &told.remote_keys {
        let Some(mirror::Row { member_id, content: mut view, is_deleted }) = mirror::find(tx, remote_id, remote_key)?
        else {
            // Whom others registered there stands in the mirror once they are pulled.
            continue;
        };
        match told.recorded.read() {
            Some(Change::MemberEdited { edit, .. }) => edit.apply(&mut view.document),
            Some(Change::MembershipEdited { location_id, edit, .. }) => {
                let pos_id = locations::get(tx, location_id)?.pos_id;
                let known = view.memberships.iter_mut().filter(|membership| membership.pos_id == pos_id);
                known.for_each(|membership| edit.apply(&mut membership.terms));
            }
            _ => continue,
        }
        write_view(tx, (remote_id, remote_key), member_id, &view, is_deleted, at)?;
    }
    Ok(())
}

fn write_view(
    tx: &Transaction<'_>,
    (remote_id, remote_key): (RemoteId, &[u8]),
    member_id: MemberId,
    view: &Mirrored,
    is_deleted: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let content = serde_json::to_string(view).map_err(|_| StoreError::Unreadable("member's document"))?;
    let (version, content, acked_at) = (None, content.as_str(), None);
    let incoming =
        Incoming { remote_id, remote_key, member_id, version, content, is_deleted, asked_at: at, at, acked_at };
    mirror::write(tx, &incoming)?;
    Ok(())
}

/// Where it stood: once its bytes were made it was perhaps sent.
fn restore_state(tx: &Transaction<'_>, told: &ToldChange, at: Timestamp) -> Result<(), StoreError> {
    let state = match (told.folded_into, told.was_frozen) {
        (Some(_), _) => "folded",
        (None, true) => "unknown",
        // It waits for the line, or for a person.
        (None, false) => return Ok(()),
    };
    tx.prepare_cached(
        "UPDATE outbox SET folded_into = :into, state = :state, attempts = :attempts, due_at = :at, is_copied = 1,
             first_sent_at = CASE WHEN :attempts > 0 THEN made_at END
         WHERE change_id = :id",
    )?
    .execute(named_params! {
        ":into": Sql(told.folded_into),
        ":state": state,
        ":attempts": i64::from(told.was_frozen),
        ":at": Sql(at),
        ":id": Sql(told.recorded.id),
    })?;
    Ok(())
}

/// Ends what had ended. What is about a row and was acknowledged stays open: so it stands in the row until the next pull.
/// Answers whether it did.
fn end(tx: &Transaction<'_>, told: &ToldChange, at: Timestamp) -> Result<bool, StoreError> {
    let is_about_row = |change: Change| change.member_id().is_some() && !change.is_money();
    let state = match told.ended {
        Some(Ending::Done) if told.remote_keys.is_empty() && told.recorded.read().is_some_and(is_about_row) => None,
        ended => ended.map(Ending::state),
    };
    let Some(state) = state else { return leave_alone(tx, told) };
    let rows = tx
        .prepare_cached(
            "UPDATE outbox SET state = :state, ended_at = :at WHERE change_id = :id
               AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
        )?
        .execute(named_params! { ":state": state, ":at": Sql(at), ":id": Sql(told.recorded.id) })?;
    Ok(rows > 0)
}

/// What travelled with a change that is not here any more goes by itself.
fn leave_alone(tx: &Transaction<'_>, told: &ToldChange) -> Result<bool, StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'ready', folded_into = NULL
         WHERE change_id = :id AND state = 'folded' AND NOT EXISTS (
             SELECT 1 FROM outbox AS leader WHERE leader.change_id = outbox.folded_into
               AND leader.state IN ('ready', 'in_flight', 'unknown', 'parked'))",
    )?
    .execute(named_params! { ":id": Sql(told.recorded.id) })?;
    Ok(false)
}

fn derive_all(tx: &Transaction<'_>, changed: &[&ToldChange], at: Timestamp) -> Result<(), StoreError> {
    let places = Places::read(tx)?;
    let changes = changed.iter().filter_map(|told| told.recorded.read()).filter(|change| !change.is_money());
    let members: BTreeSet<MemberId> = changes.filter_map(|change| change.member_id()).collect();
    for member in members {
        match derive::compute(tx, &places, member)? {
            Some(derived) if derived.is_known || derived.is_erased => {
                // Of a damaged file the row may be gone and what stood beside it not.
                members::forget_indexes(tx, member)?;
                derive::member(tx, &places, member, at)?;
            }
            // An edit of somebody whom only the mirror knew stands on nothing before the next pull.
            Some(_) => {}
            // A registration that was given up.
            None if ledger::list_of_member(tx, member)?.is_empty() => members::remove(tx, member)?,
            None => {}
        }
    }
    Ok(())
}

fn not_replayed(recorded: &Recorded, error: &StoreError) -> Finding {
    let message = format!("change {} of the journal cannot be recorded again: {}", recorded.id, error.code());
    Finding::new("journal_not_replayed", message)
}

/// Runs the work, and takes back what it wrote where it fails. What is wrong with the file itself ends everything.
fn in_savepoint(
    tx: &Transaction<'_>,
    work: impl FnOnce() -> Result<(), StoreError>,
) -> Result<Result<(), StoreError>, StoreError> {
    tx.execute_batch("SAVEPOINT taken")?;
    let done = work();
    match &done {
        Ok(()) => tx.execute_batch("RELEASE taken")?,
        Err(StoreError::DiskFull | StoreError::DiskFailed(_) | StoreError::FileDamaged) => {}
        Err(_) => tx.execute_batch("ROLLBACK TO taken; RELEASE taken")?,
    }
    match done {
        Err(error @ (StoreError::DiskFull | StoreError::DiskFailed(_) | StoreError::FileDamaged)) => Err(error),
        done => Ok(done),
    }
}
