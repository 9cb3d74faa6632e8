//! Lumyri: customers with labels and places.

use super::{Answer, Caller, broken_bodies, members, only_member};
use crate::till::{Server, fresh, member_added, with};
use regulars_domain::MemberId;
use regulars_domain::edit::Edit;
use regulars_domain::ledger::EntryKind;
use regulars_protocol::push::{ChangeBody, MAX_BYTES};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const APP: &str = "14e43e28-7e6d-461e-b1c9-7c54736f4331";
const LABELS: [&str; 2] = ["b9a8f981-44e9-424c-89b5-79cde82a5fad", "eb4f3069-6a54-41b9-82e0-f95a8dd98ad1"];

/// The body of the page's sample of a new customer, without its brace too many.
fn customer() -> Value {
    json!({
        "id": "346dd239-cbe4-44fe-b9ee-be88fd2fa853",
        "first_name": "customer",
        "last_name": "first",
        "phone": "+83497898519",
        "email": "customer1@example.com",
        "address": [
            {
                "category": "home",
                "location": {
                    "name": "144 Xuan Thuy, United States Virgin Islands, United States Residential",
                    "geo": [46.80776431887119, -71.28464827789534]
                }
            }
        ],
        "avatar": "",
        "labels": LABELS,
        "company_id": "231080c5-b622-4a25-aef8-c7e426927bb0",
        "app_id": APP
    })
}

/// The body of the page's sample of a change.
fn changed_customer() -> Value {
    let place = |category: &str, name: &str, geo: [f64; 2]| json!({ "category": category, "location": { "name": name, "geo": geo } });
    json!({
        "id": "dfe225ef-2a38-481b-83bd-c93b72cb2542",
        "first_name": "Phan",
        "last_name": "Son 15",
        "phone": "+83497898519",
        "email": "home_address@lumyri.com",
        "address": [
            place("Home", "82 Dich Vong Hau, United States Virgin Islands, United States Residential", [46.79810214256909, -71.26258137960674]),
            place("Office", "Hoang Ngoc Building, United States Virgin Islands, United States Residential", [46.80776431887119, -71.28464827789534]),
            place("Other", "61 Phung Chi Kien, United States Virgin Islands, United States Residential", [46.84558386923135, -71.26885543171481])
        ],
        "avatar": "",
        "labels": null,
        "company_id": "956865a9-b9f7-4198-87eb-10b4f0f411c9",
        "app_id": APP
    })
}

fn with_app(request: RequestBuilder) -> RequestBuilder {
    request.header("x-app-id", APP)
}

async fn post(caller: &Caller, body: &Value) -> Answer {
    Answer::of(with_app(caller.request(Method::POST, "/users/customers")).json(body)).await
}

async fn get(caller: &Caller, path: &str) -> Answer {
    Answer::of(with_app(caller.request(Method::GET, path))).await
}

async fn detail(caller: &Caller, id: &str) -> Value {
    get(caller, &format!("/users/customers/{id}")).await.with(200)
}

async fn put(caller: &Caller, id: MemberId, body: &Value) -> Answer {
    caller.send(Method::PUT, &format!("/users/customers/{id}"), body).await
}

async fn delete(caller: &Caller, ids: &[&str]) -> Answer {
    caller.send(Method::DELETE, "/users/customers", &json!({ "customer_ids": ids })).await
}

fn failure(status: u16, answer: Answer) -> String {
    let body = answer.with(status);
    assert!(body["data"].is_null() && body["error"]["message"].is_string(), "{body}");
    body["error"]["code"].as_str().unwrap().to_owned()
}

