//! What a write of credit notes before it leaves is there after the program was killed, for as long as nobody knows what
//! became of it.

use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::{
    AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use regulars_store::balance::{self, Guard};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::{self, ChangeState, Claim, Claimed, IN_DOUBT, Settlement, Stamp};
use regulars_store::remotes::{self, Problem, Remote};
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, locations, record};
use serde_json::{Map, json};
use std::time::Duration;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

struct Till {
    folder: TempDir,
    store: Option<Store>,
    remote: RemoteId,
    shop: LocationId,
    marie: MemberId,
}

fn new_change() -> ChangeId {
    ChangeId::mint(START, rand::random())
}

fn stamp() -> Stamp {
    Stamp { at: START, staff_id: None }
}

impl Till {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let new = NewTill {
            id: TillId::mint(START, rand::random()),
            incarnation: Incarnation::mint(START, rand::random()),
            name: "Till".to_owned(),
            at: START,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let remote = Remote {
            id: RemoteId::mint(START, rand::random()),
            name: "remote".to_owned(),
            kind: "portos".to_owned(),
            url: "http://127.0.0.1:1".to_owned(),
            settings: Map::new(),
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
        let shop = StoredLocation {
            id: LocationId::mint(START, rand::random()),
            location: Location {
                code: "KM".to_owned(),
                name: "Kim Ma".to_owned(),
                country: "VN".to_owned(),
                currency: "VND".parse().expect("a currency"),
                time_zone: "Asia/Ho_Chi_Minh".to_owned(),
                issuer: "default".to_owned(),
            },
            remote_id: Some(remote.id),
            pos_id: "KM".to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
        };
        let marie = MemberId::mint(START, rand::random());
        let till = Self { folder, store: Some(store), remote: remote.id, shop: shop.id, marie };
        till.write(move |tx| {
            remotes::insert(tx, &remote)?;
            locations::insert(tx, &shop)
        });
        till.edit("email");
        till
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.as_ref().expect("open").write(Priority::Cashier, work).expect("written")
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.store.as_ref().expect("open").read(work).expect("read")
    }

    /// The program is killed and started again.
    fn restart(&mut self) {
        drop(self.store.take());
        self.store = Some(Store::open(self.folder.path(), START).expect("opens").0);
    }

    /// The file is gone, and made anew out of the journal.
    fn lose_file(&mut self) {
        drop(self.store.take());
        for name in ["till.db", "till.db-wal", "till.db-shm"] {
            let _may_not_be_there = std::fs::remove_file(self.folder.path().join(name));
        }
        self.restart();
    }

    fn edit(&self, field: &str) {
        let fields = [(field.to_owned(), FieldEdit { before: json!(null), after: json!("x") })].into();
        let change = Change::MemberEdited { member_id: self.marie, edit: Edit { fields } };
        let remote = self.remote;
        self.write(move |tx| record::record(tx, &change, stamp(), &mut new_change).and_then(|()| to(tx, remote)));
    }

    fn top_up(&self, minor: i64) -> EntryId {
        let currency = "VND".parse().expect("a currency");
        let entry = LedgerEntry {
            id: EntryId::mint(START, rand::random()),
            account_id: AccountId::of(self.marie, "default", currency),
            member_id: self.marie,
            issuer: "default".to_owned(),
            kind: EntryKind::TopUp,
            lot_class: LotClass::Prepaid,
            amount: Money::new(minor, currency),
            location_id: self.shop,
            till_id: TillId::mint(START, [1; 10]),
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: START,
            receipt: None,
            tender: Some(Tender::Cash),
            reason: None,
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        };
        let id = entry.id;
        let change = Change::EntryAdded { entry: Box::new(entry) };
        self.write(move |tx| record::record(tx, &change, stamp(), &mut new_change));
        id
    }

    fn claim(&self) -> Vec<Claimed> {
        let wanted = Claim {
            remote_id: self.remote,
            at: START.plus(Duration::from_secs(1_000)),
            limit: 10,
            max_bytes: usize::MAX,
            may_resend: true,
            longest_wait: Duration::from_secs(100_000),
        };
        self.write(move |tx| {
            let freeze = |_: &outbox::QueuedChange| Ok(b"frozen".to_vec());
            outbox::claim(tx, &wanted, &freeze, &mut new_change)
        })
    }

    fn money(&self) -> Claimed {
        let claimed = self.claim();
        claimed.into_iter().find(|claimed| claimed.change.is_money()).expect("money is sent")
    }

    fn note(&self, claimed: &Claimed) -> Guard {
        let guard = Guard { version: 7, before_minor: 100, after_minor: 150, mark: "a b".to_owned() };
        let (id, noted) = (claimed.id, guard.clone());
        self.write(move |tx| balance::note_guard(tx, id, &noted, START));
        guard
    }

    fn settle(&self, claimed: &Claimed, settlement: Settlement) {
        let id = claimed.id;
        self.write(move |tx| outbox::settle(tx, id, &settlement, START));
    }

    fn park(&self, claimed: &Claimed, code: &str) {
        let problem = Problem { code: code.to_owned(), message: String::new(), field: None };
        self.settle(claimed, Settlement::Parked { problem });
    }

    fn guard(&self, id: ChangeId) -> Option<Guard> {
        self.read(|tx| balance::find_guard(tx, id))
    }

