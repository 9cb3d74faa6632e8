//! The web view draws in a process of its own, which may die: then the page is loaded again. The core lives on, and with
//! it everything that was saved.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::WebviewWindow;

/// A page that kills its process at once would otherwise be loaded in a tight loop.
const RELOADS_PER_MINUTE: usize = 3;

const MINUTE: Duration = Duration::from_secs(60);

/// Hooks that belong to the whole program. Only macOS has one.
pub fn watch_app(builder: tauri::Builder<tauri::Wry>) -> tauri::Builder<tauri::Wry> {
    #[cfg(target_os = "macos")]
    let builder = {
        use tauri::Manager;
        let reloads = Reloads::default();
        builder.on_web_content_process_terminate(move |web_view| {
            if let Some(window) = web_view.get_webview_window(web_view.label()) {
                reload(&window, &reloads);
            }
        })
    };
    builder
}

/// Hooks that belong to the window.
#[cfg(target_os = "linux")]
pub fn watch_window(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;
    let reloads = Reloads::default();
    let own = window.clone();
    window.with_webview(move |web_view| {
        web_view.inner().connect_web_process_terminated(move |_, reason| {
            tracing::error!(?reason, "the web view's process ended");
            reload(&own, &reloads);
        });
    })
}

/// macOS has its hook in `watch_app`; on Windows WebView2 shows a page of its own with a button to load again.
#[cfg(not(target_os = "linux"))]
pub fn watch_window(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn reload(window: &WebviewWindow, reloads: &Reloads) {
    let wait = reloads.wait(Instant::now());
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(wait).await;
        if let Err(error) = window.reload() {
            tracing::error!(%error, "the page could not be loaded again");
        }
    });
}

/// When the page was loaded again, of late.
#[derive(Clone, Default)]
struct Reloads(Arc<Mutex<VecDeque<Instant>>>);

impl Reloads {
    /// How long to wait before one more, which counts from then on: not at all, until there were too many in a minute.
    fn wait(&self, now: Instant) -> Duration {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match latest.front() {
            Some(oldest) if latest.len() == RELOADS_PER_MINUTE => now.max(*oldest + MINUTE),
            _ => now,
        };
        latest.push_back(at);
        if latest.len() > RELOADS_PER_MINUTE {
            latest.pop_front();
        }
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_loaded_again_at_once_but_at_most_three_times_a_minute() {
        let (reloads, start) = (Reloads::default(), Instant::now());
        let second = |n| start + Duration::from_secs(n);
        assert_eq!(reloads.wait(second(0)), Duration::ZERO);
        assert_eq!(reloads.wait(second(1)), Duration::ZERO);
        assert_eq!(reloads.wait(second(2)), Duration::ZERO);
        assert_eq!(
            reloads.wait(second(3)),
            Duration::from_secs(57),
            "the fourth waits until the first is a minute old"
        );
        assert_eq!(reloads.wait(second(200)), Duration::ZERO, "later all is well again");
    }
}
