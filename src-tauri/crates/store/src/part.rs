//! A remote that holds a part of a member alone: what it says is laid over what is known of them. Fields that it has no
//! home for stay as this till has them, and what it did not mention is never taken for empty.

use crate::balance::{self, Balance};
use crate::error::StoreError;
use crate::members::Places;
use crate::mirror::{self, Incoming, Mirrored, MirroredMembership};
use crate::pull::Source;
use crate::remotes::Problem;
use crate::{derive, erase, locations, members, outbox, pull, remotes};
use regulars_domain::change::Change;
use regulars_domain::edit::{self, Document};
use regulars_domain::member::Member;
use regulars_domain::membership::Terms;
use regulars_domain::phone::Country;
use regulars_domain::{Date, LocationId, MemberId, RemoteId};
use rusqlite::{Connection, Transaction};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// What begins the path of a field that belongs to the shop, not to the person.
const AT_SHOP: char = '@';

/// What is known of a member: the person, and how they stand at a shop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The person.
    pub document: Document,
    /// How they stand at the shop.
    pub terms: Document,
}

/// What a remote says of a member.
pub trait Part: Send + Sync + fmt::Debug {
    /// What is known, with what the remote says laid over it. Numbers are read as in that country.
    ///
    /// # Errors
    /// Where what it says is none of what it may say.
    fn over(&self, known: Known, country: Option<Country>) -> Result<Known, Problem>;

    /// The whole of it as text, for what cannot be taken.
    fn raw(&self) -> String;

    /// The one shop that it is about; `None` where the remote does not say.
    fn pos_id(&self) -> Option<String>;

    /// Since when they are a member there, where it says.
    fn since(&self) -> Option<Date>;

    /// The shop's own number for them, where it holds one.
    fn reference(&self) -> Option<String>;

    /// What they have there, of a remote that is the home of the ledger and keeps a balance alone.
    fn balance(&self) -> Option<Balance>;
}

/// A member as a remote tells of them that holds a part of one.
#[derive(Clone, Debug)]
pub struct PulledPart {
    /// The remote's own key.
    pub remote_key: Vec<u8>,
    /// Who that is here, where nobody knows the key yet.
    pub member_id: MemberId,
    /// What it says; `None` where it was not asked.
    pub part: Option<Arc<dyn Part>>,
    /// Whether the member is gone there.
    pub is_deleted: bool,
    /// Whether everything about them was erased.
    pub is_erased: bool,
}

/// A row of the mirror, for whoever says something about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The remote's own key.
    pub remote_key: Vec<u8>,
    /// What the remote last confirmed, with what it has no home for.
    pub known: Known,
    /// The shops that it is about.
    pub pos_ids: Vec<String>,
    /// Whether the member is gone there.
    pub is_deleted: bool,
}

impl Known {
    /// The value of a field; those of the shop begin with `@`.
    pub fn get(&self, path: &str) -> Option<&Value> {
        match path.strip_prefix(AT_SHOP) {
            Some(path) => edit::get(&self.terms, path),
            None => edit::get(&self.document, path),
        }
    }

    /// Writes a field; `null` takes it away.
    pub fn set(&mut self, path: &str, value: &Value) {
        match path.strip_prefix(AT_SHOP) {
            Some(path) => edit::set(&mut self.terms, path, value),
            None => edit::set(&mut self.document, path, value),
        }
    }

    /// With a change that was acknowledged.
    pub fn take(&mut self, change: &Change) {
        match change {
            Change::MemberAdded { document, terms, .. } => {
                self.document.clone_from(document);
                self.terms.clone_from(terms);
            }
            Change::MemberEdited { edit, .. } => edit.apply(&mut self.document),
            Change::MembershipAdded { terms, .. } => self.terms.extend(terms.clone()),
            Change::MembershipEdited { edit, .. } => edit.apply(&mut self.terms),
            Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. }
            | Change::LabelPut { .. } => {}
        }
    }
}

