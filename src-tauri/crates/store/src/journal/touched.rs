//! What a transaction did that the journal must say: noted by triggers of the writer's own connection, so that no way of
//! writing can forget it, and what was rolled back, also to a savepoint, is not in it.

use super::record::{Ending, Item, LocationSetUp, Recorded, RemoteSetUp};
use crate::error::StoreError;
use crate::outbox::{self, ChangeState};
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use crate::{locations, remotes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId, StaffId, Timestamp};
use rusqlite::{Connection, named_params};
use serde_json::value::RawValue;
use std::collections::HashSet;
use uuid::Uuid;

/// Temporary: of this connection alone, and gone with it.
const TRIGGERS: &str = "
CREATE TEMP TABLE journal_touched (number INTEGER PRIMARY KEY, what TEXT NOT NULL, key NOT NULL);
CREATE TEMP TRIGGER journal_change_queued AFTER INSERT ON main.outbox
BEGIN INSERT INTO journal_touched (what, key) VALUES ('change', NEW.change_id); END;
CREATE TEMP TRIGGER journal_change_numbered AFTER UPDATE OF incarnation, number ON main.outbox
WHEN NEW.incarnation IS NOT OLD.incarnation OR NEW.number <> OLD.number
BEGIN INSERT INTO journal_touched (what, key) VALUES ('numbered', NEW.change_id); END;
CREATE TEMP TRIGGER journal_change_routed AFTER UPDATE OF remote_id ON main.outbox
WHEN NEW.remote_id IS NOT OLD.remote_id
BEGIN INSERT INTO journal_touched (what, key) VALUES ('routed', NEW.change_id); END;
CREATE TEMP TRIGGER journal_change_frozen AFTER UPDATE OF frozen ON main.outbox
WHEN NEW.frozen IS NOT NULL AND NEW.frozen IS NOT OLD.frozen
BEGIN INSERT INTO journal_touched (what, key) VALUES ('frozen', NEW.change_id); END;
CREATE TEMP TRIGGER journal_change_folded AFTER UPDATE OF folded_into ON main.outbox
WHEN NEW.folded_into IS NOT NULL AND NEW.folded_into IS NOT OLD.folded_into
BEGIN INSERT INTO journal_touched (what, key) VALUES ('folded', NEW.change_id); END;
CREATE TEMP TRIGGER journal_change_ended AFTER UPDATE OF state ON main.outbox
WHEN NEW.state <> OLD.state AND NEW.state IN ('done', 'discarded', 'replaced')
BEGIN INSERT INTO journal_touched (what, key) VALUES ('ended', NEW.change_id); END;
CREATE TEMP TRIGGER journal_key_made AFTER INSERT ON main.member_keys
BEGIN INSERT INTO journal_touched (what, key) VALUES ('key', NEW.member_id); END;
CREATE TEMP TRIGGER journal_remote_added AFTER INSERT ON main.remotes
BEGIN INSERT INTO journal_touched (what, key) VALUES ('remote', NEW.id); END;
CREATE TEMP TRIGGER journal_remote_set_up AFTER UPDATE OF name, kind, url, settings ON main.remotes
WHEN NEW.name <> OLD.name OR NEW.kind <> OLD.kind OR NEW.url <> OLD.url OR NEW.settings <> OLD.settings
BEGIN INSERT INTO journal_touched (what, key) VALUES ('remote', NEW.id); END;
CREATE TEMP TRIGGER journal_location_added AFTER INSERT ON main.locations
BEGIN INSERT INTO journal_touched (what, key) VALUES ('location', NEW.id); END;
CREATE TEMP TRIGGER journal_location_changed AFTER UPDATE ON main.locations
BEGIN INSERT INTO journal_touched (what, key) VALUES ('location', NEW.id); END;
CREATE TEMP TRIGGER journal_setting_added AFTER INSERT ON main.settings
BEGIN INSERT INTO journal_touched (what, key) VALUES ('setting', NEW.key); END;
CREATE TEMP TRIGGER journal_setting_changed AFTER UPDATE ON main.settings WHEN NEW.value <> OLD.value
BEGIN INSERT INTO journal_touched (what, key) VALUES ('setting', NEW.key); END;
";

pub(super) fn watch(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(TRIGGERS)?)
}

/// What this transaction did so far, each thing once and as it stands now; nothing is noted any more.
pub(super) fn take(tx: &Connection) -> Result<Vec<Item>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT what, key FROM temp.journal_touched ORDER BY number")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, rusqlite::types::Value>(1)?)));
    let touched: Vec<(String, rusqlite::types::Value)> = rows?.collect::<Result<_, _>>()?;
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = HashSet::new();
    let mut items = Vec::with_capacity(touched.len());
    for (what, key) in touched {
        if seen.insert((what.clone(), format!("{key:?}"))) {
            items.extend(read(tx, &what, key, &items)?);
        }
    }
    tx.prepare_cached("DELETE FROM temp.journal_touched")?.execute([])?;
    Ok(items)
}

/// Notes every change that is still open, as if it had just been queued: for a journal that begins anew or lost some.
pub(crate) fn touch_open(tx: &Connection) -> Result<(), StoreError> {
    tx.execute_batch(
        "INSERT INTO temp.journal_touched (what, key)
         SELECT DISTINCT 'key', member_id FROM main.outbox
         WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND member_id IS NOT NULL;
         INSERT INTO temp.journal_touched (what, key)
         SELECT 'change', change_id FROM main.outbox
         WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY rowid;
         INSERT INTO temp.journal_touched (what, key)
         SELECT 'frozen', change_id FROM main.outbox WHERE frozen IS NOT NULL
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY rowid;
         INSERT INTO temp.journal_touched (what, key)
         SELECT 'folded', change_id FROM main.outbox WHERE folded_into IS NOT NULL
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY rowid;",
    )?;
    Ok(())
}

