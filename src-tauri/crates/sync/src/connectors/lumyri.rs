//! The connector to Lumyri's customers.
//!
//! A registration carries our own id. Whether Lumyri keeps it is not documented: the id in its answer counts, and one whose
//! answer was lost is looked for by that id, then by the email address among all, before it is sent again. Choices where
//! the page is silent or contradicts itself:
//!
//! - Labels stand as `label_ids`, `labels` and `lables`, as ids or as objects: all are read, the first two are written.
//!   A label is a name here and an id there; one that Lumyri has no name for is kept by its id. One that is only here is
//!   made there before it is stuck on: with its colour, its name as the description that is asked for, and this program as
//!   the user. The catalogue is gone through first, so a lost answer makes no second one of a name.
//! - A single member's answer has no picture: what is missing is not empty. `PUT` takes all of a member, so the picture
//!   that was last heard of goes with it.
//! - `search` is sent as it stands in the sample; what it searches is not said, so an empty answer means nothing.
//! - Paging goes by `current_page` and `last_page` alone.
//! - `DELETE` takes several ids; each goes alone. What becomes of the others where one is refused is not said, and each is
//!   read before and asked for afterwards anyway, so one request for all would save one of three.
//! - Errors have no documented form: a text, an object with `message`, or nothing but the status.

use super::rest::{
    Api, Created, Http, Named, New, Own, Page, Rest, Said, Updated, Words, address_line, is_blank, known_text, members,
    merged_there, needs, not_made, phone_of, query, rows_in, segment, text_in,
};
use super::{Line, Setting, rest};
use crate::capabilities::{Capabilities, Create, Credit, Find, Pace, Pull, Resend, Search};
use crate::connector::{Asked, Connector, Next, Seen, SweepFrom};
use crate::transport::Method;
use crate::trouble::{Cure, Effect, Trouble, problem};
use async_trait::async_trait;
use regulars_domain::MemberId;
use regulars_domain::label::Label;
use regulars_domain::member::Address;
use regulars_domain::phone::Country;
use regulars_store::part::Known;
use regulars_store::remotes::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The kind of this remote.
pub const KIND: &str = "lumyri";
/// What it can be searched by.
pub(super) const FIND: Find = Find { phone: Search::Perhaps, card: Search::No, text: Search::Perhaps };
/// Setting: the application's id.
pub const APP_ID: &str = "app_id";
/// What has a home there.
const HOMES: [&str; 6] = ["name", "phone", "email", "addresses", "picture", "@labels"];
/// Members on a page.
const PAGE: i64 = 100;
/// Most pages that are looked through for one member whose registration was not answered.
const MAX_PROBE_PAGES: i64 = 200;
/// What a label is made in that has no colour here.
const NO_COLOR: &str = "#808080";
/// Who makes labels.
const MAKER: &str = "Regulars";
/// Labels as this connector hands them on: objects with an id and, where it is known, a name.
const LABELS: &str = "regulars_labels";

/// What it is set up with.
pub(super) const SETTINGS: [Setting; 1] = [Setting::typed(APP_ID, true)];
/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: 1,
    max_bytes: usize::MAX,
    resend: Resend::LooksFirst,
    pull: Pull::BySweep(Pace::PAGES),
    credit: Credit::Here,
    takes_back: false,
    find: FIND,
    create: Create { chooses_id: true, is_idempotent: true, needs: &["email", "name.given", "name.family"] },
    partial_update: false,
    version_check: false,
    delete: true,
    sees_deletions: true,
    homes: Some(&HOMES),
    has_checksums: false,
    names_shops: false,
};

#[cfg(test)]
pub(super) fn words() -> Box<dyn super::rest::Words> {
    Box::new(LumyriWords)
}

