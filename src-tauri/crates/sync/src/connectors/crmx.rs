//! The connector to CRMX's "Member API".
//!
//! A member is one row per shop there, found by (shop, phone) and by nothing else. Choices where the page is silent:
//!
//! - A write is told good only where the HTTP status and `status`/`status_code` in the body both say so.
//! - `PUT` names no id, so the row is found by the number in the body: the number itself cannot be changed there, and
//!   nothing can be deleted. Both are told to a person, not tried.
//! - `PUT` may put its body in the place of the row: all that can be written is written, as it was read a moment before.
//! - Nobody can be listed: strangers come by being asked for at the counter, and a second till does not hear of them.

use super::rest::{
    Api, Created, Http, New, Own, Rest, Said, Updated, Words, address_line, known_text, name_of, needs, phone_of,
    query, text_in,
};
use super::{Line, rest};
use crate::capabilities::{Capabilities, Create, Credit, Find, Pace, Pull, Resend, Search};
use crate::connector::{Asked, Connector, Seen};
use crate::transport::Method;
use crate::trouble::{Cure, Effect, Trouble, problem};
use async_trait::async_trait;
use regulars_domain::Date;
use regulars_domain::member::Address;
use regulars_domain::phone::Country;
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kind of this remote.
pub const KIND: &str = "crmx";
/// What it can be searched by.
pub(super) const FIND: Find = Find { phone: Search::Yes, card: Search::No, text: Search::No };
/// What has a home there.
const HOMES: [&str; 11] = [
    "name",
    "phone",
    "email",
    "gender",
    "marital_status",
    "birthday",
    "home_town",
    "addresses",
    "social/fb_id",
    "social/facebook",
    "social/twitter",
];
/// What is plain text on both sides.
const TEXTS: [(&str, &str); 6] = [
    ("email", "email"),
    ("marital_status", "relationship_status"),
    ("home_town", "home_town"),
    ("social/fb_id", "fb_id"),
    ("social/facebook", "facebook"),
    ("social/twitter", "twitter"),
];
/// What can be written there.
const WRITTEN: [&str; 12] = [
    "name",
    "phone",
    "email",
    "gender",
    "relationship_status",
    "birthday",
    "year_birthday",
    "home_town",
    "address",
    "fb_id",
    "facebook",
    "twitter",
];
/// What tells the shop from the number in a key.
const SEPARATOR: char = '/';
/// The shop, in a row as this connector hands it on.
const POS_ID: &str = "pos_id";

/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: 1,
    max_bytes: usize::MAX,
    resend: Resend::LooksFirst,
    pull: Pull::KnownOnly(Pace::ONE_BY_ONE),
    credit: Credit::Here,
    takes_back: false,
    find: FIND,
    create: Create { chooses_id: false, is_idempotent: true, needs: &["phone"] },
    partial_update: false,
    version_check: false,
    delete: false,
    sees_deletions: false,
    homes: Some(&HOMES),
    has_checksums: false,
    names_shops: true,
};

#[cfg(test)]
pub(super) fn words() -> Box<dyn super::rest::Words> {
    Box::new(CrmxWords)
}

pub(super) fn connect(line: Line) -> Arc<dyn Connector> {
    let http = Http::new(line.transport, line.timeout, own);
    let api = Crmx { http, token: line.secret, pos_ids: line.pos_ids };
    Arc::new(Rest::new(line.remote_id, api, Arc::new(CrmxWords), line.scope))
}

struct Crmx {
    http: Http,
    token: String,
    /// The shops of this till there.
    pos_ids: Vec<String>,
}

fn own(body: &Value) -> Option<Own> {
    let message = body.get("message")?.as_str()?.to_owned();
    Some(Own { problem: problem("refused", message), cure: None })
}

/// What the body says of itself, where it does.
fn status_in(body: &Value) -> Option<i64> {
    let status = |key: &str| body.get(key).and_then(|status| status.as_i64().or_else(|| status.as_str()?.parse().ok()));
    let both = [status("status"), status("status_code")];
    both.iter().flatten().find(|status| **status != 200).or(both.iter().flatten().next()).copied()
}

