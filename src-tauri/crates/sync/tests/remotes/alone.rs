//! What concerns one member holds up no other, and what is answered about another is not taken for theirs.

use super::server::{Answer, Asked, Fault, Server};
use super::systems::{Crmx, Lumyri, Portos, Shop, Stancer, Valomnia};
use super::till::Till;
use crate::in_process::block_on;
use serde_json::{Value, json};
use std::time::Duration;

const MARIE: &str = "0945350391";
const ADA: &str = "0945350392";
/// More often than anything is tried here.
const ALWAYS: usize = 50;

/// A till with Marie and Ada, who are there.
fn till<S: Shop>(server: &Server<S>, settings: Value) -> Till {
    let till = Till::with(server, settings);
    till.register("Marie", "Curie", MARIE, "marie@example.com");
    till.register("Ada", "Byron", ADA, "ada@example.com");
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    till
}

fn member(till: &Till, email: &str) -> regulars_domain::MemberId {
    let ids = till.read(|tx| regulars_store::members::list_ids(tx));
    ids.into_iter().find(|id| till.document(*id).get("email") == Some(&json!(email))).expect("a member")
}

fn email(till: &Till, phone: &str) -> Option<String> {
    till.people().into_iter().find(|(digits, _, _)| phone.ends_with(digits)).map(|(_, _, email)| email)
}

/// One exchange in which everything is due.
fn exchange(till: &Till) -> Option<String> {
    till.clock.forward(Duration::from_secs(1_000));
    till.hurry();
    till.exchange().trouble.map(|trouble| trouble.problem.code)
}

fn is_marie(asked: &Asked) -> bool {
    String::from_utf8_lossy(&asked.body).contains("945350391") || asked.target.contains("945350391")
}

fn is_write_to_marie(asked: &Asked) -> bool {
    asked.is_write() && is_marie(asked)
}

fn is_look(asked: &Asked) -> bool {
    asked.method == "GET" && asked.path.trim_matches('/') != "customers" && !asked.path.ends_with("/users/customers")
}

#[test]
fn whoever_answers_in_stancer_s_place_makes_nobody_look_deleted() {
    let server = Server::start(Stancer::default());
    let till = till(&server, Stancer::settings());
    for _ in 0..4 {
        server.plan(is_look, 0, Fault::Instead(Answer::json(404, json!({ "message": "no Route matched" }))));
        assert_eq!(exchange(&till).as_deref(), Some("not_the_remote"));
    }
    assert_eq!((server.fired(), till.people().len()), (4, 2));
    server.plan(is_look, 0, Fault::Instead(Answer::json(404, json!({ "message": "no Route matched" }))));
    let seen = block_on(till.connector.check()).map_err(|trouble| trouble.problem.code);
    assert_eq!(seen.expect_err("not Stancer"), "not_the_remote");
    // What Stancer itself says of somebody is believed, once it has said it twice.
    server.at(|stancer| stancer.take_away(MARIE));
    exchange(&till);
    exchange(&till);
    assert_eq!(till.people().len(), 1);
}

#[test]
fn a_member_who_is_locked_at_portos_waits_alone() {
    let server = Server::start(Portos::default());
    let till = till(&server, Portos::settings());
    till.edit(member(&till, "marie@example.com"), "email", json!("new-marie@example.com"));
    till.edit(member(&till, "ada@example.com"), "email", json!("new-ada@example.com"));
    let locked = || Answer::json(423, json!({ "title": "locked", "status": 423, "errorCode": 5 }));
    server.plan(is_write_to_marie, 0, Fault::Instead(locked()));
    server.at(|portos| portos.register("Grace", "Hopper", "0945350393", "grace@example.com"));
    assert_eq!(exchange(&till).as_deref(), Some("locked"));
    assert_eq!(till.open(), ["member_edited ready"]);
    let emails = |server: &Server<Portos>| server.at(|portos| portos.people().into_iter().map(|(_, _, email)| email));
    assert!(emails(&server).any(|email| email == "new-ada@example.com"), "others go out");
    assert_eq!(email(&till, "0945350393").as_deref(), Some("grace@example.com"), "and others come in");
    exchange(&till);
    assert_eq!(till.open(), Vec::<String>::new());
    assert!(emails(&server).any(|email| email == "new-marie@example.com"));
}

