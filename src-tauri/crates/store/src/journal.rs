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
use crate::error::StoreError;
use crate::integrity::Finding;
use frame::{Hash, first_chain, header};
use regulars_domain::{ChangeId, MemberId};
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a segment's name begins with.
const NAME: &str = "till.journal.";
/// A segment that has grown beyond this is followed by the next: some thousand changes, read at a start in milliseconds.
const SEGMENT_LEN: u64 = 4 * 1024 * 1024;

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
}

struct Active {
    file: File,
    len: u64,
    chain: Hash,
    /// It says how the till is set up.
    has_set_up: bool,
    /// Something was written behind `len` that is not to be there: it is cut off before the next frame.
    is_torn: bool,
}

impl Journal {
    /// Opens the journal of a folder for writing. A torn end of the last segment is kept in `damaged/` and cut off.
    pub(crate) fn open(folder: &Path, key: JournalKey) -> Result<Self, StoreError> {
        let last = list(folder)?.pop();
        let next_number = last.as_ref().map_or(1, |(number, _)| number + 1);
        let active = last.map(|(number, path)| open_last(folder, &key, number, &path)).transpose()?.flatten();
        Ok(Self { folder: folder.to_owned(), key, active, next_number, is_new: next_number == 1 })
    }

    /// Notes from now on what transactions of this connection do.
    pub(crate) fn watch(&self, connection: &Connection) -> Result<(), StoreError> {
        touched::watch(connection)
    }

    /// Appends what a transaction did, durably, before it commits. Answers the changes that it queued, to be withdrawn
    /// where the commit fails; `None` where it did nothing that the journal says.
    pub(crate) fn append_touched(&mut self, tx: &Connection) -> Result<Option<Vec<ChangeId>>, StoreError> {
        let items = touched::take(tx)?;
        if items.is_empty() {
            return Ok(None);
        }
        let queued =
            items.iter().filter_map(|item| if let Item::Change(change) = item { Some(change.id) } else { None });
        let queued = queued.collect();
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
        Ok(Some(queued))
    }

    /// Says that what was queued last was not committed after all.
    pub(crate) fn withdraw(&mut self, ids: Vec<ChangeId>) -> Result<(), StoreError> {
        self.append(&[vec![Item::Withdrawn { ids }]])
    }

    /// Appends batches, a frame each, with one write and one sync. Where it fails nothing was appended.
    pub(crate) fn append(&mut self, batches: &[Vec<Item>]) -> Result<(), StoreError> {
        if self.active.is_none() {
            self.active = Some(begin(&self.folder, self.next_number)?);
            self.next_number += 1;
        }
        let Some(active) = self.active.as_mut() else { return Err(StoreError::Unreadable("journal")) };
        let (mut bytes, mut chain) = (Vec::new(), active.chain);
        for batch in batches.iter().filter(|batch| !batch.is_empty()) {
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
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Erases a member from all that was written so far. Answers how many segments were written anew.
    pub(crate) fn erase(&mut self, member: MemberId) -> Result<u64, StoreError> {
        // What is rewritten is not written to any more.
        self.active = None;
        erase::erase(&self.folder, &self.key, member)
    }
}

impl Active {
    /// Writes behind what is there, and waits until it is on the disk.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.is_torn {
            self.file.set_len(self.len)?;
            self.is_torn = false;
        }
        let end = self.len + bytes.len() as u64;
        let written = self.file.seek(SeekFrom::Start(self.len)).and_then(|_| self.file.write_all(bytes));
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // What was half written is no frame of the journal.
            self.is_torn = self.file.set_len(self.len).is_err();
            return Err(error.into());
        }
        self.len = end;
        Ok(())
    }
}

/// Whether a folder has a journal.
pub(crate) fn exists(folder: &Path) -> Result<bool, StoreError> {
    Ok(!list(folder)?.is_empty())
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

fn begin(folder: &Path, number: u64) -> Result<Active, StoreError> {
    let path = segment_path(folder, number);
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    let mut active = Active { file, len: 0, chain: first_chain(number), has_set_up: false, is_torn: false };
    active.write(&header(number))?;
    crate::keys::sync_folder(&path)?;
    Ok(active)
}

/// The last segment, to be gone on with; `None` where another is to follow it.
fn open_last(folder: &Path, key: &JournalKey, number: u64, path: &Path) -> Result<Option<Active>, StoreError> {
    let bytes = fs::read(path)?;
    let read = frame::read(key, number, &bytes);
    if read.good_len == 0 || read.good_len as u64 >= SEGMENT_LEN {
        // Not even a header: what a power cut left of a segment that had just begun. It stays as it is.
        return Ok(None);
    }
    let file = File::options().write(true).open(path)?;
    let len = read.good_len as u64;
    if read.good_len < bytes.len() {
        tracing::warn!(
            segment = number,
            bytes = bytes.len() - read.good_len,
            "the journal's end was torn: it is cut off"
        );
        keep_tail(folder, number, &bytes[read.good_len..])?;
        file.set_len(len)?;
        file.sync_data()?;
    }
    Ok(Some(Active { file, len, chain: read.chain, has_set_up: !read.batches.is_empty(), is_torn: false }))
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
        let before = fs::read(&path).expect("read").len();
        journal.append(&[setting("3")]).expect("appended");
        drop(journal);
        let whole = fs::read(&path).expect("read");
        for cut in before..whole.len() {
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
        let long = "x".repeat(1_500_000);
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
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).expect("written");
        let told = read_all(folder.path(), &key()).expect("read");
        assert_eq!(told.damaged, [1]);
        assert_eq!(values(folder.path()), ["1", "3"]);
    }
}
