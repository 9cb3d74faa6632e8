//! A till that talks to a member system over a real socket.

use super::server::Server;
use super::systems::Shop;
use crate::in_process::{ManualClock, block_on, shop};
use async_trait::async_trait;
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Document, Edit, FieldEdit};
use regulars_domain::label::Label;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{
    AccountId, ChangeId, EntryId, Incarnation, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{self, ChangeState, Stamp};
use regulars_store::part::PulledPart;
use regulars_store::remotes::{self, Remote};
use regulars_store::{
    KeystoreKind, NewTill, Priority, Store, StoreError, Transaction, balance, ledger, members, pull, record,
};
use regulars_sync::connector::Asked;
use regulars_sync::connectors::{self, Shop as At, Speaker};
use regulars_sync::engine::{Engine, Exchange, Step, Tally};
use regulars_sync::http::HttpTransport;
use regulars_sync::transport::{Request, Response, Transport, TransportError};
use regulars_sync::{Clock, Connector};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than any wait that is ever set.
const LATER: Duration = Duration::from_secs(1_000);

/// The till's own end of the line, at which a request may never leave.
struct Plug {
    line: HttpTransport,
    /// How many requests leave before one does not; below nought for all.
    leave: AtomicI64,
}

#[async_trait]
impl Transport for Plug {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match self.leave.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(TransportError::NotSent("the plug is out".to_owned())),
            _ => self.line.send(request).await,
        }
    }
}

pub struct Till {
    _folder: TempDir,
    store: Arc<Store>,
    pub clock: Arc<ManualClock>,
    engine: Engine,
    plug: Arc<Plug>,
    pub connector: Arc<dyn Connector>,
    pub remote: RemoteId,
    pub till_id: TillId,
    shop: LocationId,
}

impl Till {
    pub fn of<S: Shop>(server: &Server<S>) -> Self {
        Self::with(server, S::settings())
    }

    pub fn with<S: Shop>(server: &Server<S>, settings: Value) -> Self {
        Self::at(S::KIND, &server.url(), &server.at(|system| system.secret()), settings)
    }

    pub fn at(kind: &str, url: &str, secret: &str, settings: Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at_start());
        let at = clock.now();
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
        let remote = Remote {
            id: RemoteId::mint(at, rand::random()),
            name: "remote".to_owned(),
            kind: kind.to_owned(),
            url: url.to_owned(),
            settings: settings.as_object().cloned().expect("an object"),
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
        let (connector, plug) = connect(&remote, secret, till_id);
        let engine = Engine::new(store.clone(), clock.clone(), 7);
        let (id, shop) = (remote.id, LocationId::mint(at, rand::random()));
        let till = Self { _folder: folder, store, clock, engine, plug, connector, remote: id, till_id, shop };
        till.set_up(remote);
        till
    }

    fn set_up(&self, remote: Remote) {
        let location = shop();
        let stored = StoredLocation {
            id: self.shop,
            location: location.clone(),
            remote_id: Some(remote.id),
            pos_id: "KM".to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
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

    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(Priority::Cashier, work).expect("written")
    }

    pub fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.store.read(work).expect("read")
    }

    pub fn record(&self, change: Change) {
        let stamp = self.stamp();
        self.write(move |tx| record::record(tx, &change, stamp, &mut new_change));
    }

    pub fn register(&self, given: &str, family: &str, phone: &str, email: &str) -> MemberId {
        let typed = json!({ "typed": phone, "e164": format!("+84{}", phone.trim_start_matches('0')) });
        let name = json!({ "full": format!("{given} {family}"), "given": given, "family": family });
        let reference = format!("M-{}", phone.trim_start_matches('0'));
        self.register_as(json!({ "name": name, "phone": typed, "email": email, "reference": reference }), json!({}))
    }

    pub fn register_as(&self, document: Value, terms: Value) -> MemberId {
        let id = MemberId::mint(self.clock.now(), rand::random());
        self.record(Change::MemberAdded {
            member_id: id,
            document: document.as_object().cloned().expect("an object"),
            location_id: self.shop,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: terms.as_object().cloned().expect("an object"),
        });
        id
    }

    pub fn edit(&self, member: MemberId, field: &str, value: Value) {
        let before = regulars_domain::edit::get(&self.document(member), field).cloned().unwrap_or(Value::Null);
        let edit = Edit { fields: [(field.to_owned(), FieldEdit { before, after: value })].into() };
        self.record(Change::MemberEdited { member_id: member, edit });
    }

    pub fn edit_terms(&self, member: MemberId, field: &str, value: Value) {
        let before = regulars_domain::edit::get(&self.terms(member), field).cloned().unwrap_or(Value::Null);
        self.record_terms(member, Edit { fields: [(field.to_owned(), FieldEdit { before, after: value })].into() });
    }

    pub fn record_terms(&self, member_id: MemberId, edit: Edit) {
        self.record(Change::MembershipEdited { member_id, location_id: self.shop, edit });
    }

