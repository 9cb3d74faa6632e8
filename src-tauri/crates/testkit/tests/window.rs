//! The shell around the page: what it opens, and what it refuses the page.

use regulars_testkit::folder::{Folder, is_quick};
use regulars_testkit::window::Window;
use serde_json::json;

#[tokio::test]
async fn the_window_opens_and_its_page_reaches_the_core_and_nothing_else() {
    if is_quick() {
        return;
    }
    let folder = Folder::new();
    let window = Window::open(&folder.join("till")).await;
    window.resize(1024, 768).await;
    window.screenshot("shell").await;

    let failure = window.ask("no_such_thing", json!({})).await.unwrap_err();
    assert!(failure["code"].is_string(), "the core answers: {failure}");
    for command in ["plugin:window|set_title", "plugin:window-state|save_window_state", "plugin:event|emit"] {
        let refusal = window.invoke(command, json!({ "label": "main", "value": "x", "event": "changed" })).await;
        assert!(refusal.unwrap_err().to_string().contains("not allowed"), "{command} is not for the page");
    }
    let reached = "return fetch('https://example.com/').then(() => 'reached', () => 'refused')";
    assert_eq!(window.client.execute(reached, vec![]).await.unwrap(), "refused");
    let evaluated = "try { return new Function('return 1')() } catch { return 'refused' }";
    assert_eq!(window.client.execute(evaluated, vec![]).await.unwrap(), "refused");
    window.close().await;
}

#[tokio::test]
async fn two_tills_in_folders_of_their_own_are_open_at_once() {
    if is_quick() {
        return;
    }
    let folder = Folder::new();
    let (first, second) = (Window::open(&folder.join("1")).await, Window::open(&folder.join("2")).await);
    for window in [&first, &second] {
        let state = window.ask("start_state", json!({})).await.expect("a till can always say how it stands");
        assert_eq!(state["stage"], "first_start");
    }
    first.close().await;
    second.kill();
    let log = std::fs::read_dir(folder.join("1").join("logs")).unwrap().next().unwrap().unwrap();
    let log = std::fs::read_to_string(log.path()).unwrap();
    assert!(log.contains("end stopped=true"), "the core was told to stop: {log}");
}
