use super::*;
use crate::spreadsheet::cells::{identifier, labels, text};
use crate::spreadsheet::phones::{phone, phone_candidates};

fn e164(cell: &str, code: &str) -> Result<Option<String>, &'static str> {
    let phone = phone(cell, country(code)).map_err(|error| error.code())?;
    Ok(phone.map(|phone| phone.e164.unwrap_or(phone.typed)))
}

#[test]
fn a_phone_number_survives_what_excel_does_to_it() {
    for (cell, code, number) in [
        ("0945350398", "VN", "+84945350398"),
        ("945350398", "VN", "+84945350398"),
        ("945350398.0", "VN", "+84945350398"),
        ("'0945350398", "VN", "+84945350398"),
        ("9.45350398E+08", "VN", "+84945350398"),
        ("9,45350398E+08", "VN", "+84945350398"),
        ("8.4945350398E+10", "VN", "+84945350398"),
        ("84945350398", "VN", "+84945350398"),
        (" +84 945 350 398 ", "VN", "+84945350398"),
        ("\u{a0}0945.350.398", "VN", "+84945350398"),
        ("612345678", "FR", "+33612345678"),
        ("905123456", "SK", "+421905123456"),
        ("421905123456", "SK", "+421905123456"),
        ("2025550173", "US", "+12025550173"),
    ] {
        assert_eq!(e164(cell, code), Ok(Some(number.to_owned())), "{cell}");
    }
}

#[test]
fn a_phone_number_that_excel_rounded_is_refused() {
    for cell in ["9.45E+08", "9,45E+08", "9.4535E+08", "8.49454E+10", "1E+10", "9.45e8", "9E+99999999999999999999"] {
        assert_eq!(e164(cell, "VN"), Err("phone_rounded"), "{cell}");
    }
    for cell in ["945350398.5E+0", "9.453503985E+08", "abc", "123", "0945350398/0912345678"] {
        assert_eq!(e164(cell, "VN"), Err("phone_invalid"), "{cell}");
    }
}

#[test]
fn a_number_that_no_spelling_makes_valid_is_kept_as_written() {
    assert_eq!(e164("+83497898519", "VN"), Ok(Some("+83497898519".to_owned())));
    assert_eq!(phone_candidates("945350398"), Ok(vec!["945350398".to_owned(), "0945350398".to_owned()]));
    assert_eq!(phone_candidates("  '"), Ok(vec![]));
    assert_eq!(e164(" ", "VN"), Ok(None));
}

#[test]
fn card_numbers_and_references_are_text_that_was_a_number_for_a_while() {
    let read = |cell: &str| {
        let read = identifier(cell, ImportField::Card).map_err(|error| error.code())?;
        Ok(read.map(std::borrow::Cow::into_owned))
    };
    for (cell, card) in [
        ("8934567890123", "8934567890123"),
        ("8.934567890123E+12", "8934567890123"),
        ("8934567890123.0", "8934567890123"),
        ("'0012", "0012"),
        ("V-2345-678C", "V-2345-678C"),
        ("12E5", "12E5"),
        ("9e12", "9e12"),
        ("1.0.0", "1.0.0"),
    ] {
        assert_eq!(read(cell), Ok(Some(card.to_owned())), "{cell}");
    }
    assert_eq!(read("8.93457E+12"), Err("card_rounded"));
    assert_eq!(read(" "), Ok(None));
    assert_eq!(identifier("8.9E+12", ImportField::Reference).map_err(|error| error.code()), Err("number_rounded"));
}

#[test]
fn labels_are_split_trimmed_and_kept_once() {
    assert_eq!(labels("bán sỉ, VIP;  cà phê | VIP,,"), ["bán sỉ", "VIP", "cà phê"]);
    assert_eq!(labels(" ; "), Vec::<&str>::new());
}

#[test]
fn text_with_a_lost_character_is_refused_with_its_field() {
    let error = text("L\u{fffd} T\u{fa}", ImportField::FullName).expect_err("refused");
    assert_eq!((error.code(), error.field()), ("text_unreadable", Some("full_name")));
    assert_eq!(text("  Lý Tú ", ImportField::FullName), Ok(Some("Lý Tú")));
}
