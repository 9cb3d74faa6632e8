//! A day at the desk by keyboard: bills, cards, members, lists, settings; and a picture of each.

use super::{find, press, press_with_ctrl, shoot};
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::window::Window;
use serde_json::json;

const PHONE: &str = "0912000417";
const CARD: &str = "8400174504165209";

/// Somebody with half a million of credit, a discount, and a percentage that they earn.
async fn desk_of(shop: &Shop) -> Window {
    let till = shop.till("A");
    let rates =
        json!({ "name": { "full": "Lê Thu Hà" }, "phone": PHONE, "discount_percent": "10", "earn_percent": "2" });
    let member = till.add("KM", &rates);
    till.top_up(&member, "500000");
    till.sync();
    let window = Window::open(&shop.folder.join("A")).await;
    window.resize(1366, 768).await;
    window.element("#search").await;
    window
}

async fn open_member(window: &Window) {
    find(window, PHONE).await;
    window.until("document.getElementById('member-name')?.innerText.startsWith('Lê Thu Hà')").await;
}

async fn until_focused(window: &Window, id: &str) {
    window.until(&format!("document.activeElement.id === '{id}'")).await;
}

/// Waits until that stands in the element of this id.
async fn until_in(window: &Window, id: &str, part: &str) {
    window.until(&format!("document.getElementById('{id}')?.innerText.includes({})", json!(part))).await;
}

async fn until_gone(window: &Window, id: &str) {
    window.until(&format!("!document.getElementById('{id}')")).await;
}

