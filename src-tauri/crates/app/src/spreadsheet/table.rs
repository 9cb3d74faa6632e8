//! From text to rows and cells. Rows keep the number that a person reads at the edge of the spreadsheet.
//!
//! Cells are kept as they stand, all in one text; only what [`defuse`](super::defuse) put before a formula is taken off.

use super::defuse;
use super::error::SheetError;
use super::separator::Separator;
use csv::StringRecord;

/// The most columns of a file. Exports of shop systems have some hundred at most; a line of nothing but separators
/// has millions.
pub const MAX_COLUMNS: usize = 1_000;

/// The most rows of a file: what Excel itself can hold (2^20).
pub const MAX_ROWS: usize = 1_048_576;

/// From how many columns on a single filled cell above them is a title. Of two columns, one may well have no header.
const MIN_TITLED_COLUMNS: usize = 3;
/// The most titles above a list: what it is, whose, of when, and two more.
const MAX_TITLES: usize = 5;

/// A header row and the rows below it.
#[derive(Clone, Debug)]
pub struct Table {
    headers: Vec<String>,
    separator: Separator,
    /// All cells one behind the other, and where each of them ends: a string of its own for each would be slower to
    /// make than to read.
    text: String,
    ends: Vec<u32>,
    places: Vec<Place>,
}

/// Where a row's cells are.
#[derive(Clone, Copy, Debug)]
struct Place {
    number: u32,
    first: u32,
    cells: u32,
    is_too_wide: bool,
}

/// A row below the headers.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    place: Place,
}

impl Table {
    /// Reads text as rows and cells. The first row that is neither blank nor a title holds the headers.
    ///
    /// # Errors
    /// `file_empty`, `file_too_large`, `too_many_columns`, `too_many_rows`, `quote_unclosed`.
    pub fn parse(text: &str) -> Result<Self, SheetError> {
        let max_bytes = u32::MAX as usize;
        if text.len() > max_bytes {
            return Err(SheetError::FileTooLarge { max_bytes });
        }
        let (named, body) = Separator::named(text);
        let mut rows = Rows::new(body, named.unwrap_or_else(|| Separator::guess(body)));
        let mut first = rows.below_titles()?.into_iter();
        let Some((_, headers)) = first.next() else { return Err(SheetError::FileEmpty) };
        let mut table = Self::with_headers(&headers, rows.separator)?;
        for (number, record) in first {
            table.push(number, &record)?;
        }
        let mut record = StringRecord::new();
        while let Some(number) = rows.next_filled(&mut record)? {
            table.push(number, &record)?;
        }
        Ok(table)
    }

    /// The headers, trimmed, in the order of the columns.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// What each column is called, no two alike: its header, numbered where several have the same, or its letters where it
    /// has none.
    pub fn names(&self) -> Vec<String> {
        let places = self.headers.iter().enumerate();
        let words: Vec<String> =
            places.map(|(place, header)| if header.is_empty() { letters(place) } else { header.clone() }).collect();
        let mut names: Vec<String> = Vec::with_capacity(words.len());
        for word in &words {
            let is_alone = words.iter().filter(|other| *other == word).count() == 1;
            let mut numbered = (1_u32..).map(|number| format!("{word} ({number})"));
            let name = numbered.find(|name| !words.contains(name) && !names.contains(name));
            names.push(if is_alone { word.clone() } else { name.unwrap_or_default() });
        }
        names
    }

    /// What stood between the cells.
    pub const fn separator(&self) -> Separator {
        self.separator
    }

    /// How many rows are below the headers, blank ones left out.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing below the headers.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The rows below the headers, blank ones left out.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.places.iter().map(|place| Row { table: self, place: *place })
    }

    /// The cells of one column, from above; blank where a row is shorter.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows().map(move |row| row.cell(column))
    }

    fn with_headers(record: &StringRecord, separator: Separator) -> Result<Self, SheetError> {
        if record.len() > MAX_COLUMNS {
            return Err(SheetError::TooManyColumns { max: MAX_COLUMNS });
        }
        let headers = record.iter().map(|cell| defuse::undo(cell).trim().to_owned()).collect();
        Ok(Self { headers, separator, text: String::new(), ends: Vec::new(), places: Vec::new() })
    }

    fn push(&mut self, number: usize, record: &StringRecord) -> Result<(), SheetError> {
        if self.places.len() == MAX_ROWS {
            return Err(SheetError::TooManyRows { max: MAX_ROWS });
        }
        let columns = self.headers.len();
        // Nothing here is longer than the text, and the text is shorter than 2^32.
        let (number, first) = (number as u32, self.ends.len() as u32);
        for cell in record.iter().take(columns) {
            self.text.push_str(defuse::undo(cell));
            self.ends.push(self.text.len() as u32);
        }
        let cells = record.len().min(columns) as u32;
        let is_too_wide = record.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        self.places.push(Place { number, first, cells, is_too_wide });
        Ok(())
    }
}

