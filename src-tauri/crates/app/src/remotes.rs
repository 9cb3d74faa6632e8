//! Remotes of this till: adding one, asking one whether it knows us.

use crate::error::AppError;
use crate::rights::Action;
use crate::till::Till;
use regulars_domain::{Currency, Refusal, RemoteId, text};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::remotes::{self, MEMBERS_OF, Problem, Remote};
use regulars_store::{Transaction, balance, outbox, sweeps};
use regulars_sync::capabilities::{Capabilities, Credit};
use regulars_sync::connector::{Connector, Seen};
use regulars_sync::connectors::{self, CA, KINDS, PLAIN_HTTP, Shop, Speaker};
use regulars_sync::credit::{CREDIT, Proof, Trial, proof_in};
use regulars_sync::http::checked_url;
use regulars_sync::trouble::{Cure, Effect, problem};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How long one request may take where nothing else is asked for: longer than head office itself works on one, shorter
/// than the watchdog lets a change lie, or it would take a slow line for a stuck one and begin the same request anew.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);
/// Changes in one request to begin with; the connector's own limit holds besides.
const PUSH_LIMIT: u32 = 1_000;

/// A remote as a person describes it.
#[derive(Clone, Debug)]
pub struct NewRemote {
    /// As people call it.
    pub name: String,
    /// Which connector it needs.
    pub kind: String,
    /// Where it is.
    pub url: String,
    /// The token or password, kept in the keystore.
    pub secret: Option<String>,
    /// What its connector needs besides.
    pub settings: Map<String, Value>,
    /// A certificate in PEM to trust beside the system's.
    pub ca: Option<String>,
    /// Whether plain `http` to another machine is consented to.
    pub may_be_plain: bool,
}

/// Adds a remote, or replaces address and settings of the one of that name, and its secret where one is given. Whatever
/// its connector needs is asked for now, not at the first exchange.
///
/// # Errors
/// `kind_unknown`, `url_invalid`, `plain_http_refused`, `certificate_invalid`, `required`; `secret_needed` where the kept
/// secret would go to another server; `keystore_unavailable`.
pub fn add(till: &Till, new: NewRemote) -> Result<RemoteId, AppError> {
    if !KINDS.contains(&new.kind.as_str()) {
        return Err(about("kind", "kind_unknown", format!("kinds of remotes are: {}", KINDS.join(", "))));
    }
    till.permit(Action::SetUp)?;
    let name = text::line("name", &new.name, text::MAX_LINE)?.ok_or(Refusal::Required { field: "name" })?;
    let url = checked_url(&new.url, new.may_be_plain).map_err(AppError::Remote)?;
    let mut settings = new.settings;
    settings.insert(PLAIN_HTTP.to_owned(), Value::Bool(new.may_be_plain));
    if let Some(ca) = new.ca {
        settings.insert(CA.to_owned(), Value::String(ca));
    }
    let known = till.read(|tx| Ok(remotes::find_by_name(tx, &name)?))?;
    let bound = known.as_ref().map(|known| known.settings.clone());
    let was_elsewhere =
        known.as_ref().map(|known| known.url.clone()).filter(|known| server(known) != server(url.as_str()));
    if let Some(known) = known.as_ref().filter(|known| is_proved_for(known, &new.kind, url.as_str(), &settings)) {
        settings.extend(known.settings.get(CREDIT).map(|proof| (CREDIT.to_owned(), proof.clone())));
    }
    let mut described =
        Remote { kind: new.kind, url: url.to_string(), settings, ..known.unwrap_or_else(|| blank(till, name)) };
    connectors::transport(&described).map_err(AppError::Remote)?;
    let typed = new.secret.map(|secret| secret.trim().to_owned());
    let kept = find_secret(till, &described)?;
    let before = was_elsewhere.map(|known| secret_name(described.id, &known));
    if let (None, None, Some(before)) = (&typed, &kept, &before)
        && till.store.find_secret(before)?.is_some()
    {
        return Err(about(
            "secret",
            "secret_needed",
            "the kept secret is for another server: give it again".to_owned(),
        ));
    }
    if let Some(secret) = typed.as_deref().or(kept.as_ref().map(|kept| kept.as_str())) {
        connectors::prepare(&mut described, bound.as_ref(), secret).map_err(AppError::Remote)?;
        connectors::connect(&described, Some(secret), speaker(till), &[], REQUEST_TIMEOUT).map_err(AppError::Remote)?;
    }
    let id = described.id;
    if let Some(secret) = &typed {
        till.store.put_secret(&secret_name(id, &described.url), secret)?;
    }
    till.write(move |tx| {
        let is_moved = bound.as_ref().is_some_and(|bound| bound.get(MEMBERS_OF) != described.settings.get(MEMBERS_OF));
        // What went wrong at the old address says nothing about the new one.
        let described = Remote { failures: 0, not_before_at: None, problem: None, ..described };
        if bound.is_none() {
            remotes::insert(tx, &described)?;
        }
        if is_moved {
            sweeps::begin_anew(tx, id)?;
        }
        sweeps::make_due(tx, id)?;
        Ok(remotes::update(tx, &described)?)
    })?;
    // Only now: until here the old server was the one that is talked to.
    if let Some(before) = before {
        till.store.remove_secret(&before)?;
    }
    Ok(id)
}

