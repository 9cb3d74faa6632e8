// The headline of each answer: shown as a heading, and read aloud when it changes.

import type { FindAnswer, Link, MemberCard } from "../../api";
import { text } from "../../text";
import type { Sought } from "./counter.svelte";
import { bigFigure } from "./figures";

export function matchesHeading({ is_complete, has_more, members }: FindAnswer, query: string): string {
  const words = text().counter.hits;
  if (has_more) return words.many(members.length, query);
  return is_complete ? words.share(members.length, query) : words.match(members.length, query);
}

export function elsewhereHeading({ members }: FindAnswer): string {
  const words = text().counter.elsewhere;
  const [only] = members;
  return members.length === 1 && only
    ? words.heading(only.elsewhere)
    : words.headingForSeveral(members.length);
}

export function notInCopyHeading({ answer, as_of }: FindAnswer, sought: Sought, link: Link): string {
  const words = text().counter.notInCopy;
  switch (answer) {
    case "remote_none":
    case "remote_cannot_tell":
    case "remote_unreachable":
      return words.asked[answer].heading;
    default:
      return link === "none" ? words.headingAlone[sought] : words.heading(as_of);
  }
}

export function notInCopyLead({ answer }: FindAnswer, link: Link): string {
  const words = text().counter.notInCopy;
  switch (answer) {
    case "remote_none":
    case "remote_cannot_tell":
    case "remote_unreachable":
      return words.asked[answer].lead;
    default:
      return words.lead[link];
  }
}

export function answerHeading(answer: FindAnswer, query: string, sought: Sought, link: Link): string {
  switch (answer.answer) {
    case "found":
    case "several":
    case "remote_found":
      return matchesHeading(answer, query);
    case "elsewhere":
      return elsewhereHeading(answer);
    case "card_refused":
      return text().counter.refused.heading;
    case "not_in_copy":
    case "remote_none":
    case "remote_cannot_tell":
    case "remote_unreachable":
      return notInCopyHeading(answer, sought, link);
    case "too_short":
      return text().counter.tooShort.heading;
  }
}

export function memberHeading(member: MemberCard, link: Link): string {
  const { label, words } = bigFigure(member, link);
  return `${member.full_name}. ${label} ${words}`;
}
