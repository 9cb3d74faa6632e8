//! `credit top-up | redeem | return | cash-out | adjust | void | balance | ledger`.

use crate::args::{Credit as Command, Movement};
use crate::output::Done;
use regulars_app::credit::{self, Credit, GiveBack, Taking};
use regulars_app::members::{self, Whole};
use regulars_app::remotes::{self, REQUEST_TIMEOUT};
use regulars_app::sync::{self, Line};
use regulars_app::till::Till;
use regulars_app::{AppError, locations};
use regulars_domain::ledger::Tender;
use regulars_domain::sale::VisitKind;
use regulars_domain::{EntryId, MemberId, Money, Refusal};
use regulars_store::ledger::StoredEntry;
use regulars_store::locations::StoredLocation;
use serde_json::{Value, json};
use std::sync::Arc;

pub async fn run(till: &Arc<Till>, command: Command) -> Result<Done, AppError> {
    match command {
        Command::TopUp(words) => top_up(till, words),
        Command::Redeem(words) => redeem(till, words).await,
        Command::Return(words) => give_back(till, words).await,
        Command::CashOut(words) => cash_out(till, words).await,
        Command::Adjust(words) => adjust(till, words),
        Command::Void { entry, reason } => void(till, entry, &reason).await,
        Command::Balance { member } => Ok(Done::new(of(till, &members::get(till, member)?)?)),
        Command::Ledger { member } => {
            let entries: Vec<Value> = members::get(till, member)?.entries.iter().map(entry).collect();
            Ok(Done::new(json!(entries)))
        }
    }
}

fn top_up(till: &Till, words: Movement) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let tender: Tender = words.tender.as_deref().ok_or(Refusal::Required { field: "tender" })?.parse()?;
    let amount = Money::parse(&words.amount, location.location.currency)?;
    let top_up = credit::TopUp {
        entry_id: till.new_entry_id(),
        member_id: words.member,
        amount,
        tender,
        receipt: words.receipt,
    };
    let booked = credit::top_up(till, &location, top_up)?;
    moved(till, &location, words.member, &[booked])
}

async fn redeem(till: &Arc<Till>, words: Movement) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let amount = Money::parse(&words.amount, location.location.currency)?;
    let taking =
        Taking { entry_id: till.new_entry_id(), member_id: words.member, amount, receipt: words.receipt, card: None };
    let booked = credit::redeem(till, &location, taking, line(till, &location)?).await?;
    moved(till, &location, words.member, &booked)
}

/// The receipt names the sale: what that took comes back, and what it earned goes.
async fn give_back(till: &Arc<Till>, words: Movement) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let amount = Money::parse(&words.amount, location.location.currency)?;
    let receipt = words.receipt.ok_or(Refusal::Required { field: "receipt" })?;
    let whole = members::get(till, words.member)?;
    let mut visits = whole.visits.iter().rev().map(|stored| &stored.visit);
    let sale = visits.find(|visit| visit.kind == VisitKind::Sale && visit.receipt.as_deref() == Some(receipt.trim()));
    let sale_id = sale.ok_or(Refusal::ReceiptNotFound)?.id;
    let asked = GiveBack { return_id: till.new_visit_id(), sale_id, amount };
    let visit = credit::give_back(till, &location, asked, line(till, &location)?).await?;
    let whole = members::get(till, words.member)?;
    let entries = whole.entries.iter().filter(|stored| stored.entry.visit_id == Some(visit.id));
    let booked: Vec<EntryId> = entries.map(|stored| stored.entry.id).collect();
    moved(till, &location, words.member, &booked)
}

async fn cash_out(till: &Arc<Till>, words: Movement) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let amount = Money::parse(&words.amount, location.location.currency)?;
    let tender = words.tender.as_deref().map_or(Ok(Tender::Cash), str::parse)?;
    let taking =
        Taking { entry_id: till.new_entry_id(), member_id: words.member, amount, receipt: words.receipt, card: None };
    let booked = credit::cash_out(till, &location, taking, tender, line(till, &location)?).await?;
    moved(till, &location, words.member, &booked)
}

fn adjust(till: &Till, words: Movement) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let amount = Money::parse(&words.amount, location.location.currency)?;
    let reason = words.reason.unwrap_or_default();
    let booked = credit::adjust(till, &location, words.member, till.new_entry_id(), amount, &reason)?;
    moved(till, &location, words.member, &[booked])
}

async fn void(till: &Arc<Till>, entry: EntryId, reason: &str) -> Result<Done, AppError> {
    let (location, member) = credit::place_of(till, entry)?;
    let (_, booked) = credit::void(till, &location, entry, reason, line(till, &location)?).await?;
    moved(till, &location, member, &booked)
}

/// The way to the remote of a shop. Where its secret is missing there is none, as where the line is down: the allowance
/// decides.
pub fn line(till: &Till, location: &StoredLocation) -> Result<Option<Line>, AppError> {
    let remote = remotes::list(till)?.into_iter().find(|remote| Some(remote.id) == location.remote_id);
    let engine = Arc::new(sync::engine(till));
    Ok(remote.and_then(|remote| sync::line(till, &engine, &remote, REQUEST_TIMEOUT).ok()))
}

fn moved(till: &Till, location: &StoredLocation, member: MemberId, booked: &[EntryId]) -> Result<Done, AppError> {
    let whole = members::get(till, member)?;
    let entries: Vec<Value> =
        whole.entries.iter().filter(|stored| booked.contains(&stored.entry.id)).map(entry).collect();
    let mut document = account(&credit::of_member(till, location, member)?, location);
    document["entries"] = json!(entries);
    Ok(Done::new(document))
}

/// What a member has: the account of the first shop in front, one that this till serves, and all of them in a list.
pub fn of(till: &Till, whole: &Whole) -> Result<Value, AppError> {
    let mut accounts = Vec::new();
    let mut seen = Vec::new();
    let mut shops = locations::list(till)?;
    shops.sort_by_key(|shop| !shop.is_ours);
    for shop in shops {
        let belongs = whole.memberships.iter().any(|membership| membership.location_id == shop.id);
        let has_entries = whole.entries.iter().any(|stored| stored.entry.location_id == shop.id);
        if !belongs && !has_entries {
            continue;
        }
        let credit = credit::of_member(till, &shop, whole.stored.id)?;
        if !seen.contains(&credit.account_id) {
            seen.push(credit.account_id);
            accounts.push(account(&credit, &shop));
        }
    }
    let mut document = accounts.first().cloned().unwrap_or_else(|| json!({ "balance": null }));
    document["accounts"] = json!(accounts);
    Ok(document)
}

pub fn account(credit: &Credit, shop: &StoredLocation) -> Value {
    json!({
        "account": credit.account_id,
        "issuer": shop.location.issuer,
        "currency": shop.location.currency,
        "balance": credit.balance,
        "available": credit.available,
        "owes": (credit.balance.minor < 0).then(|| credit.balance.negated()),
        "rewards": credit.rewards,
        "cashable": credit.cashable,
        "next_expiry": credit.next_expiry.map(|(on, amount)| json!({ "on": on, "amount": amount })),
        "pending": credit.pending,
        "as_of": credit.as_of,
        "usable_offline": credit.usable_offline,
        "this_till_only": credit.is_this_till_only,
    })
}

/// A line of the ledger, with how far it has come.
pub fn entry(stored: &StoredEntry) -> Value {
    let mut document = serde_json::to_value(&stored.entry).unwrap_or_default();
    document["what"] = json!("entry");
    document["state"] = json!(stored.state.map_or("done", |state| state.name()));
    document
}
