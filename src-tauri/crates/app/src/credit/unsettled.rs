//! What tills did to credit while none heard of the others, and a person settles: accounts that were overdrawn, and sales
//! of which more came back than was paid.

use super::{give_back, holder};
use crate::error::AppError;
use crate::till::Till;
use regulars_domain::ledger::{EntryKind, too_much_back};
use regulars_domain::{Date, MemberId, Money, VisitId};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, locations, members, visits};
use std::collections::{BTreeMap, BTreeSet};

/// Credit of a member that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Who.
    pub member_id: MemberId,
    /// Their name.
    pub name: Option<String>,
    /// Whose credit it is.
    pub issuer: String,
    /// How much too much they had, more than zero.
    pub amount: Money,
    /// By what.
    pub cause: Cause,
}

/// What a member had too much by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// More was used than there was: they owe it, until the account is above zero again.
    Owes,
    /// More came back of a sale than was paid for it: until one of the returns is undone, or as much is corrected.
    TooMuchBack {
        /// The sale.
        sale_id: VisitId,
        /// Its receipt.
        receipt: Option<String>,
        /// Its day.
        on: Date,
    },
}

impl Unsettled {
    /// What of it is still to be settled, as it is by now. Cheap where they are few: nothing else is looked at.
    ///
    /// # Errors
    /// As any read.
    pub fn still(till: &Till, found: &[Self]) -> Result<Vec<Self>, AppError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let owing = found.iter().filter(|unsettled| unsettled.cause == Cause::Owes).map(|owing| owing.member_id);
        let owing: Vec<_> = owing.collect();
        let has_sales = owing.len() < found.len();
        till.read(|tx| look(tx, owing, if has_sales { visits::list_named_again(tx)? } else { Vec::new() }))
    }
}

/// All of what is to be settled with issuers of shops of this till. Members who are one person count together. Every account
/// is summed up for it.
///
/// # Errors
/// As any read.
pub fn unsettled(till: &Till) -> Result<Vec<Unsettled>, AppError> {
    till.read(|tx| look(tx, ledger::list_overdrawn(tx)?, visits::list_named_again(tx)?))
}

fn look(tx: &Transaction<'_>, overdrawn: Vec<MemberId>, sales: Vec<VisitId>) -> Result<Vec<Unsettled>, AppError> {
    let ours = locations::list(tx)?.into_iter().filter(|stored| stored.is_ours);
    let mut issuers = BTreeSet::new();
    let distinct =
        |stored: &StoredLocation| issuers.insert((stored.location.issuer.clone(), stored.location.currency.code()));
    let places: Vec<_> = ours.filter(distinct).collect();
    let mut found = debts(tx, &places, overdrawn)?;
    found.extend(too_much_back_of(tx, &places, sales)?);
    Ok(found)
}

fn debts(
    tx: &Transaction<'_>,
    places: &[StoredLocation],
    overdrawn: Vec<MemberId>,
) -> Result<Vec<Unsettled>, AppError> {
    let mut people = BTreeSet::new();
    for member in overdrawn {
        people.extend(person(tx, member)?);
    }
    let mut owing = Vec::new();
    for member_id in people {
        let group = members::list_group(tx, member_id)?;
        for place in places {
            let balance = ledger::balance(tx, holder(place, &group))?;
            if balance.minor < 0 {
                let name = members::find_name(tx, member_id)?;
                let (issuer, amount) = (place.location.issuer.clone(), balance.negated());
                owing.push(Unsettled { member_id, name, issuer, amount, cause: Cause::Owes });
            }
        }
    }
    Ok(owing)
}

/// Whoever a member turned out to be. Who was erased was settled: with rows that are gone as well, so that their sum cannot be
/// seen here any more.
fn person(tx: &Transaction<'_>, member: MemberId) -> Result<Option<MemberId>, AppError> {
    let person = members::resolve(tx, member)?;
    Ok(members::find(tx, person)?.map(|_| person))
}

/// The sales of which too much came back. What was corrected downward after the last return settles them, the oldest first.
fn too_much_back_of(
    tx: &Transaction<'_>,
    places: &[StoredLocation],
    sales: Vec<VisitId>,
) -> Result<Vec<Unsettled>, AppError> {
    let mut doubtful = Vec::new();
    for sale in sales {
        let Some(sale) = visits::find(tx, sale)?.map(|stored| stored.visit) else { continue };
        let others = give_back::related(tx, sale.id)?;
        if let Some(amount) = too_much_back(&sale, &others)? {
            doubtful.push((others.iter().map(|visit| visit.at).max(), sale, amount));
        }
    }
    doubtful.sort_by_key(|(last, sale, _)| (*last, sale.id));
    let mut used = BTreeMap::<(MemberId, String), i64>::new();
    let mut found = Vec::new();
    for (last, sale, amount) in doubtful {
        let (Some(issuer), Some(member_id)) = (give_back::issuer_of(tx, &sale)?, person(tx, sale.member_id)?) else {
            continue;
        };
        let is_its =
            |place: &&StoredLocation| place.location.issuer == issuer && place.location.currency == amount.currency;
        let Some(place) = places.iter().find(is_its) else { continue };
        let group = members::list_group(tx, member_id)?;
        let entries = ledger::list_of_holder(tx, holder(place, &group))?.into_iter();
        let downward = entries.filter(|entry| entry.kind == EntryKind::Adjust && Some(entry.at) > last);
        let corrected: i64 = downward.map(|entry| -entry.amount.minor.min(0)).sum();
        let used = used.entry((member_id, issuer.clone())).or_default();
        if corrected - *used >= amount.minor {
            *used += amount.minor;
            continue;
        }
        let name = members::find_name(tx, member_id)?;
        let cause = Cause::TooMuchBack { sale_id: sale.id, receipt: sale.receipt, on: sale.business_date };
        found.push(Unsettled { member_id, name, issuer, amount, cause });
    }
    Ok(found)
}
