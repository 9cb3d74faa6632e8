// The open member: who they are, what they have, what happened, and the top-up.

import type {
  AliasView,
  CardDid,
  CreditView,
  EntryKind,
  HistoryLine,
  HistoryWhat,
  MemberCard,
  Money,
  NextExpiry,
  OnAccount,
  Place,
  StaffNote,
  StatusState,
  StatusView,
  Tender,
  TopUpPreview,
  Undid,
  VisitKind,
} from "../api";
import { blockedWords } from "./en.cards";
import { edit } from "./en.edit";
import { at, forms, list, moment, plural, waitingOf, when } from "./en.forms";
import type { Rich } from "./rich";

export const member = {
  /** Each part is kept on one line where it fits. */
  about: (card: MemberCard) => {
    const { phone, reference, email, birthday, member_since: since, elsewhere } = card;
    const born = birthday && `born ${forms.birthday(birthday)}`;
    const joined = since && `member since ${forms.date(since)}`;
    const others = elsewhere.length > 0 ? `also at ${list(elsewhere)}` : null;
    return [phone, companyWords(card), reference, email, born, joined, others].filter(
      (part) => part !== null,
    );
  },
  status: (status: StatusView) => statusWords(status),
  /** What it means at the counter that somebody is not active. */
  stands: {
    on_hold: "Credit cannot be used or paid out, and nothing is earned, until somebody lifts the hold.",
    inactive: "No discount, and nothing is earned. Their credit stays theirs and can be used.",
    not_yet_valid: "No discount yet, and nothing is earned. Their credit can be used.",
    expired: "No discount any more, and nothing is earned. Their credit stays theirs and can be used.",
  } satisfies Partial<Record<StatusState, string>>,
  sayOnHold: "I cannot use your credit today. May I ask my colleague to look at it with you?",
  label: "Label",
  risk: (name: string | null) => (name ? `Look out: ${name}` : "Look out"),
  note: "Note",
  /** "— Mai, 12 Nov" */
  noteBy: ({ author, on }: StaffNote) => {
    const parts = [author, on && forms.day(on)].filter((part) => part !== null);
    return parts.length > 0 ? `— ${parts.join(", ")}` : null;
  },
  needsYou: "A change needs you",
  alias: ({ full_name, merged_at }: AliasView) =>
    `${full_name} was joined into this member on ${forms.day(merged_at)}.`,
  unmerge: "Undo…",
  unmerging: {
    heading: "Undo the joining",
    lead: (name: string) =>
      `${name} becomes a member of their own again, as before. What was booked since stays here.`,
    save: "Separate the two",
    back: "Back",
    done: (name: string) => `${name} is a member of their own again.`,
  },
  cashOut: "Pay out…",
  correct: "Correct…",
  cards: "Cards",
  noCard: "No card yet.",
  /** "blocked 2 Mar 2025, replaced by …5209" */
  cardSince: (instant: string) => `since ${forms.date(instant)}`,
  replacedBy: (ending: string) => `replaced by …\u2060${ending}`,
};

function companyWords({ is_company, tax_id }: Pick<MemberCard, "is_company" | "tax_id">): string | null {
  if (!is_company) return tax_id && `tax ${tax_id}`;
  return tax_id ? `company, tax ${tax_id}` : "company";
}

export function statusWords({ state, reason, on }: StatusView): string {
  switch (state) {
    case "active":
      return "Active";
    case "not_a_member":
      return "Not a member here";
    case "inactive":
      return "Inactive";
    case "not_yet_valid":
      return on ? `Not valid before ${forms.date(on)}` : "Not valid yet";
    case "expired":
      return on ? `Expired, valid until ${forms.date(on)}` : "Expired";
    case "on_hold":
      return reason ? `On hold: ${reason}` : "On hold";
    case "removed":
      return "Removed";
    case "merged":
      return "Joined into another member";
  }
}

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
  rewardsLine: (rewards: Money, next: NextExpiry | null): Rich => [
    "Rewards ",
    { strong: forms.money(rewards) },
    " of it",
    ...(next ? [", ", { together: `${forms.amount(next.amount)} until ${forms.day(next.on)}` }] : []),
  ],
  /** Where what runs out is no reward. */
  expiryLine: ({ amount, on }: NextExpiry): Rich => [
    { strong: forms.money(amount) },
    ` of it can be used until ${forms.day(on)}`,
  ],
  discount: "Discount",
  until: (moment: string) => `until ${forms.date(moment)}`,
  onABill: "off a bill",
  earns: "Earns",
  onASale: "credit on a sale",
  onAccount: "On account",
  /** What they may owe is told by another system, and is no credit. */
  onAccountLine: ({ limit, balance }: OnAccount) => {
    if (limit === null) return "as head office tells it";
    return balance === null ? `may owe at most` : `owed, of ${forms.amount(limit)} at most`;
  },
  sayPart: (usable: Money) =>
    `You can use up to ${forms.spoken(usable)} now, the rest when we are connected.`,
  sayAll: (usable: Money) => `You can use all of your ${forms.spoken(usable)} now.`,
  sayNone: "Your credit is safe. You can use it when we are connected again.",
  sayOwes: (owed: Money) => `There are ${forms.spoken(owed)} open from an earlier visit.`,
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

