//! Two tills that changed the same member: what is merged by itself, what a person decides, and what can be had back.

use crate::shop::{Shop, Till};
use serde_json::{Value, json};

/// A member that both tills know, edited at both without the line, B heard first.
fn two_edits(a: &Value, b: &Value) -> (Shop, Till, Till, String) {
    let shop = Shop::open();
    let (one, other) = (shop.till("A"), shop.till("B"));
    let member = one.register("Trần Minh Anh", "0912000417");
    shop.settle(&one, &other);
    one.edit(&member, a);
    other.edit(&member, b);
    other.sync();
    (shop, one, other, member)
}

fn shown(till: &Till, member: &str) -> Value {
    till.cli.done(&["member", "show", member])
}

#[test]
fn a_person_decides_about_the_phone_and_everything_else_is_merged() {
    let (shop, a, b, member) = two_edits(
        &json!({ "phone": "0912000471", "note": "likes tea" }),
        &json!({ "phone": "0912000714", "email": "minhanh@example.com" }),
    );
    let ended = a.cli.ends(3, &["sync", "--until-idle"]);
    assert_eq!((&ended["parked"], &ended["waiting"]), (&json!(1), &json!(0)));
    // Each command is a process of its own: the question has survived a restart.
    let tasks = a.cli.ends(3, &["task", "list"]);
    let task = &tasks[0];
    assert_eq!(
        (&task["kind"], &task["reason"]["code"], &task["next"]),
        (&json!("conflict"), &json!("conflict"), &json!(["resolve"]))
    );
    let fields = task["fields"].as_array().expect("fields");
    assert_eq!(fields.len(), 1);
    let typed = |side: &str| fields[0][side]["typed"].clone();
    assert_eq!([typed("before"), typed("till"), typed("remote")], ["0912000417", "0912000471", "0912000714"]);
    let merged: Vec<_> =
        task["merged"].as_array().expect("merged").iter().map(|one| (&one["field"], &one["taken"])).collect();
    assert!(merged.contains(&(&json!("note"), &json!("till"))), "{merged:?}");
    assert!(merged.contains(&(&json!("email"), &json!("remote"))), "{merged:?}");
    assert_eq!(shown(&a, &member)["sync"]["needs_you"], 1);

    let id = task["task"].as_str().expect("an id");
    let missing = a.cli.ends(2, &["task", "resolve", id, "--choose", "email=till"]);
    assert_eq!((&missing["code"], &missing["field"]), (&json!("choice_invalid"), &json!("email")));
    let wrong = a.cli.ends(2, &["task", "resolve", id, "--choose", "phone=both"]);
    assert_eq!(wrong["code"], "choice_invalid");
    a.cli.done(&["task", "resolve", id, "--choose", "phone=till"]);
    assert_eq!(a.cli.done(&["task", "list"]), json!([]));
    shop.settle(&a, &b);
    for till in [&a, &b] {
        let member = shown(till, &member);
        assert_eq!(
            (&member["phone"], &member["note"], &member["email"]),
            (&json!("0912000471"), &json!("likes tea"), &json!("minhanh@example.com"))
        );
        assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
        assert_eq!(till.cli.done(&["audit", "verify"])["broken"], json!([]));
    }
    let history = a.cli.done(&["member", "history", &member]);
    let decided =
        history.as_array().expect("lines").iter().find(|line| line["what"] == "decision").expect("a decision");
    assert_eq!(
        (&decided["field"], &decided["taken"], &decided["by"]),
        (&json!("phone"), &json!("till"), &json!("person"))
    );
    assert_eq!(decided["remote"]["typed"], "0912000714");
}

