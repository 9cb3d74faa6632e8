//! What a transaction did that the journal must say: noted by triggers of the writer's own connection, so that no way of
//! writing can forget it, and what was rolled back, also to a savepoint, is not in it.

use super::record::{Ending, Item, LocationSetUp, Recorded, RemoteSetUp};
use crate::error::StoreError;
use crate::outbox::ChangeState;
use crate::remotes::Problem;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use crate::{decisions, locations, remotes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, RemoteId, StaffId, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, named_params};
use serde_json::value::RawValue;
use std::collections::HashSet;
use uuid::Uuid;

/// Temporary: of this connection alone, and gone with it.
const TRIGGERS: &str = "
CREATE TEMP TABLE journal_touched (number INTEGER PRIMARY KEY, what TEXT NOT NULL, key NOT NULL);
CREATE TEMP TRIGGER journal_change_queued AFTER INSERT ON main.outbox
BEGIN INSERT INTO journal_touched (what, key) VALUES ('change', NEW.change_id); END;
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
CREATE TEMP TRIGGER journal_member_keyed AFTER UPDATE OF state ON main.outbox
WHEN NEW.state <> OLD.state AND NEW.state IN ('done', 'replaced')
    AND NEW.verb IN ('member_added', 'membership_added', 'member_edited', 'membership_edited')
