//! The settings screen, and slips.

use super::desk::Desk;
use super::views::Nothing;
use super::views::money::{SlipAsked, SlipShown};
use super::views::settings::{
    CheckupView, ComparedView, Preferences, Printer, SaveAllowance, SaveShop, SaveTill, SettingsLocation, SettingsView,
    TypedRules,
};
use crate::checks::{Checkup, set_setting};
use crate::error::AppError;
use crate::locations::EditedLocation;
use crate::rights::Action;
use crate::slip::{self, Booked, CodePage, Language, PrinterAddress};
use crate::{locations, rules};
use regulars_domain::location::DEFAULT_ISSUER;
use regulars_domain::time::TimeZoneName;
use regulars_domain::{LocationId, Money, Refusal};
use regulars_store::{Transaction, checksums, locations as stored_locations, remotes, settings};
use regulars_sync::connectors::head_office;

const PREFERENCES: &str = "preferences";
const PRINTER: &str = "printer";
const TILLS: &str = "tills";
/// Tills that the worst case is reckoned for where nobody has said how many there are.
const USUAL_TILLS: u32 = 2;
/// Most tills that it can be reckoned for.
const MAX_TILLS: i64 = 1_000;

pub(super) fn settings(desk: &Desk, _: Nothing) -> Result<SettingsView, AppError> {
    let location = desk.location()?;
    desk.till.read(|tx| {
        let others = stored_locations::list(tx)?.into_iter().filter(|other| other.id != location.id);
        let tills = tills(tx)?;
        let worst = location.allowance.worst_overspend_of_all(tills.saturating_sub(1));
        let facts = &location.location;
        let remote = location.remote_id.map(|remote| remotes::get(tx, remote)).transpose()?;
        Ok(SettingsView {
            language: settings::find(tx, settings::LANGUAGE)?.unwrap_or_else(|| "en".to_owned()),
            till_name: desk.till.name(),
            allowance: location.allowance,
            worst_case: Money::new(worst, facts.currency),
            tills,
            credit_rules: rules::read(tx, &facts.code)?,
            printer: read(tx, PRINTER)?,
            code_pages: CodePage::ALL.to_vec(),
            preferences: preferences(tx)?,
            is_key_in_file: desk.till.is_key_in_file(),
            checkup: desk.checkup().map(|checkup| checkup_view(&checkup)),
            compared: compared(tx, location.id)?,
            data_folder: desk.till.folder().display().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            time_zones: TimeZoneName::list().map(str::to_owned).collect(),
            location: SettingsLocation {
                code: facts.code.clone(),
                name: facts.name.clone(),
                country: facts.country.clone(),
                currency: facts.currency.code().to_owned(),
                decimals: facts.currency.decimals(),
                time_zone: facts.time_zone.clone(),
                issuer: (facts.issuer != DEFAULT_ISSUER).then(|| facts.issuer.clone()),
                issuer_stays: locations::issuer_stays(tx, &location)?.map(str::to_owned),
                is_told: remote.is_some_and(|remote| remote.kind == head_office::KIND),
                others: others.map(|other| other.location.name).collect(),
            },
        })
    })
}

fn checkup_view(checkup: &Checkup) -> CheckupView {
    let left = checkup.findings.iter().filter(|finding| !finding.is_repaired);
    CheckupView {
        repaired: checkup.findings.iter().filter(|finding| finding.is_repaired).count(),
        left: left.map(|finding| finding.code.to_owned()).collect(),
        unfinished: checkup.unfinished.len(),
    }
}

fn compared(tx: &Transaction<'_>, location: LocationId) -> Result<Option<ComparedView>, AppError> {
    let checked = checksums::list_checked(tx)?.into_iter().find(|checked| checked.location_id == location);
    Ok(checked.map(|checked| {
        let checksums::Checked { at, differing, told_again, not_ours, .. } = checked;
        ComparedView { at, is_same: differing == 0, told_again, not_ours }
    }))
}

pub(super) fn save_preferences(desk: &Desk, asked: Preferences) -> Result<Nothing, AppError> {
    write(desk, PREFERENCES, &asked.checked()?)?;
    Ok(Nothing {})
}

pub(super) fn save_shop(desk: &Desk, asked: SaveShop) -> Result<SettingsView, AppError> {
    let SaveShop { name, time_zone, issuer } = asked;
    locations::edit(&desk.till, &desk.location()?.location.code, EditedLocation { name, time_zone, issuer })?;
    // Head office is told at once.
    desk.background.wake();
    settings(desk, Nothing {})
}

