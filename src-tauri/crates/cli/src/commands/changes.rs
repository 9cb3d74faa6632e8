//! `outbox list | show | retry | discard`.

use crate::args::Outbox as Command;
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, changes};
use regulars_store::outbox::{ChangeState, QueuedChange};
use serde_json::{Value, json};

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::List => {
            let listed = changes::list(till)?;
            let needs_person = listed.iter().any(|queued| queued.state == ChangeState::Parked);
            let documents: Vec<Value> = listed.iter().map(document).collect();
            Ok(Done::new(json!(documents)).with_exit(if needs_person { NEEDS_PERSON } else { 0 }))
        }
        Command::Show { change } => {
            let queued = changes::get(till, change)?;
            let mut shown = document(&queued);
            shown["change"] = serde_json::to_value(&queued.change).unwrap_or_default();
            Ok(Done::new(shown))
        }
        Command::Retry { change } => {
            Ok(Done::new(json!({ "retried": change, "replaced_by": changes::retry(till, change)? })))
        }
        Command::Discard { change, reason } => {
            changes::discard(till, change, &reason)?;
            Ok(Done::new(json!({ "discarded": change })))
        }
    }
}

fn document(queued: &QueuedChange) -> Value {
    json!({
        "id": queued.id,
        "number": queued.number,
        "verb": queued.change.verb(),
        "member": queued.member_id,
        "state": queued.state.name(),
        "attempts": queued.attempts,
        "made_at": queued.made_at,
        "due_at": queued.due_at,
        "problem": queued.problem.as_ref().map(|problem| json!({
            "code": problem.code, "message": problem.message, "field": problem.field,
        })),
    })
}
