//! Applying what a remote told: shops, members into the mirror, ledger entries, and the cursor behind them, all in the
//! caller's transaction. Working rows are derived anew, so what a cashier did and is still pending stays on top.

use crate::error::StoreError;
use crate::healing::{self, Healing};
use crate::ledger::Inserted;
use crate::members::{self, Membership, Places, WorkingRow};
use crate::mirror::{self, Incoming, Mirrored, MirroredMembership};
use crate::outbox::Stamp;
use crate::part::{self, PulledPart};
use crate::remotes::{self, Problem};
use crate::{derive, erase, issuer, labels, ledger, locations, outbox, visits};
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::label::Label;
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::location::Location;
use regulars_domain::member::Member;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::sale::Visit;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{ChangeId, Currency, Date, EntryId, LocationId, MemberId, RemoteId, Timestamp};
use rusqlite::Transaction;

/// Who owes the credit at a shop that only a visit names, until somebody tells.
const NO_ISSUER: &str = "default";

/// A row as a connector has read it.
#[derive(Clone, Debug)]
pub enum PulledRow {
    /// A member as they stand there.
    Member(PulledMember),
    /// A part of a member, where the remote holds no more.
    Part(PulledPart),
    /// A line of the ledger. Its `location_id` is filled in here, from `pos_id`.
    Entry {
        /// The entry.
        entry: Box<LedgerEntry>,
        /// The shop's id at the remote.
        pos_id: String,
    },
    /// A visit. Its `location_id` is filled in here, from `pos_id`.
    Visit {
        /// The visit.
        visit: Box<Visit>,
        /// The shop's id at the remote.
        pos_id: String,
    },
}

/// A member as they stand at a remote.
#[derive(Clone, Debug)]
pub struct PulledMember {
    /// The remote's own key.
    pub remote_key: Vec<u8>,
    /// Who that is here.
    pub member_id: MemberId,
    /// The remote's version of them, where it has one.
    pub version: Option<i64>,
    /// The document as JSON.
    pub document: String,
    /// The shops that they belong to.
    pub memberships: Vec<MirroredMembership>,
    /// Whether they are gone there.
    pub is_deleted: bool,
    /// Whether everything about them was erased there.
    pub is_erased: bool,
}

/// How a member stands at a remote after one of their changes was answered.
#[derive(Clone, Debug)]
pub enum Stands {
    /// All of them.
    Whole(PulledMember),
    /// The part that the remote holds.
    Part(PulledPart),
}

/// A shop as a remote tells of it.
#[derive(Clone, Debug)]
pub struct PulledLocation {
    /// Its id there.
    pub pos_id: String,
    /// What it is.
    pub location: Location,
}

/// Whose rows are applied, and since when they may be stale.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The remote.
    pub remote_id: RemoteId,
    /// When the answer was asked for.
    pub asked_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Takes over what the remote says of its shops. One that this till does not know is added as another's, under an id
/// that `new_id` makes.
///
/// # Errors
/// As any write.
pub fn apply_locations(
    tx: &Transaction<'_>,
    source: Source,
    pulled: &[PulledLocation],
    new_id: &mut dyn FnMut() -> LocationId,
) -> Result<(), StoreError> {
    for PulledLocation { pos_id, location } in pulled {
        let known = locations::list(tx)?.into_iter().find(|known| known.location.code == location.code);
        if let Some(known) = known.as_ref().filter(|known| known.remote_id == Some(source.remote_id)) {
            healing::told_location(tx, source.remote_id, known.id)?;
        }
        match known {
            Some(known) if known.remote_id.is_none_or(|remote| remote == source.remote_id) => {
                let currency_may_change = !ledger::exists_at(tx, known.id)?;
                if currency_may_change || known.location.currency == location.currency {
                    let location = &with_open_edits(tx, known.id, location)?;
                    if known.location.issuer != location.issuer {
                        let stamp = Stamp { at: source.at, staff_id: None };
                        let mut new_change = || ChangeId::from_uuid(new_id().uuid());
                        issuer::move_to(tx, &known, &location.issuer, stamp, &mut new_change)?;
                    }
                    locations::update_facts(tx, known.id, location)?;
                }
            }
            // The same code at another remote is another shop; it cannot be told apart here, so it is left alone.
            Some(_) => {}
            None => insert_location(tx, source.remote_id, new_id(), pos_id, location.clone())?,
        }
    }
    Ok(())
}

