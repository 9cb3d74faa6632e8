//! kill -9 of till and head office at random moments of a busy day, over a line that fails between them. What the driver
//! was told is done is there, once; the driver's own list is the truth.

use crate::shop::{Shop, Till};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_testkit::faults::{Answer, Fault};
use regulars_testkit::folder::is_quick;
use regulars_testkit::program::{Running, binary};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

/// How often, where `REGULARS_KILLS` does not say so.
const KILLS: u32 = 100;
/// Most requests of a round that are spoiled. What is left over meets the next round.
const MOST_FAULTS: usize = 3;
/// A round lasts up to this long, and the kill comes somewhere in it.
const LONGEST_ROUND_MS: u64 = 250;
/// After so many rounds nothing happens until all is sent, as at night: lives so short cannot send what many of them left
/// behind.
const ROUNDS_A_DAY: u32 = 100;

/// What the driver knows of a top-up that it asked for.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    /// It was told that it is done.
    Done,
    /// The till was killed before it said so: there once, or not at all.
    Asked,
}

#[test]
fn what_the_driver_was_told_is_done_is_there_once() {
    let kills = asked("REGULARS_KILLS").unwrap_or(if is_quick() { 10 } else { KILLS });
    let seed: u64 = asked("REGULARS_SEED").unwrap_or_else(rand::random);
    println!("REGULARS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut shop = Shop::open();
    let till = shop.till("A");
    let members: Vec<String> =
        (0..5).map(|n| till.register(&format!("Member {n}"), &format!("094535010{n}"))).collect();
    let mut list: HashMap<String, (i64, Known)> = HashMap::new();
    let data_dir = shop.folder.join("A");
    let mut bridge = start(&data_dir);
    for round in 1..=kills {
        for _ in shop.line.left()..random.random_range(0..=MOST_FAULTS) {
            shop.line.plan(fault(&mut random));
        }
        let after = Duration::from_millis(random.random_range(0..LONGEST_ROUND_MS));
        let is_till = random.random_bool(0.6);
        serve_until_killed(&mut bridge, &mut shop, &members, &mut list, &mut random, after, is_till);
        if !is_till {
            shop.head_office.restart();
        }
        let is_night = round % ROUNDS_A_DAY == 0 || round == kills;
        if is_night {
            bridge.kill();
            send_all(&till, &shop);
            check(&till, &shop, &members, &list);
            println!("after {round} rounds {} top-ups are where they belong", list.len());
        }
        if (is_till || is_night) && round < kills {
            bridge = start(&data_dir);
        }
    }
    let done = list.values().filter(|(_, known)| *known == Known::Done).count();
    println!("{done} top-ups were done in {kills} rounds, {} were cut off", list.len() - done);
    assert!(done > 0, "nothing was done between the kills");
}

/// What was still planned strikes one request each; after that the line is whole.
fn send_all(till: &Till, shop: &Shop) {
    loop {
        match till.cli.run(&["sync"]) {
            ended if ended.code == 0 && shop.line.left() == 0 => break,
            ended => assert!([0, 4].contains(&ended.code), "{ended:?}"),
        }
    }
}

fn check(till: &Till, shop: &Shop, members: &[String], list: &HashMap<String, (i64, Known)>) {
    let entries: HashMap<String, i64> = shop.head_office.entries().into_iter().collect();
    for (id, (amount, known)) in list {
        match (entries.get(id), known) {
            (Some(there), _) => assert_eq!(there, amount, "{id}"),
            (None, Known::Asked) => {}
            (None, Known::Done) => panic!("{id} over {amount} was done and is not there"),
        }
    }
    assert!(entries.keys().all(|id| list.contains_key(id)), "something was booked that nobody asked for");
    for member in members {
        assert_eq!(till.balance(member), shop.head_office.balance(member));
    }
    let found = till.cli.run(&["doctor"]).json;
    assert_eq!(found["findings"], json!([]));
    // What the journal has and the file has not was cut off between the two: nobody was told that it is done.
    let done = list.values().filter(|(_, known)| *known == Known::Done).map(|(amount, _)| *amount);
    let done: Vec<i64> = done.collect();
    for left in found["unfinished"].as_array().expect("a list") {
        let amount = left["amounts"][0]["minor"].as_i64().expect("an amount");
        assert!(!done.contains(&amount), "{amount} was done and is offered as unfinished");
    }
    assert_eq!(till.cli.done(&["audit", "verify"])["broken"], json!([]));
}

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn fault(random: &mut StdRng) -> Fault {
    match random.random_range(0..8) {
        0 => Fault::RequestLost,
        1 => Fault::AnswerLost,
        2 => Fault::SentTwice,
        3 => Fault::TruncatedJson,
        4 => Fault::Html,
        5 => Fault::status(500),
        6 => Fault::Status(Answer::new(429).with_header("retry-after", "1")),
        _ => Fault::status_after_effect(502),
    }
}

fn start(data_dir: &Path) -> Running {
    let mut command = Command::new(binary("regulars-bridge"));
    command.arg("--data-dir").arg(data_dir).arg("--ui").arg(data_dir).env("REGULARS_KEYSTORE", "file");
    Running::start(command)
}

/// Tops up one member after the other until the kill, which another thread brings at its moment.
fn serve_until_killed(
    bridge: &mut Running,
    shop: &mut Shop,
    members: &[String],
    list: &mut HashMap<String, (i64, Known)>,
    random: &mut StdRng,
    after: Duration,
    is_till: bool,
) {
    let url = bridge.url().to_owned();
    let (killed, is_killed) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The moment of the kill is what is random here; nothing is waited for.
            std::thread::park_timeout(after);
            if is_till {
                bridge.kill()
            } else {
                shop.head_office.kill()
            }
            drop(killed);
        });
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let client = reqwest::Client::new();
        while is_killed.try_recv() == Err(mpsc::TryRecvError::Empty) {
            let Ok(made) = runtime.block_on(ask(&client, &url, "new_entry_id", &json!({}))) else { continue };
            let Some(id) = made["entry_id"].as_str().map(str::to_owned) else { continue };
            // None twice: by its amount it is told apart among what is offered as unfinished.
            let amount = i64::try_from(list.len()).expect("few enough") + 1;
            list.insert(id.clone(), (amount, Known::Asked));
            let member = &members[random.random_range(0..members.len())];
            let top_up = json!({
                "member_id": member, "entry_id": id, "amount": { "minor": amount, "currency": "VND" }, "tender": "cash",
            });
            if runtime.block_on(ask(&client, &url, "top_up", &top_up)).is_ok() {
                list.insert(id, (amount, Known::Done));
            }
        }
    });
}

async fn ask(client: &reqwest::Client, url: &str, name: &str, payload: &Value) -> Result<Value, String> {
    let ready = client.post(format!("{url}/rpc/start_state")).json(&json!({})).send().await;
    ready.map_err(|error| error.to_string())?;
    let answer =
        client.post(format!("{url}/rpc/{name}")).json(payload).send().await.map_err(|error| error.to_string())?;
    let is_done = answer.status().is_success();
    let document = answer.json().await.map_err(|error| error.to_string())?;
    if is_done { Ok(document) } else { Err(format!("{document}")) }
}
