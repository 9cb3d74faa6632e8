//! `import members | undo`, `export members | ledger`.

use crate::args::{Export, Import};
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::export::{self, ExportWhat};
use regulars_app::import::{self, Note, Report};
use regulars_app::spreadsheet::{self, MAX_FILE_BYTES, Mapping, SheetError};
use regulars_app::till::Till;
use regulars_app::{AppError, locations};
use regulars_domain::{Money, Refusal};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub fn import(till: &Till, command: Import) -> Result<Done, AppError> {
    match command {
        Import::Members { file, location, map, expect_total, dry_run } => {
            let location = locations::get(till, &location)?;
            let currency = location.location.currency;
            let expected = expect_total.as_deref().map(|text| Money::parse(text, currency)).transpose()?;
            let map = map.iter().map(|words| words.parse()).collect::<Result<Vec<Mapping>, SheetError>>()?;
            let sheet = spreadsheet::read(&read(&file)?, location.location.phone_country()?)?;
            let plan = import::plan(till, &location, &sheet, &map, &mut |_, _| true)?;
            if let Some(expected) = expected.filter(|expected| *expected != plan.report.opening_total) {
                return Err(Refusal::TotalDiffers { expected, found: plan.report.opening_total }.into());
            }
            let report = if dry_run {
                plan.report
            } else {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                import::take(till, &location, &name, plan, &mut |_, _| true)?
            };
            let exit = if report.errors + report.twins > 0 { NEEDS_PERSON } else { 0 };
            Ok(Done::new(document(&report)).with_exit(exit))
        }
        Import::Undo { batch } => {
            let batch = batch.parse().map_err(|_| Refusal::BatchNotFound)?;
            let undone = import::undo(till, batch, &mut |_, _| true)?;
            let exit = if undone.kept > 0 { NEEDS_PERSON } else { 0 };
            Ok(Done::new(json!({ "batch": batch, "undone": undone.undone, "kept": undone.kept })).with_exit(exit))
        }
    }
}

pub fn export(till: &Till, command: &Export) -> Result<Done, AppError> {
    let (what, file) = match command {
        Export::Members { file } => (ExportWhat::Members, file),
        Export::Ledger { file } => (ExportWhat::Ledger, file),
    };
    let rows = export::write(till, what, file, &mut |_, _| true)?.unwrap_or(0);
    Ok(Done::new(json!({ "file": file.display().to_string(), "rows": rows })))
}

/// The whole file, or one byte more than is taken: the reader says then that it is too large.
fn read(path: &Path) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(AppError::File)?;
    file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(AppError::File)?;
    Ok(bytes)
}

fn document(report: &Report) -> Value {
    let (twins, errors): (Vec<&Note>, Vec<&Note>) = report.notes.iter().partition(|note| note.problem.is_twin());
    json!({
        "batch": report.batch,
        "new": report.new,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "twins": report.twins,
        "errors": errors.into_iter().map(note).collect::<Vec<_>>(),
        "twin_rows": twins.into_iter().map(note).collect::<Vec<_>>(),
        "opening_total": report.opening_total,
    })
}

fn note(note: &Note) -> Value {
    json!({
        "row": note.row,
        "field": note.problem.field(),
        "code": note.problem.code(),
        "message": note.problem.to_string(),
    })
}
