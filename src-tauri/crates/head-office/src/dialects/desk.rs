//! What every dialect does with members: finding them as its token may see them, and changing them by the changes of
//! the native protocol.

use crate::access::Access;
use crate::apply::{self, NoEffect};
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use crate::purse::{Purse, group, root};
use crate::removing::{back_again, gone};
use crate::storage::{ListedMember, MemberKey, MemberQuery, Rows, Scope};
use regulars_domain::edit::Document;
use regulars_domain::location::Location;
use regulars_domain::member::{self, LoyaltyCard, Member, Typed};
use regulars_domain::membership::Terms;
use regulars_domain::phone::Phone;
use regulars_domain::{ChangeId, Date, Incarnation, MemberId, Money, TillId, Timestamp, fold};
use regulars_protocol::error::ErrorBody;
use regulars_protocol::pull::Membership;
use regulars_protocol::push::{Change, ChangeBody, Entry, Outcome, PushRequest};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Members read at once where all of them are looked through.
const SLICE: i64 = 1_000;

/// The members, for somebody with a token, in one transaction.
pub(super) struct Desk<'a> {
    pub(super) rows: &'a mut dyn Rows,
    pub(super) access: &'a Access,
    pub(super) at: Timestamp,
    pub(super) office: &'a HeadOffice,
}

/// A member as a token sees them: the person, and what holds at one of its shops.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) id: MemberId,
    pub(super) version: i64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) document: Document,
    pub(super) member: Member,
    /// The shop whose terms these are.
    pub(super) place: Location,
    pub(super) terms_document: Document,
    pub(super) terms: Terms,
}

