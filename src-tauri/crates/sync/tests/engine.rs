//! The engine against the real head office, in one process: a clock that is set by hand and a line that is told what to
//! do with each request. Nothing here waits.

mod conflicts;
mod in_process;
mod remotes;
mod stories;

use in_process::{HeadOfficeInProcess, TillInProcess, block_on};
use regulars_domain::MemberId;
use regulars_store::outbox::ChangeState;
use regulars_sync::engine::Exchange;
use regulars_sync::transport::TransportError;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn lost() -> TransportError {
    TransportError::Lost("cut".to_owned())
}

#[test]
fn a_change_that_head_office_stumbles_over_does_not_hold_up_the_others() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let members: Vec<_> = (0..40).map(|number| till.register(&format!("Member {number}"), number)).collect();
    let poison = till.register("Poison", 99);
    let booked = till.top_up(poison, 700);
    till.line.answer_push_with(500, |body| body.contains("Poison"));
    till.exchange();
    assert_eq!(till.states_of(poison), [ChangeState::Unknown, ChangeState::Ready]);
    for member in members {
        assert_eq!(till.states_of(member), [ChangeState::Done]);
    }
    // Twelve tries later it is this change that is at fault, and a person is asked; what was paid in only waits.
    for round in 0..20 {
        till.clock.forward(6 * MINUTE);
        till.register(&format!("Later {round}"), 200 + round);
        till.exchange();
    }
    assert_eq!(till.states_of(poison), [ChangeState::Parked, ChangeState::Ready]);
    assert_eq!(till.problem_of(poison), "server_error");
    till.line.pass();
    till.retry(poison);
    till.exchange();
    till.exchange();
    assert!(head_office.has_entry(booked));
}

#[test]
fn a_change_that_was_first_tried_by_a_clock_years_ahead_waits_for_a_person_too() {
    const YEARS: Duration = Duration::from_secs(3 * 365 * 86_400);
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    till.clock.forward(YEARS);
    let poison = till.register("Poison", 99);
    till.line.answer_push_with(500, |body| body.contains("Poison"));
    till.exchange();
    till.clock.back(YEARS);
    for _ in 0..20 {
        till.clock.forward(6 * MINUTE);
        till.exchange();
    }
    assert_eq!(till.states_of(poison), [ChangeState::Parked]);
}

#[test]
fn money_is_never_given_up_however_often_it_was_tried() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    till.exchange();
    let booked = till.top_up(member, 700);
    till.line.answer_push_with(500, |body| body.contains("entry_added"));
    for round in 0..30 {
        till.clock.forward(6 * MINUTE);
        till.register(&format!("Later {round}"), 200 + round);
        till.exchange();
    }
    assert_eq!(till.states_of(member), [ChangeState::Done, ChangeState::Unknown]);
    till.line.pass();
    till.clock.forward(6 * MINUTE);
    till.exchange();
    assert!(head_office.has_entry(booked));
}

#[test]
fn a_request_that_is_too_large_is_sent_in_parts() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    for number in 0..100 {
        till.register(&format!("Member {number}"), number);
    }
    till.line.answer_push_with(413, |body| body.len() > 3_000);
    for _ in 0..12 {
        till.exchange();
    }
    assert_eq!(till.waiting(), 0);
    assert_eq!(head_office.members(), 100);
}

#[test]
fn a_stuck_push_never_blocks_a_pull() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::new(&head_office), TillInProcess::new(&head_office));
    a.register("Of A", 1);
    a.line.answer_push_with(500, |_| true);
    for number in 0..3 {
        let of_b = b.register(&format!("Of B {number}"), 10 + number);
        b.exchange();
        a.clock.forward(MINUTE);
        a.exchange();
        assert!(a.has(of_b), "what B did has not come");
    }
    assert_eq!(a.waiting(), 2, "the shop and the member of A still wait");
}

