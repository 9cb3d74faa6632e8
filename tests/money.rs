//! Money at the counter: bills, credit, rewards, returns, corrections and what is refused, to the last minor unit.

use crate::shop::{Alone, Shop, Till};
use regulars_testkit::faults::Fault;
use serde_json::{Value, json};

/// What a member has: the balance, what of it can be used, rewards, and what can be paid out.
fn purse(till: &Till, member: &str) -> [i64; 4] {
    let credit = till.does(&format!("credit balance {member}"));
    ["balance", "available", "rewards", "cashable"].map(|key| credit[key]["minor"].as_i64().expect("an amount"))
}

/// Entries as kind, lot class and amount, in order of their kind and amount.
fn entries(document: &Value) -> Vec<(String, String, i64)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = document["entries"].as_array().or(document.as_array()).expect("a list").iter();
    let mut entries: Vec<_> = list
        .map(|entry| {
            (text(&entry["kind"]), text(&entry["lot_class"]), entry["amount"]["minor"].as_i64().expect("minor"))
        })
        .collect();
    entries.sort();
    entries
}

fn booked(list: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    list.iter().map(|(kind, class, minor)| ((*kind).to_owned(), (*class).to_owned(), *minor)).collect()
}

fn rules(till: &Till, shop: &str, rules: Value) {
    till.cli.done(&["settings", "set", &format!("credit_rules/{shop}"), &rules.to_string()]);
}

fn first_entry(document: &Value) -> String {
    document["entries"][0]["id"].as_str().expect("an entry").to_owned()
}

/// The shop, the rates, the bill, what is paid with credit that was paid in before; and what comes of it in minor
/// units: the discount, what is left to collect, what is earned, the balance after.
#[test]
fn a_bill_is_reckoned_to_the_minor_unit() {
    let till = Alone::open();
    for (number, (shop, [discount, earn], bill, [topped_up, redeemed], expected)) in [
        ("KM", ["0", "0"], "100000", ["", "0"], [0, 100_000, 0, 0]),
        ("KM", ["5", "2.5"], "99999", ["", "0"], [5_000, 94_999, 2_374, 2_374]),
        ("KM", ["100", "5"], "99999", ["", "0"], [99_999, 0, 0, 0]),
        ("KM", ["0", "0.01"], "9999", ["", "0"], [0, 9_999, 0, 0]),
        ("KM", ["10", "2"], "100000", ["50000", "50000"], [10_000, 40_000, 1_800, 1_800]),
        ("KM", ["10", "2"], "100000", ["90000", "90000"], [10_000, 0, 1_800, 1_800]),
        ("LY", ["7.5", "3"], "19.99", ["", "0"], [150, 1_849, 55, 55]),
        ("LY", ["0", "5"], "0.19", ["", "0"], [0, 19, 0, 0]),
        ("LY", ["12.75", "1"], "1234.56", ["100", "0.01"], [15_741, 107_714, 1_077, 11_076]),
        ("KW", ["10", "1.25"], "1.005", ["", "0"], [101, 904, 11, 11]),
        ("KW", ["0", "100"], "0.001", ["0.001", "0.001"], [0, 0, 1, 1]),
    ]
    .into_iter()
    .enumerate()
    {
        let phone = format!("+84945350{number:03}");
        let member =
            json!({ "name": { "full": "Mai" }, "phone": phone, "discount_percent": discount, "earn_percent": earn });
        let id = till.add(shop, &member);
        if !topped_up.is_empty() {
            till.does(&format!("credit top-up {id} {topped_up} --location {shop} --tender cash"));
        }
        let sale = till.does(&format!("sale {id} {bill} --location {shop} --redeem {redeemed} --receipt R{number}"));
        let told = ["discount", "left_to_collect", "earned", "balance"]
            .map(|key| sale[key]["minor"].as_i64().expect("an amount"));
        assert_eq!(told, expected, "{bill} in {shop} at {discount} and {earn}");
        assert_eq!(purse(&till, &id)[0], expected[3]);
        // What was asked is what is told, in the shop's own money.
        let asked = (sale["bill"]["currency"].clone(), sale["receipt"].clone());
        assert_eq!(asked, (sale["currency"].clone(), json!(format!("R{number}"))));
    }
}

