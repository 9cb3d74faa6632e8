//! The changes that were pushed, each with its answer.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{ChangeKey, Changes, StoredChange};
use regulars_domain::{ChangeId, Incarnation, MemberId, TillId};
use rusqlite::{Row, named_params};

impl Changes for SqliteRows<'_> {
    fn find_change(&mut self, key: ChangeKey) -> Result<Option<StoredChange>, HeadOfficeError> {
        match key {
            ChangeKey::Id(id) => self.find(
                "SELECT id, till_id, incarnation, number, hash, member_id, version, outcome, answer, at
                 FROM changes WHERE id = :id",
                named_params! { ":id": Sql(id) },
                change,
            ),
            ChangeKey::Number(till, incarnation, number) => self.find(
                "SELECT id, till_id, incarnation, number, hash, member_id, version, outcome, answer, at
                 FROM changes WHERE till_id = :till_id AND incarnation = :incarnation AND number = :number
                 UNION ALL
                 SELECT id, changes.till_id, changes.incarnation, changes.number, hash, member_id, version, outcome, answer, at
                 FROM changes_renumbered JOIN changes ON changes.id = change_id
                 WHERE changes_renumbered.till_id = :till_id AND changes_renumbered.incarnation = :incarnation
                   AND changes_renumbered.number = :number",
                named_params! { ":till_id": Sql(till), ":incarnation": Sql(incarnation), ":number": number },
                change,
            ),
        }
    }

    fn insert_change(&mut self, change: &StoredChange) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO changes (id, till_id, incarnation, number, hash, member_id, version, outcome, answer, at)
             VALUES (:id, :till_id, :incarnation, :number, :hash, :member_id, :version, :outcome, :answer, :at)",
            named_params! {
                ":id": Sql(change.id),
                ":till_id": Sql(change.till_id),
                ":incarnation": Sql(change.incarnation),
                ":number": change.number,
                ":hash": change.hash,
                ":member_id": Sql(change.member_id),
                ":version": change.version,
                ":outcome": Sql(change.outcome),
                ":answer": change.answer,
                ":at": Sql(change.at),
            },
        )
        .map(|_| ())
    }

    fn insert_renumbered(&mut self, key: ChangeKey, change: ChangeId) -> Result<(), HeadOfficeError> {
        let ChangeKey::Number(till, incarnation, number) = key else { return Ok(()) };
        self.execute(
            "INSERT INTO changes_renumbered (till_id, incarnation, number, change_id)
             VALUES (:till_id, :incarnation, :number, :change_id) ON CONFLICT DO NOTHING",
            named_params! {
                ":till_id": Sql(till), ":incarnation": Sql(incarnation), ":number": number, ":change_id": Sql(change),
            },
        )?;
        Ok(())
    }

    fn has_foreign_change(&mut self, member: MemberId, after: i64, except: TillId) -> Result<bool, HeadOfficeError> {
        self.get(
            "SELECT EXISTS (SELECT 1 FROM changes INDEXED BY changes_of_member
             WHERE member_id = :member_id AND version > :after AND till_id <> :till_id AND outcome = 'applied')",
            named_params! { ":member_id": Sql(member), ":after": after, ":till_id": Sql(except) },
            |row| row.get(0),
        )
    }

    fn forget_answers(&mut self, member: MemberId) -> Result<(), HeadOfficeError> {
        self.execute(
            "UPDATE changes SET answer = '{}' WHERE member_id = :member_id",
            named_params! { ":member_id": Sql(member) },
        )
        .map(|_| ())
    }

    fn newest_number(&mut self, till: TillId, incarnation: Incarnation) -> Result<i64, HeadOfficeError> {
        self.get(
            "SELECT max(
                 coalesce((SELECT max(number) FROM changes
                           WHERE till_id = :till_id AND incarnation = :incarnation), 0),
                 coalesce((SELECT max(number) FROM changes_renumbered
                           WHERE till_id = :till_id AND incarnation = :incarnation), 0))",
            named_params! { ":till_id": Sql(till), ":incarnation": Sql(incarnation) },
            |row| row.get(0),
        )
    }
}

fn change(row: &Row<'_>) -> rusqlite::Result<StoredChange> {
    Ok(StoredChange {
        id: row.get::<_, Sql<_>>("id")?.0,
        till_id: row.get::<_, Sql<_>>("till_id")?.0,
        incarnation: row.get::<_, Sql<_>>("incarnation")?.0,
        number: row.get("number")?,
        hash: row.get("hash")?,
        member_id: row.get::<_, Option<Sql<_>>>("member_id")?.map(|id| id.0),
        version: row.get("version")?,
        outcome: row.get::<_, Sql<_>>("outcome")?.0,
        answer: row.get("answer")?,
        at: row.get::<_, Sql<_>>("at")?.0,
    })
}
