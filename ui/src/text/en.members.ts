// The table of all members: its columns, its filters in words, and what is written into files.

import type {
  CardFilter,
  CreditFilter,
  ExportWhat,
  LabelView,
  LastVisit,
  MembersSort,
  StatusFilter,
  StatusState,
} from "../api";
import { forms, plural } from "./en.forms";

const MONTHS = new Intl.DateTimeFormat("en", { month: "long" });
const monthName = (month: number) => MONTHS.format(new Date(2000, month - 1, 1));

const states: Record<StatusState, string> = {
  active: "Active",
  not_a_member: "Not a member",
  inactive: "Inactive",
  not_yet_valid: "Not valid yet",
  expired: "Expired",
  on_hold: "On hold",
  removed: "Removed",
  merged: "Joined",
};

export const members = {
  heading: (shop: string) => `Members of ${shop}`,
  count: (total: number) => plural(total, "member", "members"),
  countOf: (total: number, all: number) =>
    `${forms.count(total)} of ${plural(all, "member", "members")} ${total === 1 ? "fits" : "fit"}`,
  looking: "Looking through the members",
  filter: "Name, phone, card or email",
  hint: "↑ ↓ PgUp PgDn choose.",
  table: "Members",
  open: "Open at the counter",
  back: "Back to the counter",
  clear: "Clear the filters",
  more: "Filters",
  moreSet: (count: number) => `Filters · ${forms.count(count)}`,
  remove: (filter: string) => `Remove the filter: ${filter}`,
  import: "Import…",
  export: { members: "Export members", ledger: "Export ledger" } satisfies Record<ExportWhat, string>,
  exporting: {
    members: (done: number, total: number) =>
      `Writing members: ${forms.count(done)} of ${forms.count(total)}`,
    ledger: (done: number, total: number) =>
      `Writing the ledger: ${forms.count(done)} of ${plural(total, "member", "members")}`,
  },
  exportStop: "Stop",
  exportStopped: "Stopped. No file was written.",
  exported: {
    members: (rows: number, path: string) => `${plural(rows, "member", "members")} written to ${path}`,
    ledger: (rows: number, path: string) => `${plural(rows, "booking", "bookings")} written to ${path}`,
  },
  none: {
    heading: "No member fits",
    lead: "Take a filter away, or type less.",
    headingAtAll: "No members yet",
    leadAtAll: "Take in the first one at the counter, or bring a spreadsheet.",
  },
  failed: { heading: "The members cannot be shown", again: "Try again" },
  columns: {
    name: "Name",
    phone: "Phone",
    labels: "Labels",
    card: "Card",
    status: "Status",
    since: "Since",
    lastVisit: "Last visit",
    balance: "Balance",
    needsYou: "Needs you",
  },
  sortedBy: (column: string) => `Sort by ${column}`,
  card: (ending: string) => `…${ending}`,
  lastVisit: ({ on, location, is_here }: LastVisit) =>
    is_here ? forms.day(on) : `${forms.day(on)}, ${location}`,
  never: "never",
  moreLabels: (labels: LabelView[]) => `+${forms.count(labels.length)}`,
  needsYou: "! needs you",
  states,
  sort: {
    label: "Sort by",
    name: "Name",
    member_since: "Member since",
    last_visit: "Last visit",
    balance: "Balance",
  } satisfies Record<MembersSort | "label", string>,
  order: { label: "Order", up: "Rising", down: "Falling" },
  filters: {
    any: "Any",
    status: {
      label: "Status",
      active: states.active,
      inactive: states.inactive,
      not_yet_valid: states.not_yet_valid,
      expired: states.expired,
      on_hold: states.on_hold,
    } satisfies Record<StatusFilter | "label", string>,
    labelled: { label: "Label", is: (name: string) => `Label ${name}` },
    card: {
      label: "Card",
      has_card: "Has a card",
      none: "No card",
      blocked: "Card blocked",
    } satisfies Record<CardFilter | "label", string>,
    credit: {
      label: "Credit",
      has_credit: "Has credit",
      none: "No credit",
      owes: "Owes",
    } satisfies Record<CreditFilter | "label", string>,
    birthday: {
      label: "Birthday",
      month: monthName,
      is: (month: number) => `Birthday in ${monthName(month)}`,
    },
    notSeen: {
      label: "Not seen",
      since: (months: number) =>
        months % 12 === 0
          ? `Not seen for ${plural(months / 12, "year", "years")}`
          : `Not seen for ${plural(months, "month", "months")}`,
    },
    consent: { label: "Consent", yes: "Agreed to messages", no: "Agreed to none" },
    waits: { label: "Changes", yes: "Waits to be sent", no: "Nothing waits" },
    needsYou: { label: "Decisions", yes: "Needs you", no: "Needs nobody" },
  },
};
