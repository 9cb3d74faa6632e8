//! A member as Lumyri's customer, and back.

use super::super::call::invalid;
use super::super::desk::{Seen, derived};
use super::super::fields::{add, both_names, full_name, name_patch, one_line, or_empty, text};
use super::labels::Labels;
use crate::error::HeadOfficeError;
use regulars_domain::edit::Document;
use regulars_domain::member::{Address, Picture, Position};
use serde_json::{Value, json};

/// In meta: what the client said of its company and app.
const COMPANY: &str = "lumyri:company_id";
const APP: &str = "lumyri:app_id";
/// In meta: ids of labels that are none here, with spaces between them.
const LABELS: &str = "lumyri:labels";
/// What must be there.
const REQUIRED: [&str; 3] = ["email", "first_name", "last_name"];
/// The kinds of places.
const CATEGORIES: [&str; 3] = ["home", "office", "other"];

/// The two forms in which a customer is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// In lists, and after a change.
    Row,
    /// By its id: without avatar, with the labels as objects, in the page's own spelling.
    Detail,
}

/// A member as the page shows one.
pub(super) fn shown(seen: &Seen, labels: &Labels, shape: Shape) -> Document {
    let member = &seen.member;
    let (first, last) = both_names(member);
    let meta = |key: &str| member.meta.get(key).cloned();
    let company = || derived("lumyri company", &seen.place.issuer).to_string();
    let app = || derived("lumyri app", &seen.place.code).to_string();
    let addresses: Vec<Value> = member.addresses.iter().map(shown_address).collect();
    let mut shown = Document::from_iter([
        ("id".to_owned(), json!(seen.id)),
        ("first_name".to_owned(), or_empty(first)),
        ("last_name".to_owned(), or_empty(last)),
        ("phone".to_owned(), or_empty(member.phone.as_ref().map(|phone| phone.typed.as_str()))),
        ("email".to_owned(), or_empty(member.email.as_deref())),
        ("address".to_owned(), json!(addresses)),
        ("company_id".to_owned(), json!(meta(COMPANY).unwrap_or_else(company))),
        ("app_id".to_owned(), json!(meta(APP).unwrap_or_else(app))),
    ]);
    let ids = ids_of(seen, labels);
    match shape {
        Shape::Row => {
            shown.insert("avatar".to_owned(), json!(member.picture.as_ref().map(avatar).unwrap_or_default()));
            shown.insert("labels".to_owned(), if ids.is_empty() { Value::Null } else { json!(ids) });
        }
        Shape::Detail => {
            let objects: Vec<Value> = ids.iter().map(|id| labels.object(id)).collect();
            shown.insert("lables".to_owned(), json!(objects));
        }
    }
    shown
}

/// The ids of a customer's labels: those that head office knows, and those that it only keeps.
fn ids_of(seen: &Seen, labels: &Labels) -> Vec<String> {
    let known = seen.terms.label_names().into_iter().map(|name| labels.id(name));
    let kept = seen.member.meta.get(LABELS).map(String::as_str).unwrap_or_default();
    known.chain(kept.split_whitespace().map(str::to_owned)).collect()
}

fn shown_address(address: &Address) -> Value {
    let geo = address.position.map(|at| json!([at.latitude, at.longitude])).unwrap_or_else(|| json!([]));
    json!({ "category": category(address), "location": { "name": one_line(address), "geo": geo } })
}

fn category(address: &Address) -> &str {
    address.category.as_deref().unwrap_or("Other")
}

fn avatar(picture: &Picture) -> String {
    match (&picture.url, &picture.media_type, &picture.data) {
        (Some(url), _, _) => url.clone(),
        (None, Some(media_type), Some(data)) => format!("data:{media_type};base64,{data}"),
        (None, _, _) => String::new(),
    }
}

/// What a new customer must say.
pub(super) fn check_required(sent: &Document) -> Result<(), HeadOfficeError> {
    for key in REQUIRED {
        if field(sent, key)?.is_none() {
            return Err(invalid(&format!("{key} is required")));
        }
    }
    Ok(())
}

/// What a body changes. For a customer who is there: as they are, and the body as it came, which may say of a name only
/// one part anew.
pub(super) fn patch(
    sent: &Document,
    there: Option<(&Seen, &Document)>,
    labels: &Labels,
) -> Result<Document, HeadOfficeError> {
    let seen = there.map(|(seen, _)| seen);
    let mut patch = Document::new();
    if let Some(seen) = seen {
        // A name that nobody told apart has no last name that could be lost.
        let has_last_name = both_names(&seen.member).1.is_some_and(|last| !last.is_empty());
        for key in REQUIRED.into_iter().filter(|key| *key != "last_name" || has_last_name) {
            if sent.contains_key(key) && field(sent, key)?.is_none() {
                return Err(invalid(&format!("{key} is required")));
            }
        }
    }
    for key in ["email", "phone"] {
        if sent.contains_key(key) {
            patch.insert(key.to_owned(), json!(field(sent, key)?));
        }
    }
    if sent.contains_key("first_name") || sent.contains_key("last_name") {
        let (first, last) = seen.map_or((None, None), |seen| both_names(&seen.member));
        let said = |key: &str, known| if sent.contains_key(key) { field(sent, key) } else { Ok(known) };
        let stand_in = seen.and_then(|seen| full_name(&seen.member)).unwrap_or_default();
        add(&mut patch, name_patch(said("first_name", first)?, said("last_name", last)?, None, stand_in));
    }
    if let Some(addresses) = sent.get("address") {
        let known = seen.map(|seen| seen.member.addresses.as_slice()).unwrap_or_default();
        patch.insert("addresses".to_owned(), json!(read_addresses(addresses, known)?));
    }
    if sent.contains_key("avatar") {
        patch.insert("picture".to_owned(), picture(field(sent, "avatar")?));
    }
    for (key, meta) in [("company_id", COMPANY), ("app_id", APP)] {
        if let Some(id) = field(sent, key)? {
            add(&mut patch, Document::from_iter([("meta".to_owned(), json!({ meta: id }))]));
        }
    }
    let before = seen.map(|seen| ids_of(seen, labels)).unwrap_or_default();
    if let Some(ids) = label_ids(there.map_or(sent, |(_, whole)| whole), &before)? {
        let (names, unknown) = labels.sort(&ids);
        patch.insert("labels".to_owned(), json!(names));
        let unknown = if unknown.is_empty() { Value::Null } else { json!(unknown.join(" ")) };
        add(&mut patch, Document::from_iter([("meta".to_owned(), json!({ LABELS: unknown }))]));
    }
    Ok(patch)
}

