//! How a request is refused: one match gives status, code and sentence.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use regulars_domain::Refusal;
use regulars_protocol::error::ErrorBody;

/// Why a request as a whole was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum HeadOfficeError {
    /// No token, an unknown one, or one of another kind.
    #[error("this token is not accepted")]
    TokenRefused,
    /// A join code that is unknown, used or too old.
    #[error("this join code is unknown, was used or is too old")]
    JoinCodeRefused,
    /// The token may not do this.
    #[error("this token may not do that")]
    NotAllowed,
    /// Nothing is there, or nothing that the token may see.
    #[error("there is nothing here")]
    NotFound,
    /// Another method is meant.
    #[error("this method is not known here")]
    MethodNotAllowed,
    /// A body that is not JSON by its content type.
    #[error("the body must be application/json")]
    NotJson,
    /// The till's versions count in another life of this database.
    #[error("head office began a new life: pull anew")]
    EpochChanged,
    /// The till has seen versions of this life that were not given out in it: an older copy was put back.
    #[error("head office began a new life: pull anew")]
    LessIsKnown,
    /// The till was away for longer than tombstones are kept.
    #[error("the till was away for too long: pull anew")]
    CursorTooOld,
    /// A header of an unknown version, or none where one is needed.
    #[error("the header regulars-protocol must name the version 2026-11-24")]
    ProtocolUnsupported,
    /// Not what the protocol says.
    #[error("{0}")]
    Invalid(String),
    /// A rule of the domain.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A change that a rule stands against, with its reason.
    #[error("{}", .0.message)]
    Rejected(ErrorBody),
    /// Too many bytes or changes.
    #[error("this request is too large")]
    TooLarge,
    /// Too many requests.
    #[error("too many requests: try again in {retry_after_s} s")]
    RateLimited {
        /// When to try again.
        retry_after_s: u64,
    },
    /// It took too long.
    #[error("this took too long")]
    Timeout,
    /// The database, or a fault of this program.
    #[error("head office had a fault of its own")]
    Internal,
}

impl HeadOfficeError {
    pub(crate) fn status_and_code(&self) -> (StatusCode, &str) {
        match self {
            Self::TokenRefused => (StatusCode::UNAUTHORIZED, "token_refused"),
            Self::JoinCodeRefused => (StatusCode::UNAUTHORIZED, "join_code_invalid"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "not_allowed"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"),
            Self::EpochChanged | Self::LessIsKnown => (StatusCode::GONE, "epoch_changed"),
            Self::CursorTooOld => (StatusCode::GONE, "cursor_too_old"),
            Self::ProtocolUnsupported => (StatusCode::BAD_REQUEST, "protocol_unsupported"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid"),
            Self::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code()),
            Self::Rejected(body) => (StatusCode::UNPROCESSABLE_ENTITY, &body.code),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Timeout => (StatusCode::SERVICE_UNAVAILABLE, "timeout"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }
}

impl HeadOfficeError {
    /// The field that it is about, where it is about one.
    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.field(),
            Self::Rejected(body) => body.field.as_deref(),
            _ => None,
        }
    }

    /// Says in the answer when to try again, where that is known.
    pub(crate) fn say_when(&self, response: &mut Response) {
        if let Self::RateLimited { retry_after_s } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
    }
}

impl From<rusqlite::Error> for HeadOfficeError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "database");
        match error.sqlite_error_code() {
            // Another process wrote for longer than a statement waits. Nothing was done; later it will be.
            Some(rusqlite::ErrorCode::DatabaseBusy) => Self::Timeout,
            Some(_) | None => Self::Internal,
        }
    }
}

impl From<serde_json::Error> for HeadOfficeError {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(%error, "stored JSON");
        Self::Internal
    }
}

impl IntoResponse for HeadOfficeError {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let field = self.field().map(str::to_owned);
        let body = ErrorBody { code: code.to_owned(), message: self.to_string(), field };
        let mut response = (status, Json(body)).into_response();
        self.say_when(&mut response);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
