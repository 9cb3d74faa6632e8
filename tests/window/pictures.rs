//! A picture of every screen in both themes and both sizes, and with the text twice as large, for whoever compares them
//! with the design.

use super::hands::{find, press, until_focused, until_in, until_named, window_on};
use super::tour;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::head_office::HeadOffice;
use regulars_testkit::window::Window;

/// The screens that shops have: the smallest and the usual one.
const SIZES: [(u32, u32); 2] = [(1024, 768), (1366, 768)];

pub async fn shoot(window: &Window, name: &str) {
    for (width, height) in SIZES {
        window.resize(width, height).await;
        for theme in ["dark", "light"] {
            window.get(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            window.screenshot(&format!("{name}-{width}-{theme}")).await;
        }
    }
    let (width, height) = SIZES[0];
    window.resize(width, height).await;
    let size = window.get("document.documentElement.style.fontSize").await;
    window.get("document.documentElement.style.fontSize = '200%'").await;
    window.screenshot(&format!("{name}-twice")).await;
    window.get(&format!("document.documentElement.style.fontSize = {size}")).await;
    let (width, height) = SIZES[1];
    window.resize(width, height).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_counter() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    tour::stocked(&shop);
    let window = window_on(&shop, "A").await;
    let look = async |name: &str| shoot(&window, name).await;
    tour::finding(&window, &look).await;
    tour::money(&window, &look).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_forms_lists_and_settings() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    tour::stocked(&shop);
    let window = window_on(&shop, "A").await;
    let look = async |name: &str| shoot(&window, name).await;
    tour::cards(&window, &look).await;
    tour::forms(&window, &look).await;
    tour::lists(&window, &shop, &look).await;
    tour::settings(&window, &look).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_line() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    tour::at_odds(&shop);
    let window = window_on(&shop, "B").await;
    let look = async |name: &str| shoot(&window, name).await;
    tour::without_the_line(&window, &shop, &look).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_till_is_open() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let window = Window::open(&shop.folder.join("new")).await;
    let look = async |name: &str| shoot(&window, name).await;
    tour::first_start(&window, &shop, &look).await;
    window.close().await;
}

/// What the README shows: a member of the demo with a bill just paid. Kept as `.github/counter.png`.
#[tokio::test(flavor = "multi_thread")]
async fn for_the_readme() {
    if is_quick() {
        return;
    }
    let shop = Shop::with(HeadOffice::start_demo);
    shop.till("Till 2").sync();
    let window = window_on(&shop, "Till 2").await;
    window.resize(1280, 800).await;
    window.until_text("Online").await;
    for (phone, name) in
        [("0987654321", "Lê Thu Hà"), ("0903112233", "Phạm Quốc Bảo"), ("0945350398", "Ly Tu Quang Thang")]
    {
        find(&window, phone).await;
        until_named(&window, name).await;
    }
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("180000").await;
    window.tab_to("pay-credit").await;
    window.type_slowly("50000").await;
    until_in(&window, "pay-left", "121,000").await;
    press(&window, Key::Enter).await;
    window.element("#said-slip").await;
    window.until("document.getElementById('link-state').innerText.trim() === 'Online'").await;
    window.get("document.documentElement.dataset.theme = 'light'").await;
    window.screenshot("readme").await;
    window.close().await;
}
