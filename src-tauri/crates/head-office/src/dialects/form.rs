//! Pairs of names and values, as queries and forms have them (application/x-www-form-urlencoded, WHATWG URL §5.1).
//! Bytes that are no UTF-8 are refused: a name with a hole in it must not be stored.

/// The pairs in order; `None` where something of it is no text.
pub(super) fn read(encoded: &[u8]) -> Option<Vec<(String, String)>> {
    let parts = encoded.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let at = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
            let value = part.get(at + 1..).unwrap_or_default();
            Some((decode(&part[..at])?, decode(value)?))
        })
        .collect()
}

/// A value as it stands in a query.
pub(super) fn escape(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'*' => {
                escaped.push(char::from(byte))
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

/// Whether a path is text once its escapes are undone.
pub(super) fn is_text(path: &str) -> bool {
    decode(path.as_bytes()).is_some()
}

fn decode(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(digit), ahead.next().and_then(digit)) {
                    (Some(high), Some(low)) => {
                        rest = ahead;
                        high << 4 | low
                    }
                    // Not an escape: it stands for itself.
                    (_, _) => b'%',
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_browsers_write_them() {
        let read = |text: &str| read(text.as_bytes());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("a=1&b=x+y%20z&&c"), Some(vec![pair("a", "1"), pair("b", "x y z"), pair("c", "")]));
        assert_eq!(
            read("n=Th%E1%BA%AFng&p=100%&q=%zz"),
            Some(vec![pair("n", "Thắng"), pair("p", "100%"), pair("q", "%zz")])
        );
        assert_eq!(read("n=%ff"), None);
        assert_eq!(read(""), Some(Vec::new()));
    }
}
