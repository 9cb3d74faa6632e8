//! Money at the counter: paying, giving back, paying out, correcting, undoing.

use super::counter::card;
use super::desk::Desk;
use super::views::money::{
    Adjust, CashOut, CashOutAsked, CashOutPreview, CreditHeld, GiveBack, HoldCredit, Paid, Pay, PayAsked, PayPreview,
    ReleaseCredit, ReturnAsked, ReturnPreview, VisitIdMade, Void,
};
use super::views::{MemberCard, Nothing};
use crate::credit::{self, Sale, Taking};
use crate::error::AppError;
use regulars_domain::{Money, Refusal};

pub(super) fn new_visit_id(desk: &Desk, _: Nothing) -> Result<VisitIdMade, AppError> {
    Ok(VisitIdMade { visit_id: desk.till.new_visit_id() })
}

pub(super) fn preview_pay(desk: &Desk, asked: PayAsked) -> Result<PayPreview, AppError> {
    let location = desk.location()?;
    let currency = location.location.currency;
    let bill = Money::new(asked.bill_minor, currency);
    let credit = Money::new(asked.credit_minor.unwrap_or(0), currency);
    let is_online = desk.status.is_online(location.remote_id);
    let preview = credit::preview_pay(&desk.till, &location, asked.member_id, bill, credit, is_online)?;
    let reckoned = preview.reckoned;
    Ok(PayPreview {
        bill: reckoned.bill,
        discount_percent: reckoned.discount_percent,
        discount: reckoned.discount,
        max_credit: preview.max_credit,
        credit_used: reckoned.credit_used,
        left_to_collect: reckoned.left_to_collect,
        earn_percent: reckoned.earn_percent,
        earned: reckoned.earned,
        earn_base: reckoned.earn_base,
        reward_used: reckoned.reward_used,
        balance: preview.balance,
        balance_after: preview.balance_after,
        usable_after: preview.usable_after,
        proof_above: preview.proof_above,
    })
}

/// Has head office hold credit for a bill that is being paid; what it held before for the same bill is given back.
pub(super) async fn hold_credit(desk: &Desk, asked: HoldCredit) -> Result<CreditHeld, AppError> {
    let (location, now) = (desk.location()?, desk.till.now());
    let line = desk.line(&location);
    let before = desk.take_hold(asked.visit_id);
    if let Some(before) = before {
        if before.is_for(asked.member_id, asked.credit, now) {
            desk.keep_hold(asked.visit_id, before);
            return Ok(CreditHeld { is_held: true });
        }
        credit::release(before, line.as_ref()).await;
    }
    if asked.credit.minor <= 0 {
        return Ok(CreditHeld { is_held: false });
    }
    let held = credit::hold(&desk.till, &location, asked.member_id, asked.credit, line.as_ref()).await?;
    let is_held = held.is_some();
    if let Some(held) = held {
        desk.keep_hold(asked.visit_id, held);
    }
    Ok(CreditHeld { is_held })
}

/// The bill is not paid after all.
pub(super) async fn release_credit(desk: &Desk, asked: ReleaseCredit) -> Result<Nothing, AppError> {
    if let Some(held) = desk.take_hold(asked.visit_id) {
        credit::release(held, desk.line(&desk.location()?).as_ref()).await;
    }
    Ok(Nothing {})
}

/// Pays, and asks head office first where there is a line.
pub(super) async fn pay(desk: &Desk, asked: Pay) -> Result<Paid, AppError> {
    let location = desk.location()?;
    let member_id = asked.member_id;
    let sale = Sale {
        visit_id: asked.visit_id,
        member_id,
        bill: asked.bill,
        credit: asked.credit,
        receipt: asked.receipt,
        card: asked.card,
    };
    let held = desk.take_hold(asked.visit_id);
    let visit = credit::pay_with(&desk.till, &location, sale, desk.line(&location), held).await?.visit;
    desk.note_served(member_id);
    paid_view(desk, visit)
}

pub(super) fn preview_return(desk: &Desk, asked: ReturnAsked) -> Result<ReturnPreview, AppError> {
    let location = desk.location()?;
    let amount = Money::new(asked.amount_minor, location.location.currency);
    let (sale, given, balance_after) = credit::preview_give_back(&desk.till, &location, asked.visit_id, amount)?;
    Ok(ReturnPreview {
        receipt: sale.receipt.clone(),
        returnable: credit::returnable(&desk.till, asked.visit_id)?,
        amount: given.given_back.plus(given.to_returns)?,
        to_lots: given.given_back,
        as_returns: given.to_returns,
        taken_back: given.from_rewards,
        balance_after,
    })
}

pub(super) async fn give_back(desk: &Desk, asked: GiveBack) -> Result<Paid, AppError> {
    let location = desk.location()?;
    let GiveBack { return_id, visit_id, amount } = asked;
    let asked = credit::GiveBack { return_id, sale_id: visit_id, amount };
    let visit = credit::give_back(&desk.till, &location, asked, desk.line(&location)).await?;
    paid_view(desk, visit)
}

pub(super) fn preview_cash_out(desk: &Desk, asked: CashOutAsked) -> Result<CashOutPreview, AppError> {
    let location = desk.location()?;
    let amount = Money::new(asked.amount_minor, location.location.currency);
    let (credit, balance_after) = credit::preview_cash_out(&desk.till, &location, asked.member_id, amount)?;
    let rules = desk.till.read(|tx| crate::rules::read(tx, &location.location.code))?;
    let above = rules.proof_above_minor.filter(|above| amount.minor > *above);
    let proof_above = above.map(|minor| Money { minor, ..amount });
    Ok(CashOutPreview { cashable: credit.cashable, balance_after, proof_above })
}

pub(super) async fn cash_out(desk: &Desk, asked: CashOut) -> Result<MemberCard, AppError> {
    let location = desk.location()?;
    let CashOut { member_id, entry_id, amount, card: shown, .. } = asked.clone();
    let taking = Taking { entry_id, member_id, amount, receipt: None, card: shown };
    credit::cash_out(&desk.till, &location, taking, asked.tender, desk.line(&location)).await?;
    card(desk, asked.member_id)
}

pub(super) fn adjust(desk: &Desk, asked: Adjust) -> Result<MemberCard, AppError> {
    let Adjust { member_id, entry_id, amount, reason } = asked;
    credit::adjust(&desk.till, &desk.location()?, member_id, entry_id, amount, &reason)?;
    card(desk, member_id)
}

pub(super) async fn void(desk: &Desk, asked: Void) -> Result<MemberCard, AppError> {
    let location = desk.location()?;
    credit::void(&desk.till, &location, asked.entry_id, &asked.reason, desk.line(&location)).await?;
    let entry = desk.till.read(|tx| Ok(regulars_store::ledger::find(tx, asked.entry_id)?))?;
    card(desk, entry.ok_or(Refusal::EntryNotFound)?.member_id)
}

fn paid_view(desk: &Desk, visit: regulars_domain::sale::Visit) -> Result<Paid, AppError> {
    Ok(Paid {
        member: card(desk, visit.member_id)?,
        visit_id: visit.id,
        credit_used: visit.credit_used,
        left_to_collect: visit.left_to_collect,
        earned: visit.earned,
    })
}