impl<'t> Row<'t> {
    /// The row's number at the edge of the spreadsheet: the first row is 1, blank ones count.
    pub const fn number(self) -> usize {
        self.place.number as usize
    }

    /// A cell, as it stands; blank where the row is shorter.
    pub fn cell(self, column: usize) -> &'t str {
        if column >= self.place.cells as usize {
            return "";
        }
        let index = self.place.first as usize + column;
        let start = index.checked_sub(1).map_or(0, |before| self.table.ends[before] as usize);
        &self.table.text[start..self.table.ends[index] as usize]
    }

    /// Refuses a row with more filled cells than there are headers: a name with a separator in it has then moved every
    /// cell behind it into the wrong column.
    ///
    /// # Errors
    /// `row_too_wide`.
    pub fn check_width(self) -> Result<(), SheetError> {
        if self.place.is_too_wide {
            return Err(SheetError::RowTooWide { columns: self.table.headers.len() });
        }
        Ok(())
    }
}

/// A column's letters in a spreadsheet program, by its place from 0: A, Z, AA.
fn letters(place: usize) -> String {
    let (before, last) = (place / 26, char::from(b'A' + (place % 26) as u8));
    if before == 0 { last.to_string() } else { format!("{}{last}", letters(before - 1)) }
}

/// The rows of a text one by one, counted as a person counts them.
struct Rows<'x> {
    text: &'x [u8],
    separator: Separator,
    reader: csv::Reader<&'x [u8]>,
    number: usize,
}

impl<'x> Rows<'x> {
    fn new(text: &'x str, separator: Separator) -> Self {
        let mut options = csv::ReaderBuilder::new();
        options.delimiter(separator.byte()).has_headers(false).flexible(true);
        Self { text: text.as_bytes(), separator, reader: options.from_reader(text.as_bytes()), number: 0 }
    }

    /// The first rows, headers first. A title ("Members of Kim Ma") is alone in a row that is as wide as the list; where
    /// no list comes below, it was none.
    fn below_titles(&mut self) -> Result<Vec<(usize, StringRecord)>, SheetError> {
        let (mut first, mut record) = (Vec::new(), StringRecord::new());
        while first.len() <= MAX_TITLES {
            let Some(number) = self.next_filled(&mut record)? else { break };
            let filled = record.iter().filter(|cell| !cell.trim().is_empty()).count();
            if filled >= MIN_TITLED_COLUMNS {
                first.clear();
            }
            first.push((number, record.clone()));
            if filled > 1 || record.len() < MIN_TITLED_COLUMNS {
                break;
            }
        }
        Ok(first)
    }

    /// The next row with anything in it, and its number.
    fn next_filled(&mut self, record: &mut StringRecord) -> Result<Option<usize>, SheetError> {
        while self.next(record)? {
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(self.number));
            }
        }
        Ok(None)
    }

    fn next(&mut self, record: &mut StringRecord) -> Result<bool, SheetError> {
        let start = self.reader.position().byte() as usize;
        // The reader only fails on bytes that are no UTF-8 and on a disk: the text has neither.
        if !self.reader.read_record(record).map_err(|_| SheetError::NotText)? {
            return Ok(false);
        }
        self.number += 1 + self.blank_lines_at(start);
        let is_last = self.reader.position().byte() as usize >= self.text.len();
        if is_last && ends_inside_quotes(self.text.get(start..).unwrap_or_default(), self.separator) {
            return Err(SheetError::QuoteUnclosed { row: self.number });
        }
        Ok(true)
    }

    /// How many empty lines the reader went over in silence before the row that it began to read there.
    fn blank_lines_at(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let before = start.checked_sub(1).and_then(|before| self.text.get(before));
        let mut before = before.copied().unwrap_or_default();
        let mut lines = 0;
        for byte in breaks.copied() {
            // The second half of a CR LF ends no line of its own.
            lines += usize::from(!(byte == b'\n' && before == b'\r'));
            before = byte;
        }
        lines
    }
}

/// Whether the last cell of a row is opened by a quote that nothing closes.
fn ends_inside_quotes(row: &[u8], separator: Separator) -> bool {
    let (mut is_quoted, mut starts_cell) = (false, true);
    for byte in row.iter().copied() {
        let is_quote = byte == b'"';
        if is_quote && (is_quoted || starts_cell) {
            is_quoted = !is_quoted;
            // Right behind a closing quote, another one opens again: the two stand for one.
            starts_cell = !is_quoted;
        } else {
            starts_cell = !is_quoted && (byte == separator.byte() || matches!(byte, b'\r' | b'\n'));
        }
    }
    is_quoted
}