#[test]
fn rewards_pay_first_and_earn_nothing() {
    let till = Alone::open();
    let id = till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    till.top_up(&id, "100000");
    till.does(&format!("sale {id} 100000 --location KM"));
    till.does(&format!("credit adjust {id} 500 --location KM --reason sorry"));
    assert_eq!(purse(&till, &id), [102_500, 102_500, 2_000, 100_000]);
    let sale = till.does(&format!("sale {id} 10000 --location KM --redeem 3000"));
    let parts = [
        ("earn", "reward", 160),
        ("redeem", "goodwill", -500),
        ("redeem", "prepaid", -500),
        ("redeem", "reward", -2_000),
    ];
    assert_eq!(entries(&sale), booked(&parts));
    assert_eq!((&sale["earn_base"]["minor"], &sale["left_to_collect"]["minor"]), (&json!(8_000), &json!(7_000)));
    assert_eq!(purse(&till, &id), [99_660, 99_660, 160, 99_500]);
    let redeemed = till.does(&format!("credit redeem {id} 1000 --location KM"));
    assert_eq!(entries(&redeemed), booked(&[("redeem", "prepaid", -840), ("redeem", "reward", -160)]));
}

#[test]
fn who_has_no_rate_of_their_own_earns_what_the_shop_gives() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    let own = till.add("KM", &json!({ "name": { "full": "Lan" }, "phone": "0987654321", "earn_percent": "0" }));
    rules(&till, "KM", json!({ "earn_percent": "3" }));
    let earned = |id: &str| till.does(&format!("sale {id} 100000 --location KM"))["earned"]["minor"].clone();
    assert_eq!((earned(&id), earned(&own)), (json!(3_000), json!(0)));
    assert_eq!(till.does("settings get credit_rules/KM")["value"]["earn_percent"], "3");
    for (wrong, field) in [
        ("{", "key"),
        (r#"{ "earn": "3" }"#, "key"),
        (r#"{ "earn_percent": "300" }"#, "earn_percent"),
        (r#"{ "void_minutes": 100000 }"#, "void_minutes"),
        (r#"{ "reward_valid_days": 99999 }"#, "reward_valid_days"),
        (r#"{ "proof_above_minor": -1 }"#, "proof_above_minor"),
    ] {
        assert_eq!(till.cli.ends(2, &["settings", "set", "credit_rules/KM", wrong])["field"], field, "{wrong}");
    }
    assert_eq!(till.refuses(5, "settings get credit_rules/XX").0, "location_not_found");
    assert_eq!(till.does("settings get credit_rules/KM")["value"]["earn_percent"], "3");
}

#[test]
fn a_reward_runs_out_after_its_last_day_and_not_before() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    rules(&till, "KM", json!({ "earn_percent": "2", "reward_valid_days": 30 }));
    let id = till.register("Mai", "0912000417");
    till.top_up(&id, "50000");
    till.does(&format!("sale {id} 100000 --location KM"));
    till.at("2026-10-11T08:00:00+07:00").does(&format!("sale {id} 50000 --location KM"));
    let credit = till.does(&format!("credit balance {id}"));
    assert_eq!(credit["next_expiry"], json!({ "on": "2026-10-31", "amount": { "minor": 2_000, "currency": "VND" } }));
    // On the last day it is there, to the last second in Hanoi; the soonest lost is used first.
    till.at("2026-10-31T23:59:59+07:00");
    assert_eq!(purse(&till, &id), [53_000, 53_000, 3_000, 50_000]);
    till.does(&format!("credit redeem {id} 500 --location KM"));
    till.at("2026-11-01T00:00:00+07:00");
    assert_eq!(purse(&till, &id), [51_000, 51_000, 1_000, 50_000]);
    let expired =
        entries(&till.does(&format!("credit ledger {id}"))).into_iter().filter(|(kind, _, _)| kind == "expire");
    assert_eq!(expired.collect::<Vec<_>>(), booked(&[("expire", "reward", -1_500)]));
    // Once, however often one looks; and the second lot on its own day.
    till.at("2026-11-10T23:00:00+07:00");
    assert_eq!(purse(&till, &id)[0], 51_000);
    till.at("2026-11-11T00:00:00+07:00");
    assert_eq!(purse(&till, &id), [50_000, 50_000, 0, 50_000]);
    assert_eq!(till.does(&format!("credit balance {id}"))["next_expiry"], Value::Null);
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

#[test]
fn what_was_just_booked_by_mistake_is_undone_within_ten_minutes() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    let id = till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    let void = |entry: &str| format!("credit void {entry} --reason mistake");
    till.top_up(&id, "100000");
    // A sale is undone whole: what was paid with credit comes back, what was earned goes.
    till.at("2026-10-01T08:01:00+07:00");
    let sale = till.does(&format!("sale {id} 50000 --location KM --redeem 30000 --receipt R1"));
    till.at("2026-10-01T08:11:00+07:00");
    let undone = till.does(&void(&first_entry(&sale)));
    assert_eq!(entries(&undone), booked(&[("void", "prepaid", 30_000), ("void", "reward", -1_000)]));
    assert_eq!(purse(&till, &id), [100_000, 100_000, 0, 100_000]);
    assert_eq!(till.refuses(6, &void(&first_entry(&sale))).0, "already_voided");
    assert_eq!(till.refuses(6, &void(&first_entry(&undone))).0, "void_not_possible");
    assert_eq!(till.refuses(6, &format!("credit return {id} 1 --location KM --receipt R1")).0, "already_voided");
    // Only the latest, and not after eleven minutes.
    let (first, second) = (till.top_up(&id, "1000"), {
        till.at("2026-10-01T08:12:00+07:00");
        till.top_up(&id, "2000")
    });
    assert_eq!(till.refuses(6, &void(&first_entry(&first))).0, "void_not_latest");
    till.at("2026-10-01T08:22:01+07:00");
    assert_eq!(till.refuses(6, &void(&first_entry(&second))).0, "void_too_late");
    rules(&till, "KM", json!({ "void_minutes": 30 }));
    assert_eq!(till.cli.ends(2, &["credit", "void", &first_entry(&second), "--reason", ""])["field"], "reason");
    till.does(&void(&first_entry(&second)));
    assert_eq!(purse(&till, &id)[0], 101_000);
    assert_eq!(till.refuses(5, &void("01a0f4f9-b280-7154-a0f2-6c849361d963")).0, "entry_not_found");
    // A redemption out of two classes is one action.
    till.does(&format!("credit adjust {id} 500 --location KM --reason sorry"));
    till.at("2026-10-01T08:23:00+07:00");
    let redeemed = till.does(&format!("credit redeem {id} 1500 --location KM"));
    till.does(&void(&first_entry(&redeemed)));
    assert_eq!(purse(&till, &id), [101_500, 101_500, 0, 101_000]);
}

#[test]
fn another_till_cannot_undo_it() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.register("Mai", "0912000417");
    let entry = first_entry(&a.top_up(&id, "100000"));
    shop.settle(&a, &b);
    assert_eq!(b.refuses(6, &format!("credit void {entry} --reason mistake")).0, "void_other_till");
    a.does(&format!("credit void {entry} --reason mistake"));
    shop.settle(&a, &b);
    assert_eq!([a.balance(&id), b.balance(&id), shop.head_office.balance(&id)], [0; 3]);
}

#[test]
fn goods_that_come_back_give_back_what_they_took_and_take_what_they_earned() {
    let till = Alone::open();
    let id = till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    till.top_up(&id, "100000");
    till.does(&format!("sale {id} 200000 --location KM --redeem 50000 --receipt R1"));
    assert_eq!(purse(&till, &id), [54_000, 54_000, 4_000, 50_000]);
    let give_back = |amount: i64| format!("credit return {id} {amount} --location KM --receipt R1");
    let back = till.does(&give_back(60_000));
    let parts =
        [("earn", "reward", -1_200), ("return_to_credit", "prepaid", 50_000), ("return_to_credit", "returns", 10_000)];
    assert_eq!(entries(&back), booked(&parts));
    assert_eq!(purse(&till, &id), [112_800, 112_800, 2_800, 110_000]);
    assert_eq!(till.refuses(6, &give_back(140_001)), ("return_too_large".into(), Some("amount".into())));
    till.does(&give_back(140_000));
    assert_eq!(purse(&till, &id), [250_000, 250_000, 0, 250_000]);
    assert_eq!(till.refuses(6, &give_back(1)).0, "return_too_large");
    assert_eq!(
        till.refuses(5, &format!("credit return {id} 1 --location KM --receipt R2")),
        ("receipt_not_found".into(), Some("receipt".into()))
    );
    assert_eq!(
        till.refuses(2, &format!("credit return {id} 1 --location KM")),
        ("required".into(), Some("receipt".into()))
    );
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

#[test]
fn a_return_shrinks_where_the_reward_is_spent_already() {
    let till = Alone::open();
    let id = till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "10" }));
    till.does(&format!("sale {id} 100000 --location KM --receipt R1"));
    till.does(&format!("credit redeem {id} 8000 --location KM"));
    // It earned 10,000, of which 2,000 are left: those go, and the return is 8,000 smaller.
    let back = till.does(&format!("credit return {id} 100000 --location KM --receipt R1"));
    assert_eq!(entries(&back), booked(&[("earn", "reward", -2_000), ("return_to_credit", "returns", 92_000)]));
    assert_eq!(purse(&till, &id), [92_000, 92_000, 0, 92_000]);
    // Where all of it is spent and the return is small, the wallet is not pushed below zero.
    let other = till.add("KM", &json!({ "name": { "full": "Lan" }, "phone": "0987654321", "earn_percent": "100" }));
    till.does(&format!("sale {other} 5000 --location KM --receipt R2"));
    till.does(&format!("credit redeem {other} 5000 --location KM"));
    till.does(&format!("credit return {other} 3000 --location KM --receipt R2"));
    assert_eq!(purse(&till, &other), [0, 0, 0, 0]);
}

