//! `member find | show | history | add | edit | join | delete | duplicates | merge | unmerge | bring-back`.

use super::credit;
use crate::args::{Input, Member as Command};
use crate::failure::NOT_FOUND;
use crate::output::Done;
use regulars_app::cards::check_may_be_used;
use regulars_app::find::{Answer, Found};
use regulars_app::members::{self, Whole};
use regulars_app::till::Till;
use regulars_app::twins::{self, Sign, Sketch};
use regulars_app::{AppError, find, locations, merge, pictures, remotes, sync, tasks};
use regulars_domain::change::Change;
use regulars_domain::member::{LoyaltyCard, Typing, shown};
use regulars_domain::membership::Terms;
use regulars_domain::{MemberId, Refusal, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::ChangeState;
use serde_json::{Value, json};
use std::io::Read;
use std::sync::Arc;

/// Largest JSON that is read, in bytes: a picture that is far too large is still refused as that.
const MAX_INPUT: u64 = 100 * 1024 * 1024;

/// Most members that `find` prints.
const MAX_FOUND: usize = 200;

pub async fn run(till: &Arc<Till>, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Find { location, query } => {
            let found = find_here_or_there(till, &locations::get(till, &location)?, &query).await?;
            if let Some(refused) = &found.refused {
                check_may_be_used(&refused.card, till.now())?;
            }
            answer(till, &found)
        }
        Command::Show { id } => Ok(Done::new(document(till, id)?)),
        Command::History { id } => Ok(Done::new(history(till, id)?)),
        Command::Add { location, input } => {
            let typing = Typing::read(&read(&input)?)?;
            let id = members::register(till, &locations::get(till, &location)?, &typing, None)?;
            Ok(Done::new(document(till, id)?))
        }
        Command::Edit { id, location, input } => {
            let patch = read(&input)?;
            let location = location.map_or_else(|| members::home_of(till, id), |code| locations::get(till, &code))?;
            members::edit(till, &location, id, patch)?;
            Ok(Done::new(document(till, id)?))
        }
        Command::Join { id, location } => {
            members::bring_here(till, &locations::get(till, &location)?, id)?;
            Ok(Done::new(document(till, id)?))
        }
        Command::Delete { id, reason } => {
            members::remove(till, id, &reason)?;
            Ok(Done::new(json!({ "id": id, "status": "removed" })))
        }
        Command::Duplicates { id } => duplicates(till, id),
        Command::Merge { winner, loser } => {
            let winner = merge::merge(till, winner, loser, None)?;
            Ok(Done::new(document(till, winner)?))
        }
        Command::Unmerge { id } => Ok(Done::new(document(till, merge::unmerge(till, id)?)?)),
        Command::BringBack { decision } => Ok(Done::new(document(till, tasks::bring_back(till, decision)?)?)),
    }
}

/// Where this till does not have the member and the shop's remote can be searched, it is asked.
async fn find_here_or_there(till: &Arc<Till>, location: &StoredLocation, query: &str) -> Result<Found, AppError> {
    let found = find::find(till, location, query, MAX_FOUND)?;
    let remote = remotes::list(till)?.into_iter().find(|remote| Some(remote.id) == location.remote_id);
    let Some(remote) = remote.filter(|_| found.answer == Answer::NotInCopy) else { return Ok(found) };
    let engine = Arc::new(sync::engine(till));
    match sync::line(till, &engine, &remote, remotes::REQUEST_TIMEOUT) {
        Ok(line) => find::ask(till, location, query, MAX_FOUND, &line).await,
        // Without its secret it cannot be asked.
        Err(_) => Ok(found),
    }
}

/// Who may be the same person as a member, with what they share.
fn duplicates(till: &Till, id: MemberId) -> Result<Done, AppError> {
    let whole = members::get(till, id)?;
    let member = &whole.member;
    let sketch = Sketch {
        name: member.name.full.clone(),
        phone: member.phone.as_ref().map(|phone| phone.typed.clone()).unwrap_or_default(),
        email: member.email.clone().unwrap_or_default(),
        birthday: member.birthday,
        card: String::new(),
    };
    let found = twins::find(till, &members::home_of(till, id)?, &sketch, Some(id))?;
    let twin = |(id, signs): (MemberId, Vec<Sign>)| {
        let mut twin = document(till, id)?;
        twin["shares"] = json!(signs.into_iter().map(sign).collect::<Vec<_>>());
        Ok::<_, AppError>(twin)
    };
    Ok(Done::new(json!(found.into_iter().map(twin).collect::<Result<Vec<_>, _>>()?)))
}

const fn sign(sign: Sign) -> &'static str {
    match sign {
        Sign::SameCard => "card",
        Sign::SamePhone => "phone",
        Sign::SameEmail => "email",
        Sign::NearPhone => "near_phone",
        Sign::SameName => "name",
        Sign::NearName => "near_name",
        Sign::SameBirthday => "birthday",
    }
}

fn answer(till: &Till, found: &Found) -> Result<Done, AppError> {
    let answer = match found.answer {
        Answer::Found | Answer::CardRefused => "found",
        Answer::Several => "several",
        Answer::Elsewhere => "elsewhere",
        Answer::NotInCopy | Answer::RemoteCannotTell | Answer::TooShort => "not_in_copy",
        Answer::RemoteFound => "remote_found",
        Answer::RemoteNone => "remote_none",
        Answer::RemoteUnreachable => "remote_unreachable",
    };
    let members = found.members.iter().map(|id| document(till, *id)).collect::<Result<Vec<_>, _>>()?;
    let exit = if members.is_empty() { NOT_FOUND } else { 0 };
    Ok(Done::new(json!({ "answer": answer, "as_of": found.as_of, "members": members })).with_exit(exit))
}

