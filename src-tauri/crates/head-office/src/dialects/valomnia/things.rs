//! What stands beside the customers: categories, segmentations, groups, payment types, regions, currencies. Each has a
//! number, a reference and a name, and whatever else it was told.

use super::super::call::json;
use super::super::desk::Desk;
use super::{Failure, Valomnia, listing, write};
use crate::error::HeadOfficeError;
use crate::storage::{StoredThing, ThingKey};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use regulars_domain::edit::Document;
use serde_json::{Value, json};

/// The kinds: as the path has them, as a sentence has them.
const KINDS: [(&str, &str); 6] = [
    ("customerCategories", "customer category"),
    ("customerSegmentations", "customer segmentation"),
    ("customerGroups", "customer group"),
    ("paymentTypes", "payment type"),
    ("regions", "region"),
    ("currencies", "currency"),
];

/// A kind of things.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    path: &'static str,
    word: &'static str,
}

pub(super) const CATEGORY: Kind = Kind { path: KINDS[0].0, word: KINDS[0].1 };
pub(super) const SEGMENTATION: Kind = Kind { path: KINDS[1].0, word: KINDS[1].1 };
pub(super) const PAYMENT_TYPE: Kind = Kind { path: KINDS[3].0, word: KINDS[3].1 };
pub(super) const REGION: Kind = Kind { path: KINDS[4].0, word: KINDS[4].1 };
pub(super) const CURRENCY: Kind = Kind { path: KINDS[5].0, word: KINDS[5].1 };

impl Kind {
    fn of(path: &str) -> Result<Self, Failure> {
        let found = KINDS.iter().find(|(known, _)| *known == path);
        found.map(|(path, word)| Self { path, word }).ok_or_else(|| HeadOfficeError::NotFound.into())
    }

    /// The name in the table of things.
    fn stored(self) -> String {
        format!("valomnia {}", self.path)
    }

    pub(super) fn find(self, desk: &mut Desk<'_>, key: &ThingKey<'_>) -> Result<Option<Thing>, HeadOfficeError> {
        desk.rows.find_thing(&self.stored(), key)?.map(|stored| Thing::read(self, stored)).transpose()
    }

    pub(super) fn all(self, desk: &mut Desk<'_>) -> Result<Vec<Thing>, HeadOfficeError> {
        desk.rows.list_things(&self.stored())?.into_iter().map(|stored| Thing::read(self, stored)).collect()
    }

    /// One that a parameter names: by its number, or by its reference.
    pub(super) fn named(
        self,
        desk: &mut Desk<'_>,
        parameter: &str,
        named: &str,
        by_reference: bool,
    ) -> Result<Thing, Failure> {
        let key = match (by_reference, named.parse()) {
            (true, _) => ThingKey::Reference(named),
            (false, Ok(id)) => ThingKey::Id(id),
            (false, Err(_)) => return Err(Failure::of_type(parameter)),
        };
        self.find(desk, &key)?.ok_or_else(|| Failure::no_such(self.word, named))
    }
}

/// One of them.
pub(super) struct Thing {
    kind: Kind,
    pub(super) id: i64,
    pub(super) reference: String,
    pub(super) told: Document,
    stored: StoredThing,
}

impl Thing {
    fn read(kind: Kind, stored: StoredThing) -> Result<Self, HeadOfficeError> {
        let told = serde_json::from_str(&stored.content)?;
        Ok(Self { kind, id: stored.id, reference: stored.reference.clone(), told, stored })
    }

    pub(super) fn name(&self) -> &str {
        self.told.get("name").and_then(Value::as_str).unwrap_or(&self.reference)
    }

    /// As a customer shows it.
    pub(super) fn linked(&self, version: &str) -> Value {
        let href = format!("/api/{version}/{}/{}", self.kind.path, self.id);
        match self.kind {
            REGION => json!({ "id": self.id, "name": self.name(), "href": href }),
            _ => json!({ "id": self.id, "reference": self.reference, "name": self.name(), "href": href }),
        }
    }

    /// As it shows itself.
    fn shown(&self) -> Document {
        let mut shown = self.told.clone();
        shown.insert("id".to_owned(), json!(self.id));
        shown.insert("reference".to_owned(), json!(self.reference));
        shown.insert("dateCreated".to_owned(), json!(listing::second(self.stored.created_at)));
        shown.insert("lastUpdated".to_owned(), json!(listing::second(self.stored.updated_at)));
        if self.kind == CATEGORY {
            for (key, otherwise) in [("isRoot", json!(false)), ("parentId", Value::Null), ("description", Value::Null)]
            {
                shown.entry(key).or_insert(otherwise);
            }
        }
        shown
    }
}

