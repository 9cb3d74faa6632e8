//! A picture of every screen in both themes and both sizes, for whoever compares them with the design.

use super::hands::window_on;
use super::tour;
use crate::shop::Shop;
use regulars_testkit::folder::is_quick;
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
