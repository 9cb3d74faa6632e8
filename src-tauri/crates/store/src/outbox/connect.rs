//! A shop gets a remote, or another one: what was done there before, and who belongs to it, is told there.

use super::remake::{Made, replace};
use super::{Anew, QueuedChange, RawRow, SELECT, Stamp, get, insert, insert_dependencies};
use crate::derive;
use crate::error::StoreError;
use crate::members::Places;
use crate::sql::Sql;
use regulars_domain::change::Change;
use regulars_domain::{ChangeId, LocationId, MemberId, RemoteId, Timestamp};
use rusqlite::{Connection, Transaction, named_params};

/// Sends to the remote that a shop has now what was kept for it while it had none, and what never left for the one that
/// it had before. What was done at another shop stays for that one's remote; what is about a person who also belongs to a shop
/// that has none yet is kept for that one besides. `new_id` makes the ids of what goes out then.
///
/// # Errors
/// As any write.
pub fn assign_remote(
    tx: &Transaction<'_>,
    location: LocationId,
    before: Option<RemoteId>,
    remote: RemoteId,
    at: Timestamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let params = named_params! { ":remote": Sql(remote), ":location": Sql(location) };
    // Whose changes join those that the remote hears of: their rows follow from them.
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT member_id FROM outbox INDEXED BY outbox_open
         WHERE remote_id IS NULL AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND member_id IN (SELECT member_id FROM memberships WHERE location_id = :location)
           AND member_id IN (SELECT member_id FROM mirror WHERE remote_id = :remote)",
    )?;
    let concerned =
        statement.query_map(params, |row| Ok(row.get::<_, Sql<MemberId>>(0)?.0))?.collect::<Result<Vec<_>, _>>()?;
    let registered = list_registered_there(tx, location, remote)?;
    // What the remote was told under another number is not told again.
    tx.prepare_cached(&format!(
        "UPDATE outbox SET state = 'discarded', ended_at = :at
         WHERE remote_id IS NULL AND location_id IS NULL AND state = 'ready'
           AND member_id IN (SELECT member_id FROM memberships WHERE location_id = :location)
           AND NOT {BELONGS_ELSEWHERE} AND {IS_TOLD}"
    ))?
    .execute(named_params! { ":remote": Sql(remote), ":location": Sql(location), ":at": Sql(at) })?;
    tx.prepare_cached(&format!(
        "UPDATE outbox SET remote_id = :remote
         WHERE (remote_id IS NULL OR (remote_id = :before AND state = 'ready' AND first_sent_at IS NULL)) AND
         (location_id = :location OR
          (location_id IS NULL AND member_id IN (SELECT member_id FROM memberships WHERE location_id = :location)
           AND NOT (remote_id IS NULL AND ({BELONGS_ELSEWHERE} OR {IS_TOLD}))))"
    ))?
    .execute(named_params! { ":remote": Sql(remote), ":before": Sql(before), ":location": Sql(location) })?;
    // Nothing waits for what goes elsewhere, or nowhere.
    let mut statement = tx.prepare_cached(
        "DELETE FROM outbox_dependencies
         WHERE change_id IN (SELECT change_id FROM outbox INDEXED BY outbox_open WHERE remote_id = :remote
                               AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
           AND depends_on IN (SELECT change_id FROM outbox WHERE remote_id IS NOT :remote
                                AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    )?;
    statement.execute(named_params! { ":remote": Sql(remote) })?;
    for kept in list_kept_besides(tx, location, remote)? {
        let stamp = Stamp { at: kept.made_at, staff_id: kept.staff_id };
        let (id, anew) = (new_id(), Anew { place: kept.place, merges: 0, problem: None });
        insert(tx, id, Some(remote), &kept.change, stamp, Some(&anew))?;
        insert_dependencies(tx, id, Some(remote), &kept.change)?;
    }
    for id in registered {
        join_instead(tx, &get(tx, id)?, at, new_id)?;
    }
    let places = Places::read(tx)?;
    concerned.into_iter().try_for_each(|member| derive::member(tx, &places, member, at))
}

/// Whether the member of a row of the outbox belongs to another shop that has no remote.
const BELONGS_ELSEWHERE: &str = "EXISTS (
    SELECT 1 FROM memberships JOIN locations ON locations.id = memberships.location_id
    WHERE memberships.member_id = outbox.member_id AND locations.remote_id IS NULL)";

/// Whether the same goes, or went, to `:remote`: one deed has one instant, and a number for each remote.
const IS_TOLD: &str = "EXISTS (
    SELECT 1 FROM outbox AS twin WHERE twin.member_id = outbox.member_id AND twin.made_at = outbox.made_at
      AND twin.verb = outbox.verb AND twin.remote_id = :remote)";

