// Money at the counter: paying, giving back, paying out, correcting, undoing, and the slip.

import type {
  CashOutPreview,
  CreditView,
  HistoryLine,
  Money,
  Paid,
  PayPreview,
  ReturnPreview,
  Slip,
  SlipKind,
  SlipLabel,
  Tender,
} from "../api";
import { forms, moment } from "./en.forms";
import { history, PAID_BY } from "./en.member";

const savedWhere = {
  cutOff: "Saved here. Sent when connected.",
  connected: "Saved here and sent to head office.",
  alone: "Saved on this till.",
};

/** Where something is saved, by how far the till reaches: before it is, and after. */
export const saving = {
  will: {
    cutOff: "Is saved here, and sent when connected",
    connected: "Is saved here, and goes to head office now",
    alone: "Is saved on this till",
  },
  done: savedWhere,
};

/** What the one sentence after an action offers. */
export const said = { slip: "Slip", undo: "Undo…" };

export const pay = {
  heading: "Pay",
  balanceKnown: (instant: string) => `Head office’s balance at ${moment(instant)}`,
  bill: "Bill",
  credit: (max: Money | null) => (max ? `Credit used, ${forms.amount(max)} max` : "Credit used"),
  receipt: "Receipt number, optional",
  use: (max: Money) => `Use ${forms.spoken(max)}`,
  useMost: "Use credit",
  useNone: "No credit to use",
  keys: "Keys",
  deleteDigit: "Delete the last digit",
  discount: (rate: string) => `Discount ${forms.percent(rate)}`,
  noDiscount: "Discount",
  creditUsed: "Credit used",
  leftToCollect: "Left to collect",
  earns: (rate: string) => `Earns ${forms.percent(rate)}`,
  earnsOn: ({ earn_base, reward_used }: PayPreview) =>
    reward_used.minor > 0
      ? `on ${forms.amount(earn_base)}; the ${forms.amount(reward_used)} paid with a reward earns nothing`
      : `on ${forms.amount(earn_base)}`,
  balanceAfter: "Balance after",
  owesAfter: "Owes after",
  usableAfter: {
    cutOff: ({ usable_after }: PayPreview) =>
      usable_after.minor > 0
        ? `${forms.amount(usable_after)} of it usable until we are connected`
        : "none of it usable until we are connected",
    all: "all of it usable",
  },
  proof: {
    above: (above: Money) => `Over ${forms.amount(above)} of credit needs the member’s card:`,
    scan: "scan it now, or type its number",
    card: "Card number",
    given: (ending: string) => `Card …${ending} is theirs`,
    checking: "Looking the card up",
    missing: "Scan the member’s card, or type its number.",
    notTheirs: (ending: string) => `Card …${ending} is not one of this member’s.`,
    unknown: (ending: string) => `This till does not know card …${ending}.`,
    refused: (ending: string) => `Card …${ending} is theirs, but it may not be used.`,
  },
  told: {
    cutOff: (usable: Money) => `Up to ${forms.amount(usable)} can be used while offline.`,
    cutOffNone: "No credit can be used while offline.",
    connected: "Head office is asked before credit is taken.",
    alone: "Saved on this till. Credit on this till only.",
  },
  say: {
    start: ({ usable }: CreditView) =>
      usable.minor > 0
        ? `You have ${forms.spoken(usable)} to use. Shall I take it from there?`
        : "How would you like to pay?",
    paid: "This is paid.",
    paidRestLater: "This is paid. The rest of your credit is safe, it opens again when we are connected.",
    paidWithBalance: ({ balance_after }: PayPreview) =>
      `This is paid. Your balance is ${forms.spoken(balance_after)} then.`,
    partly: ({ credit_used, left_to_collect }: PayPreview) =>
      `${forms.spoken(credit_used)} comes from your credit, that leaves ${forms.spoken(left_to_collect)}, please.`,
    collect: ({ left_to_collect }: PayPreview) => `That is ${forms.spoken(left_to_collect)}, please.`,
    collectEarning: ({ left_to_collect, earned }: PayPreview) =>
      `That is ${forms.spoken(left_to_collect)}, please. You earn ${forms.spoken(earned)}.`,
    collectCreditLater: ({ left_to_collect }: PayPreview) =>
      `That is ${forms.spoken(left_to_collect)}, please. Your credit is safe, it opens again when we are connected.`,
    onHold: "I cannot use your credit today. May I ask my colleague to look at it with you?",
    card: "May I have your card for this?",
  },
  confirm: ({ credit_used, left_to_collect }: PayPreview) => {
    if (credit_used.minor === 0) return `Collect ${forms.spoken(left_to_collect)}`;
    if (left_to_collect.minor === 0) return `Take ${forms.spoken(credit_used)} from the credit`;
    return `Take ${forms.spoken(credit_used)} and collect ${forms.spoken(left_to_collect)}`;
  },
  confirmEmpty: "Pay",
  working: "Saving the bill",
  back: "Back",
  done: ({ credit_used, left_to_collect, earned }: Paid, reach: keyof typeof savedWhere) =>
    [
      `${forms.money(left_to_collect)} left to collect.`,
      credit_used.minor > 0 && `${forms.money(credit_used)} taken from the credit.`,
      earned.minor > 0 && `${forms.changeOfMoney(earned)} earned.`,
      savedWhere[reach],
    ]
      .filter(Boolean)
      .join(" "),
};

