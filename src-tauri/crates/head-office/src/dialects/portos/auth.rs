//! Who asks: a token, a JWT that was signed for, or a signature.

use super::super::call::{bearer, json};
use super::super::pass;
use super::{Failure, Portos, USUAL_RIGHTS, invalid, nws4};
use crate::access::{self, Access};
use crate::error::HeadOfficeError;
use crate::http::{HeadOffice, read_body};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use regulars_domain::edit::Document;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// How long somebody stays signed in, and may be signed in again without the password.
const LIFE: Duration = Duration::from_secs(3_600);
const REFRESH_LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The claim that says what a JWT is for.
const USE: &str = "use";

/// Somebody who is known.
pub(super) struct Who {
    pub(super) access: Access,
    user: String,
    device: String,
}

/// Who has the bearer token, or the JWT.
pub(super) async fn who(office: &HeadOffice, headers: &HeaderMap) -> Result<Who, Failure> {
    let token = bearer(headers).ok_or(Failure::Unauthenticated)?;
    if token.matches('.').count() != 2 {
        let access = office.check_token(token, "portos").await?;
        return Ok(Who { access, user: "token".to_owned(), device: String::new() });
    }
    let (access, claims) = pass::check(office, &token, "portos").await?;
    of_claims(access, &claims, "access")
}

fn of_claims(access: Access, claims: &Document, what: &str) -> Result<Who, Failure> {
    let claim = |key: &str| claims.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if claim(USE) != what {
        return Err(Failure::Unauthenticated);
    }
    Ok(Who { access, user: claim("userName"), device: claim("deviceName") })
}

/// Who says that they signed, and the key to check it with.
pub(super) async fn signer(office: &HeadOffice, signed: &nws4::Signed) -> Result<(Who, String), Failure> {
    let id = Uuid::try_parse(&signed.public_key).map_err(|_| Failure::Unauthenticated)?;
    let stored = office.on_a_waiting_thread(move |storage| access::find(storage, id)).await?;
    let stored = stored.filter(|stored| stored.kind == "portos").ok_or(Failure::Unauthenticated)?;
    let key = stored.signing_key.clone().ok_or(Failure::Unauthenticated)?;
    Ok((Who { access: stored.into(), user: "key".to_owned(), device: String::new() }, key))
}

pub(super) async fn sign_in(State(office): State<HeadOffice>, request: Request) -> Result<Response, Failure> {
    let sent = read_json(request).await?;
    let field = |name: &str| match sent.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(invalid(name, "This must be a string.")),
    };
    let (user, password, device) = (field("UserName")?, field("Password")?, field("DeviceName")?);
    for (name, value) in [("UserName", &user), ("DeviceName", &device)] {
        if value.is_empty() {
            return Err(invalid(name, "This is required."));
        }
    }
    let access = office.check_token(password, "portos").await?;
    office.count(access.token_id)?;
    signed_in(&office, Who { access, user, device }).await
}

/// A refresh token, for a new pair.
pub(super) async fn refresh(State(office): State<HeadOffice>, request: Request) -> Result<Response, Failure> {
    let sent = read_json(request).await?;
    let token =
        sent.get("refreshToken").and_then(Value::as_str).ok_or_else(|| invalid("RefreshToken", "This is required."))?;
    let (access, claims) = pass::check(&office, token, "portos").await?;
    office.count(access.token_id)?;
    signed_in(&office, of_claims(access, &claims, "refresh")?).await
}

async fn read_json(request: Request) -> Result<Document, Failure> {
    let body = read_body(request.into_body()).await?;
    match serde_json::from_slice(&body) {
        Ok(Value::Object(sent)) => Ok(sent),
        Ok(_) | Err(_) => Err(HeadOfficeError::Invalid("The body must be a JSON object.".to_owned()).into()),
    }
}

async fn signed_in(office: &HeadOffice, who: Who) -> Result<Response, Failure> {
    let claims = |what: &str| {
        let claims = [(USE, what), ("userName", who.user.as_str()), ("deviceName", who.device.as_str())];
        claims.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
    };
    let token = pass::issue(office, &who.access, claims("access"), LIFE).await?;
    let refresh = pass::issue(office, &who.access, claims("refresh"), REFRESH_LIFE).await?;
    Ok(json(StatusCode::OK, &json!({ "tokenId": token, "refreshToken": refresh, "user": user(&who) })))
}

pub(super) async fn profile(Portos { who, .. }: Portos) -> Response {
    json(StatusCode::OK, &user(&who))
}

fn user(who: &Who) -> Value {
    let mut id = who.access.token_id.simple().to_string();
    id.truncate(24);
    let camel = |right: &str| {
        let mut letters = right.chars();
        letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>())
    };
    let rights: Vec<String> = match who.access.rights.is_empty() {
        true => USUAL_RIGHTS.into_iter().filter_map(camel).collect(),
        false => who.access.rights.iter().filter_map(|right| camel(right)).collect(),
    };
    json!({
        "id": id,
        "isVirtual": false,
        "name": who.user,
        "userName": who.user,
        "rights": rights,
        "device": { "id": id, "name": who.device },
    })
}
