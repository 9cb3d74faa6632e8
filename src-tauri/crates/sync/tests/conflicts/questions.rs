//! What a person decides: alone, with nothing lost meanwhile.

use super::{HOUR, Two};
use regulars_domain::conflict::Side;
use regulars_store::decisions::Kept;
use regulars_store::outbox::ChangeState;
use serde_json::{Value, json};

fn number(digits: &str) -> Value {
    json!({ "typed": digits, "e164": null })
}

/// Both tills give another number; A has more to say besides.
fn two_numbers() -> Two {
    let two = Two::new();
    two.a.change_field(two.member, "phone", number("0912000471"));
    two.a.edit(two.member, "note", "likes tea");
    two.b.change_field(two.member, "phone", number("0912000714"));
    two.b.edit(two.member, "email", "minhanh@example.com");
    two.b.exchange();
    two.pass(HOUR);
    two.a.exchange();
    two
}

#[test]
fn only_what_a_person_must_decide_waits_and_everything_else_goes_on() {
    let two = two_numbers();
    assert_eq!(two.a.questions(), [["phone"]]);
    assert_eq!(two.a.waiting(), 0);
    assert_eq!(two.head_office.document(two.member)["note"], "likes tea");
    assert_eq!(two.a.document(two.member)["phone"]["typed"], "0912000471", "what the cashier typed is still seen");
    assert_eq!(two.a.document(two.member)["email"], "minhanh@example.com");
    // Other fields of the same member are not held up by the question.
    two.a.edit(two.member, "home_town", "Huế");
    two.a.exchange();
    assert_eq!(two.head_office.document(two.member)["home_town"], "Huế");
    // The same field waits for the decision.
    two.a.change_field(two.member, "phone", number("0912000999"));
    two.a.exchange();
    assert_eq!(two.a.waiting(), 1);
    let noted = two.a.decisions(two.member);
    let kept = |field: &str| noted.iter().find(|(path, _, _)| path == field).map(|(_, kept, _)| *kept);
    assert_eq!((kept("phone"), kept("note")), (Some(Kept::Undecided), Some(Kept::Ours)));
    assert_eq!(kept("email"), Some(Kept::Theirs), "what only head office changed is told too");
}

#[test]
fn what_was_decided_and_what_is_asked_come_back_with_a_file_that_is_made_anew() {
    let two = two_numbers();
    let noted = two.a.decisions(two.member);
    let again = two.a.rebuilt(&two.head_office, 3);
    assert_eq!(again.decisions(two.member), noted);
    assert_eq!(again.questions(), [["phone"]]);
    again.answer(Side::Theirs);
    let decided = again.decisions(two.member);
    assert!(decided.contains(&("phone".to_owned(), Kept::Theirs, Some(number("0912000471")))), "{decided:?}");
    let once_more = again.rebuilt(&two.head_office, 4);
    assert_eq!(once_more.decisions(two.member), decided, "the question is answered there too");
    assert!(once_more.questions().is_empty());
}

#[test]
fn the_tills_value_goes_out_and_the_other_stays_in_the_history() {
    let two = two_numbers();
    two.a.answer(Side::Ours);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["phone"]["typed"], "0912000471");
    let decided = two.a.decisions(two.member);
    assert!(decided.contains(&("phone".to_owned(), Kept::Ours, Some(number("0912000714")))), "{decided:?}");
}

#[test]
fn head_offices_value_stays_and_the_tills_stays_in_the_history() {
    let two = two_numbers();
    two.a.answer(Side::Theirs);
    assert_eq!(two.a.document(two.member)["phone"]["typed"], "0912000714");
    two.agree();
    two.check_agreed();
    let decided = two.a.decisions(two.member);
    assert!(decided.contains(&("phone".to_owned(), Kept::Theirs, Some(number("0912000471")))), "{decided:?}");
}

#[test]
fn a_later_change_of_the_same_field_stays_on_top_and_follows_the_decision() {
    let two = two_numbers();
    two.a.change_field(two.member, "phone", number("0912000999"));
    two.a.answer(Side::Ours);
    assert_eq!(two.a.document(two.member)["phone"]["typed"], "0912000999");
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["phone"]["typed"], "0912000999");
}

