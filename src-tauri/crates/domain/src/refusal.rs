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
    /// More parts than a member has.
    #[error("{field} has too many: at most {max}")]
    TooMany {
        /// Which field.
        field: &'static str,
        /// How many fit.
        max: usize,
    },
    /// A whole number that cannot be so small, or so large.
    #[error("{field} is from {min} to {max}")]
    NumberOutOfRange {
        /// Which field.
        field: &'static str,
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
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
        /// Which field, where it is about one.
        field: Option<String>,
        /// What the reader stumbled over.
        detail: String,
    },
    /// Too few or too many digits, or something that is no part of a phone number.
    #[error("this is not a phone number: 5 to 18 digits, with spaces, +, -, dots or brackets between them")]
    PhoneInvalid {
        /// Which of the numbers.
        field: &'static str,
    },
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
    /// A limit that is below zero, or more than one entry can hold.
    #[error("{field} is from 0 to {max}")]
    LimitOutOfRange {
        /// Which field.
        field: &'static str,
        /// The largest.
        max: Money,
    },
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
    DateInvalid {
        /// Which field, where it is about one.
        field: Option<&'static str>,
    },
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
    /// Not a percentage that a rate can have.
    #[error("{field} is 0 to 100 percent, with at most 2 decimals")]
    PercentInvalid {
        /// Which field.
        field: &'static str,
    },
    /// Only what was paid in, or came from returned goods, is money that can be handed out.
    #[error("only {available} can be paid out")]
    NotCashable {
        /// What can be paid out.
        available: Money,
    },
    /// More credit than the bill comes to.
    #[error("the bill comes to {available}")]
    MoreThanBill {
        /// What the bill comes to, after the discount.
        available: Money,
    },
    /// More than was paid and has not come back yet.
    #[error("only {available} of that bill can be returned")]
    ReturnTooLarge {
        /// What of the bill can still be returned.
        available: Money,
    },
    /// The sale was one of another company's shops.
    #[error("another company owes that credit: give it back in one of its shops")]
    SoldByAnother,
    /// No such entry in the member's account.
    #[error("this entry is not in the account")]
    EntryNotFound,
    /// It was undone before.
    #[error("this was undone already")]
    AlreadyVoided,
    /// Something happened in the account since.
    #[error("only the latest entry can be undone: correct it with a reason")]
    VoidNotLatest,
    /// Another till, or another person, booked it.
    #[error("only the person who booked it can undo it, at the same till: correct it with a reason")]
    VoidOtherTill,
    /// The short time in which an entry can be undone is over.
    #[error("it can be undone for {minutes} minutes only: correct it with a reason")]
    VoidTooLate {
        /// How long an entry can be undone.
        minutes: u64,
    },
    /// The credit has been used, or has run out.
    #[error("this credit is not all there any more: correct it with a reason")]
    VoidSpent,
    /// An entry that nobody at a till booked as an action of its own.
    #[error("an entry of this kind cannot be undone: correct it with a reason")]
    VoidNotPossible,
    /// More than may be used while head office cannot be reached.
    #[error("up to {usable} can be used now, the rest when head office can be reached")]
    OfflineAllowance {
        /// What can be used now.
        usable: Money,
    },
    /// A place that is not on earth.
    #[error("a latitude lies between -90 and 90, a longitude between -180 and 180")]
    PositionInvalid,
    /// A picture that is too large to travel with a member.
    #[error("the picture is too large: at most {} MB", crate::text::MAX_PICTURE_MB)]
    PictureTooLarge,
    /// Not a picture that can be read.
    #[error("this is not a picture: JPEG, PNG, GIF or BMP")]
    PictureInvalid,
    /// Not `purpose/channel`.
    #[error("a consent is for a purpose on a channel, as offers/sms")]
    ConsentInvalid,
    /// Ends before it begins.
    #[error("the last day is before the first")]
    ValidityInvalid,
    /// Not `#RRGGBB`.
    #[error("this is not a colour, as #205d3b")]
    ColorInvalid {
        /// Which field.
        field: &'static str,
    },
    /// Nothing is to be given to this member for the time being.
    #[error("this member is on hold{}", reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    MemberOnHold {
        /// Why.
        reason: Option<String>,
    },
    /// The check character of a serial number disagrees.
    #[error("this card number was mistyped: its last character does not fit")]
    CardCheck,
    /// Another member has that card.
    #[error("this card belongs to another member")]
    CardTaken,
    /// No card of that number.
    #[error("this till does not know that card")]
    CardNotFound,
    /// The card may not be used now.
    #[error("this card cannot be used: {state}{}", reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default())]
    CardRefused {
        /// How it stands: `blocked`, `inactive`, `expired`, `not_yet_valid`.
        state: &'static str,
        /// Why.
        reason: Option<String>,
    },
    /// The card stands so already.
    #[error("this card is not blocked")]
    CardNotBlocked,
    /// The card is blocked already.
    #[error("this card is blocked already")]
    CardBlockedAlready,
    /// Not one of lost, stolen, damaged, other.
    #[error("why? lost, stolen, damaged or other")]
    BlockReasonInvalid,
    /// A decision was to be saved, and something is still to be chosen.
    #[error("{field} is still to be chosen: till or remote")]
    ChoiceMissing {
        /// The first field without a choice.
        field: String,
    },
    /// A choice for a field that is not in question, or not one of till and remote.
    #[error("{field} is not to be chosen here, or not so: FIELD=till or FIELD=remote")]
    ChoiceInvalid {
        /// What was given.
        field: String,
    },
    /// Nothing was decided under that number.
    #[error("there is no such decision")]
    DecisionNotFound,
    /// A member cannot be merged with themselves.
    #[error("these are the same member")]
    MergeWithItself,
    /// Not the alias of anybody.
    #[error("this member was not merged into another")]
    NotMerged,
    /// There is credit, or a debt, that must be settled first.
    #[error("{balance} is still on this account: settle it first")]
    BalanceNotSettled {
        /// How much.
        balance: Money,
    },
    /// That much credit needs a card that proves who it is.
    #[error("above {above} a card is needed: scan it")]
    ProofNeeded {
        /// Above which sum.
        above: Money,
    },
    /// No sale of this member with that receipt.
    #[error("this till knows no sale of this member with that receipt")]
    ReceiptNotFound,
    /// Opening balances come to another sum than the owner said.
    #[error("the opening balances come to {found}, not {expected}")]
    TotalDiffers {
        /// What was said.
        expected: Money,
        /// What the rows come to.
        found: Money,
    },
    /// No spreadsheet of that batch was taken in here.
    #[error("this till has taken in no such spreadsheet")]
    BatchNotFound,
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

