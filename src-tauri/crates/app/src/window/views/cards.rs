//! Cards.

use regulars_domain::member::{BlockReason, CardState};
use regulars_domain::{Date, MemberId, Timestamp};
use serde::{Deserialize, Serialize};

answers! {
    pub struct CardView {
        pub serial_number: String,
        /// The last four characters.
        pub ending: String,
        pub is_virtual: bool,
        pub processor: Option<String>,
        pub state: CardState,
        pub status_reason: Option<String>,
        pub status_at: Option<Timestamp>,
        pub issued_at: Option<Timestamp>,
        /// The first and the last day on which it may be used, by the shop's calendar.
        pub valid_from: Option<Date>,
        pub valid_until: Option<Date>,
        pub replaced_by: Option<String>,
        pub note: Option<String>,
    }

    /// A card that may not be used at the counter now.
    pub struct CardRefused {
        pub card: CardView,
        pub member_name: String,
    }

    /// What became of a card.
    #[serde(rename_all = "snake_case")]
    pub enum CardDid {
        Issued,
        Blocked,
        Unblocked,
        Changed,
        TakenAway,
    }

    /// What is known of a serial number before a card is given out.
    pub struct CardCheck {
        pub serial_number: String,
        /// Whose card it is already.
        pub in_use_by: Option<CardHolder>,
    }

    pub struct CardHolder {
        pub member_id: MemberId,
        pub full_name: String,
        pub state: CardState,
    }

    pub struct SerialMade {
        pub serial_number: String,
    }
}

questions! {
    pub struct CardAsked {
        pub serial_number: String,
    }

    pub struct IssueCard {
        pub member_id: MemberId,
        pub serial_number: String,
        pub is_virtual: bool,
    }

    pub struct BlockCard {
        pub serial_number: String,
        pub reason: BlockReason,
    }

    /// What is said about a card, all of it; empty for nothing.
    pub struct DescribeCard {
        pub serial_number: String,
        pub note: String,
        pub processor: String,
        pub valid_from: Option<Date>,
        pub valid_until: Option<Date>,
    }

    pub struct ReplaceCard {
        pub old: String,
        pub new: String,
        pub reason: BlockReason,
        pub is_virtual: bool,
    }
}
