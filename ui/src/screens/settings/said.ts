import type { Failure } from "../../api";
import { sentenceOf, text } from "../../text";

/** What stands at a field about a failure, if there is one. */
export function said(failure: Failure | null): string | null {
  if (failure === null) return null;
  const { max } = failure.facts;
  // Most of these fields are one number, not a list that holds too many.
  if (failure.code === "too_many" && typeof max === "number") return text().settings.atMost(max);
  return sentenceOf(failure);
}
