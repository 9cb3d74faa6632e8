//! Making and changing customers by forms.

use super::super::call::{Call, json};
use super::super::desk::{Desk, Seen};
use super::super::fields::{add, name_patch};
use super::super::{form, multipart};
use super::customer::{
    BILLING, REGION, SAME_ADDRESS, SHIPPING, USER, billing, find_parent, reference, shipping, shown,
};
use super::{Failure, Valomnia, find, find_named, logo, things};
use crate::storage::ThingKey;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::Response;
use regulars_domain::edit::Document;
use regulars_domain::location::Location;
use regulars_domain::member::{Address, Position};
use regulars_domain::{Currency, MemberId, Money};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How far up a family of customers is looked for a circle.
const GENERATIONS: usize = 100;
/// What holds where nobody says otherwise (the page).
const DEFAULTS: [(&str, &str); 5] = [
    ("isActive", "true"),
    ("isSubCustomer", "false"),
    ("billWithParent", "false"),
    ("isSameAddress", "true"),
    ("onHold", "false"),
];
/// Parameters that are text in a member or in their terms, and where.
const PLAIN: [(&str, &str); 8] = [
    ("reference", "reference"),
    ("reference2", "second_reference"),
    ("barcode", "barcode"),
    ("email", "email"),
    ("phone", "phone"),
    ("mobile", "mobile"),
    ("fax", "fax"),
    ("website", "website"),
];

/// A form: its fields, and what the picture in it changes.
struct Form {
    fields: BTreeMap<String, String>,
    picture: Document,
}

impl Form {
    /// A field: absent, empty, or with a text.
    fn get(&self, key: &str) -> Option<Option<&str>> {
        self.fields.get(key).map(|value| Some(value.trim()).filter(|value| !value.is_empty()))
    }

    /// A field with a text.
    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).flatten()
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Failure> {
        match self.text(key) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::of_type(key)),
        }
    }

    fn number(&self, key: &str) -> Result<Option<Option<f64>>, Failure> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let read = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        text.map(|text| read(text).ok_or_else(|| Failure::of_type(key))).transpose().map(Some)
    }
}

/// The fields of a form, or the keys of a JSON object.
pub(super) fn fields(call: &Call) -> Result<Document, Failure> {
    if content_type(call).starts_with("application/json") {
        return Ok(call.json()?);
    }
    Ok(parts(call)?.0.into_iter().map(|(key, value)| (key, json!(value))).collect())
}

fn content_type(call: &Call) -> String {
    let found = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    found.unwrap_or_default().trim().to_owned()
}

async fn read(call: &Call) -> Result<Form, Failure> {
    let (fields, file) = parts(call)?;
    let picture = match file {
        Some((name, file)) => logo::read(name, file, call.at).await?,
        None => Document::new(),
    };
    Ok(Form { fields, picture })
}

/// The fields of a form, and the file in it with its name.
type Parts = (BTreeMap<String, String>, Option<(String, Vec<u8>)>);

fn parts(call: &Call) -> Result<Parts, Failure> {
    let not_text = || Failure::bad("invalid_param", "The form cannot be read.");
    let Some(boundary) = multipart::boundary(&content_type(call)) else {
        let fields = form::read(&call.body).ok_or_else(not_text)?;
        return Ok((fields.into_iter().collect(), None));
    };
    let (mut fields, mut file) = (BTreeMap::new(), None);
    for part in multipart::read(&call.body, &boundary).ok_or_else(not_text)? {
        match part.file_name {
            Some(name) if part.name == "imageFile" && !part.content.is_empty() => {
                file = Some((name, part.content.to_vec()));
            }
            Some(_) => {}
            None => {
                let text = std::str::from_utf8(part.content).map_err(|_| not_text())?;
                fields.insert(part.name, text.to_owned());
            }
        }
    }
    Ok((fields, file))
}

