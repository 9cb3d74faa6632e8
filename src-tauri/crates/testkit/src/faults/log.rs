//! What the proxy saw and did, in order.

use super::Fault;

/// Everything since the start.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Every request that was read, also those that never reached the remote.
    pub seen: Vec<Seen>,
    /// Every fault that struck.
    pub fired: Vec<Fired>,
    /// The statuses that the remote answered garbled requests with.
    pub answered: Vec<u16>,
    /// How many requests the proxy is done with: answered, spoiled or given up.
    pub ended: usize,
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// As `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
}

/// A fault and the request that it struck.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// What went wrong.
    pub fault: Fault,
    /// With what.
    pub request: Seen,
}

impl Log {
    /// How many requests had this method, and this text in their path.
    pub fn count(&self, method: &str, path_part: &str) -> usize {
        self.seen.iter().filter(|seen| seen.method == method && seen.path.contains(path_part)).count()
    }
}