/// What the remote says of a shop, with what was edited here and it has not confirmed on top.
fn with_open_edits(tx: &Transaction<'_>, id: LocationId, told: &Location) -> Result<Location, StoreError> {
    let mut location = told.clone();
    for edit in outbox::list_open_of_location(tx, id)? {
        // What cannot be any more, of a version with other rules, waits for a person like any refused change.
        location = location.edited(&location.untouched(edit)).unwrap_or(location);
    }
    Ok(location)
}

/// Applies rows, oldest first. One that cannot be applied is kept whole in the quarantine, and the others go on.
/// `new_id` makes the id of a shop that an entry names and nobody has told of.
///
/// # Errors
/// As any write; then nothing of these rows was written.
pub fn apply_rows(
    tx: &Transaction<'_>,
    source: Source,
    rows: &[PulledRow],
    new_id: &mut dyn FnMut() -> LocationId,
) -> Result<(), StoreError> {
    let mut places = Places::read(tx)?;
    let heals = healing::phase(tx, source.remote_id)? != Healing::None;
    let keeps_aside = count_quarantined(tx)? > 0;
    for row in rows {
        if heals && !told(tx, source.remote_id, row)? {
            continue;
        }
        match row {
            PulledRow::Member(member) if is_readable(tx, source, member)? => {
                if keeps_aside {
                    mirror::release(tx, source.remote_id, &member.remote_key)?;
                }
                apply_member(tx, &places, source, member, None)?;
            }
            PulledRow::Member(_) => {}
            PulledRow::Part(pulled) => drop(part::apply(tx, &places, source, pulled, None)?),
            PulledRow::Entry { entry, pos_id } => {
                let untold = || untold_location(pos_id, entry.amount.currency, &entry.issuer);
                let location_id = place(tx, &mut places, source, pos_id, untold, new_id)?;
                apply_entry(tx, source, &LedgerEntry { location_id, ..(**entry).clone() })?;
            }
            PulledRow::Visit { visit, pos_id } => {
                let untold = || untold_location(pos_id, visit.bill.currency, NO_ISSUER);
                let location_id = place(tx, &mut places, source, pos_id, untold, new_id)?;
                visits::insert(tx, &Visit { location_id, ..(**visit).clone() }, Some(source.at))?;
            }
        }
    }
    Ok(())
}

/// Notes that a remote in a new life still has this. Answers whether the row may be taken now.
fn told(tx: &Transaction<'_>, remote: RemoteId, row: &PulledRow) -> Result<bool, StoreError> {
    match row {
        PulledRow::Member(member) => healing::told_member(tx, remote, &member.remote_key, member.version),
        PulledRow::Part(_) => Ok(true),
        PulledRow::Entry { entry, .. } => healing::told_entry(tx, remote, entry.id).map(|()| true),
        PulledRow::Visit { visit, .. } => healing::told_visit(tx, remote, visit.id).map(|()| true),
    }
}

/// Takes over labels that changed at a remote.
///
/// # Errors
/// As any write.
pub fn apply_labels(tx: &Transaction<'_>, remote: RemoteId, pulled: &[Label]) -> Result<(), StoreError> {
    for label in pulled {
        labels::put(tx, label)?;
        healing::told_label(tx, remote, &label.name)?;
    }
    Ok(())
}

