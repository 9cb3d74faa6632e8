import { readBirthday } from "./birthday";

/** A day as one types it: "30 5 2027". Answers `undefined` for what is no day, and `null` for nothing. */
export function readDay(typed: string): string | null | undefined {
  const read = readBirthday(typed);
  if (read === null || read === undefined) return read;
  const { day, month, year } = read;
  return year !== null && isInCalendar(year, month, day) ? `${year}-${two(month)}-${two(day)}` : undefined;
}

/** A day as one would type it: "30/5/2027". An instant, which other systems may keep instead, stays as it is. */
export function writtenDay(moment: string): string {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(moment);
  return day ? `${Number(day[3])}/${Number(day[2])}/${day[1]}` : moment;
}

function isInCalendar(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const two = (number: number) => String(number).padStart(2, "0");
