//! The first answer of a program that was just started, and the memory of one that goes on answering, with a million
//! members: the command line and the core behind the window, against a process that opens the same file bare.

use super::people::{Person, SHOPS};
use super::times::Times;
use super::{Crowd, Row, Tell, bare};
use crate::cli::Cli;
use crate::program::{Running, binary};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

const MEMBERS: u32 = 1_000_000;
const STARTS: u32 = 20;
/// What a counter asks for in a day.
const QUESTIONS: u32 = 1_000;
/// What is typed between two numbers.
const WORDS: [&str; 5] = ["nguyen", "nguyen thi", "ly tu", "th nguy", "tran van"];

/// Runs it.
///
/// # Panics
/// Where anything fails.
pub fn run(crowd: &mut Crowd, tell: &mut Tell) {
    crowd.grow_to(MEMBERS);
    tell(first_answer(crowd.folder()));
    tell(memory(crowd.folder()));
}

/// Somebody who belongs to the till's own shop.
fn known_here(from: u32) -> Person {
    let own = |person: &Person| person.shops[0] == 0;
    (from..MEMBERS).map(Person::invent).find(own).expect("four of ten are")
}

fn first_answer(folder: &Path) -> Row {
    let cli = Cli::new(folder);
    let phones: Vec<String> = (0..STARTS).map(|start| known_here(start * 49_999).phone).collect();
    let ours = Times::of(&phones, |phone| {
        cli.done(&["member", "find", "--location", SHOPS[0].0, phone]);
    });
    let bare = Times::of(&phones, |phone| {
        bare_process(folder, &[phone.as_str()]);
    });
    Row {
        name: "first answer after a start, 1,000,000 members".to_owned(),
        measured: ours.shown(95),
        floor: bare.shown(95),
        ratio: ours.ratio(&bare),
        aim: "p95 <= 400 ms",
    }
}

fn memory(folder: &Path) -> Row {
    let questions: Vec<String> = (0..QUESTIONS)
        .map(|number| match number % 2 {
            0 => known_here(number * 997).phone,
            _ => WORDS[number as usize / 2 % WORDS.len()].to_owned(),
        })
        .collect();
    let (ours, peak) = memory_of_core(folder, &questions);
    let words: Vec<&str> = questions.iter().map(String::as_str).collect();
    let floor = bare_process(folder, &words);
    Row {
        name: "memory after 1,000 searches, 1,000,000 members".to_owned(),
        measured: format!("{ours:.0} MB, at most {peak:.0}"),
        floor: format!("{floor:.0} MB"),
        ratio: ours / floor,
        aim: "< 120 MB",
    }
}

/// What the core takes that the window talks to, without the window: now, and at most.
fn memory_of_core(folder: &Path, questions: &[String]) -> (f64, f64) {
    let mut command = Command::new(binary("regulars-bridge"));
    command.arg("--data-dir").arg(folder).arg("--ui").arg(folder);
    let bridge = Running::start(command);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        ask(bridge.url(), "start_state", json!({})).await;
        for query in questions {
            let found = ask(bridge.url(), "find", json!({ "query": query })).await;
            assert!(found["members"].as_array().is_some_and(|members| !members.is_empty()), "{query}: {found}");
        }
    });
    (memory_of(bridge.id(), "VmRSS:"), memory_of(bridge.id(), "VmHWM:"))
}

async fn ask(url: &str, name: &str, payload: Value) -> Value {
    let request = reqwest::Client::new().post(format!("{url}/rpc/{name}")).json(&payload);
    request.send().await.expect("answered").json().await.expect("JSON")
}

/// A line of what Linux tells of a process, in megabytes.
fn memory_of(process: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux tells of its processes");
    let found = status.lines().find_map(|status| status.strip_prefix(line)).expect("a line for each");
    found.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1_024.0
}

/// This program once more, as a process that does nothing but [`answer_bare`]: what it took at the end.
fn bare_process(folder: &Path, questions: &[&str]) -> f64 {
    let this = std::env::current_exe().expect("this program");
    let mut command = Command::new(this);
    command.arg(BARE).arg(folder).args(questions).stderr(Stdio::inherit());
    let output = command.output().expect("this program can be started");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").trim().parse().expect("a number")
}

/// What makes this program answer bare.
pub const BARE: &str = "--bare";

/// Opens a till's file bare, answers what is asked, and prints how much memory that took.
///
/// # Panics
/// Where anything fails.
pub fn answer_bare(folder: &Path, questions: &[String]) {
    let connection = bare::open_till(folder);
    for question in questions {
        answer(&connection, question);
    }
    println!("{}", memory_of(std::process::id(), "VmRSS:"));
}

fn answer(connection: &Connection, question: &str) {
    let (sql, given) = match question.strip_prefix('0') {
        Some(national) => (
            "SELECT members.document FROM locations JOIN phone_index ON phone_index.location_id = locations.id
             JOIN members ON members.id = phone_index.member_id
             WHERE locations.code = 'KM' AND phone_index.digits = ? AND members.deleted_at IS NULL",
            format!("84{national}"),
        ),
        None => (
            "SELECT members.document FROM member_words JOIN members ON members.number = member_words.rowid
             WHERE member_words MATCH ? LIMIT 200",
            question.split(' ').map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND "),
        ),
    };
    let mut statement = connection.prepare_cached(sql).expect("SQL");
    let rows = statement.query_map([given], |row| row.get::<_, String>(0)).expect("SQL");
    assert!(!rows.collect::<Result<Vec<_>, _>>().expect("rows").is_empty(), "{question} is somebody's");
}
