//! Members who go, and those who come back: a deletion that saw everything leaves a tombstone; a change that it had not
//! seen, or money that it had not, brings the member back; an erasure is for good.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::cards::{give_cards, is_free};
use crate::effects::{member_unknown, visible_member};
use crate::error::HeadOfficeError;
use crate::expiry;
use crate::lives::keep_before;
use crate::members::{card_keys, tell_anew};
use crate::purse::{Purse, group, root};
use crate::storage::{FieldTimes, KeptTerms, Rows, StoredBefore, StoredMember, StoredRemoved};
use regulars_domain::edit::Document;
use regulars_domain::member::Member;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{MemberId, Money, Refusal, TillId, Timestamp};
use regulars_protocol::pull::Membership;
use regulars_protocol::push::ChangeBody;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a deleted member is kept for a till that has not heard of it: a till that was away for longer begins anew.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);
/// Deleted members looked at in one transaction: some tens of milliseconds.
const MEMBERS: usize = 100;

/// What a member says, whether they are there or only kept.
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) terms: BTreeMap<String, KeptTerms>,
}

impl Kept {
    /// The document of a member; of a deleted one what is kept, with the terms.
    pub(crate) fn of(rows: &mut dyn Rows, id: MemberId, stored: &StoredMember) -> Result<Self, NoEffect> {
        let (document, terms) = match stored.is_deleted {
            false => (stored.document.clone(), BTreeMap::new()),
            true => {
                let kept = rows.find_removed(id)?.ok_or_else(|| gone(stored))?;
                (kept.document, kept.terms)
            }
        };
        let document = serde_json::from_str(&document).map_err(HeadOfficeError::from)?;
        Ok(Self { document, terms })
    }
}

/// Why nothing can be done to a member who is gone.
pub(crate) fn gone(stored: &StoredMember) -> NoEffect {
    if stored.is_erased {
        rejected("member_erased", "everything about this member was erased")
    } else {
        rejected("member_deleted", "this member was deleted at head office")
    }
}

/// Leaves a tombstone of a member, once nothing is owed to them or by them, and keeps what they were for a change that
/// nobody had seen. Where there is such a change already, that one wins and they stay; so does a row of the same person that
/// is still here, for whoever deleted this one has not heard of it or may not delete it. Who names nothing that they saw
/// deletes all rows that turned out to be this one.
pub(crate) fn remove_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    reason: &str,
    seen: Option<(i64, TillId)>,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    if stored.is_deleted {
        return Ok(());
    }
    check_reason(reason)?;
    if let Some((seen, till)) = seen
        && rows.has_foreign_change(id, seen, till)?
        && !is_planted(Mistake::UnseenEditDeleted)
    {
        return Err(NoEffect::Conflict(Vec::new()));
    }
    let mut going = Vec::new();
    for one in below(rows, id)? {
        going.extend(rows.find_member(one)?.filter(|stored| !stored.is_deleted).map(|stored| (one, stored)));
    }
    if seen.is_some() && going.len() > 1 {
        return Err(NoEffect::Conflict(Vec::new()));
    }
    check_settled(rows, id, at)?;
    for (one, stored) in going {
        remove(rows, one, stored, at)?;
    }
    Ok(())
}

fn remove(rows: &mut dyn Rows, id: MemberId, stored: StoredMember, at: Timestamp) -> Result<(), NoEffect> {
    let mut terms = BTreeMap::new();
    for membership in rows.list_memberships(id)? {
        let changed = rows.terms_changed(id, &membership.location)?;
        terms.insert(membership.location, KeptTerms { terms: membership.terms, changed });
    }
    let (document, changed) = (stored.document.clone(), stored.changed.clone());
    rows.put_removed(id, &StoredRemoved { document, changed, terms, at })?;
    leave_tombstone(rows, id, stored, at)
}

/// A member and everybody who turned out to be them, without those that they turned out to be.
fn below(rows: &mut dyn Rows, id: MemberId) -> Result<Vec<MemberId>, HeadOfficeError> {
    let (mut above, mut last) = (BTreeSet::from([id]), id);
    while let Some(into) = rows.find_merged_into(last)?.filter(|into| above.insert(*into)) {
        last = into;
    }
    let (mut found, mut next) = (vec![id], 0);
    while let Some(one) = found.get(next).copied() {
        let aliases = rows.list_aliases(one)?;
        found.extend(aliases.into_iter().filter(|alias| above.insert(*alias)));
        next += 1;
    }
    Ok(found)
}

