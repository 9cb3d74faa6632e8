import { describe, expect, it } from "vitest";
import { readBirthday, writtenBirthday } from "./birthday";
import { readDay, writtenDay } from "./day";
import { MemberForm } from "./form.svelte";
import { type JsonObject, patchBetween } from "./patch";
import type { TypedMember } from "./typed";
import { emptyLine, type Values } from "./values";
import { readPercent } from "./written";

const VIETNAM = { country: "VN", currency: "VND" };

/** Everything that a member can have. */
const WHOLE: TypedMember = {
  kind: "company",
  name: { full: "Bếp Nhà Hà", given: "Hà", family: "Bếp" },
  phone: "0945350398",
  mobile: "0903118870",
  fax: "024 3766",
  email: "ha@example.com",
  gender: "female",
  birthday: { day: 30, month: 5, year: 1996 },
  addresses: [
    {
      role: "billing",
      category: "home",
      text: "82 Dịch Vọng Hậu",
      position: { latitude: 21.03, longitude: 105.8 },
    },
    { role: "warehouse", city: "Hà Nội" },
  ],
  company: { name: "Bếp Nhà Hà", tax_id: "0108 555 201" },
  note: "Nuts",
  staff_note: { text: "Call first", author: "Mai", on: "2026-11-12" },
  website: "https://example.com",
  social: { zalo: "0945350398", fb_id: "1" },
  home_town: "Huế",
  marital_status: "married",
  picture: { url: "https://example.com/p.jpg" },
  reference: "M-004217",
  second_reference: "77",
  barcode: "893460",
  external_ids: { lumyri: "42" },
  consents: {
    "offers/sms": { is_given: true, at: "2025-03-02T08:00:00Z", source: "paper", wording: "I agree" },
  },
  meta: { table: "window" },
  member_since: "2019-09-26",
  labels: ["VIP", "Wholesale"],
  category: { name: "A", reference: "7" },
  segment: { name: "B" },
  parent: "M-000001",
  bill_with_parent: true,
  is_active: false,
  valid_from: "2020-01-01",
  valid_until: "2026-12-31T16:59:59.000Z",
  hold: {},
  risk: { name: "Late", color: "#a1b2c3" },
  discount_percent: "5",
  earn_percent: "2.5",
  on_account: { limit: { minor: 0, currency: "VND" }, balance: { minor: 20_000, currency: "VND" } },
  payment_terms: { days: 30, after: "end_of_month" },
  payment_types: ["cash", "transfer"],
  currency: "EUR",
};

/** What is sent when that was done in the form of that member. */
function patchAfter(seen: TypedMember, typing: (values: Values) => void): JsonObject {
  const form = new MemberForm("edit", seen, VIETNAM);
  typing(form.values);
  expect(form.check()).toBe(true);
  return form.patch;
}

describe("an edit", () => {
  it("of nothing holds nothing, whatever the member has", () => {
    expect(patchAfter(WHOLE, () => {})).toEqual({});
    expect(patchAfter({}, () => {})).toEqual({});
    expect(new MemberForm("edit", WHOLE, VIETNAM).isChanged).toBe(false);
  });

  const edits: Array<[what: string, typing: (values: Values) => void, patch: JsonObject]> = [
    ["a name", (values) => (values.full = "Bếp Hà"), { name: { full: "Bếp Hà" } }],
    ["an email taken away", (values) => (values.email = " "), { email: null }],
    ["a birthday without its year", (values) => (values.birthday = "30.5"), { birthday: { year: null } }],
    ["a birthday taken away", (values) => (values.birthday = ""), { birthday: null }],
    ["a tax number", (values) => (values.company.tax_id = ""), { company: { tax_id: null } }],
    ["a label more", (values) => values.labels.push("New"), { labels: ["New", "VIP", "Wholesale"] }],
    ["no label", (values) => (values.labels = []), { labels: null }],
    ["switched on", (values) => (values.is_active = true), { is_active: null }],
    ["the hold's reason", (values) => (values.hold_reason = "unpaid"), { hold: { reason: "unpaid" } }],
    ["the hold lifted", (values) => (values.is_on_hold = false), { hold: null }],
    ["a rate with a comma", (values) => (values.discount_percent = "7,5 %"), { discount_percent: "7.5" }],
    ["a limit", (values) => (values.limit = "500000"), { on_account: { limit: { minor: 500_000 } } }],
    ["a day", (values) => (values.valid_from = "1 2 2021"), { valid_from: "2021-02-01" }],
    ["a colour", (values) => (values.risk.color = ""), { risk: { color: null } }],
    ["a way to pay", (values) => (values.payment_types = "cash"), { payment_types: ["cash"] }],
    ["days to pay", (values) => (values.days = "14"), { payment_terms: { days: 14 } }],
    ["a person after all", (values) => (values.kind = "person"), { kind: null }],
    ["no picture", (values) => (values.picture = null), { picture: null }],
    [
      "another picture",
      (values) => (values.picture = { media_type: "image/jpeg", data: "aGk=" }),
      { picture: { url: null, media_type: "image/jpeg", data: "aGk=" } },
    ],
    [
      "a network taken away and another",
      (values) => {
        values.social.splice(0, 1);
        values.social.push({ ...emptyLine("viber"), value: "0945" });
      },
      { social: { zalo: null, viber: "0945" } },
    ],
    [
      "a consent withdrawn here and now",
      (values) => (values.consents["offers/sms"] = false),
      { consents: { "offers/sms": { is_given: false, at: null, source: "counter", wording: null } } },
    ],
    [
      "a consent given here",
      (values) => (values.consents["receipts/call"] = true),
      { consents: { "receipts/call": { is_given: true, source: "counter" } } },
    ],
    [
      "an address more, the others as they are",
      (values) => values.addresses.splice(0, 1),
      { addresses: [{ role: "warehouse", city: "Hà Nội" }] },
    ],
    [
      "a staff note's author",
      (values) => (values.staff_note.author = "Linh"),
      { staff_note: { author: "Linh" } },
    ],
  ];

  it.each(edits)("holds only what changed: %s", (_, typing, patch) =>
    expect(patchAfter(WHOLE, typing)).toEqual(patch),
  );

  it("that goes back to what was there is none", () => {
    const form = new MemberForm("edit", WHOLE, VIETNAM);
    form.values.email = "other@example.com";
    expect(form.changedFields).toEqual(["email"]);
    expect(form.isGroupChanged("reach")).toBe(true);
    form.values.email = "ha@example.com";
    expect(form.isChanged).toBe(false);
  });

  it("leads from one member to the other when it is applied", () => {
    const before = { a: 1, b: { c: 1, d: 2 }, list: [1, 2] };
    const after = { b: { d: 3, e: { f: 1 } }, list: [2] };
    expect(patchBetween(before, after)).toEqual({ a: null, b: { c: null, d: 3, e: { f: 1 } }, list: [2] });
  });
});

