//! Another client of head office that is no till: it edits, blocks, deletes and writes fields that no till knows, by the same
//! protocol.

use crate::deeds::Sight;
use crate::run::Run;
use crate::template::SHOPS;
use rand::RngExt;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass};
use regulars_domain::time::TimeZoneName;
use regulars_domain::{AccountId, ChangeId, EntryId, Incarnation, MemberId, Money, TillId, Timestamp};
use regulars_protocol::push::{Change, ChangeBody, Entry, Outcome, PushRequest, PushResponse};
use regulars_sync::transport::{Method, Request};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What it is, and how many changes it made.
pub struct SecondWriter {
    pub till_id: TillId,
    incarnation: Incarnation,
    number: i64,
}

impl SecondWriter {
    pub fn new() -> Self {
        let at = Timestamp::from_millis(crate::clock::START);
        Self { till_id: TillId::mint(at, [99; 10]), incarnation: Incarnation::mint(at, [99; 10]), number: 0 }
    }
}

impl Run<'_> {
    /// Changes something about one member.
    pub fn write_elsewhere(&mut self) -> Result<(), String> {
        let shared = Arc::clone(&self.world.shared);
        let all = match self.world.system.is_head_office() {
            true => self.truth.members.clone(),
            // Elsewhere they have other ids.
            false => self.world.runtime.block_on(async { shared.server().lock().await.read(living) }),
        };
        let Some(member) = all.get(self.draw(all.len())).copied() else { return Ok(()) };
        let before =
            self.world.runtime.block_on(async { shared.server().lock().await.read(|rows| sight(rows, member)) });
        let Some(document) = before.get(&(member, None)) else { return Ok(()) };
        let number = self.truth.number();
        let sees_deletions = self.line(0).is_none_or(|line| line.connector.capabilities().sees_deletions);
        // Where credit is at home there, others change it too.
        let choices = if self.world.system.credit.is_some() { 14 } else { 10 };
        let (what, body) = match self.draw(choices) {
            0 if sees_deletions => (
                "deletes",
                ChangeBody::MemberRemoved {
                    member_id: member,
                    reason: "asked elsewhere".to_owned(),
                    seen_version: None,
                },
            ),
            10.. => match self.entry_elsewhere(member) {
                Some(entry) => ("books credit of", ChangeBody::EntryAdded { entry }),
                None => return Ok(()),
            },
            choice => {
                let mut after = document.clone();
                let what = match choice {
                    1..=3 => {
                        after.insert("email".to_owned(), json!(format!("elsewhere{number}@example.com")));
                        "edits"
                    }
                    4..=5 if block(&mut after) => "blocks a card of",
                    _ => {
                        after.insert("from_elsewhere".to_owned(), json!({ "number": number }));
                        "writes a field of its own about"
                    }
                };
                (what, ChangeBody::MemberEdited { member_id: member, edit: Edit::between(document, &after) })
            }
        };
        let is_removal = matches!(body, ChangeBody::MemberRemoved { .. });
        // Who is deleted without having been looked at takes along whoever turned out to be them.
        let there = if is_removal { self.everybody() } else { Vec::new() };
        let is_done = self.push_elsewhere(body)?;
        self.after_server_failure();
        if is_removal {
            let stay: BTreeSet<MemberId> = self.everybody().into_iter().map(|(id, _)| id).collect();
            for (id, sight) in there.into_iter().filter(|(id, _)| !stay.contains(id)) {
                self.truth.removed.insert(id);
                self.truth.deeds.note_removal(id, sight);
            }
        }
        if is_done.is_none() {
            self.truth.deeds.note_murky(&before);
            self.truth.removed.extend(is_removal.then_some(member));
        }
        if is_done == Some(true) {
            let at = Timestamp::from_millis(shared.time().now());
            if !is_removal {
                let after = self
                    .world
                    .runtime
                    .block_on(async { shared.server().lock().await.read(|rows| sight(rows, member)) });
                self.truth.deeds.note(None, &before, &after, at);
            }
            shared.note(format!("somebody else {what} a member"));
        }
        Ok(())
    }

    /// Everybody who is at head office, as they stand there.
    fn everybody(&self) -> Vec<(MemberId, Sight)> {
        let shared = Arc::clone(&self.world.shared);
        let read = |rows: &Connection| living(rows).into_iter().map(|id| (id, sight(rows, id))).collect();
        self.world.runtime.block_on(async { shared.server().lock().await.read(read) })
    }

    /// More or less for a member, never below nothing.
    fn entry_elsewhere(&self, member_id: MemberId) -> Option<Entry> {
        let shared = Arc::clone(&self.world.shared);
        let sum = self.world.runtime.block_on(async { shared.server().lock().await.read(|rows| sum(rows, member_id)) });
        let at = Timestamp::from_millis(shared.time().now());
        let minor = (self.draw(40) as i64 - 12) * 1_000;
        if minor == 0 || sum + minor < 0 {
            return None;
        }
        let amount = Money::new(minor, "VND".parse().expect("a currency"));
        let issuer = "default".to_owned();
        Some(Entry {
            id: EntryId::mint(at, shared.random().random()),
            account_id: AccountId::of(member_id, &issuer, amount.currency),
            member_id,
            issuer,
            kind: EntryKind::Adjust,
            lot_class: LotClass::Prepaid,
            amount,
            location: SHOPS[0].to_owned(),
            till_id: self.writer.till_id,
            staff_id: None,
            business_date: TimeZoneName::UTC.business_date(at),
            at,
            receipt: None,
            tender: None,
            reason: Some("asked elsewhere".to_owned()),
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Till,
            authorisation_id: None,
        })
    }

    /// Whether it was done, where head office lived to say so.
    fn push_elsewhere(&mut self, body: ChangeBody) -> Result<Option<bool>, String> {
        let shared = Arc::clone(&self.world.shared);
        let made_at = Timestamp::from_millis(shared.time().now());
        let id = ChangeId::mint(made_at, shared.random().random());
        self.writer.number += 1;
        let SecondWriter { till_id, incarnation, number } = self.writer;
        let change = Change { id, incarnation, number, made_at, staff_id: None, body };
        let batch = PushRequest {
            till_id,
            till_name: "elsewhere".to_owned(),
            at: Some(made_at),
            known: None,
            changes: vec![change],
        };
        let request = Request {
            method: Method::Post,
            path: "/v1/push".to_owned(),
            headers: vec![
                ("authorization", format!("Bearer {}", self.world.system.token_elsewhere)),
                (regulars_protocol::VERSION_HEADER, regulars_protocol::VERSION.to_owned()),
            ],
            body: Some(serde_json::to_vec(&batch).map_err(|error| error.to_string())?),
            timeout: Duration::from_secs(45),
        };
        let answer = self.world.runtime.block_on(async { shared.server().lock().await.ask_at("", &request).await });
        let answer = answer.filter(|answer| answer.status == 200);
        let answer = answer.and_then(|answer| serde_json::from_slice::<PushResponse>(&answer.body).ok());
        Ok(answer.map(|answer| answer.results.iter().all(|result| result.outcome == Outcome::Applied)))
    }

    fn draw(&self, below: usize) -> usize {
        self.world.shared.random().random_range(0..below.max(1))
    }
}

