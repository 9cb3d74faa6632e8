//! The five dialects, as their own clients speak them: the pages' own samples, every failure that they document, and what
//! tills hear of it.

mod crmx;
mod lossless;
mod lumyri;
mod portos;
mod stancer;
mod stancer_sdk;
mod valomnia;

use crate::till::{Server, Till};
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use regulars_protocol::pull::{MemberItem, PullRow};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Somebody who speaks a dialect.
pub struct Caller {
    base: String,
    pub token: String,
    client: Client,
}

impl Server {
    /// Somebody with a token of a dialect for these shops; for none, all.
    pub fn caller(&self, dialect: &str, locations: &[&str], rights: &[&str]) -> Caller {
        let token = self.token_with(dialect, locations, rights);
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Caller { base: format!("{}/{dialect}", self.base), token, client }
    }
}

impl Caller {
    /// A request without a word of who asks.
    pub fn stranger(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.stranger(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path).json(body)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    pub async fn read(response: Response) -> Self {
        let status = response.status();
        let text = response.text().await.unwrap();
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        Self { status, body }
    }

    /// The body, where the status is that.
    pub fn with(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

/// The members that a till knows now.
pub async fn members(till: &Till) -> Vec<MemberItem> {
    let rows = till.pull(0, 1_000).await.rows.into_iter();
    rows.filter_map(|row| match row {
        PullRow::Member(member) if !member.is_deleted => Some(member),
        PullRow::Member(_) | PullRow::Entry(_) | PullRow::Visit(_) => None,
    })
    .collect()
}

/// The only member that a till knows: who, and what is known of them.
pub async fn only_member(till: &Till) -> (MemberId, Document) {
    let found = members(till).await;
    assert_eq!(found.len(), 1);
    (found[0].id, serde_json::from_str(found[0].document.get()).unwrap())
}

/// Bodies that no dialect can read as JSON of an object.
pub fn broken_bodies() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        b"{".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{\"name\": \"\xff\"}".to_vec(),
        b"[]".to_vec(),
        b"\"x\"".to_vec(),
        b"null".to_vec(),
        "[".repeat(200_000).into_bytes(),
    ]
}
