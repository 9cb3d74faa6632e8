//! What cannot be done is said with a code, a sentence and an exit code, and nothing is written.

use crate::shop::Shop;
use regulars_testkit::cli::Cli;
use regulars_testkit::folder::Folder;
use regulars_testkit::program::binary;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A till that works alone, with a shop.
fn alone(folder: &Path) -> Cli {
    let cli = Cli::new(folder);
    cli.done(&["init", "--till", "Till 1"]);
    cli.done(&["location", "add", "--code", "LY", "--name", "Lyon", "--country", "FR", "--currency", "EUR"]);
    cli
}

fn add(cli: &Cli, member: &Value) -> (i32, Value) {
    let ended = cli.run_with_input(&["member", "add", "--location", "LY", "-"], &member.to_string());
    (ended.code, ended.json)
}

fn register(cli: &Cli) -> String {
    let (code, member) = add(cli, &json!({ "name": { "full": "Marie Dubois" }, "phone": "06 12 34 56 78" }));
    assert_eq!(code, 0, "{member}");
    member["id"].as_str().expect("an id").to_owned()
}

#[test]
fn bad_members_are_refused_at_their_field_and_nothing_is_written() {
    let folder = Folder::new();
    let cli = alone(&folder.join("till"));
    let good = json!({ "name": { "full": "Marie Dubois" }, "phone": "06 12 34 56 78" });
    let with = |field: &str, value: Value| {
        let mut member = good.clone();
        member[field] = value;
        member
    };
    let novel = "It was a dark and stormy night. ".repeat(8_000);
    for (member, code, field) in [
        (json!({ "phone": "0612345678" }), "required", Some("name.full")),
        (json!({ "name": { "full": "Marie" } }), "required", Some("phone")),
        (with("phone", json!("call me")), "phone_invalid", Some("phone")),
        (with("phone", json!("9".repeat(500))), "phone_invalid", Some("phone")),
        (with("email", json!("marie")), "email_invalid", Some("email")),
        (with("birthday", json!({ "month": 2, "day": 30 })), "birthday_invalid", Some("birthday")),
        (with("birthday", json!({ "month": 1, "day": 1, "year": 9999 })), "birthday_invalid", Some("birthday")),
        (with("name", json!({ "full": novel })), "too_long", Some("name.full")),
        (with("note", json!(novel)), "too_long", Some("note")),
        (with("name", json!({ "full": "Ma\u{0}rie" })), "invalid_character", Some("name.full")),
        (with("name", json!({ "full": "\u{202e}eiraM" })), "invalid_character", Some("name.full")),
        (with("note", json!("\u{1b}[2J")), "invalid_character", Some("note")),
        (json!([]), "member_invalid", None),
    ] {
        let (exit, error) = add(&cli, &member);
        assert_eq!((exit, error["code"].as_str(), error["field"].as_str()), (2, Some(code), field), "{error}");
    }
    let ended = cli.run_with_input(&["member", "add", "--location", "LY", "-"], "{ half");
    assert_eq!((ended.code, ended.json["code"].as_str()), (2, Some("member_invalid")));
    cli.ends(5, &["member", "find", "--location", "LY", "0612345678"]);
    assert_eq!(cli.done(&["audit", "list"]).as_array().map(Vec::len), Some(1), "only the shop was written");
}

#[test]
fn what_looks_like_sql_is_a_name() {
    let folder = Folder::new();
    let cli = alone(&folder.join("till"));
    let name = "Robert'); DROP TABLE members;-- 👩‍🍳 محمد";
    let (code, member) = add(&cli, &json!({ "name": { "full": name }, "phone": "+33 6 12 34 56 78" }));
    assert_eq!((code, member["name"]["full"].as_str()), (0, Some(name)));
    assert_eq!(cli.done(&["member", "find", "--location", "LY", "5678"])["members"][0]["name"]["full"], name);
}

