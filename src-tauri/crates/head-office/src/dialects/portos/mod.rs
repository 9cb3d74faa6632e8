//! Portos' customers (`/customers`), with signing in (`/auth`), below `/portos`, `/portos/api` and `/portos/api/v1` alike.
//!
//! What the pages leave open, and what is done here:
//! - **Who asks**: the token as a bearer token; a JWT that `POST /auth` gave for any user and device name with the token as
//!   password, for an hour; or a request signed with it (NWS4, `nws4`). `POST /auth/refresh` takes `{refreshToken}`.
//! - **Rights** are the token's, in any capitals. A token that was made without any has CustomerCreate, CustomerUpdate and
//!   CustomerDelete. Credit that a new customer begins with needs CustomerSetCredit too: money is not made by whoever may
//!   register.
//! - **Ids**: PUT and POST keep the client's id. One that is a UUID is the member's own; from any other the member's
//!   follows. A member of a till has their UUID. A PUT for one who was deleted makes them anew. One who was merged answers
//!   as whom they turned out to be, and a PUT may name either of the two ids.
//! - **`_v`** is head office's version of the member or of the last movement of their credit, whichever is later; credit
//!   that comes or goes by merging is a new version too. 0 or nothing is unconditional; another than the current one is
//!   errorCode 6 (400, `portos.version_status`).
//! - **Fields** that are absent from a PUT stay as they are (`full_put_clears`). Fields that are unknown here are kept and
//!   given back. A date of birth without a year is not shown, and not cleared by that.
//! - **Credit** is the sum of the ledger of the shop's issuer in its currency, which is named once something was booked.
//!   It is never set: a PUT with another amount books the difference as an adjustment, and must say which `_v` it saw. New
//!   elements of `creditTransactions` are booked as what they say (the form is that of the vendor's sibling product); the
//!   same `externalId` again is the same entry. Below zero nothing is put.
//! - **Cards** are looked up without capitals and shown as they were written. A serial number that is somebody else's is
//!   a validation error at `Cards`. The card of one who was merged finds whom they turned out to be, who does not show it.
//! - **Lists**: `$take` is 1,000 where nobody says, and at most. Filters have the operators of `ndata`; whatever else is
//!   asked is refused, so that nobody gets more than they asked for. `$include` says nothing here. With `$count` there are
//!   no items, and `count` is 0. `$sort=id` is a fixed order, that of the members' own ids.
//! - A member who is not there is 404 without an errorCode; a database that is busy is 423 with errorCode 5.

mod auth;
mod card;
mod credit;
mod customer;
mod listing;
mod ndata;
mod nws4;

use super::call::{Call, json};
use super::desk::{Desk, Seen, derived};
use super::fields::{add, changed, with_absent_cleared};
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use axum::Router;
use axum::extract::{FromRequest, OriginalUri, Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use serde_json::{Value, json};
use std::borrow::Cow;

/// In meta: the id that the client chose, where it is not the member's own.
const ID: &str = "portos:id";
/// Longest id of a client, in characters.
const MAX_ID: usize = 100;
/// What a token may do that was made without rights.
const USUAL_RIGHTS: [&str; 3] = ["CustomerCreate", "CustomerUpdate", "CustomerDelete"];

pub(super) fn routes() -> Router<HeadOffice> {
    let mut routes = Router::new();
    for prefix in ["", "/api", "/api/v1"] {
        routes = routes
            .route(&format!("{prefix}/customers"), get(listing::list).post(create))
            .route(&format!("{prefix}/customers/{{id}}"), get(show).put(put).delete(remove))
            .route(&format!("{prefix}/auth"), get(auth::profile).post(auth::sign_in))
            .route(&format!("{prefix}/auth/refresh"), post(auth::refresh));
    }
    routes
}

/// Why a request is not answered as asked.
#[derive(Debug)]
enum Failure {
    Unauthenticated,
    /// A right is missing.
    Unauthorized(Cow<'static, str>),
    /// Members that are not as they must be, each with a sentence.
    Invalid(String, String),
    Unknown(String),
    /// Somebody changed it: its id, its version now, and the status that says so.
    Changed(String, i64, StatusCode),
    Other(HeadOfficeError),
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        match error {
            HeadOfficeError::TokenRefused => Self::Unauthenticated,
            HeadOfficeError::NotAllowed => Self::Unauthorized("This customer belongs to another shop.".into()),
            HeadOfficeError::Invalid(sentence) => Self::Invalid(String::new(), sentence),
            HeadOfficeError::Refused(_) | HeadOfficeError::Rejected(_) => {
                Self::Invalid(customer::their_name(error.field().unwrap_or_default()).to_owned(), error.to_string())
            }
            other => Self::Other(other),
        }
    }
}

/// A member of the model that is not as it must be.
fn invalid(member: &str, sentence: &str) -> Failure {
    Failure::Invalid(member.to_owned(), sentence.to_owned())
}

pub(super) fn refuse(error: HeadOfficeError) -> Response {
    Failure::from(error).into_response()
}

impl IntoResponse for Failure {
    /// Problem details (RFC 7807), with the codes of the page on errors.
    fn into_response(self) -> Response {
        let (status, code, title, detail) = match &self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, Some(1), "Unauthenticated", String::new()),
            Self::Unauthorized(detail) => (StatusCode::FORBIDDEN, Some(2), "Unauthorized", detail.to_string()),
            Self::Invalid(_, sentence) => (StatusCode::BAD_REQUEST, Some(3), "Validation failed", sentence.clone()),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, None, "Not found", "There is no such customer.".to_owned()),
            Self::Changed(_, _, status) => {
                let detail = "Resource is stored in a newer version than the version specified in the request.";
                (*status, Some(6), "Resource version mismatch", detail.to_owned())
            }
            Self::Other(HeadOfficeError::Timeout) => {
                (StatusCode::LOCKED, Some(5), "Resource locked", "Try again later.".to_owned())
            }
            Self::Other(error) => (error.status_and_code().0, None, "Request failed", error.to_string()),
        };
        let mut body = json!({
            "type": format!("https://httpstatuses.io/{}", status.as_u16()),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(code) = code {
            body["errorCode"] = json!(code);
        }
        match &self {
            Self::Invalid(member, sentence) => body["errors"] = json!([{ "memberName": member, "message": sentence }]),
            Self::Unknown(id) => body["resource"] = json!({ "name": "Customer", "id": id }),
            Self::Changed(id, version, _) => {
                body["resource"] = json!({ "name": "Customer", "id": id, "version": version });
            }
            Self::Unauthenticated | Self::Unauthorized(_) | Self::Other(_) => {}
        }
        let mut response = json(status, &body);
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::Other(error) = &self {
            error.say_when(&mut response);
        }
        response
    }
}

