//! Why a request was not answered as asked. It answers two questions: what helps, and whether it may have had its effect.

use regulars_store::remotes::Problem;
use std::time::Duration;

/// A request that was not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", problem.code, problem.message)]
pub struct Trouble {
    /// What went wrong, for a person.
    pub problem: Problem,
    /// What helps.
    pub cure: Cure,
    /// Whether the request may have had its effect.
    pub effect: Effect,
    /// How long the remote asked to wait.
    pub retry_after: Option<Duration>,
}

/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// Time: the line or the remote comes back.
    RetryLater,
    /// Time, for what was asked alone: the remote is busy with just that member. Others go on.
    RetryAlone,
    /// Another token or password. Nothing is given up meanwhile.
    LogInAgain,
    /// A smaller request, or one without the change that the remote stumbles over.
    SendLess,
}

/// Whether a request may have had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// No: not a byte left.
    NotSent,
    /// No: it was answered, and the answer says so.
    None,
    /// Nobody knows.
    Unknown,
}

impl Cure {
    /// Whether nothing else need be asked before this is better: the line is down, or the remote asks to wait, or for
    /// another secret.
    pub const fn concerns_all(self) -> bool {
        matches!(self, Self::RetryLater | Self::LogInAgain)
    }
}

impl Trouble {
    /// A trouble that time helps against.
    pub fn later(code: &str, message: impl Into<String>, effect: Effect) -> Self {
        Self { problem: problem(code, message), cure: Cure::RetryLater, effect, retry_after: None }
    }

    /// A trouble that time helps against, and that is one of what was asked alone.
    pub fn alone(code: &str, message: impl Into<String>) -> Self {
        Self { cure: Cure::RetryAlone, ..Self::later(code, message, Effect::None) }
    }

    /// This trouble of a request that only asked what became of one before it: that one may have had its effect.
    #[must_use]
    pub fn after_another(self) -> Self {
        Self { effect: Effect::Unknown, ..self }
    }
}

/// A problem without a field.
pub fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.to_owned(), message: message.into(), field: None }
}
