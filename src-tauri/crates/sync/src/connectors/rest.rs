//! The common part of the connectors to remotes that answer per member over REST. Each says in [`Words`] how a member is
//! said there, and in [`Api`] how the remote is asked; what must hold for all of them is here, once:
//!
//! - what is sent is frozen before the first byte, and a registration that was perhaps sent is looked for first;
//! - nothing is written over without being read just before, and what somebody else changed there meanwhile is not
//!   overwritten but met (`Outcome::Met`), field by field, as head office does it;
//! - a field without a home there is never sent, and a field that the remote did not mention is never taken for empty;
//! - what the remote needs and nobody said is never made up: the change waits for a person, with words;
//! - what a member names beside themselves, a label or a category, is looked for by name and made where it is not there,
//!   before the member is written; where it cannot be made, only the field that names it waits for a person.

mod addresses;
mod answers;
mod call;
mod named;
mod part;
mod words;

pub(super) use addresses::{Placed, ToldAddress, two_addresses, with_addresses};
pub(super) use answers::{Http, Own, form, query, rows_in, segment};
pub(super) use call::{Book, Moved, New};
pub(super) use named::{Named, not_made};
pub(super) use words::{
    Said, Words, address_line, is_blank, is_same_number, known_text, members, name_of, needs, number, phone_of,
    put_texts, text_in, too_long_or_short,
};

use crate::capabilities::Capabilities;
use crate::connector::{
    Asked, Connector, Here, Known, Looked, Next, Outcome, PushAnswer, Pushed, Seen, SweepFrom, Swept,
};
use crate::credit::{Guards, Trial, Tried};
use crate::trouble::{Effect, Trouble, problem};
use async_trait::async_trait;
use call::{Call, RowCall};
use futures::stream::{self, StreamExt};
use part::Told;
use regulars_domain::label::Label;
use regulars_domain::phone::Country;
use regulars_domain::{MemberId, RemoteId};
use regulars_store::outbox::{Claimed, Held, Met, QueuedChange};
use regulars_store::part::PulledPart;
use regulars_store::pull::Stands;
use regulars_store::remotes::Problem;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Members who are asked for at once: what a remote of a small shop answers without trouble.
const LANES: usize = 8;
/// Members in one go: what is written down before and after is written for all of them.
const MOST_CHANGES: u32 = 128;
/// So often a write is tried anew because somebody was faster than this till between its reading and its writing.
const MAX_RACES: usize = 4;

/// How a remote is asked.
#[async_trait]
pub(super) trait Api: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The member of that key; `None` where the remote itself says that there is none.
    async fn read(&self, key: &str) -> Result<Option<Value>, Trouble>;

    /// Those who may be what a registration made, or would make once more.
    async fn probe(&self, _new: &New) -> Result<Vec<Value>, Trouble> {
        Ok(Vec::new())
    }

    /// Whether a registration is looked for before it is sent for the first time.
    fn looks_before_creating(&self) -> bool;

    /// Whether somebody found under a key that this till chose cannot be whom it registers.
    fn is_stranger(&self, _new: &New, _there: &Value) -> Option<Problem> {
        None
    }

    /// Registers somebody.
    async fn create(&self, new: &New) -> Result<Created, Trouble>;

    /// Writes fields over what was just read. `base` is what this till knew of the member, in the remote's words.
    async fn update(
        &self,
        key: &str,
        there: &Value,
        fields: &BTreeMap<String, Value>,
        base: &BTreeMap<String, Value>,
    ) -> Result<Updated, Trouble>;

    /// Makes a label that is in the catalogue here, where it is not there and can be made.
    async fn put_label(&self, _label: &Label) -> Result<(), Trouble> {
        Ok(())
    }

    /// Adds entries to somebody's balance that are not in it yet.
    async fn book(&self, _book: &Book, _claimed: &Claimed, _guards: &Guards) -> Result<Booked, Trouble> {
        Err(Trouble::later("not_supported", "this remote keeps no credit", Effect::NotSent))
    }

    /// Proves that it can be the home of credit.
    async fn try_credit(&self, _trial: &Trial) -> Result<Tried, Trouble> {
        Err(Trouble::later("not_supported", "this remote keeps no credit", Effect::NotSent))
    }

    /// Deletes somebody who was just read.
    async fn delete(&self, _key: &str) -> Result<(), Trouble> {
        Err(Trouble::later("not_supported", "this remote cannot delete", Effect::NotSent))
    }

    /// The next page.
    async fn page(&self, _from: &SweepFrom) -> Result<Page, Trouble> {
        Err(Trouble::later("not_supported", "this remote lists nobody", Effect::NotSent))
    }

    /// Those whom a cashier may mean.
    async fn search(&self, _asked: &Asked) -> Result<Vec<Value>, Trouble> {
        Err(Trouble::later("not_supported", "this remote cannot search", Effect::NotSent))
    }

    /// One harmless call.
    async fn check(&self) -> Result<Seen, Trouble>;

    /// What the account may not do, where it says.
    async fn lacks(&self) -> Option<Vec<&'static str>> {
        None
    }
}

