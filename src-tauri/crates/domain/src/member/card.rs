//! A loyalty card: its serial number, where it stands, and whether it may be used now.

use super::parts::optional_line;
use crate::refusal::Refusal;
use crate::text::{self, MAX_LINE, MAX_NOTE};
use crate::time::{Date, TimeZoneName, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Longest serial number, in characters: what fits on a card in its longest barcode (Code 128).
const MAX_SERIAL: usize = 64;
/// What begins a serial number that a till makes.
const MADE_PREFIX: &str = "V-";
/// The characters of a serial number that a till makes: none is taken for another (no 0/O, 1/I/L, U).
const MADE_ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them, the last being the check.
const MADE_LENGTH: usize = 8;

/// The number on a card: letters in capitals, no spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(String);

/// A card. Its serial number is the key that it is kept under.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct LoyaltyCard {
    /// Without plastic.
    pub is_virtual: bool,
    /// Which machinery it is for, in its remote's letters (Portos: G, P, AW, GW).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// Where it stands.
    pub status: CardStatus,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Not to be used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// Not to be used after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// When it came to stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_at: Option<Timestamp>,
    /// Why: `lost`, `stolen`, `damaged`, `other`, or a remote's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// When it was given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<Timestamp>,
    /// The serial number of the card that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Its id in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Anything about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Anything else, as other systems keep it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
}

/// What a person says about a card, all of it. Days are the shop's, and whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardFacts {
    /// Anything about it.
    pub note: String,
    /// Which machinery it is for.
    pub processor: String,
    /// The first day on which it may be used.
    pub valid_from: Option<Date>,
    /// The last one.
    pub valid_until: Option<Date>,
}

/// Where a card stands, in the words of the remote that has the most of them (Portos).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// To be made.
    NotIssued,
    /// Could not be made.
    IssueFailed,
    /// Was not made after all.
    IssueCanceled,
    /// Left out.
    IssueSkipped,
    /// To be made once more.
    ReissueRequested,
    /// Given out.
    #[default]
    Valid,
    /// Given out for later.
    NotYetValid,
    /// Ran out.
    Expired,
    /// May not be used.
    Blocked,
    /// To be destroyed.
    DisposeRequested,
    /// Destroyed.
    Disposed,
}

/// Whether a card may be used at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// It may.
    Active,
    /// Switched off, or not given out.
    Inactive,
    /// Not yet.
    NotYetValid,
    /// Not any more.
    Expired,
    /// Blocked by a person.
    Blocked,
}

/// Why a card is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// The member lost it.
    Lost,
    /// Somebody took it.
    Stolen,
    /// It cannot be read.
    Damaged,
    /// Anything else.
    Other,
}

impl SerialNumber {
    /// Reads a serial number as scanned or typed. One that a till made must agree with its check character.
    ///
    /// # Errors
    /// `required`, `too_long`, `invalid_character`; `card_check` where the check character says that it was mistyped.
    pub fn parse(typed: &str) -> Result<Self, Refusal> {
        let text =
            text::line("serial_number", typed, MAX_SERIAL)?.ok_or(Refusal::Required { field: "serial_number" })?;
        let serial = Self(text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect());
        match serial.made_characters() {
            Some(made) if check_character(&made[..MADE_LENGTH - 1]) != Some(made[MADE_LENGTH - 1]) => {
                Err(Refusal::CardCheck)
            }
            Some(_) | None => Ok(serial),
        }
    }

    /// Makes a serial number for a virtual card out of random bytes: `V-XXXX-XXXC`, C being the check.
    pub fn make(random: [u8; 7]) -> Self {
        let mut made: Vec<u8> =
            random.iter().map(|byte| MADE_ALPHABET[usize::from(*byte) % MADE_ALPHABET.len()]).collect();
        made.extend(check_character(&made));
        let text: String = made.into_iter().map(char::from).collect();
        Self(format!("{MADE_PREFIX}{}-{}", &text[..4], &text[4..]))
    }

    /// What it is looked up by: its letters and digits alone.
    pub fn key(&self) -> String {
        key(&self.0)
    }

    /// The characters of one that has the form of those that a till makes.
    fn made_characters(&self) -> Option<Vec<u8>> {
        let rest = self.0.strip_prefix(MADE_PREFIX)?;
        let made: Vec<u8> = rest.bytes().filter(|byte| *byte != b'-').collect();
        let is_made = rest.len() == MADE_LENGTH + 1
            && rest.as_bytes().get(4) == Some(&b'-')
            && made.len() == MADE_LENGTH
            && made.iter().all(|byte| MADE_ALPHABET.contains(byte));
        is_made.then_some(made)
    }
}

