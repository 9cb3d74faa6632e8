//! The one window: shown when its page stands, where it was last, and never led away from its own page.

use crate::{paths, place, renderer};
use std::path::Path;
use std::time::Duration;
use tauri::utils::config::WindowConfig;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::window::Color;
use tauri::{AppHandle, Manager, Theme, Url, WebviewWindow};
use tauri_plugin_window_state::StateFlags;

/// As in tauri.conf.json and capabilities/.
const LABEL: &str = "main";

/// The paper of the dark theme; that of the light one is in tauri.conf.json. Seen until the page has painted.
const DARK_PAPER: Color = Color(0x15, 0x17, 0x14, 0xff);

/// A page that is not there by now is broken, and a window that shows that is better than none.
const SHOW_ANYWAY_AFTER: Duration = Duration::from_secs(3);

/// Opens the window hidden; it appears by itself.
pub fn open(app: &AppHandle, data_dir: &Path) -> tauri::Result<()> {
    let place = paths::window_place(data_dir);
    place::keep_on_monitor(app, &place);
    app.plugin(remembering(&place))?;
    let window = tauri::WebviewWindowBuilder::from_config(app, config(app)?)?
        .data_directory(paths::web_view(data_dir))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .build()?;
    if window.theme()? == Theme::Dark {
        window.set_background_color(Some(DARK_PAPER))?;
    }
    renderer::watch_window(&window)?;
    show_anyway(window);
    Ok(())
}

/// Answers a second start.
pub fn bring_to_front(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        log_failure(window.unminimize());
        log_failure(window.show());
        log_failure(window.set_focus());
    }
}

fn config(app: &AppHandle) -> tauri::Result<&WindowConfig> {
    app.config().app.windows.iter().find(|window| window.label == LABEL).ok_or(tauri::Error::WindowNotFound)
}

/// Size and place as they were left, but not whether it was visible: it would appear before its page does.
fn remembering(place: &Path) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .with_filename(place.to_string_lossy())
        .build()
}

/// Anything else that the page might be led to is refused: the page is part of the program.
fn is_own_page(url: &Url) -> bool {
    let is_built_in = url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost");
    let is_dev_server = cfg!(dev) && url.host_str() == Some("localhost");
    is_built_in || is_dev_server || url.as_str() == "about:blank"
}

fn show(window: &WebviewWindow) {
    if !window.is_visible().unwrap_or(false) {
        log_failure(window.show());
        log_failure(window.set_focus());
    }
}

fn show_anyway(window: WebviewWindow) {
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_ANYWAY_AFTER).await;
        show(&window);
    });
}

fn log_failure(done: tauri::Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, "window");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_not_led_away() {
        let is_own = |url: &str| is_own_page(&url.parse().unwrap());
        assert!(is_own("tauri://localhost/index.html"));
        assert!(is_own("http://tauri.localhost/"));
        assert!(!is_own("https://example.com/"));
        assert!(!is_own("file:///etc/passwd"));
    }
}
