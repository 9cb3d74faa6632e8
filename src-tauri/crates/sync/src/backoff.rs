//! How long to wait before the next try: full jitter, so that tills that lost the line together do not come back
//! together; and what a remote asked for, within reason.

use chrono::DateTime;
use regulars_domain::Timestamp;
use std::time::Duration;

/// The first wait is up to this long, each next one up to twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// No wait is longer: a line that is back is used within minutes, and a remote that is down is asked twelve times an hour.
pub const LONGEST: Duration = Duration::from_secs(300);
/// No `Retry-After` is obeyed for longer: a slip at the remote ("86400000") must not stop a shop for a day.
/// Half an hour after a line is well again nothing waits any more.
pub const LONGEST_ASKED_FOR: Duration = Duration::from_secs(900);

/// A wait after so many failures in a row (1 for the first), drawn evenly from nothing up to the limit. `draw` is a
/// random number from 0 to 1.
pub fn full_jitter(failures: u32, draw: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let limit = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    limit.mul_f64(draw.clamp(0.0, 1.0))
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. Nonsense is nothing; nothing is longer than a quarter of an hour.
pub fn retry_after(header: &str, at: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = DateTime::parse_from_rfc2822(header).ok()?;
            Timestamp::from_millis(date.timestamp_millis()).since(at)
        }
    };
    Some(wait.min(LONGEST_ASKED_FOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_five_minutes_and_are_spread() {
        assert_eq!(full_jitter(1, 1.0), Duration::from_secs(1));
        assert_eq!(full_jitter(4, 1.0), Duration::from_secs(8));
        assert_eq!(full_jitter(4, 0.5), Duration::from_secs(4));
        assert_eq!(full_jitter(4, 0.0), Duration::ZERO);
        assert_eq!(full_jitter(60, 1.0), LONGEST);
    }

    #[test]
    fn what_a_remote_asks_for_is_read_and_bounded() {
        let at: Timestamp = "2026-11-24T08:00:00Z".parse().expect("an instant");
        for (header, seconds) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("86400000", Some(900)),
            ("Tue, 24 Nov 2026 08:00:30 GMT", Some(30)),
            ("Tue, 24 Nov 2026 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, at), seconds.map(Duration::from_secs), "{header}");
        }
    }
}
