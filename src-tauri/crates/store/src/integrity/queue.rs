//! Whether the outbox says one consistent thing, and putting right what it says twice.

use super::Finding;
use crate::error::StoreError;
use crate::outbox;
use crate::sql::Sql;
use regulars_domain::ChangeId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::collections::{HashMap, HashSet};

const OPEN: &str = "state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')";

/// What is wrong with the outbox, and what puts it right.
struct Fault {
    finding: Finding,
    repair: Repair,
}

enum Repair {
    /// Nothing here can.
    None,
    Sql(&'static str),
    /// Sums that are made out of the changes again.
    Allowance(Vec<(ChangeId, Option<i64>)>),
    /// Changes that no longer wait for those.
    Untie(Vec<(ChangeId, ChangeId)>),
}

/// Looks, and puts nothing right.
pub(super) fn check(connection: &Connection, is_engine_running: bool) -> Result<Vec<Finding>, StoreError> {
    Ok(look(connection, is_engine_running)?.into_iter().map(|fault| fault.finding).collect())
}

/// Looks, and puts right what can be.
pub(super) fn repair(tx: &Transaction<'_>, is_engine_running: bool) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for Fault { mut finding, repair } in look(tx, is_engine_running)? {
        finding.is_repaired = !matches!(repair, Repair::None);
        match repair {
            Repair::None => {}
            Repair::Sql(sql) => tx.execute_batch(sql)?,
            Repair::Allowance(sums) => {
                let mut update = tx.prepare("UPDATE outbox SET unauthorised_minor = :minor WHERE change_id = :id")?;
                for (id, minor) in sums {
                    update.execute(named_params! { ":minor": minor, ":id": Sql(id) })?;
                }
            }
            Repair::Untie(ties) => {
                let mut delete =
                    tx.prepare("DELETE FROM outbox_dependencies WHERE change_id = :id AND depends_on = :other")?;
                for (id, other) in ties {
                    delete.execute(named_params! { ":id": Sql(id), ":other": Sql(other) })?;
                }
            }
        }
        findings.push(finding);
    }
    Ok(findings)
}

fn look(connection: &Connection, is_engine_running: bool) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    let mut add = |count: i64, code: &'static str, what: &str, repair: Repair| {
        if count > 0 {
            faults.push(Fault { finding: Finding::new(code, format!("{count} {what}")), repair });
        }
    };
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    add(
        count(&format!(
            "SELECT count(*) FROM outbox_dependencies JOIN outbox USING (change_id) WHERE {OPEN}
               AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.change_id = depends_on)"
        ))?,
        "dependency_missing",
        "changes wait for one that is not there",
        Repair::Sql(
            "DELETE FROM outbox_dependencies
             WHERE NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.change_id = depends_on)",
        ),
    );
    add(
        count(
            "SELECT count(*) FROM outbox WHERE state = 'folded' AND NOT EXISTS (
                 SELECT 1 FROM outbox AS leader WHERE leader.change_id = outbox.folded_into
                   AND leader.state IN ('ready', 'in_flight', 'unknown', 'parked'))",
        )?,
        "folded_alone",
        "changes travel with one that is not on its way",
        Repair::Sql(
            "UPDATE outbox SET state = 'ready', folded_into = NULL WHERE state = 'folded' AND NOT EXISTS (
                 SELECT 1 FROM outbox AS leader WHERE leader.change_id = outbox.folded_into
                   AND leader.state IN ('ready', 'in_flight', 'unknown', 'parked'))",
        ),
    );
    if !is_engine_running {
        add(
            count("SELECT count(*) FROM outbox WHERE state = 'in_flight'")?,
            "in_flight_alone",
            "changes seem to be on the line and nobody sends",
            Repair::Sql(
                "UPDATE outbox SET state = 'unknown', first_sent_at = coalesce(first_sent_at, claimed_at)
                 WHERE state = 'in_flight'",
            ),
        );
    }
    let (lacking, is_reused) = numbers(connection)?;
    add(lacking, "numbers_missing", "numbers of this life of the file are missing", Repair::None);
    add(
        i64::from(is_reused),
        "number_next_used",
        "number is to be given out that was given out before",
        Repair::Sql(
            "UPDATE till SET next_change_number =
                 (SELECT max(number) + 1 FROM outbox WHERE outbox.incarnation = till.incarnation)",
        ),
    );
    let sums = allowances(connection)?;
    let wrong = i64::try_from(sums.len()).unwrap_or(i64::MAX);
    add(wrong, "allowance_differs", "changes do not say what they used of the allowance", Repair::Allowance(sums));
    let ties = circles(connection)?;
    let tied = i64::try_from(ties.len()).unwrap_or(i64::MAX);
    add(tied, "dependency_circle", "changes wait for each other in a circle", Repair::Untie(ties));
    Ok(faults)
}

