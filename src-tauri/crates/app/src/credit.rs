//! Store credit at the counter: what a member has, and topping it up. Taking from it is in `take`, paying a bill in
//! `pay`, giving back in `give_back`, correcting in `correct`. The rules are the domain's; here they meet the till.

mod authorise;
mod correct;
mod give_back;
mod hold;
mod pay;
mod take;
mod unsettled;

pub use correct::{adjust, expire_everywhere, void};
pub(crate) use give_back::issuer_of;
pub use give_back::{GiveBack, give_back, preview_give_back, returnable};
pub use hold::{Held, hold, release};
pub use pay::{Paid, Sale, SalePreview, pay, pay_with, preview_pay};
pub use take::{Taking, cash_out, preview_cash_out, redeem};
pub use unsettled::{Cause, Unsettled, unsettled};

use crate::error::AppError;
use crate::find::as_of;
use crate::members::{living, membership_at, standing};
use crate::rights::Action;
use crate::rules;
use crate::till::Till;
use regulars_domain::allowance::OfflineFacts;
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryDraft, EntryKind, EntrySource, Holdings, LedgerEntry, LotClass, Lots, Tender};
use regulars_domain::membership::{Status, Terms};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::text::{self, MAX_LINE};
use regulars_domain::{AccountId, Date, EntryId, MemberId, Money, Refusal, Timestamp};
use regulars_store::ledger::Holder;
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::Stamp;
use regulars_store::{Transaction, ledger, members, record};

/// What a member has with the issuer of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The account that new entries go to.
    pub account_id: AccountId,
    /// The sum of all entries here.
    pub balance: Money,
    /// What of it no remote has confirmed.
    pub pending: Money,
    /// When what the remote knows was last pulled.
    pub as_of: Option<Timestamp>,
    /// What can be used now: the balance without lots that have run out, never below zero.
    pub available: Money,
    /// What can be used now without asking head office.
    pub usable_offline: Money,
    /// What of it is a reward.
    pub rewards: Money,
    /// What may be paid out as money.
    pub cashable: Money,
    /// What runs out next, and the last day on which it can be used.
    pub next_expiry: Option<(Date, Money)>,
    /// Whether the ledger's home is this till itself.
    pub is_this_till_only: bool,
    /// Whether the ledger's home holds credit for a redemption, while it can be reached.
    pub is_held_at_home: bool,
}

/// A top-up.
#[derive(Clone, Debug)]
pub struct TopUp {
    /// The entry to be: the same id twice books once.
    pub entry_id: EntryId,
    /// Whose credit.
    pub member_id: MemberId,
    /// How much: more than zero.
    pub amount: Money,
    /// How it was paid.
    pub tender: Tender,
    /// The receipt.
    pub receipt: Option<String>,
}

/// A member's account at a shop, opened for booking: who they are now, how they stand, what they hold.
pub(crate) struct Account {
    pub member_id: MemberId,
    pub status: Status,
    pub terms: Option<Terms>,
    pub entries: Vec<LedgerEntry>,
    pub lots: Lots,
}

/// Where, when and by whom something is booked.
pub(crate) struct Counter<'a> {
    pub location: &'a StoredLocation,
    pub till_id: regulars_domain::TillId,
    pub stamp: Stamp,
}

