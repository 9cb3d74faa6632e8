//! Cards: given out, found by, blocked, unblocked, replaced; a number belongs to one member, on every till.

use crate::shop::{Alone, Shop};
use serde_json::{Value, json};

/// The cards of a member as serial number, state and reason.
fn cards(shown: &Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = shown["cards"].as_array().expect("a list").iter();
    let card = |card: &Value| {
        (
            text(&card["serial_number"]).expect("a number"),
            text(&card["state"]).expect("a state"),
            text(&card["status_reason"]),
        )
    };
    list.map(card).collect()
}

fn of(serial: &str, state: &str, reason: Option<&str>) -> (String, String, Option<String>) {
    (serial.to_owned(), state.to_owned(), reason.map(str::to_owned))
}

#[test]
fn a_scanned_card_finds_its_member_in_every_spelling() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    let shown = till.cli.done(&["card", "issue", &id, "--serial", " 8400 1745 0416 5209 "]);
    assert_eq!(cards(&shown), [of("8400174504165209", "active", None)]);
    // The same twice is once.
    till.does(&format!("card issue {id} --serial 8400174504165209"));
    assert_eq!(cards(&till.show(&id)), [of("8400174504165209", "active", None)]);
    for query in ["8400174504165209", "8400-1745-0416-5209", " 8400 1745 0416 5209"] {
        assert_eq!(till.look("KM", query), (0, "found".to_owned(), vec!["Mai".to_owned()]), "{query}");
    }
    // Part of a number is nobody's card.
    assert_eq!(till.look("KM", "84001745").0, 5);
}

#[test]
fn a_virtual_card_is_made_with_a_number_that_a_mistyped_one_is_told_from() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    let shown = till.does(&format!("card issue {id} --virtual"));
    assert_eq!(shown["cards"][0]["is_virtual"], true);
    let serial = shown["cards"][0]["serial_number"].as_str().expect("a number").to_owned();
    assert_eq!(till.look("KM", &serial.to_lowercase()).2, ["Mai"]);
    assert_eq!(till.look("KM", &serial.replace('-', " ")).2, ["Mai"]);
    let (rest, last) = serial.split_at(serial.len() - 1);
    let wrong = format!("{rest}{}", if last == "2" { "3" } else { "2" });
    let other = till.register("Lan", "0987654321");
    assert_eq!(
        till.refuses(2, &format!("card issue {other} --serial {wrong}")),
        ("card_check".to_owned(), Some("serial_number".to_owned()))
    );
    assert_eq!(cards(&till.show(&other)), []);
}

#[test]
fn a_blocked_card_is_refused_until_the_block_is_lifted() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    till.does(&format!("card issue {id} --serial KM-77"));
    assert_eq!(
        till.refuses(2, "card block KM-77 --reason eaten"),
        ("block_reason_invalid".into(), Some("reason".into()))
    );
    assert_eq!(till.refuses(5, "card block KM-78 --reason lost").0, "card_not_found");
    assert_eq!(till.refuses(6, "card unblock KM-77").0, "card_not_blocked");
    assert_eq!(cards(&till.does("card block km-77 --reason stolen")), [of("KM-77", "blocked", Some("stolen"))]);
    assert_eq!(till.refuses(6, "card block KM-77 --reason lost").0, "card_blocked_already");
    let refused = till.ends(6, "member find --location KM km77");
    assert_eq!((&refused["code"], &refused["field"]), (&json!("card_refused"), &json!("serial_number")));
    assert!(refused["message"].as_str().is_some_and(|said| said.contains("stolen")), "{refused}");
    // The member is found by everything else.
    assert_eq!(till.find("0912000417"), ["Mai"]);
    assert_eq!(cards(&till.does("card unblock KM-77")), [of("KM-77", "active", None)]);
    assert_eq!(till.look("KM", "KM-77"), (0, "found".to_owned(), vec!["Mai".to_owned()]));
}

