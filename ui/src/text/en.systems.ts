// The member systems in the settings: what each is, what it is set up with, and what it says to a check.

import type { PullProgress, RemoteCredit, RemoteSeen } from "../api";
import { counter } from "./en.counter";
import { edit } from "./en.edit";
import { forms, list, moment, plural } from "./en.forms";
import { lowered } from "./en.member";

function clockWords(ahead: number | null, isOff: boolean): string[] {
  if (ahead === null) return [];
  if (!isOff) return ["Its clock agrees with this computer’s."];
  const minutes = plural(Math.round(Math.abs(ahead) / 60), "minute", "minutes");
  const way = ahead > 0 ? "ahead of" : "behind";
  return [`Its clock is ${minutes} ${way} this computer’s: set this one right.`];
}

const rights: Record<string, string | undefined> = {
  register: "register members",
  change: "change members",
  delete: "delete members",
  set_discount: "set discounts",
  set_credit: "set credit",
};

function rightsWords(lacks: string[] | null): string[] {
  if (lacks === null) return [];
  if (lacks.length === 0) return ["The account there may do all that this till needs."];
  const what = lacks.map((right) => rights[right] ?? right).join(", or ");
  return [`The account there may not ${what}. What needs it waits for you until it may.`];
}

/** What registering somebody takes, where a field's own name does not say it. */
const needs: Record<string, string | undefined> = {
  "email|phone": "Email or phone",
  "name.given": "Given name",
  "name.family": "Family name",
};

/** In a sentence only the first begins with a capital. */
function needed(field: string, place: number): string {
  const name = needs[field] ?? edit.fieldName(field);
  return place === 0 ? name : lowered(name);
}

