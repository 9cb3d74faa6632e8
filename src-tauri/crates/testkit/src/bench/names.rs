//! Finding by words of a name among a million members, of whom 38 of 100 share one family name, at shops that have from
//! 40 of 100 members down to one: the counter's use-case, against the one statement that reads the same members on a bare
//! connection.

use super::times::Times;
use super::{Crowd, Row, SHOWN, Tell, bare};
use regulars_app::find;
use regulars_app::till::Till;
use regulars_store::locations::StoredLocation;
use rusqlite::Connection;

const MEMBERS: u32 = 1_000_000;
/// How often each shop asks for the same.
const TIMES: usize = 25;
/// What is typed, and how the index is asked for it, besides for the shop.
const TYPED: [(&str, &str); 5] = [
    ("ng", "\"ng\"*"),
    ("nguyen", "\"nguyen\"*"),
    ("nguyen thi", "\"nguyen\"* AND \"thi\"*"),
    ("ly tu", "\"ly\"* AND \"tu\"*"),
    ("th nguy", "\"nguy\"* AND \"th\"*"),
];

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run(crowd: &mut Crowd, tell: &mut Tell) {
    crowd.grow_to(MEMBERS);
    let (till, shops) = crowd.open();
    let floor = bare::open_till(crowd.folder());
    for (typed, expression) in TYPED {
        tell(measure(&till, &shops, &floor, typed, expression));
    }
}

fn measure(till: &Till, shops: &[StoredLocation], floor: &Connection, typed: &str, expression: &str) -> Row {
    let each: Vec<_> = (0..TIMES).flat_map(|_| shops).collect();
    let ours = Times::of(&each, |shop| {
        find::find(till, shop, typed, SHOWN).expect("looked for");
    });
    let sql =
        "SELECT members.id, members.document FROM member_words JOIN members ON members.number = member_words.rowid
         WHERE member_words MATCH ? LIMIT 50";
    let mut statement = floor.prepare(sql).expect("SQL");
    let bare = Times::of(&each, |shop| {
        let expression = format!("\"\u{e000}{}\" AND {expression}", shop.id.uuid().simple());
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?));
        let rows = statement.query_map([expression], read).expect("SQL");
        rows.collect::<Result<Vec<_>, _>>().expect("rows");
    });
    Row {
        name: format!("name `{typed}`, 1,000,000 members"),
        measured: ours.shown(99),
        floor: bare.shown(99),
        ratio: ours.ratio(&bare),
        aim: "p99 <= 30 ms",
    }
}
