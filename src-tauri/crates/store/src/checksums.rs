//! What this till has of a shop, in sums to be compared with head office's, and putting a part right that differs.
//!
//! Counted is what head office confirmed: the mirror, and entries and visits that came from there or were acknowledged.

use crate::error::StoreError;
use crate::locations::{self, StoredLocation};
use crate::mirror::MirroredMembership;
use crate::outbox::{self, ChangeState};
use crate::pull::{self, PulledRow, Source};
use crate::sql::Sql;
use regulars_domain::change::Change;
use regulars_domain::checksum::{Buckets, Standing, bucket_of};
use regulars_domain::{ChangeId, EntryId, LocationId, MemberId, RemoteId, Timestamp, VisitId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

/// Whether the sums can be compared: nothing is on its way whose answer is not known.
///
/// # Errors
/// As any read.
pub fn is_settled(connection: &Connection, remote: RemoteId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE remote_id = :remote
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND first_sent_at IS NOT NULL
           AND state <> 'parked')",
    )?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0))?)
}

/// The sums of a shop.
///
/// # Errors
/// As any read.
pub fn sum_up(connection: &Connection, shop: &StoredLocation) -> Result<Buckets, StoreError> {
    let mut sums = Buckets::default();
    let Some(remote) = shop.remote_id else { return Ok(sums) };
    let mut members = HashSet::new();
    each_member(connection, remote, &shop.pos_id, |member| {
        members.insert(member.id);
        sums.add_member(Standing {
            id: member.id,
            version: member.version.unwrap_or(0),
            document: member.document,
            member_since: member.membership.member_since,
            terms: &member.terms,
        });
    })?;
    each_fact(connection, remote, |fact| {
        if fact.location_id == shop.id || members.contains(&fact.member_id) {
            match fact.what {
                What::Entry { id, amount_minor } => sums.add_entry(fact.member_id, id, amount_minor),
                What::Visit { id } => sums.add_visit(fact.member_id, id),
            }
        }
    })?;
    Ok(sums)
}

/// Applies rows of a part that differs, whatever this till thought of their versions: at its cursor head office is right.
///
/// # Errors
/// As any write.
pub fn apply_rows(
    tx: &Transaction<'_>,
    source: Source,
    rows: &[PulledRow],
    new_id: &mut dyn FnMut() -> LocationId,
) -> Result<(), StoreError> {
    let mut forget = tx.prepare_cached(
        "UPDATE mirror SET version = NULL, acked_at = NULL WHERE remote_id = :remote AND remote_key = :key",
    )?;
    for row in rows {
        if let PulledRow::Member(member) = row {
            forget.execute(named_params! { ":remote": Sql(source.remote_id), ":key": member.remote_key })?;
        }
    }
    pull::apply_rows(tx, source, rows, new_id)
}

/// What a whole part names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    members: HashSet<MemberId>,
    facts: HashSet<Uuid>,
}

impl Named {
    /// Takes in what these rows name.
    pub fn add(&mut self, rows: &[PulledRow]) {
        for row in rows {
            match row {
                PulledRow::Member(member) => drop(self.members.insert(member.member_id)),
                PulledRow::Entry { entry, .. } => drop(self.facts.insert(entry.id.uuid())),
                PulledRow::Visit { visit, .. } => drop(self.facts.insert(visit.id.uuid())),
                // Of a remote that tells no sums.
                PulledRow::Part(_) => {}
            }
        }
    }
}

/// What head office lacked of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Changes that it is told again.
    pub told_again: i64,
    /// Members, entries and visits that it confirmed once, that it lacks, and that are not this till's to tell.
    pub not_ours: i64,
}

