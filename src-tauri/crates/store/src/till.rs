//! The one row that says which till this is, which life of its file, and what the next change is numbered.

use crate::error::StoreError;
use crate::life::Life;
use crate::open::NewTill;
use crate::sql::Sql;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{Incarnation, TillId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Which till this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Till {
    /// Its id.
    pub id: TillId,
    /// Its name, as "Till 2".
    pub name: String,
    /// The life of its file.
    pub incarnation: Incarnation,
    /// In a file made for tests, the instant that its clock was set to.
    pub test_clock_at: Option<Timestamp>,
}

/// Reads which till this is.
///
/// # Errors
/// As any read.
pub fn get(connection: &Connection) -> Result<Till, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, name, incarnation, test_clock_at FROM till")?;
    let till = statement
        .query_row([], |row| {
            Ok(Till {
                id: row.get::<_, Sql<TillId>>(0)?.0,
                name: row.get(1)?,
                incarnation: row.get::<_, Sql<Incarnation>>(2)?.0,
                test_clock_at: row.get::<_, Option<Sql<Timestamp>>>(3)?.map(|at| at.0),
            })
        })
        .optional()?;
    till.ok_or(StoreError::Missing("the till's own row"))
}

/// Sets the clock of a file made for tests.
///
/// # Errors
/// `change_state` where the file is not one.
pub fn set_test_clock(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    let rows = tx.execute(
        "UPDATE till SET test_clock_at = :at WHERE test_clock_at IS NOT NULL",
        named_params! { ":at": Sql(at) },
    )?;
    if rows == 0 {
        return Err(StoreError::ChangeState("only a till made with a test clock can be told the time"));
    }
    Ok(())
}

/// Calls the till by another name.
///
/// # Errors
/// As any write.
pub fn set_name(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE till SET name = :name", named_params! { ":name": name })?;
    Ok(())
}

/// Takes the number of the next change. Numbers have no gaps: a rolled back transaction gives its number back.
pub(crate) fn take_change_number(tx: &Connection) -> Result<(Incarnation, i64), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE till SET next_change_number = next_change_number + 1 RETURNING incarnation, next_change_number - 1",
    )?;
    Ok(statement.query_row([], |row| Ok((row.get::<_, Sql<Incarnation>>(0)?.0, row.get(1)?)))?)
}

/// Makes a reference for a member. No two tills make the same: it begins with letters of this life of the file.
///
/// # Errors
/// As any write.
pub fn take_reference(tx: &Transaction<'_>) -> Result<String, StoreError> {
    let mut statement =
        tx.prepare_cached("UPDATE till SET next_reference = next_reference + 1 RETURNING letters, next_reference - 1")?;
    let (letters, number): (String, i64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(format!("M-{letters}-{number:04}"))
}

/// Four letters out of the random part of an id: a chain of a hundred tills shares none with a chance of 99.4 %.
fn letters(incarnation: Incarnation) -> String {
    const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = &incarnation.as_bytes()[12..];
    random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

pub(crate) fn insert(connection: &Connection, new: &NewTill) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO till (only_row, id, name, incarnation, next_change_number, letters, next_reference, opened_count,
             is_open, made_at, test_clock_at)
         VALUES (1, :id, :name, :incarnation, 1, :letters, 1, 0, 0, :at, :test_clock_at)",
        named_params! {
            ":id": Sql(new.id),
            ":name": new.name,
            ":incarnation": Sql(new.incarnation),
            ":letters": letters(new.incarnation),
            ":at": Sql(new.at),
            ":test_clock_at": Sql(new.has_test_clock.then_some(new.at)),
        },
    )?;
    Ok(())
}

/// Begins a new life of the file: numbers and references begin anew, under another name and other letters.
pub(crate) fn begin_incarnation(connection: &Connection, incarnation: Incarnation) -> Result<(), StoreError> {
    if is_planted(Mistake::IncarnationNotRenewed) {
        return Ok(());
    }
    connection.execute(
        "UPDATE till SET incarnation = :incarnation, next_change_number = 1, letters = :letters, next_reference = 1",
        named_params! { ":incarnation": Sql(incarnation), ":letters": letters(incarnation) },
    )?;
    Ok(())
}

/// The life of the file, how often it was opened, and the number of its next change.
pub(crate) fn life(connection: &Connection) -> Result<Life, StoreError> {
    let mut statement = connection.prepare_cached("SELECT incarnation, opened_count, next_change_number FROM till")?;
    Ok(statement.query_row([], |row| {
        let incarnation = row.get::<_, Sql<Incarnation>>(0)?.0;
        Ok(Life { incarnation, opened: row.get(1)?, next_number: row.get(2)? })
    })?)
}

/// Whether the process that had the file last did not close it.
pub(crate) fn is_open(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row("SELECT is_open FROM till", [], |row| row.get(0))?)
}

/// Notes that the file is open; answers whether the process before it ended without closing it.
pub(crate) fn note_opened(connection: &Connection) -> Result<bool, StoreError> {
    let was_open = is_open(connection)?;
    connection.execute("UPDATE till SET is_open = 1, opened_count = opened_count + 1", [])?;
    Ok(was_open)
}

/// What was noted beside the file counts: an older copy does not count from where it stands.
pub(crate) fn skip_opened_to(connection: &Connection, opened: i64) -> Result<(), StoreError> {
    connection
        .execute("UPDATE till SET opened_count = max(opened_count, :opened)", named_params! { ":opened": opened })?;
    Ok(())
}

pub(crate) fn note_closed(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE till SET is_open = 0", [])?;
    Ok(())
}
