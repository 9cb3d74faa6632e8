//! Ways through every screen and dialog there is, for whoever looks at all of them: see `pictures` and `axe`.
//!
//! Each goes by keyboard and stops where there is something to see, with a name for it. What a screen does is told by the
//! stories beside this file.

use super::hands::*;
use super::lists::old_list;
use crate::shop::{Shop, Till};
use fantoccini::key::Key;
use regulars_testkit::page::Page;
use serde_json::json;

/// The questions of the first start, wrong and right.
pub async fn first_start(page: &Page, shop: &Shop, look: &impl AsyncFn(&str)) {
    page.element("#setup-till-name").await;
    look("first-start").await;
    choose(page, "#setup-language", "en").await;
    fill(page, "#setup-till-name", "Till 2").await;
    fill(page, "#setup-shop", "Kim Ma").await;
    fill(page, "#setup-code", "KM").await;
    choose(page, "#setup-country", "VN").await;
    choose(page, "#setup-currency", "VND").await;
    // A wrong address first: told at its field, and nothing that was typed is gone.
    fill(page, "#setup-head-office", "http://office.example.com").await;
    fill(page, "#setup-join-code", "ABCD EFGH").await;
    page.click("#setup-key-in-file").await;
    page.click("#setup-open").await;
    page.until_text("This address is not encrypted").await;
    look("first-start-error").await;
    fill(page, "#setup-head-office", &shop.line.url()).await;
    let code = shop.head_office.tell(&["join-code", "add"]);
    fill(page, "#setup-join-code", code.split_whitespace().last().expect("the code is the last word")).await;
    page.click("#setup-open").await;
    page.element("#search").await;
    look("counter-empty").await;
}

/// A till for the tours below: two members with everything, twins, somebody of another shop, cards in each state.
pub fn stocked(shop: &Shop) -> Till {
    let till = shop.till("A");
    let member = stock(&till);
    till.does(&format!("card issue {member} --serial 8400174504161111"));
    till.does("card block 8400174504161111 --reason lost");
    till.does(&format!("card issue {member} --serial {CARD}"));
    for name in ["Trần Minh Anh", "Tran Minh Anh"] {
        till.add("KM", &json!({ "name": { "full": name }, "phone": "0912000418" }));
    }
    let place = ["--code", "TH", "--name", "Tây Hồ", "--country", "VN", "--currency", "VND"];
    till.cli.done(&[&["location", "add"], &place[..], &["--remote", "head office"]].concat());
    till.add("TH", &json!({ "name": { "full": "Vũ Quang Huy" }, "phone": "0905552255" }));
    till.add(
        "KM",
        &json!({ "name": { "full": "Đỗ Văn Nam" }, "phone": "0936222333", "hold": { "reason": "unpaid bills" } }),
    );
    till.sync();
    till
}

/// What is found, and whoever is open.
pub async fn finding(page: &Page, look: &impl AsyncFn(&str)) {
    until_focused(page, "search").await;
    look("counter").await;
    page.type_slowly("09120").await;
    page.element("#hits").await;
    look("hits").await;
    find(page, "0987000999").await;
    page.until_text("987 000 999").await;
    page.until("document.querySelector('main h1')").await;
    look("not-found").await;
    find(page, "0905552255").await;
    page.element("#take-in").await;
    look("elsewhere").await;
    find(page, "0936222333").await;
    until_named(page, "Đỗ Văn Nam").await;
    look("member-on-hold").await;
    find(page, "").await;
    page.scan("8400174504161111").await;
    page.until_text("This card is blocked").await;
    look("card-refused").await;
    find(page, "0912000418").await;
    page.element("#join").await;
    look("several").await;
    enter_at(page, "join").await;
    page.element("#merge-save").await;
    look("merge").await;
    press_with_ctrl(page, Key::Enter).await;
    let unmerge = id_of(page, "[id^=unmerge-]").await;
    look("merged").await;
    enter_at(page, &unmerge).await;
    page.element("#unmerge-save").await;
    look("unmerge").await;
    leave(page).await;
}

