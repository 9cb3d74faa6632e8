//! The till's file: made, opened, and refused for the right reason, with real files.

use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::location::Location;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId, TillId, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::Stamp;
use regulars_store::{
    KeystoreKind, NewTill, Priority, Store, StoreError, check, locations, members, outbox, record, settings, sweeps,
    till,
};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn new_till() -> NewTill {
    NewTill {
        id: TillId::mint(NOW, rand::random()),
        incarnation: Incarnation::mint(NOW, rand::random()),
        name: "Till 1".to_owned(),
        at: NOW,
        keystore: KeystoreKind::File,
        has_test_clock: false,
    }
}

fn kim_ma() -> StoredLocation {
    StoredLocation {
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
    }
}

fn stamp() -> Stamp {
    Stamp { at: NOW, staff_id: None }
}

fn new_change() -> ChangeId {
    ChangeId::mint(NOW, rand::random())
}

/// A till with one shop and `count` members, closed again.
fn till_with_members(count: u32) -> (TempDir, LocationId) {
    let folder = TempDir::new().expect("a folder");
    let store = Store::create(folder.path(), &new_till()).expect("a till");
    let shop = kim_ma();
    let id = shop.id;
    write(&store, move |tx| locations::insert(tx, &shop));
    for number in 0..count {
        register(&store, id, number);
    }
    store.note_closed().expect("closed");
    (folder, id)
}

fn write<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&regulars_store::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(Priority::Cashier, work).expect("written")
}

fn register(store: &Store, location_id: LocationId, number: u32) -> MemberId {
    let member_id = MemberId::mint(NOW, rand::random());
    let phone = format!("09{number:08}");
    let document = json!({ "name": { "full": format!("Member {number}") }, "phone": { "typed": phone, "e164": null }, "note": "n".repeat(300) });
    let change = Change::MemberAdded {
        member_id,
        document: document.as_object().cloned().expect("an object"),
        location_id,
        member_since: "2026-11-24".parse().expect("a day"),
        terms: Default::default(),
    };
    write(store, move |tx| record::record(tx, &change, stamp(), &mut new_change));
    member_id
}

fn found(store: &Store, location: LocationId, phone: &str) -> usize {
    let query = PhoneQuery::parse(phone, "VN".parse().expect("a country")).expect("a query");
    store.read(|tx| members::find_by_whole_phone(tx, location, &query, 9)).expect("read").len()
}

fn open(folder: &Path) -> Result<(Store, regulars_store::Opened), StoreError> {
    Store::open(folder, NOW)
}

fn code(result: Result<(Store, regulars_store::Opened), StoreError>) -> &'static str {
    result.err().map_or("opened", |error| error.code())
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("till.db")
}

#[test]
fn what_was_registered_is_there_after_the_next_start() {
    let (folder, shop) = till_with_members(3);
    let (store, opened) = open(folder.path()).expect("opens");
    assert!(!opened.was_unclean);
    assert_eq!(found(&store, shop, "0900000002"), 1);
    assert_eq!(found(&store, shop, "+84 900 000 002"), 1);
    assert_eq!(found(&store, shop, "0900000003"), 0);
    assert_eq!(store.read(|tx| outbox::list_open(tx, 9)).expect("read").len(), 3);
    assert_eq!(store.read(|tx| check(tx)).expect("checked"), []);
}

#[test]
fn nothing_in_the_file_can_be_read_without_its_key() {
    let (folder, _) = till_with_members(5);
    for name in fs::read_dir(folder.path()).expect("listed") {
        let bytes = fs::read(name.expect("an entry").path()).expect("read");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("SQLite format 3") && !text.contains("Member 3") && !text.contains("0900000003"));
    }
}

#[test]
fn a_second_process_is_told_that_the_till_is_open() {
    let (folder, _) = till_with_members(0);
    let first = open(folder.path()).expect("opens");
    assert_eq!(code(open(folder.path())), "till_in_use");
    drop(first);
    assert_eq!(code(open(folder.path())), "opened");
}

