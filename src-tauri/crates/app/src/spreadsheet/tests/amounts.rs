use super::*;
use crate::spreadsheet::amounts::amount;

const POINT: Option<DecimalMark> = Some(DecimalMark::Point);
const COMMA: Option<DecimalMark> = Some(DecimalMark::Comma);

fn read(cell: &str, mark: Option<DecimalMark>, code: &str) -> Result<Option<i64>, &'static str> {
    let read = amount(cell, mark, currency(code)).map_err(|error| error.code())?;
    Ok(read.map(|money| money.minor))
}

#[test]
fn whole_amounts_are_read_with_any_separator_between_thousands() {
    for cell in [
        "1250000",
        "1.250.000",
        "1,250,000",
        "1 250 000",
        "1\u{a0}250\u{a0}000",
        "1\u{202f}250\u{202f}000",
        "1'250'000",
        "1250000 ₫",
        "1.250.000₫",
        "1.250.000 đ",
        "VND 1.250.000",
        "1250000 VNĐ",
        "1,250,000 vnd",
        "1250000.00",
        "1250000,0",
        "1.250.000,00",
        "1,250,000.00",
        "12,50,000",
        "+1250000",
        "'1250000",
        " 1250000 ",
        "1250000.000",
        "1.25000E+05",
        "1.250.000,-",
    ] {
        let expected = if cell.contains('E') { 125_000 } else { 1_250_000 };
        assert_eq!(read(cell, None, "VND"), Ok(Some(expected)), "{cell}");
    }
    assert_eq!(read("1.250", None, "VND"), Ok(Some(1_250)));
    assert_eq!(read("1,250", None, "VND"), Ok(Some(1_250)));
    assert_eq!(read("VND 1.000", None, "VND"), Ok(Some(1_000)));
    assert_eq!(read("0.000", None, "VND"), Ok(Some(0)));
}

#[test]
fn decimals_are_read_with_either_mark() {
    for (cell, minor) in [
        ("1 250 000,50", 125_000_050),
        ("1.250,50", 125_050),
        ("1,250.50", 125_050),
        ("12.5", 1_250),
        ("12,5", 1_250),
        ("€ 12,50", 1_250),
        ("12,50 EUR", 1_250),
        ("500,-", 50_000),
        ("0.500", 50),
        ("1250.500", 125_050),
        ("1 250.500", 125_050),
        ("12.50000", 1_250),
    ] {
        assert_eq!(read(cell, None, "EUR"), Ok(Some(minor)), "{cell}");
    }
}

#[test]
fn amounts_that_are_owed_keep_their_sign() {
    for cell in ["-500", "(500)", "500-", "−500", "- 500", "€ -500", "-500 €", "(500 €)", "(€500.00)", "-500,00"]
    {
        assert_eq!(read(cell, None, "EUR"), Ok(Some(-50_000)), "{cell}");
    }
    for cell in ["-", " -   € ", "€ -", "0", "-0,00"] {
        assert_eq!(read(cell, None, "EUR"), Ok(Some(0)), "{cell}");
    }
    assert_eq!(read("  ", None, "EUR"), Ok(None));
}

#[test]
fn three_digits_behind_a_mark_are_read_as_the_column_says() {
    for (cell, mark, code, read_as) in [
        ("1.250", COMMA, "EUR", Ok(Some(125_000))),
        ("1.250", POINT, "EUR", Ok(Some(125))),
        ("1.255", POINT, "EUR", Err("amount_too_precise")),
        ("1,250", POINT, "EUR", Ok(Some(125_000))),
        ("1.250", None, "EUR", Err("amount_ambiguous")),
        ("1.250", COMMA, "VND", Ok(Some(1_250))),
        ("1.250", POINT, "VND", Err("amount_ambiguous")),
        ("1.250", None, "KWD", Err("amount_ambiguous")),
        ("1.250", POINT, "KWD", Ok(Some(1_250))),
    ] {
        assert_eq!(read(cell, mark, code), read_as, "{cell} {code}");
    }
}

#[test]
fn a_column_tells_its_decimal_mark_or_nothing() {
    for (cells, code, mark) in [
        (["1.250", "12.50"].as_slice(), "EUR", POINT),
        (&["1.250", "12,50"], "EUR", COMMA),
        (&["1.250", "1.250.000"], "EUR", COMMA),
        (&["1.250", "2.500,00 €"], "EUR", COMMA),
        (&["1.250", "0.500"], "EUR", POINT),
        (&["1.250", "12500.000"], "EUR", POINT),
        // A program that writes three decimals writes them everywhere.
        (&["1.250", "500"], "EUR", COMMA),
        (&["1,250", "500"], "EUR", POINT),
        (&["1.250", "500"], "KWD", None),
        (&["1.250", "2.500"], "EUR", None),
        (&["1.250", "2,500", "500"], "EUR", None),
        (&["12.50", "12,50"], "EUR", None),
        (&["12.50", "13.50", "12,50", "1.250"], "EUR", None),
        (&["1.2.3", "soon", "", "-"], "EUR", None),
        (&[], "EUR", None),
    ] {
        assert_eq!(DecimalMark::guess(cells.iter().copied(), currency(code)), mark, "{cells:?} {code}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for (cell, code) in [
        ("soon", "amount_invalid"),
        ("500k", "amount_invalid"),
        ("1tr", "amount_invalid"),
        ("1.2.3", "amount_invalid"),
        ("1.25.00", "amount_invalid"),
        ("1 25 0", "amount_invalid"),
        ("1,250.000,00", "amount_invalid"),
        ("1250.", "amount_invalid"),
        ("--500", "amount_invalid"),
        ("(-500)", "amount_invalid"),
        ("(500", "amount_invalid"),
        ("12-50", "amount_invalid"),
        ("12a50", "amount_invalid"),
        ("٣", "amount_invalid"),
        ("=1+1", "amount_invalid"),
        ("1.25E+06", "amount_rounded"),
        ("0.5", "amount_too_precise"),
        ("12.50", "amount_too_precise"),
        ("500 USD", "currency_differs"),
        ("$500", "currency_differs"),
        ("500 €", "currency_differs"),
        ("99999999999999999999", "amount_too_large"),
        ("5\u{fffd}0", "text_unreadable"),
    ] {
        assert_eq!(read(cell, None, "VND"), Err(code), "{cell}");
        let error = amount(cell, None, currency("VND")).expect_err("refused");
        assert_eq!(error.field(), Some("opening_balance"), "{cell}");
    }
}
