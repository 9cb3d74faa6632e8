//! Time going backwards, with real programs and files: a head office that was restored, a till that was copied or put
//! back. Nothing is lost, nothing is doubled, and nobody has to do anything.

use crate::shop::{Shop, Till};
use regulars_testkit::cli::Cli;
use serde_json::json;
use std::fs;
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        if file.path().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).expect("copied");
        }
    }
}

fn agrees(shop: &Shop, till: &Till, member: &str, minor: i64) {
    assert_eq!(till.balance(member), minor);
    assert_eq!(shop.head_office.balance(member), minor);
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
    assert_eq!(till.cli.done(&["outbox", "list"]), json!([]));
}

#[test]
fn a_restored_head_office_gets_back_from_the_tills_what_its_copy_lacks() {
    let mut shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.top_up(&member, "100000");
    shop.settle(&a, &b);
    let copied = shop.folder.join("yesterday.db");
    let copied = copied.to_str().expect("text");
    shop.head_office.tell(&["backup", copied]);

    a.top_up(&member, "20000");
    let since = b.register("Trần Minh Anh", "0912 000 417");
    b.top_up(&since, "7000");
    a.edit(&member, &json!({ "note": "likes tea" }));
    shop.settle(&a, &b);

    shop.head_office.kill();
    let said = shop.head_office.tell(&["restore", copied]);
    assert!(said.contains("kept as"), "{said}");
    shop.head_office.restart();
    assert_eq!(shop.head_office.balance(&member), 100_000);
    // Booked before anybody knows.
    b.top_up(&member, "500");
    shop.settle(&b, &a);
    shop.settle(&b, &a);
    for till in [&a, &b] {
        agrees(&shop, till, &member, 120_500);
        agrees(&shop, till, &since, 7_000);
        assert_eq!(till.show(&member)["note"], "likes tea");
    }
    assert_eq!(shop.head_office.member_names(), ["Lý Tú Quang Thắng", "Trần Minh Anh"]);
}

#[test]
fn a_copy_of_head_office_that_was_put_back_by_hand_is_noticed() {
    let mut shop = Shop::open();
    let a = shop.till("A");
    let member = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.sync();
    shop.head_office.kill();
    let database = shop.folder.join("head-office.db");
    let (kept, wal) = (shop.folder.join("by-hand.db"), shop.folder.join("head-office.db-wal"));
    fs::copy(&database, &kept).expect("copied");
    if wal.exists() {
        fs::copy(&wal, shop.folder.join("by-hand.db-wal")).expect("copied");
    }
    shop.head_office.restart();
    a.top_up(&member, "3000");
    a.sync();
    shop.head_office.kill();
    fs::copy(&kept, &database).expect("put back");
    if shop.folder.join("by-hand.db-wal").exists() {
        fs::copy(shop.folder.join("by-hand.db-wal"), &wal).expect("put back");
    } else {
        let _none = fs::remove_file(&wal);
    }
    let _none = fs::remove_file(shop.folder.join("head-office.db-shm"));
    shop.head_office.restart();
    assert_eq!(shop.head_office.balance(&member), 0);
    a.sync();
    agrees(&shop, &a, &member, 3_000);
}

#[test]
fn two_copies_of_one_till_go_on_side_by_side() {
    let shop = Shop::open();
    let a = shop.till("A");
    let member = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.top_up(&member, "1000");
    a.sync();
    a.top_up(&member, "200");
    copy(&shop.folder.join("A"), &shop.folder.join("copy of A"));
    let twin = Till { cli: Cli::new(&shop.folder.join("copy of A")) };
    let mut expected = 1_200;
    for round in 1..4_i64 {
        a.top_up(&member, &(10_000 * round).to_string());
        twin.top_up(&member, &(100_000 * round).to_string());
        expected += 110_000 * round;
        shop.settle(&a, &twin);
        for till in [&a, &twin] {
            agrees(&shop, till, &member, expected);
        }
    }
}

#[test]
fn an_older_copy_of_a_tills_file_says_so_and_goes_on() {
    let shop = Shop::open();
    let a = shop.till("A");
    let member = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.sync();
    let folder = shop.folder.join("A");
    fs::copy(folder.join("till.db"), shop.folder.join("till.db.old")).expect("copied");
    a.top_up(&member, "1000");
    a.sync();
    fs::copy(shop.folder.join("till.db.old"), folder.join("till.db")).expect("put back");
    let said = a.cli.run(&["sync", "--until-idle"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains("file_put_back"), "{}", said.stderr);
    a.top_up(&member, "50");
    let said = a.cli.run(&["sync", "--until-idle"]);
    assert!(!said.stderr.contains("file_put_back"), "it is said once: {}", said.stderr);
    agrees(&shop, &a, &member, 1_050);
}

#[test]
fn who_owes_is_a_task() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("David Coaster", "0905 550 102");
    a.top_up(&member, "100000");
    shop.settle(&a, &b);
    assert_eq!(a.cli.done(&["task", "list"]), json!([]));
    shop.line.unplug();
    for till in [&a, &b] {
        till.cli.done(&["credit", "redeem", &member, "80000", "--location", "KM"]);
    }
    shop.line.plug_in();
    shop.settle(&a, &b);
    for till in [&a, &b] {
        let listed = till.cli.run(&["task", "list"]);
        let owes = json!([{
            "kind": "owes", "member": member, "name": "David Coaster", "issuer": "default",
            "amount": { "minor": 60_000, "currency": "VND" },
        }]);
        assert_eq!((listed.code, listed.json), (3, owes));
    }
}
