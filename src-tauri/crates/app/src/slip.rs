//! The slip: the small paper that a member gets after money moved, and the way from its data to a printer.
//!
//! [`Slip`] is plain data. The page words it by itself; for paper, [`paper`] lays it out in [`words`] and [`forms`] of a
//! language, and [`escpos`] makes the bytes that [`printer`] sends. It does not know where a slip's figures come from:
//! nothing is looked up or added up here.

pub mod code_page;
pub mod escpos;
pub mod forms;
mod of;
pub mod paper;
pub mod printer;
#[cfg(test)]
mod tests;
pub mod words;

pub use code_page::CodePage;
pub use of::{Booked, of, sample};
pub use paper::{Columns, Paper};
pub use printer::{PrintError, PrinterAddress};
pub use words::Language;

use regulars_domain::ledger::Tender;
use regulars_domain::{Date, Money};
use serde::{Serialize, Serializer};
use std::fmt;

/// How many characters of an id tell two slips of one evening apart, and can still be read out on the phone.
const REFERENCE_LENGTH: usize = 8;

/// What one slip says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Slip {
    /// The shop's name.
    pub shop: String,
    /// The till's name.
    pub till: String,
    /// The shop's day when it is printed: today's for a copy.
    pub printed_on: Date,
    /// The shop's clock when it is printed.
    pub printed_time: ClockTime,
    /// What happened.
    pub kind: SlipKind,
    /// Printed before: a copy says so, so that nobody hands in one sale twice.
    pub is_copy: bool,
    /// The member's name.
    pub member: String,
    /// The last digits of the member's phone; never the whole number, for slips are left lying about.
    pub phone_ending: Option<String>,
    /// The receipt of the cash register.
    pub receipt: Option<String>,
    /// The figures, from top to bottom.
    pub lines: Vec<SlipLine>,
    /// The short id of the entry or visit; see [`reference()`].
    pub reference: String,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SlipLine {
    /// What it is.
    pub label: SlipLabel,
    /// A rate in percent as decimal text ("10", "2.5") for `discount` and `earned`; for the others a few words of the
    /// shop's own, as the reason of a correction.
    pub detail: Option<String>,
    /// How much; signed where it takes away.
    pub amount: Option<Money>,
    /// The one that the eye should find.
    pub is_total: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SlipKind {
    /// A bill was served.
    Sale,
    /// Money was paid in.
    TopUp,
    /// Goods came back.
    Return,
    /// Credit was paid out.
    CashOut,
    /// Something was put right.
    Adjustment,
    /// What was done just before was undone. Printed always: a top-up that is voided behind the member's back is a
    /// known theft (`money.md`).
    Void,
}

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SlipLabel {
    /// What the goods cost.
    Bill,
    /// What the member's discount takes off; its rate is the detail.
    Discount,
    /// What was paid out of the member's credit.
    CreditUsed,
    /// What is left to pay by other means.
    LeftToCollect,
    /// The reward; its rate is the detail.
    Earned,
    /// Paid in, with notes and coins.
    PaidInCash,
    /// Paid in, with a payment card.
    PaidInCard,
    /// Paid in, by bank transfer.
    PaidInTransfer,
    /// Paid in some other way.
    PaidInOther,
    /// Paid out, with notes and coins.
    PaidOutCash,
    /// Paid out, to a payment card.
    PaidOutCard,
    /// Paid out, by bank transfer.
    PaidOutTransfer,
    /// Paid out some other way.
    PaidOutOther,
    /// A refund that is kept as credit.
    GivenBack,
    /// What had been earned on goods that came back.
    TakenBack,
    /// A correction; its reason is the detail.
    Corrected,
    /// What the member has now.
    BalanceAfter,
    /// The part of it that head office has not confirmed yet.
    WaitingToBeConfirmed,
}

impl SlipLabel {
    /// Money that came in by that tender.
    pub const fn paid_in(tender: Tender) -> Self {
        match tender {
            Tender::Cash => Self::PaidInCash,
            Tender::Card => Self::PaidInCard,
            Tender::Transfer => Self::PaidInTransfer,
            Tender::Other => Self::PaidInOther,
        }
    }

    /// Money that went out by that tender.
    pub const fn paid_out(tender: Tender) -> Self {
        match tender {
            Tender::Cash => Self::PaidOutCash,
            Tender::Card => Self::PaidOutCard,
            Tender::Transfer => Self::PaidOutTransfer,
            Tender::Other => Self::PaidOutOther,
        }
    }
}

/// What the clock on the shop's wall shows: `13:58`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ts_rs::TS)]
#[ts(type = "string")]
pub struct ClockTime {
    hour: u8,
    minute: u8,
}

impl ClockTime {
    /// That time, where there is one.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An id as a slip writes it: its last characters, in capitals. The first ones of a UUIDv7 are the time, which all slips
/// of one minute share.
pub fn reference(id: impl fmt::Display) -> String {
    let characters: Vec<char> = id.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let last = characters.len().saturating_sub(REFERENCE_LENGTH);
    characters[last..].iter().collect::<String>().to_uppercase()
}

/// Prints a slip. It blocks for as long as [`printer::send`] may.
///
/// # Errors
/// As [`printer::send`].
pub fn print(slip: &Slip, paper: Paper, address: &PrinterAddress) -> Result<(), PrintError> {
    let lines = paper::lines(slip, paper);
    printer::send(address, &escpos::bytes(&lines, paper.page)?)
}
