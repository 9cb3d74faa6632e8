//! A till and a head office in one process, with a line between them that does what it is told.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Document, Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{
    AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use regulars_head_office::access::{TokenFor, make_token};
use regulars_head_office::storage::{Scope, Storage};
use regulars_head_office::{HeadOffice, Limits, SqliteStorage, router};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{self, ChangeState, Stamp};
use regulars_store::remotes::{self, Remote};
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, members, pull, record};
use regulars_sync::connectors::Speaker;
use regulars_sync::connectors::head_office::{HeadOffice as ToHeadOffice, KIND};
use regulars_sync::engine::{Engine, Exchange, Step, Tally};
use regulars_sync::transport::{Method, Request, Response, Transport, TransportError};
use regulars_sync::{Clock, Connector};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

const START: i64 = 1_790_000_000_000;

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

pub struct HeadOfficeInProcess {
    folder: TempDir,
    router: Router,
    token: String,
}

impl HeadOfficeInProcess {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Arc::new(SqliteStorage::open(&folder.path().join("head-office.db")).expect("a database"));
        let mut token = String::new();
        let wanted = TokenFor { kind: "till".to_owned(), scope: Scope::All, rights: Vec::new() };
        let at = Timestamp::from_millis(START);
        storage
            .write(&mut |rows| {
                token = make_token(rows, &wanted, at)?;
                Ok(())
            })
            .expect("a token");
        let many = NonZeroU32::new(1_000_000).expect("more than zero");
        let limits = Limits { requests_a_second: many, burst: many, ..Limits::default() };
        let router = router(HeadOffice::with_limits(storage, Arc::new(move || at), limits));
        Self { folder, router, token }
    }

    fn row<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = rusqlite::Connection::open(self.folder.path().join("head-office.db")).expect("opened");
        connection.query_row(sql, [], |row| row.get(0)).expect("a row")
    }

    pub fn members(&self) -> i64 {
        self.row("SELECT count(*) FROM members")
    }

    pub fn has_entry(&self, id: EntryId) -> bool {
        self.row::<i64>(&format!("SELECT count(*) FROM ledger_entries WHERE id = x'{}'", id.uuid().simple())) == 1
    }

    pub fn document(&self, id: MemberId) -> Value {
        let text: String = self.row(&format!("SELECT document FROM members WHERE id = x'{}'", id.uuid().simple()));
        serde_json::from_str(&text).expect("JSON")
    }

    /// Changes its rows behind its back, as a fault or a hand does. Facts may not be touched otherwise.
    pub fn tamper(&self, sql: &str) {
        let connection = rusqlite::Connection::open(self.folder.path().join("head-office.db")).expect("opened");
        let triggers = "DROP TRIGGER IF EXISTS ledger_entries_are_never_changed;
            DROP TRIGGER IF EXISTS ledger_entries_are_never_deleted; PRAGMA foreign_keys = OFF;";
        connection.execute_batch(triggers).expect("dropped");
        connection.execute_batch(sql).expect("changed");
    }

    /// As after a backup was put back under it.
    pub fn begin_a_new_life(&self) {
        let connection = rusqlite::Connection::open(self.folder.path().join("head-office.db")).expect("opened");
        connection.execute("UPDATE head_office SET epoch = 'another life'", []).expect("changed");
    }
}

pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).expect("small"), Ordering::Relaxed);
    }

    pub fn back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).expect("small"), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

type Matches = Box<dyn Fn(&str) -> bool + Send>;

enum Doing {
    Pass,
    Fail(fn() -> TransportError),
    LoseAnswers,
    HoldAnswers,
    AnswerPush(u16, Matches),
    AnswerPull(u16, String),
    AnswerChecks(u16, String),
    AskToWait(String),
}

pub struct Line {
    router: Router,
    doing: Mutex<Doing>,
    seen: Mutex<Vec<(String, String)>>,
    last_pull: Mutex<String>,
}

impl Line {
    fn set(&self, doing: Doing) {
        *self.doing.lock().expect("unpoisoned") = doing;
    }

    pub fn pass(&self) {
        self.set(Doing::Pass);
    }

    pub fn fail_with(&self, error: fn() -> TransportError) {
        self.set(Doing::Fail(error));
    }

