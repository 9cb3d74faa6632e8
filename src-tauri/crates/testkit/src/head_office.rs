//! A real head office, `regulars-hq`, as a process on a port of its own.

use crate::program::{Running, binary};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A head office that runs. Killed on drop; its database stays.
pub struct HeadOffice {
    program: Running,
    database: PathBuf,
}

impl HeadOffice {
    /// Starts an empty one, or goes on with the database that is there.
    pub fn start(database: &Path) -> Self {
        Self { program: run(database, "127.0.0.1:0", &[]), database: database.to_owned() }
    }

    /// Starts one with the demo shops and members.
    pub fn start_demo(database: &Path) -> Self {
        Self { program: run(database, "127.0.0.1:0", &["--demo"]), database: database.to_owned() }
    }

    /// Where it listens, as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        self.program.url()
    }

    /// What it wrote to stderr until now.
    pub fn errors(&self) -> String {
        self.program.errors()
    }

    /// A new token for a till, not limited to a location.
    pub fn till_token(&self) -> String {
        self.token(&["--kind", "till"])
    }

    /// A new token, with the arguments of `regulars-hq token add`.
    pub fn token(&self, arguments: &[&str]) -> String {
        let printed = self.tell(&[&["token", "add"], arguments].concat());
        printed.split_whitespace().last().map(str::to_owned).expect("the token is the last word on stdout")
    }

    /// Runs a subcommand of `regulars-hq` on its database and gives what it printed.
    pub fn tell(&self, arguments: &[&str]) -> String {
        let output = Command::new(binary("regulars-hq"))
            .args(arguments)
            .arg("--database")
            .arg(&self.database)
            .output()
            .expect("regulars-hq can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "regulars-hq {arguments:?}: {}\n{errors}", output.status);
        String::from_utf8(output.stdout).expect("it prints UTF-8")
    }

    /// What its database holds of the ledger: each entry's id with its amount in minor units.
    pub fn entries(&self) -> Vec<(String, i64)> {
        let sql = "SELECT lower(hex(id)), amount_minor FROM ledger_entries ORDER BY id";
        self.rows(sql, |row| {
            Ok((uuid::Uuid::parse_str(&row.get::<_, String>(0)?).expect("an id").to_string(), row.get(1)?))
        })
    }

    /// The full names of the members that its database holds, in order.
    pub fn member_names(&self) -> Vec<String> {
        let sql = "SELECT json_extract(document, '$.name.full') FROM members WHERE NOT is_deleted ORDER BY 1";
        self.rows(sql, |row| row.get(0))
    }

    /// The members that its database holds, whole.
    pub fn members(&self) -> Vec<Value> {
        let sql = "SELECT document FROM members WHERE NOT is_deleted ORDER BY id";
        self.rows(sql, |row| Ok(serde_json::from_str(&row.get::<_, String>(0)?).expect("a document")))
    }

    /// The sum of a member's entries in its database, in minor units.
    pub fn balance(&self, member: &str) -> i64 {
        let id = uuid::Uuid::parse_str(member).expect("an id").simple();
        let sql = format!("SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries WHERE member_id = x'{id}'");
        self.rows(&sql, |row| row.get(0))[0]
    }

    /// The amounts of a member's entries in its database, in the order in which they came.
    pub fn amounts(&self, member: &str) -> Vec<i64> {
        let id = uuid::Uuid::parse_str(member).expect("an id").simple();
        let sql = format!("SELECT amount_minor FROM ledger_entries WHERE member_id = x'{id}' ORDER BY rowid");
        self.rows(&sql, |row| row.get(0))
    }

    /// Changes its rows behind its back, as a fault or a hand does.
    pub fn tamper(&self, sql: &str) {
        let connection = rusqlite::Connection::open(&self.database).expect("its database can be opened");
        connection.execute_batch(sql).expect("changed");
    }

    fn rows<T>(&self, sql: &str, read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let connection = rusqlite::Connection::open(&self.database).expect("its database can be read");
        let mut statement = connection.prepare(sql).expect("its tables are known");
        let rows = statement.query_map([], read).expect("read");
        rows.collect::<Result<_, _>>().expect("read")
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.program.kill();
    }

    /// Starts it again on the same port and database, after a `kill` or in place of one.
    pub fn restart(&mut self) {
        self.program.kill();
        let address = self.url().trim_start_matches("http://").to_owned();
        self.program = run(&self.database, &address, &[]);
    }
}

fn run(database: &Path, listen: &str, more: &[&str]) -> Running {
    let mut command = Command::new(binary("regulars-hq"));
    command.args(["--listen", listen, "--database"]).arg(database).args(more);
    Running::start(command)
}
