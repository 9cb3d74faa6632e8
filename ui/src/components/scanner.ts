// A card scanner is a keyboard that types very fast and ends with Enter or Tab. What it types is one scan: it goes to
// whoever takes scans now, and to no field, button or dialog. Characters are written as they come, because nobody can
// tell a scanner from a hand by its first key; when the burst turns out to be a scan, every field that it touched is put
// back as it was.

import { flushSync } from "svelte";

export type ScannerSettings = {
  /** What the scanner writes before each number; left out of the scan where it is there. */
  prefix: string;
  /** What the scanner ends with. Enter and Tab both end one, so that a wrong setting presses nothing; a pause only if so set. */
  suffix: "enter" | "tab" | "none";
  /** Keys further apart are somebody's fingers. */
  max_gap_ms: number;
  /** Fewer characters are no scan: two keys may be hit at once. */
  min_length: number;
};

export type Scan = {
  /** Without the prefix. */
  text: string;
  raw: string;
  endedBy: "enter" | "tab" | "pause";
  /** The slowest two keys of it, for whoever sets the speed. */
  longestGapMs: number;
};

export const DEFAULT_SCANNER: ScannerSettings = {
  prefix: "",
  suffix: "enter",
  max_gap_ms: 30,
  min_length: 6,
};

/** A key as a burst sees it. */
export type Stroke = {
  key: string;
  /** Of the event itself, in ms: the page may have been busy since. */
  at: number;
  /** With Ctrl, Alt or Meta, but not AltGr, which writes. */
  isCommand: boolean;
  /** Repeated because it is held down. */
  isHeld: boolean;
  isComposing: boolean;
};

export type Step =
  /** No part of a burst: whatever it means, it means. */
  | { step: "other" }
  /** Shift and its like: they write nothing and interrupt nothing. */
  | { step: "aside" }
  /** Perhaps a burst begins: how things are now is what they go back to. */
  | { step: "first" }
  | { step: "next" }
  | { step: "scan"; scan: Scan }
  /** Another Enter or Tab on the heels of a scan: some scanners end with both. */
  | { step: "echo" };

/** This many longest gaps without a key end a scan, where the scanner has no suffix. */
const PAUSE_IN_GAPS = 3;

const ASIDE: readonly string[] = ["Shift", "CapsLock", "NumLock", "AltGraph", "Control", "Alt"];

/** The burst that is being typed, if any. It knows no page and no clock: each key brings its time. */
export class Burst {
  #text = "";
  #lastAt = Number.NEGATIVE_INFINITY;
  #longestGapMs = 0;
  #state: "idle" | "burst" | "spoiled" | "ended" = "idle";

  /** Takes a key, and says what it is. */
  press(stroke: Stroke, settings: ScannerSettings): Step {
    const gap = stroke.at - this.#lastAt;
    const isFast = gap >= 0 && gap <= settings.max_gap_ms;
    if (!isFast) this.#rest();
    this.#lastAt = stroke.at;
    if (stroke.isComposing) return this.#spoil();
    if (ASIDE.includes(stroke.key)) return { step: "aside" };
    if (stroke.isHeld || stroke.isCommand) return this.#spoil();
    if (stroke.key === "Enter" || stroke.key === "Tab") return this.#end(stroke.key, settings, gap);
    if ([...stroke.key].length !== 1) return this.#spoil();
    return this.#write(stroke.key, gap);
  }

  /** No key came for a while. */
  pause(settings: ScannerSettings): Scan | null {
    const scan = settings.suffix === "none" ? this.#scanned("pause", settings) : null;
    this.#rest();
    return scan;
  }

  /** Something that is no scanner writes: what came so far is its, and so is what follows at once. */
  spoil(): void {
    this.#spoil();
  }

  #write(character: string, gap: number): Step {
    if (this.#state === "spoiled") return { step: "other" };
    if (this.#state === "burst") {
      this.#text += character;
      this.#longestGapMs = Math.max(this.#longestGapMs, gap);
      return { step: "next" };
    }
    this.#rest();
    this.#state = "burst";
    this.#text = character;
    return { step: "first" };
  }

  #end(key: "Enter" | "Tab", settings: ScannerSettings, gap: number): Step {
    if (this.#state === "ended") return { step: "echo" };
    this.#longestGapMs = Math.max(this.#longestGapMs, gap);
    const scan = this.#scanned(key === "Enter" ? "enter" : "tab", settings);
    if (scan === null) return this.#spoil();
    this.#rest();
    this.#state = "ended";
    return { step: "scan", scan };
  }

  #scanned(endedBy: Scan["endedBy"], { prefix, min_length }: ScannerSettings): Scan | null {
    const raw = this.#text;
    if (this.#state !== "burst" || [...raw].length < min_length) return null;
    // Without its prefix it is a scan all the same: another scanner may stand beside the first.
    const text = raw.startsWith(prefix) ? raw.slice(prefix.length) : raw;
    return { text, raw, endedBy, longestGapMs: this.#longestGapMs };
  }

  /** An input method puts letters in as fast as a scanner, after its Backspaces: all of it, up to a pause, is its. */
  #spoil(): Step {
    this.#rest();
    this.#state = "spoiled";
    return { step: "other" };
  }

  #rest(): void {
    this.#state = "idle";
    this.#text = "";
    this.#longestGapMs = 0;
  }
}

