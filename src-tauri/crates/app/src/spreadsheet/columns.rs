//! Which column holds which field of an import: as a person says, or as headers and cells suggest.
//!
//! A guess is shown before anything is imported. So it would rather leave a column out than take a wrong one.

use super::cells::text;
use super::error::SheetError;
use super::headings::{Certainty, Heading, heading};
use super::looks;
use super::table::{Row, Table};
use regulars_domain::fold::fold;
use regulars_domain::phone::Country;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::str::FromStr;

/// What an import takes from a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportField {
    /// The whole name.
    FullName,
    /// The given name.
    Given,
    /// The family name.
    Family,
    /// The phone number.
    Phone,
    /// The email address.
    Email,
    /// The birthday, with or without a year.
    Birthday,
    /// The serial number of a loyalty card.
    Card,
    /// The store credit that is brought along.
    OpeningBalance,
    /// Labels, several in a cell.
    Label,
    /// A note.
    Note,
    /// The member's number in the system before.
    Reference,
    /// Since when.
    MemberSince,
}

impl ImportField {
    /// All of them, in the order of a list on a screen.
    pub const ALL: [Self; 12] = [
        Self::FullName,
        Self::Given,
        Self::Family,
        Self::Phone,
        Self::Email,
        Self::Birthday,
        Self::Card,
        Self::OpeningBalance,
        Self::Label,
        Self::Note,
        Self::Reference,
        Self::MemberSince,
    ];

    /// The name in mappings, errors and headers of an export.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullName => "full_name",
            Self::Given => "given",
            Self::Family => "family",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Birthday => "birthday",
            Self::Card => "card",
            Self::OpeningBalance => "opening_balance",
            Self::Label => "label",
            Self::Note => "note",
            Self::Reference => "reference",
            Self::MemberSince => "member_since",
        }
    }

    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl FromStr for ImportField {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, SheetError> {
        let named = Self::ALL.into_iter().find(|field| field.name() == text.trim());
        named.ok_or_else(|| SheetError::FieldUnknown { field: text.to_owned() })
    }
}

/// What a person says about a column: `COLUMN=FIELD`, or `COLUMN=` to leave the column out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// A column's name, a header, a number from 1, or letters as in the spreadsheet (`C`, `AA`).
    pub column: String,
    /// The field; `None` where the column is to be left out.
    pub field: Option<ImportField>,
}

impl FromStr for Mapping {
    type Err = SheetError;

    /// Splits at the last `=`: a header may have one, a field has none.
    fn from_str(text: &str) -> Result<Self, SheetError> {
        let (column, field) =
            text.rsplit_once('=').ok_or_else(|| SheetError::MappingInvalid { mapping: text.to_owned() })?;
        let field = (!field.trim().is_empty()).then(|| field.parse()).transpose()?;
        Ok(Self { column: column.trim().to_owned(), field })
    }
}

/// Which column holds which field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns([Option<usize>; ImportField::ALL.len()]);

impl Columns {
    /// What headers suggest, and cells where a header says nothing. Each field and each column at most once.
    pub fn guess(table: &Table) -> Self {
        Self::default().with_guesses(table, &[])
    }

    /// What a person says, and guesses for the rest.
    ///
    /// # Errors
    /// `column_unknown`, `column_ambiguous`, `field_twice`.
    pub fn mapped(table: &Table, mappings: &[Mapping]) -> Result<Self, SheetError> {
        let mut columns = Self::default();
        let (names, mut spoken_for) = (table.names(), Vec::new());
        for mapping in mappings {
            let column = find_column(&names, table.headers(), &mapping.column)?;
            spoken_for.push(column);
            let Some(field) = mapping.field else { continue };
            if columns.column(field).is_some_and(|other| other != column) {
                return Err(SheetError::FieldTwice { field });
            }
            columns.set(field, column);
        }
        Ok(columns.with_guesses(table, &spoken_for))
    }

    /// The column of a field, from 0.
    pub const fn column(&self, field: ImportField) -> Option<usize> {
        self.0[field as usize]
    }

    /// The field that a column is taken for.
    pub fn field(&self, column: usize) -> Option<ImportField> {
        ImportField::ALL.into_iter().find(|field| self.column(*field) == Some(column))
    }

