//! From our words to the protocol's and back.

use crate::connector::{Outcome, Shops};
use crate::trouble::problem;
use regulars_domain::change::Change;
use regulars_domain::ledger::LedgerEntry;
use regulars_domain::{ChangeId, LocationId};
use regulars_protocol::give_back::{self, GivenBack, GivenMember};
use regulars_protocol::pull::{EntryItem, MemberItem, Membership, PullRow, VisitRow};
use regulars_protocol::push::{self, ChangeBody, ChangeResult, Entry, VisitItem};
use regulars_store::healing::{Given, Thing};
use regulars_store::mirror::MirroredMembership;
use regulars_store::outbox::{Met, QueuedChange};
use regulars_store::pull::{PulledLocation, PulledMember, PulledRow, Stands};
use regulars_store::remotes::Problem;

/// A change as bytes.
pub(super) fn change(queued: &QueuedChange, shops: &Shops) -> Result<Vec<u8>, Problem> {
    let body = body(&queued.change, shops)?;
    let change = push::Change {
        id: queued.id,
        incarnation: queued.incarnation,
        number: queued.number,
        made_at: queued.made_at,
        staff_id: queued.staff_id,
        body,
    };
    serde_json::to_vec(&change).map_err(|error| problem("internal", error.to_string()))
}

fn body(change: &Change, shops: &Shops) -> Result<ChangeBody, Problem> {
    let pos_id = |id: &LocationId| {
        let known = shops.pos_ids.get(id).cloned();
        known.ok_or_else(|| problem("location_unknown", "this till does not know the shop of this change"))
    };
    Ok(match change.clone() {
        Change::LocationAdded { location, .. } => ChangeBody::LocationAdded { location },
        Change::LocationEdited { location_id, edit } => {
            ChangeBody::LocationEdited { location: pos_id(&location_id)?, edit }
        }
        Change::MemberAdded { member_id, document, location_id, member_since, terms } => {
            ChangeBody::MemberAdded { member_id, document, location: pos_id(&location_id)?, member_since, terms }
        }
        Change::MemberEdited { member_id, edit } => ChangeBody::MemberEdited { member_id, edit },
        Change::MembershipAdded { member_id, location_id, member_since, terms } => {
            ChangeBody::MembershipAdded { member_id, location: pos_id(&location_id)?, member_since, terms }
        }
        Change::MembershipEdited { member_id, location_id, edit } => {
            ChangeBody::MembershipEdited { member_id, location: pos_id(&location_id)?, edit }
        }
        Change::MemberRemoved { member_id, reason, seen_version } => {
            ChangeBody::MemberRemoved { member_id, reason, seen_version }
        }
        Change::MemberErased { member_id, reason } => ChangeBody::MemberErased { member_id, reason },
        Change::VisitAdded { visit, entries } => {
            let location = pos_id(&visit.location_id)?;
            let entries = entries.into_iter().map(|entry| Ok(wire_entry(entry.clone(), pos_id(&entry.location_id)?)));
            ChangeBody::VisitAdded {
                visit: VisitItem { location, visit: *visit },
                entries: entries.collect::<Result<_, Problem>>()?,
            }
        }
        Change::LabelPut { label, .. } => ChangeBody::LabelPut { label },
        Change::EntryAdded { entry } => {
            let location = pos_id(&entry.location_id)?;
            ChangeBody::EntryAdded { entry: wire_entry(*entry, location) }
        }
    })
}

fn wire_entry(entry: LedgerEntry, location: String) -> Entry {
    Entry {
        id: entry.id,
        account_id: entry.account_id,
        member_id: entry.member_id,
        issuer: entry.issuer,
        kind: entry.kind,
        lot_class: entry.lot_class,
        amount: entry.amount,
        location,
        till_id: entry.till_id,
        staff_id: entry.staff_id,
        business_date: entry.business_date,
        at: entry.at,
        receipt: entry.receipt,
        tender: entry.tender,
        reason: entry.reason,
        source_entry_id: entry.source_entry_id,
        visit_id: entry.visit_id,
        expires_on: entry.expires_on,
        source: entry.source,
        authorisation_id: entry.authorisation_id,
    }
}

