//! Why something was refused: a code for machines, the field it is about, and the facts a sentence needs.
//!
//! The sentences themselves are at the edges: `ui/src/text` for people at the window, `Display` for the command line.

use crate::money::Money;
use serde_json::{Value, json};

/// An input or an action that a rule does not allow. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field that must be filled is empty.
    #[error("{field} is needed")]
    Required {
        /// Which field.
        field: &'static str,
    },
    /// More text than the field holds.
    #[error("{field} is too long: at most {max} characters")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// How many characters fit.
        max: usize,
    },
    /// A control character, or one that changes the direction of the text around it.
    #[error("{field} has a character that cannot be shown")]
    InvalidCharacter {
        /// Which field.
        field: &'static str,
    },
    /// Not a member as JSON, or a field of the wrong kind.
    #[error("this is not a member as JSON: {detail}")]
    MemberInvalid {
        /// What the reader stumbled over.
        detail: String,
    },
    /// Too few or too many digits, or something that is no part of a phone number.
    #[error("this is not a phone number: 5 to 18 digits, with spaces, +, -, dots or brackets between them")]
    PhoneInvalid,
    /// No name@host.
    #[error("this is not an email address, as name@example.com")]
    EmailInvalid,
    /// A day that no calendar has, or a year nobody alive was born in.
    #[error("there is no such birthday")]
    BirthdayInvalid,
    /// Not decimal text.
    #[error("this is not an amount, as {example}")]
    AmountInvalid {
        /// An amount in the currency at hand.
        example: String,
    },
    /// Zero or less where money must move.
    #[error("the amount must be more than zero")]
    AmountNotPositive,
    /// More than one entry, or one account, can hold.
    #[error("the amount is larger than an account can hold")]
    AmountTooLarge,
    /// More decimals than the currency has.
    #[error("{currency} has {decimals} decimals")]
    AmountTooPrecise {
        /// The currency's code.
        currency: String,
        /// How many decimals it has.
        decimals: u32,
    },
    /// Two currencies that would have to be added.
    #[error("the amount is in {given}, the account in {expected}")]
    CurrencyDiffers {
        /// What was given.
        given: String,
        /// What the account or the shop has.
        expected: String,
    },
    /// Not a current ISO 4217 code.
    #[error("{code} is not a currency code, as EUR")]
    CurrencyUnknown {
        /// What was given.
        code: String,
    },
    /// Not an ISO 3166 alpha-2 code.
    #[error("{code} is not a country code, as VN")]
    CountryUnknown {
        /// What was given.
        code: String,
    },
    /// Not an IANA time zone.
    #[error("this is not a time zone, as Asia/Ho_Chi_Minh")]
    TimeZoneUnknown,
    /// Not RFC 3339.
    #[error("this is not an instant, as 2026-11-24T08:00:00Z")]
    InstantInvalid,
    /// Not `YYYY-MM-DD`.
    #[error("this is not a day, as 2026-11-24")]
    DateInvalid,
    /// A shop's code: letters, digits and dashes.
    #[error("a code has 1 to 16 letters, digits or dashes")]
    LocationCodeInvalid,
    /// Not one of cash, card, transfer, other.
    #[error("how was it paid? cash, card, transfer or other")]
    TenderInvalid,
    /// More than the account holds.
    #[error("only {available} is there")]
    InsufficientCredit {
        /// What can be used.
        available: Money,
    },
    /// More than may be used while head office cannot be reached.
    #[error("up to {usable} can be used now, the rest when head office can be reached")]
    OfflineAllowance {
        /// What can be used now.
        usable: Money,
    },
    /// The member is not here, or not any more.
    #[error("this member is not in this till's copy")]
    MemberNotFound,
    /// The member belongs to other shops only.
    #[error("this person is not a member at this shop yet: take them in first")]
    NotAMemberHere,
    /// The shop is not known to this till.
    #[error("this till does not know the shop {code}")]
    LocationNotFound {
        /// The code that was asked for.
        code: String,
    },
}

impl Refusal {
    /// The stable code, for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required { .. } => "required",
            Self::TooLong { .. } => "too_long",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::MemberInvalid { .. } => "member_invalid",
            Self::PhoneInvalid => "phone_invalid",
            Self::EmailInvalid => "email_invalid",
            Self::BirthdayInvalid => "birthday_invalid",
            Self::AmountInvalid { .. } => "amount_invalid",
            Self::AmountNotPositive => "amount_not_positive",
            Self::AmountTooLarge => "amount_too_large",
            Self::AmountTooPrecise { .. } => "amount_too_precise",
            Self::CurrencyDiffers { .. } => "currency_differs",
            Self::CurrencyUnknown { .. } => "currency_unknown",
            Self::CountryUnknown { .. } => "country_unknown",
            Self::TimeZoneUnknown => "time_zone_unknown",
            Self::InstantInvalid => "instant_invalid",
            Self::DateInvalid => "date_invalid",
            Self::LocationCodeInvalid => "location_code_invalid",
            Self::TenderInvalid => "tender_invalid",
            Self::InsufficientCredit { .. } => "insufficient_credit",
            Self::OfflineAllowance { .. } => "offline_allowance",
            Self::MemberNotFound => "member_not_found",
            Self::NotAMemberHere => "not_a_member_here",
            Self::LocationNotFound { .. } => "location_not_found",
        }
    }

    /// The field that the refusal is about, where it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Required { field } | Self::TooLong { field, .. } | Self::InvalidCharacter { field } => Some(field),
            Self::PhoneInvalid => Some("phone"),
            Self::EmailInvalid => Some("email"),
            Self::BirthdayInvalid => Some("birthday"),
            Self::AmountInvalid { .. }
            | Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::AmountTooPrecise { .. }
            | Self::InsufficientCredit { .. }
            | Self::OfflineAllowance { .. } => Some("amount"),
            Self::CurrencyDiffers { .. } | Self::CurrencyUnknown { .. } => Some("currency"),
            Self::CountryUnknown { .. } => Some("country"),
            Self::TimeZoneUnknown => Some("time_zone"),
            Self::LocationCodeInvalid => Some("code"),
            Self::LocationNotFound { .. } => Some("location"),
            Self::TenderInvalid => Some("tender"),
            Self::MemberInvalid { .. }
            | Self::InstantInvalid
            | Self::DateInvalid
            | Self::MemberNotFound
            | Self::NotAMemberHere => None,
        }
    }

    /// What a sentence about this needs: limits and amounts, never what was typed.
    pub fn facts(&self) -> Value {
        match self {
            Self::TooLong { max, .. } => json!({ "max": max }),
            Self::AmountInvalid { example } => json!({ "example": example }),
            Self::AmountTooPrecise { currency, decimals } => json!({ "currency": currency, "decimals": decimals }),
            Self::CurrencyDiffers { given, expected } => json!({ "given": given, "expected": expected }),
            Self::InsufficientCredit { available } => json!({ "amount": available }),
            Self::OfflineAllowance { usable } => json!({ "amount": usable }),
            Self::Required { .. }
            | Self::InvalidCharacter { .. }
            | Self::MemberInvalid { .. }
            | Self::PhoneInvalid
            | Self::EmailInvalid
            | Self::BirthdayInvalid
            | Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::CurrencyUnknown { .. }
            | Self::CountryUnknown { .. }
            | Self::TimeZoneUnknown
            | Self::InstantInvalid
            | Self::DateInvalid
            | Self::LocationCodeInvalid
            | Self::TenderInvalid
            | Self::MemberNotFound
            | Self::NotAMemberHere
            | Self::LocationNotFound { .. } => json!({}),
        }
    }
}
