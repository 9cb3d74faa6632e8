//! A change that met another: the mirror takes what the remote has, the policy decides field by field, and what it decides
//! for this till goes out as a change made anew. Fields for a person stay behind as a question, alone.

use super::remake::{Made, end, replace};
use super::{Change, QueuedChange, Stamp};
use crate::decisions::{self, Decision, Kept, REMOVAL, Values};
use crate::error::StoreError;
use crate::mirror::{self, Mirrored};
use crate::pull::{self, Source, Stands};
use crate::remotes::Problem;
use crate::{audit, erase, locations};
use regulars_domain::conflict::{Ages, Decided, Side, Verdict, decide_all};
use regulars_domain::edit::{self, Document, Edit, FieldEdit};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, LocationId, MemberId, StaffId, Timestamp};
use rusqlite::Transaction;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The code of a change that asks a person which of two values stays.
pub(super) const CONFLICT: &str = "conflict";
/// So often a change is made anew because somebody else was faster: then a person decides, and nothing goes round.
pub(super) const MAX_MERGES: u32 = 8;

/// When the other side changed the fields that a change met, and what its clock says now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// The other side's clock.
    pub now: Option<Timestamp>,
    /// Per field, by the same clock.
    pub changed_at: BTreeMap<String, Timestamp>,
}

