//! Comparing what is here with what the remote has, once a day, and fetching anew the part that differs.
//!
//! Nothing here is urgent: what cannot be compared now is compared after a later exchange, and trouble on the way stops
//! neither push nor pull.

use super::{Engine, Exchange};
use crate::connector::{Connector, Part, Sums, TrueFor};
use crate::trouble::Trouble;
use regulars_store::checksums::{self, Checked, Lacking, Named};
use regulars_store::locations::StoredLocation;
use regulars_store::pull::Source;
use regulars_store::remotes::{self, Remote};
use regulars_store::{Priority, StoreError, Transaction};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How often a shop is compared: what is wrong is found within a day, and head office adds its sums up once a day a till.
const EVERY: Duration = Duration::from_secs(86_400);
/// Rows in one transaction, as of a pull.
const SLICE: usize = 500;

/// What is still to be asked.
#[derive(Debug, Default)]
pub(super) struct Checks {
    left: VecDeque<Check>,
    found: Vec<Comparison>,
}

#[derive(Debug)]
enum Check {
    Sums(StoredLocation),
    Part(StoredLocation, u8),
}

/// How the comparison of a shop came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The shop's code.
    pub location: String,
    /// Parts that differed, and were fetched anew.
    pub differing: i64,
    /// Changes that the remote lacked and is told again.
    pub told_again: i64,
    /// What it lacks and this till cannot tell.
    pub not_ours: i64,
}

