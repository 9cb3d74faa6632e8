//! The journal beside the till's file: what was done and how the till is set up, sealed, appended and on the disk before
//! the transaction commits. From it a destroyed file is made anew.
//!
//! It lies in segments that are never changed once the next has begun, but for the erasing of a member. How a segment
//! looks is in `frame`, what it says in `record`, what comes into it in `touched`, and how a file is made of it in
//! `rebuild`. Nothing is decided here about what was done.

mod erase;
mod frame;
mod read;
mod rebuild;
mod record;
mod tidy;
mod touched;

pub(crate) use frame::JournalKey;
pub(crate) use read::read_all;
pub use rebuild::Rebuilt;
pub(crate) use rebuild::rebuild;
pub(crate) use rebuild::take_one;
pub(crate) use record::Item;
pub use record::Unfinished;
pub(crate) use tidy::tidy;
pub(crate) use touched::touch_open;

use crate::ballast;
use crate::disk::{self, DiskFile};
use crate::error::StoreError;
use crate::integrity::Finding;
use frame::{Hash, first_chain, header};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, MemberId};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a segment's name begins with.
const NAME: &str = "till.journal.";
/// A segment that has grown beyond this is followed by the next: a thousand changes, and each start reads the last one.
const SEGMENT_LEN: u64 = 1024 * 1024;
/// Room is taken so much at a time, as zeros: where the file need not grow, its end need not be written for each change.
const ROOM: u64 = 64 * 1024;
/// Things of what stands already in one frame, where a segment begins with it: a long queue is no single huge frame.
const SNAPSHOT_ITEMS: usize = 500;

/// The end of the journal that is written to.
pub(crate) struct Journal {
    folder: PathBuf,
    key: JournalKey,
    active: Option<Active>,
    next_number: u64,
    /// There was none before: it begins with what is open already.
    is_new: bool,
    /// Changes that were not saved after all, which could not be said yet: nothing else is appended before it is, so
    /// the journal is never ahead of the file by more than one transaction.
    unsaved: Vec<ChangeId>,
}

struct Active {
    file: Box<dyn DiskFile>,
    len: u64,
    /// How long the file is, with the room behind the last frame.
    room: u64,
    chain: Hash,
    /// It says how the till is set up.
    has_set_up: bool,
    /// Something was written behind `len` that is not to be there: it is cut off before the next frame.
    is_torn: bool,
}

/// What was appended of a transaction that is not committed yet.
#[derive(Default)]
pub(crate) struct Appended {
    queued: Vec<ChangeId>,
    forgotten: BTreeSet<MemberId>,
}

impl Journal {
    /// Opens the journal of a folder for writing. A torn end of the last segment is kept in `damaged/` and cut off; what
    /// was to be erased when the process ended is erased now.
    pub(crate) fn open(folder: &Path, key: JournalKey) -> Result<Self, StoreError> {
        let is_new = !exists(folder, &key)?;
        let mut journal =
            Self { folder: folder.to_owned(), key, active: None, next_number: 1, is_new, unsaved: Vec::new() };
        let forgotten = journal.go_on()?;
        journal.forget(&forgotten);
        Ok(journal)
    }

    /// Goes on with the last segment, where there is one to go on with. Answers the members whom it says to forget.
    fn go_on(&mut self) -> Result<BTreeSet<MemberId>, StoreError> {
        let Some((number, path)) = list(&self.folder)?.pop() else { return Ok(BTreeSet::new()) };
        self.next_number = number + 1;
        let (active, forgotten) = open_last(&self.folder, &self.key, number, &path)?;
        self.active = active;
        Ok(forgotten)
    }

    /// Notes from now on what transactions of this connection do. A journal that is new begins with what stands.
    pub(crate) fn watch(&mut self, connection: &Connection) -> Result<(), StoreError> {
        touched::watch(connection)?;
        if self.is_new {
            touched::touch_set_up(connection)?;
            touched::touch_open(connection)?;
            if let Err(error) = self.append_touched(connection) {
                tracing::warn!(%error, "a journal cannot be begun: the next change tries again");
            }
        }
        Ok(())
    }

    /// Appends what a transaction did, durably, before it commits.
    pub(crate) fn append_touched(&mut self, tx: &Connection) -> Result<Appended, StoreError> {
        let items = touched::take(tx)?;
        let mut appended = Appended::default();
        if items.is_empty() {
            return Ok(appended);
        }
        for item in &items {
            match item {
                Item::Change(change) => appended.queued.push(change.id),
                Item::Forget { member } => drop(appended.forgotten.insert(*member)),
                _ => {}
            }
        }
        let begins = self.active.as_ref().is_none_or(|active| !active.has_set_up);
        let mut batches = Vec::with_capacity(2);
        if begins {
            touched::touch_set_up(tx)?;
            if self.is_new {
                touched::touch_open(tx)?;
            }
            let stands = touched::take(tx)?;
            batches.extend(stands.chunks(SNAPSHOT_ITEMS).map(<[Item]>::to_vec));
        }
        batches.push(items);
        self.append(&batches)?;
        self.is_new = false;
        if let Some(active) = &mut self.active {
            active.has_set_up = true;
        }
        Ok(appended)
    }

