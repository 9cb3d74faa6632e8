//! A disk that can fail: SQLite's own reads and writes go through it, and it remembers what was written and not yet synced,
//! so that a power cut can lose or tear that. The journal of a till is written through it too.
//!
//! One machine has one disk: all files below its folder. A file lies in memory while SQLite or the journal has it open, and
//! in the folder as soon as nobody has, so whatever the programs do besides (a lock, a key, a copy) works as ever.

use rand::RngExt;
use rand::rngs::StdRng;
use regulars_store::disk::DiskFile;
use rusqlite::Connection;
use sqlite_plugin::flags::{AccessFlags, LockLevel, OpenOpts, ShmLockMode};
use sqlite_plugin::vars;
use sqlite_plugin::vfs::{RegisterOpts, Vfs, VfsHandle, VfsResult, register_static};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// The slots that a WAL index is locked by (sqlite.org/walformat.html §2.3).
const SHM_SLOTS: usize = 8;

/// What a power cut does to what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
    /// All of it is gone.
    LoseAll,
    /// What was written first is there, the write under way torn at a sector, the rest gone.
    KeepFirst,
    /// Any of it is there, in any order, each write torn at its sectors.
    KeepSome,
}

/// What is about to happen to a disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    /// Dies at the so-manyth write or sync from now: 0 is the next.
    pub dies_in: Option<u64>,
    /// So many bytes may still be appended.
    pub room: Option<u64>,
}

/// One machine's disk.
pub struct Disk {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: HashMap<PathBuf, Arc<Mutex<Opened>>>,
    fate: Fate,
    is_dead: bool,
    /// Writes and syncs that were asked for.
    operations: u64,
}

/// A file as SQLite has it open, over all its connections.
struct Opened {
    path: PathBuf,
    content: Vec<u8>,
    /// Whether the folder has something else.
    is_ahead: bool,
    unsynced: Vec<Unsynced>,
    handles: usize,
    locks: HashMap<u64, LockLevel>,
    regions: Vec<Region>,
    shm: [Slot; SHM_SLOTS],
}

/// Memory that the connections of one file share. SQLite keeps the address, so it stays where it is.
struct Region(Box<[u8]>);

#[derive(Clone, Default)]
struct Slot {
    shared: Vec<u64>,
    exclusive: Option<u64>,
}

/// A write that a power cut may undo.
struct Unsynced {
    offset: u64,
    /// What stood there; shorter where the file ended.
    before: Vec<u8>,
    after: Vec<u8>,
    /// Where the file ended before and after.
    length_before: u64,
    length_after: u64,
}

impl Disk {
    /// A disk under this folder. SQLite finds it by the path of a file, so the folder must be its own.
    pub fn under(folder: &Path) -> Arc<Self> {
        let disk = Arc::new(Self { state: Mutex::default() });
        lock(disks()).insert(folder.to_owned(), Arc::clone(&disk));
        disk
    }

    /// Forgets the disk of a folder, once nothing has a file of it open.
    pub fn forget(folder: &Path) {
        lock(disks()).remove(folder);
    }

    /// What is about to happen to it.
    pub fn set_fate(&self, fate: Fate) {
        lock(&self.state).fate = fate;
    }

    /// Whether it stopped working.
    pub fn is_dead(&self) -> bool {
        lock(&self.state).is_dead
    }

    /// Writes and syncs so far.
    pub fn operations(&self) -> u64 {
        lock(&self.state).operations
    }

    /// From now on nothing reaches it: the process is being killed, or the power is gone.
    pub fn die(&self) {
        lock(&self.state).is_dead = true;
    }

    /// The process that had it open is gone. What it had handed to the system is on its way.
    pub fn come_back_after_kill(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.files.values().try_for_each(|opened| lock(opened).put_down())?;
        *state = State { operations: state.operations, ..State::default() };
        Ok(())
    }

