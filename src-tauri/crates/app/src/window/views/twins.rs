//! Members who may be one person, and merging them.

use super::MemberHit;
use regulars_domain::{MemberId, Money, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

answers! {
    #[serde(rename_all = "snake_case")]
    pub enum TwinSign {
        SamePhone,
        /// One digit differs, or two changed places.
        NearPhone,
        SameCard,
        SameEmail,
        SameName,
        /// The same without marks, or in another order.
        NearName,
        SameBirthday,
    }

    pub struct Twin {
        pub member: MemberHit,
        pub signs: Vec<TwinSign>,
    }

    pub struct Twins {
        pub twins: Vec<Twin>,
    }

    /// One field of two members who are to become one.
    pub struct MergeField {
        /// As in an edit: `email`, `cards/8400…`.
        pub field: String,
        #[ts(type = "unknown")]
        pub winner: Value,
        #[ts(type = "unknown")]
        pub loser: Value,
        /// Whether the one that stays takes this over unless somebody chooses otherwise: it has nothing there itself.
        pub is_taken: bool,
        /// Whether both have something, so that somebody may choose.
        pub differs: bool,
    }

    pub struct MergePreview {
        pub winner: MemberHit,
        pub loser: MemberHit,
        pub fields: Vec<MergeField>,
        pub winner_balance: Money,
        pub loser_balance: Money,
        pub balance_after: Money,
        pub cards_after: usize,
        /// Shops that the one that stays joins by this.
        pub joins: Vec<String>,
    }

    /// A member who turned out to be another one.
    pub struct AliasView {
        pub member_id: MemberId,
        pub full_name: String,
        pub merged_at: Timestamp,
    }
}

questions! {
    pub struct TwinsAsked {
        /// What is in the form so far, in the shape of `register`.
        #[ts(type = "Record<string, unknown>")]
        pub input: Value,
        pub card: Option<String>,
        /// The member that is being edited.
        pub except: Option<MemberId>,
    }

    pub struct MergeAsked {
        pub winner_id: MemberId,
        pub loser_id: MemberId,
    }

    pub struct Merge {
        pub winner_id: MemberId,
        pub loser_id: MemberId,
        /// The fields that the one that stays takes over.
        pub take: Vec<String>,
    }
}
