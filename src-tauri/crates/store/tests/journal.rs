//! The journal beside the till's file, with real files: what a crash leaves between the two, what comes back where the
//! file is gone or damaged, and what a full disk does.

use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::{
    AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use regulars_store::ledger::Holder;
use regulars_store::locations::StoredLocation;
use regulars_store::mirror::{self, MirroredMembership};
use regulars_store::outbox::{self, ChangeState, Claim, QueuedChange, Settlement, Stamp};
use regulars_store::pull::{PulledMember, PulledRow, Source};
use regulars_store::remotes::{self, Problem, Remote};
use regulars_store::{
    KeystoreKind, NewTill, Opened, Priority, Store, StoreError, Transaction, check, ledger, locations, members, pull,
    record, settings, till,
};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const STAMP: Stamp = Stamp { at: NOW, staff_id: None };

struct Shop {
    folder: TempDir,
    store: Option<Store>,
    location: LocationId,
    remote: RemoteId,
    till: TillId,
}

impl Shop {
    fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let new = NewTill {
            id: TillId::mint(NOW, rand::random()),
            incarnation: Incarnation::mint(NOW, rand::random()),
            name: "Till 1".to_owned(),
            at: NOW,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let (location, remote) = (LocationId::mint(NOW, rand::random()), RemoteId::mint(NOW, rand::random()));
        let shop = Self { folder, store: Some(store), location, remote, till: new.id };
        shop.set_up();
        shop
    }

    fn set_up(&self) {
        let place = Location {
            code: "KM".to_owned(),
            name: "Kim Ma".to_owned(),
            country: "VN".to_owned(),
            currency: "VND".parse().expect("a currency"),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            issuer: "default".to_owned(),
        };
        let stored = StoredLocation {
            id: self.location,
            location: place.clone(),
            remote_id: Some(self.remote),
            pos_id: "KM".to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
        };
        let remote = Remote {
            id: self.remote,
            name: "head office".to_owned(),
            kind: "head-office".to_owned(),
            url: "https://hq.example".to_owned(),
            settings: serde_json::Map::new(),
            epoch: None,
            cursor: None,
            is_first_pull_done: false,
            pull_left: None,
            push_limit: 250,
            failures: 0,
            not_before_at: None,
            last_pull_at: None,
            last_exchange_at: None,
            problem: None,
        };
        let change = Change::LocationAdded { location_id: self.location, location: place };
        self.write(move |tx| {
            remotes::insert(tx, &remote)?;
            locations::insert(tx, &stored)?;
            settings::set(tx, settings::LANGUAGE, "vi")?;
            record::record(tx, &change, STAMP, &mut new_change)
        });
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open")
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store().write(Priority::Cashier, work).expect("written")
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.store().read(work).expect("read")
    }

    fn registration(&self, id: MemberId, name: &str) -> Change {
        let document = json!({ "name": { "full": name }, "phone": { "typed": "0945350398" } });
        Change::MemberAdded {
            member_id: id,
            document: document.as_object().cloned().expect("an object"),
            location_id: self.location,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Default::default(),
        }
    }

    fn register(&self, name: &str) -> MemberId {
        let id = MemberId::mint(NOW, rand::random());
        self.record(self.registration(id, name));
        id
    }

    fn note(&self, member: MemberId, note: &str) {
        let edit = FieldEdit { before: json!(null), after: json!(note) };
        let edit = Edit { fields: [("note".to_owned(), edit)].into() };
        self.record(Change::MemberEdited { member_id: member, edit });
    }

    fn entry(&self, member: MemberId, minor: i64, reason: Option<&str>) -> LedgerEntry {
        let currency = "VND".parse().expect("a currency");
        LedgerEntry {
            id: EntryId::mint(NOW, rand::random()),
            account_id: AccountId::of(member, "default", currency),
            member_id: member,
            issuer: "default".to_owned(),
            kind: EntryKind::TopUp,
            lot_class: LotClass::Prepaid,
            amount: Money::new(minor, currency),
            location_id: self.location,
            till_id: self.till,
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: NOW,
            receipt: None,
            tender: Some(Tender::Cash),
            reason: reason.map(str::to_owned),
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        }
    }

    fn top_up(&self, member: MemberId, minor: i64) {
        self.record(Change::EntryAdded { entry: Box::new(self.entry(member, minor, None)) });
    }

    fn record(&self, change: Change) {
        self.write(move |tx| record::record(tx, &change, STAMP, &mut new_change));
    }

    /// Sends everything that is due; head office answers so.
    fn send(&self, settlement: impl Fn(&QueuedChange) -> Option<Settlement> + Send + 'static) {
        let claim = Claim {
            remote_id: self.remote,
            at: NOW,
            limit: 100,
            max_bytes: 1_000_000,
            may_resend: true,
            longest_wait: Duration::from_secs(60),
        };
        self.write(move |tx| {
            // What waits for another goes once that has gone.
            for _ in 0..3 {
                let freeze = |queued: &QueuedChange| Ok(format!("the bytes of {}", queued.number).into_bytes());
                for claimed in outbox::claim(tx, &claim, &freeze, &mut new_change)? {
                    let queued = outbox::get(tx, claimed.id)?;
                    if let Some(settlement) = settlement(&queued) {
                        outbox::settle(tx, claimed.id, &settlement, NOW)?;
                    }
                }
            }
            Ok(())
        });
    }

    /// As head office does that erased somebody.
    fn tell_of_the_erasure(&self, member: MemberId) {
        let source = Source { remote_id: self.remote, asked_at: NOW, at: NOW };
        let tombstone = PulledRow::Member(PulledMember {
            remote_key: member.as_bytes().to_vec(),
            member_id: member,
            version: Some(9),
            document: "{}".to_owned(),
            memberships: Vec::new(),
            is_deleted: true,
            is_erased: true,
        });
        self.write(move |tx| pull::apply_rows(tx, source, &[tombstone], &mut || LocationId::mint(NOW, [0; 10])));
    }

    /// An entry of theirs that came and could not be taken.
    fn keep_aside(&self, member: MemberId) {
        let (remote, key, content) = (self.remote, member.to_string(), json!({ "member_id": member }).to_string());
        let problem = Problem { code: "entry_differs".to_owned(), message: String::new(), field: None };
        self.write(move |tx| mirror::quarantine(tx, remote, key.as_bytes(), &content, &problem, NOW));
    }

    /// What is written in a segment of the journal: behind it is room.
    fn segment(&self, number: u32) -> Vec<u8> {
        let mut bytes = fs::read(self.folder.path().join(format!("till.journal.{number:08}"))).expect("read");
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes
    }

    fn balance(&self, member: MemberId) -> i64 {
        let currency = "VND".parse().expect("a currency");
        self.read(|tx| ledger::balance(tx, Holder { group: &[member], issuer: "default", currency })).minor
    }

    fn changes(&self, member: MemberId) -> Vec<QueuedChange> {
        self.read(|tx| outbox::list_of_member(tx, member))
    }

    fn open_again(&mut self) -> Opened {
        self.store = None;
        let (store, opened) = Store::open(self.folder.path(), NOW).expect("opens");
        self.store = Some(store);
        opened
    }

    /// The till as another process finds it that opens a copy of its folder.
    fn over(&self, folder: TempDir) -> Self {
        let (store, _) = Store::open(folder.path(), NOW).expect("opens");
        Self { folder, store: Some(store), location: self.location, remote: self.remote, till: self.till }
    }

    /// The folder as the power leaves it that goes after this was in the journal, and before it was in the file.
    fn after_a_crash(&self, work: impl FnOnce(&Self)) -> TempDir {
        let (crashed, journal) = (TempDir::new().expect("a folder"), "till.journal.00000001");
        copy(self.folder.path(), crashed.path());
        work(self);
        fs::copy(self.folder.path().join(journal), crashed.path().join(journal)).expect("copied");
        crashed
    }

    fn delete_the_file(&mut self) {
        self.store = None;
        for name in ["till.db", "till.db-wal", "till.db-shm"] {
            let _may_not_be_there = fs::remove_file(self.folder.path().join(name));
        }
    }

    /// As where the power went when a segment had just begun: the one that is written to is another from now on.
    fn begin_segment(&mut self) {
        self.store = None;
        fs::write(self.folder.path().join("till.journal.00000002"), b"RGJ").expect("written");
        self.open_again();
    }

    fn is_sound(&self) {
        assert_eq!(self.read(|tx| check(tx)), []);
        assert_eq!(self.store().list_unfinished().expect("read"), []);
    }
}

fn new_change() -> ChangeId {
    ChangeId::mint(NOW, rand::random())
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        if file.path().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).expect("copied");
        }
    }
}

