//! From bytes to text: the encodings that spreadsheet programs save CSV in, told apart by what they look like.
//!
//! A byte order mark is believed. Without one, text that is valid UTF-8 is UTF-8, zero bytes in every other place are
//! UTF-16, and the rest is a Windows code page: that of the shop's country, unless it gives rubbish and another does not.

use super::error::SheetError;
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1258};
use regulars_domain::phone::Country;
use serde::Serialize;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The largest file that is read, in bytes. Half a million members with a note each stay below, and bytes, text and
/// table together still fit into the memory of a till.
pub const MAX_FILE_BYTES: usize = 64_000_000;

/// How much of a file is looked at to tell encodings apart, in bytes: some thousand names.
const SAMPLE_BYTES: usize = 256 * 1024;

/// What files begin with that are often taken for CSV: xlsx and ods, xls, PDF, RTF, and pages that were named `.xls`.
const OTHER_FILES: [&[u8]; 8] =
    [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf", b"<!doctype", b"<html", b"<?xml", b"<table"];

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first: Excel's "Unicode text".
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows, Vietnamese.
    Windows1258,
    /// Windows, Western Europe.
    Windows1252,
    /// Windows, Central Europe.
    Windows1250,
}

/// A file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text, without its byte order mark. U+FFFD stands where bytes are no character.
    pub text: Cow<'b, str>,
    /// What the bytes were taken for.
    pub encoding: Encoding,
}

impl Encoding {
    /// The name that people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16 LE",
            Self::Utf16Be => "UTF-16 BE",
            Self::Windows1258 => "Windows-1258",
            Self::Windows1252 => "Windows-1252",
            Self::Windows1250 => "Windows-1250",
        }
    }

    fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Utf16Le => UTF_16LE.decode_without_bom_handling(bytes).0,
            Self::Utf16Be => UTF_16BE.decode_without_bom_handling(bytes).0,
            // Its letters come apart, base and mark, and nothing else writes them so: a search would miss them.
            Self::Windows1258 => WINDOWS_1258.decode_without_bom_handling(bytes).0.nfc().collect::<String>().into(),
            Self::Windows1252 => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            Self::Windows1250 => WINDOWS_1250.decode_without_bom_handling(bytes).0,
        }
    }
}

/// Reads a file as text; where its bytes do not tell the encoding, as one from a shop in that country.
///
/// # Errors
/// `file_empty`, `file_too_large`, and `not_a_spreadsheet_text` for workbooks and whatever else is no text.
pub fn decode(bytes: &[u8], country: Country) -> Result<Decoded<'_>, SheetError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(SheetError::FileTooLarge { max_bytes: MAX_FILE_BYTES });
    }
    if is_another_file(bytes) {
        return Err(SheetError::NotText);
    }
    let (encoding, body) = match marked(bytes) {
        Some(found) => found,
        None => (recognised(bytes, country)?, bytes),
    };
    let text = encoding.decode(body);
    // The mark of UTF-32 begins like that of UTF-16, and every second character of it would be zero.
    if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) && text.contains('\0') {
        return Err(SheetError::NotText);
    }
    if text.trim().is_empty() {
        return Err(SheetError::FileEmpty);
    }
    Ok(Decoded { text, encoding })
}

fn is_another_file(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    OTHER_FILES.iter().any(|magic| start.get(..magic.len()).is_some_and(|start| start.eq_ignore_ascii_case(magic)))
}

/// The encoding that a byte order mark names, and what follows the mark.
fn marked(bytes: &[u8]) -> Option<(Encoding, &[u8])> {
    let marks: [(&[u8], Encoding); 3] =
        [(b"\xef\xbb\xbf", Encoding::Utf8), (b"\xff\xfe", Encoding::Utf16Le), (b"\xfe\xff", Encoding::Utf16Be)];
    marks.into_iter().find_map(|(mark, encoding)| Some((encoding, bytes.strip_prefix(mark)?)))
}

fn recognised(bytes: &[u8], country: Country) -> Result<Encoding, SheetError> {
    if let Some(encoding) = sixteen_bits(bytes) {
        return Ok(encoding);
    }
    if bytes.contains(&0) {
        return Err(SheetError::NotText);
    }
    Ok(if is_mostly_utf8(bytes) { Encoding::Utf8 } else { code_page(bytes, country) })
}

/// UTF-16 without its mark: separators, digits and most letters have a zero for one of their two bytes, always the
/// same one.
fn sixteen_bits(bytes: &[u8]) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let pairs = sample.len() / 2;
    let zeros_at = |place: usize| sample.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros_at(0), zeros_at(1));
    let (many, few) = (pairs / 3, pairs / 50);
    if second > many && first <= few {
        return Some(Encoding::Utf16Le);
    }
    (first > many && second <= few).then_some(Encoding::Utf16Be)
}

/// Whether this is UTF-8, perhaps with a few broken bytes: letters of a code page hardly ever make a valid sequence.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || whole > broken
}

/// The code page that gives the least rubbish; among equals, the one that computers in that country have.
fn code_page(bytes: &[u8], country: Country) -> Encoding {
    let candidates: &[Encoding] = match country.code().as_str() {
        "VN" => &[Encoding::Windows1258, Encoding::Windows1252],
        "AL" | "BA" | "CZ" | "HR" | "HU" | "PL" | "RO" | "SI" | "SK" => {
            &[Encoding::Windows1250, Encoding::Windows1252, Encoding::Windows1258]
        }
        _ => &[Encoding::Windows1252, Encoding::Windows1258],
    };
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0).saturating_sub(1);
    let sample = &bytes[first..bytes.len().min(first + SAMPLE_BYTES)];
    let best = candidates.iter().copied().min_by_key(|encoding| rubbish(&raw_page(*encoding, sample)));
    best.unwrap_or(Encoding::Windows1252)
}

/// Not composed: whether a mark stands where a mark can stand is what tells Vietnamese from everything else.
fn raw_page(encoding: Encoding, bytes: &[u8]) -> Cow<'_, str> {
    match encoding {
        Encoding::Windows1258 => WINDOWS_1258.decode_without_bom_handling(bytes).0,
        Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Windows1252 | Encoding::Windows1250 => {
            encoding.decode(bytes)
        }
    }
}

/// How many characters stand where no language has them.
fn rubbish(text: &str) -> usize {
    let before = std::iter::once(' ').chain(text.chars());
    before.zip(text.chars()).filter(|(before, character)| is_rubbish(*before, *character)).count()
}

fn is_rubbish(before: char, character: char) -> bool {
    match character {
        mark if is_combining_mark(mark) => !is_vowel(before),
        '\u{80}'..='\u{9f}' => true,
        // Vietnamese marks as Western letters: "NguyêÞn", "Thãìng", "ThuÌy".
        'Ì' | 'Ò' | 'Þ' | 'ì' | 'ò' => is_vowel(before),
        other => !other.is_ascii() && other.is_uppercase() && before.is_lowercase(),
    }
}

/// Whether a letter is a vowel once its marks are off: those that Vietnamese puts its tones on.
fn is_vowel(letter: char) -> bool {
    let base = std::iter::once(letter).nfd().next().unwrap_or(letter);
    matches!(base.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}
