//! A member system on a real socket, with a line before it that fails when it is told to. What it does is what its page
//! says; it knows nothing of our own head office.

use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// As it stood in the request, with the query.
    pub target: String,
    /// Without the query.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body: body.to_string() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// A member system.
pub trait System: Send + 'static {
    fn answer(&mut self, asked: &Asked) -> Answer;
}

/// What goes wrong with one request.
pub enum Fault<S> {
    /// It never arrives.
    RequestLost,
    /// It was done, and nothing comes back.
    AnswerLost,
    /// Somebody on the way answers.
    Instead(Answer),
    /// It was done, and something else comes back.
    After(Answer),
    /// It was done, and half of the answer comes back.
    Truncated,
    /// It arrives twice.
    Twice,
    /// Somebody else does something there just before it arrives.
    Before(Box<dyn FnOnce(&mut S) + Send>),
}

struct Planned<S> {
    /// How many requests of the kind pass before it strikes.
    skip: usize,
    meant: fn(&Asked) -> bool,
    fault: Fault<S>,
}

struct Inner<S> {
    system: S,
    planned: VecDeque<Planned<S>>,
    fired: usize,
    log: Vec<Asked>,
}

/// A member system that is listened to. Gone on drop.
pub struct Server<S: System> {
    inner: Arc<Mutex<Inner<S>>>,
    port: u16,
    is_over: Arc<AtomicBool>,
}

impl<S: System> Server<S> {
    pub fn start(system: S) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let inner = Arc::new(Mutex::new(Inner { system, planned: VecDeque::new(), fired: 0, log: Vec::new() }));
        let is_over = Arc::new(AtomicBool::new(false));
        let (shared, over) = (Arc::clone(&inner), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                if let Ok(stream) = stream {
                    std::thread::spawn(move || drop(carry(stream, &shared)));
                }
            }
        });
        Self { inner, port, is_over }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn inner(&self) -> MutexGuard<'_, Inner<S>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the system, or does something there.
    pub fn at<T>(&self, work: impl FnOnce(&mut S) -> T) -> T {
        work(&mut self.inner().system)
    }

    /// Spoils a request: the one after `skip` others that are meant.
    pub fn plan(&self, meant: fn(&Asked) -> bool, skip: usize, fault: Fault<S>) {
        self.inner().planned.push_back(Planned { skip, meant, fault });
    }

    pub fn fired(&self) -> usize {
        self.inner().fired
    }

    pub fn log(&self) -> Vec<Asked> {
        self.inner().log.clone()
    }
}

impl<S: System> Drop for Server<S> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The listener looks whether it is over after its next connection.
        let _refused = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn carry<S: System>(mut stream: TcpStream, shared: &Mutex<Inner<S>>) -> std::io::Result<()> {
    let Some(asked) = read(&stream)? else { return Ok(()) };
    let mut inner = shared.lock().unwrap_or_else(PoisonError::into_inner);
    inner.log.push(asked.clone());
    let answer = match take(&mut inner, &asked) {
        None => Some(inner.system.answer(&asked)),
        Some(Fault::RequestLost) => None,
        Some(Fault::AnswerLost) => {
            inner.system.answer(&asked);
            None
        }
        Some(Fault::Instead(answer)) => Some(answer),
        Some(Fault::After(answer)) => {
            inner.system.answer(&asked);
            Some(answer)
        }
        Some(Fault::Truncated) => {
            let answer = inner.system.answer(&asked);
            drop(inner);
            let bytes = written(&answer);
            let cut = bytes.len() - answer.body.len().div_ceil(2);
            return stream.write_all(&bytes[..cut]);
        }
        Some(Fault::Twice) => {
            inner.system.answer(&asked);
            Some(inner.system.answer(&asked))
        }
        Some(Fault::Before(work)) => {
            work(&mut inner.system);
            Some(inner.system.answer(&asked))
        }
    };
    drop(inner);
    match answer {
        Some(answer) => stream.write_all(&written(&answer)),
        None => Ok(()),
    }
}

fn take<S: System>(inner: &mut Inner<S>, asked: &Asked) -> Option<Fault<S>> {
    let index = inner.planned.iter().position(|planned| (planned.meant)(asked))?;
    if inner.planned[index].skip > 0 {
        inner.planned[index].skip -= 1;
        return None;
    }
    inner.fired += 1;
    inner.planned.remove(index).map(|planned| planned.fault)
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut head =
        format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(answer.body.as_bytes());
    bytes
}

fn read(stream: &TcpStream) -> std::io::Result<Option<Asked>> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let (name, value) = (name.to_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().unwrap_or(0);
        }
        headers.push((name, value));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let path = percent(path);
    Ok(Some(Asked { method, path, query, headers, body, target }))
}

fn percent(path: &str) -> String {
    // A plus is a plus in a path.
    let pair = format!("p={}", path.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, path)| path.into_owned()).unwrap_or_default()
}
