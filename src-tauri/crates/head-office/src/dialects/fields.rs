//! How the parts of a member are said in other words, where more than one dialect says them so.

use regulars_domain::edit::Document;
use regulars_domain::fold;
use regulars_domain::member::{Address, Member};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// In meta: what stands in for the name of somebody who was taken in without one.
const UNNAMED: &str = "dialects:unnamed";
/// Longest text of one value in meta, in characters (`domain::text::MAX_NOTE`).
pub(super) const MAX_META: usize = 2_000;

/// The fields of an object that differ from what was shown; with nothing shown, those that say something.
pub(super) fn changed(sent: &Document, shown: &Document) -> Document {
    let differs = |(key, value): &(&String, &Value)| !is_same(shown.get(*key).unwrap_or(&Value::Null), value);
    sent.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether two values say the same: 0 and 0.0, nothing and `null`.
fn is_same(first: &Value, second: &Value) -> bool {
    match (first, second) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let value = |object: &Document, key: &String| object.get(key).cloned().unwrap_or_default();
            a.keys().chain(b.keys()).all(|key| is_same(&value(a, key), &value(b, key)))
        }
        (a, b) => a == b,
    }
}

/// Adds a `null` for each shown field that was not sent: the whole object was meant.
pub(super) fn with_absent_cleared(mut sent: Document, shown: &Document) -> Document {
    for key in shown.keys() {
        sent.entry(key.clone()).or_insert(Value::Null);
    }
    sent
}

/// A field that is text; `null` and nothing are the same. `Err` where it is something else.
pub(super) fn text(value: &Value) -> Result<Option<&str>, ()> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(()),
    }
}

/// The order of two values of one key: nothing first, then by what they are.
pub(super) fn compare(first: Option<&Value>, second: Option<&Value>) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    let (first, second) = (first.unwrap_or(&Value::Null), second.unwrap_or(&Value::Null));
    match (first, second) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default())
        }
        (Value::String(a), Value::String(b)) => fold::fold(a).cmp(&fold::fold(b)),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// A value as text or `null`.
pub(super) fn or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| json!(text))
}

/// Text or `""`, as some systems write nothing.
pub(super) fn or_empty(text: Option<&str>) -> Value {
    json!(text.unwrap_or_default())
}

/// The name, where the member has one of their own.
pub(super) fn full_name(member: &Member) -> Option<&str> {
    let stands_in = member.meta.get(UNNAMED) == Some(&member.name.full);
    (!stands_in && !member.name.full.is_empty()).then_some(member.name.full.as_str())
}

/// First and last name as somebody told them apart; a name that nobody did is all in the first.
pub(super) fn both_names(member: &Member) -> (Option<&str>, Option<&str>) {
    let (given, family) = (member.name.given.as_deref(), member.name.family.as_deref());
    let parts = fold::words(&format!("{} {}", given.unwrap_or_default(), family.unwrap_or_default()));
    let whole = fold::words(&member.name.full);
    if (given.is_some() || family.is_some()) && parts.iter().all(|word| whole.contains(word)) {
        return (given, family);
    }
    (full_name(member), None)
}

/// A patch of the name: the whole of it, and its parts where both are told. Where there is none, something else stands in.
pub(super) fn name_patch(first: Option<&str>, last: Option<&str>, full: Option<&str>, stand_in: &str) -> Document {
    let parts: Vec<&str> = [first, last].into_iter().flatten().collect();
    let joined = parts.join(" ");
    let full = full.unwrap_or(&joined);
    let (given, family) = if last.is_some() { (first, last) } else { (None, None) };
    let unnamed = if full.is_empty() { json!(stand_in) } else { Value::Null };
    let name = json!({
        "full": if full.is_empty() { stand_in } else { full },
        "given": given,
        "family": family,
    });
    Map::from_iter([("name".to_owned(), name), ("meta".to_owned(), json!({ UNNAMED: unnamed }))])
}

/// Puts a patch over another; what is in both is merged one level deep, as meta is.
pub(super) fn add(patch: &mut Document, more: Document) {
    for (key, value) in more {
        match (patch.get_mut(&key), value) {
            (Some(Value::Object(group)), Value::Object(more)) => group.extend(more),
            (_, value) => {
                patch.insert(key, value);
            }
        }
    }
}

/// Meta as other systems may see it: without what dialects keep there for themselves.
pub(super) fn foreign_meta(member: &Member) -> Document {
    let foreign = member.meta.iter().filter(|(key, _)| !is_own(key));
    foreign.map(|(key, value)| (key.clone(), json!(value))).collect()
}

/// Whether a key of meta is a dialect's own.
pub(super) fn is_own(key: &str) -> bool {
    let system = key.split_once(':').map_or("", |(system, _)| system);
    system == "dialects" || super::NAMES.contains(&system)
}

/// An address as one line.
pub(super) fn one_line(address: &Address) -> String {
    let city = [address.postal_code.as_deref(), address.city.as_deref()].into_iter().flatten();
    let city = city.collect::<Vec<_>>().join(" ");
    let parts = [address.place_name.as_deref(), address.text.as_deref(), Some(&*city), address.country.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// The address of a role; else the first that has none of the roles of others.
pub(super) fn of_role(addresses: &[Address], role: &str, of_others: &[&str]) -> Option<usize> {
    let has = |address: &Address, role: &str| address.role.as_deref() == Some(role);
    let of_nobody = |address: &&Address| !of_others.iter().any(|other| has(address, other));
    let place = addresses.iter().position(|address| has(address, role));
    place.or_else(|| addresses.iter().position(|address| of_nobody(&address)))
}

/// The addresses as a patch, with one of them put in the place of another, added, or taken away.
pub(super) fn addresses_patch(addresses: &[Address], place: Option<usize>, new: Option<Address>) -> Value {
    let mut all = addresses.to_vec();
    match (place.filter(|place| *place < all.len()), new) {
        (Some(place), Some(new)) => all[place] = new,
        (Some(place), None) => drop(all.remove(place)),
        (None, Some(new)) => all.push(new),
        (None, None) => {}
    }
    json!(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regulars_domain::member::Name;

    fn named(full: &str, given: Option<&str>, family: Option<&str>) -> Member {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Member { name: Name { full: full.to_owned(), given: owned(given), family: owned(family) }, ..Member::default() }
    }

    #[test]
    fn a_name_is_told_apart_only_where_somebody_did() {
        let table = [
            (named("John Doe", Some("John"), Some("Doe")), (Some("John"), Some("Doe"))),
            (named("Doe John", Some("John"), Some("Doe")), (Some("John"), Some("Doe"))),
            (named("Ing. John Doe", Some("John"), Some("Doe")), (Some("John"), Some("Doe"))),
            (named("Lý Tú Quang Thắng", None, None), (Some("Lý Tú Quang Thắng"), None)),
            // The full name was changed since: it counts.
            (named("John Smith", Some("John"), Some("Doe")), (Some("John Smith"), None)),
        ];
        for (member, expected) in &table {
            assert_eq!(both_names(member), *expected);
        }
    }

    #[test]
    fn an_address_is_one_line_of_what_is_known() {
        let address = Address {
            text: Some("82 Dich Vong Hau".to_owned()),
            city: Some("Ha Noi".to_owned()),
            postal_code: Some("100000".to_owned()),
            ..Address::default()
        };
        assert_eq!(one_line(&address), "82 Dich Vong Hau, 100000 Ha Noi");
    }
}