/// What a change is called and says.
fn told(change: &QueuedChange) -> (ChangeId, i64, Change) {
    (change.id, change.place, change.change.clone())
}

#[test]
fn a_till_whose_file_is_gone_comes_back_with_everything_that_was_done() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.note(member, "likes tea");
    shop.top_up(member, 700);
    shop.record(Change::EntryAdded { entry: Box::new(shop.entry(member, 50, Some("a gift"))) });
    let before: Vec<_> = shop.changes(member).iter().map(told).collect();
    let life = shop.read(|tx| till::get(tx)).incarnation;
    shop.delete_the_file();
    let opened = shop.open_again();
    let rebuilt = opened.rebuilt.expect("rebuilt");
    assert_eq!((rebuilt.changes, rebuilt.set_up, rebuilt.findings.len()), (5, 3, 0));
    assert_eq!(shop.changes(member).iter().map(told).collect::<Vec<_>>(), before);
    assert_eq!(shop.balance(member), 750);
    let stored = shop.read(|tx| members::find(tx, member)).expect("there");
    assert_eq!(stored.document["note"], "likes tea");
    assert_eq!(shop.read(|tx| settings::find(tx, settings::LANGUAGE)).as_deref(), Some("vi"));
    assert_eq!(shop.read(|tx| remotes::get(tx, shop.remote)).url, "https://hq.example");
    assert_ne!(shop.read(|tx| till::get(tx)).incarnation, life, "it is another life of the file");
    shop.is_sound();
    // And it goes on, and comes back again.
    shop.top_up(member, 1);
    shop.delete_the_file();
    shop.open_again();
    assert_eq!(shop.balance(member), 751);
    shop.is_sound();
}