    /// Does what was put off until the transaction had committed.
    pub(crate) fn committed(&mut self, appended: &Appended) {
        self.forget(&appended.forgotten);
    }

    /// Says that the transaction did not commit after all: whoever asked for it is told so. Where that cannot be written
    /// either, it is said before the next thing is; after a start without it, it is offered as unfinished.
    pub(crate) fn withdraw(&mut self, appended: Appended) {
        self.unsaved.extend(appended.queued);
        if !self.unsaved.is_empty()
            && let Err(error) = self.append(&[])
        {
            tracing::warn!(%error, "noting in the journal that a change was not saved");
        }
    }

    /// Appends batches, a frame each, with one write and one sync. Where it fails nothing was appended.
    pub(crate) fn append(&mut self, batches: &[Vec<Item>]) -> Result<(), StoreError> {
        if self.active.is_none() {
            self.active = Some(begin(&self.folder, &self.key, self.next_number)?);
            self.next_number += 1;
        }
        let Some(active) = self.active.as_mut() else { return Err(StoreError::Unreadable("journal")) };
        let (mut bytes, mut chain) = (Vec::new(), active.chain);
        let unsaved = (!self.unsaved.is_empty()).then(|| vec![Item::Withdrawn { ids: self.unsaved.clone() }]);
        for batch in unsaved.iter().chain(batches).filter(|batch| !batch.is_empty()) {
            let plain = serde_json::to_vec(batch).map_err(|_| StoreError::Unreadable("change"))?;
            let (frame, next) = frame::write(&self.key, &chain, &plain).ok_or(StoreError::Unreadable("change"))?;
            bytes.extend(frame);
            chain = next;
        }
        match active.write(&bytes) {
            Err(StoreError::DiskFull) if ballast::free(&self.folder) => active.write(&bytes)?,
            written => written?,
        }
        active.chain = chain;
        if active.len >= SEGMENT_LEN {
            self.active = None;
        }
        self.unsaved.clear();
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Erases members from all that was written so far. That it is to be done is in the journal: where it fails, the next
    /// start does it.
    fn forget(&mut self, members: &BTreeSet<MemberId>) {
        if members.is_empty() {
            return;
        }
        // What is rewritten is not written to meanwhile.
        self.active = None;
        let erased = erase::erase(&self.folder, &self.key, members).and_then(|_| self.go_on());
        if let Err(error) = erased {
            tracing::warn!(%error, "erasing from the journal");
        }
    }
}

impl Active {
    /// Writes behind what is there, and waits until it is on the disk.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.is_torn {
            self.cut()?;
        }
        let end = self.len + bytes.len() as u64;
        if end > self.room {
            let room = end.next_multiple_of(ROOM);
            let mut padded = bytes.to_vec();
            padded.resize(bytes.len() + usize::try_from(room - end).unwrap_or(0), 0);
            match self.put(&padded) {
                Err(StoreError::DiskFull) => self.put(bytes)?,
                written => written?,
            }
        } else {
            self.put(bytes)?;
        }
        self.len = end;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.file.write_at(self.len, bytes).and_then(|()| match is_planted(Mistake::JournalNotSynced) {
            true => Ok(()),
            false => self.file.sync(),
        });
        if let Err(error) = written {
            // What was half written is no frame of the journal.
            self.is_torn = self.cut().is_err();
            return Err(error.into());
        }
        self.room = self.room.max(self.len + bytes.len() as u64);
        Ok(())
    }

    fn cut(&mut self) -> Result<(), StoreError> {
        self.file.set_len(self.len)?;
        (self.room, self.is_torn) = (self.len, false);
        Ok(())
    }
}

