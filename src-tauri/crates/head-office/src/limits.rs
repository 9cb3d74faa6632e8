//! How much one caller may ask for: requests a second per token, join tries a minute per address, time per request.
//!
//! Measured by the machine's steady clock, not by the one that is passed in: a wall clock that is set back must not
//! shut every till out.

use crate::error::HeadOfficeError;
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;
use uuid::Uuid;

/// Requests a second of one token: a till that catches up with pages of 1,000 rows stays well below.
const REQUESTS_A_SECOND: u32 = 50;
/// Requests at once: a first pull of 200,000 rows over a fast line.
const BURST: u32 = 200;
/// Join codes typed from one address: a person mistypes a few times, a guesser gets nowhere.
const JOIN_TRIES_A_MINUTE: u32 = 10;
/// Longest time for a request: a full batch takes less than one second, and tills give up after 60.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// From so many addresses on, those that may try again anyway are forgotten.
const MANY_ADDRESSES: usize = 10_000;

/// What one caller may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second per token, over time.
    pub requests_a_second: NonZeroU32,
    /// Requests at once per token.
    pub burst: NonZeroU32,
    /// Join tries a minute per address.
    pub join_tries_a_minute: NonZeroU32,
    /// Time for one request.
    pub request_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_a_second: at_least_one(REQUESTS_A_SECOND),
            burst: at_least_one(BURST),
            join_tries_a_minute: at_least_one(JOIN_TRIES_A_MINUTE),
            request_time: REQUEST_TIME,
        }
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// Who asked how often.
pub(crate) struct Rates {
    tokens: DefaultKeyedRateLimiter<Uuid>,
    joins: DefaultKeyedRateLimiter<IpAddr>,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        let requests = Quota::per_second(limits.requests_a_second).allow_burst(limits.burst);
        Self {
            tokens: RateLimiter::keyed(requests),
            joins: RateLimiter::keyed(Quota::per_minute(limits.join_tries_a_minute)),
        }
    }

    /// Counts a request of a token.
    pub(crate) fn check_token(&self, token: Uuid) -> Result<(), HeadOfficeError> {
        check(&self.tokens, &token)
    }

    /// Counts a join try from an address.
    pub(crate) fn check_join(&self, address: IpAddr) -> Result<(), HeadOfficeError> {
        if self.joins.len() > MANY_ADDRESSES {
            self.joins.retain_recent();
        }
        check(&self.joins, &network_of(address))
    }
}

fn check<K: Hash + Eq + Clone>(rates: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), HeadOfficeError> {
    rates.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(rates.clock().now());
        HeadOfficeError::RateLimited { retry_after_s: wait.as_secs() + 1 }
    })
}

/// One customer of a provider has a whole /64 of IPv6: its addresses count as one (RFC 6177).
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.into(),
            None => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        },
    }
}
