//! The real window, by keyboard: first start, find, register, top up, unplug, top up again, plug in; and a picture of
//! every screen in both themes and both sizes.

mod desk;

use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::cli::Cli;
use regulars_testkit::folder::is_quick;
use regulars_testkit::head_office::HeadOffice;
use regulars_testkit::window::Window;
use serde_json::json;

/// The screens that shops have: the usual one and the smallest.
const SIZES: [(u32, u32); 2] = [(1024, 768), (1366, 768)];

/// Pictures of what stands there.
async fn shoot(window: &Window, name: &str) {
    for (width, height) in SIZES {
        window.resize(width, height).await;
        for theme in ["dark", "light"] {
            let script = format!("document.documentElement.dataset.theme = '{theme}'");
            window.client.execute(&script, vec![]).await.expect("the page answers");
            window.screenshot(&format!("{name}-{width}-{theme}")).await;
        }
    }
}

async fn fill(window: &Window, css: &str, text: &str) {
    let field = window.element(css).await;
    field.clear().await.expect("it can be emptied");
    field.send_keys(text).await.expect("it can be filled");
}

async fn choose(window: &Window, css: &str, value: &str) {
    window.element(css).await.select_by_value(value).await.expect("it can be chosen");
}

async fn press(window: &Window, key: Key) {
    window.type_keys(&key.to_string()).await;
}

/// Ctrl with a key, pressed together.
async fn press_with_ctrl(window: &Window, key: impl std::fmt::Display) {
    window.type_keys(&format!("{}{key}{}", Key::Control, Key::Null)).await;
}

