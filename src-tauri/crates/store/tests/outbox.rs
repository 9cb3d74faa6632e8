//! The outbox as a machine: whatever is recorded, sent, lost, refused, tried again and cut off in whatever order, the remote
//! gets each change once, those of one member in the order in which they were made, and in the end all of them. The file is
//! a real one, and so is each restart; the remote is a map.

use proptest::prelude::*;
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{self, Document, Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::{
    AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use regulars_store::locations::StoredLocation;
use regulars_store::mirror::MirroredMembership;
use regulars_store::outbox::{self, ChangeState, Claim, Claimed, QueuedChange, Settlement, Stamp};
use regulars_store::pull::{self, PulledMember, Source, Stands};
use regulars_store::remotes::{self, Problem, Remote};
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, locations, record};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const SECOND: Duration = Duration::from_secs(1);
/// What was not answered is due again after this.
const BACKOFF: Duration = Duration::from_secs(10);
const FIELDS: [&str; 3] = ["email", "note", "website"];
/// Rounds after which a queue without faults is empty, or never will be.
const ENOUGH: usize = 300;

#[derive(Clone, Debug)]
enum Act {
    Register,
    /// Of a member, a field.
    Edit(usize, usize),
    TopUp(usize),
    /// So many at most, and what becomes of each.
    Send(u32, Vec<Fate>),
    /// The program is killed and started again.
    Restart,
    /// A person tries again what waits for one.
    Retry,
    Wait,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Done,
    AnswerLost,
    RequestLost,
    NotSent,
    Postponed,
    Refused,
    /// The answer came, and could not be written down.
    Unwritten,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let fate = prop_oneof![
        4 => Just(Fate::Done),
        2 => Just(Fate::AnswerLost),
        2 => Just(Fate::RequestLost),
        1 => Just(Fate::NotSent),
        1 => Just(Fate::Postponed),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Unwritten),
    ];
    let act = prop_oneof![
        2 => Just(Act::Register),
        6 => (any::<usize>(), 0..FIELDS.len()).prop_map(|(member, field)| Act::Edit(member, field)),
        3 => any::<usize>().prop_map(Act::TopUp),
        6 => (1..6_u32, prop::collection::vec(fate, 5)).prop_map(|(limit, fates)| Act::Send(limit, fates)),
        1 => Just(Act::Restart),
        2 => Just(Act::Retry),
        2 => Just(Act::Wait),
    ];
    prop::collection::vec(act, 1..80)
}

/// What has reached the remote.
#[derive(Default)]
struct There {
    /// Each change, to the byte.
    seen: HashMap<ChangeId, Vec<u8>>,
    members: HashMap<MemberId, Document>,
    entries: HashSet<EntryId>,
}

impl There {
    fn receive(&mut self, claimed: &Claimed) {
        if let Some(before) = self.seen.get(&claimed.id) {
            assert!(claimed.may_be_there, "{} is there already, and the till does not think of it", claimed.id);
            return assert_eq!(&claimed.frozen, before, "{} says something else now", claimed.id);
        }
        self.seen.insert(claimed.id, claimed.frozen.clone());
        match serde_json::from_slice(&claimed.frozen).expect("a change") {
            Change::MemberAdded { member_id, document, .. } => {
                assert!(self.members.insert(member_id, document).is_none(), "{member_id} was registered twice");
            }
            Change::MemberEdited { member_id, edit } => {
                let document = self.members.get_mut(&member_id).expect("an edit of somebody who is not there yet");
                for (path, field) in edit.fields {
                    let number =
                        |value: Option<&Value>| value.and_then(Value::as_str).and_then(|text| text.parse::<u32>().ok());
                    let (before, after) = (number(edit::get(document, &path)), number(Some(&field.after)));
                    assert!(before <= after, "{path}: {after:?} came after {before:?}");
                    edit::set(document, &path, &field.after);
                }
            }
            Change::EntryAdded { entry } => {
                assert!(self.members.contains_key(&entry.member_id), "money of somebody who is not there yet");
                assert!(self.entries.insert(entry.id), "{} was booked twice", entry.id);
            }
            other => panic!("nobody made {other:?}"),
        }
    }
}

