//! Paying a bill: discount, credit, what is left to collect, what is earned, and the visit, all in one transaction.

use super::authorise::{self, Consent};
use super::{
    Account, Counter, Held, check_proof, draft, holdings, in_currency_of, not_below_zero, receipt, usable_offline,
};
use crate::error::AppError;
use crate::members::living;
use crate::rights::Action;
use crate::rules;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryKind, LedgerEntry, LotClass};
use regulars_domain::percent::Percent;
use regulars_domain::sale::{self, Reckoned, SaleInput, Visit, VisitKind};
use regulars_domain::{EntryId, MemberId, Money, VisitId};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, record, visits};
use std::sync::Arc;

/// A bill to be paid.
#[derive(Clone, Debug)]
pub struct Sale {
    /// The visit to be: the same id twice books once.
    pub visit_id: VisitId,
    /// Whose.
    pub member_id: MemberId,
    /// The bill, before any discount.
    pub bill: Money,
    /// How much credit is used: zero or more.
    pub credit: Money,
    /// The receipt.
    pub receipt: Option<String>,
    /// The card that was scanned to prove who it is.
    pub card: Option<String>,
}

/// What paying would do.
#[derive(Clone, Debug)]
pub struct SalePreview {
    /// The bill reckoned up.
    pub reckoned: Reckoned,
    /// The most credit that can be used for it now.
    pub max_credit: Money,
    /// What the member has now.
    pub balance: Money,
    /// What they would have then.
    pub balance_after: Money,
    /// What of that could be used without head office then.
    pub usable_after: Money,
    /// Above which sum a card is asked, where this much credit needs one.
    pub proof_above: Option<Money>,
}

/// A bill that was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The visit.
    pub visit: Visit,
    /// Its entries.
    pub entries: Vec<EntryId>,
}

/// What paying would do. `is_online` says whether head office can be reached.
///
/// # Errors
/// A refusal with its field; `member_not_found`, `not_a_member_here`.
pub fn preview_pay(
    till: &Till,
    location: &StoredLocation,
    id: MemberId,
    bill: Money,
    credit: Money,
    is_online: bool,
) -> Result<SalePreview, AppError> {
    let stamp = till.permit(Action::Pay)?;
    let counter = Counter { location, till_id: till.who.id, stamp };
    let bill = in_currency_of(location, bill)?;
    till.read(|tx| {
        let account = counter.open(tx, id)?;
        let (discount, earn) = rates(tx, &counter, &account)?;
        let (available, holdings) = (account.lots.available(counter.today()), holdings(&counter, &account));
        let offline = |available| usable_offline(tx, location, account.member_id, available, stamp.at);
        let is_held = is_online && crate::remotes::is_credit_held(tx, location)?;
        let is_asked = is_held || crate::remotes::is_ledger_here(tx, location)?;
        let usable = match account.status.check_may_use_credit() {
            Ok(()) if is_asked => not_below_zero(available),
            Ok(()) => offline(available)?,
            Err(_) => Money::zero(bill.currency),
        };
        let (_, net) = sale::Sale::discounted(bill.movable()?, discount);
        let reckoned =
            sale::Sale::reckon(SaleInput { bill, discount, earn, credit_used: credit, holdings: &holdings, usable })?;
        let balance_after = account.lots.balance().plus(reckoned.balance_change)?;
        let available_after = available.plus(reckoned.balance_change)?;
        let used = Money { minor: usable.minor - credit.minor, ..usable };
        let proof_above = rules::read(tx, &location.location.code)?.proof_above_minor;
        let proof_above = proof_above.filter(|above| credit.minor > *above);
        Ok(SalePreview {
            max_credit: sale::Sale::max_credit(net, usable),
            balance: account.lots.balance(),
            balance_after,
            usable_after: match is_asked {
                true => not_below_zero(available_after),
                false => smaller(not_below_zero(used), offline(available_after)?),
            },
            proof_above: proof_above.map(|minor| Money { minor, ..bill }),
            reckoned,
        })
    })
}

