//! Credit that is at home at another member system: what a person sees who looks there, and what must hold of it in the
//! end. Each entry that a till booked is in the member's balance there once, beside it is only what others booked there,
//! and every till comes to the same sum.

use crate::invariants::{HeadOfficeRows, ledger_of, open};
use crate::truth::Truth;
use crate::world::World;
use crate::writer::SecondWriter;
use regulars_app::till::Till;
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::{EntryId, MemberId};
use regulars_store::outbox::{self, QueuedChange};
use regulars_sync::credit::Keeps;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Why money may wait for a person who cannot help it: it would be more than is there, or nobody is there, or several are.
const STAYS: [&str; 6] = ["refused", "gone_there", "merged_there", "not_there", "several_there", "several_members"];

/// Whether money that was tried again may wait on.
pub fn may_stay(parked: &QueuedChange) -> bool {
    let code = parked.problem.as_ref().map(|problem| problem.code.as_str());
    parked.change.is_money() && code.is_some_and(|code| STAYS.contains(&code))
}

/// What a person is asked about: the first of the entries of which nobody knows whether they are there.
pub fn in_doubt(parked: &QueuedChange) -> Option<&LedgerEntry> {
    Some(parked).filter(|parked| outbox::is_in_doubt(parked))?.change.entries().first()
}

/// Whether money that is in doubt is there, as a person sees who looks.
pub fn is_there(world: &World, parked: &QueuedChange) -> bool {
    let Some(first) = in_doubt(parked) else { return false };
    let is_it = world.runtime.block_on(async {
        let server = world.shared.server().lock().await;
        let there = server.read(HeadOfficeRows::read);
        server.booked_for().values().chain(there.entries.keys()).any(|id| *id == first.id)
    });
    let answer = if is_it { "it is there" } else { "it is not there" };
    world.shared.note(format!("a person looks for {}: {answer}", first.amount.minor));
    is_it
}

/// What stands in the balances of those who are there, by who they are for the tills.
#[derive(Default)]
struct Balances {
    sums: BTreeMap<MemberId, i64>,
    /// What of that tills booked.
    of_tills: BTreeMap<MemberId, i64>,
    /// The entries of tills, with whose they are and how much; of a write that is known by its mark the first alone, with
    /// all of it.
    entries: BTreeMap<EntryId, (MemberId, i64)>,
}

pub fn at_the_end(world: &World, truth: &Truth, there: &HeadOfficeRows) -> Result<(), String> {
    let balances = Balances::read(world, truth, there)?;
    let is_by_mark = world.system.credit.as_ref().is_some_and(|proof| proof.keeps == Keeps::Mark);
    let mut waits: BTreeSet<EntryId> = BTreeSet::new();
    for machine in &world.tills {
        let Some(up) = &machine.up else { return Err(format!("till {} is off", machine.number)) };
        let told = |words| format!("till {}: {words}", machine.number);
        waits.extend(waiting(&up.till, &balances).map_err(told)?);
        balances.agree_with(&up.till).map_err(told)?;
    }
    let mut booked: BTreeMap<MemberId, i64> = BTreeMap::new();
    for (id, fact) in &truth.entries {
        let (member, minor) = (fact.entry.member_id, fact.entry.amount.minor);
        if waits.contains(id) || !balances.sums.contains_key(&member) {
            continue;
        }
        *booked.entry(member).or_default() += minor;
        if !is_by_mark && balances.entries.get(id) != Some(&(member, minor)) {
            let there = balances.entries.get(id);
            return Err(format!("till {}: {minor} of {member} is there as {there:?}", fact.till));
        }
    }
    // What went with a file may be in a balance or not.
    let unsure: BTreeSet<MemberId> = truth.perhaps.values().map(|entry| entry.member_id).collect();
    for member in balances.sums.keys().filter(|member| !unsure.contains(member)) {
        let sum = |sums: &BTreeMap<MemberId, i64>| sums.get(member).copied().unwrap_or(0);
        let (booked, there) = (sum(&booked), sum(&balances.of_tills));
        if booked != there {
            return Err(format!("tills booked {booked} of member {member}, and {there} of it is in the balance there"));
        }
    }
    Ok(())
}

