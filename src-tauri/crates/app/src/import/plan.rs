//! What would become of each row, without writing anything.

use super::row::{Reading, Said};
use super::{Note, Problem, Progress, Report};
use crate::cards;
use crate::error::AppError;
use crate::members::{living, typed};
use crate::spreadsheet::{Columns, Mapping, Sheet};
use crate::till::Till;
use regulars_domain::ledger::EntryKind;
use regulars_domain::member::{Member, Typed, Typing, key};
use regulars_domain::phone::{self, PhoneQuery};
use regulars_domain::{MemberId, Money, Refusal, fold};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, members};
use std::collections::HashMap;

/// Rows that are looked at in one read, so that it never holds an old state of the file for long.
const SLICE: usize = 500;
/// Most members with one number who are compared with a row.
const MAX_COMPARED: u32 = 20;

/// What is to be done, row by row.
pub struct Plan {
    pub(super) rows: Vec<Planned>,
    /// What it would come to.
    pub report: Report,
}

/// One row that can be taken in.
pub(super) struct Planned {
    pub row: u64,
    pub name: String,
    pub member_id: MemberId,
    pub is_new: bool,
    pub said: Said,
}

/// Plans a spreadsheet: `map` says which columns are what, where the headings do not.
///
/// # Errors
/// `column_unknown`, `column_missing` and the like; faults of the file.
pub fn plan(
    till: &Till,
    location: &StoredLocation,
    sheet: &Sheet,
    map: &[Mapping],
    progress: Progress<'_>,
) -> Result<Plan, AppError> {
    let columns = Columns::mapped(&sheet.table, map)?;
    columns.check_name()?;
    let typed = typed(till, location)?;
    let currency = location.location.currency;
    let reading = Reading::new(&sheet.table, columns, typed.country, currency, typed.on);
    let mut planner = Planner {
        location,
        typed,
        new_id: Box::new(|| till.new_member_id()),
        seen: Seen::default(),
        rows: Vec::new(),
        report: Report {
            batch: None,
            new: 0,
            updated: 0,
            unchanged: 0,
            twins: 0,
            errors: 0,
            opening_total: Money::zero(currency),
            was_cancelled: false,
            notes: Vec::new(),
        },
    };
    let (all, total) = (sheet.table.rows().collect::<Vec<_>>(), sheet.table.len() as u64);
    for (number, slice) in all.chunks(SLICE).enumerate() {
        if !progress((number * SLICE) as u64, total) {
            planner.report.was_cancelled = true;
            break;
        }
        till.read(|tx| {
            for row in slice {
                let name = reading.name(*row);
                let planned = reading
                    .read(*row)
                    .map_err(Failed::from)
                    .and_then(|said| planner.look_at(tx, row.number() as u64, said));
                match planned {
                    Ok(()) => {}
                    Err(Failed::Row(problem)) => planner.note(row.number() as u64, name, problem),
                    Err(Failed::All(error)) => return Err(error),
                }
            }
            Ok(())
        })?;
    }
    Ok(Plan { rows: planner.rows, report: planner.report })
}

/// Why a row was not planned: something about the row, or a fault that ends it all.
enum Failed {
    Row(Problem),
    All(AppError),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Row(problem)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Row(refusal.into())
    }
}

impl From<AppError> for Failed {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => Self::Row(refusal.into()),
            error => Self::All(error),
        }
    }
}

impl From<regulars_store::StoreError> for Failed {
    fn from(error: regulars_store::StoreError) -> Self {
        Self::All(error.into())
    }
}

/// Whom the rows before have named: by number and name, card and reference.
#[derive(Default)]
struct Seen {
    by_number: HashMap<String, Vec<(String, MemberId)>>,
    by_key: HashMap<String, MemberId>,
}

struct Planner<'a> {
    location: &'a StoredLocation,
    typed: Typed,
    new_id: Box<dyn Fn() -> MemberId + 'a>,
    seen: Seen,
    rows: Vec<Planned>,
    report: Report,
}