/// What a serial number, reference or barcode is looked up by: letters and digits alone, in capitals.
pub fn key(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Luhn's check over the alphabet instead of the ten digits: it finds each single mistyped character, and neighbours
/// that changed places.
fn check_character(characters: &[u8]) -> Option<u8> {
    let base = MADE_ALPHABET.len();
    let mut sum = 0;
    for (place, character) in characters.iter().rev().enumerate() {
        let value = MADE_ALPHABET.iter().position(|known| known == character)?;
        let weighted = if place % 2 == 0 { value * 2 } else { value };
        sum += weighted / base + weighted % base;
    }
    MADE_ALPHABET.get((base - sum % base) % base).copied()
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LoyaltyCard {
    /// A card that is given out now.
    pub fn issued(is_virtual: bool, at: Timestamp) -> Self {
        let (issued_at, status_at) = (Some(at), Some(at));
        Self { is_virtual, is_active: true, status: CardStatus::Valid, issued_at, status_at, ..Self::default() }
    }

    /// The same card, blocked.
    #[must_use]
    pub fn blocked(&self, reason: &str, at: Timestamp) -> Self {
        let (status, status_at) = (CardStatus::Blocked, Some(at));
        Self { status, status_at, status_reason: Some(reason.to_owned()), ..self.clone() }
    }

    /// The same card, usable again.
    #[must_use]
    pub fn unblocked(&self, at: Timestamp) -> Self {
        let (status, status_at) = (CardStatus::Valid, Some(at));
        Self { status, status_at, status_reason: None, is_active: true, ..self.clone() }
    }

    /// The same card with what a person says about it. An instant that a remote told stays to the millisecond where its
    /// day does.
    ///
    /// # Errors
    /// `too_long`, `invalid_character`, `date_invalid`, each with its field; `validity_invalid` with `valid_until`.
    pub fn described(&self, facts: &CardFacts, zone: TimeZoneName) -> Result<Self, Refusal> {
        let kept = |day: Date, at: Option<Timestamp>| at.filter(|at| zone.business_date(*at) == day);
        let first = |day| kept(day, self.valid_from).or_else(|| zone.start_of(day));
        let last = |day| kept(day, self.valid_until).or_else(|| zone.end_of(day));
        let no_day = |field| Refusal::DateInvalid { field: Some(field) };
        let valid_from = facts.valid_from.map(|day| first(day).ok_or(no_day("valid_from"))).transpose()?;
        let valid_until = facts.valid_until.map(|day| last(day).ok_or(no_day("valid_until"))).transpose()?;
        if valid_from.zip(valid_until).is_some_and(|(from, until)| until < from) {
            return Err(Refusal::ValidityInvalid);
        }
        Ok(Self {
            note: text::line("note", &facts.note, MAX_NOTE)?,
            processor: text::line("processor", &facts.processor, MAX_LINE)?,
            valid_from,
            valid_until,
            ..self.clone()
        })
    }

    /// Whether it may be used at an instant.
    pub fn state(&self, at: Timestamp) -> CardState {
        match self.status {
            CardStatus::Blocked => CardState::Blocked,
            CardStatus::Expired => CardState::Expired,
            CardStatus::NotIssued
            | CardStatus::IssueFailed
            | CardStatus::IssueCanceled
            | CardStatus::IssueSkipped
            | CardStatus::Disposed => CardState::Inactive,
            // A card that is to be made anew or destroyed is still in the member's hand, and still theirs.
            CardStatus::Valid
            | CardStatus::NotYetValid
            | CardStatus::ReissueRequested
            | CardStatus::DisposeRequested => {
                if !self.is_active {
                    CardState::Inactive
                } else if self.valid_from.is_some_and(|from| at < from) {
                    CardState::NotYetValid
                } else if self.valid_until.is_some_and(|until| at > until) {
                    CardState::Expired
                } else {
                    CardState::Active
                }
            }
        }
    }

    pub(super) fn checked(self) -> Result<Self, Refusal> {
        Ok(Self {
            processor: optional_line("cards", self.processor, MAX_LINE)?,
            status_reason: optional_line("cards", self.status_reason, MAX_LINE)?,
            external_id: optional_line("cards", self.external_id, MAX_LINE)?,
            note: optional_line("cards", self.note, MAX_NOTE)?,
            ..self
        })
    }
}

impl CardStatus {
    /// How far along a card is, where two sides say different things of it: what may not be used comes after what may,
    /// a block after everything that a block must stand against.
    pub(crate) const fn rank(self, is_active: bool) -> u8 {
        match self {
            Self::NotIssued | Self::IssueFailed | Self::IssueCanceled | Self::IssueSkipped => 0,
            Self::Valid | Self::NotYetValid | Self::ReissueRequested if is_active => 1,
            Self::Valid | Self::NotYetValid | Self::ReissueRequested | Self::Expired | Self::DisposeRequested => 2,
            Self::Blocked => 3,
            Self::Disposed => 4,
        }
    }
}

impl BlockReason {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Damaged => "damaged",
            Self::Other => "other",
        }
    }
}

