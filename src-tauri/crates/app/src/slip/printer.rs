//! Sends bytes to a receipt printer on the network, over TCP. It blocks: callers run it on a thread that may.
//!
//! A printer answers nothing, so "sent" is all that can be known; whether paper came out, the cashier sees.

use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv6Addr, Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Where printers listen for raw bytes ("JetDirect").
pub const DEFAULT_PORT: u16 = 9100;
/// A printer in the shop answers within milliseconds, even one that wakes up; a cashier waits no longer for one that is off.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A slip fits into the printer's memory, so it takes it at once, or is out of paper or open and takes nothing.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the printer's own status bytes are waited for: closing before they are read would reset the connection, and
/// with it the slip that is still under way. Printers that never close are not waited for longer than one notices.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(300);
/// Longest host name (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

/// Where a printer is: `host` or `host:port`, `[::1]:9100`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterAddress {
    host: String,
    port: u16,
}

impl FromStr for PrinterAddress {
    type Err = PrintError;

    fn from_str(text: &str) -> Result<Self, PrintError> {
        let text = text.trim();
        read_address(text).ok_or(PrintError::AddressInvalid)
    }
}

impl fmt::Display for PrinterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Why a slip was not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// Not the address of a printer.
    #[error("this is not the address of a printer, as 192.168.1.50 or 192.168.1.50:9100")]
    AddressInvalid,
    /// Nothing was sent: it is off, unplugged, at another address, or serves another till.
    #[error("the printer at {address} cannot be reached")]
    Unreachable {
        /// Where.
        address: String,
    },
    /// It took the connection but not the whole slip: out of paper, or its cover is open. A part may be on paper.
    #[error("the printer at {address} does not take the slip: look at its paper and its cover")]
    TimedOut {
        /// Where.
        address: String,
    },
    /// A fault of the program's own.
    #[error("the slip cannot be composed: {0}")]
    Composition(String),
}

impl PrintError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AddressInvalid => "printer_address_invalid",
            Self::Unreachable { .. } => "printer_unreachable",
            Self::TimedOut { .. } => "printer_timeout",
            Self::Composition(_) => "internal",
        }
    }

    /// The field that it is about, where it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::AddressInvalid => Some("address"),
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Composition(_) => None,
        }
    }

    /// What a sentence about it needs.
    pub fn facts(&self) -> Value {
        match self {
            Self::Unreachable { address } | Self::TimedOut { address } => json!({ "address": address }),
            Self::AddressInvalid | Self::Composition(_) => json!({}),
        }
    }
}

/// Sends bytes to a printer. With the timeouts above it blocks for some seconds at most, and for as long as the system
/// takes to look a name up.
///
/// # Errors
/// `printer_unreachable` where no connection is made or it breaks; `printer_timeout` where the bytes are not taken.
pub fn send(address: &PrinterAddress, bytes: &[u8]) -> Result<(), PrintError> {
    send_within(address, bytes, WRITE_TIMEOUT)
}

pub(super) fn send_within(address: &PrinterAddress, bytes: &[u8], write: Duration) -> Result<(), PrintError> {
    let failed = |error: &io::Error| match is_timeout(error) {
        true => PrintError::TimedOut { address: address.to_string() },
        false => PrintError::Unreachable { address: address.to_string() },
    };
    // Whoever is not there within the time cannot be reached, whatever the system calls it.
    let mut stream = connect(address).map_err(|_| PrintError::Unreachable { address: address.to_string() })?;
    let sent = stream.set_write_timeout(Some(write)).and_then(|()| stream.write_all(bytes));
    sent.map_err(|error| failed(&error))?;
    close(stream);
    Ok(())
}

fn connect(address: &PrinterAddress) -> io::Result<TcpStream> {
    let places: Vec<SocketAddr> = (address.host.as_str(), address.port).to_socket_addrs()?.collect();
    let ends_at = Instant::now() + CONNECT_TIMEOUT;
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for place in places {
        // A name may stand for several places; all of them together get the one timeout.
        let left = ends_at.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&place, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Says that no more comes, and reads what the printer has to say until it closes too. The slip is sent already: what
/// goes wrong from here on is nobody's concern.
fn close(mut stream: TcpStream) {
    let ends_at = Instant::now() + CLOSE_TIMEOUT;
    let mut status = [0; 64];
    if stream.shutdown(Shutdown::Write).is_err() || stream.set_read_timeout(Some(CLOSE_TIMEOUT)).is_err() {
        return;
    }
    while Instant::now() < ends_at && matches!(stream.read(&mut status), Ok(1..)) {}
}

/// A timeout of a socket is the one on Windows, the other elsewhere.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

fn read_address(text: &str) -> Option<PrinterAddress> {
    if let Ok(ip) = text.parse::<Ipv6Addr>() {
        return Some(PrinterAddress { host: ip.to_string(), port: DEFAULT_PORT });
    }
    if let Some((ip, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let ip: Ipv6Addr = ip.parse().ok()?;
        let port = if port.is_empty() { DEFAULT_PORT } else { read_port(port.strip_prefix(':')?)? };
        return Some(PrinterAddress { host: ip.to_string(), port });
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, read_port(port)?),
        None => (text, DEFAULT_PORT),
    };
    is_host(host).then(|| PrinterAddress { host: host.to_owned(), port })
}

fn read_port(text: &str) -> Option<u16> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| all_digits && *port != 0)
}

/// A name or an IPv4 address. Digits and points alone must be a whole one: the system would read `192.168.1` as
/// another.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let is_numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    host.len() <= MAX_HOST && host.split('.').all(is_label) && (!is_numeric || host.parse::<IpAddr>().is_ok())
}
