// Things of the core as tests need them: whole, plain, and changed where a test says so.

import type {
  CardView,
  Desk,
  FindAnswer,
  HistoryLine,
  MemberCard,
  MemberHit,
  Money,
  Paid,
  PayPreview,
  Preferences,
  Question,
  ReturnPreview,
  Slip,
  StatusView,
  SyncState,
  TopUpPreview,
  WaitingChange,
} from "../api";

export const dong = (minor: number): Money => ({ minor, currency: "VND" });

export function aSync(changes: Partial<SyncState> = {}): SyncState {
  return {
    remote_name: "Head office",
    link: "offline",
    last_exchange_at: "2026-11-24T06:58:00Z",
    waiting: 3,
    needs_you: 0,
    unsettled: 0,
    pull: null,
    problem: null,
    is_running: false,
    clock_off_ms: null,
    ...changes,
  };
}

export function somePreferences(changes: Partial<Preferences> = {}): Preferences {
  return {
    theme: "system",
    text_size: 100,
    keys: {},
    scanner: { prefix: "", suffix: "enter", max_gap_ms: 30, min_length: 6 },
    hides_served: false,
    ...changes,
  };
}

export function aDesk(sync: Partial<SyncState> = {}, changes: Partial<Desk> = {}): Desk {
  return {
    till_name: "Till 2",
    location: {
      code: "KM",
      name: "Kim Ma",
      country: "VN",
      currency: "VND",
      decimals: 0,
      time_zone: "Asia/Ho_Chi_Minh",
    },
    language: "en",
    sync: aSync(sync),
    members_here: 48_210,
    is_key_in_file: false,
    preferences: somePreferences(),
    has_printer: false,
    ...changes,
  };
}

export function aStatus(changes: Partial<StatusView> = {}): StatusView {
  return { state: "active", reason: null, on: null, ...changes };
}

export function aLoyaltyCard(changes: Partial<CardView> = {}): CardView {
  return {
    serial_number: "8400174504165209",
    ending: "5209",
    is_virtual: false,
    processor: null,
    state: "active",
    status_reason: null,
    status_at: null,
    issued_at: "2022-11-01T03:00:00Z",
    valid_from: null,
    valid_until: null,
    replaced_by: null,
    note: null,
    ...changes,
  };
}

export function aHit(changes: Partial<MemberHit> = {}): MemberHit {
  return {
    id: "thang",
    full_name: "Lý Tú Quang Thắng",
    initials: "LT",
    phone: "0945 350 398",
    phone_ending: "0398",
    birth_year: null,
    member_since: "2019-09-26",
    elsewhere: [],
    balance: dong(1_250_000),
    is_company: false,
    tax_id: null,
    reference: "M-004217",
    labels: [],
    last_visit: { on: "2026-11-18", location: "Kim Ma", is_here: true },
    card_ending: null,
    status: aStatus(),
    ...changes,
  };
}

export function anAnswer(changes: Partial<FindAnswer> = {}): FindAnswer {
  return {
    answer: "found",
    as_of: null,
    is_complete: true,
    members: [aHit()],
    has_more: false,
    refused_card: null,
    can_ask: false,
    ...changes,
  };
}

export function aCard(changes: Partial<MemberCard> = {}): MemberCard {
  return {
    id: "thang",
    full_name: "Lý Tú Quang Thắng",
    is_company: false,
    tax_id: null,
    reference: "M-004217",
    status: aStatus(),
    labels: [],
    risk: null,
    discount_percent: null,
    valid_until: null,
    earn_percent: null,
    on_account: null,
    staff_note: null,
    last_visit: { on: "2026-11-18", location: "Kim Ma", is_here: true },
    cards: [],
    aliases: [],
    has_picture: false,
    initials: "LT",
    phone: "0945 350 398",
    phone_ending: "0398",
    email: null,
    birthday: null,
    note: null,
    member_since: "2019-09-26",
    is_here: true,
    elsewhere: [],
    credit: {
      balance: dong(1_250_000),
      pending: dong(350_000),
      as_of: "2026-11-24T06:58:00Z",
      usable: dong(500_000),
      home: "head_office",
      owes: null,
      rewards: dong(0),
      next_expiry: null,
      cashable: dong(1_250_000),
    },
    history: [],
    needs_you: false,
    ...changes,
  };
}

export function aPreview(amount_minor: number): TopUpPreview {
  return {
    balance: dong(1_250_000),
    pending: dong(350_000),
    balance_after: dong(1_250_000 + amount_minor),
    usable: dong(500_000),
    usable_after: dong(500_000),
    repays: null,
  };
}

