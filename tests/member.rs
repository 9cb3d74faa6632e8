//! A whole member: what goes in comes out, on this till and on the next, and an edit changes what it names.

use crate::shop::{Alone, Shop, Till};
use serde_json::{Value, json};

/// A member with every field filled that a person can fill.
fn whole() -> Value {
    json!({
        "kind": "company",
        "name": { "full": "Lý Tú Quang Thắng", "given": "Thắng", "family": "Lý" },
        "phone": "0945350398", "mobile": "+421 905 123 456", "fax": "024 3831 2345",
        "email": "p@example.com", "gender": "male",
        "birthday": { "month": 5, "day": 30, "year": 1996 },
        "member_since": "2019-09-26", "note": "Allergic to nuts\nPays at the end of the month",
        "staff_note": { "text": "Brought cake", "author": "Mai", "on": "2026-01-31" },
        "website": "https://example.com/~thang?a=b", "home_town": "Huế", "marital_status": "married",
        "social": { "zalo": "0945350398", "facebook": "https://fb.example/thang" },
        "addresses": [
            { "role": "billing", "category": "home", "place_name": "Villa", "text": "82 Dich Vong Hau\nback door",
              "city": "Ha Noi", "postal_code": "100000", "country": "VN", "note": "ring twice",
              "position": { "latitude": 46.79, "longitude": -71.26 } },
            { "role": "delivery", "text": "1 Phố Huế" }
        ],
        "company": { "name": "Thắng & Sons", "registration_number": "12345", "tax_id": "0101248141", "vat_id": "SK2020261353" },
        "reference": "C-0042", "second_reference": "7731", "barcode": "8934563138165",
        "external_ids": { "lumyri": "4711", "portos": "ab-cd" },
        "consents": { "offers/sms": { "is_given": true, "at": "2026-02-01T08:00:00.000Z", "source": "paper", "wording": "Yes to offers" } },
        "meta": { "shoe_size": "42", "Äußerung": "ja" },
        "labels": ["VIP", "wholesale"], "category": { "name": "Retail", "reference": "c1" }, "segment": { "name": "Gold" },
        "parent": "C-0001", "bill_with_parent": true, "is_active": true,
        "valid_from": "2020-01-01", "valid_until": "2030-12-31T23:59:59.000Z",
        "hold": { "reason": "unpaid bill" }, "risk": { "name": "late payer", "color": "#aa3300" },
        "discount_percent": "5", "earn_percent": "2.5",
        "on_account": { "limit": { "minor": 500_000, "currency": "VND" }, "balance": { "minor": 120_000, "currency": "VND" } },
        "payment_terms": { "days": 30, "after": "end_of_month" }, "payment_types": ["cash", "transfer"], "currency": "VND"
    })
}

