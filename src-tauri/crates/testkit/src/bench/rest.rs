//! Edits that go to a member system one request at a time, over a line with latency: against a bare client that makes as
//! many requests, as many at once. Only what goes out: what comes in costs as much however little was edited.

use super::{Crowd, Row, Tell};
use crate::folder::Folder;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use futures::future::join_all;
use regulars_app::locations::{self, NewLocation};
use regulars_app::members;
use regulars_app::remotes::{self, NewRemote, REQUEST_TIMEOUT};
use regulars_app::sync;
use regulars_app::till::{NewClock, Till};
use regulars_domain::location::Location;
use regulars_domain::member::Typing;
use regulars_domain::{MemberId, Timestamp};
use regulars_head_office::access::{TokenFor, make_token};
use regulars_head_office::storage::{Scope, Storage};
use regulars_head_office::{HeadOffice, Limits, SqliteStorage, router};
use regulars_store::KeystoreKind;
use regulars_store::locations::StoredLocation;
use regulars_sync::engine::{Exchange, Step};
use serde_json::{Map, Value, json};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const EDITS: usize = 400;
/// Milliseconds that each request takes longer than on loopback.
const LATENCIES: [u64; 3] = [0, 20, 200];
/// Requests at once, as the connectors make them.
const LANES: usize = 8;
/// Each edit reads the whole of a member and writes it again.
const KIND: &str = "portos";

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run(_: &mut Crowd, tell: &mut Tell) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    LATENCIES.into_iter().for_each(|latency| tell(runtime.block_on(row(latency))));
}

async fn row(latency: u64) -> Row {
    let folder = Folder::new();
    let line = Line::serve(&folder.join("head-office.db")).await;
    let (till, shop) = till(&folder.join("till"), &line);
    let till = Arc::new(till);
    let described = remotes::list(&till).expect("read").remove(0);
    let engine = Arc::new(sync::engine(&till));
    let connected = sync::line(&till, &engine, &described, REQUEST_TIMEOUT).expect("a line");
    let members: Vec<MemberId> = (0..EDITS).map(|number| register(&till, &shop, number)).collect();
    assert_eq!(sync::exchange_now(&connected).await.expect("exchanged").trouble, None);
    for (number, member) in members.into_iter().enumerate() {
        let patch = json!({ "email": format!("edited{number}@example.com") });
        members::edit(&till, &shop, member, patch).expect("edited");
    }
    line.latency.store(latency, Ordering::Relaxed);
    let begun = Instant::now();
    let mut exchange = Exchange::new(false);
    while connected.engine.step(&connected.connector, &mut exchange).await.expect("a step") == Step::Worked {}
    let ours = begun.elapsed();
    assert_eq!((exchange.tally.trouble, exchange.tally.sent), (None, EDITS as u64));
    let floor = line.floor().await;
    let per_second = |time: Duration| format!("{:.0}/s", EDITS as f64 / time.as_secs_f64());
    Row {
        name: format!("{EDITS} edits to a member system {latency} ms away"),
        measured: per_second(ours),
        floor: per_second(floor),
        ratio: ours.as_secs_f64() / floor.as_secs_f64(),
        aim: if latency > 0 { "<= 1.11 times" } else { "" },
    }
}

/// Head office, which answers as a member system does, behind a line.
struct Line {
    url: String,
    token: String,
    latency: Arc<AtomicU64>,
}

impl Line {
    async fn serve(path: &Path) -> Self {
        let storage = Arc::new(SqliteStorage::open(path).expect("a database"));
        let now = Timestamp::from_millis(1_790_000_000_000);
        let mut token = String::new();
        let wanted = TokenFor { kind: KIND.to_owned(), scope: Scope::All, rights: vec!["admin".to_owned()] };
        let made = storage.write(&mut |rows| {
            let version = rows.next_version()?;
            rows.insert_location(&location(), version)?;
            token = make_token(rows, &wanted, now)?;
            Ok(())
        });
        made.expect("a token");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/{KIND}", listener.local_addr().expect("an address"));
        let limits = Limits { requests_a_second: NonZeroU32::MAX, burst: NonZeroU32::MAX, ..Limits::default() };
        let head_office = HeadOffice::with_limits(storage, Arc::new(move || now), limits);
        let latency = Arc::new(AtomicU64::new(0));
        let later = Arc::clone(&latency);
        let delay = move |request: Request, next: Next| {
            let time = Duration::from_millis(later.load(Ordering::Relaxed));
            async move {
                tokio::time::sleep(time).await;
                next.run(request).await
            }
        };
        let service = router(head_office).layer(from_fn(delay));
        let service = service.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, token, latency }
    }

    /// A bare client that reads every member and writes them again, so many at once.
    async fn floor(&self) -> Duration {
        let client = reqwest::Client::builder().no_gzip().build().expect("a client");
        let latency = self.latency.swap(0, Ordering::Relaxed);
        let mut members = Vec::with_capacity(EDITS);
        while members.len() < EDITS {
            let path = format!("customers?$sort=id&$skip={}&$take=100", members.len());
            let page = self.ask(client.get(format!("{}/{path}", self.url))).await;
            members.extend(page["items"].as_array().cloned().expect("members"));
        }
        self.latency.store(latency, Ordering::Relaxed);
        let next = AtomicUsize::new(0);
        let begun = Instant::now();
        join_all((0..LANES).map(|_| async {
            while let Some(member) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
                let url = format!("{}/customers/{}", self.url, member["id"].as_str().expect("an id"));
                let mut member = self.ask(client.get(&url)).await;
                member["email"] = json!(format!("floor-{}", member["email"].as_str().unwrap_or_default()));
                self.ask(client.put(&url).json(&member)).await;
            }
        }))
        .await;
        begun.elapsed()
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await.expect("answered");
        let (status, body) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{status}: {body}");
        serde_json::from_str(&body).unwrap_or(Value::Null)
    }
}

fn till(folder: &Path, line: &Line) -> (Till, StoredLocation) {
    let till = Till::create(folder, "Bench", NewClock::System, KeystoreKind::File).expect("a till");
    let remote = NewRemote {
        name: "members".to_owned(),
        kind: KIND.to_owned(),
        url: line.url.clone(),
        secret: Some(line.token.clone()),
        settings: Map::new(),
        ca: None,
        may_be_plain: false,
    };
    remotes::add(&till, remote).expect("a remote");
    let new = NewLocation { location: location(), remote: Some("members".to_owned()), pos_id: None, allowance: None };
    let shop = locations::add(&till, new).expect("a shop");
    (till, shop)
}

fn location() -> Location {
    Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: String::new(),
    }
}

fn register(till: &Till, shop: &StoredLocation, number: usize) -> MemberId {
    let typed = json!({ "name": { "full": format!("Nguyễn {number}") }, "phone": format!("09450{number:05}") });
    members::register(till, shop, &Typing::read(&typed).expect("typed"), None).expect("registered")
}