#[test]
fn an_empty_folder_is_not_set_up_and_a_till_is_not_made_twice() {
    let folder = TempDir::new().expect("a folder");
    assert_eq!(code(open(folder.path())), "not_set_up");
    drop(Store::create(folder.path(), &new_till()).expect("a till"));
    let again = Store::create(folder.path(), &new_till()).err().expect("refused");
    assert_eq!(again.code(), "already_set_up");
}

#[test]
fn a_set_up_that_was_cut_short_can_be_done_again() {
    let folder = TempDir::new().expect("a folder");
    drop(Store::create(folder.path(), &new_till()).expect("a till"));
    // As a crash just before the end leaves it: the note of completion missing, the database under its draft's name.
    let sidecar = folder.path().join("till.key.json");
    let text = fs::read_to_string(&sidecar).expect("read").replace("\"is_complete\": true", "\"is_complete\": false");
    fs::write(&sidecar, text).expect("written");
    fs::rename(database(&folder), folder.path().join("till.new-0.db")).expect("renamed");
    assert_eq!(code(open(folder.path())), "not_set_up");
    assert!(Store::create(folder.path(), &new_till()).is_ok());
}

#[test]
fn a_lost_key_a_wrong_key_and_a_missing_sidecar_are_told_apart_and_nothing_is_touched() {
    let (folder, shop) = till_with_members(1);
    let before = fs::read(database(&folder)).expect("read");
    let secrets = folder.path().join("till.secrets.json");
    let right = fs::read_to_string(&secrets).expect("read");
    fs::write(&secrets, "{}").expect("written");
    assert_eq!(code(open(folder.path())), "key_lost");
    let (end, _) = right.rmatch_indices('"').next().expect("a secret");
    let last = right.as_bytes()[end - 1];
    let wrong = format!("{}{}{}", &right[..end - 1], if last == b'0' { '1' } else { '0' }, &right[end..]);
    fs::write(&secrets, wrong).expect("written");
    assert_eq!(code(open(folder.path())), "key_wrong");
    fs::write(&secrets, right).expect("written");
    let sidecar = folder.path().join("till.key.json");
    let kept = fs::read(&sidecar).expect("read");
    fs::remove_file(&sidecar).expect("removed");
    assert_eq!(code(open(folder.path())), "sidecar_missing");
    fs::write(&sidecar, kept).expect("written");
    assert_eq!(fs::read(database(&folder)).expect("read"), before);
    let (store, _) = open(folder.path()).expect("opens");
    assert_eq!(found(&store, shop, "0900000000"), 1);
}

#[test]
fn a_missing_file_is_a_loss_and_not_a_new_till() {
    let (folder, _) = till_with_members(1);
    fs::rename(database(&folder), folder.path().join("elsewhere.db")).expect("moved");
    fs::rename(folder.path().join("till.journal.00000001"), folder.path().join("elsewhere.journal")).expect("moved");
    assert_eq!(code(open(folder.path())), "file_missing");
    assert_eq!(Store::create(folder.path(), &new_till()).err().map(|error| error.code()), Some("already_set_up"));
}

#[test]
fn a_plain_database_is_not_taken_for_ours() {
    let (folder, _) = till_with_members(1);
    fs::remove_file(database(&folder)).expect("removed");
    let plain = rusqlite::Connection::open(database(&folder)).expect("a plain file");
    plain.execute_batch("CREATE TABLE members (id)").expect("made");
    drop(plain);
    assert_eq!(code(open(folder.path())), "file_plain");
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let (folder, _) = till_with_members(1);
    let (store, _) = open(folder.path()).expect("opens");
    let set_version = |version: u32| {
        move |tx: &regulars_store::Transaction<'_>| {
            let sql = "UPDATE refinery_schema_history SET version = ?1 WHERE version > 0";
            tx.execute(sql, [version]).map(|_| ()).map_err(StoreError::from)
        }
    };
    write(&store, set_version(99));
    drop(store);
    let error = open(folder.path()).err().expect("refused");
    assert!(matches!(error, StoreError::FileNewer { found: 99, known: 1 }), "{error}");
}

