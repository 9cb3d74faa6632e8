//! Percentages: what a member earns and what comes off a bill. "5" is 5 %; no floats, rounding in one place.
//!
//! A coefficient (0.05) is another remote's way to say it, and is converted in that remote's connector.

use crate::money::Money;
use crate::refusal::Refusal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// How many basis points are the whole.
const WHOLE: i64 = 10_000;

/// A rate from 0 to 100 percent in hundredths of a percent. In JSON: decimal text, as "2.5".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(i64);

impl Percent {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a percent: 250 is 2.5 %. `field` names what was filled in, for the refusal.
    ///
    /// # Errors
    /// `percent_invalid` below 0 and above 100 %.
    pub fn from_basis_points(basis_points: i64, field: &'static str) -> Result<Self, Refusal> {
        match basis_points {
            0..=WHOLE => Ok(Self(basis_points)),
            _ => Err(Refusal::PercentInvalid { field }),
        }
    }

    /// Reads decimal text: "5", "2.5", "12,75". A comma is a point here, because no rate has a thousand. `field`
    /// names what was filled in, for the refusal.
    ///
    /// # Errors
    /// `percent_invalid` for anything else, more than two decimals and more than 100.
    pub fn parse(text: &str, field: &'static str) -> Result<Self, Refusal> {
        let basis_points = basis_points(text.trim()).ok_or(Refusal::PercentInvalid { field })?;
        Self::from_basis_points(basis_points, field)
    }

    /// In hundredths of a percent.
    pub const fn basis_points(self) -> i64 {
        self.0
    }

    /// That share of an amount, in whole minor units; what is less than one is left away. Below zero, down is away
    /// from zero.
    pub fn of_rounded_down(self, amount: Money) -> Money {
        self.share(amount, 0)
    }

    /// That share of an amount, in whole minor units; half a unit and more is one.
    pub fn of_rounded_half_up(self, amount: Money) -> Money {
        self.share(amount, WHOLE / 2)
    }

    fn share(self, amount: Money, added: i64) -> Money {
        let parts = i128::from(amount.minor) * i128::from(self.0) + i128::from(added);
        // A share is never more than the whole, so it always fits; the amount itself stands in for the impossible.
        let minor = i64::try_from(parts.div_euclid(i128::from(WHOLE))).unwrap_or(amount.minor);
        Money::new(minor, amount.currency)
    }
}

/// Hundredths out of decimal text, where it is that.
fn basis_points(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

impl FromStr for Percent {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text, "percent")
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match hundredths {
            0 => write!(f, "{whole}"),
            tenths if tenths % 10 == 0 => write!(f, "{whole}.{}", tenths / 10),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} %")
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::schema::is_text_in_json!(Percent: "percent");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().expect("a currency"))
    }

    fn percent(text: &str) -> Percent {
        text.parse().expect("a percentage")
    }

    #[test]
    fn a_percentage_is_read_and_written_as_people_write_it() {
        for (typed, written) in [
            ("5", "5"),
            ("2.5", "2.5"),
            ("2,5", "2.5"),
            ("12.75", "12.75"),
            ("2.50", "2.5"),
            (" 7.05 ", "7.05"),
            ("0", "0"),
            ("100.00", "100"),
        ] {
            assert_eq!(Percent::parse(typed, "earn").map(|percent| percent.to_string()), Ok(written.to_owned()));
        }
    }

    #[test]
    fn anything_but_0_to_100_with_two_decimals_is_refused() {
        for text in
            ["", ".", ".5", "5.", "5,", "5 %", "-1", "+5", "100.01", "101", "2.505", "1e1", "٣", "1.2.3", "1,2.3"]
        {
            assert_eq!(Percent::parse(text, "earn"), Err(Refusal::PercentInvalid { field: "earn" }), "{text}");
        }
        assert!(Percent::parse("99999999999999999999999", "earn").is_err());
        assert!(Percent::from_basis_points(-1, "earn").is_err());
    }

    /// The rate, the amount in cents, rounded down, and rounded half up.
    #[test]
    fn a_share_is_whole_minor_units() {
        for (rate, amount, down, half_up) in [
            ("5", 1_000, 50, 50),
            ("5", 1_010, 50, 51),
            ("5", 1_009, 50, 50),
            ("2.5", 999, 24, 25),
            ("100", 999, 999, 999),
            ("0", 999, 0, 0),
            ("0.01", 4_999, 0, 0),
            ("0.01", 5_000, 0, 1),
        ] {
            assert_eq!(percent(rate).of_rounded_down(money(amount)), money(down), "{rate} % of {amount}");
            assert_eq!(percent(rate).of_rounded_half_up(money(amount)), money(half_up), "{rate} % of {amount}");
        }
    }

    #[test]
    fn in_json_it_is_text() {
        assert_eq!(serde_json::to_value(percent("2.5")).expect("json"), "2.5");
        assert_eq!(serde_json::from_value::<Percent>("2.5".into()).expect("read"), percent("2.5"));
        assert!(serde_json::from_value::<Percent>("250".into()).is_err());
    }

    proptest! {
        #[test]
        fn a_share_is_never_more_than_the_whole(minor in any::<i64>(), basis_points in 0..=WHOLE) {
            let rate = Percent::from_basis_points(basis_points, "earn").expect("in bounds");
            for share in [rate.of_rounded_down(money(minor)), rate.of_rounded_half_up(money(minor))] {
                prop_assert!(share.minor.unsigned_abs() <= minor.unsigned_abs());
            }
        }

        #[test]
        fn what_is_written_can_be_read_again(basis_points in 0..=WHOLE) {
            let rate = Percent::from_basis_points(basis_points, "earn").expect("in bounds");
            prop_assert_eq!(Percent::parse(&rate.to_string(), "earn"), Ok(rate));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _read_or_refused = Percent::parse(&text, "earn");
        }
    }
}
