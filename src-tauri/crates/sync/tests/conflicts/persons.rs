//! Members who are one person, as two tills see it.

use super::{HOUR, Two};
use regulars_domain::conflict::Side;
use serde_json::json;

#[test]
fn two_tills_that_merge_the_same_members_agree_without_asking() {
    let two = Two::new();
    let other = two.a.register("Minh Anh", 418);
    two.agree();
    two.a.merge(other, Some(two.member));
    two.pass(HOUR);
    two.b.merge(other, Some(two.member));
    two.b.exchange();
    two.agree();
    two.check_agreed();
    assert_eq!((two.a.resolved(other), two.b.resolved(other)), (two.member, two.member));
    assert_eq!(two.a.document(other), two.b.document(other));
}

#[test]
fn two_tills_that_say_different_things_of_who_is_whom_ask_a_person() {
    let two = Two::new();
    let (other, third) = (two.a.register("Minh Anh", 418), two.a.register("Anh Trần", 419));
    two.agree();
    two.a.merge(other, Some(two.member));
    two.b.merge(other, Some(third));
    two.b.exchange();
    two.a.exchange();
    assert_eq!(two.a.questions(), [["merged"]]);
    two.a.answer(Side::Theirs);
    two.agree();
    two.check_agreed();
    assert_eq!((two.a.resolved(other), two.b.resolved(other)), (third, third));
}

#[test]
fn the_other_tills_edit_and_money_of_the_one_who_was_merged_still_arrive() {
    let two = Two::new();
    let other = two.a.register("Minh Anh", 418);
    two.agree();
    two.b.edit(other, "email", "anh@example.com");
    let booked = two.b.top_up(other, 7_000);
    two.a.merge(other, Some(two.member));
    two.a.exchange();
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(other)["email"], "anh@example.com");
    assert_eq!(two.a.document(other)["email"], "anh@example.com");
    assert!(two.head_office.has_entry(booked));
    assert_eq!((two.a.resolved(other), two.a.balance(other)), (two.member, 7_000));
}

#[test]
fn a_merge_is_undone_offline_and_after_both_have_heard_of_it() {
    let two = Two::new();
    let other = two.a.register("Minh Anh", 418);
    two.agree();
    // Before anybody has heard of it.
    two.a.merge(other, Some(two.member));
    two.a.merge(other, None);
    two.agree();
    assert_eq!((two.a.resolved(other), two.b.resolved(other)), (other, other));
    // After both have.
    two.a.merge(other, Some(two.member));
    two.agree();
    assert_eq!(two.b.resolved(other), two.member);
    two.b.merge(other, None);
    two.b.edit(other, "email", "anh@example.com");
    two.agree();
    two.check_agreed();
    assert_eq!((two.a.resolved(other), two.b.resolved(other)), (other, other));
    assert_eq!(two.a.document(other)["email"], json!("anh@example.com"));
}