pub(super) fn connect(line: Line) -> Result<Arc<dyn Connector>, Problem> {
    let app_id = line.settings.get(APP_ID).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
    if app_id.is_empty() {
        let message = "Lumyri needs the id of the application: --set app_id=…";
        return Err(Problem { field: Some(APP_ID.to_owned()), ..problem("required", message) });
    }
    let http = Http::new(line.transport, line.timeout, own);
    let api = Lumyri { http, token: line.secret, app_id, labels: Mutex::default(), making: Default::default() };
    Ok(Arc::new(Rest::new(line.remote_id, api, Arc::new(LumyriWords), line.scope)))
}

struct Lumyri {
    http: Http,
    token: String,
    app_id: String,
    /// Names of labels by id, as far as they were asked for.
    labels: Mutex<BTreeMap<String, String>>,
    /// Whoever makes a label does so alone, so that two members with a new one do not make it twice.
    making: tokio::sync::Mutex<()>,
}

fn own(body: &Value) -> Option<Own> {
    let error = body.get("error").filter(|error| !error.is_null()).or_else(|| body.get("message"))?;
    let text = error.as_str().or_else(|| error.get("message")?.as_str()).unwrap_or("refused");
    Some(Own { problem: problem("refused", text), cure: None })
}

impl Lumyri {
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("authorization", format!("Bearer {}", self.token)), ("x-app-id", self.app_id.clone())]
    }

    /// The thing itself, in its envelope or bare. An error in a good status is an error.
    fn unwrapped(&self, body: Value, effect: Effect) -> Result<Value, Trouble> {
        if let Some(error) = body.get("error").filter(|error| !error.is_null()) {
            let text = error.as_str().or_else(|| error.get("message")?.as_str()).unwrap_or("refused");
            return Err(Trouble { problem: problem("refused", text), cure: Cure::SendLess, effect, retry_after: None });
        }
        match body {
            Value::Object(mut fields) if fields.contains_key("error") && fields.contains_key("data") => {
                Ok(fields.remove("data").unwrap_or(Value::Null))
            }
            other => Ok(other),
        }
    }

    /// A member with their labels by name, where they are known.
    async fn named(&self, mut object: Value) -> Result<Value, Trouble> {
        let Some(labels) = labels_of(&object) else { return Ok(object) };
        let mut named = Vec::new();
        for (id, name) in labels {
            let name = match name {
                Some(name) => {
                    self.known().insert(id.clone(), name.clone());
                    Some(name)
                }
                None => self.name_of(&id).await?,
            };
            named.push(json!({ "id": id, "name": name }));
        }
        if let Value::Object(fields) = &mut object {
            fields.insert(LABELS.to_owned(), Value::Array(named));
        }
        Ok(object)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A label's name. The catalogue is asked for once it is needed; where it has no such label the id stands for it.
    async fn name_of(&self, id: &str) -> Result<Option<String>, Trouble> {
        if let Some(name) = self.known().get(id).cloned() {
            return Ok(Some(name));
        }
        self.learn_labels().await?;
        // Not asked for again: an id without a name stays one.
        Ok(self.known().entry(id.to_owned()).or_insert_with(|| id.to_owned()).clone().into())
    }

    async fn learn_labels(&self) -> Result<(), Trouble> {
        for page in 1..=MAX_PROBE_PAGES {
            let path = query("/labels", [("current_page", page.to_string()), ("per_page", PAGE.to_string())]);
            let response = self.http.send(Method::Get, path, self.headers(), None).await?;
            if self.http.says(&response, 404) || self.http.says(&response, 403) {
                return Ok(());
            }
            let body = self.unwrapped(self.http.json(&response, Effect::None)?, Effect::None)?;
            let rows = body.get("data").or(Some(&body)).and_then(Value::as_array).cloned().unwrap_or_default();
            for row in &rows {
                if let (Some(id), Some(name)) =
                    (row.get("id").and_then(Value::as_str), row.get("name").and_then(Value::as_str))
                {
                    self.known().insert(id.to_owned(), name.to_owned());
                }
            }
            let last = body.get("last_page").and_then(Value::as_i64).unwrap_or(page);
            if rows.is_empty() || page >= last {
                break;
            }
        }
        Ok(())
    }

    /// The ids of labels, made there where none has the name.
    async fn ids_of(&self, names: &BTreeSet<String>) -> Result<Named<Vec<String>>, Trouble> {
        let (mut ids, mut lacking) = (Vec::new(), Vec::new());
        for name in names {
            match self.label(name, None).await? {
                Ok(id) => ids.push(id),
                Err(refused) => {
                    let message = not_made("Lumyri", "label", name, &refused);
                    let problem = Problem { field: Some("labels".to_owned()), ..problem("label_unknown", message) };
                    lacking.push((format!("labels/{name}"), problem));
                }
            }
        }
        Ok(Named::but_for(lacking, ids))
    }

    fn id_of(&self, name: &str) -> Option<String> {
        self.known().iter().find(|(_, known)| *known == name).map(|(id, _)| id.clone())
    }

    /// The id of a label, made there where none has the name; or why it is not made.
    async fn label(&self, name: &str, color: Option<&str>) -> Result<Result<String, String>, Trouble> {
        if let Some(id) = self.id_of(name) {
            return Ok(Ok(id));
        }
        let _alone = self.making.lock().await;
        if let Some(id) = self.id_of(name) {
            return Ok(Ok(id));
        }
        self.learn_labels().await?;
        if let Some(id) = self.id_of(name) {
            return Ok(Ok(id));
        }
        let refused = self.make_label(name, color).await?;
        if self.id_of(name).is_none() {
            // Another till may have been faster, and an answer need not name what it made.
            self.learn_labels().await?;
        }
        let unheard_of = || "it is not in the list afterwards".to_owned();
        Ok(self.id_of(name).ok_or_else(|| refused.map_or_else(unheard_of, |refused| refused.message)))
    }

    /// Answers why it was not made, where it was not.
    async fn make_label(&self, name: &str, color: Option<&str>) -> Result<Option<Problem>, Trouble> {
        let body = json!({
            "name": name,
            "description": name,
            "color": color.unwrap_or(NO_COLOR),
            "userName": MAKER,
        });
        let body = body.to_string().into_bytes();
        let response = self.http.send(Method::Post, "/labels".to_owned(), self.headers(), Some(body)).await?;
        if let Some(refused) = self.http.refusal(&response) {
            return Ok(Some(refused));
        }
        let made = self.unwrapped(self.http.json(&response, Effect::Unknown)?, Effect::Unknown)?;
        if let Some(id) = made.get("id").and_then(Value::as_str) {
            self.known().insert(id.to_owned(), name.to_owned());
        }
        Ok(None)
    }

    async fn list(&self, page: i64, limit: i64, search: &str, timeout: std::time::Duration) -> Result<Value, Trouble> {
        let path = query(
            "/users/customers",
            [
                ("limit", limit.to_string()),
                ("page", page.to_string()),
                ("search", search.to_owned()),
                ("sort_by", "name".to_owned()),
                ("order_by", "asc".to_owned()),
            ],
        );
        let response = self.http.send_within(timeout, Method::Get, path, self.headers(), None).await?;
        self.unwrapped(self.http.json(&response, Effect::None)?, Effect::None)
    }
}

