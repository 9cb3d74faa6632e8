//! A member's history at the counter: what happened, what it made of the balance, and where each line is.

use super::cards;
use super::sync_screen;
use super::views::cards::CardDid;
use super::views::{HistoryLine, HistoryWhat, Place, Undid};
use crate::credit::{holder, issuer_of};
use crate::error::AppError;
use crate::members::Whole;
use crate::rules;
use crate::till::Till;
use regulars_domain::change::Change;
use regulars_domain::edit::{Edit, FieldEdit};
use regulars_domain::ledger::{EntryKind, LedgerEntry, voidable};
use regulars_domain::sale::VisitKind;
use regulars_domain::{EntryId, Money, Timestamp, VisitId};
use regulars_store::Transaction;
use regulars_store::decisions::{Decision, REMOVAL};
use regulars_store::ledger::StoredEntry;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{ChangeState, QueuedChange};
use regulars_store::visits::StoredVisit;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// Most lines that are shown: years of visits.
const SHOWN: usize = 200;

/// What every line is told from.
struct Telling<'a> {
    tx: &'a Transaction<'a>,
    /// Who owes what is booked at the counter.
    issuer: &'a str,
    whole: &'a Whole,
    /// The entries that can be undone now.
    voidable: HashSet<EntryId>,
    /// What was undone since.
    void: HashSet<EntryId>,
    void_visits: HashSet<VisitId>,
    returned: HashSet<VisitId>,
}

/// The lines, newest first.
pub(super) fn lines(
    tx: &Transaction<'_>,
    till: &Till,
    location: &StoredLocation,
    whole: &Whole,
) -> Result<Vec<HistoryLine>, AppError> {
    let telling = Telling {
        tx,
        issuer: &location.location.issuer,
        whole,
        voidable: voidable_now(tx, till, location, whole)?,
        void: whole.entries.iter().filter(|stored| is_undoing(&stored.entry)).filter_map(source).collect(),
        void_visits: sources_of(whole, VisitKind::Void),
        returned: sources_of(whole, VisitKind::Return),
    };
    let mut lines = Vec::new();
    let mut balance = Money::zero(location.location.currency);
    let is_ours = |entry: &LedgerEntry| {
        entry.issuer == location.location.issuer && entry.amount.currency == location.location.currency
    };
    for stored in &whole.entries {
        let is_ours = is_ours(&stored.entry);
        if is_ours {
            balance = balance.plus(stored.entry.amount)?;
        }
        lines.push(telling.entry_line(stored, is_ours.then_some(balance))?);
    }
    for stored in &whole.visits {
        lines.extend(telling.visit_line(stored)?);
    }
    for queued in &whole.changes {
        lines.extend(telling.change_line(queued)?);
    }
    lines.extend(whole.decisions.iter().filter_map(decision_line));
    // Stable: what was written in one moment stays in the order in which it was.
    lines.sort_by_key(|line| line.at);
    lines.reverse();
    lines.truncate(SHOWN);
    Ok(lines)
}

fn voidable_now(
    tx: &Transaction<'_>,
    till: &Till,
    location: &StoredLocation,
    whole: &Whole,
) -> Result<HashSet<EntryId>, AppError> {
    let group = regulars_store::members::list_group(tx, whole.stored.id)?;
    let entries = regulars_store::ledger::list_of_holder(tx, holder(location, &group))?;
    let within = Duration::from_secs(u64::from(rules::read(tx, &location.location.code)?.void_minutes) * 60);
    let at: Timestamp = till.now();
    let is_recent = |entry: &&LedgerEntry| entry.at <= at && at.since(entry.at) <= within;
    let can = |entry: &&LedgerEntry| voidable(&entries, entry.id, till.who.id, None, at, within).is_ok();
    Ok(entries.iter().filter(is_recent).filter(can).map(|entry| entry.id).collect())
}

fn is_undoing(entry: &LedgerEntry) -> bool {
    entry.kind == EntryKind::Void
}

fn source(stored: &StoredEntry) -> Option<EntryId> {
    stored.entry.source_entry_id
}

