import { Import } from "../import/import.svelte";
import { Members } from "./members.svelte";

/** What the screen of members comes back to: somebody opens one at the counter, and then goes on with the next. */
export class MembersDesk {
  readonly members = new Members();
  readonly importing = new Import();
  isImporting = $state(false);
}

let kept: MembersDesk | undefined;

/** That of this window. */
export function keptMembers(): MembersDesk {
  kept ??= new MembersDesk();
  return kept;
}