    /// The power is back. What was not synced is lost or torn.
    pub fn come_back_after_power_cut(&self, tear: Tear, random: &mut StdRng) -> io::Result<()> {
        let mut state = lock(&self.state);
        let mut paths: Vec<_> = state.files.keys().cloned().collect();
        paths.sort();
        for path in paths {
            let Some(opened) = state.files.get(&path) else { continue };
            let mut opened = lock(opened);
            opened.tear(tear, random);
            opened.put_down()?;
        }
        *state = State { operations: state.operations, ..State::default() };
        Ok(())
    }

    fn open(&self, path: &Path, creates: bool) -> VfsResult<Arc<Mutex<Opened>>> {
        self.check_alive()?;
        let mut state = lock(&self.state);
        let opened = match state.files.get(path) {
            Some(opened) => Arc::clone(opened),
            None => {
                let opened = Opened::open(path, creates).map_err(|_| vars::SQLITE_CANTOPEN)?;
                let opened = Arc::new(Mutex::new(opened));
                state.files.insert(path.to_owned(), Arc::clone(&opened));
                opened
            }
        };
        lock(&opened).handles += 1;
        Ok(opened)
    }

    /// Counts a write or sync; whether it may happen.
    fn operate(&self, appended: u64) -> VfsResult<()> {
        let mut state = lock(&self.state);
        state.operations += 1;
        if let Some(left) = state.fate.dies_in.as_mut() {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => state.is_dead = true,
            }
        }
        if state.is_dead {
            return Err(vars::SQLITE_IOERR);
        }
        if let Some(room) = state.fate.room.as_mut() {
            *room = room.checked_sub(appended).ok_or(vars::SQLITE_FULL)?;
        }
        Ok(())
    }

    fn check_alive(&self) -> VfsResult<()> {
        if self.is_dead() { Err(vars::SQLITE_IOERR) } else { Ok(()) }
    }
}

impl Opened {
    fn open(path: &Path, creates: bool) -> io::Result<Self> {
        let content = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && creates => {
                File::create(path)?;
                Vec::new()
            }
            read => read?,
        };
        Ok(Self {
            path: path.to_owned(),
            content,
            is_ahead: false,
            unsynced: Vec::new(),
            handles: 0,
            locks: HashMap::new(),
            regions: Vec::new(),
            shm: Default::default(),
        })
    }

    fn length(&self) -> u64 {
        self.content.len() as u64
    }

    /// Puts the content into the folder.
    fn put_down(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_ahead) { fs::write(&self.path, &self.content) } else { Ok(()) }
    }

    /// Writes there, and leaves a hole where the file ended before.
    fn put(&mut self, offset: u64, data: &[u8]) {
        let (from, to) = (offset as usize, offset as usize + data.len());
        if self.content.len() < to {
            self.content.resize(to, 0);
        }
        self.content[from..to].copy_from_slice(data);
        self.is_ahead = true;
    }

    fn set_length(&mut self, length: u64) {
        self.content.resize(length as usize, 0);
        self.is_ahead = true;
    }

    /// What stands there; shorter where the file ends.
    fn stands(&self, offset: u64, length: usize) -> &[u8] {
        let from = self.content.len().min(offset as usize);
        &self.content[from..self.content.len().min(from + length)]
    }

    fn write(&mut self, offset: u64, data: &[u8]) {
        let (length_before, before) = (self.length(), self.stands(offset, data.len()).to_vec());
        self.put(offset, data);
        let length_after = self.length();
        self.unsynced.push(Unsynced { offset, before, after: data.to_vec(), length_before, length_after });
    }

    fn truncate(&mut self, length_after: u64) {
        let (length_before, before) = (self.length(), self.stands(length_after, usize::MAX / 2).to_vec());
        self.set_length(length_after);
        self.unsynced.push(Unsynced { offset: length_after, before, after: Vec::new(), length_before, length_after });
    }

    /// Back to what was synced, and then forward again over what the power cut spared.
    fn tear(&mut self, tear: Tear, random: &mut StdRng) {
        let unsynced = std::mem::take(&mut self.unsynced);
        for write in unsynced.iter().rev() {
            self.set_length(write.length_before);
            self.put(write.offset.min(write.length_before), &write.before);
        }
        let count = unsynced.len();
        let whole = match tear {
            Tear::LoseAll => 0,
            Tear::KeepFirst => random.random_range(0..=count),
            Tear::KeepSome => count,
        };
        for (place, write) in unsynced.into_iter().enumerate() {
            let is_under_way = tear == Tear::KeepFirst && place == whole;
            if place > whole || (place == whole && !is_under_way) {
                break;
            }
            if tear == Tear::KeepSome && random.random_bool(0.5) {
                continue;
            }
            if write.length_after < write.length_before && !is_under_way {
                self.set_length(write.length_after);
                continue;
            }
            let keeps_first = random.random_range(0..=write.after.len().div_ceil(SECTOR));
            for (sector, bytes) in write.after.chunks(SECTOR).enumerate() {
                let keeps = match tear {
                    Tear::LoseAll => false,
                    Tear::KeepFirst => !is_under_way || sector < keeps_first,
                    Tear::KeepSome => random.random_bool(0.7),
                };
                if keeps {
                    self.put(write.offset + (sector * SECTOR) as u64, bytes);
                }
            }
        }
    }

    fn may_lock(&self, me: u64, level: LockLevel) -> bool {
        let others = || self.locks.iter().filter(|(id, _)| **id != me).map(|(_, level)| *level);
        match level {
            LockLevel::Unlocked => true,
            LockLevel::Shared => others().all(|other| other < LockLevel::Pending),
            LockLevel::Reserved | LockLevel::Pending => others().all(|other| other < LockLevel::Reserved),
            LockLevel::Exclusive => others().all(|other| other == LockLevel::Unlocked),
        }
    }
}

