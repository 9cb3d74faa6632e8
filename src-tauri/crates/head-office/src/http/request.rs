//! The parts of a request: who asks, in which version, and what. Each refusal has the body that clients expect.

use super::HeadOffice;
use crate::access::Access;
use crate::error::HeadOfficeError;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use regulars_protocol::push::MAX_BYTES;
use regulars_protocol::{VERSION, VERSION_HEADER};
use serde::de::DeserializeOwned;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How much of a body that is too large is still read, so that its sender gets to reading the answer.
const MAX_DISCARDED: usize = 4 * MAX_BYTES;

/// A till, known by its token and within its rate.
pub(super) struct Till(pub(super) Access);

impl FromRequestParts<HeadOffice> for Till {
    type Rejection = HeadOfficeError;

    async fn from_request_parts(parts: &mut Parts, head_office: &HeadOffice) -> Result<Self, HeadOfficeError> {
        check_version(&parts.headers)?;
        let bearer = bearer(&parts.headers).ok_or(HeadOfficeError::TokenRefused)?;
        let access = head_office.check_token(bearer.to_owned(), "till").await?;
        head_office.shared.rates.check_token(access.token_id)?;
        Ok(Self(access))
    }
}

/// The request names the version of the protocol.
pub(super) struct NamedVersion;

impl FromRequestParts<HeadOffice> for NamedVersion {
    type Rejection = HeadOfficeError;

    async fn from_request_parts(parts: &mut Parts, _: &HeadOffice) -> Result<Self, HeadOfficeError> {
        if !parts.headers.contains_key(VERSION_HEADER) {
            return Err(HeadOfficeError::ProtocolUnsupported);
        }
        check_version(&parts.headers)?;
        Ok(Self)
    }
}

/// Somebody who has no token yet: known by their address, which may try to join a few times a minute.
pub(super) struct Newcomer;

impl FromRequestParts<HeadOffice> for Newcomer {
    type Rejection = HeadOfficeError;

    async fn from_request_parts(parts: &mut Parts, head_office: &HeadOffice) -> Result<Self, HeadOfficeError> {
        check_version(&parts.headers)?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        head_office.shared.rates.check_join(address)?;
        Ok(Self)
    }
}

/// The query parameters.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<HeadOffice> for Asked<T> {
    type Rejection = HeadOfficeError;

    async fn from_request_parts(parts: &mut Parts, _: &HeadOffice) -> Result<Self, HeadOfficeError> {
        let Query(asked) =
            Query::try_from_uri(&parts.uri).map_err(|error| HeadOfficeError::Invalid(error.body_text()))?;
        Ok(Self(asked))
    }
}

/// A body of JSON.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<HeadOffice> for Sent<T> {
    type Rejection = HeadOfficeError;

    async fn from_request(request: Request, _: &HeadOffice) -> Result<Self, HeadOfficeError> {
        if !is_json(request.headers()) {
            return Err(HeadOfficeError::NotJson);
        }
        let bytes = read(request.into_body()).await?;
        let sent = serde_json::from_slice(&bytes).map_err(|error| HeadOfficeError::Invalid(error.to_string()))?;
        Ok(Self(sent))
    }
}

/// A body, which must not be too large.
pub(crate) async fn read(body: Body) -> Result<Vec<u8>, HeadOfficeError> {
    let (mut bytes, mut total) = (Vec::new(), 0_usize);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| HeadOfficeError::Invalid("the body broke off".to_owned()))?;
        total = total.saturating_add(chunk.len());
        if total > MAX_DISCARDED {
            break;
        }
        if total > MAX_BYTES {
            bytes.clear();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if total > MAX_BYTES { Err(HeadOfficeError::TooLarge) } else { Ok(bytes) }
}

fn check_version(headers: &HeaderMap) -> Result<(), HeadOfficeError> {
    match headers.get(VERSION_HEADER) {
        Some(version) if version != VERSION => Err(HeadOfficeError::ProtocolUnsupported),
        Some(_) | None => Ok(()),
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1; the scheme in any case, RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// `application/json`, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = content_type.split(';').next().unwrap_or("");
    media_type.trim().eq_ignore_ascii_case("application/json")
}