#[test]
fn only_what_was_paid_in_or_came_back_is_paid_out() {
    let till = Alone::open();
    let id = till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    till.top_up(&id, "50000");
    till.does(&format!("sale {id} 100000 --location KM --receipt R1"));
    till.does(&format!("credit return {id} 10000 --location KM --receipt R1"));
    assert_eq!(purse(&till, &id), [61_800, 61_800, 1_800, 60_000]);
    assert_eq!(
        till.refuses(6, &format!("credit cash-out {id} 60001 --location KM")),
        ("not_cashable".into(), Some("amount".into()))
    );
    let out = till.does(&format!("credit cash-out {id} 15000 --location KM --tender transfer"));
    assert_eq!(entries(&out), booked(&[("cash_out", "prepaid", -5_000), ("cash_out", "returns", -10_000)]));
    assert_eq!(out["entries"][0]["tender"], "transfer");
    till.does(&format!("credit cash-out {id} 45000 --location KM"));
    assert_eq!(purse(&till, &id), [1_800, 1_800, 1_800, 0]);
}

#[test]
fn what_was_paid_out_is_not_held_besides() {
    let shop = Shop::open();
    let till = shop.till("A");
    let id = till.register("Mai", "0912000417");
    till.top_up(&id, "1000000");
    till.sync();
    till.does(&format!("credit cash-out {id} 500000 --location KM"));
    till.sync();
    till.does(&format!("credit redeem {id} 500000 --location KM"));
    till.sync();
    assert_eq!((till.balance(&id), shop.head_office.balance(&id)), (0, 0));
}

