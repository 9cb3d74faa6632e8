//! The member systems in the settings: how each is, adding and changing one, checking it, and connecting a shop.

use super::desk::Desk;
use super::set_up;
use super::views::remotes::{
    AddShop, ConnectShop, CreditSwitched, FieldHome, Home, NewShop, OnlyWith, RemoteAsked, RemoteCan, RemoteCredit,
    RemoteKind, RemoteSeen, RemoteSetting, RemoteShop, RemoteState, RemoteView, RemotesView, SaveRemote, ShopAsked,
    SwitchCredit,
};
use super::views::{Failure, Nothing, PullProgress};
use crate::checks::set_setting;
use crate::error::AppError;
use crate::locations::NewLocation;
use crate::remotes::{NewRemote, about};
use crate::rights::Action;
use crate::sync::{Link, Seen};
use crate::{locations, remotes};
use regulars_domain::location::Location;
use regulars_domain::{LocationId, Refusal, text};
use regulars_store::locations::{StoredLocation, list as list_locations};
use regulars_store::remotes::{MEMBERS_OF, Problem, Remote, find_by_name, is_unused, list};
use regulars_store::{Transaction, mirror, outbox, settings};
use regulars_sync::capabilities::{self, Capabilities, Credit, Pull};
use regulars_sync::connectors::{self, CA, KINDS, PLAIN_HTTP, Setting, head_office, stancer};
use regulars_sync::credit::{Proof, proof_in};
use regulars_sync::http::checked_url;
use serde_json::{Map, Value};

/// Longest token, key or name of an account, in characters: signed tokens run to some thousand.
const MAX_SECRET: usize = 8_192;

