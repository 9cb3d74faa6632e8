//! An edit of a member: per field the value before and after, so that two sides can be merged without a clock.
//!
//! A field is a top-level key of the member's document and is one value: a name, a birthday or an address is never
//! mixed from two sides. A few groups hold values that are independent of each other, as cards do: there each key is a
//! field of its own, `cards/8400…`. Fields that this version does not know are carried along untouched.

use crate::planted::{Mistake, is_planted};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A member as a document: what is stored, pulled and pushed. Absent means empty; `null` is never stored.
pub type Document = Map<String, Value>;

/// The groups of which each key is a field of its own.
const GROUPS: [&str; 6] = ["cards", "consents", "labels", "meta", "social", "external_ids"];

/// What one edit changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Edit {
    /// Per field, what it was and what it becomes.
    pub fields: BTreeMap<String, FieldEdit>,
}

/// One field of an edit; `null` stands for empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldEdit {
    /// The value that the editor saw.
    pub before: Value,
    /// The value that they left.
    pub after: Value,
}

/// How an edit meets a document that may have changed meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// Every field could be taken: the document with the edit in it.
    Merged(Document),
    /// These fields were changed on both sides, to different values. Nothing was taken.
    Conflict(Vec<String>),
}

impl Edit {
    /// What changed from one document to the next.
    pub fn between(before: &Document, after: &Document) -> Self {
        let paths: BTreeSet<String> = paths(before).chain(paths(after)).collect();
        let changed = paths.into_iter().filter(|path| get(before, path) != get(after, path));
        let fields = changed.map(|path| {
            let value_in = |document: &Document| get(document, &path).cloned().unwrap_or(Value::Null);
            let field = FieldEdit { before: value_in(before), after: value_in(after) };
            (path, field)
        });
        Self { fields: fields.collect() }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Writes the edit into a document, whatever stands there.
    pub fn apply(&self, document: &mut Document) {
        for (path, field) in &self.fields {
            set(document, path, &field.after);
        }
    }

    /// The same edit, made by somebody who saw another document.
    #[must_use]
    pub fn rebased(self, base: &Document) -> Self {
        let rebased = self.fields.into_iter().map(|(path, field)| {
            let before = get(base, &path).cloned().unwrap_or(Value::Null);
            (path, FieldEdit { before, after: field.after })
        });
        Self { fields: rebased.collect() }
    }

    /// The edit that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let turned = |field: &FieldEdit| FieldEdit { before: field.after.clone(), after: field.before.clone() };
        Self { fields: self.fields.iter().map(|(path, field)| (path.clone(), turned(field))).collect() }
    }

    /// What of this edit still leads somewhere: the fields that stand as the edit expects them.
    #[must_use]
    pub fn where_untouched(mut self, current: &Document) -> Self {
        self.fields.retain(|path, field| *get(current, path).unwrap_or(&Value::Null) == field.before);
        self
    }

    /// One edit that does what this and then `later` would. Fields that end as they began drop out.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        for (key, field) in later.fields {
            let before = self.fields.remove(&key).map_or(field.before, |first| first.before);
            if before != field.after {
                self.fields.insert(key, FieldEdit { before, after: field.after });
            }
        }
        self
    }

    /// Three-way merge: a field is taken where the other side left it alone, or arrived at the same value.
    pub fn reconcile(&self, current: &Document) -> Reconciled {
        let value_of = |path: &str| get(current, path).unwrap_or(&Value::Null);
        let taken = |key: &str, field: &FieldEdit| *value_of(key) == field.before || *value_of(key) == field.after;
        let conflicts: Vec<String> =
            self.fields.iter().filter(|(key, field)| !taken(key, field)).map(|(key, _)| key.clone()).collect();
        if !conflicts.is_empty() {
            return Reconciled::Conflict(conflicts);
        }
        let mut merged = current.clone();
        self.apply(&mut merged);
        Reconciled::Merged(merged)
    }
}

/// The value of a field.
pub fn get<'a>(document: &'a Document, path: &str) -> Option<&'a Value> {
    match in_group(path) {
        Some((group, key)) => document.get(group)?.as_object()?.get(key),
        None => document.get(path),
    }
}

/// Writes a field; `null` takes it away, and an emptied group with it.
pub fn set(document: &mut Document, path: &str, value: &Value) {
    let Some((group, key)) = in_group(path) else {
        put(document, path, value);
        return;
    };
    let fields = document.entry(group).or_insert_with(|| Value::Object(Document::new()));
    if !fields.is_object() {
        *fields = Value::Object(Document::new());
    }
    if let Value::Object(fields) = fields {
        put(fields, key, value);
        if fields.is_empty() {
            document.remove(group);
        }
    }
}