#[test]
fn a_crash_is_noticed() {
    let (folder, shop) = till_with_members(0);
    let (store, _) = open(folder.path()).expect("opens");
    register(&store, shop, 1);
    drop(store); // without note_closed, as after a crash
    let (_store, opened) = open(folder.path()).expect("opens");
    assert!(opened.was_unclean);
}

/// Damages `length` bytes at `offset`.
fn damage(folder: &TempDir, offset: usize, length: usize) {
    let mut bytes = fs::read(database(folder)).expect("read");
    for byte in &mut bytes[offset..offset + length] {
        *byte ^= 0x5a;
    }
    fs::write(database(folder), bytes).expect("written");
}

#[test]
fn a_damaged_first_page_is_moved_aside_and_everything_is_salvaged() {
    let (folder, shop) = till_with_members(200);
    let id = store_till_id(&folder);
    damage(&folder, 100, 50);
    let damaged = fs::read(database(&folder)).expect("read");
    let (store, opened) = open(folder.path()).expect("opens");
    let salvaged = opened.salvaged.expect("salvaged");
    assert_eq!(salvaged.torn, Vec::<String>::new());
    assert_eq!(fs::read(salvaged.moved_to.join("till.db")).expect("kept"), damaged);
    assert_eq!(found(&store, shop, "0900000199"), 1);
    assert_eq!(store.read(|tx| outbox::list_open(tx, 999)).expect("read").len(), 200);
    assert_eq!(store.read(|tx| check(tx)).expect("checked"), []);
    assert_eq!(store.read(|tx| till::get(tx)).expect("read").id, id);
    register(&store, shop, 200);
    assert_eq!(found(&store, shop, "0900000200"), 1);
}

#[test]
fn whom_a_remote_does_not_have_any_more_is_missed_soon_after_a_salvage_too() {
    let (folder, _) = till_with_members(1);
    let remote = RemoteId::mint(NOW, rand::random());
    let (store, _) = open(folder.path()).expect("opens");
    write(&store, move |tx| {
        // Forty times all were gone through, and each time she was there.
        let sql = "INSERT INTO mirror (remote_id, remote_key, member_id, content, is_deleted, seen_in)
                   SELECT ?, x'01', id, json_object('document', json(document), 'memberships', json('[]')), 0, 40
                   FROM members";
        Ok::<_, StoreError>(tx.execute(sql, [remote.uuid()])?)
    });
    store.note_closed().expect("closed");
    drop(store);
    damage(&folder, 100, 50);
    let (store, opened) = open(folder.path()).expect("opens");
    assert!(opened.salvaged.is_some());
    let unseen = store.read(|tx| sweeps::list_unseen(tx, remote, sweeps::get(tx, remote)?.number, 9)).expect("read");
    assert_eq!(unseen, [[1]]);
}

#[test]
fn damage_in_the_middle_costs_only_what_stood_there() {
    let (folder, shop) = till_with_members(400);
    damage(&folder, page_of_members(&folder) * 4096 + 1000, 64);
    let (store, _) = open(folder.path()).expect("opens: the first page is whole");
    let error = (0..400).find_map(|number| {
        let query = PhoneQuery::parse(&format!("09{number:08}"), "VN".parse().expect("a country")).expect("a query");
        let hits = store.read(|tx| members::find_by_whole_phone(tx, shop, &query, 9));
        hits.and_then(|hits| store.read(|tx| members::find(tx, hits[0].id))).err()
    });
    assert_eq!(error.expect("a page cannot be read").code(), "file_damaged");
    store.note_damaged().expect("noted");
    drop(store);
    let (store, opened) = open(folder.path()).expect("opens");
    let salvaged = opened.salvaged.expect("salvaged");
    assert_eq!(salvaged.torn.len(), 1, "one page belongs to one table: {:?}", salvaged.torn);
    let saved = |table: &str| salvaged.rows.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows);
    let of_members = ["members", "outbox", "audit_log", "memberships", "phone_index", "member_keys"].map(saved);
    assert!(of_members.iter().all(|rows| *rows > 380), "{:?}", salvaged.rows);
    drop(store);
    assert_eq!(open(folder.path()).expect("opens").1.salvaged, None);
}

