//! What a member is found by: numbers per shop, words of the name, and what is found by the whole of it.

use super::Places;
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
    /// Other systems have members without one.
    #[serde(borrow, default)]
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

#[derive(Default, Deserialize)]
struct IndexedName<'a> {
    #[serde(borrow, default)]
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

    /// The digits of the numbers, as each shop knows them.
    pub(super) fn numbers(&self, places: &Places, shops: &[LocationId]) -> Vec<(LocationId, String)> {
        let phones = || self.phone.iter().chain(&self.mobile);
        let known = shops.iter().filter_map(|shop| Some((*shop, *places.countries.get(shop)?)));
        let digits =
            |phone: &IndexedPhone<'_>, country| phone::index_digits(&phone.typed, phone.e164.as_deref(), country);
        known.flat_map(|(shop, country)| phones().map(move |phone| (shop, digits(phone, country)))).collect()
    }

    /// The text for the index of words: those of the names, one for each shop, and one for each number at a shop.
    /// `None` where there is nothing to find.
    pub(super) fn words(&self, shops: &[LocationId], numbers: &[(LocationId, String)]) -> Option<String> {
        let company = self.company.as_ref().and_then(|company| company.name.as_deref());
        let texts = [Some(self.full_name()), self.name.given.as_deref(), self.name.family.as_deref(), company];
        let mut words: Vec<String> = texts.into_iter().flatten().flat_map(fold::index_words).collect();
        words.extend(shops.iter().map(|shop| shop_word(*shop)));
        words.extend(numbers.iter().map(|(shop, digits)| ending_word(*shop, digits)));
        words.sort_unstable();
        words.dedup();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// What is found by the whole of it. Of which kind a number is need not be told apart: whoever looks for it does
    /// not know, and an email address has a character that no other key has.
    pub(super) fn keys(&self) -> Vec<String> {
        let cards = self.cards.keys().map(|serial| key(serial));
        let told = [&self.reference, &self.second_reference, &self.barcode].into_iter().flatten().map(|text| key(text));
        let external = self.external_ids.values().map(|id| key(id));
        let email = self.email.iter().map(|email| email_key(email));
        let mut keys: Vec<String> =
            cards.chain(told).chain(external).chain(email).filter(|key| !key.is_empty()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// What an email address is looked up by.
pub(super) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The word that stands for a shop in the index of words: with it a search passes over all that are not of the shop,
/// instead of looking each up. It begins with a character for private use, which no word that is typed has.
pub(super) fn shop_word(shop: LocationId) -> String {
    format!("\u{e000}{}", shop.uuid().simple())
}

/// The word for a number at a shop: its digits from the last to the first, so that an ending becomes a beginning.
pub(super) fn ending_word(shop: LocationId, digits: &str) -> String {
    format!("\u{e001}{}{}", shop.uuid().simple(), digits.chars().rev().collect::<String>())
}

pub(super) fn read(document: &str) -> Result<Indexed<'_>, StoreError> {
    serde_json::from_str(document).map_err(|_| StoreError::Unreadable("member's document"))
}

/// The text for the index of words, out of a stored document.
pub(super) fn words_of(document: &str, places: &Places, shops: &[LocationId]) -> Result<Option<String>, StoreError> {
    let indexed = read(document)?;
    Ok(indexed.words(shops, &indexed.numbers(places, shops)))
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    id: MemberId,
    indexed: &Indexed<'_>,
    numbers: &[(LocationId, String)],
) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO phone_index (location_id, digits, member_id) VALUES (:location, :digits, :member)",
    )?;
    for (shop, digits) in numbers {
        statement.execute(named_params! { ":location": Sql(*shop), ":digits": digits, ":member": Sql(id) })?;
    }
    let mut statement = tx.prepare_cached("INSERT INTO lookups (key, member_id) VALUES (:key, :member)")?;
    for key in indexed.keys() {
        statement.execute(named_params! { ":key": key, ":member": Sql(id) })?;
    }
    Ok(())
}

/// Takes a member out of everything but the index of words. Answers the shops that they belonged to.
pub(super) fn remove(tx: &Transaction<'_>, id: MemberId) -> Result<Vec<LocationId>, StoreError> {
    let params = named_params! { ":id": Sql(id) };
    tx.prepare_cached("DELETE FROM phone_index WHERE member_id = :id")?.execute(params)?;
    tx.prepare_cached("DELETE FROM lookups WHERE member_id = :id")?.execute(params)?;
    let mut memberships = tx.prepare_cached("DELETE FROM memberships WHERE member_id = :id RETURNING location_id")?;
    let shops = memberships.query_map(params, |row| Ok(row.get::<_, Sql<LocationId>>(0)?.0))?;
    Ok(shops.collect::<Result<_, _>>()?)
}

/// Brings the index of words from one text to another.
pub(super) fn write_words(
    connection: &Connection,
    number: i64,
    before: Option<&str>,
    after: Option<&str>,
) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    if before.is_some() {
        delete_words(connection, number)?;
    }
    if let Some(words) = after {
        let mut statement =
            connection.prepare_cached("INSERT INTO member_words (rowid, words) VALUES (:number, :words)")?;
        statement.execute(named_params! { ":number": number, ":words": words })?;
    }
    Ok(())
}

pub(super) fn delete_words(connection: &Connection, number: i64) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM member_words WHERE rowid = :number")?;
    statement.execute(named_params! { ":number": number })?;
    Ok(())
}
