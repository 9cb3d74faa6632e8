//! A remote that has two addresses of a member, one of them for deliveries, beside our list of any number.

use regulars_domain::member::Address;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The role of the one for deliveries.
const DELIVERY: &str = "delivery";

/// An address, and where it stands in our list.
pub(in super::super) type Placed = (usize, Address);

/// One of the two as a remote tells of it.
pub(in super::super) struct ToldAddress {
    /// What it is called here where ours has no name for it.
    pub role: &'static str,
    /// Its fields in our words; `None` where the remote has none.
    pub fields: Option<Map<String, Value>>,
    /// Whether ours says the same in other words.
    pub is_ours: bool,
}

/// The first address that is none for deliveries, and the first that is.
pub(in super::super) fn two_addresses(addresses: Option<&Value>) -> [Option<Placed>; 2] {
    let all = addresses.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all: Vec<Option<Address>> = all.iter().map(|address| Address::deserialize(address).ok()).collect();
    [false, true].map(|is_delivery| {
        let place = all.iter().position(|address| {
            address.as_ref().is_some_and(|address| (address.role.as_deref() == Some(DELIVERY)) == is_delivery)
        })?;
        all[place].clone().map(|address| (place, address))
    })
}

/// Our list with what is told in the places of the two. `homes` are the fields of an address that the remote can hold: its
/// others stay as they are here, and so does what else is in the list.
pub(in super::super) fn with_addresses(known: Option<&Value>, told: [ToldAddress; 2], homes: &[&str]) -> Value {
    let mut all = known.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut gone = Vec::new();
    for (told, ours) in told.into_iter().zip(two_addresses(known)) {
        match (told.fields, ours) {
            (None, Some((place, _))) if has_another(&all, place) => {
                all[place] = laid_over(all[place].take(), Map::new(), told.role, homes);
            }
            (None, Some((place, _))) => gone.push(place),
            (None, None) => {}
            (Some(_), Some(_)) if told.is_ours => {}
            (Some(fields), Some((place, _))) => all[place] = laid_over(all[place].take(), fields, told.role, homes),
            (Some(fields), None) => all.push(laid_over(json!({}), fields, told.role, homes)),
        }
    }
    gone.sort_unstable();
    for place in gone.into_iter().rev() {
        all.remove(place);
    }
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}

/// Whether another of its kind stands behind an address. It would be told as the one that is gone: so the place of that one
/// stays, with nothing in it.
fn has_another(all: &[Value], place: usize) -> bool {
    let is_delivery = |address: &Value| address.get("role").and_then(Value::as_str) == Some(DELIVERY);
    all[place + 1..].iter().any(|other| is_delivery(other) == is_delivery(&all[place]))
}

fn laid_over(mut ours: Value, fields: Map<String, Value>, role: &str, homes: &[&str]) -> Value {
    if let Value::Object(address) = &mut ours {
        // The name of a place is told as the beginning of the street.
        address.retain(|field, _| field != "place_name" && !homes.contains(&field.as_str()));
        address.entry("role").or_insert_with(|| json!(role));
        address.extend(fields);
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOMES: [&str; 3] = ["text", "city", "position"];

    fn told(role: &'static str, fields: Option<Value>) -> ToldAddress {
        let fields = fields.map(|fields| fields.as_object().cloned().expect("an object"));
        ToldAddress { role, fields, is_ours: false }
    }

    #[test]
    fn what_a_remote_has_no_home_for_stays_with_an_address_that_is_told_anew() {
        let known = json!([
            { "role": "work", "category": "Office", "place_name": "Tower B", "text": "1 Old Street", "city": "Huế", "note": "ring twice" },
            { "role": "delivery", "text": "2 Back Lane" },
            { "role": "summer", "text": "3 Beach" },
        ]);
        let news = [told("home", Some(json!({ "text": "9 New Street" }))), told("delivery", None)];
        let expected = json!([
            { "role": "work", "category": "Office", "text": "9 New Street", "note": "ring twice" },
            { "role": "summer", "text": "3 Beach" },
        ]);
        assert_eq!(with_addresses(Some(&known), news, &HOMES), expected);
    }

    #[test]
    fn an_address_that_is_gone_there_takes_none_of_the_others_with_it_however_often_that_is_told() {
        let known = json!([
            { "role": "home", "text": "1 Old Street" },
            { "role": "work", "text": "Tower B" },
            { "role": "delivery", "text": "2 Back Lane" },
        ]);
        let nothing = || [told("home", None), told("delivery", None)];
        let once = with_addresses(Some(&known), nothing(), &HOMES);
        assert_eq!(once, json!([{ "role": "home" }, { "role": "work", "text": "Tower B" }]));
        assert_eq!(with_addresses(Some(&once), nothing(), &HOMES), once);
    }

    #[test]
    fn the_first_address_gets_the_role_that_it_has_there_and_none_at_all_is_nothing() {
        let news = [told("home", None), told("delivery", Some(json!({ "city": "Huế" })))];
        assert_eq!(with_addresses(None, news, &HOMES), json!([{ "role": "delivery", "city": "Huế" }]));
        assert_eq!(with_addresses(None, [told("home", None), told("delivery", None)], &HOMES), Value::Null);
    }
}
