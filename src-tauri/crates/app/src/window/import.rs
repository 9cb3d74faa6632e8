//! Taking a spreadsheet in, from the window: one file at a time, in the background, with progress.

use super::desk::Desk;
use super::views::import::{
    BatchAsked, ImportAsked, ImportBatch, ImportBatches, ImportColumn, ImportNote, ImportRead, ImportReport,
    ImportStage, ImportState, ReadImport,
};
use super::views::{Failure, Nothing};
use crate::error::AppError;
use crate::events::Topic;
use crate::import::{self, Note, Report};
use crate::spreadsheet::{self, Columns, ImportField, Mapping, Sheet};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regulars_domain::{Money, Refusal};
use regulars_store::imports as stored;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Rows that are shown beside each column, to tell what it holds.
const SAMPLES: usize = 3;
/// Notes that are shown: a longer list is not read, the file is put right and taken in again.
const MAX_NOTES: usize = 500;

/// What is being taken in.
#[derive(Default)]
pub(crate) struct Imports {
    state: Mutex<Running>,
    is_cancelled: AtomicBool,
}

#[derive(Default)]
struct Running {
    file: Option<(Uuid, String, Arc<Sheet>)>,
    stage: Option<ImportStage>,
    done: u64,
    total: u64,
    report: Option<ImportReport>,
    problem: Option<Failure>,
}

impl Imports {
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self) -> ImportState {
        let running = self.lock();
        ImportState {
            stage: running.stage.unwrap_or(ImportStage::Idle),
            done: running.done,
            total: running.total,
            report: running.report.clone(),
            problem: running.problem.clone(),
        }
    }

    /// Begins a stage; only one thing is done at a time.
    fn begin(&self, stage: ImportStage) -> Result<(), AppError> {
        let mut running = self.lock();
        if matches!(running.stage, Some(ImportStage::Checking | ImportStage::Taking | ImportStage::Undoing)) {
            return Err(AppError::ImportRuns);
        }
        self.is_cancelled.store(false, Ordering::Relaxed);
        *running = Running { file: running.file.take(), stage: Some(stage), ..Running::default() };
        Ok(())
    }

    fn end(&self, ended: Result<(ImportStage, Option<ImportReport>), AppError>) {
        let mut running = self.lock();
        match ended {
            Ok((stage, report)) => {
                running.stage = Some(stage);
                running.report = report;
            }
            Err(error) => {
                running.stage = Some(ImportStage::Failed);
                running.problem = Some(error.into());
            }
        }
    }
}

pub(super) fn read_import(desk: &Desk, asked: ReadImport) -> Result<ImportRead, AppError> {
    let bytes = STANDARD.decode(asked.data.trim()).map_err(|error| AppError::CallInvalid(error.to_string()))?;
    let sheet = spreadsheet::read(&bytes, desk.location()?.location.phone_country()?)?;
    let guessed = Columns::guess(&sheet.table);
    let columns = sheet.table.names().into_iter().enumerate().map(|(index, name)| ImportColumn {
        name,
        samples: sheet.table.column(index).filter(|cell| !cell.is_empty()).take(SAMPLES).map(str::to_owned).collect(),
        field: guessed.field(index).map(|field| field.name().to_owned()),
    });
    let id = Uuid::from_bytes(desk.till.draw());
    let read = ImportRead {
        import_id: id.to_string(),
        file_name: asked.file_name.clone(),
        encoding: sheet.encoding.name().to_owned(),
        separator: char::from(sheet.table.separator().byte()).to_string(),
        rows: sheet.table.len() as u64,
        columns: columns.collect(),
        fields: ImportField::ALL.iter().map(|field| field.name().to_owned()).collect(),
    };
    let mut running = desk.imports.lock();
    running.file = Some((id, asked.file_name, Arc::new(sheet)));
    running.stage = None;
    running.report = None;
    running.problem = None;
    Ok(read)
}

pub(super) fn check_import(desk: &Desk, asked: ImportAsked) -> Result<ImportState, AppError> {
    run(desk, asked, ImportStage::Checking)
}

pub(super) fn take_import(desk: &Desk, asked: ImportAsked) -> Result<ImportState, AppError> {
    run(desk, asked, ImportStage::Taking)
}

pub(super) fn import_state(desk: &Desk, _: Nothing) -> Result<ImportState, AppError> {
    Ok(desk.imports.shown())
}

pub(super) fn cancel_import(desk: &Desk, _: Nothing) -> Result<ImportState, AppError> {
    desk.imports.is_cancelled.store(true, Ordering::Relaxed);
    Ok(desk.imports.shown())
}

