//! Taking credit without a bill: a redemption, or paying it out as money.

use super::authorise::{self, Consent};
use super::{Counter, Credit, check_proof, draft, holdings, in_currency_of, receipt};
use crate::error::AppError;
use crate::members::living;
use crate::rights::Action;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryKind, LedgerEntry, LotClass, Tender};
use regulars_domain::{EntryId, MemberId, Money};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, record};
use std::sync::Arc;

/// A redemption or paying out has at most one part per class.
const LOT_CLASSES: usize = 4;

/// Credit that is taken.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The first entry to be: the same id twice books once.
    pub entry_id: EntryId,
    /// Whose credit.
    pub member_id: MemberId,
    /// How much: more than zero.
    pub amount: Money,
    /// The receipt.
    pub receipt: Option<String>,
    /// The card that was scanned to prove who it is.
    pub card: Option<String>,
}

/// Books a redemption: authorised by the ledger's home where it answers in time, within the offline allowance where it
/// does not. `line` is the way to the remote of the shop, where it has one.
///
/// # Errors
/// `insufficient_credit`, `offline_allowance`, `proof_needed`, `member_on_hold`, a refusal with its field;
/// `member_not_found`, `not_a_member_here`.
pub async fn redeem(
    till: &Arc<Till>,
    location: &StoredLocation,
    taking: Taking,
    line: Option<Line>,
) -> Result<Vec<EntryId>, AppError> {
    take(till, location, taking, line, Way::Redeem).await
}

/// Pays credit out as money: only what was paid in and what came from returns.
///
/// # Errors
/// `not_cashable`, and what [`redeem`] refuses.
pub async fn cash_out(
    till: &Arc<Till>,
    location: &StoredLocation,
    taking: Taking,
    tender: Tender,
    line: Option<Line>,
) -> Result<Vec<EntryId>, AppError> {
    take(till, location, taking, line, Way::CashOut(tender)).await
}

/// What a member would have after paying out.
///
/// # Errors
/// `not_cashable`; `member_not_found`.
pub fn preview_cash_out(
    till: &Till,
    location: &StoredLocation,
    id: MemberId,
    amount: Money,
) -> Result<(Credit, Money), AppError> {
    let at = till.now();
    till.read(|tx| {
        let credit = super::read(tx, location, id, at)?;
        if amount.minor > credit.cashable.minor {
            return Err(regulars_domain::Refusal::NotCashable { available: credit.cashable }.into());
        }
        let after = credit.balance.plus(amount.negated())?;
        Ok((credit, after))
    })
}

#[derive(Clone, Copy)]
enum Way {
    Redeem,
    CashOut(Tender),
}

impl Way {
    const fn action(self) -> Action {
        match self {
            Self::Redeem => Action::Pay,
            Self::CashOut(_) => Action::CashOut,
        }
    }

    const fn kind(self) -> EntryKind {
        match self {
            Self::Redeem => EntryKind::Redeem,
            Self::CashOut(_) => EntryKind::CashOut,
        }
    }
}

async fn take(
    till: &Arc<Till>,
    location: &StoredLocation,
    taking: Taking,
    line: Option<Line>,
    way: Way,
) -> Result<Vec<EntryId>, AppError> {
    let stamp = till.permit(way.action())?;
    let amount = in_currency_of(location, taking.amount.movable()?)?;
    let receipt = receipt(taking.receipt.as_deref())?;
    let counter = Counter { location, till_id: till.who.id, stamp };
    if let Some(known) = till.read(|tx| find_booked(tx, taking.entry_id))? {
        return Ok(known);
    }
    let line = match way {
        Way::Redeem => line.as_ref(),
        // Head office says how much there is; what of it may be paid out is known by the entries alone.
        Way::CashOut(_) => authorise::listen(till, location, line.as_ref()).await?,
    };
    let member_id = till.read(|tx| {
        let account = counter.open(tx, taking.member_id)?;
        account.status.check_may_use_credit()?;
        check_proof(tx, location, account.member_id, amount, taking.card.as_deref(), stamp.at)?;
        if let Way::CashOut(_) = way {
            holdings(&counter, &account).cash_out(amount)?;
        }
        Ok(account.member_id)
    })?;
    let consent = authorise::ask(till, location, member_id, amount, line).await?;
    let booked = book(till, location, taking.entry_id, member_id, amount, receipt, way, consent);
    if booked.is_err() {
        authorise::release(consent, line).await;
    }
    booked
}

/// What was booked under that id, with the other parts of the same action.
fn find_booked(tx: &Transaction<'_>, id: EntryId) -> Result<Option<Vec<EntryId>>, AppError> {
    let Some(first) = ledger::find(tx, id)? else { return Ok(None) };
    let all = ledger::list_of_member(tx, first.member_id)?.into_iter().map(|stored| stored.entry);
    let parts = all.filter(|entry| entry.kind == first.kind && entry.at == first.at && entry.receipt == first.receipt);
    Ok(Some(parts.map(|entry| entry.id).collect()))
}

#[expect(
    clippy::too_many_arguments,
    reason = "where, whose, how much and on whose word; a struct would only name them again"
)]
fn book(
    till: &Till,
    location: &StoredLocation,
    first: EntryId,
    member_id: MemberId,
    amount: Money,
    receipt: Option<String>,
    way: Way,
    consent: Consent,
) -> Result<Vec<EntryId>, AppError> {
    let others = (1..LOT_CLASSES).map(|_| till.new_entry_id());
    let entry_ids: Vec<EntryId> = std::iter::once(first).chain(others).collect();
    let (stamp, mut ids) = (till.permit(way.action())?, till.ids());
    let (location, till_id) = (location.clone(), till.who.id);
    till.write(move |tx| {
        if let Some(known) = find_booked(tx, first)? {
            return Ok(known);
        }
        let consent = consent.at(stamp.at);
        let counter = Counter { location: &location, till_id, stamp };
        let member_id = living(tx, member_id)?.id;
        let account = counter.open(tx, member_id)?;
        consent.check(tx, &counter, &account, amount)?;
        let (parts, tender): (Vec<(LotClass, Money)>, _) = match way {
            Way::Redeem => (consent.parts(&counter, &account, amount)?, None),
            Way::CashOut(tender) => (holdings(&counter, &account).cash_out(amount)?, Some(tender)),
        };
        let mut booked = Vec::new();
        for ((lot_class, part), id) in parts.into_iter().zip(entry_ids) {
            let entry = counter.entry(id, member_id, draft(way.kind(), lot_class, part.negated()));
            let (receipt, authorisation_id) = (receipt.clone(), consent.hold());
            let entry = Box::new(LedgerEntry { receipt, tender, authorisation_id, ..entry });
            record::record(tx, &Change::EntryAdded { entry }, stamp, &mut || ids.change())?;
            booked.push(id);
        }
        Ok(booked)
    })
}
