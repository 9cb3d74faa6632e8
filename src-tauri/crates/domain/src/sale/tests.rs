use super::*;
use LotClass::{Goodwill, Prepaid, Returns, Reward};
use proptest::prelude::*;

fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, code.parse().expect("a currency"))
}

fn percent(text: &str) -> Percent {
    text.parse().expect("a percentage")
}

fn holdings(held: &[(LotClass, i64)], code: &str) -> Holdings {
    let amounts = held.iter().map(|(class, minor)| (*class, money(*minor, code)));
    Holdings::sum(money(0, code).currency, amounts).expect("sums")
}

/// A member's bill in words: `discount 10, net 90, credit 30 (reward 30), collect 60, earned 3 on 60, balance -27`.
fn in_words(reckoned: &Reckoned) -> String {
    let parts: Vec<_> = reckoned.parts.iter().map(|(class, part)| format!("{class} {}", part.minor)).collect();
    format!(
        "discount {}, net {}, credit {} ({}), collect {}, earned {} on {}, balance {:+}",
        reckoned.discount.minor,
        reckoned.net.minor,
        reckoned.credit_used.minor,
        parts.join(", "),
        reckoned.left_to_collect.minor,
        reckoned.earned.minor,
        reckoned.earn_base.minor,
        reckoned.balance_change.minor,
    )
}

