//! The routes of the native protocol and of those who run the server, each with its line in the OpenAPI document.

use super::HeadOffice;
use super::request::{Asked, NamedVersion, Newcomer, Sent, Till};
use crate::error::HeadOfficeError;
use crate::storage::Scope;
use crate::{access, apply, check, feed, give_back, holds, lives, openapi};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use regulars_domain::AuthorisationId;
use regulars_protocol::authorise::{AuthoriseRequest, AuthoriseResponse};
use regulars_protocol::checksums::{BucketRequest, BucketResponse, ChecksumsRequest, ChecksumsResponse};
use regulars_protocol::error::ErrorBody;
use regulars_protocol::give_back::{GiveBackRequest, GiveBackResponse, MAX_THINGS};
use regulars_protocol::join::{JoinRequest, JoinResponse};
use regulars_protocol::pull::{PullRequest, PullResponse};
use regulars_protocol::push::{MAX_CHANGES, PushRequest, PushResponse};
use regulars_protocol::{Health, Hello, VERSION};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every route, once: the server and its description come from the same list.
pub(crate) fn documented_routes() -> OpenApiRouter<HeadOffice> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(health))
        .routes(routes!(metrics))
        .routes(routes!(openapi_json))
        .routes(routes!(hello))
        .routes(routes!(join))
        .routes(routes!(push))
        .routes(routes!(pull))
        .routes(routes!(give_back))
        .routes(routes!(checksums))
        .routes(routes!(bucket))
        .routes(routes!(authorise))
        .routes(routes!(release))
}

/// Whether head office is up.
#[utoipa::path(
    get, path = "/health", security(()),
    responses((status = 200, body = Health), (status = 500, body = ErrorBody))
)]
async fn health(State(head_office): State<HeadOffice>) -> Result<Json<Health>, HeadOfficeError> {
    let epoch = head_office.read(|rows| rows.epoch()).await?;
    let protocols = vec![VERSION.to_owned()];
    Ok(Json(Health { status: "ok".to_owned(), epoch, protocols, at: head_office.now() }))
}

/// Counters for Prometheus.
#[utoipa::path(
    get, path = "/metrics", security(()),
    responses((status = 200, body = String, content_type = "text/plain"))
)]
async fn metrics(State(head_office): State<HeadOffice>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], head_office.shared.metrics.page()).into_response()
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", security(()), responses((status = 200, body = Object)))]
async fn openapi_json() -> Response {
    json(openapi::document())
}

/// What a token may do. A harmless way to check one.
#[utoipa::path(
    get, path = "/v1/hello",
    responses((status = 200, body = Hello), (status = 401, body = ErrorBody), (status = 429, body = ErrorBody))
)]
async fn hello(State(head_office): State<HeadOffice>, Till(access): Till) -> Result<Json<Hello>, HeadOfficeError> {
    let locations = match &access.scope {
        Scope::All => None,
        Scope::Locations(codes) => Some(codes.iter().cloned().collect()),
    };
    let members = head_office.read(move |rows| rows.count_members(&access.scope)).await?;
    Ok(Json(Hello { locations, members }))
}

/// Turns a join code into a till's token, once.
#[utoipa::path(
    post, path = "/v1/join", security(()), request_body = JoinRequest,
    responses(
        (status = 200, body = JoinResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 429, body = ErrorBody)
    )
)]
async fn join(
    State(head_office): State<HeadOffice>,
    _: Newcomer,
    Sent(request): Sent<JoinRequest>,
) -> Result<Json<JoinResponse>, HeadOfficeError> {
    let at = head_office.now();
    let token = head_office.write(move |rows| access::redeem_join_code(rows, &request.code, at)).await?;
    Ok(Json(JoinResponse { token }))
}

