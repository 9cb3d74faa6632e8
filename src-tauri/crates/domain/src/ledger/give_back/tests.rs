use super::*;
use crate::ids::VisitId;
use crate::ledger::fixture::{currency, day, ledger, location, member, minutes, till, visit_id, vnd};
use crate::percent::Percent;
use proptest::prelude::*;

/// The sale of visit 1: its net (the discount was off already), what rewards paid of it, all credit that paid, and earn %.
fn sale(net: i64, rewards: i64, credit: i64, earn: &str) -> Visit {
    let earn_percent: Percent = earn.parse().expect("a percentage");
    let earn_base = vnd(net - rewards);
    Visit {
        id: visit_id(1),
        member_id: member(),
        location_id: location(),
        till_id: till(1),
        staff_id: None,
        at: minutes(0),
        business_date: day(2),
        kind: VisitKind::Sale,
        source_visit_id: None,
        receipt: Some("R-1".to_owned()),
        bill: vnd(net + 10),
        discount_percent: Percent::ZERO,
        discount: vnd(10),
        credit_used: vnd(credit),
        left_to_collect: vnd(net - credit),
        earn_percent,
        earn_base,
        earned: earn_percent.of_rounded_down(earn_base),
    }
}

fn is_return(n: u128, original: &Visit, amount: i64, clawed: i64) -> Visit {
    let kind = VisitKind::Return;
    let (bill, earned) = (vnd(amount), vnd(clawed));
    Visit {
        id: visit_id(n),
        kind,
        source_visit_id: Some(original.id),
        bill,
        discount: vnd(0),
        earned,
        ..original.clone()
    }
}

fn is_void(n: u128, undone: VisitId) -> Visit {
    Visit { id: visit_id(n), kind: VisitKind::Void, source_visit_id: Some(undone), ..sale(100, 0, 0, "0") }
}

fn returned(original: &Visit, text: &str, others: &[Visit], amount: i64, on: u32) -> Result<GivenBack, Refusal> {
    let entries = ledger(text);
    let lots = Lots::replay(currency("VND"), &entries).expect("replays");
    let its: Vec<_> = entries.into_iter().filter(|entry| entry.visit_id == Some(visit_id(1))).collect();
    give_back(original, &its, others, &lots, vnd(amount), day(on))
}

/// As `reward +20 until day 9 of #3, returns +80, reward -4 of #4`, in the words of the fixture.
fn booked(given: &GivenBack) -> String {
    let in_words = |draft: &EntryDraft| {
        let until = draft.expires_on.map(|day| format!(" until {day}")).unwrap_or_default();
        let source = draft.source_entry_id.map(|id| format!(" of #{}", id.uuid().as_u128())).unwrap_or_default();
        format!("{} {:+}{until}{source}", draft.lot_class, draft.amount.minor)
    };
    let words = given.drafts.iter().map(in_words).collect::<Vec<_>>().join(", ");
    if words.is_empty() { "nothing".to_owned() } else { words }
}

