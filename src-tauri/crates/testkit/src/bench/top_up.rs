//! A durable top-up, with ledger, audit and outbox, against a bare insert of equal width, encryption and durability.

use super::{Row, bare};
use crate::folder::Folder;
use regulars_app::credit::{self, TopUp};
use regulars_app::locations::{self, NewLocation};
use regulars_app::members;
use regulars_app::remotes::{self, NewRemote};
use regulars_app::till::{NewClock, Till};
use regulars_domain::Money;
use regulars_domain::ledger::Tender;
use regulars_domain::location::Location;
use regulars_domain::member::{MemberInput, Name, Typing};
use regulars_store::KeystoreKind;
use regulars_store::locations::StoredLocation;
use serde_json::Map;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const MEMBERS: usize = 100;
const TOP_UPS: usize = 5_000;

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run() -> Row {
    let folder = Folder::new();
    let (till, shop) = till(folder.path(), "http://127.0.0.1:1");
    let ids: Vec<_> = (0..MEMBERS)
        .map(|number| {
            let name = Name { full: format!("Nguyễn Văn {number}"), ..Name::default() };
            let member = MemberInput { name, phone: Some(format!("09450{number:05}")), ..MemberInput::default() };
            let typing = Typing { member, ..Typing::default() };
            members::register(&till, &shop, &typing, None).expect("registered")
        })
        .collect();
    // Closed once, so that only what the top-ups write is counted: a log of changes is gone with the process.
    drop(till);
    let before = size(folder.path());
    let (till, _) = Till::open(folder.path(), None).expect("a till");
    let begun = Instant::now();
    for number in 0..TOP_UPS {
        let top_up = TopUp {
            entry_id: till.new_entry_id(),
            member_id: ids[number % MEMBERS],
            amount: Money::new(50_000, shop.location.currency),
            tender: Tender::Cash,
            receipt: None,
        };
        credit::top_up(&till, &shop, top_up).expect("booked");
    }
    let ours = begun.elapsed();
    drop(till);
    let width = (size(folder.path()) - before) / TOP_UPS as u64;
    let floor = floor(folder.path(), usize::try_from(width).expect("small"));
    Row {
        name: "durable top-up: ledger, audit, outbox".to_owned(),
        measured: per_second(ours),
        floor: per_second(floor),
        ratio: ours.as_secs_f64() / floor.as_secs_f64(),
        aim: ">= 2,500/s",
    }
}

/// A till with one shop at a remote.
pub(super) fn till(folder: &Path, url: &str) -> (Till, StoredLocation) {
    let till = Till::create(folder, "Bench", NewClock::System, KeystoreKind::File).expect("a till");
    let remote = NewRemote {
        name: "head office".to_owned(),
        kind: "head-office".to_owned(),
        url: url.to_owned(),
        secret: Some("none".to_owned()),
        settings: Map::new(),
        ca: None,
        may_be_plain: false,
    };
    remotes::add(&till, remote).expect("a remote");
    let location = Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: String::new(),
    };
    let new = NewLocation { location, remote: Some("head office".to_owned()), pos_id: None, allowance: None };
    let shop = locations::add(&till, new).expect("a shop");
    (till, shop)
}

fn floor(folder: &Path, width: usize) -> Duration {
    let connection = bare::open(&folder.join("bare.db"));
    connection.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB)").expect("a table");
    let bytes = vec![7_u8; width];
    let begun = Instant::now();
    for _ in 0..TOP_UPS {
        connection
            .prepare_cached("INSERT INTO rows (bytes) VALUES (?)")
            .expect("SQL")
            .execute([&bytes])
            .expect("a row");
    }
    begun.elapsed()
}

fn size(folder: &Path) -> u64 {
    fs::metadata(folder.join("till.db")).expect("a closed till's file").len()
}

fn per_second(time: Duration) -> String {
    format!("{:.0}/s", TOP_UPS as f64 / time.as_secs_f64())
}
