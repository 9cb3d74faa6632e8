//! Shops and members to try the program with: the same ones every time, made up, put in by the rules that tills are
//! held to. Only an empty database is filled.

mod belongings;
mod companies;
mod history;
mod labels;
mod people;
mod places;
mod samples;

use crate::access::Access;
use crate::apply;
use crate::error::HeadOfficeError;
use crate::storage::{Rows, Scope, Storage};
use history::{History, Past};
use people::{Came, Person};
use places::{Place, places};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use regulars_domain::edit::Document;
use regulars_domain::member::Member;
use regulars_domain::membership::Terms;
use regulars_domain::{ChangeId, Date, Incarnation, MemberId, TillId, Timestamp};
use regulars_protocol::push::{Change, ChangeBody, Outcome, PushRequest};
use std::time::Duration;
use uuid::Uuid;

/// What all random choices follow from.
const SEED: u64 = 20_261_124;
/// Ids are made as if at this instant (2026-01-01), so that they are the same whenever the shops are filled.
const ID_BASE: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Members go back about three years.
const OLDEST_MEMBER_DAYS: u64 = 1_100;
/// One in so many belongs to a second shop too.
const SECOND_SHOP_ONE_IN: u32 = 25;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Fills an empty database. Answers whether it did.
///
/// # Errors
/// Faults of the database; a shop of the same code with another currency.
pub fn fill(storage: &dyn Storage, at: Timestamp) -> Result<bool, HeadOfficeError> {
    let request = PushRequest {
        till_id: TillId::from_uuid(Uuid::nil()),
        till_name: "demo".to_owned(),
        at: None,
        known: None,
        changes: Demo::new(at)?.changes()?,
    };
    let mut is_filled = false;
    storage.write(&mut |rows| {
        is_filled = fill_rows(rows, &request, at)?;
        Ok(())
    })?;
    Ok(is_filled)
}

fn fill_rows(rows: &mut dyn Rows, request: &PushRequest, at: Timestamp) -> Result<bool, HeadOfficeError> {
    if rows.count_members(&Scope::All)? > 0 {
        return Ok(false);
    }
    let access = Access { token_id: Uuid::nil(), scope: Scope::All, rights: Vec::new() };
    let Some(response) = apply::push(rows, &access, request, at)? else { return Err(HeadOfficeError::Internal) };
    match response.results.iter().find(|result| result.outcome != Outcome::Applied) {
        None => Ok(true),
        Some(refused) => {
            tracing::error!(number = refused.number, problem = ?refused.problem, "a change of the demo was not taken");
            Err(HeadOfficeError::Internal)
        }
    }
}

/// Somebody who comes to a shop.
struct Newcomer {
    member: Member,
    terms: Terms,
    /// The day that stands in their membership, where it is not the one on which they came.
    member_since: Option<Date>,
    came: Came,
    past: Past,
}

/// Makes the changes, in the order in which tills would have.
struct Demo {
    random: Xoshiro256PlusPlus,
    at: Timestamp,
    places: Vec<Place>,
    changes: Vec<Change>,
    members: u64,
}

impl Demo {
    fn new(at: Timestamp) -> Result<Self, HeadOfficeError> {
        let random = Xoshiro256PlusPlus::seed_from_u64(SEED);
        Ok(Self { random, at, places: places()?, changes: Vec::new(), members: 0 })
    }

    fn changes(mut self) -> Result<Vec<Change>, HeadOfficeError> {
        let places = std::mem::take(&mut self.places);
        for place in &places {
            self.add(self.at, ChangeBody::LocationAdded { location: place.location.clone() });
        }
        for label in labels::catalogue() {
            self.add(self.at, ChangeBody::LabelPut { label });
        }
        for (index, place) in places.iter().enumerate() {
            let other = &places[(index + 1) % places.len()];
            for sample in samples::of(place)? {
                let came = self.next();
                let (member, terms, member_since, past) =
                    (sample.member, sample.terms, sample.member_since, sample.past);
                self.take_in(place, other, Newcomer { member, terms, member_since, came, past })?;
            }
            let mut last: Option<Person> = None;
            for _ in 0..place.members {
                let came = self.next();
                let person = Person::new(&mut self.random, place, last.as_ref(), came)?;
                let past = Past::Entries(history::how_many(&mut self.random));
                let (member, terms) = (person.member.clone(), person.terms.clone());
                self.take_in(place, other, Newcomer { member, terms, member_since: None, came, past })?;
                last = Some(person);
            }
        }
        Ok(self.changes)
    }

    /// Who comes next, and when.
    fn next(&mut self) -> Came {
        self.members += 1;
        let days = self.random.random_range(0..OLDEST_MEMBER_DAYS);
        Came { number: samples::number(self.members), since: days_before(self.at, days), now: self.at }
    }

    fn take_in(&mut self, place: &Place, other: &Place, newcomer: Newcomer) -> Result<(), HeadOfficeError> {
        let Newcomer { mut member, terms, member_since, came, past } = newcomer;
        member.reference = Some(format!("M-{:06}", came.number));
        let member_id = self.mint(MemberId::mint);
        self.add(
            came.since,
            ChangeBody::MemberAdded {
                member_id,
                document: member.document(),
                location: place.location.code.clone(),
                member_since: member_since.unwrap_or_else(|| day_at(place, came.since)),
                terms: terms.document(),
            },
        );
        let history = History::new(place, member_id, &terms, came.since, self.at);
        for (at, body) in history.changes(&mut self.random, past)? {
            self.add(at, body);
        }
        if self.random.random_ratio(1, SECOND_SHOP_ONE_IN) {
            let millis = self.random.random_range(came.since.as_millis()..=self.at.as_millis());
            let later = Timestamp::from_millis(millis);
            self.add(
                later,
                ChangeBody::MembershipAdded {
                    member_id,
                    location: other.location.code.clone(),
                    member_since: day_at(other, later),
                    terms: Document::new(),
                },
            );
        }
        Ok(())
    }

    fn add(&mut self, made_at: Timestamp, body: ChangeBody) {
        let id = self.mint(ChangeId::mint);
        let number = i64::try_from(self.changes.len()).unwrap_or(i64::MAX).saturating_add(1);
        let incarnation = Incarnation::from_uuid(Uuid::nil());
        self.changes.push(Change { id, incarnation, number, made_at, staff_id: None, body });
    }

    fn mint<T>(&mut self, mint: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
        mint_in_order(&mut self.random, self.changes.len(), mint)
    }
}

/// Later ones are greater, as if one had been made each millisecond.
fn mint_in_order<T>(random: &mut impl Rng, order: usize, mint: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
    let mut bytes = [0; 10];
    random.fill_bytes(&mut bytes);
    mint(ID_BASE.plus(Duration::from_millis(u64::try_from(order).unwrap_or(0))), bytes)
}

fn day_at(place: &Place, at: Timestamp) -> Date {
    place.location.zone().business_date(at)
}

fn days_before(at: Timestamp, days: u64) -> Timestamp {
    let millis = i64::try_from(DAY.as_millis()).unwrap_or(0).saturating_mul(i64::try_from(days).unwrap_or(0));
    Timestamp::from_millis(at.as_millis().saturating_sub(millis))
}

/// One of a list.
fn one_of<T: Copy>(random: &mut impl Rng, list: &[T]) -> T {
    list[random.random_range(0..list.len())]
}
