//! A member in Portos' words.
//!
//! Rates: `creditRate` is a coefficient and `discountRate` a percent there; both are compared as hundredths of a percent.
//! Nought is no rate on either side. Instants are compared as milliseconds; a day that is meant here is the whole day of
//! the shop.

use super::super::rest::{
    self, New, Placed, Said, ToldAddress, Words, address_line, is_blank, known_text, members, needs, phone_of, text_in,
    two_addresses, with_addresses,
};
use crate::credit::Proof;
use crate::trouble::problem;
use regulars_domain::member::Address;
use regulars_domain::membership::Moment;
use regulars_domain::percent::Percent;
use regulars_domain::phone::Country;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{Date, MemberId, Timestamp};
use regulars_store::balance::Balance;
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The fields of an address: theirs, ours.
const ADDRESS: [(&str, &str); 6] = [
    ("street", "text"),
    ("city", "city"),
    ("postalCode", "postal_code"),
    ("country", "country"),
    ("note", "note"),
    ("coordinates", "position"),
];
/// What has a home there.
pub(super) const HOMES: [&str; 16] = [
    "name",
    "gender",
    "birthday",
    "email",
    "phone",
    "kind",
    "company",
    "addresses",
    "note",
    "meta",
    "cards",
    "@is_active",
    "@valid_from",
    "@valid_until",
    "@discount_percent",
    "@earn_percent",
];
/// What of a card is told as it is.
const CARD_TEXTS: [(&str, &str); 4] =
    [("processor", "processor"), ("status_reason", "statusReason"), ("external_id", "externalId"), ("note", "note")];
const CARD_TIMES: [(&str, &str); 3] =
    [("valid_from", "activationTime"), ("valid_until", "expirationTime"), ("status_at", "statusTime")];
/// The machinery of a card of which nobody said another.
const GENERAL: &str = "G";

pub(super) struct PortosWords {
    pub zone: TimeZoneName,
    /// What was proved of its credit, while that travels.
    pub proof: Option<Proof>,
    /// What tells its members from another's.
    pub place: String,
}

/// The key that this till chooses: 24 hexadecimal digits, as Portos’ own, that follow from our id.
pub(super) fn key_of(member: MemberId) -> String {
    let hash = Sha256::new().chain_update(b"customer of Portos\0").chain_update(member.as_bytes()).finalize();
    hex_of(&hash[..12])
}

pub(super) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}

impl Words for PortosWords {
    fn read(&self, object: &Value) -> Result<Said, Problem> {
        let mut said = Said::default();
        rest::put_texts(
            &mut said,
            object,
            &[("email", "email"), ("phone", "phone"), ("note", "note"), ("birthday", "birthDate")],
        )?;
        if said.fields.get("birthday").is_some_and(|day| !day.is_null() && our_day(day).is_none()) {
            said.fields.remove("birthday");
        }
        if let Some(birthday) =
            said.fields.get_mut("birthday").filter(|day| day.as_str().is_some_and(|day| day.len() > 10))
        {
            *birthday = json!(birthday.as_str().and_then(|day| day.get(..10)));
        }
        said.put(
            "gender",
            text_in(object, "gender")?
                .map(|gender| gender.as_str().map_or(Value::Null, |text| json!(text.to_lowercase()))),
        );
        let part = |key: &str| Ok::<_, Problem>(text_in(object, key)?.unwrap_or(Value::Null));
        let (first, last, full) = (part("firstName")?, part("lastName")?, part("fullName")?);
        if [&first, &last, &full].iter().any(|part| !part.is_null()) {
            said.put("name", Some(json!({ "firstName": first, "lastName": last, "fullName": full })));
        }
        match object.get("isCompany") {
            Some(Value::Bool(is_company)) => {
                said.put("kind", Some(if *is_company { json!("company") } else { Value::Null }))
            }
            Some(Value::Null) | None => {}
            Some(_) => return Err(no_such("isCompany")),
        }
        said.put("company", object_in(object, "company", &COMPANY)?);
        let (home, delivery) = (address_in(object, "address")?, address_in(object, "deliveryAddress")?);
        if home.is_some() || delivery.is_some() {
            let (home, delivery) = (home.unwrap_or(Value::Null), delivery.unwrap_or(Value::Null));
            let both = json!({ "address": home, "deliveryAddress": delivery });
            said.put("addresses", Some(if home.is_null() && delivery.is_null() { Value::Null } else { both }));
        }
        match object.get("isActive") {
            Some(Value::Bool(is_active)) => {
                said.put("@is_active", Some(if *is_active { Value::Null } else { json!(false) }))
            }
            Some(Value::Null) | None => {}
            Some(_) => return Err(no_such("isActive")),
        }
        said.put("@valid_from", instant_in(object, "activationTime")?);
        said.put("@valid_until", instant_in(object, "expirationTime")?);
        said.put("@discount_percent", rate_in(object, "discountRate", 100.0)?);
        said.put("@earn_percent", rate_in(object, "creditRate", 10_000.0)?);
        match object.get("meta") {
            None => {}
            Some(Value::Null) => said.groups.push("meta"),
            Some(Value::Object(meta)) => {
                said.groups.push("meta");
                for (key, value) in meta.iter().filter(|(key, _)| *key != super::credit::MARK) {
                    said.put(&format!("meta/{key}"), value.as_str().map(|value| json!(value)));
                }
            }
            Some(_) => return Err(no_such("meta")),
        }
        match object.get("cards") {
            None => {}
            Some(Value::Null) => said.groups.push("cards"),
            Some(Value::Array(cards)) => {
                said.groups.push("cards");
                for card in cards {
                    let (serial, card) = card_in(card)?;
                    said.put(&format!("cards/{serial}"), Some(card));
                }
            }
            Some(_) => return Err(no_such("cards")),
        }
        Ok(said)
    }

