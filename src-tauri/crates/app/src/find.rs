//! Finding a member in one field: by phone, card, reference, barcode, email or name, per shop, with an honest answer.

use crate::cards::{self, FoundCard};
use crate::error::AppError;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::phone::{self, PhoneQuery};
use regulars_domain::{LocationId, MemberId, Timestamp};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members;
use regulars_store::{Transaction, remotes};
use regulars_sync::capabilities::{Find, Search as Searches};
use regulars_sync::connector::Asked;
use regulars_sync::connectors;
use std::time::Duration;

/// Most members that are looked for: a list that is longer is not read at a counter, one types another digit.
pub const MAX_FOUND: u32 = 200;
/// A cashier waits no longer for what a remote has.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);
/// Fewest letters that are looked for as a name.
const MIN_LETTERS: usize = 2;

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which kind of answer.
    pub answer: Answer,
    /// How old this till's copy is, where there is a remote.
    pub as_of: Option<Timestamp>,
    /// Whether what was typed is a whole number, card or the like: then one answer may open by itself.
    pub is_complete: bool,
    /// Who was found, at most [`MAX_FOUND`].
    pub members: Vec<MemberId>,
    /// The card that was asked for and may not be used now.
    pub refused: Option<FoundCard>,
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
    /// A card that may not be used now; whose it is stands in `members`.
    CardRefused,
    /// Nobody in this till's copy. That is not the same as nobody.
    NotInCopy,
    /// Found at the remote, and taken into the copy.
    RemoteFound,
    /// Nobody here, and nobody at the remote.
    RemoteNone,
    /// Nobody here, and the remote did not answer in time.
    RemoteUnreachable,
    /// Not enough was typed to look for.
    TooShort,
}

/// Looks for members of a shop, then of the others that this till has.
///
/// # Errors
/// As any read.
pub fn find(till: &Till, location: &StoredLocation, typed: &str) -> Result<Found, AppError> {
    let phone = PhoneQuery::parse(typed, location.location.phone_country()?);
    let at = till.now();
    till.read(|tx| {
        let search = Search { tx, location, typed, phone: phone.as_ref(), as_of: as_of(tx, location)? };
        if let Some(refused) = search.refused_card(at)? {
            let members = vec![refused.member_id];
            return Ok(Found { refused: Some(refused), ..search.answer(Answer::CardRefused, true, members) });
        }
        search.run()
    })
}

/// Whether the remote of a shop can be asked for what was typed.
///
/// # Errors
/// As any read.
pub fn can_ask(till: &Till, location: &StoredLocation, typed: &str) -> Result<bool, AppError> {
    let Some(remote) = location.remote_id else { return Ok(false) };
    let kind = till.read(|tx| Ok(remotes::get(tx, remote)?.kind))?;
    can_be_asked(connectors::find_of(&kind), typed, location)
}

fn can_be_asked(can: Find, typed: &str, location: &StoredLocation) -> Result<bool, AppError> {
    let is_number = PhoneQuery::parse(typed, location.location.phone_country()?).is_some();
    let by = if is_number { [can.phone, can.card] } else { [can.text, can.card] };
    Ok(by.iter().any(|search| *search != Searches::No))
}

/// Looks for members here and, where there is nobody, at the shop's remote, within a few seconds. Who is found there is
/// taken into the copy.
///
/// # Errors
/// As [`find`]; faults of the store.
pub async fn ask(till: &Till, location: &StoredLocation, typed: &str, line: &Line) -> Result<Found, AppError> {
    let here = find(till, location, typed)?;
    let can = line.connector.capabilities().find;
    if here.answer != Answer::NotInCopy || !can_be_asked(can, typed, location)? {
        return Ok(here);
    }
    let country = location.location.phone_country()?;
    let is_number = PhoneQuery::parse(typed, country).is_some();
    let phones = if is_number { phone::spellings(typed, None, Some(country)) } else { Vec::new() };
    let (text, pos_id) = (typed.trim().to_owned(), location.pos_id.clone());
    let asked_at = till.now();
    let asked = Asked { text, phones, pos_id, timeout: ASK_TIMEOUT };
    let answered = tokio::time::timeout(ASK_TIMEOUT, line.connector.find(&asked)).await;
    let Ok(Ok(found)) = answered else {
        return Ok(Found { answer: Answer::RemoteUnreachable, ..here });
    };
    if found.is_empty() {
        // Where it is not said what is searched, an empty answer tells nothing.
        let is_told = [can.phone, can.card, can.text].iter().all(|search| *search != Searches::Perhaps);
        return Ok(Found { answer: if is_told { Answer::RemoteNone } else { Answer::NotInCopy }, ..here });
    }
    let taken = line.engine.take_in(line.connector.remote_id(), asked_at, found).await?;
    let members = till.read(|tx| {
        let search = Search { tx, location, typed, phone: None, as_of: here.as_of };
        search.themselves(taken)
    })?;
    let answer = if members.is_empty() { Answer::RemoteNone } else { Answer::RemoteFound };
    Ok(Found { answer, members, ..here })
}

