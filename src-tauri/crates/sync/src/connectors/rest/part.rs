//! What a remote says of a member, laid over what is known of them.

use super::words::Words;
use crate::trouble::problem;
use regulars_domain::phone::Country;
use regulars_domain::{Date, MemberId};
use regulars_store::balance::Balance;
use regulars_store::part::{Known, Part};
use regulars_store::remotes::Problem;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// A member as a remote tells of them.
pub(super) struct Told {
    words: Arc<dyn Words>,
    object: Value,
}

impl Told {
    pub(super) fn new(words: Arc<dyn Words>, object: Value) -> Self {
        Self { words, object }
    }

    /// The remote's key, and who that is where nobody knows it: an id that the remote keeps for us, or one that follows
    /// from the key, so that two tills of a shop call a stranger the same.
    pub(super) fn identity(&self, scope: &str) -> (Vec<u8>, MemberId) {
        // Somebody without a key cannot be taken; what is told of them is set aside under what it says.
        let key = self.words.told_key(&self.object).unwrap_or_else(|| format!("?{}", self.object));
        let member_id = self.words.member_id(&self.object).unwrap_or_else(|| derived(scope, &key));
        (key.into_bytes(), member_id)
    }
}

fn derived(scope: &str, key: &str) -> MemberId {
    let mut hash = Sha256::new();
    for part in ["member of a remote", scope, key] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    MemberId::of_hash(&hash.finalize().into())
}

impl Part for Told {
    fn over(&self, mut known: Known, country: Option<Country>) -> Result<Known, Problem> {
        if self.words.told_key(&self.object).is_none() {
            return Err(problem("member_invalid", "the remote does not say who this is"));
        }
        let (told, said) = (self.words.read(&self.object)?, self.words.said(&known));
        for (path, theirs) in &told.fields {
            let ours = said.fields.get(path).unwrap_or(&Value::Null);
            if self.words.is_same(path, ours, theirs, country) {
                continue;
            }
            let value = match theirs {
                Value::Null => self.words.emptied(path, known.get(path)),
                theirs => self.words.ours(path, theirs, known.get(path), country)?,
            };
            known.set(path, &value);
        }
        for path in said.fields.keys().filter(|path| !told.fields.contains_key(*path) && told.has_group_of(path)) {
            known.set(path, &Value::Null);
        }
        self.words.beside(&self.object, &mut known);
        Ok(known)
    }

    fn raw(&self) -> String {
        self.object.to_string()
    }

    fn pos_id(&self) -> Option<String> {
        self.words.pos_id(&self.object)
    }

    fn since(&self) -> Option<Date> {
        self.words.since(&self.object)
    }

    fn reference(&self) -> Option<String> {
        self.words.reference(&self.object)
    }

    fn balance(&self) -> Option<Balance> {
        self.words.balance(&self.object)
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Told({})", self.object)
    }
}
