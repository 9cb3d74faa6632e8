use super::*;
use crate::ledger::fixture::{entry_id, ledger, minutes, staff, till, vnd};
use crate::ledger::{LotClass, VOID_WITHIN};

const DAY_2: i64 = 24 * 60;

/// Till 1 and cashier 1 undo an entry; the minute of day 2 at which they try.
fn undone(text: &str, target: u128, minute: i64) -> Result<String, &'static str> {
    let (till, staff, at) = (till(1), Some(staff(1)), minutes(DAY_2 + minute));
    let drafts = voidable(&ledger(text), entry_id(target), till, staff, at, VOID_WITHIN);
    let in_words = |draft: EntryDraft| {
        let source = draft.source_entry_id.expect("a source").uuid().as_u128();
        format!("{} {} of #{source}", draft.lot_class, draft.amount.minor)
    };
    let drafts = drafts.map_err(|refusal| refusal.code())?;
    Ok(drafts.into_iter().map(in_words).collect::<Vec<_>>().join(", "))
}

/// What happened, what is to be undone and in which minute, and what comes of it.
#[test]
fn only_the_latest_action_is_undone_by_who_did_it_within_ten_minutes() {
    let table = [
        ("a top-up, at once", "#1  day 2  top_up  prepaid  100  staff 1", 1, 1, Ok("prepaid -100 of #1")),
        ("a top-up, in the tenth minute", "#1  day 2  top_up  prepaid  100  staff 1", 1, 11, Ok("prepaid -100 of #1")),
        ("a top-up, later", "#1  day 2  top_up  prepaid  100  staff 1", 1, 12, Err("void_too_late")),
        (
            "a top-up that this clock has not reached yet",
            "#1  day 2  top_up  prepaid  100  staff 1",
            1,
            0,
            Err("void_too_late"),
        ),
        (
            "a top-up beside one of a till whose clock runs a week ahead",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 9  top_up  prepaid  100  staff 1  till 2",
            1,
            1,
            Ok("prepaid -100 of #1"),
        ),
        ("a top-up of another till", "#1  day 2  top_up  prepaid  100  staff 1  till 2", 1, 1, Err("void_other_till")),
        ("a top-up of another cashier", "#1  day 2  top_up  prepaid  100  staff 2", 1, 1, Err("void_other_till")),
        (
            "a top-up that was booked while nobody was logged in",
            "#1  day 2  top_up  prepaid  100",
            1,
            1,
            Err("void_other_till"),
        ),
        (
            "a top-up that is not the latest",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 2  top_up  prepaid  100  staff 1",
            1,
            3,
            Err("void_not_latest"),
        ),
        (
            "a top-up that was used",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 2  redeem  prepaid   -1  staff 1",
            1,
            3,
            Err("void_not_latest"),
        ),
        (
            "a reward that ran out meanwhile",
            "#1  day 2  adjust  reward   100  staff 1  until 2  at 4
             #2  day 2  expire  reward  -100  of #1  at 5",
            1,
            6,
            Err("void_spent"),
        ),
        (
            "a top-up while an older lot expired",
            "#1  day 1  earn    reward    30  until 1
             #2  day 2  top_up  prepaid  100  staff 1
             #3  day 2  expire  reward   -30  of #1",
            2,
            4,
            Ok("prepaid -100 of #2"),
        ),
        (
            "a top-up on an account that owes",
            "#1  day 2  redeem  prepaid  -30  staff 1
             #2  day 2  top_up  prepaid  100  staff 1",
            2,
            4,
            Ok("prepaid -100 of #2"),
        ),
        (
            "a redemption, with all its parts",
            "#1  day 1  top_up  prepaid  100  staff 1
             #2  day 1  earn    reward    10  staff 1
             #3  day 2  redeem  reward   -10  staff 1  at 3
             #4  day 2  redeem  prepaid  -20  staff 1  at 3",
            4,
            4,
            Ok("reward 10 of #3, prepaid 20 of #4"),
        ),
        (
            "a sale, with what it earned",
            "#1  day 1  top_up  prepaid  100  staff 1
             #2  day 2  redeem  prepaid  -20  staff 1  visit 1
             #3  day 2  earn    reward     5  staff 1  visit 1",
            2,
            4,
            Ok("prepaid 20 of #2, reward -5 of #3"),
        ),
        (
            "a return, with what it clawed back",
            "#1  day 1  earn    reward     5  staff 1
             #2  day 2  return_to_credit  returns  50  staff 1  visit 2
             #3  day 2  earn    reward    -5  staff 1  visit 2  of #1",
            2,
            4,
            Ok("returns -50 of #2, reward 5 of #3"),
        ),
        (
            "a sale of which something came back",
            "#1  day 2  earn    reward     5  staff 1  visit 1
             #2  day 2  return_to_credit  returns  50  staff 1  visit 2",
            1,
            4,
            Err("void_not_latest"),
        ),
        (
            "what was undone before",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 2  void    prepaid -100  staff 1  of #1",
            1,
            3,
            Err("already_voided"),
        ),
        (
            "an undoing",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 2  void    prepaid -100  staff 1  of #1",
            2,
            3,
            Err("void_not_possible"),
        ),
        (
            "what was there before the undone",
            "#1  day 2  top_up  prepaid  100  staff 1
             #2  day 2  top_up  prepaid  100  staff 1
             #3  day 2  void    prepaid -100  staff 1  of #2",
            1,
            4,
            Err("void_not_latest"),
        ),
        ("an expiry", "#1  day 2  expire  reward   -10  staff 1", 1, 1, Err("void_not_possible")),
        ("what was taken over", "#1  day 2  opening prepaid  100  staff 1", 1, 1, Err("void_not_possible")),
        ("what is not there", "#1  day 2  top_up  prepaid  100  staff 1", 9, 1, Err("entry_not_found")),
    ];
    for (case, text, target, minute, expected) in table {
        assert_eq!(undone(text, target, minute), expected.map(str::to_owned), "{case}");
    }
}

