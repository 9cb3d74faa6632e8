//! What each command does: reads its words, calls one use-case, and says what came of it.

mod cards;
mod changes;
mod checks;
mod credit;
mod locations;
mod members;
mod privacy;
mod remotes;
mod sale;
mod settings;
mod spreadsheets;
mod sync;
mod tasks;

use crate::args::{Args, Command};
use crate::failure::NEEDS_PERSON;
use crate::output::Done;
use regulars_app::till::{NewClock, Till};
use regulars_app::{AppError, credit as credits};
use regulars_store::{KeystoreKind, Opened};
use serde_json::json;
use std::sync::Arc;

const FILE_DAMAGED: &str = "file_damaged";

/// Runs a command to its end.
///
/// # Errors
/// Why it was not done.
pub async fn run(args: Args) -> Result<Done, AppError> {
    let Args { data_dir, json, now, command } = args;
    if let Command::Init { till, test_clock } = command {
        let clock = if test_clock { NewClock::Test(now) } else { NewClock::System };
        let till = Till::create(&data_dir, &till, clock, KeystoreKind::from_environment())?;
        till.close()?;
        let made = json!({ "till": till.who.name, "till_id": till.who.id, "key_in_file": till.is_key_in_file() });
        return Ok(Done::new(made).in_form(json));
    }
    let (till, opened) = Till::open(&data_dir, now)?;
    tell(&opened);
    let again = if let Command::Doctor(words) = &command { Some(words.clone()) } else { None };
    let till = Arc::new(till);
    let done = serve(&till, command).await;
    let is_damaged = done.as_ref().is_err_and(|error| error.code() == FILE_DAMAGED);
    if !is_damaged {
        till.close()?;
        return Ok(done?.in_form(json));
    }
    // The next start moves the file aside and saves what can be read. A doctor does that at once.
    till.store().note_damaged()?;
    drop(till);
    let Some(words) = again else { return done };
    let (till, opened) = Till::open(&data_dir, now)?;
    tell(&opened);
    let done = serve(&Arc::new(till), Command::Doctor(words)).await?;
    Ok(done.with_exit(NEEDS_PERSON).in_form(json))
}

/// What opening the file came to, where that was more than opening it.
fn tell(opened: &Opened) {
    if let Some(salvaged) = &opened.salvaged {
        eprintln!(
            "{}",
            json!({
                "code": "file_salvaged",
                "message": format!("till.db was damaged; it is kept in {}, and what could be read was saved", salvaged.moved_to.display()),
                "field": null,
            })
        );
    }
    if opened.was_put_back {
        let message = "an older copy of till.db was put back: what it had not sent is numbered anew";
        eprintln!("{}", json!({ "code": "file_put_back", "message": message, "field": null }));
    }
    if let Some(rebuilt) = &opened.rebuilt {
        let message =
            format!("what till.db lacked came back out of the journal: {} changes of this till", rebuilt.changes);
        eprintln!("{}", json!({ "code": "file_rebuilt", "message": message, "field": null }));
    }
}

async fn serve(till: &Arc<Till>, command: Command) -> Result<Done, AppError> {
    let only_looks = matches!(command, Command::Doctor(_) | Command::Audit(_));
    if !only_looks {
        // What ran out since the last command, in shops whose ledger is at home here.
        credits::expire_everywhere(till)?;
    }
    at_till(till, command).await
}

async fn at_till(till: &Arc<Till>, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Init { .. } => Err(AppError::Internal),
        Command::Location(command) => locations::run(till, command),
        Command::Remote(command) => remotes::run(till, command).await,
        Command::Member(command) => members::run(till, command).await,
        Command::Card(command) => cards::run(till, command),
        Command::Credit(command) => credit::run(till, command).await,
        Command::Sale(words) => sale::run(till, words).await,
        Command::Import(command) => spreadsheets::import(till, command),
        Command::Export(command) => spreadsheets::export(till, &command),
        Command::Privacy(command) => privacy::run(till, command),
        Command::Sync(command) => sync::run(till, command).await,
        Command::Outbox(command) => changes::run(till, command),
        Command::Task(command) => tasks::run(till, command),
        Command::Audit(command) => checks::audit(till, command),
        Command::Doctor(words) => checks::doctor(till, words).await,
        Command::Settings(command) => settings::run(till, command),
    }
}