/// A row of a pull, with the cursor behind it.
pub(super) fn row(row: PullRow) -> (i64, PulledRow) {
    match row {
        PullRow::Member(item) => (item.version, PulledRow::Member(member(item))),
        PullRow::Entry(EntryItem { version, entry }) => {
            let (entry, pos_id) = our_entry(entry);
            (version, PulledRow::Entry { entry: Box::new(entry), pos_id })
        }
        PullRow::Visit(VisitRow { version, visit: VisitItem { location, visit } }) => {
            (version, PulledRow::Visit { visit: Box::new(visit), pos_id: location })
        }
    }
}

/// A shop. Its code is its id at head office.
pub(super) fn location(location: regulars_domain::location::Location) -> PulledLocation {
    PulledLocation { pos_id: location.code.clone(), location }
}

/// What became of a change.
pub(super) fn outcome(result: ChangeResult) -> (ChangeId, Outcome) {
    let stands = result.member.map(|item| Stands::Whole(member(item)));
    let outcome = match result.outcome {
        push::Outcome::Applied | push::Outcome::Duplicate => Outcome::Done(stands.into_iter().collect()),
        push::Outcome::Conflict => {
            let met = result.conflict.map(|met| Met { now: Some(met.now), changed_at: met.changed_at });
            Outcome::Met(met.unwrap_or_default(), stands)
        }
        push::Outcome::Rejected => {
            let why = result.problem.map_or_else(
                || problem("rejected", "head office refused this change"),
                |body| Problem { code: body.code, message: body.message, field: body.field },
            );
            match why.code.as_str() {
                "number_reused" => Outcome::NumberTaken,
                "change_id_reused" => Outcome::KnownOtherwise(why, stands),
                _ => Outcome::NeedsPerson(why, stands),
            }
        }
    };
    (result.id, outcome)
}

/// Something that head office lost.
pub(super) fn thing(lost: Thing) -> give_back::Thing {
    match lost {
        Thing::Location(location) => give_back::Thing::Location(location),
        Thing::Label(label) => give_back::Thing::Label(label),
        Thing::Member { member_id, version, document, memberships, is_deleted, is_erased } => {
            let memberships = memberships.into_iter().map(|membership| Membership {
                location: membership.pos_id,
                member_since: membership.member_since,
                terms: membership.terms,
            });
            give_back::Thing::Member(GivenMember {
                id: member_id,
                version,
                document,
                memberships: memberships.collect(),
                is_deleted,
                is_erased,
            })
        }
        Thing::Visit { visit, pos_id } => give_back::Thing::Visit(VisitItem { location: pos_id, visit: *visit }),
        Thing::Entry { entry, pos_id } => give_back::Thing::Entry(wire_entry(*entry, pos_id)),
    }
}

/// What head office made of it.
pub(super) fn given(result: GivenBack) -> Given {
    Given { refused: result.problem.map(|problem| problem.code), member: result.member.map(member) }
}

fn member(item: MemberItem) -> PulledMember {
    let memberships = item.memberships.into_iter();
    PulledMember {
        remote_key: item.id.as_bytes().to_vec(),
        member_id: item.id,
        version: Some(item.version),
        document: item.document.get().to_owned(),
        memberships: memberships
            .map(|membership| MirroredMembership {
                pos_id: membership.location,
                member_since: membership.member_since,
                terms: membership.terms,
            })
            .collect(),
        is_deleted: item.is_deleted,
        is_erased: item.is_erased,
    }
}

/// The shop's id here is filled in when the entry is applied.
fn our_entry(entry: Entry) -> (LedgerEntry, String) {
    let ours = LedgerEntry {
        id: entry.id,
        account_id: entry.account_id,
        member_id: entry.member_id,
        issuer: entry.issuer,
        kind: entry.kind,
        lot_class: entry.lot_class,
        amount: entry.amount,
        location_id: LocationId::from_uuid(Default::default()),
        till_id: entry.till_id,
        staff_id: entry.staff_id,
        business_date: entry.business_date,
        at: entry.at,
        receipt: entry.receipt,
        tender: entry.tender,
        reason: entry.reason,
        source_entry_id: entry.source_entry_id,
        visit_id: entry.visit_id,
        expires_on: entry.expires_on,
        source: entry.source,
        authorisation_id: entry.authorisation_id,
    };
    (ours, entry.location)
}
