//! Goods come back: what returns to the member's credit, and what the bill had earned goes.
//!
//! A bill is paid back in a fixed line: first the credit that had paid for it, in the order in which it was taken, then
//! the rest, which becomes credit of class returns. So a partial return can never turn a reward into money that can be
//! handed out. Where a return stands in that line follows from the returns before it, so any number of small returns
//! gives what one large one would have given.

use super::{EntryDraft, EntryKind, LedgerEntry, LotClass, Lots, checked, same_currency};
use crate::ids::EntryId;
use crate::money::{Currency, Money};
use crate::refusal::Refusal;
use crate::sale::{Visit, VisitKind};
use crate::time::Date;

/// What a return does, in minor units; all amounts but `balance_change` are zero or more.
///
/// `given_back + to_returns + withheld = amount`, `from_rewards + withheld + forgone = claw_back`, and the drafts add up
/// to `balance_change = given_back + to_returns - from_rewards`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// What of the bill comes back.
    pub amount: Money,
    /// What goes back to the credit that had paid.
    pub given_back: Money,
    /// What of that cannot be used any more, because its last day has passed.
    pub lapsed: Money,
    /// What becomes credit of class returns.
    pub to_returns: Money,
    /// What the bill had earned and the return undoes.
    pub claw_back: Money,
    /// How much of that is taken from the rewards that are there.
    pub from_rewards: Money,
    /// How much of that the return shrinks by, because the rewards are spent.
    pub withheld: Money,
    /// How much of that nothing is left to take from. A later return of the same bill makes up for it.
    pub forgone: Money,
    /// The base of the reward that the return takes away.
    pub earn_base: Money,
    /// Signed: what the balance gains.
    pub balance_change: Money,
    /// What is to be booked.
    pub drafts: Vec<EntryDraft>,
}

impl GivenBack {
    /// What was clawed back, one way or the other: `earned` of the return's [`Visit`].
    pub fn recovered(&self) -> Money {
        Money::new(self.from_rewards.minor + self.withheld.minor, self.amount.currency)
    }
}

/// Gives back a part of a bill, or all of it.
///
/// `its_entries` are those of the original visit; `others` are the visits that name it or its returns: its earlier
/// returns, and the voids of those, which then count no more. `lots` is the whole account, `on` the business date.
///
/// Lots come back with their own last day, even a passed one: a return does not make a reward last longer. What of the
/// earned reward ran out unused is not clawed back.
///
/// # Errors
/// `amount_not_positive`, `amount_too_large`, `currency_differs`; `already_voided` where the original was undone;
/// `return_too_large` for more than was paid and has not come back yet, and for a visit that was no sale.
pub fn give_back(
    original: &Visit,
    its_entries: &[LedgerEntry],
    others: &[Visit],
    lots: &Lots,
    amount: Money,
    on: Date,
) -> Result<GivenBack, Refusal> {
    let asked = i128::from(amount.movable()?.minor);
    let bill = Bill::read(original, its_entries, others, lots)?;
    same_currency(lots.currency(), amount)?;
    if asked > bill.left() {
        return Err(Refusal::ReturnTooLarge { available: checked(bill.left(), lots.currency())? });
    }
    let mut backs = cut(&bill.payment_line(), bill.returned, asked);
    let claw_back = bill.claw_back(asked, on);
    let from_rewards = claw_back.min(rewards_there(lots, on));
    let withheld = shrink(&mut backs, claw_back - from_rewards, on);
    let gone = |part: &Part| part.expires_on.is_some_and(|last_day| last_day < on);
    let money = |minor: i128| checked(minor, lots.currency());
    Ok(GivenBack {
        amount,
        given_back: money(total(backs.iter().filter(|part| part.source.is_some())))?,
        lapsed: money(total(backs.iter().filter(|part| gone(part))))?,
        to_returns: money(total(backs.iter().filter(|part| part.source.is_none())))?,
        claw_back: money(claw_back)?,
        from_rewards: money(from_rewards)?,
        withheld: money(withheld)?,
        forgone: money(claw_back - from_rewards - withheld)?,
        earn_base: money(bill.base_after(0) - bill.base_after(asked))?,
        balance_change: money(total(&backs) - from_rewards)?,
        drafts: drafts(&backs, from_rewards, bill.earning(), lots.currency())?,
    })
}

