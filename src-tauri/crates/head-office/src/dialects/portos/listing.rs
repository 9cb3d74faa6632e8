//! `GET /customers`: filters, an order, and a page.

use super::super::desk::{Desk, Seen};
use super::super::fields::compare;
use super::customer::{shown, without_credit};
use super::ndata::{self, Condition, Kind, Operand};
use super::{Failure, Portos, card, customer, invalid};
use crate::error::HeadOfficeError;
use crate::storage::{MemberKey, MemberOrder, MemberQuery};
use axum::http::StatusCode;
use axum::response::Response;
use regulars_domain::MemberId;
use regulars_domain::fold::fold;
use regulars_domain::member::{LoyaltyCard, key};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Items where nobody says how many, and at most.
const MAX_ITEMS: i64 = 1_000;
/// The filter that is about a person's cards, whoever of theirs has them.
const CARD: &str = "CardSerialNumber";
/// The filters, and what each is about.
const FILTERS: [(&str, Kind); 6] = [
    (CARD, Kind::Text),
    ("ExternalId", Kind::Text),
    ("CreditRate", Kind::Number),
    ("DiscountRate", Kind::Number),
    ("IsActive", Kind::Flag),
    ("ExpirationTime", Kind::Instant),
];
/// What `Search` looks at (the page).
const SEARCHED: [&str; 6] = ["firstName", "lastName", "company.name", "company.vatId", "company.taxId", "note"];

