//! A member: what is known of a person, how what was typed becomes that, and what an edit of it is.

use crate::edit::{Document, Edit};
use crate::phone::{Country, Phone};
use crate::refusal::Refusal;
use crate::text::{self, MAX_NAME, MAX_NOTE};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The year before which nobody who stands at a counter was born.
const FIRST_BIRTH_YEAR: i32 = 1900;
/// A leap year: a birthday without a year may be 29 February.
const LEAP_YEAR: i32 = 2000;

/// What this version knows of a member's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The name.
    pub name: Name,
    /// The phone number, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The birthday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Birthday>,
    /// What a cashier should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A name. The full one counts; it is never split by guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// As the member writes it.
    pub full: String,
}

/// A birthday. Many people give the day and keep the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Birthday {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31, as the month has it.
    pub day: u32,
    /// The year, where it is known.
    #[serde(default)]
    pub year: Option<i32>,
}

/// A member as typed or read from a file: every field is still to be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct MemberInput {
    /// The name.
    pub name: NameInput,
    /// The phone number in any spelling.
    pub phone: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The birthday.
    pub birthday: Option<Birthday>,
    /// What a cashier should know.
    pub note: Option<String>,
}

/// A name as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct NameInput {
    /// As the member writes it.
    pub full: Option<String>,
}

/// Where and when something was typed: how phones are read, and which birthdays are still to come.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    /// The shop's country.
    pub country: Country,
    /// The shop's day.
    pub on: Date,
}

impl Member {
    /// Reads what this version knows out of a document.
    ///
    /// # Errors
    /// `member_invalid` where a field that this version knows is of another kind.
    pub fn read(document: &Document) -> Result<Self, Refusal> {
        Self::deserialize(document).map_err(|error| Refusal::MemberInvalid { detail: error.to_string() })
    }

    /// The member as a document.
    pub fn document(&self) -> Document {
        match serde_json::to_value(self) {
            Ok(Value::Object(document)) => document,
            Ok(_) | Err(_) => Document::new(),
        }
    }
}

impl MemberInput {
    /// Reads a member as JSON.
    ///
    /// # Errors
    /// `member_invalid`, with what the reader stumbled over.
    pub fn read(json: &Value) -> Result<Self, Refusal> {
        if !json.is_object() {
            return Err(Refusal::MemberInvalid { detail: "it is no object".to_owned() });
        }
        Self::deserialize(json).map_err(|error| Refusal::MemberInvalid { detail: error.to_string() })
    }

    /// A new member: name and phone are needed, everything that is there is checked.
    ///
    /// # Errors
    /// The first refusal, with its field.
    pub fn checked_as_new(&self, typed: Typed) -> Result<Member, Refusal> {
        let member = self.checked(typed)?;
        if member.phone.is_none() {
            return Err(Refusal::Required { field: "phone" });
        }
        Ok(member)
    }

    fn checked(&self, typed: Typed) -> Result<Member, Refusal> {
        let full = text::line("name.full", self.name.full.as_deref().unwrap_or(""), MAX_NAME)?;
        let phone = self.phone.as_deref().filter(|phone| !phone.trim().is_empty());
        Ok(Member {
            name: Name { full: full.ok_or(Refusal::Required { field: "name.full" })? },
            phone: phone.map(|phone| Phone::parse(phone, typed.country)).transpose()?,
            email: text::email(self.email.as_deref().unwrap_or(""))?,
            birthday: self.birthday.map(|birthday| birthday.checked(typed.on)).transpose()?,
            note: text::lines("note", self.note.as_deref().unwrap_or(""), MAX_NOTE)?,
        })
    }
}

impl Birthday {
    fn checked(self, today: Date) -> Result<Self, Refusal> {
        let date = Date::new(self.year.unwrap_or(LEAP_YEAR), self.month, self.day);
        let date = date.ok_or(Refusal::BirthdayInvalid)?;
        let born = self.year.is_none_or(|year| year >= FIRST_BIRTH_YEAR && date <= today);
        if born { Ok(self) } else { Err(Refusal::BirthdayInvalid) }
    }
}

impl From<&Member> for MemberInput {
    fn from(member: &Member) -> Self {
        Self {
            name: NameInput { full: Some(member.name.full.clone()) },
            phone: member.phone.as_ref().map(|phone| phone.typed.clone()),
            email: member.email.clone(),
            birthday: member.birthday,
            note: member.note.clone(),
        }
    }
}

