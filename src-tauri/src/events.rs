//! Hands the core's events to the page. They say only that something changed; the page asks again for what it shows.

use regulars_app::Changed;
use regulars_app::events::Topic;
use tauri::{AppHandle, Emitter};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// The name that the page listens to.
const CHANGED: &str = "changed";

/// Whatever a screen can show.
const EVERYTHING: [Topic; 3] = [Topic::Desk, Topic::Members, Topic::Sync];

/// Forwards until the core ends.
pub fn forward(app: &AppHandle, mut changes: Receiver<Changed>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            match changes.recv().await {
                Ok(changed) => tell(&app, changed),
                // Some were missed and nobody knows which: a screen left as it was would show what is no longer so.
                Err(RecvError::Lagged(_)) => EVERYTHING.into_iter().for_each(|topic| tell(&app, Changed { topic })),
                Err(RecvError::Closed) => return,
            }
        }
    });
}

fn tell(app: &AppHandle, changed: Changed) {
    if let Err(error) = app.emit(CHANGED, changed) {
        tracing::warn!(%error, "an event did not reach the page");
    }
}
