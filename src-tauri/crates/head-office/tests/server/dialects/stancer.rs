//! Stancer: customers by id, in test and live mode.

use super::{Answer, Caller, broken_bodies, members, only_member};
use crate::till::{Server, fresh, member_added};
use regulars_domain::MemberId;
use regulars_domain::ledger::EntryKind;
use regulars_protocol::push::{ChangeBody, MAX_BYTES};
use reqwest::Method;
use serde_json::{Value, json};

/// The page's sample customer.
fn david() -> Value {
    json!({ "email": "david@example.net", "mobile": "+33639980102", "name": "David Coaster" })
}

async fn create(caller: &Caller, body: &Value) -> String {
    caller.post("/v1/customers", body).await.with(200)["id"].as_str().unwrap().to_owned()
}

fn message(status: u16, answer: Answer) -> Value {
    let body = answer.with(status);
    assert_eq!(body["error"]["type"], "invalid_request_error");
    body["error"]["message"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_customer_is_made_read_changed_and_deleted() {
    let server = Server::start().await;
    let caller = server.caller("stancer", &["LY"], &[]);
    assert!(caller.token.starts_with("stest_"));
    let made = caller.post("/v1/customers/", &david()).await.with(200);
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(id.len() == 29 && id.starts_with("cust_"), "{id}");
    let expected = json!({
        "id": id,
        "email": "david@example.net",
        "mobile": "+33639980102",
        "name": "David Coaster",
        "created": crate::till::MORNING / 1_000,
        "live_mode": false
    });
    assert_eq!(made, expected);
    let path = format!("/v1/customers/{id}");
    // As the page's other clients sign in: the key is the user's name, and there is no password.
    let basic = caller.stranger(Method::GET, &path).basic_auth(&caller.token, Some(""));
    assert_eq!(Answer::of(basic).await.with(200), expected);
    let till = server.till(&["LY"]);
    let (_, document) = only_member(&till).await;
    assert_eq!(
        (&document["name"]["full"], &document["phone"]["typed"]),
        (&json!("David Coaster"), &json!("+33639980102"))
    );
    let changed = caller.send(Method::PATCH, &path, &json!({ "email": "d.coaster@example.net" })).await;
    assert_eq!(changed.with(204), Value::Null);
    let read = caller.get(&path).await.with(200);
    assert_eq!((&read["email"], &read["name"]), (&json!("d.coaster@example.net"), &json!("David Coaster")));
    assert_eq!(caller.send(Method::DELETE, &path, &Value::Null).await.with(204), Value::Null);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let gone = caller.send(method, &path, &json!({ "name": "Somebody" })).await;
        assert_eq!(message(404, gone), json!(format!("No such customer {id}")));
    }
    assert!(members(&till).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_is_refused_with_the_id_and_anything_else_is_somebody_new() {
    let server = Server::start().await;
    let caller = server.caller("stancer", &["LY"], &[]);
    let id = create(&caller, &david()).await;
    let again = message(409, caller.post("/v1/customers", &david()).await);
    let error = "Customer already exists, you may want to update it instead creating a new one";
    assert_eq!(again, json!({ "error": error, "id": id }));
    let mut tagged = david();
    tagged["external_id"] = json!("019400c8-6b2e-7000-8000-0123456789ab");
    let second = create(&caller, &tagged).await;
    assert_eq!(message(409, caller.post("/v1/customers", &tagged).await)["id"], json!(second));
    assert_eq!(caller.get(&format!("/v1/customers/{second}")).await.with(200)["external_id"], tagged["external_id"]);
    tagged["name"] = json!("Davide Coaster");
    assert_ne!(create(&caller, &tagged).await, second);
    let only_name = json!({ "name": "Nobody Else" });
    let third = create(&caller, &only_name).await;
    assert_eq!(message(409, caller.post("/v1/customers", &only_name).await)["id"], json!(third));
}

#[tokio::test(flavor = "multi_thread")]
async fn test_and_live_customers_never_meet_but_a_member_of_a_till_is_in_both() {
    let server = Server::start().await;
    let (test, live) = (server.caller("stancer", &[], &[]), server.caller("stancer", &[], &["live"]));
    assert!(live.token.starts_with("sprod_"));
    let path = format!("/v1/customers/{}", create(&test, &david()).await);
    message(404, live.get(&path).await);
    message(404, live.send(Method::PATCH, &path, &json!({ "name": "Somebody" })).await);
    message(404, live.send(Method::DELETE, &path, &Value::Null).await);
    let made = live.post("/v1/customers", &david()).await.with(200);
    assert_eq!(made["live_mode"], json!(true));
    message(404, test.get(&format!("/v1/customers/{}", made["id"].as_str().unwrap())).await);
    let wrong = message(400, test.post("/v1/customers", &json!({ "name": "Somebody", "live_mode": true })).await);
    assert!(wrong["live_mode"].is_string(), "{wrong}");
    assert_eq!(members(&server.till(&[])).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_a_name_has_none_until_somebody_says_one() {
    let server = Server::start().await;
    let caller = server.caller("stancer", &["LY"], &[]);
    let made = caller.post("/v1/customers", &json!({ "email": "david@example.net" })).await.with(200);
    assert_eq!((&made["name"], &made["mobile"]), (&Value::Null, &Value::Null));
    let till = server.till(&["LY"]);
    assert_eq!(only_member(&till).await.1["name"]["full"], "david@example.net");
    let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    caller.send(Method::PATCH, &path, &json!({ "name": "David Coaster", "mobile": "+33639980102" })).await.with(204);
    let document = only_member(&till).await.1;
    assert_eq!(
        (&document["name"]["full"], &document["phone"]["typed"]),
        (&json!("David Coaster"), &json!("+33639980102"))
    );
    assert_eq!(caller.get(&path).await.with(200)["name"], "David Coaster");
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_and_kinds_are_those_of_the_page_and_nothing_is_half_written() {
    let server = Server::start().await;
    let caller = server.caller("stancer", &["LY"], &[]);
    let path = format!("/v1/customers/{}", create(&caller, &david()).await);
    let till = server.till(&["LY"]);
    let seen = till.pull(0, 100).await.next;
    let table = [
        ("email", json!("a@b")),
        ("email", json!(format!("{}@example.net", "x".repeat(60)))),
        ("email", json!("no address")),
        ("email", json!(7)),
        ("email", json!(null)),
        ("mobile", json!("1234567")),
        ("mobile", json!("12345678901234567")),
        ("mobile", json!({ "number": "+33639980102" })),
        ("mobile", json!("+33 abc 9980")),
        ("name", json!("Abc")),
        ("name", json!("x".repeat(65))),
        ("name", json!(["David"])),
        ("name", json!("David\u{0}Coaster")),
        ("external_id", json!("x".repeat(37))),
    ];
    for (field, value) in table {
        let refused =
            message(400, caller.send(Method::PATCH, &path, &json!({ "name": "Another Name", field: value })).await);
        assert!(refused[field].is_string(), "{field} {value}: {refused}");
        if !value.is_null() {
            let new = json!({ "name": "New Name", "email": "new@example.net", field: value });
            message(400, caller.post("/v1/customers", &new).await);
        }
    }
    message(400, caller.post("/v1/customers", &json!({})).await);
    for body in broken_bodies() {
        message(400, Answer::of(caller.request(Method::POST, "/v1/customers").body(body.clone())).await);
        message(400, Answer::of(caller.request(Method::PATCH, &path).body(body)).await);
    }
    message(413, Answer::of(caller.request(Method::POST, "/v1/customers").body(vec![b'x'; MAX_BYTES + 1])).await);
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // The shortest and the longest that there are.
    let shortest = json!({ "email": "a@b.c", "mobile": "12345678", "name": "Abcd" });
    caller.send(Method::PATCH, &path, &shortest).await.with(204);
    let longest = json!({
        "email": format!("{}@example.net", "x".repeat(52)), "mobile": "1234567890123456", "name": "x".repeat(64),
    });
    caller.send(Method::PATCH, &path, &longest).await.with(204);
    assert_eq!(caller.get(&path).await.with(200)["name"], longest["name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_key_or_another_shop_s_is_told_nothing() {
    let server = Server::start().await;
    let (lyon, kim_ma) = (server.caller("stancer", &["LY"], &[]), server.caller("stancer", &["KM"], &[]));
    let id = create(&lyon, &david()).await;
    let path = format!("/v1/customers/{id}");
    let unauthorized = json!("You are not authorized to access that resource.");
    assert_eq!(message(401, Answer::of(lyon.stranger(Method::GET, &path)).await), unauthorized);
    for key in ["stest_aaaaaaaaaaaaaaaaaaaaaaaa", "nonsense", ""] {
        assert_eq!(
            message(401, Answer::of(lyon.stranger(Method::GET, &path).basic_auth(key, Some(""))).await),
            unauthorized
        );
    }
    assert_eq!(message(404, kim_ma.get(&path).await), json!(format!("No such customer {id}")));
    message(404, kim_ma.send(Method::DELETE, &path, &Value::Null).await);
    assert_ne!(create(&kim_ma, &david()).await, id);
    message(404, lyon.get("/v1/customers/cust_9Cle7TXKkjhwqcWx4Kl5cQYk").await);
    message(404, lyon.get("/v1/customers/%ff").await);
    message(404, lyon.get("/v2/customers").await);
    message(405, lyon.get("/v1/customers").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_credit_is_not_deleted_and_one_who_is_somebody_else_answers_as_that_one() {
    let server = Server::start().await;
    let (till, caller) = (server.till(&["KM"]), server.caller("stancer", &["KM"], &[]));
    let path = format!("/v1/customers/{}", create(&caller, &david()).await);
    let (david, document) = only_member(&till).await;
    let entry = till.entry(david, EntryKind::TopUp, 1_000);
    till.apply(vec![ChangeBody::EntryAdded { entry }]).await;
    message(400, caller.send(Method::DELETE, &path, &Value::Null).await);
    let winner = fresh(MemberId::mint);
    let merged = json!({ "into": winner, "at": "2026-11-24T08:00:00.000Z" });
    let after = crate::till::with(document.clone(), "merged", merged);
    till.apply(vec![member_added(winner, "David C. Coaster", "KM"), crate::till::edited(david, &document, &after)])
        .await;
    let read = caller.get(&path).await.with(200);
    assert_eq!(read["name"], "David C. Coaster");
    assert_ne!(path, format!("/v1/customers/{}", read["id"].as_str().unwrap()));
    message(404, caller.send(Method::DELETE, &path, &Value::Null).await);
    caller.send(Method::PATCH, &path, &json!({ "email": "winner@example.net" })).await.with(204);
    assert_eq!(caller.get(&path).await.with(200)["email"], "winner@example.net");
}
