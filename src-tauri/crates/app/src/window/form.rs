//! The form of a whole member, labels and pictures.

use super::counter::card;
use super::desk::Desk;
use super::views::member::{
    EditMember, LabelView, Labels, MemberForm, PictureRead, PutLabel, ReadPicture, RemoveMember,
};
use super::views::{MemberAsked, MemberCard, Nothing};
use crate::error::AppError;
use crate::{members, pictures};
use regulars_domain::Refusal;
use regulars_domain::label::Label;
use regulars_domain::member::{Member, shown};
use regulars_store::labels;

pub(super) fn member_form(desk: &Desk, asked: MemberAsked) -> Result<MemberForm, AppError> {
    let location = desk.location()?;
    desk.till.read(|tx| {
        let stored = members::living(tx, asked.member_id)?;
        let (_, terms) = members::standing(tx, &location, &stored, desk.till.now())?;
        let input = shown(&Member::read(&stored.document)?, &terms.unwrap_or_default());
        let catalogue = labels::list(tx)?.into_iter().map(label_view).collect();
        Ok(MemberForm { member_id: stored.id, input, catalogue })
    })
}

pub(super) fn edit_member(desk: &Desk, mut asked: EditMember) -> Result<MemberCard, AppError> {
    pictures::make_small(&mut asked.patch)?;
    members::edit(&desk.till, &desk.location()?, asked.member_id, asked.patch)?;
    card(desk, asked.member_id)
}

pub(super) fn remove_member(desk: &Desk, asked: RemoveMember) -> Result<Nothing, AppError> {
    members::remove(&desk.till, asked.member_id, &asked.reason)?;
    Ok(Nothing {})
}

pub(super) fn labels(desk: &Desk, _: Nothing) -> Result<Labels, AppError> {
    desk.till.read(|tx| Ok(Labels { labels: labels::list(tx)?.into_iter().map(label_view).collect() }))
}

pub(super) fn put_label(desk: &Desk, asked: PutLabel) -> Result<Labels, AppError> {
    let label = Label { name: asked.name, color: asked.color, external_id: None };
    members::put_label(&desk.till, &desk.location()?, label)?;
    labels(desk, Nothing {})
}

pub(super) fn read_picture(_: &Desk, asked: ReadPicture) -> Result<PictureRead, AppError> {
    let picture = pictures::read_base64(&asked.data)?;
    let (media_type, data) = picture.media_type.zip(picture.data).ok_or(Refusal::PictureInvalid)?;
    Ok(PictureRead { media_type, data })
}

pub(super) fn picture(desk: &Desk, asked: MemberAsked) -> Result<Option<PictureRead>, AppError> {
    desk.till.read(|tx| {
        let picture = Member::read(&members::living(tx, asked.member_id)?.document)?.picture.unwrap_or_default();
        Ok(picture.media_type.zip(picture.data).map(|(media_type, data)| PictureRead { media_type, data }))
    })
}

fn label_view(label: Label) -> LabelView {
    LabelView { name: label.name, color: label.color }
}
