//! What members of Valomnia name: categories, segments, payment types, parents. Each is asked for before it is named.
//!
//! - A category or segment is looked for by reference, then by name, and made where there is neither: a category below the
//!   root category, or as the root where there is none. Its reference is ours, so a lost answer makes no second one.
//! - Payment types can only be listed: one that is not there waits for a person.
//! - A parent may still be on the way: they are asked for again, and a person looks after a while.

use super::super::rest::{Named, form, not_made, query, segment};
use super::{PAGE, Valomnia};
use crate::transport::Method;
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_store::remotes::Problem;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most pages of a list that are looked through: more groups than any shop sorts its members into.
const MAX_PAGES: usize = 50;

/// What can be made: our field, its address, its parameter, and what a person calls it.
struct Kind {
    path: &'static str,
    things: &'static str,
    key: &'static str,
    word: &'static str,
}

const CATEGORY: Kind = Kind { path: "@category", things: "customerCategories", key: "categoryId", word: "category" };
const SEGMENT: Kind =
    Kind { path: "@segment", things: "customerSegmentations", key: "customerSegmentationId", word: "segment" };

/// What some fields name, as Valomnia knows it.
#[derive(Default)]
pub(super) struct Resolved {
    /// Its numbers, by field.
    pub ids: BTreeMap<String, Value>,
    /// Its references, by parameter.
    references: BTreeMap<&'static str, String>,
}

impl Resolved {
    /// Puts Valomnia's own references in the place of ours, which may be only a name.
    pub fn say_references(&self, pairs: &mut [(&'static str, String)]) {
        for (key, value) in pairs {
            if let Some(reference) = self.references.get(key) {
                value.clone_from(reference);
            }
        }
    }
}

/// A category or segment there.
struct Thing {
    id: Value,
    reference: Option<String>,
}

impl Thing {
    fn read(object: &Value) -> Option<Self> {
        let id = object.get("id").filter(|id| !id.is_null()).cloned()?;
        Some(Self { id, reference: text(object, "reference").map(str::to_owned) })
    }
}

/// What is looked for: a reference, and a name, which are the same where only one was typed.
struct Wanted<'a> {
    kind: &'static Kind,
    reference: &'a str,
    name: &'a str,
}

impl Valomnia {
    /// What the fields name. Nothing is written of a member before all of it is there.
    pub(super) async fn resolve(&self, fields: &BTreeMap<String, Value>) -> Result<Named<Resolved>, Trouble> {
        let (mut resolved, mut lacking) = (Resolved::default(), Vec::new());
        for kind in [&CATEGORY, &SEGMENT] {
            let Some(group) = fields.get(kind.path) else { continue };
            let Some(reference) = text(group, "reference") else { continue };
            let wanted = Wanted { kind, reference, name: text(group, "name").unwrap_or(reference) };
            match self.find_or_make(&wanted).await? {
                Ok(thing) => {
                    resolved.ids.insert(kind.path.to_owned(), thing.id);
                    resolved.references.extend(thing.reference.map(|reference| (kind.key, reference)));
                }
                Err(refused) => {
                    let message = not_made("Valomnia", kind.word, reference, &refused);
                    lacking.push((kind.word.to_owned(), not_at_the_remote(kind.word, message)));
                }
            }
        }
        if let Some(parent) = fields.get("@parent").and_then(Value::as_str) {
            resolved.ids.insert("@parent".to_owned(), self.parent(parent).await?);
        }
        if let Some(types) = fields.get("@payment_types").and_then(Value::as_array) {
            match self.payment_types(types).await? {
                Ok(ids) => drop(resolved.ids.insert("@payment_types".to_owned(), ids)),
                Err(missing) => {
                    let message = format!("Valomnia has no payment type {missing}: make it there, then try again");
                    lacking.push(("payment_types".to_owned(), not_at_the_remote("payment_types", message)));
                }
            }
        }
        Ok(Named::but_for(lacking, resolved))
    }

    /// Answers why it is not made, where it is not.
    async fn find_or_make(&self, wanted: &Wanted<'_>) -> Result<Result<Thing, String>, Trouble> {
        if let Some(thing) = self.find_thing(wanted).await? {
            return Ok(Ok(thing));
        }
        let _alone = self.making.lock().await;
        if let Some(thing) = self.find_thing(wanted).await? {
            return Ok(Ok(thing));
        }
        let refused = match self.make(wanted).await? {
            Ok(thing) => return Ok(Ok(thing)),
            Err(refused) => refused,
        };
        // Another till may have been faster.
        Ok(self.find_thing(wanted).await?.ok_or(refused.message))
    }

