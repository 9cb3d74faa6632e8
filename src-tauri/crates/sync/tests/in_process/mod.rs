//! A till and a head office in one process, with a line between them that does what it is told.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::conflict::Side;
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
use regulars_store::decisions::{self, Kept};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{self, ChangeState, Stamp};
use regulars_store::remotes::{self, Remote};
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, ledger, members, pull, record};
use regulars_sync::connectors::Speaker;
use regulars_sync::connectors::head_office::{HeadOffice as ToHeadOffice, KIND};
use regulars_sync::engine::{Engine, Exchange, Step, Tally};
use regulars_sync::transport::{Request, Response, Transport, TransportError};
use regulars_sync::{Clock, Connector};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

pub const START: i64 = 1_790_000_000_000;

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

pub struct HeadOfficeInProcess {
    folder: TempDir,
    router: Arc<Mutex<Router>>,
    token: String,
    clock: Arc<AtomicI64>,
}

impl HeadOfficeInProcess {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Arc::new(SqliteStorage::open(&folder.path().join("head-office.db")).expect("a database"));
        let token = token(&storage, "till", Scope::All, &[]);
        let clock = Arc::new(AtomicI64::new(START));
        let router = Arc::new(Mutex::new(serve(storage, &clock)));
        Self { folder, router, token, clock }
    }

    /// Lets time pass at head office alone.
    pub fn forward(&self, by: Duration) {
        self.clock.fetch_add(i64::try_from(by.as_millis()).expect("small"), Ordering::Relaxed);
    }

    /// What holds for a member in the one shop.
    pub fn terms(&self, id: MemberId) -> Value {
        let text: String =
            self.row(&format!("SELECT terms FROM memberships WHERE member_id = x'{}'", id.uuid().simple()));
        serde_json::from_str(&text).expect("JSON")
    }

    /// How often a text stands anywhere in the database.
    pub fn knows(&self, text: &str) -> bool {
        let text = format!("'%{text}%'");
        let tables =
            [("members", "document"), ("memberships", "terms"), ("removed_members", "document"), ("changes", "answer")];
        tables.iter().any(|(table, column)| {
            self.row::<i64>(&format!("SELECT count(*) FROM {table} WHERE {column} LIKE {text}")) > 0
        })
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("head-office.db")
    }

    /// Makes a copy, as a person does by hand.
    pub fn copy(&self, name: &str) {
        let connection = rusqlite::Connection::open(self.database()).expect("opened");
        let copy = self.folder.path().join(name);
        connection.execute("VACUUM INTO ?", [copy.to_str().expect("text")]).expect("copied");
    }

    /// Puts a copy back by hand, and starts again `after` the start in milliseconds.
    pub fn put_back(&self, name: &str, after: i64) {
        *self.router.lock().expect("unpoisoned") = Router::new();
        for suffix in ["-wal", "-shm"] {
            let _none = std::fs::remove_file(self.folder.path().join(format!("head-office.db{suffix}")));
        }
        std::fs::copy(self.folder.path().join(name), self.database()).expect("put back");
        let storage = Arc::new(SqliteStorage::open(&self.database()).expect("a database"));
        self.clock.store(START + after, Ordering::Relaxed);
        *self.router.lock().expect("unpoisoned") = serve(storage, &self.clock);
    }

    /// Another database that says the same and is in another life.
    pub fn doubled(&self) -> Self {
        self.copy("double.db");
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("head-office.db");
        std::fs::copy(self.folder.path().join("double.db"), &database).expect("copied");
        let storage = Arc::new(SqliteStorage::open(&database).expect("a database"));
        let clock = Arc::clone(&self.clock);
        let router = Arc::new(Mutex::new(serve(storage, &clock)));
        let double = Self { folder, router, token: self.token.clone(), clock };
        double.begin_a_new_life();
        double
    }

    /// Takes away what tells of the life of the file.
    pub fn lose_the_note(&self) {
        std::fs::remove_file(self.folder.path().join("head-office.db.life")).expect("a note");
    }

    pub fn entries(&self) -> i64 {
        self.row("SELECT count(*) FROM ledger_entries")
    }

    pub fn count(&self, table: &str) -> i64 {
        self.row(&format!("SELECT count(*) FROM {table}"))
    }

    pub fn balance(&self) -> i64 {
        self.row("SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries")
    }

    pub fn is_deleted(&self, id: MemberId) -> bool {
        self.row(&format!("SELECT is_deleted FROM members WHERE id = x'{}'", id.uuid().simple()))
    }

    pub fn epoch(&self) -> String {
        self.row("SELECT epoch FROM head_office")
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

/// The one shop.
pub fn shop() -> Location {
    Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    }
}

