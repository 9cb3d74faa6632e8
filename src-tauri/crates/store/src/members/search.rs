//! Finding members of a shop: by number, by words of the name, by what is found by the whole of it.

use super::{index, read_id};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::member::key;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{LocationId, MemberId, fold};
use rusqlite::{Connection, named_params};

/// Members of a shop whose number is one that the query may mean.
///
/// # Errors
/// As any read.
pub fn find_by_whole_phone(
    connection: &Connection,
    location: LocationId,
    query: &PhoneQuery,
    limit: u32,
) -> Result<Vec<MemberId>, StoreError> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT member_id FROM phone_index WHERE location_id = :location AND digits = :digits LIMIT :limit",
    )?;
    for digits in &query.whole {
        let params = named_params! { ":location": Sql(location), ":digits": digits, ":limit": limit };
        collect_new(&mut found, statement.query_map(params, read_id)?, limit)?;
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
) -> Result<Vec<MemberId>, StoreError> {
    let mut found = Vec::new();
    let backwards: String = query.ending.chars().rev().collect();
    let mut by_ending = connection.prepare_cached(
        "SELECT member_id FROM phone_index
         WHERE location_id = :location AND backwards >= :from AND backwards < :below LIMIT :limit",
    )?;
    let params = named_params! { ":location": Sql(location), ":from": backwards, ":below": just_after(&backwards), ":limit": limit };
    collect_new(&mut found, by_ending.query_map(params, read_id)?, limit)?;
    let mut by_beginning = connection.prepare_cached(
        "SELECT member_id FROM phone_index
         WHERE location_id = :location AND digits >= :from AND digits < :below LIMIT :limit",
    )?;
    for beginning in &query.beginnings {
        let params = named_params! {
            ":location": Sql(location), ":from": beginning, ":below": just_after(beginning), ":limit": limit
        };
        collect_new(&mut found, by_beginning.query_map(params, read_id)?, limit)?;
    }
    Ok(found)
}

/// Members who have a card, reference, barcode or id of that number, or that email address, in whichever shop.
///
/// # Errors
/// As any read.
pub fn find_keyed(connection: &Connection, typed: &str, limit: u32) -> Result<Vec<MemberId>, StoreError> {
    let key = key(typed);
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached("SELECT member_id FROM lookups WHERE key = :key LIMIT :limit")?;
    let keys = match typed.contains('@') {
        true => vec![index::email_key(typed)],
        false if key.is_empty() => Vec::new(),
        false => ["c", "r", "b", "x"].iter().map(|kind| format!("{kind}:{key}")).collect(),
    };
    for key in keys {
        let params = named_params! { ":key": key, ":limit": limit };
        collect_new(&mut found, statement.query_map(params, read_id)?, limit)?;
    }
    Ok(found)
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
) -> Result<Vec<MemberId>, StoreError> {
    let Some(expression) = words_expression(typed) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT members.id FROM member_words CROSS JOIN members ON members.number = member_words.rowid
         WHERE member_words MATCH :expression AND EXISTS (
             SELECT 1 FROM memberships WHERE member_id = members.id AND location_id = :location)
         LIMIT :limit",
    )?;
    let params = named_params! { ":expression": expression, ":location": Sql(location), ":limit": limit };
    let rows = statement.query_map(params, read_id)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every word as a beginning; `None` where there is no word. The longest first: it is the rarest.
pub(super) fn words_expression(typed: &str) -> Option<String> {
    let mut words = fold::words(typed);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let terms: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"*")).collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// The least text that is greater than everything that begins with these digits: ':' follows '9'.
fn just_after(digits: &str) -> String {
    format!("{digits}:")
}

fn collect_new(
    found: &mut Vec<MemberId>,
    rows: impl Iterator<Item = rusqlite::Result<MemberId>>,
    limit: u32,
) -> Result<(), StoreError> {
    for id in rows {
        let id = id?;
        if found.len() < limit as usize && !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(())
}