/// Every dialog about money, over a member with a history.
pub async fn money(page: &Page, look: &impl AsyncFn(&str)) {
    open_member(page).await;
    look("member").await;
    press(page, Key::F4).await;
    until_focused(page, "topup-amount").await;
    page.type_slowly("350000").await;
    until_in(page, "topup-confirm", "350,000").await;
    look("top-up").await;
    page.scan(OTHERS_CARD).await;
    page.until_text(super::scans::HELD).await;
    look("top-up-scanned").await;
    leave(page).await;
    press(page, Key::F5).await;
    until_focused(page, "pay-bill").await;
    look("pay-empty").await;
    page.type_slowly("250000").await;
    page.tab_to("pay-credit").await;
    page.type_slowly("100000").await;
    until_in(page, "pay-left", "125,000").await;
    look("pay").await;
    press(page, Key::Enter).await;
    page.element("#said-slip").await;
    until_in(page, "history", "100,000").await;
    look("paid").await;
    press_with_ctrl(page, "p").await;
    page.element("#slip").await;
    look("slip").await;
    leave(page).await;
    walk_to(page, "line-return").await;
    look("history-line").await;
    enter_at(page, "line-return").await;
    until_focused(page, "return-amount").await;
    page.type_slowly("20000").await;
    page.until("!document.getElementById('return-balance-after').innerText.includes('–')").await;
    look("return").await;
    leave(page).await;
    do_with_line(page, "line-void").await;
    until_focused(page, "void-reason").await;
    press_with_ctrl(page, Key::Enter).await;
    page.element("#void-reason-error").await;
    look("void-error").await;
    page.type_slowly("The wrong bill").await;
    look("void").await;
    leave(page).await;
    enter_at(page, "do-cash-out").await;
    until_focused(page, "cash-out-amount").await;
    page.type_slowly("50000").await;
    page.until("!document.getElementById('cash-out-balance-after').innerText.includes('–')").await;
    look("cash-out").await;
    leave(page).await;
    enter_at(page, "do-adjust").await;
    page.element("#adjust-amount").await;
    look("adjust").await;
    leave(page).await;
}

/// What can be done about cards.
pub async fn cards(page: &Page, look: &impl AsyncFn(&str)) {
    open_member(page).await;
    press(page, Key::F6).await;
    page.element("#card-serial").await;
    page.scan(NEW_CARD).await;
    until_value(page, "card-serial", "8400 1745 0416 7734").await;
    look("card-replace").await;
    walk_choices(page, "card-do-replace", Key::Right, "card-do-unblock").await;
    look("card-unblock").await;
    walk_choices(page, "card-do-unblock", Key::Left, "card-do-replace").await;
    walk_choices(page, "card-do-replace", Key::Left, "card-do-block").await;
    look("card-block").await;
    walk_choices(page, "card-do-block", Key::Left, "card-do-issue").await;
    look("card-issue").await;
    leave(page).await;
}

/// The forms: a member edited, a new one, and the question before what is typed would go.
pub async fn forms(page: &Page, look: &impl AsyncFn(&str)) {
    open_member(page).await;
    press(page, Key::F7).await;
    until_focused(page, "edit-name").await;
    look("edit").await;
    page.type_slowly("x").await;
    enter_at(page, "edit-open-all").await;
    look("edit-all").await;
    press(page, Key::Escape).await;
    page.element("#leave-no").await;
    look("leave").await;
    enter_at(page, "leave-yes").await;
    find(page, "").await;
    press(page, Key::F2).await;
    until_focused(page, "register-phone").await;
    look("register").await;
    page.type_slowly(PHONE).await;
    press_with_ctrl(page, Key::Enter).await;
    page.until_text("This is needed.").await;
    until_focused(page, "register-name").await;
    look("register-error").await;
    page.type_slowly("Le Thu Ha").await;
    page.element("#twin-none").await;
    look("register-twin").await;
    enter_at(page, "register-more").await;
    look("register-more").await;
    press(page, Key::Escape).await;
    enter_at(page, "leave-yes").await;
    until_focused(page, "search").await;
}

/// The table of all members, and a spreadsheet on its way in and out.
pub async fn lists(page: &Page, shop: &Shop, look: &impl AsyncFn(&str)) {
    press_with_alt(page, "m").await;
    until_focused(page, "members-filter").await;
    enter_at(page, "members-import").await;
    page.element("#import-file").await;
    look("import-empty").await;
    page.type_into("#import-file", &old_list(shop).display().to_string()).await;
    until_in(page, "import-file-facts", "old-list.csv").await;
    look("import-file").await;
    enter_at(page, "import-check").await;
    until_in(page, "import-report-new", "20").await;
    look("import-checked").await;
    press_with_ctrl(page, Key::Enter).await;
    page.element("#import-undo").await;
    look("import-taken").await;
    press(page, Key::Escape).await;
    page.element("#members-row-5").await;
    look("members").await;
    enter_at(page, "members-filters").await;
    page.element("#members-choices").await;
    page.tab_to("members-filter").await;
    page.type_slowly("van so 17").await;
    page.until("!document.getElementById('members-row-2')").await;
    enter_at(page, "members-export").await;
    until_in(page, "members-exported", "written to").await;
    look("members-filtered").await;
    enter_at(page, "members-import").await;
    enter_at(page, "import-undo-1").await;
    page.element("#import-undo-yes").await;
    look("import-undo").await;
    enter_at(page, "import-undo-yes").await;
    until_in(page, "import-batches", "Undone").await;
    look("import-undone").await;
    press(page, Key::Escape).await;
    page.element("#members-filter").await;
    press(page, Key::Escape).await;
    press(page, Key::Escape).await;
    until_focused(page, "search").await;
}

