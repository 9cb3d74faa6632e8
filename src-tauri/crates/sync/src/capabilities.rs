//! What a remote can do: the record that the engine reads instead of asking which remote it is, and a person before they
//! choose one.

use regulars_domain::membership;
use std::time::Duration;

/// The fields of a person that a remote may have a home for.
const OF_PERSON: [&str; 24] = [
    "name",
    "kind",
    "gender",
    "birthday",
    "home_town",
    "marital_status",
    "picture",
    "phone",
    "mobile",
    "fax",
    "email",
    "website",
    "social",
    "addresses",
    "company",
    "note",
    "staff_note",
    "reference",
    "second_reference",
    "barcode",
    "external_ids",
    "consents",
    "meta",
    "cards",
];

/// What a remote can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Most changes in one request, or at once where each is a request of its own.
    pub max_changes: u32,
    /// Most bytes of changes in one request.
    pub max_bytes: usize,
    /// What sending again does after an answer was lost.
    pub resend: Resend,
    /// How what the remote has is heard of.
    pub pull: Pull,
    /// How credit travels.
    pub credit: Credit,
    /// Whether it takes back what it lost, after an older copy of its database was put back.
    pub takes_back: bool,
    /// What it can be searched by.
    pub find: Find,
    /// What registering somebody there takes.
    pub create: Create,
    /// Whether a change of one field leaves the others alone by itself.
    pub partial_update: bool,
    /// Whether it refuses a change that was made of an older version.
    pub version_check: bool,
    /// Whether members can be deleted there.
    pub delete: bool,
    /// Whether it can be seen that somebody was deleted there.
    pub sees_deletions: bool,
    /// The fields that have a home there; those of the shop begin with `@`. `None`: all of them.
    pub homes: Option<&'static [&'static str]>,
    /// Whether it tells the sums of what it has, and a part of it whole.
    pub has_checksums: bool,
    /// Whether it says which shops a member belongs to.
    pub names_shops: bool,
}

impl Capabilities {
    /// Whether strangers come by themselves: whom this till did not register and nobody asked for.
    pub const fn lists(&self) -> bool {
        match self.pull {
            Pull::ByCursor | Pull::BySweep(_) | Pull::BySinceAndSweep => true,
            Pull::KnownOnly(_) => false,
        }
    }

    /// Every field of a member, and whether it has a home there. Those of the shop begin with `@`.
    pub fn fields(&self) -> Vec<(String, Home)> {
        let of_person = OF_PERSON.iter().map(|field| (*field).to_owned());
        let of_shop = membership::KEYS.iter().filter(|key| **key != SINCE).map(|key| format!("@{key}"));
        of_person.chain(of_shop).map(|field| (field.clone(), self.home_of(&field))).collect()
    }

    /// Whether all of a field has a home there.
    pub fn has_home(&self, field: &str) -> bool {
        self.home_of(field) == Home::There
    }

    fn home_of(&self, field: &str) -> Home {
        let Some(homes) = self.homes else { return Home::There };
        let is_part = |home: &&str| home.strip_prefix(field).is_some_and(|rest| rest.starts_with('/'));
        match () {
            () if homes.contains(&field) => Home::There,
            () if homes.iter().any(is_part) => Home::Partly,
            () => Home::Here,
        }
    }
}

/// Follows from when a remote first told of somebody, and is never told to one.
const SINCE: &str = "member_since";

/// Where a field has its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// At the remote.
    There,
    /// At the remote, for some of what it may hold.
    Partly,
    /// At this till alone.
    Here,
}

/// What sending the same bytes again does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Nothing more: the remote knows each change by its id.
    IsHarmless,
    /// The connector first looks whether it is there, or the remote says so itself.
    LooksFirst,
    /// It may do it twice: what was perhaps sent is looked into, never sent again.
    MayDouble,
}

impl Resend {
    /// Whether what was perhaps sent may simply be sent again.
    pub const fn is_harmless(self) -> bool {
        match self {
            Self::IsHarmless => true,
            Self::LooksFirst | Self::MayDouble => false,
        }
    }

    /// Whether what was perhaps sent may be taken up again.
    pub const fn may_be_taken_up(self) -> bool {
        match self {
            Self::IsHarmless | Self::LooksFirst => true,
            Self::MayDouble => false,
        }
    }
}

/// How what a remote has is heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// What changed since a cursor.
    ByCursor,
    /// All members, page by page, again and again.
    BySweep(Pace),
    /// What changed since an instant; all members now and then, for what was deleted.
    BySinceAndSweep,
    /// Only those whom this till knows, one by one: strangers never come by themselves.
    KnownOnly(Pace),
}

