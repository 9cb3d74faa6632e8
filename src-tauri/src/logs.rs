//! The program's log: files in the till's folder that a shop can hand to whoever helps them.
//!
//! A log holds no personal data: the crates log codes, counts and ids only, other people's crates only warn, and of a
//! panic only the place is kept, since its message may quote what was being worked on.

use crate::paths;
use std::error::Error;
use std::panic::PanicHookInfo;
use std::path::Path;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// One file a day; two weeks reach back past a holiday to the day when it began.
const DAYS_KEPT: usize = 14;

/// Ours speak, others only warn. `REGULARS_LOG` takes its place for a developer.
const FILTER: &str = "warn,regulars=info";

/// Starts logging into the till's folder, and to stderr in a debug build. A folder that cannot be written to is no reason
/// not to open the window: its screen says what is wrong.
pub fn start(data_dir: &Path) {
    let file = match appender(data_dir) {
        Ok(file) => Some(fmt::layer().with_ansi(false).with_writer(file).boxed()),
        Err(error) => {
            eprintln!("regulars: no log in {}: {error}", data_dir.display());
            None
        }
    };
    let screen = cfg!(debug_assertions).then(|| fmt::layer().with_writer(std::io::stderr).boxed());
    let filter = EnvFilter::try_from_env("REGULARS_LOG").unwrap_or_else(|_| EnvFilter::new(FILTER));
    if let Err(error) = tracing_subscriber::registry().with(file).with(screen).with(filter).try_init() {
        eprintln!("regulars: no log: {error}");
    }
    std::panic::set_hook(Box::new(panicked));
}

/// Writes on the calling thread: there is little to write, and lines kept back are lost when the program dies.
fn appender(data_dir: &Path) -> Result<RollingFileAppender, Box<dyn Error>> {
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("regulars")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(paths::log_dir(data_dir)?)?;
    Ok(files)
}

fn panicked(info: &PanicHookInfo) {
    let place = info.location().map(ToString::to_string);
    tracing::error!(place = place.as_deref().unwrap_or("unknown"), "panic");
}
