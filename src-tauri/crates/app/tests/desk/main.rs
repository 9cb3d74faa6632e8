//! The calls of the window against a real till that works alone: what a cashier asks, and what comes back.

mod merged;
mod remotes;
mod shop;
mod typed;
mod unsettled;

use base64::Engine as _;
use regulars_app::export::{self, ExportWhat};
use regulars_app::locations::NewLocation;
use regulars_app::till::{NewClock, Till};
use regulars_app::{App, Config, Failure};
use regulars_domain::location::Location;
use regulars_store::KeystoreKind;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

struct Counter {
    folder: TempDir,
    app: Arc<App>,
}

fn answers() -> Value {
    json!({
        "language": "vi",
        "till_name": "Quầy 1",
        "location": { "code": "km", "name": "Kim Mã", "country": "VN", "currency": "VND", "time_zone": "Asia/Ho_Chi_Minh" },
        "head_office": null,
        "allowance": { "per_member_minor": 500_000, "per_transaction_minor": 500_000, "per_till_minor": 5_000_000, "max_age_hours": 24 },
        "key_in_file": true,
    })
}

impl Counter {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = start(&folder);
        Self { folder, app }
    }

    async fn open() -> Self {
        let counter = Self::new();
        counter.ask("set_up", answers()).await;
        counter
    }

    async fn call(&self, name: &str, payload: Value) -> Result<Value, Failure> {
        self.app.call(name, payload).await
    }

    async fn ask(&self, name: &str, payload: Value) -> Value {
        self.call(name, payload).await.unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
    }

    async fn refused(&self, name: &str, payload: Value) -> (String, Option<String>) {
        let failure = self.call(name, payload).await.expect_err("refused");
        assert!(!failure.message.is_empty());
        (failure.code, failure.field)
    }

    async fn register(&self, name: &str, phone: &str) -> String {
        let input = json!({ "name": { "full": name }, "phone": phone });
        let card = self.ask("register", json!({ "input": input })).await;
        card["id"].as_str().expect("an id").to_owned()
    }
}

fn start(folder: &TempDir) -> Arc<App> {
    App::start(Config {
        data_dir: folder.path().join("till"),
        locale: Some("vi_VN.UTF-8".to_owned()),
        documents_dir: None,
    })
}

#[tokio::test]
async fn the_first_start_proposes_what_the_computer_knows_and_opens_the_counter() {
    let counter = Counter::new();
    let state = counter.ask("start_state", json!({})).await;
    assert_eq!(state["stage"], "first_start");
    let defaults = &state["defaults"];
    assert_eq!(
        (&defaults["language"], &defaults["country"], &defaults["currency"]),
        (&json!("vi"), &json!("VN"), &json!("VND"))
    );
    assert!(defaults["countries"].as_array().is_some_and(|all| all.len() > 200));
    assert_eq!(counter.refused("desk", json!({})).await.0, "not_set_up");
    let advice = counter.ask("allowance_advice", json!({ "currency": "EUR" })).await;
    assert_eq!(advice["allowance"]["per_member_minor"], 2_000);
    let asked = json!({ "allowance": advice["allowance"], "currency": "EUR", "tills": 5 });
    assert_eq!(counter.ask("worst_case", asked).await["overspend"], json!({ "minor": 80_000, "currency": "EUR" }));

    counter.ask("set_up", answers()).await;
    let desk = counter.ask("desk", json!({})).await;
    assert_eq!(
        (&desk["till_name"], &desk["location"]["code"], &desk["language"]),
        (&json!("Quầy 1"), &json!("KM"), &json!("vi"))
    );
    assert_eq!((&desk["sync"]["link"], &desk["is_key_in_file"]), (&json!("none"), &json!(true)));
    assert_eq!(counter.refused("set_up", answers()).await.0, "already_set_up");
}