/// Every field that was typed, as it is shown.
fn typed_again(shown: &Value, typed: &Value) -> Value {
    let fields = typed.as_object().expect("an object").keys();
    fields.map(|key| (key.clone(), shown[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// What is known of a member, without how this till itself stands to them.
fn known(till: &Till, id: &str) -> Value {
    let mut shown = till.show(id);
    for own in ["sync", "credit"] {
        shown.as_object_mut().expect("an object").remove(own);
    }
    shown
}

#[test]
fn a_whole_member_goes_in_and_comes_out_unchanged() {
    let till = Alone::open();
    let id = till.add("KM", &whole());
    let shown = till.show(&id);
    assert_eq!(typed_again(&shown, &whole()), whole());
    assert_eq!((&shown["status"], &shown["phone_e164"]), (&json!("on_hold"), &json!("+84945350398")));
    // What was shown can be typed again: nothing changes, and nothing is queued.
    let waiting = till.count_of_changes();
    till.edit(&id, &typed_again(&shown, &whole()));
    assert_eq!(till.count_of_changes(), waiting);
    // Nulls are the same as absent.
    let sparse = json!({ "kind": "person", "name": { "full": "Mai", "given": null, "family": null }, "phone": "0912000417",
                         "email": null, "birthday": null, "addresses": [], "valid_until": null, "hold": null, "labels": [] });
    let shown = till.show(&till.add("KM", &sparse));
    assert_eq!((&shown["status"], &shown["email"], &shown["labels"]), (&json!("active"), &Value::Null, &Value::Null));
    assert!(shown["reference"].as_str().is_some_and(|made| made.starts_with("M-")), "{shown}");
}

#[test]
fn the_member_in_the_manual_can_be_typed_and_is_the_whole_of_one() {
    let manual = include_str!("../src-tauri/crates/cli/README.md");
    let begins = manual.find("    { \"kind\"").expect("a member as JSON");
    let ends = manual[begins..].find("\n\n").expect("and text after it");
    let member: Value = serde_json::from_str(&manual[begins..begins + ends]).expect("JSON");
    let fields = |document: &Value| document.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    for field in fields(&whole()) {
        assert!(fields(&member).contains(&field), "the manual has no {field}");
    }
    let till = Alone::open();
    let shown = till.show(&till.add("KM", &member));
    // Cards are told at more length, and that somebody is a person is not said.
    for field in fields(&member).iter().filter(|field| *field != "cards" && *field != "kind") {
        assert_eq!(shown[field], member[field], "{field}");
    }
}

/// A JSON merge patch (RFC 7396), and what stands at a path after it.
#[test]
fn an_edit_changes_what_it_names_and_null_takes_away() {
    let till = Alone::open();
    let id = till.add("KM", &whole());
    let mut expected = whole();
    for (patch, path, value) in [
        (json!({ "note": "Moved" }), "/note", json!("Moved")),
        (json!({ "email": null }), "/email", Value::Null),
        (json!({ "name": { "given": null } }), "/name", json!({ "full": "Lý Tú Quang Thắng", "family": "Lý" })),
        (json!({ "birthday": { "year": null } }), "/birthday", json!({ "month": 5, "day": 30, "year": null })),
        (json!({ "birthday": { "month": 2, "day": 29 } }), "/birthday", json!({ "month": 2, "day": 29, "year": null })),
        (json!({ "meta": { "shoe_size": null, "hat": "7" } }), "/meta", json!({ "Äußerung": "ja", "hat": "7" })),
        (json!({ "labels": ["wholesale", "new"] }), "/labels", json!(["new", "wholesale"])),
        (json!({ "labels": null }), "/labels", Value::Null),
        (json!({ "addresses": [{ "city": "Huế" }] }), "/addresses", json!([{ "city": "Huế" }])),
        (json!({ "addresses": null }), "/addresses", Value::Null),
        (json!({ "company": { "vat_id": null } }), "/company/vat_id", Value::Null),
        (json!({ "company": null }), "/company", Value::Null),
        (json!({ "kind": "person" }), "/kind", Value::Null),
        (json!({ "hold": null }), "/hold", Value::Null),
        (json!({ "discount_percent": "12,5" }), "/discount_percent", json!("12.5")),
        (
            json!({ "on_account": { "limit": { "minor": 7, "currency": "EUR" } } }),
            "/on_account/limit",
            json!({ "minor": 7, "currency": "EUR" }),
        ),
        (json!({ "valid_until": null }), "/valid_until", Value::Null),
        (json!({ "consents": { "offers/sms": null } }), "/consents", Value::Null),
        (json!({ "phone": "0987 654 321", "mobile": null }), "/phone", json!("0987 654 321")),
        (json!({ "member_since": "2018-01-02" }), "/member_since", json!("2018-01-02")),
    ] {
        let shown = till.edit(&id, &patch);
        assert_eq!(shown.pointer(path).unwrap_or(&Value::Null), &value, "{patch}");
        let field = path.split('/').nth(1).expect("a field");
        let kept = |document: &Value| {
            let mut document = typed_again(document, &whole());
            for edited in [field, "mobile"] {
                document.as_object_mut().expect("an object").remove(edited);
            }
            document
        };
        if field != "phone" {
            assert_eq!(typed_again(&shown, &whole())["mobile"], expected["mobile"], "{patch}");
        }
        assert_eq!(kept(&shown), kept(&expected), "{patch} touched something else");
        expected = typed_again(&shown, &whole());
    }
    assert_eq!((till.find("0945350398"), till.find("+84 987 654 321")), (vec![], vec!["Lý Tú Quang Thắng".to_owned()]));
}

#[test]
fn a_consent_is_given_and_withdrawn_where_it_was_said() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    let id = till.register("Mai", "0912000417");
    let said = |answer: &str| {
        let shown = till.does(&format!("privacy consent {id} offers email {answer} --source counter"));
        shown["consents"]["offers/email"].clone()
    };
    assert_eq!(said("yes"), json!({ "is_given": true, "at": "2026-10-01T01:00:00.000Z", "source": "counter" }));
    till.at("2026-10-02T08:00:00+07:00");
    assert_eq!(said("no"), json!({ "is_given": false, "at": "2026-10-02T01:00:00.000Z", "source": "counter" }));
}

#[test]
fn the_next_till_has_the_whole_member_with_terms_cards_labels_and_visits() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let mut typed = whole();
    typed.as_object_mut().expect("an object").remove("hold");
    let id = a.add("KM", &typed);
    a.does(&format!("card issue {id} --serial 8400174504165209"));
    a.does(&format!("card issue {id} --virtual"));
    a.does(&format!("sale {id} 200000 --location KM --receipt R-1"));
    shop.settle(&a, &b);
    assert_eq!(known(&b, &id), known(&a, &id));
    assert_eq!(typed_again(&b.show(&id), &typed), typed);
    assert_eq!(b.show(&id)["cards"].as_array().map(Vec::len), Some(2));
    let visit = |till: &Till| {
        let history = till.does(&format!("member history {id}"));
        let mut visit =
            history.as_array().expect("a list").iter().find(|line| line["what"] == "visit").expect("a visit").clone();
        // A shop has an id of its own on each till; its code is what they share.
        visit.as_object_mut().expect("an object").remove("location_id");
        visit
    };
    assert_eq!(visit(&b), visit(&a));
    assert_eq!(visit(&b)["left_to_collect"]["minor"], 190_000);
    // What B edits A has, down to one taken away, and what each did to another label or key stays.
    b.edit(&id, &json!({ "labels": ["VIP", "wholesale", "from B"], "meta": { "shoe_size": null }, "hold": { "reason": "from B" } }));
    a.edit(&id, &json!({ "labels": ["wholesale"], "meta": { "hat": "7" }, "discount_percent": null }));
    shop.settle(&b, &a);
    a.sync();
    assert_eq!(known(&b, &id), known(&a, &id));
    let shown = a.show(&id);
    assert_eq!(
        (&shown["labels"], &shown["meta"]),
        (&json!(["from B", "wholesale"]), &json!({ "hat": "7", "Äußerung": "ja" }))
    );
    assert_eq!((&shown["hold"]["reason"], &shown["discount_percent"]), (&json!("from B"), &Value::Null));
}

/// What holds for a member, an instant, and how they stand then in Hanoi.
#[test]
fn how_a_member_stands_follows_from_validity_hold_and_the_clock() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    let id = till.register("Mai", "0912000417");
    for (terms, now, status) in [
        (json!({}), "2026-10-01T08:00:00+07:00", "active"),
        (json!({ "valid_from": "2026-10-10" }), "2026-10-09T23:59:59+07:00", "not_yet_valid"),
        (json!({}), "2026-10-10T00:00:00+07:00", "active"),
        (json!({ "valid_until": "2026-10-31" }), "2026-10-31T23:59:59+07:00", "active"),
        (json!({}), "2026-11-01T00:00:00+07:00", "expired"),
        (json!({ "valid_until": "2026-11-02T12:00:00+07:00" }), "2026-11-02T12:00:00+07:00", "active"),
        (json!({}), "2026-11-02T12:00:01+07:00", "expired"),
        (json!({ "hold": { "reason": "unpaid" } }), "2026-11-02T12:00:01+07:00", "on_hold"),
        (json!({ "hold": null, "valid_until": null, "is_active": false }), "2026-11-03T08:00:00+07:00", "inactive"),
        (json!({ "is_active": true }), "2026-11-03T08:00:00+07:00", "active"),
    ] {
        till.at(now);
        assert_eq!(till.edit(&id, &terms)["status"], status, "{terms} at {now}");
    }
}

#[test]
fn each_shop_has_terms_of_its_own() {
    let till = Alone::open();
    let id = till.add(
        "KM",
        &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "discount_percent": "5", "labels": ["VIP"] }),
    );
    till.does(&format!("member join {id} --location LY"));
    let patch = json!({ "discount_percent": "10", "hold": { "reason": "unpaid" }, "note": "of both" }).to_string();
    let ended = till.cli.run_with_input(&["member", "edit", &id, "--location", "LY", "-"], &patch);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let shown = till.show(&id);
    let at = |code: &str| {
        let memberships = shown["memberships"].as_array().expect("a list");
        memberships.iter().find(|membership| membership["location"] == code).expect("a membership").clone()
    };
    assert_eq!(
        [&at("KM")["discount_percent"], &at("KM")["status"], &at("KM")["labels"]],
        [&json!("5"), &json!("active"), &json!(["VIP"])]
    );
    assert_eq!(
        [&at("LY")["discount_percent"], &at("LY")["status"], &at("LY")["labels"]],
        [&json!("10"), &json!("on_hold"), &Value::Null]
    );
    assert_eq!((&shown["discount_percent"], &shown["note"]), (&json!("5"), &json!("of both")));
    let sale = |shop: &str| till.does(&format!("sale {id} 100 --location {shop}"))["discount"]["minor"].clone();
    // A hold takes the discount away; without it each shop gives its own.
    assert_eq!((sale("KM"), sale("LY")), (json!(5), json!(0)));
    till.cli.run_with_input(&["member", "edit", &id, "--location", "LY", "-"], r#"{ "hold": null }"#);
    assert_eq!(sale("LY"), json!(1_000));
}