/// The labels of a member with the names that stand there, in whichever of the spellings; `None` where none is there.
fn labels_of(object: &Value) -> Option<Vec<(String, Option<String>)>> {
    let spelled = ["labels", "lables", "label_ids"].iter().filter_map(|key| object.get(*key));
    let mut found = None;
    for value in spelled {
        let rows = value.as_array().cloned().unwrap_or_default();
        let label = |row: &Value| match row {
            Value::String(id) => Some((id.clone(), None)),
            Value::Object(label) => {
                let text = |key: &str| label.get(key).and_then(Value::as_str).map(str::to_owned);
                Some((text("id")?, text("name")))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        };
        let labels: Vec<_> = rows.iter().filter_map(label).collect();
        if found.as_ref().is_none_or(Vec::is_empty) {
            found = Some(labels);
        }
    }
    found
}

#[async_trait]
impl Api for Lumyri {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble> {
        let path = format!("/users/customers/{}", segment(key));
        let response = self.http.send(Method::Get, path, self.headers(), None).await?;
        if self.http.says(&response, 404) {
            return Ok(None);
        }
        let object = self.unwrapped(self.http.json(&response, Effect::None)?, Effect::None)?;
        self.named(object).await.map(Some)
    }

    fn looks_before_creating(&self) -> bool {
        false
    }

    async fn probe(&self, new: &New) -> Result<Vec<Value>, Trouble> {
        let ours = new.member_id.to_string();
        if let Some(there) = self.read(&ours).await? {
            return match LumyriWords.is_about(&ours, &there) {
                Some(true) => Ok(vec![there]),
                Some(false) | None => Err(refused(merged_there())),
            };
        }
        let country: Option<Country> = new.country.as_deref().and_then(|code| code.parse().ok());
        let is_theirs = |row: &Value| {
            let said = LumyriWords.read(row).unwrap_or_default();
            let is_same = |path: &str| {
                new.said.get(path).is_none_or(|ours| {
                    LumyriWords.is_same(path, ours, said.fields.get(path).unwrap_or(&Value::Null), country)
                })
            };
            is_same("email") && is_same("phone")
        };
        let email = new.said.get("email").and_then(Value::as_str).unwrap_or_default();
        for search in [email, ""] {
            let mut page = 1;
            loop {
                let answer = self.list(page, PAGE, search, self.http.timeout).await?;
                let found: Vec<Value> = rows_in(&answer, "data")?.into_iter().filter(|row| is_theirs(row)).collect();
                if let Some(first) = found.first() {
                    // The list and the member say the same; one by itself has its labels by name.
                    let key = first.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                    let rest = found.into_iter().skip(1);
                    return Ok(self.read(&key).await?.into_iter().chain(rest).collect());
                }
                if page >= last_page(&answer, page) || page >= MAX_PROBE_PAGES {
                    break;
                }
                page += 1;
            }
        }
        Ok(Vec::new())
    }

    async fn create(&self, new: &New) -> Result<Created, Trouble> {
        let mut body: Map<String, Value> = serde_json::from_str(&new.body).unwrap_or_default();
        let names = label_names(&new.said);
        if !names.is_empty() {
            let ids = match self.ids_of(&names).await? {
                Named::All(ids) => json!(ids),
                Named::Lacking(held) => return Ok(Created::Lacks(held)),
            };
            body.insert("label_ids".to_owned(), ids.clone());
            body.insert("labels".to_owned(), ids);
        }
        let body = Value::Object(body).to_string().into_bytes();
        let response = self.http.send(Method::Post, "/users/customers".to_owned(), self.headers(), Some(body)).await?;
        if response.status == 409 && self.http.says(&response, 409) {
            // Known there already, or too much like somebody who is.
            let is_there = !self.probe(new).await.map_err(Trouble::after_another)?.is_empty();
            let why = || refused(self.http.refused(&response, Effect::None).problem);
            return if is_there { Ok(Created::Silent) } else { Err(why()) };
        }
        let object = self.unwrapped(self.http.json(&response, Effect::Unknown)?, Effect::Unknown)?;
        Ok(Created::Object(self.named(object).await.map_err(Trouble::after_another)?))
    }

    async fn update(
        &self,
        key: &str,
        there: &Value,
        fields: &BTreeMap<String, Value>,
        base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble> {
        let mut said = LumyriWords.read(there).unwrap_or_default().fields;
        said.extend(fields.clone());
        let names = label_names(&said);
        let mut body = members(there);
        body.remove(LABELS);
        body.remove("lables");
        for (path, value) in fields {
            write(&mut body, path, value);
        }
        let kept: Vec<String> = labels_of(there).unwrap_or_default().into_iter().map(|(id, _)| id).collect();
        let touches_labels = fields.keys().any(|path| path.starts_with("@labels/"));
        let ids = match touches_labels {
            true => match self.ids_of(&names).await? {
                Named::All(ids) => ids,
                Named::Lacking(held) => return Ok(Updated::Lacks(held)),
            },
            false => kept,
        };
        let ids = json!(ids);
        body.insert("labels".to_owned(), ids.clone());
        body.insert("label_ids".to_owned(), ids);
        if let (false, Some(avatar)) = (body.contains_key("avatar"), base.get("picture")) {
            body.insert("avatar".to_owned(), avatar.clone());
        }
        let body = Value::Object(body).to_string().into_bytes();
        let path = format!("/users/customers/{}", segment(key));
        let response = self.http.send(Method::Put, path, self.headers(), Some(body)).await?;
        let object = self.unwrapped(self.http.json(&response, Effect::Unknown)?, Effect::Unknown)?;
        Ok(match object.get("id") {
            Some(_) => Updated::Object(self.named(object).await.map_err(Trouble::after_another)?),
            None => Updated::Silent,
        })
    }

    /// Where it cannot be made, the member who has it says so.
    async fn put_label(&self, label: &Label) -> Result<(), Trouble> {
        self.label(&label.name, label.color.as_deref()).await.map(drop)
    }

    /// In the body. That it is gone is asked for afterwards: what becomes of ids that are not there is not said.
    async fn delete(&self, key: &str) -> Result<(), Trouble> {
        let body = json!({ "customer_ids": [key] }).to_string().into_bytes();
        let response =
            self.http.send(Method::Delete, "/users/customers".to_owned(), self.headers(), Some(body)).await?;
        self.unwrapped(self.http.json(&response, Effect::Unknown)?, Effect::Unknown)?;
        match self.read(key).await? {
            None => Ok(()),
            Some(there) if LumyriWords.is_about(key, &there) == Some(false) => Ok(()),
            Some(_) => Err(Trouble::later(
                "still_there",
                "the remote said that it deleted, and still has them",
                Effect::Unknown,
            )),
        }
    }

    async fn page(&self, from: &SweepFrom) -> Result<Page, Trouble> {
        let page = from.place.as_deref().and_then(|place| place.parse().ok()).unwrap_or(1);
        let answer = self.list(page, PAGE, "", self.http.timeout).await?;
        let mut rows = Vec::new();
        for row in rows_in(&answer, "data")? {
            rows.push(self.named(row).await?);
        }
        let is_last = page >= last_page(&answer, page) || rows.is_empty();
        let next = if is_last { Next::Complete(None) } else { Next::Place((page + 1).to_string()) };
        Ok(Page { rows, next, total: answer.get("total").and_then(Value::as_i64) })
    }

    async fn search(&self, asked: &Asked) -> Result<Vec<Value>, Trouble> {
        let answer = self.list(1, PAGE, asked.phones.first().unwrap_or(&asked.text), asked.timeout).await?;
        let mut found = Vec::new();
        for row in rows_in(&answer, "data")?.into_iter().take(super::MAX_FOUND) {
            found.push(self.named(row).await?);
        }
        Ok(found)
    }

    async fn check(&self) -> Result<Seen, Trouble> {
        let answer = self.list(1, 1, "", self.http.timeout).await?;
        rows_in(&answer, "data")?;
        Ok(Seen { members: answer.get("total").and_then(Value::as_i64), pos_ids: None, clock: None, lacks: None })
    }
}

/// What no other try would change.
fn refused(problem: Problem) -> Trouble {
    Trouble { problem, cure: Cure::SendLess, effect: Effect::None, retry_after: None }
}

fn last_page(answer: &Value, page: i64) -> i64 {
    answer.get("last_page").and_then(Value::as_i64).unwrap_or(page)
}

fn label_names(said: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let name = |(path, value): (&String, &Value)| {
        path.strip_prefix("@labels/").filter(|_| *value == json!(true)).map(str::to_owned)
    };
    said.iter().filter_map(name).collect()
}

fn write(body: &mut Map<String, Value>, path: &str, value: &Value) {
    let text = |value: &Value| if value.is_null() { json!("") } else { value.clone() };
    match path {
        "name" => {
            for key in ["first_name", "last_name"] {
                body.insert(key.to_owned(), text(value.get(key).unwrap_or(&Value::Null)));
            }
        }
        "addresses" => {
            body.insert("address".to_owned(), if value.is_null() { json!([]) } else { value.clone() });
        }
        "picture" => {
            body.insert("avatar".to_owned(), text(value));
        }
        "phone" | "email" => {
            body.insert(path.to_owned(), text(value));
        }
        _ => {}
    }
}

struct LumyriWords;

impl Words for LumyriWords {
    fn read(&self, object: &Value) -> Result<Said, Problem> {
        let mut said = Said::default();
        rest::put_texts(&mut said, object, &[("phone", "phone"), ("email", "email"), ("picture", "avatar")])?;
        let (first, last) = (text_in(object, "first_name")?, text_in(object, "last_name")?);
        if first.is_some() || last.is_some() {
            let part = |part: Option<Value>| part.unwrap_or(Value::Null);
            let (first, last) = (part(first), part(last));
            if !(first.is_null() && last.is_null()) {
                said.put("name", Some(json!({ "first_name": first, "last_name": last })));
            }
        }
        match object.get("address") {
            None => {}
            Some(Value::Null) => said.put("addresses", Some(Value::Null)),
            Some(Value::Array(rows)) if rows.is_empty() => said.put("addresses", Some(Value::Null)),
            Some(Value::Array(rows)) => {
                said.put("addresses", Some(json!(rows.iter().map(place).collect::<Result<Vec<_>, _>>()?)))
            }
            Some(_) => return Err(problem("member_invalid", "the remote’s address is no list")),
        }
        if let Some(labels) = object.get(LABELS).and_then(Value::as_array) {
            said.groups.push("@labels");
            for label in labels {
                let text = |key: &str| label.get(key).and_then(Value::as_str);
                if let Some(name) = text("name").or_else(|| text("id")) {
                    said.put(&format!("@labels/{name}"), Some(json!(true)));
                }
            }
        }
        Ok(said)
    }

    fn said(&self, known: &Known) -> Said {
        let mut said = Said::default();
        said.put("phone", phone_of(known, "phone"));
        said.put("email", known_text(known, "email"));
        let name = known.document.get("name");
        let part = |key: &str| name.and_then(|name| name.get(key)).filter(|part| !is_blank(part)).cloned();
        said.put(
            "name",
            match (part("given"), part("family"), part("full")) {
                (Some(given), Some(family), _) => Some(json!({ "first_name": given, "last_name": family })),
                (_, _, full) => full.map(|full| json!({ "full": full })),
            },
        );
        let picture = known.document.get("picture").and_then(|picture| picture.get("url"));
        said.put("picture", picture.filter(|url| !is_blank(url)).cloned());
        let addresses = known.document.get("addresses").and_then(Value::as_array).cloned().unwrap_or_default();
        let places: Vec<Value> =
            addresses.iter().filter_map(|address| Address::deserialize(address).ok()).filter_map(said_place).collect();
        said.put("addresses", (!places.is_empty()).then(|| json!(places)));
        let labels = known.terms.get("labels").and_then(Value::as_object);
        for (name, sticks) in labels.into_iter().flatten() {
            said.put(&format!("@labels/{name}"), (*sticks == json!(true)).then_some(Value::Bool(true)));
        }
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
            "name" => {
                let part = |key: &str| theirs.get(key).and_then(Value::as_str).unwrap_or_default();
                let (given, family) = (part("first_name"), part("last_name"));
                let full =
                    [given, family].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
                let mut name = json!({ "full": full });
                if !given.is_empty() && !family.is_empty() {
                    name["given"] = json!(given);
                    name["family"] = json!(family);
                }
                name
            }
            "phone" => rest::number(theirs, country),
            "picture" => json!({ "url": theirs }),
            "addresses" => our_addresses(
                theirs.as_array().map(Vec::as_slice).unwrap_or_default(),
                known.and_then(Value::as_array).cloned().unwrap_or_default(),
            ),
            _ => theirs.clone(),
        })
    }

    fn emptied(&self, path: &str, known: Option<&Value>) -> Value {
        let ours = known.and_then(Value::as_array).cloned().unwrap_or_default();
        let left = if path == "addresses" { our_addresses(&[], ours) } else { Value::Null };
        if left.as_array().is_none_or(Vec::is_empty) { Value::Null } else { left }
    }

    fn is_same(&self, path: &str, one: &Value, other: &Value, country: Option<Country>) -> bool {
        match path {
            "phone" => rest::is_same_number(one, other, country),
            // A full name without its parts is the same as parts that make it, whichever comes first.
            "name" => {
                let parts = |value: &Value| {
                    let part = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
                    (part("full"), part("first_name").unwrap_or_default(), part("last_name").unwrap_or_default())
                };
                match (parts(one), parts(other)) {
                    ((Some(full), _, _), (None, first, last)) | ((None, first, last), (Some(full), _, _)) => {
                        full == format!("{first} {last}").trim() || full == format!("{last} {first}").trim()
                    }
                    (one, other) => one == other,
                }
            }
            // `home` and `Home` are one category.
            "addresses" => folded(one) == folded(other),
            "email" => lower(one) == lower(other),
            _ => one == other,
        }
    }

    fn refuses(&self, path: &str, _before: &Value, after: &Value) -> Option<Problem> {
        match path {
            "name" if after.get("first_name").is_none_or(is_blank) || after.get("last_name").is_none_or(is_blank) => {
                Some(Problem {
                    field: Some("name".to_owned()),
                    ..needs("name", "a given name and a family name, each by itself")
                })
            }
            "email" if after.is_null() => Some(needs("email", "an email address")),
            _ => None,
        }
    }

    fn lacks(&self, said: &BTreeMap<String, Value>) -> Option<Problem> {
        if !said.contains_key("email") {
            return Some(needs("email", "an email address"));
        }
        (!said.contains_key("name")).then(|| needs("name", "a given name and a family name"))
    }

    fn body(&self, new: &New) -> String {
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(new.member_id.to_string()));
        for (path, value) in &new.said {
            write(&mut body, path, value);
        }
        Value::Object(body).to_string()
    }

    fn key(&self, object: &Value) -> Option<String> {
        object.get("id")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    /// Our id where it was kept; a stranger's is as unique.
    fn member_id(&self, object: &Value) -> Option<MemberId> {
        object.get("id")?.as_str()?.parse().ok()
    }
}

