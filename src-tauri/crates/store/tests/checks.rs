//! What the checks find in a till's file that was changed behind its back, and what they put right.

use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::location::Location;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, TillId, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::{self, Stamp};
use regulars_store::{
    Finding, KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, check, locations, members, record,
};
use serde_json::json;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const STAMP: Stamp = Stamp { at: NOW, staff_id: None };

struct Shop {
    _folder: TempDir,
    store: Store,
    location: LocationId,
}

impl Shop {
    fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let new = NewTill {
            id: TillId::mint(NOW, [1; 10]),
            incarnation: Incarnation::mint(NOW, rand::random()),
            name: "Till 1".to_owned(),
            at: NOW,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let stored = StoredLocation {
            id: LocationId::mint(NOW, rand::random()),
            location: Location {
                code: "KM".to_owned(),
                name: "Kim Ma".to_owned(),
                country: "VN".to_owned(),
                currency: "VND".parse().expect("a currency"),
                time_zone: "Asia/Ho_Chi_Minh".to_owned(),
                issuer: "default".to_owned(),
            },
            remote_id: None,
            pos_id: "KM".to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
        };
        let location = stored.id;
        let shop = Self { _folder: folder, store, location };
        shop.write(move |tx| locations::insert(tx, &stored));
        shop
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(Priority::Cashier, work).expect("written")
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.store.read(work).expect("read")
    }

    fn registration(&self, number: u32) -> (MemberId, Change) {
        let id = MemberId::mint(NOW, rand::random());
        let document = json!({
            "name": { "full": format!("Nguyễn Thị हिन्दी O'Hara {number}"), "given": null },
            "phone": { "typed": format!("09{number:08}") }, "email": format!("m{number}@example.com"),
            "note": "n".repeat(400),
        });
        let change = Change::MemberAdded {
            member_id: id,
            document: document.as_object().cloned().expect("an object"),
            location_id: self.location,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Default::default(),
        };
        (id, change)
    }

    fn register(&self, number: u32) -> MemberId {
        let (id, change) = self.registration(number);
        self.record(change);
        id
    }

    fn record(&self, change: Change) {
        self.write(move |tx| record::record(tx, &change, STAMP, &mut new_change));
    }

    fn note(&self, member: MemberId, note: &str) {
        let edit = Edit { fields: [("note".to_owned(), FieldEdit { before: json!(null), after: json!(note) })].into() };
        self.record(Change::MemberEdited { member_id: member, edit });
    }

    fn redeem(&self, member: MemberId, minor: i64) {
        let currency = "VND".parse().expect("a currency");
        let entry = LedgerEntry {
            id: EntryId::mint(NOW, rand::random()),
            account_id: AccountId::of(member, "default", currency),
            member_id: member,
            issuer: "default".to_owned(),
            kind: EntryKind::Redeem,
            lot_class: LotClass::Prepaid,
            amount: Money::new(-minor, currency),
            location_id: self.location,
            till_id: TillId::mint(NOW, [1; 10]),
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: NOW,
            receipt: None,
            tender: None,
            reason: None,
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        };
        self.record(Change::EntryAdded { entry: Box::new(entry) });
    }

    fn tamper(&self, sql: &'static str) {
        self.write(move |tx| Ok(tx.execute_batch(sql)?));
    }

    /// What the checks found and whether it was put right.
    fn repair(&self) -> Vec<(&'static str, bool)> {
        let found = self.store.check_and_repair(false, NOW).expect("checked");
        let mut found: Vec<_> = found.iter().map(|Finding { code, is_repaired, .. }| (*code, *is_repaired)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn found(&self, phone: &str) -> usize {
        let query = PhoneQuery::parse(phone, "VN".parse().expect("a country")).expect("a query");
        self.read(|tx| members::find_by_whole_phone(tx, self.location, &query, 9)).len()
    }
}

fn new_change() -> ChangeId {
    ChangeId::mint(NOW, rand::random())
}

/// What is wrong, what makes it so, and what is found with whether it was put right.
type Case = (&'static str, &'static str, &'static [(&'static str, bool)]);

