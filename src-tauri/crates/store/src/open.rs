//! Making and opening a till's file. A lost key, a damaged file and a foreign one are told apart before anything is
//! touched; nothing is ever deleted.

use crate::connection::{FileKey, open_writer};
use crate::error::StoreError;
use crate::integrity::Finding;
use crate::journal::{self, Item, Journal, JournalKey, Rebuilt, Unfinished};
use crate::keys::{Keystore, KeystoreKind, write_private};
use crate::life::{self, Noted};
use crate::readers::Readers;
use crate::remotes::{self, Remote};
use crate::salvage::{self, Salvaged};
use crate::writer::{Priority, Writer};
use crate::{migrations, outbox, till};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use regulars_domain::{ChangeId, Incarnation, TillId, Timestamp};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const DATABASE: &str = "till.db";
const SIDECAR: &str = "till.key.json";
const LOCK: &str = "till.lock";
/// Says that a page of the file could not be read: the next start salvages it.
const DAMAGED: &str = "till.damaged";
/// How every plain SQLite file begins (sqlite.org/fileformat.html §1.3).
const PLAIN_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What a new till is.
#[derive(Clone, Debug)]
pub struct NewTill {
    /// Its id, new.
    pub id: TillId,
    /// The first life of its file, new.
    pub incarnation: Incarnation,
    /// Its name, as "Till 2".
    pub name: String,
    /// Now.
    pub at: Timestamp,
    /// Which keystore it has.
    pub keystore: KeystoreKind,
    /// Whether the clock may be set, for tests.
    pub has_test_clock: bool,
}

/// What opening found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The process before ended without closing the file.
    pub was_unclean: bool,
    /// The file is an older copy that somebody put back: it began a new life.
    pub was_put_back: bool,
    /// The file was damaged: it was moved aside, and this was saved from it.
    pub salvaged: Option<Salvaged>,
    /// The file was damaged, gone or an older copy: this came back out of the journal.
    pub rebuilt: Option<Rebuilt>,
}

