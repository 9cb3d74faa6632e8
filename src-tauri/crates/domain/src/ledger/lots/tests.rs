use super::*;
use crate::ledger::fixture::{currency, day, entry, entry_id, in_words, ledger, minutes, vnd};
use proptest::prelude::*;

fn replayed(entries: &[LedgerEntry]) -> Lots {
    Lots::replay(currency("VND"), entries).expect("replays")
}

fn lots(text: &str) -> Lots {
    replayed(&ledger(text))
}

/// What is left, less what is owed and what expired too much, is the balance; and no lot gives more than it had.
fn conserves(lots: &Lots) {
    let left: i128 = lots.lots.iter().map(|lot| lot.left - lot.over_expired).sum();
    let owed: i128 = lots.takings.iter().map(|taking| taking.debt).sum();
    assert_eq!(left - owed, i128::from(lots.balance().minor));
    assert!(lots.lots.iter().all(|lot| 0 <= lot.covers && lot.covers <= lot.left));
}

/// As `#1 20, #2 10`: entry by entry.
fn listed(list: &[(EntryId, LotClass, Money)]) -> String {
    let parts: Vec<_> =
        list.iter().map(|(id, _, amount)| format!("#{} {}", id.uuid().as_u128(), amount.minor)).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// What happened, the day on which one looks, what can be used then, and what has to be booked as expired.
#[test]
fn what_can_be_used_on_a_day() {
    let table = [
        ("nothing happened", "", 1, "nothing", "nothing"),
        (
            "paid in and used",
            "#1  day 1  top_up  prepaid   100
             #2  day 2  redeem  prepaid   -40",
            9,
            "prepaid 60",
            "nothing",
        ),
        (
            "a reward can be used on its last day",
            "#1  day 1  earn    reward     30  until 5",
            5,
            "reward 30",
            "nothing",
        ),
        ("and not on the day after", "#1  day 1  earn    reward     30  until 5", 6, "nothing", "#1 30"),
        (
            "what is soonest lost is used first, though it came later",
            "#1  day 1  earn    reward     30  until 9
             #2  day 2  earn    reward     30  until 5
             #3  day 3  redeem  reward    -40",
            6,
            "reward 20",
            "nothing",
        ),
        (
            "what never runs out is used last",
            "#1  day 1  earn    reward     30
             #2  day 2  earn    reward     30  until 5
             #3  day 3  redeem  reward    -40",
            6,
            "reward 20",
            "nothing",
        ),
        (
            "of two with the same last day the older goes first",
            "#1  day 1  earn    reward     30  until 5
             #2  day 2  earn    reward     30  until 5
             #3  day 3  redeem  reward    -40",
            6,
            "nothing",
            "#2 20",
        ),
        (
            "what ran out is not used any more",
            "#1  day 1  earn    reward     30  until 2
             #2  day 1  earn    reward     30  until 9
             #3  day 3  redeem  reward    -30",
            3,
            "nothing",
            "#1 30",
        ),
        (
            "what was booked as expired is not due again",
            "#1  day 1  earn    reward     30  until 2
             #2  day 3  expire  reward    -30  of #1",
            3,
            "nothing",
            "nothing",
        ),
        (
            "prepaid expires where the owner has set it",
            "#1  day 1  top_up  prepaid   100  until 5
             #2  day 2  redeem  prepaid   -40",
            6,
            "nothing",
            "#1 60",
        ),
        (
            "more was used than there was: the member owes",
            "#1  day 1  top_up  prepaid   100
             #2  day 1  redeem  prepaid   -80
             #3  day 1  redeem  prepaid   -50  till 2",
            1,
            "prepaid -30",
            "nothing",
        ),
        (
            "one class owes, the other holds",
            "#1  day 1  earn    reward     30
             #2  day 1  adjust  prepaid   -10",
            1,
            "reward 30, prepaid -10",
            "nothing",
        ),
        (
            "what stands against a debt does not run out a second time",
            "#1  day 1  redeem  reward    -10
             #2  day 1  earn    reward     15  until 5",
            6,
            "nothing",
            "#2 5",
        ),
        (
            "a debt of the day after the last day is another matter",
            "#1  day 1  earn    reward     15  until 5
             #2  day 6  redeem  reward    -10",
            6,
            "reward -10",
            "#1 15",
        ),
        (
            "an undone redemption puts back what it took, with its last day",
            "#1  day 1  earn    reward     30  until 5
             #2  day 1  earn    reward     30  until 9
             #3  day 2  redeem  reward    -40
             #4  day 2  void    reward     40  of #3",
            6,
            "reward 30",
            "#1 30",
        ),
        (
            "an undone top-up takes its own lot, not the older one",
            "#1  day 1  top_up  prepaid   100  until 5
             #2  day 1  top_up  prepaid   100
             #3  day 1  void    prepaid  -100  of #2",
            6,
            "nothing",
            "#1 100",
        ),
        (
            "a bill is not paid with what it earns, whatever the order of its entries",
            "#1  day 1  top_up  prepaid   100
             #2  day 1  earn    reward     20
             #4  day 2  redeem  reward    -20  visit 1  at 9
             #3  day 2  earn    reward     10  until 5  visit 1  at 9",
            6,
            "prepaid 100",
            "#3 10",
        ),
        (
            "a reward is clawed back from its own lot, not from one that is sooner lost",
            "#1  day 1  earn    reward     10  until 5
             #2  day 1  earn    reward     10  until 9
             #3  day 1  earn    reward    -10  of #2",
            6,
            "nothing",
            "#1 10",
        ),
    ];
    for (case, text, on, held, due) in table {
        let lots = lots(text);
        assert_eq!(in_words(&lots.holdings(day(on))), held, "{case}");
        assert_eq!(lots.available(day(on)), lots.holdings(day(on)).balance().expect("fits"), "{case}");
        assert_eq!(listed(&lots.due_to_expire(day(on))), due, "{case}");
        assert_eq!(listed(&lots.over_expired()), "nothing", "{case}");
        conserves(&lots);
    }
}

/// What the till and the ledger's home booked, what expired too much, what can be used on day 6, and the balance.
#[test]
fn a_redemption_made_in_time_beats_an_expiry_posted_meanwhile() {
    let table = [
        (
            "the redemption of day 4 arrives after the expiry",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1
             #3  day 4  redeem  reward    -20",
            "#1 20",
            "reward -20",
            -20,
        ),
        (
            "and is set right by giving back what expired too much",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1
             #3  day 4  redeem  reward    -20
             #4  day 7  expire  reward     20  of #1",
            "nothing",
            "nothing",
            0,
        ),
        (
            "wherever the clock of its till puts it",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1  at 1
             #3  day 5  redeem  reward    -20  at 9999
             #4  day 7  expire  reward     20  of #1",
            "nothing",
            "nothing",
            0,
        ),
        (
            "a redemption after the last day is none of that: the member owes",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1
             #3  day 6  redeem  reward    -20",
            "nothing",
            "reward -20",
            -20,
        ),
        (
            "expired twice by mistake",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1
             #3  day 6  expire  reward    -30  of #1",
            "#1 30",
            "reward -30",
            -30,
        ),
        (
            "given back twice by mistake: it is due again, and nobody can use it",
            "#1  day 1  earn    reward     30  until 5
             #2  day 6  expire  reward    -30  of #1
             #3  day 7  expire  reward     30  of #1",
            "nothing",
            "nothing",
            30,
        ),
        (
            "the undoing of an in-time redemption leaves a lot that has run out",
            "#1  day 1  earn    reward     30  until 5
             #2  day 5  redeem  reward    -30
             #3  day 5  void    reward     30  of #2",
            "nothing",
            "nothing",
            30,
        ),
    ];
    for (case, text, over, held, balance) in table {
        let lots = lots(text);
        conserves(&lots);
        assert_eq!(listed(&lots.over_expired()), over, "{case}");
        assert_eq!(in_words(&lots.holdings(day(6))), held, "{case}");
        assert_eq!(lots.balance(), vnd(balance), "{case}");
    }
}

#[test]
fn the_next_last_day_says_what_will_be_lost() {
    let lots = lots(
        "#1  day 1  earn  reward  30  until 9
         #2  day 1  earn  reward  20  until 5
         #3  day 1  earn  reward   4  until 5
         #4  day 2  redeem  reward  -1",
    );
    assert_eq!(lots.next_expiry(day(1)), Some((day(5), vnd(23))));
    assert_eq!(lots.next_expiry(day(5)), Some((day(5), vnd(23))));
    assert_eq!(lots.next_expiry(day(6)), Some((day(9), vnd(30))));
    assert_eq!(lots.next_expiry(day(10)), None);
}

#[test]
fn what_an_entry_took_and_what_is_left_of_a_lot_can_be_asked() {
    let lots = lots(
        "#1  day 1  earn  reward  30  until 9
         #2  day 1  earn  reward  20  until 5
         #3  day 2  redeem  reward  -25
         #4  day 2  redeem  reward  -99
         #5  day 2  void  reward  99  of #4",
    );
    let taken: Vec<_> = lots.taken_by(entry_id(3)).iter().map(|taken| (taken.lot, taken.amount.minor)).collect();
    assert_eq!(taken, [(entry_id(2), 20), (entry_id(1), 5)]);
    assert_eq!(lots.taken_by(entry_id(4)), [], "it was undone");
    assert_eq!(lots.left_of(entry_id(1)), Some(vnd(25)));
    assert_eq!(lots.left_of(entry_id(2)), Some(vnd(0)));
    assert_eq!(lots.left_of(entry_id(3)), None);
    assert_eq!(lots.lapsed_of(entry_id(1), day(9)), vnd(0));
    assert_eq!(lots.lapsed_of(entry_id(1), day(10)), vnd(25));
}

#[test]
fn what_undoes_an_entry_stands_behind_it_though_the_clock_was_set_back() {
    let lots = lots(
        "#1  day 4  void    prepaid  -100  of #2
         #2  day 5  top_up  prepaid   100
         #3  day 4  top_up  prepaid    30
         #4  day 3  void    prepaid    50  of #6
         #5  day 2  top_up  prepaid    50
         #6  day 6  redeem  prepaid   -50",
    );
    let left = [2, 3, 5].map(|lot| lots.left_of(entry_id(lot)).map(|left| left.minor));
    assert_eq!(left, [Some(0), Some(30), Some(50)]);
    assert_eq!(lots.taken_by(entry_id(6)), []);
    conserves(&lots);
}

#[test]
fn entries_of_another_currency_and_sums_that_do_not_fit_are_refused() {
    let euro = entry(1, EntryKind::TopUp, LotClass::Prepaid, Money::new(1, currency("EUR")));
    assert_eq!(Lots::replay(currency("VND"), &[euro]).expect_err("refused").code(), "currency_differs");
    for minor in [i64::MIN, i64::MAX] {
        let entry = entry(1, EntryKind::Adjust, LotClass::Prepaid, vnd(minor));
        assert_eq!(Lots::replay(currency("VND"), &[entry]).err(), Some(Refusal::AmountTooLarge));
    }
    let large = |n| entry(n, EntryKind::TopUp, LotClass::Prepaid, vnd(crate::money::MAX_BALANCE_MINOR));
    assert_eq!(Lots::replay(currency("VND"), &[large(1), large(2)]).err(), Some(Refusal::AmountTooLarge));
}

const KINDS: [EntryKind; 9] = [
    EntryKind::TopUp,
    EntryKind::Redeem,
    EntryKind::Earn,
    EntryKind::ReturnToCredit,
    EntryKind::CashOut,
    EntryKind::Adjust,
    EntryKind::Expire,
    EntryKind::Void,
    EntryKind::Opening,
];
const CLASSES: [LotClass; 4] = [LotClass::Reward, LotClass::Goodwill, LotClass::Returns, LotClass::Prepaid];

prop_compose! {
    /// Any entry at all, sensible or not.
    fn any_entry()(
        n in 0_u128..24,
        kind in 0_usize..9,
        class in 0_usize..4,
        minor in prop_oneof![-50_i64..50, -50_i64..50, Just(i64::MIN), Just(i64::MAX), Just(crate::money::MAX_BALANCE_MINOR)],
        on in 1_u32..9,
        at in 0_i64..5,
        until in proptest::option::of(1_u32..9),
        source in proptest::option::of(0_u128..12),
        visit in proptest::option::of(0_u128..3),
    ) -> LedgerEntry {
        LedgerEntry {
            business_date: day(on),
            at: minutes(at),
            expires_on: until.map(day),
            source_entry_id: source.map(entry_id),
            visit_id: visit.map(crate::ledger::fixture::visit_id),
            ..entry(n, KINDS[kind], CLASSES[class], vnd(minor))
        }
    }
}

/// A fact of a till: class reward or prepaid, amount, day, last day.
type Fact = (bool, i64, u32, Option<u32>);

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    proptest::collection::vec((any::<bool>(), -60_i64..60, 1_u32..9, proptest::option::of(1_u32..9)), 1..14)
}

