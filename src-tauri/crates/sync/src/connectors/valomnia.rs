//! The connector to Valomnia's customers (REST 2.1).
//!
//! A registration is an upsert under the member's own number as reference, which is looked for first: a reference that
//! somebody else has is never written over. An edit sends the fields that changed, to the numeric id. Choices where the
//! page is silent or contradicts itself:
//!
//! - `auth=session` signs in at `/j_spring_security_check` and keeps the cookie; `no_credentials` under any status means
//!   that it has run out. The redirect that answers it is looked at, never followed.
//! - `version` is the one of the API, `v2.1`. What `paging.next` says of the version is not followed.
//! - On addresses with `/reference/` ids are references, elsewhere they are Valomnia's numbers. Categories, segments,
//!   payment types and parents are asked for before they are named (`groups`). A parent who is not there waits for their
//!   own registration.
//! - A field is emptied by an empty text. Whether a partial update sets what it does not mention to the default is not
//!   said, so what the page gives a default is sent with each.
//! - What changed is asked for from the last `lastUpdated` that was seen, less two seconds, for it counts whole seconds;
//!   at each page it goes on from the last row, not by an offset under which rows move. Before all members are gone
//!   through, the latest change is asked for: what changes meanwhile, on pages that are behind, is heard of afterwards.
//! - The reference of a member is their number here, whatever is in it. One that no address can have in it waits for a
//!   person; only who has no number gets one made of their id.
//! - `creditLimit` is a limit on account, and `balance` what is owed: read, never written, never added to store credit.

mod groups;
mod session;
mod words;

use super::rest::{Api, Created, Http, Named, New, Own, Page, Rest, Updated, form, query, rows_in, segment};
use super::{Line, Setting};
use crate::capabilities::{Capabilities, Create, Credit, Find, Pull, Resend};
use crate::connector::{Connector, Next, Seen, SweepFrom};
use crate::transport::{Method, Response};
use crate::trouble::{Cure, Effect, Trouble, problem};
use async_trait::async_trait;
use regulars_domain::Timestamp;
use regulars_store::remotes::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session::Session;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use words::{HOMES, Image, PAIRS, ValomniaWords, image_of, pairs};

/// The kind of this remote.
pub const KIND: &str = "valomnia";
/// Setting: the version of the API.
const VERSION: &str = "version";
/// Members on a page.
const PAGE: usize = 100;
/// So far the clocks here and there may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(24 * 60 * 60);
/// What a second that is not over yet may still bring.
const OVERLAP: Duration = Duration::from_secs(2);

/// What it is set up with.
pub(super) const SETTINGS: [Setting; 3] = [
    Setting::chosen(session::AUTH, &["session", "bearer"]),
    Setting::with("user_name", (session::AUTH, "session")),
    Setting::typed(VERSION, false),
];
/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: 1,
    max_bytes: usize::MAX,
    resend: Resend::LooksFirst,
    pull: Pull::BySinceAndSweep,
    credit: Credit::Here,
    takes_back: false,
    find: Find::NONE,
    create: Create { chooses_id: true, is_idempotent: true, needs: &["reference", "name"] },
    partial_update: true,
    version_check: false,
    delete: true,
    sees_deletions: true,
    homes: Some(&HOMES),
    has_checksums: false,
    names_shops: false,
};

/// The address without what this connector puts behind it.
pub(super) fn base_of(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.split_once("/api/v").map_or(url, |(base, _)| base)
}

#[cfg(test)]
pub(super) fn words() -> Box<dyn super::rest::Words> {
    Box::new(ValomniaWords { currency: "VND".parse().ok() })
}

pub(super) fn connect(line: Line) -> Result<Arc<dyn Connector>, Problem> {
    let version = line.settings.get(VERSION).and_then(Value::as_str).unwrap_or("v2.1").trim_matches('/').to_owned();
    let http = Http::new(line.transport, line.timeout, own);
    let session = Session::of(&line.settings, line.secret)?;
    let api = Valomnia { http, session, api: format!("/api/{version}"), making: Default::default() };
    let words = Arc::new(ValomniaWords { currency: line.currency });
    Ok(Arc::new(Rest::new(line.remote_id, api, words, line.scope)))
}

struct Valomnia {
    http: Http,
    session: Session,
    api: String,
    /// Whoever makes a category or a segment does so alone, so that two members with a new one do not make it twice.
    making: tokio::sync::Mutex<()>,
}

