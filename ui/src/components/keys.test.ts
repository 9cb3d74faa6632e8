import { describe, expect, it, vi } from "vitest";
import { handle, strayCharacter } from "./keys";

function pressed(init: KeyboardEventInit, target: HTMLElement = document.body): KeyboardEvent {
  document.body.append(target === document.body ? "" : target);
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

describe("a handled key", () => {
  it("ends with what it did, so that it presses nothing else", () => {
    const enter = vi.fn();
    const event = pressed({ key: "Enter" });
    handle(event, { enter });
    handle(event, { enter });
    expect(enter).toHaveBeenCalledOnce();
    expect(event.defaultPrevented).toBe(true);
  });

  it("does its work once while it is held down", () => {
    const topUp = vi.fn();
    handle(pressed({ key: "F4", repeat: true }), { top_up: topUp });
    expect(topUp).not.toHaveBeenCalled();
  });

  it("has a second binding by its place on the keyboard", () => {
    const topUp = vi.fn();
    handle(pressed({ key: "†", code: "KeyT", altKey: true }), { top_up: topUp });
    expect(topUp).toHaveBeenCalledOnce();
  });

  it("stays with the button that has the focus", () => {
    const enter = vi.fn();
    handle(pressed({ key: "Enter" }, document.createElement("button")), { enter });
    expect(enter).not.toHaveBeenCalled();
  });

  it("keeps its own meaning where a screen does not name it", () => {
    const event = pressed({ key: "F4" });
    handle(event, {});
    expect(event.defaultPrevented).toBe(false);
  });
});

describe("a character outside a field", () => {
  it("is one for the search", () => {
    expect(strayCharacter(pressed({ key: "7" }))).toBe("7");
    expect(strayCharacter(pressed({ key: "7" }, document.createElement("button")))).toBe("7");
  });

  it("is none in a field, with a command key, or as the space that presses a button", () => {
    expect(strayCharacter(pressed({ key: "7" }, document.createElement("input")))).toBeNull();
    expect(strayCharacter(pressed({ key: "c", ctrlKey: true }))).toBeNull();
    expect(strayCharacter(pressed({ key: " " }))).toBeNull();
    expect(strayCharacter(pressed({ key: "F9" }))).toBeNull();
  });
});
