//! Signed requests: NWS4-HMAC-SHA256, the vendor's likeness of AWS's fourth version. The path and query that were signed
//! are those of the request as it came, before head office took its prefix away.

use axum::http::{HeaderMap, Method, Uri, header};
use hmac::{Hmac, KeyInit, Mac};
use regulars_domain::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

const SCHEME: &str = "NWS4-HMAC-SHA256";
const DATE: &str = "x-nd-date";
const CONTENT: &str = "x-nd-content-sha256";
/// How far the signer's clock may be off: as with AWS, since the vendor's pages say nothing.
const CLOCKS_DIFFER: Duration = Duration::from_secs(15 * 60);

/// What the header says of the signature.
pub(super) struct Signed {
    pub(super) public_key: String,
    headers: Vec<String>,
    date: String,
    signature: String,
}

impl Signed {
    /// Reads `Authorization: NWS4-HMAC-SHA256 …`; `None` where it is something else. One that cannot be read is wrong.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let encoded = value.strip_prefix(SCHEME)?.strip_prefix(' ')?;
        let all = decode(encoded.trim());
        let field = |name: &str| {
            let found = all.split(',').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
            found.map(|(_, value)| decode(value)).unwrap_or_default()
        };
        Some(Self {
            public_key: field("Credential"),
            headers: field("SignedHeaders").split(';').map(str::to_lowercase).collect(),
            date: field("Timestamp"),
            signature: field("Signature"),
        })
    }

    /// Whether the request was signed with the key, a short time ago, as it is.
    pub(super) fn is_right(
        &self,
        key: &str,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> bool {
        let hash = hex(&Sha256::digest(body));
        let is_named = |name: &str| self.headers.iter().any(|known| known == name);
        let values: Option<Vec<String>> = self.headers.iter().map(|name| value(headers, uri, name)).collect();
        let Some(values) = values else { return false };
        let is_whole = ["host", DATE, CONTENT].into_iter().all(is_named)
            && value(headers, uri, DATE).as_deref() == Some(&self.date)
            && value(headers, uri, CONTENT).as_deref() == Some(&hash);
        let at: Option<Timestamp> = self.date.parse().ok();
        let is_fresh = at.is_some_and(|at| now.since(at).max(at.since(now)) <= CLOCKS_DIFFER);
        let lines = self.headers.iter().zip(values).map(|(name, value)| format!("{name}:{value}"));
        let canonical = [
            method.as_str().to_owned(),
            format!("/{}", encode(uri.path().trim_start_matches('/')).replace("%2F", "/")),
            query(uri.query().unwrap_or_default()),
            lines.collect::<Vec<_>>().join("\n"),
            self.headers.join(";"),
            hash,
        ]
        .join("\n");
        let said = format!("{SCHEME}\n{}\n{}\n{}", self.date, self.public_key, hex(&Sha256::digest(canonical)));
        let day = self.date.get(..10).unwrap_or_default();
        let is_signed = mac(format!("NWS4{key}").as_bytes(), day)
            .and_then(|mac_of_day| mac(&mac_of_day.finalize().into_bytes(), &said))
            .zip(unhex(&self.signature))
            .is_some_and(|(mac, signature)| mac.verify_slice(&signature).is_ok());
        is_whole && is_fresh && is_signed
    }
}

