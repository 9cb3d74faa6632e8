//! What of credit is to be settled: a list on the sync screen, and a part of what needs somebody.
//!
//! To find it every account is summed up, which takes more than a second over half a million entries. So it is
//! looked for while the sync screen is open, and behind the cashier's back at the start and every half an hour after; the
//! head, which asks after each event, counts what was found the last time and is not settled yet.

use super::desk::Desk;
use super::views::Nothing;
use super::views::tasks::{ReturnedSale, UnsettledAccount, UnsettledList};
use crate::credit::{self, Cause, Unsettled};
use crate::error::AppError;
use crate::events::{Events, Topic};
use crate::till::Till;
use regulars_domain::location::DEFAULT_ISSUER;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Most that are listed, and that are looked at again whenever the head asks: a screen full, and some milliseconds.
const LISTED: usize = 100;
/// How many times as long as a look took there is none after it: the screen asks after each event, and the cashier's
/// own reads come first.
const RESTS: u32 = 20;
/// How often it is looked for where nobody asks.
const EVERY: Duration = Duration::from_secs(1_800);

/// What was found the last time.
#[derive(Clone, Default)]
pub(super) struct Found(Arc<Mutex<Looked>>);

#[derive(Default)]
struct Looked {
    unsettled: Vec<Unsettled>,
    rests_until: Option<Instant>,
    due_at: Option<Instant>,
    looking: Option<JoinHandle<()>>,
}

impl Found {
    /// How many are not settled yet.
    pub(super) fn count(&self, till: &Till) -> Result<i64, AppError> {
        Ok(i64::try_from(self.still(till)?.len()).unwrap_or(i64::MAX))
    }

    /// What of it is not settled yet. Only so many are looked at as are listed; the others are taken as they were.
    fn still(&self, till: &Till) -> Result<Vec<Unsettled>, AppError> {
        let found = self.lock().unsettled.clone();
        let (listed, others) = found.split_at(found.len().min(LISTED));
        let mut still = Unsettled::still(till, listed)?;
        still.extend_from_slice(others);
        Ok(still)
    }

    fn look(&self, till: &Till) -> Result<Vec<Unsettled>, AppError> {
        let began = Instant::now();
        let unsettled = credit::unsettled(till)?;
        let mut looked = self.lock();
        looked.unsettled.clone_from(&unsettled);
        looked.rests_until = Instant::now().checked_add(began.elapsed().saturating_mul(RESTS));
        Ok(unsettled)
    }

    /// Looks in a while behind the cashier's back, where nobody has done so for long, and tells the head of what is new.
    pub(super) fn look_in_time(&self, till: &Arc<Till>, events: &Events) {
        let now = Instant::now();
        let mut looked = self.lock();
        if looked.due_at.is_some_and(|due_at| now < due_at) {
            return;
        }
        looked.due_at = now.checked_add(EVERY);
        let (found, till, events) = (self.clone(), Arc::clone(till), events.clone());
        looked.looking = Some(tokio::task::spawn_blocking(move || {
            let told = found.count(&till).and_then(|counted| {
                found.look(&till)?;
                Ok(counted != found.count(&till)?)
            });
            match told {
                Ok(true) => events.tell(Topic::Sync),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "looking for credit that is to be settled"),
            }
        }));
    }

    /// Waits for a look that goes on.
    pub(super) async fn end(&self) {
        let looking = self.lock().looking.take();
        if let Some(looking) = looking {
            let _ended_either_way = looking.await;
        }
    }

    fn is_resting(&self) -> bool {
        self.lock().rests_until.is_some_and(|until| Instant::now() < until)
    }

    fn lock(&self) -> MutexGuard<'_, Looked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn unsettled(desk: &Desk, _: Nothing) -> Result<UnsettledList, AppError> {
    let mut unsettled = desk.unsettled.still(&desk.till)?;
    if !desk.unsettled.is_resting() {
        let counted = unsettled.len();
        unsettled = desk.unsettled.look(&desk.till)?;
        if unsettled.len() != counted {
            // The head has counted otherwise.
            desk.events.tell(Topic::Sync);
        }
    }
    let total = unsettled.len();
    Ok(UnsettledList { accounts: unsettled.into_iter().take(LISTED).map(view).collect(), total })
}

fn view(unsettled: Unsettled) -> UnsettledAccount {
    let Unsettled { member_id, name, issuer, amount, cause } = unsettled;
    let sale = match cause {
        Cause::Owes => None,
        Cause::TooMuchBack { sale_id, receipt, on } => Some(ReturnedSale { visit_id: sale_id, receipt, on }),
    };
    UnsettledAccount {
        member_id,
        member_name: name,
        issuer: (issuer != DEFAULT_ISSUER).then_some(issuer),
        amount,
        too_much_back_of: sale,
    }
}