/// Whether a folder has a journal of that key.
pub(crate) fn exists(folder: &Path, key: &JournalKey) -> Result<bool, StoreError> {
    for (_, path) in list(folder)? {
        let mut start = Vec::with_capacity(frame::HEADER_LEN);
        File::open(path)?.take(frame::HEADER_LEN as u64).read_to_end(&mut start)?;
        if !frame::is_foreign(key, &start) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn damaged(segment: u64) -> Finding {
    Finding::new("journal_damaged", format!("segment {segment} of the journal cannot be read to its end"))
}

/// The segments of a folder, oldest first.
fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_prefix(NAME)?.parse().ok());
        if let Some(number) = number {
            segments.push((number, path));
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{NAME}{number:08}"))
}

fn begin(folder: &Path, key: &JournalKey, number: u64) -> Result<Active, StoreError> {
    let path = segment_path(folder, number);
    let file = disk::open(&path, true)?;
    let chain = first_chain(key, number);
    let mut active = Active { file, len: 0, room: 0, chain, has_set_up: false, is_torn: false };
    active.write(&header(key, number))?;
    crate::keys::sync_folder(&path)?;
    Ok(active)
}

/// The last segment, to be gone on with, and the members whom it says to forget. It is `None` where another is to follow.
fn open_last(
    folder: &Path,
    key: &JournalKey,
    number: u64,
    path: &Path,
) -> Result<(Option<Active>, BTreeSet<MemberId>), StoreError> {
    let bytes = disk::read(path)?;
    let read = frame::read(key, number, &bytes);
    let forgotten = read.batches.iter().flat_map(|plain| erase::named(plain)).collect();
    let len = read.good_len as u64;
    if read.good_len == 0 || len >= SEGMENT_LEN {
        // Not even a header: what a power cut left of a segment that had just begun, or one of another key. It stays as
        // it is.
        return Ok((None, forgotten));
    }
    let has_set_up = read.batches.first().is_some_and(|plain| record::tells_set_up(plain));
    let (file, room) = (disk::open(path, false)?, bytes.len() as u64);
    let mut active = Active { file, len, room, chain: read.chain, has_set_up, is_torn: false };
    let tail = frame::written(&bytes[read.good_len..]);
    if !tail.is_empty() {
        tracing::warn!(segment = number, bytes = tail.len(), "the journal's end was torn: it is cut off");
        keep_tail(folder, number, tail)?;
        active.cut()?;
        active.file.sync()?;
    }
    Ok((Some(active), forgotten))
}

/// Nothing is ever deleted, also not what is no frame.
fn keep_tail(folder: &Path, number: u64, tail: &[u8]) -> Result<(), StoreError> {
    let aside = folder.join("damaged");
    fs::create_dir_all(&aside)?;
    let free = (0_u32..).map(|count| aside.join(format!("{NAME}{number:08}.tail-{count}"))).find(|path| !path.exists());
    if let Some(path) = free {
        fs::write(&path, tail)?;
        File::open(&path)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::FileKey;
    use zeroize::Zeroizing;

    fn key() -> JournalKey {
        JournalKey::of(&FileKey { key: Zeroizing::new([7; 32]), salt: [3; 16] })
    }

    fn setting(value: &str) -> Vec<Item> {
        vec![Item::Setting { key: format!("key {value}"), value: value.to_owned() }]
    }

    fn values(folder: &Path) -> Vec<String> {
        read_all(folder, &key()).expect("read").settings.into_values().collect()
    }

    #[test]
    fn an_end_torn_at_any_byte_is_cut_off_and_the_journal_goes_on_behind_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path(), key()).expect("opened");
        journal.append(&[setting("1"), setting("2")]).expect("appended");
        let path = segment_path(folder.path(), 1);
        let before = journal.active.as_ref().expect("begun").len as usize;
        journal.append(&[setting("3")]).expect("appended");
        let end = journal.active.as_ref().expect("begun").len as usize;
        drop(journal);
        let whole = fs::read(&path).expect("read");
        assert_eq!(whole.len() as u64, ROOM);
        for cut in before..end {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(segment_path(folder.path(), 1), &whole[..cut]).expect("written");
            assert_eq!(values(folder.path()), ["1", "2"], "cut at {cut}");
            let mut journal = Journal::open(folder.path(), key()).expect("opened");
            journal.append(&[setting("4")]).expect("appended");
            assert_eq!(values(folder.path()), ["1", "2", "4"], "cut at {cut}");
            let kept = folder.path().join("damaged").exists();
            assert_eq!(kept, cut > before, "what is cut off is kept");
        }
    }

    #[test]
    fn a_segment_that_is_full_is_followed_by_the_next_and_all_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path(), key()).expect("opened");
        let long = "x".repeat(400_000);
        for number in 0..8 {
            let item = Item::Setting { key: number.to_string(), value: long.clone() };
            journal.append(&[vec![item]]).expect("appended");
        }
        assert_eq!(list(folder.path()).expect("listed").len(), 3);
        assert_eq!(values(folder.path()).len(), 8);
        drop(journal);
        let mut journal = Journal::open(folder.path(), key()).expect("opened");
        journal.append(&[setting("last")]).expect("appended");
        assert_eq!(values(folder.path()).len(), 9);
    }

    #[test]
    fn damage_in_an_older_segment_is_noticed_and_costs_nothing_of_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path(), key()).expect("opened");
        journal.append(&[setting("1"), setting("2")]).expect("appended");
        journal.active = None;
        journal.append(&[setting("3")]).expect("appended");
        let path = segment_path(folder.path(), 1);
        let mut bytes = fs::read(&path).expect("read");
        let last = bytes.iter().rposition(|byte| *byte != 0).expect("a frame");
        bytes[last] ^= 1;
        fs::write(&path, bytes).expect("written");
        let told = read_all(folder.path(), &key()).expect("read");
        assert_eq!(told.damaged, [1]);
        assert_eq!(values(folder.path()), ["1", "3"]);
    }
}
