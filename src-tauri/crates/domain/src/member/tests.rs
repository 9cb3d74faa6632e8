//! How a member is typed, read and edited.

use super::parts::MAX_PICTURE;
use super::*;
use crate::edit::Edit;
use proptest::prelude::*;
use serde_json::json;

fn typed() -> Typed {
    Typed {
        country: "VN".parse().expect("a country"),
        on: "2026-11-24".parse().expect("a day"),
        at: "2026-11-24T05:00:00Z".parse().expect("an instant"),
    }
}

#[track_caller]
fn check_refused(json: Value, code: &str, field: &str) {
    let refusal = Typing::read(&json).and_then(|typing| typing.checked_as_new(typed())).expect_err("refused");
    assert_eq!((refusal.code(), refusal.field()), (code, Some(field)));
}

fn thang() -> Member {
    let input = json!({ "name": { "full": "Lý Tú Quang Thắng" }, "phone": "0945 350 398", "birthday": { "month": 5, "day": 30 } });
    Typing::read(&input).and_then(|typing| typing.checked_as_new(typed())).expect("a member").0
}

#[test]
fn name_and_phone_are_enough() {
    let member = thang();
    let phone = member.phone.expect("a phone");
    assert_eq!((phone.typed.as_str(), phone.e164.as_deref()), ("0945 350 398", Some("+84945350398")));
}

#[test]
fn each_wrong_field_is_refused_in_its_own_name() {
    let with = |field: &str, value: Value| {
        let mut json = json!({ "name": { "full": "Lý" }, "phone": "0945350398" });
        json[field] = value;
        json
    };
    check_refused(json!({ "phone": "0945350398" }), "required", "name.full");
    check_refused(json!({ "name": { "full": "Lý" } }), "required", "phone");
    check_refused(with("phone", json!("12")), "phone_invalid", "phone");
    check_refused(with("email", json!("nobody")), "email_invalid", "email");
    check_refused(with("note", json!("n".repeat(2_001))), "too_long", "note");
    check_refused(with("name", json!({ "full": "a\u{0}" })), "invalid_character", "name.full");
    check_refused(with("phone", json!({ "number": 1 })), "member_invalid", "phone");
    check_refused(with("shoe_size", json!(44)), "member_invalid", "shoe_size");
    check_refused(with("valid_until", json!("2026-02-30")), "date_invalid", "valid_until");
    check_refused(with("earn_percent", json!("101")), "percent_invalid", "earn_percent");
}

#[test]
fn birthdays_are_days_that_were() {
    let birthday = |month, day, year| Birthday { month, day, year }.checked(typed().on).is_ok();
    assert!(birthday(2, 29, None) && birthday(2, 29, Some(1996)) && birthday(11, 24, Some(2026)));
    assert!(!birthday(2, 29, Some(1995)) && !birthday(2, 30, None) && !birthday(13, 1, None) && !birthday(0, 0, None));
    assert!(!birthday(11, 25, Some(2026)) && !birthday(1, 1, Some(1899)));
}

#[test]
fn an_edit_holds_only_what_differs() {
    let edit = of_person(&thang(), json!({ "phone": "0945 350 398", "email": "t@example.com" }), typed());
    assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["email"]);
}

#[test]
fn an_edit_elsewhere_does_not_change_what_a_number_means() {
    let lyon = Typed { country: "FR".parse().expect("a country"), ..typed() };
    let edit = of_person(&thang(), json!({ "note": "met in Lyon" }), lyon);
    assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["note"]);
}

#[test]
fn fields_of_a_newer_version_survive_an_edit() {
    let mut document = thang().document();
    document.insert("shoe_size".to_owned(), json!(44));
    let (edit, _) = edit(&document, &Document::new(), &json!({ "birthday": null }), typed()).expect("an edit");
    edit.apply(&mut document);
    assert_eq!(document.get("shoe_size"), Some(&json!(44)));
    assert_eq!(document.get("birthday"), None);
}

