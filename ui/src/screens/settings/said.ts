import type { Failure } from "../../api";
import { sentenceOf } from "../../text";

/** What stands at a field about a failure, if there is one. */
export function said(failure: Failure | null): string | null {
  return failure === null ? null : sentenceOf(failure);
}
