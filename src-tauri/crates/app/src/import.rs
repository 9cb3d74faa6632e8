//! Taking a spreadsheet in. First it is planned, without writing: per row what would happen, in words. Then it is taken
//! in, a slice at a time so that the counter goes on; and the whole batch can be undone.

mod plan;
mod row;
mod take;
mod undo;

pub use plan::{Plan, plan};
pub use take::take;
pub use undo::{Undone, undo};

use crate::spreadsheet::SheetError;
use regulars_domain::{Money, Refusal};
use uuid::Uuid;

/// What became, or would become, of a spreadsheet.
#[derive(Debug)]
pub struct Report {
    /// The batch; `None` where nothing was written.
    pub batch: Option<Uuid>,
    /// Rows that make a new member; likely twins too.
    pub new: u64,
    /// Rows that add to a known member.
    pub updated: u64,
    /// Rows that say nothing new.
    pub unchanged: u64,
    /// Rows of new members who share a number or address with somebody: to be looked at.
    pub twins: u64,
    /// Rows that cannot be taken in.
    pub errors: u64,
    /// The sum of opening balances of the rows that can.
    pub opening_total: Money,
    /// Whether a person stopped it before its end.
    pub was_cancelled: bool,
    /// Twins and errors.
    pub notes: Vec<Note>,
}

/// Something about a row that a person should look at.
#[derive(Debug)]
pub struct Note {
    /// As the spreadsheet counts it: the headings are row 1.
    pub row: u64,
    /// The name that stands there.
    pub name: Option<String>,
    /// What it is.
    pub problem: Problem,
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A cell cannot be read.
    #[error(transparent)]
    Cell(#[from] SheetError),
    /// A rule is against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It was taken in, but may be somebody who is here already.
    #[error("{with} has the same {sign}")]
    Twin {
        /// Who.
        with: String,
        /// What they share: `phone`, `email` or `birthday`.
        sign: &'static str,
    },
    /// The member has an opening balance from another spreadsheet.
    #[error("this member has an opening balance already")]
    OpeningExists,
}

impl Problem {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Cell(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Twin { .. } => "twin",
            Self::OpeningExists => "opening_exists",
        }
    }

    /// The field that it is about.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Cell(error) => error.field(),
            Self::Refused(refusal) => refusal.field(),
            Self::Twin { sign, .. } => Some(sign),
            Self::OpeningExists => Some("opening_balance"),
        }
    }

    /// What a sentence about it needs.
    pub fn facts(&self) -> serde_json::Value {
        match self {
            Self::Cell(error) => error.facts(),
            Self::Refused(refusal) => refusal.facts(),
            Self::Twin { with, sign } => serde_json::json!({ "name": with, "sign": sign }),
            Self::OpeningExists => serde_json::json!({}),
        }
    }

    /// Whether the row is taken in all the same.
    pub const fn is_twin(&self) -> bool {
        matches!(self, Self::Twin { .. })
    }
}

/// Says how far it has come; answers whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;