#[test]
fn initials_are_those_that_people_are_called_by() {
    assert_eq!(initials("Lý Tú Quang Thắng"), "QT");
    assert_eq!(initials("David Coaster"), "DC");
    assert_eq!(initials("Mai"), "M");
    assert_eq!(initials("“Bà” Hai"), "BH");
    assert_eq!(initials(""), "");
}

fn of_person(member: &Member, patch: Value, typed: Typed) -> Edit {
    edit(&member.document(), &Document::new(), &patch, typed).expect("an edit").0
}

/// Everything that a remote can hold, as it is typed.
fn everything() -> Value {
    let json = r##"{
        "kind": "company",
        "name": { "full": "Bếp Nhà Hà", "given": "Hà", "family": "Bếp Nhà" },
        "phone": "0912345678", "mobile": "0945350398", "fax": "02438561234", "email": "ha@example.com",
        "gender": "female", "birthday": { "month": 2, "day": 29, "year": null },
        "addresses": [{ "role": "billing", "category": "Office", "place_name": "Kitchen", "text": "82 Dich Vong Hau",
            "city": "Ha Noi", "postal_code": "10000", "country": "VN", "note": "ring twice",
            "position": { "latitude": 46.79, "longitude": -71.26 } }],
        "company": { "name": "Bếp Nhà Hà", "registration_number": "0108", "tax_id": "0108555201", "vat_id": "VN0108555201" },
        "note": "Allergic to nuts", "staff_note": { "text": "asks for Mai", "author": "Mai", "on": "2026-11-12" },
        "website": "https://example.com", "social": { "facebook": "bep", "fb_id": "17", "twitter": "@bep" },
        "home_town": "Huế", "marital_status": "married", "picture": { "url": "https://example.com/a.jpg" },
        "reference": "M-1", "second_reference": "B-9", "barcode": "8930000000017", "external_ids": { "erp": "77" },
        "cards": { "8400174504165209": { "is_virtual": false, "processor": "P", "status": "valid", "is_active": true } },
        "consents": { "offers/sms": { "is_given": true, "at": "2026-11-01T00:00:00.000Z", "source": "paper", "wording": "yes" } },
        "meta": { "Portos.Features:x": "s:1" },
        "member_since": "2019-09-26", "labels": ["wholesale"], "category": { "name": "Home", "reference": "H" },
        "segment": { "name": "Gold" }, "parent": "M-0", "bill_with_parent": true, "is_active": true,
        "valid_from": "2020-01-01", "valid_until": "2026-12-31T10:00:00.000Z", "hold": { "reason": "unpaid" },
        "risk": { "name": "high", "color": "#FF0000" }, "discount_percent": "5", "earn_percent": "2.5",
        "on_account": { "limit": { "minor": 500000, "currency": "VND" }, "balance": { "minor": 1, "currency": "VND" } },
        "payment_terms": { "days": 30, "after": "end_of_month" }, "payment_types": ["cash"], "currency": "VND"
    }"##;
    serde_json::from_str(json).expect("json")
}

#[test]
fn nothing_that_a_remote_can_hold_is_lost_on_the_way() {
    let (member, terms) =
        Typing::read(&everything()).and_then(|typing| typing.checked_as_new(typed())).expect("a member");
    let stored = (
        Member::read(&member.document()).expect("read"),
        crate::membership::Terms::read(&terms.document()).expect("read"),
    );
    let mut shown = input::shown(&stored.0, &stored.1);
    shown["birthday"]["year"] = Value::Null;
    assert_eq!(shown, everything());
}

#[test]
fn what_holds_at_the_shop_is_edited_beside_the_person() {
    let (member, terms) =
        Typing::read(&everything()).and_then(|typing| typing.checked_as_new(typed())).expect("a member");
    let patch = json!({ "note": null, "labels": ["retail"], "discount_percent": "7.5", "hold": null });
    let (person, at_shop) = edit(&member.document(), &terms.document(), &patch, typed()).expect("edits");
    assert_eq!(person.fields.keys().collect::<Vec<_>>(), ["note"]);
    assert_eq!(
        at_shop.fields.keys().collect::<Vec<_>>(),
        ["discount_percent", "hold", "labels/retail", "labels/wholesale"]
    );
}