export const giveBack = {
  heading: "Give back",
  of: (line: HistoryLine) => `${history.whatOf(line.what)}, ${history.wholeMoment(line.at)}`,
  receipt: (receipt: string) => `Receipt ${receipt}`,
  amount: "What is given back",
  returnable: (returnable: Money) => `Of this bill ${forms.amount(returnable)} can be given back.`,
  all: (returnable: Money) => `All of it, ${forms.spoken(returnable)}`,
  keys: "Keys",
  deleteDigit: "Delete the last digit",
  toLots: "To the credit that paid",
  asReturns: "Paid otherwise, kept as credit",
  takenBack: "Earned by it, taken back",
  givenBack: "Given back",
  less: ({ taken_back }: ReturnPreview): string =>
    taken_back.minor > 0
      ? "Less than was typed: what the sale had earned is spent already, so it is kept from this."
      : "Less than was typed: not all of it is left to give back.",
  balanceAfter: "Balance after",
  say: ({ balance_after }: ReturnPreview) =>
    `It is back on your credit. Your balance is ${forms.spoken(balance_after)} then.`,
  save: (amount: Money) => `Give back ${forms.spoken(amount)}`,
  saveEmpty: "Give back",
  back: "Back",
  done: (amount: Money, reach: keyof typeof savedWhere) =>
    `${forms.money(amount)} given back to the credit. ${savedWhere[reach]}`,
};

export const cashOut = {
  heading: "Pay out",
  amount: "What is paid out",
  cashable: (cashable: Money) => `Up to ${forms.amount(cashable)}. Rewards are for buying only.`,
  all: (cashable: Money) => `All of it, ${forms.spoken(cashable)}`,
  paidBy: "Paid out by",
  card: "Member’s card",
  cardHint: "Scan it, or type its number.",
  balanceAfter: "Balance after",
  say: ({ balance_after }: CashOutPreview) =>
    `Here you are. Your balance is ${forms.spoken(balance_after)} now.`,
  save: (amount: Money, tender: Tender) => `Pay out ${forms.spoken(amount)} ${PAID_BY[tender]}`,
  saveEmpty: "Pay out",
  back: "Back",
  done: (amount: Money, reach: keyof typeof savedWhere) =>
    `${forms.money(amount)} paid out. ${savedWhere[reach]}`,
};

export const adjust = {
  heading: "Correct",
  lead: "Nothing is taken away from the history: a line with your reason is added.",
  direction: "Which way",
  more: "More credit",
  less: "Less credit",
  chooseDirection: "Choose more or less.",
  amount: "By how much",
  reason: "Why",
  reasonHint: "Kept with the line, for whoever looks later.",
  save: (amount: Money) => `Correct by ${forms.change(amount)}`,
  saveEmpty: "Correct",
  back: "Back",
  done: (amount: Money, reach: keyof typeof savedWhere) =>
    `Corrected by ${forms.changeOfMoney(amount)}. ${savedWhere[reach]}`,
};

export const undo = {
  heading: "Undo",
  lead: "It stays in the history, struck, and the slip says VOID.",
  reason: "Why",
  reasonHint: "Kept with the line, for whoever looks later.",
  usual: "Usual reasons",
  usualReasons: ["Wrong amount", "Wrong member", "Changed their mind"],
  save: "Undo it",
  back: "Back",
  done: (line: HistoryLine, reach: keyof typeof savedWhere) =>
    `Undone: ${history.whatOf(line.what)}. ${savedWhere[reach]}`,
};

/** As `slip/words.rs` of the core has them: paper and page say the same. */
export const slip = {
  heading: "Slip",
  loading: "Making the slip",
  print: "Print",
  toPrinter: "To the receipt printer",
  printing: "Sending it to the printer",
  printed: "The printer has it.",
  back: "Back",
  titles: {
    sale: "Sale",
    top_up: "Top-up",
    return: "Return",
    cash_out: "Paid out",
    adjustment: "Correction",
    void: "VOID",
  } satisfies Record<SlipKind, string>,
  labels: {
    bill: "Bill",
    discount: "Discount",
    credit_used: "Paid with credit",
    left_to_collect: "Left to pay",
    earned: "Earned",
    paid_in_cash: "Paid in, cash",
    paid_in_card: "Paid in, card",
    paid_in_transfer: "Paid in, transfer",
    paid_in_other: "Paid in, other",
    paid_out_cash: "Paid out, cash",
    paid_out_card: "Paid out, card",
    paid_out_transfer: "Paid out, transfer",
    paid_out_other: "Paid out, other",
    given_back: "Returned to credit",
    taken_back: "Earned, taken back",
    corrected: "Correction",
    balance_after: "Balance after",
    waiting_to_be_confirmed: "of it waiting to be confirmed",
  } satisfies Record<SlipLabel, string>,
  copy: "COPY",
  member: "Member",
  phoneEnding: "Phone ending",
  receipt: "Receipt",
  reference: "Reference",
  printedAt: ({ printed_on, printed_time }: Slip) => `${forms.date(printed_on)}, ${printed_time}`,
};
