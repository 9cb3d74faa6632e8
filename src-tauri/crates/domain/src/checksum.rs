//! Whether a till and head office have the same of a shop: sums over what each has, in 256 parts by member.
//!
//! Sums do not depend on order. Two sides that add the same things come to the same sums, and where they differ, the part
//! that differs is one 256th of the shop. What is to be added is said by whoever has the rows.

use crate::ids::{EntryId, MemberId, VisitId};
use crate::time::Date;
use sha2::{Digest, Sha256};

/// Into how many parts a shop is cut: of a hundred thousand members one part is four hundred, a page of a pull.
pub const BUCKETS: usize = 256;

/// The sums of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How many members.
    pub members: i64,
    /// The sum of their hashes, over 64 bits.
    pub member_sum: u64,
    /// How many entries and visits.
    pub facts: i64,
    /// The sum of their hashes, over 64 bits.
    pub fact_sum: u64,
    /// The sum of the entries, in minor units.
    pub credit_minor: i64,
}

/// The sums of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets(Vec<Bucket>);

/// A member as they stand at head office and in the mirror.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Who.
    pub id: MemberId,
    /// Head office's version of them.
    pub version: i64,
    /// The document, letter by letter.
    pub document: &'a str,
    /// Since when they belong to the shop.
    pub member_since: Date,
    /// What holds for them there, as JSON; `{}` for nothing.
    pub terms: &'a str,
}

impl Default for Buckets {
    fn default() -> Self {
        Self(vec![Bucket::default(); BUCKETS])
    }
}

impl Buckets {
    /// Sums that somebody else made; `None` where there are not [`BUCKETS`] of them.
    pub fn of(buckets: Vec<Bucket>) -> Option<Self> {
        (buckets.len() == BUCKETS).then_some(Self(buckets))
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Bucket] {
        &self.0
    }

    /// Adds a member who belongs to the shop and is not deleted.
    pub fn add_member(&mut self, member: Standing<'_>) {
        let Standing { id, version, document, member_since, terms } = member;
        let since = member_since.to_string();
        let length = (document.len() as u64).to_le_bytes();
        let parts: [&[u8]; 6] =
            [b"member", &version.to_le_bytes(), &length, document.as_bytes(), since.as_bytes(), terms.as_bytes()];
        let hash = hash(id.as_bytes(), &parts);
        let bucket = self.part(id);
        bucket.members += 1;
        bucket.member_sum = bucket.member_sum.wrapping_add(hash);
    }

    /// Adds an entry of a member.
    pub fn add_entry(&mut self, member: MemberId, id: EntryId, amount_minor: i64) {
        let hash = hash(id.as_bytes(), &[b"entry", &amount_minor.to_le_bytes()]);
        let bucket = self.part(member);
        bucket.facts += 1;
        bucket.fact_sum = bucket.fact_sum.wrapping_add(hash);
        bucket.credit_minor = bucket.credit_minor.wrapping_add(amount_minor);
    }

    /// Adds a visit of a member.
    pub fn add_visit(&mut self, member: MemberId, id: VisitId) {
        let hash = hash(id.as_bytes(), &[b"visit"]);
        let bucket = self.part(member);
        bucket.facts += 1;
        bucket.fact_sum = bucket.fact_sum.wrapping_add(hash);
    }

    /// The parts that are not the same.
    pub fn differing(&self, other: &Self) -> Vec<u8> {
        let pairs = self.0.iter().zip(&other.0).zip(0_u8..=u8::MAX);
        pairs.filter(|((mine, theirs), _)| mine != theirs).map(|(_, number)| number).collect()
    }

    fn part(&mut self, member: MemberId) -> &mut Bucket {
        &mut self.0[usize::from(bucket_of(member))]
    }
}

/// In which part a member's rows are. Ids begin with the time that they were made at, so a hash spreads them.
pub fn bucket_of(member: MemberId) -> u8 {
    Sha256::digest(member.as_bytes())[0]
}

fn hash(id: &[u8; 16], parts: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(id);
    parts.iter().for_each(|part| hash.update(part));
    let digest = hash.finalize();
    digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn member(number: u8) -> MemberId {
        MemberId::mint(Timestamp::from_millis(1_795_000_000_000), [number; 10])
    }

    fn standing(id: MemberId, document: &str) -> Standing<'_> {
        Standing { id, version: 7, document, member_since: "2026-11-24".parse().expect("a day"), terms: "{}" }
    }

    #[test]
    fn the_same_things_in_another_order_come_to_the_same_sums() {
        let (mut one, mut other) = (Buckets::default(), Buckets::default());
        for number in 0..50 {
            one.add_member(standing(member(number), "{}"));
        }
        for number in (0..50).rev() {
            other.add_member(standing(member(number), "{}"));
        }
        assert_eq!(one.differing(&other), Vec::<u8>::new());
    }

    #[test]
    fn each_difference_is_seen_in_its_part_alone() {
        let entry = EntryId::mint(Timestamp::from_millis(1), [3; 10]);
        let visit = VisitId::mint(Timestamp::from_millis(1), [4; 10]);
        let mut whole = Buckets::default();
        whole.add_member(standing(member(1), "{}"));
        whole.add_entry(member(2), entry, 500);
        whole.add_visit(member(3), visit);
        type Change = fn(&mut Buckets, EntryId, VisitId);
        let table: [(&str, u8, Change); 6] = [
            ("another document", 1, |sums, entry, visit| {
                sums.add_member(standing(member(1), "{ }"));
                sums.add_entry(member(2), entry, 500);
                sums.add_visit(member(3), visit);
            }),
            ("another version", 1, |sums, entry, visit| {
                sums.add_member(Standing { version: 8, ..standing(member(1), "{}") });
                sums.add_entry(member(2), entry, 500);
                sums.add_visit(member(3), visit);
            }),
            ("other terms", 1, |sums, entry, visit| {
                sums.add_member(Standing { terms: r#"{"a":1}"#, ..standing(member(1), "{}") });
                sums.add_entry(member(2), entry, 500);
                sums.add_visit(member(3), visit);
            }),
            ("another amount", 2, |sums, entry, visit| {
                sums.add_member(standing(member(1), "{}"));
                sums.add_entry(member(2), entry, 501);
                sums.add_visit(member(3), visit);
            }),
            ("no visit", 3, |sums, entry, _| {
                sums.add_member(standing(member(1), "{}"));
                sums.add_entry(member(2), entry, 500);
            }),
            ("a visit twice", 3, |sums, entry, visit| {
                sums.add_member(standing(member(1), "{}"));
                sums.add_entry(member(2), entry, 500);
                sums.add_visit(member(3), visit);
                sums.add_visit(member(3), visit);
            }),
        ];
        for (name, whose, change) in table {
            let mut other = Buckets::default();
            change(&mut other, entry, visit);
            assert_eq!(whole.differing(&other), [bucket_of(member(whose))], "{name}");
        }
    }
}
