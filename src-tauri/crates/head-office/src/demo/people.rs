//! Made-up members who could live around a shop: names as common as they are there, numbers that are valid there.

use super::places::{Customs, Place};
use super::{belongings, companies, labels, one_of};
use rand::{Rng, RngExt};
use regulars_domain::member::{Birthday, Gender, Kind, Member, Name};
use regulars_domain::membership::Terms;
use regulars_domain::phone::Phone;
use regulars_domain::{Refusal, Timestamp};
use unicode_normalization::UnicodeNormalization;

/// Per cent of the members, each.
const SHARES_A_PHONE: u32 = 6;
const HAS_NO_PHONE: u32 = 2;
const HAS_EMAIL: u32 = 55;
const HAS_BIRTHDAY: u32 = 60;
const KEEPS_THE_YEAR: u32 = 25;
const HAS_A_NOTE: u32 = 15;
const HAS_AN_ADDRESS: u32 = 12;
const SAYS_GENDER: u32 = 50;
const WRITES_WITH_COUNTRY_CODE: u32 = 20;

/// A made-up member, what holds for them at their shop, and what their family shares.
pub(super) struct Person {
    pub(super) member: Member,
    pub(super) terms: Terms,
    family: usize,
}

/// Which member, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Came {
    /// The number that they were given.
    pub(super) number: u64,
    /// When they came.
    pub(super) since: Timestamp,
    /// The day of the demo.
    pub(super) now: Timestamp,
}

impl Person {
    /// The next member of a shop: a few are of the last one's family, and share the phone; a few are companies.
    pub(super) fn new(random: &mut impl Rng, place: &Place, last: Option<&Self>, came: Came) -> Result<Self, Refusal> {
        let relative = last.filter(|_| percent(random, SHARES_A_PHONE));
        let family = relative.map_or_else(|| weighted(random, place.customs), |last| last.family);
        let phone = match relative.and_then(|last| last.member.phone.clone()) {
            Some(shared) => Some(shared),
            None if percent(random, HAS_NO_PHONE) => None,
            None => Some(Phone::parse(&mobile(random, place.customs), place.country)?),
        };
        let is_company = percent(random, place.customs.companies);
        let mut member = if is_company { company(random, place, family) } else { human(random, place.customs, family) };
        member.phone = phone;
        member.email = percent(random, HAS_EMAIL).then(|| email(random, &member.name.full));
        member.note = percent(random, HAS_A_NOTE).then(|| one_of(random, place.customs.notes).to_owned());
        if is_company || percent(random, HAS_AN_ADDRESS) {
            member.addresses = vec![belongings::address(random, place.customs, is_company)];
        }
        member.cards = belongings::cards(random, came.number, came.since, came.now);
        member.consents = belongings::consents(random, member.email.is_some(), came.since);
        let terms = labels::terms(random, place, is_company, came.since, came.now)?;
        Ok(Self { member, terms, family })
    }
}

fn human(random: &mut impl Rng, customs: &Customs, family: usize) -> Member {
    let is_woman: bool = random.random();
    let gender = if is_woman { Gender::Female } else { Gender::Male };
    Member {
        name: named(full_name(random, customs, family, is_woman)),
        gender: percent(random, SAYS_GENDER).then_some(gender),
        birthday: percent(random, HAS_BIRTHDAY).then(|| birthday(random)),
        ..Member::default()
    }
}

fn company(random: &mut impl Rng, place: &Place, family: usize) -> Member {
    let (_, family, _) = place.customs.families[family];
    let company = companies::company(random, place, family);
    let name = named(company.name.clone().unwrap_or_default());
    Member { kind: Kind::Company, name, company: Some(company), ..Member::default() }
}

/// A name that is not split: nobody said where it could be.
pub(super) fn named(full: String) -> Name {
    Name { full, ..Name::default() }
}

pub(super) fn percent(random: &mut impl Rng, share: u32) -> bool {
    random.random_ratio(share, 100)
}

fn weighted(random: &mut impl Rng, customs: &Customs) -> usize {
    let total: u32 = customs.families.iter().map(|(weight, ..)| weight).sum();
    let mut left = random.random_range(0..total);
    customs
        .families
        .iter()
        .position(|(weight, ..)| {
            let is_here = left < *weight;
            left = left.saturating_sub(*weight);
            is_here
        })
        .unwrap_or(0)
}

fn full_name(random: &mut impl Rng, customs: &Customs, family: usize, is_woman: bool) -> String {
    let (_, of_men, of_women) = customs.families[family];
    let (family, middle, given) = if is_woman {
        (of_women, one_of(random, customs.middle_women), one_of(random, customs.women))
    } else {
        (of_men, one_of(random, customs.middle_men), one_of(random, customs.men))
    };
    let parts = if customs.family_first { [family, middle, given] } else { [given, middle, family] };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A mobile number in one of the spellings that people use.
fn mobile(random: &mut impl Rng, customs: &Customs) -> String {
    let mut digits = one_of(random, customs.mobile).to_owned();
    for _ in 0..customs.mobile_digits {
        digits.push(char::from(b'0' + random.random_range(0..10_u8)));
    }
    let (first, rest) = digits.split_at(digits.len() - 6);
    let (second, third) = rest.split_at(3);
    if percent(random, WRITES_WITH_COUNTRY_CODE) {
        return format!("{} {first} {second} {third}", customs.calling_code);
    }
    if random.random() { format!("0{digits}") } else { format!("0{first} {second} {third}") }
}

/// At a name that nobody can own (RFC 2606 §3), so that a letter to a demo member reaches no stranger.
fn email(random: &mut impl Rng, full_name: &str) -> String {
    let plain: String = full_name.to_lowercase().replace('đ', "d").nfd().collect();
    let words = plain.split_whitespace().map(|word| word.chars().filter(char::is_ascii_alphabetic).collect::<String>());
    let name = words.collect::<Vec<_>>().join(".");
    let host = one_of(random, &["example.com", "example.net", "example.org"]);
    format!("{name}{}@{host}", random.random_range(1..100))
}

fn birthday(random: &mut impl Rng) -> Birthday {
    let year = (!percent(random, KEEPS_THE_YEAR)).then(|| random.random_range(1945..=2008));
    // Up to the 28th: every month of every year has that day.
    Birthday { month: random.random_range(1..=12), day: random.random_range(1..=28), year }
}
