//! Finding a member by anything, at one shop, with an honest answer.

use crate::shop::{Alone, Shop};
use regulars_testkit::program::{Running, binary};
use serde_json::{Value, json};
use std::process::Command;

/// A shop's members, with what they can be found by; the last two belong to other shops.
fn people() -> Alone {
    let till = Alone::open();
    for (location, member) in [
        (
            "KM",
            json!({ "name": { "full": "Lý Tú Quang Thắng" }, "phone": "0945350398", "email": "Thang@Example.com",
                       "reference": "C-0042", "barcode": "8934563138165" }),
        ),
        (
            "KM",
            json!({ "name": { "full": "Đặng Thị Lý" }, "phone": "0945350777", "mobile": "+421 905 123 456",
                       "external_ids": { "lumyri": "4711-x" } }),
        ),
        ("KM", json!({ "name": { "full": "Søren Æbelø" }, "phone": "+45 20 12 34 56" })),
        (
            "KM",
            json!({ "name": { "full": "Łukasz Groß" }, "phone": "+48 512 345 678", "company": { "name": "Café Zürich" } }),
        ),
        ("KM", json!({ "name": { "full": "O’Brien-Smith, Mary" }, "phone": "+83497898519" })),
        ("KM", json!({ "name": { "full": "李小龍" }, "phone": "0912000417" })),
        ("LY", json!({ "name": { "full": "Marie Dubois" }, "phone": "06 12 34 56 78", "email": "marie@example.com" })),
        ("LY", json!({ "name": { "full": "Tú Lý" }, "phone": "06 12 34 03 98" })),
    ] {
        let id = till.add(location, &member);
        if location == "KM" && member["reference"] == "C-0042" {
            till.does(&format!("card issue {id} --serial 8400174504165209"));
        }
    }
    till
}

/// What is typed in Kim Ma, the answer, and who.
#[test]
fn anything_finds_a_member() {
    let till = people();
    const THANG: &str = "Lý Tú Quang Thắng";
    const LY: &str = "Đặng Thị Lý";
    let table: &[(&str, &str, &[&str])] = &[
        // Numbers in any spelling, whole, or by their last or first digits.
        ("0945350398", "found", &[THANG]),
        ("+84 945 350 398", "found", &[THANG]),
        ("0084945350398", "found", &[THANG]),
        ("84945350398", "found", &[THANG]),
        ("(0945) 350-398", "found", &[THANG]),
        ("0945.350.398", "found", &[THANG]),
        ("٠٩٤٥٣٥٠٣٩٨", "found", &[THANG]),
        ("0398", "found", &[THANG]),
        ("350398", "found", &[THANG]),
        ("0945350", "several", &[THANG, LY]),
        ("0905123456", "not_in_copy", &[]),
        ("+421905123456", "found", &[LY]),
        ("3456", "several", &[LY, "Søren Æbelø"]),
        // A number that the tables of countries do not know.
        ("+83497898519", "found", &["O’Brien-Smith, Mary"]),
        ("8519", "found", &["O’Brien-Smith, Mary"]),
        // Names without marks, in any order, by beginnings.
        ("ly tu", "found", &[THANG]),
        ("thắng lý", "found", &[THANG]),
        ("THANG QUANG", "found", &[THANG]),
        ("lý", "several", &[THANG, LY]),
        ("dang thi", "found", &[LY]),
        ("đặng", "found", &[LY]),
        ("soren aebelo", "found", &["Søren Æbelø"]),
        ("lukasz gross", "found", &["Łukasz Groß"]),
        ("cafe zurich", "found", &["Łukasz Groß"]),
        ("obrien", "found", &["O’Brien-Smith, Mary"]),
        ("smith mary", "found", &["O’Brien-Smith, Mary"]),
        ("李小", "found", &["李小龍"]),
        ("ly dubois", "not_in_copy", &[]),
        // The whole of a reference, barcode, email, id elsewhere or card.
        ("c-0042", "found", &[THANG]),
        ("C0042", "found", &[THANG]),
        ("8934563138165", "found", &[THANG]),
        ("thang@example.com", "found", &[THANG]),
        ("4711x", "found", &[LY]),
        ("8400 1745 0416 5209", "found", &[THANG]),
        ("thang@example", "not_in_copy", &[]),
        // Somebody of another shop is told by the whole of something only.
        ("+33612345678", "elsewhere", &["Marie Dubois"]),
        ("marie@example.com", "elsewhere", &["Marie Dubois"]),
        ("5678", "found", &["Łukasz Groß"]),
        ("marie dubois", "not_in_copy", &[]),
        // Nothing to go by, and things that are no query of a database.
        ("0", "not_in_copy", &[]),
        ("x", "not_in_copy", &[]),
        ("", "not_in_copy", &[]),
        ("'; DROP TABLE members; --", "not_in_copy", &[]),
        ("\"ly\" OR name:*", "not_in_copy", &[]),
        ("%", "not_in_copy", &[]),
        ("--help", "not_in_copy", &[]),
        ("👩‍🍳", "not_in_copy", &[]),
    ];
    for (query, answer, names) in table {
        let exit = if names.is_empty() { 5 } else { 0 };
        let (code, told, found) = till.look("KM", query);
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        found.sort_unstable();
        let mut names = names.to_vec();
        names.sort_unstable();
        assert_eq!((code, told.as_str(), found.as_slice()), (exit, *answer, names.as_slice()), "{query}");
    }
}