/// How many numbers of this life are missing, and whether the next one was given out already.
fn numbers(connection: &Connection) -> Result<(i64, bool), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT max(number) - min(number) + 1 - count(*), max(number) >= (SELECT next_change_number FROM till)
         FROM outbox WHERE incarnation = (SELECT incarnation FROM till)",
    )?;
    let row = statement.query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<bool>>(1)?)));
    let (lacking, is_reused) = row.optional()?.unwrap_or_default();
    Ok((lacking.unwrap_or(0), is_reused.unwrap_or(false)))
}

/// Open changes whose use of the allowance is not what they say.
fn allowances(connection: &Connection) -> Result<Vec<(ChangeId, Option<i64>)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT change_id, unauthorised_minor FROM outbox WHERE {OPEN} AND verb IN ('entry_added', 'visit_added')"
    ))?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Sql<ChangeId>>(0)?.0, row.get::<_, Option<i64>>(1)?)))?;
    let mut wrong = Vec::new();
    for row in rows {
        let (id, stored) = row?;
        let said = outbox::unauthorised_minor(&outbox::get(connection, id)?.change);
        if said != stored {
            wrong.push((id, said));
        }
    }
    Ok(wrong)
}

/// The ties that close a circle. Each circle has one at least from a change to one that was queued later, and those are
/// the ones that are undone: whatever needs something was queued after it.
fn circles(connection: &Connection) -> Result<Vec<(ChangeId, ChangeId)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT mine.change_id, depends_on, mine.rowid < other.rowid FROM outbox_dependencies
         JOIN outbox AS mine ON mine.change_id = outbox_dependencies.change_id
         JOIN outbox AS other ON other.change_id = depends_on
         WHERE mine.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND other.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY mine.rowid",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, Sql<ChangeId>>(0)?.0, row.get::<_, Sql<ChangeId>>(1)?.0, row.get::<_, bool>(2)?))
    })?;
    let mut waits: HashMap<ChangeId, Vec<ChangeId>> = HashMap::new();
    let mut forward = Vec::new();
    for row in rows {
        let (change, other, is_forward) = row?;
        waits.entry(change).or_default().push(other);
        if is_forward {
            forward.push((change, other));
        }
    }
    let mut ties = Vec::new();
    for (change, other) in forward {
        if leads_to(&waits, other, change) {
            waits.entry(change).or_default().retain(|waited| *waited != other);
            ties.push((change, other));
        }
    }
    Ok(ties)
}

/// Whether one change waits for another, through however many between.
fn leads_to(waits: &HashMap<ChangeId, Vec<ChangeId>>, from: ChangeId, to: ChangeId) -> bool {
    let (mut seen, mut next) = (HashSet::from([from]), vec![from]);
    while let Some(change) = next.pop() {
        if change == to {
            return true;
        }
        let others = waits.get(&change).into_iter().flatten();
        next.extend(others.filter(|other| seen.insert(**other)));
    }
    false
}
