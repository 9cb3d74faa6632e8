//! The member systems in the settings: what each kind asks for, what is never told, and which shop is kept where. That
//! they talk is told by the stories in the real window.

use super::*;
use std::collections::BTreeMap;

/// A token that nobody may be told.
const SECRET: &str = "hush-7f3a9";

fn asked(kind: &str, changes: Value) -> Value {
    let mut asked = json!({
        "name": kind, "is_new": true, "kind": kind, "url": "https://crm.example.com", "settings": {},
        "secret": SECRET, "certificate": null, "may_be_plain": false, "members_of": null,
    });
    for (field, value) in changes.as_object().expect("fields") {
        asked[field] = value.clone();
    }
    asked
}

/// A counter of a till with two shops that no system knows.
async fn counter_of_two_shops() -> Counter {
    let Counter { folder, app } = Counter::open().await;
    app.stop().await;
    drop(app);
    let (till, _) = Till::open(&folder.path().join("till"), None).expect("it opens");
    let location = Location {
        code: "TH".to_owned(),
        name: "Tây Hồ".to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: String::new(),
    };
    let shop = NewLocation { location, remote: None, pos_id: None, allowance: None };
    regulars_app::locations::add(&till, shop).expect("added");
    till.close().expect("closed");
    drop(till);
    let counter = Counter { app: start(&folder), folder };
    counter.ask("start_state", json!({})).await;
    counter
}

#[tokio::test]
async fn each_kind_says_at_its_field_what_it_needs() {
    let counter = Counter::open().await;
    counter.ask("save_remote", asked("crmx", json!({}))).await;
    for (kind, changes, code, field) in [
        ("nobody", json!({}), "kind_unknown", "kind"),
        ("crmx", json!({}), "remote_exists", "name"),
        ("lumyri", json!({ "name": " " }), "required", "name"),
        ("lumyri", json!({ "url": "", "secret": null }), "url_invalid", "url"),
        ("lumyri", json!({ "url": "http://crm.example.com" }), "plain_http_refused", "url"),
        ("lumyri", json!({ "secret": " " }), "required", "secret"),
        ("lumyri", json!({}), "required", "app_id"),
        ("lumyri", json!({ "certificate": "no certificate" }), "certificate_invalid", "ca"),
        ("portos", json!({ "settings": { "auth": "jwt" } }), "required", "user_name"),
        ("portos", json!({ "settings": { "auth": "jwt", "user_name": "till" } }), "required", "device_name"),
        ("portos", json!({ "settings": { "auth": "nws4" } }), "required", "public_key"),
        ("portos", json!({ "settings": { "auth": "magic" } }), "setting_invalid", "auth"),
        ("stancer", json!({ "secret": "ptest_abc" }), "key_invalid", "secret"),
        ("valomnia", json!({}), "required", "user_name"),
        ("head-office", json!({ "url": "http://127.0.0.1:9", "secret": "ABCD" }), "unreachable", "url"),
    ] {
        let refused = counter.refused("save_remote", asked(kind, changes.clone())).await;
        assert_eq!(refused, (code.to_owned(), Some(field.to_owned())), "{kind} {changes}");
    }
    let names = counter.ask("remotes", json!({})).await;
    assert_eq!(names["remotes"].as_array().map(Vec::len), Some(1), "what is refused is not kept");
    let plain = json!({ "url": "http://crm.example.com", "may_be_plain": true, "settings": { "app_id": "1" } });
    counter.ask("save_remote", asked("lumyri", plain)).await;
}

