//! A request of another system, once it is known who asks: its parts, and the way to the database.

use super::desk::Desk;
use super::form;
use super::settings::DialectSettings;
use crate::access::Access;
use crate::error::HeadOfficeError;
use crate::http::{HeadOffice, read_body};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::Timestamp;
use regulars_domain::edit::Document;
use serde_json::Value;

/// A request whose token is right and within its rate.
pub(super) struct Call {
    pub(super) office: HeadOffice,
    pub(super) access: Access,
    pub(super) at: Timestamp,
    /// The query parameters, in order.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// Reads the rest of a request.
    pub(super) async fn read(
        office: &HeadOffice,
        access: Access,
        parts: Parts,
        body: Body,
    ) -> Result<Self, HeadOfficeError> {
        office.count(access.token_id)?;
        let query = parts.uri.query().unwrap_or_default();
        let query = form::read(query.as_bytes()).ok_or_else(|| invalid("the query is not UTF-8"))?;
        let body = read_body(body).await?;
        let (office, at) = (office.clone(), office.now());
        Ok(Self { office, access, at, query, headers: parts.headers, body })
    }

    /// A query parameter; an empty one counts as absent.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// The body, which must be a JSON object.
    pub(super) fn json(&self) -> Result<Document, HeadOfficeError> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(invalid("the body must be a JSON object")),
            Err(error) => Err(HeadOfficeError::Invalid(format!("the body is no JSON: {error}"))),
        }
    }

    pub(super) fn settings(&self) -> &DialectSettings {
        self.office.dialects()
    }

    /// Asks the database, at one moment of it.
    pub(super) async fn ask<T, E>(
        self,
        mut work: impl FnMut(&mut Desk<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<HeadOfficeError> + Send + 'static,
    {
        let (access, at, office) = (self.access, self.at, self.office.clone());
        let asked = self.office.read(move |rows| Ok(work(&mut Desk { rows, access: &access, at, office: &office })));
        asked.await.unwrap_or_else(|error| Err(error.into()))
    }

    /// Asks for what may take looking through all members.
    pub(super) async fn search<T, E>(
        self,
        work: impl FnMut(&mut Desk<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<HeadOfficeError> + Send + 'static,
    {
        let office = self.office.clone();
        let _turn = office.turn_to_search().await;
        self.ask(work).await
    }

    /// Changes the database, all of it or nothing.
    pub(super) async fn change<T, E>(
        self,
        mut work: impl FnMut(&mut Desk<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<HeadOfficeError> + Send + 'static,
    {
        let (access, at, office) = (self.access, self.at, self.office.clone());
        self.office.transact(move |rows| work(&mut Desk { rows, access: &access, at, office: &office })).await
    }
}

/// The token of `Authorization: Bearer`, the scheme in any case (RFC 9110 §11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = authorization(headers)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The user name of `Authorization: Basic` (RFC 7617).
pub(super) fn basic_user(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = authorization(headers)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let user = credentials.split_once(':').map_or(credentials.as_str(), |(user, _)| user);
    Some(user.to_owned())
}

fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')
}

pub(super) fn invalid(sentence: &str) -> HeadOfficeError {
    HeadOfficeError::Invalid(sentence.to_owned())
}

/// An answer in JSON.
pub(super) fn json(status: axum::http::StatusCode, body: &Value) -> Response {
    axum::response::IntoResponse::into_response((status, axum::Json(body)))
}
