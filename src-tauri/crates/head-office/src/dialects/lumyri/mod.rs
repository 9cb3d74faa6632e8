//! Lumyri's customers and labels (`/users/customers`, `/labels`).
//!
//! What the pages leave open, and what is done here:
//! - `Authorization: Bearer`, or Basic with the token as the user (the page on signing in has both). `x-app-id` must be a
//!   UUID on POST and GET, as in the samples; elsewhere it may be absent.
//! - Failures are not shown: `{"error": {"code", "message"}, "data": null}` with the HTTP statuses that are listed.
//! - The client's `id` becomes the member's, where it is a UUID (`lumyri.own_ids`: never). One that is taken is 409; one
//!   that was deleted is there again. A new customer is answered with 201 (`lumyri.created`).
//! - Two customers may have one email: no rule says otherwise.
//! - PUT takes the whole object. A field that is absent stays as it is (`full_put_clears`); email, first and last name
//!   cannot be emptied. `id` must be the one of the path, or the one that is shown there: who was merged answers as whom
//!   they turned out to be.
//! - DELETE takes all the ids or none; ids that are unknown are gone already.
//! - `company_id` and `app_id` are given back as they came, else ids stand there that follow from the shop's issuer and code.
//! - Labels may be told as `label_ids`, `labels` or `lables`, as ids or objects; ids that are no label here are kept and
//!   given back. `geo` is latitude and longitude. A category is Home, Office or Other in any capitals, and kept as written.
//! - A name that nobody told apart is all in `first_name`. Nothing is `""`, as `avatar` is in the samples.
//! - `per_page` is how many are on the page, as in the sample. `sort_by=name` is by the full name; `search` looks at names,
//!   email and phone, without accents.

mod customer;
mod labels;
mod listing;

use super::call::{Call, basic_user, bearer, invalid, json};
use super::desk::{Desk, Seen};
use super::fields::{changed, with_absent_cleared};
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use axum::Router;
use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use customer::{Shape, patch, shown};
use labels::Labels;
use regulars_domain::MemberId;
use serde_json::{Value, json};

/// Most ids in one DELETE: as many as anybody picks in a list.
const MAX_IDS: usize = 1_000;
/// The header that says which app asks.
const APP_ID: &str = "x-app-id";

pub(super) fn routes() -> Router<HeadOffice> {
    Router::new()
        .route("/users/customers", get(listing::customers).post(create).delete(remove))
        .route("/users/customers/{id}", get(show).put(update))
        .route("/labels", get(labels::list).post(labels::create))
}

/// Why a request is not answered as asked.
enum Failure {
    Unknown,
    Other(HeadOfficeError),
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        Self::Other(error)
    }
}

pub(super) fn refuse(error: HeadOfficeError) -> Response {
    Failure::from(error).into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, code, message) = match &self {
            Self::Unknown => (StatusCode::NOT_FOUND, "not_found", "there is no such customer".to_owned()),
            Self::Other(error) => {
                let (status, code) = error.status_and_code();
                let status = match (status, code) {
                    (StatusCode::UNPROCESSABLE_ENTITY, "id_taken" | "label_taken" | "balance_not_settled") => {
                        StatusCode::CONFLICT
                    }
                    (StatusCode::UNPROCESSABLE_ENTITY, _) => StatusCode::BAD_REQUEST,
                    (status, _) => status,
                };
                (status, code, error.to_string())
            }
        };
        let mut response = json(status, &json!({ "error": { "code": code, "message": message }, "data": null }));
        if let Self::Other(error) = &self {
            error.say_when(&mut response);
        }
        response
    }
}

fn enveloped(status: StatusCode, data: &Value) -> Response {
    json(status, &json!({ "error": null, "data": data }))
}

/// A request with a token, and whether it names an app.
struct Lumyri {
    call: Call,
    names_app: bool,
}

impl FromRequest<HeadOffice> for Lumyri {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &HeadOffice) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let token = bearer(&parts.headers).or_else(|| basic_user(&parts.headers));
        let access = office.check_token(token.ok_or(HeadOfficeError::TokenRefused)?, "lumyri").await?;
        let names_app = names_app(&parts.headers)?;
        let call = Call::read(office, access, parts, body).await?;
        Ok(Self { call, names_app })
    }
}