    async fn find_thing(&self, wanted: &Wanted<'_>) -> Result<Option<Thing>, Trouble> {
        let Wanted { kind, reference, name } = wanted;
        if let Some(found) = self.get(&format!("/{}/reference/{}", kind.things, segment(reference))).await? {
            return Ok(Thing::read(&found));
        }
        // A star stands for anything in what is searched for.
        let is_plain = !name.contains('*');
        let named = |row: &Value| text(row, "name") == Some(*name);
        let found = if is_plain { self.find_row(kind, Some(name), named).await? } else { None };
        Ok(found.as_ref().and_then(Thing::read))
    }

    /// The first of a list that is meant.
    async fn find_row(
        &self,
        kind: &Kind,
        name: Option<&str>,
        is_meant: impl Fn(&Value) -> bool + Send,
    ) -> Result<Option<Value>, Trouble> {
        for page in 0..MAX_PAGES {
            let mut filter = vec![("max", PAGE.to_string()), ("offset", (page * PAGE).to_string())];
            filter.extend(name.map(|name| ("name", name.to_owned())));
            let response = self.send(Method::Get, &query(&format!("/{}", kind.things), filter), None).await?;
            // A server that does not list them, or not by name, has none to find.
            if self.http.refusal(&response).is_some() {
                return Ok(None);
            }
            let answer = self.http.json(&response, Effect::None)?;
            let rows = answer.get("data").or(Some(&answer)).and_then(Value::as_array).cloned().unwrap_or_default();
            let is_last = rows.len() < PAGE;
            if let Some(found) = rows.into_iter().find(|row| is_meant(row)) {
                return Ok(Some(found));
            }
            if is_last {
                break;
            }
        }
        Ok(None)
    }

    async fn make(&self, wanted: &Wanted<'_>) -> Result<Result<Thing, Problem>, Trouble> {
        let Wanted { kind, reference, name } = wanted;
        let (path, body) = if kind.path == CATEGORY.path {
            let mut pairs = vec![("reference", (*reference).to_owned()), ("name", (*name).to_owned())];
            let is_root = |row: &Value| row.get("isRoot") == Some(&json!(true));
            let root = self.find_row(kind, None, is_root).await?;
            pairs.push(match root.as_ref().and_then(|root| root.get("id")) {
                Some(root) => ("parentId", root.to_string()),
                None => ("isRoot", "true".to_owned()),
            });
            (format!("/{}", kind.things), ("application/x-www-form-urlencoded".to_owned(), form(pairs).into_bytes()))
        } else {
            let path = format!("/{}/reference/{}", kind.things, segment(reference));
            (path, ("application/json".to_owned(), json!({ "name": name }).to_string().into_bytes()))
        };
        let response = self.send(Method::Post, &path, Some(body)).await?;
        if let Some(refused) = self.http.refusal(&response) {
            return Ok(Err(refused));
        }
        let made = self.http.json(&response, Effect::Unknown)?;
        let unclear = || Trouble::later("answer_invalid", "the remote does not say what it made", Effect::Unknown);
        Thing::read(&made).map(Ok).ok_or_else(unclear)
    }

    async fn parent(&self, reference: &str) -> Result<Value, Trouble> {
        let found = self.get(&format!("/customers/reference/{}", segment(reference))).await?;
        found.and_then(|found| found.get("id").cloned()).ok_or_else(|| {
            let message = format!("Valomnia has no parent {reference}: make it there, then try again");
            let problem = not_at_the_remote("parent", message);
            Trouble { problem, cure: Cure::SendLess, effect: Effect::Unknown, retry_after: None }
        })
    }

    /// Answers the name of the first that is not there, where one is not.
    async fn payment_types(&self, types: &[Value]) -> Result<Result<Value, String>, Trouble> {
        let answer = self.get(&query("/paymentTypes", [("max", PAGE.to_string())])).await?.unwrap_or(Value::Null);
        let known = answer.get("data").or(Some(&answer)).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut ids = Vec::new();
        for wanted in types.iter().filter_map(Value::as_str) {
            let is_it = |row: &&Value| ["reference", "name"].iter().any(|key| text(row, key) == Some(wanted));
            match known.iter().find(is_it).and_then(|row| row.get("id")) {
                Some(id) => ids.push(json!({ "id": id })),
                None => return Ok(Err(wanted.to_owned())),
            }
        }
        Ok(Ok(Value::Array(ids)))
    }
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn not_at_the_remote(field: &str, message: String) -> Problem {
    Problem { field: Some(field.to_owned()), ..problem("not_at_the_remote", message) }
}
