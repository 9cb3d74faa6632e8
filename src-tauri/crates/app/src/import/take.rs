//! Taking planned rows in, a slice at a time: the cashier's own writes come between.

use super::plan::Planned;
use super::{Note, Plan, Problem, Progress, Report};
use crate::cards;
use crate::credit::{Counter, draft};
use crate::error::AppError;
use crate::members::{self, living, typed};
use crate::rights::Action;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::member::{LoyaltyCard, Typed, Typing};
use regulars_domain::{EntryId, Money};
use regulars_store::imports::{self, Batch, TakenRow};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, record};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A slice ends after so long: a cashier's write never waits over 50 ms for it.
const SLICE: Duration = Duration::from_millis(30);
/// Rows that are tried in one slice at most.
const MAX_SLICE: usize = 200;

/// Takes a plan in as one batch. What a person stops half-way stays, and can be undone.
///
/// # Errors
/// Faults of the file; a row that cannot be taken any more is noted, and the others go on.
pub fn take(
    till: &Till,
    location: &StoredLocation,
    file_name: &str,
    plan: Plan,
    progress: Progress<'_>,
) -> Result<Report, AppError> {
    let stamp = till.permit(Action::Import)?;
    let typed = typed(till, location)?;
    let batch = begin(till, location, file_name, stamp)?;
    let Plan { rows, mut report } = plan;
    report.batch = Some(batch);
    let total = rows.len() as u64;
    let mut left = VecDeque::from(rows);
    let mut done = 0;
    while !left.is_empty() {
        if !progress(done, total) {
            report.was_cancelled = true;
            break;
        }
        let slice: Vec<Planned> = left.drain(..left.len().min(MAX_SLICE)).collect();
        let (location, mut ids, till_id) = (location.clone(), till.ids(), till.who.id);
        let (failed, rest) = till.store.write(regulars_store::Priority::Background, move |tx| {
            let counter = Counter { location: &location, till_id, stamp };
            let mut slice = slice.into_iter();
            let (mut failed, began) = (Vec::new(), Instant::now());
            for planned in slice.by_ref() {
                if let Err(problem) = take_row(tx, &counter, batch, &planned, typed, &mut ids)? {
                    failed.push((planned, problem));
                }
                if began.elapsed() > SLICE {
                    break;
                }
            }
            Ok::<_, AppError>((failed, slice.collect::<Vec<_>>()))
        })?;
        rest.into_iter().rev().for_each(|planned| left.push_front(planned));
        done = total - left.len() as u64;
        for (planned, problem) in failed {
            correct(&mut report, &planned, problem);
        }
    }
    till.store.optimize()?;
    progress(done, total);
    Ok(report)
}

fn begin(
    till: &Till,
    location: &StoredLocation,
    file_name: &str,
    stamp: regulars_store::outbox::Stamp,
) -> Result<Uuid, AppError> {
    let file_name: String = file_name.chars().filter(|character| !character.is_control()).take(200).collect();
    let id = Uuid::from_bytes(till.draw());
    let (location_id, at) = (location.id, stamp.at);
    till.write(move |tx| {
        let batch = Batch { id, location_id, file_name, at, opening_minor: 0, members: 0, undone_at: None };
        Ok(imports::insert_batch(tx, &batch)?)
    })?;
    Ok(id)
}

/// One row, all of it or nothing. The outer error ends everything, the inner one is about the row.
fn take_row(
    tx: &Transaction<'_>,
    counter: &Counter<'_>,
    batch: Uuid,
    planned: &Planned,
    typed: Typed,
    ids: &mut Ids,
) -> Result<Result<(), Problem>, AppError> {
    tx.execute_batch("SAVEPOINT taken_row").map_err(regulars_store::StoreError::from)?;
    let taken = try_row(tx, counter, batch, planned, typed, ids);
    let end = if taken.is_ok() { "RELEASE taken_row" } else { "ROLLBACK TO taken_row; RELEASE taken_row" };
    tx.execute_batch(end).map_err(regulars_store::StoreError::from)?;
    match taken {
        Ok(()) => Ok(Ok(())),
        Err(AppError::Refused(refusal)) => Ok(Err(refusal.into())),
        Err(error) => Err(error),
    }
}

fn try_row(
    tx: &Transaction<'_>,
    counter: &Counter<'_>,
    batch: Uuid,
    planned: &Planned,
    typed: Typed,
    ids: &mut Ids,
) -> Result<(), AppError> {
    let (said, stamp, location) = (&planned.said, counter.stamp, counter.location);
    let undo = if planned.is_new {
        let (member, terms) = Typing::read(&said.json)?.checked_as_new(typed)?;
        let card = said.card.as_ref();
        members::insert(tx, location, planned.member_id, member, &terms, card, stamp, ids)?;
        None
    } else {
        bring_here(tx, counter, planned, ids)?;
        let mut patch = said.json.clone();
        if let Some(serial) = &said.card {
            let known = cards::find_in(tx, &serial.to_string())?.map(|card| card.member_id);
            if known != Some(living(tx, planned.member_id)?.id) {
                let card = LoyaltyCard::issued(false, stamp.at);
                patch["cards"] = serde_json::json!({ serial.to_string(): card });
            }
        }
        let edits = members::apply_patch(tx, location, planned.member_id, &patch, typed, stamp, ids)?;
        edits.map(|(person, at_shop)| (person.inverse(), at_shop.inverse()))
    };
    let entry_id = said.opening.map(|opening| book_opening(tx, counter, planned, opening, ids)).transpose()?;
    let taken = TakenRow { row: planned.row, member_id: planned.member_id, is_new: planned.is_new, entry_id, undo };
    Ok(imports::insert_row(tx, batch, &taken, said.opening.map_or(0, |opening| opening.minor))?)
}

fn bring_here(tx: &Transaction<'_>, counter: &Counter<'_>, planned: &Planned, ids: &mut Ids) -> Result<(), AppError> {
    let member_id = planned.member_id;
    if members::membership_at(tx, member_id, counter.location.id)?.is_some() {
        return Ok(());
    }
    let change = members::joining(tx, counter.location, member_id, counter.today(), Document::new())?;
    Ok(record::record(tx, &change, counter.stamp, &mut || ids.change())?)
}

fn book_opening(
    tx: &Transaction<'_>,
    counter: &Counter<'_>,
    planned: &Planned,
    opening: Money,
    ids: &mut Ids,
) -> Result<EntryId, AppError> {
    let id = ids.entry();
    let entry = counter.entry(id, planned.member_id, draft(EntryKind::Opening, LotClass::Prepaid, opening.movable()?));
    let entry = Box::new(LedgerEntry { source: EntrySource::Import, ..entry });
    record::record(tx, &Change::EntryAdded { entry }, counter.stamp, &mut || ids.change())?;
    Ok(id)
}

/// A row that was planned, and then could not be taken.
fn correct(report: &mut Report, planned: &Planned, problem: Problem) {
    if planned.is_new {
        report.new -= 1;
    } else {
        report.updated -= 1;
    }
    if let Some(opening) = planned.said.opening
        && let Ok(less) = report.opening_total.plus(opening.negated())
    {
        report.opening_total = less;
    }
    report.errors += 1;
    report.notes.push(Note { row: planned.row, name: Some(planned.name.clone()), problem });
}
