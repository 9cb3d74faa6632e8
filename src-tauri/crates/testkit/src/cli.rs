//! `regulars-cli`, run as a person at a terminal would, with its answer read.

use crate::program::binary;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// One till, worked from the command line.
///
/// Each call blocks its thread until the program has ended. Servers of this crate have threads of their own, but an
/// `App` on the test's own runtime needs the multi-threaded one to go on meanwhile.
#[derive(Clone)]
pub struct Cli {
    data_dir: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// The document on stdout, or where it is empty the one on stderr; null where neither is JSON.
    pub json: Value,
    /// What was printed.
    pub stdout: String,
    /// What went to stderr.
    pub stderr: String,
}

impl Cli {
    /// The till in this folder. Its key lies in a file: a test touches no keychain.
    pub fn new(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), environment: Vec::new() }.with("REGULARS_KEYSTORE", "file")
    }

    /// The same with one more environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Runs `regulars-cli --data-dir DIR --json ARGUMENTS`.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    /// The same with something on stdin, as for `member add --file -`.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = Command::new(binary("regulars-cli"));
        command.arg("--data-dir").arg(&self.data_dir).arg("--json").args(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("regulars-cli can be started");
        // A command that reads nothing may have ended before this is written.
        drop(child.stdin.take().expect("stdin is piped").write_all(input.as_bytes()));
        Ended::read(child.wait_with_output().expect("a child can be waited for"))
    }

    /// Runs what must be done without a word, and gives its document.
    pub fn done(&self, arguments: &[&str]) -> Value {
        self.ends(0, arguments)
    }

    /// Runs what must end with this code, and gives its document: the error's where there is no other.
    pub fn ends(&self, code: i32, arguments: &[&str]) -> Value {
        let ended = self.run(arguments);
        assert_eq!(ended.code, code, "regulars-cli {arguments:?}\n{}\n{}", ended.stdout, ended.stderr);
        ended.json
    }
}

impl Ended {
    fn read(output: Output) -> Self {
        let stdout = String::from_utf8(output.stdout).expect("it prints UTF-8");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let document = if stdout.trim().is_empty() { &stderr } else { &stdout };
        let json = serde_json::from_str(document).unwrap_or(Value::Null);
        // Without a code it was killed by a signal.
        Self { code: output.status.code().unwrap_or(-1), json, stdout, stderr }
    }
}
