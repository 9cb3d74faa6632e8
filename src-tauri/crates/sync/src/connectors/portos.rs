//! The connector to Portos (Nine Digit), an on-premises server in the shop.
//!
//! A registration is a `PUT` under a key that this till chose, with our id as `externalId`: sent again it is the same
//! member. An edit is the whole of the member as it was read a moment before, with our fields over it and its `_v`, so
//! that whoever was faster makes Portos refuse it (errorCode 6, under whatever status), and it is made anew. Choices where
//! the page is silent or contradicts itself:
//!
//! - `path_prefix` stands before `/customers` and `/auth`. Where none is set they are at `/customers` and `/api/auth`, as
//!   the page has them.
//! - Of the operators of NData only a bare value is sent, and what comes back is compared again here.
//! - A card without machinery is told as `G` (general).
//! - Credit and its transactions go back as they were read, to the byte, in every write but those of credit. Money of this
//!   till stays at this till until a trial has proved that it can be added there (`credit`): the page has no element of
//!   `creditTransactions`, and its `currencyLabel` is `null`.
//! - The trial makes a test member of its own, never uses one of the shop's, and deletes it.
//! - Gender is told in any letters; what is neither `Male` nor `Female` is kept as `other` and never written back.

mod auth;
mod credit;
mod nws4;
mod words;

use super::rest::{Api, Book, Booked, Created, Http, New, Own, Page, Rest, Updated, members, rows_in};
use super::{Line, Setting};
use crate::capabilities::{Capabilities, Create, Credit, Find, Pace, Pull, Resend, Search};
use crate::connector::{Asked, Connector, Next, Seen, SweepFrom};
use crate::credit::{Guards, Proof, Trial, Tried, proof_in};
use crate::transport::{Method, Response};
use crate::trouble::{Cure, Effect, Trouble, problem};
use async_trait::async_trait;
use auth::{Auth, Door};
use nws4::encode;
use regulars_store::outbox::Claimed;
use regulars_store::remotes::Problem;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use words::{HOMES, PortosWords, write};

/// The kind of this remote.
pub const KIND: &str = "portos";
/// What it can be searched by.
pub(super) const FIND: Find = Find { phone: Search::No, card: Search::Yes, text: Search::Perhaps };
/// Setting: what stands before `/customers`.
pub const PATH_PREFIX: &str = "path_prefix";
/// Members on a page.
const PAGE: i64 = 100;

/// What it is set up with.
pub(super) const SETTINGS: [Setting; 5] = [
    Setting::chosen(auth::AUTH, &["bearer", "jwt", "nws4"]),
    Setting::with("user_name", (auth::AUTH, "jwt")),
    Setting::with("device_name", (auth::AUTH, "jwt")),
    Setting::with("public_key", (auth::AUTH, "nws4")),
    Setting::typed(PATH_PREFIX, false),
];
/// Its rights, and what each is needed for.
const RIGHTS: [(&str, &str); 5] = [
    ("CustomerCreate", "register"),
    ("CustomerUpdate", "change"),
    ("CustomerDelete", "delete"),
    ("CustomerSetDiscount", "set_discount"),
    ("CustomerSetCredit", "set_credit"),
];
/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: 1,
    max_bytes: usize::MAX,
    resend: Resend::LooksFirst,
    pull: Pull::BySweep(Pace::PAGES),
    credit: Credit::Balance,
    takes_back: false,
    find: FIND,
    create: Create { chooses_id: true, is_idempotent: true, needs: &["name"] },
    partial_update: false,
    version_check: true,
    delete: true,
    sees_deletions: true,
    homes: Some(&HOMES),
    has_checksums: false,
    names_shops: false,
};

#[cfg(test)]
pub(super) fn words() -> Box<dyn super::rest::Words> {
    Box::new(PortosWords { zone: regulars_domain::time::TimeZoneName::UTC, proof: None, place: String::new() })
}

pub(super) fn connect(line: Line) -> Result<Arc<dyn Connector>, Problem> {
    let prefix =
        line.settings.get(PATH_PREFIX).and_then(Value::as_str).unwrap_or_default().trim_matches('/').to_owned();
    let (prefix, auth_prefix) = if prefix.is_empty() {
        (String::new(), "/api".to_owned())
    } else {
        (format!("/{prefix}"), format!("/{prefix}"))
    };
    let auth = Auth::of(&line.settings, line.secret)?;
    let door = Door { http: Http::new(line.transport, line.timeout, own), auth, base: line.base, auth_prefix };
    let (proof, place) = (proof_in(&line.settings), line.scope.clone());
    let words = PortosWords { zone: line.zone, proof: proof.clone().filter(|proof| proof.is_on), place: place.clone() };
    let api = Portos { door, customers: format!("{prefix}/customers"), proof, place };
    let words = Arc::new(words);
    Ok(Arc::new(Rest::new(line.remote_id, api, words, line.scope)))
}

