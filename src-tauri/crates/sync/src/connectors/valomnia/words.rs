//! A member in Valomnia's words.

use super::super::rest::{
    self, New, Placed, Said, ToldAddress, Words, address_line, form, is_blank, known_text, name_of, needs, phone_of,
    text_in, two_addresses, with_addresses,
};
use crate::trouble::problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::member::Address;
use regulars_domain::phone::Country;
use regulars_domain::{Currency, Date, MemberId, Money};
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What has a home there.
pub(super) const HOMES: [&str; 24] = [
    "name",
    "reference",
    "second_reference",
    "barcode",
    "email",
    "phone",
    "mobile",
    "fax",
    "note",
    "website",
    "company",
    "addresses",
    "picture",
    "@is_active",
    "@category",
    "@segment",
    "@parent",
    "@bill_with_parent",
    "@on_account",
    "@payment_terms",
    "@payment_types",
    "@risk",
    "@hold",
    "@currency",
];
/// What is plain text on both sides: ours, theirs.
const TEXTS: [(&str, &str); 10] = [
    ("name", "name"),
    ("reference", "reference"),
    ("second_reference", "reference2"),
    ("barcode", "barcode"),
    ("email", "email"),
    ("phone", "phone"),
    ("mobile", "mobile"),
    ("fax", "fax"),
    ("note", "comment"),
    ("website", "website"),
];
/// What may stand in a form of this connector.
pub(super) const PAIRS: [&str; 43] = [
    "reference",
    "name",
    "reference2",
    "barcode",
    "isActive",
    "categoryId",
    "isSubCustomer",
    "parentCustomer",
    "billWithParent",
    "customerSegmentationId",
    "isSameAddress",
    "billingCountry",
    "billingCity",
    "billingPostalCode",
    "billingAddress",
    "billingLat",
    "billingLng",
    "country",
    "city",
    "postalCode",
    "address",
    "latitude",
    "longitude",
    "email",
    "phone",
    "mobile",
    "fax",
    "comment",
    "website",
    "creditLimit",
    "dueDateConfigNumber",
    "dueDateConfigType",
    "taxNumber",
    "companyRegistrationNumber",
    "currency",
    "paymentTypes",
    "customerRisk",
    "customerRiskColor",
    "onHold",
    "onHoldReason",
    "userId",
    "regionId",
    "useExternalId",
];
/// Theirs for the address of bills and that of deliveries: country, city, postal code, street, latitude, longitude.
const BILLING: [&str; 6] =
    ["billingCountry", "billingCity", "billingPostalCode", "billingAddress", "billingLat", "billingLng"];
const SHIPPING: [&str; 6] = ["country", "city", "postalCode", "address", "latitude", "longitude"];
/// Ours for the first four of them.
const ADDRESS: [&str; 4] = ["country", "city", "postal_code", "text"];
/// Largest picture, in bytes: "image size should not exceed 2Mo".
const MAX_IMAGE: usize = 2 * 1024 * 1024;

pub(super) struct ValomniaWords {
    /// What amounts are in where a member does not say.
    pub currency: Option<Currency>,
}

/// A picture to be sent.
pub(super) struct Image {
    pub file_name: &'static str,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// The picture of a field, where it is here and not only an address.
pub(super) fn image_of(value: &Value) -> Option<Image> {
    let bytes = STANDARD.decode(value.get("data")?.as_str()?).ok()?;
    let media_type = value.get("media_type")?.as_str()?.to_owned();
    Some(Image { file_name: file_name(&media_type)?, media_type, bytes })
}

fn file_name(media_type: &str) -> Option<&'static str> {
    match media_type {
        "image/jpeg" | "image/jpg" => Some("picture.jpg"),
        "image/gif" => Some("picture.gif"),
        "image/png" => Some("picture.png"),
        "image/bmp" => Some("picture.bmp"),
        _ => None,
    }
}

