//! Our own head office, which answers in the five APIs over the same members: as one system of all five, and as the
//! system of one of them with somebody else who works there.

use super::server::{Answer, Asked, System};
use super::systems::{Shop, digits};
use crate::in_process::{START, block_on, serve, shop, token};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use regulars_domain::edit::{Document, Edit};
use regulars_domain::{ChangeId, Incarnation, MemberId, TillId, Timestamp};
use regulars_head_office::SqliteStorage;
use regulars_head_office::storage::{MemberQuery, Scope, Storage};
use regulars_protocol::push::{Change, ChangeBody, Outcome, PushRequest, PushResponse};
use serde_json::{Value, json};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

/// The headers of an answer that connectors read.
const TOLD: [&str; 4] = ["content-type", "location", "retry-after", "set-cookie"];
/// More members than any day here has.
const MANY: i64 = 10_000;

/// Head office. Each request finds it a second later.
pub struct Office {
    storage: Arc<SqliteStorage>,
    router: Router,
    clock: Arc<AtomicI64>,
    /// Somebody who is connected with it by its own protocol, and how many changes they made.
    till: (TillId, Incarnation, i64),
    till_token: String,
    _folder: TempDir,
}

impl Office {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Arc::new(SqliteStorage::open(&folder.path().join("head-office.db")).expect("a database"));
        storage
            .write(&mut |rows| {
                let version = rows.next_version()?;
                rows.insert_location(&shop(), version)
            })
            .expect("a shop");
        let at = Timestamp::from_millis(START);
        let till = (TillId::mint(at, rand::random()), Incarnation::mint(at, rand::random()), 0);
        let till_token = token(&storage, "till", Scope::All, &[]);
        let clock = Arc::new(AtomicI64::new(START));
        let router = serve(Arc::clone(&storage), &clock);
        Self { storage, router, clock, till, till_token, _folder: folder }
    }

    /// What a client of that API signs in with.
    pub fn token(&self, kind: &str) -> String {
        let rights: &[&str] = if kind == "portos" { &["admin"] } else { &[] };
        token(&self.storage, kind, Scope::Locations([shop().code].into()), rights)
    }

    /// Answers what was asked below that path.
    fn answer_below(&self, path: &str, asked: &Asked) -> Answer {
        let mut request = Request::builder().method(asked.method.as_str()).uri(format!("{path}{}", asked.target));
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        self.ask(request.body(Body::from(asked.body.clone())).expect("a request"))
    }

    fn ask(&self, request: Request<Body>) -> Answer {
        self.clock.fetch_add(1_000, Ordering::Relaxed);
        block_on(async {
            let answer = self.router.clone().oneshot(request).await.expect("an answer");
            let told = |name: &'static str| {
                let value = answer.headers().get(name)?.to_str().ok()?.to_owned();
                Some((name, value))
            };
            let (status, headers) = (answer.status().as_u16(), TOLD.into_iter().filter_map(told).collect());
            let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
            Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
        })
    }

    /// Somebody else changes something, by head office's own protocol.
    fn change(&mut self, body: ChangeBody) {
        let at = Timestamp::from_millis(self.clock.load(Ordering::Relaxed));
        self.till.2 += 1;
        let (till_id, incarnation, number) = self.till;
        let id = ChangeId::mint(at, rand::random());
        let changes = vec![Change { id, incarnation, number, made_at: at, staff_id: None, body }];
        let batch = PushRequest { till_id, till_name: "Elsewhere".to_owned(), at: Some(at), known: None, changes };
        let request = Request::post("/v1/push")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.till_token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(regulars_protocol::VERSION_HEADER, regulars_protocol::VERSION);
        let request = request.body(Body::from(serde_json::to_vec(&batch).expect("JSON"))).expect("a request");
        let answer = self.ask(request);
        let answer: PushResponse = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body));
        assert!(answer.results.iter().all(|result| result.outcome == Outcome::Applied), "{:?}", answer.results);
    }

    /// The labels of the catalogue, with their colours.
    pub fn labels(&self) -> Vec<(String, Option<String>)> {
        let mut labels = Vec::new();
        self.storage
            .read(&mut |rows| {
                labels = rows.list_labels(0)?.into_iter().map(|label| (label.name, label.color)).collect();
                Ok(())
            })
            .expect("read");
        labels
    }

    /// Everybody who is there.
    fn members(&self) -> Vec<(MemberId, Document)> {
        let mut members = Vec::new();
        self.storage
            .read(&mut |rows| {
                let listed = rows.list_members(&MemberQuery::of(Scope::All, MANY))?;
                members = listed
                    .into_iter()
                    .map(|one| (one.id, serde_json::from_str(&one.document).expect("JSON")))
                    .collect();
                Ok(())
            })
            .expect("read");
        members
    }

    fn members_of(&self, phone: &str) -> Vec<(MemberId, Document)> {
        let mut members = self.members();
        members.retain(|(_, document)| digits(&text(document, &["phone", "typed"])) == digits(phone));
        members
    }

    fn edit(&mut self, phone: &str, field: &str, value: &Value) {
        for (member_id, before) in self.members_of(phone) {
            let mut after = before.clone();
            after.insert(field.to_owned(), value.clone());
            self.change(ChangeBody::MemberEdited { member_id, edit: Edit::between(&before, &after) });
        }
    }
}