fn fact_entry(n: usize, (is_reward, minor, on, until): Fact) -> LedgerEntry {
    let kind = if minor < 0 { EntryKind::Redeem } else { EntryKind::Earn };
    let class = if is_reward { LotClass::Reward } else { LotClass::Prepaid };
    LedgerEntry {
        business_date: day(on),
        at: minutes(i64::from(on)),
        expires_on: until.filter(|_| minor > 0).map(|until| day(on.max(until))),
        ..entry(n as u128, kind, class, vnd(minor))
    }
}

/// What the ledger's home books on a day: what ran out, and what had been booked as expired too much.
fn keep_house(entries: &mut Vec<LedgerEntry>, on: u32) {
    let lots = replayed(entries);
    let due = lots.due_to_expire(day(on)).into_iter().map(|(lot, class, amount)| (lot, class, amount.negated()));
    for (lot, class, amount) in due.chain(lots.over_expired()).collect::<Vec<_>>() {
        let n = 1_000 + entries.len() as u128;
        let expiry = entry(n, EntryKind::Expire, class, amount);
        entries.push(LedgerEntry { business_date: day(on), source_entry_id: Some(lot), ..expiry });
    }
}

proptest! {
    #[test]
    fn whatever_arrives_nothing_is_lost_and_nothing_panics(entries in proptest::collection::vec(any_entry(), 0..24)) {
        if let Ok(lots) = Lots::replay(currency("VND"), &entries) {
            let sum: i128 = entries.iter().map(|entry| i128::from(entry.amount.minor)).sum();
            prop_assert_eq!(i128::from(lots.balance().minor), sum);
            conserves(&lots);
            let _fits_or_is_refused = lots.holdings(day(5)).balance();
            let _any = (lots.available(day(5)), lots.next_expiry(day(1)), lots.due_to_expire(day(9)));
        }
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(entries in proptest::collection::vec(any_entry(), 0..16), seed in any::<u64>()) {
        let mut unique: Vec<LedgerEntry> = Vec::new();
        for entry in entries {
            if unique.iter().all(|other| other.id != entry.id) {
                unique.push(entry);
            }
        }
        let mut shuffled = unique.clone();
        shuffled.sort_by_key(|entry| entry.id.uuid().as_u128().wrapping_mul(u128::from(seed | 1)) % 1_009);
        let seen = |entries: &[LedgerEntry]| {
            let lots = Lots::replay(currency("VND"), entries).ok()?;
            Some((lots.balance(), lots.holdings(day(5)), lots.due_to_expire(day(9)), lots.over_expired()))
        };
        prop_assert_eq!(seen(&unique), seen(&shuffled));
    }

    /// The home keeps house after each arrival, in one order and in another; in the end both hold the same.
    #[test]
    fn an_expiry_posted_too_early_ends_as_if_all_had_been_known(facts in facts(), order in any::<prop::sample::Index>()) {
        let entries: Vec<_> = facts.into_iter().enumerate().map(|(n, fact)| fact_entry(n, fact)).collect();
        let mut known_before = entries.clone();
        keep_house(&mut known_before, 20);
        let mut arrived = Vec::new();
        let first = order.index(entries.len());
        for (day, entry) in entries.iter().cycle().skip(first).take(entries.len()).enumerate() {
            arrived.push(entry.clone());
            keep_house(&mut arrived, 3 + day as u32);
        }
        keep_house(&mut arrived, 20);
        let (before, after) = (replayed(&known_before), replayed(&arrived));
        prop_assert_eq!(after.over_expired(), []);
        prop_assert_eq!(after.due_to_expire(day(20)), []);
        prop_assert_eq!(after.balance(), before.balance());
        prop_assert_eq!(after.holdings(day(20)), before.holdings(day(20)));
    }

    #[test]
    fn a_redemption_within_the_holdings_is_found_in_lots(facts in facts(), share in 1_i64..100) {
        let mut entries: Vec<_> = facts.into_iter().enumerate().map(|(n, fact)| fact_entry(n, fact)).collect();
        let held = replayed(&entries).holdings(day(9));
        let amount = held.balance().expect("fits").minor * share / 100;
        for (class, part) in held.redemption(vnd(amount)).unwrap_or_default() {
            let n = 100 + entries.len() as u128;
            let redemption = entry(n, EntryKind::Redeem, class, part.negated());
            entries.push(LedgerEntry { business_date: day(9), at: minutes(99), ..redemption });
            let taken: i64 = replayed(&entries).taken_by(entry_id(n)).iter().map(|taken| taken.amount.minor).sum();
            prop_assert_eq!(taken, part.minor);
        }
    }
}
