//! Amounts as people write them: with points or commas between thousands, a currency, brackets around what is owed.
//!
//! A mark before three digits is a thousand to one reader and a decimal to the next. The whole column decides, and where
//! it does not, the amount is refused: a balance that is a thousand times too high is worse than a question.

use super::cells::text;
use super::columns::ImportField;
use super::error::SheetError;
use super::scientific::Scientific;
use regulars_domain::fold::fold;
use regulars_domain::{Currency, Money, Refusal};

/// The most characters of an amount, with its currency and all its separators.
const MAX_AMOUNT: usize = 60;

/// What people write instead of a code. A sign that several currencies share stands for each of them.
const SIGNS: [(&str, &[&str]); 17] = [
    ("₫", &["VND"]),
    ("d", &["VND"]),
    ("dong", &["VND"]),
    ("€", &["EUR"]),
    ("euro", &["EUR"]),
    ("euros", &["EUR"]),
    ("$", &["USD", "AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP"]),
    ("us$", &["USD"]),
    ("£", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("kc", &["CZK"]),
    ("zl", &["PLN"]),
    ("ft", &["HUF"]),
    ("fr", &["CHF"]),
    ("฿", &["THB"]),
    ("₹", &["INR"]),
    ("₩", &["KRW"]),
];

/// What stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,250.50.
    Point,
    /// 1.250,50.
    Comma,
}

/// The number within a cell, with what stands around it taken off.
struct Written<'c> {
    is_negative: bool,
    /// Digits, and what stands between them. Empty for a dash, which is how Excel's accounts write zero.
    number: &'c str,
    /// A currency, or nothing.
    word: String,
}

/// What one number says about its marks, and where the last of them is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// There is none.
    None,
    /// It stands before decimals.
    Decimal(DecimalMark, usize),
    /// It divides thousands.
    Thousands(DecimalMark),
    /// One of the two.
    Either(DecimalMark, usize),
}

