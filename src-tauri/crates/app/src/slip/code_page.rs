//! What a receipt printer can print: one page of 128 letters beyond ASCII at a time, and which byte is which letter.
//!
//! Text is first made printable ([`CodePage::printed`]), laid out, and then encoded ([`Encoder`]). Letters that the page
//! lacks become their base letters, never `?`. No byte below a space comes out of here but those of page changes, whatever
//! a member was called. The tables are our own: those of the `escpos` crate have slips (`Ô` and `®` of PC858) and let
//! through as UTF-8 what they lack.

mod tables;

use any_ascii::any_ascii_char;
use serde::{Deserialize, Serialize};
use tables::Table;
use unicode_normalization::UnicodeNormalization;
use unicode_width::UnicodeWidthChar;

/// Leaves the two-byte mode for Chinese that many cheap printers start in: there our letters would pair up (FS .).
const CANCEL_KANJI_MODE: [u8; 2] = [0x1c, b'.'];
/// Characters come as UTF-8 (FS ( C, function 48, of the ESC/POS reference).
const SELECT_UTF_8: [u8; 7] = [0x1c, b'(', b'C', 2, 0, 48, 2];
/// Selects a page by its number (ESC t).
const SELECT_PAGE: [u8; 2] = [0x1b, b't'];

/// Which letters the printer knows: a setting, for a printer cannot be asked. Numbers of pages are Epson's, which the
/// makers of compatible printers follow for all but Vietnamese.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CodePage {
    /// What every printer starts with.
    #[default]
    Pc437,
    /// Western Europe with the euro, as of DOS.
    Pc858,
    /// Western Europe with the euro, as of Windows.
    Wpc1252,
    /// Vietnamese: pages 30 and 31, small letters and capitals. Windows-1258 is not offered: it sends tone marks as
    /// characters of their own, and printers do not put them over their letters.
    Tcvn3,
    /// All of Unicode, on printers that take it.
    Utf8,
}

impl CodePage {
    /// All that are offered.
    pub const ALL: [Self; 5] = [Self::Pc437, Self::Pc858, Self::Wpc1252, Self::Tcvn3, Self::Utf8];
}

impl CodePage {
    /// The text as this page can print it: on one line, without control characters.
    ///
    /// A text of which one letter is missing loses all its marks: `Lý Tú` is written `Ly Tu` by a page that has the `ú`
    /// but not the `ý`, for half the marks make another name.
    pub fn printed(self, text: &str) -> String {
        let text: String = text.nfc().filter_map(plain).collect();
        if self.has_letters(&text) { self.folded(&text, |_| false) } else { self.without_marks(&text) }
    }

    /// The same, but without marks even where the page has them.
    pub fn without_marks(self, text: &str) -> String {
        let text: String = text.nfc().filter_map(plain).collect();
        self.folded(&text, char::is_alphabetic)
    }

    /// Whether the page has all letters of a text.
    pub fn has_letters(self, text: &str) -> bool {
        text.chars().filter(|character| character.is_alphabetic()).all(|letter| self.has(letter))
    }

    fn folded(self, text: &str, is_folded: impl Fn(char) -> bool) -> String {
        let mut printed = String::with_capacity(text.len());
        for character in text.chars() {
            if self.has(character) && !is_folded(character) {
                printed.push(character);
            } else {
                printed += base_letters(character);
            }
        }
        printed
    }

    /// Whether the page has that character.
    pub fn has(self, character: char) -> bool {
        is_ascii_printable(character) || self.place(character, None).is_some() || self.has_in_unicode(character)
    }

    fn has_in_unicode(self, character: char) -> bool {
        // Beyond the basic plane are pictures, which no printer's font has.
        self == Self::Utf8 && plain(character) == Some(character) && u32::from(character) <= 0xffff
    }

    /// The number of the table and the byte in it, from the preferred table where it is in several.
    fn place(self, character: char, preferred: Option<u8>) -> Option<(u8, u8)> {
        let places = self.tables().iter().filter_map(|table| Some((table.number, table.byte(character)?)));
        let mut places: Vec<_> = places.collect();
        places.sort_by_key(|(number, _)| Some(*number) != preferred);
        places.first().copied()
    }

    const fn tables(self) -> &'static [Table] {
        match self {
            Self::Pc437 => &[tables::PC437],
            Self::Pc858 => &[tables::PC858],
            Self::Wpc1252 => &[tables::WPC1252],
            Self::Tcvn3 => &[tables::TCVN3_SMALL, tables::TCVN3_CAPITAL],
            Self::Utf8 => &[],
        }
    }
}

/// How many columns a text takes on paper: East Asian letters take two (UAX #11), marks none.
pub fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// How many columns a character takes.
pub fn width_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Turns text into bytes, and remembers which page the printer is at.
pub struct Encoder {
    page: CodePage,
    selected: Option<u8>,
}

impl Encoder {
    /// For a printer that was just initialised.
    pub const fn new(page: CodePage) -> Self {
        Self { page, selected: None }
    }

    /// What must be sent before any text.
    pub fn selection(&mut self) -> Vec<u8> {
        match self.page.tables().first() {
            Some(table) => {
                let mut bytes = CANCEL_KANJI_MODE.to_vec();
                self.select(table.number, &mut bytes);
                bytes
            }
            None => SELECT_UTF_8.to_vec(),
        }
    }

    /// The bytes of a text. What the page lacks is left out: [`CodePage::printed`] has folded it before.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            if let (true, Ok(byte)) = (is_ascii_printable(character), u8::try_from(character)) {
                bytes.push(byte);
            } else if let Some((number, byte)) = self.page.place(character, self.selected) {
                self.select(number, &mut bytes);
                bytes.push(byte);
            } else if self.page.has_in_unicode(character) {
                bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            }
        }
        bytes
    }

    fn select(&mut self, number: u8, bytes: &mut Vec<u8>) {
        if self.selected != Some(number) {
            bytes.extend(SELECT_PAGE);
            bytes.push(number);
            self.selected = Some(number);
        }
    }
}

const fn is_ascii_printable(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// A character that may stand in a line: spaces of all kinds as a space, nothing that a printer or a reader would obey.
fn plain(character: char) -> Option<char> {
    match character {
        _ if character.is_whitespace() => Some(' '),
        _ if character.is_control() => None,
        // Joiners, directions, variation selectors: they steer what stands around them (UAX #9, UTS #51).
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}' => None,
        _ => Some(character),
    }
}

/// The base letters of a character: `ễ` as `e`, `đ` as `d`, `李` as `Li`. Nothing for pictures, whose names would be
/// taken for the member's.
fn base_letters(character: char) -> &'static str {
    let ascii = any_ascii_char(character);
    let is_picture = ascii.len() > 2 && ascii.starts_with(':') && ascii.ends_with(':');
    if is_picture || !ascii.chars().all(is_ascii_printable) { "" } else { ascii }
}
