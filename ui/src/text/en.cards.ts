// Cards, and two members who become one.

import type { BlockReason, CardState, CardView } from "../api";
import { forms, list, moment, plural } from "./en.forms";

const REASONS: Record<BlockReason, string> = {
  lost: "Lost",
  stolen: "Stolen",
  damaged: "Damaged",
  other: "Other",
};

const STATES: Record<CardState, string> = {
  active: "Active",
  inactive: "Not active",
  not_yet_valid: "Not valid yet",
  expired: "Run out",
  blocked: "Blocked",
};

/** "Blocked (lost)"; other systems have reasons of their own. */
export function blockedWords(reason: string | null): string {
  if (reason === null || reason === "other") return STATES.blocked;
  return `${STATES.blocked} (${(REASONS as Record<string, string>)[reason]?.toLowerCase() ?? reason})`;
}

export const cards = {
  heading: "Card",
  do: "What to do",
  doing: { issue: "Issue", block: "Block", replace: "Replace", unblock: "Unblock", describe: "Edit" },
  which: "Which card",
  why: "Why",
  reasons: REASONS,
  /** Also a reason of another system. */
  reasonOf: blockedWords,
  state: ({ state, status_reason }: CardView) =>
    state === "blocked" ? blockedWords(status_reason) : STATES[state],
  /** "Plastic, since 1 Nov 2022" */
  about: ({ is_virtual, issued_at }: CardView) => {
    const kind = is_virtual ? "Virtual" : "Plastic";
    return issued_at ? `${kind}, since ${forms.date(issued_at)}` : kind;
  },
  /** "valid 1 Dec 2026 to 31 Dec 2027" */
  validity: ({ valid_from: from, valid_until: until }: CardView): string | null => {
    if (from && until) return `valid ${forms.date(from)} to ${forms.date(until)}`;
    if (from) return `valid from ${forms.date(from)}`;
    return until ? `valid until ${forms.date(until)}` : null;
  },
  forProcessor: (processor: string) => `processor ${processor}`,
  facts: {
    validFrom: "Valid from",
    validUntil: "Valid until",
    note: "Note",
    noteHint: "Stands beside the card at the counter.",
    processor: "Processor",
    processorHint: "As the member system names it. Portos: G, P, AW or GW.",
  },
  newCard: "New card",
  serialHint: "Scan it, or type the number.",
  scanOrType: "scan or type",
  makeVirtual: "Make a virtual one",
  virtualHint: "For a phone: nothing is handed out.",
  notTheirs: (ending: string) => `The scanned card …${ending} is not one of this member’s.`,
  old: (ending: string) => `Old card …${ending}`,
  one: (ending: string) => `Card …${ending}`,
  new: (ending: string) => (ending ? `New card …${ending}` : "New card"),
  becomes: { plastic: "Active, plastic", virtual: "Active, virtual" },
  stays: (count: number) => plural(count, "other card", "other cards"),
  staysAsItIs: "stays as it is",
  stayAsTheyAre: (count: number): string => (count === 1 ? "stays as it is" : "stay as they are"),
  credit: "Credit",
  offlineSince: (instant: string | null) => (instant ? `Offline since ${moment(instant)}` : "Offline"),
  told: {
    cutOff: "Other tills learn of it when connected.",
    connected: "Other tills learn of it at once.",
    alone: "It holds on this till.",
  },
  say: {
    issue: "This is your card. You can use it from now on.",
    issueVirtual: "This is your card number. Keep it in your phone.",
    blockLater: "Your card is blocked here now, and everywhere else as soon as we are connected.",
    block: "Your card is blocked. Nobody can use it any more.",
    replaceLater: "Your old card is blocked here now, and everywhere else as soon as we are connected.",
    replace: "Your old card is blocked, and the new one works already. Your credit stays as it is.",
    unblock: "Your card works again.",
  },
  save: {
    issue: "Issue the card",
    block: "Block the card",
    replace: "Replace the card",
    unblock: "Unblock the card",
    describe: "Save",
  },
  back: "Back",
  done: {
    issue: (ending: string) => `Card …${ending} is issued.`,
    block: (ending: string) => `Card …${ending} is blocked.`,
    replace: (ending: string) => `Card …${ending} took the old one’s place.`,
    unblock: (ending: string) => `Card …${ending} works again.`,
    describe: (ending: string) => `Card …${ending} is saved.`,
  },
};

export const merge = {
  heading: "The same person twice",
  loading: "Comparing the two",
  stays: "Stays",
  goes: "Is joined",
  swap: "Let the other one stay",
  onlyLead: "Only the other one had this, so it is taken over:",
  differ: "Both have something. What stays is kept unless you choose the other:",
  nothing: "nothing",
  nothingDiffers: "Nothing contradicts.",
  keep: "Stays",
  take: "The other’s",
  cardsAfter: (count: number) => (count === 0 ? "No card" : plural(count, "card", "cards")),
  cards: "Cards after",
  balanceOf: (name: string) => `Credit of ${name}`,
  balanceAfter: "Credit after",
  joins: (locations: string[]) => `Also becomes a member at ${list(locations)}.`,
  canUndo: "It can be undone: what was taken over goes back then.",
  told: {
    cutOff: "Saved here, sent when we are connected.",
    connected: "Saved here and sent to head office at once.",
    alone: "Saved on this till.",
  },
  save: "Join the two",
  back: "Back",
  done: (name: string) => `Joined into ${name}. It can be undone.`,
  yes: "yes",
  no: "no",
  aPicture: "a picture",
  another: "another member",
  onHold: (reason: string | null) => (reason ? `on hold: ${reason}` : "on hold"),
  limit: (limit: string) => `up to ${limit}`,
  days: (count: number) => plural(count, "day", "days"),
};
