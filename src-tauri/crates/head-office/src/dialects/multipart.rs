//! Bodies of multipart/form-data (RFC 7578): fields, and files with their names.

/// A part of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content: &'a [u8],
}

/// The boundary of a content type; `None` where it is not multipart/form-data.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    });
    found.filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// The parts in order; `None` where the body is broken off or is none.
pub(super) fn read<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let first = format!("--{boundary}");
    let delimiter = format!("\r\n{first}");
    let mut rest = match body.strip_prefix(first.as_bytes()) {
        Some(rest) => rest,
        None => &body[find(body, delimiter.as_bytes())? + delimiter.len()..],
    };
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let start = find(rest, b"\r\n")?;
        let head_end = start + find(&rest[start..], b"\r\n\r\n")?;
        let content = &rest[head_end + 4..];
        let end = find(content, delimiter.as_bytes())?;
        parts.push(part(&rest[start..head_end], &content[..end])?);
        rest = &content[end + delimiter.len()..];
    }
}

fn part<'a>(head: &[u8], content: &'a [u8]) -> Option<Part<'a>> {
    let head = std::str::from_utf8(head).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some(Part { name: parameter(disposition, "name")?, file_name: parameter(disposition, "filename"), content })
}

/// A parameter, in quotes or bare. Browsers write a quote in a name as `%22`.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let start = disposition.match_indices(wanted).find_map(|(at, _)| {
        let before = disposition[..at].trim_end();
        let value = disposition[at + wanted.len()..].trim_start().strip_prefix('=')?;
        before.ends_with(';').then_some(value.trim_start())
    })?;
    let value = match start.strip_prefix('"') {
        Some(quoted) => &quoted[..quoted.find('"')?],
        None => start.split(';').next().unwrap_or_default().trim(),
    };
    Some(value.replace("%22", "\""))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_and_files_are_read_as_clients_write_them() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nMarie's Jewelry\r\n--x\r\n\
            content-disposition: form-data; name=\"imageFile\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n\
            \x89PNG\r\n\r\n--x--\r\n";
        let parts = read(body, "x").expect("parts");
        assert_eq!((parts[0].name.as_str(), parts[0].content), ("name", &b"Marie's Jewelry"[..]));
        assert_eq!((parts[1].file_name.as_deref(), parts[1].content), (Some("logo.png"), &b"\x89PNG\r\n"[..]));
        assert_eq!(boundary("multipart/form-data; boundary=\"x y\"").as_deref(), Some("x y"));
        assert_eq!(boundary("application/json; boundary=x"), None);
        assert_eq!(read(&body[..body.len() - 8], "x"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200), boundary in "[ab]{1,3}") {
            let _read_or_refused = read(&body, &boundary);
        }
    }
}
