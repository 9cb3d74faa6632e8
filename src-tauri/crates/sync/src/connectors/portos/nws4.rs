//! The signature NWS4-HMAC-SHA256 of Nine Digit: each request is signed with a key that never leaves this computer.
//!
//! As published in the vendor's own client; the vectors in the tests are theirs and fresh ones made with theirs.

use hmac::{Hmac, KeyInit, Mac};
use regulars_domain::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What is signed of a request.
pub(super) struct Signed<'a> {
    pub method: &'a str,
    /// The path as the server sees it, as it is sent.
    pub path: &'a str,
    /// The query as it is sent.
    pub query: &'a str,
    /// Host, and port where the address names one.
    pub host: &'a str,
    /// Headers besides, by their names in small letters.
    pub headers: &'a [(&'static str, &'a str)],
    pub body: &'a [u8],
    pub at: Timestamp,
}

/// The headers that a signature adds.
pub(super) struct Signature {
    pub date: String,
    pub content: String,
    pub authorization: String,
}

pub(super) fn sign(request: &Signed<'_>, public_key: &str, private_key: &str) -> Signature {
    let date = request.at.to_string();
    let content = hex(&Sha256::digest(request.body));
    let mut headers: Vec<(&str, &str)> = request.headers.to_vec();
    headers.extend([("host", request.host), ("x-nd-date", &date), ("x-nd-content-sha256", &content)]);
    headers.sort_unstable();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{}", value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    let canonical = [
        request.method.to_uppercase(),
        format!("/{}", encode(request.path.trim_start_matches('/')).replace("%2F", "/")),
        canonical_query(request.query),
        lines.join("\n"),
        names.clone(),
        content.clone(),
    ]
    .join("\n");
    let to_sign = ["NWS4-HMAC-SHA256", &date, public_key, &hex(&Sha256::digest(canonical.as_bytes()))].join("\n");
    let day = date.get(..10).unwrap_or(&date);
    let key = mac(format!("NWS4{private_key}").as_bytes(), day.as_bytes());
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let said = format!(
        "Credential={public_key},SignedHeaders={},Timestamp={},Signature={signature}",
        encode(&names),
        encode(&date)
    );
    Signature { date, content, authorization: format!("NWS4-HMAC-SHA256 {}", encode(&said)) }
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect::<Vec<_>>().join("&")
}

/// RFC 3986 §2.3: everything but the unreserved characters.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => {
                let _never_fails = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _never_fails = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(method: &str, path: &str, query: &str, headers: &[(&'static str, &str)], body: &str) -> String {
        let at = "2026-01-02T03:04:05.678Z".parse().expect("an instant");
        let body = body.as_bytes();
        let request = Signed { method, path, query, host: "127.0.0.1:3000", headers, body, at };
        let said = sign(&request, "PUBKEY", "PRIVKEY").authorization;
        said.rsplit_once("Signature%3D").expect("a signature").1.to_owned()
    }

    #[test]
    fn a_read_is_signed_as_the_vendor_signs_it() {
        assert_eq!(
            signature("GET", "/api/customers", "$take=10&$skip=0", &[("accept", "application/json")], ""),
            "e7c6a358e7e138c12e8122916c9656093ec88c9f4c9e395416cc363f85d7d565"
        );
    }

    #[test]
    fn a_write_is_signed_with_its_body() {
        let headers = [("accept", "application/json"), ("content-type", "application/json")];
        assert_eq!(
            signature("PUT", "/api/customers/abc-1", "", &headers, r#"{"firstName":"A"}"#),
            "e8098dc283af2a10c41634bb4fcd88a9358693b6176f23f3ce6ce672e95d802f"
        );
    }
}