impl Crmx {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("authorization", format!("Bearer {}", self.token))]
    }

    /// The row of that number in that shop.
    async fn get(&self, pos_id: &str, phone: &str, timeout: std::time::Duration) -> Result<Option<Value>, Trouble> {
        let path = query("/customers_location", [("phone", phone.to_owned()), (POS_ID, pos_id.to_owned())]);
        let response = self.http.send_within(timeout, Method::Get, path, self.headers(), None).await?;
        if self.http.says(&response, 404) {
            return Ok(None);
        }
        let body = self.http.json(&response, Effect::None)?;
        match (status_in(&body), body.get("data")) {
            (Some(404), _) | (Some(200) | None, Some(Value::Null)) => Ok(None),
            (Some(200) | None, Some(Value::Object(data))) if !data.is_empty() => {
                let mut row = data.clone();
                row.insert(POS_ID.to_owned(), json!(pos_id));
                Ok(Some(Value::Object(row)))
            }
            // An empty answer in the place of nobody.
            (Some(200) | None, Some(Value::Array(_) | Value::Object(_)) | None) => Ok(None),
            (Some(_), _) => Err(self.says_no(&body, Effect::None)),
            (None, Some(_)) => Err(Trouble::later("answer_invalid", "the remote's member is no member", Effect::None)),
        }
    }

    /// A refusal that stands in a body with a good HTTP status.
    fn says_no(&self, body: &Value, effect: Effect) -> Trouble {
        let status = status_in(body).unwrap_or(500);
        let status = u16::try_from(status).ok().filter(|status| (300..600).contains(status)).unwrap_or(400);
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.http.refused(&crate::transport::Response { status, body, ..Default::default() }, effect)
    }

    async fn write(&self, method: Method, pos_id: &str, body: Vec<u8>) -> Result<(), Trouble> {
        let path = query("/customers_location", [(POS_ID, pos_id.to_owned())]);
        let response = self.http.send(method, path, self.headers(), Some(body)).await?;
        let body = self.http.json(&response, Effect::Unknown)?;
        match status_in(&body) {
            Some(200 | 201) => Ok(()),
            Some(_) => Err(self.says_no(&body, Effect::Unknown)),
            None => {
                Err(Trouble::later("answer_invalid", "the answer does not say whether it was done", Effect::Unknown))
            }
        }
    }
}

#[async_trait]
impl Api for Crmx {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble> {
        let (pos_id, phone) = key.rsplit_once(SEPARATOR).unwrap_or(("", key));
        self.get(pos_id, phone, self.http.timeout).await
    }

    fn looks_before_creating(&self) -> bool {
        true
    }

    /// By each spelling of the number: another one may have written it otherwise.
    async fn probe(&self, new: &New) -> Result<Vec<Value>, Trouble> {
        for phone in &new.phones {
            if let Some(row) = self.get(&new.pos_id, phone, self.http.timeout).await? {
                return Ok(vec![row]);
            }
        }
        Ok(Vec::new())
    }

