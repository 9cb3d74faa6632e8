//! As much of HTTP/1.1 as the proxy needs: to know where a request ends, and where an answer's body begins.

use crate::nonsense;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longer than any request of ours, so that a mistake ends instead of filling the memory.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The empty line after the headers.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A request as it was received.
pub struct Request {
    pub method: String,
    /// Path and query.
    pub path: String,
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads one. `None` where the other side closed without asking anything.
    pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let head_len = loop {
            if let Some(head_len) = head_len(&bytes) {
                break head_len;
            }
            if from.read_buf(&mut bytes).await? == 0 || bytes.len() > MAX_HEAD_BYTES {
                return Ok(None);
            }
        };
        let mut body = bytes.split_off(head_len);
        let head = String::from_utf8(bytes).map_err(|_| invalid("the head is not UTF-8"))?;
        if header(&head, "transfer-encoding").is_some() {
            return Err(invalid("a body without a length is not supported here"));
        }
        let length =
            header(&head, "content-length").map_or(Ok(0), str::parse).map_err(|_| invalid("Content-Length"))?;
        while body.len() < length {
            if from.read_buf(&mut body).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default().into(), words.next().unwrap_or_default().into());
        Ok(Some(Self { method, path, head, body }))
    }

    /// The request for the remote: the same bytes, but the remote is to close after its answer, whose end is then known.
    pub fn to_bytes(&self) -> Vec<u8> {
        let lines = self.head.trim_end().split("\r\n").filter(|line| !is_header(line, "connection"));
        let mut bytes: Vec<u8> = lines.flat_map(|line| [line.as_bytes(), b"\r\n"]).flatten().copied().collect();
        bytes.extend_from_slice(b"Connection: close\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Request {
    /// The same with something else in its body.
    pub fn garbled(&self, seed: u64) -> Self {
        let (head, body) = with_body(&self.head, nonsense::garbled(&self.body, seed));
        Self { method: self.method.clone(), path: self.path.clone(), head, body }
    }
}

/// The answer with something else in its body.
pub fn garbled(answer: &[u8], seed: u64) -> Vec<u8> {
    let (head, body) = answer.split_at(head_len(answer).unwrap_or(answer.len()));
    let (head, body) = with_body(&String::from_utf8_lossy(head), nonsense::garbled(body, seed));
    [head.into_bytes(), body].concat()
}

/// As `500`, of a whole answer.
pub fn status(answer: &[u8]) -> Option<u16> {
    String::from_utf8_lossy(answer).split(' ').nth(1)?.parse().ok()
}

fn with_body(head: &str, body: Vec<u8>) -> (String, Vec<u8>) {
    let others = head.trim_end().split("\r\n").filter(|line| !is_header(line, "content-length"));
    let head: String = others.map(|line| format!("{line}\r\n")).collect();
    (format!("{head}Content-Length: {}\r\n\r\n", body.len()), body)
}

/// The answer without the second half of its body. Its head still promises the whole.
pub fn cut_in_the_middle(answer: &[u8]) -> &[u8] {
    let head_len = head_len(answer).unwrap_or(answer.len());
    &answer[..head_len + (answer.len() - head_len) / 2]
}

fn head_len(bytes: &[u8]) -> Option<usize> {
    bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD).map(|at| at + END_OF_HEAD.len())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").find(|line| is_header(line, name)).and_then(|line| line.split_once(':')).map(|(_, v)| v.trim())
}

fn is_header(line: &str, name: &str) -> bool {
    line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
