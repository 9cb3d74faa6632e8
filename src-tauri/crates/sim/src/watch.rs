//! What is seen on the line, whoever sends: bytes that change on the way, changes that are sent again though they were
//! acknowledged, requests before the time that head office asked for.

use crate::faults::{Fault, Faults};
use crate::line::Way;
use chrono::DateTime;
use regulars_domain::ChangeId;
use regulars_sync::transport::{Request, Response, TransportError};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// As a till obeys it at most, in seconds.
const LONGEST_WAIT_S: i64 = 900;

/// What is known of each till.
pub struct Watch {
    tills: Vec<Seen>,
    /// Clocks that are set wrong count waits wrong.
    counts_waits: bool,
    /// On a full disk an answer cannot be written down.
    counts_answers: bool,
}

/// When a request was made.
#[derive(Clone, Copy)]
pub struct Made {
    at: i64,
    /// What its till had been asked to wait for by then: what is made before cannot obey.
    asked: u64,
}

#[derive(Default)]
struct Seen {
    /// What left, under the number that it had.
    left: BTreeMap<(ChangeId, String, i64), String>,
    acknowledged: BTreeSet<ChangeId>,
    waits_until: i64,
    /// How often it was asked to wait.
    asked: u64,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Numbered {
    id: ChangeId,
    incarnation: String,
    number: i64,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: ChangeId,
    outcome: String,
}

impl Watch {
    pub fn new(tills: usize, faults: &Faults) -> Self {
        let (counts_waits, counts_answers) = (!faults.has(Fault::ClockJump), !faults.has(Fault::DiskFull));
        Self { tills: (0..tills).map(|_| Seen::default()).collect(), counts_waits, counts_answers }
    }

    /// When the last of the waits is over that tills were asked for.
    pub fn waits_until(&self) -> i64 {
        self.tills.iter().map(|seen| seen.waits_until).max().unwrap_or(0)
    }

    pub fn add_till(&mut self) {
        self.tills.push(Seen::default());
    }

    pub fn made(&self, till: usize, at: i64) -> Made {
        Made { at, asked: self.tills[till].asked }
    }

    /// A till sends something that it made then, and that goes that way.
    pub fn sends(&mut self, till: usize, request: &Request, way: Way, made: Made) -> Result<(), String> {
        let seen = &mut self.tills[till];
        let is_asked_for = ["/v1/push", "/v1/pull", "/v1/give-back"].iter().any(|path| request.path.starts_with(path));
        let has_heard = made.asked == seen.asked;
        if self.counts_waits && is_asked_for && has_heard && made.at < seen.waits_until {
            let early = (seen.waits_until - made.at) / 1000;
            return Err(format!("till {till} asks {early} s before the time that head office asked for"));
        }
        if !request.path.starts_with("/v1/push") || way == Way::NotSent {
            return Ok(());
        }
        let batch: Batch<'_> = read(request.body.as_deref().unwrap_or_default())?;
        for change in batch.changes {
            let Numbered { id, incarnation, number } = read(change.get().as_bytes())?;
            if self.counts_answers && seen.acknowledged.contains(&id) {
                return Err(format!("till {till} sends change {id} again, which was acknowledged"));
            }
            let left = seen.left.entry((id, incarnation, number)).or_insert_with(|| change.get().to_owned());
            if left != change.get() {
                let now = change.get();
                return Err(format!("till {till}: the bytes of change {id} are others now: {left} and {now}"));
            }
        }
        Ok(())
    }

    /// An answer was heard, and dealt with.
    pub fn heard(&mut self, till: usize, request: &Request, answer: &Result<Response, TransportError>, now: i64) {
        let (Ok(answer), seen) = (answer, &mut self.tills[till]) else { return };
        if (200..300).contains(&answer.status) {
            seen.waits_until = 0;
        }
        let is_of_the_engine = !request.path.starts_with("/v1/authorisations");
        if matches!(answer.status, 429 | 503) && is_of_the_engine {
            let asked = seconds(answer);
            seen.waits_until = asked.map_or(0, |seconds| now + seconds.min(LONGEST_WAIT_S) * 1000);
            seen.asked += 1;
        }
        if request.path.starts_with("/v1/push") && answer.status == 200 {
            let told = read::<Answer>(&answer.body).map(|answer| answer.results).unwrap_or_default();
            let done = told.into_iter().filter(|told| matches!(told.outcome.as_str(), "applied" | "duplicate"));
            seen.acknowledged.extend(done.map(|told| told.id));
        }
    }

    /// A person does not want to wait.
    pub fn hurries(&mut self, till: usize) {
        self.tills[till].waits_until = 0;
    }

    /// That it was asked to wait the till could not write down.
    pub fn notes_no_wait(&mut self, till: usize) {
        self.tills[till].waits_until = 0;
    }

    /// What the till heard last it could not write down, or its file is another one now.
    pub fn forgets(&mut self, till: usize) {
        self.tills[till] = Seen::default();
    }

    /// Head office is not what it was.
    pub fn forgets_all(&mut self) {
        self.tills.iter_mut().for_each(|seen| *seen = Seen::default());
    }
}

/// How long a till is asked to wait; not at all by a date that is past.
fn seconds(answer: &Response) -> Option<i64> {
    let header = answer.retry_after.as_deref()?;
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok().map(|date| date.timestamp());
    header.parse().ok().or_else(|| Some((date(header)? - date(answer.date.as_deref()?)?).max(0)))
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("what a till sends cannot be read: {error}"))
}
