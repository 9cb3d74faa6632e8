//! `doctor`, `audit list | verify`.

use crate::args::{Audit as Command, Doctor};
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::checks::Checkup;
use regulars_app::till::Till;
use regulars_app::{AppError, checks};
use serde_json::{Value, json};
use std::sync::Arc;

/// Rows of the audit log in one list.
const LISTED: u32 = 1_000;

pub async fn doctor(till: &Arc<Till>, words: Doctor) -> Result<Done, AppError> {
    if let Some(change) = words.take {
        checks::take_unfinished(till, change)?;
        return Ok(Done::new(json!({ "taken": change })));
    }
    if let Some(change) = words.drop {
        checks::drop_unfinished(till, change)?;
        return Ok(Done::new(json!({ "dropped": change })));
    }
    let checkup = checks::doctor(till).await?;
    let exit = if checkup.is_clean() { 0 } else { NEEDS_PERSON };
    Ok(Done::new(document(&checkup)).with_exit(exit))
}

fn document(checkup: &Checkup) -> Value {
    let findings = checkup.findings.iter();
    let findings: Vec<Value> = findings
        .map(|finding| json!({ "code": finding.code, "message": finding.message, "repaired": finding.is_repaired }))
        .collect();
    let unfinished = checkup.unfinished.iter();
    let unfinished: Vec<Value> = unfinished
        .map(|left| {
            json!({
                "change": left.id, "at": left.at, "verb": left.verb, "member": left.member_id, "amounts": left.amounts,
            })
        })
        .collect();
    let compared = checkup.compared.iter();
    let compared: Vec<Value> = compared
        .map(|shop| json!({ "location": shop.location, "differing": shop.differing, "told_again": shop.told_again }))
        .collect();
    json!({ "findings": findings, "unfinished": unfinished, "compared": compared })
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
