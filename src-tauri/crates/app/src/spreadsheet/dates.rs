//! Dates as people and spreadsheet programs write them. Whether the day or the month comes first is decided once for a
//! whole column, for a single cell cannot tell.

use super::cells::text;
use super::columns::ImportField;
use super::error::SheetError;
use regulars_domain::fold::fold;
use regulars_domain::phone::Country;
use regulars_domain::{Date, Refusal};

/// A leap year: a birthday without a year may be 29 February.
const LEAP_YEAR: i32 = 2000;
/// Numbers from which on a cell may be a day of Excel's calendar. Below, it is a day, a month or a year alone.
const FIRST_SERIAL: u32 = 1_000;
/// Numbers in a cell that are a year, and would be days of 1905 in Excel's calendar.
const YEARS: std::ops::RangeInclusive<u32> = 1_900..=2_100;
/// What stands around the parts of a date and says nothing: "ngày 30 tháng 5 năm 1996", "le 30 mai".
const FILLERS: [&str; 7] = ["ngay", "thang", "thg", "nam", "de", "of", "le"];
/// How the names of the months begin in the languages of the shops, without marks.
const MONTHS: [&str; 12] = [
    "jan",
    "feb|fev",
    "mar",
    "apr|avr",
    "may|mai|maj",
    "jun|juin",
    "jul|juil",
    "aug|aou",
    "sep",
    "oct|okt",
    "nov",
    "dec|dez",
];

/// A day of the calendar, perhaps without its year. It exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The year, where it is written.
    pub year: Option<i32>,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31, as the month has it.
    pub day: u32,
}

/// What comes first in a date of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 30/5/1996.
    DayFirst,
    /// 5/30/1996.
    MonthFirst,
}

/// How the dates of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// What comes first.
    pub order: DateOrder,
    /// The year that it is: two digits mean the latest year that is not after it.
    pub this_year: i32,
}

/// A date as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written<'c> {
    /// 1996-05-30.
    YearFirst(&'c str, &'c str, &'c str),
    /// Two numbers and perhaps a year, and nothing says which is the day.
    Numbers(&'c str, &'c str, Option<&'c str>),
    /// Two numbers and perhaps a year, and the day is first: with dots, or with the word for month.
    DayFirst(&'c str, &'c str, Option<&'c str>),
    /// A day, a month by its name, and perhaps a year.
    Named(&'c str, u32, Option<&'c str>),
    /// Days of Excel's calendar.
    Serial(u32),
}

impl DateOrder {
    /// What comes first in a column. A number above twelve is a day; where there is none, the country decides.
    pub fn guess<'c>(cells: impl IntoIterator<Item = &'c str>, country: Country) -> Self {
        let (mut day_first, mut month_first) = (0_usize, 0_usize);
        for cell in cells {
            if let Some(Written::Numbers(first, second, _)) = Written::read(cell) {
                let above = |part: &str| number(part).is_some_and(|part| part > 12);
                day_first += usize::from(above(first) && !above(second));
                month_first += usize::from(above(second) && !above(first));
            }
        }
        match day_first.cmp(&month_first) {
            std::cmp::Ordering::Greater => Self::DayFirst,
            std::cmp::Ordering::Less => Self::MonthFirst,
            std::cmp::Ordering::Equal if country.code() == "US" => Self::MonthFirst,
            std::cmp::Ordering::Equal => Self::DayFirst,
        }
    }
}

impl Dates {
    /// A birthday; `None` where the cell is blank.
    ///
    /// # Errors
    /// `birthday_invalid`, `text_unreadable`.
    pub fn birthday(self, cell: &str) -> Result<Option<Day>, SheetError> {
        let field = ImportField::Birthday;
        let Some(text) = text(cell, field)? else { return Ok(None) };
        self.day(text).map(Some).ok_or(SheetError::Refused { field, refusal: Refusal::BirthdayInvalid })
    }

    /// The day since when somebody is a member; `None` where the cell is blank.
    ///
    /// # Errors
    /// `date_invalid`, also where there is no year; `text_unreadable`.
    pub fn member_since(self, cell: &str) -> Result<Option<Date>, SheetError> {
        let field = ImportField::MemberSince;
        let Some(text) = text(cell, field)? else { return Ok(None) };
        let date = self.day(text).and_then(|day| Date::new(day.year?, day.month, day.day));
        date.map(Some).ok_or(SheetError::Refused { field, refusal: Refusal::DateInvalid { field: None } })
    }

    fn day(self, text: &str) -> Option<Day> {
        let (day, month, year) = match Written::read(text)? {
            Written::YearFirst(year, month, day) => (number(day)?, number(month)?, Some(year)),
            Written::Numbers(first, second, year) => match self.order {
                DateOrder::DayFirst => (number(first)?, number(second)?, year),
                DateOrder::MonthFirst => (number(second)?, number(first)?, year),
            },
            Written::DayFirst(day, month, year) => (number(day)?, number(month)?, year),
            Written::Named(day, month, year) => (number(day)?, month, year),
            Written::Serial(serial) => return from_serial(serial),
        };
        let year = match year {
            Some(year) => Some(self.full_year(year)?),
            None => None,
        };
        existing(year, month, day)
    }

    fn full_year(self, text: &str) -> Option<i32> {
        let year = i32::try_from(number(text)?).ok()?;
        match text.len() {
            4 => Some(year),
            2 => {
                let this_century = self.this_year - self.this_year.rem_euclid(100) + year;
                Some(if this_century > self.this_year { this_century - 100 } else { this_century })
            }
            _ => None,
        }
    }
}

/// The day of a number of Excel's calendar, in which 1 is 1 January 1900 and 60 is 29 February 1900, which never was.
pub fn from_serial(serial: u32) -> Option<Day> {
    let days_since_1900 = match serial {
        0 | 60 => return None,
        1..60 => serial - 1,
        61.. => serial - 2,
    };
    let (mut year, mut left) = (1900, days_since_1900);
    // The last day of the calendar is 31 December 9999; the loop is over long before.
    while left >= days_of(year) {
        left -= days_of(year);
        year += 1;
        if year > 9999 {
            return None;
        }
    }
    (1..=12).find_map(|month| {
        let days = (28..=31).rev().find(|day| Date::new(year, month, *day).is_some())?;
        if left < days {
            return Some(Day { year: Some(year), month, day: left + 1 });
        }
        left -= days;
        None
    })
}

/// Whether a cell is written as a date. A number alone is none here: it could be anything.
pub(super) fn is_date(cell: &str) -> bool {
    let readings = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| Dates { order, this_year: LEAP_YEAR });
    !matches!(Written::read(cell), None | Some(Written::Serial(_)))
        && readings.iter().any(|dates| dates.day(cell).is_some())
}