pub(super) fn undo_import(desk: &Desk, asked: BatchAsked) -> Result<ImportState, AppError> {
    let batch: Uuid = asked.batch.parse().map_err(|_| Refusal::BatchNotFound)?;
    desk.imports.begin(ImportStage::Undoing)?;
    let job = Job::of(desk);
    std::thread::spawn(move || {
        let undone = import::undo(&job.till, batch, &mut |done, total| job.progress(done, total));
        let stage = |undone: import::Undone| match undone.was_cancelled {
            true => ImportStage::Cancelled,
            false => ImportStage::Undone,
        };
        job.end(undone.map(|undone| (stage(undone), None)));
    });
    Ok(desk.imports.shown())
}

pub(super) fn import_batches(desk: &Desk, _: Nothing) -> Result<ImportBatches, AppError> {
    let currency = desk.location()?.location.currency;
    let batches = desk.till.read(|tx| Ok(stored::list(tx)?))?;
    let view = |batch: stored::Batch| ImportBatch {
        batch: batch.id.to_string(),
        at: batch.at,
        file_name: batch.file_name,
        members: u64::try_from(batch.members).unwrap_or(0),
        opening_total: Money::new(if batch.undone_at.is_some() { 0 } else { batch.opening_minor }, currency),
        is_undone: batch.undone_at.is_some(),
    };
    Ok(ImportBatches { batches: batches.into_iter().map(view).collect() })
}

/// What runs in the background, and whom it tells.
struct Job {
    till: Arc<crate::till::Till>,
    imports: Arc<Imports>,
    events: crate::events::Events,
    sync: crate::sync::Waker,
}

impl Job {
    fn of(desk: &Desk) -> Self {
        let (till, imports) = (Arc::clone(&desk.till), Arc::clone(&desk.imports));
        Self { till, imports, events: desk.events.clone(), sync: desk.background.waker() }
    }

    fn progress(&self, done: u64, total: u64) -> bool {
        let mut running = self.imports.lock();
        (running.done, running.total) = (done, total);
        drop(running);
        self.events.tell(Topic::Import);
        !self.imports.is_cancelled.load(Ordering::Relaxed)
    }

    fn end(&self, ended: Result<(ImportStage, Option<ImportReport>), AppError>) {
        self.imports.end(ended);
        self.sync.wake();
        [Topic::Import, Topic::Members, Topic::Sync].into_iter().for_each(|topic| self.events.tell(topic));
    }
}

fn run(desk: &Desk, asked: ImportAsked, stage: ImportStage) -> Result<ImportState, AppError> {
    let location = desk.location()?;
    let file = desk.imports.lock().file.clone();
    let (_, file_name, sheet) =
        file.filter(|(id, ..)| id.to_string() == asked.import_id).ok_or(Refusal::BatchNotFound)?;
    let map = mappings(&sheet, &asked)?;
    Columns::mapped(&sheet.table, &map)?.check_name()?;
    desk.imports.begin(stage)?;
    let job = Job::of(desk);
    std::thread::spawn(move || {
        let expected = asked.expect_total_minor;
        let mut progress = |done, total| job.progress(done, total);
        let planned = import::plan(&job.till, &location, &sheet, &map, &mut progress);
        let ended = planned.and_then(|plan| match stage {
            ImportStage::Taking if !plan.report.was_cancelled => {
                let report = import::take(&job.till, &location, &file_name, plan, &mut progress)?;
                let stage = if report.was_cancelled { ImportStage::Cancelled } else { ImportStage::Taken };
                Ok((stage, Some(view(report, expected))))
            }
            _ if plan.report.was_cancelled => Ok((ImportStage::Cancelled, None)),
            _ => Ok((ImportStage::Checked, Some(view(plan.report, expected)))),
        });
        job.end(ended);
    });
    Ok(desk.imports.shown())
}

/// Every column is said: one that is not in the map is left out.
fn mappings(sheet: &Sheet, asked: &ImportAsked) -> Result<Vec<Mapping>, AppError> {
    let of_column = |column: String| {
        let field = asked.map.get(&column).filter(|field| !field.is_empty());
        let field = field.map(|field| field.parse::<ImportField>()).transpose()?;
        Ok(Mapping { column, field })
    };
    sheet.table.names().into_iter().map(of_column).collect()
}

fn view(report: Report, expected_minor: Option<i64>) -> ImportReport {
    ImportReport {
        batch: report.batch.map(|batch| batch.to_string()),
        new: report.new,
        updated: report.updated,
        unchanged: report.unchanged,
        twins: report.twins,
        errors: report.errors,
        total_agrees: expected_minor.map(|minor| minor == report.opening_total.minor),
        opening_total: report.opening_total,
        notes: report.notes.into_iter().take(MAX_NOTES).map(note).collect(),
    }
}

fn note(note: Note) -> ImportNote {
    let failure = Failure {
        code: note.problem.code().to_owned(),
        message: note.problem.to_string(),
        field: note.problem.field().map(str::to_owned),
        facts: note.problem.facts(),
    };
    ImportNote { row: note.row, name: note.name, failure }
}