#[test]
fn nothing_is_sent_while_the_remote_asked_to_wait_unless_a_person_does_not_want_to() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    till.register("Marie", 1);
    till.line.ask_to_wait("120");
    till.exchange();
    till.line.pass();
    let asked = till.line.requests();
    till.clock.forward(Duration::from_secs(119));
    till.exchange();
    assert_eq!(till.line.requests(), asked, "it was asked again too early");
    block_on(till.engine.hurry(till.remote)).expect("hurried");
    till.exchange();
    assert_eq!(till.waiting(), 0);

    till.line.ask_to_wait("120");
    till.register("Anna", 2);
    till.exchange();
    till.line.pass();
    till.clock.forward(Duration::from_secs(121));
    till.exchange();
    assert_eq!(till.waiting(), 0);
}

#[test]
fn a_clock_that_is_set_back_does_not_freeze_the_queue() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    till.register("Marie", 1);
    till.line.fail_with(lost);
    till.exchange();
    till.line.pass();
    till.clock.back(Duration::from_secs(400 * 24 * 3600));
    till.exchange();
    assert_eq!(till.waiting(), 0);
    assert_eq!(head_office.members(), 1);
}

#[test]
fn what_was_sent_without_an_answer_is_sent_again_to_the_letter() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    let member = till.register("Marie", 1);
    till.line.lose_answers();
    till.exchange();
    till.edit(member, "note", "likes tea");
    till.line.pass();
    till.clock.forward(6 * MINUTE);
    till.exchange();
    till.exchange();
    let sent: Vec<String> = till.line.pushed().into_iter().filter(|body| body.contains("member_added")).collect();
    assert_eq!(sent.len(), 2);
    // Around the changes stands when they are sent; they themselves are frozen.
    let changes = |body: &str| body.split_once("\"changes\":").expect("changes").1.to_owned();
    assert_eq!(changes(&sent[0]), changes(&sent[1]));
    assert!(!sent[0].contains("likes tea"), "an edit was mixed into bytes that had been sent");
    assert_eq!(head_office.document(member)["note"], "likes tea");
    assert_eq!(till.waiting(), 0);
}

#[test]
fn what_never_left_may_still_take_in_what_follows() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    let member = till.register("Marie", 1);
    till.line.fail_with(|| TransportError::NotSent("no line".to_owned()));
    till.exchange();
    till.edit(member, "note", "likes tea");
    till.edit(member, "note", "likes coffee");
    till.line.pass();
    till.clock.forward(MINUTE);
    till.exchange();
    let sent: Vec<String> = till.line.pushed().into_iter().filter(|body| body.contains("Marie")).collect();
    assert!(sent.last().is_some_and(|body| body.contains("likes coffee")), "{sent:?}");
    assert_eq!(head_office.document(member)["note"], "likes coffee");
    assert_eq!(till.waiting(), 0);
}

#[test]
fn after_a_crash_what_was_in_flight_is_asked_about_again() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    // The request is on its way when the process ends: the future is dropped in the middle.
    till.line.hold_answers();
    till.begin_and_drop_an_exchange();
    assert!(till.states_of(member).contains(&ChangeState::Ready) || till.states_of(member) == [ChangeState::InFlight]);
    till.line.pass();
    till.exchange();
    till.exchange();
    assert_eq!(till.states_of(member), [ChangeState::Done]);
    assert_eq!(head_office.members(), 1);
}

#[test]
fn the_watchdog_sees_what_lies_for_a_minute() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    till.register("Marie", 1);
    assert!(!till.is_stuck());
    till.clock.forward(Duration::from_secs(59));
    assert!(!till.is_stuck());
    till.clock.forward(Duration::from_secs(1));
    assert!(till.is_stuck());
    till.exchange();
    assert!(!till.is_stuck());
    // Waiting because the remote asked for it is not lying about.
    till.register("Anna", 2);
    till.line.ask_to_wait("600");
    till.exchange();
    till.clock.forward(2 * MINUTE);
    assert!(!till.is_stuck());
}

#[test]
fn a_restored_head_office_is_noticed_and_pulled_anew() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::new(&head_office), TillInProcess::new(&head_office));
    let before = a.register("Before", 1);
    a.exchange();
    b.exchange();
    head_office.begin_a_new_life();
    let after = a.register("After", 2);
    a.exchange();
    b.exchange();
    for till in [&a, &b] {
        assert!(till.has(before) && till.has(after));
        assert_eq!(till.waiting(), 0);
    }
}

