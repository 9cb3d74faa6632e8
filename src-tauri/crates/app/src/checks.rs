//! Looking after a till: its settings, its audit log, whether its file and its journal say one consistent thing, and
//! whether head office has the same.

use crate::error::AppError;
use crate::remotes;
use crate::rights::Action;
use crate::sync;
use crate::till::Till;
use regulars_domain::ChangeId;
use regulars_store::audit::{self, AuditRow};
use regulars_store::{Finding, Opened, Unfinished, pull, settings};
use regulars_sync::engine::{Comparison, Engine};
use std::sync::Arc;
use std::time::Duration;

/// How long head office may take for one answer to a check: a person waits, and the file can be checked without it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a look at the till came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// What was not as it must be.
    pub findings: Vec<Finding>,
    /// What a crash left between journal and file: nobody was told that it is done.
    pub unfinished: Vec<Unfinished>,
    /// Shops that were compared with head office.
    pub compared: Vec<Comparison>,
}

impl Checkup {
    /// Whether there is anything to tell.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.unfinished.is_empty()
    }
}

/// Looks at the whole file, the journal and, where the line is there, at head office. What can be derived is put right;
/// the rest is told.
///
/// # Errors
/// As any write.
pub async fn doctor(till: &Arc<Till>) -> Result<Checkup, AppError> {
    let mut checkup = look(till, false)?;
    let engine = Arc::new(sync::engine(till));
    checkup.compared = compare(till, &engine).await?;
    checkup.findings.extend(checkup.compared.iter().filter_map(differs));
    Ok(checkup)
}

/// The quick part, for after a process that was not closed. Rows and indexes are left out.
///
/// # Errors
/// As any write.
pub fn after_a_crash(till: &Till, opened: &Opened) -> Result<Checkup, AppError> {
    let mut findings = till.store.check_quickly(true)?;
    if let Some(salvaged) = &opened.salvaged {
        let message = format!("till.db was damaged and is kept in {}", salvaged.moved_to.display());
        findings.insert(0, Finding { is_repaired: true, ..Finding::new("file_salvaged", message) });
    }
    if let Some(rebuilt) = &opened.rebuilt {
        let message = format!("{} changes came back out of the journal", rebuilt.changes);
        findings.push(Finding { is_repaired: true, ..Finding::new("file_rebuilt", message) });
        findings.extend(rebuilt.findings.iter().cloned());
    }
    Ok(Checkup { findings, unfinished: till.store.list_unfinished()?, compared: Vec::new() })
}

fn look(till: &Till, is_engine_running: bool) -> Result<Checkup, AppError> {
    let mut findings = till.store.check_and_repair(is_engine_running, till.now())?;
    let quarantined = till.read(|tx| Ok(pull::count_quarantined(tx)?))?;
    if quarantined > 0 {
        let message = format!("{quarantined} rows of a remote could not be applied and are kept aside");
        findings.push(Finding::new("rows_quarantined", message));
    }
    Ok(Checkup { findings, unfinished: till.store.list_unfinished()?, compared: Vec::new() })
}

/// Compares every shop with its remote. A remote that cannot be reached is left for the next exchange.
async fn compare(till: &Till, engine: &Arc<Engine>) -> Result<Vec<Comparison>, AppError> {
    let mut compared = Vec::new();
    for remote in remotes::list(till)? {
        match sync::line(till, engine, &remote, PATIENCE) {
            Ok(line) => compared.extend(engine.compare(&line.connector).await?),
            Err(error) => tracing::info!(%error, "a remote is not compared"),
        }
    }
    Ok(compared)
}

fn differs(compared: &Comparison) -> Option<Finding> {
    let Comparison { location, differing, told_again, not_ours } = compared;
    if *differing == 0 {
        return None;
    }
    let message = format!(
        "{location}: {differing} of 256 parts were not what head office has and were fetched anew; \
         {told_again} changes are told again, {not_ours} rows it does not know"
    );
    Some(Finding { is_repaired: *not_ours == 0, ..Finding::new("head_office_differs", message) })
}

/// Records what a crash left unfinished, because a person says that it happened.
///
/// # Errors
/// `change_not_found`, `change_state`.
pub fn take_unfinished(till: &Till, id: ChangeId) -> Result<(), AppError> {
    let stamp = till.permit(Action::Decide)?;
    Ok(till.store.take_unfinished(id, stamp.at)?)
}

/// Forgets what a crash left unfinished, because a person says that it did not happen.
///
/// # Errors
/// `change_not_found`.
pub fn drop_unfinished(till: &Till, id: ChangeId) -> Result<(), AppError> {
    till.permit(Action::Decide)?;
    Ok(till.store.drop_unfinished(id)?)
}

/// The newest rows of the audit log.
///
/// # Errors
/// As any read.
pub fn audit(till: &Till, limit: u32) -> Result<Vec<AuditRow>, AppError> {
    till.read(|tx| Ok(audit::list(tx, limit)?))
}

/// The numbers of rows of the audit log that do not fit its chain.
///
/// # Errors
/// As any read.
pub fn verify_audit(till: &Till) -> Result<Vec<i64>, AppError> {
    till.read(|tx| Ok(audit::verify(tx)?))
}

/// The value of a setting, where it was ever set.
///
/// # Errors
/// As any read.
pub fn setting(till: &Till, key: &str) -> Result<Option<String>, AppError> {
    till.read(|tx| Ok(settings::find(tx, key)?))
}

/// Sets a setting.
///
/// # Errors
/// As any write.
pub fn set_setting(till: &Till, key: &str, value: &str) -> Result<(), AppError> {
    let (key, value) = (key.to_owned(), value.to_owned());
    till.write(move |tx| Ok(settings::set(tx, &key, &value)?))
}