/// What is looked for, and where.
struct Search<'a> {
    tx: &'a Transaction<'a>,
    location: &'a StoredLocation,
    typed: &'a str,
    phone: Option<&'a PhoneQuery>,
    as_of: Option<Timestamp>,
}

impl Search<'_> {
    fn run(&self) -> Result<Found, AppError> {
        let whole = self.whole(self.location.id)?;
        if !whole.is_empty() {
            return Ok(self.here(whole, true));
        }
        let part = self.part()?;
        if !part.is_empty() {
            return Ok(self.here(part, false));
        }
        let is_complete = self.phone.is_some_and(|phone| phone.is_complete);
        let elsewhere = self.elsewhere()?;
        Ok(match elsewhere.is_empty() {
            false => self.answer(Answer::Elsewhere, is_complete, elsewhere),
            true if self.phone.is_none() && !self.has_letters() => self.answer(Answer::TooShort, false, Vec::new()),
            true => self.answer(Answer::NotInCopy, is_complete, Vec::new()),
        })
    }

    /// What is found by the whole of it: a number, a card, a reference, a barcode, an email address.
    fn whole(&self, location: LocationId) -> Result<Vec<MemberId>, AppError> {
        let mut found = match self.phone.filter(|phone| phone.is_complete || !phone.whole.is_empty()) {
            Some(phone) => members::find_by_whole_phone(self.tx, location, phone, MAX_FOUND)?,
            None => Vec::new(),
        };
        for id in members::find_keyed(self.tx, self.typed, MAX_FOUND)? {
            let is_member = |id| Ok::<_, AppError>(crate::members::membership_at(self.tx, id, location)?.is_some());
            let is_here = is_member(id)? || is_member(members::resolve(self.tx, id)?)?;
            if is_here {
                found.push(id);
            }
        }
        self.themselves(found)
    }

    /// What begins or ends so: a number, or words of a name.
    fn part(&self) -> Result<Vec<MemberId>, AppError> {
        let mut found = match self.phone {
            Some(phone) => members::find_by_part_of_phone(self.tx, self.location.id, phone, MAX_FOUND)?,
            None => Vec::new(),
        };
        if self.has_letters() {
            found.extend(members::find_by_words(self.tx, self.location.id, self.typed, MAX_FOUND)?);
        }
        self.themselves(found)
    }

    /// In other shops only the whole of something is looked for: an ending would show strangers.
    fn elsewhere(&self) -> Result<Vec<MemberId>, AppError> {
        let mut found = Vec::new();
        for other in locations::list(self.tx)?.into_iter().filter(|other| other.id != self.location.id) {
            found.extend(self.whole(other.id)?);
        }
        self.themselves(found)
    }

    fn refused_card(&self, at: Timestamp) -> Result<Option<FoundCard>, AppError> {
        let found = cards::find_in(self.tx, self.typed)?;
        Ok(found.filter(|found| cards::check_may_be_used(&found.card, at).is_err()))
    }

    /// Aliases are who they turned out to be; each once, and nobody who is gone.
    fn themselves(&self, ids: Vec<MemberId>) -> Result<Vec<MemberId>, AppError> {
        let mut found = Vec::new();
        for id in ids {
            let id = members::resolve(self.tx, id)?;
            let is_there =
                || Ok::<_, AppError>(members::find(self.tx, id)?.is_some_and(|stored| stored.deleted_at.is_none()));
            if found.len() < MAX_FOUND as usize && !found.contains(&id) && is_there()? {
                found.push(id);
            }
        }
        Ok(found)
    }

    fn has_letters(&self) -> bool {
        self.typed.chars().filter(|character| character.is_alphabetic()).count() >= MIN_LETTERS
    }

    fn here(&self, members: Vec<MemberId>, is_complete: bool) -> Found {
        let answer = if members.len() == 1 { Answer::Found } else { Answer::Several };
        self.answer(answer, is_complete, members)
    }

    fn answer(&self, answer: Answer, is_complete: bool, members: Vec<MemberId>) -> Found {
        Found { answer, as_of: self.as_of, is_complete, members, refused: None }
    }
}

/// How old this till's copy of a shop is: the last complete pull. `None` where it has no remote, or none was complete.
pub(crate) fn as_of(tx: &Transaction<'_>, location: &StoredLocation) -> Result<Option<Timestamp>, AppError> {
    match location.remote_id {
        Some(remote) => Ok(remotes::get(tx, remote)?.last_pull_at),
        None => Ok(None),
    }
}
