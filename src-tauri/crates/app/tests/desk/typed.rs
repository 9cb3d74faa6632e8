//! Whatever is typed, pasted or scanned into a field of the window: taken as text, or refused with a code and its field;
//! and where anything is refused, nothing is written. The fields of a whole member are told in `tests/bad_input.rs`.

use super::*;

const CARD: &str = "8400174504165209";
/// The most that one entry can hold.
const MOST: i64 = 1_000_000_000_000;

/// A megabyte, and what cannot be seen or turns what stands around it.
fn unwelcome() -> [(String, &'static str); 5] {
    [
        ("lorem ipsum ".repeat(90_000), "too_long"),
        ("a\u{0}b".to_owned(), "invalid_character"),
        ("a\u{1b}[2Jb".to_owned(), "invalid_character"),
        ("a\u{202e}b".to_owned(), "invalid_character"),
        ("a\u{2066}b".to_owned(), "invalid_character"),
    ]
}

fn dong(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "VND" })
}

fn all_with(text: &str) -> Value {
    json!({ "text": text, "sort": "name", "descending": false, "offset": 0, "limit": 100 })
}

/// A counter with a member who has credit, a sale and a card.
struct Served {
    counter: Counter,
    member: String,
    visit: Value,
    entry: Value,
}

impl Served {
    async fn open() -> Self {
        let counter = Counter::open().await;
        let member = counter.register("Marie", "0905552255").await;
        let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
        let top_up = json!({ "member_id": member, "entry_id": entry, "amount": dong(500_000), "tender": "cash" });
        counter.ask("top_up", top_up).await;
        counter.ask("issue_card", json!({ "member_id": member, "serial_number": CARD, "is_virtual": false })).await;
        let visit = counter.ask("new_visit_id", json!({})).await["visit_id"].clone();
        let sale = json!({ "member_id": member, "visit_id": visit, "bill": dong(200_000), "credit": dong(50_000) });
        counter.ask("pay", sale).await;
        Self { counter, member, visit, entry }
    }

    async fn new_id(&self) -> Value {
        self.counter.ask("new_visit_id", json!({})).await["visit_id"].clone()
    }

    /// Everything that could have been written.
    async fn written(&self) -> [Value; 5] {
        [
            self.counter.ask("open_member", json!({ "member_id": self.member })).await,
            self.counter.ask("list_members", all_with("")).await,
            self.counter.ask("settings", json!({})).await,
            self.counter.ask("remotes", json!({})).await,
            self.counter.ask("labels", json!({})).await,
        ]
    }
}

#[tokio::test]
async fn a_megabyte_or_what_cannot_be_seen_is_refused_at_every_field() {
    let served = Served::open().await;
    let (member, entry, id) = (&served.member, &served.entry, served.new_id().await);
    let before = served.written().await;
    let person = |name: &str, phone: &str| json!({ "input": { "name": { "full": name }, "phone": phone } });
    for (typed, code) in unwelcome() {
        let with_card = json!({ "input": { "name": { "full": "Mai" }, "phone": "0912000417" }, "card": typed });
        let card = json!({ "member_id": member, "serial_number": typed, "is_virtual": false });
        let new_card = json!({ "old": CARD, "new": typed, "reason": "lost", "is_virtual": false });
        let sale =
            json!({ "member_id": member, "visit_id": id, "bill": dong(1_000), "credit": dong(0), "receipt": typed });
        let correction = json!({ "member_id": member, "entry_id": id, "amount": dong(5), "reason": typed });
        let remote = |name: &str, url: &str, secret: &str| {
            let mut asked = json!({ "is_new": true, "kind": "crmx", "settings": {}, "may_be_plain": false });
            for (field, typed) in [("name", name), ("url", url), ("secret", secret)] {
                asked[field] = json!(typed);
            }
            asked
        };
        let printer = json!({ "address": typed, "code_page": "pc437", "columns": 42 });
        for (name, asked, code, field) in [
            ("register", person(&typed, "0912000417"), code, "name.full"),
            ("register", person("Mai", &typed), "phone_invalid", "phone"),
            ("register", with_card, code, "serial_number"),
            ("edit_member", json!({ "member_id": member, "patch": { "note": typed } }), code, "note"),
            ("remove_member", json!({ "member_id": member, "reason": typed }), code, "reason"),
            ("put_label", json!({ "name": typed, "color": null }), code, "name"),
            ("put_label", json!({ "name": "VIP", "color": typed }), "color_invalid", "color"),
            ("issue_card", card, code, "serial_number"),
            ("replace_card", new_card, code, "serial_number"),
            ("block_card", json!({ "serial_number": typed, "reason": "lost" }), "card_not_found", "serial_number"),
            ("unblock_card", json!({ "serial_number": typed }), "card_not_found", "serial_number"),
            ("pay", sale, code, "receipt"),
            ("adjust", correction, code, "reason"),
            ("void", json!({ "entry_id": entry, "reason": typed }), code, "reason"),
            ("save_till", json!({ "till_name": typed, "language": "en" }), code, "till_name"),
            ("save_printer", printer, "printer_address_invalid", "address"),
            ("save_preferences", json!({ "scanner": { "prefix": typed } }), code, "prefix"),
            ("save_remote", remote(&typed, "https://crm.example.com", "S"), code, "name"),
            ("save_remote", remote("CRMX", &typed, "S"), "url_invalid", "url"),
            ("save_remote", remote("CRMX", "https://crm.example.com", &typed), code, "secret"),
            ("save_credit_rules", json!({ "earn_percent": typed }), "percent_invalid", "earn_percent"),
            ("allowance_advice", json!({ "currency": typed }), "currency_unknown", "currency"),
        ] {
            let refused = served.counter.call(name, asked).await.expect_err(name);
            let told = (refused.code.as_str(), refused.field.as_deref());
            assert_eq!(told, (code, Some(field)), "{name}: {:.200}", refused.message);
            assert!(refused.message.len() < 500, "{name} repeats what was pasted");
        }
        // What only looks for something finds nobody, and goes on.
        served.counter.ask("list_members", all_with(&typed)).await;
        assert_ne!(served.counter.ask("find", json!({ "query": typed })).await["answer"], "found");
        assert_eq!(served.counter.ask("read_phone", json!({ "phone": typed })).await["is_valid"], false);
    }
    assert_eq!(served.written().await, before);
}

