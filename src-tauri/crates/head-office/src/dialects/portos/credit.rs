//! Credit: a sum that is shown, and movements that are booked. It is never set.

use super::super::desk::{Desk, Seen, derived, today};
use super::customer::string;
use super::{Failure, invalid, ndata};
use regulars_domain::edit::Document;
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass, Tender};
use regulars_domain::{AccountId, EntryId, Money};
use regulars_protocol::push::Entry;
use serde_json::{Value, json};

/// Most movements in one request: more is a file gone wrong.
const MAX_MOVEMENTS: usize = 100;
/// Why an entry was booked that nobody gave a reason for.
const REASON: &str = "Portos' API";

/// The sum. Its currency is named once something was booked: before that the page shows none.
pub(super) fn shown(balance: Money, is_new: bool) -> Value {
    let currency = (!is_new).then(|| balance.currency.code());
    json!({ "amount": number(balance), "currencyLabel": currency })
}

/// The movements, in the form of the vendor's sibling product.
pub(super) fn transactions(entries: &[Entry]) -> Value {
    let mut sum = 0_i64;
    let shown: Vec<Value> = (1..)
        .zip(entries)
        .map(|(sequence, entry): (i64, &Entry)| {
            sum = sum.saturating_add(entry.amount.minor);
            let currency = entry.amount.currency;
            json!({
                "id": entry.id,
                "sequenceNumber": sequence,
                "externalId": external_id(entry),
                "amount": { "amount": number(entry.amount), "currency": currency },
                "type": kind(entry.kind),
                "endingCreditBalance": { "amount": number(Money::new(sum, currency)), "currency": currency },
                "note": entry.reason,
                "meta": null,
            })
        })
        .collect();
    Value::Array(shown)
}

/// What this API booked has the client's id for it; anything else its own.
fn external_id(entry: &Entry) -> String {
    let told = entry.receipt.clone().filter(|_| entry.source == EntrySource::Remote);
    told.unwrap_or_else(|| entry.id.to_string())
}

fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::TopUp | EntryKind::Earn | EntryKind::ReturnToCredit | EntryKind::Opening => "Deposit",
        EntryKind::Redeem | EntryKind::CashOut | EntryKind::Expire => "Withdrawal",
        EntryKind::Adjust => "Adjustment",
        EntryKind::Void => "Correction",
    }
}

fn number(amount: Money) -> Value {
    amount.decimal().parse::<f64>().map_or(Value::Null, |number| json!(number))
}

/// What a body books: its new movements, and the rest of the difference to its amount.
pub(super) fn entries(desk: &mut Desk<'_>, seen: &Seen, sent: &Document) -> Result<Vec<Entry>, Failure> {
    let (balance, _) = desk.credit(seen)?;
    let known = desk.entries(seen)?;
    let mut booked = Vec::new();
    let told = match sent.get("creditTransactions") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(told)) if told.len() <= known.len() + MAX_MOVEMENTS => told,
        Some(_) => return Err(invalid("CreditTransactions", "This is no array, or one of too many.")),
    };
    for one in told {
        booked.extend(movement(desk, seen, one, &known)?);
    }
    let moved: i64 = booked.iter().map(|entry: &Entry| entry.amount.minor).fold(0, i64::saturating_add);
    let after = Money::new(balance.minor.saturating_add(moved), balance.currency);
    let wanted = match sent.get("credit") {
        None | Some(Value::Null) => return checked(booked, after),
        Some(Value::Object(credit)) => amount(credit.get("amount"), string(credit, "currencyLabel")?, balance)?,
        Some(_) => return Err(invalid("Credit", "Credit is an object.")),
    };
    let Some(wanted) = wanted.filter(|wanted| *wanted != balance && *wanted != after) else {
        return checked(booked, after);
    };
    if !booked.is_empty() {
        return Err(invalid("Credit.Amount", "The amount is not what the new transactions lead to."));
    }
    let difference = Money::new(wanted.minor.saturating_sub(balance.minor), balance.currency);
    let id = desk.mint(EntryId::mint);
    let mut entry = entry(desk, seen, id, EntryKind::Adjust, difference);
    entry.reason = Some(REASON.to_owned());
    checked(vec![entry], wanted)
}

