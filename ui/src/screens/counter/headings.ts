// The headline of each answer: shown as a heading, and read aloud when it changes.

import type { FindAnswer, Link, MemberCard } from "../../api";
import { text } from "../../text";
import { bigFigure } from "./figures";

export function matchesHeading(answer: FindAnswer, query: string): string {
  const words = text().counter.hits;
  return answer.is_complete ? words.share(answer.total, query) : words.match(answer.total, query);
}

export function elsewhereHeading({ members }: FindAnswer): string {
  const words = text().counter.elsewhere;
  const [only] = members;
  return members.length === 1 && only
    ? words.heading(only.elsewhere)
    : words.headingForSeveral(members.length);
}

export function notInCopyHeading({ as_of }: FindAnswer, link: Link): string {
  const words = text().counter.notInCopy;
  return link === "none" ? words.headingAlone : words.heading(as_of);
}

export function answerHeading(answer: FindAnswer, query: string, link: Link): string {
  switch (answer.answer) {
    case "found":
    case "several":
      return matchesHeading(answer, query);
    case "elsewhere":
      return elsewhereHeading(answer);
    case "not_in_copy":
      return notInCopyHeading(answer, link);
    case "too_short":
      return text().counter.tooShort.heading;
  }
}

export function memberHeading(member: MemberCard, link: Link): string {
  const { label, words } = bigFigure(member.credit, link);
  return `${member.full_name}. ${label} ${words}`;
}
