// The door to the sentences: what screens import.

export { learnDecimals, learnTimeZone, signed, symbolOf } from "./format";
export type { Rich } from "./rich";
export { LANGUAGES, type LanguageCode, sentenceOf, speak, type Text, text } from "./spoken.svelte";