impl Engine {
    /// Compares all shops of a remote now. What cannot be compared at this moment, or not at all, is left out.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn compare(&self, connector: &Arc<dyn Connector>) -> Result<Vec<Comparison>, StoreError> {
        let id = connector.remote_id();
        let remote = self.store.read(|tx| remotes::get(tx, id))?;
        let shops = self.store.read(|tx| checksums::list_shops(tx, id))?;
        let mut exchange = Exchange::new(false);
        exchange.has_pulled = true;
        exchange.checks = Some(Checks { left: shops.into_iter().map(Check::Sums).collect(), found: Vec::new() });
        while self.check(connector, &remote, &mut exchange).await? {}
        Ok(exchange.checks.map(|checks| checks.found).unwrap_or_default())
    }

    /// Asks for the sums of a shop that is due, or for a part that differs. Answers whether there was something to ask.
    pub(super) async fn check(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        let can_compare = exchange.has_pulled && remote.is_first_pull_done && connector.capabilities().has_checksums;
        if !can_compare || !self.store.read(|tx| checksums::is_settled(tx, remote.id))? {
            return Ok(false);
        }
        let mut checks = match exchange.checks.take() {
            Some(checks) => checks,
            None => Checks { left: self.due_shops(remote)?, found: Vec::new() },
        };
        let next = checks.left.pop_front();
        let has_asked = next.is_some();
        let is_answered = match next {
            Some(Check::Sums(shop)) => self.compare_sums(connector, remote, &shop, &mut checks).await?,
            Some(Check::Part(shop, part)) => self.fetch_part(connector, remote, &shop, part, &mut checks).await?,
            None => true,
        };
        if !is_answered {
            checks.left.clear();
        }
        exchange.checks = Some(checks);
        Ok(has_asked)
    }

    /// The shops that were not compared for a day, or, after the clock was set back, seem to have been in the future.
    fn due_shops(&self, remote: &Remote) -> Result<VecDeque<Check>, StoreError> {
        let now = self.clock.now();
        let (shops, checked) = self
            .store
            .read(|tx| Ok::<_, StoreError>((checksums::list_shops(tx, remote.id)?, checksums::list_checked(tx)?)))?;
        let is_due = |shop: &StoredLocation| {
            let last = checked.iter().find(|checked| checked.location_id == shop.id);
            last.is_none_or(|last| last.at > now || now.since(last.at) >= EVERY)
        };
        Ok(shops.into_iter().filter(is_due).map(Check::Sums).collect())
    }

    /// Answers whether the remote answered as asked.
    async fn compare_sums(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        shop: &StoredLocation,
        checks: &mut Checks,
    ) -> Result<bool, StoreError> {
        let Sums { true_for, buckets } = match connector.checksums(&shop.pos_id).await {
            Ok(sums) => sums,
            Err(trouble) => return self.note_untold(remote, &trouble).await.map(|()| false),
        };
        let ours = self.store.read(|tx| {
            let is_now = is_true(&remotes::get(tx, connector.remote_id())?, &true_for);
            is_now.then(|| checksums::sum_up(tx, shop)).transpose()
        })?;
        let Some(ours) = ours else { return Ok(true) };
        let differing = ours.differing(&buckets);
        let comparison = Comparison {
            location: shop.location.code.clone(),
            differing: i64::try_from(differing.len()).unwrap_or(i64::MAX),
            told_again: 0,
            not_ours: 0,
        };
        if differing.is_empty() {
            self.note(shop, &comparison).await?;
        } else {
            tracing::warn!(location = shop.location.code, parts = differing.len(), "this till and head office differ");
        }
        checks.found.push(comparison);
        differing.into_iter().for_each(|part| checks.left.push_front(Check::Part(shop.clone(), part)));
        Ok(true)
    }

    /// Answers whether the remote answered as asked, and the answer was still true.
    async fn fetch_part(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        shop: &StoredLocation,
        part: u8,
        checks: &mut Checks,
    ) -> Result<bool, StoreError> {
        let asked_at = self.clock.now();
        let Part { true_for, mut rows } = match connector.bucket(&shop.pos_id, part).await {
            Ok(part) => part,
            Err(trouble) => return self.note_untold(remote, &trouble).await.map(|()| false),
        };
        let id = connector.remote_id();
        if !self.store.read(|tx| Ok::<_, StoreError>(is_true(&remotes::get(tx, id)?, &true_for)))? {
            return Ok(false);
        }
        let source = Source { remote_id: id, asked_at, at: self.clock.now() };
        let mut named = Named::default();
        named.add(&rows);
        while !rows.is_empty() {
            let slice: Vec<_> = rows.drain(..SLICE.min(rows.len())).collect();
            let mut new_id = self.location_ids(source.at);
            let apply = move |tx: &Transaction<'_>| checksums::apply_rows(tx, source, &slice, &mut new_id);
            self.store.write_async(Priority::Background, apply).await?;
        }
        let (of_shop, mut new_id) = (shop.clone(), self.change_ids(source.at));
        let tell = move |tx: &Transaction<'_>| checksums::tell_again(tx, &of_shop, part, &named, &mut new_id);
        let Lacking { told_again, not_ours } = self.store.write_async(Priority::Background, tell).await?;
        let is_last = !checks.left.iter().any(|check| matches!(check, Check::Part(other, _) if other.id == shop.id));
        if let Some(found) = checks.found.iter_mut().find(|found| found.location == shop.location.code) {
            found.told_again += told_again;
            found.not_ours += not_ours;
            if is_last {
                let found = found.clone();
                self.note(shop, &found).await?;
            }
        }
        Ok(true)
    }

    /// What cannot be compared now is compared later; only a remote that asks to wait is obeyed.
    async fn note_untold(&self, remote: &Remote, trouble: &Trouble) -> Result<(), StoreError> {
        tracing::info!(code = trouble.problem.code, "what a remote has was not told");
        if trouble.retry_after.is_some() { self.note_trouble(remote, trouble).await } else { Ok(()) }
    }

    async fn note(&self, shop: &StoredLocation, comparison: &Comparison) -> Result<(), StoreError> {
        let checked = Checked {
            location_id: shop.id,
            at: self.clock.now(),
            differing: comparison.differing,
            told_again: comparison.told_again,
            not_ours: comparison.not_ours,
        };
        self.store.write_async(Priority::Background, move |tx| checksums::note_checked(tx, checked)).await
    }
}

/// Whether what was told is true of what this till has now.
fn is_true(remote: &Remote, true_for: &TrueFor) -> bool {
    let is_same_life = remote.epoch.as_deref() == Some(true_for.epoch.as_str());
    is_same_life && remote.cursor.is_some_and(|cursor| (true_for.from..=true_for.to).contains(&cursor))
}
