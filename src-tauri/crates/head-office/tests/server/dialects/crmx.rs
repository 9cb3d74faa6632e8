//! CRMX: a member by phone and shop.

use super::{Answer, Caller, broken_bodies, only_member};
use crate::till::{Server, fresh, member_added, with};
use regulars_domain::MemberId;
use regulars_domain::edit::{Document, Edit};
use regulars_protocol::push::{ChangeBody, MAX_BYTES};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The body of the page's sample member.
fn thang() -> Value {
    json!({
        "name": "Ly Tu Quang Thang",
        "phone": "0945350398",
        "email": "phundk59uet@gmail.com",
        "gender": "1",
        "relationship_status": "Chua ket hon",
        "birthday": "05-30",
        "year_birthday": "1996",
        "home_town": "Ha Noi",
        "address": "Phao Dai Lang",
        "fb_id": "152134088",
        "facebook": "https://www.facebook.com/CRMX.com.vn/",
        "twitter": null
    })
}

const AT_KM: &str = "/customers_location?pos_id=KM";

async fn find(caller: &Caller, phone: &str) -> Answer {
    Answer::of(caller.request(Method::GET, "/customers_location").query(&[("phone", phone), ("pos_id", "KM")])).await
}

fn failure(status: u16, answer: Answer) -> String {
    let body = answer.with(status);
    assert_eq!((&body["status"], &body["status_code"]), (&json!(status), &json!(status)));
    body["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_member_is_made_and_read_key_by_key_and_every_till_sees_them() {
    let server = Server::start().await;
    let caller = server.caller("crmx", &[], &[]);
    let made = caller.post(AT_KM, &thang()).await.with(200);
    assert_eq!(made, json!({ "status": 200, "status_code": 200, "message": "Success!" }));
    // The page writes the scheme in small letters here.
    let request = caller.stranger(Method::GET, "/customers_location?phone=0945350398&pos_id=KM");
    let answer = Answer::of(request.header("authorization", format!("bearer {}", caller.token))).await.with(200);
    let mut expected = json!({
        "status": 200,
        "message": "Customer info",
        "data": {
            "_id": "5d8c353a7c857b43b4eff3ae",
            "age_range": null,
            "year_birthday": "1996",
            "home_town": "Ha Noi",
            "twitter": null,
            "gender": "1",
            "created_at": "24-11-2026",
            "fb_id": "152134088",
            "phone": "0945350398",
            "birthday": "05-30",
            "facebook": "https://www.facebook.com/CRMX.com.vn/",
            "address": "Phao Dai Lang",
            "relationship_status": "Chua ket hon",
            "client_mac": [],
            "email": "phundk59uet@gmail.com",
            "name": "Ly Tu Quang Thang",
            "updated_at": "24-11-2026"
        }
    });
    let id = answer["data"]["_id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    expected["data"]["_id"] = json!(id);
    assert_eq!(answer, expected);
    let (_, document) = only_member(&server.till(&["KM"])).await;
    let expected = json!({
        "name": { "full": "Ly Tu Quang Thang" },
        "phone": { "typed": "0945350398", "e164": "+84945350398" },
        "email": "phundk59uet@gmail.com",
        "gender": "male",
        "birthday": { "month": 5, "day": 30, "year": 1996 },
        "addresses": [{ "text": "Phao Dai Lang" }],
        "social": { "fb_id": "152134088", "facebook": "https://www.facebook.com/CRMX.com.vn/" },
        "home_town": "Ha Noi",
        "marital_status": "Chua ket hon"
    });
    assert_eq!(Value::Object(document), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_takes_what_is_sent_and_leaves_the_rest() {
    let server = Server::start().await;
    let caller = server.caller("crmx", &["KM"], &[]);
    caller.post(AT_KM, &thang()).await.with(200);
    let change = json!({ "phone": "+84 945 350 398", "name": "Lý Tú Quang Thắng", "twitter": "https://twitter.com/lt", "gender": "2" });
    assert_eq!(caller.send(Method::PUT, AT_KM, &change).await.with(200)["message"], "Success!");
    let data = find(&caller, "0945 350 398").await.with(200)["data"].clone();
    assert_eq!(
        (&data["name"], &data["twitter"], &data["gender"], &data["phone"], &data["home_town"]),
        (
            &json!("Lý Tú Quang Thắng"),
            &json!("https://twitter.com/lt"),
            &json!("2"),
            &json!("0945350398"),
            &json!("Ha Noi")
        )
    );
    // An empty value clears; a year without a day is kept for itself.
    let clear = json!({ "phone": "0945350398", "birthday": "", "home_town": null, "email": "" });
    caller.send(Method::PUT, AT_KM, &clear).await.with(200);
    let data = find(&caller, "0945350398").await.with(200)["data"].clone();
    assert_eq!(
        (&data["birthday"], &data["year_birthday"], &data["home_town"], &data["email"]),
        (&json!(null), &json!("1996"), &json!(null), &json!(null))
    );
    let birthday = json!({ "phone": "0945350398", "birthday": "02-29", "year_birthday": "" });
    caller.send(Method::PUT, AT_KM, &birthday).await.with(200);
    let data = find(&caller, "0945350398").await.with(200)["data"].clone();
    assert_eq!((&data["birthday"], &data["year_birthday"]), (&json!("02-29"), &json!(null)));
    // What was shown, sent back whole, is no change.
    let till = server.till(&["KM"]);
    let seen = till.pull(0, 100).await.next;
    caller.send(Method::PUT, AT_KM, &data).await.with(200);
    assert!(till.pull(seen, 100).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_till_is_found_and_what_the_dialect_cannot_say_stays() {
    let server = Server::start().await;
    let (till, caller) = (server.till(&["KM"]), server.caller("crmx", &["KM"], &[]));
    let mai = fresh(MemberId::mint);
    till.apply(vec![member_added(mai, "Trần Thị Mai", "KM")]).await;
    let before = crate::till::document("Trần Thị Mai");
    let after = [
        ("phone", json!({ "typed": "0912 345 678", "e164": "+84912345678" })),
        ("note", json!("likes tea")),
        (
            "addresses",
            json!([{ "text": "12 Kim Mã", "city": "Hà Nội", "category": "home" }, { "text": "2 Lý Thái Tổ" }]),
        ),
    ]
    .into_iter()
    .fold(before.clone(), |document, (field, value)| with(document, field, value));
    till.apply(vec![ChangeBody::MemberEdited { member_id: mai, edit: Edit::between(&before, &after) }]).await;
    let data = find(&caller, "+84912345678").await.with(200)["data"].clone();
    assert_eq!(
        (&data["name"], &data["address"], &data["phone"]),
        (&json!("Trần Thị Mai"), &json!("12 Kim Mã, Hà Nội"), &json!("0912 345 678"))
    );
    let change = json!({ "phone": "0912345678", "email": "mai@example.vn", "address": data["address"] });
    caller.send(Method::PUT, AT_KM, &change).await.with(200);
    let (id, document) = only_member(&till).await;
    let expected: Document = with(after, "email", json!("mai@example.vn"));
    assert_eq!((id, document), (mai, expected));
    // The till edits, the dialect shows it.
    let edit = Edit::between(&expected_name("Trần Thị Mai"), &expected_name("Trần Mai"));
    till.apply(vec![ChangeBody::MemberEdited { member_id: mai, edit }]).await;
    assert_eq!(find(&caller, "0912345678").await.with(200)["data"]["name"], "Trần Mai");
}

fn expected_name(name: &str) -> Document {
    crate::till::document(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_member_of_one_phone_is_refused_or_taken_as_a_change() {
    let server = Server::start().await;
    let caller = server.caller("crmx", &["KM"], &[]);
    caller.post(AT_KM, &thang()).await.with(200);
    let again = json!({ "phone": "+84945350398", "name": "Somebody Else" });
    assert_eq!(failure(409, caller.post(AT_KM, &again).await), "Customer already exists");
    let server = Server::start_set(&["crmx.upsert=true"]).await;
    let caller = server.caller("crmx", &["KM"], &[]);
    caller.post(AT_KM, &thang()).await.with(200);
    caller.post(AT_KM, &again).await.with(200);
    let data = find(&caller, "0945350398").await.with(200)["data"].clone();
    assert_eq!((&data["name"], &data["home_town"]), (&json!("Somebody Else"), &json!("Ha Noi")));
    only_member(&server.till(&[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_at_two_shops_is_one_member_and_two_rows() {
    let server = Server::start().await;
    let (all, bratislava) = (server.caller("crmx", &["KM", "BA"], &[]), server.caller("crmx", &["BA"], &[]));
    all.post(AT_KM, &thang()).await.with(200);
    let at_bratislava = "/customers_location?phone=%2B84945350398&pos_id=BA";
    assert_eq!(failure(404, all.get(at_bratislava).await), "Customer not found");
    all.post("/customers_location?pos_id=BA", &json!({ "phone": "+84 945350398", "name": "Lý Tú Quang Thắng" }))
        .await
        .with(200);
    let member = only_member(&server.till(&[])).await;
    assert_eq!(member.1["name"]["full"], "Lý Tú Quang Thắng");
    let row = bratislava.get(at_bratislava).await.with(200);
    assert_ne!(row["data"]["_id"], find(&all, "0945350398").await.with(200)["data"]["_id"]);
    // Another name is somebody else.
    all.post("/customers_location?pos_id=BA", &json!({ "phone": "0945350399", "name": "A" })).await.with(200);
    all.post(AT_KM, &json!({ "phone": "0945350399", "name": "B" })).await.with(200);
    assert_eq!(super::members(&server.till(&[])).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_shop_neither_sees_nor_changes_another() {
    let server = Server::start().await;
    let (all, lyon) = (server.caller("crmx", &[], &[]), server.caller("crmx", &["LY"], &[]));
    all.post(AT_KM, &thang()).await.with(200);
    failure(403, find(&lyon, "0945350398").await);
    failure(403, lyon.post(AT_KM, &thang()).await);
    failure(403, lyon.send(Method::PUT, AT_KM, &thang()).await);
    failure(404, lyon.get("/customers_location?phone=0945350398&pos_id=LY").await);
    // Nobody at Lyon learns that this number is known elsewhere: theirs is a new member.
    lyon.post("/customers_location?pos_id=LY", &json!({ "phone": "+84945350398", "name": "Ly Tu Quang Thang" }))
        .await
        .with(200);
    assert_eq!(super::members(&server.till(&[])).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_the_same_body_and_nothing_is_half_written() {
    let server = Server::start().await;
    let caller = server.caller("crmx", &["KM"], &[]);
    caller.post(AT_KM, &thang()).await.with(200);
    let (till, other) = (server.till(&[]), server.caller("stancer", &[], &[]));
    let seen = till.pull(0, 100).await.next;
    let stranger = caller.stranger(Method::GET, "/customers_location?phone=0945350398&pos_id=KM");
    assert_eq!(failure(401, Answer::of(stranger).await), "Unauthorized");
    let wrong = caller.stranger(Method::GET, "/customers_location?phone=1&pos_id=KM").bearer_auth(&other.token);
    failure(401, Answer::of(wrong).await);
    failure(404, caller.get("/customers").await);
    failure(405, caller.send(Method::DELETE, AT_KM, &json!({})).await);
    failure(400, caller.get("/customers_location?phone=0945350398").await);
    failure(400, caller.get("/customers_location?pos_id=KM").await);
    failure(400, caller.get("/customers_location?pos_id=KM&phone=%ff").await);
    failure(404, caller.get("/%ff").await);
    failure(404, caller.send(Method::PUT, AT_KM, &json!({ "phone": "0900000000" })).await);
    for body in broken_bodies() {
        let request = caller.request(Method::POST, AT_KM).header("content-type", "application/json").body(body);
        failure(400, Answer::of(request).await);
    }
    let huge = caller.request(Method::PUT, AT_KM).body(vec![b' '; MAX_BYTES + 1]);
    failure(413, Answer::of(huge).await);
    let wrong = [
        json!({ "name": "No phone" }),
        json!({ "phone": { "number": 1 } }),
        json!({ "phone": "0945350398", "name": 7 }),
        json!({ "phone": "0945350398", "gender": "3" }),
        json!({ "phone": "0945350398", "gender": 1 }),
        json!({ "phone": "0945350398", "birthday": "30-05-1996" }),
        json!({ "phone": "0945350398", "year_birthday": "x" }),
        json!({ "phone": "0945350398", "home_town": ["Ha Noi"] }),
    ];
    for body in wrong {
        failure(400, caller.send(Method::PUT, AT_KM, &body).await);
    }
    // What head office's own rules refuse.
    let refused = [
        json!({ "phone": "0945350398", "birthday": "13-45" }),
        json!({ "phone": "0945350398", "email": "no address" }),
        json!({ "phone": "0945350398", "name": "a\u{0}b" }),
        json!({ "phone": "0945350398", "name": "x".repeat(201) }),
        json!({ "phone": "0945350398", "year_birthday": "9999" }),
    ];
    for body in refused {
        failure(422, caller.send(Method::PUT, AT_KM, &body).await);
    }
    failure(422, caller.post(AT_KM, &json!({ "phone": "abc", "name": "A" })).await);
    assert!(till.pull(seen, 100).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_its_status_in_the_body_says_it_there() {
    let server = Server::start_set(&["crmx.body_status=true"]).await;
    let caller = server.caller("crmx", &["KM"], &[]);
    let answer = find(&caller, "0945350398").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({ "status": 404, "status_code": 404, "message": "Customer not found" }));
    let stranger = Answer::of(caller.stranger(Method::GET, "/customers_location?phone=1&pos_id=KM")).await;
    assert_eq!((stranger.status, &stranger.body["status"]), (StatusCode::OK, &json!(401)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_was_told_alone_stays_when_the_day_is_told_or_cleared() {
    let server = Server::start().await;
    let caller = server.caller("crmx", &["KM"], &[]);
    caller.post(AT_KM, &json!({ "phone": "0945350398", "name": "An", "year_birthday": "1996" })).await.with(200);
    for (told, shown) in [("", Value::Null), ("05-30", json!("05-30"))] {
        let body = json!({ "phone": "0945350398", "birthday": told });
        caller.send(Method::PUT, AT_KM, &body).await.with(200);
        let data = find(&caller, "0945350398").await.with(200)["data"].clone();
        assert_eq!((&data["birthday"], &data["year_birthday"]), (&shown, &json!("1996")));
    }
    let (_, document) = only_member(&server.till(&["KM"])).await;
    assert_eq!(document["birthday"], json!({ "month": 5, "day": 30, "year": 1996 }));
    assert!(document.get("meta").is_none(), "the year is kept once");
}
