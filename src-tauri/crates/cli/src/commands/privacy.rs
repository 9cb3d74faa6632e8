//! `privacy consent | erase`: what a member agrees to, or withdraws; and that nothing about them is kept.

use super::members::document;
use crate::args::Privacy as Command;
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, members};
use serde_json::json;

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Consent { member, purpose, channel, answer, source } => {
            let consent = json!({ "is_given": answer == "yes", "at": till.now(), "source": source, "wording": null });
            let patch = json!({ "consents": { (format!("{purpose}/{channel}")): consent } });
            members::edit(till, &members::home_of(till, member)?, member, patch)?;
            Ok(Done::new(document(till, member)?))
        }
        Command::Erase { member, reason } => {
            members::erase(till, member, &reason)?;
            Ok(Done::new(json!({ "id": member, "status": "erased" })))
        }
    }
}
