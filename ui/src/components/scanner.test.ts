import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  attachScanner,
  Burst,
  DEFAULT_SCANNER,
  onScan,
  type ScannerSettings,
  type Step,
  type Stroke,
} from "./scanner";

const CARD = "8400174504165209";

/** Keys as they come in, each with its time: `type` writes into the field that has the focus, as a browser does. */
class Keyboard {
  at = 1_000;

  press(key: string, init: KeyboardEventInit = {}, gap = 10): KeyboardEvent {
    this.at += gap;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    Object.defineProperty(event, "timeStamp", { value: this.at });
    (document.activeElement ?? document.body).dispatchEvent(event);
    const focused = document.activeElement;
    const writes = [...key].length === 1 && !init.ctrlKey && !event.defaultPrevented;
    if (writes && (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement))
      write(focused, key);
    if (key === "Enter" && !event.defaultPrevented && focused instanceof HTMLButtonElement) focused.click();
    return event;
  }

  type(text: string, gap = 10): void {
    for (const key of text) this.press(key, {}, gap);
  }

  scan(text: string, end = "Enter"): KeyboardEvent {
    this.press(text[0] ?? "", {}, 500);
    this.type(text.slice(1));
    return this.press(end);
  }
}

function write(field: HTMLInputElement | HTMLTextAreaElement, key: string): void {
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? field.value.length;
  field.value = field.value.slice(0, start) + key + field.value.slice(end);
  if (field.type !== "number") field.setSelectionRange(start + 1, start + 1);
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: key }));
}

let keyboard: Keyboard;
let settings: ScannerSettings;
let heard: string[];
let stops: Array<() => void>;

beforeEach(() => {
  keyboard = new Keyboard();
  settings = { ...DEFAULT_SCANNER };
  heard = [];
  stops = [attachScanner(() => settings), onScan((text) => heard.push(text))];
});

afterEach(() => {
  for (const stop of stops) stop();
  document.body.replaceChildren();
});

function put<K extends "input" | "textarea" | "button" | "select">(
  tag: K,
  value = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.value = value;
  document.body.append(element);
  element.focus();
  return element;
}

/** What a binding would hold. */
function followed(field: HTMLInputElement | HTMLTextAreaElement): { value: string } {
  const bound = { value: field.value };
  field.addEventListener("input", () => {
    bound.value = field.value;
  });
  return bound;
}

