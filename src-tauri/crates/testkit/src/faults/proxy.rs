//! The proxy itself.

use super::http::{Request, cut_in_the_middle, garbled, status};
use super::{Answer, Fault, Fired, Log, Seen};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener as Listener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

/// What a test waits for happens within a second or never; this long only on a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A proxy that runs. Gone, with its connections, on drop.
pub struct FaultProxy {
    runtime: Option<Runtime>,
    port: u16,
    line: Arc<Line>,
    plug: Mutex<Option<Plug>>,
}

/// What the connections share.
struct Line {
    upstream: String,
    planned: Mutex<VecDeque<Planned>>,
    log: watch::Sender<Log>,
    releases: watch::Sender<u64>,
}

struct Planned {
    /// In the path of the request that is meant; any where there is none.
    path_part: Option<String>,
    fault: Fault,
}

/// The end of the line that is in the wall: pulling it, and hearing that it is out.
struct Plug {
    pull: oneshot::Sender<()>,
    is_out: mpsc::Receiver<()>,
}

impl FaultProxy {
    /// Stands before the remote at `upstream`, an `http://` address with a port.
    pub fn start(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fault-proxy")
            .enable_all()
            .build()
            .expect("a runtime");
        let line = Arc::new(Line {
            upstream,
            planned: Mutex::default(),
            log: watch::Sender::new(Log::default()),
            releases: watch::Sender::new(0),
        });
        let proxy = Self { runtime: Some(runtime), port, line, plug: Mutex::default() };
        proxy.listen(listener);
        proxy
    }

    /// Where the till is to look for the remote.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Spoils the next request that nothing is planned for yet.
    pub fn plan(&self, fault: Fault) {
        self.line.planned().push_back(Planned { path_part: None, fault });
    }

    /// Spoils the next request with this in its path; others pass meanwhile.
    pub fn plan_for(&self, path_part: &str, fault: Fault) {
        self.line.planned().push_back(Planned { path_part: Some(path_part.into()), fault });
    }

    /// How many planned faults have not struck yet.
    pub fn left(&self) -> usize {
        self.line.planned().len()
    }

    /// Ends every silence.
    pub fn release(&self) {
        self.line.releases.send_modify(|times| *times += 1);
    }

    /// Pulls the plug: what is under way breaks, and connections are refused from now on.
    pub fn unplug(&self) {
        if let Some(plug) = self.plug().take() {
            plug.pull.send(()).expect("the listener lives until it is told to end");
            plug.is_out.recv().expect("the listener ends when it is told to");
        }
    }

    /// Puts the plug in again, at the same address.
    pub fn plug_in(&self) {
        if self.plug().is_none() {
            self.listen(bind_again(self.port));
        }
    }

    /// What it saw and did until now.
    pub fn log(&self) -> Log {
        self.line.log.borrow().clone()
    }

    /// Waits until something is so in the log.
    pub async fn until(&self, is_so: impl Fn(&Log) -> bool) -> Log {
        let mut log = self.line.log.subscribe();
        let reached = tokio::time::timeout(PATIENCE, log.wait_for(|log| is_so(log))).await;
        match reached {
            Ok(log) => log.expect("the proxy lives").clone(),
            Err(_) => panic!("waited in vain; the log is {:#?}", self.log()),
        }
    }

    fn listen(&self, listener: Listener) {
        let runtime = self.runtime.as_ref().expect("it is there until the drop");
        let ((pull, pulled), (out, is_out)) = (oneshot::channel(), mpsc::channel());
        runtime.spawn(serve(listener, Arc::clone(&self.line), pulled, out));
        *self.plug() = Some(Plug { pull, is_out });
    }

    fn plug(&self) -> MutexGuard<'_, Option<Plug>> {
        self.plug.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed inside another runtime, where tests often are.
            runtime.shutdown_background();
        }
    }
}