impl Desk<'_> {
    /// Whether the token has a right, in whatever capitals.
    pub(super) fn may(&self, right: &str) -> bool {
        self.access.rights.iter().any(|has| has.eq_ignore_ascii_case(right) || has.eq_ignore_ascii_case("admin"))
    }

    /// The shop that new members join.
    pub(super) fn home(&mut self) -> Result<Location, HeadOfficeError> {
        let found = match &self.access.scope {
            Scope::All => self.rows.list_locations(0)?.into_iter().next(),
            Scope::Locations(codes) => match codes.first() {
                Some(code) => self.rows.find_location(code)?,
                None => None,
            },
        };
        found.ok_or_else(|| HeadOfficeError::Invalid("head office has no shop yet".to_owned()))
    }

    /// The shop of a code, where the token may act for it.
    pub(super) fn place(&mut self, code: &str) -> Result<Option<Location>, HeadOfficeError> {
        let Ok(code) = regulars_domain::location::code(code) else { return Ok(None) };
        if self.access.scope.allows(&code) { self.rows.find_location(&code) } else { Ok(None) }
    }

    /// A member, or whom they turned out to be.
    pub(super) fn find(&mut self, id: MemberId) -> Result<Option<Seen>, HeadOfficeError> {
        let person = root(self.rows, id)?;
        self.find_exact(person)
    }

    /// A member under their own id.
    pub(super) fn find_exact(&mut self, id: MemberId) -> Result<Option<Seen>, HeadOfficeError> {
        match self.rows.find_listed(id)? {
            Some(listed) => self.see(listed, None),
            None => Ok(None),
        }
    }

    /// A member at one shop.
    pub(super) fn find_at(&mut self, id: MemberId, code: &str) -> Result<Option<Seen>, HeadOfficeError> {
        match self.rows.find_listed(id)? {
            Some(listed) => self.see(listed, Some(code)),
            None => Ok(None),
        }
    }

    /// Who has a number, address or reference, as far as the token sees; aliases as whom they turned out to be.
    pub(super) fn find_by(&mut self, key: &MemberKey) -> Result<Vec<Seen>, HeadOfficeError> {
        let ids = self.rows.list_by_key(key)?;
        self.find_all(ids)
    }

    /// Who has a card; one that came in with an alias is of whom that one turned out to be.
    pub(super) fn find_by_card(&mut self, serial: &str) -> Result<Vec<Seen>, HeadOfficeError> {
        let ids = self.rows.list_card_holders(&member::key(serial))?;
        self.find_all(ids)
    }

    fn find_all(&mut self, ids: Vec<MemberId>) -> Result<Vec<Seen>, HeadOfficeError> {
        let mut found: Vec<Seen> = Vec::new();
        for id in ids {
            if let Some(seen) = self.find(id)?.filter(|seen| found.iter().all(|other| other.id != seen.id)) {
                found.push(seen);
            }
        }
        Ok(found)
    }

    /// Who has a phone number, in whichever spelling it was typed in a shop.
    pub(super) fn find_by_phone(&mut self, typed: &str, place: &Location) -> Result<Vec<Seen>, HeadOfficeError> {
        let typed = typed.trim();
        let mut found = self.find_by(&MemberKey::TypedPhone(typed.to_owned()))?;
        if let Some(e164) = Phone::parse(typed, place.phone_country()?).ok().and_then(|phone| phone.e164) {
            for seen in self.find_by(&MemberKey::E164(e164))? {
                if found.iter().all(|other| other.id != seen.id) {
                    found.push(seen);
                }
            }
        }
        found.sort_by_key(|seen| seen.id);
        Ok(found)
    }

    /// A page of members.
    pub(super) fn page(&mut self, query: &MemberQuery) -> Result<Vec<Seen>, HeadOfficeError> {
        let mut page = Vec::new();
        for listed in self.rows.list_members(query)? {
            page.extend(self.see(listed, None)?);
        }
        Ok(page)
    }

    /// Looks at every member in turn.
    pub(super) fn each<E: From<HeadOfficeError>>(
        &mut self,
        mut look: impl FnMut(&mut Self, Seen) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = MemberQuery::of(self.access.scope.clone(), SLICE);
        loop {
            let slice = self.rows.list_members(&query)?;
            let Some(last) = slice.last() else { return Ok(()) };
            query.after = Some(last.id);
            for listed in slice {
                if let Some(seen) = self.see(listed, None)? {
                    look(self, seen)?;
                }
            }
        }
    }

    /// The member as the token sees them at a shop, or at the first of its shops.
    fn see(&mut self, listed: ListedMember, code: Option<&str>) -> Result<Option<Seen>, HeadOfficeError> {
        let allowed = |membership: &Membership| {
            self.access.scope.allows(&membership.location) && code.is_none_or(|code| membership.location == code)
        };
        let found = self.rows.list_memberships(listed.id)?.into_iter().find(allowed);
        let Some(Membership { location, terms: terms_document, .. }) = found else { return Ok(None) };
        let Some(place) = self.rows.find_location(&location)? else { return Ok(None) };
        let document: Document = serde_json::from_str(&listed.document)?;
        let (Ok(member), Ok(terms)) = (Member::read(&document), Terms::read(&terms_document)) else {
            // Of a newer version: nobody else is to be hidden because of that.
            tracing::warn!(id = %listed.id, "a member cannot be read");
            return Ok(None);
        };
        let ListedMember { id, version, created_at, updated_at, .. } = listed;
        Ok(Some(Seen { id, version, created_at, updated_at, document, member, place, terms_document, terms }))
    }

    /// Registers a member at a shop. A deleted one of that id is there again, as they were, with the patch on top.
    pub(super) fn create(&mut self, id: MemberId, place: &Location, patch: &Value) -> Result<Seen, HeadOfficeError> {
        if let Some(stored) = self.rows.find_member(id)? {
            return self.bring_back(id, stored, patch);
        }
        let typed = typed_at(place, self.at)?;
        let (member_edit, terms_edit) = member::edit(&Document::new(), &Document::new(), patch, typed)?;
        let (mut document, mut terms) = (Document::new(), Document::new());
        member_edit.apply(&mut document);
        terms_edit.apply(&mut terms);
        let member_since = typed.on;
        let location = place.code.clone();
        self.commit(vec![ChangeBody::MemberAdded { member_id: id, document, location, member_since, terms }])?;
        self.find_at(id, &place.code)?.ok_or(HeadOfficeError::Internal)
    }

    fn bring_back(
        &mut self,
        id: MemberId,
        stored: crate::storage::StoredMember,
        patch: &Value,
    ) -> Result<Seen, HeadOfficeError> {
        let is_visible =
            self.rows.list_memberships(id)?.iter().any(|membership| self.access.scope.allows(&membership.location));
        if !is_visible {
            return Err(HeadOfficeError::NotAllowed);
        }
        if !stored.is_deleted {
            return Err(gone_elsewhere().into());
        }
        if stored.is_erased {
            return Err(gone(&stored).into());
        }
        back_again(self.rows, id, stored, self.at)?;
        let seen = self.find_exact(id)?.ok_or(HeadOfficeError::NotAllowed)?;
        self.update(&seen, patch)
    }

    /// Changes a member by a merge patch over what a person would type.
    pub(super) fn update(&mut self, seen: &Seen, patch: &Value) -> Result<Seen, HeadOfficeError> {
        let typed = typed_at(&seen.place, self.at)?;
        let (edit, terms_edit) = member::edit(&seen.document, &seen.terms_document, patch, typed)?;
        let mut changes = Vec::new();
        if !edit.is_empty() {
            changes.push(ChangeBody::MemberEdited { member_id: seen.id, edit });
        }
        if !terms_edit.is_empty() {
            let location = seen.place.code.clone();
            changes.push(ChangeBody::MembershipEdited { member_id: seen.id, location, edit: terms_edit });
        }
        self.commit(changes)?;
        self.find_at(seen.id, &seen.place.code)?.ok_or(HeadOfficeError::Internal)
    }

    /// Takes a known member in at another shop.
    pub(super) fn join(&mut self, seen: &Seen, place: &Location) -> Result<Seen, HeadOfficeError> {
        let (location, terms) = (place.code.clone(), Document::new());
        let member_since = today(place, self.at);
        self.commit(vec![ChangeBody::MembershipAdded { member_id: seen.id, location, member_since, terms }])?;
        self.find_at(seen.id, &place.code)?.ok_or(HeadOfficeError::Internal)
    }

    /// Deletes a member, as the caller sees them now.
    pub(super) fn remove(&mut self, seen: &Seen, reason: &str) -> Result<(), HeadOfficeError> {
        let (member_id, reason) = (seen.id, reason.to_owned());
        self.commit(vec![ChangeBody::MemberRemoved { member_id, reason, seen_version: None }])
    }

    /// The cards of the person that a member is: their own, and those of their aliases.
    pub(super) fn cards(&mut self, seen: &Seen) -> Result<BTreeMap<String, LoyaltyCard>, HeadOfficeError> {
        let mut cards = BTreeMap::new();
        for alias in group(self.rows, seen.id)?.into_iter().filter(|id| *id != seen.id) {
            let Some(stored) = self.rows.find_member(alias)? else { continue };
            let document: Document = serde_json::from_str(&stored.document)?;
            cards.extend(Member::read(&document).map(|member| member.cards).unwrap_or_default());
        }
        cards.extend(seen.member.cards.clone());
        Ok(cards)
    }

    /// What a member's credit comes to at the shop's issuer, and the version of what last happened to it.
    pub(super) fn credit(&mut self, seen: &Seen) -> Result<(Money, i64), HeadOfficeError> {
        let purse = Purse::of(self.rows, seen.id, &seen.place.issuer, seen.place.currency)?;
        let balance = purse.balance(self.rows)?;
        let mut newest = 0;
        for member in purse.accounts.values() {
            newest = newest.max(self.rows.newest_money(*member)?);
        }
        Ok((Money::new(balance, purse.currency), newest))
    }

    /// The lines of that credit, as they happened.
    pub(super) fn entries(&mut self, seen: &Seen) -> Result<Vec<Entry>, HeadOfficeError> {
        let purse = Purse::of(self.rows, seen.id, &seen.place.issuer, seen.place.currency)?;
        let mut entries = purse.entries(self.rows)?;
        entries.sort_by_key(|entry| (entry.at, entry.id));
        Ok(entries)
    }

    /// Books lines of the ledger.
    pub(super) fn book(&mut self, entries: Vec<Entry>) -> Result<(), HeadOfficeError> {
        self.commit(entries.into_iter().map(|entry| ChangeBody::EntryAdded { entry }).collect())
    }

    /// The changes go the way of a till's, and are noted like those: another till's deletion that has not seen them
    /// loses against them.
    fn commit(&mut self, bodies: Vec<ChangeBody>) -> Result<(), HeadOfficeError> {
        if bodies.is_empty() {
            return Ok(());
        }
        let (till_id, incarnation) = (self.till(), Incarnation::from_uuid(self.access.token_id));
        let first = self.rows.newest_number(till_id, incarnation)? + 1;
        let changes = bodies.into_iter().zip(first..).map(|(body, number)| {
            let id = self.mint(ChangeId::mint);
            Change { id, incarnation, number, made_at: self.at, staff_id: None, body }
        });
        let (till_name, at) = (String::new(), Some(self.at));
        let request = PushRequest { till_id, till_name, at, known: None, changes: changes.collect() };
        let done = apply::push(self.rows, self.access, &request, self.at)?.ok_or(HeadOfficeError::Internal)?;
        for result in done.results {
            match (result.outcome, result.problem) {
                (Outcome::Applied | Outcome::Duplicate, _) => {}
                (Outcome::Rejected, Some(problem)) => return Err(HeadOfficeError::Rejected(problem)),
                // What was read in this transaction is what stands there.
                (Outcome::Conflict | Outcome::Rejected, _) => return Err(HeadOfficeError::Internal),
            }
        }
        Ok(())
    }

    /// Whoever has the token counts as one till.
    pub(super) fn till(&self) -> TillId {
        TillId::from_uuid(self.access.token_id)
    }

    /// A new id.
    pub(super) fn mint<T>(&self, mint: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
        mint(self.at, self.office.random())
    }
}

