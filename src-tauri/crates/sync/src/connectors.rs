//! One connector per kind of remote, and what each needs to be set up.

pub mod crmx;
pub mod head_office;
#[cfg(test)]
mod lossless;
pub mod lumyri;
pub mod portos;
mod rest;
pub mod stancer;
pub mod valomnia;

use crate::capabilities::{Capabilities, Credit, Find};
use crate::connector::Connector;
use crate::credit::proof_in;
use crate::http::{HttpTransport, checked_url};
use crate::transport::Transport;
use crate::trouble::problem;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{Currency, RemoteId, TillId};
use regulars_store::remotes::{Problem, Remote};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The kinds of remotes that there are connectors for.
pub const KINDS: [&str; 6] = [head_office::KIND, lumyri::KIND, portos::KIND, stancer::KIND, crmx::KIND, valomnia::KIND];

/// Setting of a remote: whether plain `http` to another machine was consented to.
pub const PLAIN_HTTP: &str = "plain_http";
/// Setting of a remote: a certificate in PEM to trust beside the system's.
pub const CA: &str = "ca";

/// A setting that a connector takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: &'static str,
    /// What may be chosen, the usual one first; empty where it is typed.
    pub choices: &'static [&'static str],
    /// Whether it must be there.
    pub is_required: bool,
    /// The choice that it belongs to: the key of another setting, and its value.
    pub only_with: Option<(&'static str, &'static str)>,
}

impl Setting {
    /// One that is typed.
    const fn typed(key: &'static str, is_required: bool) -> Self {
        Self { key, choices: &[], is_required, only_with: None }
    }

    /// One that is typed and must be there with a choice.
    const fn with(key: &'static str, choice: (&'static str, &'static str)) -> Self {
        Self { key, choices: &[], is_required: true, only_with: Some(choice) }
    }

    /// One that is chosen.
    const fn chosen(key: &'static str, choices: &'static [&'static str]) -> Self {
        Self { key, choices, is_required: true, only_with: None }
    }
}

/// Most people that one question at the counter brings.
const MAX_FOUND: usize = 10;

/// Who talks.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// The till.
    pub till_id: TillId,
    /// Its name, for people at the other end.
    pub till_name: String,
}

/// What every connector to a remote that answers per member is made of.
struct Line {
    remote_id: RemoteId,
    transport: Arc<dyn Transport>,
    secret: String,
    timeout: Duration,
    /// The remote's address.
    scope: String,
    base: Url,
    /// The shops of this till, as the remote calls them; and what counts in the first of them.
    pos_ids: Vec<String>,
    zone: TimeZoneName,
    currency: Option<Currency>,
    settings: Map<String, Value>,
}

/// A shop of this till that is kept in step with a remote.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its id there.
    pub pos_id: String,
    /// Its time zone.
    pub zone: TimeZoneName,
    /// What it sells in.
    pub currency: Currency,
}

/// Makes the connector for a remote. `timeout` is how long one request may take, `shops` are those that it is for.
///
/// # Errors
/// `kind_unknown`, `url_invalid`, `plain_http_refused`, `certificate_invalid`, `secret_missing`.
pub fn connect(
    remote: &Remote,
    secret: Option<&str>,
    speaker: Speaker,
    shops: &[Shop],
    timeout: Duration,
) -> Result<Arc<dyn Connector>, Problem> {
    if !KINDS.contains(&remote.kind.as_str()) {
        return Err(problem("kind_unknown", format!("there is no connector for {}", remote.kind)));
    }
    let secret = secret.ok_or_else(|| problem("secret_missing", "this remote has no token yet"))?;
    over(remote, secret, speaker, shops, timeout, Arc::new(transport(remote)?))
}

