//! Labels: by id there, by name here.
//!
//! A label that was made by this API has the id that was given to it; any other has one that follows from its name.
//! Colours that are words are kept for this API; tills show `#RRGGBB` alone. The page on labels is only known in part:
//! the objects are bare, `sort_by` is the direction there and `order_by` the field, and the list has the form of the
//! customers' list, without the envelope.

use super::super::call::{invalid, json};
use super::super::desk::{Desk, Seen, derived};
use super::super::fields::text;
use super::{Failure, Lumyri, listing};
use crate::apply::rejected;
use crate::effects::put_label;
use crate::error::HeadOfficeError;
use crate::storage::ThingKey;
use axum::http::StatusCode;
use axum::response::Response;
use regulars_domain::fold::fold;
use regulars_domain::label::Label;
use regulars_domain::membership::is_color;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is kept of a label beside the catalogue.
const KIND: &str = "lumyri label";

/// The labels, by name.
pub(super) struct Labels(BTreeMap<String, Value>);

impl Labels {
    /// All of the catalogue, and those that a customer carries besides.
    pub(super) fn of(desk: &mut Desk<'_>, seen: Option<&Seen>) -> Result<Self, HeadOfficeError> {
        let mut labels = BTreeMap::new();
        let carried = seen.into_iter().flat_map(|seen| seen.terms.label_names());
        for name in carried {
            labels.insert(name.to_owned(), blank(name));
        }
        for label in desk.rows.list_labels(0)? {
            let mut object = blank(&label.name);
            object["color"] = json!(label.color.unwrap_or_default());
            labels.insert(label.name, object);
        }
        for thing in desk.rows.list_things(KIND)? {
            labels.insert(thing.reference, serde_json::from_str(&thing.content)?);
        }
        Ok(Self(labels))
    }

    pub(super) fn id(&self, name: &str) -> String {
        let known = self.0.get(name).and_then(|label| label["id"].as_str());
        known.map_or_else(|| id_of(name), str::to_owned)
    }

    /// A label as a customer's detail shows it.
    pub(super) fn object(&self, id: &str) -> Value {
        match self.0.values().find(|label| label["id"] == id) {
            Some(label) => json!({ "id": id, "name": label["name"], "color": label["color"] }),
            None => json!({ "id": id, "name": "", "color": "" }),
        }
    }

    /// The names of some ids, and the ids that are no label here.
    pub(super) fn sort(&self, ids: &[String]) -> (Vec<String>, Vec<String>) {
        let (mut names, mut unknown) = (Vec::new(), Vec::new());
        for id in ids {
            match self.0.iter().find(|(_, label)| label["id"] == **id) {
                Some((name, _)) => names.push(name.clone()),
                None => unknown.push(id.clone()),
            }
        }
        (names, unknown)
    }
}

fn id_of(name: &str) -> String {
    derived("lumyri label", name).to_string()
}

fn blank(name: &str) -> Value {
    json!({ "id": id_of(name), "name": name, "description": "", "color": "" })
}

pub(super) async fn create(lumyri: Lumyri) -> Result<Response, Failure> {
    let call = lumyri.call;
    let (status, sent) = (call.settings().lumyri_created, call.json()?);
    let field = |key: &str| {
        let value =
            text(sent.get(key).unwrap_or(&Value::Null)).map_err(|()| invalid(&format!("{key} must be a string")))?;
        value.map(str::to_owned).ok_or_else(|| invalid(&format!("{key} is required")))
    };
    let (name, description, color, user) = (field("name")?, field("description")?, field("color")?, field("userName")?);
    let asked = sent.get("id").and_then(Value::as_str).filter(|id| uuid::Uuid::try_parse(id).is_ok());
    let id = asked.map_or_else(|| id_of(&name), str::to_owned);
    let body = call.change(move |desk| {
        let hex = Some(color.clone()).filter(|color| is_color(color));
        let label =
            Label { name: name.clone(), color: hex, external_id: None }.checked().map_err(HeadOfficeError::from)?;
        let taken = desk.rows.find_thing(KIND, &ThingKey::Reference(&label.name))?.is_some()
            || desk.rows.find_label(&label.name)?.is_some()
            || desk.rows.list_things(KIND)?.iter().any(|thing| thing.content.contains(&format!("\"id\":\"{id}\"")));
        if taken {
            return Err(HeadOfficeError::from(rejected("label_taken", "there is such a label already")).into());
        }
        put_label(desk.rows, &label).map_err(HeadOfficeError::from)?;
        let object = json!({
            "id": id,
            "companyId": derived("lumyri company", ""),
            "userId": desk.access.token_id,
            "createdAt": desk.at,
            "updatedAt": desk.at,
            "createdBy": user,
            "updatedBy": user,
            "name": label.name,
            "description": description,
            "color": color,
        });
        desk.rows.put_thing(KIND, &label.name, &object.to_string(), desk.at)?;
        Ok::<_, Failure>(object)
    });
    Ok(json(status, &body.await?))
}

pub(super) async fn list(lumyri: Lumyri) -> Result<Response, Failure> {
    let call = lumyri.call;
    let page = listing::Paging::read(call.param("current_page"), call.param("per_page"))?;
    let is_descending = listing::is_descending(call.param("sort_by"), true)?;
    let by = match call.param("order_by").unwrap_or("name") {
        by @ ("name" | "description" | "color" | "createdAt" | "updatedAt") => by.to_owned(),
        _ => return Err(invalid("order_by is name, description, color, createdAt or updatedAt").into()),
    };
    let wanted = fold(call.param("name").unwrap_or_default());
    let body = call.ask(move |desk| {
        let mut all: Vec<Value> = Labels::of(desk, None)?.0.into_values().collect();
        all.retain(|label| fold(label["name"].as_str().unwrap_or_default()).contains(&wanted));
        all.sort_by_key(|label| fold(label[&by].as_str().unwrap_or_default()));
        if is_descending {
            all.reverse();
        }
        let total = all.len();
        let rows: Vec<Value> = all.into_iter().skip(page.skip()).take(page.size()).collect();
        Ok::<_, Failure>(page.object(total, rows))
    });
    Ok(json(StatusCode::OK, &body.await?))
}