/// Tells head office again what it confirmed and a whole part does not name: money of this till's own, and the
/// registration that it needs. Each goes as a change of its own, since head office may have noted the old one and lost
/// what it did; an entry that it has after all is booked once.
///
/// # Errors
/// As any write.
pub fn tell_again(
    tx: &Transaction<'_>,
    shop: &StoredLocation,
    bucket: u8,
    named: &Named,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<Lacking, StoreError> {
    let Some(remote) = shop.remote_id else { return Ok(Lacking::default()) };
    let mut here = HashSet::new();
    let mut gone = BTreeMap::new();
    each_member(tx, remote, &shop.pos_id, |member| {
        here.insert(member.id);
        if bucket_of(member.id) == bucket && !named.members.contains(&member.id) {
            gone.insert(member.id, (member.document.to_owned(), member.membership.clone()));
        }
    })?;
    let mut facts = Vec::new();
    each_fact(tx, remote, |fact| {
        let counts = fact.location_id == shop.id || here.contains(&fact.member_id);
        if counts && bucket_of(fact.member_id) == bucket && !named.facts.contains(&fact.what.uuid()) {
            facts.push((fact.member_id, fact.what));
        }
    })?;
    let mut lacking = Lacking::default();
    let mut changes = BTreeSet::new();
    for (member, what) in facts {
        match find_acknowledged(tx, remote, what)? {
            Some(change) => drop(changes.insert((member, change))),
            None => lacking.not_ours += 1,
        }
    }
    for (member, (document, membership)) in gone {
        let has_money = changes.iter().any(|(other, _)| *other == member);
        let registered = find_registration(tx, remote, member)?.filter(|_| has_money);
        let Some(old) = registered else {
            lacking.not_ours += 1;
            continue;
        };
        let document = serde_json::from_str(&document).map_err(|_| StoreError::Unreadable("member's document"))?;
        let MirroredMembership { member_since, terms, .. } = membership;
        let change = Change::MemberAdded { member_id: member, document, location_id: shop.id, member_since, terms };
        outbox::make_anew(tx, old, new_id(), &change)?;
        lacking.told_again += 1;
    }
    for (_, old) in changes {
        let change = outbox::get(tx, old)?.change;
        outbox::make_anew(tx, old, new_id(), &change)?;
        lacking.told_again += 1;
    }
    Ok(lacking)
}

/// How the last comparison of a shop came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The shop.
    pub location_id: LocationId,
    /// When.
    pub at: Timestamp,
    /// Parts that differed, and were fetched anew.
    pub differing: i64,
    /// Changes that head office is told again.
    pub told_again: i64,
    /// What it lacks and nobody here can tell.
    pub not_ours: i64,
}

/// Notes how a comparison came out.
///
/// # Errors
/// As any write.
pub fn note_checked(tx: &Transaction<'_>, checked: Checked) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO location_checks (location_id, checked_at, differing, told_again, not_ours)
         VALUES (:location, :at, :differing, :told_again, :not_ours)
         ON CONFLICT (location_id) DO UPDATE SET checked_at = excluded.checked_at, differing = excluded.differing,
             told_again = excluded.told_again, not_ours = excluded.not_ours",
    )?
    .execute(named_params! {
        ":location": Sql(checked.location_id),
        ":at": Sql(checked.at),
        ":differing": checked.differing,
        ":told_again": checked.told_again,
        ":not_ours": checked.not_ours,
    })?;
    Ok(())
}

