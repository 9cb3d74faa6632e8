//! The labels of the demo, and what usually holds for those who carry them.

use super::people::percent;
use super::{day_at, one_of, places::Place};
use rand::Rng;
use regulars_domain::label::Label;
use regulars_domain::membership::{DueAfter, Hold, Moment, PaymentTerms, Terms};
use regulars_domain::percent::Percent;
use regulars_domain::{Refusal, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// Name, colour, members of a hundred, and the discounts and earn rates of those who carry it, in percent. The colours
/// can be read on white, and white can be read on them (WCAG 2.2, 1.4.3: 4.5:1).
static KINDS: [Kind; 7] = [
    Kind { name: "Retail", color: "#1b6e3c", share: 40, discounts: &["0"], earns: &["1", "2", "2"] },
    Kind { name: "Wholesale", color: "#24558f", share: 6, discounts: &["5", "7.5", "10"], earns: &["0", "1"] },
    Kind { name: "VIP", color: "#855400", share: 4, discounts: &["5"], earns: &["3", "5"] },
    Kind { name: "Student", color: "#0b6670", share: 5, discounts: &["10"], earns: &["1"] },
    Kind { name: "Neighbour", color: "#9c2f4f", share: 5, discounts: &["3"], earns: &["2"] },
    Kind { name: "Staff", color: "#65409b", share: 1, discounts: &["20"], earns: &["0"] },
    Kind { name: "Press", color: "#4b5563", share: 1, discounts: &["0"], earns: &["0"] },
];

/// Of a thousand memberships.
const RAN_OUT: u32 = 15;
const ON_HOLD: u32 = 4;
const SWITCHED_OFF: u32 = 4;
/// A membership that runs out was for a year.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Why nothing is to be given for the time being.
const REASONS: [&str; 4] = [
    "Two invoices are unpaid",
    "Card was reported stolen, identity to be checked",
    "Wrote in that somebody else uses the number",
    "Chargeback of a top-up, see the office",
];

struct Kind {
    name: &'static str,
    color: &'static str,
    share: u32,
    discounts: &'static [&'static str],
    earns: &'static [&'static str],
}

/// The catalogue.
pub(super) fn catalogue() -> impl Iterator<Item = Label> {
    KINDS.iter().map(|kind| Label { name: kind.name.to_owned(), color: Some(kind.color.to_owned()), external_id: None })
}

/// What holds for somebody in a shop, by chance.
pub(super) fn terms(
    random: &mut impl Rng,
    place: &Place,
    is_company: bool,
    since: Timestamp,
    now: Timestamp,
) -> Result<Terms, Refusal> {
    let mut terms = match kind(random, is_company) {
        Some(kind) => of_kind(random, kind)?,
        None => Terms::default(),
    };
    if is_company {
        terms.payment_terms = Some(PaymentTerms { days: one_of(random, &[14, 30]), after: DueAfter::EndOfMonth });
    }
    if thousandth(random, RAN_OUT) && now.since(since) > YEAR + super::DAY {
        terms.valid_until = Some(Moment::Day(day_at(place, since.plus(YEAR))));
    }
    if thousandth(random, ON_HOLD) {
        terms.hold = Some(Hold { reason: Some(one_of(random, &REASONS).to_owned()) });
    }
    if thousandth(random, SWITCHED_OFF) {
        terms.is_active = Some(false);
    }
    terms.checked()
}

fn kind(random: &mut impl Rng, is_company: bool) -> Option<&'static Kind> {
    if is_company {
        return KINDS.iter().find(|kind| kind.name == "Wholesale");
    }
    KINDS.iter().find(|kind| percent(random, kind.share))
}

fn of_kind(random: &mut impl Rng, kind: &Kind) -> Result<Terms, Refusal> {
    let rate = |text: &str, field| Percent::parse(text, field).map(|rate| (rate > Percent::ZERO).then_some(rate));
    Ok(Terms {
        labels: BTreeMap::from([(kind.name.to_owned(), true)]),
        discount_percent: rate(one_of(random, kind.discounts), "discount_percent")?,
        earn_percent: rate(one_of(random, kind.earns), "earn_percent")?,
        ..Terms::default()
    })
}

fn thousandth(random: &mut impl Rng, share: u32) -> bool {
    rand::RngExt::random_ratio(random, share, 1_000)
}
