//! `POST /v1/join`: a new till turns the code that head office gave it into a token of its own.

use regulars_domain::TillId;
use serde::{Deserialize, Serialize};

/// A code, to be turned into a token. It works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequest {
    /// Eight letters, in any case, with or without spaces and dashes.
    pub code: String,
    /// The till.
    pub till_id: TillId,
}

/// The till's token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinResponse {
    /// To be sent as `Authorization: Bearer` from now on.
    pub token: String,
}
