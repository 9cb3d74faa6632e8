import type { Money } from "../api";
import { formsOf } from "./format";

const MONTHS = new Intl.DateTimeFormat("en", { month: "short" });

export const forms = formsOf({
  locale: "en",
  day: (date, withYear) => {
    const day = `${date.getDate()} ${MONTHS.format(date)}`;
    return withYear ? `${day} ${date.getFullYear()}` : day;
  },
});

/** "at 13:58", and on another day "on 18 Nov at 13:58". */
export function at(instant: string): string {
  const time = `at ${forms.time(instant)}`;
  return forms.isToday(instant) ? time : `on ${forms.day(instant)} ${time}`;
}

/** "13:58", and of another day "18 Nov, 13:58". */
export function moment(instant: string): string {
  const time = forms.time(instant);
  return forms.isToday(instant) ? time : `${forms.day(instant)}, ${time}`;
}

/** "Today 13:57"; of another day the day alone, for columns. */
export function when(instant: string): string {
  return forms.isToday(instant) ? `Today ${forms.time(instant)}` : forms.day(instant);
}

/** "350,000 of it waiting to be confirmed", where something is. */
export function waitingOf(pending: Money): string | null {
  if (pending.minor === 0) return null;
  return `${forms.amount(pending)} of it waiting to be confirmed`;
}

export function plural(count: number, one: string, many: string): string {
  return `${forms.count(count)} ${count === 1 ? one : many}`;
}

const SMALL_NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** A number as one says it at the counter. */
export function spokenCount(count: number): string {
  return SMALL_NUMBERS[count] ?? forms.count(count);
}

export function list(words: string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(words);
}