/// What a client of that kind shows.
pub fn token(storage: &SqliteStorage, kind: &str, scope: Scope, rights: &[&str]) -> String {
    let rights = rights.iter().map(|right| (*right).to_owned()).collect();
    let wanted = TokenFor { kind: kind.to_owned(), scope, rights };
    let mut token = String::new();
    storage
        .write(&mut |rows| {
            token = make_token(rows, &wanted, Timestamp::from_millis(START))?;
            Ok(())
        })
        .expect("a token");
    token
}

/// A head office over that database and clock, which is never asked too often.
pub fn serve(storage: Arc<SqliteStorage>, clock: &Arc<AtomicI64>) -> Router {
    let many = NonZeroU32::new(1_000_000).expect("more than zero");
    let limits = Limits { requests_a_second: many, burst: many, ..Limits::default() };
    let clock = Arc::clone(clock);
    let now = move || Timestamp::from_millis(clock.load(Ordering::Relaxed));
    router(HeadOffice::with_limits(storage, Arc::new(now), limits))
}

pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at_start() -> Self {
        Self(AtomicI64::new(START))
    }

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
    router: Arc<Mutex<Router>>,
    doing: Mutex<Doing>,
    seen: Mutex<Vec<(String, String)>>,
    last_pull: Mutex<String>,
    in_turn: Mutex<Option<Arc<Mutex<Router>>>>,
}

