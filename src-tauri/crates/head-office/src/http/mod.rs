//! The server: reads a request, checks who asks, runs the rule in a transaction and writes the answer.
//!
//! Database work runs on threads that may wait; nothing of it is held across an `.await`.

mod request;
mod routes;

use crate::access::Access;
use crate::dialects::{self, DialectSettings};
use crate::error::HeadOfficeError;
use crate::expiry;
use crate::limits::{Limits, Rates};
use crate::lives;
use crate::metrics::Metrics;
use crate::removing;
use crate::storage::{Rows, Storage};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::Timestamp;
pub(crate) use request::read as read_body;
pub(crate) use routes::documented_routes;
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// How many may look through all members at once, of the four readers that the database has.
const SEARCHES: usize = 2;

/// The time, passed in: a test or a simulation has its own.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Head office: a database, a clock, and what one caller may ask for. Clones share everything.
#[derive(Clone)]
pub struct HeadOffice {
    shared: Arc<Shared>,
}

struct Shared {
    storage: Arc<dyn Storage>,
    clock: WallClock,
    /// What the ids are made with that head office gives out.
    random: Mutex<StdRng>,
    limits: Limits,
    rates: Rates,
    metrics: Metrics,
    dialects: DialectSettings,
    searches: Semaphore,
}

impl HeadOffice {
    /// Head office with the limits that suit tills.
    pub fn new(storage: Arc<dyn Storage>, clock: WallClock) -> Self {
        Self::with_limits(storage, clock, Limits::default())
    }

    /// Head office with other limits, as for a simulation that runs faster than time.
    pub fn with_limits(storage: Arc<dyn Storage>, clock: WallClock, limits: Limits) -> Self {
        Self::with_settings(storage, clock, limits, DialectSettings::default())
    }

    /// The same whose ids follow from a seed: a simulation does twice what it did once.
    pub fn seeded(storage: Arc<dyn Storage>, clock: WallClock, limits: Limits, seed: u64) -> Self {
        Self::made(storage, clock, limits, DialectSettings::default(), StdRng::seed_from_u64(seed))
    }

    /// Head office whose dialects do as they are told where real servers may differ.
    pub fn with_settings(
        storage: Arc<dyn Storage>,
        clock: WallClock,
        limits: Limits,
        dialects: DialectSettings,
    ) -> Self {
        Self::made(storage, clock, limits, dialects, StdRng::from_rng(&mut rand::rng()))
    }

    fn made(
        storage: Arc<dyn Storage>,
        clock: WallClock,
        limits: Limits,
        dialects: DialectSettings,
        random: StdRng,
    ) -> Self {
        let random = Mutex::new(random);
        let (rates, metrics) = (Rates::new(&limits), Metrics::default());
        let searches = Semaphore::new(SEARCHES);
        let head_office =
            Self { shared: Arc::new(Shared { storage, clock, random, limits, rates, metrics, dialects, searches }) };
        head_office.start();
        head_office
    }

    /// Before the first answer: a copy that was put back must not pass for what tills knew.
    fn start(&self) {
        let at = self.now();
        if let Err(error) = self.shared.storage.write(&mut |rows| lives::start(rows, at)) {
            tracing::error!(%error, "that head office started could not be noted");
        }
    }

    /// Books the lots that ran out by now, a few accounts at a time. Answers how many entries that took.
    ///
    /// # Errors
    /// Faults of the database; what was booked before stays booked.
    pub async fn expire_lots(&self) -> Result<u64, HeadOfficeError> {
        let at = self.now();
        let (mut booked, mut after) = (0, None);
        loop {
            let swept = self.write(move |rows| expiry::sweep(rows, at, after)).await?;
            self.shared.metrics.expired(swept.booked);
            booked += swept.booked;
            match swept.next {
                Some(place) => after = Some(place),
                None => break,
            }
        }
        let mut after = None;
        loop {
            match self.write(move |rows| removing::forget(rows, at, after)).await? {
                Some(last) => after = Some(last),
                None => return Ok(booked),
            }
        }
    }

    pub(crate) fn dialects(&self) -> &DialectSettings {
        &self.shared.dialects
    }

    pub(crate) fn request_time(&self) -> std::time::Duration {
        self.shared.limits.request_time
    }

