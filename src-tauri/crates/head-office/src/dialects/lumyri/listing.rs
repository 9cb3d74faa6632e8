//! Lists: pages from 1 on, in an order, of what is looked for.

use super::super::call::invalid;
use super::super::desk::{Desk, Seen};
use super::customer::{Shape, shown};
use super::labels::Labels;
use super::{Failure, Lumyri, enveloped};
use crate::error::HeadOfficeError;
use crate::storage::{MemberOrder, MemberQuery};
use axum::http::StatusCode;
use axum::response::Response;
use regulars_domain::edit::Document;
use regulars_domain::fold::fold;
use serde_json::{Value, json};

/// Rows on a page, where nobody says.
const PAGE: usize = 10;
/// Rows on a page at most: a megabyte of members.
const MAX_PAGE: usize = 1_000;

/// Which page.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    page: usize,
    size: usize,
}

impl Paging {
    pub(super) fn read(page: Option<&str>, size: Option<&str>) -> Result<Self, HeadOfficeError> {
        let read = |text: Option<&str>, otherwise, max| match text {
            None => Ok(otherwise),
            Some(text) => {
                let number = text.parse().ok().filter(|number| (1..=max).contains(number));
                number.ok_or_else(|| invalid("a page and its size are whole numbers from 1 on"))
            }
        };
        // A larger page than there may be is made smaller; a page beyond the last is empty.
        let size = read(size, PAGE, usize::MAX)?.min(MAX_PAGE);
        Ok(Self { page: read(page, 1, usize::MAX / MAX_PAGE)?, size })
    }

    pub(super) const fn skip(self) -> usize {
        (self.page - 1).saturating_mul(self.size)
    }

    pub(super) const fn size(self) -> usize {
        self.size
    }

    pub(super) fn object(self, total: usize, rows: Vec<Value>) -> Value {
        json!({
            "total": total,
            "per_page": rows.len(),
            "current_page": self.page,
            "last_page": total.div_ceil(self.size).max(1),
            "data": rows,
        })
    }
}

/// A direction in any capitals, and as the page misspells it.
pub(super) fn is_descending(text: Option<&str>, otherwise: bool) -> Result<bool, HeadOfficeError> {
    match text.map(str::to_lowercase).as_deref() {
        None => Ok(otherwise),
        Some("asc") => Ok(false),
        Some("desc" | "decs") => Ok(true),
        Some(_) => Err(invalid("a direction is asc or desc")),
    }
}

pub(super) async fn customers(lumyri: Lumyri) -> Result<Response, Failure> {
    let call = lumyri.of_an_app()?;
    let paging = Paging::read(call.param("page"), call.param("limit"))?;
    let is_descending = is_descending(call.param("order_by"), false)?;
    let search = fold(call.param("search").unwrap_or_default().trim());
    let by = match call.param("sort_by").unwrap_or("name") {
        // The text was copied from the labels' page: a customer has no description.
        "name" | "description" => "name",
        "id" => "id",
        "first_name" => "first_name",
        "last_name" => "last_name",
        "email" => "email",
        "phone" => "phone",
        _ => return Err(invalid("sort_by is name, first_name, last_name, email, phone or id").into()),
    };
    let order = match by {
        "name" => Some(MemberOrder::Name),
        "id" => Some(MemberOrder::Id),
        _ => None,
    };
    let order = order.filter(|_| search.is_empty());
    let work = move |desk: &mut Desk<'_>| {
        let labels = Labels::of(desk, None)?;
        let show = |seen: &Seen| shown(seen, &labels, Shape::Row);
        let (total, rows) = match order {
            Some(order) => in_order(desk, order, is_descending, paging, show)?,
            None => looked_through(desk, by, is_descending, paging, &search, show)?,
        };
        Ok::<_, Failure>(paging.object(total, rows))
    };
    let data = if order.is_some() { call.ask(work).await? } else { call.search(work).await? };
    Ok(enveloped(StatusCode::OK, &data))
}

/// A page of all of them, in an order that the database has.
fn in_order(
    desk: &mut Desk<'_>,
    order: MemberOrder,
    is_descending: bool,
    paging: Paging,
    show: impl Fn(&Seen) -> Document,
) -> Result<(usize, Vec<Value>), HeadOfficeError> {
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let all = MemberQuery::of(desk.access.scope.clone(), whole(paging.size()));
    let query = MemberQuery { order, is_descending, offset: whole(paging.skip()), ..all };
    let total = usize::try_from(desk.rows.count_listed(&query)?).unwrap_or(0);
    let rows = desk.page(&query)?.iter().map(|seen| Value::Object(show(seen))).collect();
    Ok((total, rows))
}

/// A page of those who are looked for, or in an order that only this API has.
fn looked_through(
    desk: &mut Desk<'_>,
    by: &str,
    is_descending: bool,
    paging: Paging,
    search: &str,
    show: impl Fn(&Seen) -> Document,
) -> Result<(usize, Vec<Value>), HeadOfficeError> {
    let mut found = Vec::new();
    desk.each::<HeadOfficeError>(|_, seen| {
        let row = show(&seen);
        let text = |key: &str| fold(row.get(key).and_then(Value::as_str).unwrap_or_default());
        let both = format!("{} {}", text("first_name"), text("last_name"));
        let is_found = [both, text("email"), text("phone")].iter().any(|text| text.contains(search));
        if is_found {
            let key = if by == "name" { fold(&seen.member.name.full) } else { text(by) };
            found.push((key, seen.id));
        }
        Ok(())
    })?;
    found.sort();
    if is_descending {
        found.reverse();
    }
    let total = found.len();
    let mut rows = Vec::new();
    for (_, id) in found.into_iter().skip(paging.skip()).take(paging.size()) {
        rows.extend(desk.find_exact(id)?.map(|seen| Value::Object(show(&seen))));
    }
    Ok((total, rows))
}
