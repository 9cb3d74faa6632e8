//! What waits for a person: fields that were changed on two sides, edits that were refused, credit to be settled.

use regulars_domain::{ChangeId, Date, MemberId, Money, Timestamp, VisitId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

answers! {
    /// Whose value stands.
    #[serde(rename_all = "snake_case")]
    pub enum KeptView {
        Ours,
        Theirs,
        Both,
        Undecided,
    }

    /// Fields of one member that a person must decide.
    pub struct Question {
        pub change_id: ChangeId,
        pub member_id: Option<MemberId>,
        pub member_name: Option<String>,
        /// What the remote is called that the change goes to.
        pub remote_name: Option<String>,
        /// Set where it is about what holds at a shop.
        pub location: Option<String>,
        /// When this till made its change.
        pub made_at: Timestamp,
        /// When the remote's was made, by its clock: the latest of them.
        pub remote_at: Option<Timestamp>,
        pub fields: Vec<QuestionField>,
        /// What was merged beside them already.
        pub merged: Vec<MergedField>,
    }

    pub struct QuestionField {
        /// As in an edit.
        pub field: String,
        #[ts(type = "unknown")]
        pub before: Value,
        #[ts(type = "unknown")]
        pub till: Value,
        #[ts(type = "unknown")]
        pub remote: Value,
    }

    pub struct MergedField {
        pub field: String,
        #[ts(type = "unknown")]
        pub before: Value,
        /// Absent where this till changed nothing there.
        #[ts(type = "unknown")]
        pub till: Option<Value>,
        /// Absent where the remote changed nothing there.
        #[ts(type = "unknown")]
        pub remote: Option<Value>,
        pub kept: KeptView,
    }

    pub struct Questions {
        pub questions: Vec<Question>,
    }

    /// What an edit of this till that the remote refused makes of a field.
    pub struct EditedField {
        /// As in an edit.
        pub field: String,
        #[ts(type = "unknown")]
        pub before: Value,
        #[ts(type = "unknown")]
        pub after: Value,
    }

    /// Credit of a member that a person has to settle.
    pub struct UnsettledAccount {
        pub member_id: MemberId,
        pub member_name: Option<String>,
        /// Whose credit it is, where an owner has said who.
        pub issuer: Option<String>,
        /// How much too much they had: more than zero.
        pub amount: Money,
        /// The sale of which so much more came back than was paid; `null` where the account is overdrawn.
        pub too_much_back_of: Option<ReturnedSale>,
    }

    pub struct ReturnedSale {
        pub visit_id: VisitId,
        pub receipt: Option<String>,
        pub on: Date,
    }

    pub struct UnsettledList {
        /// The first of them.
        pub accounts: Vec<UnsettledAccount>,
        /// How many there are.
        pub total: usize,
    }
}

/// Whose value is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    Till,
    Remote,
}

questions! {
    pub struct ResolveQuestion {
        pub change_id: ChangeId,
        /// Per field, whose value is to stand.
        pub choices: BTreeMap<String, Choice>,
    }

    pub struct DecisionAsked {
        pub decision: i64,
    }
}