/// What SQLite calls.
struct FaultyVfs;

/// An open file of a connection.
pub struct Handle {
    id: u64,
    disk: Arc<Disk>,
    /// The key of the file among the disk's; `None` for a temporary one.
    path: PathBuf,
    opened: Arc<Mutex<Opened>>,
}

impl Handle {
    fn let_go(&self) -> VfsResult<()> {
        let is_last = {
            let mut opened = lock(&self.opened);
            opened.locks.remove(&self.id);
            for slot in &mut opened.shm {
                slot.let_go(self.id);
            }
            opened.handles -= 1;
            // What is put down after a power cut is put down by that.
            if opened.handles == 0 && !self.disk.is_dead() {
                opened.put_down().map_err(|_| vars::SQLITE_IOERR_CLOSE)?;
            }
            // What is not synced can still be lost after the file was closed.
            opened.handles == 0 && opened.unsynced.is_empty() && !opened.is_ahead
        };
        if is_last {
            let mut state = lock(&self.disk.state);
            if state.files.get(&self.path).is_some_and(|opened| Arc::ptr_eq(opened, &self.opened)) {
                state.files.remove(&self.path);
            }
        }
        Ok(())
    }
}

impl VfsHandle for Handle {
    fn readonly(&self) -> bool {
        false
    }

    fn in_memory(&self) -> bool {
        false
    }
}

/// Makes SQLite, and the journals of tills, use it for every file that is opened from now on in this process.
pub fn install() {
    let name = CString::new("regulars-sim").expect("a name without a zero");
    register_static(name, FaultyVfs, RegisterOpts { make_default: true }).expect("SQLite takes another disk");
    // Pages are sealed as in a shop, by a hash that takes half the time: it is not the cipher that is tried here.
    let connection = Connection::open_in_memory().expect("a database in memory");
    connection
        .execute_batch("PRAGMA cipher_default_hmac_algorithm = HMAC_SHA1")
        .expect("the cipher takes another hash");
    regulars_store::disk::install(FaultyVfs);
}