#[test]
fn a_damaged_page_that_nothing_stood_on_is_told_as_that_and_not_as_memory_that_ran_out() {
    let (folder, shop) = till_with_members(3);
    let (store, _) = open(folder.path()).expect("opens");
    let set = |store: &Store, number: u32| {
        store.write(Priority::Cashier, move |tx| settings::set(tx, &format!("some {number}"), &"x".repeat(900)))
    };
    (0..46).for_each(|number| set(&store, number).expect("set"));
    let execute = |sql: &'static str| write(&store, move |tx| Ok::<_, StoreError>(tx.execute_batch(sql)?));
    execute("INSERT INTO settings (key, value) VALUES ('much', hex(zeroblob(100000)))");
    execute("DELETE FROM settings WHERE key = 'much'");
    let used = store.read(|tx| places(tx, "SELECT pageno FROM dbstat")).expect("read");
    store.note_closed().expect("closed");
    drop(store);
    let pages = fs::metadata(database(&folder)).expect("a file").len() as usize / 4096;
    let free = (0..pages).filter(|page| !used.contains(page));
    free.for_each(|page| damage(&folder, page * 4096 + 1000, 64));
    let (store, _) = open(folder.path()).expect("opens: nothing is on those pages");
    // One of them takes one page more: nothing but the commit is in the way of the damage then.
    let error = (46..60).find_map(|number| set(&store, number).err());
    assert_eq!(error.expect("a page cannot be read").code(), "file_damaged");
    store.note_damaged().expect("noted");
    drop(store);
    let (store, opened) = open(folder.path()).expect("opens");
    assert_eq!(opened.salvaged.expect("salvaged").torn, Vec::<String>::new());
    register(&store, shop, 3);
    (0..4).for_each(|number| assert_eq!(found(&store, shop, &format!("09{number:08}")), 1));
}

/// The place of a page in the file that holds members and nothing else.
fn page_of_members(folder: &TempDir) -> usize {
    let (store, _) = open(folder.path()).expect("opens");
    let of_members = "SELECT pageno FROM dbstat WHERE name = 'members' AND pagetype = 'leaf'";
    let pages = store.read(|tx| places(tx, of_members)).expect("read");
    store.note_closed().expect("closed");
    pages[pages.len() / 2]
}

/// The places of the pages whose numbers a query tells; the first page has number 1.
fn places(tx: &regulars_store::Transaction<'_>, sql: &str) -> Result<Vec<usize>, StoreError> {
    let mut statement = tx.prepare(sql)?;
    let places = statement.query_map([], |row| Ok(row.get::<_, u32>(0)? as usize - 1))?;
    Ok(places.collect::<Result<_, _>>()?)
}

fn store_till_id(folder: &TempDir) -> TillId {
    let (store, _) = open(folder.path()).expect("opens");
    let id = store.read(|tx| till::get(tx)).expect("read").id;
    store.note_closed().expect("closed");
    id
}

#[test]
fn what_was_written_since_the_last_check_is_no_damage() {
    let (folder, location_id) = till_with_members(1);
    let (store, _) = open(folder.path()).expect("opened");
    // So often that the index of words has merged its parts meanwhile.
    for number in 2..40 {
        register(&store, location_id, number);
        assert_eq!(store.read(|tx| check(tx)).expect("checked"), []);
    }
}

