//! What a change asks of a remote, frozen before the first byte: the whole of a registration, the fields of an edit with
//! what stood there, the rows of a deletion.

use super::words::Words;
use crate::capabilities::{Capabilities, Credit};
use crate::connector::Here;
use crate::trouble::problem;
use regulars_domain::change::Change;
use regulars_domain::edit::Edit;
use regulars_domain::label::Label;
use regulars_domain::ledger::{EntryKind, LedgerEntry};
use regulars_domain::phone::Country;
use regulars_domain::{EntryId, LocationId, MemberId, Money};
use regulars_store::outbox::{HELD_BACK, Held};
use regulars_store::part::{Known, Row};
use regulars_store::remotes::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a change asks of a remote.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub(super) enum Call {
    /// Nothing: no field of it has a home there.
    Nothing { keys: Vec<String> },
    /// A label of the catalogue.
    Label { label: Label },
    /// A registration.
    Create { new: New },
    /// An edit.
    Update { rows: Vec<RowCall>, country: Option<String> },
    /// A deletion, or an erasure, which nothing overrules.
    Delete { rows: Vec<RowCall>, is_erasure: bool },
    /// Money for a balance.
    Book { book: Book },
}

/// Entries that are to be in a balance.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Book {
    /// The remote's key of the member.
    pub key: String,
    /// Who owes the balance.
    pub issuer: String,
    /// The entries of one change.
    pub entries: Vec<Moved>,
}

/// An entry as a balance needs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Moved {
    /// Its id.
    pub id: EntryId,
    /// What it does.
    pub kind: EntryKind,
    /// What the balance gains.
    pub amount: Money,
}

/// A registration.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct New {
    /// Whom.
    pub member_id: MemberId,
    /// The shop's id at the remote.
    pub pos_id: String,
    /// The country in which numbers are read.
    pub country: Option<String>,
    /// The key, where this till chooses it.
    pub key: Option<String>,
    /// The number in the spellings that the remote may have it in.
    pub phones: Vec<String>,
    /// What is said of them, field by field.
    pub said: BTreeMap<String, Value>,
    /// The body, to the byte.
    pub body: String,
}

/// A row of the remote's that is to be changed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RowCall {
    /// Its key.
    pub key: String,
    /// What this till knew of it, in the remote's words.
    pub base: BTreeMap<String, Value>,
    /// Per field, what the editor saw and what they left.
    pub fields: BTreeMap<String, [Value; 2]>,
    /// Set on a row that the editor did not see, of a member who has several: what this till knew of it.
    pub others_base: Option<BTreeMap<String, Value>>,
}

impl Call {
    pub(super) fn of(
        change: &Change,
        here: &Here<'_>,
        words: &dyn Words,
        capabilities: Capabilities,
    ) -> Result<Self, Held> {
        match change {
            Change::LabelPut { label, .. } if capabilities.has_home("@labels") => {
                Ok(Self::Label { label: label.clone() })
            }
            Change::LocationAdded { .. } | Change::LocationEdited { .. } | Change::LabelPut { .. } => {
                Ok(Self::Nothing { keys: Vec::new() })
            }
            Change::EntryAdded { .. } | Change::VisitAdded { .. } => match capabilities.credit {
                Credit::Balance => Ok(Self::book(change.entries(), here)?),
                Credit::Entries | Credit::Here => {
                    let message = "this remote has no home for credit: it is kept at this till only";
                    Err(problem("no_home_for_money", message).into())
                }
            },
            Change::MemberAdded { member_id, document, location_id, terms, .. } => {
                let known = Known { document: document.clone(), terms: terms.clone() };
                Self::join(*member_id, *location_id, known, here, words)
            }
            Change::MembershipAdded { member_id, location_id, terms, .. } => {
                // What is edited of them since goes out by itself.
                let known = Known { terms: terms.clone(), ..here.member(*member_id, *location_id)? };
                Self::join(*member_id, *location_id, known, here, words)
            }
            Change::MemberEdited { member_id, edit } => Self::edit(*member_id, None, edit, "", here, words),
            Change::MembershipEdited { member_id, location_id, edit } => {
                Self::edit(*member_id, Some(*location_id), edit, "@", here, words)
            }
            Change::MemberRemoved { member_id, .. } | Change::MemberErased { member_id, .. } => {
                let is_erasure = matches!(change, Change::MemberErased { .. });
                let rows = living(here, *member_id)?;
                if !rows.is_empty() && !capabilities.delete {
                    let message = "this remote cannot delete anybody: the member stays there until somebody takes them away by hand";
                    return Err(problem("cannot_delete", message).into());
                }
                let row = |row: Row| RowCall {
                    key: key(&row),
                    base: words.said(&row.known).fields,
                    fields: BTreeMap::new(),
                    others_base: None,
                };
                Ok(Self::Delete { rows: rows.into_iter().map(row).collect(), is_erasure })
            }
        }
    }

