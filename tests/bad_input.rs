//! Whatever is pasted, scanned or made up: taken as text, or refused at its field; and nothing is written by halves.

use crate::shop::{Alone, Till};
use serde_json::{Value, json};

/// Every field of a member that is text: its path, the field that a refusal names, and whether it has more than a line.
const TEXTS: [(&str, &str, bool); 37] = [
    ("/name/full", "name.full", false),
    ("/name/given", "name.given", false),
    ("/name/family", "name.family", false),
    ("/phone", "phone", false),
    ("/mobile", "mobile", false),
    ("/fax", "fax", false),
    ("/email", "email", false),
    ("/note", "note", true),
    ("/staff_note/text", "staff_note", true),
    ("/staff_note/author", "staff_note", false),
    ("/website", "website", false),
    ("/home_town", "home_town", false),
    ("/marital_status", "marital_status", false),
    ("/social/zalo", "social", true),
    ("/reference", "reference", false),
    ("/second_reference", "second_reference", false),
    ("/barcode", "barcode", false),
    ("/external_ids/portos", "external_ids", true),
    ("/meta/key", "meta", true),
    ("/addresses/0/text", "addresses", true),
    ("/addresses/0/city", "addresses", false),
    ("/addresses/0/postal_code", "addresses", false),
    ("/addresses/0/country", "addresses", false),
    ("/addresses/0/role", "addresses", false),
    ("/addresses/0/note", "addresses", true),
    ("/company/name", "company.name", false),
    ("/company/registration_number", "company.registration_number", false),
    ("/company/tax_id", "company.tax_id", false),
    ("/company/vat_id", "company.vat_id", false),
    ("/labels/0", "labels", false),
    ("/category/name", "category", false),
    ("/segment/reference", "segment", false),
    ("/parent", "parent", false),
    ("/hold/reason", "hold", false),
    ("/risk/name", "risk", false),
    ("/payment_types/0", "payment_types", false),
    ("/picture/url", "picture", false),
];