#[test]
fn what_a_remote_or_an_import_booked_is_not_undone_at_a_till() {
    for source in [EntrySource::Remote, EntrySource::Import] {
        let mut entries = ledger("#1  day 2  adjust  prepaid  100  staff 1");
        entries[0].source = source;
        let at = entries[0].at;
        let refusal = voidable(&entries, entry_id(1), till(1), Some(staff(1)), at, VOID_WITHIN);
        assert_eq!(refusal, Err(Refusal::VoidNotPossible));
    }
}

#[test]
fn the_owners_window_counts_and_is_named() {
    let entries = ledger("#1  day 1  top_up  prepaid  100  at 1");
    let within = Duration::from_secs(120);
    let try_at = |minute| voidable(&entries, entry_id(1), till(1), None, minutes(minute), within);
    assert!(try_at(3).is_ok());
    assert_eq!(try_at(4), Err(Refusal::VoidTooLate { minutes: 2 }));
}

#[test]
fn a_redemption_of_another_receipt_at_the_same_instant_is_another_action() {
    let mut entries = ledger(
        "#1  day 1  redeem  prepaid  -20  at 3
         #2  day 1  redeem  prepaid  -30  at 3",
    );
    entries[1].receipt = Some("R-2".to_owned());
    let drafts = voidable(&entries, entry_id(2), till(1), None, minutes(4), VOID_WITHIN).expect("voidable");
    let undo = EntryDraft {
        kind: EntryKind::Void,
        lot_class: LotClass::Prepaid,
        amount: vnd(30),
        expires_on: None,
        source_entry_id: Some(entry_id(2)),
    };
    assert_eq!(drafts, [undo]);
}

#[test]
fn an_amount_that_no_account_holds_is_refused() {
    let mut entries = ledger("#1  day 1  top_up  prepaid  1  at 3");
    entries[0].amount = vnd(i64::MAX);
    let refusal = voidable(&entries, entry_id(1), till(1), None, minutes(4), VOID_WITHIN);
    assert_eq!(refusal, Err(Refusal::AmountTooLarge));
}
