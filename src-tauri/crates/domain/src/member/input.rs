//! From what was typed to a member: cleaned, checked, and taken apart into what belongs to the person and what holds
//! for them at one shop.

use super::parts::{optional_line, optional_lines};
use super::{Consent, Fields, LoyaltyCard, Member, MemberInput, Name, SerialNumber, Typed};
use crate::edit::{Document, Edit};
use crate::membership::{self, Terms};
use crate::phone::Phone;
use crate::refusal::Refusal;
use crate::text::{self, MAX_LINE, MAX_NAME, MAX_NOTE};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most addresses, cards, links and so on of one member: more is a file gone wrong.
const MAX_PARTS: usize = 100;
/// Longest key in a group, in characters.
const MAX_KEY: usize = 100;

/// A member as one typed object: the person, and what holds for them at the shop where it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typing {
    /// What belongs to the person.
    pub member: MemberInput,
    /// What holds at the shop.
    pub terms: Terms,
}

impl Typing {
    /// Reads a member as JSON, as the command line and the page have it.
    ///
    /// # Errors
    /// `member_invalid`, with what the reader stumbled over, also a field that does not exist.
    pub fn read(json: &Value) -> Result<Self, Refusal> {
        let Value::Object(all) = json else {
            return Err(Refusal::MemberInvalid { field: None, detail: "it is no object".to_owned() });
        };
        let (terms, member): (Document, Document) =
            all.clone().into_iter().partition(|(key, _)| membership::KEYS.contains(&key.as_str()));
        Ok(Self { member: strict(Value::Object(member))?, terms: strict(membership::from_typed(terms)?)? })
    }

    /// A new member: name and phone are needed, everything that is there is checked.
    ///
    /// # Errors
    /// The first refusal, with its field.
    pub fn checked_as_new(&self, typed: Typed) -> Result<(Member, Terms), Refusal> {
        let member = self.member.checked(typed)?;
        if member.phone.is_none() {
            return Err(Refusal::Required { field: "phone" });
        }
        Ok((member, self.terms.clone().checked()?))
    }
}

/// What a JSON merge patch (RFC 7396) over the typed shape changes: in the member's document, and in what holds at the
/// shop. Only what really differs is in the edits; an empty one means that nothing was changed.
///
/// # Errors
/// As for a new member, but a phone may be taken away.
pub fn edit(document: &Document, terms: &Document, patch: &Value, typed: Typed) -> Result<(Edit, Edit), Refusal> {
    let before = Member::read(document)?;
    let terms_before = Terms::read(terms)?;
    let mut merged = shown(&before, &terms_before);
    merge_patch(&mut merged, patch);
    let mut typing = Typing::read(&without_nulls(merged))?;
    date_answers(&before, patch, &mut typing.member);
    let mut after = typing.member.checked(typed)?;
    keep_numbers(&before, &mut after);
    keep_what_is_not_typed(&before, &mut after);
    let terms_after = typing.terms.checked()?;
    Ok((
        Edit::between(&before.document(), &after.document()),
        Edit::between(&terms_before.document(), &terms_after.document()),
    ))
}

/// Another answer is given now, where nobody says when: the instant of the one before is not its.
fn date_answers(before: &Member, patch: &Value, after: &mut MemberInput) {
    let is_dated = |key: &str| patch.get("consents").and_then(|consents| consents.get(key)?.get("at")).is_some();
    for (key, consent) in &mut after.consents {
        let is_another = before.consents.get(key).is_some_and(|said| said.is_given != consent.is_given);
        if is_another && !is_dated(key) {
            consent.at = None;
        }
    }
}

/// A member and what holds for them at a shop as one typed object.
pub fn shown(member: &Member, terms: &Terms) -> Value {
    let mut all = serde_json::to_value(MemberInput::from(member)).unwrap_or_default();
    if let Value::Object(all) = &mut all {
        all.remove("merged");
        all.extend(membership::as_typed(terms));
    }
    all
}