export type TakeScan = (text: string, scan: Scan) => void;
type Taker = { take: TakeScan; settings: (() => ScannerSettings) | undefined };

const takers: Taker[] = [];

/**
 * From now on scans come here, until somebody else registers or the answered function is called: the one who registered
 * last takes them. `settings` are for a test of a scanner: its own idea of what a scan is, instead of the till's.
 */
export function onScan(take: TakeScan, settings?: () => ScannerSettings): () => void {
  const taker: Taker = { take, settings };
  takers.push(taker);
  return () => {
    const place = takers.indexOf(taker);
    if (place >= 0) takers.splice(place, 1);
  };
}

/**
 * Listens to the keys of the whole page, before anything else hears them. While nobody takes scans a scanner is a
 * keyboard like any other: a code can be scanned into a field then.
 */
export function attachScanner(settings: () => ScannerSettings): () => void {
  let burst = new Burst();
  let heardBy: Taker | undefined;
  let before: Before | null = null;
  let pausing: ReturnType<typeof setTimeout> | undefined;
  const inForce = () => takers.at(-1)?.settings?.() ?? settings();

  function onkeydown(event: KeyboardEvent) {
    const taker = takers.at(-1);
    if (taker === undefined) return;
    if (taker !== heardBy) {
      heardBy = taker;
      // Another idea of a scan: the Enter that began the test is no part of what is scanned right after it.
      if (taker.settings) burst = new Burst();
    }
    const { step, scan } = { scan: null, ...burst.press(strokeOf(event), inForce()) };
    if (step === "aside") return;
    clearTimeout(pausing);
    if (step === "first") before = new Before();
    if (step === "next") keepSpaceFromPressing(event);
    if (step === "first" || step === "next") awaitPause();
    else if (step === "other") before = null;
    else swallow(event);
    if (scan) deliver(scan);
  }

  function awaitPause() {
    const { suffix, max_gap_ms } = inForce();
    if (suffix === "none") pausing = setTimeout(paused, PAUSE_IN_GAPS * max_gap_ms);
  }

  function paused() {
    const scan = burst.pause(inForce());
    if (scan) deliver(scan);
  }

  function deliver(scan: Scan) {
    before?.bringBack();
    before = null;
    // What is bound to those fields follows first. A taker may give a field the very text of the scan, and for whoever
    // had not seen it put back, that text would be there already.
    flushSync();
    takers.at(-1)?.take(scan.text, scan);
  }

  function oncomposition() {
    burst.spoil();
    clearTimeout(pausing);
    before = null;
  }

  // A character that was typed outside a field may send the focus into one.
  const onfocusin = (event: FocusEvent) => before?.remember(event.target);
  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  window.addEventListener("keydown", onkeydown, options);
  window.addEventListener("focusin", onfocusin, options);
  window.addEventListener("compositionstart", oncomposition, options);
  window.addEventListener("compositionend", oncomposition, options);
  return () => {
    listening.abort();
    clearTimeout(pausing);
  };
}

function strokeOf(event: KeyboardEvent): Stroke {
  const isComposing =
    event.isComposing || event.keyCode === 229 || event.key === "Process" || event.key === "Dead";
  const isAltGr = event.getModifierState?.("AltGraph") ?? false;
  const isCommand = event.metaKey || (!isAltGr && (event.ctrlKey || event.altKey));
  return { key: event.key, at: event.timeStamp, isCommand, isHeld: event.repeat, isComposing };
}

/** Ends the key here: it presses nothing, moves no focus, and no screen hears of it. */
function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A space within a burst is a character, even while a button has the focus. */
function keepSpaceFromPressing(event: KeyboardEvent): void {
  const isTicked =
    event.target instanceof HTMLInputElement && ["checkbox", "radio"].includes(event.target.type);
  if (event.key === " " && (isTicked || !isField(event.target))) swallow(event);
}

type FieldElement = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Selection = [start: number, end: number, direction: "forward" | "backward" | "none"];
type Remembered = { field: FieldElement; value: string; selection: Selection | null };

/** How the page was before a burst: where the focus was, and what stood in each field that the burst came to. */
class Before {
  readonly #focused = document.activeElement;
  readonly #fields: Remembered[] = [];

  constructor() {
    this.remember(this.#focused);
  }

  remember(target: EventTarget | null): void {
    if (!isField(target) || this.#fields.some(({ field }) => field === target)) return;
    this.#fields.push({ field: target, value: target.value, selection: selectionOf(target) });
  }

  bringBack(): void {
    if (this.#focused instanceof HTMLElement && this.#focused.isConnected) this.#focused.focus();
    for (const remembered of this.#fields) if (remembered.field.isConnected) putBack(remembered);
  }
}

function putBack({ field, value, selection }: Remembered): void {
  if (field.value !== value) {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "historyUndo" }));
    if (field instanceof HTMLSelectElement) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (selection && !(field instanceof HTMLSelectElement)) field.setSelectionRange(...selection);
}

/** Nothing where a field has no selection that can be asked for: numbers, dates, lists of choices. */
function selectionOf(field: FieldElement): Selection | null {
  if (field instanceof HTMLSelectElement) return null;
  const { selectionStart, selectionEnd, selectionDirection } = field;
  if (selectionStart === null || selectionEnd === null) return null;
  return [selectionStart, selectionEnd, selectionDirection ?? "none"];
}

function isField(target: EventTarget | null): target is FieldElement {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}
