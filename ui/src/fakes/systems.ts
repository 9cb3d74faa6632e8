// Member systems as the settings have them.

import type { RemoteCan, RemoteShop, RemotesView, RemoteView } from "../api";

const everything: RemoteCan = {
  lists: true,
  names_shops: true,
  keeps_credit: true,
  tries_credit: false,
  deletes: true,
  finds: true,
  needs: [],
  fields: [
    { field: "name", home: "there" },
    { field: "@labels", home: "there" },
  ],
};

const some: RemoteCan = {
  lists: true,
  names_shops: false,
  keeps_credit: false,
  tries_credit: false,
  deletes: true,
  finds: true,
  needs: ["name"],
  fields: [
    { field: "name", home: "there" },
    { field: "social", home: "partly" },
    { field: "@labels", home: "here" },
  ],
};

const typed = (key: string, is_required: boolean) => ({ key, choices: [], is_required, only_with: null });
const only_with = (value: string) => ({ key: "auth", value });

export function aSystem(changes: Partial<RemoteView> = {}): RemoteView {
  return {
    name: "Portos",
    kind: "portos",
    url: "https://192.168.1.20/",
    settings: { auth: "jwt", user_name: "till", device_name: "till-1" },
    has_secret: true,
    has_certificate: false,
    may_be_plain: false,
    mode: null,
    state: { state: "reached" },
    pull: null,
    last_exchange_at: "2026-11-20T07:00:00Z",
    waiting: 0,
    needs_you: 0,
    can_remove: false,
    credit: null,
    ...changes,
  };
}

export function aShop(changes: Partial<RemoteShop> = {}): RemoteShop {
  return {
    code: "KM",
    name: "Kim Ma",
    remote: "Portos",
    pos_id: "KM",
    is_counter: true,
    is_settled: false,
    takes_strangers: true,
    ...changes,
  };
}

export function someSystems(changes: Partial<RemotesView> = {}): RemotesView {
  return {
    remotes: [aSystem()],
    shops: [aShop(), aShop({ code: "TH", name: "West Lake", remote: null, pos_id: "TH", is_counter: false })],
    kinds: [
      { kind: "head-office", settings: [], can: everything },
      { kind: "lumyri", settings: [typed("app_id", true)], can: some },
      {
        kind: "portos",
        settings: [
          { key: "auth", choices: ["bearer", "jwt"], is_required: true, only_with: null },
          { ...typed("user_name", true), only_with: only_with("jwt") },
          { ...typed("device_name", true), only_with: only_with("jwt") },
          typed("path_prefix", false),
        ],
        can: { ...some, tries_credit: true },
      },
      { kind: "stancer", settings: [], can: { ...some, lists: false, finds: false } },
    ],
    ...changes,
  };
}
