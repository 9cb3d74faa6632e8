//! Finding by the whole of a number, by its last four digits and by a card, among 10,000, 100,000 and a million members
//! of eight shops: the counter's use-case, against the one statement that reads the same members on a bare connection.

use super::people::Person;
use super::times::{Times, grouped};
use super::{Crowd, Row, SHOWN, Tell, bare};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_app::find;
use regulars_app::till::Till;
use regulars_domain::LocationId;
use regulars_store::locations::StoredLocation;
use rusqlite::Connection;

const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
const LOOKUPS: usize = 2_000;

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run(crowd: &mut Crowd, tell: &mut Tell) {
    for size in SIZES {
        crowd.grow_to(size);
        let (till, shops) = crowd.open();
        let floor = bare::open_till(crowd.folder());
        let asked = draw(size);
        for way in [BY_PHONE, BY_ENDING, BY_CARD] {
            tell(measure(&till, &shops, &floor, &asked, size, &way));
        }
    }
}

/// A way to find somebody.
struct Way {
    name: &'static str,
    /// What is typed for them.
    typed: fn(&Person) -> String,
    /// What the statement is given for them.
    key: fn(&Person, LocationId) -> String,
    /// Of the shop and the key.
    statement: &'static str,
}

const BY_PHONE: Way = Way {
    name: "whole number",
    typed: |person| person.phone.clone(),
    key: |person, _| person.digits(),
    statement: "SELECT members.id, members.document FROM phone_index JOIN members ON members.id = phone_index.member_id
         WHERE phone_index.location_id = ?1 AND phone_index.digits = ?2 AND members.deleted_at IS NULL LIMIT 50",
};

const BY_ENDING: Way = Way {
    name: "last four digits",
    typed: |person| person.ending().to_owned(),
    key: |person, shop| {
        let backwards: String = person.ending().chars().rev().collect();
        format!("\"\u{e001}{}{backwards}\"*", shop.uuid().simple())
    },
    statement:
        "SELECT members.id, members.document FROM member_words JOIN members ON members.number = member_words.rowid
         WHERE ?1 IS NOT NULL AND member_words MATCH ?2 AND members.deleted_at IS NULL LIMIT 50",
};

const BY_CARD: Way = Way {
    name: "card",
    typed: |person| person.card.clone().unwrap_or_default(),
    key: |person, _| person.card.clone().unwrap_or_default(),
    statement: "SELECT members.id, members.document FROM lookups JOIN members ON members.id = lookups.member_id
         JOIN memberships ON memberships.member_id = members.id AND memberships.location_id = ?1
         WHERE lookups.key = ?2 AND members.deleted_at IS NULL LIMIT 50",
};

/// Members with a card, anywhere in the file.
fn draw(size: u32) -> Vec<Person> {
    let mut random = StdRng::seed_from_u64(u64::from(size));
    let drawn = std::iter::repeat_with(|| Person::invent(random.random_range(0..size)));
    drawn.filter(|person| person.card.is_some()).take(LOOKUPS).collect()
}

fn measure(till: &Till, shops: &[StoredLocation], floor: &Connection, asked: &[Person], size: u32, way: &Way) -> Row {
    let questions: Vec<_> = asked.iter().map(|person| (&shops[person.shops[0]], (way.typed)(person))).collect();
    let ours = Times::of(&questions, |(shop, typed)| {
        let found = find::find(till, shop, typed, SHOWN).expect("looked for");
        assert!(!found.members.is_empty(), "{typed} is somebody's");
    });
    let mut statement = floor.prepare(way.statement).expect("SQL");
    let questions: Vec<_> =
        asked.iter().map(|person| (shops[person.shops[0]].id, (way.key)(person, shops[person.shops[0]].id))).collect();
    let bare = Times::of(&questions, |(shop, key)| {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?));
        let rows = statement.query_map((shop.as_bytes(), key), read).expect("SQL");
        assert!(!rows.collect::<Result<Vec<_>, _>>().expect("rows").is_empty(), "{key} is somebody's");
    });
    Row {
        name: format!("{}, {} members", way.name, grouped(size)),
        measured: ours.shown(99),
        floor: bare.shown(99),
        ratio: ours.ratio(&bare),
        aim: "<= 1.5 x, p99 < 1 ms",
    }
}