/// What was asked for.
#[derive(Default)]
struct Asked {
    conditions: Vec<(&'static str, Condition)>,
    is_expired: Option<bool>,
    search: String,
    skip: i64,
    take: Option<i64>,
    sort: Vec<(String, bool)>,
    only_count: bool,
}

impl Asked {
    fn read(query: &[(String, String)]) -> Result<Self, Failure> {
        let mut asked = Self::default();
        for (name, value) in query {
            asked.take(name, value)?;
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let flag = || value.to_lowercase().parse().map_err(|_| invalid(name, "This must be true or false."));
        let whole = || {
            let number = value.parse().ok().filter(|number: &i64| *number >= 0);
            number.ok_or_else(|| invalid(name, "This must be a whole number from 0 on."))
        };
        match name.to_lowercase().as_str() {
            "$skip" => self.skip = whole()?,
            "$take" => self.take = Some(whole()?),
            "$sort" => self.sort.extend(ndata::orders(value)?),
            "$count" => self.only_count = flag()?,
            "$include" => {}
            "isexpired" => self.is_expired = Some(flag()?),
            "search" => self.search = fold(value.trim()),
            _ => {
                let (filter, kind) = *FILTERS
                    .iter()
                    .find(|(filter, _)| filter.eq_ignore_ascii_case(name))
                    .ok_or_else(|| invalid(name, "There is no such parameter."))?;
                let conditions = ndata::read(filter, kind, value)?;
                self.conditions.extend(conditions.into_iter().map(|condition| (filter, condition)));
            }
        }
        Ok(())
    }

    fn take_count(&self) -> i64 {
        self.take.unwrap_or(MAX_ITEMS).min(MAX_ITEMS)
    }

    /// Whether the database has this order, and can leave out what is not asked for: which way it goes.
    fn in_order(&self) -> Option<bool> {
        if !self.conditions.is_empty() || self.is_expired.is_some() || !self.search.is_empty() {
            return None;
        }
        match &self.sort[..] {
            [] => Some(false),
            [(name, is_descending)] if name.eq_ignore_ascii_case("id") => Some(*is_descending),
            _ => None,
        }
    }

    /// The one value that a filter asks for.
    fn exact(&self, filter: &str) -> Option<&str> {
        self.conditions.iter().filter(|(name, _)| *name == filter).find_map(|(_, condition)| condition.exact())
    }

    fn allows(&self, shown: &Value) -> bool {
        let text = |path: &str| ndata::member(shown, path).and_then(Value::as_str).unwrap_or_default();
        let is_found = self.search.is_empty() || SEARCHED.iter().any(|path| fold(text(path)).contains(&self.search));
        let is_expired = self.is_expired.is_none_or(|is_expired| is_expired == (text("status") == "Expired"));
        let mut others = self.conditions.iter().filter(|(filter, _)| *filter != CARD);
        is_found && is_expired && others.all(|(filter, condition)| holds(shown, filter, condition))
    }

    /// Whether a person's cards are as asked; they are read only where somebody asks.
    fn allows_cards(&self, desk: &mut Desk<'_>, seen: &Seen) -> Result<bool, HeadOfficeError> {
        let conditions = self.conditions.iter().filter(|(filter, _)| *filter == CARD);
        let conditions: Vec<&Condition> = conditions.map(|(_, condition)| condition).collect();
        if conditions.is_empty() {
            return Ok(true);
        }
        let cards = desk.cards(seen)?;
        Ok(conditions.into_iter().all(|condition| holds_for_cards(&cards, condition)))
    }
}

fn holds(shown: &Value, filter: &str, condition: &Condition) -> bool {
    let value = ndata::member(shown, filter);
    let operand = match filter {
        "ExternalId" => value.and_then(Value::as_str).map(|text| Operand::Text(text.to_owned())),
        "IsActive" => value.and_then(Value::as_bool).map(Operand::Flag),
        "ExpirationTime" => value.and_then(Value::as_str).and_then(ndata::instant).map(Operand::Instant),
        _ => value.and_then(Value::as_f64).map(Operand::Number),
    };
    condition.holds(operand.as_ref())
}

/// Any of the cards; in the spelling in which it was written, in capitals, or by its letters and digits.
fn holds_for_cards(cards: &BTreeMap<String, LoyaltyCard>, condition: &Condition) -> bool {
    if let Some(text) = condition.exact() {
        return cards.keys().any(|serial| key(serial) == key(text));
    }
    if cards.is_empty() {
        return condition.holds(None);
    }
    cards.iter().any(|(serial, one)| {
        let written = Operand::Text(card::written(serial, one).to_owned());
        condition.holds(Some(&written)) || condition.holds(Some(&Operand::Text(serial.clone())))
    })
}

pub(super) async fn list(Portos { call, .. }: Portos) -> Result<Response, Failure> {
    let asked = Asked::read(&call.query)?;
    let order = asked.in_order();
    let work = move |desk: &mut Desk<'_>| {
        let (total, page) = match order {
            Some(is_descending) => in_order(desk, &asked, is_descending)?,
            None => looked_through(desk, &asked)?,
        };
        if asked.only_count {
            return Ok::<_, Failure>(json!({ "count": 0, "totalCount": total }));
        }
        let items = page.iter().map(|seen| Ok(Value::Object(shown(desk, seen)?)));
        let items = items.collect::<Result<Vec<_>, HeadOfficeError>>()?;
        Ok(json!({ "items": items, "count": items.len(), "totalCount": total }))
    };
    let body = if order.is_some() { call.ask(work).await? } else { call.search(work).await? };
    Ok(super::super::call::json(StatusCode::OK, &body))
}

fn in_order(desk: &mut Desk<'_>, asked: &Asked, is_descending: bool) -> Result<(i64, Vec<Seen>), HeadOfficeError> {
    let limit = if asked.only_count { 0 } else { asked.take_count() };
    let all = MemberQuery::of(desk.access.scope.clone(), limit);
    let query = MemberQuery { order: MemberOrder::Id, is_descending, offset: asked.skip, ..all };
    Ok((desk.rows.count_listed(&query)?, desk.page(&query)?))
}

fn looked_through(desk: &mut Desk<'_>, asked: &Asked) -> Result<(i64, Vec<Seen>), Failure> {
    let mut found: Vec<(Vec<Value>, MemberId)> = Vec::new();
    let mut look = |desk: &mut Desk<'_>, seen: Seen| {
        let model = Value::Object(without_credit(&seen, desk.at));
        if asked.allows(&model) && asked.allows_cards(desk, &seen)? {
            found.push((keys(desk, &seen, model, &asked.sort)?, seen.id));
        }
        Ok::<_, Failure>(())
    };
    if let Some(serial) = asked.exact(CARD) {
        for seen in desk.find_by_card(serial)? {
            look(desk, seen)?;
        }
    } else if let Some(external) = asked.exact("ExternalId") {
        for seen in desk.find_by(&MemberKey::PortosExternal(external.to_owned()))? {
            look(desk, seen)?;
        }
    } else {
        desk.each(look)?;
    }
    found.sort_by(|(a, first), (b, second)| {
        let orders = asked.sort.iter().zip(a.iter().zip(b)).map(|((_, is_descending), (a, b))| {
            let order = compare(Some(a), Some(b));
            if *is_descending { order.reverse() } else { order }
        });
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(first.cmp(second))
    });
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let (skip, take) =
        (usize::try_from(asked.skip).unwrap_or(usize::MAX), usize::try_from(asked.take_count()).unwrap_or(0));
    let mut page = Vec::new();
    for (_, id) in found.into_iter().skip(skip).take(if asked.only_count { 0 } else { take }) {
        page.extend(desk.find_exact(id)?);
    }
    Ok((total, page))
}

/// The values that a customer is put in order by.
fn keys(desk: &mut Desk<'_>, seen: &Seen, model: Value, sort: &[(String, bool)]) -> Result<Vec<Value>, Failure> {
    let is_reckoned = |name: &str| name.to_lowercase().starts_with("credit.") || name == "_v";
    let model = if sort.iter().any(|(name, _)| is_reckoned(name)) {
        Value::Object(customer::shown(desk, seen)?)
    } else {
        model
    };
    let key = |(name, _): &(String, bool)| {
        if name.eq_ignore_ascii_case("id") {
            return Ok(json!(seen.id));
        }
        let value = ndata::member(&model, name).cloned();
        // A part of something that is not there is nothing; a name that no customer has is a mistake.
        let is_part = name.split_once('.').is_some_and(|(whole, _)| ndata::member(&model, whole).is_some());
        value.or(is_part.then_some(Value::Null)).ok_or_else(|| invalid("$sort", &format!("There is no member {name}.")))
    };
    sort.iter().map(key).collect()
}
