//! A Portos that shows `creditTransactions` only empty, put before head office, which keeps them: a write of credit is
//! known by its mark alone. What each write booked is noted by looking, for nothing there tells that later on: head office
//! books the difference of two balances.

use regulars_domain::EntryId;
use regulars_sync::transport::{Method, Request};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const ELEMENTS: &str = "creditTransactions";

#[derive(Default)]
pub struct Marks {
    /// Per entry there the one that its write had in front of its mark.
    pub booked_for: BTreeMap<EntryId, EntryId>,
    /// A write of which it was not looked yet what it booked: in front of its mark, and what was there before it.
    written: Option<(EntryId, BTreeSet<EntryId>)>,
}

impl Marks {
    /// A request arrives. A server that died in the one before it is back by now.
    pub fn asked(&mut self, request: &Request, there: &Connection) {
        self.answered(there);
        self.written = mark_in(request).map(|first| (first, entries(there)));
    }

    /// It was dealt with.
    pub fn answered(&mut self, there: &Connection) {
        if let Some((first, before)) = self.written.take() {
            let new = entries(there).into_iter().filter(|id| !before.contains(id));
            self.booked_for.extend(new.map(|id| (id, first)));
        }
    }
}

/// An answer as one gives it that keeps no elements.
pub fn without_elements(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else { return body };
    let mut is_changed = empty(&mut answer);
    for item in answer.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        is_changed |= empty(item);
    }
    if is_changed { answer.to_string().into_bytes() } else { body }
}

fn empty(customer: &mut Value) -> bool {
    let elements = customer.get_mut(ELEMENTS);
    elements.map(|elements| *elements = json!([])).is_some()
}

/// The entry in front of the mark of a write. One that only carries an older mark along books nothing.
fn mark_in(request: &Request) -> Option<EntryId> {
    if request.method != Method::Put {
        return None;
    }
    let body: Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
    let mark = body.get("meta")?.get("Regulars:Credit")?.as_str()?;
    mark.split(' ').next()?.parse().ok()
}

fn entries(connection: &Connection) -> BTreeSet<EntryId> {
    let mut statement = connection.prepare_cached("SELECT id FROM ledger_entries").expect("a table");
    let rows = statement.query_map([], |row| row.get::<_, Uuid>(0)).expect("rows");
    rows.map(|row| EntryId::from_uuid(row.expect("a row"))).collect()
}