async fn label(caller: &Caller, id: Option<&str>, name: &str, color: &str) -> Value {
    let body = json!({ "id": id, "name": name, "description": "of a test", "color": color, "userName": "An" });
    caller.post("/labels", &body).await.with(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_customer_is_made_listed_and_shown_key_by_key() {
    let server = Server::start().await;
    let caller = server.caller("lumyri", &["KM"], &[]);
    label(&caller, Some(LABELS[0]), "label1", "red").await;
    label(&caller, Some(LABELS[1]), "label2", "green").await;
    let made = post(&caller, &customer()).await.with(201);
    assert_eq!(made, json!({ "error": null, "data": customer() }));
    let listed = get(&caller, "/users/customers?limit=10&page=1&search=&sort_by=name&order_by=asc").await.with(200);
    let page = json!({ "total": 1, "per_page": 1, "current_page": 1, "last_page": 1, "data": [customer()] });
    assert_eq!(listed, json!({ "error": null, "data": page }));
    let mut expected = customer();
    let object = expected.as_object_mut().unwrap();
    object.remove("avatar");
    object.remove("labels");
    object.insert(
        "lables".to_owned(),
        json!([
            { "id": LABELS[0], "name": "label1", "color": "red" },
            { "id": LABELS[1], "name": "label2", "color": "green" }
        ]),
    );
    assert_eq!(detail(&caller, "346dd239-cbe4-44fe-b9ee-be88fd2fa853").await, expected);
    let till = server.till(&["KM"]);
    let found = members(&till).await;
    assert_eq!(found[0].memberships[0].terms["labels"], json!({ "label1": true, "label2": true }));
    let document = only_member(&till).await.1;
    assert_eq!(document["name"], json!({ "full": "customer first", "given": "customer", "family": "first" }));
    assert_eq!(
        document["addresses"][0]["position"],
        json!({ "latitude": 46.80776431887119, "longitude": -71.28464827789534 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_change_and_deletion_answer_as_the_page_says() {
    let server = Server::start().await;
    let caller = server.caller("lumyri", &["KM"], &[]);
    let id = "dfe225ef-2a38-481b-83bd-c93b72cb2542";
    let mut first = customer();
    first["id"] = json!(id);
    // Labels that nobody made here are kept, and given back as they came.
    assert_eq!(post(&caller, &first).await.with(201)["data"]["labels"], json!(LABELS));
    let path = format!("/users/customers/{id}");
    // Neither here nor at the deletion the page's samples name the app.
    let changed = caller.send(Method::PUT, &path, &changed_customer()).await.with(200);
    assert_eq!(changed, json!({ "error": null, "data": changed_customer() }));
    assert!(detail(&caller, id).await["lables"].as_array().unwrap().is_empty());
    // The whole object again is no change.
    let till = server.till(&["KM"]);
    let seen = till.pull(0, 100).await.next;
    assert_eq!(caller.send(Method::PUT, &path, &changed_customer()).await.with(200)["data"], changed_customer());
    assert!(till.pull(seen, 100).await.rows.is_empty());
    let deleted = delete(&caller, &[id, "fbea0f23-e783-44e8-9cdc-9c4f69430f88"]).await.with(200);
    assert_eq!(deleted, json!({ "error": null, "data": { "message": "OK" } }));
    assert_eq!(failure(404, get(&caller, &path).await), "not_found");
    assert!(members(&till).await.is_empty());
    // One who was deleted and is made again is there again.
    post(&caller, &first).await.with(201);
    assert_eq!(members(&till).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_told_in_three_spellings_and_every_till_has_them() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("lumyri", &["KM"], &[]), server.till(&["KM"]));
    let made = label(&caller, None, "Wholesale", "#205d3b").await;
    for key in ["id", "companyId", "userId", "createdAt", "updatedAt", "createdBy", "updatedBy", "description"] {
        assert!(made[key].is_string(), "{key}: {made}");
    }
    assert_eq!((&made["name"], &made["color"]), (&json!("Wholesale"), &json!("#205d3b")));
    till.apply(vec![ChangeBody::LabelPut {
        label: regulars_domain::label::Label {
            name: "VIP".to_owned(),
            color: Some("#855400".to_owned()),
            external_id: None,
        },
    }])
    .await;
    assert_eq!(till.pull(0, 100).await.labels.len(), 2);
    let listed = get(&caller, "/labels").await.with(200);
    let names: Vec<&Value> = listed["data"].as_array().unwrap().iter().map(|label| &label["name"]).collect();
    assert_eq!(names, ["Wholesale", "VIP"], "by name, the last first");
    let listed = get(&caller, "/labels?name=vi&sort_by=ASC&order_by=name&current_page=1&per_page=1").await.with(200);
    let vip = listed["data"][0].clone();
    assert_eq!((&listed["total"], &vip["name"], &vip["color"]), (&json!(1), &json!("VIP"), &json!("#855400")));
    let (wholesale, vip) = (made["id"].as_str().unwrap(), vip["id"].as_str().unwrap());
    let mut body = customer();
    body["labels"] = json!([]);
    let id = body["id"].as_str().unwrap().to_owned();
    post(&caller, &body).await.with(201);
    for (spelling, told) in [
        ("label_ids", json!([wholesale, vip])),
        ("labels", json!([vip])),
        ("lables", json!([{ "id": wholesale, "name": "Wholesale", "color": "" }, { "id": vip }])),
    ] {
        let path = format!("/users/customers/{id}");
        let changed = caller.send(Method::PUT, &path, &json!({ "id": id, spelling: told })).await.with(200);
        assert_eq!(changed["data"]["labels"].as_array().unwrap().len(), told.as_array().unwrap().len(), "{spelling}");
        assert_eq!(changed["data"]["first_name"], "customer", "what is absent stays");
    }
    assert_eq!(members(&till).await[0].memberships[0].terms["labels"], json!({ "VIP": true, "Wholesale": true }));
    let wrong = |body: Value| caller.request(Method::POST, "/labels").json(&body);
    assert_eq!(
        failure(
            409,
            Answer::of(wrong(json!({ "name": "VIP", "description": "d", "color": "red", "userName": "An" }))).await
        ),
        "label_taken"
    );
    for missing in ["name", "description", "color", "userName"] {
        let mut body = json!({ "name": "New", "description": "d", "color": "red", "userName": "An" });
        body.as_object_mut().unwrap().remove(missing);
        failure(400, Answer::of(wrong(body)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_till_is_shown_and_keeps_what_has_no_word_here() {
    let server = Server::start().await;
    let (till, caller) = (server.till(&["KM"]), server.caller("lumyri", &["KM"], &[]));
    let thang = fresh(MemberId::mint);
    till.apply(vec![member_added(thang, "Lý Tú Quang Thắng", "KM")]).await;
    let before = crate::till::document("Lý Tú Quang Thắng");
    let after = [
        ("note", json!("likes tea")),
        ("email", json!("thang@example.vn")),
        (
            "addresses",
            json!([{ "role": "billing", "text": "82 Dịch Vọng Hậu", "city": "Hà Nội", "note": "third floor" }]),
        ),
        ("birthday", json!({ "month": 5, "day": 30, "year": 1996 })),
    ]
    .into_iter()
    .fold(before.clone(), |document, (field, value)| with(document, field, value));
    till.apply(vec![ChangeBody::MemberEdited { member_id: thang, edit: Edit::between(&before, &after) }]).await;
    let id = thang.to_string();
    let mut row = get(&caller, "/users/customers?search=ly+tu").await.with(200)["data"]["data"][0].clone();
    assert_eq!(
        (&row["first_name"], &row["last_name"], &row["id"]),
        (&json!("Lý Tú Quang Thắng"), &json!(""), &json!(id))
    );
    assert_eq!(
        row["address"][0],
        json!({ "category": "Other", "location": { "name": "82 Dịch Vọng Hậu, Hà Nội", "geo": [] } })
    );
    row["phone"] = json!("0945350398");
    row["address"][0]["location"]["geo"] = json!([21.03, 105.78]);
    caller.send(Method::PUT, &format!("/users/customers/{id}"), &row).await.with(200);
    let document = only_member(&till).await.1;
    let mut expected = with(after, "phone", json!({ "typed": "0945350398", "e164": "+84945350398" }));
    expected["addresses"][0]["position"] = json!({ "latitude": 21.03, "longitude": 105.78 });
    assert_eq!(document, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_orders_and_searches() {
    let server = Server::start().await;
    let caller = server.caller("lumyri", &["KM"], &[]);
    for number in 0..25 {
        let body = json!({ "first_name": format!("Name {:02}", 24 - number), "last_name": "Đỗ", "email": format!("m{number:02}@example.com") });
        post(&caller, &body).await.with(201);
    }
    let page = |query: &str| {
        let path = format!("/users/customers?{query}");
        let caller = &caller;
        async move { get(caller, &path).await.with(200)["data"].clone() }
    };
    let names = |page: &Value| -> Vec<String> {
        let rows = page["data"].as_array().unwrap().iter();
        rows.map(|row| row["first_name"].as_str().unwrap().to_owned()).collect()
    };
    let first = page("").await;
    assert_eq!((&first["total"], &first["last_page"], &first["per_page"]), (&json!(25), &json!(3), &json!(10)));
    let mut all = names(&first);
    for number in 2..=3 {
        all.extend(names(&page(&format!("page={number}")).await));
    }
    assert_eq!(all, (0..25).map(|number| format!("Name {number:02}")).collect::<Vec<_>>());
    assert!(names(&page("page=4").await).is_empty());
    assert_eq!(names(&page("order_by=DESC&limit=1").await), ["Name 24"]);
    assert_eq!(names(&page("order_by=decs&sort_by=description&limit=1").await), ["Name 24"]);
    assert_eq!(names(&page("sort_by=email&limit=2").await), ["Name 24", "Name 23"]);
    assert_eq!(names(&page("search=do&limit=100").await).len(), 25);
    assert_eq!(names(&page("search=M07%40EXAMPLE").await), ["Name 17"]);
    assert_eq!(page("search=nobody").await["last_page"], 1);
    for wrong in ["limit=0", "limit=-1", "limit=x", "page=0", "sort_by=age", "order_by=up", "search=%ff"] {
        failure(400, get(&caller, &format!("/users/customers?{wrong}")).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_enveloped_and_nothing_is_half_written() {
    let server = Server::start().await;
    let (caller, lyon) = (server.caller("lumyri", &["KM"], &[]), server.caller("lumyri", &["LY"], &[]));
    post(&caller, &customer()).await.with(201);
    let (till, id) = (server.till(&[]), customer()["id"].as_str().unwrap().to_owned());
    let (path, seen) = (format!("/users/customers/{id}"), till.pull(0, 100).await.next);
    assert_eq!(failure(401, Answer::of(with_app(caller.stranger(Method::GET, &path))).await), "token_refused");
    Answer::of(with_app(caller.stranger(Method::GET, &path).basic_auth(&caller.token, Some("")))).await.with(200);
    failure(400, caller.get(&path).await);
    failure(400, caller.get("/users/customers").await);
    failure(400, caller.post("/users/customers", &customer()).await);
    failure(400, Answer::of(caller.request(Method::GET, &path).header("x-app-id", "no uuid")).await);
    failure(404, get(&caller, "/users/customers/nobody").await);
    failure(404, get(&caller, "/users").await);
    failure(405, caller.send(Method::PATCH, &path, &json!({})).await);
    assert_eq!(failure(409, post(&caller, &customer()).await), "id_taken");
    // Another shop's customer is not there, and their id is not free.
    failure(404, get(&lyon, &path).await);
    failure(404, lyon.send(Method::PUT, &path, &customer()).await);
    failure(403, post(&lyon, &customer()).await);
    delete(&lyon, &[&id]).await.with(200);
    for key in ["email", "first_name", "last_name"] {
        let mut body = customer();
        body["id"] = json!(null);
        body.as_object_mut().unwrap().remove(key);
        failure(400, post(&caller, &body).await);
    }
    let wrong = [
        ("email", json!("no address")),
        ("email", json!("")),
        ("first_name", json!(null)),
        ("first_name", json!(["a"])),
        ("phone", json!({ "number": 1 })),
        ("phone", json!("abc")),
        ("address", json!("here")),
        ("address", json!([{ "category": "Castle", "location": { "name": "x", "geo": [1, 2] } }])),
        ("address", json!([{ "category": "Home", "location": { "name": "x", "geo": [91, 2] } }])),
        ("address", json!([{ "category": "Home", "location": { "name": "x", "geo": [1] } }])),
        ("address", json!([{ "category": "Home", "location": { "name": 7 } }])),
        ("labels", json!("x")),
        ("labels", json!([7])),
        ("avatar", json!(7)),
        ("avatar", json!(format!("data:image/png;base64,{}", "A".repeat(200_001)))),
        ("company_id", json!(7)),
        ("id", json!("346dd239-cbe4-44fe-b9ee-be88fd2fa854")),
    ];
    for (key, value) in wrong {
        let mut body = customer();
        body["last_name"] = json!("changed");
        body[key] = value.clone();
        let answer = caller.send(Method::PUT, &path, &body).await;
        assert_eq!(answer.status.as_u16(), 400, "{key} {value}: {}", answer.body);
    }
    for body in broken_bodies() {
        failure(400, Answer::of(with_app(caller.request(Method::POST, "/users/customers")).body(body.clone())).await);
        failure(400, Answer::of(caller.request(Method::DELETE, "/users/customers").body(body)).await);
    }
    failure(413, Answer::of(caller.request(Method::PUT, &path).body(vec![b' '; MAX_BYTES + 1])).await);
    failure(400, caller.send(Method::DELETE, "/users/customers", &json!({ "customer_ids": "all" })).await);
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // One of two has credit: neither goes.
    let other =
        post(&caller, &json!({ "first_name": "B", "last_name": "B", "email": "b@example.com" })).await.with(201);
    let entry = till.entry(id.parse().unwrap(), EntryKind::TopUp, 1_000);
    till.apply(vec![ChangeBody::EntryAdded { entry }]).await;
    assert_eq!(
        failure(409, delete(&caller, &[other["data"]["id"].as_str().unwrap(), &id]).await),
        "balance_not_settled"
    );
    assert_eq!(members(&till).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_make_the_ids_itself_answer_200_and_clear_what_is_absent() {
    let server = Server::start_set(&["lumyri.own_ids=true", "lumyri.created=200", "full_put_clears=true"]).await;
    let caller = server.caller("lumyri", &["KM"], &[]);
    let made = post(&caller, &customer()).await.with(200)["data"].clone();
    let id = made["id"].as_str().unwrap();
    assert_ne!(made["id"], customer()["id"]);
    let body = json!({ "first_name": "A", "last_name": "B", "email": "a@example.com" });
    let changed = caller.send(Method::PUT, &format!("/users/customers/{id}"), &body).await.with(200)["data"].clone();
    assert_eq!((&changed["phone"], &changed["address"], &changed["labels"]), (&json!(""), &json!([]), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_of_somebody_who_was_merged_can_be_sent_back() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("lumyri", &["KM"], &[]), server.till(&["KM"]));
    let (alias, winner) = (fresh(MemberId::mint), fresh(MemberId::mint));
    let before = crate::till::document("An");
    let merged = with(before.clone(), "merged", json!({ "into": winner, "at": "2026-11-24T08:00:00.000Z" }));
    till.apply(vec![member_added(winner, "Anh", "KM"), member_added(alias, "An", "KM")]).await;
    till.apply(vec![crate::till::edited(alias, &before, &merged)]).await;
    let shown = detail(&caller, &alias.to_string()).await;
    assert_eq!(shown["id"], json!(winner));
    for id in [winner, alias] {
        let body = json!({ "id": id, "phone": "0945350398" });
        assert_eq!(put(&caller, alias, &body).await.with(200)["data"]["id"], json!(winner));
    }
    failure(400, put(&caller, alias, &json!({ "id": fresh(MemberId::mint) })).await);
    failure(400, put(&caller, winner, &json!({ "id": alias })).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_name_is_not_emptied_and_only_who_has_none_may_go_without() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("lumyri", &["KM"], &[]), server.till(&["KM"]));
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM")]).await;
    // As a client writes nothing, and as the page does.
    for nothing in [json!(null), json!("")] {
        let body = json!({ "last_name": nothing, "phone": "0945350398" });
        assert_eq!(put(&caller, an, &body).await.with(200)["data"]["last_name"], "");
    }
    put(&caller, an, &json!({ "first_name": "John", "last_name": "Doe" })).await.with(200);
    for key in ["first_name", "last_name"] {
        for nothing in [json!(null), json!(""), json!("  ")] {
            failure(400, put(&caller, an, &json!({ key: nothing })).await);
        }
    }
    let name = json!({ "full": "John Doe", "given": "John", "family": "Doe" });
    assert_eq!(only_member(&till).await.1["name"], name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_takes_nothing_over_from_one_that_is_still_there() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("lumyri", &["KM"], &[]), server.till(&["KM"]));
    let an = fresh(MemberId::mint);
    let before = crate::till::document("An");
    let home = json!({ "role": "home", "category": "Home", "text": "82 Dich Vong Hau", "note": "third floor" });
    let after = with(before.clone(), "addresses", json!([home]));
    till.apply(vec![member_added(an, "An", "KM"), crate::till::edited(an, &before, &after)]).await;
    let shown = detail(&caller, &an.to_string()).await["address"][0].clone();
    let office = json!({ "category": "Office", "location": { "name": "61 Phung Chi Kien", "geo": [] } });
    put(&caller, an, &json!({ "address": [office, shown] })).await.with(200);
    let expected = json!([{ "category": "Office", "text": "61 Phung Chi Kien" }, home]);
    assert_eq!(only_member(&till).await.1["addresses"], expected);
    // One that is not there any more became the one in its place.
    let moved = json!({ "category": "Home", "location": { "name": "144 Xuan Thuy", "geo": [] } });
    put(&caller, an, &json!({ "address": [office, moved] })).await.with(200);
    let note = only_member(&till).await.1["addresses"][1]["note"].clone();
    assert_eq!(note, "third floor");
}
