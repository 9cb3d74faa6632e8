//! Files that go back in time, are there twice, or are damaged: what people, backups and disks do to a folder while nothing
//! runs on it.

use crate::clock::MachineClock;
use crate::faults::Fault;
use crate::machine::Machine;
use crate::run::Run;
use crate::server::{DATABASE, LIFE_NOTE};
use crate::template::{FIRST_LIFE, copy};
use rand::RngExt;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most tills that one till becomes by being copied.
const MOST_COPIES: usize = 2;
/// SQLCipher's page.
const PAGE: usize = 4096;
/// What SQLite has of a till; and of head office.
const TILL_FILES: [&str; 3] = ["till.db", "till.db-wal", "till.db-shm"];
const SERVER_FILES: [&str; 3] = [DATABASE, "head-office.db-wal", "head-office.db-shm"];
/// The note beside that of a till.
const TILL_NOTE: &str = "till.life.json";

impl Run<'_> {
    /// What may happen to a file of that till, or of head office, in this step.
    pub fn rewind(&mut self, till: usize) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let faults = shared.faults();
        let happens = |fault| faults.happens(fault, &mut shared.random());
        if happens(Fault::TillPutBack) {
            self.put_till_back(till)?;
        }
        if happens(Fault::TillCopied) {
            self.copy_till(till)?;
        }
        if happens(Fault::FileLost) {
            self.lose_file(till)?;
        }
        if happens(Fault::PageDamaged) {
            self.damage_page(till)?;
        }
        if happens(Fault::ServerPutBack) {
            self.put_server_back();
        }
        Ok(())
    }

    /// Takes a copy of the till's file, or puts the one back that was taken before.
    fn put_till_back(&mut self, till: usize) -> Result<(), String> {
        let copied = self.world.aside(&format!("till-{till}"));
        let (is_there, with_note) = (copied.is_dir(), self.world.shared.random().random_bool(0.5));
        if !is_there {
            self.note(format!("a copy of the file of till {till} is made"));
            self.world.tills[till].while_off(|folder| copy(folder, &copied));
            return self.start(till);
        }
        self.note(format!("the copy of the file of till {till} is put back, {}", noted(with_note)));
        self.world.tills[till].while_off(|folder| {
            put_back(&copied, folder, &TILL_FILES, TILL_NOTE, with_note);
            fs::remove_dir_all(&copied).expect("removed");
        });
        self.begin_again(till)
    }

    /// Copies the till's folder: from now on both are the same till.
    fn copy_till(&mut self, till: usize) -> Result<(), String> {
        let number = self.world.tills.len();
        if number >= self.tills_before + MOST_COPIES {
            return Ok(());
        }
        self.note(format!("the folder of till {till} is copied: that is till {number}"));
        self.truth.is_rewound = true;
        let folder = self.world.aside(&format!("copy-{number}"));
        self.world.tills[till].while_off(|from| copy(from, &folder));
        self.start(till)?;
        let (clock, seed) = (MachineClock::new(self.world.shared.time()), self.world.shared.random().random());
        let machine: Machine = self.world.tills[till].copy_of(number, folder, clock, seed);
        self.world.shared.add_till();
        self.world.tills.push(machine);
        self.start(number)
    }

    /// Takes the till's file away. What it had done comes back out of the journal, all of it: only what is kept beside, as
    /// the history of decisions, is gone.
    fn lose_file(&mut self, till: usize) -> Result<(), String> {
        self.note(format!("the file of till {till} is destroyed"));
        self.world.tills[till].while_off(|folder| {
            for name in TILL_FILES {
                let _may_not_be_there = fs::remove_file(folder.join(name));
            }
        });
        self.damaged.remove(&till);
        self.truth.is_rewound = true;
        self.world.shared.watch().forgets(till);
        self.start(till)
    }

    /// Damages a page. Whatever can still be read is saved, at the next start or when the page is come to.
    fn damage_page(&mut self, till: usize) -> Result<(), String> {
        if !self.damaged.insert(till) {
            return Ok(());
        }
        let (place, byte) = {
            let mut random = self.world.shared.random();
            (random.random::<u32>() as usize, random.random_range(0..PAGE))
        };
        self.note(format!("a page of the file of till {till} is damaged"));
        self.truth.is_rewound = true;
        self.world.tills[till].while_off(|folder| {
            let path = folder.join(TILL_FILES[0]);
            let mut content = fs::read(&path).expect("read");
            let page = place % (content.len() / PAGE).max(1);
            if let Some(byte) = content.get_mut(page * PAGE + byte) {
                *byte ^= 0x40;
            }
            fs::write(&path, content).expect("written");
        });
        self.begin_again(till)
    }

    /// A page was come to that cannot be read: the program notes that, and the next start saves what it can.
    pub fn salvage(&mut self, till: usize) -> Result<(), String> {
        self.note(format!("till {till} cannot read its file, and begins it anew"));
        if let Some(up) = &self.world.tills[till].up {
            up.till.store().note_damaged().map_err(|error| error.to_string())?;
        }
        self.world.tills[till].kill();
        self.begin_again(till)
    }

    fn begin_again(&mut self, till: usize) -> Result<(), String> {
        self.truth.is_rewound = true;
        self.world.shared.watch().forgets(till);
        self.open(till, true)
    }

    fn put_server_back(&mut self) {
        let copied = self.world.aside("head-office");
        let (is_there, with_note) = (copied.is_dir(), self.world.shared.random().random_bool(0.5));
        let shared = Arc::clone(&self.world.shared);
        let (replaced, now) = self.world.runtime.block_on(async {
            let mut server = shared.server().lock().await;
            let replaced = server.read(life_and_version);
            if is_there {
                server.restart(|folder| {
                    put_back(&copied, folder, &SERVER_FILES, LIFE_NOTE, with_note);
                    fs::remove_dir_all(&copied).expect("removed");
                });
            } else {
                server.restart(|folder| copy(folder, &copied));
            }
            (replaced, server.read(life_and_version))
        });
        if is_there {
            if replaced.0 == FIRST_LIFE {
                self.truth.first_life_ended_at = self.truth.first_life_ended_at.max(Some(replaced.1));
            }
            shared.find_wrong(self.truth.look_at_life(&now));
            self.note(format!("the copy of head office's database is put back, {}", noted(with_note)));
            self.truth.is_rewound = true;
            self.world.shared.watch().forgets_all();
        } else {
            self.note("a copy of head office's database is made".to_owned());
        }
    }

    fn note(&self, line: String) {
        self.world.shared.note(line);
    }
}

/// The life of head office's database, and its newest version.
pub fn life_and_version(connection: &Connection) -> (String, i64) {
    let sql = "SELECT epoch, next_version - 1 FROM head_office";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a life")
}

const fn noted(with_note: bool) -> &'static str {
    if with_note { "with the note beside it" } else { "the note beside it stays" }
}

/// Puts the files of a copy in the place of what is there; the note too, where the whole folder is put back.
fn put_back(copied: &Path, folder: &Path, files: &[&str], note: &str, with_note: bool) {
    let note = with_note.then_some(note);
    for name in files.iter().copied().chain(note) {
        let (from, to): (PathBuf, PathBuf) = (copied.join(name), folder.join(name));
        if to.exists() {
            fs::remove_file(&to).expect("removed");
        }
        if from.exists() {
            fs::copy(&from, &to).expect("copied");
        }
    }
}
