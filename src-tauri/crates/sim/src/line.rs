//! The line between a till and head office: what happens to each request is drawn, and noted.

use crate::disk::Disk;
use crate::faults::Fault;
use crate::server::Server;
use crate::watch::Made;
use crate::world::Shared;
use async_trait::async_trait;
use chrono::DateTime;
use rand::RngExt;
use regulars_app::till::Till;
use regulars_sync::transport::{Request, Response, Transport, TransportError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It never leaves.
    NotSent,
    /// It leaves and does not arrive.
    RequestLost,
    /// Something on the way answers with this status, and it does not arrive.
    StatusBefore(u16),
    /// It arrives, and is answered so.
    Arrives(Back),
}

/// What something on the way may say of a request that it does not let through.
const BEFORE: [u16; 20] =
    [301, 307, 308, 400, 402, 403, 404, 408, 409, 410, 413, 422, 429, 500, 501, 502, 503, 504, 505, 511];
/// What may be said of a request that arrived: only what leaves open whether it was done.
const AFTER: [u16; 5] = [408, 500, 502, 503, 504];

/// How far ahead of what it is there a date may lie until which a till is asked to wait: near, out of reason, and past.
const WAITS_MS: [i64; 3] = [90_000, 1_000 * 365 * 86_400_000, -86_400_000];

/// As it should be.
pub const WELL: Way = Way::Arrives(Back::Whole);

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    Whole,
    Lost,
    Status(u16),
    /// The page of a captive portal, with status 200.
    Portal,
    Truncated,
}

/// Draws what happens to a request of that till now.
pub fn draw(shared: &Shared, till: usize) -> Way {
    if shared.is_cut(till) {
        return Way::NotSent;
    }
    let faults = shared.faults();
    let mut random = shared.random();
    let mut happens = |fault| faults.happens(fault, &mut random);
    if happens(Fault::RequestLost) {
        return if random.random_bool(0.5) { Way::NotSent } else { Way::RequestLost };
    }
    if happens(Fault::Unauthorised) {
        return Way::StatusBefore(401);
    }
    if happens(Fault::StatusBefore) {
        return Way::StatusBefore(shared.one_of(&mut random, &BEFORE));
    }
    if happens(Fault::Nonsense) {
        return Way::Arrives(Back::Portal);
    }
    if happens(Fault::Truncated) {
        return Way::Arrives(Back::Truncated);
    }
    if happens(Fault::AnswerLost) {
        return Way::Arrives(Back::Lost);
    }
    if happens(Fault::StatusAfter) {
        return Way::Arrives(Back::Status(shared.one_of(&mut random, &AFTER)));
    }
    Way::Arrives(Back::Whole)
}

/// Carries a request that way, under the eyes of the watch. `made` is when the till made it.
pub async fn carry(
    shared: &Shared,
    till: usize,
    request: &Request,
    way: Way,
    made: Made,
) -> Result<Response, TransportError> {
    let now = shared.time().now();
    shared.find_wrong(shared.watch().sends(till, request, way, made));
    let answer = if shared.is_poisoned(request) && way != Way::NotSent {
        Ok(made_up(shared, 500))
    } else {
        bring(shared, till, &shortened(shared, request), way).await
    };
    if !matches!(way, Way::Arrives(Back::Lost | Back::Portal | Back::Truncated)) {
        shared.watch().heard(till, request, &answer, now);
    }
    answer
}

/// A page that holds fewer rows than were asked for.
fn shortened(shared: &Shared, request: &Request) -> Request {
    let mut request = request.clone();
    if let Some(at) = request
        .path
        .find("&limit=")
        .filter(|_| shared.faults().has(Fault::ShortPages) && request.path.starts_with("/v1/"))
    {
        let rest = request.path[at + 1..].find('&').map(|end| request.path[at + 1 + end..].to_owned());
        let rows = shared.random().random_range(1..9);
        request.path = format!("{}&limit={rows}{}", &request.path[..at], rest.unwrap_or_default());
    }
    request
}

async fn bring(shared: &Shared, till: usize, request: &Request, way: Way) -> Result<Response, TransportError> {
    let back = match way {
        Way::NotSent => return Err(TransportError::NotSent("no line".to_owned())),
        Way::RequestLost => return Err(TransportError::Lost("no answer".to_owned())),
        Way::StatusBefore(status) => return Ok(made_up(shared, status)),
        Way::Arrives(back) => back,
    };
    let answer = deliver(shared, till, request).await;
    let Some(answer) = answer else { return Err(TransportError::Lost("head office died".to_owned())) };
    match back {
        Back::Whole => Ok(answer),
        Back::Lost => Err(TransportError::Lost("the answer was lost".to_owned())),
        Back::Status(status) => Ok(made_up(shared, status)),
        Back::Portal => {
            Ok(Response { status: 200, body: b"<!doctype html><title>Wi-Fi</title>".to_vec(), ..Response::default() })
        }
        Back::Truncated => {
            let half = answer.body.len() / 2;
            Ok(Response { body: answer.body[..half].to_vec(), ..answer })
        }
    }
}

