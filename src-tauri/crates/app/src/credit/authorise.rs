//! Whether credit may be taken: asked of the ledger's home, or decided here where it does not answer in time.

use super::{Account, Counter, holdings, usable_offline};
use crate::error::AppError;
use crate::sync::{self, Line};
use crate::till::Till;
use regulars_domain::ledger::LotClass;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{AuthorisationId, MemberId, Money, Refusal, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, members, outbox};
use regulars_sync::connector::{Connector, Question};
use regulars_sync::trouble::Effect;
use std::sync::Arc;
use std::time::Duration;

/// A cashier waits no longer for head office's word; then the offline rule holds.
const AUTHORISE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long head office keeps credit for a redemption that is on its way: captured within seconds when connected, and
/// long enough for a line that breaks in between to come back.
const HOLD: Duration = Duration::from_secs(900);

/// A hold counts here for so much less than at head office: booking takes a moment, and clocks run at their own pace.
const MARGIN: Duration = Duration::from_secs(10);

/// What the ledger's home says to a redemption.
#[derive(Clone, Copy, Debug)]
pub(super) enum Consent {
    /// The home is this till.
    HomeIsHere,
    /// It holds the credit until then, by this till's clock.
    Held(AuthorisationId, Timestamp),
    /// It did not answer in time.
    NoAnswer,
}

impl Consent {
    pub(super) const fn hold(self) -> Option<AuthorisationId> {
        match self {
            Self::Held(hold, _) => Some(hold),
            Self::HomeIsHere | Self::NoAnswer => None,
        }
    }

    /// The word as it counts at that instant: a hold that has run out is none, for another till may have the credit.
    pub(super) fn at(self, at: Timestamp) -> Self {
        match self {
            Self::Held(_, until) if at >= until && !is_planted(Mistake::HoldNeverExpires) => Self::NoAnswer,
            Self::Held(..) | Self::HomeIsHere | Self::NoAnswer => self,
        }
    }

    /// Whether an amount may be taken from the account, on that word.
    ///
    /// # Errors
    /// `insufficient_credit`, `offline_allowance`.
    pub(super) fn check(
        self,
        tx: &Transaction<'_>,
        counter: &Counter<'_>,
        account: &Account,
        amount: Money,
    ) -> Result<(), AppError> {
        match self {
            Self::Held(..) => Ok(()),
            Self::HomeIsHere => Ok(holdings(counter, account).redemption(amount).map(drop)?),
            Self::NoAnswer => {
                holdings(counter, account).redemption(amount)?;
                let available = account.lots.available(counter.today());
                let usable = usable_offline(tx, counter.location, account.member_id, available, counter.stamp.at)?;
                match amount.minor > usable.minor {
                    true => Err(Refusal::OfflineAllowance { usable }.into()),
                    false => Ok(()),
                }
            }
        }
    }

    /// Out of which classes an amount is taken. The home may know of credit that is not here yet.
    pub(super) fn parts(
        self,
        counter: &Counter<'_>,
        account: &Account,
        amount: Money,
    ) -> Result<Vec<(LotClass, Money)>, AppError> {
        let holdings = holdings(counter, account);
        match self {
            Self::Held(..) => Ok(holdings.authorised_redemption(amount)),
            Self::HomeIsHere | Self::NoAnswer => Ok(holdings.redemption(amount)?),
        }
    }
}