#[test]
fn a_lock_that_names_no_wait_is_not_tried_over_and_over() {
    let server = Server::start(Portos::default());
    let till = till(&server, Portos::settings());
    till.edit(member(&till, "marie@example.com"), "email", json!("new@example.com"));
    for _ in 0..ALWAYS {
        let mut locked = Answer::json(423, json!({ "title": "locked", "status": 423, "errorCode": 5 }));
        locked.headers.push(("retry-after", "0".to_owned()));
        server.plan(is_write_to_marie, 0, Fault::Instead(locked));
    }
    exchange(&till);
    assert_eq!((server.fired(), till.open()), (1, vec!["member_edited ready".to_owned()]));
}

#[test]
fn an_account_that_may_do_nothing_any_more_parks_no_registration() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    till.register("Grace", "Hopper", "0945350393", "grace@example.com");
    for _ in 0..2 {
        let forbidden = json!({ "error": { "code": "forbidden", "message": "this account is closed" }, "data": null });
        server.plan(|_| true, 0, Fault::Instead(Answer::json(403, forbidden)));
    }
    assert_eq!(exchange(&till).as_deref(), Some("forbidden"));
    assert_eq!((server.fired(), till.open()), (2, vec!["member_added ready".to_owned()]));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
}

#[test]
fn a_registration_that_is_lost_again_and_again_keeps_nobody_from_being_heard_of() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    till.register("Marie", "Meyer", "0945350395", "meyer@example.com");
    for _ in 0..ALWAYS {
        server.plan(Lumyri::is_registration, 0, Fault::AnswerLost);
    }
    server.at(|lumyri| lumyri.makes_its_own_ids = true);
    server.at(|lumyri| lumyri.refuse("meyer@example.com"));
    server.at(|lumyri| lumyri.register("Grace", "Hopper", "0945350393", "grace@example.com"));
    for _ in 0..ALWAYS {
        till.clock.forward(Duration::from_secs(120));
        till.exchange();
    }
    assert_eq!(till.open(), ["member_added unknown unreachable"]);
    assert_eq!(email(&till, "0945350393").as_deref(), Some("grace@example.com"));
}

#[test]
fn an_answer_that_names_nobody_holds_up_no_other() {
    let server = Server::start(Stancer::default());
    let till = till(&server, Stancer::settings());
    // The first of the two who are asked about: whoever it is.
    for _ in 0..3 {
        server.plan(is_look, 0, Fault::Instead(Answer::json(200, json!({}))));
        server.at(|stancer| stancer.change_email(MARIE, "new-marie@example.com"));
        server.at(|stancer| stancer.change_email(ADA, "new-ada@example.com"));
        assert_eq!(exchange(&till), None);
    }
    let news = || till.people().into_iter().filter(|(_, _, email)| email.starts_with("new-")).count();
    assert_eq!((server.fired(), news()), (3, 1));
    exchange(&till);
    assert_eq!(news(), 2);
}

#[test]
fn what_may_not_be_written_waits_for_a_person_while_others_are_heard_of() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    till.edit(member(&till, "marie@example.com"), "email", json!("new@example.com"));
    let forbidden = json!({ "error": { "code": "forbidden", "message": "this role only reads" }, "data": null });
    server.plan(Asked::is_write, 0, Fault::Instead(Answer::json(403, forbidden)));
    server.at(|lumyri| lumyri.register("Grace", "Hopper", "0945350393", "grace@example.com"));
    exchange(&till);
    assert_eq!(till.open(), ["member_edited parked forbidden"]);
    assert_eq!(email(&till, "0945350393").as_deref(), Some("grace@example.com"));
    till.retry_first();
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
}

#[test]
fn a_registration_that_lumyri_takes_for_a_double_of_another_waits_for_a_person() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    till.register("Irène", "Curie", "0945350394", "marie@example.com");
    let taken = json!({ "error": { "code": "conflict", "message": "this email is taken" }, "data": null });
    server.plan(Lumyri::is_registration, 0, Fault::Instead(Answer::json(409, taken)));
    exchange(&till);
    let parked = till.parked();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].problem.as_ref().map(|problem| problem.message.as_str()), Some("this email is taken"));
}