/// What a remote has under a key.
enum There {
    /// Whom it names.
    Here(Value),
    /// Somebody else, into whom they were merged there.
    Another,
    Nobody,
}

/// What registering brought.
pub(super) enum Created {
    /// The member as they stand there.
    Object(Value),
    /// No more than that it was done, or had been done before.
    Silent,
    /// They are there already, under that key.
    Exists(String),
    /// Nothing: they name what is not there.
    Lacks(Held),
}

/// What writing brought.
pub(super) enum Updated {
    /// The member as they stand there.
    Object(Value),
    /// No more than that it was done.
    Silent,
    /// Somebody was faster: nothing was written.
    Moved,
    /// Nothing was written: it names what is not there.
    Lacks(Held),
}

/// What booking brought.
pub(super) enum Booked {
    /// The member as they stand there, with the entries in their balance.
    Object(Value),
    /// A person must look at it; and the member, where they were read.
    NeedsPerson(Problem, Option<Value>),
    /// The remote does not have the member.
    Gone,
}

/// A page of a remote's members.
pub(super) struct Page {
    pub rows: Vec<Value>,
    pub next: Next,
    pub total: Option<i64>,
}

/// A way to a remote that answers per member.
pub(super) struct Rest<A> {
    remote_id: RemoteId,
    api: A,
    words: Arc<dyn Words>,
    /// What tells this remote's keys from another's of the same kind.
    scope: String,
}

impl<A: Api> Rest<A> {
    pub(super) fn new(remote_id: RemoteId, api: A, words: Arc<dyn Words>, scope: String) -> Self {
        Self { remote_id, api, words, scope }
    }

    fn pulled(&self, object: Value) -> PulledPart {
        let told = Told::new(Arc::clone(&self.words), object);
        let (remote_key, member_id) = told.identity(&self.scope);
        let part: Arc<dyn regulars_store::part::Part> = Arc::new(told);
        PulledPart { remote_key, member_id, part: Some(part), is_deleted: false, is_erased: false }
    }

    fn stands(&self, object: Value) -> Stands {
        Stands::Part(self.pulled(object))
    }

    /// Asks for one member. An answer about somebody else is none about them, whatever was made of the two there.
    async fn read(&self, key: &str) -> Result<There, Trouble> {
        let Some(object) = self.api.read(key).await? else { return Ok(There::Nobody) };
        match self.words.is_about(key, &object) {
            Some(true) => Ok(There::Here(object)),
            Some(false) => Ok(There::Another),
            None => Err(Trouble::alone("answer_invalid", "the remote's answer does not say who it is about")),
        }
    }

    async fn one(&self, claimed: &Claimed, guards: &Guards) -> Outcome {
        let call: Call = match serde_json::from_slice(&claimed.frozen) {
            Ok(call) => call,
            Err(error) => return Outcome::NeedsPerson(problem("internal", error.to_string()), None),
        };
        let done = match call {
            Call::Nothing { keys } => {
                Ok(Outcome::Done(keys.into_iter().map(|key| told_nothing(key, false, false)).collect()))
            }
            Call::Label { label } => self.api.put_label(&label).await.map(|()| Outcome::Done(Vec::new())),
            Call::Create { new } => self.create(&new, claimed).await,
            Call::Update { rows, country } => self.update(&rows, country.as_deref()).await,
            Call::Delete { rows, is_erasure } => self.delete(&rows, is_erasure).await,
            Call::Book { book } => self.book(&book, claimed, guards).await,
        };
        done.unwrap_or_else(Outcome::Failed)
    }

