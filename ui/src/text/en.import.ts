// Taking a spreadsheet in: the file, its columns, the check before anything is written, and undoing it.

import type { ImportBatch, ImportRead, ImportReport, Money } from "../api";
import { forms, list, moment, plural } from "./en.forms";
import { importFields } from "./en.import-fields";

const BETWEEN: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

const fileFacts = ({ rows, encoding, separator }: ImportRead) => {
  const between = BETWEEN[separator] ?? separator;
  return `${plural(rows, "row", "rows")}, ${between} between the columns, ${encoding}`;
};

export const imports = {
  heading: "Bring members from a spreadsheet",
  lead: "Nothing is written until you have seen what would happen.",
  back: "Back to the members",
  file: {
    heading: "1. The file",
    choose: "Choose a file",
    another: "Choose another file",
    drop: "A CSV file, or drop it here. Its first row names the columns.",
    label: "Spreadsheet file",
    reading: "Reading the file",
    facts: fileFacts,
  },
  columns: {
    heading: "2. What each column is",
    lead: "As guessed from the names. Each field is used once.",
    column: "Column",
    samples: "In the file",
    field: "Becomes",
    fieldOf: (column: string) => `What the column ${column} becomes`,
    unused: "Left out",
    usedBy: (field: string, column: string) => `${field} (now ${column})`,
    noName: "No column is the name yet. Say which one is: without a name nobody can be taken in.",
    noPhone: "No column is the phone yet. Members are found by it at the counter.",
  },
  fields: importFields,
  total: {
    heading: "3. The check",
    label: "Total of the opening balances, as you expect it",
    hint: "Leave empty where the file has no balances, or the total is not known.",
    check: "Check the file",
    checkAgain: "Check again",
    changed: "Something changed since the check. Check again before taking it in.",
  },
  checking: (done: number, total: number) =>
    `Checking: ${forms.count(done)} of ${plural(total, "row", "rows")}`,
  taking: (done: number, total: number) =>
    `Taking in: ${forms.count(done)} of ${plural(total, "row", "rows")}`,
  undoing: (done: number, total: number) =>
    `Undoing: ${forms.count(done)} of ${plural(total, "member", "members")}`,
  cancel: "Stop",
  report: {
    checked: "4. What would happen",
    taken: "It is done",
    cancelled: "Stopped",
    undone: "It is undone",
    failed: "It did not work",
    stoppedLead: "What was in by then stays. It can be undone as a whole.",
    undoneLead:
      "What came with this file is taken back. Members who used or topped up their credit since stayed as they are.",
    checkStopped: "The check was stopped. Nothing was written.",
    rows: "What becomes of the rows",
    new: "New members",
    updated: "Updated",
    unchanged: "Already the same",
    twins: "Of these perhaps here already",
    errors: "Cannot be taken in",
    total: "Opening balances",
    expected: "As you expect them",
    agrees: "The total agrees with the one you typed.",
    differs: "The total differs from the one you typed.",
    lost: "Choose the file again to go on: this window was closed since.",
  },
  summary: ({ new: added, updated, errors }: ImportReport) => {
    const parts = [`${forms.count(added)} new`, `${forms.count(updated)} updated`];
    if (errors > 0) parts.push(plural(errors, "row cannot be taken in", "rows cannot be taken in"));
    return list(parts);
  },
  notes: {
    heading: "Rows to look at",
    first: (shown: number, total: number) => `The first ${forms.count(shown)} of ${forms.count(total)}.`,
    row: "Row",
    name: "Name",
    why: "What is the matter",
  },
  take: "Take them in",
  takeAllTheSame: "Take them in all the same",
  undo: {
    open: "Undo this import…",
    short: "Undo…",
    heading: (file: string) => `Undo the import of ${file}?`,
    lead: (members: number, total: Money) =>
      total.minor !== 0
        ? `${plural(members, "member", "members")} and ${forms.money(total)} of opening balances are taken back.`
        : `${plural(members, "member", "members")} are taken back.`,
    stays: "Members who used or topped up their credit since stay as they are.",
    yes: "Undo it",
    no: "Keep it",
  },
  batches: {
    heading: "Earlier imports",
    at: "When",
    file: "File",
    members: "Members",
    total: "Opening balances",
    state: "State",
    isIn: "In",
    isUndone: "Undone",
    when: ({ at }: ImportBatch) => moment(at),
    undo: ({ file_name }: ImportBatch) => `Undo the import of ${file_name}`,
  },
};