/// Registrations at a shop of those whom the remote knows already, or will by another registration.
fn list_registered_there(
    connection: &Connection,
    location: LocationId,
    remote: RemoteId,
) -> Result<Vec<ChangeId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox INDEXED BY outbox_open
         WHERE remote_id IS NULL AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND verb = 'member_added' AND location_id = :location
           AND (EXISTS (SELECT 1 FROM mirror WHERE mirror.member_id = outbox.member_id
                          AND mirror.remote_id = :remote AND NOT mirror.is_deleted)
                OR EXISTS (SELECT 1 FROM outbox AS other WHERE other.member_id = outbox.member_id
                             AND other.verb = 'member_added' AND other.remote_id = :remote
                             AND other.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')))",
    )?;
    let rows = statement.query_map(named_params! { ":location": Sql(location), ":remote": Sql(remote) }, |row| {
        Ok(row.get::<_, Sql<ChangeId>>(0)?.0)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whom the remote knows is not registered a second time, with what they were then: they join the shop.
fn join_instead(
    tx: &Transaction<'_>,
    registration: &QueuedChange,
    at: Timestamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let Change::MemberAdded { member_id, location_id, member_since, terms, .. } = registration.change.clone() else {
        return Ok(());
    };
    let change = Change::MembershipAdded { member_id, location_id, member_since, terms };
    let stamp = Stamp { at: registration.made_at, staff_id: registration.staff_id };
    let made = Made { id: new_id(), change, stamp, problem: None };
    replace(tx, registration, &[made], registration.merges, ("replaced", at))
}

/// What is about people of a shop who also belong to one without a remote, and goes nowhere yet; oldest first.
fn list_kept_besides(
    connection: &Connection,
    location: LocationId,
    remote: RemoteId,
) -> Result<Vec<QueuedChange>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} INDEXED BY outbox_open
         WHERE outbox.remote_id IS NULL AND outbox.location_id IS NULL
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND outbox.member_id IN (SELECT member_id FROM memberships WHERE location_id = :location)
           AND {BELONGS_ELSEWHERE} AND NOT {IS_TOLD}
         ORDER BY outbox.place, outbox.rowid"
    ))?;
    let rows =
        statement.query_map(named_params! { ":location": Sql(location), ":remote": Sql(remote) }, RawRow::read)?;
    rows.map(|row| row?.open(connection)).collect()
}

/// Members of a shop of whom its remote has not heard, and will not by a registration that is on its way: they came in at a
/// shop that has no remote, or another one.
///
/// # Errors
/// As any read.
pub fn list_untold(
    connection: &Connection,
    location: LocationId,
    remote: RemoteId,
) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT member_id FROM memberships WHERE location_id = :location
           AND NOT EXISTS (SELECT 1 FROM mirror
                           WHERE mirror.member_id = memberships.member_id AND mirror.remote_id = :remote)
           AND NOT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_open_of_member
                           WHERE outbox.member_id = memberships.member_id AND verb = 'member_added'
                             AND outbox.remote_id = :remote
                             AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    )?;
    let rows = statement.query_map(named_params! { ":location": Sql(location), ":remote": Sql(remote) }, |row| {
        Ok(row.get::<_, Sql<MemberId>>(0)?.0)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Tells a remote first who a member is of whom it has not heard: what waits to be told of them, and of who turned out to be
/// them, waits for that.
///
/// # Errors
/// As any write.
pub fn introduce(
    tx: &Transaction<'_>,
    id: ChangeId,
    remote: RemoteId,
    registration: &Change,
    stamp: Stamp,
) -> Result<(), StoreError> {
    let member = Sql(registration.member_id());
    let place: i64 = tx
        .prepare_cached(
            "SELECT coalesce(min(place), 1) - 1 FROM outbox INDEXED BY outbox_open_of_member
             WHERE member_id = :member AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
        )?
        .query_row(named_params! { ":member": member }, |row| row.get(0))?;
    // Before all of it: who was deleted since stays so.
    insert(tx, id, Some(remote), registration, stamp, Some(&Anew { place, merges: 0, problem: None }))?;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
         SELECT :id, change_id FROM outbox INDEXED BY outbox_open_shop
         WHERE location_id = :location AND verb = 'location_added' AND remote_id = :remote
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?
    .execute(named_params! { ":id": Sql(id), ":location": Sql(registration.location_id()), ":remote": Sql(remote) })?;
    for whose in ["= :member", "IN (SELECT id FROM members WHERE merged_into = :member) AND verb = 'member_edited'"] {
        tx.prepare_cached(&format!(
            "INSERT OR IGNORE INTO outbox_dependencies (change_id, depends_on)
             SELECT change_id, :id FROM outbox INDEXED BY outbox_open_of_member
             WHERE change_id <> :id AND remote_id = :remote AND member_id {whose}
               AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')"
        ))?
        .execute(named_params! { ":id": Sql(id), ":member": member, ":remote": Sql(remote) })?;
    }
    Ok(())
}
