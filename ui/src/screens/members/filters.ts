// What narrows the table of members: each filter by its name, as one of a few choices in words.

import type { CardFilter, CreditFilter, LabelView, MembersAsked, StatusFilter } from "../../api";
import { text } from "../../text";

export const FILTERS = [
  "status",
  "label",
  "card",
  "credit",
  "birthday_month",
  "not_seen",
  "has_consent",
  "waits",
  "needs_you",
] as const;
export type FilterName = (typeof FILTERS)[number];

/** The choice of a filter that lets all through. */
export const ANY = "any";
export type Filters = Readonly<Record<FilterName, string>>;
export const NO_FILTERS: Filters = {
  status: ANY,
  label: ANY,
  card: ANY,
  credit: ANY,
  birthday_month: ANY,
  not_seen: ANY,
  has_consent: ANY,
  waits: ANY,
  needs_you: ANY,
};

/** How long somebody was not seen, in months: spans that a shop thinks in. */
const NOT_SEEN_MONTHS = [1, 3, 6, 12, 24];
const STATUSES: StatusFilter[] = ["active", "inactive", "not_yet_valid", "expired", "on_hold"];
const CARDS: CardFilter[] = ["has_card", "none", "blocked"];
const CREDITS: CreditFilter[] = ["has_credit", "none", "owes"];

export type Choice = { value: string; label: string };

/** The filters that are set. */
export function setFilters(filters: Filters): FilterName[] {
  return FILTERS.filter((name) => filters[name] !== ANY);
}

export function labelOf(name: FilterName): string {
  const words = text().members.filters;
  switch (name) {
    case "status":
      return words.status.label;
    case "label":
      return words.labelled.label;
    case "card":
      return words.card.label;
    case "credit":
      return words.credit.label;
    case "birthday_month":
      return words.birthday.label;
    case "not_seen":
      return words.notSeen.label;
    case "has_consent":
      return words.consent.label;
    case "waits":
      return words.waits.label;
    case "needs_you":
      return words.needsYou.label;
  }
}

/** What can be chosen, beginning with all. `labels` are those of the shop. */
export function choicesOf(name: FilterName, labels: LabelView[]): Choice[] {
  const any = { value: ANY, label: text().members.filters.any };
  return [any, ...valuesOf(name, labels).map((value) => ({ value, label: shortWords(name, value) }))];
}

/** A filter that is set, as one would say it: "Birthday in May". */
export function wordsOf(name: FilterName, value: string): string {
  const words = text().members.filters;
  switch (name) {
    case "label":
      return words.labelled.is(value);
    case "birthday_month":
      return words.birthday.is(Number(value));
    default:
      return shortWords(name, value);
  }
}

/** What the core is asked, beside order and page. */
export function askedOf(
  typed: string,
  filters: Filters,
): Omit<MembersAsked, "sort" | "descending" | "offset" | "limit"> {
  const chosen = (name: FilterName) => (filters[name] === ANY ? null : filters[name]);
  const isYes = (name: FilterName) => (filters[name] === ANY ? null : filters[name] === "yes");
  const month = chosen("birthday_month");
  const months = chosen("not_seen");
  return {
    text: typed.trim(),
    status: chosen("status") as StatusFilter | null,
    label: chosen("label"),
    card: chosen("card") as CardFilter | null,
    credit: chosen("credit") as CreditFilter | null,
    birthday_month: month === null ? null : Number(month),
    not_seen_months: months === null ? null : Number(months),
    has_consent: isYes("has_consent"),
    waits: isYes("waits"),
    needs_you: isYes("needs_you"),
  };
}

function valuesOf(name: FilterName, labels: LabelView[]): string[] {
  switch (name) {
    case "status":
      return STATUSES;
    case "label":
      return labels.map((label) => label.name);
    case "card":
      return CARDS;
    case "credit":
      return CREDITS;
    case "birthday_month":
      return Array.from({ length: 12 }, (_, month) => String(month + 1));
    case "not_seen":
      return NOT_SEEN_MONTHS.map(String);
    case "has_consent":
    case "waits":
    case "needs_you":
      return ["yes", "no"];
  }
}

function shortWords(name: FilterName, value: string): string {
  const words = text().members.filters;
  switch (name) {
    case "status":
      return words.status[value as StatusFilter];
    case "label":
      return value;
    case "card":
      return words.card[value as CardFilter];
    case "credit":
      return words.credit[value as CreditFilter];
    case "birthday_month":
      return words.birthday.month(Number(value));
    case "not_seen":
      return words.notSeen.since(Number(value));
    case "has_consent":
      return words.consent[value as "yes" | "no"];
    case "waits":
      return words.waits[value as "yes" | "no"];
    case "needs_you":
      return words.needsYou[value as "yes" | "no"];
  }
}
