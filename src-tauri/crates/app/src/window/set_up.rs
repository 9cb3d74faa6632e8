//! The first start: what the page proposes, and making the till out of the answers.

use super::views::{
    AllowanceAdvice, AllowanceAsked, CountryView, CurrencyView, FirstStartDefaults, HeadOfficeInput, LocationInput,
    SetUp, WorstCase, WorstCaseAsked,
};
use crate::error::AppError;
use crate::locations::{NewLocation, checked_allowance};
use crate::remotes::{NewRemote, speaker};
use crate::till::{NewClock, Till, checked_name};
use crate::{checks, locations, remotes};
use regulars_domain::allowance::Allowance;
use regulars_domain::location::Location;
use regulars_domain::phone::Country;
use regulars_domain::{Currency, Money, Refusal};
use regulars_store::{Keystore, KeystoreKind, settings};
use regulars_sync::connectors::head_office;
use regulars_sync::http::{HttpTransport, checked_url};
use regulars_sync::trouble::problem;
use serde_json::Map;
use std::path::Path;
use std::time::Duration;

/// How the head office is called until somebody calls it something else.
const REMOTE_NAME: &str = "Head office";
/// What a token of head office begins with; anything else that is typed is a join code.
const TOKEN_PREFIX: &str = "rgt_";
/// A person waits for this answer.
const JOIN_TIMEOUT: Duration = Duration::from_secs(15);

/// What the page proposes, from the language and time zone of the computer.
pub(super) fn defaults(locale: Option<&str>) -> FirstStartDefaults {
    let locale = locale.unwrap_or("en").replace('_', "-");
    let mut parts = locale.split(['-', '.']);
    let language = parts.next().unwrap_or("en").to_lowercase();
    let country = parts.next().and_then(|region| region.parse::<Country>().ok()).map(|country| country.code());
    let time_zone = iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned());
    let country = country.unwrap_or_else(|| if language == "vi" { "VN".to_owned() } else { String::new() });
    let currency = Currency::by_country().get(&country).map(|currency| currency.code().to_owned()).unwrap_or_default();
    let view = |currency: Currency| CurrencyView { code: currency.code().to_owned(), decimals: currency.decimals() };
    FirstStartDefaults {
        language,
        till_name: "Till 1".to_owned(),
        country,
        currency,
        time_zone,
        has_keychain: KeystoreKind::from_environment() == KeystoreKind::System && Keystore::has_system_keystore(),
        countries: countries(),
        currencies: Currency::all().into_iter().map(view).collect(),
    }
}

fn countries() -> Vec<CountryView> {
    let currencies = Currency::by_country();
    let codes = Country::all().into_iter().map(Country::code);
    codes
        .map(|code| CountryView { currency: currencies.get(&code).map(|currency| currency.code().to_owned()), code })
        .collect()
}

pub(super) fn allowance_advice(asked: &AllowanceAsked) -> Result<AllowanceAdvice, AppError> {
    Ok(AllowanceAdvice { allowance: Allowance::sensible(asked.currency.parse()?) })
}

pub(super) fn worst_case(asked: &WorstCaseAsked) -> Result<WorstCase, AppError> {
    let others = asked.tills.saturating_sub(1);
    let overspend = asked.allowance.worst_overspend_of_all(others);
    Ok(WorstCase { overspend: Money::new(overspend, asked.currency.parse()?) })
}

/// Makes the till. Everything that can be wrong with the answers is found before anything is written.
pub(super) async fn set_up(folder: &Path, asked: SetUp) -> Result<Till, AppError> {
    let location = location(&asked.location)?;
    let allowance = checked_allowance(asked.allowance, &location)?;
    let till_name = checked_name(&asked.till_name)?;
    let keystore = keystore(asked.key_in_file)?;
    let remote = asked.head_office.as_ref().map(new_remote).transpose()?;
    let till = Till::create(folder, &till_name, NewClock::System, keystore)?;
    match fill(&till, asked, location, allowance, remote).await {
        Ok(()) => Ok(till),
        // The folder holds a till without a shop now: the next answers go into it.
        Err(error) => Err(error),
    }
}

/// Goes on with a till that was made but whose shop or head office could not be set up.
pub(super) async fn finish(till: &Till, asked: SetUp) -> Result<(), AppError> {
    let location = location(&asked.location)?;
    let allowance = checked_allowance(asked.allowance, &location)?;
    let remote = asked.head_office.as_ref().map(new_remote).transpose()?;
    fill(till, asked, location, allowance, remote).await
}

async fn fill(
    till: &Till,
    asked: SetUp,
    location: Location,
    allowance: Allowance,
    remote: Option<NewRemote>,
) -> Result<(), AppError> {
    let remote_name = remote.as_ref().map(|remote| remote.name.clone());
    if let Some(mut remote) = remote {
        let code = remote.secret.take().unwrap_or_default();
        let secret = if code.starts_with(TOKEN_PREFIX) { code } else { join(till, &remote, &code).await? };
        remotes::add(till, NewRemote { secret: Some(secret), ..remote })?;
    }
    checks::set_setting(till, settings::LANGUAGE, &asked.language)?;
    let code = location.code.clone();
    locations::add(till, NewLocation { location, remote: remote_name, pos_id: None, allowance: Some(allowance) })?;
    checks::set_setting(till, settings::COUNTER_LOCATION, &code)
}

async fn join(till: &Till, remote: &NewRemote, code: &str) -> Result<String, AppError> {
    let url = checked_url(&remote.url, remote.may_be_plain).map_err(AppError::Remote)?;
    let transport = HttpTransport::new(url, None).map_err(AppError::Remote)?;
    let joined = head_office::join(&transport, code, &speaker(till), JOIN_TIMEOUT).await;
    joined.map_err(|mut trouble| {
        let is_about_code = trouble.problem.code == "join_code_invalid";
        trouble.problem.field = Some(if is_about_code { "join_code" } else { "url" }.to_owned());
        AppError::Trouble(trouble)
    })
}

fn new_remote(asked: &HeadOfficeInput) -> Result<NewRemote, AppError> {
    checked_url(&asked.url, false).map_err(AppError::Remote)?;
    let code = asked.join_code.trim();
    if code.is_empty() {
        return Err(Refusal::Required { field: "join_code" }.into());
    }
    Ok(NewRemote {
        name: REMOTE_NAME.to_owned(),
        kind: head_office::KIND.to_owned(),
        url: asked.url.clone(),
        secret: Some(code.to_owned()),
        settings: Map::new(),
        ca: None,
        may_be_plain: false,
    })
}

fn location(asked: &LocationInput) -> Result<Location, AppError> {
    let location = Location {
        code: asked.code.clone(),
        name: asked.name.clone(),
        country: asked.country.clone(),
        currency: asked.currency.parse()?,
        time_zone: asked.time_zone.clone(),
        issuer: String::new(),
    };
    Ok(location.checked()?)
}

/// The keychain where there is one; a file only where somebody has said so.
fn keystore(key_in_file: bool) -> Result<KeystoreKind, AppError> {
    let is_forced = KeystoreKind::from_environment() == KeystoreKind::File;
    match key_in_file || is_forced {
        true => Ok(KeystoreKind::File),
        false if Keystore::has_system_keystore() => Ok(KeystoreKind::System),
        false => Err(AppError::Remote(regulars_store::remotes::Problem {
            field: Some("key_in_file".to_owned()),
            ..problem("keystore_unavailable", "this computer has no keychain that answers")
        })),
    }
}
