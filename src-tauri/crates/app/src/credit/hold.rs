//! Holding credit while a bill is being paid, so that no other till gives it out meanwhile.

use super::authorise::{self, Consent};
use super::{Counter, in_currency_of};
use crate::error::AppError;
use crate::rights::Action;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::{MemberId, Money, Timestamp};
use regulars_store::locations::StoredLocation;

/// Credit that head office keeps for a bill.
#[derive(Clone, Debug)]
pub struct Held {
    member_id: MemberId,
    amount: Money,
    consent: Consent,
}

impl Held {
    /// Whether it is for that, and has not run out.
    pub fn is_for(&self, member_id: MemberId, amount: Money, at: Timestamp) -> bool {
        let still = matches!(self.consent.at(at), Consent::Held(..));
        still && self.member_id == member_id && self.amount == amount
    }

    pub(super) const fn consent(&self) -> Consent {
        self.consent
    }
}

/// Asks head office to hold credit for a bill that is being paid. Nothing where it has not that much, does not answer, or
/// is not asked: what can be used is decided when the bill is booked.
///
/// # Errors
/// A refusal with its field; `member_not_found`, `not_a_member_here`.
pub async fn hold(
    till: &Till,
    location: &StoredLocation,
    member_id: MemberId,
    amount: Money,
    line: Option<&Line>,
) -> Result<Option<Held>, AppError> {
    let stamp = till.permit(Action::Pay)?;
    let amount = in_currency_of(location, amount.movable()?)?;
    let counter = Counter { location, till_id: till.who.id, stamp };
    let member_id = till.read(|tx| {
        let account = counter.open(tx, member_id)?;
        account.status.check_may_use_credit()?;
        Ok::<_, AppError>(account.member_id)
    })?;
    match authorise::ask(till, location, member_id, amount, line).await {
        Ok(consent @ Consent::Held(..)) => Ok(Some(Held { member_id, amount, consent })),
        Ok(Consent::HomeIsHere | Consent::NoAnswer) => Ok(None),
        Err(AppError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives a hold back. Best effort: where that fails it runs out by itself.
pub async fn release(held: Held, line: Option<&Line>) {
    authorise::release(held.consent, line).await;
}
