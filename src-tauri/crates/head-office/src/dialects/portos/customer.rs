//! A member as Portos' Customer, and back.

use super::super::desk::{Desk, Seen};
use super::super::fields::{
    MAX_META, add, addresses_patch, both_names, foreign_meta, full_name, is_own, name_patch, of_role, or_null, text,
};
use super::{Failure, card, credit, invalid, ndata, shown_id};
use crate::error::HeadOfficeError;
use regulars_domain::edit::Document;
use regulars_domain::location::Location;
use regulars_domain::member::{Address, Gender, Kind, Position};
use regulars_domain::membership::Moment;
use regulars_domain::percent::Percent;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{Date, Timestamp};
use serde_json::{Value, json};

/// In meta: members of the model that are not known here, as JSON.
const MORE: &str = "portos:more";
/// Among external ids: the one that the client gave.
const EXTERNAL: &str = "portos";
/// Every member of the model that is known here.
const KNOWN: [&str; 26] = [
    "id",
    "externalId",
    "isActive",
    "status",
    "activationTime",
    "expirationTime",
    "firstName",
    "lastName",
    "fullName",
    "gender",
    "birthDate",
    "email",
    "phone",
    "isCompany",
    "company",
    "address",
    "deliveryAddress",
    "credit",
    "creditTransactions",
    "cards",
    "creditRate",
    "discountRate",
    "note",
    "meta",
    "_v",
    "traceId",
];
/// The two addresses: their role in a member.
const ADDRESSES: [(&str, &str); 2] = [("address", "home"), ("deliveryAddress", "delivery")];
/// A day, with the hours by which it begins earlier or later than in UTC at most.
const AROUND_A_DAY_MS: i64 = 15 * 3_600_000;

/// What the model calls a member's field.
pub(super) fn their_name(field: &str) -> &str {
    match field {
        "name.full" | "name" => "FullName",
        "name.given" => "FirstName",
        "name.family" => "LastName",
        "email" => "Email",
        "phone" => "Phone",
        "birthday" => "BirthDate",
        "cards" | "serial_number" => "Cards",
        "addresses" => "Address",
        "note" => "Note",
        "meta" => "Meta",
        "external_ids" => "ExternalId",
        "company.name" => "Company.Name",
        "company.registration_number" => "Company.Crn",
        "company.tax_id" => "Company.TaxId",
        "company.vat_id" => "Company.VatId",
        "valid_until" => "ExpirationTime",
        other => other,
    }
}

/// A member as the page shows one.
pub(super) fn shown(desk: &mut Desk<'_>, seen: &Seen) -> Result<Document, HeadOfficeError> {
    let mut shown = without_credit(seen, desk.at);
    let (balance, newest) = desk.credit(seen)?;
    let entries = desk.entries(seen)?;
    shown.insert("credit".to_owned(), credit::shown(balance, entries.is_empty()));
    shown.insert("creditTransactions".to_owned(), credit::transactions(&entries));
    shown.insert("_v".to_owned(), json!(seen.version.max(newest)));
    Ok(shown)
}