/// The case; the sale (net, by rewards, by credit, earn %), the account, what came back before (and was clawed back),
/// what comes back now on day 3; what is booked.
#[test]
#[rustfmt::skip]
fn a_return_gives_back_what_paid_and_claws_back_what_was_earned() {
    const NOTHING_EARLIER: &[(i64, i64)] = &[];
    let table = [
        (
            "all of a bill that was paid in cash becomes credit",
            sale(100, 0, 0, "0"), "", NOTHING_EARLIER, 100,
            "returns +100",
        ),
        (
            "a part of it",
            sale(100, 0, 0, "0"), "", NOTHING_EARLIER, 30,
            "returns +30",
        ),
        (
            "what it earned goes",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn  reward  5  visit 1", NOTHING_EARLIER, 100,
            "returns +100, reward -5 of #1",
        ),
        (
            "half of it: what the other half does not earn goes",
            sale(101, 0, 0, "5"),
            "#1  day 2  earn  reward  5  visit 1", NOTHING_EARLIER, 50,
            "returns +50, reward -3 of #1",
        ),
        (
            "the other half: the rest of what it had earned",
            sale(101, 0, 0, "5"),
            "#1  day 2  earn  reward  5  visit 1
             #2  day 2  earn  reward  -3  of #1", &[(50, 3)], 51,
            "returns +51, reward -2 of #1",
        ),
        (
            "prepaid that paid is prepaid again, the rest becomes returns",
            sale(100, 0, 40, "0"),
            "#1  day 1  top_up  prepaid  90
             #2  day 2  redeem  prepaid  -40  visit 1", NOTHING_EARLIER, 70,
            "prepaid +40 of #2, returns +30",
        ),
        (
            "a reward that paid comes back first, with its last day, and had earned nothing",
            sale(100, 20, 20, "5"),
            "#1  day 1  earn    reward    20  until 9
             #2  day 2  redeem  reward   -20  visit 1
             #3  day 2  earn    reward     4  visit 1", NOTHING_EARLIER, 20,
            "reward +20 until 2026-01-09 of #2",
        ),
        (
            "so a partial return never makes money of a reward",
            sale(100, 20, 20, "5"),
            "#1  day 1  earn    reward    20  until 9
             #2  day 2  redeem  reward   -20  visit 1
             #3  day 2  earn    reward     4  visit 1", NOTHING_EARLIER, 15,
            "reward +15 until 2026-01-09 of #2",
        ),
        (
            "and the next one goes on where it stopped",
            sale(100, 20, 20, "5"),
            "#1  day 1  earn    reward    20  until 9
             #2  day 2  redeem  reward   -20  visit 1
             #3  day 2  earn    reward     4  visit 1", &[(15, 0)], 45,
            "reward +5 until 2026-01-09 of #2, returns +40, reward -2 of #3",
        ),
        (
            "two lots come back in the order in which they were taken",
            sale(100, 30, 60, "0"),
            "#1  day 1  earn    reward    20  until 9
             #2  day 1  earn    reward    20  until 5
             #3  day 1  top_up  prepaid   50
             #4  day 2  redeem  prepaid  -30  visit 1
             #5  day 2  redeem  reward   -30  visit 1", NOTHING_EARLIER, 50,
            "reward +20 until 2026-01-05 of #5, reward +10 until 2026-01-09 of #5, prepaid +20 of #4",
        ),
        (
            "what a redemption had overdrawn comes back as well",
            sale(100, 0, 40, "0"),
            "#1  day 1  top_up  prepaid  10
             #2  day 2  redeem  prepaid -40  visit 1", NOTHING_EARLIER, 40,
            "prepaid +40 of #2",
        ),
        (
            "the reward is spent: the return shrinks",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  visit 1
             #2  day 2  redeem  reward    -5", NOTHING_EARLIER, 100,
            "returns +95",
        ),
        (
            "the reward is spent in part: both",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  visit 1
             #2  day 2  redeem  reward    -3", NOTHING_EARLIER, 100,
            "returns +97, reward -2 of #1",
        ),
        (
            "the return shrinks by the reward that it gives back, before money",
            sale(100, 20, 20, "5"),
            "#1  day 1  earn    reward    20
             #2  day 2  redeem  reward   -20  visit 1
             #3  day 2  earn    reward     4  visit 1
             #4  day 2  redeem  reward    -4", NOTHING_EARLIER, 100,
            "reward +16 of #2, returns +80",
        ),
        (
            "another reward is there: it is taken",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  visit 1
             #2  day 2  redeem  reward    -5
             #3  day 2  earn    reward     9", NOTHING_EARLIER, 100,
            "returns +100, reward -5 of #1",
        ),
        (
            "the wallet owes: nothing is taken, the return shrinks",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  visit 1
             #2  day 2  redeem  prepaid  -30", NOTHING_EARLIER, 100,
            "returns +95",
        ),
        (
            "the wallet is down to 2: no more than that is taken",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  visit 1
             #2  day 2  redeem  prepaid   -3", NOTHING_EARLIER, 100,
            "returns +97, reward -2 of #1",
        ),
        (
            "nothing is left to shrink",
            sale(10, 0, 0, "100"),
            "#1  day 2  earn    reward    10  visit 1
             #2  day 2  redeem  reward   -10", NOTHING_EARLIER, 10,
            "nothing",
        ),
        (
            "what ran out unused is not clawed back",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  until 2  visit 1", NOTHING_EARLIER, 100,
            "returns +100",
        ),
        (
            "booked as expired or not",
            sale(100, 0, 0, "5"),
            "#1  day 2  earn    reward     5  until 2  visit 1
             #2  day 2  redeem  reward    -3
             #3  day 3  expire  reward    -2  of #1", NOTHING_EARLIER, 100,
            "returns +97",
        ),
        (
            "a lot whose last day has passed comes back as it was; it does not pay for what is clawed back",
            sale(100, 20, 20, "5"),
            "#1  day 1  earn    reward    20  until 2
             #2  day 2  redeem  reward   -20  visit 1
             #3  day 2  earn    reward     4  visit 1
             #4  day 2  redeem  reward    -4", NOTHING_EARLIER, 100,
            "reward +20 until 2026-01-02 of #2, returns +76",
        ),
    ];
    for (case, original, text, earlier, amount, expected) in table {
        let before: Vec<_> = earlier
            .iter()
            .zip(10..)
            .map(|((amount, clawed), n)| is_return(n, &original, *amount, *clawed))
            .collect();
        let given = returned(&original, text, &before, amount, 3).expect(case);
        assert_eq!(booked(&given), expected, "{case}");
        conserves(&given);
    }
}

