//! What waits to be sent, and what a person can do about what needs one.

use crate::error::AppError;
use crate::merge;
use crate::rights::Action;
use crate::tasks::lost_merge_of;
use crate::till::Till;
use regulars_domain::ChangeId;
use regulars_domain::Refusal;
use regulars_domain::conflict::Side;
use regulars_domain::text::{self, MAX_LINE};
use regulars_store::outbox::{self, Counts, QueuedChange};

/// Most changes in one list: more are not read, they are waited for.
pub const MAX_LISTED: u32 = 200;

/// The changes that wait, those for a person first, then oldest first; at most [`MAX_LISTED`].
///
/// # Errors
/// As any read.
pub fn list(till: &Till) -> Result<Vec<QueuedChange>, AppError> {
    till.read(|tx| Ok(outbox::list_open(tx, MAX_LISTED)?))
}

/// The change of that id.
///
/// # Errors
/// `change_not_found`.
pub fn get(till: &Till, id: ChangeId) -> Result<QueuedChange, AppError> {
    till.read(|tx| Ok(outbox::get(tx, id)?))
}

/// How many wait.
///
/// # Errors
/// As any read.
pub fn count(till: &Till) -> Result<Counts, AppError> {
    till.read(|tx| Ok(outbox::count(tx)?))
}

/// Tries again what waits for a person, now. Answers the id of the change that takes its place.
///
/// # Errors
/// `change_not_found`, `change_state`.
pub fn retry(till: &Till, id: ChangeId) -> Result<ChangeId, AppError> {
    let (new_id, stamp) = (till.new_change_id(), till.permit(Action::Decide)?);
    let mut ids = till.ids();
    till.write(move |tx| {
        let lost = lost_merge_of(tx, id, Side::Ours)?;
        outbox::retry(tx, id, new_id, stamp)?;
        if let Some(merged) = lost {
            merge::take_back(tx, &merged, stamp, &mut ids)?;
        }
        Ok(new_id)
    })
}

/// Somebody looked at the remote: it has the money that was in doubt.
///
/// # Errors
/// `change_not_found`; `change_state` where it is not in doubt.
pub fn confirm_there(till: &Till, id: ChangeId) -> Result<(), AppError> {
    let stamp = till.permit(Action::Decide)?;
    till.write(move |tx| Ok(outbox::confirm_there(tx, id, stamp)?))
}

/// Gives up what waits for a person: the member stands again as the remote has them.
///
/// # Errors
/// `change_not_found`, `change_state`, `money_cannot_be_discarded`, `has_dependents`; `required` for the reason.
pub fn discard(till: &Till, id: ChangeId, reason: &str) -> Result<(), AppError> {
    let reason = text::line("reason", reason, MAX_LINE)?.ok_or(Refusal::Required { field: "reason" })?;
    let stamp = till.permit(Action::Decide)?;
    let mut ids = till.ids();
    till.write(move |tx| {
        let lost = lost_merge_of(tx, id, Side::Theirs)?;
        outbox::discard(tx, id, &reason, stamp)?;
        if let Some(merged) = lost {
            merge::take_back(tx, &merged, stamp, &mut ids)?;
        }
        Ok(())
    })
}
