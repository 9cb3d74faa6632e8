//! Member systems from the window: each kind is added, checked and connected with a shop, and members go both ways.

use super::hands::*;
use super::pictures::shoot;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::cli::Cli;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use regulars_testkit::window::Window;
use serde_json::json;

const APP_ID: &str = "14e43e28-7e6d-461e-b1c9-7c54736f4331";

/// A member system as somebody types it.
struct Typed<'a> {
    kind: &'a str,
    url: String,
    secret: String,
    settings: &'a [(&'a str, &'a str)],
}

/// One of the APIs that head office speaks, over a line.
fn spoken<'a>(shop: &Shop, line: &str, kind: &'a str) -> Typed<'a> {
    let rights: &[&str] = if kind == "portos" { &["--right", "admin"] } else { &[] };
    let settings: &[_] = match kind {
        "lumyri" => &[("system-app-id", APP_ID)],
        "valomnia" => &[("system-user-name", "desk")],
        _ => &[],
    };
    Typed {
        kind,
        url: format!("{line}/{kind}"),
        secret: shop.head_office.token(&[&["--kind", kind], rights].concat()),
        settings,
    }
}

/// A till with shops that no member system knows yet, and its window at the settings.
async fn window_of_a_till_alone(shop: &Shop, name: &str, shops: &[[&str; 2]]) -> (Window, Cli) {
    let cli = Cli::new(&shop.folder.join(name));
    cli.done(&["init", "--till", name]);
    for [code, called] in shops {
        let place = ["--code", code, "--name", called, "--country", "VN", "--currency", "VND"];
        cli.done(&[&["location", "add"], &place[..], &["--time-zone", "Asia/Ho_Chi_Minh"]].concat());
    }
    let window = window_on(shop, name).await;
    open_systems(&window).await;
    (window, cli)
}

async fn open_systems(page: &Page) {
    press_with_alt(page, "g").await;
    enter_at(page, "settings-group-systems").await;
    page.element("#system-add").await;
}

/// Adds one by keyboard; it is checked at once.
async fn add(page: &Page, typed: &Typed<'_>) {
    enter_at(page, "system-add").await;
    until_focused(page, "system-kind").await;
    choose(page, "#system-kind", typed.kind).await;
    type_over(page, "system-url", &typed.url).await;
    for (id, text) in typed.settings {
        type_over(page, id, text).await;
    }
    type_over(page, "system-secret", &typed.secret).await;
    press_with_ctrl(page, Key::Enter).await;
    until_gone(page, "system-save").await;
}

/// Types over all that stands in a field that Tab comes to.
async fn type_over(page: &Page, id: &str, text: &str) {
    page.tab_to(id).await;
    press_with_ctrl(page, "a").await;
    page.type_keys(text).await;
}

/// Connects a shop with the system of that name, under its own code.
async fn connect(page: &Page, code: &str, name: &str) {
    enter_at(page, &format!("shop-connect-{code}")).await;
    page.element("#shop-remote").await;
    choose(page, "#shop-remote", name).await;
    press_with_ctrl(page, Key::Enter).await;
    until_gone(page, "shop-save").await;
}

/// Adds a shop to the till by keyboard; one without a code first, and one whose code is taken.
async fn open_shop(page: &Window, code: &str, name: &str) {
    enter_at(page, "shop-add").await;
    page.element("#new-shop-name").await;
    type_over(page, "new-shop-name", name).await;
    press_with_ctrl(page, Key::Enter).await;
    until_in(page, "new-shop-code-error", "1 to 16 letters").await;
    until_focused(page, "new-shop-code").await;
    page.type_keys("km").await;
    press_with_ctrl(page, Key::Enter).await;
    until_in(page, "new-shop-code-error", "already").await;
    type_over(page, "new-shop-code", code).await;
    shoot(page, "systems-new-shop").await;
    press_with_ctrl(page, Key::Enter).await;
    until_gone(page, "new-shop-save").await;
    until_in(page, &format!("shop-{code}"), name).await;
}

/// Finds somebody, asking the system where this till does not know them.
async fn come_upon(page: &Page, phone: &str, name: &str) {
    find(page, phone).await;
    page.until("document.getElementById('member-name') || document.body.innerText.includes('Not in this till’s copy')")
        .await;
    if !page.is("document.getElementById('member-name')").await {
        press(page, Key::F9).await;
    }
    until_named(page, name).await;
}

async fn give_email(page: &Page, email: &str) {
    press(page, Key::F7).await;
    page.element("#edit-email").await;
    fill(page, "#edit-email", email).await;
    press_with_ctrl(page, Key::Enter).await;
    until_gone(page, "edit-email").await;
}