/// Blocks a card, where there is one.
fn block(document: &mut Document) -> bool {
    let cards = document.get_mut("cards").and_then(Value::as_object_mut);
    let Some(card) = cards.and_then(|cards| cards.values_mut().next()).and_then(Value::as_object_mut) else {
        return false;
    };
    card.insert("status".to_owned(), json!("blocked"));
    card.insert("status_reason".to_owned(), json!("stolen"));
    true
}

/// What a member has at head office.
fn sum(connection: &Connection, member: MemberId) -> i64 {
    let sql = "SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries WHERE member_id = ?1";
    connection.query_row(sql, [member.uuid()], |row| row.get(0)).expect("a sum")
}

/// Everybody whom head office has, in the order in which they came.
fn living(connection: &Connection) -> Vec<MemberId> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM members WHERE NOT is_deleted ORDER BY id").expect("a table");
    let rows = statement.query_map([], |row| row.get::<_, uuid::Uuid>(0)).expect("rows");
    rows.flatten().map(MemberId::from_uuid).collect()
}

/// A member as head office has them, where they are there.
fn sight(connection: &Connection, member: MemberId) -> Sight {
    let read =
        connection.query_row("SELECT document FROM members WHERE id = ?1 AND NOT is_deleted", [member.uuid()], |row| {
            row.get::<_, String>(0)
        });
    let document = read.ok().and_then(|text| serde_json::from_str(&text).ok());
    let mut sight: Sight = document.into_iter().map(|document| ((member, None), document)).collect();
    let mut statement =
        connection.prepare_cached("SELECT location, terms FROM memberships WHERE member_id = ?1").expect("a table");
    let rows = statement
        .query_map([member.uuid()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .expect("rows");
    for (shop, terms) in rows.flatten() {
        sight.extend(serde_json::from_str(&terms).ok().map(|terms| ((member, Some(shop)), terms)));
    }
    sight
}
