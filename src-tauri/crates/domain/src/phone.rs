//! Phone numbers in any spelling: what was typed is kept, E.164 is added where the number is valid.
//!
//! Validity is the judgement of libphonenumber's tables, which call some numbers of real remotes wrong
//! (`+83…`, `+33639980102`). So a number that they do not know is still kept, shown and found.

use crate::refusal::Refusal;
use crate::text;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, enums::Region};
use serde::{Deserialize, Serialize};

/// Fewest digits of a number: short enough for a village exchange, too long for a slip of the finger.
const MIN_DIGITS: usize = 5;
/// Most digits: fifteen (ITU-T E.164 §6), and `00` or a trunk prefix before them.
const MAX_DIGITS: usize = 18;
/// Longest spelling with all its spaces and brackets, in characters.
const MAX_TYPED: usize = 40;
/// From how many digits on the end of a number is searched for.
pub const MIN_SEARCH_DIGITS: usize = 4;

/// A member's phone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// As it was typed or received, trimmed.
    pub typed: String,
    /// With `+` and country code, where the number is valid (ITU-T E.164).
    pub e164: Option<String>,
}

impl Phone {
    /// Reads a number as typed in a shop of that country.
    ///
    /// # Errors
    /// `phone_invalid` where it has letters, or too few or too many digits.
    pub fn parse(typed: &str, country: Country) -> Result<Self, Refusal> {
        let typed = typed.trim();
        if typed.chars().count() > MAX_TYPED || !typed.chars().all(is_part_of_a_number) {
            return Err(Refusal::PhoneInvalid { field: "phone" });
        }
        let digits = digits(typed);
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            return Err(Refusal::PhoneInvalid { field: "phone" });
        }
        Ok(Self { typed: typed.to_owned(), e164: valid_e164(typed, country) })
    }

    /// The digits that stand for this number in the index of a shop in that country.
    pub fn index_digits(&self, country: Country) -> String {
        index_digits(&self.typed, self.e164.as_deref(), country)
    }
}

/// The digits that stand for a number in the index of a shop in that country: those of E.164 where the number has
/// the length of one, or those that were typed.
///
/// Length is asked, not validity: the tables call ranges invalid that real remotes hold, and such a number must be
/// found by its national and by its international spelling all the same.
pub fn index_digits(typed: &str, e164: Option<&str>, country: Country) -> String {
    match e164 {
        Some(e164) => digits(e164),
        None => possible_digits(typed, country).unwrap_or_else(|| digits(typed)),
    }
}

/// The spellings in which another system may hold a number: as it was typed, without what only people need in it, then
/// national, international and without the plus.
pub fn spellings(typed: &str, e164: Option<&str>, country: Option<Country>) -> Vec<String> {
    let bare: String = typed.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let mut spellings = vec![bare];
    let whole = e164.map(str::to_owned).or_else(|| country.and_then(|country| valid_e164(typed, country)));
    if let Some(whole) = whole {
        if let Ok(number) = PHONE_NUMBER_UTIL.parse(&whole, None) {
            spellings.push(digits(&PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National)));
        }
        spellings.push(whole.clone());
        spellings.push(digits(&whole));
    }
    let mut seen = std::collections::HashSet::new();
    spellings.retain(|spelling| !spelling.is_empty() && seen.insert(spelling.clone()));
    spellings
}

/// The last four digits, to tell people apart without showing the number.
pub fn ending(typed: &str) -> String {
    let digits = digits(typed);
    digits[digits.len().saturating_sub(4)..].to_owned()
}

/// A number as people in that country write and say it: grouped, without the country code where it is their own. One that
/// the tables do not know stays as it was typed.
pub fn display(typed: &str, e164: Option<&str>, country: Country) -> String {
    let Some(e164) = e164 else { return typed.to_owned() };
    let Ok(number) = PHONE_NUMBER_UTIL.parse(e164, None) else { return e164.to_owned() };
    let format = match number.country_code == country.calling_code {
        true => PhoneNumberFormat::National,
        false => PhoneNumberFormat::International,
    };
    PHONE_NUMBER_UTIL.format(&number, format).into_owned()
}

/// What the digits in the search field may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneQuery {
    /// Index digits of a whole number that this may be, most likely first.
    pub whole: Vec<String>,
    /// What index digits may begin with, while the number is still being typed.
    pub beginnings: Vec<String>,
    /// What index digits may end with.
    pub ending: String,
    /// Whether this is a whole, valid number: then an answer may open by itself.
    pub is_complete: bool,
}