fn lower(value: &Value) -> Option<String> {
    value.as_str().map(str::to_lowercase)
}

fn folded(addresses: &Value) -> Value {
    let mut rows = addresses.as_array().cloned().unwrap_or_default();
    for row in &mut rows {
        if let Some(category) = row.get("category").and_then(Value::as_str).map(str::to_lowercase) {
            row["category"] = json!(category);
        }
    }
    Value::Array(rows)
}

/// An address as Lumyri has one, with nothing in it that this connector does not read.
fn place(row: &Value) -> Result<Value, Problem> {
    let broken = || problem("member_invalid", "the remote’s address is none");
    let location =
        row.get("location").filter(|location| location.is_object() || location.is_null()).ok_or_else(broken)?;
    let name = text_in(location, "name")?.filter(|name| !name.is_null());
    let category = text_in(row, "category")?.filter(|category| !category.is_null());
    let mut said = json!({ "location": {} });
    if let Some(category) = category {
        said["category"] = category;
    }
    if let Some(name) = name {
        said["location"]["name"] = name;
    }
    if let Some([latitude, longitude]) = location.get("geo").and_then(Value::as_array).map(Vec::as_slice) {
        let is_on_earth = latitude.as_f64().is_some_and(|at| at.abs() <= 90.0)
            && longitude.as_f64().is_some_and(|at| at.abs() <= 180.0);
        if !is_on_earth {
            return Err(broken());
        }
        said["location"]["geo"] = json!([latitude.as_f64(), longitude.as_f64()]);
    }
    Ok(said)
}

