//! The line to a remote that answers per member, and what its answers, and what stands in their place, mean.

use crate::backoff;
use crate::transport::{Method, Request, Response, Transport, TransportError};
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_store::remotes::Problem;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What a remote says for itself where it refuses something.
pub(in super::super) struct Own {
    /// In words.
    pub problem: Problem,
    /// What helps, where its status does not say it.
    pub cure: Option<Cure>,
}

/// The line.
pub(in super::super) struct Http {
    transport: Arc<dyn Transport>,
    /// How long one request may take.
    pub timeout: Duration,
    /// What reads the remote's own error body.
    own: fn(&Value) -> Option<Own>,
}

impl Http {
    pub fn new(transport: Arc<dyn Transport>, timeout: Duration, own: fn(&Value) -> Option<Own>) -> Self {
        Self { transport, timeout, own }
    }

    /// Sends a request and hands back whatever was answered.
    pub async fn send(
        &self,
        method: Method,
        path: String,
        headers: Vec<(&'static str, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<Response, Trouble> {
        self.send_within(self.timeout, method, path, headers, body).await
    }

    /// The same, within a time of its own.
    pub async fn send_within(
        &self,
        timeout: Duration,
        method: Method,
        path: String,
        headers: Vec<(&'static str, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<Response, Trouble> {
        self.transport.send(Request { method, path, headers, body, timeout }).await.map_err(|error| match error {
            TransportError::NotSent(why) => {
                Trouble::later("unreachable", format!("the remote was not reached: {why}"), Effect::NotSent)
            }
            TransportError::Lost(why) => {
                Trouble::later("unreachable", format!("no answer came: {why}"), Effect::Unknown)
            }
        })
    }

    /// Reads a good answer as JSON. `effect` is what the request may have done where that cannot be.
    pub fn json(&self, response: &Response, effect: Effect) -> Result<Value, Trouble> {
        if !(200..300).contains(&response.status) {
            return Err(self.refused(response, effect));
        }
        body(response).map_err(|problem| Trouble { problem, cure: Cure::RetryLater, effect, retry_after: None })
    }

    /// Reads what came back for a deletion: nothing, what was deleted, or that it is gone already. A page of somebody on the
    /// way is none of these.
    pub fn deleted(&self, response: &Response) -> Result<(), Trouble> {
        let is_good = (200..300).contains(&response.status);
        if self.says(response, 404) || (is_good && response.body.is_empty()) {
            return Ok(());
        }
        self.json(response, Effect::Unknown).map(drop)
    }

    /// Whether the remote itself says so, and not somebody on the way.
    pub fn says(&self, response: &Response, status: u16) -> bool {
        response.status == status && body(response).is_ok_and(|body| body.is_object())
    }

    /// Why the remote does not do what was asked, where asking again would not help: it may not be done, or there is no such
    /// thing to ask.
    pub fn refusal(&self, response: &Response) -> Option<Problem> {
        let is_theirs = body(response).is_ok_and(|body| body.is_object());
        let is_for_good = match response.status {
            404 | 405 | 501 => true,
            401 | 407 | 408 | 423 | 425 | 429 => false,
            400..=499 => is_theirs,
            _ => false,
        };
        is_for_good.then(|| self.refused(response, Effect::None).problem)
    }

    /// An answer that is not a good one.
    pub fn refused(&self, response: &Response, effect: Effect) -> Trouble {
        let body = body(response).ok().filter(Value::is_object);
        let own = body.as_ref().and_then(self.own);
        let is_theirs = body.is_some();
        let (cure, effect) = match response.status {
            300..400 | 407 | 511 => (Cure::RetryLater, Effect::None),
            // Who may read and not write is known to it: what may not be written waits for a person, and reading goes on.
            403 if is_theirs && effect != Effect::None => (Cure::SendLess, Effect::None),
            401 | 403 if is_theirs || response.body.is_empty() => (Cure::LogInAgain, Effect::None),
            401 | 403 => (Cure::RetryLater, Effect::None),
            408 | 425 | 502..=504 => (Cure::RetryLater, effect),
            423 => (Cure::RetryAlone, Effect::None),
            429 => (Cure::RetryLater, Effect::None),
            // A fault while it was only asked tells nothing about what was to be written: that is not refused by it.
            500..600 => (Cure::SendLess, if effect == Effect::None { Effect::Unknown } else { effect }),
            400..500 if is_theirs => (Cure::SendLess, Effect::None),
            400..500 => (Cure::RetryLater, Effect::None),
            _ => (Cure::RetryLater, effect),
        };
        let cure = own.as_ref().and_then(|own| own.cure).unwrap_or(cure);
        let by_status = by_status(response);
        let problem = match own.map(|own| own.problem) {
            Some(told) if told.message.trim().is_empty() => Problem { message: by_status.message, ..told },
            // Its own words, and what they are about: who talks, or what they may do.
            Some(told) if told.code == "refused" && matches!(response.status, 401 | 403) => {
                Problem { code: by_status.code, ..told }
            }
            Some(told) => told,
            None => by_status,
        };
        Trouble { problem, cure, effect, retry_after: retry_after(response) }
    }
}

/// The members in a page, under that key.
pub(in super::super) fn rows_in(page: &Value, key: &str) -> Result<Vec<Value>, Trouble> {
    let rows = page.get(key).and_then(Value::as_array).cloned();
    rows.ok_or_else(|| Trouble::later("answer_invalid", "the remote's page has no members in it", Effect::None))
}

fn body(response: &Response) -> Result<Value, Problem> {
    serde_json::from_slice(&response.body).map_err(|error| {
        let start = response.body.trim_ascii_start().first();
        match (start, error.classify()) {
            (Some(b'{' | b'['), serde_json::error::Category::Eof) => {
                problem("answer_incomplete", "the answer broke off")
            }
            (Some(b'{' | b'['), _) => problem("answer_invalid", format!("the answer cannot be read: {error}")),
            (_, _) => problem("not_the_remote", "what answered at this address is not the member system"),
        }
    })
}

fn by_status(response: &Response) -> Problem {
    let status = response.status;
    let (code, message) = match status {
        300..=399 => ("redirect_refused", "the address leads elsewhere, and a secret is not carried there"),
        401 => ("token_refused", "the remote does not accept the secret"),
        403 => ("forbidden", "the remote does not allow it"),
        404 => ("not_found", "the remote does not have it"),
        423 => ("locked", "the remote is busy with this member"),
        429 => ("rate_limited", "the remote asks to wait"),
        500..600 => ("server_error", "the remote had a fault of its own"),
        _ => ("refused", "the remote refused it"),
    };
    problem(code, format!("{message} (status {status})"))
}

fn retry_after(response: &Response) -> Option<Duration> {
    let asks_to_wait = matches!(response.status, 423 | 429 | 503);
    if asks_to_wait { backoff::retry_after(response) } else { None }
}

/// Pairs as a form, or as a query without its question mark.
pub(in super::super) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in pairs {
        form.append_pair(key, &value);
    }
    form.finish()
}

/// A part of a path: a key of the remote's, whatever it is made of.
pub(in super::super) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A path with a query.
pub(in super::super) fn query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    format!("{path}?{}", form(pairs))
}
