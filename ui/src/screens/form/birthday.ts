import type { Birthday } from "../../api";

/**
 * A birthday as one types it: "30 5", "30/5" or "30.5.1996", with whatever between the numbers, or with the year in
 * front. Answers `undefined` for what is no birthday, and `null` for nothing. Whether there is such a day, the core knows.
 */
export function readBirthday(typed: string): Birthday | null | undefined {
  const text = typed.trim();
  if (text === "") return null;
  const dayFirst = /^(\d{1,2})\D{1,3}(\d{1,2})(?:\D{1,3}(\d{4}))?\.?$/.exec(text);
  if (dayFirst) return birthday(dayFirst[1], dayFirst[2], dayFirst[3]);
  const yearFirst = /^(\d{4})\D(\d{1,2})\D(\d{1,2})$/.exec(text);
  return yearFirst ? birthday(yearFirst[3], yearFirst[2], yearFirst[1]) : undefined;
}

/** As one would type it: "30/5/1996". */
export function writtenBirthday({ day, month, year }: Birthday): string {
  const dayAndMonth = `${day}/${month}`;
  return year === null || year === undefined ? dayAndMonth : `${dayAndMonth}/${year}`;
}

function birthday(day: string | undefined, month: string | undefined, year: string | undefined): Birthday {
  return { day: Number(day), month: Number(month), year: year === undefined ? null : Number(year) };
}