/// A journal lies on the same disk.
impl regulars_store::disk::Disk for FaultyVfs {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let disk = disk_of(path).ok_or(io::ErrorKind::NotFound)?;
        let opened = lock(&disk.state).files.get(path).map(Arc::clone);
        opened.map_or_else(|| fs::read(path), |opened| Ok(lock(&opened).content.clone()))
    }

    fn open(&self, path: &Path, creates: bool) -> io::Result<Box<dyn DiskFile>> {
        let disk = disk_of(path).ok_or(io::ErrorKind::NotFound)?;
        let opened = disk.open(path, creates).map_err(failed)?;
        let mut file = JournalFile(Handle { id: next_id(), disk, path: path.to_owned(), opened });
        if creates {
            file.set_len(0)?;
        }
        Ok(Box::new(file))
    }
}

/// A journal that is written to.
struct JournalFile(Handle);

impl DiskFile for JournalFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let place = usize::try_from(offset).map_err(io::Error::other)?;
        FaultyVfs.write(&mut self.0, place, bytes).map(drop).map_err(failed)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let size = usize::try_from(len).map_err(io::Error::other)?;
        FaultyVfs.truncate(&mut self.0, size).map_err(failed)
    }

    fn sync(&mut self) -> io::Result<()> {
        FaultyVfs.sync(&mut self.0).map_err(failed)
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        let _nobody_can_be_told = self.0.let_go();
    }
}

fn failed(code: i32) -> io::Error {
    if code == vars::SQLITE_FULL { io::ErrorKind::StorageFull.into() } else { io::Error::other("the disk is dead") }
}

impl Vfs for FaultyVfs {
    type Handle = Handle;

