//! Members and the ledger as spreadsheets. The columns of members are those that an import reads.

use crate::credit;
use crate::error::AppError;
use crate::import::Progress;
use crate::members::standing;
use crate::rights::Action;
use crate::spreadsheet::{Separator, Writer};
use crate::till::Till;
use regulars_domain::member::Member;
use regulars_domain::{MemberId, Money};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::{Transaction, ledger, members};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Members that are read at once, so that a read never holds an old state of the till's file for long.
const SLICE: usize = 500;

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportWhat {
    /// The members of all shops of this till.
    Members,
    /// Every line of their ledger.
    Ledger,
}

const MEMBER_COLUMNS: [&str; 16] = [
    "location",
    "full_name",
    "given",
    "family",
    "phone",
    "email",
    "birthday",
    "card",
    "label",
    "note",
    "reference",
    "member_since",
    "status",
    "discount_percent",
    "earn_percent",
    // No import takes this for an opening balance by itself: that would book everybody's credit once more.
    "balance_now",
];
const LEDGER_COLUMNS: [&str; 14] = [
    "location",
    "business_date",
    "at",
    "member_reference",
    "member",
    "kind",
    "lot_class",
    "amount",
    "currency",
    "tender",
    "receipt",
    "reason",
    "entry",
    "source_entry",
];

/// Writes a spreadsheet, over one that is there. It is whole, or as before: until it is whole it stands beside, under
/// another name. Answers how many rows, or nothing where it was stopped.
///
/// # Errors
/// `file_failed`; faults of the till's own file.
pub fn write(till: &Till, what: ExportWhat, path: &Path, progress: Progress<'_>) -> Result<Option<u64>, AppError> {
    till.permit(Action::Export)?;
    // What is no file, a pipe say, has no name that a whole one could take.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return filled(till, what, &File::create(path).map_err(AppError::File)?, progress);
    }
    let unfinished = Unfinished::beside(path)?;
    let rows = filled(till, what, &unfinished.file, progress)?;
    if rows.is_some() {
        unfinished.file.sync_all().map_err(AppError::File)?;
        fs::rename(&unfinished.path, path).map_err(AppError::File)?;
    }
    Ok(rows)
}

/// A file that is not whole. Whatever is not renamed goes away again.
struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    fn beside(path: &Path) -> Result<Self, AppError> {
        let mut name = OsString::from(path);
        // Two programs that write the same are not in each other's way.
        name.push(format!(".{}.part", std::process::id()));
        let file = File::create(&name).map_err(AppError::File)?;
        Ok(Self { path: name.into(), file })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is not there any more where it was renamed.
        let _gone_either_way = fs::remove_file(&self.path);
    }
}

fn filled(till: &Till, what: ExportWhat, file: &File, progress: Progress<'_>) -> Result<Option<u64>, AppError> {
    let mut out = BufWriter::new(file);
    let rows = match what {
        ExportWhat::Members => members(till, &mut out, progress)?,
        ExportWhat::Ledger => ledger(till, &mut out, progress)?,
    };
    out.flush().map_err(AppError::File)?;
    Ok(rows)
}

fn members(till: &Till, out: impl Write, progress: Progress<'_>) -> Result<Option<u64>, AppError> {
    let mut writer = begin(out, &MEMBER_COLUMNS)?;
    let mut rows = 0;
    let is_whole = each_member(till, progress, |tx, location, id| {
        let Some(stored) = members::find(tx, id)?.filter(|stored| stored.deleted_at.is_none()) else { return Ok(()) };
        let member = Member::read(&stored.document)?;
        let (status, terms) = standing(tx, location, &stored, till.now())?;
        let terms = terms.unwrap_or_default();
        let here = crate::members::membership_at(tx, id, location.id)?;
        let balance = decimal(credit::balance(tx, location, id)?);
        let birthday = member.birthday.map(|birthday| match birthday.year {
            Some(year) => format!("{year:04}-{:02}-{:02}", birthday.month, birthday.day),
            None => format!("{}/{}", birthday.day, birthday.month),
        });
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let percent = |percent: Option<regulars_domain::percent::Percent>| percent.map(|percent| percent.to_string());
        let cells = [
            location.location.code.clone(),
            member.name.full.clone(),
            text(&member.name.given),
            text(&member.name.family),
            member.phone.as_ref().map(|phone| phone.typed.clone()).unwrap_or_default(),
            text(&member.email),
            birthday.unwrap_or_default(),
            member.cards.keys().next().cloned().unwrap_or_default(),
            terms.label_names().join(", "),
            text(&member.note),
            text(&member.reference),
            here.map(|here| here.member_since.to_string()).unwrap_or_default(),
            status.name().to_owned(),
            percent(terms.discount_percent).unwrap_or_default(),
            percent(terms.earn_percent).unwrap_or_default(),
            balance,
        ];
        rows += 1;
        writer.row(cells.iter().map(String::as_str)).map_err(AppError::File)
    })?;
    writer.finish().map_err(AppError::File)?;
    Ok(is_whole.then_some(rows))
}

