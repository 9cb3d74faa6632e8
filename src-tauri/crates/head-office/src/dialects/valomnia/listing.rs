//! Lists: `max` and `offset`, an order, dates and wildcards. A parameter that is not known is refused.

use super::super::desk::{Desk, Seen};
use super::super::fields::compare;
use super::super::form;
use super::{Failure, Valomnia, customer};
use crate::error::HeadOfficeError;
use crate::storage::{MemberOrder, MemberQuery, Window};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use regulars_domain::edit::Document;
use regulars_domain::{MemberId, Timestamp};
use serde_json::{Value, json};

/// Rows on a page, where nobody says (the page).
const MAX: i64 = 100;
/// Rows on a page at most: about two megabytes.
const LARGEST: i64 = 1_000;
/// The parameters of every list.
const PAGING: [&str; 4] = ["max", "offset", "order", "sort"];
/// What a customer can be looked for by.
const FILTERS: [&str; 4] = ["reference", "name", "categoryReference", "isActive"];

/// What a list was asked for.
#[derive(Clone)]
pub(super) struct Asked {
    max: i64,
    offset: i64,
    sort: String,
    is_descending: bool,
    created: Window,
    updated: Window,
    /// Wildcards by key, and yes or no.
    filters: Vec<(String, String)>,
    /// Filters as they came, for the links to other pages.
    told: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn read(query: &[(String, String)], filters: &[&str]) -> Result<Self, Failure> {
        let is_known = |name: &str| PAGING.contains(&name) || filters.contains(&name) || date(name).is_some();
        let unknown: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).filter(|name| !is_known(name)).collect();
        if !unknown.is_empty() {
            return Err(Failure::unknown_params(&unknown));
        }
        let mut asked = Self {
            max: MAX,
            offset: 0,
            sort: "dateCreated".to_owned(),
            is_descending: false,
            created: Window::ALWAYS,
            updated: Window::ALWAYS,
            filters: Vec::new(),
            told: Vec::new(),
        };
        for (name, value) in query {
            asked.take(name, value)?;
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let whole = |least: i64| {
            value.parse().ok().filter(|number: &i64| *number >= least).ok_or_else(|| Failure::of_type(name))
        };
        match name {
            "max" => self.max = whole(1)?.min(LARGEST),
            "offset" => self.offset = whole(0)?,
            "order" => {
                self.is_descending = match value {
                    "asc" => false,
                    "desc" => true,
                    _ => return Err(Failure::of_type("order")),
                }
            }
            "sort" => self.sort = value.to_owned(),
            _ => {
                self.told.push((name.to_owned(), value.to_owned()));
                match date(name) {
                    Some((field, operator)) => {
                        let window = window(operator, value)?;
                        let known = if field == "dateCreated" { &mut self.created } else { &mut self.updated };
                        known.from = known.from.max(window.from);
                        known.until = known.until.min(window.until);
                    }
                    None if name == "isActive" && value != "true" && value != "false" => {
                        return Err(Failure::of_type("isActive"));
                    }
                    None => self.filters.push((name.to_owned(), value.to_owned())),
                }
            }
        }
        Ok(())
    }

    /// Whether a row is among those that are asked for.
    fn allows(&self, created: Timestamp, updated: Timestamp, field: impl Fn(&str) -> Option<String>) -> bool {
        let is_within = |window: Window, at: Timestamp| window.from <= at && at < window.until;
        let is_asked = |(name, pattern): &(String, String)| matches(pattern, &field(name).unwrap_or_default());
        is_within(self.created, created) && is_within(self.updated, updated) && self.filters.iter().all(is_asked)
    }

