// The counter: the search and its answers.

import type { MemberHit, PullProgress } from "../api";
import { at, forms, list, moment, plural, spokenCount } from "./en.forms";

export const counter = {
  search: {
    label: "Phone number",
    hint: "Any spelling. The last 4 digits are enough.",
    hintForLists: "↑ ↓ choose, Enter opens.",
    keys: "Keys",
    deleteDigit: "Delete the last digit",
    find: "Find",
    served: "Served just now",
  },
  start: {
    heading: "Who is next?",
    lead: "Type the member’s phone number, or its last 4 digits.",
    how: "How it goes",
    rows: [
      { keys: "A whole number", does: "opens its member by itself." },
      { keys: "The last digits", does: "list who they fit: ↑ ↓ choose, Enter opens." },
      { keys: "F2", does: "takes in somebody new." },
      { keys: "Esc", does: "clears the screen for the next one." },
    ],
  },
  tooShort: { heading: "A little more", lead: "From 4 digits on, members are listed here." },
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
    leadForShared: "Ask for the name, then choose.",
    leadForMatches: "Choose, or type more of the number.",
    first: (shown: number, total: number) =>
      `These are the first ${forms.count(shown)} of ${forms.count(total)}. More digits make the list shorter.`,
    name: "Members with this number",
    open: (name: string) => `Open ${name}`,
    newMember: "None of these: new member",
    say: (count: number) => `${spokenCount(count)} people use this number. May I have your name?`,
    balances: (asOf: string) => `Balances ${at(asOf)}.`,
    about: (hit: MemberHit) => {
      const since = hit.member_since?.slice(0, 4);
      const parts = [hit.birth_year && `born ${hit.birth_year}`, since && `member since ${since}`];
      return parts.filter(Boolean).join(", ");
    },
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
  notInCopy: {
    heading: (asOf: string | null) => `Not in this till’s copy${asOf ? ` as of ${moment(asOf)}` : ""}.`,
    headingAlone: "No member here has this number.",
    lead: {
      offline: "Head office cannot be reached.",
      connecting: "Head office has not answered yet.",
      online: "Head office is connected. What it learnt a moment ago may still be on its way.",
      none: "This till works alone, without head office.",
    },
    leadForFirstPull: (pull: PullProgress) =>
      `Members are still being fetched. ${counter.pull(pull)} so far.`,
    explained: (query: string, asOf: string | null) =>
      `${query} may be a member who joined or changed phone ${asOf ? `after ${moment(asOf)}` : "lately"}, or who belongs to a shop that this till does not keep.`,
    explainedAlone: (query: string) => `${query} may be stored under another number, or be new.`,
    say: {
      cutOff: "I cannot see you from here just now. May I try another number? Any credit you have is safe.",
      connected: "I do not find this number. May I try another one, or sign you up?",
    },
    newMember: (query: string) => `New member with ${query}`,
    newMemberPlain: "New member",
    ask: "Ask head office again",
    works: "What works now, and what waits",
    rows: [
      { what: "Another number", does: "Search again: an older phone number may be stored." },
      { what: "New member", does: "Saved here at once. If they turn out to be known, no credit is lost." },
      { what: "Their credit", does: "Shows as soon as head office has sent what they have." },
    ],
  },
};
