//! Passes: what somebody who signed in shows from then on. A JWT (RFC 7519, HS256) with the token's public part in it,
//! signed with the hash that is stored of the token: head office keeps no sessions, and a token that is taken away takes
//! its passes with it.

use crate::access::{self, Access};
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use regulars_domain::Timestamp;
use regulars_domain::edit::Document;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use uuid::Uuid;

/// Makes a pass for a token that was just shown.
pub(super) async fn issue(
    office: &HeadOffice,
    access: &Access,
    mut claims: Document,
    life: Duration,
) -> Result<String, HeadOfficeError> {
    let id = access.token_id;
    let stored = office.on_a_waiting_thread(move |storage| access::find(storage, id)).await?;
    let stored = stored.ok_or(HeadOfficeError::TokenRefused)?;
    claims.insert("sub".to_owned(), json!(id.simple().to_string()));
    claims.insert("exp".to_owned(), json!(office.now().plus(life).as_millis().div_euclid(1_000)));
    let said = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&Value::Object(claims)));
    let signature = mac(&stored.hash, &said).ok_or(HeadOfficeError::Internal)?.finalize().into_bytes();
    Ok(format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Who has a pass, and what it says of them.
pub(super) async fn check(
    office: &HeadOffice,
    pass: &str,
    kind: &'static str,
) -> Result<(Access, Document), HeadOfficeError> {
    let refused = || HeadOfficeError::TokenRefused;
    let (said, signature) = pass.rsplit_once('.').ok_or_else(refused)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| refused())?;
    let claims = claims(said).ok_or_else(refused)?;
    let id = claims.get("sub").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(refused)?;
    let stored = office.on_a_waiting_thread(move |storage| access::find(storage, id)).await?;
    let stored = stored.filter(|stored| stored.kind == kind).ok_or_else(refused)?;
    mac(&stored.hash, said).ok_or_else(refused)?.verify_slice(&signature).map_err(|_| refused())?;
    let ends = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    if Timestamp::from_millis(ends.saturating_mul(1_000)) <= office.now() {
        return Err(refused());
    }
    Ok((stored.into(), claims))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn claims(said: &str) -> Option<Document> {
    let (_, claims) = said.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

fn mac(key: &[u8], said: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(said.as_bytes());
    Some(mac)
}
