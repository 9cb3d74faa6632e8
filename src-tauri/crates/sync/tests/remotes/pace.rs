//! How often a remote is gone through that does not tell what changed.

use super::server::{Answer, Asked, Fault, Server};
use super::systems::{Lumyri, Portos, Shop, Stancer};
use super::till::Till;
use regulars_sync::capabilities::Pace;
use serde_json::json;
use std::time::Duration;

/// More than two pages of a hundred.
const MANY: usize = 250;

fn is_page(asked: &Asked) -> bool {
    // Only the pages have so many on them: a check asks for one, or for none.
    let is_whole = ["limit", "$take"].iter().any(|key| asked.param(key) == Some("100"));
    asked.method == "GET" && is_whole
}

fn fill<S: Shop>(server: &Server<S>) {
    server.at(|system| {
        for number in 0..MANY {
            let (given, phone) = (format!("Given{number:03}"), format!("09{number:08}"));
            system.register(&given, "Family", &phone, &format!("m{number}@example.com"));
        }
    });
}

/// What was asked since the last look: pages, and requests in all.
fn asked<S: Shop>(server: &Server<S>, seen: &mut usize) -> (usize, usize) {
    let log = server.log();
    let new = &log[*seen..];
    *seen = log.len();
    (new.iter().filter(|asked| is_page(asked)).count(), new.len())
}

fn is_gone_through_at_a_pace<S: Shop + Default>() {
    let server = Server::start(S::default());
    fill(&server);
    let till = Till::of(&server);
    let seen = &mut 0;
    till.exchange();
    assert_eq!(till.people().len(), MANY, "{}", S::KIND);
    assert_eq!(asked(&server, seen).0, 3, "{}", S::KIND);
    // While something waits a till looks every half minute: each look asks only whether the line is there.
    for _ in 0..9 {
        till.clock.forward(Duration::from_secs(30));
        assert_eq!(till.exchange().is_answered, Some(true));
        let (_, requests) = asked(&server, seen);
        assert_eq!(requests, 1, "{}", S::KIND);
    }
    // What is to be sent goes out all the same, and needs no other question.
    let marie = till.register("Marie", "Curie", "0845350391", "marie@example.com");
    till.exchange();
    assert_eq!((till.open(), asked(&server, seen).0), (Vec::new(), 0), "{}", S::KIND);
    assert!(server.at(|system| system.people()).iter().any(|(phone, _, _)| phone == "845350391"));
    // After the pause they are gone through again, and not once more at once.
    server.at(|system| system.change_email("0845350391", "theirs@example.com"));
    till.clock.forward(Pace::PAUSE);
    till.exchange();
    assert_eq!(asked(&server, seen).0, 3, "{}", S::KIND);
    assert_eq!(till.document(marie).get("email"), Some(&json!("theirs@example.com")), "{}", S::KIND);
    till.exchange();
    assert_eq!(asked(&server, seen), (0, 1), "{}", S::KIND);
    // A person who asks does not wait.
    till.hurry();
    till.exchange();
    assert_eq!(asked(&server, seen).0, 3, "{}", S::KIND);
}

#[test]
fn lumyri_is_gone_through_at_a_pace_unless_a_person_asks() {
    is_gone_through_at_a_pace::<Lumyri>();
}

#[test]
fn portos_is_gone_through_at_a_pace_unless_a_person_asks() {
    is_gone_through_at_a_pace::<Portos>();
}

#[test]
fn what_broke_off_goes_on_with_the_next_exchange() {
    let server = Server::start(Lumyri::default());
    fill(&server);
    let till = Till::of(&server);
    server.plan(is_page, 1, Fault::RequestLost);
    till.exchange();
    assert_eq!(till.people().len(), 100);
    till.clock.forward(Duration::from_secs(60));
    till.exchange();
    assert_eq!(till.people().len(), MANY);
    let pages = server.log().iter().filter(|asked| is_page(asked)).count();
    assert_eq!(pages, 4, "the page that was lost, and no other twice");
}

#[test]
fn a_line_that_is_down_is_noticed_although_nothing_is_due() {
    let server = Server::start(Lumyri::default());
    let till = Till::of(&server);
    till.exchange();
    server.plan(|_| true, 0, Fault::Instead(Answer::empty(503)));
    assert_eq!(till.exchange().is_answered, Some(false));
    till.clock.forward(Duration::from_secs(120));
    assert_eq!(till.exchange().is_answered, Some(true));
}

#[test]
fn a_pause_that_was_set_by_a_clock_that_ran_ahead_is_none() {
    let server = Server::start(Lumyri::default());
    let till = Till::of(&server);
    till.clock.forward(Duration::from_secs(86_400));
    till.exchange();
    till.clock.back(Duration::from_secs(86_400));
    server.at(|system| system.register("Emmy", "Noether", "0945350393", "emmy@example.com"));
    till.exchange();
    assert_eq!(till.people().len(), 1);
}

#[test]
fn those_who_are_asked_about_one_by_one_are_left_alone_in_between() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    for number in 0..5 {
        till.register(
            "Member",
            &format!("No{number}"),
            &format!("094535039{number}"),
            &format!("m{number}@example.com"),
        );
    }
    till.exchange();
    let seen = &mut 0;
    asked(&server, seen);
    till.exchange();
    assert_eq!(asked(&server, seen).1, 1);
    till.clock.forward(Pace::PAUSE);
    till.exchange();
    assert_eq!(asked(&server, seen).1, 5);
}