/// What a JSON merge patch (RFC 7396) over the typed shape changes in a document. Only what really differs is in the
/// edit; an empty one means that nothing was changed.
///
/// # Errors
/// As for a new member, but a phone may be taken away.
pub fn edit(document: &Document, patch: &Value, typed: Typed) -> Result<Edit, Refusal> {
    let before = Member::read(document)?;
    let input = MemberInput::from(&before);
    let mut merged = serde_json::to_value(&input).unwrap_or_default();
    merge_patch(&mut merged, patch);
    let mut after = MemberInput::read(&merged)?.checked(typed)?;
    // A number that was not touched keeps the meaning it was typed with, in whichever country that was.
    if after.phone.as_ref().map(|phone| &phone.typed) == before.phone.as_ref().map(|phone| &phone.typed) {
        after.phone = before.phone.clone();
    }
    Ok(Edit::between(&before.document(), &after.document()))
}

/// RFC 7396: objects merge, `null` removes, everything else replaces.
fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Document::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge_patch(target.entry(key.clone()).or_insert(Value::Null), value);
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn typed() -> Typed {
        Typed { country: "VN".parse().expect("a country"), on: "2026-11-24".parse().expect("a day") }
    }

    fn refused(json: Value) -> (&'static str, Option<&'static str>) {
        let refusal = MemberInput::read(&json).and_then(|input| input.checked_as_new(typed())).expect_err("refused");
        (refusal.code(), refusal.field())
    }

    fn thang() -> Member {
        let input = json!({ "name": { "full": "Lý Tú Quang Thắng" }, "phone": "0945 350 398", "birthday": { "month": 5, "day": 30 } });
        MemberInput::read(&input).and_then(|input| input.checked_as_new(typed())).expect("a member")
    }

    #[test]
    fn name_and_phone_are_enough() {
        let member = thang();
        let phone = member.phone.expect("a phone");
        assert_eq!((phone.typed.as_str(), phone.e164.as_deref()), ("0945 350 398", Some("+84945350398")));
    }

    #[test]
    fn each_wrong_field_is_refused_in_its_own_name() {
        let with = |field: &str, value: Value| {
            let mut json = json!({ "name": { "full": "Lý" }, "phone": "0945350398" });
            json[field] = value;
            json
        };
        assert_eq!(refused(json!({ "phone": "0945350398" })), ("required", Some("name.full")));
        assert_eq!(refused(json!({ "name": { "full": "Lý" } })), ("required", Some("phone")));
        assert_eq!(refused(with("phone", json!("12"))), ("phone_invalid", Some("phone")));
        assert_eq!(refused(with("email", json!("nobody"))), ("email_invalid", Some("email")));
        assert_eq!(refused(with("note", json!("n".repeat(2_001)))), ("too_long", Some("note")));
        assert_eq!(refused(with("name", json!({ "full": "a\u{0}" }))), ("invalid_character", Some("name.full")));
        assert_eq!(refused(with("phone", json!({ "number": 1 }))), ("member_invalid", None));
        assert_eq!(refused(with("shoe_size", json!(44))), ("member_invalid", None));
    }

    #[test]
    fn birthdays_are_days_that_were() {
        let birthday = |month, day, year| Birthday { month, day, year }.checked(typed().on).is_ok();
        assert!(birthday(2, 29, None) && birthday(2, 29, Some(1996)) && birthday(11, 24, Some(2026)));
        assert!(
            !birthday(2, 29, Some(1995)) && !birthday(2, 30, None) && !birthday(13, 1, None) && !birthday(0, 0, None)
        );
        assert!(!birthday(11, 25, Some(2026)) && !birthday(1, 1, Some(1899)));
    }

    #[test]
    fn an_edit_holds_only_what_differs() {
        let edit = edit(&thang().document(), &json!({ "phone": "0945 350 398", "email": "t@example.com" }), typed());
        let edit = edit.expect("an edit");
        assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["email"]);
    }

    #[test]
    fn an_edit_elsewhere_does_not_change_what_a_number_means() {
        let lyon = Typed { country: "FR".parse().expect("a country"), ..typed() };
        let edit = edit(&thang().document(), &json!({ "note": "met in Lyon" }), lyon).expect("an edit");
        assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["note"]);
    }

    #[test]
    fn fields_of_a_newer_version_survive_an_edit() {
        let mut document = thang().document();
        document.insert("shoe_size".to_owned(), json!(44));
        let edit = edit(&document, &json!({ "birthday": null }), typed()).expect("an edit");
        edit.apply(&mut document);
        assert_eq!(document.get("shoe_size"), Some(&json!(44)));
        assert_eq!(document.get("birthday"), None);
    }

    #[test]
    fn initials_are_those_that_people_are_called_by() {
        assert_eq!(initials("Lý Tú Quang Thắng"), "QT");
        assert_eq!(initials("David Coaster"), "DC");
        assert_eq!(initials("Mai"), "M");
        assert_eq!(initials("“Bà” Hai"), "BH");
        assert_eq!(initials(""), "");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in ".*", phone in "[0-9 +]{0,30}") {
            let input = MemberInput { name: NameInput { full: Some(text.clone()) }, phone: Some(phone), email: Some(text.clone()), birthday: None, note: Some(text) };
            let _taken_or_refused = input.checked_as_new(typed());
        }
    }
}