BEGIN INSERT INTO journal_touched (what, key) VALUES ('keyed', NEW.change_id); END;
CREATE TEMP TRIGGER journal_decided AFTER INSERT ON main.decisions
BEGIN INSERT INTO journal_touched (what, key) VALUES ('decided', NEW.id); END;
CREATE TEMP TRIGGER journal_brought_back AFTER UPDATE OF brought_back_at ON main.decisions
BEGIN INSERT INTO journal_touched (what, key) VALUES ('decided', NEW.id); END;
CREATE TEMP TRIGGER journal_key_made AFTER INSERT ON main.member_keys
BEGIN INSERT INTO journal_touched (what, key) VALUES ('key', NEW.member_id); END;
CREATE TEMP TRIGGER journal_key_destroyed AFTER DELETE ON main.member_keys
BEGIN INSERT INTO journal_touched (what, key) VALUES ('forget', OLD.member_id); END;
CREATE TEMP TRIGGER journal_remote_added AFTER INSERT ON main.remotes
BEGIN INSERT INTO journal_touched (what, key) VALUES ('remote', NEW.id); END;
CREATE TEMP TRIGGER journal_remote_set_up AFTER UPDATE OF name, kind, url, settings ON main.remotes
WHEN NEW.name <> OLD.name OR NEW.kind <> OLD.kind OR NEW.url <> OLD.url OR NEW.settings <> OLD.settings
BEGIN INSERT INTO journal_touched (what, key) VALUES ('remote', NEW.id); END;
CREATE TEMP TRIGGER journal_location_added AFTER INSERT ON main.locations
BEGIN INSERT INTO journal_touched (what, key) VALUES ('location', NEW.id); END;
CREATE TEMP TRIGGER journal_location_changed AFTER UPDATE ON main.locations
WHEN NEW.code <> OLD.code OR NEW.name <> OLD.name OR NEW.country <> OLD.country OR NEW.currency <> OLD.currency
    OR NEW.time_zone <> OLD.time_zone OR NEW.issuer <> OLD.issuer OR NEW.remote_id IS NOT OLD.remote_id
    OR NEW.pos_id <> OLD.pos_id OR NEW.is_ours <> OLD.is_ours OR NEW.allowance <> OLD.allowance
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
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Value>(1)?)));
    let touched: Vec<(String, Value)> = rows?.collect::<Result<_, _>>()?;
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let mut seen = HashSet::new();
    let mut items = Vec::with_capacity(touched.len());
    for (what, key) in touched {
        if seen.insert((what.clone(), format!("{key:?}"))) {
            items.extend(read(tx, &what, key)?);
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

fn read(tx: &Connection, what: &str, key: Value) -> Result<Option<Item>, StoreError> {
    let uuid = || match &key {
        Value::Blob(bytes) => Uuid::from_slice(bytes).map_err(|_| StoreError::Unreadable("id")),
        _ => Err(StoreError::Unreadable("id")),
    };
    let change = || uuid().map(ChangeId::from_uuid);
    Ok(match what {
        "change" => read_change(tx, change()?)?,
        "frozen" => Some(Item::Frozen { id: change()? }),
        "folded" => read_folded(tx, change()?)?,
        "routed" => Some(read_routed(tx, change()?)?),
        "ended" => read_ended(tx, change()?)?,
        "keyed" => read_keys(tx, change()?)?,
        "forget" => Some(Item::Forget { member: uuid().map(MemberId::from_uuid)? }),
        "decided" => {
            let Value::Integer(id) = key else { return Ok(None) };
            decisions::find(tx, id)?.map(|decision| Item::Decided(Box::new(decision)))
        }
        "key" => {
            let member = uuid().map(MemberId::from_uuid)?;
            let key = sealing::find_key(tx, member)?;
            key.map(|key| Item::MemberKey { member, base64: STANDARD.encode(*key) })
        }
        "remote" => Some(Item::Remote(RemoteSetUp::of(remotes::get(tx, uuid().map(RemoteId::from_uuid)?)?))),
        "location" => Some(Item::Location(LocationSetUp::of(locations::get(tx, uuid().map(LocationId::from_uuid)?)?))),
        _ => {
            let Value::Text(key) = key else { return Ok(None) };
            crate::settings::find(tx, &key)?.map(|value| Item::Setting { key, value })
        }
    })
}

fn read_change(tx: &Connection, id: ChangeId) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT incarnation, number, rowid, place, merges, remote_id, format, made_at, staff_id,
             CASE WHEN state = 'parked' THEN problem_code END, problem_message, problem_field, member_id, payload
         FROM outbox WHERE change_id = :id",
    )?;
    let (recorded, member, payload) = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        let code: Option<String> = row.get(9)?;
        let (message, field) = (row.get::<_, Option<String>>(10)?.unwrap_or_default(), row.get(11)?);
        let recorded = Recorded {
            id,
            incarnation: row.get::<_, Sql<Incarnation>>(0)?.0,
            number: row.get(1)?,
            line: row.get(2)?,
            place: row.get(3)?,
            merges: row.get(4)?,
            remote: row.get::<_, Option<Sql<RemoteId>>>(5)?.map(|id| id.0),
            format: row.get(6)?,
            at: row.get::<_, Sql<Timestamp>>(7)?.0,
            staff: row.get::<_, Option<Sql<StaffId>>>(8)?.map(|id| id.0),
            problem: code.map(|code| Problem { code, message, field }),
            change: RawValue::NULL.to_owned(),
        };
        let member = row.get::<_, Option<Sql<MemberId>>>(12)?.map(|id| id.0);
        Ok((recorded, member, row.get::<_, Vec<u8>>(13)?))
    })?;
    let json = match member {
        Some(member) => sealing::open(tx, member, Purpose::Change, &payload)?,
        None => Some(payload),
    };
    // Without the member's key nobody can read it any more: they were erased.
    let Some(json) = json else { return Ok(Some(recorded.erased())) };
    let json = String::from_utf8(json).map_err(|_| StoreError::Unreadable("change"))?;
    let change = RawValue::from_string(json).map_err(|_| StoreError::Unreadable("change"))?;
    Ok(Some(Item::Change(Recorded { change, ..recorded })))
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

/// A remote whose key of a member is the member's own id needs no telling.
fn read_keys(tx: &Connection, id: ChangeId) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT mirror.member_id, mirror.remote_key FROM outbox
         CROSS JOIN mirror ON mirror.remote_id = outbox.remote_id AND mirror.member_id = outbox.member_id
         WHERE change_id = :id AND NOT mirror.is_deleted AND mirror.remote_key <> mirror.member_id
         ORDER BY mirror.remote_key",
    )?;
    let rows = statement.query_map(named_params! { ":id": Sql(id) }, |row| {
        Ok((row.get::<_, Sql<MemberId>>(0)?.0, STANDARD.encode(row.get::<_, Vec<u8>>(1)?)))
    })?;
    let rows: Vec<(MemberId, String)> = rows.collect::<Result<_, _>>()?;
    let Some((member, _)) = rows.first() else { return Ok(None) };
    Ok(Some(Item::Keyed { id, member: *member, keys: rows.iter().map(|(_, key)| key.clone()).collect() }))
}

fn read_ended(tx: &Connection, id: ChangeId) -> Result<Option<Item>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT state FROM outbox WHERE change_id = :id")?;
    let state: ChangeState = statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?;
    Ok(Ending::of(state).map(|state| Item::Ended { id, state }))
}