#[test]
fn bad_amounts_are_refused_and_nothing_is_booked() {
    let folder = Folder::new();
    let cli = alone(&folder.join("till"));
    let member = register(&cli);
    for (amount, code) in [
        ("0", "amount_not_positive"),
        ("-5", "amount_not_positive"),
        ("5.001", "amount_too_precise"),
        ("1,000", "amount_invalid"),
        ("five", "amount_invalid"),
        ("", "amount_invalid"),
        ("99999999999999999999", "amount_too_large"),
        ("10000000000.01", "amount_too_large"),
    ] {
        let error = cli.ends(2, &["credit", "top-up", &member, amount, "--location", "LY", "--tender", "cash"]);
        assert_eq!((error["code"].as_str(), error["field"].as_str()), (Some(code), Some("amount")), "{amount}");
    }
    let error = cli.ends(2, &["credit", "top-up", &member, "5", "--location", "LY"]);
    assert_eq!((error["code"].as_str(), error["field"].as_str()), (Some("required"), Some("tender")));
    let error = cli.ends(2, &["credit", "top-up", &member, "5", "--location", "LY", "--tender", "cheque"]);
    assert_eq!(error["code"], "tender_invalid");
    let error = cli.ends(6, &["credit", "redeem", &member, "0.01", "--location", "LY"]);
    assert_eq!(error["code"], "insufficient_credit");
    assert_eq!(cli.done(&["credit", "ledger", &member]), json!([]));
}

#[test]
fn a_till_alone_keeps_its_own_credit_to_the_cent() {
    let folder = Folder::new();
    let cli = alone(&folder.join("till"));
    let member = register(&cli);
    for amount in ["0.01", "10", "4.5"] {
        cli.done(&["credit", "top-up", &member, amount, "--location", "LY", "--tender", "card", "--receipt", "10260"]);
    }
    let left = cli.done(&["credit", "redeem", &member, "14.50", "--location", "LY"]);
    assert_eq!(left["balance"], json!({ "minor": 1, "currency": "EUR" }));
    assert_eq!(left["this_till_only"], true);
    assert_eq!(cli.done(&["sync"]), json!({ "sent": 0, "received": 0, "waiting": 0, "parked": 0 }));
}

#[test]
fn unknown_things_are_not_found_and_wrong_words_are_told() {
    let folder = Folder::new();
    let cli = alone(&folder.join("till"));
    let nobody = "01a210db-6966-795d-92c8-7f339d865369";
    assert_eq!(cli.ends(5, &["member", "show", nobody])["code"], "member_not_found");
    assert_eq!(cli.ends(5, &["member", "find", "--location", "XX", "0612345678"])["code"], "location_not_found");
    assert_eq!(cli.ends(5, &["outbox", "retry", nobody])["code"], "change_not_found");
    assert_eq!(cli.ends(5, &["remote", "check", "nobody"])["code"], "remote_not_found");
    assert_eq!(cli.ends(2, &["member", "fnid"])["code"], "usage");
    assert_eq!(cli.ends(2, &["member", "show", "Marie"])["code"], "usage");
    let add = |kind, url| ["remote", "add", "r", "--kind", kind, "--url", url];
    assert_eq!(cli.ends(2, &add("fax", "https://office.example.com"))["code"], "kind_unknown");
    let error = cli.ends(2, &add("head-office", "http://office.example.com"));
    assert_eq!((error["code"].as_str(), error["field"].as_str()), (Some("plain_http_refused"), Some("url")));
    assert_eq!(cli.ends(2, &add("head-office", "office example"))["code"], "url_invalid");
    assert_eq!(Cli::new(&folder.join("nothing")).ends(1, &["doctor"])["code"], "not_set_up");
    assert_eq!(cli.ends(1, &["init", "--till", "Till 2"])["code"], "already_set_up");
    assert_eq!(cli.ends(6, &["doctor", "--now", "2026-11-24T08:00:00Z"])["code"], "change_state");
}

#[test]
fn a_wrong_token_and_a_stranger_at_the_address_are_told_apart() {
    let shop = Shop::open();
    let till = shop.till("A");
    assert_eq!(till.cli.done(&["remote", "check", "head office"])["members"], 0);
    let wrong = till.cli.clone().with("TILL_TOKEN", "rgt_00000000000000000000000000000000_00");
    wrong.done(&[
        "remote",
        "add",
        "head office",
        "--kind",
        "head-office",
        "--url",
        &shop.line.url(),
        "--secret-env",
        "TILL_TOKEN",
    ]);
    assert_eq!(wrong.ends(4, &["remote", "check", "head office"])["code"], "token_refused");
    wrong.ends(4, &["sync"]);
    shop.line.unplug();
    assert_eq!(wrong.ends(4, &["remote", "check", "head office"])["code"], "unreachable");
}

