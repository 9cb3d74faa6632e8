//! What must hold: after every few steps, after every start, and at the end.

use crate::machine::Machine;
use crate::truth::{Fact, Truth};
use crate::world::World;
use regulars_app::till::Till;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::{AccountId, EntryId, MemberId, Money, TillId, Timestamp, VisitId};
use regulars_protocol::push::Entry;
use regulars_store::outbox::{self, ChangeState, QueuedChange};
use regulars_store::{check, check_rows, ledger, members};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The working rows are what mirror and pending changes make.
pub fn of_rows(till: &Till) -> Result<(), String> {
    let findings =
        till.store().read(|tx| check_rows(tx)).map_err(|error| format!("rows cannot be checked: {error}"))?;
    match findings.first() {
        Some(finding) => Err(format!("{}: {}; {}", finding.code, finding.message, all_rows(till))),
        None => Ok(()),
    }
}

/// The whole file says one consistent thing.
pub fn of_file(till: &Till) -> Result<(), String> {
    let findings = till.store().read(|tx| check(tx)).map_err(|error| error.to_string())?;
    findings.first().map_or(Ok(()), |finding| Err(format!("{}: {}", finding.code, finding.message)))
}

fn all_rows(till: &Till) -> String {
    let read = till.store().read(|tx| {
        let mut words = String::new();
        for id in members::list_ids(tx)? {
            let stored = members::find(tx, id)?;
            let memberships = members::list_memberships(tx, id)?;
            let open = outbox::list_open_of_member(tx, id)?;
            words += &format!("\n  {id}: {stored:?}\n    {memberships:?}\n    {open:#?}");
        }
        Ok::<_, regulars_store::StoreError>(words)
    });
    read.unwrap_or_else(|error| error.to_string())
}

/// Whatever a cashier was told is done is there; and what they were not told may be there too.
pub fn after_a_start(number: usize, till: &Till, truth: &mut Truth) -> Result<(), String> {
    let here = ledger_of(till)?;
    for (id, fact) in truth.entries.iter().filter(|(_, fact)| fact.till == number && fact.is_in_file) {
        match here.get(id) {
            Some(entry) if facts_of(entry) == facts_of(&fact.entry) => {}
            Some(_) => return Err(format!("till {number}: entry {id} is another one now")),
            None => {
                let amount = fact.entry.amount.minor;
                return Err(format!("till {number}: {amount} was booked and is gone"));
            }
        }
    }
    for (id, (by, is_in_file)) in &truth.registered {
        let is_gone = || till.store().read(|tx| members::find(tx, *id)).is_ok_and(|found| found.is_none());
        if *by == number && *is_in_file && !truth.removed.contains(id) && is_gone() {
            return Err(format!("till {number}: a registration is gone"));
        }
    }
    let own = till.who.id;
    for (id, entry) in here {
        if entry.till_id == own && entry.source == EntrySource::Till {
            truth.entries.entry(id).or_insert(Fact { till: number, entry, is_in_file: true });
        }
    }
    for id in members_of(till)? {
        if !truth.members.contains(&id) {
            truth.members.push(id);
        }
    }
    Ok(())
}

pub fn is_sent(machine: &Machine) -> bool {
    let Some(up) = &machine.up else { return false };
    let counts = up.till.store().read(|tx| outbox::count(tx));
    counts.is_ok_and(|counts| counts.waiting == folded_into_parked(&up.till))
}

/// What travels with a change that waits for a person waits for them too.
fn folded_into_parked(till: &Till) -> i64 {
    let list = open(till);
    let waits = |change: &&QueuedChange| match change.state {
        ChangeState::Folded => true,
        ChangeState::Ready => change.waits_for.is_some(),
        _ => false,
    };
    let has_parked = list.iter().any(|change| change.state == ChangeState::Parked);
    if has_parked { list.iter().filter(waits).count() as i64 } else { 0 }
}

pub fn what_waits(machine: &Machine) -> String {
    let Some(up) = &machine.up else { return format!("till {} is off", machine.number) };
    let list = open(&up.till).into_iter().map(|change| {
        let problem = change.problem.map(|problem| problem.code).unwrap_or_default();
        format!("{} {} {problem}", change.change.verb(), change.state.name())
    });
    format!("till {}: [{}]", machine.number, list.collect::<Vec<_>>().join(", "))
}

pub fn parked(till: &Till) -> Vec<QueuedChange> {
    open(till).into_iter().filter(|change| change.state == ChangeState::Parked).collect()
}

fn open(till: &Till) -> Vec<QueuedChange> {
    till.store().read(|tx| outbox::list_open(tx, 1_000)).unwrap_or_default()
}

/// Every till and head office say the same, and it is what happened.
pub fn at_the_end(world: &World, truth: &Truth) -> Result<(), String> {
    let head_office =
        world.runtime.block_on(async { HeadOfficeRows::read(&world.shared.server().lock().await.read()) });
    check_money(&head_office, truth)?;
    for machine in &world.tills {
        let Some(up) = &machine.up else { return Err(format!("till {} is off", machine.number)) };
        of_file(&up.till).map_err(|words| format!("till {}: {words}", machine.number))?;
        check_ledger(machine.number, &ledger_of(&up.till)?, &head_office)?;
        check_members(machine.number, &up.till, &head_office)?;
    }
    Ok(())
}