/// A request of somebody who is known, in whichever of the three ways.
struct Portos {
    call: Call,
    who: auth::Who,
}

impl FromRequest<HeadOffice> for Portos {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &HeadOffice) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let original = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        if let Some(signed) = nws4::Signed::of(&parts.headers) {
            // What was signed is the body too.
            let (who, key) = auth::signer(office, &signed).await?;
            let method = parts.method.clone();
            let call = Call::read(office, who.access.clone(), parts, body).await?;
            let is_right = signed.is_right(&key, &method, &original, &call.headers, &call.body, call.at);
            return if is_right { Ok(Self { call, who }) } else { Err(Failure::Unauthenticated) };
        }
        let who = auth::who(office, &parts.headers).await?;
        let call = Call::read(office, who.access.clone(), parts, body).await?;
        Ok(Self { call, who })
    }
}

fn check_right(desk: &Desk<'_>, rights: &[&str]) -> Result<(), Failure> {
    let has = |right: &&str| match desk.access.rights.is_empty() {
        true => USUAL_RIGHTS.contains(right),
        false => desk.may(right),
    };
    if rights.iter().any(has) {
        Ok(())
    } else {
        Err(Failure::Unauthorized(format!("The right {} is required.", rights.join(" or ")).into()))
    }
}

async fn show(Path(id): Path<String>, Portos { call, .. }: Portos) -> Result<Response, Failure> {
    let body = call.ask(move |desk| {
        let seen = find(desk, &id)?.ok_or_else(|| Failure::Unknown(id.clone()))?;
        Ok::<_, Failure>(customer::shown(desk, &seen)?)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

async fn create(Portos { call, .. }: Portos) -> Result<Response, Failure> {
    let (sent, status) = (call.json()?, call.settings().portos_created);
    let body = call.change(move |desk| {
        check_right(desk, &["CustomerCreate"])?;
        let named = match sent.get("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if id.is_empty() => None,
            Some(Value::String(id)) => Some(id.as_str()),
            Some(_) => return Err(invalid("Id", "The id must be a string.")),
        };
        if let Some(id) = named.map(|id| desk.rows.find_member(member_id(id))).transpose()?.flatten()
            && !id.is_deleted
        {
            return Err(invalid("Id", "There is a customer of that id already."));
        }
        let seen = insert(desk, named, &sent)?;
        Ok::<_, Failure>(customer::shown(desk, &seen)?)
    });
    Ok(json(status, &Value::Object(body.await?)))
}

async fn put(Path(id): Path<String>, Portos { call, .. }: Portos) -> Result<Response, Failure> {
    let (sent, settings) = (call.json()?, call.settings().clone());
    let done = call.change(move |desk| {
        check_right(desk, &["CustomerCreate", "CustomerUpdate"])?;
        let found = find(desk, &id)?;
        check_id(&sent, &id, found.as_ref())?;
        let (status, seen) = match found {
            Some(seen) => (StatusCode::OK, change(desk, &seen, &sent, &settings)?),
            None => (settings.portos_created, insert(desk, Some(&id), &sent)?),
        };
        Ok::<_, Failure>((status, customer::shown(desk, &seen)?))
    });
    let (status, body) = done.await?;
    Ok(json(status, &Value::Object(body)))
}

async fn remove(Path(id): Path<String>, Portos { call, .. }: Portos) -> Result<Response, Failure> {
    let body = call.change(move |desk| {
        check_right(desk, &["CustomerDelete"])?;
        let seen = desk.find_exact(member_id(&id))?.ok_or_else(|| Failure::Unknown(id.clone()))?;
        let shown = customer::shown(desk, &seen)?;
        desk.remove(&seen, "deleted by Portos' API")?;
        Ok::<_, Failure>(shown)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

/// The id in a body is that of the path, or the one that is shown there: of somebody who was merged it is another.
fn check_id(sent: &Document, id: &str, found: Option<&Seen>) -> Result<(), Failure> {
    let named = match sent.get("id") {
        None | Some(Value::Null) => return Ok(()),
        Some(named) => named.as_str(),
    };
    if named == Some(id) || (named.is_some() && named == found.map(shown_id).as_deref()) {
        return Ok(());
    }
    Err(invalid("Id", "The id is not the one of the path."))
}

fn insert(desk: &mut Desk<'_>, named: Option<&str>, sent: &Document) -> Result<Seen, Failure> {
    let id = match named {
        None => desk.mint(MemberId::mint),
        Some(named) if named.chars().count() > MAX_ID || named.chars().any(char::is_control) => {
            return Err(invalid("Id", "The id is too long, or cannot be read."));
        }
        Some(named) => member_id(named),
    };
    let place = desk.home()?;
    let mut patch = customer::patch(sent, None, &place, named.unwrap_or(&id.to_string()))?;
    if let Some(named) = named.filter(|named| **named != id.to_string()) {
        add(&mut patch, Document::from_iter([("meta".to_owned(), json!({ ID: named }))]));
    }
    let seen = desk.create(id, &place, &Value::Object(patch))?;
    let entries = credit::entries(desk, &seen, sent)?;
    if !entries.is_empty() {
        check_right(desk, &["CustomerSetCredit"])?;
        desk.book(entries)?;
    }
    Ok(seen)
}

fn change(
    desk: &mut Desk<'_>,
    seen: &Seen,
    sent: &Document,
    settings: &super::DialectSettings,
) -> Result<Seen, Failure> {
    let there = customer::shown(desk, seen)?;
    let version = there.get("_v").and_then(Value::as_i64).unwrap_or(0);
    let told = match sent.get("_v") {
        None | Some(Value::Null) => None,
        Some(told) => Some(told.as_i64().ok_or_else(|| invalid("_v", "The version must be a whole number."))?),
    };
    if told.is_some_and(|told| told != 0 && told != version) {
        return Err(Failure::Changed(shown_id(seen), version, settings.portos_version_status));
    }
    let whole = if settings.full_put_clears { with_absent_cleared(sent.clone(), &there) } else { sent.clone() };
    let mut differing = changed(&whole, &there);
    // No rate is a rate of nothing.
    differing.retain(|key, value| !(value.is_null() && there.get(key).and_then(Value::as_f64) == Some(0.0)));
    if differing.contains_key("discountRate") {
        check_right(desk, &["CustomerSetDiscount"])?;
    }
    let entries = if differing.contains_key("credit") || differing.contains_key("creditTransactions") {
        credit::entries(desk, seen, &differing)?
    } else {
        Vec::new()
    };
    if !entries.is_empty() {
        check_right(desk, &["CustomerSetCredit"])?;
        if told.is_none_or(|told| told == 0) {
            return Err(invalid("_v", "Who changes credit must say which version they saw."));
        }
    }
    let patch = customer::patch(&differing, Some((seen, &whole)), &seen.place, &shown_id(seen))?;
    let seen = desk.update(seen, &Value::Object(patch))?;
    desk.book(entries)?;
    Ok(seen)
}

fn find(desk: &mut Desk<'_>, id: &str) -> Result<Option<Seen>, HeadOfficeError> {
    desk.find(member_id(id))
}

/// The member's id for an id there: a UUID is their own, from any other it follows.
fn member_id(id: &str) -> MemberId {
    id.parse().unwrap_or_else(|_| MemberId::from_uuid(derived("portos customer", id)))
}

/// The id there of a member.
fn shown_id(seen: &Seen) -> String {
    let chosen = seen.member.meta.get(ID).filter(|id| member_id(id) == seen.id);
    chosen.cloned().unwrap_or_else(|| seen.id.to_string())
}