    async fn create(&self, new: &New, claimed: &Claimed) -> Result<Outcome, Trouble> {
        let may_be_there = claimed.may_be_there;
        if (self.api.looks_before_creating() || may_be_there)
            && let Some(outcome) = self.taken_for(new, self.api.probe(new).await?)
        {
            return Ok(outcome);
        }
        if may_be_there && claimed.first_sent_at.is_none() && !self.api.capabilities().create.is_idempotent {
            // Another copy of this till's file may have sent it, in other words than these.
            let message = "an older copy of this till's file was put back: this may be at the remote already";
            return Ok(Outcome::NeedsPerson(problem("perhaps_sent", message), None));
        }
        let created = match self.api.create(new).await {
            // Whether the account may not register, or nothing at all any more: then it is not about this member.
            Err(trouble) if trouble.problem.code == "forbidden" => {
                self.api.check().await?;
                return Err(trouble);
            }
            created => created?,
        };
        match created {
            Created::Object(there) if self.words.told_key(&there).is_none() => {
                Err(Trouble::later("answer_invalid", "the remote does not say whom it registered", Effect::Unknown))
            }
            Created::Object(there) => Ok(Outcome::Done(vec![self.stands(there)])),
            Created::Silent => {
                let found = self.api.probe(new).await.map_err(Trouble::after_another)?;
                let not_yet =
                    || Trouble::later("not_there", "what was registered cannot be found there yet", Effect::Unknown);
                self.taken_for(new, found).ok_or_else(not_yet)
            }
            Created::Lacks(held) => Ok(Outcome::HeldBack(held)),
            Created::Exists(key) => match self.read(&key).await.map_err(Trouble::after_another)? {
                There::Here(there) => Ok(self.adopt(new, there)),
                There::Another | There::Nobody => {
                    Err(Trouble::later("not_there", "the remote names a member that it does not have", Effect::None))
                }
            },
        }
    }

    /// What comes of those who may be whom this till registers; `None` where there is nobody.
    fn taken_for(&self, new: &New, mut found: Vec<Value>) -> Option<Outcome> {
        let there = found.pop()?;
        if !found.is_empty() {
            let message = "there are several at the remote who may be this member: look there who it is";
            return Some(Outcome::NeedsPerson(problem("several_there", message), None));
        }
        Some(match self.api.is_stranger(new, &there) {
            Some(problem) => Outcome::NeedsPerson(problem, None),
            None => self.adopt(new, there),
        })
    }

    /// Takes somebody who is there for whom this till registers. Where they stand otherwise, both sides meet.
    fn adopt(&self, new: &New, there: Value) -> Outcome {
        let told = match self.words.read(&there) {
            Ok(_) if self.words.told_key(&there).is_none() => {
                let problem = problem("member_invalid", "the remote does not say who this is");
                return Outcome::NeedsPerson(problem, None);
            }
            Ok(told) => told,
            Err(problem) => return Outcome::NeedsPerson(problem, None),
        };
        let country = new.country.as_deref().and_then(|code| code.parse().ok());
        let is_same = new.said.iter().all(|(path, ours)| {
            told.fields.get(path).is_none_or(|theirs| self.words.is_same(path, ours, theirs, country))
        });
        let stands = self.stands(there);
        if is_same { Outcome::Done(vec![stands]) } else { Outcome::Met(Met::default(), Some(stands)) }
    }

    async fn book(&self, book: &Book, claimed: &Claimed, guards: &Guards) -> Result<Outcome, Trouble> {
        Ok(match self.api.book(book, claimed, guards).await? {
            Booked::Object(there) => Outcome::Done(vec![self.stands(there)]),
            Booked::NeedsPerson(problem, there) => Outcome::NeedsPerson(problem, there.map(|there| self.stands(there))),
            Booked::Gone => gone_there(),
        })
    }

    async fn update(&self, rows: &[RowCall], country: Option<&str>) -> Result<Outcome, Trouble> {
        let country = country.and_then(|code| code.parse().ok());
        let mut stands = Vec::with_capacity(rows.len());
        for row in rows {
            match self.update_row(row, country).await? {
                Outcome::Done(now) => stands.extend(now),
                other => return Ok(other),
            }
        }
        Ok(Outcome::Done(stands))
    }

