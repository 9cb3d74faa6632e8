//! What must hold: after every few steps, after every start, and at the end.

use crate::deeds::{Lost, Sight, Standing};
use crate::faults::Fault;
use crate::machine::Machine;
use crate::rewind::life_and_version;
use crate::template::{ALLOWANCE, FIRST_LIFE, location_id};
use crate::truth::{Fact, Truth};
use crate::world::World;
use regulars_app::till::Till;
use regulars_domain::conflict::Side;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::{AccountId, EntryId, MemberId, Money, TillId, Timestamp, VisitId};
use regulars_protocol::push::Entry;
use regulars_store::outbox::{self, ChangeState, QueuedChange};
use regulars_store::{check, check_rows, checksums, decisions, ledger, locations, members};
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

/// Of what was taken without head office's word and is not confirmed, no more than the settings allow: of that person, and
/// of all at this till.
pub fn of_allowance(till: &Till, member: MemberId) -> Result<(), String> {
    let own = till.who.id;
    let read = till.store().read(|tx| {
        let mut statement = tx.prepare_cached(
            "SELECT credit_accounts.member_id, -sum(amount_minor) FROM ledger_entries
             JOIN credit_accounts ON credit_accounts.id = account_id
             WHERE till_id = ?1 AND kind IN ('redeem', 'cash_out') AND authorisation_id IS NULL AND EXISTS (
                 SELECT 1 FROM outbox WHERE state NOT IN ('done', 'discarded', 'replaced')
                   AND (outbox.entry_id = ledger_entries.id OR outbox.visit_id = ledger_entries.visit_id))
             GROUP BY credit_accounts.member_id",
        )?;
        let used = statement.query_map([own.uuid()], |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, i64>(1)?)))?;
        let mut people: BTreeMap<MemberId, i64> = BTreeMap::new();
        for used in used {
            let (member, minor) = used?;
            *people.entry(members::resolve(tx, MemberId::from_uuid(member))?).or_default() += minor;
        }
        Ok::<_, regulars_store::StoreError>((members::resolve(tx, member)?, people))
    });
    let (person, people) = read.map_err(|error| error.to_string())?;
    let (most, all) = (people.get(&person).copied().unwrap_or(0), people.values().sum::<i64>());
    if most > ALLOWANCE.per_member_minor {
        return Err(format!("{most} of one person was given out without head office's word"));
    }
    if all > ALLOWANCE.per_till_minor {
        return Err(format!("{all} was given out at one till without head office's word"));
    }
    Ok(())
}

/// What time or the line heals is never left to a person, and money for nothing but what it says. Where files or servers
/// were put back, head office may lack a member until a till gives them back.
pub fn of_parked(till: &Till, may_be_lacking: bool) -> Result<(), String> {
    /// Words of the line, of a stranger on it, and of an order that the till itself must keep.
    const NEVER: [&str; 8] = [
        "unreachable",
        "token_refused",
        "rate_limited",
        "not_head_office",
        "answer_incomplete",
        "answer_invalid",
        "location_unknown",
        "insufficient_credit",
    ];
    for parked in parked(till) {
        let code = parked.problem.map(|problem| problem.code).unwrap_or_default();
        let is_lacking = code == "member_unknown" && !may_be_lacking;
        if is_lacking || NEVER.contains(&code.as_str()) || (parked.change.is_money() && code == "server_error") {
            return Err(format!("{} waits for a person: {code}", parked.change.verb()));
        }
    }
    Ok(())
}

/// The whole file says one consistent thing.
pub fn of_file(till: &Till) -> Result<(), String> {
    let findings = till.store().read(|tx| check(tx)).map_err(|error| error.to_string())?;
    findings.first().map_or(Ok(()), |finding| Err(format!("{}: {}", finding.code, finding.message)))
}

/// The same in the end. Answers whether there is more to look at: not in a file that turns out to be damaged only now.
pub fn of_last_file(till: &Till, may_be_damaged: bool) -> Result<bool, String> {
    match of_file(till) {
        // It is salvaged at the next start.
        Err(words) if may_be_damaged && words.contains("damaged") => Ok(false),
        // What was salvaged has gaps, and the chain tells.
        Err(words) if may_be_damaged && words.contains("audit_broken") => Ok(true),
        looked => looked.map(|()| true),
    }
}