#[tokio::test]
async fn emoji_sql_formulas_and_every_script_are_text() {
    let served = Served::open().await;
    for (number, text) in
        ["👩‍🍳 Mai 🇻🇳", "Robert'); DROP TABLE members;--", "محمد بن سلمان", "=1+1", "{{7*7}} %n"].into_iter().enumerate()
    {
        let input = json!({ "name": { "full": text }, "phone": format!("09120004{number:02}"), "note": text });
        let card = served.counter.ask("register", json!({ "input": input })).await;
        assert_eq!((&card["full_name"], &card["note"]), (&json!(text), &json!(text)));
        served.counter.ask("list_members", all_with(text)).await;
        served.counter.ask("find", json!({ "query": text })).await;
        served.counter.ask("put_label", json!({ "name": text, "color": "#205d3b" })).await;
        served.counter.ask("save_till", json!({ "till_name": text, "language": "en" })).await;
        assert_eq!(served.counter.ask("desk", json!({})).await["till_name"], text);
        let (member, visit) = (&served.member, served.new_id().await);
        let sale =
            json!({ "member_id": member, "visit_id": visit, "bill": dong(1_000), "credit": dong(0), "receipt": text });
        served.counter.ask("pay", sale).await;
        let slip = served.counter.ask("slip", json!({ "visit_id": visit, "is_copy": false })).await;
        assert_eq!(slip["slip"]["receipt"], text);
    }
}

/// Wherever an amount is typed, also while it is typed.
#[tokio::test]
async fn an_amount_that_cannot_be_is_refused_at_its_field_and_nothing_is_booked() {
    let served = Served::open().await;
    let (member, visit, id) = (&served.member, &served.visit, served.new_id().await);
    let before = served.written().await;
    for minor in [0, -5, i64::MIN, MOST + 1, 999_999_999_999_999, i64::MAX] {
        let (amount, bill) = (dong(minor), dong(100_000));
        let mut asked = vec![
            ("top_up", json!({ "member_id": member, "entry_id": id, "amount": amount, "tender": "cash" })),
            ("pay", json!({ "member_id": member, "visit_id": id, "bill": amount, "credit": dong(0) })),
            ("give_back", json!({ "return_id": id, "visit_id": visit, "amount": amount })),
            ("cash_out", json!({ "member_id": member, "entry_id": id, "amount": amount, "tender": "cash" })),
        ];
        // A bill may be paid without credit, and a correction goes both ways.
        if minor != 0 {
            asked.push(("pay", json!({ "member_id": member, "visit_id": id, "bill": bill, "credit": amount })));
        }
        if minor != -5 {
            asked.push(("adjust", json!({ "member_id": member, "entry_id": id, "amount": amount, "reason": "r" })));
        }
        for (name, asked) in asked {
            let refused = served.counter.call(name, asked.clone()).await.expect_err(name);
            assert_eq!(refused.field.as_deref(), Some("amount"), "{name} {asked}: {}", refused.code);
        }
        // While it is typed there may be no figure yet, but never a fault.
        for (name, asked) in [
            ("preview_top_up", json!({ "member_id": member, "amount_minor": minor })),
            ("preview_pay", json!({ "member_id": member, "bill_minor": minor })),
            ("preview_pay", json!({ "member_id": member, "bill_minor": 100_000, "credit_minor": minor })),
            ("preview_return", json!({ "visit_id": visit, "amount_minor": minor })),
            ("preview_cash_out", json!({ "member_id": member, "amount_minor": minor })),
        ] {
            if let Err(refused) = served.counter.call(name, asked.clone()).await {
                assert_eq!(refused.field.as_deref(), Some("amount"), "{name} {asked}: {}", refused.code);
            }
        }
    }
    assert_eq!(served.written().await, before);
}

#[tokio::test]
async fn a_picture_that_is_none_or_has_fifty_megabytes_is_refused() {
    let served = Served::open().await;
    let before = served.written().await;
    let no_picture = base64::engine::general_purpose::STANDARD.encode("MZ this is no picture");
    for (data, code) in [
        ("/9j/".repeat(50 * 1024 * 1024 / 3), "picture_too_large"),
        (no_picture, "picture_invalid"),
        ("not base64 at all!".to_owned(), "picture_invalid"),
    ] {
        let picture = json!({ "media_type": "image/jpeg", "data": data });
        let input = json!({ "name": { "full": "Mai" }, "phone": "0912000417", "picture": picture });
        for (name, asked) in [
            ("read_picture", json!({ "data": data })),
            ("register", json!({ "input": input })),
            ("edit_member", json!({ "member_id": served.member, "patch": { "picture": picture } })),
        ] {
            let refused = served.counter.refused(name, asked).await;
            assert_eq!(refused, (code.to_owned(), Some("picture".to_owned())), "{name}");
        }
    }
    assert_eq!(served.written().await, before);
}