impl Line {
    /// Another database answers every other request.
    pub fn answer_in_turn(&self, other: &HeadOfficeInProcess) {
        *self.in_turn.lock().expect("unpoisoned") = Some(other.router.clone());
    }

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
        let method = request.method.name();
        let mut building = HttpRequest::builder().method(method).uri(&request.path);
        for (name, value) in &request.headers {
            building = building.header(*name, value);
        }
        if request.body.is_some() {
            building = building.header("content-type", "application/json");
        }
        let asked = building.body(Body::from(request.body.clone().unwrap_or_default())).expect("a request");
        let other = self.in_turn.lock().expect("unpoisoned").clone().filter(|_| self.requests() % 2 == 1);
        let router = other.unwrap_or_else(|| self.router.clone()).lock().expect("unpoisoned").clone();
        let answer = router.oneshot(asked).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body").to_vec();
        if request.path.starts_with("/v1/pull") {
            *self.last_pull.lock().expect("unpoisoned") = String::from_utf8_lossy(&body).into_owned();
        }
        Response { status, body, ..Response::default() }
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
            Then::Answer(Ok(Response { status, retry_after, body: body.as_bytes().to_vec(), ..Response::default() }))
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
    folder: TempDir,
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
        let remote = RemoteId::mint(at, rand::random());
        let shop = LocationId::mint(at, rand::random());
        let till = Self::over(head_office, folder, store, seed, (till_id, remote, shop));
        till.set_up_shop();
        till
    }

    /// A copy of this till's folder as it is, opened on another computer.
    pub fn cloned(&self, head_office: &HeadOfficeInProcess, seed: u64) -> Self {
        self.copied(head_office, seed, |_| true)
    }

    /// This till once its file was destroyed: all that there is comes out of the journal.
    pub fn rebuilt(&self, head_office: &HeadOfficeInProcess, seed: u64) -> Self {
        self.copied(head_office, seed, |name| !name.starts_with("till.db"))
    }

    fn copied(&self, head_office: &HeadOfficeInProcess, seed: u64, is_kept: impl Fn(&str) -> bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for file in std::fs::read_dir(self.folder.path()).expect("a folder") {
            let file = file.expect("a file");
            if file.file_type().expect("a type").is_file() && is_kept(&file.file_name().to_string_lossy()) {
                std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("copied");
            }
        }
        let (store, _) = Store::open(folder.path(), self.clock.now()).expect("opened");
        Self::over(head_office, folder, Arc::new(store), seed, (self.till_id, self.remote, self.shop))
    }

    fn over(
        head_office: &HeadOfficeInProcess,
        folder: TempDir,
        store: Arc<Store>,
        seed: u64,
        (till_id, remote, shop): (TillId, RemoteId, LocationId),
    ) -> Self {
        let line = Arc::new(Line {
            router: head_office.router.clone(),
            doing: Mutex::new(Doing::Pass),
            seen: Mutex::default(),
            last_pull: Mutex::default(),
            in_turn: Mutex::default(),
        });
        let speaker = Speaker { till_id, till_name: "Till".to_owned() };
        let transport: Arc<dyn Transport> = line.clone();
        let timeout = Duration::from_secs(1);
        let connector: Arc<dyn Connector> =
            Arc::new(ToHeadOffice::new(remote, transport, head_office.token.clone(), speaker, timeout));
        let clock = Arc::new(ManualClock(AtomicI64::new(START)));
        let engine = Engine::new(store.clone(), clock.clone(), seed);
        Self { folder, store, clock, line, engine, connector, remote, till_id, shop }
    }

    /// A till whose person typed another issuer than head office has.
    pub fn with_issuer(head_office: &HeadOfficeInProcess, seed: u64, issuer: &str) -> Self {
        let till = Self::seeded(head_office, seed);
        let (shop, issuer) = (till.shop, issuer.to_owned());
        till.write(move |tx| {
            let stored = locations::get(tx, shop)?;
            locations::update_facts(tx, shop, &Location { issuer, ..stored.location })
        });
        till
    }

    fn set_up_shop(&self) {
        let location = shop();
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
        self.change_field(member, field, json!(value));
    }

    /// Sets a field of a member, as `cards/8400`, to a value.
    pub fn change_field(&self, member: MemberId, field: &str, value: Value) {
        let document = self.document(member);
        let before = regulars_domain::edit::get(&document, field).cloned().unwrap_or(Value::Null);
        let edit = Edit { fields: [(field.to_owned(), FieldEdit { before, after: value })].into() };
        self.record(Change::MemberEdited { member_id: member, edit });
    }

    /// Sets what holds for a member in the shop.
    pub fn change_terms(&self, member: MemberId, field: &str, value: Value) {
        let terms = self.terms(member);
        let before = regulars_domain::edit::get(&terms, field).cloned().unwrap_or(Value::Null);
        let edit = Edit { fields: [(field.to_owned(), FieldEdit { before, after: value })].into() };
        self.record(Change::MembershipEdited { member_id: member, location_id: self.shop, edit });
    }

    pub fn terms(&self, member: MemberId) -> Document {
        let all = self.read(|tx| members::list_memberships(tx, member));
        all.into_iter().find(|membership| membership.location_id == self.shop).expect("a member of the shop").terms
    }

    pub fn remove(&self, member: MemberId) {
        let reason = "asked for it".to_owned();
        self.record(Change::MemberRemoved { member_id: member, reason, seen_version: None });
    }

    pub fn erase(&self, member: MemberId) {
        self.record(Change::MemberErased { member_id: member, reason: "asked for it".to_owned() });
    }

    /// Says that a member turned out to be another one, or with `None` that they did not.
    pub fn merge(&self, loser: MemberId, winner: Option<MemberId>) {
        let merged = winner.map_or(Value::Null, |into| json!({ "into": into, "at": self.clock.now() }));
        self.change_field(loser, "merged", merged);
    }

    /// Who a member is by now.
    pub fn resolved(&self, member: MemberId) -> MemberId {
        self.read(|tx| members::resolve(tx, member))
    }

    /// What waits for a person, as the fields in question.
    pub fn questions(&self) -> Vec<Vec<String>> {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let parked = open.into_iter().filter(|queued| queued.state == ChangeState::Parked);
        parked
            .map(|queued| match queued.change {
                Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. } => {
                    edit.fields.into_keys().collect()
                }
                other => vec![other.verb().to_owned()],
            })
            .collect()
    }

    /// Decides the one question that waits.
    pub fn answer(&self, side: Side) {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let parked = open.into_iter().find(|queued| queued.state == ChangeState::Parked).expect("one is parked");
        let stamp = self.stamp();
        self.write(move |tx| outbox::resolve(tx, parked.id, &|_| Some(side), new_change(), stamp));
    }

    /// What stood in a field before both sides changed it.
    pub fn question_before(&self, field: &str) -> Value {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let parked = open.into_iter().find(|queued| queued.state == ChangeState::Parked).expect("one is parked");
        match parked.change {
            Change::MemberEdited { edit, .. } => edit.fields[field].before.clone(),
            other => panic!("{}", other.verb()),
        }
    }

    /// Gives up what waits for a person.
    pub fn discard_parked(&self) {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let parked = open.into_iter().find(|queued| queued.state == ChangeState::Parked).expect("one is parked");
        let stamp = self.stamp();
        self.write(move |tx| outbox::discard(tx, parked.id, "not now", stamp));
    }

    /// Whether what was sealed for a member can still be read.
    pub fn has_key(&self, member: MemberId) -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM member_keys WHERE member_id = ?)";
        self.read(|tx| Ok(tx.query_row(sql, [member.as_bytes()], |row| row.get(0))?))
    }

    /// What was decided about a member: the field, what stands, and the value that lost.
    pub fn decisions(&self, member: MemberId) -> Vec<(String, Kept, Option<Value>)> {
        let all = self.read(|tx| decisions::list_of_member(tx, member));
        all.into_iter()
            .map(|decision| (decision.values.field.clone(), decision.kept, decision.lost_value().cloned()))
            .collect()
    }

    pub fn is_here(&self, member: MemberId) -> bool {
        self.read(|tx| members::find(tx, member)).is_some_and(|stored| stored.deleted_at.is_none())
    }

    pub fn balance(&self, member: MemberId) -> i64 {
        self.read(|tx| ledger::list_of_member(tx, member)).iter().map(|stored| stored.entry.amount.minor).sum()
    }

    pub fn cash_out(&self, member: MemberId, minor: i64) -> EntryId {
        self.book(member, EntryKind::CashOut, -minor)
    }

    pub fn top_up(&self, member: MemberId, minor: i64) -> EntryId {
        self.book(member, EntryKind::TopUp, minor)
    }

    fn book(&self, member: MemberId, kind: EntryKind, minor: i64) -> EntryId {
        let currency = "VND".parse().expect("a currency");
        let id = EntryId::mint(self.clock.now(), rand::random());
        let issuer = self.read(|tx| locations::get(tx, self.shop)).location.issuer;
        let entry = LedgerEntry {
            id,
            account_id: AccountId::of(member, &issuer, currency),
            member_id: member,
            issuer,
            kind,
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

    /// How many things in the file are not as they must be.
    pub fn findings(&self) -> usize {
        self.read(|tx| regulars_store::check(tx)).len()
    }

    pub fn quarantined(&self) -> i64 {
        self.read(|tx| pull::count_quarantined(tx))
    }

    pub fn sum(&self) -> i64 {
        let members = self.read(|tx| members::list_ids(tx));
        let of = |member| self.read(|tx| regulars_store::ledger::list_of_member(tx, member));
        members.into_iter().flat_map(of).map(|stored| stored.entry.amount.minor).sum()
    }

    /// How far head office's clock was ahead of this till's when it was last asked, in milliseconds.
    pub fn clock_told(&self) -> i64 {
        self.read(|tx| regulars_store::clocks::find(tx, self.remote)).expect("told").ahead_ms
    }

    /// What a member has with an issuer.
    pub fn balance_with(&self, member: MemberId, issuer: &str) -> i64 {
        let currency = "VND".parse().expect("a currency");
        let holder = regulars_store::ledger::Holder { group: &[member], issuer, currency };
        self.read(|tx| regulars_store::ledger::balance(tx, holder)).minor
    }

    pub fn entries(&self) -> i64 {
        let members = self.read(|tx| members::list_ids(tx));
        let of = |member| self.read(|tx| regulars_store::ledger::list_of_member(tx, member)).len() as i64;
        members.into_iter().map(of).sum()
    }

    pub fn incarnation(&self) -> Incarnation {
        self.read(|tx| regulars_store::till::get(tx)).incarnation
    }

    pub fn label(&self, name: &str) {
        let label = regulars_domain::label::Label { name: name.to_owned(), color: None, external_id: None };
        self.record(Change::LabelPut { location_id: self.shop, label });
    }

    /// A person says what this till's shop is.
    pub fn edit_shop(&self, change: impl FnOnce(Location) -> Location + Send + 'static) {
        let (id, stamp) = (self.shop, self.stamp());
        self.write(move |tx| {
            let before = locations::get(tx, id)?.location;
            let after = change(before.clone());
            locations::update_facts(tx, id, &after)?;
            let change = Change::LocationEdited { location_id: id, edit: before.edit_to(&after) };
            record::record(tx, &change, stamp, &mut new_change)
        });
    }

    /// Head office's word of this till's shop comes.
    pub fn hear_of_shop(&self, location: Location) {
        let source = pull::Source { remote_id: self.remote, asked_at: self.clock.now(), at: self.clock.now() };
        let pulled = [pull::PulledLocation { pos_id: "KM".to_owned(), location }];
        let mut new_id = move || LocationId::mint(source.at, rand::random());
        self.write(move |tx| pull::apply_locations(tx, source, &pulled, &mut new_id));
    }

    /// Name, time zone and issuer of this till's shop.
    pub fn shop_facts(&self) -> [String; 3] {
        let Location { name, time_zone, issuer, .. } = self.read(|tx| locations::get(tx, self.shop)).location;
        [name, time_zone, issuer]
    }

    /// What is still to be sent, in words.
    pub fn open(&self) -> Vec<String> {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let said = |queued: outbox::QueuedChange| {
            let problem = queued.problem.map(|problem| problem.code).unwrap_or_default();
            format!("{} {} {problem}", queued.change.verb(), queued.state.name())
        };
        open.into_iter().map(said).collect()
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
