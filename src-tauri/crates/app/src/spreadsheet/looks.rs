//! What cells look like, for columns whose header does not tell. Only what cannot well be anything else is told.

use super::columns::ImportField;
use super::dates;
use super::phones::phone_candidates;

/// How many filled cells are looked at.
const SAMPLE: usize = 200;
/// Of ten cells, how many must look so: every list has a few that somebody filled with something else.
const MIN_OF_TEN: usize = 8;
/// The year from which on a date is rather that of a visit than of a birth.
const LAST_BIRTH_YEAR: i32 = 2010;

/// The field that cells look like.
pub(super) fn field<'t>(cells: impl Iterator<Item = &'t str>) -> Option<ImportField> {
    let sample = sample(cells);
    let looked_for = [
        (ImportField::Email, is_email as fn(&str) -> bool),
        (ImportField::Phone, is_surely_phone),
        (ImportField::Birthday, is_birthday),
    ];
    looked_for.into_iter().find(|(_, looks)| most(&sample, looks)).map(|(field, _)| field)
}

/// Whether cells can be what their header mentions. Text can be anything.
pub(super) fn fits<'t>(cells: impl Iterator<Item = &'t str>, field: ImportField) -> bool {
    let sample = sample(cells);
    match field {
        ImportField::Phone => most(&sample, is_perhaps_phone),
        ImportField::Email => most(&sample, is_email),
        ImportField::Birthday | ImportField::MemberSince => most(&sample, dates::is_date),
        // "Loyalty card type" has gold and silver below it.
        ImportField::Card | ImportField::Reference => most(&sample, |cell| digits(cell) > 0),
        ImportField::FullName
        | ImportField::Given
        | ImportField::Family
        | ImportField::OpeningBalance
        | ImportField::Label
        | ImportField::Note => true,
    }
}

fn sample<'t>(cells: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    cells.map(str::trim).filter(|cell| !cell.is_empty()).take(SAMPLE).collect()
}

fn most(cells: &[&str], looks: impl Fn(&str) -> bool) -> bool {
    let so = cells.iter().filter(|cell| looks(cell)).count();
    !cells.is_empty() && so * 10 >= cells.len() * MIN_OF_TEN
}

fn is_email(cell: &str) -> bool {
    cell.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !cell.contains(' '))
}

/// Digits and what stands between them in a phone number, as many as one has.
fn is_perhaps_phone(cell: &str) -> bool {
    // One that Excel rounded is an error of its row, and still a phone number.
    let Ok(candidates) = phone_candidates(cell) else { return true };
    let Some(number) = candidates.first() else { return false };
    let is_part = |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '.' | '(' | ')' | '/');
    number.chars().all(is_part) && (7..=15).contains(&digits(number))
}

/// A phone number that shows it: by its plus, or by its zero and a length that no identity number has.
fn is_surely_phone(cell: &str) -> bool {
    let is_length = match cell.trim_start_matches(['\'', '(']).as_bytes().first() {
        Some(b'+') => (8..=15).contains(&digits(cell)),
        Some(b'0') => (9..=11).contains(&digits(cell)),
        Some(_) | None => false,
    };
    is_length && is_perhaps_phone(cell) && !dates::is_date(cell)
}

fn is_birthday(cell: &str) -> bool {
    dates::is_date(cell) && dates::year(cell).is_none_or(|year| year <= LAST_BIRTH_YEAR)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