#[tokio::test]
async fn each_wrong_answer_of_the_first_start_is_told_at_its_field_and_nothing_is_made() {
    let counter = Counter::new();
    let with = |path: &str, value: Value| {
        let mut answers = answers();
        *answers.pointer_mut(path).expect("a field") = value;
        answers
    };
    for (path, value, code, field) in [
        ("/till_name", json!("  "), "required", Some("till_name")),
        ("/location/code", json!("K M"), "location_code_invalid", Some("code")),
        ("/location/name", json!(""), "required", Some("name")),
        ("/location/country", json!("XX"), "country_unknown", Some("country")),
        ("/location/currency", json!("XAU"), "currency_unknown", Some("currency")),
        ("/location/time_zone", json!("Mars"), "time_zone_unknown", Some("time_zone")),
        ("/allowance/per_member_minor", json!(-1), "limit_out_of_range", Some("per_member_minor")),
        ("/allowance/per_till_minor", json!(999_999_999_999_999_i64), "limit_out_of_range", Some("per_till_minor")),
        ("/allowance/max_age_hours", json!(999_999_999_999_999_i64), "number_out_of_range", Some("max_age_hours")),
        (
            "/head_office",
            json!({ "url": "http://office.example.com", "join_code": "A" }),
            "plain_http_refused",
            Some("url"),
        ),
        (
            "/head_office",
            json!({ "url": "https://office.example.com", "join_code": " " }),
            "required",
            Some("join_code"),
        ),
    ] {
        let refused = counter.refused("set_up", with(path, value)).await;
        assert_eq!((refused.0.as_str(), refused.1.as_deref()), (code, field), "{path}");
        assert_eq!(counter.ask("start_state", json!({})).await["stage"], "first_start");
    }
    // A head office that cannot be reached: the answers can be given again, with or without it.
    let unreachable = with("/head_office", json!({ "url": "http://127.0.0.1:9", "join_code": "ABCD" }));
    assert_eq!(counter.refused("set_up", unreachable).await, ("unreachable".to_owned(), Some("url".to_owned())));
    assert_eq!(counter.ask("start_state", json!({})).await["stage"], "first_start");
    counter.ask("set_up", with("/till_name", json!("Quầy 9"))).await;
    assert_eq!(counter.ask("start_state", json!({})).await["stage"], "ready");
    assert_eq!(counter.ask("desk", json!({})).await["till_name"], "Quầy 9");
}

#[tokio::test]
async fn a_member_is_found_by_any_spelling_and_only_a_whole_number_may_open_by_itself() {
    let counter = Counter::open().await;
    let id = counter.register("Lý Tú Quang Thắng", "0945 350 398").await;
    for (query, is_complete) in
        [("0945350398", true), ("+84 945 350 398", true), ("84945350398", true), ("0398", false), ("09453", false)]
    {
        let answer = counter.ask("find", json!({ "query": query })).await;
        assert_eq!((&answer["answer"], &answer["is_complete"]), (&json!("found"), &json!(is_complete)), "{query}");
        assert_eq!(answer["members"][0]["id"], id.as_str());
    }
    assert_eq!(counter.ask("find", json!({ "query": "039" })).await["answer"], "too_short");
    let nobody = counter.ask("find", json!({ "query": "0912000417" })).await;
    assert_eq!((&nobody["answer"], &nobody["as_of"]), (&json!("not_in_copy"), &Value::Null));
    counter.register("Lý Thị Mai", "0945350398").await;
    let several = counter.ask("find", json!({ "query": "0945350398" })).await;
    let how_many = several["members"].as_array().map(Vec::len);
    assert_eq!((&several["answer"], how_many, &several["has_more"]), (&json!("several"), Some(2), &json!(false)));
    let served = counter.ask("served_recently", json!({})).await;
    assert_eq!(served["members"][0]["full_name"], "Lý Thị Mai");
}