export const PAID_BY: Record<Tender, string> = {
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
  expire: "Ran out",
  void: "Void",
  opening: "Opening balance",
};

export const visits: Record<VisitKind, string> = { sale: "Bill", return: "Return", void: "Bill undone" };

const DID: Record<CardDid, string> = {
  issued: "issued",
  blocked: "blocked",
  unblocked: "unblocked",
  changed: "changed",
  taken_away: "taken away",
};

/** "Top-up, cash" */
export function entry(kind: EntryKind, tender: Tender | null): string {
  return tender ? `${KINDS[kind]}, ${tenders[tender].toLowerCase()}` : KINDS[kind];
}

/** "Phone and email" */
export function fieldNames(fields: string[]): string {
  const names = fields.map((field, place) => {
    const name = edit.fieldName(field);
    return place === 0 ? name : lowered(name);
  });
  return list(names);
}

/** Abbreviations stay as they are. */
function lowered(name: string): string {
  return /^\p{Lu}{2}/u.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

/** "Void of top-up, cash, 50,000 ₫" */
function undone({ kind, tender, amount }: Undid): string {
  return `${KINDS.void} of ${lowered(entry(kind, tender))}, ${forms.withoutSign(amount)}`;
}

function whatWords(what: HistoryWhat): string {
  switch (what.what) {
    case "entry":
      if (what.undid) return undone(what.undid);
      return what.percent
        ? `${KINDS[what.kind]} ${forms.percent(what.percent)}`
        : entry(what.kind, what.tender);
    case "visit":
      return `${visits[what.kind]}, ${forms.money(what.bill)}`;
    case "registered":
      return "Joined";
    case "edited":
      return `${fieldNames(what.fields)} changed`;
    case "card":
      return `Card …${what.ending} ${what.did === "blocked" ? blockedWords(what.reason).toLowerCase() : DID[what.did]}`;
    case "joined":
      return `Taken in at ${what.location}`;
    case "merged":
      return `${what.name} joined into this member`;
    case "unmerged":
      return "Separated from another member again";
    case "removed":
      return "Removed";
  }
}

export const history = {
  heading: "History",
  empty: "Nothing has happened yet.",
  hint: "↑ ↓ walk through it",
  when: "When",
  /** The moment of a line, for its column. */
  moment: when,
  /** The whole of it, for the line that is chosen. */
  wholeMoment: (instant: string) => `${forms.date(instant)}, ${forms.time(instant)}`,
  what: "What",
  amount: "Amount",
  balance: "Balance",
  where: "Where",
  whatOf: whatWords,
  atShop: (what: string, location: string) => `${what} · ${location}`,
  undone: "undone",
  receipt: (receipt: string) => `receipt ${receipt}`,
  reason: (reason: string) => `“${reason}”`,
  all: (count: number) => `Show all ${plural(count, "line", "lines")}`,
  slip: "Slip",
  giveBack: "Give back…",
  undo: "Undo…",
  nothingToDo: "Nothing can be done with this line.",
  /** A chosen line, as it is read aloud with what can be done. */
  actions: (line: HistoryLine) => `What can be done with: ${whatWords(line.what)}`,
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
  owesNow: (asOf: string | null) => (asOf ? `Owes, as known ${at(asOf)}` : "Owes"),
  pending: waitingOf,
  toppedUp: (tender: Tender) => entry("top_up", tender),
  repays: (repays: Money) => `${forms.amount(repays)} of it goes to what is owed`,
  balanceAfter: "Balance after",
  owesAfter: "Still owes after",
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
    repays: (repays: Money, { balance_after }: TopUpPreview) =>
      balance_after.minor < 0
        ? `All of it goes to what is open: ${forms.withoutSign(balance_after)} are left of that.`
        : `${forms.spoken(repays)} of it goes to what was open, so your balance is ${forms.spoken(balance_after)}. Is that all right?`,
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
