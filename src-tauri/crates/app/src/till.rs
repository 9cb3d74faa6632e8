//! The open till: its store, its clock, and the ids and the stamp that everything written here bears.

use crate::clock::{TillClock, matters};
use crate::error::AppError;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::{
    AuthorisationId, ChangeId, EntryId, Incarnation, LocationId, MemberId, RemoteId, TillId, Timestamp, VisitId,
};
use regulars_store::{
    KeystoreKind, NewTill, Opened, Priority, Store, StoreError, Transaction, clocks, note_damaged, till,
};
use regulars_sync::Clock;
use regulars_sync::clock::SystemClock;
use regulars_sync::connectors;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An open till.
pub struct Till {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The same, where it is put right; not where a test tells the time.
    corrected: Option<Arc<TillClock>>,
    random: Mutex<StdRng>,
    /// Which till this is.
    pub who: till::Till,
}

/// Makes ids inside a write, where the till itself is not at hand.
pub(crate) struct Ids {
    at: Timestamp,
    random: StdRng,
}

impl Ids {
    pub(crate) fn change(&mut self) -> ChangeId {
        ChangeId::mint(self.at, self.random.random())
    }

    pub(crate) fn entry(&mut self) -> EntryId {
        EntryId::mint(self.at, self.random.random())
    }
}

/// A clock that shows what it was told: of tills made for tests.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Ids made out of the clock and ten random bytes.
macro_rules! mint {
    ($($name:ident: $id:ident),*) => {$(
        pub(crate) fn $name(&self) -> $id {
            $id::mint(self.now(), self.draw())
        }
    )*};
}

impl Till {
    /// Makes a till in a folder.
    ///
    /// # Errors
    /// As [`Store::create`]; `required`, `too_long` for the name.
    pub fn create(folder: &Path, name: &str, clock: NewClock, keystore: KeystoreKind) -> Result<Self, AppError> {
        Self::create_as(new_id(), folder, name, clock, keystore)
    }

    /// The same under an id that was told to head office before.
    pub(crate) fn create_as(
        id: TillId,
        folder: &Path,
        name: &str,
        clock: NewClock,
        keystore: KeystoreKind,
    ) -> Result<Self, AppError> {
        let name = checked_name(name)?;
        let (at, has_test_clock) = match clock {
            NewClock::System => (SystemClock.now(), false),
            NewClock::Test(at) => (at.unwrap_or_else(|| SystemClock.now()), true),
        };
        let new = NewTill {
            id,
            incarnation: Incarnation::mint(at, rand::rng().random()),
            name,
            at,
            keystore,
            has_test_clock,
        };
        Self::over(Store::create(folder, &new)?)
    }

    /// Opens the till in a folder. `now` sets the clock of one that was made for tests.
    ///
    /// # Errors
    /// As [`Store::open`]; `change_state` where the clock cannot be set.
    pub fn open(folder: &Path, now: Option<Timestamp>) -> Result<(Self, Opened), AppError> {
        or_salvaged(folder, || Self::open_as_it_is(folder, now))
    }

    fn open_as_it_is(folder: &Path, now: Option<Timestamp>) -> Result<(Self, Opened), AppError> {
        let at = now.unwrap_or_else(|| SystemClock.now());
        let (store, opened) = Store::open(folder, at)?;
        tidy(&store, at);
        if let Some(now) = now {
            store.write(Priority::Cashier, move |tx| till::set_test_clock(tx, now))?;
        }
        Ok((Self::over(store)?, opened))
    }