impl DecimalMark {
    /// What stands before the decimals in a column; `None` where nothing in it tells, or one amount contradicts another.
    ///
    /// An amount with decimals that cannot be thousands tells, and so does one without any mark: a program that writes
    /// three decimals writes them everywhere, so that the mark of the others divides thousands.
    pub fn guess<'c>(cells: impl IntoIterator<Item = &'c str>, currency: Currency) -> Option<Self> {
        let mut tally = Tally::default();
        for number in cells.into_iter().filter_map(|cell| Written::read(cell.trim())).map(|written| written.number) {
            tally.count(number);
        }
        match (tally.has_point, tally.has_comma) {
            (true, false) => return Some(Self::Point),
            (false, true) => return Some(Self::Comma),
            (true, true) => return None,
            (false, false) => {}
        }
        // Three decimals are no accident where the currency has them.
        let has_whole_amounts = tally.has_unmarked && currency.decimals() < 3;
        match (tally.has_either_point, tally.has_either_comma) {
            (true, false) if has_whole_amounts => Some(Self::Comma),
            (false, true) if has_whole_amounts => Some(Self::Point),
            (true | false, true | false) => None,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    const fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// What the amounts of a column say.
#[derive(Default)]
struct Tally {
    has_point: bool,
    has_comma: bool,
    has_either_point: bool,
    has_either_comma: bool,
    has_unmarked: bool,
}

impl Tally {
    fn count(&mut self, number: &str) {
        match Marks::of(number) {
            Marks::Decimal(mark, at) if ungrouped(&number[..at]).is_some() => *self.decimal(mark) = true,
            Marks::Thousands(mark) if ungrouped(number).is_some() => *self.decimal(mark.other()) = true,
            Marks::Either(DecimalMark::Point, _) => self.has_either_point = true,
            Marks::Either(DecimalMark::Comma, _) => self.has_either_comma = true,
            Marks::None => self.has_unmarked |= !number.is_empty() && all_digits(number),
            Marks::Decimal(..) | Marks::Thousands(_) => {}
        }
    }

    const fn decimal(&mut self, mark: DecimalMark) -> &mut bool {
        match mark {
            DecimalMark::Point => &mut self.has_point,
            DecimalMark::Comma => &mut self.has_comma,
        }
    }
}

/// The amount of a cell, with its sign; `None` where the cell is blank.
///
/// # Errors
/// `amount_invalid`, `amount_ambiguous`, `amount_rounded` where Excel dropped digits, `amount_too_precise`,
/// `amount_too_large`, `currency_differs`, `text_unreadable`.
pub fn amount(cell: &str, mark: Option<DecimalMark>, currency: Currency) -> Result<Option<Money>, SheetError> {
    let Some(text) = text(cell, ImportField::OpeningBalance)? else { return Ok(None) };
    let written = Written::read(text).ok_or_else(|| invalid(currency))?;
    check_currency(&written.word, currency)?;
    if written.number.is_empty() {
        return Ok(Some(Money::zero(currency)));
    }
    let plain = plain(written.number, mark, currency)?;
    let sign = if written.is_negative { "-" } else { "" };
    Money::parse(&format!("{sign}{plain}"), currency).map(Some).map_err(refused)
}

impl<'c> Written<'c> {
    fn read(text: &'c str) -> Option<Self> {
        let text = text.trim_start_matches(['\'', '’']);
        if text.len() > MAX_AMOUNT {
            return None;
        }
        let is_digit = |c: char| c.is_ascii_digit();
        let (before, number, after) = match (text.find(is_digit), text.rfind(is_digit)) {
            (Some(first), Some(last)) => (&text[..first], &text[first..=last], &text[last + 1..]),
            (None, _) | (_, None) => (text, "", ""),
        };
        // "500,-" is how whole amounts are written between Vienna and Prague.
        let after = after.strip_prefix(",-").or_else(|| after.strip_prefix(",–")).unwrap_or(after);
        let around = format!("{before} {after}");
        let dashes = around.chars().filter(|c| is_dash(*c)).count();
        let is_bracketed = before.contains('(') && after.contains(')');
        let is_odd = dashes > 1 || (is_bracketed && dashes > 0) || (!is_bracketed && around.contains(['(', ')']));
        if is_odd || (number.is_empty() && dashes == 0) {
            return None;
        }
        let word: String =
            around.chars().filter(|c| !is_dash(*c) && !c.is_whitespace() && !"()+".contains(*c)).collect();
        Some(Self { is_negative: is_bracketed || dashes == 1, number, word: fold(&word) })
    }
}

fn check_currency(word: &str, currency: Currency) -> Result<(), SheetError> {
    let signs = SIGNS.iter().find(|(sign, _)| *sign == word).map(|(_, codes)| *codes);
    if word.is_empty()
        || word.eq_ignore_ascii_case(currency.code())
        || signs.is_some_and(|s| s.contains(&currency.code()))
    {
        return Ok(());
    }
    let other = word.parse().ok().map(Currency::code).or_else(|| signs.and_then(|codes| codes.first().copied()));
    let Some(given) = other else { return Err(invalid(currency)) };
    Err(refused(Refusal::CurrencyDiffers { given: given.to_owned(), expected: currency.code().to_owned() }))
}

/// The number as [`Money::parse`] takes it: digits, and a point before the decimals.
fn plain(number: &str, mark: Option<DecimalMark>, currency: Currency) -> Result<String, SheetError> {
    match Scientific::read(number) {
        Some(Scientific::Exact(number)) => return Ok(number),
        Some(Scientific::Rounded) => return Err(SheetError::Rounded { field: ImportField::OpeningBalance }),
        None => {}
    }
    let decimals = currency.decimals() as usize;
    let (whole, fraction) = match decimal_at(number, mark, decimals)? {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, ""),
    };
    let whole = ungrouped(whole).ok_or_else(|| invalid(currency))?;
    // Zeros beyond the currency's decimals say nothing: 1250.00 is a whole amount of đồng.
    let needed = fraction.len().min(decimals);
    let fraction = match fraction.get(needed..) {
        Some(beyond) if beyond.bytes().all(|byte| byte == b'0') => &fraction[..needed],
        Some(_) | None => fraction,
    };
    Ok(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

/// Where the decimals begin, if there are any.
fn decimal_at(number: &str, mark: Option<DecimalMark>, decimals: usize) -> Result<Option<usize>, SheetError> {
    match Marks::of(number) {
        Marks::None | Marks::Thousands(_) => Ok(None),
        Marks::Decimal(_, at) => Ok(Some(at)),
        Marks::Either(either, at) => match mark {
            Some(mark) if mark != either => Ok(None),
            Some(_) if decimals > 0 => Ok(Some(at)),
            None if decimals == 0 => Ok(None),
            // Three decimals of a currency that has none, or nothing to go by.
            Some(_) | None => Err(SheetError::AmountAmbiguous),
        },
    }
}

impl Marks {
    fn of(number: &str) -> Self {
        let last = |mark: DecimalMark| number.rfind(mark.character());
        let (mark, at) = match (last(DecimalMark::Point), last(DecimalMark::Comma)) {
            (None, None) => return Self::None,
            (Some(at), None) => (DecimalMark::Point, at),
            (None, Some(at)) => (DecimalMark::Comma, at),
            // Of two kinds, the last one stands before decimals.
            (Some(point), Some(comma)) if point > comma => return Self::of_two(number, DecimalMark::Point, point),
            (Some(_), Some(comma)) => return Self::of_two(number, DecimalMark::Comma, comma),
        };
        let (before, after) = (&number[..at], &number[at + 1..]);
        if before.contains(mark.character()) {
            return Self::Thousands(mark);
        }
        let could_be_thousands = before.len() <= 3 && all_digits(before) && !before.starts_with('0');
        if after.len() == 3 && could_be_thousands { Self::Either(mark, at) } else { Self::Decimal(mark, at) }
    }

    fn of_two(number: &str, last: DecimalMark, at: usize) -> Self {
        if number[..at].contains(last.character()) { Self::Thousands(last) } else { Self::Decimal(last, at) }
    }
}

/// The digits of a whole number, where what divides them divides thousands: one kind of mark, three digits at the end,
/// three or (in India) two between.
fn ungrouped(whole: &str) -> Option<String> {
    let mut marks = whole.chars().filter(|character| !character.is_ascii_digit());
    let mark = marks.next();
    if !marks.all(|other| Some(other) == mark) || mark.is_some_and(|mark| !divides_thousands(mark)) {
        return None;
    }
    let groups: Vec<&str> = whole.split(|character: char| !character.is_ascii_digit()).collect();
    let is_well_grouped = match groups.as_slice() {
        [only] => !only.is_empty(),
        [first, between @ .., last] => {
            (1..=3).contains(&first.len())
                && between.iter().all(|group| matches!(group.len(), 2 | 3))
                && last.len() == 3
        }
        [] => false,
    };
    is_well_grouped.then(|| groups.concat())
}

fn divides_thousands(character: char) -> bool {
    matches!(character, '.' | ',' | '\'' | '’') || character.is_whitespace()
}

const fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn invalid(currency: Currency) -> SheetError {
    refused(Refusal::AmountInvalid { example: currency.example() })
}

const fn refused(refusal: Refusal) -> SheetError {
    SheetError::Refused { field: ImportField::OpeningBalance, refusal }
}
