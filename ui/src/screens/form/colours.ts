// The colours that a label or a warning may have. They are data of the shop, sent and stored as they are, and no part of
// the page's own colours: each always stands beside its name.

import { text } from "../../text";

export const COLOURS = {
  green: "#1b7038",
  blue: "#24558f",
  violet: "#6a3fa0",
  red: "#b3261e",
  orange: "#b25a00",
  brown: "#7a4a22",
  grey: "#5b6058",
} as const;

/** As a list to choose from, with the one that is there already where it is none of these. */
export function colourOptions(current: string): Array<{ value: string; label: string }> {
  const words = text().edit.colours;
  const known = Object.entries(COLOURS).map(([name, value]) => ({
    value: value as string,
    label: words[name as keyof typeof COLOURS],
  }));
  const isKnown = current === "" || known.some(({ value }) => value === current.toLowerCase());
  return isKnown ? known : [...known, { value: current, label: words.asItIs(current) }];
}