impl System for Office {
    fn answer(&mut self, asked: &Asked) -> Answer {
        self.answer_below("", asked)
    }
}

fn text(document: &Document, path: &[&str]) -> String {
    let value =
        path.iter().try_fold(&json!(document), |value, key| value.get(*key)).and_then(Value::as_str).map(str::to_owned);
    value.unwrap_or_default()
}

fn name(given: &str, family: &str) -> Value {
    json!({ "full": format!("{given} {family}"), "given": given, "family": family })
}

/// The API of one of the systems, as head office answers in it: `S` is that system as its page has it.
pub struct Dialect<S> {
    office: Office,
    secret: String,
    refused: Option<String>,
    like: PhantomData<fn() -> S>,
}

impl<S: Shop> Default for Dialect<S> {
    fn default() -> Self {
        let office = Office::open();
        let secret = office.token(S::KIND);
        Self { office, secret, refused: None, like: PhantomData }
    }
}

impl<S: Shop> System for Dialect<S> {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let body = String::from_utf8_lossy(&asked.body);
        match &self.refused {
            Some(refused) if asked.is_write() && body.contains(refused) => S::refusal(),
            Some(_) | None => self.office.answer_below(&format!("/{}", S::KIND), asked),
        }
    }
}

impl<S: Shop> Shop for Dialect<S> {
    const KIND: &'static str = S::KIND;
    fn secret(&self) -> String {
        self.secret.clone()
    }
    fn settings() -> Value {
        S::settings()
    }
    fn is_blind() -> bool {
        S::is_blind()
    }
    fn can_delete() -> bool {
        S::can_delete()
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let said = |(_, document): (MemberId, Document)| {
            let phone = digits(&text(&document, &["phone", "typed"]));
            (phone, text(&document, &["name", "full"]), text(&document, &["email"]))
        };
        self.office.members().into_iter().map(said).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        self.office.edit(phone, "email", &json!(email));
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        self.office.edit(phone, "name", &name(given, family));
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        let e164 = format!("+84{}", phone.trim_start_matches('0'));
        let document =
            json!({ "name": name(given, family), "phone": { "typed": phone, "e164": e164 }, "email": email });
        self.office.change(ChangeBody::MemberAdded {
            member_id: MemberId::mint(Timestamp::from_millis(START), rand::random()),
            document: document.as_object().cloned().expect("an object"),
            location: shop().code,
            member_since: "2026-11-24".parse().expect("a day"),
            terms: Document::new(),
        });
    }
    fn take_away(&mut self, phone: &str) {
        for (member_id, _) in self.office.members_of(phone) {
            let reason = "asked for it".to_owned();
            self.office.change(ChangeBody::MemberRemoved { member_id, reason, seen_version: None });
        }
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        S::unauthorised()
    }
    fn refusal() -> Answer {
        S::refusal()
    }
    fn is_registration(asked: &Asked) -> bool {
        S::is_registration(asked)
    }
    fn is_edit(asked: &Asked) -> bool {
        S::is_edit(asked)
    }
}
