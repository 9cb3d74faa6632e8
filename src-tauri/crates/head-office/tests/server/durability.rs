//! A change's effect and its number are one commit: whenever the server breaks off, both are there or neither.

use crate::till::{Server, fresh, member_added, no_limits, refused, told};
use regulars_domain::MemberId;
use regulars_domain::ledger::EntryKind;
use regulars_head_office::SqliteStorage;
use regulars_head_office::error::HeadOfficeError;
use regulars_head_office::storage::{Storage, Work};
use regulars_protocol::push::{ChangeBody, Outcome};
use reqwest::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Does all the work and then fails instead of committing, as a process that is killed there.
struct KilledBeforeCommit {
    inner: Arc<dyn Storage>,
    is_killed: Arc<AtomicBool>,
}

impl Storage for KilledBeforeCommit {
    fn write(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError> {
        self.inner.write(&mut |rows| {
            work(rows)?;
            if self.is_killed.load(Ordering::SeqCst) { Err(HeadOfficeError::Internal) } else { Ok(()) }
        })
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), HeadOfficeError> {
        self.inner.read(work)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_before_the_commit_has_done_nothing() {
    let is_killed = Arc::new(AtomicBool::new(true));
    let told_to = Arc::clone(&is_killed);
    let wrap = |inner| Arc::new(KilledBeforeCommit { inner, is_killed: told_to }) as Arc<dyn Storage>;
    let server = Server::start_with(no_limits(), wrap).await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let batch = [
        till.change(member_added(an, "An", "KM")),
        till.change(ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::TopUp, 1_000) }),
    ];
    refused(till.send(&batch).await, StatusCode::INTERNAL_SERVER_ERROR, "server_error").await;
    assert!(till.pull(0, 100).await.rows.is_empty());
    is_killed.store(false, Ordering::SeqCst);
    let response = till.push(&batch).await;
    assert!(response.results.iter().all(|result| result.outcome == Outcome::Applied));
    assert_eq!(told(&till.pull(0, 100).await), ["An", "1000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_number_cannot_be_noted_has_no_effect_and_neither_has_its_batch() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let file = rusqlite::Connection::open(server.path()).unwrap();
    file.execute_batch(
        "CREATE TRIGGER disk_is_full BEFORE INSERT ON changes WHEN NEW.number = 2
         BEGIN SELECT RAISE (ABORT, 'disk is full'); END;",
    )
    .unwrap();
    let batch: Vec<_> =
        ["An", "Bình"].iter().map(|name| till.change(member_added(fresh(MemberId::mint), name, "KM"))).collect();
    refused(till.send(&batch).await, StatusCode::INTERNAL_SERVER_ERROR, "server_error").await;
    assert!(till.pull(0, 100).await.rows.is_empty());
    file.execute_batch("DROP TRIGGER disk_is_full").unwrap();
    let response = till.push(&batch).await;
    assert!(response.results.iter().all(|result| result.outcome == Outcome::Applied));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_the_file_is_opened_again() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply(vec![member_added(fresh(MemberId::mint), "An", "KM")]).await;
    // A copy of the file and its log, as a machine that lost power would leave them.
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["head-office.db", "head-office.db-wal"] {
        std::fs::copy(server.path().with_file_name(name), elsewhere.path().join(name)).unwrap();
    }
    let storage = SqliteStorage::open(&elsewhere.path().join("head-office.db")).unwrap();
    let mut members = 0;
    storage
        .read(&mut |rows| {
            members = rows.count_members(&regulars_head_office::storage::Scope::All)?;
            Ok(())
        })
        .unwrap();
    assert_eq!(members, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger_entries_can_be_neither_changed_nor_deleted() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let entry = till.entry(an, EntryKind::TopUp, 1_000);
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry }]).await;
    let file = rusqlite::Connection::open(server.path()).unwrap();
    for sql in ["UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries"] {
        assert!(file.execute(sql, []).unwrap_err().to_string().contains("never"));
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("head-office.db");
    drop(SqliteStorage::open(&path).unwrap());
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("UPDATE refinery_schema_history SET version = 99", []).unwrap();
    let error = SqliteStorage::open(&path).err().unwrap();
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("head-office.db");
    std::fs::write(&path, "a letter to the tax office, which is no database at all").unwrap();
    assert!(SqliteStorage::open(&path).is_err());
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a letter"));
}

#[test]
fn two_processes_that_open_a_new_file_at_once_both_get_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("head-office.db");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || SqliteStorage::open(&path).map(|_| ()))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}