/// Hands it to head office, now and perhaps once more, now or later.
async fn deliver(shared: &Shared, till: usize, request: &Request) -> Option<Response> {
    let faults = shared.faults();
    let (twice, late) = {
        let mut random = shared.random();
        (faults.happens(Fault::DeliveredTwice, &mut random), faults.happens(Fault::DeliveredLate, &mut random))
    };
    if late {
        shared.keep_for_later(till, request.clone());
    }
    let server = shared.server();
    let answer = ask(server, request).await;
    if twice {
        let _the_second_is_not_heard = ask(server, request).await;
    }
    answer
}

async fn ask(server: &tokio::sync::Mutex<Server>, request: &Request) -> Option<Response> {
    server.lock().await.ask(request).await
}

fn made_up(shared: &Shared, status: u16) -> Response {
    let now = shared.time().now();
    let retry_after = match status {
        429 | 503 => {
            let dates = WAITS_MS.map(|wait| http_date(now + wait));
            let header = ["5", "120", "86400000", &dates[0], &dates[1], &dates[2], "soon", ""];
            let mut random = shared.random();
            Some(shared.one_of(&mut random, &header).to_owned()).filter(|header| !header.is_empty())
        }
        _ => None,
    };
    // As head office says it.
    let body =
        if status == 401 { br#"{"code":"token_refused","message":"who are you?"}"#.to_vec() } else { Vec::new() };
    Response { status, retry_after, date: Some(http_date(now)), body, ..Response::default() }
}

fn http_date(millis: i64) -> String {
    let at = DateTime::from_timestamp_millis(millis).expect("an instant");
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A line on which a request is answered before anything else happens: the one at the counter.
pub struct AtOnce {
    pub shared: Arc<Shared>,
    pub number: usize,
    pub till: Arc<Till>,
    pub disk: Arc<Disk>,
    /// Of several that are made at once each goes alone, in the order in which they were made.
    pub turn: tokio::sync::Mutex<()>,
}

impl AtOnce {
    /// What else is under way is written down, and has made its own requests: or the writer's pace would decide who comes
    /// first.
    async fn come_to_rest(&self) {
        let mut written = None;
        loop {
            tokio::task::yield_now().await;
            let _has_stopped = self.till.store().wait_for_writes();
            if written == Some(self.disk.operations()) {
                return;
            }
            written = Some(self.disk.operations());
        }
    }
}

#[async_trait]
impl Transport for AtOnce {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let _turn = self.turn.lock().await;
        self.come_to_rest().await;
        let way = draw(&self.shared, self.number);
        self.shared.note(format!("till {} asks {} at the counter: {way:?}", self.number, path(&request)));
        let made = self.shared.watch().made(self.number, self.shared.time().now());
        carry(&self.shared, self.number, &request, way, made).await
    }
}

/// The path, without what differs from run to run.
pub fn path(request: &Request) -> &str {
    request.path.split('?').next().unwrap_or_default()
}

/// A line on which a request waits until the simulation lets it go on, while others act.
pub struct Slowly {
    shared: Arc<Shared>,
    till: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    /// Each with when it was made.
    requests: Vec<(u64, Made, Request)>,
    answers: HashMap<u64, Result<Response, TransportError>>,
    wakers: HashMap<u64, Waker>,
}

impl Slowly {
    pub fn new(shared: &Arc<Shared>, till: usize) -> Self {
        Self { shared: Arc::clone(shared), till, waiting: Mutex::default() }
    }

    /// Whether a request is under way.
    pub fn is_waiting(&self) -> bool {
        !self.lock().requests.is_empty()
    }

    /// The request that waits longest.
    pub fn take_request(&self) -> Option<(u64, Made, Request)> {
        let mut waiting = self.lock();
        (!waiting.requests.is_empty()).then(|| waiting.requests.remove(0))
    }

    pub fn answer(&self, ticket: u64, answer: Result<Response, TransportError>) {
        let mut waiting = self.lock();
        waiting.answers.insert(ticket, answer);
        if let Some(waker) = waiting.wakers.remove(&ticket) {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Slowly {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let ticket = {
            let mut waiting = self.lock();
            let ticket = waiting.next;
            waiting.next += 1;
            let made = self.shared.watch().made(self.till, self.shared.time().now());
            waiting.requests.push((ticket, made, request));
            ticket
        };
        std::future::poll_fn(|context| {
            let mut waiting = self.lock();
            match waiting.answers.remove(&ticket) {
                Some(answer) => Poll::Ready(answer),
                None => {
                    waiting.wakers.insert(ticket, context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
