//! A head office with demo members and a till that is joined to it, both in target/demo. To start afresh, delete that.

use crate::Result;
use crate::child::{Background, output, run};
use crate::root::{program, target};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How the till's token gets from one program to the other: an argument could be read by anybody on the machine.
const TOKEN: &str = "REGULARS_DEMO_TOKEN";

/// A running head office; ends on drop.
pub struct HeadOffice {
    _server: Background,
    url: String,
    database: PathBuf,
}

impl HeadOffice {
    /// Starts it and waits until it listens.
    pub fn start() -> Result<Self> {
        fs::create_dir_all(folder())?;
        let (database, log) = (folder().join("head-office.db"), folder().join("head-office.log"));
        let mut command = Command::new(program("regulars-hq"));
        command.args(["--listen", "127.0.0.1:0", "--demo", "--database"]).arg(&database);
        let mut server = Background::start(&command, File::create(&log)?.into())?;
        let ready = server.wait_for_line("listening on ");
        let url = ready.map_err(|error| format!("{error}; see {}", log.display()))?;
        println!("head office listens on {url}, its log is {}", log.display());
        Ok(Self { _server: server, url, database })
    }

    fn token(&self) -> Result<String> {
        let mut command = Command::new(program("regulars-hq"));
        command.args(["token", "add", "--kind", "till", "--database"]).arg(&self.database);
        let printed = output(&mut command)?;
        Ok(printed.split_whitespace().last().ok_or("no token was printed")?.to_owned())
    }
}

/// Makes the till, or joins the one of an earlier run to where head office listens today.
pub fn till(head_office: &HeadOffice) -> Result<PathBuf> {
    let dir = folder().join("till");
    if !dir.exists() {
        run(cli(&dir).args(["init", "--till", "Till 1"]))?;
    }
    let remote = ["remote", "add", "head-office", "--kind", "head-office", "--url", &head_office.url, "--plain-http"];
    run(cli(&dir).args(remote).args(["--secret-env", TOKEN]).env(TOKEN, head_office.token()?))?;
    if !output(cli(&dir).args(["--json", "location", "list"]))?.contains("\"KM\"") {
        let location = ["location", "add", "--code", "KM", "--name", "Kim Ma", "--country", "VN", "--currency", "VND"];
        let more = ["--time-zone", "Asia/Ho_Chi_Minh", "--remote", "head-office"];
        run(cli(&dir).args(location).args(more))?;
    }
    Ok(dir)
}

/// Its key lies in a file: a demo should leave nothing in anybody's keychain.
pub fn with_key_in_file(command: &mut Command) -> &mut Command {
    command.env("REGULARS_KEYSTORE", "file")
}

/// Everything of the demo.
pub fn folder() -> PathBuf {
    target().join("demo")
}

fn cli(dir: &Path) -> Command {
    let mut command = Command::new(program("regulars-cli"));
    command.arg("--data-dir").arg(dir).stdout(Stdio::null());
    with_key_in_file(&mut command);
    command
}