/// The shop of that id at the remote; one that nobody has told of is inserted.
fn place(
    tx: &Transaction<'_>,
    places: &mut Places,
    source: Source,
    pos_id: &str,
    untold: impl Fn() -> Location,
    new_id: &mut dyn FnMut() -> LocationId,
) -> Result<LocationId, StoreError> {
    if let Some(known) = places.by_pos_id(source.remote_id, pos_id) {
        return Ok(known);
    }
    let untold = untold();
    // A shop that is here already, and was not connected yet.
    let namesake = locations::find_by_code(tx, &untold.code)?.filter(|namesake| namesake.remote_id.is_none());
    if let Some(namesake) = namesake {
        return Ok(namesake.id);
    }
    let (id, code) = (new_id(), free_code(tx, &untold.code)?);
    insert_location(tx, source.remote_id, id, pos_id, Location { code, ..untold })?;
    *places = Places::read(tx)?;
    Ok(id)
}

/// The same code may be another shop here, which another remote keeps.
fn free_code(tx: &Transaction<'_>, code: &str) -> Result<String, StoreError> {
    let mut free = code.to_owned();
    let mut nth = 2;
    while locations::find_by_code(tx, &free)?.is_some() {
        free = format!("{code}-{nth}");
        nth += 1;
    }
    Ok(free)
}

/// Takes over how a member stands after a change of theirs was answered. `acked` is what of it the remote has now.
///
/// # Errors
/// As any write.
pub fn apply_answer(
    tx: &Transaction<'_>,
    source: Source,
    stands: &Stands,
    acked: Option<&Change>,
) -> Result<(), StoreError> {
    let places = Places::read(tx)?;
    match stands {
        Stands::Whole(member) => match (is_readable(tx, source, member)?, acked) {
            (false, Some(change)) => apply_acked(tx, &places, source, member, change),
            (false, None) => Ok(()),
            (true, _) => apply_member(tx, &places, source, member, Some(source.at)),
        },
        Stands::Part(pulled) => part::apply(tx, &places, source, pulled, acked).map(drop),
    }
}

/// The day of an instant where no shop says whose day.
pub(crate) fn day_of(at: Timestamp) -> Date {
    TimeZoneName::UTC.business_date(at)
}

/// Takes over somebody who was asked for and found at a remote. Answers who that is here.
///
/// # Errors
/// As any write.
pub fn apply_found(tx: &Transaction<'_>, source: Source, found: &PulledPart) -> Result<MemberId, StoreError> {
    part::apply(tx, &Places::read(tx)?, source, found, None)
}

/// Derives a member anew after one of their changes was settled.
///
/// # Errors
/// As any write.
pub fn derive_member(tx: &Transaction<'_>, member: MemberId, at: Timestamp) -> Result<(), StoreError> {
    derive::member(tx, &Places::read(tx)?, member, at)
}

/// Derives those anew of whom a remote has told that they belong to a shop, which is connected by now.
///
/// # Errors
/// As any write.
pub fn derive_members_at(
    tx: &Transaction<'_>,
    remote: RemoteId,
    pos_id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let places = Places::read(tx)?;
    for member in mirror::list_members_at(tx, remote, pos_id)? {
        derive::member(tx, &places, member, at)?;
    }
    Ok(())
}

/// How many rows wait in the quarantine.
///
/// # Errors
/// As any read.
pub fn count_quarantined(connection: &rusqlite::Connection) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM pull_quarantine")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Whether what the remote says of a member can be read here. What cannot is kept aside.
fn is_readable(tx: &Transaction<'_>, source: Source, pulled: &PulledMember) -> Result<bool, StoreError> {
    if pulled.is_deleted {
        return Ok(true);
    }
    let Err(error) = serde_json::from_str::<Member>(&pulled.document) else { return Ok(true) };
    let problem = Problem { code: "member_invalid".to_owned(), message: error.to_string(), field: None };
    mirror::quarantine(tx, source.remote_id, &pulled.remote_key, &pulled.document, &problem, source.at)?;
    Ok(false)
}

