// What stands in the form: each field as text, a tick or a choice, however the member's document has it.

import { writtenBirthday } from "./birthday";
import { writtenDay } from "./day";
import type { DueAfter, Gender, Kind, Maybe, Picture, TypedAddress, TypedMember } from "./typed";

/** A key and its value, in a list that can grow. The number tells lines apart while they are typed. */
export type Line = { line: number; key: string; value: string };

export type AddressValues = {
  line: number;
  role: string;
  category: string;
  place_name: string;
  text: string;
  city: string;
  postal_code: string;
  country: string;
  note: string;
  latitude: string;
  longitude: string;
};

export type Values = ReturnType<typeof valuesOf>;

let lines = 0;
const nextLine = () => ++lines;

/** What stands in the form of a member at first. */
export function valuesOf(seen: TypedMember) {
  return {
    kind: (seen.kind ?? "person") as Kind,
    full: text(seen.name?.full),
    given: text(seen.name?.given),
    family: text(seen.name?.family),
    gender: (seen.gender ?? "") as Gender | "",
    birthday: seen.birthday ? writtenBirthday(seen.birthday) : "",
    home_town: text(seen.home_town),
    marital_status: text(seen.marital_status),
    picture: (seen.picture ?? null) as Picture | null,
    phone: text(seen.phone),
    mobile: text(seen.mobile),
    fax: text(seen.fax),
    email: text(seen.email),
    website: text(seen.website),
    social: linesOf(seen.social),
    addresses: (seen.addresses ?? []).map(addressValues),
    company: {
      name: text(seen.company?.name),
      registration_number: text(seen.company?.registration_number),
      tax_id: text(seen.company?.tax_id),
      vat_id: text(seen.company?.vat_id),
    },
    labels: [...(seen.labels ?? [])],
    is_active: seen.is_active ?? true,
    valid_from: day(seen.valid_from),
    valid_until: day(seen.valid_until),
    is_on_hold: seen.hold !== null && seen.hold !== undefined,
    hold_reason: text(seen.hold?.reason),
    risk: { name: text(seen.risk?.name), color: text(seen.risk?.color) },
    discount_percent: text(seen.discount_percent),
    earn_percent: text(seen.earn_percent),
    /** As digits alone. No limit and a limit of nothing look alike, and are told apart by what was there. */
    limit: seen.on_account?.limit ? String(seen.on_account.limit.minor || "") : "",
    days: seen.payment_terms ? String(seen.payment_terms.days) : "",
    after: (seen.payment_terms?.after ?? "invoice") as DueAfter,
    payment_types: (seen.payment_types ?? []).join(", "),
    currency: text(seen.currency),
    category: { name: text(seen.category?.name), reference: text(seen.category?.reference) },
    segment: { name: text(seen.segment?.name), reference: text(seen.segment?.reference) },
    parent: text(seen.parent),
    bill_with_parent: seen.bill_with_parent ?? false,
    member_since: day(seen.member_since),
    note: text(seen.note),
    staff_note: {
      text: text(seen.staff_note?.text),
      author: text(seen.staff_note?.author),
      on: day(seen.staff_note?.on),
    },
    reference: text(seen.reference),
    second_reference: text(seen.second_reference),
    barcode: text(seen.barcode),
    external_ids: linesOf(seen.external_ids),
    /** Which are ticked, by `purpose/channel`. */
    consents: Object.fromEntries(
      Object.entries(seen.consents ?? {}).map(([key, consent]) => [key, consent.is_given]),
    ) as Record<string, boolean>,
    meta: linesOf(seen.meta),
  };
}

export function addressValues(seen: TypedAddress): AddressValues {
  return {
    line: nextLine(),
    role: text(seen.role),
    category: text(seen.category),
    place_name: text(seen.place_name),
    text: text(seen.text),
    city: text(seen.city),
    postal_code: text(seen.postal_code),
    country: text(seen.country),
    note: text(seen.note),
    latitude: seen.position ? String(seen.position.latitude) : "",
    longitude: seen.position ? String(seen.position.longitude) : "",
  };
}

export function emptyLine(key = ""): Line {
  return { line: nextLine(), key, value: "" };
}

function linesOf(seen: Maybe<Record<string, string>>): Line[] {
  return Object.entries(seen ?? {}).map(([key, value]) => ({ line: nextLine(), key, value }));
}

const text = (seen: Maybe<string>): string => seen ?? "";
const day = (seen: Maybe<string>): string => (seen ? writtenDay(seen) : "");