impl There {
    /// How a member stands there now.
    fn stands(&self, member_id: MemberId) -> Stands {
        let membership = MirroredMembership {
            pos_id: "KM".to_owned(),
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Document::new(),
        };
        Stands::Whole(PulledMember {
            remote_key: member_id.uuid().as_bytes().to_vec(),
            member_id,
            version: None,
            document: serde_json::to_string(&self.members[&member_id]).expect("JSON"),
            memberships: vec![membership],
            is_deleted: false,
            is_erased: false,
        })
    }
}

struct Till {
    folder: TempDir,
    store: Store,
    at: Timestamp,
    shop: LocationId,
    remote: RemoteId,
    till_id: TillId,
    /// What was done here: of each member the document as it must be there, and each entry.
    members: Vec<(MemberId, Document)>,
    entries: HashSet<EntryId>,
    made: u32,
}

impl Till {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let till_id = TillId::mint(START, rand::random());
        let incarnation = Incarnation::mint(START, rand::random());
        let new = NewTill {
            id: till_id,
            incarnation,
            name: "Till".to_owned(),
            at: START,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let (remote, shop) = (RemoteId::mint(START, rand::random()), LocationId::mint(START, rand::random()));
        let stored = (head_office(remote), kim_ma(shop, remote));
        let till = Self {
            folder,
            store,
            at: START,
            shop,
            remote,
            till_id,
            members: Vec::new(),
            entries: HashSet::new(),
            made: 0,
        };
        till.write(move |tx| remotes::insert(tx, &stored.0).and_then(|()| locations::insert(tx, &stored.1)));
        till
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(Priority::Cashier, work).expect("written")
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.at, staff_id: None }
    }

    fn source(&self) -> Source {
        Source { remote_id: self.remote, asked_at: self.at, at: self.at }
    }

    fn record(&self, change: Change) {
        let stamp = self.stamp();
        self.write(move |tx| {
            record::record(tx, &change, stamp, &mut || ChangeId::mint(stamp.at, rand::random())).map(drop)
        });
    }

    fn register(&mut self) {
        let member_id = MemberId::mint(self.at, rand::random());
        let document: Document = json!({ "name": { "full": format!("Member {}", self.members.len()) } })
            .as_object()
            .cloned()
            .expect("an object");
        self.record(Change::MemberAdded {
            member_id,
            document: document.clone(),
            location_id: self.shop,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Document::new(),
        });
        self.members.push((member_id, document));
    }

    /// Each value is greater than all before it.
    fn edit(&mut self, member: usize, field: usize) {
        if self.members.is_empty() {
            return;
        }
        self.made += 1;
        let (at, path) = (member % self.members.len(), FIELDS[field]);
        let after = json!(self.made.to_string());
        let (member_id, document) = &mut self.members[at];
        let before = edit::get(document, path).cloned().unwrap_or(Value::Null);
        edit::set(document, path, &after);
        let (member_id, fields) = (*member_id, [(path.to_owned(), FieldEdit { before, after })].into());
        self.record(Change::MemberEdited { member_id, edit: Edit { fields } });
    }

    fn top_up(&mut self, member: usize) {
        if self.members.is_empty() {
            return;
        }
        let member_id = self.members[member % self.members.len()].0;
        let currency = "VND".parse().expect("a currency");
        let entry = LedgerEntry {
            id: EntryId::mint(self.at, rand::random()),
            account_id: AccountId::of(member_id, "default", currency),
            member_id,
            issuer: "default".to_owned(),
            kind: EntryKind::TopUp,
            lot_class: LotClass::Prepaid,
            amount: Money::new(1_000, currency),
            location_id: self.shop,
            till_id: self.till_id,
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: self.at,
            receipt: None,
            tender: Some(Tender::Cash),
            reason: None,
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        };
        self.entries.insert(entry.id);
        self.record(Change::EntryAdded { entry: Box::new(entry) });
    }

    fn send(&self, limit: u32, fates: &[Fate], there: &mut There) -> usize {
        let claim = Claim {
            remote_id: self.remote,
            at: self.at,
            limit,
            max_bytes: 1_000_000,
            may_resend: true,
            longest_wait: Duration::from_secs(900),
        };
        let stamp = self.stamp();
        let claimed = self.write(move |tx| {
            let freeze = |queued: &QueuedChange| Ok(serde_json::to_vec(&queued.change).expect("JSON"));
            outbox::claim(tx, &claim, &freeze, &mut || ChangeId::mint(stamp.at, rand::random()))
        });
        let at = self.at;
        let problem = Problem { code: "server_error".to_owned(), message: "it failed".to_owned(), field: None };
        for (claimed, fate) in claimed.iter().zip(fates.iter().cycle()) {
            if matches!(fate, Fate::Done | Fate::AnswerLost | Fate::Unwritten) {
                there.receive(claimed);
            }
            let due_at = at.plus(BACKOFF);
            let settlement = match fate {
                Fate::Done => Settlement::Done,
                Fate::AnswerLost | Fate::RequestLost => Settlement::Unknown { due_at, problem: problem.clone() },
                Fate::NotSent => Settlement::NotSent { due_at },
                Fate::Postponed => Settlement::Postponed { due_at },
                // What may be there already is not refused: the remote would say that it knows it.
                Fate::Refused if there.seen.contains_key(&claimed.id) => Settlement::Done,
                Fate::Refused => Settlement::Parked { problem: problem.clone() },
                Fate::Unwritten => continue,
            };
            let stands =
                claimed.member_id.filter(|_| settlement == Settlement::Done).map(|member| there.stands(member));
            let (id, change, source) = (claimed.id, claimed.change.clone(), self.source());
            self.write(move |tx| {
                outbox::settle(tx, id, &settlement, at)?;
                stands.map_or(Ok(()), |stands| pull::apply_answer(tx, source, &stands, Some(&change)))
            });
        }
        claimed.len()
    }

    /// What is in flight, and nobody waits for its answer.
    fn recover(&self) {
        let remote = self.remote;
        self.write(move |tx| outbox::recover(tx, &outbox::list_in_flight(tx, remote)?));
    }

    fn restart(self) -> Self {
        let Self { folder, store, .. } = self;
        drop(store);
        let (store, _) = Store::open(folder.path(), self.at).expect("opens");
        Self { folder, store, ..self }
    }

    fn open(&self) -> Vec<QueuedChange> {
        self.store.read(|tx| outbox::list_open(tx, 1_000)).expect("read")
    }

    fn retry(&self) {
        for parked in self.open().into_iter().filter(|change| change.state == ChangeState::Parked) {
            let stamp = self.stamp();
            let again = ChangeId::mint(stamp.at, rand::random());
            self.write(move |tx| match outbox::retry(tx, parked.id, again, stamp) {
                // It went with one before it.
                Err(StoreError::ChangeState(_)) => Ok(()),
                other => other,
            });
        }
    }

    /// Without faults, everything that was done is there.
    fn end(mut self, there: &mut There) {
        for _ in 0..ENOUGH {
            self.at = self.at.plus(BACKOFF * 2);
            self.recover();
            self.retry();
            if self.send(250, &[Fate::Done], there) == 0 && self.open().is_empty() {
                break;
            }
        }
        assert_eq!(self.open(), [], "this never leaves");
        assert_eq!(there.entries, self.entries);
        assert_eq!(there.members, self.members.into_iter().collect::<HashMap<_, _>>());
    }
}

fn head_office(id: RemoteId) -> Remote {
    Remote {
        id,
        name: "head office".to_owned(),
        kind: "head-office".to_owned(),
        url: "http://127.0.0.1".to_owned(),
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
    }
}

fn kim_ma(id: LocationId, remote: RemoteId) -> StoredLocation {
    let location = Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    };
    StoredLocation {
        id,
        location,
        remote_id: Some(remote),
        pos_id: "KM".to_owned(),
        is_ours: true,
        allowance: Allowance::NONE,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_arrives_once_and_in_order(acts in acts()) {
        let (mut till, mut there) = (Till::new(), There::default());
        for act in acts {
            till.at = till.at.plus(SECOND);
            match act {
                Act::Register => till.register(),
                Act::Edit(member, field) => till.edit(member, field),
                Act::TopUp(member) => till.top_up(member),
                Act::Send(limit, fates) => drop(till.send(limit, &fates, &mut there)),
                Act::Restart => till = till.restart(),
                Act::Retry => till.retry(),
                Act::Wait => till.at = till.at.plus(BACKOFF),
            }
        }
        till.end(&mut there);
    }
}