    /// Waits for its turn to look through all members: tills must go on finding a reader meanwhile.
    pub(crate) async fn turn_to_search(&self) -> Option<SemaphorePermit<'_>> {
        self.shared.searches.acquire().await.ok()
    }

    /// Counts a request of a token.
    pub(crate) fn count(&self, token: uuid::Uuid) -> Result<(), HeadOfficeError> {
        self.shared.rates.check_token(token)
    }

    pub(crate) fn random(&self) -> [u8; 10] {
        self.shared.random.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// Runs the work in a transaction that is committed, durably, before this answers.
    async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn Rows) -> Result<T, HeadOfficeError> + Send + 'static,
    ) -> Result<T, HeadOfficeError> {
        self.on_a_waiting_thread(move |storage| {
            let mut answer = None;
            storage.write(&mut |rows| {
                answer = Some(work(rows)?);
                Ok(())
            })?;
            answer.ok_or(HeadOfficeError::Internal)
        })
        .await
    }

    /// The same for work that fails in its own way: then nothing was written.
    pub(crate) async fn transact<T: Send + 'static, E: From<HeadOfficeError> + Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn Rows) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let done = self.on_a_waiting_thread(move |storage| {
            let mut answer = None;
            let written = storage.write(&mut |rows| {
                let result = work(rows);
                let keeps = result.is_ok();
                answer = Some(result);
                // Which error it is does not matter: the answer tells.
                if keeps { Ok(()) } else { Err(HeadOfficeError::Internal) }
            });
            match (answer, written) {
                (Some(Err(failure)), _) => Ok(Err(failure)),
                (Some(Ok(value)), Ok(())) => Ok(Ok(value)),
                (Some(Ok(_)) | None, Err(error)) => Err(error),
                (None, Ok(())) => Err(HeadOfficeError::Internal),
            }
        });
        done.await.unwrap_or_else(|error| Err(error.into()))
    }

    /// Runs the work at one moment of the database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn Rows) -> Result<T, HeadOfficeError> + Send + 'static,
    ) -> Result<T, HeadOfficeError> {
        self.on_a_waiting_thread(move |storage| {
            let mut answer = None;
            storage.read(&mut |rows| {
                answer = Some(work(rows)?);
                Ok(())
            })?;
            answer.ok_or(HeadOfficeError::Internal)
        })
        .await
    }

    /// Who a bearer token belongs to.
    pub(crate) async fn check_token(&self, bearer: String, kind: &'static str) -> Result<Access, HeadOfficeError> {
        self.on_a_waiting_thread(move |storage| crate::access::check_token(storage, &bearer, kind)).await
    }

    pub(crate) async fn on_a_waiting_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Storage) -> Result<T, HeadOfficeError> + Send + 'static,
    ) -> Result<T, HeadOfficeError> {
        let storage = Arc::clone(&self.shared.storage);
        let done = tokio::task::spawn_blocking(move || work(storage.as_ref())).await;
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "a request's work broke off");
            Err(HeadOfficeError::Internal)
        })
    }
}

/// The routes of head office, ready to be served or to be called in the same process. Served with
/// `into_make_service_with_connect_info::<SocketAddr>()`, join tries are counted per address, else all together.
pub fn router(head_office: HeadOffice) -> Router {
    let (routes, _document) = documented_routes().split_for_parts();
    routes
        .fallback(|| async { HeadOfficeError::NotFound })
        .method_not_allowed_fallback(|| async { HeadOfficeError::MethodNotAllowed })
        .layer(from_fn_with_state(head_office.clone(), in_time))
        .layer(CatchPanicLayer::custom(after_a_panic))
        .merge(dialects::routes(&head_office))
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(head_office.clone(), counted))
        .with_state(head_office)
}

/// What takes too long is answered, so that a till can go on; its transaction may still come to its end, and the same
/// changes again then have no further effect.
async fn in_time(State(head_office): State<HeadOffice>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(head_office.shared.limits.request_time, next.run(request)).await;
    answer.unwrap_or_else(|_| HeadOfficeError::Timeout.into_response())
}

async fn counted(State(head_office): State<HeadOffice>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    head_office.shared.metrics.answered(response.status());
    response
}

/// The panic itself was reported when it happened.
fn after_a_panic(_panic: Box<dyn Any + Send + 'static>) -> Response {
    HeadOfficeError::Internal.into_response()
}
