//! Two tills and a head office: what one does the other has, once, to the cent.

use crate::shop::Shop;
use serde_json::json;

#[test]
fn who_is_registered_on_one_till_is_served_on_the_other() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.top_up(&member, "350000");
    a.sync();
    b.sync();
    assert_eq!(b.find("+84945350398"), ["Lý Tú Quang Thắng"]);
    assert_eq!(b.balance(&member), 350_000);
    b.top_up(&member, "20000");
    b.sync();
    a.sync();
    assert_eq!(a.balance(&member), 370_000);
    assert_eq!(shop.head_office.balance(&member), 370_000);
    assert_eq!(shop.head_office.member_names(), ["Lý Tú Quang Thắng"]);
}

#[test]
fn after_a_month_without_the_line_all_three_agree_to_the_cent() {
    let shop = Shop::open();
    let tills = ["A", "B"].map(|name| shop.till_with_test_clock(name, "2026-10-01T08:00:00+07:00"));
    let shared = tills[0].register("Trần Minh Anh", "0912000417");
    tills[0].top_up(&shared, "1000000");
    for till in &tills {
        till.sync();
        till.cli.done(&["settings", "set", "allowance.KM.max_age_hours", "2000"]);
    }
    shop.line.unplug();
    let (mut expected, mut registered) = (1_000_000, vec!["Trần Minh Anh".to_owned()]);
    for day in 2..=31 {
        for (number, till) in tills.iter().enumerate() {
            let now = format!("2026-10-{day:02}T10:0{number}:00+07:00");
            let amount = 1_000 * day + number as i64;
            let words = ["credit", "top-up", &shared, &amount.to_string(), "--location", "KM", "--tender", "card"];
            till.cli.done(&[&words[..], &["--now", &now]].concat());
            expected += amount;
            if day % 10 == 0 {
                let name = format!("Khách {day} {number}");
                till.register_at(&name, &format!("09450{day}{number}00"), &["--now", &now]);
                registered.push(name);
                till.cli.done(&["credit", "redeem", &shared, "50000", "--location", "KM", "--now", &now]);
                expected -= 50_000;
            }
        }
    }
    let cut_off = tills[0].cli.ends(4, &["sync"]);
    assert!(cut_off["waiting"].as_i64() >= Some(30), "{cut_off}");
    shop.line.plug_in();
    // What B sends after A's turn reaches A in the next.
    for till in [&tills[0], &tills[1], &tills[0]] {
        till.sync();
    }
    registered.sort();
    assert_eq!(shop.head_office.member_names(), registered);
    assert_eq!(shop.head_office.balance(&shared), expected);
    for till in &tills {
        assert_eq!(till.balance(&shared), expected);
        assert_eq!(till.find("0945020100"), ["Khách 20 1"]);
        assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
        assert_eq!(till.cli.done(&["audit", "verify"])["broken"], json!([]));
    }
}

#[test]
fn two_connected_tills_cannot_use_one_balance_twice() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("David Coaster", "0905550102");
    a.top_up(&member, "100000");
    a.sync();
    b.sync();
    let (one, other) = std::thread::scope(|scope| {
        let redeem = |till: &crate::shop::Till| {
            let cli = till.cli.clone();
            let words = ["credit", "redeem", &member, "80000", "--location", "KM"].map(str::to_owned);
            scope.spawn(move || cli.run(&words.each_ref().map(String::as_str)))
        };
        let (one, other) = (redeem(&a), redeem(&b));
        (one.join().expect("ended"), other.join().expect("ended"))
    });
    let mut codes = [one.code, other.code];
    codes.sort_unstable();
    assert_eq!(codes, [0, 6], "{} {}", one.stderr, other.stderr);
    let refused = if one.code == 6 { one } else { other };
    assert_eq!(refused.json["code"], "insufficient_credit");
    for till in [&a, &b, &a] {
        till.sync();
    }
    assert_eq!([a.balance(&member), b.balance(&member), shop.head_office.balance(&member)], [20_000; 3]);
}

#[test]
fn a_connected_till_may_use_what_it_topped_up_itself_a_moment_ago() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Marie", "0905552255");
    till.top_up(&member, "100000");
    // Head office has heard of neither yet.
    till.cli.done(&["credit", "redeem", &member, "70000", "--location", "KM"]);
    till.sync();
    assert_eq!(shop.head_office.balance(&member), 30_000);
}

