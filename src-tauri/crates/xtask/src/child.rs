//! Other programs: run to their end, or kept in the background for as long as they are needed.

use crate::Result;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Runs a program to its end. Its output is the caller's.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", name(command)).into()) }
}

/// Runs a program to its end and gives what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("{}: {error}", name(command)))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{} failed ({})", name(command), output.status).into())
    }
}

/// Where a program is, if it is installed.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|dir| dir.join(&name)).find(|file| file.is_file())
}

/// A program in the background. It ends with this value, and on Linux also when this process is killed.
pub struct Background {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Background {
    /// Starts one, with its output kept for `wait_for_line` and its errors sent where they belong.
    pub fn start(command: &Command, errors: Stdio) -> Result<Self> {
        let mut tied = tied_to_this_process(command);
        let mut child = tied.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        Ok(Self { child, lines: BufReader::new(stdout).lines() })
    }

    /// Waits for the line that begins with this and gives the rest of it.
    pub fn wait_for_line(&mut self, begins: &str) -> Result<String> {
        for line in self.lines.by_ref() {
            if let Some(rest) = line?.strip_prefix(begins) {
                return Ok(rest.to_owned());
            }
        }
        Err("it ended before it was ready".into())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The same command, told by the kernel to end when this process does. Ctrl-C reaches all of them anyway; this is for a
/// run that is killed, as by a time limit, and would leave a server behind.
fn tied_to_this_process(command: &Command) -> Command {
    let program = command.get_program();
    let mut tied = if cfg!(target_os = "linux") && find("setpriv").is_some() {
        let mut tied = Command::new("setpriv");
        tied.args([OsStr::new("--pdeathsig"), OsStr::new("TERM"), OsStr::new("--"), program]);
        tied
    } else {
        Command::new(program)
    };
    tied.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tied.env(name, value),
            None => tied.env_remove(name),
        };
    }
    tied
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