/// A header's value, its spaces made one; over HTTP/2 the host stands in the URI.
fn value(headers: &HeaderMap, uri: &Uri, name: &str) -> Option<String> {
    let found = headers.get(name).map(|value| value.to_str().ok().map(str::to_owned));
    let value = match found {
        Some(value) => value?,
        None if name == "host" => uri.authority()?.to_string(),
        None => return None,
    };
    Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The parameters in the order of their bytes, each part encoded as it stands.
fn query(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn mac(key: &[u8], said: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(said.as_bytes());
    Some(mac)
}

/// Everything but letters, digits and `-._~` as `%XX` (RFC 3986 §2.3).
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    // A plus stands for itself here.
    let pairs = super::super::form::read(text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D").as_bytes());
    pairs.and_then(|pairs| pairs.into_iter().next()).map(|(text, _)| text).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: &str = "2026-01-02T03:04:05.678Z";

    struct Vector {
        method: Method,
        uri: &'static str,
        headers: &'static [(&'static str, &'static str)],
        body: &'static [u8],
        signature: &'static str,
    }

    /// Made with the vendor's way, which their own published vector agrees with.
    const VECTORS: [Vector; 2] = [
        Vector {
            method: Method::GET,
            uri: "http://127.0.0.1:3000/api/customers?$take=10&$skip=0",
            headers: &[("accept", "application/json")],
            body: b"",
            signature: "e7c6a358e7e138c12e8122916c9656093ec88c9f4c9e395416cc363f85d7d565",
        },
        Vector {
            method: Method::PUT,
            uri: "http://127.0.0.1:3000/api/customers/abc-1",
            headers: &[("accept", "application/json"), ("content-type", "application/json")],
            body: b"{\"firstName\":\"A\"}",
            signature: "e8098dc283af2a10c41634bb4fcd88a9358693b6176f23f3ce6ce672e95d802f",
        },
    ];

    fn signed(vector: &Vector) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let hash = hex(&Sha256::digest(vector.body));
        let all = [("host", "127.0.0.1:3000"), (DATE, NOW), (CONTENT, hash.as_str())];
        for (name, value) in vector.headers.iter().chain(&all) {
            headers.insert(*name, value.parse().expect("a value"));
        }
        let mut names: Vec<&str> = headers.keys().map(axum::http::HeaderName::as_str).collect();
        names.sort_unstable();
        let said = format!(
            "Credential=PUBKEY,SignedHeaders={},Timestamp={},Signature={}",
            encode(&names.join(";")),
            encode(NOW),
            vector.signature
        );
        headers.insert(header::AUTHORIZATION, format!("{SCHEME} {}", encode(&said)).parse().expect("a value"));
        headers
    }

    fn is_right(vector: &Vector, headers: &HeaderMap, key: &str, uri: &str, body: &[u8], now: &str) -> bool {
        let (uri, now) = (uri.parse().expect("a URI"), now.parse().expect("an instant"));
        let signed = Signed::of(headers).expect("signed");
        assert_eq!(signed.public_key, "PUBKEY");
        signed.is_right(key, &vector.method, &uri, headers, body, now)
    }

    #[test]
    fn the_vectors_are_right_and_anything_else_about_them_is_not() {
        for vector in &VECTORS {
            let headers = signed(vector);
            assert!(is_right(vector, &headers, "PRIVKEY", vector.uri, vector.body, NOW));
            assert!(!is_right(vector, &headers, "OTHER", vector.uri, vector.body, NOW));
            assert!(!is_right(vector, &headers, "PRIVKEY", vector.uri, b"other", NOW));
            assert!(!is_right(vector, &headers, "PRIVKEY", "http://127.0.0.1:3000/api/other", vector.body, NOW));
            assert!(!is_right(vector, &headers, "PRIVKEY", vector.uri, vector.body, "2026-01-02T03:20:00.000Z"));
            let mut changed = headers.clone();
            changed.insert("accept", "text/html".parse().expect("a value"));
            assert!(!is_right(vector, &changed, "PRIVKEY", vector.uri, vector.body, NOW));
        }
    }

    proptest! {
        #[test]
        fn any_header_is_a_signature_or_none(text in "[ -~]{0,80}") {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, format!("{SCHEME} {text}").parse().expect("a value"));
            let uri = Uri::from_static("/customers?a=1");
            if let Some(signed) = Signed::of(&headers) {
                prop_assert!(!signed.is_right("key", &Method::GET, &uri, &headers, b"", Timestamp::from_millis(0)));
            }
        }
    }
}
