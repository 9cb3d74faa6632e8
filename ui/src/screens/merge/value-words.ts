// A field's value as it stands in a member's document, in words that two people can be compared by.

import type { Birthday, Money } from "../../api";
import { text } from "../../text";

type Fields = { [key in string]: unknown };

export function valueWords(field: string, value: unknown): string {
  if (value === null) return text().merge.nothing;
  const group = field.split("/")[0] ?? "";
  return (WORDS[group]?.(value) ?? anyWords(value)) || text().merge.nothing;
}

const WORDS: Record<string, ((value: unknown) => string) | undefined> = {
  name: (value) => partOf(value, "full"),
  phone: phoneWords,
  mobile: phoneWords,
  fax: phoneWords,
  kind: (value) => choiceWords(text().edit.kinds, value),
  gender: (value) => choiceWords(text().edit.genders, value),
  birthday: (value) => text().forms.birthday(value as Birthday),
  merged: () => text().merge.another,
  picture: () => text().merge.aPicture,
  labels: yesOrNo,
  consents: (value) => yesOrNo(fieldsOf(value).is_given ?? null),
  cards: cardWords,
  staff_note: (value) => joined([partOf(value, "text"), partOf(value, "author")]),
  hold: (value) => text().merge.onHold(partOf(value, "reason") || null),
  risk: (value) => partOf(value, "name"),
  discount_percent: (value) => `${plain(value)} %`,
  earn_percent: (value) => `${plain(value)} %`,
  on_account: limitWords,
  payment_terms: (value) => text().merge.days(Number(fieldsOf(value).days ?? 0)),
  member_since: dayWords,
  valid_from: dayWords,
  valid_until: dayWords,
};

function phoneWords(value: unknown): string {
  return typeof value === "string" ? value : partOf(value, "typed") || partOf(value, "e164");
}

function choiceWords(words: Record<string, string>, value: unknown): string {
  return words[plain(value)] ?? plain(value);
}

function cardWords(value: unknown): string {
  const { is_virtual, issued_at, status, status_reason } = fieldsOf(value);
  const about = text().cards.about({
    serial_number: "",
    ending: "",
    is_virtual: is_virtual === true,
    processor: null,
    state: "active",
    status_reason: null,
    status_at: null,
    issued_at: typeof issued_at === "string" ? issued_at : null,
    valid_from: null,
    valid_until: null,
    replaced_by: null,
    note: null,
  });
  return status === "blocked"
    ? joined([about, text().cards.reasonOf(plain(status_reason ?? null) || null)])
    : about;
}

function limitWords(value: unknown): string {
  const { limit } = fieldsOf(value);
  return limit ? text().merge.limit(text().forms.money(limit as Money)) : "";
}

function dayWords(value: unknown): string {
  return typeof value === "string" ? text().forms.date(value) : anyWords(value);
}

function yesOrNo(value: unknown): string {
  return value === true ? text().merge.yes : text().merge.no;
}

/** Whatever it is: its parts, one after the other. */
function anyWords(value: unknown): string {
  if (Array.isArray(value)) return joined(value.map(anyWords), " · ");
  if (typeof value === "object" && value !== null) return joined(Object.values(value).map(anyWords));
  return typeof value === "boolean" ? yesOrNo(value) : plain(value);
}

function fieldsOf(value: unknown): Partial<Fields> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

const partOf = (value: unknown, name: string): string => plain(fieldsOf(value)[name] ?? null);
const plain = (value: unknown): string => (value === null ? "" : String(value));
const joined = (parts: string[], between = ", "): string => parts.filter((part) => part !== "").join(between);
