//! Credit at Portos: what is booked here is there once, whatever happens on the way, and what others do to it is seen.

use super::office::Office;
use super::server::{Answer, Asked, Fault, Server};
use super::systems::{Portos, Shop};
use super::till::Till;
use crate::in_process::block_on;
use regulars_domain::MemberId;
use regulars_domain::ledger::{EntryKind, EntrySource};
use regulars_store::balance;
use regulars_sync::credit::{Keeps, Trial, Tried};
use serde_json::{Value, json};

const PHONE: &str = "0945350398";
const BOTH: [&str; 2] = ["transactions", "mark"];

fn settings(keeps: &str) -> Value {
    let mut settings = Portos::settings();
    settings["credit"] = json!({
        "is_on": true, "keeps": keeps, "currency": "VND", "label": null, "issuer": "default", "proved_at": "2026-11-24T00:00:00Z",
    });
    settings
}

fn portos() -> Portos {
    Portos { credit: json!({ "amount": 0.0, "currencyLabel": null }), ..Portos::default() }
}

/// A till with Marie, who is there with nothing.
fn till(server: &Server<Portos>, keeps: &str) -> (Till, MemberId) {
    let till = Till::with(server, settings(keeps));
    let marie = till.register("Marie", "Curie", PHONE, "marie@example.com");
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    (till, marie)
}

/// Another till of the shop, with Marie as it heard of her.
fn other_till(server: &Server<Portos>, keeps: &str, marie: MemberId) -> Till {
    let other = Till::with(server, settings(keeps));
    other.settle();
    assert_eq!(other.document(marie).get("email"), Some(&json!("marie@example.com")));
    other
}

fn amount(server: &Server<Portos>) -> f64 {
    server.at(|portos| portos.rows.values().next().expect("a member")["credit"]["amount"].as_f64().expect("a number"))
}

fn add_there(portos: &mut Portos, amount: f64) {
    portos.touch(PHONE, |row| {
        let now = row["credit"]["amount"].as_f64().expect("a number");
        row["credit"]["amount"] = json!(now + amount);
    });
}

fn is_write(asked: &Asked) -> bool {
    asked.method == "PUT"
}

fn ours(minors: &[i64]) -> Vec<(i64, EntrySource)> {
    minors.iter().map(|minor| (*minor, EntrySource::Till)).collect()
}

#[test]
fn money_is_added_to_what_portos_has_and_the_rest_of_the_member_stays() {
    for keeps in BOTH {
        let server = Server::start(portos());
        let (till, marie) = till(&server, keeps);
        let foreign = json!({ "Portos.Features:X": "s:1" });
        server.at(|portos| portos.touch(PHONE, |row| drop(row.insert("meta".to_owned(), foreign.clone()))));
        server.at(|portos| add_there(portos, 200.0));
        let before = server.at(|portos| portos.rows.values().next().cloned().expect("a member"));
        till.top_up(marie, 50);
        till.settle();
        assert_eq!((amount(&server), till.open()), (250.0, Vec::new()), "{keeps}");
        let (sum, entries) = till.credit(marie);
        assert_eq!(sum, 250, "{keeps}");
        assert!(entries.contains(&(200, EntrySource::Remote)) && entries.contains(&(50, EntrySource::Till)));
        let elsewhere = till.entries(marie).into_iter().find(|entry| entry.source == EntrySource::Remote);
        assert_eq!(elsewhere.expect("an entry").kind, EntryKind::Adjust);
        let after = server.at(|portos| portos.rows.values().next().cloned().expect("a member"));
        let written = if keeps == "mark" { "meta" } else { "creditTransactions" };
        for (key, value) in before.iter().filter(|(key, _)| !["credit", "_v", written].contains(&key.as_str())) {
            assert_eq!(after.get(key), Some(value), "{keeps}: {key}");
        }
        assert_eq!(after["meta"]["Portos.Features:X"], json!("s:1"));
        assert_eq!(after["credit"]["currencyLabel"], Value::Null);
        assert!(till.document(marie).get("meta").and_then(|meta| meta.get("Regulars:Credit")).is_none());
        assert_eq!(till.findings(), 0);
        till.redeem(marie, 120);
        till.settle();
        assert_eq!((amount(&server), till.credit(marie).0, till.told(marie)), (130.0, 130, Some(130)), "{keeps}");
    }
}