/// A member in the shape in which one is typed, with everything that is known besides.
pub fn document(till: &Till, id: MemberId) -> Result<Value, AppError> {
    let whole = members::get(till, id)?;
    let at = till.now();
    let shops = locations::list(till)?;
    let home = home(&whole, &shops);
    let mut memberships = Vec::new();
    for membership in &whole.memberships {
        let Some(shop) = shops.iter().find(|shop| shop.id == membership.location_id) else { continue };
        let terms = Terms::read(&membership.terms)?;
        let mut shown = json!(terms_of(&terms));
        shown["location"] = json!(shop.location.code);
        shown["member_since"] = json!(terms.member_since.unwrap_or(membership.member_since));
        shown["status"] = json!(whole.status(shop, at)?.name());
        memberships.push(shown);
    }
    let terms = home.map(|home| whole.terms(home)).transpose()?.flatten().unwrap_or_default();
    let mut document = shown(&whole.member, &terms);
    let status = match home {
        Some(home) => whole.status(home, at)?.name(),
        None if whole.stored.deleted_at.is_some() => "removed",
        None => "not_a_member",
    };
    let cards: Vec<Value> = whole.cards.iter().map(|(serial, card)| card_document(serial, card, at)).collect();
    let here = whole.memberships.iter().find(|membership| home.is_some_and(|home| home.id == membership.location_id));
    if let Some(here) = here {
        document["member_since"] = json!(terms.member_since.unwrap_or(here.member_since));
    }
    document["id"] = json!(whole.stored.id);
    document["status"] = json!(status);
    document["phone_e164"] = json!(whole.member.phone.as_ref().and_then(|phone| phone.e164.as_ref()));
    document["memberships"] = json!(memberships);
    document["cards"] = json!(cards);
    document["aliases"] = json!(whole.aliases.iter().map(|(id, _)| id).collect::<Vec<_>>());
    document["credit"] = credit::of(till, &whole)?;
    document["sync"] = sync_state(&whole);
    Ok(document)
}

fn card_document(serial: &str, card: &LoyaltyCard, at: Timestamp) -> Value {
    let mut document = json!(card);
    document["serial_number"] = json!(serial);
    document["state"] = json!(card.state(at));
    document
}

/// What holds at a shop, as it is typed.
fn terms_of(terms: &Terms) -> Value {
    let mut shown = json!(terms);
    if !terms.labels.is_empty() {
        shown["labels"] = json!(terms.label_names());
    }
    shown
}

/// The shop whose terms stand at the top: the first that this till serves and the member belongs to.
fn home<'a>(whole: &Whole, shops: &'a [StoredLocation]) -> Option<&'a StoredLocation> {
    let belongs = |shop: &&StoredLocation| whole.memberships.iter().any(|membership| membership.location_id == shop.id);
    let found = shops.iter().find(|shop| shop.is_ours && belongs(shop));
    found.or_else(|| shops.iter().find(belongs))
}

fn sync_state(whole: &Whole) -> Value {
    let count = |states: &[ChangeState]| whole.changes.iter().filter(|queued| states.contains(&queued.state)).count();
    let waiting = [ChangeState::Ready, ChangeState::InFlight, ChangeState::Unknown, ChangeState::Folded];
    json!({ "waiting": count(&waiting), "needs_you": count(&[ChangeState::Parked]) })
}

fn history(till: &Till, id: MemberId) -> Result<Value, AppError> {
    let whole = members::get(till, id)?;
    let mut lines: Vec<Value> = whole.entries.iter().map(credit::entry).collect();
    for stored in &whole.visits {
        let mut line = json!(stored.visit);
        line["what"] = json!("visit");
        line["state"] = json!(stored.state.map_or("done", |state| state.name()));
        lines.push(line);
    }
    for queued in whole.changes.iter().filter(|queued| !queued.change.is_money()) {
        let fields = match &queued.change {
            Change::MemberEdited { edit, .. } | Change::MembershipEdited { edit, .. } => {
                edit.fields.keys().cloned().collect()
            }
            Change::LocationAdded { .. }
            | Change::LocationEdited { .. }
            | Change::MemberAdded { .. }
            | Change::MembershipAdded { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberErased { .. }
            | Change::LabelPut { .. }
            | Change::EntryAdded { .. }
            | Change::VisitAdded { .. } => Vec::new(),
        };
        lines.push(json!({
            "at": queued.made_at, "what": queued.change.verb(), "fields": fields, "change": queued.id, "state": queued.state.name(),
        }));
    }
    for decision in whole.decisions.iter().filter(|decision| decision.lost.is_some()) {
        lines.push(json!({
            "at": decision.at,
            "what": "decision",
            "decision": decision.id,
            "field": decision.values.field,
            "before": decision.values.before,
            "till": decision.values.ours,
            "remote": decision.values.theirs,
            "taken": super::tasks::taken(decision),
            "by": if decision.is_by_person { "person" } else { "rule" },
            "brought_back_at": decision.brought_back_at,
        }));
    }
    lines.sort_by(|one, other| other["at"].as_str().cmp(&one["at"].as_str()));
    Ok(json!(lines))
}

fn read(input: &Input) -> Result<Value, AppError> {
    let invalid = |detail: String| Refusal::MemberInvalid { field: None, detail };
    let mut text = String::new();
    let taken = match &input.file {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(MAX_INPUT + 1).read_to_string(&mut text)),
        None => std::io::stdin().take(MAX_INPUT + 1).read_to_string(&mut text),
    };
    let length = taken.map_err(|error| invalid(error.to_string()))?;
    if length as u64 > MAX_INPUT {
        return Err(invalid(format!("more than {} MB", MAX_INPUT / 1024 / 1024)).into());
    }
    let mut typed = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
    pictures::make_small(&mut typed)?;
    Ok(typed)
}