fn said_place(address: Address) -> Option<Value> {
    let line = address_line(&address);
    if line.is_none() && address.position.is_none() {
        return None;
    }
    let category = address.category.clone().unwrap_or_else(|| match address.role.as_deref() {
        Some("home") => "Home".to_owned(),
        Some(_) | None => "Other".to_owned(),
    });
    let mut place = json!({ "category": category, "location": {} });
    if let Some(line) = line {
        place["location"]["name"] = json!(line);
    }
    if let Some(position) = address.position {
        place["location"]["geo"] = json!([position.latitude, position.longitude]);
    }
    Some(place)
}

/// Their list of addresses. One that says what one of ours does is that one, wherever it stands, with all its parts. Another
/// is the one of ours in its place, told anew, where that is not in the list any more. What of ours says nothing that Lumyri
/// could hold was never told, and stays.
fn our_addresses(theirs: &[Value], ours: Vec<Value>) -> Value {
    let said = |address: &Value| Address::deserialize(address).ok().and_then(said_place);
    let (told, untold): (Vec<Value>, Vec<Value>) = ours.into_iter().partition(|ours| said(ours).is_some());
    let mut left: Vec<Option<Value>> = told.into_iter().map(Some).collect();
    let mut same: Vec<Option<Value>> = Vec::with_capacity(theirs.len());
    for row in theirs {
        let is_it = |ours: &Option<Value>| {
            ours.as_ref().and_then(said).is_some_and(|said| folded(&json!([said])) == folded(&json!([row])))
        };
        same.push(left.iter().position(is_it).and_then(|place| left[place].take()));
    }
    let rows = theirs.iter().zip(same).enumerate();
    let told = rows
        .map(|(place, (row, same))| same.unwrap_or_else(|| told_anew(row, left.get_mut(place).and_then(Option::take))));
    let mut all: Vec<Value> = told.collect();
    all.extend(untold);
    Value::Array(all)
}