/// The original bill and what came back of it before.
struct Bill<'a> {
    original: &'a Visit,
    entries: &'a [LedgerEntry],
    lots: &'a Lots,
    /// What was to be paid.
    net: i128,
    /// What of that came back before.
    returned: i128,
    /// What was clawed back before.
    clawed: i128,
}

impl<'a> Bill<'a> {
    fn read(
        original: &'a Visit,
        entries: &'a [LedgerEntry],
        others: &[Visit],
        lots: &'a Lots,
    ) -> Result<Self, Refusal> {
        same_currency(lots.currency(), original.bill)?;
        let net = paid(original)?;
        let before = standing_returns(original, others)?;
        let sum = |of: fn(&Visit) -> Money| before.iter().map(|visit| i128::from(of(visit).minor.max(0))).sum();
        Ok(Self { original, entries, lots, net, returned: sum(|visit| visit.bill), clawed: sum(|visit| visit.earned) })
    }

    /// What can still come back.
    fn left(&self) -> i128 {
        (self.net - self.returned).max(0)
    }

    /// Who gets what back, from the first unit of the bill to the last.
    fn payment_line(&self) -> Vec<Part> {
        let mut redemptions: Vec<_> = self.entries.iter().filter(|entry| entry.kind == EntryKind::Redeem).collect();
        redemptions.sort_by_key(|entry| (entry.lot_class, entry.id));
        let mut line: Vec<Part> = redemptions.into_iter().flat_map(|entry| self.taken_by(entry)).collect();
        let rest = self.net - total(&line);
        line.push(Part { class: LotClass::Returns, expires_on: None, source: None, minor: rest.max(0) });
        line
    }

    /// What a redemption took, lot by lot, and last what no lot had given it.
    fn taken_by(&self, entry: &LedgerEntry) -> Vec<Part> {
        let part = |expires_on, minor| Part { class: entry.lot_class, expires_on, source: Some(entry.id), minor };
        let taken = self.lots.taken_by(entry.id);
        let mut parts: Vec<_> =
            taken.into_iter().map(|taken| part(taken.expires_on, i128::from(taken.amount.minor))).collect();
        let owed = -i128::from(entry.amount.minor) - total(&parts);
        parts.push(part(None, owed.max(0)));
        parts
    }

    /// What the reward would be reckoned on if so much more came back. Rewards come back first, and had earned nothing.
    fn base_after(&self, more: i128) -> i128 {
        (self.net - self.returned - more).min(i128::from(self.original.earn_base.minor)).max(0)
    }

    /// What of the reward is to go: what the base that remains does not earn, less what ran out unused, less what was
    /// clawed back before.
    fn claw_back(&self, more: i128, on: Date) -> i128 {
        let base = Money { minor: i64::try_from(self.base_after(more)).unwrap_or(0), ..self.original.earn_base };
        let stays = self.original.earn_percent.of_rounded_down(base);
        let unearned = i128::from(self.original.earned.minor) - i128::from(stays.minor);
        let unused = self.earning().map_or(0, |earning| i128::from(self.lots.lapsed_of(earning, on).minor));
        ((unearned - unused).max(0) - self.clawed).max(0)
    }

    /// The entry that booked the reward.
    fn earning(&self) -> Option<EntryId> {
        let earning = self.entries.iter().find(|entry| entry.kind == EntryKind::Earn && entry.amount.minor > 0);
        earning.map(|entry| entry.id)
    }
}

/// A part of what comes back; without a source it had been paid by other means than credit.
#[derive(Clone, Copy, Debug)]
struct Part {
    class: LotClass,
    expires_on: Option<Date>,
    source: Option<EntryId>,
    minor: i128,
}

/// The returns of a visit that were not undone.
fn standing_returns<'a>(original: &Visit, others: &'a [Visit]) -> Result<Vec<&'a Visit>, Refusal> {
    if voids(original, others).next().is_some() {
        return Err(Refusal::AlreadyVoided);
    }
    let standing: Vec<_> = returns(original, others).collect();
    standing.iter().try_for_each(|visit| same_currency(original.bill.currency, visit.bill))?;
    Ok(standing)
}

fn voids<'a>(undone: &Visit, others: &'a [Visit]) -> impl Iterator<Item = &'a Visit> {
    let undone = undone.id;
    others.iter().filter(move |other| other.kind == VisitKind::Void && other.source_visit_id == Some(undone))
}

