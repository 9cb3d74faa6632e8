//! Money: whole minor units of an ISO 4217 currency. No floats, no rounding, every sum checked.

use crate::refusal::Refusal;
use crate::text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The largest amount of one entry, in minor units. Nine thousand such entries still add up exactly in a number of
/// the web view (2^53), and no sum of them comes near the end of an `i64`.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// The largest balance, in minor units: what the web view's numbers hold exactly (2^53 - 1).
pub const MAX_BALANCE_MINOR: i64 = (1 << 53) - 1;

/// An ISO 4217 currency with 0, 2 or 3 decimals.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// All that can be chosen, by code.
    pub fn all() -> Vec<Self> {
        use iso_currency::IntoEnumIterator;
        let mut all: Vec<Self> =
            iso_currency::Currency::iter().filter_map(|currency| currency.code().parse().ok()).collect();
        all.sort_by_key(|currency| currency.code());
        all
    }

    /// What is paid in in each country (ISO 3166 alpha-2).
    pub fn by_country() -> BTreeMap<String, Self> {
        let of_currency = |currency: Self| {
            let countries = currency.0.used_by().into_iter();
            countries.map(move |country| (country.to_string(), currency))
        };
        Self::all().into_iter().flat_map(of_currency).collect()
    }

    /// How many decimals an amount has: 0 for the đồng, 2 for the euro, 3 for the Kuwaiti dinar.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// An amount as one would type it, for error messages.
    pub fn example(self) -> String {
        match self.decimals() {
            0 => "125000".to_owned(),
            2 => "12.50".to_owned(),
            decimals => format!("12.{}", "0".repeat(decimals as usize)),
        }
    }
}

impl FromStr for Currency {
    type Err = Refusal;

    /// Takes a current code in any case. Funds, metals and currencies that ended are refused.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let code = text::code(text);
        let current = iso_currency::Currency::from_code(&code)
            .filter(|currency| currency.flags().is_empty() && matches!(currency.exponent(), Some(0 | 2 | 3)));
        current.map(Self).ok_or(Refusal::CurrencyUnknown { code })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

crate::schema::is_text_in_json!(Currency: "iso-4217");

/// An amount: minor units and their currency. `{"minor": 125000, "currency": "EUR"}` is 1,250.00 euro.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units: cents, or whole đồng.
    pub minor: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in that currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads decimal text: digits, with a point and up to the currency's decimals behind it.
    ///
    /// # Errors
    /// Anything else is refused, a comma too: "1,000" is a thousand to one reader and one to the next.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let invalid = || Refusal::AmountInvalid { example: currency.example() };
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
            return Err(invalid());
        }
        let decimals = currency.decimals() as usize;
        if fraction.len() > decimals {
            return Err(Refusal::AmountTooPrecise {
                currency: currency.code().to_owned(),
                decimals: currency.decimals(),
            });
        }
        let minor: i64 = format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| Refusal::AmountTooLarge)?;
        if minor > MAX_AMOUNT_MINOR {
            return Err(Refusal::AmountTooLarge);
        }
        Ok(Self::new(sign * minor, currency))
    }

    /// The amount, when it may be moved by one entry: more than zero, and no more than an entry holds.
    ///
    /// # Errors
    /// `amount_not_positive`, `amount_too_large`.
    pub fn movable(self) -> Result<Self, Refusal> {
        match self.minor {
            ..=0 => Err(Refusal::AmountNotPositive),
            1..=MAX_AMOUNT_MINOR => Ok(self),
            _ => Err(Refusal::AmountTooLarge),
        }
    }

    /// The sum of two amounts in one currency.
    ///
    /// # Errors
    /// `currency_differs`; `amount_too_large` where a balance could not hold it.
    pub fn plus(self, other: Self) -> Result<Self, Refusal> {
        if self.currency != other.currency {
            return Err(Refusal::CurrencyDiffers {
                given: other.currency.code().to_owned(),
                expected: self.currency.code().to_owned(),
            });
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Refusal::AmountTooLarge)?;
        if minor.unsigned_abs() > MAX_BALANCE_MINOR.unsigned_abs() {
            return Err(Refusal::AmountTooLarge);
        }
        Ok(Self::new(minor, self.currency))
    }

    /// The same amount the other way round.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { minor: self.minor.saturating_neg(), currency: self.currency }
    }
}

impl Money {
    /// The amount as decimal text, without sign of currency or thousands.
    pub fn decimal(self) -> String {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let unit = 10_u64.pow(decimals);
        let (whole, fraction) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match decimals {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn parsed(text: &str, code: &str) -> Result<String, &'static str> {
        Money::parse(text, currency(code)).map(|money| money.to_string()).map_err(|refusal| refusal.code())
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(parsed("350000", "VND"), Ok("350000 VND".to_owned()));
        assert_eq!(parsed("12.34", "EUR"), Ok("12.34 EUR".to_owned()));
        assert_eq!(parsed("12.3", "EUR"), Ok("12.30 EUR".to_owned()));
        assert_eq!(parsed("0.005", "KWD"), Ok("0.005 KWD".to_owned()));
        assert_eq!(parsed("-7", "EUR"), Ok("-7.00 EUR".to_owned()));
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for text in ["", ".", "12.", "1,000", "1e3", "+5", "٣", "12.3.4", "0x10", "--5", " ", "5 EUR", "1_000"] {
            assert_eq!(parsed(text, "EUR"), Err("amount_invalid"), "{text}");
        }
        assert_eq!(parsed("12.345", "EUR"), Err("amount_too_precise"));
        assert_eq!(parsed("0.5", "VND"), Err("amount_too_precise"));
        assert_eq!(parsed("1000000000001", "VND"), Err("amount_too_large"));
        assert_eq!(parsed("99999999999999999999999", "VND"), Err("amount_too_large"));
    }

    #[test]
    fn only_current_currencies_are_taken() {
        for code in ["EUR", "eur", " vnd "] {
            assert!(code.parse::<Currency>().is_ok(), "{code}");
        }
        for code in ["XAU", "HRK", "ABC", "", "EURO", "CLF"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn two_currencies_are_never_added() {
        let error = Money::new(1, currency("VND")).plus(Money::new(1, currency("EUR"))).expect_err("refused");
        assert_eq!(error.code(), "currency_differs");
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_again(minor in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR, code in "(VND|EUR|KWD|JPY)") {
            let money = Money::new(minor, currency(&code));
            let text = money.to_string();
            let (number, _) = text.split_once(' ').expect("amount and code");
            prop_assert_eq!(Money::parse(number, money.currency), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _read_or_refused = Money::parse(&text, currency("EUR"));
        }
    }
}
