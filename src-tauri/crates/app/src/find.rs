//! Finding a member in one field: by phone, card, reference, barcode, email or name, per shop, with an honest answer.

use crate::cards::{self, FoundCard};
use crate::error::AppError;
use crate::sync::Line;
use crate::till::Till;
use regulars_domain::phone::{self, PhoneQuery};
use regulars_domain::{LocationId, MemberId, Timestamp};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members::{self, Hit};
use regulars_store::{Transaction, remotes};
use regulars_sync::capabilities::{Find, Search as Searches};
use regulars_sync::connector::Asked;
use regulars_sync::connectors::{self, head_office};
use std::time::Duration;

/// A cashier waits no longer for what a remote has.
pub(crate) const ASK_TIMEOUT: Duration = Duration::from_secs(5);
/// Fewest letters that are looked for as a name.
const MIN_LETTERS: usize = 2;
/// Most digits of a phone number (ITU-T E.164 §6).
const LONGEST_NUMBER: usize = 15;

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which kind of answer.
    pub answer: Answer,
    /// How old this till's copy is, where there is a remote.
    pub as_of: Option<Timestamp>,
    /// Whether what was typed is a whole number, card or the like: then one answer may open by itself.
    pub is_complete: bool,
    /// Who was found, as many as were asked for.
    pub members: Vec<MemberId>,
    /// Whether there are more.
    pub has_more: bool,
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
    /// Nobody here, and the remote found nobody, which need not mean that nobody is there: its search does not look at
    /// what was typed, or it is not said what it looks through.
    RemoteCannotTell,
    /// Nobody here, and the remote did not answer in time.
    RemoteUnreachable,
    /// Not enough was typed to look for.
    TooShort,
}

/// Looks for so many members of a shop at most, then of the others that this till has. A list that is long is not read at
/// a counter, one types another digit; so it is not looked how long it is.
///
/// # Errors
/// As any read.
pub fn find(till: &Till, location: &StoredLocation, typed: &str, most: usize) -> Result<Found, AppError> {
    let phone = PhoneQuery::parse(typed, location.location.phone_country()?);
    let at = till.now();
    till.read(|tx| {
        let search = Search::begin(tx, location, typed, phone.as_ref(), most)?;
        match search.refusal(at)? {
            Some(refusal) => Ok(refusal),
            None => search.run(),
        }
    })
}

/// How the remote of a shop is asked for somebody who is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It has a search: [`ask`].
    Search,
    /// It tells all that is new to it: an exchange, and then [`after_exchange`].
    Exchange,
    /// It cannot be asked.
    No,
}

/// How the remote of a shop can be asked for what was typed.
///
/// # Errors
/// As any read.
pub fn asking(till: &Till, location: &StoredLocation, typed: &str) -> Result<Asking, AppError> {
    let Some(remote) = location.remote_id else { return Ok(Asking::No) };
    let remote = till.read(|tx| Ok(remotes::get(tx, remote)?))?;
    let is_head_office = remote.kind == head_office::KIND;
    Ok(match () {
        // The first pull takes its time, and says how far it is.
        () if is_head_office && remote.is_first_pull_done => Asking::Exchange,
        () if can_be_asked(connectors::find_of(&remote.kind), typed, location)? => Asking::Search,
        () => Asking::No,
    })
}

/// Looks for members once more after an exchange. Only where all that was new at the remote has come since `asked_at`
/// is nobody here nobody there.
///
/// # Errors
/// As any read.
pub fn after_exchange(
    till: &Till,
    location: &StoredLocation,
    typed: &str,
    most: usize,
    asked_at: Timestamp,
) -> Result<Found, AppError> {
    let found = find(till, location, typed, most)?;
    let has_all = found.as_of.is_some_and(|as_of| as_of >= asked_at);
    let answer = match found.answer {
        Answer::Found | Answer::Several => Answer::RemoteFound,
        Answer::NotInCopy if has_all => Answer::RemoteNone,
        Answer::NotInCopy => Answer::RemoteUnreachable,
        other => other,
    };
    Ok(Found { answer, ..found })
}