export function aChange(changes: Partial<WaitingChange> = {}): WaitingChange {
  return {
    change_id: "change-1",
    made_at: "2026-11-24T06:56:00Z",
    member_id: "thang",
    member_name: "Lý Tú Quang Thắng",
    what: { what: "edited", fields: ["phone"] },
    amount: null,
    state: { state: "waiting" },
    tries: 0,
    ...changes,
  };
}

export function aLine(changes: Partial<HistoryLine> = {}): HistoryLine {
  return {
    id: "line-1",
    at: "2026-11-18T07:05:00Z",
    what: {
      what: "entry",
      kind: "redeem",
      tender: null,
      location: "Kim Ma",
      percent: null,
      reason: null,
      undid: null,
    },
    amount: dong(-120_000),
    balance: dong(898_000),
    place: "head_office",
    receipt: "10261",
    entry_id: "entry-9",
    visit_id: "visit-9",
    is_void: false,
    can_void: false,
    can_return: false,
    has_slip: true,
    bring_back: null,
    ...changes,
  };
}

export function aQuestion(changes: Partial<Question> = {}): Question {
  return {
    change_id: "change-7",
    member_id: "member-1",
    member_name: "Trần Minh Anh",
    remote_name: "Head office",
    location: null,
    made_at: "2026-11-24T06:54:00Z",
    remote_at: "2026-11-24T06:51:00Z",
    fields: [
      {
        field: "phone",
        before: { typed: "+84 912 000 417" },
        till: { typed: "+84 912 000 471" },
        remote: { typed: "+84 912 000 714" },
      },
      {
        field: "name",
        before: { full: "Trần Minh Anh" },
        till: { full: "Trần Thị Minh Anh" },
        remote: { full: "Trần Minh Ánh" },
      },
    ],
    merged: [
      {
        field: "email",
        before: "anh@example.com",
        till: null,
        remote: "minhanh@example.com",
        kept: "theirs",
      },
    ],
    ...changes,
  };
}

/** A bill of a member with 5 % discount, who earns 2 % and has 2,000 of rewards. */
export function aPayPreview(bill: number, credit: number, changes: Partial<PayPreview> = {}): PayPreview {
  const discount = Math.round(bill * 0.05);
  const net = bill - discount;
  const reward = Math.min(credit, 2_000);
  const base = net - reward;
  const earned = Math.floor(base * 0.02);
  const after = 1_250_000 - credit + earned;
  return {
    bill: dong(bill),
    discount_percent: "5",
    discount: dong(discount),
    max_credit: dong(Math.min(net, 500_000)),
    credit_used: dong(credit),
    left_to_collect: dong(net - credit),
    earn_percent: "2",
    earned: dong(earned),
    earn_base: dong(base),
    reward_used: dong(reward),
    balance: dong(1_250_000),
    balance_after: dong(after),
    usable_after: dong(500_000 - credit),
    proof_above: null,
    ...changes,
  };
}

export function aPaid(changes: Partial<Paid> = {}): Paid {
  return {
    member: aCard(),
    visit_id: "visit-1",
    credit_used: dong(475_000),
    left_to_collect: dong(0),
    earned: dong(9_460),
    ...changes,
  };
}

export function aReturnPreview(amount: number, changes: Partial<ReturnPreview> = {}): ReturnPreview {
  return {
    receipt: "10261",
    returnable: dong(475_000),
    amount: dong(amount),
    to_lots: dong(Math.min(amount, 120_000)),
    as_returns: dong(Math.max(0, amount - 120_000)),
    taken_back: dong(Math.floor(amount * 0.02)),
    balance_after: dong(1_250_000 + amount - Math.floor(amount * 0.02)),
    ...changes,
  };
}

export function aSlip(changes: Partial<Slip> = {}): Slip {
  return {
    shop: "Kim Ma",
    till: "Till 2",
    printed_on: "2026-11-24",
    printed_time: "14:06",
    kind: "sale",
    is_copy: false,
    member: "Lý Tú Quang Thắng",
    phone_ending: "0398",
    receipt: "10261",
    lines: [
      { label: "bill", detail: null, amount: dong(500_000), is_total: false },
      { label: "discount", detail: "5", amount: dong(-25_000), is_total: false },
      { label: "credit_used", detail: null, amount: dong(-475_000), is_total: false },
      { label: "left_to_collect", detail: null, amount: dong(0), is_total: true },
      { label: "earned", detail: "2", amount: dong(9_460), is_total: false },
      { label: "balance_after", detail: null, amount: dong(784_460), is_total: true },
      { label: "waiting_to_be_confirmed", detail: null, amount: dong(350_000), is_total: false },
    ],
    reference: "5B7E5E00",
    ...changes,
  };
}
