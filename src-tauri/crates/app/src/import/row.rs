//! One row of a spreadsheet as a member: cells to values.

use super::Problem;
use crate::spreadsheet::{Columns, DateOrder, Dates, DecimalMark, ImportField, Row, Table, amounts, cells, phones};
use regulars_domain::member::{Birthday, SerialNumber};
use regulars_domain::phone::Country;
use regulars_domain::{Currency, Date, Money, Refusal};
use serde_json::{Map, Value, json};

/// How the columns of a spreadsheet are read, decided over all rows.
pub(super) struct Reading {
    pub columns: Columns,
    pub country: Country,
    pub currency: Currency,
    birthdays: Dates,
    dates: Dates,
    mark: Option<DecimalMark>,
}

/// What a row says.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub name: String,
    /// The number as it will be kept.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub birthday: Option<Birthday>,
    pub reference: Option<String>,
    pub card: Option<SerialNumber>,
    pub opening: Option<Money>,
    /// As a member is typed.
    pub json: Value,
}

impl Reading {
    pub(super) fn new(table: &Table, columns: Columns, country: Country, currency: Currency, today: Date) -> Self {
        let dates_of = |field| {
            let cells: Vec<&str> = columns.column(field).into_iter().flat_map(|column| table.column(column)).collect();
            Dates { order: DateOrder::guess(cells, country), this_year: today.year() }
        };
        let amounts = columns.column(ImportField::OpeningBalance).map(|column| table.column(column));
        Self {
            birthdays: dates_of(ImportField::Birthday),
            dates: dates_of(ImportField::MemberSince),
            mark: amounts.and_then(|cells| DecimalMark::guess(cells, currency)),
            columns,
            country,
            currency,
        }
    }

    pub(super) fn name(&self, row: Row<'_>) -> Option<String> {
        self.columns.full_name(row, self.country).ok().flatten().map(|name| name.trim().to_owned())
    }

    pub(super) fn read(&self, row: Row<'_>) -> Result<Said, Problem> {
        row.check_width()?;
        let cell = |field| self.columns.cell(row, field);
        let name = self.columns.full_name(row, self.country)?.map(|name| name.trim().to_owned()).unwrap_or_default();
        let phone = phones::phone(cell(ImportField::Phone), self.country)?.map(|phone| phone.typed);
        let text = |field| Ok::<_, Problem>(cells::text(cell(field), field)?.map(str::to_owned));
        let birthday = self.birthdays.birthday(cell(ImportField::Birthday))?;
        let birthday = birthday.map(|day| Birthday { month: day.month, day: day.day, year: day.year });
        let identifier =
            |field| Ok::<_, Problem>(cells::identifier(cell(field), field)?.map(|found| found.into_owned()));
        let card = identifier(ImportField::Card)?.map(|card| SerialNumber::parse(&card)).transpose()?;
        let opening = amounts::amount(cell(ImportField::OpeningBalance), self.mark, self.currency)?;
        if opening.is_some_and(|opening| opening.minor < 0) {
            return Err(Refusal::AmountNotPositive.into());
        }
        let mut said = Said {
            name,
            phone,
            email: text(ImportField::Email)?,
            birthday,
            reference: identifier(ImportField::Reference)?,
            card,
            opening: opening.filter(|opening| opening.minor > 0),
            json: Value::Null,
        };
        said.json = self.json(row, &said)?;
        Ok(said)
    }

    /// Empty cells are not in it: they say nothing, also not that something is to be cleared.
    fn json(&self, row: Row<'_>, said: &Said) -> Result<Value, Problem> {
        let cell = |field| self.columns.cell(row, field);
        let text = |field| Ok::<_, Problem>(cells::text(cell(field), field)?);
        let mut json = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                json.insert(key.to_owned(), value);
            }
        };
        let mut name = json!({ "full": said.name });
        if let (Some(given), Some(family)) = (text(ImportField::Given)?, text(ImportField::Family)?) {
            name["given"] = json!(given);
            name["family"] = json!(family);
        }
        put("name", name);
        put("phone", json!(said.phone));
        put("email", json!(said.email));
        put("birthday", json!(said.birthday));
        put("reference", json!(said.reference));
        put("note", json!(text(ImportField::Note)?));
        put("member_since", json!(self.dates.member_since(cell(ImportField::MemberSince))?));
        let labels = cells::labels(cell(ImportField::Label));
        put("labels", if labels.is_empty() { Value::Null } else { json!(labels) });
        Ok(Value::Object(json))
    }
}
