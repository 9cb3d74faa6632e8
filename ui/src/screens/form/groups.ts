// Which field stands in which group of the form, and by which id it is found.

export const GROUPS = [
  "who",
  "reach",
  "addresses",
  "company",
  "shop",
  "notes",
  "numbers",
  "consents",
  "meta",
] as const;
export type GroupName = (typeof GROUPS)[number];

/** By the first part of a field's path: `company.tax_id` is in the group of `company`. */
const GROUP_OF: Record<string, GroupName> = {
  kind: "who",
  name: "who",
  gender: "who",
  birthday: "who",
  home_town: "who",
  marital_status: "who",
  picture: "who",
  phone: "reach",
  mobile: "reach",
  fax: "reach",
  email: "reach",
  website: "reach",
  social: "reach",
  addresses: "addresses",
  company: "company",
  member_since: "shop",
  labels: "shop",
  new_label: "shop",
  category: "shop",
  segment: "shop",
  parent: "shop",
  bill_with_parent: "shop",
  is_active: "shop",
  valid_from: "shop",
  valid_until: "shop",
  hold: "shop",
  risk: "shop",
  discount_percent: "shop",
  earn_percent: "shop",
  on_account: "shop",
  payment_terms: "shop",
  payment_types: "shop",
  currency: "shop",
  note: "notes",
  staff_note: "notes",
  reference: "numbers",
  second_reference: "numbers",
  barcode: "numbers",
  external_ids: "numbers",
  consents: "consents",
  meta: "meta",
};

export function groupOf(field: string): GroupName | null {
  return GROUP_OF[field.split(/[./]/)[0] ?? ""] ?? null;
}

/**
 * The field of the form that a refusal is about. Some refusals name a whole of which the form shows parts: their first
 * part stands for it.
 */
export function shownField(field: string): string {
  const parts: Record<string, string> = {
    name: "name.full",
    company: "company.name",
    risk: "risk.name",
    hold: "hold.reason",
    color: "risk.color",
    limit: "on_account",
  };
  return parts[field] ?? field;
}

/** The id of a field's control: `edit-company-tax-id`. */
export function idOf(prefix: string, field: string): string {
  const name = field === "name.full" ? "name" : field.replaceAll(/[._/]/g, "-");
  return `${prefix}-${name}`;
}