pub(super) fn remotes(desk: &Desk, _: Nothing) -> Result<RemotesView, AppError> {
    let counter = desk.location()?.id;
    let (remotes, shops) = desk.till.read(|tx| {
        let remotes = list(tx)?;
        let ours = list_locations(tx)?.into_iter().filter(|stored| stored.is_ours);
        let shops = ours.map(|stored| shop(tx, &remotes, stored, counter)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, AppError>((remotes, shops))
    })?;
    let views = remotes.iter().map(|remote| {
        let is_used = shops.iter().any(|shop| shop.remote.as_ref() == Some(&remote.name));
        view(desk, remote, is_used)
    });
    Ok(RemotesView {
        remotes: views.collect::<Result<_, _>>()?,
        shops,
        kinds: KINDS.into_iter().filter_map(kind).collect(),
    })
}

fn view(desk: &Desk, remote: &Remote, is_used: bool) -> Result<RemoteView, AppError> {
    let (counts, is_unused) =
        desk.till.read(|tx| Ok::<_, AppError>((outbox::count_of_remote(tx, remote.id)?, is_unused(tx, remote.id)?)))?;
    let seen = desk.status.seen(remote.id);
    let text = |key: &str| remote.settings.get(key).and_then(Value::as_str).map(str::to_owned);
    let known = connectors::settings_of(&remote.kind).iter();
    Ok(RemoteView {
        name: remote.name.clone(),
        kind: remote.kind.clone(),
        url: remote.url.clone(),
        settings: known.filter_map(|setting| Some((setting.key.to_owned(), text(setting.key)?))).collect(),
        has_secret: remotes::has_secret(&desk.till, remote)?,
        has_certificate: remote.settings.contains_key(CA),
        may_be_plain: remote.settings.get(PLAIN_HTTP).and_then(Value::as_bool).unwrap_or(false),
        mode: text(stancer::MODE),
        pull: seen.pull.map(|pull| PullProgress { done: pull.done, total: pull.total, is_first: pull.is_first }),
        state: if is_used { state(seen, remote) } else { RemoteState::Unused },
        last_exchange_at: remote.last_exchange_at,
        waiting: counts.waiting,
        needs_you: counts.needs_you,
        can_remove: is_unused,
        credit: proof_in(&remote.settings).map(credit),
    })
}

fn credit(proof: Proof) -> RemoteCredit {
    RemoteCredit { is_on: proof.is_on, currency: proof.currency.code().to_owned(), proved_at: proof.proved_at }
}

fn state(seen: Seen, remote: &Remote) -> RemoteState {
    match (seen.link, seen.problem.or_else(|| remote.problem.clone())) {
        (Link::Online, _) => RemoteState::Reached,
        (Link::Offline, Some(Problem { code, message, field })) => {
            RemoteState::Problem { failure: Failure { code, message, field, facts: Value::Object(Map::new()) } }
        }
        (Link::Offline, None) | (Link::Connecting, _) => RemoteState::Connecting,
    }
}

fn shop(
    tx: &Transaction<'_>,
    remotes: &[Remote],
    stored: StoredLocation,
    counter: LocationId,
) -> Result<RemoteShop, AppError> {
    let remote = remotes.iter().find(|remote| stored.remote_id == Some(remote.id));
    let is_settled =
        remote.map(|remote| mirror::has_members_at(tx, remote.id, stored.id)).transpose()?.unwrap_or(false);
    let named = remote.and_then(|remote| remote.settings.get(MEMBERS_OF)).and_then(Value::as_str);
    Ok(RemoteShop {
        remote: remote.map(|remote| remote.name.clone()),
        is_counter: stored.id == counter,
        is_settled,
        takes_strangers: named.is_none_or(|named| named.split(',').any(|pos_id| pos_id.trim() == stored.pos_id)),
        code: stored.location.code,
        name: stored.location.name,
        pos_id: stored.pos_id,
    })
}

fn kind(kind: &str) -> Option<RemoteKind> {
    let settings = connectors::settings_of(kind).iter().map(setting).collect();
    Some(RemoteKind { kind: kind.to_owned(), settings, can: can(&connectors::capabilities_of(kind)?) })
}

fn setting(setting: &Setting) -> RemoteSetting {
    RemoteSetting {
        key: setting.key.to_owned(),
        choices: setting.choices.iter().map(|choice| (*choice).to_owned()).collect(),
        is_required: setting.is_required,
        only_with: setting.only_with.map(|(key, value)| OnlyWith { key: key.to_owned(), value: value.to_owned() }),
    }
}

fn can(can: &Capabilities) -> RemoteCan {
    let home = |home: capabilities::Home| match home {
        capabilities::Home::There => Home::There,
        capabilities::Home::Partly => Home::Partly,
        capabilities::Home::Here => Home::Here,
    };
    RemoteCan {
        lists: can.lists(),
        names_shops: can.names_shops,
        keeps_credit: can.credit == Credit::Entries,
        tries_credit: can.credit == Credit::Balance,
        deletes: can.delete,
        // Head office tells all that is new to it instead.
        finds: can.find.is_any() || can.pull == Pull::ByCursor,
        needs: can.create.needs.iter().map(|field| (*field).to_owned()).collect(),
        fields: can.fields().into_iter().map(|(field, at)| FieldHome { field, home: home(at) }).collect(),
    }
}

/// Adds a remote, or changes one. Where head office gave a join code, that is changed for a token of this till's own.
pub(super) async fn save_remote(desk: &Desk, asked: SaveRemote) -> Result<RemotesView, AppError> {
    desk.till.permit(Action::SetUp)?;
    let known = desk.till.read(|tx| Ok(find_by_name(tx, asked.name.trim())?))?;
    if asked.is_new && known.is_some() {
        return Err(about("name", "remote_exists", "another member system has this name".to_owned()));
    }
    // Before anything is changed: a name that cannot be is told like any other field.
    let name = asked.name.trim().to_owned();
    let new_name =
        asked.new_name.as_deref().map(|new_name| remotes::free_name(&desk.till, &name, new_name)).transpose()?;
    let new = described(desk, asked, known.as_ref())?;
    let has_secret = known.as_ref().map(|known| remotes::has_secret(&desk.till, known)).transpose()?.unwrap_or(false);
    // The fields in the order in which they stand, so that the first that is wrong is told.
    checked_url(&new.url, new.may_be_plain).map_err(AppError::Remote)?;
    if new.secret.is_none() && !has_secret {
        return Err(Refusal::Required { field: "secret" }.into());
    }
    let new = match (&new.secret, new.kind.as_str()) {
        (Some(_), head_office::KIND) => set_up::joined(new, remotes::speaker(&desk.till), "secret").await?,
        _ => new,
    };
    remotes::add(&desk.till, new)?;
    if let Some(new_name) = new_name {
        remotes::rename(&desk.till, &name, &new_name)?;
    }
    remotes(desk, Nothing {})
}

fn described(desk: &Desk, asked: SaveRemote, known: Option<&Remote>) -> Result<NewRemote, AppError> {
    let mut settings = Map::new();
    for setting in connectors::settings_of(&asked.kind) {
        let typed = asked.settings.get(setting.key).map_or("", String::as_str);
        if let Some(value) = text::line(setting.key, typed, MAX_SECRET)? {
            settings.insert(setting.key.to_owned(), Value::from(value));
        }
    }
    let members_of = match asked.members_of {
        Some(codes) => members_of(desk, known, &codes)?,
        None => known.and_then(|known| known.settings.get(MEMBERS_OF)).cloned(),
    };
    settings.extend(members_of.map(|named| (MEMBERS_OF.to_owned(), named)));
    let kept = || known.and_then(|known| known.settings.get(CA)?.as_str().map(str::to_owned));
    let pem = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(NewRemote {
        name: asked.name,
        kind: asked.kind,
        url: asked.url,
        secret: text::line("secret", asked.secret.as_deref().unwrap_or_default(), MAX_SECRET)?,
        settings,
        ca: asked.certificate.map_or_else(kept, pem),
        may_be_plain: asked.may_be_plain,
    })
}

/// The shops that members come to whose remote does not say; `None` for all that are kept in step with it.
fn members_of(desk: &Desk, known: Option<&Remote>, codes: &[String]) -> Result<Option<Value>, AppError> {
    let Some(known) = known else { return Ok(None) };
    let shops = locations::list(&desk.till)?.into_iter();
    let shops: Vec<_> = shops.filter(|shop| shop.is_ours && shop.remote_id == Some(known.id)).collect();
    let named: Vec<_> = shops.iter().filter(|shop| codes.contains(&shop.location.code)).collect();
    if named.is_empty() && !shops.is_empty() {
        return Err(Refusal::Required { field: "members_of" }.into());
    }
    let pos_ids: Vec<&str> = named.iter().map(|shop| shop.pos_id.as_str()).collect();
    Ok((named.len() < shops.len()).then(|| Value::from(pos_ids.join(","))))
}

/// One harmless call, and what was seen. What waits for that remote is tried again at once where it answers.
pub(super) async fn check_remote(desk: &Desk, asked: RemoteAsked) -> Result<RemoteSeen, AppError> {
    let seen = remotes::check(&desk.till, &asked.name).await?;
    let remote = remotes::get(&desk.till, &asked.name)?;
    desk.background.engine().hurry(remote.id).await?;
    let now = desk.till.now().as_millis();
    Ok(RemoteSeen {
        members: seen.members,
        locations: seen.pos_ids,
        clock_ahead_seconds: seen.clock.map(|clock| (clock.as_millis() - now) / 1_000),
        lacks: seen.lacks.map(|lacks| lacks.into_iter().map(str::to_owned).collect()),
    })
}

/// Lets credit travel to a remote after a trial there, or keeps it at this till from now on.
pub(super) async fn switch_credit(desk: &Desk, asked: SwitchCredit) -> Result<CreditSwitched, AppError> {
    let left_behind = match asked.is_on {
        true => remotes::switch_credit_on(&desk.till, &asked.name, asked.currency.as_deref()).await?.left_behind,
        false => {
            remotes::switch_credit_off(&desk.till, &asked.name)?;
            None
        }
    };
    Ok(CreditSwitched { remotes: remotes(desk, Nothing {})?, left_behind })
}

/// Takes away one that was added by mistake.
pub(super) fn remove_remote(desk: &Desk, asked: RemoteAsked) -> Result<RemotesView, AppError> {
    remotes::remove(&desk.till, &asked.name)?;
    remotes(desk, Nothing {})
}

/// Connects a shop of this till with a remote, under its id there.
pub(super) fn connect_shop(desk: &Desk, asked: ConnectShop) -> Result<RemotesView, AppError> {
    locations::connect(&desk.till, &asked.code, &asked.remote, &asked.pos_id)?;
    remotes(desk, Nothing {})
}

/// What a new shop is asked about: it is likely to be where this counter's is.
pub(super) fn new_shop(desk: &Desk, _: Nothing) -> Result<NewShop, AppError> {
    let here = desk.location()?.location;
    Ok(NewShop {
        country: here.country,
        currency: here.currency.code().to_owned(),
        countries: set_up::countries(),
        currencies: set_up::currencies(),
    })
}

/// Adds a shop to those that this till serves, in the time zone of this counter's.
pub(super) fn add_shop(desk: &Desk, asked: AddShop) -> Result<RemotesView, AppError> {
    let counter = desk.location()?;
    let location = Location {
        code: asked.code,
        name: asked.name,
        country: asked.country,
        currency: asked.currency.parse()?,
        time_zone: counter.location.time_zone.clone(),
        issuer: String::new(),
    }
    .checked()?;
    let shops = locations::list(&desk.till)?;
    if shops.iter().any(|known| known.is_ours && known.location.code == location.code) {
        return Err(about("code", "shop_exists", "this till serves a shop with this code already".to_owned()));
    }
    let (pos_id, remote) = (text::line("pos_id", &asked.pos_id, text::MAX_LINE)?, asked.remote);
    // Shops of one ledger keep one account of a member.
    let is_of_counters = remote_of(desk, &counter)? == remote;
    let location = if is_of_counters { Location { issuer: counter.location.issuer, ..location } } else { location };
    locations::add(&desk.till, NewLocation { location, remote, pos_id, allowance: None })?;
    remotes(desk, Nothing {})
}

fn remote_of(desk: &Desk, shop: &StoredLocation) -> Result<Option<String>, AppError> {
    let id = shop.remote_id;
    desk.till.read(|tx| Ok(id.map(|id| regulars_store::remotes::get(tx, id)).transpose()?.map(|remote| remote.name)))
}

/// This window's counter serves that shop from now on.
pub(super) fn serve_shop(desk: &Desk, asked: ShopAsked) -> Result<RemotesView, AppError> {
    desk.till.permit(Action::SetUp)?;
    let shop = locations::get(&desk.till, &asked.code)?;
    if !shop.is_ours {
        return Err(Refusal::LocationNotFound { code: asked.code }.into());
    }
    set_setting(&desk.till, settings::COUNTER_LOCATION, &shop.location.code)?;
    remotes(desk, Nothing {})
}
