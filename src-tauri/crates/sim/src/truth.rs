//! What really happened: every fact that a cashier was told is done, and every one that may be.

use regulars_domain::ledger::LedgerEntry;
use regulars_domain::{EntryId, MemberId, VisitId};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a ledger that a till booked.
#[derive(Clone, Debug)]
pub struct Fact {
    pub till: usize,
    pub entry: LedgerEntry,
    /// Whether it must be in that till's file: not after an older copy of the file was put back.
    pub is_in_file: bool,
}

/// A value that a cashier wrote into a field.
#[derive(Clone, Debug)]
pub struct Write {
    pub till: usize,
    pub member: MemberId,
    pub field: &'static str,
    pub value: String,
}

#[derive(Default)]
pub struct Truth {
    pub members: Vec<MemberId>,
    /// Who was registered where; those of a file that was put back may be gone.
    pub registered: BTreeMap<MemberId, (usize, bool)>,
    pub entries: BTreeMap<EntryId, Fact>,
    pub visits: Vec<(VisitId, MemberId)>,
    pub serials: Vec<(String, MemberId)>,
    pub writes: Vec<Write>,
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

    /// What a till had booked since a copy of its file was made need not be in it any more.
    pub fn file_was_put_back(&mut self, till: usize) {
        for fact in self.entries.values_mut().filter(|fact| fact.till == till) {
            fact.is_in_file = false;
        }
        for (by, is_in_file) in self.registered.values_mut() {
            *is_in_file &= *by != till;
        }
    }
}