/// Takes over how a member stands after a change of theirs met another one, and decides what becomes of the change.
/// `new_id` makes the ids of the changes that take its place. Answers whether something is left for a person.
///
/// # Errors
/// As any write.
pub fn settle_conflict(
    tx: &Transaction<'_>,
    source: Source,
    id: ChangeId,
    met: &Met,
    stands: Option<&Stands>,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<bool, StoreError> {
    let change = super::get(tx, id)?;
    let before = find_view(tx, source, &change, stands)?.map(|(view, _)| view);
    if let Some(stands) = stands {
        // What the remote has alone: nothing of the change was taken.
        let registered =
            Change::MemberEdited { member_id: change.member_id.unwrap_or_else(nobody), edit: Edit::default() };
        pull::apply_answer(tx, source, stands, change.member_id.is_some().then_some(&registered))?;
    }
    let there = find_view(tx, source, &change, stands)?;
    let needs_person = decide(tx, source, &change, met, before, there, new_id)?;
    if let Some(member) = change.member_id {
        pull::derive_member(tx, member, source.at)?;
    }
    Ok(needs_person)
}

/// What the remote has of the member whom a change is about: in the row that the change met, where a remote has several.
fn find_view(
    tx: &Transaction<'_>,
    source: Source,
    change: &QueuedChange,
    stands: Option<&Stands>,
) -> Result<Option<(Mirrored, bool)>, StoreError> {
    match (stands, change.member_id) {
        (Some(Stands::Part(pulled)), _) => {
            let row = mirror::find(tx, source.remote_id, &pulled.remote_key)?;
            Ok(row.map(|row| (row.content, row.is_deleted)))
        }
        (_, Some(member)) => mirror::find_view(tx, source.remote_id, member),
        (_, None) => Ok(None),
    }
}

fn nobody() -> MemberId {
    MemberId::from_uuid(uuid::Uuid::nil())
}

fn decide(
    tx: &Transaction<'_>,
    source: Source,
    change: &QueuedChange,
    met: &Met,
    before: Option<Mirrored>,
    there: Option<(Mirrored, bool)>,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<bool, StoreError> {
    let Some(member) = change.member_id else { return park(tx, change, source.at) };
    if erase::is_erased(tx, member)? {
        return end(tx, change.id, "discarded", source.at).map(|()| false);
    }
    if let Change::MemberRemoved { reason, .. } = &change.change {
        return overrule_removal(tx, change, member, reason, source.at).map(|()| false);
    }
    match there {
        Some((there, false)) => {
            let meeting = Meeting { tx, change, member, met, at: source.at, before, there };
            meeting.settle(new_id)
        }
        Some(_) | None => park(tx, change, source.at),
    }
}

/// Somebody changed the member whom this till deleted: they stay.
fn overrule_removal(
    tx: &Transaction<'_>,
    change: &QueuedChange,
    member_id: MemberId,
    reason: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    end(tx, change.id, "discarded", at)?;
    let values = Values { field: REMOVAL.to_owned(), before: Value::Null, ours: json!(reason), theirs: Value::Null };
    let (kept, lost) = (Kept::Theirs, Some(Side::Ours));
    let decision = Decision { kept, lost, ..plain(change, member_id, at, change.made_at, values) };
    decisions::insert(tx, &decision)?;
    log(tx, change, "removal_overruled", json!({ "change": change.id }), at)
}

fn park(tx: &Transaction<'_>, change: &QueuedChange, at: Timestamp) -> Result<bool, StoreError> {
    let message = "somebody else changed the same at the remote".to_owned();
    let problem = Problem { code: CONFLICT.to_owned(), message, field: None };
    super::settle::park(tx, change.id, &problem, at).map(|()| true)
}

/// What changed what when, of one document: of the member, or of how they stand at a shop.
struct Part {
    location_id: Option<LocationId>,
    edit: Edit,
    /// Per field, when it was last changed here, and by whom.
    made: BTreeMap<String, (Timestamp, Option<StaffId>)>,
    /// The document as the remote had it before, as far as this till knew, and as it has it now.
    before: Document,
    there: Document,
}

impl Part {
    fn new(location_id: Option<LocationId>, before: Document, there: Document) -> Self {
        Self { location_id, edit: Edit::default(), made: BTreeMap::new(), before, there }
    }

    fn add(&mut self, edit: Edit, change: &QueuedChange) {
        self.made.extend(edit.fields.keys().map(|path| (path.clone(), (change.made_at, change.staff_id))));
        self.edit = std::mem::take(&mut self.edit).then(edit);
    }

    fn change(&self, member_id: MemberId, edit: Edit) -> Change {
        match self.location_id {
            Some(location_id) => Change::MembershipEdited { member_id, location_id, edit },
            None => Change::MemberEdited { member_id, edit },
        }
    }
}

struct Meeting<'a> {
    tx: &'a Transaction<'a>,
    change: &'a QueuedChange,
    member: MemberId,
    met: &'a Met,
    at: Timestamp,
    before: Option<Mirrored>,
    there: Mirrored,
}

impl Meeting<'_> {
    fn settle(&self, new_id: &mut dyn FnMut() -> ChangeId) -> Result<bool, StoreError> {
        let (parts, mut made) = self.parts(new_id)?;
        if parts.is_empty() && made.is_empty() {
            // The remote does not show what it met.
            return park(self.tx, self.change, self.at);
        }
        let mut asks = false;
        for part in &parts {
            let decided = self.decide(part);
            asks |= self.take_up(part, decided, &mut made, new_id)?;
        }
        let replaced_by: Vec<ChangeId> = made.iter().map(|made| made.id).collect();
        replace(self.tx, self.change, &made, self.change.merges + 1, ("replaced", self.at))?;
        let facts = json!({ "change": self.change.id, "replaced_by": replaced_by });
        log(self.tx, self.change, "change_merged", facts, self.at)?;
        Ok(asks)
    }

    /// The documents that the change is about, with its edits and those that travelled with it; and what is to be said
    /// anew as it is.
    fn parts(&self, new_id: &mut dyn FnMut() -> ChangeId) -> Result<(Vec<Part>, Vec<Made>), StoreError> {
        let mut made = Vec::new();
        let mut parts = match &self.change.change {
            Change::MemberAdded { document, location_id, member_since, terms, .. } => {
                let mut person = self.person();
                person.add(Edit::between(&Document::new(), document), self.change);
                let mut parts = vec![person];
                match self.shop(*location_id)? {
                    Some(mut shop) => {
                        shop.add(Edit::between(&Document::new(), terms), self.change);
                        parts.push(shop);
                    }
                    None => made.push(Made {
                        id: new_id(),
                        change: Change::MembershipAdded {
                            member_id: self.member,
                            location_id: *location_id,
                            member_since: *member_since,
                            terms: terms.clone(),
                        },
                        stamp: Stamp { at: self.change.made_at, staff_id: self.change.staff_id },
                        problem: None,
                    }),
                }
                parts
            }
            Change::MemberEdited { edit, .. } => {
                let mut person = self.person();
                person.add(edit.clone(), self.change);
                vec![person]
            }
            Change::MembershipAdded { location_id, terms, .. } => {
                let edit = Edit::between(&Document::new(), terms);
                self.shop(*location_id)?
                    .map(|mut shop| {
                        shop.add(edit, self.change);
                        shop
                    })
                    .into_iter()
                    .collect()
            }
            Change::MembershipEdited { location_id, edit, .. } => self
                .shop(*location_id)?
                .map(|mut shop| {
                    shop.add(edit.clone(), self.change);
                    shop
                })
                .into_iter()
                .collect(),
            Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. }
            | Change::LabelPut { .. } => Vec::new(),
        };
        for later in super::list_open_of_member(self.tx, self.member)? {
            if later.folded_into != Some(self.change.id) {
                continue;
            }
            if let (Change::MemberEdited { edit, .. }, Some(person)) =
                (later.change.clone(), parts.iter_mut().find(|part| part.location_id.is_none()))
            {
                person.add(edit, &later);
            }
        }
        Ok((parts, made))
    }

    fn person(&self) -> Part {
        let before = self.before.as_ref().map(|view| view.document.clone()).unwrap_or_default();
        Part::new(None, before, self.there.document.clone())
    }

    /// How the member stands at a shop; `None` where the remote does not have them there.
    fn shop(&self, location_id: LocationId) -> Result<Option<Part>, StoreError> {
        let pos_id = locations::get(self.tx, location_id)?.pos_id;
        let terms = |view: &Mirrored| {
            let here = view.memberships.iter().find(|membership| membership.pos_id == pos_id);
            here.map(|membership| membership.terms.clone())
        };
        let before = self.before.as_ref().and_then(terms).unwrap_or_default();
        Ok(terms(&self.there).map(|there| Part::new(Some(location_id), before, there)))
    }

    fn decide(&self, part: &Part) -> BTreeMap<String, Decided> {
        let ages = |path: &str| {
            let ours = part.made.get(path).map_or(self.change.made_at, |(at, _)| *at);
            // A side that does not say when changed it a moment ago; but no yes to a consent is newer than a no for want of
            // a time, or by a clock that was ahead.
            let is_yes = |value: Option<&Value>| {
                path.starts_with("consents/") && value.is_some_and(|value| value["is_given"] == true)
            };
            let age = |now: Timestamp, at: Timestamp, is_yes: bool| match is_yes && at > now {
                true => Duration::MAX,
                false => now.since(at),
            };
            let is_their_yes = is_yes(edit::get(&part.there, path));
            let theirs = match (self.met.now, self.met.changed_at.get(path)) {
                (Some(now), Some(changed_at)) => age(now, *changed_at, is_their_yes),
                (_, _) if is_their_yes => Duration::MAX,
                (_, _) => Duration::ZERO,
            };
            Ages { ours: age(self.at, ours, is_yes(part.edit.fields.get(path).map(|field| &field.after))), theirs }
        };
        let mut decided = match is_planted(Mistake::BaseMovedOnConflict) {
            true => decide_all(&part.edit.clone().rebased(&part.there), &part.there, ages),
            false => decide_all(&part.edit, &part.there, ages),
        };
        if self.change.merges >= MAX_MERGES {
            for decided in decided.values_mut().filter(|decided| decided.theirs != decided.before) {
                if decided.decision.verdict != Verdict::Theirs {
                    decided.decision.verdict = Verdict::Person;
                    decided.decision.lost = None;
                }
            }
        }
        decided
    }

    /// Makes changes of what was decided for this till, a question of what was not, and notes who lost.
    fn take_up(
        &self,
        part: &Part,
        decided: BTreeMap<String, Decided>,
        made: &mut Vec<Made>,
        new_id: &mut dyn FnMut() -> ChangeId,
    ) -> Result<bool, StoreError> {
        // Each with the instant at which it was really changed: by that it is judged again where somebody is faster.
        let mut ours: BTreeMap<(Timestamp, Option<StaffId>), Edit> = BTreeMap::new();
        let mut question = Edit::default();
        for (path, decided) in &decided {
            let Decided { before, ours: after, theirs, decision } = decided;
            let value = match &decision.verdict {
                Verdict::Theirs => continue,
                Verdict::Person => {
                    let field = FieldEdit { before: before.clone(), after: after.clone() };
                    question.fields.insert(path.clone(), field);
                    continue;
                }
                Verdict::Ours => after.clone(),
                Verdict::Combined(value) => value.clone(),
            };
            let key = part.made.get(path).copied().unwrap_or((self.change.made_at, self.change.staff_id));
            let field = FieldEdit { before: theirs.clone(), after: value };
            ours.entry(key).or_default().fields.insert(path.clone(), field);
        }
        for ((at, staff_id), edit) in ours {
            let stamp = Stamp { at, staff_id };
            made.push(Made { id: new_id(), change: part.change(self.member, edit), stamp, problem: None });
        }
        let task = (!question.is_empty()).then(|| self.ask(part, question, made, new_id));
        self.note(part, &decided, task)?;
        Ok(task.is_some())
    }

    fn ask(&self, part: &Part, question: Edit, made: &mut Vec<Made>, new_id: &mut dyn FnMut() -> ChangeId) -> ChangeId {
        let fields: Vec<&str> = question.fields.keys().map(String::as_str).collect();
        let message = format!("somebody else changed {} at the remote", fields.join(", "));
        let field = question.fields.keys().next().cloned();
        let problem = Problem { code: CONFLICT.to_owned(), message, field };
        let first = question.fields.keys().next().and_then(|path| part.made.get(path)).copied();
        let (at, staff_id) = first.unwrap_or((self.change.made_at, self.change.staff_id));
        let (id, stamp) = (new_id(), Stamp { at, staff_id });
        made.push(Made { id, change: part.change(self.member, question), stamp, problem: Some(problem) });
        id
    }

    /// Notes what was decided: where something was lost, and, beside a question, everything that was merged already.
    fn note(&self, part: &Part, decided: &BTreeMap<String, Decided>, task: Option<ChangeId>) -> Result<(), StoreError> {
        if is_planted(Mistake::LoserNotKept) {
            return Ok(());
        }
        let note = |path: &str, values: Values, kept: Kept, lost: Option<Side>| {
            let ours_at = part.made.get(path).map_or(self.change.made_at, |(at, _)| *at);
            let plain = plain(self.change, self.member, self.at, ours_at, values);
            let theirs_at = self.met.changed_at.get(path).copied();
            let location_id = part.location_id;
            decisions::insert(self.tx, &Decision { kept, lost, theirs_at, task_id: task, location_id, ..plain })
        };
        for (path, decided) in decided {
            let kept = match &decided.decision.verdict {
                Verdict::Ours => Kept::Ours,
                Verdict::Theirs => Kept::Theirs,
                Verdict::Combined(_) => Kept::Both,
                Verdict::Person => Kept::Undecided,
            };
            let lost = decided.decision.lost;
            if lost.is_some() || task.is_some() {
                let Decided { before, ours, theirs, .. } = decided.clone();
                note(path, Values { field: path.clone(), before, ours, theirs }, kept, lost)?;
            }
        }
        if task.is_some() {
            let mut others = Edit::between(&part.before, &part.there);
            let known: BTreeSet<&String> = decided.keys().collect();
            others.fields.retain(|path, _| !known.contains(path));
            for (path, FieldEdit { before, after }) in others.fields {
                let values = Values { field: path.clone(), ours: before.clone(), before, theirs: after };
                note(&path, values, Kept::Theirs, None)?;
            }
        }
        Ok(())
    }
}

fn plain(change: &QueuedChange, member_id: MemberId, at: Timestamp, ours_at: Timestamp, values: Values) -> Decision {
    Decision {
        id: 0,
        member_id,
        location_id: None,
        change_id: change.id,
        task_id: None,
        at,
        staff_id: None,
        ours_at,
        theirs_at: None,
        kept: Kept::Theirs,
        lost: None,
        is_by_person: false,
        values,
        brought_back_at: None,
    }
}

fn log(
    tx: &Transaction<'_>,
    change: &QueuedChange,
    action: &str,
    facts: Value,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (member_id, staff_id) = (change.member_id, change.staff_id);
    audit::append(tx, audit::Entry { at, staff_id, action, member_id, facts, personal: None })
}
