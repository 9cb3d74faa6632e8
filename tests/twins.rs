//! One person, registered twice: told, merged, and taken apart again, over two tills and without the line.

use crate::shop::{Alone, Shop, Till};
use serde_json::{Value, json};

/// Who may be the same person as a member, and what they share.
fn duplicates(till: &Till, id: &str) -> Vec<(String, Vec<String>)> {
    let listed = till.does(&format!("member duplicates {id}"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let shares = |twin: &Value| twin["shares"].as_array().expect("a list").iter().map(text).collect();
    listed.as_array().expect("a list").iter().map(|twin| (text(&twin["name"]["full"]), shares(twin))).collect()
}

/// Whoever was registered before Phạm Thùy Dương, 0987 654 321, born on 9 May, and whether it may be her.
#[test]
fn who_may_be_the_same_person_is_listed_with_what_they_share() {
    let hers = json!({ "name": { "full": "Phạm Thùy Dương" }, "phone": "0987654321", "email": "duong@example.com",
                       "birthday": { "month": 5, "day": 9 } });
    let person = |name: &str, phone: &str, more: Value| {
        let mut member = json!({ "name": { "full": name }, "phone": phone });
        member.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        member
    };
    let table: &[(Value, &[&str])] = &[
        (person("Chị Dương", "+84 987 654 321", json!({})), &["phone"]),
        (person("Phạm Thùy Dương", "0900000001", json!({})), &["name"]),
        (person("Duong", "0900000001", json!({ "email": "Duong@Example.com" })), &["email"]),
        (person("Pham Thuy Duong", "0987654312", json!({})), &["near_phone", "near_name"]),
        (
            person("Duong Pham Thuy", "0900000001", json!({ "birthday": { "month": 5, "day": 9, "year": 1990 } })),
            &["near_name", "birthday"],
        ),
        (person("Pham Thuy Duong", "0900000001", json!({})), &[]),
        (person("Lê Văn An", "0987654320", json!({})), &[]),
        (person("Lê Văn An", "0900000001", json!({ "birthday": { "month": 5, "day": 9 } })), &[]),
    ];
    for (before, shares) in table {
        let till = Alone::open();
        till.add("KM", before);
        let id = till.add("KM", &hers);
        let expected: Vec<(String, Vec<String>)> = match shares {
            [] => Vec::new(),
            shares => vec![(
                before["name"]["full"].as_str().expect("a name").to_owned(),
                shares.iter().map(|&share| share.to_owned()).collect(),
            )],
        };
        assert_eq!(duplicates(&till, &id), expected, "{before}");
    }
}

/// Two rows of one person, each with a card, credit and something the other lacks. Answers the two ids.
fn twins(till: &Till) -> (String, String) {
    let winner =
        till.add("KM", &json!({ "name": { "full": "Phạm Thùy Dương" }, "phone": "0987654321", "note": "hers" }));
    let loser = till.add(
        "KM",
        &json!({ "name": { "full": "Duong" }, "phone": "0900000001", "email": "duong@example.com", "note": "other" }),
    );
    till.does(&format!("card issue {winner} --serial 1111"));
    till.does(&format!("card issue {loser} --serial 2222"));
    till.top_up(&winner, "100000");
    till.top_up(&loser, "30000");
    (winner, loser)
}

fn check_they_are_one(till: &Till, winner: &str, loser: &str, credit: i64) {
    for id in [winner, loser] {
        let shown = till.show(id);
        assert_eq!(
            (&shown["id"], &shown["aliases"], &shown["status"]),
            (&json!(winner), &json!([loser]), &json!("active"))
        );
        assert_eq!(
            (&shown["name"]["full"], &shown["note"], &shown["email"]),
            (&json!("Phạm Thùy Dương"), &json!("hers"), &json!("duong@example.com"))
        );
        assert_eq!(shown["cards"].as_array().map(Vec::len), Some(2), "{shown}");
        assert_eq!(till.balance(id), credit);
    }
    for query in ["0987654321", "0900000001", "1111", "2222", "pham duong", "duong@example.com"] {
        let found = till.cli.done(&["member", "find", "--location", "KM", query]);
        assert_eq!((&found["answer"], &found["members"][0]["id"]), (&json!("found"), &json!(winner)), "{query}");
    }
}

fn check_they_are_two(till: &Till, winner: &str, loser: &str, credit: [i64; 2]) {
    for (id, name, card, email, credit) in [
        (winner, "Phạm Thùy Dương", "1111", Value::Null, credit[0]),
        (loser, "Duong", "2222", json!("duong@example.com"), credit[1]),
    ] {
        let shown = till.show(id);
        assert_eq!((&shown["id"], &shown["aliases"], &shown["email"]), (&json!(id), &json!([]), &email));
        assert_eq!(till.balance(id), credit);
        assert_eq!(till.look("KM", card).2, [name]);
    }
    assert_eq!(
        (till.find("0987654321"), till.find("0900000001")),
        (vec!["Phạm Thùy Dương".to_owned()], vec!["Duong".to_owned()])
    );
}

#[test]
fn a_hold_of_either_holds_for_the_one_whom_they_turned_out_to_be() {
    let till = Alone::open();
    let held = json!({ "name": { "full": "Mai" }, "phone": "0912000417", "hold": { "reason": "unpaid bills" } });
    let (winner, loser) = (till.register("Mai", "0987654321"), till.add("KM", &held));
    till.top_up(&winner, "5000");
    till.does(&format!("member merge {winner} {loser}"));
    assert_eq!(till.refuses(6, &format!("credit redeem {winner} 1 --location KM")).0, "member_on_hold");
    // It was meant for the other one.
    till.does(&format!("member unmerge {loser}"));
    till.does(&format!("credit redeem {winner} 1 --location KM"));
    assert_eq!(till.show(&loser)["memberships"][0]["hold"]["reason"], "unpaid bills");
}

/// What each of them said, and when; and what holds for the one that they turned out to be.
#[test]
fn whoever_of_them_withdrew_a_consent_that_was_not_given_again_later_has_withdrawn_it() {
    let said = |is_given: bool, month: u32| json!({ "is_given": is_given, "at": format!("2026-0{month}-01T08:00:00.000Z"), "source": "paper" });
    for (winner, loser, holds) in [
        (said(true, 5), said(false, 6), said(false, 6)),
        (said(true, 6), said(false, 5), said(true, 6)),
        (said(true, 5), said(false, 5), said(false, 5)),
        (said(false, 5), said(true, 6), said(false, 5)),
    ] {
        let till = Alone::open();
        let with = |phone: &str, consent: &Value| {
            till.add("KM", &json!({ "name": { "full": "Mai" }, "phone": phone, "consents": { "offers/sms": consent } }))
        };
        let (stays, goes) = (with("0912000417", &winner), with("0912000714", &loser));
        till.does(&format!("member merge {stays} {goes}"));
        assert_eq!(till.show(&stays)["consents"]["offers/sms"], holds, "{winner} and {loser}");
        till.does(&format!("member unmerge {goes}"));
        assert_eq!(till.show(&stays)["consents"]["offers/sms"], winner, "{winner} and {loser}");
    }
}

/// Two tills take somebody for two different people. Whoever they were not keeps nothing that is theirs.
#[test]
fn who_was_taken_for_somebody_by_mistake_gives_back_what_they_took_over() {
    for chosen in ["till", "remote"] {
        let shop = Shop::open();
        let (a, b) = (shop.till("A"), shop.till("B"));
        let twin =
            a.add("KM", &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "email": "mai@example.com" }));
        let (an, binh) = (a.register("An", "0905550001"), a.register("Bình", "0905550002"));
        shop.settle(&a, &b);
        a.does(&format!("member merge {an} {twin}"));
        b.does(&format!("member merge {binh} {twin}"));
        b.sync();
        a.cli.ends(3, &["sync", "--until-idle"]);
        let tasks = a.cli.ends(3, &["task", "list"]);
        let task = tasks[0]["task"].as_str().expect("an id");
        a.does(&format!("task resolve {task} --choose {chosen}"));
        shop.settle(&a, &b);
        let (hers, not_hers) = if chosen == "till" { (&an, &binh) } else { (&binh, &an) };
        for till in [&a, &b] {
            assert_eq!(till.show(hers)["email"], "mai@example.com", "{chosen}");
            assert_eq!(till.show(not_hers)["email"], Value::Null, "{chosen}");
            assert_eq!(till.does("task list"), json!([]));
        }
    }
}