    async fn update_row(&self, row: &RowCall, country: Option<Country>) -> Result<Outcome, Trouble> {
        for _ in 0..MAX_RACES {
            let there = match self.read(&row.key).await? {
                There::Here(there) => there,
                There::Another => return Ok(Outcome::NeedsPerson(merged_there(), None)),
                There::Nobody => return Ok(gone_there()),
            };
            let told = match self.words.read(&there) {
                Ok(told) => told,
                Err(problem) => return Ok(Outcome::NeedsPerson(problem, None)),
            };
            let mut fields = BTreeMap::new();
            for (path, [before, after]) in &row.fields {
                let same = |one: &Value, other: &Value| self.words.is_same(path, one, other, country);
                // What the remote does not mention stands as this till last knew it.
                let now = told.fields.get(path).unwrap_or(if told.has_group_of(path) { &Value::Null } else { before });
                if same(now, after) {
                    continue;
                }
                if !same(now, before)
                    && !row.others_base.as_ref().is_some_and(|base| same(now, base.get(path).unwrap_or(&Value::Null)))
                {
                    return Ok(Outcome::Met(self.words.met(&there), Some(self.stands(there))));
                }
                fields.insert(path.clone(), after.clone());
            }
            if fields.is_empty() {
                return Ok(Outcome::Done(vec![self.stands(there)]));
            }
            match self.api.update(&row.key, &there, &fields, &row.base).await? {
                Updated::Object(now) if self.words.is_about(&row.key, &now) == Some(true) => {
                    return Ok(Outcome::Done(vec![self.stands(now)]));
                }
                Updated::Object(_) | Updated::Silent => {
                    let stands = match self.read(&row.key).await {
                        Ok(There::Here(now)) => self.stands(now),
                        Ok(There::Another | There::Nobody) | Err(_) => told_nothing(row.key.clone(), false, false),
                    };
                    return Ok(Outcome::Done(vec![stands]));
                }
                Updated::Lacks(held) => return Ok(Outcome::HeldBack(held)),
                Updated::Moved => {}
            }
        }
        Err(Trouble::alone("changed_meanwhile", "somebody else keeps changing this member at the remote"))
    }

    async fn delete(&self, rows: &[RowCall], is_erasure: bool) -> Result<Outcome, Trouble> {
        let mut stands = Vec::with_capacity(rows.len());
        for row in rows {
            let there = match self.read(&row.key).await? {
                There::Here(there) => Some(there),
                There::Another => return Ok(Outcome::NeedsPerson(merged_there(), None)),
                There::Nobody => None,
            };
            if let Some(there) = there {
                let was_changed = match self.words.read(&there) {
                    Ok(told) => told.fields.iter().any(|(path, now)| {
                        !self.words.is_same(path, now, row.base.get(path).unwrap_or(&Value::Null), None)
                    }),
                    Err(_) => true,
                };
                if was_changed && !is_erasure {
                    return Ok(Outcome::Met(self.words.met(&there), Some(self.stands(there))));
                }
                self.api.delete(&row.key).await?;
            }
            stands.push(told_nothing(row.key.clone(), true, is_erasure));
        }
        Ok(Outcome::Done(stands))
    }
}

#[async_trait]
impl<A: Api> Connector for Rest<A> {
    fn remote_id(&self) -> RemoteId {
        self.remote_id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { max_changes: MOST_CHANGES, max_bytes: usize::MAX, ..self.api.capabilities() }
    }

    fn freeze(&self, queued: &QueuedChange, here: &Here<'_>) -> Result<Vec<u8>, Held> {
        let call = Call::of(&queued.change, here, self.words.as_ref(), self.api.capabilities())?;
        Ok(serde_json::to_vec(&call).map_err(|error| problem("internal", error.to_string()))?)
    }

