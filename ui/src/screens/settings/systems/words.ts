import type { Failure } from "../../../api";
import { sentenceOf, text } from "../../../text";

/** A clock that is further off than this is worth a word: receipts and expiries follow it. */
const CLOCK_OFF_S = 60;

export function kindName(kind: string): string {
  const names: Record<string, string | undefined> = text().settings.systems.kinds;
  return names[kind] ?? kind;
}

/** Why a system does not work, with its own name in the sentence; what it said itself follows. */
export function whyOf(failure: Failure, name: string): string {
  const words = text().settings.systems;
  const sentence = words.failures[failure.code];
  return sentence ? sentence(name) : sentenceOf(failure);
}

export function isClockOff(aheadSeconds: number | null): boolean {
  return Math.abs(aheadSeconds ?? 0) >= CLOCK_OFF_S;
}

/** As an id has it: `app_id` is `app-id`. */
export function dashed(key: string): string {
  return key.replaceAll("_", "-");
}