#[test]
fn a_replaced_card_leaves_everything_to_the_new_one() {
    let till = Alone::open();
    let id = till.add(
        "KM",
        &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "labels": ["VIP"], "discount_percent": "5" }),
    );
    till.top_up(&id, "70000");
    till.does(&format!("card issue {id} --serial 1111"));
    let shown = till.does("card replace 1111 2222 --reason lost");
    assert_eq!(cards(&shown), [of("1111", "blocked", Some("lost")), of("2222", "active", None)]);
    assert_eq!(shown["cards"][0]["replaced_by"], "2222");
    assert_eq!((&shown["labels"], &shown["discount_percent"]), (&json!(["VIP"]), &json!("5")));
    assert_eq!(shown["credit"]["balance"]["minor"], 70_000);
    assert_eq!((till.look("KM", "2222").2, till.look("KM", "1111").0), (vec!["Mai".to_owned()], 6));
    assert_eq!(till.refuses(6, "card replace 2222 1111").0, "card_taken");
    assert_eq!(till.refuses(5, "card replace 9999 3333").0, "card_not_found");
    assert_eq!(till.refuses(6, "card unblock 1111").0, "card_refused");
}

#[test]
fn a_number_belongs_to_one_member() {
    let till = Alone::open();
    let (mai, lan) = (till.register("Mai", "0912000417"), till.register("Lan", "0987654321"));
    till.does(&format!("card issue {mai} --serial AB-1"));
    till.does(&format!("card issue {lan} --serial CD-2"));
    for line in [format!("card issue {lan} --serial ab1"), "card replace CD-2 AB-1".to_owned()] {
        assert_eq!(till.refuses(6, &line), ("card_taken".into(), Some("serial_number".into())), "{line}");
    }
    assert_eq!(cards(&till.show(&lan)), [of("CD-2", "active", None)]);
    let with_card = json!({ "name": { "full": "An" }, "phone": "0900000001", "cards": { "AB-1": {} } });
    assert_eq!(till.try_add("KM", &with_card).code, 6);
    assert_eq!(till.find("0900000001"), Vec::<String>::new());
}

#[test]
fn a_card_and_its_block_reach_the_other_till() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.register("Mai", "0912000417");
    a.does(&format!("card issue {id} --serial 8400174504165209"));
    shop.settle(&a, &b);
    assert_eq!(b.look("KM", "8400174504165209").2, ["Mai"]);
    b.does("card block 8400174504165209 --reason lost");
    shop.settle(&b, &a);
    assert_eq!(a.look("KM", "8400174504165209"), (6, "card_refused".to_owned(), vec![]));
    a.does("card replace 8400174504165209 8400174504165210");
    shop.settle(&a, &b);
    assert_eq!(
        cards(&b.show(&id)),
        [of("8400174504165209", "blocked", Some("lost")), of("8400174504165210", "active", None)]
    );
    assert_eq!(b.look("KM", "8400174504165210").2, ["Mai"]);
}

#[test]
fn one_number_given_to_two_members_without_the_line_needs_a_person() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (mai, lan) = (a.register("Mai", "0912000417"), b.register("Lan", "0987654321"));
    shop.settle(&a, &b);
    shop.line.unplug();
    a.does(&format!("card issue {mai} --serial 5555"));
    b.does(&format!("card issue {lan} --serial 5555"));
    shop.line.plug_in();
    a.sync();
    let told = b.ends(3, "sync --until-idle");
    assert_eq!(told["parked"], 1, "{told}");
    let listed = b.ends(3, "outbox list");
    assert_eq!((&listed[0]["member"], &listed[0]["problem"]["code"]), (&json!(lan), &json!("card_taken")), "{listed}");
    // Whoever was first keeps it; once the second is given up, both tills say the same.
    b.does(&format!("outbox discard {} --reason taken", listed[0]["id"].as_str().expect("an id")));
    shop.settle(&b, &a);
    for till in [&a, &b] {
        assert_eq!(till.look("KM", "5555"), (0, "found".to_owned(), vec!["Mai".to_owned()]));
        assert_eq!(cards(&till.show(&lan)), []);
    }
}