/// The same with the plug pulled: it waits, and follows when the line is back.
async fn give_email_without_line(shop: &Shop, page: &Page, email: &str) {
    shop.line.unplug();
    give_email(page, email).await;
    press(page, Key::F9).await;
    page.until_text("Offline · 1 waiting").await;
    shop.line.plug_in();
    press(page, Key::F9).await;
    until_nothing_waits(page).await;
}

async fn until_nothing_waits(page: &Page) {
    page.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
}

/// The head of the page may still say how it was before the edit.
async fn until_email_is_there(shop: &Shop, page: &Page, name: &str, email: &str) {
    for _ in 0..50 {
        until_nothing_waits(page).await;
        if email_at_head_office(shop, name) == email {
            return;
        }
        press(page, Key::F9).await;
    }
    panic!("{email} is not there");
}

/// What head office has of the member of that name.
fn email_at_head_office(shop: &Shop, name: &str) -> String {
    let mut members = shop.head_office.members().into_iter();
    let member = members.find(|member| member["name"]["full"] == name).expect("they are there");
    member["email"].as_str().unwrap_or_default().to_owned()
}

/// A shop at head office with one member, whom a till of ours registered there.
fn with_a_member() -> Shop {
    let shop = Shop::open();
    let office = shop.till("office");
    office.add(
        "KM",
        &json!({ "name": { "full": "Anh Trần", "given": "Anh", "family": "Trần" },
        "phone": "0912000417", "email": "anh@example.com", "reference": "M-1" }),
    );
    office.sync();
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_from_lumyri_portos_and_valomnia_and_edits_go_back_also_after_the_line_was_cut() {
    if is_quick() {
        return;
    }
    let shop = with_a_member();
    for kind in ["lumyri", "portos", "valomnia"] {
        let (window, _) = window_of_a_till_alone(&shop, kind, &[["KM", "Kim Ma"]]).await;
        add(&window, &spoken(&shop, &shop.line.url(), kind)).await;
        until_in(&window, "system-1-seen", "This till may read its members: 1 of them.").await;
        let name = window.get("document.getElementById('system-1-name').innerText").await;
        connect(&window, "KM", name.as_str().expect("a name")).await;
        until_in(&window, "system-1-state", "Reached").await;
        until_in(&window, "system-1-told", "Last exchange").await;
        press(&window, Key::Escape).await;
        find(&window, "0912000417").await;
        until_named(&window, "Anh Trần").await;
        give_email(&window, &format!("{kind}@example.com")).await;
        until_email_is_there(&shop, &window, "Anh Trần", &format!("{kind}@example.com")).await;
        give_email_without_line(&shop, &window, &format!("{kind}.later@example.com")).await;
        window.close().await;
        assert_eq!(email_at_head_office(&shop, "Anh Trần"), format!("{kind}.later@example.com"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crmx_is_asked_by_number_and_stancer_told_and_what_was_done_without_the_line_follows() {
    if is_quick() {
        return;
    }
    let shop = with_a_member();
    let (window, _) = window_of_a_till_alone(&shop, "crmx", &[["KM", "Kim Ma"]]).await;
    add(&window, &spoken(&shop, &shop.line.url(), "crmx")).await;
    until_in(&window, "system-1-seen", "Connect a shop with it first").await;
    until_in(&window, "system-1-state", "No shop uses it").await;
    // What was added by mistake is taken away again.
    enter_at(&window, "system-1-remove").await;
    until_gone(&window, "system-1").await;
    add(&window, &spoken(&shop, &shop.line.url(), "crmx")).await;
    window.element("#system-1-state").await;
    connect(&window, "KM", "CRMX").await;
    until_in(&window, "system-1-seen", "Nobody can be listed there").await;
    until_in(&window, "system-1-state", "Reached").await;
    press(&window, Key::Escape).await;
    come_upon(&window, "0912000417", "Anh Trần").await;

    // The plug is pulled: the settings say what is wrong and what waits, and a check says it too.
    shop.line.unplug();
    give_email(&window, "crmx@example.com").await;
    press(&window, Key::F9).await;
    window.until_text("Offline · 1 waiting").await;
    open_systems(&window).await;
    until_in(&window, "system-1-state", "Not working").await;
    until_in(&window, "system-1-told", "1 waiting").await;
    enter_at(&window, "system-1-check").await;
    until_in(&window, "system-1-seen", "CRMX cannot be reached").await;
    shoot(&window, "system-unreachable").await;
    shop.line.plug_in();
    enter_at(&window, "system-1-check").await;
    until_in(&window, "system-1-seen", "It answers and lets this till in.").await;
    until_nothing_waits(&window).await;
    until_in(&window, "system-1-state", "Reached").await;
    window.close().await;
    assert_eq!(email_at_head_office(&shop, "Anh Trần"), "crmx@example.com");

    let (window, _) = window_of_a_till_alone(&shop, "stancer", &[["KM", "Kim Ma"]]).await;
    // The public key is no secret, and a test key goes on being one for tests.
    let typed = spoken(&shop, &shop.line.url(), "stancer");
    let public = typed.secret.replacen("stest_", "ptest_", 1).replacen("sprod_", "pprod_", 1);
    enter_at(&window, "system-add").await;
    choose(&window, "#system-kind", "stancer").await;
    type_over(&window, "system-url", &typed.url).await;
    type_over(&window, "system-secret", &public).await;
    press_with_ctrl(&window, Key::Enter).await;
    until_in(&window, "system-secret-error", "This is not the secret key.").await;
    until_focused(&window, "system-secret").await;
    type_over(&window, "system-secret", &typed.secret).await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "system-save").await;
    until_in(&window, "system-1", "A second till never hears of them by itself.").await;
    connect(&window, "KM", "Stancer").await;
    until_in(&window, "system-1-state", "Reached").await;
    press(&window, Key::Escape).await;
    press(&window, Key::F2).await;
    window.element("#register-phone").await;
    fill(&window, "#register-phone", "0936 111 222").await;
    fill(&window, "#register-name", "Nguyễn Thị Hòa").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_named(&window, "Nguyễn Thị Hòa").await;
    until_nothing_waits(&window).await;
    give_email(&window, "hoa@example.com").await;
    until_nothing_waits(&window).await;
    assert_eq!(email_at_head_office(&shop, "Nguyễn Thị Hòa"), "hoa@example.com");
    give_email_without_line(&shop, &window, "hoa.later@example.com").await;
    window.close().await;
    assert_eq!(email_at_head_office(&shop, "Nguyễn Thị Hòa"), "hoa.later@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_shops_are_kept_in_two_systems_and_one_goes_on_without_the_other() {
    if is_quick() {
        return;
    }
    let (shop, other) = (with_a_member(), Shop::open());
    let there = other.till("office");
    there.add("KM", &json!({ "name": { "full": "Vũ Quang Huy" }, "phone": "0905552255", "email": "huy@example.com" }));
    there.sync();
    let (window, cli) = window_of_a_till_alone(&shop, "two", &[["KM", "Kim Ma"]]).await;
    open_shop(&window, "TH", "Tây Hồ").await;
    add(&window, &spoken(&shop, &shop.line.url(), "lumyri")).await;
    until_in(&window, "system-1-seen", "1 of them.").await;
    connect(&window, "KM", "Lumyri").await;
    add(&window, &spoken(&other, &other.line.url(), "portos")).await;
    until_in(&window, "system-2-seen", "1 of them.").await;
    connect(&window, "TH", "Portos").await;
    for system in ["system-1", "system-2"] {
        until_in(&window, &format!("{system}-state"), "Reached").await;
        until_in(&window, &format!("{system}-told"), "Last exchange").await;
    }
    shoot(&window, "systems-two").await;
    enter_at(&window, "system-2-switch-credit").await;
    window.element("#credit-currency").await;
    shoot(&window, "systems-credit").await;
    other.line.unplug();
    press_with_ctrl(&window, Key::Enter).await;
    window.until_text("Portos cannot be reached").await;
    other.line.plug_in();
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "credit-save").await;
    until_in(&window, "system-2-credit", "Credit is kept at Portos, in VND").await;
    shoot(&window, "systems-credit-on").await;
    // Whose members are there stays there: they would be members of no shop.
    until_in(&window, "shop-KM", "Its members are there").await;
    until_gone(&window, "shop-connect-KM").await;

    other.line.unplug();
    press(&window, Key::Escape).await;
    find(&window, "0912000417").await;
    until_named(&window, "Anh Trần").await;
    give_email(&window, "both@example.com").await;
    until_nothing_waits(&window).await;
    assert_eq!(email_at_head_office(&shop, "Anh Trần"), "both@example.com");
    find(&window, "0905552255").await;
    window.element("#take-in").await;
    window.until_text("Tây Hồ").await;
    open_systems(&window).await;
    until_in(&window, "system-1-state", "Reached").await;
    until_in(&window, "system-2-state", "Not working").await;
    other.line.plug_in();
    enter_at(&window, "system-2-check").await;
    until_in(&window, "system-2-state", "Reached").await;
    enter_at(&window, "shop-serve-TH").await;
    until_in(&window, "till", "Tây Hồ").await;
    until_gone(&window, "shop-serve-TH").await;
    press(&window, Key::Escape).await;
    find(&window, "0905552255").await;
    until_named(&window, "Vũ Quang Huy").await;
    window.close().await;
    let kept = std::fs::read_to_string(shop.folder.join("two").join("till.secrets.json")).expect("the keystore's file");
    for remote in cli.done(&["remote", "list"]).as_array().expect("a list") {
        assert!(kept.contains(remote["id"].as_str().expect("an id")), "secrets lie in the keystore: {kept}");
    }
}
