//! The one idea: a working row is what the mirror says, with the pending changes applied.

use crate::error::StoreError;
use crate::members::{self, Membership, Places, WorkingRow};
use crate::{mirror, outbox};
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::{Date, LocationId, MemberId, Timestamp};
use rusqlite::{Connection, Transaction};
use std::collections::BTreeMap;

/// A member as the mirror and the pending changes make them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Derived {
    pub document: Document,
    pub memberships: BTreeMap<LocationId, Date>,
    pub is_deleted: bool,
}

impl Derived {
    pub(crate) fn memberships(&self) -> Vec<Membership> {
        let pairs = self.memberships.iter();
        pairs.map(|(location_id, since)| Membership { location_id: *location_id, member_since: *since }).collect()
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::MemberAdded { document, location_id, member_since, .. } => {
                if self.document.is_empty() {
                    self.document = document;
                }
                self.memberships.entry(location_id).or_insert(member_since);
            }
            Change::MemberEdited { edit, .. } => edit.apply(&mut self.document),
            Change::MembershipAdded { location_id, member_since, .. } => {
                self.memberships.entry(location_id).or_insert(member_since);
            }
            Change::LocationAdded { .. } | Change::EntryAdded { .. } => {}
        }
    }
}

/// Derives a member, or `None` where neither a remote nor a pending change tells of them.
pub(crate) fn compute(connection: &Connection, places: &Places, id: MemberId) -> Result<Option<Derived>, StoreError> {
    let views = mirror::list_of_member(connection, id)?;
    let pending = outbox::list_open_of_member(connection, id)?;
    if views.is_empty() && pending.is_empty() {
        return Ok(None);
    }
    let mut derived = Derived { is_deleted: !views.is_empty(), ..Derived::default() };
    for (remote_id, view, is_deleted) in views {
        if derived.document.is_empty() || (derived.is_deleted && !is_deleted) {
            derived.document = view.document;
        }
        derived.is_deleted &= is_deleted;
        let known = view
            .memberships
            .iter()
            .filter_map(|membership| Some((places.by_pos_id(remote_id, &membership.pos_id)?, membership.member_since)));
        derived.memberships.extend(known);
    }
    let touches_row = |change: &Change| !matches!(change, Change::EntryAdded { .. } | Change::LocationAdded { .. });
    for change in pending.into_iter().map(|queued| queued.change).filter(touches_row) {
        // What the cashier did stays to be seen, also where the remote took the member away meanwhile.
        derived.is_deleted = false;
        derived.apply(change);
    }
    Ok(Some(derived))
}

/// Derives a member and writes the working row.
pub(crate) fn member(tx: &Transaction<'_>, places: &Places, id: MemberId, at: Timestamp) -> Result<(), StoreError> {
    let Some(derived) = compute(tx, places, id)? else { return Ok(()) };
    let document = serde_json::to_string(&derived.document).map_err(|_| StoreError::Unreadable("member's document"))?;
    let row = WorkingRow {
        id,
        document: &document,
        memberships: &derived.memberships(),
        deleted_at: derived.is_deleted.then_some(at),
    };
    members::write(tx, places, &row, at)
}
