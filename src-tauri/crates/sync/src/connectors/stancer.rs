//! The connector to Stancer's customers (V1).
//!
//! Stancer knows somebody by an id of its own and answers the same registration twice with 409 and that id, so a
//! registration whose answer was lost is simply sent again, to the byte. One that says anything else would make a second
//! customer: what is edited meanwhile follows as an edit. Choices where the page is silent:
//!
//! - Nobody can be listed or searched: a customer whom this till did not register never comes here, and a second till
//!   does not hear of those of the first.
//! - Emptying a field is not documented, and is told to a person.
//! - Customers of test mode and of live mode do not see each other: a remote is bound to the mode of the key that it was
//!   set up with, so a key of the other mode never makes all members look deleted.

use super::rest::{
    Api, Created, Http, New, Own, Rest, Said, Updated, Words, known_text, name_of, needs, segment, too_long_or_short,
};
use super::{Line, rest};
use crate::capabilities::{Capabilities, Create, Credit, Find, Pace, Pull, Resend};
use crate::connector::{Connector, Seen};
use crate::transport::Method;
use crate::trouble::{Effect, Trouble, problem};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::phone::Country;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{Date, MemberId, Timestamp};
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kind of this remote.
pub const KIND: &str = "stancer";
/// Setting: `test` or `live`, from the key that the remote was set up with.
pub const MODE: &str = "mode";
/// What has a home there.
const HOMES: [&str; 3] = ["name", "email", "phone"];
/// Lengths of a name, an email address and a number, in characters.
const NAME: (usize, usize) = (4, 64);
const EMAIL: (usize, usize) = (5, 64);
const MOBILE: (usize, usize) = (8, 16);
/// What begins an id, and how long it is.
const ID: (&str, usize) = ("cust_", 29);

/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: 1,
    max_bytes: usize::MAX,
    resend: Resend::LooksFirst,
    pull: Pull::KnownOnly(Pace::ONE_BY_ONE),
    credit: Credit::Here,
    takes_back: false,
    find: Find::NONE,
    create: Create { chooses_id: false, is_idempotent: false, needs: &["name", "email|phone"] },
    partial_update: true,
    version_check: false,
    delete: true,
    sees_deletions: true,
    homes: Some(&HOMES),
    has_checksums: false,
    names_shops: false,
};

/// The mode that a key is for.
///
/// # Errors
/// `key_invalid` for one that is no secret key.
pub fn mode_of(secret: &str) -> Result<&'static str, Problem> {
    match secret.split_once('_') {
        Some(("stest", rest)) if !rest.is_empty() => Ok("test"),
        Some(("sprod", rest)) if !rest.is_empty() => Ok("live"),
        Some(_) | None => {
            let message = "a secret key begins with stest_ or sprod_; one with ptest_ or pprod_ is the public one";
            Err(Problem { field: Some("secret".to_owned()), ..problem("key_invalid", message) })
        }
    }
}

#[cfg(test)]
pub(super) fn words() -> Box<dyn super::rest::Words> {
    Box::new(StancerWords)
}

pub(super) fn connect(line: Line) -> Result<Arc<dyn Connector>, Problem> {
    let mode = mode_of(&line.secret)?;
    if line.settings.get(MODE).and_then(Value::as_str).is_some_and(|bound| bound != mode) {
        let message =
            "this key is for the other mode than the one that the remote was set up with: add another remote for it";
        return Err(Problem { field: Some("secret".to_owned()), ..problem("key_mode", message) });
    }
    let is_versioned = line.scope.ends_with("/v1") || line.scope.ends_with("/v2");
    let api = Stancer {
        http: Http::new(line.transport, line.timeout, own),
        authorization: format!("Basic {}", STANDARD.encode(format!("{}:", line.secret))),
        customers: if is_versioned { "/customers" } else { "/v1/customers" },
        is_live: mode == "live",
    };
    Ok(Arc::new(Rest::new(line.remote_id, api, Arc::new(StancerWords), line.scope)))
}

