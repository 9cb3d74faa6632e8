//! Serving: says where it listens, once, when it is ready; ends when it is told to, after the answers under way.

use super::{Database, Failure, now};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use clap::Args;
use regulars_head_office::{DialectSettings, HeadOffice, Limits, demo, router};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long answers under way may take once the server is told to end: what service managers wait at least.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How long a client may take to send its headers: more holds a connection for nothing.
const HEADERS: Duration = Duration::from_secs(15);
/// How often lots that ran out are booked: a last day ends once a day, in whichever time zone the shop is.
const EXPIRY: Duration = Duration::from_secs(3600);

#[derive(Args)]
pub(super) struct Serve {
    /// Where to listen, as 127.0.0.1:8473; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT")]
    listen: SocketAddr,
    /// The path of the database, made where there is none.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
    /// Fills an empty database with made-up shops and members.
    #[arg(long)]
    demo: bool,
    /// What a dialect does where real servers differ, as `portos.version_status=409`; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// The certificate chain, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        // Two servers on one file could be: each write is a transaction. A copy put in its place under one could not.
        let _in_use = regulars_head_office::take(&self.database.path)?;
        let mut dialects = DialectSettings::default();
        for setting in &self.settings {
            dialects.set(setting).map_err(Failure::Input)?;
        }
        let storage = Arc::new(self.database.open()?);
        if self.demo && demo::fill(storage.as_ref(), now())? {
            tracing::info!("filled the database with the demo");
        }
        let head_office = HeadOffice::with_settings(storage, Arc::new(now), Limits::default(), dialects);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve(head_office))
    }

    async fn serve(self, head_office: HeadOffice) -> Result<(), Failure> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(
                RustlsConfig::from_pem_file(cert, key)
                    .await
                    .map_err(|error| Failure::Input(format!("the certificate or its key cannot be read: {error}")))?,
            ),
            (None, _) | (_, None) => None,
        };
        let listener = TcpListener::bind(self.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let handle = Handle::new();
        end_when_told(handle.clone())?;
        tokio::spawn(expire_lots(head_office.clone()));
        let service = router(head_office).into_make_service_with_connect_info::<SocketAddr>();
        let mut server = axum_server::from_tcp(listener)?.handle(handle);
        server.http_builder().http1().header_read_timeout(HEADERS);
        match tls {
            None => {
                say_where("http", address)?;
                server.acceptor(NoDelayAcceptor::new()).serve(service).await?;
            }
            Some(config) => {
                say_where("https", address)?;
                let acceptor = RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new());
                server.acceptor(acceptor).serve(service).await?;
            }
        }
        Ok(())
    }
}

/// The only line on stdout: connections are taken from now on.
fn say_where(scheme: &str, address: SocketAddr) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on {scheme}://{address}")?;
    Ok(stdout.flush()?)
}

/// At once, and then every hour, for as long as the server runs.
async fn expire_lots(head_office: HeadOffice) {
    let mut hours = tokio::time::interval(EXPIRY);
    loop {
        hours.tick().await;
        match head_office.expire_lots().await {
            Ok(0) => {}
            Ok(booked) => tracing::info!(booked, "booked lots that ran out"),
            Err(error) => tracing::error!(%error, "lots that ran out could not be booked; again in an hour"),
        }
    }
}

#[cfg(unix)]
fn end_when_told(handle: Handle<SocketAddr>) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        handle.graceful_shutdown(Some(LAST_ANSWERS));
    });
    Ok(())
}

#[cfg(not(unix))]
fn end_when_told(handle: Handle<SocketAddr>) -> Result<(), Failure> {
    tokio::spawn(async move {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "waiting for ctrl-c");
            return;
        }
        handle.graceful_shutdown(Some(LAST_ANSWERS));
    });
    Ok(())
}