/// Each entry that a till booked is at head office once; and nothing else but what head office books itself.
fn check_money(head_office: &HeadOfficeRows, truth: &Truth) -> Result<(), String> {
    for (id, fact) in truth.entries.iter().filter(|(_, fact)| fact.is_in_file) {
        let Some(entry) = head_office.entries.get(id) else {
            return Err(format!("till {}: {} never came to head office", fact.till, fact.entry.amount.minor));
        };
        if facts_of_theirs(entry) != facts_of(&fact.entry) {
            return Err(format!("entry {id} is another one at head office"));
        }
    }
    for (id, entry) in &head_office.entries {
        if entry.source == EntrySource::Till && !truth.entries.contains_key(id) {
            return Err(format!("head office has {} that no till booked", entry.amount.minor));
        }
    }
    Ok(())
}

fn check_ledger(
    number: usize,
    here: &BTreeMap<EntryId, LedgerEntry>,
    head_office: &HeadOfficeRows,
) -> Result<(), String> {
    let (mine, theirs): (BTreeSet<_>, BTreeSet<_>) = (here.keys().collect(), head_office.entries.keys().collect());
    if let Some(id) = theirs.difference(&mine).next() {
        let minor = head_office.entries[*id].amount.minor;
        return Err(format!("till {number} lacks an entry of {minor} that head office has"));
    }
    if let Some(id) = mine.difference(&theirs).next() {
        return Err(format!("till {number} has an entry of {} that head office lacks", here[*id].amount.minor));
    }
    Ok(())
}

fn check_members(number: usize, till: &Till, head_office: &HeadOfficeRows) -> Result<(), String> {
    for (id, (document, is_deleted)) in &head_office.members {
        let stored = till.store().read(|tx| members::find(tx, *id)).map_err(|error| error.to_string())?;
        let Some(stored) = stored else {
            if *is_deleted {
                continue;
            }
            return Err(format!("till {number} lacks member {id}"));
        };
        if stored.deleted_at.is_some() != *is_deleted {
            return Err(format!("till {number} and head office differ on whether member {id} is there"));
        }
        if !is_deleted && Value::Object(stored.document.clone()) != *document {
            let here = Value::Object(stored.document);
            return Err(format!("till {number} has member {id} as {here}, head office as {document}"));
        }
    }
    for id in members_of(till)? {
        if !head_office.members.contains_key(&id) {
            return Err(format!("till {number} has member {id}, head office does not"));
        }
    }
    Ok(())
}

/// What stands in head office's database.
struct HeadOfficeRows {
    entries: BTreeMap<EntryId, Entry>,
    members: BTreeMap<MemberId, (Value, bool)>,
}

impl HeadOfficeRows {
    fn read(connection: &Connection) -> Self {
        let mut statement = connection.prepare("SELECT content FROM ledger_entries").expect("a table");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        let entries = rows.map(|row| serde_json::from_str::<Entry>(&row.expect("a row")).expect("an entry"));
        let entries = entries.map(|entry| (entry.id, entry)).collect();
        let mut statement = connection.prepare("SELECT id, document, is_deleted FROM members").expect("a table");
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?)));
        let members = rows.expect("rows").map(|row| {
            let (id, document, is_deleted) = row.expect("a row");
            (MemberId::from_uuid(id), (serde_json::from_str(&document).expect("JSON"), is_deleted))
        });
        Self { entries, members: members.collect() }
    }
}

fn ledger_of(till: &Till) -> Result<BTreeMap<EntryId, LedgerEntry>, String> {
    let read = till.store().read(|tx| {
        let mut all = BTreeMap::new();
        // Also those of members of whom only a tombstone came.
        let mut statement = tx.prepare_cached("SELECT DISTINCT member_id FROM credit_accounts")?;
        let members = statement.query_map([], |row| row.get::<_, Uuid>(0))?.collect::<Result<Vec<_>, _>>()?;
        for member in members {
            for stored in ledger::list_of_member(tx, MemberId::from_uuid(member))? {
                all.insert(stored.entry.id, stored.entry);
            }
        }
        Ok::<_, regulars_store::StoreError>(all)
    });
    read.map_err(|error| error.to_string())
}

fn members_of(till: &Till) -> Result<Vec<MemberId>, String> {
    till.store().read(|tx| members::list_ids(tx)).map_err(|error| error.to_string())
}

type Facts =
    (EntryId, AccountId, MemberId, EntryKind, LotClass, Money, Timestamp, TillId, Option<EntryId>, Option<VisitId>);

/// The fact, wherever it is kept: shops have other ids on other tills.
fn facts_of(entry: &LedgerEntry) -> Facts {
    let LedgerEntry { id, account_id, member_id, kind, lot_class, amount, at, till_id, .. } = entry;
    let (source, visit) = (entry.source_entry_id, entry.visit_id);
    (*id, *account_id, *member_id, *kind, *lot_class, *amount, *at, *till_id, source, visit)
}

fn facts_of_theirs(entry: &Entry) -> Facts {
    let Entry { id, account_id, member_id, kind, lot_class, amount, at, till_id, .. } = entry;
    let (source, visit) = (entry.source_entry_id, entry.visit_id);
    (*id, *account_id, *member_id, *kind, *lot_class, *amount, *at, *till_id, source, visit)
}
