//! What a command prints: a JSON document with `--json`, the same in indented lines without.

use serde_json::Value;
use std::io::Write;
use std::process::ExitCode;

/// A command that was done.
pub struct Done {
    document: Value,
    exit: u8,
    is_json: bool,
}

impl Done {
    /// Done, with this to say.
    pub const fn new(document: Value) -> Self {
        Self { document, exit: 0, is_json: false }
    }

    /// Done, with this exit code.
    pub fn with_exit(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// In which form it is printed.
    pub fn in_form(self, is_json: bool) -> Self {
        Self { is_json, ..self }
    }

    /// Prints the document; answers the exit code. A reader that has gone away is told by nothing but the code.
    pub fn print(self) -> ExitCode {
        let text = match self.is_json {
            true => format!("{}\n", self.document),
            false => lines(&self.document, 0),
        };
        let written = std::io::stdout().write_all(text.as_bytes());
        if written.is_err() { ExitCode::FAILURE } else { ExitCode::from(self.exit) }
    }
}

/// `key: value` lines, nested ones indented, list items with a dash.
fn lines(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match plain(value) {
                Some(text) => format!("{indent}{key}: {text}\n"),
                None => format!("{indent}{key}:\n{}", lines(value, depth + 1)),
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| match plain(item) {
                Some(text) => format!("{indent}- {text}\n"),
                None => format!("{indent}-\n{}", lines(item, depth + 1)),
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            format!("{indent}{}\n", plain(value).unwrap_or_default())
        }
    }
}

/// A value that fits on the line of its key. Money reads as one writes it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("-".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Array(items) => items.is_empty().then(|| "none".to_owned()),
        Value::Object(fields) if fields.is_empty() => Some("none".to_owned()),
        Value::Object(_) => {
            serde_json::from_value::<regulars_domain::Money>(value.clone()).ok().map(|money| money.to_string())
        }
    }
}
