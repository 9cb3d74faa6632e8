//! A shop: where members are looked up, and whose rules of time and money hold there.

use crate::edit::{Document, Edit};
use crate::money::Currency;
use crate::phone::Country;
use crate::refusal::Refusal;
use crate::text::{self, MAX_NAME};
use crate::time::TimeZoneName;
use serde::{Deserialize, Serialize};

/// The issuer of a shop whose owner has not configured any: the legal entity that owes the credit.
pub const DEFAULT_ISSUER: &str = "default";
/// Longest code and issuer, in characters: what fits on a receipt and in a list.
const MAX_CODE: usize = 16;

/// What a shop is, apart from the ids that this till and a remote have for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Location {
    /// Short code, upper case, the same on every till and at head office.
    pub code: String,
    /// As people call it.
    pub name: String,
    /// ISO 3166 alpha-2: how phone numbers are read.
    pub country: String,
    /// ISO 4217: what its amounts are in.
    pub currency: Currency,
    /// IANA name: which business date an instant has.
    pub time_zone: String,
    /// The legal entity that owes the credit.
    pub issuer: String,
}

impl Location {
    /// Checks what was typed about a shop.
    ///
    /// # Errors
    /// A refusal with the field it is about: `code`, `name`, `country`, `time_zone` or `issuer`.
    pub fn checked(self) -> Result<Self, Refusal> {
        let country: Country = self.country.parse()?;
        let time_zone: TimeZoneName = self.time_zone.parse()?;
        let name = text::line("name", &self.name, MAX_NAME)?.ok_or(Refusal::Required { field: "name" })?;
        let issuer = text::line("issuer", &self.issuer, MAX_CODE)?.unwrap_or_else(|| DEFAULT_ISSUER.to_owned());
        Ok(Self {
            code: code(&self.code)?,
            name,
            country: country.code(),
            currency: self.currency,
            time_zone: time_zone.to_string(),
            issuer,
        })
    }

    /// What a person changed, from this shop to what it is now. Code, country and currency are never edited: members are
    /// found and amounts were booked by them.
    pub fn edit_to(&self, after: &Self) -> Edit {
        Edit::between(&self.editable(), &after.editable())
    }

    /// The shop with an edit in it, whatever stands there.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn edited(&self, edit: &Edit) -> Result<Self, Refusal> {
        let mut edited = self.clone();
        for (field, value) in &edit.fields {
            let text = value.after.as_str().unwrap_or_default().to_owned();
            match field.as_str() {
                "name" => edited.name = text,
                "time_zone" => edited.time_zone = text,
                "issuer" => edited.issuer = text,
                // Of a newer till: it stays as it is here.
                _ => {}
            }
        }
        edited.checked()
    }

    /// What of an edit still leads somewhere: the fields that are here what the editor saw.
    #[must_use]
    pub fn untouched(&self, edit: Edit) -> Edit {
        edit.where_untouched(&self.editable())
    }

    fn editable(&self) -> Document {
        let fields = [("name", &self.name), ("time_zone", &self.time_zone), ("issuer", &self.issuer)];
        fields.map(|(field, text)| (field.to_owned(), text.as_str().into())).into_iter().collect()
    }

    /// The country, for reading phone numbers.
    ///
    /// # Errors
    /// `country_unknown` where the stored code is none.
    pub fn phone_country(&self) -> Result<Country, Refusal> {
        self.country.parse()
    }

    /// The time zone. An unknown name, as from a newer remote, counts as UTC.
    pub fn zone(&self) -> TimeZoneName {
        self.time_zone.parse().unwrap_or(TimeZoneName::UTC)
    }
}

/// A shop's code as it is stored: upper case.
///
/// # Errors
/// `location_code_invalid`.
pub fn code(text: &str) -> Result<String, Refusal> {
    let code = text.trim().to_uppercase();
    let whole = (1..=MAX_CODE).contains(&code.chars().count())
        && code.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'));
    if whole { Ok(code) } else { Err(Refusal::LocationCodeInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kim_ma() -> Location {
        Location {
            code: " km ".to_owned(),
            name: "Kim Ma".to_owned(),
            country: "vn".to_owned(),
            currency: "VND".parse().expect("a currency"),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            issuer: String::new(),
        }
    }

    #[test]
    fn a_shop_is_stored_in_one_spelling() {
        let location = kim_ma().checked().expect("a shop");
        assert_eq!((location.code.as_str(), location.country.as_str()), ("KM", "VN"));
        assert_eq!(location.issuer, DEFAULT_ISSUER);
    }

    #[test]
    fn an_edit_says_what_changed_and_leads_nowhere_where_somebody_else_was_first() {
        let before = kim_ma().checked().expect("a shop");
        let after = Location { name: "Kim Mã".to_owned(), currency: "EUR".parse().expect("one"), ..before.clone() };
        let edit = before.edit_to(&after);
        assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["name"]);
        assert_eq!(before.edited(&edit), Ok(Location { name: "Kim Mã".to_owned(), ..before.clone() }));
        let renamed = Location { name: "West Lake".to_owned(), ..before };
        assert!(renamed.untouched(edit).is_empty());
    }

    #[test]
    fn each_wrong_answer_is_refused_at_its_field() {
        let refused = |change: fn(&mut Location), field| {
            let mut location = kim_ma();
            change(&mut location);
            assert_eq!(location.checked().expect_err("refused").field(), Some(field));
        };
        refused(|location| location.code = "K M".to_owned(), "code");
        refused(|location| location.code = String::new(), "code");
        refused(|location| location.name = " ".to_owned(), "name");
        refused(|location| location.country = "Vietnam".to_owned(), "country");
        refused(|location| location.time_zone = "Hanoi".to_owned(), "time_zone");
        refused(|location| location.issuer = "x".repeat(17), "issuer");
    }
}
