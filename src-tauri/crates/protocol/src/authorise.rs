//! `POST /v1/authorisations`: a till asks whether credit may be used, and head office holds it until the bill is paid.
//!
//! A hold is no ledger entry. It is captured by the redemptions that name it, released by
//! `DELETE /v1/authorisations/{id}`, or runs out. Two tills that are connected cannot use one balance twice.
//! A member that head office does not know yet, or that the token may not see, is answered with 404.

use regulars_domain::{AuthorisationId, MemberId, Money, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest hold: a bill that takes longer is asked for anew.
pub const MAX_HOLD_SECONDS: u32 = 900;

/// A question for credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthoriseRequest {
    /// The hold's id, made by the till. The same question again, while it is held, gets the same answer; a refused one
    /// is asked anew.
    pub id: AuthorisationId,
    /// The till that asks.
    pub till_id: TillId,
    /// Whose credit.
    pub member_id: MemberId,
    /// The legal entity that owes it.
    pub issuer: String,
    /// How much: more than zero.
    pub amount: Money,
    /// The shop's code.
    pub location: String,
    /// How long to hold, in seconds; no more than 900.
    pub hold_seconds: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthoriseResponse {
    /// Whether it is held.
    pub is_authorised: bool,
    /// Until when it is held, by head office's clock.
    pub expires_at: Option<Timestamp>,
    /// What the account has that nobody holds, this hold not counted.
    pub available: Money,
}
