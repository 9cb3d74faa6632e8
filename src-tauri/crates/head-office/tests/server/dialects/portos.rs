//! Portos: customers with cards and credit, by token, by JWT and by signature.

use super::{Answer, Caller, broken_bodies, members, only_member};
use crate::till::{MORNING, Server, Till, fresh, member_added, with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::EntryKind;
use regulars_domain::{AccountId, MemberId, Money, Timestamp};
use regulars_protocol::pull::PullRow;
use regulars_protocol::push::{ChangeBody, Entry, MAX_BYTES};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

const ALL_RIGHTS: [&str; 1] = ["admin"];

/// The page's sample, as it shows it everywhere.
fn customer() -> Value {
    json!({
        "id": "customer-id",
        "externalId": null,
        "isActive": true,
        "status": "Valid",
        "activationTime": null,
        "expirationTime": null,
        "firstName": "John",
        "lastName": "Doe",
        "fullName": "John Doe",
        "gender": null,
        "birthDate": null,
        "email": "john.doe@portos.sk",
        "phone": null,
        "isCompany": false,
        "company": null,
        "address": null,
        "deliveryAddress": null,
        "credit": { "amount": 0.0, "currencyLabel": null },
        "creditTransactions": [],
        "cards": [
            {
                "externalId": "external-card-id",
                "isActive": true,
                "isVirtual": true,
                "serialNumber": "card-serial-number",
                "processor": "P",
                "status": "Valid",
                "statusTime": null,
                "statusReason": null,
                "activationTime": "2022-11-01T00:00:00.00Z",
                "expirationTime": null,
                "note": null,
                "meta": null
            }
        ],
        "creditRate": 0.0,
        "discountRate": 0.0,
        "note": null,
        "meta": {},
        "_v": 1
    })
}

/// A customer, but for the version, which head office counts over all its rows.
fn same(answer: &Value, expected: &Value) -> i64 {
    let version = answer["_v"].as_i64().unwrap();
    assert!(version > 0);
    let mut expected = expected.clone();
    expected["_v"] = json!(version);
    assert_eq!(*answer, expected);
    version
}

async fn put(caller: &Caller, id: &str, body: &Value) -> Answer {
    caller.send(Method::PUT, &format!("/customers/{id}"), body).await
}

/// A customer with some fields anew, as they are there now.
async fn change(caller: &Caller, id: &str, fields: &Value) -> Answer {
    let mut body = caller.get(&format!("/customers/{id}")).await.with(200);
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    put(caller, id, &body).await
}

/// The body of a failure, which must have that status and errorCode.
fn failure(answer: Answer, status: u16, code: Option<i64>) -> Value {
    let body = answer.with(status);
    assert_eq!((body["status"].as_u64(), body["errorCode"].as_i64()), (Some(status.into()), code), "{body}");
    assert!(body["title"].is_string());
    body
}

/// The member of the model that a validation failed at.
fn member_of(answer: Answer) -> String {
    let body = failure(answer, 400, Some(3));
    body["errors"][0]["memberName"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_customer_is_made_found_changed_and_deleted_key_by_key() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &[]);
    let made = caller.post("/customers", &customer()).await.with(201);
    same(&made, &customer());
    assert_eq!(caller.get("/customers/customer-id").await.with(200), made);
    let listed = caller.get("/customers?CardSerialNumber=card-serial-number&$take=10").await.with(200);
    assert_eq!(listed, json!({ "items": [made], "count": 1, "totalCount": 1 }));
    let till = server.till(&["BA"]);
    let (_, document) = only_member(&till).await;
    assert_eq!(document["name"], json!({ "full": "John Doe", "given": "John", "family": "Doe" }));
    let card = &document["cards"]["CARD-SERIAL-NUMBER"];
    assert_eq!(
        (&card["processor"], &card["is_virtual"], &card["status"]),
        (&json!("P"), &json!(true), &json!("valid"))
    );
    // The whole object again, with the numbers as another client writes them, is no change.
    let seen = till.pull(0, 100).await.next;
    let mut again = made.clone();
    again["creditRate"] = json!(0);
    again["cards"][0]["activationTime"] = json!("2022-11-01T00:00:00Z");
    assert_eq!(put(&caller, "customer-id", &again).await.with(200), made);
    assert!(till.pull(seen, 100).await.rows.is_empty());
    let changed = change(&caller, "customer-id", &json!({ "firstName": "Johnny", "fullName": null })).await.with(200);
    assert_eq!(changed["fullName"], "Johnny Doe");
    assert_eq!(caller.send(Method::DELETE, "/customers/customer-id", &Value::Null).await.with(200), changed);
    let gone = failure(caller.get("/customers/customer-id").await, 404, None);
    assert_eq!(gone["resource"], json!({ "name": "Customer", "id": "customer-id" }));
    assert!(members(&till).await.is_empty());
    // A PUT of an id that is not there makes it, also one that was deleted.
    same(&put(&caller, "customer-id", &customer()).await.with(201), &customer());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_prefix_leads_to_the_same_customers() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &[]);
    for (number, prefix) in ["", "/api", "/api/v1"].into_iter().enumerate() {
        let id = format!("62d5542c9c104378d6db9a7{number}");
        let path = format!("{prefix}/customers/{id}");
        let body =
            json!({ "firstName": "Eva", "lastName": format!("N{number}"), "externalId": format!("1:host:{id}:") });
        assert_eq!(caller.send(Method::PUT, &path, &body).await.with(201)["id"], json!(id));
        caller.get(&path).await.with(200);
    }
    assert_eq!(caller.get("/api/customers?$count=true").await.with(200), json!({ "count": 0, "totalCount": 3 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_the_model_has_comes_back_as_it_was_told() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &ALL_RIGHTS);
    let id = "019400c8-6b2e-7000-8000-0123456789ab";
    let mut told = customer();
    let whole = json!({
        "id": id,
        "externalId": "1:host:62d5542c9c104378d6db9a79:",
        "isActive": false,
        "status": "NotYetValid",
        "activationTime": "2027-01-01T00:00:00.00Z",
        "expirationTime": "2028-01-01T12:30:00.25Z",
        "fullName": "Ing. John Doe",
        "gender": "Male",
        "birthDate": "1980-02-29",
        "phone": "+421 2 5293 1234",
        "isCompany": true,
        "company": { "name": "Doe s.r.o.", "crn": "36554871", "vatId": "SK2020123456", "taxId": "2020123456" },
        "address": {
            "street": "Obchodná 1", "city": "Bratislava", "postalCode": "811 06", "country": "SK",
            "coordinates": { "longitude": 17.1077, "latitude": 48.1486 }, "note": "second floor"
        },
        "deliveryAddress": {
            "street": "Hlavná 5", "city": "Košice", "postalCode": "040 01", "country": "Slovensko",
            "coordinates": null, "note": null
        },
        "creditRate": 0.05,
        "discountRate": 12.5,
        "note": "pays by card",
        "meta": { "Portos.Features:Loyalty": "s:gold", "Portos.Features:Level": "i:3" },
        "loyaltyLevel": { "from": "a newer version", "levels": [1, 2.5] }
    });
    told.as_object_mut().unwrap().extend(whole.as_object().unwrap().clone());
    told["cards"][0]["meta"] = json!({ "chip": "s:1" });
    told["cards"][0]["status"] = json!("Blocked");
    told["cards"][0]["statusTime"] = json!("2026-01-01T00:00:00.00Z");
    told["cards"][0]["statusReason"] = json!("lost");
    same(&put(&caller, id, &told).await.with(201), &told);
    let (member, _) = only_member(&server.till(&["BA"])).await;
    assert_eq!(member.to_string(), id, "a UUID is the member's own id");
    // As the vendor's older pages name it, and one part of a name alone.
    let fields =
        json!({ "fullName": null, "meta": { "Portos.Features:Level": "i:4" }, "cards": [], "loyaltyLevel": null });
    let changed = change(&caller, id, &fields).await.with(200);
    assert_eq!(
        (&changed["fullName"], &changed["meta"], &changed["cards"]),
        (&json!("John Doe"), &json!({ "Portos.Features:Level": "i:4" }), &json!([]))
    );
    assert!(changed.get("loyaltyLevel").is_none());
    let moved = change(
        &caller,
        id,
        &json!({ "address": { "street": "Nová 2", "zipCode": "811 07" }, "deliveryAddress": null }),
    )
    .await
    .with(200);
    assert_eq!((&moved["address"]["postalCode"], &moved["address"]["city"]), (&json!("811 07"), &json!("Bratislava")));
    assert_eq!(moved["deliveryAddress"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_refused_under_whatever_status_and_none_is_unconditional() {
    for (settings, status) in
        [(&[][..], 400), (&["portos.version_status=409"][..], 409), (&["portos.version_status=412"][..], 412)]
    {
        let server = Server::start_set(settings).await;
        let caller = server.caller("portos", &["BA"], &[]);
        let first = caller.post("/customers", &customer()).await.with(201);
        let second = change(&caller, "customer-id", &json!({ "note": "a" })).await.with(200);
        let mut stale = first.clone();
        stale["note"] = json!("b");
        let refused = failure(put(&caller, "customer-id", &stale).await, status, Some(6));
        assert_eq!(refused["resource"], json!({ "name": "Customer", "id": "customer-id", "version": second["_v"] }));
        assert_eq!(caller.get("/customers/customer-id").await.with(200), second);
        stale["_v"] = json!(0);
        assert_eq!(put(&caller, "customer-id", &stale).await.with(200)["note"], "b");
        stale.as_object_mut().unwrap().remove("_v");
        stale["note"] = json!("c");
        assert_eq!(put(&caller, "customer-id", &stale).await.with(200)["note"], "c");
        stale["_v"] = json!("1");
        assert_eq!(member_of(put(&caller, "customer-id", &stale).await), "_v");
    }
}

fn entries(till: &[PullRow]) -> Vec<Entry> {
    let entries = till.iter().filter_map(|row| match row {
        PullRow::Entry(item) => Some(item.entry.clone()),
        PullRow::Member(_) | PullRow::Visit(_) => None,
    });
    entries.collect()
}

fn euro_entry(till: &Till, member: MemberId, kind: EntryKind, minor: i64) -> ChangeBody {
    let amount = Money::new(minor, "EUR".parse().unwrap());
    let account_id = AccountId::of(member, "default", amount.currency);
    let entry = Entry { amount, account_id, location: "BA".to_owned(), ..till.entry(member, kind, minor) };
    ChangeBody::EntryAdded { entry }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_is_the_sum_of_the_ledger_and_a_change_of_it_is_an_entry() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &ALL_RIGHTS), server.till(&["BA"]));
    let made = caller.post("/customers", &customer()).await.with(201);
    let (member, _) = only_member(&till).await;
    till.apply(vec![euro_entry(&till, member, EntryKind::TopUp, 2_550)]).await;
    let shown = caller.get("/customers/customer-id").await.with(200);
    assert_eq!(shown["credit"], json!({ "amount": 25.5, "currencyLabel": "EUR" }));
    assert!(shown["_v"].as_i64() > made["_v"].as_i64(), "who has seen less credit has seen an older version");
    let transaction = &shown["creditTransactions"][0];
    assert_eq!(
        (&transaction["type"], &transaction["amount"]),
        (&json!("Deposit"), &json!({ "amount": 25.5, "currency": "EUR" }))
    );
    assert_eq!(transaction["endingCreditBalance"]["amount"], 25.5);
    // Stale credit cannot be written over what was booked meanwhile.
    let mut stale = made.clone();
    stale["credit"]["amount"] = json!(10);
    failure(put(&caller, "customer-id", &stale).await, 400, Some(6));
    stale.as_object_mut().unwrap().remove("_v");
    assert_eq!(member_of(put(&caller, "customer-id", &stale).await), "_v");
    let seen = till.pull(0, 100).await.next;
    let changed = change(&caller, "customer-id", &json!({ "credit": { "amount": 20.0, "currencyLabel": "EUR" } }))
        .await
        .with(200);
    assert_eq!(changed["credit"]["amount"], 20.0);
    let booked = entries(&till.pull(seen, 100).await.rows);
    assert_eq!(booked.len(), 1);
    assert_eq!((booked[0].kind, booked[0].amount.to_string()), (EntryKind::Adjust, "-5.50 EUR".to_owned()));
    // What was told again is nothing new; a new movement is booked once, whoever asks again.
    let mut body = changed.clone();
    let deposit = json!({ "externalId": "receipt-7", "type": "Deposit", "amount": { "amount": 5, "currency": "EUR" }, "note": "cash" });
    body["creditTransactions"].as_array_mut().unwrap().push(deposit.clone());
    body["credit"]["amount"] = json!(25);
    let once = put(&caller, "customer-id", &body).await.with(200);
    assert_eq!(
        (&once["credit"]["amount"], &once["creditTransactions"][2]["externalId"]),
        (&json!(25.0), &json!("receipt-7"))
    );
    let mut again = once.clone();
    again["creditTransactions"] = json!([deposit]);
    assert_eq!(put(&caller, "customer-id", &again).await.with(200), once);
    server.pass(Duration::from_secs(1));
    let withdrawal = json!([{ "externalId": "019400c8-6b2e-7000-8000-0123456789ac", "type": "Withdrawal", "amount": { "amount": 4.25 } }]);
    let taken =
        change(&caller, "customer-id", &json!({ "creditTransactions": withdrawal, "credit": null })).await.with(200);
    assert_eq!(taken["credit"]["amount"], 20.75);
    let last = &taken["creditTransactions"][3];
    assert_eq!((&last["id"], &last["type"]), (&json!("019400c8-6b2e-7000-8000-0123456789ac"), &json!("Withdrawal")));
    let wrong = [
        json!({ "credit": { "amount": -1 } }),
        json!({ "credit": { "amount": 1.005 } }),
        json!({ "credit": { "amount": 1e30 } }),
        json!({ "credit": { "amount": "20" } }),
        json!({ "credit": { "amount": 21, "currencyLabel": "VND" } }),
        json!({ "credit": 20 }),
        json!({ "creditTransactions": [{ "type": "Gift", "amount": { "amount": 1 } }] }),
        json!({ "creditTransactions": [{ "type": "Deposit", "amount": { "amount": 0 } }] }),
        json!({ "creditTransactions": [{ "type": "Deposit", "amount": { "amount": -1 } }] }),
        json!({ "creditTransactions": [{ "type": "Withdrawal", "amount": { "amount": 100 } }] }),
        json!({ "creditTransactions": [{ "type": "Deposit", "amount": { "amount": 1 } }], "credit": { "amount": 30 } }),
        json!({ "creditTransactions": [{ "externalId": "receipt-7", "type": "Deposit", "amount": { "amount": 9 } }] }),
        json!({ "creditTransactions": "none" }),
    ];
    let seen = till.pull(0, 100).await.next;
    for mut fields in wrong {
        fields["note"] = json!("changed too");
        let member = member_of(change(&caller, "customer-id", &fields).await);
        assert!(member.starts_with("Credit"), "{fields}: {member}");
    }
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // Nobody is deleted who is owed something.
    failure(caller.send(Method::DELETE, "/customers/customer-id", &Value::Null).await, 400, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_asked_for_what_they_are_about() {
    let server = Server::start().await;
    let with_rights = |rights: &[&str]| server.caller("portos", &["BA"], rights);
    let usual = with_rights(&[]);
    usual.post("/customers", &customer()).await.with(201);
    let reader = with_rights(&["customerNothing"]);
    reader.get("/customers/customer-id").await.with(200);
    for (method, path) in [
        (Method::POST, "/customers"),
        (Method::PUT, "/customers/customer-id"),
        (Method::DELETE, "/customers/customer-id"),
    ] {
        failure(reader.send(method, path, &customer()).await, 403, Some(2));
    }
    failure(with_rights(&["CustomerUpdate"]).post("/customers", &json!({})).await, 403, Some(2));
    let updater = with_rights(&["customerupdate"]);
    change(&updater, "customer-id", &json!({ "note": "a", "creditRate": 0.05 })).await.with(200);
    failure(updater.send(Method::DELETE, "/customers/customer-id", &Value::Null).await, 403, Some(2));
    let discount = json!({ "discountRate": 5 });
    failure(change(&updater, "customer-id", &discount).await, 403, Some(2));
    change(&with_rights(&["CustomerUpdate", "CustomerSetDiscount"]), "customer-id", &discount).await.with(200);
    let credit = json!({ "credit": { "amount": 5 }, "note": "b" });
    failure(change(&usual, "customer-id", &credit).await, 403, Some(2));
    assert_eq!(usual.get("/customers/customer-id").await.with(200)["note"], "a", "nothing of it was written");
    change(&with_rights(&["CustomerUpdate", "CustomerSetCredit"]), "customer-id", &credit).await.with(200);
    // A customer does not begin with money that nobody may give.
    let rich = json!({ "id": "rich", "firstName": "R", "credit": { "amount": 100 } });
    failure(usual.post("/customers", &rich).await, 403, Some(2));
    failure(usual.get("/customers/rich").await, 404, None);
    let made = with_rights(&["CustomerCreate", "CustomerSetCredit"]).post("/customers", &rich).await.with(201);
    assert_eq!(made["credit"]["amount"], 100.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_a_jwt_for_an_hour() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &["CustomerCreate"]);
    let sign_in =
        |prefix: &str, body: Value| Answer::of(caller.stranger(Method::POST, &format!("{prefix}/auth")).json(&body));
    let right = json!({ "UserName": "jana", "Password": caller.token, "DeviceName": "till 1" });
    let signed_in = sign_in("/api", right.clone()).await.with(200);
    let user = &signed_in["user"];
    assert_eq!(
        (&user["userName"], &user["device"]["name"], &user["rights"]),
        (&json!("jana"), &json!("till 1"), &json!(["customerCreate"]))
    );
    assert_eq!(user["id"].as_str().unwrap().len(), 24);
    let with_token =
        |method: Method, path: &str, token: &Value| caller.stranger(method, path).bearer_auth(token.as_str().unwrap());
    let token = signed_in["tokenId"].clone();
    Answer::of(with_token(Method::POST, "/api/customers", &token).json(&customer())).await.with(201);
    assert_eq!(Answer::of(with_token(Method::GET, "/api/auth", &token)).await.with(200)["userName"], "jana");
    // The refresh token is for that alone, and the other way round.
    let refresh = signed_in["refreshToken"].clone();
    failure(Answer::of(with_token(Method::GET, "/customers", &refresh)).await, 401, Some(1));
    let anew = |token: Value| {
        Answer::of(caller.stranger(Method::POST, "/auth/refresh").json(&json!({ "refreshToken": token })))
    };
    failure(anew(token.clone()).await, 401, Some(1));
    let again = anew(refresh).await.with(200)["tokenId"].clone();
    Answer::of(with_token(Method::GET, "/customers", &again)).await.with(200);
    // Another's payload under this signature, another signature, another dialect's password, nothing at all.
    let mut parts: Vec<String> = token.as_str().unwrap().split('.').map(str::to_owned).collect();
    parts[1] = URL_SAFE_NO_PAD.encode(json!({ "sub": "x", "exp": 9_999_999_999_i64, "use": "access" }).to_string());
    for wrong in [parts.join("."), format!("{}x", token.as_str().unwrap()), "a.b.c".to_owned(), "..".to_owned()] {
        failure(Answer::of(with_token(Method::GET, "/customers", &json!(wrong))).await, 401, Some(1));
    }
    failure(
        sign_in("", json!({ "UserName": "jana", "Password": server.token("crmx", &[]), "DeviceName": "x" })).await,
        401,
        Some(1),
    );
    failure(sign_in("", json!({ "UserName": "jana", "Password": "wrong", "DeviceName": "x" })).await, 401, Some(1));
    assert_eq!(member_of(sign_in("", json!({ "UserName": "jana", "Password": caller.token })).await), "DeviceName");
    failure(Answer::of(caller.stranger(Method::GET, "/customers")).await, 401, Some(1));
    for body in broken_bodies() {
        failure(Answer::of(caller.stranger(Method::POST, "/auth").body(body)).await, 400, Some(3));
    }
    server.pass(Duration::from_secs(3_601));
    failure(Answer::of(with_token(Method::GET, "/customers", &token)).await, 401, Some(1));
}

/// Signs as the vendor's clients do.
fn signed(
    caller: &Caller,
    private: &str,
    method: &Method,
    path: &str,
    body: &str,
    at: Timestamp,
) -> reqwest::RequestBuilder {
    let encode = |text: &str| -> String {
        let one = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(one).collect()
    };
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let url: reqwest::Url = format!("{}{path}", caller.base).parse().unwrap();
    let public = caller.token.split('_').nth(1).unwrap();
    let (date, hash) = (at.to_string(), hex(&Sha256::digest(body)));
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let headers = [
        ("accept", "application/json"),
        ("host", host.as_str()),
        ("x-nd-content-sha256", hash.as_str()),
        ("x-nd-date", date.as_str()),
    ];
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let mut pairs: Vec<(&str, &str)> =
        url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let path = format!("/{}", encode(url.path().trim_start_matches('/')).replace("%2F", "/"));
    let canonical = [method.as_str(), &path, &pairs.join("&"), &lines.join("\n"), &names.join(";"), &hash].join("\n");
    let said = format!("NWS4-HMAC-SHA256\n{date}\n{public}\n{}", hex(&Sha256::digest(canonical)));
    let signature = hex(&mac(&mac(format!("NWS4{private}").as_bytes(), &date[..10]), &said));
    let all = format!(
        "Credential={public},SignedHeaders={},Timestamp={},Signature={signature}",
        encode(&names.join(";")),
        encode(&date)
    );
    let mut request = reqwest::Client::new().request(method.clone(), url).body(body.to_owned());
    for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
        request = request.header(*name, *value);
    }
    request.header("authorization", format!("NWS4-HMAC-SHA256 {}", encode(&all)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_is_taken_as_it_was_signed() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &[]);
    let (key, now, get) = (caller.token.clone(), Timestamp::from_millis(MORNING), Method::GET);
    let body = customer().to_string();
    let made = signed(&caller, &key, &Method::PUT, "/api/v1/customers/customer-id", &body, now);
    same(&Answer::of(made.header("content-type", "application/json")).await.with(201), &customer());
    let listed = signed(&caller, &key, &get, "/api/customers?$take=10&$skip=0", "", now);
    assert_eq!(Answer::of(listed).await.with(200)["totalCount"], 1);
    let late = Timestamp::from_millis(MORNING - 16 * 60_000);
    for wrong in [
        signed(&caller, "another key", &get, "/customers", "", now),
        signed(&caller, &key, &get, "/customers", "", late),
        signed(&caller, &key, &get, "/customers", "", now).query(&[("$take", "1")]),
        signed(&caller, &key, &get, "/customers", "", now).body("other"),
        signed(
            &Caller { token: server.token("crmx", &["BA"]), ..server.caller("portos", &[], &[]) },
            &key,
            &get,
            "/customers",
            "",
            now,
        ),
    ] {
        let answer = Answer::of(wrong).await;
        assert_eq!(answer.status.as_u16(), 401, "{}", answer.body);
    }
    for wrong in ["NWS4-HMAC-SHA256 ", "NWS4-HMAC-SHA256 x", "NWS4-HMAC-SHA256 Credential%3Dx", "Digest x", "Bearer"] {
        failure(
            Answer::of(caller.stranger(Method::GET, "/customers").header("authorization", wrong)).await,
            401,
            Some(1),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_orders_and_pages() {
    let server = Server::start().await;
    let caller = server.caller("portos", &["BA"], &ALL_RIGHTS);
    for number in 0..25 {
        let body = json!({
            "id": format!("c{number:02}"),
            "externalId": format!("ext:{number}"),
            "firstName": (["Adam", "Žofia", "Eva"][number % 3]),
            "lastName": format!("Nov{number:02}"),
            "isActive": number % 2 == 0,
            "creditRate": 0.01 * f64::from(u32::try_from(number % 5).unwrap()),
            "discountRate": number,
            "expirationTime": (number < 10).then(|| format!("20{:02}-01-01T00:00:00Z", 20 + number)),
            "company": { "name": format!("Firma {number}"), "vatId": format!("SK{number:03}") },
            "note": format!("poznámka {number}"),
            "cards": [{ "serialNumber": format!("card {number:02}"), "isActive": true, "status": "Valid" }],
        });
        caller.post("/customers", &body).await.with(201);
    }
    let caller = &caller;
    let ids = |query: &'static str| async move {
        let body = caller.get(&format!("/customers?{query}")).await.with(200);
        let ids: Vec<String> =
            body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(body["count"].as_u64().unwrap(), u64::try_from(ids.len()).unwrap());
        (ids, body["totalCount"].as_u64().unwrap())
    };
    assert_eq!(ids("CardSerialNumber=CARD%2007").await.0, ["c07"]);
    assert_eq!(
        ids("cardserialnumber=contains:rd%200&$take=3&$sort=lastName").await,
        (vec!["c00".to_owned(), "c01".to_owned(), "c02".to_owned()], 10)
    );
    assert_eq!(ids("ExternalId=eq:ext:3").await.0, ["c03"]);
    assert_eq!(ids("ExternalId=in:ext").await.1, 0);
    assert_eq!(ids("CreditRate=0.04&$sort=discountRate:desc").await.0, ["c24", "c19", "c14", "c09", "c04"]);
    assert_eq!(ids("DiscountRate=gt:0;lt:3&$sort=-DISCOUNTRATE").await.0, ["c02", "c01"]);
    assert_eq!(ids("DiscountRate=gt:0&DiscountRate=lt:3&$sort=discountrate:asc").await.0, ["c01", "c02"]);
    assert_eq!(ids("IsActive=false").await.1, 12);
    assert_eq!(ids("ExpirationTime=lt:2022-01-01T00:00:00Z&$sort=company.name").await.0, ["c00", "c01"]);
    assert_eq!(ids("ExpirationTime=null").await.1, 15);
    assert_eq!(ids("IsExpired=true&$take=0").await, (Vec::new(), 7));
    assert_eq!(ids("IsExpired=false").await.1, 18);
    assert_eq!(ids("Search=ZOFIA").await.1, 8);
    assert_eq!(ids("Search=sk007").await.0, ["c07"]);
    assert_eq!(ids("Search=pozn%C3%A1mka%2024").await.0, ["c24"]);
    assert_eq!(ids("Search=card").await.1, 0, "cards are not searched");
    assert_eq!(ids("$sort=firstName,lastName:desc&$take=2").await.0, ["c24", "c21"]);
    let mut all = Vec::new();
    for query in ["$sort=id&$take=10", "$sort=id&$take=10&$skip=10", "$sort=id&$take=10&$skip=20"] {
        all.extend(ids(query).await.0);
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 25);
    for wrong in [
        "DiscountRate=between:1:2",
        "DiscountRate=x",
        "$take=-1",
        "$skip=x",
        "$sort=age",
        "$sort=id:up",
        "$count=maybe",
        "Phone=1",
        "IsExpired=2",
        "Search=%ff",
        "ExternalId=ext:3",
    ] {
        failure(caller.get(&format!("/customers?{wrong}")).await, 400, Some(3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_are_one_member_s_and_keep_what_has_no_word_here() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &[]), server.till(&["BA"]));
    caller.post("/customers", &customer()).await.with(201);
    let twin = json!({ "id": "twin", "firstName": "Twin", "cards": [{ "serialNumber": "CARD-SERIAL-NUMBER" }] });
    assert_eq!(member_of(caller.post("/customers", &twin).await), "Cards");
    failure(caller.get("/customers/twin").await, 404, None);
    let (member, before) = only_member(&till).await;
    let mut after = before.clone();
    after["cards"]["CARD-SERIAL-NUMBER"]["replaced_by"] = json!("NEW-1");
    till.apply(vec![ChangeBody::MemberEdited { member_id: member, edit: Edit::between(&before, &after) }]).await;
    let mut body = caller.get("/customers/customer-id").await.with(200);
    body["cards"][0]["status"] = json!("Disposed");
    body["cards"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "serialNumber": "new-1", "isActive": true, "status": "Valid", "processor": "AW" }));
    let changed = put(&caller, "customer-id", &body).await.with(200);
    assert_eq!(changed["cards"].as_array().unwrap().len(), 2);
    let document = only_member(&till).await.1;
    let old = &document["cards"]["CARD-SERIAL-NUMBER"];
    assert_eq!((&old["status"], &old["replaced_by"]), (&json!("disposed"), &json!("NEW-1")));
    for wrong in [
        json!([{ "isActive": true }]),
        json!([{ "serialNumber": "A" }, { "serialNumber": " a " }]),
        json!([{ "serialNumber": "A", "status": "Lost" }]),
        json!([{ "serialNumber": "A", "isActive": "yes" }]),
        json!([{ "serialNumber": "A", "activationTime": "soon" }]),
        json!([{ "serialNumber": "A", "meta": { "a": 1 } }]),
        json!(["A"]),
        json!(-1),
    ] {
        failure(change(&caller, "customer-id", &json!({ "cards": wrong })).await, 400, Some(3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_till_is_shown_and_what_the_model_lacks_stays() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &[]), server.till(&["BA"]));
    let eva = fresh(MemberId::mint);
    let terms = json!({ "labels": { "VIP": true }, "valid_until": "2027-06-30", "earn_percent": "2" });
    till.apply(vec![ChangeBody::MemberAdded {
        member_id: eva,
        document: crate::till::document("Eva Nová"),
        location: "BA".to_owned(),
        member_since: crate::till::day(),
        terms: terms.as_object().cloned().unwrap(),
    }])
    .await;
    let before = crate::till::document("Eva Nová");
    let after = with(
        with(before.clone(), "birthday", json!({ "month": 5, "day": 30, "year": null })),
        "website",
        json!("https://eva.sk"),
    );
    till.apply(vec![ChangeBody::MemberEdited { member_id: eva, edit: Edit::between(&before, &after) }]).await;
    let shown = caller.get(&format!("/customers/{eva}")).await.with(200);
    assert_eq!(
        (&shown["firstName"], &shown["lastName"], &shown["fullName"]),
        (&json!("Eva Nová"), &Value::Null, &json!("Eva Nová"))
    );
    assert_eq!(
        (&shown["birthDate"], &shown["expirationTime"], &shown["creditRate"]),
        (&Value::Null, &json!("2027-06-30T23:59:59.999Z"), &json!(0.02))
    );
    change(&caller, &eva.to_string(), &json!({ "email": "eva@example.sk" })).await.with(200);
    let found = members(&till).await;
    assert_eq!(found[0].memberships[0].terms, terms.as_object().cloned().unwrap());
    assert_eq!(only_member(&till).await.1, with(after, "email", json!("eva@example.sk")));
    // Somebody without any name has one that stands in, and goes on having none there.
    let nameless = caller.post("/customers", &json!({ "id": "nameless", "email": "n@example.sk" })).await.with(201);
    assert_eq!((&nameless["firstName"], &nameless["fullName"]), (&Value::Null, &Value::Null));
    let company =
        caller.post("/customers", &json!({ "isCompany": true, "company": { "name": "Firma s.r.o." } })).await.with(201);
    assert_eq!(company["isCompany"], true);
    let names: Vec<String> =
        members(&till).await.iter().map(|member| crate::till::name_in(member.document.get())).collect();
    assert_eq!(names, ["Eva Nová", "n@example.sk", "Firma s.r.o."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_a_problem_and_nothing_is_half_written() {
    let server = Server::start().await;
    let (caller, lyon) = (server.caller("portos", &["BA"], &[]), server.caller("portos", &["LY"], &[]));
    caller.post("/customers", &customer()).await.with(201);
    let till = server.till(&[]);
    let seen = till.pull(0, 100).await.next;
    failure(caller.get("/nothing").await, 404, None);
    failure(caller.get("/customers/%ff").await, 404, None);
    failure(caller.send(Method::PATCH, "/customers/customer-id", &json!({})).await, 405, None);
    assert_eq!(member_of(caller.post("/customers", &customer()).await), "Id");
    assert_eq!(member_of(put(&caller, "other", &customer()).await), "Id");
    assert_eq!(member_of(caller.post("/customers", &json!({ "id": 7 })).await), "Id");
    assert_eq!(member_of(caller.post("/customers", &json!({ "id": "x".repeat(101) })).await), "Id");
    failure(lyon.get("/customers/customer-id").await, 404, None);
    failure(put(&lyon, "customer-id", &customer()).await, 403, Some(2));
    failure(lyon.send(Method::DELETE, "/customers/customer-id", &Value::Null).await, 404, None);
    assert_eq!(lyon.get("/customers").await.with(200)["totalCount"], 0);
    for body in broken_bodies() {
        failure(Answer::of(caller.request(Method::POST, "/customers").body(body.clone())).await, 400, Some(3));
        failure(Answer::of(caller.request(Method::PUT, "/customers/customer-id").body(body)).await, 400, Some(3));
    }
    failure(Answer::of(caller.request(Method::POST, "/customers").body(vec![b' '; MAX_BYTES + 1])).await, 413, None);
    let wrong = [
        ("email", json!("no address")),
        ("email", json!(7)),
        ("phone", json!({ "number": 1 })),
        ("phone", json!("abc")),
        ("firstName", json!(["John"])),
        ("fullName", json!("a\u{0}b")),
        ("gender", json!("X")),
        ("birthDate", json!("1980-02-30")),
        ("birthDate", json!("9999-01-01")),
        ("birthDate", json!(-1)),
        ("isActive", json!("yes")),
        ("isCompany", json!(true)),
        ("company", json!("Firma")),
        ("address", json!([])),
        ("address", json!({ "coordinates": { "latitude": 91, "longitude": 0 } })),
        ("address", json!({ "coordinates": [1, 2] })),
        ("activationTime", json!("tomorrow")),
        ("creditRate", json!(1.5)),
        ("creditRate", json!(0.00001)),
        ("creditRate", json!("5")),
        ("meta", json!({ "a": 1 })),
        ("meta", json!({ "lumyri:app_id": "x" })),
        ("meta", json!([])),
        ("somethingNew", json!("x".repeat(3_000))),
        ("note", json!("x".repeat(2_001))),
    ];
    for (key, value) in wrong {
        let answer = change(&caller, "customer-id", &json!({ "lastName": "Changed", key: value })).await;
        assert_eq!(answer.status.as_u16(), 400, "{key} {value}: {}", answer.body);
    }
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // A whole object that lacks a field leaves it, or clears it where the server is of that kind.
    assert_eq!(
        put(&caller, "customer-id", &json!({ "firstName": "J" })).await.with(200)["email"],
        "john.doe@portos.sk"
    );
    let server = Server::start_set(&["full_put_clears=true", "portos.created=200"]).await;
    let caller = server.caller("portos", &["BA"], &[]);
    caller.post("/customers", &customer()).await.with(200);
    let cleared = put(&caller, "customer-id", &json!({ "firstName": "J" })).await.with(200);
    assert_eq!((&cleared["email"], &cleared["lastName"], &cleared["cards"]), (&Value::Null, &Value::Null, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_turned_out_to_be_somebody_else_answers_as_that_one() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &ALL_RIGHTS), server.till(&["BA"]));
    caller.post("/customers", &customer()).await.with(201);
    let (john, document) = only_member(&till).await;
    let winner = fresh(MemberId::mint);
    till.apply(vec![member_added(winner, "John B. Doe", "BA"), euro_entry(&till, john, EntryKind::TopUp, 500)]).await;
    let merged = with(document.clone(), "merged", json!({ "into": winner, "at": "2026-11-24T08:00:00.000Z" }));
    till.apply(vec![crate::till::edited(john, &document, &merged)]).await;
    let read = caller.get("/customers/customer-id").await.with(200);
    assert_eq!(
        (&read["id"], &read["credit"]["amount"]),
        (&json!(winner), &json!(5.0)),
        "their credit is counted together"
    );
    assert_eq!(caller.get("/customers").await.with(200)["totalCount"], 1);
    failure(caller.send(Method::DELETE, "/customers/customer-id", &Value::Null).await, 404, None);
}

/// The member as somebody who turned out to be another.
fn merged(document: &Document, into: MemberId) -> Document {
    with(document.clone(), "merged", json!({ "into": into, "at": "2026-11-24T08:00:00.000Z" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_comes_or_goes_by_merging_is_a_new_version() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &ALL_RIGHTS), server.till(&["BA"]));
    let (alias, between, john) = (fresh(MemberId::mint), fresh(MemberId::mint), fresh(MemberId::mint));
    // The one who stays is the newest, in person and in credit.
    for (member, minor) in [(alias, 500), (between, 0), (john, 700)] {
        till.apply(vec![member_added(member, "John Doe", "BA")]).await;
        if minor > 0 {
            till.apply(vec![euro_entry(&till, member, EntryKind::TopUp, minor)]).await;
        }
    }
    let (id, document) = (john.to_string(), crate::till::document("John Doe"));
    let merge = |member, into| crate::till::edited(member, &document, &merged(&document, into));
    let undo = |member, into| crate::till::edited(member, &merged(&document, into), &document);
    let mut stale = caller.get(&format!("/customers/{id}")).await.with(200);
    // Undone too, and through somebody who is merged themselves.
    for (change, amount) in [
        (merge(alias, john), 12.0),
        (undo(alias, john), 7.0),
        (merge(alias, between), 7.0),
        (merge(between, john), 12.0),
        (undo(alias, between), 7.0),
    ] {
        till.apply(vec![change]).await;
        let now = caller.get(&format!("/customers/{id}")).await.with(200);
        assert_eq!(now["credit"]["amount"], amount);
        if stale["credit"] != now["credit"] {
            stale["note"] = json!("of a client that has not looked since");
            failure(put(&caller, &id, &stale).await, 400, Some(6));
            assert_eq!(caller.get(&format!("/customers/{id}")).await.with(200), now);
        }
        stale = now;
    }
    // The tills hear of the one who stays as they are; what was merged already is no news.
    till.apply(vec![merge(alias, john)]).await;
    let told: Vec<MemberId> = members(&till).await.iter().map(|member| member.id).collect();
    assert_eq!(told, [between, alias, john]);
    let seen = till.pull(0, 100).await.next;
    till.apply(vec![merge(alias, john)]).await;
    assert!(till.pull(seen, 100).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_merged_is_written_under_either_id_and_found_by_either_one_s_card() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("portos", &["BA"], &[]), server.till(&["BA"]));
    caller.post("/customers", &customer()).await.with(201);
    let (john, document) = only_member(&till).await;
    let twin = json!({ "id": "twin", "firstName": "Twin", "cards": [{ "serialNumber": "twin-card" }] });
    let winner = caller.post("/customers", &twin).await.with(201);
    let told = members(&till).await;
    let into = told.iter().map(|member| member.id).find(|id| *id != john).unwrap();
    till.apply(vec![crate::till::edited(john, &document, &merged(&document, into))]).await;
    let mut shown = caller.get("/customers/customer-id").await.with(200);
    assert_eq!((&shown["id"], &shown["cards"]), (&json!("twin"), &winner["cards"]));
    shown["note"] = json!("as it was shown");
    let changed = put(&caller, "customer-id", &shown).await.with(200);
    assert_eq!((&changed["id"], &changed["note"]), (&json!("twin"), &json!("as it was shown")));
    let by_its_own = json!({ "id": "customer-id", "note": "as it was asked for" });
    assert_eq!(put(&caller, "customer-id", &by_its_own).await.with(200)["note"], "as it was asked for");
    assert_eq!(member_of(put(&caller, "customer-id", &json!({ "id": "other" })).await), "Id");
    assert_eq!(member_of(put(&caller, "twin", &json!({ "id": "customer-id" })).await), "Id");
    let shown = caller.get("/customers/twin").await.with(200);
    let whole = json!({ "items": [shown], "count": 1, "totalCount": 1 });
    for asked in ["CARD-serial-number", "contains:serial", "twin-card", "in:twin-card:card-serial-number"] {
        assert_eq!(caller.get(&format!("/customers?CardSerialNumber={asked}")).await.with(200), whole, "{asked}");
    }
    // Both have it: they are one customer all the same.
    let mut both = shown.clone();
    both["cards"].as_array_mut().unwrap().push(json!({ "serialNumber": "card-serial-number" }));
    let both = put(&caller, "twin", &both).await.with(200);
    let listed = caller.get("/customers?CardSerialNumber=card-serial-number").await.with(200);
    assert_eq!(listed, json!({ "items": [both], "count": 1, "totalCount": 1 }));
}
