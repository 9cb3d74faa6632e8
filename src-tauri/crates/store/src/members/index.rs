//! What a member is found by: numbers per shop, words of the name, and what is found by the whole of it.

use super::{Membership, Places, WorkingRow};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::member::key;
use regulars_domain::{LocationId, MemberId, fold, phone};
use rusqlite::{Connection, Transaction, named_params};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the indexes need of a document.
#[derive(Deserialize)]
pub(super) struct Indexed<'a> {
    #[serde(borrow)]
    name: IndexedName<'a>,
    #[serde(borrow, default)]
    phone: Option<IndexedPhone<'a>>,
    #[serde(borrow, default)]
    mobile: Option<IndexedPhone<'a>>,
    #[serde(borrow, default)]
    email: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reference: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    second_reference: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    barcode: Option<Cow<'a, str>>,
    #[serde(default)]
    external_ids: BTreeMap<String, String>,
    #[serde(default)]
    cards: BTreeMap<String, IgnoredAny>,
    #[serde(borrow, default)]
    company: Option<IndexedCompany<'a>>,
    #[serde(default)]
    merged: Option<IndexedMerged>,
}

#[derive(Deserialize)]
struct IndexedName<'a> {
    #[serde(borrow)]
    full: Cow<'a, str>,
    #[serde(borrow, default)]
    given: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    family: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct IndexedPhone<'a> {
    #[serde(borrow)]
    typed: Cow<'a, str>,
    #[serde(borrow, default)]
    e164: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct IndexedCompany<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct IndexedMerged {
    into: MemberId,
}

impl Indexed<'_> {
    pub(super) fn full_name(&self) -> &str {
        &self.name.full
    }

    pub(super) fn merged_into(&self) -> Option<MemberId> {
        self.merged.as_ref().map(|merged| merged.into)
    }

    pub(super) fn words(&self) -> String {
        let company = self.company.as_ref().and_then(|company| company.name.as_deref());
        let texts = [Some(self.full_name()), self.name.given.as_deref(), self.name.family.as_deref(), company];
        let mut words: Vec<String> = texts.into_iter().flatten().flat_map(fold::index_words).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }

    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let mut add = |kind: char, text: &str| {
            let key = key(text);
            if !key.is_empty() {
                keys.push(format!("{kind}:{key}"));
            }
        };
        self.cards.keys().for_each(|serial| add('c', serial));
        self.reference.iter().chain(&self.second_reference).for_each(|reference| add('r', reference));
        self.barcode.iter().for_each(|barcode| add('b', barcode));
        self.external_ids.values().for_each(|id| add('x', id));
        if let Some(email) = &self.email {
            keys.push(email_key(email));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// What an email address is looked up by.
pub(super) fn email_key(email: &str) -> String {
    format!("e:{}", email.trim().to_lowercase())
}

pub(super) fn read(document: &str) -> Result<Indexed<'_>, StoreError> {
    serde_json::from_str(document).map_err(|_| StoreError::Unreadable("member's document"))
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    places: &Places,
    row: &WorkingRow<'_>,
    indexed: &Indexed<'_>,
) -> Result<(), StoreError> {
    for phone in indexed.phone.iter().chain(&indexed.mobile) {
        insert_phone(tx, places, row, phone)?;
    }
    let mut statement = tx.prepare_cached("INSERT INTO lookups (key, member_id) VALUES (:key, :member)")?;
    for key in indexed.keys() {
        statement.execute(named_params! { ":key": key, ":member": Sql(row.id) })?;
    }
    Ok(())
}

/// The digits of a row at each of its shops, forwards and backwards, in order.
pub(super) fn phones(
    places: &Places,
    memberships: &[Membership],
    indexed: &Indexed<'_>,
) -> Vec<(LocationId, String, String)> {
    let mut all = Vec::new();
    for phone in indexed.phone.iter().chain(&indexed.mobile) {
        for membership in memberships {
            let Some(country) = places.countries.get(&membership.location_id) else { continue };
            let digits = phone::index_digits(&phone.typed, phone.e164.as_deref(), *country);
            let backwards = digits.chars().rev().collect();
            all.push((membership.location_id, digits, backwards));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn insert_phone(
    tx: &Transaction<'_>,
    places: &Places,
    row: &WorkingRow<'_>,
    phone: &IndexedPhone<'_>,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO phone_index (location_id, digits, backwards, member_id)
         VALUES (:location, :digits, :backwards, :member)",
    )?;
    for membership in row.memberships {
        let Some(country) = places.countries.get(&membership.location_id) else { continue };
        let digits = phone::index_digits(&phone.typed, phone.e164.as_deref(), *country);
        statement.execute(named_params! {
            ":location": Sql(membership.location_id),
            ":backwards": digits.chars().rev().collect::<String>(),
            ":digits": digits,
            ":member": Sql(row.id),
        })?;
    }
    Ok(())
}

/// Takes a member out of everything but the index of words.
pub(super) fn remove(tx: &Transaction<'_>, id: MemberId) -> Result<(), StoreError> {
    let params = named_params! { ":id": Sql(id) };
    tx.prepare_cached("DELETE FROM memberships WHERE member_id = :id")?.execute(params)?;
    tx.prepare_cached("DELETE FROM phone_index WHERE member_id = :id")?.execute(params)?;
    tx.prepare_cached("DELETE FROM lookups WHERE member_id = :id")?.execute(params)?;
    Ok(())
}

/// Writes the words of a name, unless those of the document before were the same.
pub(super) fn insert_words(
    connection: &Connection,
    number: i64,
    before: Option<&str>,
    indexed: &Indexed<'_>,
) -> Result<(), StoreError> {
    let words = indexed.words();
    if words.is_empty() || (has_words(connection, number, before, &words)?) {
        return Ok(());
    }
    let mut statement =
        connection.prepare_cached("INSERT INTO member_words (rowid, words) VALUES (:number, :words)")?;
    statement.execute(named_params! { ":number": number, ":words": words })?;
    Ok(())
}

/// Takes the words of the document before away, where they are others now or the member is gone.
pub(super) fn remove_words(
    tx: &Transaction<'_>,
    number: i64,
    before: &str,
    row: &WorkingRow<'_>,
    indexed: &Indexed<'_>,
) -> Result<(), StoreError> {
    let stays = row.deleted_at.is_none() && read(before)?.words() == indexed.words();
    if stays { Ok(()) } else { delete_words(tx, number) }
}

pub(super) fn delete_words(tx: &Transaction<'_>, number: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM member_words WHERE rowid = :number")?
        .execute(named_params! { ":number": number })?;
    Ok(())
}

/// Whether these words are in the index already.
fn has_words(connection: &Connection, number: i64, before: Option<&str>, words: &str) -> Result<bool, StoreError> {
    let Some(before) = before else { return Ok(false) };
    if read(before)?.words() != words {
        return Ok(false);
    }
    let mut statement =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM member_words WHERE rowid = :number)")?;
    Ok(statement.query_row(named_params! { ":number": number }, |row| row.get(0))?)
}