/// Each group of settings; and then the text twice as large, with it what is largest.
pub async fn settings(page: &Page, look: &impl AsyncFn(&str)) {
    press_with_alt(page, "g").await;
    page.element("#settings-group-window").await;
    for group in ["shop", "till", "systems", "allowance", "rules", "printer", "keys", "scanner", "about", "window"] {
        enter_at(page, &format!("settings-group-{group}")).await;
        page.until(&format!("document.getElementById('settings-group-{group}').ariaCurrent === 'true'")).await;
        look(&format!("settings-{group}")).await;
        if group == "systems" {
            systems(page, look).await;
        }
    }
    page.tab_to("settings-text-size").await;
    press(page, Key::End).await;
    until_in(page, "settings-text-size-shown", "200").await;
    page.until("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 2 * 15").await;
    look("settings-window-200").await;
    press(page, Key::Escape).await;
    open_member(page).await;
    look("member-200").await;
    press(page, Key::F5).await;
    until_focused(page, "pay-bill").await;
    page.type_slowly("250000").await;
    until_in(page, "pay-left", "225,000").await;
    look("pay-200").await;
    leave(page).await;
    press(page, Key::F6).await;
    page.element("#card-serial").await;
    look("card-200").await;
    leave(page).await;
    press(page, Key::F2).await;
    page.element("#register-phone").await;
    look("register-200").await;
    press(page, Key::Escape).await;
    press_with_alt(page, "m").await;
    page.element("#members-row-1").await;
    look("members-200").await;
    press(page, Key::Escape).await;
    page.press_button("Sync").await;
    page.element("#sync-now").await;
    look("sync-200").await;
    press(page, Key::Escape).await;
}

/// The dialogs of the member systems.
async fn systems(page: &Page, look: &impl AsyncFn(&str)) {
    page.element("#system-1-state").await;
    enter_at(page, "system-1-check").await;
    until_in(page, "system-1-seen", "It answers and lets this till in.").await;
    look("system-checked").await;
    enter_at(page, "system-add").await;
    until_focused(page, "system-kind").await;
    for kind in ["portos", "stancer"] {
        choose(page, "#system-kind", kind).await;
        look(&format!("system-add-{kind}")).await;
    }
    page.tab_to("system-url").await;
    page.type_slowly("http://192.168.1.20").await;
    press_with_ctrl(page, Key::Enter).await;
    page.element("#system-plain").await;
    look("system-add-error").await;
    leave(page).await;
    enter_at(page, "system-1-change").await;
    until_focused(page, "system-name").await;
    look("system-change").await;
    leave(page).await;
    enter_at(page, "system-1-keeps").await;
    page.element("#keeps-back").await;
    look("system-keeps").await;
    leave(page).await;
}

/// Two tills that changed the same: on "B" a person is needed.
pub fn at_odds(shop: &Shop) {
    let (a, b) = (shop.till("A"), shop.till("B"));
    let member = a.add("KM", &json!({ "name": { "full": "Lê Thu Hà" }, "phone": PHONE, "discount_percent": "10" }));
    a.top_up(&member, "500000");
    a.sync();
    b.sync();
    a.edit(&member, &json!({ "birthday": { "month": 5, "day": 30 }, "note": "likes coffee" }));
    a.sync();
    b.edit(&member, &json!({ "birthday": { "month": 6, "day": 30 }, "email": "ha@example.com" }));
    b.cli.ends(3, &["sync"]);
}

/// A decision that needs a person; and then the line goes away.
pub async fn without_the_line(page: &Page, shop: &Shop, look: &impl AsyncFn(&str)) {
    page.until_text("1 needs you").await;
    page.press_button("Sync").await;
    page.element("#question").await;
    look("needs-you").await;
    press(page, Key::Escape).await;
    until_focused(page, "search").await;
    shop.line.unplug();
    press(page, Key::F9).await;
    page.until_text("Offline").await;
    open_member(page).await;
    press(page, Key::F4).await;
    until_focused(page, "topup-amount").await;
    page.type_slowly("20000").await;
    until_in(page, "topup-confirm", "20,000").await;
    look("top-up-offline").await;
    press(page, Key::Enter).await;
    until_gone(page, "topup-amount").await;
    page.until_text("Offline · ").await;
    look("member-offline").await;
    press(page, Key::F5).await;
    until_focused(page, "pay-bill").await;
    page.type_slowly("250000").await;
    until_in(page, "pay-left", "225,000").await;
    look("pay-offline").await;
    leave(page).await;
    press(page, Key::F6).await;
    page.element("#card-serial").await;
    look("card-offline").await;
    leave(page).await;
    find(page, "0912999888").await;
    page.until_text("Not in this till’s copy").await;
    look("not-in-copy-offline").await;
    page.press_button("Sync").await;
    page.element("#waiting").await;
    look("sync-offline").await;
    shop.line.plug_in();
    press(page, Key::F9).await;
    until_in(page, "link-state", "Online").await;
    look("sync").await;
}

/// A till that cannot be opened.
pub async fn key_lost(page: &Page, look: &impl AsyncFn(&str)) {
    page.until_text("The key to this till’s data is not in this computer’s keychain").await;
    look("key-lost").await;
}