export const systems = {
  lead: "Each shop is kept in step with one system. What is saved here goes there by itself, also after the line was cut.",
  none: "This till works alone. Members and credit are on this computer only.",
  add: "Add a system",
  kinds: {
    "head-office": "Regulars head office",
    lumyri: "Lumyri",
    portos: "Portos",
    stancer: "Stancer",
    crmx: "CRMX",
    valomnia: "Valomnia",
  },
  /** Where it is, as an example. */
  addresses: {
    "head-office": "office.example.com",
    lumyri: "api.lumyri.example.com",
    portos: "https://192.168.1.20:8443",
    stancer: "api.stancer.com",
    crmx: "crmx.example.com",
    valomnia: "my-company.valomnia.com",
  },
  states: {
    unused: "No shop uses it",
    connecting: "Not asked yet",
    reached: "Reached",
    problem: "Not working",
  },
  unused: "No shop is kept there yet, so nothing is exchanged. Connect one below.",
  pulling: (pull: PullProgress) => counter.pull(pull),
  last: (instant: string | null) => (instant ? `Last exchange ${moment(instant)}` : "No exchange yet"),
  waiting: (count: number) => `${forms.count(count)} waiting`,
  needsYou: (count: number) => plural(count, "needs you", "need you"),
  modes: { test: "Test members", live: "Real members" },
  check: "Check",
  checking: "Asking",
  checkOf: (name: string) => `Check ${name}`,
  change: "Change…",
  changeOf: (name: string) => `Change ${name}`,
  keeps: "What it keeps…",
  keepsOf: (name: string) => `What ${name} keeps`,
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  seen: (seen: RemoteSeen, lists: boolean, isClockOff: boolean): string[] => [
    "It answers and lets this till in.",
    seen.members !== null
      ? `This till may read its members: ${forms.count(seen.members)} of them.`
      : lists
        ? "It does not say how many members it has."
        : "Members can be looked up one by one. Nobody can be listed there, so it does not say how many there are.",
    ...(seen.locations && seen.locations.length > 0
      ? [`This till may work for ${list(seen.locations)}.`]
      : []),
    ...rightsWords(seen.lacks),
    ...clockWords(seen.clock_ahead_seconds, isClockOff),
  ],
  neverListed: (name: string) =>
    `${name} lists nobody: a member comes to this till only when they are registered here or asked for by number. A second till does not hear of them by itself.`,
  neverListedNorFound: (name: string) =>
    `${name} lists nobody and cannot be searched: only members registered here are kept in step. A second till never hears of them by itself.`,
  creditStays: "Credit stays on this till. No other till sees it, and it is not sent there.",
  credit: {
    there: (name: string, { currency, proved_at }: RemoteCredit) =>
      `Credit is kept at ${name}, in ${currency}; tried ${moment(proved_at)}. It holds none for a bill, so what can be used follows the allowance.`,
    open: "Where credit is kept…",
    openOf: (name: string) => `Where credit of ${name} is kept`,
    heading: (name: string) => `Keep credit at ${name}`,
    headingOff: "Keep credit on this till",
    lead: (name: string) =>
      `It is tried first: a test member “Regulars credit trial” is made at ${name}, gets one, loses it again and is deleted. No real member is touched. Another till may see the test member for a moment.`,
    after: (name: string) =>
      `Then what is booked here is added to the balance at ${name}, what this till has kept so far too. What others change there shows up here as a correction.`,
    leadOff: (name: string) =>
      `What is booked from now on stays on this till. ${name} keeps what it has, and what others change there is not heard of any more.`,
    currency: "Currency of its balances",
    currencyHint: (name: string) => `As EUR. Only where ${name} does not say, and you know it.`,
    on: "Try and keep it there",
    off: "Keep it on this till",
    trying: "Trying",
    back: "Leave",
    leftBehind: (name: string, key: string) =>
      `The test member “Regulars credit trial” (${key}) could not be deleted. Delete it at ${name}.`,
    failures: {
      currency_unconfirmed: (name: string) =>
        `${name} does not say in which currency its balances are. Type it, if you are sure.`,
      currency_differs: (name: string) =>
        `The balances at ${name} must be in the currency of its shops here.`,
      shop_missing: (name: string) => `Connect a shop of this till with ${name} first.`,
      issuers_differ: (name: string) =>
        `The shops at ${name} have several issuers or currencies, and it keeps one balance per member.`,
      credit_elsewhere: (name: string) =>
        `Credit of these shops was kept by another system before, which still has it. It is not moved to ${name}.`,
      credit_unmarked: (name: string) =>
        `${name} keeps nothing by which an entry could be known again. After a lost answer it might be booked twice, so credit stays here.`,
      credit_unreadable: (name: string) =>
        `The balance at ${name} cannot be read as an amount of this currency.`,
      credit_not_kept: (name: string) =>
        `Credit that was written at ${name} was not there when it was read back.`,
      credit_not_undone: (name: string) =>
        `Credit of the test member at ${name} could not be taken back. Look there, then try again.`,
      version_unchecked: (name: string) =>
        `${name} takes what was made of an older version. Two tills would overwrite each other, so credit stays here.`,
      changed_meanwhile: (name: string) =>
        `Somebody changed the test member at ${name} meanwhile. Try again.`,
    } satisfies Record<string, (name: string) => string> as Record<
      string,
      ((name: string) => string) | undefined
    >,
  },
  failures: {
    unreachable: (name: string) =>
      `${name} cannot be reached. Check the address and the network; this till goes on trying.`,
    not_the_remote: (name: string) =>
      `What answers at this address is not ${name}. Check the address; does this network ask somebody to log in first?`,
    not_head_office: (name: string) => `What answers at this address is not ${name}. Check the address.`,
    not_found: (name: string) => `${name} is not at this address, or not with this prefix. Check both.`,
    redirect_refused: (name: string) =>
      `This address leads elsewhere, and a secret is not carried along. Type the address where ${name} really is.`,
    token_refused: (name: string) =>
      `${name} answers, but does not accept the secret. Type it again under Change.`,
    password_refused: (name: string) =>
      `${name} answers, but does not accept this name and password. Type them again under Change.`,
    right_missing: (name: string) =>
      `${name} answers, but this account may not do that. Give it the right there.`,
    forbidden: (name: string) =>
      `${name} answers, but this account may not do that. Give it the right there.`,
    license_expired: (name: string) => `The licence of ${name} has run out. Renew it there.`,
    locked: (name: string) => `${name} is busy. This till tries again by itself.`,
    rate_limited: (name: string) => `${name} asks to wait a little. This till tries again by itself.`,
    server_error: (name: string) => `${name} has a fault of its own. This till tries again by itself.`,
    timeout: (name: string) => `${name} is too busy to answer. This till tries again by itself.`,
    answer_incomplete: (name: string) => `The answer of ${name} broke off. Check again.`,
    answer_invalid: (name: string) =>
      `The answer of ${name} cannot be read. Check the address, then check again.`,
    secret_missing: (name: string) => `No secret is kept for ${name}. Type it under Change.`,
    no_shop_yet: (name: string) => `${name} is asked per shop. Connect a shop with it first, then check.`,
  } satisfies Record<string, (name: string) => string> as Record<
    string,
    ((name: string) => string) | undefined
  >,
  form: {
    heading: "Add a member system",
    headingOf: (name: string) => `Change ${name}`,
    save: "Save and check",
    saving: "Saving",
    back: "Leave",
    kind: "Kind",
    name: "Name",
    nameHint: "As people here call it.",
    url: "Address",
    plain: "Send it unencrypted all the same",
    plainHint: "Whoever is on the same network can read every member and the secret.",
    settings: {
      app_id: "Application id",
      auth: "Signs in with",
      user_name: "Account name",
      device_name: "Device name",
      public_key: "Public key",
      path_prefix: "Path before /customers",
      version: "Version of its API",
    } as Record<string, string | undefined>,
    examples: {
      app_id: "14e43e28-7e6d-461e-b1c9-7c54736f4331",
      user_name: "till-1",
      device_name: "till-1",
      public_key: "AKEXAMPLE7N3",
      path_prefix: "api/v1",
      version: "v2.1",
    } as Record<string, string | undefined>,
    settingHints: {
      app_id: "From Lumyri’s administration.",
      path_prefix: "Empty: as Portos has it out of the box.",
      version: "Empty: v2.1.",
    } as Record<string, string | undefined>,
    auths: {
      bearer: "A token",
      jwt: "Name and password",
      nws4: "A pair of keys",
      session: "Name and password",
    } as Record<string, string | undefined>,
    secret: (kind: string, auth: string): string => {
      if (kind === "head-office") return "Join code";
      if (kind === "stancer") return "Secret key";
      if (auth === "jwt" || auth === "session") return "Password";
      if (auth === "nws4") return "Private key";
      return "Access token";
    },
    secretHint: (kind: string): string | undefined => {
      if (kind === "head-office") return "The code or token that head office gave you.";
      if (kind === "stancer")
        return "Begins with stest_ for test members, with sprod_ for real ones. The two are never mixed.";
      return "Kept in this computer’s keychain, and never shown again.";
    },
    secretKept: "One is kept. Leave this empty to keep it.",
    ca: "Certificate to trust",
    caHint: "Only where the server made its own: the text between BEGIN and END CERTIFICATE.",
    caKept: "One is trusted. Leave this empty to keep it.",
    caOpen: "It has a certificate of its own…",
    caForget: "Trust it no more",
    strangers: "Members that come from there belong to",
    strangersHint: (name: string) => `${name} does not say which shop somebody belongs to.`,
  },
  can: {
    heading: "What it keeps",
    comes: "Members come",
    comesListed: "By themselves, all of them",
    comesFound: "When they are registered here, or asked for by number",
    comesKnown: "When they are registered here",
    credit: "Credit",
    creditThere: "Is kept there, for all tills",
    creditHere: "Stays on this till alone",
    creditTried: "Stays on this till, until a trial has shown that it can be kept there",
    deleting: "Deleting",
    deletes: "Deletes them there too",
    deletesNot: "Cannot be done from here",
    asking: "At the counter",
    asks: "Can be asked for somebody this till does not know",
    asksNot: "Cannot be asked for somebody this till does not know",
    needs: "A new member needs",
    needsOf: (fields: string[]) => list(fields.map(needed)),
    needsNothing: "A name and a phone, as always",
    there: "Goes there",
    partly: "in part",
    here: "Stays on this till",
    count: (here: number, all: number) =>
      here === 0
        ? "Everything that this till knows of a member has a home there."
        : `${forms.count(here)} of ${forms.count(all)} fields have no home there. They stay on this till and are never sent.`,
  },
  shops: {
    heading: "Shops",
    shop: "Shop",
    system: "Kept in step with",
    posId: "Its id there",
    alone: "none: this till only",
    counter: "this counter",
    connect: "Connect…",
    connectOf: (shop: string) => `Connect ${shop}`,
    change: "Change…",
    changeOf: (shop: string) => `Change where ${shop} is kept`,
    settled: "Its members are there",
    serve: "Serve here",
    serveOf: (shop: string) => `Serve here: ${shop}`,
    add: "Add a shop…",
    adding: "Add a shop",
    addSave: "Add it",
    addSaving: "Adding",
    posIdCode: "Empty: its code.",
    served:
      "This till then keeps its members and credit too. The counter goes on with the shop it serves now.",
    dialog: (shop: string) => `Connect ${shop}`,
    choose: "Choose",
    posIdHint: "Head office and CRMX know shops by an id. Elsewhere the shop’s own code will do.",
    moves: "What waits for this shop goes to the new system. Members registered here are sent there.",
    save: "Connect",
    saving: "Connecting",
    back: "Leave",
  },
};