#[test]
fn each_shop_finds_its_own_first() {
    let till = people();
    assert_eq!(till.look("LY", "ly tu").2, ["Tú Lý"]);
    assert_eq!(till.look("KM", "ly tu").2, ["Lý Tú Quang Thắng"]);
    // The same digits are another number in another country.
    assert_eq!(till.look("LY", "0612345678"), (0, "found".to_owned(), vec!["Marie Dubois".to_owned()]));
    assert_eq!(till.look("LY", "+84945350398"), (0, "elsewhere".to_owned(), vec!["Lý Tú Quang Thắng".to_owned()]));
    assert_eq!(till.look("LY", "8400174504165209"), (0, "elsewhere".to_owned(), vec!["Lý Tú Quang Thắng".to_owned()]));
    assert_eq!(
        till.refuses(5, "member find --location XX 0398"),
        ("location_not_found".into(), Some("location".into()))
    );
}

#[test]
fn a_long_text_or_a_page_of_nonsense_finds_nobody_at_once() {
    let till = people();
    for query in ["9".repeat(100_000), "zz ".repeat(30_000), "\u{202e}398".to_owned(), "a".repeat(100_000)] {
        let (exit, answer, found) = till.look("KM", &query);
        assert_eq!((exit, answer.as_str(), found.len()), (5, "not_in_copy", 0), "{:.20}", query);
    }
}

#[test]
fn an_answer_says_how_old_the_copy_is() {
    let shop = Shop::open();
    let till = shop.till_with_test_clock("A", "2026-10-01T08:00:00+07:00");
    let as_of = || till.ends(5, "member find --location KM 0398")["as_of"].clone();
    assert_eq!(as_of(), json!(null));
    till.sync();
    till.at("2026-10-05T08:00:00+07:00");
    assert_eq!(as_of(), "2026-10-01T01:00:00.000Z");
}

/// Portos looks for names, notes and cards, and not for numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_system_answers_for_what_it_looks_at_and_whom_it_finds_by_a_note_is_only_offered() {
    let shop = Shop::open();
    let till = shop.till_over("portos");
    let office = shop.till("office");
    let ada = office.add(
        "KM",
        &json!({ "name": { "full": "Ada Lovelace", "given": "Ada", "family": "Lovelace" }, "phone": "0912000417",
                 "note": "husband 0945350398" }),
    );
    office.does(&format!("card issue {ada} --serial 8400174504165209"));
    office.sync();
    for (query, answer) in [
        ("0987654321", "not_in_copy"),
        ("4321", "not_in_copy"),
        ("nobody@example.com", "not_in_copy"),
        ("8400174504165290", "remote_none"),
    ] {
        assert_eq!(till.look("KM", query), (5, answer.to_owned(), Vec::new()), "{query}");
    }
    let found = till.look("KM", "0945350398");
    assert_eq!(found, (0, "remote_found".to_owned(), vec!["Ada Lovelace".to_owned()]));

    // In the window what is complete opens by itself.
    let data_dir = shop.folder.join("portos");
    let mut command = Command::new(binary("regulars-bridge"));
    command.arg("--data-dir").arg(&data_dir).arg("--ui").arg(&data_dir).env("REGULARS_KEYSTORE", "file");
    let bridge = Running::start(command);
    let client = reqwest::Client::new();
    // It answers once the till is open.
    client.post(format!("{}/rpc/start_state", bridge.url())).json(&json!({})).send().await.expect("answered");
    for (query, is_complete) in [("0945350398", false), ("8400174504165209", true)] {
        let asked = client.post(format!("{}/rpc/ask_remote", bridge.url())).json(&json!({ "query": query }));
        let answer: Value = asked.send().await.expect("answered").json().await.expect("JSON");
        assert_eq!(answer["members"][0]["full_name"], "Ada Lovelace", "{query}: {answer}");
        assert_eq!(answer["is_complete"], is_complete, "{query}: {answer}");
    }
}
