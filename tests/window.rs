//! The real window, by keyboard: a cashier's day in stories, and every screen looked at.

mod axe;
mod cards;
mod hands;
mod lists;
mod members;
mod money;
mod pictures;
mod scans;
mod settings;
mod shop;
mod sight;
mod systems;
mod tour;

use crate::shop::Shop;
use fantoccini::key::Key;
use hands::*;
use regulars_testkit::cli::Cli;
use regulars_testkit::folder::is_quick;
use regulars_testkit::head_office::HeadOffice;
use regulars_testkit::window::Window;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_cashiers_morning_from_the_first_start_to_the_line_that_comes_back() {
    if is_quick() {
        return;
    }
    let shop = Shop::with(HeadOffice::start_demo);
    let window = Window::open(&shop.folder.join("window")).await;
    window.resize(1366, 768).await;
    tour::first_start(&window, &shop, &async |_| ()).await;

    // Found by a whole number, which opens by itself.
    window.until_text("Online").await;
    find(&window, "0945350398").await;
    until_named(&window, "Ly Tu Quang Thang").await;

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
    find(&window, "0912999888").await;
    window.until_text("Not in this till’s copy").await;
    press(&window, Key::F9).await;
    window.press_button("Sync").await;
    window.element("#waiting").await;
    assert_eq!(shop.head_office.balance(&member), 350_000);

    // And put in again.
    shop.line.plug_in();
    press(&window, Key::F9).await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    let names = shop.head_office.member_names();
    assert_eq!(names.iter().filter(|name| *name == "Nguyễn Thị Hòa").count(), 1);
    assert_eq!(shop.head_office.balance(&member), 370_000);
    let amounts = shop.head_office.amounts(&member);
    assert_eq!(amounts, [350_000, 20_000], "each once");
    window.close().await;
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
    press_with_ctrl(window, Key::Enter).await;
    until_named(window, "Nguyễn Thị Hòa").await;
    let found = window.ask("find", json!({ "query": "0936111222" })).await.expect("found");
    found["members"][0]["id"].as_str().expect("an id").to_owned()
}

async fn top_up(window: &Window, typed: &str, shown: &str) {
    press(window, Key::F4).await;
    until_focused(window, "topup-amount").await;
    window.type_slowly(typed).await;
    until_in(window, "topup-confirm", shown).await;
    press(window, Key::Enter).await;
    until_gone(window, "topup-amount").await;
    until_in(window, "history", &format!("+{shown}")).await;
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
    a.edit(&member, &json!({ "phone": "0912000418", "email": "a@example.com" }));
    a.sync();
    b.edit(&member, &json!({ "phone": "0912000419", "note": "likes coffee" }));
    b.cli.ends(3, &["sync"]);
    let window = Window::open(&shop.folder.join("B")).await;
    window.until_text("1 needs you").await;
    window.press_button("Sync").await;
    window.element("#question").await;
    // Nothing is chosen beforehand: saving leads to the first choice that is missing.
    press_with_ctrl(&window, Key::Enter).await;
    window.until("document.activeElement.name === 'question-phone'").await;
    window.type_keys(" ").await;
    window.until("document.activeElement.checked").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.until("!document.getElementById('needs-you')").await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    window.close().await;
    a.sync();
    let told = a.cli.done(&["member", "show", &member]);
    let told = ["phone", "email", "note"].map(|field| told[field].as_str().expect("a text").to_owned());
    assert_eq!(told, ["0912000419", "a@example.com", "likes coffee"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_refused_is_put_right_with_one_key() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till_over("stancer");
    let member = till.register("Ly", "0912000417");
    till.cli.ends(3, &["sync"]);
    let window = window_on(&shop, "stancer").await;
    window.until_text("Online").await;
    window.until_text("1 needs you").await;
    window.press_button("Sync").await;
    window.until_text("Put it right").await;
    pictures::shoot(&window, "refused").await;
    press(&window, Key::F7).await;
    until_focused(&window, "edit-name").await;
    pictures::shoot(&window, "refused-put-right").await;
    fill(&window, "#edit-name", "Lý Tú").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.until_text("Nothing waits").await;
    window.close().await;
    assert_eq!(till.show(&member)["name"]["full"], "Lý Tú");
    assert_eq!(shop.head_office.member_names(), ["Lý Tú"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joined_at_another_till_a_moment_ago_is_found_by_asking_head_office() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = {
        shop.till("A").sync();
        window_on(&shop, "A").await
    };
    window.until_text("Online").await;
    let b = shop.till("B");
    b.register("Trần Minh Anh", "0912000417");
    b.sync();
    find(&window, "0912000417").await;
    window.until_text("Not in this till’s copy").await;
    press(&window, Key::F9).await;
    until_named(&window, "Trần Minh Anh").await;
    // Who is nobody there either is said to be so; and where head office did not say, that.
    find(&window, "0912000999").await;
    window.until_text("Not in this till’s copy").await;
    press(&window, Key::F9).await;
    window.until_text("Nobody here, and nobody at head office.").await;
    pictures::shoot(&window, "asked-nobody").await;
    shop.line.unplug();
    press(&window, Key::F9).await;
    window.until_text("Nobody here, and head office did not answer in time.").await;
    pictures::shoot(&window, "asked-no-answer").await;
    shop.line.plug_in();
    window.close().await;
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
    let look = async |name: &str| pictures::shoot(&window, name).await;
    tour::key_lost(&window, &look).await;
    std::fs::write(&secrets, kept).expect("put back");
    window.click("#start-again").await;
    window.element("#search").await;
    let taken: Cli = till.cli.clone();
    assert_eq!(taken.ends(1, &["doctor"])["code"], "till_in_use");
    window.close().await;
    till.cli.done(&["doctor"]);
}
