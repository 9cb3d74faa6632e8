//! Figures, days, and the shape that the page gets.

use super::samples::{self, money};
use crate::slip::{ClockTime, CodePage, Language, forms, reference};
use serde_json::json;

/// Minor units, the currency, and how each language writes it on a printer with all signs.
#[test]
fn money_is_written_as_its_readers_write_it() {
    let table = [
        (1_250_000, "VND", "1,250,000 ₫", "1.250.000 ₫"),
        (0, "VND", "0 ₫", "0 ₫"),
        (-999, "VND", "-999 ₫", "-999 ₫"),
        (1_234, "EUR", "€12.34", "12,34 €"),
        (-5, "EUR", "-€0.05", "-0,05 €"),
        (100_000_000, "USD", "$1,000,000.00", "1.000.000,00 $"),
        (1_250, "JPY", "¥1,250", "1.250 ¥"),
        (5, "KWD", "0.005 KWD", "0,005 KWD"),
        (1_234_567, "KWD", "1,234.567 KWD", "1.234,567 KWD"),
        (i64::MIN, "VND", "-9,223,372,036,854,775,808 ₫", "-9.223.372.036.854.775.808 ₫"),
    ];
    for (minor, currency, english, vietnamese) in table {
        let amount = money(minor, currency);
        assert_eq!(forms::money(amount, Language::English, CodePage::Utf8), english);
        assert_eq!(forms::money(amount, Language::Vietnamese, CodePage::Utf8), vietnamese);
    }
}

#[test]
fn a_currency_without_its_sign_on_the_printer_has_its_code() {
    let written = |currency, page| forms::money(money(1_200, currency), Language::English, page);
    assert_eq!(written("VND", CodePage::Tcvn3), "1,200 đ");
    assert_eq!(written("VND", CodePage::Pc437), "1,200 VND");
    assert_eq!(written("EUR", CodePage::Pc437), "12.00 EUR");
    assert_eq!(written("EUR", CodePage::Pc858), "€12.00");
    assert_eq!(written("GBP", CodePage::Pc437), "£12.00");
}

#[test]
fn days_and_rates_are_written_as_in_each_language() {
    let day = "2026-01-05".parse().expect("a day");
    assert_eq!(forms::day(day, Language::English), "5 Jan 2026");
    assert_eq!(forms::day(day, Language::Vietnamese), "5/1/2026");
    assert_eq!(forms::percent("2.5", Language::English), "2.5%");
    assert_eq!(forms::percent("2.5", Language::Vietnamese), "2,5%");
}

#[test]
fn a_language_is_known_by_its_tag() {
    for (tag, language) in [
        ("vi", Language::Vietnamese),
        ("vi-VN", Language::Vietnamese),
        ("VI_vn", Language::Vietnamese),
        ("en-GB", Language::English),
        ("de", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of(tag), language, "{tag}");
    }
}

#[test]
fn there_is_no_time_but_those_of_the_clock() {
    assert_eq!(ClockTime::new(0, 5).expect("a time").to_string(), "00:05");
    assert_eq!(ClockTime::new(24, 0), None);
    assert_eq!(ClockTime::new(12, 60), None);
}

#[test]
fn a_reference_is_the_end_of_an_id() {
    assert_eq!(reference("0199a0c2-1b7d-7c3e-9f0a-5d119f2c41ab"), "9F2C41AB");
    assert_eq!(reference("v-7"), "V7");
}

#[test]
fn the_page_gets_labels_not_words() {
    let slip = serde_json::to_value(samples::top_up()).expect("json");
    assert_eq!(slip["kind"], "top_up");
    assert_eq!(slip["printed_on"], "2026-11-24");
    assert_eq!(slip["printed_time"], "13:58");
    let total = json!({
        "label": "paid_in_card", "detail": null, "amount": { "minor": 5_000, "currency": "EUR" }, "is_total": true,
    });
    assert_eq!(slip["lines"][0], total);
}