/// How often a remote is gone through that does not tell what changed. After each time it is left alone for a while, longer
/// where there are many: so most of the time nobody asks, however large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// As many members as each [`Pace::PAUSE`] is for.
    pub members: u32,
}

impl Pace {
    /// Page by page: 100 requests, where a page has a hundred.
    pub const PAGES: Self = Self { members: 10_000 };
    /// One by one.
    pub const ONE_BY_ONE: Self = Self { members: 1_000 };
    /// Between two times, for so many members: hardly less than a till that has nothing to send waits anyway, so that each
    /// of its looks finds the next one due.
    pub const PAUSE: Duration = Duration::from_secs(5 * 60 - 10);
    /// However many they are: what changed there is heard of on the same morning.
    pub const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

    /// How long the remote is left alone after a time that went through so many members.
    pub fn pause_after(self, seen: i64) -> Duration {
        let times = u32::try_from(seen).unwrap_or(u32::MAX).div_ceil(self.members.max(1)).max(1);
        Self::PAUSE.saturating_mul(times).min(Self::LONGEST_PAUSE)
    }
}

/// How credit travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credit {
    /// Entry by entry, and the remote authorises redemptions.
    Entries,
    /// As a balance that our entries are added to, once a trial has proved that it can; the remote holds none of it for a
    /// redemption, so the allowance decides.
    Balance,
    /// Not at all: this till is the ledger's home.
    Here,
}

/// What a remote can be searched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Find {
    /// A number.
    pub phone: Search,
    /// The serial number of a card.
    pub card: Search,
    /// Part of a name, or anything else.
    pub text: Search,
}

impl Find {
    /// Nothing.
    pub const NONE: Self = Self { phone: Search::No, card: Search::No, text: Search::No };

    /// Whether there is anything that it can be searched by.
    pub fn is_any(self) -> bool {
        [self.phone, self.card, self.text].iter().any(|search| *search != Search::No)
    }
}

/// What an empty answer to a search means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Nobody is there.
    Yes,
    /// Nothing: what is searched is not documented.
    Perhaps,
    /// It cannot be searched so.
    No,
}

/// What registering somebody at a remote takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Create {
    /// Whether this till says under which id.
    pub chooses_id: bool,
    /// Whether the same request twice makes one member.
    pub is_idempotent: bool,
    /// The fields that must be there.
    pub needs: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::{KINDS, capabilities_of};
    use regulars_domain::member::{MemberInput, Typing};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_of_a_person_is_one_that_may_have_a_home() {
        // A new field does not compile here: it belongs into the list too, unless it says who somebody turned out to be.
        let MemberInput {
            kind: _,
            name: _,
            phone: _,
            mobile: _,
            fax: _,
            email: _,
            gender: _,
            birthday: _,
            addresses: _,
            company: _,
            note: _,
            staff_note: _,
            website: _,
            social: _,
            home_town: _,
            marital_status: _,
            picture: _,
            reference: _,
            second_reference: _,
            barcode: _,
            external_ids: _,
            cards: _,
            consents: _,
            meta: _,
            merged: _,
        } = MemberInput::default();
        for field in OF_PERSON {
            let refused = Typing::read(&json!({ field: {} }));
            let is_unknown = refused.is_err_and(|refusal| refusal.to_string().contains("unknown field"));
            assert!(!is_unknown, "{field}");
        }
        assert_eq!(OF_PERSON.into_iter().collect::<BTreeSet<_>>().len(), 24);
    }

    #[test]
    fn a_remote_is_left_alone_for_longer_where_there_are_many() {
        for (seen, pauses) in [(0, 1), (1, 1), (10_000, 1), (10_001, 2), (45_000, 5)] {
            assert_eq!(Pace::PAGES.pause_after(seen), Pace::PAUSE * pauses, "{seen}");
        }
        for seen in [200_000, i64::MAX] {
            assert_eq!(Pace::PAGES.pause_after(seen), Pace::LONGEST_PAUSE, "{seen}");
        }
        assert_eq!(Pace::ONE_BY_ONE.pause_after(2_500), Pace::PAUSE * 3);
    }

    #[test]
    fn every_home_is_one_of_a_field() {
        for kind in KINDS {
            let can = capabilities_of(kind).expect("a record");
            let fields = can.fields();
            for home in can.homes.unwrap_or_default() {
                let field = home.split('/').next().unwrap_or_default();
                assert!(fields.iter().any(|(known, home)| known == field && *home != Home::Here), "{kind}: {home}");
            }
        }
    }
}
