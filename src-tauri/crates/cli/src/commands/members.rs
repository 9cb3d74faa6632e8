//! `member find | show | history | add | edit | join`.

use super::credit;
use crate::args::{Input, Member as Command};
use crate::failure::NOT_FOUND;
use crate::output::Done;
use regulars_app::find::{Answer, Found};
use regulars_app::members::{self, Whole};
use regulars_app::till::Till;
use regulars_app::{AppError, find, locations};
use regulars_domain::change::Change;
use regulars_domain::member::MemberInput;
use regulars_domain::{MemberId, Refusal};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::ChangeState;
use serde_json::{Value, json};
use std::io::Read;

/// Largest JSON that is read, in bytes: a member with every field filled stays far below.
const MAX_INPUT: u64 = 1024 * 1024;

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Find { location, query } => found(till, &find::find(till, &locations::get(till, &location)?, &query)?),
        Command::Show { id } => Ok(Done::new(document(till, id)?)),
        Command::History { id } => Ok(Done::new(history(till, id)?)),
        Command::Add { location, input } => {
            let input = MemberInput::read(&read(&input)?)?;
            let id = members::register(till, &locations::get(till, &location)?, &input)?;
            Ok(Done::new(document(till, id)?))
        }
        Command::Edit { id, input } => {
            let patch = read(&input)?;
            members::edit(till, &home(till, id)?, id, patch)?;
            Ok(Done::new(document(till, id)?))
        }
        Command::Join { id, location } => {
            members::bring_here(till, &locations::get(till, &location)?, id)?;
            Ok(Done::new(document(till, id)?))
        }
    }
}

fn found(till: &Till, found: &Found) -> Result<Done, AppError> {
    let answer = match found.answer {
        Answer::Found => "found",
        Answer::Several => "several",
        Answer::Elsewhere => "elsewhere",
        Answer::NotInCopy | Answer::TooShort => "not_in_copy",
    };
    let members = found.members.iter().map(|id| document(till, *id)).collect::<Result<Vec<_>, _>>()?;
    let exit = if members.is_empty() { NOT_FOUND } else { 0 };
    Ok(Done::new(json!({ "answer": answer, "as_of": found.as_of, "members": members })).with_exit(exit))
}

/// A member in the shape in which one is typed, with everything that is known besides.
fn document(till: &Till, id: MemberId) -> Result<Value, AppError> {
    let whole = members::get(till, id)?;
    let shops = locations::list(till)?;
    let memberships: Vec<Value> = whole
        .memberships
        .iter()
        .map(|membership| {
            let shop = shops.iter().find(|shop| shop.id == membership.location_id);
            json!({ "location": shop.map(|shop| &shop.location.code), "member_since": membership.member_since })
        })
        .collect();
    let mut document = serde_json::to_value(MemberInput::from(&whole.member)).unwrap_or_default();
    document["id"] = json!(id);
    document["status"] = json!(if whole.stored.deleted_at.is_some() { "deleted" } else { "active" });
    document["phone_e164"] = json!(whole.member.phone.as_ref().and_then(|phone| phone.e164.as_ref()));
    document["memberships"] = json!(memberships);
    document["cards"] = json!([]);
    document["credit"] = credit::of(till, &whole)?;
    document["sync"] = sync_state(&whole);
    Ok(document)
}

fn sync_state(whole: &Whole) -> Value {
    let count = |states: &[ChangeState]| whole.changes.iter().filter(|queued| states.contains(&queued.state)).count();
    let waiting = [ChangeState::Ready, ChangeState::InFlight, ChangeState::Unknown, ChangeState::Folded];
    json!({ "waiting": count(&waiting), "needs_you": count(&[ChangeState::Parked]) })
}

fn history(till: &Till, id: MemberId) -> Result<Value, AppError> {
    let whole = members::get(till, id)?;
    let mut lines: Vec<Value> = whole.entries.iter().map(credit::entry).collect();
    for queued in whole.changes.iter().filter(|queued| !matches!(queued.change, Change::EntryAdded { .. })) {
        let fields = match &queued.change {
            Change::MemberEdited { edit, .. } => edit.fields.keys().cloned().collect(),
            Change::LocationAdded { .. }
            | Change::MemberAdded { .. }
            | Change::MembershipAdded { .. }
            | Change::EntryAdded { .. } => Vec::new(),
        };
        lines.push(json!({
            "at": queued.made_at, "what": queued.change.verb(), "fields": fields, "change": queued.id, "state": queued.state.name(),
        }));
    }
    lines.sort_by(|one, other| other["at"].as_str().cmp(&one["at"].as_str()));
    Ok(json!(lines))
}

/// The shop in whose country a member's phone is read: one that this till serves, or the first that they belong to.
fn home(till: &Till, id: MemberId) -> Result<StoredLocation, AppError> {
    let whole = members::get(till, id)?;
    let mut shops: Vec<StoredLocation> = locations::list(till)?
        .into_iter()
        .filter(|shop| whole.memberships.iter().any(|membership| membership.location_id == shop.id))
        .collect();
    shops.sort_by_key(|shop| !shop.is_ours);
    Ok(shops.into_iter().next().ok_or(Refusal::MemberNotFound)?)
}

fn read(input: &Input) -> Result<Value, AppError> {
    let invalid = |detail: String| Refusal::MemberInvalid { detail };
    let mut text = String::new();
    let taken = match &input.file {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(MAX_INPUT + 1).read_to_string(&mut text)),
        None => std::io::stdin().take(MAX_INPUT + 1).read_to_string(&mut text),
    };
    let length = taken.map_err(|error| invalid(error.to_string()))?;
    if length as u64 > MAX_INPUT {
        return Err(invalid("more than a megabyte".to_owned()).into());
    }
    serde_json::from_str(&text).map_err(|error| invalid(error.to_string()).into())
}
