//! `task list`: what waits for a person.

use crate::args::Task as Command;
use crate::output::Done;
use regulars_app::AppError;
use regulars_app::credit::{self, Owing};
use regulars_app::till::Till;
use serde_json::{Value, json};

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::List => {
            let owes: Vec<Value> = credit::owing(till)?.iter().map(owes).collect();
            Ok(Done::new(json!(owes)))
        }
    }
}

fn owes(owing: &Owing) -> Value {
    json!({
        "kind": "owes",
        "member": owing.member_id,
        "name": owing.name,
        "issuer": owing.issuer,
        "amount": { "minor": owing.amount.minor, "currency": owing.amount.currency.code() },
    })
}