/// Takes a till's changes, each by itself, and commits them before it answers.
#[utoipa::path(
    post, path = "/v1/push", params(openapi::NeededVersion), request_body = PushRequest,
    responses(
        (status = 200, body = PushResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 410, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody), (status = 429, body = ErrorBody),
        (status = 500, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
async fn push(
    State(head_office): State<HeadOffice>,
    _: NamedVersion,
    Till(access): Till,
    Sent(request): Sent<PushRequest>,
) -> Result<Json<PushResponse>, HeadOfficeError> {
    if request.changes.len() > MAX_CHANGES {
        return Err(HeadOfficeError::TooLarge);
    }
    if request.changes.iter().any(|change| change.number < 1) {
        return Err(HeadOfficeError::Invalid("changes are numbered from 1 on".to_owned()));
    }
    let at = head_office.now();
    let response = head_office.write(move |rows| apply::push(rows, &access, &request, at)).await?;
    let response = response.ok_or(HeadOfficeError::EpochChanged)?;
    head_office.shared.metrics.pushed(&response.results);
    Ok(Json(response))
}

/// What changed, in order of commit, as far as the token may see.
#[utoipa::path(
    get, path = "/v1/pull", params(openapi::NeededVersion, PullRequest),
    responses(
        (status = 200, body = PullResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 410, body = ErrorBody), (status = 429, body = ErrorBody), (status = 500, body = ErrorBody),
        (status = 503, body = ErrorBody)
    )
)]
async fn pull(
    State(head_office): State<HeadOffice>,
    _: NamedVersion,
    Till(access): Till,
    Asked(request): Asked<PullRequest>,
) -> Result<Response, HeadOfficeError> {
    let (at, named) = (head_office.now(), request.epoch.clone());
    let page = head_office
        .read(move |rows| {
            let page = feed::page(rows, &access, &request, at)?;
            Ok((serde_json::to_vec(&page)?, page.rows.len()))
        })
        .await;
    if let (Err(HeadOfficeError::LessIsKnown), Some(named)) = (&page, named) {
        head_office.write(move |rows| lives::begin_where_less_is_known(rows, &named, at)).await?;
    }
    let (body, rows) = page?;
    head_office.shared.metrics.pulled(rows);
    Ok(json(body))
}

/// Takes back what an older copy of the database lacks and a till still has.
#[utoipa::path(
    post, path = "/v1/give-back", params(openapi::NeededVersion), request_body = GiveBackRequest,
    responses(
        (status = 200, body = GiveBackResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 410, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 429, body = ErrorBody), (status = 500, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
async fn give_back(
    State(head_office): State<HeadOffice>,
    _: NamedVersion,
    Till(access): Till,
    Sent(request): Sent<GiveBackRequest>,
) -> Result<Json<GiveBackResponse>, HeadOfficeError> {
    if request.things.len() > MAX_THINGS {
        return Err(HeadOfficeError::TooLarge);
    }
    let at = head_office.now();
    head_office.write(move |rows| give_back::take_back(rows, &access, &request, at)).await.map(Json)
}

/// Sums over what the tills of a shop were told, to be compared with what one has.
#[utoipa::path(
    get, path = "/v1/checksums", params(openapi::NeededVersion, ChecksumsRequest),
    responses(
        (status = 200, body = ChecksumsResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody), (status = 500, body = ErrorBody),
        (status = 503, body = ErrorBody)
    )
)]
async fn checksums(
    State(head_office): State<HeadOffice>,
    _: NamedVersion,
    Till(access): Till,
    Asked(request): Asked<ChecksumsRequest>,
) -> Result<Json<ChecksumsResponse>, HeadOfficeError> {
    Ok(Json(head_office.read(move |rows| check::sums(rows, &access, &request.location)).await?))
}

/// One part of a shop, whole.
#[utoipa::path(
    get, path = "/v1/bucket", params(openapi::NeededVersion, BucketRequest),
    responses(
        (status = 200, body = BucketResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 429, body = ErrorBody), (status = 500, body = ErrorBody),
        (status = 503, body = ErrorBody)
    )
)]
async fn bucket(
    State(head_office): State<HeadOffice>,
    _: NamedVersion,
    Till(access): Till,
    Asked(request): Asked<BucketRequest>,
) -> Result<Response, HeadOfficeError> {
    let body = head_office
        .read(move |rows| {
            let part = check::bucket(rows, &access, &request.location, request.bucket)?;
            Ok(serde_json::to_vec(&part)?)
        })
        .await?;
    Ok(json(body))
}

/// Asks whether credit may be used, and holds it.
#[utoipa::path(
    post, path = "/v1/authorisations", request_body = AuthoriseRequest,
    responses(
        (status = 200, body = AuthoriseResponse), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody), (status = 500, body = ErrorBody),
        (status = 503, body = ErrorBody)
    )
)]
async fn authorise(
    State(head_office): State<HeadOffice>,
    Till(access): Till,
    Sent(request): Sent<AuthoriseRequest>,
) -> Result<Json<AuthoriseResponse>, HeadOfficeError> {
    let at = head_office.now();
    let response = head_office.write(move |rows| holds::authorise(rows, &access, &request, at)).await?;
    head_office.shared.metrics.asked(response.is_authorised);
    Ok(Json(response))
}

/// Gives a hold up. One that is not there any more is given up already.
#[utoipa::path(
    delete, path = "/v1/authorisations/{id}", params(("id" = String, Path, description = "The hold's id.")),
    responses(
        (status = 204), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 429, body = ErrorBody), (status = 500, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
async fn release(
    State(head_office): State<HeadOffice>,
    _: Till,
    Path(id): Path<String>,
) -> Result<StatusCode, HeadOfficeError> {
    let id: AuthorisationId = id.parse().map_err(|_| HeadOfficeError::Invalid("this is not an id".to_owned()))?;
    head_office.write(move |rows| holds::release(rows, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn json(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}
