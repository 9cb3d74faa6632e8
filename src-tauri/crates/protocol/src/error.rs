//! How a request is refused as a whole.

use serde::{Deserialize, Serialize};

/// The body of every answer that is not 2xx.
///
/// Codes: `invalid` and `protocol_unsupported` (400), `token_refused` and `join_code_invalid` (401), `not_allowed`
/// (403), `not_found` (404), `method_not_allowed` (405), `cursor_too_old` and `epoch_changed` (410), `too_large` (413),
/// `not_json` (415), a refusal of the domain such as `amount_not_positive` (422), `rate_limited` (429, with
/// `Retry-After` in seconds), `server_error` (500), `timeout` (503).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The stable code.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// The field that it is about, where it is about one.
    #[serde(default)]
    pub field: Option<String>,
}