    /// A cell of a row, as it stands; blank where no column holds the field.
    pub fn cell<'t>(&self, row: Row<'t>, field: ImportField) -> &'t str {
        self.column(field).map_or("", |column| row.cell(column))
    }

    /// Refuses a mapping in which nobody has a name.
    ///
    /// # Errors
    /// `column_missing`.
    pub fn check_name(&self) -> Result<(), SheetError> {
        let names = [ImportField::FullName, ImportField::Given, ImportField::Family];
        if names.into_iter().all(|field| self.column(field).is_none()) {
            return Err(SheetError::ColumnMissing { field: ImportField::FullName });
        }
        Ok(())
    }

    /// The whole name in a row: its own column, or the given and the family name in the order of that country.
    ///
    /// # Errors
    /// `text_unreadable`.
    pub fn full_name<'t>(&self, row: Row<'t>, country: Country) -> Result<Option<Cow<'t, str>>, SheetError> {
        let part = |field| text(self.cell(row, field), field);
        if let Some(full) = part(ImportField::FullName)? {
            return Ok(Some(Cow::Borrowed(full)));
        }
        let (given, family) = (part(ImportField::Given)?, part(ImportField::Family)?);
        let (first, second) = if is_family_first(country) { (family, given) } else { (given, family) };
        Ok(match (first, second) {
            (Some(first), Some(second)) => Some(Cow::Owned(format!("{first} {second}"))),
            (Some(only), None) | (None, Some(only)) => Some(Cow::Borrowed(only)),
            (None, None) => None,
        })
    }

    const fn set(&mut self, field: ImportField, column: usize) {
        self.0[field as usize] = Some(column);
    }

    /// Adds guesses for fields that have no column yet, among columns of which nobody has spoken.
    fn with_guesses(mut self, table: &Table, spoken_for: &[usize]) -> Self {
        let headings: Vec<_> = table.headers().iter().map(|header| heading(header)).collect();
        for (column, field) in by_headings(table, &headings) {
            self.claim(field, column, spoken_for);
        }
        let silent = (0..headings.len()).filter(|column| headings[*column].is_none());
        for column in silent {
            if let Some(field) = looks::field(table.column(column)) {
                self.claim(field, column, spoken_for);
            }
        }
        self
    }

    fn claim(&mut self, field: ImportField, column: usize, spoken_for: &[usize]) {
        let is_free = self.column(field).is_none() && self.field(column).is_none() && !spoken_for.contains(&column);
        if is_free {
            self.set(field, column);
        }
    }
}

/// What headers claim, the surest first and from left to right.
fn by_headings(table: &Table, headings: &[Option<(Heading, Certainty)>]) -> Vec<(usize, ImportField)> {
    let has = |field| headings.iter().flatten().any(|(heading, _)| *heading == Heading::Field(field));
    // "Nom" is the family name beside "Prénom", "Tên" the given name beside "Họ", and each is the whole name alone.
    let some_name = match (has(ImportField::Given), has(ImportField::Family)) {
        (true, false) => ImportField::Family,
        (false, true) => ImportField::Given,
        (true, true) | (false, false) => ImportField::FullName,
    };
    let mut claims = Vec::new();
    for (column, heading) in headings.iter().enumerate() {
        let Some((heading, certainty)) = *heading else { continue };
        let field = match heading {
            Heading::Field(field) => field,
            Heading::SomeName => some_name,
            Heading::Other => continue,
        };
        // "Email consent" holds the word, but yes and no below it.
        if certainty > Certainty::Contained || looks::fits(table.column(column), field) {
            claims.push((Reverse(certainty), column, field));
        }
    }
    claims.sort_by_key(|(certainty, column, _)| (*certainty, *column));
    claims.into_iter().map(|(_, column, field)| (column, field)).collect()
}

/// Finds a column by the name that tells it apart, by its header as written, by its header in another spelling, by number
/// or by letters.
fn find_column(names: &[String], headers: &[String], named: &str) -> Result<usize, SheetError> {
    if let Some(column) = names.iter().position(|name| name == named.trim()) {
        return Ok(column);
    }
    let folded = fold(named.trim());
    let exactly = |header: &String| header == named.trim();
    let nearly = |header: &String| !folded.is_empty() && fold(header) == folded;
    for found in [columns_where(headers, exactly), columns_where(headers, nearly)] {
        match found.as_slice() {
            [] => {}
            [column] => return Ok(*column),
            [_, _, ..] => return Err(SheetError::ColumnAmbiguous { column: named.to_owned() }),
        }
    }
    let by_place = number(named).or_else(|| letters(named)).and_then(|place| place.checked_sub(1));
    by_place
        .filter(|column| *column < headers.len())
        .ok_or_else(|| SheetError::ColumnUnknown { column: named.to_owned() })
}

fn columns_where(headers: &[String], is_meant: impl Fn(&String) -> bool) -> Vec<usize> {
    let meant = headers.iter().enumerate().filter(|(_, header)| !header.is_empty() && is_meant(header));
    meant.map(|(column, _)| column).collect()
}

fn number(named: &str) -> Option<usize> {
    named.trim().parse().ok()
}

/// A column's place by its letters: A is 1, Z is 26, AA is 27.
fn letters(named: &str) -> Option<usize> {
    let named = named.trim();
    // Three letters are what Excel has.
    let is_short = (1..=3).contains(&named.len()) && named.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_short
        .then(|| named.bytes().fold(0, |place, byte| place * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1))
}

/// Whether the family name is said first there.
fn is_family_first(country: Country) -> bool {
    matches!(country.code().as_str(), "CN" | "HK" | "HU" | "JP" | "KH" | "KP" | "KR" | "MO" | "TW" | "VN")
}
