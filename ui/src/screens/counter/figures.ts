import type { CreditView, Link } from "../../api";
import { type Rich, text } from "../../text";

/** Head office would be asked, and cannot be: what counts now is what may be used without it. */
export function isCutOff(link: Link): boolean {
  return link === "offline" || link === "connecting";
}

export type Figure = { label: string; words: string; isDebt: boolean };

/** The one that the eye should meet first. */
export function bigFigure(credit: CreditView, link: Link): Figure {
  const { figures, forms } = text();
  const { balance, usable } = credit;
  if (balance.minor < 0) return { label: figures.owes, words: forms.withoutSign(balance), isDebt: true };
  return usableComesFirst(credit, link)
    ? { label: figures.usable, words: forms.money(usable), isDebt: false }
    : { label: figures.balance, words: forms.money(balance), isDebt: false };
}

/** What stands below it, at reading size. */
export function smallLines(credit: CreditView, link: Link): Rich[] {
  const { figures } = text();
  const { balance, pending, usable, home } = credit;
  const lines: Rich[] = [];
  if (balance.minor < 0) {
    if (credit.as_of) lines.push([figures.knownLine(credit.as_of)]);
  } else if (usableComesFirst(credit, link)) {
    lines.push(figures.balanceLine(credit));
  } else {
    const waiting = figures.pendingLine(pending);
    if (waiting !== null) lines.push([waiting]);
    if (balance.minor > 0 && usable.minor !== balance.minor) lines.push(figures.usableLine(usable));
  }
  if (home === "this_till") lines.push([figures.onThisTill]);
  return lines;
}

/** What to tell the member while not everything can be used; nothing where nothing is in the way. */
export function sayLine(credit: CreditView, link: Link): string | null {
  const { figures } = text();
  const { balance, usable } = credit;
  if (!usableComesFirst(credit, link) || balance.minor <= 0) return null;
  if (usable.minor <= 0) return figures.sayNone;
  return usable.minor === balance.minor ? figures.sayAll(usable) : figures.sayPart(usable);
}

function usableComesFirst({ home }: CreditView, link: Link): boolean {
  return home === "head_office" && isCutOff(link);
}
