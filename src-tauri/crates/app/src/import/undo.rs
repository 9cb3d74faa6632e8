//! Undoing a batch: opening balances are voided, members that it registered are deleted, what it changed is changed
//! back where nobody touched it since.

use super::Progress;
use crate::credit::{Counter, draft, holder};
use crate::error::AppError;
use crate::members::{self, living};
use crate::rights::Action;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::edit::Edit;
use regulars_domain::ledger::{EntryDraft, EntryKind, LedgerEntry};
use regulars_domain::{EntryId, Refusal};
use regulars_store::imports::{self, TakenRow};
use regulars_store::members as rows;
use regulars_store::{Priority, Transaction, ledger, locations, record};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// As when it was taken in: a cashier's write never waits over 50 ms.
const SLICE: Duration = Duration::from_millis(30);
/// Rows that are read for one slice.
const MAX_SLICE: u32 = 200;

/// What became of undoing a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Rows that were undone.
    pub undone: u64,
    /// Rows that stay, because their opening balance was spent since.
    pub kept: u64,
    /// Whether a person stopped it before its end.
    pub was_cancelled: bool,
}

/// Undoes a batch, the last row first.
///
/// # Errors
/// `batch_not_found`; faults of the file.
pub fn undo(till: &Till, batch: Uuid, progress: Progress<'_>) -> Result<Undone, AppError> {
    let stamp = till.permit(Action::Import)?;
    let found = till.read(|tx| Ok(imports::find(tx, batch)?))?.ok_or(Refusal::BatchNotFound)?;
    let location = till.read(|tx| Ok(locations::get(tx, found.location_id)?))?;
    let total = u64::try_from(found.members).unwrap_or(0);
    let mut result = Undone::default();
    loop {
        if !progress(result.undone + result.kept, total) {
            return Ok(Undone { was_cancelled: true, ..result });
        }
        let (location, mut ids, till_id) = (location.clone(), till.ids(), till.who.id);
        let kept_before = result.kept;
        let (undone, kept, is_done) = till.store.write(Priority::Background, move |tx| {
            let counter = Counter { location: &location, till_id, stamp };
            let list = imports::list_rows(tx, batch, MAX_SLICE)?;
            let (mut undone, mut kept, began) = (0, 0, Instant::now());
            let is_last = list.len() < MAX_SLICE as usize;
            let mut is_done = is_last;
            for row in &list {
                let is_undone = undo_row(tx, &counter, row, &mut ids)?;
                undone += u64::from(is_undone);
                kept += u64::from(!is_undone);
                imports::remove_row(tx, batch, row.row)?;
                if began.elapsed() > SLICE {
                    is_done = false;
                    break;
                }
            }
            if is_done {
                imports::set_undone(tx, batch, stamp.at)?;
            }
            Ok::<_, AppError>((undone, kept, is_done))
        })?;
        result = Undone { undone: result.undone + undone, kept: kept_before + kept, was_cancelled: false };
        if is_done {
            progress(total, total);
            return Ok(result);
        }
    }
}

/// Undoes a row; answers whether it could be.
fn undo_row(tx: &Transaction<'_>, counter: &Counter<'_>, row: &TakenRow, ids: &mut Ids) -> Result<bool, AppError> {
    let Ok(stored) = living(tx, row.member_id) else { return Ok(true) };
    if let Some(entry) = row.entry_id
        && !void_opening(tx, counter, entry, ids)?
    {
        return Ok(false);
    }
    if row.is_new {
        // Who was merged with another one since is no row of a spreadsheet any more.
        if rows::list_group(tx, stored.id)?.len() > 1 {
            return Ok(false);
        }
        let reason = "import undone".to_owned();
        return match members::remove_in(tx, row.member_id, &reason, counter.stamp, ids) {
            Ok(()) => Ok(true),
            // They were topped up since: they are a member in their own right by now.
            Err(AppError::Refused(Refusal::BalanceNotSettled { .. })) => Ok(false),
            Err(error) => Err(error),
        };
    }
    if let Some((person, at_shop)) = row.undo.clone() {
        let terms = members::membership_at(tx, stored.id, counter.location.id)?.map(|here| here.terms);
        let at_shop = terms.map_or_else(Edit::default, |terms| at_shop.where_untouched(&terms));
        let person = person.where_untouched(&stored.document);
        members::record_edits(tx, counter.location.id, stored.id, person, at_shop, counter.stamp, ids)?;
    }
    Ok(true)
}

fn void_opening(tx: &Transaction<'_>, counter: &Counter<'_>, entry: EntryId, ids: &mut Ids) -> Result<bool, AppError> {
    let Some(opening) = ledger::find(tx, entry)? else { return Ok(true) };
    let group = rows::list_group(tx, rows::resolve(tx, opening.member_id)?)?;
    let entries = ledger::list_of_holder(tx, holder(counter.location, &group))?;
    let lots = regulars_domain::ledger::Lots::replay(opening.amount.currency, &entries)?;
    if entries.iter().any(|other| other.source_entry_id == Some(entry) && other.kind == EntryKind::Void) {
        return Ok(true);
    }
    if lots.left_of(entry).is_none_or(|left| left.minor < opening.amount.minor) {
        return Ok(false);
    }
    let drafted = EntryDraft {
        source_entry_id: Some(entry),
        ..draft(EntryKind::Void, opening.lot_class, opening.amount.negated())
    };
    let id = ids.entry();
    let void = counter.entry(id, opening.member_id, drafted);
    let entry = Box::new(LedgerEntry { reason: Some("import undone".to_owned()), ..void });
    record::record(tx, &Change::EntryAdded { entry }, counter.stamp, &mut || ids.change())?;
    Ok(true)
}
