//! A member as Valomnia's customer.

use super::super::desk::{Desk, Seen};
use super::super::fields::{of_role, or_null};
use super::listing::second;
use super::{Failure, find_named, logo, things};
use crate::error::HeadOfficeError;
use crate::storage::{MemberKey, ThingKey};
use regulars_domain::edit::Document;
use regulars_domain::member::Address;
use regulars_domain::membership::{DueAfter, Group};
use regulars_domain::{MemberId, Money};
use serde_json::{Value, json};

/// In meta: what the customer was told that a member has no field for.
pub(super) const USER: &str = "valomnia:user";
pub(super) const REGION: &str = "valomnia:region";
pub(super) const SAME_ADDRESS: &str = "valomnia:same_address";

/// The parts of an address, as the parameters of billing and of shipping have them.
pub(super) const BILLING: [&str; 6] =
    ["billingCountry", "billingCity", "billingPostalCode", "billingAddress", "billingLat", "billingLng"];
pub(super) const SHIPPING: [&str; 6] = ["country", "city", "postalCode", "address", "latitude", "longitude"];

/// Where the two addresses are among a member's.
pub(super) fn billing(addresses: &[Address]) -> Option<usize> {
    of_role(addresses, "billing", &["delivery"])
}

pub(super) fn shipping(addresses: &[Address]) -> Option<usize> {
    addresses.iter().position(|address| address.role.as_deref() == Some("delivery"))
}

/// The reference, which is the member's own id where they have none.
pub(super) fn reference(seen: &Seen) -> String {
    seen.member.reference.clone().unwrap_or_else(|| seen.id.to_string())
}

pub(super) fn is_same_address(seen: &Seen) -> bool {
    match seen.member.meta.get(SAME_ADDRESS) {
        Some(told) => told == "true",
        None => shipping(&seen.member.addresses).is_none(),
    }
}

