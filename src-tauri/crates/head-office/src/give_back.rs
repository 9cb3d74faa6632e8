//! Taking back what an older copy of the database lacks and tills still have.
//!
//! Nothing is overwritten: shops, labels, visits and entries that are there stay as they are, and of a member only that
//! is taken which the life before changed after what is known here of it, where this life has left it alone.

use crate::access::Access;
use crate::apply::{NoEffect, member_item, rejected};
use crate::booking::{add_entry, add_given_visit};
use crate::effects::{add_location, check_location};
use crate::error::HeadOfficeError;
use crate::lives::keep_before;
use crate::members::{gather, member_unknown_where, put_given, put_given_tombstone, tell_anew};
use crate::removing::{erase_again, remove_member};
use crate::storage::{FieldTimes, Rows, StoredBefore, StoredMember};
use regulars_domain::conflict::{Ages, Verdict, decide_all, has_safer_side};
use regulars_domain::edit::{Document, Edit, FieldEdit};
use regulars_domain::label::Label;
use regulars_domain::{MemberId, Timestamp};
use regulars_protocol::give_back::{GiveBackRequest, GiveBackResponse, GivenBack, GivenMember, Thing};
use regulars_protocol::pull::Membership;
use regulars_protocol::push::Entry;
use std::time::Duration;

/// Takes back what a till gives. Must run in a transaction that is committed before the answer is sent.
///
/// # Errors
/// `epoch_changed`; faults of the database.
pub fn take_back(
    rows: &mut dyn Rows,
    access: &Access,
    request: &GiveBackRequest,
    at: Timestamp,
) -> Result<GiveBackResponse, HeadOfficeError> {
    let epoch = rows.epoch()?;
    if request.epoch != epoch {
        return Err(HeadOfficeError::EpochChanged);
    }
    let mut results = Vec::with_capacity(request.things.len());
    for thing in &request.things {
        results.push(take(rows, access, thing, at)?);
    }
    Ok(GiveBackResponse { epoch, at, version: rows.newest_version()?, results })
}

fn take(rows: &mut dyn Rows, access: &Access, thing: &Thing, at: Timestamp) -> Result<GivenBack, HeadOfficeError> {
    rows.begin_part()?;
    let problem = match effect(rows, access, thing, at) {
        Ok(()) => {
            rows.keep_part()?;
            None
        }
        Err(NoEffect::Fault(error)) => return Err(error),
        Err(NoEffect::Conflict(_)) => {
            // Something else stands there, and stays.
            rows.undo_part()?;
            None
        }
        Err(NoEffect::Rejected(problem)) => {
            rows.undo_part()?;
            Some(problem)
        }
    };
    let member = match thing {
        Thing::Member(member) => {
            tell_where_older(rows, member, at)?;
            member_item(rows, access, member.id)?
        }
        Thing::Location(_) | Thing::Label(_) | Thing::Visit(_) | Thing::Entry(_) => None,
    };
    Ok(GivenBack { problem, member })
}

fn effect(rows: &mut dyn Rows, access: &Access, thing: &Thing, at: Timestamp) -> Result<(), NoEffect> {
    match thing {
        Thing::Location(location) => add_location(rows, access, location),
        Thing::Label(label) => take_label(rows, label),
        Thing::Member(member) => take_member(rows, access, member, at),
        Thing::Visit(visit) => add_given_visit(rows, access, visit),
        Thing::Entry(entry) => take_entry(rows, access, entry, at),
    }
}

fn take_label(rows: &mut dyn Rows, label: &Label) -> Result<(), NoEffect> {
    match rows.find_label(&label.name)? {
        Some(_) => Ok(()),
        None => crate::effects::put_label(rows, label),
    }
}

/// Head office makes its own expiries anew, under the same id where they are the same: the instant alone may differ.
fn take_entry(rows: &mut dyn Rows, access: &Access, entry: &Entry, at: Timestamp) -> Result<(), NoEffect> {
    match rows.find_entry(entry.id)? {
        Some(known) if (known.account_id, known.amount, known.kind) == (entry.account_id, entry.amount, entry.kind) => {
            Ok(())
        }
        Some(_) | None => add_entry(rows, access, entry, at),
    }
}

fn take_member(rows: &mut dyn Rows, access: &Access, given: &GivenMember, at: Timestamp) -> Result<(), NoEffect> {
    rows.skip_versions_to(given.version)?;
    let allowed = given.memberships.iter().filter(|membership| access.scope.allows(&membership.location));
    let memberships: Vec<&Membership> = allowed.collect();
    for membership in &memberships {
        check_location(rows, access, &membership.location)?;
    }
    keep_before(rows, given.id)?;
    let base = match rows.find_before(given.id)? {
        Some(before) => before,
        None => of_this_life_alone(rows, given)?,
    };
    // An erasure is for good, whatever else is newer.
    if let Some(stored) = rows.find_member(given.id)?.filter(|stored| stored.is_erased) {
        return tell_erased(rows, given.id, stored, &memberships, at);
    }
    if base.version >= given.version && !given.is_erased {
        return Ok(());
    }
    match rows.find_member(given.id)? {
        None if given.is_erased => put_tombstone(rows, given, &memberships, at)?,
        Some(_) if given.is_erased => {
            return erase_again(rows, access, given.id, at);
        }
        None if memberships.is_empty() => return Err(member_unknown_where()),
        None if given.is_deleted => put_tombstone(rows, given, &memberships, at)?,
        None => merge(rows, given, &base, &memberships, at)?,
        Some(stored) if stored.is_deleted => return Ok(()),
        Some(_) if given.is_deleted => {
            let reason = "deleted in the life before";
            return settled_first(remove_member(rows, access, given.id, reason, None, at));
        }
        Some(_) => merge(rows, given, &base, &memberships, at)?,
    }
    let before = StoredBefore {
        version: given.version,
        document: given.document.clone(),
        memberships: given.memberships.clone(),
    };
    Ok(rows.put_before(given.id, &before)?)
}