    fn said(&self, known: &Known) -> Said {
        let mut said = Said::default();
        let document = &known.document;
        said.put("email", known_text(known, "email"));
        said.put("note", known_text(known, "note"));
        said.put("phone", phone_of(known, "phone"));
        let name = document.get("name");
        let part = |key: &str| name.and_then(|name| name.get(key)).filter(|part| !is_blank(part)).cloned();
        said.put(
            "name",
            part("full")
                .map(|full| json!({ "firstName": part("given"), "lastName": part("family"), "fullName": full })),
        );
        let gender = document.get("gender").filter(|gender| **gender == json!("male") || **gender == json!("female"));
        said.put("gender", gender.cloned());
        let day = |key: &str| document.get("birthday")?.get(key)?.as_i64();
        if let (Some(year), Some(month), Some(day)) = (day("year"), day("month"), day("day")) {
            said.put("birthday", Some(json!(format!("{year:04}-{month:02}-{day:02}"))));
        }
        said.put("kind", document.get("kind").filter(|kind| **kind == json!("company")).cloned());
        if let Some(Value::Object(company)) = document.get("company") {
            let mut theirs = Map::new();
            for (ours, key) in
                [("name", "name"), ("registration_number", "crn"), ("vat_id", "vatId"), ("tax_id", "taxId")]
            {
                theirs.extend(
                    company.get(ours).filter(|value| !is_blank(value)).map(|value| (key.to_owned(), value.clone())),
                );
            }
            said.put("company", (!theirs.is_empty()).then_some(Value::Object(theirs)));
        }
        let [home, delivery] = two_addresses(document.get("addresses"));
        let said_there = |placed: Option<Placed>| {
            let said = placed.map(|(_, address)| said_address(&address));
            said.filter(|said| said.as_object().is_some_and(|said| !said.is_empty()))
        };
        let (home, delivery) = (said_there(home), said_there(delivery));
        if home.is_some() || delivery.is_some() {
            said.put("addresses", Some(json!({ "address": home, "deliveryAddress": delivery })));
        }
        said.put("@is_active", known.terms.get("is_active").filter(|is_active| **is_active == json!(false)).cloned());
        said.put("@valid_from", moment(known, "valid_from").and_then(|moment| self.instant(moment, false)));
        said.put("@valid_until", moment(known, "valid_until").and_then(|moment| self.instant(moment, true)));
        for rate in ["discount_percent", "earn_percent"] {
            let points =
                known.terms.get(rate).and_then(|value| Percent::deserialize(value).ok()).map(Percent::basis_points);
            said.put(&format!("@{rate}"), points.filter(|points| *points != 0).map(|points| json!(points)));
        }
        for (key, value) in document.get("meta").and_then(Value::as_object).into_iter().flatten() {
            said.put(&format!("meta/{key}"), Some(value.clone()));
        }
        for (serial, card) in document.get("cards").and_then(Value::as_object).into_iter().flatten() {
            said.put(&format!("cards/{serial}"), Some(said_card(card)));
        }
        said
    }

