//! Cells that a spreadsheet program would run instead of show. An apostrophe before them makes them text again.
//!
//! A name is what a stranger typed; `=HYPERLINK(…)` in it must stay a name on the computer of whoever opens the export
//! (OWASP, "CSV Injection"). Numbers are left alone, or nobody could add up a column of an export.

use std::borrow::Cow;

const APOSTROPHE: char = '\'';

/// The cell as it is written: with an apostrophe before what would be a formula.
pub(super) fn defused(cell: &str) -> Cow<'_, str> {
    if is_armed(cell) && !is_plain_number(cell) {
        return Cow::Owned(format!("{APOSTROPHE}{cell}"));
    }
    Cow::Borrowed(cell)
}

/// The cell as it was before it was written. What other programs write to keep a number as it is (`="0945"`) is taken
/// off, too; [`defused`] never lets a cell begin with `=`.
pub(super) fn undo(cell: &str) -> &str {
    if let Some(rest) = cell.strip_prefix(APOSTROPHE).filter(|rest| is_armed(rest)) {
        return rest;
    }
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|inner| !inner.contains('"')).unwrap_or(cell)
}

/// Whether a cell begins like a formula. Apostrophes before it do not disarm it here: each that was there must be told
/// from the one that was put there.
fn is_armed(cell: &str) -> bool {
    let start = cell.trim_start_matches(APOSTROPHE).chars().next();
    matches!(start, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

/// Digits with single points or commas between them, and perhaps a minus. A plus is none: a phone number would lose it.
fn is_plain_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.split(['.', ',']).all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
