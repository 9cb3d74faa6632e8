//! The slip of what was booked: its figures looked up, nothing added up that was not booked so.

use super::{ClockTime, Slip, SlipKind, SlipLabel, SlipLine, reference};
use crate::credit;
use crate::error::AppError;
use crate::till::Till;
use regulars_domain::ledger::{EntryKind, LedgerEntry};
use regulars_domain::member::Member;
use regulars_domain::sale::{Visit, VisitKind};
use regulars_domain::{EntryId, MemberId, Money, Refusal, Timestamp, VisitId, phone};
use regulars_store::locations::StoredLocation;
use regulars_store::{Transaction, ledger, visits};

/// Of what a slip is asked.
#[derive(Clone, Copy, Debug)]
pub enum Booked {
    /// A visit.
    Visit(VisitId),
    /// An entry; where it belongs to a visit, of that.
    Entry(EntryId),
}

/// The slip of something that was booked at a shop.
///
/// # Errors
/// `entry_not_found`.
pub fn of(till: &Till, location: &StoredLocation, booked: Booked, is_copy: bool) -> Result<Slip, AppError> {
    let now = till.now();
    let name = till.name();
    till.read(|tx| {
        let about = Printing { tx, location, till: &name, now, is_copy };
        match booked {
            Booked::Visit(id) => about.visit(&visits::find(tx, id)?.ok_or(Refusal::EntryNotFound)?.visit),
            Booked::Entry(id) => {
                let entry = ledger::find(tx, id)?.ok_or(Refusal::EntryNotFound)?;
                match entry.visit_id.map(|id| visits::find(tx, id)).transpose()?.flatten() {
                    Some(stored) => about.visit(&stored.visit),
                    None => about.entry(&entry),
                }
            }
        }
    })
}

/// A slip to try a printer with: letters with their marks, an amount, and how wide the paper is.
///
/// # Errors
/// As any read.
pub fn sample(till: &Till, location: &StoredLocation) -> Result<Slip, AppError> {
    let (now, zone) = (till.now(), location.location.zone());
    let (hour, minute) = zone.hour_and_minute(now);
    let time = ClockTime::new(u8::try_from(hour).unwrap_or(0), u8::try_from(minute).unwrap_or(0));
    let amount = Some(Money::new(1_250_000, location.location.currency));
    Ok(Slip {
        shop: location.location.name.clone(),
        till: till.name(),
        printed_on: zone.business_date(now),
        printed_time: time.ok_or(AppError::Internal)?,
        kind: SlipKind::Sale,
        is_copy: true,
        member: "Lý Tú Quang Thắng, Šťastný, Müller".to_owned(),
        phone_ending: None,
        receipt: None,
        lines: vec![SlipLine { label: SlipLabel::LeftToCollect, detail: None, amount, is_total: true }],
        reference: "0000TEST".to_owned(),
    })
}

struct Printing<'a> {
    tx: &'a Transaction<'a>,
    location: &'a StoredLocation,
    till: &'a str,
    now: Timestamp,
    is_copy: bool,
}