describe("what cannot be read", () => {
  const wrong: Array<[field: string, code: string, typing: (values: Values) => void]> = [
    ["birthday", "birthday_invalid", (values) => (values.birthday = "May")],
    ["valid_from", "date_invalid", (values) => (values.valid_from = "31 2 2026")],
    ["member_since", "date_invalid", (values) => (values.member_since = "30 5")],
    ["discount_percent", "percent_invalid", (values) => (values.discount_percent = "101")],
    ["payment_terms", "days_invalid", (values) => (values.days = "soon")],
    ["addresses.0.latitude", "position_invalid", (values) => (first(values.addresses).latitude = "91")],
    ["addresses.0.longitude", "position_invalid", (values) => (first(values.addresses).longitude = "")],
    ["social.2", "key_twice", (values) => values.social.push({ ...emptyLine("zalo"), value: "x" })],
    ["meta.1", "required", (values) => values.meta.push({ ...emptyLine(), value: "x" })],
  ];

  it.each(wrong)("is said at %s, and goes when it is put right", (field, code, typing) => {
    const form = new MemberForm("edit", WHOLE, VIETNAM);
    typing(form.values);
    expect(form.check()).toBe(false);
    expect(form.failures).toMatchObject([{ field, code }]);
    expect(form.errorAt(field)).not.toBeNull();
    expect(form.firstWrong).toBe(field);
    form.edited(field);
    expect(form.failures).toEqual([]);
  });

  it("counts as something that would be lost", () => {
    const form = new MemberForm("edit", {}, VIETNAM);
    form.values.birthday = "May";
    expect(form.isChanged).toBe(true);
  });
});

describe("a birthday as typed", () => {
  it.each([
    ["30 5", { day: 30, month: 5, year: null }],
    ["30/5", { day: 30, month: 5, year: null }],
    ["30.5.", { day: 30, month: 5, year: null }],
    ["30/05/1996", { day: 30, month: 5, year: 1996 }],
    [" 3.5.1996 ", { day: 3, month: 5, year: 1996 }],
    ["30. 5. 1996", { day: 30, month: 5, year: 1996 }],
    ["1996-05-30", { day: 30, month: 5, year: 1996 }],
    ["", null],
  ])("%j is read", (typed, read) => expect(readBirthday(typed)).toEqual(read));

  it.each(["30", "30 5 96", "May 30", "30 5 1996 1"])("%j is refused", (typed) =>
    expect(readBirthday(typed)).toBeUndefined(),
  );

  it("is written so that it reads the same", () => {
    for (const birthday of [
      { day: 3, month: 5, year: 1996 },
      { day: 29, month: 2, year: null },
    ]) {
      expect(readBirthday(writtenBirthday(birthday))).toEqual(birthday);
    }
  });
});

describe("a day as typed", () => {
  it("needs its year, and must be in the calendar", () => {
    expect(readDay("30 5 2027")).toBe("2027-05-30");
    expect(readDay("29/2/2028")).toBe("2028-02-29");
    expect(readDay("")).toBeNull();
    expect(readDay("29/2/2027")).toBeUndefined();
    expect(readDay("30 5")).toBeUndefined();
    expect(readDay(writtenDay("2027-05-03"))).toBe("2027-05-03");
  });
});

describe("a percentage as typed", () => {
  it.each([
    ["5", "5"],
    ["2,5", "2.5"],
    ["100 %", "100"],
    ["", null],
    ["100.01", undefined],
    ["2.505", undefined],
    ["-1", undefined],
  ])("%j", (typed, read) => expect(readPercent(typed)).toBe(read));
});

function first<T>(list: T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("an empty list");
  return one;
}
