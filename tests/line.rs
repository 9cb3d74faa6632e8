//! A line that fails in every way: a code and a sentence, nothing by halves, and the queue moves on afterwards.

use crate::shop::{Shop, Till};
use regulars_testkit::faults::{Answer, Fault};
use serde_json::{Map, Value, json};
use std::fs;

/// Two members' changes go out over a line that fails once. `code` is what the cashier's machine is told; `None` where
/// the fault makes no difference.
fn check(fault: Fault, part: &str, code: Option<&str>) {
    let shop = Shop::open();
    let till = shop.till("A");
    till.sync();
    let one = till.register("Lý Tú Quang Thắng", "0945350398");
    let booked = till.top_up(&one, "350000")["entries"][0]["id"].as_str().expect("an id").to_owned();
    let other = till.register("Trần Minh Anh", "0912000417");
    till.top_up(&other, "1000");
    shop.line.plan_for(part, fault.clone());
    let ended = till.cli.run(&["sync", "--timeout-s", "2"]);
    match code {
        None => assert_eq!(ended.code, 0, "{fault:?}: {}", ended.stderr),
        Some(code) => {
            assert_eq!(ended.code, 4, "{fault:?}: {} {}", ended.stdout, ended.stderr);
            let told: Value = serde_json::from_str(&ended.stderr).expect("one JSON document");
            assert_eq!(told["code"], code, "{fault:?}: {told}");
            assert!(told["message"].as_str().is_some_and(|message| message.len() > 10), "{told}");
        }
    }
    assert_eq!(shop.line.left(), 0, "{fault:?} did not strike");
    shop.line.release();
    till.sync();
    agree(&shop, &till, &one, &booked);
}

fn agree(shop: &Shop, till: &Till, one: &str, booked: &str) {
    assert_eq!(shop.head_office.member_names(), ["Lý Tú Quang Thắng", "Trần Minh Anh"]);
    let entries = shop.head_office.entries();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(entries.contains(&(booked.to_owned(), 350_000)), "{entries:?}");
    assert_eq!(till.balance(one), 350_000);
    assert_eq!(till.cli.done(&["outbox", "list"]), json!([]));
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    check(Fault::AnswerLost, "/v1/push", Some("unreachable"));
}

#[test]
fn a_lost_request_is_sent_again() {
    check(Fault::RequestLost, "/v1/push", Some("unreachable"));
    check(Fault::RequestLost, "/v1/pull", Some("unreachable"));
}

#[test]
fn a_request_that_arrives_twice_has_its_effect_once() {
    check(Fault::SentTwice, "/v1/push", None);
}

#[test]
fn a_fault_of_head_office_is_waited_out() {
    check(Fault::status(500), "/v1/push", Some("server_error"));
    check(Fault::status_after_effect(500), "/v1/push", Some("server_error"));
    check(Fault::status(503), "/v1/push", Some("server_error"));
    check(Fault::status(500), "/v1/pull", Some("server_error"));
}

#[test]
fn a_token_that_is_refused_for_a_moment_loses_nothing() {
    check(Fault::status(401), "/v1/push", Some("token_refused"));
    check(Fault::status(401), "/v1/pull", Some("token_refused"));
}

#[test]
fn a_remote_that_asks_to_wait_is_left_alone_for_that_long() {
    let wait = |header: &str| Fault::Status(Answer::new(429).with_header("retry-after", header));
    check(wait("1"), "/v1/push", Some("rate_limited"));
    check(wait("nonsense"), "/v1/push", Some("rate_limited"));
    check(wait("99999999"), "/v1/pull", Some("rate_limited"));
}

#[test]
fn a_page_of_somebody_elses_network_is_not_taken_for_an_answer() {
    check(Fault::Html, "/v1/push", Some("not_head_office"));
    check(Fault::Html, "/v1/pull", Some("not_head_office"));
}

#[test]
fn half_an_answer_is_none() {
    check(Fault::TruncatedJson, "/v1/push", Some("unreachable"));
    check(Fault::TruncatedJson, "/v1/pull", Some("unreachable"));
}

#[test]
fn silence_is_given_up_on() {
    check(Fault::Silence, "/v1/push", Some("unreachable"));
}

#[test]
fn a_redirect_is_not_followed_with_the_token() {
    let away = Fault::Status(Answer::new(302).with_header("location", "http://127.0.0.1:9/elsewhere"));
    check(away, "/v1/push", Some("not_head_office"));
}

