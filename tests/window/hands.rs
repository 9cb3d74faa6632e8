//! A cashier at the page: what their hands do, and what their eyes wait for.

use crate::shop::{Shop, Till};
use fantoccini::key::Key;
use regulars_testkit::page::Page;
use regulars_testkit::window::Window;
use serde_json::json;

/// Of the member whom most stories are about.
pub const PHONE: &str = "0912000417";
/// Theirs, where a story gives it to them.
pub const CARD: &str = "8400174504165209";
pub const NEW_CARD: &str = "8400174504167734";
/// Of somebody else, found by `OTHERS_CARD`.
pub const OTHERS_CARD: &str = "8400174504160017";

/// Somebody with half a million of credit, a discount, and a percentage that they earn; and somebody else with a card.
pub fn stock(till: &Till) -> String {
    let rich = json!({
        "name": { "full": "Lê Thu Hà" }, "phone": PHONE, "email": "thuha@example.com",
        "birthday": { "month": 5, "day": 30 }, "note": "Likes the table at the window", "labels": ["Regular"],
        "discount_percent": "10", "earn_percent": "2",
    });
    let member = till.add("KM", &rich);
    till.top_up(&member, "500000");
    let other = till.add("KM", &json!({ "name": { "full": "Phạm Thùy Dương" }, "phone": "0987654321" }));
    till.does(&format!("card issue {other} --serial {OTHERS_CARD}"));
    till.sync();
    member
}

/// A window on a till with these two.
pub async fn desk_of(shop: &Shop) -> (Window, Till, String) {
    let till = shop.till("A");
    let member = stock(&till);
    (window_on(shop, "A").await, till, member)
}

pub async fn window_on(shop: &Shop, till: &str) -> Window {
    let window = Window::open(&shop.folder.join(till)).await;
    window.resize(1366, 768).await;
    wait_for_slow_scanners(&window).await;
    window
}

/// Sets the slowest scanner there is: a machine with much to do types with pauses that no scanner makes.
pub async fn wait_for_slow_scanners(page: &Page) {
    const SAVE: &str = "const [payload, done] = arguments;
        const body = JSON.stringify(payload);
        const asked = window.__TAURI_INTERNALS__
            ? window.__TAURI_INTERNALS__.invoke('call', { name: 'save_preferences', payload })
            : fetch('/rpc/save_preferences', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        asked.then(() => done(null), (error) => done(JSON.stringify(error)))";
    page.element("#search").await;
    let scanner = json!({ "prefix": "", "suffix": "enter", "max_gap_ms": 200, "min_length": 6 });
    let preferences =
        json!({ "theme": "system", "text_size": 100, "keys": {}, "scanner": scanner, "hides_served": false });
    let refused = page.client.execute_async(SAVE, vec![preferences]).await.expect("the page answers");
    assert!(refused.is_null(), "{refused}");
    page.client.refresh().await.expect("it begins anew");
    page.element("#search").await;
}

pub async fn fill(page: &Page, css: &str, text: &str) {
    let field = page.element(css).await;
    field.clear().await.expect("it can be emptied");
    field.send_keys(text).await.expect("it can be filled");
}

pub async fn choose(page: &Page, css: &str, value: &str) {
    page.element(css).await.select_by_value(value).await.expect("it can be chosen");
}

pub async fn press(page: &Page, key: Key) {
    page.type_keys(&key.to_string()).await;
}

/// Ctrl with a key, pressed together.
pub async fn press_with_ctrl(page: &Page, key: impl std::fmt::Display) {
    page.type_keys(&format!("{}{key}{}", Key::Control, Key::Null)).await;
}

/// Alt with a key, pressed together.
pub async fn press_with_alt(page: &Page, key: &str) {
    page.type_keys(&format!("{}{key}{}", Key::Alt, Key::Null)).await;
}

/// Presses with Enter what Tab comes to.
pub async fn enter_at(page: &Page, id: &str) {
    page.tab_to(id).await;
    press(page, Key::Enter).await;
}

/// Chooses with the space bar, or ticks, what Tab comes to.
pub async fn tick(page: &Page, id: &str) {
    page.tab_to(id).await;
    page.type_slowly(" ").await;
    page.until(&format!("document.getElementById('{id}').checked")).await;
}

/// Walks with an arrow key through the choices of which the given one has the focus, to another.
pub async fn walk_choices(page: &Page, from: &str, arrow: Key, to: &str) {
    page.tab_to(from).await;
    press(page, arrow).await;
    page.until(&format!("document.getElementById('{to}').checked")).await;
}

pub async fn find(page: &Page, query: &str) {
    press(page, Key::Escape).await;
    page.until("document.activeElement.id === 'search' && document.activeElement.value === ''").await;
    if !query.is_empty() {
        page.type_slowly(query).await;
    }
}

pub async fn open_member(page: &Page) {
    find(page, PHONE).await;
    until_named(page, "Lê Thu Hà").await;
}

/// Walks down the history to the first line with which this can be done.
pub async fn walk_to(page: &Page, id: &str) {
    walk_until(page, &format!("document.getElementById('{id}')")).await;
}

/// Walks down the history until this is so of the chosen line.
pub async fn walk_until(page: &Page, is_so: &str) {
    /// More lines than any story makes.
    const MOST: usize = 12;
    until_focused(page, "search").await;
    for _ in 0..MOST {
        press(page, Key::Down).await;
        if page.is(is_so).await {
            return;
        }
    }
    panic!("no line of the history with {is_so}; on the page is\n{}", page.text().await);
}

/// Presses with Enter what can be done with the chosen line.
pub async fn do_with_line(page: &Page, id: &str) {
    walk_to(page, id).await;
    enter_at(page, id).await;
}

/// The id of the first element of a CSS selector, once it is there.
pub async fn id_of(page: &Page, css: &str) -> String {
    page.element(css).await.attr("id").await.expect("the page answers").expect("it has an id")
}

pub async fn until_named(page: &Page, name: &str) {
    page.until(&format!("document.getElementById('member-name')?.innerText === {}", json!(name))).await;
}

pub async fn until_focused(page: &Page, id: &str) {
    page.until(&format!("document.activeElement.id === '{id}'")).await;
}

/// Waits until that stands in the element of this id.
pub async fn until_in(page: &Page, id: &str, part: &str) {
    page.until(&format!("document.getElementById('{id}')?.innerText.includes({})", json!(part))).await;
}

pub async fn until_value(page: &Page, id: &str, value: &str) {
    page.until(&format!("document.getElementById('{id}')?.value === {}", json!(value))).await;
}

pub async fn until_gone(page: &Page, id: &str) {
    page.until(&format!("!document.getElementById('{id}')")).await;
}

/// Leaves a dialog, and waits until it is gone.
pub async fn leave(page: &Page) {
    press(page, Key::Escape).await;
    page.until("!document.querySelector('dialog[open]')").await;
}

/// Waits until the big figure of the open member is this.
pub async fn until_balance(page: &Page, shown: &str) {
    until_in(page, "figure", shown).await;
}
