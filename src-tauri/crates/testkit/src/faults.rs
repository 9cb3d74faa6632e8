//! A line that fails on command: a proxy between a till and a remote, on loopback, that carries each request over a
//! connection of its own and spoils the ones it was told to spoil.
//!
//! It has threads of its own, so a test may block. It never waits for time to pass: a silence lasts until it is ended.

mod answer;
mod http;
mod log;
mod proxy;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use log::{Fired, Log, Seen};
pub use proxy::FaultProxy;

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The remote never hears of it, and the connection breaks.
    RequestLost,
    /// The remote has done it, and the connection breaks before its answer.
    AnswerLost,
    /// Somebody on the way answers in the remote's place; the remote never hears of it.
    Status(Answer),
    /// The remote has done it, but another answer arrives.
    StatusAfterEffect(Answer),
    /// A page with status 200 from somebody on the way, as of a hotel's network; the remote never hears of it.
    Html,
    /// The remote has done it; its answer breaks off in the middle of the body.
    TruncatedJson,
    /// Nothing happens until `release`; then it goes on as if it had only been slow, even if nobody waits any more.
    Silence,
    /// Something in its body is not what it should be when the remote gets it, as this seed says.
    RequestGarbled(u64),
    /// The remote has done it; something in the body of its answer is not what it should be.
    AnswerGarbled(u64),
    /// The remote gets it twice, one after the other, and the second answer arrives.
    SentTwice,
}

impl Fault {
    /// Somebody on the way answers with this status, no headers and no body.
    pub fn status(status: u16) -> Self {
        Self::Status(Answer::new(status))
    }

    /// The remote has done it, but this status arrives, with no headers and no body.
    pub fn status_after_effect(status: u16) -> Self {
        Self::StatusAfterEffect(Answer::new(status))
    }
}
