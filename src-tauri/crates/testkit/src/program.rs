//! The product's own binaries, run as processes: started, waited for by what they print, and killed without warning.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What a server prints when it can be reached.
const READY: &str = "listening on ";

/// A built binary: in `REGULARS_BIN_DIR`, which `cargo xtask test` sets, or else beside the running test.
pub fn binary(name: &str) -> PathBuf {
    let path = binary_dir().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: run `cargo build --workspace`, or `cargo xtask test`", path.display());
    path
}

/// The folder of the built binaries.
pub fn binary_dir() -> PathBuf {
    match std::env::var_os("REGULARS_BIN_DIR") {
        Some(dir) => dir.into(),
        None => {
            let test = std::env::current_exe().expect("a test knows its own file");
            // target/debug/deps/the_test-0123456789abcdef
            test.ancestors().nth(2).map(Path::to_path_buf).expect("a test lies two folders below the target folder")
        }
    }
}

/// A server of ours that runs. Killed on drop; what it wrote to stderr is shown when the test fails.
pub struct Running {
    child: Child,
    url: String,
    errors: Arc<Mutex<String>>,
}

impl Running {
    /// Starts a server and waits for the line that says where it listens.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let errors = collect(child.stderr.take().expect("stderr is piped"));
        let url = wait_until_ready(child.stdout.take().expect("stdout is piped"));
        let Some(url) = url else {
            let status = child.wait().expect("a child can be waited for");
            panic!("{command:?} ended before it listened ({status}):\n{}", text_of(&errors));
        };
        Self { child, url, errors }
    }

    /// Where it listens, as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to stderr until now.
    pub fn errors(&self) -> String {
        text_of(&self.errors)
    }

    /// Ends it as a power cut does, and waits until it is gone.
    pub fn kill(&mut self) {
        // Killing what has ended already is what was wanted.
        drop(self.child.kill());
        self.child.wait().expect("a child can be waited for");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- stderr of {} ---\n{}", self.url, self.errors());
        }
    }
}

/// Reads on in a thread, so that a server which prints much never waits for a reader.
fn wait_until_ready(stdout: ChildStdout) -> Option<String> {
    let mut lines = BufReader::new(stdout).lines();
    let url = lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix(READY).map(str::to_owned))?;
    thread::spawn(move || lines.for_each(drop));
    Some(url)
}

fn collect(mut stderr: ChildStderr) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let filled = Arc::clone(&text);
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = stderr.read(&mut bytes) {
            let piece = String::from_utf8_lossy(&bytes[..n]);
            filled.lock().unwrap_or_else(PoisonError::into_inner).push_str(&piece);
        }
    });
    text
}

fn text_of(errors: &Mutex<String>) -> String {
    errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
