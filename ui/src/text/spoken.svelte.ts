// Which language the page speaks. Screens ask `text()` and are drawn anew when it changes.

import type { Failure } from "../api";
import { en, type Text } from "./en";
import { vi } from "./vi";

export type { Text };

/** Each language under its own name, as its speakers write it. */
export const LANGUAGES = { en: "English", vi: "Tiếng Việt" } as const;
export type LanguageCode = keyof typeof LANGUAGES;

const texts: Record<LanguageCode, Text> = { en, vi };
let spoken = $state<LanguageCode>("en");

export const text = (): Text => texts[spoken];

/** Speaks that language, or English where it is not known. */
export function speak(language: string): void {
  const primary = language.toLowerCase().split("-")[0] ?? "";
  spoken = primary in texts ? (primary as LanguageCode) : "en";
  document.documentElement.lang = spoken;
}

/** The sentence for a failure. A code that this page does not know yet has the core's own words. */
export function sentenceOf({ code, facts, message }: Failure): string {
  const sentence = (texts[spoken].failures as Record<string, Sentence | undefined>)[code];
  if (sentence === undefined) return message;
  return typeof sentence === "string" ? sentence : sentence(facts, message);
}

type Sentence = string | ((facts: Failure["facts"], message: string) => string);
