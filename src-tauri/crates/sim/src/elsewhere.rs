//! What must hold in the end where the shops have another member system: nobody is there twice, nobody is gone, what has a
//! home there is the same on both sides, and money stays as it was booked: at the till that is its home, or there.

use crate::balances;
use crate::faults::Fault;
use crate::invariants::{HeadOfficeRows, facts_of, ledger_of, members_of, of_journal, of_last_file, parked};
use crate::run::Run;
use crate::truth::Truth;
use crate::world::World;
use regulars_app::till::Till;
use regulars_domain::MemberId;
use regulars_domain::edit::{self, Document};
use regulars_store::members;
use serde_json::Value;
use std::collections::BTreeMap;

/// Fields that all of them have a home for, and each value of which is made once.
const SHARED: [&str; 3] = ["name/full", "phone/e164", "email"];

/// A day, and a bit.
const DAY_MS: i64 = 90_000_000;

/// Whoever came from there is somebody whom cashiers deal with from now on.
pub fn meet(till: &Till, truth: &mut Truth) {
    // A file that cannot be read is noticed by whoever needs it.
    let all = members_of(till).unwrap_or_default();
    let new: Vec<MemberId> = all.into_iter().filter(|id| !truth.members.contains(id)).collect();
    truth.members.extend(new);
}

/// Who was deleted there is noticed where all of them were gone through twice, which is done once a day.
pub fn days_pass(run: &mut Run<'_>) -> Result<(), String> {
    for _ in 0..3 {
        run.world.shared.time().pass(DAY_MS);
        for till in 0..run.world.tills.len() {
            run.exchange_once(till)?;
        }
    }
    Ok(())
}

pub fn at_the_end(world: &World, truth: &Truth) -> Result<(), String> {
    let there = world.runtime.block_on(async { world.shared.server().lock().await.read(HeadOfficeRows::read) });
    let living = there.members.iter().filter(|(_, (_, is_deleted))| !is_deleted);
    let living: Vec<(MemberId, &Document)> =
        living.filter_map(|(id, (document, _))| Some((*id, document.as_object()?))).collect();
    nobody_twice(&living)?;
    for machine in &world.tills {
        let Some(up) = &machine.up else { return Err(format!("till {} is off", machine.number)) };
        let told = |words| format!("till {}: {words}", machine.number);
        if !of_last_file(&up.till, world.faults.has(Fault::PageDamaged)).map_err(told)? {
            continue;
        }
        of_journal(&up.till).map_err(told)?;
        nobody_gone(&up.till, &living).map_err(told)?;
        let here = ledger_of(&up.till)?;
        for (id, fact) in truth.entries.iter().filter(|(_, fact)| fact.till == machine.number) {
            if here.get(id).map(facts_of) != Some(facts_of(&fact.entry)) {
                return Err(told(format!("{} was booked and is gone", fact.entry.amount.minor)));
            }
        }
    }
    if world.system.credit.is_some() { balances::at_the_end(world, truth, &there) } else { Ok(()) }
}

/// No value that was made once stands at two members.
fn nobody_twice(living: &[(MemberId, &Document)]) -> Result<(), String> {
    for path in SHARED {
        let mut seen: BTreeMap<String, MemberId> = BTreeMap::new();
        for (id, document) in living {
            let value = value_of(document, path);
            if let Some(other) = value.as_str().and_then(|value| seen.insert(value.to_owned(), *id)) {
                return Err(format!("{value} is there twice: {other} and {id}"));
            }
        }
    }
    Ok(())
}

/// Each member of the till stands there as here, or waits for a person.
fn nobody_gone(till: &Till, living: &[(MemberId, &Document)]) -> Result<(), String> {
    let waits: Vec<MemberId> = parked(till).iter().filter_map(|change| change.member_id).collect();
    for id in members_of(till)? {
        let stored = till.store().read(|tx| members::find(tx, id)).map_err(|error| error.to_string())?;
        let Some(stored) = stored.filter(|stored| stored.deleted_at.is_none()) else { continue };
        if waits.contains(&id) || stored.document.contains_key("merged") {
            continue;
        }
        let is_same = |document: &Document| {
            SHARED.iter().all(|path| value_of(&stored.document, path) == value_of(document, path))
        };
        if !living.iter().any(|(_, document)| is_same(document)) {
            let here = Value::Object(stored.document);
            let all: Vec<String> = living
                .iter()
                .map(|(_, document)| format!("{:?}", SHARED.map(|path| value_of(document, path))))
                .collect();
            return Err(format!("member {id} does not stand there as here: {here}; there: {}", all.join("\n  ")));
        }
    }
    Ok(())
}

fn value_of<'a>(document: &'a Document, path: &str) -> &'a Value {
    match path.split_once('/') {
        Some((group, key)) => document.get(group).and_then(|group| group.get(key)).unwrap_or(&Value::Null),
        None => edit::get(document, path).unwrap_or(&Value::Null),
    }
}