#[test]
fn merged_they_are_one_and_unmerged_they_are_two_as_before() {
    let till = Alone::open();
    let (winner, loser) = twins(&till);
    till.does(&format!("member merge {winner} {loser}"));
    check_they_are_one(&till, &winner, &loser, 130_000);
    // What is booked under the old id is hers, and one account pays for both.
    till.top_up(&loser, "5000");
    till.does(&format!("credit redeem {loser} 120000 --location KM"));
    assert_eq!(till.balance(&winner), 15_000);
    assert_eq!(duplicates(&till, &winner), []);
    assert_eq!(till.refuses(6, &format!("member merge {winner} {loser}")).0, "merge_with_itself");
    assert_eq!(till.refuses(6, &format!("member unmerge {winner}")).0, "not_merged");
    till.does(&format!("member unmerge {loser}"));
    // Everything that was booked while they were one was booked for the one that stayed.
    check_they_are_two(&till, &winner, &loser, [-15_000, 30_000]);
    assert_eq!(till.refuses(6, &format!("member unmerge {loser}")).0, "not_merged");
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

#[test]
fn taking_them_apart_does_not_bring_back_who_was_deleted_meanwhile() {
    let till = Alone::open();
    let winner = till.register("Phạm Thùy Dương", "0987654321");
    let loser =
        till.add("KM", &json!({ "name": { "full": "Duong" }, "phone": "0900000001", "email": "duong@example.com" }));
    till.does(&format!("member merge {winner} {loser}"));
    till.does(&format!("member delete {winner} --reason gone"));
    till.does(&format!("member unmerge {loser}"));
    assert_eq!((till.find("0987654321"), till.find("0900000001")), (Vec::new(), vec!["Duong".to_owned()]));
}

/// Each row alone is owed something by the other: whoever came with a card of the one that went was paid a second time.
#[test]
fn a_person_is_deleted_with_all_rows_and_nobody_has_the_old_credit_again() {
    let till = Alone::open();
    let (winner, loser) = twins(&till);
    till.does(&format!("member merge {winner} {loser}"));
    till.does(&format!("credit cash-out {winner} 130000 --location KM --tender cash"));
    till.does(&format!("member delete {winner} --reason gone"));
    for query in ["0987654321", "0900000001"] {
        assert_eq!(till.find(query), Vec::<String>::new(), "{query}");
    }
    assert_eq!(till.refuses(5, &format!("credit redeem {loser} 1000 --location KM")).0, "member_not_found");
    assert_eq!(till.refuses(6, &format!("member unmerge {loser}")).0, "balance_not_settled");
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

#[test]
fn a_blocked_card_of_the_one_that_went_stays_blocked() {
    let till = Alone::open();
    let (winner, loser) = twins(&till);
    till.does(&format!("member merge {winner} {loser}"));
    till.does("card block 2222 --reason lost");
    assert_eq!(till.look("KM", "2222").1, "card_refused");
    assert_eq!(
        till.refuses(6, &format!("card issue {} --serial 1111", till.register("Lan", "0912000417"))).0,
        "card_taken"
    );
    let shown = till.does("card replace 2222 3333");
    assert_eq!((&shown["id"], shown["cards"].as_array().map(Vec::len)), (&json!(winner), Some(3)));
    till.does(&format!("member unmerge {loser}"));
    assert_eq!(till.look("KM", "3333").2, ["Duong"]);
}

#[test]
fn what_was_edited_since_stays_edited_when_they_are_taken_apart() {
    let till = Alone::open();
    let (winner, loser) = twins(&till);
    till.does(&format!("member merge {winner} {loser}"));
    till.edit(&loser, &json!({ "email": "new@example.com", "home_town": "Huế" }));
    till.does(&format!("member unmerge {loser}"));
    let (one, other) = (till.show(&winner), till.show(&loser));
    assert_eq!((&one["email"], &one["home_town"]), (&json!("new@example.com"), &json!("Huế")));
    assert_eq!((&other["email"], &other["home_town"]), (&json!("duong@example.com"), &Value::Null));
}

#[test]
fn a_chain_of_merges_leads_to_the_last() {
    let till = Alone::open();
    let ids = ["0900000001", "0900000002", "0900000003"].map(|phone| till.register("Duong", phone));
    ids.iter().for_each(|id| drop(till.top_up(id, "1000")));
    till.does(&format!("member merge {} {}", ids[1], ids[0]));
    till.does(&format!("member merge {} {}", ids[2], ids[1]));
    for id in &ids {
        assert_eq!((&till.show(id)["id"], till.balance(id)), (&json!(ids[2]), 3_000));
    }
    for phone in ["0900000001", "0900000002", "0900000003"] {
        assert_eq!(till.does(&format!("member find --location KM {phone}"))["members"][0]["id"], json!(ids[2]));
    }
}

#[test]
fn one_till_merges_and_the_other_sees_one_person() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (winner, loser) = twins(&a);
    shop.settle(&a, &b);
    b.does(&format!("member merge {winner} {loser}"));
    // Meanwhile A, which has not heard of it, serves the one that went.
    shop.line.unplug();
    a.top_up(&loser, "7000");
    a.edit(&loser, &json!({ "home_town": "Huế" }));
    shop.line.plug_in();
    shop.settle(&b, &a);
    b.sync();
    for till in [&a, &b] {
        check_they_are_one(till, &winner, &loser, 137_000);
    }
    // Both tills' redemptions come out of one purse.
    a.does(&format!("credit redeem {loser} 100000 --location KM"));
    shop.settle(&a, &b);
    assert_eq!(b.refuses(6, &format!("credit redeem {winner} 50000 --location KM")).0, "insufficient_credit");
    a.does(&format!("member unmerge {loser}"));
    shop.settle(&a, &b);
    for till in [&a, &b] {
        check_they_are_two(till, &winner, &loser, [0, 37_000]);
        assert_eq!(till.does("doctor")["findings"], json!([]));
    }
}

#[test]
fn two_tills_that_merge_the_same_two_without_the_line_agree_afterwards() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (winner, loser) = twins(&a);
    shop.settle(&a, &b);
    shop.line.unplug();
    a.does(&format!("member merge {winner} {loser}"));
    b.does(&format!("member merge {winner} {loser}"));
    assert_eq!(b.balance(&winner), 130_000);
    shop.line.plug_in();
    // Who was second at it may need a person, who looks and gives it up: it is done already.
    a.sync();
    let told = b.cli.run(&["sync", "--until-idle"]);
    if told.code == 3 {
        for change in b.ends(3, "outbox list").as_array().expect("a list") {
            b.does(&format!("outbox discard {} --reason done", change["id"].as_str().expect("an id")));
        }
    }
    shop.settle(&b, &a);
    for till in [&a, &b] {
        check_they_are_one(till, &winner, &loser, 130_000);
    }
}