    pub fn lose_answers(&self) {
        self.set(Doing::LoseAnswers);
    }

    pub fn hold_answers(&self) {
        self.set(Doing::HoldAnswers);
    }

    pub fn answer_push_with(&self, status: u16, matches: impl Fn(&str) -> bool + Send + 'static) {
        self.set(Doing::AnswerPush(status, Box::new(matches)));
    }

    pub fn answer_pull_with(&self, status: u16, body: &str) {
        self.set(Doing::AnswerPull(status, body.to_owned()));
    }

    pub fn answer_checks_with(&self, status: u16, body: &str) {
        self.set(Doing::AnswerChecks(status, body.to_owned()));
    }

    pub fn ask_to_wait(&self, retry_after: &str) {
        self.set(Doing::AskToWait(retry_after.to_owned()));
    }

    pub fn paths(&self) -> Vec<String> {
        self.seen.lock().expect("unpoisoned").iter().map(|(path, _)| path.clone()).collect()
    }

    pub fn requests(&self) -> usize {
        self.paths().len()
    }

    /// The bodies that were pushed.
    pub fn pushed(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("unpoisoned");
        seen.iter().filter(|(path, _)| path == "/v1/push").map(|(_, body)| body.clone()).collect()
    }

    pub fn last_pull_answer(&self) -> String {
        self.last_pull.lock().expect("unpoisoned").clone()
    }

    async fn ask(&self, request: &Request) -> Response {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        };
        let mut building = HttpRequest::builder().method(method).uri(&request.path);
        for (name, value) in &request.headers {
            building = building.header(*name, value);
        }
        if request.body.is_some() {
            building = building.header("content-type", "application/json");
        }
        let asked = building.body(Body::from(request.body.clone().unwrap_or_default())).expect("a request");
        let answer = self.router.clone().oneshot(asked).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body").to_vec();
        if request.path.starts_with("/v1/pull") {
            *self.last_pull.lock().expect("unpoisoned") = String::from_utf8_lossy(&body).into_owned();
        }
        Response { status, retry_after: None, body }
    }
}

enum Then {
    Ask,
    AskAndLose,
    AskAndHold,
    Answer(Result<Response, TransportError>),
}

#[async_trait]
impl Transport for Line {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
        self.seen.lock().expect("unpoisoned").push((request.path.clone(), body.clone()));
        let own = |status, body: &str, retry_after: Option<String>| {
            Then::Answer(Ok(Response { status, retry_after, body: body.as_bytes().to_vec() }))
        };
        let refusal = r#"{"code":"refused_by_the_test","message":"no","field":null}"#;
        let then = match &*self.doing.lock().expect("unpoisoned") {
            Doing::Fail(error) => Then::Answer(Err(error())),
            Doing::LoseAnswers => Then::AskAndLose,
            Doing::HoldAnswers => Then::AskAndHold,
            Doing::AskToWait(retry_after) => own(429, "", Some(retry_after.clone())),
            Doing::AnswerPush(status, matches) if request.path == "/v1/push" && matches(&body) => {
                own(*status, if *status == 500 { "" } else { refusal }, None)
            }
            Doing::AnswerPull(status, body) if request.path.starts_with("/v1/pull") => own(*status, body, None),
            Doing::AnswerChecks(status, body) if request.path.starts_with("/v1/checksums") => own(*status, body, None),
            Doing::Pass | Doing::AnswerPush(..) | Doing::AnswerPull(..) | Doing::AnswerChecks(..) => Then::Ask,
        };
        match then {
            Then::Ask => Ok(self.ask(&request).await),
            Then::AskAndLose => {
                self.ask(&request).await;
                Err(TransportError::Lost("the answer was lost".to_owned()))
            }
            Then::AskAndHold => {
                self.ask(&request).await;
                std::future::pending().await
            }
            Then::Answer(answer) => answer,
        }
    }
}

pub struct TillInProcess {
    _folder: TempDir,
    store: Arc<Store>,
    pub clock: Arc<ManualClock>,
    pub line: Arc<Line>,
    pub engine: Engine,
    connector: Arc<dyn Connector>,
    pub remote: RemoteId,
    till_id: TillId,
    shop: LocationId,
}