pub(super) async fn list(
    Path((version, things)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let kind = Kind::of(&things)?;
    let asked = listing::Asked::read(&call.query, &["reference", "name"])?;
    let body = call.ask(move |desk| {
        let rows: Vec<Document> = kind.all(desk)?.iter().map(Thing::shown).collect();
        asked.answer(&format!("/api/{version}/{}", kind.path), rows)
    });
    Ok(json(StatusCode::OK, &body.await?))
}

pub(super) async fn show(
    Path((_, things, id)): Path<(String, String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let kind = Kind::of(&things)?;
    let body = call.ask(move |desk| Ok::<_, Failure>(kind.named(desk, "id", &id, false)?.shown()));
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

pub(super) async fn show_named(
    Path((_, things, id)): Path<(String, String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let kind = Kind::of(&things)?;
    let body = call.ask(move |desk| Ok::<_, Failure>(kind.named(desk, "id", &id, true)?.shown()));
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

pub(super) async fn create(
    Path((_, things)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (kind, told) = (Kind::of(&things)?, write::fields(&call)?);
    let body = call.change(move |desk| {
        let name = required(&told, "name")?;
        let otherwise = if kind == REGION { Some(name) } else { None };
        let reference = told.get("reference").and_then(Value::as_str).or(otherwise);
        let reference =
            reference.filter(|reference| !reference.is_empty()).ok_or_else(|| Failure::missing("reference"))?;
        if kind.find(desk, &ThingKey::Reference(reference))?.is_some() {
            return Err(Failure::bad("not_unique", "reference already used"));
        }
        put(desk, kind, reference, Document::new(), &told)
    });
    Ok(json(StatusCode::CREATED, &Value::Object(body.await?)))
}

pub(super) async fn update(
    Path((_, things, id)): Path<(String, String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (kind, told) = (Kind::of(&things)?, write::fields(&call)?);
    let body = call.change(move |desk| {
        let thing = kind.named(desk, "id", &id, false)?;
        put(desk, kind, &thing.reference.clone(), thing.told, &told)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

pub(super) async fn upsert(
    Path((_, things, reference)): Path<(String, String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (kind, told) = (Kind::of(&things)?, write::fields(&call)?);
    let body = call.change(move |desk| {
        required(&told, "name")?;
        let before = kind.find(desk, &ThingKey::Reference(&reference))?.map(|thing| thing.told).unwrap_or_default();
        put(desk, kind, &reference, before, &told)
    });
    Ok(json(StatusCode::CREATED, &Value::Object(body.await?)))
}

fn required<'a>(told: &'a Document, key: &str) -> Result<&'a str, Failure> {
    let text = told.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Failure::missing(key))
}

/// A parameter that is true or false, as a form or JSON has it; false where nobody says.
fn flag(told: &Document, key: &str) -> Result<bool, Failure> {
    match told.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(false),
        Some(Value::String(text)) => text.trim().parse().map_err(|_| Failure::of_type(key)),
        Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(Failure::of_type(key)),
    }
}

fn put(
    desk: &mut Desk<'_>,
    kind: Kind,
    reference: &str,
    mut content: Document,
    told: &Document,
) -> Result<Document, Failure> {
    content.extend(told.iter().filter(|(key, _)| *key != "reference" && *key != "useExternalId").map(
        |(key, value)| {
            let value = match value.as_str() {
                Some("true") => json!(true),
                Some("false") => json!(false),
                _ => value.clone(),
            };
            (key.clone(), value)
        },
    ));
    if kind == CATEGORY {
        let is_root = content.get("isRoot").and_then(Value::as_bool).unwrap_or(false);
        let parent =
            content.get("parentId").map(|parent| parent.as_str().map_or_else(|| parent.to_string(), str::to_owned));
        match parent {
            Some(parent) => drop(kind.named(desk, "parentId", &parent, flag(told, "useExternalId")?)?),
            // The first one can have no parent.
            None if !is_root && !kind.all(desk)?.is_empty() => return Err(Failure::missing("parentId")),
            None => {}
        }
    }
    if kind == CURRENCY && reference.parse::<regulars_domain::Currency>().is_err() {
        return Err(Failure::not_found(format!("The currency with name {reference} doesn't exist.")));
    }
    let id = desk.rows.put_thing(&kind.stored(), reference, &Value::Object(content).to_string(), desk.at)?;
    let thing = kind.find(desk, &ThingKey::Id(id))?.ok_or(HeadOfficeError::Internal)?;
    Ok(thing.shown())
}