#[test]
fn what_was_sent_is_asked_about_and_what_ended_stays_ended() {
    let mut shop = Shop::open();
    let (sent, done, given_up) = (shop.register("Sent"), shop.register("Done"), shop.register("Given up"));
    let refused = given_up;
    shop.send(move |queued| match queued.member_id {
        Some(id) if id == sent => None,
        Some(id) if id == refused => {
            let problem = remotes::Problem { code: "no".to_owned(), message: "no".to_owned(), field: None };
            Some(Settlement::Parked { problem })
        }
        _ => Some(Settlement::Done),
    });
    let parked = shop.changes(given_up)[0].id;
    shop.write(move |tx| outbox::discard(tx, parked, "a mistake", STAMP));
    shop.top_up(done, 300);
    shop.send(|queued| queued.change.is_money().then_some(Settlement::Done));
    shop.delete_the_file();
    shop.open_again();
    let states = |member| shop.changes(member).iter().map(|change| change.state).collect::<Vec<_>>();
    assert_eq!(states(sent), [ChangeState::Unknown]);
    assert_eq!(states(given_up), [ChangeState::Discarded]);
    // Head office has both; the registration is told again, so that it stands in the row, the money is not.
    assert_eq!(states(done), [ChangeState::Unknown, ChangeState::Done]);
    assert_eq!(shop.balance(done), 300);
    assert!(shop.read(|tx| members::find(tx, given_up)).is_none());
    shop.is_sound();
}

#[test]
fn a_change_made_anew_takes_over_what_waited_for_the_old_one() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.send(|queued| {
        let problem = remotes::Problem { code: "no".to_owned(), message: "no".to_owned(), field: None };
        Some(if queued.member_id.is_some() { Settlement::Parked { problem } } else { Settlement::Done })
    });
    shop.note(member, "likes tea");
    shop.top_up(member, 700);
    let parked = shop.changes(member)[0].id;
    let anew = new_change();
    shop.write(move |tx| outbox::retry(tx, parked, anew, STAMP));
    let waits = |shop: &Shop| {
        let changes = shop.changes(member);
        let waits = |change: &QueuedChange| change.state == ChangeState::Ready && change.waits_for.is_some();
        changes.into_iter().map(|change| (change.id, change.state, waits(&change))).collect::<Vec<_>>()
    };
    let before = waits(&shop);
    assert!(before.contains(&(anew, ChangeState::Ready, false)), "it waits for nothing: {before:?}");
    shop.delete_the_file();
    shop.open_again();
    let mut after = waits(&shop);
    after.sort_by_key(|(id, ..)| before.iter().position(|(other, ..)| other == id));
    assert_eq!(after, before);
    shop.is_sound();
}