#[test]
fn without_the_line_no_more_is_used_than_the_allowance() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Marie", "0905552255");
    till.top_up(&member, "2000000");
    till.sync();
    shop.line.unplug();
    let redeem = |amount: &str| ["credit", "redeem", member.as_str(), amount, "--location", "KM"].map(str::to_owned);
    let run = |code, amount| till.cli.ends(code, &redeem(amount).each_ref().map(String::as_str));
    run(0, "300000");
    let refused = run(6, "300000");
    assert_eq!((refused["code"].as_str(), refused["field"].as_str()), (Some("offline_allowance"), Some("amount")));
    run(0, "200000");
    run(6, "1");
    shop.line.plug_in();
    till.sync();
    // Confirmed: the allowance is free again.
    shop.line.unplug();
    run(0, "500000");
    assert_eq!(till.balance(&member), 1_000_000);
}

#[test]
fn a_shop_that_head_office_told_of_stays_what_it_says_and_keeps_its_allowance() {
    let shop = Shop::open();
    let place = ["location", "add", "--code", "TH", "--name", "Tây Hồ", "--country", "VN", "--currency", "VND"];
    shop.head_office.tell(&[&place[..], &["--issuer", "tay-ho"]].concat());
    let till = shop.till("A");
    till.sync();
    let serve = || till.cli.done(&[&place[..], &["--remote", "head office"]].concat());
    assert_eq!(serve()["issuer"], "tay-ho");
    till.cli.done(&["settings", "set", "allowance.TH.per_member", "70000"]);
    assert_eq!(serve()["allowance"]["per_member_minor"], 70_000);
    till.sync();
}

#[test]
fn a_person_of_one_shop_is_taken_in_at_another_only_when_asked() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Marie", "0905552255");
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
    let there = till.cli.done(&["member", "find", "--location", "TH", "0905552255"]);
    assert_eq!(there["answer"], "elsewhere");
    let refused = till.cli.ends(6, &["credit", "top-up", &member, "5", "--location", "TH", "--tender", "cash"]);
    assert_eq!(refused["code"], "not_a_member_here");
    till.cli.done(&["member", "join", &member, "--location", "TH"]);
    till.sync();
    let there = till.cli.done(&["member", "find", "--location", "TH", "2255"]);
    assert_eq!(there["answer"], "found");
    assert_eq!(there["members"][0]["memberships"].as_array().map(Vec::len), Some(2));
}

#[test]
fn who_came_in_at_a_shop_of_nobodys_is_told_to_head_office_when_they_join_one_of_its_shops() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    a.does("location add --code TH --name TH --country VN --currency VND");
    let member = a.add("TH", &json!({ "name": { "full": "Marie" }, "phone": "0905552255" }));
    a.edit(&member, &json!({ "note": "likes tea" }));
    a.does(&format!("member join {member} --location KM"));
    a.top_up(&member, "5000");
    a.sync();
    assert_eq!(a.does("task list"), json!([]));
    b.sync();
    assert_eq!((b.find("0905552255"), b.balance(&member)), (vec!["Marie".to_owned()], 5_000));
    assert_eq!(b.show(&member)["note"], "likes tea");
}

/// The shops are connected after all that was done; the first one never is.
#[test]
fn who_joined_a_shop_before_it_was_connected_is_told_to_head_office_with_it() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    a.does("location add --code TA --name TA --country VN --currency VND");
    let place = "location add --code TB --name TB --country VN --currency VND";
    a.does(place);
    let member = a.add("TA", &json!({ "name": { "full": "Marie" }, "phone": "0905552255" }));
    a.edit(&member, &json!({ "note": "likes tea" }));
    a.does(&format!("member join {member} --location TB"));
    a.does(&format!("credit top-up {member} 5000 --location TB --tender cash"));
    a.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    a.does(&format!("credit top-up {member} 70 --location TB --tender cash"));
    a.sync();
    assert_eq!((a.does("task list"), a.does("sync")["waiting"].clone()), (json!([]), json!(0)));
    b.sync();
    assert_eq!((b.balance(&member), b.show(&member)["note"].clone()), (5_070, json!("likes tea")));
    // What is said of them there is heard here, though the first shop has nobody to tell of it.
    b.edit(&member, &json!({ "note": "likes coffee" }));
    b.sync();
    a.sync();
    assert_eq!(a.show(&member)["note"], "likes coffee");
    a.edit(&member, &json!({ "note": "likes both" }));
    a.sync();
    b.sync();
    assert_eq!((a.does("task list"), b.show(&member)["note"].clone()), (json!([]), json!("likes both")));
    assert_eq!(a.does("doctor")["findings"], json!([]));
    // The first shop is connected after all: what head office was told already is not told again.
    b.edit(&member, &json!({ "note": "likes coffee", "phone": "0905552266" }));
    b.sync();
    let place = "location add --code TA --name TA --country VN --currency VND";
    a.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    shop.settle(&a, &b);
    for till in [&a, &b] {
        let shown = till.show(&member);
        assert_eq!((&shown["note"], &shown["phone"]), (&json!("likes coffee"), &json!("0905552266")));
        assert_eq!((till.does("task list"), till.does("doctor")["findings"].clone()), (json!([]), json!([])));
    }
}

