//! Spreadsheets as CSV: what shops bring their members in, and take their own data out with.
//!
//! Bytes become text ([`decode()`]), text a table ([`Table`]), its columns fields ([`Columns`]), its cells values
//! ([`phones`], [`dates`], [`amounts`], [`cells`]); [`Writer`] goes the other way. All of it is pure: what becomes of a
//! row, which twin it has and what is written to the till is not decided here.

pub mod amounts;
pub mod cells;
pub mod columns;
pub mod dates;
mod decode;
mod defuse;
mod error;
mod headings;
mod looks;
pub mod phones;
mod scientific;
mod separator;
mod table;
mod write;

#[cfg(test)]
mod tests;

pub use amounts::DecimalMark;
pub use columns::{Columns, ImportField, Mapping};
pub use dates::{DateOrder, Dates, Day};
pub use decode::{Decoded, Encoding, MAX_FILE_BYTES, decode};
pub use error::SheetError;
pub use separator::Separator;
pub use table::{MAX_COLUMNS, MAX_ROWS, Row, Table};
pub use write::Writer;

use regulars_domain::phone::Country;

/// A file, read: its cells, and how they were written.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Headers and rows.
    pub table: Table,
    /// What the bytes were taken for. Worth showing: names look wrong where it was guessed wrong.
    pub encoding: Encoding,
}

/// Reads the bytes of a CSV file as a shop in that country would have made it.
///
/// # Errors
/// `file_empty`, `file_too_large`, `not_a_spreadsheet_text`, `too_many_columns`, `too_many_rows`, `quote_unclosed`.
pub fn read(bytes: &[u8], country: Country) -> Result<Sheet, SheetError> {
    let decoded = decode(bytes, country)?;
    Ok(Sheet { table: Table::parse(&decoded.text)?, encoding: decoded.encoding })
}
