//! A server and its tills, for the stories of this folder.

use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass, Tender};
use regulars_domain::location::Location;
use regulars_domain::percent::Percent;
use regulars_domain::sale::{Visit, VisitKind};
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Date, EntryId, Incarnation, LocationId, MemberId, Money, TillId, Timestamp,
    VisitId,
};
use regulars_head_office::access::{TokenFor, make_token};
use regulars_head_office::storage::{Rows, Scope, Storage};
use regulars_head_office::{DialectSettings, HeadOffice, Limits, SqliteStorage, router};
use regulars_protocol::authorise::{AuthoriseRequest, AuthoriseResponse};
use regulars_protocol::error::ErrorBody;
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::{Change, ChangeBody, Entry, Outcome, PushRequest, PushResponse, VisitItem};
use regulars_protocol::{VERSION, VERSION_HEADER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// 2026-11-24T08:00:00Z.
pub const MORNING: i64 = 1_795_507_200_000;

/// A server with the shops KM (VND), BA and LY (EUR).
pub struct Server {
    pub base: String,
    pub storage: Arc<SqliteStorage>,
    pub head_office: HeadOffice,
    clock: Arc<AtomicI64>,
    directory: TempDir,
}

/// What tests may ask for: as much as they like.
pub fn no_limits() -> Limits {
    Limits { requests_a_second: NonZeroU32::MAX, burst: NonZeroU32::MAX, ..Limits::default() }
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(no_limits(), |storage| storage).await
    }

    /// A server with other limits, whose database is seen through `wrap`.
    pub async fn start_with(limits: Limits, wrap: impl FnOnce(Arc<dyn Storage>) -> Arc<dyn Storage>) -> Self {
        Self::start_as(limits, DialectSettings::default(), wrap).await
    }

    /// A server whose dialects have these settings.
    pub async fn start_set(settings: &[&str]) -> Self {
        let mut dialects = DialectSettings::default();
        for setting in settings {
            dialects.set(setting).unwrap();
        }
        Self::start_as(no_limits(), dialects, |storage| storage).await
    }

    async fn start_as(
        limits: Limits,
        dialects: DialectSettings,
        wrap: impl FnOnce(Arc<dyn Storage>) -> Arc<dyn Storage>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let storage = Arc::new(SqliteStorage::open(&directory.path().join("head-office.db")).unwrap());
        let clock = Arc::new(AtomicI64::new(MORNING));
        let reading = Arc::clone(&clock);
        let wall_clock = Arc::new(move || Timestamp::from_millis(reading.load(Ordering::SeqCst)));
        let head_office =
            HeadOffice::with_settings(wrap(Arc::clone(&storage) as Arc<dyn Storage>), wall_clock, limits, dialects);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let service = router(head_office.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let server = Self { base, storage, head_office, clock, directory };
        for (code, country, currency) in [("KM", "VN", "VND"), ("BA", "SK", "EUR"), ("LY", "FR", "EUR")] {
            server.write(|rows| {
                let version = rows.next_version()?;
                rows.insert_location(&location(code, country, currency), version)
            });
        }
        server
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("head-office.db")
    }

    pub fn write<T>(
        &self,
        mut work: impl FnMut(&mut dyn Rows) -> Result<T, regulars_head_office::error::HeadOfficeError>,
    ) -> T {
        let mut answer = None;
        self.storage
            .write(&mut |rows| {
                answer = Some(work(rows)?);
                Ok(())
            })
            .unwrap();
        answer.unwrap()
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::SeqCst))
    }

    pub fn pass(&self, time: Duration) {
        self.clock.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn set_back(&self, time: Duration) {
        self.clock.fetch_sub(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn token(&self, kind: &str, locations: &[&str]) -> String {
        self.token_with(kind, locations, &[])
    }

    pub fn token_with(&self, kind: &str, locations: &[&str], rights: &[&str]) -> String {
        let scope = if locations.is_empty() {
            Scope::All
        } else {
            Scope::Locations(locations.iter().map(|code| (*code).to_owned()).collect())
        };
        let wanted =
            TokenFor { kind: kind.to_owned(), scope, rights: rights.iter().map(|right| (*right).to_owned()).collect() };
        let at = self.now();
        self.write(|rows| make_token(rows, &wanted, at))
    }

    /// A till whose token is limited to these shops; to none, for all.
    pub fn till(&self, locations: &[&str]) -> Till {
        Till {
            base: self.base.clone(),
            token: self.token("till", locations),
            till_id: fresh(TillId::mint),
            incarnation: fresh(Incarnation::mint),
            numbers: AtomicI64::new(0),
            client: Client::new(),
        }
    }
}

/// A till that says what it is told to say.
pub struct Till {
    pub base: String,
    pub token: String,
    pub till_id: TillId,
    pub incarnation: Incarnation,
    numbers: AtomicI64,
    client: Client,
}

impl Till {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token)
            .header(VERSION_HEADER, VERSION)
    }

    pub fn change(&self, body: ChangeBody) -> Change {
        Change {
            id: fresh(ChangeId::mint),
            incarnation: self.incarnation,
            number: self.numbers.fetch_add(1, Ordering::SeqCst) + 1,
            made_at: Timestamp::from_millis(MORNING),
            staff_id: None,
            body,
        }
    }

    pub async fn send(&self, changes: &[Change]) -> Response {
        let till_name = "till of a test".to_owned();
        let request =
            PushRequest { till_id: self.till_id, till_name, at: None, known: None, changes: changes.to_vec() };
        self.request(Method::POST, "/v1/push").json(&request).send().await.unwrap()
    }

    pub async fn push(&self, changes: &[Change]) -> PushResponse {
        read(self.send(changes).await, StatusCode::OK).await
    }

    /// Pushes new changes; all of them must be applied.
    pub async fn apply(&self, bodies: Vec<ChangeBody>) -> PushResponse {
        let changes: Vec<Change> = bodies.into_iter().map(|body| self.change(body)).collect();
        let response = self.push(&changes).await;
        let outcomes: Vec<_> = response.results.iter().map(|result| (result.outcome, &result.problem)).collect();
        assert!(outcomes.iter().all(|(outcome, _)| *outcome == Outcome::Applied), "{outcomes:?}");
        response
    }

    /// Pushes one new change, which must be rejected or conflict: its code, or the fields.
    pub async fn refused(&self, body: ChangeBody) -> String {
        let response = self.push(&[self.change(body)]).await;
        let result = &response.results[0];
        match (result.outcome, &result.problem) {
            (Outcome::Rejected, Some(problem)) => problem.code.clone(),
            (Outcome::Conflict, None) => result.fields.join(", "),
            other => panic!("{other:?}"),
        }
    }

    pub async fn send_pull(&self, epoch: Option<&str>, after: i64, limit: u32) -> Response {
        let mut request = self.request(Method::GET, "/v1/pull");
        request = request.query(&[("after", after.to_string()), ("limit", limit.to_string())]);
        if let Some(epoch) = epoch {
            request = request.query(&[("epoch", epoch)]);
        }
        request.send().await.unwrap()
    }

    pub async fn pull(&self, after: i64, limit: u32) -> PullResponse {
        read(self.send_pull(None, after, limit).await, StatusCode::OK).await
    }

    pub async fn send_question(&self, request: &AuthoriseRequest) -> Response {
        self.request(Method::POST, "/v1/authorisations").json(request).send().await.unwrap()
    }

    pub async fn ask(&self, request: &AuthoriseRequest) -> AuthoriseResponse {
        read(self.send_question(request).await, StatusCode::OK).await
    }

    pub fn question(&self, member_id: MemberId, minor: i64) -> AuthoriseRequest {
        AuthoriseRequest {
            id: fresh(AuthorisationId::mint),
            till_id: self.till_id,
            member_id,
            issuer: "default".to_owned(),
            amount: dong(minor),
            location: "KM".to_owned(),
            hold_seconds: 120,
        }
    }

    pub async fn release(&self, id: AuthorisationId) {
        let response = self.request(Method::DELETE, &format!("/v1/authorisations/{id}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }

    pub fn entry(&self, member_id: MemberId, kind: EntryKind, minor: i64) -> Entry {
        let amount = dong(minor);
        Entry {
            id: fresh(EntryId::mint),
            account_id: AccountId::of(member_id, "default", amount.currency),
            member_id,
            issuer: "default".to_owned(),
            kind,
            lot_class: LotClass::Prepaid,
            amount,
            location: "KM".to_owned(),
            till_id: self.till_id,
            staff_id: None,
            business_date: day(),
            at: Timestamp::from_millis(MORNING),
            receipt: None,
            tender: (kind == EntryKind::TopUp).then_some(Tender::Cash),
            reason: (kind == EntryKind::Adjust).then(|| "counted anew".to_owned()),
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        }
    }
}

impl Till {
    /// A bill of a member in Kim Ma, paid without credit.
    pub fn visit(&self, member_id: MemberId, bill: i64) -> VisitItem {
        let (bill, nothing) = (dong(bill), dong(0));
        let visit = Visit {
            id: fresh(VisitId::mint),
            member_id,
            location_id: fresh(LocationId::mint),
            till_id: self.till_id,
            staff_id: None,
            at: Timestamp::from_millis(MORNING),
            business_date: day(),
            kind: VisitKind::Sale,
            source_visit_id: None,
            receipt: Some("2026-11-24-0001".to_owned()),
            bill,
            discount_percent: Percent::ZERO,
            discount: nothing,
            credit_used: nothing,
            left_to_collect: bill,
            earn_percent: Percent::ZERO,
            earn_base: bill,
            earned: nothing,
        };
        VisitItem { location: "KM".to_owned(), visit }
    }
}

/// The answer, which must have that status.
pub async fn read<T: DeserializeOwned>(response: Response, expected: StatusCode) -> T {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, expected, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A refusal, which must have that status and code, and a body that says so.
pub async fn refused(response: Response, status: StatusCode, code: &str) {
    let is_json = response.headers().get("content-type").is_some_and(|value| value == "application/json");
    assert!(is_json, "{:?}", response.headers());
    let body: ErrorBody = read(response, status).await;
    assert_eq!(body.code, code);
    assert!(!body.message.is_empty());
}

/// An id that no other has: the count of all ids of this run.
pub fn fresh<T>(mint: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&COUNT.fetch_add(1, Ordering::SeqCst).to_be_bytes());
    mint(Timestamp::from_millis(MORNING), bytes)
}

pub fn location(code: &str, country: &str, currency: &str) -> Location {
    Location {
        code: code.to_owned(),
        name: format!("shop {code}"),
        country: country.to_owned(),
        currency: currency.parse().unwrap(),
        time_zone: "UTC".to_owned(),
        issuer: "default".to_owned(),
    }
}

pub fn day() -> Date {
    Date::new(2026, 11, 24).unwrap()
}

pub fn dong(minor: i64) -> Money {
    Money::new(minor, "VND".parse().unwrap())
}

pub fn document(name: &str) -> Document {
    json!({ "name": { "full": name } }).as_object().cloned().expect("an object")
}

pub fn member_added(member_id: MemberId, name: &str, location: &str) -> ChangeBody {
    let (document, location) = (document(name), location.to_owned());
    ChangeBody::MemberAdded { member_id, document, location, member_since: day(), terms: Document::new() }
}

/// The member with a change of their document, from the one before to the one after.
pub fn edited(member_id: MemberId, before: &Document, after: &Document) -> ChangeBody {
    ChangeBody::MemberEdited { member_id, edit: Edit::between(before, after) }
}

/// A document, or terms, with these fields.
pub fn with(mut document: Document, field: &str, value: serde_json::Value) -> Document {
    document.insert(field.to_owned(), value);
    document
}

pub fn member_edited(member_id: MemberId, before: &str, after: &str) -> ChangeBody {
    ChangeBody::MemberEdited { member_id, edit: Edit::between(&document(before), &document(after)) }
}

pub fn membership_added(member_id: MemberId, location: &str) -> ChangeBody {
    let (location, terms) = (location.to_owned(), Document::new());
    ChangeBody::MembershipAdded { member_id, location, member_since: day(), terms }
}

pub fn name_in(document: &str) -> String {
    let document: Document = serde_json::from_str(document).unwrap();
    document["name"]["full"].as_str().unwrap().to_owned()
}

/// The members' names, the entries' amounts and the visits' bills of a page, in order.
pub fn told(page: &PullResponse) -> Vec<String> {
    page.rows
        .iter()
        .map(|row| match row {
            PullRow::Member(member) if member.is_deleted => "gone".to_owned(),
            PullRow::Member(member) => name_in(member.document.get()),
            PullRow::Entry(entry) => entry.entry.amount.to_string(),
            PullRow::Visit(row) => format!("bill of {}", row.visit.visit.bill),
        })
        .collect()
}

pub fn version_of(row: &PullRow) -> i64 {
    match row {
        PullRow::Member(member) => member.version,
        PullRow::Entry(entry) => entry.version,
        PullRow::Visit(visit) => visit.version,
    }
}
