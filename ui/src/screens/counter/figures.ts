import type { CreditView, Link, MemberCard, Money } from "../../api";
import { type Rich, text } from "../../text";

/** Head office would be asked, and cannot be: what counts now is what may be used without it. */
export function isCutOff(link: Link): boolean {
  return link === "offline" || link === "connecting";
}

export type Figure = { label: string; words: string; isDebt: boolean };
export type SideFigure = { id: string; label: string; words: string; about: string };

/** The one that the eye should meet first. */
export function bigFigure(member: MemberCard, link: Link): Figure {
  const { figures, forms } = text();
  const { credit } = member;
  const { balance, usable } = credit;
  if (balance.minor < 0) return { label: figures.owes, words: forms.withoutSign(balance), isDebt: true };
  return usableComesFirst(member, link)
    ? { label: figures.usable, words: forms.money(usable), isDebt: false }
    : { label: figures.balance, words: forms.money(balance), isDebt: false };
}

/** What stands below it, at reading size. */
export function smallLines(member: MemberCard, link: Link): Rich[] {
  const { figures } = text();
  const { credit } = member;
  const { balance, pending, usable, home } = credit;
  const lines: Rich[] = [];
  if (balance.minor < 0) {
    if (credit.as_of) lines.push([figures.knownLine(credit.as_of)]);
  } else if (usableComesFirst(member, link)) {
    lines.push(figures.balanceLine(credit));
  } else {
    const waiting = figures.pendingLine(pending);
    if (waiting !== null) lines.push([waiting]);
    if (balance.minor > 0 && usable.minor !== balance.minor && !isOnHold(member))
      lines.push(figures.usableLine(usable));
  }
  lines.push(...rewardLines(credit));
  if (home === "this_till") lines.push([figures.onThisTill]);
  return lines;
}

function rewardLines({ rewards, next_expiry }: CreditView): Rich[] {
  const { figures } = text();
  if (rewards.minor > 0) return [figures.rewardsLine(rewards, next_expiry)];
  return next_expiry ? [figures.expiryLine(next_expiry)] : [];
}

/** What stands beside it: what a bill gets them, and what another system says that they owe. */
export function sideFigures(member: MemberCard): SideFigure[] {
  const { figures, forms } = text();
  const { discount_percent, valid_until, earn_percent, on_account, status } = member;
  const sides: SideFigure[] = [];
  // Who is not active has neither: why is said above.
  if (status.state === "active") {
    if (isRate(discount_percent)) {
      const about = valid_until ? figures.until(valid_until) : figures.onABill;
      sides.push(sideOf("figure-discount", figures.discount, forms.percent(discount_percent), about));
    }
    if (isRate(earn_percent)) {
      sides.push(sideOf("figure-earns", figures.earns, forms.percent(earn_percent), figures.onASale));
    }
  }
  const onAccount: Money | null = on_account?.balance ?? on_account?.limit ?? null;
  if (on_account && onAccount) {
    const about = figures.onAccountLine(on_account);
    sides.push(sideOf("figure-on-account", figures.onAccount, forms.money(onAccount), about));
  }
  return sides;
}

function sideOf(id: string, label: string, words: string, about: string): SideFigure {
  return { id, label, words, about };
}

/** Whether there is something to get, or to pay less. */
export function isRate(rate: string | null): rate is string {
  return rate !== null && Number(rate) > 0;
}

/** What to tell the member while not everything can be used; nothing where nothing is in the way. */
export function sayLine(member: MemberCard, link: Link): string | null {
  const { figures } = text();
  const { credit } = member;
  const { balance, usable } = credit;
  if (isOnHold(member) && balance.minor > 0) return text().member.sayOnHold;
  if (credit.owes && credit.owes.minor > 0) return figures.sayOwes(credit.owes);
  if (!usableComesFirst(member, link) || balance.minor <= 0) return null;
  if (usable.minor <= 0) return figures.sayNone;
  return usable.minor === balance.minor ? figures.sayAll(usable) : figures.sayPart(usable);
}

/** On hold nothing can be used at all: what they have stands first, and why it rests above it. */
function usableComesFirst(member: MemberCard, link: Link): boolean {
  return member.credit.home === "head_office" && isCutOff(link) && !isOnHold(member);
}

function isOnHold({ status }: MemberCard): boolean {
  return status.state === "on_hold";
}
