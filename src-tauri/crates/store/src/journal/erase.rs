//! Erasing a member from the journal: what was known of them goes, and what money moved stays without words.
//!
//! The only time that a segment is written anew. It is written whole beside the old one and takes its name.

use super::frame::{self, JournalKey, first_chain, header};
use super::read::read_segment;
use super::record::Item;
use super::{list, segment_path};
use crate::error::StoreError;
use regulars_domain::change::Change;
use regulars_domain::{ChangeId, MemberId};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Rewrites every segment that tells of the member; none of them is being written to. Answers how many.
pub(crate) fn erase(folder: &Path, key: &JournalKey, member: MemberId) -> Result<u64, StoreError> {
    let mut rewritten = 0;
    let mut erased = HashSet::new();
    for (number, path) in list(folder)? {
        let (mut items, _) = read_segment(key, number, &path)?;
        let mut is_changed = false;
        for item in &mut items {
            if let Some(less) = without(item, member, &mut erased)? {
                *item = less;
                is_changed = true;
            }
        }
        if is_changed {
            write_anew(folder, key, number, &items)?;
            rewritten += 1;
        }
    }
    Ok(rewritten)
}

/// The same with nothing of the member in it; `None` where there was nothing.
fn without(item: &Item, member: MemberId, erased: &mut HashSet<ChangeId>) -> Result<Option<Item>, StoreError> {
    match item {
        Item::Change(recorded) => {
            let Some(change) = recorded.read().filter(|change| change.member_id() == Some(member)) else {
                return Ok(None);
            };
            erased.insert(recorded.id);
            let Some(change) = without_words(change) else { return Ok(Some(Item::Erased { id: recorded.id })) };
            let json = serde_json::to_string(&change).map_err(|_| StoreError::Unreadable("change"))?;
            let change = RawValue::from_string(json).map_err(|_| StoreError::Unreadable("change"))?;
            Ok(Some(Item::Change(super::record::Recorded { change, ..recorded.clone() })))
        }
        // The bytes that were sent say what the change says.
        Item::Frozen { id, .. } if erased.contains(id) => Ok(Some(Item::Frozen { id: *id, base64: String::new() })),
        Item::MemberKey { member: whose, .. } if *whose == member => Ok(Some(Item::Nothing)),
        Item::MemberKey { .. }
        | Item::Nothing
        | Item::Frozen { .. }
        | Item::Routed { .. }
        | Item::Numbered { .. }
        | Item::Folded { .. }
        | Item::Ended { .. }
        | Item::Withdrawn { .. }
        | Item::Dropped { .. }
        | Item::Erased { .. }
        | Item::Remote(_)
        | Item::Location(_)
        | Item::Setting { .. } => Ok(None),
    }
}

/// Money without the words that were typed beside it; `None` for what is about the person alone.
fn without_words(change: Change) -> Option<Change> {
    match change {
        Change::EntryAdded { mut entry } => {
            entry.reason = None;
            Some(Change::EntryAdded { entry })
        }
        Change::VisitAdded { visit, mut entries } => {
            entries.iter_mut().for_each(|entry| entry.reason = None);
            Some(Change::VisitAdded { visit, entries })
        }
        Change::LocationAdded { .. }
        | Change::MemberAdded { .. }
        | Change::MemberEdited { .. }
        | Change::MembershipAdded { .. }
        | Change::MembershipEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::LabelPut { .. } => None,
    }
}

fn write_anew(folder: &Path, key: &JournalKey, number: u64, items: &[Item]) -> Result<(), StoreError> {
    let mut bytes = header(number).to_vec();
    let mut chain = first_chain(number);
    for item in items {
        let plain = serde_json::to_vec(&[item]).map_err(|_| StoreError::Unreadable("change"))?;
        let (frame, next) = frame::write(key, &chain, &plain).ok_or(StoreError::Unreadable("change"))?;
        bytes.extend(frame);
        chain = next;
    }
    let path = segment_path(folder, number);
    // Beside the old one until it is whole: its name does not begin a number.
    let draft = folder.join(format!("till.journal-new-{number:08}"));
    fs::write(&draft, &bytes)?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &path)?;
    crate::keys::sync_folder(&path)
}
