//! Finding members of a shop: by number, by words of the name, by what is found by the whole of it.

use super::index;
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::member::key;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{LocationId, MemberId, fold};
use rusqlite::{Connection, Row, named_params};

/// Somebody who was found: what an answer needs of a row, so that it need not be read once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Their id.
    pub id: MemberId,
    /// The member that this one turned out to be.
    pub merged_into: Option<MemberId>,
}

/// Members of a shop whose number is one that the query may mean.
///
/// # Errors
/// As any read.
pub fn find_by_whole_phone(
    connection: &Connection,
    location: LocationId,
    query: &PhoneQuery,
    limit: u32,
) -> Result<Vec<Hit>, StoreError> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT members.id, merged_into FROM phone_index CROSS JOIN members ON members.id = phone_index.member_id
         WHERE location_id = :location AND digits = :digits LIMIT :limit",
    )?;
    for digits in &query.whole {
        let params = named_params! { ":location": Sql(location), ":digits": digits, ":limit": limit };
        collect_new(&mut found, statement.query_map(params, read)?, limit)?;
    }
    Ok(found)
}

/// Members of a shop whose number ends with what was typed, or begins with it.
///
/// # Errors
/// As any read.
pub fn find_by_part_of_phone(
    connection: &Connection,
    location: LocationId,
    query: &PhoneQuery,
    limit: u32,
) -> Result<Vec<Hit>, StoreError> {
    let mut found = find_in_words(connection, &ending_expression(location, &query.ending), limit)?;
    let mut by_beginning = connection.prepare_cached(
        "SELECT members.id, merged_into FROM phone_index CROSS JOIN members ON members.id = phone_index.member_id
         WHERE location_id = :location AND digits >= :from AND digits < :below LIMIT :limit",
    )?;
    for beginning in &query.beginnings {
        // The endings come first: where there are enough of them, nobody looks through everything that begins so.
        let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let params = named_params! {
            ":location": Sql(location), ":from": beginning, ":below": just_after(beginning), ":limit": left
        };
        collect_new(&mut found, by_beginning.query_map(params, read)?, limit)?;
    }
    Ok(found)
}

/// Members who have a card, reference, barcode or id of that number, or that email address, in whichever shop.
///
/// # Errors
/// As any read.
pub fn find_keyed(connection: &Connection, typed: &str, limit: u32) -> Result<Vec<Hit>, StoreError> {
    let key = if typed.contains('@') { index::email_key(typed) } else { key(typed) };
    let mut statement = connection.prepare_cached(
        "SELECT members.id, merged_into FROM lookups CROSS JOIN members ON members.id = lookups.member_id
         WHERE key = :key LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":key": key, ":limit": limit }, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Members of a shop whose name has words that begin with those typed, in any order.
///
/// # Errors
/// As any read.
pub fn find_by_words(
    connection: &Connection,
    location: LocationId,
    typed: &str,
    limit: u32,
) -> Result<Vec<Hit>, StoreError> {
    match words_expression(location, typed) {
        Some(expression) => find_in_words(connection, &expression, limit),
        None => Ok(Vec::new()),
    }
}

fn find_in_words(connection: &Connection, expression: &str, limit: u32) -> Result<Vec<Hit>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT members.id, merged_into FROM member_words CROSS JOIN members ON members.number = member_words.rowid
         WHERE member_words MATCH :expression LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":expression": expression, ":limit": limit }, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every word as a beginning, of members of the shop; `None` where there is no word.
pub(super) fn words_expression(location: LocationId, typed: &str) -> Option<String> {
    let words = fold::words(typed);
    let begins = words.iter().map(|word| format!(" AND \"{word}\"*"));
    (!words.is_empty()).then(|| format!("\"{}\"{}", index::shop_word(location), begins.collect::<String>()))
}

/// Numbers of a shop that end with these digits.
pub(super) fn ending_expression(location: LocationId, digits: &str) -> String {
    format!("\"{}\"*", index::ending_word(location, digits))
}

/// The least text that is greater than everything that begins with these digits: ':' follows '9'.
fn just_after(digits: &str) -> String {
    format!("{digits}:")
}

fn collect_new(
    found: &mut Vec<Hit>,
    rows: impl Iterator<Item = rusqlite::Result<Hit>>,
    limit: u32,
) -> Result<(), StoreError> {
    for hit in rows {
        let hit = hit?;
        if found.len() < limit as usize && !found.contains(&hit) {
            found.push(hit);
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Hit> {
    let (Sql(id), merged_into): (_, Option<Sql<MemberId>>) = (row.get(0)?, row.get(1)?);
    Ok(Hit { id, merged_into: merged_into.map(|id| id.0) })
}
