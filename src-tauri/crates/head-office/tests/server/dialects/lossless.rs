//! Whatever a member is: what a dialect shows of them and is sent back changes nothing, and makes the same elsewhere. And
//! whatever a dialect is sent, it answers in its own form.

use super::{Answer, Caller};
use crate::till::{Server, Till, day, fresh};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use regulars_domain::phone::{Country, Phone};
use regulars_protocol::push::ChangeBody;
use reqwest::Method;
use serde_json::{Value, json};
use std::cell::Cell;

/// Cases of each: a few seconds.
const CASES: u32 = 48;
const APP: &str = "14e43e28-7e6d-461e-b1c9-7c54736f4331";

fn line() -> impl Strategy<Value = String> {
    "[A-Za-zĐđÀ-žẠ-ỹ0-9]{1,8}( [A-Za-z0-9,.'&=+%/]{1,8}){0,2}".prop_map(|text| {
        use unicode_normalization::UnicodeNormalization;
        text.nfc().collect()
    })
}

fn maybe<T: std::fmt::Debug + Clone + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(some)
}

fn address() -> impl Strategy<Value = Value> {
    let role = maybe(prop_oneof![Just("home"), Just("billing"), Just("delivery")]);
    let category = maybe(prop_oneof![Just("home"), Just("Office"), Just("Other")]);
    let position = maybe((-90.0_f64..=90.0, -180.0_f64..=180.0));
    let parts = (maybe(line()), maybe(line()), maybe(line()), maybe(line()), maybe(line()));
    (role, category, position, parts).prop_map(|(role, category, position, (place, text, city, country, note))| {
        // Six decimals, as maps have them: every one of them is one number in JSON too.
        let round = |degrees: f64| (degrees * 1_000_000.0).round() / 1_000_000.0;
        let position =
            position.map(|(latitude, longitude)| json!({ "latitude": round(latitude), "longitude": round(longitude) }));
        json!({
            "role": role, "category": category, "position": position, "place_name": place,
            "text": text, "city": city, "country": country, "note": note, "postal_code": "1000",
        })
    })
}

fn card() -> impl Strategy<Value = (String, Value)> {
    let status = prop_oneof![Just("valid"), Just("blocked"), Just("disposed"), Just("reissue_requested")];
    ("[A-Z0-9]{4,12}", status, any::<bool>(), maybe(line()), maybe(0_i64..2_000_000_000)).prop_map(
        |(serial, status, is_active, note, until)| {
            let until = until.map(|seconds| regulars_domain::Timestamp::from_millis(seconds * 1_000));
            let meta = json!({ "chip": "s:1" });
            (serial, json!({ "status": status, "is_active": is_active, "is_virtual": !is_active, "note": note, "valid_until": until, "meta": meta }))
        },
    )
}

