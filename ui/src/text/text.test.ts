import { beforeEach, describe, expect, it } from "vitest";
import { en } from "./en";
import { learnDecimals, learnTimeZone, sentenceOf, speak, text } from "./index";
import { vi } from "./vi";

describe("the languages", () => {
  it("have the same sentences, and no empty one", () => {
    const pathsOf = (words: object) => [...leaves(words)].map(([path]) => path);
    expect(pathsOf(vi)).toEqual(pathsOf(en));
    for (const [path, leaf] of leaves(vi)) expect(leaf, path).not.toBe("");
  });

  it("name no inner workings", () => {
    const inner = /\b(parked|tombstone|push|outbox|serial|customer|user)\b/i;
    for (const [path, leaf] of [...leaves(en), ...leaves(vi)]) {
      if (typeof leaf === "string") expect(leaf, path).not.toMatch(inner);
    }
  });

  it("fall back to English, and to the core's own words", () => {
    speak("fr-FR");
    expect(text().keys.new).toBe("New");
    expect(sentenceOf({ code: "brand_new", message: "As the core says.", field: null, facts: {} })).toBe(
      "As the core says.",
    );
    speak("vi-VN");
    expect(text().keys.new).toBe("Mới");
  });
});

describe("money", () => {
  beforeEach(() => {
    learnDecimals("VND", 0);
    learnDecimals("EUR", 2);
    learnDecimals("KWD", 3);
    learnDecimals("RSD", 2);
  });

  it.each([
    ["VND", 500_000, "500,000\u00a0₫", "500.000\u00a0₫"],
    ["EUR", 1_234, "12.34\u00a0€", "12,34\u00a0€"],
    ["EUR", 5, "0.05\u00a0€", "0,05\u00a0€"],
    ["KWD", -1_234, "−1.234\u00a0KWD", "−1,234\u00a0KWD"],
    ["RSD", 1_234, "12.34\u00a0RSD", "12,34\u00a0RSD"],
  ])("%s %i", (currency, minor, english, vietnamese) => {
    expect(en.forms.money({ minor, currency })).toBe(english);
    expect(vi.forms.money({ minor, currency })).toBe(vietnamese);
  });

  it("stays exact up to the largest balance", () => {
    expect(en.forms.amount({ minor: Number.MAX_SAFE_INTEGER, currency: "EUR" })).toBe(
      "90,071,992,547,409.91",
    );
  });

  it("carries its sign in a history line", () => {
    expect(en.forms.change({ minor: 350_000, currency: "VND" })).toBe("+350,000");
    expect(en.forms.change({ minor: -120_000, currency: "VND" })).toBe("−120,000");
    expect(en.forms.change({ minor: 0, currency: "VND" })).toBe("0");
  });
});

describe("an instant", () => {
  // The last minutes of a day in London are the next morning in Hà Nội, and the evening before in New York.
  const instant = "2026-11-18T23:05:00Z";
  const now = new Date("2026-11-19T01:00:00Z");

  it.each([
    ["Asia/Ho_Chi_Minh", "06:05", "19 Nov 2026", true],
    ["America/New_York", "18:05", "18 Nov 2026", true],
    ["Europe/London", "23:05", "18 Nov 2026", false],
  ])("is shown by the clock of the shop in %s", (zone, time, date, isToday) => {
    learnTimeZone(zone);
    expect([en.forms.time(instant), en.forms.date(instant)]).toEqual([time, date]);
    expect(en.forms.isToday(instant, now)).toBe(isToday);
    expect(en.forms.date("2026-11-18")).toBe("18 Nov 2026");
  });

  it("stays by the clock known before where a zone is unknown", () => {
    learnTimeZone("Europe/London");
    learnTimeZone("Mars/Olympus");
    expect(en.forms.time(instant)).toBe("23:05");
  });
});

function* leaves(words: object, path = ""): Generator<[path: string, leaf: unknown]> {
  for (const [name, leaf] of Object.entries(words)) {
    const here = `${path}.${name}`;
    // The forms are made by one function for all languages.
    if (here === ".forms") continue;
    if (typeof leaf === "object" && leaf !== null) yield* leaves(leaf, here);
    else yield [here, leaf];
  }
}