#[test]
fn an_answer_that_does_not_lead_on_is_trouble_and_not_an_endless_loop() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    for answer in [
        r#"{"epoch":"e","locations":[],"rows":[],"next":0,"left":5}"#,
        r#"{"epoch":"e","locations":[],"rows":[],"next":-7,"left":0}"#,
        "[]",
        "",
    ] {
        till.line.answer_pull_with(200, answer);
        let tally = till.exchange();
        assert_eq!(tally.is_answered, Some(false), "{answer}");
        block_on(till.engine.hurry(till.remote)).expect("hurried");
    }
    till.line.answer_pull_with(410, r#"{"code":"cursor_too_old","message":"","field":null}"#);
    till.exchange();
    till.line.pass();
    block_on(till.engine.hurry(till.remote)).expect("hurried");
    assert_eq!(till.exchange().is_answered, Some(true));
}

/// A version of head office's that is still to come.
const LATER: usize = 1 << 40;

#[test]
fn a_row_that_cannot_be_read_is_kept_aside_and_the_others_come() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    let ids = [uuid::Uuid::now_v7(), uuid::Uuid::now_v7(), uuid::Uuid::now_v7()];
    let row = |number: usize, document: &str| {
        format!(
            r#"{{"member":{{"id":"{}","version":{},"document":{document},"memberships":[{{"location":"KM","member_since":"2026-01-01"}}]}}}}"#,
            ids[number],
            LATER + number
        )
    };
    let good = |name: &str| format!(r#"{{"name":{{"full":"{name}"}},"phone":{{"typed":"0945350398"}}}}"#);
    let rows = [row(0, &good("One")), row(1, r#"{"name":7,"phone":{"typed":[]}}"#), row(2, &good("Three"))];
    let epoch = till.epoch();
    let next = LATER + 2;
    let page = format!(r#"{{"epoch":"{epoch}","locations":[],"rows":[{}],"next":{next},"left":0}}"#, rows.join(","));
    till.line.answer_pull_with(200, &page);
    till.exchange();
    assert!(
        till.has(MemberId::from_uuid(ids[0]))
            && !till.has(MemberId::from_uuid(ids[1]))
            && till.has(MemberId::from_uuid(ids[2]))
    );
    assert_eq!((till.quarantined(), till.cursor()), (1, i64::try_from(next).ok()));
}

#[test]
fn who_is_gone_at_head_office_is_not_found_any_more_but_what_was_booked_stays() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let (gone, pending) = (till.register("Gone", 1), till.register("Pending", 2));
    till.exchange();
    till.exchange();
    let tombstone = |id: MemberId, version: usize| {
        format!(
            r#"{{"member":{{"id":"{id}","version":{version},"document":{{}},"memberships":[],"is_deleted":true}}}}"#
        )
    };
    let stranger = MemberId::from_uuid(uuid::Uuid::now_v7());
    let next = LATER + 2;
    let rows = [tombstone(gone, LATER), tombstone(pending, LATER + 1), tombstone(stranger, next)].join(",");
    let page = format!(r#"{{"epoch":"{}","locations":[],"rows":[{rows}],"next":{next},"left":0}}"#, till.epoch());
    till.line.answer_pull_with(200, &page);
    till.exchange();
    assert_eq!((till.found("0900000001"), till.found("0900000002")), (0, 0));
    till.edit(pending, "note", "typed while she was deleted there");
    assert_eq!((till.found("0900000001"), till.found("0900000002")), (0, 1), "what a cashier does stays to be seen");
    assert_eq!(till.document(gone)["name"]["full"], "Gone");
    assert_eq!(till.document(pending)["note"], "typed while she was deleted there");
    assert!(!till.has(stranger));
    assert_eq!(till.quarantined(), 0);
    assert_eq!(till.findings(), 0);
}

#[test]
fn an_older_answer_does_not_take_back_what_was_acknowledged() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    till.exchange();
    let old_page = till.line.last_pull_answer();
    till.edit(member, "note", "likes tea");
    till.exchange();
    till.line.answer_pull_with(200, &old_page);
    till.exchange();
    assert_eq!(till.document(member)["note"], "likes tea");
}

#[test]
fn a_pull_leaves_what_the_cashier_did_on_top() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::new(&head_office), TillInProcess::new(&head_office));
    let member = a.register("Marie", 1);
    a.exchange();
    b.exchange();
    b.edit(member, "email", "marie@example.com");
    b.exchange();
    a.edit(member, "note", "likes tea");
    a.line.answer_push_with(500, |_| true);
    a.exchange();
    let document = a.document(member);
    assert_eq!((document["email"].as_str(), document["note"].as_str()), (Some("marie@example.com"), Some("likes tea")));
}

