//! Instants and days. An instant is UTC milliseconds; a day is what the calendar in the shop says.

use crate::refusal::Refusal;
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeZone, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z. In JSON: RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The instant that lies `duration` later; the end of time where that does not fit.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long after `earlier` this is; zero where it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn to_chrono(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        DateTime::parse_from_rfc3339(text).map(|at| Self(at.timestamp_millis())).map_err(|_| Refusal::InstantInvalid)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A day on the calendar, `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// The day that `year`, `month` and `day` name, where there is one.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// The year, as the calendar counts it.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The day so many days later, where the calendar has it.
    pub fn plus_days(self, days: u32) -> Option<Self> {
        self.0.checked_add_days(chrono::Days::new(u64::from(days))).map(Self)
    }

    /// That day of an earlier month, or its last one, where the calendar has it: three months before 31 May is 28 February.
    pub fn minus_months(self, months: u32) -> Option<Self> {
        self.0.checked_sub_months(chrono::Months::new(months)).map(Self)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m-%d").fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self).map_err(|_| Refusal::DateInvalid { field: None })
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// An IANA time zone, as "Asia/Ho_Chi_Minh".
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TimeZoneName(chrono_tz::Tz);

impl TimeZoneName {
    /// Coordinated universal time, for a shop that has not said where it is.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The names of all zones, by name: one for each place, as "Asia/Ho_Chi_Minh", and none of those that only name an
    /// offset or an older spelling of a country.
    pub fn list() -> impl Iterator<Item = &'static str> {
        const CONTINENTS: [&str; 10] = [
            "Africa",
            "America",
            "Antarctica",
            "Arctic",
            "Asia",
            "Atlantic",
            "Australia",
            "Europe",
            "Indian",
            "Pacific",
        ];
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        names.filter(|name| {
            *name == "UTC" || name.split_once('/').is_some_and(|(continent, _)| CONTINENTS.contains(&continent))
        })
    }

    /// The day that the calendar in the shop shows at that instant: the business date of what happens then.
    pub fn business_date(self, at: Timestamp) -> Date {
        Date(at.to_chrono().with_timezone(&self.0).date_naive())
    }

    /// The instant at which a day begins in the shop. Where the clock leaps over midnight, the first one that there is.
    pub fn start_of(self, day: Date) -> Option<Timestamp> {
        let midnight = day.0.and_hms_opt(0, 0, 0)?;
        let first = |hours: i64| self.0.from_local_datetime(&(midnight + chrono::Duration::hours(hours))).earliest();
        let begun = first(0).or_else(|| first(1))?;
        Some(Timestamp::from_millis(begun.timestamp_millis()))
    }

    /// The last instant of a day in the shop.
    pub fn end_of(self, day: Date) -> Option<Timestamp> {
        let next = self.start_of(day.plus_days(1)?)?;
        Some(Timestamp::from_millis(next.as_millis() - 1))
    }

    /// Hour and minute that the clock in the shop shows at that instant.
    pub fn hour_and_minute(self, at: Timestamp) -> (u32, u32) {
        let local = at.to_chrono().with_timezone(&self.0);
        (local.hour(), local.minute())
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TimeZoneName {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.parse().map(Self).map_err(|_| Refusal::TimeZoneUnknown)
    }
}

crate::schema::is_text_in_json!(Timestamp: "date-time", Date: "date");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_date_is_the_shops_own_day() {
        let just_after_midnight_in_hanoi: Timestamp = "2026-11-23T17:30:00Z".parse().expect("an instant");
        let hanoi: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
        assert_eq!(hanoi.business_date(just_after_midnight_in_hanoi).to_string(), "2026-11-24");
        assert_eq!(TimeZoneName::UTC.business_date(just_after_midnight_in_hanoi).to_string(), "2026-11-23");
    }

    #[test]
    fn the_zones_are_named_by_place() {
        let zones: Vec<&str> = TimeZoneName::list().collect();
        for there in ["Asia/Ho_Chi_Minh", "Europe/Bratislava", "UTC"] {
            assert!(zones.contains(&there), "{there}");
        }
        assert!(!zones.contains(&"Etc/GMT+7") && !zones.contains(&"GB") && zones.is_sorted());
    }

    #[test]
    fn months_ago_is_the_same_day_or_the_last_of_that_month() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        for (months, ago) in [(0, "2026-03-31"), (1, "2026-02-28"), (3, "2025-12-31"), (25, "2024-02-29")] {
            assert_eq!(day("2026-03-31").minus_months(months), Some(day(ago)), "{months}");
        }
        assert_eq!(day("2026-03-31").minus_months(u32::MAX), None);
    }

    #[test]
    fn instants_are_written_with_milliseconds_and_z() {
        let at: Timestamp = "2026-11-24T08:00:00.5+07:00".parse().expect("an instant");
        assert_eq!(at.to_string(), "2026-11-24T01:00:00.500Z");
    }

    #[test]
    fn the_end_of_time_is_written_not_panicked_about() {
        assert!(!Timestamp::from_millis(i64::MAX).to_string().is_empty());
        assert_eq!(Timestamp::from_millis(i64::MAX).plus(Duration::MAX).as_millis(), i64::MAX);
    }
}
