//! Looking after a till: its settings, its audit log, whether its file says one consistent thing.

use crate::error::AppError;
use crate::till::Till;
use regulars_store::audit::{self, AuditRow};
use regulars_store::{Finding, check, pull, settings};

/// Looks at the whole file. Nothing is repaired: findings are told.
///
/// # Errors
/// As any read.
pub fn doctor(till: &Till) -> Result<Vec<Finding>, AppError> {
    till.read(|tx| {
        let mut findings = check(tx)?;
        let quarantined = pull::count_quarantined(tx)?;
        if quarantined > 0 {
            let message = format!("{quarantined} rows of a remote could not be applied and are kept aside");
            findings.push(Finding { code: "rows_quarantined", message });
        }
        Ok(findings)
    })
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
