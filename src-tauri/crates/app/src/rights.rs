//! The one place where it is decided who may do what. While a till has no staff, whoever stands at it may do everything.

use crate::error::AppError;
use crate::till::Till;
use regulars_store::outbox::Stamp;

/// Something that a person does and that may need a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Set a till, shop or remote up, or change how it works.
    SetUp,
    /// Register somebody, or take them in at another shop.
    Register,
    /// Change what is known of somebody, or the catalogue of labels.
    Edit,
    /// Delete somebody.
    Remove,
    /// Erase somebody for good.
    Erase,
    /// Say that two members are one, or that they are not.
    Merge,
    /// Give out a card, or replace one.
    IssueCard,
    /// Block a card, or lift that.
    BlockCard,
    /// Take money for credit.
    TopUp,
    /// Pay with credit, with or without a bill.
    Pay,
    /// Give back what was paid.
    GiveBack,
    /// Pay credit out.
    CashOut,
    /// Correct a balance.
    Adjust,
    /// Undo what was just booked.
    Void,
    /// Take a spreadsheet in, or undo that.
    Import,
    /// Write members or the ledger to a file.
    Export,
    /// Decide about what waits for a person.
    Decide,
}

impl Till {
    /// Whether whoever is at the till may do that now: the stamp that what they write bears. Everything that is
    /// written on a person's behalf gets its stamp here.
    ///
    /// # Errors
    /// None yet: rights come with staff.
    pub(crate) fn permit(&self, action: Action) -> Result<Stamp, AppError> {
        tracing::debug!(?action, "permitted");
        Ok(Stamp { at: self.now(), staff_id: None })
    }
}
