//! Rules of spreadsheets as tables, with samples as messy as those that shops send.

mod amounts;
mod cells;
mod columns;
mod dates;
mod decoding;
mod round_trip;
mod samples;
mod tables;

use super::*;
use regulars_domain::Currency;

fn country(code: &str) -> Country {
    code.parse().expect("a country")
}

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn table(text: &str) -> Table {
    Table::parse(text).expect("a table")
}