describe("a scan", () => {
  it("in the search field leaves what stood there, and what was selected", () => {
    const field = put("input", "0945 350 398");
    field.setSelectionRange(0, 12);
    const bound = followed(field);
    const enter = keyboard.scan(CARD);
    expect(heard).toEqual([CARD]);
    expect([field.value, bound.value]).toEqual(["0945 350 398", "0945 350 398"]);
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, 12]);
    expect(enter.defaultPrevented).toBe(true);
  });

  it("in a text area adds neither its characters nor its line break", () => {
    const area = put("textarea", "Likes the table\nat the window");
    const bound = followed(area);
    area.setSelectionRange(5, 5);
    keyboard.scan("V-77FQ-20KD");
    expect(heard).toEqual(["V-77FQ-20KD"]);
    expect([area.value, bound.value]).toEqual(Array(2).fill("Likes the table\nat the window"));
    expect([area.selectionStart, area.selectionEnd]).toEqual([5, 5]);
  });

  it("amid an amount, over a part of it that is selected, changes nothing of it", () => {
    const amount = put("input", "500,000");
    amount.inputMode = "numeric";
    const bound = followed(amount);
    amount.setSelectionRange(1, 4, "backward");
    keyboard.scan(CARD);
    expect([amount.value, bound.value]).toEqual(["500,000", "500,000"]);
    expect([amount.selectionStart, amount.selectionEnd, amount.selectionDirection]).toEqual([
      1,
      4,
      "backward",
    ]);
  });

  it("in a field for numbers, which has no selection to ask for, changes nothing either", () => {
    const number = put("input");
    number.type = "number";
    number.value = "12";
    const bound = followed(number);
    keyboard.scan("893460");
    expect(heard).toEqual(["893460"]);
    expect([number.value, bound.value]).toEqual(["12", "12"]);
  });

  it("over a button of a dialog presses nothing, not even with a space in it", () => {
    const dialog = document.createElement("dialog");
    document.body.append(dialog);
    const button = document.createElement("button");
    dialog.append(button);
    dialog.showModal();
    button.focus();
    const clicked = vi.fn();
    const pressed = vi.fn();
    button.addEventListener("click", clicked);
    window.addEventListener("keydown", pressed);
    keyboard.scan("8400 1745");
    window.removeEventListener("keydown", pressed);
    expect(heard).toEqual(["8400 1745"]);
    expect(clicked).not.toHaveBeenCalled();
    expect(pressed.mock.calls.map(([event]) => (event as KeyboardEvent).key)).not.toContain("Enter");
  });

  it("that ends with Tab moves no focus", () => {
    const field = put("input");
    const tab = keyboard.scan(CARD, "Tab");
    expect(heard).toEqual([CARD]);
    expect(tab.defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(field);
  });

  it("that ends with Enter and Tab has both swallowed", () => {
    put("button");
    keyboard.scan(CARD, "Tab");
    expect(keyboard.press("Enter").defaultPrevented).toBe(true);
    expect(heard).toEqual([CARD]);
    expect(keyboard.press("Enter", {}, 200).defaultPrevented).toBe(false);
  });

  it("brings the focus back from where its first character sent it, and empties that field again", () => {
    const search = put("input", "0398");
    const button = put("button");
    const toSearch = () => {
      if (document.activeElement !== search) search.focus();
    };
    window.addEventListener("keydown", toSearch);
    keyboard.scan(CARD);
    window.removeEventListener("keydown", toSearch);
    expect(document.activeElement).toBe(button);
    expect(search.value).toBe("0398");
  });

  it("may have capitals, and letters with AltGr", () => {
    put("input");
    keyboard.press("Shift", { shiftKey: true }, 500);
    keyboard.press("V", { shiftKey: true });
    keyboard.type("-77");
    keyboard.press("Control", { ctrlKey: true });
    keyboard.press("AltGraph", { ctrlKey: true, altKey: true, modifierAltGraph: true });
    keyboard.press("@", { ctrlKey: true, altKey: true, modifierAltGraph: true });
    keyboard.type("20");
    keyboard.press("Enter");
    expect(heard).toEqual(["V-77@20"]);
  });

  it("goes to whoever registered last, and back to the one before", () => {
    const inner: string[] = [];
    const stop = onScan((text) => inner.push(text));
    keyboard.scan("111111");
    stop();
    keyboard.scan("222222");
    expect([inner, heard]).toEqual([["111111"], ["222222"]]);
  });

  it("is a keyboard's input while nobody takes scans", () => {
    stops.pop()?.();
    const code = put("input");
    expect(keyboard.scan("ABCDEFGH").defaultPrevented).toBe(false);
    expect(code.value).toBe("ABCDEFGH");
  });
});

