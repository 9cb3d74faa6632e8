//! What tills did to credit while none heard of the others, and a person settles: accounts that were overdrawn, and sales
//! of which more came back than was paid.

use super::{give_back, holder};
use crate::error::AppError;
use crate::till::Till;
use regulars_domain::ledger::{EntryKind, LedgerEntry, too_much_back};
use regulars_domain::{Date, MemberId, Money, Timestamp, VisitId};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, locations, members, visits};
use std::collections::btree_map::Entry;
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
        let of_sales = found.iter().filter(|unsettled| unsettled.cause != Cause::Owes);
        let with_sales: BTreeSet<_> = of_sales.map(|unsettled| unsettled.member_id).collect();
        let found_before = |unsettled: &Self| match &unsettled.cause {
            Cause::Owes => true,
            sale @ Cause::TooMuchBack { .. } => found.iter().any(|found| found.cause == *sale),
        };
        till.read(|tx| {
            // All of these people: what was corrected is shared out among their sales.
            let mut sales = Vec::new();
            for person in &with_sales {
                for member in members::list_group(tx, members::resolve(tx, *person)?)? {
                    sales.extend(visits::list_named_again_of(tx, member)?);
                }
            }
            Ok(look(tx, owing, sales)?.into_iter().filter(found_before).collect())
        })
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
    let mut corrected = BTreeMap::<(MemberId, String), Vec<Correction>>::new();
    let mut found = Vec::new();
    for (last, sale, amount) in doubtful {
        let (Some(issuer), Some(member_id)) = (give_back::issuer_of(tx, &sale)?, person(tx, sale.member_id)?) else {
            continue;
        };
        let is_its =
            |place: &&StoredLocation| place.location.issuer == issuer && place.location.currency == amount.currency;
        let Some(place) = places.iter().find(is_its) else { continue };
        let account = (member_id, format!("{issuer} {}", amount.currency.code()));
        let corrections = match corrected.entry(account) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(corrections_of(tx, place, member_id)?),
        };
        if !is_settled(corrections, last, amount.minor) {
            let name = members::find_name(tx, member_id)?;
            let cause = Cause::TooMuchBack { sale_id: sale.id, receipt: sale.receipt, on: sale.business_date };
            found.push(Unsettled { member_id, name, issuer, amount, cause });
        }
    }
    Ok(found)
}

/// What was taken from an account by a correction, and is not used up by a sale that it settles.
struct Correction {
    at: Timestamp,
    left: i64,
}

/// Corrections downward that stand, the oldest first.
fn corrections_of(
    tx: &Transaction<'_>,
    place: &StoredLocation,
    member_id: MemberId,
) -> Result<Vec<Correction>, AppError> {
    let entries = ledger::list_of_holder(tx, holder(place, &members::list_group(tx, member_id)?))?;
    let is_undone = |entry: &LedgerEntry| {
        entries.iter().any(|void| void.kind == EntryKind::Void && void.source_entry_id == Some(entry.id))
    };
    let downward = entries.iter().filter(|entry| entry.kind == EntryKind::Adjust && entry.amount.minor < 0);
    let standing = downward.filter(|entry| !is_undone(entry));
    Ok(standing.map(|entry| Correction { at: entry.at, left: -entry.amount.minor }).collect())
}

/// Whether so much was corrected after that instant; it is used up by that.
fn is_settled(corrections: &mut [Correction], last: Option<Timestamp>, mut amount: i64) -> bool {
    let later = |correction: &Correction| Some(correction.at) > last;
    if corrections.iter().filter(|correction| later(correction)).map(|correction| correction.left).sum::<i64>() < amount
    {
        return false;
    }
    for correction in corrections.iter_mut().filter(|correction| later(correction)) {
        let taken = correction.left.min(amount);
        correction.left -= taken;
        amount -= taken;
    }
    true
}
