//! How a member is said at a remote: field by field, in the remote's own words, so that two sides can be compared without
//! asking whether one spelling means the other.

use super::call::New;
use crate::trouble::problem;
use regulars_domain::member::Address;
use regulars_domain::phone::{Country, Phone, index_digits};
use regulars_domain::{Date, MemberId};
use regulars_store::balance::Balance;
use regulars_store::outbox::Met;
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longer than any key of the five, in bytes, and short enough for an address.
const MAX_KEY: usize = 500;

/// What is said of a member: per field of ours, the remote's words for it. `null` says that it is empty; a field that is
/// not in it was not mentioned.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Said {
    pub fields: BTreeMap<String, Value>,
    /// Groups of fields that were told of whole: what is not in it is not there.
    pub groups: Vec<&'static str>,
}

impl Said {
    /// Says something of a field, where there is something to say.
    pub fn put(&mut self, path: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.fields.insert(path.to_owned(), value);
        }
    }

    /// Whether a field is in a group that was told of whole.
    pub fn has_group_of(&self, path: &str) -> bool {
        self.groups.iter().any(|group| path.strip_prefix(group).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// The words of a remote.
pub(in super::super) trait Words: Send + Sync {
    /// What the remote says.
    ///
    /// # Errors
    /// Where it is none of what it may say: nothing of it is taken then.
    fn read(&self, object: &Value) -> Result<Said, Problem>;

    /// What of this has a home there.
    fn said(&self, known: &Known) -> Said;

    /// A field in our words. `known` is what stands here.
    ///
    /// # Errors
    /// As `read`.
    fn ours(
        &self,
        path: &str,
        theirs: &Value,
        known: Option<&Value>,
        country: Option<Country>,
    ) -> Result<Value, Problem>;

    /// What is only read, and so never compared.
    fn beside(&self, _object: &Value, _known: &mut Known) {}

    /// Whether two ways of saying a field say the same.
    fn is_same(&self, path: &str, one: &Value, other: &Value, country: Option<Country>) -> bool {
        match path {
            "phone" | "mobile" | "fax" => digits(one, country) == digits(other, country),
            _ => one == other,
        }
    }

    /// Why a field cannot be said so.
    fn refuses(&self, _path: &str, _before: &Value, _after: &Value) -> Option<Problem> {
        None
    }

    /// What a registration lacks.
    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem>;

    /// The body of a registration.
    fn body(&self, new: &New) -> String;

    /// The key that this till chooses for somebody new, where it does.
    fn chosen_key(&self, _member: MemberId, _known: &Known) -> Option<String> {
        None
    }

    /// The remote's key.
    fn key(&self, object: &Value) -> Option<String>;

    /// The remote's key, where it can be part of an address. One that cannot was garbled on its way.
    fn told_key(&self, object: &Value) -> Option<String> {
        self.key(object).filter(|key| key.len() <= MAX_KEY)
    }

    /// Whether an answer to that key is about whom it names; `None` where it names nobody.
    fn is_about(&self, key: &str, object: &Value) -> Option<bool> {
        self.told_key(object).map(|told| told == key)
    }

    /// What is left here of a field that is empty there: what the remote has no home for.
    fn emptied(&self, _path: &str, _known: Option<&Value>) -> Value {
        Value::Null
    }

    /// Our own id, where the remote keeps it.
    fn member_id(&self, _object: &Value) -> Option<MemberId> {
        None
    }

    /// Whether the remote has a member once for each shop.
    fn is_per_shop(&self) -> bool {
        false
    }

    /// The shop that it is about, where it says.
    fn pos_id(&self, _object: &Value) -> Option<String> {
        None
    }

    /// Since when they are a member there, where it says.
    fn since(&self, _object: &Value) -> Option<Date> {
        None
    }

    /// The shop's own number for them, where that is its key for them.
    fn reference(&self, _object: &Value) -> Option<String> {
        None
    }

    /// What they have there, where the ledger is at home there.
    fn balance(&self, _object: &Value) -> Option<Balance> {
        None
    }

    /// When it was changed, where it says.
    fn met(&self, _object: &Value) -> Met {
        Met::default()
    }
}

/// A text of the remote's: `null` where it is empty, nothing where it was not mentioned.
pub(in super::super) fn text_in(object: &Value, key: &str) -> Result<Option<Value>, Problem> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Value::Null)),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Some(Value::Null)),
        Some(Value::String(text)) => Ok(Some(json!(text.trim()))),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(not_text(key)),
    }
}

fn not_text(key: &str) -> Problem {
    let message = format!("the remote’s {key} is no text");
    Problem { field: Some(key.to_owned()), ..problem("member_invalid", message) }
}

pub(in super::super) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A text that is known.
pub(in super::super) fn known_text(known: &Known, path: &str) -> Option<Value> {
    known.get(path).filter(|value| value.is_string() && !is_blank(value)).cloned()
}

/// The full name.
pub(in super::super) fn name_of(known: &Known) -> Option<Value> {
    let full = known.document.get("name")?.get("full")?;
    (!is_blank(full)).then(|| full.clone())
}

/// A number as it was typed, without what only people need in it.
pub(in super::super) fn phone_of(known: &Known, path: &str) -> Option<Value> {
    let typed = known.document.get(path)?.get("typed")?.as_str()?;
    let bare: String = typed.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    (!bare.is_empty()).then(|| json!(bare))
}

/// An address in one line.
pub(in super::super) fn address_line(address: &Address) -> Option<String> {
    let parts = [&address.place_name, &address.text, &address.city, &address.postal_code, &address.country];
    let parts: Vec<&str> =
        parts.into_iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A number of the remote's in our form.
pub(in super::super) fn number(theirs: &Value, country: Option<Country>) -> Value {
    let typed = theirs.as_str().unwrap_or_default();
    match country.map(|country| Phone::parse(typed, country)) {
        Some(Ok(phone)) => json!(phone),
        // A number that is none by our rules is still what the remote has, and is found by what stands there.
        Some(Err(_)) | None => json!({ "typed": typed, "e164": null }),
    }
}

fn digits(number: &Value, country: Option<Country>) -> Option<String> {
    let typed = number.as_str()?;
    match country {
        Some(country) => Some(index_digits(typed, None, country)),
        None => Some(typed.chars().filter(char::is_ascii_digit).collect()),
    }
}

/// A remote needs something that nobody has said.
pub(in super::super) fn needs(field: &str, what: &str) -> Problem {
    let message = format!("this remote takes nobody without {what}: add it, and it is sent");
    Problem { field: Some(field.to_owned()), ..problem("remote_needs", message) }
}

/// Why a text of that length has no place there.
pub(in super::super) fn too_long_or_short(field: &str, value: &Value, min: usize, max: usize) -> Option<Problem> {
    let length = value.as_str()?.chars().count();
    if (min..=max).contains(&length) {
        return None;
    }
    let message = format!("this remote takes from {min} to {max} characters here, and this has {length}");
    Some(Problem { field: Some(field.to_owned()), ..problem("length", message) })
}

/// The fields that are plain text on both sides.
pub(in super::super) fn put_texts(said: &mut Said, object: &Value, table: &[(&str, &str)]) -> Result<(), Problem> {
    for (path, key) in table {
        said.put(path, text_in(object, key)?);
    }
    Ok(())
}

/// A JSON object.
pub(in super::super) fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Whether two spellings are of one number.
pub(in super::super) fn is_same_number(one: &Value, other: &Value, country: Option<Country>) -> bool {
    digits(one, country) == digits(other, country)
}