/// Asks the ledger's home of a shop for a hold, where it is not this till.
///
/// # Errors
/// `insufficient_credit`, as head office says it.
pub(super) async fn ask(
    till: &Till,
    location: &StoredLocation,
    member_id: MemberId,
    amount: Money,
    line: Option<&Line>,
) -> Result<Consent, AppError> {
    if till.read(|tx| crate::remotes::is_ledger_here(tx, location))? {
        return Ok(Consent::HomeIsHere);
    }
    let Some(line) = line else { return Ok(Consent::NoAnswer) };
    let question = Question {
        id: till.new_authorisation_id(),
        member_id,
        issuer: location.location.issuer.clone(),
        amount,
        pos_id: location.pos_id.clone(),
        hold: HOLD,
        timeout: AUTHORISE_TIMEOUT,
    };
    let is_news = till.read(|tx| {
        let group = members::list_group(tx, member_id)?;
        Ok::<_, AppError>(
            group.into_iter().map(|id| outbox::has_open_of_member(tx, id)).collect::<Result<Vec<_>, _>>()?,
        )
    })?;
    if is_news.contains(&true) {
        // Head office may not know yet whom or what was taken in here a moment ago.
        sync::push_within(line, AUTHORISE_TIMEOUT).await;
    }
    // Counted from before it was asked, so the till's end of it never comes after head office's.
    let asked_at = till.now();
    let asked_on = location.location.zone().business_date(asked_at);
    match line.connector.authorise(&question).await {
        Ok(answer) if answer.is_authorised => {
            let held_for = answer.held_for.unwrap_or(question.hold).saturating_sub(MARGIN);
            // What can be used today may have run out tomorrow.
            let tomorrow = asked_on.plus_days(1).and_then(|day| location.location.zone().start_of(day));
            let until = asked_at.plus(held_for);
            Ok(Consent::Held(question.id, tomorrow.map_or(until, |tomorrow| until.min(tomorrow))))
        }
        Ok(answer) => {
            let available = super::not_below_zero(answer.available);
            Err(Refusal::InsufficientCredit { available }.into())
        }
        Err(trouble) => {
            tracing::info!(code = trouble.problem.code, "a redemption could not be authorised");
            if trouble.effect != Effect::NotSent {
                // It may be held all the same, and would be missing to the member until it runs out.
                let (connector, hold) = (Arc::clone(&line.connector), question.id);
                tokio::spawn(async move { give_up(&*connector, hold).await });
            }
            Ok(Consent::NoAnswer)
        }
    }
}

/// Hears what others did first, where head office keeps the account: what can be given back, undone or paid out follows
/// from it. Without an answer in time what is known here counts, and the line is not asked again: answers it where it lives.
pub(super) async fn listen<'a>(
    till: &Till,
    location: &StoredLocation,
    line: Option<&'a Line>,
) -> Result<Option<&'a Line>, AppError> {
    let Some(line) = line else { return Ok(None) };
    if !till.read(|tx| crate::remotes::is_credit_held(tx, location))? {
        return Ok(Some(line));
    }
    Ok(sync::listen_within(till, line, AUTHORISE_TIMEOUT).await?.then_some(line))
}

/// Gives a hold back that was not used after all. Best effort: where this fails too, it runs out by itself. Waited for no
/// longer than for any word of head office; it goes on by itself.
pub(super) async fn release(consent: Consent, line: Option<&Line>) {
    let (Some(hold), Some(line)) = (consent.hold(), line) else { return };
    let connector = Arc::clone(&line.connector);
    let giving_up = tokio::spawn(async move { give_up(&*connector, hold).await });
    let _done_or_going_on = tokio::time::timeout(AUTHORISE_TIMEOUT, giving_up).await;
}

async fn give_up(connector: &dyn Connector, hold: AuthorisationId) {
    if let Err(trouble) = connector.release(hold).await {
        tracing::info!(code = trouble.problem.code, "a hold could not be given back");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What head office said, when it is booked, and what counts then.
    #[test]
    fn a_hold_that_has_run_out_is_none() {
        let at = Timestamp::from_millis;
        let held = Consent::Held(AuthorisationId::mint(at(0), [1; 10]), at(900_000));
        for (said, booked_at, holds) in [
            (held, 0, true),
            (held, 899_999, true),
            (held, 900_000, false),
            (held, 90_000_000, false),
            (Consent::NoAnswer, 0, false),
        ] {
            assert_eq!(said.at(at(booked_at)).hold().is_some(), holds, "{said:?} at {booked_at}");
        }
        assert!(matches!(Consent::HomeIsHere.at(at(90_000_000)), Consent::HomeIsHere), "a home needs no hold");
    }
}