struct Stancer {
    http: Http,
    authorization: String,
    customers: &'static str,
    is_live: bool,
}

/// `{"error":{"type":…,"message":text or object}}`.
fn own(body: &Value) -> Option<Own> {
    let message = match body.get("error")?.get("message")? {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let text = fields.get("error").or_else(|| fields.values().next()).and_then(Value::as_str);
            text.unwrap_or("refused").to_owned()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
    };
    Some(Own { problem: problem("refused", message), cure: None })
}

/// The id of whom Stancer has already, out of its 409.
fn existing(body: &Value) -> Option<String> {
    let message = body.get("error")?.get("message")?;
    let named = message.get("id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
    named.or_else(|| {
        let text = message.as_str().or_else(|| message.get("error")?.as_str())?;
        let start = text.find(ID.0)?;
        let id: String = text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        is_id(&id).then_some(id)
    })
}

/// Whether a refusal is about that customer. There is no list to be seen, so the word of whoever answers at this address,
/// somebody on the way or a wrong path of the server, must not make everybody look deleted.
fn names(body: &Value, id: &str) -> bool {
    own(body).is_some_and(|own| own.problem.message.contains(id))
}

fn not_stancer() -> Trouble {
    Trouble::later("not_the_remote", "what answered at this address does not talk of customers", Effect::None)
}

fn is_id(text: &str) -> bool {
    text.starts_with(ID.0) && text.len() == ID.1 && text[ID.0.len()..].bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Stancer {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("authorization", self.authorization.clone())]
    }

    fn path(&self, key: &str) -> String {
        format!("{}/{}", self.customers, segment(key))
    }

    /// What stands in the other mode is never taken for what stands in this one.
    fn of_our_mode(&self, object: Value) -> Result<Value, Trouble> {
        match object.get("live_mode").and_then(Value::as_bool) {
            Some(is_live) if is_live != self.is_live => {
                Err(Trouble::later("key_mode", "the answer is about a customer of the other mode", Effect::None))
            }
            Some(_) | None => Ok(object),
        }
    }
}

#[async_trait]
impl Api for Stancer {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble> {
        let response = self.http.send(Method::Get, self.path(key), self.headers(), None).await?;
        if self.http.says(&response, 404) {
            let said: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
            return if names(&said, key) { Ok(None) } else { Err(not_stancer()) };
        }
        self.of_our_mode(self.http.json(&response, Effect::None)?).map(Some)
    }

    /// There is no looking: the same bytes again are answered with whom they made.
    fn looks_before_creating(&self) -> bool {
        false
    }

    async fn create(&self, new: &New) -> Result<Created, Trouble> {
        let body = new.body.clone().into_bytes();
        let response = self.http.send(Method::Post, self.customers.to_owned(), self.headers(), Some(body)).await?;
        if response.status == 409 {
            let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
            if let Some(key) = existing(&body) {
                return Ok(Created::Exists(key));
            }
        }
        let object = self.http.json(&response, Effect::Unknown)?;
        self.of_our_mode(object).map(Created::Object)
    }