    fn ours(
        &self,
        path: &str,
        theirs: &Value,
        known: Option<&Value>,
        country: Option<Country>,
    ) -> Result<Value, Problem> {
        let text = |key: &str| theirs.get(key).and_then(Value::as_str).unwrap_or_default();
        Ok(match path {
            "name" => {
                let (given, family) = (text("firstName"), text("lastName"));
                let joined =
                    [given, family].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
                let full = if text("fullName").is_empty() { joined.as_str() } else { text("fullName") };
                let mut name = json!({ "full": full });
                if !given.is_empty() {
                    name["given"] = json!(given);
                }
                if !family.is_empty() {
                    name["family"] = json!(family);
                }
                name
            }
            "phone" => rest::number(theirs, country),
            "birthday" => our_day(theirs).unwrap_or(Value::Null),
            "gender" => {
                if *theirs == json!("male") || *theirs == json!("female") {
                    theirs.clone()
                } else {
                    json!("other")
                }
            }
            "company" => {
                let mut company = Map::new();
                for (ours, key) in
                    [("name", "name"), ("registration_number", "crn"), ("vat_id", "vatId"), ("tax_id", "taxId")]
                {
                    company.extend(theirs.get(key).map(|value| (ours.to_owned(), value.clone())));
                }
                Value::Object(company)
            }
            "addresses" => our_addresses(theirs, known),
            "@valid_from" | "@valid_until" => {
                let at = theirs.as_i64().map(Timestamp::from_millis).ok_or_else(|| no_such(path))?;
                json!(at.to_string())
            }
            "@discount_percent" | "@earn_percent" => {
                let points = theirs.as_i64().ok_or_else(|| no_such(path))?;
                let percent = Percent::from_basis_points(points, "discount_percent").map_err(|_| no_such(path))?;
                json!(percent)
            }
            _ if path.starts_with("cards/") => our_card(theirs, known),
            _ => theirs.clone(),
        })
    }

    /// Of the addresses Portos has two.
    fn emptied(&self, path: &str, known: Option<&Value>) -> Value {
        if path == "addresses" { our_addresses(&Value::Null, known) } else { Value::Null }
    }

    fn is_same(&self, path: &str, one: &Value, other: &Value, country: Option<Country>) -> bool {
        match path {
            "phone" => rest::is_same_number(one, other, country),
            // The full name is made of its parts where nobody set another.
            "name" => {
                let parts = |value: &Value| {
                    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    let (first, last) = (text("firstName"), text("lastName"));
                    let joined = format!("{first} {last}").trim().to_owned();
                    let full = if text("fullName").is_empty() { joined } else { text("fullName") };
                    (first, last, full)
                };
                let ((first, last, full), (other_first, other_last, other_full)) = (parts(one), parts(other));
                let has_parts = |first: &str, last: &str| !first.is_empty() || !last.is_empty();
                let same_parts = (first == other_first && last == other_last)
                    || !has_parts(&first, &last)
                    || !has_parts(&other_first, &other_last);
                one.is_null() == other.is_null() && full == other_full && same_parts
            }
            _ => one == other,
        }
    }

    fn refuses(&self, path: &str, _before: &Value, after: &Value) -> Option<Problem> {
        match path {
            "name" if after.is_null() => Some(needs("name", "a name")),
            _ => None,
        }
    }

    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem> {
        (!said.contains_key("name")).then(|| needs("name", "a name"))
    }

    fn body(&self, new: &New) -> String {
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(new.key));
        body.insert("externalId".to_owned(), json!(new.member_id.to_string()));
        body.insert("isActive".to_owned(), json!(true));
        body.insert("cards".to_owned(), json!([]));
        body.insert("meta".to_owned(), json!({}));
        for (path, value) in &new.said {
            write(&mut body, path, value);
        }
        Value::Object(body).to_string()
    }

    fn chosen_key(&self, member: MemberId, _known: &Known) -> Option<String> {
        Some(key_of(member))
    }

    fn key(&self, object: &Value) -> Option<String> {
        object.get("id")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    fn balance(&self, object: &Value) -> Option<Balance> {
        super::credit::told(object, self.proof.as_ref()?, &self.place)
    }

    fn member_id(&self, object: &Value) -> Option<MemberId> {
        object.get("externalId")?.as_str()?.parse().ok()
    }
}

