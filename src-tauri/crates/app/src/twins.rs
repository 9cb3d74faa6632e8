//! Members who may be one person: found while somebody is registered, and told by what they share.

use crate::cards;
use crate::error::AppError;
use crate::till::Till;
use regulars_domain::member::{Birthday, Member, key};
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{MemberId, fold};
use regulars_store::Transaction;
use regulars_store::locations::StoredLocation;
use regulars_store::members::{self, Hit};
use std::collections::BTreeMap;

/// Most members of each kind that are compared with what is being typed.
const MAX_COMPARED: u32 = 200;

/// Most twins that are shown: a longer list is not compared with the person at the counter.
const MAX_TWINS: usize = 8;

/// What two members share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// The card.
    SameCard,
    /// The number.
    SamePhone,
    /// The email address.
    SameEmail,
    /// The number but for one digit, or two that changed places.
    NearPhone,
    /// The name.
    SameName,
    /// The name but for marks, or the order of its words.
    NearName,
    /// The birthday.
    SameBirthday,
}

/// What is known so far of somebody who is being registered, as typed.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    /// The name.
    pub name: String,
    /// The number.
    pub phone: String,
    /// The email address.
    pub email: String,
    /// The birthday.
    pub birthday: Option<Birthday>,
    /// A card.
    pub card: String,
}

/// Members of a shop who may be the one that is sketched, the likeliest first, without `except` and theirs.
///
/// # Errors
/// As any read.
pub fn find(
    till: &Till,
    location: &StoredLocation,
    sketch: &Sketch,
    except: Option<MemberId>,
) -> Result<Vec<(MemberId, Vec<Sign>)>, AppError> {
    let country = location.location.phone_country()?;
    till.read(|tx| {
        let except = except.map(|id| members::resolve(tx, id)).transpose()?;
        let phone = PhoneQuery::parse(&sketch.phone, country).filter(|phone| phone.is_complete);
        let digits = |text: &str| regulars_domain::phone::index_digits(text, None, country);
        let mut twins: BTreeMap<MemberId, Vec<Sign>> = BTreeMap::new();
        for id in candidates(tx, location, sketch, phone.as_ref())? {
            let id = members::resolve(tx, id)?;
            let Some(stored) = members::find(tx, id)?.filter(|stored| stored.deleted_at.is_none()) else { continue };
            if except != Some(id) {
                let signs = compare(sketch, &Member::read(&stored.document)?, &digits);
                if is_likely(&signs) {
                    twins.insert(id, signs);
                }
            }
        }
        let mut twins: Vec<_> = twins.into_iter().collect();
        twins.sort_by_key(|(_, signs)| (signs[0], std::cmp::Reverse(signs.len())));
        twins.truncate(MAX_TWINS);
        Ok(twins)
    })
}

/// Whoever shares a number, its ending or beginning, a card, an address, or the words of the name.
fn candidates(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    sketch: &Sketch,
    phone: Option<&PhoneQuery>,
) -> Result<Vec<MemberId>, AppError> {
    let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.id);
    let mut found = Vec::new();
    if let Some(phone) = phone {
        found.extend(ids(members::find_by_whole_phone(tx, location.id, phone, MAX_COMPARED)?));
        found.extend(ids(near_numbers(tx, location, &sketch.phone)?));
    }
    if sketch.email.contains('@') {
        found.extend(ids(members::find_keyed(tx, &sketch.email, MAX_COMPARED)?));
    }
    if !sketch.card.trim().is_empty() {
        found.extend(cards::find_in(tx, &sketch.card)?.map(|found| found.member_id));
    }
    if fold::words(&sketch.name).len() > 1 {
        found.extend(ids(members::find_by_words(tx, location.id, &sketch.name, MAX_COMPARED)?));
    }
    Ok(found)
}

/// A mistyped number shares its first or its last half with the right one.
fn near_numbers(tx: &Transaction<'_>, location: &StoredLocation, typed: &str) -> Result<Vec<Hit>, AppError> {
    let country = location.location.phone_country()?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let half = digits.len() / 2;
    let halves = [digits.get(digits.len() - half..), digits.get(..digits.len() - half)];
    let mut found = Vec::new();
    for part in halves.into_iter().flatten() {
        if let Some(query) = PhoneQuery::parse(part, country) {
            found.extend(members::find_by_part_of_phone(tx, location.id, &query, MAX_COMPARED)?);
        }
    }
    Ok(found)
}