    /// Somebody joins a shop: whom the remote does not have there is registered.
    fn join(
        member_id: MemberId,
        location_id: LocationId,
        known: Known,
        here: &Here<'_>,
        words: &dyn Words,
    ) -> Result<Self, Held> {
        let pos_id = here.shops.pos_ids.get(&location_id).cloned();
        let pos_id =
            pos_id.ok_or_else(|| problem("location_unknown", "this till does not know the shop of this change"))?;
        let country = here.shops.countries.get(&location_id).copied();
        let rows = living(here, member_id)?;
        let at_shop: Vec<&Row> =
            rows.iter().filter(|row| !words.is_per_shop() || row.pos_ids.contains(&pos_id)).collect();
        if !at_shop.is_empty() {
            // They are there already. What is said here is said as an edit of what is known.
            let edit = Edit::between(&at_shop[0].known.terms, &known.terms);
            let is_news = edit.fields.values().any(|field| field.before.is_null());
            let added = Edit { fields: edit.fields.into_iter().filter(|(_, field)| field.before.is_null()).collect() };
            return if is_news {
                Self::edit(member_id, Some(location_id), &added, "@", here, words)
            } else {
                Ok(Self::Nothing { keys: at_shop.into_iter().map(key).collect() })
            };
        }
        let said = words.said(&known).fields;
        for (path, value) in &said {
            if let Some(problem) = words.refuses(path, &Value::Null, value) {
                return Err(problem.into());
            }
        }
        if let Some(problem) = words.lacks(&said) {
            return Err(problem.into());
        }
        let phones = known.document.get("phone").map(|phone| spellings(phone, country)).unwrap_or_default();
        let mut new = New {
            member_id,
            pos_id,
            country: country.map(Country::code),
            key: words.chosen_key(member_id, &known),
            phones,
            said,
            body: String::new(),
        };
        new.body = words.body(&new);
        Ok(Self::Create { new })
    }

    /// Money moves the balance of one row. A visit that moved none has no home there.
    fn book(entries: &[LedgerEntry], here: &Here<'_>) -> Result<Self, Problem> {
        let Some(first) = entries.first() else { return Ok(Self::Nothing { keys: Vec::new() }) };
        if entries.iter().any(|entry| (entry.member_id, &entry.issuer) != (first.member_id, &first.issuer)) {
            let message = "this undoes credit of two members who were merged, whose balances there are two: correct both there by hand";
            return Err(problem("several_members", message));
        }
        let mut rows = living(here, first.member_id)?;
        let row = match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => row,
            (Some(_), false) => {
                let message = "the remote has this member several times, each with a balance: merge them there";
                return Err(problem("several_there", message));
            }
            (None, _) => {
                let message = "the remote does not have this member, so it has no balance for their credit";
                return Err(problem("not_there", message));
            }
        };
        let moved = |entry: &LedgerEntry| Moved { id: entry.id, kind: entry.kind, amount: entry.amount };
        let (issuer, entries) = (first.issuer.clone(), entries.iter().map(moved).collect());
        Ok(Self::Book { book: Book { key: key(&row), issuer, entries } })
    }

    fn edit(
        member_id: MemberId,
        location_id: Option<LocationId>,
        edit: &Edit,
        prefix: &str,
        here: &Here<'_>,
        words: &dyn Words,
    ) -> Result<Self, Held> {
        let pos_id = location_id.and_then(|id| here.shops.pos_ids.get(&id));
        let mut rows = living(here, member_id)?;
        rows.retain(|row| !words.is_per_shop() || pos_id.is_none_or(|pos_id| row.pos_ids.contains(pos_id)));
        let Some(first) = rows.first() else {
            let message = "the remote does not have this member: register them there first, or give this change up";
            return Err(problem("not_there", message).into());
        };
        let (mut before, mut after) = (first.known.clone(), first.known.clone());
        for (path, field) in &edit.fields {
            before.set(&format!("{prefix}{path}"), &field.before);
            after.set(&format!("{prefix}{path}"), &field.after);
        }
        let country =
            location_id.and_then(|id| here.shops.countries.get(&id)).or(here.shops.countries.values().next()).copied();
        let fields = difference(&before, &after, words, country);
        let mut refused: Vec<(String, Problem)> = Vec::new();
        for (path, [before, after]) in &fields {
            refused.extend(words.refuses(path, before, after).map(|problem| (path.clone(), problem)));
        }
        if let Some((_, first)) = refused.first().cloned() {
            let fields = refused.into_iter().map(|(path, _)| path.trim_start_matches('@').to_owned()).collect();
            return Err(Held { problem: Problem { code: HELD_BACK.to_owned(), ..first }, fields });
        }
        if fields.is_empty() {
            return Ok(Self::Nothing { keys: rows.iter().map(key).collect() });
        }
        let call = |(index, row): (usize, &Row)| {
            let base = words.said(&row.known).fields;
            RowCall { key: key(row), others_base: (index > 0).then(|| base.clone()), base, fields: fields.clone() }
        };
        Ok(Self::Update { rows: rows.iter().enumerate().map(call).collect(), country: country.map(Country::code) })
    }
}

/// What changes in the remote's words.
fn difference(
    before: &Known,
    after: &Known,
    words: &dyn Words,
    country: Option<Country>,
) -> BTreeMap<String, [Value; 2]> {
    let (before, after) = (words.said(before).fields, words.said(after).fields);
    let paths = before.keys().chain(after.keys());
    let value = |said: &BTreeMap<String, Value>, path: &str| said.get(path).cloned().unwrap_or(Value::Null);
    let pair = |path: &String| (path.clone(), [value(&before, path), value(&after, path)]);
    paths.map(pair).filter(|(path, [before, after])| !words.is_same(path, before, after, country)).collect()
}

fn living(here: &Here<'_>, member: MemberId) -> Result<Vec<Row>, Problem> {
    Ok(here.rows(member)?.into_iter().filter(|row| !row.is_deleted).collect())
}

fn key(row: &Row) -> String {
    String::from_utf8_lossy(&row.remote_key).into_owned()
}

fn spellings(phone: &Value, country: Option<Country>) -> Vec<String> {
    let text = |key: &str| phone.get(key).and_then(Value::as_str);
    regulars_domain::phone::spellings(text("typed").unwrap_or_default(), text("e164"), country)
}