#[test]
fn a_crash_between_journal_and_commit_is_offered_and_never_done_by_itself() {
    let shop = Shop::open();
    let member = shop.register("Marie");
    let entry = shop.entry(member, 900, None);
    let crashed = shop.after_a_crash(|shop| shop.record(Change::EntryAdded { entry: Box::new(entry) }));
    assert_eq!(shop.balance(member), 900, "here it was done");
    let again = TempDir::new().expect("a folder");
    copy(crashed.path(), again.path());

    let crashed = shop.over(crashed);
    assert_eq!(crashed.balance(member), 0, "there it was not");
    let unfinished = crashed.store().list_unfinished().expect("read");
    let [offered] = &unfinished[..] else { panic!("{unfinished:?}") };
    assert_eq!((offered.verb, offered.member_id, offered.amounts[0].minor), ("entry_added", Some(member), 900));
    crashed.store().take_unfinished(offered.id, NOW).expect("taken");
    assert_eq!(crashed.balance(member), 900);
    assert_eq!(crashed.changes(member).len(), 2);
    crashed.is_sound();

    let again = shop.over(again);
    // The number goes to another change: what is in the journal under it twice was done the second time.
    again.top_up(member, 3);
    again.store().drop_unfinished(offered.id).expect("dropped");
    again.is_sound();
    let mut again = again;
    again.delete_the_file();
    again.open_again();
    assert_eq!(again.balance(member), 3);
    again.is_sound();
}

#[test]
fn what_could_not_be_committed_is_neither_there_nor_offered() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    let entry = shop.entry(member, 900, None);
    let failed: Result<(), StoreError> = shop.store().write(Priority::Cashier, move |tx| {
        record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, STAMP, &mut new_change)?;
        // A reference that is only looked at when all is to be committed: the journal has been written by then.
        tx.execute_batch("PRAGMA defer_foreign_keys = ON; UPDATE memberships SET location_id = x'00'")?;
        Ok(())
    });
    assert!(failed.is_err());
    shop.is_sound();
    shop.delete_the_file();
    shop.open_again();
    assert_eq!(shop.balance(member), 0);
    shop.is_sound();
}

#[test]
fn what_was_rolled_back_is_not_in_the_journal() {
    let shop = Shop::open();
    let member = shop.register("Marie");
    let entry = shop.entry(member, 900, None);
    let refused: Result<(), StoreError> = shop.store().write(Priority::Cashier, move |tx| {
        record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, STAMP, &mut new_change)?;
        Err(StoreError::ChangeNotFound)
    });
    assert!(refused.is_err());
    shop.top_up(member, 1);
    shop.is_sound();
}

#[test]
fn what_a_damaged_page_cost_comes_back_out_of_the_journal() {
    let mut shop = Shop::open();
    let ids: Vec<MemberId> = (0..300).map(|number| shop.register(&format!("Member {number}"))).collect();
    ids.iter().for_each(|id| shop.top_up(*id, 10));
    shop.store().note_closed().expect("closed");
    shop.store = None;
    let database = shop.folder.path().join("till.db");
    let mut bytes = fs::read(&database).expect("read");
    let pages = bytes.len() / 4096;
    // Every eleventh page, whatever lies on it.
    for page in (5..pages).step_by(11) {
        bytes[page * 4096 + 700..page * 4096 + 760].iter_mut().for_each(|byte| *byte ^= 0x5a);
    }
    fs::write(&database, bytes).expect("written");
    fs::write(shop.folder.path().join("till.damaged"), []).expect("noted");
    let opened = shop.open_again();
    assert!(opened.salvaged.expect("salvaged").torn.len() > 3);
    assert!(opened.rebuilt.expect("rebuilt").changes > 0);
    for id in &ids {
        assert!(shop.read(|tx| members::find(tx, *id)).is_some(), "a member is gone");
        assert_eq!(shop.balance(*id), 10);
    }
}

