//! The first pull of 100,000 members over HTTP, against the same pages read and put into one bare table with three
//! indexes, with equal encryption.

use super::{Row, bare, top_up};
use crate::folder::Folder;
use regulars_app::sync;
use regulars_app::till::Till;
use regulars_app::{remotes, remotes::REQUEST_TIMEOUT};
use regulars_domain::edit::Document;
use regulars_domain::location::Location;
use regulars_domain::{ChangeId, Incarnation, MemberId, TillId, Timestamp};
use regulars_head_office::access::{Access, TokenFor, make_token};
use regulars_head_office::storage::{Rows, Scope, Storage};
use regulars_head_office::{HeadOffice, SqliteStorage, apply, router};
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::{Change, ChangeBody, PushRequest};
use rusqlite::params;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MEMBERS: u32 = 100_000;
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run() -> Row {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folder = Folder::new();
    let (url, token) = runtime.block_on(serve(&folder.join("head-office.db")));
    let ours = runtime.block_on(ours(&folder.join("till"), &url, &token));
    let floor = runtime.block_on(floor(&folder.join("bare.db"), &url, &token));
    Row {
        name: "first pull of 100,000 members".to_owned(),
        measured: format!("{:.2} s", ours.as_secs_f64()),
        floor: format!("{:.2} s", floor.as_secs_f64()),
        ratio: ours.as_secs_f64() / floor.as_secs_f64(),
        aim: "<= 2.5 s",
    }
}

async fn ours(folder: &Path, url: &str, token: &str) -> Duration {
    let (till, shop) = top_up::till(folder, url);
    let till = Arc::new(till);
    connect(&till, url, token);
    let described = remotes::list(&till).expect("read").remove(0);
    let engine = Arc::new(sync::engine(&till));
    let line = sync::line(&till, &engine, &described, REQUEST_TIMEOUT).expect("a line");
    let begun = Instant::now();
    let tally = sync::exchange_now(&line).await.expect("exchanged");
    let time = begun.elapsed();
    assert_eq!((tally.trouble, tally.received), (None, u64::from(MEMBERS)));
    let found = regulars_app::find::find(&till, &shop, "0900099999", 1).expect("looked for");
    assert_eq!(found.members.len(), 1);
    time
}

async fn floor(path: &Path, url: &str, token: &str) -> Duration {
    let mut connection = bare::open(path);
    connection
        .execute_batch(
            "CREATE TABLE members (id BLOB PRIMARY KEY, document TEXT, phone TEXT, version INTEGER) STRICT;
             CREATE INDEX by_phone ON members (phone); CREATE INDEX by_version ON members (version);",
        )
        .expect("a table");
    let client = reqwest::Client::builder().no_gzip().build().expect("a client");
    let begun = Instant::now();
    let mut after = 0;
    loop {
        let request = client.get(format!("{url}/v1/pull?after={after}&limit=1000")).bearer_auth(token);
        let request = request.header(regulars_protocol::VERSION_HEADER, regulars_protocol::VERSION);
        let page: PullResponse = request.send().await.expect("answered").json().await.expect("a page");
        let tx = connection.transaction().expect("a transaction");
        for row in &page.rows {
            let PullRow::Member(member) = row else { continue };
            let document = member.document.get();
            let phone = &document[document.len() - 20..];
            tx.prepare_cached("INSERT INTO members VALUES (?, ?, ?, ?)")
                .expect("SQL")
                .execute(params![member.id.as_bytes().as_slice(), document, phone, member.version])
                .expect("a row");
        }
        tx.commit().expect("committed");
        after = page.next;
        if page.left == 0 {
            return begun.elapsed();
        }
    }
}

/// Tells a till where its head office is.
pub(super) fn connect(till: &Till, url: &str, token: &str) {
    let described = remotes::list(till).expect("read").remove(0);
    let new = remotes::NewRemote {
        name: described.name,
        kind: described.kind,
        url: url.to_owned(),
        secret: Some(token.to_owned()),
        settings: serde_json::Map::new(),
        ca: None,
        may_be_plain: false,
    };
    remotes::add(till, new).expect("a token");
}

async fn serve(path: &Path) -> (String, String) {
    let storage = Arc::new(SqliteStorage::open(path).expect("a database"));
    let token = fill(storage.as_ref());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let head_office = HeadOffice::new(storage, Arc::new(|| NOW));
    let service = router(head_office).into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, token)
}

fn fill(storage: &dyn Storage) -> String {
    let mut token = String::new();
    let wanted = TokenFor { kind: "till".to_owned(), scope: Scope::All, rights: Vec::new() };
    let mut fill = |rows: &mut dyn Rows| {
        token = make_token(rows, &wanted, NOW)?;
        let access = Access { token_id: uuid::Uuid::nil(), scope: Scope::All, rights: Vec::new() };
        apply::push(rows, &access, &batch(), NOW).map(|_| ())
    };
    storage.write(&mut fill).expect("filled");
    token
}

fn batch() -> PushRequest {
    let location = Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    };
    let members = (0..MEMBERS).map(|number| ChangeBody::MemberAdded {
        member_id: MemberId::mint(Timestamp::from_millis(NOW.as_millis() + i64::from(number)), rand::random()),
        document: member(number),
        location: "KM".to_owned(),
        member_since: "2024-01-01".parse().expect("a day"),
        terms: Document::new(),
    });
    let bodies = std::iter::once(ChangeBody::LocationAdded { location }).chain(members);
    let incarnation = Incarnation::mint(NOW, rand::random());
    let changes = bodies.zip(1..).map(|(body, number)| Change {
        id: ChangeId::mint(NOW, rand::random()),
        incarnation,
        number,
        made_at: NOW,
        staff_id: None,
        body,
    });
    PushRequest {
        till_id: TillId::mint(NOW, rand::random()),
        till_name: "Bench".to_owned(),
        at: None,
        known: None,
        changes: changes.collect(),
    }
}

/// About as long as a member with everything that a counter asks for.
fn member(number: u32) -> Document {
    let phone = format!("09{number:08}");
    let document = json!({
        "name": { "full": format!("Nguyễn Thị Minh Khai {number}") },
        "phone": { "typed": phone, "e164": format!("+84{}", &phone[1..]) },
        "email": format!("nguyen.thi.minh.khai.{number}@example.com"),
        "birthday": { "month": number % 12 + 1, "day": number % 28 + 1, "year": 1950 + number % 60 },
        "note": "Comes on Fridays with two children, likes the table at the window; allergic to nuts, ask before offering samples.",
    });
    document.as_object().cloned().expect("an object")
}