/// Erases a person for good, all rows of them: nothing of them stays but sums, and nothing brings them back. Who turned out to
/// be somebody that still stands is not erased by that name: it was not known whose credit and whose data go with it.
pub(crate) fn erase_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    reason: &str,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    if stored.is_erased {
        return Ok(());
    }
    check_reason(reason)?;
    let last = root(rows, id)?;
    if !is_ring(rows, last, id)? && rows.find_member(last)?.is_some_and(|last| !last.is_deleted) {
        return Err(rejected("merged_there", "this member turned out to be another one: erase that one first"));
    }
    check_settled(rows, id, at)?;
    for one in group(rows, id)? {
        if let Some(stored) = rows.find_member(one)?.filter(|stored| !stored.is_erased) {
            erase(rows, one, stored, at)?;
        }
    }
    Ok(())
}

/// Whether a member is another one, or turned out to be: so they are where the other turned out to be them too.
fn is_ring(rows: &mut dyn Rows, one: MemberId, other: MemberId) -> Result<bool, HeadOfficeError> {
    Ok(one == other || rows.find_merged_into(one)? == Some(other))
}

/// Erases who was erased in a life before: what was settled then is given back entry by entry, after this.
pub(crate) fn erase_again(rows: &mut dyn Rows, access: &Access, id: MemberId, at: Timestamp) -> Result<(), NoEffect> {
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    if stored.is_erased { Ok(()) } else { erase(rows, id, stored, at) }
}

fn erase(rows: &mut dyn Rows, id: MemberId, stored: StoredMember, at: Timestamp) -> Result<(), NoEffect> {
    rows.delete_removed(id)?;
    rows.forget_answers(id)?;
    rows.erase_reasons(id)?;
    // Nor whom they turned out to be: tills do not know it any more either.
    leave_tombstone(rows, id, StoredMember { is_erased: true, merged_into: None, ..stored }, at)?;
    if let Some(before) = rows.find_before(id)? {
        let nothing = StoredBefore { document: Document::new(), memberships: Vec::new(), ..before };
        rows.put_before(id, &nothing)?;
    }
    Ok(())
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::Required { field: "reason" }) } else { Ok(()) }
}

/// Nothing is owed to a person, or by them.
fn check_settled(rows: &mut dyn Rows, id: MemberId, at: Timestamp) -> Result<(), NoEffect> {
    for purse in Purse::all_of(rows, id)? {
        expiry::post_due(rows, &purse, at)?;
        let balance = Money::new(purse.balance(rows)?, purse.currency);
        if balance.minor != 0 {
            return Err(Refusal::BalanceNotSettled { balance }.into());
        }
    }
    Ok(())
}

fn leave_tombstone(rows: &mut dyn Rows, id: MemberId, stored: StoredMember, at: Timestamp) -> Result<(), NoEffect> {
    keep_before(rows, id)?;
    give_cards(rows, id, &BTreeSet::new())?;
    for membership in rows.list_memberships(id)? {
        rows.put_membership(id, &Membership { terms: Document::new(), ..membership }, &FieldTimes::default())?;
    }
    let changed = FieldTimes::default();
    let tombstone = StoredMember { document: "{}".to_owned(), is_deleted: true, changed, ..stored };
    Ok(tell_anew(rows, id, tombstone, at)?)
}

