//! The connector to our own head office: the native protocol at `/v1`.
//!
//! Head office knows each change by its id, so an answer that was lost is simply asked for again with the same bytes.

mod answers;
mod wire;

use crate::capabilities::{Capabilities, Create, Credit, Find, Pull, Resend};
use crate::connector::{
    Authorised, Connector, Here, Known, Outcome, Page, Part, PullAnswer, PullFrom, PushAnswer, Pushed, Question,
    RemoteClock, Returned, Seen, Sums, TrueFor,
};
use crate::connectors::Speaker;
use crate::transport::{Method, Request, Response, Transport};
use crate::trouble::{Effect, Trouble};
use answers::{lost, read, refused};
use async_trait::async_trait;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{AuthorisationId, RemoteId, Timestamp};
use regulars_protocol::authorise::{AuthoriseRequest, AuthoriseResponse};
use regulars_protocol::checksums::{BucketResponse, ChecksumsResponse};
use regulars_protocol::error::ErrorBody;
use regulars_protocol::give_back::{self, GiveBackRequest, GiveBackResponse};
use regulars_protocol::join::{JoinRequest, JoinResponse};
use regulars_protocol::pull::{MAX_ROWS, PullResponse};
use regulars_protocol::push::{self, MAX_BYTES, MAX_CHANGES, PushResponse};
use regulars_protocol::{Health, Hello, VERSION, VERSION_HEADER};
use regulars_store::healing::Lost;
use regulars_store::outbox::{Claimed, Held, QueuedChange};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// The kind of this remote.
pub const KIND: &str = "head-office";
/// What the batch around the changes takes, at most, in bytes.
const ENVELOPE: usize = 4096;

/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    max_changes: MAX_CHANGES as u32,
    max_bytes: MAX_BYTES - ENVELOPE,
    resend: Resend::IsHarmless,
    pull: Pull::ByCursor,
    credit: Credit::Entries,
    takes_back: true,
    find: Find::NONE,
    create: Create { chooses_id: true, is_idempotent: true, needs: &[] },
    partial_update: true,
    version_check: true,
    delete: true,
    sees_deletions: true,
    homes: None,
    has_checksums: true,
    names_shops: true,
};

/// A way to head office.
pub struct HeadOffice {
    remote_id: RemoteId,
    transport: Arc<dyn Transport>,
    token: String,
    speaker: Speaker,
    timeout: Duration,
}

impl HeadOffice {
    /// A way over that transport.
    pub fn new(
        remote_id: RemoteId,
        transport: Arc<dyn Transport>,
        token: String,
        speaker: Speaker,
        timeout: Duration,
    ) -> Self {
        Self { remote_id, transport, token, speaker, timeout }
    }

    fn request(&self, method: Method, path: String, body: Option<Vec<u8>>) -> Request {
        let headers = vec![("authorization", format!("Bearer {}", self.token)), (VERSION_HEADER, VERSION.to_owned())];
        Request { method, path, headers, body, timeout: self.timeout }
    }

    async fn send(&self, request: Request) -> Result<Response, Trouble> {
        self.transport.send(request).await.map_err(lost)
    }
}

/// A batch around changes that are bytes already.
#[derive(Serialize)]
struct Batch<'a> {
    till_id: regulars_domain::TillId,
    till_name: &'a str,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<push::Known>,
    changes: Vec<&'a RawValue>,
}

