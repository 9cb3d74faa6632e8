//! The demo: the same every time, by the rules, and with the members that the remotes' documents show.

use crate::till::{MORNING, Server, fresh};
use regulars_domain::{MemberId, Timestamp};
use regulars_head_office::{SqliteStorage, demo};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

/// A file with the demo in it.
struct Filled {
    path: PathBuf,
    _directory: TempDir,
}

impl Filled {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("head-office.db");
        let storage = SqliteStorage::open(&path).unwrap();
        assert!(demo::fill(&storage, Timestamp::from_millis(MORNING)).unwrap());
        Self { path, _directory: directory }
    }

    fn open(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }
}

/// One for all tests that only look.
fn filled() -> Connection {
    static FILLED: LazyLock<Filled> = LazyLock::new(Filled::new);
    FILLED.open()
}

fn number(file: &Connection, sql: &str) -> i64 {
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn text(file: &Connection, sql: &str) -> String {
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_demo_is_the_same_every_time() {
    let again = Filled::new();
    let (first, second) = (filled(), again.open());
    for sql in [
        "SELECT group_concat(hex(id) || document) FROM (SELECT id, document FROM members ORDER BY id)",
        "SELECT group_concat(content) FROM (SELECT content FROM ledger_entries ORDER BY id)",
        "SELECT group_concat(hex(member_id) || location || member_since) FROM memberships",
    ] {
        assert!(text(&first, sql) == text(&second, sql), "{sql}");
    }
}

#[test]
fn the_demo_has_five_thousand_members_of_three_shops_and_finds_0945350398() {
    let file = filled();
    assert_eq!(number(&file, "SELECT count(*) FROM members"), 5_000);
    let shops = "SELECT group_concat(code) FROM (SELECT code FROM locations ORDER BY version)";
    assert_eq!(text(&file, shops), "KM,BA,LY");
    let of_kim_ma = "SELECT document ->> '$.name.full' FROM members JOIN memberships ON member_id = id
                     WHERE location = 'KM' AND document ->> '$.phone.typed' = '0945350398'";
    assert_eq!(text(&file, of_kim_ma), "Ly Tu Quang Thang");
    for name in ["customer first", "Phan Son 15", "John Doe", "David Coaster", "Marie's Jewelry"] {
        let found =
            file.query_row("SELECT count(*) FROM members WHERE document ->> '$.name.full' = ?1", [name], |row| {
                row.get::<_, i64>(0)
            });
        assert_eq!(found.unwrap(), 1, "{name}");
    }
}

#[test]
fn the_demo_never_uses_more_credit_than_there_was() {
    let file = filled();
    // After each entry of each account and lot class, in the order in which they happened.
    let lowest = "SELECT min(balance) FROM (SELECT sum(amount_minor) OVER
                  (PARTITION BY account_id, content ->> '$.lot_class' ORDER BY content ->> '$.at', rowid) AS balance
                  FROM ledger_entries)";
    assert!(number(&file, lowest) >= 0);
    let most = "SELECT max(n) FROM (SELECT count(*) AS n FROM ledger_entries GROUP BY account_id)";
    assert_eq!(number(&file, most), 8);
    let late =
        format!("SELECT count(*) FROM ledger_entries WHERE content ->> '$.at' > '{}'", Timestamp::from_millis(MORNING));
    assert_eq!(number(&file, &late), 0);
    let kinds = "SELECT count(DISTINCT content ->> '$.kind') FROM ledger_entries";
    assert_eq!(number(&file, kinds), 4);
}

#[test]
fn the_demos_people_are_like_those_around_the_shops() {
    let file = filled();
    let nguyen = "SELECT count(*) FROM members JOIN memberships ON member_id = id
                  WHERE location = 'KM' AND document ->> '$.name.full' LIKE 'Nguyễn %'";
    assert!((1_020..1_260).contains(&number(&file, nguyen)), "{}", number(&file, nguyen));
    let invalid = "SELECT count(*) FROM members WHERE document -> '$.phone' IS NOT NULL
                   AND document ->> '$.phone.e164' IS NULL";
    // Only those of the samples: libphonenumber calls +83… and +33639980102 invalid.
    assert!(number(&file, invalid) <= 3, "{}", number(&file, invalid));
    let shared = "SELECT count(*) FROM (SELECT 1 FROM members WHERE document ->> '$.phone.e164' IS NOT NULL
                  GROUP BY document ->> '$.phone.e164' HAVING count(*) > 1)";
    assert!(number(&file, shared) > 100);
    for part in ["$.email", "$.birthday", "$.note", "$.phone"] {
        let without = format!("SELECT count(*) FROM members WHERE document -> '{part}' IS NULL");
        assert!((20..4_900).contains(&number(&file, &without)), "{part}");
    }
    let of_two_shops = "SELECT count(*) FROM (SELECT 1 FROM memberships GROUP BY member_id HAVING count(*) = 2)";
    assert!(number(&file, of_two_shops) > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_has_members_is_not_filled() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply(vec![crate::till::member_added(fresh(MemberId::mint), "An", "KM")]).await;
    server.pass(Duration::from_secs(1));
    assert!(!demo::fill(server.storage.as_ref(), server.now()).unwrap());
    assert_eq!(till.pull(0, 100).await.rows.len(), 1);
}
