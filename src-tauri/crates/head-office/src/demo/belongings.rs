//! What a made-up member has beyond a name and a number: cards, consents, an address.

use super::one_of;
use super::people::percent;
use super::places::Customs;
use rand::{Rng, RngExt};
use regulars_domain::Timestamp;
use regulars_domain::member::{Address, Consent, LoyaltyCard, SerialNumber};
use std::collections::BTreeMap;

/// Per cent of the members, each.
const HAS_PLASTIC: u32 = 35;
const HAS_VIRTUAL: u32 = 8;
const SAID_YES_OR_NO: u32 = 60;
const SAID_NO: u32 = 25;
/// Per cent of those with plastic.
const LOST_ONE: u32 = 7;
/// What the numbers of plastic cards begin with.
const PLASTIC: &str = "8400";
/// Numbers of cards lie far apart, and no two are the same: this has no factor in common with 10^12.
const STEP: u64 = 174_504_165_209;
const NUMBERS: u64 = 1_000_000_000_000;

/// The cards of the member of that number.
pub(super) fn cards(
    random: &mut impl Rng,
    number: u64,
    since: Timestamp,
    now: Timestamp,
) -> BTreeMap<String, LoyaltyCard> {
    let mut cards = BTreeMap::new();
    if percent(random, HAS_PLASTIC) {
        let (serial, mut issued) = (plastic(2 * number), since);
        if percent(random, LOST_ONE) {
            let lost = plastic(2 * number + 1);
            issued = between(random, since, now);
            let blocked = LoyaltyCard::issued(false, since).blocked("lost", issued);
            cards.insert(lost, LoyaltyCard { replaced_by: Some(serial.clone()), ..blocked });
        }
        cards.insert(serial, LoyaltyCard::issued(false, issued));
    }
    if percent(random, HAS_VIRTUAL) {
        let mut bytes = [0; 7];
        random.fill_bytes(&mut bytes);
        let issued = between(random, since, now);
        cards.insert(SerialNumber::make(bytes).to_string(), LoyaltyCard::issued(true, issued));
    }
    cards
}

/// What a member said when they were asked, on the day on which they came.
pub(super) fn consents(random: &mut impl Rng, has_email: bool, since: Timestamp) -> BTreeMap<String, Consent> {
    let channels = ["offers/sms", "offers/email"];
    let mut consents = BTreeMap::new();
    for channel in channels.into_iter().take(if has_email { 2 } else { 1 }) {
        if percent(random, SAID_YES_OR_NO) {
            let source = Some(one_of(random, &["counter", "counter", "paper"]).to_owned());
            let is_given = !percent(random, SAID_NO);
            consents.insert(channel.to_owned(), Consent { is_given, at: Some(since), source, wording: None });
        }
    }
    consents
}

/// Where somebody lives, or a company is.
pub(super) fn address(random: &mut impl Rng, customs: &Customs, is_company: bool) -> Address {
    let role = if is_company { "billing" } else { "home" };
    let (street, house) = (one_of(random, customs.streets), random.random_range(1..120_u32));
    let text = if customs.house_first { format!("{house} {street}") } else { format!("{street} {house}") };
    Address {
        role: Some(role.to_owned()),
        text: Some(text),
        city: Some(customs.city.to_owned()),
        postal_code: customs.postal_code.map(str::to_owned),
        country: Some(customs.country.to_owned()),
        ..Address::default()
    }
}

fn plastic(nth: u64) -> String {
    format!("{PLASTIC}{:012}", (nth + 1) * STEP % NUMBERS)
}

fn between(random: &mut impl Rng, since: Timestamp, now: Timestamp) -> Timestamp {
    Timestamp::from_millis(random.random_range(since.as_millis()..=now.as_millis().max(since.as_millis())))
}
