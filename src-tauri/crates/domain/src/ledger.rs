//! Store credit: an append-only ledger. A balance is a sum; a mistake is corrected by another entry.
//!
//! The rules are those of the trade, written once here: which entries there are, what they may move, and out of
//! which lots a redemption is paid.

use crate::ids::{AccountId, AuthorisationId, EntryId, LocationId, MemberId, StaffId, TillId};
use crate::money::Money;
use crate::refusal::Refusal;
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),* $(,)? } else $refusal:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $type {
            $($(#[$variant_doc])* $variant),*
        }

        impl $type {
            /// The name in JSON and SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = Refusal;

            fn from_str(text: &str) -> Result<Self, Refusal> {
                match text { $($name => Ok(Self::$variant),)* _ => Err($refusal) }
            }
        }
    };
}

names!(
    /// What an entry does.
    EntryKind {
        /// Money paid in, by a tender.
        TopUp = "top_up",
        /// Credit used for a bill.
        Redeem = "redeem",
        /// A reward for a bill.
        Earn = "earn",
        /// A refund that is kept as credit.
        ReturnToCredit = "return_to_credit",
        /// Credit paid out as money.
        CashOut = "cash_out",
        /// A correction, with its reason.
        Adjust = "adjust",
        /// A lot that ran out.
        Expire = "expire",
        /// The undoing of the entry before.
        Void = "void",
        /// What the account held when it was taken over.
        Opening = "opening",
    } else Refusal::MemberInvalid { detail: "unknown entry kind".to_owned() }
);

names!(
    /// What kind of credit it is: who may cash it out, and what is used first. In the order in which a redemption
    /// takes from them.
    LotClass {
        /// Earned; may expire.
        Reward = "reward",
        /// Given without a reason in money.
        Goodwill = "goodwill",
        /// From returned goods.
        Returns = "returns",
        /// Paid in.
        Prepaid = "prepaid",
    } else Refusal::MemberInvalid { detail: "unknown lot class".to_owned() }
);

names!(
    /// How money changed hands.
    Tender {
        /// Notes and coins.
        Cash = "cash",
        /// A payment card.
        Card = "card",
        /// A bank transfer.
        Transfer = "transfer",
        /// Anything else.
        Other = "other",
    } else Refusal::TenderInvalid
);

names!(
    /// Who booked an entry.
    EntrySource {
        /// A person at a till.
        Till = "till",
        /// A remote whose absolute balance changed.
        Remote = "remote",
        /// A file that was taken in.
        Import = "import",
    } else Refusal::MemberInvalid { detail: "unknown entry source".to_owned() }
);

/// One line of the ledger: a fact. It is never changed and never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Made by the till that booked it.
    pub id: EntryId,
    /// The account that it moves.
    pub account_id: AccountId,
    /// Whose account that is.
    pub member_id: MemberId,
    /// The legal entity that owes the credit.
    pub issuer: String,
    /// What it does.
    pub kind: EntryKind,
    /// Which lots it adds to or takes from.
    pub lot_class: LotClass,
    /// Signed: what the account gains.
    pub amount: Money,
    /// The shop where it happened.
    pub location_id: LocationId,
    /// The till that booked it.
    pub till_id: TillId,
    /// Who booked it; empty while a till has no staff.
    pub staff_id: Option<StaffId>,
    /// The shop's day.
    pub business_date: Date,
    /// The till's clock.
    pub at: Timestamp,
    /// The receipt that it belongs to.
    pub receipt: Option<String>,
    /// How money changed hands, where it did.
    pub tender: Option<Tender>,
    /// Why, where a rule asks for it.
    pub reason: Option<String>,
    /// The entry that this one undoes or gives back.
    pub source_entry_id: Option<EntryId>,
    /// The last day on which the lot can be used.
    pub expires_on: Option<Date>,
    /// Who booked it.
    pub source: EntrySource,
    /// The hold at head office that this redemption captures.
    pub authorisation_id: Option<AuthorisationId>,
}

/// What an account holds, per lot class, in minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    by_class: [Money; 4],
}

/// The classes in the order in which a redemption takes from them: what can be lost goes first, what was paid in last.
const REDEMPTION_ORDER: [LotClass; 4] = [LotClass::Reward, LotClass::Goodwill, LotClass::Returns, LotClass::Prepaid];

impl Holdings {
    /// Sums amounts per class.
    ///
    /// # Errors
    /// `currency_differs` or `amount_too_large`, from the sum.
    pub fn sum(
        currency: crate::Currency,
        amounts: impl IntoIterator<Item = (LotClass, Money)>,
    ) -> Result<Self, Refusal> {
        let mut by_class = [Money::zero(currency); 4];
        for (class, amount) in amounts {
            let place = &mut by_class[class as usize];
            *place = place.plus(amount)?;
        }
        Ok(Self { by_class })
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
    /// `insufficient_credit` where the balance is smaller.
    pub fn redemption(&self, amount: Money) -> Result<Vec<(LotClass, Money)>, Refusal> {
        let balance = self.balance()?;
        if amount.minor > balance.minor {
            return Err(Refusal::InsufficientCredit { available: Money { minor: balance.minor.max(0), ..balance } });
        }
        Ok(self.authorised_redemption(amount))
    }

    /// The same for an amount that the ledger's home has authorised. It may know of credit that is not here yet: what
    /// goes beyond the classes here is taken from what was paid in. The parts add up to the amount.
    pub fn authorised_redemption(&self, amount: Money) -> Vec<(LotClass, Money)> {
        let mut left = amount.minor;
        let mut parts = Vec::new();
        for class in REDEMPTION_ORDER {
            let part = self.by_class[class as usize].minor.clamp(0, left);
            if part > 0 {
                parts.push((class, Money::new(part, amount.currency)));
                left -= part;
            }
        }
        match parts.last_mut() {
            _ if left == 0 => {}
            Some((LotClass::Prepaid, part)) => part.minor += left,
            Some(_) | None => parts.push((LotClass::Prepaid, Money::new(left, amount.currency))),
        }
        parts
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

    #[test]
    fn names_in_json_and_sql_are_the_same() {
        for kind in ["top_up", "redeem", "earn", "return_to_credit", "cash_out", "adjust", "expire", "void", "opening"]
        {
            let parsed: EntryKind = kind.parse().expect("a kind");
            assert_eq!(serde_json::to_value(parsed).expect("json"), kind);
        }
        assert_eq!("cheque".parse::<Tender>(), Err(Refusal::TenderInvalid));
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