#[test]
fn the_same_seed_and_answers_give_the_same_waits() {
    let waits = |seed| {
        let head_office = HeadOfficeInProcess::new();
        let till = TillInProcess::seeded(&head_office, seed);
        till.line.fail_with(lost);
        let mut waits = Vec::new();
        for _ in 0..5 {
            till.exchange();
            let until = till.not_before();
            waits.push(until.since(till.clock_now()));
            till.clock.forward(6 * MINUTE);
        }
        waits
    };
    assert_eq!(waits(7), waits(7));
    assert_ne!(waits(7), waits(8));
    assert!(waits(7).iter().all(|wait| *wait <= Duration::from_secs(300)));
}

#[test]
fn an_exchange_without_a_pull_only_pushes() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.register("Marie", 1);
    till.run(Exchange::new(false));
    assert_eq!(till.waiting(), 0);
    assert!(!till.line.paths().iter().any(|path| path.starts_with("/v1/pull")));
}

const DAY: Duration = Duration::from_secs(86_400);

/// How often the sums of a shop, and parts of it, were asked for.
fn asked(till: &TillInProcess) -> (usize, usize) {
    let paths = till.line.paths();
    let count = |what: &str| paths.iter().filter(|path| path.starts_with(what)).count();
    (count("/v1/checksums"), count("/v1/bucket"))
}

#[test]
fn a_till_and_head_office_are_compared_after_the_first_pull_and_once_a_day() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    till.top_up(member, 700);
    till.exchange();
    assert_eq!((asked(&till), till.compared()), ((1, 0), Some((0, 0, 0))));
    till.edit(member, "note", "likes tea");
    till.clock.forward(DAY - MINUTE);
    till.exchange();
    assert_eq!(asked(&till), (1, 0));
    till.clock.forward(MINUTE);
    till.exchange();
    assert_eq!((asked(&till), till.compared()), ((2, 0), Some((0, 0, 0))));
    // A clock that was set back does not put it off for ever.
    till.clock.back(30 * DAY);
    till.exchange();
    assert_eq!(asked(&till), (3, 0));
}

#[test]
fn two_tills_of_a_busy_shop_and_head_office_have_the_same() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::new(&head_office), TillInProcess::seeded(&head_office, 2));
    let members: Vec<_> = (0..60).map(|number| a.register(&format!("Member {number}"), number)).collect();
    a.exchange();
    b.exchange();
    for (number, member) in members.iter().enumerate() {
        let till = if number % 2 == 0 { &a } else { &b };
        till.edit(*member, "note", &format!("note {number}"));
        till.top_up(*member, 100 + i64::try_from(number).expect("small"));
    }
    b.remove(members[7]);
    for till in [&a, &b, &a, &b] {
        till.exchange();
    }
    for till in [&a, &b] {
        till.clock.forward(DAY);
        till.exchange();
        assert_eq!(till.compared(), Some((0, 0, 0)));
    }
    // A third till that pulls everything at once, the one who was removed left out, has the same too.
    let c = TillInProcess::seeded(&head_office, 3);
    c.exchange();
    assert_eq!(c.compared(), Some((0, 0, 0)));
}