fn returns<'a>(original: &Visit, others: &'a [Visit]) -> impl Iterator<Item = &'a Visit> {
    let original = original.id;
    let is_return = move |visit: &&Visit| visit.kind == VisitKind::Return && visit.source_visit_id == Some(original);
    others.iter().filter(is_return).filter(|visit| voids(visit, others).next().is_none())
}

/// What of a sale can still come back: nothing of one that was undone, nor of what is no sale.
///
/// # Errors
/// `amount_too_large` where the sums are beyond what is counted in.
pub fn left_of(sale: &Visit, others: &[Visit]) -> Result<Money, Refusal> {
    let left = paid(sale)? - came_back(sale, others)?;
    checked(left.max(0), sale.bill.currency)
}

/// How much more came back of a sale than was paid for it, more than zero: two tills that had not heard of each other
/// took the same goods back, or one undid what another took back. Both stand, for both are facts; a person settles it.
///
/// # Errors
/// `amount_too_large` where the sums are beyond what is counted in.
pub fn too_much_back(sale: &Visit, others: &[Visit]) -> Result<Option<Money>, Refusal> {
    let excess = came_back(sale, others)? - paid(sale)?;
    (sale.kind == VisitKind::Sale && excess > 0).then(|| checked(excess, sale.bill.currency)).transpose()
}

/// What was to be paid for something.
fn paid(visit: &Visit) -> Result<i128, Refusal> {
    match visit.kind {
        VisitKind::Sale => Ok(i128::from(visit.net()?.minor)),
        VisitKind::Return | VisitKind::Void => Ok(0),
    }
}

/// What came back of a sale: by returns, and all of it as often as it was undone.
fn came_back(sale: &Visit, others: &[Visit]) -> Result<i128, Refusal> {
    let (back, undone) = (returns(sale, others), voids(sale, others));
    let back: i128 = back.map(|visit| i128::from(visit.bill.minor)).sum();
    Ok(back + paid(sale)? * i128::try_from(undone.count()).unwrap_or(i128::MAX))
}

/// What lies behind the first `skipped` units of a line, `wanted` units of it; neighbours of one kind become one part.
fn cut(line: &[Part], mut skipped: i128, mut wanted: i128) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for part in line {
        let behind = part.minor - skipped.min(part.minor);
        skipped -= part.minor - behind;
        let minor = behind.min(wanted);
        wanted -= minor;
        match parts.last_mut() {
            _ if minor == 0 => {}
            Some(last) if last.source == part.source && last.expires_on == part.expires_on => last.minor += minor,
            Some(_) | None => parts.push(Part { minor, ..*part }),
        }
    }
    parts
}

/// Rewards that can be taken without pushing the class or the wallet below zero.
fn rewards_there(lots: &Lots, on: Date) -> i128 {
    let rewards = lots.holdings(on).of(LotClass::Reward).minor.min(lots.available(on).minor);
    i128::from(rewards.max(0))
}

/// Makes a return smaller, as far as it goes: in the order of a redemption, so that money is withheld last; but after
/// all that can be used come parts whose last day has passed, which would be no loss. Says by how much.
fn shrink(parts: &mut [Part], by: i128, on: Date) -> i128 {
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.sort_by_key(|place| {
        let part = &parts[*place];
        (part.expires_on.is_some_and(|last_day| last_day < on), part.source.is_none(), part.class)
    });
    let mut left = by;
    for place in places {
        let less = parts[place].minor.min(left);
        parts[place].minor -= less;
        left -= less;
    }
    by - left
}

fn drafts(
    backs: &[Part],
    claw: i128,
    earning: Option<EntryId>,
    currency: Currency,
) -> Result<Vec<EntryDraft>, Refusal> {
    let back = |part: &Part| {
        Ok(EntryDraft {
            kind: EntryKind::ReturnToCredit,
            lot_class: part.class,
            amount: checked(part.minor, currency)?,
            expires_on: part.expires_on,
            source_entry_id: part.source,
        })
    };
    let claws = Some(claw).filter(|claw| *claw > 0).map(|claw| {
        Ok(EntryDraft {
            kind: EntryKind::Earn,
            lot_class: LotClass::Reward,
            amount: checked(-claw, currency)?,
            expires_on: None,
            source_entry_id: earning,
        })
    });
    backs.iter().filter(|part| part.minor > 0).map(back).chain(claws).collect()
}

fn total<'a>(parts: impl IntoIterator<Item = &'a Part>) -> i128 {
    parts.into_iter().map(|part| part.minor).sum()
}

#[cfg(test)]
mod tests;
