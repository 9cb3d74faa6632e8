//! Members at the desk, by keyboard: edited, registered, told from each other, joined and separated again.

use super::hands::*;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_edited_and_whoever_is_known_is_not_registered_twice() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, member) = desk_of(&shop).await;
    open_member(&window).await;
    press(&window, Key::F7).await;
    until_focused(&window, "edit-name").await;
    press(&window, Key::End).await;
    window.type_slowly(" Anh").await;
    // What she agrees to has changed too.
    enter_at(&window, "edit-jump-consents").await;
    tick(&window, "edit-consents-offers-sms").await;
    until_in(&window, "edit-changed", "Changed").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_named(&window, "Lê Thu Hà Anh").await;

    find(&window, "").await;
    press(&window, Key::F2).await;
    until_focused(&window, "register-phone").await;
    window.type_slowly(PHONE).await;
    window.tab_to("register-name").await;
    window.type_slowly("Le Thu Ha").await;
    window.element("#twin-none").await;
    let use_it = id_of(&window, "[id^=twin-use-]").await;
    enter_at(&window, &use_it).await;
    until_named(&window, "Lê Thu Hà Anh").await;
    window.close().await;
    let shown = till.show(&member);
    assert_eq!((&shown["name"]["full"], &shown["email"]), (&json!("Lê Thu Hà Anh"), &json!("thuha@example.com")));
    assert_eq!(shown["consents"]["offers/sms"]["is_given"], true);
    assert_eq!(till.find(PHONE), ["Lê Thu Hà Anh"]);
}

/// Puts text into a field at once, as somebody does who pastes it.
async fn paste(page: &Page, id: &str, text: &str) {
    const PASTE: &str = "const [id, text] = arguments;
        const field = document.getElementById(id);
        field.focus();
        field.value = text;
        field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }))";
    page.client.execute(PASTE, vec![json!(id), json!(text)]).await.expect("the page answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_at_its_field_nothing_typed_is_lost_and_nothing_written() {
    const STRANGE: &str = "👩 Mai'); DROP TABLE members;--";
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, member) = desk_of(&shop).await;
    press(&window, Key::F2).await;
    until_focused(&window, "register-phone").await;
    // As much as a web view keeps in a field.
    let novel = "It was a dark and stormy night. ".repeat(16_000);
    let mut typed = vec![("register-phone", "call me"), ("register-name", "Mai"), ("register-note", "Tea, no sugar")];
    for (id, text) in &typed {
        paste(&window, id, text).await;
    }
    for (id, wrong, told, right) in [
        ("register-phone", "call me", "A phone number has 5 to 18 digits", "0936 111 222"),
        ("register-name", novel.as_str(), "At most 200 characters fit here.", "Mai"),
        ("register-name", "Mai\u{202e}", "One character in here cannot be shown", STRANGE),
        ("register-note", "\u{1b}[2J", "One character in here cannot be shown", "محمد"),
        ("register-email", "mai@", "An email address looks like", "mai@example.com"),
        ("register-birthday", "30 2", "There is no such day", "28 2"),
        ("register-birthday", "tomorrow", "There is no such day", "28 2"),
    ] {
        paste(&window, id, wrong).await;
        press_with_ctrl(&window, Key::Enter).await;
        until_in(&window, &format!("{id}-error"), told).await;
        until_focused(&window, id).await;
        until_value(&window, id, wrong).await;
        typed.retain(|(other, _)| *other != id);
        for (other, kept) in &typed {
            until_value(&window, other, kept).await;
        }
        paste(&window, id, right).await;
        typed.push((id, right));
    }
    let nobody = window.ask("find", json!({ "query": "0936111222" })).await.expect("answered");
    assert_eq!(nobody["answer"], "not_in_copy", "nothing is written before all of it is right");
    press_with_ctrl(&window, Key::Enter).await;
    until_named(&window, STRANGE).await;

    // Letters are no amount, nothing is no bill, and nobody has that much.
    open_member(&window).await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("five").await;
    press(&window, Key::Enter).await;
    window.element("#pay-bill-error").await;
    until_value(&window, "pay-bill", "").await;
    window.type_slowly("999999999999999").await;
    press(&window, Key::Enter).await;
    until_in(&window, "pay-bill-error", "more than an account can hold").await;
    until_value(&window, "pay-bill", "999,999,999,999,999").await;
    leave(&window).await;
    window.close().await;
    assert_eq!(till.balance(&member), 500_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_registered_with_its_tax_number() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, _) = desk_of(&shop).await;
    press(&window, Key::F2).await;
    until_focused(&window, "register-phone").await;
    window.type_slowly("02438221234").await;
    window.tab_to("register-name").await;
    window.type_slowly("Hoa Sen").await;
    enter_at(&window, "register-more").await;
    enter_at(&window, "register-group-who").await;
    window.tab_to("register-kind-person").await;
    press(&window, Key::Right).await;
    window.until("document.getElementById('register-kind-company').checked").await;
    enter_at(&window, "register-group-company").await;
    window.tab_to("register-company-name").await;
    window.type_slowly("Hoa Sen JSC").await;
    window.tab_to("register-company-tax-id").await;
    window.type_slowly("0101234567").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_named(&window, "Hoa Sen").await;
    until_in(&window, "member-about", "company, tax 0101234567").await;
    let found = window.ask("find", json!({ "query": "02438221234" })).await.expect("found");
    window.close().await;
    let shown = till.show(found["members"][0]["id"].as_str().expect("an id"));
    assert_eq!((&shown["kind"], &shown["company"]["name"]), (&json!("company"), &json!("Hoa Sen JSC")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_are_one_person_are_joined_after_a_look_and_separated_again() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till("A");
    let stays = till.add("KM", &json!({ "name": { "full": "Trần Minh Anh" }, "phone": "0912000418" }));
    let goes = till
        .add("KM", &json!({ "name": { "full": "Tran Minh Anh" }, "phone": "0912000418", "email": "anh@example.com" }));
    till.top_up(&stays, "100000");
    till.top_up(&goes, "20000");
    till.sync();
    let window = window_on(&shop, "A").await;
    window.type_slowly("0912000418").await;
    window.element("#join").await;
    // Whoever is chosen stays; it is the same to this story which of the two that is.
    enter_at(&window, "join").await;
    window.element("#merge-save").await;
    let preview = window.text().await;
    for part in ["100,000", "20,000", "120,000"] {
        assert!(preview.contains(part), "{part} is told before: {preview}");
    }
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "merge-save").await;
    until_balance(&window, "120,000").await;
    window.until_text("was joined into this member").await;
    find(&window, "0912000418").await;
    until_balance(&window, "120,000").await;

    let unmerge = id_of(&window, "[id^=unmerge-]").await;
    enter_at(&window, &unmerge).await;
    window.element("#unmerge-save").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "unmerge-save").await;
    find(&window, "0912000418").await;
    window.until("document.querySelectorAll('#hits [role=option]').length === 2").await;
    window.close().await;
    assert_eq!((till.balance(&stays), till.balance(&goes)), (100_000, 20_000));
    assert_eq!(till.show(&goes)["email"], "anh@example.com");
    let email = &till.show(&stays)["email"];
    assert!(email.is_null(), "what was taken over goes back: {email}");
}