/// Pays a bill: writes the visit, the redemption and the earning in one transaction.
///
/// # Errors
/// As [`super::redeem`]; `more_than_bill`.
pub async fn pay(
    till: &Arc<Till>,
    location: &StoredLocation,
    sale: Sale,
    line: Option<Line>,
) -> Result<Paid, AppError> {
    pay_with(till, location, sale, line, None).await
}

/// The same with credit that was held while the bill was made. A hold that is for something else, or that has run out, is
/// given back, and head office is asked again.
///
/// # Errors
/// As [`pay`].
pub async fn pay_with(
    till: &Arc<Till>,
    location: &StoredLocation,
    sale: Sale,
    line: Option<Line>,
    held: Option<Held>,
) -> Result<Paid, AppError> {
    let credit = sale.credit;
    let member_id = match check_sale(till, location, &sale) {
        Ok(Checked::IsFor(member_id)) => member_id,
        Ok(Checked::IsPaid(paid)) => {
            give_up(held, line.as_ref()).await;
            return Ok(*paid);
        }
        Err(error) => {
            give_up(held, line.as_ref()).await;
            return Err(error);
        }
    };
    let (fits, rest) = match held {
        Some(held) if credit.minor > 0 && held.is_for(member_id, credit, till.now()) => (Some(held), None),
        held => (None, held),
    };
    give_up(rest, line.as_ref()).await;
    let consent = match (credit.minor, fits) {
        (0, _) => Consent::HomeIsHere,
        (_, Some(held)) => held.consent(),
        (_, None) => authorise::ask(till, location, member_id, credit, line.as_ref()).await?,
    };
    let paid = book(till, location, sale, consent);
    if paid.is_err() {
        authorise::release(consent, line.as_ref()).await;
    }
    paid
}

async fn give_up(held: Option<Held>, line: Option<&Line>) {
    if let Some(held) = held {
        authorise::release(held.consent(), line).await;
    }
}

/// What there is to say of a sale before anybody is asked for credit.
enum Checked {
    /// It was paid before.
    IsPaid(Box<Paid>),
    /// It can be asked for, of that member.
    IsFor(MemberId),
}

fn check_sale(till: &Till, location: &StoredLocation, sale: &Sale) -> Result<Checked, AppError> {
    let stamp = till.permit(Action::Pay)?;
    let counter = Counter { location, till_id: till.who.id, stamp };
    let bill = in_currency_of(location, sale.bill.movable()?)?;
    let credit = in_currency_of(location, sale.credit)?;
    receipt(sale.receipt.as_deref())?;
    till.read(|tx| {
        if let Some(paid) = find_paid(tx, sale.visit_id)? {
            return Ok(Checked::IsPaid(Box::new(paid)));
        }
        let account = counter.open(tx, sale.member_id)?;
        let (discount, _) = rates(tx, &counter, &account)?;
        let (_, net) = sale::Sale::discounted(bill, discount);
        check_credit(credit, net)?;
        if credit.minor > 0 {
            account.status.check_may_use_credit()?;
            check_proof(tx, location, account.member_id, credit, sale.card.as_deref(), stamp.at)?;
        }
        Ok(Checked::IsFor(account.member_id))
    })
}

fn check_credit(credit: Money, net: Money) -> Result<(), AppError> {
    if credit.minor < 0 {
        return Err(regulars_domain::Refusal::AmountNotPositive.into());
    }
    if credit.minor > net.minor {
        return Err(regulars_domain::Refusal::MoreThanBill { available: net }.into());
    }
    Ok(())
}

