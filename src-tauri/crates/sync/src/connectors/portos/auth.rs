//! The three ways of signing in to Portos: a token that was made there, a name and password for a token of a while, or a
//! signature on each request.

use super::super::rest::Http;
use super::nws4;
use crate::transport::{Method, Response};
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_domain::Timestamp;
use regulars_store::remotes::Problem;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// Setting: `bearer`, `jwt` or `nws4`.
pub(super) const AUTH: &str = "auth";

pub(super) enum Auth {
    Bearer(String),
    Jwt { user_name: String, device_name: String, password: String, token: Mutex<Option<String>> },
    Nws4 { public_key: String, private_key: String },
}

impl Auth {
    pub(super) fn of(settings: &Map<String, Value>, secret: String) -> Result<Self, Problem> {
        let text = |key: &str| settings.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let required = |key: &str| {
            let missing = || {
                let message = format!("this way of signing in to Portos needs {key}: --set {key}=…");
                Problem { field: Some(key.to_owned()), ..problem("required", message) }
            };
            text(key).map(str::to_owned).ok_or_else(missing)
        };
        match text(AUTH).unwrap_or("bearer") {
            "bearer" => Ok(Self::Bearer(secret)),
            "jwt" => Ok(Self::Jwt {
                user_name: required("user_name")?,
                device_name: required("device_name")?,
                password: secret,
                token: Mutex::default(),
            }),
            "nws4" => Ok(Self::Nws4 { public_key: required("public_key")?, private_key: secret }),
            other => {
                let message = format!("auth is bearer, jwt or nws4, not {other}");
                Err(Problem { field: Some(AUTH.to_owned()), ..problem("setting_invalid", message) })
            }
        }
    }
}

/// The line with its signing in.
pub(super) struct Door {
    pub http: Http,
    pub auth: Auth,
    /// The remote's address.
    pub base: Url,
    /// What stands before `/auth`.
    pub auth_prefix: String,
}

impl Door {
    /// Sends a request; where the token of a while has run out, once more with a new one.
    pub async fn send(
        &self,
        timeout: std::time::Duration,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response, Trouble> {
        let response = self
            .http
            .send_within(
                timeout,
                method,
                path.to_owned(),
                self.headers(method, path, body.as_deref()).await?,
                body.clone(),
            )
            .await?;
        let Auth::Jwt { token, .. } = &self.auth else { return Ok(response) };
        if response.status != 401 {
            return Ok(response);
        }
        *token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let headers = self.headers(method, path, body.as_deref()).await?;
        self.http.send_within(timeout, method, path.to_owned(), headers, body).await
    }

    async fn headers(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Vec<(&'static str, String)>, Trouble> {
        let accept = ("accept", "application/json".to_owned());
        match &self.auth {
            Auth::Bearer(token) => Ok(vec![accept, ("authorization", format!("Bearer {token}"))]),
            Auth::Jwt { user_name, device_name, password, token } => {
                let known = token.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let fresh = match known {
                    Some(known) => known,
                    None => {
                        let made = self.log_in(user_name, device_name, password).await?;
                        *token.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
                        made
                    }
                };
                Ok(vec![accept, ("authorization", format!("Bearer {fresh}"))])
            }
            Auth::Nws4 { public_key, private_key } => Ok(self.signed(method, path, body, public_key, private_key)),
        }
    }

    async fn log_in(&self, user_name: &str, device_name: &str, password: &str) -> Result<String, Trouble> {
        let body = json!({ "UserName": user_name, "Password": password, "DeviceName": device_name });
        let body = Some(body.to_string().into_bytes());
        let accept = vec![("accept", "application/json".to_owned())];
        let path = format!("{}/auth", self.auth_prefix);
        let response = self.http.send(Method::Post, path, accept, body).await?;
        let refused = |trouble: Trouble| match response.status {
            400..404 => Trouble { cure: Cure::LogInAgain, effect: Effect::NotSent, ..trouble },
            _ => Trouble { effect: Effect::NotSent, ..trouble },
        };
        let answer = self.http.json(&response, Effect::NotSent).map_err(refused)?;
        let token = answer.get("tokenId").or_else(|| answer.get("accessToken")).and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| {
            Trouble::later("answer_invalid", "Portos’ answer to signing in has no token", Effect::NotSent)
        })
    }

    fn signed(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
        public_key: &str,
        private_key: &str,
    ) -> Vec<(&'static str, String)> {
        let whole = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
        let host = self.base.host_str().unwrap_or_default();
        let host = self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut headers = vec![("accept", "application/json")];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let request = nws4::Signed {
            method: method.name(),
            path,
            query,
            host: &host,
            headers: &headers,
            body: body.unwrap_or_default(),
            at: Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or(0)),
        };
        let signature = nws4::sign(&request, public_key, private_key);
        let mut headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        headers.extend([
            ("x-nd-date", signature.date),
            ("x-nd-content-sha256", signature.content),
            ("authorization", signature.authorization),
        ]);
        headers
    }
}