/// What stands here counts, taken or not: it comes after whatever the till has seen, or the till would take it for older.
fn tell_where_older(rows: &mut dyn Rows, given: &GivenMember, at: Timestamp) -> Result<(), HeadOfficeError> {
    let Some(stored) = rows.find_member(given.id)?.filter(|stored| stored.version < given.version) else {
        return Ok(());
    };
    rows.skip_versions_to(given.version)?;
    tell_anew(rows, given.id, stored, at)
}

/// A member whom only this life knows has no state before; one whom it does not know has none at all; and one whom it
/// left as the copy had them is that state.
fn of_this_life_alone(rows: &mut dyn Rows, given: &GivenMember) -> Result<StoredBefore, HeadOfficeError> {
    let nothing = StoredBefore { version: 0, document: Document::new(), memberships: Vec::new() };
    let Some(stored) = rows.find_member(given.id)? else { return Ok(nothing) };
    if stored.version >= rows.life_began_at()? {
        return Ok(nothing);
    }
    let document = serde_json::from_str(&stored.document)?;
    Ok(StoredBefore { version: stored.version, document, memberships: rows.list_memberships(given.id)? })
}

fn merge(
    rows: &mut dyn Rows,
    given: &GivenMember,
    base: &StoredBefore,
    memberships: &[&Membership],
    at: Timestamp,
) -> Result<(), NoEffect> {
    let current: Document = match rows.find_member(given.id)? {
        Some(stored) => serde_json::from_str(&stored.document).map_err(HeadOfficeError::from)?,
        None => Document::new(),
    };
    let known = rows.list_memberships(given.id)?;
    for membership in memberships {
        let here = known.iter().find(|known| known.location == membership.location);
        let before = base.memberships.iter().find(|before| before.location == membership.location);
        let terms = match here {
            None => membership.terms.clone(),
            Some(here) => {
                let nothing = Document::new();
                merged(before.map_or(&nothing, |before| &before.terms), &membership.terms, &here.terms)
            }
        };
        let member_since = here.map_or(membership.member_since, |here| here.member_since.min(membership.member_since));
        let location = membership.location.clone();
        rows.put_membership(given.id, &Membership { location, member_since, terms }, &FieldTimes::default())?;
    }
    put_given(rows, given.id, &merged(&base.document, &given.document, &current), at)?;
    Ok(gather(rows, given.id, at)?)
}

/// Money may still be told of a member who was deleted or erased.
fn put_tombstone(
    rows: &mut dyn Rows,
    given: &GivenMember,
    memberships: &[&Membership],
    at: Timestamp,
) -> Result<(), NoEffect> {
    belong_barely(rows, given.id, memberships)?;
    Ok(put_given_tombstone(rows, given.id, given.is_erased, at)?)
}

/// That they belong there, and nothing else.
fn belong_barely(rows: &mut dyn Rows, id: MemberId, memberships: &[&Membership]) -> Result<(), NoEffect> {
    for membership in memberships {
        let bare = Membership { terms: Document::new(), ..(*membership).clone() };
        rows.put_membership(id, &bare, &FieldTimes::default())?;
    }
    Ok(())
}

/// Whoever erased somebody need not have known all of their shops: those hear of it too.
fn tell_erased(
    rows: &mut dyn Rows,
    id: MemberId,
    stored: StoredMember,
    memberships: &[&Membership],
    at: Timestamp,
) -> Result<(), NoEffect> {
    let known = rows.list_memberships(id)?;
    let is_new = |membership: &&&Membership| !known.iter().any(|known| known.location == membership.location);
    let news: Vec<&Membership> = memberships.iter().filter(is_new).copied().collect();
    if news.is_empty() {
        return Ok(());
    }
    belong_barely(rows, id, &news)?;
    Ok(tell_anew(rows, id, stored, at)?)
}

/// What the life before changed, where this life has left it alone; and what wins over whatever had not seen it: a block of
/// a card, a consent that was withdrawn, a hold.
fn merged(before: &Document, given: &Document, current: &Document) -> Document {
    let mut merged = current.clone();
    let edit = Edit::between(before, given);
    // Nobody can say which life was later: of what is no safer either way, this life's stays.
    let at_once = Ages { ours: Duration::ZERO, theirs: Duration::ZERO };
    for (path, decided) in decide_all(&edit, current, |_| at_once) {
        let after = match decided.decision.verdict {
            _ if !has_safer_side(&path) => continue,
            Verdict::Ours => decided.ours,
            Verdict::Combined(both) => both,
            Verdict::Theirs | Verdict::Person => continue,
        };
        let field = FieldEdit { before: decided.theirs, after };
        Edit { fields: [(path, field)].into() }.apply(&mut merged);
    }
    edit.where_untouched(current).apply(&mut merged);
    merged
}

/// Who was deleted and has credit in this life stays: what they have is settled first.
fn settled_first(done: Result<(), NoEffect>) -> Result<(), NoEffect> {
    match done {
        Err(NoEffect::Rejected(problem)) if problem.code == "balance_not_settled" => {
            Err(rejected("balance_not_settled", "a member who was deleted has credit again"))
        }
        done => done,
    }
}
