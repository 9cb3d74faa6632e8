//! The rules of credit that an owner sets for a shop, kept as a setting of this till.

use crate::error::AppError;
use crate::rights::Action;
use crate::till::Till;
use regulars_domain::money::MAX_AMOUNT_MINOR;
use regulars_domain::percent::Percent;
use regulars_domain::{Currency, Refusal};
use regulars_store::{Transaction, settings};
use serde::{Deserialize, Serialize};

/// Longest time in which something can be undone by void, in minutes: a shift.
const MAX_VOID_MINUTES: u32 = 8 * 60;
/// Longest life of a reward, in days: ten years.
const MAX_REWARD_DAYS: u32 = 3_660;

/// What an owner sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct CreditRules {
    /// How long the latest entry can be undone by void, in minutes.
    pub void_minutes: u32,
    /// What members earn who have no rate of their own.
    pub earn_percent: Percent,
    /// How long a reward can be used, in days; absent: for ever.
    pub reward_valid_days: Option<u32>,
    /// Above this a card is asked before credit is used, in minor units; absent: never.
    pub proof_above_minor: Option<i64>,
}

impl Default for CreditRules {
    fn default() -> Self {
        Self { void_minutes: 10, earn_percent: Percent::ZERO, reward_valid_days: None, proof_above_minor: None }
    }
}

impl CreditRules {
    /// Checked.
    ///
    /// # Errors
    /// `amount_invalid`, `too_many`, with the field.
    pub fn checked(self, currency: Currency) -> Result<Self, Refusal> {
        if self.void_minutes > MAX_VOID_MINUTES {
            return Err(Refusal::TooMany { field: "void_minutes", max: MAX_VOID_MINUTES as usize });
        }
        if self.reward_valid_days.is_some_and(|days| days > MAX_REWARD_DAYS) {
            return Err(Refusal::TooMany { field: "reward_valid_days", max: MAX_REWARD_DAYS as usize });
        }
        if self.proof_above_minor.is_some_and(|minor| !(0..=MAX_AMOUNT_MINOR).contains(&minor)) {
            return Err(Refusal::AmountInvalid { example: currency.example() });
        }
        Ok(Self { reward_valid_days: self.reward_valid_days.filter(|days| *days > 0), ..self })
    }
}

pub(crate) fn read(tx: &Transaction<'_>, code: &str) -> Result<CreditRules, AppError> {
    let stored = settings::find(tx, &key(code))?;
    Ok(stored.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

/// The rules of a shop; the usual ones where nobody set any.
///
/// # Errors
/// As any read.
pub fn get(till: &Till, code: &str) -> Result<CreditRules, AppError> {
    till.read(|tx| read(tx, code))
}

/// Sets the rules of a shop.
///
/// # Errors
/// A refusal with its field.
pub fn set(till: &Till, code: &str, currency: Currency, rules: CreditRules) -> Result<(), AppError> {
    till.permit(Action::SetUp)?;
    let json = serde_json::to_string(&rules.checked(currency)?).map_err(|_| AppError::Internal)?;
    let key = key(code);
    till.write(move |tx| Ok(settings::set(tx, &key, &json)?))
}

fn key(code: &str) -> String {
    format!("credit_rules/{code}")
}