#[test]
fn whoever_decides_while_somebody_is_faster_again_is_asked_again() {
    let two = two_numbers();
    two.b.change_field(two.member, "phone", number("0912000888"));
    two.b.exchange();
    two.a.answer(Side::Ours);
    two.a.exchange();
    assert_eq!(two.a.questions(), [["phone"]]);
    assert_eq!(two.head_office.document(two.member)["phone"]["typed"], "0912000888");
    two.a.answer(Side::Ours);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["phone"]["typed"], "0912000471");
}

#[test]
fn the_base_of_a_question_does_not_move() {
    let two = two_numbers();
    two.b.change_field(two.member, "phone", number("0912000888"));
    two.agree();
    assert_eq!(two.a.questions(), [["phone"]]);
    let before = two.a.question_before("phone");
    assert_eq!(before["typed"], "0900000417", "the number that both changed");
    assert_eq!(two.a.findings(), 0);
}

#[test]
fn what_goes_with_a_change_that_is_tried_again_still_asks_about_what_it_meets() {
    let two = Two::new();
    two.a.line.answer_push_with(400, |body| body.contains("\"day\":31"));
    two.a.change_field(two.member, "birthday", json!({ "month": 2, "day": 31 }));
    two.a.exchange();
    assert_eq!(two.a.states_of(two.member).last(), Some(&ChangeState::Parked));
    // Both wait behind it, and one of them puts it right.
    two.a.change_field(two.member, "birthday", json!({ "month": 2, "day": 28 }));
    two.a.change_field(two.member, "phone", number("0912000471"));
    two.b.change_field(two.member, "phone", number("0912000714"));
    two.b.exchange();
    two.a.exchange();
    two.a.retry(two.member);
    two.agree();
    assert_eq!(two.a.questions(), [["phone"]]);
    assert_eq!(two.head_office.document(two.member)["birthday"], json!({ "month": 2, "day": 28 }));
    assert_eq!(two.head_office.document(two.member)["phone"]["typed"], "0912000714");
}

#[test]
fn what_an_edit_replaces_that_is_tried_again_stays_in_the_history() {
    let two = Two::new();
    two.a.line.answer_push_with(400, |body| body.contains("a@example.com"));
    two.a.edit(two.member, "email", "a@example.com");
    two.a.exchange();
    two.b.edit(two.member, "email", "b@example.com");
    two.b.exchange();
    two.a.exchange();
    two.a.line.pass();
    two.a.retry(two.member);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["email"], "a@example.com");
    let decided = two.a.decisions(two.member);
    assert!(decided.contains(&("email".to_owned(), Kept::Ours, Some(json!("b@example.com")))), "{decided:?}");
}

/// Nobody was asked about these: they meet by their rule what came while the edit was refused.
#[test]
fn what_is_safer_stays_where_an_edit_that_had_not_seen_it_is_tried_again() {
    let consent = |is_given: bool| {
        let at = if is_given { "2026-11-23T08:00:00.000Z" } else { "2026-11-24T08:00:00.000Z" };
        json!({ "is_given": is_given, "at": at, "source": "paper" })
    };
    let card = |status: &str| json!({ "is_virtual": false, "status": status });
    for (path, refused, meanwhile) in
        [("consents/offers/sms", consent(true), consent(false)), ("cards/8400", card("valid"), card("blocked"))]
    {
        let two = Two::new();
        two.a.line.answer_push_with(400, |body| body.contains("a@example.com"));
        two.a.edit(two.member, "email", "a@example.com");
        two.a.change_field(two.member, path, refused);
        two.a.exchange();
        two.pass(HOUR);
        two.b.change_field(two.member, path, meanwhile.clone());
        two.b.exchange();
        two.a.exchange();
        two.a.line.pass();
        two.a.retry(two.member);
        two.agree();
        two.check_agreed();
        let there = two.head_office.document(two.member);
        assert_eq!(there["email"], "a@example.com", "{path}");
        let stands = path.split_once('/').map(|(group, key)| there[group][key].clone());
        assert_eq!(stands, Some(meanwhile), "{path}");
    }
}

#[test]
fn an_edit_that_others_wait_behind_can_be_given_up_and_lets_them_go() {
    let two = Two::new();
    two.a.line.answer_push_with(400, |body| body.contains("\"day\":31"));
    two.a.change_field(two.member, "birthday", json!({ "month": 2, "day": 31 }));
    two.a.exchange();
    two.a.change_terms(two.member, "discount_percent", json!("5"));
    two.a.exchange();
    assert_eq!(two.a.waiting(), 1, "behind the edit that waits for a person");
    two.a.discard_parked();
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.terms(two.member)["discount_percent"], "5");
}
