// Amounts that are topped up again and again, per currency in minor units: round sums near what a bank note is worth.
// They are shortcuts for the fingers and limit nothing.

const USUAL: Record<string, number[]> = {
  VND: [100_000, 200_000, 500_000, 1_000_000],
  IDR: [50_000_00, 100_000_00, 200_000_00, 500_000_00],
  JPY: [1_000, 3_000, 5_000, 10_000],
  KRW: [10_000, 30_000, 50_000, 100_000],
  HUF: [5_000_00, 10_000_00, 20_000_00, 50_000_00],
  CZK: [200_00, 500_00, 1_000_00, 2_000_00],
  THB: [100_00, 300_00, 500_00, 1_000_00],
};

const ELSEWHERE: Record<number, number[]> = {
  0: [1_000, 2_000, 5_000, 10_000],
  2: [10_00, 20_00, 50_00, 100_00],
  3: [5_000, 10_000, 20_000, 50_000],
};

export function usualAmounts(currency: string, decimals: number): number[] {
  return USUAL[currency] ?? ELSEWHERE[decimals] ?? [];
}
