//! What is edited besides members: the shop, what is said about a card, what a member system is called.

use super::*;

const CARD: &str = "8400174504165209";

fn shop(name: &str, time_zone: &str, issuer: Value) -> Value {
    json!({ "name": name, "time_zone": time_zone, "issuer": issuer })
}

#[tokio::test]
async fn the_shop_is_called_what_somebody_says_and_keeps_its_issuer_once_credit_is_booked() {
    let counter = Counter::open().await;
    let settings = counter.ask("settings", json!({})).await;
    assert!(settings["time_zones"].as_array().is_some_and(|all| all.contains(&json!("Europe/Bratislava"))));
    let known = &settings["location"];
    assert_eq!(
        (&known["issuer"], &known["issuer_stays"], &known["is_told"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    for (asked, code, field) in [
        (shop(" ", "Asia/Bangkok", Value::Null), "required", "name"),
        (shop(&"x".repeat(500), "Asia/Bangkok", Value::Null), "too_long", "name"),
        (shop("Kim Mã", "Mars", Value::Null), "time_zone_unknown", "time_zone"),
        (shop("Kim Mã", "Asia/Bangkok", json!("x".repeat(17))), "too_long", "issuer"),
    ] {
        assert_eq!(counter.refused("save_shop", asked).await, (code.to_owned(), Some(field.to_owned())));
    }
    let saved = counter.ask("save_shop", shop(" Kim Mã 2 ", "Asia/Bangkok", json!("KIM"))).await;
    let now = ["name", "time_zone", "issuer", "code"].map(|field| saved["location"][field].clone());
    assert_eq!(now, [json!("Kim Mã 2"), json!("Asia/Bangkok"), json!("KIM"), json!("KM")]);
    let desk = counter.ask("desk", json!({})).await;
    assert_eq!(desk["location"]["name"], "Kim Mã 2");

    let member = counter.register("Marie", "0905552255").await;
    let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
    let amount = json!({ "minor": 5_000, "currency": "VND" });
    let top_up = json!({ "member_id": member, "entry_id": entry, "amount": amount, "tender": "cash" });
    counter.ask("top_up", top_up).await;
    let settings = counter.ask("settings", json!({})).await;
    assert_eq!(settings["location"]["issuer_stays"], "issuer_booked");
    for other in ["", "SEA"] {
        let refused = counter.refused("save_shop", shop("Kim Mã", "Asia/Bangkok", json!(other))).await;
        assert_eq!(refused, ("issuer_booked".to_owned(), Some("issuer".to_owned())));
    }
    // The rest goes on, and with the issuer that there is it is no change of it.
    for issuer in [Value::Null, json!("KIM")] {
        counter.ask("save_shop", shop("Kim Mã", "Asia/Ho_Chi_Minh", issuer)).await;
    }
    let card = counter.ask("open_member", json!({ "member_id": member })).await;
    assert_eq!(card["credit"]["balance"]["minor"], 5_000);
}

#[tokio::test]
async fn what_is_said_about_a_card_is_kept_by_days_of_the_shop_and_blocks_nothing() {
    let counter = Counter::open().await;
    let member = counter.register("Marie", "0905552255").await;
    counter.ask("issue_card", json!({ "member_id": member, "serial_number": CARD, "is_virtual": false })).await;
    let said = |note: &str, processor: &str, from: Value, until: Value| {
        let days = json!({ "valid_from": from, "valid_until": until });
        json!({ "serial_number": CARD, "note": note, "processor": processor, "valid_from": days["valid_from"], "valid_until": days["valid_until"] })
    };
    let shown = |card: &Value| {
        let card = &card["cards"][0];
        ["note", "processor", "valid_from", "valid_until", "state"].map(|field| card[field].clone())
    };
    let whole = said(" bent ", "GW", json!("2020-01-01"), json!("2020-12-31"));
    let card = counter.ask("describe_card", whole.clone()).await;
    assert_eq!(shown(&card), ["bent", "GW", "2020-01-01", "2020-12-31", "expired"].map(|text| json!(text)));
    // The same once more is no change.
    let edits = |card: &Value| card["history"].as_array().map(Vec::len);
    assert_eq!(edits(&counter.ask("describe_card", whole).await), edits(&card));
    let card = counter.ask("describe_card", said("", "", Value::Null, Value::Null)).await;
    assert_eq!(shown(&card), [Value::Null, Value::Null, Value::Null, Value::Null, json!("active")]);

    for (asked, code, field) in [
        (said("", "", json!("2027-01-01"), json!("2026-12-31")), "validity_invalid", Some("valid_until")),
        (said(&"x".repeat(2_001), "", Value::Null, Value::Null), "too_long", Some("note")),
        (said("", "\u{1b}[2J", Value::Null, Value::Null), "invalid_character", Some("processor")),
    ] {
        let refused = counter.refused("describe_card", asked).await;
        assert_eq!((refused.0.as_str(), refused.1.as_deref()), (code, field));
    }
    let mut strange = said("", "", Value::Null, Value::Null);
    strange["serial_number"] = json!("99");
    assert_eq!(counter.refused("describe_card", strange).await.0, "card_not_found");

    counter.ask("block_card", json!({ "serial_number": CARD, "reason": "lost" })).await;
    let card = counter.ask("describe_card", said("found in the yard", "", Value::Null, Value::Null)).await;
    assert_eq!(
        (&card["cards"][0]["state"], &card["cards"][0]["note"]),
        (&json!("blocked"), &json!("found in the yard"))
    );
}

#[tokio::test]
async fn a_member_system_is_called_something_else_and_keeps_its_kind_secret_and_shops() {
    let counter = Counter::open().await;
    let asked = |name: &str, is_new: bool, new_name: Value| {
        json!({
            "name": name, "is_new": is_new, "new_name": new_name, "kind": "crmx", "url": "http://127.0.0.1:9",
            "settings": {}, "secret": if is_new { json!("hush") } else { Value::Null }, "certificate": null,
            "may_be_plain": false, "members_of": null,
        })
    };
    counter.ask("save_remote", asked("CRMX", true, Value::Null)).await;
    counter.ask("save_remote", asked("Other", true, Value::Null)).await;
    counter.ask("connect_shop", json!({ "code": "KM", "remote": "CRMX", "pos_id": "KM" })).await;
    for (new_name, code) in [("Other", "remote_exists"), ("  ", "required")] {
        let refused = counter.refused("save_remote", asked("CRMX", false, json!(new_name))).await;
        assert_eq!(refused, (code.to_owned(), Some("name".to_owned())));
    }
    let view = counter.ask("save_remote", asked("CRMX", false, json!(" Members of Kim Mã "))).await;
    let names: Vec<_> = view["remotes"].as_array().expect("a list").iter().map(|remote| &remote["name"]).collect();
    assert_eq!(names, ["Members of Kim Mã", "Other"]);
    let renamed = &view["remotes"][0];
    assert_eq!((&renamed["kind"], &renamed["has_secret"]), (&json!("crmx"), &json!(true)));
    assert_eq!(view["shops"][0]["remote"], "Members of Kim Mã");
    counter.ask("save_remote", asked("Members of Kim Mã", false, json!("Members of Kim Mã"))).await;
    assert_eq!(counter.refused("check_remote", json!({ "name": "CRMX" })).await.0, "remote_not_found");
}
