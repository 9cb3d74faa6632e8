//! Reading the journal whole: what it tells of each change in the end, and how the till was set up last.

use super::frame::{self, JournalKey};
use super::list;
use super::record::{Ending, Item, LocationSetUp, Recorded, RemoteSetUp};
use crate::decisions::Decision;
use crate::disk;
use crate::error::StoreError;
use crate::outbox;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use zeroize::Zeroizing;

/// What the journal tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The changes, in the order in which they were queued.
    pub(crate) changes: Vec<ToldChange>,
    places: HashMap<ChangeId, usize>,
    numbers: HashMap<(Incarnation, i64), ChangeId>,
    pub(crate) keys: BTreeMap<MemberId, Zeroizing<[u8; 32]>>,
    /// What was decided, by the change of this till that met another, with the transaction that noted it.
    decisions: BTreeMap<ChangeId, Vec<(usize, Decision)>>,
    pub(crate) remotes: BTreeMap<RemoteId, RemoteSetUp>,
    pub(crate) locations: BTreeMap<LocationId, LocationSetUp>,
    pub(crate) settings: BTreeMap<String, String>,
    /// Segments of which not everything can be read.
    pub(crate) damaged: Vec<u64>,
    frames: usize,
}

/// A change and what became of it.
#[derive(Debug)]
pub(crate) struct ToldChange {
    pub(crate) recorded: Recorded,
    /// Its bytes were made, so it may have been sent.
    pub(crate) was_frozen: bool,
    pub(crate) folded_into: Option<ChangeId>,
    pub(crate) ended: Option<Ending>,
    /// The remote's own keys of the member whom it registered.
    pub(crate) remote_keys: Vec<Vec<u8>>,
    /// The transaction that queued it, counted from the journal's beginning.
    frame: usize,
    /// A later transaction told what became of it, which is done only of what was committed.
    was_in_file: bool,
    /// A person does not want it, or its member was erased.
    is_void: bool,
    /// The commit failed, as far as was known then: whatever became of the change later says that it did not.
    is_withdrawn: bool,
    /// Another change got its number later, so it was never committed: nobody was told that it is done.
    pub(crate) is_uncommitted: bool,
}

impl Told {
    /// Whether a change is told of as one that is to be in the file.
    pub(crate) fn knows(&self, id: ChangeId) -> bool {
        let told = self.places.get(&id).and_then(|place| self.changes.get(*place));
        told.is_some_and(ToldChange::is_valid)
    }

