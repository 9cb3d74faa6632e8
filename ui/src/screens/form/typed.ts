// A member as typed: the shape of `regulars-cli member add`, with what this form knows of it. Everything may be absent.

import type { Birthday, Money } from "../../api";

export type Maybe<T> = T | null | undefined;

export type TypedMember = {
  kind?: Maybe<Kind>;
  name?: Maybe<{ full?: Maybe<string>; given?: Maybe<string>; family?: Maybe<string> }>;
  phone?: Maybe<string>;
  mobile?: Maybe<string>;
  fax?: Maybe<string>;
  email?: Maybe<string>;
  gender?: Maybe<Gender>;
  birthday?: Maybe<Birthday>;
  addresses?: Maybe<TypedAddress[]>;
  company?: Maybe<TypedCompany>;
  note?: Maybe<string>;
  staff_note?: Maybe<{ text: string; author?: Maybe<string>; on?: Maybe<string> }>;
  website?: Maybe<string>;
  social?: Maybe<Record<string, string>>;
  home_town?: Maybe<string>;
  marital_status?: Maybe<string>;
  picture?: Maybe<Picture>;
  reference?: Maybe<string>;
  second_reference?: Maybe<string>;
  barcode?: Maybe<string>;
  external_ids?: Maybe<Record<string, string>>;
  consents?: Maybe<Record<string, TypedConsent>>;
  meta?: Maybe<Record<string, string>>;
  member_since?: Maybe<string>;
  labels?: Maybe<string[]>;
  category?: Maybe<TypedGroup>;
  segment?: Maybe<TypedGroup>;
  parent?: Maybe<string>;
  bill_with_parent?: Maybe<boolean>;
  is_active?: Maybe<boolean>;
  valid_from?: Maybe<string>;
  valid_until?: Maybe<string>;
  hold?: Maybe<{ reason?: Maybe<string> }>;
  risk?: Maybe<{ name?: Maybe<string>; color?: Maybe<string> }>;
  discount_percent?: Maybe<string>;
  earn_percent?: Maybe<string>;
  on_account?: Maybe<{ limit?: Maybe<Money>; balance?: Maybe<Money> }>;
  payment_terms?: Maybe<{ days: number; after?: Maybe<DueAfter> }>;
  payment_types?: Maybe<string[]>;
  currency?: Maybe<string>;
};

export type Kind = "person" | "company";
export type Gender = "male" | "female" | "other";
export type DueAfter = "invoice" | "end_of_month";
export type TypedGroup = { name?: Maybe<string>; reference?: Maybe<string> };
export type Picture = { url?: Maybe<string>; media_type?: Maybe<string>; data?: Maybe<string> };

export type TypedCompany = {
  name?: Maybe<string>;
  registration_number?: Maybe<string>;
  tax_id?: Maybe<string>;
  vat_id?: Maybe<string>;
};

export type TypedAddress = {
  role?: Maybe<string>;
  category?: Maybe<string>;
  place_name?: Maybe<string>;
  text?: Maybe<string>;
  city?: Maybe<string>;
  postal_code?: Maybe<string>;
  country?: Maybe<string>;
  note?: Maybe<string>;
  position?: Maybe<{ latitude: number; longitude: number }>;
};

export type TypedConsent = {
  is_given: boolean;
  at?: Maybe<string>;
  source?: Maybe<string>;
  wording?: Maybe<string>;
};
