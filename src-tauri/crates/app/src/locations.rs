//! Shops of this till: adding and editing one, connecting it with a remote, and what may be used there without head office.

use crate::error::AppError;
use crate::remotes::{about, is_balance_shared};
use crate::rights::Action;
use crate::till::{Ids, Till};
use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::location::Location;
use regulars_domain::{LocationId, MemberId, Refusal, RemoteId, text};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::members::{self, Membership};
use regulars_store::outbox::Stamp;
use regulars_store::{Transaction, ledger, mirror, outbox, pull, record, remotes, sweeps};
use regulars_sync::connectors::head_office;

/// A shop that this till is to serve.
#[derive(Clone, Debug)]
pub struct NewLocation {
    /// What it is.
    pub location: Location,
    /// The remote that its members are kept in step with, by name.
    pub remote: Option<String>,
    /// Its id there; the code where not given.
    pub pos_id: Option<String>,
    /// What may be used without head office; a sensible figure for the currency where not given.
    pub allowance: Option<Allowance>,
}

/// What a person says a shop is. Code, country and currency stay: members are found and amounts were booked by them.
#[derive(Clone, Debug)]
pub struct EditedLocation {
    /// As people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// The legal entity that owes the credit; as it is where nobody said.
    pub issuer: Option<String>,
}

/// Adds a shop, or connects one that is here already with a remote.
///
/// # Errors
/// A refusal with its field; `remote_not_found`; `pos_id_taken` with `pos_id`; `shop_has_members` with `remote`; `currency_differs` where entries are booked in another currency.
pub fn add(till: &Till, new: NewLocation) -> Result<StoredLocation, AppError> {
    let location = new.location.clone().checked()?;
    let (id, stamp, mut ids) = (till.new_location_id(), till.permit(Action::SetUp)?, till.ids());
    till.write(move |tx| {
        let remote_id = new.remote.as_deref().map(|name| remote_named(tx, name)).transpose()?;
        let pos_id = new.pos_id.unwrap_or_else(|| location.code.clone());
        let known = locations::find_by_code(tx, &location.code)?;
        if let Some(remote_id) = remote_id {
            check_pos_id(tx, known.as_ref().map(|known| known.id), remote_id, &pos_id)?;
        }
        if let (Some(known), Some(remote_id)) = (&known, remote_id) {
            check_members_stay(tx, known, remote_id, &pos_id)?;
        }
        let (is_known, before) = (known.is_some(), known.as_ref().and_then(|known| known.remote_id));
        let stored = match known {
            None => {
                let allowance = new.allowance.unwrap_or_else(|| Allowance::sensible(location.currency));
                let stored =
                    StoredLocation { id, location: location.clone(), remote_id, pos_id, is_ours: true, allowance };
                locations::insert(tx, &stored)?;
                stored
            }
            Some(known) => take_over(tx, known, &location, remote_id, pos_id, new.allowance)?,
        };
        let change = Change::LocationAdded { location_id: stored.id, location: stored.location.clone() };
        record::record(tx, &change, stamp, &mut || ids.change())?;
        if let Some(remote_id) = remote_id {
            if is_known && before != Some(remote_id) {
                // Those of whom the remote has told already belong here by now.
                pull::derive_members_at(tx, remote_id, &stored.pos_id, stamp.at)?;
            }
            outbox::assign_remote(tx, stored.id, before, remote_id, stamp.at, &mut || ids.change())?;
            introduce_members(tx, &stored, remote_id, stamp, &mut ids)?;
            sweeps::begin_anew(tx, remote_id)?;
        }
        Ok(stored)
    })
}

/// Head office is told who those are who came in elsewhere, and joined this shop before it was connected.
fn introduce_members(
    tx: &Transaction<'_>,
    shop: &StoredLocation,
    remote: RemoteId,
    stamp: Stamp,
    ids: &mut Ids,
) -> Result<(), AppError> {
    if remotes::get(tx, remote)?.kind != head_office::KIND {
        return Ok(());
    }
    let leaving = outbox::list_leaving(tx, remote)?;
    // Who was deleted comes back by being registered, unless their deletion follows.
    let is_told = |member: MemberId, is_deleted: bool| !is_deleted || leaving.contains(&member);
    for member_id in outbox::list_untold(tx, shop.id, remote)? {
        let stored = members::find(tx, member_id)?.filter(|stored| is_told(member_id, stored.deleted_at.is_some()));
        let Some(mut stored) = stored else { continue };
        // Who they turned out to be is told by its own edit, once head office knows that one too.
        stored.document.remove("merged");
        let belongs = members::list_memberships(tx, member_id)?.into_iter().find(|here| here.location_id == shop.id);
        let Some(Membership { member_since, terms, .. }) = belongs else { continue };
        let (document, location_id) = (stored.document, shop.id);
        let registration = Change::MemberAdded { member_id, document, location_id, member_since, terms };
        outbox::introduce(tx, ids.change(), remote, &registration, stamp)?;
    }
    Ok(())
}

/// Connects a shop that is here with a remote, under its id there. Both stay as they are once the remote has members of
/// the shop: they would be members of no shop otherwise.
///
/// # Errors
/// `location_not_found`, `remote_not_found`; `required`, `pos_id_taken` with `pos_id`; `shop_has_members` with `remote`.
pub fn connect(till: &Till, code: &str, remote: &str, pos_id: &str) -> Result<StoredLocation, AppError> {
    let stored = get(till, code)?;
    let pos_id = text::line("pos_id", pos_id, text::MAX_LINE)?.ok_or(Refusal::Required { field: "pos_id" })?;
    till.read(|tx| {
        let remote = remote_named(tx, remote)?;
        check_members_stay(tx, &stored, remote, &pos_id)?;
        check_pos_id(tx, Some(stored.id), remote, &pos_id)
    })?;
    let (location, remote, allowance) = (stored.location, Some(remote.to_owned()), Some(stored.allowance));
    add(till, NewLocation { location, remote, pos_id: Some(pos_id), allowance })
}

