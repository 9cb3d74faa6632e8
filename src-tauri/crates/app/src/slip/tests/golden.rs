//! Whole slips against files: `.txt` to look at, `.bin` with the very bytes for the printer.

use super::samples;
use crate::slip::{CodePage, Columns, Language, Paper, Slip, SlipKind, escpos, paper};
use std::path::PathBuf;

fn check(name: &str, slip: &Slip, paper: Paper) {
    let lines = paper::lines(slip, paper);
    let text = paper::text(&lines, paper.columns);
    let widest = text.lines().map(super::super::code_page::width).max();
    assert!(widest <= Some(paper.columns.count()), "{name} is {widest:?} wide");
    check_file(&format!("{name}.txt"), text.as_bytes());
    check_file(&format!("{name}.bin"), &escpos::bytes(&lines, paper.page).expect("bytes"));
}

fn check_file(name: &str, made: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("REGULARS_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, made).expect("written");
    }
    let there = std::fs::read(&path).unwrap_or_default();
    let (made, there) = (made.escape_ascii().to_string(), there.escape_ascii().to_string());
    assert!(made == there, "{name} differs; look at it, then run with REGULARS_WRITE_GOLDEN=1\n{made}\n{there}");
}

const fn paper(columns: Columns, page: CodePage, language: Language) -> Paper {
    Paper { columns, page, language }
}

#[test]
fn a_sale_in_vietnamese_on_42_columns() {
    check("sale_vnd_42", &samples::sale(), paper(Columns::Columns42, CodePage::Tcvn3, Language::Vietnamese));
}

#[test]
fn a_sale_in_vietnamese_on_a_printer_without_vietnamese() {
    check("sale_vnd_42_pc437", &samples::sale(), paper(Columns::Columns42, CodePage::Pc437, Language::Vietnamese));
}

#[test]
fn a_top_up_in_euro_on_32_columns() {
    check("top_up_eur_32", &samples::top_up(), paper(Columns::Columns32, CodePage::Pc858, Language::English));
}

#[test]
fn a_void_says_so_in_large_letters() {
    let paper = paper(Columns::Columns42, CodePage::Wpc1252, Language::English);
    check("void_vnd_42", &samples::void(), paper);
    let banners = paper::lines(&samples::void(), paper);
    assert!(banners.iter().any(|line| line.text == "VOID" && line.emphasis == paper::Emphasis::Banner));
}

#[test]
fn the_longest_name_is_wrapped_and_loses_nothing() {
    let (slip, paper) = (samples::longest_name(), paper(Columns::Columns32, CodePage::Tcvn3, Language::Vietnamese));
    check("longest_name_32", &slip, paper);
    let words = paper::text(&paper::lines(&slip, paper), paper.columns);
    let words: Vec<&str> = words.split_whitespace().collect();
    assert!(words.join(" ").contains(&slip.member));
}

#[test]
fn a_return_in_dinars_has_three_decimals() {
    check("return_kwd_48", &samples::dinars(), paper(Columns::Columns48, CodePage::Pc437, Language::English));
}

#[test]
fn on_a_printer_with_unicode_east_asian_letters_take_two_columns() {
    let slip = Slip { member: "李小龍".to_owned(), ..samples::top_up() };
    check("wide_utf8_32", &slip, paper(Columns::Columns32, CodePage::Utf8, Language::English));
}

#[test]
fn every_slip_fits_every_paper_in_every_language() {
    for kind in
        [SlipKind::Sale, SlipKind::TopUp, SlipKind::Return, SlipKind::CashOut, SlipKind::Adjustment, SlipKind::Void]
    {
        for columns in [Columns::Columns32, Columns::Columns42, Columns::Columns48] {
            for language in [Language::English, Language::Vietnamese] {
                let slip = Slip { kind, member: "x".repeat(200), is_copy: true, ..samples::sale() };
                for line in paper::lines(&slip, paper(columns, CodePage::Utf8, language)) {
                    let wide = if line.emphasis == paper::Emphasis::Banner { 2 } else { 1 };
                    let width = super::super::code_page::width(&line.text) * wide;
                    assert!(width <= columns.count(), "{line:?}");
                }
            }
        }
    }
}
