//! What becomes of a field that was changed on two sides: one pure function, field by field, and what was lost by it.
//!
//! Ages are compared, never two clocks: each side says by its own clock how long ago it changed the field. Credit is
//! not decided here: entries are facts and never meet. What a rule says of one kind of field is in `rules`.

mod rules;

use crate::edit::{self, Document, Edit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// A field that both sides changed, `null` standing for empty.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// As it was when the edit was made.
    pub before: &'a Value,
    /// What the edit made of it.
    pub ours: &'a Value,
    /// What stands there now.
    pub theirs: &'a Value,
    /// How long ago each side changed it.
    pub ages: Ages,
}

/// How long ago each side changed a field, each by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// The side that edits.
    pub ours: Duration,
    /// The side that has something else by now.
    pub theirs: Duration,
}

/// One of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The side that edits.
    Ours,
    /// The side that has something else by now.
    Theirs,
}

/// What a field becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What the edit says.
    Ours,
    /// What stands there.
    Theirs,
    /// Something of both.
    Combined(Value),
    /// A person decides; until then nothing is lost.
    Person,
}

/// What a field becomes, and whose change is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What it becomes.
    pub verdict: Verdict,
    /// The side that changed it and lost.
    pub lost: Option<Side>,
}

/// A field of an edit, with what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// As it was when the edit was made.
    pub before: Value,
    /// What the edit made of it.
    pub ours: Value,
    /// What stands there now.
    pub theirs: Value,
    /// What it becomes, and who lost.
    pub decision: Decision,
}

impl Decision {
    const fn by_itself(verdict: Verdict) -> Self {
        Self { verdict, lost: None }
    }

    /// One side's value stays, the other's is lost.
    const fn for_side(side: Side) -> Self {
        match side {
            Side::Ours => Self { verdict: Verdict::Ours, lost: Some(Side::Theirs) },
            Side::Theirs => Self { verdict: Verdict::Theirs, lost: Some(Side::Ours) },
        }
    }
}

impl Ages {
    /// The side that changed the field last; the other one's stays where both did at once.
    pub fn newer(self) -> Side {
        if self.ours < self.theirs { Side::Ours } else { Side::Theirs }
    }
}

/// Decides each field of an edit against what stands there now. `ages` says how long ago each side changed a field.
pub fn decide_all(edit: &Edit, there: &Document, ages: impl Fn(&str) -> Ages) -> BTreeMap<String, Decided> {
    let decided = edit.fields.iter().map(|(path, field)| {
        let theirs = edit::get(there, path).unwrap_or(&Value::Null);
        let sides = Sides { before: &field.before, ours: &field.after, theirs, ages: ages(path) };
        let decision = decide(path, sides);
        let (before, ours) = (field.before.clone(), field.after.clone());
        (path.clone(), Decided { before, ours, theirs: theirs.clone(), decision })
    });
    decided.collect()
}

/// Whether one value of a field wins over whatever had not seen it: a block of a card, a consent that was withdrawn, a hold.
/// Nobody can wave such a field through who was not asked about it.
pub fn has_safer_side(path: &str) -> bool {
    path.starts_with("cards/") || path.starts_with("consents/") || path == "hold"
}

/// Decides one field.
pub fn decide(path: &str, sides: Sides<'_>) -> Decision {
    match (sides.theirs == sides.ours, sides.theirs == sides.before) {
        (true, _) => Decision::by_itself(Verdict::Theirs),
        (false, true) => Decision::by_itself(Verdict::Ours),
        (false, false) => rules::decide(path, sides),
    }
}

#[cfg(test)]
mod tests;
