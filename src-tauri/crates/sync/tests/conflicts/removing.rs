//! A deletion against what it did not see, and an erasure against everything.

use super::{HOUR, Two};
use crate::in_process::TillInProcess;
use regulars_store::decisions::{Kept, REMOVAL};
use serde_json::json;

#[test]
fn a_deletion_that_had_not_seen_an_edit_is_not_applied_and_the_history_says_so() {
    let two = Two::new();
    two.b.edit(two.member, "email", "b@example.com");
    two.b.exchange();
    two.a.remove(two.member);
    assert!(!two.a.is_here(two.member));
    two.agree();
    two.check_agreed();
    assert!(two.a.is_here(two.member) && !two.head_office.is_deleted(two.member));
    assert_eq!(two.a.document(two.member)["email"], "b@example.com");
    assert_eq!(two.a.decisions(two.member), [(REMOVAL.to_owned(), Kept::Theirs, Some(json!("asked for it")))]);
}

#[test]
fn a_deletion_has_not_seen_what_an_edit_that_is_still_on_its_way_stands_in_front_of() {
    let two = Two::new();
    two.a.edit(two.member, "email", "a@example.com");
    two.b.edit(two.member, "email", "b@example.com");
    two.b.exchange();
    // It is pulled, and what this till shows is what it has not sent.
    two.a.line.answer_push_with(500, |_| true);
    two.a.exchange();
    assert_eq!(two.a.document(two.member)["email"], "a@example.com");
    two.a.remove(two.member);
    two.a.line.pass();
    two.pass(HOUR);
    two.agree();
    two.check_agreed();
    assert!(two.a.is_here(two.member) && !two.head_office.is_deleted(two.member));
}

#[test]
fn a_registration_of_somebody_who_was_deleted_can_be_given_up_and_what_was_paid_in_goes_on() {
    let two = Two::new();
    two.a.line.lose_answers();
    let member = two.a.register("Nguyễn Văn Bảo", 418);
    two.a.exchange();
    let booked = two.a.top_up(member, 5_000);
    // As after copies of both were put back: head office knows of the deletion, and not of the registration.
    let gone =
        format!("UPDATE members SET is_deleted = 1 WHERE id = x'{}'; DELETE FROM changes", member.uuid().simple());
    two.head_office.tamper(&gone);
    two.a.line.pass();
    two.pass(HOUR);
    two.a.exchange();
    assert_eq!(two.a.problem_of(member), "member_deleted");
    two.a.discard_parked();
    two.agree();
    assert!(two.head_office.has_entry(booked));
    assert_eq!(two.a.waiting(), 0);
}

#[test]
fn a_deletion_that_saw_everything_is_applied_though_the_till_itself_edited_before() {
    let two = Two::new();
    two.b.edit(two.member, "email", "b@example.com");
    two.agree();
    two.a.edit(two.member, "note", "moves away");
    two.a.remove(two.member);
    two.agree();
    assert!(two.head_office.is_deleted(two.member));
    assert!(!two.a.is_here(two.member) && !two.b.is_here(two.member));
}

#[test]
fn an_edit_that_arrives_after_a_deletion_brings_the_member_back() {
    let two = Two::new();
    two.b.change_terms(two.member, "discount_percent", json!("5"));
    two.agree();
    two.b.edit(two.member, "email", "b@example.com");
    two.a.remove(two.member);
    two.a.exchange();
    assert!(two.head_office.is_deleted(two.member));
    two.agree();
    two.check_agreed();
    assert!(two.a.is_here(two.member));
    let there = two.head_office.document(two.member);
    assert_eq!((&there["email"], &there["name"]["full"]), (&json!("b@example.com"), &json!("Trần Minh Anh")));
    assert_eq!(two.head_office.terms(two.member)["discount_percent"], "5");
}

#[test]
fn an_edit_that_meets_another_in_a_deleted_member_is_merged_with_what_they_were() {
    let two = Two::new();
    two.b.edit(two.member, "email", "b@example.com");
    two.pass(HOUR);
    two.a.edit(two.member, "email", "a@example.com");
    two.a.remove(two.member);
    two.a.exchange();
    assert!(two.head_office.is_deleted(two.member));
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["email"], "a@example.com");
}

#[test]
fn an_edit_that_was_taken_before_the_deletion_does_not_bring_anybody_back_when_it_is_said_again() {
    let two = Two::new();
    two.b.edit(two.member, "email", "b@example.com");
    two.b.line.lose_answers();
    two.b.exchange();
    two.a.exchange();
    two.a.remove(two.member);
    two.a.exchange();
    assert!(two.head_office.is_deleted(two.member));
    two.b.line.pass();
    two.pass(HOUR);
    two.agree();
    assert!(two.head_office.is_deleted(two.member));
    assert!(!two.a.is_here(two.member) && !two.b.is_here(two.member));
    assert_eq!((two.b.waiting(), two.b.questions().len()), (0, 0));
}

#[test]
fn money_that_leaves_a_balance_brings_a_deleted_member_back() {
    let two = Two::new();
    two.b.top_up(two.member, 5_000);
    two.a.remove(two.member);
    two.a.exchange();
    assert!(two.head_office.is_deleted(two.member));
    two.agree();
    two.check_agreed();
    assert!(two.a.is_here(two.member));
    assert_eq!(two.a.balance(two.member), 5_000);
}