/// Calls a remote something else. Everything that is kept there goes on by its id.
///
/// # Errors
/// `remote_not_found`; `required`, `too_long` and `remote_exists` with `name`.
pub fn rename(till: &Till, name: &str, new_name: &str) -> Result<(), AppError> {
    let (remote, new_name) = (get(till, name)?, free_name(till, name, new_name)?);
    till.permit(Action::SetUp)?;
    till.write(move |tx| Ok(remotes::rename(tx, remote.id, &new_name)?))
}

/// What a remote can be called: checked, and no other's.
pub(crate) fn free_name(till: &Till, name: &str, new_name: &str) -> Result<String, AppError> {
    let new_name = text::line("name", new_name, text::MAX_LINE)?.ok_or(Refusal::Required { field: "name" })?;
    if new_name != name && till.read(|tx| Ok::<_, AppError>(remotes::find_by_name(tx, &new_name)?))?.is_some() {
        return Err(about("name", "remote_exists", "another member system has this name".to_owned()));
    }
    Ok(new_name)
}

/// Takes away a remote that nothing here is about, and its secret: one that was added by mistake.
///
/// # Errors
/// `remote_not_found`; `remote_in_use`; `keystore_unavailable`.
pub fn remove(till: &Till, name: &str) -> Result<(), AppError> {
    let remote = get(till, name)?;
    till.permit(Action::SetUp)?;
    till.write(move |tx| {
        if !remotes::is_unused(tx, remote.id)? {
            return Err(about("name", "remote_in_use", "members or shops of this till are kept there".to_owned()));
        }
        Ok(remotes::delete(tx, remote.id)?)
    })?;
    Ok(till.store.remove_secret(&secret_name(remote.id, &remote.url))?)
}