describe("no scan", () => {
  const written = (text: string, act: () => KeyboardEvent | undefined) => {
    const field = put("input");
    const enter = act();
    expect(heard).toEqual([]);
    expect(enter?.defaultPrevented ?? false).toBe(false);
    expect(field.value).toBe(text);
  };

  it("is what comes too slowly", () =>
    written("12345678", () => {
      keyboard.type("12345678", 31);
      return keyboard.press("Enter");
    }));

  it("is what has one slow key in it, too close to its end", () =>
    written("12345678", () => {
      keyboard.type("1234");
      keyboard.press("5", {}, 31);
      keyboard.type("678");
      return keyboard.press("Enter");
    }));

  it("is what is too short", () => written("12345", () => keyboard.scan("12345")));

  it("is what somebody types fast, with an Enter that takes them longer", () =>
    written("0945350398", () => {
      keyboard.type("0945350398", 25);
      return keyboard.press("Enter", {}, 31);
    }));

  it("is a key that is held down", () =>
    written("0000000", () => {
      keyboard.press("0", {}, 500);
      for (let times = 0; times < 6; times += 1) keyboard.press("0", { repeat: true });
      return keyboard.press("Enter");
    }));

  it("is what an input method composes", () => {
    for (const init of [{ isComposing: true }, { keyCode: 229 }]) {
      put("input");
      for (const key of "nguyen") keyboard.press(key, init);
      keyboard.press("Enter");
    }
    for (const key of ["Process", "Dead"]) {
      put("input");
      keyboard.type("abc");
      keyboard.press(key);
      keyboard.type("defghi");
      keyboard.press("Enter");
    }
    expect(heard).toEqual([]);
  });

  it("is what is typed between the start and the end of a composition", () => {
    const field = put("input");
    keyboard.type("12345678");
    field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    keyboard.press("Enter");
    expect([heard, field.value]).toEqual([[], "12345678"]);
  });

  it("is what Unikey puts in after its Backspaces, however much", () =>
    written("nghiêng nguyễn", () => {
      keyboard.type("nghi");
      keyboard.press("Backspace");
      keyboard.type("êng nguyễn");
      return keyboard.press("Enter");
    }));

  it("is a command", () => {
    put("input");
    keyboard.press("a", { ctrlKey: true }, 500);
    keyboard.type("bcdefg");
    keyboard.press("Enter");
    expect(heard).toEqual([]);
  });
});

describe("the scanner's settings", () => {
  it("leave the prefix out of the scan", () => {
    settings.prefix = "~~";
    keyboard.scan("~~8400");
    keyboard.scan("84001745");
    expect(heard).toEqual(["8400", "84001745"]);
  });

  it("end a scan by a pause where the scanner has no suffix", () => {
    vi.useFakeTimers();
    settings.suffix = "none";
    const field = put("input", "old");
    keyboard.type(CARD);
    vi.advanceTimersByTime(89);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([heard, field.value]).toEqual([[CARD], "old"]);
    vi.useRealTimers();
  });

  it("end none by a pause otherwise", () => {
    vi.useFakeTimers();
    put("input");
    keyboard.type(CARD);
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual([]);
    vi.useRealTimers();
  });

  it("are taken from whoever tests a scanner", () => {
    const stop = onScan(
      (text, scan) => heard.push(`${text} ${scan.longestGapMs} ${scan.endedBy}`),
      () => ({ ...settings, max_gap_ms: 100, min_length: 3 }),
    );
    keyboard.type("8400", 60);
    keyboard.press("Tab");
    stop();
    expect(heard).toEqual(["8400 60 tab"]);
  });

  it("hold at once for whoever tests a scanner, right after the Enter that began it", () => {
    put("button");
    keyboard.press("Enter", {}, 500);
    const stop = onScan(
      (text) => heard.push(text),
      () => ({ ...settings, suffix: "none", max_gap_ms: 120, min_length: 3 }),
    );
    keyboard.type(CARD);
    keyboard.press("Enter");
    stop();
    expect(heard).toEqual([CARD]);
  });
});

describe("a burst", () => {
  it("is decided by the times of its keys alone", () => {
    const burst = new Burst();
    const steps = (gap: number): Array<Step["step"]> => {
      let at = 0;
      const stroke = (key: string): Stroke => {
        at += gap;
        return { key, at, isCommand: false, isHeld: false, isComposing: false };
      };
      return [..."12345678", "Enter"].map((key) => burst.press(stroke(key), DEFAULT_SCANNER).step);
    };
    expect(steps(30)).toEqual(["first", ...Array(7).fill("next"), "scan"]);
    expect(steps(31)).toEqual([...Array(8).fill("first"), "other"]);
  });
});
