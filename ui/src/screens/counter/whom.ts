import type { MemberCard } from "../../api";
import { type Rich, text } from "../../text";

/** "Lý Tú Quang Thắng, …0398": who a dialog is about, without the whole number. */
export function whomOf({ full_name, phone_ending }: MemberCard): Rich {
  return phone_ending
    ? [full_name, ", ", { together: text().counter.hits.ending(phone_ending) }]
    : [full_name];
}
