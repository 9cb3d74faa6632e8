//! Every answer that is not 2xx has the body that clients read; the description names every route.

use crate::till::{MORNING, Server, fresh, member_added, no_limits, read, refused};
use axum::body::Body;
use axum::http::Request;
use regulars_domain::{MemberId, Timestamp};
use regulars_head_office::storage::{Storage, Work};
use regulars_head_office::{HeadOffice, SqliteStorage, router};
use regulars_protocol::push::MAX_BYTES;
use regulars_protocol::{Health, VERSION, VERSION_HEADER};
use reqwest::{Client, Method, StatusCode, Version};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tower::ServiceExt;

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_are_answered_in_the_common_form() {
    let server = Server::start().await;
    let till = server.till(&[]);
    for path in ["/", "/v1", "/v1/nothing", "/v1/push/more", "/v2/push"] {
        refused(till.request(Method::GET, path).send().await.unwrap(), StatusCode::NOT_FOUND, "not_found").await;
    }
    for (method, path) in [(Method::GET, "/v1/push"), (Method::POST, "/v1/pull"), (Method::PUT, "/health")] {
        let response = till.request(method, path).send().await.unwrap();
        assert!(response.headers().contains_key("allow"));
        refused(response, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_what_they_should_be_are_answered_in_the_common_form() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let push = || till.request(Method::POST, "/v1/push");
    let json = || push().header("content-type", "application/json");
    refused(push().body("{}").send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json").await;
    refused(json().body("{").send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid").await;
    refused(json().body("{}").send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid").await;
    refused(json().body(vec![0xff, 0xfe]).send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid").await;
    let mut zero = till.change(member_added(fresh(MemberId::mint), "An", "KM"));
    zero.number = 0;
    refused(till.send(&[zero]).await, StatusCode::BAD_REQUEST, "invalid").await;
    for query in ["", "?after=0", "?after=x&limit=1", "?after=0&limit=-1"] {
        let response = till.request(Method::GET, &format!("/v1/pull{query}")).send().await.unwrap();
        refused(response, StatusCode::BAD_REQUEST, "invalid").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_answered_and_the_largest_is_taken() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let json = |bytes: usize| {
        till.request(Method::POST, "/v1/push").header("content-type", "application/json").body(vec![b' '; bytes]).send()
    };
    for bytes in [MAX_BYTES + 1, 2 * MAX_BYTES] {
        refused(json(bytes).await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE, "too_large").await;
    }
    refused(json(MAX_BYTES).await.unwrap(), StatusCode::BAD_REQUEST, "invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_the_protocol_is_needed_where_rows_move_and_must_be_right_everywhere() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let bare = |path: &str| Client::new().get(format!("{}{path}", server.base)).bearer_auth(&till.token);
    for path in ["/v1/pull?after=0&limit=1", "/v1/hello"] {
        let other = bare(path).header(VERSION_HEADER, "2020-01-01").send().await.unwrap();
        refused(other, StatusCode::BAD_REQUEST, "protocol_unsupported").await;
    }
    let none = bare("/v1/pull?after=0&limit=1").send().await.unwrap();
    refused(none, StatusCode::BAD_REQUEST, "protocol_unsupported").await;
    assert_eq!(bare("/v1/hello").send().await.unwrap().status(), StatusCode::OK);
}

/// A database that breaks when it is told to.
struct Breaking {
    inner: Arc<dyn Storage>,
    panics: Arc<AtomicBool>,
}

impl Storage for Breaking {
    fn write(&self, work: &mut Work<'_>) -> Result<(), regulars_head_office::error::HeadOfficeError> {
        assert!(!self.panics.load(Ordering::SeqCst), "the test wants this");
        self.inner.write(work)
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), regulars_head_office::error::HeadOfficeError> {
        self.inner.read(work)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_answer_and_the_server_goes_on() {
    let panics = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&panics);
    let server = Server::start_with(no_limits(), |inner| Arc::new(Breaking { inner, panics: told })).await;
    panics.store(true, Ordering::SeqCst);
    let till = server.till(&[]);
    let change = till.change(member_added(fresh(MemberId::mint), "An", "KM"));
    let response = till.send(std::slice::from_ref(&change)).await;
    refused(response, StatusCode::INTERNAL_SERVER_ERROR, "server_error").await;
    panics.store(false, Ordering::SeqCst);
    till.push(&[change]).await;
}

/// A database whose reads wait until they are let go, from a moment on.
struct Waiting {
    inner: Arc<dyn Storage>,
    is_slow: Arc<AtomicBool>,
    go: Arc<std::sync::Barrier>,
}

impl Storage for Waiting {
    fn write(&self, work: &mut Work<'_>) -> Result<(), regulars_head_office::error::HeadOfficeError> {
        self.inner.write(work)
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), regulars_head_office::error::HeadOfficeError> {
        if self.is_slow.load(Ordering::SeqCst) {
            self.go.wait();
        }
        self.inner.read(work)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_answered() {
    let limits = regulars_head_office::Limits { request_time: std::time::Duration::from_millis(50), ..no_limits() };
    let go = Arc::new(std::sync::Barrier::new(2));
    let is_slow = Arc::new(AtomicBool::new(false));
    let (slow, waiting) = (Arc::clone(&is_slow), Arc::clone(&go));
    let server = Server::start_with(limits, |inner| Arc::new(Waiting { inner, is_slow: slow, go: waiting })).await;
    is_slow.store(true, Ordering::SeqCst);
    let response = Client::new().get(format!("{}/health", server.base)).send().await.unwrap();
    refused(response, StatusCode::SERVICE_UNAVAILABLE, "timeout").await;
    tokio::task::spawn_blocking(move || go.wait()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_need_no_token_and_name_nobody() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply(vec![member_added(fresh(MemberId::mint), "An Secret", "KM")]).await;
    till.pull(0, 10).await;
    let get = |path: &str| Client::new().get(format!("{}{path}", server.base)).send();
    let health: Health = read(get("/health").await.unwrap(), StatusCode::OK).await;
    assert_eq!((health.status.as_str(), health.protocols), ("ok", vec![VERSION.to_owned()]));
    assert_eq!(health.at, server.now());
    let metrics = get("/metrics").await.unwrap().text().await.unwrap();
    assert!(metrics.contains("regulars_changes_total{outcome=\"applied\"} 1\n"), "{metrics}");
    assert!(metrics.contains("regulars_pulled_rows_total 1\n"), "{metrics}");
    assert!(!metrics.contains("Secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_clients_that_say_so() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply((0..100).map(|_| member_added(fresh(MemberId::mint), "An", "KM")).collect()).await;
    // reqwest takes the header off with the encoding, and the length with it.
    let response = till.send_pull(None, 0, 100).await;
    assert_eq!((response.version(), response.content_length()), (Version::HTTP_11, None));
    let plain = Client::builder().no_gzip().build().unwrap();
    let request = till.request(Method::GET, "/v1/pull?after=0&limit=100").build().unwrap();
    let response = plain.execute(request).await.unwrap();
    assert!(!response.headers().contains_key("content-encoding"));
    assert!(response.content_length().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_router_answers_in_the_same_process_without_a_socket() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Arc::new(SqliteStorage::open(&directory.path().join("head-office.db")).unwrap());
    let router = router(HeadOffice::new(storage, Arc::new(|| Timestamp::from_millis(MORNING))));
    let health = Request::get("/health").body(Body::empty()).unwrap();
    assert_eq!(router.clone().oneshot(health).await.unwrap().status(), StatusCode::OK);
    let body = r#"{ "code": "ABCDEFGH", "till_id": "01940000-0000-7000-8000-000000000000" }"#;
    let join = Request::post("/v1/join").header("content-type", "application/json").body(Body::from(body)).unwrap();
    assert_eq!(router.oneshot(join).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_names_every_route_and_every_route_is_there() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let response = Client::new().get(format!("{}/openapi.json", server.base)).send().await.unwrap();
    let document: Value = read(response, StatusCode::OK).await;
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push(format!("{method} {path}"));
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            let asked = till.request(method.to_uppercase().parse().unwrap(), path).send().await.unwrap();
            assert!(!matches!(asked.status().as_u16(), 404 | 405), "{method} {path}");
        }
    }
    found.sort();
    let expected = [
        "delete /v1/authorisations/{id}",
        "get /health",
        "get /metrics",
        "get /openapi.json",
        "get /v1/bucket",
        "get /v1/checksums",
        "get /v1/hello",
        "get /v1/pull",
        "post /v1/authorisations",
        "post /v1/give-back",
        "post /v1/join",
        "post /v1/push",
    ];
    assert_eq!(found, expected);
    let text = document.to_string();
    for (place, _) in text.match_indices("#/components/schemas/") {
        let name = text[place..].split(['/', '"']).nth(3).unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    for schema in [
        "PushRequest",
        "PushResponse",
        "PullResponse",
        "ChecksumsResponse",
        "BucketResponse",
        "AuthoriseRequest",
        "ErrorBody",
        "Health",
        "Entry",
        "VisitItem",
        "VisitRow",
        "Label",
    ] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
    assert!(document["components"]["securitySchemes"]["till_token"].is_object());
}
