import type { Question } from "../api";
import { edit } from "./en.edit";
import { at, forms, list, moment } from "./en.forms";
import { lowered } from "./en.member";

export const question = {
  headOffice: "Head office",
  heading: (name: string | null) => (name ? `Decide about ${name}` : "Decide"),
  /** What happened, and what is to be done. */
  lead: ({ made_at, remote_at, location, fields }: Question, remote: string) => {
    const where = location ? ` (${location})` : "";
    const when = remote_at ? `at ${remote} ${at(remote_at)}` : `at ${remote}`;
    const names = fields.map(({ field }) => lowered(edit.fieldName(field)));
    return `This was edited here ${at(made_at)} and ${when}${where}. What only one side changed is merged already. Choose ${list(names)}; the other value stays in the history.`;
  },
  field: "Field",
  before: "Before",
  till: "This till",
  tillAt: (instant: string) => `This till, ${moment(instant)}`,
  remoteAt: (remote: string, instant: string | null) => (instant ? `${remote}, ${moment(instant)}` : remote),
  notChosen: "not chosen",
  merged: "merged",
  unchanged: "unchanged",
  taken: "taken",
  save: "Save",
  missing: (fields: string[]) =>
    `Still to choose: ${list(fields.map((field) => lowered(edit.fieldName(field))))}`,
  allTill: "Choose all of this till",
  allRemote: (remote: string) => `Choose all of ${remote}`,
  more: (count: number) =>
    count === 1
      ? "One more question waits after this one."
      : `${forms.count(count)} more questions wait after this one.`,
};