fn ledger(till: &Till, out: impl Write, progress: Progress<'_>) -> Result<Option<u64>, AppError> {
    let mut writer = begin(out, &LEDGER_COLUMNS)?;
    let codes = till.read(|tx| {
        let all = locations::list(tx)?.into_iter();
        Ok(all.map(|stored| (stored.id, stored.location.code)).collect::<HashMap<_, _>>())
    })?;
    let (mut rows, mut told) = (0, HashSet::new());
    let is_whole = each_member(till, progress, |tx, _, id| {
        for id in members::list_group(tx, id)? {
            // A member of two shops comes twice, their entries once.
            if !told.insert(id) {
                continue;
            }
            let Some(stored) = members::find(tx, id)? else { continue };
            let member = Member::read(&stored.document)?;
            for stored in ledger::list_of_member(tx, id)? {
                let entry = stored.entry;
                let cells = [
                    codes.get(&entry.location_id).cloned().unwrap_or_default(),
                    entry.business_date.to_string(),
                    entry.at.to_string(),
                    member.reference.clone().unwrap_or_default(),
                    member.name.full.clone(),
                    entry.kind.to_string(),
                    entry.lot_class.to_string(),
                    decimal(entry.amount),
                    entry.amount.currency.code().to_owned(),
                    entry.tender.map(|tender| tender.to_string()).unwrap_or_default(),
                    entry.receipt.unwrap_or_default(),
                    entry.reason.unwrap_or_default(),
                    entry.id.to_string(),
                    entry.source_entry_id.map(|id| id.to_string()).unwrap_or_default(),
                ];
                rows += 1;
                writer.row(cells.iter().map(String::as_str)).map_err(AppError::File)?;
            }
        }
        Ok(())
    })?;
    writer.finish().map_err(AppError::File)?;
    Ok(is_whole.then_some(rows))
}

fn begin<W: Write>(out: W, columns: &[&str]) -> Result<Writer<W>, AppError> {
    let mut writer = Writer::new(out, Separator::Comma).map_err(AppError::File)?;
    writer.row(columns.iter().copied()).map_err(AppError::File)?;
    Ok(writer)
}

/// Goes through the members of all shops of this till. Who they are is asked once, at the beginning: somebody who comes or
/// goes meanwhile puts nobody twice into the list, and nobody out of it. Answers whether it came to the end.
fn each_member(
    till: &Till,
    progress: Progress<'_>,
    mut work: impl FnMut(&Transaction<'_>, &StoredLocation, MemberId) -> Result<(), AppError>,
) -> Result<bool, AppError> {
    let shops = till.read(|tx| {
        let ours = locations::list(tx)?.into_iter().filter(|location| location.is_ours);
        let with_members = ours.map(|location| Ok((members::list_of_location(tx, location.id)?, location)));
        with_members.collect::<Result<Vec<_>, AppError>>()
    })?;
    let total = shops.iter().map(|(members, _)| members.len() as u64).sum();
    let mut done = 0;
    for (members, location) in shops {
        for slice in members.chunks(SLICE) {
            if !progress(done, total) {
                return Ok(false);
            }
            till.read(|tx| slice.iter().try_for_each(|id| work(tx, &location, *id)))?;
            done += slice.len() as u64;
        }
    }
    Ok(true)
}

/// An amount as decimal text, without sign of currency or thousands.
fn decimal(amount: Money) -> String {
    amount.decimal()
}