    /// A page of rows that were all read already.
    pub(super) fn answer(&self, path: &str, rows: Vec<Document>) -> Result<Value, Failure> {
        let at = |row: &Document, key: &str| row.get(key).and_then(Value::as_str).and_then(|at| at.parse().ok());
        let mut found: Vec<Document> = rows
            .into_iter()
            .filter(|row| {
                let field = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
                let (created, updated) = (at(row, "dateCreated"), at(row, "lastUpdated"));
                let first = Timestamp::from_millis(0);
                self.allows(created.unwrap_or(first), updated.unwrap_or(first), field)
            })
            .collect();
        if !matches!(self.sort.as_str(), "dateCreated" | "lastUpdated" | "id" | "reference" | "name") {
            return Err(Failure::unknown_params(&["sort"]));
        }
        found.sort_by(|a, b| compare(a.get(&self.sort), b.get(&self.sort)));
        if self.is_descending {
            found.reverse();
        }
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let skip = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let page = found.into_iter().skip(skip).take(usize::try_from(self.max).unwrap_or(0));
        Ok(self.page(path, total, page.map(Value::Object).collect()))
    }

    fn page(&self, path: &str, total: i64, data: Vec<Value>) -> Value {
        let order = if self.is_descending { "desc" } else { "asc" };
        let link = |offset: i64| {
            let mut link =
                format!("{path}?max={}&offset={offset}&sort={}&order={order}", self.max, form::escape(&self.sort));
            for (name, value) in &self.told {
                link.push_str(&format!("&{name}={}", form::escape(value)));
            }
            link
        };
        let after = self.offset.saturating_add(self.max);
        json!({
            "paging": {
                "total": total,
                "max": self.max,
                "offset": self.offset,
                "previous": (self.offset > 0).then(|| link((self.offset - self.max).max(0))),
                "next": (after < total).then(|| link(after)),
            },
            "data": data,
        })
    }

    /// The order that the database has, where nothing is asked that it cannot look for.
    fn order(&self) -> Option<MemberOrder> {
        if !self.filters.is_empty() {
            return None;
        }
        match self.sort.as_str() {
            "dateCreated" => Some(MemberOrder::CreatedAt),
            "lastUpdated" => Some(MemberOrder::UpdatedAt),
            "name" => Some(MemberOrder::Name),
            _ => None,
        }
    }
}

pub(super) async fn list(Path(version): Path<String>, Valomnia(call): Valomnia) -> Result<Response, Failure> {
    let asked = Asked::read(&call.query, &FILTERS)?;
    let order = asked.order();
    let work = move |desk: &mut Desk<'_>| {
        let path = format!("/api/{version}/customers");
        let (total, page) = match order {
            Some(order) => in_order(desk, &asked, order)?,
            None => looked_through(desk, &asked, &version)?,
        };
        let rows = page.iter().map(|seen| Ok(Value::Object(customer::shown(desk, seen, &version)?)));
        let rows = rows.collect::<Result<Vec<_>, Failure>>()?;
        Ok::<_, Failure>(asked.page(&path, total, rows))
    };
    let body = if order.is_some() { call.ask(work).await? } else { call.search(work).await? };
    Ok(super::super::call::json(StatusCode::OK, &body))
}

fn in_order(desk: &mut Desk<'_>, asked: &Asked, order: MemberOrder) -> Result<(i64, Vec<Seen>), HeadOfficeError> {
    let (is_descending, created, updated, offset) = (asked.is_descending, asked.created, asked.updated, asked.offset);
    let all = MemberQuery::of(desk.access.scope.clone(), asked.max);
    let query = MemberQuery { order, is_descending, created, updated, offset, ..all };
    Ok((desk.rows.count_listed(&query)?, desk.page(&query)?))
}

