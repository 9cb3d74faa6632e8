//! What really happened: every fact that a cashier was told is done, and every one that may be.

use crate::deeds::Deeds;
use crate::template::FIRST_LIFE;
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
    /// What was booked and went with a file that was put back or damaged, unless somebody had heard of it.
    pub perhaps: BTreeMap<EntryId, LedgerEntry>,
    pub visits: Vec<(VisitId, MemberId)>,
    pub serials: Vec<(String, MemberId)>,
    pub merged: Vec<MemberId>,
    /// Members of whom somebody may have said that they are another one, or another one is they.
    pub joined: BTreeSet<MemberId>,
    /// Members that somebody may have deleted.
    pub removed: BTreeSet<MemberId>,
    /// Members of whom a till erased everything, and nobody gave that up.
    pub erased: BTreeSet<MemberId>,
    /// Field by field.
    pub deeds: Deeds,
    /// The newest version of head office's first life, where an older copy was put in its place.
    pub first_life_ended_at: Option<i64>,
    /// A file was put back, copied or damaged: what was done may be gone or done twice for good reasons.
    pub is_rewound: bool,
    /// Makes every value one of its kind.
    pub next: u32,
}

impl Truth {
    /// A later life of head office gives out no version that its first one may have given out.
    pub fn look_at_life(&self, (life, newest): &(String, i64)) -> Result<(), String> {
        match self.first_life_ended_at {
            Some(version) if life != FIRST_LIFE && *newest <= version => {
                Err(format!("head office's new life gives out versions up to {version} again"))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }
}
