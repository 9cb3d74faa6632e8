//! The connectors against our own head office, which answers in all five APIs over the same members: what one till does
//! through one of them, another till hears of through another.

use super::till::Till;
use regulars_domain::Timestamp;
use regulars_domain::location::Location;
use regulars_head_office::access::{TokenFor, make_token};
use regulars_head_office::storage::{Scope, Storage};
use regulars_head_office::{HeadOffice, Limits, SqliteStorage, router};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(super) struct Office {
    _runtime: Runtime,
    storage: Arc<SqliteStorage>,
    url: String,
    _folder: TempDir,
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("small"))
}

impl Office {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Arc::new(SqliteStorage::open(&folder.path().join("head-office.db")).expect("a database"));
        let limits = Limits { requests_a_second: NonZeroU32::MAX, burst: NonZeroU32::MAX, ..Limits::default() };
        let office = HeadOffice::with_limits(Arc::clone(&storage) as Arc<dyn Storage>, Arc::new(now), limits);
        let service = router(office).into_make_service_with_connect_info::<SocketAddr>();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        runtime.spawn(async move { axum::serve(listener, service).await });
        let shop = Location {
            code: "KM".to_owned(),
            name: "Kim Ma".to_owned(),
            country: "VN".to_owned(),
            currency: "VND".parse().expect("a currency"),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            issuer: "default".to_owned(),
        };
        storage
            .write(&mut |rows| {
                let version = rows.next_version()?;
                rows.insert_location(&shop, version)
            })
            .expect("a shop");
        Self { _runtime: runtime, storage, url, _folder: folder }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A token for that API.
    pub(super) fn token(&self, kind: &str) -> String {
        let rights: &[&str] = if kind == "portos" { &["admin"] } else { &[] };
        let rights = rights.iter().map(|right| (*right).to_owned()).collect();
        let scope = Scope::Locations(["KM".to_owned()].into());
        let wanted = TokenFor { kind: kind.to_owned(), scope, rights };
        let mut secret = String::new();
        self.storage
            .write(&mut |rows| {
                secret = make_token(rows, &wanted, now())?;
                Ok(())
            })
            .expect("a token");
        secret
    }

    /// A till that talks to it in that API.
    pub(super) fn till(&self, kind: &str) -> Till {
        let secret = self.token(kind);
        let settings = match kind {
            "lumyri" => json!({ "app_id": "14e43e28-7e6d-461e-b1c9-7c54736f4331" }),
            "valomnia" => json!({ "user_name": "desk" }),
            _ => json!({}),
        };
        Till::at(kind, &format!("{}/{kind}", self.url), &secret, settings)
    }
}

fn email(till: &Till, phone: &str) -> Option<String> {
    till.people().into_iter().find(|(digits, _, _)| digits == phone).map(|(_, _, email)| email)
}

/// What a till does over `kind` is heard of over `other`, and the other way round.
fn goes_round(kind: &str, other: &str) {
    let office = Office::start();
    let (ours, theirs) = (office.till(kind), office.till(other));
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    let ada = ours.register("Ada", "Byron", "0945350392", "ada@example.com");
    ours.settle();
    assert_eq!(ours.open(), Vec::<String>::new(), "{kind}");
    theirs.settle();
    assert_eq!(theirs.people(), ours.people(), "{kind} is seen over {other}");

    ours.edit(marie, "email", json!("ours@example.com"));
    ours.settle();
    theirs.settle();
    assert_eq!(email(&theirs, "945350391").as_deref(), Some("ours@example.com"), "{kind} to {other}");

    let ids = theirs.read(|tx| regulars_store::members::list_ids(tx));
    let their_ada = ids
        .into_iter()
        .find(|id| theirs.document(*id).get("email") == Some(&json!("ada@example.com")))
        .expect("Ada is there");
    theirs.edit(their_ada, "email", json!("theirs@example.com"));
    theirs.settle();
    assert_eq!(theirs.open(), Vec::<String>::new(), "{other}");
    ours.settle();
    assert_eq!(email(&ours, "945350392").as_deref(), Some("theirs@example.com"), "{other} to {kind}");

    // What only this till knows stays at it through all of that.
    ours.edit(ada, "staff_note", json!({ "text": "mathematics", "author": null, "on": "2026-11-24" }));
    ours.settle();
    assert_eq!(
        ours.document(ada).get("staff_note").and_then(|note| note.get("text")),
        Some(&json!("mathematics")),
        "{kind}"
    );

    if ours.connector.capabilities().delete {
        ours.remove(ada);
        ours.settle();
        assert_eq!(ours.open(), Vec::<String>::new(), "{kind}");
        theirs.settle();
        theirs.settle();
        assert_eq!(theirs.people().len(), 1, "{kind} deleted, {other} hears of it");
    }
    for till in [&ours, &theirs] {
        assert_eq!((till.findings(), till.quarantined()), (0, 0));
    }
}

#[test]
fn of_somebody_who_is_gone_there_one_decision_gives_up_all_later_edits() {
    let office = Office::start();
    let (ours, theirs) = (office.till("portos"), office.till("lumyri"));
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    ours.settle();
    theirs.settle();
    let there = theirs.read(|tx| regulars_store::members::list_ids(tx))[0];
    theirs.remove(there);
    theirs.settle();
    ours.edit(marie, "email", json!("new@example.com"));
    ours.edit_terms(marie, "discount_percent", json!("5"));
    ours.exchange();
    assert_eq!(ours.open().len(), 2, "{:?}", ours.open());
    ours.give_up_first();
    assert_eq!(ours.open(), Vec::<String>::new());
}

#[test]
fn what_is_done_over_crmx_is_heard_of_over_lumyri() {
    goes_round("crmx", "lumyri");
}

#[test]
fn what_is_done_over_stancer_is_heard_of_over_portos() {
    goes_round("stancer", "portos");
}

#[test]
fn what_is_done_over_lumyri_is_heard_of_over_portos() {
    goes_round("lumyri", "portos");
}

#[test]
fn what_is_done_over_portos_is_heard_of_over_lumyri() {
    goes_round("portos", "lumyri");
}

#[test]
fn what_is_done_over_valomnia_is_heard_of_over_portos() {
    goes_round("valomnia", "portos");
}

#[test]
fn somebody_whom_a_till_does_not_have_is_asked_for_over_what_can_be_searched() {
    let office = Office::start();
    let portos = office.till("portos");
    let document: Value = json!({
        "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" },
        "phone": { "typed": "0945350391", "e164": "+84945350391" },
        "email": "marie@example.com",
        "cards": { "8400123": { "status": "valid", "is_active": true, "is_virtual": false, "processor": "P" } },
    });
    portos.register_as(document, json!({}));
    portos.settle();
    assert_eq!(portos.open(), Vec::<String>::new());
    let crmx = office.till("crmx");
    assert_eq!(crmx.ask("+84 945 350 391").len(), 1);
    assert_eq!(crmx.people()[0].1, "Marie Curie");
    assert_eq!(crmx.ask("0945350000"), []);
    let other = office.till("portos");
    assert_eq!(other.ask("8400123").len(), 1);
    assert_eq!(office.till("lumyri").ask("marie@example.com").len(), 1);
}
