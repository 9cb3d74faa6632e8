// A new member, what a member agrees to, and who may be the same person.

import type { LastVisit, TwinSign } from "../api";
import { forms, list, moment } from "./en.forms";

export const register = {
  heading: "New member",
  lead: "Only phone and name are needed. Everything else can be added later.",
  phone: "Phone, needed",
  phoneRead: (display: string) => `From what you typed. ${display}`,
  phoneKept: "Kept as typed.",
  phoneHint: "In any spelling.",
  name: "Name, needed",
  nameHint: "As the member writes it.",
  email: "Email",
  birthday: "Birthday",
  birthdayExample: "day month",
  card: "Card",
  cardExample: "scan or type",
  note: "Note for the counter",
  noteHint: "Shown each time this member is opened.",
  more: "More about this member",
  moreHint: "Company, addresses, rates, numbers",
  save: "Save the new member",
  back: "Back",
  leave: "Leave without saving?",
  leaveYes: "Leave",
  leaveNo: "Stay",
};

/** What is known of a card's number before it is given out. */
export const cardCheck = {
  free: "Not in use by anyone.",
  scannedAt: (instant: string) => `Scanned at ${forms.time(instant)}, not in use by anyone.`,
  madeFree: "Made here, not in use by anyone.",
  inUseBy: (name: string) => `This is the card of ${name}. Take another one.`,
  isTheirs: "They have this card already.",
};

const PURPOSES = {
  receipts: "Receipts and balance",
  offers: "Offers and news",
  birthday: "Birthday greeting",
};
const CHANNELS = { sms: "SMS", email: "Email", zalo: "Zalo", call: "Call" };
const BY: Record<string, string> = { sms: "by SMS", email: "by email", zalo: "by Zalo", call: "by a call" };

const SOURCES: Record<string, string> = {
  counter: "at the counter",
  paper: "on paper",
  import: "from a list",
};

export const consents = {
  heading: "What the member agrees to, and by which way",
  purpose: "Purpose",
  purposes: PURPOSES,
  channels: CHANNELS,
  /** Purposes and channels of other systems have their own words. */
  named: (purpose: string, channel: string) =>
    `${(PURPOSES as Record<string, string>)[purpose] ?? purpose} ${BY[channel] ?? `by ${channel}`}`,
  none: "Agreed to nothing",
  said: (consent: { isGiven: boolean; at: string | null; source: string | null }) => {
    const what = consent.isGiven ? "Yes" : "No";
    const when = consent.at ? `, ${forms.date(consent.at)}` : "";
    return `${what}${when}${consent.source ? `, ${SOURCES[consent.source] ?? consent.source}` : ""}`;
  },
};

const SIGNS: Record<TwinSign, string> = {
  same_phone: "same phone",
  near_phone: "almost the same phone",
  same_card: "same card",
  same_email: "same email",
  same_name: "same name",
  near_name: "almost the same name",
  same_birthday: "same birthday",
};

export const twins = {
  heading: (count: number) =>
    count === 1 ? "1 may be the same person" : `${forms.count(count)} may be the same person`,
  foundAsOf: (asOf: string) => `Found while you type, in this till’s copy as of ${moment(asOf)}.`,
  found: "Found while you type, on this till.",
  use: "Use this one",
  none: "New person, none of these",
  isNew: "Taken as a new person.",
  look: "Look again",
  signs: SIGNS,
  lastDigitsSwapped: "last two digits swapped",
  digitsSwapped: "two digits swapped",
  lastDigitDiffers: "last digit differs",
  digitDiffers: "one digit differs",
  nameWithoutMarks: "same name without marks",
  nameInAnotherOrder: "same name in another order",
  lastVisit: ({ on, location }: LastVisit) => `last visit ${forms.day(on)}, ${location}`,
  noVisit: "no visit yet",
  elsewhere: (locations: string[]) => `member at ${list(locations)}`,
};