/// Presses with Enter what Tab comes to.
async fn enter_at(window: &Window, id: &str) {
    window.tab_to(id).await;
    press(window, Key::Enter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_paid_with_credit_its_slip_is_shown_and_it_is_undone() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = desk_of(&shop).await;
    open_member(&window).await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    shoot(&window, "pay-empty").await;
    window.type_slowly("250000").await;
    window.tab_to("pay-credit").await;
    window.type_slowly("100000").await;
    // 10 % off, 100,000 of the rest by credit that was paid for, and so 2 % earned on all of it.
    until_in(&window, "pay-left", "125,000").await;
    until_in(&window, "pay-earned", "4,500").await;
    shoot(&window, "pay").await;
    press(&window, Key::Enter).await;
    window.element("#said-slip").await;
    until_in(&window, "history", "100,000").await;
    shoot(&window, "paid").await;

    press_with_ctrl(&window, "p").await;
    window.element("#slip").await;
    shoot(&window, "slip").await;
    press(&window, Key::Escape).await;
    until_gone(&window, "slip").await;

    until_focused(&window, "search").await;
    press(&window, Key::Down).await;
    until_in(&window, "history", "Undo").await;
    shoot(&window, "history-line").await;
    for _ in 0..4 {
        if window
            .client
            .execute("return document.getElementById('line-void')", vec![])
            .await
            .expect("a page")
            .is_object()
        {
            break;
        }
        press(&window, Key::Down).await;
    }
    enter_at(&window, "line-void").await;
    window.element("#void-reason").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.until("document.querySelector('[role=alert], [aria-invalid=true]')").await;
    window.tab_to("void-reason").await;
    window.type_slowly("The wrong bill").await;
    shoot(&window, "void").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "void-reason").await;
    shoot(&window, "voided").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_given_out_by_a_scan_blocked_and_refused() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = desk_of(&shop).await;
    open_member(&window).await;
    press(&window, Key::F6).await;
    window.element("#card-serial").await;
    window.scan(CARD).await;
    window.until("document.getElementById('card-serial').value === '8400 1745 0416 5209'").await;
    shoot(&window, "card-issue").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "card-serial").await;
    until_in(&window, "cards", "8400 1745 0416 5209").await;

    // A scan while money is being typed neither confirms nor lands in the amount.
    press(&window, Key::F4).await;
    until_focused(&window, "topup-amount").await;
    window.type_slowly("20000").await;
    until_in(&window, "topup-confirm", "20,000").await;
    window.scan(CARD).await;
    window.until_text("Card scanned. Finish or leave this first").await;
    window.until("document.getElementById('topup-amount').value === '20,000'").await;
    shoot(&window, "top-up-scanned").await;
    press(&window, Key::Escape).await;
    until_gone(&window, "topup-amount").await;

    // Found by its card, from wherever one is.
    find(&window, "").await;
    window.scan(CARD).await;
    window.element("#member-name").await;
    press(&window, Key::F6).await;
    window.element("#card-serial").await;
    window.tab_to("card-do-replace").await;
    press(&window, Key::Left).await;
    window.until("document.getElementById('card-do-block').checked").await;
    window.tab_to("card-why-lost").await;
    window.type_keys(" ").await;
    window.until("document.getElementById('card-why-lost').checked").await;
    shoot(&window, "card-block").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "card-save").await;
    until_in(&window, "cards", "Blocked").await;
    find(&window, "").await;
    window.scan(CARD).await;
    window.until_text("This card is blocked").await;
    assert!(!window.text().await.contains("500,000"), "of whom the card is, nothing is shown");
    shoot(&window, "card-refused").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_edited_and_whoever_is_known_is_not_registered_twice() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = desk_of(&shop).await;
    open_member(&window).await;
    press(&window, Key::F7).await;
    until_focused(&window, "edit-name").await;
    shoot(&window, "edit").await;
    press(&window, Key::End).await;
    window.type_slowly(" Anh").await;
    shoot(&window, "edit-changed").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.until("document.getElementById('member-name')?.innerText === 'Lê Thu Hà Anh'").await;
    find(&window, "").await;
    press(&window, Key::F2).await;
    until_focused(&window, "register-phone").await;
    window.type_slowly(PHONE).await;
    window.tab_to("register-name").await;
    window.type_slowly("Le Thu Ha").await;
    window.element("#twin-none").await;
    shoot(&window, "register-twin").await;
    window.until("document.querySelector('[id^=twin-use-]')").await;
    let use_it = window.client.execute("return document.querySelector('[id^=twin-use-]').id", vec![]).await;
    enter_at(&window, use_it.expect("a page").as_str().expect("an id")).await;
    window.until("document.getElementById('member-name')?.innerText === 'Lê Thu Hà Anh'").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_in_filtered_opened_and_taken_back() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = desk_of(&shop).await;
    let list = shop.folder.join("old-list.csv");
    let rows: String = (10..30).map(|n| format!("Tran Van So {n},09360001{n},{n}000\n")).collect();
    std::fs::write(&list, format!("Name,Phone,Balance\n{rows}Nobody,12,5000\nLe Thu Ha,{PHONE},1000\n"))
        .expect("written");
    press_with_alt(&window, "m").await;
    until_focused(&window, "members-filter").await;
    enter_at(&window, "members-import").await;
    window.element("#import-file").await;
    shoot(&window, "import-empty").await;
    window.type_into("#import-file", &list.display().to_string()).await;
    until_in(&window, "import-file-facts", "old-list.csv").await;
    shoot(&window, "import-file").await;
    enter_at(&window, "import-check").await;
    until_in(&window, "import-report-new", "20").await;
    shoot(&window, "import-checked").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.element("#import-undo").await;
    shoot(&window, "import-taken").await;

    press(&window, Key::Escape).await;
    window.element("#members-filter").await;
    window.tab_to("members-filter").await;
    until_in(&window, "members-count", "21").await;
    shoot(&window, "members").await;
    window.type_slowly("van so 17").await;
    window.until("!document.getElementById('members-row-2')").await;
    until_in(&window, "members-row-1", "Tran Van So 17").await;
    shoot(&window, "members-filtered").await;
    press(&window, Key::Enter).await;
    window.until("document.getElementById('member-name')?.innerText === 'Tran Van So 17'").await;
    until_in(&window, "figure", "17,000").await;

    press_with_alt(&window, "m").await;
    window.element("#members-import").await;
    enter_at(&window, "members-import").await;
    enter_at(&window, "import-undo-1").await;
    window.element("#import-undo-yes").await;
    shoot(&window, "import-undo").await;
    enter_at(&window, "import-undo-yes").await;
    until_in(&window, "import-batches", "Undone").await;
    shoot(&window, "import-undone").await;
    press(&window, Key::Escape).await;
    window.element("#members-filter").await;
    press(&window, Key::Escape).await;
    until_in(&window, "members-count", "1").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_dark_its_text_is_twice_as_large_and_a_scanner_is_tried() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = desk_of(&shop).await;
    press_with_alt(&window, "g").await;
    window.element("#settings-group-window").await;
    for group in ["shop", "till", "head-office", "allowance", "rules", "printer", "keys", "about"] {
        window.click(&format!("#settings-group-{group}")).await;
        shoot(&window, &format!("settings-{group}")).await;
    }
    window.click("#settings-group-scanner").await;
    // By a click: the Enter that begins the test would count as a key of a scan that follows at once.
    window.click("#settings-scan-test").await;
    window.until("document.getElementById('settings-scan-test').ariaPressed === 'true'").await;
    window.scan("REGULARS").await;
    until_in(&window, "settings-scan-came", "REGULARS").await;
    shoot(&window, "settings-scanner").await;

    window.click("#settings-group-window").await;
    window.tab_to("settings-theme-system").await;
    press(&window, Key::Right).await;
    window.until("document.documentElement.dataset.theme === 'light'").await;
    press(&window, Key::Right).await;
    window.until("document.documentElement.dataset.theme === 'dark'").await;
    window.tab_to("settings-text-size").await;
    press(&window, Key::End).await;
    until_in(&window, "settings-text-size-shown", "200").await;
    window.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    shoot(&window, "settings-window-200").await;
    press(&window, Key::Escape).await;
    open_member(&window).await;
    shoot(&window, "member-200").await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("250000").await;
    until_in(&window, "pay-left", "225,000").await;
    shoot(&window, "pay-200").await;
    press(&window, Key::Escape).await;
    window.close().await;

    // It is so still when the till is started again.
    let window = Window::open(&shop.folder.join("A")).await;
    window.element("#search").await;
    window.until("document.documentElement.dataset.theme === 'dark'").await;
    window.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    window.close().await;
}

/// Alt with a key, pressed together.
async fn press_with_alt(window: &Window, key: &str) {
    window.type_keys(&format!("{}{key}{}", Key::Alt, Key::Null)).await;
}
