//! Valomnia's customers (`/api/VERSION/customers`), with categories, segmentations, groups, payment types, regions and
//! currencies beside them, and signing in for a session.
//!
//! What the pages leave open, and what is done here:
//! - Any version is taken, and links are written with it. As on the page they begin with `/api`, whatever is before that.
//! - `j_password` is the token's secret; any user name goes with it. A session lasts half an hour and is not prolonged.
//!   The secret is also taken as a bearer token. Without either: `no_credentials`, 401 (`valomnia.expired_status`).
//! - `id` follows from the member's own id: the last 53 bits. A member without a reference has their id as one.
//! - The `…Id` parameters are references on `/reference/` URLs and with `useExternalId=true`, else numbers.
//! - A POST to a reference that is there changes that customer (200), else makes one (201).
//! - An update takes what is sent; an empty value clears. Defaults count for new customers alone (`valomnia.resets`: in
//!   updates too).
//! - `isSameAddress` is kept as told, and nothing is mirrored. Where nobody told it, it says whether there is no delivery
//!   address.
//! - A country, tax number (as `company.tax_id`) and risk are kept as written. `balance` is what the member owes on
//!   account, never store credit, and read only as on the page; what head office does not know is `null`.
//! - Currencies are configured where a shop has them, or where they were made here. Regions are activated where there is
//!   one; which level is configured is not known, so any will do.
//! - `regions`, `paymentTypes` and so on can be made by POST, so that every documented failure can be met.
//! - A picture is made small before it is stored. Its link is a path on this server.
//! - `sort` takes any key of a customer. `max` is 100, at most 1,000; wildcards do not mind capitals.

mod customer;
mod listing;
mod logo;
mod things;
mod write;

use super::call::{Call, bearer, json};
use super::desk::{Desk, Seen};
use super::{form, pass};
use crate::error::HeadOfficeError;
use crate::http::{HeadOffice, read_body};
use crate::storage::MemberKey;
use axum::Router;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a session lasts: what servers of its make (Tomcat) have where nobody says.
const SESSION: Duration = Duration::from_secs(30 * 60);
/// The name of the session's cookie.
const COOKIE: &str = "JSESSIONID";

pub(super) fn routes() -> Router<HeadOffice> {
    Router::new()
        .route("/j_spring_security_check", get(sign_in).post(sign_in))
        .route("/login/ajaxSuccess", get(signed_in))
        .route("/api/{version}/customers", get(listing::list).post(write::create))
        .route("/api/{version}/customers/{id}", get(show).post(write::update).delete(remove))
        .route("/api/{version}/customers/reference/{id}", get(show_named).post(write::upsert).delete(remove_named))
        .route("/api/{version}/{things}", get(things::list).post(things::create))
        .route("/api/{version}/{things}/{id}", get(things::show).post(things::update))
        .route("/api/{version}/{things}/reference/{id}", get(things::show_named).post(things::upsert))
        .route("/{organization}/photoCustomer/{file}", get(logo::show))
}

/// Why a request is not answered as asked: status, `error` and `error_description`.
#[derive(Debug)]
struct Failure {
    status: StatusCode,
    error: &'static str,
    description: String,
    retry_after: Option<u64>,
}

impl Failure {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into(), retry_after: None }
    }

    fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    fn not_found(description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", description)
    }

    fn no_such(what: &str, id: &str) -> Self {
        Self::not_found(format!("The {what} with the id {id} doesn't exist."))
    }

    fn missing(parameter: &str) -> Self {
        Self::bad("missing_param", format!("{parameter} parameter is missing"))
    }

    fn of_type(parameter: &str) -> Self {
        let description = format!("The type of parameter {parameter} you provided is not valid for this request.");
        Self::bad("invalid_param_type", description)
    }

    fn unknown_params(names: &[&str]) -> Self {
        let names = names.join(", ");
        Self::bad("invalid_param", format!("The parameters [{names}] you provided are not valid for this request."))
    }

    fn not_saved() -> Self {
        Self::bad("save_failed", "Failed to save instance.")
    }

    fn no_credentials(office: &HeadOffice) -> Self {
        let status = office.dialects().valomnia_expired_status;
        Self::new(status, "no_credentials", "You must be signed in to use this service.")
    }
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        match error {
            HeadOfficeError::TokenRefused => {
                Self::new(StatusCode::UNAUTHORIZED, "no_credentials", "You must be signed in to use this service.")
            }
            HeadOfficeError::NotAllowed => {
                Self::new(StatusCode::FORBIDDEN, "access_denied", "You are not allowed to do that.")
            }
            HeadOfficeError::NotFound => Self::not_found("The requested resource doesn't exist."),
            HeadOfficeError::MethodNotAllowed => {
                Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not known here.")
            }
            HeadOfficeError::Invalid(sentence) => Self::bad("invalid_param", sentence),
            HeadOfficeError::Refused(_) | HeadOfficeError::Rejected(_) => Self::not_saved(),
            HeadOfficeError::TooLarge => Self::bad("exceeded_file_size", "image size should not exceed 2Mo"),
            HeadOfficeError::RateLimited { retry_after_s } => Self {
                retry_after: Some(retry_after_s),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests.")
            },
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Oops! Something went wrong..."),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = json(self.status, &body);
        if let Some(retry_after_s) = self.retry_after {
            HeadOfficeError::RateLimited { retry_after_s }.say_when(&mut response);
        }
        response
    }
}

