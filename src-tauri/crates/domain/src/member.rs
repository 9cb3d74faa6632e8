//! A member: what is known of a person or company, how what was typed becomes that, and what an edit of it is.
//!
//! What holds for them at one shop only (validity, hold, rates, labels) is in [`crate::membership`]. In JSON a person
//! types both as one object; [`Typing`] takes them apart.

mod card;
mod fields;
mod input;
mod parts;

pub use card::{BlockReason, CardFacts, CardState, CardStatus, LoyaltyCard, SerialNumber, key};
pub use fields::{Fields, Kind, Merged, Name};
pub use input::{Typing, edit, merge_patch, shown};
pub use parts::{Address, Birthday, Company, Consent, Gender, MAX_PICTURE, Picture, Position, StaffNote};

use crate::edit::Document;
use crate::phone::{Country, Phone};
use crate::refusal::Refusal;
use crate::time::{Date, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// What this version knows of a member's document.
pub type Member = Fields<Phone>;

/// A member as typed or read from a file: every field is still to be checked.
pub type MemberInput = Fields<String>;

/// Where and when something was typed: how phones are read, and which birthdays are still to come.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    /// The shop's country.
    pub country: Country,
    /// The shop's day.
    pub on: Date,
    /// The instant.
    pub at: Timestamp,
}

impl Member {
    /// Reads what this version knows out of a document.
    ///
    /// # Errors
    /// `member_invalid` where a field that this version knows is of another kind.
    pub fn read(document: &Document) -> Result<Self, Refusal> {
        Self::deserialize(document).map_err(|error| Refusal::MemberInvalid { field: None, detail: error.to_string() })
    }

    /// What somebody is called where they are shown: their name, or, of whom no system has one, what else tells who it is.
    pub fn called(&self) -> &str {
        let company = self.company.as_ref().and_then(|company| company.name.as_deref());
        let [phone, mobile] = [&self.phone, &self.mobile].map(|number| number.as_ref().map(|number| &*number.typed));
        let known = [Some(&*self.name.full), company, phone, mobile, self.email.as_deref(), self.reference.as_deref()];
        known.into_iter().flatten().map(str::trim).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The member as a document.
    pub fn document(&self) -> Document {
        match serde_json::to_value(self) {
            Ok(Value::Object(document)) => document,
            Ok(_) | Err(_) => Document::new(),
        }
    }
}

/// Two letters for a face: the first of the last two words, as a Vietnamese name is called by its end, or of the
/// only one.
pub fn initials(full_name: &str) -> String {
    let words: Vec<&str> = full_name.split_whitespace().collect();
    let last_two = &words[words.len().saturating_sub(2)..];
    last_two
        .iter()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests;
