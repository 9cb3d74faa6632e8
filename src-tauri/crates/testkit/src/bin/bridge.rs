//! `regulars-bridge --data-dir DIR --ui DIR`: see `regulars_testkit::bridge`. Prints `listening on http://IP:PORT`.

use clap::Parser;
use regulars_app::{App, Config};
use regulars_testkit::bridge;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Parser)]
struct Arguments {
    /// The till's folder.
    #[arg(long)]
    data_dir: PathBuf,
    /// The built page: ui/dist.
    #[arg(long)]
    ui: PathBuf,
    /// The language of the desktop, for the first start.
    #[arg(long)]
    locale: Option<String>,
    /// Where to listen; loopback only.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let app = App::start(Config { data_dir: arguments.data_dir, locale: arguments.locale, documents_dir: None });
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, arguments.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // A page that is open keeps its events open: waiting for that to end would be for ever.
    let served = tokio::select! {
        served = axum::serve(listener, bridge::router(Arc::clone(&app), &arguments.ui)).into_future() => served,
        interrupted = tokio::signal::ctrl_c() => interrupted,
    };
    app.stop().await;
    served
}
