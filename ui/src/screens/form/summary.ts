// What a closed group says of what is in it: the few words that one looks for before opening it.

import { symbolOf, text } from "../../text";
import { consentWords } from "./consents";
import type { MemberForm } from "./form.svelte";
import type { GroupName } from "./groups";
import type { AddressValues, Values } from "./values";

/** Longer texts than this are cut in a heading: they are read when the group is open. */
const LONG = 80;

export function summaryOf(form: MemberForm, group: GroupName, isNew: boolean): string {
  const values = isNew ? { ...form.values, ...ABOVE } : form.values;
  return SUMMARIES[group](values, form).filter(Boolean).map(cut).join(" · ");
}

/** What a new member is asked for first stands above the groups. */
const ABOVE = { full: "", phone: "", email: "", birthday: "", note: "" };

const SUMMARIES: Record<GroupName, (values: Values, form: MemberForm) => string[]> = {
  who: (values) => [
    values.full,
    values.kind === "company" ? text().edit.kinds.company : "",
    values.gender === "" ? "" : text().edit.genders[values.gender],
    values.birthday,
    values.home_town,
  ],
  reach: (values) => [
    values.phone,
    values.mobile,
    values.email,
    values.website,
    values.social.map(({ key }) => key).join(", "),
  ],
  addresses: ({ addresses }) =>
    addresses.length > 1
      ? [text().edit.address.count(addresses.length), addressLine(addresses[0])]
      : [addressLine(addresses[0])],
  company: ({ company }) => [company.name, company.tax_id || company.vat_id || company.registration_number],
  shop: (values, form) => [
    values.labels.join(", "),
    values.is_on_hold ? text().edit.onHold : "",
    values.is_active ? "" : text().edit.inactive,
    values.risk.name,
    values.discount_percent && text().edit.discountIs(values.discount_percent),
    values.earn_percent && text().edit.earnsIs(values.earn_percent),
    values.limit && `${text().edit.fields.on_account} ${limitWords(form)}`,
    values.category.name,
    values.member_since && `${text().edit.fields.member_since} ${values.member_since}`,
  ],
  notes: (values) => [values.note, values.staff_note.text],
  numbers: (values) => [values.reference, values.second_reference, values.barcode],
  consents: ({ consents }) => {
    const given = Object.keys(consents).filter((key) => consents[key]);
    return [given.map(consentWords).join(", ") || text().consents.none];
  },
  meta: ({ meta }) => [meta.map(({ key }) => key).join(", ")],
};

export function limitWords(form: MemberForm): string {
  const currency = limitCurrency(form);
  return text().forms.money({ minor: Number(form.values.limit), currency });
}

export function limitCurrency(form: MemberForm): string {
  return form.seen.on_account?.limit?.currency ?? form.place.currency;
}

export function limitUnit(form: MemberForm): string {
  return symbolOf(limitCurrency(form));
}

function addressLine(address: AddressValues | undefined): string {
  if (!address) return "";
  const { place_name, text: street, city, country } = address;
  return [place_name, street, city, country].filter((part) => part.trim() !== "").join(", ");
}

function cut(words: string): string {
  const line = words.replaceAll(/\s+/g, " ").trim();
  return line.length > LONG ? `${line.slice(0, LONG).trimEnd()}…` : line;
}
