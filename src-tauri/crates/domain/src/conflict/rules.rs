//! The rule for each kind of field that both sides changed, to different values.

use super::{Decision, Side, Sides, Verdict};
use crate::edit::Document;
use crate::member::CardStatus;
use crate::planted::{Mistake, is_planted};
use crate::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The keys of a card that are one value: where it stands, since when and why, and which one took its place.
const STANDING: [&str; 5] = ["status", "status_at", "status_reason", "is_active", "replaced_by"];

pub(super) fn decide(path: &str, sides: Sides<'_>) -> Decision {
    match path.split_once('/') {
        Some(("labels", _)) => label(sides),
        Some(("cards", _)) => card(sides),
        Some(("consents", _)) => consent(sides),
        Some(_) => newer(sides),
        None => match path {
            "note" => note(sides),
            "phone" | "mobile" => phone(sides),
            "name" => name(sides),
            "birthday" => Decision::by_itself(Verdict::Person),
            "merged" => merged(sides),
            "hold" => hold(sides),
            // An address list, a company, a picture and every other value is one value; so is a field of a newer version.
            _ => newer(sides),
        },
    }
}

/// The newer one stays, the other stays in the history.
fn newer(sides: Sides<'_>) -> Decision {
    Decision::for_side(sides.ages.newer())
}

/// Sets: adding beats taking away.
fn label(sides: Sides<'_>) -> Decision {
    match (is_true(sides.ours), is_true(sides.theirs)) {
        (true, _) => Decision::by_itself(Verdict::Ours),
        (false, true) => Decision::by_itself(Verdict::Theirs),
        (false, false) => newer(sides),
    }
}

/// A hold that either side set stays: it is lifted by somebody who sees it.
fn hold(sides: Sides<'_>) -> Decision {
    match (sides.ours.is_null(), sides.theirs.is_null()) {
        (true, false) => Decision::for_side(Side::Theirs),
        (false, true) => Decision::for_side(Side::Ours),
        (true, true) | (false, false) => newer(sides),
    }
}

/// The longer one where it has the shorter one in it, otherwise a person. Whoever only wrote something more lost nothing by
/// that; whoever took something out did.
fn note(sides: Sides<'_>) -> Decision {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let (before, ours, theirs) = (text(sides.before), text(sides.ours), text(sides.theirs));
    let lost = |shorter: &str, side: Side| (!shorter.contains(&before)).then_some(side);
    if theirs.contains(&ours) {
        Decision { verdict: Verdict::Theirs, lost: lost(&ours, Side::Ours) }
    } else if ours.contains(&theirs) {
        Decision { verdict: Verdict::Ours, lost: lost(&theirs, Side::Theirs) }
    } else {
        Decision::by_itself(Verdict::Person)
    }
}

/// Two spellings of one number are no question; two numbers are.
fn phone(sides: Sides<'_>) -> Decision {
    let e164 = |value: &Value| value.get("e164").and_then(Value::as_str).map(str::to_owned);
    match (e164(sides.ours), e164(sides.theirs)) {
        (Some(ours), Some(theirs)) if ours == theirs => Decision::by_itself(Verdict::Theirs),
        (_, _) => Decision::by_itself(Verdict::Person),
    }
}

/// The full name counts: where both sides agree on that, its parts are no question for a person.
fn name(sides: Sides<'_>) -> Decision {
    let full = |value: &Value| value.get("full").and_then(Value::as_str).map(str::to_owned);
    match (full(sides.ours), full(sides.theirs)) {
        (Some(ours), Some(theirs)) if ours == theirs => newer(sides),
        (_, _) => Decision::by_itself(Verdict::Person),
    }
}

/// A withdrawal wins over an older or simultaneous yes; a newer yes wins over an older no where it says where it was
/// given. How long head office has had a value says less than the instant at which it was given: a yes that arrived late
/// is no newer for that. No answer counts as a no.
fn consent(sides: Sides<'_>) -> Decision {
    let is_yes = |value: &Value| value.get("is_given").is_some_and(is_true);
    let is_evidenced = |value: &Value| {
        let source = value.get("source").and_then(Value::as_str).unwrap_or_default();
        !source.trim().is_empty()
    };
    let at = |value: &Value| value.get("at")?.as_str()?.parse::<Timestamp>().ok();
    let is_later = |yes: &Value, no: &Value| !matches!((at(yes), at(no)), (Some(yes), Some(no)) if yes <= no);
    match (is_yes(sides.ours), is_yes(sides.theirs)) {
        (true, false) if is_planted(Mistake::ConsentWithdrawnLoses) => Decision::for_side(Side::Ours),
        (false, true) if is_planted(Mistake::ConsentWithdrawnLoses) => Decision::for_side(Side::Theirs),
        (true, true) | (false, false) => newer(sides),
        (true, false)
            if sides.ages.ours < sides.ages.theirs
                && is_evidenced(sides.ours)
                && is_later(sides.ours, sides.theirs) =>
        {
            Decision::for_side(Side::Ours)
        }
        (true, false) => Decision::for_side(Side::Theirs),
        (false, true)
            if sides.ages.theirs < sides.ages.ours
                && is_evidenced(sides.theirs)
                && is_later(sides.theirs, sides.ours) =>
        {
            Decision::for_side(Side::Theirs)
        }
        (false, true) => Decision::for_side(Side::Ours),
    }
}

