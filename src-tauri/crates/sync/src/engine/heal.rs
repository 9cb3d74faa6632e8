//! Giving back what a remote lost, a batch at a time, once a whole pull has told what it still has.

use super::{Engine, Exchange, begin_to_heal};
use crate::connector::{Connector, Returned};
use crate::trouble::Cure;
use regulars_domain::RemoteId;
use regulars_store::healing::{self, Lost};
use regulars_store::pull::Source;
use regulars_store::remotes::{self, Remote};
use regulars_store::{Priority, StoreError, Transaction};
use std::sync::Arc;

/// Most things in one request: far below the four megabytes that head office reads, members being some hundred bytes.
pub(super) const GIVE_AT_MOST: u32 = 250;

impl Engine {
    /// Gives back the next batch. Answers whether there may be more to do.
    pub(super) async fn give_back(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        let (id, limit) = (remote.id, exchange.give_limit);
        let things = self.write(move |tx| healing::next(tx, id, limit)).await?;
        let (Some(epoch), true) = (remote.epoch.clone(), !things.is_empty() && connector.capabilities().takes_back)
        else {
            self.write(move |tx| healing::end(tx, id)).await?;
            // What was given back has new versions there. Once: what the remote does not take would go round for ever.
            exchange.wants_pull = exchange.is_whole && !std::mem::replace(&mut exchange.has_given_back, true);
            return Ok(true);
        };
        let asked_at = self.clock.now();
        match connector.give_back(&things, &epoch).await {
            Ok(Returned::Answer(given, version)) => {
                exchange.tally.is_answered = Some(true);
                let source = Source { remote_id: id, asked_at, at: self.clock.now() };
                self.write(move |tx| {
                    // Another exchange may have noticed yet another life meanwhile: then nothing is settled by this one.
                    let is_late = remotes::get(tx, id)?.epoch.as_deref() != Some(epoch.as_str());
                    if is_late {
                        return Ok(());
                    }
                    healing::note_told(tx, id, version)?;
                    healing::settle(tx, source, &things, &given)
                })
                .await?;
                Ok(true)
            }
            Ok(Returned::NewLife) => {
                self.begin_to_heal(remote).await?;
                Ok(exchange.may_begin_anew())
            }
            Err(trouble) if trouble.cure == Cure::SendLess => {
                self.give_less(id, things, &trouble.problem.code, exchange).await
            }
            Err(trouble) => {
                self.note_trouble(remote, &trouble).await?;
                exchange.tally.note(trouble);
                Ok(false)
            }
        }
    }

    /// The remote stumbles over something in the batch: it is halved until that stands alone, and then left aside.
    async fn give_less(
        &self,
        remote: RemoteId,
        things: Vec<Lost>,
        code: &str,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        exchange.give_limit = (exchange.give_limit / 2).min(u32::try_from(things.len() / 2).unwrap_or(1)).max(1);
        if let [alone] = things.as_slice() {
            let (alone, code) = (alone.clone(), code.to_owned());
            self.write(move |tx| healing::refuse(tx, remote, &alone, &code)).await?;
        }
        Ok(true)
    }

    /// The remote is not in the life that this till knew when it asked. Another exchange may have noticed that already.
    pub(super) async fn begin_to_heal(&self, asked: &Remote) -> Result<(), StoreError> {
        let (id, known) = (asked.id, asked.epoch.clone());
        self.write(move |tx| {
            let mut remote = remotes::get(tx, id)?;
            if remote.epoch != known {
                return Ok(());
            }
            begin_to_heal(tx, &mut remote)?;
            remotes::update(tx, &remote)
        })
        .await
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store.write_async(Priority::Background, work).await
    }
}
