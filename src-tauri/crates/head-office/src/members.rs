//! What a change does to members, and to what holds for them at a shop.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::cards::give_cards;
use crate::effects::{check_location, member_unknown, publish, visible_member};
use crate::error::HeadOfficeError;
use crate::expiry;
use crate::lives::keep_before;
use crate::purse::{Purse, group, root};
use crate::removing::{Kept, back_again, bring_back_if_owed, gone};
use crate::storage::{Entity, FeedRow, FieldTimes, Rows, StoredMember};
use regulars_domain::edit::{Document, Edit, Reconciled};
use regulars_domain::member::Member;
use regulars_domain::membership::Terms;
use regulars_domain::{Date, MemberId, Refusal, Timestamp};
use regulars_protocol::pull::Membership;
use std::collections::{BTreeMap, BTreeSet};

/// A member who is there already, and says the same, joins the shop; one who says something else is a conflict.
pub(crate) fn add_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    document: &Document,
    joining: &Membership,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let member = Member::read(document)?;
    Terms::read(&joining.terms)?;
    check_location(rows, access, &joining.location)?;
    let Some(stored) = rows.find_member(id)? else {
        let into = merged_into(rows, access, id, None, &member)?;
        rows.put_membership(id, joining, &FieldTimes::made(at))?;
        return put_member(rows, id, document, &member, into, FieldTimes::made(at), at);
    };
    let known = living(&stored)?;
    // Who was given back by another till, after a copy was put back, may have been edited since they were registered.
    if known != *document && rows.find_before(id)?.is_none() {
        return Err(NoEffect::Conflict(Edit::between(&known, document).fields.into_keys().collect()));
    }
    join(rows, access, id, joining, at)
}

/// Takes the edit where nobody else changed the same fields.
pub(crate) fn edit_member(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    edit: &Edit,
    changed_at: Timestamp,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    let current = Kept::of(rows, id, &stored)?.document;
    if reconciled(edit, &current)?.is_none() {
        return Ok(());
    }
    // What somebody changed after another deleted them wins over the deletion: they are there again.
    let stored = back_again(rows, id, stored, at)?;
    let current = living(&stored)?;
    let Some(merged) = reconciled(edit, &current)? else { return Ok(()) };
    let member = Member::read(&merged)?;
    let into = merged_into(rows, access, id, stored.merged_into, &member)?;
    put_member(rows, id, &merged, &member, into, stored.changed.touched(edit.fields.keys(), changed_at), at)?;
    if into == stored.merged_into {
        return Ok(());
    }
    // What one could use in time may have been taken from the other as expired, or is to run out after all.
    for side in [Some(id), stored.merged_into].into_iter().flatten() {
        for purse in Purse::all_of(rows, side)? {
            expiry::correct(rows, &purse, at)?;
        }
        // Settled they were together: who was deleted may be owed something alone.
        bring_back_if_owed(rows, side, at)?;
    }
    Ok(())
}

/// Takes a member in at a shop, and tells its tills what happened before.
pub(crate) fn join(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    joining: &Membership,
    at: Timestamp,
) -> Result<(), NoEffect> {
    Terms::read(&joining.terms)?;
    check_location(rows, access, &joining.location)?;
    let stored = rows.find_member(id)?.ok_or_else(member_unknown)?;
    if let Some(known) = membership_at(rows, id, &joining.location)? {
        // Another till took them in meanwhile: what this one says of them is an edit of nothing, and the earlier day counts.
        let edit = Edit::between(&Document::new(), &joining.terms);
        put_terms(rows, id, stored, &joining.location, &edit, at)?;
        return begin_earlier(rows, id, &known, joining.member_since, at);
    }
    Kept::of(rows, id, &stored)?;
    let stored = back_again(rows, id, stored, at)?;
    rows.put_membership(id, joining, &FieldTimes::made(at))?;
    tell_with_past(rows, id, stored, at)?;
    Ok(gather(rows, id, at)?)
}

/// Two tills may have taken somebody in who heard of each other late: they are a member there since the first.
fn begin_earlier(
    rows: &mut dyn Rows,
    id: MemberId,
    known: &Membership,
    member_since: Date,
    at: Timestamp,
) -> Result<(), NoEffect> {
    if known.member_since <= member_since {
        return Ok(());
    }
    let Some(stored) = rows.find_member(id)?.filter(|stored| !stored.is_deleted) else { return Ok(()) };
    let Some(now) = membership_at(rows, id, &known.location)? else { return Ok(()) };
    let changed = rows.terms_changed(id, &known.location)?;
    rows.put_membership(id, &Membership { member_since, ..now }, &changed)?;
    Ok(tell_anew(rows, id, stored, at)?)
}

