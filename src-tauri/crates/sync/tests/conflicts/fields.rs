//! What is merged without asking anybody.

use super::{HOUR, Two};
use regulars_store::decisions::Kept;
use serde_json::{Value, json};

#[test]
fn what_only_one_side_changed_is_taken_and_of_the_rest_the_newer_stays() {
    let two = Two::new();
    two.a.edit(two.member, "email", "a@example.com");
    two.a.edit(two.member, "home_town", "Huế");
    two.pass(HOUR);
    two.b.edit(two.member, "email", "b@example.com");
    two.b.edit(two.member, "website", "https://b.example");
    two.b.exchange();
    two.agree();
    two.check_agreed();
    let there = two.head_office.document(two.member);
    assert_eq!((&there["email"], &there["home_town"]), (&json!("b@example.com"), &json!("Huế")));
    assert_eq!(there["website"], "https://b.example");
    assert_eq!(
        two.a.decisions(two.member),
        [("email".to_owned(), Kept::Theirs, Some(json!("a@example.com")))],
        "the value that lost stays in the history"
    );
}

#[test]
fn the_newer_edit_wins_although_it_arrives_later_and_though_the_clocks_differ() {
    let two = Two::new();
    // B's clock is a day ahead of everybody's.
    two.b.clock.forward(24 * HOUR);
    two.a.edit(two.member, "email", "a@example.com");
    two.a.exchange();
    two.pass(HOUR);
    two.b.edit(two.member, "email", "b@example.com");
    two.pass(HOUR);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["email"], "b@example.com");
    assert_eq!(two.b.decisions(two.member), [("email".to_owned(), Kept::Ours, Some(json!("a@example.com")))]);
}

#[test]
fn a_till_that_was_away_for_long_does_not_win_with_what_is_old() {
    let two = Two::new();
    two.a.edit(two.member, "email", "a@example.com");
    two.pass(48 * HOUR);
    two.b.edit(two.member, "email", "b@example.com");
    two.b.exchange();
    two.pass(48 * HOUR);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["email"], "b@example.com");
}

#[test]
fn edits_that_travelled_with_the_one_that_met_another_go_on_and_keep_their_own_age() {
    let two = Two::new();
    two.a.edit(two.member, "home_town", "Huế");
    two.pass(HOUR);
    two.b.edit(two.member, "email", "b@example.com");
    two.b.edit(two.member, "home_town", "Vinh");
    two.b.exchange();
    two.pass(HOUR);
    two.a.edit(two.member, "email", "a@example.com");
    two.agree();
    two.check_agreed();
    let there = two.head_office.document(two.member);
    assert_eq!((&there["email"], &there["home_town"]), (&json!("a@example.com"), &json!("Vinh")));
}

#[test]
fn an_edit_made_while_the_first_is_on_its_way_stays_on_top() {
    let two = Two::new();
    two.b.edit(two.member, "home_town", "Vinh");
    two.b.exchange();
    two.pass(HOUR);
    two.a.edit(two.member, "home_town", "Huế");
    two.a.line.lose_answers();
    two.a.exchange();
    two.a.edit(two.member, "home_town", "Hà Nội");
    two.a.line.pass();
    two.pass(HOUR);
    two.a.exchange();
    assert_eq!(two.a.document(two.member)["home_town"], "Hà Nội");
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["home_town"], "Hà Nội");
}

#[test]
fn a_block_wins_over_a_note_on_the_same_card_and_both_stay() {
    let two = Two::new();
    let card = |status: &str| json!({ "is_virtual": false, "status": status, "is_active": true });
    two.a.change_field(two.member, "cards/8400", card("valid"));
    two.agree();
    two.a.change_field(two.member, "cards/8400", card("blocked"));
    two.pass(HOUR);
    let mut noted = card("valid");
    noted["note"] = json!("gold");
    two.b.change_field(two.member, "cards/8400", noted);
    two.b.exchange();
    two.agree();
    two.check_agreed();
    let there = two.head_office.document(two.member);
    assert_eq!(
        (&there["cards"]["8400"]["status"], &there["cards"]["8400"]["note"]),
        (&json!("blocked"), &json!("gold"))
    );
}

#[test]
fn a_withdrawal_wins_over_a_yes_that_nobody_can_show() {
    let two = Two::new();
    let field = "consents/offers/sms";
    two.a.change_field(two.member, field, json!({ "is_given": false, "source": "counter" }));
    two.pass(HOUR);
    two.b.change_field(two.member, field, json!({ "is_given": true }));
    two.b.exchange();
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["consents"]["offers/sms"]["is_given"], false);
}

#[test]
fn a_hold_set_at_either_till_stays_and_rates_go_by_age() {
    let two = Two::new();
    two.a.change_terms(two.member, "hold", json!({ "reason": "late" }));
    two.agree();
    two.a.change_terms(two.member, "hold", Value::Null);
    two.a.change_terms(two.member, "discount_percent", json!("5"));
    two.b.change_terms(two.member, "hold", json!({ "reason": "theft" }));
    two.b.exchange();
    two.pass(HOUR);
    two.b.change_terms(two.member, "discount_percent", json!("7"));
    two.b.exchange();
    two.agree();
    two.check_agreed();
    let terms = two.head_office.terms(two.member);
    assert_eq!((&terms["hold"]["reason"], &terms["discount_percent"]), (&json!("theft"), &json!("7")));
}

#[test]
fn somebody_who_is_faster_again_is_merged_with_again() {
    let two = Two::new();
    for round in 0..3 {
        two.b.edit(two.member, "email", &format!("b{round}@example.com"));
        two.b.exchange();
        two.pass(HOUR);
        two.a.edit(two.member, "email", &format!("a{round}@example.com"));
        // The answer that tells of the conflict is lost, and meanwhile B is faster once more.
        two.a.line.lose_answers();
        two.a.exchange();
        two.b.exchange();
        two.b.edit(two.member, "home_town", &format!("Town {round}"));
        two.b.edit(two.member, "email", &format!("b{round}b@example.com"));
        two.b.exchange();
        two.a.line.pass();
        two.pass(HOUR);
    }
    two.agree();
    two.check_agreed();
    let there = two.head_office.document(two.member);
    assert_eq!((&there["email"], &there["home_town"]), (&json!("b2b@example.com"), &json!("Town 2")));
}

#[test]
fn a_conflict_answered_twice_is_merged_once() {
    let two = Two::new();
    two.b.edit(two.member, "email", "b@example.com");
    two.b.exchange();
    two.pass(HOUR);
    two.a.edit(two.member, "email", "a@example.com");
    two.a.line.lose_answers();
    two.a.exchange();
    two.a.line.pass();
    two.pass(HOUR);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["email"], "a@example.com");
    assert_eq!(two.a.decisions(two.member).len(), 1);
}

#[test]
fn a_consent_that_was_withdrawn_stays_withdrawn_though_an_older_yes_is_told_in_between() {
    let two = Two::new();
    let says = |is_given: bool| json!({ "is_given": is_given, "source": "counter" });
    two.a.change_field(two.member, "consents/email", says(true));
    two.pass(HOUR);
    two.b.change_field(two.member, "consents/email", says(false));
    two.pass(HOUR);
    // A was without the line, and tells its yes before B's no comes.
    two.a.exchange();
    two.pass(HOUR / 60);
    two.agree();
    two.check_agreed();
    assert_eq!(two.head_office.document(two.member)["consents"]["email"]["is_given"], false);
}
