//! Saving what can be read out of a damaged file. The damaged one is moved aside whole and kept.
//!
//! Rows are copied table by table into a new file, forward until the first unreadable page and backward from the end
//! until the last. A damaged first page is replaced by that of an empty file of the same form: the tables of both begin
//! at the same pages, since the same migrations made them in the same order.

use crate::connection::{FileKey, open_reader, open_writer};
use crate::error::StoreError;
use crate::journal::{self, JournalKey, Rebuilt};
use crate::open::{NewTill, damaged_folder};
use crate::{integrity, members, migrations, outbox, till};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// SQLCipher's page.
const PAGE: u64 = 4096;

/// What was saved out of a damaged file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged file is now.
    pub moved_to: PathBuf,
    /// Rows that were read, per table.
    pub rows: Vec<(String, u64)>,
    /// Tables of which not every row could be read.
    pub torn: Vec<String>,
}

/// Tables in the order in which they refer to each other. The till's own row is made anew, in a new life.
const TABLES: [&str; 24] = [
    "settings",
    "remotes",
    "remote_standing",
    "give_back",
    "locations",
    "members",
    "memberships",
    "phone_index",
    "lookups",
    "labels",
    "member_keys",
    "mirror",
    "pull_quarantine",
    "credit_accounts",
    "ledger_entries",
    "visits",
    "import_batches",
    "import_rows",
    "outbox",
    "outbox_dependencies",
    "credit_guards",
    "balances_told",
    "decisions",
    "audit_log",
];

/// Moves the damaged file aside and makes a new one with everything that can still be read, and with everything that
/// the journal tells of and it lacks.
pub(crate) fn run(
    folder: &Path,
    database: &Path,
    key: &FileKey,
    new: &NewTill,
) -> Result<(Connection, Salvaged, Rebuilt), StoreError> {
    let aside = damaged_folder(folder, new.at);
    fs::create_dir_all(&aside)?;
    let (draft, mut target) = make_draft(folder, key, new)?;
    let readable = readable_copy(&aside, database, key, &draft)?;
    let mut salvaged = Salvaged { moved_to: aside.clone(), ..Salvaged::default() };
    copy_tables(&readable, key, &target, &mut salvaged)?;
    // Everything is pulled again: what was lost comes back from the remotes. Where all are gone through the count begins
    // again too, so none of them was seen by a time that is still to come.
    target.execute_batch(
        "UPDATE remotes SET cursor = NULL, is_first_pull_done = 0;
         UPDATE mirror SET seen_in = 0, missed = 0;
         UPDATE outbox SET state = 'unknown', first_sent_at = coalesce(first_sent_at, claimed_at) WHERE state = 'in_flight';
         UPDATE outbox SET is_copied = 1 WHERE state IN ('ready', 'unknown', 'parked', 'folded');
         PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    let rebuilt = rebuild(folder, &mut target, key, new)?;
    put_in_place(database, &aside, draft, target)?;
    Ok((open_writer(database, key, false)?, salvaged, rebuilt))
}

/// Makes a new file out of the journal alone, where the file is gone. What is left of it beside is moved aside.
pub(crate) fn from_journal(
    folder: &Path,
    database: &Path,
    key: &FileKey,
    new: &NewTill,
) -> Result<(Connection, Rebuilt), StoreError> {
    let (draft, mut target) = make_draft(folder, key, new)?;
    let rebuilt = rebuild(folder, &mut target, key, new)?;
    put_in_place(database, &damaged_folder(folder, new.at), draft, target)?;
    Ok((open_writer(database, key, false)?, rebuilt))
}

/// A new file in a new life, under another name until it is whole.
fn make_draft(folder: &Path, key: &FileKey, new: &NewTill) -> Result<(PathBuf, Connection), StoreError> {
    let draft = folder.join(format!("till.new-{}.db", new.incarnation));
    let mut target = open_writer(&draft, key, true)?;
    migrations::run(&mut target)?;
    till::insert(&target, new)?;
    target.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok((draft, target))
}

fn rebuild(folder: &Path, target: &mut Connection, key: &FileKey, new: &NewTill) -> Result<Rebuilt, StoreError> {
    let told = journal::read_all(folder, &JournalKey::of(key))?;
    let transaction = target.transaction()?;
    let rebuilt = journal::rebuild(&transaction, &told, new.at)?;
    integrity::repair_all_rows(&transaction, new.at)?;
    outbox::begin_anew(&transaction)?;
    transaction.commit()?;
    Ok(rebuilt)
}

/// Puts the draft in the place of the file, whose parts are moved aside: a log that is left of another file would be
/// taken for its own.
fn put_in_place(database: &Path, aside: &Path, draft: PathBuf, target: Connection) -> Result<(), StoreError> {
    target.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    target.close().map_err(|(_, error)| error)?;
    for suffix in ["", "-wal", "-shm"] {
        let from = PathBuf::from(format!("{}{suffix}", database.display()));
        if from.exists() {
            fs::create_dir_all(aside)?;
            fs::rename(&from, aside.join(format!("till.db{suffix}")))?;
        }
    }
    fs::rename(&draft, database)?;
    crate::keys::sync_folder(database)
}

/// A copy of the damaged file that can be opened: as it is, or with its first page replaced.
fn readable_copy(aside: &Path, database: &Path, key: &FileKey, empty: &Path) -> Result<PathBuf, StoreError> {
    let copy = aside.join("readable.db");
    fs::copy(database, &copy)?;
    let wal = PathBuf::from(format!("{}-wal", database.display()));
    if wal.exists() {
        fs::copy(&wal, aside.join("readable.db-wal"))?;
    }
    if open_reader(&copy, key).is_ok() {
        return Ok(copy);
    }
    // The log of a file whose first page is gone belongs to another history.
    let _gone_or_never_there = fs::remove_file(aside.join("readable.db-wal"));
    replace_first_page(&copy, key, empty)?;
    Ok(copy)
}

/// Takes the first page of an empty file that was grown to the same size, since that page tells the size.
fn replace_first_page(copy: &Path, key: &FileKey, empty: &Path) -> Result<(), StoreError> {
    let grown = copy.with_extension("grown.db");
    fs::copy(empty, &grown)?;
    let pages = i64::try_from(fs::metadata(copy)?.len() / PAGE).unwrap_or(i64::MAX);
    let connection = open_writer(&grown, key, false)?;
    connection.execute_batch("CREATE TABLE filler (bytes BLOB)")?;
    while connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))? < pages {
        connection.execute("INSERT INTO filler (bytes) VALUES (zeroblob(65536))", [])?;
    }
    connection.execute_batch("DROP TABLE filler; PRAGMA wal_checkpoint(TRUNCATE);")?;
    let grown_to: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    connection.close().map_err(|(_, error)| error)?;
    let mut page = vec![0; usize::try_from(PAGE).unwrap_or(4096)];
    File::open(&grown)?.read_exact(&mut page)?;
    let mut file = File::options().write(true).open(copy)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&page)?;
    // A file that is shorter than its first page says is refused as corrupt.
    file.set_len(u64::try_from(grown_to).unwrap_or(0) * PAGE)?;
    file.sync_all()?;
    fs::remove_file(&grown)?;
    Ok(())
}

