//! Store credit: an append-only ledger. A balance is a sum; a mistake is corrected by another entry.
//!
//! The rules are those of the trade, written once here: which entries there are, what they may move, and out of
//! which lots a redemption is paid.

mod give_back;
mod holdings;
mod lots;
mod void;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod machine;

pub use give_back::{GivenBack, give_back, left_of, too_much_back};
pub use holdings::Holdings;
pub use lots::{Lots, Taken};
pub use void::{VOID_WITHIN, voidable};

use crate::ids::{AccountId, AuthorisationId, EntryId, LocationId, MemberId, StaffId, TillId, VisitId};
use crate::money::{Currency, MAX_BALANCE_MINOR, Money};
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
pub(crate) use names;

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
    } else Refusal::MemberInvalid { field: None, detail: "unknown entry kind".to_owned() }
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
    } else Refusal::MemberInvalid { field: None, detail: "unknown lot class".to_owned() }
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
    } else Refusal::MemberInvalid { field: None, detail: "unknown entry source".to_owned() }
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
    /// The visit that it belongs to, where a bill was reckoned up.
    pub visit_id: Option<VisitId>,
}

/// What a rule wants booked: an entry without the things that only the till knows (its id, who, where and when).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// What it does.
    pub kind: EntryKind,
    /// Which lots it adds to or takes from.
    pub lot_class: LotClass,
    /// Signed, in minor units: what the account gains.
    pub amount: Money,
    /// The last day on which the lot can be used.
    pub expires_on: Option<Date>,
    /// The entry that this one undoes, gives back or claws back.
    pub source_entry_id: Option<EntryId>,
}

/// Refuses an amount that is not in the currency of the account.
pub(crate) fn same_currency(account: Currency, given: Money) -> Result<(), Refusal> {
    if given.currency == account {
        return Ok(());
    }
    Err(Refusal::CurrencyDiffers { given: given.currency.code().to_owned(), expected: account.code().to_owned() })
}

/// The amount as money, where an account can hold it.
pub(crate) fn checked(minor: i128, currency: Currency) -> Result<Money, Refusal> {
    let fits = minor.unsigned_abs() <= u128::from(MAX_BALANCE_MINOR.unsigned_abs());
    let minor = i64::try_from(minor).ok().filter(|_| fits).ok_or(Refusal::AmountTooLarge)?;
    Ok(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_and_sql_are_the_same() {
        for kind in ["top_up", "redeem", "earn", "return_to_credit", "cash_out", "adjust", "expire", "void", "opening"]
        {
            let parsed: EntryKind = kind.parse().expect("a kind");
            assert_eq!(serde_json::to_value(parsed).expect("json"), kind);
        }
        assert_eq!("cheque".parse::<Tender>(), Err(Refusal::TenderInvalid));
    }
}