#[test]
fn a_row_that_differs_is_found_and_its_part_fetched_anew() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let members: Vec<_> = (0..40).map(|number| till.register(&format!("Member {number}"), number)).collect();
    let booked = till.top_up(members[3], 700);
    till.exchange();
    let changed = members[5];
    // At the same version: no pull would ever tell.
    let hex = changed.uuid().simple();
    head_office
        .tamper(&format!("UPDATE members SET document = json_set(document, '$.note', 'by hand') WHERE id = x'{hex}'"));
    till.clock.forward(DAY);
    till.exchange();
    assert_eq!((asked(&till), till.compared()), ((2, 1), Some((1, 0, 0))));
    assert_eq!(till.document(changed)["note"], "by hand");
    // And the other way round: what the till lost of it, mirror and entry, it has again.
    till.tamper("UPDATE mirror SET content = replace(content, 'Member 9', 'Nobody'), version = version + 1000");
    till.clock.forward(DAY);
    till.exchange();
    assert!(
        till.compared().is_some_and(|(differing, told_again, not_ours)| differing > 20 && told_again + not_ours == 0)
    );
    assert_eq!(till.document(members[9])["name"]["full"], "Member 9");
    till.clock.forward(DAY);
    till.exchange();
    assert_eq!(till.compared(), Some((0, 0, 0)));
    assert!(head_office.has_entry(booked));
    assert_eq!(till.findings(), 0);
}

#[test]
fn money_that_head_office_lost_is_told_again_with_the_member_that_it_needs() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::new(&head_office), TillInProcess::seeded(&head_office, 2));
    let (marie, jan) = (a.register("Marie", 1), a.register("Jan", 2));
    let (of_marie, of_jan) = (a.top_up(marie, 700), a.top_up(jan, 50));
    a.exchange();
    b.exchange();
    // The change is noted there, its effect is gone: the same bytes again would only be called a duplicate.
    let id = |uuid: regulars_domain::EntryId| uuid.uuid().simple().to_string();
    let hex = marie.uuid().simple();
    head_office.tamper(&format!(
        "DELETE FROM ledger_entries WHERE id IN (x'{}', x'{}'); DELETE FROM feed WHERE entity_id IN (x'{}', x'{}', x'{hex}');
         DELETE FROM members WHERE id = x'{hex}'; DELETE FROM memberships WHERE member_id = x'{hex}';",
        id(of_marie), id(of_jan), id(of_marie), id(of_jan)
    ));
    // Another till cannot tell what it did not book, and says so.
    b.clock.forward(DAY);
    b.exchange();
    assert_eq!(b.compared().map(|(_, told_again, not_ours)| (told_again, not_ours)), Some((0, 3)));
    a.clock.forward(DAY);
    // What is told again moves head office on, so that the other parts are compared by the next exchange.
    for _ in 0..4 {
        a.exchange();
    }
    assert!(head_office.has_entry(of_marie) && head_office.has_entry(of_jan));
    assert_eq!(head_office.document(marie)["name"]["full"], "Marie");
    assert_eq!((a.balance(marie), a.balance(jan), a.waiting()), (700, 50, 0));
    for till in [&a, &b] {
        till.clock.forward(DAY);
        till.exchange();
        assert_eq!(till.compared(), Some((0, 0, 0)));
    }
    assert_eq!(a.findings(), 0);
}

#[test]
fn what_is_under_way_is_not_compared_and_trouble_with_it_stops_nothing() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    till.exchange();
    till.clock.forward(DAY);
    till.top_up(member, 700);
    till.line.lose_answers();
    till.exchange();
    till.line.pass();
    // The answer is not known yet, and nobody asks for sums.
    assert_eq!(asked(&till).0, 1);
    till.clock.forward(6 * MINUTE);
    till.exchange();
    assert_eq!((asked(&till).0, till.compared()), (2, Some((0, 0, 0))));
    till.clock.forward(DAY);
    till.line.answer_checks_with(500, "");
    till.register("Anna", 2);
    till.exchange();
    assert_eq!(till.waiting(), 0);
    till.line.pass();
    till.exchange();
    assert_eq!(till.compared(), Some((0, 0, 0)));
}
