//! From a key to the painted row in the real window, with 100,000 members and while a first pull brings others: against
//! a row that the same page paints by itself, without asking anybody.

use super::times::Times;
use super::{Crowd, Row, feed, pull};
use crate::window::Window;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::Duration;

const MEMBERS: u32 = 100_000;
const KEYS: usize = 150;
/// Fingers pause so long; the answer to the key before is here by then.
const PAUSE: Duration = Duration::from_millis(120);
/// What is typed: too little to look for, and the key that makes it enough.
const TYPED: [(&str, char); 4] = [("n", 'g'), ("123", '4'), ("t", 'r'), ("900", '1')];

/// Measures from a key that goes down while it `waits` and rows are not there, to the frame that shows them: the frame's
/// callback runs just before it is painted, and what it posts just after. Shift brings a row of the page's own.
const WATCH: &str = "const rows = () => document.querySelector('#hits [role=option], #member-name, .bare');
    const painted = (then) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => then(performance.now());
        port2.postMessage(null);
    });
    let down = null;
    window.keys = { last: null, took: null };
    addEventListener('keydown', (event) => {
        if (event.key === keys.last && !rows()) down = event.timeStamp;
        if (event.key === 'Shift') {
            const row = document.createElement('div');
            row.className = 'bare';
            row.textContent = 'Nguyen Thi Minh Khai';
            document.body.append(row);
        }
    }, { capture: true });
    new MutationObserver(() => {
        if (down === null || !rows()) return;
        const from = down;
        down = null;
        painted((at) => { keys.took = at - from; });
    }).observe(document.body, { childList: true, subtree: true });";

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run() -> Row {
    let mut crowd = Crowd::new();
    crowd.grow_to(MEMBERS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (ours, bare) = runtime.block_on(async {
        pull::connect(&crowd.open().0, &feed::serve(MEMBERS).await, "none");
        measure(&crowd).await
    });
    Row {
        name: "key to painted row, 100,000 members, in a pull".to_owned(),
        measured: ours.shown(95),
        floor: bare.shown(95),
        ratio: ours.ratio(&bare),
        aim: "p95 <= 50 ms",
    }
}

async fn measure(crowd: &Crowd) -> (Times, Times) {
    let window = Window::open(crowd.folder()).await;
    window.resize(1366, 768).await;
    window.element("#search").await;
    window.client.execute(WATCH, vec![]).await.expect("the page answers");
    let mut ours = Vec::new();
    for (before, last) in TYPED.iter().cycle().take(KEYS) {
        ours.push(time(&window, before, *last, &last.to_string()).await);
    }
    let desk = window.ask("desk", json!({})).await.expect("the core answers");
    assert_ne!(desk["sync"]["pull"], Value::Null, "the pull goes on: {desk}");
    let mut bare = Vec::new();
    for _ in 0..KEYS {
        bare.push(time(&window, "", char::from(Key::Shift), "Shift").await);
        window.client.execute("document.querySelector('.bare').remove()", vec![]).await.expect("the page answers");
    }
    window.kill();
    (ours.into(), bare.into())
}

/// Empties the field, types, and waits for the rows that come of the last key, which the page calls by its name.
async fn time(window: &Window, before: &str, last: char, name: &str) -> Duration {
    let arm = format!("keys.last = {}; keys.took = null", json!(name));
    window.client.execute(&arm, vec![]).await.expect("the page answers");
    let pause = KeyAction::Pause { duration: PAUSE };
    let press = |keys: KeyActions, value| keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
    let mut keys = press(KeyActions::new("fingers".to_owned()), char::from(Key::Escape)).then(pause.clone());
    keys = before.chars().fold(keys, press).then(pause);
    window.client.perform_actions(press(keys, last)).await.expect("the keys arrive");
    window.until("keys.took !== null").await;
    let took = window.client.execute("return keys.took", vec![]).await.expect("the page answers");
    Duration::from_secs_f64(took.as_f64().expect("milliseconds") / 1_000.0)
}
