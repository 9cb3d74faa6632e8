// Amounts are typed as digits alone, from the right: 1234 is 12.34 where a currency has two decimals.

/** So many digits still fit a whole number exactly (2^53). */
const MOST_DIGITS = 15;

/** The digits in what stands in a field, without leading zeros and whatever sets them apart. */
export function digitsIn(text: string): string {
  return text.replace(/\D/g, "").replace(/^0+/, "").slice(0, MOST_DIGITS);
}

/** The whole number that the digits are: minor units of whatever currency it is. */
export function numberOf(digits: string): number {
  return digits === "" ? 0 : Number(digits);
}