/// A page of the queue is lost on which a registration and an edit stood; later edits were read, and wait for them.
#[test]
fn what_comes_back_into_the_queue_stands_before_what_came_after_it() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    ["tea", "more tea", "no tea"].into_iter().for_each(|note| shop.note(member, note));
    let what = |shop: &Shop| shop.changes(member).into_iter().map(|queued| queued.change).collect::<Vec<_>>();
    let before = what(&shop);
    shop.write(|tx| Ok(tx.execute_batch("DELETE FROM outbox WHERE verb <> 'member_edited' OR number = 3")?));
    shop.store = None;
    fs::write(shop.folder.path().join("till.damaged"), []).expect("noted");
    assert!(shop.open_again().rebuilt.expect("rebuilt").changes > 0);
    assert_eq!(what(&shop), before);
    assert_eq!(shop.read(|tx| check(tx)), []);
    // Each goes once what stands before it has gone.
    shop.send(|_| Some(Settlement::Done));
    assert_eq!(shop.read(|tx| outbox::count(tx)).waiting, 0);
}

#[test]
fn a_file_without_a_byte_is_a_damaged_one() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.top_up(member, 10);
    shop.delete_the_file();
    fs::write(shop.folder.path().join("till.db"), []).expect("written");
    let opened = shop.open_again();
    assert!(opened.salvaged.is_some());
    assert_eq!(shop.balance(member), 10);
    shop.is_sound();
}

#[cfg(target_os = "linux")]
#[test]
fn where_the_journal_has_no_room_nothing_is_saved() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.begin_segment();
    let next = shop.folder.path().join("till.journal.00000003");
    std::os::unix::fs::symlink("/dev/full", &next).expect("linked");
    let before = shop.changes(member).len();
    let entry = shop.entry(member, 900, None);
    let full: Result<(), StoreError> = shop.store().write(Priority::Cashier, move |tx| {
        record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, STAMP, &mut new_change)
    });
    assert_eq!(full.expect_err("no room").code(), "disk_full");
    assert_eq!((shop.balance(member), shop.changes(member).len()), (0, before));
    fs::remove_file(&next).expect("removed");
    shop.top_up(member, 900);
    assert_eq!(shop.balance(member), 900);
    shop.is_sound();
}

#[test]
fn a_crash_stays_a_crash_where_who_took_its_number_was_erased() {
    let shop = Shop::open();
    let member = shop.register("Marie");
    let crashed = shop.over(shop.after_a_crash(|shop| {
        let entries = [shop.entry(member, 900, None), shop.entry(member, 400, None)];
        shop.write(move |tx| {
            entries.into_iter().try_for_each(|entry| {
                record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, STAMP, &mut new_change)
            })
        });
    }));
    let other = crashed.register("Lan");
    crashed.send(|_| Some(Settlement::Done));
    crashed.tell_of_the_erasure(other);
    assert!(crashed.read(|tx| members::find(tx, other)).is_none());
    let mut again = crashed.over(crashed.after_a_crash(|shop| shop.top_up(member, 70)));
    assert!(!again.open_again().was_put_back, "neither crash is an older copy of the file");
    again.delete_the_file();
    again.open_again();
    assert_eq!(again.balance(member), 70, "of the first it is known that it was not done");
}

#[test]
fn a_crash_in_a_transaction_that_queued_a_change_and_ended_it_is_no_older_copy() {
    let shop = Shop::open();
    let member = shop.register("Marie");
    let entry = Change::EntryAdded { entry: Box::new(shop.entry(member, 900, None)) };
    let crashed = shop.after_a_crash(|shop| {
        shop.write(move |tx| {
            record::record(tx, &entry, STAMP, &mut new_change)?;
            let queued = outbox::list_open_of_member(tx, member)?.pop().expect("queued");
            outbox::settle(tx, queued.id, &Settlement::Done, NOW)
        });
    });
    let life = |shop: &Shop| shop.read(|tx| till::get(tx)).incarnation;
    assert_eq!(life(&shop.over(crashed)), life(&shop));
}