#[test]
fn a_conflict_waits_for_a_person_and_holds_up_nobody() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Trần Minh Anh", "0912000417");
    a.sync();
    b.sync();
    a.edit(&member, &json!({ "phone": "0912000471", "note": "from A" }));
    b.edit(&member, &json!({ "phone": "0912000714" }));
    b.sync();
    let other = a.register("Marie", "0905552255");
    a.top_up(&other, "1000");
    a.top_up(&member, "2000");
    let ended = a.cli.ends(3, &["sync", "--until-idle"]);
    assert_eq!((ended["parked"].as_i64(), ended["waiting"].as_i64()), (Some(1), Some(0)), "{ended}");
    assert_eq!(shop.head_office.balance(&other), 1_000);
    assert_eq!(shop.head_office.balance(&member), 2_000);

    // What the cashier typed is still what the cashier sees, and a person decides.
    assert_eq!(a.cli.done(&["member", "show", &member])["phone"], "0912000471");
    let parked = a.cli.ends(3, &["outbox", "list"]);
    assert_eq!(parked[0]["problem"]["code"], "conflict");
    assert_eq!(parked[0]["problem"]["field"], "phone");
    a.cli.done(&["outbox", "retry", parked[0]["id"].as_str().expect("an id")]);
    a.sync();
    b.sync();
    for till in [&a, &b] {
        let shown = till.cli.done(&["member", "show", &member]);
        assert_eq!((shown["phone"].as_str(), shown["note"].as_str()), (Some("0912000471"), Some("from A")));
    }
}

#[test]
fn a_change_that_is_given_up_leaves_the_member_as_head_office_has_them() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Trần Minh Anh", "0912000417");
    a.sync();
    b.sync();
    a.edit(&member, &json!({ "phone": "0912000471" }));
    b.edit(&member, &json!({ "phone": "0912000714" }));
    a.sync();
    b.cli.ends(3, &["sync"]);
    let parked = b.cli.ends(3, &["outbox", "list"]);
    let id = parked[0]["id"].as_str().expect("an id");
    assert_eq!(b.cli.ends(2, &["outbox", "discard", id, "--reason", " "])["field"], "reason");
    b.cli.done(&["outbox", "discard", id, "--reason", "A asked her first"]);
    assert_eq!(b.cli.done(&["member", "show", &member])["phone"], "0912000471");
    assert_eq!(b.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn a_till_that_may_not_serve_a_shop_is_told_so_and_goes_on_with_the_rest() {
    let shop = Shop::open();
    shop.till("A").sync();
    let narrow = shop.head_office.token(&["--kind", "till", "--location", "KM"]);
    let till = shop.till("B");
    let till = Till { cli: till.cli.with("TILL_TOKEN", &narrow) };
    till.add_remote(&shop.line.url());
    till.cli.done(&[
        "location",
        "add",
        "--code",
        "TH",
        "--name",
        "Tây Hồ",
        "--country",
        "VN",
        "--currency",
        "VND",
        "--remote",
        "head office",
    ]);
    let member = till.register("Marie", "0905552255");
    till.top_up(&member, "5");
    till.cli.ends(3, &["sync", "--until-idle"]);
    assert_eq!(shop.head_office.balance(&member), 5);
    let parked = till.cli.ends(3, &["outbox", "list"]);
    assert_eq!(parked[0]["problem"]["code"], "location_not_allowed");
}

#[test]
fn what_another_system_refuses_waits_for_a_person_and_is_no_trouble_of_the_line() {
    let shop = Shop::open();
    let till = shop.till_over("stancer");
    till.does("sync");
    till.register("Marie Curie", "0905552255");
    let refusal = json!({ "error": { "type": "invalid_request_error", "message": "not this one" } });
    shop.line
        .plan_for("/customers", Fault::Status(Answer::new(400).with_body("application/json", refusal.to_string())));
    let ended = till.cli.run(&["sync"]);
    assert_eq!((ended.code, ended.json["parked"].as_i64()), (3, Some(1)), "{} {}", ended.stdout, ended.stderr);
    assert_eq!(till.ends(3, "outbox list")[0]["problem"]["message"], "not this one");
}

#[test]
fn a_secret_that_is_missing_holds_up_neither_the_counter_nor_the_other_remotes() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Marie", "0905552255");
    till.top_up(&member, "100000");
    till.sync();
    till.does(&format!("remote add another --kind head-office --url {}", shop.line.url()));
    till.top_up(&member, "5");
    let ended = till.cli.run(&["sync"]);
    assert_eq!((ended.code, ended.json["sent"].as_i64()), (4, Some(1)), "{}", ended.stderr);
    let told: Value = serde_json::from_str(&ended.stderr).expect("one JSON document");
    assert_eq!(told["code"], "secret_missing");
    assert_eq!(shop.head_office.balance(&member), 100_005);

    // The shop's own secret is lost: that is a line that is down.
    let file = shop.folder.join("A").join("till.secrets.json");
    let mut secrets: Map<String, Value> =
        serde_json::from_slice(&fs::read(&file).expect("the secrets")).expect("secrets by name");
    secrets.retain(|name, _| !name.contains("/remote/"));
    fs::write(&file, Value::from(secrets).to_string()).expect("written");
    till.does(&format!("credit redeem {member} 1000 --location KM"));
    till.does(&format!("credit cash-out {member} 1000 --location KM"));
    till.does(&format!("sale {member} 5000 --location KM --redeem 1000"));
    assert_eq!(till.balance(&member), 97_005);
    till.cli.ends(4, &["sync"]);
}

#[test]
fn head_office_killed_and_started_again_goes_on_where_it_was() {
    let mut shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Marie", "0905552255");
    till.sync();
    shop.head_office.kill();
    till.top_up(&member, "700");
    till.cli.ends(4, &["sync"]);
    shop.head_office.restart();
    till.sync();
    assert_eq!(shop.head_office.balance(&member), 700);
}
