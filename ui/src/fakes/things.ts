// Things of the core as tests need them: whole, plain, and changed where a test says so.

import type {
  Desk,
  FindAnswer,
  MemberCard,
  MemberHit,
  Money,
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
    pull: null,
    problem: null,
    is_running: false,
    ...changes,
  };
}

export function aDesk(sync: Partial<SyncState> = {}, changes: Partial<Desk> = {}): Desk {
  return {
    till_name: "Till 2",
    location: { code: "KM", name: "Kim Ma", country: "VN", currency: "VND", decimals: 0 },
    language: "en",
    sync: aSync(sync),
    members_here: 48_210,
    is_key_in_file: false,
    ...changes,
  };
}

export function aHit(changes: Partial<MemberHit> = {}): MemberHit {
  return {
    id: "thang",
    full_name: "Lý Tú Quang Thắng",
    initials: "LT",
    phone: "+84 945 350 398",
    phone_ending: "0398",
    birth_year: null,
    member_since: "2019-09-26",
    elsewhere: [],
    balance: dong(1_250_000),
    ...changes,
  };
}

export function anAnswer(changes: Partial<FindAnswer> = {}): FindAnswer {
  const members = changes.members ?? [aHit()];
  return { answer: "found", as_of: null, is_complete: true, total: members.length, members, ...changes };
}

export function aCard(changes: Partial<MemberCard> = {}): MemberCard {
  return {
    id: "thang",
    full_name: "Lý Tú Quang Thắng",
    initials: "LT",
    phone: "+84 945 350 398",
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