#[test]
fn whom_a_remote_has_under_a_key_of_its_own_is_not_registered_there_once_more() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    let (remote, id) = (shop.remote, shop.changes(member)[0].id);
    shop.send(|_| None);
    shop.write(move |tx| {
        outbox::settle(tx, id, &Settlement::Done, NOW)?;
        let stands = PulledRow::Member(PulledMember {
            remote_key: b"cust_1".to_vec(),
            member_id: member,
            version: None,
            document: r#"{"name":{"full":"Marie"}}"#.to_owned(),
            memberships: Vec::new(),
            is_deleted: false,
            is_erased: false,
        });
        let source = Source { remote_id: remote, asked_at: NOW, at: NOW };
        pull::apply_rows(tx, source, &[stands], &mut || LocationId::mint(NOW, [0; 10]))
    });
    shop.delete_the_file();
    shop.open_again();
    assert!(shop.read(|tx| members::find(tx, member)).is_some());
    assert_eq!(shop.changes(member)[0].state, ChangeState::Done, "nothing is sent again");
    let rows = shop.read(|tx| regulars_store::part::list_rows(tx, remote, member));
    assert_eq!(rows.iter().map(|row| row.remote_key.as_slice()).collect::<Vec<_>>(), [b"cust_1"]);
    shop.is_sound();
}

/// It would undo what others changed since.
#[test]
fn an_edit_that_such_a_remote_has_is_not_told_it_once_more() {
    let mut shop = Shop::open();
    let remote = shop.remote;
    let pulled = move |id, document: &str| {
        PulledRow::Member(PulledMember {
            remote_key: b"cust_1".to_vec(),
            member_id: id,
            version: None,
            document: document.to_owned(),
            memberships: vec![MirroredMembership {
                pos_id: "KM".to_owned(),
                member_since: "2026-11-24".parse().expect("a day"),
                terms: Default::default(),
            }],
            is_deleted: false,
            is_erased: false,
        })
    };
    let source = move || Source { remote_id: remote, asked_at: NOW, at: NOW };
    let member = shop.register("Marie");
    for document in [r#"{"name":{"full":"Marie"}}"#, r#"{"name":{"full":"Marie"},"note":"likes tea"}"#] {
        let open = shop.changes(member).into_iter().find(|queued| queued.state != ChangeState::Done).expect("it waits");
        shop.send(|_| None);
        let stands = pulled(member, document);
        shop.write(move |tx| {
            outbox::settle(tx, open.id, &Settlement::Done, NOW)?;
            pull::apply_rows(tx, source(), &[stands], &mut || LocationId::mint(NOW, [0; 10]))
        });
        if shop.changes(member).len() == 1 {
            shop.note(member, "likes tea");
        }
    }
    shop.delete_the_file();
    shop.open_again();
    let states: Vec<_> = shop.changes(member).iter().map(|queued| queued.state).collect();
    assert_eq!(states, [ChangeState::Done, ChangeState::Done], "nothing is sent again");
    let note = |shop: &Shop| shop.read(|tx| members::find(tx, member)).expect("there").document["note"].clone();
    assert_eq!(note(&shop), "likes tea");
    let newer = pulled(member, r#"{"name":{"full":"Marie"},"note":"likes coffee now"}"#);
    shop.write(move |tx| pull::apply_rows(tx, source(), &[newer], &mut || LocationId::mint(NOW, [0; 10])));
    assert_eq!(note(&shop), "likes coffee now");
    shop.is_sound();
}

#[test]
fn an_erased_member_is_in_no_segment_any_more_and_their_money_is() {
    let mut shop = Shop::open();
    let (erased, other) = (shop.register("Marie Kovacova"), shop.register("Ján"));
    shop.record(Change::EntryAdded { entry: Box::new(shop.entry(erased, 500, Some("her birthday"))) });
    shop.top_up(other, 70);
    shop.begin_segment();
    shop.note(erased, "likes tea");
    for _ in 0..2 {
        shop.send(|_| Some(Settlement::Done));
    }
    let before = (shop.segment(1), shop.segment(3));
    shop.keep_aside(erased);
    shop.keep_aside(other);
    shop.record(Change::MemberErased { member_id: erased, reason: "asked for it".to_owned() });
    shop.send(|_| Some(Settlement::Done));
    shop.tell_of_the_erasure(erased);
    let aside = "SELECT group_concat(content) FROM pull_quarantine";
    let aside: String = shop.read(|tx| Ok(tx.query_row(aside, [], |row| row.get(0))?));
    assert!(aside.contains(&other.to_string()) && !aside.contains(&erased.to_string()), "{aside}");
    assert!(shop.segment(1).len() < before.0.len(), "the first was written anew without them");
    assert!(!shop.segment(3).starts_with(&before.1), "and so was the other");
    shop.top_up(other, 7);
    shop.delete_the_file();
    shop.open_again();
    assert!(shop.read(|tx| members::find(tx, erased)).is_none());
    assert!(shop.changes(erased).iter().all(|change| change.change.is_money()), "nothing but money tells of them");
    assert_eq!((shop.balance(erased), shop.balance(other)), (500, 77));
    let entries = shop.read(|tx| ledger::list_of_member(tx, erased));
    assert_eq!(entries[0].entry.reason, None);
    shop.is_sound();
}

#[test]
fn a_crash_before_an_erasure_was_through_only_puts_it_off() {
    let mut shop = Shop::open();
    let erased = shop.register("Marie Kovacova");
    shop.send(|_| Some(Settlement::Done));
    shop.send(|_| Some(Settlement::Done));
    let before = shop.segment(1);
    let marker = shop.folder.path().join("kept");
    // Erasing cannot write anything anew here.
    fs::create_dir(shop.folder.path().join("till.journal-new-00000001")).expect("in the way");
    shop.tell_of_the_erasure(erased);
    assert!(shop.segment(1).starts_with(&before), "it is all still there");
    fs::rename(shop.folder.path().join("till.journal-new-00000001"), marker).expect("out of the way");
    // Not even a file that is lost meanwhile brings them back.
    shop.delete_the_file();
    shop.open_again();
    assert_eq!(shop.changes(erased), []);
    assert!(!shop.segment(1).starts_with(&before), "and now it is done");
    shop.is_sound();
}

#[test]
fn parts_that_were_acknowledged_a_quarter_of_a_year_ago_may_go() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.send(|_| Some(Settlement::Done));
    shop.send(|_| Some(Settlement::Done));
    shop.begin_segment();
    shop.top_up(member, 7);
    let day = Duration::from_secs(86_400);
    let tidied = |shop: &Shop, days| shop.store().tidy_journal(NOW.plus(days * day), |_| true).expect("tidied");
    assert_eq!(tidied(&shop, 89), 0);
    assert_eq!(tidied(&shop, 91), 2);
    assert!(!shop.folder.path().join("till.journal.00000001").exists());
    shop.delete_the_file();
    let rebuilt = shop.open_again().rebuilt.expect("rebuilt");
    assert_eq!((rebuilt.changes, rebuilt.set_up, rebuilt.findings.len()), (1, 3, 0));
    assert_eq!(shop.balance(member), 7);
}