impl Planner<'_> {
    fn look_at(&mut self, tx: &Transaction<'_>, row: u64, said: Said) -> Result<(), Failed> {
        let typing = Typing::read(&said.json)?;
        let known = self.find_same(tx, &said)?;
        match known {
            Some(id) => self.plan_update(tx, row, id, said),
            None => {
                typing.checked_as_new(self.typed)?;
                self.plan_new(tx, row, said)
            }
        }
    }

    fn plan_new(&mut self, tx: &Transaction<'_>, row: u64, said: Said) -> Result<(), Failed> {
        if let Some(serial) = &said.card
            && cards::find_in(tx, &serial.to_string())?.is_some()
        {
            return Err(Refusal::CardTaken.into());
        }
        let twin = self.find_twin(tx, &said)?;
        let member_id = (self.new_id)();
        self.report.new += 1;
        if let Some(problem) = twin {
            self.note(row, Some(said.name.clone()), problem);
        }
        self.accept(row, member_id, true, said);
        Ok(())
    }

    fn plan_update(&mut self, tx: &Transaction<'_>, row: u64, id: MemberId, mut said: Said) -> Result<(), Failed> {
        // Who it is was told by the name; a list without marks must not take the marks away.
        if let Some(json) = said.json.as_object_mut() {
            json.remove("name");
        }
        let stored = members::find(tx, id)?;
        if let Some(serial) = &said.card
            && let Some(known) = cards::find_in(tx, &serial.to_string())?
            && known.member_id != id
        {
            return Err(Refusal::CardTaken.into());
        }
        let changes = match &stored {
            Some(stored) => {
                let here = crate::members::membership_at(tx, id, self.location.id)?;
                let (person, at_shop) = crate::members::edits(stored, here.as_ref(), &said.json, self.typed)?;
                // It is nobody else's, as was seen above.
                let has_card = match &said.card {
                    Some(serial) => cards::find_in(tx, &serial.to_string())?.is_some(),
                    None => true,
                };
                here.is_none() || !(person.is_empty() && at_shop.is_empty() && has_card)
            }
            // Registered by an earlier row.
            None => true,
        };
        if stored.is_some() && said.opening.is_some() && has_opening(tx, id)? {
            return Err(Problem::OpeningExists.into());
        }
        if changes || said.opening.is_some() {
            self.report.updated += 1;
            self.accept(row, id, false, said);
        } else {
            self.report.unchanged += 1;
        }
        Ok(())
    }

    fn accept(&mut self, row: u64, member_id: MemberId, is_new: bool, said: Said) {
        if let Some(opening) = said.opening
            && let Ok(total) = self.report.opening_total.plus(opening)
        {
            self.report.opening_total = total;
        }
        if let Some(phone) = &said.phone {
            let names = self.seen.by_number.entry(self.digits(phone)).or_default();
            names.push((fold::words(&said.name).join(" "), member_id));
        }
        let keys = said.card.iter().map(|serial| format!("c:{}", serial.key()));
        let keys = keys.chain(said.reference.iter().map(|reference| format!("r:{}", key(reference))));
        for key in keys.collect::<Vec<_>>() {
            self.seen.by_key.insert(key, member_id);
        }
        self.rows.push(Planned { row, name: said.name.clone(), member_id, is_new, said });
    }

    /// Who the row is about, without doubt: whoever has the card or the reference, or the number and the name.
    fn find_same(&self, tx: &Transaction<'_>, said: &Said) -> Result<Option<MemberId>, Failed> {
        if let Some(reference) = &said.reference {
            if let Some(id) = self.seen.by_key.get(&format!("r:{}", key(reference))) {
                return Ok(Some(*id));
            }
            for hit in members::find_keyed(tx, reference, MAX_COMPARED)? {
                let stored = living(tx, hit.id)?;
                let known = Member::read(&stored.document)?;
                if known.reference.as_deref().map(key) == Some(key(reference)) {
                    return Ok(Some(stored.id));
                }
            }
        }
        let name = fold::words(&said.name).join(" ");
        if let Some(phone) = &said.phone {
            let seen = self.seen.by_number.get(&self.digits(phone));
            if let Some((_, id)) = seen.and_then(|names| names.iter().find(|(known, _)| *known == name)) {
                return Ok(Some(*id));
            }
            for (id, member) in self.with_number(tx, phone)? {
                if fold::words(&member.name.full).join(" ") == name {
                    return Ok(Some(id));
                }
            }
        }
        let card = said.card.as_ref();
        if let Some(id) = card.and_then(|serial| self.seen.by_key.get(&format!("c:{}", serial.key()))) {
            return Ok(Some(*id)).and_then(|id| if name.is_empty() { Ok(id) } else { Err(Refusal::CardTaken.into()) });
        }
        Ok(None)
    }

    /// Somebody else with the same number, or the same address.
    fn find_twin(&self, tx: &Transaction<'_>, said: &Said) -> Result<Option<Problem>, Failed> {
        if let Some(phone) = &said.phone {
            if let Some((with, _)) = self.seen.by_number.get(&self.digits(phone)).and_then(|names| names.first()) {
                return Ok(Some(Problem::Twin { with: with.clone(), sign: "phone" }));
            }
            if let Some((_, member)) = self.with_number(tx, phone)?.into_iter().next() {
                return Ok(Some(Problem::Twin { with: member.name.full, sign: "phone" }));
            }
        }
        if let Some(email) = &said.email
            && let Some(hit) = members::find_keyed(tx, email, 1)?.first()
        {
            let with = Member::read(&living(tx, hit.id)?.document)?.name.full;
            return Ok(Some(Problem::Twin { with, sign: "email" }));
        }
        Ok(None)
    }

    fn with_number(&self, tx: &Transaction<'_>, typed: &str) -> Result<Vec<(MemberId, Member)>, Failed> {
        let Some(query) = PhoneQuery::parse(typed, self.typed.country) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for hit in members::find_by_whole_phone(tx, self.location.id, &query, MAX_COMPARED)? {
            let stored = living(tx, hit.id)?;
            found.push((stored.id, Member::read(&stored.document)?));
        }
        Ok(found)
    }

    fn digits(&self, typed: &str) -> String {
        phone::index_digits(typed, None, self.typed.country)
    }

    fn note(&mut self, row: u64, name: Option<String>, problem: Problem) {
        if problem.is_twin() {
            self.report.twins += 1;
        } else {
            self.report.errors += 1;
        }
        self.report.notes.push(Note { row, name, problem });
    }
}

/// An opening balance is booked once, whichever file it came with and as whomever they came in; one that was undone does not
/// count.
pub(super) fn has_opening(tx: &Transaction<'_>, id: MemberId) -> Result<bool, regulars_store::StoreError> {
    let mut entries = Vec::new();
    for one in members::list_group(tx, members::resolve(tx, id)?)? {
        entries.extend(ledger::list_of_member(tx, one)?);
    }
    let is_undone =
        |id| entries.iter().any(|other| other.entry.source_entry_id == Some(id) && other.entry.kind == EntryKind::Void);
    Ok(entries.iter().any(|stored| stored.entry.kind == EntryKind::Opening && !is_undone(stored.entry.id)))
}