    /// Opens the till in a folder with this clock, and with random numbers out of this seed: the same seed and the same
    /// actions make the same till.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_seeded(folder: &Path, clock: &Arc<dyn Clock>, seed: u64) -> Result<(Self, Opened), AppError> {
        or_salvaged(folder, || Self::open_as_seeded(folder, Arc::clone(clock), seed))
    }

    fn open_as_seeded(folder: &Path, clock: Arc<dyn Clock>, seed: u64) -> Result<(Self, Opened), AppError> {
        let mut random = StdRng::seed_from_u64(seed);
        let at = clock.now();
        let (store, opened) = Store::open_with(folder, at, random.random())?;
        tidy(&store, at);
        let who = store.read(|tx| till::get(tx))?;
        let corrected = corrected(&store, clock)?;
        let (clock, random) = (corrected.clone(), Mutex::new(random));
        Ok((Self { store: Arc::new(store), clock, corrected: Some(corrected), random, who }, opened))
    }

    fn over(store: Store) -> Result<Self, AppError> {
        let who = store.read(|tx| till::get(tx))?;
        let random = Mutex::new(rand::make_rng());
        match who.test_clock_at {
            Some(at) => {
                let clock = Arc::new(TestClock(AtomicI64::new(at.as_millis())));
                Ok(Self { store: Arc::new(store), clock, corrected: None, random, who })
            }
            None => {
                let corrected = corrected(&store, Arc::new(SystemClock))?;
                let clock = corrected.clone();
                Ok(Self { store: Arc::new(store), clock, corrected: Some(corrected), random, who })
            }
        }
    }

    /// A random value: of ids, and of what must not be guessed.
    pub(crate) fn draw<T>(&self) -> T
    where
        rand::distr::StandardUniform: rand::distr::Distribution<T>,
    {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    /// Its file.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Its name, as people call it now.
    pub fn name(&self) -> String {
        self.read(|tx| Ok(till::get(tx)?.name)).unwrap_or_else(|_| self.who.name.clone())
    }

    /// The folder that its file lies in.
    pub fn folder(&self) -> &Path {
        self.store.folder()
    }

    /// Now, by the till's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How far head office's clock is ahead of this computer's own, in milliseconds, where that is more than two minutes:
    /// the till then goes by head office's.
    ///
    /// # Errors
    /// As any read.
    pub fn clock_off_ms(&self) -> Result<Option<i64>, AppError> {
        if self.corrected.is_none() {
            return Ok(None);
        }
        let told = self.read(|tx| Ok(clocks::find_last(tx)?))?;
        Ok(told.filter(|told| matters(told.ahead_ms, told.error_ms)).map(|told| told.ahead_ms))
    }

    /// Whether the clock leapt ahead, and nobody has said yet that it is right.
    pub(crate) fn is_clock_doubtful(&self) -> bool {
        self.corrected.as_ref().is_some_and(|clock| clock.is_doubtful())
    }

    /// Calls the till by another name.
    ///
    /// # Errors
    /// `required`, `too_long`.
    pub(crate) fn rename(&self, name: &str) -> Result<(), AppError> {
        let name = checked_name(name)?;
        self.write(move |tx| Ok(till::set_name(tx, &name)?))
    }

    /// Says that the process ends as it should.
    ///
    /// # Errors
    /// As any write.
    pub fn close(&self) -> Result<(), AppError> {
        Ok(self.store.note_closed()?)
    }

    /// Whether the key lies in a file, which is weak.
    pub fn is_key_in_file(&self) -> bool {
        self.store.is_key_in_file()
    }

    /// A cashier's write: one transaction, ahead of everything that syncs.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        self.store.write(Priority::Cashier, work)
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        self.store.read(work)
    }

    pub(crate) fn ids(&self) -> Ids {
        Ids { at: self.now(), random: StdRng::from_seed(self.draw()) }
    }

    mint!(
        new_authorisation_id: AuthorisationId,
        new_change_id: ChangeId,
        new_location_id: LocationId,
        new_member_id: MemberId,
        new_remote_id: RemoteId
    );

    /// An id for a visit that is about to be booked: made once per action, so that asking twice books once.
    pub fn new_visit_id(&self) -> VisitId {
        VisitId::mint(self.now(), self.draw())
    }

    /// An id for an entry that is about to be booked: made once per action, so that asking twice books once.
    pub fn new_entry_id(&self) -> EntryId {
        EntryId::mint(self.now(), self.draw())
    }
}

/// Opens it, and once more where a page cannot be read that is needed for opening at all: the mark makes the store move
/// the file aside and salvage it.
fn or_salvaged(folder: &Path, open: impl Fn() -> Result<(Till, Opened), AppError>) -> Result<(Till, Opened), AppError> {
    match open() {
        Err(AppError::Store(StoreError::FileDamaged)) => {
            note_damaged(folder)?;
            open()
        }
        opened => opened,
    }
}

/// A journal that stays longer than it must harms nobody.
fn tidy(store: &Store, at: Timestamp) {
    if let Err(error) = store.tidy_journal(at, |remote| connectors::gives_all_back(&remote.kind)) {
        tracing::warn!(%error, "letting old parts of the journal go");
    }
}

fn corrected(store: &Store, computer: Arc<dyn Clock>) -> Result<Arc<TillClock>, AppError> {
    let (told, last_stamp) = store.read(|tx| Ok::<_, StoreError>((clocks::find_last(tx)?, clocks::last_stamp(tx)?)))?;
    Ok(Arc::new(TillClock::new(computer, told, last_stamp)))
}

/// An id for a till that is about to be made.
pub(crate) fn new_id() -> TillId {
    TillId::mint(SystemClock.now(), rand::rng().random())
}

/// Which clock a new till gets.
#[derive(Clone, Copy, Debug)]
pub enum NewClock {
    /// The computer's.
    System,
    /// One that shows what it is told, from this instant on.
    Test(Option<Timestamp>),
}

/// Longest name of a till, in characters: it stands in the head of the window.
const MAX_TILL_NAME: usize = 40;

pub(crate) fn checked_name(name: &str) -> Result<String, AppError> {
    let name = regulars_domain::text::line("till_name", name, MAX_TILL_NAME)?;
    Ok(name.ok_or(regulars_domain::Refusal::Required { field: "till_name" })?)
}