    /// Sends what is not about money, so that only that is left.
    fn send_edits(&self) {
        for claimed in self.claim() {
            self.settle(&claimed, Settlement::Done);
        }
    }
}

/// Who is nowhere yet has no shop that says where their edits go.
fn to(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET remote_id = ?1 WHERE remote_id IS NULL", [remote.uuid().as_bytes().to_vec()])?;
    Ok(())
}

fn unknown() -> Settlement {
    let problem = Problem { code: "unreachable".to_owned(), message: String::new(), field: None };
    Settlement::Unknown { due_at: START, problem }
}

#[test]
fn a_guard_outlives_the_program_until_it_is_known_what_became_of_the_write() {
    let mut till = Till::new();
    till.send_edits();
    till.top_up(50);
    let first = till.money();
    assert_eq!(first.guard, None);
    let guard = till.note(&first);
    till.restart();
    till.write({
        let id = first.id;
        move |tx| outbox::recover(tx, &[id])
    });
    let again = till.money();
    assert_eq!((again.id, again.guard.as_ref(), again.may_be_there), (first.id, Some(&guard), true));
    till.settle(&again, unknown());
    till.restart();
    assert_eq!(till.money().guard, Some(guard));
    till.settle(&again, Settlement::Done);
    assert_eq!(till.guard(first.id), None);
}

#[test]
fn what_a_lost_file_may_have_sent_stays_in_doubt_however_often_it_is_taken_up() {
    let mut till = Till::new();
    till.send_edits();
    till.top_up(50);
    let first = till.money();
    assert!(!first.is_copied);
    till.note(&first);
    till.lose_file();
    for _ in 0..2 {
        let again = till.money();
        let known = (again.guard.clone(), again.may_be_there, again.is_copied);
        assert_eq!((again.id, known), (first.id, (None, true, true)));
        till.settle(&again, unknown());
        till.restart();
    }
}

#[test]
fn a_member_waits_behind_a_write_that_nobody_knows_of_but_not_behind_a_person() {
    let till = Till::new();
    till.send_edits();
    till.top_up(50);
    let first = till.money();
    till.note(&first);
    till.settle(&first, unknown());
    till.edit("note");
    till.top_up(30);
    let claimed: Vec<ChangeId> = till.claim().into_iter().map(|claimed| claimed.id).collect();
    assert_eq!(claimed, [first.id]);
    till.park(&first, IN_DOUBT);
    assert_eq!(till.claim().len(), 2);
}

#[test]
fn of_two_writes_that_nobody_knows_of_the_older_is_looked_into_first() {
    let till = Till::new();
    till.send_edits();
    till.top_up(50);
    till.top_up(30);
    // Sent by two exchanges that ran at once, as the one at the counter and the one that goes on by itself.
    let both = till.claim();
    for claimed in &both {
        till.note(claimed);
        till.settle(claimed, unknown());
    }
    for expected in &both {
        let claimed: Vec<ChangeId> = till.claim().into_iter().map(|claimed| claimed.id).collect();
        assert_eq!(claimed, [expected.id]);
        till.settle(expected, Settlement::Done);
    }
}

#[test]
fn a_write_that_nobody_knows_of_and_that_waits_itself_is_not_waited_for() {
    let till = Till::new();
    till.send_edits();
    till.top_up(50);
    let money = till.money();
    till.note(&money);
    till.settle(&money, unknown());
    till.edit("note");
    let waits_for_edit = "INSERT INTO outbox_dependencies (change_id, depends_on)
        SELECT ?1, change_id FROM outbox WHERE verb = 'member_edited' AND state = 'ready'";
    let id = money.id.uuid().as_bytes().to_vec();
    till.write(move |tx| Ok(tx.execute(waits_for_edit, [id]).map(drop)?));
    let edits = till.claim();
    assert_eq!(edits.iter().map(|claimed| claimed.change.verb()).collect::<Vec<_>>(), ["member_edited"]);
    till.settle(&edits[0], Settlement::Done);
    assert_eq!(till.money().id, money.id);
}

#[test]
fn what_has_ended_is_not_waited_for_whatever_is_still_noted_of_it() {
    let till = Till::new();
    till.send_edits();
    till.top_up(50);
    let money = till.money();
    till.settle(&money, Settlement::Done);
    till.note(&money);
    till.edit("note");
    assert_eq!(till.claim().len(), 1);
}

#[test]
fn who_is_asked_says_that_it_is_there_or_sends_it_again() {
    for is_there in [true, false] {
        let till = Till::new();
        till.send_edits();
        till.top_up(50);
        let first = till.money();
        till.note(&first);
        till.park(&first, IN_DOUBT);
        let (id, new) = (first.id, new_change());
        match is_there {
            true => till.write(move |tx| outbox::confirm_there(tx, id, stamp())),
            false => till.write(move |tx| outbox::retry(tx, id, new, stamp())),
        }
        assert_eq!((till.guard(first.id), till.guard(new)), (None, None));
        let state = till.read(|tx| outbox::get(tx, first.id)).state;
        assert_eq!(state, if is_there { ChangeState::Done } else { ChangeState::Replaced });
        assert_eq!(till.claim().len(), usize::from(!is_there));
    }
}

#[test]
fn what_is_tried_again_for_another_reason_keeps_its_guard() {
    let till = Till::new();
    till.send_edits();
    till.top_up(50);
    let first = till.money();
    let guard = till.note(&first);
    till.park(&first, "right_missing");
    let (id, new) = (first.id, new_change());
    till.write(move |tx| outbox::retry(tx, id, new, stamp()));
    assert_eq!((till.guard(first.id), till.guard(new)), (None, Some(guard)));
    // And nobody can say of it that it is there, who was not asked.
    let store = till.store.as_ref().expect("open");
    let refused = store.write(Priority::Cashier, move |tx| outbox::confirm_there(tx, id, stamp()));
    assert_eq!(refused.expect_err("refused").code(), "change_state");
}
