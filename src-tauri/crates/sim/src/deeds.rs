//! What was done to members, field by field, and what must have become of it: it stands at head office, somebody who saw it
//! changed it, or it is kept as what lost.

use regulars_domain::edit::{self, Document, Edit};
use regulars_domain::{MemberId, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A document of a member: of the person, or of how they stand at a shop, by its code.
pub type Place = (MemberId, Option<String>);

/// Members as somebody sees them.
pub type Sight = BTreeMap<Place, Document>;

/// What is kept at any till as the value of a field that lost, and to what.
pub type Lost = BTreeMap<(MemberId, String, String), Value>;

/// One field of one member that was changed.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Which till, or another client of head office.
    #[expect(dead_code, reason = "told where it is gone")]
    pub by: Option<usize>,
    pub place: Place,
    pub path: String,
    pub before: Value,
    pub after: Value,
    /// By the true time.
    pub at: Timestamp,
}

/// What was done, and by whom it was undone on purpose.
#[derive(Default)]
pub struct Deeds {
    all: Vec<Deed>,
    /// Values that a person gave up, or that may have been.
    given_up: BTreeSet<(Place, String, String)>,
    /// What those saw who deleted a member.
    removals: Vec<(MemberId, Sight)>,
    /// Members of whom nobody knows what was done: the disk failed under it.
    murky: BTreeSet<MemberId>,
}

/// What stands in the end.
pub struct Standing<'a> {
    /// What head office has of everybody who is there.
    pub sight: &'a Sight,
    pub deleted: &'a BTreeSet<MemberId>,
    /// Of whom everything was erased.
    pub erased: &'a BTreeSet<MemberId>,
    pub lost: &'a Lost,
    /// Whether all clocks were right.
    pub clocks_are_right: bool,
}

impl Deeds {
    /// Notes the difference between two sights of the same members.
    pub fn note(&mut self, by: Option<usize>, before: &Sight, after: &Sight, at: Timestamp) {
        let nothing = Document::new();
        for (place, document) in after {
            let before = before.get(place).unwrap_or(&nothing);
            let (edit, labels) = (Edit::between(before, document), changed_labels(before, document));
            let fields = edit.fields.into_iter().map(|(path, field)| (path, field.before, field.after));
            let fields = fields.filter(|(path, ..)| group_of(path) != LABELS).chain(labels);
            self.all.extend(fields.map(|(path, before, after)| {
                let place = place.clone();
                Deed { by, place, path, before, after, at }
            }));
        }
    }

    /// Nobody knows whether it was done.
    pub fn note_murky(&mut self, sight: &Sight) {
        self.murky.extend(sight.keys().map(|(member, _)| *member));
    }

    pub fn note_removal(&mut self, member: MemberId, sight: Sight) {
        self.removals.push((member, sight));
    }

    /// A person gave an edit up.
    pub fn give_up(&mut self, place: &Place, edit: &Edit) {
        for (path, field) in &edit.fields {
            self.given_up.insert((place.clone(), path.clone(), field.after.to_string()));
        }
    }

