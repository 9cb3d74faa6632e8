//! What stands between the cells of a row. A file seldom says it, so the first rows are counted.

use serde::Serialize;

/// How many rows are looked at: enough to see past a few odd ones.
const SAMPLE_ROWS: usize = 50;

/// Line breaks and quotes make rows long; this many bytes of them are looked at, at most.
const SAMPLE_BYTES: usize = 256 * 1024;

/// What separates cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// `,`, as RFC 4180 has it.
    Comma,
    /// `;`, where the comma is in numbers.
    Semicolon,
    /// A tab.
    Tab,
    /// `|`.
    Pipe,
}

impl Separator {
    /// All that are looked for.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// The character.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The separator that Excel's own first line names (`sep=;`), if any, and the text behind that line. Excel does not
    /// show the line, so it is no row.
    pub(super) fn named(text: &str) -> (Option<Self>, &str) {
        let end = text.find(['\r', '\n']).unwrap_or(text.len());
        let (line, rest) = text.split_at(end);
        let line = line.trim_matches('"');
        // The tab is the only one that trimming would take for a blank.
        let Some(("sep", named)) = line.split_once('=') else { return (None, text) };
        let mut bytes = named.bytes();
        let (Some(byte), None) = (bytes.next(), bytes.next()) else { return (None, text) };
        let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or(rest);
        (Self::ALL.into_iter().find(|separator| separator.byte() == byte), rest)
    }

    /// The separator that divides the first rows most evenly; a comma where there is but one column.
    pub(super) fn guess(text: &str) -> Self {
        let rows = counts(text.as_bytes());
        let Some((header, rows)) = rows.split_first() else { return Self::Comma };
        let score = |place: usize| {
            let even = rows.iter().filter(|row| row[place] == header[place]).count();
            (even, header[place])
        };
        // Among equals the last: commas are in what people write, the others seldom are.
        let places = (0..Self::ALL.len()).filter(|place| header[*place] > 0);
        places.max_by_key(|place| score(*place)).map_or(Self::Comma, |place| Self::ALL[place])
    }
}

/// How many of each separator stand outside quotes, row by row, blank rows left out.
fn counts(text: &[u8]) -> Vec<[usize; 4]> {
    let mut rows = Vec::new();
    let (mut row, mut is_blank, mut is_quoted, mut before) = ([0; 4], true, false, b'\n');
    for byte in text.iter().copied().take(SAMPLE_BYTES) {
        let place = Separator::ALL.iter().position(|separator| separator.byte() == byte);
        let starts_cell = matches!(before, b'\n' | b'\r' | b',' | b';' | b'\t' | b'|');
        match (byte, is_quoted) {
            (b'"', true) => is_quoted = false,
            // A doubled quote closes and opens again; one in the middle of a cell is a letter like any other (5" pipe).
            (b'"', false) => is_quoted = starts_cell || before == b'"',
            (b'\n' | b'\r', false) => {
                if !is_blank {
                    rows.push(row);
                }
                (row, is_blank) = ([0; 4], true);
            }
            (_, false) => {
                if let Some(place) = place {
                    row[place] += 1;
                }
            }
            (_, true) => {}
        }
        is_blank &= byte.is_ascii_whitespace();
        before = byte;
        if rows.len() == SAMPLE_ROWS {
            return rows;
        }
    }
    if !is_blank {
        rows.push(row);
    }
    rows
}