    /// What was decided, in the order in which it was.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = &Decision> {
        let mut all: Vec<_> = self.decisions.values().flatten().collect();
        all.sort_by_key(|(frame, _)| *frame);
        all.into_iter().map(|(_, decision)| decision)
    }

    /// The changes that are to be in the file, or are offered to a person.
    pub(crate) fn valid(&self) -> impl Iterator<Item = &ToldChange> {
        self.changes.iter().filter(|told| told.is_valid())
    }

    /// A change of which more is told: it was in the file, where that is told by another transaction than the one that
    /// queued it.
    fn committed(&mut self, id: ChangeId) -> Option<&mut ToldChange> {
        let frames = self.frames;
        let told = self.of(id)?;
        told.is_withdrawn = false;
        told.was_in_file |= told.frame < frames;
        Some(told)
    }

    fn of(&mut self, id: ChangeId) -> Option<&mut ToldChange> {
        let place = *self.places.get(&id)?;
        self.changes.get_mut(place)
    }

    /// Whether the journal has gone on after the file, so that this is an older copy that somebody put back: a crash leaves
    /// it one transaction ahead at most, of which nothing more is told.
    pub(crate) fn is_ahead_of(&self, connection: &Connection) -> Result<bool, StoreError> {
        let mut last = None;
        for told in self.changes.iter().rev().filter(|told| told.is_valid() && !told.is_uncommitted) {
            if outbox::exists(connection, told.recorded.id)? {
                return Ok(false);
            }
            if told.was_in_file || *last.get_or_insert(told.frame) != told.frame {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a later word says of a change that no segment tells of any more is of no use.
    fn hear(&mut self, item: Item) {
        match item {
            Item::Change(recorded) => self.hear_change(recorded),
            Item::Routed { id, remote } => {
                self.committed(id).into_iter().for_each(|told| told.recorded.remote = remote)
            }
            Item::Frozen { id } => self.committed(id).into_iter().for_each(|told| told.was_frozen = true),
            Item::Folded { id, into } => self.committed(id).into_iter().for_each(|told| told.folded_into = Some(into)),
            Item::Ended { id, state } => self.committed(id).into_iter().for_each(|told| told.ended = Some(state)),
            Item::Keyed { id, keys, .. } => {
                let keys = keys.iter().filter_map(|key| STANDARD.decode(key).ok()).collect();
                if let Some(told) = self.committed(id) {
                    told.remote_keys = keys;
                }
            }
            Item::Withdrawn { ids } => {
                for id in ids {
                    self.of(id).into_iter().for_each(|told| told.is_withdrawn = true);
                }
            }
            Item::Dropped { id } => self.make_void(id),
            Item::Erased { id, incarnation, number } => {
                self.take_number(incarnation, number, id);
                self.make_void(id);
            }
            Item::MemberKey { member, base64 } => {
                let key = STANDARD.decode(base64).ok().and_then(|key| key.try_into().ok());
                key.into_iter().for_each(|key| drop(self.keys.insert(member, Zeroizing::new(key))));
            }
            Item::Decided(decision) => {
                let of_change = self.decisions.entry(decision.change_id).or_default();
                of_change.retain(|(_, earlier)| !earlier.is_superseded_by(&decision));
                of_change.push((self.frames, *decision));
            }
            Item::Forget { member } => self.forget(member),
            Item::Nothing => {}
            Item::Remote(remote) => drop(self.remotes.insert(remote.id, remote)),
            Item::Location(location) => drop(self.locations.insert(location.id, location)),
            Item::Setting { key, value } => drop(self.settings.insert(key, value)),
        }
    }

    /// The same again, as where a new journal begins with what is open or a person took it in after all, tells anew
    /// what stands.
    fn hear_change(&mut self, recorded: Recorded) {
        self.take_number(recorded.incarnation, recorded.number, recorded.id);
        match self.of(recorded.id) {
            Some(told) => {
                told.is_void = false;
                told.is_withdrawn = false;
                told.is_uncommitted = false;
                told.recorded = recorded;
            }
            None => {
                self.places.insert(recorded.id, self.changes.len());
                self.changes.push(ToldChange::begun(recorded, self.frames));
            }
        }
    }

    /// Whoever had the number before was never committed, nor was anything else of the same transaction.
    fn take_number(&mut self, incarnation: Incarnation, number: i64, id: ChangeId) {
        let before = self.numbers.insert((incarnation, number), id).filter(|before| *before != id);
        if let Some(frame) = before.and_then(|before| self.of(before)).map(|told| told.frame) {
            self.changes.iter_mut().filter(|told| told.frame == frame).for_each(|told| told.is_uncommitted = true);
        }
    }

    /// Nothing of an erased member comes back, but for money.
    fn forget(&mut self, member: MemberId) {
        self.keys.remove(&member);
        self.decisions.values_mut().for_each(|all| all.retain(|(_, decision)| decision.member_id != member));
        for told in self.changes.iter_mut().filter(|told| !told.is_void && told.recorded.member() == Some(member)) {
            match told.recorded.without_words() {
                Some(less) => told.recorded = less,
                None => told.is_void = true,
            }
        }
    }

    fn make_void(&mut self, id: ChangeId) {
        self.of(id).into_iter().for_each(|told| told.is_void = true);
    }
}

impl ToldChange {
    const fn is_valid(&self) -> bool {
        !self.is_void && !self.is_withdrawn
    }

    const fn begun(recorded: Recorded, frame: usize) -> Self {
        Self {
            recorded,
            was_frozen: false,
            folded_into: None,
            ended: None,
            remote_keys: Vec::new(),
            frame,
            was_in_file: false,
            is_void: false,
            is_withdrawn: false,
            is_uncommitted: false,
        }
    }

    /// The same under another number, as it was before anything became of it.
    pub(crate) fn begun_anew(&self, incarnation: Incarnation, number: i64) -> Self {
        Self::begun(Recorded { incarnation, number, ..self.recorded.clone() }, self.frame)
    }
}

/// Reads every segment as far as it is whole. The end of the last one may be under way, so that one is never damaged.
pub(crate) fn read_all(folder: &Path, key: &JournalKey) -> Result<Told, StoreError> {
    let segments = list(folder)?;
    let mut told = Told::default();
    let last = segments.last().map(|(number, _)| *number);
    for (number, path) in segments {
        let Some(segment) = read_segment(key, number, &path)? else { continue };
        for batch in segment.batches {
            told.frames += 1;
            batch.into_iter().for_each(|item| told.hear(item));
        }
        if !segment.is_whole && Some(number) != last {
            told.damaged.push(number);
        }
    }
    Ok(told)
}

/// What one segment says.
pub(super) struct Segment {
    pub(super) batches: Vec<Vec<Item>>,
    /// Whether all of it can be read.
    pub(super) is_whole: bool,
}

/// Reads one segment; `None` where it is of another key.
pub(super) fn read_segment(key: &JournalKey, number: u64, path: &Path) -> Result<Option<Segment>, StoreError> {
    let bytes = disk::read(path)?;
    if frame::is_foreign(key, &bytes) {
        return Ok(None);
    }
    let read = frame::read(key, number, &bytes);
    // One that has not even a header was just begun when the power went: nothing had been told of it.
    let tail = frame::written(&bytes[read.good_len..]);
    let is_whole = tail.is_empty() || (read.good_len == 0 && tail.len() <= frame::HEADER_LEN);
    let mut segment = Segment { batches: Vec::new(), is_whole };
    for batch in read.batches {
        match serde_json::from_slice(&batch) {
            Ok(batch) => segment.batches.push(batch),
            // Written by a newer version, as nothing else passes the seal.
            Err(_) => segment.is_whole = false,
        }
    }
    Ok(Some(segment))
}
