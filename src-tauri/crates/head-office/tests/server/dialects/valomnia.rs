//! Valomnia: customers by forms, and what stands beside them.

use super::{Answer, Caller, broken_bodies, members, only_member};
use crate::till::{Server, fresh, member_added, with};
use image::{ImageFormat, RgbImage};
use regulars_domain::MemberId;
use regulars_domain::edit::Edit;
use regulars_domain::ledger::EntryKind;
use regulars_protocol::push::{ChangeBody, MAX_BYTES};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::io::Cursor;
use std::time::Duration;

const CUSTOMERS: &str = "/api/v1.0/customers";

/// What the page's sample customer says, as a form.
const JEWELRY: [(&str, &str); 10] = [
    ("reference", "NC-3"),
    ("name", "Marie's Jewelry"),
    ("billWithParent", "true"),
    ("billingCountry", "FR"),
    ("billingCity", "Nice"),
    ("creditLimit", "5000"),
    ("dueDateConfigNumber", "7"),
    ("dueDateConfigType", "1"),
    ("currency", "EUR"),
    ("userId", "2"),
];

fn form(request: RequestBuilder, pairs: &[(&str, &str)]) -> RequestBuilder {
    let mut url: reqwest::Url = "http://x".parse().unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    let body = url.query().unwrap_or_default().to_owned();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

async fn post(caller: &Caller, path: &str, pairs: &[(&str, &str)]) -> Answer {
    Answer::of(form(caller.request(Method::POST, path), pairs)).await
}

/// A form with a file in it.
fn multipart(request: RequestBuilder, pairs: &[(&str, &str)], file: Option<(&str, &[u8])>) -> RequestBuilder {
    let mut body = Vec::new();
    for (name, value) in pairs {
        body.extend(format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    if let Some((name, content)) = file {
        let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"imageFile\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.bytes().chain(content.iter().copied()).chain(*b"\r\n"));
    }
    body.extend(b"--xyz--\r\n");
    request.header("content-type", "multipart/form-data; boundary=xyz").body(body)
}

fn failure(answer: Answer, status: u16, error: &str) -> String {
    let body = answer.with(status);
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    body["error_description"].as_str().unwrap().to_owned()
}

/// The page's things: a category, a segmentation, two payment types, two regions.
async fn things(caller: &Caller) -> [i64; 6] {
    let make = |kind: &'static str, pairs: Vec<(&'static str, &'static str)>| async move {
        let made = post(caller, &format!("/api/v1.0/{kind}"), &pairs).await.with(201);
        made["id"].as_i64().unwrap()
    };
    let name = |reference: &'static str, name: &'static str| vec![("reference", reference), ("name", name)];
    [
        make("customerCategories", name("jewelry", "Jewelry and accessories")).await,
        make("customerSegmentations", name("seg_a", "Segmentation A")).await,
        make("paymentTypes", name("cash", "cash")).await,
        make("paymentTypes", name("cheque", "cheque")).await,
        make("regions", vec![("name", "California")]).await,
        make("regions", vec![("name", "New York")]).await,
    ]
}

fn expected(id: &Value, things: &[i64; 6]) -> Value {
    let [category, segmentation, cash, cheque, _, region] = things;
    json!({
        "id": id,
        "reference": "NC-3",
        "reference2": null,
        "name": "Marie's Jewelry",
        "categoryReference": "jewelry",
        "customerCategory": {
            "id": category, "reference": "jewelry", "name": "Jewelry and accessories",
            "href": format!("/api/v1.0/customerCategories/{category}")
        },
        "isSubCustomer": false,
        "parentCustomer": null,
        "billWithParent": true,
        "customerSegmentationReference": "seg_a",
        "customerSegmentation": {
            "id": segmentation, "reference": "seg_a", "name": "Segmentation A",
            "href": format!("/api/v1.0/customerSegmentations/{segmentation}")
        },
        "pocTenus": null,
        "email": null,
        "logo": null,
        "phone": null,
        "mobile": null,
        "fax": null,
        "comment": null,
        "barcode": null,
        "isSameAddress": true,
        "billingCountry": "FR",
        "billingCity": "Nice",
        "billingPostalCode": null,
        "billingAddress": null,
        "billingLat": null,
        "billingLng": null,
        "country": null,
        "city": null,
        "postalCode": null,
        "address": null,
        "latitude": null,
        "longitude": null,
        "isCredit": null,
        "creditLimit": 5000,
        "balance": null,
        "maxChequePeriod": null,
        "maxChequeValue": null,
        "appliedCashBackOutput": null,
        "returnDiscount": null,
        "invoicesPerRoute": null,
        "isActive": true,
        "onHold": false,
        "onHoldReason": null,
        "paymentTerm": null,
        "createdBy": { "userId": 2, "reference": "2", "href": "/api/v1.0/users/2" },
        "dueDateConfigNumber": 7,
        "dueDateConfigType": "daysAfterInvoiceDate",
        "paymentTypes": [
            { "id": cash, "reference": "cash", "name": "cash", "href": format!("/api/v1.0/paymentTypes/{cash}") },
            { "id": cheque, "reference": "cheque", "name": "cheque", "href": format!("/api/v1.0/paymentTypes/{cheque}") }
        ],
        "website": null,
        "taxNumber": null,
        "companyRegistrationNumber": null,
        "contacts": [],
        "currency": "EUR",
        "customerRisk": null,
        "customerRiskColor": null,
        "organization": "default",
        "dateCreated": "2026-11-24T08:00:00Z",
        "lastUpdated": "2026-11-24T08:00:00Z",
        "region": { "id": region, "name": "New York", "href": format!("/api/v1.0/regions/{region}") }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_customer_is_made_shown_listed_changed_and_deleted_key_by_key() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let things = things(&caller).await;
    let [category, segmentation, cash, cheque, california, new_york] = things.map(|id| id.to_string());
    // As the page writes it: an equals sign where JSON has a colon.
    let payment_types = format!("[{{\"id\"={cash}}},{{\"id\"={cheque}}}]");
    let mut pairs = JEWELRY.to_vec();
    pairs.extend([
        ("categoryId", category.as_str()),
        ("customerSegmentationId", &segmentation),
        ("paymentTypes", &payment_types),
        ("regionId", &new_york),
    ]);
    let made = post(&caller, CUSTOMERS, &pairs).await.with(201);
    let id = made["id"].as_i64().unwrap();
    assert!((0..1 << 53).contains(&id));
    assert_eq!(made, expected(&made["id"], &things));
    let path = format!("{CUSTOMERS}/{id}");
    assert_eq!(caller.get(&path).await.with(200), made);
    assert_eq!(caller.get("/api/v1.0/customers/reference/NC-3").await.with(200), made);
    let listed = caller.get("/api/v1.0/customers?max=2").await.with(200);
    let paging = json!({ "total": 1, "max": 2, "offset": 0, "previous": null, "next": null });
    assert_eq!(listed, json!({ "paging": paging, "data": [made] }));
    server.pass(Duration::from_secs(61));
    let update = [("dueDateConfigNumber", "3"), ("regionId", california.as_str()), ("phone", "+33 4 93 00 00 00")];
    let changed = post(&caller, &path, &update).await.with(200);
    let mut wanted = made.clone();
    for (key, value) in [
        ("dueDateConfigNumber", json!(3)),
        ("phone", json!("+33 4 93 00 00 00")),
        ("lastUpdated", json!("2026-11-24T08:01:01Z")),
        ("region", json!({ "id": things[4], "name": "California", "href": format!("/api/v1.0/regions/{california}") })),
    ] {
        wanted[key] = value;
    }
    assert_eq!(changed, wanted);
    let (_, document) = only_member(&server.till(&["LY"])).await;
    assert_eq!((&document["reference"], &document["addresses"][0]["city"]), (&json!("NC-3"), &json!("Nice")));
    let deleted = caller.send(Method::DELETE, &path, &Value::Null).await.with(200);
    assert_eq!(deleted, json!({ "success": "true", "success_description": "Instance deleted successfully" }));
    assert_eq!(
        failure(caller.get(&path).await, 404, "not_found"),
        format!("The customer with the id {id} doesn't exist.")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_changed_where_it_is_there_and_made_where_it_is_not() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    things(&caller).await;
    let path = "/api/v2.1/customers/reference/M-7%20A";
    assert_eq!(
        failure(post(&caller, path, &[("phone", "0493000000")]).await, 400, "missing_param"),
        "name parameter is missing"
    );
    // Below a reference the ids are references too.
    let pairs = [("name", "Atelier"), ("categoryId", "jewelry"), ("paymentTypes", "[{\"id\":\"cash\"}]")];
    let made = post(&caller, path, &pairs).await.with(201);
    assert_eq!(
        (&made["reference"], &made["categoryReference"], &made["paymentTypes"][0]["name"]),
        (&json!("M-7 A"), &json!("jewelry"), &json!("cash"))
    );
    let changed = post(&caller, path, &[("comment", "rings twice"), ("onHold", "true"), ("onHoldReason", "unpaid")])
        .await
        .with(200);
    assert_eq!(
        (&changed["name"], &changed["comment"], &changed["onHoldReason"]),
        (&json!("Atelier"), &json!("rings twice"), &json!("unpaid"))
    );
    // An empty value clears; what is not sent stays.
    let cleared = post(&caller, path, &[("comment", ""), ("onHold", "false"), ("categoryId", "")]).await.with(200);
    assert_eq!(
        (&cleared["comment"], &cleared["onHold"], &cleared["categoryReference"], &cleared["name"]),
        (&Value::Null, &json!(false), &Value::Null, &json!("Atelier"))
    );
    let renamed = post(&caller, path, &[("reference", "M-8")]).await.with(200);
    assert_eq!(renamed["id"], made["id"]);
    failure(caller.get(path).await, 404, "not_found");
    caller.send(Method::DELETE, "/api/v2.1/customers/reference/M-8", &Value::Null).await.with(200);
    failure(caller.send(Method::DELETE, "/api/v2.1/customers/reference/M-8", &Value::Null).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_a_form_says_comes_back() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let parent = post(&caller, CUSTOMERS, &[("reference", "P-1"), ("name", "Parent")]).await.with(201);
    let parent_id = parent["id"].to_string();
    let pairs = [
        ("reference", "C-1"),
        ("name", "Child"),
        ("reference2", "R2"),
        ("barcode", "401234567890"),
        ("isActive", "false"),
        ("isSubCustomer", "true"),
        ("parentCustomer", &parent_id),
        ("billWithParent", "true"),
        ("isSameAddress", "false"),
        ("billingCountry", "France"),
        ("billingCity", "Lyon"),
        ("billingPostalCode", "69001"),
        ("billingAddress", "1 Rue A"),
        ("billingLat", "45.76"),
        ("billingLng", "4.83"),
        ("country", "FR"),
        ("city", "Nice"),
        ("postalCode", "06000"),
        ("address", "2 Rue B"),
        ("latitude", "43.7"),
        ("longitude", "7.25"),
        ("email", "c@example.fr"),
        ("phone", "+33493000000"),
        ("mobile", "+33639980102"),
        ("fax", "+33493000001"),
        ("comment", "second door"),
        ("website", "https://c.fr"),
        ("creditLimit", "125.50"),
        ("dueDateConfigNumber", "30"),
        ("dueDateConfigType", "2"),
        ("taxNumber", "FR123"),
        ("companyRegistrationNumber", "552 100 554"),
        ("currency", "EUR"),
        ("customerRisk", "high"),
        ("customerRiskColor", "#1BE9D8"),
        ("onHold", "true"),
        ("onHoldReason", "unpaid"),
    ];
    let made = post(&caller, CUSTOMERS, &pairs).await.with(201);
    for (key, value) in pairs {
        let expected = match key {
            "parentCustomer" => continue,
            "creditLimit" => json!(125.5),
            "dueDateConfigNumber" => json!(30),
            "dueDateConfigType" => json!("daysAfterEndOfInvoiceMonth"),
            "billingLat" | "billingLng" | "latitude" | "longitude" => json!(value.parse::<f64>().unwrap()),
            "isActive" | "isSubCustomer" | "billWithParent" | "isSameAddress" | "onHold" => json!(value == "true"),
            _ => json!(value),
        };
        assert_eq!(made[key], expected, "{key}");
    }
    assert_eq!((&made["parentCustomer"]["id"], &made["parentCustomer"]["name"]), (&parent["id"], &json!("Parent")));
    let (child, path) = (made["id"].to_string(), format!("{CUSTOMERS}/{}", made["id"]));
    for (key, parent) in [("isSubCustomer", child.as_str()), ("isActive", &child)] {
        let refused = post(&caller, &path, &[(key, "true"), ("parentCustomer", parent)]).await;
        assert_eq!(failure(refused, 404, "not_found"), "The customer cannot be a subcustomer of itself.");
    }
    let circle = post(&caller, &format!("{CUSTOMERS}/{parent_id}"), &[("parentCustomer", &child)]).await;
    failure(circle, 404, "not_found");
    let free = post(&caller, &path, &[("isSubCustomer", "false")]).await.with(200);
    assert_eq!((&free["isSubCustomer"], &free["parentCustomer"]), (&json!(false), &Value::Null));
    // The whole again as it was shown is no change.
    let till = server.till(&["LY"]);
    let seen = till.pull(0, 100).await.next;
    let again: Vec<(&str, &str)> =
        pairs.into_iter().filter(|(key, _)| !matches!(*key, "isSubCustomer" | "parentCustomer")).collect();
    assert_eq!(post(&caller, &path, &again).await.with(200), free);
    assert!(till.pull(seen, 100).await.rows.is_empty());
}

/// A form, and the status, error and description that come back for it.
type Refused = (&'static [(&'static str, &'static str)], u16, &'static str, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_failure_is_met() {
    let server = Server::start().await;
    let (caller, kim_ma) = (server.caller("valomnia", &["LY"], &[]), server.caller("valomnia", &["KM"], &[]));
    things(&caller).await;
    let made = post(&caller, CUSTOMERS, &JEWELRY).await.with(201);
    let path = format!("{CUSTOMERS}/{}", made["id"]);
    let till = server.till(&[]);
    let seen = till.pull(0, 100).await.next;
    let list = async |query: &str| caller.get(&format!("{CUSTOMERS}?{query}")).await;
    assert_eq!(
        failure(list("dateCreated_gta=x").await, 400, "invalid_param"),
        "The parameters [dateCreated_gta] you provided are not valid for this request."
    );
    assert_eq!(
        failure(list("lastUpdated_gte=2016-08-1Z").await, 400, "invalid_datetime_format"),
        "Invalid datetime filter (not ISO-8601 formatted): [2016-08-1Z]"
    );
    for wrong in ["max=x", "max=0", "offset=-1", "order=up", "isActive=yes"] {
        failure(list(wrong).await, 400, "invalid_param_type");
    }
    failure(list("phone=1").await, 400, "invalid_param");
    failure(list("name=%ff").await, 400, "invalid_param");
    let of_type = "The type of parameter id you provided is not valid for this request.";
    assert_eq!(failure(caller.get("/api/v1.0/customers/abc").await, 400, "invalid_param_type"), of_type);
    assert_eq!(
        failure(caller.send(Method::DELETE, "/api/v1.0/customers/abc", &Value::Null).await, 400, "invalid_param_type"),
        of_type
    );
    let gone = "The customer with the id 2559 doesn't exist.";
    assert_eq!(failure(caller.get("/api/v1.0/customers/2559").await, 404, "not_found"), gone);
    assert_eq!(failure(post(&caller, "/api/v1.0/customers/2559", &[("name", "x")]).await, 404, "not_found"), gone);
    let table: [Refused; 19] = [
        (&[("name", "x")], 400, "missing_param", "reference parameter is missing"),
        (&[("reference", "x")], 400, "missing_param", "name parameter is missing"),
        (&[("reference", "NC-3"), ("name", "x")], 400, "not_unique", "reference already used"),
        (
            &[("paymentTypes", "[{\"id\":\"x\"}]")],
            400,
            "invalid_param_type",
            "The type of parameter payment type id you provided is not valid for this request.",
        ),
        (
            &[("paymentTypes", "no json")],
            400,
            "invalid_param_type",
            "The type of parameter payment type id you provided is not valid for this request.",
        ),
        (&[("paymentTypes", "[{\"id\"=999}]")], 404, "not_found", "The payment type with the id 999 doesn't exist."),
        (&[("currency", "GmBP")], 404, "not_found", "The currency with name GmBP doesn't exist."),
        (&[("currency", "GBP")], 404, "not_found", "The currency with name GBP is not configured."),
        (&[("isSubCustomer", "true")], 400, "missing_param", "parentCustomer parameter is missing"),
        (
            &[("isSubCustomer", "true"), ("parentCustomer", "188911")],
            404,
            "not_found",
            "The parent customer with the id 188911 doesn't exist.",
        ),
        (&[("categoryId", "999")], 404, "not_found", "The customer category with the id 999 doesn't exist."),
        (
            &[("customerSegmentationId", "999")],
            404,
            "not_found",
            "The customer segmentation with the id 999 doesn't exist.",
        ),
        (
            &[("regionId", "x")],
            400,
            "invalid_param_type",
            "The type of parameter regionId you provided is not valid for this request.",
        ),
        (&[("dueDateConfigType", "1")], 400, "missing_param", "dueDateConfigNumber parameter is missing"),
        (
            &[("dueDateConfigType", "3"), ("dueDateConfigNumber", "1")],
            400,
            "invalid_param_type",
            "The type of parameter dueDateConfigType you provided is not valid for this request.",
        ),
        (
            &[("isActive", "maybe")],
            400,
            "invalid_param_type",
            "The type of parameter isActive you provided is not valid for this request.",
        ),
        (
            &[("creditLimit", "much")],
            400,
            "invalid_param_type",
            "The type of parameter creditLimit you provided is not valid for this request.",
        ),
        (&[("email", "no address")], 400, "save_failed", "Failed to save instance."),
        (&[("customerRiskColor", "red")], 400, "save_failed", "Failed to save instance."),
    ];
    for (pairs, status, error, description) in table {
        let mut body = pairs.to_vec();
        if !pairs.iter().any(|(key, _)| matches!(*key, "reference" | "name")) {
            body.extend([("reference", "NEW"), ("name", "New")]);
        }
        assert_eq!(failure(post(&caller, CUSTOMERS, &body).await, status, error), description, "{pairs:?}");
        if !pairs.iter().any(|(key, _)| matches!(*key, "reference" | "name")) {
            assert_eq!(failure(post(&caller, &path, pairs).await, status, error), description, "{pairs:?}");
        }
    }
    for wrong in [("billingLat", "north"), ("billingLat", "91"), ("phone", "abc"), ("name", "a\u{0}b")] {
        let answer = post(&caller, &path, &[wrong]).await;
        assert_eq!(answer.status.as_u16(), 400, "{wrong:?}: {}", answer.body);
    }
    for body in broken_bodies() {
        let answer = Answer::of(caller.request(Method::POST, CUSTOMERS).body(body.clone())).await;
        assert_eq!(answer.status.as_u16(), 400);
        let request = caller
            .request(Method::POST, CUSTOMERS)
            .header("content-type", "multipart/form-data; boundary=xyz")
            .body(body);
        failure(Answer::of(request).await, 400, "invalid_param");
    }
    failure(
        Answer::of(caller.request(Method::POST, CUSTOMERS).body("name=%ff&reference=x")).await,
        400,
        "invalid_param",
    );
    let huge = caller.request(Method::POST, &path).body(vec![b'a'; MAX_BYTES + 1]);
    assert_eq!(failure(Answer::of(huge).await, 400, "exceeded_file_size"), "image size should not exceed 2Mo");
    // Another shop's customer is not there, and their reference is free.
    failure(kim_ma.get("/api/v1.0/customers/reference/NC-3").await, 404, "not_found");
    failure(kim_ma.get(&path).await, 404, "not_found");
    failure(kim_ma.send(Method::DELETE, &path, &Value::Null).await, 404, "not_found");
    failure(caller.get("/api/v1.0/nothing").await, 404, "not_found");
    failure(caller.get("/api/v1.0/customers/reference/%ff").await, 404, "not_found");
    failure(caller.send(Method::PUT, &path, &json!({})).await, 405, "method_not_allowed");
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // Who has credit is not deleted.
    let (member, _) = only_member(&till).await;
    till.apply(vec![ChangeBody::MembershipAdded {
        member_id: member,
        location: "KM".to_owned(),
        member_since: crate::till::day(),
        terms: regulars_domain::edit::Document::new(),
    }])
    .await;
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(member, EntryKind::TopUp, 1_000) }]).await;
    let refused = caller.send(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(failure(refused, 400, "delete_failed"), "Failed to delete instance.");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_for_a_session() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let sign_in = |password: &str| {
        let pairs = [("j_username", "marie"), ("j_password", password), ("ajax", "true")];
        form(caller.stranger(Method::POST, "/j_spring_security_check"), &pairs)
    };
    let response = sign_in(&caller.token).send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["location"]),
        (StatusCode::FOUND, &"/valomnia/login/ajaxSuccess".parse().unwrap())
    );
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("JSESSIONID=") && cookie.contains("HttpOnly") && cookie.contains("Path=/"), "{cookie}");
    let session = cookie.split(';').next().unwrap().to_owned();
    let with_session = |path: &str| caller.stranger(Method::GET, path).header("cookie", format!("lang=fr; {session}"));
    let signed_in = Answer::of(with_session("/login/ajaxSuccess")).await.with(200);
    assert_eq!((&signed_in["success"], &signed_in["user"]["username"]), (&json!(true), &json!("marie")));
    assert_eq!(format!("JSESSIONID={}", signed_in["token"].as_str().unwrap()), session);
    Answer::of(with_session(CUSTOMERS)).await.with(200);
    let by_query = format!("/j_spring_security_check?j_username=marie&j_password={}&ajax=true", caller.token);
    assert_eq!(caller.stranger(Method::POST, &by_query).send().await.unwrap().status(), StatusCode::FOUND);
    for wrong in ["", "wrong", &server.token("crmx", &[])] {
        failure(Answer::of(sign_in(wrong)).await, 401, "invalid_credentials");
    }
    failure(
        Answer::of(caller.stranger(Method::POST, "/j_spring_security_check").body("%ff")).await,
        401,
        "invalid_credentials",
    );
    failure(Answer::of(caller.stranger(Method::GET, CUSTOMERS)).await, 401, "no_credentials");
    failure(
        Answer::of(caller.stranger(Method::GET, CUSTOMERS).header("cookie", "JSESSIONID=x.y.z")).await,
        401,
        "no_credentials",
    );
    server.pass(Duration::from_secs(30 * 60));
    failure(Answer::of(with_session(CUSTOMERS)).await, 401, "no_credentials");
    let server = Server::start_set(&["valomnia.expired_status=200"]).await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    failure(Answer::of(caller.stranger(Method::GET, CUSTOMERS)).await, 200, "no_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_in_small_and_go_out_in_three_sizes() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let picture = |format| {
        let mut file = Vec::new();
        RgbImage::from_pixel(640, 480, image::Rgb([200, 30, 30]))
            .write_to(&mut Cursor::new(&mut file), format)
            .unwrap();
        file
    };
    for (number, format) in
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::Bmp].into_iter().enumerate()
    {
        let reference = format!("C-{number}");
        let pairs = [("reference", reference.as_str()), ("name", "Marie's \"Jewelry\"")];
        let file = picture(format);
        let made =
            Answer::of(multipart(caller.request(Method::POST, CUSTOMERS), &pairs, Some(("logo one.png", &file))))
                .await
                .with(201);
        assert_eq!(made["name"], "Marie's \"Jewelry\"");
        let logo = made["logo"].as_str().unwrap();
        let link = logo.strip_prefix("/valomnia").unwrap();
        assert!(link.contains("/photoCustomer/") && link.ends_with("_logoone.png"), "{link}");
        for (prefix, width) in [("", 256), ("medium_", 128), ("small_", 64)] {
            let sized = link.replace("/photoCustomer/", &format!("/photoCustomer/{prefix}"));
            let response = caller.request(Method::GET, &sized).send().await.unwrap();
            assert_eq!(response.headers()["content-type"], "image/jpeg");
            let sized = image::load_from_memory(&response.bytes().await.unwrap()).unwrap();
            assert_eq!((sized.width(), sized.height()), (width, width * 3 / 4));
        }
        assert_eq!(Answer::of(caller.stranger(Method::GET, link)).await.status.as_u16(), 401);
    }
    let send = |file: Vec<u8>| {
        let pairs = [("reference", "NEW"), ("name", "New")];
        Answer::of(multipart(caller.request(Method::POST, CUSTOMERS), &pairs, Some(("logo.png", &file))))
    };
    let too_large = failure(send(vec![0; 2 * 1024 * 1024 + 1]).await, 400, "exceeded_file_size");
    assert_eq!(too_large, "image size should not exceed 2Mo");
    for wrong in
        [b"%PDF-1.7".to_vec(), picture(ImageFormat::Png)[..500].to_vec(), b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0".to_vec()]
    {
        assert_eq!(failure(send(wrong).await, 400, "unsupported_file_type"), "image format not supported.");
    }
    failure(caller.get("/api/v1.0/customers/reference/NEW").await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_ordered_and_paged() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    things(&caller).await;
    for number in 0..7 {
        let (reference, name) = (format!("Ref-{number}"), format!("Name {}", 9 - number));
        let mut pairs = vec![
            ("reference", reference.as_str()),
            ("name", &name),
            ("isActive", if number == 3 { "false" } else { "true" }),
        ];
        if number % 2 == 0 {
            pairs.extend([("categoryId", "jewelry"), ("useExternalId", "true")]);
        }
        post(&caller, CUSTOMERS, &pairs).await.with(201);
        server.pass(Duration::from_secs(10));
    }
    let caller = &caller;
    let references = |query: &str| {
        let path = format!("{CUSTOMERS}?{query}");
        async move {
            let body = caller.get(&path).await.with(200);
            let rows = body["data"].as_array().unwrap().iter();
            (rows.map(|row| row["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), body["paging"].clone())
        }
    };
    let (first, paging) = references("max=3&offset=0").await;
    assert_eq!(first, ["Ref-0", "Ref-1", "Ref-2"]);
    let next = "/api/v1.0/customers?max=3&offset=3&sort=dateCreated&order=asc";
    assert_eq!(paging, json!({ "total": 7, "max": 3, "offset": 0, "previous": null, "next": next }));
    let (last, paging) = references("max=3&offset=6&order=desc&sort=dateCreated").await;
    assert_eq!((last, &paging["next"]), (vec!["Ref-0".to_owned()], &Value::Null));
    assert_eq!(paging["previous"], "/api/v1.0/customers?max=3&offset=3&sort=dateCreated&order=desc");
    assert_eq!(references("sort=name&max=2").await.0, ["Ref-6", "Ref-5"]);
    assert_eq!(references("sort=reference&order=desc&max=2").await.0, ["Ref-6", "Ref-5"]);
    assert_eq!(references("reference=*ef-6").await.0, ["Ref-6"]);
    assert_eq!(references("reference=ref-*&max=1").await.1["total"], 7);
    assert_eq!(references("name=*9*").await.0, ["Ref-0"]);
    assert_eq!(references("categoryReference=jew*").await.0, ["Ref-0", "Ref-2", "Ref-4", "Ref-6"]);
    assert_eq!(references("isActive=false").await.0, ["Ref-3"]);
    let (some, paging) = references("isActive=true&reference=*&max=2").await;
    assert_eq!(some.len(), 2);
    assert_eq!(
        paging["next"],
        "/api/v1.0/customers?max=2&offset=2&sort=dateCreated&order=asc&isActive=true&reference=*"
    );
    // Made at 08:00:00, :10, :20 and so on.
    assert_eq!(references("dateCreated_gt=2026-11-24T08:00:40Z").await.0, ["Ref-5", "Ref-6"]);
    assert_eq!(
        references("dateCreated_gte=2026-11-24T08:00:40Z&dateCreated_lt=2026-11-24T08:01:00Z").await.0,
        ["Ref-4", "Ref-5"]
    );
    post(caller, "/api/v1.0/customers/reference/Ref-1", &[("comment", "changed")]).await.with(200);
    let since = "lastUpdated_gte=2026-11-24T08:01:00Z&sort=lastUpdated&order=asc&max=100";
    assert_eq!(references(since).await.0, ["Ref-6", "Ref-1"]);
    assert_eq!(references("lastUpdated_lte=2026-11-24T08:00:00Z").await.0, ["Ref-0"]);
    // A clock that is set back hides no change from who goes on from the last one.
    server.set_back(Duration::from_secs(3_600));
    post(caller, "/api/v1.0/customers/reference/Ref-2", &[("comment", "changed")]).await.with(200);
    assert_eq!(references(since).await.0, ["Ref-6", "Ref-1", "Ref-2"]);
    let categories = caller.get("/api/v1.0/customerCategories?name=jew*").await.with(200);
    assert_eq!((&categories["paging"]["total"], &categories["data"][0]["isRoot"]), (&json!(1), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn things_are_made_and_changed_by_form_and_by_json() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let root =
        post(&caller, "/api/v2.1/customerCategories", &[("reference", "all"), ("name", "All"), ("isRoot", "true")])
            .await
            .with(201);
    let missing = post(&caller, "/api/v2.1/customerCategories", &[("reference", "x"), ("name", "X")]).await;
    assert_eq!(failure(missing, 400, "missing_param"), "parentId parameter is missing");
    let unknown =
        post(&caller, "/api/v2.1/customerCategories", &[("reference", "x"), ("name", "X"), ("parentId", "999")]).await;
    assert_eq!(failure(unknown, 404, "not_found"), "The customer category with the id 999 doesn't exist.");
    let parent = root["id"].to_string();
    post(&caller, "/api/v2.1/customerCategories", &[("reference", "x"), ("name", "X"), ("parentId", &parent)])
        .await
        .with(201);
    // A customer without a category is of the root one.
    let made = post(&caller, CUSTOMERS, &[("reference", "C-1"), ("name", "Customer")]).await.with(201);
    assert_eq!(made["categoryReference"], "all");
    let path = "/api/v2.1/customerSegmentations/reference/seg_a";
    let upserted = caller.post(path, &json!({ "name": "Segmentation A", "description": "the first" })).await.with(201);
    assert_eq!(upserted["description"], "the first");
    let again = caller.post(path, &json!({ "name": "A" })).await.with(201);
    assert_eq!(
        (&again["id"], &again["name"], &again["description"]),
        (&upserted["id"], &json!("A"), &json!("the first"))
    );
    assert_eq!(caller.get(path).await.with(200)["name"], "A");
    failure(caller.post(path, &json!({})).await, 400, "missing_param");
    failure(
        post(&caller, "/api/v2.1/customerCategories", &[("reference", "all"), ("name", "All"), ("isRoot", "true")])
            .await,
        400,
        "not_unique",
    );
    // A currency that no shop has is configured by being made.
    failure(
        post(&caller, CUSTOMERS, &[("reference", "C-2"), ("name", "C"), ("currency", "GBP")]).await,
        404,
        "not_found",
    );
    post(&caller, "/api/v2.1/currencies", &[("reference", "GBP"), ("name", "Pound")]).await.with(201);
    let made =
        post(&caller, CUSTOMERS, &[("reference", "C-2"), ("name", "C"), ("currency", "GBP"), ("creditLimit", "10.5")])
            .await
            .with(201);
    assert_eq!((&made["currency"], &made["creditLimit"]), (&json!("GBP"), &json!(10.5)));
    failure(post(&caller, "/api/v2.1/currencies", &[("reference", "XXX"), ("name", "None")]).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_till_is_shown_and_what_a_form_lacks_stays() {
    let server = Server::start().await;
    let (caller, till) = (server.caller("valomnia", &["LY"], &[]), server.till(&["LY"]));
    let lea = fresh(MemberId::mint);
    till.apply(vec![member_added(lea, "Léa Petit", "LY")]).await;
    let before = crate::till::document("Léa Petit");
    let after = [
        ("birthday", json!({ "month": 5, "day": 30, "year": 1996 })),
        ("addresses", json!([{ "category": "Home", "place_name": "Les Halles", "text": "1 Rue A", "city": "Lyon" }, { "role": "delivery", "city": "Nice" }])),
    ]
    .into_iter()
    .fold(before.clone(), |document, (field, value)| with(document, field, value));
    till.apply(vec![ChangeBody::MemberEdited { member_id: lea, edit: Edit::between(&before, &after) }]).await;
    // Without a reference the member's own id is one.
    let path = format!("/api/v1.0/customers/reference/{lea}");
    let shown = caller.get(&path).await.with(200);
    assert_eq!(
        (&shown["billingAddress"], &shown["city"], &shown["isSameAddress"]),
        (&json!("Les Halles, 1 Rue A"), &json!("Nice"), &json!(false))
    );
    let id = lea.to_string();
    let back = [
        ("reference", id.as_str()),
        ("name", "Léa Petit"),
        ("billingAddress", "Les Halles, 1 Rue A"),
        ("isSameAddress", "false"),
        ("email", "lea@example.fr"),
    ];
    post(&caller, &path, &back).await.with(200);
    assert_eq!(only_member(&till).await.1, with(after, "email", json!("lea@example.fr")));
    assert_eq!(members(&till).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_put_defaults_back_at_each_change() {
    let server = Server::start_set(&["valomnia.resets=true"]).await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    post(&caller, CUSTOMERS, &[("reference", "C-1"), ("name", "C"), ("isActive", "false"), ("onHold", "true")])
        .await
        .with(201);
    let changed = post(&caller, "/api/v1.0/customers/reference/C-1", &[("comment", "x")]).await.with(200);
    assert_eq!(
        (&changed["isActive"], &changed["onHold"], &changed["comment"]),
        (&json!(true), &json!(false), &json!("x"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_category_is_a_reference_only_where_external_ids_are_asked_for() {
    let server = Server::start().await;
    let caller = server.caller("valomnia", &["LY"], &[]);
    let path = "/api/v2.1/customerCategories";
    let root =
        post(&caller, path, &[("reference", "all"), ("name", "All"), ("isRoot", "true")]).await.with(201)["id"].clone();
    let id = root.to_string();
    for (reference, parent, told) in [("a", id.as_str(), "false"), ("b", id.as_str(), ""), ("c", "all", "true")] {
        let pairs = [("reference", reference), ("name", "A"), ("parentId", parent), ("useExternalId", told)];
        post(&caller, path, &pairs).await.with(201);
    }
    for (reference, parent, told) in [("d", json!(root), json!(false)), ("e", json!("all"), json!(true))] {
        let body = json!({ "reference": reference, "name": "A", "parentId": parent, "useExternalId": told });
        caller.post(path, &body).await.with(201);
    }
    for told in ["false", "maybe"] {
        let pairs = [("reference", "f"), ("name", "A"), ("parentId", "all"), ("useExternalId", told)];
        failure(post(&caller, path, &pairs).await, 400, "invalid_param_type");
    }
}