#[test]
fn a_correction_needs_a_reason_and_takes_no_more_than_is_there() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    for reason in [&[][..], &["--reason", ""], &["--reason", "  "]] {
        let refused = till.cli.ends(2, &[&["credit", "adjust", &id, "5000", "--location", "KM"], reason].concat());
        assert_eq!((&refused["code"], &refused["field"]), (&json!("required"), &json!("reason")));
    }
    let adjusted = till.cli.done(&["credit", "adjust", &id, "5000", "--location", "KM", "--reason", "cold soup"]);
    assert_eq!(
        (entries(&adjusted), &adjusted["entries"][0]["reason"]),
        (booked(&[("adjust", "goodwill", 5_000)]), &json!("cold soup"))
    );
    till.top_up(&id, "1000");
    let adjust = |amount: &str| format!("credit adjust {id} {amount} --location KM --reason counted");
    assert_eq!(till.refuses(6, &adjust("-6001")).0, "insufficient_credit");
    let down = till.does(&adjust("-5500"));
    assert_eq!(
        entries(&till.does(&format!("credit ledger {id}")))[..2],
        booked(&[("adjust", "goodwill", -5_000), ("adjust", "goodwill", 5_000)])
    );
    assert_eq!((down["balance"]["minor"].as_i64(), purse(&till, &id)), (Some(500), [500, 500, 0, 500]));
}

