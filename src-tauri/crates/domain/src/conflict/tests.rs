//! The policy as a table: what stood there, what this till made of it, what head office has, who was later, and what
//! comes of it.

use super::{Ages, Decision, Side, Sides, Verdict, decide, decide_all};
use crate::edit::{Document, Edit};
use serde_json::{Value, json};
use std::time::Duration;

/// Who changed the field last.
#[derive(Clone, Copy, Debug)]
enum Later {
    Us,
    Them,
    Nobody,
}

fn ages(later: Later) -> Ages {
    let hours = |ours: u64, theirs: u64| Ages {
        ours: Duration::from_secs(ours * 3600),
        theirs: Duration::from_secs(theirs * 3600),
    };
    match later {
        Later::Us => hours(1, 5),
        Later::Them => hours(5, 1),
        Later::Nobody => hours(3, 3),
    }
}

fn ours() -> Decision {
    Decision { verdict: Verdict::Ours, lost: None }
}

fn theirs() -> Decision {
    Decision { verdict: Verdict::Theirs, lost: None }
}

fn ours_over_theirs() -> Decision {
    Decision { verdict: Verdict::Ours, lost: Some(Side::Theirs) }
}

fn theirs_over_ours() -> Decision {
    Decision { verdict: Verdict::Theirs, lost: Some(Side::Ours) }
}

fn person() -> Decision {
    Decision { verdict: Verdict::Person, lost: None }
}

fn both(value: Value) -> Decision {
    Decision { verdict: Verdict::Combined(value), lost: None }
}

