//! `task list | resolve`.

use crate::args::Task as Command;
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::credit::{self, Cause, Unsettled};
use regulars_app::tasks::{self, Choices, Field, Task, TaskKind};
use regulars_app::till::Till;
use regulars_app::{AppError, locations};
use regulars_domain::Refusal;
use regulars_domain::conflict::Side;
use regulars_store::decisions::Decision;
use regulars_store::locations::StoredLocation;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::List => {
            let shops = locations::list(till)?;
            let mut listed: Vec<Value> = tasks::list(till)?.iter().map(|task| document(task, &shops)).collect();
            listed.extend(credit::unsettled(till)?.iter().map(unsettled));
            let exit = if listed.is_empty() { 0 } else { NEEDS_PERSON };
            Ok(Done::new(json!(listed)).with_exit(exit))
        }
        Command::Resolve { task, choose } => {
            let sent = tasks::resolve(till, task, &read(&choose)?)?;
            Ok(Done::new(json!({ "resolved": task, "replaced_by": sent })))
        }
    }
}

/// `till`, `remote`, or `FIELD=till` and `FIELD=remote`. The last word on a field is the one that counts.
fn read(words: &[String]) -> Result<Choices, Refusal> {
    let mut each = BTreeMap::new();
    for word in words {
        match word.rsplit_once('=') {
            None if words.len() == 1 => return Ok(Choices::All(side(word, word)?)),
            None => return Err(Refusal::ChoiceInvalid { field: word.clone() }),
            Some((field, whose)) => {
                each.insert(field.to_owned(), side(whose, field)?);
            }
        }
    }
    Ok(Choices::Each(each))
}

fn side(word: &str, field: &str) -> Result<Side, Refusal> {
    match word {
        "till" => Ok(Side::Ours),
        "remote" => Ok(Side::Theirs),
        _ => Err(Refusal::ChoiceInvalid { field: field.to_owned() }),
    }
}

fn document(task: &Task, shops: &[StoredLocation]) -> Value {
    let Task { parked, member_name, kind } = task;
    let location = parked.change.location_id().and_then(|id| shops.iter().find(|shop| shop.id == id));
    let mut shown = json!({
        "task": parked.id,
        "kind": match kind { TaskKind::Question { .. } => "conflict", TaskKind::Refused { .. } => "refused", TaskKind::InDoubt => "in_doubt" },
        "verb": parked.change.verb(),
        "member": parked.member_id,
        "name": member_name,
        "location": location.map(|shop| &shop.location.code),
        "made_at": parked.made_at,
        "reason": parked.problem.as_ref().map(|problem| json!({
            "code": problem.code, "message": problem.message, "field": problem.field,
        })),
    });
    match kind {
        TaskKind::Question { fields, merged } => {
            shown["fields"] = json!(fields.iter().map(field).collect::<Vec<_>>());
            shown["merged"] = json!(merged.iter().map(merged_field).collect::<Vec<_>>());
            shown["next"] = json!(["resolve"]);
        }
        TaskKind::InDoubt => {
            shown["change"] = json!(parked.change);
            shown["next"] = json!(["retry", "resolve"]);
        }
        TaskKind::Refused { can_give_up } => {
            shown["change"] = json!(parked.change);
            shown["next"] = if *can_give_up { json!(["retry", "edit", "discard"]) } else { json!(["retry"]) };
        }
    }
    shown
}

fn field(field: &Field) -> Value {
    json!({
        "field": field.path,
        "before": field.before,
        "till": field.ours,
        "remote": field.theirs,
        "remote_changed_at": field.theirs_at,
    })
}

fn merged_field(decision: &Decision) -> Value {
    json!({
        "field": decision.values.field,
        "before": decision.values.before,
        "till": decision.values.ours,
        "remote": decision.values.theirs,
        "taken": taken(decision),
    })
}

/// Whose value stands, in the words of `--choose`.
pub fn taken(decision: &Decision) -> &'static str {
    match decision.kept {
        regulars_store::decisions::Kept::Ours => "till",
        regulars_store::decisions::Kept::Theirs => "remote",
        regulars_store::decisions::Kept::Both => "both",
        regulars_store::decisions::Kept::Undecided => "undecided",
    }
}

fn unsettled(unsettled: &Unsettled) -> Value {
    let mut shown = json!({
        "kind": "owes",
        "member": unsettled.member_id,
        "name": unsettled.name,
        "issuer": unsettled.issuer,
        "amount": { "minor": unsettled.amount.minor, "currency": unsettled.amount.currency.code() },
    });
    if let Cause::TooMuchBack { sale_id, receipt, on } = &unsettled.cause {
        shown["kind"] = json!("too_much_back");
        shown["sale"] = json!(sale_id);
        shown["receipt"] = json!(receipt);
        shown["on"] = json!(on);
    }
    shown
}
