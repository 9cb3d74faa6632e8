import { describe, expect, it } from "vitest";
import { boxHeight, drawn, placeOf, type Sheet, topShowing } from "./sheet";

const sheet = (changes: Partial<Sheet> = {}): Sheet => ({
  top: 0,
  height: 480,
  row: 48,
  total: 100_000,
  ...changes,
});

describe("a long table", () => {
  it("has the height of all its rows, and draws few of them", () => {
    expect(boxHeight(sheet())).toBe(4_800_000);
    const { first, last } = drawn(sheet({ top: 48_000 }));
    expect(first).toBeLessThanOrEqual(1_000);
    expect(last).toBeGreaterThanOrEqual(1_010);
    expect(last - first).toBeLessThan(30);
    expect(placeOf(1_000, sheet({ top: 48_000 }))).toBe(48_000);
  });

  it("is scrolled as little as possible to show a row", () => {
    expect(topShowing(5, sheet())).toBe(0);
    expect(topShowing(10, sheet())).toBe(48);
    expect(topShowing(3, sheet({ top: 480 }))).toBe(144);
    expect(topShowing(99_999, sheet())).toBe(4_800_000 - 480);
  });

  it("reaches its last row even where no box can be as tall", () => {
    const long = sheet({ total: 1_000_000 });
    expect(boxHeight(long)).toBeLessThan(33_500_000);
    const end = { ...long, top: topShowing(999_999, long) };
    expect(end.top).toBeCloseTo(boxHeight(long) - long.height);
    expect(drawn(end).last).toBe(1_000_000);
    // The last row ends where the box ends.
    expect(placeOf(999_999, end)).toBeCloseTo(boxHeight(long) - long.row);
  });

  it("draws nothing of nothing", () => {
    expect(drawn(sheet({ total: 0 }))).toEqual({ first: 0, last: 0 });
  });
});
