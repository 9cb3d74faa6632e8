//! The table of all members of the shop.

use super::Failure;
use super::member::{LabelView, LastVisit, StatusView};
pub use crate::export::ExportWhat;
use regulars_domain::{Date, MemberId, Money};
use serde::{Deserialize, Serialize};

answers! {
    pub struct MemberRow {
        pub id: MemberId,
        pub full_name: String,
        pub phone: Option<String>,
        pub email: Option<String>,
        pub reference: Option<String>,
        pub card_ending: Option<String>,
        pub labels: Vec<LabelView>,
        pub status: StatusView,
        pub member_since: Option<Date>,
        pub last_visit: Option<LastVisit>,
        pub balance: Money,
        pub needs_you: bool,
    }

    pub struct MemberRows {
        /// How many the filter lets through, over all pages.
        pub total: u64,
        pub offset: u64,
        pub rows: Vec<MemberRow>,
    }

    #[serde(rename_all = "snake_case")]
    #[derive(Copy)]
    pub enum ExportStage {
        /// Nothing was asked for yet.
        Idle,
        Writing,
        /// The file is there, whole.
        Written,
        /// Stopped by a person: there is no file.
        Stopped,
        Failed,
    }

    pub struct ExportState {
        pub stage: ExportStage,
        pub what: ExportWhat,
        /// Members that were gone through, of how many.
        pub done: u64,
        pub total: u64,
        /// Where the file is, or will be.
        pub path: String,
        pub rows: u64,
        pub problem: Option<Failure>,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum MembersSort {
    #[default]
    Name,
    MemberSince,
    LastVisit,
    Balance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    Active,
    Inactive,
    NotYetValid,
    Expired,
    OnHold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CreditFilter {
    HasCredit,
    None,
    Owes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CardFilter {
    HasCard,
    None,
    Blocked,
}

questions! {
    /// Every filter narrows; an absent one lets all through.
    pub struct MembersAsked {
        /// Words of the name, a number, an email: as in the counter's field.
        pub text: String,
        pub status: Option<StatusFilter>,
        pub label: Option<String>,
        pub card: Option<CardFilter>,
        pub credit: Option<CreditFilter>,
        /// 1 to 12.
        pub birthday_month: Option<u32>,
        /// No visit for so many months, by the shop's calendar.
        pub not_seen_months: Option<u32>,
        pub has_consent: Option<bool>,
        pub waits: Option<bool>,
        pub needs_you: Option<bool>,
        pub sort: MembersSort,
        pub descending: bool,
        pub offset: u64,
        pub limit: u32,
    }

    pub struct ExportAsked {
        pub what: ExportWhat,
    }
}
