//! What head office's answers, and what stands in their place, mean.

use crate::backoff;
use crate::transport::{Response, TransportError};
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_protocol::error::ErrorBody;
use regulars_store::remotes::Problem;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// No answer.
pub(super) fn lost(error: TransportError) -> Trouble {
    match error {
        TransportError::NotSent(why) => {
            Trouble::later("unreachable", format!("head office was not reached: {why}"), Effect::NotSent)
        }
        TransportError::Lost(why) => Trouble::later("unreachable", format!("no answer came: {why}"), Effect::Unknown),
    }
}

/// Reads a good answer. `effect` is what the request may have done where the answer is good but cannot be read.
pub(super) fn read<T: DeserializeOwned>(response: &Response, effect: Effect) -> Result<T, Trouble> {
    if !(200..300).contains(&response.status) {
        return Err(refused(response, effect));
    }
    serde_json::from_slice(&response.body).map_err(|error| {
        let starts_as_json = response.body.trim_ascii_start().starts_with(b"{");
        match (starts_as_json, error.classify()) {
            // As a hotel's or a provider's own page does.
            (false, _) => Trouble::later("not_head_office", "what answered at this address is not head office", effect),
            (true, serde_json::error::Category::Eof) => {
                Trouble::later("answer_incomplete", "the answer broke off", effect)
            }
            (true, _) => Trouble::later("answer_invalid", format!("the answer cannot be read: {error}"), effect),
        }
    })
}

/// A status that is not 2xx. Only head office's own error body says for sure that nothing happened.
pub(super) fn refused(response: &Response, effect: Effect) -> Trouble {
    let body: Option<ErrorBody> = serde_json::from_slice(&response.body).ok();
    let is_ours = body.is_some();
    let problem = body.map_or_else(
        || by_status(response.status),
        |body| Problem { code: body.code, message: body.message, field: body.field },
    );
    let (cure, effect) = match response.status {
        401 if is_ours && is_planted(Mistake::UnauthorisedIsFinal) => (Cure::SendLess, Effect::None),
        401 | 403 if is_ours => (Cure::LogInAgain, Effect::None),
        // Some box between here and head office: its page, not head office's.
        300..400 | 401 | 403 | 404 | 407 | 511 => (Cure::RetryLater, Effect::None),
        408 | 502..=504 => (Cure::RetryLater, effect),
        429 => (Cure::RetryLater, Effect::None),
        500..600 => (Cure::SendLess, effect),
        400..500 if is_ours => (Cure::SendLess, Effect::None),
        _ => (Cure::RetryLater, effect),
    };
    Trouble { problem, cure, effect, retry_after: retry_after(response) }
}

fn by_status(status: u16) -> Problem {
    let (code, message) = match status {
        401 | 403 => ("token_refused", "head office does not accept this till's token"),
        429 => ("rate_limited", "head office asks to wait"),
        500..600 => ("server_error", "head office had a fault of its own"),
        _ => ("not_head_office", "what answered at this address is not head office"),
    };
    problem(code, format!("{message} (status {status})"))
}

fn retry_after(response: &Response) -> Option<Duration> {
    let asks_to_wait = matches!(response.status, 429 | 503) && !is_planted(Mistake::RetryAfterIgnored);
    if asks_to_wait { backoff::retry_after(response) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response { status, retry_after: Some("7".to_owned()), body: body.as_bytes().to_vec(), ..Response::default() }
    }

    #[test]
    fn each_answer_says_what_helps_and_whether_it_may_have_had_its_effect() {
        let ours = |code: &str| format!(r#"{{"code":"{code}","message":"m","field":null}}"#);
        let table = [
            (401, ours("token_refused"), "token_refused", Cure::LogInAgain, Effect::None),
            (401, "<html>".to_owned(), "token_refused", Cure::RetryLater, Effect::None),
            (404, "<html>".to_owned(), "not_head_office", Cure::RetryLater, Effect::None),
            (302, String::new(), "not_head_office", Cure::RetryLater, Effect::None),
            (413, ours("too_large"), "too_large", Cure::SendLess, Effect::None),
            (400, ours("invalid"), "invalid", Cure::SendLess, Effect::None),
            (429, ours("rate_limited"), "rate_limited", Cure::RetryLater, Effect::None),
            (500, "oops".to_owned(), "server_error", Cure::SendLess, Effect::Unknown),
            (503, ours("timeout"), "timeout", Cure::RetryLater, Effect::Unknown),
        ];
        for (status, body, code, cure, effect) in table {
            let trouble = refused(&response(status, &body), Effect::Unknown);
            assert_eq!(
                (trouble.problem.code.as_str(), trouble.cure, trouble.effect),
                (code, cure, effect),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn only_429_and_503_are_asked_how_long_to_wait() {
        assert_eq!(refused(&response(429, ""), Effect::None).retry_after, Some(Duration::from_secs(7)));
        assert_eq!(refused(&response(503, ""), Effect::None).retry_after, Some(Duration::from_secs(7)));
        assert_eq!(refused(&response(500, ""), Effect::None).retry_after, None);
    }

    #[test]
    fn a_good_status_with_something_else_inside_is_told_apart() {
        let code = |body: &str| {
            read::<ErrorBody>(&response(200, body), Effect::Unknown).map(|_| ()).map_err(|trouble| trouble.problem.code)
        };
        assert_eq!(code("<html>Welcome to our hotel</html>"), Err("not_head_office".to_owned()));
        assert_eq!(code(""), Err("not_head_office".to_owned()));
        assert_eq!(code(r#"{"code":"a","mess"#), Err("answer_incomplete".to_owned()));
        assert_eq!(code(r#"{"code":1}"#), Err("answer_invalid".to_owned()));
        assert_eq!(code(r#"{"code":"a","message":"b"}"#), Ok(()));
    }
}
