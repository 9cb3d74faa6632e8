//! The first start: what the page proposes, and making the till out of the answers.

use super::views::{
    AllowanceAdvice, AllowanceAsked, CountryView, CurrencyView, FirstStartDefaults, HeadOfficeInput, LocationInput,
    SetUp, WorstCase, WorstCaseAsked,
};
use crate::error::AppError;
use crate::locations::NewLocation;
use crate::remotes::NewRemote;
use crate::slip::Language;
use crate::till::{NewClock, Till, checked_name, new_id};
use crate::{checks, locations, remotes};
use regulars_domain::allowance::Allowance;
use regulars_domain::location::Location;
use regulars_domain::phone::Country;
use regulars_domain::{Currency, Money, Refusal, TillId};
use regulars_store::{Keystore, KeystoreKind, settings};
use regulars_sync::connectors::{Speaker, head_office};
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
    FirstStartDefaults {
        language,
        till_name: "Till 1".to_owned(),
        country,
        currency,
        time_zone,
        has_keychain: KeystoreKind::from_environment() == KeystoreKind::System && Keystore::has_system_keystore(),
        countries: countries(),
        currencies: currencies(),
    }
}

pub(super) fn currencies() -> Vec<CurrencyView> {
    let view = |currency: Currency| CurrencyView { code: currency.code().to_owned(), decimals: currency.decimals() };
    Currency::all().into_iter().map(view).collect()
}

pub(super) fn countries() -> Vec<CountryView> {
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
    let others = u32::try_from(asked.tills.saturating_sub(1)).unwrap_or(0);
    let overspend = asked.allowance.worst_overspend_of_all(others);
    Ok(WorstCase { overspend: Money::new(overspend, asked.currency.parse()?) })
}

/// Makes the till. Everything that can be wrong with the answers is found before anything is made, head office's own
/// answer included.
pub(super) async fn set_up(folder: &Path, asked: SetUp) -> Result<Till, AppError> {
    let keystore = keystore(asked.key_in_file)?;
    let id = new_id();
    let answers = Answers::checked(asked, id).await?;
    let till = Till::create_as(id, folder, &answers.till_name, NewClock::System, keystore)?;
    answers.fill(&till)?;
    Ok(till)
}

/// Goes on with a till that was made in the moment before the power went: it has no shop yet.
pub(super) async fn finish(till: &Till, asked: SetUp) -> Result<(), AppError> {
    let answers = Answers::checked(asked, till.who.id).await?;
    till.rename(&answers.till_name)?;
    answers.fill(till)
}

/// Answers that can be written as they are.
struct Answers {
    language: String,
    till_name: String,
    location: Location,
    allowance: Allowance,
    remote: Option<NewRemote>,
}

impl Answers {
    async fn checked(asked: SetUp, id: TillId) -> Result<Self, AppError> {
        let location = location(&asked.location)?;
        let allowance = asked.allowance.checked(location.currency)?;
        let till_name = checked_name(&asked.till_name)?;
        let remote = match asked.head_office.as_ref().map(new_remote).transpose()? {
            Some(remote) => {
                Some(joined(remote, Speaker { till_id: id, till_name: till_name.clone() }, "join_code").await?)
            }
            None => None,
        };
        let language = Language::of(&asked.language).tag().to_owned();
        Ok(Self { language, till_name, location, allowance, remote })
    }

    fn fill(self, till: &Till) -> Result<(), AppError> {
        let remote_name = self.remote.as_ref().map(|remote| remote.name.clone());
        if let Some(remote) = self.remote {
            remotes::add(till, remote)?;
        }
        checks::set_setting(till, settings::LANGUAGE, &self.language)?;
        checks::set_setting(till, settings::COUNTER_LOCATION, &self.location.code)?;
        let (location, allowance) = (self.location, Some(self.allowance));
        // Last: a till with a shop is one that is set up.
        locations::add(till, NewLocation { location, remote: remote_name, pos_id: None, allowance })?;
        Ok(())
    }
}

/// The remote with this till's own token: the one that was typed, or the one that the join code is good for. `field` is
/// where the code was typed.
pub(super) async fn joined(remote: NewRemote, speaker: Speaker, field: &str) -> Result<NewRemote, AppError> {
    let code = remote.secret.clone().unwrap_or_default();
    if code.starts_with(TOKEN_PREFIX) {
        return Ok(remote);
    }
    let url = checked_url(&remote.url, remote.may_be_plain).map_err(AppError::Remote)?;
    let transport = HttpTransport::new(url, remote.ca.as_deref().map(str::as_bytes)).map_err(AppError::Remote)?;
    match head_office::join(&transport, &code, &speaker, JOIN_TIMEOUT).await {
        Ok(token) => Ok(NewRemote { secret: Some(token), ..remote }),
        Err(mut trouble) => {
            let is_about_code = trouble.problem.code == "join_code_invalid";
            trouble.problem.field = Some(if is_about_code { field } else { "url" }.to_owned());
            Err(AppError::Trouble(trouble))
        }
    }
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
