//! `settings get | set`: `language`, `counter_location`, and a shop's offline allowance as
//! `allowance.CODE.per_member | per_transaction | per_till` (amounts) and `allowance.CODE.max_age_hours`; its rules of
//! credit as one JSON object in `credit_rules/CODE`.

use crate::args::Settings as Command;
use crate::failure::NOT_FOUND;
use crate::output::Done;
use regulars_app::rules::{self, TypedRules};
use regulars_app::slip::Language;
use regulars_app::till::Till;
use regulars_app::{AppError, checks, locations};
use regulars_domain::Money;
use regulars_domain::allowance::Allowance;
use regulars_store::locations::StoredLocation;
use regulars_store::remotes::Problem;
use regulars_store::settings::{COUNTER_LOCATION, LANGUAGE};
use serde_json::{Value, json};

/// What begins the key of a shop's rules of credit.
const CREDIT_RULES: &str = "credit_rules/";

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Get { key } => {
            let value = get(till, &key)?;
            let exit = if value.is_null() { NOT_FOUND } else { 0 };
            Ok(Done::new(json!({ "key": key, "value": value })).with_exit(exit))
        }
        Command::Set { key, value } => {
            set(till, &key, &value)?;
            Ok(Done::new(json!({ "key": key, "value": get(till, &key)? })))
        }
    }
}

fn get(till: &Till, key: &str) -> Result<Value, AppError> {
    if let Some((shop, figure)) = allowance_of(till, key)? {
        let money = |minor| json!(Money::new(minor, shop.location.currency));
        return Ok(match figure {
            Figure::PerMember => money(shop.allowance.per_member_minor),
            Figure::PerTransaction => money(shop.allowance.per_transaction_minor),
            Figure::PerTill => money(shop.allowance.per_till_minor),
            Figure::MaxAgeHours => json!(shop.allowance.max_age_hours),
        });
    }
    if let Some(code) = key.strip_prefix(CREDIT_RULES) {
        return Ok(json!(rules::get(till, &locations::get(till, code)?.location.code)?));
    }
    known(key)?;
    Ok(json!(checks::setting(till, key)?))
}

fn set(till: &Till, key: &str, value: &str) -> Result<(), AppError> {
    if let Some((shop, figure)) = allowance_of(till, key)? {
        return set_allowance(till, &shop, figure, value);
    }
    if let Some(code) = key.strip_prefix(CREDIT_RULES) {
        let shop = locations::get(till, code)?.location;
        let rules: TypedRules = serde_json::from_str(value).map_err(|error| invalid(error.to_string()))?;
        return rules::set(till, &shop.code, shop.currency, rules);
    }
    known(key)?;
    if key == COUNTER_LOCATION {
        return checks::set_setting(till, key, &locations::get(till, value)?.location.code);
    }
    if Language::of(value).tag() != value {
        return Err(invalid("a language is en or vi".to_owned()));
    }
    checks::set_setting(till, key, value)
}

fn set_allowance(till: &Till, shop: &StoredLocation, figure: Figure, value: &str) -> Result<(), AppError> {
    let amount = || Ok::<_, AppError>(Money::parse(value, shop.location.currency)?.minor);
    let now = shop.allowance;
    let allowance = match figure {
        Figure::PerMember => Allowance { per_member_minor: amount()?, ..now },
        Figure::PerTransaction => Allowance { per_transaction_minor: amount()?, ..now },
        Figure::PerTill => Allowance { per_till_minor: amount()?, ..now },
        Figure::MaxAgeHours => {
            let hours = value.parse().map_err(|_| invalid("hours are a whole number".to_owned()))?;
            Allowance { max_age_hours: hours, ..now }
        }
    };
    locations::set_allowance(till, &shop.location.code, allowance)
}

enum Figure {
    PerMember,
    PerTransaction,
    PerTill,
    MaxAgeHours,
}

fn allowance_of(till: &Till, key: &str) -> Result<Option<(StoredLocation, Figure)>, AppError> {
    let Some((code, figure)) = key.strip_prefix("allowance.").and_then(|rest| rest.rsplit_once('.')) else {
        return Ok(None);
    };
    let figure = match figure {
        "per_member" => Figure::PerMember,
        "per_transaction" => Figure::PerTransaction,
        "per_till" => Figure::PerTill,
        "max_age_hours" => Figure::MaxAgeHours,
        unknown => return Err(invalid(format!("an allowance has no {unknown}"))),
    };
    Ok(Some((locations::get(till, code)?, figure)))
}

fn known(key: &str) -> Result<(), AppError> {
    if [LANGUAGE, COUNTER_LOCATION].contains(&key) {
        Ok(())
    } else {
        Err(invalid(format!("there is no setting {key}")))
    }
}

fn invalid(message: String) -> AppError {
    AppError::Remote(Problem { code: "setting_invalid".to_owned(), message, field: Some("key".to_owned()) })
}
