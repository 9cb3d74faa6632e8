//! What really happened: every fact that a cashier was told is done, and every one that may be.

use regulars_domain::ledger::LedgerEntry;
use regulars_domain::{EntryId, MemberId, VisitId};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a ledger that a till booked.
#[derive(Clone, Debug)]
pub struct Fact {
    pub till: usize,
    pub entry: LedgerEntry,
}

#[derive(Default)]
pub struct Truth {
    pub members: Vec<MemberId>,
    /// Who was registered where.
    pub registered: BTreeMap<MemberId, usize>,
    pub entries: BTreeMap<EntryId, Fact>,
    pub visits: Vec<(VisitId, MemberId)>,
    pub serials: Vec<(String, MemberId)>,
    pub merged: Vec<MemberId>,
    /// Members that somebody may have deleted.
    pub removed: BTreeSet<MemberId>,
    /// Makes every value one of its kind.
    pub next: u32,
}

impl Truth {
    pub fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }
}
