import { afterEach, describe, expect, it, vi } from "vitest";
import { reachedWhereItScrolls } from "./scrolls";

/** Looks again whenever the test says that something has another size. */
let resized: () => void;
class FakeObserver {
  constructor(look: () => void) {
    resized = look;
  }
  observe() {}
  disconnect() {}
}

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

function aBox(overflow: string, sizes: { scrollHeight: number; clientHeight: number }): HTMLElement {
  vi.stubGlobal("ResizeObserver", FakeObserver);
  const box = document.createElement("div");
  box.style.overflowY = overflow;
  for (const name of ["scrollHeight", "clientHeight"] as const)
    Object.defineProperty(box, name, { get: () => sizes[name] });
  document.body.append(box);
  reachedWhereItScrolls("pay-heading")(box);
  return box;
}

describe("a part that scrolls", () => {
  it("is a stop with a name while it does", () => {
    const sizes = { scrollHeight: 300, clientHeight: 300 };
    const box = aBox("auto", sizes);
    expect(box.hasAttribute("tabindex")).toBe(false);

    sizes.scrollHeight = 301;
    resized();
    expect([box.tabIndex, box.getAttribute("role")]).toEqual([0, "group"]);
    expect(box.getAttribute("aria-labelledby")).toBe("pay-heading");

    sizes.clientHeight = 301;
    resized();
    expect(box.getAttributeNames()).toEqual(["style"]);
  });

  it("stays one while it has the focus", () => {
    const sizes = { scrollHeight: 400, clientHeight: 300 };
    const box = aBox("auto", sizes);
    box.focus();
    sizes.clientHeight = 400;
    resized();
    expect(document.activeElement).toBe(box);
  });

  it("is none where what is too high is simply shown", () => {
    const box = aBox("visible", { scrollHeight: 400, clientHeight: 300 });
    expect(box.hasAttribute("tabindex")).toBe(false);
  });
});