/// What a remote has that took a change and says how the member stands in a way that cannot be read: what it had, and
/// that change.
fn apply_acked(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledMember,
    change: &Change,
) -> Result<(), StoreError> {
    let row = mirror::find(tx, source.remote_id, &pulled.remote_key)?;
    let mut view =
        row.map_or_else(|| Mirrored { document: Document::new(), memberships: Vec::new() }, |row| row.content);
    let pos_id = |location| locations::get(tx, location).map(|stored| stored.pos_id);
    match change {
        Change::MemberAdded { document, location_id, member_since, terms, .. } => {
            view.document.clone_from(document);
            view.join(pos_id(*location_id)?, *member_since, terms);
        }
        Change::MemberEdited { edit, .. } => edit.apply(&mut view.document),
        Change::MembershipAdded { location_id, member_since, terms, .. } => {
            view.join(pos_id(*location_id)?, *member_since, terms);
        }
        Change::MembershipEdited { location_id, edit, .. } => {
            let pos_id = pos_id(*location_id)?;
            if let Some(there) = view.memberships.iter_mut().find(|there| there.pos_id == pos_id) {
                edit.apply(&mut there.terms);
            }
        }
        Change::LocationAdded { .. }
        | Change::LocationEdited { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberErased { .. }
        | Change::EntryAdded { .. }
        | Change::VisitAdded { .. }
        | Change::LabelPut { .. } => {}
    }
    let document = serde_json::to_string(&view.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    let stands = PulledMember { document, memberships: view.memberships, ..pulled.clone() };
    apply_member(tx, places, source, &stands, Some(source.at))
}

fn apply_member(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledMember,
    acked_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    if pulled.is_deleted {
        return apply_tombstone(tx, places, source, pulled, acked_at);
    }
    let incoming = Incoming {
        remote_id: source.remote_id,
        remote_key: &pulled.remote_key,
        member_id: pulled.member_id,
        version: pulled.version,
        content: &Mirrored::json(&pulled.document, &pulled.memberships)?,
        is_deleted: false,
        asked_at: source.asked_at,
        at: source.at,
        acked_at,
    };
    if !mirror::write(tx, &incoming)? {
        // A change that was acknowledged is none of the pending ones any more, whatever the mirror has by now.
        return if acked_at.is_some() { derive::member(tx, places, pulled.member_id, source.at) } else { Ok(()) };
    }
    let nothing_else_tells = is_planted(Mistake::PullOverwritesPending)
        || places.is_single_remote() && !outbox::has_open_of_member(tx, pulled.member_id)?;
    if !nothing_else_tells {
        return derive::member(tx, places, pulled.member_id, source.at);
    }
    // The usual case, and the whole of a first pull: the row is what the mirror says, word for word.
    let row = WorkingRow {
        id: pulled.member_id,
        document: &pulled.document,
        memberships: &here(places, source.remote_id, &pulled.memberships),
        deleted_at: None,
    };
    members::write(tx, places, &row, source.at)
}

/// A member who is gone there stays readable here, as they were, for what was booked for them. A tombstone of somebody
/// who was never here is nothing.
fn apply_tombstone(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledMember,
    acked_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    if is_planted(Mistake::TombstoneIgnored) {
        return Ok(());
    }
    let known = mirror::find_content(tx, source.remote_id, &pulled.remote_key)?;
    let content = match known {
        Some(_) if pulled.is_erased && !is_planted(Mistake::ErasedStays) => erase::NOTHING.to_owned(),
        Some(content) => content,
        // Registered here, and the registration may be still on its way: it is not to bring them back.
        None if pulled.is_erased && outbox::has_open_of_member(tx, pulled.member_id)? => erase::NOTHING.to_owned(),
        None if pulled.is_erased => return erase::run(tx, pulled.member_id, source.at),
        // Registered here, and deleted by another till before this one heard that the registration had come.
        None => match here_alone(tx, pulled.member_id)? {
            Some(content) => content,
            None => return Ok(()),
        },
    };
    let incoming = Incoming {
        remote_id: source.remote_id,
        remote_key: &pulled.remote_key,
        member_id: pulled.member_id,
        version: pulled.version,
        content: &content,
        is_deleted: true,
        asked_at: source.asked_at,
        at: source.at,
        acked_at,
    };
    if mirror::write(tx, &incoming)? || acked_at.is_some() {
        derive::member(tx, places, pulled.member_id, source.at)?;
    }
    Ok(())
}

/// A member of whom no remote has told, as they stand here.
fn here_alone(tx: &Transaction<'_>, id: MemberId) -> Result<Option<String>, StoreError> {
    let Some(stored) = members::find(tx, id)? else { return Ok(None) };
    let mut memberships = Vec::new();
    for membership in members::list_memberships(tx, id)? {
        let pos_id = locations::get(tx, membership.location_id)?.pos_id;
        let Membership { member_since, terms, .. } = membership;
        memberships.push(MirroredMembership { pos_id, member_since, terms });
    }
    let document = serde_json::to_string(&stored.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    Mirrored::json(&document, &memberships).map(Some)
}

/// The memberships at shops that this till knows, in the order in which a derived row has them.
fn here(places: &Places, remote: RemoteId, memberships: &[MirroredMembership]) -> Vec<Membership> {
    let known = memberships.iter().filter_map(|membership| {
        let location_id = places.by_pos_id(remote, &membership.pos_id)?;
        Some(Membership { location_id, member_since: membership.member_since, terms: membership.terms.clone() })
    });
    let mut known: Vec<Membership> = known.collect();
    known.sort_by_key(|membership| membership.location_id);
    known.dedup_by_key(|membership| membership.location_id);
    known
}

fn apply_entry(tx: &Transaction<'_>, source: Source, entry: &LedgerEntry) -> Result<(), StoreError> {
    if is_planted(Mistake::EntryTakenTwice) {
        let id = EntryId::of_expiry(entry.id, 0, entry.amount);
        ledger::insert(tx, &LedgerEntry { id, ..entry.clone() }, Some(source.at))?;
    }
    match ledger::insert(tx, entry, Some(source.at))? {
        Inserted::New | Inserted::Known => Ok(()),
        Inserted::Differs => {
            let message = "an entry of that id is booked here and says something else".to_owned();
            let problem = Problem { code: "entry_differs".to_owned(), message, field: None };
            let content = serde_json::to_string(entry).map_err(|_| StoreError::Unreadable("entry"))?;
            mirror::quarantine(tx, source.remote_id, entry.id.as_bytes(), &content, &problem, source.at)
        }
    }
}

/// A shop that only an entry names: money is never left out because nobody said what the shop is called.
fn untold_location(pos_id: &str, currency: Currency, issuer: &str) -> Location {
    Location {
        code: pos_id.to_owned(),
        name: pos_id.to_owned(),
        country: String::new(),
        currency,
        time_zone: "UTC".to_owned(),
        issuer: issuer.to_owned(),
    }
}

fn insert_location(
    tx: &Transaction<'_>,
    remote_id: RemoteId,
    id: LocationId,
    pos_id: &str,
    location: Location,
) -> Result<(), StoreError> {
    let allowance = Allowance::NONE;
    let remote_id = Some(remote_id);
    let stored =
        locations::StoredLocation { id, location, remote_id, pos_id: pos_id.to_owned(), is_ours: false, allowance };
    locations::insert(tx, &stored)
}

/// Moves the cursor behind what was applied in this transaction.
///
/// # Errors
/// As any write.
pub fn move_cursor(tx: &Transaction<'_>, remote: RemoteId, epoch: &str, cursor: i64) -> Result<(), StoreError> {
    let mut stored = remotes::get(tx, remote)?;
    stored.epoch = Some(epoch.to_owned());
    stored.cursor = Some(cursor);
    remotes::update(tx, &stored)
}