#[test]
fn one_of_whom_crmx_cannot_tell_holds_up_no_other() {
    let server = Server::start(Crmx::default());
    let till = till(&server, Crmx::settings());
    for _ in 0..ALWAYS {
        server.plan(is_marie, 0, Fault::Instead(Answer::json(500, json!({ "status": 500, "message": "broken" }))));
    }
    server.at(|crmx| crmx.change_email(ADA, "new@example.com"));
    exchange(&till);
    exchange(&till);
    assert_eq!(email(&till, ADA).as_deref(), Some("new@example.com"));
}

#[test]
fn one_who_is_missing_and_cannot_be_asked_about_stops_no_sweep() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    server.at(|lumyri| lumyri.take_away(MARIE));
    let broken = || Answer::json(400, json!({ "error": { "code": "no", "message": "broken" }, "data": null }));
    for _ in 0..ALWAYS {
        server.plan(is_look, 0, Fault::Instead(broken()));
    }
    for _ in 0..4 {
        exchange(&till);
    }
    assert!(server.fired() > 0, "she was asked about");
    server.at(|lumyri| lumyri.register("Grace", "Hopper", "0945350393", "grace@example.com"));
    exchange(&till);
    exchange(&till);
    assert_eq!(email(&till, "0945350393").as_deref(), Some("grace@example.com"));
    assert_eq!(till.people().len(), 3, "and she is not believed to be gone");
}

#[test]
fn whoever_was_merged_at_lumyri_is_gone_under_their_own_key_and_stops_nothing() {
    let server = Server::start(Lumyri::default());
    let till = till(&server, Lumyri::settings());
    let [marie, ada] = ["marie@example.com", "ada@example.com"].map(|email| member(&till, email).to_string());
    server.at(|lumyri| {
        lumyri.take_away(MARIE);
        lumyri.merged.insert(marie, ada);
    });
    till.edit(member(&till, "marie@example.com"), "email", json!("new@example.com"));
    exchange(&till);
    assert_eq!(till.open(), ["member_edited parked merged_there"]);
    till.give_up_first();
    for _ in 0..4 {
        exchange(&till);
    }
    assert_eq!(till.people().len(), 1);
    server.at(|lumyri| lumyri.register("Grace", "Hopper", "0945350393", "grace@example.com"));
    exchange(&till);
    exchange(&till);
    assert_eq!(email(&till, "0945350393").as_deref(), Some("grace@example.com"));
}

#[test]
fn credit_of_two_who_were_merged_at_portos_is_counted_once() {
    let server = Server::start(Portos { credit: json!({ "amount": 0.0, "currencyLabel": null }), ..Portos::default() });
    let mut settings = Portos::settings();
    settings["credit"] = json!({
        "is_on": true, "keeps": "transactions", "currency": "VND", "label": null, "issuer": "default",
        "proved_at": "2026-11-24T00:00:00Z",
    });
    let till = till(&server, settings);
    let [marie, ada] = ["marie@example.com", "ada@example.com"].map(|email| member(&till, email));
    till.top_up(marie, 5);
    till.top_up(ada, 7);
    till.settle();
    server.at(|portos| {
        let key = |phone: &str| {
            let is_theirs = |row: &serde_json::Map<String, Value>| row["phone"].to_string().contains(&phone[1..]);
            portos.rows.iter().find(|(_, row)| is_theirs(row)).map(|(key, _)| key.clone()).expect("a row")
        };
        let (gone, stays) = (key(MARIE), key(ADA));
        portos.touch(ADA, |row| row["credit"]["amount"] = json!(12.0));
        portos.rows.remove(&gone);
        portos.merged.insert(gone, stays);
    });
    // What is booked meanwhile for the one who is answered with the other waits for a person.
    till.top_up(marie, 1);
    for _ in 0..5 {
        exchange(&till);
    }
    assert_eq!(till.open(), ["entry_added parked merged_there"]);
    assert_eq!(till.people().len(), 1);
    assert_eq!((till.credit(ada).0, till.credit(marie).0), (12, 6), "nothing of hers is booked on the other");
    let amounts =
        server.at(|portos| portos.rows.values().map(|row| row["credit"]["amount"].clone()).collect::<Vec<_>>());
    assert_eq!(amounts, [json!(12.0)]);
}

