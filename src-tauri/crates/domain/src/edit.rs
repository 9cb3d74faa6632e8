//! An edit of a member: per field the value before and after, so that two sides can be merged without a clock.
//!
//! A field is a top-level key of the member's document and is one value: a name, a birthday or an address is never
//! mixed from two sides. Fields that this version does not know are carried along untouched.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A member as a document: what is stored, pulled and pushed. Absent means empty; `null` is never stored.
pub type Document = Map<String, Value>;

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
        let keys = before.keys().chain(after.keys());
        let changed = keys.filter(|key| before.get(*key) != after.get(*key));
        let fields = changed.map(|key| {
            let value_in = |document: &Document| document.get(key).cloned().unwrap_or(Value::Null);
            (key.clone(), FieldEdit { before: value_in(before), after: value_in(after) })
        });
        Self { fields: fields.collect() }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Writes the edit into a document, whatever stands there.
    pub fn apply(&self, document: &mut Document) {
        for (key, field) in &self.fields {
            if field.after.is_null() {
                document.remove(key);
            } else {
                document.insert(key.clone(), field.after.clone());
            }
        }
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
        let value_of = |key: &str| current.get(key).unwrap_or(&Value::Null);
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

    fn any_document() -> impl Strategy<Value = Document> {
        proptest::collection::btree_map("[a-d]", 0..3_i32, 0..4)
            .prop_map(|fields| fields.into_iter().map(|(key, value)| (key, json!(value))).collect())
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