impl Seen {
    /// Whether a name is theirs, but for accents and capitals.
    pub(super) fn is_called(&self, name: &str) -> bool {
        fold::words(&self.member.name.full) == fold::words(name)
    }
}

/// The shop's day.
pub(super) fn today(place: &Location, at: Timestamp) -> Date {
    place.zone().business_date(at)
}

/// An id that follows from another system's own: the same there is the same here (UUIDv8, RFC 9562 §5.8).
pub(super) fn derived(what: &str, text: &str) -> Uuid {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(what.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn typed_at(place: &Location, at: Timestamp) -> Result<Typed, HeadOfficeError> {
    Ok(Typed { country: place.phone_country()?, on: today(place, at), at })
}

fn gone_elsewhere() -> NoEffect {
    let message = "this id is another member's".to_owned();
    NoEffect::Rejected(ErrorBody { code: "id_taken".to_owned(), message, field: Some("id".to_owned()) })
}

impl From<NoEffect> for HeadOfficeError {
    fn from(why: NoEffect) -> Self {
        match why {
            NoEffect::Rejected(problem) => Self::Rejected(problem),
            NoEffect::Fault(error) => error,
            // What was read in this transaction is what stands there.
            NoEffect::Conflict(_) => Self::Internal,
        }
    }
}
