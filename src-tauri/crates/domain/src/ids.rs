//! Ids: newtypes over UUIDs, so that a member's id can never stand where an entry's is meant.
//!
//! Almost all are UUIDv7 (RFC 9562): made here, ordered by time, unique without asking anyone.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new UUIDv7 from the instant and ten random bytes, both passed in by the caller.
            pub fn mint(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.as_millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Takes an id that was stored or received.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The sixteen bytes, for storage and hashing.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        crate::schema::is_text_in_json!($name: "uuid");
    };
}

id!(
    /// A person or company, the same in every shop.
    MemberId
);
id!(
    /// A shop, on this till. Other systems know it by its code.
    LocationId
);
id!(
    /// One member's credit with one issuer in one currency.
    AccountId
);
id!(
    /// One line of the credit ledger.
    EntryId
);
id!(
    /// One change of this till, from the outbox to the remote.
    ChangeId
);
id!(
    /// A device that serves members.
    TillId
);
id!(
    /// One life of a till's database. A restored or copied file gets a new one.
    Incarnation
);
id!(
    /// A member system that a location is kept in step with.
    RemoteId
);
id!(
    /// Somebody who logs in at a till.
    StaffId
);
id!(
    /// A hold on credit at head office while a bill is being paid.
    AuthorisationId
);
id!(
    /// One time that a member paid, brought something back, or had that undone.
    VisitId
);

impl MemberId {
    /// The id of somebody whom another system made: it follows from what tells them there (UUIDv8, RFC 9562 §5.8).
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl TillId {
    /// What stands for the tills of another system: none of ours, so that nobody here undoes what they did.
    pub fn of_place(place: &str) -> Self {
        let hash = Sha256::new().chain_update(b"tills of a remote\0").chain_update(place).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl EntryId {
    /// The id of the nth expiry of a lot follows from what it says: the same expiry that is booked twice, as by the two lives of a database, is one entry.
    pub fn of_expiry(lot: Self, nth: usize, amount: crate::Money) -> Self {
        Self::derived(lot, &format!("expiry {nth} of a lot, {}", amount.minor))
    }

    /// The id of what somebody else did to a balance at a remote follows from what the remote said: two tills that saw
    /// the same book the same entry.
    pub fn of_balance(place: &str, key: &[u8], version: i64, from_minor: i64, to_minor: i64) -> Self {
        let mut hash = Sha256::new();
        for part in [b"balance at a remote".as_slice(), place.as_bytes(), key] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(format!("{version} {from_minor} {to_minor}"));
        Self::of_digest(&hash.finalize())
    }

    /// An id that follows from another entry's and what is made of it (UUIDv8, RFC 9562 §5.8).
    pub fn derived(from: Self, what: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"entry that follows from another\0");
        hash.update(from.as_bytes());
        hash.update(what.as_bytes());
        Self::of_digest(&hash.finalize())
    }

    fn of_digest(digest: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl AccountId {
    /// The account's id follows from whose it is, so that two tills that are both offline open the same one.
    pub fn of(member: MemberId, issuer: &str, currency: crate::Currency) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"credit account\0");
        hash.update(member.as_bytes());
        hash.update(currency.code().as_bytes());
        hash.update(issuer.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn ids_made_later_sort_later() {
        let early = EntryId::mint(Timestamp::from_millis(1_000), [0xff; 10]);
        let late = EntryId::mint(Timestamp::from_millis(1_001), [0; 10]);
        assert!(early < late);
    }

    #[test]
    fn two_tills_open_the_same_account_for_one_member() {
        let member = MemberId::mint(Timestamp::from_millis(1), [7; 10]);
        let vnd: Currency = "VND".parse().expect("a currency");
        let eur: Currency = "EUR".parse().expect("a currency");
        assert_eq!(AccountId::of(member, "default", vnd), AccountId::of(member, "default", vnd));
        assert_ne!(AccountId::of(member, "default", vnd), AccountId::of(member, "default", eur));
        assert_ne!(AccountId::of(member, "default", vnd), AccountId::of(member, "lyon", vnd));
    }
}