#[test]
fn money_that_leaves_nothing_brings_nobody_back() {
    let two = Two::new();
    two.b.top_up(two.member, 5_000);
    two.b.exchange();
    two.b.cash_out(two.member, 5_000);
    two.b.exchange();
    two.b.top_up(two.member, 1);
    two.b.cash_out(two.member, 1);
    two.a.remove(two.member);
    two.a.exchange();
    assert!(two.head_office.is_deleted(two.member));
    two.agree();
    // In between there was a balance: whoever came back for it stays.
    assert_eq!(two.a.is_here(two.member), two.b.is_here(two.member));
    assert_eq!(two.a.balance(two.member), 0);
}

fn forgets(till: &TillInProcess, two: &Two) {
    assert!(!till.has(two.member));
    assert!(!till.has_key(two.member));
    assert_eq!((till.waiting(), till.questions().len()), (0, 0));
    assert_eq!(till.findings(), 0);
}

#[test]
fn an_erasure_wins_over_edits_everywhere_and_sums_stay() {
    let two = Two::new();
    two.a.top_up(two.member, 5_000);
    two.a.cash_out(two.member, 5_000);
    two.agree();
    two.b.edit(two.member, "note", "a secret");
    two.b.exchange();
    two.b.edit(two.member, "email", "late@example.com");
    two.a.edit(two.member, "home_town", "Huế");
    two.a.erase(two.member);
    assert!(!two.a.has(two.member));
    two.agree();
    forgets(&two.a, &two);
    forgets(&two.b, &two);
    assert_eq!((two.a.balance(two.member), two.b.balance(two.member)), (0, 0));
    for text in ["Trần Minh Anh", "a secret", "late@example.com", "0900000417"] {
        assert!(!two.head_office.knows(text), "{text}");
    }
    // Nothing brings them back.
    two.pass(HOUR);
    two.agree();
    forgets(&two.b, &two);
}

#[test]
fn an_edit_of_somebody_who_was_erased_meanwhile_is_given_up_and_nothing_of_it_stays() {
    let two = Two::new();
    two.a.line.answer_push_with(500, |body| body.contains("late@example.com"));
    two.a.edit(two.member, "email", "late@example.com");
    two.a.exchange();
    two.b.erase(two.member);
    two.b.exchange();
    // It has perhaps come, so it is tried twelve times before a person is asked.
    for round in 0..20 {
        two.pass(HOUR);
        two.a.register("Later", 600 + round);
        two.a.exchange();
    }
    two.a.discard_parked();
    two.a.line.pass();
    two.agree();
    forgets(&two.a, &two);
}

#[test]
fn an_erasure_is_refused_while_credit_is_open_and_the_member_stands_again_when_it_is_given_up() {
    let two = Two::new();
    two.b.top_up(two.member, 5_000);
    two.b.exchange();
    two.a.erase(two.member);
    two.a.exchange();
    assert_eq!(two.a.questions(), [["member_erased"]]);
    two.a.discard_parked();
    two.agree();
    two.check_agreed();
    assert!(two.a.is_here(two.member));
}

#[test]
fn who_was_registered_and_erased_before_the_line_was_back_is_nowhere() {
    let two = Two::new();
    let other = two.a.register("Nobody Knows", 555);
    two.a.erase(other);
    two.agree();
    assert!(!two.a.has(other) && !two.b.has(other) && !two.a.has_key(other));
    assert!(!two.head_office.knows("Nobody Knows"));
    assert_eq!(two.a.waiting(), 0);
}

#[test]
fn a_registration_that_is_still_on_its_way_does_not_bring_back_who_was_erased() {
    let two = Two::new();
    let other = two.a.register("Nobody Knows", 555);
    two.a.line.lose_answers();
    two.a.exchange();
    two.b.exchange();
    two.b.erase(other);
    two.b.exchange();
    // What others did is heard of before what became of the registration.
    two.a.line.answer_push_with(500, |_| true);
    two.pass(HOUR);
    two.a.exchange();
    assert!(!two.a.has(other));
    assert_eq!((two.a.waiting(), two.a.findings()), (1, 0));
    two.a.line.pass();
    two.pass(HOUR);
    two.agree();
    assert!(!two.a.has(other) && !two.a.has_key(other));
    assert_eq!((two.a.waiting(), two.a.findings()), (0, 0));
}

#[test]
fn who_was_not_another_after_all_is_erased_though_that_one_has_credit() {
    let two = Two::new();
    let other = two.a.register("Trần Minh Ánh", 555);
    two.a.merge(other, Some(two.member));
    two.a.top_up(two.member, 5_000);
    two.agree();
    two.a.merge(other, None);
    two.a.erase(other);
    two.agree();
    assert!(two.head_office.is_deleted(other) && !two.a.has(other) && !two.a.has_key(other) && !two.b.has(other));
    assert_eq!((two.a.waiting(), two.a.questions().len(), two.a.findings()), (0, 0, 0));
    assert_eq!((two.a.balance(two.member), two.b.balance(two.member)), (5_000, 5_000));
}

#[test]
fn a_person_who_was_two_members_is_erased_as_both_though_head_office_had_not_heard_that_they_are_one() {
    let two = Two::new();
    let other = two.a.register("Trần Minh Ánh", 555);
    two.a.top_up(other, 5_000);
    two.agree();
    two.a.merge(other, Some(two.member));
    two.a.cash_out(two.member, 5_000);
    two.a.erase(other);
    two.a.erase(two.member);
    two.agree();
    assert!(two.head_office.is_deleted(other) && two.head_office.is_deleted(two.member));
    assert_eq!((two.a.waiting(), two.a.questions().len(), two.a.findings()), (0, 0, 0));
    forgets(&two.b, &two);
}