/// A member as they are; one who was deleted is there again first, as they were.
pub(crate) fn back_again(
    rows: &mut dyn Rows,
    id: MemberId,
    stored: StoredMember,
    at: Timestamp,
) -> Result<StoredMember, NoEffect> {
    if !stored.is_deleted {
        return Ok(stored);
    }
    let kept = rows.find_removed(id)?.ok_or_else(|| gone(&stored))?;
    let mut document: Document = serde_json::from_str(&kept.document).map_err(HeadOfficeError::from)?;
    leave_out_taken_cards(rows, id, &mut document)?;
    let member = Member::read(&document)?;
    keep_before(rows, id)?;
    for membership in rows.list_memberships(id)? {
        let KeptTerms { terms, changed } = kept.terms.get(&membership.location).cloned().unwrap_or_default();
        rows.put_membership(id, &Membership { terms, ..membership }, &changed)?;
    }
    let document = serde_json::to_string(&document).map_err(HeadOfficeError::from)?;
    let back = StoredMember { document, is_deleted: false, changed: kept.changed, ..stored };
    tell_anew(rows, id, back, at)?;
    give_cards(rows, id, &card_keys(&member))?;
    rows.delete_removed(id)?;
    tracing::info!(%id, %at, "a deleted member is there again");
    // With all rows of them: credit is counted together.
    for one in group(rows, id)? {
        let Some(other) = rows.find_member(one)?.filter(|other| other.is_deleted) else { continue };
        if rows.find_removed(one)?.is_some() {
            back_again(rows, one, other, at)?;
        }
    }
    rows.find_member(id)?.ok_or_else(member_unknown)
}

/// A card that somebody else got meanwhile is theirs.
fn leave_out_taken_cards(rows: &mut dyn Rows, id: MemberId, document: &mut Document) -> Result<(), NoEffect> {
    let Some(cards) = document.get_mut("cards").and_then(serde_json::Value::as_object_mut) else { return Ok(()) };
    let mut taken = Vec::new();
    for serial in cards.keys() {
        if !is_free(rows, id, &regulars_domain::member::key(serial))? {
            taken.push(serial.clone());
        }
    }
    cards.retain(|serial, _| !taken.contains(serial));
    if cards.is_empty() {
        document.remove("cards");
    }
    Ok(())
}

/// Brings back who was deleted and is owed something after all, or owes it, with all rows of them.
pub(crate) fn bring_back_if_owed(rows: &mut dyn Rows, id: MemberId, at: Timestamp) -> Result<(), NoEffect> {
    for one in group(rows, id)? {
        let Some(stored) = rows.find_member(one)?.filter(|stored| stored.is_deleted) else { continue };
        if rows.find_removed(one)?.is_some() && !is_settled(rows, one)? {
            back_again(rows, one, stored, at)?;
        }
    }
    Ok(())
}

fn is_settled(rows: &mut dyn Rows, id: MemberId) -> Result<bool, HeadOfficeError> {
    for purse in Purse::all_of(rows, id)? {
        if purse.balance(rows)? != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A change that met others in a deleted member brings them back too: it is merged with what they were.
pub(crate) fn bring_back_for(rows: &mut dyn Rows, body: &ChangeBody, at: Timestamp) -> Result<(), NoEffect> {
    match body {
        ChangeBody::MemberEdited { member_id, .. }
        | ChangeBody::MembershipEdited { member_id, .. }
        | ChangeBody::MembershipAdded { member_id, .. } => match rows.find_member(*member_id)? {
            Some(stored) => back_again(rows, *member_id, stored, at).map(|_| ()),
            None => Ok(()),
        },
        // Nobody goes in part.
        ChangeBody::MemberRemoved { member_id, .. } => {
            for one in group(rows, *member_id)? {
                if let Some(stored) = rows.find_member(one)?.filter(|stored| stored.is_deleted && !stored.is_erased) {
                    back_again(rows, one, stored, at)?;
                }
            }
            Ok(())
        }
        ChangeBody::LocationAdded { .. }
        | ChangeBody::LocationEdited { .. }
        | ChangeBody::MemberAdded { .. }
        | ChangeBody::MemberErased { .. }
        | ChangeBody::EntryAdded { .. }
        | ChangeBody::VisitAdded { .. }
        | ChangeBody::LabelPut { .. } => Ok(()),
    }
}

/// Forgets members who were deleted so long ago that no till can still have something to say of them, and who are owed
/// nothing. Answers where to go on; nothing after the last.
pub(crate) fn forget(
    rows: &mut dyn Rows,
    at: Timestamp,
    after: Option<MemberId>,
) -> Result<Option<MemberId>, HeadOfficeError> {
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    let before = Timestamp::from_millis(at.as_millis().saturating_sub(kept));
    let found = rows.list_removed(before, after, MEMBERS)?;
    for id in &found {
        if is_settled(rows, *id)? {
            rows.delete_removed(*id)?;
        }
    }
    Ok(found.get(MEMBERS - 1).copied())
}