/// What is typed as an amount in Lyon, and why not; each by every command that takes one.
#[test]
fn a_wrong_amount_is_refused_by_every_command_and_nothing_is_booked() {
    let till = Alone::open();
    let id = till.add("LY", &json!({ "name": { "full": "Marie" }, "phone": "06 12 34 56 78" }));
    till.does(&format!("credit top-up {id} 100 --location LY --tender cash"));
    till.does(&format!("sale {id} 10 --location LY --receipt R1"));
    let before = (till.count_of_changes(), till.does(&format!("credit ledger {id}")));
    let commands: &[&[&str]] = &[
        &["credit", "top-up", &id, "?", "--location", "LY", "--tender", "cash"],
        &["credit", "redeem", &id, "?", "--location", "LY"],
        &["credit", "cash-out", &id, "?", "--location", "LY", "--tender", "cash"],
        &["credit", "return", &id, "?", "--location", "LY", "--receipt", "R1"],
        &["credit", "adjust", &id, "?", "--location", "LY", "--reason", "why"],
        &["sale", &id, "?", "--location", "LY"],
        &["sale", &id, "10", "--location", "LY", "--redeem", "?"],
    ];
    for (amount, code) in [
        ("0", "amount_not_positive"),
        ("-5", "amount_not_positive"),
        ("0.00", "amount_not_positive"),
        ("5.001", "amount_too_precise"),
        ("1,000", "amount_invalid"),
        ("five", "amount_invalid"),
        ("5€", "amount_invalid"),
        ("1e3", "amount_invalid"),
        ("NaN", "amount_invalid"),
        ("٥", "amount_invalid"),
        ("", "amount_invalid"),
        ("99999999999999999999", "amount_too_large"),
        ("10000000000.01", "amount_too_large"),
        ("92233720368547758.07", "amount_too_large"),
    ] {
        for command in commands {
            let words: Vec<&str> = command.iter().map(|word| if *word == "?" { amount } else { word }).collect();
            let (is_adjust, is_redeem) = (command[1] == "adjust", command.last() == Some(&"?"));
            if (is_redeem && ["0", "0.00"].contains(&amount)) || (is_adjust && amount == "-5") {
                continue; // No credit for a bill, and a correction downwards, are fine.
            }
            let ended = till.cli.run(&words);
            let told = (ended.code, ended.json["code"].as_str(), ended.json["field"].as_str());
            let is_more_than_bill =
                is_redeem && code == "amount_too_large" && told == (6, Some("more_than_bill"), Some("amount"));
            assert!(told == (2, Some(code), Some("amount")) || is_more_than_bill, "{words:?}: {}", ended.stderr);
        }
    }
    for (words, code, field) in [
        (format!("credit top-up {id} 5 --location LY"), "required", "tender"),
        (format!("credit top-up {id} 5 --location LY --tender shells"), "tender_invalid", "tender"),
        (format!("credit cash-out {id} 5 --location LY --tender shells"), "tender_invalid", "tender"),
    ] {
        assert_eq!(till.refuses(2, &words), (code.to_owned(), Some(field.to_owned())), "{words}");
    }
    for (words, exit, code) in [
        (format!("credit redeem {id} 100.01 --location LY"), 6, "insufficient_credit"),
        (format!("sale {id} 200 --location LY --redeem 100.01"), 6, "insufficient_credit"),
        (format!("sale {id} 10 --location LY --redeem 10.01"), 6, "more_than_bill"),
        (format!("credit top-up {id} 5 --location KM --tender cash"), 6, "not_a_member_here"),
        (format!("sale {id} 5 --location KM"), 6, "not_a_member_here"),
        (format!("credit top-up {id} 5 --location XX --tender cash"), 5, "location_not_found"),
        (
            "credit top-up 01a0f4f9-b280-7154-a0f2-6c849361d963 5 --location LY --tender cash".to_owned(),
            5,
            "member_not_found",
        ),
    ] {
        assert_eq!(till.refuses(exit, &words).0, code, "{words}");
    }
    assert_eq!((till.count_of_changes(), till.does(&format!("credit ledger {id}"))), before);
    // The most that one entry and one account hold.
    till.does(&format!("credit top-up {id} 10000000000 --location LY --tender transfer"));
}

