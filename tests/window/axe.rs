//! Every screen as axe sees it, in both themes: what it calls serious or critical keeps somebody out.
//!
//! In Chromium, which axe knows best. The page is the same there, and so is the core behind it.

use super::hands::wait_for_slow_scanners;
use super::tour;
use crate::shop::Shop;
use regulars_testkit::browser::{Browser, bridge, ui_dir};
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use std::cell::RefCell;

/// What is wrong, each with the element and what to do about it.
const LOOK: &str = "const [theme, done] = arguments;
    document.documentElement.dataset.theme = theme;
    axe.run(document, { resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).flatMap(
            ({ id, nodes }) => nodes.map((node) => `${id} ${node.target.join(' ')}: ${node.failureSummary}`))),
        (error) => done([`${error}`]))";

/// What axe found on the way, by screen and theme.
struct Findings<'a> {
    page: &'a Page,
    axe: String,
    found: RefCell<Vec<String>>,
}

impl<'a> Findings<'a> {
    fn new(page: &'a Page) -> Self {
        let axe = std::fs::read_to_string(ui_dir().join("../node_modules/axe-core/axe.min.js"));
        Self { page, axe: axe.expect("axe-core is among the page's packages"), found: RefCell::default() }
    }

    async fn look(&self, name: &str) {
        if !self.page.is("window.axe").await {
            self.page.client.execute(&self.axe, vec![]).await.expect("axe can be put into the page");
        }
        for theme in ["dark", "light"] {
            let found = self.page.client.execute_async(LOOK, vec![theme.into()]).await.expect("axe answers");
            let lines = found
                .as_array()
                .expect("a list")
                .iter()
                .map(|line| format!("{name}, {theme}: {}", line.as_str().unwrap_or_default()));
            self.found.borrow_mut().extend(lines);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_and_no_dialog_keeps_anybody_out() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    tour::stocked(&shop);
    let browser = Browser::open().await;
    let findings = Findings::new(&browser);
    let look = async |name: &str| findings.look(name).await;

    let new = bridge(&shop.folder.join("new"));
    browser.show(&new).await;
    tour::first_start(&browser, &shop, &look).await;
    let till = bridge(&shop.folder.join("A"));
    browser.show(&till).await;
    wait_for_slow_scanners(&browser).await;
    tour::finding(&browser, &look).await;
    tour::money(&browser, &look).await;
    tour::cards(&browser, &look).await;
    tour::forms(&browser, &look).await;
    tour::lists(&browser, &shop, &look).await;
    tour::settings(&browser, &look).await;
    let other_shop = Shop::open();
    tour::at_odds(&other_shop);
    let torn = bridge(&other_shop.folder.join("B"));
    browser.show(&torn).await;
    tour::without_the_line(&browser, &other_shop, &look).await;
    drop(torn);
    std::fs::remove_file(other_shop.folder.join("B").join("till.secrets.json")).expect("removed");
    let locked = bridge(&other_shop.folder.join("B"));
    browser.show(&locked).await;
    tour::key_lost(&browser, &look).await;
    let found = findings.found.into_inner();
    browser.close().await;
    assert!(found.is_empty(), "{} findings\n{}", found.len(), found.join("\n"));
}