impl Printing<'_> {
    fn visit(&self, visit: &Visit) -> Result<Slip, AppError> {
        let percent = |percent: regulars_domain::percent::Percent| Some(percent.to_string());
        let mut lines = Vec::new();
        let (kind, sign) = match visit.kind {
            VisitKind::Sale => (SlipKind::Sale, 1),
            VisitKind::Return => (SlipKind::Return, 1),
            VisitKind::Void => (SlipKind::Void, -1),
        };
        let mut add = |label, detail, amount: Money, is_total| {
            if amount.minor != 0 || is_total {
                let amount = Some(Money { minor: amount.minor * sign, ..amount });
                lines.push(SlipLine { label, detail, amount, is_total });
            }
        };
        match visit.kind {
            VisitKind::Return => {
                add(SlipLabel::GivenBack, None, visit.credit_used.plus(visit.left_to_collect)?, true);
                add(SlipLabel::TakenBack, None, visit.earned.negated(), false);
            }
            VisitKind::Sale | VisitKind::Void => {
                add(SlipLabel::Bill, None, visit.bill, false);
                add(SlipLabel::Discount, percent(visit.discount_percent), visit.discount.negated(), false);
                add(SlipLabel::CreditUsed, None, visit.credit_used.negated(), false);
                add(SlipLabel::LeftToCollect, None, visit.left_to_collect, true);
                add(SlipLabel::Earned, percent(visit.earn_percent), visit.earned, false);
            }
        }
        self.slip(kind, visit.member_id, visit.at, visit.receipt.clone(), reference(visit.id), lines)
    }

    fn entry(&self, entry: &LedgerEntry) -> Result<Slip, AppError> {
        let (kind, label) = match (entry.kind, entry.tender) {
            (EntryKind::TopUp, Some(tender)) => (SlipKind::TopUp, SlipLabel::paid_in(tender)),
            (EntryKind::CashOut, Some(tender)) => (SlipKind::CashOut, SlipLabel::paid_out(tender)),
            (EntryKind::Void, Some(tender)) => (SlipKind::Void, SlipLabel::paid_in(tender)),
            (EntryKind::Void, None) => (SlipKind::Void, SlipLabel::Corrected),
            (EntryKind::Redeem, _) => (SlipKind::Sale, SlipLabel::CreditUsed),
            (EntryKind::ReturnToCredit, _) => (SlipKind::Return, SlipLabel::GivenBack),
            (EntryKind::Earn, _) => (SlipKind::Sale, SlipLabel::Earned),
            (EntryKind::TopUp | EntryKind::CashOut, None)
            | (EntryKind::Adjust | EntryKind::Expire | EntryKind::Opening, _) => {
                (SlipKind::Adjustment, SlipLabel::Corrected)
            }
        };
        let detail = entry.reason.clone().filter(|_| kind == SlipKind::Adjustment);
        let amount = match entry.kind {
            EntryKind::CashOut => entry.amount.negated(),
            EntryKind::TopUp
            | EntryKind::Redeem
            | EntryKind::Earn
            | EntryKind::ReturnToCredit
            | EntryKind::Adjust
            | EntryKind::Expire
            | EntryKind::Void
            | EntryKind::Opening => entry.amount,
        };
        let line = SlipLine { label, detail, amount: Some(amount), is_total: true };
        self.slip(kind, entry.member_id, entry.at, entry.receipt.clone(), reference(entry.id), vec![line])
    }

    fn slip(
        &self,
        kind: SlipKind,
        id: MemberId,
        at: Timestamp,
        receipt: Option<String>,
        reference: String,
        mut lines: Vec<SlipLine>,
    ) -> Result<Slip, AppError> {
        let credit = credit::read(self.tx, self.location, id, self.now)?;
        let whole = crate::members::read(self.tx, id)?;
        let member: &Member = &whole.member;
        let line = |label, amount| SlipLine { label, detail: None, amount: Some(amount), is_total: false };
        lines.push(line(SlipLabel::BalanceAfter, credit.balance));
        if credit.pending.minor != 0 {
            lines.push(line(SlipLabel::WaitingToBeConfirmed, credit.pending));
        }
        let zone = self.location.location.zone();
        let (hour, minute) = zone.hour_and_minute(at);
        let time = ClockTime::new(u8::try_from(hour).unwrap_or(0), u8::try_from(minute).unwrap_or(0));
        Ok(Slip {
            shop: self.location.location.name.clone(),
            till: self.till.to_owned(),
            printed_on: zone.business_date(at),
            printed_time: time.ok_or(AppError::Internal)?,
            kind,
            is_copy: self.is_copy,
            member: member.called().to_owned(),
            phone_ending: member.phone.as_ref().map(|number| phone::ending(&number.typed)),
            receipt,
            lines,
            reference,
        })
    }
}