#[test]
fn a_member_on_hold_keeps_their_credit_and_uses_none_of_it() {
    let till = Alone::open();
    let id = till.add(
        "KM",
        &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "discount_percent": "5", "earn_percent": "2" }),
    );
    till.top_up(&id, "50000");
    till.edit(&id, &json!({ "hold": { "reason": "unpaid bill" } }));
    for line in [
        format!("credit redeem {id} 1000 --location KM"),
        format!("credit cash-out {id} 1000 --location KM"),
        format!("sale {id} 10000 --location KM --redeem 1000"),
    ] {
        let refused = till.ends(6, &line);
        assert_eq!(refused["code"], "member_on_hold", "{line}");
        assert!(refused["message"].as_str().is_some_and(|said| said.contains("unpaid bill")), "{refused}");
    }
    let sale = till.does(&format!("sale {id} 10000 --location KM"));
    assert_eq!((&sale["discount"]["minor"], &sale["earned"]["minor"]), (&json!(0), &json!(0)));
    till.edit(&id, &json!({ "hold": null, "is_active": false }));
    // Who is no longer active gets nothing off, but what they paid in is theirs.
    till.does(&format!("credit redeem {id} 1000 --location KM"));
    assert_eq!(till.does(&format!("sale {id} 10000 --location KM"))["discount"]["minor"], 0);
    assert_eq!(till.balance(&id), 49_000);
}

#[test]
fn much_credit_needs_a_card() {
    let till = Alone::open();
    let id = till.register("Mai", "0912000417");
    till.top_up(&id, "500000");
    till.does(&format!("card issue {id} --serial 1111"));
    let other = till.register("Lan", "0987654321");
    till.does(&format!("card issue {other} --serial 2222"));
    rules(&till, "KM", json!({ "proof_above_minor": 100_000 }));
    let sale = |more: &str| format!("sale {id} 200000 --location KM {more}");
    till.does(&sale("--redeem 100000"));
    for (more, code) in [
        ("--redeem 100001", "proof_needed"),
        ("--redeem 100001 --card 9999", "proof_needed"),
        ("--redeem 100001 --card 2222", "proof_needed"),
    ] {
        assert_eq!(till.refuses(6, &sale(more)), (code.to_owned(), Some("card".to_owned())), "{more}");
    }
    till.does(&sale("--redeem 100001 --card 1111"));
    till.does("card block 1111 --reason lost");
    assert_eq!(till.refuses(6, &sale("--redeem 100001 --card 1111")).0, "card_refused");
    assert_eq!(till.balance(&id), 299_999);
}

#[test]
fn what_two_tills_used_beyond_the_balance_without_the_line_is_owed_and_told() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.register("Mai", "0912000417");
    a.top_up(&id, "100000");
    shop.settle(&a, &b);
    shop.line.unplug();
    for till in [&a, &b] {
        till.does(&format!("credit redeem {id} 80000 --location KM"));
    }
    shop.line.plug_in();
    shop.settle(&a, &b);
    for till in [&a, &b] {
        let credit = till.does(&format!("credit balance {id}"));
        assert_eq!((&credit["balance"]["minor"], &credit["owes"]["minor"]), (&json!(-60_000), &json!(60_000)));
        assert_eq!((&credit["available"]["minor"], &credit["usable_offline"]["minor"]), (&json!(-60_000), &json!(0)));
        assert_eq!(till.refuses(6, &format!("credit redeem {id} 1 --location KM")).0, "insufficient_credit");
        assert_eq!(till.refuses(6, &format!("member delete {id} --reason gone")).0, "balance_not_settled");
        assert_eq!(till.does("outbox list"), json!([]));
    }
    assert_eq!(shop.head_office.balance(&id), -60_000);
}

#[test]
fn a_sale_and_its_return_reach_the_other_till() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    a.top_up(&id, "100000");
    a.does(&format!("sale {id} 200000 --location KM --redeem 50000 --receipt R1"));
    shop.settle(&a, &b);
    assert_eq!(purse(&b, &id), [54_000, 54_000, 4_000, 50_000]);
    b.does(&format!("credit return {id} 60000 --location KM --receipt R1"));
    shop.settle(&b, &a);
    assert_eq!(purse(&a, &id), [112_800, 112_800, 2_800, 110_000]);
    // A knows of it: no more comes back than is left.
    assert_eq!(a.refuses(6, &format!("credit return {id} 140001 --location KM --receipt R1")).0, "return_too_large");
    a.does(&format!("credit return {id} 140000 --location KM --receipt R1"));
    shop.settle(&a, &b);
    assert_eq!([purse(&a, &id)[0], purse(&b, &id)[0], shop.head_office.balance(&id)], [250_000; 3]);
}

