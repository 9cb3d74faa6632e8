//! A card belongs to one member, whichever till gave it out. Members who are one person share their cards.

use crate::apply::NoEffect;
use crate::error::HeadOfficeError;
use crate::purse::group;
use crate::storage::Rows;
use regulars_domain::{MemberId, Refusal};
use std::collections::BTreeSet;

/// Notes which cards a member has, by key. Only a card that they did not have can be somebody else's: two members who
/// stop being one person go on holding what both hold.
pub(crate) fn give_cards(rows: &mut dyn Rows, member: MemberId, keys: &BTreeSet<String>) -> Result<(), NoEffect> {
    let had = rows.list_cards(member)?;
    for key in keys.difference(&had) {
        check_free(rows, member, key)?;
        rows.insert_card(member, key)?;
    }
    for key in had.difference(keys) {
        rows.delete_card(member, key)?;
    }
    Ok(())
}

fn check_free(rows: &mut dyn Rows, member: MemberId, key: &str) -> Result<(), NoEffect> {
    if is_free(rows, member, key)? { Ok(()) } else { Err(Refusal::CardTaken.into()) }
}

/// Whether nobody has a card but the person that a member is.
pub(crate) fn is_free(rows: &mut dyn Rows, member: MemberId, key: &str) -> Result<bool, HeadOfficeError> {
    let holders = rows.list_card_holders(key)?;
    if holders.is_empty() {
        return Ok(true);
    }
    let person = group(rows, member)?;
    Ok(holders.iter().all(|holder| person.contains(holder)))
}
