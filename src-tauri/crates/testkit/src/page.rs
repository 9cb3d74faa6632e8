//! The page under a web driver, in the real window or in a browser: what a cashier reads on it and presses.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// A screen stands within a second or never; this long only on a machine that is very busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at a page or a port that is not ready.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Between two keys of somebody who types fast.
const KEY_EVERY: Duration = Duration::from_millis(45);

/// Longer than the slowest scanner that can be set takes from key to key: what comes before and after is not one scan.
const REST: Duration = Duration::from_millis(250);

/// A page that is open.
pub struct Page {
    /// The WebDriver session, for what the methods here do not do.
    pub client: Client,
}

impl Page {
    /// Has the driver open what the capabilities say.
    pub(crate) async fn open(driver: &str, capabilities: Map<String, Value>) -> Self {
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(driver).await;
        Self { client: client.unwrap_or_else(|error| panic!("nothing opened: {error}")) }
    }

    /// Makes the page this large.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("it can be resized");
        self.until(&format!("innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.get("document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What an expression of JavaScript is in the page.
    pub async fn get(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression}"), vec![]).await.expect("the page answers")
    }

    /// Whether an expression of JavaScript is true in the page now.
    pub async fn is(&self, expression: &str) -> bool {
        self.get(&format!("Boolean({expression})")).await == json!(true)
    }

    /// Waits until an expression of JavaScript is true in the page.
    pub async fn until(&self, expression: &str) {
        let start = Instant::now();
        while !self.is(expression).await {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {expression}; on the page is\n{}",
                self.text().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until this can be read on the page.
    pub async fn until_text(&self, part: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(part))).await;
    }

    /// Waits for the element of a CSS selector.
    pub async fn element(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).every(LOOK_EVERY).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}; on the page is\n{}", self.text().await),
        }
    }

    /// Presses the element of a CSS selector.
    pub async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be pressed: {error}"));
    }

    /// Presses the button whose words these are, among others such as its key.
    pub async fn press_button(&self, words: &str) {
        let quoted = json!(words);
        let find = format!("[...document.querySelectorAll('button')].find((b) => b.innerText.includes({quoted}))");
        self.until(&format!("{find} && !{find}.disabled")).await;
        self.client.execute(&format!("{find}.click()"), vec![]).await.expect("the page answers");
    }

    /// Types into the element of a CSS selector.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.element(css).await.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Types to whatever has the focus; keys as of `fantoccini::key::Key`, as `&Key::F2.to_string()`.
    pub async fn type_keys(&self, text: &str) {
        /// The page may be drawn anew just between the two questions; then no key has arrived.
        const TRIES: usize = 10;
        for _ in 1..TRIES {
            match self.send_to_focused(text).await {
                Err(error) if error.is_stale_element_reference() => {}
                sent => return sent.expect("the keys arrive"),
            }
        }
        self.send_to_focused(text).await.expect("the keys arrive");
    }

    async fn send_to_focused(&self, text: &str) -> Result<(), CmdError> {
        self.client.active_element().await?.send_keys(text).await
    }

    /// Types with the pauses that fingers make, and a longer one at the end, so that an Enter or a Tab after it ends no scan.
    pub async fn type_slowly(&self, text: &str) {
        let pause = KeyAction::Pause { duration: KEY_EVERY };
        let keys = text.chars().fold(KeyActions::new("fingers".to_owned()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }).then(pause.clone())
        });
        self.client.perform_actions(keys).await.expect("the keys arrive");
        tokio::time::sleep(REST).await;
    }

    /// What a card scanner does, between two pauses: types as no hand can, and ends with Enter. The keys arrive at once,
    /// however busy the page is; those of an action would each wait until the page is done with the one before.
    pub async fn scan(&self, text: &str) {
        tokio::time::sleep(REST).await;
        self.type_keys(&format!("{text}{}", char::from(Key::Enter))).await;
        tokio::time::sleep(REST).await;
    }

    /// Presses Tab until the element of this id has the focus.
    pub async fn tab_to(&self, id: &str) {
        /// More than any screen has of what Tab comes to.
        const MOST: usize = 120;
        let is_there = format!("document.activeElement.id === {}", json!(id));
        for _ in 0..MOST {
            if self.is(&is_there).await {
                return;
            }
            self.type_keys(&char::from(Key::Tab).to_string()).await;
        }
        panic!("Tab does not come to {id}; on the page is\n{}", self.text().await);
    }
}