/// What kind of "no" a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// What was typed cannot be taken.
    BadInput,
    /// A rule forbids it.
    Rule,
    /// It is not there.
    NotFound,
}

impl Refusal {
    /// The same refusal about another field: of several numbers, or of a part of something larger.
    #[must_use]
    pub fn about(self, field: &'static str) -> Self {
        match self {
            Self::Required { .. } => Self::Required { field },
            Self::TooLong { max, .. } => Self::TooLong { field, max },
            Self::InvalidCharacter { .. } => Self::InvalidCharacter { field },
            Self::PhoneInvalid { .. } => Self::PhoneInvalid { field },
            Self::DateInvalid { .. } => Self::DateInvalid { field: Some(field) },
            other => other,
        }
    }

    /// What kind of "no" it is.
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::Required { .. }
            | Self::TooLong { .. }
            | Self::TooMany { .. }
            | Self::NumberOutOfRange { .. }
            | Self::LimitOutOfRange { .. }
            | Self::InvalidCharacter { .. }
            | Self::MemberInvalid { .. }
            | Self::PhoneInvalid { .. }
            | Self::EmailInvalid
            | Self::BirthdayInvalid
            | Self::AmountInvalid { .. }
            | Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::AmountTooPrecise { .. }
            | Self::CurrencyDiffers { .. }
            | Self::CurrencyUnknown { .. }
            | Self::CountryUnknown { .. }
            | Self::TimeZoneUnknown
            | Self::InstantInvalid
            | Self::DateInvalid { .. }
            | Self::LocationCodeInvalid
            | Self::TenderInvalid
            | Self::PercentInvalid { .. }
            | Self::PositionInvalid
            | Self::PictureTooLarge
            | Self::PictureInvalid
            | Self::ConsentInvalid
            | Self::ValidityInvalid
            | Self::ColorInvalid { .. }
            | Self::CardCheck
            | Self::ChoiceMissing { .. }
            | Self::ChoiceInvalid { .. }
            | Self::BlockReasonInvalid => RefusalKind::BadInput,
            Self::InsufficientCredit { .. }
            | Self::NotCashable { .. }
            | Self::MoreThanBill { .. }
            | Self::ReturnTooLarge { .. }
            | Self::SoldByAnother
            | Self::AlreadyVoided
            | Self::VoidNotLatest
            | Self::VoidOtherTill
            | Self::VoidTooLate { .. }
            | Self::VoidSpent
            | Self::VoidNotPossible
            | Self::OfflineAllowance { .. }
            | Self::MemberOnHold { .. }
            | Self::CardTaken
            | Self::CardRefused { .. }
            | Self::CardNotBlocked
            | Self::CardBlockedAlready
            | Self::MergeWithItself
            | Self::NotMerged
            | Self::BalanceNotSettled { .. }
            | Self::ProofNeeded { .. }
            | Self::TotalDiffers { .. }
            | Self::NotAMemberHere => RefusalKind::Rule,
            Self::EntryNotFound
            | Self::CardNotFound
            | Self::BatchNotFound
            | Self::DecisionNotFound
            | Self::ReceiptNotFound
            | Self::MemberNotFound
            | Self::LocationNotFound { .. } => RefusalKind::NotFound,
        }
    }

    /// The stable code, for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required { .. } => "required",
            Self::TooLong { .. } => "too_long",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::MemberInvalid { .. } => "member_invalid",
            Self::PhoneInvalid { .. } => "phone_invalid",
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
            Self::DateInvalid { .. } => "date_invalid",
            Self::LocationCodeInvalid => "location_code_invalid",
            Self::TenderInvalid => "tender_invalid",
            Self::InsufficientCredit { .. } => "insufficient_credit",
            Self::PercentInvalid { .. } => "percent_invalid",
            Self::NotCashable { .. } => "not_cashable",
            Self::MoreThanBill { .. } => "more_than_bill",
            Self::ReturnTooLarge { .. } => "return_too_large",
            Self::SoldByAnother => "sold_by_another",
            Self::EntryNotFound => "entry_not_found",
            Self::AlreadyVoided => "already_voided",
            Self::VoidNotLatest => "void_not_latest",
            Self::VoidOtherTill => "void_other_till",
            Self::VoidTooLate { .. } => "void_too_late",
            Self::VoidSpent => "void_spent",
            Self::VoidNotPossible => "void_not_possible",
            Self::OfflineAllowance { .. } => "offline_allowance",
            Self::TooMany { .. } => "too_many",
            Self::NumberOutOfRange { .. } => "number_out_of_range",
            Self::LimitOutOfRange { .. } => "limit_out_of_range",
            Self::PositionInvalid => "position_invalid",
            Self::PictureTooLarge => "picture_too_large",
            Self::PictureInvalid => "picture_invalid",
            Self::ConsentInvalid => "consent_invalid",
            Self::ValidityInvalid => "validity_invalid",
            Self::ColorInvalid { .. } => "color_invalid",
            Self::MemberOnHold { .. } => "member_on_hold",
            Self::CardCheck => "card_check",
            Self::CardTaken => "card_taken",
            Self::CardNotFound => "card_not_found",
            Self::CardRefused { .. } => "card_refused",
            Self::CardNotBlocked => "card_not_blocked",
            Self::CardBlockedAlready => "card_blocked_already",
            Self::BlockReasonInvalid => "block_reason_invalid",
            Self::MergeWithItself => "merge_with_itself",
            Self::ChoiceMissing { .. } => "choice_missing",
            Self::ChoiceInvalid { .. } => "choice_invalid",
            Self::DecisionNotFound => "decision_not_found",
            Self::NotMerged => "not_merged",
            Self::BalanceNotSettled { .. } => "balance_not_settled",
            Self::ProofNeeded { .. } => "proof_needed",
            Self::ReceiptNotFound => "receipt_not_found",
            Self::TotalDiffers { .. } => "total_differs",
            Self::BatchNotFound => "batch_not_found",
            Self::MemberNotFound => "member_not_found",
            Self::NotAMemberHere => "not_a_member_here",
            Self::LocationNotFound { .. } => "location_not_found",
        }
    }

    /// The field that the refusal is about, where it is about one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::MemberInvalid { field, .. } => field.as_deref(),
            Self::DateInvalid { field } => *field,
            Self::ChoiceMissing { field } | Self::ChoiceInvalid { field } => Some(field),
            Self::Required { field }
            | Self::TooLong { field, .. }
            | Self::TooMany { field, .. }
            | Self::NumberOutOfRange { field, .. }
            | Self::LimitOutOfRange { field, .. }
            | Self::InvalidCharacter { field }
            | Self::PhoneInvalid { field }
            | Self::ColorInvalid { field } => Some(field),
            Self::EmailInvalid => Some("email"),
            Self::BirthdayInvalid => Some("birthday"),
            Self::AmountInvalid { .. }
            | Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::AmountTooPrecise { .. }
            | Self::InsufficientCredit { .. }
            | Self::NotCashable { .. }
            | Self::MoreThanBill { .. }
            | Self::ReturnTooLarge { .. }
            | Self::OfflineAllowance { .. } => Some("amount"),
            Self::PercentInvalid { field } => Some(field),
            Self::CurrencyDiffers { .. } | Self::CurrencyUnknown { .. } => Some("currency"),
            Self::CountryUnknown { .. } => Some("country"),
            Self::TimeZoneUnknown => Some("time_zone"),
            Self::LocationCodeInvalid => Some("code"),
            Self::LocationNotFound { .. } => Some("location"),
            Self::TenderInvalid => Some("tender"),
            Self::PositionInvalid => Some("addresses"),
            Self::PictureTooLarge | Self::PictureInvalid => Some("picture"),
            Self::ConsentInvalid => Some("consents"),
            Self::ValidityInvalid => Some("valid_until"),
            Self::CardCheck
            | Self::CardTaken
            | Self::CardNotFound
            | Self::CardRefused { .. }
            | Self::CardNotBlocked
            | Self::CardBlockedAlready => Some("serial_number"),
            Self::BlockReasonInvalid => Some("reason"),
            Self::ProofNeeded { .. } => Some("card"),
            Self::BatchNotFound => Some("batch"),
            Self::ReceiptNotFound => Some("receipt"),
            Self::TotalDiffers { .. } => Some("expect_total"),
            Self::MemberOnHold { .. } | Self::MergeWithItself | Self::NotMerged | Self::BalanceNotSettled { .. } => {
                None
            }
            Self::InstantInvalid
            | Self::SoldByAnother
            | Self::EntryNotFound
            | Self::DecisionNotFound
            | Self::AlreadyVoided
            | Self::VoidNotLatest
            | Self::VoidOtherTill
            | Self::VoidTooLate { .. }
            | Self::VoidSpent
            | Self::VoidNotPossible
            | Self::MemberNotFound
            | Self::NotAMemberHere => None,
        }
    }

    /// What a sentence about this needs: limits and amounts, never what was typed.
    pub fn facts(&self) -> Value {
        match self {
            Self::TooLong { max, .. } | Self::TooMany { max, .. } => json!({ "max": max }),
            Self::NumberOutOfRange { min, max, .. } => json!({ "min": min, "max": max }),
            Self::LimitOutOfRange { max, .. } => json!({ "amount": max }),
            Self::PictureTooLarge => json!({ "max": crate::text::MAX_PICTURE_MB }),
            Self::MemberOnHold { reason } => json!({ "reason": reason }),
            Self::CardRefused { state, reason } => json!({ "state": state, "reason": reason }),
            Self::BalanceNotSettled { balance } => json!({ "amount": balance }),
            Self::ProofNeeded { above } => json!({ "amount": above }),
            Self::TotalDiffers { expected, found } => json!({ "expected": expected, "amount": found }),
            Self::AmountInvalid { example } => json!({ "example": example }),
            Self::AmountTooPrecise { currency, decimals } => json!({ "currency": currency, "decimals": decimals }),
            Self::CurrencyDiffers { given, expected } => json!({ "given": given, "expected": expected }),
            Self::InsufficientCredit { available }
            | Self::NotCashable { available }
            | Self::MoreThanBill { available }
            | Self::ReturnTooLarge { available } => json!({ "amount": available }),
            Self::VoidTooLate { minutes } => json!({ "minutes": minutes }),
            Self::OfflineAllowance { usable } => json!({ "amount": usable }),
            Self::Required { .. }
            | Self::InvalidCharacter { .. }
            | Self::MemberInvalid { .. }
            | Self::PhoneInvalid { .. }
            | Self::EmailInvalid
            | Self::BirthdayInvalid
            | Self::AmountNotPositive
            | Self::AmountTooLarge
            | Self::CurrencyUnknown { .. }
            | Self::CountryUnknown { .. }
            | Self::TimeZoneUnknown
            | Self::InstantInvalid
            | Self::DateInvalid { .. }
            | Self::LocationCodeInvalid
            | Self::TenderInvalid
            | Self::PositionInvalid
            | Self::PictureInvalid
            | Self::ConsentInvalid
            | Self::ValidityInvalid
            | Self::ColorInvalid { .. }
            | Self::CardCheck
            | Self::CardTaken
            | Self::CardNotFound
            | Self::CardNotBlocked
            | Self::CardBlockedAlready
            | Self::BlockReasonInvalid
            | Self::MergeWithItself
            | Self::NotMerged
            | Self::PercentInvalid { .. }
            | Self::SoldByAnother
            | Self::EntryNotFound
            | Self::AlreadyVoided
            | Self::VoidNotLatest
            | Self::VoidOtherTill
            | Self::VoidSpent
            | Self::VoidNotPossible
            | Self::BatchNotFound
            | Self::ChoiceMissing { .. }
            | Self::ChoiceInvalid { .. }
            | Self::DecisionNotFound
            | Self::ReceiptNotFound
            | Self::MemberNotFound
            | Self::NotAMemberHere
            | Self::LocationNotFound { .. } => json!({}),
        }
    }
}
