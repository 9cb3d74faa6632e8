//! `regulars-hq` as it is typed: what it prints, and how it ends.

use crate::till::read;
use regulars_protocol::Hello;
use reqwest::{Client, StatusCode};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_regulars-hq");

pub fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

pub fn last_word(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).split_whitespace().last().unwrap().to_owned()
}

/// A server in a process of its own.
pub struct Serving {
    child: Child,
    pub base: String,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Serving {
    pub fn start(database: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["--listen", "127.0.0.1:0", "--database"])
            .arg(database)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, base, stdout }
    }

    pub fn end(mut self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn tokens_shops_and_join_codes_are_made_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hq.db");
    let database = path.to_str().unwrap();
    let serving = Serving::start(&path, &[]);
    let shop = ["location", "add", "--code", "hn", "--name", "Hà Nội", "--country", "VN", "--currency", "VND"];
    let added = run(&[&shop[..], &["--database", database]].concat());
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let token = last_word(&run(&["token", "add", "--kind", "till", "--location", "HN", "--database", database]));
    let hello = Client::new().get(format!("{}/v1/hello", serving.base)).bearer_auth(&token).send().await.unwrap();
    let hello: Hello = read(hello, StatusCode::OK).await;
    assert_eq!(hello, Hello { locations: Some(vec!["HN".to_owned()]), members: 0 });
    let code = last_word(&run(&["join-code", "add", "--database", database, "--location", "HN"]));
    let body = serde_json::json!({ "code": code, "till_id": "01940000-0000-7000-8000-000000000000" });
    let joined = Client::new().post(format!("{}/v1/join", serving.base)).json(&body).send().await.unwrap();
    assert_eq!(joined.status(), StatusCode::OK);
    serving.end();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_served_and_filled_only_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hq.db");
    let token = last_word(&run(&["token", "add", "--kind", "till", "--database", path.to_str().unwrap()]));
    for _ in 0..2 {
        let serving = Serving::start(&path, &["--demo"]);
        let hello = Client::new().get(format!("{}/v1/hello", serving.base)).bearer_auth(&token).send().await.unwrap();
        let hello: Hello = read(hello, StatusCode::OK).await;
        assert_eq!(hello.members, 5_000);
        serving.end();
    }
}

#[test]
fn wrong_input_ends_with_2_and_says_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hq.db");
    let database = path.to_str().unwrap();
    let shop = |country: &str, currency: &str| -> Vec<String> {
        ["location", "add", "--code", "KM", "--name", "Kim Ma", "--country", country, "--currency", currency]
            .into_iter()
            .chain(["--database", database])
            .map(str::to_owned)
            .collect()
    };
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    let table = [
        (words("--listen 127.0.0.1:0 --database postgres://localhost/hq"), "PostgreSQL"),
        (words("--listen nowhere --database x.db"), "--listen"),
        (words("--listen 127.0.0.1:0"), "--database"),
        (words("--listen 127.0.0.1:0 --database x.db --tls-cert a.pem"), "--tls-key"),
        (words(&format!("token add --kind cashier --database {database}")), "cashier"),
        (words(&format!("token add --kind till --location XX --database {database}")), "XX"),
        (shop("Viet Nam", "VND"), "country"),
        (shop("VN", "DONG"), "currency"),
    ];
    for (arguments, says) in table {
        let output = Command::new(PROGRAM).args(&arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(says), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    assert!(run(&shop("VN", "VND").iter().map(String::as_str).collect::<Vec<_>>()).status.success());
    assert_eq!(run(&shop("VN", "VND").iter().map(String::as_str).collect::<Vec<_>>()).status.code(), Some(2));
}

#[test]
fn a_database_that_cannot_be_opened_ends_with_1() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("no such folder").join("hq.db");
    let output = run(&["token", "add", "--kind", "till", "--database", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be opened"));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_while_the_server_runs_and_put_back_when_it_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("hq.db"), directory.path().join("copy.db"));
    let (database, copied) = (path.to_str().unwrap(), copy.to_str().unwrap());
    let epoch = |path: &Path| -> String {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.query_row("SELECT epoch FROM head_office", [], |row| row.get(0)).unwrap()
    };
    let serving = Serving::start(&path, &[]);
    let made = run(&["backup", copied, "--database", database]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(
        run(&["backup", copied, "--database", database]).status.code(),
        Some(2),
        "it takes the place of nothing"
    );
    let refused = run(&["restore", copied, "--database", database]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("running"));
    serving.end();
    let before = epoch(&path);
    let restored = run(&["restore", copied, "--database", database]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert_ne!(epoch(&path), before);
    let kept = last_word(&restored);
    assert_eq!(epoch(Path::new(&kept)), before, "what was there is kept");
    assert_eq!(run(&["restore", "nowhere.db", "--database", database]).status.code(), Some(2));
    // Put back by hand, without a word: the copy says of itself that it is one.
    std::fs::copy(&copy, directory.path().join("elsewhere.db")).unwrap();
    Serving::start(&directory.path().join("elsewhere.db"), &[]).end();
    assert_ne!(epoch(&directory.path().join("elsewhere.db")), before);
}
