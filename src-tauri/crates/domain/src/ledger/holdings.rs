//! What an account holds per lot class, and what may be taken from it: in which order, and how much.

use super::{LotClass, checked, same_currency};
use crate::money::{Currency, Money};
use crate::refusal::Refusal;

/// What an account holds, per lot class, in minor units of one currency. A class below zero is owed by the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    by_class: [Money; 4],
}

/// The classes in the order in which a redemption takes from them: what can be lost goes first, what was paid in last.
const REDEMPTION_ORDER: [LotClass; 4] = [LotClass::Reward, LotClass::Goodwill, LotClass::Returns, LotClass::Prepaid];

/// The classes that are the member's own money, in the order in which it is handed out: what came back first.
const CASH_OUT_ORDER: [LotClass; 2] = [LotClass::Returns, LotClass::Prepaid];

impl Holdings {
    /// Sums amounts per class.
    ///
    /// # Errors
    /// `currency_differs` or `amount_too_large`, from the sum.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = (LotClass, Money)>) -> Result<Self, Refusal> {
        let mut by_class = [Money::zero(currency); 4];
        for (class, amount) in amounts {
            let place = &mut by_class[class as usize];
            same_currency(currency, amount)?;
            *place = checked(i128::from(place.minor) + i128::from(amount.minor), currency)?;
        }
        Ok(Self { by_class })
    }

    /// What each class holds, as the lots have it.
    pub(super) const fn of_classes(by_class: [Money; 4]) -> Self {
        Self { by_class }
    }

    /// What one class holds. Below zero, the member owes.
    pub const fn of(&self, class: LotClass) -> Money {
        self.by_class[class as usize]
    }

    /// What may be handed out as money: what is held of the member's own money, and no more than the balance.
    ///
    /// # Errors
    /// `amount_too_large` where the balance does not fit.
    pub fn cashable(&self) -> Result<Money, Refusal> {
        let balance = self.balance()?;
        let own = CASH_OUT_ORDER.iter().map(|class| i128::from(self.of(*class).minor.max(0))).sum::<i128>();
        checked(own.min(i128::from(balance.minor)).max(0), balance.currency)
    }

    /// Out of which classes an amount is handed out as money, in order. The parts add up to the amount.
    ///
    /// # Errors
    /// `amount_not_positive`, `amount_too_large`, `currency_differs`; `not_cashable` beyond what is the member's own.
    pub fn cash_out(&self, amount: Money) -> Result<Vec<(LotClass, Money)>, Refusal> {
        let available = self.cashable()?;
        same_currency(available.currency, amount)?;
        if amount.movable()?.minor > available.minor {
            return Err(Refusal::NotCashable { available });
        }
        Ok(self.parts(&CASH_OUT_ORDER, amount).0)
    }

    /// The balance: the sum of all classes. Below zero, the member owes.
    ///
    /// # Errors
    /// `amount_too_large` where the sum does not fit.
    pub fn balance(&self) -> Result<Money, Refusal> {
        self.by_class[1..].iter().try_fold(self.by_class[0], |sum, amount| sum.plus(*amount))
    }

    /// Out of which classes an amount is redeemed, in order. The parts add up to the amount.
    ///
    /// # Errors
    /// `insufficient_credit` where the balance is smaller; `currency_differs`.
    pub fn redemption(&self, amount: Money) -> Result<Vec<(LotClass, Money)>, Refusal> {
        let balance = self.balance()?;
        same_currency(balance.currency, amount)?;
        if amount.minor > balance.minor {
            return Err(Refusal::InsufficientCredit { available: Money { minor: balance.minor.max(0), ..balance } });
        }
        Ok(self.authorised_redemption(amount))
    }

    /// The same for an amount that the ledger's home has authorised. It may know of credit that is not here yet: what
    /// goes beyond the classes here is taken from what was paid in. The parts add up to the amount.
    pub fn authorised_redemption(&self, amount: Money) -> Vec<(LotClass, Money)> {
        let (mut parts, beyond) = self.parts(&REDEMPTION_ORDER, amount);
        match parts.last_mut() {
            _ if beyond == 0 => {}
            Some((LotClass::Prepaid, part)) => part.minor += beyond,
            Some(_) | None => parts.push((LotClass::Prepaid, Money::new(beyond, amount.currency))),
        }
        parts
    }

    /// Takes an amount from the classes in that order, and says what none of them holds, in minor units.
    fn parts(&self, order: &[LotClass], amount: Money) -> (Vec<(LotClass, Money)>, i64) {
        let mut left = amount.minor.max(0);
        let mut parts = Vec::new();
        for class in order {
            let part = self.of(*class).minor.clamp(0, left);
            if part > 0 {
                parts.push((*class, Money::new(part, amount.currency)));
                left -= part;
            }
        }
        (parts, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LotClass::{Goodwill, Prepaid, Returns, Reward};
    use proptest::prelude::*;

    fn vnd(minor: i64) -> Money {
        Money::new(minor, "VND".parse().expect("a currency"))
    }

    fn holdings(amounts: &[(LotClass, i64)]) -> Holdings {
        let amounts = amounts.iter().map(|(class, minor)| (*class, vnd(*minor)));
        Holdings::sum(vnd(0).currency, amounts).expect("sums")
    }

    /// What the account holds, what is redeemed, and out of what.
    #[test]
    fn a_redemption_takes_rewards_first_and_prepaid_last() {
        type Parts = &'static [(LotClass, i64)];
        let table: [(Parts, i64, Parts); 5] = [
            (&[(Prepaid, 100)], 60, &[(Prepaid, 60)]),
            (&[(Prepaid, 100), (Reward, 30)], 60, &[(Reward, 30), (Prepaid, 30)]),
            (&[(Prepaid, 100), (Reward, 30)], 20, &[(Reward, 20)]),
            (
                &[(Returns, 5), (Goodwill, 5), (Prepaid, 5), (Reward, 5)],
                18,
                &[(Reward, 5), (Goodwill, 5), (Returns, 5), (Prepaid, 3)],
            ),
            (&[(Prepaid, -40), (Reward, 100)], 60, &[(Reward, 60)]),
        ];
        for (held, amount, expected) in table {
            let parts = holdings(held).redemption(vnd(amount)).expect("redeemed");
            let expected: Vec<_> = expected.iter().map(|(class, minor)| (*class, vnd(*minor))).collect();
            assert_eq!(parts, expected, "{amount} out of {held:?}");
        }
    }

    #[test]
    fn redeeming_more_than_the_balance_is_refused() {
        let refusal = holdings(&[(Prepaid, 100), (Reward, -30)]).redemption(vnd(71)).expect_err("refused");
        assert_eq!(refusal, Refusal::InsufficientCredit { available: vnd(70) });
        let refusal = holdings(&[(Prepaid, -5)]).redemption(vnd(1)).expect_err("refused");
        assert_eq!(refusal, Refusal::InsufficientCredit { available: vnd(0) });
    }

    #[test]
    fn what_was_authorised_beyond_the_credit_here_is_taken_from_what_was_paid_in() {
        assert_eq!(holdings(&[(Reward, 5)]).authorised_redemption(vnd(9)), [(Reward, vnd(5)), (Prepaid, vnd(4))]);
        assert_eq!(holdings(&[(Prepaid, 5)]).authorised_redemption(vnd(9)), [(Prepaid, vnd(9))]);
        assert_eq!(holdings(&[]).authorised_redemption(vnd(9)), [(Prepaid, vnd(9))]);
    }

    /// What the account holds, what is asked for in money, and out of what it comes, or what could be had at most.
    #[test]
    fn only_the_members_own_money_is_handed_out() {
        type Parts = &'static [(LotClass, i64)];
        let table: [(&str, Parts, i64, Result<Parts, i64>); 8] = [
            ("all of it", &[(Prepaid, 100)], 100, Ok(&[(Prepaid, 100)])),
            ("returns go first", &[(Prepaid, 100), (Returns, 30)], 50, Ok(&[(Returns, 30), (Prepaid, 20)])),
            ("only returns are needed", &[(Prepaid, 100), (Returns, 30)], 30, Ok(&[(Returns, 30)])),
            ("rewards stay", &[(Reward, 500), (Prepaid, 20)], 21, Err(20)),
            ("goodwill stays", &[(Goodwill, 500)], 1, Err(0)),
            ("more than was paid in", &[(Prepaid, 100)], 101, Err(100)),
            ("what is owed elsewhere counts", &[(Prepaid, 100), (Reward, -30)], 71, Err(70)),
            ("an account that owes", &[(Prepaid, -5)], 1, Err(0)),
        ];
        for (case, held, amount, expected) in table {
            let expected = match expected {
                Ok(parts) => Ok(parts.iter().map(|(class, minor)| (*class, vnd(*minor))).collect::<Vec<_>>()),
                Err(available) => Err(Refusal::NotCashable { available: vnd(available) }),
            };
            assert_eq!(holdings(held).cash_out(vnd(amount)), expected, "{case}");
        }
        assert_eq!(holdings(&[(Prepaid, 5)]).cash_out(vnd(0)), Err(Refusal::AmountNotPositive));
        let euro = Money::new(1, "EUR".parse().expect("a currency"));
        assert_eq!(holdings(&[(Prepaid, 5)]).cash_out(euro).expect_err("refused").code(), "currency_differs");
    }

    #[test]
    fn an_amount_that_no_account_holds_is_refused_not_panicked_about() {
        for minor in [i64::MIN, i64::MAX] {
            let sum = Holdings::sum(vnd(0).currency, [(Prepaid, vnd(minor))]);
            assert_eq!(sum, Err(Refusal::AmountTooLarge));
            let _refused_or_not = holdings(&[(Prepaid, 5)]).redemption(vnd(minor));
        }
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_no_class_is_overdrawn(held in proptest::array::uniform4(-1_000_i64..1_000), amount in 1_i64..3_000) {
            let holdings = holdings(&[(Reward, held[0]), (Goodwill, held[1]), (Returns, held[2]), (Prepaid, held[3])]);
            match holdings.redemption(vnd(amount)) {
                Ok(parts) => {
                    prop_assert_eq!(parts.iter().map(|(_, part)| part.minor).sum::<i64>(), amount);
                    prop_assert!(parts.iter().all(|(class, part)| part.minor > 0 && part.minor <= held[*class as usize]));
                }
                Err(_) => prop_assert!(held.iter().sum::<i64>() < amount),
            }
        }
    }
}
