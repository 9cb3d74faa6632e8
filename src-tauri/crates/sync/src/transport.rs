//! Carrying one HTTP request to a remote and its answer back. The seam at which tests cut the line.

use async_trait::async_trait;
use std::time::Duration;

/// Largest answer that is read, in bytes: a page of a thousand members is below one million.
pub const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// Carries requests to one remote.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Where there was none, or not a whole one.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// Path and query below the remote's address, as `/v1/pull?after=0`.
    pub path: String,
    /// Headers beside those of the transport itself.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON unless a header says otherwise.
    pub body: Option<Vec<u8>>,
    /// How long the whole may take.
    pub timeout: Duration,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Puts in the place of what was there.
    Put,
    /// Changes a part.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// As it is written in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// `Date`, as it was sent: when that was by the remote's clock.
    pub date: Option<String>,
    /// `Set-Cookie`, as they were sent.
    pub cookies: Vec<String>,
    /// Where a redirect leads. It is never followed by itself.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// No whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The remote was not reached: not a byte of the request left.
    NotSent(String),
    /// The request left, at least in part, and no whole answer came.
    Lost(String),
}
