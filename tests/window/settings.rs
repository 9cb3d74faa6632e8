//! Settings at the desk, by keyboard: how the window looks, what the shop allows, and that it stays so.

use super::hands::*;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use regulars_testkit::window::Window;

async fn open_group(page: &Page, group: &str) {
    press_with_alt(page, "g").await;
    enter_at(page, &format!("settings-group-{group}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_dark_its_text_is_twice_as_large_and_a_scanner_is_tried() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, _, _) = desk_of(&shop).await;
    open_group(&window, "scanner").await;
    // By a click: the Enter that begins the test would count as a key of a scan that follows at once.
    window.click("#settings-scan-test").await;
    window.until("document.getElementById('settings-scan-test').ariaPressed === 'true'").await;
    window.scan("REGULARS").await;
    until_in(&window, "settings-scan-came", "REGULARS").await;

    enter_at(&window, "settings-group-window").await;
    window.tab_to("settings-theme-system").await;
    press(&window, Key::Right).await;
    window.until("document.documentElement.dataset.theme === 'light'").await;
    press(&window, Key::Right).await;
    window.until("document.documentElement.dataset.theme === 'dark'").await;
    window.tab_to("settings-text-size").await;
    press(&window, Key::End).await;
    until_in(&window, "settings-text-size-shown", "200").await;
    window.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    press(&window, Key::Escape).await;
    open_member(&window).await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("250000").await;
    until_in(&window, "pay-left", "225,000").await;
    leave(&window).await;
    window.close().await;

    // It is so still when the till is started again.
    let window = Window::open(&shop.folder.join("A")).await;
    window.until("document.documentElement.dataset.theme === 'dark'").await;
    window.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_shop_are_saved_and_hold_after_a_restart() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, _) = desk_of(&shop).await;
    open_group(&window, "rules").await;
    // What cannot be is said at its field, and nothing typed is lost.
    for wrong in ["300", "-1", "five"] {
        fill_by_keys(&window, "settings-earn-percent", wrong).await;
        press_with_ctrl(&window, Key::Enter).await;
        until_in(&window, "settings-earn-percent-error", "A percentage is 0 to 100").await;
        until_focused(&window, "settings-earn-percent").await;
        until_value(&window, "settings-earn-percent", wrong).await;
    }
    fill_by_keys(&window, "settings-earn-percent", "1.5").await;
    fill_by_keys(&window, "settings-void-minutes", "999999999999999").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "settings-void-minutes-error", "From 0 to 480.").await;
    until_value(&window, "settings-earn-percent", "1.5").await;
    fill_by_keys(&window, "settings-void-minutes", "25").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "settings-said", "Saved").await;
    enter_at(&window, "settings-group-till").await;
    fill_by_keys(&window, "settings-till-name", "By the door").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "settings-said", "Saved").await;
    until_in(&window, "till", "By the door").await;
    window.close().await;

    let window = Window::open(&shop.folder.join("A")).await;
    until_in(&window, "till", "By the door").await;
    open_group(&window, "rules").await;
    until_value(&window, "settings-void-minutes", "25").await;
    until_value(&window, "settings-earn-percent", "1.5").await;
    window.close().await;
    let rules = till.does("settings get credit_rules/KM");
    assert_eq!((&rules["value"]["void_minutes"], &rules["value"]["earn_percent"]), (&25.into(), &"1.5".into()));
}

/// Types over all that stands in a field that Tab comes to.
async fn fill_by_keys(page: &Page, id: &str, text: &str) {
    page.tab_to(id).await;
    press_with_ctrl(page, "a").await;
    page.type_slowly(text).await;
}
