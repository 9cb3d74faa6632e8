// From what stands in the form to the member as typed, and what of it cannot be read as what it should be. Most rules are
// the core's; here is only what it would have to refuse without naming the field, because JSON has no room for it.

import type { Failure, Money } from "../../api";
import { numberOf } from "../../components/digits";
import { readBirthday } from "./birthday";
import { readDay, writtenDay } from "./day";
import type { Maybe, Picture, TypedAddress, TypedConsent, TypedMember } from "./typed";
import type { AddressValues, Line, Values } from "./values";

/** Where consents are given that are ticked here. */
const SOURCE = "counter";

export type Written = { member: TypedMember; failures: Failure[] };

/** `seen` is the member that the form was opened with; what was not touched stays as it was there. */
export function written(values: Values, seen: TypedMember, currency: string): Written {
  const failures: Failure[] = [];
  const wrong = (field: string, code: string) =>
    void failures.push({ code, message: code, field, facts: {} });

  const birthday = readBirthday(values.birthday);
  if (birthday === undefined) wrong("birthday", "birthday_invalid");

  const dayOf = (field: string, typed: string, before: Maybe<string>): string | undefined => {
    if (before && typed === writtenDay(before)) return before;
    const day = readDay(typed);
    if (day === undefined) wrong(field, "date_invalid");
    return day ?? undefined;
  };

  const percentOf = (field: string, typed: string): string | undefined => {
    const percent = readPercent(typed);
    if (percent === undefined) wrong(field, "percent_invalid");
    return percent ?? undefined;
  };

  const positionOf = (address: AddressValues, place: number): TypedAddress["position"] => {
    const [latitude, longitude] = [readDegrees(address.latitude, 90), readDegrees(address.longitude, 180)];
    if (latitude === null && longitude === null) return undefined;
    if (typeof latitude !== "number") wrong(`addresses.${place}.latitude`, "position_invalid");
    else if (typeof longitude !== "number") wrong(`addresses.${place}.longitude`, "position_invalid");
    else return { latitude, longitude };
    return undefined;
  };

  const addressOf = (address: AddressValues, place: number): TypedAddress =>
    compact({
      role: text(address.role),
      category: text(address.category),
      place_name: text(address.place_name),
      text: text(address.text),
      city: text(address.city),
      postal_code: text(address.postal_code),
      country: text(address.country),
      note: text(address.note),
      position: positionOf(address, place),
    }) ?? {};

  const recordOf = (field: string, lines: Line[]): Record<string, string> | undefined => {
    const record: Record<string, string> = {};
    for (const [place, { key, value }] of lines.entries()) {
      const name = key.trim();
      if (value.trim() === "") continue;
      if (name === "") wrong(`${field}.${place}`, "required");
      else if (name in record) wrong(`${field}.${place}`, "key_twice");
      else record[name] = value.trim();
    }
    return compact(record);
  };

  const daysToPay = (): TypedMember["payment_terms"] => {
    if (values.days.trim() === "") return undefined;
    if (!/^\s*\d{1,4}\s*$/.test(values.days)) wrong("payment_terms", "days_invalid");
    return { days: Number(values.days), after: values.after };
  };

  const member: TypedMember = {
    kind: values.kind === "company" ? "company" : undefined,
    name: { full: text(values.full), given: text(values.given), family: text(values.family) },
    gender: values.gender === "" ? undefined : values.gender,
    birthday: birthday ?? undefined,
    home_town: text(values.home_town),
    marital_status: text(values.marital_status),
    picture: pictureOf(values.picture),
    phone: text(values.phone),
    mobile: text(values.mobile),
    fax: text(values.fax),
    email: text(values.email),
    website: text(values.website),
    social: recordOf("social", values.social),
    addresses: filled(values.addresses.map(addressOf).filter((address) => Object.keys(address).length > 0)),
    company: compact({
      name: text(values.company.name),
      registration_number: text(values.company.registration_number),
      tax_id: text(values.company.tax_id),
      vat_id: text(values.company.vat_id),
    }),
    labels: filled([...values.labels].sort()),
    is_active: values.is_active ? undefined : false,
    valid_from: dayOf("valid_from", values.valid_from, seen.valid_from),
    valid_until: dayOf("valid_until", values.valid_until, seen.valid_until),
    hold: values.is_on_hold ? (compact({ reason: text(values.hold_reason) }) ?? {}) : undefined,
    risk: compact({ name: text(values.risk.name), color: text(values.risk.color) }),
    discount_percent: percentOf("discount_percent", values.discount_percent),
    earn_percent: percentOf("earn_percent", values.earn_percent),
    on_account: compact({
      limit: limitOf(values.limit, seen, currency),
      balance: seen.on_account?.balance ?? undefined,
    }),
    payment_terms: daysToPay(),
    payment_types: filled(values.payment_types.split(",").flatMap((each) => text(each) ?? [])),
    currency: text(values.currency),
    category: compact({ name: text(values.category.name), reference: text(values.category.reference) }),
    segment: compact({ name: text(values.segment.name), reference: text(values.segment.reference) }),
    parent: text(values.parent),
    bill_with_parent: values.bill_with_parent ? true : undefined,
    member_since: dayOf("member_since", values.member_since, seen.member_since),
    note: text(values.note),
    staff_note: staffNoteOf(values, dayOf("staff_note.on", values.staff_note.on, seen.staff_note?.on)),
    reference: text(values.reference),
    second_reference: text(values.second_reference),
    barcode: text(values.barcode),
    external_ids: recordOf("external_ids", values.external_ids),
    consents: consentsOf(values.consents, seen.consents ?? {}),
    meta: recordOf("meta", values.meta),
  };
  return { member: compact(member) ?? {}, failures };
}