    async fn create(&self, new: &New) -> Result<Created, Trouble> {
        match self.write(Method::Post, &new.pos_id, new.body.clone().into_bytes()).await {
            Ok(()) => Ok(Created::Silent),
            // Somebody was faster: found and merged like anybody who is there.
            Err(trouble) if trouble.problem.code == "refused" && trouble.cure == Cure::SendLess => {
                let is_there = !self.probe(new).await.map_err(Trouble::after_another)?.is_empty();
                if is_there { Ok(Created::Silent) } else { Err(trouble) }
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn update(
        &self,
        key: &str,
        there: &Value,
        fields: &BTreeMap<String, Value>,
        _base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble> {
        let (pos_id, _) = key.rsplit_once(SEPARATOR).unwrap_or(("", key));
        let mut body = Map::new();
        for name in WRITTEN {
            if let Some(value) = there.get(name).filter(|value| !value.is_null()) {
                body.insert(name.to_owned(), value.clone());
            }
        }
        for (path, value) in fields {
            write(&mut body, path, value);
        }
        self.write(Method::Put, pos_id, Value::Object(body).to_string().into_bytes()).await?;
        Ok(Updated::Silent)
    }

    async fn search(&self, asked: &Asked) -> Result<Vec<Value>, Trouble> {
        for phone in &asked.phones {
            if let Some(row) = self.get(&asked.pos_id, phone, asked.timeout).await? {
                return Ok(vec![row]);
            }
        }
        Ok(Vec::new())
    }

    /// Nobody has this number. That the remote says so shows that it knows us.
    async fn check(&self) -> Result<Seen, Trouble> {
        let Some(pos_id) = self.pos_ids.first() else {
            return Err(Trouble::later(
                "no_shop_yet",
                "CRMX is asked per shop, and no shop is connected",
                Effect::NotSent,
            ));
        };
        self.get(pos_id, "0000000000", self.http.timeout).await?;
        Ok(Seen { members: None, pos_ids: None, clock: None, lacks: None })
    }
}

/// Writes a field into a body; what is emptied is written as an empty text.
fn write(body: &mut Map<String, Value>, path: &str, value: &Value) {
    let text = |value: &Value| if value.is_null() { json!("") } else { value.clone() };
    match path {
        "birthday" => {
            // A year that stood there without a day was never shown here, so nobody took it away.
            let had_day = body.get("birthday").is_some_and(|day| !rest::is_blank(day));
            for key in ["birthday", "year_birthday"] {
                let part = value.get(key).cloned().unwrap_or(Value::Null);
                if !part.is_null() || (had_day && body.contains_key(key)) {
                    body.insert(key.to_owned(), text(&part));
                }
            }
        }
        "addresses" => {
            body.insert("address".to_owned(), text(value));
        }
        "name" | "phone" | "gender" => {
            body.insert(path.to_owned(), text(value));
        }
        _ => {
            if let Some((_, key)) = TEXTS.iter().find(|(ours, _)| *ours == path) {
                body.insert((*key).to_owned(), text(value));
            }
        }
    }
}

struct CrmxWords;

impl Words for CrmxWords {
    fn read(&self, object: &Value) -> Result<Said, Problem> {
        let mut said = Said::default();
        rest::put_texts(&mut said, object, &TEXTS)?;
        said.put("name", text_in(object, "name")?.filter(|name| !name.is_null()));
        said.put("phone", text_in(object, "phone")?.filter(|phone| !phone.is_null()));
        said.put("addresses", text_in(object, "address")?);
        let gender = text_in(object, "gender")?;
        said.put("gender", gender.filter(|gender| gender.is_null() || *gender == json!("1") || *gender == json!("2")));
        let (day, year) = (text_in(object, "birthday")?, text_in(object, "year_birthday")?.unwrap_or(Value::Null));
        said.put("birthday", day.and_then(|day| birthday(&day, &year)));
        Ok(said)
    }

    fn said(&self, known: &Known) -> Said {
        let mut said = Said::default();
        for (path, _) in TEXTS {
            said.put(path, known_text(known, path));
        }
        said.put("name", name_of(known));
        said.put("phone", phone_of(known, "phone"));
        said.put("addresses", first_address(known).and_then(|address| address_line(&address)).map(Value::String));
        let gender = match known.document.get("gender").and_then(Value::as_str) {
            Some("male") => Some(json!("1")),
            Some("female") => Some(json!("2")),
            Some(_) | None => None,
        };
        said.put("gender", gender);
        let part = |key: &str| known.document.get("birthday")?.get(key)?.as_i64();
        let day = part("month").zip(part("day")).map(|(month, day)| format!("{month:02}-{day:02}"));
        said.put(
            "birthday",
            day.map(|day| match part("year") {
                Some(year) => json!({ "birthday": day, "year_birthday": year.to_string() }),
                None => json!({ "birthday": day }),
            }),
        );
        said
    }

    fn ours(
        &self,
        path: &str,
        theirs: &Value,
        known: Option<&Value>,
        country: Option<Country>,
    ) -> Result<Value, Problem> {
        Ok(match path {
            "name" => json!({ "full": theirs }),
            "phone" => rest::number(theirs, country),
            "gender" => json!(if *theirs == json!("1") { "male" } else { "female" }),
            "birthday" => our_birthday(theirs).unwrap_or(Value::Null),
            "addresses" => {
                let mut all = known.and_then(Value::as_array).cloned().unwrap_or_default();
                let line = json!({ "role": "home", "text": theirs });
                if all.is_empty() {
                    all.push(line)
                } else {
                    all[0] = line
                }
                Value::Array(all)
            }
            _ => theirs.clone(),
        })
    }

    /// Of the addresses CRMX has the first one.
    fn emptied(&self, path: &str, known: Option<&Value>) -> Value {
        let mut all = known.and_then(Value::as_array).cloned().unwrap_or_default();
        if path != "addresses" || all.len() < 2 {
            return Value::Null;
        }
        // Its place stays: another one that moved into it would be the next to be emptied.
        all[0] = json!({ "role": all[0].get("role").cloned().unwrap_or_else(|| json!("home")) });
        Value::Array(all)
    }

    fn is_same(&self, path: &str, one: &Value, other: &Value, country: Option<Country>) -> bool {
        match path {
            "phone" => rest::is_same_number(one, other, country),
            _ => one == other,
        }
    }

    fn refuses(&self, path: &str, before: &Value, after: &Value) -> Option<Problem> {
        let told = |code: &str, message: &str| Problem { field: Some(path.to_owned()), ..problem(code, message) };
        match path {
            "phone" if !before.is_null() => Some(told(
                "phone_is_the_key",
                "CRMX knows a member by the number: it cannot be changed there, only registered under the new one",
            )),
            "name" if after.is_null() => Some(told("cannot_be_empty", "CRMX takes nobody without a name")),
            _ => None,
        }
    }

    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem> {
        (!said.contains_key("phone")).then(|| needs("phone", "a phone number"))
    }

    fn body(&self, new: &New) -> String {
        let mut body = Map::new();
        for (path, value) in &new.said {
            write(&mut body, path, value);
        }
        Value::Object(body).to_string()
    }

    fn key(&self, object: &Value) -> Option<String> {
        let (pos_id, phone) = (object.get(POS_ID)?.as_str()?, object.get("phone")?.as_str()?.trim());
        (!phone.is_empty()).then(|| format!("{pos_id}{SEPARATOR}{phone}"))
    }

    /// Whoever is asked for by a number is who it is, however it is written there.
    fn is_about(&self, _key: &str, _object: &Value) -> Option<bool> {
        Some(true)
    }

    fn is_per_shop(&self) -> bool {
        true
    }

    fn pos_id(&self, object: &Value) -> Option<String> {
        object.get(POS_ID)?.as_str().map(str::to_owned)
    }

    /// `dd-MM-yyyy`.
    fn since(&self, object: &Value) -> Option<Date> {
        let mut parts = object.get("created_at")?.as_str()?.splitn(3, '-');
        let (day, month, year) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Date::new(year, month, day)
    }
}

fn first_address(known: &Known) -> Option<Address> {
    let first = known.document.get("addresses")?.as_array()?.first()?;
    Address::deserialize(first).ok()
}

/// `MM-dd` and the year apart. What is no day is not taken for a birthday.
fn birthday(day: &Value, year: &Value) -> Option<Value> {
    if day.is_null() {
        return Some(Value::Null);
    }
    let said = match year.is_null() {
        true => json!({ "birthday": day }),
        false => json!({ "birthday": day, "year_birthday": year }),
    };
    our_birthday(&said).map(|ours| {
        let text = format!("{:02}-{:02}", ours["month"].as_i64().unwrap_or(0), ours["day"].as_i64().unwrap_or(0));
        match ours["year"].as_i64() {
            Some(year) => json!({ "birthday": text, "year_birthday": year.to_string() }),
            None => json!({ "birthday": text }),
        }
    })
}

/// A day that every fourth year has is one.
fn our_birthday(theirs: &Value) -> Option<Value> {
    let (month, day) = theirs.get("birthday")?.as_str()?.split_once('-')?;
    let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
    let year = theirs.get("year_birthday").and_then(Value::as_str).and_then(|year| year.parse::<i32>().ok());
    let year = year.filter(|year| (1900..=2100).contains(year));
    Date::new(year.unwrap_or(2000), month, day)?;
    Some(json!({ "month": month, "day": day, "year": year }))
}
