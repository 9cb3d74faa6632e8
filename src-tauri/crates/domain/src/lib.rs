//! The rules of Regulars: members, phones, money, the credit ledger and what a change is.
//!
//! Pure functions and values only. No I/O, no clock, no SQL, no async: the instant and the ids that a rule
//! needs are passed in, so every rule can be tested as a table.

pub mod allowance;
pub mod change;
pub mod checksum;
pub mod conflict;
pub mod edit;
pub mod fold;
pub mod ids;
pub mod label;
pub mod ledger;
pub mod location;
pub mod member;
pub mod membership;
pub mod money;
pub mod percent;
pub mod phone;
pub mod planted;
pub mod refusal;
pub mod sale;
mod schema;
pub mod text;
pub mod time;

pub use ids::{
    AccountId, AuthorisationId, ChangeId, EntryId, Incarnation, LocationId, MemberId, RemoteId, StaffId, TillId,
    VisitId,
};
pub use money::{Currency, Money};
pub use refusal::Refusal;
pub use time::{Date, Timestamp};
