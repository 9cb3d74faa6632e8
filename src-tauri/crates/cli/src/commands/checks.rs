//! `doctor`, `audit list | verify`.

use crate::args::Audit as Command;
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, checks};
use serde_json::{Value, json};

/// Rows of the audit log in one list.
const LISTED: u32 = 1_000;

pub fn doctor(till: &Till) -> Result<Done, AppError> {
    let findings: Vec<Value> = checks::doctor(till)?
        .iter()
        .map(|finding| json!({ "code": finding.code, "message": finding.message }))
        .collect();
    let exit = if findings.is_empty() { 0 } else { NEEDS_PERSON };
    Ok(Done::new(json!({ "findings": findings })).with_exit(exit))
}

pub fn audit(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::List => {
            let rows = checks::audit(till, LISTED)?;
            let documents: Vec<Value> = rows
                .iter()
                .map(|row| {
                    json!({
                        "number": row.number, "at": row.at, "action": row.action, "member": row.member_id,
                        "staff": row.staff_id, "facts": row.facts,
                    })
                })
                .collect();
            Ok(Done::new(json!(documents)))
        }
        Command::Verify => {
            let broken = checks::verify_audit(till)?;
            let exit = if broken.is_empty() { 0 } else { NEEDS_PERSON };
            Ok(Done::new(json!({ "broken": broken })).with_exit(exit))
        }
    }
}