#[test]
fn a_second_process_is_told_that_the_till_is_open() {
    let folder = Folder::new();
    let data_dir = folder.join("till");
    let cli = alone(&data_dir);
    // Waits for its input, with the till open.
    let mut first = Command::new(binary("regulars-bridge"));
    first.arg("--data-dir").arg(&data_dir).arg("--ui").arg(folder.path()).env("REGULARS_KEYSTORE", "file");
    let first = regulars_testkit::program::Running::start(first);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let state = runtime.block_on(ask(first.url(), "start_state"));
    assert_eq!(state["stage"], "ready");
    assert_eq!(cli.ends(1, &["doctor"])["code"], "till_in_use");
    drop(first);
    cli.done(&["doctor"]);
}

async fn ask(url: &str, name: &str) -> Value {
    let asked = reqwest::Client::new().post(format!("{url}/rpc/{name}")).json(&json!({}));
    asked.send().await.expect("answered").json().await.expect("JSON")
}

#[test]
fn a_lost_key_and_a_damaged_file_are_told_and_nothing_is_deleted() {
    let folder = Folder::new();
    let data_dir = folder.join("till");
    let cli = alone(&data_dir);
    let member = register(&cli);
    let secrets = data_dir.join("till.secrets.json");
    let kept = fs::read(&secrets).expect("the key's file");
    let database = fs::read(data_dir.join("till.db")).expect("the file");
    fs::remove_file(&secrets).expect("removed");
    assert_eq!(cli.ends(1, &["doctor"])["code"], "key_lost");
    assert_eq!(fs::read(data_dir.join("till.db")).expect("the file"), database);
    fs::write(&secrets, kept).expect("put back");
    cli.done(&["doctor"]);

    let mut damaged = database.clone();
    damaged[200] ^= 0xff;
    fs::write(data_dir.join("till.db"), &damaged).expect("damaged");
    let ended = cli.run(&["member", "show", &member]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("file_salvaged"), "{}", ended.stderr);
    let aside = fs::read_dir(data_dir.join("damaged")).expect("kept aside").next().expect("one").expect("read");
    assert_eq!(fs::read(aside.path().join("till.db")).expect("kept"), damaged);
}

/// A limit on file sizes stands in for a full disk: the same write fails, at the same place.
#[test]
#[cfg(unix)]
fn a_full_disk_is_told_and_what_was_there_stays() {
    let folder = Folder::new();
    let data_dir = folder.join("till");
    let cli = alone(&data_dir);
    let member = register(&cli);
    let blocks = fs::metadata(data_dir.join("till.db")).expect("the file").len() / 512;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut refused = 0;
    for number in 0..80 {
        let note = format!("{number} {}", "x".repeat(1_900));
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh"]).arg(binary("regulars-cli")).arg("--data-dir").arg(&data_dir);
        command.args(["--json", "member", "edit", &member, "--file"]);
        let patch = folder.join("patch.json");
        fs::write(&patch, json!({ "note": note }).to_string()).expect("written");
        let output = command.arg(&patch).env("REGULARS_KEYSTORE", "file").stdin(Stdio::null()).output().expect("run");
        if output.status.success() {
            continue;
        }
        refused += 1;
        let told: Value = serde_json::from_slice(&output.stderr).expect("one JSON document");
        assert!(["disk_full", "disk_failed"].contains(&told["code"].as_str().expect("a code")), "{told}");
        if refused == 2 {
            break;
        }
    }
    assert!(refused > 0, "the disk never filled up");
    assert_eq!(cli.done(&["doctor"])["findings"], json!([]));
    assert_eq!(cli.done(&["member", "show", &member])["name"]["full"], "Marie Dubois");
    let ended = cli.run_with_input(&["member", "edit", &member, "-"], &json!({ "note": "room again" }).to_string());
    assert_eq!((ended.code, ended.json["note"].as_str()), (0, Some("room again")), "{}", ended.stderr);
}
