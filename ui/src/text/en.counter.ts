// The counter: the search and its answers.

import type { LastVisit, MemberHit, PullProgress } from "../api";
import { at, forms, list, moment, plural, spokenCount } from "./en.forms";

export const counter = {
  search: {
    label: "Phone, card or name",
    hint: "Scan a card at any time. The last 4 digits of a phone are enough.",
    hintForLists: "Scan a card at any time. ↑ ↓ choose, Enter opens.",
    keys: "Keys",
    deleteDigit: "Delete the last digit",
    letters: "Letters for a name",
    digits: "Digits",
    space: "Space",
    deleteLetter: "Delete the last letter",
    find: "Find",
    served: "Served just now",
    nameHidden: "Name hidden",
  },
  start: {
    heading: "Who is next?",
    lead: "Scan a card, or type a phone number, its last 4 digits, or a name.",
    how: "How it goes",
    rows: (keyOfNew: string, keyOfClear: string) => [
      { keys: "A card", does: "scanned at any time opens its member." },
      { keys: "A whole number", does: "opens its member by itself." },
      { keys: "Last digits, a name", does: "list who they fit: ↑ ↓ choose, Enter opens." },
      { keys: keyOfNew, does: "takes in somebody new." },
      { keys: keyOfClear, does: "clears the screen for the next one." },
    ],
  },
  tooShort: { heading: "A little more", lead: "From 4 digits or 2 letters on, members are listed here." },
  failed: { heading: "The search did not work", again: "Try again" },
  pull: (pull: PullProgress) =>
    pull.total > 0
      ? `${forms.count(pull.done)} of ${forms.count(pull.total)} members fetched`
      : `${plural(pull.done, "member", "members")} fetched`,
  hits: {
    share: (count: number, query: string) =>
      count === 1 ? `1 member has ${query}` : `${forms.count(count)} members share ${query}`,
    match: (count: number, query: string) =>
      count === 1 ? `1 member matches ${query}` : `${forms.count(count)} members match ${query}`,
    many: (count: number, query: string) => `More than ${forms.count(count)} members match ${query}`,
    leadForShared: "Ask for the card or the name, then choose.",
    leadForMatches: "Choose, or type more.",
    first: (shown: number) =>
      `These are the first ${forms.count(shown)}. Type more to make the list shorter.`,
    name: "Members found",
    open: (name: string) => `Open ${name}`,
    newMember: "None of these: new member",
    say: (count: number) =>
      `${spokenCount(count)} people use this number. May I have your name, or your card?`,
    balances: (asOf: string) => `Balances ${at(asOf)}.`,
    about: (hit: MemberHit) => {
      const since = hit.member_since?.slice(0, 4);
      const parts = [
        hit.is_company && "company",
        hit.tax_id && `tax ${hit.tax_id}`,
        hit.birth_year && `born ${hit.birth_year}`,
        since && (hit.is_company ? `since ${since}` : `member since ${since}`),
        hit.reference,
      ];
      return parts.filter(Boolean).join(", ");
    },
    lastVisit: "Last visit",
    visited: ({ on, location }: LastVisit) => `${forms.day(on)}, ${location}`,
    never: "never",
    card: "Card",
    noCard: "none",
    samePerson: "The same person twice?",
    join: "Join them",
    joinWith: (name: string) => `Join ${name} with:`,
    joinNot: "Leave them as they are",
    phone: "Phone",
    at: "Member at",
    ending: (ending: string) => `…${ending}`,
  },
  elsewhere: {
    heading: (locations: string[]) => `Member at ${list(locations)}, not yet here.`,
    headingForSeveral: (count: number) => `${forms.count(count)} members, none of them here yet.`,
    lead: "Taking in makes them a member of this shop too. Nothing changes for the other one.",
    takeIn: (shop: string) => `Take in at ${shop}`,
    say: (locations: string[], shop: string) =>
      `You are a member at ${list(locations)}. Shall I take you in here at ${shop} too?`,
    newMember: "Somebody else: new member",
  },
  refused: {
    heading: "This card cannot be used",
    whose: (ending: string, name: string) => `Card …${ending} of ${name}.`,
    since: (state: string, instant: string) =>
      `${state} since ${forms.date(instant)}, ${forms.time(instant)}.`,
    openAnyway: "Open the member anyway…",
    askFirst: "Ask for the phone number first",
    asked: (ending: string | null) =>
      ending
        ? `Whoever found or took the card does not know it. It must end with ${ending}. If they cannot say it, do not go on.`
        : "No phone is kept for this member. Ask for something that only they know: an email, a birthday, the last visit.",
    open: (name: string) => `They said it: open ${name}`,
    back: "Do not open",
    say: "This card does not work any more. May I have your phone number?",
  },
  notInCopy: {
    heading: (asOf: string | null) => `Not in this till’s copy${asOf ? ` as of ${moment(asOf)}` : ""}.`,
    asked: {
      remote_none: {
        heading: "Nobody here, and nobody at head office.",
        lead: "Head office was asked just now, for the shops that this till keeps.",
      },
      remote_cannot_tell: {
        heading: "Nobody here. Head office found nobody either, but cannot be sure.",
        lead: "Its search may not look at what was typed. They may be there all the same.",
      },
      remote_unreachable: {
        heading: "Nobody here, and head office did not answer in time.",
        lead: "Whether it knows them is not known. Ask again, or go on without it.",
      },
    },
    headingAlone: {
      number: "No member here has this number.",
      card: "No member here has this card.",
      name: "No member here has this name.",
    },
    lead: {
      offline: "Head office cannot be reached.",
      connecting: "Head office has not answered yet.",
      online: "Head office is connected. What it learnt a moment ago may still be on its way.",
      none: "This till works alone, without head office.",
    },
    leadForFirstPull: (pull: PullProgress) =>
      `Members are still being fetched. ${counter.pull(pull)} so far.`,
    explained: {
      number: (query: string, asOf: string | null) =>
        `${query} may be a member who joined or changed phone ${since(asOf)}, or who belongs to a shop that this till does not keep.`,
      card: (query: string, asOf: string | null) =>
        `Card ${query} may have been issued ${since(asOf)}, or belong to a shop that this till does not keep.`,
      name: (query: string, asOf: string | null) =>
        `${query} may be written another way here, have joined ${since(asOf)}, or belong to a shop that this till does not keep.`,
    },
    explainedAlone: {
      number: (query: string) => `${query} may be stored under another number, or be new.`,
      card: (query: string) => `Card ${query} was not given to anybody on this till.`,
      name: (query: string) => `${query} may be written another way here, or be new.`,
    },
    say: {
      cutOff: {
        number:
          "I cannot see you from here just now. May I look by card or name? Any credit you have is safe.",
        card: "I cannot see this card from here just now. May I have your phone number? Any credit you have is safe.",
        name: "I cannot see you from here just now. May I have your phone number? Any credit you have is safe.",
      },
      connected: {
        number: "I do not find this number. May I try another one, or sign you up?",
        card: "I do not find this card. May I have your phone number?",
        name: "I do not find this name. May I have your phone number, or sign you up?",
      },
    },
    newMember: (query: string) => `New member with ${query}`,
    newMemberPlain: "New member",
    ask: "Ask head office again",
    asking: "Asking head office …",
    works: "What works now, and what waits",
    rows: [
      { what: "Card, phone or name", does: "Search again: an older phone number may be stored." },
      {
        what: "New member",
        does: "Saved here. If they turn out to be known, you are asked to join the two; no credit is lost.",
      },
      { what: "Sale", does: "Sell as usual and keep the receipt number: what it earns can be added later." },
      { what: "Pay with credit", does: "Not until head office has said what they have." },
    ],
  },
};

function since(asOf: string | null): string {
  return asOf ? `after ${moment(asOf)}` : "lately";
}