/// Two tills that merged the same two members said the same: what either took over can be taken back. Who is whom
/// otherwise is for a person.
fn merged(sides: Sides<'_>) -> Decision {
    let into = |value: &Value| value.get("into").cloned();
    let is_same = into(sides.ours).is_some() && into(sides.ours) == into(sides.theirs);
    let (Value::Object(ours), Value::Object(theirs), true) = (sides.ours, sides.theirs, is_same) else {
        return Decision::by_itself(Verdict::Person);
    };
    let mut combined = theirs.clone();
    for group in ["taken", "holds"] {
        let taken = |side: &Document| side.get(group).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut both = taken(ours);
        both.extend(taken(theirs));
        if !both.is_empty() {
            combined.insert(group.to_owned(), Value::Object(both));
        }
    }
    either_or_both(sides, combined, None)
}

/// A card is there where either side has it. Where it stands is one value: a block wins over anything that did not see
/// it, and of the rest what is further along. Everything else of it goes key by key.
fn card(sides: Sides<'_>) -> Decision {
    let (ours, theirs) = match (sides.ours, sides.theirs) {
        (Value::Object(ours), Value::Object(theirs)) => (ours, theirs),
        (_, Value::Object(_)) => return Decision::by_itself(Verdict::Theirs),
        (_, _) => return Decision::by_itself(Verdict::Ours),
    };
    let nothing = Document::new();
    let before = sides.before.as_object().unwrap_or(&nothing);
    let mut lost = None;
    let by_rank = match is_planted(Mistake::BlockLoses) {
        true => rank(theirs).cmp(&rank(ours)),
        false => rank(ours).cmp(&rank(theirs)),
    };
    let standing = choose(standing(before), standing(ours), standing(theirs), || match by_rank {
        std::cmp::Ordering::Greater => Side::Ours,
        std::cmp::Ordering::Less => Side::Theirs,
        std::cmp::Ordering::Equal => sides.ages.newer(),
    });
    lost = lost.or(standing.lost);
    let mut combined = standing.value;
    let keys = ours.keys().chain(theirs.keys()).filter(|key| !STANDING.contains(&key.as_str()));
    for key in keys {
        let value = |card: &Document| card.get(key).cloned();
        let chosen = choose(value(before), value(ours), value(theirs), || sides.ages.newer());
        lost = lost.or(chosen.lost);
        combined.extend(chosen.value.map(|value| (key.clone(), value)));
    }
    either_or_both(sides, combined, lost)
}

/// A part of a value, and who lost it.
struct Chosen<T> {
    value: T,
    lost: Option<Side>,
}

/// Takes the side that changed a part; where both did, the one that `winner` says.
fn choose<T: PartialEq>(before: T, ours: T, theirs: T, winner: impl Fn() -> Side) -> Chosen<T> {
    if ours == theirs || ours == before {
        return Chosen { value: theirs, lost: None };
    }
    if theirs == before {
        return Chosen { value: ours, lost: None };
    }
    match winner() {
        Side::Ours => Chosen { value: ours, lost: Some(Side::Theirs) },
        Side::Theirs => Chosen { value: theirs, lost: Some(Side::Ours) },
    }
}

fn standing(card: &Document) -> Document {
    let keys = STANDING.iter().filter_map(|key| Some(((*key).to_owned(), card.get(*key)?.clone())));
    keys.collect()
}

/// How far along a card is. A status that this version does not know stays out of a cashier's hand.
fn rank(card: &Document) -> u8 {
    let status = card.get("status").map_or(Ok(CardStatus::default()), CardStatus::deserialize);
    let is_active = card.get("is_active").is_none_or(is_true);
    status.map_or(u8::MAX, |status| status.rank(is_active))
}

fn either_or_both(sides: Sides<'_>, combined: Document, lost: Option<Side>) -> Decision {
    let combined = Value::Object(combined);
    let verdict = if combined == *sides.theirs {
        Verdict::Theirs
    } else if combined == *sides.ours {
        Verdict::Ours
    } else {
        Verdict::Combined(combined)
    };
    Decision { verdict, lost }
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}
