//! Members who may be one person, and merging them.

use super::counter::{card, hit};
use super::desk::Desk;
use super::views::twins::{Merge, MergeAsked, MergeField, MergePreview, Twin, TwinSign, Twins, TwinsAsked};
use super::views::{MemberAsked, MemberCard};
use crate::error::AppError;
use crate::twins::{Sign, Sketch};
use crate::{credit, members, merge, twins};
use regulars_domain::member::Birthday;
use regulars_store::locations;
use serde::Deserialize;
use serde_json::Value;

pub(super) fn find_twins(desk: &Desk, asked: TwinsAsked) -> Result<Twins, AppError> {
    let location = desk.location()?;
    let sketch = sketch(&asked);
    let found = twins::find(&desk.till, &location, &sketch, asked.except)?;
    let at = desk.till.now();
    desk.till.read(|tx| {
        let twin = |(id, signs): (_, Vec<Sign>)| {
            Ok::<_, AppError>(Twin {
                member: hit(tx, &location, id, at)?,
                signs: signs.into_iter().map(sign).collect(),
            })
        };
        Ok(Twins { twins: found.into_iter().map(twin).collect::<Result<_, _>>()? })
    })
}

/// What is in the form so far; half of a field is as good as none.
fn sketch(asked: &TwinsAsked) -> Sketch {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    Sketch {
        name: text(asked.input.get("name").and_then(|name| name.get("full"))),
        phone: text(asked.input.get("phone")),
        email: text(asked.input.get("email")),
        birthday: asked.input.get("birthday").and_then(|birthday| Birthday::deserialize(birthday).ok()),
        card: asked.card.clone().unwrap_or_default(),
    }
}

pub(super) fn preview_merge(desk: &Desk, asked: MergeAsked) -> Result<MergePreview, AppError> {
    let location = desk.location()?;
    let preview = merge::preview(&desk.till, asked.winner_id, asked.loser_id)?;
    let at = desk.till.now();
    desk.till.read(|tx| {
        let (winner, loser) = (members::read(tx, preview.winner)?, members::read(tx, preview.loser)?);
        let is_known = |id| winner.memberships.iter().any(|membership| membership.location_id == id);
        let joins = loser.memberships.iter().filter(|membership| !is_known(membership.location_id));
        let joins = joins.map(|membership| Ok(locations::get(tx, membership.location_id)?.location.name));
        let (of_winner, of_loser) =
            (credit::balance(tx, &location, preview.winner)?, credit::balance(tx, &location, preview.loser)?);
        let fields = preview.fields.into_iter().map(|field| MergeField {
            is_taken: field.is_taken(),
            differs: !field.winner.is_null(),
            field: field.path,
            winner: field.winner,
            loser: field.loser,
        });
        Ok(MergePreview {
            winner: hit(tx, &location, preview.winner, at)?,
            loser: hit(tx, &location, preview.loser, at)?,
            fields: fields.collect(),
            winner_balance: of_winner,
            loser_balance: of_loser,
            balance_after: of_winner.plus(of_loser)?,
            cards_after: winner.cards.len() + loser.cards.len(),
            joins: joins.collect::<Result<_, AppError>>()?,
        })
    })
}

pub(super) fn merge(desk: &Desk, asked: Merge) -> Result<MemberCard, AppError> {
    let winner = merge::merge(&desk.till, asked.winner_id, asked.loser_id, Some(asked.take))?;
    desk.note_served(winner);
    card(desk, winner)
}

pub(super) fn unmerge(desk: &Desk, asked: MemberAsked) -> Result<MemberCard, AppError> {
    let alias = merge::unmerge(&desk.till, asked.member_id)?;
    card(desk, alias)
}

const fn sign(sign: Sign) -> TwinSign {
    match sign {
        Sign::SamePhone => TwinSign::SamePhone,
        Sign::NearPhone => TwinSign::NearPhone,
        Sign::SameCard => TwinSign::SameCard,
        Sign::SameEmail => TwinSign::SameEmail,
        Sign::SameName => TwinSign::SameName,
        Sign::NearName => TwinSign::NearName,
        Sign::SameBirthday => TwinSign::SameBirthday,
    }
}
