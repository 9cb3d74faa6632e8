//! Store credit at the counter: topping up, redeeming, and what can be used now.

use crate::error::AppError;
use crate::find::as_of;
use crate::members::{belongs, living};
use crate::sync::{self, Line};
use crate::till::Till;
use regulars_domain::allowance::OfflineFacts;
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryKind, EntrySource, Holdings, LedgerEntry, LotClass, Tender};
use regulars_domain::text::{self, MAX_LINE};
use regulars_domain::{AccountId, AuthorisationId, EntryId, MemberId, Money, Refusal, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, outbox, record};
use regulars_sync::connector::Question;
use std::sync::Arc;
use std::time::Duration;

/// A cashier waits no longer for head office's word; then the offline rule holds.
const AUTHORISE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long head office keeps credit for a redemption that is on its way: captured within seconds when connected, and
/// long enough for a line that breaks in between to come back.
const HOLD: Duration = Duration::from_secs(900);

/// What a member has with the issuer of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The account.
    pub account_id: AccountId,
    /// The sum of all entries here.
    pub balance: Money,
    /// What of it no remote has confirmed.
    pub pending: Money,
    /// When what the remote knows was last pulled.
    pub as_of: Option<Timestamp>,
    /// What can be used now without asking head office.
    pub usable_offline: Money,
    /// Whether the ledger's home is this till itself.
    pub is_this_till_only: bool,
}

/// A top-up.
#[derive(Clone, Debug)]
pub struct TopUp {
    /// The entry to be: the same id twice books once.
    pub entry_id: EntryId,
    /// Whose credit.
    pub member_id: MemberId,
    /// How much: more than zero.
    pub amount: Money,
    /// How it was paid.
    pub tender: Tender,
    /// The receipt.
    pub receipt: Option<String>,
}

/// A redemption.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// Whose credit.
    pub member_id: MemberId,
    /// How much: more than zero.
    pub amount: Money,
    /// The receipt.
    pub receipt: Option<String>,
}

/// Books a top-up.
///
/// # Errors
/// A refusal with its field; `member_not_found`, `not_a_member_here`.
pub fn top_up(till: &Till, location: &StoredLocation, top_up: TopUp) -> Result<EntryId, AppError> {
    let amount = in_currency_of(location, top_up.amount.movable()?)?;
    let receipt = text::line("receipt", top_up.receipt.as_deref().unwrap_or(""), MAX_LINE)?;
    let template = template(till, location, top_up.member_id, amount, receipt);
    let entry = LedgerEntry { id: top_up.entry_id, kind: EntryKind::TopUp, tender: Some(top_up.tender), ..template };
    let (stamp, mut new_change_id) = (till.stamp(), till.change_ids());
    till.write(move |tx| {
        check_member(tx, &entry)?;
        if ledger::exists(tx, entry.id)? {
            return Ok(entry.id);
        }
        ledger::holdings(tx, entry.account_id, amount.currency)?.balance()?.plus(amount)?;
        let id = entry.id;
        record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, stamp, &mut new_change_id)?;
        Ok(id)
    })
}

/// Books a redemption: authorised by the ledger's home where it answers in time, within the offline allowance where it
/// does not. `line` is the way to the remote of the shop, where it has one.
///
/// # Errors
/// `insufficient_credit`, `offline_allowance`, a refusal with its field; `member_not_found`, `not_a_member_here`.
pub async fn redeem(
    till: &Arc<Till>,
    location: &StoredLocation,
    redemption: Redemption,
    line: Option<Line>,
) -> Result<Vec<EntryId>, AppError> {
    let amount = in_currency_of(location, redemption.amount.movable()?)?;
    let receipt = text::line("receipt", redemption.receipt.as_deref().unwrap_or(""), MAX_LINE)?;
    let template = template(till, location, redemption.member_id, amount, receipt);
    till.read(|tx| check_member(tx, &template))?;
    let consent = match &line {
        Some(line) => ask(till, location, &template, line).await?,
        None if location.remote_id.is_some() => Consent::NoAnswer,
        None => Consent::HomeIsHere,
    };
    let booked = book(till, location, template, consent);
    if let (Err(_), Consent::Held(hold), Some(line)) = (&booked, consent, &line) {
        // Best effort: where this fails too, the hold runs out by itself.
        if let Err(trouble) = line.connector.release(hold).await {
            tracing::info!(code = trouble.problem.code, "a hold could not be given back");
        }
    }
    booked
}

/// What the ledger's home says to a redemption.
#[derive(Clone, Copy)]
enum Consent {
    /// The home is this till.
    HomeIsHere,
    /// It holds the credit.
    Held(AuthorisationId),
    /// It did not answer in time.
    NoAnswer,
}

async fn ask(till: &Till, location: &StoredLocation, template: &LedgerEntry, line: &Line) -> Result<Consent, AppError> {
    let question = Question {
        id: till.new_authorisation_id(),
        member_id: template.member_id,
        issuer: template.issuer.clone(),
        amount: template.amount,
        pos_id: location.pos_id.clone(),
        hold: HOLD,
        timeout: AUTHORISE_TIMEOUT,
    };
    if till.read(|tx| Ok(outbox::has_open_of_member(tx, template.member_id)?))? {
        // Head office may not know yet whom or what was taken in here a moment ago.
        sync::push_within(line, AUTHORISE_TIMEOUT).await;
    }
    match line.connector.authorise(&question).await {
        Ok(answer) if answer.is_authorised => Ok(Consent::Held(question.id)),
        Ok(answer) => {
            let available = Money { minor: answer.available.minor.max(0), ..answer.available };
            Err(Refusal::InsufficientCredit { available }.into())
        }
        Err(trouble) => {
            tracing::info!(code = trouble.problem.code, "a redemption could not be authorised");
            Ok(Consent::NoAnswer)
        }
    }
}

