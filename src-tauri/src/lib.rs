//! The desktop shell: one window, one command that hands a name and a payload to the core, and the core's events.
//!
//! It decides nothing about members, money or rights, and knows no command by name: that is `regulars-app`.

mod arguments;
mod events;
mod logs;
mod paths;
mod place;
mod platform;
mod renderer;
mod window;

use arguments::{Arguments, Asked};
use regulars_app::{App, Config, Failure};
use serde_json::Value;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tauri::{AppHandle, Manager, RunEvent, State};

/// What a person did is on disk before it is answered, so an end without a tidy stop loses nothing. The stop only spares
/// the next start some work, and nobody should wait for that longer than for a window to close.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Asked::Help => {
            println!("{}", arguments::HELP);
            ExitCode::SUCCESS
        }
        Asked::Version => {
            println!("regulars {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Asked::Wrong(why) => {
            eprintln!("{why}\n\n{}", arguments::HELP);
            ExitCode::from(2)
        }
        Asked::Open(arguments) => open(arguments),
    }
}

fn open(arguments: Arguments) -> ExitCode {
    platform::prepare();
    let builder = if arguments.data_dir.is_none() { one_window(tauri::Builder::default()) } else { Default::default() };
    let app = renderer::watch_app(builder)
        .invoke_handler(tauri::generate_handler![call])
        .setup(move |app| set_up(app.handle(), &arguments))
        .build(tauri::generate_context!("../tauri.conf.json"));
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    stop(app);
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("regulars: no window can be opened here: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starting the machine's own till a second time brings its window to the front. Tills in folders of their own stand side
/// by side; should two windows want the same folder, the lock in it refuses the later one, which says so on its screen.
fn one_window(builder: tauri::Builder<tauri::Wry>) -> tauri::Builder<tauri::Wry> {
    builder.plugin(tauri_plugin_single_instance::init(|app, _, _| window::bring_to_front(app)))
}

fn set_up(app: &AppHandle, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let data_dir = paths::data_dir(app, arguments)?;
    logs::start(&data_dir);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "start");
    // With a folder of its own, a till also keeps what it writes for people there.
    let documents_dir = arguments.data_dir.is_none().then(|| app.path().download_dir().ok()).flatten();
    let config = Config { data_dir: data_dir.clone(), locale: platform::locale(), documents_dir };
    let till = tauri::async_runtime::block_on(async { App::start(config) });
    events::forward(app, till.listen());
    // Before the window: its page asks at once.
    app.manage(till);
    window::open(app, &data_dir)?;
    platform::exit_when_asked(app);
    Ok(())
}

/// The one command of the page.
#[tauri::command]
async fn call(till: State<'_, Arc<App>>, name: String, payload: Value) -> Result<Value, Failure> {
    let till = Arc::clone(&till);
    // In a task of its own: Tauri never answers a command that panics, and the page would wait for ever.
    let answer = tauri::async_runtime::spawn(async move { till.call(&name, payload).await }).await;
    answer.unwrap_or_else(|_| Err(broken()))
}

fn broken() -> Failure {
    Failure {
        code: "internal".into(),
        message: "The program made a mistake. What was saved before is safe.".into(),
        field: None,
        facts: Value::Object(Default::default()),
    }
}

fn stop(app: &AppHandle) {
    let Some(till) = app.try_state::<Arc<App>>() else { return };
    let till = Arc::clone(&till);
    let stopped =
        tauri::async_runtime::block_on(async move { tokio::time::timeout(STOP_TIMEOUT, till.stop()).await.is_ok() });
    tracing::info!(stopped, "end");
}
