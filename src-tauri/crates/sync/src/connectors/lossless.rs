//! What has a home at a remote comes back from there as it went, and whatever a remote says, nothing breaks on it.

use super::rest::{New, Words};
use super::{crmx, lumyri, portos, stancer, valomnia};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::MemberId;
use regulars_domain::member::Member;
use regulars_domain::membership::Terms;
use regulars_domain::phone::Country;
use regulars_store::part::Known;
use serde_json::{Map, Value, json};

fn all() -> Vec<(&'static str, Box<dyn Words>)> {
    vec![
        (crmx::KIND, crmx::words()),
        (stancer::KIND, stancer::words()),
        (lumyri::KIND, lumyri::words()),
        (portos::KIND, portos::words()),
        (valomnia::KIND, valomnia::words()),
    ]
}

fn country() -> Option<Country> {
    "VN".parse().ok()
}

fn known(document: Value, terms: Value) -> Known {
    let object = |value: Value| value.as_object().cloned().expect("an object");
    Known { document: object(document), terms: object(terms) }
}

/// Somebody of whom everything is known.
fn everything() -> Known {
    known(
        json!({
            "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" },
            "phone": { "typed": "0945 350 391", "e164": "+84945350391" },
            "mobile": { "typed": "+33 6 39 98 01 02", "e164": "+33639980102" },
            "fax": { "typed": "024 3 825 1234", "e164": null },
            "email": "marie@example.com",
            "gender": "female",
            "birthday": { "month": 2, "day": 29, "year": 1996 },
            "addresses": [
                { "role": "home", "category": "Home", "text": "82 Dich Vong Hau", "city": "Ha Noi", "postal_code": "100000",
                  "country": "VN", "position": { "latitude": 21.03, "longitude": 105.78 } },
                { "role": "delivery", "text": "61 Phung Chi Kien", "city": "Ha Noi", "note": "at the back" },
            ],
            "company": { "name": "Radium", "registration_number": "R-1", "tax_id": "T-1", "vat_id": "V-1" },
            "note": "nuts", "website": "https://example.com", "home_town": "Warszawa", "marital_status": "widowed",
            "social": { "fb_id": "1", "facebook": "https://facebook.com/m", "twitter": "https://twitter.com/m" },
            "picture": { "url": "https://example.com/m.png" },
            "reference": "M-1", "second_reference": "X-1", "barcode": "4006381333931",
            "cards": { "8400": { "is_virtual": true, "processor": "P", "status": "blocked", "is_active": false,
                "status_reason": "lost", "valid_from": "2026-01-01T00:00:00.000Z", "note": "blue" } },
            "meta": { "Portos.Features:X": "s:1" },
            "kind": "company",
        }),
        json!({
            "labels": { "wholesale": true }, "category": { "reference": "jewelry" }, "segment": { "reference": "seg_a" },
            "parent": "P-1", "bill_with_parent": true, "is_active": false, "valid_from": "2026-01-01", "valid_until": "2026-12-31",
            "hold": { "reason": "unpaid" }, "risk": { "name": "late", "color": "#FFFFFF" }, "discount_percent": "5",
            "earn_percent": "2.5", "on_account": { "limit": { "minor": 500_000, "currency": "VND" } },
            "payment_terms": { "days": 30, "after": "end_of_month" }, "payment_types": ["cash"], "currency": "VND",
        }),
    )
}

/// What is said of a member, as the remote itself would say it back.
fn said_back(words: &dyn Words, said: &Known) -> Value {
    let fields = words.said(said).fields;
    let new = New {
        member_id: MemberId::of_hash(&[7; 32]),
        pos_id: "KM".to_owned(),
        country: Some("VN".to_owned()),
        key: Some("key".to_owned()),
        phones: Vec::new(),
        said: fields,
        body: String::new(),
    };
    let body = words.body(&new);
    serde_json::from_str(&body).unwrap_or_else(|_| {
        let pairs = url::form_urlencoded::parse(body.as_bytes()).into_owned();
        Value::Object(pairs.map(|(key, value)| (key, Value::String(value))).collect())
    })
}

/// Labels and what Valomnia says otherwise than it is told are in the tests over a socket.
#[test]
fn nothing_that_has_a_home_is_lost_on_the_way_there_and_back() {
    for (kind, words) in all().into_iter().filter(|(kind, _)| *kind != valomnia::KIND) {
        let ours = everything();
        let there = said_back(words.as_ref(), &ours);
        let told = words.read(&there).unwrap_or_else(|problem| panic!("{kind}: {problem:?}"));
        let mut back = Known::default();
        for (path, value) in told.fields.iter().filter(|(_, value)| !value.is_null()) {
            let value =
                words.ours(path, value, None, country()).unwrap_or_else(|problem| panic!("{kind}: {problem:?}"));
            back.set(path, &value);
        }
        Member::read(&back.document).expect("a member");
        Terms::read(&back.terms).expect("terms");
        let (before, after) = (words.said(&ours).fields, words.said(&back).fields);
        for (path, value) in before.iter().filter(|(path, _)| !path.starts_with("@labels/")) {
            let now = after.get(path).unwrap_or(&Value::Null);
            assert!(words.is_same(path, value, now, country()), "{kind}: {path}: {value} came back as {now}");
        }
    }
}

/// Whatever stands in a remote's answer, it is read or refused.
#[test]
fn nothing_breaks_on_what_a_remote_says() {
    let mut random = StdRng::seed_from_u64(11);
    let mut read = 0;
    for (kind, words) in all() {
        let sample = said_back(words.as_ref(), &everything());
        let keys: Vec<String> = sample.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
        for _ in 0..2_000 {
            let mut object = sample.as_object().cloned().unwrap_or_default();
            for _ in 0..random.random_range(1..4) {
                let key = keys[random.random_range(0..keys.len())].clone();
                object.insert(key, any(&mut random, 3));
            }
            let object = Value::Object(object);
            let _either = (words.key(&object), words.member_id(&object), words.since(&object), words.pos_id(&object));
            let Ok(told) = words.read(&object) else { continue };
            read += 1;
            let mut known = everything();
            for (path, value) in told.fields {
                if let Ok(value) = words.ours(&path, &value, known.get(&path), country()) {
                    known.set(&path, &value);
                }
            }
            words.beside(&object, &mut known);
            assert!(!words.said(&known).fields.is_empty(), "{kind}");
        }
        for nonsense in [json!(null), json!([]), json!("x"), json!(1), json!({})] {
            let _either = words.read(&nonsense);
        }
    }
    assert!(read > 1_000, "only {read} were read at all");
}

fn any(random: &mut StdRng, depth: u32) -> Value {
    match random.random_range(0..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.random::<bool>()),
        2 => json!(random.random_range(-3_i64..1_000_000_000_000)),
        3 => json!(random.random_range(-1e12_f64..1e12)),
        4 => json!(
            ["", " ", "9999-12-31T23:59:59Z", "02-30", "٣", "ạ́", "-", "a@b", "0", "999999999999999999999", "Valid"]
                [random.random_range(0..11)]
        ),
        5 => json!("x".repeat(random.random_range(0..300))),
        6 => Value::Array((0..random.random_range(0..3)).map(|_| any(random, depth - 1)).collect()),
        _ => {
            let keys = ["id", "name", "location", "geo", "serialNumber", "reference", "city", "status"];
            let pair =
                |random: &mut StdRng| (keys[random.random_range(0..keys.len())].to_owned(), any(random, depth - 1));
            Value::Object((0..random.random_range(0..4)).map(|_| pair(random)).collect::<Map<_, _>>())
        }
    }
}
