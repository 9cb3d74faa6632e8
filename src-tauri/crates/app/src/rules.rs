//! The rules of credit that an owner sets for a shop, kept as a setting of this till.

use crate::error::AppError;
use crate::rights::Action;
use crate::till::Till;
use regulars_domain::allowance::limit;
use regulars_domain::percent::Percent;
use regulars_domain::{Currency, Refusal};
use regulars_store::{Transaction, settings};
use serde::{Deserialize, Serialize};

/// Longest time in which something can be undone by void, in minutes: a shift.
const MAX_VOID_MINUTES: i64 = 8 * 60;
/// Longest life of a reward, in days: ten years.
const MAX_REWARD_DAYS: i64 = 3_660;

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

/// The same as an owner types it: whatever figure it is can be read, so that what is wrong is said at its field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct TypedRules {
    /// In minutes.
    pub void_minutes: i64,
    /// Decimal text.
    pub earn_percent: String,
    /// In days; absent or 0: for ever.
    pub reward_valid_days: Option<i64>,
    /// In minor units; absent: never.
    pub proof_above_minor: Option<i64>,
}

impl Default for TypedRules {
    fn default() -> Self {
        let usual = CreditRules::default();
        Self {
            void_minutes: usual.void_minutes.into(),
            earn_percent: usual.earn_percent.to_string(),
            reward_valid_days: usual.reward_valid_days.map(i64::from),
            proof_above_minor: usual.proof_above_minor,
        }
    }
}

impl TypedRules {
    /// # Errors
    /// `percent_invalid`, `number_out_of_range`, `limit_out_of_range`, with the field.
    pub fn checked(self, currency: Currency) -> Result<CreditRules, Refusal> {
        let days = self.reward_valid_days.filter(|days| *days != 0);
        Ok(CreditRules {
            void_minutes: within("void_minutes", self.void_minutes, MAX_VOID_MINUTES)?,
            earn_percent: Percent::parse(&self.earn_percent, "earn_percent")?,
            reward_valid_days: days.map(|days| within("reward_valid_days", days, MAX_REWARD_DAYS)).transpose()?,
            proof_above_minor: self
                .proof_above_minor
                .map(|minor| limit("proof_above_minor", minor, currency))
                .transpose()?,
        })
    }
}

fn within(field: &'static str, number: i64, max: i64) -> Result<u32, Refusal> {
    let whole = u32::try_from(number).ok().filter(|_| number <= max);
    whole.ok_or(Refusal::NumberOutOfRange { field, min: 0, max })
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
pub fn set(till: &Till, code: &str, currency: Currency, rules: TypedRules) -> Result<(), AppError> {
    till.permit(Action::SetUp)?;
    let json = serde_json::to_string(&rules.checked(currency)?).map_err(|_| AppError::Internal)?;
    let key = key(code);
    till.write(move |tx| Ok(settings::set(tx, &key, &json)?))
}

fn key(code: &str) -> String {
    format!("credit_rules/{code}")
}
