import type { CreditView, MemberCard, PayPreview } from "../../api";
import { text } from "../../text";
import type { Reach } from "../top-up/told";

/** How far credit goes just now, where that is worth a word. */
export function toldAboutPaying({ usable }: CreditView, reach: Reach): string {
  const { told } = text().pay;
  if (reach !== "cutOff") return told[reach];
  return usable.minor > 0 ? told.cutOff(usable) : told.cutOffNone;
}

/** What to tell the member about this bill. */
export function sayAboutPaying(member: MemberCard, preview: PayPreview | null, reach: Reach): string {
  const { say } = text().pay;
  if (member.status.state === "on_hold" && member.credit.balance.minor > 0) return say.onHold;
  if (preview === null) return say.start(member.credit);
  const { credit_used, left_to_collect, earned, balance_after, usable_after, max_credit } = preview;
  if (credit_used.minor > 0) {
    if (left_to_collect.minor > 0) return say.partly(preview);
    if (reach === "cutOff" && usable_after.minor < balance_after.minor) return say.paidRestLater;
    return say.paidWithBalance(preview);
  }
  if (left_to_collect.minor === 0) return say.paid;
  if (reach === "cutOff" && preview.balance.minor > 0 && max_credit.minor === 0)
    return say.collectCreditLater(preview);
  return earned.minor > 0 ? say.collectEarning(preview) : say.collect(preview);
}
