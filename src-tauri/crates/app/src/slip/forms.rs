//! Money, rates and days on paper, per language. Amounts stay whole minor units: the decimal point is set in text.
//!
//! The page has the same forms in `ui/src/text/format.ts`, from the platform's tables, which the core does not carry.

use super::code_page::CodePage;
use super::words::Language;
use regulars_domain::{Currency, Date, Money};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An amount with its currency: `1,250,000 ₫`, `€12.34`, `0.005 KWD`; `1.250.000 ₫`, `12,34 €`. Where the page has no
/// sign for the currency its code stands there, for half a sign would be another currency.
pub fn money(money: Money, language: Language, page: CodePage) -> String {
    let minus = if money.minor < 0 { "-" } else { "" };
    let figure = figure(money, language);
    let sign = sign(money.currency).iter().find(|sign| sign.chars().all(|character| page.has(character)));
    match sign {
        Some(sign) if leads(sign, language) => format!("{minus}{sign}{figure}"),
        Some(sign) => format!("{minus}{figure} {sign}"),
        None => format!("{minus}{figure} {}", money.currency),
    }
}

/// A rate: `10%`, `2.5%`; `2,5%`.
pub fn percent(rate: &str, language: Language) -> String {
    let (_, point) = separators(language);
    format!("{}%", rate.trim().replacen('.', &point.to_string(), 1))
}

/// A day: `24 Nov 2026`; `24/11/2026`.
pub fn day(date: Date, language: Language) -> String {
    let text = date.to_string();
    let mut parts = text.splitn(3, '-').map(|part| part.trim_start_matches('0'));
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return text };
    match language {
        Language::English => {
            let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
            month.map_or_else(|| text.clone(), |month| format!("{day} {month} {year}"))
        }
        Language::Vietnamese => format!("{day}/{month}/{year}"),
    }
}

/// Digits in groups of three, with the currency's decimals.
fn figure(money: Money, language: Language) -> String {
    let (group, point) = separators(language);
    let decimals = money.currency.decimals() as usize;
    let digits = format!("{:0>width$}", money.minor.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut figure = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            figure.push(group);
        }
        figure.push(digit);
    }
    if decimals > 0 {
        figure.push(point);
        figure += fraction;
    }
    figure
}

/// What stands between groups of three, and before the decimals.
const fn separators(language: Language) -> (char, char) {
    match language {
        Language::English => (',', '.'),
        Language::Vietnamese => ('.', ','),
    }
}

/// The signs of a currency, the best first. Only signs that mean one currency to whoever reads the slip: `$` and `¥`
/// mean several, but a shop that writes them plainly is in the United States or Japan.
fn sign(currency: Currency) -> &'static [&'static str] {
    match currency.code() {
        // The letter is what people write by hand where the sign is not at hand.
        "VND" => &["₫", "đ"],
        "EUR" => &["€"],
        "GBP" => &["£"],
        "JPY" => &["¥"],
        "USD" => &["$"],
        _ => &[],
    }
}

/// Whether a sign stands before the figure.
fn leads(sign: &str, language: Language) -> bool {
    match language {
        Language::English => !matches!(sign, "₫" | "đ"),
        Language::Vietnamese => false,
    }
}
