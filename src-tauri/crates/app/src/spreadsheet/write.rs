//! Rows and cells as CSV that Excel opens as it is: RFC 4180, UTF-8 with a byte order mark, formulas defused.

use super::defuse::defused;
use super::separator::Separator;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use std::io::{self, Write};

/// Without it, Excel takes UTF-8 for the code page of the country and breaks every name.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes rows one by one, so that an export of any length needs no memory.
#[derive(Debug)]
pub struct Writer<W: Write>(csv::Writer<W>);

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn new(mut out: W, separator: Separator) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut options = WriterBuilder::new();
        // Text is always quoted: whoever guesses the separator is then never misled by what is in a note.
        options.quote_style(QuoteStyle::NonNumeric).terminator(Terminator::CRLF);
        options.delimiter(separator.byte()).has_headers(false).flexible(true);
        Ok(Self(options.from_writer(out)))
    }

    /// Writes a row. The first one holds the headers.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(defused(cell.as_ref()).as_bytes())?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends the file and hands `out` back. Rows may be missing without it.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(|error| error.into_error())
    }
}