/// Nothing is put below zero, nor further down.
fn checked(entries: Vec<Entry>, after: Money) -> Result<Vec<Entry>, Failure> {
    let taken = entries.iter().any(|entry| entry.amount.minor < 0);
    if taken && after.minor < 0 {
        return Err(invalid("Credit.Amount", "Credit is not put below zero."));
    }
    Ok(entries)
}

/// A movement that is not booked yet.
fn movement(desk: &Desk<'_>, seen: &Seen, told: &Value, known: &[Entry]) -> Result<Option<Entry>, Failure> {
    let Value::Object(told) = told else { return Err(invalid("CreditTransactions", "A transaction is an object.")) };
    let (id, external) = (string(told, "id")?, string(told, "externalId")?);
    let zero = Money::zero(seen.place.currency);
    let empty = Document::new();
    let said = told.get("amount").and_then(Value::as_object).unwrap_or(&empty);
    let said = amount(said.get("amount"), string(said, "currency")?, zero)?.filter(|amount| amount.minor != 0);
    let said = said.ok_or_else(|| invalid("CreditTransactions.Amount", "A transaction moves something."))?;
    let (entry_kind, amount) = match string(told, "type")? {
        Some("Deposit") => (EntryKind::TopUp, said),
        Some("Withdrawal") if said.minor > 0 => (EntryKind::Redeem, said.negated()),
        Some("Withdrawal") => (EntryKind::Redeem, said),
        Some("Adjustment" | "Correction" | "Other") => (EntryKind::Adjust, said),
        Some(_) | None => return Err(invalid("CreditTransactions.Type", "There is no such type.")),
    };
    let is_it = |entry: &&Entry| {
        Some(entry.id.to_string().as_str()) == id || external.is_some_and(|external| external == external_id(entry))
    };
    if let Some(entry) = known.iter().find(is_it) {
        let is_same = entry.amount == amount || entry.amount == said;
        return if is_same { Ok(None) } else { Err(invalid("CreditTransactions", "What was booked is not changed.")) };
    }
    if amount.minor < 0 && entry_kind == EntryKind::TopUp {
        return Err(invalid("CreditTransactions.Amount", "A deposit is more than zero."));
    }
    let of_external = |text: &str| {
        let own = |_| EntryId::from_uuid(derived("portos transaction", &format!("{} {text}", seen.id)));
        text.parse().unwrap_or_else(own)
    };
    let entry_id = external.map_or_else(|| desk.mint(EntryId::mint), of_external);
    let mut entry = entry(desk, seen, entry_id, entry_kind, amount);
    entry.receipt = external.map(str::to_owned);
    entry.reason = Some(string(told, "note")?.unwrap_or(REASON).to_owned());
    Ok(Some(entry))
}

fn entry(desk: &Desk<'_>, seen: &Seen, id: EntryId, kind: EntryKind, amount: Money) -> Entry {
    let place = &seen.place;
    Entry {
        id,
        account_id: AccountId::of(seen.id, &place.issuer, amount.currency),
        member_id: seen.id,
        issuer: place.issuer.clone(),
        kind,
        lot_class: LotClass::Prepaid,
        amount,
        location: place.code.clone(),
        till_id: desk.till(),
        staff_id: None,
        business_date: today(place, desk.at),
        at: desk.at,
        receipt: None,
        tender: (kind == EntryKind::TopUp).then_some(Tender::Other),
        reason: None,
        source_entry_id: None,
        visit_id: None,
        expires_on: None,
        source: EntrySource::Remote,
        authorisation_id: None,
    }
}

/// An amount in the currency of an account; nothing where none is told.
fn amount(told: Option<&Value>, currency: Option<&str>, account: Money) -> Result<Option<Money>, Failure> {
    if currency.is_some_and(|currency| !currency.eq_ignore_ascii_case(account.currency.code())) {
        return Err(invalid("Credit.CurrencyLabel", &format!("Credit here is in {}.", account.currency)));
    }
    let wrong = |sentence: &str| invalid("Credit.Amount", sentence);
    match told {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            let decimal = ndata::decimal(number).ok_or_else(|| wrong("This amount is too large."))?;
            let amount = Money::parse(&decimal, account.currency).map_err(|refusal| wrong(&refusal.to_string()))?;
            Ok(Some(amount))
        }
        Some(_) => Err(wrong("An amount is a number.")),
    }
}