/// Everything that a person is.
fn document() -> impl Strategy<Value = Document> {
    let phone = maybe("0[39][0-9]{8}").prop_map(|typed| {
        let country: Country = "VN".parse().unwrap();
        typed.map(|typed| json!(Phone::parse(&typed, country).unwrap()))
    });
    let birthday = maybe((1_u32..=12, 1_u32..=28, maybe(1900_i32..=2020)));
    let person = (
        line(),
        any::<bool>(),
        phone,
        maybe("[a-z]{3,12}@[a-z]{2,9}\\.(vn|com)"),
        birthday,
        maybe(prop_oneof![Just("male"), Just("female"), Just("other")]),
    );
    let texts = (maybe(line()), maybe(line()), maybe(line()), maybe(line()), maybe(line()), maybe(line()));
    let groups = (
        proptest::collection::vec(address(), 0..3),
        proptest::collection::btree_map("[a-z]{2,6}", line(), 0..3),
        proptest::collection::btree_map("Portos\\.[A-Z][a-z]{2,6}", line(), 0..3),
        maybe((maybe(line()), maybe(line()), maybe(line()), maybe(line()))),
        any::<bool>(),
    );
    (person, texts, groups).prop_map(|((name, is_split, phone, email, birthday, gender), texts, groups)| {
        let (note, website, home_town, marital, reference, barcode) = texts;
        let (addresses, mut social, meta, company, is_company) = groups;
        social.insert("facebook".to_owned(), "https://facebook.com/x".to_owned());
        let (given, family) = name.rsplit_once(' ').filter(|_| is_split).unzip();
        let birthday = birthday.map(|(month, day, year)| json!({ "month": month, "day": day, "year": year }));
        let company = company.map(|(name, number, tax, vat)| {
            json!({ "name": name, "registration_number": number, "tax_id": tax, "vat_id": vat, "kept": null })
        });
        let kind = (is_company && company.is_some()).then_some("company");
        let name = json!({ "full": name, "given": given, "family": family });
        let fields = [
            ("kind", json!(kind)),
            ("name", name),
            ("phone", json!(phone)),
            ("email", json!(email)),
            ("birthday", json!(birthday)),
            ("gender", json!(gender)),
            ("note", json!(note)),
            ("website", json!(website)),
            ("home_town", json!(home_town)),
            ("marital_status", json!(marital)),
            ("reference", json!(reference)),
            ("barcode", json!(barcode)),
            ("addresses", json!(addresses)),
            ("social", json!(social)),
            ("meta", json!(meta)),
            ("company", json!(company)),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    })
}

/// Everything that holds for them at a shop.
fn terms() -> impl Strategy<Value = Document> {
    let labels = proptest::collection::btree_map("[A-Z][a-z]{2,6}", Just(true), 0..3);
    let moment = || {
        maybe(prop_oneof![
            (2020_i32..2026).prop_map(|year| format!("{year}-02-03")),
            (2020_i32..2026).prop_map(|year| format!("{year}-02-03T04:05:06.070Z")),
        ])
    };
    let rates = (maybe(0_i64..=10_000), maybe(0_i64..=10_000));
    let rest = (
        maybe(any::<bool>()),
        maybe(maybe(line())),
        maybe(line()),
        maybe(0_i64..1_000_000_000),
        maybe(0_u32..90),
        any::<bool>(),
    );
    (labels, moment(), rates, rest).prop_map(
        |(labels, until, (discount, earn), (is_active, hold, risk, limit, days, bills))| {
            let percent = |hundredths: Option<i64>| {
                hundredths
                    .map(|hundredths| regulars_domain::percent::Percent::from_basis_points(hundredths, "rate").unwrap())
            };
            let fields = [
                ("labels", json!(labels)),
                ("valid_until", json!(until)),
                ("discount_percent", json!(percent(discount))),
                ("earn_percent", json!(percent(earn))),
                ("is_active", json!(is_active)),
                ("hold", json!(hold.map(|reason| json!({ "reason": reason })))),
                ("risk", json!(risk.map(|name| json!({ "name": name, "color": "#1BE9D8" })))),
                ("on_account", json!(limit.map(|minor| json!({ "limit": { "minor": minor, "currency": "VND" } })))),
                ("payment_terms", json!(days.map(|days| json!({ "days": days, "after": "end_of_month" })))),
                ("bill_with_parent", json!(bills.then_some(true))),
            ];
            fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
        },
    )
}

/// As it is stored: without what is empty.
fn stored(document: Document) -> Document {
    fn without_nulls(value: Value) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::Object(fields) => {
                let kept: Document =
                    fields.into_iter().filter_map(|(key, value)| Some((key, without_nulls(value)?))).collect();
                Some(Value::Object(kept))
            }
            Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(without_nulls).collect())),
            other => Some(other),
        }
    }
    let is_said = |value: &Value| match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let kept = document.into_iter().filter_map(|(key, value)| Some((key, without_nulls(value)?)));
    let mut document: Document = kept.filter(|(key, value)| key == "hold" || is_said(value)).collect();
    if let Some(phone) = document.get_mut("phone").and_then(Value::as_object_mut) {
        phone.entry("e164").or_insert(Value::Null);
    }
    if let Some(birthday) = document.get_mut("birthday").and_then(Value::as_object_mut) {
        birthday.entry("year").or_insert(Value::Null);
    }
    document
}

/// A server with somebody who speaks each dialect.
struct Office {
    server: Server,
    till: Till,
    seen: Cell<i64>,
    lumyri: Caller,
    portos: Caller,
    stancer: Caller,
    crmx: Caller,
    valomnia: Caller,
}