impl PhoneQuery {
    /// Reads what stands in the search field, or `None` where that is no number or less than four digits.
    pub fn parse(text: &str, country: Country) -> Option<Self> {
        let text = text.trim().trim_start_matches('…');
        if text.chars().count() > MAX_TYPED || !text.chars().all(is_part_of_a_number) {
            return None;
        }
        let typed = digits(text);
        if typed.len() < MIN_SEARCH_DIGITS || typed.len() > MAX_DIGITS {
            return None;
        }
        // "84 945 350 398" without its plus may be meant as +84…, or be a national number.
        let with_plus = format!("+{typed}");
        let is_complete = valid_e164(text, country).is_some() || valid_e164(&with_plus, country).is_some();
        let mut whole: Vec<String> =
            [possible_digits(text, country), possible_digits(&with_plus, country)].into_iter().flatten().collect();
        whole.push(typed.clone());
        whole.dedup();
        Some(Self { beginnings: beginnings(text, &typed, country), ending: typed, whole, is_complete })
    }
}

/// A country that phone numbers can be typed in: ISO 3166 alpha-2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country {
    region: Region,
    calling_code: i32,
}

impl Country {
    /// All that can be chosen, by code.
    pub fn all() -> Vec<Self> {
        let regions = PHONE_NUMBER_UTIL.get_supported_regions();
        let mut all: Vec<Self> = regions.filter_map(|region| region.to_string().parse().ok()).collect();
        all.sort_by_key(|country| country.code());
        all
    }

    /// The two letters.
    pub fn code(self) -> String {
        self.region.to_string()
    }
}

impl std::fmt::Debug for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

impl std::str::FromStr for Country {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let code = text::code(text);
        let region: Region = code.parse().map_err(|_| Refusal::CountryUnknown { code: code.clone() })?;
        let calling_code = PHONE_NUMBER_UTIL.get_country_code_for_region(region);
        calling_code.map(|calling_code| Self { region, calling_code }).ok_or(Refusal::CountryUnknown { code })
    }
}

/// What the index may hold for a number of which only the beginning is typed: as it stands, and with the country's
/// code in place of its trunk prefix ("09…" in Viet Nam is "849…").
fn beginnings(text: &str, typed: &str, country: Country) -> Vec<String> {
    let international = typed.strip_prefix("00").unwrap_or(typed);
    let mut beginnings = vec![international.to_owned()];
    if !text.starts_with('+') && international.len() == typed.len() {
        let national = typed.strip_prefix('0').unwrap_or(typed);
        beginnings.push(format!("{}{national}", country.calling_code));
    }
    beginnings
}

/// E.164, where libphonenumber's tables know the number.
fn valid_e164(text: &str, country: Country) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, Some(country.region)).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| e164(&number))
}

/// The digits of E.164, where the number has the length of one.
fn possible_digits(text: &str, country: Country) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, Some(country.region)).ok()?;
    PHONE_NUMBER_UTIL.is_possible_number(&number).then(|| digits(&e164(&number)))
}

fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}

fn is_part_of_a_number(character: char) -> bool {
    character.is_ascii_digit()
        || digit_of(character).is_some()
        || character.is_whitespace()
        || matches!(character, '+' | '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}')
}

fn digits(text: &str) -> String {
    text.chars().filter_map(digit_of).collect()
}