/// An open till.
pub struct Store {
    writer: Writer,
    readers: Readers,
    keystore: Keystore,
    key_id: String,
    folder: PathBuf,
    journal_key: JournalKey,
    // Held as long as the store: the operating system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl Store {
    /// The folder that the file lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a till in a folder.
    ///
    /// # Errors
    /// `already_set_up`, `till_in_use`, `keystore_unavailable`, `disk_full`, `disk_failed`.
    pub fn create(folder: &Path, new: &NewTill) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        let lock = take_lock(folder)?;
        if folder.join(DATABASE).exists() || Sidecar::find(folder)?.is_some_and(|sidecar| sidecar.is_complete) {
            return Err(StoreError::AlreadySetUp);
        }
        let keystore = Keystore::open(new.keystore, folder)?;
        let (mut sidecar, key) = Sidecar::make(new);
        keystore.put(&sidecar.key_id, &hex(&*key.key))?;
        sidecar.write(folder)?;
        // Under another name until it is whole: a crash here leaves a folder that can simply be set up again.
        let draft = folder.join(format!("till.new-{}.db", sidecar.key_id));
        let mut connection = open_writer(&draft, &key, true)?;
        migrations::run(&mut connection)?;
        till::insert(&connection, new)?;
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
        connection.close().map_err(|(_, error)| error)?;
        fs::rename(&draft, folder.join(DATABASE))?;
        crate::keys::sync_folder(&draft)?;
        sidecar.is_complete = true;
        sidecar.write(folder)?;
        let connection = open_writer(&folder.join(DATABASE), &key, false)?;
        till::note_opened(&connection)?;
        life::note(folder, &keystore, &sidecar.key_id, &till::life(&connection)?)?;
        Self::start(folder, connection, &key, keystore, sidecar.key_id, lock)
    }

    /// Opens the till in a folder, in this version's form. A damaged file is moved aside and salvaged; what it lacks then,
    /// and the whole of a file that is gone, is made anew out of the journal.
    ///
    /// # Errors
    /// `not_set_up`, `till_in_use`, `key_lost`, `key_wrong`, `keystore_unavailable`, `file_plain`, `file_missing`,
    /// `file_newer`, `sidecar_missing`, `disk_full`, `disk_failed`. None of them changed anything.
    pub fn open(folder: &Path, at: Timestamp) -> Result<(Self, Opened), StoreError> {
        Self::open_with(folder, at, rand::random())
    }

    /// The same; a new life of the file, where one has to begin, gets its name out of these random bytes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(folder: &Path, at: Timestamp, random: [u8; 10]) -> Result<(Self, Opened), StoreError> {
        let incarnation = Incarnation::mint(at, random);
        let database = folder.join(DATABASE);
        let Some(sidecar) = Sidecar::find(folder)? else {
            return Err(if database.exists() { StoreError::SidecarMissing } else { StoreError::NotSetUp });
        };
        let is_gone = !database.exists();
        if is_gone && !sidecar.is_complete {
            return Err(StoreError::NotSetUp);
        }
        let lock = take_lock(folder)?;
        let keystore = Keystore::open(sidecar.keystore, folder)?;
        let key = sidecar.key(&keystore)?;
        if is_gone && !journal::exists(folder, &JournalKey::of(&key))? {
            return Err(StoreError::FileMissing);
        }
        if !is_gone && is_plain(&database)? {
            return Err(StoreError::FilePlain);
        }
        let noted = Noted::read(folder, &keystore, &sidecar.key_id);
        let mut opened = Opened::default();
        let new = sidecar.new_till(incarnation, at);
        let mut connection = if is_gone {
            let (connection, rebuilt) = salvage::from_journal(folder, &database, &key, &new)?;
            opened.rebuilt = Some(rebuilt);
            connection
        } else {
            open_or_salvage(folder, &database, &key, &new, &mut opened)?
        };
        // What was made anew is in a new life already.
        if opened.rebuilt.is_none() {
            begin_anew_where_put_back(folder, &mut connection, &key, &noted, &new, &mut opened)?;
        }
        let tx = connection.transaction()?;
        till::skip_opened_to(&tx, noted.opened())?;
        opened.was_unclean = till::note_opened(&tx)?;
        tx.commit()?;
        life::note(folder, &keystore, &sidecar.key_id, &till::life(&connection)?)?;
        Ok((Self::start(folder, connection, &key, keystore, sidecar.key_id, lock)?, opened))
    }

    fn start(
        folder: &Path,
        connection: Connection,
        key: &FileKey,
        keystore: Keystore,
        key_id: String,
        lock: File,
    ) -> Result<Self, StoreError> {
        let journal_key = JournalKey::of(key);
        let writer = Writer::start(connection, Journal::open(folder, journal_key.clone())?)?;
        let readers = Readers::open(&folder.join(DATABASE), key)?;
        Ok(Self { writer, readers, keystore, key_id, folder: folder.to_owned(), journal_key, _lock: lock })
    }

    /// Writes in one transaction, on the writer's thread, and waits until it is on the disk.
    ///
    /// # Errors
    /// Whatever the closure returns; then nothing was written.
    pub fn write<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(priority, work)
    }

    /// Like [`Self::write`], with a future to wait on. The write happens whether or not it is awaited.
    pub fn write_async<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write_async(priority, work)
    }

    /// Reads at one moment. Many reads go on beside one write.
    ///
    /// # Errors
    /// Whatever the closure returns.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        self.readers.read(work)
    }

    /// Waits until all writes are done, or given up, that were handed in before.
    ///
    /// # Errors
    /// Where the writer has stopped.
    pub fn wait_for_writes(&self) -> Result<(), StoreError> {
        self.writer.wait()
    }

    /// Lets SQLite learn how its tables are filled, after many rows came in.
    ///
    /// # Errors
    /// As any write.
    pub fn optimize(&self) -> Result<(), StoreError> {
        self.writer.run(Priority::Background, |pen| {
            pen.connection.execute_batch("PRAGMA optimize = 0x10002;").map_err(StoreError::from)
        })
    }

    /// What the journal tells of and the file does not have: a crash came between the two, and whoever was at the till
    /// was not told that it is done.
    ///
    /// # Errors
    /// As any read.
    pub fn list_unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        let told = journal::read_all(&self.folder, &self.journal_key)?;
        // What is just being written is in the journal before it is in the file: behind this it is in both.
        self.wait_for_writes()?;
        self.read(|tx| told.unfinished(tx))
    }

    /// Records what was left unfinished, because a person wants it.
    ///
    /// # Errors
    /// `change_not_found`; `change_state` where it is in the file already; as any write.
    pub fn take_unfinished(&self, id: ChangeId, at: Timestamp) -> Result<(), StoreError> {
        let told = journal::read_all(&self.folder, &self.journal_key)?;
        self.write(Priority::Cashier, move |tx| journal::take_one(tx, &told, id, at))
    }

    /// Notes that nobody wants what was left unfinished.
    ///
    /// # Errors
    /// `change_not_found`; as any write.
    pub fn drop_unfinished(&self, id: ChangeId) -> Result<(), StoreError> {
        if !self.list_unfinished()?.iter().any(|unfinished| unfinished.id == id) {
            return Err(StoreError::ChangeNotFound);
        }
        self.writer.run(Priority::Cashier, move |pen| pen.journal.append(&[vec![Item::Dropped { id }]]))
    }

    /// Looks whether the journal can be read and tells of every change that is still open; notes those that it does not.
    ///
    /// # Errors
    /// As any write.
    pub fn check_journal(&self) -> Result<Vec<Finding>, StoreError> {
        // What is queued meanwhile is in the journal first: read behind the file, it knows all that the file had.
        let open = self.read(|tx| outbox::list_open_ids(tx))?;
        let told = journal::read_all(&self.folder, &self.journal_key)?;
        let mut findings: Vec<Finding> = told.damaged.iter().map(|number| journal::damaged(*number)).collect();
        let lacking = open.iter().filter(|id| !told.knows(**id)).count();
        if lacking > 0 {
            self.write(Priority::Background, |tx| journal::touch_open(tx))?;
            let message = format!("{lacking} changes that wait were not in the journal");
            findings.push(Finding { is_repaired: true, ..Finding::new("journal_lacks", message) });
        }
        Ok(findings)
    }

    /// Lets parts of the journal go whose changes were all acknowledged a quarter of a year ago, by remotes that would
    /// give all of it back to a till that lost it. Answers how many parts went.
    ///
    /// # Errors
    /// As any read; `disk_failed`.
    pub fn tidy_journal(&self, at: Timestamp, gives_back: impl Fn(&Remote) -> bool) -> Result<u64, StoreError> {
        self.read(|tx| {
            let all = remotes::list(tx)?.into_iter().filter(gives_back);
            let give_back = all.map(|remote| remote.id).collect();
            journal::tidy(tx, &self.folder, &self.journal_key, at, &give_back)
        })
    }

    /// Notes that a page of the file could not be read (`file_damaged`): the next start moves the file aside and
    /// salvages what it can.
    ///
    /// # Errors
    /// `disk_full`, `disk_failed`.
    pub fn note_damaged(&self) -> Result<(), StoreError> {
        note_damaged(&self.folder)
    }

    /// Says that the process ends as it should.
    ///
    /// # Errors
    /// As any write.
    pub fn note_closed(&self) -> Result<(), StoreError> {
        let life = self.write(Priority::Cashier, |tx| {
            till::note_closed(tx)?;
            till::life(tx)
        })?;
        life::note(&self.folder, &self.keystore, &self.key_id, &life)
    }

    /// Whether the key of this till is merely in a file.
    pub const fn is_key_in_file(&self) -> bool {
        self.keystore.is_file()
    }

    /// A secret of this till, as a remote's token.
    ///
    /// # Errors
    /// `keystore_unavailable`, `disk_failed`.
    pub fn find_secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        self.keystore.find(&format!("{}/{name}", self.key_id))
    }

    /// Keeps a secret of this till.
    ///
    /// # Errors
    /// `keystore_unavailable`, `disk_full`, `disk_failed`.
    pub fn put_secret(&self, name: &str, secret: &str) -> Result<(), StoreError> {
        self.keystore.put(&format!("{}/{name}", self.key_id), secret)
    }

    /// Forgets a secret of this till.
    ///
    /// # Errors
    /// `keystore_unavailable`, `disk_full`, `disk_failed`.
    pub fn remove_secret(&self, name: &str) -> Result<(), StoreError> {
        self.keystore.remove(&format!("{}/{name}", self.key_id))
    }
}