/// Edits what a shop is, here and at head office, which tells its other tills.
///
/// # Errors
/// `location_not_found`; a refusal with its field; `issuer_booked` and `issuer_shared` with `issuer`.
pub fn edit(till: &Till, code: &str, edited: EditedLocation) -> Result<StoredLocation, AppError> {
    let (stamp, code, mut ids) = (till.permit(Action::SetUp)?, code.to_owned(), till.ids());
    till.write(move |tx| {
        let known = locations::get_by_code(tx, &code)?;
        let issuer = edited.issuer.unwrap_or_else(|| known.location.issuer.clone());
        let typed = Location { name: edited.name, time_zone: edited.time_zone, issuer, ..known.location.clone() };
        let location = typed.checked()?;
        let edit = known.location.edit_to(&location);
        if edit.is_empty() {
            return Ok(known);
        }
        if edit.fields.contains_key("issuer")
            && let Some(code) = issuer_stays(tx, &known)?
        {
            return Err(about("issuer", code, "who owes the credit of this shop cannot change any more".to_owned()));
        }
        locations::update_facts(tx, known.id, &location)?;
        record::record(tx, &Change::LocationEdited { location_id: known.id, edit }, stamp, &mut || ids.change())?;
        Ok(StoredLocation { location, ..known })
    })
}

/// Why the issuer of a shop stays as it is, where it does: credit that was booked would be left in accounts of nobody, and
/// a remote with one balance per member keeps it for one issuer.
pub(crate) fn issuer_stays(tx: &Transaction<'_>, shop: &StoredLocation) -> Result<Option<&'static str>, AppError> {
    if ledger::exists_at(tx, shop.id)? {
        return Ok(Some("issuer_booked"));
    }
    Ok(is_balance_shared(tx, shop)?.then_some("issuer_shared"))
}

/// A shop stays with the remote that has members of it.
fn check_members_stay(
    tx: &Transaction<'_>,
    stored: &StoredLocation,
    remote: RemoteId,
    pos_id: &str,
) -> Result<(), AppError> {
    let moved_from = stored.remote_id.filter(|before| (*before, stored.pos_id.as_str()) != (remote, pos_id));
    match moved_from {
        Some(before) if mirror::has_members_at(tx, before, stored.id)? => {
            let name = remotes::get(tx, before)?.name;
            Err(about("remote", "shop_has_members", format!("members of this shop are at {name} already")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Two shops are never one at a remote: the members of both would be one's.
fn check_pos_id(
    tx: &Transaction<'_>,
    id: Option<LocationId>,
    remote_id: RemoteId,
    pos_id: &str,
) -> Result<(), AppError> {
    let mut others = locations::list(tx)?.into_iter().filter(|other| Some(other.id) != id);
    match others.find(|other| other.remote_id == Some(remote_id) && other.pos_id == pos_id) {
        Some(other) => {
            let name = other.location.name;
            Err(about("pos_id", "pos_id_taken", format!("that is the id of {name}")))
        }
        None => Ok(()),
    }
}

/// A shop that is here already: this till serves it from now on, over the remote that was named. One that a remote told
/// of stays what the remote says it is: another issuer here would book into another account than the other tills.
fn take_over(
    tx: &Transaction<'_>,
    known: StoredLocation,
    location: &Location,
    remote_id: Option<RemoteId>,
    pos_id: String,
    allowance: Option<Allowance>,
) -> Result<StoredLocation, AppError> {
    if known.location.currency != location.currency && ledger::exists_at(tx, known.id)? {
        let (given, expected) = (location.currency.code().to_owned(), known.location.currency.code().to_owned());
        return Err(Refusal::CurrencyDiffers { given, expected }.into());
    }
    let is_told = known.remote_id.is_some();
    let location = if is_told { known.location.clone() } else { location.clone() };
    let chosen = known.is_ours.then_some(known.allowance);
    let allowance = allowance.or(chosen).unwrap_or_else(|| Allowance::sensible(location.currency));
    let remote_id = remote_id.or(known.remote_id);
    locations::update_facts(tx, known.id, &location)?;
    locations::update_remote(tx, known.id, remote_id, &pos_id, true)?;
    locations::update_allowance(tx, known.id, allowance)?;
    Ok(StoredLocation { location, remote_id, pos_id, is_ours: true, allowance, ..known })
}

fn remote_named(tx: &Transaction<'_>, name: &str) -> Result<RemoteId, AppError> {
    Ok(remotes::find_by_name(tx, name)?.ok_or(AppError::RemoteNotFound)?.id)
}

/// The shops that this till serves or knows of, by code.
///
/// # Errors
/// As any read.
pub fn list(till: &Till) -> Result<Vec<StoredLocation>, AppError> {
    till.read(|tx| Ok(locations::list(tx)?))
}

/// The shop of that code.
///
/// # Errors
/// `location_not_found`.
pub fn get(till: &Till, code: &str) -> Result<StoredLocation, AppError> {
    till.read(|tx| Ok(locations::get_by_code(tx, code)?))
}

/// Sets what may be used in a shop without head office.
///
/// # Errors
/// `location_not_found`; `limit_out_of_range` and `number_out_of_range` with the figure's field.
pub fn set_allowance(till: &Till, code: &str, allowance: Allowance) -> Result<(), AppError> {
    let stored = get(till, code)?;
    let allowance = allowance.checked(stored.location.currency)?;
    till.permit(Action::SetUp)?;
    till.write(move |tx| Ok(locations::update_allowance(tx, stored.id, allowance)?))
}
