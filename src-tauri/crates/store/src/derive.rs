//! The one idea: a working row is what the mirror says, with the pending changes applied.

use crate::error::StoreError;
use crate::members::{self, Membership, Places, WorkingRow};
use crate::mirror::{self, Mirrored};
use crate::{erase, outbox};
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::{Date, LocationId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, Transaction};
use std::collections::BTreeMap;

/// A member as the mirror and the pending changes make them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Derived {
    pub document: Document,
    pub memberships: BTreeMap<LocationId, (Date, Document)>,
    pub is_deleted: bool,
    /// Nothing of them is to be kept.
    pub is_erased: bool,
    /// A remote or a registration says who it is. Edits alone make no member.
    pub is_known: bool,
}

impl Derived {
    pub(crate) fn memberships(&self) -> Vec<Membership> {
        let pairs = self.memberships.iter();
        pairs
            .map(|(location_id, (since, terms))| Membership {
                location_id: *location_id,
                member_since: *since,
                terms: terms.clone(),
            })
            .collect()
    }

    /// What the cashier did stays to be seen, also where the remote took the member away meanwhile.
    fn apply(&mut self, change: Change) {
        self.is_deleted = matches!(change, Change::MemberRemoved { .. } | Change::MemberErased { .. });
        self.is_erased |= matches!(change, Change::MemberErased { .. });
        self.is_known |= matches!(change, Change::MemberAdded { .. });
        match change {
            Change::MemberAdded { document, location_id, member_since, terms, .. } => {
                if self.document.is_empty() {
                    self.document = document;
                }
                self.memberships.entry(location_id).or_insert((member_since, terms));
            }
            Change::MemberEdited { edit, .. } => edit.apply(&mut self.document),
            Change::MembershipAdded { location_id, member_since, terms, .. } => {
                self.memberships.entry(location_id).or_insert((member_since, terms));
            }
            Change::MembershipEdited { location_id, edit, .. } => {
                if let Some((_, terms)) = self.memberships.get_mut(&location_id) {
                    edit.apply(terms);
                }
            }
            Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::LabelPut { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. } => {}
        }
    }
}

/// Derives a member, or `None` where neither a remote nor a pending change tells of them
pub(crate) fn compute(connection: &Connection, places: &Places, id: MemberId) -> Result<Option<Derived>, StoreError> {
    let views = mirror::list_of_member(connection, id)?;
    let pending = outbox::list_open_of_member(connection, id)?;
    if views.is_empty() && pending.is_empty() {
        return Ok(None);
    }
    let pending = pending.into_iter().map(|queued| (queued.remote_id, queued.change)).collect();
    Ok(Some(compose(places, views, pending)))
}

/// A change that waits, and the remote that is to hear of it, where its shop has one.
pub(crate) type Pending = (Option<RemoteId>, Change);

/// What these views and pending changes make.
pub(crate) fn compose(places: &Places, views: Vec<(RemoteId, Mirrored, bool)>, pending: Vec<Pending>) -> Derived {
    let is_told = !views.is_empty();
    let is_there = views.iter().any(|(_, _, is_deleted)| !is_deleted);
    let mut derived = Derived { is_deleted: is_told, is_known: is_told, ..Derived::default() };
    for (remote_id, view, is_deleted) in views {
        derived.is_erased |= is_deleted && view.document.is_empty();
        if derived.document.is_empty() || (derived.is_deleted && !is_deleted) {
            derived.document = view.document;
        }
        derived.is_deleted &= is_deleted;
        let known = view.memberships.into_iter().filter_map(|membership| {
            let location = places.by_pos_id(remote_id, &membership.pos_id)?;
            Some((location, (membership.member_since, membership.terms)))
        });
        derived.memberships.extend(known);
    }
    let touches_row = |change: &Change| !change.is_money() && change.member_id().is_some();
    for (remote, change) in pending {
        if touches_row(&change) && !(remote.is_none() && is_there && is_of_the_person(&change)) {
            derived.apply(change);
        }
    }
    derived
}

/// Whether a change is about the person, wherever they belong. The one that is kept for a shop without a remote has no end:
/// where a remote tells of the person too, its own says all of it, and what comes after it from there counts.
fn is_of_the_person(change: &Change) -> bool {
    matches!(change, Change::MemberEdited { .. } | Change::MemberRemoved { .. } | Change::MemberErased { .. })
}

/// Derives a member and writes the working row. In a file that was made anew there may be an edit of somebody of whom no
/// remote has told again yet: that makes no row.
pub(crate) fn member(tx: &Transaction<'_>, places: &Places, id: MemberId, at: Timestamp) -> Result<(), StoreError> {
    let Some(derived) = compute(tx, places, id)? else { return Ok(()) };
    if derived.is_erased {
        return erase::run(tx, id, at);
    }
    if !derived.is_known {
        return Ok(());
    }
    let document = serde_json::to_string(&derived.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    let row = WorkingRow {
        id,
        document: &document,
        memberships: &derived.memberships(),
        deleted_at: derived.is_deleted.then_some(at),
    };
    members::write(tx, places, &row, at)
}
