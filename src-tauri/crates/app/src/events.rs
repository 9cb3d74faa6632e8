//! What the core tells unasked: that something changed, so that screens ask again.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// Told but not yet heard; a listener that is further behind asks anew anyway.
const BACKLOG: usize = 64;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Which till and shop this is, or its settings.
    Desk,
    /// Members or their credit.
    Members,
    /// What waits, and how the line is.
    Sync,
    /// A spreadsheet that is being taken in.
    Import,
    /// A spreadsheet that is being written.
    Export,
}

/// Something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Changed {
    /// What.
    #[ts(inline)]
    pub topic: Topic,
}

/// Tells all who listen.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Changed>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Events {
    /// Hears of changes from now on.
    pub fn listen(&self) -> broadcast::Receiver<Changed> {
        self.0.subscribe()
    }

    pub(crate) fn tell(&self, topic: Topic) {
        // Nobody listens before the window is there.
        let _heard_by = self.0.send(Changed { topic });
    }
}