fn own(body: &Value) -> Option<Own> {
    let code = body.get("error")?.as_str()?;
    let text = body.get("error_description").and_then(Value::as_str).unwrap_or(code);
    let (code, cure) = match code {
        "no_credentials" => ("token_refused", Some(Cure::LogInAgain)),
        "not_unique" => ("not_unique", Some(Cure::SendLess)),
        "delete_failed" => ("delete_failed", Some(Cure::SendLess)),
        _ => ("refused", None),
    };
    Some(Own { problem: problem(code, text), cure })
}

/// Where going through the members goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Whether all of them are gone through.
    all: bool,
    offset: usize,
    /// From when on changes are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// The latest change that was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
}

impl Place {
    fn text(&self) -> String {
        json!(self).to_string()
    }

    /// The latest change of these, and of those before. One that is still to come was stamped by a clock that ran ahead:
    /// after it nothing would be heard of, so it counts only where there is no other.
    fn see(&mut self, rows: &[Value], now: Timestamp) {
        let is_to_come = |text: &str| instant(text).is_some_and(|at| at > now.plus(CLOCKS_APART));
        let latest = self.latest.take();
        let told = rows.iter().filter_map(|row| row.get("lastUpdated")?.as_str());
        let all = latest.as_deref().into_iter().chain(told).filter(|text| instant(text).is_some());
        self.latest = all.max_by_key(|text| (!is_to_come(text), instant(text))).map(str::to_owned);
    }

