//! Who owes: a list on the sync screen, and a part of what needs somebody.
//!
//! To find them every account is summed up, which takes more than a second over half a million entries. So they are
//! looked for only while the sync screen is open; the head, which asks after each event, counts those who were found
//! the last time and owe still.

use super::desk::Desk;
use super::views::Nothing;
use super::views::tasks::{OwingList, OwingMember};
use crate::credit::{self, Owing};
use crate::error::AppError;
use crate::events::Topic;
use crate::till::Till;
use regulars_domain::location::DEFAULT_ISSUER;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Most that are listed, and that are looked at again whenever the head asks: a screen full, and some milliseconds.
const LISTED: usize = 100;
/// How many times as long as a look took there is none after it: the screen asks after each event, and the cashier's
/// own reads come first.
const RESTS: u32 = 20;

/// Those who were found the last time.
#[derive(Default)]
pub(super) struct Found(Mutex<Looked>);

#[derive(Default)]
struct Looked {
    owing: Vec<Owing>,
    rests_until: Option<Instant>,
}

impl Found {
    /// How many of them owe still.
    pub(super) fn count(&self, till: &Till) -> Result<i64, AppError> {
        Ok(i64::try_from(self.still(till)?.len()).unwrap_or(i64::MAX))
    }

    /// Those of them who owe still. Only so many are looked at as are listed; the others are taken as they were.
    fn still(&self, till: &Till) -> Result<Vec<Owing>, AppError> {
        let found = self.lock().owing.clone();
        let (listed, others) = found.split_at(found.len().min(LISTED));
        let mut still = Owing::still(till, listed)?;
        still.extend_from_slice(others);
        Ok(still)
    }

    fn look(&self, till: &Till) -> Result<Vec<Owing>, AppError> {
        let began = Instant::now();
        let owing = credit::owing(till)?;
        let rests_until = Instant::now().checked_add(began.elapsed().saturating_mul(RESTS));
        *self.lock() = Looked { owing: owing.clone(), rests_until };
        Ok(owing)
    }

    fn is_resting(&self) -> bool {
        self.lock().rests_until.is_some_and(|until| Instant::now() < until)
    }

    fn lock(&self) -> MutexGuard<'_, Looked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn owing(desk: &Desk, _: Nothing) -> Result<OwingList, AppError> {
    let mut owing = desk.owing.still(&desk.till)?;
    if !desk.owing.is_resting() {
        let counted = owing.len();
        owing = desk.owing.look(&desk.till)?;
        if owing.len() != counted {
            // The head has counted otherwise.
            desk.events.tell(Topic::Sync);
        }
    }
    let total = owing.len();
    Ok(OwingList { owing: owing.into_iter().take(LISTED).map(view).collect(), total })
}

fn view(owing: Owing) -> OwingMember {
    let Owing { member_id, name, issuer, amount } = owing;
    let issuer = (issuer != DEFAULT_ISSUER).then_some(issuer);
    OwingMember { member_id, member_name: name, issuer, amount }
}
