//! Letters without their marks, so that `ly tu` finds `Lý Tú`. What Unicode cannot take apart is listed here.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most words of a text that are looked at: a name has fewer, a pasted page has more.
const MAX_WORDS: usize = 32;
/// What people leave out of O'Brien and D’Artagnan.
const APOSTROPHES: [char; 4] = ['\'', '’', '‘', 'ʼ'];

/// A text in small letters without marks.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match plain(character) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(character),
        }
    }
    folded
}

/// The words of a text, folded: runs of letters and digits.
pub fn words(text: &str) -> Vec<String> {
    let mut apart = String::with_capacity(text.len());
    for character in fold(text).chars() {
        if is_ideograph(character) {
            apart.extend([' ', character, ' ']);
        } else {
            apart.push(if character.is_alphanumeric() { character } else { ' ' });
        }
    }
    apart.split_whitespace().take(MAX_WORDS).map(str::to_owned).collect()
}

/// A character that is a word by itself: nobody writes a space between them, and one may look for any.
const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The words under which a text is found: its [`words`], and those with an apostrophe in them as one word, too.
pub fn index_words(text: &str) -> Vec<String> {
    let mut found = words(text);
    if text.contains(APOSTROPHES) {
        found.extend(words(&text.replace(APOSTROPHES, "")));
    }
    found
}

/// Letters that are no base letter with a mark, but are typed as one by people who lack the key.
const fn plain(character: char) -> Option<&'static str> {
    match character {
        'đ' | 'ð' => Some("d"),
        'ø' => Some("o"),
        'ł' => Some("l"),
        'ß' => Some("ss"),
        'æ' => Some("ae"),
        'œ' => Some("oe"),
        'þ' => Some("th"),
        'ı' => Some("i"),
        'ħ' => Some("h"),
        'ŧ' => Some("t"),
        'ŋ' => Some("n"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_fall_away_in_every_alphabet_that_has_them() {
        for (written, typed) in [
            ("Lý Tú Quang Thắng", "ly tu quang thang"),
            ("Đặng Đình", "dang dinh"),
            ("Søren Łukasz Großmann", "soren lukasz grossmann"),
            ("Kŕdeľ Šťastný", "krdel stastny"),
            ("ÆRØ", "aero"),
            ("Élodie d’Artagnan", "elodie d’artagnan"),
            ("李小龍", "李小龍"),
        ] {
            assert_eq!(fold(written), typed);
        }
    }

    #[test]
    fn words_are_what_stands_between_everything_else() {
        assert_eq!(words("O’Brien-Smith, 2nd"), ["o", "brien", "smith", "2nd"]);
        assert_eq!(index_words("O’Brien-Smith"), ["o", "brien", "smith", "obrien", "smith"]);
        assert_eq!(words("李小龍 Lee"), ["李", "小", "龍", "lee"]);
        assert_eq!(words(" — "), Vec::<String>::new());
        assert_eq!(words(&"a ".repeat(1_000)).len(), MAX_WORDS);
    }
}
