//! `sale`: a bill is paid.

use super::credit::{account, entry, line};
use crate::args::Sale as Words;
use crate::output::Done;
use regulars_app::credit::{self, Sale};
use regulars_app::till::Till;
use regulars_app::{AppError, locations, members};
use regulars_domain::Money;
use serde_json::{Value, json};
use std::sync::Arc;

pub async fn run(till: &Arc<Till>, words: Words) -> Result<Done, AppError> {
    let location = locations::get(till, &words.location)?;
    let currency = location.location.currency;
    let bill = Money::parse(&words.bill, currency)?;
    let credit = words.redeem.as_deref().map_or(Ok(Money::zero(currency)), |text| Money::parse(text, currency))?;
    let sale = Sale {
        visit_id: till.new_visit_id(),
        member_id: words.member,
        bill,
        credit,
        receipt: words.receipt,
        card: words.card,
    };
    let paid = credit::pay(till, &location, sale, line(till, &location)?).await?;
    let whole = members::get(till, words.member)?;
    let entries: Vec<Value> =
        whole.entries.iter().filter(|stored| paid.entries.contains(&stored.entry.id)).map(entry).collect();
    let visit = paid.visit;
    let mut document = account(&credit::of_member(till, &location, words.member)?, &location);
    document["visit"] = json!(visit.id);
    document["receipt"] = json!(visit.receipt);
    document["bill"] = json!(visit.bill);
    document["discount_percent"] = json!(visit.discount_percent);
    document["discount"] = json!(visit.discount);
    document["redeemed"] = json!(visit.credit_used);
    document["left_to_collect"] = json!(visit.left_to_collect);
    document["earn_percent"] = json!(visit.earn_percent);
    document["earn_base"] = json!(visit.earn_base);
    document["earned"] = json!(visit.earned);
    document["entries"] = json!(entries);
    Ok(Done::new(document))
}