/// The same for a file that could not be opened to its end.
///
/// # Errors
/// `disk_full`, `disk_failed`.
pub fn note_damaged(folder: &Path) -> Result<(), StoreError> {
    let marker = folder.join(DAMAGED);
    File::create(&marker)?.sync_all()?;
    crate::keys::sync_folder(&marker)
}

/// Opens the file as it is, or what can be made of it.
fn open_or_salvage(
    folder: &Path,
    database: &Path,
    key: &FileKey,
    new: &NewTill,
    opened: &mut Opened,
) -> Result<Connection, StoreError> {
    let marker = folder.join(DAMAGED);
    // A file without a byte would be taken for a new one.
    let is_damaged = marker.exists() || fs::metadata(database)?.len() == 0;
    let prepared = if is_damaged { Err(StoreError::FileDamaged) } else { prepare(database, key, new.at) };
    match prepared {
        // The key is proved right, so the file is what is wrong.
        Err(StoreError::FileDamaged) => {
            let (connection, salvaged, rebuilt) = salvage::run(folder, database, key, new)?;
            if marker.exists() {
                fs::rename(&marker, salvaged.moved_to.join(DAMAGED))?;
            }
            opened.salvaged = Some(salvaged);
            opened.rebuilt = Some(rebuilt);
            Ok(connection)
        }
        prepared => prepared,
    }
}