pub(super) fn save_till(desk: &Desk, asked: SaveTill) -> Result<Nothing, AppError> {
    desk.till.permit(Action::SetUp)?;
    desk.till.rename(&asked.till_name)?;
    set_setting(&desk.till, settings::LANGUAGE, Language::of(&asked.language).tag())?;
    Ok(Nothing {})
}

pub(super) fn save_allowance(desk: &Desk, asked: SaveAllowance) -> Result<SettingsView, AppError> {
    if !(1..=MAX_TILLS).contains(&asked.tills) {
        return Err(Refusal::NumberOutOfRange { field: "tills", min: 1, max: MAX_TILLS }.into());
    }
    locations::set_allowance(&desk.till, &desk.location()?.location.code, asked.allowance)?;
    set_setting(&desk.till, TILLS, &asked.tills.to_string())?;
    settings(desk, Nothing {})
}

pub(super) fn save_credit_rules(desk: &Desk, asked: TypedRules) -> Result<SettingsView, AppError> {
    let location = desk.location()?.location;
    rules::set(&desk.till, &location.code, location.currency, asked)?;
    settings(desk, Nothing {})
}

pub(super) fn save_printer(desk: &Desk, asked: Printer) -> Result<SettingsView, AppError> {
    if !asked.address.trim().is_empty() {
        asked.address.parse::<PrinterAddress>()?;
    }
    asked.paper(Language::English)?;
    write(desk, PRINTER, &asked)?;
    settings(desk, Nothing {})
}

/// Prints a slip that says what it is for: letters with their marks, and how wide the paper is.
pub(super) fn test_printer(desk: &Desk, _: Nothing) -> Result<Nothing, AppError> {
    let location = desk.location()?;
    let slip = slip::sample(&desk.till, &location)?;
    print(desk, &slip)
}

pub(super) fn slip(desk: &Desk, asked: SlipAsked) -> Result<SlipShown, AppError> {
    let has_printer = desk.till.read(|tx| Ok(printer(tx)?.is_some()))?;
    Ok(SlipShown { slip: slip::of(&desk.till, &desk.location()?, booked(&asked)?, asked.is_copy)?, has_printer })
}

pub(super) fn print_slip(desk: &Desk, asked: SlipAsked) -> Result<Nothing, AppError> {
    let slip = slip::of(&desk.till, &desk.location()?, booked(&asked)?, asked.is_copy)?;
    print(desk, &slip)
}

fn print(desk: &Desk, slip: &slip::Slip) -> Result<Nothing, AppError> {
    let (printer, language) = desk.till.read(|tx| {
        let language = settings::find(tx, settings::LANGUAGE)?.unwrap_or_default();
        Ok((printer(tx)?.ok_or(Refusal::Required { field: "address" })?, Language::of(&language)))
    })?;
    slip::print(slip, printer.paper(language)?, &printer.address.parse()?)?;
    Ok(Nothing {})
}

fn booked(asked: &SlipAsked) -> Result<Booked, AppError> {
    match (asked.visit_id, asked.entry_id) {
        (Some(visit), _) => Ok(Booked::Visit(visit)),
        (None, Some(entry)) => Ok(Booked::Entry(entry)),
        (None, None) => Err(Refusal::EntryNotFound.into()),
    }
}

pub(super) fn preferences(tx: &Transaction<'_>) -> Result<Preferences, AppError> {
    read(tx, PREFERENCES)
}

/// The receipt printer, where there is one.
pub(super) fn printer(tx: &Transaction<'_>) -> Result<Option<Printer>, AppError> {
    Ok(Some(read::<Printer>(tx, PRINTER)?).filter(|printer| !printer.address.trim().is_empty()))
}

fn tills(tx: &Transaction<'_>) -> Result<u32, AppError> {
    Ok(settings::find(tx, TILLS)?.and_then(|tills| tills.parse().ok()).unwrap_or(USUAL_TILLS))
}

/// A setting that is stored as JSON; as if never set where it cannot be read any more.
fn read<T: serde::de::DeserializeOwned + Default>(tx: &Transaction<'_>, key: &str) -> Result<T, AppError> {
    let stored = settings::find(tx, key)?;
    Ok(stored.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

fn write<T: serde::Serialize>(desk: &Desk, key: &'static str, value: &T) -> Result<(), AppError> {
    desk.till.permit(Action::SetUp)?;
    let json = serde_json::to_string(value).map_err(|_| AppError::Internal)?;
    desk.till.write(move |tx| Ok(settings::set(tx, key, &json)?))
}