impl TillInProcess {
    pub fn new(head_office: &HeadOfficeInProcess) -> Self {
        Self::seeded(head_office, 1)
    }

    pub fn seeded(head_office: &HeadOfficeInProcess, seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = Timestamp::from_millis(START);
        let till_id = TillId::mint(at, rand::random());
        let new = NewTill {
            id: till_id,
            incarnation: Incarnation::mint(at, rand::random()),
            name: "Till".to_owned(),
            at,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Arc::new(Store::create(folder.path(), &new).expect("a till"));
        let line = Arc::new(Line {
            router: head_office.router.clone(),
            doing: Mutex::new(Doing::Pass),
            seen: Mutex::default(),
            last_pull: Mutex::default(),
        });
        let remote = RemoteId::mint(at, rand::random());
        let speaker = Speaker { till_id, till_name: "Till".to_owned() };
        let transport: Arc<dyn Transport> = line.clone();
        let timeout = Duration::from_secs(1);
        let connector: Arc<dyn Connector> =
            Arc::new(ToHeadOffice::new(remote, transport, head_office.token.clone(), speaker, timeout));
        let clock = Arc::new(ManualClock(AtomicI64::new(START)));
        let engine = Engine::new(store.clone(), clock.clone(), seed);
        let shop = LocationId::mint(at, rand::random());
        let till = Self { _folder: folder, store, clock, line, engine, connector, remote, till_id, shop };
        till.set_up_shop();
        till
    }

    fn set_up_shop(&self) {
        let location = Location {
            code: "KM".to_owned(),
            name: "Kim Ma".to_owned(),
            country: "VN".to_owned(),
            currency: "VND".parse().expect("a currency"),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            issuer: "default".to_owned(),
        };
        let stored = StoredLocation {
            id: self.shop,
            location: location.clone(),
            remote_id: Some(self.remote),
            pos_id: "KM".to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
        };
        let remote = Remote {
            id: self.remote,
            name: "head office".to_owned(),
            kind: KIND.to_owned(),
            url: String::new(),
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
        let change = Change::LocationAdded { location_id: self.shop, location };
        let stamp = self.stamp();
        self.write(move |tx| {
            remotes::insert(tx, &remote)?;
            locations::insert(tx, &stored)?;
            record::record(tx, &change, stamp, &mut new_change)
        });
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.clock.now(), staff_id: None }
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

    pub fn register(&self, name: &str, number: u32) -> MemberId {
        let id = MemberId::mint(self.clock.now(), rand::random());
        let document = json!({ "name": { "full": name }, "phone": { "typed": format!("09{number:08}") } });
        let change = Change::MemberAdded {
            member_id: id,
            document: document.as_object().cloned().expect("an object"),
            location_id: self.shop,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Default::default(),
        };
        self.record(change);
        id
    }

    pub fn edit(&self, member: MemberId, field: &str, value: &str) {
        let before = self.document(member).get(field).cloned().unwrap_or(Value::Null);
        let edit = FieldEdit { before, after: json!(value) };
        let edit = Edit { fields: [(field.to_owned(), edit)].into() };
        self.record(Change::MemberEdited { member_id: member, edit });
    }

    pub fn remove(&self, member: MemberId) {
        self.record(Change::MemberRemoved { member_id: member, reason: "asked to".to_owned() });
    }

    pub fn top_up(&self, member: MemberId, minor: i64) -> EntryId {
        let currency = "VND".parse().expect("a currency");
        let id = EntryId::mint(self.clock.now(), rand::random());
        let entry = LedgerEntry {
            id,
            account_id: AccountId::of(member, "default", currency),
            member_id: member,
            issuer: "default".to_owned(),
            kind: EntryKind::TopUp,
            lot_class: LotClass::Prepaid,
            amount: Money::new(minor, currency),
            location_id: self.shop,
            till_id: self.till_id,
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: self.clock.now(),
            receipt: None,
            tender: Some(Tender::Cash),
            reason: None,
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        };
        self.record(Change::EntryAdded { entry: Box::new(entry) });
        id
    }

    fn record(&self, change: Change) {
        let stamp = self.stamp();
        self.write(move |tx| record::record(tx, &change, stamp, &mut new_change));
    }

    /// Tries again what of this member waits for a person.
    pub fn retry(&self, member: MemberId) {
        let parked = self.read(|tx| outbox::list_of_member(tx, member));
        let parked = parked.into_iter().find(|queued| queued.state == ChangeState::Parked).expect("one is parked");
        let stamp = self.stamp();
        self.write(move |tx| outbox::retry(tx, parked.id, new_change(), stamp));
    }

    pub fn exchange(&self) -> Tally {
        self.run(Exchange::new(true))
    }

    pub fn run(&self, mut exchange: Exchange) -> Tally {
        block_on(async {
            for _ in 0..1_000 {
                let step = self.engine.step(&self.connector, &mut exchange).await.expect("stepped");
                if step != Step::Worked {
                    return exchange.tally;
                }
            }
            panic!("the exchange never ends");
        })
    }

    /// An exchange that ends in the middle of its first request, as when the process is killed.
    pub fn begin_and_drop_an_exchange(&self) {
        let mut exchange = Exchange::new(true);
        block_on(async {
            let step = self.engine.step(&self.connector, &mut exchange);
            let asked = async {
                while self.line.requests() == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                _ = step => panic!("the answer is held"),
                () = asked => {}
            }
        });
    }

    pub fn is_stuck(&self) -> bool {
        self.engine.is_stuck(self.remote).expect("read")
    }

    pub fn waiting(&self) -> i64 {
        self.read(|tx| outbox::count(tx)).waiting
    }

    /// The states of what this till did to a member, oldest first; what was replaced is left out.
    pub fn states_of(&self, member: MemberId) -> Vec<ChangeState> {
        let changes = self.read(|tx| outbox::list_of_member(tx, member));
        changes.into_iter().map(|queued| queued.state).filter(|state| *state != ChangeState::Replaced).collect()
    }

    pub fn problem_of(&self, member: MemberId) -> String {
        let changes = self.read(|tx| outbox::list_of_member(tx, member));
        changes.into_iter().find_map(|queued| queued.problem).expect("a problem").code
    }

    pub fn has(&self, member: MemberId) -> bool {
        self.read(|tx| members::find(tx, member)).is_some()
    }

    pub fn document(&self, member: MemberId) -> Document {
        self.read(|tx| members::find(tx, member)).expect("a member").document
    }

    /// How many members of the shop have this number.
    pub fn found(&self, phone: &str) -> usize {
        let query = PhoneQuery::parse(phone, "VN".parse().expect("a country")).expect("a number");
        self.read(|tx| members::find_by_whole_phone(tx, self.shop, &query, 9)).len()
    }

    /// How the last comparison with head office came out: parts that differed, changes told again, rows that head office
    /// lacks and this till cannot tell.
    pub fn compared(&self) -> Option<(i64, i64, i64)> {
        let checked = self.read(|tx| regulars_store::checksums::list_checked(tx));
        checked.first().map(|checked| (checked.differing, checked.told_again, checked.not_ours))
    }

    /// Changes the till's file behind its back.
    pub fn tamper(&self, sql: &'static str) {
        self.write(move |tx| Ok(tx.execute_batch(sql)?));
    }

    pub fn balance(&self, member: MemberId) -> i64 {
        let currency = "VND".parse().expect("a currency");
        let holder = regulars_store::ledger::Holder { group: &[member], issuer: "default", currency };
        self.read(|tx| regulars_store::ledger::balance(tx, holder)).minor
    }

    /// How many things in the file are not as they must be.
    pub fn findings(&self) -> usize {
        self.read(|tx| regulars_store::check(tx)).len()
    }

    pub fn quarantined(&self) -> i64 {
        self.read(|tx| pull::count_quarantined(tx))
    }

    fn stored_remote(&self) -> Remote {
        self.read(|tx| remotes::get(tx, self.remote))
    }

    pub fn cursor(&self) -> Option<i64> {
        self.stored_remote().cursor
    }

    pub fn epoch(&self) -> String {
        self.stored_remote().epoch.expect("known")
    }

    pub fn not_before(&self) -> Timestamp {
        self.stored_remote().not_before_at.expect("set")
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn new_change() -> ChangeId {
    ChangeId::mint(Timestamp::from_millis(START), rand::random())
}