    fn canonical_path<'a>(&self, path: Cow<'a, str>) -> VfsResult<Cow<'a, str>> {
        Ok(path)
    }

    fn open(&self, path: Option<&str>, opts: OpenOpts) -> VfsResult<Handle> {
        let path = PathBuf::from(path.ok_or(vars::SQLITE_CANTOPEN)?);
        let disk = disk_of(&path).ok_or(vars::SQLITE_CANTOPEN)?;
        let opened = disk.open(&path, opts.flags() & vars::SQLITE_OPEN_CREATE != 0)?;
        Ok(Handle { id: next_id(), disk, path, opened })
    }

    fn delete(&self, path: &str) -> VfsResult<()> {
        let disk = disk_of(Path::new(path)).ok_or(vars::SQLITE_IOERR_DELETE)?;
        disk.operate(0)?;
        lock(&disk.state).files.remove(Path::new(path));
        match fs::remove_file(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(vars::SQLITE_IOERR_DELETE_NOENT),
            Err(_) => Err(vars::SQLITE_IOERR_DELETE),
        }
    }

    fn access(&self, path: &str, _flags: AccessFlags) -> VfsResult<bool> {
        let path = Path::new(path);
        let opened = disk_of(path).and_then(|disk| lock(&disk.state).files.get(path).map(Arc::clone));
        // SQLite takes an empty file for none.
        Ok(match opened {
            Some(opened) => lock(&opened).length() > 0,
            None => fs::metadata(path).is_ok_and(|facts| facts.len() > 0),
        })
    }

    fn file_size(&self, handle: &mut Handle) -> VfsResult<usize> {
        Ok(lock(&handle.opened).content.len())
    }

    fn truncate(&self, handle: &mut Handle, size: usize) -> VfsResult<()> {
        handle.disk.operate(0)?;
        lock(&handle.opened).truncate(size as u64);
        Ok(())
    }

    fn write(&self, handle: &mut Handle, offset: usize, data: &[u8]) -> VfsResult<usize> {
        let mut opened = lock(&handle.opened);
        let end = (offset + data.len()) as u64;
        handle.disk.operate(end.saturating_sub(opened.length()))?;
        opened.write(offset as u64, data);
        Ok(data.len())
    }

    fn read(&self, handle: &mut Handle, offset: usize, data: &mut [u8]) -> VfsResult<usize> {
        handle.disk.check_alive()?;
        let opened = lock(&handle.opened);
        let stands = opened.stands(offset as u64, data.len());
        data[..stands.len()].copy_from_slice(stands);
        Ok(stands.len())
    }

    fn sync(&self, handle: &mut Handle) -> VfsResult<()> {
        handle.disk.operate(0)?;
        lock(&handle.opened).unsynced.clear();
        Ok(())
    }

    fn lock(&self, handle: &mut Handle, level: LockLevel) -> VfsResult<()> {
        let mut opened = lock(&handle.opened);
        if !opened.may_lock(handle.id, level) {
            return Err(vars::SQLITE_BUSY);
        }
        let held = opened.locks.entry(handle.id).or_insert(LockLevel::Unlocked);
        *held = level.max(*held);
        Ok(())
    }

    fn unlock(&self, handle: &mut Handle, level: LockLevel) -> VfsResult<()> {
        lock(&handle.opened).locks.insert(handle.id, level);
        Ok(())
    }

    fn check_reserved_lock(&self, handle: &mut Handle) -> VfsResult<bool> {
        Ok(lock(&handle.opened).locks.values().any(|level| *level >= LockLevel::Reserved))
    }

    fn close(&self, handle: Handle) -> VfsResult<()> {
        handle.let_go()
    }

    /// Nothing is promised: a write is as good as its sectors, and in no order.
    fn device_characteristics(&self, _handle: &mut Handle) -> VfsResult<i32> {
        Ok(0)
    }

    fn shm_map(&self, handle: &mut Handle, region: usize, size: usize, extend: bool) -> VfsResult<Option<NonNull<u8>>> {
        let mut opened = lock(&handle.opened);
        while extend && opened.regions.len() <= region {
            opened.regions.push(Region(vec![0; size].into_boxed_slice()));
        }
        Ok(opened.regions.get_mut(region).and_then(|region| NonNull::new(region.0.as_mut_ptr())))
    }

    fn shm_lock(&self, handle: &mut Handle, offset: u32, count: u32, mode: ShmLockMode) -> VfsResult<()> {
        let mut opened = lock(&handle.opened);
        let first = offset as usize;
        let slots = opened.shm.get_mut(first..first + count as usize).ok_or(vars::SQLITE_IOERR)?;
        let is_free = |slot: &Slot| match mode {
            ShmLockMode::LockShared => slot.exclusive.is_none_or(|holder| holder == handle.id),
            ShmLockMode::LockExclusive => slot.is_free_for(handle.id),
            ShmLockMode::UnlockShared | ShmLockMode::UnlockExclusive => true,
        };
        if !slots.iter().all(is_free) {
            return Err(vars::SQLITE_BUSY);
        }
        for slot in slots {
            match mode {
                ShmLockMode::LockShared if !slot.shared.contains(&handle.id) => slot.shared.push(handle.id),
                ShmLockMode::LockShared => {}
                ShmLockMode::LockExclusive => slot.exclusive = Some(handle.id),
                ShmLockMode::UnlockShared | ShmLockMode::UnlockExclusive => slot.let_go(handle.id),
            }
        }
        Ok(())
    }

    fn shm_unmap(&self, handle: &mut Handle, delete: bool) -> VfsResult<()> {
        let mut opened = lock(&handle.opened);
        for slot in &mut opened.shm {
            slot.let_go(handle.id);
        }
        if delete {
            opened.regions.clear();
        }
        Ok(())
    }
}

impl Slot {
    fn is_free_for(&self, me: u64) -> bool {
        self.exclusive.is_none_or(|holder| holder == me) && self.shared.iter().all(|holder| *holder == me)
    }

    fn let_go(&mut self, me: u64) {
        self.shared.retain(|holder| *holder != me);
        if self.exclusive == Some(me) {
            self.exclusive = None;
        }
    }
}

fn disks() -> &'static Mutex<HashMap<PathBuf, Arc<Disk>>> {
    static DISKS: std::sync::OnceLock<Mutex<HashMap<PathBuf, Arc<Disk>>>> = std::sync::OnceLock::new();
    DISKS.get_or_init(Mutex::default)
}

fn disk_of(path: &Path) -> Option<Arc<Disk>> {
    let disks = lock(disks());
    path.ancestors().find_map(|folder| disks.get(folder)).map(Arc::clone)
}

fn next_id() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
