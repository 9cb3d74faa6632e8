//! How the line is right now: what no file needs to remember.

use regulars_store::remotes::Problem;
use regulars_sync::engine::Tally;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// There is no remote.
    #[default]
    None,
    /// The remote was not asked yet.
    Connecting,
    /// The last exchange went through.
    Online,
    /// The last exchange did not.
    Offline,
}

/// How far a pull has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows that came.
    pub done: u64,
    /// Rows in all, as far as the remote has said.
    pub total: u64,
    /// Whether it is the first.
    pub is_first: bool,
}

/// What the background task last saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How the line is.
    pub link: Link,
    /// A pull that is under way.
    pub pull: Option<Progress>,
    /// Why the last exchange did not go through.
    pub problem: Option<Problem>,
    /// Whether an exchange is under way.
    pub is_running: bool,
}

/// How the line is right now, for all who ask.
#[derive(Debug, Default)]
pub struct Status(Mutex<Seen>);

impl Status {
    /// What was seen last.
    pub fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// Whether the last exchange went through.
    pub fn is_online(&self) -> bool {
        self.lock().link == Link::Online
    }

    pub(super) fn begin(&self) {
        let mut seen = self.lock();
        seen.is_running = true;
        if seen.link == Link::None {
            seen.link = Link::Connecting;
        }
    }

    pub(super) fn no_remote(&self) {
        *self.lock() = Seen::default();
    }

    pub(super) fn progress(&self, progress: Option<Progress>) {
        self.lock().pull = progress;
    }

    pub(super) fn end(&self, tally: &Tally) {
        let mut seen = self.lock();
        let link = match tally.is_answered {
            Some(true) => Link::Online,
            Some(false) => Link::Offline,
            // The remote asked to be left alone, or failed a moment ago: nothing new is known.
            None if seen.link == Link::Connecting => Link::Offline,
            None => seen.link,
        };
        let problem = match tally.is_answered {
            None => seen.problem.take(),
            Some(_) => tally.trouble.as_ref().map(|trouble| trouble.problem.clone()),
        };
        *seen = Seen { link, pull: None, problem, is_running: false };
    }

    pub(super) fn cannot_connect(&self, problem: Problem) {
        *self.lock() = Seen { link: Link::Offline, pull: None, problem: Some(problem), is_running: false };
    }

    // Plain values only are written under this lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
