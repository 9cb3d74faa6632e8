use super::*;
use crate::spreadsheet::dates::from_serial;

fn reading(order: DateOrder) -> Dates {
    Dates { order, this_year: 2026 }
}

/// A birthday as `1996-5-30`, or `5-30` without its year.
fn birthday(cell: &str, order: DateOrder) -> Result<String, &'static str> {
    let day = reading(order).birthday(cell).map_err(|error| error.code())?;
    Ok(day.map_or(String::new(), |day| {
        let year = day.year.map_or(String::new(), |year| format!("{year}-"));
        format!("{year}{}-{}", day.month, day.day)
    }))
}

#[test]
fn a_birthday_is_read_in_every_way_of_writing_it() {
    for (cell, day) in [
        ("1996-05-30", "1996-5-30"),
        ("1996/5/30", "1996-5-30"),
        ("1996.05.30", "1996-5-30"),
        ("30/5/1996", "1996-5-30"),
        ("30/05/96", "1996-5-30"),
        ("30.5.1996", "1996-5-30"),
        ("30. 5. 1996", "1996-5-30"),
        ("30-05-1996", "1996-5-30"),
        ("'30/5/1996", "1996-5-30"),
        ("1996-05-30 00:00:00", "1996-5-30"),
        ("1996-05-30T00:00:00.000Z", "1996-5-30"),
        ("30/5/1996 0:00", "1996-5-30"),
        ("30-May-96", "1996-5-30"),
        ("30 May 1996", "1996-5-30"),
        ("May 30, 1996", "1996-5-30"),
        ("30 mai 1996", "1996-5-30"),
        ("30-Thg5-1996", "1996-5-30"),
        ("ngày 30 tháng 5 năm 1996", "1996-5-30"),
        ("35215", "1996-5-30"),
        ("35215.0", "1996-5-30"),
        ("30/5", "5-30"),
        ("30.5.", "5-30"),
        ("30-May", "5-30"),
        ("30 tháng 5", "5-30"),
        ("29/2", "2-29"),
        ("29/2/2000", "2000-2-29"),
        ("1/2/26", "2026-2-1"),
        ("1/2/27", "1927-2-1"),
        (" ", ""),
    ] {
        assert_eq!(birthday(cell, DateOrder::DayFirst), Ok(day.to_owned()), "{cell}");
    }
}

#[test]
fn a_day_that_does_not_exist_is_refused() {
    for cell in [
        "31/4/1996",
        "29/2/1999",
        "0/5/1996",
        "30/13/1996",
        "00/00/0000",
        "0000-00-00",
        "1996",
        "5",
        "30",
        "5/1996",
        "1996-05",
        "30/5/199",
        "30/5/19966",
        "soon",
        "30/5/1996/7",
        "-",
        "999999",
        "99999999999999999999/1/1",
        "May",
        ":",
        "12:30",
        "30 Foo 1996",
        "May June",
        "30/5/٢٠٠٠",
    ] {
        assert_eq!(birthday(cell, DateOrder::DayFirst), Err("birthday_invalid"), "{cell}");
    }
    let since =
        |cell: &str| reading(DateOrder::DayFirst).member_since(cell).map_err(|error| (error.code(), error.field()));
    assert_eq!(since("30/5"), Err(("date_invalid", Some("member_since"))), "without a year it is no date");
    assert_eq!(since("26.9.2019").map(|date| date.map(|date| date.to_string())), Ok(Some("2019-09-26".to_owned())));
}

#[test]
fn the_month_goes_first_where_the_column_says_so() {
    for (cell, day) in
        [("5/30/1996", "1996-5-30"), ("5/6", "5-6"), ("30.5.1996", "1996-5-30"), ("1996-05-30", "1996-5-30")]
    {
        assert_eq!(birthday(cell, DateOrder::MonthFirst), Ok(day.to_owned()), "{cell}");
    }
    assert_eq!(birthday("30/5/1996", DateOrder::MonthFirst), Err("birthday_invalid"));
}

#[test]
fn one_day_above_twelve_decides_for_its_column() {
    for (cells, code, order) in [
        (["1/2/1990", "13/2/1990", ""].as_slice(), "US", DateOrder::DayFirst),
        (&["1/2/1990", "2/13/1990"], "VN", DateOrder::MonthFirst),
        (&["1/2/1990", "3/4"], "US", DateOrder::MonthFirst),
        (&["1/2/1990", "3/4"], "VN", DateOrder::DayFirst),
        (&["30.5.1990", "1990-13-01", "5 May", "3/4/1990"], "US", DateOrder::MonthFirst),
        (&["13/1/1990", "14/1/1990", "1/15/1990"], "US", DateOrder::DayFirst),
        (&[], "FR", DateOrder::DayFirst),
    ] {
        assert_eq!(DateOrder::guess(cells.iter().copied(), country(code)), order, "{cells:?} in {code}");
    }
}

#[test]
fn excels_calendar_has_a_day_that_never_was() {
    let day = |serial| from_serial(serial).map(|day| (day.year.unwrap_or_default(), day.month, day.day));
    for (serial, expected) in [
        (0, None),
        (1, Some((1900, 1, 1))),
        (59, Some((1900, 2, 28))),
        (60, None),
        (61, Some((1900, 3, 1))),
        (366, Some((1900, 12, 31))),
        (367, Some((1901, 1, 1))),
        (25_569, Some((1970, 1, 1))),
        (36_585, Some((2000, 2, 29))),
        (2_958_465, Some((9999, 12, 31))),
        (2_958_466, None),
        (u32::MAX, None),
    ] {
        assert_eq!(day(serial), expected, "{serial}");
    }
}
