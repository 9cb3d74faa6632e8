//! What a member names beside themselves: a label, a category. The remote has it, or it is made there, or the field that
//! names it waits for a person.

use regulars_store::outbox::Held;
use regulars_store::remotes::Problem;

/// What became of what some fields name.
pub(in super::super) enum Named<T> {
    /// All of it is there.
    All(T),
    /// Some of it is not, and cannot be made.
    Lacking(Held),
}

impl<T> Named<T> {
    /// All of it, but for what these fields name.
    pub fn but_for(lacking: Vec<(String, Problem)>, all: T) -> Self {
        let (fields, problems): (Vec<String>, Vec<Problem>) = lacking.into_iter().unzip();
        let message = problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
        match problems.into_iter().next() {
            Some(first) => Self::Lacking(Held { problem: Problem { message, ..first }, fields }),
            None => Self::All(all),
        }
    }
}

/// In words, for a person.
pub(in super::super) fn not_made(remote: &str, what: &str, name: &str, refused: &str) -> String {
    format!("{remote} has no {what} {name} and does not make it ({refused}): make it there, then try again")
}