#[test]
fn credit_travels_to_portos_after_a_trial_and_is_there_once_though_answers_are_lost() {
    let shop = Shop::open();
    let till = shop.till_over("portos");
    let member = till.register("Marie Curie", "0945350398");
    till.top_up(&member, "100000");
    till.cli.done(&["sync"]);
    let there = || shop.head_office.entries().iter().map(|(_, minor)| minor).sum::<i64>();
    assert_eq!(there(), 0, "it stays here until it was tried");
    assert_eq!(till.does(&format!("credit balance {member}"))["this_till_only"], true);

    assert_eq!(till.refuses(2, "remote credit remote on").0, "right_missing");
    let rights = ["CustomerCreate", "CustomerUpdate", "CustomerDelete", "CustomerSetCredit"];
    let token = ["--kind", "portos"].into_iter().chain(rights.iter().flat_map(|right| ["--right", right]));
    let secret = shop.head_office.token(&token.collect::<Vec<_>>());
    let url = format!("{}/portos", shop.line.url());
    let add = ["remote", "add", "remote", "--kind", "portos", "--url", &url, "--secret-env", "SECRET"];
    till.cli.clone().with("SECRET", &secret).done(&add);
    let (code, field) = till.refuses(2, "remote credit remote on --currency EUR");
    assert_eq!((code.as_str(), field.as_deref()), ("currency_differs", Some("currency")));
    let on = till.does("remote credit remote on");
    assert_eq!(
        [&on["is_on"], &on["known_again_by"], &on["currency"]],
        [&json!(true), &json!("transactions"), &json!("VND")]
    );
    assert_eq!(on["left_behind"], Value::Null);
    assert_eq!(till.does("remote capabilities remote")["credit"], "balance");

    till.cli.done(&["sync", "--until-idle"]);
    assert_eq!(there(), 100_000, "what this till had kept is there too");
    shop.line.plan(Fault::AnswerLost);
    till.does(&format!("credit redeem {member} 40000 --location KM"));
    till.cli.run(&["sync"]);
    till.cli.done(&["sync", "--until-idle"]);
    let credit = till.does(&format!("credit balance {member}"));
    assert_eq!(
        (there(), credit["balance"]["minor"].as_i64(), credit["this_till_only"].as_bool()),
        (60_000, Some(60_000), Some(false))
    );

    // Portos holds nothing for a bill: more than the allowance is refused though it can be reached.
    till.does("settings set allowance.KM.per_transaction 10000");
    assert_eq!(till.refuses(6, &format!("credit redeem {member} 20000 --location KM")).0, "offline_allowance");

    assert_eq!(till.does("remote credit remote off")["is_on"], false);
    till.top_up(&member, "5000");
    till.cli.done(&["sync"]);
    assert_eq!((there(), till.balance(&member)), (60_000, 65_000));
}

/// B has heard of nothing since the two agreed; it hears of it when it is asked for what follows from that.
#[test]
fn what_another_till_did_is_heard_of_before_goods_come_back_credit_is_paid_out_or_something_is_undone() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "earn_percent": "2" }));
    a.top_up(&id, "50000");
    a.does(&format!("sale {id} 2500000 --location KM --receipt R1"));
    shop.settle(&a, &b);
    assert_eq!(purse(&b, &id), [100_000, 100_000, 50_000, 50_000]);
    let cash_out = format!("credit cash-out {id} 50000 --location KM");
    a.does(&cash_out);
    a.sync();
    // There is credit enough, but it was given, not paid in.
    assert_eq!(b.refuses(6, &cash_out).0, "not_cashable");
    let give_back = format!("credit return {id} 2500000 --location KM --receipt R1");
    a.does(&give_back);
    a.sync();
    assert_eq!(b.refuses(6, &give_back).0, "return_too_large");
    let entry = first_entry(&b.top_up(&id, "70000"));
    b.sync();
    a.sync();
    a.does(&format!("credit redeem {id} 70000 --location KM"));
    a.sync();
    assert_eq!(b.refuses(6, &format!("credit void {entry} --reason mistake")).0, "void_not_latest");
    // Without the line what is known here counts.
    shop.line.unplug();
    b.does(&format!("credit cash-out {id} 1000 --location KM"));
}

