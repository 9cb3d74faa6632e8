// Every sentence of the page, in English. This is the shape that the other languages must fill completely.

import type { ChangeWhat, Money, PullProgress, ReturnedSale, SyncState } from "../api";
import type { Action } from "../components/key-map";
import { cards, merge } from "./en.cards";
import { counter } from "./en.counter";
import { edit } from "./en.edit";
import { failures } from "./en.failures";
import { at, forms, list, moment, plural } from "./en.forms";
import { imports } from "./en.import";
import { entry, fieldNames, figures, history, member, tenders, topUp, visits } from "./en.member";
import { members } from "./en.members";
import { adjust, cashOut, giveBack, pay, said, saving, slip, undo } from "./en.money";
import { question } from "./en.question";
import { cardCheck, consents, register, twins } from "./en.register";
import { settings } from "./en.settings";

export const en = {
  forms,
  /** "Kim Ma and West Lake" */
  listed: list,
  failures,
  counter,
  member,
  figures,
  history,
  tenders,
  topUp,
  question,
  pay,
  giveBack,
  cashOut,
  adjust,
  undo,
  slip,
  said,
  saving,
  register,
  cardCheck,
  consents,
  twins,
  edit,
  cards,
  merge,
  members,
  imports,
  settings,
  shell: {
    name: "Regulars",
    nav: "Main",
    counter: "Counter",
    members: "Members",
    sync: "Sync",
    settings: "Settings",
    states: "Connection",
    link: { online: "Online", offline: "Offline", connecting: "Connecting", none: "This till only" },
    withWaiting: (link: string, waiting: number) => `${link} · ${forms.count(waiting)} waiting`,
    /** How far this computer's clock is off, in whole minutes; whether it is behind. */
    clockOff: (minutes: number, isBehind: boolean) =>
      `Clock ${forms.count(minutes)} min ${isBehind ? "slow" : "fast"}`,
    clockOffTold:
      "This computer’s clock differs from head office’s. The till goes by head office’s; set the clock right.",
    needsYou: (count: number) => plural(count, "needs you", "need you"),
    till: (shop: string, till: string) => `${shop} · ${till}`,
    starting: "Opening the till",
  },
  /** What each key of the key map does, as its button and the settings name it. */
  keys: {
    new: "New",
    top_up: "Top up",
    pay: "Pay",
    card: "Card",
    edit: "Edit",
    sync: "Sync",
    clear: "Clear",
    members: "Members",
    settings: "Settings",
  } satisfies Record<Action, string> as Record<Action, string>,
  keysAbout: { card: "issue, edit, block, replace" },
  scan: { held: "Card scanned. Finish or leave this first, then scan it again." },
  say: "Say",
  startFailed: { heading: "This till cannot open yet", again: "Try again" },
  firstStart: {
    heading: "Set up this till",
    lead: "A few short answers, then the counter opens.",
    language: "Language",
    tillName: "Till name",
    shop: "Shop",
    code: "Code",
    codeHint: "Short, as KM.",
    country: "Country",
    currency: "Currency",
    choose: "Choose",
    headOffice: "Head office address",
    headOfficeExample: "office.example.com",
    headOfficeHint:
      "Leave empty to start without one. Lumyri, Portos and others are connected later, under Settings.",
    joinCode: "Join code",
    joinCodeHint: "The code or token that head office gave you.",
    allowance: "Credit that may be used while head office cannot be reached",
    perMember: "Usable offline, per member",
    perTill: "Per till",
    maxAge: "Balance no older than",
    hours: (count: number): string => (count === 1 ? "hour" : "hours"),
    allowanceHint: "0 means none.",
    worstCase: (tills: number, overspend: Money) =>
      `With ${plural(tills, "till", "tills")}, at worst ${forms.money(overspend)} too much.`,
    keyInFile:
      "This computer has no keychain. Keep the key in a file in the till’s folder instead; whoever can copy that folder can read it.",
    open: "Open the counter",
    opening: "Opening the counter",
  },
  takenIn: (shop: string) => `Taken in at ${shop}.`,
  sync: {
    nothing: "Nothing waits",
    waiting: (count: number) => plural(count, "change waits", "changes wait"),
    needsYou: (changes: number, unsettled: number) =>
      [
        changes > 0 ? plural(changes, "change needs you", "changes need you") : null,
        unsettled > 0 ? plural(unsettled, "account to settle", "accounts to settle") : null,
      ]
        .filter((part) => part !== null)
        .join(", "),
    lead: {
      online: "Connected with head office. What is saved here is sent at once.",
      offline: "Head office cannot be reached. What is saved here is safe and goes out by itself.",
      connecting: "Asking head office. What is saved here is safe.",
      none: "This till works alone. What is saved here stays here.",
    },
    alsoWaiting: (count: number) =>
      `${plural(count, "more change waits", "more changes wait")} and will go out without you.`,
    keyInFile:
      "The key to this till’s data lies in a file in the till’s folder. Whoever can copy that folder can read it.",
    table: (remote: string | null) => (remote ? `Waiting to be sent to ${remote}` : "Waiting"),
    shown: (shown: number, total: number) => `The first ${forms.count(shown)} of ${forms.count(total)}.`,
    made: "Made",
    member: "Member",
    change: "Change",
    state: "State",
    tries: "Tries",
    what: (what: ChangeWhat) => changeWords(what),
    amount: (money: Money) => forms.changeOfMoney(money),
    states: {
      waiting: "Waiting",
      sending: "Being sent",
      unanswered: "Sent, not answered yet",
      needs_you: "Needs you",
      inSeconds: (seconds: number) =>
        seconds > 0 ? `Next try in ${forms.count(seconds)} s` : "Next try now",
      atTime: (instant: string) => `Next try ${at(instant)}`,
      after: (instant: string) => `After the one ${at(instant)}`,
    },
    unsettled: {
      heading: "Credit to settle",
      owes: (amount: Money) => `Owes ${forms.money(amount)}`,
      usedTwice: "More was used than there was. Settle it with the member.",
      tooMuchBack: (amount: Money) => `${forms.money(amount)} too much came back`,
      returnedTwice: ({ receipt, on }: ReturnedSale) =>
        `More came back of ${receipt ? `receipt ${receipt}` : "a bill"} of ${forms.day(on)} than was paid. Undo one return, or correct the credit.`,
      issuer: (name: string) => `with ${name}`,
      /** Somebody who is not here any more. */
      nameless: "A member who was erased",
    },
    mend: "Put it right",
    retry: "Try again",
    isThere: "It is there",
    isNotThere: "It is not there: send it again",
    openMember: "Open the member",
    discard: "Discard…",
    reason: "Why is it discarded?",
    reasonHint: "Kept with the history.",
    discardNow: "Discard for good",
    keep: "Keep it",
    now: "Sync now",
    running: "Exchanging now",
    last: ({ remote_name, last_exchange_at }: SyncState) =>
      last_exchange_at
        ? `${remote_name ?? "Head office"}, last exchange ${moment(last_exchange_at)}`
        : `${remote_name ?? "Head office"}, no exchange yet`,
    membersHere: (count: number) => `${plural(count, "member", "members")} here`,
    pull: (pull: PullProgress) => counter.pull(pull),
    back: "Back to the counter",
  },
};

function changeWords(change: ChangeWhat): string {
  switch (change.what) {
    case "location":
      return `Shop ${change.name}`;
    case "location_edited":
      return `What ${change.name} is`;
    case "registered":
      return "New member";
    case "edited":
      return fieldNames(change.fields);
    case "joined":
      return `Taken in at ${change.location}`;
    case "entry":
      return entry(change.kind, change.tender);
    case "at_shop_edited":
      return `${fieldNames(change.fields)} at ${change.location}`;
    case "removed":
      return "Removed";
    case "erased":
      return "Everything about them erased";
    case "visit":
      return visits[change.kind];
    case "label":
      return `Label ${change.name}`;
  }
}

export type Text = typeof en;
