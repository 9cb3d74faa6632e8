// The table of members, and a spreadsheet on its way in.

import type {
  ImportBatch,
  ImportRead,
  ImportReport,
  ImportState,
  MemberRow,
  MemberRows,
  MembersAsked,
} from "../api";
import { dong } from "./things";

/** The member of that row, counted from 0. */
export function aRow(index: number, changes: Partial<MemberRow> = {}): MemberRow {
  return {
    id: `member-${index}`,
    full_name: `Member ${index}`,
    phone: `0900 ${index}`,
    email: null,
    reference: null,
    card_ending: "5209",
    labels: [{ name: "Wholesale", color: null }],
    status: { state: "active", reason: null, on: null },
    member_since: "2019-09-26",
    last_visit: { on: "2020-11-12", location: "West Lake", is_here: false },
    balance: dong(index * 1_000),
    needs_you: false,
    ...changes,
  };
}

/** The page that is asked for, of so many members. */
export function rowsOf(total: number, { offset, limit }: Pick<MembersAsked, "offset" | "limit">): MemberRows {
  const count = Math.max(Math.min(limit, total - offset), 0);
  return { total, offset, rows: Array.from({ length: count }, (_, place) => aRow(offset + place)) };
}

export function aSheet(changes: Partial<ImportRead> = {}): ImportRead {
  return {
    import_id: "import-1",
    file_name: "members.csv",
    encoding: "UTF-8",
    separator: ";",
    rows: 1_666,
    columns: [
      { name: "Tên", samples: ["Lý Tú Quang Thắng", "Trần Minh Anh"], field: "full_name" },
      { name: "SĐT", samples: ["0945350398"], field: "phone" },
      { name: "Số dư", samples: ["1.250.000"], field: "opening_balance" },
      { name: "Hạng", samples: ["Vàng"], field: null },
    ],
    fields: ["full_name", "given", "family", "phone", "email", "opening_balance", "label"],
    ...changes,
  };
}

export function anImport(changes: Partial<ImportState> = {}): ImportState {
  return { stage: "idle", done: 0, total: 0, report: null, problem: null, ...changes };
}

export function aReport(changes: Partial<ImportReport> = {}): ImportReport {
  return {
    batch: null,
    new: 412,
    updated: 1_204,
    unchanged: 38,
    twins: 7,
    errors: 1,
    opening_total: dong(125_400_000),
    total_agrees: null,
    notes: [
      {
        row: 14,
        name: "Lý Tú Quang Thắng",
        failure: { code: "phone_rounded", message: "", field: "phone", facts: {} },
      },
    ],
    ...changes,
  };
}

export function aBatch(changes: Partial<ImportBatch> = {}): ImportBatch {
  return {
    batch: "batch-1",
    at: "2026-11-20T07:00:00Z",
    file_name: "members.csv",
    members: 1_616,
    opening_total: dong(125_400_000),
    is_undone: false,
    ...changes,
  };
}