fn sources_of(whole: &Whole, kind: VisitKind) -> HashSet<VisitId> {
    let visits = whole.visits.iter().map(|stored| &stored.visit);
    visits.filter(|visit| visit.kind == kind).filter_map(|visit| visit.source_visit_id).collect()
}

impl Telling<'_> {
    fn entry_line(&self, stored: &StoredEntry, balance: Option<Money>) -> Result<HistoryLine, AppError> {
        let entry = &stored.entry;
        let shop = locations::get(self.tx, entry.location_id)?;
        let visit = entry.visit_id.and_then(|id| self.whole.visits.iter().find(|stored| stored.visit.id == id));
        let is_earning = entry.kind == EntryKind::Earn;
        let percent = visit.filter(|_| is_earning).map(|stored| stored.visit.earn_percent);
        Ok(HistoryLine {
            what: HistoryWhat::Entry {
                kind: entry.kind,
                tender: entry.tender,
                location: shop.location.name,
                percent,
                reason: entry.reason.clone(),
                undid: self.undid(entry),
            },
            amount: Some(entry.amount),
            balance,
            receipt: entry.receipt.clone(),
            entry_id: Some(entry.id),
            visit_id: entry.visit_id,
            is_void: self.void.contains(&entry.id),
            can_void: self.voidable.contains(&entry.id),
            can_return: visit.map_or(Ok(false), |stored| self.can_return(stored))?,
            has_slip: true,
            ..plain(
                entry.id.to_string(),
                entry.at,
                stored.state.map_or(Place::HeadOffice, |state| place(state, shop.remote_id.is_some())),
            )
        })
    }

    fn undid(&self, entry: &LedgerEntry) -> Option<Undid> {
        let source = entry.source_entry_id.filter(|_| is_undoing(entry))?;
        let undone = &self.whole.entries.iter().find(|stored| stored.entry.id == source)?.entry;
        Some(Undid { kind: undone.kind, tender: undone.tender, amount: undone.amount })
    }

    /// A visit has a line of its own only where it moved no credit.
    fn visit_line(&self, stored: &StoredVisit) -> Result<Option<HistoryLine>, AppError> {
        let visit = &stored.visit;
        if self.whole.entries.iter().any(|entry| entry.entry.visit_id == Some(visit.id)) {
            return Ok(None);
        }
        let shop = locations::get(self.tx, visit.location_id)?;
        Ok(Some(HistoryLine {
            what: HistoryWhat::Visit { kind: visit.kind, location: shop.location.name, bill: visit.bill },
            receipt: visit.receipt.clone(),
            visit_id: Some(visit.id),
            is_void: self.void_visits.contains(&visit.id),
            can_return: self.can_return(stored)?,
            has_slip: true,
            ..plain(
                visit.id.to_string(),
                visit.at,
                stored.state.map_or(Place::HeadOffice, |state| place(state, shop.remote_id.is_some())),
            )
        }))
    }

    fn can_return(&self, stored: &StoredVisit) -> Result<bool, AppError> {
        let visit = &stored.visit;
        let is_ours = issuer_of(self.tx, visit)?.is_none_or(|issuer| issuer == self.issuer);
        let is_whole_back = || {
            let back = self.whole.visits.iter().map(|stored| &stored.visit);
            let back = back.filter(|back| back.kind == VisitKind::Return && back.source_visit_id == Some(visit.id));
            let back: i64 = back.filter(|back| !self.void_visits.contains(&back.id)).map(|back| back.bill.minor).sum();
            visit.net().is_ok_and(|net| back >= net.minor)
        };
        Ok(visit.kind == VisitKind::Sale
            && is_ours
            && !self.void_visits.contains(&visit.id)
            && !(self.returned.contains(&visit.id) && is_whole_back()))
    }

    fn change_line(&self, queued: &QueuedChange) -> Result<Option<HistoryLine>, AppError> {
        let what = match &queued.change {
            Change::MemberAdded { .. } => HistoryWhat::Registered,
            Change::MemberEdited { edit, .. } => self.edited(queued, edit),
            Change::MembershipEdited { edit, .. } => {
                HistoryWhat::Edited { fields: edit.fields.keys().cloned().collect() }
            }
            Change::MembershipAdded { location_id, .. } => {
                HistoryWhat::Joined { location: locations::get(self.tx, *location_id)?.location.name }
            }
            Change::MemberRemoved { .. } => HistoryWhat::Removed,
            Change::MemberErased { .. }
            | Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. }
            | Change::LabelPut { .. } => return Ok(None),
        };
        let was_given_up = matches!(queued.state, ChangeState::Discarded | ChangeState::Replaced);
        let place = place(queued.state, queued.remote_id.is_some());
        Ok((!was_given_up).then(|| HistoryLine { what, ..plain(queued.id.to_string(), queued.made_at, place) }))
    }

    fn edited(&self, queued: &QueuedChange, edit: &Edit) -> HistoryWhat {
        if let Some(field) = edit.fields.get("merged") {
            let alias = self.whole.aliases.iter().find(|(id, _)| Some(*id) == queued.member_id);
            return match field.after {
                Value::Null => HistoryWhat::Unmerged,
                _ => {
                    HistoryWhat::Merged { name: alias.map(|(_, alias)| alias.called().to_owned()).unwrap_or_default() }
                }
            };
        }
        let card = edit.fields.iter().find_map(|(path, field)| Some((path.strip_prefix("cards/")?, field)));
        match card.filter(|_| edit.fields.keys().all(|path| path.starts_with("cards/"))) {
            Some((serial, field)) => card_line(serial, field),
            None => HistoryWhat::Edited { fields: edit.fields.keys().cloned().collect() },
        }
    }
}

