//! Nonsense on the line and at the page: whatever arrives in the place of what was sent, somebody says so in words; no
//! program breaks on it, and the till's file stays whole.

use crate::shop::Shop;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_testkit::faults::Fault;
use regulars_testkit::folder::is_quick;
use regulars_testkit::nonsense;
use regulars_testkit::program::{Running, binary};
use serde_json::{Value, json};
use std::process::Command;

/// How often something is garbled on the way of one remote, where `REGULARS_ROUNDS` does not say so.
const ROUNDS: u64 = 40;
const ROUNDS_QUICK: u64 = 5;

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn rounds() -> u64 {
    asked("REGULARS_ROUNDS").unwrap_or(if is_quick() { ROUNDS_QUICK } else { ROUNDS })
}

fn seed() -> u64 {
    let seed: u64 = asked("REGULARS_SEED").unwrap_or_else(rand::random);
    println!("REGULARS_SEED={seed}");
    seed
}

fn random() -> StdRng {
    StdRng::seed_from_u64(seed())
}

fn tried(kind: &str) {
    tried_from(kind, seed());
}

fn tried_from(kind: &str, seed: u64) {
    let (shop, mut random) = (Shop::open(), StdRng::seed_from_u64(seed));
    let till = shop.till_over(kind);
    let member = |n: u64| {
        let (phone, email) = (format!("09{:08}", 12_000_000 + n), format!("m{n}@example.com"));
        json!({ "name": { "full": format!("Member {n}"), "given": "Member", "family": n.to_string() }, "phone": phone, "email": email })
    };
    let mut members = vec![till.add("KM", &member(0))];
    till.cli.run(&["sync"]);
    let rounds = rounds();
    for round in 1..=rounds {
        match random.random_range(0..4) {
            0 => members.push(till.add("KM", &member(round))),
            1 => drop(till.top_up(&members[0], "1000")),
            _ => {
                let whom = &members[random.random_range(0..members.len())];
                let patch = json!({ "email": format!("n{round}@example.com"), "note": format!("note {round}") });
                // What came in garbled may have taken them away.
                till.cli.run_with_input(&["member", "edit", whom, "-"], &patch.to_string());
            }
        }
        let seed = random.random();
        let is_request = random.random_bool(0.5);
        shop.line.plan(if is_request { Fault::RequestGarbled(seed) } else { Fault::AnswerGarbled(seed) });
        let ended = till.cli.run(&["sync"]);
        assert!(
            [0, 3, 4].contains(&ended.code) && !ended.stderr.contains("panicked"),
            "round {round}: {ended:?} {:?}",
            shop.line.log().fired.last()
        );
    }
    let log = shop.line.log();
    assert!(log.fired.len() as u64 >= rounds / 2, "the line was garbled {} times only", log.fired.len());
    assert!(!log.answered.is_empty() && log.answered.iter().all(|status| *status < 500), "{:?}", log.answered);
    assert!(!shop.head_office.errors().contains("panicked"), "{}", shop.head_office.errors());
    let found = till.cli.run(&["doctor"]).json["findings"].as_array().expect("findings").clone();
    // What cannot be read is kept aside; what could be read and was not what had been said is noticed by the sums, and put
    // right. That is all.
    let is_well = |finding: &Value| match finding["code"].as_str() {
        Some("rows_quarantined") => true,
        Some("head_office_differs") => finding["repaired"] == json!(true),
        _ => false,
    };
    assert!(found.iter().all(is_well), "{found:?}");
}

#[test]
fn on_the_line_to_our_head_office() {
    tried("head-office");
}

#[test]
fn on_the_line_to_crmx() {
    tried("crmx");
}

#[test]
fn on_the_line_to_lumyri() {
    tried("lumyri");
}

#[test]
fn on_the_line_to_portos() {
    tried("portos");
}

#[test]
fn on_the_line_to_stancer() {
    tried("stancer");
}

/// The key of a member that came in garbled is part of an address from then on: nothing else waits for it.
#[test]
fn a_key_that_no_address_can_have_stops_nothing() {
    tried_from("stancer", 2_183_234_017_906_204_308);
}

#[test]
fn on_the_line_to_valomnia() {
    tried("valomnia");
}

/// What the page asks, as it asks it.
fn questions(member: &str) -> Vec<(&'static str, Value)> {
    let dong = |minor: i64| json!({ "minor": minor, "currency": "VND" });
    let id = "01991234-5678-7abc-8def-0123456789ab";
    let person = json!({
        "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" }, "phone": "0945350399", "email": "m@example.com",
        "birthday": { "month": 5, "day": 30, "year": 1996 }, "labels": ["Regular"], "discount_percent": "5", "note": "nuts",
        "addresses": [{ "role": "home", "text": "82 Dich Vong Hau", "position": { "latitude": 21.0, "longitude": 105.8 } }],
        "meta": { "key": "value" }, "consents": [],
    });
    vec![
        ("find", json!({ "query": "0945350398" })),
        ("ask_remote", json!({ "query": "0945350398" })),
        ("open_member", json!({ "member_id": member })),
        ("read_phone", json!({ "phone": "0945350398" })),
        ("register", json!({ "input": person })),
        ("edit_member", json!({ "member_id": member, "patch": person })),
        ("top_up", json!({ "member_id": member, "entry_id": id, "amount": dong(1_000), "tender": "cash" })),
        ("preview_top_up", json!({ "member_id": member, "amount_minor": 1_000 })),
        ("pay", json!({ "member_id": member, "visit_id": id, "bill": dong(200_000), "credit": dong(50_000) })),
        ("issue_card", json!({ "member_id": member, "serial_number": "8400174504165209", "is_virtual": false })),
        ("list_members", json!({ "text": "", "sort": "name", "descending": false, "offset": 0, "limit": 100 })),
        ("merge", json!({ "winner_id": member, "loser_id": id, "take": ["note"] })),
        ("put_label", json!({ "name": "Regular", "color": "#00FF00" })),
        ("remove_member", json!({ "member_id": id, "reason": "asked for it" })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_page() {
    let (shop, mut random) = (Shop::open(), random());
    let till = shop.till("A");
    let member = till.register("Marie", "0945350398");
    let data_dir = shop.folder.join("A");
    let mut command = Command::new(binary("regulars-bridge"));
    command.arg("--data-dir").arg(&data_dir).arg("--ui").arg(&data_dir).env("REGULARS_KEYSTORE", "file");
    let mut bridge = Running::start(command);
    let client = reqwest::Client::new();
    for round in 0..=rounds() {
        for (name, mut payload) in questions(&member) {
            let is_whole = round == 0;
            if !is_whole {
                nonsense::spoil(&mut payload, &mut random);
            }
            let asked = client.post(format!("{}/rpc/{name}", bridge.url())).json(&payload);
            let answer = asked.send().await.unwrap_or_else(|error| panic!("{name} {payload}: {error}"));
            let (status, said) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
            let code = said["code"].as_str().unwrap_or_default();
            assert!(status.is_success() || !matches!(code, "" | "internal"), "{name} {payload}: {said}");
            assert!(!is_whole || code != "call_invalid", "{name} is asked otherwise: {said}");
        }
    }
    bridge.kill();
    let found = till.cli.run(&["doctor"]);
    assert_eq!((found.code, &found.json["findings"]), (0, &json!([])), "{found:?}");
}