#[test]
fn entries_and_the_audit_log_cannot_be_changed_or_deleted() {
    let (folder, _) = till_with_members(2);
    let (store, _) = open(folder.path()).expect("opens");
    for sql in [
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "UPDATE outbox SET payload = x'00'",
        "UPDATE outbox SET made_at = 0",
    ] {
        let result: Result<(), StoreError> =
            store.write(Priority::Cashier, move |tx| tx.execute(sql, []).map(|_| ()).map_err(StoreError::from));
        assert!(result.is_err(), "{sql}");
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_is_written_by_halves() {
    let (folder, shop) = till_with_members(1);
    let (store, _) = open(folder.path()).expect("opens");
    write(&store, |tx| {
        let pages: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        Ok(tx.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?)
    });
    let mut error = None;
    for number in 1..200 {
        let change = Change::MemberAdded {
            member_id: MemberId::mint(NOW, rand::random()),
            document: json!({ "name": { "full": "x".repeat(200) }, "phone": { "typed": format!("09{number:08}") } })
                .as_object()
                .cloned()
                .expect("an object"),
            location_id: shop,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Default::default(),
        };
        let result = store.write(Priority::Cashier, move |tx| record::record(tx, &change, stamp(), &mut new_change));
        if let Err(full) = result {
            error = Some(full);
            break;
        }
    }
    assert_eq!(error.expect("the disk filled up").code(), "disk_full");
    assert_eq!(store.read(|tx| check(tx)).expect("checked"), []);
    let rows = store.read(|tx| members::count_of_location(tx, shop)).expect("read");
    assert_eq!(rows, i64::try_from(store.read(|tx| outbox::list_open(tx, 999)).expect("read").len()).expect("small"));
}

fn incarnation(store: &Store) -> Incarnation {
    store.read(|tx| till::get(tx)).expect("a till").incarnation
}

fn reopened(folder: &Path) -> (Store, bool) {
    let (store, opened) = Store::open(folder, NOW).expect("opened");
    (store, opened.was_put_back)
}

/// What is done to the till's folder between two starts, and whether its file begins a new life.
#[test]
fn an_older_copy_of_the_file_begins_a_new_life_and_nothing_else_does() {
    type Does = fn(&Path, &Path);
    let table: [(&str, Does, bool); 6] = [
        ("nothing", |_, _| {}, false),
        ("the copy of before is put back", |folder, copy| copy_file(copy, folder, "till.db"), true),
        ("the whole folder of before is put back", |folder, copy| copy_all(copy, folder), false),
        ("the note is lost", |folder, _| fs::remove_file(folder.join("till.life.json")).expect("a note"), false),
        (
            "the note is torn",
            |folder, _| fs::write(folder.join("till.life.json"), b"{\"incarnation\":\"0").expect("torn"),
            false,
        ),
        ("the note of before is put back", |folder, copy| copy_file(copy, folder, "till.life.json"), false),
    ];
    for (why, does, begins) in table {
        let (folder, shop) = till_with_members(2);
        let copy = TempDir::new().expect("a folder");
        copy_all(folder.path(), copy.path());
        let (store, _) = reopened(folder.path());
        register(&store, shop, 7);
        let before = incarnation(&store);
        store.note_closed().expect("closed");
        drop(store);
        does(folder.path(), copy.path());
        let (store, was_put_back) = reopened(folder.path());
        assert_eq!((was_put_back, incarnation(&store) != before), (begins, begins), "{why}");
        assert!(store.read(|tx| check(tx)).expect("checked").is_empty(), "{why}");
        store.note_closed().expect("closed");
        drop(store);
        assert!(!reopened(folder.path()).1, "{why}: it is noticed once");
    }
}

#[test]
fn a_new_life_numbers_what_is_not_acknowledged_anew() {
    let (folder, shop) = till_with_members(3);
    let copy = TempDir::new().expect("a folder");
    copy_all(folder.path(), copy.path());
    let (store, _) = reopened(folder.path());
    store.note_closed().expect("closed");
    drop(store);
    copy_file(copy.path(), folder.path(), "till.db");
    let (store, _) = reopened(folder.path());
    register(&store, shop, 9);
    let open = store.read(|tx| outbox::list_open(tx, 100)).expect("read");
    let life = incarnation(&store);
    let numbers: Vec<i64> = open.iter().map(|queued| queued.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(open.iter().all(|queued| queued.incarnation == life));
    let reference = write(&store, till::take_reference);
    assert!(reference.ends_with("-0001"), "{reference}: other letters, so it begins anew");
}

fn copy_file(from: &Path, to: &Path, name: &str) {
    fs::copy(from.join(name), to.join(name)).expect("copied");
    if name == "till.db" {
        for suffix in ["-wal", "-shm"] {
            let _none = fs::remove_file(to.join(format!("{name}{suffix}")));
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        if file.file_type().expect("a type").is_file() {
            fs::copy(file.path(), to.join(file.file_name())).expect("copied");
        }
    }
}