pub(super) fn refuse(error: HeadOfficeError) -> Response {
    Failure::from(error).into_response()
}

/// A request of somebody who signed in, or has a token.
struct Valomnia(Call);

impl FromRequest<HeadOffice> for Valomnia {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &HeadOffice) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let access = match (bearer(&parts.headers), session(&parts.headers)) {
            (Some(token), _) => office.check_token(token, "valomnia").await,
            (None, Some(pass)) => pass::check(office, &pass, "valomnia").await.map(|(access, _)| access),
            (None, None) => Err(HeadOfficeError::TokenRefused),
        };
        let access = access.map_err(|error| match error {
            HeadOfficeError::TokenRefused => Failure::no_credentials(office),
            other => other.into(),
        })?;
        Ok(Self(Call::read(office, access, parts, body).await?))
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// Signs somebody in, by form or by query.
async fn sign_in(State(office): State<HeadOffice>, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let wrong = || Failure::new(StatusCode::UNAUTHORIZED, "invalid_credentials", "Wrong user name or password.");
    let mut pairs = form::read(parts.uri.query().unwrap_or_default().as_bytes()).ok_or_else(wrong)?;
    pairs.extend(form::read(&read_body(body).await?).ok_or_else(wrong)?);
    let field = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let user = field("j_username").filter(|user| !user.trim().is_empty()).ok_or_else(wrong)?;
    let access = match office.check_token(field("j_password").unwrap_or_default(), "valomnia").await {
        Err(HeadOfficeError::TokenRefused) => return Err(wrong()),
        checked => checked?,
    };
    office.count(access.token_id)?;
    let claims = Document::from_iter([("user".to_owned(), json!(user))]);
    let pass = pass::issue(&office, &access, claims, SESSION).await?;
    let cookie = format!("{COOKIE}={pass}; Path=/; HttpOnly");
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/valomnia/login/ajaxSuccess"));
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| HeadOfficeError::Internal)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn signed_in(State(office): State<HeadOffice>, headers: HeaderMap) -> Result<Response, Failure> {
    let pass = session(&headers).ok_or_else(|| Failure::no_credentials(&office))?;
    let Ok((_, claims)) = pass::check(&office, &pass, "valomnia").await else {
        return Err(Failure::no_credentials(&office));
    };
    let user = json!({ "username": claims.get("user"), "isGeoLocationActivated": false, "enableAssignRegionToCustomer": true });
    Ok(json(StatusCode::OK, &json!({ "success": true, "token": pass, "user": user })))
}

async fn show(Path((version, id)): Path<(String, String)>, Valomnia(call): Valomnia) -> Result<Response, Failure> {
    let body = call.ask(move |desk| {
        let seen = find(desk, &id)?;
        customer::shown(desk, &seen, &version)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

async fn show_named(
    Path((version, id)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let body = call.ask(move |desk| {
        let seen = find_named(desk, &id)?.ok_or_else(|| no_such_reference(&id))?;
        customer::shown(desk, &seen, &version)
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

async fn remove(Path((_, id)): Path<(String, String)>, Valomnia(call): Valomnia) -> Result<Response, Failure> {
    call.change(move |desk| {
        let seen = find(desk, &id)?;
        if MemberKey::number(seen.id).to_string() != id {
            return Err(Failure::no_such("customer", &id));
        }
        delete(desk, &seen)
    })
    .await?;
    Ok(deleted())
}

async fn remove_named(Path((_, id)): Path<(String, String)>, Valomnia(call): Valomnia) -> Result<Response, Failure> {
    call.change(move |desk| {
        let seen = find_named(desk, &id)?.ok_or_else(|| no_such_reference(&id))?;
        delete(desk, &seen)
    })
    .await?;
    Ok(deleted())
}

fn delete(desk: &mut Desk<'_>, seen: &Seen) -> Result<(), Failure> {
    let done = desk.remove(seen, "deleted by Valomnia's API").map_err(Failure::from);
    done.map_err(|failure| match failure.error {
        "save_failed" => Failure::bad("delete_failed", "Failed to delete instance."),
        _ => failure,
    })
}

fn deleted() -> Response {
    json(StatusCode::OK, &json!({ "success": "true", "success_description": "Instance deleted successfully" }))
}

/// The customer of a number.
fn find(desk: &mut Desk<'_>, id: &str) -> Result<Seen, Failure> {
    let number: i64 = id.parse().map_err(|_| Failure::of_type("id"))?;
    match &desk.find_by(&MemberKey::Number(number))?[..] {
        [seen] => Ok(seen.clone()),
        _ => Err(Failure::no_such("customer", id)),
    }
}

/// The customer of a reference, which is the member's own id where they have none.
fn find_named(desk: &mut Desk<'_>, reference: &str) -> Result<Option<Seen>, HeadOfficeError> {
    let found = desk.find_by(&MemberKey::Reference(reference.trim().to_owned()))?.into_iter().next();
    match (found, reference.parse::<MemberId>()) {
        (Some(seen), _) => Ok(Some(seen)),
        (None, Ok(id)) => Ok(desk.find_exact(id)?.filter(|seen| seen.member.reference.is_none())),
        (None, Err(_)) => Ok(None),
    }
}

fn no_such_reference(reference: &str) -> Failure {
    Failure::not_found(format!("The customer with the reference {reference} doesn't exist."))
}
