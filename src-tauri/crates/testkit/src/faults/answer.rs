//! An answer that is made up on the way.

/// A whole HTTP answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// One without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// The same with one more header, as `Retry-After`.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with a body of this type.
    pub fn with_body(mut self, content_type: &str, body: impl Into<String>) -> Self {
        self.body = body.into();
        self.with_header("Content-Type", content_type)
    }

    /// The page that a network shows to those who have not logged in to it.
    pub(super) fn log_in_first() -> Self {
        Self::new(200).with_body("text/html; charset=utf-8", "<!doctype html><title>Welcome</title>Please log in.")
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (status, length, body) = (self.status, self.body.len(), &self.body);
        format!("HTTP/1.1 {status} Made Up\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .into()
    }
}