#[async_trait]
impl Connector for HeadOffice {
    fn remote_id(&self) -> RemoteId {
        self.remote_id
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn freeze(&self, queued: &QueuedChange, here: &Here<'_>) -> Result<Vec<u8>, Held> {
        Ok(wire::change(queued, here.shops)?)
    }

    async fn push(&self, batch: &[Claimed], known: &Known) -> Result<Pushed, Trouble> {
        let changes = batch.iter().map(|claimed| serde_json::from_slice(&claimed.frozen)).collect::<Result<_, _>>();
        let changes: Vec<&RawValue> = changes.map_err(|error| unwritable(&error))?;
        let at = known.at;
        let known = known.epoch.clone().map(|epoch| push::Known {
            epoch,
            incarnation: known.incarnation,
            acknowledged: known.acknowledged,
            cursor: known.cursor,
        });
        let whole = Batch { till_id: self.speaker.till_id, till_name: &self.speaker.till_name, at, known, changes };
        let body = serde_json::to_vec(&whole).map_err(|error| unwritable(&error))?;
        let response = self.send(self.request(Method::Post, "/v1/push".to_owned(), Some(body))).await?;
        if is_new_life(&response) {
            return Ok(Pushed::NewLife);
        }
        if is_planted(Mistake::PortalTakenAsAnswer) && response.body.starts_with(b"<") {
            let results = batch.iter().map(|claimed| (claimed.id, Outcome::Done(Vec::new()))).collect();
            return Ok(Pushed::Answer(PushAnswer { clock: None, epoch: None, version: None, results }));
        }
        let answer: PushResponse = read(&response, Effect::Unknown)?;
        let results = answer.results.into_iter().map(wire::outcome).collect();
        let (clock, epoch, version) = (answer.at.map(RemoteClock), Some(answer.epoch), Some(answer.version));
        Ok(Pushed::Answer(PushAnswer { clock, epoch, version, results }))
    }

    async fn give_back(&self, things: &[Lost], epoch: &str) -> Result<Returned, Trouble> {
        let things: Vec<give_back::Thing> = things.iter().map(|lost| wire::thing(lost.thing.clone())).collect();
        let whole = GiveBackRequest { till_id: self.speaker.till_id, epoch: epoch.to_owned(), things };
        let body = serde_json::to_vec(&whole).map_err(|error| unwritable(&error))?;
        let response = self.send(self.request(Method::Post, "/v1/give-back".to_owned(), Some(body))).await?;
        if is_new_life(&response) {
            return Ok(Returned::NewLife);
        }
        let answer: GiveBackResponse = read(&response, Effect::Unknown)?;
        Ok(Returned::Answer(answer.results.into_iter().map(wire::given).collect(), answer.version))
    }

    async fn pull(&self, from: &PullFrom) -> Result<PullAnswer, Trouble> {
        let epoch = from.epoch.as_ref().map(|epoch| format!("&epoch={epoch}&told={}", from.told)).unwrap_or_default();
        let path = format!("/v1/pull?after={}&limit={MAX_ROWS}{epoch}", from.cursor);
        let response = self.send(self.request(Method::Get, path, None)).await?;
        let is_anew = from.epoch.is_none() && from.cursor == 0;
        // Said to a till that begins anew already, it is nonsense, and would go round for ever.
        match gone(&response).filter(|_| !is_anew) {
            Some(Gone::NewLife) => return Ok(PullAnswer::NewLife),
            Some(Gone::TooOld) => return Ok(PullAnswer::BeginAnew),
            None => {}
        }
        let answer: PullResponse = read(&response, Effect::None)?;
        let is_behind = answer.next < from.cursor || (answer.left > 0 && answer.next == from.cursor);
        if is_behind {
            return Err(Trouble::later("answer_invalid", "head office's page does not lead on", Effect::None));
        }
        Ok(PullAnswer::Page(Page {
            locations: answer.locations.into_iter().map(wire::location).collect(),
            labels: answer.labels,
            rows: answer.rows.into_iter().map(wire::row).collect(),
            epoch: answer.epoch,
            clock: answer.at.map(RemoteClock),
            next: answer.next,
            left: answer.left,
        }))
    }

    async fn checksums(&self, pos_id: &str) -> Result<Sums, Trouble> {
        let path = format!("/v1/checksums?location={}", encoded(pos_id));
        let response = self.send(self.request(Method::Get, path, None)).await?;
        let answer: ChecksumsResponse = read(&response, Effect::None)?;
        let buckets = answer.sums();
        let buckets =
            buckets.ok_or_else(|| Trouble::later("answer_invalid", "head office's sums are not 256", Effect::None))?;
        Ok(Sums { true_for: TrueFor { epoch: answer.epoch, from: answer.changed, to: answer.version }, buckets })
    }

    async fn bucket(&self, pos_id: &str, bucket: u8) -> Result<Part, Trouble> {
        let path = format!("/v1/bucket?location={}&bucket={bucket}", encoded(pos_id));
        let response = self.send(self.request(Method::Get, path, None)).await?;
        let answer: BucketResponse = read(&response, Effect::None)?;
        let rows = answer.rows.into_iter().map(|row| wire::row(row).1).collect();
        Ok(Part { true_for: TrueFor { epoch: answer.epoch, from: answer.changed, to: answer.version }, rows })
    }

    async fn authorise(&self, question: &Question) -> Result<Authorised, Trouble> {
        let body = AuthoriseRequest {
            id: question.id,
            till_id: self.speaker.till_id,
            member_id: question.member_id,
            issuer: question.issuer.clone(),
            amount: question.amount,
            location: question.pos_id.clone(),
            hold_seconds: u32::try_from(question.hold.as_secs()).unwrap_or(u32::MAX),
        };
        let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
        let request = self.request(Method::Post, "/v1/authorisations".to_owned(), Some(body));
        let response = self.send(Request { timeout: question.timeout, ..request }).await?;
        let answer: AuthoriseResponse = read(&response, Effect::Unknown)?;
        // How long is told by head office's clock, which need not be this till's; asked for was no more than this.
        let held_for = answer.expires_at.map(|_| question.hold);
        Ok(Authorised { is_authorised: answer.is_authorised, available: answer.available, held_for })
    }

    async fn release(&self, id: AuthorisationId) -> Result<(), Trouble> {
        let response = self.send(self.request(Method::Delete, format!("/v1/authorisations/{id}"), None)).await?;
        if (200..300).contains(&response.status) { Ok(()) } else { Err(refused(&response, Effect::Unknown)) }
    }

    async fn check(&self) -> Result<Seen, Trouble> {
        let health = self.send(self.request(Method::Get, "/health".to_owned(), None)).await?;
        let health: Health = read(&health, Effect::None)?;
        let hello = self.send(self.request(Method::Get, "/v1/hello".to_owned(), None)).await?;
        let hello: Hello = read(&hello, Effect::None)?;
        Ok(Seen { members: Some(hello.members), pos_ids: hello.locations, clock: Some(health.at), lacks: None })
    }
}

/// Turns a join code into this till's own token.
///
/// # Errors
/// `join_code_invalid`, or what went wrong on the line.
pub async fn join(
    transport: &dyn Transport,
    code: &str,
    speaker: &Speaker,
    timeout: Duration,
) -> Result<String, Trouble> {
    let body = JoinRequest { code: code.to_owned(), till_id: speaker.till_id };
    let body = serde_json::to_vec(&body).map_err(|error| unwritable(&error))?;
    let headers = vec![(VERSION_HEADER, VERSION.to_owned())];
    let request = Request { method: Method::Post, path: "/v1/join".to_owned(), headers, body: Some(body), timeout };
    let response = transport.send(request).await.map_err(lost)?;
    read::<JoinResponse>(&response, Effect::Unknown).map(|answer| answer.token)
}

/// What of head office is not there any more.
enum Gone {
    NewLife,
    TooOld,
}

/// Read from head office's own word, so nothing was done. Half an answer says neither.
fn gone(response: &Response) -> Option<Gone> {
    let body: ErrorBody = serde_json::from_slice(&response.body).ok().filter(|_| response.status == 410)?;
    match body.code.as_str() {
        "epoch_changed" => Some(Gone::NewLife),
        "cursor_too_old" => Some(Gone::TooOld),
        _ => None,
    }
}

fn is_new_life(response: &Response) -> bool {
    matches!(gone(response), Some(Gone::NewLife))
}

/// A value of the query (RFC 3986 §3.4): a shop's code may have any letters.
fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

fn unwritable(error: &serde_json::Error) -> Trouble {
    Trouble::later("internal", error.to_string(), Effect::NotSent)
}