fn put(fields: &mut Document, key: &str, value: &Value) {
    if value.is_null() {
        fields.remove(key);
    } else {
        fields.insert(key.to_owned(), value.clone());
    }
}

/// The group and key of a path into one.
fn in_group(path: &str) -> Option<(&str, &str)> {
    path.split_once('/').filter(|(group, _)| is_group(group))
}

fn is_group(name: &str) -> bool {
    GROUPS.contains(&name) && !(name == "labels" && is_planted(Mistake::LabelsAsOneValue))
}

/// The paths of all fields of a document.
fn paths(document: &Document) -> impl Iterator<Item = String> + '_ {
    document.iter().flat_map(|(key, value)| match value {
        Value::Object(group) if is_group(key) => group.keys().map(|inner| format!("{key}/{inner}")).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            vec![key.clone()]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        value.as_object().cloned().expect("an object")
    }

    /// Base, what this till made of it, what the other side made of it, and what comes out.
    fn check(base: Value, here: Value, there: Value, expected: Reconciled) {
        let edit = Edit::between(&document(base), &document(here));
        assert_eq!(edit.reconcile(&document(there)), expected);
    }

    #[test]
    fn what_only_one_side_changed_is_taken() {
        check(
            json!({ "email": "a@example.com", "note": "nuts" }),
            json!({ "email": "b@example.com", "note": "nuts" }),
            json!({ "email": "a@example.com", "note": "no nuts", "from_a_newer_version": 1 }),
            Reconciled::Merged(document(
                json!({ "email": "b@example.com", "note": "no nuts", "from_a_newer_version": 1 }),
            )),
        );
    }

    #[test]
    fn the_same_change_on_both_sides_is_no_conflict() {
        let changed = json!({ "email": "b@example.com" });
        check(
            json!({ "email": "a@example.com" }),
            changed.clone(),
            changed.clone(),
            Reconciled::Merged(document(changed)),
        );
    }

    #[test]
    fn a_field_changed_on_both_sides_is_for_a_person() {
        check(
            json!({ "birthday": { "month": 5, "day": 30 } }),
            json!({ "birthday": { "month": 6, "day": 30 }, "email": "b@example.com" }),
            json!({ "birthday": { "month": 5, "day": 31 } }),
            Reconciled::Conflict(vec!["birthday".to_owned()]),
        );
        check(json!({ "note": "x" }), json!({}), json!({ "note": "y" }), Reconciled::Conflict(vec!["note".to_owned()]));
    }

    #[test]
    fn clearing_a_field_removes_it() {
        check(json!({ "note": "x" }), json!({}), json!({ "note": "x" }), Reconciled::Merged(document(json!({}))));
    }

    #[test]
    fn two_cards_are_two_fields() {
        let blocked = json!({ "cards": { "A/1": "blocked", "B": "valid" } });
        check(
            json!({ "cards": { "A/1": "valid" } }),
            json!({ "cards": { "A/1": "valid", "B": "valid" } }),
            json!({ "cards": { "A/1": "blocked" } }),
            Reconciled::Merged(document(blocked)),
        );
        check(
            json!({ "labels": { "retail": true } }),
            json!({}),
            json!({ "labels": { "retail": true } }),
            Reconciled::Merged(document(json!({}))),
        );
    }

    #[test]
    fn an_edit_is_undone_where_nobody_touched_it_since() {
        let (before, after) = (document(json!({ "note": "a" })), document(json!({ "note": "b", "email": "c" })));
        let undo = Edit::between(&before, &after).inverse();
        let mut current = document(json!({ "note": "changed since", "email": "c" }));
        undo.where_untouched(&current.clone()).apply(&mut current);
        assert_eq!(current, document(json!({ "note": "changed since" })));
    }

    fn any_document() -> impl Strategy<Value = Document> {
        let group = proptest::collection::btree_map("[a-b]", 0..3_i32, 1..3);
        let plain = proptest::collection::btree_map("[a-d]", 0..3_i32, 0..4);
        (plain, proptest::option::of(group)).prop_map(|(fields, group)| {
            let fields = fields.into_iter().map(|(key, value)| (key, json!(value)));
            fields.chain(group.map(|group| ("cards".to_owned(), json!(group)))).collect()
        })
    }

    proptest! {
        #[test]
        fn an_edit_leads_from_before_to_after(before in any_document(), after in any_document()) {
            let edit = Edit::between(&before, &after);
            prop_assert_eq!(edit.reconcile(&before), Reconciled::Merged(after.clone()));
            prop_assert_eq!(edit.reconcile(&after), Reconciled::Merged(after));
        }

        #[test]
        fn two_edits_folded_do_what_both_would(a in any_document(), b in any_document(), c in any_document()) {
            let folded = Edit::between(&a, &b).then(Edit::between(&b, &c));
            prop_assert_eq!(folded, Edit::between(&a, &c));
        }
    }
}
