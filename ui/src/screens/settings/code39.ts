// Code 39, the plainest of bar codes: every scanner reads it without being told to.

/** Nine elements each, bars and gaps in turn, three of them wide (ISO/IEC 16388). */
const ELEMENTS: Readonly<Record<string, string>> = {
  A: "wnnnnwnnw",
  E: "wnnnwwnnn",
  G: "nnnnnwwnw",
  L: "nnwnnnnww",
  R: "wnnnnnwwn",
  S: "nnwnnnwwn",
  U: "wwnnnnnnw",
  "*": "nwnnwnwnn",
};

/** What the code of the scanner test says. */
export const TEST_CODE = "REGULARS";
/** A wide element, in narrow ones. */
const WIDE = 2;

/** A bar: where it begins, and how wide it is, in narrow elements. */
export type Bar = { at: number; width: number };

/** The bars of a text of those letters, with the stars that begin and end it, and their whole width. */
export function code39(text: string): { bars: Bar[]; width: number } {
  const bars: Bar[] = [];
  let at = 0;
  for (const character of `*${text}*`) {
    for (const [place, element] of [...(ELEMENTS[character] ?? "")].entries()) {
      const width = element === "w" ? WIDE : 1;
      if (place % 2 === 0) bars.push({ at, width });
      at += width;
    }
    // A narrow gap parts the characters.
    at += 1;
  }
  return { bars, width: at - 1 };
}
