import type { LedgerHome, Link, Money, TopUpPreview } from "../../api";
import { text } from "../../text";

/** How far a top-up reaches: head office at once, later, or never. */
export type Reach = "connected" | "cutOff" | "alone";

export function reachOf(home: LedgerHome, link: Link): Reach {
  if (home === "this_till" || link === "none") return "alone";
  return link === "online" ? "connected" : "cutOff";
}

/** What to tell the member about what they pay in. */
export function sayAboutTopUp(amount: Money, preview: TopUpPreview, reach: Reach): string {
  const { say } = text().topUp;
  const { usable, usable_after, balance_after, repays } = preview;
  if (repays && repays.minor > 0) return say.repays(repays, preview);
  if (reach !== "cutOff" || usable_after.minor === balance_after.minor) return say.now(preview);
  return usable_after.minor > usable.minor ? say.partly(amount, preview) : say.later(amount);
}
