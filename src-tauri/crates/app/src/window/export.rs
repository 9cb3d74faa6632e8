//! Writing members and the ledger to a file, from the window: one at a time, in the background, with progress.

use super::desk::Desk;
use super::views::Nothing;
use super::views::members::{ExportAsked, ExportStage, ExportState, ExportWhat};
use crate::error::AppError;
use crate::events::{Events, Topic};
use crate::export;
use crate::till::Till;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What is being written.
#[derive(Default)]
pub(crate) struct Exports {
    state: Mutex<Option<ExportState>>,
    is_stopped: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Exports {
    fn shown(&self) -> ExportState {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        state.unwrap_or_else(|| state_of(ExportStage::Idle, ExportWhat::Members, Path::new("")))
    }

    /// Answers whether it began: it does not where something is being written already.
    fn begin(&self, what: ExportWhat, path: &Path) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_busy = state.as_ref().is_some_and(|state| matches!(state.stage, ExportStage::Writing));
        if !is_busy {
            self.is_stopped.store(false, Ordering::Relaxed);
            *state = Some(state_of(ExportStage::Writing, what, path));
        }
        !is_busy
    }

    fn change(&self, change: impl FnOnce(&mut ExportState)) {
        if let Some(state) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            change(state);
        }
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Stops what is being written, and waits until nothing of it is left.
    pub(super) fn end(&self) {
        self.stop();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ended_either_way = thread.map(JoinHandle::join);
    }
}

/// Begins to write a spreadsheet where people look for files.
pub(super) fn export(desk: &Desk, asked: ExportAsked, folder: &Path) -> Result<ExportState, AppError> {
    let location = desk.location()?.location;
    let today = location.zone().business_date(desk.till.now());
    let name = match asked.what {
        ExportWhat::Members => "members",
        ExportWhat::Ledger => "ledger",
    };
    std::fs::create_dir_all(folder).map_err(AppError::File)?;
    let path = free_name(folder, &format!("{}-{name}-{today}", location.code));
    if desk.exports.begin(asked.what, &path) {
        let (till, exports, events) = (Arc::clone(&desk.till), Arc::clone(&desk.exports), desk.events.clone());
        let thread = std::thread::spawn(move || run(&till, &exports, &events, asked.what, &path));
        *desk.exports.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }
    Ok(desk.exports.shown())
}

pub(super) fn export_state(desk: &Desk, _: Nothing) -> Result<ExportState, AppError> {
    Ok(desk.exports.shown())
}

pub(super) fn stop_export(desk: &Desk, _: Nothing) -> Result<ExportState, AppError> {
    desk.exports.stop();
    Ok(desk.exports.shown())
}

fn run(till: &Till, exports: &Exports, events: &Events, what: ExportWhat, path: &Path) {
    let written = export::write(till, what, path, &mut |done, total| {
        exports.change(|state| (state.done, state.total) = (done, total));
        events.tell(Topic::Export);
        !exports.is_stopped.load(Ordering::Relaxed)
    });
    exports.change(|state| match written {
        Ok(Some(rows)) => (state.stage, state.rows) = (ExportStage::Written, rows),
        Ok(None) => state.stage = ExportStage::Stopped,
        Err(error) => (state.stage, state.problem) = (ExportStage::Failed, Some(error.into())),
    });
    events.tell(Topic::Export);
}

/// A file of that name, or of the next that is free: nothing is ever written over.
fn free_name(folder: &Path, stem: &str) -> PathBuf {
    let names = (2_u32..).map(|number| format!("{stem}-{number}.csv"));
    let mut paths = std::iter::once(format!("{stem}.csv")).chain(names).map(|name| folder.join(name));
    paths.find(|path| !path.exists()).unwrap_or_else(|| folder.join(stem))
}

fn state_of(stage: ExportStage, what: ExportWhat, path: &Path) -> ExportState {
    ExportState { stage, what, done: 0, total: 0, path: path.display().to_string(), rows: 0, problem: None }
}