async fn find(window: &Window, query: &str) {
    press(window, Key::Escape).await;
    window.until("document.activeElement.id === 'search' && document.activeElement.value === ''").await;
    if !query.is_empty() {
        window.type_keys(query).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cashiers_morning_from_the_first_start_to_the_line_that_comes_back() {
    if is_quick() {
        return;
    }
    let shop = Shop::with(HeadOffice::start_demo);
    let window = Window::open(&shop.folder.join("window")).await;
    set_up(&window, &shop).await;

    // Found by a whole number, which opens by itself.
    window.until_text("Online").await;
    shoot(&window, "counter").await;
    find(&window, "0945350398").await;
    window.until("document.getElementById('member-name')?.innerText === 'Ly Tu Quang Thang'").await;
    shoot(&window, "member").await;
    find(&window, "0398").await;
    window.until("document.getElementById('hits') || document.getElementById('member-name')").await;
    shoot(&window, "hits").await;

    let member = register(&window).await;
    top_up(&window, "350000", "350,000").await;
    window.until("!document.getElementById('link-state').innerText.includes('waiting')").await;
    assert_eq!(shop.head_office.balance(&member), 350_000);

    // The plug is pulled: the counter goes on and says what is so.
    shop.line.unplug();
    press(&window, Key::F9).await;
    window.until_text("Offline").await;
    top_up(&window, "20000", "20,000").await;
    window.until_text("Offline · 1 waiting").await;
    shoot(&window, "member-offline").await;
    find(&window, "0912999888").await;
    window.until_text("Not in this till’s copy").await;
    shoot(&window, "not-in-copy-offline").await;
    press(&window, Key::F9).await;
    window.press_button("Sync").await;
    window.until("document.getElementById('waiting')").await;
    shoot(&window, "sync-offline").await;
    assert_eq!(shop.head_office.balance(&member), 350_000);

    // And put in again.
    shop.line.plug_in();
    press(&window, Key::F9).await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    shoot(&window, "sync").await;
    let names = shop.head_office.member_names();
    assert_eq!(names.iter().filter(|name| *name == "Nguyễn Thị Hòa").count(), 1);
    assert_eq!(shop.head_office.balance(&member), 370_000);
    let amounts = shop.head_office.amounts(&member);
    assert_eq!(amounts, [350_000, 20_000], "each once");
    window.close().await;
}

async fn set_up(window: &Window, shop: &Shop) {
    window.resize(1366, 768).await;
    window.element("#setup-till-name").await;
    shoot(window, "first-start").await;
    choose(window, "#setup-language", "en").await;
    fill(window, "#setup-till-name", "Till 2").await;
    fill(window, "#setup-shop", "Kim Ma").await;
    fill(window, "#setup-code", "KM").await;
    choose(window, "#setup-country", "VN").await;
    choose(window, "#setup-currency", "VND").await;
    // A wrong address first: told at its field, and nothing that was typed is gone.
    fill(window, "#setup-head-office", "http://office.example.com").await;
    fill(window, "#setup-join-code", "ABCD EFGH").await;
    window.click("#setup-key-in-file").await;
    window.click("#setup-open").await;
    window.until_text("This address is not encrypted").await;
    shoot(window, "first-start-error").await;
    fill(window, "#setup-head-office", &shop.line.url()).await;
    let code = shop.head_office.tell(&["join-code", "add"]);
    fill(window, "#setup-join-code", code.split_whitespace().last().expect("the code is the last word")).await;
    window.click("#setup-open").await;
    window.element("#search").await;
}

async fn register(window: &Window) -> String {
    press(window, Key::F2).await;
    window.element("#register-phone").await;
    fill(window, "#register-phone", "0936 111 222").await;
    press_with_ctrl(window, Key::Enter).await;
    window.until_text("This is needed.").await;
    fill(window, "#register-name", "Nguyễn Thị Hòa").await;
    fill(window, "#register-birthday", "30 5").await;
    fill(window, "#register-note", "Likes the table at the window").await;
    shoot(window, "register").await;
    press_with_ctrl(window, Key::Enter).await;
    window.until("document.getElementById('member-name')?.innerText === 'Nguyễn Thị Hòa'").await;
    let found = window.ask("find", json!({ "query": "0936111222" })).await.expect("found");
    found["members"][0]["id"].as_str().expect("an id").to_owned()
}

async fn top_up(window: &Window, typed: &str, shown: &str) {
    press(window, Key::F4).await;
    window.until("document.activeElement.id === 'topup-amount'").await;
    window.type_keys(typed).await;
    window.until(&format!("document.getElementById('topup-confirm').innerText.includes('{shown}')")).await;
    shoot(window, "top-up").await;
    press(window, Key::Enter).await;
    window.until(&format!("!document.getElementById('topup-amount') && document.getElementById('history').innerText.includes('+{shown}')")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_needs_a_person_is_repaired_at_the_window() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.register("Trần Minh Anh", "0912000417");
    a.sync();
    b.sync();
    a.edit(&member, &json!({ "email": "a@example.com" }));
    a.sync();
    b.edit(&member, &json!({ "email": "b@example.com" }));
    b.cli.ends(3, &["sync"]);
    let window = Window::open(&shop.folder.join("B")).await;
    window.until_text("1 needs you").await;
    window.press_button("Sync").await;
    window.until("document.querySelector('[id^=decision-]')").await;
    shoot(&window, "needs-you").await;
    window.press_button("Try again").await;
    window.until("!document.getElementById('needs-you')").await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    window.close().await;
    a.sync();
    assert_eq!(a.cli.done(&["member", "show", &member])["email"], "b@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_whose_key_is_lost_says_so_and_opens_when_it_is_back() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till("A");
    till.register("Marie", "0905552255");
    let secrets = shop.folder.join("A").join("till.secrets.json");
    let kept = std::fs::read(&secrets).expect("the key's file");
    std::fs::remove_file(&secrets).expect("removed");
    let window = Window::open(&shop.folder.join("A")).await;
    window.until_text("The key to this till’s data is not in this computer’s keychain").await;
    shoot(&window, "key-lost").await;
    std::fs::write(&secrets, kept).expect("put back");
    window.click("#start-again").await;
    window.element("#search").await;
    let taken: Cli = till.cli.clone();
    assert_eq!(taken.ends(1, &["doctor"])["code"], "till_in_use");
    window.close().await;
    till.cli.done(&["doctor"]);
}