#[test]
fn whatever_happens_to_a_write_of_credit_it_is_there_once() {
    let faults: [fn() -> Fault<Portos>; 9] = [
        || Fault::RequestLost,
        || Fault::AnswerLost,
        || Fault::Truncated,
        || Fault::Twice,
        || Fault::After(Answer::json(500, json!({ "title": "no", "status": 500 }))),
        || Fault::Instead(Answer::json(500, json!({ "title": "no", "status": 500 }))),
        || Fault::After(Answer::empty(204)),
        || Fault::Instead(Answer { status: 200, headers: Vec::new(), body: "<html>".to_owned() }),
        || Fault::Before(Box::new(|portos| portos.change_email(PHONE, "other@example.com"))),
    ];
    for keeps in BOTH {
        for (index, fault) in faults.iter().enumerate() {
            for is_first in [true, false] {
                let server = Server::start(portos());
                let (till, marie) = till(&server, keeps);
                let mut expected = Vec::new();
                if !is_first {
                    till.top_up(marie, 7);
                    till.settle();
                    expected.push(7);
                }
                server.plan(is_write, 0, fault());
                till.top_up(marie, 50);
                // Both are on their way at once.
                till.top_up(marie, 30);
                till.settle();
                expected.extend([50, 30]);
                let sum: i64 = expected.iter().sum();
                let case = format!("{keeps}, fault {index}, first: {is_first}");
                assert_eq!(server.fired(), 1, "{case}");
                assert_eq!(till.open(), Vec::<String>::new(), "{case}");
                assert_eq!(amount(&server), sum as f64, "{case}");
                let (total, mut entries) = till.credit(marie);
                entries.sort_by_key(|(minor, _)| *minor);
                expected.sort_unstable();
                assert_eq!((total, entries), (sum, ours(&expected)), "{case}");
            }
        }
    }
}

#[test]
fn two_tills_add_to_one_balance_though_one_of_them_hears_no_answer() {
    for keeps in BOTH {
        for fault in [|| Fault::RequestLost, || Fault::<Portos>::AnswerLost] {
            let server = Server::start(portos());
            let (one, marie) = till(&server, keeps);
            let two = other_till(&server, keeps, marie);
            // What later writes are told by.
            two.top_up(marie, 7);
            two.settle();
            server.plan(is_write, 0, fault());
            one.top_up(marie, 50);
            one.exchange();
            // As much, so that the balance alone would look as if the first had arrived.
            two.top_up(marie, 50);
            two.settle();
            one.settle();
            two.settle();
            assert_eq!(amount(&server), 107.0, "{keeps}");
            for till in [&one, &two] {
                assert_eq!((till.credit(marie).0, till.open()), (107, Vec::new()), "{keeps}");
            }
        }
    }
}

#[test]
fn a_till_whose_copy_is_stale_sets_no_balance() {
    for keeps in BOTH {
        let server = Server::start(portos());
        let (one, marie) = till(&server, keeps);
        let two = other_till(&server, keeps, marie);
        one.top_up(marie, 50);
        one.settle();
        assert_eq!(two.credit(marie).0, 0, "it has not heard yet");
        two.top_up(marie, 8);
        two.settle();
        assert_eq!(amount(&server), 58.0, "{keeps}");
        // Somebody comes between what was read and what is written.
        server.plan(is_write, 0, Fault::Before(Box::new(|portos| add_there(portos, 100.0))));
        two.redeem(marie, 8);
        two.settle();
        one.settle();
        assert_eq!(amount(&server), 150.0, "{keeps}");
        assert_eq!((one.credit(marie).0, two.credit(marie).0), (150, 150), "{keeps}");
    }
}

#[test]
fn what_others_did_is_booked_once_and_by_two_tills_as_the_same_entry() {
    let server = Server::start(portos());
    let (one, marie) = till(&server, "mark");
    let two = other_till(&server, "mark", marie);
    server.at(|portos| add_there(portos, 200.0));
    for _ in 0..3 {
        one.settle();
        two.settle();
    }
    let (first, second) = (one.entries(marie), two.entries(marie));
    assert_eq!(one.credit(marie), (200, vec![(200, EntrySource::Remote)]));
    assert_eq!(
        first.iter().map(|entry| entry.id).collect::<Vec<_>>(),
        second.iter().map(|entry| entry.id).collect::<Vec<_>>()
    );
    // Nobody at this till undoes it as if they had booked it.
    assert!(first.iter().all(|entry| entry.till_id != one.till_id && entry.till_id == second[0].till_id));
    server.at(|portos| add_there(portos, -80.0));
    one.settle();
    assert_eq!(one.credit(marie).0, 120);
    assert_eq!(one.findings(), 0);
}