#[test]
fn who_is_deleted_is_found_nowhere_and_not_before_the_credit_is_settled() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.register("Mai", "0912000417");
    a.does(&format!("card issue {id} --serial 7700"));
    a.top_up(&id, "50000");
    shop.settle(&a, &b);
    let delete = format!("member delete {id} --reason asked");
    assert_eq!(b.refuses(6, &delete).0, "balance_not_settled");
    assert_eq!(b.cli.ends(2, &["member", "delete", &id, "--reason", " "])["field"], "reason");
    b.does(&format!("credit cash-out {id} 50000 --location KM --tender cash"));
    b.does(&delete);
    shop.settle(&b, &a);
    for till in [&a, &b] {
        for query in ["0912000417", "7700", "mai"] {
            assert_eq!(till.look("KM", query), (5, "not_in_copy".to_owned(), vec![]), "{query}");
        }
        assert_eq!(till.show(&id)["status"], "removed");
        assert_eq!(till.refuses(5, &delete).0, "member_not_found");
        assert_eq!(till.refuses(5, &format!("credit top-up {id} 5 --location KM --tender cash")).0, "member_not_found");
    }
    assert_eq!(shop.head_office.member_names(), Vec::<String>::new());
    // The card is free for somebody else.
    let other = a.register("Lan", "0987654321");
    a.does(&format!("card issue {other} --serial 7700"));
}