fn looked_through(desk: &mut Desk<'_>, asked: &Asked, version: &str) -> Result<(i64, Vec<Seen>), Failure> {
    let mut found: Vec<(Value, MemberId)> = Vec::new();
    desk.each::<Failure>(|desk, seen| {
        let field = |name: &str| match name {
            "reference" => Some(customer::reference(&seen)),
            "name" => Some(seen.member.name.full.clone()),
            "isActive" => Some(seen.terms.is_active.unwrap_or(true).to_string()),
            _ => seen.terms.category.as_ref().and_then(|group| group.reference.clone().or_else(|| group.name.clone())),
        };
        if asked.allows(seen.created_at, seen.updated_at, field) {
            let key = match asked.sort.as_str() {
                "dateCreated" => json!(seen.created_at),
                "lastUpdated" => json!(seen.updated_at),
                sort => {
                    let shown = customer::shown(desk, &seen, version)?;
                    shown.get(sort).cloned().ok_or_else(|| Failure::unknown_params(&["sort"]))?
                }
            };
            found.push((key, seen.id));
        }
        Ok(())
    })?;
    found.sort_by(|(a, first), (b, second)| compare(Some(a), Some(b)).then(first.cmp(second)));
    if asked.is_descending {
        found.reverse();
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(asked.offset).unwrap_or(usize::MAX);
    let mut page = Vec::new();
    for (_, id) in found.into_iter().skip(skip).take(usize::try_from(asked.max).unwrap_or(0)) {
        page.extend(desk.find_exact(id)?);
    }
    Ok((total, page))
}

/// The field and the operator of a parameter for dates.
fn date(name: &str) -> Option<(&str, &str)> {
    let (field, operator) = name.split_once('_')?;
    let is_one = matches!(field, "dateCreated" | "lastUpdated") && matches!(operator, "gt" | "gte" | "lt" | "lte");
    is_one.then_some((field, operator))
}

/// The instants whose second, as it is shown, stands so to a date.
fn window(operator: &str, value: &str) -> Result<Window, Failure> {
    let wrong = || {
        let description = format!("Invalid datetime filter (not ISO-8601 formatted): [{value}]");
        Failure::bad("invalid_datetime_format", description)
    };
    let at: Timestamp = value.parse().map_err(|_| wrong())?;
    let floor = at.as_millis().div_euclid(1_000).saturating_mul(1_000);
    let ceiling = if floor == at.as_millis() { floor } else { floor.saturating_add(1_000) };
    let (after, at_or_after) = (Timestamp::from_millis(floor.saturating_add(1_000)), Timestamp::from_millis(ceiling));
    Ok(match operator {
        "gt" => Window { from: after, ..Window::ALWAYS },
        "gte" => Window { from: at_or_after, ..Window::ALWAYS },
        "lt" => Window { until: at_or_after, ..Window::ALWAYS },
        _ => Window { until: after, ..Window::ALWAYS },
    })
}

/// An instant to the second, as `2015-12-17T23:00:00Z`.
pub(super) fn second(at: Timestamp) -> String {
    let text = at.to_string();
    text.split_once('.').map_or(text.clone(), |(second, _)| format!("{second}Z"))
}

/// Whether a text is as a pattern says, `*` standing for anything. Capitals do not count.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_anything() {
        for (pattern, text, expected) in [
            ("Ref-6*", "ref-61", true),
            ("Ref-6*", "xref-6", false),
            ("*ef-6", "Ref-6", true),
            ("*ef-6", "ref-61", false),
            ("*ef-6*", "ref-61", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*a", "a", false),
            ("ref", "ref", true),
            ("ref", "refs", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_second_that_is_shown() {
        let at = |millis| Timestamp::from_millis(millis);
        let within = |operator: &str, millis| {
            let window = window(operator, "1970-01-01T00:00:10Z").expect("a window");
            window.from <= at(millis) && at(millis) < window.until
        };
        for (operator, before, within_second, after) in [
            ("gt", false, false, true),
            ("gte", false, true, true),
            ("lt", true, false, false),
            ("lte", true, true, false),
        ] {
            assert_eq!(
                (within(operator, 9_999), within(operator, 10_999), within(operator, 11_000)),
                (before, within_second, after),
                "{operator}"
            );
        }
    }
}
