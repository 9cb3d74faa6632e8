// The open member: who they are, what they have, what happened, and the top-up.

import type {
  CreditView,
  EntryKind,
  HistoryWhat,
  MemberCard,
  Money,
  Place,
  Tender,
  TopUpPreview,
} from "../api";
import { at, forms, list, moment, waitingOf, when } from "./en.forms";
import type { Rich } from "./rich";

export const member = {
  about: ({ phone, email, birthday, member_since: since, elsewhere }: MemberCard) => {
    const born = birthday && `born ${forms.birthday(birthday)}`;
    const joined = since && `member since ${forms.date(since)}`;
    const others = elsewhere.length > 0 ? `also at ${list(elsewhere)}` : null;
    return [phone, email, born, joined, others].filter((part) => part !== null);
  },
  note: "Note",
  needsYou: "A change needs you",
};

export const figures = {
  usable: "Usable now",
  balance: "Balance",
  owes: "Owes",
  onThisTill: "Credit on this till only",
  balanceLine: ({ balance, pending, as_of }: CreditView): Rich => {
    const isDebt = balance.minor < 0;
    const figure = isDebt ? forms.withoutSign(balance) : forms.money(balance);
    return [
      isDebt ? "Owes " : "Balance ",
      { strong: figure },
      as_of ? ` ${at(as_of)}` : "",
      ...pendingPart(pending),
    ];
  },
  knownLine: (asOf: string) => `As known ${at(asOf)}`,
  pendingLine: waitingOf,
  usableLine: (usable: Money): Rich => ["Usable now ", { strong: forms.money(usable) }],
  sayPart: (usable: Money) =>
    `You can use up to ${forms.spoken(usable)} now, the rest when we are connected.`,
  sayAll: (usable: Money) => `You can use all of your ${forms.spoken(usable)} now.`,
  sayNone: "Your credit is safe. You can use it when we are connected again.",
};

function pendingPart(pending: Money): Rich {
  if (pending.minor === 0) return [];
  return [", ", { together: `${forms.amount(pending)} of it` }, " waiting to be confirmed"];
}

export const tenders: Record<Tender, string> = {
  cash: "Cash",
  card: "Card",
  transfer: "Transfer",
  other: "Other",
};

const PAID_BY: Record<Tender, string> = {
  cash: "in cash",
  card: "by card",
  transfer: "by transfer",
  other: "paid another way",
};

const KINDS: Record<EntryKind, string> = {
  top_up: "Top-up",
  redeem: "Paid with credit",
  earn: "Earned",
  return_to_credit: "Return to credit",
  cash_out: "Paid out",
  adjust: "Correction",
  expire: "Expired",
  void: "Void",
  opening: "Opening balance",
};

const FIELDS: Record<string, string> = {
  name: "Name",
  phone: "Phone",
  email: "Email",
  birthday: "Birthday",
  note: "Note",
};

/** "Top-up, cash" */
export function entry(kind: EntryKind, tender: Tender | null): string {
  return tender ? `${KINDS[kind]}, ${tenders[tender].toLowerCase()}` : KINDS[kind];
}

/** "Phone and email" */
export function fieldNames(fields: string[]): string {
  const names = fields.map((field, place) => {
    const name = FIELDS[field] ?? field;
    return place === 0 ? name : name.toLowerCase();
  });
  return list(names);
}

export const history = {
  heading: "History",
  empty: "Nothing has happened yet.",
  when: "When",
  /** The moment of a line, for its column. */
  moment: when,
  what: "What",
  amount: "Amount",
  balance: "Balance",
  where: "Where",
  registered: "Joined",
  entry: (what: Extract<HistoryWhat, { what: "entry" }>, isElsewhere: boolean) =>
    isElsewhere ? `${entry(what.kind, what.tender)} · ${what.location}` : entry(what.kind, what.tender),
  edited: (fields: string[]) => `${fieldNames(fields)} changed`,
  joined: (location: string) => `Taken in at ${location}`,
  places: {
    here: "✓ here",
    head_office: "✓✓ head office",
    needs_you: "! needs you",
    this_till: "✓ this till",
  } satisfies Record<Place, string>,
};

export const topUp = {
  heading: "Top up",
  offlineSince: (instant: string | null) => (instant ? `Offline since ${moment(instant)}` : "Offline"),
  amount: "Amount",
  usual: "Usual amounts",
  keys: "Keys",
  deleteDigit: "Delete the last digit",
  paidBy: "Paid by",
  balanceNow: (asOf: string | null) => (asOf ? `Balance ${at(asOf)}` : "Balance"),
  pending: waitingOf,
  toppedUp: (tender: Tender) => entry("top_up", tender),
  balanceAfter: "Balance after",
  usableUnchanged: "Usable now, unchanged",
  usableAfter: "Usable now",
  told: {
    cutOff: "Saved here, sent when we are connected.",
    connected: "Saved here and sent to head office at once.",
    alone: "Saved on this till. Credit on this till only.",
  },
  say: {
    later: (amount: Money) =>
      `Your ${forms.spoken(amount)} is saved. You can use it as soon as we are connected again.`,
    partly: (amount: Money, { usable_after }: TopUpPreview) =>
      `Your ${forms.spoken(amount)} is saved. You can use up to ${forms.spoken(usable_after)} now.`,
    now: ({ balance_after }: TopUpPreview) => `Your balance is ${forms.spoken(balance_after)} now.`,
  },
  confirm: (amount: Money, tender: Tender) => `Top up ${forms.spoken(amount)} ${PAID_BY[tender]}`,
  confirmEmpty: "Top up",
  back: "Back",
  done: {
    cutOff: (amount: Money) => `Topped up ${forms.money(amount)}. Saved here. Sent when connected.`,
    connected: (amount: Money) => `Topped up ${forms.money(amount)}. Saved here and sent to head office.`,
    alone: (amount: Money) => `Topped up ${forms.money(amount)}. Saved on this till.`,
  },
};