/// Fields as a form. `resolved` has Valomnia's numbers of what they name; without `there` it is a registration, in which
/// references name it.
pub(super) fn pairs(
    fields: &BTreeMap<String, Value>,
    resolved: &BTreeMap<String, Value>,
    there: Option<&Value>,
) -> Vec<(&'static str, String)> {
    let mut pairs: Vec<(&'static str, String)> = Vec::new();
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let named = |path: &str, value: &Value| resolved.get(path).map_or_else(|| text(value), text);
    for (path, value) in fields {
        if let Some((_, key)) = TEXTS.iter().find(|(ours, _)| ours == path) {
            pairs.push((key, text(value)));
            continue;
        }
        let part = |key: &str| value.get(key).map(text).unwrap_or_default();
        match path.as_str() {
            "company" => {
                pairs.push(("taxNumber", part("taxNumber")));
                pairs.push(("companyRegistrationNumber", part("companyRegistrationNumber")));
            }
            "addresses" => {
                pairs.extend(BILLING.map(|key| (key, part(key))));
                let has_own = SHIPPING.iter().any(|key| !part(key).is_empty());
                pairs.push(("isSameAddress", (!has_own).to_string()));
                pairs.extend(SHIPPING.map(|key| (key, part(key))));
            }
            "@is_active" => pairs.push(("isActive", value.is_null().to_string())),
            "@category" => pairs.push(("categoryId", named(path, value.get("reference").unwrap_or(&Value::Null)))),
            "@segment" => {
                pairs.push(("customerSegmentationId", named(path, value.get("reference").unwrap_or(&Value::Null))));
            }
            "@parent" => {
                pairs.push(("isSubCustomer", (!value.is_null()).to_string()));
                pairs.push(("parentCustomer", named(path, value)));
            }
            "@bill_with_parent" => pairs.push(("billWithParent", (*value == json!(true)).to_string())),
            "@on_account" => pairs.push(("creditLimit", part("limit"))),
            "@payment_terms" => {
                pairs.push(("dueDateConfigNumber", part("days")));
                let kind = if part("after") == "end_of_month" { "2" } else { "1" };
                pairs.push(("dueDateConfigType", if value.is_null() { String::new() } else { kind.to_owned() }));
            }
            "@payment_types" => {
                if let Some(ids) = resolved.get(path) {
                    pairs.push(("paymentTypes", ids.to_string()));
                } else if value.is_null() && there.is_some() {
                    pairs.push(("paymentTypes", "[]".to_owned()));
                }
            }
            "@risk" => {
                pairs.push(("customerRisk", part("name")));
                pairs.push(("customerRiskColor", part("color")));
            }
            "@hold" => {
                pairs.push(("onHold", (!value.is_null()).to_string()));
                pairs.push(("onHoldReason", part("reason")));
            }
            "@currency" => pairs.push(("currency", text(value))),
            _ => {}
        }
    }
    if let Some(there) = there {
        // What the page gives a default is said as it stands.
        let say = |pairs: &mut Vec<(&'static str, String)>, key: &'static str, value: Option<&Value>| {
            if let Some(value) = value.filter(|value| !value.is_null() && !pairs.iter().any(|(known, _)| *known == key))
            {
                pairs.push((key, text(value)));
            }
        };
        for key in ["isActive", "isSameAddress", "isSubCustomer", "billWithParent", "onHold"] {
            say(&mut pairs, key, there.get(key));
        }
        say(&mut pairs, "categoryId", there.get("customerCategory").and_then(|category| category.get("id")));
        if there.get("isSubCustomer") == Some(&json!(true)) {
            let parent = there.get("parentCustomer");
            say(
                &mut pairs,
                "parentCustomer",
                parent.and_then(|parent| parent.get("id")).or(parent.filter(|parent| parent.is_number())),
            );
        }
    }
    pairs
}

impl Words for ValomniaWords {
    fn read(&self, object: &Value) -> Result<Said, Problem> {
        let mut said = Said::default();
        rest::put_texts(&mut said, object, &TEXTS)?;
        for key in ["name", "reference"] {
            if said.fields.get(key).is_some_and(Value::is_null) {
                said.fields.remove(key);
            }
        }
        let company = texts(object, &["taxNumber", "companyRegistrationNumber"])?;
        said.put("company", company);
        said.put("addresses", addresses(object)?);
        let flag = |key: &str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(no_such(key)),
        };
        said.put("@is_active", flag("isActive")?.map(|is| if is { Value::Null } else { json!(false) }));
        said.put("@bill_with_parent", flag("billWithParent")?.map(|is| if is { json!(true) } else { Value::Null }));
        said.put(
            "@hold",
            match flag("onHold")? {
                None => None,
                Some(false) => Some(Value::Null),
                Some(true) => Some(texts(object, &["onHoldReason"])?.map_or_else(
                    || json!({}),
                    |reason| match reason.get("onHoldReason") {
                        Some(reason) => json!({ "reason": reason }),
                        None => json!({}),
                    },
                )),
            },
        );
        said.put("@category", group(object, "customerCategory", "categoryReference")?);
        said.put("@segment", group(object, "customerSegmentation", "customerSegmentationReference")?);
        said.put(
            "@parent",
            match object.get("parentCustomer") {
                None => None,
                Some(Value::Null) => Some(Value::Null),
                Some(Value::Object(parent)) => {
                    let by = parent.get("reference").filter(|reference| reference.is_string()).cloned();
                    by.or_else(|| parent.get("id").map(|id| json!(id.to_string())))
                }
                Some(Value::String(reference)) => Some(json!(reference)),
                Some(Value::Number(id)) => Some(json!(id.to_string())),
                Some(_) => return Err(no_such("parentCustomer")),
            },
        );
        said.put(
            "@risk",
            texts(object, &["customerRisk", "customerRiskColor"])?.map(|risk| {
                let mut said = Map::new();
                said.extend(risk.get("customerRisk").map(|name| ("name".to_owned(), name.clone())));
                said.extend(risk.get("customerRiskColor").map(|color| ("color".to_owned(), color.clone())));
                if said.is_empty() { Value::Null } else { Value::Object(said) }
            }),
        );
        let currency = text_in(object, "currency")?;
        said.put(
            "@currency",
            currency.clone().filter(|currency| currency.as_str().is_none_or(|code| code.parse::<Currency>().is_ok())),
        );
        let currency = currency.as_ref().and_then(Value::as_str).and_then(|code| code.parse().ok()).or(self.currency);
        said.put("@on_account", on_account(object, currency)?);
        said.put("@payment_terms", payment_terms(object)?);
        said.put(
            "@payment_types",
            match object.get("paymentTypes") {
                None => None,
                Some(Value::Null) => Some(Value::Null),
                Some(Value::Array(types)) => {
                    let name = |row: &Value| {
                        ["reference", "name"]
                            .iter()
                            .find_map(|key| row.get(*key).filter(|text| !is_blank(text) && text.is_string()).cloned())
                    };
                    let names: Vec<Value> = types.iter().filter_map(name).collect();
                    Some(if names.is_empty() { Value::Null } else { Value::Array(names) })
                }
                Some(_) => return Err(no_such("paymentTypes")),
            },
        );
        said.put(
            "picture",
            text_in(object, "logo")?.map(|logo| if logo.is_null() { logo } else { json!({ "url": logo }) }),
        );
        Ok(said)
    }

    fn said(&self, known: &Known) -> Said {
        let mut said = Said::default();
        for (path, _) in TEXTS {
            let value = match path {
                "name" => name_of(known),
                "phone" | "mobile" | "fax" => phone_of(known, path),
                _ => known_text(known, path),
            };
            said.put(path, value);
        }
        let company = known.document.get("company");
        let part = |ours: &str| company.and_then(|company| company.get(ours)).filter(|value| !is_blank(value)).cloned();
        let mut theirs = Map::new();
        theirs.extend(part("tax_id").map(|value| ("taxNumber".to_owned(), value)));
        theirs.extend(part("registration_number").map(|value| ("companyRegistrationNumber".to_owned(), value)));
        said.put("company", (!theirs.is_empty()).then_some(Value::Object(theirs)));
        said.put("addresses", said_addresses(known.document.get("addresses")));
        let term = |key: &str| known.terms.get(key);
        said.put("@is_active", term("is_active").filter(|is| **is == json!(false)).cloned());
        said.put("@bill_with_parent", term("bill_with_parent").filter(|is| **is == json!(true)).cloned());
        said.put("@hold", term("hold").cloned());
        for (path, key) in [("@category", "category"), ("@segment", "segment")] {
            said.put(path, term(key).and_then(said_group));
        }
        said.put("@parent", term("parent").filter(|parent| !is_blank(parent)).cloned());
        said.put("@risk", term("risk").cloned());
        said.put("@currency", term("currency").cloned());
        let limit = term("on_account")
            .and_then(|account| account.get("limit"))
            .and_then(|limit| Money::deserialize(limit).ok());
        said.put(
            "@on_account",
            limit.map(|limit| json!({ "limit": limit.decimal(), "currency": limit.currency.code() })),
        );
        said.put(
            "@payment_terms",
            term("payment_terms").map(
                |terms| json!({ "days": terms.get("days"), "after": terms.get("after").unwrap_or(&json!("invoice")) }),
            ),
        );
        let types = term("payment_types").filter(|types| types.as_array().is_some_and(|types| !types.is_empty()));
        said.put("@payment_types", types.cloned());
        let picture = known.document.get("picture");
        said.put(
            "picture",
            match picture.and_then(|picture| picture.get("url")).filter(|url| !is_blank(url)) {
                Some(url) => Some(json!({ "url": url })),
                None => picture.filter(|picture| picture.get("data").is_some()).cloned(),
            },
        );
        said
    }

    fn ours(
        &self,
        path: &str,
        theirs: &Value,
        known: Option<&Value>,
        country: Option<Country>,
    ) -> Result<Value, Problem> {
        Ok(match path {
            "name" => json!({ "full": theirs }),
            "phone" | "mobile" | "fax" => rest::number(theirs, country),
            "company" => {
                let mut company = known.map(rest::members).unwrap_or_default();
                for (ours, key) in [("tax_id", "taxNumber"), ("registration_number", "companyRegistrationNumber")] {
                    match theirs.get(key) {
                        Some(value) => drop(company.insert(ours.to_owned(), value.clone())),
                        None => drop(company.remove(ours)),
                    }
                }
                Value::Object(company)
            }
            "addresses" => our_addresses(theirs, known),
            "@category" | "@segment" => {
                let mut group = json!({ "reference": theirs.get("reference") });
                let same = known.filter(|known| known.get("reference") == theirs.get("reference"));
                if let Some(name) = theirs.get("name").or_else(|| same?.get("name")) {
                    group["name"] = name.clone();
                }
                group
            }
            "@on_account" => {
                let mut account = known.map(rest::members).unwrap_or_default();
                let limit =
                    theirs.get("limit").and_then(Value::as_str).zip(theirs.get("currency").and_then(Value::as_str));
                let limit = limit
                    .and_then(|(limit, code)| Money::parse(limit, code.parse().ok()?).ok())
                    .ok_or_else(|| no_such("creditLimit"))?;
                account.insert("limit".to_owned(), json!(limit));
                Value::Object(account)
            }
            "picture" => {
                let url = theirs.get("url").cloned().unwrap_or(Value::Null);
                // One that was sent from here got this address; under another one there is another picture.
                let is_sent = |picture: &&Value| picture.get("url").is_none_or(is_blank);
                let mut picture = known.filter(is_sent).map(rest::members).unwrap_or_default();
                picture.insert("url".to_owned(), url);
                Value::Object(picture)
            }
            _ => theirs.clone(),
        })
    }

    /// Of a company Valomnia has two numbers, of the addresses two.
    fn emptied(&self, path: &str, known: Option<&Value>) -> Value {
        match path {
            "company" => {
                let mut company = known.map(rest::members).unwrap_or_default();
                company.retain(|field, _| field != "tax_id" && field != "registration_number");
                if company.is_empty() { Value::Null } else { Value::Object(company) }
            }
            "addresses" => our_addresses(&Value::Null, known),
            _ => Value::Null,
        }
    }

    fn beside(&self, object: &Value, known: &mut Known) {
        let currency =
            object.get("currency").and_then(Value::as_str).and_then(|code| code.parse().ok()).or(self.currency);
        let (Some(currency), Some(balance)) = (currency, object.get("balance")) else { return };
        let mut account = known.terms.get("on_account").map(rest::members).unwrap_or_default();
        match amount(balance, currency) {
            Some(balance) => drop(account.insert("balance".to_owned(), json!(balance))),
            None => drop(account.remove("balance")),
        }
        known.set("@on_account", &if account.is_empty() { Value::Null } else { Value::Object(account) });
    }

    fn is_same(&self, path: &str, one: &Value, other: &Value, country: Option<Country>) -> bool {
        match path {
            "phone" | "mobile" | "fax" => rest::is_same_number(one, other, country),
            "@category" | "@segment" => one.get("reference") == other.get("reference"),
            "@hold" => {
                let reason = |hold: &Value| hold.get("reason").filter(|reason| !is_blank(reason)).cloned();
                one.is_null() == other.is_null() && reason(one) == reason(other)
            }
            _ => one == other,
        }
    }

    fn refuses(&self, path: &str, before: &Value, after: &Value) -> Option<Problem> {
        let told = |code: &str, message: &str| {
            Some(Problem { field: Some(path.trim_start_matches('@').to_owned()), ..problem(code, message) })
        };
        match path {
            "name" if after.is_null() => Some(needs("name", "a name")),
            "reference" if after.is_null() => Some(needs("reference", "a number of its own")),
            // It stands in the address of the registration, and servers read no address with these.
            "reference" if before.is_null() && after.as_str().is_some_and(|text| text.contains(UNUSABLE)) => {
                told("characters", r"Valomnia takes no number with / \ % ? # ; in it")
            }
            "picture" if after.is_null() && !before.is_null() => {
                told("cannot_be_empty", "Valomnia does not say how a picture is taken away: it stays there")
            }
            "picture" if after.get("data").is_some() => match image_of(after) {
                Some(image) if image.bytes.len() <= MAX_IMAGE => None,
                Some(_) => told("length", "Valomnia takes pictures of up to 2 MB"),
                None => told("picture_kind", "Valomnia takes pictures as jpg, gif, png or bmp"),
            },
            "@currency" if after.is_null() && !before.is_null() => {
                told("cannot_be_empty", "a member of Valomnia is always billed in some currency")
            }
            "@category" if after.is_null() && !before.is_null() => {
                told("cannot_be_empty", "a member of Valomnia is always in some category")
            }
            _ => None,
        }
    }

    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem> {
        (!said.contains_key("name")).then(|| needs("name", "a name"))
    }

    fn body(&self, new: &New) -> String {
        let mut said = new.said.clone();
        // It is in the address.
        said.remove("reference");
        form(pairs(&said, &BTreeMap::new(), None))
    }

    fn chosen_key(&self, member: MemberId, known: &Known) -> Option<String> {
        let ours = known.document.get("reference").and_then(Value::as_str);
        let is_said = |text: &&str| !text.trim().is_empty();
        Some(ours.filter(is_said).map_or_else(|| format!("R-{}", member.uuid().simple()), str::to_owned))
    }

    fn key(&self, object: &Value) -> Option<String> {
        match object.get("id")? {
            Value::Number(id) => Some(id.to_string()),
            Value::String(id) if !id.is_empty() => Some(id.clone()),
            _ => None,
        }
    }

    fn reference(&self, object: &Value) -> Option<String> {
        object.get("reference")?.as_str().map(str::to_owned)
    }

    fn since(&self, object: &Value) -> Option<Date> {
        object.get("dateCreated")?.as_str()?.get(..10)?.parse().ok()
    }
}

/// What an address cannot have in one of its parts, encoded or not.
const UNUSABLE: [char; 6] = ['/', '\\', '%', '?', '#', ';'];

/// A category or segment. One that only has a name goes by that.
fn said_group(group: &Value) -> Option<Value> {
    let part = |key: &str| group.get(key).filter(|part| !is_blank(part));
    let mut said = json!({ "reference": part("reference").or_else(|| part("name"))? });
    if let Some(name) = part("name") {
        said["name"] = name.clone();
    }
    Some(said)
}

fn no_such(key: &str) -> Problem {
    Problem { field: Some(key.to_owned()), ..problem("member_invalid", format!("the remote’s {key} is none")) }
}

/// Several texts as one value; nothing where none was mentioned.
fn texts(object: &Value, keys: &[&str]) -> Result<Option<Value>, Problem> {
    let mut said = Map::new();
    let mut is_told = false;
    for key in keys {
        let text = text_in(object, key)?;
        is_told |= text.is_some();
        said.extend(text.filter(|text| !text.is_null()).map(|text| ((*key).to_owned(), text)));
    }
    Ok(is_told.then(|| if said.is_empty() { Value::Null } else { Value::Object(said) }))
}

fn group(object: &Value, key: &str, reference_key: &str) -> Result<Option<Value>, Problem> {
    let reference = text_in(object, reference_key)?;
    let whole = object.get(key).filter(|group| group.is_object());
    let text =
        |key: &str| whole.and_then(|group| group.get(key)).filter(|text| text.is_string() && !is_blank(text)).cloned();
    let reference = match reference {
        Some(reference) if !reference.is_null() => Some(reference),
        told => text("reference").or(told),
    };
    Ok(match reference {
        None => None,
        Some(Value::Null) => Some(Value::Null),
        Some(reference) => {
            let mut said = json!({ "reference": reference });
            if let Some(name) = text("name") {
                said["name"] = name;
            }
            Some(said)
        }
    })
}

fn amount(value: &Value, currency: Currency) -> Option<Money> {
    let number = value.as_number()?.to_string();
    let whole = number.strip_suffix(".0").unwrap_or(&number);
    Money::parse(whole, currency).ok()
}

fn on_account(object: &Value, currency: Option<Currency>) -> Result<Option<Value>, Problem> {
    match (object.get("creditLimit"), currency) {
        (None, _) => Ok(None),
        (Some(Value::Null), _) => Ok(Some(Value::Null)),
        (Some(limit @ Value::Number(_)), Some(currency)) => {
            // An amount that the currency does not have is left alone, not rounded.
            Ok(amount(limit, currency).map(|limit| json!({ "limit": limit.decimal(), "currency": currency.code() })))
        }
        (Some(Value::Number(_)), None) => Ok(None),
        (Some(_), _) => Err(no_such("creditLimit")),
    }
}

fn payment_terms(object: &Value) -> Result<Option<Value>, Problem> {
    let days = match object.get("dueDateConfigNumber") {
        None => return Ok(None),
        Some(Value::Null) => return Ok(Some(Value::Null)),
        Some(days) => days.as_u64().filter(|days| *days <= 3_650).ok_or_else(|| no_such("dueDateConfigNumber"))?,
    };
    let kind = text_in(object, "dueDateConfigType")?.unwrap_or(Value::Null);
    let after = match kind.as_str() {
        None | Some("1" | "daysAfterInvoiceDate") => "invoice",
        // How the other one is spelled when it is read is not said.
        Some(text) if text == "2" || text.to_lowercase().contains("month") => "end_of_month",
        Some(_) => return Ok(None),
    };
    Ok(Some(json!({ "days": days, "after": after })))
}

fn number_in(object: &Value, key: &str, most: f64) -> Result<Option<Value>, Problem> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            let at = number.as_f64().filter(|at| at.abs() <= most).ok_or_else(|| no_such(key))?;
            Ok(Some(json!(at)))
        }
        Some(_) => Err(no_such(key)),
    }
}

