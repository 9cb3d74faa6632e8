//! Reading the journal whole: what it tells of each change in the end, and how the till was set up last.

use super::frame::{self, JournalKey};
use super::list;
use super::record::{Ending, Item, LocationSetUp, Recorded, RemoteSetUp};
use crate::error::StoreError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId};
use std::collections::{BTreeMap, HashMap};
use std::fs;
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
    pub(crate) remotes: BTreeMap<RemoteId, RemoteSetUp>,
    pub(crate) locations: BTreeMap<LocationId, LocationSetUp>,
    pub(crate) settings: BTreeMap<String, String>,
    /// Segments of which not everything can be read.
    pub(crate) damaged: Vec<u64>,
}

/// A change and what became of it.
#[derive(Debug)]
pub(crate) struct ToldChange {
    pub(crate) recorded: Recorded,
    pub(crate) frozen: Option<Vec<u8>>,
    pub(crate) folded_into: Option<ChangeId>,
    pub(crate) ended: Option<Ending>,
    pub(crate) replaced_by: Option<ChangeId>,
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

    /// The changes that are to be in the file, or are offered to a person.
    pub(crate) fn valid(&self) -> impl Iterator<Item = &ToldChange> {
        self.changes.iter().filter(|told| told.is_valid())
    }

    /// A change of which more is told: it was in the file.
    fn committed(&mut self, id: ChangeId) -> Option<&mut ToldChange> {
        let told = self.of(id)?;
        told.is_withdrawn = false;
        Some(told)
    }

    fn of(&mut self, id: ChangeId) -> Option<&mut ToldChange> {
        let place = *self.places.get(&id)?;
        self.changes.get_mut(place)
    }

    /// What a later word says of a change that no segment tells of any more is of no use.
    fn hear(&mut self, item: Item) {
        match item {
            Item::Change(recorded) => self.hear_change(recorded),
            Item::Routed { id, remote } => {
                self.committed(id).into_iter().for_each(|told| told.recorded.remote = remote)
            }
            Item::Numbered { id, incarnation, number } => {
                if let Some(told) = self.committed(id) {
                    told.recorded.incarnation = incarnation;
                    told.recorded.number = number;
                }
            }
            Item::Frozen { id, base64 } => {
                let bytes = STANDARD.decode(base64).ok().filter(|bytes| !bytes.is_empty());
                self.committed(id).into_iter().for_each(|told| told.frozen = bytes.clone());
            }
            Item::Folded { id, into } => self.committed(id).into_iter().for_each(|told| told.folded_into = Some(into)),
            Item::Ended { id, state, replaced_by } => {
                if let Some(told) = self.committed(id) {
                    told.ended = Some(state);
                    told.replaced_by = replaced_by;
                }
            }
            Item::Withdrawn { ids } => {
                for id in ids {
                    self.of(id).into_iter().for_each(|told| told.is_withdrawn = true);
                }
            }
            Item::Dropped { id } | Item::Erased { id } => self.make_void(id),
            Item::MemberKey { member, base64 } => {
                let key = STANDARD.decode(base64).ok().and_then(|key| key.try_into().ok());
                key.into_iter().for_each(|key| drop(self.keys.insert(member, Zeroizing::new(key))));
            }
            Item::Nothing => {}
            Item::Remote(remote) => drop(self.remotes.insert(remote.id, remote)),
            Item::Location(location) => drop(self.locations.insert(location.id, location)),
            Item::Setting { key, value } => drop(self.settings.insert(key, value)),
        }
    }

    /// The same again, as where a new journal begins with what is open or a person took it in after all, tells anew
    /// what stands.
    fn hear_change(&mut self, recorded: Recorded) {
        let number = (recorded.incarnation, recorded.number);
        if let Some(before) = self.numbers.insert(number, recorded.id).filter(|before| *before != recorded.id) {
            self.of(before).into_iter().for_each(|told| told.is_uncommitted = true);
        }
        match self.of(recorded.id) {
            Some(told) => {
                told.is_void = false;
                told.is_withdrawn = false;
                told.is_uncommitted = false;
                told.recorded = recorded;
            }
            None => {
                self.places.insert(recorded.id, self.changes.len());
                self.changes.push(ToldChange {
                    recorded,
                    frozen: None,
                    folded_into: None,
                    ended: None,
                    replaced_by: None,
                    is_void: false,
                    is_withdrawn: false,
                    is_uncommitted: false,
                });
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

    /// The same under another number, as it was before anything became of it.
    pub(crate) fn begun_anew(&self, incarnation: Incarnation, number: i64) -> Self {
        Self {
            recorded: Recorded { incarnation, number, ..self.recorded.clone() },
            frozen: None,
            folded_into: None,
            ended: None,
            replaced_by: None,
            is_void: false,
            is_withdrawn: false,
            is_uncommitted: false,
        }
    }
}

/// Reads every segment as far as it is whole. The end of the last one may be under way, so that one is never damaged.
pub(crate) fn read_all(folder: &Path, key: &JournalKey) -> Result<Told, StoreError> {
    let segments = list(folder)?;
    let mut told = Told::default();
    let last = segments.last().map(|(number, _)| *number);
    for (number, path) in segments {
        let (items, is_whole) = read_segment(key, number, &path)?;
        items.into_iter().for_each(|item| told.hear(item));
        if !is_whole && Some(number) != last {
            told.damaged.push(number);
        }
    }
    Ok(told)
}

/// What one segment says, and whether all of it can be read.
pub(super) fn read_segment(key: &JournalKey, number: u64, path: &Path) -> Result<(Vec<Item>, bool), StoreError> {
    let bytes = fs::read(path)?;
    let read = frame::read(key, number, &bytes);
    let mut items = Vec::new();
    let mut is_whole = read.good_len == bytes.len();
    for batch in read.batches {
        match serde_json::from_slice::<Vec<Item>>(&batch) {
            Ok(batch) => items.extend(batch),
            // Written by a newer version, as nothing else passes the seal.
            Err(_) => is_whole = false,
        }
    }
    Ok((items, is_whole))
}