impl FromStr for BlockReason {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text {
            "lost" => Ok(Self::Lost),
            "stolen" => Ok(Self::Stolen),
            "damaged" => Ok(Self::Damaged),
            "other" => Ok(Self::Other),
            _ => Err(Refusal::BlockReasonInvalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_serial_is_read_as_scanned_or_typed() {
        let read = |text: &str| SerialNumber::parse(text).map(|serial| serial.to_string());
        assert_eq!(read(" 8400 1745 0416 5209 "), Ok("8400174504165209".to_owned()));
        assert_eq!(read("km-77fq"), Ok("KM-77FQ".to_owned()));
        assert_eq!(read(" "), Err(Refusal::Required { field: "serial_number" }));
        assert_eq!(read(&"1".repeat(65)).map_err(|refusal| refusal.code()), Err("too_long"));
        assert_eq!(read("12\u{1b}34").map_err(|refusal| refusal.code()), Err("invalid_character"));
        assert_eq!(SerialNumber::parse("V 77-F").map(|serial| serial.key()), Ok("V77F".to_owned()));
    }

    /// A card, an instant, and whether it may be used.
    #[test]
    fn a_card_may_be_used_when_nothing_stands_against_it() {
        let card = LoyaltyCard::issued(false, at("2026-01-01T00:00:00Z"));
        let now = at("2026-06-01T00:00:00Z");
        let table = [
            (card.clone(), CardState::Active),
            (card.blocked("lost", now), CardState::Blocked),
            (card.blocked("lost", now).unblocked(now), CardState::Active),
            (LoyaltyCard { is_active: false, ..card.clone() }, CardState::Inactive),
            (LoyaltyCard { valid_from: Some(at("2026-07-01T00:00:00Z")), ..card.clone() }, CardState::NotYetValid),
            (LoyaltyCard { valid_until: Some(at("2026-05-01T00:00:00Z")), ..card.clone() }, CardState::Expired),
            (LoyaltyCard { status: CardStatus::ReissueRequested, ..card.clone() }, CardState::Active),
            (LoyaltyCard { status: CardStatus::Disposed, ..card.clone() }, CardState::Inactive),
        ];
        for (card, expected) in table {
            assert_eq!(card.state(now), expected, "{card:?}");
        }
    }

    #[test]
    fn what_is_said_about_a_card_counts_whole_days_and_leaves_what_a_remote_told() {
        let hanoi: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
        let day = |text: &str| Some(text.parse::<Date>().expect("a day"));
        let told = LoyaltyCard { valid_until: Some(at("2026-12-31T10:00:00Z")), ..LoyaltyCard::default() };
        let facts = CardFacts {
            note: " bent ".to_owned(),
            processor: "GW".to_owned(),
            valid_from: day("2026-12-01"),
            valid_until: day("2026-12-31"),
        };
        let described = told.described(&facts, hanoi).expect("described");
        assert_eq!((described.note.as_deref(), described.processor.as_deref()), (Some("bent"), Some("GW")));
        assert_eq!(described.valid_from, Some(at("2026-11-30T17:00:00Z")));
        assert_eq!(described.valid_until, told.valid_until);
        let later = CardFacts { valid_until: day("2027-01-31"), ..facts.clone() };
        let later = described.described(&later, hanoi).expect("described");
        assert_eq!(later.valid_until, Some(at("2027-01-31T16:59:59.999Z")));
        assert_eq!(later.described(&CardFacts::default(), hanoi), Ok(LoyaltyCard::default()));

        let refused = |facts: CardFacts| {
            let refusal = told.described(&facts, hanoi).expect_err("refused");
            (refusal.code(), refusal.field().map(str::to_owned))
        };
        let turned = CardFacts { valid_from: day("2027-01-01"), ..facts.clone() };
        assert_eq!(refused(turned), ("validity_invalid", Some("valid_until".to_owned())));
        let long = CardFacts { processor: "x".repeat(MAX_LINE + 1), ..facts };
        assert_eq!(refused(long), ("too_long", Some("processor".to_owned())));
    }

    proptest! {
        #[test]
        fn a_made_serial_is_read_and_one_mistyped_character_is_noticed(random in any::<[u8; 7]>(), place in 0_usize..8, other in 0_usize..30) {
            let made = SerialNumber::make(random);
            prop_assert_eq!(SerialNumber::parse(&made.to_string()), Ok(made.clone()));
            let mut text: Vec<char> = made.to_string().chars().collect();
            let at = [2, 3, 4, 5, 7, 8, 9, 10][place];
            let wrong = char::from(MADE_ALPHABET[other]);
            prop_assume!(text[at] != wrong);
            text[at] = wrong;
            let text: String = text.into_iter().collect();
            prop_assert_eq!(SerialNumber::parse(&text), Err(Refusal::CardCheck));
        }
    }
}
