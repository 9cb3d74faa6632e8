//! How much credit may be used while head office cannot be reached, and what to say about it.

use crate::money::{Currency, MAX_AMOUNT_MINOR, MAX_BALANCE_MINOR, Money};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The owner's limits for redemptions that head office has not authorised, in minor units of the shop's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Allowance {
    /// Per member and outage.
    pub per_member_minor: i64,
    /// Per redemption.
    pub per_transaction_minor: i64,
    /// Of this till, per outage, over all members.
    pub per_till_minor: i64,
    /// How old a balance may be, in hours.
    pub max_age_hours: i64,
}

/// What is known about an account at the moment somebody wants to use it without head office.
#[derive(Clone, Copy, Debug)]
pub struct OfflineFacts {
    /// The balance as this till knows it, its own unconfirmed entries included.
    pub balance: Money,
    /// The till's last successful exchange with the ledger's home; none yet means that nothing is known.
    pub last_exchange_at: Option<Timestamp>,
    /// What this member used that is not confirmed yet, as a positive amount of minor units.
    pub used_by_member_minor: i64,
    /// The same over all members of this till.
    pub used_by_till_minor: i64,
    /// Now.
    pub at: Timestamp,
}

impl Allowance {
    /// Nothing may be used without head office.
    pub const NONE: Self =
        Self { per_member_minor: 0, per_transaction_minor: 0, per_till_minor: 0, max_age_hours: DEFAULT_MAX_AGE_HOURS };

    /// A sensible figure for a shop that has not thought about it: about the price of a dinner per member. Currencies
    /// that are not listed start with nothing, which is safe.
    pub fn sensible(currency: Currency) -> Self {
        let per_member_minor = match currency.code() {
            "VND" => 500_000,
            "EUR" | "USD" | "GBP" | "CHF" | "AUD" | "CAD" | "NZD" | "SGD" => 2_000,
            "CZK" | "SEK" | "NOK" | "DKK" | "THB" => 50_000,
            "PLN" => 8_000,
            "HUF" => 800_000,
            "JPY" => 3_000,
            "KRW" => 30_000,
            "KWD" | "BHD" => 6_000,
            _ => 0,
        };
        Self {
            per_member_minor,
            per_transaction_minor: per_member_minor,
            per_till_minor: per_member_minor * 10,
            max_age_hours: DEFAULT_MAX_AGE_HOURS,
        }
    }

    /// As somebody may set it.
    ///
    /// # Errors
    /// `limit_out_of_range`, `number_out_of_range`, with the field.
    pub fn checked(self, currency: Currency) -> Result<Self, Refusal> {
        limit("per_member_minor", self.per_member_minor, currency)?;
        limit("per_transaction_minor", self.per_transaction_minor, currency)?;
        limit("per_till_minor", self.per_till_minor, currency)?;
        match self.max_age_hours {
            0..=MAX_AGE_HOURS => Ok(self),
            _ => Err(Refusal::NumberOutOfRange { field: "max_age_hours", min: 0, max: MAX_AGE_HOURS }),
        }
    }

    /// What can be used now without asking head office. Never below zero, never more than the balance.
    pub fn usable(&self, facts: &OfflineFacts) -> Money {
        let left_of = |limit: i64, used: i64| limit.saturating_sub(used).max(0);
        let usable = facts
            .balance
            .minor
            .max(0)
            .min(left_of(self.per_member_minor, facts.used_by_member_minor))
            .min(left_of(self.per_till_minor, facts.used_by_till_minor))
            .min(self.per_transaction_minor.max(0));
        let fresh = facts.last_exchange_at.is_some_and(|last| {
            // A clock that was set back would make any balance look fresh for ever: an exchange in the future is none.
            let hours = u64::try_from(self.max_age_hours).unwrap_or(0);
            last <= facts.at && facts.at.since(last) <= Duration::from_secs(hours.saturating_mul(3_600))
        });
        Money { minor: if fresh { usable } else { 0 }, ..facts.balance }
    }

    /// The most that one member's account can be overdrawn by: what all other tills could give out of the same
    /// balance while none of them hears of the rest.
    pub fn worst_overspend(&self, other_tills: u32, balance_minor: i64) -> i64 {
        self.per_member_minor.min(balance_minor).max(0).saturating_mul(i64::from(other_tills))
    }

    /// The most that the accounts of all members together can be overdrawn by: what every other till could give out
    /// while none hears of the rest. Never more than a web view's numbers hold.
    pub fn worst_overspend_of_all(&self, other_tills: u32) -> i64 {
        let is_open = self.per_member_minor > 0 && self.per_transaction_minor > 0;
        let per_till = if is_open { self.per_till_minor.max(0) } else { 0 };
        per_till.saturating_mul(i64::from(other_tills)).min(MAX_BALANCE_MINOR)
    }
}

