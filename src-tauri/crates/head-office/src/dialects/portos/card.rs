//! Cards: by serial number, with all that Portos tells of them.

use super::customer::{flag, instant, string};
use super::{Failure, invalid, ndata};
use regulars_domain::edit::Document;
use regulars_domain::member::{LoyaltyCard, SerialNumber};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// In a card's meta: its serial number as it was written, where that is not how it is kept.
const WRITTEN: &str = "portos:serial";

/// The statuses: as Portos has them, as a card has them.
const STATUSES: [(&str, &str); 11] = [
    ("NotIssued", "not_issued"),
    ("IssueFailed", "issue_failed"),
    ("IssueCanceled", "issue_canceled"),
    ("IssueSkipped", "issue_skipped"),
    ("ReissueRequested", "reissue_requested"),
    ("Valid", "valid"),
    ("NotYetValid", "not_yet_valid"),
    ("Expired", "expired"),
    ("Blocked", "blocked"),
    ("DisposeRequested", "dispose_requested"),
    ("Disposed", "disposed"),
];

/// The serial number as it was written.
pub(super) fn written<'a>(serial: &'a str, card: &'a LoyaltyCard) -> &'a str {
    let told = card.meta.get(WRITTEN).map(String::as_str);
    let is_it = |told: &&str| SerialNumber::parse(told).is_ok_and(|told| told.to_string() == serial);
    told.filter(is_it).unwrap_or(serial)
}

pub(super) fn shown(serial: &str, card: &LoyaltyCard) -> Value {
    let status = serde_json::to_value(card.status).unwrap_or_default();
    let status = STATUSES.iter().find(|(_, name)| status == *name).map(|(status, _)| *status);
    let meta: Document =
        card.meta.iter().filter(|(key, _)| *key != WRITTEN).map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({
        "externalId": card.external_id,
        "isActive": card.is_active,
        "isVirtual": card.is_virtual,
        "serialNumber": written(serial, card),
        "processor": card.processor,
        "status": status,
        "statusTime": card.status_at.map(instant),
        "statusReason": card.status_reason,
        "activationTime": card.valid_from.map(instant),
        "expirationTime": card.valid_until.map(instant),
        "note": card.note,
        "meta": if meta.is_empty() { Value::Null } else { Value::Object(meta) },
    })
}

/// The cards as they are told, as a patch: one that is not among them is taken away.
pub(super) fn patch(told: &Value, known: &BTreeMap<String, LoyaltyCard>) -> Result<Value, Failure> {
    let told = match told {
        Value::Null => &[][..],
        Value::Array(told) => told,
        _ => return Err(invalid("Cards", "Cards are an array.")),
    };
    let mut patch = Document::new();
    for one in told {
        let Value::Object(one) = one else { return Err(invalid("Cards", "A card is an object.")) };
        let told_serial =
            string(one, "serialNumber")?.ok_or_else(|| invalid("Cards.SerialNumber", "A card has a number."))?;
        let serial =
            SerialNumber::parse(told_serial).map_err(|refusal| invalid("Cards.SerialNumber", &refusal.to_string()))?;
        let serial = serial.to_string();
        let card = card(one, told_serial, &serial, known.get(&serial))?;
        if patch.insert(serial, card).is_some() {
            return Err(invalid("Cards.SerialNumber", "Two cards have one number."));
        }
    }
    for serial in known.keys() {
        patch.entry(serial.clone()).or_insert(Value::Null);
    }
    Ok(Value::Object(patch))
}

fn card(told: &Document, told_serial: &str, serial: &str, known: Option<&LoyaltyCard>) -> Result<Value, Failure> {
    let mut card = Document::new();
    for (key, name) in
        [("externalId", "external_id"), ("processor", "processor"), ("statusReason", "status_reason"), ("note", "note")]
    {
        if told.contains_key(key) {
            card.insert(name.to_owned(), json!(string(told, key)?));
        }
    }
    for (key, name) in [("isActive", "is_active"), ("isVirtual", "is_virtual")] {
        card.extend(flag(told, key)?.map(|flag| (name.to_owned(), json!(flag))));
    }
    for (key, name) in
        [("statusTime", "status_at"), ("activationTime", "valid_from"), ("expirationTime", "valid_until")]
    {
        if told.contains_key(key) {
            let at = match string(told, key)? {
                None => None,
                Some(text) => Some(ndata::instant(text).ok_or_else(|| invalid(key, "This is no instant."))?),
            };
            card.insert(name.to_owned(), json!(at));
        }
    }
    if let Some(status) = string(told, "status")? {
        let known = STATUSES.iter().find(|(known, _)| known.eq_ignore_ascii_case(status));
        let (_, name) = known.ok_or_else(|| invalid("Cards.Status", "There is no such status."))?;
        card.insert("status".to_owned(), json!(name));
    }
    let mut meta = Document::new();
    if let Some(told) = told.get("meta") {
        let told = match told {
            Value::Null => &Document::new(),
            Value::Object(told) => told,
            _ => return Err(invalid("Cards.Meta", "Meta is an object of strings.")),
        };
        meta.extend(known.into_iter().flat_map(|card| card.meta.keys()).map(|key| (key.clone(), Value::Null)));
        for (key, value) in told {
            if !value.is_string() && !value.is_null() {
                return Err(invalid("Cards.Meta", "Meta is an object of strings."));
            }
            meta.insert(key.clone(), value.clone());
        }
    }
    let is_as_kept = told_serial == serial;
    if !is_as_kept || known.is_some_and(|card| card.meta.contains_key(WRITTEN)) {
        meta.insert(WRITTEN.to_owned(), if is_as_kept { Value::Null } else { json!(told_serial) });
    }
    if !meta.is_empty() {
        card.insert("meta".to_owned(), Value::Object(meta));
    }
    Ok(Value::Object(card))
}