/// An address as it is told, with the note of the one that stood in its place: Lumyri has no home for it.
fn told_anew(row: &Value, ours: Option<Value>) -> Value {
    let mut address = json!({});
    if let Some(note) = ours.as_ref().and_then(|ours| ours.get("note")) {
        address["note"] = note.clone();
    }
    if let Some(category) = row.get("category") {
        address["category"] = category.clone();
        let role = if lower(category).as_deref() == Some("home") { "home" } else { "delivery" };
        address["role"] = json!(role);
    }
    if let Some(name) = row["location"].get("name") {
        address["text"] = name.clone();
    }
    if let Some([latitude, longitude]) = row["location"].get("geo").and_then(Value::as_array).map(Vec::as_slice) {
        address["position"] = json!({ "latitude": latitude, "longitude": longitude });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_told_stays_the_one_that_it_is_here_wherever_it_stands() {
        let home =
            json!({ "role": "home", "category": "Home", "text": "1 Old Street", "city": "Huế", "note": "ring twice" });
        let untold = json!({ "note": "behind the house" });
        let ours = vec![untold.clone(), home.clone()];
        let row = |category: &str, name: &str| json!({ "category": category, "location": { "name": name } });
        let same = row("home", "1 Old Street, Huế");
        assert_eq!(our_addresses(std::slice::from_ref(&same), ours.clone()), json!([home, untold]));
        let news = our_addresses(&[row("Other", "9 Quay"), same], ours.clone());
        let quay = json!({ "role": "delivery", "category": "Other", "text": "9 Quay" });
        assert_eq!(news, json!([quay, home, untold]), "one in front moves no other");
        let anew = our_addresses(&[row("Home", "2 Old Street")], ours.clone());
        let corrected = json!({ "role": "home", "category": "Home", "text": "2 Old Street", "note": "ring twice" });
        assert_eq!(anew, json!([corrected, untold]));
        assert_eq!(LumyriWords.emptied("addresses", Some(&json!(ours))), json!([untold]));
        assert_eq!(LumyriWords.emptied("addresses", Some(&json!([home]))), Value::Null);
    }
}
