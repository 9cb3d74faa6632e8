//! Goods come back: what was paid for them returns to the member's credit, and what they had earned goes.

use super::authorise;
use super::{Account, Counter, in_currency_of};
use crate::error::AppError;
use crate::members::living;
use crate::rights::Action;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::change::Change;
use regulars_domain::ledger::{GivenBack, LedgerEntry, give_back as rule, left_of};
use regulars_domain::sale::{Visit, VisitKind};
use regulars_domain::{Money, Refusal, VisitId};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, locations, record, visits};
use std::sync::Arc;

/// Something that is given back.
#[derive(Clone, Copy, Debug)]
pub struct GiveBack {
    /// The visit to be: the same id twice books once.
    pub return_id: VisitId,
    /// The sale.
    pub sale_id: VisitId,
    /// What of the bill comes back: more than zero.
    pub amount: Money,
}

/// What giving something back would do: the sale, what of it can still come back, and the sums.
///
/// # Errors
/// `entry_not_found` for a sale that is not here; a refusal with its field.
pub fn preview_give_back(
    till: &Till,
    location: &StoredLocation,
    sale_id: VisitId,
    amount: Money,
) -> Result<(Visit, GivenBack, Money), AppError> {
    let counter = Counter { location, till_id: till.who.id, stamp: till.permit(Action::GiveBack)? };
    till.read(|tx| {
        let (sale, account, given) = reckon(tx, &counter, sale_id, amount)?;
        let after = account.lots.balance().plus(given.balance_change)?;
        Ok((sale, given, after))
    })
}

/// Gives something back: the return as a visit, with its entries, in one transaction. What another till took back of the
/// sale meanwhile is heard of first, where there is a line.
///
/// # Errors
/// `entry_not_found` for a sale that is not here; `return_too_large`, `already_voided`, `sold_by_another`, a refusal with its
/// field.
pub async fn give_back(
    till: &Arc<Till>,
    location: &StoredLocation,
    asked: GiveBack,
    line: Option<Line>,
) -> Result<Visit, AppError> {
    till.permit(Action::GiveBack)?;
    let amount = in_currency_of(location, asked.amount.movable()?)?;
    authorise::listen(till, location, line.as_ref()).await?;
    let stamp = till.permit(Action::GiveBack)?;
    let mut ids = till.ids();
    let (location, till_id) = (location.clone(), till.who.id);
    till.write(move |tx| {
        if let Some(known) = visits::find(tx, asked.return_id)? {
            return Ok(known.visit);
        }
        let counter = Counter { location: &location, till_id, stamp };
        let (sale, account, given) = reckon(tx, &counter, asked.sale_id, amount)?;
        let visit = Visit {
            id: asked.return_id,
            member_id: account.member_id,
            location_id: location.id,
            till_id,
            staff_id: stamp.staff_id,
            at: stamp.at,
            business_date: counter.today(),
            kind: VisitKind::Return,
            source_visit_id: Some(sale.id),
            bill: given.amount,
            discount: Money::zero(amount.currency),
            credit_used: given.given_back,
            left_to_collect: given.to_returns,
            earn_base: given.earn_base,
            earned: given.recovered(),
            ..sale
        };
        let entries = given.drafts.into_iter().map(|draft| {
            let id = ids.entry();
            let entry = counter.entry(id, account.member_id, draft);
            LedgerEntry { receipt: visit.receipt.clone(), visit_id: Some(visit.id), ..entry }
        });
        let change = Change::VisitAdded { visit: Box::new(visit.clone()), entries: entries.collect() };
        record::record(tx, &change, stamp, &mut || ids.change())?;
        Ok(visit)
    })
}

/// What of a sale can still be given back.
///
/// # Errors
/// `entry_not_found` for a sale that is not here.
pub fn returnable(till: &Till, sale_id: VisitId) -> Result<Money, AppError> {
    till.read(|tx| {
        let sale = visits::find(tx, sale_id)?.ok_or(Refusal::EntryNotFound)?.visit;
        Ok(left_of(&sale, &related(tx, sale.id)?)?)
    })
}

/// The returns of a sale, and the voids of it and of those.
pub(super) fn related(tx: &Transaction<'_>, sale_id: VisitId) -> Result<Vec<Visit>, AppError> {
    let mut others = visits::list_of_sources(tx, &[sale_id])?;
    let returns: Vec<VisitId> = others.iter().map(|visit| visit.id).collect();
    others.extend(visits::list_of_sources(tx, &returns)?);
    Ok(others)
}

fn reckon(
    tx: &Transaction<'_>,
    counter: &Counter<'_>,
    sale_id: VisitId,
    amount: Money,
) -> Result<(Visit, Account, GivenBack), AppError> {
    let sale = visits::find(tx, sale_id)?.ok_or(Refusal::EntryNotFound)?.visit;
    if issuer_of(tx, &sale)?.is_some_and(|issuer| issuer != counter.location.location.issuer) {
        // What it took and earned stands with another company.
        return Err(Refusal::SoldByAnother.into());
    }
    let account = counter.open(tx, living(tx, sale.member_id)?.id)?;
    let others = related(tx, sale.id)?;
    let its_entries = ledger::list_of_visit(tx, sale.id)?;
    let given = rule(&sale, &its_entries, &others, &account.lots, amount, counter.today())?;
    Ok((sale, account, given))
}

/// The company that sold something. Of a shop that nobody has told of, since this till may not see it, the sale's own entries
/// say it; where it has none, nobody knows.
pub(crate) fn issuer_of(tx: &Transaction<'_>, sale: &Visit) -> Result<Option<String>, AppError> {
    let shop = locations::get(tx, sale.location_id)?.location;
    if !shop.country.is_empty() {
        return Ok(Some(shop.issuer));
    }
    Ok(ledger::list_of_visit(tx, sale.id)?.into_iter().next().map(|entry| entry.issuer))
}