struct Portos {
    door: Door,
    customers: String,
    /// What was proved of its credit.
    proof: Option<Proof>,
    /// What tells its members from another's.
    place: String,
}

fn code_in(body: &Value) -> Option<i64> {
    body.get("errorCode")?.as_i64()
}

/// RFC 7807 with a code.
fn own(body: &Value) -> Option<Own> {
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let first = body.get("errors").and_then(Value::as_array).and_then(|errors| errors.first());
    let of_field = first.and_then(|error| error.get("message")).and_then(Value::as_str).map(str::to_owned);
    let message = of_field.or_else(|| text("detail")).or_else(|| text("title"))?;
    let field = first.and_then(|error| error.get("memberName")).and_then(Value::as_str).map(str::to_owned);
    let (code, cure) = match code_in(body) {
        Some(1) => ("token_refused", Some(Cure::LogInAgain)),
        // A right that this one change needs: others go on.
        Some(2) => ("right_missing", Some(Cure::SendLess)),
        Some(3) => ("refused", Some(Cure::SendLess)),
        Some(4) => ("license_expired", Some(Cure::LogInAgain)),
        Some(5) => ("locked", Some(Cure::RetryAlone)),
        Some(_) | None => ("refused", None),
    };
    Some(Own { problem: Problem { field, ..problem(code, message) }, cure })
}

impl Portos {
    fn path(&self, key: &str) -> String {
        format!("{}/{}", self.customers, encode(key))
    }

    async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Response, Trouble> {
        self.door.send(self.door.http.timeout, method, path, body).await
    }

    async fn list(&self, timeout: Duration, filter: &str) -> Result<Value, Trouble> {
        let path = format!("{}?{filter}", self.customers);
        let response = self.door.send(timeout, Method::Get, &path, None).await?;
        self.door.http.json(&response, Effect::None)
    }

    async fn put(&self, key: &str, body: Vec<u8>) -> Result<Put, Trouble> {
        let response = self.send(Method::Put, &self.path(key), Some(body)).await?;
        if (400..500).contains(&response.status) {
            let said: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
            if code_in(&said) == Some(6) {
                return Ok(Put::Moved);
            }
        }
        if response.status == 204 || ((200..300).contains(&response.status) && response.body.is_empty()) {
            return Ok(Put::Silent);
        }
        self.door.http.json(&response, Effect::Unknown).map(Put::Done)
    }
}

enum Put {
    Done(Value),
    Silent,
    Moved,
}

#[async_trait]
impl Api for Portos {
    fn capabilities(&self) -> Capabilities {
        let is_on = self.proof.as_ref().is_some_and(|proof| proof.is_on);
        Capabilities { credit: if is_on { CAPABILITIES.credit } else { Credit::Here }, ..CAPABILITIES }
    }

    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble> {
        let response = self.send(Method::Get, &self.path(key), None).await?;
        if self.door.http.says(&response, 404) {
            return Ok(None);
        }
        self.door.http.json(&response, Effect::None).map(Some)
    }

    fn looks_before_creating(&self) -> bool {
        true
    }

    async fn probe(&self, new: &New) -> Result<Vec<Value>, Trouble> {
        let key = new.key.clone().unwrap_or_default();
        if let Some(there) = self.read(&key).await? {
            return Ok(vec![there]);
        }
        let ours = new.member_id.to_string();
        let answer = self.list(self.door.http.timeout, &format!("ExternalId={}&$take=10", encode(&ours))).await?;
        let is_ours = |row: &Value| row.get("externalId").and_then(Value::as_str) == Some(&ours);
        Ok(rows_in(&answer, "items")?.into_iter().filter(is_ours).collect())
    }

    fn is_stranger(&self, new: &New, there: &Value) -> Option<Problem> {
        let id = there.get("externalId").and_then(Value::as_str);
        let is_anothers = id.is_some_and(|id| id != new.member_id.to_string());
        is_anothers.then(|| problem("key_taken", "somebody else has the key at the remote that this member would get"))
    }