    pub fn label(&self, name: &str, color: &str) {
        let label = Label { name: name.to_owned(), color: Some(color.to_owned()), external_id: None };
        self.record(Change::LabelPut { location_id: self.shop, label });
    }

    pub fn top_up(&self, member: MemberId, minor: i64) {
        self.book(member, EntryKind::TopUp, minor);
    }

    pub fn redeem(&self, member: MemberId, minor: i64) {
        self.book(member, EntryKind::Redeem, -minor);
    }

    fn book(&self, member: MemberId, kind: EntryKind, minor: i64) {
        let currency = "VND".parse().expect("a currency");
        let entry = LedgerEntry {
            id: EntryId::mint(self.clock.now(), rand::random()),
            account_id: AccountId::of(member, "default", currency),
            member_id: member,
            issuer: "default".to_owned(),
            kind,
            lot_class: LotClass::Prepaid,
            amount: Money::new(minor, currency),
            location_id: self.shop,
            till_id: self.till_id,
            staff_id: None,
            business_date: "2026-11-24".parse().expect("a day"),
            at: self.clock.now(),
            receipt: None,
            tender: (kind == EntryKind::TopUp).then_some(Tender::Cash),
            reason: None,
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        };
        self.record(Change::EntryAdded { entry: Box::new(entry) });
    }

    /// What a member has, and the entries that it is the sum of: amount and who booked it.
    pub fn credit(&self, member: MemberId) -> (i64, Vec<(i64, EntrySource)>) {
        let entries = self.entries(member);
        let sum = entries.iter().map(|entry| entry.amount.minor).sum();
        (sum, entries.into_iter().map(|entry| (entry.amount.minor, entry.source)).collect())
    }

    pub fn entries(&self, member: MemberId) -> Vec<LedgerEntry> {
        let all = self.read(|tx| ledger::list_of_member(tx, member));
        all.into_iter().map(|stored| stored.entry).collect()
    }

    /// What a remote last told of a member's balance.
    pub fn told(&self, member: MemberId) -> Option<i64> {
        self.read(|tx| balance::find_told(tx, self.remote, member)).map(|told| told.amount.minor)
    }

    /// Says of money in doubt that the remote has it.
    pub fn confirm_there(&self) {
        let (parked, stamp) = (self.parked().remove(0), self.stamp());
        self.write(move |tx| outbox::confirm_there(tx, parked.id, stamp));
    }

    /// Another shop of this till that is kept in step with the same remote.
    pub fn add_shop(&self, code: &str) -> LocationId {
        let (id, remote) = (LocationId::mint(self.clock.now(), rand::random()), self.remote);
        let first = self.read(|tx| locations::get(tx, self.shop));
        let location = Location { code: code.to_owned(), ..first.location };
        let stored = StoredLocation {
            id,
            location: location.clone(),
            remote_id: Some(remote),
            pos_id: code.to_owned(),
            is_ours: true,
            allowance: Allowance::NONE,
        };
        self.write(move |tx| locations::insert(tx, &stored));
        self.record(Change::LocationAdded { location_id: id, location });
        id
    }

    pub fn join(&self, member: MemberId, location_id: LocationId) {
        let member_since = "2026-11-24".parse().expect("a day");
        self.record(Change::MembershipAdded { member_id: member, location_id, member_since, terms: Document::new() });
    }

    pub fn remove(&self, member: MemberId) {
        let reason = "asked for it".to_owned();
        self.record(Change::MemberRemoved { member_id: member, reason, seen_version: None });
    }

    /// Gives up what waits for a person first.
    pub fn give_up_first(&self) {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let parked = open.into_iter().find(|queued| queued.state == ChangeState::Parked).expect("one is parked");
        let stamp = self.stamp();
        self.write(move |tx| outbox::discard(tx, parked.id, "not now", stamp));
    }

    /// Tries again what waits for a person first.
    pub fn retry_first(&self) {
        let parked = self.parked().into_iter().next().expect("one is parked");
        let stamp = self.stamp();
        self.write(move |tx| outbox::retry(tx, parked.id, new_change(), stamp));
    }

    /// One request never leaves: the one after so many others.
    pub fn pull_the_plug_after(&self, requests: usize) {
        self.plug.leave.store(i64::try_from(requests).expect("small"), Ordering::SeqCst);
    }

    /// How many requests never left, where the plug was pulled.
    pub fn never_left(&self) -> usize {
        usize::from(self.plug.leave.load(Ordering::SeqCst) < 0)
    }

    /// Lets the next exchange go through the remote although it is not time yet, as when a person asks.
    pub fn hurry(&self) {
        block_on(self.engine.hurry(self.remote)).expect("written");
    }

    pub fn document(&self, member: MemberId) -> Document {
        self.read(|tx| members::find(tx, member)).expect("a member").document
    }

    pub fn terms(&self, member: MemberId) -> Document {
        let all = self.read(|tx| members::list_memberships(tx, member));
        all.into_iter().find(|at| at.location_id == self.shop).map(|at| at.terms).unwrap_or_default()
    }