#[tokio::test]
async fn a_secret_is_never_told_and_never_goes_to_another_server() {
    let counter = Counter::open().await;
    let view = counter.ask("save_remote", asked("crmx", json!({}))).await;
    assert_eq!(
        (&view["remotes"][0]["has_secret"], &view["remotes"][0]["state"]["state"]),
        (&json!(true), &json!("unused"))
    );
    assert!(!view.to_string().contains(SECRET));
    let again = |changes: Value| {
        let mut kept = asked("crmx", json!({ "is_new": false, "secret": null }));
        for (field, value) in changes.as_object().expect("fields") {
            kept[field] = value.clone();
        }
        kept
    };
    counter.ask("save_remote", again(json!({ "url": "https://crm.example.com/api" }))).await;
    for url in ["https://thief.example.com", "https://crm.example.com:8443"] {
        let refused = counter.refused("save_remote", again(json!({ "url": url }))).await;
        assert_eq!(refused, ("secret_needed".to_owned(), Some("secret".to_owned())), "{url}");
    }
    counter.ask("save_remote", again(json!({ "url": "https://new.example.com", "secret": "another" }))).await;
    // Each secret is kept for one server, so that a change of address that is cut off in the middle sends none elsewhere.
    let kept = std::fs::read(counter.folder.path().join("till/till.secrets.json")).expect("the secrets of the till");
    let kept: BTreeMap<String, String> = serde_json::from_slice(&kept).expect("secrets by name");
    let of_remotes = kept.iter().filter(|(name, _)| name.contains("/remote/"));
    let of_remotes: Vec<_> = of_remotes.map(|(name, secret)| (name.rsplit('@').next(), secret.as_str())).collect();
    assert_eq!(of_remotes, [(Some("https://new.example.com"), "another")]);

    // A key for tests never becomes one for real members.
    let key = |key: &str, is_new: bool| asked("stancer", json!({ "secret": key, "is_new": is_new }));
    let view = counter.ask("save_remote", key("stest_1234", true)).await;
    assert_eq!(view["remotes"][1]["mode"], "test");
    let refused = counter.refused("save_remote", key("sprod_1234", false)).await;
    assert_eq!(refused, ("key_mode".to_owned(), Some("secret".to_owned())));
}

#[tokio::test]
async fn each_shop_is_kept_where_somebody_says_and_strangers_come_to_those_that_are_ticked() {
    let counter = counter_of_two_shops().await;
    let lumyri = json!({ "settings": { "app_id": "1" }, "url": "http://127.0.0.1:9" });
    counter.ask("save_remote", asked("lumyri", lumyri.clone())).await;
    let connect = |code: &str, remote: &str, pos_id: &str| json!({ "code": code, "remote": remote, "pos_id": pos_id });
    for (asked, code, field) in [
        (connect("XX", "lumyri", "1"), "location_not_found", Some("location")),
        (connect("KM", "nobody", "1"), "remote_not_found", None),
        (connect("KM", "lumyri", " "), "required", Some("pos_id")),
    ] {
        let refused = counter.refused("connect_shop", asked).await;
        assert_eq!((refused.0.as_str(), refused.1.as_deref()), (code, field));
    }
    counter.ask("connect_shop", connect("KM", "lumyri", "1")).await;
    let taken = counter.refused("connect_shop", connect("TH", "lumyri", "1")).await;
    assert_eq!(taken, ("pos_id_taken".to_owned(), Some("pos_id".to_owned())));
    let view = counter.ask("connect_shop", connect("TH", "lumyri", "2")).await;
    let takes = |view: &Value| {
        let shops = view["shops"].as_array().expect("shops").iter();
        shops.map(|shop| shop["takes_strangers"] == true).collect::<Vec<_>>()
    };
    assert_eq!(takes(&view), [true, true]);

    let mut changed = asked("lumyri", lumyri);
    changed["is_new"] = json!(false);
    changed["secret"] = Value::Null;
    for (codes, expected) in
        [(json!(["TH"]), [false, true]), (Value::Null, [false, true]), (json!(["KM", "TH"]), [true, true])]
    {
        changed["members_of"] = codes;
        assert_eq!(takes(&counter.ask("save_remote", changed.clone()).await), expected);
    }
    changed["members_of"] = json!([]);
    let refused = counter.refused("save_remote", changed).await;
    assert_eq!(refused, ("required".to_owned(), Some("members_of".to_owned())));
}