pub(super) async fn create(Path(version): Path<String>, Valomnia(call): Valomnia) -> Result<Response, Failure> {
    let form = read(&call).await?;
    let body = call.change(move |desk| {
        let named = form.text("reference").ok_or_else(|| Failure::missing("reference"))?;
        let by_reference = form.flag("useExternalId")?.unwrap_or(false);
        let seen = insert(desk, &form, named, by_reference)?;
        shown(desk, &seen, &version)
    });
    Ok(json(StatusCode::CREATED, &Value::Object(body.await?)))
}

pub(super) async fn update(
    Path((version, id)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (form, resets) = (read(&call).await?, call.settings().valomnia_resets);
    let body = call.change(move |desk| {
        let seen = find(desk, &id)?;
        let seen = change(desk, &form, &seen, false, resets)?;
        shown(desk, &seen, &version)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

pub(super) async fn upsert(
    Path((version, named)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (form, resets) = (read(&call).await?, call.settings().valomnia_resets);
    let done = call.change(move |desk| {
        let (status, seen) = match find_named(desk, &named)? {
            Some(seen) => (StatusCode::OK, change(desk, &form, &seen, true, resets)?),
            None => (StatusCode::CREATED, insert(desk, &form, &named, true)?),
        };
        Ok::<_, Failure>((status, shown(desk, &seen, &version)?))
    });
    let (status, body) = done.await?;
    Ok(json(status, &Value::Object(body)))
}

fn insert(desk: &mut Desk<'_>, form: &Form, named: &str, by_reference: bool) -> Result<Seen, Failure> {
    let name = form.text("name").ok_or_else(|| Failure::missing("name"))?;
    check_unique(desk, named, None)?;
    let place = desk.home()?;
    let mut patch = patch(desk, form, None, &place, by_reference, true)?;
    add(&mut patch, name_patch(None, None, Some(name), ""));
    patch.insert("reference".to_owned(), json!(named));
    let id = desk.mint(MemberId::mint);
    Ok(desk.create(id, &place, &Value::Object(patch))?)
}

fn change(desk: &mut Desk<'_>, form: &Form, seen: &Seen, by_reference: bool, resets: bool) -> Result<Seen, Failure> {
    if let Some(named) = form.get("reference") {
        let named = named.ok_or_else(|| Failure::missing("reference"))?;
        check_unique(desk, named, Some(seen))?;
    }
    let mut patch = patch(desk, form, Some(seen), &seen.place.clone(), by_reference, resets)?;
    match form.get("name") {
        Some(None) => return Err(Failure::missing("name")),
        Some(Some(name)) if name != seen.member.name.full => add(&mut patch, name_patch(None, None, Some(name), "")),
        Some(Some(_)) | None => {}
    }
    // Who has no reference is shown under their own id, which does not become one by being sent back.
    if seen.member.reference.is_none() && form.text("reference") == Some(&reference(seen)) {
        patch.remove("reference");
    }
    Ok(desk.update(seen, &Value::Object(patch))?)
}

fn check_unique(desk: &mut Desk<'_>, named: &str, except: Option<&Seen>) -> Result<(), Failure> {
    match find_named(desk, named)? {
        Some(other) if except.is_none_or(|seen| seen.id != other.id) => {
            Err(Failure::bad("not_unique", "reference already used"))
        }
        Some(_) | None => Ok(()),
    }
}

/// What a form changes, all but the name.
fn patch(
    desk: &mut Desk<'_>,
    form: &Form,
    seen: Option<&Seen>,
    place: &Location,
    by_reference: bool,
    with_defaults: bool,
) -> Result<Document, Failure> {
    let mut patch = Document::new();
    for (key, name) in PLAIN {
        patch.extend(form.get(key).map(|text| (name.to_owned(), json!(text))));
    }
    patch.extend(form.get("comment").map(|text| ("note".to_owned(), json!(text))));
    let nested = [
        ("taxNumber", "company", "tax_id"),
        ("companyRegistrationNumber", "company", "registration_number"),
        ("customerRisk", "risk", "name"),
        ("customerRiskColor", "risk", "color"),
        ("userId", "meta", USER),
    ];
    for (key, group, name) in nested {
        if let Some(text) = form.get(key) {
            add(&mut patch, Document::from_iter([(group.to_owned(), json!({ name: text }))]));
        }
    }
    let flag = |key: &str| -> Result<Option<bool>, Failure> {
        let otherwise =
            DEFAULTS.iter().find(|(name, _)| *name == key && with_defaults).map(|(_, value)| *value == "true");
        Ok(form.flag(key)?.or(otherwise))
    };
    let terms = seen.map(|seen| seen.terms.clone()).unwrap_or_default();
    if let Some(is_active) = flag("isActive")?.filter(|told| *told != terms.is_active.unwrap_or(true)) {
        patch.insert("is_active".to_owned(), json!(is_active));
    }
    if let Some(bills) = flag("billWithParent")?.filter(|told| *told != terms.bill_with_parent.unwrap_or(false)) {
        patch.insert("bill_with_parent".to_owned(), json!(bills));
    }
    let same = seen.map(super::customer::is_same_address);
    if let Some(told) = flag("isSameAddress")?.filter(|told| Some(*told) != same) {
        add(&mut patch, Document::from_iter([("meta".to_owned(), json!({ SAME_ADDRESS: told.to_string() }))]));
    }
    match (flag("onHold")?, form.get("onHoldReason")) {
        (Some(false), _) => drop(patch.insert("hold".to_owned(), Value::Null)),
        (Some(true), reason) => drop(patch.insert("hold".to_owned(), hold(reason))),
        (None, Some(reason)) if terms.hold.is_some() => drop(patch.insert("hold".to_owned(), hold(Some(reason)))),
        (None, _) => {}
    }
    if let Some(addresses) = addresses(form, seen)? {
        patch.insert("addresses".to_owned(), json!(addresses));
    }
    let currency = currency(desk, form)?;
    let now = terms.currency.unwrap_or(place.currency);
    patch.extend(currency.filter(|told| *told != Some(now)).map(|currency| ("currency".to_owned(), json!(currency))));
    if let Some(text) = form.get("creditLimit") {
        let currency = currency.map_or(now, |told| told.unwrap_or(place.currency));
        let limit = text.map(|text| credit_limit(text, currency)).transpose()?;
        patch.insert("on_account".to_owned(), json!({ "limit": limit }));
    }
    add(&mut patch, due_date(form, &terms)?);
    add(&mut patch, groups(desk, form, by_reference, with_defaults)?);
    add(&mut patch, family(desk, form, seen, by_reference, flag("isSubCustomer")?)?);
    add(&mut patch, form.picture.clone());
    Ok(patch)
}

fn hold(reason: Option<Option<&str>>) -> Value {
    match reason {
        Some(reason) => json!({ "reason": reason }),
        None => json!({}),
    }
}

/// The addresses with what is told of billing and shipping; nothing where nothing is.
fn addresses(form: &Form, seen: Option<&Seen>) -> Result<Option<Vec<Address>>, Failure> {
    let before = seen.map(|seen| seen.member.addresses.clone()).unwrap_or_default();
    let mut after = before.clone();
    for (keys, role, place) in [(BILLING, "billing", billing(&before)), (SHIPPING, "delivery", shipping(&before))] {
        if !keys.iter().any(|key| form.get(key).is_some()) {
            continue;
        }
        let known = place.and_then(|place| before.get(place)).cloned();
        let told = address(form, keys, known.clone().unwrap_or_default())?;
        if known.as_ref() == Some(&told) || (known.is_none() && told == Address::default()) {
            continue;
        }
        let told = Address { role: told.role.or_else(|| Some(role.to_owned())), ..told };
        match place {
            Some(place) => after[place] = told,
            None => after.push(told),
        }
    }
    Ok((after != before).then_some(after))
}

fn address(form: &Form, keys: [&str; 6], mut address: Address) -> Result<Address, Failure> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let [country, city, postal_code, street, latitude, longitude] = keys;
    if let Some(text) = form.get(country) {
        address.country = owned(text);
    }
    if let Some(text) = form.get(city) {
        address.city = owned(text);
    }
    if let Some(text) = form.get(postal_code) {
        address.postal_code = owned(text);
    }
    if let Some(text) = form.get(street).filter(|text| owned(*text) != super::customer::street(&address)) {
        (address.place_name, address.text) = (None, owned(text));
    }
    let (told_latitude, told_longitude) = (form.number(latitude)?, form.number(longitude)?);
    if told_latitude.is_some() || told_longitude.is_some() {
        let latitude = told_latitude.unwrap_or(address.position.map(|at| at.latitude));
        let longitude = told_longitude.unwrap_or(address.position.map(|at| at.longitude));
        address.position = match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => Some(Position { latitude, longitude }),
            (None, None) => None,
            // Half a place is none.
            (Some(_), None) | (None, Some(_)) => return Err(Failure::not_saved()),
        };
    }
    Ok(address)
}

/// The currency that is told: one that there is, and that some shop has or that was made here.
fn currency(desk: &mut Desk<'_>, form: &Form) -> Result<Option<Option<Currency>>, Failure> {
    let Some(text) = form.get("currency") else { return Ok(None) };
    let Some(text) = text else { return Ok(Some(None)) };
    let doesnt_exist = || Failure::not_found(format!("The currency with name {text} doesn't exist."));
    let currency: Currency = text.parse().map_err(|_| doesnt_exist())?;
    let shops = desk.rows.list_locations(0)?;
    let is_configured = shops.iter().any(|shop| shop.currency == currency)
        || things::CURRENCY.find(desk, &ThingKey::Reference(currency.code()))?.is_some();
    if is_configured {
        Ok(Some(Some(currency)))
    } else {
        Err(Failure::not_found(format!("The currency with name {text} is not configured.")))
    }
}

fn credit_limit(text: &str, currency: Currency) -> Result<Money, Failure> {
    let digits = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    Money::parse(digits, currency).map_err(|_| Failure::of_type("creditLimit"))
}

fn due_date(form: &Form, terms: &regulars_domain::membership::Terms) -> Result<Document, Failure> {
    let (number, kind) = (form.get("dueDateConfigNumber"), form.get("dueDateConfigType"));
    let days = match number {
        Some(Some(text)) => Some(text.parse::<u32>().map_err(|_| Failure::of_type("dueDateConfigNumber"))?),
        Some(None) | None => None,
    };
    let after = match kind {
        Some(Some("1")) => Some("invoice"),
        Some(Some("2")) => Some("end_of_month"),
        Some(Some(_)) => return Err(Failure::of_type("dueDateConfigType")),
        Some(None) | None => None,
    };
    let payment_terms = match (days, after) {
        (Some(days), Some(after)) => json!({ "days": days, "after": after }),
        (Some(days), None) => {
            json!({ "days": days, "after": terms.payment_terms.map(|terms| terms.after).unwrap_or_default() })
        }
        (None, Some(_)) => return Err(Failure::missing("dueDateConfigNumber")),
        (None, None) if number == Some(None) || kind == Some(None) => Value::Null,
        (None, None) => return Ok(Document::new()),
    };
    Ok(Document::from_iter([("payment_terms".to_owned(), payment_terms)]))
}

/// Category, segment, payment types and region: what is named must be there.
fn groups(desk: &mut Desk<'_>, form: &Form, by_reference: bool, with_defaults: bool) -> Result<Document, Failure> {
    let mut patch = Document::new();
    for (key, name, kind) in
        [("categoryId", "category", things::CATEGORY), ("customerSegmentationId", "segment", things::SEGMENTATION)]
    {
        let thing = match form.get(key) {
            Some(Some(named)) => Some(kind.named(desk, key, named, by_reference)?),
            Some(None) => None,
            None if key == "categoryId" && with_defaults => {
                let is_root = |thing: &things::Thing| thing.told.get("isRoot").and_then(Value::as_bool) == Some(true);
                match kind.all(desk)?.into_iter().find(is_root) {
                    Some(root) => Some(root),
                    None => continue,
                }
            }
            None => continue,
        };
        let group = thing.map_or(Value::Null, |thing| json!({ "name": thing.name(), "reference": thing.reference }));
        patch.insert(name.to_owned(), group);
    }
    if let Some(text) = form.get("paymentTypes") {
        patch.insert("payment_types".to_owned(), json!(payment_types(desk, text.unwrap_or("[]"), by_reference)?));
    }
    if let Some(text) = form.get("regionId") {
        let is_activated = !things::REGION.all(desk)?.is_empty();
        if let Some(named) = text.filter(|_| is_activated) {
            things::REGION.named(desk, "regionId", named, false)?;
        }
        if is_activated {
            patch.insert("meta".to_owned(), json!({ REGION: text }));
        }
    }
    Ok(patch)
}

/// The references of payment types, told as JSON, or as the page writes it: `[{"id"=7},{"id"=8}]`.
fn payment_types(desk: &mut Desk<'_>, text: &str, by_reference: bool) -> Result<Vec<String>, Failure> {
    let wrong = || Failure::of_type("payment type id");
    let told: Value = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&text.replace("\"=", "\":").replace("\" =", "\":")))
        .map_err(|_| wrong())?;
    let mut references = Vec::new();
    for one in told.as_array().ok_or_else(wrong)? {
        let id = one.get("id").or_else(|| one.get("reference")).unwrap_or(one);
        let thing = match id {
            Value::Number(number) => things::PAYMENT_TYPE.named(desk, "payment type id", &number.to_string(), false)?,
            Value::String(named) => things::PAYMENT_TYPE.named(desk, "payment type id", named, by_reference)?,
            _ => return Err(wrong()),
        };
        references.push(thing.reference);
    }
    let mut seen = BTreeSet::new();
    references.retain(|reference| seen.insert(reference.clone()));
    Ok(references)
}

/// Whom the customer belongs to.
fn family(
    desk: &mut Desk<'_>,
    form: &Form,
    seen: Option<&Seen>,
    by_reference: bool,
    is_sub_customer: Option<bool>,
) -> Result<Document, Failure> {
    let told = form.get("parentCustomer");
    let has_one = seen.is_some_and(|seen| seen.terms.parent.is_some());
    let parent = match (is_sub_customer, told) {
        (Some(true) | None, Some(Some(named))) => Some(named),
        // Defaults of a new customer: who names a parent means it.
        (Some(false), Some(Some(named))) if form.get("isSubCustomer").is_none() => Some(named),
        (Some(true), _) if has_one => return Ok(Document::new()),
        (Some(true), _) => return Err(Failure::missing("parentCustomer")),
        (Some(false), _) if form.get("isSubCustomer").is_none() && seen.is_none() => return Ok(Document::new()),
        (Some(false), _) | (None, Some(None)) => None,
        (None, None) => return Ok(Document::new()),
    };
    let parent = match parent {
        None => Value::Null,
        Some(named) => json!(reference(&check_parent(desk, named, seen, by_reference)?)),
    };
    Ok(Document::from_iter([("parent".to_owned(), parent)]))
}

fn check_parent(desk: &mut Desk<'_>, named: &str, seen: Option<&Seen>, by_reference: bool) -> Result<Seen, Failure> {
    let no_such = || Failure::no_such("parent customer", named);
    let parent = match by_reference {
        true => find_named(desk, named)?.ok_or_else(no_such)?,
        false => match find(desk, named) {
            Ok(parent) => parent,
            Err(failure) if failure.error == "not_found" => return Err(no_such()),
            Err(_) => return Err(Failure::of_type("parentCustomer")),
        },
    };
    let Some(seen) = seen else { return Ok(parent) };
    let mut above = Some(parent.clone());
    for _ in 0..GENERATIONS {
        let Some(one) = above else { break };
        if one.id == seen.id {
            return Err(Failure::not_found("The customer cannot be a subcustomer of itself."));
        }
        above = match &one.terms.parent {
            Some(named) => find_parent(desk, named)?,
            None => None,
        };
    }
    Ok(parent)
}