#[test]
fn what_cannot_be_told_waits_for_a_person_and_nothing_is_booked_meanwhile() {
    for is_there in [true, false] {
        let server = Server::start(portos());
        let (till, marie) = till(&server, "mark");
        let fault = if is_there { Fault::AnswerLost } else { Fault::RequestLost };
        server.plan(is_write, 0, fault);
        till.top_up(marie, 50);
        till.exchange();
        // Portos' own till takes a drink and another program takes every mark away.
        server.at(|portos| {
            add_there(portos, -20.0);
            portos.touch(PHONE, |row| drop(row.insert("meta".to_owned(), json!({}))));
        });
        till.settle();
        assert_eq!(till.open(), ["entry_added parked credit_in_doubt"], "{is_there}");
        assert_eq!(till.credit(marie), (50, ours(&[50])), "a difference may be our own entry");
        // Who is asked holds up nothing else of the member.
        till.edit(marie, "email", json!("new@example.com"));
        till.settle();
        assert_eq!(server.at(|portos| portos.people()[0].2.clone()), "new@example.com");
        if is_there {
            till.confirm_there()
        } else {
            till.retry_first()
        }
        till.settle();
        assert_eq!((till.open(), amount(&server)), (Vec::new(), 30.0), "{is_there}");
        assert_eq!(till.credit(marie).0, 30, "{is_there}");
    }
}

#[test]
fn a_missing_right_parks_the_money_alone_and_credit_stays_as_it_was_read() {
    let server = Server::start(Portos { missing: vec!["CustomerSetCredit"], ..portos() });
    let (till, marie) = till(&server, "mark");
    till.top_up(marie, 50);
    till.edit(marie, "email", json!("new@example.com"));
    till.settle();
    assert_eq!(till.open(), ["entry_added parked right_missing"]);
    assert_eq!(server.at(|portos| portos.people()[0].2.clone()), "new@example.com");
    assert_eq!(amount(&server), 0.0);
    // It is known that it is not there, so what others do is seen meanwhile.
    server.at(|portos| add_there(portos, 9.0));
    till.settle();
    assert_eq!(till.credit(marie).0, 59);
    server.at(|portos| portos.missing.clear());
    till.retry_first();
    till.settle();
    assert_eq!((till.open(), amount(&server), till.credit(marie).0), (Vec::new(), 59.0, 59));
}

#[test]
fn without_a_proof_money_stays_here_and_goes_there_once_there_is_one() {
    let server = Server::start(portos());
    let mut till = Till::of(&server);
    let marie = till.register("Marie", "Curie", PHONE, "marie@example.com");
    till.top_up(marie, 50);
    till.settle();
    server.at(|portos| add_there(portos, 3.0));
    till.settle();
    assert_eq!((amount(&server), till.credit(marie)), (3.0, (50, ours(&[50]))));
    let remote = till.remote;
    till.write(move |tx| balance::send_kept_money(tx, remote));
    till.connect_again::<Portos>(settings("mark"), "token");
    till.settle();
    assert_eq!((till.open(), amount(&server), till.credit(marie).0), (Vec::new(), 53.0, 53));
    // Off again: nothing more is written, and what was not sent is here.
    let mut off = settings("mark");
    off["credit"]["is_on"] = json!(false);
    till.connect_again::<Portos>(off, "token");
    till.top_up(marie, 10);
    till.settle();
    assert_eq!((till.open(), amount(&server)), (vec!["entry_added ready".to_owned()], 53.0));
}

#[test]
fn nothing_is_written_at_a_member_while_an_answer_about_their_credit_is_missing() {
    let server = Server::start(portos());
    let (till, marie) = till(&server, "mark");
    server.plan(is_write, 0, Fault::RequestLost);
    till.top_up(marie, 50);
    till.exchange();
    let writes = server.log().iter().filter(|asked| is_write(asked)).count();
    till.edit(marie, "email", json!("new@example.com"));
    till.top_up(marie, 5);
    till.exchange();
    assert_eq!(server.log().iter().filter(|asked| is_write(asked)).count(), writes, "it could not be told any more");
    till.settle();
    assert_eq!((till.open(), amount(&server)), (Vec::new(), 55.0));
    assert_eq!(server.at(|portos| portos.people()[0].2.clone()), "new@example.com");
}

#[test]
fn an_answer_that_was_asked_for_before_a_write_says_nothing() {
    let server = Server::start(portos());
    let (till, marie) = till(&server, "mark");
    let (asked_at, found) = till.find("Curie");
    till.clock.forward(std::time::Duration::from_secs(1));
    till.top_up(marie, 50);
    till.settle();
    till.take_in(asked_at, found);
    assert_eq!((till.credit(marie), till.told(marie)), ((50, ours(&[50])), Some(50)));
}