/// A sum that an owner sets as a limit: from zero to the most that one entry can hold. `field` names what was filled in.
///
/// # Errors
/// `limit_out_of_range`.
pub fn limit(field: &'static str, minor: i64, currency: Currency) -> Result<i64, Refusal> {
    match minor {
        0..=MAX_AMOUNT_MINOR => Ok(minor),
        _ => Err(Refusal::LimitOutOfRange { field, max: Money::new(MAX_AMOUNT_MINOR, currency) }),
    }
}

/// A year: what was known before that is a guess.
const MAX_AGE_HOURS: i64 = 366 * 24;
/// A day: long enough for a line that is repaired tomorrow, short enough that balances are not guesses.
const DEFAULT_MAX_AGE_HOURS: i64 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const ALLOWANCE: Allowance =
        Allowance { per_member_minor: 500, per_transaction_minor: 400, per_till_minor: 1_000, max_age_hours: 24 };

    fn vnd(minor: i64) -> Money {
        Money::new(minor, "VND".parse().expect("a currency"))
    }

    /// Balance, hours since the last exchange, used by the member, used at the till, and what is usable.
    #[test]
    fn the_smallest_limit_decides() {
        for (balance, hours, member, till, usable) in [
            (1_250, 1, 0, 0, 400),
            (300, 1, 0, 0, 300),
            (1_250, 1, 200, 200, 300),
            (1_250, 1, 600, 600, 0),
            (1_250, 1, 0, 900, 100),
            (1_250, 24, 0, 0, 400),
            (1_250, 25, 0, 0, 0),
            (-10, 1, 0, 0, 0),
            (1_250, -1, 0, 0, 0),
        ] {
            let facts = OfflineFacts {
                balance: vnd(balance),
                last_exchange_at: Some(Timestamp::from_millis(1_000 * HOUR)),
                used_by_member_minor: member,
                used_by_till_minor: till,
                at: Timestamp::from_millis((1_000 + hours) * HOUR),
            };
            assert_eq!(ALLOWANCE.usable(&facts), vnd(usable), "{balance} {hours} h, {member} and {till} used");
        }
    }

    /// What is wrong with it, and the field and facts that say so.
    #[test]
    fn a_figure_that_cannot_be_is_refused_at_its_field() {
        let most = |field| Refusal::LimitOutOfRange { field, max: vnd(MAX_AMOUNT_MINOR) };
        let hours = Refusal::NumberOutOfRange { field: "max_age_hours", min: 0, max: MAX_AGE_HOURS };
        for (allowance, refusal) in [
            (Allowance { per_member_minor: -1, ..ALLOWANCE }, most("per_member_minor")),
            (Allowance { per_transaction_minor: MAX_AMOUNT_MINOR + 1, ..ALLOWANCE }, most("per_transaction_minor")),
            (Allowance { per_till_minor: i64::MIN, ..ALLOWANCE }, most("per_till_minor")),
            (Allowance { max_age_hours: -1, ..ALLOWANCE }, hours.clone()),
            (Allowance { max_age_hours: 999_999_999_999_999, ..ALLOWANCE }, hours),
        ] {
            assert_eq!(allowance.checked(vnd(0).currency), Err(refusal));
        }
        assert_eq!(ALLOWANCE.checked(vnd(0).currency), Ok(ALLOWANCE));
        assert_eq!(Allowance::NONE.checked(vnd(0).currency), Ok(Allowance::NONE));
    }

    #[test]
    fn without_any_exchange_nothing_is_usable() {
        let facts = OfflineFacts {
            balance: vnd(100),
            last_exchange_at: None,
            used_by_member_minor: 0,
            used_by_till_minor: 0,
            at: Timestamp::from_millis(0),
        };
        assert_eq!(ALLOWANCE.usable(&facts), vnd(0));
    }

    #[test]
    fn the_worst_case_is_what_every_other_till_could_give() {
        assert_eq!(ALLOWANCE.worst_overspend(4, 2_000), 2_000);
        assert_eq!(ALLOWANCE.worst_overspend(4, 300), 1_200);
        assert_eq!(ALLOWANCE.worst_overspend(0, 2_000), 0);
        assert_eq!(Allowance::NONE.worst_overspend(4, 2_000), 0);
        assert_eq!(ALLOWANCE.worst_overspend_of_all(1), 1_000);
        assert_eq!(ALLOWANCE.worst_overspend_of_all(4), 4_000);
        assert_eq!(Allowance { per_transaction_minor: 0, ..ALLOWANCE }.worst_overspend_of_all(4), 0);
        assert_eq!(Allowance { per_till_minor: i64::MAX, ..ALLOWANCE }.worst_overspend_of_all(9), MAX_BALANCE_MINOR);
    }
}