impl PortosWords {
    /// A day is meant whole.
    fn instant(&self, moment: Moment, is_end: bool) -> Option<Value> {
        let at = match moment {
            Moment::Instant(at) => at.as_millis(),
            Moment::Day(day) if is_end => self.zone.start_of(day.plus_days(1)?)?.as_millis() - 1,
            Moment::Day(day) => self.zone.start_of(day)?.as_millis(),
        };
        Some(json!(at))
    }
}

/// Writes a field over what stands there; what this connector does not know of it stays.
pub(super) fn write(body: &mut Map<String, Value>, path: &str, value: &Value) {
    match path {
        "name" => {
            for key in ["firstName", "lastName", "fullName"] {
                body.insert(key.to_owned(), value.get(key).cloned().unwrap_or(Value::Null));
            }
        }
        "gender" => {
            let said = match value.as_str() {
                Some("male") => json!("Male"),
                Some("female") => json!("Female"),
                Some(_) | None => Value::Null,
            };
            body.insert("gender".to_owned(), said);
        }
        "birthday" => drop(body.insert("birthDate".to_owned(), value.clone())),
        "kind" => drop(body.insert("isCompany".to_owned(), json!(*value == json!("company")))),
        "company" => overlay(body, "company", &COMPANY, value),
        "addresses" => {
            for key in ["address", "deliveryAddress"] {
                overlay(body, key, &ADDRESS.map(|(key, _)| key), value.get(key).unwrap_or(&Value::Null));
            }
        }
        "@is_active" => drop(body.insert("isActive".to_owned(), json!(value.is_null()))),
        "@valid_from" => drop(body.insert("activationTime".to_owned(), time(value))),
        "@valid_until" => drop(body.insert("expirationTime".to_owned(), time(value))),
        "@discount_percent" => drop(body.insert("discountRate".to_owned(), rate(value, 100.0))),
        "@earn_percent" => drop(body.insert("creditRate".to_owned(), rate(value, 10_000.0))),
        "email" | "phone" | "note" => drop(body.insert(path.to_owned(), value.clone())),
        _ => {
            if let Some(key) = path.strip_prefix("meta/") {
                let mut meta = body.get("meta").map(members).unwrap_or_default();
                if value.is_null() {
                    meta.remove(key)
                } else {
                    meta.insert(key.to_owned(), value.clone())
                };
                body.insert("meta".to_owned(), Value::Object(meta));
            } else if let Some(serial) = path.strip_prefix("cards/") {
                let cards = body.get("cards").and_then(Value::as_array).cloned().unwrap_or_default();
                body.insert("cards".to_owned(), Value::Array(with_card(cards, serial, value)));
            }
        }
    }
}

fn with_card(mut cards: Vec<Value>, serial: &str, value: &Value) -> Vec<Value> {
    let place = cards.iter().position(|card| serial_of(card).as_deref() == Some(serial));
    match (place, value.is_null()) {
        (Some(place), true) => drop(cards.remove(place)),
        (Some(place), false) => write_card(&mut cards[place], value),
        (None, true) => {}
        (None, false) => {
            let mut card = json!({ "serialNumber": serial, "processor": GENERAL });
            write_card(&mut card, value);
            cards.push(card);
        }
    }
    cards
}

fn write_card(card: &mut Value, value: &Value) {
    for (ours, key) in CARD_TEXTS {
        if let Some(text) = value.get(ours) {
            card[key] = text.clone();
        } else if card.get(key).is_some_and(|there| !there.is_null()) && ours != "processor" {
            card[key] = Value::Null;
        }
    }
    for (ours, key) in CARD_TIMES {
        card[key] = time(value.get(ours).unwrap_or(&Value::Null));
    }
    card["isActive"] = json!(value["is_active"] == json!(true));
    card["isVirtual"] = json!(value["is_virtual"] == json!(true));
    card["status"] = json!(pascal(value["status"].as_str().unwrap_or("valid")));
}

/// What is read of a company.
const COMPANY: [&str; 4] = ["name", "crn", "vatId", "taxId"];

/// Writes those fields of an object over one that may have more in it.
fn overlay(body: &mut Map<String, Value>, key: &str, fields: &[&str], value: &Value) {
    let Value::Object(value) = value else {
        body.insert(key.to_owned(), Value::Null);
        return;
    };
    let mut there = body.get(key).map(members).unwrap_or_default();
    // Both spellings of one thing: what is read of either is written into the one that stands there.
    let is_old = there.contains_key("zipCode") && !there.contains_key("postalCode");
    for known in fields.iter().copied() {
        let spelled = if known == "postalCode" && is_old { "zipCode" } else { known };
        match value.get(known) {
            Some(value) => drop(there.insert(spelled.to_owned(), value.clone())),
            None if there.contains_key(spelled) => drop(there.insert(spelled.to_owned(), Value::Null)),
            None => {}
        }
    }
    body.insert(key.to_owned(), Value::Object(there));
}

