//! The table of all members of the shop.

use super::cards;
use super::counter::{label_views, last_visit, shown_phone, since, status_view};
use super::desk::Desk;
use super::views::members as views;
use super::views::members::{MemberRow, MemberRows, MembersAsked};
use crate::error::AppError;
use crate::members;
use regulars_domain::member::Member;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{Date, Money};
use regulars_store::members as rows;
use regulars_store::members::{Filter, Page, Sort, TableRow};
use regulars_store::{Transaction, locations::StoredLocation};

/// Most rows of one page: what is on a screen, and a little around it.
const MAX_PAGE: u32 = 500;

pub(super) fn list_members(desk: &Desk, asked: MembersAsked) -> Result<MemberRows, AppError> {
    let location = desk.location()?;
    let at = desk.till.now();
    let page = Page {
        location: location.id,
        issuer: &location.location.issuer,
        currency: location.location.currency,
        at,
        today: location.location.zone().business_date(at),
        sort: sort(asked.sort),
        descending: asked.descending,
        offset: asked.offset,
        limit: asked.limit.min(MAX_PAGE),
    };
    let filter = filter(&asked, &location, page.today)?;
    desk.till.read(|tx| {
        let (total, found) = rows::list_page(tx, &filter, &page)?;
        let rows = found.iter().map(|found| row(tx, &location, found, at)).collect::<Result<_, _>>()?;
        Ok(MemberRows { total, offset: asked.offset, rows })
    })
}

fn row(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    found: &TableRow,
    at: regulars_domain::Timestamp,
) -> Result<MemberRow, AppError> {
    let stored = members::living(tx, found.id)?;
    let member = Member::read(&stored.document)?;
    let (status, terms) = members::standing(tx, location, &stored, at)?;
    let here = members::membership_at(tx, stored.id, location.id)?;
    Ok(MemberRow {
        id: stored.id,
        phone: shown_phone(&member, location)?,
        email: member.email.clone(),
        reference: member.reference.clone(),
        card_ending: cards::usable_ending(&member.cards, at),
        labels: label_views(tx, terms.as_ref())?,
        status: status_view(&status),
        member_since: here.as_ref().map(since),
        last_visit: last_visit(tx, location, stored.id)?,
        balance: Money::new(found.balance_minor, location.location.currency),
        needs_you: found.needs_you,
        full_name: member.called().to_owned(),
    })
}

fn filter(asked: &MembersAsked, location: &StoredLocation, today: Date) -> Result<Filter, AppError> {
    Ok(Filter {
        phone: PhoneQuery::parse(&asked.text, location.location.phone_country()?),
        text: asked.text.clone(),
        status: asked.status.map(|status| match status {
            views::StatusFilter::Active => rows::StatusFilter::Active,
            views::StatusFilter::Inactive => rows::StatusFilter::Inactive,
            views::StatusFilter::NotYetValid => rows::StatusFilter::NotYetValid,
            views::StatusFilter::Expired => rows::StatusFilter::Expired,
            views::StatusFilter::OnHold => rows::StatusFilter::OnHold,
        }),
        label: asked.label.clone(),
        card: asked.card.map(|card| match card {
            views::CardFilter::HasCard => rows::CardFilter::HasCard,
            views::CardFilter::None => rows::CardFilter::None,
            views::CardFilter::Blocked => rows::CardFilter::Blocked,
        }),
        credit: asked.credit.map(|credit| match credit {
            views::CreditFilter::HasCredit => rows::CreditFilter::HasCredit,
            views::CreditFilter::None => rows::CreditFilter::None,
            views::CreditFilter::Owes => rows::CreditFilter::Owes,
        }),
        birthday_month: asked.birthday_month,
        not_seen_since: asked.not_seen_months.and_then(|months| today.minus_months(months)),
        has_consent: asked.has_consent,
        waits: asked.waits,
        needs_you: asked.needs_you,
    })
}

const fn sort(sort: views::MembersSort) -> Sort {
    match sort {
        views::MembersSort::Name => Sort::Name,
        views::MembersSort::MemberSince => Sort::MemberSince,
        views::MembersSort::LastVisit => Sort::LastVisit,
        views::MembersSort::Balance => Sort::Balance,
    }
}