#[test]
fn a_token_that_valomnia_refuses_under_a_good_status_loses_no_edit() {
    let server = Server::start(Valomnia::default());
    let till = till(&server, Valomnia::settings());
    for meant in [is_look as fn(&Asked) -> bool, Valomnia::is_edit] {
        let new = format!("new-{}@example.com", server.fired());
        let marie = till.read(|tx| regulars_store::members::list_ids(tx))[0];
        till.edit(marie, "email", json!(new));
        // Once more in a new session, which does not help either.
        for _ in 0..2 {
            server.plan(meant, 0, Fault::Instead(Answer::json(200, json!({ "error": "no_credentials" }))));
        }
        assert_eq!(exchange(&till).as_deref(), Some("token_refused"));
        assert_eq!(till.open(), ["member_edited ready"]);
        till.settle();
        assert_eq!(till.document(marie)["email"], json!(new));
        assert!(server.at(|valomnia| valomnia.people()).iter().any(|(_, _, email)| *email == new));
    }
    assert_eq!(server.fired(), 4);
}

#[test]
fn what_changes_at_valomnia_while_all_are_gone_through_is_heard_of_afterwards() {
    let server = Server::start(Valomnia::default());
    server.at(|valomnia| {
        for number in 0..150 {
            let phone = format!("09{number:08}");
            valomnia.register("Given", &format!("Family{number:03}"), &phone, &format!("m{number}@example.com"));
        }
    });
    let till = Till::of(&server);
    let is_second_page = |asked: &Asked| asked.param("offset") == Some("100");
    server.plan(
        is_second_page,
        0,
        Fault::Before(Box::new(|valomnia: &mut Valomnia| {
            valomnia.change_email("0900000003", "early@example.com");
            for number in 0..9 {
                valomnia.change_email("0900000120", &format!("late{number}@example.com"));
            }
        })),
    );
    till.exchange();
    assert_eq!((server.fired(), till.people().len()), (1, 150));
    till.clock.forward(Duration::from_secs(60));
    till.exchange();
    assert_eq!(email(&till, "0900000003").as_deref(), Some("early@example.com"));
}

#[test]
fn a_number_of_the_shop_s_own_stays_what_it_is_at_valomnia() {
    let server = Server::start(Valomnia::default());
    let till = Till::of(&server);
    let person = |reference: &str| json!({ "name": { "full": "Marie Curie" }, "reference": reference });
    let marie = till.register_as(person("KH.0012 Ä"), json!({}));
    till.settle();
    assert_eq!(till.document(marie)["reference"], json!("KH.0012 Ä"));
    assert!(server.at(|valomnia| valomnia.rows.values().any(|row| row["reference"] == json!("KH.0012 Ä"))));
    // What no address can have in it is a person's to change, not this program's.
    till.register_as(person("KH/13"), json!({}));
    exchange(&till);
    assert_eq!(till.open(), ["member_added parked characters"]);
}

#[test]
fn a_registration_at_lumyri_whose_answer_was_lost_is_looked_for_before_all_are_gone_through() {
    let server = Server::start(Lumyri { makes_its_own_ids: true, ..Lumyri::default() });
    let till = Till::of(&server);
    till.settle();
    till.register("Marie", "Curie", MARIE, "marie@example.com");
    server.plan(Lumyri::is_registration, 0, Fault::AnswerLost);
    till.exchange();
    assert_eq!(till.open(), ["member_added unknown unreachable"]);
    // The remote may be asked again, and the registration is not due before long.
    let remote = till.remote;
    till.clock.forward(Duration::from_secs(1_000));
    let later = regulars_sync::Clock::now(till.clock.as_ref()).plus(Duration::from_secs(200));
    till.write(move |tx| {
        tx.execute("UPDATE outbox SET due_at = ?1", [later.as_millis()])?;
        regulars_store::sweeps::make_due(tx, remote)
    });
    till.exchange();
    assert_eq!((till.open(), till.people().len()), (Vec::new(), 1));
}

#[test]
fn what_crmx_has_no_home_for_stays_when_a_member_joins_a_second_shop() {
    let server = Server::start(Crmx::default());
    let till = till(&server, Crmx::settings());
    let marie = member(&till, "marie@example.com");
    let note = json!({ "text": "mathematics", "author": null, "on": "2026-11-24" });
    till.edit(marie, "staff_note", note.clone());
    till.settle();
    // Before the first one's: by name its row comes first.
    let other = till.add_shop("BA");
    till.join(marie, other);
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    assert_eq!(till.document(marie).get("staff_note"), Some(&note));
    assert_eq!(server.at(|crmx| crmx.rows.iter().filter(|(shop, _)| shop == "BA").count()), 1);
}