/// Takes every row of a person in wherever another one belongs. Their credit is counted together: a till that knows one of
/// them, and may not see other shops, would otherwise lack what the others have. What holds for one of them there holds for
/// the others, a hold first of all.
pub(crate) fn gather(rows: &mut dyn Rows, id: MemberId, at: Timestamp) -> Result<(), HeadOfficeError> {
    let person = group(rows, id)?;
    let mut shops: BTreeMap<String, (Membership, FieldTimes)> = BTreeMap::new();
    for one in &person {
        for membership in rows.list_memberships(*one)? {
            let changed = rows.terms_changed(*one, &membership.location)?;
            let Some((best, times)) = shops.get_mut(&membership.location) else {
                shops.insert(membership.location.clone(), (membership, changed));
                continue;
            };
            let member_since = best.member_since.min(membership.member_since);
            if weight(&membership.terms) > weight(&best.terms) {
                (*best, *times) = (membership, changed);
            }
            best.member_since = member_since;
        }
    }
    for one in person {
        let Some(stored) = rows.find_member(one)?.filter(|stored| !stored.is_erased) else { continue };
        let known = rows.list_memberships(one)?;
        let is_new = |location: &str| !known.iter().any(|known| known.location == location);
        let mut is_told = true;
        for (membership, changed) in shops.values().filter(|(membership, _)| is_new(&membership.location)) {
            // Of who is deleted nothing is kept where they belong.
            let terms = if stored.is_deleted { Document::new() } else { membership.terms.clone() };
            rows.put_membership(one, &Membership { terms, ..membership.clone() }, changed)?;
            is_told = false;
        }
        if !is_told {
            tell_with_past(rows, one, stored, at)?;
        }
    }
    Ok(())
}

fn weight(terms: &Document) -> (bool, usize) {
    (terms.contains_key("hold"), terms.len())
}

/// Tells of a member who is new in a shop. Its tills are behind what was before already: they are told that anew too.
fn tell_with_past(
    rows: &mut dyn Rows,
    id: MemberId,
    stored: StoredMember,
    at: Timestamp,
) -> Result<(), HeadOfficeError> {
    tell_anew(rows, id, stored, at)?;
    for (visit, was_at) in rows.list_visits(id)? {
        let version = rows.next_version()?;
        publish(rows, id, Some(&was_at), FeedRow { version, entity: Entity::Visit(visit) })?;
    }
    for (entry, booked_at) in rows.list_entries(id)? {
        let version = rows.next_version()?;
        publish(rows, id, Some(&booked_at), FeedRow { version, entity: Entity::Entry(entry) })?;
    }
    Ok(())
}

/// Takes an edit of what holds for a member at a shop where nobody else changed the same fields.
pub(crate) fn edit_terms(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    location: &str,
    edit: &Edit,
    at: Timestamp,
) -> Result<(), NoEffect> {
    check_location(rows, access, location)?;
    let stored = visible_member(rows, access, id)?.ok_or_else(member_unknown)?;
    put_terms(rows, id, stored, location, edit, at)
}

fn put_terms(
    rows: &mut dyn Rows,
    id: MemberId,
    stored: StoredMember,
    location: &str,
    edit: &Edit,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let known = membership_at(rows, id, location)?.ok_or(Refusal::NotAMemberHere)?;
    let current = match stored.is_deleted {
        true => Kept::of(rows, id, &stored)?.terms.remove(location).unwrap_or_default().terms,
        false => known.terms.clone(),
    };
    let Some(terms) = reconciled(edit, &current)? else { return Ok(()) };
    Terms::read(&terms)?;
    keep_before(rows, id)?;
    let stored = back_again(rows, id, stored, at)?;
    let changed = rows.terms_changed(id, location)?.touched(edit.fields.keys(), at);
    rows.put_membership(id, &Membership { terms, ..known }, &changed)?;
    Ok(tell_anew(rows, id, stored, at)?)
}

/// The document with the edit in it; `None` where that changes nothing.
fn reconciled(edit: &Edit, current: &Document) -> Result<Option<Document>, NoEffect> {
    match edit.reconcile(current) {
        Reconciled::Conflict(fields) => Err(NoEffect::Conflict(fields)),
        Reconciled::Merged(merged) => Ok((merged != *current).then_some(merged)),
    }
}

fn membership_at(rows: &mut dyn Rows, id: MemberId, location: &str) -> Result<Option<Membership>, HeadOfficeError> {
    Ok(rows.list_memberships(id)?.into_iter().find(|membership| membership.location == location))
}

/// The document of a member who is still there.
pub(crate) fn living(stored: &StoredMember) -> Result<Document, NoEffect> {
    if stored.is_deleted {
        return Err(gone(stored));
    }
    Ok(serde_json::from_str(&stored.document).map_err(HeadOfficeError::from)?)
}

/// Whom the member turned out to be. Credit is counted together then, so it must be somebody whom the token may see.
fn merged_into(
    rows: &mut dyn Rows,
    access: &Access,
    id: MemberId,
    before: Option<MemberId>,
    member: &Member,
) -> Result<Option<MemberId>, NoEffect> {
    let Some(into) = member.merged.as_ref().map(|merged| merged.into) else { return Ok(None) };
    if into == id {
        return Err(Refusal::MergeWithItself.into());
    }
    if before != Some(into) {
        living(&visible_member(rows, access, into)?.ok_or_else(member_unknown)?)?;
    }
    Ok(Some(into))
}