/// How the last comparison of each shop came out, where there was one.
///
/// # Errors
/// As any read.
pub fn list_checked(connection: &Connection) -> Result<Vec<Checked>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT location_id, checked_at, differing, told_again, not_ours FROM location_checks")?;
    let rows = statement.query_map([], |row| {
        Ok(Checked {
            location_id: row.get::<_, Sql<LocationId>>(0)?.0,
            at: row.get::<_, Sql<Timestamp>>(1)?.0,
            differing: row.get(2)?,
            told_again: row.get(3)?,
            not_ours: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The shops that this till serves over a remote.
///
/// # Errors
/// As any read.
pub fn list_shops(connection: &Connection, remote: RemoteId) -> Result<Vec<StoredLocation>, StoreError> {
    let all = locations::list(connection)?;
    Ok(all.into_iter().filter(|shop| shop.is_ours && shop.remote_id == Some(remote)).collect())
}

/// A member in the mirror who belongs to a shop.
struct Mirrored<'a> {
    id: MemberId,
    version: Option<i64>,
    document: &'a str,
    membership: &'a MirroredMembership,
    terms: String,
}

/// The content of a mirror row, its document as it stands there.
#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    document: &'a RawValue,
    memberships: Vec<MirroredMembership>,
}

fn each_member(
    connection: &Connection,
    remote: RemoteId,
    pos_id: &str,
    mut each: impl FnMut(Mirrored<'_>),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT member_id, version, content FROM mirror WHERE remote_id = :remote AND is_deleted = 0",
    )?;
    let mut rows = statement.query(named_params! { ":remote": Sql(remote) })?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(2)?.as_str().map_err(|_| StoreError::Unreadable("mirror"))?;
        let content: Content<'_> = serde_json::from_str(text).map_err(|_| StoreError::Unreadable("mirror"))?;
        let Some(membership) = content.memberships.iter().find(|membership| membership.pos_id == pos_id) else {
            continue;
        };
        let (id, version) = (row.get::<_, Sql<MemberId>>(0)?.0, row.get(1)?);
        let terms = match membership.terms.is_empty() {
            true => "{}".to_owned(),
            false => serde_json::to_string(&membership.terms).map_err(|_| StoreError::Unreadable("mirror"))?,
        };
        each(Mirrored { id, version, document: content.document.get(), membership, terms });
    }
    Ok(())
}

/// An entry or a visit that head office has.
struct Fact {
    member_id: MemberId,
    location_id: LocationId,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Entry { id: EntryId, amount_minor: i64 },
    Visit { id: VisitId },
}

impl What {
    const fn uuid(self) -> Uuid {
        match self {
            Self::Entry { id, .. } => id.uuid(),
            Self::Visit { id } => id.uuid(),
        }
    }
}

fn each_fact(connection: &Connection, remote: RemoteId, mut each: impl FnMut(Fact)) -> Result<(), StoreError> {
    let mut entries = connection.prepare_cached(
        "SELECT credit_accounts.member_id, ledger_entries.location_id, ledger_entries.id, ledger_entries.amount_minor
         FROM ledger_entries
         JOIN credit_accounts ON credit_accounts.id = ledger_entries.account_id
         -- What it told of a shop that is not connected here is its own all the same.
         JOIN locations ON locations.id = ledger_entries.location_id AND (locations.remote_id = :remote
             OR (locations.remote_id IS NULL AND ledger_entries.received_at IS NOT NULL))
         WHERE ledger_entries.received_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM outbox WHERE outbox.entry_id = ledger_entries.id AND state = 'done')
            OR (ledger_entries.visit_id IS NOT NULL
                AND EXISTS (SELECT 1 FROM outbox WHERE outbox.visit_id = ledger_entries.visit_id AND state = 'done'))",
    )?;
    let mut rows = entries.query(named_params! { ":remote": Sql(remote) })?;
    while let Some(row) = rows.next()? {
        let (member_id, location_id) = (row.get::<_, Sql<MemberId>>(0)?.0, row.get::<_, Sql<LocationId>>(1)?.0);
        let what = What::Entry { id: row.get::<_, Sql<EntryId>>(2)?.0, amount_minor: row.get(3)? };
        each(Fact { member_id, location_id, what });
    }
    let mut visits = connection.prepare_cached(
        "SELECT visits.member_id, visits.location_id, visits.id FROM visits
         JOIN locations ON locations.id = visits.location_id AND (locations.remote_id = :remote
             OR (locations.remote_id IS NULL AND visits.received_at IS NOT NULL))
         WHERE visits.received_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM outbox WHERE outbox.visit_id = visits.id AND state = 'done')",
    )?;
    let mut rows = visits.query(named_params! { ":remote": Sql(remote) })?;
    while let Some(row) = rows.next()? {
        let (member_id, location_id) = (row.get::<_, Sql<MemberId>>(0)?.0, row.get::<_, Sql<LocationId>>(1)?.0);
        each(Fact { member_id, location_id, what: What::Visit { id: row.get::<_, Sql<VisitId>>(2)?.0 } });
    }
    Ok(())
}

/// The change of this till that brought an entry or a visit to the remote.
fn find_acknowledged(connection: &Connection, remote: RemoteId, what: What) -> Result<Option<ChangeId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox WHERE remote_id = :remote AND state = :done AND (entry_id = :id OR visit_id = :id
             OR visit_id = (SELECT visit_id FROM ledger_entries WHERE id = :id)) LIMIT 1",
    )?;
    let params = named_params! { ":remote": Sql(remote), ":done": ChangeState::Done.name(), ":id": what.uuid() };
    Ok(statement.query_row(params, |row| Ok(row.get::<_, Sql<ChangeId>>(0)?.0)).optional()?)
}

fn find_registration(
    connection: &Connection,
    remote: RemoteId,
    member: MemberId,
) -> Result<Option<ChangeId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox WHERE member_id = :member AND remote_id = :remote AND verb = 'member_added'
           AND state = 'done' LIMIT 1",
    )?;
    let params = named_params! { ":member": Sql(member), ":remote": Sql(remote) };
    Ok(statement.query_row(params, |row| Ok(row.get::<_, Sql<ChangeId>>(0)?.0)).optional()?)
}
