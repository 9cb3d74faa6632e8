//! What a till and head office say to each other: the native protocol at `/v1`, one dated version.
//!
//! Types only. Shops are named by their code, members and entries by the ids that tills made. Instants are RFC 3339,
//! days `YYYY-MM-DD`, amounts minor units with their currency.

pub mod authorise;
pub mod checksums;
pub mod error;
pub mod give_back;
pub mod join;
pub mod pull;
pub mod push;

/// The version of this protocol. It changes with every change that an older peer could not ignore.
pub const VERSION: &str = "2026-11-24";

/// The header that names the version, in requests. `push` and `pull` need it; elsewhere below `/v1` it may be absent,
/// but a version that is not spoken is refused everywhere (400, `protocol_unsupported`).
pub const VERSION_HEADER: &str = "regulars-protocol";

/// What `GET /health` answers, without a token.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// "ok".
    pub status: String,
    /// One life of head office's database.
    pub epoch: String,
    /// The versions of the protocol that are spoken.
    pub protocols: Vec<String>,
    /// Head office's clock.
    pub at: regulars_domain::Timestamp,
}

/// What `GET /v1/hello` answers: what a token may do. A harmless way to check one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    /// The shops that the token is limited to; `null` for all.
    pub locations: Option<Vec<String>>,
    /// How many members it can see.
    pub members: i64,
}