fn conserves(given: &GivenBack) {
    let minor = |amount: Money| amount.minor;
    assert_eq!(minor(given.given_back) + minor(given.to_returns) + minor(given.withheld), minor(given.amount));
    assert_eq!(minor(given.from_rewards) + minor(given.withheld) + minor(given.forgone), minor(given.claw_back));
    assert_eq!(given.recovered().minor + minor(given.forgone), minor(given.claw_back));
    let booked: i64 = given.drafts.iter().map(|draft| draft.amount.minor).sum();
    assert_eq!(booked, minor(given.balance_change));
    assert_eq!(booked, minor(given.given_back) + minor(given.to_returns) - minor(given.from_rewards));
}

#[test]
fn no_more_comes_back_than_was_paid() {
    let original = sale(100, 0, 0, "0");
    let earlier = [is_return(2, &original, 60, 0), is_return(3, &original, 30, 0)];
    let too_large = |available| Err(Refusal::ReturnTooLarge { available: vnd(available) });
    assert_eq!(returned(&original, "", &[], 101, 3), too_large(100), "the discount does not come back");
    assert_eq!(returned(&original, "", &earlier, 11, 3), too_large(10));
    assert!(returned(&original, "", &earlier, 10, 3).is_ok());
    assert_eq!(returned(&original, "", &[], 0, 3), Err(Refusal::AmountNotPositive));
    assert_eq!(returned(&original, "", &[], i64::MAX, 3), Err(Refusal::AmountTooLarge));
    assert_eq!(returned(&earlier[0], "", &[], 1, 3), too_large(0), "a return is not returned");
}

#[test]
fn a_return_that_was_undone_counts_no_more_and_an_undone_sale_gives_nothing_back() {
    let original = sale(100, 0, 0, "0");
    let others = [is_return(2, &original, 60, 0), is_void(3, visit_id(2))];
    assert!(returned(&original, "", &others, 100, 3).is_ok());
    let others = [is_void(3, original.id)];
    assert_eq!(returned(&original, "", &others, 1, 3), Err(Refusal::AlreadyVoided));
}

#[test]
fn what_two_tills_took_back_of_one_sale_is_too_much() {
    let original = sale(100, 0, 0, "0");
    let back = |n, amount| is_return(n, &original, amount, 0);
    let undone = |n, what| is_void(n, what);
    let table = [
        ("nothing came back", vec![], None),
        ("all of it once", vec![back(2, 100)], None),
        ("in two parts", vec![back(2, 60), back(3, 40)], None),
        ("twice", vec![back(2, 100), back(3, 100)], Some(100)),
        ("twice in part", vec![back(2, 60), back(3, 60)], Some(20)),
        ("twice, and one was undone", vec![back(2, 100), back(3, 100), undone(4, visit_id(3))], None),
        ("the sale was undone", vec![undone(2, original.id)], None),
        ("undone, and a part came back", vec![undone(2, original.id), back(3, 30)], Some(30)),
        ("undone twice", vec![undone(2, original.id), undone(3, original.id)], Some(100)),
    ];
    for (case, others, expected) in table {
        assert_eq!(too_much_back(&original, &others), Ok(expected.map(vnd)), "{case}");
    }
    let is_return = back(2, 100);
    assert_eq!(too_much_back(&is_return, &[undone(3, is_return.id)]), Ok(None), "a return is not a sale");
}