#[tokio::test]
async fn a_number_stands_everywhere_as_a_cashier_reads_it_out() {
    let counter = Counter::open().await;
    for (typed, shown) in [("+84945350398", "0945 350 398"), ("+33612345678", "+33 6 12 34 56 78")] {
        let read = counter.ask("read_phone", json!({ "phone": typed })).await;
        assert_eq!(read, json!({ "is_valid": true, "display": shown }));
        let id = counter.register("Marie", typed).await;
        assert_eq!(counter.ask("open_member", json!({ "member_id": id })).await["phone"], shown);
        assert_eq!(counter.ask("find", json!({ "query": shown })).await["members"][0]["phone"], shown);
        let asked = json!({ "text": typed, "sort": "name", "descending": false, "offset": 0, "limit": 100 });
        assert_eq!(counter.ask("list_members", asked).await["rows"][0]["phone"], shown);
        let twins = json!({ "input": { "name": { "full": "Mary" }, "phone": typed }, "card": null, "except": null });
        assert_eq!(counter.ask("find_twins", twins).await["twins"][0]["member"]["phone"], shown);
    }
}

#[tokio::test]
async fn of_two_columns_with_one_name_either_is_taken_and_the_other_left_out() {
    let counter = Counter::open().await;
    let sheet = "Name,Phone,Phone,\nMai,0912000417,0987654321,x\n";
    let data = base64::engine::general_purpose::STANDARD.encode(sheet);
    let read = counter.ask("read_import", json!({ "file_name": "old.csv", "data": data })).await;
    let names: Vec<_> = read["columns"].as_array().expect("columns").iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["Name", "Phone (1)", "Phone (2)", "D"]);
    let map = json!({ "Name": "full_name", "Phone (2)": "phone" });
    let asked = json!({ "import_id": read["import_id"], "map": map, "expect_total_minor": null });
    let mut changes = counter.app.listen();
    counter.ask("take_import", asked).await;
    loop {
        let state = counter.ask("import_state", json!({})).await;
        if state["stage"] != "taking" {
            assert_eq!((&state["stage"], &state["report"]["new"]), (&json!("taken"), &json!(1)), "{state}");
            break;
        }
        changes.recv().await.expect("told of progress");
    }
    assert_eq!(counter.ask("find", json!({ "query": "0987654321" })).await["answer"], "found");
    assert_eq!(counter.ask("find", json!({ "query": "0912000417" })).await["answer"], "not_in_copy");
}

#[tokio::test]
async fn an_export_is_whole_or_not_there() {
    let counter = Counter::open().await;
    counter.register("Marie", "0905552255").await;
    let mut changes = counter.app.listen();
    assert_eq!(counter.ask("export", json!({ "what": "members" })).await["what"], "members");
    let written = loop {
        let state = counter.ask("export_state", json!({})).await;
        if state["stage"] != "writing" {
            break state;
        }
        changes.recv().await.expect("told of progress");
    };
    assert_eq!((&written["stage"], &written["rows"], &written["total"]), (&json!("written"), &json!(1), &json!(1)));
    let path = written["path"].as_str().expect("a path").to_owned();
    assert!(std::fs::read_to_string(&path).expect("the file").contains("Marie"));
    counter.app.stop().await;

    let data_dir = counter.folder.path().join("till");
    let Counter { folder, app } = counter;
    drop(app);
    let (till, _) = Till::open(&data_dir, None).expect("opened");
    let (fresh, kept) = (folder.path().join("fresh.csv"), std::path::PathBuf::from(path));
    std::fs::write(&kept, "before").expect("written");
    for (path, left) in [(&fresh, None), (&kept, Some("before"))] {
        let mut told = Vec::new();
        let stopped = export::write(&till, ExportWhat::Ledger, path, &mut |done, total| {
            told.push((done, total));
            false
        });
        assert!(matches!(stopped, Ok(None)) && told == [(0, 1)], "{stopped:?} {told:?}");
        assert_eq!(std::fs::read_to_string(path).ok().as_deref(), left);
    }
    let nowhere = export::write(&till, ExportWhat::Members, &folder.path().join("no/where.csv"), &mut |_, _| true);
    assert_eq!(nowhere.expect_err("refused").code(), "file_failed");
    let is_left = |folder: &std::path::Path| {
        std::fs::read_dir(folder)
            .expect("a folder")
            .any(|file| file.expect("a file").path().extension().is_some_and(|extension| extension == "part"))
    };
    assert!(!is_left(folder.path()) && !is_left(kept.parent().expect("a folder")));
}

