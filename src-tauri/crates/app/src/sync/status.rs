//! How the line to each remote is right now: what no file needs to remember.

use regulars_domain::RemoteId;
use regulars_store::remotes::Problem;
use regulars_sync::engine::Tally;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The remote was not asked yet.
    #[default]
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

/// What the background task last saw of a remote.
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

/// How the lines are right now, for all who ask.
#[derive(Debug, Default)]
pub struct Status(Mutex<HashMap<RemoteId, Seen>>);

impl Status {
    /// What was seen of a remote last.
    pub fn seen(&self, remote: RemoteId) -> Seen {
        self.lock().get(&remote).cloned().unwrap_or_default()
    }

    /// Whether the last exchange with a shop's remote went through. A shop without one has no line.
    pub fn is_online(&self, remote: Option<RemoteId>) -> bool {
        remote.is_some_and(|remote| self.seen(remote).link == Link::Online)
    }

    /// Whether the last exchange with one of them did not.
    pub(super) fn is_any_offline(&self, remotes: &[RemoteId]) -> bool {
        remotes.iter().any(|remote| self.seen(*remote).link == Link::Offline)
    }

    pub(super) fn begin(&self, remote: RemoteId) {
        self.change(remote, |seen| seen.is_running = true);
    }

    pub(super) fn progress(&self, remote: RemoteId, progress: Option<Progress>) {
        self.change(remote, |seen| seen.pull = progress);
    }

    pub(super) fn end(&self, remote: RemoteId, tally: &Tally) {
        self.change(remote, |seen| {
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
        });
    }

    pub(super) fn cannot_connect(&self, remote: RemoteId, problem: Problem) {
        self.change(remote, |seen| {
            *seen = Seen { link: Link::Offline, pull: None, problem: Some(problem), is_running: false };
        });
    }

    fn change(&self, remote: RemoteId, change: impl FnOnce(&mut Seen)) {
        change(self.lock().entry(remote).or_default());
    }

    // Plain values only are written under this lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<RemoteId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
