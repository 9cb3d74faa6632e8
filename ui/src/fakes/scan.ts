// A card scanner for tests: it types fast, and ends with Enter.

import { flushSync, tick } from "svelte";

/** Between two keys of a scanner. */
const GAP_MS = 10;
/** Long after whatever was typed before. */
const PAUSE_MS = 5_000;

let at = 1_000_000;

/** Scans a code wherever the focus is: what the page leaves to a field is written into it, as a browser does. */
export async function scan(code: string): Promise<void> {
  at += PAUSE_MS;
  for (const key of code) press(key);
  press("Enter");
  await tick();
}

function press(key: string): void {
  at += GAP_MS;
  const target = document.activeElement ?? document.body;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: at });
  target.dispatchEvent(event);
  // Between two keys the page is drawn, however fast they come; a key may send the focus to the field it is written in.
  flushSync();
  const focused = document.activeElement;
  const isWritten = key.length === 1 && !event.defaultPrevented && focused instanceof HTMLInputElement;
  if (!isWritten) return;
  focused.value += key;
  focused.dispatchEvent(new InputEvent("input", { bubbles: true, data: key }));
  flushSync();
}