fn compare(sketch: &Sketch, member: &Member, index_digits: &dyn Fn(&str) -> String) -> Vec<Sign> {
    let mut signs = Vec::new();
    let card = key(&sketch.card);
    if !card.is_empty() && member.cards.keys().any(|serial| key(serial) == card) {
        signs.push(Sign::SameCard);
    }
    if !sketch.phone.trim().is_empty() {
        let typed = index_digits(&sketch.phone);
        let numbers = member.phone.iter().chain(&member.mobile).map(|phone| index_digits(&phone.typed));
        signs.extend(numbers.filter_map(|known| compare_numbers(&typed, &known)).min());
    }
    let email = sketch.email.trim().to_lowercase();
    if !email.is_empty() && member.email.as_ref().is_some_and(|known| known.to_lowercase() == email) {
        signs.push(Sign::SameEmail);
    }
    signs.extend(compare_names(&sketch.name, &member.name.full));
    let same_day =
        |known: Birthday| sketch.birthday.is_some_and(|typed| (typed.month, typed.day) == (known.month, known.day));
    if member.birthday.is_some_and(same_day) {
        signs.push(Sign::SameBirthday);
    }
    signs.sort_unstable();
    signs
}

/// A name alone is enough where it is the same; where it is only near, something else must agree.
fn is_likely(signs: &[Sign]) -> bool {
    signs.iter().any(|sign| match sign {
        Sign::SameCard | Sign::SamePhone | Sign::SameEmail | Sign::SameName => true,
        Sign::NearPhone => signs.contains(&Sign::NearName) || signs.contains(&Sign::SameBirthday),
        Sign::NearName => signs.contains(&Sign::SameBirthday) || signs.contains(&Sign::NearPhone),
        Sign::SameBirthday => false,
    })
}

fn compare_names(typed: &str, known: &str) -> Option<Sign> {
    let typed_words = fold::words(typed);
    if typed_words.len() < 2 {
        return None;
    }
    if typed.trim() == known {
        return Some(Sign::SameName);
    }
    let sorted = |mut words: Vec<String>| {
        words.sort_unstable();
        words
    };
    // While the last word is still being typed, its beginning counts.
    let known_words = fold::words(known);
    let begins = typed_words.len() == known_words.len()
        && typed_words.iter().zip(&known_words).all(|(typed, known)| known.starts_with(typed.as_str()));
    (begins || sorted(typed_words) == sorted(known_words)).then_some(Sign::NearName)
}

/// The same, or one digit other, or two neighbours that changed places.
fn compare_numbers(typed: &str, known: &str) -> Option<Sign> {
    if typed == known {
        return Some(Sign::SamePhone);
    }
    if typed.len() != known.len() {
        return None;
    }
    let differing: Vec<usize> =
        typed.bytes().zip(known.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(place, _)| place).collect();
    let (typed, known) = (typed.as_bytes(), known.as_bytes());
    let is_near = match differing.as_slice() {
        [_] => true,
        [first, second] => *second == first + 1 && typed[*first] == known[*second] && typed[*second] == known[*first],
        _ => false,
    };
    is_near.then_some(Sign::NearPhone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_near_where_a_finger_slipped() {
        for (typed, known, expected) in [
            ("84987654321", "84987654321", Some(Sign::SamePhone)),
            ("84987654321", "84987654312", Some(Sign::NearPhone)),
            ("84987654321", "84987654320", Some(Sign::NearPhone)),
            ("84987654321", "84987654330", None),
            ("84987654321", "8498765432", None),
        ] {
            assert_eq!(compare_numbers(typed, known), expected, "{typed} {known}");
        }
    }

    #[test]
    fn names_are_near_without_marks_and_in_any_order() {
        for (typed, known, expected) in [
            ("Phạm Thùy Dương", "Phạm Thùy Dương", Some(Sign::SameName)),
            ("Pham Thuy Duong", "Phạm Thùy Dương", Some(Sign::NearName)),
            ("Dương Phạm Thùy", "Phạm Thùy Dương", Some(Sign::NearName)),
            ("Phạm Thùy D", "Phạm Thùy Dương", Some(Sign::NearName)),
            ("Phạm Thùy", "Phạm Thùy Dương", None),
            ("Mai", "Mai", None),
        ] {
            assert_eq!(compare_names(typed, known), expected, "{typed} {known}");
        }
    }
}