    /// No change that somebody made is gone without a trace (I7), no block is undone by what had not seen it (I11), no label
    /// that nobody took away is missing, no consent stands that was withdrawn at the same time or later.
    pub fn check(&self, standing: &Standing<'_>) -> Result<(), String> {
        let mut places: BTreeMap<(&Place, &str), Vec<&Deed>> = BTreeMap::new();
        for deed in &self.all {
            places.entry((&deed.place, &deed.path)).or_default().push(deed);
        }
        for ((place, path), deeds) in places {
            let (member, _) = place;
            if standing.erased.contains(member) || self.murky.contains(member) {
                continue;
            }
            let heads = self.heads(&deeds);
            let lost = || standing.lost.iter().filter(|((of, field, _), _)| of == member && field == path);
            let told = |problem: &str, deed: &Deed| {
                let lost: Vec<_> = lost().map(|((_, _, value), to)| format!("{value} to {to}")).collect();
                Err(format!("{problem}: {deed:?}; all: {deeds:#?}; lost: {lost:?}"))
            };
            if standing.deleted.contains(member) {
                let nobody_saw =
                    heads.iter().find(|deed| !self.was_seen_by_a_removal(deed) && !is_lost(deed, standing));
                match nobody_saw {
                    Some(deed) if is_plain(path) => return told("a deletion took what it had not seen", deed),
                    _ => continue,
                }
            }
            let Some(document) = standing.sight.get(place) else { continue };
            let stands = get(document, path).unwrap_or(&Value::Null);
            match group_of(path) {
                "cards" => {
                    // Of two blocks one is as good as the other.
                    let stays = |deed: &&&Deed| winner(deed, standing).is_none_or(is_usable);
                    let block = heads.iter().find(|deed| !is_usable(&deed.after) && stays(deed));
                    if let Some(block) = block.filter(|_| is_usable(stands)) {
                        return told("a card is not blocked any more, though nobody who saw that lifted it", block);
                    }
                }
                LABELS => {
                    let is_only_added = deeds.iter().all(|deed| !deed.after.is_null());
                    if is_only_added && stands.is_null() && !heads.is_empty() {
                        return told("a label that nobody took away is gone", heads[0]);
                    }
                }
                "consents" if standing.clocks_are_right && is_given(stands) => {
                    self.check_consent(&heads)
                        .or_else(|deed| told("a withdrawn consent lost to an older yes", deed))?;
                }
                _ if is_plain(path) => {
                    let gone = heads.iter().find(|deed| deed.after != *stands && !is_lost(deed, standing));
                    if let Some(deed) = gone {
                        return told(&format!("a change is gone, {stands} stands there"), deed);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What nobody changed who had seen it, and nobody gave up. Two said the same: one is enough.
    fn heads<'a>(&self, deeds: &[&'a Deed]) -> Vec<&'a Deed> {
        let is_seen = |deed: &Deed| deeds.iter().any(|later| later.before == deed.after && later.after != deed.after);
        let is_given_up =
            |deed: &Deed| self.given_up.contains(&(deed.place.clone(), deed.path.clone(), deed.after.to_string()));
        deeds.iter().copied().filter(|deed| !is_seen(deed) && !is_given_up(deed)).collect()
    }

    fn was_seen_by_a_removal(&self, deed: &Deed) -> bool {
        let sights = self.removals.iter().filter(|(member, _)| *member == deed.place.0);
        sights.into_iter().any(|(_, sight)| {
            let document = sight.get(&deed.place);
            document.and_then(|document| get(document, &deed.path)).unwrap_or(&Value::Null) == &deed.after
        })
    }

    /// Whether a yes may stand: one that is newer than every no that it had not seen.
    fn check_consent<'a>(&self, heads: &[&'a Deed]) -> Result<(), &'a Deed> {
        let newest_yes = heads.iter().filter(|deed| is_given(&deed.after)).map(|deed| deed.at).max();
        let older = |no: &&&Deed| !is_given(&no.after) && newest_yes.is_none_or(|yes| yes <= no.at);
        heads.iter().find(older).map_or(Ok(()), |no| Err(*no))
    }
}

/// Labels are told apart here and not as the program does: that each is a field of its own is what is looked at.
const LABELS: &str = "labels";

fn group_of(path: &str) -> &str {
    path.split_once('/').map_or(path, |(group, _)| group)
}

fn get<'a>(document: &'a Document, path: &str) -> Option<&'a Value> {
    match path.split_once('/') {
        Some((LABELS, label)) => document.get(LABELS)?.get(label),
        Some(_) | None => edit::get(document, path),
    }
}

/// Which labels came and went: the path, and the value before and after.
fn changed_labels(before: &Document, after: &Document) -> Vec<(String, Value, Value)> {
    let labels = |document: &Document| document.get(LABELS).and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (labels(before), labels(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |labels: &Document, name: &str| labels.get(name).cloned().unwrap_or(Value::Null);
    let all = names.into_iter().map(|name| (format!("{LABELS}/{name}"), value(&before, name), value(&after, name)));
    all.filter(|(_, before, after)| before != after).collect()
}

/// Fields of which each value is made once, so that it can be told where it went.
fn is_plain(path: &str) -> bool {
    matches!(path, "email" | "note" | "phone" | "name" | "home_town" | "from_elsewhere" | "discount_percent")
        || path.starts_with("meta/")
}

fn is_lost(deed: &Deed, standing: &Standing<'_>) -> bool {
    winner(deed, standing).is_some()
}

fn winner<'a>(deed: &Deed, standing: &Standing<'a>) -> Option<&'a Value> {
    standing.lost.get(&(deed.place.0, deed.path.clone(), deed.after.to_string()))
}

fn is_usable(card: &Value) -> bool {
    let status = card.get("status").and_then(Value::as_str).unwrap_or("valid");
    card.is_object() && status == "valid" && card.get("is_active").and_then(Value::as_bool) != Some(false)
}

fn is_given(consent: &Value) -> bool {
    consent.get("is_given").and_then(Value::as_bool) == Some(true)
}