    pub fn exchange(&self) -> Tally {
        let mut exchange = Exchange::new(true);
        block_on(async {
            for _ in 0..2_000 {
                let step = self.engine.step(&self.connector, &mut exchange).await.expect("stepped");
                if step != Step::Worked {
                    return exchange.tally;
                }
            }
            panic!("the exchange never ends");
        })
    }

    /// Exchanges until nothing waits but what waits for a person, and once more for what came meanwhile.
    pub fn settle(&self) {
        for _ in 0..20 {
            self.clock.forward(LATER);
            let tally = self.exchange();
            if self.waiting().is_empty() && tally.trouble.is_none() {
                self.clock.forward(LATER);
                self.exchange();
                return;
            }
        }
        panic!("it never settles: {:?}", self.open());
    }

    pub fn ask(&self, text: &str) -> Vec<MemberId> {
        let (asked_at, found) = self.find(text);
        self.take_in(asked_at, found)
    }

    /// What a question at the counter brings, and when it was asked.
    pub fn find(&self, text: &str) -> (Timestamp, Vec<PulledPart>) {
        let country = "VN".parse().ok();
        let asked = Asked {
            text: text.to_owned(),
            phones: regulars_domain::phone::spellings(text, None, country),
            pos_id: "KM".to_owned(),
            timeout: Duration::from_secs(120),
        };
        let asked_at = self.clock.now();
        (asked_at, block_on(self.connector.find(&asked)).expect("an answer"))
    }

    pub fn take_in(&self, asked_at: Timestamp, found: Vec<PulledPart>) -> Vec<MemberId> {
        block_on(self.engine.take_in(self.remote, asked_at, found)).expect("taken in")
    }

    /// What is still to be sent, in words; what waits for a person apart.
    pub fn open(&self) -> Vec<String> {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        let said = |queued: outbox::QueuedChange| {
            let problem = queued.problem.map(|problem| problem.code).unwrap_or_default();
            format!("{} {} {problem}", queued.change.verb(), queued.state.name()).trim().to_owned()
        };
        open.into_iter().map(said).collect()
    }

    fn waiting(&self) -> Vec<ChangeState> {
        let open = self.read(|tx| outbox::list_open(tx, 100)).into_iter().filter(|queued| queued.remote_id.is_some());
        open.map(|queued| queued.state).filter(|state| *state != ChangeState::Parked).collect()
    }

    pub fn parked(&self) -> Vec<outbox::QueuedChange> {
        let open = self.read(|tx| outbox::list_open(tx, 100));
        open.into_iter().filter(|queued| queued.state == ChangeState::Parked).collect()
    }

    /// Everybody of the shop who is here: the last digits of the number, name and email.
    pub fn people(&self) -> Vec<(String, String, String)> {
        let ids = self.read(|tx| members::list_ids(tx));
        let mut people = Vec::new();
        for id in ids {
            let Some(stored) = self.read(|tx| members::find(tx, id)).filter(|stored| stored.deleted_at.is_none())
            else {
                continue;
            };
            let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
            let phone = text(stored.document.get("phone").and_then(|phone| phone.get("typed")));
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let name = text(stored.document.get("name").and_then(|name| name.get("full")));
            people.push((
                digits[digits.len().saturating_sub(9)..].to_owned(),
                name,
                text(stored.document.get("email")),
            ));
        }
        people.sort();
        people
    }

    pub fn quarantined(&self) -> i64 {
        self.read(|tx| pull::count_quarantined(tx))
    }

    /// How many things in the file are not as they must be.
    pub fn findings(&self) -> usize {
        self.read(|tx| regulars_store::check(tx)).len()
    }

    pub fn connect_again<S: Shop>(&mut self, settings: Value, secret: &str) {
        let remote = self.read(|tx| remotes::get(tx, self.remote));
        let remote = Remote { settings: settings.as_object().cloned().expect("an object"), ..remote };
        let _kind = S::KIND;
        (self.connector, self.plug) = connect(&remote, secret, self.till_id);
    }
}

fn connect(remote: &Remote, secret: &str, till_id: TillId) -> (Arc<dyn Connector>, Arc<Plug>) {
    let speaker = Speaker { till_id, till_name: "Till".to_owned() };
    let zone: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
    let shop = At { pos_id: "KM".to_owned(), zone, currency: "VND".parse().expect("a currency") };
    let line = connectors::transport(remote).expect("a line");
    let plug = Arc::new(Plug { line, leave: AtomicI64::new(-1) });
    let over: Arc<dyn Transport> = plug.clone();
    let timeout = Duration::from_secs(120);
    (connectors::over(remote, secret, speaker, &[shop], timeout, over).expect("a connector"), plug)
}

fn new_change() -> ChangeId {
    ChangeId::mint(Timestamp::from_millis(1_790_000_000_000), rand::random())
}