/// The port is ours, but a process that the test is just starting may hold a copy of the old socket for an instant.
fn bind_again(port: u16) -> Listener {
    let start = Instant::now();
    loop {
        match Listener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return listener,
            Err(error) => assert!(start.elapsed() < PATIENCE, "port {port} is not free again: {error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

async fn serve(listener: Listener, line: Arc<Line>, mut pulled: oneshot::Receiver<()>, out: mpsc::Sender<()>) {
    listener.set_nonblocking(true).expect("a socket can be made non-blocking");
    let listener = TcpListener::from_std(listener).expect("a listener");
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                connections.spawn(carry(client, Arc::clone(&line)));
            }
            Some(_) = connections.join_next() => {}
            _ = &mut pulled => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
    out.send(()).expect("somebody waits for the end");
}

/// One connection, which is one request. An error in it is a broken line, which is what the till is to survive.
async fn carry(mut client: TcpStream, line: Arc<Line>) {
    let Ok(Some(request)) = Request::read(&mut client).await else { return };
    let releases = line.releases.subscribe();
    let fault = line.note(&request);
    drop(spoil(fault, &request, &mut client, &line, releases).await);
    drop(client);
    line.log.send_modify(|log| log.ended += 1);
}

async fn spoil(
    fault: Option<Fault>,
    request: &Request,
    client: &mut TcpStream,
    line: &Line,
    mut releases: watch::Receiver<u64>,
) -> io::Result<()> {
    match fault {
        None => line.pass(request, client).await,
        Some(Fault::RequestLost) => Ok(()),
        Some(Fault::AnswerLost) => line.ask(request).await.map(drop),
        Some(Fault::Status(answer)) => client.write_all(&answer.to_bytes()).await,
        Some(Fault::StatusAfterEffect(answer)) => {
            line.ask(request).await?;
            client.write_all(&answer.to_bytes()).await
        }
        Some(Fault::Html) => client.write_all(&Answer::log_in_first().to_bytes()).await,
        Some(Fault::TruncatedJson) => {
            let answer = line.ask(request).await?;
            client.write_all(cut_in_the_middle(&answer)).await
        }
        Some(Fault::Silence) => {
            releases.changed().await.map_err(io::Error::other)?;
            let answer = line.ask(request).await?;
            client.write_all(&answer).await
        }
        Some(Fault::RequestGarbled(seed)) => {
            let answer = line.ask(&request.garbled(seed)).await?;
            line.log.send_modify(|log| log.answered.extend(status(&answer)));
            client.write_all(&answer).await
        }
        Some(Fault::AnswerGarbled(seed)) => {
            let answer = line.ask(request).await?;
            client.write_all(&garbled(&answer, seed)).await
        }
        Some(Fault::SentTwice) => {
            line.ask(request).await?;
            line.pass(request, client).await
        }
    }
}

impl Line {
    /// Notes the request and takes the fault that is planned for it, in one step for those who watch the log.
    fn note(&self, request: &Request) -> Option<Fault> {
        let seen = Seen { method: request.method.clone(), path: request.path.clone() };
        let fault = self.take_planned(&seen.path);
        self.log.send_modify(|log| {
            log.seen.push(seen.clone());
            log.fired.extend(fault.clone().map(|fault| Fired { fault, request: seen }));
        });
        fault
    }

    fn take_planned(&self, path: &str) -> Option<Fault> {
        let mut planned = self.planned();
        let meant = |planned: &Planned| planned.path_part.as_ref().is_none_or(|part| path.contains(part));
        let index = planned.iter().position(meant)?;
        planned.remove(index).map(|planned| planned.fault)
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the remote and gives its whole answer.
    async fn ask(&self, request: &Request) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        self.send(request).await?.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    /// Asks the remote and hands on its answer as it comes.
    async fn pass(&self, request: &Request, client: &mut TcpStream) -> io::Result<()> {
        tokio::io::copy(&mut self.send(request).await?, client).await.map(drop)
    }

    async fn send(&self, request: &Request) -> io::Result<TcpStream> {
        let mut remote = TcpStream::connect(&self.upstream).await?;
        remote.write_all(&request.to_bytes()).await?;
        Ok(remote)
    }
}