/// Field, before, this till, head office, who was later, what comes of it.
type Row = (&'static str, Value, Value, Value, Later, Decision);

fn check(table: Vec<Row>) {
    for (path, before, here, there, later, expected) in table {
        let sides = Sides { before: &before, ours: &here, theirs: &there, ages: ages(later) };
        assert_eq!(decide(path, sides), expected, "{path}: {before} → {here} here, {there} there, later: {later:?}");
    }
}

#[test]
fn what_only_one_side_changed_is_taken_and_the_same_on_both_sides_is_no_question() {
    check(vec![
        ("email", json!("a"), json!("b"), json!("a"), Later::Them, ours()),
        ("birthday", json!(null), json!({ "month": 5 }), json!(null), Later::Them, ours()),
        ("phone", json!("1"), json!("2"), json!("2"), Later::Us, theirs()),
        ("note", json!("x"), json!(null), json!(null), Later::Us, theirs()),
    ]);
}

#[test]
fn of_most_fields_the_newer_one_stays_and_the_other_is_kept_in_the_history() {
    let list = |text: &str| json!([{ "text": text }]);
    let mut table = Vec::new();
    let plain = ["email", "gender", "home_town", "staff_note", "company", "picture", "reference", "kind"];
    let at_shop = ["discount_percent", "earn_percent", "is_active", "valid_until", "risk", "category", "on_account"];
    let keyed = ["meta/k", "social/zalo", "external_ids/crm", "from_a_newer_version"];
    for path in plain.into_iter().chain(at_shop).chain(keyed) {
        table.push((path, json!("a"), json!("b"), json!("c"), Later::Us, ours_over_theirs()));
        table.push((path, json!("a"), json!("b"), json!("c"), Later::Them, theirs_over_ours()));
        table.push((path, json!("a"), json!("b"), json!("c"), Later::Nobody, theirs_over_ours()));
        table.push((path, json!("a"), json!(null), json!("c"), Later::Us, ours_over_theirs()));
    }
    // An address list is one value: two sides' addresses are never mixed.
    table.push(("addresses", list("old"), list("ours"), list("theirs"), Later::Us, ours_over_theirs()));
    check(table);
}

#[test]
fn phone_birthday_and_name_are_for_a_person() {
    let number = |typed: &str, e164: Option<&str>| json!({ "typed": typed, "e164": e164 });
    let name = |full: &str, given: Option<&str>| json!({ "full": full, "given": given });
    let same = Some("+84912000471");
    check(vec![
        ("phone", number("1", None), number("2", None), number("3", None), Later::Us, person()),
        ("mobile", json!(null), number("2", None), number("3", None), Later::Them, person()),
        ("phone", number("1", None), json!(null), number("3", None), Later::Us, person()),
        // Two spellings of one number.
        ("phone", number("1", None), number("0912 000 471", same), number("+84912000471", same), Later::Us, theirs()),
        ("birthday", json!({ "day": 1 }), json!({ "day": 2 }), json!({ "day": 3 }), Later::Us, person()),
        ("name", name("An", None), name("An Trần", None), name("Ân", None), Later::Us, person()),
        // Only the parts differ.
        ("name", name("An", None), name("An Trần", Some("An")), name("An Trần", None), Later::Us, ours_over_theirs()),
    ]);
}

#[test]
fn of_two_notes_the_longer_stays_where_it_has_the_other_in_it() {
    check(vec![
        ("note", json!("nuts"), json!("nuts, tea"), json!("nuts, tea, no milk"), Later::Us, theirs()),
        ("note", json!("nuts"), json!("no nuts, tea"), json!("no nuts"), Later::Them, ours()),
        ("note", json!("nuts"), json!("nuts, tea"), json!("nuts, coffee"), Later::Us, person()),
        ("note", json!("nuts"), json!(null), json!("nuts, coffee"), Later::Us, theirs_over_ours()),
        ("note", json!("nuts, tea"), json!("nuts, tea, milk"), json!("tea"), Later::Them, ours_over_theirs()),
    ]);
}

#[test]
fn labels_are_sets_and_adding_beats_taking_away() {
    check(vec![
        ("labels/vip", json!(false), json!(true), json!(null), Later::Them, ours()),
        ("labels/vip", json!(false), json!(null), json!(true), Later::Us, theirs()),
    ]);
}

fn card(status: &str, at: &str) -> Value {
    json!({ "is_virtual": false, "status": status, "is_active": true, "status_at": at })
}

fn with(mut card: Value, key: &str, value: Value) -> Value {
    card[key] = value;
    card
}

#[test]
fn a_block_wins_and_an_unblock_only_over_what_it_saw() {
    let (valid, blocked) = (card("valid", "t0"), with(card("blocked", "t1"), "status_reason", json!("lost")));
    let off = with(card("valid", "t2"), "is_active", json!(false));
    let (unblocked, stolen) = (card("valid", "t2"), with(card("blocked", "t3"), "status_reason", json!("stolen")));
    let noted = |card: &Value| with(card.clone(), "note", json!("gold"));
    let path = "cards/8400";
    check(vec![
        // One side blocks, the other writes a note on it: both.
        (path, valid.clone(), blocked.clone(), noted(&valid), Later::Them, both(noted(&blocked))),
        (path, valid.clone(), noted(&valid), blocked.clone(), Later::Us, both(noted(&blocked))),
        // Blocked here, destroyed there; blocked here, switched off there; blocked here, to be destroyed there.
        (path, valid.clone(), blocked.clone(), card("disposed", "t2"), Later::Us, theirs_over_ours()),
        (path, valid.clone(), blocked.clone(), off.clone(), Later::Them, ours_over_theirs()),
        (path, valid.clone(), card("dispose_requested", "t2"), blocked.clone(), Later::Us, theirs_over_ours()),
        (path, valid.clone(), off, card("reissue_requested", "t2"), Later::Them, ours_over_theirs()),
        // Lifted here while somebody blocked it for another reason there: it stays blocked.
        (path, blocked.clone(), unblocked.clone(), stolen.clone(), Later::Us, theirs_over_ours()),
        // Lifted here while another took its place there: that one is in the member's hand.
        (
            path,
            blocked.clone(),
            unblocked.clone(),
            with(blocked.clone(), "replaced_by", json!("8401")),
            Later::Us,
            theirs_over_ours(),
        ),
        // Lifted here while only a note was written there: the block that was lifted is the one that was seen.
        (path, blocked.clone(), unblocked.clone(), noted(&blocked), Later::Them, both(noted(&unblocked))),
        // Both blocked it: the newer reason.
        (path, valid.clone(), blocked.clone(), stolen.clone(), Later::Us, ours_over_theirs()),
        // A card that one side took away and the other blocked is there.
        (path, valid.clone(), json!(null), blocked.clone(), Later::Us, theirs()),
        (path, valid, blocked, json!(null), Later::Them, ours()),
    ]);
}

#[test]
fn a_blocked_card_never_becomes_usable_unless_somebody_lifted_that_very_block() {
    let states = [card("valid", "t0"), card("valid", "t1"), card("blocked", "t2"), card("expired", "t3")];
    let off = with(card("valid", "t4"), "is_active", json!(false));
    let is_usable = |card: &Value| card["status"] == "valid" && card["is_active"] == true;
    let states: Vec<Value> = states.into_iter().chain([off]).collect();
    for before in &states {
        for here in &states {
            for there in &states {
                for later in [Later::Us, Later::Them, Later::Nobody] {
                    let sides = Sides { before, ours: here, theirs: there, ages: ages(later) };
                    let result = match decide("cards/1", sides).verdict {
                        Verdict::Ours => here.clone(),
                        Verdict::Theirs => there.clone(),
                        Verdict::Combined(value) => value,
                        Verdict::Person => panic!("cards are never for a person"),
                    };
                    let newly_stopped = [here, there].into_iter().any(|side| !is_usable(side) && side != before);
                    assert!(!(newly_stopped && is_usable(&result)), "{before} {here} {there} → {result}");
                }
            }
        }
    }
}

#[test]
fn a_withdrawal_wins_unless_a_newer_yes_says_where_it_was_given() {
    let yes = json!({ "is_given": true, "source": "paper" });
    let (bare_yes, no) = (json!({ "is_given": true }), json!({ "is_given": false, "source": "counter" }));
    let path = "consents/offers/sms";
    check(vec![
        (path, json!(null), no.clone(), yes.clone(), Later::Us, ours_over_theirs()),
        (path, json!(null), no.clone(), yes.clone(), Later::Nobody, ours_over_theirs()),
        (path, json!(null), no.clone(), yes.clone(), Later::Them, theirs_over_ours()),
        (path, json!(null), no.clone(), bare_yes.clone(), Later::Them, ours_over_theirs()),
        (path, json!(null), yes.clone(), no.clone(), Later::Us, ours_over_theirs()),
        (path, json!(null), yes.clone(), no.clone(), Later::Nobody, theirs_over_ours()),
        (path, json!(null), yes.clone(), no.clone(), Later::Them, theirs_over_ours()),
        (path, json!(null), bare_yes.clone(), no, Later::Us, theirs_over_ours()),
        (path, json!(null), bare_yes, yes, Later::Us, ours_over_theirs()),
    ]);
}

#[test]
fn a_yes_that_only_arrived_later_does_not_win_over_a_withdrawal_that_was_given_after_it() {
    let given = |is_given: bool, hour: u32| json!({ "is_given": is_given, "source": "counter", "at": format!("2026-09-30T{hour:02}:00:00.000Z") });
    let path = "consents/offers/email";
    check(vec![
        (path, json!(null), given(false, 15), given(true, 14), Later::Them, ours_over_theirs()),
        (path, json!(null), given(true, 14), given(false, 15), Later::Us, theirs_over_ours()),
        (path, json!(null), given(false, 14), given(true, 14), Later::Them, ours_over_theirs()),
        (path, json!(null), given(false, 14), given(true, 15), Later::Them, theirs_over_ours()),
    ]);
}

#[test]
fn a_hold_set_by_either_side_stays() {
    let (late, theft) = (json!({ "reason": "late" }), json!({ "reason": "theft" }));
    check(vec![
        ("hold", late.clone(), json!(null), theft.clone(), Later::Us, theirs_over_ours()),
        ("hold", late.clone(), theft.clone(), json!(null), Later::Them, ours_over_theirs()),
        ("hold", json!(null), late, theft, Later::Us, ours_over_theirs()),
    ]);
}

#[test]
fn two_tills_that_merged_the_same_members_agree_and_all_else_about_who_is_whom_is_for_a_person() {
    let into = |who: &str, at: &str, taken: Value| json!({ "into": who, "at": at, "taken": taken });
    let (one, other) = (into("W", "t1", json!({ "email": 1 })), into("W", "t2", json!({ "note": 2 })));
    let agreed = into("W", "t2", json!({ "email": 1, "note": 2 }));
    check(vec![
        ("merged", json!(null), one.clone(), other.clone(), Later::Us, both(agreed)),
        ("merged", json!(null), one.clone(), into("V", "t2", json!({})), Later::Us, person()),
        ("merged", one, json!(null), other, Later::Us, person()),
    ]);
}

#[test]
fn each_field_of_an_edit_is_decided_by_itself() {
    let document = |value: Value| value.as_object().cloned().expect("an object");
    let base: Document = document(json!({ "email": "a", "phone": "1", "note": "x" }));
    let here = document(json!({ "email": "b", "phone": "2", "note": "x y" }));
    let there = document(json!({ "email": "c", "phone": "3", "note": "x", "gender": "male" }));
    let decided = decide_all(&Edit::between(&base, &here), &there, |_| ages(Later::Us));
    let verdicts: Vec<_> = decided.into_iter().map(|(path, decided)| (path, decided.decision)).collect();
    let expected = [("email", ours_over_theirs()), ("note", ours()), ("phone", person())];
    assert_eq!(verdicts, expected.map(|(path, decision)| (path.to_owned(), decision)));
}
