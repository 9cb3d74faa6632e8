//! Members and the ledger as spreadsheets. The columns of members are those that an import reads.

use crate::credit;
use crate::error::AppError;
use crate::members::standing;
use crate::rights::Action;
use crate::spreadsheet::{Separator, Writer};
use crate::till::Till;
use regulars_domain::Money;
use regulars_domain::member::Member;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members::{self, Filter, Page, Sort};
use regulars_store::{Transaction, ledger};
use std::io::Write;

/// Rows that are read at once.
const SLICE: u32 = 500;

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

/// Writes the members of all shops of this till. Answers how many rows.
///
/// # Errors
/// `file_failed`; faults of the till's own file.
pub fn members(till: &Till, out: impl Write) -> Result<u64, AppError> {
    let mut writer = begin(till, out, &MEMBER_COLUMNS)?;
    let mut rows = 0;
    each_member(till, |tx, location, id| {
        let Some(stored) = members::find(tx, id)? else { return Ok(()) };
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
    Ok(rows)
}

/// Writes every line of the ledger of the members of all shops of this till. Answers how many rows.
///
/// # Errors
/// `file_failed`; faults of the till's own file.
pub fn ledger(till: &Till, out: impl Write) -> Result<u64, AppError> {
    let mut writer = begin(till, out, &LEDGER_COLUMNS)?;
    let codes = till.read(|tx| {
        let all = locations::list(tx)?.into_iter();
        Ok(all.map(|stored| (stored.id, stored.location.code)).collect::<std::collections::HashMap<_, _>>())
    })?;
    let (mut rows, mut told) = (0, std::collections::HashSet::new());
    each_member(till, |tx, _, id| {
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
    Ok(rows)
}

fn begin<W: Write>(till: &Till, out: W, columns: &[&str]) -> Result<Writer<W>, AppError> {
    till.permit(Action::Export)?;
    let mut writer = Writer::new(out, Separator::Comma).map_err(AppError::File)?;
    writer.row(columns.iter().copied()).map_err(AppError::File)?;
    Ok(writer)
}

fn each_member(
    till: &Till,
    mut work: impl FnMut(&Transaction<'_>, &StoredLocation, regulars_domain::MemberId) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let at = till.now();
    for location in crate::locations::list(till)?.into_iter().filter(|location| location.is_ours) {
        let mut offset = 0;
        loop {
            let page = Page {
                location: location.id,
                issuer: &location.location.issuer,
                currency: location.location.currency,
                at,
                today: location.location.zone().business_date(at),
                sort: Sort::Name,
                descending: false,
                offset,
                limit: SLICE,
            };
            let count = till.read(|tx| {
                let (_, rows) = members::list_page(tx, &Filter::default(), &page)?;
                rows.iter().try_for_each(|row| work(tx, &location, row.id))?;
                Ok(rows.len())
            })?;
            offset += count as u64;
            if count < SLICE as usize {
                break;
            }
        }
    }
    Ok(())
}

/// An amount as decimal text, without sign of currency or thousands.
fn decimal(amount: Money) -> String {
    amount.decimal()
}
