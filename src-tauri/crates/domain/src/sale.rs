//! "Pay": a bill reckoned up, and the record of it. The discount, the credit, what is left to collect, what is earned.
//!
//! Pure arithmetic, rounded once per receipt; base, rate and result are kept, so that a receipt can be explained
//! years later. It books nothing, and asks nobody whether the credit may be used: that is `usable`.

use crate::ids::{LocationId, MemberId, StaffId, TillId, VisitId};
use crate::ledger::{Holdings, LotClass, checked, names, same_currency};
use crate::money::{Currency, Money};
use crate::percent::Percent;
use crate::refusal::Refusal;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the cashier typed, the member's rates, and what the member has.
#[derive(Clone, Copy, Debug)]
pub struct SaleInput<'a> {
    /// The bill before the discount.
    pub bill: Money,
    /// What comes off the bill.
    pub discount: Percent,
    /// What is earned on what is paid by other means than rewards.
    pub earn: Percent,
    /// How much credit pays for it; zero for none.
    pub credit_used: Money,
    /// What can be taken, by class.
    pub holdings: &'a Holdings,
    /// How much credit may be used now: what head office has authorised, or what the offline allowance leaves.
    pub usable: Money,
}

/// A bill, reckoned up. All amounts are minor units of the bill's currency and none is below zero, but for
/// `balance_change`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoned {
    /// The bill before the discount.
    pub bill: Money,
    /// The rate of the discount.
    pub discount_percent: Percent,
    /// What came off the bill.
    pub discount: Money,
    /// What is to be paid: the bill without the discount.
    pub net: Money,
    /// How much of it credit pays.
    pub credit_used: Money,
    /// Out of which classes that is taken, in order; the parts add up to `credit_used`.
    pub parts: Vec<(LotClass, Money)>,
    /// How much of it are rewards.
    pub reward_used: Money,
    /// What is still to be collected.
    pub left_to_collect: Money,
    /// The rate of the reward.
    pub earn_percent: Percent,
    /// What the reward is reckoned on: what is paid by other means than rewards.
    pub earn_base: Money,
    /// The reward.
    pub earned: Money,
    /// Signed: what the balance gains.
    pub balance_change: Money,
}

/// A bill that a member pays.
pub struct Sale;

impl Sale {
    /// Reckons a bill up. The discount is rounded half up, the reward down, each once. Rewards pay first.
    ///
    /// # Errors
    /// `amount_not_positive` for a bill of nothing and for credit below zero; `amount_too_large`;
    /// `currency_differs`; `more_than_bill` and `insufficient_credit` for more credit than [`Sale::max_credit`].
    pub fn reckon(input: SaleInput<'_>) -> Result<Reckoned, Refusal> {
        let (bill, currency) = (input.bill.movable()?, input.bill.currency);
        let (discount, net) = Self::discounted(bill, input.discount);
        same_currency(currency, input.holdings.of(LotClass::Prepaid))?;
        let credit_used = Self::allowed_credit(net, input.credit_used, input.usable)?;
        let parts = input.holdings.authorised_redemption(credit_used);
        let reward_used = of_rewards(&parts, currency);
        let earn_base = Money::new(net.minor - reward_used.minor, currency);
        let earned = input.earn.of_rounded_down(earn_base);
        Ok(Reckoned {
            bill,
            discount_percent: input.discount,
            discount,
            net,
            credit_used,
            parts,
            reward_used,
            left_to_collect: Money::new(net.minor - credit_used.minor, currency),
            earn_percent: input.earn,
            earn_base,
            earned,
            balance_change: Money::new(earned.minor - credit_used.minor, currency),
        })
    }

    /// What comes off a bill, and what is to be paid then.
    pub fn discounted(bill: Money, discount: Percent) -> (Money, Money) {
        let off = discount.of_rounded_half_up(bill);
        (off, Money::new(bill.minor - off.minor, bill.currency))
    }

    /// The most credit that can pay for a bill: all of the bill, or what is usable. Never below zero.
    pub fn max_credit(net: Money, usable: Money) -> Money {
        Money::new(net.minor.min(usable.minor).max(0), net.currency)
    }

    fn allowed_credit(net: Money, credit: Money, usable: Money) -> Result<Money, Refusal> {
        same_currency(net.currency, credit)?;
        same_currency(net.currency, usable)?;
        if credit.minor < 0 {
            return Err(Refusal::AmountNotPositive);
        }
        if credit.minor > net.minor {
            return Err(Refusal::MoreThanBill { available: net });
        }
        let available = Self::max_credit(net, usable);
        if credit.minor > available.minor {
            return Err(Refusal::InsufficientCredit { available });
        }
        Ok(credit)
    }
}

/// The parts that are rewards; what was given as goodwill is none, nobody earned it.
fn of_rewards(parts: &[(LotClass, Money)], currency: Currency) -> Money {
    let rewards = parts.iter().filter(|(class, _)| *class == LotClass::Reward);
    Money::new(rewards.map(|(_, part)| part.minor).sum(), currency)
}

names!(
    /// What a visit was.
    VisitKind {
        /// A bill was paid.
        Sale = "sale",
        /// Goods came back.
        Return = "return",
        /// The visit before was undone.
        Void = "void",
    } else Refusal::MemberInvalid { field: None, detail: "unknown visit kind".to_owned() }
);

/// One receipt of a member: a fact with its base, rate and result. It is never changed and never deleted.
///
/// In a sale the amounts are those of [`Reckoned`]. In a return `bill` is what of the original's net came back,
/// `credit_used` what was given back to the credit that had paid, `left_to_collect` what became credit of class
/// returns, `earn_base` the base that the return took away and `earned` what was clawed back; all of them positive.
/// In a void they are those of the visit that it undoes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visit {
    /// Made by the till that booked it.
    pub id: VisitId,
    /// Whose visit it was.
    pub member_id: MemberId,
    /// The shop where it happened.
    pub location_id: LocationId,
    /// The till that booked it.
    pub till_id: TillId,
    /// Who booked it; empty while a till has no staff.
    pub staff_id: Option<StaffId>,
    /// The till's clock.
    pub at: Timestamp,
    /// The shop's day.
    pub business_date: Date,
    /// What it was.
    pub kind: VisitKind,
    /// The visit that a return gives back from, or that a void undoes.
    pub source_visit_id: Option<VisitId>,
    /// What the receipt says.
    pub receipt: Option<String>,
    /// The bill before the discount.
    pub bill: Money,
    /// The rate of the discount.
    pub discount_percent: Percent,
    /// What came off the bill.
    pub discount: Money,
    /// How much credit paid.
    pub credit_used: Money,
    /// What was collected by other means.
    pub left_to_collect: Money,
    /// The rate of the reward.
    pub earn_percent: Percent,
    /// What the reward was reckoned on.
    pub earn_base: Money,
    /// The reward.
    pub earned: Money,
}

impl Visit {
    /// What was to be paid: the bill without the discount.
    ///
    /// # Errors
    /// `currency_differs`, `amount_too_large`: a record that no till wrote.
    pub fn net(&self) -> Result<Money, Refusal> {
        same_currency(self.bill.currency, self.discount)?;
        checked(i128::from(self.bill.minor) - i128::from(self.discount.minor), self.bill.currency)
    }
}

#[cfg(test)]
mod tests;
