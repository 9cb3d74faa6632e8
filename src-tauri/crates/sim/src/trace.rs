//! What happened in a run, as lines for a person and as a hash: the same seed gives the same hash.

use sha2::{Digest, Sha256};

pub struct Trace {
    hash: Sha256,
    lines: Vec<String>,
    keeps_lines: bool,
}

impl Trace {
    pub fn new(keeps_lines: bool) -> Self {
        Self { hash: Sha256::new(), lines: Vec::new(), keeps_lines }
    }

    pub fn note(&mut self, line: String) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        if self.keeps_lines {
            self.lines.push(line);
        }
    }

    pub fn hash(&self) -> String {
        self.hash.clone().finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}
