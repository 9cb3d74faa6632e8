//! Single cells: text, identifiers and labels, freed of what spreadsheet programs do to them.
//!
//! How long a name may be and which characters it may have is the domain's to say, as for everything that is typed.

use super::columns::ImportField;
use super::error::SheetError;
use super::scientific::Scientific;
use std::borrow::Cow;

/// The text of a cell, trimmed; `None` where it is blank.
///
/// # Errors
/// `text_unreadable` where bytes of the file were no characters.
pub fn text(cell: &str, field: ImportField) -> Result<Option<&str>, SheetError> {
    let text = cell.trim();
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(SheetError::Unreadable { field });
    }
    Ok((!text.is_empty()).then_some(text))
}

/// A card's number or a reference: text that Excel may have taken for a number.
///
/// # Errors
/// `card_rounded` (`number_rounded` for another field) where digits are gone; `text_unreadable`.
pub fn identifier(cell: &str, field: ImportField) -> Result<Option<Cow<'_, str>>, SheetError> {
    let Some(text) = text(cell, field)?.map(tidied).filter(|text| !text.is_empty()) else { return Ok(None) };
    // Excel always writes a plus; `12E5` without one may well be what is printed on a card.
    match Scientific::read(text).filter(|_| text.contains("E+")) {
        Some(Scientific::Exact(number)) => Ok(Some(Cow::Owned(number))),
        Some(Scientific::Rounded) => Err(SheetError::Rounded { field }),
        None => Ok(Some(Cow::Borrowed(text))),
    }
}

/// The labels of a cell: split at `,` `;` `|` and line breaks, trimmed, each once, in their order.
pub fn labels(cell: &str) -> Vec<&str> {
    let mut labels = Vec::new();
    for label in cell.split([',', ';', '|', '\n', '\r']).map(str::trim) {
        if !label.is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

/// A cell without the apostrophe that kept it text in Excel, and without the decimals of a whole number (`945.0`).
pub(super) fn tidied(cell: &str) -> &str {
    let text = cell.trim().trim_start_matches(['\'', '’']).trim_start();
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00"));
    whole.filter(|whole| !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(text)
}