/// Without the line nothing can be known of the other till: both returns are facts, so a person is told.
#[test]
fn goods_that_came_back_at_two_tills_without_the_line_are_a_task_until_one_is_undone_or_corrected() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let id = a.register("Mai", "0912000417");
    a.does(&format!("sale {id} 100000 --location KM --receipt R1"));
    a.does(&format!("sale {id} 70000 --location KM --receipt R2"));
    shop.settle(&a, &b);
    shop.line.unplug();
    let give_back = |till: &Till, receipt: &str, amount: i64| {
        first_entry(&till.does(&format!("credit return {id} {amount} --location KM --receipt {receipt}")))
    };
    give_back(&a, "R2", 70_000);
    give_back(&a, "R1", 60_000);
    give_back(&b, "R2", 70_000);
    let second = give_back(&b, "R1", 60_000);
    let listed = |till: &Till| {
        let listed = till.cli.run(&["task", "list"]);
        assert_eq!(listed.code, if listed.json == json!([]) { 0 } else { 3 });
        let tasks = listed.json.as_array().expect("a list").clone();
        let mut shown: Vec<(String, i64)> = tasks
            .iter()
            .map(|task| {
                assert_eq!((&task["kind"], &task["name"]), (&json!("too_much_back"), &json!("Mai")));
                (
                    task["receipt"].as_str().expect("a receipt").to_owned(),
                    task["amount"]["minor"].as_i64().expect("minor"),
                )
            })
            .collect();
        shown.sort();
        shown
    };
    assert_eq!(listed(&b), [], "nobody has heard of it");
    shop.line.plug_in();
    shop.settle(&a, &b);
    let both = [("R1".to_owned(), 20_000), ("R2".to_owned(), 70_000)];
    assert_eq!((listed(&a), listed(&b)), (both.to_vec(), both.to_vec()));
    b.does(&format!("credit void {second} --reason twice"));
    assert_eq!(listed(&b), both[1..]);
    // A kindness settles nothing, nor does a part of it.
    b.does(&format!("credit adjust {id} 70000 --location KM --reason sorry"));
    b.does(&format!("credit adjust {id} -69999 --location KM --reason twice"));
    assert_eq!(listed(&b), both[1..]);
    b.does(&format!("credit adjust {id} -1 --location KM --reason twice"));
    assert_eq!(listed(&b), []);
    shop.settle(&a, &b);
    assert_eq!(listed(&a), []);
    assert_eq!((a.balance(&id), b.balance(&id)), (200_000, 200_000));
    // What was corrected before settles nothing later, and what was corrected once is not asked for again.
    a.does(&format!("sale {id} 50000 --location KM --receipt R3"));
    shop.settle(&a, &b);
    shop.line.unplug();
    give_back(&a, "R3", 50_000);
    give_back(&b, "R3", 50_000);
    shop.line.plug_in();
    shop.settle(&a, &b);
    assert_eq!(listed(&a), [("R3".to_owned(), 50_000)]);
    let corrected = a.does(&format!("credit adjust {id} -50000 --location KM --reason twice"));
    assert_eq!(listed(&a), []);
    a.does(&format!("credit void {} --reason mistyped", first_entry(&corrected)));
    assert_eq!(listed(&a), [("R3".to_owned(), 50_000)]);
}

#[test]
fn goods_of_one_company_come_back_to_no_shop_of_another() {
    let till = Alone::open();
    till.does("location add --code BA --name BA --country VN --currency VND --issuer other");
    let id = till.register("Mai", "0912000417");
    till.does(&format!("member join {id} --location BA"));
    till.top_up(&id, "60000");
    till.does(&format!("sale {id} 100000 --location KM --redeem 60000 --receipt R1"));
    assert_eq!(till.refuses(6, &format!("credit return {id} 100000 --location BA --receipt R1")).0, "sold_by_another");
    let back = till.does(&format!("credit return {id} 100000 --location KM --receipt R1"));
    assert_eq!((&back["issuer"], &back["balance"]["minor"]), (&json!("default"), &json!(100_000)));
}

#[test]
fn what_comes_back_into_a_reward_that_ran_out_runs_out_too() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    rules(&till, "KM", json!({ "earn_percent": "2", "reward_valid_days": 30 }));
    let id = till.register("Mai", "0912000417");
    till.does(&format!("sale {id} 100000 --location KM"));
    till.at("2026-10-31T23:55:00+07:00");
    let redeemed = till.does(&format!("credit redeem {id} 500 --location KM"));
    till.at("2026-11-01T00:00:00+07:00");
    assert_eq!(till.balance(&id), 0);
    till.at("2026-11-01T00:03:00+07:00").does(&format!("credit void {} --reason mistake", first_entry(&redeemed)));
    till.at("2026-11-01T00:04:00+07:00");
    assert_eq!(purse(&till, &id), [0; 4]);
    till.does(&format!("member delete {id} --reason gone"));
}