impl Office {
    async fn start() -> Self {
        let server = Server::start().await;
        let caller = |dialect| server.caller(dialect, &["KM"], if dialect == "portos" { &["admin"] } else { &[] });
        Self {
            till: server.till(&["KM"]),
            seen: Cell::new(0),
            lumyri: caller("lumyri"),
            portos: caller("portos"),
            stancer: caller("stancer"),
            crmx: caller("crmx"),
            valomnia: caller("valomnia"),
            server,
        }
    }

    /// What tills were told since this was asked last.
    async fn news(&self) -> Vec<String> {
        let page = self.till.pull(self.seen.get(), 1_000).await;
        self.seen.set(page.next);
        page.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect()
    }

    async fn register(&self, document: &Document, terms: &Document) -> MemberId {
        let member_id = fresh(MemberId::mint);
        self.till
            .apply(vec![ChangeBody::MemberAdded {
                member_id,
                document: document.clone(),
                location: "KM".to_owned(),
                member_since: day(),
                terms: terms.clone(),
            }])
            .await;
        self.news().await;
        member_id
    }

    async fn row(&self, id: &str) -> Value {
        // The row of a list has everything; an empty PUT answers it as well.
        self.lumyri.send(Method::PUT, &format!("/users/customers/{id}"), &json!({})).await.with(200)["data"].clone()
    }

    async fn crmx_data(&self, phone: &str) -> Value {
        let request =
            self.crmx.request(Method::GET, "/customers_location").query(&[("phone", phone), ("pos_id", "KM")]);
        Answer::of(request).await.with(200)["data"].clone()
    }
}