/// The same without what must be reckoned up.
pub(super) fn without_credit(seen: &Seen, now: Timestamp) -> Document {
    let (member, terms) = (&seen.member, &seen.terms);
    let (first, last) = both_names(member);
    let zone = seen.place.zone();
    let (from, until) =
        (terms.valid_from.map(|from| begins(from, zone)), terms.valid_until.map(|until| ends(until, zone)));
    let gender = match member.gender {
        Some(Gender::Male) => Some("Male"),
        Some(Gender::Female) => Some("Female"),
        Some(Gender::Other) | None => None,
    };
    let birth_date = member.birthday.and_then(|birthday| Date::new(birthday.year?, birthday.month, birthday.day));
    let cards: Vec<Value> = member.cards.iter().map(|(serial, one)| card::shown(serial, one)).collect();
    let rate = |percent: Option<Percent>, whole: f64| {
        let hundredths = percent.map_or(0, Percent::basis_points);
        // At most 10,000: exact in 32 bits.
        json!(f64::from(i32::try_from(hundredths).unwrap_or(0)) / whole)
    };
    let mut shown = Document::from_iter([
        ("id".to_owned(), json!(shown_id(seen))),
        ("externalId".to_owned(), or_null(member.external_ids.get(EXTERNAL).map(String::as_str))),
        ("isActive".to_owned(), json!(terms.is_active.unwrap_or(true))),
        ("status".to_owned(), json!(status(from, until, now))),
        ("activationTime".to_owned(), json!(from.map(instant))),
        ("expirationTime".to_owned(), json!(until.map(instant))),
        ("firstName".to_owned(), or_null(first)),
        ("lastName".to_owned(), or_null(last)),
        ("fullName".to_owned(), or_null(full_name(member))),
        ("gender".to_owned(), or_null(gender)),
        ("birthDate".to_owned(), json!(birth_date)),
        ("email".to_owned(), or_null(member.email.as_deref())),
        ("phone".to_owned(), or_null(member.phone.as_ref().map(|phone| phone.typed.as_str()))),
        ("isCompany".to_owned(), json!(member.kind == Kind::Company)),
        ("company".to_owned(), company(seen)),
        ("cards".to_owned(), json!(cards)),
        ("creditRate".to_owned(), rate(terms.earn_percent, 10_000.0)),
        ("discountRate".to_owned(), rate(terms.discount_percent, 100.0)),
        ("note".to_owned(), or_null(member.note.as_deref())),
        ("meta".to_owned(), Value::Object(foreign_meta(member))),
        ("_v".to_owned(), json!(seen.version)),
    ]);
    for (key, place) in places(&member.addresses) {
        let address = place.and_then(|place| member.addresses.get(place));
        shown.insert(key.to_owned(), address.map_or(Value::Null, shown_address));
    }
    for (key, value) in more(seen) {
        shown.entry(key).or_insert(value);
    }
    shown
}

/// Members of the model that were told and are not known here.
fn more(seen: &Seen) -> Document {
    let kept = seen.member.meta.get(MORE);
    kept.and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default()
}

/// Where the two addresses are among a member's.
fn places(addresses: &[Address]) -> [(&'static str, Option<usize>); 2] {
    let delivery = addresses.iter().position(|address| address.role.as_deref() == Some("delivery"));
    [("address", of_role(addresses, "home", &["delivery"])), ("deliveryAddress", delivery)]
}

fn status(from: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> &'static str {
    match (from, until) {
        (Some(from), _) if now < from => "NotYetValid",
        (_, Some(until)) if now > until => "Expired",
        (_, _) => "Valid",
    }
}

fn begins(moment: Moment, zone: TimeZoneName) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => start_of(day, zone),
    }
}

fn ends(moment: Moment, zone: TimeZoneName) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => {
            let next = day.plus_days(1).map_or(Timestamp::from_millis(i64::MAX), |next| start_of(next, zone));
            Timestamp::from_millis(next.as_millis().saturating_sub(1))
        }
    }
}

/// The first instant of a day on the shop's calendar, found by halving.
fn start_of(day: Date, zone: TimeZoneName) -> Timestamp {
    let utc: Option<Timestamp> = format!("{day}T00:00:00Z").parse().ok();
    let middle = utc.map_or(0, Timestamp::as_millis);
    let (mut before, mut after) = (middle - AROUND_A_DAY_MS, middle + AROUND_A_DAY_MS);
    while after - before > 1 {
        let at = before + (after - before) / 2;
        if zone.business_date(Timestamp::from_millis(at)) < day { before = at } else { after = at }
    }
    Timestamp::from_millis(after)
}

/// An instant as the page writes it: to hundredths of a second, and finer only where it is.
pub(super) fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("0Z").map_or(text.clone(), |hundredths| format!("{hundredths}Z"))
}

fn company(seen: &Seen) -> Value {
    let known = seen.member.company.clone();
    if known.is_none() && seen.member.kind == Kind::Person {
        return Value::Null;
    }
    let company = known.unwrap_or_default();
    json!({
        "name": company.name,
        "crn": company.registration_number,
        "vatId": company.vat_id,
        "taxId": company.tax_id,
    })
}