/// Scheme, host and port of an address: whom a secret is for.
fn server(url: &str) -> String {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// Whether what was proved of a remote's credit holds for it as it is described now.
fn is_proved_for(known: &Remote, kind: &str, url: &str, settings: &Map<String, Value>) -> bool {
    let paths = |settings: &Map<String, Value>| settings.get(connectors::portos::PATH_PREFIX).cloned();
    known.kind == kind && known.url == url && paths(&known.settings) == paths(settings)
}

/// A problem with one field.
pub(crate) fn about(field: &str, code: &str, message: String) -> AppError {
    AppError::Remote(Problem { field: Some(field.to_owned()), ..problem(code, message) })
}

fn blank(till: &Till, name: String) -> Remote {
    Remote {
        id: till.new_remote_id(),
        name,
        kind: String::new(),
        url: String::new(),
        settings: Map::new(),
        epoch: None,
        cursor: None,
        is_first_pull_done: false,
        pull_left: None,
        push_limit: PUSH_LIMIT,
        failures: 0,
        not_before_at: None,
        last_pull_at: None,
        last_exchange_at: None,
        problem: None,
    }
}

/// All remotes, by name.
///
/// # Errors
/// As any read.
pub fn list(till: &Till) -> Result<Vec<Remote>, AppError> {
    till.read(|tx| Ok(remotes::list(tx)?))
}

/// Those that are talked to, by name.
///
/// # Errors
/// As any read.
pub(crate) fn list_in_use(till: &Till) -> Result<Vec<Remote>, AppError> {
    till.read(|tx| Ok(remotes::list_in_use(tx)?))
}

/// The remote of that name.
///
/// # Errors
/// `remote_not_found`.
pub fn get(till: &Till, name: &str) -> Result<Remote, AppError> {
    till.read(|tx| Ok(remotes::find_by_name(tx, name)?))?.ok_or(AppError::RemoteNotFound)
}

/// Whether the ledger of a shop is at home at this till: it has no remote, or one without a home for credit.
pub(crate) fn is_ledger_here(tx: &Transaction<'_>, location: &StoredLocation) -> Result<bool, AppError> {
    Ok(credit_at(tx, location)? == Credit::Here)
}

/// Whether the home of a shop's ledger holds credit for a redemption while it can be reached: where it does not, the
/// allowance decides.
pub(crate) fn is_credit_held(tx: &Transaction<'_>, location: &StoredLocation) -> Result<bool, AppError> {
    Ok(credit_at(tx, location)? == Credit::Entries)
}

/// Whether a shop's remote keeps one balance per member for all its shops.
pub(crate) fn is_balance_shared(tx: &Transaction<'_>, location: &StoredLocation) -> Result<bool, AppError> {
    Ok(credit_at(tx, location)? == Credit::Balance)
}

fn credit_at(tx: &Transaction<'_>, location: &StoredLocation) -> Result<Credit, AppError> {
    let Some(remote) = location.remote_id else { return Ok(Credit::Here) };
    Ok(connectors::credit_of(&remotes::get(tx, remote)?))
}

/// What a remote can do.
///
/// # Errors
/// As [`connect`].
pub fn capabilities(till: &Till, name: &str) -> Result<Capabilities, AppError> {
    Ok(connect(till, &get(till, name)?, REQUEST_TIMEOUT)?.capabilities())
}

/// One harmless call: is this the remote, and does it know us?
///
/// # Errors
/// `remote_not_found`; what went wrong on the line.
pub async fn check(till: &Till, name: &str) -> Result<Seen, AppError> {
    let remote = get(till, name)?;
    let connector = connect(till, &remote, REQUEST_TIMEOUT)?;
    let asked_at = till.clock.own();
    let seen = Seen { lacks: connector.lacks().await, ..connector.check().await? };
    if let Some(told) = seen.clock.and_then(|there| regulars_sync::clock::told(asked_at, till.clock.own(), there)) {
        till.clock.hear(told.ahead_ms, told.error_ms);
        till.write(move |tx| Ok(regulars_store::clocks::note(tx, remote.id, told)?))?;
    }
    Ok(seen)
}

/// What was proved of a remote's credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTried {
    /// The proof, as it is kept.
    pub proof: Proof,
    /// The remote's key of the test member, where it could not be deleted.
    pub left_behind: Option<String>,
}

/// Lets credit of a remote's shops travel there, once a trial at a test member of its own has proved that it can be
/// written, read back and undone. `confirmed` is the currency of the remote's balances, by a person who knows, for a remote
/// that does not say.
///
/// # Errors
/// `credit_not_there`, `shop_missing`, `issuers_differ`, `credit_elsewhere`; `currency_unconfirmed`, `currency_differs` with
/// `currency`; what speaks against it at the remote; what went wrong on the line.
pub async fn switch_credit_on(till: &Till, name: &str, confirmed: Option<&str>) -> Result<CreditTried, AppError> {
    let remote = get(till, name)?;
    till.permit(Action::SetUp)?;
    let shop = till.read(|tx| shop_of_credit(tx, &remote))?;
    let currency = shop.location.currency;
    let confirmed = confirmed.map(str::trim).filter(|typed| !typed.is_empty());
    if confirmed.is_some_and(|typed| !typed.eq_ignore_ascii_case(currency.code())) {
        return Err(about("currency", "currency_differs", format!("the shops that are kept there sell in {currency}")));
    }
    let trial = Trial { till: till.who.id.to_string(), currency };
    let tried = connect(till, &remote, REQUEST_TIMEOUT)?.try_credit(&trial).await.map_err(|trouble| {
        match (trouble.cure, trouble.effect) {
            (Cure::SendLess, Effect::None) => AppError::Remote(trouble.problem),
            (_, _) => AppError::Trouble(trouble),
        }
    })?;
    if let Some(problem) = doubts_currency(tried.label.as_deref(), currency, confirmed.is_some()) {
        return Err(AppError::Remote(problem));
    }
    let (keeps, label, issuer) = (tried.keeps, tried.label, shop.location.issuer);
    let proof = Proof { is_on: true, keeps, currency, label, issuer, proved_at: till.now() };
    keep_proof(till, remote.id, proof.clone())?;
    Ok(CreditTried { proof, left_behind: tried.left_behind })
}

/// Keeps credit of a remote's shops at this till from now on. What was sent already is still answered.
///
/// # Errors
/// `remote_not_found`.
pub fn switch_credit_off(till: &Till, name: &str) -> Result<Option<Proof>, AppError> {
    let remote = get(till, name)?;
    till.permit(Action::SetUp)?;
    let Some(proof) = proof_in(&remote.settings) else { return Ok(None) };
    let proof = Proof { is_on: false, ..proof };
    keep_proof(till, remote.id, proof.clone())?;
    Ok(Some(proof))
}