fn can_be_asked(can: Find, typed: &str, location: &StoredLocation) -> Result<bool, AppError> {
    let is_number = PhoneQuery::parse(typed, location.location.phone_country()?).is_some();
    let by = if is_number { [can.phone, can.card] } else { [can.text, can.card] };
    Ok(by.iter().any(|search| *search != Searches::No))
}

/// Whether nobody found means that nobody is there: the remote looks at all that may be what was typed.
fn can_tell(can: Find, typed: &str, phone: Option<&PhoneQuery>) -> bool {
    let search = match phone {
        Some(phone) if phone.is_complete => can.phone,
        Some(phone) if phone.ending.len() > LONGEST_NUMBER => can.card,
        // It may be the end of a number, by which none is asked for.
        Some(_) => Searches::No,
        // Of email addresses no remote says that it looks at them.
        None if typed.contains('@') => Searches::No,
        None if typed.chars().any(char::is_numeric) => can.card,
        None => can.text,
    };
    search == Searches::Yes
}

/// Looks for members here and, where there is nobody, at the shop's remote, within a few seconds. Who is found there is
/// taken into the copy. Whoever has the whole of what was typed comes alone; a remote may have found others by a note.
///
/// # Errors
/// As [`find`]; faults of the store.
pub async fn ask(
    till: &Till,
    location: &StoredLocation,
    typed: &str,
    most: usize,
    line: &Line,
) -> Result<Found, AppError> {
    let here = find(till, location, typed, most)?;
    let can = line.connector.capabilities().find;
    if here.answer != Answer::NotInCopy || !can_be_asked(can, typed, location)? {
        return Ok(here);
    }
    let country = location.location.phone_country()?;
    let number = PhoneQuery::parse(typed, country);
    let phones = if number.is_some() { phone::spellings(typed, None, Some(country)) } else { Vec::new() };
    let (text, pos_id) = (typed.trim().to_owned(), location.pos_id.clone());
    let asked_at = till.now();
    let asked = Asked { text, phones, pos_id, timeout: ASK_TIMEOUT };
    let answered = tokio::time::timeout(ASK_TIMEOUT, line.connector.find(&asked)).await;
    let Ok(Ok(found)) = answered else {
        return Ok(Found { answer: Answer::RemoteUnreachable, ..here });
    };
    if found.is_empty() {
        let is_told = can_tell(can, typed, number.as_ref());
        return Ok(Found { answer: if is_told { Answer::RemoteNone } else { Answer::RemoteCannotTell }, ..here });
    }
    let taken = line.engine.take_in(line.connector.remote_id(), asked_at, found).await?;
    let at = till.now();
    till.read(|tx| {
        let search = Search::begin(tx, location, typed, number.as_ref(), most)?;
        match search.refusal(at)? {
            Some(refusal) => Ok(refusal),
            None => search.taken_in(taken),
        }
    })
}

/// What is looked for, and where.
struct Search<'a> {
    tx: &'a Transaction<'a>,
    location: &'a StoredLocation,
    typed: &'a str,
    phone: Option<&'a PhoneQuery>,
    as_of: Option<Timestamp>,
    /// Who has a card, reference, barcode or email like this, in whichever shop.
    keyed: Vec<Hit>,
    /// How many are answered.
    most: usize,
    /// One more, which tells that there are more.
    limit: u32,
}

impl<'a> Search<'a> {
    fn begin(
        tx: &'a Transaction<'a>,
        location: &'a StoredLocation,
        typed: &'a str,
        phone: Option<&'a PhoneQuery>,
        most: usize,
    ) -> Result<Self, AppError> {
        let limit = u32::try_from(most).unwrap_or(u32::MAX).saturating_add(1);
        let (as_of, keyed) = (as_of(tx, location)?, members::find_keyed(tx, typed, limit)?);
        Ok(Self { tx, location, typed, phone, as_of, keyed, most, limit })
    }

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

