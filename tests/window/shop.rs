//! What an owner edits in the window: the shop, what is said about a card, what a member system is called.

use super::hands::*;
use super::pictures::shoot;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use serde_json::json;

/// Types over all that stands in a field that Tab comes to.
async fn type_over(page: &Page, id: &str, text: &str) {
    page.tab_to(id).await;
    press_with_ctrl(page, "a").await;
    page.type_keys(text).await;
}

async fn open_group(page: &Page, group: &str) {
    press_with_alt(page, "g").await;
    enter_at(page, &format!("settings-group-{group}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_is_renamed_at_one_till_and_head_office_tells_the_other() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let other = shop.till("B");
    let (window, till, _) = desk_of(&shop).await;
    open_group(&window, "shop").await;
    // Credit was booked there, so who owes it is told, not asked.
    until_in(&window, "settings-shop-issuer", "This shop").await;
    until_gone(&window, "settings-issuer").await;
    type_over(&window, "settings-name", " ").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "settings-name-error", "This is needed.").await;
    until_focused(&window, "settings-name").await;
    shoot(&window, "shop-refused").await;
    type_over(&window, "settings-name", "Kim Mã 2").await;
    window.tab_to("settings-time-zone").await;
    choose(&window, "#settings-time-zone", "Asia/Bangkok").await;
    shoot(&window, "shop-edited").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "settings-said", "Saved").await;
    until_in(&window, "till", "Kim Mã 2").await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    window.close().await;
    other.sync();
    for till in [&till, &other] {
        let known = till.does("location list");
        assert_eq!((&known[0]["name"], &known[0]["time_zone"]), (&json!("Kim Mã 2"), &json!("Asia/Bangkok")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_about_a_card_and_what_a_member_system_is_called_is_edited_by_keyboard() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till("A");
    let member = stock(&till);
    till.does(&format!("card issue {member} --serial {CARD}"));
    till.sync();
    let window = window_on(&shop, "A").await;
    open_member(&window).await;
    press(&window, Key::F6).await;
    window.element("#card-serial").await;
    walk_choices(&window, "card-do-replace", Key::Right, "card-do-describe").await;
    type_over(&window, "card-valid-until", "31 2 2030").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "card-valid-until-error", "There is no such day").await;
    until_focused(&window, "card-valid-until").await;
    shoot(&window, "card-described-wrong").await;
    type_over(&window, "card-valid-until", "30 6 2030").await;
    type_over(&window, "card-note", "the corner is bent").await;
    type_over(&window, "card-processor", "GW").await;
    shoot(&window, "card-described").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "card-save").await;
    until_in(&window, "cards", "valid until 30 Jun 2030, processor GW, the corner is bent").await;
    shoot(&window, "card-described-shown").await;

    open_group(&window, "systems").await;
    enter_at(&window, "system-1-change").await;
    until_focused(&window, "system-name").await;
    press_with_ctrl(&window, "a").await;
    window.type_keys("Trụ sở Hà Nội").await;
    shoot(&window, "system-renamed").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "system-save").await;
    until_in(&window, "system-1-name", "Trụ sở Hà Nội").await;
    until_in(&window, "shop-KM", "Trụ sở Hà Nội").await;
    until_in(&window, "system-1-state", "Reached").await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    window.close().await;

    let other = shop.till("B");
    other.sync();
    let card = &other.show(&member)["cards"][0];
    assert_eq!((&card["note"], &card["processor"]), (&json!("the corner is bent"), &json!("GW")));
    // The whole last day, as it ends in Hà Nội.
    assert_eq!(card["valid_until"], "2030-06-30T16:59:59.999Z");
    assert_eq!(till.does("remote list")[0]["name"], "Trụ sở Hà Nội");
}
