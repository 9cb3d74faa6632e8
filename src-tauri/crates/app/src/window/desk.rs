//! The open desk: one till at one shop, and what everybody at it sees.

use super::export::Exports;
use super::import::Imports;
use super::settings;
use super::unsettled::Found;
use super::views::{
    Desk as DeskView, Failure, Link, LocationView, Nothing, PullProgress, Served, ServedMember, SyncState,
};
use crate::checks::{self, Checkup};
use crate::credit::Held;
use crate::error::AppError;
use crate::events::{Events, Topic};
use crate::remotes::REQUEST_TIMEOUT;
use crate::sync::{self, Background, Line, Status};
use crate::till::Till;
use crate::{changes, credit, members};
use regulars_domain::member::initials;
use regulars_domain::{MemberId, VisitId, phone};
use regulars_store::locations::{self, StoredLocation};
use regulars_store::{Finding, Opened, Transaction, ballast, members as rows, remotes, settings as stored};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;

/// How many members "served just now" names.
const SERVED: usize = 6;

/// The open desk.
pub(crate) struct Desk {
    pub(super) till: Arc<Till>,
    pub(super) status: Arc<Status>,
    pub(super) background: Background,
    pub(super) imports: Arc<Imports>,
    pub(super) exports: Arc<Exports>,
    /// Who was found to owe.
    pub(super) unsettled: Found,
    pub(super) events: Events,
    served: Mutex<Vec<MemberId>>,
    /// What head office holds for bills that are being paid here.
    holds: Mutex<HashMap<VisitId, Held>>,
    /// What was found after a process that was not closed.
    checkup: Arc<Mutex<Option<Checkup>>>,
    looking: Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    pub(crate) fn open(till: Till, events: Events) -> Self {
        let (till, status) = (Arc::new(till), Arc::new(Status::default()));
        let background = Background::start(Arc::clone(&till), Arc::clone(&status), events.clone());
        post_expiries(&till);
        keep_room(&till);
        Self {
            till,
            status,
            background,
            imports: Arc::default(),
            exports: Arc::default(),
            unsettled: Found::default(),
            events,
            served: Mutex::default(),
            holds: Mutex::default(),
            checkup: Arc::default(),
            looking: Mutex::default(),
        }
    }

    /// Looks at the file behind the cashier's back, after a process that was not closed.
    pub(super) fn look_after_a_crash(&self, opened: Opened) {
        let (till, checkup, events) = (Arc::clone(&self.till), Arc::clone(&self.checkup), self.events.clone());
        let looking = tokio::task::spawn_blocking(move || match checks::after_a_crash(&till, &opened) {
            Ok(found) => {
                for finding in &found.findings {
                    let Finding { code, message, is_repaired } = finding;
                    tracing::warn!(code, message, is_repaired, "found after a crash");
                }
                *checkup.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
                events.tell(Topic::Desk);
            }
            Err(error) => tracing::error!(%error, "looking at the file after a crash"),
        });
        *self.looking.lock().unwrap_or_else(PoisonError::into_inner) = Some(looking);
    }

    /// What was found after a process that was not closed, where there was one.
    pub(super) fn checkup(&self) -> Option<Checkup> {
        self.checkup.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The shop that this counter serves.
    pub(super) fn location(&self) -> Result<StoredLocation, AppError> {
        self.till.read(counter_location)
    }

    /// The way to the remote of a shop, where it has one and the line is there: a cashier does not wait for a line that
    /// is known to be down.
    pub(super) fn line(&self, location: &StoredLocation) -> Option<Line> {
        if self.status.is_online(location.remote_id) { self.way(location) } else { None }
    }

    /// The same whatever is known of the line: somebody asked that it be tried.
    pub(super) fn way(&self, location: &StoredLocation) -> Option<Line> {
        let remote = location.remote_id?;
        let remote = self.till.read(|tx| Ok(remotes::get(tx, remote)?)).ok()?;
        sync::line(&self.till, self.background.engine(), &remote, REQUEST_TIMEOUT).ok()
    }

    /// What head office holds for a bill. It is used or given back by whoever took it.
    pub(super) fn take_hold(&self, visit: VisitId) -> Option<Held> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner).remove(&visit)
    }

    pub(super) fn keep_hold(&self, visit: VisitId, held: Held) {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner).insert(visit, held);
    }

    /// Puts a member at the top of "served just now".
    pub(super) fn note_served(&self, id: MemberId) {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.retain(|other| *other != id);
        served.insert(0, id);
        served.truncate(SERVED);
    }

    pub(crate) async fn close(&self) {
        self.exports.end();
        self.background.stop().await;
        let looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(looking) = looking {
            let _ended_either_way = looking.await;
        }
        self.unsettled.end().await;
        if let Err(error) = self.till.close() {
            tracing::warn!(%error, "closing the till");
        }
    }
}