/// A system that lists nobody, or holds no credit, tells nothing of it again.
#[test]
fn what_no_remote_would_give_back_stays_in_the_journal_for_good() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.top_up(member, 40);
    shop.send(|_| Some(Settlement::Done));
    shop.send(|_| Some(Settlement::Done));
    shop.begin_segment();
    let years = Duration::from_secs(5 * 365 * 86_400);
    assert_eq!(shop.store().tidy_journal(NOW.plus(years), |_| false).expect("tidied"), 0);
    shop.delete_the_file();
    shop.open_again();
    let found = shop.read(|tx| members::find(tx, member)).expect("found");
    assert_eq!(found.document["name"]["full"], "Marie");
    assert_eq!(shop.balance(member), 40);
}

/// A till of a version that had no journal, too.
#[test]
fn a_journal_that_is_not_there_begins_with_what_still_waits() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    shop.top_up(member, 40);
    shop.store = None;
    fs::remove_file(shop.folder.path().join("till.journal.00000001")).expect("removed");
    shop.open_again();
    assert_eq!(shop.store().check_journal().expect("checked"), []);
    shop.delete_the_file();
    shop.open_again();
    assert_eq!(shop.balance(member), 40);
    shop.is_sound();
}

#[test]
fn what_the_journal_lost_of_what_waits_is_noted_again() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    let segment = shop.folder.path().join("till.journal.00000001");
    let before = fs::read(&segment).expect("read");
    shop.top_up(member, 40);
    shop.store = None;
    fs::write(&segment, before).expect("written");
    shop.open_again();
    let findings = shop.store().check_journal().expect("checked");
    let found: Vec<_> = findings.iter().map(|found| (found.code, found.is_repaired)).collect();
    assert_eq!(found, [("journal_lacks", true)]);
    assert_eq!(shop.store().check_journal().expect("checked"), []);
    shop.delete_the_file();
    shop.open_again();
    assert_eq!(shop.balance(member), 40);
    shop.is_sound();
}