    async fn update(
        &self,
        key: &str,
        _there: &Value,
        fields: &BTreeMap<String, Value>,
        _base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble> {
        let body = Value::Object(body(fields)).to_string().into_bytes();
        let response = self.http.send(Method::Patch, self.path(key), self.headers(), Some(body)).await?;
        match response.status {
            204 => Ok(Updated::Silent),
            200..300 if response.body.is_empty() => Ok(Updated::Silent),
            _ => self.http.json(&response, Effect::Unknown).map(Updated::Object),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), Trouble> {
        let response = self.http.send(Method::Delete, self.path(key), self.headers(), None).await?;
        self.http.deleted(&response)
    }

    /// Nobody has this id. That the remote says so shows that it knows us.
    async fn check(&self) -> Result<Seen, Trouble> {
        self.read("cust_000000000000000000000000").await?;
        Ok(Seen { members: None, pos_ids: None, clock: None, lacks: None })
    }
}

fn body(fields: &BTreeMap<String, Value>) -> Map<String, Value> {
    let key = |path: &str| if path == "phone" { "mobile".to_owned() } else { path.to_owned() };
    fields.iter().map(|(path, value)| (key(path), value.clone())).collect()
}

struct StancerWords;

impl Words for StancerWords {
    fn read(&self, object: &Value) -> Result<Said, Problem> {
        let mut said = Said::default();
        rest::put_texts(&mut said, object, &[("name", "name"), ("email", "email"), ("phone", "mobile")])?;
        Ok(said)
    }

    fn said(&self, known: &Known) -> Said {
        let mut said = Said::default();
        said.put("name", name_of(known));
        said.put("email", known_text(known, "email"));
        let e164 = known.document.get("phone").and_then(|phone| phone.get("e164")).filter(|e164| e164.is_string());
        said.put("phone", e164.cloned().or_else(|| rest::phone_of(known, "phone")));
        said
    }

    fn ours(
        &self,
        path: &str,
        theirs: &Value,
        _known: Option<&Value>,
        country: Option<Country>,
    ) -> Result<Value, Problem> {
        Ok(match path {
            "name" => json!({ "full": theirs }),
            "phone" => rest::number(theirs, country),
            _ => theirs.clone(),
        })
    }

    fn refuses(&self, path: &str, before: &Value, after: &Value) -> Option<Problem> {
        if after.is_null() && !before.is_null() {
            let message = "Stancer does not say how a field is emptied: it stays there as it is";
            return Some(Problem { field: Some(path.to_owned()), ..problem("cannot_be_empty", message) });
        }
        let (min, max) = match path {
            "name" => NAME,
            "email" => EMAIL,
            _ => MOBILE,
        };
        too_long_or_short(path, after, min, max)
    }

    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem> {
        if !said.contains_key("name") {
            return Some(needs("name", "a name"));
        }
        let is_reached = said.contains_key("email") || said.contains_key("phone");
        (!is_reached).then(|| needs("email", "an email address or a phone number"))
    }

    fn body(&self, new: &New) -> String {
        let mut body = body(&new.said);
        body.insert("external_id".to_owned(), json!(new.member_id.to_string()));
        Value::Object(body).to_string()
    }

    fn key(&self, object: &Value) -> Option<String> {
        object.get("id")?.as_str().map(str::to_owned)
    }

    fn member_id(&self, object: &Value) -> Option<MemberId> {
        object.get("external_id")?.as_str()?.parse().ok()
    }

    fn since(&self, object: &Value) -> Option<Date> {
        let seconds = object.get("created")?.as_i64()?;
        Some(TimeZoneName::UTC.business_date(Timestamp::from_millis(seconds.checked_mul(1_000)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_whom_stancer_has_already_is_read_out_of_either_form_of_its_refusal() {
        let id = "cust_9Cle7TXKkjhwqcWx4Kl5cQYk";
        let message = "Customer already exists, you may want to update it instead creating a new one";
        let as_object =
            json!({ "error": { "type": "invalid_request_error", "message": { "id": id, "error": message } } });
        let as_text = json!({ "error": { "type": "invalid_request_error", "message": format!("{message} ({id})") } });
        assert_eq!(existing(&as_object).as_deref(), Some(id));
        assert_eq!(existing(&as_text).as_deref(), Some(id));
        assert_eq!(existing(&json!({ "error": { "message": "cust_short" } })), None);
        assert_eq!(existing(&json!({ "error": "no" })), None);
    }

    #[test]
    fn only_a_secret_key_says_a_mode() {
        let code = |secret: &str| mode_of(secret).map_err(|problem| problem.code);
        assert_eq!(code("stest_abc"), Ok("test"));
        assert_eq!(code("sprod_abc"), Ok("live"));
        for wrong in ["ptest_abc", "pprod_abc", "stest_", "abc", ""] {
            assert_eq!(code(wrong), Err("key_invalid".to_owned()), "{wrong}");
        }
    }
}
