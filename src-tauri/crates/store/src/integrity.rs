//! Looking whether the till's file says one consistent thing. Nothing is repaired here: findings are told.

use crate::error::StoreError;
use crate::members::{self, Places};
use crate::{audit, derive};
use rusqlite::Connection;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// What was found, in words, without personal data.
    pub message: String,
}

/// Checks pages, references, rows against mirror and pending changes, and the audit chain.
///
/// # Errors
/// As any read; a file that cannot be read at all is an error, not a finding.
pub fn check(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    check_pages(connection, &mut findings)?;
    check_references(connection, &mut findings)?;
    findings.extend(check_rows(connection)?);
    for number in audit::verify(connection)? {
        findings.push(Finding { code: "audit_broken", message: format!("audit row {number} does not fit its chain") });
    }
    Ok(findings)
}

fn check_pages(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    // SQLite's check of the index of words goes by what this connection remembers of its parts, and only a query looks
    // whether another one has written since: what was merged away meanwhile would be told as damaged.
    connection.query_row("SELECT EXISTS (SELECT 1 FROM member_words WHERE rowid = 0)", [], |_| Ok(()))?;
    let mut statement = connection.prepare("PRAGMA quick_check")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            findings.push(Finding { code: "file_damaged", message: line });
        }
    }
    Ok(())
}

fn check_references(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    for table in statement.query_map([], |row| row.get::<_, String>(0))? {
        findings.push(Finding {
            code: "reference_broken",
            message: format!("a row of {} names one that is not there", table?),
        });
    }
    Ok(())
}

/// Checks that each working row is what its mirror and its pending changes make.
///
/// # Errors
/// As any read.
pub fn check_rows(connection: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let places = Places::read(connection)?;
    for id in members::list_ids(connection)? {
        let stored = members::find(connection, id)?;
        let Some(derived) = derive::compute(connection, &places, id)? else {
            findings.push(Finding {
                code: "row_unexplained",
                message: format!("member {id}: no remote and no change tells of it"),
            });
            continue;
        };
        let mut memberships = members::list_memberships(connection, id)?;
        memberships.sort_by_key(|membership| membership.location_id);
        let same = stored.is_some_and(|stored| {
            stored.document == derived.document && stored.deleted_at.is_some() == derived.is_deleted
        });
        if !same || derived.is_erased || memberships != derived.memberships() {
            findings.push(Finding {
                code: "row_differs",
                message: format!("member {id}: the row is not what mirror and changes make"),
            });
        }
    }
    Ok(findings)
}