    /// Where changes are asked for from after this: a little before the last that was seen.
    fn caught_up(&self) -> Option<Self> {
        let latest = instant(self.latest.as_deref()?)?;
        Some(Self { since: Some(second(latest.as_millis() - 2_000)), latest: self.latest.clone(), ..Self::default() })
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
fn second(millis: i64) -> String {
    let text = Timestamp::from_millis(millis.div_euclid(1_000) * 1_000).to_string();
    text.split_once('.').map_or(text.clone(), |(whole, _)| format!("{whole}Z"))
}

/// A body of a write: pairs, and a picture where one is among them.
struct Form {
    pairs: Vec<(&'static str, String)>,
    image: Option<Image>,
}

impl Form {
    fn bytes(self, boundary: &str) -> (String, Vec<u8>) {
        let Some(image) = self.image else {
            return ("application/x-www-form-urlencoded".to_owned(), form(self.pairs).into_bytes());
        };
        let mut body = Vec::new();
        for (name, value) in self.pairs {
            let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"imageFile\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            image.file_name, image.media_type
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&image.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

impl Valomnia {
    /// Sends a request; where the session has run out, once more in a new one.
    async fn send(&self, method: Method, path: &str, body: Option<(String, Vec<u8>)>) -> Result<Response, Trouble> {
        let path = format!("{}{path}", self.api);
        for is_last in [false, true] {
            let mut headers = vec![self.session.header(&self.http).await?];
            let bytes = body.as_ref().map(|(media_type, bytes)| {
                headers.push(("content-type", media_type.clone()));
                bytes.clone()
            });
            let response = self.http.send(method, path.clone(), headers, bytes).await?;
            let has_run_out = self.session.has_run_out(&response);
            if is_last || !has_run_out {
                return self.good(response);
            }
        }
        Err(Trouble::later("internal", "a request is sent twice at most", Effect::NotSent))
    }

    /// An error in a good status is an error: the page gives `no_credentials` none at all.
    fn good(&self, response: Response) -> Result<Response, Trouble> {
        let body: Option<Value> = serde_json::from_slice(&response.body).ok();
        let code = body.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str);
        match (response.status, code) {
            (200..300, Some("no_credentials")) => {
                Err(self.http.refused(&Response { status: 401, ..response }, Effect::None))
            }
            (200..300, Some(_)) => Err(self.http.refused(&Response { status: 400, ..response }, Effect::None)),
            (_, _) => Ok(response),
        }
    }

    async fn get(&self, path: &str) -> Result<Option<Value>, Trouble> {
        let response = self.send(Method::Get, path, None).await?;
        if self.http.says(&response, 404) {
            return Ok(None);
        }
        self.http.json(&response, Effect::None).map(Some)
    }

    async fn write(&self, path: &str, form: Form, boundary: &str) -> Result<Value, Trouble> {
        let response = self.send(Method::Post, path, Some(form.bytes(boundary))).await?;
        let mut trouble = match self.http.json(&response, Effect::Unknown) {
            Ok(object) => return Ok(object),
            Err(trouble) => trouble,
        };
        // "The payment type with the id 999 doesn't exist": about what was named, not about the member.
        if response.status == 404 && self.http.says(&response, 404) {
            trouble.cure = Cure::SendLess;
            trouble.effect = Effect::None;
        }
        Err(trouble)
    }
}

#[async_trait]
impl Api for Valomnia {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble> {
        self.get(&format!("/customers/{}", segment(key))).await
    }

    fn looks_before_creating(&self) -> bool {
        true
    }

    async fn probe(&self, new: &New) -> Result<Vec<Value>, Trouble> {
        let reference = segment(new.key.as_deref().unwrap_or_default());
        Ok(self.get(&format!("/customers/reference/{reference}")).await?.into_iter().collect())
    }

    fn is_stranger(&self, new: &New, there: &Value) -> Option<Problem> {
        let is_theirs =
            there.get("name").and_then(Value::as_str).map(str::trim) == new.said.get("name").and_then(Value::as_str);
        let taken = || Problem {
            field: Some("reference".to_owned()),
            ..problem("reference_taken", "somebody else has this number at Valomnia: give this member another")
        };
        (!is_theirs).then(taken)
    }

    async fn create(&self, new: &New) -> Result<Created, Trouble> {
        let reference = new.key.as_deref().unwrap_or_default();
        if new.said.get("@parent").and_then(Value::as_str) == Some(reference) {
            return Err(own_parent());
        }
        let resolved = match self.resolve(&new.said).await? {
            Named::All(resolved) => resolved,
            Named::Lacking(held) => return Ok(Created::Lacks(held)),
        };
        let mut pairs: Vec<(&'static str, String)> = url::form_urlencoded::parse(new.body.as_bytes())
            .filter_map(|(key, value)| Some((*PAIRS.iter().find(|known| **known == key)?, value.into_owned())))
            .collect();
        resolved.say_references(&mut pairs);
        if let Some(types) = resolved.ids.get("@payment_types") {
            pairs.push(("paymentTypes", types.to_string()));
        }
        let form = Form { pairs, image: new.said.get("picture").and_then(image_of) };
        let path = format!("/customers/reference/{}", segment(reference));
        self.write(&path, form, &boundary(new.member_id.to_string().as_str())).await.map(Created::Object)
    }

    async fn update(
        &self,
        key: &str,
        there: &Value,
        fields: &BTreeMap<String, Value>,
        _base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble> {
        let parent = fields.get("@parent").and_then(Value::as_str);
        if parent.is_some() && parent == there.get("reference").and_then(Value::as_str) {
            return Err(own_parent());
        }
        let resolved = match self.resolve(fields).await? {
            Named::All(resolved) => resolved,
            Named::Lacking(held) => return Ok(Updated::Lacks(held)),
        };
        let form =
            Form { pairs: pairs(fields, &resolved.ids, Some(there)), image: fields.get("picture").and_then(image_of) };
        self.write(&format!("/customers/{}", segment(key)), form, &boundary(key)).await.map(Updated::Object)
    }

    async fn delete(&self, key: &str) -> Result<(), Trouble> {
        let response = self.send(Method::Delete, &format!("/customers/{}", segment(key)), None).await?;
        self.http.deleted(&response)
    }

    async fn page(&self, from: &SweepFrom) -> Result<Page, Trouble> {
        let known: Option<Place> = from.place.as_deref().and_then(|place| serde_json::from_str(place).ok());
        let mut place = match known {
            Some(place) if place.all || !from.wants_all => place,
            known => Place { all: true, latest: known.and_then(|known| known.latest), ..Place::default() },
        };
        if !place.all && place.since.is_none() {
            place.all = true;
        }
        if place.all && place.offset == 0 {
            // Whatever changes while all are gone through is asked for afterwards.
            let order = [("max", PAGE.to_string()), ("sort", "lastUpdated".to_owned()), ("order", "desc".to_owned())];
            let answer = self.get(&query("/customers", order)).await?.unwrap_or(Value::Null);
            place.see(&rows_in(&answer, "data")?, from.at);
        }
        let mut filter =
            vec![("max", PAGE.to_string()), ("offset", place.offset.to_string()), ("order", "asc".to_owned())];
        match &place.since {
            Some(since) if !place.all => {
                filter.extend([("lastUpdated_gte", since.clone()), ("sort", "lastUpdated".to_owned())]);
            }
            Some(_) | None => filter.push(("sort", "dateCreated".to_owned())),
        }
        let answer = self.get(&query("/customers", filter)).await?.unwrap_or(Value::Null);
        let rows = rows_in(&answer, "data")?;
        let total = answer.get("paging").and_then(|paging| paging.get("total")).and_then(Value::as_i64);
        if !place.all {
            place.see(&rows, from.at);
        }
        let behind = place.offset + rows.len();
        let is_last = rows.len() < PAGE
            && total.is_none_or(|total| {
                place.all.then_some(total).is_none_or(|total| i64::try_from(behind).unwrap_or(0) >= total)
            });
        if place.all {
            let is_last = is_last || rows.is_empty();
            let next = if is_last {
                Next::Complete(place.caught_up().map(|place| place.text()))
            } else {
                Next::Place(Place { offset: behind, ..place }.text())
            };
            return Ok(Page { rows, next, total });
        }
        let next = if rows.len() < PAGE {
            Next::CaughtUp(place.caught_up().unwrap_or(place).text())
        } else {
            let last = rows.last().and_then(|row| row.get("lastUpdated")?.as_str()).and_then(instant);
            let since = last.map(|last| second(last.as_millis() - i64::try_from(OVERLAP.as_millis()).unwrap_or(0)));
            match since {
                // As many rows as a page holds were changed within the same seconds.
                Some(since) if Some(&since) == place.since.as_ref() => {
                    Next::Place(Place { offset: behind, ..place }.text())
                }
                since => Next::Place(Place { since, offset: 0, ..place }.text()),
            }
        };
        Ok(Page { rows, next, total: None })
    }

    async fn check(&self) -> Result<Seen, Trouble> {
        let answer = self.get(&query("/customers", [("max", "1".to_owned())])).await?.unwrap_or(Value::Null);
        let total = answer.get("paging").and_then(|paging| paging.get("total")).and_then(Value::as_i64);
        if total.is_none() {
            return Err(Trouble::later(
                "answer_invalid",
                "the remote does not say how many members it has",
                Effect::None,
            ));
        }
        Ok(Seen { members: total, pos_ids: None, clock: None, lacks: None })
    }
}

fn own_parent() -> Trouble {
    let problem = Problem { field: Some("parent".to_owned()), ..problem("own_parent", "nobody belongs to themselves") };
    Trouble { problem, cure: Cure::SendLess, effect: Effect::None, retry_after: None }
}

/// Between the parts of a form: nothing that a name or a picture has in it.
fn boundary(of: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::new().chain_update(b"boundary\0").chain_update(of.as_bytes()).finalize();
    format!("regulars-{}", hash[..12].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_asked_for_from_a_little_before_the_last_that_was_seen() {
        let now: Timestamp = "2016-08-16T10:00:00Z".parse().expect("an instant");
        let rows = |texts: &[&str]| texts.iter().map(|text| json!({ "lastUpdated": text })).collect::<Vec<_>>();
        let since = |texts: &[&[&str]]| {
            let mut place = Place::default();
            texts.iter().for_each(|texts| place.see(&rows(texts), now));
            place.caught_up().and_then(|place| place.since)
        };
        let two = ["2016-08-16T09:02:13Z", "2015-12-17T23:00:00Z"];
        assert_eq!(since(&[&two]).as_deref(), Some("2016-08-16T09:02:11Z"));
        assert_eq!(since(&[]), None);
        assert_eq!(since(&[&["yesterday"]]), None);
        // A row of a clock that ran ahead does not hide what changes until then.
        for texts in [[&["9999-12-31T23:59:59Z"][..], &two], [&two, &["9999-12-31T23:59:59Z"]]] {
            assert_eq!(since(&texts).as_deref(), Some("2016-08-16T09:02:11Z"));
        }
        assert_eq!(since(&[&["2026-01-01T00:00:02Z"]]).as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn the_address_may_be_given_with_the_api_or_without() {
        for url in ["https://x.valomnia.com", "https://x.valomnia.com/", "https://x.valomnia.com/api/v2.1/"] {
            assert_eq!(base_of(url), "https://x.valomnia.com", "{url}");
        }
        assert_eq!(base_of("http://127.0.0.1:1/valomnia/api/v2.1"), "http://127.0.0.1:1/valomnia");
    }
}
