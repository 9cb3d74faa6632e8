//! Holds on credit, so that two tills that are connected cannot use one balance twice. A hold is no ledger entry.

use crate::access::Access;
use crate::effects::{check_currency, visible_member};
use crate::error::HeadOfficeError;
use crate::purse::Purse;
use crate::storage::{HoldState, Rows, StoredHold};
use regulars_domain::ledger::EntryKind;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{AccountId, AuthorisationId, Date, Money, Refusal, Timestamp};
use regulars_protocol::authorise::{AuthoriseRequest, AuthoriseResponse, MAX_HOLD_SECONDS};
use regulars_protocol::push::Entry;
use std::time::Duration;

/// Answers whether credit may be used on the shop's day, and holds it. What stands on the accounts of members that were
/// merged into one person counts together. The same question again, while it is held, gets the same answer.
/// Must run in a transaction that is committed before the answer is sent.
///
/// # Errors
/// `not_allowed` for a shop that the token may not serve, `not_found` for a member that it may not see or that is
/// still to come; a refusal of the amount; faults of the database.
pub fn authorise(
    rows: &mut dyn Rows,
    access: &Access,
    request: &AuthoriseRequest,
    at: Timestamp,
) -> Result<AuthoriseResponse, HeadOfficeError> {
    let (amount, today) = check(rows, access, request, at)?;
    let account_id = AccountId::of(request.member_id, &request.issuer, amount.currency);
    let purse = Purse::of(rows, request.member_id, &request.issuer, amount.currency)?;
    let available = purse.available(rows, today)?.saturating_sub(purse.held(rows, request.id, at)?);
    let answer = |expires_at: Option<Timestamp>| AuthoriseResponse {
        is_authorised: expires_at.is_some(),
        expires_at,
        available: Money::new(available, amount.currency),
    };
    if let Some(hold) = rows.find_hold(request.id)? {
        let is_same = (hold.account_id, hold.till_id, hold.amount_minor) == (account_id, request.till_id, amount.minor);
        let is_held = is_same && hold.state == HoldState::Held && hold.expires_at > at;
        return Ok(answer(is_held.then_some(hold.expires_at)));
    }
    if amount.minor > available {
        return Ok(answer(None));
    }
    let seconds = u64::from(request.hold_seconds.clamp(1, MAX_HOLD_SECONDS));
    let expires_at = at.plus(Duration::from_secs(seconds));
    rows.put_hold(&StoredHold {
        id: request.id,
        account_id,
        till_id: request.till_id,
        amount_minor: amount.minor,
        captured_minor: 0,
        currency: amount.currency,
        state: HoldState::Held,
        expires_at,
        made_at: at,
    })?;
    Ok(answer(Some(expires_at)))
}

/// Gives a hold up. What was captured stays captured; an unknown one is none.
///
/// # Errors
/// Faults of the database.
pub fn release(rows: &mut dyn Rows, id: AuthorisationId) -> Result<(), HeadOfficeError> {
    match rows.find_hold(id)? {
        Some(hold) if hold.state == HoldState::Held => {
            rows.put_hold(&StoredHold { state: HoldState::Released, ..hold })
        }
        Some(_) | None => Ok(()),
    }
}

/// Captures what a redemption or a cash-out takes of the hold that it names, also of one that has run out. One bill may
/// take from several lots, in several entries: the rest stays held for them.
pub(crate) fn capture(rows: &mut dyn Rows, entry: &Entry) -> Result<(), HeadOfficeError> {
    let is_taking =
        matches!(entry.kind, EntryKind::Redeem | EntryKind::CashOut) && !is_planted(Mistake::CaptureForgotten);
    let Some(id) = entry.authorisation_id.filter(|_| is_taking) else { return Ok(()) };
    let Some(hold) = rows.find_hold(id)? else { return Ok(()) };
    let purse = Purse::of(rows, entry.member_id, &entry.issuer, entry.amount.currency)?;
    if !purse.accounts.contains_key(&hold.account_id) {
        return Ok(());
    }
    let taken = entry.amount.minor.saturating_neg();
    let captured_minor = hold.captured_minor.saturating_add(taken).min(hold.amount_minor);
    let state = if captured_minor == hold.amount_minor { HoldState::Captured } else { hold.state };
    rows.put_hold(&StoredHold { captured_minor, state, ..hold })
}

/// The amount and the shop's day.
fn check(
    rows: &mut dyn Rows,
    access: &Access,
    request: &AuthoriseRequest,
    at: Timestamp,
) -> Result<(Money, Date), HeadOfficeError> {
    if !access.scope.allows(&request.location) {
        return Err(HeadOfficeError::NotAllowed);
    }
    let unknown = || Refusal::LocationNotFound { code: request.location.clone() };
    let location = rows.find_location(&request.location)?.ok_or_else(unknown)?;
    check_currency(request.amount.currency, &location)?;
    visible_member(rows, access, request.member_id)?.ok_or(HeadOfficeError::NotFound)?;
    Ok((request.amount.movable()?, location.zone().business_date(at)))
}