fn book(till: &Till, location: &StoredLocation, sale: Sale, consent: Consent) -> Result<Paid, AppError> {
    let (stamp, mut ids) = (till.permit(Action::Pay)?, till.ids());
    let (location, till_id) = (location.clone(), till.who.id);
    till.write(move |tx| {
        if let Some(known) = find_paid(tx, sale.visit_id)? {
            return Ok(known);
        }
        let consent = consent.at(stamp.at);
        let counter = Counter { location: &location, till_id, stamp };
        let member_id = living(tx, sale.member_id)?.id;
        let account = counter.open(tx, member_id)?;
        if sale.credit.minor > 0 {
            consent.check(tx, &counter, &account, sale.credit)?;
        }
        let reckoned = reckon(tx, &counter, &account, &sale)?;
        let receipt = receipt(sale.receipt.as_deref())?;
        let mut entries = Vec::new();
        let mut add = |drafted, authorisation_id| {
            let entry = counter.entry(ids.entry(), member_id, drafted);
            let (receipt, visit_id) = (receipt.clone(), Some(sale.visit_id));
            entries.push(LedgerEntry { receipt, visit_id, authorisation_id, ..entry });
        };
        for (lot_class, part) in &reckoned.parts {
            add(draft(EntryKind::Redeem, *lot_class, part.negated()), consent.hold());
        }
        if reckoned.earned.minor > 0 {
            let valid_days = rules::read(tx, &location.location.code)?.reward_valid_days;
            let expires_on = valid_days.and_then(|days| counter.today().plus_days(days));
            let earned = draft(EntryKind::Earn, LotClass::Reward, reckoned.earned);
            add(regulars_domain::ledger::EntryDraft { expires_on, ..earned }, None);
        }
        let visit = visit(&counter, member_id, &sale, receipt, &reckoned);
        let booked = entries.iter().map(|entry| entry.id).collect();
        let change = Change::VisitAdded { visit: Box::new(visit.clone()), entries };
        record::record(tx, &change, stamp, &mut || ids.change())?;
        Ok(Paid { visit, entries: booked })
    })
}

fn reckon(tx: &Transaction<'_>, counter: &Counter<'_>, account: &Account, sale: &Sale) -> Result<Reckoned, AppError> {
    let (discount, earn) = rates(tx, counter, account)?;
    let holdings = holdings(counter, account);
    // What may be used was decided before; here only the sums are made.
    let usable = sale.credit;
    let (bill, credit_used) = (sale.bill, sale.credit);
    Ok(sale::Sale::reckon(SaleInput { bill, discount, earn, credit_used, holdings: &holdings, usable })?)
}

fn rates(tx: &Transaction<'_>, counter: &Counter<'_>, account: &Account) -> Result<(Percent, Percent), AppError> {
    let otherwise = rules::read(tx, &counter.location.location.code)?.earn_percent;
    Ok(account.terms.as_ref().map_or((Percent::ZERO, Percent::ZERO), |terms| terms.rates(&account.status, otherwise)))
}

fn visit(
    counter: &Counter<'_>,
    member_id: MemberId,
    sale: &Sale,
    receipt: Option<String>,
    reckoned: &Reckoned,
) -> Visit {
    Visit {
        id: sale.visit_id,
        member_id,
        location_id: counter.location.id,
        till_id: counter.till_id,
        staff_id: counter.stamp.staff_id,
        at: counter.stamp.at,
        business_date: counter.today(),
        kind: VisitKind::Sale,
        source_visit_id: None,
        receipt,
        bill: reckoned.bill,
        discount_percent: reckoned.discount_percent,
        discount: reckoned.discount,
        credit_used: reckoned.credit_used,
        left_to_collect: reckoned.left_to_collect,
        earn_percent: reckoned.earn_percent,
        earn_base: reckoned.earn_base,
        earned: reckoned.earned,
    }
}

fn smaller(one: Money, other: Money) -> Money {
    if one.minor <= other.minor { one } else { other }
}

fn find_paid(tx: &Transaction<'_>, id: VisitId) -> Result<Option<Paid>, AppError> {
    let Some(known) = visits::find(tx, id)? else { return Ok(None) };
    let entries = regulars_store::ledger::list_of_visit(tx, id)?;
    Ok(Some(Paid { visit: known.visit, entries: entries.into_iter().map(|entry| entry.id).collect() }))
}