/// The digit that a character stands for, in the scripts that keyboards in shops have (Arabic, Persian, full width).
fn digit_of(character: char) -> Option<char> {
    let offset = match character {
        '0'..='9' => return Some(character),
        '\u{0660}'..='\u{0669}' => u32::from(character) - 0x0660,
        '\u{06f0}'..='\u{06f9}' => u32::from(character) - 0x06f0,
        '\u{ff10}'..='\u{ff19}' => u32::from(character) - 0xff10,
        _ => return None,
    };
    char::from_digit(offset, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn country(code: &str) -> Country {
        code.parse().expect("a country")
    }

    /// Whether a member stored as `stored` is found by typing `typed`, both in that country.
    fn finds(stored: &str, typed: &str, code: &str) -> bool {
        let index = Phone::parse(stored, country(code)).expect("a number").index_digits(country(code));
        let Some(query) = PhoneQuery::parse(typed, country(code)) else { return false };
        query.whole.contains(&index)
            || query.beginnings.iter().any(|beginning| index.starts_with(beginning))
            || index.ends_with(&query.ending)
    }

    #[test]
    fn one_number_is_found_by_every_spelling_of_it() {
        let spellings = [
            "0945350398",
            "0945 350 398",
            "0945.350.398",
            "(0945) 350-398",
            "+84945350398",
            "+84 945 350 398",
            "0084945350398",
            "84945350398",
            "84 945 350 398",
            "+84 (0)945 350 398",
            "٠٩٤٥٣٥٠٣٩٨",
            "０９４５３５０３９８",
            "0398",
            "…0398",
            "350398",
            "0945",
            "09453",
            "+8494",
            "8494",
        ];
        for typed in spellings {
            assert!(finds("0945350398", typed, "VN"), "{typed}");
            assert!(finds("+84 945 350 398", typed, "VN"), "{typed}, stored with its country code");
        }
    }

    #[test]
    fn other_countries_have_their_own_spellings() {
        for (stored, typed, code) in [
            ("06 12 34 56 78", "+33612345678", "FR"),
            ("+33612345678", "0612345678", "FR"),
            ("+33639980102", "06 39 98 01 02", "FR"),
            ("06 39 98 01 02", "0033639980102", "FR"),
            ("0905 123 456", "+421905123456", "SK"),
            ("+39 06 1234 5678", "0612345678", "IT"),
            ("(202) 555-0173", "2025550173", "US"),
            ("+12025550173", "1 202 555 0173", "US"),
        ] {
            assert!(finds(stored, typed, code), "{stored} by {typed}");
        }
    }

    #[test]
    fn numbers_that_the_tables_do_not_know_are_kept_and_found() {
        for stored in ["+83497898519", "+33639980102"] {
            let phone = Phone::parse(stored, country("VN")).expect("kept");
            assert_eq!(phone.typed, stored);
            for typed in [stored, &stored[1..], &stored[stored.len() - 4..], "+83 49 789 85 19", "+33 6 39 98 01 02"] {
                let same = digits(typed).ends_with(&digits(stored)[8..]);
                assert_eq!(finds(stored, typed, "VN"), same, "{stored} by {typed}");
            }
        }
    }

    /// As typed, in the shop's country, and as it stands on the screen there.
    #[test]
    fn a_number_stands_as_people_in_the_shops_country_write_it() {
        for (typed, code, shown) in [
            ("0945350398", "VN", "0945 350 398"),
            ("+84 945350398", "VN", "0945 350 398"),
            ("+33612345678", "VN", "+33 6 12 34 56 78"),
            ("0612345678", "FR", "06 12 34 56 78"),
            ("+84945350398", "FR", "+84 945 350 398"),
            ("0905123456", "SK", "0905 123 456"),
            ("2025550173", "US", "(202) 555-0173"),
            ("+83497898519", "VN", "+83497898519"),
        ] {
            let number = Phone::parse(typed, country(code)).expect("a number");
            assert_eq!(display(&number.typed, number.e164.as_deref(), country(code)), shown, "{typed} in {code}");
            assert!(finds(typed, shown, code), "what is read out is found");
        }
    }

    #[test]
    fn another_number_is_not_found() {
        for typed in ["0945350399", "+84945350397", "0399", "1945", "abc", "398", ""] {
            assert!(!finds("0945350398", typed, "VN"), "{typed}");
        }
    }

    #[test]
    fn an_answer_opens_by_itself_only_on_a_whole_number() {
        let complete = |text| PhoneQuery::parse(text, country("VN")).is_some_and(|query| query.is_complete);
        assert!(complete("0945350398") && complete("+84 945 350 398"));
        assert!(!complete("094535039") && !complete("0398") && !complete("09453"));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "1234", "12345678901234567890", "0945-abc", "DROP TABLE", &"1".repeat(1_000_000)] {
            assert_eq!(
                Phone::parse(text, country("VN")),
                Err(Refusal::PhoneInvalid { field: "phone" }),
                "{}",
                &text[..text.len().min(20)]
            );
        }
    }

    #[test]
    fn countries_are_those_of_iso_3166() {
        assert_eq!("vn".parse::<Country>().map(Country::code), Ok("VN".to_owned()));
        for code in ["", "XX", "ZZ", "VNM", "001"] {
            assert!(code.parse::<Country>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _read_or_refused = (Phone::parse(&text, country("VN")), PhoneQuery::parse(&text, country("FR")));
        }

        #[test]
        fn every_number_is_found_by_itself(typed in "[+]?[0-9]{5,15}") {
            prop_assert!(finds(&typed, &typed, "VN"));
        }
    }
}