/// An older copy that somebody put back gets what came after it out of the journal, and begins a new life.
fn begin_anew_where_put_back(
    folder: &Path,
    connection: &mut Connection,
    key: &FileKey,
    noted: &Noted,
    new: &NewTill,
    opened: &mut Opened,
) -> Result<(), StoreError> {
    let is_behind_its_note = noted.is_ahead_of(&till::life(connection)?);
    // A process that closed the file left nothing in the journal that is not in the file.
    if !is_behind_its_note && !till::is_open(connection)? {
        return Ok(());
    }
    let told = journal::read_all(folder, &JournalKey::of(key))?;
    if !is_behind_its_note && !told.is_ahead_of(connection)? {
        return Ok(());
    }
    tracing::warn!("an older copy of the till's file was put back: it begins a new life");
    opened.was_put_back = true;
    let tx = connection.transaction()?;
    let rebuilt = journal::rebuild(&tx, &told, new.at)?;
    opened.rebuilt = (rebuilt.changes > 0).then_some(rebuilt);
    till::begin_incarnation(&tx, new.incarnation)?;
    outbox::begin_anew(&tx)?;
    Ok(tx.commit()?)
}

/// Opens the file and brings it to this version's form, with a copy before.
fn prepare(database: &Path, key: &FileKey, at: Timestamp) -> Result<Connection, StoreError> {
    let mut connection = open_writer(database, key, false)?;
    let (found, known) = (migrations::version_of(&connection)?, migrations::newest());
    if found > known {
        return Err(StoreError::FileNewer { found, known });
    }
    if found < known {
        copy_before_upgrade(&connection, database, found, at)?;
        migrations::run(&mut connection)?;
    }
    Ok(connection)
}