#[tokio::test]
async fn a_top_up_that_is_confirmed_twice_is_booked_once() {
    let counter = Counter::open().await;
    let id = counter.register("Marie", "0905552255").await;
    let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
    let asked = json!({ "member_id": id, "entry_id": entry, "amount": { "minor": 350_000, "currency": "VND" }, "tender": "cash" });
    let preview = counter.ask("preview_top_up", json!({ "member_id": id, "amount_minor": 350_000 })).await;
    assert_eq!(preview["balance_after"]["minor"], 350_000);
    let (one, other) = tokio::join!(counter.ask("top_up", asked.clone()), counter.ask("top_up", asked));
    for card in [one, other] {
        assert_eq!(card["credit"]["balance"]["minor"], 350_000);
        let entries = card["history"].as_array().expect("lines").iter().filter(|line| line["what"]["what"] == "entry");
        assert_eq!(entries.count(), 1);
        assert_eq!((&card["credit"]["home"], &card["history"][0]["place"]), (&json!("this_till"), &json!("this_till")));
    }
}

#[tokio::test]
async fn what_cannot_be_done_has_a_code_and_a_field() {
    let counter = Counter::open().await;
    let id = counter.register("Marie", "0905552255").await;
    let input = json!({ "name": { "full": "" }, "phone": "0905552255" });
    assert_eq!(
        counter.refused("register", json!({ "input": input })).await,
        ("required".into(), Some("name.full".into()))
    );
    let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
    let top_up = |minor: i64, currency: &str| json!({ "member_id": id, "entry_id": entry, "amount": { "minor": minor, "currency": currency }, "tender": "cash" });
    assert_eq!(
        counter.refused("top_up", top_up(0, "VND")).await,
        ("amount_not_positive".into(), Some("amount".into()))
    );
    assert_eq!(counter.refused("top_up", top_up(5, "EUR")).await, ("currency_differs".into(), Some("currency".into())));
    assert_eq!(counter.refused("no_such_call", json!({})).await.0, "call_invalid");
    assert_eq!(counter.refused("find", json!({ "q": 1 })).await.0, "call_invalid");
    let nobody = json!({ "member_id": "01a210db-6966-795d-92c8-7f339d865369" });
    assert_eq!(counter.refused("open_member", nobody).await.0, "member_not_found");
}

/// What an owner types into the settings, the code, and the field that the sentence stands at.
#[tokio::test]
async fn a_figure_of_the_settings_that_cannot_be_is_told_at_its_field_and_nothing_is_saved() {
    let counter = Counter::open().await;
    let before = counter.ask("settings", json!({})).await;
    let allowance = |field: &str, figure: i64| {
        let mut asked = json!({ "allowance": answers()["allowance"], "tills": 2 });
        let place = if field == "tills" { "/tills".to_owned() } else { format!("/allowance/{field}") };
        *asked.pointer_mut(&place).expect("a field") = json!(figure);
        ("save_allowance", asked)
    };
    let rules = |field: &str, typed: Value| ("save_credit_rules", json!({ field: typed }));
    // As many digits as a field of the page takes.
    let most = 999_999_999_999_999;
    for ((name, asked), code, field) in [
        (rules("earn_percent", json!("300")), "percent_invalid", "earn_percent"),
        (rules("earn_percent", json!("-1")), "percent_invalid", "earn_percent"),
        (rules("earn_percent", json!("five")), "percent_invalid", "earn_percent"),
        (rules("earn_percent", json!("1.005")), "percent_invalid", "earn_percent"),
        (rules("void_minutes", json!(481)), "number_out_of_range", "void_minutes"),
        (rules("void_minutes", json!(most)), "number_out_of_range", "void_minutes"),
        (rules("void_minutes", json!(-1)), "number_out_of_range", "void_minutes"),
        (rules("reward_valid_days", json!(most)), "number_out_of_range", "reward_valid_days"),
        (rules("proof_above_minor", json!(most)), "limit_out_of_range", "proof_above_minor"),
        (rules("proof_above_minor", json!(-1)), "limit_out_of_range", "proof_above_minor"),
        (allowance("per_member_minor", most), "limit_out_of_range", "per_member_minor"),
        (allowance("per_transaction_minor", -1), "limit_out_of_range", "per_transaction_minor"),
        (allowance("per_till_minor", most), "limit_out_of_range", "per_till_minor"),
        (allowance("max_age_hours", most), "number_out_of_range", "max_age_hours"),
        (allowance("tills", most), "number_out_of_range", "tills"),
        (allowance("tills", 0), "number_out_of_range", "tills"),
    ] {
        let refused = counter.refused(name, asked.clone()).await;
        assert_eq!(refused, (code.to_owned(), Some(field.to_owned())), "{asked}");
    }
    assert_eq!(counter.ask("settings", json!({})).await, before);
}

