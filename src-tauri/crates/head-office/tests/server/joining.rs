//! Tokens and join codes: who gets in, and who does not.

use crate::till::{Server, fresh, no_limits, read, refused};
use regulars_domain::TillId;
use regulars_head_office::access::{TokenFor, make_join_code};
use regulars_head_office::storage::Scope;
use regulars_protocol::Hello;
use regulars_protocol::join::{JoinRequest, JoinResponse};
use reqwest::{Client, Method, Response, StatusCode};
use std::time::Duration;

fn join_code(server: &Server) -> String {
    let scope = Scope::Locations(["KM".to_owned()].into());
    let wanted = TokenFor { kind: "till".to_owned(), scope, rights: Vec::new() };
    let at = server.now();
    server.write(|rows| make_join_code(rows, &wanted, at))
}

async fn join(server: &Server, code: &str) -> Response {
    let request = JoinRequest { code: code.to_owned(), till_id: fresh(TillId::mint) };
    Client::new().post(format!("{}/v1/join", server.base)).json(&request).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_code_works_once_however_it_is_spelled() {
    let server = Server::start().await;
    let code = join_code(&server);
    let spelled = format!("{} - {}", &code[..4].to_lowercase(), &code[4..]);
    let JoinResponse { token } = read(join(&server, &spelled).await, StatusCode::OK).await;
    refused(join(&server, &code).await, StatusCode::UNAUTHORIZED, "join_code_invalid").await;
    let mut till = server.till(&[]);
    till.token = token;
    let hello: Hello = read(till.request(Method::GET, "/v1/hello").send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(hello.locations, Some(vec!["KM".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_code_ends_after_a_morning() {
    let server = Server::start().await;
    let code = join_code(&server);
    server.pass(Duration::from_secs(12 * 3600));
    refused(join(&server, &code).await, StatusCode::UNAUTHORIZED, "join_code_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed_faster_than_ten_a_minute() {
    let server = Server::start().await;
    for _ in 0..10 {
        refused(join(&server, "WRONGONE").await, StatusCode::UNAUTHORIZED, "join_code_invalid").await;
    }
    let response = join(&server, &join_code(&server)).await;
    let retry_after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry_after));
    refused(response, StatusCode::TOO_MANY_REQUESTS, "rate_limited").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_or_of_another_kind_is_refused_alike() {
    let server = Server::start().await;
    let mut till = server.till(&[]);
    let right = till.token.clone();
    let mut wrong_secret = right.clone();
    let last = wrong_secret.pop().unwrap();
    wrong_secret.push(if last == '0' { '1' } else { '0' });
    let unknown = server.token("till", &[]).replace("rgt_0", "rgt_1");
    let tokens = [wrong_secret, unknown, server.token("stancer", &[]), "rgt_".to_owned(), "nonsense".to_owned()];
    for token in tokens {
        till.token = token;
        let response = till.request(Method::GET, "/v1/hello").send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        refused(response, StatusCode::UNAUTHORIZED, "token_refused").await;
    }
    let without = Client::new().get(format!("{}/v1/hello", server.base)).send().await.unwrap();
    refused(without, StatusCode::UNAUTHORIZED, "token_refused").await;
    till.token = right;
    assert_eq!(till.request(Method::GET, "/v1/hello").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_asks_too_often_is_told_when_to_come_back_and_others_are_not() {
    let one = std::num::NonZeroU32::MIN;
    let limits = regulars_head_office::Limits { requests_a_second: one, burst: one, ..no_limits() };
    let server = Server::start_with(limits, |storage| storage).await;
    let (eager, other) = (server.till(&[]), server.till(&[]));
    let hello = || eager.request(Method::GET, "/v1/hello").send();
    assert_eq!(hello().await.unwrap().status(), StatusCode::OK);
    let response = hello().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    refused(response, StatusCode::TOO_MANY_REQUESTS, "rate_limited").await;
    assert_eq!(other.request(Method::GET, "/v1/hello").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_nowhere_in_the_database() {
    let server = Server::start().await;
    let (token, code) = (server.token("till", &[]), join_code(&server));
    let secret = token.rsplit('_').next().unwrap().to_owned();
    let file = rusqlite::Connection::open(server.path()).unwrap();
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = std::fs::read(server.path()).unwrap();
    for hidden in [secret, code] {
        assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()));
    }
}
