// Forms of money, numbers and dates in one language. Amounts come in minor units and stay whole: the decimal point
// is set in text, never by dividing.

import type { Birthday, Money } from "../api";

/** What differs between languages that no platform table knows the way a till wants it. */
export type Language = {
  /** BCP 47, for numbers, times and names. */
  locale: string;
  /** A day, with its year where that is asked for. */
  day: (date: Date, withYear: boolean) => string;
};

export type Forms = ReturnType<typeof formsOf>;

const NO_BREAK = "\u00a0";

/**
 * Decimals per currency as the core counts them. The platform's own table is not asked where the core has said:
 * it follows habit rather than ISO 4217 (none for the Serbian dinar), which would show an amount a hundredfold.
 */
const decimalsFromCore = new Map<string, number>();

export function learnDecimals(currency: string, decimals: number): void {
  decimalsFromCore.set(currency, decimals);
}

/** Where the shop is. Until the core has said so, where the computer is: near enough for the first start. */
let shopZone: string | undefined;
let calendar = calendarIn(undefined);
const clocks = new Map<string, Intl.DateTimeFormat>();

/** From now on instants are shown as in the shop, as they are on its slips, wherever the computer believes to be. */
export function learnTimeZone(zone: string): void {
  if (zone === shopZone) return;
  try {
    calendar = calendarIn(zone);
  } catch {
    // A zone that this web view does not know: its own is better than no time at all.
    return;
  }
  shopZone = zone;
  clocks.clear();
}

export function decimalsOf(currency: string): number {
  const known = decimalsFromCore.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 0;
}

export function formsOf({ locale, day }: Language) {
  const countFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const amount = (money: Money) => written(locale, money, "auto");
  const withSymbol = (text: string, currency: string) => text + NO_BREAK + symbolOf(currency);

  return {
    /** "2,140" */
    count: (count: number) => countFormat.format(count),
    /** "500,000 ₫" */
    money: (money: Money) => withSymbol(amount(money), money.currency),
    /** "500,000" */
    amount,
    /** "+350,000" or "−120,000" */
    change: (money: Money) => written(locale, money, "exceptZero"),
    /** "+350,000 ₫" */
    changeOfMoney: (money: Money) => withSymbol(written(locale, money, "exceptZero"), money.currency),
    /** "20,000 ₫" for a debt of 20,000: the word before it says which way. */
    withoutSign: (money: Money) => withSymbol(written(locale, money, "never"), money.currency),
    /** "−25,000 ₫" of an amount that is taken off another. */
    takenAway: (money: Money) =>
      (money.minor > 0 ? "−" : "") + withSymbol(written(locale, money, "never"), money.currency),
    /** As one says it: nobody says the currency where there are no cents. */
    spoken: (money: Money) =>
      decimalsOf(money.currency) === 0 ? amount(money) : withSymbol(amount(money), money.currency),
    /** "2.5 %": a rate comes as decimal text. */
    percent: (rate: string) => `${rate.replace(".", pointOf(locale))}${NO_BREAK}%`,
    /** "13:58" */
    time: (instant: string) => clockOf(locale).format(new Date(instant)),
    /** "18 Nov", with the year where it is another one. */
    day: (instant: string, now = new Date()) => {
      const date = dateOf(instant);
      return day(date, date.getFullYear() !== dayOf(now).getFullYear());
    },
    /** "26 Sep 2019" */
    date: (instant: string) => day(dateOf(instant), true),
    isToday: (instant: string, now = new Date()) => dateOf(instant).getTime() === dayOf(now).getTime(),
    /** "30 May", or "30 May 1996" */
    birthday: ({ day: dayOfMonth, month, year }: Birthday) =>
      // A leap year stands in where none is given, so that the 29th of February keeps its place.
      day(new Date(year ?? 2000, month - 1, dayOfMonth), year !== null),
    country: (code: string) => new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code,
  };
}

type SignDisplay = "auto" | "exceptZero" | "never";

// The platform takes far longer to make a format than to use it, and a list of members uses a hundred.
const numberFormats = new Map<string, Intl.NumberFormat>();
const symbols = new Map<string, string>();

/** "₫"; the code where the currency has no sign of its own. */
export function symbolOf(currency: string): string {
  let symbol = symbols.get(currency);
  if (symbol === undefined) {
    const format = new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
    });
    symbol = format.formatToParts(0).find((part) => part.type === "currency")?.value ?? currency;
    symbols.set(currency, symbol);
  }
  return symbol;
}

/** "VND ₫"; the code alone where the currency has no sign of its own. */
export function signed(currency: string): string {
  const symbol = symbolOf(currency);
  return symbol === currency ? currency : `${currency} ${symbol}`;
}

function numberFormat(locale: string, decimals: number, signDisplay: SignDisplay): Intl.NumberFormat {
  const key = `${locale} ${decimals} ${signDisplay}`;
  let format = numberFormats.get(key);
  if (format === undefined) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    format = new Intl.NumberFormat(locale, { ...digits, signDisplay });
    numberFormats.set(key, format);
  }
  return format;
}

function written(locale: string, { minor, currency }: Money, signDisplay: SignDisplay): string {
  const decimals = decimalsOf(currency);
  const format = numberFormat(locale, decimals, signDisplay);
  // A hyphen is too short beside figures: the minus sign has the width of the plus.
  return format.format(decimalText(minor, decimals)).replace("-", "−");
}

function pointOf(locale: string): string {
  const parts = new Intl.NumberFormat(locale).formatToParts(0.5);
  return parts.find(({ type }) => type === "decimal")?.value ?? ".";
}

function decimalText(minor: number, decimals: number): `${number}` {
  const sign = minor < 0 ? "-" : "";
  const digits = String(minor)
    .replace("-", "")
    .padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = decimals === 0 ? "" : `.${digits.slice(point)}`;
  return `${sign}${digits.slice(0, point)}${fraction}` as `${number}`;
}

/** The shop's day: of an instant by its clock; a day alone ("2019-09-26") is that day, not midnight in London. */
function dateOf(text: string): Date {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])) : dayOf(new Date(text));
}

/** As midnight here: what is made of it is made of its year, month and day alone. */
function dayOf(instant: Date): Date {
  const parts = calendar.formatToParts(instant);
  const [year = 0, month = 0, day = 0] = (["year", "month", "day"] as const).map((type) =>
    Number(parts.find((part) => part.type === type)?.value),
  );
  return new Date(year, month - 1, day);
}

function calendarIn(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en", { year: "numeric", month: "numeric", day: "numeric", timeZone });
}

function clockOf(locale: string): Intl.DateTimeFormat {
  const known = clocks.get(locale);
  if (known) return known;
  const clock = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: shopZone,
  });
  clocks.set(locale, clock);
  return clock;
}