#[tokio::test]
async fn what_was_saved_is_there_after_the_next_start() {
    let counter = Counter::open().await;
    counter.register("Marie", "0905552255").await;
    counter.app.stop().await;
    let Counter { folder, app } = counter;
    drop(app);
    let again = Counter { app: start(&folder), folder };
    assert_eq!(again.ask("start_state", json!({})).await["stage"], "ready");
    assert_eq!(again.ask("find", json!({ "query": "2255" })).await["answer"], "found");
}

#[tokio::test]
async fn who_was_not_seen_for_a_month_goes_by_the_calendar_of_the_shop() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("till");
    let instant = |text: &str| Some(text.parse().expect("an instant"));
    let clock = NewClock::Test(instant("2026-10-24T03:00:00Z"));
    let till = Till::create(&data_dir, "Till 1", clock, KeystoreKind::File).expect("made");
    let location = Location {
        code: "KM".to_owned(),
        name: "Kim Ma".to_owned(),
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
    let id = counter.register("Marie", "0905552255").await;
    let visit = counter.ask("new_visit_id", json!({})).await["visit_id"].clone();
    let none = json!({ "minor": 0, "currency": "VND" });
    let bill = json!({ "minor": 100_000, "currency": "VND" });
    counter.ask("pay", json!({ "member_id": id, "visit_id": visit, "bill": bill, "credit": none })).await;
    let mut counter = counter;
    for (now, listed) in [
        // In Hanoi it is the 24th until five in the afternoon in Greenwich: a month ago is the day of the visit.
        ("2026-11-24T16:59:00Z", 0),
        ("2026-11-24T17:01:00Z", 1),
    ] {
        counter.app.stop().await;
        let Counter { folder, app } = counter;
        drop(app);
        let (till, _) = Till::open(&data_dir, instant(now)).expect("opened");
        till.close().expect("closed");
        drop(till);
        counter = Counter { app: start(&folder), folder };
        counter.ask("start_state", json!({})).await;
        let asked = json!({
            "text": "", "not_seen_months": 1, "sort": "name", "descending": false, "offset": 0, "limit": 100
        });
        assert_eq!(counter.ask("list_members", asked).await["total"], listed, "{now}");
    }
}

#[tokio::test]
async fn a_till_that_is_open_elsewhere_says_so_and_opens_when_it_is_free() {
    let first = Counter::open().await;
    let second = start(&first.folder);
    let state = second.call("start_state", json!({})).await.expect("said");
    assert_eq!((&state["stage"], &state["failure"]["code"]), (&json!("failed"), &json!("till_in_use")));
    first.app.stop().await;
    let Counter { folder: _folder, app } = first;
    drop(app);
    assert_eq!(second.call("start_state", json!({})).await.expect("said")["stage"], "ready");
}