impl Lumyri {
    /// The request, which must name an app.
    fn of_an_app(self) -> Result<Call, Failure> {
        if self.names_app { Ok(self.call) } else { Err(invalid("the header x-app-id is required").into()) }
    }
}

fn names_app(headers: &HeaderMap) -> Result<bool, HeadOfficeError> {
    let Some(app) = headers.get(APP_ID) else { return Ok(false) };
    let is_one = app.to_str().is_ok_and(|app| uuid::Uuid::try_parse(app).is_ok());
    if is_one { Ok(true) } else { Err(invalid("the header x-app-id must be a UUID")) }
}

async fn show(Path(id): Path<String>, lumyri: Lumyri) -> Result<Response, Failure> {
    let call = lumyri.of_an_app()?;
    let body = call.ask(move |desk| {
        let seen = find(desk, &id)?;
        let labels = Labels::of(desk, Some(&seen))?;
        Ok::<_, Failure>(shown(&seen, &labels, Shape::Detail))
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

async fn create(lumyri: Lumyri) -> Result<Response, Failure> {
    let call = lumyri.of_an_app()?;
    let (sent, settings) = (call.json()?, call.settings().clone());
    let asked = match sent.get("id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| invalid("id must be a UUID"))?),
    };
    let asked: Option<MemberId> = asked.filter(|_| !settings.lumyri_own_ids);
    customer::check_required(&sent)?;
    let data = call.change(move |desk| {
        let place = desk.home()?;
        let labels = Labels::of(desk, None)?;
        let patch = patch(&sent, None, &labels)?;
        let id = asked.unwrap_or_else(|| desk.mint(MemberId::mint));
        let seen = desk.create(id, &place, &Value::Object(patch))?;
        let labels = Labels::of(desk, Some(&seen))?;
        Ok::<_, Failure>(shown(&seen, &labels, Shape::Row))
    });
    Ok(enveloped(settings.lumyri_created, &Value::Object(data.await?)))
}

async fn update(Path(id): Path<String>, Lumyri { call, .. }: Lumyri) -> Result<Response, Failure> {
    let (sent, clears) = (call.json()?, call.settings().full_put_clears);
    let data = call.change(move |desk| {
        let seen = find(desk, &id)?;
        let shown_id = seen.id.to_string();
        if sent.get("id").is_some_and(|named| *named != id && *named != shown_id) {
            return Err(Failure::from(invalid("id is not the one of the path")));
        }
        let labels = Labels::of(desk, Some(&seen))?;
        let there = shown(&seen, &labels, Shape::Row);
        let whole = if clears { with_absent_cleared(sent.clone(), &there) } else { sent.clone() };
        let patch = patch(&changed(&whole, &there), Some((&seen, &whole)), &labels)?;
        let seen = desk.update(&seen, &Value::Object(patch))?;
        let labels = Labels::of(desk, Some(&seen))?;
        Ok::<_, Failure>(shown(&seen, &labels, Shape::Row))
    });
    Ok(enveloped(StatusCode::OK, &Value::Object(data.await?)))
}

async fn remove(Lumyri { call, .. }: Lumyri) -> Result<Response, Failure> {
    let sent = call.json()?;
    let ids = sent.get("customer_ids").and_then(Value::as_array).filter(|ids| ids.len() <= MAX_IDS);
    let ids = ids.ok_or_else(|| invalid("customer_ids must be an array of at most 1000 ids"))?;
    let ids: Option<Vec<MemberId>> = ids.iter().map(|id| id.as_str().and_then(|id| id.parse().ok())).collect();
    let ids = ids.ok_or_else(|| invalid("customer_ids must be UUIDs"))?;
    call.change(move |desk| {
        for id in &ids {
            if let Some(seen) = desk.find_exact(*id)? {
                desk.remove(&seen, "deleted by Lumyri's API")?;
            }
        }
        Ok::<_, Failure>(())
    })
    .await?;
    Ok(enveloped(StatusCode::OK, &json!({ "message": "OK" })))
}

fn find(desk: &mut Desk<'_>, id: &str) -> Result<Seen, Failure> {
    let id: MemberId = id.parse().map_err(|_| Failure::Unknown)?;
    desk.find(id)?.ok_or(Failure::Unknown)
}