fn book(
    till: &Till,
    location: &StoredLocation,
    template: LedgerEntry,
    consent: Consent,
) -> Result<Vec<EntryId>, AppError> {
    let ids: Vec<EntryId> = (0..LOT_CLASSES).map(|_| till.new_entry_id()).collect();
    let (stamp, mut new_change_id, location) = (till.stamp(), till.change_ids(), location.clone());
    till.write(move |tx| {
        let holdings = ledger::holdings(tx, template.account_id, template.amount.currency)?;
        let (parts, authorisation_id) = match consent {
            Consent::HomeIsHere => (holdings.redemption(template.amount)?, None),
            Consent::Held(hold) => (holdings.authorised_redemption(template.amount), Some(hold)),
            Consent::NoAnswer => {
                let parts = holdings.redemption(template.amount)?;
                let usable = usable_offline(tx, &location, template.member_id, &holdings, stamp.at)?;
                if template.amount.minor > usable.minor {
                    return Err(Refusal::OfflineAllowance { usable }.into());
                }
                (parts, None)
            }
        };
        let mut booked = Vec::new();
        for ((lot_class, part), id) in parts.into_iter().zip(ids) {
            let amount = part.negated();
            let entry = LedgerEntry { id, lot_class, amount, authorisation_id, ..template.clone() };
            record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, stamp, &mut new_change_id)?;
            booked.push(id);
        }
        Ok(booked)
    })
}

/// A redemption has at most one part per class.
const LOT_CLASSES: usize = 4;

/// What a member has with the issuer of a shop.
///
/// # Errors
/// `member_not_found`.
pub fn of_member(till: &Till, location: &StoredLocation, id: MemberId) -> Result<Credit, AppError> {
    let at = till.now();
    till.read(|tx| read(tx, location, id, at))
}

/// What a member would have after a top-up.
///
/// # Errors
/// `amount_too_large` where an account could not hold it.
pub fn after_top_up(till: &Till, location: &StoredLocation, id: MemberId, amount: Money) -> Result<Credit, AppError> {
    let at = till.now();
    till.read(|tx| {
        let now = read(tx, location, id, at)?;
        let currency = location.location.currency;
        let more = Holdings::sum(currency, [(LotClass::Prepaid, now.balance), (LotClass::Prepaid, amount)])?;
        let usable_offline = match now.is_this_till_only {
            true => more.balance()?,
            false => usable_offline(tx, location, id, &more, at)?,
        };
        Ok(Credit { balance: more.balance()?, usable_offline, ..now })
    })
}

pub(crate) fn read(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    at: Timestamp,
) -> Result<Credit, AppError> {
    let currency = location.location.currency;
    let account_id = AccountId::of(id, &location.location.issuer, currency);
    let holdings = ledger::holdings(tx, account_id, currency)?;
    let balance = holdings.balance()?;
    let is_this_till_only = location.remote_id.is_none();
    let usable_offline = match is_this_till_only {
        true => Money { minor: balance.minor.max(0), ..balance },
        false => usable_offline(tx, location, id, &holdings, at)?,
    };
    let pending = match is_this_till_only {
        true => Money::zero(currency),
        false => ledger::pending(tx, id, account_id, currency)?,
    };
    Ok(Credit { account_id, balance, pending, as_of: as_of(tx, location)?, usable_offline, is_this_till_only })
}

fn usable_offline(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    member_id: MemberId,
    holdings: &Holdings,
    at: Timestamp,
) -> Result<Money, AppError> {
    let balance = holdings.balance()?;
    let (used_by_member_minor, used_by_till_minor) = match location.remote_id {
        Some(remote) => ledger::used_allowance(tx, member_id, remote)?,
        None => (0, 0),
    };
    let last_exchange_at = as_of(tx, location)?;
    let facts = OfflineFacts { balance, last_exchange_at, used_by_member_minor, used_by_till_minor, at };
    Ok(location.allowance.usable(&facts))
}

/// An entry with everything that follows from who, where and when.
fn template(
    till: &Till,
    location: &StoredLocation,
    member_id: MemberId,
    amount: Money,
    receipt: Option<String>,
) -> LedgerEntry {
    let (issuer, at) = (location.location.issuer.clone(), till.now());
    LedgerEntry {
        id: till.new_entry_id(),
        account_id: AccountId::of(member_id, &issuer, amount.currency),
        member_id,
        issuer,
        kind: EntryKind::Redeem,
        lot_class: LotClass::Prepaid,
        amount,
        location_id: location.id,
        till_id: till.who.id,
        staff_id: None,
        business_date: location.location.zone().business_date(at),
        at,
        receipt,
        tender: None,
        reason: None,
        source_entry_id: None,
        expires_on: None,
        source: EntrySource::Till,
        authorisation_id: None,
    }
}

fn check_member(tx: &Transaction<'_>, entry: &LedgerEntry) -> Result<(), AppError> {
    living(tx, entry.member_id)?;
    if belongs(tx, entry.member_id, entry.location_id)? { Ok(()) } else { Err(Refusal::NotAMemberHere.into()) }
}

fn in_currency_of(location: &StoredLocation, amount: Money) -> Result<Money, AppError> {
    let expected = location.location.currency;
    if amount.currency == expected {
        return Ok(amount);
    }
    let (given, expected) = (amount.currency.code().to_owned(), expected.code().to_owned());
    Err(Refusal::CurrencyDiffers { given, expected }.into())
}
