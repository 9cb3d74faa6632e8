//! How long to wait before the next try: full jitter, so that tills that lost the line together do not come back
//! together; and what a remote asked for, within reason.

use crate::transport::Response;
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

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. A date is counted from the answer's own `Date` (§6.6.1), so
/// that no other clock has a say in it. Nonsense is nothing, and so is a date alone; nothing is longer than a quarter of an
/// hour.
pub fn retry_after(response: &Response) -> Option<Duration> {
    let header = response.retry_after.as_deref()?.trim();
    let wait = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => instant(header)?.since(instant(response.date.as_deref()?)?),
    };
    Some(wait.min(LONGEST_ASKED_FOR))
}

fn instant(date: &str) -> Option<Timestamp> {
    let date = DateTime::parse_from_rfc2822(date.trim()).ok()?;
    Some(Timestamp::from_millis(date.timestamp_millis()))
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
        let said_at = "Tue, 24 Nov 2026 08:00:00 GMT";
        for (header, date, seconds) in [
            ("7", None, Some(7)),
            (" 120 ", Some(said_at), Some(120)),
            ("86400000", None, Some(900)),
            ("Tue, 24 Nov 2026 08:00:30 GMT", Some(said_at), Some(30)),
            ("Tue, 24 Nov 2026 07:00:00 GMT", Some(said_at), Some(0)),
            ("Tue, 24 Nov 2099 08:00:00 GMT", Some(said_at), Some(900)),
            ("Tue, 24 Nov 2026 08:00:30 GMT", Some("today"), None),
            ("Tue, 24 Nov 2026 08:00:30 GMT", None, None),
            ("soon", Some(said_at), None),
            ("-5", None, None),
            ("", None, None),
        ] {
            let text = |text: &str| Some(text.to_owned());
            let response = Response { retry_after: text(header), date: date.and_then(text), ..Response::default() };
            assert_eq!(retry_after(&response), seconds.map(Duration::from_secs), "{header} at {date:?}");
        }
    }
}