/** "5", "2.5" or "2,5"; `null` for nothing, `undefined` for what is no percentage from 0 to 100. */
export function readPercent(typed: string): string | null | undefined {
  const percent = typed.trim().replace(/\s*%$/, "").replace(",", ".");
  if (percent === "") return null;
  return /^\d{1,3}(\.\d{1,2})?$/.test(percent) && Number(percent) <= 100 ? percent : undefined;
}

function readDegrees(typed: string, most: number): number | null | undefined {
  const degrees = typed.trim().replace(",", ".").replace("−", "-");
  if (degrees === "") return null;
  const isNumber = /^-?\d{1,3}(\.\d+)?$/.test(degrees);
  return isNumber && Math.abs(Number(degrees)) <= most ? Number(degrees) : undefined;
}

function limitOf(digits: string, seen: TypedMember, currency: string): Money | undefined {
  const before = seen.on_account?.limit ?? undefined;
  if (digits === "") return before?.minor === 0 ? before : undefined;
  return { minor: numberOf(digits), currency: before?.currency ?? currency };
}

function pictureOf(picture: Picture | null): Picture | undefined {
  if (picture === null) return undefined;
  return compact({
    url: picture.url ?? undefined,
    media_type: picture.media_type ?? undefined,
    data: picture.data ?? undefined,
  });
}

function staffNoteOf({ staff_note: note }: Values, on: string | undefined): TypedMember["staff_note"] {
  const words = text(note.text);
  return words === undefined ? undefined : compact({ text: words, author: text(note.author), on });
}

/** What was said before stays as it was said; what is ticked or unticked now was said here, now. */
function consentsOf(
  ticked: Record<string, boolean>,
  before: Record<string, TypedConsent>,
): Record<string, TypedConsent> | undefined {
  const consents: Record<string, TypedConsent> = {};
  for (const [key, isGiven] of Object.entries(ticked)) {
    const said = before[key];
    if (said?.is_given === isGiven) consents[key] = said;
    else if (said || isGiven) consents[key] = { is_given: isGiven, source: SOURCE };
  }
  return compact(consents);
}

/** Trimmed, and nothing where nothing but space is in it. */
function text(typed: string): string | undefined {
  const trimmed = typed.trim();
  return trimmed === "" ? undefined : trimmed;
}

function filled<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Without what is absent, and nothing where nothing is left. */
function compact<T extends object>(parts: T): T | undefined {
  const there = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null);
  return there.length > 0 ? (Object.fromEntries(there) as T) : undefined;
}