    /// Whom the remote found. What it found them by it does not say: who really has it is known here now.
    fn taken_in(&self, taken: Vec<MemberId>) -> Result<Found, AppError> {
        let mut found = Vec::new();
        for id in taken {
            add(&mut found, members::resolve(self.tx, id)?);
        }
        let (here, elsewhere) = (self.whole(self.location.id)?, self.elsewhere()?);
        let (whole, part): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|id| here.contains(id) || elsewhere.contains(id));
        let is_complete = !whole.is_empty();
        Ok(self.answer(Answer::RemoteFound, is_complete, if is_complete { whole } else { part }))
    }

    /// What is found by the whole of it: a number, a card, a reference, a barcode, an email address.
    fn whole(&self, location: LocationId) -> Result<Vec<MemberId>, AppError> {
        let mut found = match self.phone.filter(|phone| phone.is_complete || !phone.whole.is_empty()) {
            Some(phone) => members::find_by_whole_phone(self.tx, location, phone, self.limit)?,
            None => Vec::new(),
        };
        for hit in &self.keyed {
            let is_member = |id| members::belongs_to(self.tx, id, location);
            if is_member(hit.id)? || (hit.merged_into.is_some() && is_member(members::resolve(self.tx, hit.id)?)?) {
                found.push(*hit);
            }
        }
        self.themselves(&found)
    }

    /// What begins or ends so: a number, or words of a name.
    fn part(&self) -> Result<Vec<MemberId>, AppError> {
        let mut found = match self.phone {
            Some(phone) => members::find_by_part_of_phone(self.tx, self.location.id, phone, self.limit)?,
            None => Vec::new(),
        };
        if self.has_letters() {
            found.extend(members::find_by_words(self.tx, self.location.id, self.typed, self.limit)?);
        }
        self.themselves(&found)
    }

    /// In other shops only the whole of something is looked for: an ending would show strangers.
    fn elsewhere(&self) -> Result<Vec<MemberId>, AppError> {
        let mut found = Vec::new();
        for other in locations::list(self.tx)?.into_iter().filter(|other| other.id != self.location.id) {
            for id in self.whole(other.id)? {
                add(&mut found, id);
            }
        }
        Ok(found)
    }

    /// The answer where a card was asked for that may not be used now.
    fn refusal(&self, at: Timestamp) -> Result<Option<Found>, AppError> {
        let found = cards::find_among(self.tx, &self.keyed, self.typed)?;
        let refused = found.filter(|found| cards::check_may_be_used(&found.card, at).is_err());
        Ok(refused.map(|refused| {
            let members = vec![refused.member_id];
            Found { refused: Some(refused), ..self.answer(Answer::CardRefused, true, members) }
        }))
    }

    /// Aliases are who they turned out to be; each once. Who is gone is in no index.
    fn themselves(&self, hits: &[Hit]) -> Result<Vec<MemberId>, AppError> {
        let mut found = Vec::new();
        for hit in hits {
            let is_alias = hit.merged_into.is_some();
            add(&mut found, if is_alias { members::resolve(self.tx, hit.id)? } else { hit.id });
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

    fn answer(&self, answer: Answer, is_complete: bool, mut members: Vec<MemberId>) -> Found {
        let has_more = members.len() > self.most;
        members.truncate(self.most);
        Found { answer, as_of: self.as_of, is_complete, members, has_more, refused: None }
    }
}

fn add(found: &mut Vec<MemberId>, id: MemberId) {
    if !found.contains(&id) {
        found.push(id);
    }
}

/// How old this till's copy of a shop is: the last complete pull. `None` where it has no remote, or none was complete.
pub(crate) fn as_of(tx: &Transaction<'_>, location: &StoredLocation) -> Result<Option<Timestamp>, AppError> {
    match location.remote_id {
        Some(remote) => Ok(remotes::get(tx, remote)?.last_pull_at),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is typed in Viet Nam where a remote finds nobody, and whether that means that nobody is there.
    #[test]
    fn nobody_is_nobody_only_where_the_remote_looks_at_what_was_typed() {
        for (kind, typed, is_told) in [
            ("portos", "0945350398", false),
            ("portos", "0398", false),
            ("portos", "ada@example.com", false),
            ("portos", "8400174504165209", true),
            ("portos", "KM-77", true),
            ("crmx", "0945350398", true),
            ("crmx", "0398", false),
            ("crmx", "8400174504165209", false),
            ("lumyri", "0945350398", false),
            ("lumyri", "ada", false),
        ] {
            let phone = PhoneQuery::parse(typed, "VN".parse().expect("a country"));
            assert_eq!(can_tell(connectors::find_of(kind), typed, phone.as_ref()), is_told, "{kind}: {typed}");
        }
    }
}
