//! The description of the routes, for people and generators. The routes themselves say what they take and answer.

use crate::http::documented_routes;
use std::sync::LazyLock;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};

/// The document as JSON.
pub(crate) fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let document = documented_routes().into_openapi();
        // Made of strings and maps only, so it always can be written.
        document.to_json().unwrap_or_default()
    });
    &DOCUMENT
}

/// What holds for all routes.
pub(crate) fn base() -> Document {
    Base::openapi()
}

/// The header of `push` and `pull`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by its description only")]
pub(crate) struct NeededVersion {
    /// The version of the protocol.
    #[param(rename = "regulars-protocol", example = "2026-11-24")]
    version: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Regulars head office",
        description = "What tills say to head office. Every answer that is not 2xx has an ErrorBody."
    ),
    security(("till_token" = [])),
    modifiers(&TillToken)
)]
struct Base;

struct TillToken;

impl Modify for TillToken {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A till's token.")).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("till_token", SecurityScheme::Http(scheme));
    }
}