impl Counter<'_> {
    pub(crate) fn today(&self) -> Date {
        self.location.location.zone().business_date(self.stamp.at)
    }

    /// Opens the account of a member of this shop.
    ///
    /// # Errors
    /// `member_not_found`, `not_a_member_here`.
    pub(crate) fn open(&self, tx: &Transaction<'_>, id: MemberId) -> Result<Account, AppError> {
        let stored = living(tx, id)?;
        let (status, terms) = standing(tx, self.location, &stored, self.stamp.at)?;
        if terms.is_none() {
            return Err(Refusal::NotAMemberHere.into());
        }
        let group = members::list_group(tx, stored.id)?;
        let entries = ledger::list_of_holder(tx, holder(self.location, &group))?;
        let lots = Lots::replay(self.location.location.currency, &entries)?;
        Ok(Account { member_id: stored.id, status, terms, entries, lots })
    }

    /// An entry with everything that follows from who, where and when.
    pub(crate) fn entry(&self, id: EntryId, member_id: MemberId, draft: EntryDraft) -> LedgerEntry {
        let issuer = self.location.location.issuer.clone();
        LedgerEntry {
            id,
            account_id: AccountId::of(member_id, &issuer, draft.amount.currency),
            member_id,
            issuer,
            kind: draft.kind,
            lot_class: draft.lot_class,
            amount: draft.amount,
            location_id: self.location.id,
            till_id: self.till_id,
            staff_id: self.stamp.staff_id,
            business_date: self.today(),
            at: self.stamp.at,
            receipt: None,
            tender: None,
            reason: None,
            source_entry_id: draft.source_entry_id,
            visit_id: None,
            expires_on: draft.expires_on,
            source: EntrySource::Till,
            authorisation_id: None,
        }
    }
}

/// Books a top-up.
///
/// # Errors
/// A refusal with its field; `member_not_found`, `not_a_member_here`.
pub fn top_up(till: &Till, location: &StoredLocation, top_up: TopUp) -> Result<EntryId, AppError> {
    let stamp = till.permit(Action::TopUp)?;
    let amount = in_currency_of(location, top_up.amount.movable()?)?;
    let receipt = receipt(top_up.receipt.as_deref())?;
    let (location, till_id, mut ids) = (location.clone(), till.who.id, till.ids());
    till.write(move |tx| {
        let counter = Counter { location: &location, till_id, stamp };
        let member_id = living(tx, top_up.member_id)?.id;
        if membership_at(tx, member_id, location.id)?.is_none() {
            return Err(Refusal::NotAMemberHere.into());
        }
        if ledger::exists(tx, top_up.entry_id)? {
            return Ok(top_up.entry_id);
        }
        let group = members::list_group(tx, member_id)?;
        let after = ledger::balance(tx, holder(&location, &group))?.plus(amount)?;
        let amount = if is_planted(Mistake::BalancePushedAsAbsolute) { after } else { amount };
        let draft = draft(EntryKind::TopUp, LotClass::Prepaid, amount);
        let entry = counter.entry(top_up.entry_id, member_id, draft);
        let entry = Box::new(LedgerEntry { tender: Some(top_up.tender), receipt, ..entry });
        record::record(tx, &Change::EntryAdded { entry }, stamp, &mut || ids.change())?;
        Ok(top_up.entry_id)
    })
}

/// The shop where an entry was booked, and whose it is.
///
/// # Errors
/// `entry_not_found`.
pub fn place_of(till: &Till, id: EntryId) -> Result<(StoredLocation, MemberId), AppError> {
    till.read(|tx| {
        let entry = ledger::find(tx, id)?.ok_or(Refusal::EntryNotFound)?;
        Ok((regulars_store::locations::get(tx, entry.location_id)?, entry.member_id))
    })
}

/// What a member has with the issuer of a shop.
///
/// # Errors
/// `member_not_found`.
pub fn of_member(till: &Till, location: &StoredLocation, id: MemberId) -> Result<Credit, AppError> {
    let at = till.now();
    till.read(|tx| read(tx, location, id, at))
}

/// What a member would have after a top-up.
///
/// # Errors
/// `amount_too_large` where an account could not hold it.
pub fn after_top_up(till: &Till, location: &StoredLocation, id: MemberId, amount: Money) -> Result<Credit, AppError> {
    let at = till.now();
    till.read(|tx| {
        let now = read(tx, location, id, at)?;
        let (balance, available) = (now.balance.plus(amount)?, now.available.plus(amount)?);
        let usable_offline = match now.is_this_till_only {
            true => not_below_zero(available),
            false => usable_offline(tx, location, id, available, at)?,
        };
        Ok(Credit { balance, available, usable_offline, ..now })
    })
}

