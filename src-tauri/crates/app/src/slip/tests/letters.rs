//! What a printer can print, and what must never reach it.

use super::samples;
use crate::slip::code_page::{Encoder, width};
use crate::slip::{CodePage, Language, Paper, Slip, escpos, paper};

const PAGES: [CodePage; 5] = [CodePage::Pc437, CodePage::Pc858, CodePage::Wpc1252, CodePage::Tcvn3, CodePage::Utf8];

/// What is written, by which page, and what stands on paper.
#[test]
fn letters_that_a_page_lacks_become_their_base_letters() {
    let table: [(&str, CodePage, &str); 14] = [
        ("Lý Tú", CodePage::Pc437, "Ly Tu"),
        ("Lý Tú", CodePage::Wpc1252, "Lý Tú"),
        ("Lý Tú", CodePage::Tcvn3, "Lý Tú"),
        ("Đặng Thị Hồng", CodePage::Pc858, "Dang Thi Hong"),
        ("đ", CodePage::Pc437, "d"),
        ("Zoë", CodePage::Pc437, "Zoë"),
        ("Jürgen Weiß", CodePage::Tcvn3, "Jurgen Weiss"),
        ("Łukasz Ørsted", CodePage::Wpc1252, "Lukasz Orsted"),
        ("李小龍", CodePage::Pc858, "LiXiaoLong"),
        ("李小龍", CodePage::Utf8, "李小龍"),
        ("O’Brien – “Mai”…", CodePage::Pc437, "O'Brien - \"Mai\"..."),
        ("👩‍🍳 Mai", CodePage::Pc437, " Mai"),
        ("Tha\u{306}\u{301}ng", CodePage::Tcvn3, "Thắng"),
        ("two\nlines\u{a0}here", CodePage::Pc437, "two lines here"),
    ];
    for (written, page, printed) in table {
        assert_eq!(page.printed(written), printed, "{written} by {page:?}");
    }
}

#[test]
fn a_slip_whose_language_the_page_lacks_has_no_marks_at_all() {
    let paper = Paper { page: CodePage::Pc437, language: Language::Vietnamese, ..Paper::default() };
    let lines = paper::lines(&samples::sale(), paper);
    assert!(lines.iter().all(|line| line.text.is_ascii()), "{lines:?}");
}

#[test]
fn nothing_becomes_a_question_mark() {
    let everything = "ắđ₫€ŁøßИвановΑθήνα李小龍김ひらカナ👩‍🍳☃\u{1f3f4}मनทดสอบ…’½№→✓\u{e000}\u{10ffff}";
    for page in PAGES {
        assert!(!page.printed(everything).contains('?'), "{page:?}");
        assert!(!Encoder::new(page).encode(everything).contains(&b'?'), "{page:?}");
    }
}

#[test]
fn a_name_cannot_command_the_printer() {
    let clean = Slip { member: "@V An p".to_owned(), receipt: Some("RC".to_owned()), ..samples::sale() };
    let attack = Slip {
        member: "\u{1b}@\u{1d}V\u{0} An\u{10}\u{9b}\u{7f}\u{85}\u{202e}p".to_owned(),
        receipt: Some("R\u{1c}\u{1}C\u{1b}".to_owned()),
        ..samples::sale()
    };
    for page in PAGES {
        let paper = Paper { page, language: Language::Vietnamese, ..Paper::default() };
        let bytes = |slip: &Slip| escpos::bytes(&paper::lines(slip, paper), page).expect("bytes");
        assert_eq!(bytes(&attack), bytes(&clean), "{page:?}");
    }
}

#[test]
fn the_encoder_lets_no_control_character_through_by_itself() {
    let controls: String = (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32).collect();
    for page in PAGES {
        assert_eq!(Encoder::new(page).encode(&controls), b"", "{page:?}");
        assert!(page.printed(&controls).chars().all(|character| character == ' '), "{page:?}");
    }
}

#[test]
fn what_is_printed_is_encoded_whole() {
    for page in [CodePage::Pc437, CodePage::Pc858, CodePage::Wpc1252] {
        let printed = page.printed("Café Zoë, Lý Tú Quang Thắng, 李小龍 €£");
        let mut encoder = Encoder::new(page);
        encoder.selection();
        assert_eq!(encoder.encode(&printed).len(), width(&printed), "{page:?}");
    }
}

#[test]
fn vietnamese_capitals_are_fetched_from_their_own_page() {
    let mut encoder = Encoder::new(CodePage::Tcvn3);
    assert_eq!(encoder.selection(), b"\x1c.\x1bt\x1e");
    assert_eq!(encoder.encode("Đá"), b"\x1bt\x1f\xa7\x1bt\x1e\xb8");
    assert_eq!(encoder.encode("á"), b"\xb8");
}
