//! What text a person may leave in a field: trimmed, composed (NFC), no longer than the field, nothing invisible.

use crate::refusal::Refusal;
use unicode_normalization::UnicodeNormalization;

/// Longest full name, in characters. The longest names of official registers stay below; a pasted page does not.
pub const MAX_NAME: usize = 200;
/// Longest email address, in characters (RFC 5321 §4.5.3.1.3, less the brackets).
pub const MAX_EMAIL: usize = 254;
/// Longest note, in characters: a screenful. Longer texts belong in a file elsewhere.
pub const MAX_NOTE: usize = 2_000;
/// Largest picture that is taken in, in megabytes: the least that any remote takes (Valomnia).
pub const MAX_PICTURE_MB: usize = 2;
/// Longest receipt number or reason, in characters.
pub const MAX_LINE: usize = 200;

/// One line of text, or `None` where nothing but space was typed.
///
/// # Errors
/// `too_long`; `invalid_character` for control characters and for those that turn the reading direction.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<Option<String>, Refusal> {
    cleaned(field, text, max, |character| character.is_control())
}

/// Text over several lines, or `None` where nothing but space was typed.
///
/// # Errors
/// As [`line()`], but line breaks and tabs are welcome.
pub fn lines(field: &'static str, text: &str, max: usize) -> Result<Option<String>, Refusal> {
    cleaned(field, &text.replace("\r\n", "\n"), max, |character| {
        character.is_control() && !matches!(character, '\n' | '\t')
    })
}

/// A short code as it is looked up, and said again where nobody knows it: upper case, and no more of it than any code has.
pub(crate) fn code(text: &str) -> String {
    /// Longer than any code of a country or currency.
    const MAX_CODE: usize = 8;
    text.trim().chars().take(MAX_CODE).collect::<String>().to_ascii_uppercase()
}

/// An email address: one `@`, something on both sides, a host with a dot, no space. Whether anyone reads it, only a
/// letter would tell.
///
/// # Errors
/// `email_invalid`, and what [`line()`] refuses.
pub fn email(text: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = line("email", text, MAX_EMAIL)? else { return Ok(None) };
    let whole = match text.split_once('@') {
        Some((name, host)) => {
            !name.is_empty()
                && host.contains('.')
                && host.split('.').all(|label| !label.is_empty())
                && !host.contains('@')
                && !text.contains(char::is_whitespace)
        }
        None => false,
    };
    if whole { Ok(Some(text)) } else { Err(Refusal::EmailInvalid) }
}

fn cleaned(
    field: &'static str,
    text: &str,
    max: usize,
    is_unwelcome: impl Fn(char) -> bool,
) -> Result<Option<String>, Refusal> {
    // Bytes first: a pasted megabyte is refused before it is walked through character by character.
    if text.len() > max.saturating_mul(8) {
        return Err(Refusal::TooLong { field, max });
    }
    let text: String = text.trim().nfc().collect();
    if text.chars().any(|character| is_unwelcome(character) || turns_direction(character)) {
        return Err(Refusal::InvalidCharacter { field });
    }
    if text.chars().count() > max {
        return Err(Refusal::TooLong { field, max });
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Characters that reorder what stands around them (UAX #9 §2): a name with one would scramble the line it is shown in.
const fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<Option<String>, &'static str> {
        line("name.full", text, MAX_NAME).map_err(|refusal| refusal.code())
    }

    #[test]
    fn names_of_every_script_are_taken_as_written() {
        for text in ["Lý Tú Quang Thắng", "O’Brien-Smith", "محمد", "李小龍", "Æ", "👩‍🍳 Mai"] {
            assert_eq!(name(text), Ok(Some(text.nfc().collect())), "{text}");
        }
    }

    #[test]
    fn two_spellings_of_one_letter_are_one() {
        assert_eq!(name("Tha\u{306}\u{301}ng"), name("Th\u{1eaf}ng"));
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for text in ["a\u{0}b", "a\nb", "\u{202e}gnaht", "a\u{7}"] {
            assert_eq!(name(text), Err("invalid_character"), "{text:?}");
        }
        assert_eq!(name(&"x".repeat(201)), Err("too_long"));
        assert_eq!(name(&"x".repeat(1_000_000)), Err("too_long"));
        assert_eq!(name(&"ắ".repeat(200)), Ok(Some("ắ".repeat(200))));
        assert_eq!(name(" \t "), Ok(None));
    }

    #[test]
    fn a_note_may_have_lines_and_keeps_them() {
        assert_eq!(lines("note", "a\r\nb\tc\n", MAX_NOTE), Ok(Some("a\nb\tc".to_owned())));
        assert!(lines("note", "a\u{1b}[2J", MAX_NOTE).is_err());
    }

    #[test]
    fn an_email_has_a_name_and_a_host() {
        for text in ["david@example.net", "p+tag@sub.example.com"] {
            assert_eq!(email(text), Ok(Some(text.to_owned())), "{text}");
        }
        for text in
            ["david", "@example.net", "david@", "david@host", "a b@example.net", "a@b@example.net", "a@.net", "a@net."]
        {
            assert_eq!(email(text), Err(Refusal::EmailInvalid), "{text}");
        }
        assert_eq!(email("  "), Ok(None));
    }
}
