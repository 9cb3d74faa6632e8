//! A shop at random: weeks of top-ups, sales, returns, voids and expiries, with what must hold after every one of them.

use super::fixture::{currency, day, entry_id, location, member, minutes, till, visit_id};
use super::{EntryDraft, EntryKind, Holdings, LedgerEntry, LotClass, Lots, VOID_WITHIN, fixture, give_back, voidable};
use crate::ids::EntryId;
use crate::money::{Currency, Money};
use crate::percent::Percent;
use crate::refusal::Refusal;
use crate::sale::{Sale, SaleInput, Visit, VisitKind};
use crate::time::{Date, Timestamp};
use proptest::prelude::*;

/// What somebody does. A share is in percent of what is there.
#[derive(Clone, Copy, Debug)]
enum Step {
    TopUp {
        minor: i64,
        lasts: Option<u32>,
    },
    GiveReward {
        minor: i64,
        lasts: Option<u32>,
    },
    Redeem {
        share: i64,
    },
    Pay {
        bill: i64,
        discount: i64,
        earn: i64,
        share: i64,
        lasts: Option<u32>,
    },
    Return {
        which: prop::sample::Index,
        share: i64,
    },
    AdjustDown {
        class: usize,
        share: i64,
    },
    CashOut {
        share: i64,
    },
    UndoLast,
    NextDays {
        days: u32,
        keep_house: bool,
    },
    /// A redemption that another till made some days ago arrives: what it saw then, it could use.
    Late {
        days_ago: u32,
        share: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let lasts = || proptest::option::of(0_u32..12);
    prop_oneof![
        (1_i64..500, lasts()).prop_map(|(minor, lasts)| Step::TopUp { minor, lasts }),
        (1_i64..100, lasts()).prop_map(|(minor, lasts)| Step::GiveReward { minor, lasts }),
        (1_i64..=100).prop_map(|share| Step::Redeem { share }),
        (1_i64..900, 0_i64..=10_000, 0_i64..=10_000, 0_i64..=100, lasts()).prop_map(
            |(bill, discount, earn, share, lasts)| {
                Step::Pay { bill, discount: discount / 4, earn: earn / 3, share, lasts }
            }
        ),
        (any::<prop::sample::Index>(), 1_i64..=100).prop_map(|(which, share)| Step::Return { which, share }),
        (0_usize..4, 1_i64..=100).prop_map(|(class, share)| Step::AdjustDown { class, share }),
        (1_i64..=100).prop_map(|share| Step::CashOut { share }),
        Just(Step::UndoLast),
        (1_u32..8, any::<bool>()).prop_map(|(days, keep_house)| Step::NextDays { days, keep_house }),
        (0_u32..6, 1_i64..=100).prop_map(|(days_ago, share)| Step::Late { days_ago, share }),
    ]
}

const CLASSES: [LotClass; 4] = [LotClass::Reward, LotClass::Goodwill, LotClass::Returns, LotClass::Prepaid];
/// Days on which one looks at an account, whatever day it is: what can be used on each.
const LOOKS: [u32; 5] = [1, 10, 20, 60, 900];

struct Shop {
    currency: Currency,
    entries: Vec<LedgerEntry>,
    visits: Vec<Visit>,
    today: u32,
    minute: i64,
    /// What the simplest of all models says: one number per class.
    naive: [i64; 4],
    /// How it was before the latest action, and an entry of that action.
    before: Option<(Vec<Holdings>, EntryId)>,
    /// Something arrived late: another till may have used what was not there any more.
    is_late: bool,
}

impl Shop {
    fn open(currency: Currency) -> Self {
        let (entries, visits) = (Vec::new(), Vec::new());
        Self { currency, entries, visits, today: 1, minute: 0, naive: [0; 4], before: None, is_late: false }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    fn lots(&self) -> Lots {
        Lots::replay(self.currency, &self.entries).expect("replays")
    }

    fn holdings(&self) -> Holdings {
        self.lots().holdings(day(self.today))
    }

    fn look(&self) -> Vec<Holdings> {
        let lots = self.lots();
        LOOKS.iter().map(|on| lots.holdings(day(*on))).collect()
    }

    fn now(&self) -> Timestamp {
        minutes(i64::from(self.today) * 24 * 60 + self.minute)
    }

    fn draft(&self, kind: EntryKind, lot_class: LotClass, minor: i64, lasts: Option<u32>) -> EntryDraft {
        let expires_on = lasts.map(|days| day(self.today + days));
        EntryDraft { kind, lot_class, amount: self.money(minor), expires_on, source_entry_id: None }
    }

    fn drafts(&self, kind: EntryKind, parts: &[(LotClass, Money)]) -> Vec<EntryDraft> {
        parts.iter().map(|(class, part)| self.draft(kind, *class, -part.minor, None)).collect()
    }

    fn book(&mut self, drafts: Vec<EntryDraft>, visit: Option<&Visit>) {
        let (at, business_date) = (self.now(), day(self.today));
        for draft in drafts {
            self.book_one(draft, visit, at, business_date);
        }
    }

    fn book_one(&mut self, draft: EntryDraft, visit: Option<&Visit>, at: Timestamp, business_date: Date) {
        // Ids of one instant come in no order.
        let scrambled = (self.entries.len() as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.naive[draft.lot_class as usize] += draft.amount.minor;
        self.entries.push(LedgerEntry {
            id: entry_id(scrambled.into()),
            at,
            business_date,
            expires_on: draft.expires_on,
            source_entry_id: draft.source_entry_id,
            visit_id: visit.map(|visit| visit.id),
            ..fixture::entry(0, draft.kind, draft.lot_class, draft.amount)
        });
    }

    /// Books an action that can be undone, and remembers how it was before.
    fn act(&mut self, drafts: Vec<EntryDraft>, visit: Option<&Visit>) {
        let before = self.look();
        self.minute += 1;
        self.book(drafts.clone(), visit);
        self.before = self.entries.last().filter(|_| !drafts.is_empty()).map(|entry| (before, entry.id));
    }

    fn visit(&self, kind: VisitKind, source: Option<&Visit>, amounts: [i64; 5], rates: [Percent; 2]) -> Visit {
        let [bill, discount, credit_used, earn_base, earned] = amounts.map(|minor| self.money(minor));
        Visit {
            id: visit_id(self.visits.len() as u128 + 1),
            member_id: member(),
            location_id: location(),
            till_id: till(1),
            staff_id: None,
            at: self.now(),
            business_date: day(self.today),
            kind,
            source_visit_id: source.map(|source| source.id),
            receipt: None,
            bill,
            discount_percent: rates[0],
            discount,
            credit_used,
            left_to_collect: self.money(bill.minor - discount.minor - credit_used.minor),
            earn_percent: rates[1],
            earn_base,
            earned,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::TopUp { minor, lasts } => {
                self.act(vec![self.draft(EntryKind::TopUp, LotClass::Prepaid, minor, lasts)], None);
            }
            Step::GiveReward { minor, lasts } => {
                self.act(vec![self.draft(EntryKind::Earn, LotClass::Reward, minor, lasts)], None);
            }
            Step::Redeem { share } => self.redeem(share),
            Step::Pay { bill, discount, earn, share, lasts } => {
                let [discount, earn] =
                    [discount, earn].map(|rate| Percent::from_basis_points(rate, "rate").expect("a rate"));
                self.pay(bill, [discount, earn], share, lasts);
            }
            Step::Return { which, share } => self.bring_back(which, share),
            Step::AdjustDown { class, share } => {
                let held = self.holdings().of(CLASSES[class]).minor.max(0);
                self.act(vec![self.draft(EntryKind::Adjust, CLASSES[class], -(held * share / 100), None)], None);
            }
            Step::CashOut { share } => self.cash_out(share),
            Step::UndoLast => self.undo_last(),
            Step::NextDays { days, keep_house } => {
                self.today += days;
                (self.minute, self.before) = (0, None);
                if keep_house {
                    self.keep_house();
                }
            }
            Step::Late { days_ago, share } => self.arrive_late(days_ago, share),
        }
    }

    fn redeem(&mut self, share: i64) {
        let holdings = self.holdings();
        let balance = holdings.balance().expect("fits").minor.max(0);
        let too_much = holdings.redemption(self.money(balance + 1)).expect_err("refused");
        assert_eq!(too_much, Refusal::InsufficientCredit { available: self.money(balance) });
        let parts = holdings.redemption(self.money(balance * share / 100));
        self.act(self.drafts(EntryKind::Redeem, &parts.unwrap_or_default()), None);
    }

    fn cash_out(&mut self, share: i64) {
        let holdings = self.holdings();
        let most = holdings.cashable().expect("fits").minor;
        assert!(holdings.cash_out(self.money(most + 1)).is_err());
        if let Ok(parts) = holdings.cash_out(self.money(most * share / 100)) {
            assert!(parts.iter().all(|(class, _)| matches!(class, LotClass::Returns | LotClass::Prepaid)));
            self.act(self.drafts(EntryKind::CashOut, &parts), None);
        }
    }

    fn pay(&mut self, bill: i64, [discount, earn]: [Percent; 2], share: i64, lasts: Option<u32>) {
        let holdings = self.holdings();
        let usable = holdings.balance().expect("fits");
        let (_, net) = Sale::discounted(self.money(bill), discount);
        let credit_used = self.money(Sale::max_credit(net, usable).minor * share / 100);
        let input = SaleInput { bill: self.money(bill), discount, earn, credit_used, holdings: &holdings, usable };
        let paid = Sale::reckon(input).expect("reckoned");
        let amounts =
            [paid.bill, paid.discount, paid.credit_used, paid.earn_base, paid.earned].map(|amount| amount.minor);
        let visit = self.visit(VisitKind::Sale, None, amounts, [discount, earn]);
        let mut drafts = self.drafts(EntryKind::Redeem, &paid.parts);
        if paid.earned.minor > 0 {
            drafts.push(self.draft(EntryKind::Earn, LotClass::Reward, paid.earned.minor, lasts));
        }
        assert_eq!(drafts.iter().map(|draft| draft.amount.minor).sum::<i64>(), paid.balance_change.minor);
        self.act(drafts, Some(&visit));
        self.visits.push(visit);
    }

    fn bring_back(&mut self, which: prop::sample::Index, share: i64) {
        let sales: Vec<_> = self.visits.iter().filter(|visit| visit.kind == VisitKind::Sale).cloned().collect();
        if sales.is_empty() {
            return;
        }
        let original = which.get(&sales);
        let its: Vec<_> = self.of_visit(original).cloned().collect();
        let amount = (original.net().expect("a net").minor * share / 100).max(1);
        let lots = self.lots();
        let given = give_back(original, &its, &self.visits, &lots, self.money(amount), day(self.today));
        let given = match given {
            Ok(given) => given,
            Err(Refusal::ReturnTooLarge { .. } | Refusal::AlreadyVoided) => return,
            Err(refusal) => panic!("{refusal}"),
        };
        let balance = self.lots().balance().minor;
        let after = balance + given.balance_change.minor;
        assert!(after >= balance.min(0), "a return pushed the wallet from {balance} to {after}");
        let sum: i64 = given.drafts.iter().map(|draft| draft.amount.minor).sum();
        assert_eq!(sum, given.balance_change.minor);
        let rates = [Percent::ZERO, original.earn_percent];
        let amounts = [amount, 0, given.given_back.minor, given.earn_base.minor, given.recovered().minor];
        let visit = self.visit(VisitKind::Return, Some(original), amounts, rates);
        let visit = Visit { left_to_collect: given.to_returns, ..visit };
        self.act(given.drafts, Some(&visit));
        self.visits.push(visit);
    }

    fn undo_last(&mut self) {
        let Some((before, target)) = self.before.take() else { return };
        self.minute += 1;
        let undo = |shop: &Self| voidable(&shop.entries, target, till(1), None, shop.now(), VOID_WITHIN);
        let drafts = undo(self).expect("the latest action can be undone");
        let undone = self.entries.iter().find(|entry| entry.id == target).and_then(|entry| entry.visit_id);
        let undone = self.visits.iter().find(|visit| Some(visit.id) == undone).cloned();
        let visit = undone.map(|undone| Visit {
            source_visit_id: Some(undone.id),
            kind: VisitKind::Void,
            id: visit_id(self.visits.len() as u128 + 1),
            ..undone
        });
        self.book(drafts, visit.as_ref());
        self.visits.extend(visit);
        assert_eq!(self.look(), before, "an undone action leaves no trace in what can be used");
        assert_eq!(undo(self), Err(Refusal::AlreadyVoided));
    }

    fn arrive_late(&mut self, days_ago: u32, share: i64) {
        let then = self.today.saturating_sub(days_ago).max(1);
        let opening = Timestamp::from_millis(minutes(i64::from(then) * 24 * 60).as_millis() + 30_000);
        let (at, business_date) = (opening, day(then));
        let seen: Vec<_> = self.entries.iter().filter(|entry| entry.at < at).cloned().collect();
        let holdings = Lots::replay(self.currency, &seen).expect("replays").holdings(business_date);
        let amount = self.money(holdings.balance().expect("fits").minor.max(0) * share / 100);
        for (class, part) in holdings.redemption(amount).unwrap_or_default() {
            self.book_one(self.draft(EntryKind::Redeem, class, -part.minor, None), None, at, business_date);
            self.is_late = true;
        }
        self.before = None;
    }

    fn keep_house(&mut self) {
        let lots = self.lots();
        let due =
            lots.due_to_expire(day(self.today)).into_iter().map(|(lot, class, left)| (lot, class, left.negated()));
        for (lot, lot_class, amount) in due.chain(lots.over_expired()).collect::<Vec<_>>() {
            let kind = EntryKind::Expire;
            self.book(vec![EntryDraft { kind, lot_class, amount, expires_on: None, source_entry_id: Some(lot) }], None);
        }
        let after = self.lots();
        assert_eq!(after.due_to_expire(day(self.today)), []);
        assert_eq!(after.over_expired(), []);
        assert_eq!(after.available(day(self.today)), after.balance());
    }

    fn of_visit(&self, visit: &Visit) -> impl Iterator<Item = &LedgerEntry> {
        let id = visit.id;
        self.entries.iter().filter(move |entry| entry.visit_id == Some(id))
    }

    /// What must hold at any time.
    fn check(&self) {
        let (lots, holdings) = (self.lots(), self.holdings());
        let sum: i64 = self.entries.iter().map(|entry| entry.amount.minor).sum();
        assert_eq!(lots.balance().minor, sum, "the balance is the sum of the entries");
        assert_eq!(self.naive.iter().sum::<i64>(), sum, "and what a list of four numbers says");
        if !self.is_late {
            for class in CLASSES {
                assert!(holdings.of(class).minor >= 0, "{class} is overdrawn");
            }
            assert!(lots.available(day(self.today)).minor <= sum);
            assert_eq!(lots.over_expired(), []);
        }
        for sale in self.visits.iter().filter(|visit| visit.kind == VisitKind::Sale) {
            self.check_returns(sale);
        }
    }

    /// No more comes back than was paid, by the means it was paid with; no more is clawed back than was earned.
    fn check_returns(&self, sale: &Visit) {
        let is_undone = |visit: &Visit| {
            self.visits.iter().any(|other| other.kind == VisitKind::Void && other.source_visit_id == Some(visit.id))
        };
        let names_it = |visit: &&Visit| visit.kind == VisitKind::Return && visit.source_visit_id == Some(sale.id);
        let returns: Vec<_> = self.visits.iter().filter(names_it).filter(|visit| !is_undone(visit)).collect();
        let sum = |of: fn(&Visit) -> Money| returns.iter().map(|visit| of(visit).minor).sum::<i64>();
        assert!(sum(|visit| visit.bill) <= sale.net().expect("a net").minor);
        assert!(sum(|visit| visit.credit_used) <= sale.credit_used.minor);
        assert!(sum(|visit| visit.left_to_collect) <= sale.left_to_collect.minor, "a reward became money");
        assert!(sum(|visit| visit.earned) <= sale.earned.minor);
        assert!(sum(|visit| visit.earn_base) <= sale.earn_base.minor);
    }
}

proptest! {
    #[test]
    fn whatever_a_shop_does_the_ledger_adds_up(steps in proptest::collection::vec(step(), 1..40), code in "(VND|EUR|KWD)") {
        let mut shop = Shop::open(currency(&code));
        for step in steps {
            shop.step(step);
            shop.check();
        }
        let order_of_arrival: Vec<_> = shop.entries.iter().rev().cloned().collect();
        let reversed = Lots::replay(shop.currency, &order_of_arrival).expect("replays");
        let seen: Vec<_> = LOOKS.iter().map(|on| reversed.holdings(day(*on))).collect();
        prop_assert_eq!(seen, shop.look());
        shop.keep_house();
    }
}
