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

/// The colour's part of the light (WCAG 2.2, relative luminance).
fn luminance(color: &str) -> f64 {
    let channel = |place: usize| {
        let share = f64::from(u8::from_str_radix(&color[place..place + 2], 16).unwrap()) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn the_demos_labels_can_be_read_and_are_those_that_its_members_carry() {
    let file = filled();
    let mut statement = file.prepare("SELECT name, content ->> '$.color' FROM labels").unwrap();
    let labels: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (name, color) in &labels {
        let contrast_with_white = 1.05 / (luminance(color) + 0.05);
        assert!(contrast_with_white >= 4.5, "{name} {color}: {contrast_with_white:.1}");
    }
    let carried = "SELECT count(DISTINCT key) FROM memberships, json_each(terms, '$.labels')";
    assert_eq!(number(&file, carried), i64::try_from(labels.len()).unwrap());
    let unknown = "SELECT count(*) FROM memberships, json_each(terms, '$.labels')
                   WHERE key NOT IN (SELECT name FROM labels)";
    assert_eq!(number(&file, unknown), 0);
}

#[test]
fn the_member_of_the_pictures_has_all_that_a_counter_shows() {
    let file = filled();
    let shown = |what: &str| {
        let sql = format!(
            "SELECT {what} FROM members JOIN memberships ON member_id = id
             WHERE location = 'KM' AND document ->> '$.phone.typed' = '0945350398'"
        );
        text(&file, &sql)
    };
    assert_eq!(shown("document ->> '$.reference'"), "M-004217");
    assert_eq!(shown("member_since"), "2019-09-26");
    assert_eq!(shown("document ->> '$.note'"), "Allergic to nuts, ask before offering samples");
    let terms = r#"{"discount_percent":"5","earn_percent":"2","labels":{"Wholesale":true},"valid_until":"2026-12-31"}"#;
    assert_eq!(shown("terms"), terms);
    let mut statement = file
        .prepare(
            "SELECT key || ' ' || (value ->> '$.status') || iif(value ->> '$.is_virtual', ' virtual', '')
             FROM members, json_each(document, '$.cards') WHERE document ->> '$.phone.typed' = '0945350398'",
        )
        .unwrap();
    let cards: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(cards, ["8400174503981177 blocked", "8400174504165209 valid", "V-77FQ-2WJZ valid virtual"]);
    let visits = "SELECT count(*) FROM visits JOIN members ON member_id = members.id
                  WHERE document ->> '$.phone.typed' = '0945350398' AND content ->> '$.visit.receipt' IS NOT NULL";
    assert_eq!(number(&file, visits), 3);
}

#[test]
fn the_demo_has_somebody_for_every_answer_of_the_counter() {
    let file = filled();
    let on_one_number = "SELECT count(*) FROM members JOIN memberships ON member_id = id
                         WHERE location = 'KM' AND document ->> '$.phone.e164' = '+84912345678'";
    assert_eq!(number(&file, on_one_number), 3);
    let at_least_one = [
        "memberships WHERE terms ->> '$.hold.reason' IS NOT NULL",
        "memberships WHERE terms ->> '$.valid_until' < '2026-11-24'",
        "memberships WHERE terms ->> '$.is_active' = 0",
        "members WHERE document ->> '$.company.vat_id' LIKE 'SK%'",
        "members WHERE document ->> '$.company.vat_id' LIKE 'FR%'",
        "members WHERE document ->> '$.company.tax_id' LIKE '01%'",
        "members, json_each(document, '$.consents') WHERE value ->> '$.is_given' = 0",
        "members, json_each(document, '$.cards') WHERE value ->> '$.replaced_by' IS NOT NULL",
        "ledger_entries WHERE expires_on IS NOT NULL",
    ];
    for from in at_least_one {
        assert!(number(&file, &format!("SELECT count(*) FROM {from}")) > 0, "{from}");
    }
    assert_eq!(number(&file, "SELECT count(DISTINCT document ->> '$.reference') FROM members"), 5_000);
    assert_eq!(text(&file, "SELECT max(document ->> '$.reference') FROM members"), "M-005000");
}

#[test]
fn the_demos_visits_add_up_and_are_what_its_entries_say() {
    let file = filled();
    let wrong = "SELECT count(*) FROM (SELECT content -> '$.visit' AS visit FROM visits)
                 WHERE (visit ->> '$.bill.minor') - (visit ->> '$.discount.minor')
                    <> (visit ->> '$.credit_used.minor') + (visit ->> '$.left_to_collect.minor')";
    assert_eq!(number(&file, wrong), 0);
    let differing = "SELECT count(*) FROM visits WHERE
        (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
         WHERE ledger_entries.member_id = visits.member_id
         AND ledger_entries.content ->> '$.visit_id' = visits.content ->> '$.visit.id')
        <> (visits.content ->> '$.visit.earned.minor') - (visits.content ->> '$.visit.credit_used.minor')";
    assert_eq!(number(&file, differing), 0);
}

#[test]
fn nothing_of_the_demo_has_run_out_on_its_day() {
    let file = filled();
    assert_eq!(number(&file, "SELECT count(*) FROM ledger_entries WHERE expires_on < '2026-11-24'"), 0);
}