fn addresses(object: &Value) -> Result<Option<Value>, Problem> {
    let mut said = Map::new();
    let mut is_told = false;
    for keys in [BILLING, SHIPPING] {
        for key in &keys[..4] {
            let text = text_in(object, key)?;
            is_told |= text.is_some();
            said.extend(text.filter(|text| !text.is_null()).map(|text| ((*key).to_owned(), text)));
        }
        let (latitude, longitude) = (number_in(object, keys[4], 90.0)?, number_in(object, keys[5], 180.0)?);
        if let (Some(latitude), Some(longitude)) = (latitude, longitude) {
            said.insert(keys[4].to_owned(), latitude);
            said.insert(keys[5].to_owned(), longitude);
        }
    }
    Ok(is_told.then(|| if said.is_empty() { Value::Null } else { Value::Object(said) }))
}

fn said_address(address: &Address, keys: [&'static str; 6]) -> Map<String, Value> {
    let street = match &address.place_name {
        Some(_) => address_line(&Address { city: None, postal_code: None, country: None, ..address.clone() }),
        None => address.text.clone(),
    };
    let parts = [address.country.clone(), address.city.clone(), address.postal_code.clone(), street];
    let mut said: Map<String, Value> =
        keys.iter().zip(parts).filter_map(|(key, part)| Some(((*key).to_owned(), json!(part?)))).collect();
    if let Some(position) = address.position {
        said.insert(keys[4].to_owned(), json!(position.latitude));
        said.insert(keys[5].to_owned(), json!(position.longitude));
    }
    said
}

fn said_addresses(addresses: Option<&Value>) -> Option<Value> {
    let [billing, shipping] = two_addresses(addresses);
    let mut said = Map::new();
    said.extend(billing.map(|(_, address)| said_address(&address, BILLING)).unwrap_or_default());
    said.extend(shipping.map(|(_, address)| said_address(&address, SHIPPING)).unwrap_or_default());
    (!said.is_empty()).then_some(Value::Object(said))
}

fn our_addresses(theirs: &Value, known: Option<&Value>) -> Value {
    let told = |keys: [&'static str; 6], role, ours: Option<Placed>| {
        let said: Map<String, Value> =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), theirs.get(*key)?.clone()))).collect();
        let field = |(key, field): (&&str, &str)| Some((field.to_owned(), said.get(*key)?.clone()));
        let mut fields: Map<String, Value> = keys.iter().zip(ADDRESS).filter_map(field).collect();
        if let (Some(latitude), Some(longitude)) = (said.get(keys[4]), said.get(keys[5])) {
            fields.insert("position".to_owned(), json!({ "latitude": latitude, "longitude": longitude }));
        }
        let is_ours = ours.is_some_and(|(_, ours)| said_address(&ours, keys) == said);
        ToldAddress { role, fields: (!said.is_empty()).then_some(fields), is_ours }
    };
    let [billing, delivery] = two_addresses(known);
    let told = [told(BILLING, "billing", billing), told(SHIPPING, "delivery", delivery)];
    with_addresses(known, told, &[ADDRESS.as_slice(), &["position"]].concat())
}