#[test]
fn the_base_that_a_return_takes_away_is_kept() {
    let original = sale(100, 20, 20, "5");
    let text = "#1 day 1 earn reward 20
                #2 day 2 redeem reward -20 visit 1
                #3 day 2 earn reward 4 visit 1";
    let base = |amount| returned(&original, text, &[], amount, 3).map(|given| given.earn_base);
    assert_eq!(base(20), Ok(vnd(0)), "the rewards come back first and had earned nothing");
    assert_eq!(base(50), Ok(vnd(30)));
    assert_eq!(base(100), Ok(vnd(80)));
}

#[test]
fn what_could_not_be_clawed_back_is_made_up_for_by_the_next_return() {
    let original = sale(10, 0, 0, "100");
    let text = "#1  day 2  earn    reward  10  visit 1
                #2  day 2  redeem  reward -10";
    let first = returned(&original, text, &[], 4, 3).expect("returned");
    assert_eq!((first.withheld, first.forgone), (vnd(4), vnd(0)));
    // Nobody could take anything the first time: all of it is due now, and the return is all there is.
    let second = returned(&original, text, &[is_return(2, &original, 4, 0)], 6, 3).expect("returned");
    assert_eq!((second.claw_back, second.withheld, second.forgone), (vnd(10), vnd(6), vnd(4)));
}

#[test]
fn records_that_no_till_wrote_are_refused_not_panicked_about() {
    let original = sale(100, 0, 0, "5");
    for minor in [i64::MIN, i64::MAX] {
        let strange = Visit { bill: vnd(minor), earned: vnd(minor), earn_base: vnd(minor), ..original.clone() };
        let _refused_or_not = returned(&strange, "", &[is_return(2, &strange, minor, minor)], 1, 3);
        let _refused_or_not = returned(&original, "", &[is_return(2, &strange, minor, minor)], 1, 3);
    }
    let euro = Visit { bill: Money::new(100, currency("EUR")), ..original.clone() };
    assert_eq!(returned(&euro, "", &[], 1, 3).expect_err("refused").code(), "currency_differs");
}

proptest! {
    /// Whatever rewards and prepaid paid, and whatever was spent since.
    #[test]
    fn many_small_returns_give_what_one_large_one_gives(
        paid in (0_i64..60, 0_i64..60, 1_i64..200),
        earn in 0_i64..=10_000,
        cuts in proptest::collection::vec(1_i64..80, 1..6),
    ) {
        let (reward, prepaid, cash) = paid;
        let earn = Percent::from_basis_points(earn, "earn").expect("a rate");
        let original = sale(reward + prepaid + cash, reward, reward + prepaid, &earn.to_string());
        let text = format!(
            "#1  day 1  earn    reward   {reward}  until 9
             #2  day 1  top_up  prepaid  {prepaid}
             #3  day 2  redeem  reward  -{reward}  visit 1
             #4  day 2  redeem  prepaid -{prepaid}  visit 1
             #5  day 2  earn    reward   {}  visit 1", original.earned.minor
        );
        let mut entries = ledger(&text);
        let its: Vec<_> = entries.iter().filter(|entry| entry.visit_id == Some(visit_id(1))).cloned().collect();
        let whole: i64 = cuts.iter().sum::<i64>().min(original.net().expect("a net").minor);
        let at_once = returned(&original, &text, &[], whole, 3).expect("returned");
        let (mut others, mut left, mut change) = (Vec::new(), whole, 0);
        for (cut, n) in cuts.iter().zip(10_u32..) {
            let amount = left.min(*cut);
            if amount == 0 { break }
            let lots = Lots::replay(currency("VND"), &entries).expect("replays");
            let given = give_back(&original, &its, &others, &lots, vnd(amount), day(3)).expect("returned");
            conserves(&given);
            for (draft, part) in given.drafts.iter().zip(0_u32..) {
                let booked = crate::ledger::fixture::entry((n * 10 + part).into(), draft.kind, draft.lot_class, draft.amount);
                let (source_entry_id, expires_on) = (draft.source_entry_id, draft.expires_on);
                entries.push(LedgerEntry { source_entry_id, expires_on, business_date: day(3), at: minutes(9_999), ..booked });
            }
            others.push(is_return(n.into(), &original, amount, given.recovered().minor));
            (left, change) = (left - amount, change + given.balance_change.minor);
        }
        prop_assert_eq!(change, at_once.balance_change.minor);
        prop_assert_eq!(others.iter().map(|visit| visit.earned.minor).sum::<i64>(), at_once.recovered().minor);
    }
}
