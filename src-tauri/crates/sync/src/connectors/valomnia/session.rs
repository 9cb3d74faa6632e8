//! Signing in to Valomnia: a session by name and password, kept as a cookie, or a token.

use super::super::rest::{Http, form};
use crate::transport::{Method, Response};
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_store::remotes::Problem;
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};

/// Setting: `session` or `bearer`.
pub(super) const AUTH: &str = "auth";

pub(super) enum Session {
    Bearer(String),
    Cookie { user_name: String, password: String, cookie: Mutex<Option<String>> },
}

impl Session {
    pub(super) fn of(settings: &Map<String, Value>, secret: String) -> Result<Self, Problem> {
        let text = |key: &str| settings.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        match text(AUTH).unwrap_or("session") {
            "bearer" => Ok(Self::Bearer(secret)),
            "session" => {
                let missing = || {
                    let message = "signing in to Valomnia needs a name: --set user_name=…";
                    Problem { field: Some("user_name".to_owned()), ..problem("required", message) }
                };
                let user_name = text("user_name").map(str::to_owned).ok_or_else(missing)?;
                Ok(Self::Cookie { user_name, password: secret, cookie: Mutex::default() })
            }
            other => {
                let message = format!("auth is session or bearer, not {other}");
                Err(Problem { field: Some(AUTH.to_owned()), ..problem("setting_invalid", message) })
            }
        }
    }

    pub(super) async fn header(&self, http: &Http) -> Result<(&'static str, String), Trouble> {
        match self {
            Self::Bearer(token) => Ok(("authorization", format!("Bearer {token}"))),
            Self::Cookie { user_name, password, cookie } => {
                let known = cookie.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(known) = known {
                    return Ok(("cookie", known));
                }
                let fresh = log_in(http, user_name, password).await?;
                *cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
                Ok(("cookie", fresh))
            }
        }
    }

    /// Whether the session has run out; it is forgotten then.
    pub(super) fn has_run_out(&self, response: &Response) -> bool {
        let Self::Cookie { cookie, .. } = self else { return false };
        let body: Option<Value> = serde_json::from_slice(&response.body).ok();
        let says_so = body.is_some_and(|body| body.get("error").and_then(Value::as_str) == Some("no_credentials"));
        let leads_to_log_in = (300..400).contains(&response.status);
        let has = says_so || response.status == 401 || leads_to_log_in;
        if has {
            *cookie.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        has
    }
}

async fn log_in(http: &Http, user_name: &str, password: &str) -> Result<String, Trouble> {
    let body =
        form([("j_username", user_name.to_owned()), ("j_password", password.to_owned()), ("ajax", "true".to_owned())]);
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let sent = http.send(Method::Post, "/j_spring_security_check".to_owned(), headers, Some(body.into_bytes())).await;
    // Nothing that was to be sent has left yet.
    let response = sent.map_err(|trouble| Trouble { effect: Effect::NotSent, ..trouble })?;
    let cookie = response.cookies.iter().find_map(|cookie| {
        let pair = cookie.split(';').next()?.trim();
        pair.starts_with("JSESSIONID=").then(|| pair.to_owned())
    });
    let leads_on = response.location.as_deref().is_some_and(|location| location.contains("ajaxSuccess"));
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let says_so = body.is_some_and(|body| body.get("success") == Some(&Value::Bool(true)));
    match (response.status, cookie) {
        (300..400, Some(cookie)) if leads_on => Ok(cookie),
        (200..300, Some(cookie)) if says_so => Ok(cookie),
        (408 | 425 | 429 | 500.., _) => {
            Err(Trouble { effect: Effect::NotSent, ..http.refused(&response, Effect::NotSent) })
        }
        (_, _) => Err(Trouble {
            problem: problem("password_refused", "Valomnia does not accept the name and password"),
            cure: Cure::LogInAgain,
            effect: Effect::NotSent,
            retry_after: None,
        }),
    }
}