fn keep_proof(till: &Till, id: RemoteId, proof: Proof) -> Result<(), AppError> {
    till.write(move |tx| {
        let mut remote = remotes::get(tx, id)?;
        let kept = serde_json::to_value(&proof).map_err(|_| AppError::Internal)?;
        remote.settings.insert(CREDIT.to_owned(), kept);
        remotes::update(tx, &remote)?;
        match proof.is_on {
            true => {
                balance::send_kept_money(tx, id)?;
                // Everybody's balance is heard again, from the first one on.
                sweeps::begin_anew(tx, id)?;
            }
            false => outbox::keep_money_here(tx, id)?,
        }
        Ok(())
    })
}

/// A shop whose credit may be at home at a remote: all that are kept there have one issuer and one currency, for there is
/// one balance per member.
fn shop_of_credit(tx: &Transaction<'_>, remote: &Remote) -> Result<StoredLocation, AppError> {
    if connectors::capabilities_of(&remote.kind).is_none_or(|can| can.credit != Credit::Balance) {
        return Err(about("name", "credit_not_there", "credit cannot be tried at a system of this kind".to_owned()));
    }
    let mut shops = locations::list(tx)?.into_iter().filter(|shop| shop.remote_id == Some(remote.id) && shop.is_ours);
    let missing = || about("name", "shop_missing", "connect a shop of this till with it first".to_owned());
    let first = shops.next().ok_or_else(missing)?;
    let ledger = |shop: &StoredLocation| (shop.location.issuer.clone(), shop.location.currency);
    if shops.any(|other| ledger(&other) != ledger(&first)) {
        let message = "its shops have several issuers or currencies, and it keeps one balance per member".to_owned();
        return Err(about("name", "issuers_differ", message));
    }
    if balance::is_kept_elsewhere(tx, remote.id)? {
        let message = "credit of its shops was kept by another system before, which still has it".to_owned();
        return Err(about("name", "credit_elsewhere", message));
    }
    Ok(first)
}

/// Why it is not certain that a remote's balances are in that currency.
fn doubts_currency(label: Option<&str>, currency: Currency, is_confirmed: bool) -> Option<Problem> {
    let at_field = |problem: Problem| Problem { field: Some("currency".to_owned()), ..problem };
    let told: Option<Currency> = label.and_then(|label| label.to_uppercase().parse().ok());
    match told {
        Some(told) if told == currency => None,
        Some(told) => Some(at_field(problem(
            "currency_differs",
            format!("the remote's balances are in {told}, not in {currency}"),
        ))),
        None if is_confirmed => None,
        None => {
            let message =
                format!("the remote does not say in which currency its balances are: confirm that it is {currency}");
            Some(at_field(problem("currency_unconfirmed", message)))
        }
    }
}

/// Whether a secret is kept for it.
///
/// # Errors
/// `keystore_unavailable`.
pub fn has_secret(till: &Till, remote: &Remote) -> Result<bool, AppError> {
    Ok(find_secret(till, remote)?.is_some())
}

/// The connector for a remote.
///
/// # Errors
/// `secret_missing`, `url_invalid`, `certificate_invalid`; `keystore_unavailable`.
pub fn connect(till: &Till, remote: &Remote, timeout: Duration) -> Result<Arc<dyn Connector>, AppError> {
    let secret = find_secret(till, remote)?;
    let secret = secret.as_ref().map(|secret| secret.as_str());
    let shops = till.read(|tx| Ok(locations::list(tx)?))?;
    let ours = shops.into_iter().filter(|shop| shop.remote_id == Some(remote.id) && shop.is_ours);
    let shop = |shop: StoredLocation| Shop {
        zone: shop.location.zone(),
        currency: shop.location.currency,
        pos_id: shop.pos_id,
    };
    let ours: Vec<Shop> = ours.map(shop).collect();
    connectors::connect(remote, secret, speaker(till), &ours, timeout).map_err(AppError::Remote)
}

pub(crate) fn speaker(till: &Till) -> Speaker {
    Speaker { till_id: till.who.id, till_name: till.name() }
}

fn find_secret(till: &Till, remote: &Remote) -> Result<Option<Zeroizing<String>>, AppError> {
    Ok(till.store.find_secret(&secret_name(remote.id, &remote.url))?)
}

/// A secret is kept for one server: wherever a change of address is cut off, none goes to a server that it was not given for.
fn secret_name(id: RemoteId, url: &str) -> String {
    format!("remote/{id}@{}", server(url))
}