fn no_such(key: &str) -> Problem {
    Problem { field: Some(key.to_owned()), ..problem("member_invalid", format!("the remote’s {key} is none")) }
}

fn object_in(object: &Value, key: &str, keys: &[&str]) -> Result<Option<Value>, Problem> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Value::Null)),
        Some(Value::Object(_)) => {
            let mut said = Map::new();
            for name in keys {
                let text = text_in(&object[key], name)?.filter(|text| !text.is_null());
                said.extend(text.map(|text| ((*name).to_owned(), text)));
            }
            Ok(Some(if said.is_empty() { Value::Null } else { Value::Object(said) }))
        }
        Some(_) => Err(no_such(key)),
    }
}

fn address_in(object: &Value, key: &str) -> Result<Option<Value>, Problem> {
    let Some(mut said) = object_in(object, key, &["street", "city", "postalCode", "zipCode", "country", "note"])?
    else {
        return Ok(None);
    };
    if let Value::Object(fields) = &mut said {
        if let Some(old) = fields.remove("zipCode") {
            fields.entry("postalCode").or_insert(old);
        }
        let at = |name: &str| object[key].get("coordinates")?.get(name)?.as_f64();
        if let (Some(longitude), Some(latitude)) = (at("longitude"), at("latitude")) {
            if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
                return Err(no_such("coordinates"));
            }
            fields.insert("coordinates".to_owned(), json!({ "longitude": longitude, "latitude": latitude }));
        }
    }
    Ok(Some(said))
}

fn said_address(address: &Address) -> Value {
    let street = match (&address.place_name, &address.text) {
        (Some(_), _) => address_line(&Address { city: None, postal_code: None, country: None, ..address.clone() }),
        (None, text) => text.clone(),
    };
    let parts = [
        ("street", street),
        ("city", address.city.clone()),
        ("postalCode", address.postal_code.clone()),
        ("country", address.country.clone()),
        ("note", address.note.clone()),
    ];
    let mut said: Map<String, Value> =
        parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
    if let Some(position) = address.position {
        let at = json!({ "longitude": position.longitude, "latitude": position.latitude });
        said.insert("coordinates".to_owned(), at);
    }
    Value::Object(said)
}

fn our_addresses(theirs: &Value, known: Option<&Value>) -> Value {
    let [home, delivery] = two_addresses(known);
    let told = |key: &str, role, ours: Option<Placed>| {
        let said = theirs.get(key).filter(|said| !said.is_null());
        let field = |(key, field): &(&str, &str)| Some(((*field).to_owned(), said?.get(key)?.clone()));
        ToldAddress {
            role,
            fields: said.map(|_| ADDRESS.iter().filter_map(field).collect()),
            is_ours: ours.is_some_and(|(_, ours)| Some(&said_address(&ours)) == said),
        }
    };
    let told = [told("address", "home", home), told("deliveryAddress", "delivery", delivery)];
    with_addresses(known, told, &ADDRESS.map(|(_, field)| field))
}

fn moment(known: &Known, key: &str) -> Option<Moment> {
    known.terms.get(key)?.as_str()?.parse().ok()
}

/// An instant in milliseconds. Without a zone it is UTC, as Portos says of all of its times.
fn instant_in(object: &Value, key: &str) -> Result<Option<Value>, Problem> {
    let Some(text) = text_in(object, key)? else { return Ok(None) };
    let Some(text) = text.as_str() else { return Ok(Some(Value::Null)) };
    let at: Option<Timestamp> = text.parse().ok().or_else(|| format!("{text}Z").parse().ok());
    at.map(|at| Some(json!(at.as_millis()))).ok_or_else(|| no_such(key))
}

fn time(value: &Value) -> Value {
    value.as_i64().map_or(Value::Null, |at| json!(Timestamp::from_millis(at).to_string()))
}