/// Everything that can go wrong, and whether it can be put right.
#[test]
fn what_was_changed_behind_the_tills_back_is_found_and_put_right() {
    let table: [Case; 17] = [
        ("nothing", "SELECT 1", &[]),
        (
            "a working row",
            "UPDATE members SET document = json_set(document, '$.note', 'by hand') WHERE number = 2",
            &[("row_differs", true)],
        ),
        (
            "a row that is gone",
            "DELETE FROM members WHERE number = 2",
            &[("index_differs", true), ("row_missing", true)],
        ),
        ("a member thought to be gone", "UPDATE members SET deleted_at = 5 WHERE number = 2", &[("row_differs", true)]),
        ("what a member is called", "UPDATE members SET full_name = 'X' WHERE number = 1", &[("index_differs", true)]),
        ("a membership", "DELETE FROM memberships", &[("row_differs", true)]),
        ("the order of names", "UPDATE memberships SET sort_name = 'x'", &[("index_differs", true)]),
        ("a phone number", "DELETE FROM phone_index", &[("index_differs", true)]),
        ("a number that is not theirs", "UPDATE phone_index SET digits = digits || '0'", &[("index_differs", true)]),
        ("what is looked up whole", "UPDATE lookups SET key = 'e:other'", &[("index_differs", true)]),
        ("a word", "DELETE FROM member_words WHERE rowid = 1", &[("index_differs", true)]),
        (
            "another word",
            "DELETE FROM member_words WHERE rowid = 1; INSERT INTO member_words (rowid, words) VALUES (1, 'an other')",
            &[("index_differs", true)],
        ),
        (
            "words of nobody",
            "INSERT INTO member_words (rowid, words) VALUES (99, 'no body')",
            &[("index_differs", true)],
        ),
        (
            "a sum of the allowance",
            "UPDATE outbox SET unauthorised_minor = 1 WHERE verb = 'entry_added'",
            &[("allowance_differs", true)],
        ),
        (
            "a circle",
            "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on) SELECT depends_on, change_id FROM outbox_dependencies",
            &[("dependency_circle", true)],
        ),
        (
            "one that waits for nothing, one on the line without anybody, one that travels alone",
            "INSERT INTO outbox_dependencies (change_id, depends_on) SELECT change_id, zeroblob(16) FROM outbox;
             UPDATE outbox SET state = 'in_flight' WHERE number = 1;
             UPDATE outbox SET state = 'folded', folded_into = zeroblob(16) WHERE number = 2",
            &[("dependency_missing", true), ("folded_alone", true), ("in_flight_alone", true)],
        ),
        (
            "numbers",
            "UPDATE outbox SET number = 40 WHERE number = 2",
            &[("number_next_used", true), ("numbers_missing", false)],
        ),
    ];
    for (name, sql, expected) in table {
        let shop = Shop::open();
        let member = shop.register(1);
        shop.register(2);
        shop.note(member, "likes tea");
        shop.redeem(member, 500);
        assert_eq!(shop.read(|tx| check(tx)), [], "before: {name}");
        shop.tamper(sql);
        assert_eq!(shop.repair(), expected, "{name}");
        let left: Vec<_> = expected.iter().filter(|(_, is_repaired)| !is_repaired).copied().collect();
        assert_eq!(shop.repair(), left, "again: {name}");
        let codes: Vec<_> = shop.read(|tx| check(tx)).iter().map(|finding| (finding.code, false)).collect();
        assert_eq!(codes, left, "at the end: {name}");
        assert_eq!((shop.found("0900000001"), shop.found("0900000002")), (1, 1), "{name}");
        assert_eq!(shop.read(|tx| members::find(tx, member)).expect("there").document["note"], "likes tea", "{name}");
        assert_eq!(shop.read(|tx| outbox::list_open(tx, 9)).len(), 4, "{name}");
    }
}

#[test]
fn a_row_of_which_nothing_tells_is_left_alone_and_told() {
    let shop = Shop::open();
    let member = shop.register(1);
    shop.tamper("UPDATE outbox SET state = 'done'");
    assert_eq!(shop.repair(), [("row_unexplained", false)]);
    assert!(shop.read(|tx| members::find(tx, member)).is_some());
}

/// A till of a chain: the checks are run while people wait for it.
#[test]
fn ten_thousand_members_are_looked_at_in_a_moment() {
    let shop = Shop::open();
    for slice in 0..20 {
        let changes: Vec<Change> = (0..500).map(|number| shop.registration(slice * 500 + number).1).collect();
        shop.write(move |tx| changes.iter().try_for_each(|change| record::record(tx, change, STAMP, &mut new_change)));
    }
    let begun = Instant::now();
    assert_eq!(shop.repair(), []);
    println!("10,000 members with a pending change each: {} ms", begun.elapsed().as_millis());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