#[test]
fn who_turned_out_to_be_another_one_meanwhile_is_erased_after_that_one() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (winner, loser) = twins(&a);
    a.does(&format!("credit cash-out {loser} 30000 --location KM --tender cash"));
    shop.settle(&a, &b);
    // One till merges them and uses what is left; the other has not heard of it and erases the one that went.
    b.does(&format!("member merge {winner} {loser}"));
    b.does(&format!("credit cash-out {winner} 100000 --location KM --tender cash"));
    a.cli.done(&["privacy", "erase", &loser, "--reason", "said so"]);
    b.sync();
    assert_eq!(a.cli.run(&["sync", "--until-idle"]).code, 3);
    let tasks = a.cli.ends(3, &["task", "list"]);
    assert_eq!((&tasks[0]["kind"], &tasks[0]["reason"]["code"]), (&json!("refused"), &json!("merged_there")));
    // Nothing was lost by that: the person is whole at the other till.
    b.sync();
    assert_eq!((b.show(&loser)["id"].clone(), b.balance(&winner)), (json!(winner), 0));
    a.cli.done(&["privacy", "erase", &winner, "--reason", "said so"]);
    // With that one all rows go, and so does the task.
    a.cli.run(&["sync", "--until-idle"]);
    shop.settle(&a, &b);
    let task = tasks[0]["task"].as_str().expect("an id");
    assert_eq!(a.refuses(6, &format!("outbox retry {task}")).0, "change_state");
    for till in [&a, &b] {
        for id in [&winner, &loser] {
            assert_eq!(till.refuses(5, &format!("member show {id}")).0, "member_not_found");
        }
        assert_eq!(till.does("task list"), json!([]));
        assert_eq!(till.does("doctor")["findings"], json!([]));
    }
}

#[test]
fn a_person_of_two_rows_is_erased_whole_where_one_row_owes_the_other() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (winner, loser) = twins(&a);
    a.does(&format!("member merge {winner} {loser}"));
    a.does(&format!("credit cash-out {winner} 130000 --location KM --tender cash"));
    shop.settle(&a, &b);
    b.cli.done(&["privacy", "erase", &loser, "--reason", "said so"]);
    shop.settle(&b, &a);
    for till in [&a, &b] {
        for id in [&winner, &loser] {
            assert_eq!(till.refuses(5, &format!("member show {id}")).0, "member_not_found");
        }
        assert_eq!(till.does("task list"), json!([]));
    }
}
