//! Credit at a remote that keeps a balance alone: the proof that it can be at home there, which is kept with the remote's
//! settings, and the guards of its writes, which are kept in the till's file.

use crate::trouble::{Effect, Trouble};
use regulars_domain::{ChangeId, Currency, Timestamp};
use regulars_store::balance::{self, Guard};
use regulars_store::{Priority, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// Setting of a remote: what a trial proved of it, and whether credit travels there.
pub const CREDIT: &str = "credit";

/// What a trial at a member of its own proved: that a balance can be written, read back and undone there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Whether credit travels there now.
    pub is_on: bool,
    /// How a write is known again.
    pub keeps: Keeps,
    /// The currency of all balances there.
    pub currency: Currency,
    /// What the remote calls it, where it says.
    pub label: Option<String>,
    /// Who owes them.
    pub issuer: String,
    /// When it was proved.
    pub proved_at: Timestamp,
}

/// How a write of credit is known again after its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// By its entries: the remote keeps our transactions with the ids that we give them.
    Transactions,
    /// By a mark at the member, with the balance and the version that were noted before the write.
    Mark,
}

impl Keeps {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transactions => "transactions",
            Self::Mark => "mark",
        }
    }
}

/// What was proved of a remote; `None` where nothing was.
pub fn proof_in(settings: &Map<String, Value>) -> Option<Proof> {
    serde_json::from_value(settings.get(CREDIT)?.clone()).ok()
}

/// A trial that is to be made.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What tells this till's test member from another's.
    pub till: String,
    /// The currency of the shops that are kept there.
    pub currency: Currency,
}

/// How a trial went: it proved what it was to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How a write is known again.
    pub keeps: Keeps,
    /// What the remote calls the currency, where it says.
    pub label: Option<String>,
    /// The remote's key of the test member, where it could not be deleted.
    pub left_behind: Option<String>,
}

/// Where a write of credit notes what it found and what it makes of it, for good and before it leaves.
#[derive(Clone)]
pub struct Guards {
    store: Arc<Store>,
    at: Timestamp,
}

impl Guards {
    /// Those of a till.
    pub const fn new(store: Arc<Store>, at: Timestamp) -> Self {
        Self { store, at }
    }

    /// Notes a guard.
    ///
    /// # Errors
    /// Where it cannot be written down: then nothing may be sent.
    pub async fn note(&self, change: ChangeId, guard: Guard) -> Result<(), Trouble> {
        let at = self.at;
        let write = move |tx: &regulars_store::Transaction<'_>| balance::note_guard(tx, change, &guard, at);
        self.store.write_async(Priority::Background, write).await.map_err(fault)
    }

    /// It is known that the write had no effect.
    ///
    /// # Errors
    /// As any write.
    pub async fn drop(&self, change: ChangeId) -> Result<(), Trouble> {
        let write = move |tx: &regulars_store::Transaction<'_>| balance::drop_guard(tx, change);
        self.store.write_async(Priority::Background, write).await.map_err(fault)
    }
}

impl fmt::Debug for Guards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guards")
    }
}

fn fault(error: regulars_store::StoreError) -> Trouble {
    Trouble::later(error.code(), error.to_string(), Effect::NotSent)
}