impl Fields<String> {
    fn checked(&self, typed: Typed) -> Result<Member, Refusal> {
        let input = self.clone();
        let full_name = name(&input.name, company_name(&input))?;
        let addresses = input.addresses.into_iter().map(|address| address.checked());
        Ok(Member {
            kind: input.kind,
            name: full_name,
            phone: phone("phone", input.phone, typed)?,
            mobile: phone("mobile", input.mobile, typed)?,
            fax: phone("fax", input.fax, typed)?,
            email: text::email(input.email.as_deref().unwrap_or(""))?,
            gender: input.gender,
            birthday: input.birthday.map(|birthday| birthday.checked(typed.on)).transpose()?,
            addresses: few("addresses", addresses.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?)?,
            company: input.company.map_or(Ok(None), super::Company::checked)?,
            note: optional_lines("note", input.note)?,
            staff_note: input.staff_note.map_or(Ok(None), |note| note.checked(typed.on))?,
            website: optional_line("website", input.website, MAX_NOTE)?,
            social: texts("social", input.social)?,
            home_town: optional_line("home_town", input.home_town, MAX_LINE)?,
            marital_status: optional_line("marital_status", input.marital_status, MAX_LINE)?,
            picture: input.picture.map_or(Ok(None), super::Picture::checked)?,
            reference: optional_line("reference", input.reference, MAX_LINE)?,
            second_reference: optional_line("second_reference", input.second_reference, MAX_LINE)?,
            barcode: optional_line("barcode", input.barcode, MAX_LINE)?,
            external_ids: texts("external_ids", input.external_ids)?,
            cards: cards(input.cards)?,
            consents: consents(input.consents, typed)?,
            meta: texts("meta", input.meta)?,
            merged: None,
        })
    }
}

impl From<&Member> for MemberInput {
    fn from(member: &Member) -> Self {
        let member = member.clone();
        let typed = |phone: Option<Phone>| phone.map(|phone| phone.typed);
        Self {
            kind: member.kind,
            name: member.name,
            phone: typed(member.phone),
            mobile: typed(member.mobile),
            fax: typed(member.fax),
            email: member.email,
            gender: member.gender,
            birthday: member.birthday,
            addresses: member.addresses,
            company: member.company,
            note: member.note,
            staff_note: member.staff_note,
            website: member.website,
            social: member.social,
            home_town: member.home_town,
            marital_status: member.marital_status,
            picture: member.picture,
            reference: member.reference,
            second_reference: member.second_reference,
            barcode: member.barcode,
            external_ids: member.external_ids,
            cards: member.cards,
            consents: member.consents,
            meta: member.meta,
            merged: member.merged,
        }
    }
}

/// What a company is called; a person who buys for one has a name of their own.
fn company_name(input: &MemberInput) -> Option<&str> {
    let company = input.company.as_ref().filter(|_| input.kind == super::Kind::Company);
    company.and_then(|company| company.name.as_deref())
}