#[test]
fn credit_in_another_currency_is_not_added_to() {
    let server = Server::start(portos());
    let (till, marie) = till(&server, "mark");
    server.at(|portos| portos.touch(PHONE, |row| row["credit"]["currencyLabel"] = json!("EUR")));
    till.top_up(marie, 50);
    till.settle();
    assert_eq!(till.open(), ["entry_added parked currency_differs"]);
    assert_eq!((amount(&server), till.credit(marie).0), (0.0, 50));
}

fn tried(server: &Server<Portos>) -> Result<Tried, String> {
    let till = Till::of(server);
    let trial = Trial { till: "a till".to_owned(), currency: "VND".parse().expect("a currency") };
    block_on(till.connector.try_credit(&trial)).map_err(|trouble| trouble.problem.code)
}

#[test]
fn a_trial_proves_how_a_write_is_known_again_and_leaves_nobody() {
    for (keeps_transactions, expected) in [(true, Keeps::Transactions), (false, Keeps::Mark)] {
        let server = Server::start(Portos { keeps_transactions, ..portos() });
        server.at(|portos| portos.register("Ada", "Byron", "0945350392", "ada@example.com"));
        let before = server.at(|portos| portos.rows.clone());
        let tried = tried(&server);
        assert_eq!(tried, Ok(Tried { keeps: expected, label: None, left_behind: None }));
        assert_eq!(server.at(|portos| portos.rows.clone()), before, "no member of the shop is touched");
    }
}

#[test]
fn a_trial_says_what_speaks_against_credit_and_leaves_nobody() {
    for (portos, expected) in [
        (Portos { missing: vec!["CustomerSetCredit"], ..portos() }, "right_missing"),
        (Portos { keeps_transactions: false, keeps_meta: false, ..portos() }, "credit_unmarked"),
        (Portos { checks_version: false, ..portos() }, "version_unchecked"),
        (Portos { credit: json!({ "amount": 0.5, "currencyLabel": null }), ..portos() }, "credit_unreadable"),
    ] {
        let server = Server::start(portos);
        assert_eq!(tried(&server), Err(expected.to_owned()));
        assert_eq!(server.at(|portos| portos.rows.len()), 0, "{expected}");
    }
}

#[test]
fn a_trial_whose_answer_is_lost_is_taken_up_by_the_next() {
    for skip in 0..4 {
        let server = Server::start(portos());
        server.plan(is_write, skip, Fault::AnswerLost);
        server.plan(|asked| asked.method == "DELETE", 0, Fault::RequestLost);
        assert_eq!(tried(&server), Err("unreachable".to_owned()), "{skip}");
        assert_eq!(server.at(|portos| portos.rows.len()), 1, "{skip}");
        assert_eq!(tried(&server).map(|tried| tried.keeps), Ok(Keeps::Transactions), "{skip}");
        assert_eq!(server.at(|portos| portos.rows.len()), 0, "{skip}");
    }
}

#[test]
fn our_own_head_office_keeps_credit_over_portos_words_for_tills_of_both_kinds() {
    let office = Server::start(Office::open());
    let token = office.at(|office| office.token("portos"));
    let trial = Trial { till: "a till".to_owned(), currency: "VND".parse().expect("a currency") };
    let plain = Till::at("portos", &format!("{}/portos", office.url()), &token, json!({}));
    let tried = block_on(plain.connector.try_credit(&trial)).expect("a trial");
    assert_eq!(tried, Tried { keeps: Keeps::Transactions, label: Some("VND".to_owned()), left_behind: None });

    for (keeps, phone) in [("transactions", "0945350391"), ("mark", "0945350392")] {
        let settings = settings(keeps);
        let at = |settings: &Value| Till::at("portos", &format!("{}/portos", office.url()), &token, settings.clone());
        let (one, two) = (at(&settings), at(&settings));
        let marie = one.register("Marie", "Curie", phone, "marie@example.com");
        one.top_up(marie, 50);
        one.settle();
        assert_eq!(one.open(), Vec::<String>::new());
        two.settle();
        assert_eq!(two.credit(marie).0, 50);
        two.redeem(marie, 20);
        two.settle();
        one.settle();
        assert_eq!((one.credit(marie).0, two.credit(marie).0, two.open()), (30, 30, Vec::new()));
        assert_eq!(one.findings() + two.findings(), 0);
    }
}