/// What a remote has of a member, row by row: a remote that knows a member once per shop has several.
///
/// # Errors
/// As any read.
pub fn list_rows(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<Vec<Row>, StoreError> {
    let row = |(remote_key, view, is_deleted): (Vec<u8>, Mirrored, bool)| {
        let terms = view.memberships.first().map(|membership| membership.terms.clone()).unwrap_or_default();
        let pos_ids = view.memberships.into_iter().map(|membership| membership.pos_id).collect();
        Row { remote_key, known: Known { document: view.document, terms }, pos_ids, is_deleted }
    };
    Ok(mirror::list_rows_of_member(connection, remote, member)?.into_iter().map(row).collect())
}

/// Whose row that is, where this till knows it.
///
/// # Errors
/// As any read.
pub fn find_owner(connection: &Connection, remote: RemoteId, key: &[u8]) -> Result<Option<MemberId>, StoreError> {
    Ok(mirror::find(connection, remote, key)?.map(|row| row.member_id))
}

/// Takes over what a remote says of a member. `acked` is the change of this till that it answers, where it answers one:
/// what of that has no home there is kept beside what the remote says.
///
/// # Errors
/// As any write.
pub(crate) fn apply(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledPart,
    acked: Option<&Change>,
) -> Result<MemberId, StoreError> {
    let row = mirror::find(tx, source.remote_id, &pulled.remote_key)?;
    let reference = pulled.part.as_ref().and_then(|part| part.reference());
    let member_id = match (&row, acked.and_then(Change::member_id), reference) {
        (Some(row), _, _) => row.member_id,
        (None, Some(member), _) => member,
        (None, None, Some(reference)) => registered_here(tx, source.remote_id, &reference)?.unwrap_or(pulled.member_id),
        (None, None, None) => pulled.member_id,
    };
    if pulled.is_deleted {
        return gone(tx, places, source, pulled, member_id, acked.is_some()).map(|()| member_id);
    }
    let before = row.as_ref().map(|row| &row.content);
    let shops = shops(tx, source.remote_id, pulled.part.as_deref(), before, acked)?;
    let mut known = match before {
        Some(content) => of_content(content),
        None => Known { document: known_before(tx, source.remote_id, member_id, acked)?, ..Known::default() },
    };
    if let Some(change) = acked {
        known.take(change);
    }
    if let Some(part) = &pulled.part {
        let country = shops.iter().find_map(|(location, _)| places.country(*location));
        match part.over(known.clone(), country).and_then(checked) {
            Ok(told) => {
                known = told;
                mirror::release(tx, source.remote_id, &pulled.remote_key)?;
            }
            Err(problem) => {
                let (id, key) = (source.remote_id, &pulled.remote_key);
                mirror::quarantine(tx, id, key, &part.raw(), &problem, source.at)?;
                // What it took of this till it has, whatever cannot be read besides.
                if acked.is_none() {
                    return Ok(member_id);
                }
            }
        }
    }
    let since = pulled.part.as_ref().and_then(|part| part.since());
    let ids: Vec<LocationId> = shops.iter().map(|(location, _)| *location).collect();
    let content = content(source, known, before, shops, since);
    write(tx, places, source, pulled, member_id, acked, row.as_ref(), &content)?;
    if let Some(said) = pulled.part.as_ref().and_then(|part| part.balance()) {
        balance::hear(tx, source, &pulled.remote_key, member_id, &ids, &said)?;
    }
    Ok(member_id)
}

#[expect(clippy::too_many_arguments, reason = "who says what of whom; a struct would only name them again")]
fn write(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledPart,
    member_id: MemberId,
    acked: Option<&Change>,
    row: Option<&mirror::Row>,
    content: &Mirrored,
) -> Result<(), StoreError> {
    let is_news = row.is_none_or(|row| row.is_deleted || row.content != *content);
    if !is_news && acked.is_none() {
        return Ok(());
    }
    let document = serde_json::to_string(&content.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    let incoming = Incoming {
        remote_id: source.remote_id,
        remote_key: &pulled.remote_key,
        member_id,
        version: None,
        content: &Mirrored::json(&document, &content.memberships)?,
        is_deleted: false,
        asked_at: source.asked_at,
        at: source.at,
        acked_at: acked.map(|_| source.at),
    };
    if mirror::write(tx, &incoming)? || acked.is_some() {
        derive::member(tx, places, member_id, source.at)?;
    }
    Ok(())
}

fn gone(
    tx: &Transaction<'_>,
    places: &Places,
    source: Source,
    pulled: &PulledPart,
    member_id: MemberId,
    is_acked: bool,
) -> Result<(), StoreError> {
    let known = mirror::find_content(tx, source.remote_id, &pulled.remote_key)?;
    let content = match known {
        _ if pulled.is_erased => erase::NOTHING.to_owned(),
        Some(content) => content,
        None => return Ok(()),
    };
    let incoming = Incoming {
        remote_id: source.remote_id,
        remote_key: &pulled.remote_key,
        member_id,
        version: None,
        content: &content,
        is_deleted: true,
        asked_at: source.asked_at,
        at: source.at,
        acked_at: is_acked.then_some(source.at),
    };
    if mirror::write(tx, &incoming)? || is_acked {
        derive::member(tx, places, member_id, source.at)?;
    }
    Ok(())
}

/// The member of that number who was registered here and whose registration is still under way: what the remote tells of
/// may be just that. Whoever was deleted here since is still on their way there too.
fn registered_here(tx: &Transaction<'_>, remote: RemoteId, reference: &str) -> Result<Option<MemberId>, StoreError> {
    let is_it = |document: &Document| document.get("reference").and_then(Value::as_str) == Some(reference);
    for id in members::find_keyed(tx, reference, 2)?.into_iter().map(|hit| hit.id) {
        let is_theirs = members::find(tx, id)?.is_some_and(|stored| is_it(&stored.document));
        let open = outbox::list_open_of_member(tx, id)?;
        let is_open = open.iter().any(|queued| {
            queued.remote_id == Some(remote)
                && matches!(queued.change, Change::MemberAdded { .. } | Change::MembershipAdded { .. })
        });
        if is_theirs && is_open {
            return Ok(Some(id));
        }
    }
    for id in outbox::list_leaving(tx, remote)? {
        let is_registration = outbox::list_open_of_member(tx, id)?.into_iter().any(|queued| {
            queued.remote_id == Some(remote)
                && matches!(&queued.change, Change::MemberAdded { document, .. } if is_it(document))
        });
        if is_registration {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The shops that a row is about. Where the remote does not say, a member belongs to all shops of this till that are kept
/// in step with it, or to those that its settings name.
fn shops(
    tx: &Transaction<'_>,
    remote: RemoteId,
    part: Option<&dyn Part>,
    before: Option<&Mirrored>,
    acked: Option<&Change>,
) -> Result<Vec<(LocationId, String)>, StoreError> {
    let ours: Vec<_> = locations::list(tx)?.into_iter().filter(|stored| stored.remote_id == Some(remote)).collect();
    let said = part.and_then(Part::pos_id);
    let settings = remotes::get(tx, remote)?.settings;
    let named: Option<Vec<&str>> = settings
        .get(remotes::MEMBERS_OF)
        .and_then(Value::as_str)
        .map(|named| named.split(',').map(str::trim).collect());
    let joins = match acked {
        Some(Change::MemberAdded { location_id, .. } | Change::MembershipAdded { location_id, .. }) => {
            Some(*location_id)
        }
        Some(_) | None => None,
    };
    let belongs = |stored: &locations::StoredLocation| {
        let was = || before.is_some_and(|view| view.memberships.iter().any(|there| there.pos_id == stored.pos_id));
        match (&said, &named) {
            (Some(pos_id), _) => *pos_id == stored.pos_id,
            // Not asked: as it was. A remote that tells shops apart always says which, once it is asked.
            (None, _) if part.is_none() => was() || joins == Some(stored.id),
            (None, Some(named)) => named.contains(&stored.pos_id.as_str()) || was() || joins == Some(stored.id),
            (None, None) => stored.is_ours,
        }
    };
    Ok(ours.iter().filter(|stored| belongs(stored)).map(|stored| (stored.id, stored.pos_id.clone())).collect())
}

/// What is known of a person by another row of the same remote, which has them once for each shop: what it has no home for
/// is theirs in every shop.
fn by_another_row(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<Document, StoreError> {
    let rows = mirror::list_rows_of_member(connection, remote, member)?;
    let living = rows.into_iter().find(|(_, _, is_deleted)| !is_deleted);
    Ok(living.map(|(_, view, _)| view.document).unwrap_or_default())
}

/// What is known of somebody of whom a remote has no row yet. Who is taken in at a shop of it, and came in elsewhere, is known
/// here already: what it has no home for stays.
fn known_before(
    connection: &Connection,
    remote: RemoteId,
    member: MemberId,
    acked: Option<&Change>,
) -> Result<Document, StoreError> {
    let by_another = by_another_row(connection, remote, member)?;
    if !by_another.is_empty() || !matches!(acked, Some(Change::MembershipAdded { .. })) {
        return Ok(by_another);
    }
    Ok(members::find(connection, member)?.map(|stored| stored.document).unwrap_or_default())
}

fn of_content(content: &Mirrored) -> Known {
    let terms = content.memberships.first().map(|membership| membership.terms.clone()).unwrap_or_default();
    Known { document: content.document.clone(), terms }
}

/// Nothing is written by halves: what the rest of the program cannot read is not taken at all.
fn checked(known: Known) -> Result<Known, Problem> {
    let problem = |refusal: regulars_domain::Refusal| Problem {
        code: "member_invalid".to_owned(),
        message: refusal.to_string(),
        field: refusal.field().map(str::to_owned),
    };
    Member::read(&known.document).map_err(problem)?;
    Terms::read(&known.terms).map_err(problem)?;
    Ok(known)
}

fn content(
    source: Source,
    known: Known,
    before: Option<&Mirrored>,
    shops: Vec<(LocationId, String)>,
    since: Option<Date>,
) -> Mirrored {
    let membership = |(_, pos_id): (LocationId, String)| {
        let was = before.and_then(|view| view.memberships.iter().find(|there| there.pos_id == pos_id));
        let member_since = match (was, since) {
            (Some(was), _) => was.member_since,
            (None, Some(since)) => since,
            (None, None) => pull::day_of(source.at),
        };
        MirroredMembership { pos_id, member_since, terms: known.terms.clone() }
    };
    let memberships = shops.into_iter().map(membership).collect();
    Mirrored { document: known.document, memberships }
}
