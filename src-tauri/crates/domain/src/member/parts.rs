//! The parts of a member that are values of their own.

use crate::refusal::Refusal;
use crate::text::{self, MAX_LINE, MAX_NAME, MAX_NOTE};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// The year before which nobody who stands at a counter was born.
const FIRST_BIRTH_YEAR: i32 = 1900;
/// A leap year: a birthday without a year may be 29 February.
const LEAP_YEAR: i32 = 2000;
/// Longest picture as base64, in characters: one of 512 pixels a side stays below.
pub const MAX_PICTURE: usize = 200_000;

/// A birthday. Many people give the day and keep the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Birthday {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31, as the month has it.
    pub day: u32,
    /// The year, where it is known.
    #[serde(default)]
    pub year: Option<i32>,
}

/// As the member says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Neither.
    Other,
}

/// An address. It is one value: two sides' parts are never mixed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Address {
    /// What it is for: `home`, `billing`, `delivery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What kind of place it is, as the remote writes it: `home`, `Office`, `Other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The name of the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_name: Option<String>,
    /// Street and number, or the whole address as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// A code or a name: remotes have both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// For whoever delivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// A place on earth, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Position {
    /// −90 to 90.
    pub latitude: f64,
    /// −180 to 180.
    pub longitude: f64,
}

/// What a company is registered as.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Company {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number in the register of companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// Its tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// Its number for value added tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
}

/// What one of the staff wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct StaffNote {
    /// What.
    pub text: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

/// A picture: small enough to travel with the member, or where a remote has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Picture {
    /// Where a remote keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `image/jpeg`, where the picture is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The picture as base64 (RFC 4648 §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// What a member agreed to, or withdrew, for one purpose on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Consent {
    /// Yes or no.
    pub is_given: bool,
    /// When it was said; now, where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Where it was said: `counter`, `paper`, `import`, a remote's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The words that were agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
}

impl Birthday {
    pub(super) fn checked(self, today: Date) -> Result<Self, Refusal> {
        let date = Date::new(self.year.unwrap_or(LEAP_YEAR), self.month, self.day);
        let date = date.ok_or(Refusal::BirthdayInvalid)?;
        let born = self.year.is_none_or(|year| year >= FIRST_BIRTH_YEAR && date <= today);
        if born { Ok(self) } else { Err(Refusal::BirthdayInvalid) }
    }
}

impl Address {
    /// Cleaned, or `None` where nothing is in it.
    pub(super) fn checked(self) -> Result<Option<Self>, Refusal> {
        let position = self.position.map(Position::checked).transpose()?;
        let cleaned = Self {
            role: optional_line("addresses", self.role, MAX_NAME)?,
            category: optional_line("addresses", self.category, MAX_NAME)?,
            place_name: optional_line("addresses", self.place_name, MAX_LINE)?,
            text: optional_lines("addresses", self.text)?,
            city: optional_line("addresses", self.city, MAX_LINE)?,
            postal_code: optional_line("addresses", self.postal_code, MAX_NAME)?,
            country: optional_line("addresses", self.country, MAX_LINE)?,
            note: optional_lines("addresses", self.note)?,
            position,
        };
        Ok((cleaned != Self::default()).then_some(cleaned))
    }
}

impl Position {
    fn checked(self) -> Result<Self, Refusal> {
        let is_on_earth = self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0;
        if is_on_earth { Ok(self) } else { Err(Refusal::PositionInvalid) }
    }
}

impl Company {
    pub(super) fn checked(self) -> Result<Option<Self>, Refusal> {
        let cleaned = Self {
            name: optional_line("company.name", self.name, MAX_NAME)?,
            registration_number: optional_line("company.registration_number", self.registration_number, MAX_LINE)?,
            tax_id: optional_line("company.tax_id", self.tax_id, MAX_LINE)?,
            vat_id: optional_line("company.vat_id", self.vat_id, MAX_LINE)?,
        };
        Ok((cleaned != Self::default()).then_some(cleaned))
    }
}

impl StaffNote {
    pub(super) fn checked(self, today: Date) -> Result<Option<Self>, Refusal> {
        let Some(text) = text::lines("staff_note", &self.text, MAX_NOTE)? else { return Ok(None) };
        let author = optional_line("staff_note", self.author, MAX_NAME)?;
        Ok(Some(Self { text, author, on: self.on.or(Some(today)) }))
    }
}

impl Picture {
    pub(super) fn checked(self) -> Result<Option<Self>, Refusal> {
        let cleaned = Self {
            url: optional_line("picture", self.url, MAX_NOTE)?,
            media_type: optional_line("picture", self.media_type, MAX_LINE)?,
            data: self.data.filter(|data| !data.is_empty()),
        };
        if cleaned.data.as_ref().is_some_and(|data| data.len() > MAX_PICTURE) {
            return Err(Refusal::PictureTooLarge);
        }
        let is_base64 = |data: &String| data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        if cleaned.data.as_ref().is_some_and(|data| !is_base64(data) || cleaned.media_type.is_none()) {
            return Err(Refusal::PictureInvalid);
        }
        Ok((cleaned != Self::default()).then_some(cleaned))
    }
}

impl Consent {
    pub(super) fn checked(self, at: Timestamp) -> Result<Self, Refusal> {
        Ok(Self {
            is_given: self.is_given,
            at: self.at.or(Some(at)),
            source: optional_line("consents", self.source, MAX_LINE)?,
            wording: optional_lines("consents", self.wording)?,
        })
    }
}

pub(super) fn optional_line(field: &'static str, text: Option<String>, max: usize) -> Result<Option<String>, Refusal> {
    text.map_or(Ok(None), |text| text::line(field, &text, max))
}

pub(super) fn optional_lines(field: &'static str, text: Option<String>) -> Result<Option<String>, Refusal> {
    text.map_or(Ok(None), |text| text::lines(field, &text, MAX_NOTE))
}
