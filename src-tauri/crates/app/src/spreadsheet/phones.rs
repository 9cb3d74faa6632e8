//! Phone numbers as they come out of a spreadsheet, where they were numbers for a while and lost zeros and digits.

use super::cells::{text, tidied};
use super::columns::ImportField;
use super::error::SheetError;
use super::scientific::Scientific;
use regulars_domain::phone::{Country, Phone};

/// How many digits a number has that may have lost its zero in front.
const WITHOUT_ZERO: std::ops::RangeInclusive<usize> = 8..=11;
/// How many digits a number has that may have lost its plus: the country's code and a whole number.
const WITHOUT_PLUS: std::ops::RangeInclusive<usize> = 11..=15;

/// The phone of a cell, as a shop in that country would dial it; `None` where the cell is blank.
///
/// # Errors
/// `phone_rounded` where Excel dropped digits, `phone_invalid`, `text_unreadable`.
pub fn phone(cell: &str, country: Country) -> Result<Option<Phone>, SheetError> {
    let candidates = phone_candidates(cell)?;
    let mut read = candidates.iter().map(|candidate| Phone::parse(candidate, country));
    let Some(as_written) = read.next() else { return Ok(None) };
    let field = ImportField::Phone;
    let as_written = as_written.map_err(|refusal| SheetError::Refused { field, refusal })?;
    if as_written.e164.is_some() {
        return Ok(Some(as_written));
    }
    // A number that no spelling makes valid is kept as it stands: the tables do not know every number.
    let valid = read.filter_map(Result::ok).find(|phone| phone.e164.is_some());
    Ok(Some(valid.unwrap_or(as_written)))
}

/// What a cell may stand for, likeliest first: as written, with the zero that Excel dropped, with the plus that it
/// dropped. None where the cell is blank.
///
/// The first that is a valid number in the shop's country is meant; where none is, the first.
///
/// # Errors
/// `phone_rounded` where Excel dropped digits (`9.45E+08`); `text_unreadable`.
pub fn phone_candidates(cell: &str) -> Result<Vec<String>, SheetError> {
    let Some(written) = text(cell, ImportField::Phone)?.map(tidied).filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let number = written_out(written)?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let is_national = number.starts_with(|first: char| matches!(first, '1'..='9'));
    let mut candidates = vec![number];
    for (prefix, lengths) in [('0', WITHOUT_ZERO), ('+', WITHOUT_PLUS)] {
        if is_national && lengths.contains(&digits) {
            candidates.push(format!("{prefix}{}", candidates[0]));
        }
    }
    Ok(candidates)
}

/// The digits of a number in scientific notation. One with decimals is left as it stands, for no phone number has any.
fn written_out(text: &str) -> Result<String, SheetError> {
    match Scientific::read(text) {
        Some(Scientific::Exact(number)) if !number.contains('.') => Ok(number),
        Some(Scientific::Rounded) => Err(SheetError::Rounded { field: ImportField::Phone }),
        Some(Scientific::Exact(_)) | None => Ok(text.to_owned()),
    }
}
