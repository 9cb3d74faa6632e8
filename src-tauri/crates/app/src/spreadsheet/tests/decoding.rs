use super::*;
use crate::spreadsheet::Encoding::{Utf8, Utf16Be, Utf16Le, Windows1250, Windows1252, Windows1258};
use encoding_rs::{WINDOWS_1250, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

const VIETNAMESE: &str =
    "Họ và tên;SĐT;Ghi chú\r\nLý Tú Quang Thắng;0945350398;thích cà phê sữa đá ₫\r\nNguyễn Thị Thủy;;\r\n";
const FRENCH: &str = "Nom;Prénom;Solde €\r\nLefèvre;Anaïs;12,50\r\nGarçon;Noëlle;«déjà»\r\n";
const SLOVAK: &str = "Meno;Priezvisko;Poznámka\r\nĽubomír;Kováč;Šťastný človek, ďakujem\r\nŽofia;Nováková;\r\n";
const ITALIAN: &str = "Nome;Giorno\r\nNicolò;lunedì\r\nGesù;martedì perché\r\n";

fn read_as(bytes: &[u8], code: &str) -> Result<(String, Encoding), &'static str> {
    let decoded = decode(bytes, country(code)).map_err(|error| error.code())?;
    Ok((decoded.text.into_owned(), decoded.encoding))
}

/// As Windows writes Vietnamese: the circumflex, breve and horn are in the letter, the tone behind it.
fn in_1258(text: &str) -> Vec<u8> {
    let tones = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
    let apart: String = text
        .chars()
        .flat_map(|letter| {
            let marks: Vec<char> = std::iter::once(letter).nfd().collect();
            let (tone, rest): (Vec<char>, Vec<char>) = marks.into_iter().partition(|mark| tones.contains(mark));
            let rest: Vec<char> = rest.into_iter().nfc().collect();
            rest.into_iter().chain(tone)
        })
        .collect();
    let (bytes, _, had_errors) = WINDOWS_1258.encode(&apart);
    assert!(!had_errors, "{text} fits into Windows-1258");
    bytes.into_owned()
}

fn in_utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn text_in_any_encoding_of_a_spreadsheet_program_is_read() {
    for text in [VIETNAMESE, FRENCH, SLOVAK] {
        let marked = |mark: &[u8], body: Vec<u8>| [mark, &body].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Utf8),
            (marked(b"\xef\xbb\xbf", text.as_bytes().to_vec()), Utf8),
            (marked(b"\xff\xfe", in_utf16(text, u16::to_le_bytes)), Utf16Le),
            (marked(b"\xfe\xff", in_utf16(text, u16::to_be_bytes)), Utf16Be),
            (in_utf16(text, u16::to_le_bytes), Utf16Le),
            (in_utf16(text, u16::to_be_bytes), Utf16Be),
        ] {
            assert_eq!(read_as(&bytes, "VN"), Ok((text.to_owned(), encoding)), "{}", encoding.name());
        }
    }
}

#[test]
fn a_code_page_is_told_by_the_country_or_by_the_rubbish_that_others_give() {
    for (bytes, text, code, encoding) in [
        (in_1258(VIETNAMESE), VIETNAMESE, "VN", Windows1258),
        (in_1258(VIETNAMESE), VIETNAMESE, "FR", Windows1258),
        (in_1258(VIETNAMESE), VIETNAMESE, "SK", Windows1258),
        (WINDOWS_1252.encode(FRENCH).0.into_owned(), FRENCH, "FR", Windows1252),
        (WINDOWS_1252.encode(ITALIAN).0.into_owned(), ITALIAN, "IT", Windows1252),
        (WINDOWS_1252.encode(ITALIAN).0.into_owned(), ITALIAN, "VN", Windows1252),
        (WINDOWS_1250.encode(SLOVAK).0.into_owned(), SLOVAK, "SK", Windows1250),
    ] {
        assert_eq!(read_as(&bytes, code), Ok((text.to_owned(), encoding)), "{code}");
    }
}

#[test]
fn a_broken_byte_does_not_make_utf8_a_code_page() {
    let mut bytes = VIETNAMESE.as_bytes().to_vec();
    bytes.push(0xe1);
    assert_eq!(read_as(&bytes, "VN"), Ok((format!("{VIETNAMESE}\u{fffd}"), Utf8)));
}

#[test]
fn what_is_no_text_is_refused_with_a_hint() {
    for bytes in [
        b"PK\x03\x04\x14\x00\x06\x00".as_slice(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7",
        b"\n<!DOCTYPE html><table>",
        b"\xef\xbb\xbf<HTML>",
        b"name,phone\nA\x00B,1",
        b"\xff\xfe\x00\x00n\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
    ] {
        assert_eq!(read_as(bytes, "VN"), Err("not_a_spreadsheet_text"), "{bytes:?}");
    }
    assert!(read_as(b"PK,Name\n1,Mai\n", "VN").is_ok(), "a header may be called PK");
    assert!(SheetError::NotText.to_string().contains("save it as CSV"));
}

#[test]
fn an_empty_file_is_called_empty() {
    for bytes in [b"".as_slice(), b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\r\n"] {
        assert_eq!(read_as(bytes, "VN"), Err("file_empty"), "{bytes:?}");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_looked_at() {
    let bytes = vec![b'a'; MAX_FILE_BYTES + 1];
    let error = decode(&bytes, country("VN")).expect_err("refused");
    assert_eq!((error.code(), error.facts()["max_bytes"].as_u64()), ("file_too_large", Some(64_000_000)));
}