    async fn push(&self, batch: &[Claimed], known: &Known) -> Result<Pushed, Trouble> {
        let hindrance: OnceLock<Trouble> = OnceLock::new();
        let one = async |claimed: &Claimed| {
            if let Some(trouble) = hindrance.get() {
                return Outcome::Failed(Trouble { effect: Effect::NotSent, ..trouble.clone() });
            }
            let outcome = self.one(claimed, &known.guards).await;
            if let Some(trouble) = hinders_all(&outcome) {
                hindrance.get_or_init(|| trouble.clone());
            }
            outcome
        };
        let of_one_member = async |changes: Vec<&Claimed>| {
            // Nothing goes out behind a write of a balance of which nobody knows what became.
            let has_money = changes.iter().any(|claimed| claimed.change.is_money());
            let mut in_doubt: Option<Trouble> = None;
            let mut outcomes = Vec::with_capacity(changes.len());
            for claimed in changes {
                let outcome = match &in_doubt {
                    Some(trouble) => Outcome::Failed(Trouble { effect: Effect::NotSent, ..trouble.clone() }),
                    None => one(claimed).await,
                };
                if let Outcome::Failed(trouble) = &outcome
                    && has_money
                    && trouble.effect == Effect::Unknown
                {
                    in_doubt.get_or_insert_with(|| trouble.clone());
                }
                outcomes.push((claimed.id, outcome));
            }
            outcomes
        };
        let results =
            stream::iter(by_member(batch).into_iter().map(of_one_member)).buffer_unordered(LANES).concat().await;
        Ok(Pushed::Answer(PushAnswer { clock: None, epoch: None, version: None, results }))
    }

    async fn sweep(&self, from: &SweepFrom) -> Result<Swept, Trouble> {
        let Page { rows, next, total } = self.api.page(from).await?;
        Ok(Swept { rows: rows.into_iter().map(|object| self.pulled(object)).collect(), next, total })
    }

    async fn look(&self, key: &[u8]) -> Result<Looked, Trouble> {
        let key = String::from_utf8_lossy(key);
        Ok(match self.read(&key).await? {
            There::Here(object) => {
                Looked::Here(PulledPart { remote_key: key.as_bytes().to_vec(), ..self.pulled(object) })
            }
            // Under this key there is nobody of their own any more: what they had stands under the other one.
            There::Another | There::Nobody if self.api.capabilities().sees_deletions => Looked::Gone,
            There::Another | There::Nobody => Looked::CannotTell,
        })
    }

    async fn find(&self, asked: &Asked) -> Result<Vec<PulledPart>, Trouble> {
        Ok(self.api.search(asked).await?.into_iter().map(|object| self.pulled(object)).collect())
    }

    async fn try_credit(&self, trial: &Trial) -> Result<Tried, Trouble> {
        self.api.try_credit(trial).await
    }

    async fn check(&self) -> Result<Seen, Trouble> {
        self.api.check().await
    }

    async fn lacks(&self) -> Option<Vec<&'static str>> {
        self.api.lacks().await
    }
}

/// The changes of each member, which go one after the other: each writes over what it has just read, money included.
fn by_member(batch: &[Claimed]) -> Vec<Vec<&Claimed>> {
    let mut members: Vec<Vec<&Claimed>> = Vec::with_capacity(batch.len());
    for claimed in batch {
        let same =
            members.iter_mut().find(|changes| claimed.member_id.is_some() && changes[0].member_id == claimed.member_id);
        match same {
            Some(changes) => changes.push(claimed),
            None => members.push(vec![claimed]),
        }
    }
    members
}

/// Whether others need not be tried before this is better: the line is down, the token is refused, or we are to wait.
fn hinders_all(outcome: &Outcome) -> Option<&Trouble> {
    match outcome {
        Outcome::Failed(trouble) if trouble.cure.concerns_all() => Some(trouble),
        _ => None,
    }
}

/// Why nothing is written to somebody who is answered in another's place.
pub(super) fn merged_there() -> Problem {
    problem("merged_there", "the remote has merged this member into another one: change that one, or give this up")
}

/// A row of which the remote was not asked anything.
fn told_nothing(key: String, is_deleted: bool, is_erased: bool) -> Stands {
    let member_id = MemberId::from_uuid(Default::default());
    Stands::Part(PulledPart { remote_key: key.into_bytes(), member_id, part: None, is_deleted, is_erased })
}

fn gone_there() -> Outcome {
    let message = "this member was deleted at the remote meanwhile: register them there again, or give this change up";
    Outcome::NeedsPerson(problem("gone_there", message), None)
}
