//! A till under WebKit's own driver: as much of WebDriver as is needed to wait for a screen and take a picture of it.
//!
//! The answers are read without a JSON parser, which holds because all that is asked for are plain words.

use crate::Result;
use crate::child::Background;
use crate::display::Virtual;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The first pull of the demo takes seconds; on a busy machine the window alone may take that.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// A till that runs under the driver; it ends on drop.
pub struct Session {
    driver: Driver,
    path: String,
}

struct Driver {
    _process: Background,
    port: u16,
}

impl Session {
    /// Opens the till's window on the screen.
    pub fn open(window: &Command, screen: &Virtual) -> Result<Self> {
        let driver = Driver::start(window, screen)?;
        let arguments: Vec<String> = window.get_args().map(|word| quoted(&word.to_string_lossy())).collect();
        let answer = driver.ask(
            "POST",
            "/session",
            &format!(
                r#"{{"capabilities": {{"alwaysMatch": {{"webkitgtk:browserOptions": {{"binary": {}, "args": [{}]}}}}}}}}"#,
                quoted(&window.get_program().to_string_lossy()),
                arguments.join(", "),
            ),
        )?;
        let id = text_of(&answer, "sessionId").ok_or_else(|| format!("the window did not open: {answer}"))?;
        Ok(Self { driver, path: format!("/session/{id}") })
    }

    /// Makes the page this large.
    pub fn resize(&self, width: u32, height: u32) -> Result {
        self.ask("POST", "/window/rect", &format!(r#"{{"width": {width}, "height": {height}}}"#)).map(drop)
    }

    /// Waits until the core's answer to a call is what a function in JavaScript says, and what can be read on the page no
    /// longer changes.
    pub fn wait_until(&self, call: &str, is_so: &str) -> Result {
        let script = format!(
            "const answer = arguments[arguments.length - 1];
            const say = (word, facts) => answer(word + ' ' + JSON.stringify(facts).replaceAll('\"', ' '));
            const page = document.body.innerText;
            window.__TAURI_INTERNALS__.invoke('call', {{ name: '{call}', payload: {{}} }}).then(
                (facts) => page && ({is_so})(facts) ? say('stands', page) : say('waits', facts),
                (error) => say('failed', error))"
        );
        let body = format!(r#"{{"script": {}, "args": []}}"#, quoted(&script));
        let (start, mut last) = (Instant::now(), String::new());
        loop {
            let answer = self.ask("POST", "/execute/async", &body)?;
            let said = text_of(&answer, "value").unwrap_or(&answer).to_owned();
            if said.starts_with("stands") && said == last {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("after {} s the till still {said}", PATIENCE.as_secs()).into());
            }
            last = said;
            sleep(LOOK_EVERY);
        }
    }

    /// What the page shows, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let answer = self.ask("GET", "/screenshot", "")?;
        Ok(base64(text_of(&answer, "value").ok_or("no picture was taken")?))
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        self.driver.ask(method, &format!("{}{path}", self.path), body)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver ends the till with the session, but leaves it behind when it is killed itself.
        drop(self.ask("DELETE", "", ""));
    }
}

impl Driver {
    fn start(window: &Command, screen: &Virtual) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new("WebKitWebDriver");
        command.args([format!("--port={port}"), "--host=127.0.0.1".into()]);
        // The till is the driver's child, so this is how its environment reaches it.
        command.envs(window.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").env("NO_AT_BRIDGE", "1");
        let process = Background::start(screen.show(&mut command), Stdio::null())?;
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if start.elapsed() > PATIENCE {
                return Err("WebKitWebDriver does not listen".into());
            }
            sleep(LOOK_EVERY);
        }
        Ok(Self { _process: process, port })
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.port,
            body.len(),
        )?;
        body_of(BufReader::new(stream)).map_err(|error| format!("WebKitWebDriver does not answer: {error}").into())
    }
}

/// Reads as far as the answer says it goes: the driver leaves the connection open.
fn body_of(mut answer: impl BufRead) -> Result<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let header = line.trim_end().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(String::from_utf8(body)?)
}

/// The text behind a name, where it needs no unescaping to be of use.
fn text_of<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    rest.trim_start().strip_prefix('"')?.split('"').next()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Writing to a string cannot fail.
            control if control < ' ' => drop(write!(quoted, "\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0);
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_and_quoted_and_decoded() {
        assert_eq!(text_of(r#"{"value": {"sessionId": "a-b"}}"#, "sessionId"), Some("a-b"));
        assert_eq!(quoted("a \"b\"\n"), r#""a \"b\"\u000a""#);
        assert_eq!(base64("UmVndWxhcnM="), b"Regulars");
        assert_eq!(base64("/+8="), [0xff, 0xef]);
    }
}