/// What was shown, without what a server says for itself.
fn without(value: &Value, keys: &[&str]) -> Value {
    let kept = value.as_object().unwrap().iter().filter(|(key, _)| !keys.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn as_form(shown: &Value) -> Vec<(String, String)> {
    const READ_ONLY: [&str; 8] =
        ["id", "logo", "contacts", "organization", "dateCreated", "lastUpdated", "balance", "isSubCustomer"];
    let fields = shown.as_object().unwrap().iter().filter(|(key, _)| !READ_ONLY.contains(&key.as_str()));
    fields
        .filter_map(|(key, value)| match (key.as_str(), value) {
            ("dueDateConfigType", Value::String(_)) => Some((key.clone(), "2".to_owned())),
            (_, Value::String(text)) => Some((key.clone(), text.clone())),
            (_, Value::Bool(_) | Value::Number(_)) => Some((key.clone(), value.to_string())),
            _ => None,
        })
        .collect()
}

fn form(request: reqwest::RequestBuilder, pairs: &[(String, String)]) -> reqwest::RequestBuilder {
    let mut url: reqwest::Url = "http://x".parse().unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    request.body(url.query().unwrap_or_default().to_owned())
}

/// What is shown is sent back: nothing changes. And it is sent elsewhere: the same is shown there.
async fn check(here: &Office, there: &Office, document: Document, terms: Document) {
    let (document, terms) = (stored(document), stored(terms));
    let id = here.register(&document, &terms).await.to_string();
    let nothing: Vec<String> = Vec::new();

    let path = format!("/customers/{id}");
    let shown = here.portos.get(&path).await.with(200);
    assert_eq!(here.portos.send(Method::PUT, &path, &shown).await.with(200), shown);
    assert_eq!(here.news().await, nothing, "portos: {shown}");
    let copied = there.portos.post("/customers", &shown).await.with(201);
    assert_eq!(without(&copied, &["_v"]), without(&shown, &["_v"]));
    there.portos.send(Method::DELETE, &path, &Value::Null).await.with(200);

    let row = here.row(&id).await;
    assert_eq!(here.lumyri.send(Method::PUT, &format!("/users/customers/{id}"), &row).await.with(200)["data"], row);
    assert_eq!(here.news().await, nothing, "lumyri: {row}");
    if row["email"] != "" && row["last_name"] != "" {
        let mut new = row.clone();
        new["id"] = json!(fresh(MemberId::mint));
        let request = there.lumyri.request(Method::POST, "/users/customers").header("x-app-id", APP).json(&new);
        assert_eq!(Answer::of(request).await.with(201)["data"], new);
    }

    let path = format!(
        "/api/v2.1/customers/reference/{}",
        document
            .get("reference")
            .and_then(Value::as_str)
            .map_or(id.clone(), |reference| { reference.bytes().map(|byte| format!("%{byte:02X}")).collect() })
    );
    let shown = here.valomnia.get(&path).await.with(200);
    let pairs = as_form(&shown);
    assert_eq!(Answer::of(form(here.valomnia.request(Method::POST, &path), &pairs)).await.with(200), shown);
    assert_eq!(here.news().await, nothing, "valomnia: {shown}");
    let mut new = pairs.clone();
    let reference = fresh(MemberId::mint).to_string();
    new.iter_mut().filter(|(key, _)| key == "reference").for_each(|(_, value)| value.clone_from(&reference));
    let copied = Answer::of(form(there.valomnia.request(Method::POST, "/api/v2.1/customers"), &new)).await.with(201);
    let own = ["id", "reference", "dateCreated", "lastUpdated", "createdBy"];
    assert_eq!(without(&copied, &own), without(&shown, &own));

    let is_long_enough = |key: &str, min: usize| {
        document
            .get(key)
            .is_none_or(|value| value.as_str().is_none_or(|text| (min..=64).contains(&text.chars().count())))
    };
    let name = document["name"]["full"].as_str().unwrap();
    if (4..=64).contains(&name.chars().count()) && is_long_enough("email", 5) {
        let shown = here.stancer.get(&stancer_path(&id)).await.with(200);
        here.stancer.send(Method::PATCH, &stancer_path(&id), &shown).await.with(204);
        assert_eq!(here.news().await, nothing, "stancer: {shown}");
        let new = without(&shown, &["id", "created"]);
        let made = there.stancer.post("/v1/customers", &new).await;
        if made.status.as_u16() != 409 {
            assert_eq!(without(&made.with(200), &["id", "created"]), new);
        }
    }

    if let Some(phone) = document.get("phone").and_then(|phone| phone["typed"].as_str()) {
        let shown = here.crmx_data(phone).await;
        here.crmx.send(Method::PUT, "/customers_location?pos_id=KM", &shown).await.with(200);
        assert_eq!(here.news().await, nothing, "crmx: {shown}");
        let own = ["_id", "created_at", "updated_at"];
        if there.crmx.post("/customers_location?pos_id=KM", &without(&shown, &own)).await.status.as_u16() == 200 {
            assert_eq!(without(&there.crmx_data(phone).await, &own), without(&shown, &own));
        }
    }
}

/// The id there is the member's own in base 62.
fn stancer_path(id: &str) -> String {
    let mut left = id.parse::<MemberId>().unwrap().uuid().as_u128();
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = Vec::new();
    for _ in 0..24 {
        id.push(char::from(digits[usize::try_from(left % 62).unwrap()]));
        left /= 62;
    }
    format!("/v1/customers/cust_{}", id.into_iter().rev().collect::<String>())
}

#[test]
fn what_a_dialect_shows_and_is_sent_back_changes_nothing_and_makes_the_same_elsewhere() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (here, there) = (runtime.block_on(Office::start()), runtime.block_on(Office::start()));
    let cards = proptest::collection::btree_map("x", Just(()), 0..1);
    let cards = (cards, proptest::collection::vec(card(), 0..3));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let case = Cell::new(0_u32);
    runner
        .run(&(document(), terms(), cards), |(mut document, terms, (_, cards))| {
            // A card is one member's, and a reference too: each case has its own.
            case.set(case.get() + 1);
            let number = case.get();
            let cards: Document =
                cards.into_iter().map(|(serial, card)| (format!("{serial}-{number}"), card)).collect();
            let cards = cards
                .into_iter()
                .map(|(serial, card)| (serial, Value::Object(stored(card.as_object().cloned().unwrap()))));
            document.insert("cards".to_owned(), Value::Object(cards.collect()));
            if let Some(reference) =
                document.get("reference").and_then(Value::as_str).map(|text| format!("{text} {number}"))
            {
                document.insert("reference".to_owned(), json!(reference));
            }
            runtime.block_on(check(&here, &there, document, terms));
            Ok(())
        })
        .unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::String),
        prop_oneof![Just("9999-12-31"), Just("true"), Just("0945350398"), Just("Deposit"), Just("Home"), Just("")]
            .prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![
            Just("amount".to_owned()),
            Just("location".to_owned()),
            Just("geo".to_owned()),
            Just("id".to_owned()),
            Just("serialNumber".to_owned()),
            Just("coordinates".to_owned()),
            Just("type".to_owned()),
            "\\PC{0,6}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(key, inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    })
}

/// The keys of all five, each with anything.
fn any_body() -> impl Strategy<Value = Value> {
    const KEYS: [&str; 40] = [
        "id",
        "name",
        "phone",
        "email",
        "mobile",
        "gender",
        "birthday",
        "year_birthday",
        "address",
        "home_town",
        "fb_id",
        "live_mode",
        "external_id",
        "first_name",
        "last_name",
        "avatar",
        "labels",
        "label_ids",
        "lables",
        "company_id",
        "customer_ids",
        "color",
        "description",
        "userName",
        "externalId",
        "isActive",
        "firstName",
        "fullName",
        "birthDate",
        "isCompany",
        "company",
        "credit",
        "creditTransactions",
        "cards",
        "creditRate",
        "discountRate",
        "meta",
        "_v",
        "reference",
        "activationTime",
    ];
    let field = (proptest::sample::select(&KEYS[..]), any_json());
    proptest::collection::vec(field, 0..8)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

#[test]
fn whatever_a_dialect_is_sent_it_answers_in_json_and_never_breaks() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let office = runtime.block_on(Office::start());
    let member = runtime.block_on(office.register(&stored(crate::till::document("An")), &Document::new())).to_string();
    let mut runner = TestRunner::new(Config { cases: CASES * 2, failure_persistence: None, ..Config::default() });
    runner
        .run(&(any_body(), proptest::collection::vec(any::<u8>(), 0..60)), |(body, bytes)| {
            runtime.block_on(async {
                let stancer = stancer_path(&member);
                let valomnia = format!("/api/v2.1/customers/reference/{member}");
                let table = [
                    (&office.crmx, Method::POST, "/customers_location?pos_id=KM"),
                    (&office.crmx, Method::PUT, "/customers_location?pos_id=KM"),
                    (&office.stancer, Method::POST, "/v1/customers"),
                    (&office.stancer, Method::PATCH, &stancer),
                    (&office.lumyri, Method::POST, "/users/customers"),
                    (&office.lumyri, Method::PUT, &format!("/users/customers/{member}")),
                    (&office.lumyri, Method::DELETE, "/users/customers"),
                    (&office.lumyri, Method::POST, "/labels"),
                    (&office.portos, Method::POST, "/customers"),
                    (&office.portos, Method::PUT, &format!("/customers/{member}")),
                    (&office.portos, Method::POST, "/auth"),
                    (&office.valomnia, Method::POST, "/api/v2.1/paymentTypes"),
                    (&office.valomnia, Method::POST, &valomnia),
                ];
                for (caller, method, path) in table {
                    let request = |body: Vec<u8>, kind: &str| {
                        let request = caller.request(method.clone(), path).header("x-app-id", APP);
                        request.header("content-type", kind).body(body)
                    };
                    let json = request(body.to_string().into_bytes(), "application/json");
                    let raw = request(bytes.clone(), "multipart/form-data; boundary=a");
                    for request in [json, raw] {
                        let answer = Answer::of(request).await;
                        let is_json = answer.body.is_object() || answer.status.as_u16() == 204;
                        assert!(answer.status.as_u16() < 500 && is_json, "{method} {path} {body}: {answer:?}");
                    }
                }
            });
            Ok(())
        })
        .unwrap();
    // Whatever was written of all that can be read again.
    runtime.block_on(async {
        office.portos.get("/customers?$sort=id").await.with(200);
        let valomnia = office.valomnia.get("/api/v2.1/customers?max=1000").await;
        valomnia.with(200);
        Answer::of(office.lumyri.request(Method::GET, "/users/customers?limit=1000").header("x-app-id", APP))
            .await
            .with(200);
    });
    drop(office.server);
}
