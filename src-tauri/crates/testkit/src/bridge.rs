//! The test bridge: the core of a till behind HTTP, so that its page runs in an ordinary browser, with the content
//! policy of the real window. It trusts everybody who reaches it, which is why it is here and not in a program that ships.

use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{Stream, StreamExt, stream};
use regulars_app::events::Topic;
use regulars_app::{App, Changed, Failure};
use serde_json::Value;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// The shell's configuration, for its content policy: there is one place where it is written.
const CONFIGURATION: &str = include_str!("../../../../tauri.conf.json");

/// The built page in `ui`, its questions at `/rpc/{name}` and the core's events at `/events`.
pub fn router(app: Arc<App>, ui: &Path) -> Router {
    let page = ServeDir::new(ui).fallback(ServeFile::new(ui.join("index.html")));
    Router::new()
        .route("/rpc/{name}", post(call))
        .route("/events", get(events))
        .with_state(app)
        .fallback_service(page)
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, content_policy()))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

async fn call(
    State(app): State<Arc<App>>,
    UrlPath(name): UrlPath<String>,
    Json(payload): Json<Value>,
) -> Result<Json<Value>, (StatusCode, Json<Failure>)> {
    match app.call(&name, payload).await {
        Ok(answer) => Ok(Json(answer)),
        Err(failure) => Err((StatusCode::UNPROCESSABLE_ENTITY, Json(failure))),
    }
}

async fn events(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(app.listen(), next_changes).flat_map(stream::iter);
    let as_json = |changed| Ok(Event::default().json_data(changed).expect("a topic is JSON"));
    Sse::new(events.map(as_json)).keep_alive(KeepAlive::default())
}

/// As the shell does, it names everything where some were missed.
async fn next_changes(mut changes: Receiver<Changed>) -> Option<(Vec<Changed>, Receiver<Changed>)> {
    match changes.recv().await {
        Ok(changed) => Some((vec![changed], changes)),
        Err(RecvError::Lagged(_)) => {
            let everything = [Topic::Desk, Topic::Members, Topic::Sync];
            Some((everything.map(|topic| Changed { topic }).into(), changes))
        }
        Err(RecvError::Closed) => None,
    }
}

/// The policy of the window, except that here the core is asked over HTTP.
fn content_policy() -> HeaderValue {
    let configuration: Value = serde_json::from_str(CONFIGURATION).expect("tauri.conf.json is JSON");
    let policy = configuration["app"]["security"]["csp"].as_str().expect("it has a content policy");
    let here = policy.replace("connect-src ipc: http://ipc.localhost", "connect-src 'self'");
    assert_ne!(here, policy, "the policy of the window names its own way to the core");
    HeaderValue::from_str(&here).expect("a policy is a header")
}