#[tokio::test]
async fn what_waits_goes_with_a_shop_that_moves_before_anything_was_sent() {
    let counter = Counter::open().await;
    counter.register("Marie", "0905552255").await;
    for kind in ["crmx", "stancer"] {
        let more = json!({ "url": "http://127.0.0.1:9", "secret": "stest_1234" });
        counter.ask("save_remote", asked(kind, more)).await;
    }
    let waiting = |view: &Value| [0, 1].map(|place| view["remotes"][place]["waiting"].as_i64().unwrap_or_default());
    let view = counter.ask("connect_shop", json!({ "code": "KM", "remote": "crmx", "pos_id": "KM" })).await;
    let [before, none] = waiting(&view);
    assert!(before > 0 && none == 0, "{view}");
    assert_eq!(view["shops"][0]["is_settled"], false);
    let view = counter.ask("connect_shop", json!({ "code": "KM", "remote": "stancer", "pos_id": "KM" })).await;
    assert!(waiting(&view)[1] >= before, "{view}");
    let refused = counter.refused("remove_remote", json!({ "name": "stancer" })).await;
    assert_eq!(refused, ("remote_in_use".to_owned(), Some("name".to_owned())));
}

#[tokio::test]
async fn credit_travels_nowhere_before_it_could_be_tried() {
    let counter = Counter::open().await;
    counter.ask("save_remote", asked("crmx", json!({}))).await;
    let more = json!({ "url": "http://127.0.0.1:9", "settings": { "auth": "bearer" } });
    let view = counter.ask("save_remote", asked("portos", more)).await;
    assert_eq!(view["remotes"][1]["credit"], Value::Null);
    let can = |kind: &str| {
        let kinds = view["kinds"].as_array().expect("kinds").iter();
        kinds
            .filter(|known| known["kind"] == kind)
            .map(|known| known["can"]["tries_credit"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((can("portos"), can("crmx")), (vec![json!(true)], vec![json!(false)]));
    let switch =
        |name: &str, is_on: bool, currency: Value| json!({ "name": name, "is_on": is_on, "currency": currency });
    let refused = counter.refused("switch_credit", switch("crmx", true, Value::Null)).await;
    assert_eq!(refused, ("credit_not_there".to_owned(), Some("name".to_owned())));
    let refused = counter.refused("switch_credit", switch("portos", true, Value::Null)).await;
    assert_eq!(refused, ("shop_missing".to_owned(), Some("name".to_owned())));
    counter.ask("connect_shop", json!({ "code": "KM", "remote": "portos", "pos_id": "KM" })).await;
    let refused = counter.refused("switch_credit", switch("portos", true, json!("EUR"))).await;
    assert_eq!(refused, ("currency_differs".to_owned(), Some("currency".to_owned())));
    assert_eq!(counter.refused("switch_credit", switch("portos", true, json!("vnd"))).await.0, "unreachable");
    // What never was on is off.
    let switched = counter.ask("switch_credit", switch("portos", false, Value::Null)).await;
    assert_eq!(switched["remotes"]["remotes"][1]["credit"], Value::Null);
}

#[tokio::test]
async fn what_was_added_by_mistake_is_taken_away_with_its_secret() {
    let counter = Counter::open().await;
    let view = counter.ask("save_remote", asked("crmx", json!({}))).await;
    assert_eq!(view["remotes"][0]["can_remove"], true);
    let kept = || std::fs::read_to_string(counter.folder.path().join("till/till.secrets.json")).expect("the keystore");
    assert!(kept().contains(SECRET));
    let view = counter.ask("remove_remote", json!({ "name": "crmx" })).await;
    assert_eq!(view["remotes"], json!([]));
    assert!(!kept().contains(SECRET));
}
