//! `privacy consent`: what a member agrees to, or withdraws.

use super::members::document;
use crate::args::Privacy as Command;
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, members};
use serde_json::json;

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    let Command::Consent { member, purpose, channel, answer, source } = command;
    let consent = json!({ "is_given": answer == "yes", "at": till.now(), "source": source, "wording": null });
    let patch = json!({ "consents": { (format!("{purpose}/{channel}")): consent } });
    members::edit(till, &members::home_of(till, member)?, member, patch)?;
    Ok(Done::new(document(till, member)?))
}