/// The case; currency, bill, discount %, earn %; what the member holds and how much of it pays; what comes of it.
#[test]
#[rustfmt::skip]
fn a_bill_is_reckoned_up() {
    type Held = &'static [(LotClass, i64)];
    type Bill = (&'static str, i64, &'static str, &'static str);
    let table: [(&str, Bill, Held, i64, &str); 13] = [
        ("no discount, no credit, no reward",       ("VND", 350_000, "0", "0"), &[], 0,
         "discount 0, net 350000, credit 0 (), collect 350000, earned 0 on 350000, balance +0"),
        ("a discount",                              ("VND", 350_000, "10", "0"), &[], 0,
         "discount 35000, net 315000, credit 0 (), collect 315000, earned 0 on 315000, balance +0"),
        ("a reward on what is left after it",       ("VND", 350_000, "10", "5"), &[], 0,
         "discount 35000, net 315000, credit 0 (), collect 315000, earned 15750 on 315000, balance +15750"),
        ("prepaid credit earns",                    ("VND", 100_000, "0", "5"), &[(Prepaid, 40_000)], 40_000,
         "discount 0, net 100000, credit 40000 (prepaid 40000), collect 60000, earned 5000 on 100000, balance -35000"),
        ("a reward earns nothing",                  ("VND", 100_000, "0", "5"), &[(Reward, 40_000)], 40_000,
         "discount 0, net 100000, credit 40000 (reward 40000), collect 60000, earned 3000 on 60000, balance -37000"),
        ("rewards pay first, prepaid last",         ("VND", 100, "0", "10"), &[(Prepaid, 50), (Reward, 20)], 60,
         "discount 0, net 100, credit 60 (reward 20, prepaid 40), collect 40, earned 8 on 80, balance -52"),
        ("goodwill and returns between them",       ("VND", 100, "0", "10"), &[(Prepaid, 9), (Returns, 9), (Goodwill, 9)], 27,
         "discount 0, net 100, credit 27 (goodwill 9, returns 9, prepaid 9), collect 73, earned 10 on 100, balance -17"),
        ("all of it by credit",                     ("VND", 100, "10", "10"), &[(Prepaid, 500)], 90,
         "discount 10, net 90, credit 90 (prepaid 90), collect 0, earned 9 on 90, balance -81"),
        ("half a cent of discount is a cent",       ("EUR", 1_010, "5", "0"), &[], 0,
         "discount 51, net 959, credit 0 (), collect 959, earned 0 on 959, balance +0"),
        ("less than a cent of reward is none",      ("EUR", 1_999, "0", "2.5"), &[], 0,
         "discount 0, net 1999, credit 0 (), collect 1999, earned 49 on 1999, balance +49"),
        ("a dinar has a thousand fils",             ("KWD", 12_345, "12.75", "1.5"), &[(Prepaid, 5_000)], 5_000,
         "discount 1574, net 10771, credit 5000 (prepaid 5000), collect 5771, earned 161 on 10771, balance -4839"),
        ("everything is off",                       ("EUR", 1_000, "100", "5"), &[(Prepaid, 500)], 0,
         "discount 1000, net 0, credit 0 (), collect 0, earned 0 on 0, balance +0"),
        ("everything comes back as a reward",       ("EUR", 1_000, "0", "100"), &[], 0,
         "discount 0, net 1000, credit 0 (), collect 1000, earned 1000 on 1000, balance +1000"),
    ];
    for (case, (code, bill, discount, earn), held, credit, expected) in table {
        let holdings = holdings(held, code);
        let usable = holdings.balance().expect("fits");
        let reckoned = Sale::reckon(SaleInput {
            bill: money(bill, code),
            discount: percent(discount),
            earn: percent(earn),
            credit_used: money(credit, code),
            holdings: &holdings,
            usable,
        });
        assert_eq!(in_words(&reckoned.expect(case)), expected, "{case}");
    }
}

/// The case; the bill, its discount, the credit that is to pay, what is held and what is usable; why not.
#[test]
#[rustfmt::skip]
fn what_cannot_be_paid_like_that_is_refused() {
    let vnd = |minor| money(minor, "VND");
    let table = [
        ("a bill of nothing",           vnd(0),                "0", vnd(0),   vnd(100), Refusal::AmountNotPositive),
        ("a bill below zero",           vnd(-5),               "0", vnd(0),   vnd(100), Refusal::AmountNotPositive),
        ("a bill beyond all bounds",    vnd(i64::MAX),         "0", vnd(0),   vnd(100), Refusal::AmountTooLarge),
        ("credit below zero",           vnd(100),              "0", vnd(-1),  vnd(100), Refusal::AmountNotPositive),
        ("credit far below zero",       vnd(100),              "0", vnd(i64::MIN), vnd(100), Refusal::AmountNotPositive),
        ("more credit than the bill",   vnd(100),              "0", vnd(101), vnd(500), Refusal::MoreThanBill { available: vnd(100) }),
        ("more than after discount",    vnd(100),             "10", vnd(91),  vnd(500), Refusal::MoreThanBill { available: vnd(90) }),
        ("more credit than is usable",  vnd(100),              "0", vnd(61),  vnd(60),  Refusal::InsufficientCredit { available: vnd(60) }),
        ("nothing is usable",           vnd(100),              "0", vnd(1),   vnd(-5),  Refusal::InsufficientCredit { available: vnd(0) }),
        ("a bill in another currency",  money(100, "EUR"),     "0", vnd(0),   vnd(100), currency_differs("VND", "EUR")),
        ("credit in another currency",  vnd(100),              "0", money(1, "EUR"), vnd(100), currency_differs("EUR", "VND")),
    ];
    for (case, bill, discount, credit_used, usable, expected) in table {
        let holdings = holdings(&[(Prepaid, 100)], "VND");
        let input =
            SaleInput { bill, discount: percent(discount), earn: percent("5"), credit_used, holdings: &holdings, usable };
        assert_eq!(Sale::reckon(input), Err(expected), "{case}");
    }
}

fn currency_differs(given: &str, expected: &str) -> Refusal {
    Refusal::CurrencyDiffers { given: given.to_owned(), expected: expected.to_owned() }
}

#[test]
fn what_head_office_authorised_beyond_the_credit_known_here_is_taken_from_prepaid() {
    let holdings = holdings(&[(Reward, 10)], "VND");
    let reckoned = Sale::reckon(SaleInput {
        bill: money(100, "VND"),
        discount: Percent::ZERO,
        earn: percent("10"),
        credit_used: money(30, "VND"),
        holdings: &holdings,
        usable: money(30, "VND"),
    });
    assert_eq!(reckoned.expect("reckoned").parts, [(Reward, money(10, "VND")), (Prepaid, money(20, "VND"))]);
}

#[test]
fn a_visit_in_json_has_text_for_rates_and_snake_case_names() {
    let json = serde_json::json!({
        "id": "00000000-0000-0000-0000-000000000001",
        "member_id": "00000000-0000-0000-0000-000000000002",
        "location_id": "00000000-0000-0000-0000-000000000003",
        "till_id": "00000000-0000-0000-0000-000000000004",
        "staff_id": null,
        "at": "2026-11-24T08:00:00.000Z",
        "business_date": "2026-11-24",
        "kind": "sale",
        "source_visit_id": null,
        "receipt": "R-17",
        "bill": { "minor": 1_000, "currency": "EUR" },
        "discount_percent": "2.5",
        "discount": { "minor": 25, "currency": "EUR" },
        "credit_used": { "minor": 0, "currency": "EUR" },
        "left_to_collect": { "minor": 975, "currency": "EUR" },
        "earn_percent": "5",
        "earn_base": { "minor": 975, "currency": "EUR" },
        "earned": { "minor": 48, "currency": "EUR" },
    });
    let visit: Visit = serde_json::from_value(json.clone()).expect("a visit");
    assert_eq!(visit.net(), Ok(money(975, "EUR")));
    assert_eq!(serde_json::to_value(visit).expect("json"), json);
}

proptest! {
    #[test]
    fn every_unit_of_a_bill_is_accounted_for(
        bill in any::<i64>().prop_map(|bill| bill % 2_000_000_000_000),
        small in any::<bool>(),
        rates in (0_i64..=10_000, 0_i64..=10_000),
        held in proptest::array::uniform4(-500_i64..2_000),
        share in 0_i64..=100,
        code in "(VND|EUR|KWD)",
    ) {
        let bill = if small { bill % 5_000 } else { bill };
        let [discount, earn] = [rates.0, rates.1].map(|rate| Percent::from_basis_points(rate, "rate").expect("in bounds"));
        let holdings = holdings(&[(Reward, held[0]), (Goodwill, held[1]), (Returns, held[2]), (Prepaid, held[3])], &code);
        let usable = holdings.balance().expect("fits");
        let (_, net) = Sale::discounted(money(bill, &code), discount);
        let most = Sale::max_credit(net, usable);
        let credit_used = money(most.minor * share / 100, &code);
        let input = SaleInput { bill: money(bill, &code), discount, earn, credit_used, holdings: &holdings, usable };
        let Ok(reckoned) = Sale::reckon(input) else {
            prop_assert!(!(1..=crate::money::MAX_AMOUNT_MINOR).contains(&bill));
            return Ok(());
        };
        let minor = |amount: Money| amount.minor;
        prop_assert_eq!(minor(reckoned.discount) + minor(reckoned.credit_used) + minor(reckoned.left_to_collect), bill);
        prop_assert_eq!(reckoned.parts.iter().map(|(_, part)| part.minor).sum::<i64>(), minor(credit_used));
        prop_assert!(reckoned.parts.iter().all(|(class, part)| 0 < part.minor && part.minor <= held[*class as usize]));
        prop_assert_eq!(minor(reckoned.earn_base), minor(reckoned.net) - minor(reckoned.reward_used));
        prop_assert!(reckoned.left_to_collect.minor >= 0 && reckoned.earned.minor >= 0);
        // Rounded once: the reward is within one unit of the exact share of the base, and never above it.
        let exact = i128::from(reckoned.earn_base.minor) * i128::from(rates.1);
        let earned = i128::from(reckoned.earned.minor) * 10_000;
        prop_assert!(earned <= exact && exact < earned + 10_000);
        // One unit more than the most is refused.
        let more = SaleInput { credit_used: money(most.minor + 1, &code), ..input };
        prop_assert!(Sale::reckon(more).is_err());
    }

    #[test]
    fn no_amount_makes_a_sale_panic(bill in any::<i64>(), credit in any::<i64>(), usable in any::<i64>(), rate in 0_i64..=10_000) {
        let rate = Percent::from_basis_points(rate, "rate").expect("in bounds");
        let holdings = holdings(&[(Prepaid, 100)], "VND");
        let [bill, credit_used, usable] = [bill, credit, usable].map(|minor| money(minor, "VND"));
        let _reckoned_or_refused =
            Sale::reckon(SaleInput { bill, discount: rate, earn: rate, credit_used, holdings: &holdings, usable });
        let _any = (Sale::discounted(bill, rate), Sale::max_credit(bill, usable));
    }
}
