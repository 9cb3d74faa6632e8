//! What somebody types, what comes of it and how it ends are in sight together, also on the smallest screen with the text
//! twice as large.

use super::hands::*;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use regulars_testkit::window::Window;
use serde_json::json;

/// Waits until nothing stands over an element and no edge cuts it off.
async fn until_in_sight(page: &Page, css: &str) {
    page.until(&format!(
        "(() => {{
            const element = document.querySelector({css});
            const {{ left, right, top, bottom }} = element.getBoundingClientRect();
            const corners = [left + 3, right - 3].flatMap((x) => [top + 3, bottom - 3].map((y) => [x, y]));
            return corners.every((corner) => element.contains(document.elementFromPoint(...corner)));
        }})()",
        css = json!(css)
    ))
    .await;
}

async fn twice_as_large(window: &Window) {
    let scanner = json!({ "prefix": "", "suffix": "enter", "max_gap_ms": 200, "min_length": 6 });
    let preferences =
        json!({ "theme": "light", "text_size": 200, "keys": {}, "scanner": scanner, "hides_served": false });
    window.ask("save_preferences", preferences).await.expect("saved");
    window.client.refresh().await.expect("it begins anew");
    window.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    window.resize(1024, 768).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_twice_the_text_each_field_of_a_new_member_is_whole_when_one_comes_to_it() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, ..) = desk_of(&shop).await;
    twice_as_large(&window).await;
    until_focused(&window, "search").await;
    press(&window, Key::F2).await;
    until_focused(&window, "register-phone").await;
    // The two that are needed are in sight before anything is typed.
    for seen in ["#register-phone", "#register-name", "#register-save"] {
        until_in_sight(&window, seen).await;
    }
    for field in ["name", "email", "birthday", "card", "note"] {
        window.tab_to(&format!("register-{field}")).await;
        until_in_sight(&window, &format!("#register-{field}")).await;
        until_in_sight(&window, "#register-save").await;
    }
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_twice_the_text_the_sum_and_the_button_of_a_dialog_stay_in_sight_while_one_types() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, ..) = desk_of(&shop).await;
    twice_as_large(&window).await;
    open_member(&window).await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("250000").await;
    until_in(&window, "pay-left", "225,000").await;
    for field in ["pay-bill", "pay-credit", "pay-receipt"] {
        window.tab_to(field).await;
        for seen in [&format!("#{field}"), "dialog footer .sum b", "#pay-take"] {
            until_in_sight(&window, seen).await;
        }
    }
    leave(&window).await;
    press(&window, Key::F4).await;
    until_focused(&window, "topup-amount").await;
    window.type_slowly("350000").await;
    until_in(&window, "topup-confirm", "350,000").await;
    for seen in ["#topup-amount", "#topup-confirm"] {
        until_in_sight(&window, seen).await;
    }
    leave(&window).await;
    window.close().await;
}
