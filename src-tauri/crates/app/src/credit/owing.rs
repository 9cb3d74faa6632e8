//! Who owes: accounts that several tills overdrew while none heard of the others. A person settles that.

use super::holder;
use crate::error::AppError;
use crate::till::Till;
use regulars_domain::{MemberId, Money};
use regulars_store::{Transaction, ledger, locations, members};
use std::collections::BTreeSet;

/// A member who owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owing {
    /// Who.
    pub member_id: MemberId,
    /// Their name.
    pub name: Option<String>,
    /// Whom they owe it.
    pub issuer: String,
    /// How much, more than zero.
    pub amount: Money,
}

impl Owing {
    /// Who of them owes still, and how much by now. Cheap where they are few: no other account is looked at.
    ///
    /// # Errors
    /// As any read.
    pub fn still(till: &Till, found: &[Self]) -> Result<Vec<Self>, AppError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        till.read(|tx| debts(tx, found.iter().map(|owing| owing.member_id)))
    }
}

/// Who owes anything to an issuer of a shop of this till. Members who are one person count together. Every account is
/// summed up for it.
///
/// # Errors
/// As any read.
pub fn owing(till: &Till) -> Result<Vec<Owing>, AppError> {
    till.read(|tx| debts(tx, ledger::list_overdrawn(tx)?))
}

fn debts(tx: &Transaction<'_>, overdrawn: impl IntoIterator<Item = MemberId>) -> Result<Vec<Owing>, AppError> {
    let mut people = BTreeSet::new();
    for member in overdrawn {
        let person = members::resolve(tx, member)?;
        // Who was erased was settled: with rows that are gone as well, so that their sum cannot be seen here any more.
        if members::find(tx, person)?.is_some() {
            people.insert(person);
        }
    }
    let ours = locations::list(tx)?.into_iter().filter(|stored| stored.is_ours);
    let mut issuers = BTreeSet::new();
    let distinct = |stored: &locations::StoredLocation| {
        issuers.insert((stored.location.issuer.clone(), stored.location.currency.code()))
    };
    let places: Vec<_> = ours.filter(distinct).collect();
    let mut owing = Vec::new();
    for member_id in people {
        let group = members::list_group(tx, member_id)?;
        for place in &places {
            let balance = ledger::balance(tx, holder(place, &group))?;
            if balance.minor < 0 {
                let name = members::find_name(tx, member_id)?;
                let (issuer, amount) = (place.location.issuer.clone(), balance.negated());
                owing.push(Owing { member_id, name, issuer, amount });
            }
        }
    }
    Ok(owing)
}