/// Notes how the till is set up: every segment begins with it, so that older ones may go.
pub(super) fn touch_set_up(tx: &Connection) -> Result<(), StoreError> {
    tx.execute_batch(
        "INSERT INTO temp.journal_touched (what, key) SELECT 'remote', id FROM main.remotes ORDER BY name;
         INSERT INTO temp.journal_touched (what, key) SELECT 'location', id FROM main.locations ORDER BY code;
         INSERT INTO temp.journal_touched (what, key) SELECT 'setting', key FROM main.settings ORDER BY key;",
    )?;
    Ok(())
}

fn read(tx: &Connection, what: &str, key: rusqlite::types::Value, before: &[Item]) -> Result<Option<Item>, StoreError> {
    let uuid = || match &key {
        rusqlite::types::Value::Blob(bytes) => Uuid::from_slice(bytes).map_err(|_| StoreError::Unreadable("id")),
        _ => Err(StoreError::Unreadable("id")),
    };
    let change = || uuid().map(ChangeId::from_uuid);
    Ok(match what {
        "change" => read_change(tx, change()?)?,
        "frozen" => outbox::find_frozen(tx, change()?)?
            .map(|bytes| Ok::<_, StoreError>(Item::Frozen { id: change()?, base64: STANDARD.encode(bytes) }))
            .transpose()?,
        "folded" => read_folded(tx, change()?)?,
        "routed" => Some(read_routed(tx, change()?)?),
        "numbered" => Some(read_numbered(tx, change()?)?),
        "ended" => read_ended(tx, change()?, before)?,
        "key" => {
            let member = uuid().map(MemberId::from_uuid)?;
            let key = sealing::find_key(tx, member)?;
            key.map(|key| Item::MemberKey { member, base64: STANDARD.encode(*key) })
        }
        "remote" => Some(Item::Remote(RemoteSetUp::of(remotes::get(tx, uuid().map(RemoteId::from_uuid)?)?))),
        "location" => Some(Item::Location(LocationSetUp::of(locations::get(tx, uuid().map(LocationId::from_uuid)?)?))),
        _ => {
            let rusqlite::types::Value::Text(key) = key else { return Ok(None) };
            crate::settings::find(tx, &key)?.map(|value| Item::Setting { key, value })
        }
    })
}

fn read_change(tx: &Connection, id: ChangeId) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT incarnation, number, remote_id, format, made_at, staff_id, member_id, payload FROM outbox
         WHERE change_id = :id",
    )?;
    let (recorded, member, payload) = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        let recorded = (
            row.get::<_, Sql<Incarnation>>(0)?.0,
            row.get::<_, i64>(1)?,
            row.get::<_, Option<Sql<RemoteId>>>(2)?.map(|id| id.0),
            row.get::<_, u32>(3)?,
            row.get::<_, Sql<Timestamp>>(4)?.0,
            row.get::<_, Option<Sql<StaffId>>>(5)?.map(|id| id.0),
        );
        let member = row.get::<_, Option<Sql<MemberId>>>(6)?.map(|id| id.0);
        Ok((recorded, member, row.get::<_, Vec<u8>>(7)?))
    })?;
    let json = match member {
        Some(member) => sealing::open(tx, member, Purpose::Change, &payload)?,
        None => Some(payload),
    };
    // Without the member's key nobody can read it any more: they were erased.
    let Some(json) = json else { return Ok(Some(Item::Erased { id })) };
    let json = String::from_utf8(json).map_err(|_| StoreError::Unreadable("change"))?;
    let change = RawValue::from_string(json).map_err(|_| StoreError::Unreadable("change"))?;
    let (incarnation, number, remote, format, at, staff) = recorded;
    Ok(Some(Item::Change(Recorded { id, incarnation, number, remote, format, at, staff, change })))
}

fn read_folded(tx: &Connection, id: ChangeId) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT folded_into FROM outbox WHERE change_id = :id")?;
    let into = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        Ok(row.get::<_, Option<Sql<ChangeId>>>(0)?.map(|id| id.0))
    })?;
    Ok(into.map(|into| Item::Folded { id, into }))
}

fn read_routed(tx: &Connection, id: ChangeId) -> Result<Item, StoreError> {
    let mut statement = tx.prepare_cached("SELECT remote_id FROM outbox WHERE change_id = :id")?;
    let remote = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        Ok(row.get::<_, Option<Sql<RemoteId>>>(0)?.map(|id| id.0))
    })?;
    Ok(Item::Routed { id, remote })
}

fn read_numbered(tx: &Connection, id: ChangeId) -> Result<Item, StoreError> {
    let mut statement = tx.prepare_cached("SELECT incarnation, number FROM outbox WHERE change_id = :id")?;
    let (incarnation, number) = statement
        .query_row(named_params! { ":id": Sql(id) }, |row| Ok((row.get::<_, Sql<Incarnation>>(0)?.0, row.get(1)?)))?;
    Ok(Item::Numbered { id, incarnation, number })
}

/// What was made anew is replaced by the change that the same transaction queued.
fn read_ended(tx: &Connection, id: ChangeId, before: &[Item]) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT state FROM outbox WHERE change_id = :id")?;
    let state: ChangeState = statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?;
    let Some(state) = Ending::of(state) else { return Ok(None) };
    let queued =
        before.iter().find_map(|item| if let Item::Change(recorded) = item { Some(recorded.id) } else { None });
    let replaced_by = queued.filter(|_| state == Ending::Replaced);
    Ok(Some(Item::Ended { id, state, replaced_by }))
}