/// A rate in hundredths of a percent; `whole` is what one of theirs is in those.
fn rate_in(object: &Value, key: &str, whole: f64) -> Result<Option<Value>, Problem> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Value::Null)),
        Some(Value::Number(number)) => {
            let points =
                number.as_f64().map(|rate| (rate * whole).round()).filter(|points| (0.0..=10_000.0).contains(points));
            let points = points.ok_or_else(|| no_such(key))?;
            Ok(Some(if points == 0.0 { Value::Null } else { json!(points as i64) }))
        }
        Some(_) => Err(no_such(key)),
    }
}

fn rate(value: &Value, whole: f64) -> Value {
    json!(value.as_f64().unwrap_or(0.0) / whole)
}

fn our_day(day: &Value) -> Option<Value> {
    let text = day.as_str()?.get(..10)?;
    let date: Date = text.parse().ok()?;
    let (_, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
    Some(json!({ "month": month, "day": day, "year": date.year() }))
}

fn serial_of(card: &Value) -> Option<String> {
    let serial = card.get("serialNumber")?.as_str()?;
    let serial: String = serial.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    (!serial.is_empty()).then_some(serial)
}

fn card_in(card: &Value) -> Result<(String, Value), Problem> {
    let serial = serial_of(card).ok_or_else(|| no_such("serialNumber"))?;
    let mut said = Map::new();
    for (ours, key) in CARD_TEXTS {
        said.extend(text_in(card, key)?.filter(|text| !text.is_null()).map(|text| (ours.to_owned(), text)));
    }
    for (ours, key) in CARD_TIMES {
        said.extend(instant_in(card, key)?.filter(|at| !at.is_null()).map(|at| (ours.to_owned(), at)));
    }
    let status =
        text_in(card, "status")?.and_then(|status| status.as_str().map(snake)).unwrap_or_else(|| "valid".to_owned());
    if regulars_domain::member::CardStatus::deserialize(json!(status)).is_err() {
        return Err(no_such("status"));
    }
    said.insert("status".to_owned(), json!(status));
    said.insert("is_active".to_owned(), json!(card.get("isActive").and_then(Value::as_bool).unwrap_or(true)));
    said.insert("is_virtual".to_owned(), json!(card.get("isVirtual").and_then(Value::as_bool).unwrap_or(false)));
    Ok((serial, Value::Object(said)))
}

fn said_card(card: &Value) -> Value {
    let mut said = Map::new();
    for (ours, _) in CARD_TEXTS {
        said.extend(card.get(ours).filter(|text| !is_blank(text)).map(|text| (ours.to_owned(), text.clone())));
    }
    if !said.contains_key("processor") {
        said.insert("processor".to_owned(), json!(GENERAL));
    }
    for (ours, _) in CARD_TIMES {
        let at: Option<Timestamp> = card.get(ours).and_then(Value::as_str).and_then(|at| at.parse().ok());
        said.extend(at.map(|at| (ours.to_owned(), json!(at.as_millis()))));
    }
    // A card is in use from when it was given out, where nobody said otherwise.
    if !said.contains_key("valid_from") {
        let at: Option<Timestamp> = card.get("issued_at").and_then(Value::as_str).and_then(|at| at.parse().ok());
        said.extend(at.map(|at| ("valid_from".to_owned(), json!(at.as_millis()))));
    }
    said.insert("status".to_owned(), card.get("status").cloned().unwrap_or_else(|| json!("valid")));
    said.insert("is_active".to_owned(), card.get("is_active").cloned().unwrap_or(Value::Bool(true)));
    said.insert("is_virtual".to_owned(), card.get("is_virtual").cloned().unwrap_or(Value::Bool(false)));
    Value::Object(said)
}

/// A card in our words, with what this till knows of it besides.
fn our_card(theirs: &Value, known: Option<&Value>) -> Value {
    let mut card = known.map(members).unwrap_or_default();
    for (ours, _) in CARD_TEXTS {
        match theirs.get(ours) {
            Some(text) => drop(card.insert(ours.to_owned(), text.clone())),
            None => drop(card.remove(ours)),
        }
    }
    for (ours, _) in CARD_TIMES {
        match theirs.get(ours).and_then(Value::as_i64) {
            Some(at) => drop(card.insert(ours.to_owned(), json!(Timestamp::from_millis(at).to_string()))),
            None => drop(card.remove(ours)),
        }
    }
    for key in ["status", "is_active", "is_virtual"] {
        card.extend(theirs.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    Value::Object(card)
}

fn snake(pascal: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in pascal.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters)).into_iter().flatten()
        })
        .collect()
}