/// Two rows of one person, one of them older, and somebody who was deleted: all came in before either shop was connected.
#[test]
fn who_was_merged_or_deleted_before_the_shop_was_connected_stays_so_at_head_office() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    a.does("location add --code TA --name TA --country VN --currency VND");
    let place = "location add --code TB --name TB --country VN --currency VND";
    a.does(place);
    let [alias, person, gone] =
        [("Mai", "0905552251"), ("Marie", "0905552252"), ("Lan", "0905552253")].map(|(name, phone)| {
            let id = a.add("TA", &json!({ "name": { "full": name }, "phone": phone }));
            a.does(&format!("member join {id} --location TB"));
            a.does(&format!("credit top-up {id} 5000 --location TB --tender cash"));
            id
        });
    a.does(&format!("member merge {person} {alias}"));
    a.does(&format!("credit cash-out {gone} 5000 --location TB"));
    a.does(&format!("member delete {gone} --reason moved"));
    a.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    a.sync();
    assert_eq!((a.does("task list"), a.does("sync")["waiting"].clone()), (json!([]), json!(0)));
    // Once: the same again sends the shop alone.
    a.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    assert_eq!(a.does("sync")["sent"], 1);
    b.sync();
    assert_eq!((b.find("0905552252"), b.balance(&person)), (vec!["Marie".to_owned()], 10_000));
    assert_eq!((b.show(&alias)["id"].clone(), b.find("0905552253")), (json!(person), Vec::<String>::new()));
    assert_eq!((a.find("0905552253"), a.does("doctor")["findings"].clone()), (Vec::<String>::new(), json!([])));
}

/// Somebody of a shop of head office that this till has too, and has not connected.
#[test]
fn who_belongs_to_a_shop_that_is_not_connected_here_is_edited_and_deleted_at_head_office_all_the_same() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let place = "location add --code TH --name TH --country VN --currency VND";
    a.does(place);
    b.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    let [marie, lan] = [("Marie", "0905552255"), ("Lan", "0905552256")]
        .map(|(name, phone)| b.add("TH", &json!({ "name": { "full": name }, "phone": phone })));
    b.does(&format!("credit top-up {marie} 5000 --location TH --tender cash"));
    shop.settle(&b, &a);
    a.edit(&marie, &json!({ "note": "likes tea" }));
    assert_eq!(a.show(&marie)["note"], "likes tea");
    a.does(&format!("member delete {lan} --reason moved"));
    shop.settle(&a, &b);
    assert_eq!((b.show(&marie)["note"].clone(), a.does("task list")), (json!("likes tea"), json!([])));
    b.cli.ends(5, &["member", "find", "--location", "TH", "0905552256"]);
}

#[test]
fn a_shop_of_head_office_that_has_the_code_of_another_one_here_stops_nothing() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let place = "location add --code TH --name TH --country VN --currency VND";
    a.does(place);
    b.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    let member = b.register("Marie", "0905552255");
    b.does(&format!("member join {member} --location TH"));
    b.does(&format!("credit top-up {member} 5000 --location TH --tender cash"));
    b.top_up(&member, "70");
    shop.settle(&b, &a);
    assert_eq!((a.find("0905552255"), a.balance(&member)), (vec!["Marie".to_owned()], 5_070));
    // It is that one, as turns out.
    a.cli.done(&[&place.split(' ').collect::<Vec<_>>()[..], &["--remote", "head office"]].concat());
    let there = a.cli.done(&["member", "find", "--location", "TH", "0905552255"]);
    assert_eq!(there["answer"], "found");
    a.does(&format!("credit top-up {member} 30 --location TH --tender cash"));
    shop.settle(&a, &b);
    assert_eq!((b.balance(&member), a.does("location list").as_array().map(Vec::len)), (5_100, Some(2)));
    assert_eq!(a.does("doctor")["findings"], json!([]));
}
