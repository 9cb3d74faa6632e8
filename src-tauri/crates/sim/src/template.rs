//! A head office and tills that were set up once, to be copied for each run. Their ids are always the same.

use crate::clock::{MachineClock, START, TrueTime};
use crate::disk::Disk;
use crate::server::{DATABASE, LIFE_NOTE, Server};
use crate::system::{self, System};
use crate::trial;
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::location::Location;
use regulars_domain::{ChangeId, Incarnation, LocationId, RemoteId, TillId, Timestamp};
use regulars_head_office::SqliteStorage;
use regulars_head_office::access::{TokenFor, make_token};
use regulars_head_office::storage::{Scope, Storage};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::Stamp;
use regulars_store::remotes;
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError, record, settings};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The life that head office's database is in, until an older copy is put back.
pub const FIRST_LIFE: &str = "first-life";

/// Most tills in a run.
pub const MOST_TILLS: usize = 6;

/// The shops, of one issuer.
pub const SHOPS: [&str; 2] = ["KM", "HB"];

/// The rules of credit in each shop: what is earned runs out soon.
const RULES: &str = r#"{"earn_percent":"10","reward_valid_days":2}"#;

/// What a till may give without head office's word, in đồng.
pub const ALLOWANCE: Allowance =
    Allowance { per_member_minor: 50_000, per_transaction_minor: 30_000, per_till_minor: 120_000, max_age_hours: 240 };

pub struct Template {
    folder: TempDir,
    pub system: System,
}

impl Template {
    pub fn make(base: &Path, name: &'static str) -> Self {
        let folder = tempfile::tempdir_in(base).expect("a folder");
        let head_office = folder.path().join("head-office");
        fs::create_dir(&head_office).expect("a folder");
        let disk = Disk::under(folder.path());
        let mut system = set_up_head_office(&head_office, name);
        if system.is_for_credit() {
            let server = Server::over(disk, head_office, MachineClock::new(&TrueTime::new()), &system);
            system.credit = Some(trial::proof_of(server, &system));
        }
        for till in 0..MOST_TILLS {
            set_up_till(&folder.path().join(till_name(till)), till, &system);
        }
        Self { folder, system }
    }

    pub fn copy_head_office(&self, to: &Path) {
        copy(&self.folder.path().join("head-office"), to);
    }

    pub fn copy_till(&self, till: usize, to: &Path) {
        copy(&self.folder.path().join(till_name(till)), to);
    }
}

pub fn remote_id() -> RemoteId {
    RemoteId::mint(start(), [1; 10])
}

pub fn location_id(shop: usize) -> LocationId {
    LocationId::mint(start(), [shop as u8; 10])
}

/// All files of a folder, without folders in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        if file.file_type().expect("a type").is_file() {
            fs::copy(file.path(), to.join(file.file_name())).expect("copied");
        }
    }
}

pub fn till_name(till: usize) -> String {
    format!("till-{till}")
}

pub fn start() -> Timestamp {
    Timestamp::from_millis(START - 60_000)
}

fn set_up_head_office(folder: &Path, name: &'static str) -> System {
    let storage = SqliteStorage::open(&folder.join(DATABASE)).expect("a database");
    let mut system = System::named(name);
    let made = storage.write(&mut |rows| {
        let till = TokenFor { kind: "till".to_owned(), scope: Scope::All, rights: Vec::new() };
        system.token_elsewhere = make_token(rows, &till, start())?;
        system.token = system.token_elsewhere.clone();
        if !system.is_head_office() {
            let scope = Scope::Locations(system.shops().iter().map(|code| (*code).to_owned()).collect());
            let wanted = TokenFor { kind: system.kind.to_owned(), scope, rights: system::rights(system.kind) };
            system.token = make_token(rows, &wanted, start())?;
            for code in system.shops() {
                let version = rows.next_version()?;
                rows.insert_location(&location(code), version)?;
            }
        }
        Ok(())
    });
    made.expect("a token");
    drop(storage);
    let connection = rusqlite::Connection::open(folder.join(DATABASE)).expect("opened");
    connection.execute("UPDATE head_office SET epoch = ?1", [FIRST_LIFE]).expect("an epoch that is always the same");
    drop(connection);
    // The note beside it tells of another.
    fs::remove_file(folder.join(LIFE_NOTE)).expect("removed");
    drop(SqliteStorage::open(&folder.join(DATABASE)).expect("a database"));
    system
}

/// A person sets the shops up again, where a damaged file has lost them.
pub fn set_up_again(store: &Store, system: &System) -> Result<(), StoreError> {
    let system = system.clone();
    store.write(Priority::Cashier, move |tx| {
        if !remotes::list(tx)?.iter().any(|known| known.id == remote_id()) {
            remotes::insert(tx, &system.remote())?;
        }
        let known = locations::list(tx)?;
        for (shop, code) in system.shops().iter().enumerate() {
            if !known.iter().any(|known| known.id == location_id(shop)) {
                locations::insert(tx, &stored_location(shop, code))?;
                settings::set(tx, &format!("credit_rules/{code}"), RULES)?;
            }
        }
        Ok(())
    })
}

fn stored_location(shop: usize, code: &str) -> StoredLocation {
    StoredLocation {
        id: location_id(shop),
        location: location(code),
        remote_id: Some(remote_id()),
        pos_id: code.to_owned(),
        is_ours: true,
        allowance: ALLOWANCE,
    }
}

fn set_up_till(folder: &Path, till: usize, system: &System) {
    let number = till as u8 + 1;
    let new = NewTill {
        id: TillId::mint(start(), [number; 10]),
        incarnation: Incarnation::mint(start(), [number; 10]),
        name: till_name(till),
        at: start(),
        keystore: KeystoreKind::File,
        has_test_clock: false,
    };
    let store = Store::create(folder, &new).expect("a till");
    let (mut changes, system) = (0, system.clone());
    let made = store.write(Priority::Cashier, move |tx| {
        remotes::insert(tx, &system.remote())?;
        for (shop, code) in system.shops().iter().enumerate() {
            let stored = stored_location(shop, code);
            let location = stored.location.clone();
            locations::insert(tx, &stored)?;
            settings::set(tx, &format!("credit_rules/{code}"), RULES)?;
            let change = Change::LocationAdded { location_id: location_id(shop), location };
            record::record(tx, &change, Stamp { at: start(), staff_id: None }, &mut || {
                changes += 1;
                ChangeId::mint(start(), [number, changes, 0, 0, 0, 0, 0, 0, 0, 0])
            })?;
        }
        Ok::<_, StoreError>(())
    });
    made.expect("set up");
    store.note_closed().expect("closed");
}

fn location(code: &str) -> Location {
    Location {
        code: code.to_owned(),
        name: code.to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    }
}