#[test]
fn a_choice_that_is_missing_is_named() {
    let (_shop, a, _b, _member) = two_edits(
        &json!({ "phone": "0912000471", "name": { "full": "Trần Thị Minh Anh" } }),
        &json!({ "phone": "0912000714", "name": { "full": "Trần Minh Ánh" } }),
    );
    a.cli.ends(3, &["sync"]);
    let tasks = a.cli.ends(3, &["task", "list"]);
    let id = tasks[0]["task"].as_str().expect("an id");
    let missing = a.cli.ends(2, &["task", "resolve", id, "--choose", "name=till"]);
    assert_eq!((&missing["code"], &missing["field"]), (&json!("choice_missing"), &json!("phone")));
    a.cli.done(&["task", "resolve", id, "--choose", "name=till", "phone=remote"]);
    assert_eq!(a.cli.done(&["task", "list"]), json!([]));
}

#[test]
fn what_lost_by_a_rule_is_brought_back_by_one_command() {
    let (shop, a, b, member) = two_edits(&json!({ "email": "a@example.com" }), &json!({ "email": "b@example.com" }));
    shop.settle(&a, &b);
    assert_eq!(shown(&a, &member)["email"], "b@example.com", "B was later");
    let history = a.cli.done(&["member", "history", &member]);
    let decided =
        history.as_array().expect("lines").iter().find(|line| line["what"] == "decision").expect("a decision");
    assert_eq!(
        (&decided["taken"], &decided["by"], &decided["till"]),
        (&json!("remote"), &json!("rule"), &json!("a@example.com"))
    );
    a.cli.done(&["member", "bring-back", &decided["decision"].to_string()]);
    shop.settle(&a, &b);
    assert_eq!(shown(&b, &member)["email"], "a@example.com");
    assert_eq!(a.cli.ends(5, &["member", "bring-back", "999"])["code"], "decision_not_found");
}

#[test]
fn a_refused_change_is_repaired_by_editing_the_field_again() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let (an, binh) = (a.register("An", "0905550001"), a.register("Bình", "0905550002"));
    shop.settle(&a, &b);
    b.cli.done(&["card", "issue", &binh, "--serial", "84001"]);
    b.sync();
    a.cli.done(&["card", "issue", &an, "--serial", "84001"]);
    a.edit(&an, &json!({ "note": "waits with it" }));
    a.cli.ends(3, &["sync"]);
    let tasks = a.cli.ends(3, &["task", "list"]);
    assert_eq!((&tasks[0]["kind"], &tasks[0]["reason"]["code"]), (&json!("refused"), &json!("card_taken")));
    assert_eq!(tasks[0]["next"], json!(["retry", "edit", "discard"]));
    // Choosing what head office has gives it up.
    let id = tasks[0]["task"].as_str().expect("an id");
    assert_eq!(a.cli.ends(2, &["task", "resolve", id, "--choose", "cards/84001=till"])["code"], "choice_invalid");
    a.cli.done(&["task", "resolve", id, "--choose", "remote"]);
    shop.settle(&a, &b);
    assert_eq!(shown(&a, &an)["cards"], json!([]));
}

#[test]
fn a_person_is_erased_everywhere_once_nothing_is_owed() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Trần Minh Anh", "0912000417");
    a.top_up(&member, "5000");
    shop.settle(&a, &b);
    let erase = ["privacy", "erase", &member, "--reason", "asked for it"];
    assert_eq!(a.cli.ends(6, &erase)["code"], "balance_not_settled");
    a.cli.done(&["credit", "cash-out", &member, "5000", "--location", "KM", "--tender", "cash"]);
    b.edit(&member, &json!({ "note": "said at the same time" }));
    a.cli.done(&erase);
    assert_eq!(a.cli.ends(5, &["member", "show", &member])["code"], "member_not_found");
    shop.settle(&a, &b);
    for till in [&a, &b] {
        assert_eq!(till.cli.ends(5, &["member", "show", &member])["code"], "member_not_found");
        assert_eq!(till.cli.done(&["task", "list"]), json!([]));
        assert_eq!(till.cli.done(&["outbox", "list"]), json!([]));
        assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
        assert_eq!(till.cli.done(&["audit", "verify"])["broken"], json!([]));
    }
}