/// Street and number as one line; what else there is has keys of its own.
pub(super) fn street(address: &Address) -> Option<String> {
    let parts: Vec<&str> = [address.place_name.as_deref(), address.text.as_deref()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A member as the page shows one.
pub(super) fn shown(desk: &mut Desk<'_>, seen: &Seen, version: &str) -> Result<Document, Failure> {
    let (member, terms) = (&seen.member, &seen.terms);
    let typed =
        |phone: &Option<regulars_domain::phone::Phone>| or_null(phone.as_ref().map(|phone| phone.typed.as_str()));
    let text = |text: &Option<String>| or_null(text.as_deref());
    let number = MemberKey::number(seen.id);
    let (user, user_reference) = match member.meta.get(USER) {
        Some(told) => (told.parse().map_or(Value::Null, |id: i64| json!(id)), Some(told.as_str())),
        None => (json!(0), None),
    };
    let mut shown = Document::from_iter([
        ("id".to_owned(), json!(number)),
        ("reference".to_owned(), json!(reference(seen))),
        ("reference2".to_owned(), text(&member.second_reference)),
        ("name".to_owned(), json!(member.name.full)),
        ("isSubCustomer".to_owned(), json!(terms.parent.is_some())),
        ("parentCustomer".to_owned(), parent(desk, seen, version)?),
        ("billWithParent".to_owned(), json!(terms.bill_with_parent.unwrap_or(false))),
        ("email".to_owned(), text(&member.email)),
        ("logo".to_owned(), or_null(logo::link(seen).as_deref())),
        ("phone".to_owned(), typed(&member.phone)),
        ("mobile".to_owned(), typed(&member.mobile)),
        ("fax".to_owned(), typed(&member.fax)),
        ("comment".to_owned(), text(&member.note)),
        ("barcode".to_owned(), text(&member.barcode)),
        ("isSameAddress".to_owned(), json!(is_same_address(seen))),
        ("creditLimit".to_owned(), money(terms.on_account.and_then(|on_account| on_account.limit))),
        ("balance".to_owned(), money(terms.on_account.and_then(|on_account| on_account.balance))),
        ("isActive".to_owned(), json!(terms.is_active.unwrap_or(true))),
        ("onHold".to_owned(), json!(terms.hold.is_some())),
        ("onHoldReason".to_owned(), or_null(terms.hold.as_ref().and_then(|hold| hold.reason.as_deref()))),
        (
            "createdBy".to_owned(),
            json!({
                "userId": user,
                "reference": user_reference,
                "href": user_reference.map(|user| format!("/api/{version}/users/{user}")),
            }),
        ),
        ("dueDateConfigNumber".to_owned(), json!(terms.payment_terms.map(|terms| terms.days))),
        ("dueDateConfigType".to_owned(), json!(terms.payment_terms.map(|terms| due_after(terms.after)))),
        ("paymentTypes".to_owned(), payment_types(desk, seen, version)?),
        ("website".to_owned(), text(&member.website)),
        ("taxNumber".to_owned(), or_null(member.company.as_ref().and_then(|company| company.tax_id.as_deref()))),
        (
            "companyRegistrationNumber".to_owned(),
            or_null(member.company.as_ref().and_then(|company| company.registration_number.as_deref())),
        ),
        ("contacts".to_owned(), json!([])),
        ("currency".to_owned(), json!(terms.currency.unwrap_or(seen.place.currency))),
        ("customerRisk".to_owned(), or_null(terms.risk.as_ref().and_then(|risk| risk.name.as_deref()))),
        ("customerRiskColor".to_owned(), or_null(terms.risk.as_ref().and_then(|risk| risk.color.as_deref()))),
        ("organization".to_owned(), json!(seen.place.issuer)),
        ("dateCreated".to_owned(), json!(second(seen.created_at))),
        ("lastUpdated".to_owned(), json!(second(seen.updated_at))),
    ]);
    for unknown in [
        "pocTenus",
        "isCredit",
        "maxChequePeriod",
        "maxChequeValue",
        "appliedCashBackOutput",
        "returnDiscount",
        "invoicesPerRoute",
        "paymentTerm",
    ] {
        shown.insert(unknown.to_owned(), Value::Null);
    }
    let groups = [
        ("categoryReference", "customerCategory", things::CATEGORY, &terms.category),
        ("customerSegmentationReference", "customerSegmentation", things::SEGMENTATION, &terms.segment),
    ];
    for (key, object, kind, group) in groups {
        shown.insert(key.to_owned(), or_null(group.as_ref().and_then(group_reference)));
        shown.insert(object.to_owned(), linked_group(desk, kind, group.as_ref(), version)?);
    }
    let addresses = &member.addresses;
    insert_address(&mut shown, BILLING, billing(addresses).and_then(|place| addresses.get(place)));
    insert_address(&mut shown, SHIPPING, shipping(addresses).and_then(|place| addresses.get(place)));
    // Only where locations are activated is there a region.
    if !things::REGION.all(desk)?.is_empty() {
        shown.insert("region".to_owned(), region(desk, seen, version)?);
    }
    Ok(shown)
}

fn insert_address(shown: &mut Document, keys: [&str; 6], address: Option<&Address>) {
    let part = |part: fn(&Address) -> Option<String>| address.and_then(part);
    let texts =
        [part(|at| at.country.clone()), part(|at| at.city.clone()), part(|at| at.postal_code.clone()), part(street)];
    for (key, text) in keys.into_iter().zip(texts) {
        shown.insert(key.to_owned(), or_null(text.as_deref()));
    }
    let position = address.and_then(|address| address.position);
    shown.insert(keys[4].to_owned(), json!(position.map(|at| at.latitude)));
    shown.insert(keys[5].to_owned(), json!(position.map(|at| at.longitude)));
}

/// An amount as a number, whole where it is.
fn money(amount: Option<Money>) -> Value {
    amount.map_or(Value::Null, |amount| {
        let decimal = amount.decimal();
        let whole = decimal.split_once('.').filter(|(_, cents)| cents.bytes().all(|cent| cent == b'0'));
        let number = whole.map_or(decimal.as_str(), |(whole, _)| whole);
        serde_json::from_str(number).unwrap_or(Value::Null)
    })
}

fn due_after(after: DueAfter) -> &'static str {
    match after {
        DueAfter::Invoice => "daysAfterInvoiceDate",
        DueAfter::EndOfMonth => "daysAfterEndOfInvoiceMonth",
    }
}

fn group_reference(group: &Group) -> Option<&str> {
    group.reference.as_deref().or(group.name.as_deref())
}

fn linked_group(
    desk: &mut Desk<'_>,
    kind: things::Kind,
    group: Option<&Group>,
    version: &str,
) -> Result<Value, HeadOfficeError> {
    let Some(reference) = group.and_then(group_reference) else { return Ok(Value::Null) };
    Ok(match kind.find(desk, &ThingKey::Reference(reference))? {
        Some(thing) => thing.linked(version),
        None => unlinked(reference, group.and_then(|group| group.name.as_deref())),
    })
}

/// Something that was named elsewhere and is not known here.
fn unlinked(reference: &str, name: Option<&str>) -> Value {
    json!({ "id": null, "reference": reference, "name": name.unwrap_or(reference), "href": null })
}

fn payment_types(desk: &mut Desk<'_>, seen: &Seen, version: &str) -> Result<Value, HeadOfficeError> {
    let mut shown = Vec::new();
    for reference in &seen.terms.payment_types {
        shown.push(match things::PAYMENT_TYPE.find(desk, &ThingKey::Reference(reference))? {
            Some(thing) => thing.linked(version),
            None => unlinked(reference, None),
        });
    }
    Ok(Value::Array(shown))
}

fn parent(desk: &mut Desk<'_>, seen: &Seen, version: &str) -> Result<Value, HeadOfficeError> {
    let Some(named) = &seen.terms.parent else { return Ok(Value::Null) };
    Ok(match find_parent(desk, named)? {
        Some(parent) => {
            let number = MemberKey::number(parent.id);
            json!({
                "id": number,
                "reference": reference(&parent),
                "name": parent.member.name.full,
                "href": format!("/api/{version}/customers/{number}"),
            })
        }
        None => unlinked(named, None),
    })
}

/// Who a member belongs to, named by reference or by their own id.
pub(super) fn find_parent(desk: &mut Desk<'_>, named: &str) -> Result<Option<Seen>, HeadOfficeError> {
    match (find_named(desk, named)?, named.parse::<MemberId>()) {
        (None, Ok(id)) => desk.find(id),
        (found, _) => Ok(found),
    }
}

fn region(desk: &mut Desk<'_>, seen: &Seen, version: &str) -> Result<Value, HeadOfficeError> {
    let Some(id) = seen.member.meta.get(REGION).and_then(|id| id.parse().ok()) else { return Ok(Value::Null) };
    let found = things::REGION.find(desk, &ThingKey::Id(id))?;
    Ok(found.map_or(Value::Null, |region| region.linked(version)))
}