/// A member with something good in every field of text.
fn full() -> Value {
    json!({
        "name": { "full": "Mai", "given": "Mai", "family": "Lê" }, "phone": "0912000417", "mobile": "0912000418", "fax": "0912000419",
        "email": "mai@example.com", "note": "n", "staff_note": { "text": "t", "author": "a", "on": "2026-01-31" },
        "website": "w", "home_town": "h", "marital_status": "m", "social": { "zalo": "z" }, "reference": "r",
        "second_reference": "s", "barcode": "b", "external_ids": { "portos": "p" }, "meta": { "key": "v" },
        "addresses": [{ "text": "t", "city": "c", "postal_code": "p", "country": "VN", "role": "home", "note": "n" }],
        "company": { "name": "n", "registration_number": "r", "tax_id": "t", "vat_id": "v" }, "labels": ["l"],
        "category": { "name": "n" }, "segment": { "reference": "r" }, "parent": "p", "hold": { "reason": "r" },
        "risk": { "name": "n" }, "payment_types": ["p"], "picture": { "url": "https://example.com/p.jpg" }
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut member = full();
    *member.pointer_mut(path).unwrap_or_else(|| panic!("{path} is no field")) = value;
    member
}

/// Everything that this till has written: what waits, what was done, who is there.
fn written(till: &Till) -> [Value; 3] {
    [till.does("outbox list"), till.does("audit list"), json!(till.look("KM", "0912000417"))]
}

#[test]
fn a_megabyte_control_characters_or_turned_text_is_refused_in_every_field() {
    let till = Alone::open();
    let before = written(&till);
    let (page, megabyte) = ("lorem ipsum ".repeat(2_000), "lorem ipsum ".repeat(90_000));
    let unseen = ["a\u{0}b", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{2066}b", "a\u{7f}b", "a\u{85}b"];
    for (number, (path, field, has_lines)) in TEXTS.into_iter().enumerate() {
        let is_number = ["phone", "mobile", "fax"].contains(&field);
        let code = |code: &'static str| if is_number { "phone_invalid" } else { code };
        let outer = path.split('/').nth(1).expect("a field");
        // Each field gets something else that cannot be seen: the rule is one for all.
        let mut cases = vec![
            (json!(if number % 9 == 0 { &megabyte } else { &page }), code("too_long"), field),
            (json!(unseen[number % unseen.len()]), code("invalid_character"), field),
            (json!(7), "member_invalid", outer),
        ];
        if !has_lines && number % 3 == 0 {
            cases.push((json!("a\nb"), code("invalid_character"), field));
        }
        for (value, code, field) in cases {
            let ended = till.try_add("KM", &with(path, value));
            let told = (ended.code, ended.json["code"].as_str(), ended.json["field"].as_str());
            assert_eq!(told, (2, Some(code), Some(field)), "{path}: {:.300}", ended.stderr);
            assert!(ended.stderr.len() < 2_000, "an error does not repeat what was pasted");
        }
    }
    assert_eq!(written(&till), before);
}

#[test]
fn emoji_sql_markup_and_every_script_are_text_and_come_out_as_they_went_in() {
    let till = Alone::open();
    let texts = [
        "👩‍🍳 Mai 🇻🇳",
        "Robert'); DROP TABLE members;--",
        "<script>alert(1)</script>",
        "محمد بن سلمان",
        "李小龍",
        "Ж",
        "=HYPERLINK(\"http://evil\")",
        "{{7*7}} ${HOME} %s %n",
        "../../etc/passwd",
        "null",
        "\\u0000",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let mut member = full();
        for (path, field, _) in TEXTS {
            if !["phone", "mobile", "fax", "email", "reference", "picture"].contains(&field) {
                *member.pointer_mut(path).expect("a field") = json!(text);
            }
        }
        let phone = format!("09120004{number:02}");
        member["phone"] = json!(phone);
        let id = till.add("KM", &member);
        let shown = till.show(&id);
        for (path, ..) in TEXTS {
            assert_eq!(shown.pointer(path), member.pointer(path), "{path} of {text}");
        }
        assert_eq!(till.does(&format!("member find --location KM {phone}"))["members"][0]["id"], json!(id));
    }
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

/// A path, what stands there, and the code and field of the refusal.
#[test]
fn days_numbers_and_choices_that_do_not_exist_are_refused_at_their_field() {
    let till = Alone::open();
    let before = written(&till);
    let plain = || json!({ "name": { "full": "Mai" }, "phone": "0912000417" });
    for (patch, code, field) in [
        (json!({ "birthday": { "month": 2, "day": 30 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": 2, "day": 29, "year": 2023 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": 13, "day": 1 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": 0, "day": 0 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": 1, "day": 1, "year": 1066 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": 1, "day": 1, "year": 9999 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": { "month": -1, "day": 1 } }), "birthday_invalid", "birthday"),
        (json!({ "birthday": "1996-05-30" }), "birthday_invalid", "birthday"),
        (json!({ "member_since": "2026-02-30" }), "date_invalid", "member_since"),
        (json!({ "member_since": "30/05/2026" }), "date_invalid", "member_since"),
        (json!({ "valid_from": "2026-13-01" }), "date_invalid", "valid_from"),
        (json!({ "valid_until": "2026-04-31" }), "date_invalid", "valid_until"),
        (json!({ "valid_until": "2026-04-30T25:00:00Z" }), "date_invalid", "valid_until"),
        (json!({ "valid_until": 20_260_430 }), "date_invalid", "valid_until"),
        (json!({ "valid_from": "2026-02-01", "valid_until": "2026-01-31" }), "validity_invalid", "valid_until"),
        (json!({ "staff_note": { "text": "t", "on": "2026-02-30" } }), "member_invalid", "staff_note"),
        (json!({ "discount_percent": "100.01" }), "percent_invalid", "discount_percent"),
        (json!({ "discount_percent": 5 }), "percent_invalid", "discount_percent"),
        (json!({ "earn_percent": "-1" }), "percent_invalid", "earn_percent"),
        (json!({ "earn_percent": "1.005" }), "percent_invalid", "earn_percent"),
        (json!({ "gender": "robot" }), "member_invalid", "gender"),
        (json!({ "kind": "robot" }), "member_invalid", "kind"),
        (json!({ "currency": "XXX" }), "currency_unknown", "currency"),
        (json!({ "on_account": { "limit": 5 } }), "member_invalid", "on_account"),
        (json!({ "on_account": { "limit": { "minor": -1, "currency": "VND" } } }), "limit_out_of_range", "on_account"),
        (
            json!({ "on_account": { "limit": { "minor": i64::MAX, "currency": "VND" } } }),
            "limit_out_of_range",
            "on_account",
        ),
        (json!({ "payment_terms": { "days": 4_000_000_000_u32 } }), "number_out_of_range", "payment_terms"),
        (json!({ "payment_types": vec!["cash"; 51] }), "too_many", "payment_types"),
        (json!({ "payment_terms": { "days": -1 } }), "member_invalid", "payment_terms"),
        (json!({ "risk": { "color": "red" } }), "color_invalid", "risk"),
        (
            json!({ "addresses": [{ "position": { "latitude": 91.0, "longitude": 0.0 } }] }),
            "position_invalid",
            "addresses",
        ),
        (
            json!({ "addresses": [{ "position": { "latitude": 0.0, "longitude": 1e300 } }] }),
            "position_invalid",
            "addresses",
        ),
        (json!({ "addresses": vec![json!({ "city": "x" }); 101] }), "too_many", "addresses"),
        (json!({ "labels": (0..51).map(|n| n.to_string()).collect::<Vec<_>>() }), "too_many", "labels"),
        (json!({ "consents": { "offers": { "is_given": true } } }), "consent_invalid", "consents"),
        (json!({ "consents": { "Offers/SMS": { "is_given": true } } }), "consent_invalid", "consents"),
        (json!({ "cards": { "V-AENB-GWT4": {} } }), "card_check", "serial_number"),
        (json!({ "cards": { " ": {} } }), "required", "cards"),
        (json!({ "cards": { "12\u{1b}34": {} } }), "invalid_character", "cards"),
        (json!({ "merged": { "into": "01a0f4f9-b280-7154-a0f2-6c849361d963" } }), "member_invalid", "merged"),
        (json!({ "fone": "0912000417" }), "member_invalid", "fone"),
        (json!({ "id": "01a0f4f9-b280-7154-a0f2-6c849361d963" }), "member_invalid", "id"),
    ] {
        let mut member = plain();
        member.as_object_mut().expect("an object").extend(patch.as_object().expect("an object").clone());
        let ended = till.try_add("KM", &member);
        let told = (ended.code, ended.json["code"].as_str(), ended.json["field"].as_str());
        assert_eq!(told, (2, Some(code), Some(field)), "{patch:.100}: {}", ended.stderr);
    }
    assert_eq!(written(&till), before);
}

#[test]
fn a_wrong_edit_leaves_the_member_as_they_were() {
    let till = Alone::open();
    let id = till.add("KM", &full());
    let before = (till.show(&id), written(&till));
    for patch in [
        r#"{ "note": "new", "birthday": { "month": 2, "day": 30 } }"#,
        r#"{ "note": "new", "valid_until": "2026-02-30" }"#,
        r#"{ "name": null, "company": null }"#,
        r#"{ "name": { "full": "" , "given": null, "family": null }, "company": null }"#,
        r#"{ "note": "new", "discount_percent": "200" }"#,
        r#"{ "note": "new", "x": 1 }"#,
        "[]",
        "null",
        "7",
        "{ half",
        "",
    ] {
        let ended = till.cli.run_with_input(&["member", "edit", &id, "-"], patch);
        assert_eq!(ended.code, 2, "{patch}: {}{}", ended.stdout, ended.stderr);
        assert!(ended.json["code"].is_string() && ended.stdout.is_empty(), "{patch}: {}", ended.stderr);
    }
    assert_eq!((till.show(&id), written(&till)), before);
}

const ONE_PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[test]
fn a_picture_is_taken_small_and_what_is_none_or_too_large_is_refused() {
    let till = Alone::open();
    let before = written(&till);
    let with_picture =
        |data: String| json!({ "name": { "full": "Mai" }, "phone": "0912000417", "picture": { "data": data } });
    let fifty_megabytes = "/9j/".repeat(50 * 1024 * 1024 / 3);
    for (data, code) in [
        (fifty_megabytes, "picture_too_large"),
        ("TVogdGhpcyBpcyBubyBwaWN0dXJl".to_owned(), "picture_invalid"),
        ("not base64 at all!".to_owned(), "picture_invalid"),
        (ONE_PIXEL[..60].to_owned(), "picture_invalid"),
    ] {
        let ended = till.try_add("KM", &with_picture(data));
        let told = (ended.code, ended.json["code"].as_str(), ended.json["field"].as_str());
        assert_eq!(told, (2, Some(code), Some("picture")), "{:.200}", ended.stderr);
    }
    assert_eq!(written(&till), before);
    let id = till.add("KM", &with_picture(ONE_PIXEL.to_owned()));
    let picture = till.show(&id)["picture"].clone();
    assert_eq!(picture["media_type"], "image/jpeg");
    let waiting = till.count_of_changes();
    assert_eq!(till.edit(&id, &json!({ "picture": picture }))["picture"], picture);
    assert_eq!(till.count_of_changes(), waiting, "what was shown can be typed again");
    assert_eq!(till.edit(&id, &json!({ "picture": null }))["picture"], Value::Null);
}

/// Wherever an amount is given.
#[test]
fn an_amount_that_cannot_be_is_refused_by_every_command() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    till.top_up(&id, "100000");
    till.does(&format!("sale {id} 50000 --redeem 10000 --location KM --receipt R"));
    let ledger = till.does(&format!("credit ledger {id}"));
    let before = written(&till);
    for line in [
        format!("credit top-up {id} AMOUNT --location KM --tender cash"),
        format!("credit redeem {id} AMOUNT --location KM"),
        format!("credit cash-out {id} AMOUNT --location KM --tender cash"),
        format!("credit return {id} AMOUNT --location KM --receipt R"),
        format!("credit adjust {id} AMOUNT --location KM --reason r"),
        format!("sale {id} AMOUNT --location KM"),
        format!("sale {id} 1000 --redeem AMOUNT --location KM"),
    ] {
        for amount in ["0.5", "five", "1,000", "1e3", "99999999999999999999", "1000000000001", "٥", "0x10"] {
            let (code, field) = till.refuses(2, &line.replace("AMOUNT", amount));
            assert!(code.starts_with("amount_") && field.as_deref() == Some("amount"), "{line} {amount}: {code}");
        }
        let nothing = till.cli.run(&line.replace("AMOUNT", "0").split_whitespace().collect::<Vec<_>>());
        let may_be_nothing = line.contains("--redeem");
        assert_eq!(nothing.json["code"] == "amount_not_positive", !may_be_nothing, "{line}: {}", nothing.stderr);
    }
    assert_eq!(till.does(&format!("credit ledger {id}")).as_array().map(Vec::len), ledger.as_array().map(Vec::len));
    assert_eq!(written(&till)[2], before[2]);
}

/// Words that are no command, or ids that are none.
#[test]
fn wrong_words_are_told_as_json_with_exit_2() {
    let till = Alone::open();
    let before = written(&till);
    for line in [
        "",
        "frobnicate",
        "member",
        "member show",
        "member show not-an-id",
        "member add --location KM",
        "member find 0398",
        "card issue",
        "card replace 1",
        "credit top-up",
        "sale",
        "import members",
        "import undo not-a-batch --x",
        "privacy consent 01a0f4f9-b280-7154-a0f2-6c849361d963 offers sms maybe --source counter",
        "member list --now yesterday",
        "settings set no_such_key 1",
        "settings set language klingon",
        "settings set allowance.KM.max_age_hours -1",
        "settings set allowance.KM.max_age_hours 99999999999",
        "settings set allowance.KM.per_member -5",
        "location add --code K.M --name N --country VN --currency VND",
        "location add --code NN --name N --country XX --currency VND",
        "location add --code NN --name N --country VN --currency ABC",
        "location add --code NN --name N --country VN --currency VND --time-zone Mars/Olympus",
    ] {
        let ended = till.cli.run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(ended.code, 2, "{line}: {}", ended.stderr);
        assert!(ended.json["code"].is_string() && ended.stdout.is_empty(), "{line}: {}", ended.stderr);
    }
    assert_eq!(written(&till), before);
}