fn copy_tables(source: &Path, key: &FileKey, target: &Connection, salvaged: &mut Salvaged) -> Result<(), StoreError> {
    target.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;")?;
    for table in TABLES {
        let forward = copy_rows(source, key, target, table, "ASC");
        let backward = forward.is_torn.then(|| copy_rows(source, key, target, table, "DESC"));
        if forward.is_torn {
            salvaged.torn.push(table.to_owned());
        }
        let rows = forward.rows + backward.map_or(0, |backward| backward.rows);
        salvaged.rows.push((table.to_owned(), rows));
    }
    // The words of names are made anew: their index is of no form that could be copied row by row.
    members::rebuild_words(target)?;
    target.execute_batch("COMMIT; PRAGMA foreign_keys = ON;")?;
    Ok(())
}

struct Copied {
    rows: u64,
    is_torn: bool,
}

/// Copies rows in one direction until one cannot be read. Rows that are there already do not count. Each time over a
/// new connection: SQLCipher serves nothing more over one that met a page it could not open.
fn copy_rows(source: &Path, key: &FileKey, target: &Connection, table: &str, direction: &str) -> Copied {
    let mut copied = Copied { rows: 0, is_torn: true };
    let Ok(source) = open_reader(source, key) else { return copied };
    let Ok(key) = key_of(target, table) else { return copied };
    let Ok(columns) = columns_of(target, table, &key) else { return copied };
    // NOT INDEXED: the table's own pages are read in their own order, no damaged index decides what is seen.
    let sql = format!(
        "SELECT {columns} FROM {table} NOT INDEXED ORDER BY {}",
        key.replace(',', &format!(" {direction},")) + " " + direction
    );
    let Ok(mut statement) = source.prepare(&sql) else { return copied };
    let count = statement.column_count();
    let marks = vec!["?"; count].join(", ");
    let Ok(mut insert) = target.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})")) else {
        return copied;
    };
    let Ok(mut rows) = statement.query([]) else { return copied };
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let values: Result<Vec<Value>, _> = (0..count).map(|index| row.get(index)).collect();
                let inserted = values.and_then(|values| insert.execute(params_from_iter(values)));
                copied.rows += inserted.map_or(0, |rows| rows as u64);
            }
            Ok(None) => {
                copied.is_torn = false;
                return copied;
            }
            Err(_) => return copied,
        }
    }
}

/// The order in which a table lies in its file: its row id, or its key where it has none.
fn key_of(connection: &Connection, table: &str) -> Result<String, StoreError> {
    let has_no_rowid: bool =
        connection.query_row("SELECT wr FROM pragma_table_list WHERE name = ?", [table], |row| row.get(0))?;
    if !has_no_rowid {
        return Ok("rowid".to_owned());
    }
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")?;
    let names: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names.join(","))
}

/// The columns of a table. The row id is among them: what was queued first stays first, from whichever end it is copied.
fn columns_of(connection: &Connection, table: &str, key: &str) -> Result<String, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?)")?;
    let mut names: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if key == "rowid" {
        names.insert(0, key.to_owned());
    }
    Ok(names.join(","))
}