    async fn create(&self, new: &New) -> Result<Created, Trouble> {
        let key = new.key.clone().unwrap_or_default();
        match self.put(&key, new.body.clone().into_bytes()).await? {
            Put::Done(there) => Ok(Created::Object(there)),
            Put::Silent | Put::Moved => Ok(Created::Silent),
        }
    }

    async fn update(
        &self,
        key: &str,
        there: &Value,
        fields: &BTreeMap<String, Value>,
        _base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble> {
        let mut body = members(there);
        for (path, value) in fields {
            write(&mut body, path, value);
        }
        Ok(match self.put(key, Value::Object(body).to_string().into_bytes()).await? {
            Put::Done(now) => Updated::Object(now),
            Put::Silent => Updated::Silent,
            Put::Moved => Updated::Moved,
        })
    }

    async fn book(&self, book: &Book, claimed: &Claimed, guards: &Guards) -> Result<Booked, Trouble> {
        self.book_entries(book, claimed, guards).await
    }

    async fn try_credit(&self, trial: &Trial) -> Result<Tried, Trouble> {
        self.prove_credit(trial).await
    }

    async fn delete(&self, key: &str) -> Result<(), Trouble> {
        let response = self.send(Method::Delete, &self.path(key), None).await?;
        self.door.http.deleted(&response)
    }

    async fn page(&self, from: &SweepFrom) -> Result<Page, Trouble> {
        let skip: i64 = from.place.as_deref().and_then(|place| place.parse().ok()).unwrap_or(0);
        let answer = self.list(self.door.http.timeout, &format!("$sort=id&$skip={skip}&$take={PAGE}")).await?;
        let rows = rows_in(&answer, "items")?;
        let total = answer.get("totalCount").and_then(Value::as_i64);
        let behind = skip + i64::try_from(rows.len()).unwrap_or(0);
        let is_last = rows.is_empty() || total.is_some_and(|total| behind >= total);
        let next = if is_last { Next::Complete(None) } else { Next::Place(behind.to_string()) };
        Ok(Page { rows, next, total })
    }

    async fn search(&self, asked: &Asked) -> Result<Vec<Value>, Trouble> {
        let typed = asked.text.trim();
        // A colon or semicolon would be read as an operator.
        if !typed.contains([':', ';']) {
            let filter = format!("CardSerialNumber={}&$take={}", encode(typed), super::MAX_FOUND);
            let found = rows_in(&self.list(asked.timeout, &filter).await?, "items")?;
            let folded = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
            let has_card = |row: &Value| {
                let cards = row.get("cards").and_then(Value::as_array);
                let serial = |card: &Value| card.get("serialNumber").and_then(Value::as_str).map(folded);
                cards.is_some_and(|cards| cards.iter().any(|card| serial(card) == Some(folded(typed))))
            };
            let found: Vec<Value> = found.into_iter().filter(has_card).collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let filter = format!("Search={}&$take={}", encode(typed), super::MAX_FOUND);
        Ok(rows_in(&self.list(asked.timeout, &filter).await?, "items")?.into_iter().take(super::MAX_FOUND).collect())
    }

    async fn check(&self) -> Result<Seen, Trouble> {
        let answer = self.list(self.door.http.timeout, "$count=true").await?;
        let members = answer.get("totalCount").or_else(|| answer.get("count")).and_then(Value::as_i64);
        if members.is_none() {
            return Err(Trouble::later(
                "answer_invalid",
                "the remote does not say how many members it has",
                Effect::None,
            ));
        }
        Ok(Seen { members, pos_ids: None, clock: None, lacks: None })
    }

    /// Its own profile is no page of members, so a server that has none says nothing.
    async fn lacks(&self) -> Option<Vec<&'static str>> {
        let response = self.send(Method::Get, &format!("{}/auth", self.door.auth_prefix), None).await.ok()?;
        let profile = self.door.http.json(&response, Effect::None).ok()?;
        let named = profile.get("rights").or_else(|| profile.get("user")?.get("rights"))?.as_array()?;
        let has = |right: &str| named.iter().filter_map(Value::as_str).any(|named| named.eq_ignore_ascii_case(right));
        let is_for_credit = self.proof.as_ref().is_some_and(|proof| proof.is_on);
        let needs = RIGHTS.into_iter().filter(|(right, _)| is_for_credit || *right != "CustomerSetCredit");
        Some(needs.filter(|(right, _)| !has("admin") && !has(right)).map(|(_, what)| what).collect())
    }
}
