//! Erasing members from the journal: what was known of them goes, and what money moved stays without words.
//!
//! The only time that a segment is written anew. It is written whole beside the old one and takes its name. That they are
//! to be forgotten is in the journal itself until it is done: a crash in between only puts it off to the next start.

use super::frame::{self, JournalKey, first_chain, header};
use super::record::Item;
use super::{list, segment_path};
use crate::disk;
use crate::error::StoreError;
use regulars_domain::MemberId;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The members whom a frame says to forget.
pub(super) fn named(plain: &[u8]) -> Vec<MemberId> {
    // Nearly no frame does, and those are not read for it.
    let text = std::str::from_utf8(plain).ok().filter(|text| text.contains("\"forget\""));
    let items = text.and_then(|text| serde_json::from_str::<Vec<Item>>(text).ok());
    let forget = |item| if let Item::Forget { member } = item { Some(member) } else { None };
    items.into_iter().flatten().filter_map(forget).collect()
}

/// Rewrites every segment that tells of these members, the oldest first; none of them is being written to. Answers how
/// many.
pub(super) fn erase(folder: &Path, key: &JournalKey, members: &BTreeSet<MemberId>) -> Result<u64, StoreError> {
    let mut rewritten = 0;
    for (number, path) in list(folder)? {
        let bytes = disk::read(&path)?;
        if frame::is_foreign(key, &bytes) {
            continue;
        }
        let mut batches = frame::read(key, number, &bytes).batches;
        let mut is_changed = false;
        for plain in &mut batches {
            if let Some(less) = without(plain, members)? {
                *plain = less;
                is_changed = true;
            }
        }
        if is_changed {
            write_anew(folder, key, number, &batches)?;
            rewritten += 1;
        }
    }
    Ok(rewritten)
}

/// A frame with nothing of the members in it; `None` where there was nothing.
fn without(plain: &[u8], members: &BTreeSet<MemberId>) -> Result<Option<Vec<u8>>, StoreError> {
    // What a newer version wrote is left alone.
    let Ok(mut items) = serde_json::from_slice::<Vec<Item>>(plain) else { return Ok(None) };
    let mut is_changed = false;
    for item in &mut items {
        if let Some(less) = less(item, members) {
            *item = less;
            is_changed = true;
        }
    }
    is_changed.then(|| serde_json::to_vec(&items).map_err(|_| StoreError::Unreadable("change"))).transpose()
}

fn less(item: &Item, members: &BTreeSet<MemberId>) -> Option<Item> {
    match item {
        Item::Change(recorded) if recorded.member().is_some_and(|member| members.contains(&member)) => {
            Some(recorded.without_words().map_or_else(|| recorded.erased(), Item::Change))
        }
        Item::MemberKey { member, .. } | Item::Keyed { member, .. } | Item::Forget { member }
            if members.contains(member) =>
        {
            Some(Item::Nothing)
        }
        Item::Decided(decision) if members.contains(&decision.member_id) => Some(Item::Nothing),
        Item::Change(_)
        | Item::MemberKey { .. }
        | Item::Keyed { .. }
        | Item::Decided(_)
        | Item::Forget { .. }
        | Item::Nothing
        | Item::Frozen { .. }
        | Item::Routed { .. }
        | Item::Folded { .. }
        | Item::Ended { .. }
        | Item::Withdrawn { .. }
        | Item::Dropped { .. }
        | Item::Erased { .. }
        | Item::Remote(_)
        | Item::Location(_)
        | Item::Setting { .. } => None,
    }
}

fn write_anew(folder: &Path, key: &JournalKey, number: u64, batches: &[Vec<u8>]) -> Result<(), StoreError> {
    let mut bytes = header(key, number).to_vec();
    let mut chain = first_chain(key, number);
    for plain in batches {
        let (frame, next) = frame::write(key, &chain, plain).ok_or(StoreError::Unreadable("change"))?;
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
