//! Each fault as a till sees it, and whether the remote did what was asked.

use super::{Answer, Fault, FaultProxy};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A remote that counts what it did, and answers with the count.
struct Remote {
    url: String,
    effects: Arc<AtomicUsize>,
}

impl Remote {
    async fn start() -> Self {
        let effects = Arc::new(AtomicUsize::new(0));
        let router = Router::new().route("/{*path}", post(count)).with_state(Arc::clone(&effects));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, effects }
    }

    fn effects(&self) -> usize {
        self.effects.load(Ordering::SeqCst)
    }
}

async fn count(State(effects): State<Arc<AtomicUsize>>, body: String) -> String {
    let n = effects.fetch_add(1, Ordering::SeqCst) + 1;
    format!("{{\"n\": {n}, \"length\": {}}}", body.len())
}

async fn ask(url: &str) -> Result<(u16, String), reqwest::Error> {
    let answer = reqwest::Client::new().post(url).body("x".repeat(100_000)).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// The answer and the remote's count after one request that meets this fault.
async fn meet(fault: Fault) -> (Result<(u16, String), reqwest::Error>, usize) {
    let remote = Remote::start().await;
    let proxy = FaultProxy::start(&remote.url);
    proxy.plan(fault.clone());
    let answer = ask(&format!("{}/push?n=1", proxy.url())).await;
    let log = proxy.until(|log| log.ended == 1).await;
    assert_eq!((log.fired[0].fault.clone(), log.count("POST", "/push?n=1"), proxy.left()), (fault, 1, 0));
    (answer, remote.effects())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_a_request_and_its_answer_pass_whole() {
    let remote = Remote::start().await;
    let proxy = FaultProxy::start(&remote.url);
    for n in 1..=3 {
        let (status, body) = ask(&format!("{}/push", proxy.url())).await.unwrap();
        assert_eq!((status, body), (200, format!("{{\"n\": {n}, \"length\": 100000}}")));
    }
    assert!(proxy.log().fired.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_request_does_nothing_and_a_lost_answer_hides_what_was_done() {
    let (answer, effects) = meet(Fault::RequestLost).await;
    assert!(answer.is_err() && effects == 0);
    let (answer, effects) = meet(Fault::AnswerLost).await;
    assert!(answer.is_err() && effects == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_somebody_on_the_way_does_nothing_at_the_remote() {
    let busy = Answer::new(503).with_header("Retry-After", "7").with_body("application/json", "{}");
    let (answer, effects) = meet(Fault::Status(busy)).await;
    assert_eq!((answer.unwrap(), effects), ((503, "{}".into()), 0));
    let (answer, effects) = meet(Fault::Html).await;
    let (status, body) = answer.unwrap();
    assert!(status == 200 && body.starts_with("<!doctype html>") && effects == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_the_effect_hides_it() {
    let (answer, effects) = meet(Fault::status_after_effect(502)).await;
    assert_eq!((answer.unwrap().0, effects), (502, 1));
    let (answer, effects) = meet(Fault::TruncatedJson).await;
    assert!(answer.is_err() && effects == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_twice_is_done_twice() {
    let (answer, effects) = meet(Fault::SentTwice).await;
    assert_eq!((answer.unwrap().1, effects), ("{\"n\": 2, \"length\": 100000}".into(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_lasts_until_it_is_ended() {
    let remote = Remote::start().await;
    let proxy = FaultProxy::start(&remote.url);
    proxy.plan(Fault::Silence);
    let url = format!("{}/push", proxy.url());
    let asked = tokio::spawn(async move { ask(&url).await });
    proxy.until(|log| log.fired.len() == 1).await;
    assert_eq!(remote.effects(), 0);
    proxy.release();
    assert_eq!((asked.await.unwrap().unwrap().0, remote.effects()), (200, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_can_wait_for_its_path() {
    let remote = Remote::start().await;
    let proxy = FaultProxy::start(&remote.url);
    proxy.plan_for("/push", Fault::status(500));
    assert_eq!(ask(&format!("{}/pull", proxy.url())).await.unwrap().0, 200);
    assert_eq!(ask(&format!("{}/push", proxy.url())).await.unwrap().0, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn pulling_the_plug_breaks_what_is_under_way_and_refuses_the_rest() {
    let remote = Remote::start().await;
    let proxy = FaultProxy::start(&remote.url);
    proxy.plan(Fault::Silence);
    let url = format!("{}/push", proxy.url());
    let asked = tokio::spawn({
        let url = url.clone();
        async move { ask(&url).await }
    });
    proxy.until(|log| log.seen.len() == 1).await;
    proxy.unplug();
    assert!(asked.await.unwrap().is_err());
    assert!(ask(&url).await.unwrap_err().is_connect());
    proxy.plug_in();
    assert_eq!(ask(&url).await.unwrap().0, 200);
}