/// Entries of a till that wait for a person and are not there. Who waits because it would be more than is there is right.
fn waiting(till: &Till, balances: &Balances) -> Result<Vec<EntryId>, String> {
    let mut waits = Vec::new();
    for parked in open(till).iter().filter(|parked| parked.change.is_money() && parked.remote_id.is_some()) {
        let entries = parked.change.entries();
        let Some(first) = entries.first().filter(|first| !balances.entries.contains_key(&first.id)) else { continue };
        let sum: i64 = entries.iter().map(|entry| entry.amount.minor).sum();
        let there = balances.sums.get(&first.member_id);
        let is_refused = parked.problem.as_ref().is_some_and(|problem| problem.code == "refused");
        if let Some(there) = there.filter(|there| is_refused && **there + sum >= 0) {
            return Err(format!("{sum} waits for a person, though {there} is there"));
        }
        waits.extend(entries.iter().map(|entry| entry.id));
    }
    Ok(waits)
}

impl Balances {
    fn read(world: &World, truth: &Truth, there: &HeadOfficeRows) -> Result<Self, String> {
        let booked_for = world.runtime.block_on(async { world.shared.server().lock().await.booked_for() });
        let elsewhere = SecondWriter::new().till_id;
        let mut balances = Self::default();
        let here: BTreeMap<MemberId, MemberId> = there
            .members
            .iter()
            .filter(|(_, (_, is_deleted))| !is_deleted)
            .filter_map(|(id, (document, _))| Some((*id, id_of_tills(document)?)))
            .collect();
        balances.sums.extend(here.values().map(|member| (*member, 0)));
        for entry in there.entries.values() {
            let Some(member) = here.get(&entry.member_id).copied() else { continue };
            *balances.sums.entry(member).or_default() += entry.amount.minor;
            if entry.till_id == elsewhere {
                continue;
            }
            *balances.of_tills.entry(member).or_default() += entry.amount.minor;
            let id = booked_for.get(&entry.id).copied().unwrap_or(entry.id);
            if !truth.entries.contains_key(&id) && !truth.perhaps.contains_key(&id) {
                return Err(format!("{} is in a balance there that nobody booked", entry.amount.minor));
            }
            if let Some((_, before)) = balances.entries.insert(id, (member, entry.amount.minor)) {
                let (minor, at) = (entry.amount.minor, entry.at);
                return Err(format!("entry {id} of member {member} is there with {before}, and with {minor} at {at}"));
            }
        }
        Ok(balances)
    }

    /// A till that was told of everybody has the same sums, but for what waits for a person.
    fn agree_with(&self, till: &Till) -> Result<(), String> {
        let waits = open(till).into_iter().filter(|change| change.remote_id.is_some());
        let waits: BTreeSet<EntryId> =
            waits.flat_map(|change| change.change.entries().iter().map(|entry| entry.id).collect::<Vec<_>>()).collect();
        let mut sums: BTreeMap<MemberId, i64> = BTreeMap::new();
        for (_, entry) in ledger_of(till)?.into_iter().filter(|(id, _)| !waits.contains(id)) {
            *sums.entry(entry.member_id).or_default() += entry.amount.minor;
        }
        for (member, there) in &self.sums {
            let here = sums.get(member).copied().unwrap_or(0);
            if here != *there {
                return Err(format!("{here} is booked of member {member}, and {there} is in the balance there"));
            }
        }
        Ok(())
    }
}

/// Tills tell their own id of a member there.
fn id_of_tills(document: &Value) -> Option<MemberId> {
    document.get("external_ids")?.get("portos")?.as_str()?.parse().ok()
}
