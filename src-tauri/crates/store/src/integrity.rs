//! Looking whether the till's file says one consistent thing, and deriving anew what can be derived: working rows, their
//! indexes, sums, the order of the outbox. What cannot be is only told.

mod ledger;
mod queue;
mod rows;

use crate::error::StoreError;
use crate::members::{self, Places};
use crate::open::Store;
use crate::writer::Priority;
use crate::{audit, derive};
use regulars_domain::{MemberId, Timestamp};
use rusqlite::{Connection, Transaction};

/// Rows put right in one transaction: a cashier's write never waits for fifty milliseconds.
const SLICE: usize = 100;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// What was found, in words, without personal data.
    pub message: String,
    /// Whether it was put right.
    pub is_repaired: bool,
}

impl Finding {
    /// Found, and not put right.
    pub const fn new(code: &'static str, message: String) -> Self {
        Self { code, message, is_repaired: false }
    }
}

/// Checks pages, references, rows against mirror and pending changes, indexes, ledger, outbox and the audit chain.
///
/// # Errors
/// As any read; a file that cannot be read at all is an error, not a finding.
pub fn check(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = check_file(connection)?;
    findings.extend(check_rows(connection)?);
    findings.extend(queue::check(connection, true)?);
    findings.extend(check_audit(connection)?);
    Ok(findings)
}

/// Checks that each working row is what its mirror and its pending changes make, and is found by what it says.
///
/// # Errors
/// As any read.
pub fn check_rows(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    Ok(rows::scan(connection)?.into_iter().map(|about| about.finding).collect())
}

impl Store {
    /// The quick part, for after a process that was not closed: pages, references, ledger, outbox, journal. What can be
    /// put right is.
    ///
    /// # Errors
    /// As any write; a file that cannot be read at all is an error, not a finding.
    pub fn check_quickly(&self, is_engine_running: bool) -> Result<Vec<Finding>, StoreError> {
        let mut findings = self.read(|tx| check_file(tx))?;
        findings.extend(self.write(Priority::Background, move |tx| queue::repair(tx, is_engine_running))?);
        findings.extend(self.check_journal()?);
        Ok(findings)
    }

    /// The whole of it: also every row and every index. What can be derived is derived anew.
    ///
    /// # Errors
    /// As any write; a file that cannot be read at all is an error, not a finding.
    pub fn check_and_repair(&self, is_engine_running: bool, at: Timestamp) -> Result<Vec<Finding>, StoreError> {
        let mut findings = self.check_quickly(is_engine_running)?;
        let about_rows = self.read(|tx| rows::scan(tx))?;
        for slice in about_rows.chunks(SLICE) {
            let derivable: Vec<MemberId> =
                slice.iter().filter(|about| about.can_be_derived).map(|about| about.member).collect();
            self.write(Priority::Background, move |tx| repair_rows(tx, derivable, at))?;
        }
        if about_rows.iter().any(|about| about.finding.code == "index_differs" && !about.can_be_derived) {
            self.write(Priority::Background, members::remove_stray_words)?;
        }
        // What is told as repaired was looked at once more.
        let left = match about_rows.is_empty() {
            true => Vec::new(),
            false => self.read(|tx| rows::scan(tx))?,
        };
        findings.extend(about_rows.into_iter().map(|about| {
            let is_left = left.iter().any(|left| left.member == about.member);
            Finding { is_repaired: !is_left, ..about.finding }
        }));
        findings.extend(self.read(|tx| check_audit(tx))?);
        Ok(findings)
    }
}

/// Derives anew every row that mirror and changes do not explain: of a file that was salvaged, rows may be gone whose
/// changes are not.
pub(crate) fn repair_all_rows(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    let about_rows = rows::scan(tx)?;
    let derivable = about_rows.iter().filter(|about| about.can_be_derived).map(|about| about.member).collect();
    repair_rows(tx, derivable, at)
}

/// Derives rows anew. Somebody whom nothing tells of any more is in no index.
fn repair_rows(tx: &Transaction<'_>, members: Vec<MemberId>, at: Timestamp) -> Result<(), StoreError> {
    let places = Places::read(tx)?;
    for member in members {
        match derive::compute(tx, &places, member)? {
            Some(derived) if derived.is_known || derived.is_erased => {
                members::forget_indexes(tx, member)?;
                derive::member(tx, &places, member, at)?;
            }
            // An edit alone makes no member.
            Some(_) => {}
            None => members::forget_indexes(tx, member)?,
        }
    }
    Ok(())
}

fn check_file(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    check_pages(connection, &mut findings)?;
    check_references(connection, &mut findings)?;
    ledger::check(connection, &mut findings)?;
    Ok(findings)
}

fn check_audit(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    let broken = audit::verify(connection)?.into_iter();
    let tell = |number| Finding::new("audit_broken", format!("audit row {number} does not fit its chain"));
    Ok(broken.map(tell).collect())
}

fn check_pages(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    // SQLite's check of the index of words goes by what this connection remembers of its parts, and only a query looks
    // whether another one has written since: what was merged away meanwhile would be told as damaged.
    connection.query_row("SELECT EXISTS (SELECT 1 FROM member_words WHERE rowid = 0)", [], |_| Ok(()))?;
    let mut statement = connection.prepare("PRAGMA quick_check")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            findings.push(Finding::new("file_damaged", line));
        }
    }
    Ok(())
}

fn check_references(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    for table in statement.query_map([], |row| row.get::<_, String>(0))? {
        findings.push(Finding::new("reference_broken", format!("a row of {} names one that is not there", table?)));
    }
    Ok(())
}
