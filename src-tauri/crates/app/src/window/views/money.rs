//! Money at the counter: paying, giving back, paying out, correcting, undoing, and the slip.

use super::MemberCard;
use crate::slip::Slip;
use regulars_domain::ledger::Tender;
use regulars_domain::percent::Percent;
use regulars_domain::{Date, EntryId, MemberId, Money, VisitId};
use serde::{Deserialize, Serialize};

answers! {
    pub struct NextExpiry {
        pub amount: Money,
        pub on: Date,
    }

    pub struct PayPreview {
        pub bill: Money,
        pub discount_percent: Percent,
        pub discount: Money,
        /// The most credit that can be used for this bill now.
        pub max_credit: Money,
        pub credit_used: Money,
        pub left_to_collect: Money,
        pub earn_percent: Percent,
        pub earned: Money,
        /// What the earning is reckoned from.
        pub earn_base: Money,
        /// What of the credit used is a reward, and earns nothing.
        pub reward_used: Money,
        pub balance: Money,
        pub balance_after: Money,
        pub usable_after: Money,
        /// Set where using that much credit needs a card: above which sum.
        pub proof_above: Option<Money>,
    }

    pub struct VisitIdMade {
        pub visit_id: VisitId,
    }

    pub struct CreditHeld {
        pub is_held: bool,
    }

    /// A visit was booked.
    pub struct Paid {
        pub member: MemberCard,
        pub visit_id: VisitId,
        pub credit_used: Money,
        pub left_to_collect: Money,
        pub earned: Money,
    }

    pub struct ReturnPreview {
        pub receipt: Option<String>,
        /// What of the sale can still be given back.
        pub returnable: Money,
        /// What is given back in all: less than asked where the reward was spent already.
        pub amount: Money,
        /// What goes back to where the credit was taken from.
        pub to_lots: Money,
        /// What was paid otherwise, and becomes credit.
        pub as_returns: Money,
        /// What was earned by the sale, and is taken back.
        pub taken_back: Money,
        pub balance_after: Money,
    }

    pub struct CashOutPreview {
        pub cashable: Money,
        pub balance_after: Money,
        /// Set where that much needs a card: above which sum.
        pub proof_above: Option<Money>,
    }

    pub struct SlipShown {
        pub slip: Slip,
        pub has_printer: bool,
    }
}

questions! {
    pub struct PayAsked {
        pub member_id: MemberId,
        pub bill_minor: i64,
        /// Absent: none.
        pub credit_minor: Option<i64>,
    }

    /// Credit to be held while the bill is being paid.
    pub struct HoldCredit {
        pub member_id: MemberId,
        pub visit_id: VisitId,
        pub credit: Money,
    }

    /// The bill is not paid after all.
    pub struct ReleaseCredit {
        pub visit_id: VisitId,
    }

    pub struct Pay {
        pub member_id: MemberId,
        pub visit_id: VisitId,
        pub bill: Money,
        pub credit: Money,
        pub receipt: Option<String>,
        /// The card that was scanned to prove who it is.
        pub card: Option<String>,
    }

    pub struct ReturnAsked {
        pub visit_id: VisitId,
        pub amount_minor: i64,
    }

    pub struct GiveBack {
        /// The visit to be made.
        pub return_id: VisitId,
        /// The sale.
        pub visit_id: VisitId,
        pub amount: Money,
    }

    pub struct CashOutAsked {
        pub member_id: MemberId,
        pub amount_minor: i64,
    }

    pub struct CashOut {
        pub member_id: MemberId,
        /// The entry to be: the same id twice books once.
        pub entry_id: EntryId,
        pub amount: Money,
        pub tender: Tender,
        pub card: Option<String>,
    }

    pub struct Adjust {
        pub member_id: MemberId,
        pub entry_id: EntryId,
        /// Signed.
        pub amount: Money,
        pub reason: String,
    }

    pub struct Void {
        pub entry_id: EntryId,
        pub reason: String,
    }

    /// Of a visit, or of an entry that belongs to none.
    pub struct SlipAsked {
        pub visit_id: Option<VisitId>,
        pub entry_id: Option<EntryId>,
        pub is_copy: bool,
    }
}
