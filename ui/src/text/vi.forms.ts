import type { Money } from "../api";
import { formsOf } from "./format";

const SHORT_DAY = new Intl.DateTimeFormat("vi", { day: "numeric", month: "numeric" });
const LONG_DAY = new Intl.DateTimeFormat("vi", { day: "numeric", month: "numeric", year: "numeric" });

export const forms = formsOf({
  locale: "vi",
  day: (date, withYear) => (withYear ? LONG_DAY : SHORT_DAY).format(date),
});

/** "lúc 13:58", ngày khác thì "lúc 13:58 ngày 18/11". */
export function at(instant: string): string {
  const time = `lúc ${forms.time(instant)}`;
  return forms.isToday(instant) ? time : `${time} ngày ${forms.day(instant)}`;
}

/** "13:58", ngày khác thì "13:58 ngày 18/11". */
export function moment(instant: string): string {
  const time = forms.time(instant);
  return forms.isToday(instant) ? time : `${time} ngày ${forms.day(instant)}`;
}

/** "Hôm nay 13:57"; ngày khác thì chỉ có ngày, dùng trong cột. */
export function when(instant: string): string {
  return forms.isToday(instant) ? `Hôm nay ${forms.time(instant)}` : forms.day(instant);
}

/** "trong đó 350.000 đang chờ xác nhận", nếu có. */
export function waitingOf(pending: Money): string | null {
  if (pending.minor === 0) return null;
  return `trong đó ${forms.amount(pending)} đang chờ xác nhận`;
}

const SMALL_NUMBERS = ["Không", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín"];

/** Con số như khi nói ở quầy. */
export function spokenCount(count: number): string {
  return SMALL_NUMBERS[count] ?? forms.count(count);
}

export function list(words: string[]): string {
  return new Intl.ListFormat("vi", { type: "conjunction" }).format(words);
}