pub(crate) fn read(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    id: MemberId,
    at: Timestamp,
) -> Result<Credit, AppError> {
    let root = members::resolve(tx, id)?;
    let group = members::list_group(tx, root)?;
    let holder = holder(location, &group);
    let lots = Lots::replay(holder.currency, &ledger::list_of_holder(tx, holder)?)?;
    let today = location.location.zone().business_date(at);
    let (available, is_this_till_only) = (lots.available(today), crate::remotes::is_ledger_here(tx, location)?);
    Ok(Credit {
        account_id: AccountId::of(root, holder.issuer, holder.currency),
        balance: lots.balance(),
        pending: if is_this_till_only { Money::zero(holder.currency) } else { ledger::pending(tx, holder)? },
        as_of: as_of(tx, location)?,
        available,
        usable_offline: match is_this_till_only {
            true => not_below_zero(available),
            false => usable_offline(tx, location, root, available, at)?,
        },
        rewards: not_below_zero(lots.holdings(today).of(LotClass::Reward)),
        cashable: lots.holdings(today).cashable()?,
        next_expiry: lots.next_expiry(today),
        is_this_till_only,
        is_held_at_home: crate::remotes::is_credit_held(tx, location)?,
    })
}

/// The sum of a member's entries, for lists.
pub(crate) fn balance(tx: &Transaction<'_>, location: &StoredLocation, id: MemberId) -> Result<Money, AppError> {
    let group = members::list_group(tx, id)?;
    Ok(ledger::balance(tx, holder(location, &group))?)
}

pub(crate) fn holder<'a>(location: &'a StoredLocation, group: &'a [MemberId]) -> Holder<'a> {
    Holder { group, issuer: &location.location.issuer, currency: location.location.currency }
}

pub(crate) fn usable_offline(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    member_id: MemberId,
    available: Money,
    at: Timestamp,
) -> Result<Money, AppError> {
    let (used_by_member_minor, used_by_till_minor) = match location.remote_id {
        Some(remote) => ledger::used_allowance(tx, &members::list_group(tx, member_id)?, remote)?,
        None => (0, 0),
    };
    let last_exchange_at = as_of(tx, location)?;
    let facts = OfflineFacts { balance: available, last_exchange_at, used_by_member_minor, used_by_till_minor, at };
    Ok(location.allowance.usable(&facts))
}

/// Refuses credit above the owner's sum without a card of the member that may be used.
pub(crate) fn check_proof(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    member_id: MemberId,
    amount: Money,
    card: Option<&str>,
    at: Timestamp,
) -> Result<(), AppError> {
    let Some(above) = rules::read(tx, &location.location.code)?.proof_above_minor else { return Ok(()) };
    if amount.minor <= above {
        return Ok(());
    }
    let needed = Refusal::ProofNeeded { above: Money { minor: above, ..amount } };
    let found = crate::cards::find_in(tx, card.ok_or_else(|| needed.clone())?)?;
    let found = found.filter(|found| found.member_id == member_id).ok_or(needed)?;
    Ok(crate::cards::check_may_be_used(&found.card, at)?)
}

pub(crate) const fn draft(kind: EntryKind, lot_class: LotClass, amount: Money) -> EntryDraft {
    EntryDraft { kind, lot_class, amount, expires_on: None, source_entry_id: None }
}

pub(crate) fn not_below_zero(amount: Money) -> Money {
    Money { minor: amount.minor.max(0), ..amount }
}

pub(crate) fn receipt(typed: Option<&str>) -> Result<Option<String>, AppError> {
    Ok(text::line("receipt", typed.unwrap_or(""), MAX_LINE)?)
}

pub(crate) fn reason(typed: &str) -> Result<String, AppError> {
    Ok(text::line("reason", typed, MAX_LINE)?.ok_or(Refusal::Required { field: "reason" })?)
}

pub(crate) fn in_currency_of(location: &StoredLocation, amount: Money) -> Result<Money, AppError> {
    let expected = location.location.currency;
    if amount.currency == expected {
        return Ok(amount);
    }
    let (given, expected) = (amount.currency.code().to_owned(), expected.code().to_owned());
    Err(Refusal::CurrencyDiffers { given, expected }.into())
}

/// What the classes of an account hold on the shop's day.
pub(crate) fn holdings(counter: &Counter<'_>, account: &Account) -> Holdings {
    account.lots.holdings(counter.today())
}