/// The year that is written in a cell, with four digits.
pub(super) fn year(cell: &str) -> Option<i32> {
    let year = match Written::read(cell)? {
        Written::YearFirst(year, ..) => Some(year),
        Written::Numbers(.., year) | Written::DayFirst(.., year) | Written::Named(.., year) => year,
        Written::Serial(_) => None,
    };
    year.filter(|year| year.len() == 4)?.parse().ok()
}

impl<'c> Written<'c> {
    fn read(cell: &'c str) -> Option<Self> {
        let text = without_time(cell.trim().trim_start_matches(['\'', '’']));
        let (parts, is_day_first) = parts(text)?;
        match parts {
            [Some(serial), None, None] => serial_of(serial).map(Self::Serial),
            // What is left of a time of day: 35215.5.
            [Some(serial), Some(_), None] if serial.len() == 5 => serial_of(serial).map(Self::Serial),
            [Some(year), Some(month), Some(day)] if year.len() == 4 => Some(Self::YearFirst(year, month, day)),
            [Some(first), Some(second), year] => match (month_of(first), month_of(second)) {
                (None, None) if is_day_first => Some(Self::DayFirst(first, second, year)),
                (None, None) => Some(Self::Numbers(first, second, year)),
                (None, Some(month)) => Some(Self::Named(first, month, year)),
                (Some(month), None) => Some(Self::Named(second, month, year)),
                (Some(_), Some(_)) => None,
            },
            [_, _, _] => None,
        }
    }
}

/// The date before a time of day: `1996-05-30T00:00:00Z`, `30/5/1996 0:00`.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let before_hour = text[..colon].rfind([' ', 'T']).unwrap_or(0);
    text[..before_hour].trim_end()
}

/// Up to three parts, and whether something says that the day is first. More than three are no date.
fn parts(text: &str) -> Option<([Option<&str>; 3], bool)> {
    let mut is_day_first = text.contains('.');
    let mut parts = [None; 3];
    let mut count = 0;
    for part in text.split(['/', '-', '.', ' ', ',', '\u{a0}']).filter(|part| !part.is_empty()) {
        if !is_number(part) && FILLERS.contains(&fold(part).as_str()) {
            is_day_first = true;
            continue;
        }
        *parts.get_mut(count)? = Some(part);
        count += 1;
    }
    Some((parts, is_day_first))
}

fn serial_of(text: &str) -> Option<u32> {
    number(text).filter(|serial| *serial >= FIRST_SERIAL && !YEARS.contains(serial))
}

/// The month that a word names: "May", "Thg5", "septembre".
fn month_of(part: &str) -> Option<u32> {
    // The longest name of a month has ten letters; a note is not folded to find that it is none.
    if is_number(part) || part.len() > 24 {
        return None;
    }
    let word = fold(part);
    if let Some(number_of_month) = word.strip_prefix("thang").or_else(|| word.strip_prefix("thg")) {
        return number(number_of_month);
    }
    (1..).zip(MONTHS).find(|(_, names)| names.split('|').any(|name| word.starts_with(name))).map(|(month, _)| month)
}

/// A number of up to five digits; longer ones are in no date.
fn number(text: &str) -> Option<u32> {
    if is_number(text) && text.len() <= 5 { text.parse().ok() } else { None }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn existing(year: Option<i32>, month: u32, day: u32) -> Option<Day> {
    Date::new(year.unwrap_or(LEAP_YEAR), month, day).map(|_| Day { year, month, day })
}

fn days_of(year: i32) -> u32 {
    if Date::new(year, 2, 29).is_some() { 366 } else { 365 }
}
