//! What the journal lies on: the files of the system. In the simulation, as with SQLite's own files, a disk
//! that loses and tears what was not synced.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::OnceLock;

/// Where files lie.
pub trait Disk: Send + Sync {
    /// What is in a file, also while it is open for writing.
    ///
    /// # Errors
    /// As the system's.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Opens a file for writing; where `creates` is set, an empty one.
    ///
    /// # Errors
    /// As the system's.
    fn open(&self, path: &Path, creates: bool) -> io::Result<Box<dyn DiskFile>>;
}

/// A file that is written to.
pub trait DiskFile: Send {
    /// Writes behind that many bytes.
    ///
    /// # Errors
    /// As the system's; then any part of it may be written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts it off there.
    ///
    /// # Errors
    /// As the system's.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// As the system's; then nobody knows what is there.
    fn sync(&mut self) -> io::Result<()>;
}

static DISK: OnceLock<Box<dyn Disk>> = OnceLock::new();

/// Makes journals go through another disk from now on in this process. Only the first one counts.
pub fn install(disk: impl Disk + 'static) {
    let _is_first = DISK.set(Box::new(disk));
}

pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    disk().read(path)
}

pub(crate) fn open(path: &Path, creates: bool) -> io::Result<Box<dyn DiskFile>> {
    disk().open(path, creates)
}

fn disk() -> &'static dyn Disk {
    DISK.get().map_or(&System, Box::as_ref)
}

/// The files of the system, readable by their owner only.
struct System;

impl Disk for System {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn open(&self, path: &Path, creates: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.write(true).create(creates).truncate(creates);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Box::new(options.open(path)?))
    }
}

impl DiskFile for File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
