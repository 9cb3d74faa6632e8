//! The transport over a real line. Follows no redirect: a secret is never carried to another host.

use crate::transport::{MAX_ANSWER, Method, Request, Response, Transport, TransportError};
use crate::trouble::problem;
use async_trait::async_trait;
use regulars_store::remotes::Problem;
use reqwest::header::{CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Certificate, Client};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// A connection is there within this, or the line is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer that stops for so long is not coming. Shorter than any request may take, longer than a slow line pauses.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// A line to one address.
pub struct HttpTransport {
    client: Client,
    base: Url,
}

impl HttpTransport {
    /// Prepares a line; nothing is sent yet. `ca` is a certificate in PEM to trust beside the system's.
    ///
    /// # Errors
    /// `certificate_invalid`, `internal`.
    pub fn new(base: Url, ca: Option<&[u8]>) -> Result<Self, Problem> {
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(STALL_TIMEOUT)
            .user_agent(concat!("regulars/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base) {
            // Within one machine packing costs more than sending.
            builder = builder.no_gzip();
        }
        if let Some(pem) = ca {
            builder = builder.tls_certs_merge(certificates(pem)?);
        }
        let client = builder.build().map_err(|error| match ca {
            Some(_) => Problem { field: Some("ca".to_owned()), ..problem("certificate_invalid", describe(&error)) },
            None => problem("internal", describe(&error)),
        })?;
        Ok(Self { client, base })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let address = format!("{}{}", self.base.as_str().trim_end_matches('/'), request.path);
        let mut building = match request.method {
            Method::Get => self.client.get(address),
            Method::Post => self.client.post(address),
            Method::Put => self.client.put(address),
            Method::Patch => self.client.patch(address),
            Method::Delete => self.client.delete(address),
        };
        building = building.timeout(request.timeout);
        let says_type = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        for (name, value) in request.headers {
            building = building.header(name, value);
        }
        if let Some(body) = request.body {
            if !says_type {
                building = building.header(CONTENT_TYPE, "application/json");
            }
            building = building.body(body);
        }
        let mut answer = building.send().await.map_err(|error| {
            let never_left = error.is_connect() || error.is_builder();
            if never_left { TransportError::NotSent(describe(&error)) } else { TransportError::Lost(describe(&error)) }
        })?;
        let status = answer.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().ok().map(str::to_owned);
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(text);
        let date = answer.headers().get(DATE).and_then(text);
        let location = answer.headers().get(LOCATION).and_then(text);
        let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(text).collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| TransportError::Lost(describe(&error)))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(TransportError::Lost("the answer is too large".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, retry_after, date, cookies, location, body })
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, Problem> {
    let read = Certificate::from_pem_bundle(pem).ok().filter(|certificates| !certificates.is_empty());
    read.ok_or_else(|| Problem {
        field: Some("ca".to_owned()),
        ..problem(
            "certificate_invalid",
            "this is not a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----",
        )
    })
}

/// Reads an address as a person types it: `https` is added where no scheme is there.
///
/// # Errors
/// `url_invalid`; `plain_http_refused` for `http` to another machine, unless the owner has said that it may be.
pub fn checked_url(typed: &str, may_be_plain: bool) -> Result<Url, Problem> {
    let invalid = || Problem {
        field: Some("url".to_owned()),
        ..problem("url_invalid", "this is not an address, as office.example.com")
    };
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).map_err(|_| invalid())?;
    let is_bare =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if url.host_str().is_none_or(str::is_empty) || !is_bare {
        return Err(invalid());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if may_be_plain || is_loopback(&url) => Ok(url),
        "http" => Err(Problem {
            field: Some("url".to_owned()),
            ..problem("plain_http_refused", "this address is not encrypted: use the one that begins with https://")
        }),
        _ => Err(invalid()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The innermost reason, which is the one that helps; without the address, which may hold a name.
fn describe(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(typed: &str, may_be_plain: bool) -> Result<String, String> {
        checked_url(typed, may_be_plain).map(|url| url.to_string()).map_err(|problem| problem.code)
    }

    #[test]
    fn an_address_is_encrypted_unless_it_is_this_machine_or_the_owner_said_so() {
        let refused = || Err("plain_http_refused".to_owned());
        assert_eq!(code("office.example.com", false), Ok("https://office.example.com/".to_owned()));
        assert_eq!(
            code(" https://office.example.com:8443/regulars ", false),
            Ok("https://office.example.com:8443/regulars".to_owned())
        );
        assert_eq!(code("http://127.0.0.1:8080", false), Ok("http://127.0.0.1:8080/".to_owned()));
        assert_eq!(code("http://[::1]:8080", false), Ok("http://[::1]:8080/".to_owned()));
        assert_eq!(code("http://office.example.com", false), refused());
        assert_eq!(code("http://127.0.0.1.example.com", false), refused());
        assert_eq!(code("http://office.example.com", true), Ok("http://office.example.com/".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in
            ["", "   ", "ftp://x.example", "https://", "https://a:b@x.example", "https://x.example/?a=1", "x y"]
        {
            assert_eq!(code(typed, true), Err("url_invalid".to_owned()), "{typed}");
        }
    }
}