/// The same over a line of one's own.
///
/// # Errors
/// `kind_unknown`, `url_invalid`; what a connector needs and lacks.
pub fn over(
    remote: &Remote,
    secret: &str,
    speaker: Speaker,
    shops: &[Shop],
    timeout: Duration,
    transport: Arc<dyn Transport>,
) -> Result<Arc<dyn Connector>, Problem> {
    let secret = secret.to_owned();
    if remote.kind == head_office::KIND {
        return Ok(Arc::new(head_office::HeadOffice::new(remote.id, transport, secret, speaker, timeout)));
    }
    let scope = format!("{} {}", remote.kind, remote.url.trim_end_matches('/'));
    let settings = remote.settings.clone();
    let line = Line {
        remote_id: remote.id,
        transport,
        secret,
        timeout,
        scope,
        base: address(remote)?,
        pos_ids: shops.iter().map(|shop| shop.pos_id.clone()).collect(),
        zone: shops.first().map_or(TimeZoneName::UTC, |shop| shop.zone),
        currency: shops.first().map(|shop| shop.currency),
        settings,
    };
    match remote.kind.as_str() {
        crmx::KIND => Ok(crmx::connect(line)),
        stancer::KIND => stancer::connect(line),
        lumyri::KIND => lumyri::connect(line),
        portos::KIND => portos::connect(line),
        valomnia::KIND => valomnia::connect(line),
        other => Err(problem("kind_unknown", format!("there is no connector for {other}"))),
    }
}

/// What is kept with a remote of the secret that it is set up with. `bound` are the settings that it has had so far.
///
/// # Errors
/// `key_invalid`, `key_mode`.
pub fn prepare(remote: &mut Remote, bound: Option<&Map<String, Value>>, secret: &str) -> Result<(), Problem> {
    if remote.kind == stancer::KIND {
        let mode = bound.and_then(|bound| bound.get(stancer::MODE)).cloned();
        let mode = mode.map_or_else(|| stancer::mode_of(secret).map(Value::from), Ok)?;
        remote.settings.insert(stancer::MODE.to_owned(), mode);
    }
    Ok(())
}

/// What a kind of remote can do; `None` for one that there is no connector for.
pub fn capabilities_of(kind: &str) -> Option<Capabilities> {
    Some(match kind {
        head_office::KIND => head_office::CAPABILITIES,
        lumyri::KIND => lumyri::CAPABILITIES,
        portos::KIND => portos::CAPABILITIES,
        stancer::KIND => stancer::CAPABILITIES,
        crmx::KIND => crmx::CAPABILITIES,
        valomnia::KIND => valomnia::CAPABILITIES,
        _ => return None,
    })
}

/// How credit travels with a remote: what its kind can, where that needs no proof or there is one.
pub fn credit_of(remote: &Remote) -> Credit {
    match capabilities_of(&remote.kind).map_or(Credit::Here, |can| can.credit) {
        Credit::Balance if !proof_in(&remote.settings).is_some_and(|proof| proof.is_on) => Credit::Here,
        credit => credit,
    }
}

/// Whether a till that lost its file gets all of it back from there: members and each entry of their credit.
pub fn gives_all_back(kind: &str) -> bool {
    capabilities_of(kind).is_some_and(|can| can.lists() && can.homes.is_none() && can.credit == Credit::Entries)
}

/// What a kind of remote can be searched by.
pub fn find_of(kind: &str) -> Find {
    capabilities_of(kind).map_or(Find::NONE, |can| can.find)
}

/// What a kind of remote is set up with beside its address and its secret.
pub fn settings_of(kind: &str) -> &'static [Setting] {
    match kind {
        lumyri::KIND => &lumyri::SETTINGS,
        portos::KIND => &portos::SETTINGS,
        valomnia::KIND => &valomnia::SETTINGS,
        _ => &[],
    }
}

/// The line to a remote, as its settings say.
///
/// # Errors
/// `url_invalid`, `plain_http_refused`, `certificate_invalid`.
pub fn transport(remote: &Remote) -> Result<HttpTransport, Problem> {
    let ca = remote.settings.get(CA).and_then(Value::as_str);
    HttpTransport::new(address(remote)?, ca.map(str::as_bytes))
}

fn address(remote: &Remote) -> Result<Url, Problem> {
    let may_be_plain = remote.settings.get(PLAIN_HTTP).and_then(Value::as_bool).unwrap_or(false);
    let typed = if remote.kind == valomnia::KIND { valomnia::base_of(&remote.url) } else { &remote.url };
    checked_url(typed, may_be_plain)
}
