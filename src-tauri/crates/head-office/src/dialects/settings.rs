//! Where real servers of a dialect may differ: what this one does, and what it can be told to do instead.

use axum::http::StatusCode;
use std::str::FromStr;

/// One choice per question that the pages leave open. The defaults are the safe side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialectSettings {
    /// `crmx.body_status`: failures come with HTTP 200, and their status in the body alone.
    pub crmx_body_status: bool,
    /// `crmx.upsert`: a POST for a phone that is known changes that member, instead of being refused (409).
    pub crmx_upsert: bool,
    /// `lumyri.own_ids`: the server makes the ids itself, whatever id the client sends.
    pub lumyri_own_ids: bool,
    /// `lumyri.created`: the HTTP status of a new customer or label, 200 or 201.
    pub lumyri_created: StatusCode,
    /// `portos.version_status`: the HTTP status of errorCode 6, some 4xx.
    pub portos_version_status: StatusCode,
    /// `portos.created`: the HTTP status of a new customer, 200 or 201.
    pub portos_created: StatusCode,
    /// `full_put_clears`: a field that is absent from a PUT of a whole object is cleared, not left as it is.
    pub full_put_clears: bool,
    /// `valomnia.expired_status`: the HTTP status of `no_credentials`.
    pub valomnia_expired_status: StatusCode,
    /// `valomnia.resets`: fields with a default go back to it where an update leaves them out.
    pub valomnia_resets: bool,
}

impl Default for DialectSettings {
    fn default() -> Self {
        Self {
            crmx_body_status: false,
            crmx_upsert: false,
            lumyri_own_ids: false,
            lumyri_created: StatusCode::CREATED,
            portos_version_status: StatusCode::BAD_REQUEST,
            portos_created: StatusCode::CREATED,
            full_put_clears: false,
            valomnia_expired_status: StatusCode::UNAUTHORIZED,
            valomnia_resets: false,
        }
    }
}

impl DialectSettings {
    /// Sets one of them, as `KEY=VALUE`.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (key, value) = setting.split_once('=').ok_or("a setting is KEY=VALUE")?;
        match key {
            "crmx.body_status" => self.crmx_body_status = read(key, value)?,
            "crmx.upsert" => self.crmx_upsert = read(key, value)?,
            "lumyri.own_ids" => self.lumyri_own_ids = read(key, value)?,
            "lumyri.created" => self.lumyri_created = success(key, value)?,
            "portos.version_status" => self.portos_version_status = client_error(key, value)?,
            "portos.created" => self.portos_created = success(key, value)?,
            "full_put_clears" => self.full_put_clears = read(key, value)?,
            "valomnia.expired_status" => self.valomnia_expired_status = status(key, value)?,
            "valomnia.resets" => self.valomnia_resets = read(key, value)?,
            _ => return Err(format!("there is no setting {key}")),
        }
        Ok(())
    }
}

fn read<T: FromStr>(key: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{value} is no value for {key}"))
}

fn status(key: &str, value: &str) -> Result<StatusCode, String> {
    let number: u16 = read(key, value)?;
    StatusCode::from_u16(number).map_err(|_| format!("{value} is no HTTP status"))
}

fn success(key: &str, value: &str) -> Result<StatusCode, String> {
    status(key, value).ok().filter(StatusCode::is_success).ok_or_else(|| format!("{key} is 200 or 201"))
}

fn client_error(key: &str, value: &str) -> Result<StatusCode, String> {
    status(key, value).ok().filter(StatusCode::is_client_error).ok_or_else(|| format!("{key} is 400 to 499"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_or_refused_with_what_is_wrong() {
        let mut settings = DialectSettings::default();
        for setting in ["portos.version_status=409", "crmx.upsert=true", "lumyri.created=200"] {
            assert_eq!(settings.set(setting), Ok(()));
        }
        assert_eq!((settings.portos_version_status, settings.crmx_upsert), (StatusCode::CONFLICT, true));
        for setting in ["portos.version_status=200", "portos.version_status=x", "crmx.upsert=maybe", "nothing=1", "x"] {
            assert!(settings.set(setting).is_err(), "{setting}");
        }
    }
}