#[test]
fn a_company_or_two_halves_are_name_enough() {
    let name = |json: Value| {
        Typing::read(&json).and_then(|typing| typing.checked_as_new(typed())).expect("a member").0.name.full
    };
    assert_eq!(name(json!({ "phone": "0945350398", "name": { "given": "Tú", "family": "Lý" } })), "Tú Lý");
    assert_eq!(name(json!({ "phone": "0945350398", "kind": "company", "company": { "name": "Bếp" } })), "Bếp");
}

#[test]
fn parts_that_cannot_be_are_refused_at_their_field() {
    let refuses = |field: &str, value: Value, code: &str, told: &str| {
        let mut json = json!({ "name": { "full": "Lý" }, "phone": "0945350398" });
        json[field] = value;
        check_refused(json, code, told);
    };
    refuses("mobile", json!("x"), "phone_invalid", "mobile");
    refuses(
        "addresses",
        json!([{ "position": { "latitude": 91.0, "longitude": 0.0 } }]),
        "position_invalid",
        "addresses",
    );
    refuses("consents", json!({ "Offers": { "is_given": true } }), "consent_invalid", "consents");
    refuses(
        "picture",
        json!({ "media_type": "image/png", "data": "A".repeat(MAX_PICTURE + 1) }),
        "picture_too_large",
        "picture",
    );
    refuses("picture", json!({ "data": "not base64!" }), "picture_invalid", "picture");
    refuses("labels", json!([7]), "member_invalid", "labels");
    refuses("addresses", json!([{ "street": "x" }]), "member_invalid", "addresses.0.street");
    let many: serde_json::Map<String, Value> = (0..101).map(|number| (number.to_string(), json!("x"))).collect();
    refuses("meta", json!(many), "too_many", "meta");
}

#[test]
fn another_answer_is_given_when_it_is_given_and_not_when_the_one_before_was() {
    let earlier = "2026-01-02T03:04:05.000Z".parse().expect("an instant");
    let said = |is_given| Consent { is_given, at: Some(earlier), source: Some("paper".to_owned()), wording: None };
    let member = Member { consents: [("offers/sms".to_owned(), said(true))].into(), ..thang() };
    let answer = |patch: Value| {
        let edit = of_person(&member, json!({ "consents": { "offers/sms": patch } }), typed());
        edit.fields.get("consents/offers/sms").map(|field| field.after["at"].clone())
    };
    assert_eq!(answer(json!({ "is_given": false })), Some(json!(typed().at)));
    assert_eq!(
        answer(json!({ "is_given": false, "at": "2026-02-02T00:00:00.000Z" })),
        Some(json!("2026-02-02T00:00:00.000Z"))
    );
    assert_eq!(answer(json!({ "is_given": true })), None);
    assert_eq!(answer(json!({ "is_given": true, "source": "counter" })), Some(json!(earlier)));
}

#[test]
fn an_alias_is_not_typed() {
    let into = crate::MemberId::mint(typed().at, [0; 10]);
    let alias = Member {
        merged: Some(Merged { into, at: typed().at, taken: Default::default(), holds: Default::default() }),
        ..thang()
    };
    let edit = of_person(&alias, json!({ "note": "x", "merged": null }), typed());
    assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["note"]);
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in ".*", phone in "[0-9 +]{0,30}") {
        let json = json!({
            "name": { "full": text }, "phone": phone, "email": text, "note": text, "website": text, "reference": text,
            "home_town": text, "social": { "zalo": text }, "cards": { (text.clone()): {} }, "labels": [text],
            "valid_until": text, "meta": { (text.clone()): text },
        });
        let _taken_or_refused = Typing::read(&json).and_then(|typing| typing.checked_as_new(typed()));
    }
}