#[test]
fn an_older_copy_of_the_file_that_is_put_back_gets_what_came_after_it_out_of_the_journal() {
    // Of a day before, closed; and of some minutes before, while the till was open, which no note beside it tells.
    for was_closed in [true, false] {
        let mut shop = Shop::open();
        let (member, given_up) = (shop.register("Marie"), shop.register("Ján"));
        let aside = TempDir::new().expect("a folder");
        if was_closed {
            shop.store().note_closed().expect("closed");
            shop.store = None;
        }
        copy(shop.folder.path(), aside.path());
        if was_closed {
            shop.open_again();
        }
        shop.top_up(member, 700);
        shop.note(member, "likes tea");
        shop.top_up(member, 70);
        let refused = shop.changes(given_up)[0].id;
        shop.send(move |queued| {
            let problem = remotes::Problem { code: "no".to_owned(), message: "no".to_owned(), field: None };
            match queued.member_id {
                None => Some(Settlement::Done),
                Some(_) => (queued.id == refused).then_some(Settlement::Parked { problem }),
            }
        });
        shop.write(move |tx| outbox::discard(tx, refused, "a mistake", STAMP));
        let last = shop.changes(member).iter().map(told).collect::<Vec<_>>();
        shop.delete_the_file();
        for name in ["till.db", "till.db-wal"] {
            let _may_not_be_there = fs::copy(aside.path().join(name), shop.folder.path().join(name));
        }
        let opened = shop.open_again();
        assert!(opened.was_put_back, "{was_closed}");
        assert_eq!(opened.rebuilt.expect("rebuilt").changes, 3, "{was_closed}");
        assert_eq!(shop.changes(member).iter().map(told).collect::<Vec<_>>(), last);
        assert_eq!(shop.balance(member), 770);
        assert_eq!(shop.changes(given_up)[0].state, ChangeState::Discarded);
        assert!(shop.read(|tx| members::find(tx, given_up)).is_none());
        shop.is_sound();
    }
}

#[test]
fn an_older_copy_is_known_by_one_change_alone_where_something_became_of_it() {
    let mut shop = Shop::open();
    let member = shop.register("Marie");
    let aside = TempDir::new().expect("a folder");
    copy(shop.folder.path(), aside.path());
    shop.top_up(member, 700);
    shop.send(|_| Some(Settlement::Done));
    shop.delete_the_file();
    for name in ["till.db", "till.db-wal"] {
        let _may_not_be_there = fs::copy(aside.path().join(name), shop.folder.path().join(name));
    }
    assert!(shop.open_again().was_put_back);
    assert_eq!(shop.balance(member), 700);
    shop.is_sound();
}

/// A till that was set up anew in the folder of an older one, whose key is lost.
#[test]
fn the_journal_of_another_key_is_left_alone_and_the_new_one_goes_on_behind_it() {
    let mut shop = Shop::open();
    shop.register("Marie");
    shop.delete_the_file();
    for name in ["till.key.json", "till.secrets.json"] {
        fs::remove_file(shop.folder.path().join(name)).expect("removed");
    }
    let old = shop.folder.path().join("till.journal.00000001");
    let before = fs::read(&old).expect("read");
    let new = NewTill {
        id: TillId::mint(NOW, rand::random()),
        incarnation: Incarnation::mint(NOW, rand::random()),
        name: "Till 1".to_owned(),
        at: NOW,
        keystore: KeystoreKind::File,
        has_test_clock: false,
    };
    shop.store = Some(Store::create(shop.folder.path(), &new).expect("a till"));
    shop.set_up();
    let member = shop.register("Ján");
    shop.top_up(member, 7);
    assert_eq!(shop.store().check_journal().expect("checked"), []);
    shop.delete_the_file();
    let rebuilt = shop.open_again().rebuilt.expect("rebuilt");
    assert_eq!((rebuilt.changes, rebuilt.findings.len()), (3, 0));
    assert_eq!(shop.balance(member), 7);
    assert_eq!(fs::read(&old).expect("read"), before);
    shop.is_sound();
}