fn put_member(
    rows: &mut dyn Rows,
    id: MemberId,
    document: &Document,
    member: &Member,
    merged_into: Option<MemberId>,
    changed: FieldTimes,
    at: Timestamp,
) -> Result<(), NoEffect> {
    let document = serde_json::to_string(document).map_err(HeadOfficeError::from)?;
    let stored = StoredMember { document, version: 0, is_deleted: false, is_erased: false, merged_into, changed };
    tell_anew(rows, id, stored, at)?;
    give_cards(rows, id, &card_keys(member))
}

/// The cards of a member as they are compared.
pub(crate) fn card_keys(member: &Member) -> BTreeSet<String> {
    let keys = member.cards.keys().map(|serial| regulars_domain::member::key(serial));
    keys.filter(|key| !key.is_empty()).collect()
}

/// Puts a member back as tills had them. Cards that somebody else was given meanwhile stay with that one, and whom the
/// member was merged into may still be to come.
pub(crate) fn put_given(rows: &mut dyn Rows, id: MemberId, document: &Document, at: Timestamp) -> Result<(), NoEffect> {
    let member = Member::read(document)?;
    let merged_into = member.merged.as_ref().map(|merged| merged.into).filter(|into| *into != id);
    let document = serde_json::to_string(document).map_err(HeadOfficeError::from)?;
    tell_anew(rows, id, StoredMember { document, is_deleted: false, merged_into, ..blank() }, at)?;
    for serial in member.cards.keys() {
        let key = regulars_domain::member::key(serial);
        if !key.is_empty() && rows.list_card_holders(&key)?.is_empty() {
            rows.insert_card(id, &key)?;
        }
    }
    Ok(())
}

/// Puts the tombstone of a member back whom this life does not know.
pub(crate) fn put_given_tombstone(
    rows: &mut dyn Rows,
    id: MemberId,
    is_erased: bool,
    at: Timestamp,
) -> Result<(), HeadOfficeError> {
    let document = "{}".to_owned();
    tell_anew(rows, id, StoredMember { document, is_deleted: true, is_erased, ..blank() }, at)
}

/// A member of whom nothing is known. What is given back has no time at which it was changed: it is older than all.
fn blank() -> StoredMember {
    StoredMember {
        document: String::new(),
        version: 0,
        is_deleted: false,
        is_erased: false,
        merged_into: None,
        changed: FieldTimes::default(),
    }
}

/// A member who is given back without a shop that the token may see.
pub(crate) fn member_unknown_where() -> NoEffect {
    rejected("location_not_allowed", "this till may not serve a shop of this member")
}

/// Stores a member at a new version, and tells the tills of every shop that they belong to. Whoever has other credit by
/// that, since somebody was merged into them or is no longer, is told anew too: who saw the sum before has seen an
/// older version.
pub(crate) fn tell_anew(
    rows: &mut dyn Rows,
    id: MemberId,
    member: StoredMember,
    at: Timestamp,
) -> Result<(), HeadOfficeError> {
    keep_before(rows, id)?;
    let (before, into) = (rows.find_merged_into(id)?, member.merged_into);
    let version = rows.next_version()?;
    rows.put_member(id, &StoredMember { version, ..member }, at)?;
    publish(rows, id, None, FeedRow { version, entity: Entity::Member(id) })?;
    if before == into {
        return Ok(());
    }
    for target in [before, into].into_iter().flatten() {
        let person = root(rows, target)?;
        if let Some(stored) = rows.find_member(person)?.filter(|stored| !stored.is_deleted) {
            tell_anew(rows, person, stored, at)?;
        }
    }
    if into.is_some() {
        hold_on(rows, id, at)?;
    }
    gather(rows, id, at)
}

/// Somebody on hold turned out to be somebody else: what is meant for the person holds for that one, also in shops that
/// whoever found it out may not see. Once: where it is lifted afterwards, it stays so.
fn hold_on(rows: &mut dyn Rows, alias: MemberId, at: Timestamp) -> Result<(), HeadOfficeError> {
    let person = root(rows, alias)?;
    let Some(stored) = rows.find_member(person)?.filter(|stored| !stored.is_deleted) else { return Ok(()) };
    let there = rows.list_memberships(person)?;
    let mut is_told = true;
    for held in rows.list_memberships(alias)? {
        let Some(hold) = held.terms.get("hold") else { continue };
        let known = there.iter().find(|known| known.location == held.location && !known.terms.contains_key("hold"));
        let Some(mut known) = known.cloned() else { continue };
        known.terms.insert("hold".to_owned(), hold.clone());
        let changed = rows.terms_changed(person, &held.location)?.touched([&"hold".to_owned()].into_iter(), at);
        rows.put_membership(person, &known, &changed)?;
        is_told = false;
    }
    if is_told { Ok(()) } else { tell_anew(rows, person, stored, at) }
}
