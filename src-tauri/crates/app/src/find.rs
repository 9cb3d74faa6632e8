//! Finding a member by phone, per shop, with an honest answer.

use crate::error::AppError;
use crate::till::Till;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{MemberId, Timestamp};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members;
use regulars_store::{Transaction, remotes};

/// Most members that are looked for: a list that is longer is not read at a counter, one types another digit.
pub const MAX_FOUND: u32 = 200;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which kind of answer.
    pub answer: Answer,
    /// How old this till's copy is, where there is a remote.
    pub as_of: Option<Timestamp>,
    /// Whether what was typed is a whole number: then one answer may open by itself.
    pub is_complete: bool,
    /// Who was found, at most [`MAX_FOUND`].
    pub members: Vec<MemberId>,
}

/// Which kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One member of this shop.
    Found,
    /// Several members of this shop.
    Several,
    /// Members of other shops only.
    Elsewhere,
    /// Nobody in this till's copy. That is not the same as nobody.
    NotInCopy,
    /// Not enough was typed to look for.
    TooShort,
}

/// Looks for members of a shop, then of the others that this till has.
///
/// # Errors
/// As any read.
pub fn find(till: &Till, location: &StoredLocation, typed: &str) -> Result<Found, AppError> {
    let country = location.location.phone_country()?;
    till.read(|tx| {
        let as_of = as_of(tx, location)?;
        let Some(query) = PhoneQuery::parse(typed, country) else {
            return Ok(Found { answer: Answer::TooShort, as_of, is_complete: false, members: Vec::new() });
        };
        let whole = members::find_by_whole_phone(tx, location.id, &query, MAX_FOUND)?;
        let is_complete = query.is_complete;
        if !whole.is_empty() {
            return Ok(here(whole, as_of, is_complete));
        }
        let part = members::find_by_part_of_phone(tx, location.id, &query, MAX_FOUND)?;
        if !part.is_empty() {
            return Ok(here(part, as_of, false));
        }
        let elsewhere = find_elsewhere(tx, location, &query)?;
        let answer = if elsewhere.is_empty() { Answer::NotInCopy } else { Answer::Elsewhere };
        Ok(Found { answer, as_of, is_complete, members: elsewhere })
    })
}

fn here(members: Vec<MemberId>, as_of: Option<Timestamp>, is_complete: bool) -> Found {
    let answer = if members.len() == 1 { Answer::Found } else { Answer::Several };
    Found { answer, as_of, is_complete, members }
}

/// In other shops only a whole number is looked for: an ending would show strangers.
fn find_elsewhere(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    query: &PhoneQuery,
) -> Result<Vec<MemberId>, AppError> {
    let mut found = Vec::new();
    for other in locations::list(tx)?.into_iter().filter(|other| other.id != location.id) {
        for id in members::find_by_whole_phone(tx, other.id, query, MAX_FOUND)? {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// How old this till's copy of a shop is: the last complete pull. `None` where it has no remote, or none was complete.
pub(crate) fn as_of(tx: &Transaction<'_>, location: &StoredLocation) -> Result<Option<Timestamp>, AppError> {
    match location.remote_id {
        Some(remote) => Ok(remotes::get(tx, remote)?.last_pull_at),
        None => Ok(None),
    }
}