fn street(address: &Address) -> Option<String> {
    let parts: Vec<&str> = [address.place_name.as_deref(), address.text.as_deref()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn shown_address(address: &Address) -> Value {
    json!({
        "street": street(address),
        "city": address.city,
        "postalCode": address.postal_code,
        "country": address.country,
        "coordinates": address.position.map(|at| json!({ "longitude": at.longitude, "latitude": at.latitude })),
        "note": address.note,
    })
}

/// What a body changes. For a customer who is there: as they are, and the body as it came, which may say of a name only
/// one part anew. `id` stands in where there is nothing to call them by.
pub(super) fn patch(
    sent: &Document,
    there: Option<(&Seen, &Document)>,
    place: &Location,
    id: &str,
) -> Result<Document, Failure> {
    let seen = there.map(|(seen, _)| seen);
    let mut patch = Document::new();
    for (key, name) in [("email", "email"), ("phone", "phone"), ("note", "note")] {
        if sent.contains_key(key) {
            patch.insert(name.to_owned(), or_null(string(sent, key)?));
        }
    }
    if sent.contains_key("externalId") {
        add(&mut patch, group("external_ids", json!({ EXTERNAL: string(sent, "externalId")? })));
    }
    if let Some(is_active) = flag(sent, "isActive")? {
        patch.insert("is_active".to_owned(), json!(is_active));
    }
    if sent.contains_key("gender") {
        let gender = match string(sent, "gender")?.map(str::to_lowercase).as_deref() {
            None => Value::Null,
            Some(gender @ ("male" | "female")) => json!(gender),
            Some(_) => return Err(invalid("Gender", "The gender is Male or Female.")),
        };
        patch.insert("gender".to_owned(), gender);
    }
    if sent.contains_key("birthDate") {
        patch.insert("birthday".to_owned(), birthday(string(sent, "birthDate")?)?);
    }
    add(&mut patch, validity(sent, seen, place)?);
    add(&mut patch, rates(sent)?);
    add(&mut patch, company_patch(sent, seen)?);
    add(&mut patch, addresses(sent, seen)?);
    if let Some(cards) = sent.get("cards") {
        let known = seen.map(|seen| seen.member.cards.clone()).unwrap_or_default();
        patch.insert("cards".to_owned(), card::patch(cards, &known)?);
    }
    add(&mut patch, meta(sent, seen)?);
    add(&mut patch, names(sent, there, id)?);
    Ok(patch)
}

fn names(sent: &Document, there: Option<(&Seen, &Document)>, id: &str) -> Result<Document, Failure> {
    let keys = ["firstName", "lastName", "fullName"];
    if there.is_some() && !keys.iter().any(|key| sent.contains_key(*key)) {
        return Ok(Document::new());
    }
    let known = there.map_or((None, None), |(seen, _)| both_names(&seen.member));
    let said = |key: &str, known| if sent.contains_key(key) { string(sent, key) } else { Ok(known) };
    let (first, last) = (said("firstName", known.0)?, said("lastName", known.1)?);
    let company = sent.get("company").and_then(|company| company.get("name")).and_then(Value::as_str);
    let known_company = there.and_then(|(seen, _)| seen.member.company.as_ref()?.name.as_deref());
    let others = [company.or(known_company), string(sent, "email")?, string(sent, "phone")?];
    let stand_in = others.into_iter().flatten().find(|text| !text.trim().is_empty()).unwrap_or(id);
    Ok(name_patch(first, last, string(sent, "fullName")?, stand_in))
}

fn birthday(text: Option<&str>) -> Result<Value, Failure> {
    let Some(text) = text else { return Ok(Value::Null) };
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    let mut parts = day.splitn(3, '-').map(str::parse::<u32>);
    match (day.parse::<Date>(), parts.next(), parts.next(), parts.next()) {
        (Ok(_), Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => {
            Ok(json!({ "month": month, "day": day, "year": year }))
        }
        _ => Err(invalid("BirthDate", "A date of birth is yyyy-MM-dd.")),
    }
}

/// From when until when. A day that is told back as the instant that it was shown as stays a day.
fn validity(sent: &Document, seen: Option<&Seen>, place: &Location) -> Result<Document, Failure> {
    let (zone, terms) = (place.zone(), seen.map(|seen| seen.terms.clone()).unwrap_or_default());
    let known = [
        ("activationTime", "valid_from", terms.valid_from.map(|from| begins(from, zone))),
        ("expirationTime", "valid_until", terms.valid_until.map(|until| ends(until, zone))),
    ];
    let mut patch = Document::new();
    for (key, name, known) in known {
        if !sent.contains_key(key) {
            continue;
        }
        let told = match string(sent, key)? {
            None => None,
            Some(text) => Some(ndata::instant(text).ok_or_else(|| invalid(key, "This is no instant."))?),
        };
        if told != known {
            patch.insert(name.to_owned(), json!(told));
        }
    }
    Ok(patch)
}

/// A coefficient, and a percentage.
fn rates(sent: &Document) -> Result<Document, Failure> {
    let mut patch = Document::new();
    for (key, name, member, shift) in
        [("creditRate", "earn_percent", "CreditRate", 2), ("discountRate", "discount_percent", "DiscountRate", 0)]
    {
        let wrong = || invalid(member, "A rate is between 0 and the whole, with two decimals of a percent.");
        let percent = match sent.get(key) {
            None => continue,
            Some(Value::Null) => Value::Null,
            Some(Value::Number(number)) => {
                let decimal = ndata::decimal(number).ok_or_else(wrong)?;
                json!(Percent::parse(&shifted(&decimal, shift), "rate").map_err(|_| wrong())?)
            }
            Some(_) => return Err(wrong()),
        };
        patch.insert(name.to_owned(), percent);
    }
    Ok(patch)
}

/// A decimal with its point so many digits further right.
fn shifted(decimal: &str, digits: usize) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let padded = format!("{fraction:0<digits$}");
    let (moved, rest) = padded.split_at(digits);
    let whole = format!("{whole}{moved}");
    if rest.is_empty() { whole } else { format!("{whole}.{rest}") }
}

fn company_patch(sent: &Document, seen: Option<&Seen>) -> Result<Document, Failure> {
    let mut patch = Document::new();
    match sent.get("company") {
        None => {}
        Some(Value::Null) => drop(patch.insert("company".to_owned(), Value::Null)),
        Some(Value::Object(company)) => {
            let mut told = Document::new();
            for (key, name) in
                [("name", "name"), ("crn", "registration_number"), ("vatId", "vat_id"), ("taxId", "tax_id")]
            {
                if company.contains_key(key) {
                    told.insert(name.to_owned(), or_null(string(company, key)?));
                }
            }
            patch.insert("company".to_owned(), Value::Object(told));
        }
        Some(_) => return Err(invalid("Company", "A company is an object.")),
    }
    if let Some(is_company) = flag(sent, "isCompany")? {
        let has_company = match sent.get("company") {
            Some(company) => company.is_object(),
            None => seen.is_some_and(|seen| seen.member.company.is_some()),
        };
        if is_company && !has_company {
            return Err(invalid("Company", "A company must say which one it is."));
        }
        patch.insert("kind".to_owned(), json!(if is_company { "company" } else { "person" }));
    }
    Ok(patch)
}

fn addresses(sent: &Document, seen: Option<&Seen>) -> Result<Document, Failure> {
    let mut all = seen.map(|seen| seen.member.addresses.clone()).unwrap_or_default();
    let mut is_changed = false;
    for (key, role) in ADDRESSES {
        let Some(told) = sent.get(key) else { continue };
        let place = places(&all).into_iter().find(|(known, _)| *known == key).and_then(|(_, place)| place);
        let old = place.and_then(|place| all.get(place)).cloned();
        let new = match told {
            Value::Null => None,
            Value::Object(told) => Some(address(told, old, role)?),
            _ => return Err(invalid(key, "An address is an object.")),
        };
        let patched = addresses_patch(&all, place, new);
        all = serde_json::from_value(patched).map_err(HeadOfficeError::from)?;
        is_changed = true;
    }
    Ok(if is_changed { group("addresses", json!(all)) } else { Document::new() })
}

fn address(told: &Document, old: Option<Address>, role: &str) -> Result<Address, Failure> {
    let mut new = old.unwrap_or_else(|| Address { role: Some(role.to_owned()), ..Address::default() });
    let part = |key: &str| Ok::<_, Failure>(string(told, key)?.map(str::to_owned));
    if told.contains_key("street") && part("street")? != street(&new) {
        (new.place_name, new.text) = (None, part("street")?);
    }
    if told.contains_key("city") {
        new.city = part("city")?;
    }
    // The vendor's own page on models has the older name.
    for key in ["zipCode", "postalCode"] {
        if told.contains_key(key) {
            new.postal_code = part(key)?;
        }
    }
    if told.contains_key("country") {
        new.country = part("country")?;
    }
    if told.contains_key("note") {
        new.note = part("note")?;
    }
    new.position = match told.get("coordinates") {
        None => new.position,
        Some(Value::Null) => None,
        Some(at) => match (at.get("latitude").and_then(Value::as_f64), at.get("longitude").and_then(Value::as_f64)) {
            (Some(latitude), Some(longitude)) => Some(Position { latitude, longitude }),
            _ => return Err(invalid("Address.Coordinates", "Coordinates are two numbers.")),
        },
    };
    Ok(new)
}

/// What is free, and what is not known here.
fn meta(sent: &Document, seen: Option<&Seen>) -> Result<Document, Failure> {
    let mut patch = Document::new();
    if let Some(told) = sent.get("meta") {
        let told = match told {
            Value::Null => &Document::new(),
            Value::Object(told) => told,
            _ => return Err(invalid("Meta", "Meta is an object of strings.")),
        };
        for key in seen.map(|seen| foreign_meta(&seen.member)).unwrap_or_default().keys() {
            patch.insert(key.clone(), Value::Null);
        }
        for (key, value) in told {
            if is_own(key) || !(value.is_string() || value.is_null()) {
                return Err(invalid("Meta", "Meta is an object of strings, and some keys are head office's own."));
            }
            patch.insert(key.clone(), value.clone());
        }
    }
    let mut kept = seen.map(more).unwrap_or_default();
    let before = kept.clone();
    for (key, value) in sent.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
        if value.is_null() { drop(kept.remove(key)) } else { drop(kept.insert(key.clone(), value.clone())) }
    }
    if kept != before {
        let json = Value::Object(kept.clone()).to_string();
        if json.chars().count() > MAX_META {
            return Err(invalid("", "There is more in this than can be kept."));
        }
        patch.insert(MORE.to_owned(), if kept.is_empty() { Value::Null } else { json!(json) });
    }
    Ok(if patch.is_empty() { patch } else { group("meta", Value::Object(patch)) })
}

fn group(name: &str, value: Value) -> Document {
    Document::from_iter([(name.to_owned(), value)])
}

pub(super) fn string<'a>(sent: &'a Document, key: &str) -> Result<Option<&'a str>, Failure> {
    text(sent.get(key).unwrap_or(&Value::Null)).map_err(|()| invalid(key, "This must be a string."))
}

pub(super) fn flag(sent: &Document, key: &str) -> Result<Option<bool>, Failure> {
    match sent.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(invalid(key, "This must be true or false.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shown_as_the_instants_at_which_it_begins_and_ends() {
        let zone: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
        let day = Moment::Day("2026-11-25".parse().expect("a day"));
        assert_eq!(instant(begins(day, zone)), "2026-11-24T17:00:00.00Z");
        assert_eq!(instant(ends(day, zone)), "2026-11-25T16:59:59.999Z");
    }

    #[test]
    fn a_coefficient_is_a_percentage_with_its_point_moved() {
        for (coefficient, percent) in
            [("0.05", "005"), ("0.1234", "012.34"), ("1", "100"), ("0", "000"), ("0.5", "050")]
        {
            assert_eq!(shifted(coefficient, 2), percent);
        }
    }
}