fn copy_before_upgrade(connection: &Connection, database: &Path, found: i64, at: Timestamp) -> Result<(), StoreError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let folder = database.parent().unwrap_or(Path::new(".")).join("backups");
    fs::create_dir_all(&folder)?;
    let copy = folder.join(format!("before-upgrade-from-{found}-{}.db", at.as_millis()));
    fs::copy(database, &copy)?;
    File::open(&copy)?.sync_all()?;
    Ok(())
}

fn take_lock(folder: &Path) -> Result<File, StoreError> {
    let file = File::options().write(true).create(true).truncate(false).open(folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::TillInUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn is_plain(database: &Path) -> Result<bool, StoreError> {
    let mut start = [0; PLAIN_MAGIC.len()];
    match File::open(database)?.read_exact(&mut start) {
        Ok(()) => Ok(start == *PLAIN_MAGIC),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What stands in clear beside the file: nothing secret, but enough to tell a wrong key from a damaged file.
#[derive(Debug, Serialize, Deserialize)]
struct Sidecar {
    format: u32,
    keystore: KeystoreKind,
    key_id: String,
    /// Hex; of SQLCipher's pages too, so that a damaged file header does not make the rest unreadable.
    salt: String,
    /// Hex, HMAC-SHA256 of the salt under the key.
    check: String,
    till_id: TillId,
    till_name: String,
    has_test_clock: bool,
    /// Set when the database stands: from then on a missing one is a loss, not an unfinished set-up.
    is_complete: bool,
}

impl Sidecar {
    fn make(new: &NewTill) -> (Self, FileKey) {
        let mut key = Zeroizing::new([0; 32]);
        let mut salt = [0; 16];
        rand::rng().fill_bytes(&mut *key);
        rand::rng().fill_bytes(&mut salt);
        let sidecar = Self {
            format: 1,
            keystore: new.keystore,
            key_id: new.incarnation.to_string(),
            salt: hex(&salt),
            check: hex(&check_value(&key, &salt)),
            till_id: new.id,
            till_name: new.name.clone(),
            has_test_clock: new.has_test_clock,
            is_complete: false,
        };
        (sidecar, FileKey { key, salt })
    }

    fn find(folder: &Path) -> Result<Option<Self>, StoreError> {
        match fs::read(folder.join(SIDECAR)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| StoreError::SidecarMissing),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(std::io::Error::from)?;
        write_private(&folder.join(SIDECAR), &bytes)
    }

    fn key(&self, keystore: &Keystore) -> Result<FileKey, StoreError> {
        let secret = keystore.find(&self.key_id)?.ok_or(StoreError::KeyLost)?;
        let key: [u8; 32] = unhex(&secret).ok_or(StoreError::KeyWrong)?;
        let key = Zeroizing::new(key);
        let salt: [u8; 16] = unhex(&self.salt).ok_or(StoreError::SidecarMissing)?;
        if hex(&check_value(&key, &salt)) != self.check {
            return Err(StoreError::KeyWrong);
        }
        Ok(FileKey { key, salt })
    }

    /// The same till in a new life, for a file that had to be made anew.
    fn new_till(&self, incarnation: Incarnation, at: Timestamp) -> NewTill {
        NewTill {
            id: self.till_id,
            incarnation,
            name: self.till_name.clone(),
            at,
            keystore: self.keystore,
            has_test_clock: self.has_test_clock,
        }
    }
}

fn check_value(key: &[u8; 32], salt: &[u8; 16]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(b"regulars till key\0");
    mac.update(salt);
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Where damaged files are kept.
pub(crate) fn damaged_folder(folder: &Path, at: Timestamp) -> PathBuf {
    folder.join("damaged").join(at.as_millis().to_string())
}
