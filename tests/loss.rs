//! A till loses its file, or somebody changes it behind its back: what was done comes back, and head office is told once.

use crate::shop::Shop;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn codes(found: &Value) -> Vec<(String, bool)> {
    let findings = found["findings"].as_array().expect("findings").iter();
    findings.map(|found| (found["code"].as_str().expect("a code").to_owned(), found["repaired"] == true)).collect()
}

fn lose_the_file(data_dir: &Path) {
    for name in ["till.db", "till.db-wal", "till.db-shm"] {
        let _may_not_be_there = fs::remove_file(data_dir.join(name));
    }
}

#[test]
fn a_till_with_unsent_work_that_loses_its_file_comes_back_with_everything() {
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let sent = a.register("Lý Tú Quang Thắng", "0945 350 398");
    a.top_up(&sent, "350000");
    a.sync();
    shop.line.unplug();
    let unsent = a.register("Trần Thị Mai", "0945 350 399");
    a.top_up(&unsent, "20000");
    a.top_up(&sent, "1000");
    a.edit(&sent, &json!({ "note": "likes tea" }));
    let waiting = a.count_of_changes();
    lose_the_file(&shop.folder.join("A"));
    // The line is still down: everything that was done here is here all the same.
    assert_eq!(a.find("0945350399"), ["Trần Thị Mai"]);
    assert_eq!(a.find("0945350398"), ["Lý Tú Quang Thắng"]);
    assert_eq!((a.balance(&sent), a.balance(&unsent)), (351_000, 20_000));
    assert!(a.count_of_changes() >= waiting, "what waited waits");
    shop.line.plug_in();
    // A file that was made anew first hears what head office has, then tells what is new: only then they can be compared.
    a.sync();
    for till in [&a, &b] {
        till.sync();
        assert_eq!((till.balance(&sent), till.balance(&unsent)), (351_000, 20_000));
        assert_eq!(till.show(&sent)["note"], "likes tea");
        let found = till.cli.done(&["doctor"]);
        assert_eq!((&found["findings"], &found["unfinished"]), (&json!([]), &json!([])));
        assert_eq!(found["compared"][0]["differing"], 0);
    }
    assert_eq!(shop.head_office.entries().len(), 3, "nothing was booked twice");
}

/// Writes nonsense over everything behind so many pages, as a disk that fails does.
fn damage_the_file(data_dir: &Path, whole_pages: usize) {
    let database = data_dir.join("till.db");
    let mut bytes = fs::read(&database).expect("read");
    bytes[whole_pages * 4096..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(&database, bytes).expect("written");
}

#[test]
fn a_file_whose_pages_cannot_be_read_is_kept_aside_and_everything_that_was_done_here_comes_back() {
    let shop = Shop::open();
    let data_dir = shop.folder.join("A");
    let till = shop.till("A");
    let member = till.register("Lý Tú Quang Thắng", "0945 350 398");
    till.top_up(&member, "350000");
    till.sync();
    till.top_up(&member, "1000");
    for (command, whole_pages) in
        [("doctor", 0), ("doctor", 2), ("doctor", 3), ("credit balance", 1), ("credit balance", 3)]
    {
        damage_the_file(&data_dir, whole_pages);
        // It may be noticed when the file is opened, or when a page is asked for: the next start helps itself.
        let words = format!("{command} {}", if command == "doctor" { "" } else { &member });
        let ended = till.cli.run(&words.split_whitespace().collect::<Vec<_>>());
        assert!([0, 3].contains(&ended.code) || ended.json["code"] == "file_damaged", "{ended:?}");
        assert_eq!(till.balance(&member), 351_000);
        assert_eq!(till.find("0945350398"), ["Lý Tú Quang Thắng"]);
        assert!(data_dir.join("damaged").is_dir(), "the damaged file is kept");
    }
    till.sync();
    assert_eq!(shop.head_office.balance(&member), 351_000);
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn an_older_copy_of_the_file_has_at_once_what_was_done_after_it() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Lý Tú Quang Thắng", "0945 350 398");
    till.sync();
    let database = shop.folder.join("A").join("till.db");
    let kept = shop.folder.join("till.db.old");
    fs::copy(&database, &kept).expect("copied");
    shop.line.unplug();
    till.top_up(&member, "350000");
    let unsent = till.register("Trần Thị Mai", "0945 350 399");
    fs::copy(&kept, &database).expect("put back");
    assert_eq!((till.balance(&member), till.balance(&unsent)), (350_000, 0));
    assert_eq!(till.find("0945350399"), ["Trần Thị Mai"]);
    shop.line.plug_in();
    till.sync();
    assert_eq!(shop.head_office.balance(&member), 350_000);
    assert_eq!(shop.head_office.entries().len(), 1, "nothing was booked twice");
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn a_till_that_lost_its_file_gives_a_restored_head_office_back_what_that_lost_too() {
    let mut shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Lý Tú Quang Thắng", "0945 350 398");
    till.top_up(&member, "100000");
    till.sync();
    let copied = shop.folder.join("yesterday.db");
    let copied = copied.to_str().expect("text");
    shop.head_office.tell(&["backup", copied]);
    let since = till.register("Trần Thị Mai", "0945 350 399");
    till.top_up(&since, "7000");
    till.top_up(&member, "20000");
    till.sync();
    shop.head_office.kill();
    shop.head_office.tell(&["restore", copied]);
    shop.head_office.restart();
    lose_the_file(&shop.folder.join("A"));
    till.sync();
    till.sync();
    for (member, minor) in [(&member, 120_000), (&since, 7_000)] {
        assert_eq!((shop.head_office.balance(member), till.balance(member)), (minor, minor));
    }
    assert_eq!(shop.head_office.entries().len(), 3, "nothing was booked twice");
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn somebody_who_was_erased_does_not_come_back_with_the_file() {
    let shop = Shop::open();
    let till = shop.till("A");
    let erased = till.register("Lý Tú Quang Thắng", "0945 350 398");
    let other = till.register("Trần Thị Mai", "0945 350 399");
    till.top_up(&other, "20000");
    till.edit(&erased, &json!({ "note": "likes tea" }));
    till.sync();
    till.cli.done(&["privacy", "erase", &erased, "--reason", "asked for it"]);
    till.sync();
    shop.line.unplug();
    lose_the_file(&shop.folder.join("A"));
    assert_eq!(till.find("0945350398"), Vec::<String>::new());
    assert_eq!((till.find("0945350399"), till.balance(&other)), (vec!["Trần Thị Mai".to_owned()], 20_000));
    assert_eq!(till.cli.run(&["member", "show", &erased]).code, 5);
    shop.line.plug_in();
    till.sync();
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}

#[test]
fn what_head_office_has_otherwise_is_fetched_anew_when_the_till_is_looked_at() {
    let shop = Shop::open();
    let till = shop.till("A");
    let member = till.register("Lý Tú Quang Thắng", "0945 350 398");
    till.top_up(&member, "350000");
    till.sync();
    shop.head_office.tamper("UPDATE members SET document = json_set(document, '$.note', 'by hand')");
    let found = till.cli.ends(3, &["doctor"]);
    assert_eq!(codes(&found), [("head_office_differs".to_owned(), true)]);
    assert_eq!(till.show(&member)["note"], "by hand");
    assert_eq!(till.cli.done(&["doctor"])["findings"], json!([]));
}