/// What ran out while the till was closed, in shops whose ledger is at home here.
fn post_expiries(till: &Till) {
    match credit::expire_everywhere(till) {
        Ok(posted) => tracing::info!(posted, "lots that ran out"),
        Err(error) => tracing::warn!(%error, "posting lots that ran out"),
    }
}

/// Behind the cashier's back: it takes a moment.
fn keep_room(till: &Till) {
    // The folder alone: who holds the till keeps the next one from opening it.
    let folder = till.folder().to_owned();
    let _goes_on_by_itself = tokio::task::spawn_blocking(move || {
        if let Err(error) = ballast::fill(&folder) {
            tracing::warn!(%error, "keeping room on the disk");
        }
    });
}

fn counter_location(tx: &Transaction<'_>) -> Result<StoredLocation, AppError> {
    if let Some(code) = stored::find(tx, stored::COUNTER_LOCATION)? {
        return Ok(locations::get_by_code(tx, &code)?);
    }
    let ours = locations::list(tx)?.into_iter().find(|stored| stored.is_ours);
    Ok(ours.ok_or_else(|| regulars_domain::Refusal::LocationNotFound { code: String::new() })?)
}

pub(super) fn desk(desk: &Desk, _: Nothing) -> Result<DeskView, AppError> {
    let location = desk.location()?;
    let sync = sync_state(desk)?;
    desk.till.read(|tx| {
        Ok(DeskView {
            till_name: desk.till.name(),
            language: stored::find(tx, stored::LANGUAGE)?.unwrap_or_else(|| "en".to_owned()),
            sync,
            members_here: rows::count_of_location(tx, location.id)?,
            is_key_in_file: desk.till.is_key_in_file(),
            preferences: settings::preferences(tx)?,
            has_printer: settings::printer(tx)?.is_some(),
            location: LocationView {
                code: location.location.code,
                time_zone: location.location.time_zone,
                name: location.location.name,
                country: location.location.country,
                currency: location.location.currency.code().to_owned(),
                decimals: location.location.currency.decimals(),
            },
        })
    })
}

/// How the remote of this counter's shop is.
pub(super) fn sync_state(desk: &Desk) -> Result<SyncState, AppError> {
    let location = desk.location()?;
    let counts = changes::count(&desk.till)?;
    desk.unsettled.look_in_time(&desk.till, &desk.events);
    let unsettled = desk.unsettled.count(&desk.till)?;
    let remote = desk.till.read(|tx| Ok(location.remote_id.map(|id| remotes::get(tx, id)).transpose()?))?;
    let seen = location.remote_id.map(|remote| desk.status.seen(remote)).unwrap_or_default();
    let problem = seen.problem.map(|problem| Failure {
        code: problem.code,
        message: problem.message,
        field: problem.field,
        facts: serde_json::json!({}),
    });
    let has_remote = remote.is_some();
    Ok(SyncState {
        remote_name: remote.as_ref().map(|remote| remote.name.clone()),
        link: match seen.link {
            _ if !has_remote => Link::None,
            sync::Link::Connecting => Link::Connecting,
            sync::Link::Online => Link::Online,
            sync::Link::Offline => Link::Offline,
        },
        last_exchange_at: remote.and_then(|remote| remote.last_exchange_at),
        waiting: counts.waiting,
        needs_you: counts.needs_you + unsettled,
        unsettled,
        pull: seen.pull.map(|pull| PullProgress { done: pull.done, total: pull.total, is_first: pull.is_first }),
        problem,
        is_running: seen.is_running,
        clock_off_ms: desk.till.clock_off_ms()?,
    })
}

pub(super) fn served_recently(desk: &Desk, _: Nothing) -> Result<Served, AppError> {
    let served = desk.served.lock().unwrap_or_else(PoisonError::into_inner).clone();
    desk.till.read(|tx| {
        let mut views = Vec::new();
        for id in served {
            let Ok(whole) = members::living(tx, id) else { continue };
            let member = regulars_domain::member::Member::read(&whole.document)?;
            views.push(ServedMember {
                id,
                initials: initials(member.called()),
                phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
                full_name: member.called().to_owned(),
            });
        }
        Ok(Served { members: views })
    })
}