/// The full name; a company's own name stands in, and so do given and family name together where somebody gave both.
fn name(typed: &Name, company: Option<&str>) -> Result<Name, Refusal> {
    let given = optional_line("name.given", typed.given.clone(), MAX_NAME)?;
    let family = optional_line("name.family", typed.family.clone(), MAX_NAME)?;
    let both = match (&given, &family) {
        (Some(given), Some(family)) => format!("{given} {family}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => company.unwrap_or_default().to_owned(),
    };
    let full = text::line("name.full", &typed.full, MAX_NAME)?;
    let full = full.map_or_else(|| text::line("name.full", &both, MAX_NAME), |full| Ok(Some(full)))?;
    Ok(Name { full: full.ok_or(Refusal::Required { field: "name.full" })?, given, family })
}

fn phone(field: &'static str, typed: Option<String>, place: Typed) -> Result<Option<Phone>, Refusal> {
    let Some(text) = typed.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    Phone::parse(&text, place.country).map(Some).map_err(|refusal| refusal.about(field))
}

fn cards(typed: BTreeMap<String, LoyaltyCard>) -> Result<BTreeMap<String, LoyaltyCard>, Refusal> {
    let checked = typed.into_iter().map(|(serial, card)| {
        let serial = SerialNumber::parse(&serial).map_err(|refusal| refusal.about("cards"))?;
        Ok((serial.to_string(), card.checked()?))
    });
    few_keys("cards", checked.collect::<Result<BTreeMap<_, _>, _>>()?)
}

fn consents(typed: BTreeMap<String, Consent>, place: Typed) -> Result<BTreeMap<String, Consent>, Refusal> {
    let checked = typed.into_iter().map(|(key, consent)| Ok((consent_key(&key)?, consent.checked(place.at)?)));
    few_keys("consents", checked.collect::<Result<BTreeMap<_, _>, _>>()?)
}

/// `purpose/channel`, each a word.
fn consent_key(typed: &str) -> Result<String, Refusal> {
    let is_word = |word: &str| {
        (1..=32).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    match typed.split_once('/') {
        Some((purpose, channel)) if is_word(purpose) && is_word(channel) => Ok(typed.to_owned()),
        Some(_) | None => Err(Refusal::ConsentInvalid),
    }
}

/// Texts by key, the empty ones left out.
fn texts(field: &'static str, typed: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut checked = BTreeMap::new();
    for (key, value) in typed {
        let key = text::line(field, &key, MAX_KEY)?.ok_or(Refusal::Required { field })?;
        if let Some(value) = text::lines(field, &value, MAX_NOTE)? {
            checked.insert(key, value);
        }
    }
    few_keys(field, checked)
}

fn few<T>(field: &'static str, parts: Vec<T>) -> Result<Vec<T>, Refusal> {
    if parts.len() > MAX_PARTS { Err(Refusal::TooMany { field, max: MAX_PARTS }) } else { Ok(parts) }
}

fn few_keys<T>(field: &'static str, parts: BTreeMap<String, T>) -> Result<BTreeMap<String, T>, Refusal> {
    if parts.len() > MAX_PARTS { Err(Refusal::TooMany { field, max: MAX_PARTS }) } else { Ok(parts) }
}

/// A number that was not touched keeps the meaning it was typed with, in whichever country that was.
fn keep_numbers(before: &Member, after: &mut Member) {
    let keep = |before: &Option<Phone>, after: &mut Option<Phone>| {
        if before.as_ref().map(|phone| &phone.typed) == after.as_ref().map(|phone| &phone.typed) {
            after.clone_from(before);
        }
    };
    keep(&before.phone, &mut after.phone);
    keep(&before.mobile, &mut after.mobile);
    keep(&before.fax, &mut after.fax);
}

/// Being another member's alias is not a thing that is typed.
fn keep_what_is_not_typed(before: &Member, after: &mut Member) {
    after.merged.clone_from(&before.merged);
}

/// Reads, and refuses what is not known: a misspelt field must not be lost in silence.
fn strict<T: for<'de> Deserialize<'de>>(json: Value) -> Result<T, Refusal> {
    let mut unknown = None;
    let read = serde_ignored::deserialize(&json, |path| {
        unknown.get_or_insert_with(|| path.to_string());
    });
    match (read, unknown) {
        (Ok(_), Some(field)) => {
            let detail = format!("there is no field {field}");
            Err(Refusal::MemberInvalid { field: Some(field), detail })
        }
        (Ok(read), None) => Ok(read),
        (Err(error), _) => Err(unreadable::<T>(&json, &error)),
    }
}

/// Which field cannot be read: the first that cannot be read alone either.
fn unreadable<T: for<'de> Deserialize<'de>>(json: &Value, error: &serde_json::Error) -> Refusal {
    let alone = |(key, value): &(&String, &Value)| {
        let only = Value::Object(Map::from_iter([((*key).clone(), (*value).clone())]));
        T::deserialize(only).is_err()
    };
    let wrong = json.as_object().and_then(|fields| fields.iter().find(alone)).map(|(key, _)| key.as_str());
    match wrong {
        Some("member_since") => Refusal::DateInvalid { field: Some("member_since") },
        Some("valid_from") => Refusal::DateInvalid { field: Some("valid_from") },
        Some("valid_until") => Refusal::DateInvalid { field: Some("valid_until") },
        Some("discount_percent") => Refusal::PercentInvalid { field: "discount_percent" },
        Some("earn_percent") => Refusal::PercentInvalid { field: "earn_percent" },
        Some("birthday") => Refusal::BirthdayInvalid,
        Some("currency") => {
            Refusal::CurrencyUnknown { code: text::code(json["currency"].as_str().unwrap_or_default()) }
        }
        field => Refusal::MemberInvalid { field: field.map(str::to_owned), detail: error.to_string() },
    }
}

/// RFC 7396: objects merge, `null` removes, everything else replaces.
pub fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
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

/// `null` is the same as absent.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