/// Where something was lost, the history says what, and how to have it back.
fn decision_line(decision: &Decision) -> Option<HistoryLine> {
    let lost = decision.lost_value()?.clone();
    let field = decision.values.field.clone();
    let is_removal = field == REMOVAL;
    let what = HistoryWhat::Decided {
        field,
        kept: sync_screen::kept(decision.kept),
        is_by_person: decision.is_by_person,
        lost,
    };
    let bring_back = (!is_removal && decision.brought_back_at.is_none()).then_some(decision.id);
    let plain = plain(format!("decision-{}", decision.id), decision.at, Place::ThisTill);
    Some(HistoryLine { what, bring_back, ..plain })
}

fn card_line(serial: &str, field: &FieldEdit) -> HistoryWhat {
    let status = |value: &Value| value.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (before, after) = (status(&field.before), status(&field.after));
    let did = match (&field.before, &field.after) {
        (Value::Null, _) => CardDid::Issued,
        (_, Value::Null) => CardDid::TakenAway,
        _ if after == "blocked" && before != "blocked" => CardDid::Blocked,
        _ if before == "blocked" && after != "blocked" => CardDid::Unblocked,
        _ => CardDid::Changed,
    };
    let reason = field.after.get("status_reason").and_then(Value::as_str).map(str::to_owned);
    HistoryWhat::Card { ending: cards::ending(serial), did, reason }
}

fn plain(id: String, at: Timestamp, place: Place) -> HistoryLine {
    HistoryLine {
        id,
        at,
        what: HistoryWhat::Registered,
        amount: None,
        balance: None,
        place,
        receipt: None,
        entry_id: None,
        visit_id: None,
        is_void: false,
        can_void: false,
        can_return: false,
        has_slip: false,
        bring_back: None,
    }
}

const fn place(state: ChangeState, has_remote: bool) -> Place {
    match state {
        ChangeState::Done => Place::HeadOffice,
        ChangeState::Parked => Place::NeedsYou,
        ChangeState::Ready
        | ChangeState::InFlight
        | ChangeState::Unknown
        | ChangeState::Folded
        | ChangeState::Discarded
        | ChangeState::Replaced => {
            if has_remote {
                Place::Here
            } else {
                Place::ThisTill
            }
        }
    }
}
