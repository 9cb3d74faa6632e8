import { describe, expect, it } from "vitest";
import { DEFAULT_KEYS, keyMapOf, keyOf, printedKey, refusalOf } from "./key-map";

describe("the key map", () => {
  it("gives an action the key that was asked for, and leaves the others as they are", () => {
    expect(keyMapOf({ pay: "F10" })).toEqual({ ...DEFAULT_KEYS, pay: "F10" });
  });

  it("lets two actions change keys", () => {
    expect(keyMapOf({ pay: "F7", edit: "F5" })).toMatchObject({ pay: "F7", edit: "F5" });
  });

  it("never has two actions on one key, nor an action without one", () => {
    expect(keyMapOf({ pay: "F4" })).toEqual(DEFAULT_KEYS);
    expect(keyMapOf({ pay: "F10", card: "F10" })).toEqual({ ...DEFAULT_KEYS, card: "F10" });
    expect(keyMapOf({ pay: "Alt+N", unknown: "F1", card: "" })).toEqual(DEFAULT_KEYS);
  });

  it.each([
    ["pay", "F10", null],
    ["pay", "Alt+P", null],
    ["pay", "Alt+Q", null],
    ["clear", "Escape", null],
    ["pay", "F4", { why: "taken", by: "top_up" }],
    ["pay", "Alt+T", { why: "taken", by: "top_up" }],
    ["pay", "Escape", { why: "reserved" }],
    ["pay", "Enter", { why: "reserved" }],
    ["pay", "ArrowDown", { why: "reserved" }],
    ["pay", "a", { why: "reserved" }],
    ["pay", "Control+C", { why: "reserved" }],
    ["pay", "F12", { why: "reserved" }],
    ["pay", "Alt+F4", { why: "reserved" }],
    ["pay", "MediaPlayPause", { why: "not_a_key" }],
  ] as const)("%s on %s: %j", (action, key, refusal) => {
    expect(refusalOf(action, key, DEFAULT_KEYS)).toEqual(refusal);
  });
});

describe("a pressed key", () => {
  const pressed = (init: KeyboardEventInit) => keyOf(new KeyboardEvent("keydown", init));

  it("is named as the map names it", () => {
    expect(pressed({ key: "F5" })).toBe("F5");
    expect(pressed({ key: "π", code: "KeyP", altKey: true })).toBe("Alt+P");
    expect(pressed({ key: "p", altKey: true })).toBe("Alt+P");
    expect(pressed({ key: "Enter", ctrlKey: true })).toBe("Control+Enter");
    expect(pressed({ key: "F5", shiftKey: true })).toBe("Shift+F5");
    expect(pressed({ key: "Alt", altKey: true })).toBeNull();
  });

  it("is printed as it stands on the keyboard", () => {
    expect(["F5", "Alt+P", "Escape", "Control+Enter"].map(printedKey)).toEqual([
      "F5",
      "Alt P",
      "Esc",
      "Ctrl Enter",
    ]);
  });
});