/// The journal can be read, and tells of everything that waits.
pub fn of_journal(till: &Till) -> Result<(), String> {
    let findings = till.store().check_journal().map_err(|error| error.to_string())?;
    findings.first().map_or(Ok(()), |finding| Err(format!("{}: {}", finding.code, finding.message)))
}

/// Where nothing happened to a file, no part of a shop ever differs from what head office has.
pub fn of_comparison(till: &Till, truth: &Truth) -> Result<(), String> {
    let checked = till.store().read(|tx| checksums::list_checked(tx)).map_err(|error| error.to_string())?;
    match checked.iter().find(|checked| checked.differing > 0).filter(|_| !truth.is_rewound) {
        Some(checked) => Err(format!("{} of 256 parts were not what head office has", checked.differing)),
        None => Ok(()),
    }
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
pub fn after_a_start(number: usize, till: &Till, truth: &mut Truth, is_older: bool) -> Result<(), String> {
    let (here, mut gone) = (ledger_of(till)?, Vec::new());
    for (id, fact) in truth.entries.iter().filter(|(_, fact)| fact.till == number) {
        match here.get(id) {
            Some(entry) if facts_of(entry) == facts_of(&fact.entry) => {}
            Some(_) => return Err(format!("till {number}: entry {id} is another one now")),
            None if is_older => gone.push(*id),
            None => {
                let amount = fact.entry.amount.minor;
                return Err(format!("till {number}: {amount} was booked and is gone"));
            }
        }
    }
    for id in gone {
        truth.perhaps.extend(truth.entries.remove(&id).map(|fact| (id, fact.entry)));
    }
    let is_there = |id| till.store().read(|tx| members::find(tx, id)).is_ok_and(|found| found.is_some());
    // Who turned out to be somebody that was erased goes with that one.
    let may_be_gone =
        |id: &MemberId| truth.removed.contains(id) || (!truth.erased.is_empty() && truth.joined.contains(id));
    let missing: Vec<MemberId> = truth
        .registered
        .iter()
        .filter(|(id, by)| **by == number && !may_be_gone(id) && !is_there(**id))
        .map(|(id, _)| *id)
        .collect();
    if !missing.is_empty() && !is_older {
        return Err(format!("till {number}: a registration is gone"));
    }
    truth.registered.retain(|id, _| !missing.contains(id));
    let own = till.who.id;
    for (id, entry) in here {
        if entry.till_id == own && entry.source == EntrySource::Till {
            truth.entries.entry(id).or_insert(Fact { till: number, entry });
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
    // What time heals may still be on its way to that.
    if of_parked(&up.till, false).is_err() {
        return false;
    }
    let counts = up.till.store().read(|tx| outbox::count(tx));
    counts.is_ok_and(|counts| counts.waiting == folded_into_parked(&up.till))
}

/// What travels with a change that waits for a person waits for them too.
fn folded_into_parked(till: &Till) -> i64 {
    let list = open(till);
    let waits = |change: &&QueuedChange| match change.state {
        ChangeState::Folded => true,
        ChangeState::Ready | ChangeState::Unknown => change.waits_for.is_some(),
        _ => false,
    };
    // What no remote is to hear of waits for none.
    let list: Vec<QueuedChange> = list.into_iter().filter(|change| change.remote_id.is_some()).collect();
    let has_parked = list.iter().any(|change| change.state == ChangeState::Parked);
    if has_parked { list.iter().filter(waits).count() as i64 } else { 0 }
}

pub fn what_waits(machine: &Machine) -> String {
    let Some(up) = &machine.up else { return format!("till {} is off", machine.number) };
    let list = open(&up.till).into_iter().map(|change| {
        let problem = change.problem.map(|problem| problem.code).unwrap_or_default();
        let waits = if change.waits_for.is_some() { "waits " } else { "" };
        format!("{} {} {waits}{problem}", change.change.verb(), change.state.name())
    });
    format!("till {}: [{}]", machine.number, list.collect::<Vec<_>>().join(", "))
}

pub fn parked(till: &Till) -> Vec<QueuedChange> {
    open(till).into_iter().filter(|change| change.state == ChangeState::Parked).collect()
}

pub fn open(till: &Till) -> Vec<QueuedChange> {
    till.store().read(|tx| outbox::list_open(tx, 1_000)).unwrap_or_default()
}

/// Every till and head office say the same, and it is what happened.
pub fn at_the_end(world: &World, truth: &Truth) -> Result<(), String> {
    let head_office = world.runtime.block_on(async { world.shared.server().lock().await.read(HeadOfficeRows::read) });
    let faults = world.faults;
    check_money(&head_office, truth)?;
    if !faults.has(Fault::ServerPutBack) && head_office.life.0 != FIRST_LIFE {
        return Err("head office began a new life, though nobody put a copy back".to_owned());
    }
    truth.look_at_life(&head_office.life)?;
    if !truth.is_rewound {
        check_holds(&head_office, !faults.has(Fault::ClockJump))?;
        check_voids(&head_office)?;
    }
    check_lots(&head_office, truth)?;
    let mut lost = Lost::new();
    for machine in &world.tills {
        let Some(up) = &machine.up else { return Err(format!("till {} is off", machine.number)) };
        let told = |words| format!("till {}: {words}", machine.number);
        if !of_last_file(&up.till, faults.has(Fault::PageDamaged)).map_err(told)? {
            continue;
        }
        of_journal(&up.till).map_err(told)?;
        check_ledger(machine.number, &ledger_of(&up.till)?, &head_office)?;
        check_members(machine.number, &up.till, &head_office)?;
        check_balances(&up.till, &head_office).map_err(told)?;
        check_clock(world, &up.till).map_err(told)?;
        lost.extend(losers(&up.till)?);
    }
    check_erased(world, truth, &head_office)?;
    if truth.is_rewound {
        return Ok(());
    }
    let (deleted, erased) = (head_office.deleted(false), head_office.deleted(true));
    let clocks_are_right = !faults.has(Fault::ClockJump);
    let sight = head_office.sight();
    truth.deeds.check(&Standing { sight: &sight, deleted: &deleted, erased: &erased, lost: &lost, clocks_are_right })
}

/// What is kept at a till as the value that lost.
fn losers(till: &Till) -> Result<Lost, String> {
    let read = till.store().read(|tx| {
        let mut lost = Lost::new();
        for id in members::list_ids(tx)? {
            for decision in decisions::list_of_member(tx, id)? {
                let winner =
                    if decision.lost == Some(Side::Ours) { &decision.values.theirs } else { &decision.values.ours };
                let value = decision.lost_value().map(Value::to_string);
                lost.extend(value.map(|value| ((id, decision.values.field.clone(), value), winner.clone())));
            }
        }
        Ok::<_, regulars_store::StoreError>(lost)
    });
    read.map_err(|error| error.to_string())
}

/// A redemption uses up the hold that it names, and was booked before that ran out.
fn check_holds(head_office: &HeadOfficeRows, clocks_are_right: bool) -> Result<(), String> {
    /// What a till's clock may be off, and a bit.
    const OFF_MS: i64 = 150_000;
    for (hold, (account, amount, captured, expires_at)) in &head_office.holds {
        // Members may have turned out to be one, and not to be, between the hold and the booking.
        let is_of_it = |entry: &&Entry| {
            entry.authorisation_id.map(|id| id.uuid()) == Some(*hold) && entry.account_id.uuid() == *account
        };
        let named = head_office.entries.values().filter(is_of_it);
        let redeemed: Vec<&Entry> =
            named.filter(|entry| matches!(entry.kind, EntryKind::Redeem | EntryKind::CashOut)).collect();
        let sum: i64 = redeemed.iter().map(|entry| -entry.amount.minor).sum();
        if *captured < sum.min(*amount) {
            return Err(format!("a hold of {amount} was used for {sum}, and {captured} of it is used up"));
        }
        let late = redeemed.iter().find(|entry| entry.at.as_millis() > expires_at + OFF_MS);
        if let Some(late) = late.filter(|_| clocks_are_right) {
            return Err(format!("{} was booked on a hold that had run out", late.amount.minor));
        }
    }
    Ok(())
}

/// Nothing is undone twice.
fn check_voids(head_office: &HeadOfficeRows) -> Result<(), String> {
    let mut undone = BTreeSet::new();
    let voids = head_office.entries.values().filter(|entry| entry.kind == EntryKind::Void);
    for source in voids.filter_map(|entry| entry.source_entry_id) {
        if !undone.insert(source) {
            return Err(format!("entry {source} was undone twice"));
        }
    }
    Ok(())
}

/// In accounts in which credit only came, was used and ran out, what is left of each lot is what is left after the soonest
/// lost was used first, reckoned here in another way. Of those who were one person with another for a time, the other's
/// lots may have been used instead.
fn check_lots(head_office: &HeadOfficeRows, truth: &Truth) -> Result<(), String> {
    let mut accounts: BTreeMap<(AccountId, u8), Vec<&Entry>> = BTreeMap::new();
    for entry in head_office.entries.values().filter(|entry| !truth.joined.contains(&entry.member_id)) {
        accounts.entry((entry.account_id, entry.lot_class as u8)).or_default().push(entry);
    }
    let mut firsts: BTreeMap<(AccountId, VisitId, Timestamp), EntryId> = BTreeMap::new();
    for entry in head_office.entries.values() {
        if let Some(visit) = entry.visit_id {
            let first = firsts.entry((entry.account_id, visit, entry.at)).or_insert(entry.id);
            *first = entry.id.min(*first);
        }
    }
    for (_, mut entries) in accounts {
        let is_plain = |entry: &&Entry| match entry.kind {
            EntryKind::TopUp | EntryKind::Earn | EntryKind::Redeem => entry.source_entry_id.is_none(),
            EntryKind::Expire => entry.amount.minor < 0,
            _ => false,
        };
        if !entries.iter().all(is_plain) {
            continue;
        }
        // What one visit did stands where its first entry does, of whatever class, what takes before what gives.
        let first_of = |entry: &Entry| {
            let first = entry.visit_id.and_then(|visit| firsts.get(&(entry.account_id, visit, entry.at)));
            first.copied().unwrap_or(entry.id)
        };
        entries.sort_by_key(|entry| (entry.at, first_of(entry), entry.amount.minor > 0, entry.id));
        let mut lots: Vec<(&Entry, i64)> = Vec::new();
        let mut is_owed = false;
        for entry in entries.iter().filter(|entry| entry.kind != EntryKind::Expire) {
            if entry.amount.minor > 0 {
                lots.push((entry, entry.amount.minor));
                continue;
            }
            let mut wanted = -entry.amount.minor;
            let mut usable: Vec<usize> = (0..lots.len())
                .filter(|place| lots[*place].0.expires_on.is_none_or(|day| day >= entry.business_date))
                .collect();
            usable.sort_by_key(|place| (lots[*place].0.expires_on.is_none(), lots[*place].0.expires_on, *place));
            for place in usable {
                let part = wanted.min(lots[place].1);
                lots[place].1 -= part;
                wanted -= part;
            }
            is_owed |= wanted > 0;
        }
        // Where more was used than was there, which lot covers that is another question.
        for (lot, left) in lots.into_iter().filter(|_| !is_owed) {
            let expired: i64 = entries
                .iter()
                .filter(|entry| entry.kind == EntryKind::Expire && entry.source_entry_id == Some(lot.id))
                .map(|entry| -entry.amount.minor)
                .sum();
            if expired > left {
                let told = |entry: &&Entry| {
                    let Entry { id, kind, amount, at, expires_on, business_date, source_entry_id, .. } = entry;
                    format!(
                        "{id} {kind:?} {} at {at} on {business_date} until {expires_on:?} of {source_entry_id:?}",
                        amount.minor
                    )
                };
                let all: Vec<String> = entries.iter().map(told).collect();
                return Err(format!(
                    "{expired} of a lot ran out of which {left} was left; all:\n  {}",
                    all.join("\n  ")
                ));
            }
        }
    }
    Ok(())
}

/// What a till shows of a person's credit is the sum of all that was ever booked for whoever they turned out to be.
fn check_balances(till: &Till, head_office: &HeadOfficeRows) -> Result<(), String> {
    let mut sums: BTreeMap<MemberId, i64> = BTreeMap::new();
    for entry in head_office.entries.values() {
        if let Some(root) = head_office.root_of(entry.member_id) {
            *sums.entry(root).or_default() += entry.amount.minor;
        }
    }
    let shop = till.store().read(|tx| locations::get(tx, location_id(0))).map_err(|error| error.to_string())?;
    for (member, sum) in sums {
        if head_office.members.get(&member).is_none_or(|(_, is_deleted)| *is_deleted) {
            continue;
        }
        let credit = regulars_app::credit::of_member(till, &shop, member).map_err(|error| error.to_string())?;
        if credit.balance.minor != sum {
            return Err(format!("{} is shown of member {member}, and {sum} was booked", credit.balance.minor));
        }
    }
    Ok(())
}

/// After an exchange a till's time is head office's, whatever its own clock says.
fn check_clock(world: &World, till: &Till) -> Result<(), String> {
    let off = till.now().as_millis() - world.shared.time().now();
    if off.abs() > 130_000 { Err(format!("its time is {off} ms off after an exchange")) } else { Ok(()) }
}

/// Of somebody who was erased nothing is left anywhere.
fn check_erased(world: &World, truth: &Truth, head_office: &HeadOfficeRows) -> Result<(), String> {
    let erased = head_office.deleted(true);
    let is_gone = |id: &MemberId| erased.contains(id) || !head_office.members.contains_key(id);
    if let Some(id) = truth.erased.iter().find(|id| !is_gone(id)).filter(|_| !truth.is_rewound) {
        return Err(format!("member {id} was to be erased, and is not"));
    }
    for id in &erased {
        if head_office.kept.contains(id) || head_office.members[id].0 != Value::Object(Default::default()) {
            return Err(format!("head office keeps what member {id} was, who was erased"));
        }
        for machine in &world.tills {
            let Some(up) = &machine.up else { continue };
            let read = up.till.store().read(|tx| {
                let mirrored: i64 = tx.query_row(
                    "SELECT count(*) FROM mirror WHERE member_id = ?1 AND content NOT LIKE '{\"document\":{}%'",
                    [id.uuid()],
                    |row| row.get(0),
                )?;
                Ok::<_, regulars_store::StoreError>(members::find(tx, *id)?.is_some() || mirrored > 0)
            });
            if read.map_err(|error| error.to_string())? {
                return Err(format!("till {} still shows member {id}, who was erased", machine.number));
            }
        }
    }
    Ok(())
}

/// Each entry that a till booked is at head office once; and nothing else but what head office books itself.
fn check_money(head_office: &HeadOfficeRows, truth: &Truth) -> Result<(), String> {
    for (id, fact) in &truth.entries {
        let Some(entry) = head_office.entries.get(id) else {
            return Err(format!("till {}: {} never came to head office", fact.till, fact.entry.amount.minor));
        };
        if facts_of_theirs(entry) != facts_of(&fact.entry) {
            return Err(format!("entry {id} is another one at head office"));
        }
    }
    for (id, entry) in &head_office.entries {
        let is_fact = truth.entries.contains_key(id) || truth.perhaps.contains_key(id);
        if entry.source == EntrySource::Till && !is_fact {
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
            let there = if *is_deleted { "not there" } else { "there" };
            let open =
                till.store().read(|tx| outbox::list_open_of_member(tx, *id)).map_err(|error| error.to_string())?;
            return Err(format!("member {id} is {there} for head office, and otherwise for till {number}; {open:#?}"));
        }
        if !is_deleted && Value::Object(stored.document.clone()) != *document {
            let here = Value::Object(stored.document);
            return Err(format!("till {number} has member {id} as {here}, head office as {document}"));
        }
    }
    let ids = members_of(till)?;
    if let Some(id) = ids.iter().find(|id| !head_office.members.contains_key(id)) {
        return Err(format!("till {number} has member {id}, head office does not"));
    }
    let here = crate::actions::sight(till, &ids).map_err(|error| error.to_string())?;
    for (place, terms) in &head_office.terms {
        let is_there = head_office.members.get(&place.0).is_some_and(|(_, is_deleted)| !is_deleted);
        if is_there && here.get(place) != Some(terms) {
            let shop = place.1.as_deref().unwrap_or_default();
            let here = here.get(place);
            return Err(format!(
                "till {number} has member {} at {shop} as {here:?}, head office as {terms:?}",
                place.0
            ));
        }
    }
    Ok(())
}

/// What stands in head office's database.
pub struct HeadOfficeRows {
    pub entries: BTreeMap<EntryId, Entry>,
    pub members: BTreeMap<MemberId, (Value, bool)>,
    /// How members stand at shops.
    terms: Sight,
    erased: BTreeSet<MemberId>,
    /// Deleted members of whom it is kept what they were.
    kept: BTreeSet<MemberId>,
    merged_into: BTreeMap<MemberId, MemberId>,
    /// Account, amount, what of it is used up, and until when it holds.
    holds: BTreeMap<Uuid, (Uuid, i64, i64, i64)>,
    /// Its life, and the newest version.
    life: (String, i64),
}

impl HeadOfficeRows {
    pub fn read(connection: &Connection) -> Self {
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
        let members = members.collect();
        let ids = |sql: &str| -> BTreeSet<MemberId> {
            let mut statement = connection.prepare(sql).expect("a table");
            let rows = statement.query_map([], |row| row.get::<_, Uuid>(0)).expect("rows");
            rows.map(|row| MemberId::from_uuid(row.expect("a row"))).collect()
        };
        let mut statement = connection.prepare("SELECT member_id, location, terms FROM memberships").expect("a table");
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)));
        let terms = rows.expect("rows").map(|row| {
            let (id, shop, terms) = row.expect("a row");
            ((MemberId::from_uuid(id), Some(shop)), serde_json::from_str(&terms).expect("JSON"))
        });
        let terms = terms.collect();
        let mut statement =
            connection.prepare("SELECT id, merged_into FROM members WHERE merged_into IS NOT NULL").expect("a table");
        let rows = statement.query_map([], |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, Uuid>(1)?))).expect("rows");
        let merged_into = rows.map(|row| {
            let (id, into) = row.expect("a row");
            (MemberId::from_uuid(id), MemberId::from_uuid(into))
        });
        let merged_into = merged_into.collect();
        let mut statement = connection
            .prepare("SELECT id, account_id, amount_minor, captured_minor, expires_at FROM authorisations")
            .expect("a table");
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, Uuid>(0)?, (row.get::<_, Uuid>(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        });
        let holds = rows.expect("rows").map(|row| row.expect("a row")).collect();
        let life = life_and_version(connection);
        let erased = ids("SELECT id FROM members WHERE is_erased");
        let kept = ids("SELECT member_id FROM removed_members");
        Self { entries, members, terms, erased, kept, merged_into, holds, life }
    }

    /// Members who are gone: deleted, or erased too.
    fn deleted(&self, erased: bool) -> BTreeSet<MemberId> {
        let deleted = self.members.iter().filter(|(_, (_, is_deleted))| *is_deleted).map(|(id, _)| *id);
        deleted.filter(|id| self.erased.contains(id) == erased).collect()
    }

    fn sight(&self) -> Sight {
        let people = self.members.iter().filter(|(_, (_, is_deleted))| !is_deleted);
        let people = people.filter_map(|(id, (document, _))| Some(((*id, None), document.as_object()?.clone())));
        let terms = self.terms.iter().map(|(place, terms)| (place.clone(), terms.clone()));
        people.chain(terms).collect()
    }

    /// Who a member turned out to be; nobody where they go round.
    fn root_of(&self, member: MemberId) -> Option<MemberId> {
        let mut root = member;
        for _ in 0..self.members.len() {
            match self.merged_into.get(&root) {
                Some(into) => root = *into,
                None => return Some(root),
            }
        }
        None
    }
}

pub fn ledger_of(till: &Till) -> Result<BTreeMap<EntryId, LedgerEntry>, String> {
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

pub fn members_of(till: &Till) -> Result<Vec<MemberId>, String> {
    till.store().read(|tx| members::list_ids(tx)).map_err(|error| error.to_string())
}

pub type Facts =
    (EntryId, AccountId, MemberId, EntryKind, LotClass, Money, Timestamp, TillId, Option<EntryId>, Option<VisitId>);

/// The fact, wherever it is kept: shops have other ids on other tills.
pub fn facts_of(entry: &LedgerEntry) -> Facts {
    let LedgerEntry { id, account_id, member_id, kind, lot_class, amount, at, till_id, .. } = entry;
    let (source, visit) = (entry.source_entry_id, entry.visit_id);
    (*id, *account_id, *member_id, *kind, *lot_class, *amount, *at, *till_id, source, visit)
}

fn facts_of_theirs(entry: &Entry) -> Facts {
    let Entry { id, account_id, member_id, kind, lot_class, amount, at, till_id, .. } = entry;
    let (source, visit) = (entry.source_entry_id, entry.visit_id);
    (*id, *account_id, *member_id, *kind, *lot_class, *amount, *at, *till_id, source, visit)
}