fn picture(avatar: Option<&str>) -> Value {
    let data = avatar.and_then(|avatar| avatar.strip_prefix("data:")?.split_once(";base64,"));
    match (avatar, data) {
        (None, _) => Value::Null,
        (Some(_), Some((media_type, data))) => json!({ "url": null, "media_type": media_type, "data": data }),
        (Some(url), None) => json!({ "url": url, "media_type": null, "data": null }),
    }
}

/// The labels that are told, in whichever of the spellings says something new; nothing where none does.
fn label_ids(sent: &Document, before: &[String]) -> Result<Option<Vec<String>>, HeadOfficeError> {
    for key in ["label_ids", "labels", "lables"] {
        let ids = match sent.get(key) {
            None => continue,
            Some(Value::Null) => Vec::new(),
            Some(Value::Array(labels)) => {
                let id = |label: &Value| label.get("id").unwrap_or(label).as_str().map(str::to_owned);
                let ids: Option<Vec<String>> = labels.iter().map(id).collect();
                ids.ok_or_else(|| invalid(&format!("{key} must be ids of labels")))?
            }
            Some(_) => return Err(invalid(&format!("{key} must be an array"))),
        };
        let (mut now, mut then) = (ids.clone(), before.to_vec());
        now.sort();
        then.sort();
        if now != then {
            return Ok(Some(ids));
        }
    }
    Ok(None)
}

/// Addresses as they are told. One that is as it was shown stays as it is, with all that has no word here; any other is
/// the one that was in its place, unless that one is among them elsewhere.
fn read_addresses(told: &Value, known: &[Address]) -> Result<Vec<Address>, HeadOfficeError> {
    let told = match told {
        Value::Null => &[][..],
        Value::Array(told) => told,
        _ => return Err(invalid("address must be an array")),
    };
    let mut left: Vec<Option<&Address>> = known.iter().map(Some).collect();
    let mut take_shown = |one: &Value| {
        let place = left.iter().position(|address| address.is_some_and(|address| shown_address(address) == *one))?;
        left[place].take().cloned()
    };
    let unchanged: Vec<Option<Address>> = told.iter().map(&mut take_shown).collect();
    let with_old = told.iter().zip(unchanged).enumerate();
    with_old
        .map(|(place, (one, unchanged))| match unchanged {
            Some(address) => Ok(address),
            None => read_address(one, left.get(place).copied().flatten()),
        })
        .collect()
}

fn read_address(one: &Value, old: Option<&Address>) -> Result<Address, HeadOfficeError> {
    let wrong = || invalid("an address is {category, location: {name, geo: [latitude, longitude]}}");
    let Value::Object(one) = one else { return Err(wrong()) };
    let mut new = old.cloned().unwrap_or_default();
    let said = text(one.get("category").unwrap_or(&Value::Null)).map_err(|()| wrong())?;
    match said {
        None => new.category = None,
        Some(said) if old.is_some_and(|old| category(old) == said) => {}
        Some(said) if CATEGORIES.contains(&said.to_lowercase().as_str()) => new.category = Some(said.to_owned()),
        Some(_) => return Err(invalid("the category of an address is Home, Office or Other")),
    }
    let location = match one.get("location") {
        None | Some(Value::Null) => &Document::new(),
        Some(Value::Object(location)) => location,
        Some(_) => return Err(wrong()),
    };
    let name = text(location.get("name").unwrap_or(&Value::Null)).map_err(|()| wrong())?;
    if old.map(one_line).as_deref() != Some(name.unwrap_or_default()) {
        let Address { role, category, position, note, .. } = new;
        new = Address { role, category, position, note, text: name.map(str::to_owned), ..Address::default() };
    }
    new.position = match location.get("geo") {
        None | Some(Value::Null) => None,
        Some(Value::Array(geo)) if geo.is_empty() => None,
        Some(Value::Array(geo)) => match geo.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>().as_deref() {
            Some([latitude, longitude]) => Some(Position { latitude: *latitude, longitude: *longitude }),
            Some(_) | None => return Err(wrong()),
        },
        Some(_) => return Err(wrong()),
    };
    Ok(new)
}

fn field<'a>(sent: &'a Document, key: &str) -> Result<Option<&'a str>, HeadOfficeError> {
    text(sent.get(key).unwrap_or(&Value::Null)).map_err(|()| invalid(&format!("{key} must be a string")))
}
